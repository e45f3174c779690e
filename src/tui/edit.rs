//! The state of a one-line text field: names, amounts, memos, searches. Never card data, which goes into the
//! vault: a number that looks like a card's is refused and wiped here.
//!
//! The text is NFC at all times, the cursor stands on a grapheme boundary, control characters never get in.
//! Pure: no ratatui, no clock.

use unicode_normalization::UnicodeNormalization as _;
use unicode_segmentation::UnicodeSegmentation as _;
use zeroize::Zeroize as _;

use super::columns;
use super::input::{Code, Key, Mods};
use crate::i18n::Text;
use crate::text;

/// What a key or a pasted character did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// Nothing: not for this field, or nothing to do.
    Nothing,
    /// The cursor moved.
    Cursor,
    /// The text changed.
    Text,
    /// It was not taken. With [`Refusal::CardNumber`] the text did change: the number is gone from it.
    Refused(Refusal),
}

impl Changed {
    /// What there is to say of it: why it was not taken.
    pub fn said(self) -> Option<Text> {
        match self {
            Self::Refused(refusal) => Some(refusal.text()),
            Self::Nothing | Self::Cursor | Self::Text => None,
        }
    }
}

/// Why something was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The field is full.
    TooLong,
    /// A control character, or one that turns the direction of the text.
    Control,
    /// It looks like a card number. The digits were taken out again.
    CardNumber,
}

impl Refusal {
    /// What to tell the person.
    pub fn text(self) -> Text {
        match self {
            Self::TooLong => text!("edit.too-long"),
            Self::Control => text!("edit.control"),
            Self::CardNumber => text!("edit.card-number"),
        }
    }
}

/// A one-line text field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    text: String,
    /// A byte position, always on a grapheme boundary.
    cursor: usize,
    /// The most characters (Unicode scalar values) it takes.
    max: usize,
    paste: Paste,
}

/// How far a paste has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Paste {
    /// A line break or tab was seen: one blank, if anything follows.
    blank: bool,
    /// Nothing more is taken, and why.
    stopped: Option<Refusal>,
    took: bool,
}

impl Edit {
    /// An empty field that takes `max` characters.
    pub const fn new(max: usize) -> Self {
        Self {
            text: String::new(),
            cursor: 0,
            max,
            paste: Paste { blank: false, stopped: None, took: false },
        }
    }

    /// The text, NFC.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether nothing was entered.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The cursor's byte position in the text.
    pub const fn cursor(&self) -> usize {
        self.cursor
    }

    /// Empties the field.
    pub fn clear(&mut self) {
        self.text.zeroize();
        self.cursor = 0;
        self.paste = Paste::default();
    }

    /// Puts a text in the place of what is there, cursor at its end, by the rules of a paste.
    pub fn set(&mut self, text: &str) -> Changed {
        self.clear();
        for ch in text.chars() {
            self.paste_char(ch);
        }
        self.paste_end()
    }

    /// Takes a key. Keys that mean nothing to a text field are [`Changed::Nothing`].
    pub fn apply(&mut self, key: Key) -> Changed {
        const CTRL: Mods = Mods { ctrl: true, ..Mods::NONE };
        const ALT: Mods = Mods { alt: true, ..Mods::NONE };
        match (key.code, key.mods) {
            (Code::Char(ch), Mods { ctrl: false, alt: false, .. }) => self.insert(ch),
            (Code::Left, Mods::NONE) => self.go(self.left()),
            (Code::Right, Mods::NONE) => self.go(self.right()),
            (Code::Left, CTRL | ALT) => self.go(self.word_left()),
            (Code::Right, CTRL | ALT) => self.go(self.word_right()),
            (Code::Home, _) | (Code::Char('a'), CTRL) => self.go(0),
            (Code::End, _) | (Code::Char('e'), CTRL) => self.go(self.text.len()),
            (Code::Backspace, Mods::NONE) => self.remove(self.left(), self.cursor),
            (Code::Delete, Mods::NONE) => self.remove(self.cursor, self.right()),
            (Code::Char('w'), CTRL) | (Code::Backspace, ALT | CTRL) => {
                self.remove(self.word_left(), self.cursor)
            }
            (Code::Char('u'), CTRL) => self.remove(0, self.cursor),
            (Code::Char('k'), CTRL) => self.remove(self.cursor, self.text.len()),
            _ => Changed::Nothing,
        }
    }

    /// Takes one character of a paste. Line breaks and tabs become one blank between words; other control
    /// characters are left out. After the first refusal the rest of the paste is left out.
    pub fn paste_char(&mut self, ch: char) -> Changed {
        if let Some(refusal) = self.paste.stopped {
            return Changed::Refused(refusal);
        }
        if matches!(ch, '\r' | '\n' | '\t') {
            self.paste.blank = self.cursor > 0;
            return Changed::Nothing;
        }
        if is_control(ch) {
            return Changed::Nothing;
        }
        if std::mem::take(&mut self.paste.blank) {
            self.insert(' ');
        }
        let changed = self.insert(ch);
        match changed {
            Changed::Refused(refusal) => self.paste.stopped = Some(refusal),
            _ => self.paste.took = true,
        }
        changed
    }

    /// Takes the next of a paste as it comes in: a character, or its end.
    pub fn pasted(&mut self, next: Option<char>) -> Changed {
        match next {
            Some(ch) => self.paste_char(ch),
            None => self.paste_end(),
        }
    }

