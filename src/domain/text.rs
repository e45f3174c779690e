//! Text that came from outside and may be shown: terminals, logs and tables take [`SafeText`] only.

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;

/// The longest text kept, in characters. A PG's message is a sentence; ten thousand characters are an attack
/// or a mistake, and are cut with a mark.
const MAX_CHARS: usize = 500;

/// The fewest digits that a card number has.
const CARD_DIGITS: usize = 13;

/// Provider text made harmless: one line, NFC, no control characters, no direction marks, no invisible
/// characters, bounded length. There is no other way to make one than through the filter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct SafeText(String);

impl SafeText {
    /// Filters an identifier, code or name. Digits stay as they are.
    pub fn new(raw: &str) -> Self {
        if is_plain(raw) {
            return Self(raw.trim().to_owned());
        }
        let mut text = String::with_capacity(raw.len().min(MAX_CHARS * 4));
        for (count, ch) in raw.chars().filter_map(harmless).nfc().enumerate() {
            if count == MAX_CHARS {
                text.push_str(" ...");
                break;
            }
            text.push(ch);
        }
        Self(text.trim().to_owned())
    }

    /// Filters a message in words, where a whole card number may have been quoted: digits that could be one
    /// are cut to the first six and last four.
    pub fn message(raw: &str) -> Self {
        let text = Self::new(raw);
        // What has fewer digits has no card number.
        if text.0.bytes().filter(u8::is_ascii_digit).count() < CARD_DIGITS {
            return text;
        }
        Self(hide_card_numbers(&text.0))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing was left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `None` for an empty text: providers send both for "nothing".
    pub fn non_empty(self) -> Option<Self> {
        (!self.is_empty()).then_some(self)
    }
}

impl fmt::Display for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Whether the filter would change nothing but the blanks at the ends: not too long, of visible ASCII, blanks and
/// whole syllables alone. Most texts are.
fn is_plain(raw: &str) -> bool {
    raw.len() <= MAX_CHARS
        && (raw.bytes().all(|byte| matches!(byte, b' '..=b'~'))
            || raw.chars().all(|ch| matches!(ch, ' '..='~' | '가'..='힣')))
}

/// Whether every character of a text is shown as it is.
pub(super) fn is_harmless(text: &str) -> bool {
    text.chars().all(|ch| harmless(ch) == Some(ch))
}

/// What a character becomes: itself, a blank, a visible stand-in, or nothing.
fn harmless(ch: char) -> Option<char> {
    match ch {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' | '\u{a0}' => Some(' '),
        // Zero-width, direction and tag characters change what a reader sees without being seen.
        '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{61c}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{ad}'
        | '\u{e0000}'..='\u{e007f}' => None,
        ch if ch.is_control() => Some('?'),
        ch => Some(ch),
    }
}

/// Cuts every run of 13 to 19 digits (blanks and dashes between them allowed) that passes Luhn to its first
/// six and last four.
fn hide_card_numbers(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = chars.clone();
    let mut at = 0;
    while at < chars.len() {
        if !chars[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let mut places = Vec::new();
        let mut end = at;
        while end < chars.len() && (chars[end].is_ascii_digit() || matches!(chars[end], ' ' | '-')) {
            if chars[end].is_ascii_digit() {
                places.push(end);
            }
            end += 1;
        }
        if (CARD_DIGITS..=19).contains(&places.len()) && luhn(&places, &chars) {
            for place in &places[6..places.len() - 4] {
                out[*place] = '*';
            }
        }
        at = end;
    }
    out.into_iter().collect()
}

fn luhn(places: &[usize], chars: &[char]) -> bool {
    let sum: u32 = places
        .iter()
        .rev()
        .enumerate()
        .map(|(index, place)| {
            let digit = chars[*place].to_digit(10).unwrap_or(0);
            match (index % 2, digit) {
                (1, 5..) => digit * 2 - 9,
                (1, _) => digit * 2,
                _ => digit,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_and_direction_marks_never_pass() {
        let text = SafeText::new("\u{1b}[2J한도\u{202e}초과\r\n\u{7}다음\u{200b}줄\u{9b}31m");
        assert_eq!(text.as_str(), "?[2J한도초과  ?다음줄?31m");
    }

    #[test]
    fn decomposed_hangul_is_composed_and_length_is_bounded() {
        assert_eq!(SafeText::new("\u{1112}\u{1161}\u{11ab}").as_str(), "한");
        assert_eq!(SafeText::new(&"가".repeat(10_000)).as_str().chars().count(), MAX_CHARS + 4);
    }

    #[test]
    fn a_quoted_card_number_is_cut_in_messages_only() {
        assert_eq!(
            SafeText::message("card 4242-4242-4242-4242 refused").as_str(),
            "card 4242-42**-****-4242 refused"
        );
        assert_eq!(SafeText::new("4242424242424242").as_str(), "4242424242424242");
        assert_eq!(SafeText::message("tid 20260301000123").as_str(), "tid 20260301000123");
    }

    proptest! {
        /// What is taken as it is, is what the filter would leave.
        #[test]
        fn plain_texts_are_left_as_the_filter_leaves_them(raw in "[ -~가-힣\u{1100}-\u{11ff}é\u{200b}]{0,12}") {
            let slowly: String = raw.chars().filter_map(harmless).nfc().collect();
            let text = SafeText::new(&raw);
            prop_assert_eq!(text.as_str(), slowly.trim());
        }

        #[test]
        fn nothing_harmful_survives(raw in "\\PC*|[\\x00-\\x1f\\x7f-\\x9f\u{202a}-\u{202e}a가]*") {
            let text = SafeText::message(&raw);
            let harmful = |ch: char| ch.is_control() || ('\u{202a}'..='\u{202e}').contains(&ch);
            prop_assert!(!text.as_str().chars().any(harmful));
        }
    }
}
