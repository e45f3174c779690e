//! Daily close (마감): the day's journal, the provider's records and the schedules that were due, laid side by
//! side. Totals, each with its time basis named, and every difference with a name and what to do about it.
//!
//! Pure: the lists and the clock are arguments. May not: fetch, decide or repair anything.

mod compare;
mod kept;
mod since;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};

use super::account::DepositState;
use super::channel::Mode;
use super::intent::{Intent, IntentKind, IntentState};
use super::money::{Currency, Money};
use super::payment::PaymentState;
use super::record::{Method, PaymentRecord};
use super::schedule::{ProviderSchedule, ScheduleState, Span};
use super::text::SafeText;

pub use kept::{Brief, ClosedDay, EarlierClose, KeptClose};
pub use since::{Change, Group};

/// A day in Korea, from its midnight to the next. `None` at the ends of time.
pub fn day(date: Date) -> Option<Span> {
    let midnight = |date: Date| {
        let zoned = date.to_zoned(TimeZone::fixed(offset(9))).ok()?;
        Some(zoned.timestamp())
    };
    Some(Span { from: midnight(date)?, until: midnight(date.tomorrow().ok()?)? })
}

fn holds(span: Span, second: i64) -> bool {
    span.from.as_second() <= second && second < span.until.as_second()
}

/// Which time decides whether a payment belongs to the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Basis {
    /// 결제 요청 시각: when it was asked for.
    Requested,
    /// 상태 승인 시각: when its state last changed. V1's lists know this one only (V1 §11.5).
    Changed,
}

impl Basis {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Requested, Self::Changed];

    /// The word in `--json`, in a saved close and in the catalogue's keys.
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

    /// When, by this basis. A record that does not tell falls back on when it was paid.
    const fn of(self, record: &PaymentRecord) -> Option<i64> {
        let own = match self {
            Self::Requested => record.requested_at,
            Self::Changed => record.changed_at,
        };
        if own.is_some() { own } else { record.payment.paid_at }
    }
}

/// What a row of the journal did with money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Movement {
    /// A card or billing key was charged.
    Charge,
    /// A virtual account was issued; how far its deposit came, as far as the journal knows.
    Account(Option<DepositState>),
    /// Money of this payment was given back.
    Refund(SafeText),
}

/// A row of the journal, as far as the close needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id; of a charge the payment's.
    pub id: SafeText,
    /// What it did.
    pub movement: Movement,
    /// How much.
    pub amount: Money,
    /// Where it stands.
    pub state: IntentState,
    /// Test or live.
    pub mode: Mode,
    /// The system user.
    pub operator: String,
    /// When it was written.
    pub created: Timestamp,
}

impl Entry {
    /// A charge or an issued account of the journal; `None` of what moves no money. Refunds are the caller's to
    /// make: their payment is theirs to name.
    pub fn of(intent: &Intent) -> Option<Self> {
        let movement = match intent.new.kind {
            IntentKind::KeyIn | IntentKind::ChargeKey => Movement::Charge,
            IntentKind::IssueAccount => Movement::Account(intent.deposit),
            _ => return None,
        };
        Some(Self {
            id: SafeText::new(intent.new.id.as_str()),
            movement,
            amount: intent.new.amount,
            state: intent.state,
            mode: intent.new.mode,
            operator: intent.new.operator.user.clone(),
            created: intent.new.created,
        })
    }
}

/// What is compared.
#[derive(Debug, Clone, Copy)]
pub struct Lists<'a> {
    /// The journal: the day's rows, those of the days beside it (a payment of midnight is asked for on one day
    /// and paid on the next), and every refund of a payment in `records`, whatever its day.
    pub journal: &'a [Entry],
    /// The provider's records: the day's, and those that the day's rows and schedules name.
    pub records: &'a [PaymentRecord],
    /// The schedules of the day.
    pub schedules: &'a [ProviderSchedule],
}

/// Test and live are never added up together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Env {
    /// Real money.
    Live,
    /// Test contracts.
    Test,
    /// Nobody says.
    Unstated,
}

impl Env {
    /// The word in `--json`, in a saved close and in the catalogue's keys.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
            Self::Unstated => "unstated",
        }
    }

    /// From that word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Live, Self::Test, Self::Unstated].into_iter().find(|env| env.word() == word)
    }

    const fn of_mode(mode: Mode) -> Self {
        match mode {
            Mode::Live => Self::Live,
            Mode::Test => Self::Test,
        }
    }

    fn of_record(record: &PaymentRecord) -> Option<Self> {
        record.payment.is_test.map(|test| if test { Self::Test } else { Self::Live })
    }
}

