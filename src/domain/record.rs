//! Payment records: what the history shows of a payment, whoever made it. Wider than a look-up's
//! [`ProviderPayment`], which it holds.

use super::customer::Customer;
use super::money::Money;
use super::payment::{PaymentState, ProviderPayment, Refusal};
use super::text::SafeText;

/// How it was paid (V2 §5.5, V1 §4.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    /// 카드
    Card,
    /// 간편결제
    EasyPay,
    /// 가상계좌
    VirtualAccount,
    /// 계좌이체
    Transfer,
    /// 휴대폰
    Mobile,
    /// 상품권
    GiftCertificate,
    /// What this program does not know, or nobody says.
    Other,
}

impl Method {
    /// All of them, in the order of lists.
    pub const ALL: [Self; 7] = [
        Self::Card,
        Self::EasyPay,
        Self::VirtualAccount,
        Self::Transfer,
        Self::Mobile,
        Self::GiftCertificate,
        Self::Other,
    ];

    /// The word in the ledger, in `--json` and in the catalogue's keys.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::EasyPay => "easy_pay",
            Self::VirtualAccount => "virtual_account",
            Self::Transfer => "transfer",
            Self::Mobile => "mobile",
            Self::GiftCertificate => "gift_certificate",
            Self::Other => "other",
        }
    }

    /// From that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.word() == word)
    }
}

/// Where a cancellation stands (V2 §6.2). V1 tells only what was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CancellationState {
    /// 취소 요청: taken on, the result comes later.
    Requested,
    /// 취소 완료
    Succeeded,
    /// 취소 실패
    Failed(Refusal),
    /// A state this program does not know.
    Other(SafeText),
}

impl CancellationState {
    /// The catalogue's key of its name.
    pub const fn name_key(&self) -> &'static str {
        match self {
            Self::Requested => "by-hand.requested",
            Self::Succeeded => "by-hand.succeeded",
            Self::Failed(_) => "by-hand.failed",
            Self::Other(_) => "by-hand.other",
        }
    }
}

/// One cancellation (취소) of a payment, whole or in part (V2 §6.2, V1 §6.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancellation {
    /// The provider's id of it (V2 `id`, V1 `cancellation_id`).
    pub id: Option<SafeText>,
    /// Where it stands.
    pub state: CancellationState,
    /// How much.
    pub amount: Money,
    /// The tax-free part of it, where the provider says.
    pub tax_free: Option<Money>,
    /// Why.
    pub reason: SafeText,
    /// When it was asked for, unix seconds.
    pub requested_at: Option<i64>,
    /// When it was done, unix seconds.
    pub cancelled_at: Option<i64>,
    /// Where its slip is.
    pub receipt_url: Option<SafeText>,
}

/// What is known of a payment's cash receipt (현금영수증; V2 §6.5, V1 §13.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReceiptState {
    /// Issued.
    Issued,
    /// Cancelled after its issue.
    Cancelled,
    /// Not issued.
    NotIssued,
}

impl ReceiptState {
    const ALL: [Self; 3] = [Self::Issued, Self::Cancelled, Self::NotIssued];

    /// The word in the ledger, in `--json` and in the catalogue's keys.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Cancelled => "cancelled",
            Self::NotIssued => "not_issued",
        }
    }

    /// From that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// What the provider tells of the card besides its number (V2 §5.4, V1 §6.1); `None` where it does not. The copy does
/// not keep it: a payment that was not asked for now tells nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct CardTraits {
    /// Prepaid, gift, or for certain purchases only.
    pub prepaid: Option<bool>,
    /// Issued abroad.
    pub foreign: Option<bool>,
    /// A company's.
    pub corporate: Option<bool>,
}

/// One payment of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRecord {
    /// `paymentId` (V2), `merchant_uid` (V1): anybody's, so not always one of our form.
    pub id: SafeText,
    /// What a look-up tells.
    pub payment: ProviderPayment,
    /// How it was paid.
    pub method: Method,
    /// When it was asked for, unix seconds.
    pub requested_at: Option<i64>,
    /// When its state last changed, unix seconds: of V1 the time that its lists compare (V1 §11.5).
    pub changed_at: Option<i64>,
    /// The tax-free part of the total.
    pub tax_free: Option<Money>,
    /// The VAT in the total.
    pub vat: Option<Money>,
    /// How much was cancelled so far; zero of what this program can't count.
    pub cancelled: Option<Money>,
    /// The tax-free part of that.
    pub cancelled_tax_free: Option<Money>,
    /// The cancellations, oldest first. Lists may leave them out; a look at one payment has them.
    pub cancellations: Vec<Cancellation>,
    /// Who paid.
    pub customer: Customer,
    /// The channel's key (V2), `pg_provider.pg_id` (V1).
    pub channel: Option<SafeText>,
    /// The schedule that made it, where the provider says.
    pub schedule: Option<SafeText>,
    /// Whether a discount was taken off (V2 `amount.discount`, V1 promotions): then amounts of a cancellation
    /// count before it (V2 §13.1, V1 §12).
    pub discounted: bool,
    /// What is told of the card.
    pub card: CardTraits,
    /// Whether card points paid a part of it, where the provider says.
    pub points_used: Option<bool>,
    /// Whether it is held in escrow.
    pub escrow: bool,
    /// What is known of its cash receipt.
    pub receipt: Option<ReceiptState>,
    /// The webhooks that the provider sent about it: when, and whether they were taken. V2 only (V2 §18.6).
    pub webhooks: Vec<WebhookSeen>,
}

/// A notice that the provider sent about a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSeen {
    /// When, unix seconds.
    pub at: Option<i64>,
    /// What the provider says became of it.
    pub status: SafeText,
}

impl PaymentRecord {
    /// Whether a billing key was charged (정기 결제; V2 §20).
    pub const fn is_recurring(&self) -> bool {
        self.payment.key.is_some()
    }

    /// What can still be refunded: of a paid one the total less what was cancelled. `None` when nothing was
    /// paid, or when this program can't count it.
    pub fn balance(&self) -> Option<Money> {
        if !self.payment.state.was_paid() {
            return None;
        }
        let total = self.payment.total?;
        let cancelled = self.cancelled.map_or(0, Money::minor);
        Money::new(total.minor().checked_sub(cancelled)?, total.currency())
    }

    /// Where it stands.
    pub const fn state(&self) -> &PaymentState {
        &self.payment.state
    }
}

/// For tests, which say only what they are about.
#[cfg(test)]
impl PaymentRecord {
    /// A payment by card of which nothing but this is known.
    pub(crate) fn bare(id: &str, state: super::payment::PaymentState, total: Option<Money>) -> Self {
        Self {
            id: SafeText::new(id),
            payment: ProviderPayment::bare(state, total),
            method: Method::Card,
            requested_at: None,
            changed_at: None,
            tax_free: None,
            vat: None,
            cancelled: None,
            cancelled_tax_free: None,
            cancellations: Vec::new(),
            customer: Customer::default(),
            channel: None,
            schedule: None,
            discounted: false,
            card: CardTraits::default(),
            points_used: None,
            escrow: false,
            receipt: None,
            webhooks: Vec::new(),
        }
    }
}

/// For tests, which say only what they are about.
#[cfg(test)]
impl Cancellation {
    /// A cancellation that was done, of which nothing but this is known.
    pub(crate) fn bare(amount: Money) -> Self {
        Self {
            id: None,
            state: CancellationState::Succeeded,
            amount,
            tax_free: None,
            reason: SafeText::default(),
            requested_at: None,
            cancelled_at: None,
            receipt_url: None,
        }
    }
}
