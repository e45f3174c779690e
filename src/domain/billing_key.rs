//! Billing keys (빌링키): a card's stand-in at the provider that can be charged again.
//!
//! Whoever has the key and the store's credentials can move money, so it is a secret of a kind: shown
//! shortened, never in a log, whole only where a person asks for it or a request needs it.

use std::fmt;

use jiff::Timestamp;

use super::card::CardEnding;
use super::customer::Customer;
use super::payment::Refusal;
use super::pg::PgCode;
use super::text::{SafeText, is_harmless};

/// `billingKey` (V2), `customer_uid` (V1).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BillingKey(String);

/// Why a text is no billing key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a billing key has 1 to 80 characters, none of them invisible, and no blank at its ends")]
pub struct BillingKeyError;

/// Why a text is no name for a new key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name of a new billing key has 1 to 80 printable ASCII characters without blanks and slashes")]
pub struct KeyNameError;

impl BillingKey {
    /// The longest key (V1 §8.1: 80; V2 states none and uses 48).
    pub const MAX: usize = 80;

    /// Takes a key over as the provider or a person names it. V1 merchants choose theirs, in Hangul, with blanks and
    /// slashes, too (V1 §1: whatever is not unreserved is percent-encoded in a path). What can't be shown as it is
    /// is no key, and neither is a path segment that means another one however it is encoded.
    pub fn parse(text: &str) -> Result<Self, BillingKeyError> {
        let fits = (1..=Self::MAX).contains(&text.chars().count())
            && text.trim() == text
            && !matches!(text, "." | "..")
            && is_harmless(text);
        if fits { Ok(Self(text.to_owned())) } else { Err(BillingKeyError) }
    }

    /// The name of a new key (V1's `customer_uid`): narrower than what is taken over, because PGs behind the
    /// provider get it, too, and nobody says what they make of other characters.
    pub fn name(text: &str) -> Result<Self, KeyNameError> {
        let fits = (1..=Self::MAX).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'/' | b'\\' | b'"'));
        if fits { Self::parse(text).map_err(|_| KeyNameError) } else { Err(KeyNameError) }
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

/// What came of issuing a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedKey {
    /// The key.
    pub key: BillingKey,
    /// Channels of a group that refused although the key exists (V2 §9.1, V1 §6.5); empty for one channel.
    pub refusals: Vec<Refusal>,
    /// The card behind it; V2's answer has none (V2 §9.1).
    pub card: Option<CardEnding>,
    /// Who issued the card.
    pub issuer: Option<SafeText>,
}

/// One key as the provider tells it (V2 §9.2, V1 §6.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderKey {
    /// The key.
    pub key: BillingKey,
    /// When it was issued, unix seconds.
    pub issued_at: Option<i64>,
    /// When it last changed, unix seconds: V1 puts a new card behind an old name (V1 §8.1). V2 has none.
    pub updated_at: Option<i64>,
    /// When it was deleted, unix seconds. V1 forgets deleted keys: then what the ledger knows, or the moment at
    /// which it was found missing.
    pub deleted_at: Option<i64>,
    /// The card behind it.
    pub card: Option<CardEnding>,
    /// Who issued the card, as the provider names it.
    pub issuer: Option<SafeText>,
    /// Whose it is.
    pub customer: Customer,
    /// The PG that holds it.
    pub pg: Option<SafeText>,
    /// The channel's key (V2), the merchant id at the PG (V1).
    pub channel: Option<SafeText>,
    /// Whether it went through a test channel, where the provider says.
    pub is_test: Option<bool>,
    /// The id of the intent that made it, where we sent one along (V2 `customData`).
    pub made_by: Option<SafeText>,
}

impl ProviderKey {
    /// Whether it can be charged.
    pub const fn is_alive(&self) -> bool {
        self.deleted_at.is_none()
    }

    /// When the card that is behind it now was put there, unix seconds.
    pub fn since(&self) -> Option<i64> {
        self.issued_at.max(self.updated_at)
    }
}

/// Whether a key still exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyStatus {
    /// 발급 완료
    Issued,
    /// 삭제 완료
    Deleted,
}

/// The one text that a search may look for (V2 §9.3 takes one).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyText {
    /// The customer's phone number, digits.
    Phone(String),
    /// The customer's name.
    Name(String),
    /// The beginning of the key itself.
    Key(String),
    /// The card's first six or eight digits.
    Bin(String),
}

/// What keys are looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeySearch {
    /// The merchant's own id of the customer.
    pub customer_id: Option<String>,
    /// A text.
    pub text: Option<KeyText>,
    /// Issued or deleted; `None` for both.
    pub status: Option<KeyStatus>,
    /// The PG.
    pub pg: Option<PgCode>,
    /// Issued at or after; `None` for ever.
    pub from: Option<Timestamp>,
    /// Issued before; `None` for now.
    pub until: Option<Timestamp>,
    /// Which page, from 0, of [`KeySearch::PAGE`] keys.
    pub page: u32,
    /// The keys to look among: V1 can't list what it is not asked for by name (V1 §8.3). V2 ignores them.
    pub among: Vec<BillingKey>,
}

impl KeySearch {
    /// How many keys a page has (V2 §1.2: stay at or below 100; V1 §8.3: the same).
    pub const PAGE: usize = 100;

    /// Whether a key is one that is looked for, its status apart. For V1, which filters nothing itself.
    pub fn fits(&self, key: &ProviderKey) -> bool {
        let customer = &key.customer;
        let inside = |since: i64| {
            self.from.is_none_or(|from| since >= from.as_second())
                && self.until.is_none_or(|until| since < until.as_second())
        };
        self.customer_id.as_deref().is_none_or(|id| customer.id() == Some(id))
            && self
                .pg
                .as_ref()
                .is_none_or(|pg| key.pg.as_ref().is_some_and(|its| its.as_str() == pg.as_str()))
            && key.since().is_none_or(inside)
            && self.text.as_ref().is_none_or(|text| match text {
                KeyText::Phone(phone) => {
                    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
                    customer.phone_digits().is_some_and(|its| its.starts_with(&digits))
                }
                KeyText::Name(name) => customer.name().is_some_and(|its| its.starts_with(name.as_str())),
                KeyText::Key(start) => key.key.expose().starts_with(start.as_str()),
                KeyText::Bin(bin) => key.card.as_ref().is_some_and(|card| {
                    let common = bin.len().min(card.bin6().len());
                    bin.get(..common) == card.bin6().get(..common)
                }),
            })
    }
}

/// A page of keys, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyPage {
    /// The keys.
    pub keys: Vec<ProviderKey>,
    /// How many fit the search on all pages, where the provider says.
    pub total: Option<u64>,
    /// Whether there is another page.
    pub more: bool,
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
    fn merchants_name_their_keys_as_they_like() {
        for good in ["한글 고객_1/카드", "a b", "a\"b", "고객", &"가".repeat(80)] {
            assert_eq!(BillingKey::parse(good).unwrap().expose(), good);
            assert_eq!(BillingKey::name(good), Err(KeyNameError), "{good}");
        }
        assert_eq!(BillingKey::parse("한글 고객_1/카드").unwrap().shortened(), "…객_1/카드");
    }

    #[test]
    fn what_nobody_can_see_or_address_is_no_key() {
        for bad in ["", " a", "a ", "a\nb", "a\u{202e}b", "a\u{200b}b", "\u{0}", ".", "..", &"k".repeat(81)] {
            assert_eq!(BillingKey::parse(bad), Err(BillingKeyError), "{bad}");
            assert_eq!(BillingKey::name(bad), Err(KeyNameError), "{bad}");
        }
    }
}
