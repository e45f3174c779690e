//! Schedules (결제 예약): one future charge of a billing key each, as ordered and as the provider tells it.
//!
//! Nothing repeats by itself at the provider (V2 §11.1, V1 §10.1); rules that keep producing dates are
//! `recurrence`'s. Pure: time is an argument.

use jiff::Timestamp;

use super::billing_key::BillingKey;
use super::customer::Customer;
use super::money::Money;
use super::order::{Installments, Sale};
use super::payment::Refusal;
use super::text::SafeText;

/// Where a schedule stands (V2 §6.3; V1 §10.9 mapped onto it: `executed` is split by its payment).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ScheduleState {
    /// 예약: still to run. V1 tells this while a run is under way, too.
    Scheduled,
    /// 결제 중: its run has begun.
    Started,
    /// 승인 대기: it ran, the PG decides later.
    Pending,
    /// 성공; of V1 also one whose payment was cancelled afterwards.
    Succeeded,
    /// 실패
    Failed,
    /// 해지
    Revoked,
    /// A state this program does not know; shown as it came.
    Other(SafeText),
}

/// The four groups of the calendar (V2 §20).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ScheduleGroup {
    /// 예약: still to run, or running now.
    Planned,
    /// 성공: ran and was paid, or waits for the PG's word.
    Succeeded,
    /// 실패
    Failed,
    /// 해지
    Revoked,
}

impl ScheduleGroup {
    /// All of them, in the calendar's order.
    pub const ALL: [Self; 4] = [Self::Planned, Self::Succeeded, Self::Failed, Self::Revoked];

    /// The word in the ledger, in `--json` and in the catalogue's keys.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Revoked => "revoked",
        }
    }

    /// From that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.word() == word)
    }
}

impl ScheduleState {
    /// The word in the ledger and in `--json`; of an unknown state the provider's own.
    pub fn word(&self) -> &str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Started => "started",
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Revoked => "revoked",
            Self::Other(word) => word.as_str(),
        }
    }

    /// From that word.
    pub fn parse(word: &str) -> Self {
        match word {
            "scheduled" => Self::Scheduled,
            "started" => Self::Started,
            "pending" => Self::Pending,
            "succeeded" => Self::Succeeded,
            "failed" => Self::Failed,
            "revoked" => Self::Revoked,
            other => Self::Other(SafeText::new(other)),
        }
    }

    /// Where the calendar counts it. What nobody knows counts as planned: it must not be overlooked.
    pub const fn group(&self) -> ScheduleGroup {
        match self {
            Self::Scheduled | Self::Started | Self::Other(_) => ScheduleGroup::Planned,
            Self::Pending | Self::Succeeded => ScheduleGroup::Succeeded,
            Self::Failed => ScheduleGroup::Failed,
            Self::Revoked => ScheduleGroup::Revoked,
        }
    }

    /// Whether it has not ended: it may still take money.
    pub const fn is_ahead(&self) -> bool {
        !matches!(self, Self::Succeeded | Self::Failed | Self::Revoked)
    }

    /// Whether it can be moved or revoked (V2 §6.3, V1 §10.5, §10.6).
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Scheduled)
    }

    /// Whether it can be tried or booked again (V2 §11.5, V1 §10.7, §10.8).
    pub const fn can_come_back(&self) -> bool {
        matches!(self, Self::Failed | Self::Revoked)
    }
}

/// One schedule as the provider tells it (V2 §11.2, V1 §6.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderSchedule {
    /// `id` (V2); V1 shows none and knows it by the `merchant_uid` it will charge under.
    pub id: SafeText,
    /// The id its charge has or will have: `paymentId` (V2), `merchant_uid` (V1). Anybody's, so not always one
    /// of our form.
    pub payment_id: SafeText,
    /// What it charges.
    pub key: BillingKey,
    /// When.
    pub at: Timestamp,
    /// Where it stands.
    pub state: ScheduleState,
    /// How much; `None` when the currency is one this program can't count in.
    pub amount: Option<Money>,
    /// The currency as written.
    pub currency: SafeText,
    /// The tax-free part, where the provider says.
    pub tax_free: Option<Money>,
    /// The VAT, where the provider says.
    pub vat: Option<Money>,
    /// Months; V1's list has none.
    pub installments: Option<u8>,
    /// 주문명
    pub order_name: SafeText,
    /// Whose it is.
    pub customer: Customer,
    /// When it was made, unix seconds.
    pub created_at: Option<i64>,
    /// When it ran or was revoked, unix seconds.
    pub ended_at: Option<i64>,
    /// Why it failed: V1 tells it here, V2 only in its payment (V2 §6.3).
    pub refusal: Option<Refusal>,
    /// The charge's id at the provider, once it ran (V1 `imp_uid`).
    pub provider_payment_id: Option<SafeText>,
}

/// A span of time: from, included, until, not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first moment of it.
    pub from: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
}

/// 예약: what is to be charged when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleOrder {
    /// The sale. Its payment id names the intent and is the id that the charge will have.
    pub sale: Sale,
    /// What is charged.
    pub key: BillingKey,
    /// Months.
    pub installments: Installments,
    /// When.
    pub at: Timestamp,
}

/// 예약일 변경, 재예약: another time for a schedule, where the provider has a call for it (V1 §10.6, §10.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleMove {
    /// The schedule's id at the provider.
    pub schedule: SafeText,
    /// The new time.
    pub at: Timestamp,
}

/// 예약 해지. By ids only: a key alone would revoke everything it has (V2 §11.4, V1 §10.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleRevoke {
    /// Ours: names the intent and, on V2, the idempotency key.
    pub id: super::payment::PaymentId,
    /// The schedules, never empty.
    pub schedules: Vec<SafeText>,
    /// The key of all of them: sent along, so that a mistaken id is refused.
    pub key: Option<BillingKey>,
}

impl ScheduleRevoke {
    /// The most schedules of one request: V2 takes their ids in the query (V2 §1.1), which has to fit a line.
    pub const MOST: usize = 100;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back() {
        for word in ["scheduled", "started", "pending", "succeeded", "failed", "revoked", "something new"] {
            assert_eq!(ScheduleState::parse(word).word(), word);
        }
        for group in ScheduleGroup::ALL {
            assert_eq!(ScheduleGroup::parse(group.word()), Some(group));
        }
    }
}
