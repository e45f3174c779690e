//! What is done with schedules (결제 예약), one or many at once: what is wanted, what will happen, how it ended.
//!
//! A [`Plan`] is the dry run: nothing is sent and nothing is written while it is made. Pure.

use jiff::Timestamp;

use super::billing_key::BillingKey;
use super::channel::Channel;
use super::intent::{Intent, IntentKind, Operator};
use super::money::{Currency, Money};
use super::outcome::Outcome;
use super::payment::PaymentId;
use super::problem::Problem;
use super::recurrence::{Every, derived_id};
use super::schedule::{ProviderSchedule, ScheduleOrder};
use super::text::SafeText;

/// One thing to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// 예약 등록
    Create(Box<ScheduleOrder>),
    /// 예약일 변경: of an open one.
    Move {
        /// Which.
        schedule: Box<ProviderSchedule>,
        /// The new time.
        at: Timestamp,
    },
    /// 예약 해지: of an open one.
    Revoke(Box<ProviderSchedule>),
    /// 즉시 재시도: charge a failed or revoked one now.
    Retry(Box<ProviderSchedule>),
    /// 재예약: book a failed or revoked one again.
    Rebook {
        /// Which.
        schedule: Box<ProviderSchedule>,
        /// The new time.
        at: Timestamp,
    },
    /// 지금 결제: charge an open one now instead of then.
    ChargeNow(Box<ProviderSchedule>),
}

/// [`Action`] without what it is done with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActionKind {
    /// [`Action::Create`]
    Create,
    /// [`Action::Move`]
    Move,
    /// [`Action::Revoke`]
    Revoke,
    /// [`Action::Retry`]
    Retry,
    /// [`Action::Rebook`]
    Rebook,
    /// [`Action::ChargeNow`]
    ChargeNow,
}

impl ActionKind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Create, Self::Move, Self::Revoke, Self::Retry, Self::Rebook, Self::ChargeNow];

    /// The word in `--json` and in the catalogue's keys.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Move => "move",
            Self::Revoke => "revoke",
            Self::Retry => "retry",
            Self::Rebook => "rebook",
            Self::ChargeNow => "charge_now",
        }
    }

    /// Whether money moves when it is carried out, and not later.
    pub const fn takes_money(self) -> bool {
        matches!(self, Self::Retry | Self::ChargeNow)
    }
}

impl Action {
    /// What is done.
    pub const fn kind(&self) -> ActionKind {
        match self {
            Self::Create(_) => ActionKind::Create,
            Self::Move { .. } => ActionKind::Move,
            Self::Revoke(_) => ActionKind::Revoke,
            Self::Retry(_) => ActionKind::Retry,
            Self::Rebook { .. } => ActionKind::Rebook,
            Self::ChargeNow(_) => ActionKind::ChargeNow,
        }
    }

    /// The schedule it is done with; none when one is made.
    pub const fn schedule(&self) -> Option<&ProviderSchedule> {
        match self {
            Self::Create(_) => None,
            Self::Move { schedule, .. }
            | Self::Revoke(schedule)
            | Self::Retry(schedule)
            | Self::Rebook { schedule, .. }
            | Self::ChargeNow(schedule) => Some(schedule),
        }
    }

    /// The same with a schedule that was asked for anew.
    #[must_use]
    pub fn with_schedule(mut self, fresh: ProviderSchedule) -> Self {
        match &mut self {
            Self::Create(_) => {}
            Self::Move { schedule, .. }
            | Self::Revoke(schedule)
            | Self::Retry(schedule)
            | Self::Rebook { schedule, .. }
            | Self::ChargeNow(schedule) => **schedule = fresh,
        }
        self
    }

    /// What is charged.
    pub const fn key(&self) -> &BillingKey {
        match self {
            Self::Create(order) => &order.key,
            Self::Move { schedule, .. }
            | Self::Revoke(schedule)
            | Self::Retry(schedule)
            | Self::Rebook { schedule, .. }
            | Self::ChargeNow(schedule) => &schedule.key,
        }
    }

    /// The new time, where there is one.
    pub const fn at(&self) -> Option<Timestamp> {
        match self {
            Self::Create(order) => Some(order.at),
            Self::Move { at, .. } | Self::Rebook { at, .. } => Some(*at),
            Self::Revoke(_) | Self::Retry(_) | Self::ChargeNow(_) => None,
        }
    }

