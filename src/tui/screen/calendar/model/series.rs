//! Schedules to be made: one, or a row of dates from an anchor day.

use jiff::Timestamp;

use super::Verb;
use crate::domain::billing_key::BillingKey;
use crate::domain::bulk::{Action, ActionKind, schedule_id};
use crate::domain::channel::Channel;
use crate::domain::customer::Customer;
use crate::domain::holiday::Holidays;
use crate::domain::listing::RowId;
use crate::domain::money::Money;
use crate::domain::order::{Installments, Sale};
use crate::domain::recurrence::{Occurrence, Preview, Recurrence, RecurrenceError};
use crate::domain::schedule::ScheduleOrder;

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub enum Want {
    /// New ones.
    Create(Box<Series>),
    /// Something with those in these rows of the copy.
    With(Verb, Vec<RowId>),
}

impl Want {
    /// What it is.
    pub const fn kind(&self) -> ActionKind {
        match self {
            Self::Create(_) => ActionKind::Create,
            Self::With(verb, _) => verb.kind(),
        }
    }
}

/// What every one of the new schedules is, and when they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What is charged.
    pub key: BillingKey,
    /// Through which contract.
    pub channel: Channel,
    /// Whose it is.
    pub customer: Customer,
    /// How much each time.
    pub amount: Money,
    /// 주문명
    pub order_name: String,
    /// When.
    pub rule: Recurrence,
    /// How many.
    pub count: u32,
}

impl Series {
    /// The dates, and what has to be known about them.
    pub fn preview(&self, now: Timestamp) -> Result<Preview, RecurrenceError> {
        self.rule.preview(0, self.count, now, Holidays::korea())
    }

    /// What is to be done. The ids follow from what is ordered, as headless ones do: the same made twice is found to
    /// be there already.
    pub fn actions(&self, profile: &str, now: Timestamp) -> Result<Vec<Action>, RecurrenceError> {
        let rule = (self.count > 1).then_some(self.rule.every());
        let id = |one: &Occurrence| {
            let period = if rule.is_some() { one.period() } else { one.at.to_string() };
            schedule_id(profile, &self.key, self.amount, &self.order_name, rule, &period)
        };
        let orders = self.preview(now)?.occurrences.into_iter().map(|one| ScheduleOrder {
            sale: Sale {
                payment_id: id(&one),
                channel: self.channel.clone(),
                order_name: self.order_name.clone(),
                amount: self.amount,
                tax_free: None,
                vat: None,
                customer: self.customer.clone(),
                note: None,
            },
            key: self.key.clone(),
            installments: Installments::default(),
            at: one.at,
        });
        Ok(orders.map(|order| Action::Create(Box::new(order))).collect())
    }
}
