//! The card of a headless payment: one JSON object on one line of a descriptor, read straight into the vault.
//!
//! `{"number":"…","expiry":"MM/YY","identity":"…","pin":"…"}`, all values strings. The bytes never pass
//! through a JSON library, whose error texts contain what they could not read; the errors here name the
//! member and nothing else.

use std::os::fd::AsFd;
use std::sync::Arc;

use super::{Field, KeyBytes, Vault};

/// What is wrong with the line. No value is ever in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CardLineError {
    /// The input ended before the object did.
    #[error("the card line is incomplete")]
    Incomplete,
    /// Not an object of strings.
    #[error("the card line is not a JSON object of strings")]
    NotAnObject,
    /// A member that is none of the four.
    #[error("the card line has a member that is not number, expiry, identity or pin")]
    UnknownMember,
    /// A member given twice.
    #[error("the card line gives a member twice")]
    Twice,
    /// A value with something else than digits, blanks, dashes and slashes in it.
    #[error("a value of the card line holds something else than digits")]
    NotDigits,
    /// A value with more digits than the field takes.
    #[error("a value of the card line is too long")]
    TooLong,
    /// The line could not be read.
    #[error("the card line could not be read")]
    Unreadable,
}

/// Longest name of a member, with room to see that it is none of ours.
const NAME: usize = 9;

struct Bytes<F> {
    keys: KeyBytes,
    fd: F,
}

impl<F: AsFd> Bytes<F> {
    fn next(&mut self) -> Result<u8, CardLineError> {
        loop {
            if let Some(byte) = self.keys.next() {
                return Ok(byte);
            }
            match self.keys.fill(&self.fd) {
                Ok(0) => return Err(CardLineError::Incomplete),
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => return Err(CardLineError::Unreadable),
            }
        }
    }

    fn past_blanks(&mut self) -> Result<u8, CardLineError> {
        loop {
            let byte = self.next()?;
            if !matches!(byte, b' ' | b'\t') {
                return Ok(byte);
            }
        }
    }
}

/// Reads one card line into the fields of the vault, which are emptied first and again on any mistake.
pub fn read_card_line(vault: &Arc<Vault>, fd: impl AsFd) -> Result<(), CardLineError> {
    vault.wipe();
    let mut bytes = Bytes { keys: KeyBytes::new(Arc::clone(vault)), fd };
    let read = read_object(vault, &mut bytes);
    if read.is_err() {
        vault.wipe();
    }
    read
}

fn read_object<F: AsFd>(vault: &Vault, bytes: &mut Bytes<F>) -> Result<(), CardLineError> {
    if bytes.past_blanks()? != b'{' {
        return Err(CardLineError::NotAnObject);
    }
    let mut seen = [false; 4];
    loop {
        match bytes.past_blanks()? {
            b'"' => {}
            b'}' if seen == [false; 4] => return Err(CardLineError::Incomplete),
            _ => return Err(CardLineError::NotAnObject),
        }
        let field = read_name(bytes)?;
        if std::mem::replace(&mut seen[field.index()], true) {
            return Err(CardLineError::Twice);
        }
        if bytes.past_blanks()? != b':' || bytes.past_blanks()? != b'"' {
            return Err(CardLineError::NotAnObject);
        }
        loop {
            match bytes.next()? {
                b'"' => break,
                b'\n' => return Err(CardLineError::Incomplete),
                digit @ b'0'..=b'9' if !vault.push(field, digit - b'0') => {
                    return Err(CardLineError::TooLong);
                }
                b'0'..=b'9' | b' ' | b'-' | b'/' => {}
                _ => return Err(CardLineError::NotDigits),
            }
        }
        match bytes.past_blanks()? {
            b',' => {}
            b'}' => return Ok(()),
            _ => return Err(CardLineError::NotAnObject),
        }
    }
}

fn read_name<F: AsFd>(bytes: &mut Bytes<F>) -> Result<Field, CardLineError> {
    let mut name = [0u8; NAME];
    let mut len = 0;
    loop {
        match bytes.next()? {
            b'"' => break,
            _ if len == NAME => return Err(CardLineError::UnknownMember),
            byte => {
                name[len] = byte;
                len += 1;
            }
        }
    }
    match &name[..len] {
        b"number" => Ok(Field::Number),
        b"expiry" => Ok(Field::Expiry),
        b"identity" => Ok(Field::Identity),
        b"pin" => Ok(Field::Pin),
        _ => Err(CardLineError::UnknownMember),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn read(line: &str) -> (Arc<Vault>, Result<(), CardLineError>) {
        let vault = Vault::new().unwrap();
        let (reader, mut writer) = std::io::pipe().unwrap();
        writer.write_all(line.as_bytes()).unwrap();
        drop(writer);
        let result = read_card_line(&vault, &reader);
        (vault, result)
    }

    #[test]
    fn a_whole_card_is_read_in_any_order() {
        let (vault, result) = read(
            "{ \"expiry\" : \"12/29\",\"number\":\"4242-4242 4242-4242\",\"pin\":\"01\",\"identity\":\"880214\"}\n",
        );
        assert_eq!(result, Ok(()));
        let lens = Field::ALL.map(|field| vault.len(field));
        assert_eq!(lens, [16, 4, 6, 2]);
    }

    #[test]
    fn every_mistake_is_named_and_leaves_nothing_behind() {
        for (line, error) in [
            ("", CardLineError::Incomplete),
            ("{\"number\":\"42", CardLineError::Incomplete),
            ("{}", CardLineError::Incomplete),
            ("[1]", CardLineError::NotAnObject),
            ("{\"number\":4242}", CardLineError::NotAnObject),
            ("{\"number\":\"4242\" \"pin\":\"1\"}", CardLineError::NotAnObject),
            ("{\"cvc\":\"123\"}", CardLineError::UnknownMember),
            ("{\"numbernumber\":\"1\"}", CardLineError::UnknownMember),
            ("{\"pin\":\"1\",\"pin\":\"2\"}", CardLineError::Twice),
            ("{\"pin\":\"1a\"}", CardLineError::NotDigits),
            ("{\"pin\":\"\\u0031\"}", CardLineError::NotDigits),
            ("{\"pin\":\"123\"}", CardLineError::TooLong),
        ] {
            let (vault, result) = read(line);
            assert_eq!(result, Err(error), "{line}");
            assert!(vault.is_empty(), "{line}");
        }
    }
}
