//! Cash receipts (현금영수증): issued by hand for a payment in cash, cancelled, looked up.

use super::account::{CashReceipt, ReceiptKind};
use super::channel::Channel;
use super::customer::Customer;
use super::money::Money;
use super::outcome::Outcome;
use super::payment::PaymentId;
use super::record::ReceiptState;
use super::text::SafeText;

/// 현금영수증 발급
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptOrder {
    /// Ours: names the intent and, on V2, the idempotency key.
    pub id: PaymentId,
    /// The PG contract that issues it.
    pub channel: Channel,
    /// The payment: `paymentId` (V2), `merchant_uid` (V1); of cash taken outside `PortOne` an id of one's own.
    pub payment: SafeText,
    /// The `imp_uid` of a payment at `PortOne`, whose receipts V1 keeps apart from others (V1 §13.3).
    pub provider_payment_id: Option<SafeText>,
    /// What for, and for whom.
    pub receipt: CashReceipt,
    /// 주문명
    pub order_name: String,
    /// Over how much. Of a payment at `PortOne` V1 takes what is left of it instead (V1 §13.3).
    pub amount: Money,
    /// The tax-free part; sent when given.
    pub tax_free: Option<Money>,
    /// The VAT; sent when given.
    pub vat: Option<Money>,
    /// Who paid, as far as some PGs want to know.
    pub customer: Customer,
}

/// 현금영수증 취소: always the whole of it (V2 §15.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptCancel {
    /// Ours: names the intent and, on V2, the idempotency key.
    pub id: PaymentId,
    /// The payment, as in the order.
    pub payment: SafeText,
    /// Its `imp_uid`, as in the order.
    pub provider_payment_id: Option<SafeText>,
}

/// A cash receipt as the provider tells it (V2 §15.2, V1 §13.3). The answer to an issue on V2 has number and
/// address only (V2 §15.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderReceipt {
    /// Where it stands.
    pub state: ReceiptState,
    /// 승인번호 of the tax office.
    pub number: Option<SafeText>,
    /// What for.
    pub kind: Option<ReceiptKind>,
    /// Over how much; `None` also when this program can't count it.
    pub amount: Option<Money>,
    /// The tax-free part, where the provider says.
    pub tax_free: Option<Money>,
    /// The VAT, where the provider says.
    pub vat: Option<Money>,
    /// Where it can be seen.
    pub url: Option<SafeText>,
    /// When it was issued, unix seconds.
    pub issued_at: Option<i64>,
    /// When it was cancelled, unix seconds.
    pub cancelled_at: Option<i64>,
}

/// How the issue or cancel of a cash receipt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptEnd {
    /// The end. [`Outcome::Approved`] has the tax office's number of one that was issued as its approval number.
    pub outcome: Outcome,
    /// The receipt, as the answer to an issue tells it.
    pub receipt: Option<Box<ProviderReceipt>>,
}

impl From<Outcome> for ReceiptEnd {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, receipt: None }
    }
}

/// What the number on a receipt is (V2 §15.1, V1 §4.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdentityKind {
    /// 휴대폰번호
    Phone,
    /// 사업자등록번호
    Business,
    /// 주민등록번호
    Resident,
    /// 현금영수증카드
    Card,
}

impl IdentityKind {
    /// What the number of a receipt looks like: of a company always its business number, of a person by its form.
    pub fn of(receipt: &CashReceipt) -> Self {
        match (receipt.kind, receipt.identity.len()) {
            (ReceiptKind::Corporate, _) => Self::Business,
            (ReceiptKind::Personal, 10 | 11) if receipt.identity.starts_with("01") => Self::Phone,
            (ReceiptKind::Personal, 13) => Self::Resident,
            (ReceiptKind::Personal, _) => Self::Card,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_known_by_its_form() {
        let kind =
            |kind, identity: &str| IdentityKind::of(&CashReceipt { kind, identity: identity.to_owned() });
        assert_eq!(kind(ReceiptKind::Personal, "01020003000"), IdentityKind::Phone);
        assert_eq!(kind(ReceiptKind::Personal, "0112223333"), IdentityKind::Phone);
        assert_eq!(kind(ReceiptKind::Personal, "8802141000000"), IdentityKind::Resident);
        assert_eq!(kind(ReceiptKind::Personal, "101234567890123456"), IdentityKind::Card);
        assert_eq!(kind(ReceiptKind::Corporate, "0123456789"), IdentityKind::Business);
    }
}
