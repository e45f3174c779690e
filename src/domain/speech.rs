//! Words to read aloud to a caller: amounts, instalments, digits, in Korean and English.
//!
//! Pure text. May not: do IO, see card data (four digits at most), use anything of this crate.

use std::fmt::Write as _;

const KO_DIGITS: [&str; 10] = ["영", "일", "이", "삼", "사", "오", "육", "칠", "팔", "구"];
const KO_SMALL: [&str; 4] = ["", "십", "백", "천"];
const KO_LARGE: [&str; 5] = ["", "만", "억", "조", "경"];

/// An amount of won as it is said: `45000` → `사만 오천 원`, spaced every four digits. A leading one is left
/// out before 십, 백, 천 and 만 (`만 오천 원`), as people say it.
pub fn won_ko(amount: i64) -> String {
    let mut words = String::new();
    if amount < 0 {
        words.push_str("마이너스 ");
    }
    let mut rest = amount.unsigned_abs();
    if rest == 0 {
        words.push_str(KO_DIGITS[0]);
        words.push(' ');
    }
    let mut groups = Vec::new();
    while rest > 0 {
        groups.push(rest % 10_000);
        rest /= 10_000;
    }
    for (power, group) in groups.iter().copied().enumerate().rev().filter(|(_, group)| *group > 0) {
        let leading = power + 1 == groups.len();
        // 만, but 일억 만 would be heard as one word: further in it is 일만.
        if !(group == 1 && power == 1 && leading) {
            words.push_str(&four_digits_ko(group));
        }
        words.push_str(KO_LARGE.get(power).copied().unwrap_or_default());
        words.push(' ');
    }
    words.push('원');
    words
}

/// Up to 9,999 without spaces: `1234` → `천이백삼십사`.
fn four_digits_ko(group: u64) -> String {
    let mut words = String::new();
    for (power, unit) in KO_SMALL.iter().enumerate().rev() {
        let digit = group / 10_u64.pow(u32::try_from(power).unwrap_or(0)) % 10;
        if digit == 0 {
            continue;
        }
        if digit > 1 || power == 0 {
            words.push_str(word(&KO_DIGITS, digit));
        }
        words.push_str(unit);
    }
    words
}

/// Instalments as they are said: `일시불`, `3개월`.
pub fn months_ko(months: u32) -> String {
    if months <= 1 { "일시불".to_owned() } else { format!("{months}개월") }
}

const EN_BELOW_TWENTY: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const EN_TENS: [&str; 10] =
    ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const EN_LARGE: [&str; 7] =
    ["", " thousand", " million", " billion", " trillion", " quadrillion", " quintillion"];

/// An amount of won in English: `45000` → `forty-five thousand won`.
pub fn won_en(amount: i64) -> String {
    let mut words = String::new();
    if amount < 0 {
        words.push_str("minus ");
    }
    let mut rest = amount.unsigned_abs();
    if rest == 0 {
        words.push_str("zero ");
    }
    let mut groups = Vec::new();
    while rest > 0 {
        groups.push(rest % 1_000);
        rest /= 1_000;
    }
    for (power, group) in groups.iter().copied().enumerate().rev().filter(|(_, group)| *group > 0) {
        words.push_str(&three_digits_en(group));
        words.push_str(EN_LARGE.get(power).copied().unwrap_or_default());
        words.push(' ');
    }
    words.push_str("won");
    words
}

/// Up to 999: `234` → `two hundred thirty-four`.
fn three_digits_en(group: u64) -> String {
    let mut words = String::new();
    if group >= 100 {
        // Writing to a string cannot fail.
        let _ = write!(words, "{} hundred", word(&EN_BELOW_TWENTY, group / 100));
    }
    let below = group % 100;
    if below == 0 {
        return words;
    }
    if !words.is_empty() {
        words.push(' ');
    }
    if below < 20 {
        words.push_str(word(&EN_BELOW_TWENTY, below));
    } else {
        words.push_str(word(&EN_TENS, below / 10));
        if !below.is_multiple_of(10) {
            let _ = write!(words, "-{}", word(&EN_BELOW_TWENTY, below % 10));
        }
    }
    words
}

/// Instalments in English: `lump sum`, `3 months`.
pub fn months_en(months: u32) -> String {
    if months <= 1 { "lump sum".to_owned() } else { format!("{months} months") }
}