/// A payment's state as the totals group it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StateGroup {
    /// 결제 완료
    Paid,
    /// 부분 취소
    PartialCancelled,
    /// 전체 취소
    Cancelled,
    /// 입금 대기
    Waiting,
    /// Opened or pending.
    Open,
    /// 결제 실패
    Failed,
    /// What this program does not know.
    Other,
}

impl StateGroup {
    /// All of them, in the order of the totals.
    pub const ALL: [Self; 7] = [
        Self::Paid,
        Self::PartialCancelled,
        Self::Cancelled,
        Self::Waiting,
        Self::Open,
        Self::Failed,
        Self::Other,
    ];

    /// From its word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.word() == word)
    }

    /// Where a state belongs.
    pub const fn of(state: &PaymentState) -> Self {
        match state {
            PaymentState::Paid => Self::Paid,
            PaymentState::PartialCancelled => Self::PartialCancelled,
            PaymentState::Cancelled => Self::Cancelled,
            PaymentState::VirtualAccountIssued => Self::Waiting,
            PaymentState::Ready | PaymentState::Pending => Self::Open,
            PaymentState::Failed => Self::Failed,
            PaymentState::Other(_) => Self::Other,
        }
    }

    /// The catalogue's key of its name.
    pub const fn name_key(self) -> &'static str {
        match self {
            Self::Paid => "history.state.paid",
            Self::PartialCancelled => "history.state.partial",
            Self::Cancelled => "history.state.cancelled",
            Self::Waiting => "history.state.waiting",
            Self::Open => "history.state.pending",
            Self::Failed => "history.state.failed",
            Self::Other => "history.state.other",
        }
    }

    /// The word in `--json`, in a saved close and in the catalogue's keys.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::PartialCancelled => "partial_cancelled",
            Self::Cancelled => "cancelled",
            Self::Waiting => "waiting",
            Self::Open => "open",
            Self::Failed => "failed",
            Self::Other => "other",
        }
    }
}

/// The money of one currency, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    /// How many payments.
    pub count: u64,
    /// What they were about.
    pub amount: u64,
    /// What was cancelled of it so far.
    pub cancelled: u64,
}

impl Sum {
    /// What is left: never below nothing.
    pub const fn net(self) -> u64 {
        self.amount.saturating_sub(self.cancelled)
    }
}

/// Count and money of a group of payments.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// How many, the uncounted ones too.
    pub count: u64,
    /// The money by currency.
    pub sums: BTreeMap<Currency, Sum>,
    /// How many are in currencies that this program can't count.
    pub uncounted: u64,
}

impl Tally {
    fn add(&mut self, record: &PaymentRecord) {
        self.count += 1;
        let Some(total) = record.payment.total else {
            self.uncounted += 1;
            return;
        };
        let sum = self.sums.entry(total.currency()).or_default();
        sum.count += 1;
        sum.amount += total.minor();
        sum.cancelled += record.cancelled.map_or(0, Money::minor);
    }
}

/// The totals of one side: of the provider's records that belong to the day by the basis.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    /// Everything that was paid, whatever was cancelled later.
    pub paid: Tally,
    /// The same by method.
    pub methods: BTreeMap<Method, Tally>,
    /// The same by who asked for it in our journal; `None` is what was made elsewhere or by a schedule.
    pub operators: BTreeMap<Option<String>, Tally>,
    /// Every record, paid or not, by state.
    pub states: BTreeMap<StateGroup, Tally>,
}

/// What differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The journal says it was done; the provider has no such payment.
    NotAtProvider,
    /// The provider has it and the journal does not: made elsewhere. A notice, no mistake.
    MadeElsewhere,
    /// The amounts differ.
    AmountDiffers {
        /// What we asked for.
        ours: Money,
        /// What the provider says; `None` when this program can't count it.
        theirs: Option<Money>,
    },
    /// What became of it differs.
    StateDiffers {
        /// The provider's state.
        theirs: PaymentState,
    },
    /// One says test and the other live.
    ModeDiffers {
        /// The provider's.
        theirs: Env,
    },
    /// The end of ours is still unknown.
    StillOpen,
    /// The provider has cancelled more than our refunds.
    CancelledElsewhere {
        /// How much more.
        amount: Money,
    },
    /// Our refunds are more than the provider has cancelled.
    RefundNotSeen {
        /// How much more.
        amount: Money,
    },
    /// A schedule was due and has not run.
    ScheduleNotRun,
    /// A schedule has begun and its end is not known.
    ScheduleOpen,
    /// A schedule ran and was refused.
    ScheduleFailed,
    /// A schedule is told to have succeeded, and there is no payment.
    ScheduleWithoutPayment,
}