    /// How much; `None` in a currency this program can't count in.
    pub const fn amount(&self) -> Option<Money> {
        match self {
            Self::Create(order) => Some(order.sale.amount),
            Self::Move { schedule, .. }
            | Self::Revoke(schedule)
            | Self::Retry(schedule)
            | Self::Rebook { schedule, .. }
            | Self::ChargeNow(schedule) => schedule.amount,
        }
    }

    /// Why it can't be done with what is known of the schedule.
    pub fn obstacle(&self, now: Timestamp) -> Option<WhyNot> {
        if let Some(schedule) = self.schedule() {
            let fits = match self.kind() {
                ActionKind::Retry | ActionKind::Rebook => schedule.state.can_come_back(),
                _ => schedule.state.is_open(),
            };
            if !fits {
                let ended = matches!(self.kind(), ActionKind::Retry | ActionKind::Rebook);
                return Some(if ended { WhyNot::NotEnded } else { WhyNot::NotOpen });
            }
        }
        if self.kind() != ActionKind::Revoke && self.amount().is_none() {
            return Some(WhyNot::Currency);
        }
        if self.at().is_some_and(|at| at <= now) {
            return Some(WhyNot::Past);
        }
        match self {
            Self::Move { schedule, at } if schedule.at == *at => Some(WhyNot::SameTime),
            _ => None,
        }
    }
}

/// The id of one date's charge: it follows from store, key, amount, name and date, so that the same order given
/// twice is refused, not doubled. The day that a series counts from is no part of it: the same day of the same
/// month is the same charge, from whichever day it is counted. `rule` is the series'; `period` is
/// [`Occurrence::period`](super::recurrence::Occurrence::period) of a series, the moment of a single one.
pub fn schedule_id(
    profile: &str,
    key: &BillingKey,
    amount: Money,
    order_name: &str,
    rule: Option<Every>,
    period: &str,
) -> PaymentId {
    let identity = if rule.is_some() { "series" } else { "add" };
    let rule = rule.map(|rule| rule.to_string()).unwrap_or_default();
    let sum = amount.wire_major();
    derived_id(&[identity, &rule, profile, key.expose(), &sum, amount.currency().code(), order_name], period)
}

/// Why an item of a plan will not be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WhyNot {
    /// There is no such schedule any more.
    Gone,
    /// It has run, is running, or was revoked.
    NotOpen,
    /// It has neither failed nor been revoked.
    NotEnded,
    /// The time is over.
    Past,
    /// It runs at that time already.
    SameTime,
    /// Nobody knows the channel of its billing key.
    NoChannel,
    /// The billing key is gone.
    KeyGone,
    /// A currency that this program can't count in.
    Currency,
    /// The same twice in one plan.
    Twice,
    /// Something that was ordered about it before has not ended, or was not begun.
    Pending,
}

impl WhyNot {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Gone,
        Self::NotOpen,
        Self::NotEnded,
        Self::Past,
        Self::SameTime,
        Self::NoChannel,
        Self::KeyGone,
        Self::Currency,
        Self::Twice,
        Self::Pending,
    ];

    /// The word in `--json` and in the catalogue's keys.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::NotOpen => "not_open",
            Self::NotEnded => "not_ended",
            Self::Past => "past",
            Self::SameTime => "same_time",
            Self::NoChannel => "no_channel",
            Self::KeyGone => "key_gone",
            Self::Currency => "currency",
            Self::Twice => "twice",
            Self::Pending => "pending",
        }
    }
}

/// What will come of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It will be done.
    Ready,
    /// It is there already, from an earlier run: nothing will be done, and that is no mistake.
    Already,
    /// It will not be done.
    CanNot(WhyNot),
}

/// One item of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanItem {
    /// What is wanted, with the schedule as the provider tells it now.
    pub action: Action,
    /// Names its intent; of a new schedule or charge also the id it is charged under.
    pub id: PaymentId,
    /// The intent that revokes the old one, where another takes its place.
    pub revoke: Option<PaymentId>,
    /// The PG contract.
    pub channel: Option<Channel>,
    /// What will come of it.
    pub verdict: Verdict,
}

/// The dry run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Names the batch.
    pub batch: PaymentId,
    /// In the order in which they will be carried out.
    pub items: Vec<PlanItem>,
}

