//! The body of a request that carries card data, written straight into the vault.
//!
//! A body larger than its place is an error, never a reallocation. The [`Body`] handed to the HTTP client keeps
//! the vault alive and wipes itself when it is dropped, in whatever way the request ends.

use std::ops::Range;
use std::sync::Arc;

use super::{BODY, Field, Vault};

/// Why there is no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// The other fields are so long that the whole does not fit.
    #[error("the request is larger than the place kept for it")]
    TooLarge,
    /// A request with card data is being sent already.
    #[error("a request with card data is being sent already")]
    Busy,
}

/// A finished body. It derefs to bytes for the HTTP client and to nothing else.
pub struct Body {
    vault: Arc<Vault>,
    len: usize,
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Body")
    }
}

impl Body {
    /// Its length in bytes.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        self.vault.region.bytes(BODY.start..BODY.start + self.len)
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        let mut state = self.vault.state();
        self.vault.region.wipe(BODY);
        state.body_out = false;
    }
}

/// Writes text and card fields into the vault's body.
pub struct BodyWriter<'a> {
    vault: &'a Vault,
    lens: [usize; 4],
    at: usize,
    full: bool,
}

impl BodyWriter<'_> {
    fn byte(&mut self, byte: u8) {
        if self.at < BODY.end {
            self.vault.region.write(self.at, byte);
            self.at += 1;
        } else {
            self.full = true;
        }
    }

    /// Writes text as it stands: punctuation and names of JSON members.
    pub fn text(&mut self, text: &str) {
        for byte in text.bytes() {
            self.byte(byte);
        }
    }

    /// Writes a JSON string, quoted and escaped.
    pub fn string(&mut self, text: &str) {
        self.byte(b'"');
        for ch in text.chars() {
            match ch {
                '"' => self.text("\\\""),
                '\\' => self.text("\\\\"),
                '\0'..='\u{1f}' => {
                    self.text("\\u00");
                    for nibble in [u32::from(ch) >> 4, u32::from(ch) & 15] {
                        self.byte(b"0123456789abcdef"[nibble as usize & 15]);
                    }
                }
                _ => self.text(ch.encode_utf8(&mut [0; 4])),
            }
        }
        self.byte(b'"');
    }

    /// Writes a whole number.
    pub fn number(&mut self, number: impl Into<i64>) {
        self.text(&number.into().to_string());
    }

    /// How many digits a field holds.
    pub fn len(&self, field: Field) -> usize {
        self.lens[field.index()]
    }

    /// Copies digits of a field, byte by byte; what lies behind its end is left out.
    pub fn digits(&mut self, field: Field, range: Range<usize>) {
        for at in range.start..range.end.min(self.len(field)) {
            let byte = self.vault.region.read(field.start() + at);
            self.byte(byte);
        }
    }

    /// Copies a field in groups of `size` digits with a separator between them.
    pub fn grouped(&mut self, field: Field, size: usize, separator: u8) {
        for at in 0..self.len(field) {
            if at > 0 && at.is_multiple_of(size) {
                self.byte(separator);
            }
            self.digits(field, at..at + 1);
        }
    }
}

impl Vault {
    /// Lets `write` build a body in the vault and hands it out as something that can be sent once.
    pub fn write_body(self: &Arc<Self>, write: impl FnOnce(&mut BodyWriter<'_>)) -> Result<Body, BodyError> {
        let mut state = self.state();
        if state.body_out {
            return Err(BodyError::Busy);
        }
        self.region.wipe(BODY);
        let mut writer = BodyWriter { vault: self, lens: state.lens, at: BODY.start, full: false };
        write(&mut writer);
        let (len, full) = (writer.at - BODY.start, writer.full);
        if full {
            self.region.wipe(BODY);
            return Err(BodyError::TooLarge);
        }
        state.body_out = true;
        drop(state);
        Ok(Body { vault: Arc::clone(self), len })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_json_with_the_card_in_it_and_gone_when_dropped() {
        let vault = Vault::new().unwrap();
        for digit in [4, 2, 4, 2, 4, 2] {
            vault.push(Field::Number, digit);
        }
        let body = vault
            .write_body(|w| {
                w.text("{\"n\":");
                w.string("정수기 \"렌탈\"\n\\");
                w.text(",\"c\":\"");
                w.grouped(Field::Number, 4, b'-');
                w.text("\",\"a\":");
                w.number(45_000);
                w.text("}");
            })
            .unwrap();
        let value: serde_json::Value = serde_json::from_slice(body.as_ref()).unwrap();
        assert_eq!(value["n"], "정수기 \"렌탈\"\n\\");
        assert_eq!(value["c"], "4242-42");
        assert_eq!(value["a"], 45_000);
        assert_eq!(vault.write_body(|_| ()).unwrap_err(), BodyError::Busy);
        drop(body);
        assert_eq!(vault.region.read(BODY.start), 0);
        assert!(vault.write_body(|_| ()).is_ok());
    }

    #[test]
    fn a_body_too_large_is_refused_and_leaves_nothing() {
        let vault = Vault::new().unwrap();
        let long = "가".repeat(BODY.len());
        assert_eq!(vault.write_body(|w| w.string(&long)).unwrap_err(), BodyError::TooLarge);
        assert!(BODY.clone().all(|at| vault.region.read(at) == 0));
    }
}
