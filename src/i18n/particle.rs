//! Korean particles: which of two forms follows a word, by the sound it ends in.

use unicode_normalization::UnicodeNormalization as _;

/// What a word ends in, as far as particles care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Vowel,
    /// A final ㄹ, which counts as a vowel for 로.
    Rieul,
    Consonant,
}

/// The form of a particle that follows `word`; `particle` is either of the two forms. `None` for a
/// particle nobody knows.
pub(super) fn choose(word: &str, particle: &str) -> Option<&'static str> {
    let (closed, open) = match particle {
        "을" | "를" => ("을", "를"),
        "은" | "는" => ("은", "는"),
        "이" | "가" => ("이", "가"),
        "과" | "와" => ("과", "와"),
        "으로" | "로" => ("으로", "로"),
        _ => return None,
    };
    Some(match ending(word) {
        Ending::Vowel => open,
        Ending::Rieul if open == "로" => open,
        Ending::Rieul | Ending::Consonant => closed,
    })
}

/// The sound of the last letter or digit; what stands behind it (a bracket, a quote) is not read aloud.
fn ending(word: &str) -> Ending {
    let last = word.nfc().filter(|ch| ch.is_alphanumeric()).last();
    match last {
        Some(ch @ '가'..='힣') => match (u32::from(ch) - u32::from('가')) % 28 {
            0 => Ending::Vowel,
            8 => Ending::Rieul,
            _ => Ending::Consonant,
        },
        // 일, 칠, 팔; 영, 삼, 육 (and 십, 백, 천, 만, which end in a zero). Letters by their names: 엘, 알; 엠, 엔.
        // Lone consonants are read by their names too, all of which end in one (리을 in ㄹ).
        Some('1' | '7' | '8' | 'l' | 'L' | 'r' | 'R' | 'ㄹ') => Ending::Rieul,
        Some('0' | '3' | '6' | 'm' | 'M' | 'n' | 'N' | 'ㄱ'..='ㅎ') => Ending::Consonant,
        _ => Ending::Vowel,
    }
}

#[cfg(test)]
mod tests {
    use super::choose;

    #[test]
    fn the_form_follows_the_last_sound() {
        for (word, particle, expected) in [
            ("카드", "을", "를"),
            ("금액", "를", "을"),
            ("상점", "은", "은"),
            ("채널", "으로", "로"),
            ("홍길동", "로", "으로"),
            ("서울", "과", "과"),
            ("주소", "와", "와"),
            ("1,000", "이", "이"),
            ("1,004", "이", "가"),
            ("7", "으로", "로"),
            ("3", "로", "으로"),
            ("PG", "을", "를"),
            ("EMAIL", "로", "로"),
            ("홍길동(VIP)", "은", "는"),
            ("김철수(단골)", "가", "이"),
            ("", "을", "를"),
            // Decomposed, as macOS sends it.
            ("\u{1100}\u{1173}\u{11b7}", "을", "을"),
        ] {
            assert_eq!(choose(word, particle), Some(expected), "{word} {particle}");
        }
        assert_eq!(choose("카드", "께서"), None);
    }
}
