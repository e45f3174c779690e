//! The two-set Hangul keyboard: which Latin letter stands on the key of a jamo.

/// The lower-case letter on the key that made this character: compatibility jamo (`ㅊ`), conjoining jamo as
/// macOS sends them, full-width letters. `None` for everything else, Latin letters included.
pub fn latin(ch: char) -> Option<char> {
    Some(match ch {
        'ㅂ' | 'ㅃ' | '\u{1107}' | '\u{1108}' => 'q',
        'ㅈ' | 'ㅉ' | '\u{110c}' | '\u{110d}' => 'w',
        'ㄷ' | 'ㄸ' | '\u{1103}' | '\u{1104}' => 'e',
        'ㄱ' | 'ㄲ' | '\u{1100}' | '\u{1101}' => 'r',
        'ㅅ' | 'ㅆ' | '\u{1109}' | '\u{110a}' => 't',
        'ㅛ' | '\u{116d}' => 'y',
        'ㅕ' | '\u{1167}' => 'u',
        'ㅑ' | '\u{1163}' => 'i',
        'ㅐ' | 'ㅒ' | '\u{1162}' | '\u{1164}' => 'o',
        'ㅔ' | 'ㅖ' | '\u{1166}' | '\u{1168}' => 'p',
        'ㅁ' | '\u{1106}' => 'a',
        'ㄴ' | '\u{1102}' => 's',
        'ㅇ' | '\u{110b}' => 'd',
        'ㄹ' | '\u{1105}' => 'f',
        'ㅎ' | '\u{1112}' => 'g',
        'ㅗ' | '\u{1169}' => 'h',
        'ㅓ' | '\u{1165}' => 'j',
        'ㅏ' | '\u{1161}' => 'k',
        'ㅣ' | '\u{1175}' => 'l',
        'ㅋ' | '\u{110f}' => 'z',
        'ㅌ' | '\u{1110}' => 'x',
        'ㅊ' | '\u{110e}' => 'c',
        'ㅍ' | '\u{1111}' => 'v',
        'ㅠ' | '\u{1172}' => 'b',
        'ㅜ' | '\u{116e}' => 'n',
        'ㅡ' | '\u{1173}' => 'm',
        'Ａ'..='Ｚ' => char::from_u32(u32::from(ch) - 0xff21 + u32::from('a'))?,
        'ａ'..='ｚ' => char::from_u32(u32::from(ch) - 0xff41 + u32::from('a'))?,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::latin;

    #[test]
    fn every_letter_has_its_jamo_and_only_one_letter() {
        let keys = "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡ";
        let letters: String = keys.chars().filter_map(latin).collect();
        assert_eq!(letters, "qwertyuiopasdfghjklzxcvbnm");
        let shifted: String = "ㅃㅉㄸㄲㅆㅒㅖ".chars().filter_map(latin).collect();
        assert_eq!(shifted, "qwertop");
        assert_eq!("ｃＺ".chars().filter_map(latin).collect::<String>(), "cz");
        assert_eq!(latin('한'), None);
        assert_eq!(latin('c'), None);
    }

    #[test]
    fn decomposed_jamo_are_the_same_keys() {
        use unicode_normalization::UnicodeNormalization as _;
        for ch in ('ㄱ'..='ㅣ').filter(|ch| latin(*ch).is_some()) {
            // The compatibility decomposition of a lone jamo is its conjoining twin.
            let twin = ch.nfkd().next().unwrap();
            assert_ne!(twin, ch);
            assert_eq!(latin(twin), latin(ch), "{ch}");
        }
    }
}
