//! Schedules, plans and their ends as they are told: to a person in lines, to a script in JSON.

use serde::Serialize;

use crate::cli::say::{Say, amount};
use crate::cli::state::{done_word, not_done_word};
use crate::domain::billing_key::BillingKey;
use crate::domain::bulk::{ActionEnd, Lost, PlanItem, Verdict};
use crate::domain::due::to_the_minute;
use crate::domain::money::{Currency, Money};
use crate::domain::outcome::Outcome;
use crate::domain::problem::Problem;
use crate::domain::schedule::ProviderSchedule;
use crate::text;

/// What `--json` prints when nothing was done.
#[derive(Debug, Default, Serialize)]
pub(super) struct Unable {
    pub profile: String,
    pub problem: &'static str,
    pub fields: Vec<&'static str>,
}

/// One schedule.
#[derive(Debug, Serialize)]
pub(super) struct ScheduleReport {
    pub id: String,
    pub payment_id: String,
    /// Unix seconds.
    pub at: i64,
    pub state: String,
    pub group: &'static str,
    /// In minor units.
    pub amount: Option<u64>,
    pub currency: String,
    pub order_name: String,
    /// Shortened.
    pub billing_key: String,
    pub customer_id: Option<String>,
    pub customer_name: Option<String>,
    pub customer_phone: Option<String>,
    pub created_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub provider_code: Option<String>,
    pub provider_message: Option<String>,
}

impl From<&ProviderSchedule> for ScheduleReport {
    fn from(told: &ProviderSchedule) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let refusal = told.refusal.as_ref();
        Self {
            id: told.id.to_string(),
            payment_id: told.payment_id.to_string(),
            at: told.at.as_second(),
            state: told.state.word().to_owned(),
            group: told.state.group().word(),
            amount: told.amount.map(Money::minor),
            currency: told.currency.to_string(),
            order_name: told.order_name.to_string(),
            billing_key: told.key.shortened(),
            customer_id: owned(told.customer.id()),
            customer_name: owned(told.customer.name()),
            customer_phone: owned(told.customer.phone()),
            created_at: told.created_at,
            ended_at: told.ended_at,
            provider_code: refusal.and_then(|refusal| refusal.code.as_ref()).map(ToString::to_string),
            provider_message: refusal.map(|refusal| refusal.message.to_string()),
        }
    }
}

/// An amount, or a dash.
pub(super) fn sum(say: Say, money: Option<Money>) -> String {
    money.map_or_else(|| "-".to_owned(), |money| amount(say, money))
}

/// The catalogue's key of a group's name.
pub(super) const fn group_key(group: crate::domain::schedule::ScheduleGroup) -> &'static str {
    use crate::domain::schedule::ScheduleGroup;
    match group {
        ScheduleGroup::Planned => "cli.schedule.group-planned",
        ScheduleGroup::Succeeded => "cli.schedule.group-succeeded",
        ScheduleGroup::Failed => "cli.schedule.group-failed",
        ScheduleGroup::Revoked => "cli.schedule.group-revoked",
    }
}

/// A schedule on one line.
pub(super) fn line(say: Say, told: &ProviderSchedule) {
    say.text(&text!(
        "cli.schedule.line",
        time = to_the_minute(told.at),
        state = group_key(told.state.group()),
        amount = sum(say, told.amount),
        order = told.order_name,
        customer = told.customer.name().or_else(|| told.customer.id()).unwrap_or("-"),
        id = told.id
    ));
    if let Some(refusal) = &told.refusal {
        say.text(&text!("cli.schedule.reason", message = refusal.message));
    }
}

/// A sum of many, in one currency.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Total {
    pub currency: &'static str,
    /// In minor units.
    pub amount: u64,
}

impl Total {
    pub fn of(totals: &[(Currency, u64)]) -> Vec<Self> {
        totals.iter().map(|(currency, amount)| Self { currency: currency.code(), amount: *amount }).collect()
    }
}

/// Sums in words. One that is larger than any charge is written as a number.
pub(super) fn totals(say: Say, totals: &[(Currency, u64)]) -> String {
    let words: Vec<String> = totals
        .iter()
        .map(|(currency, minor)| {
            Money::new(*minor, *currency)
                .map_or_else(|| format!("{minor} {}", currency.code()), |money| amount(say, money))
        })
        .collect();
    if words.is_empty() { "-".to_owned() } else { words.join(", ") }
}

/// A schedule that was revoked so that another could take its place, and none did.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct LostReport {
    pub schedule: String,
    /// Shortened.
    pub billing_key: String,
    /// Unix seconds.
    pub at: Option<i64>,
    pub amount: u64,
    pub currency: &'static str,
    pub order_name: String,
}

