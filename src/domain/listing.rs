//! Lists of payments and schedules as they are asked for and answered: bases of time, filters, windows, sums.
//!
//! Pure. What a list is read from is not known here.

use std::ops::Range;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::billing_key::BillingKey;
use super::due;
use super::money::{Currency, Money};
use super::payment::PaymentState;
use super::record::Method;
use super::schedule::{ScheduleGroup, Span};
use super::text::SafeText;

/// A time to look at, in the order of the choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Period {
    /// 오늘
    Today,
    /// 최근 7일
    Week,
    /// 최근 30일
    Month,
    /// 최근 1년
    Year,
    /// 전체
    Ever,
}

impl Period {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Today, Self::Week, Self::Month, Self::Year, Self::Ever];

    /// The catalogue's key of its name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Today => "period.today",
            Self::Week => "period.week",
            Self::Month => "period.month",
            Self::Year => "period.year",
            Self::Ever => "period.ever",
        }
    }

    /// `None` for ever. Whole days of Korea up to the end of time: what comes in while it is shown belongs to it.
    pub fn span(self, now: Timestamp) -> Option<Span> {
        let days = match self {
            Self::Ever => return None,
            Self::Today => 0,
            Self::Week => 6,
            Self::Month => 29,
            Self::Year => 364,
        };
        let midnight = due::in_korea(now).start_of_day().ok()?.timestamp();
        let from = midnight.checked_sub(SignedDuration::from_hours(24 * days)).ok()?;
        Some(Span { from, until: midnight.checked_add(SignedDuration::from_hours(48)).ok()? })
    }
}

/// 기준 시각: by which time payments are put in order and cut into periods (V2 §20). Always named beside a
/// list: a sale that was cancelled leaves the period of its payment when it is the state's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Basis {
    /// 결제 요청 시각
    Requested,
    /// 상태 승인 시각
    #[default]
    Changed,
}

impl Basis {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Requested, Self::Changed];

    /// The word in `--json`, on the command line and in the catalogue's keys.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Changed => "changed",
        }
    }

    /// From that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|basis| basis.word() == word)
    }
}

/// [`PaymentState`] without what an unknown one was called: for choosing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StateKind {
    /// 결제 준비
    Ready,
    /// 결제 완료 대기
    Pending,
    /// 가상계좌 발급 완료
    VirtualAccountIssued,
    /// 결제 완료
    Paid,
    /// 결제 실패
    Failed,
    /// 부분 취소
    PartialCancelled,
    /// 전체 취소
    Cancelled,
    /// What this program does not know.
    Other,
}

impl StateKind {
    /// All of them, in the order of a payment's life.
    pub const ALL: [Self; 8] = [
        Self::Ready,
        Self::Pending,
        Self::VirtualAccountIssued,
        Self::Paid,
        Self::Failed,
        Self::PartialCancelled,
        Self::Cancelled,
        Self::Other,
    ];

    /// Which one a state is.
    pub const fn of(state: &PaymentState) -> Self {
        match state {
            PaymentState::Ready => Self::Ready,
            PaymentState::Pending => Self::Pending,
            PaymentState::VirtualAccountIssued => Self::VirtualAccountIssued,
            PaymentState::Paid => Self::Paid,
            PaymentState::Failed => Self::Failed,
            PaymentState::PartialCancelled => Self::PartialCancelled,
            PaymentState::Cancelled => Self::Cancelled,
            PaymentState::Other(_) => Self::Other,
        }
    }

    /// The state; `text` is what an unknown one is called.
    pub fn state(self, text: &str) -> PaymentState {
        match self {
            Self::Ready => PaymentState::Ready,
            Self::Pending => PaymentState::Pending,
            Self::VirtualAccountIssued => PaymentState::VirtualAccountIssued,
            Self::Paid => PaymentState::Paid,
            Self::Failed => PaymentState::Failed,
            Self::PartialCancelled => PaymentState::PartialCancelled,
            Self::Cancelled => PaymentState::Cancelled,
            Self::Other => PaymentState::Other(SafeText::new(text)),
        }
    }

    /// The word in the ledger, in `--json` and on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Pending => "pending",
            Self::VirtualAccountIssued => "virtual_account_issued",
            Self::Paid => "paid",
            Self::Failed => "failed",
            Self::PartialCancelled => "partial_cancelled",
            Self::Cancelled => "cancelled",
            Self::Other => "other",
        }
    }

    /// From that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// Which payments are wanted. What is not said, or empty, lets everything through.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PaymentFilter {
    /// By which time they are ordered and the period is cut.
    pub basis: Basis,
    /// When. Seconds: what provider times have.
    pub period: Option<Span>,
    /// Where they stand.
    pub states: Vec<StateKind>,
    /// How they were paid.
    pub methods: Vec<Method>,
    /// The PG, as the provider writes it.
    pub pg: Option<SafeText>,
    /// A billing key was charged, or none was.
    pub recurring: Option<bool>,
    /// Test payments, or real ones. One of which the provider does not say is real: it must not be overlooked.
    pub is_test: Option<bool>,
    /// At least this total; those of another currency are left out.
    pub least: Option<Money>,
    /// At most this total; those of another currency are left out.
    pub most: Option<Money>,
}