fn word(words: &[&'static str], index: u64) -> &'static str {
    usize::try_from(index).ok().and_then(|index| words.get(index)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads Korean number words back, by the rule of the language and not by ours: a digit waits for its
    /// unit, a large unit takes what stands before it (one if nothing does).
    fn hear_ko(words: &str) -> i128 {
        let (sign, words) = words.strip_prefix("마이너스 ").map_or((1, words), |rest| (-1, rest));
        let words = words.strip_suffix(" 원").expect("ends in won");
        let (mut total, mut section, mut digit) = (0_i128, 0_i128, None);
        for ch in words.chars() {
            let mut small =
                |unit: i128, digit: &mut Option<i128>| section += digit.take().unwrap_or(1) * unit;
            match ch {
                ' ' | '영' => {}
                '십' => small(10, &mut digit),
                '백' => small(100, &mut digit),
                '천' => small(1000, &mut digit),
                '만' | '억' | '조' | '경' => {
                    let unit = 10_000_i128.pow(match ch {
                        '만' => 1,
                        '억' => 2,
                        '조' => 3,
                        _ => 4,
                    });
                    let before = section + digit.take().unwrap_or(0);
                    total += before.max(1) * unit;
                    section = 0;
                }
                _ => {
                    let place = "일이삼사오육칠팔구".chars().position(|known| known == ch).unwrap();
                    digit = Some(place as i128 + 1);
                }
            }
        }
        sign * (total + section + digit.unwrap_or(0))
    }

    /// Reads English number words back.
    fn hear_en(words: &str) -> i128 {
        let (sign, words) = words.strip_prefix("minus ").map_or((1, words), |rest| (-1, rest));
        let words = words.strip_suffix(" won").expect("ends in won");
        let (mut total, mut section) = (0_i128, 0_i128);
        for word in words.split([' ', '-']) {
            let large = ["thousand", "million", "billion", "trillion", "quadrillion", "quintillion"];
            if let Some(power) = large.iter().position(|known| *known == word) {
                total += section * 1000_i128.pow(u32::try_from(power).unwrap() + 1);
                section = 0;
            } else if word == "hundred" {
                section *= 100;
            } else {
                let units = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen";
                let tens = "twenty thirty forty fifty sixty seventy eighty ninety";
                let place = |list: &str| list.split(' ').position(|known| known == word);
                section += match (place(units), place(tens)) {
                    (Some(unit), _) => unit as i128,
                    (_, Some(ten)) => (ten as i128 + 2) * 10,
                    _ => panic!("unknown word {word}"),
                };
            }
        }
        sign * (total + section)
    }

    #[test]
    fn amounts_as_people_say_them() {
        for (amount, ko, en) in [
            (0, "영 원", "zero won"),
            (1, "일 원", "one won"),
            (10, "십 원", "ten won"),
            (111, "백십일 원", "one hundred eleven won"),
            (1_000, "천 원", "one thousand won"),
            (10_000, "만 원", "ten thousand won"),
            (15_000, "만 오천 원", "fifteen thousand won"),
            (45_000, "사만 오천 원", "forty-five thousand won"),
            (110_000, "십일만 원", "one hundred ten thousand won"),
            (
                1_234_567,
                "백이십삼만 사천오백육십칠 원",
                "one million two hundred thirty-four thousand five hundred sixty-seven won",
            ),
            (10_000_000, "천만 원", "ten million won"),
            (100_000_000, "일억 원", "one hundred million won"),
            (100_010_000, "일억 일만 원", "one hundred million ten thousand won"),
            (1_000_000_000_000, "일조 원", "one trillion won"),
            (-5_000, "마이너스 오천 원", "minus five thousand won"),
        ] {
            assert_eq!(won_ko(amount), ko);
            assert_eq!(won_en(amount), en);
        }
    }

    #[test]
    fn months() {
        assert_eq!([months_ko(0), months_ko(1), months_ko(3)], ["일시불", "일시불", "3개월"]);
        assert_eq!([months_en(0), months_en(12)], ["lump sum", "12 months"]);
    }

    proptest! {
        #[test]
        fn what_is_said_is_what_is_heard(amount in prop_oneof![any::<i64>(), 0..100_000_i64, 0..1_000_000_000_i64, Just(i64::MIN), Just(i64::MAX)]) {
            prop_assert_eq!(hear_ko(&won_ko(amount)), i128::from(amount));
            prop_assert_eq!(hear_en(&won_en(amount)), i128::from(amount));
        }

        #[test]
        fn round_amounts_too(digit in 1..10_i64, zeros in 0..18_u32) {
            let amount = digit * 10_i64.pow(zeros);
            prop_assert_eq!(hear_ko(&won_ko(amount)), i128::from(amount));
            prop_assert_eq!(hear_en(&won_en(amount)), i128::from(amount));
        }

        #[test]
        fn korean_amounts_are_spaced_at_every_ten_thousand(amount in 0..i64::MAX) {
            let words = won_ko(amount);
            let groups: Vec<_> = words.split(' ').collect();
            let (last, large) = groups.split_last().unwrap();
            prop_assert_eq!(*last, "원");
            for group in large.iter().rev().skip(1) {
                prop_assert!(group.ends_with(['만', '억', '조', '경']), "{}", words);
            }
            prop_assert!(!words.contains("  "));
        }
    }
}
