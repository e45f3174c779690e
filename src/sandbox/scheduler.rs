//! What happens by itself as time passes: schedules run, pending refunds end.
//!
//! Works through events in the order of their times; with a manual clock the clock stands at each event's own
//! time while it happens.

use super::catalog;
use super::charge::{self, Order};
use super::clock::Time;
use super::model::{Failure, Row, Schedule, ScheduleStatus, Source, Status};
use super::state::State;
use super::webhook::{self, What};

/// How long a schedule stays `STARTED`, in seconds.
pub const RUN_SECONDS: Time = 2;

/// The time of the next thing that happens by itself.
pub fn next(state: &State) -> Option<Time> {
    let schedule = state.schedules_due.first().map(|(at, _)| *at);
    let cancel = state.cancels_due.first().map(|(at, ..)| *at);
    [schedule, cancel].into_iter().flatten().min()
}

/// Lets everything happen that is due by now.
pub fn run_due(state: &mut State) {
    while next(state).is_some_and(|at| at <= state.now()) {
        step(state);
    }
}

/// Lets the next thing happen.
pub fn step(state: &mut State) {
    let cancel = state.cancels_due.first().copied();
    let schedule = state.schedules_due.first().copied();
    match (cancel, schedule) {
        (Some((at, row, cancel, succeeds)), other) if other.is_none_or(|(due, _)| at <= due) => {
            state.cancels_due.remove(&(at, row, cancel, succeeds));
            super::refund::settle(state, row, usize::from(cancel), succeeds);
        }
        (_, Some((_, row))) => run(state, row),
        _ => (),
    }
}

/// One step of a schedule: start it, or bring it to its end.
fn run(state: &mut State, at: Row) {
    let now = state.now();
    match state.schedule(at).status {
        ScheduleStatus::Scheduled => state.change_schedule(at, |schedule| {
            schedule.status = ScheduleStatus::Started;
            schedule.started = now;
        }),
        ScheduleStatus::Started => drop(finish(state, at)),
        _ => {
            // Not a row that steps: take it off the list so that the loop ends.
            let gone = state.schedules_due.iter().find(|(_, row)| *row == at).copied();
            if let Some(gone) = gone {
                state.schedules_due.remove(&gone);
            }
        }
    }
}

/// The order a schedule stands for.
fn order(state: &mut State, at: Row, schedule: &Schedule) -> Order {
    let channel = charge::key_channel(state, schedule.key, schedule.channel);
    let customer = schedule.customer.clone().or_else(|| state.key(schedule.key).customer.clone());
    Order {
        version: schedule.version,
        store: schedule.store,
        channel,
        payment: schedule.payment.clone(),
        name: schedule.name.clone(),
        total: schedule.total,
        tax_free: schedule.tax_free.unwrap_or_default(),
        vat: schedule.vat,
        currency: schedule.currency,
        customer,
        extra: schedule.extra.clone(),
        months: schedule.months.unwrap_or_default(),
        source: Source::Schedule(schedule.key, at),
    }
}

/// Charges a schedule now and files the result; returns the attempt.
pub fn finish(state: &mut State, at: Row) -> Option<Row> {
    let schedule = state.schedule(at).clone();
    let order = order(state, at, &schedule);
    let key = state.key(schedule.key);
    let card = key.card;
    let gone = key.deleted != 0;
    let (status, attempt) = if gone {
        // V1 §10.9: "declines or key gone" both end as executed and failed.
        let (code, text) = charge::key_gone();
        (ScheduleStatus::Failed, charge::refuse(state, order, card, code, text))
    } else {
        match charge::card(state, order, card) {
            Ok(row) if state.attempt(row).paid != 0 => (ScheduleStatus::Succeeded, row),
            Ok(row) => (ScheduleStatus::Pending, row),
            Err(refused) => (ScheduleStatus::Failed, refused.attempt?),
        }
    };
    let now = state.now();
    state.change_schedule(at, |schedule| {
        schedule.status = status;
        schedule.completed = now;
        schedule.started = if schedule.started == 0 { now } else { schedule.started };
        schedule.attempt = Some(attempt);
    });
    Some(attempt)
}

/// Brings a pending approval to its end (operator's call).
pub fn settle_pending(state: &mut State, at: Row, approved: bool) -> bool {
    if state.attempt(at).status != Status::Pending {
        return false;
    }
    if approved {
        charge::approve(state, at);
        webhook::payment(state, at, What::LatePaid);
    } else {
        state.set_status(at, Status::Failed);
        let (code, text) = super::card::Why::System.words(catalog::channel(state.attempt(at).channel).pg);
        state.change_attempt(at, |attempt| {
            attempt.failure = Some(Box::new(Failure { code: code.into(), text: text.into() }));
        });
        webhook::payment(state, at, What::LateFailed);
    }
    if let Source::Schedule(_, schedule) = state.attempt(at).source {
        let now = state.now();
        state.change_schedule(schedule, |schedule| {
            schedule.status = if approved { ScheduleStatus::Succeeded } else { ScheduleStatus::Failed };
            schedule.completed = now;
        });
    }
    true
}