/// Which schedules are wanted. What is not said, or empty, lets everything through.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScheduleFilter {
    /// When they run.
    pub span: Option<Span>,
    /// Where the calendar counts them.
    pub groups: Vec<ScheduleGroup>,
    /// Of this billing key.
    pub key: Option<BillingKey>,
}

/// Where a row stands in what it was read from: the same as long as the row is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowId(u32);

impl RowId {
    /// From the number of the store.
    pub fn new(number: i64) -> Option<Self> {
        u32::try_from(number).ok().map(Self)
    }

    /// The number of the store.
    pub const fn number(self) -> i64 {
        // `i64::from` is not const.
        self.0 as i64
    }
}

/// The rows of a list in their order, four bytes each; what is in them is read by the window. It stays as it
/// was made, so that nothing moves under the cursor until the list is made anew; whoever has it shares it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowList(Arc<[RowId]>);

impl RowList {
    /// How many fit.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none does.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The rows of a window; what lies behind the end is left out.
    pub fn window(&self, range: Range<usize>) -> &[RowId] {
        let end = range.end.min(self.0.len());
        self.0.get(range.start.min(end)..end).unwrap_or_default()
    }

    /// Where a row is in this list.
    pub fn position(&self, row: RowId) -> Option<usize> {
        self.0.iter().position(|other| *other == row)
    }
}

impl FromIterator<RowId> for RowList {
    fn from_iter<I: IntoIterator<Item = RowId>>(rows: I) -> Self {
        Self(rows.into_iter().collect())
    }
}

/// Something of which a copy is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept<T> {
    /// Its row.
    pub row: RowId,
    /// What was told.
    pub what: T,
    /// When it was asked for.
    pub synced_at: Timestamp,
}

/// What was sold on one day in Korea, in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayTotal {
    /// The day.
    pub date: Date,
    /// The currency.
    pub currency: Currency,
    /// How many were paid, whatever happened to them later.
    pub paid_count: u64,
    /// Their sum, minor units.
    pub paid: u64,
    /// How many of them were cancelled, whole or in part.
    pub cancelled_count: u64,
    /// What was given back of them, minor units.
    pub cancelled: u64,
}

/// The schedules of one day in Korea, of one group and currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleSum {
    /// The day.
    pub date: Date,
    /// The group.
    pub group: ScheduleGroup,
    /// The currency as written.
    pub currency: SafeText,
    /// How many.
    pub count: u64,
    /// Their sum, minor units; those that this program can't count add nothing.
    pub sum: u64,
    /// How many this program can't count.
    pub uncounted: u64,
}

/// How old a copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Freshness {
    /// When the part of it that is oldest was asked for; nothing when no part was.
    pub oldest: Option<Timestamp>,
    /// Whether every part was asked for at all.
    pub whole: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back() {
        for kind in StateKind::ALL {
            assert_eq!(StateKind::parse(kind.word()), Some(kind));
            assert_eq!(StateKind::of(&kind.state("NEW_STATE")), kind);
        }
        for basis in Basis::ALL {
            assert_eq!(Basis::parse(basis.word()), Some(basis));
        }
        assert_eq!(StateKind::Other.state("NEW_STATE"), PaymentState::Other(SafeText::new("NEW_STATE")));
    }

    #[test]
    #[expect(clippy::reversed_empty_ranges, reason = "what a window over nothing may ask for")]
    fn a_window_never_leaves_the_list() {
        let list: RowList = [7, 5, 9].into_iter().filter_map(RowId::new).collect();
        let numbers = |range| list.window(range).iter().map(|row| row.number()).collect::<Vec<_>>();
        assert_eq!(numbers(0..2), [7, 5]);
        assert_eq!(numbers(2..50), [9]);
        assert!(numbers(3..4).is_empty());
        assert!(numbers(50..60).is_empty());
        assert!(numbers(2..1).is_empty());
        assert_eq!(list.position(RowId::new(9).unwrap()), Some(2));
        assert_eq!(list.position(RowId::new(1).unwrap()), None);
        assert_eq!((RowId::new(-1), RowId::new(1 << 32)), (None, None));
    }
}