impl What {
    /// The word in `--json` and in a saved close.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::NotAtProvider => "not_at_provider",
            Self::MadeElsewhere => "made_elsewhere",
            Self::AmountDiffers { .. } => "amount_differs",
            Self::StateDiffers { .. } => "state_differs",
            Self::ModeDiffers { .. } => "mode_differs",
            Self::StillOpen => "still_open",
            Self::CancelledElsewhere { .. } => "cancelled_elsewhere",
            Self::RefundNotSeen { .. } => "refund_not_seen",
            Self::ScheduleNotRun => "schedule_not_run",
            Self::ScheduleOpen => "schedule_open",
            Self::ScheduleFailed => "schedule_failed",
            Self::ScheduleWithoutPayment => "schedule_without_payment",
        }
    }

    /// The catalogue's key of its name.
    pub const fn name_key(&self) -> &'static str {
        match self {
            Self::NotAtProvider => "close.name.not_at_provider",
            Self::MadeElsewhere => "close.name.made_elsewhere",
            Self::AmountDiffers { .. } => "close.name.amount_differs",
            Self::StateDiffers { .. } => "close.name.state_differs",
            Self::ModeDiffers { .. } => "close.name.mode_differs",
            Self::StillOpen => "close.name.still_open",
            Self::CancelledElsewhere { .. } => "close.name.cancelled_elsewhere",
            Self::RefundNotSeen { .. } => "close.name.refund_not_seen",
            Self::ScheduleNotRun => "close.name.schedule_not_run",
            Self::ScheduleOpen => "close.name.schedule_open",
            Self::ScheduleFailed => "close.name.schedule_failed",
            Self::ScheduleWithoutPayment => "close.name.schedule_without_payment",
        }
    }

    /// The catalogue's key of what to do.
    pub const fn todo_key(&self) -> &'static str {
        match self {
            Self::NotAtProvider => "close.todo.not_at_provider",
            Self::MadeElsewhere => "close.todo.made_elsewhere",
            Self::AmountDiffers { .. } => "close.todo.amount_differs",
            Self::StateDiffers { .. } => "close.todo.state_differs",
            Self::ModeDiffers { .. } => "close.todo.mode_differs",
            Self::StillOpen => "close.todo.still_open",
            Self::CancelledElsewhere { .. } => "close.todo.cancelled_elsewhere",
            Self::RefundNotSeen { .. } => "close.todo.refund_not_seen",
            Self::ScheduleNotRun => "close.todo.schedule_not_run",
            Self::ScheduleOpen => "close.todo.schedule_open",
            Self::ScheduleFailed => "close.todo.schedule_failed",
            Self::ScheduleWithoutPayment => "close.todo.schedule_without_payment",
        }
    }

    /// Whether it is only to be known, and nothing is wrong.
    pub const fn is_notice(&self) -> bool {
        matches!(self, Self::MadeElsewhere)
    }
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Of what: the payment's id; of a schedule, the id that its payment has or will have.
    pub id: SafeText,
    /// What.
    pub what: What,
}

/// Test or live, by itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Side {
    /// The totals.
    pub totals: Totals,
    /// The differences: the journal's in its order, then the provider's, then the schedules'.
    pub differences: Vec<Difference>,
}

/// A day, closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    /// The day.
    pub span: Span,
    /// By which time its payments were counted.
    pub basis: Basis,
    /// Up to when the lists reach: what is due later can't be missing yet.
    pub now: Timestamp,
    /// What there is, each by itself. A side without payments and differences is not here.
    pub sides: BTreeMap<Env, Side>,
}

impl Close {
    /// Whether nothing is wrong: notices may remain.
    pub fn agrees(&self) -> bool {
        self.sides.values().flat_map(|side| &side.differences).all(|difference| difference.what.is_notice())
    }

    /// Every difference, live first.
    pub fn differences(&self) -> impl Iterator<Item = (Env, &Difference)> {
        self.sides.iter().flat_map(|(env, side)| side.differences.iter().map(move |found| (*env, found)))
    }
}

/// Closes a day.
pub fn close(span: Span, basis: Basis, now: Timestamp, lists: &Lists<'_>) -> Close {
    Close { span, basis, now, sides: compare::sides(span, basis, now, lists) }
}

#[cfg(test)]
mod tests;
