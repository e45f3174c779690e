//! Billing keys (빌링키): a card's stand-in at the provider that can be charged again.
//!
//! Whoever has the key and the store's credentials can move money, so it is a secret of a kind: shown
//! shortened, never in a log, whole only where a person asks for it or a request needs it.

use std::fmt;

/// `billingKey` (V2), `customer_uid` (V1).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BillingKey(String);

/// Why a text is no billing key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a billing key has 1 to 80 printable ASCII characters without spaces or slashes")]
pub struct BillingKeyError;

impl BillingKey {
    /// The longest key (V1 §8.1: 80; V2 states none and uses 48).
    pub const MAX: usize = 80;

    /// Takes a key over. What it may hold is wider than what we mint: V1 merchants choose their own.
    pub fn parse(text: &str) -> Result<Self, BillingKeyError> {
        let fits = (1..=Self::MAX).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'/' | b'\\' | b'"'));
        if fits { Ok(Self(text.to_owned())) } else { Err(BillingKeyError) }
    }

    /// A new `customer_uid`, of our own making: never one that was used before, because V1 would put the new
    /// card behind the old name while the old key lives on at the PG (V1 §8.1).
    pub fn mint(payment: &super::payment::PaymentId) -> Self {
        Self(format!("card-{payment}"))
    }

    /// The whole key, for a request or an explicit copy.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is shown: enough to tell two apart, too little to charge with.
    pub fn shortened(&self) -> String {
        let short = |count: usize| self.0.chars().rev().take(count).collect::<Vec<_>>();
        if self.0.chars().count() <= 8 {
            return "…".to_owned();
        }
        let tail: String = short(6).into_iter().rev().collect();
        format!("…{tail}")
    }
}

impl fmt::Debug for BillingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BillingKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_shows_its_end_only() {
        let key = BillingKey::parse("billing-key-0195a1c2-5b7d-7e10-9a44-2f6b8c0d1e23").unwrap();
        assert_eq!(key.shortened(), "…0d1e23");
        assert_eq!(format!("{key:?}"), "BillingKey");
        assert_eq!(BillingKey::parse("cust0042").unwrap().shortened(), "…", "too short to shorten");
    }

    #[test]
    fn what_can_not_stand_in_a_path_or_header_is_no_key() {
        for bad in ["", "a b", "a/b", "한글", "a\nb", "a\"b", &"k".repeat(81)] {
            assert_eq!(BillingKey::parse(bad), Err(BillingKeyError), "{bad}");
        }
    }
}
