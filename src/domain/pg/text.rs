//! Lengths and encodings of the texts that gateways limit. Text is expected in NFC, as it is at the edge.

use super::Unit;

/// The length of a text in a unit. Characters that EUC-KR cannot write count two bytes there.
pub fn length(text: &str, unit: Unit) -> usize {
    match unit {
        Unit::Chars => text.chars().count(),
        Unit::Bytes => text.len(),
        Unit::BytesEucKr => euc_kr_length(text),
    }
}

/// The length of a text in EUC-KR bytes: one for ASCII, two for everything else.
pub fn euc_kr_length(text: &str) -> usize {
    text.chars().map(|ch| if ch.is_ascii() { 1 } else { 2 }).sum()
}

/// The first character that EUC-KR proper (KS X 1001) cannot write: emoji, but also the 8,822 rare syllables
/// that only its extension CP949 has.
pub fn first_outside_euc_kr(text: &str) -> Option<char> {
    text.chars().find(|ch| !in_euc_kr(*ch))
}

/// `encoding_rs` follows the web's idea of EUC-KR, which is CP949: a character is in EUC-KR proper when both
/// its bytes lie in the 94×94 plane.
pub(super) fn in_euc_kr(ch: char) -> bool {
    if ch.is_ascii() {
        return true;
    }
    let mut utf8 = [0; 4];
    let (bytes, _, unwritable) = encoding_rs::EUC_KR.encode(ch.encode_utf8(&mut utf8));
    !unwritable && bytes.len() == 2 && bytes.iter().all(|byte| (0xA1..=0xFE).contains(byte))
}

/// What a gateway makes of a text that it cuts: the longest run of whole characters in `bytes` UTF-8 bytes,
/// and three dots.
pub(super) fn cut(text: &str, bytes: usize) -> String {
    let end = text.char_indices().map(|(at, ch)| at + ch.len_utf8()).take_while(|end| *end <= bytes).last();
    format!("{}...", &text[..end.unwrap_or(0)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn euc_kr_knows_common_syllables_and_not_rare_ones_or_emoji() {
        assert_eq!(first_outside_euc_kr("정수기 렌탈 3월분 (A)"), None);
        assert_eq!(first_outside_euc_kr("뷁"), Some('뷁'));
        assert_eq!(first_outside_euc_kr("펲시콜라"), Some('펲'));
        assert_eq!(first_outside_euc_kr("꽃다발🌷"), Some('🌷'));
        assert_eq!(first_outside_euc_kr("株式會社"), None);
    }

    #[test]
    fn exactly_2350_syllables_are_in_euc_kr() {
        assert_eq!(('가'..='힣').filter(|ch| in_euc_kr(*ch)).count(), 2350);
    }

    #[test]
    fn lengths_differ_by_unit() {
        let text = "가나 ab";
        assert_eq!(length(text, Unit::Chars), 5);
        assert_eq!(length(text, Unit::Bytes), 9);
        assert_eq!(length(text, Unit::BytesEucKr), 7);
    }

    #[test]
    fn a_cut_never_splits_a_character() {
        assert_eq!(cut("가나다라마바사아자차카타파하", 37), "가나다라마바사아자차카타...");
        assert_eq!(cut("🌷", 3), "...");
        assert_eq!(cut("abc", 37), "abc...");
    }
}
