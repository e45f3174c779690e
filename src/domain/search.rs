//! Search while typing: what was typed is found anywhere in a row's texts, by initial consonants (초성) too.
//!
//! A row is prepared once, with [`index_text`], and kept that way in the ledger; what is typed is prepared once a
//! key, with [`Needle::new`]. Matching reads the prepared text only. Nothing here knows what the texts mean.
//!
//! The prepared text of a row holds, separated by [`SEPARATOR`], each text normalised (NFC, small letters, half
//! width, one blank for several), then, where it differs, its digits alone (phones, amounts), then, where it has Hangul, its
//! initial consonants.

use std::fmt::Write as _;

use unicode_normalization::UnicodeNormalization as _;

/// Between the parts of a prepared text. No query can hold one.
pub const SEPARATOR: char = '\u{1f}';

/// The form of the prepared text. Whoever keeps prepared texts prepares them again when this has changed.
pub const INDEX_VERSION: u32 = 1;

/// The nineteen initial consonants in the order of the syllable block, as keyboards send them alone.
const INITIALS: [char; 19] = [
    'ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ', 'ㅋ', 'ㅌ',
    'ㅍ', 'ㅎ',
];

/// The 28 finals in the order of the syllable block (none first), each as the consonants that are typed for it.
const FINALS: [&str; 28] = [
    "", "ㄱ", "ㄲ", "ㄱㅅ", "ㄴ", "ㄴㅈ", "ㄴㅎ", "ㄷ", "ㄹ", "ㄹㄱ", "ㄹㅁ", "ㄹㅂ", "ㄹㅅ", "ㄹㅌ", "ㄹㅍ",
    "ㄹㅎ", "ㅁ", "ㅂ", "ㅂㅅ", "ㅅ", "ㅆ", "ㅇ", "ㅈ", "ㅊ", "ㅋ", "ㅌ", "ㅍ", "ㅎ",
];

/// What an input method shows for two consonants typed after each other, and the two.
const CLUSTERS: [(char, &str); 11] = [
    ('ㄳ', "ㄱㅅ"),
    ('ㄵ', "ㄴㅈ"),
    ('ㄶ', "ㄴㅎ"),
    ('ㄺ', "ㄹㄱ"),
    ('ㄻ', "ㄹㅁ"),
    ('ㄼ', "ㄹㅂ"),
    ('ㄽ', "ㄹㅅ"),
    ('ㄾ', "ㄹㅌ"),
    ('ㄿ', "ㄹㅍ"),
    ('ㅀ', "ㄹㅎ"),
    ('ㅄ', "ㅂㅅ"),
];

/// Vowels that go on to other vowels while they are typed, ㅗ, ㅜ and ㅡ, and the last of those, which all stand
/// right behind them: by their places in the syllable block.
const GROWING: [(u32, u32); 3] = [(8, 11), (13, 16), (18, 19)];

/// The first syllable, 가.
const GA: u32 = 0xac00;

/// A syllable's initial, vowel and final, as places in the block.
fn parts(ch: char) -> Option<(usize, u32, usize)> {
    let at = u32::from(ch).checked_sub(GA).filter(|at| *at < 11_172)?;
    Some(((at / 588) as usize, at / 28 % 21, (at % 28) as usize))
}

fn syllable(initial: usize, vowel: u32, last: usize) -> Option<char> {
    let at = u32::try_from(initial * 588 + last).ok()? + vowel * 28;
    char::from_u32(GA + at)
}

/// The initial consonant of a syllable; of an initial standing alone, itself.
fn initial(ch: char) -> Option<char> {
    match parts(ch) {
        Some((at, ..)) => INITIALS.get(at).copied(),
        None => INITIALS.contains(&ch).then_some(ch),
    }
}

/// NFC, small letters, half width, one blank for several, no control characters.
fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for ch in text.nfc() {
        let ch = match ch {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(ch) - 0xfee0).unwrap_or(ch),
            ch if ch.is_whitespace() || ch.is_control() => ' ',
            ch => ch,
        };
        if ch == ' ' && (out.is_empty() || out.ends_with(' ')) {
            continue;
        }
        out.extend(ch.to_lowercase());
    }
    out.truncate(out.trim_end().len());
    out
}