impl From<&Lost> for LostReport {
    fn from(lost: &Lost) -> Self {
        Self {
            schedule: lost.schedule.to_string(),
            billing_key: lost.key.shortened(),
            at: lost.at.map(jiff::Timestamp::as_second),
            amount: lost.amount.minor(),
            currency: lost.amount.currency().code(),
            order_name: lost.order_name.clone(),
        }
    }
}

/// One item of a plan, and how it ended.
#[derive(Debug, Default, Serialize)]
pub(super) struct ItemReport {
    /// The line of the file, for an import.
    pub line: Option<u32>,
    /// Our id: of a new schedule or charge the one it is charged under.
    pub payment_id: String,
    /// The provider's id of the schedule that it was done with.
    pub schedule: Option<String>,
    /// The provider's id of the schedule that was made.
    pub new_schedule: Option<String>,
    /// The new time, or the time of the schedule; unix seconds.
    pub at: Option<i64>,
    /// In minor units.
    pub amount: Option<u64>,
    pub currency: Option<&'static str>,
    pub order_name: Option<String>,
    /// Shortened.
    pub billing_key: Option<String>,
    pub customer_name: Option<String>,
    /// What the plan said: `ready`, `already`, or a word why not.
    pub verdict: Option<&'static str>,
    /// How it ended; `null` when it was not begun.
    pub outcome: Option<&'static str>,
    pub problem: Option<String>,
    pub why: Option<String>,
    pub provider_code: Option<String>,
    pub provider_message: Option<String>,
    pub approval_number: Option<String>,
    /// The earlier payment that stopped this one.
    pub guard: Option<String>,
    pub lost: Option<LostReport>,
}

/// The word of a verdict.
pub(super) const fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ready => "ready",
        Verdict::Already => "already",
        Verdict::CanNot(why) => why.word(),
    }
}

impl ItemReport {
    pub fn planned(item: &PlanItem, line: Option<u32>) -> Self {
        use crate::domain::bulk::Action;
        let action = &item.action;
        let schedule = action.schedule();
        let (order_name, customer) = match action {
            Action::Create(order) => (order.sale.order_name.clone(), &order.sale.customer),
            action => match action.schedule() {
                Some(told) => (told.order_name.to_string(), &told.customer),
                None => return Self::default(),
            },
        };
        let at = action.at().or_else(|| schedule.map(|told| told.at));
        let key: &BillingKey = action.key();
        Self {
            line,
            payment_id: item.id.to_string(),
            schedule: schedule.map(|told| told.id.to_string()),
            at: at.map(jiff::Timestamp::as_second),
            amount: action.amount().map(Money::minor),
            currency: action.amount().map(|amount| amount.currency().code()),
            order_name: Some(order_name),
            billing_key: Some(key.shortened()),
            customer_name: customer.name().map(str::to_owned),
            verdict: Some(verdict_word(item.verdict)),
            ..Self::default()
        }
    }

    /// Adds how it ended.
    pub fn end(&mut self, end: &ActionEnd) {
        self.payment_id = end.id.to_string();
        if let Some(schedule) = &end.schedule {
            self.schedule = Some(schedule.to_string());
        }
        self.lost = end.lost.as_deref().map(LostReport::from);
        self.outcome = Some(match &end.outcome {
            Outcome::Approved(approval) => {
                self.new_schedule = approval.schedule.as_ref().map(ToString::to_string);
                self.approval_number = approval.approval_number.as_ref().map(ToString::to_string);
                done_word(end.kind)
            }
            Outcome::Declined(refusal) => {
                self.provider_code = refusal.code.as_ref().map(ToString::to_string);
                self.provider_message = Some(refusal.message.to_string());
                "declined"
            }
            Outcome::Unknown(why) => {
                self.why = Some(why.clone());
                "unknown"
            }
            Outcome::NotCharged(_) if end.is_already() => "already",
            Outcome::NotCharged(problem) => {
                self.problem = Some(problem.word().to_owned());
                if let Problem::Refused { kind, message } = problem {
                    self.provider_code = Some(kind.clone());
                    self.provider_message = Some(message.clone());
                }
                not_done_word(end.kind)
            }
            Outcome::Blocked(earlier) => {
                self.guard = Some(earlier.new.id.to_string());
                "blocked"
            }
        });
    }
}

/// The old one is gone, and nothing took its place: that must not be overlooked.
pub(in crate::cli) fn tell_lost(say: Say, lost: &Lost) {
    say.problem_text(&text!(
        "cli.schedule.lost",
        id = lost.schedule,
        time = lost.at.map_or_else(|| "-".to_owned(), to_the_minute),
        amount = amount(say, lost.amount),
        order = lost.order_name,
        key = lost.key.shortened()
    ));
}