impl Plan {
    /// The items that will be carried out.
    pub fn ready(&self) -> impl Iterator<Item = &PlanItem> {
        self.items.iter().filter(|item| item.verdict == Verdict::Ready)
    }

    /// How many will be carried out.
    pub fn count(&self) -> usize {
        self.ready().count()
    }

    /// How many are there already.
    pub fn already(&self) -> usize {
        self.items.iter().filter(|item| item.verdict == Verdict::Already).count()
    }

    /// The items that will not be, and why.
    pub fn refused(&self) -> impl Iterator<Item = (&PlanItem, WhyNot)> {
        self.items.iter().filter_map(|item| match item.verdict {
            Verdict::CanNot(why) => Some((item, why)),
            Verdict::Ready | Verdict::Already => None,
        })
    }

    /// What those that will be carried out are worth together, by currency, in the order of first appearance; minor
    /// units, because a sum may be larger than any one charge.
    pub fn totals(&self) -> Vec<(Currency, u64)> {
        let mut totals: Vec<(Currency, u64)> = Vec::new();
        for amount in self.ready().filter_map(|item| item.action.amount()) {
            match totals.iter_mut().find(|(currency, _)| *currency == amount.currency()) {
                Some((_, sum)) => *sum = sum.saturating_add(amount.minor()),
                None => totals.push((amount.currency(), amount.minor())),
            }
        }
        totals
    }
}

/// A schedule that was revoked so that another could take its place, and none did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Its id at the provider.
    pub schedule: SafeText,
    /// What it would have charged.
    pub key: BillingKey,
    /// When.
    pub at: Option<Timestamp>,
    /// How much.
    pub amount: Money,
    /// 주문명
    pub order_name: String,
}

/// How one thing ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionEnd {
    /// The intent.
    pub id: PaymentId,
    /// What it was.
    pub kind: IntentKind,
    /// The schedule that it was done with.
    pub schedule: Option<SafeText>,
    /// The end. [`Outcome::Approved`] of a new schedule has its id.
    pub outcome: Outcome,
    /// The old one is gone, and nothing took its place.
    pub lost: Option<Box<Lost>>,
}

impl ActionEnd {
    /// Whether it is there from an earlier run.
    pub const fn is_already(&self) -> bool {
        matches!(self.outcome, Outcome::NotCharged(Problem::ScheduleExists))
    }
}

/// How far a batch came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkStep {
    /// How many items have ended, this one included.
    pub done: usize,
    /// Of how many that this run carries out.
    pub of: usize,
    /// The one that ended now.
    pub end: ActionEnd,
}

/// How a batch ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkEnd {
    /// The batch.
    pub batch: PaymentId,
    /// What was carried out in this run, in its order.
    pub ends: Vec<ActionEnd>,
    /// What is left because it was cancelled; the batch can be resumed.
    pub left: usize,
}

impl BulkEnd {
    /// How many were done.
    pub fn done(&self) -> usize {
        self.ends.iter().filter(|end| matches!(end.outcome, Outcome::Approved(_))).count()
    }

    /// How many were there already.
    pub fn already(&self) -> usize {
        self.ends.iter().filter(|end| end.is_already()).count()
    }

    /// How many have an end that nobody has seen.
    pub fn unknown(&self) -> usize {
        self.ends.iter().filter(|end| matches!(end.outcome, Outcome::Unknown(_))).count()
    }

    /// How many were certainly not done.
    pub fn failed(&self) -> usize {
        self.ends.len() - self.done() - self.already() - self.unknown()
    }
}

/// A batch that was begun and not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchLeft {
    /// The batch.
    pub batch: PaymentId,
    /// What is done in it, of its first item.
    pub kind: IntentKind,
    /// How many items it has.
    pub of: usize,
    /// How many of them were not begun.
    pub left: usize,
    /// What those are worth together, by currency, minor units.
    pub totals: Vec<(Currency, u64)>,
    /// When it was begun.
    pub created: Timestamp,
    /// By whom.
    pub operator: Operator,
}

/// A schedule with what this ledger knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleDetail {
    /// As the provider tells it now; `None` when there is none.
    pub schedule: Option<Box<ProviderSchedule>>,
    /// What was done with it and with those before and after it, oldest first.
    pub history: Vec<Intent>,
}
