//! Card facts: what may be known, shown and kept of a card. Never card data itself.

use std::fmt;

/// The one truncation used everywhere: first six digits and last four (PCI DSS 3.5.1). Two different
/// truncations of one number would help to rebuild it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CardEnding {
    bin6: String,
    last4: String,
}

impl CardEnding {
    /// From the first digits (six are kept) and the last four.
    pub fn new(bin: &str, last4: &str) -> Option<Self> {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let bin6 = bin.get(..6)?;
        (digits(bin6) && digits(last4) && last4.len() == 4)
            .then(|| Self { bin6: bin6.to_owned(), last4: last4.to_owned() })
    }

    /// From a provider's masked number, whose mask varies by PG (V2 §5.4): the first six characters and the
    /// last four must be digits.
    pub fn from_masked(masked: &str) -> Option<Self> {
        let compact: String = masked.chars().filter(|ch| !matches!(ch, '-' | ' ')).collect();
        if !compact.is_ascii() || compact.len() < 12 {
            return None;
        }
        Self::new(&compact[..6], &compact[compact.len() - 4..])
    }

    /// The first six digits.
    pub fn bin6(&self) -> &str {
        &self.bin6
    }

    /// The last four digits.
    pub fn last4(&self) -> &str {
        &self.last4
    }
}

impl fmt::Display for CardEnding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{} {}** **** {}", &self.bin6[..4], &self.bin6[4..], self.last4);
        f.pad(&text)
    }
}

/// The brand that the first digits tell. A hint: cards sold in Korea only start with 9 and have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Brand {
    /// 4…
    Visa,
    /// 51–55, 2221–2720
    Mastercard,
    /// 34, 37
    Amex,
    /// 300–305, 3095, 36, 38, 39
    Diners,
    /// 3528–3589
    Jcb,
    /// 62
    UnionPay,
    /// 9…
    Local,
}

impl Brand {
    /// From the first digits, as far as they are known (`pg-rules` §10).
    pub fn of(prefix: &str) -> Option<Self> {
        let first = |len: usize| prefix.get(..len).and_then(|text| text.parse::<u32>().ok());
        match (first(1)?, first(2), first(3), first(4)) {
            (4, ..) => Some(Self::Visa),
            (9, ..) => Some(Self::Local),
            (_, Some(34 | 37), ..) => Some(Self::Amex),
            (_, Some(36 | 38 | 39), ..) | (_, _, Some(300..=305), _) | (.., Some(3095)) => Some(Self::Diners),
            (.., Some(3528..=3589)) => Some(Self::Jcb),
            (_, Some(51..=55), ..) | (.., Some(2221..=2720)) => Some(Self::Mastercard),
            (_, Some(62), ..) => Some(Self::UnionPay),
            _ => None,
        }
    }

    /// The name as printed on cards.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Visa => "VISA",
            Self::Mastercard => "Mastercard",
            Self::Amex => "AMEX",
            Self::Diners => "Diners",
            Self::Jcb => "JCB",
            Self::UnionPay => "UnionPay",
            Self::Local => "LOCAL",
        }
    }

    /// How many digits such a number has, where that is fixed. UnionPay has up to 19.
    pub const fn digits(self) -> Option<usize> {
        match self {
            Self::Amex => Some(15),
            Self::Diners => Some(14),
            Self::UnionPay => None,
            Self::Visa | Self::Mastercard | Self::Jcb | Self::Local => Some(16),
        }
    }
}

/// At how many digits a number is complete and the form may move on: as the brand says, 16 when it says
/// nothing, never for UnionPay, which has several lengths.
pub fn complete_at(prefix: &str) -> Option<usize> {
    match Brand::of(prefix) {
        Some(brand) => brand.digits(),
        None => Some(16),
    }
}

/// The groups a number is printed in: 4-6-5 for Amex, 4-6-4 for Diners, fours otherwise.
pub fn groups(prefix: &str) -> &'static [usize] {
    match Brand::of(prefix) {
        Some(Brand::Amex) => &[4, 6, 5],
        Some(Brand::Diners) => &[4, 6, 4],
        _ => &[4, 4, 4, 4, 4],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_truncation_whatever_the_mask() {
        for masked in ["424242******4242", "4242-42**-****-4242", "42424212****4242"] {
            assert_eq!(CardEnding::from_masked(masked).unwrap().to_string(), "4242 42** **** 4242");
        }
        assert_eq!(CardEnding::from_masked("****-****-****-4242"), None);
        assert_eq!(CardEnding::from_masked("가나다라마바사아"), None);
        assert_eq!(CardEnding::new("42424", "4242"), None);
    }

    #[test]
    fn brands_by_their_first_digits() {
        let cases = [
            ("4", Some(Brand::Visa)),
            ("94", Some(Brand::Local)),
            ("37", Some(Brand::Amex)),
            ("3", None),
            ("305", Some(Brand::Diners)),
            ("3095", Some(Brand::Diners)),
            ("3530", Some(Brand::Jcb)),
            ("2221", Some(Brand::Mastercard)),
            ("2220", None),
            ("62", Some(Brand::UnionPay)),
            ("", None),
        ];
        for (prefix, brand) in cases {
            assert_eq!(Brand::of(prefix), brand, "{prefix}");
        }
        assert_eq!((complete_at("37"), complete_at("62"), complete_at("1")), (Some(15), None, Some(16)));
    }
}

/// The four things a card payment asks for, as a form names them. What is typed into them stands in the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CardSlot {
    /// Card number.
    Number,
    /// Expiry, MM/YY as printed.
    Expiry,
    /// Birth date or business number.
    Identity,
    /// First two digits of the password.
    Pin,
}

/// What may be told about an expiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpiryVerdict {
    /// Fewer than four digits.
    Incomplete,
    /// No such month.
    BadMonth,
    /// Typed YY/MM; the first pair can only be the year.
    Reversed,
    /// Over.
    Expired,
    /// More than ten years ahead: taken, and said.
    FarAhead,
    /// Good.
    Good,
}

/// What may be told about a birth date or business number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityVerdict {
    /// Not a length that either has.
    Incomplete,
    /// A date.
    Birth,
    /// Six digits that are no date.
    NoSuchDate,
    /// Ten digits; `true` when the check digit fits.
    Business(bool),
}

/// What is known of a card field after a digit went in or out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CardFacts {
    /// Of the number.
    Number {
        /// How many digits.
        len: usize,
        /// The first six at most.
        prefix: String,
        /// First six and last four, once there are at least twelve.
        ending: Option<CardEnding>,
        /// Whether the check digit fits, once there are at least twelve.
        luhn: Option<bool>,
    },
    /// Of the expiry.
    Expiry {
        /// How many digits.
        len: usize,
        /// What they are.
        verdict: ExpiryVerdict,
    },
    /// Of the identity.
    Identity {
        /// How many digits.
        len: usize,
        /// What they are.
        verdict: IdentityVerdict,
    },
    /// Of the password digits.
    Pin {
        /// How many digits.
        len: usize,
    },
}