/// Whether a character may stand between the digits of a phone number or an amount.
const fn between_digits(ch: char) -> bool {
    matches!(ch, '-' | ' ' | '.' | ',' | '(' | ')' | '+' | '/' | '₩' | '$' | '원' | '\u{2010}'..='\u{2015}')
}

/// The digits of a text that is nothing but digits and what stands between them.
fn digits_of(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let rest = text.chars().all(|ch| ch.is_ascii_digit() || between_digits(ch));
    (rest && !digits.is_empty()).then_some(digits)
}

/// Prepares the texts of a row: what searches look through, and all that they do.
pub fn index_text(texts: &[&str]) -> String {
    let mut out = String::new();
    for text in texts {
        let text = normal(text);
        if text.is_empty() {
            continue;
        }
        add(&mut out, &text);
        if let Some(digits) = digits_of(&text).filter(|digits| *digits != text) {
            add(&mut out, &digits);
            // +82 10 … is 010 …
            if let Some(rest) = digits.strip_prefix("82").filter(|_| text.starts_with('+')) {
                add(&mut out, &format!("0{rest}"));
            }
        }
        if text.chars().any(|ch| parts(ch).is_some()) {
            let initials: String = text.chars().map(|ch| initial(ch).unwrap_or(ch)).collect();
            add(&mut out, &initials);
        }
    }
    out
}

fn add(out: &mut String, part: &str) {
    if !out.is_empty() {
        out.push(SEPARATOR);
    }
    // Writing to a String can't fail.
    let _ = out.write_str(part);
}

/// One character of a query, and what it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// That character.
    Exact(char),
    /// Any syllable with this initial, or the consonant alone.
    Initial(char),
    /// A syllable that is still being typed: what it can become stands together in the block, but for one.
    Open {
        /// The first of them: as far as it was typed.
        from: char,
        /// The last of them.
        until: char,
        /// Between them and none of them: ㄲ is no ㄱ that went on.
        not: Option<char>,
    },
}

impl Piece {
    /// What the syllable of these parts can become while it is typed.
    fn open(initial: usize, vowel: u32, last: usize) -> Option<Self> {
        let from = syllable(initial, vowel, last)?;
        if last == 0 {
            let grown = GROWING.iter().find(|(own, _)| *own == vowel).map_or(vowel, |(_, to)| *to);
            return Some(Self::Open { from, until: syllable(initial, grown, FINALS.len() - 1)?, not: None });
        }
        let grows = |other: &str| other.starts_with(FINALS[last]);
        let longest = FINALS.iter().rposition(|other| grows(other)).unwrap_or(last);
        let between = (last..=longest).find(|at| !grows(FINALS[*at]));
        let not = between.and_then(|at| syllable(initial, vowel, at));
        Some(Self::Open { from, until: syllable(initial, vowel, longest)?, not })
    }

    fn fits(self, ch: char) -> bool {
        match self {
            Self::Exact(own) => own == ch,
            Self::Initial(own) => initial(ch) == Some(own),
            Self::Open { from, until, not } => (from..=until).contains(&ch) && not != Some(ch),
        }
    }

    /// The first bytes that its characters have; UTF-8 keeps the characters' order.
    fn leads(self) -> (u8, u8) {
        let lead = |ch: char| ch.encode_utf8(&mut [0; 4]).as_bytes().first().copied().unwrap_or_default();
        match self {
            Self::Exact(ch) => (lead(ch), lead(ch)),
            // The consonants alone stand before the syllables, the last syllable is 힣.
            Self::Initial(_) => (lead('ㄱ'), lead('힣')),
            Self::Open { from, until, .. } => (lead(from), lead(until)),
        }
    }
}

/// One way to read a term.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Way {
    /// These characters, or (of initials alone) these in the row's initials.
    Plain(String),
    /// These pieces behind each other; never empty.
    Mixed(Vec<Piece>),
}

impl Way {
    fn new(pieces: &[Piece]) -> Self {
        // Literal text, or initials alone, perhaps with digits or blanks: the row has them ready.
        let initials = pieces.iter().any(|piece| matches!(piece, Piece::Initial(_)));
        let ready = |piece: &Piece| match piece {
            Piece::Exact(ch) => !initials || parts(*ch).is_none(),
            Piece::Initial(_) => true,
            Piece::Open { .. } => false,
        };
        if pieces.iter().all(ready) {
            return Self::Plain(pieces.iter().filter_map(|piece| literal(*piece)).collect());
        }
        Self::Mixed(pieces.to_vec())
    }

