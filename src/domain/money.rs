//! Money: whole minor units of a currency, never negative, never floating.

use std::fmt;

/// The currencies this console can charge in. Others are shown as the provider names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Currency {
    /// Won, no decimals.
    Krw,
    /// United States dollar, two decimals.
    Usd,
}

impl Currency {
    /// The ISO 4217 code, as both API generations spell it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Krw => "KRW",
            Self::Usd => "USD",
        }
    }

    /// How many decimals an amount has (V2 §1.4).
    pub const fn scale(self) -> u32 {
        match self {
            Self::Krw => 0,
            Self::Usd => 2,
        }
    }

    /// By its ISO code, in whatever case.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Krw, Self::Usd].into_iter().find(|currency| currency.code().eq_ignore_ascii_case(code))
    }
}

/// The largest amount, in minor units: beyond it is a slip of the finger.
const MAX_MINOR: u64 = 99_999_999_999;

/// An amount of money in minor units of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: u64,
    currency: Currency,
}

/// Why a typed amount is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Nothing was typed.
    #[error("no amount")]
    Empty,
    /// Something else than an amount.
    #[error("not an amount")]
    NotANumber,
    /// A fraction that the currency does not have.
    #[error("the currency has no such fraction")]
    Fraction,
    /// More than this console charges at once.
    #[error("too large")]
    TooLarge,
}

impl Money {
    /// From minor units; `None` when it is too large to be meant.
    pub const fn new(minor: u64, currency: Currency) -> Option<Self> {
        if minor > MAX_MINOR { None } else { Some(Self { minor, currency }) }
    }

    /// Nothing, in a currency.
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// From a provider's signed minor units (V2).
    pub fn from_wire_minor(minor: i64, currency: Currency) -> Option<Self> {
        Self::new(u64::try_from(minor).ok()?, currency)
    }

    /// From a provider's number in major units, given as its text (V1 §4.4: 12.34 means $12.34).
    pub fn from_wire_major(text: &str, currency: Currency) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let scale = currency.scale() as usize;
        let fraction = fraction.trim_end_matches('0');
        let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !plain(whole) || !plain(fraction) || fraction.len() > scale {
            return None;
        }
        let minor: u64 = format!("{whole}{fraction:0<scale$}").parse().ok()?;
        Self::new(minor, currency)
    }

    /// Minor units.
    pub const fn minor(self) -> u64 {
        self.minor
    }

    /// Minor units, for wires and databases that have signed integers only.
    pub const fn minor_signed(self) -> i64 {
        // MAX_MINOR is far below i64::MAX.
        self.minor.cast_signed()
    }

    /// The currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Whether there is nothing to charge.
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// The V1 spelling: a JSON number in major units.
    pub fn wire_major(self) -> String {
        match self.currency.scale() {
            0 => self.minor.to_string(),
            scale => {
                let unit = 10u64.pow(scale);
                let width = scale as usize;
                format!("{}.{:0width$}", self.minor / unit, self.minor % unit)
            }
        }
    }

    /// Reads what a person types: `45000`, `45,000`, `45 000원`, `4.5만`, `12만5천`, full-width digits, and
    /// for currencies with decimals `12.34`.
    pub fn parse_typed(typed: &str, currency: Currency) -> Result<Self, AmountError> {
        let cleaned: String = typed
            .chars()
            .filter_map(|ch| match ch {
                ',' | '，' | '₩' | '￦' | '$' | '원' | ' ' | '\u{3000}' => None,
                '．' => Some('.'),
                '０'..='９' => char::from_digit(u32::from(ch) - u32::from('０'), 10),
                ch => Some(ch),
            })
            .collect();
        if cleaned.is_empty() {
            return Err(AmountError::Empty);
        }
        let unit = 10u64.pow(currency.scale());
        let mut total = 0u64;
        let mut last_unit = u64::MAX;
        let mut digits = String::new();
        let take = |digits: &mut String, scale: u64| -> Result<u64, AmountError> {
            let value = scaled(digits, scale)?;
            digits.clear();
            Ok(value)
        };
        for ch in cleaned.chars() {
            let named = match ch {
                '0'..='9' | '.' => {
                    digits.push(ch);
                    continue;
                }
                '만' => 10_000,
                '억' => 100_000_000,
                '천' | 'k' | 'K' | 'ㅏ' => 1_000,
                _ => return Err(AmountError::NotANumber),
            };
            // Units only go down: "5천12만" is a slip, not an amount.
            if named >= last_unit || digits.is_empty() {
                return Err(AmountError::NotANumber);
            }
            last_unit = named;
            total = total.checked_add(take(&mut digits, named * unit)?).ok_or(AmountError::TooLarge)?;
        }
        if !digits.is_empty() {
            let rest = take(&mut digits, unit)?;
            if last_unit != u64::MAX && rest >= last_unit * unit {
                return Err(AmountError::NotANumber);
            }
            total = total.checked_add(rest).ok_or(AmountError::TooLarge)?;
        }
        Self::new(total, currency).ok_or(AmountError::TooLarge)
    }

    /// The VAT in a total with a tax-free part: (total − tax-free) / 11, rounded to the nearest unit
    /// (`users` §3: PGs round it so). A display aid: the PG computes its own.
    #[must_use]
    pub fn vat_part(self, tax_free: Self) -> Self {
        let taxable = self.minor.saturating_sub(tax_free.minor);
        Self { minor: (taxable * 2 + 11) / 22, currency: self.currency }
    }
}

