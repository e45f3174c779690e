//! What is ordered: everything of a payment but the card, which stands in the vault.

use jiff::Timestamp;

use super::account::{AccountKind, CashReceipt};
use super::billing_key::BillingKey;
use super::channel::Channel;
use super::customer::Customer;
use super::issuer::Bank;
use super::money::Money;
use super::payment::PaymentId;
use super::text::SafeText;

/// What every order says about the sale, however it is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// Ours, minted for this attempt.
    pub payment_id: PaymentId,
    /// The PG contract.
    pub channel: Channel,
    /// 주문명
    pub order_name: String,
    /// The total.
    pub amount: Money,
    /// The tax-free part; sent when given, `Some(zero)` included.
    pub tax_free: Option<Money>,
    /// The VAT; sent when given. Left out, the PG computes it (V2 §1.4).
    pub vat: Option<Money>,
    /// Who pays.
    pub customer: Customer,
    /// A note for ourselves; kept in the ledger, never sent.
    pub note: Option<String>,
}

/// Months, and who bears their interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Installments {
    /// 0 is lump sum (일시불), and then the field is left out.
    pub months: u8,
    /// 상점부담 무이자
    pub interest_free: bool,
}

/// 수기결제: a card keyed in and charged once, perhaps kept as a billing key as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyInOrder {
    /// The sale.
    pub sale: Sale,
    /// Months.
    pub installments: Installments,
    /// Keep the card as a billing key. V1 does it in the same call; V2 issues the key first and charges it.
    pub save_card: bool,
}

/// 가상계좌 발급
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountOrder {
    /// The sale.
    pub sale: Sale,
    /// Where the account is.
    pub bank: &'static Bank,
    /// The end of the wait.
    pub due: Timestamp,
    /// From the pool, or a number of one's own.
    pub kind: AccountKind,
    /// The cash receipt that the depositor wants.
    pub receipt: Option<CashReceipt>,
    /// 예금주명, where the PG takes one.
    pub holder: Option<String>,
}

/// 빌링키 발급
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyOrder {
    /// Ours: names the intent and, on V2, the idempotency key.
    pub id: PaymentId,
    /// The PG contract.
    pub channel: Channel,
    /// Whose card.
    pub customer: Customer,
    /// V1's `customer_uid`; V2 chooses its keys itself.
    pub key: Option<BillingKey>,
}

impl KeyOrder {
    /// The name that the new key has on V1: the one that was chosen, or one that was never used.
    pub fn name(&self) -> BillingKey {
        self.key.clone().unwrap_or_else(|| BillingKey::mint(&self.id))
    }
}

/// 빌링키 결제
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyChargeOrder {
    /// The sale.
    pub sale: Sale,
    /// What is charged.
    pub key: BillingKey,
    /// Months.
    pub installments: Installments,
}

/// 가상계좌 말소
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountClose {
    /// Ours: names the intent and, on V2, the idempotency key.
    pub id: PaymentId,
    /// The PG contract that the account was issued through.
    pub channel: Channel,
    /// The payment whose account it is.
    pub payment: PaymentId,
    /// Its `imp_uid`, which V1 closes by (V1 §13.2); V2 needs none.
    pub provider_payment_id: Option<SafeText>,
}

/// Who asked for a deletion, where the PG wants to know (V2 §9.4, V1 §4.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Requester {
    /// The customer.
    Customer,
    /// The merchant.
    Admin,
}

/// 빌링키 삭제
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyDelete {
    /// Ours: names the intent and, on V2, the idempotency key.
    pub id: PaymentId,
    /// What is deleted.
    pub key: BillingKey,
    /// The PG contract it was issued through, where that is known.
    pub channel: Option<Channel>,
    /// Why; only some PGs want to know.
    pub reason: Option<String>,
    /// Who asked for it; only some PGs want to know.
    pub requester: Option<Requester>,
}