    fn matches(&self, prepared: &str) -> bool {
        match self {
            Self::Plain(text) => prepared.contains(text.as_str()),
            Self::Mixed(pieces) => {
                let Some((from, until)) = pieces.first().map(|piece| piece.leads()) else { return true };
                // Bytes are compared before anything is decoded: this runs over every row at every key. A byte
                // that begins a character never stands inside of one.
                let begins = |byte: u8| (from..=until).contains(&byte);
                let mut bytes = prepared.bytes().enumerate();
                bytes.any(|(at, byte)| {
                    begins(byte) && prepared.get(at..).is_some_and(|rest| follows(rest, pieces))
                })
            }
        }
    }
}

fn literal(piece: Piece) -> Option<char> {
    match piece {
        Piece::Exact(ch) | Piece::Initial(ch) => Some(ch),
        Piece::Open { .. } => None,
    }
}

fn follows(text: &str, pieces: &[Piece]) -> bool {
    let mut chars = text.chars();
    pieces.iter().all(|piece| chars.next().is_some_and(|ch| piece.fits(ch)))
}

/// What was typed, prepared. Words may stand anywhere and in any order; all of them must be found.
///
/// `ㄱㅎㄴ` and `김ㅎ` find 김하늘, and so does every state of the input method on the way there: `김하`, `김한`,
/// `김하느`. A doubled consonant is itself: `ㄲ` does not find ㄱ. Numbers are found with or without what stands between
/// their digits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Needle {
    /// Every term, each with the ways it can be read.
    terms: Vec<Vec<Way>>,
}

impl Needle {
    /// Prepares what was typed.
    pub fn new(query: &str) -> Self {
        let query = normal(query);
        if let Some(digits) = digits_of(&query) {
            let mut ways = vec![Way::Plain(query.clone())];
            if digits != query {
                ways.push(Way::Plain(digits));
            }
            return Self { terms: vec![ways] };
        }
        let words: Vec<&str> = query.split(' ').filter(|word| !word.is_empty()).collect();
        let count = words.len();
        let terms = words.into_iter().enumerate().map(|(at, word)| ways(word, at + 1 == count)).collect();
        Self { terms }
    }

    /// Whether nothing was typed: then everything matches.
    pub const fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether a row, prepared by [`index_text`], has it.
    pub fn matches(&self, prepared: &str) -> bool {
        self.terms.iter().all(|ways| ways.iter().any(|way| way.matches(prepared)))
    }
}

/// The ways to read one word; only the last syllable of the last word can be unfinished.
fn ways(word: &str, last: bool) -> Vec<Way> {
    let mut pieces = Vec::new();
    for ch in word.chars() {
        if let Some((_, both)) = CLUSTERS.iter().find(|(cluster, _)| *cluster == ch) {
            pieces.extend(both.chars().map(Piece::Initial));
        } else if INITIALS.contains(&ch) {
            pieces.push(Piece::Initial(ch));
        } else {
            pieces.push(Piece::Exact(ch));
        }
    }
    let mut ways = Vec::new();
    if let Some(digits) = digits_of(word).filter(|digits| digits != word) {
        ways.push(Way::Plain(digits));
    }
    if last
        && let Some(Piece::Exact(ch)) = pieces.last().copied()
        && let Some((initial, vowel, end)) = parts(ch)
    {
        pieces.pop();
        let with = |tail: &[Piece]| Way::new(&[pieces.as_slice(), tail].concat());
        ways.extend(Piece::open(initial, vowel, end).map(|open| with(&[open])));
        // The last consonant may belong to the next syllable: 한 on the way to 하느.
        let typed = FINALS[end];
        if let Some(moved) = typed.chars().last().filter(|moved| INITIALS.contains(moved)) {
            let kept = typed.strip_suffix(moved).unwrap_or_default();
            let before = FINALS.iter().position(|other| *other == kept).unwrap_or(0);
            if let Some(shorter) = syllable(initial, vowel, before) {
                ways.push(with(&[Piece::Exact(shorter), Piece::Initial(moved)]));
            }
        }
    } else {
        ways.push(Way::new(&pieces));
    }
    ways
}

#[cfg(test)]
mod tests;
