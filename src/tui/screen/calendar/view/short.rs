//! Numbers for little room. One that is rounded says so: there is no wrong number on the screen.

use crate::i18n::Lang;

/// Digits in groups of three, with the currency's decimals.
pub(super) fn grouped(minor: u64, scale: u32) -> String {
    let unit = 10u64.pow(scale);
    let whole = (minor / unit).to_string();
    let mut text = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if scale > 0 {
        let width = scale as usize;
        text = format!("{text}.{:0width$}", minor % unit);
    }
    text
}

/// An amount in at most six columns as long as it is below a million million: `9,900`, `4.5만`, `~123만`, `1.2억`
/// in Korean, `9,900`, `45k`, `~1.2M` in English. `~` stands before what is rounded.
pub(super) fn short(minor: u64, scale: u32, lang: Lang) -> String {
    let unit = 10u64.pow(scale);
    let steps: &[(u64, &str)] = match lang {
        Lang::Ko => &[(1_000_000_000_000, "조"), (100_000_000, "억"), (10_000, "만")],
        Lang::En => &[(1_000_000_000, "B"), (1_000_000, "M"), (10_000, "k")],
    };
    let whole = minor / unit;
    let Some((from, name)) = steps.iter().find(|(from, _)| whole >= *from) else {
        // Decimals are left out, which is said.
        let rounded = minor.saturating_add(unit / 2) / unit;
        let mark = if minor.is_multiple_of(unit) { "" } else { "~" };
        return format!("{mark}{}", grouped(rounded, 0));
    };
    // Thousands are counted from ten of them on, so that four digits stay as they are.
    let step = if *name == "k" { 1_000 } else { *from } * unit;
    let tenths = step / 10;
    let (value, exact) = if minor / step < 100 {
        let rounded = minor.saturating_add(tenths / 2) / tenths;
        let text = if rounded.is_multiple_of(10) {
            grouped(rounded / 10, 0)
        } else {
            format!("{}.{}", grouped(rounded / 10, 0), rounded % 10)
        };
        (text, minor.is_multiple_of(tenths))
    } else {
        (grouped(minor.saturating_add(step / 2) / step, 0), minor.is_multiple_of(step))
    };
    format!("{}{value}{name}", if exact { "" } else { "~" })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_in_both_languages() {
        for (minor, ko, en) in [
            (0, "0", "0"),
            (9_900, "9,900", "9,900"),
            (10_000, "1만", "10k"),
            (45_000, "4.5만", "45k"),
            (45_900, "~4.6만", "45.9k"),
            (45_950, "~4.6만", "~46k"),
            (99_999, "~10만", "~100k"),
            (1_234_000, "~123만", "~1.2M"),
            (1_230_000, "123만", "~1.2M"),
            (120_000_000, "1.2억", "120M"),
            (12_345_000_000, "~123억", "~12.3B"),
        ] {
            assert_eq!(short(minor, 0, Lang::Ko), ko, "{minor}");
            assert_eq!(short(minor, 0, Lang::En), en, "{minor}");
        }
        assert_eq!(short(4_550, 2, Lang::En), "~46", "$45.50");
        assert_eq!(short(4_500, 2, Lang::Ko), "45");
        assert_eq!(grouped(123_456_789, 2), "1,234,567.89");
    }

    /// What a short amount says, in tenths of a unit of account.
    fn read(text: &str, lang: Lang) -> u64 {
        let text = text.trim_start_matches('~');
        let digits: String = text.chars().filter(|ch| ch.is_ascii_digit() || *ch == '.').collect();
        let (whole, tenth) = digits.split_once('.').unwrap_or((&digits, "0"));
        let number = whole.parse::<u64>().unwrap() * 10 + tenth.parse::<u64>().unwrap();
        let unit = match (text.chars().last().unwrap(), lang) {
            ('조', _) => 1_000_000_000_000,
            ('억', _) => 100_000_000,
            ('만', _) => 10_000,
            ('k', _) => 1_000,
            ('M', _) => 1_000_000,
            ('B', _) => 1_000_000_000,
            _ => 1,
        };
        number * unit
    }

    proptest! {
        #[test]
        fn what_is_not_marked_is_exact_and_what_is_marked_is_near(minor in 0u64..10_000_000_000_000, ko: bool) {
            let lang = if ko { Lang::Ko } else { Lang::En };
            let text = short(minor, 0, lang);
            let told = read(&text, lang);
            if text.starts_with('~') {
                prop_assert_ne!(told, minor * 10, "{}", text);
                prop_assert!(told.abs_diff(minor * 10) <= minor * 10 / 20, "{} for {}", text, minor);
            } else {
                prop_assert_eq!(told, minor * 10, "{}", text);
            }
        }
    }
}
