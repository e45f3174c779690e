//! Refunds (취소, 환불): money given back, whole or in part.
//!
//! The amount is always stated and the balance always sent along: "nothing stated means everything" exists at
//! both generations (V2 §13.1, V1 §12) and nowhere here.

pub mod feasible;
pub mod hand;
pub mod rule;

use jiff::Timestamp;

use super::channel::Channel;
use super::issuer::Bank;
use super::money::Money;
use super::order::Requester;
use super::outcome::Outcome;
use super::payment::PaymentId;
use super::record::{Cancellation, PaymentRecord};
use super::text::SafeText;
use feasible::{Asked, Finding, feasible};

/// Where the money of a virtual account goes back to. Sent and never kept.
#[derive(Clone, PartialEq, Eq)]
pub struct RefundAccount {
    /// The bank.
    pub bank: &'static Bank,
    /// The account's number, digits.
    pub number: String,
    /// 예금주
    pub holder: String,
    /// The holder's phone number, where the PG wants it.
    pub phone: Option<String>,
}

impl std::fmt::Debug for RefundAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RefundAccount")
    }
}

/// 취소
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundOrder {
    /// Ours: names the intent and, on V2, the idempotency key.
    pub id: PaymentId,
    /// The PG contract that took the money, as far as it is configured.
    pub channel: Channel,
    /// The payment: `paymentId` (V2), `merchant_uid` (V1).
    pub payment: SafeText,
    /// `imp_uid`, which V1 prefers (V1 §12).
    pub provider_payment_id: Option<SafeText>,
    /// How much; never zero.
    pub amount: Money,
    /// The tax-free part of it; sent when given.
    pub tax_free: Option<Money>,
    /// The VAT of it; sent when given.
    pub vat: Option<Money>,
    /// What can be refunded before this: V2 `currentCancellableAmount`, V1 `checksum`.
    pub balance: Money,
    /// Why, in the operator's words; never empty.
    pub reason: String,
    /// Who asked for it, where that was said.
    pub requester: Option<Requester>,
    /// Where the money goes, of a virtual account.
    pub account: Option<RefundAccount>,
}

/// What the provider made of a refund. That it answered is not yet success (V2 §13.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refunded {
    /// The cancellation, as the answer tells it.
    pub cancellation: Cancellation,
    /// What can be refunded after it, where the answer says (V1).
    pub balance: Option<Money>,
}

/// What a person wants back, before it is an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundWish {
    /// How much.
    pub amount: Money,
    /// The tax-free part of it, when it was typed.
    pub tax_free: Option<Money>,
    /// The VAT of it, when it was typed.
    pub vat: Option<Money>,
    /// Why, in the operator's words.
    pub reason: String,
    /// Who asked for it, where that was said.
    pub requester: Option<Requester>,
    /// Where the money goes, of a virtual account.
    pub account: Option<RefundAccount>,
}

impl RefundOrder {
    /// Everything that stands in the way of it, or should be known before it is sent at `now`.
    pub fn findings(&self, payment: &PaymentRecord, now: Timestamp) -> Vec<Finding> {
        let asked = Asked {
            generation: self.channel.generation,
            pg: &self.channel.pg,
            amount: self.amount,
            tax_free: self.tax_free,
            vat: self.vat,
            reason: &self.reason,
            requester: self.requester,
            account: self.account.as_ref(),
            now,
        };
        feasible(payment, &asked)
    }
}

/// How a refund ended. [`Outcome::Unknown`] with [`REQUESTED`] says that the provider took it on and tells its end
/// later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundEnd {
    /// The end.
    pub outcome: Outcome,
    /// The cancellation, as far as the provider told it.
    pub cancellation: Option<Cancellation>,
    /// What was found before it was sent: what blocked it, or what should be known.
    pub findings: Vec<Finding>,
    /// The payment as it was read last: after the refund, or before it when nothing was sent.
    pub payment: Option<Box<PaymentRecord>>,
}

impl From<Outcome> for RefundEnd {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, cancellation: None, findings: Vec::new(), payment: None }
    }
}

/// The journal's word for a refund that the provider took on and has not ended (V2 §6.2 `REQUESTED`).
pub const REQUESTED: &str = "refund_requested";