    /// The paste is over: what came of it as a whole.
    pub fn paste_end(&mut self) -> Changed {
        let paste = std::mem::take(&mut self.paste);
        match paste.stopped {
            Some(refusal) => Changed::Refused(refusal),
            None if paste.took => Changed::Text,
            None => Changed::Nothing,
        }
    }

    /// What is seen of the field in so many columns, and the cursor's column in it.
    pub fn view(&self, columns: usize) -> (&str, usize) {
        columns::scroll(&self.text, self.cursor, columns)
    }

    fn insert(&mut self, ch: char) -> Changed {
        if is_control(ch) {
            return Changed::Refused(Refusal::Control);
        }
        let mut left = self.text[..self.cursor].to_owned();
        left.push(ch);
        let (mut text, cursor) = settle(&left, &self.text[self.cursor..]);
        left.zeroize();
        if text.chars().count() > self.max {
            text.zeroize();
            return Changed::Refused(Refusal::TooLong);
        }
        if let Some(number) = card_number(&text) {
            let (without, cursor) = settle(&text[..number.start], &text[number.end..]);
            text.zeroize();
            self.replace(without, cursor);
            return Changed::Refused(Refusal::CardNumber);
        }
        self.replace(text, cursor);
        Changed::Text
    }

    fn remove(&mut self, from: usize, to: usize) -> Changed {
        if from == to {
            return Changed::Nothing;
        }
        let (mut text, mut cursor) = settle(&self.text[..from], &self.text[to..]);
        // Taking a letter out from between digits makes a run of them as well.
        if let Some(number) = card_number(&text) {
            let without = settle(&text[..number.start], &text[number.end..]);
            text.zeroize();
            (text, cursor) = without;
            self.replace(text, cursor);
            return Changed::Refused(Refusal::CardNumber);
        }
        self.replace(text, cursor);
        Changed::Text
    }

    fn replace(&mut self, text: String, cursor: usize) {
        self.text.zeroize();
        self.text = text;
        self.cursor = cursor;
    }

    fn go(&mut self, to: usize) -> Changed {
        if to == self.cursor {
            return Changed::Nothing;
        }
        self.cursor = to;
        Changed::Cursor
    }

    fn left(&self) -> usize {
        self.text[..self.cursor].grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    fn right(&self) -> usize {
        self.text[self.cursor..].graphemes(true).next().map_or(self.cursor, |next| self.cursor + next.len())
    }

    fn word_left(&self) -> usize {
        let before = self.text[..self.cursor].trim_end();
        before
            .grapheme_indices(true)
            .rev()
            .take_while(|(_, part)| !is_blank(part))
            .last()
            .map_or(0, |(at, _)| at)
    }

    fn word_right(&self) -> usize {
        let after = &self.text[self.cursor..];
        let word = after.grapheme_indices(true).skip_while(|(_, part)| is_blank(part));
        let mut rest = word.skip_while(|(_, part)| !is_blank(part));
        rest.next().map_or(self.text.len(), |(at, _)| self.cursor + at)
    }
}

fn is_blank(grapheme: &str) -> bool {
    grapheme.chars().all(char::is_whitespace)
}

/// Joins what stands left and right of the cursor: NFC, the cursor moved to the next grapheme boundary.
fn settle(left: &str, right: &str) -> (String, usize) {
    let text: String = left.chars().chain(right.chars()).nfc().collect();
    let at = text.len().saturating_sub(right.len());
    let cursor = text
        .grapheme_indices(true)
        .map(|(at, _)| at)
        .chain(std::iter::once(text.len()))
        .find(|boundary| *boundary >= at)
        .unwrap_or(text.len());
    (text, cursor)
}

/// Control characters, line and paragraph separators, and what changes what a reader sees without being seen.
/// The joiner inside emoji (U+200D) may stay.
fn is_control(ch: char) -> bool {
    ch.is_control()
        || matches!(ch, '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Where a card number stands: 13 to 19 digits in one run, or in the groups cards are printed in (blanks or
/// dashes between), whose check digit fits.
fn card_number(text: &str) -> Option<std::ops::Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let (end, first_group, grouped) = run(bytes, at);
        for range in [at..first_group, at..end] {
            let plain = range.end == first_group;
            if (plain || grouped) && luhn(&bytes[range.clone()]) {
                return Some(range);
            }
        }
        at = first_group;
    }
    None
}

/// The digits from `at` on, single blanks and dashes between: where they end, where the first group of them
/// ends, and whether they are grouped as on a card (fours, or 4-6-5 and 4-6-4).
fn run(bytes: &[u8], at: usize) -> (usize, usize, bool) {
    let mut groups = Vec::new();
    let mut end = at;
    loop {
        let start = end;
        while bytes.get(end).is_some_and(u8::is_ascii_digit) {
            end += 1;
        }
        groups.push(end - start);
        let joined =
            matches!(bytes.get(end), Some(b' ' | b'-')) && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        if !joined {
            break;
        }
        end += 1;
    }
    let fours =
        groups.split_last().is_some_and(|(last, rest)| *last <= 4 && rest.iter().all(|len| *len == 4));
    let grouped = groups.len() > 1 && (fours || matches!(groups[..], [4, 6, 4 | 5]));
    (end, at + groups[0], grouped)
}

/// Whether 13 to 19 digits have a fitting check digit; everything else in between is passed over.
fn luhn(bytes: &[u8]) -> bool {
    let digits =
        || bytes.iter().rev().filter(|byte| byte.is_ascii_digit()).map(|byte| u32::from(byte - b'0'));
    let sum: u32 = digits()
        .enumerate()
        .map(|(at, digit)| if at % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 })
        .sum();
    (13..=19).contains(&digits().count()) && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests;
