//! Search while typing: what was typed is found anywhere in a row's texts, by initial consonants (초성) too.
//!
//! A row is prepared once, as [`Prepared`], and kept that way in the ledger; what is typed is prepared once a
//! key, with [`Needle::new`]. Matching reads the prepared texts only. Nothing here knows what the texts mean.
//!
//! Each text of a row is normalised (NFC, small letters, half width, one blank for several); then, where they differ, its
//! digits alone are kept too (phones, amounts), and, where it has Hangul, its initial consonants. They are kept by
//! [`Part`], so that a query reads no more than what it can stand in. Between the texts of a part stands
//! [`SEPARATOR`].

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

use hangul::initial;
pub use needle::{Needle, Term};

mod hangul;
mod needle;

/// Between the texts of a row. No query can hold one.
pub const SEPARATOR: char = '\u{1f}';

/// Behind each row, where several rows are kept as one text. No query and no row can hold one.
pub const ROW_END: u8 = 0x1e;

/// The form of the prepared text. Whoever keeps prepared texts prepares them again when this has changed.
pub const INDEX_VERSION: u32 = 1;

/// The most rows that are looked through as one text: one bit of an answer each ([`Term::rows`]).
pub const ROWS: usize = 128;

/// Which of a row's texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// Those with anything but ASCII in them: names, in Korea.
    Letters,
    /// The initial consonants of those that have Hangul; whatever else is in them as it is.
    Initials,
    /// Those of ASCII alone: ids, numbers, addresses.
    Plain,
}

impl Part {
    /// All of them; each one's place is its number.
    pub const ALL: [Self; 3] = [Self::Letters, Self::Initials, Self::Plain];
}

/// The texts of a row as searches look through them. It may be used again for the next row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prepared {
    parts: [String; 3],
    /// The text that is being prepared.
    normal: String,
    /// Its digits.
    digits: String,
}

impl Prepared {
    /// Prepares the texts of a row: what searches look through, and all that they do. What was prepared before goes.
    pub fn set<S: AsRef<str>>(&mut self, texts: impl IntoIterator<Item = S>) {
        for part in &mut self.parts {
            part.clear();
        }
        for text in texts {
            self.add(text.as_ref());
        }
    }

    /// Those of one part.
    pub fn part(&self, part: Part) -> &str {
        &self.parts[part as usize]
    }

    fn add(&mut self, text: &str) {
        let [letters, initials, plain] = &mut self.parts;
        let normal = &mut self.normal;
        set_normal(normal, text);
        if normal.is_empty() {
            return;
        }
        if normal.is_ascii() {
            push(plain, normal);
        } else {
            push(letters, normal);
            if normal.chars().any(|ch| initial(ch).is_some()) {
                separate(initials);
                initials.extend(normal.chars().map(|ch| initial(ch).unwrap_or(ch)));
            }
        }
        let digits = &mut self.digits;
        if set_digits(digits, normal) && digits != normal {
            push(plain, digits);
            // +82 10 … is 010 …
            if let Some(rest) = digits.strip_prefix("82").filter(|_| normal.starts_with('+')) {
                separate(plain);
                plain.push('0');
                plain.push_str(rest);
            }
        }
    }
}

fn separate(out: &mut String) {
    if !out.is_empty() {
        out.push(SEPARATOR);
    }
}

fn push(out: &mut String, text: &str) {
    separate(out);
    out.push_str(text);
}

/// Prepares the texts of a row as one text, for [`Needle::matches`].
pub fn index_text<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> String {
    let mut prepared = Prepared::default();
    prepared.set(texts);
    let mut out = String::new();
    for part in prepared.parts.iter().filter(|part| !part.is_empty()) {
        push(&mut out, part);
    }
    out
}

/// NFC, small letters, half width, one blank for several, no control characters.
fn set_normal(out: &mut String, text: &str) {
    out.clear();
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        push_normal(out, text.chars());
    } else {
        push_normal(out, text.nfc());
    }
    out.truncate(out.trim_end().len());
}

fn push_normal(out: &mut String, chars: impl Iterator<Item = char>) {
    for ch in chars {
        let ch = match ch {
            '!'..='~' => {
                out.push(ch.to_ascii_lowercase());
                continue;
            }
            // Hangul is neither small nor large.
            '가'..='힣' => {
                out.push(ch);
                continue;
            }
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(ch) - 0xfee0).unwrap_or(ch),
            ch if ch.is_whitespace() || ch.is_control() => ' ',
            ch => ch,
        };
        if ch == ' ' && (out.is_empty() || out.ends_with(' ')) {
            continue;
        }
        out.extend(ch.to_lowercase());
    }
}

/// Whether a character may stand between the digits of a phone number or an amount.
const fn between_digits(ch: char) -> bool {
    matches!(ch, '-' | ' ' | '.' | ',' | '(' | ')' | '+' | '/' | '₩' | '$' | '원' | '\u{2010}'..='\u{2015}')
}

/// The digits of a text that is nothing but digits and what stands between them; whether it is.
fn set_digits(out: &mut String, text: &str) -> bool {
    out.clear();
    for ch in text.chars() {
        if ch.is_ascii_digit() {
            out.push(ch);
        } else if !between_digits(ch) {
            return false;
        }
    }
    !out.is_empty()
}

#[cfg(test)]
mod tests;
