//! Facts about card input that need no card data: what a BIN and a length say about a number plan, which
//! length of an identity means what, in which order an expiry was typed. The vault asks these about bytes
//! that stay where they are.

/// What the first digits and the length of a card number say. Never a reason to block, except for a length
/// that no card has: domestic cards exist whose last digit is not a Luhn digit, so Luhn is a hint as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NumberHint {
    /// Nothing to say.
    Fine,
    /// Shorter than 10 or longer than 20 digits: block.
    Impossible,
    /// Outside 14 to 19 digits, or a length that this brand does not print: ask to check.
    Unusual,
}

/// Looks at a number plan: `bin` is up to the first six digits, `digits` the full length, `stated` the fewest
/// and most digits that the gateway's page states, if it does.
///
/// American Express (34, 37) has 15 digits, Diners (300–305, 3095, 36, 38, 39) 14, `UnionPay` (62) up to 19.
pub fn number_hint(bin: &str, digits: usize, stated: Option<(usize, usize)>) -> NumberHint {
    let (fewest, most) = stated.unwrap_or((10, 20));
    if digits < fewest || digits > most {
        return NumberHint::Impossible;
    }
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| bin.starts_with(prefix));
    let usual = if starts(&["34", "37"]) {
        digits == 15
    } else if starts(&["300", "301", "302", "303", "304", "305", "3095", "36", "38", "39"]) {
        digits == 14
    } else if starts(&["62"]) {
        (14..=19).contains(&digits)
    } else {
        digits == 16
    };
    if usual { NumberHint::Fine } else { NumberHint::Unusual }
}

/// What an identity value is, by its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdentityKind {
    /// Six digits: a birth date, of the holder or of the named holder of a corporate card.
    Birth,
    /// Ten digits: the business number of an unnamed corporate card.
    Business,
}

/// The kind of an identity value of so many digits; `None` blocks.
pub const fn identity_kind(digits: usize) -> Option<IdentityKind> {
    match digits {
        6 => Some(IdentityKind::Birth),
        10 => Some(IdentityKind::Business),
        _ => None,
    }
}

/// In which order month and year were typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExpiryOrder {
    /// As printed, or not to be told apart: taken as printed and read back in words.
    MonthYear,
    /// The first pair cannot be a month, the second can: swap, visibly.
    YearMonth,
    /// Neither pair can be a month.
    Impossible,
}

/// The order of an expiry, from whether each of its two pairs could be a month (01 to 12).
pub const fn expiry_order(first_is_month: bool, second_is_month: bool) -> ExpiryOrder {
    match (first_is_month, second_is_month) {
        (true, _) => ExpiryOrder::MonthYear,
        (false, true) => ExpiryOrder::YearMonth,
        (false, false) => ExpiryOrder::Impossible,
    }
}

/// Whether a merchant's business number (사업자등록번호), with or without hyphens, has ten digits (`None`: it
/// has not, block) and a right check digit (`false`: warn; the method is not from a gateway's page).
pub fn business_number_check(number: &str) -> Option<bool> {
    let mut digits = [0_u32; 10];
    let mut count = 0;
    for ch in number.chars().filter(|ch| *ch != '-' && *ch != ' ') {
        *digits.get_mut(count)? = ch.to_digit(10)?;
        count += 1;
    }
    if count != digits.len() {
        return None;
    }
    let weights = [1, 3, 7, 1, 3, 7, 1, 3, 5];
    let sum: u32 =
        digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum::<u32>() + digits[8] * 5 / 10;
    Some(digits[9] == (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn business_numbers_of_the_document() {
        assert_eq!(business_number_check("123-45-67891"), Some(true));
        assert_eq!(business_number_check("123-45-67890"), Some(false));
        assert_eq!(business_number_check("1234567891"), Some(true));
        for wrong in ["", "123-45-6789", "123-45-678912", "123-45-6789a", "１２３-45-67891"] {
            assert_eq!(business_number_check(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn every_nine_digits_have_exactly_one_check_digit(stem in "[0-9]{9}") {
            let right = (0..10).filter(|last| business_number_check(&format!("{stem}{last}")) == Some(true)).count();
            prop_assert_eq!(right, 1);
        }
    }

    #[test]
    fn number_plans() {
        for (bin, digits, hint) in [
            ("411111", 16, NumberHint::Fine),
            ("941111", 16, NumberHint::Fine),
            ("411111", 15, NumberHint::Unusual),
            ("411111", 13, NumberHint::Unusual),
            ("34", 15, NumberHint::Fine),
            ("370000", 16, NumberHint::Unusual),
            ("300000", 14, NumberHint::Fine),
            ("305999", 14, NumberHint::Fine),
            ("306000", 14, NumberHint::Unusual),
            ("309500", 14, NumberHint::Fine),
            ("309400", 14, NumberHint::Unusual),
            ("36", 14, NumberHint::Fine),
            ("38", 16, NumberHint::Unusual),
            ("39", 14, NumberHint::Fine),
            ("621234", 19, NumberHint::Fine),
            ("621234", 20, NumberHint::Unusual),
            ("411111", 9, NumberHint::Impossible),
            ("411111", 10, NumberHint::Unusual),
            ("411111", 21, NumberHint::Impossible),
        ] {
            assert_eq!(number_hint(bin, digits, None), hint, "{bin} {digits}");
        }
        assert_eq!(number_hint("411111", 12, Some((14, 16))), NumberHint::Impossible);
    }

    #[test]
    fn expiry_habits() {
        assert_eq!(expiry_order(true, false), ExpiryOrder::MonthYear);
        assert_eq!(expiry_order(false, true), ExpiryOrder::YearMonth);
        assert_eq!(expiry_order(true, true), ExpiryOrder::MonthYear);
        assert_eq!(expiry_order(false, false), ExpiryOrder::Impossible);
    }

    #[test]
    fn identities_by_length() {
        assert_eq!(identity_kind(6), Some(IdentityKind::Birth));
        assert_eq!(identity_kind(10), Some(IdentityKind::Business));
        assert!([0, 5, 7, 8, 9, 11, 13].iter().all(|digits| identity_kind(*digits).is_none()));
    }
}