/// `digits` (with at most one point) times `scale`, exactly.
fn scaled(digits: &str, scale: u64) -> Result<u64, AmountError> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if fraction.contains('.') || (whole.is_empty() && fraction.is_empty()) {
        return Err(AmountError::NotANumber);
    }
    let parse = |part: &str| {
        if part.is_empty() { Ok(0) } else { part.parse::<u64>().map_err(|_| AmountError::TooLarge) }
    };
    let whole = parse(whole)?.checked_mul(scale).ok_or(AmountError::TooLarge)?;
    let fraction = fraction.trim_end_matches('0');
    let power = u32::try_from(fraction.len()).ok().and_then(|len| 10u64.checked_pow(len));
    let power = power.ok_or(AmountError::Fraction)?;
    let numerator = parse(fraction)?.checked_mul(scale).ok_or(AmountError::TooLarge)?;
    if !numerator.is_multiple_of(power) {
        return Err(AmountError::Fraction);
    }
    whole.checked_add(numerator / power).ok_or(AmountError::TooLarge)
}

impl fmt::Display for Money {
    /// Digits with thousands separators, no currency: `45,000`, `12.34`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = 10u64.pow(self.currency.scale());
        let whole = (self.minor / unit).to_string();
        let mut text = String::new();
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        if unit > 1 {
            let width = self.currency.scale() as usize;
            text = format!("{text}.{:0width$}", self.minor % unit);
        }
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn won(typed: &str) -> Result<u64, AmountError> {
        Money::parse_typed(typed, Currency::Krw).map(Money::minor)
    }

    #[test]
    fn amounts_as_people_type_them() {
        for (typed, minor) in [
            ("45000", 45_000),
            ("45,000", 45_000),
            ("₩45,000원", 45_000),
            ("4.5만", 45_000),
            ("12만5천", 125_000),
            ("12만 5천", 125_000),
            ("12만5,000", 125_000),
            ("45k", 45_000),
            ("1억2천만", 0),
            ("４５０００", 45_000),
            ("만", 0),
        ] {
            match minor {
                0 => assert_eq!(won(typed), Err(AmountError::NotANumber), "{typed}"),
                minor => assert_eq!(won(typed), Ok(minor), "{typed}"),
            }
        }
        assert_eq!(won(""), Err(AmountError::Empty));
        assert_eq!(won("45.5"), Err(AmountError::Fraction));
        assert_eq!(won("1.00005만"), Err(AmountError::Fraction));
        assert_eq!(won("12만50000"), Err(AmountError::NotANumber));
        assert_eq!(won("-5"), Err(AmountError::NotANumber));
        assert_eq!(won("99999999999999999999999"), Err(AmountError::TooLarge));
        assert_eq!(Money::parse_typed("12.34", Currency::Usd).map(Money::minor), Ok(1_234));
    }

    #[test]
    fn wire_spellings() {
        let dollars = Money::new(1_234, Currency::Usd).unwrap();
        assert_eq!(dollars.wire_major(), "12.34");
        assert_eq!(Money::from_wire_major("12.34", Currency::Usd), Some(dollars));
        assert_eq!(Money::from_wire_major("55000.0", Currency::Krw), Money::new(55_000, Currency::Krw));
        assert_eq!(Money::from_wire_major("5e4", Currency::Krw), None);
        assert_eq!(Money::from_wire_minor(-1, Currency::Krw), None);
    }

    #[test]
    fn vat_is_an_eleventh_rounded() {
        let vat = |total, free| {
            let money = |minor| Money::new(minor, Currency::Krw).unwrap();
            money(total).vat_part(money(free)).minor()
        };
        assert_eq!((vat(33_000, 0), vat(33_000, 33_000), vat(100, 0), vat(1_005, 0)), (3_000, 0, 9, 91));
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_typed(minor in 0..=MAX_MINOR, usd: bool) {
            let currency = if usd { Currency::Usd } else { Currency::Krw };
            let money = Money::new(minor, currency).unwrap();
            prop_assert_eq!(Money::parse_typed(&money.to_string(), currency), Ok(money));
            prop_assert_eq!(Money::from_wire_major(&money.wire_major(), currency), Some(money));
        }

        #[test]
        fn no_input_panics(typed in "\\PC*|[0-9.,만천억k]{0,30}") {
            let _ = Money::parse_typed(&typed, Currency::Krw);
        }
    }
}
