//! Payments: our ids, and what the provider says about one, in words that fit both API generations.

use std::fmt;

use super::account::DepositAccount;
use super::billing_key::BillingKey;
use super::card::CardEnding;
use super::money::{Currency, Money};
use super::text::SafeText;

/// Our id of one attempt to move money: `paymentId` (V2), `merchant_uid` (V1), 주문번호.
///
/// Minted ids are 28 lower-case letters and digits, which satisfies every PG's rule (`pg-rules` §3.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PaymentId(String);

/// Why a text is no payment id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a payment id has 6 to 40 letters and digits")]
pub struct PaymentIdError;

impl PaymentId {
    /// How many random bytes an id is made of.
    pub const RANDOM_BYTES: usize = 17;

    /// A new id from random bytes.
    pub fn mint(random: [u8; Self::RANDOM_BYTES]) -> Self {
        const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let mut id = String::with_capacity(28);
        // A letter first: ids that are digits only get mangled by spreadsheets.
        id.push('d');
        let (mut bits, mut held) = (0u32, 0);
        for byte in random {
            bits = (bits << 8) | u32::from(byte);
            held += 8;
            while held >= 5 {
                held -= 5;
                id.push(char::from(ALPHABET[(bits >> held) as usize & 31]));
            }
        }
        Self(id)
    }

    /// An id given by somebody else: the portable form of V2 §4, 6–40 letters and digits.
    pub fn parse(text: &str) -> Result<Self, PaymentIdError> {
        let fits = (6..=40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if fits { Ok(Self(text.to_owned())) } else { Err(PaymentIdError) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The V2 `Idempotency-Key` of the one request that carries this id: 16–256 characters (V2 §3.1). `what`
    /// is the request's kind, at least three letters: one id must never stand for two requests.
    pub fn idempotency_key(&self, what: &str) -> String {
        format!("danmal-{what}-{}", self.0)
    }
}

impl fmt::Display for PaymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Where a payment stands at the provider (V2 §6.1; V1 §11.7 mapped onto it).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentState {
    /// Opened, nothing happened yet.
    Ready,
    /// Waiting for the PG.
    Pending,
    /// A virtual account waits for its deposit.
    VirtualAccountIssued,
    /// Paid.
    Paid,
    /// Declined.
    Failed,
    /// Paid, then cancelled in part.
    PartialCancelled,
    /// Paid, then cancelled.
    Cancelled,
    /// A state this program does not know; shown as it came.
    Other(SafeText),
}

impl PaymentState {
    /// Whether money was taken, whatever happened to it later.
    pub const fn was_paid(&self) -> bool {
        matches!(self, Self::Paid | Self::PartialCancelled | Self::Cancelled)
    }
}

/// What the PG said when it refused.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refusal {
    /// The PG's own code, where it gave one.
    pub code: Option<SafeText>,
    /// The PG's own words.
    pub message: SafeText,
}

/// One payment as the provider tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderPayment {
    /// Where it stands.
    pub state: PaymentState,
    /// `transactionId` (V2), `imp_uid` (V1).
    pub provider_payment_id: Option<SafeText>,
    /// The total; `None` when the currency is one this program can't count in.
    pub total: Option<Money>,
    /// The currency as written.
    pub currency: SafeText,
    /// 승인번호.
    pub approval_number: Option<SafeText>,
    /// The card's ending, from the provider's masked number.
    pub card: Option<CardEnding>,
    /// Who issued the card, as the provider names it.
    pub issuer: Option<SafeText>,
    /// Months; 0 is lump sum.
    pub installments: Option<u8>,
    /// Where the sales slip is.
    pub receipt_url: Option<SafeText>,
    /// Why it failed.
    pub refusal: Option<Refusal>,
    /// When it was paid, unix seconds.
    pub paid_at: Option<i64>,
    /// The order name.
    pub order_name: SafeText,
    /// Whether it went through a test channel, where the provider says.
    pub is_test: Option<bool>,
    /// The PG that took it, where the provider says.
    pub pg: Option<SafeText>,
    /// The account, of a virtual-account payment.
    pub account: Option<Box<DepositAccount>>,
    /// The billing key that was charged or kept.
    pub key: Option<BillingKey>,
}

impl ProviderPayment {
    /// Reads minor units of a currency given by its code.
    pub fn money(minor: i64, currency: &str) -> Option<Money> {
        Money::from_wire_minor(minor, Currency::parse(currency)?)
    }
}

/// For tests, which say only what they are about.
#[cfg(test)]
impl ProviderPayment {
    /// A payment in won of which nothing but this is known.
    pub(crate) fn bare(state: PaymentState, total: Option<Money>) -> Self {
        Self {
            state,
            provider_payment_id: None,
            total,
            currency: SafeText::new("KRW"),
            approval_number: None,
            card: None,
            issuer: None,
            installments: None,
            receipt_url: None,
            refusal: None,
            paid_at: None,
            order_name: SafeText::default(),
            is_test: None,
            pg: None,
            account: None,
            key: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minted_id_fits_every_pg() {
        for seed in 0..=255u8 {
            let id = PaymentId::mint([seed; PaymentId::RANDOM_BYTES]);
            assert_eq!(id.as_str().len(), 28);
            assert!(id.as_str().bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
            assert_eq!(PaymentId::parse(id.as_str()), Ok(id.clone()));
            assert!((16..=256).contains(&id.idempotency_key("keyin").len()));
        }
    }

    #[test]
    fn foreign_ids_are_checked() {
        for bad in ["", "abcde", "has-hyphen", "한글한글한글", &"a".repeat(41)] {
            assert_eq!(PaymentId::parse(bad), Err(PaymentIdError), "{bad}");
        }
    }

    #[test]
    fn the_shortest_id_makes_a_long_enough_idempotency_key() {
        let id = PaymentId::parse("abcdef").unwrap();
        assert_eq!(id.idempotency_key("key"), "danmal-key-abcdef");
        assert!(id.idempotency_key("key").len() >= 16);
    }
}
