//! Schedules (V2 §11): create, one, list, revoke.

use super::read::{self, among, page, window};
use super::{Answer, Call, charge, error, ok, payments, store, write};
use crate::sandbox::clock::{Time, parse_rfc3339};
use crate::sandbox::input::In;
use crate::sandbox::model::{Row, Schedule, ScheduleStatus, Status, Version};
use crate::sandbox::state::State;

/// `POST /payments/{paymentId}/schedule`: body `payment` and `timeToPay`.
pub fn create(state: &mut State, call: &Call) -> Answer {
    let body = call.input()?;
    let input = body.need_obj("payment")?;
    let at_store = store(input.str("storeId")?)?;
    let payment = call.param(0);
    if payment.trim().is_empty() {
        return Err(error("INVALID_REQUEST", "paymentId: must not be empty"));
    }
    let key_name = input.need_str("billingKey")?;
    let name = input.need_str("orderName")?;
    let currency = read::currency(&input)?;
    let customer = read::customer(&input)?;
    let extra = read::extra(&input)?;
    let months = read::months(&input)?;
    let due = parse_rfc3339(body.need_str("timeToPay")?)
        .ok_or_else(|| body.bad("timeToPay", "must be an RFC 3339 time such as 2026-03-01T09:00:00+09:00"))?;
    let given = input.need_obj("amount")?;
    let (tax_free, vat) = (given.int("taxFree")?, given.int("vat")?);
    let amount = read::amount(&input)?;
    let now = state.now();
    if due <= now {
        // What the real service does with a past time is not documented (V2 §23.2).
        return Err(body.bad("timeToPay", "must be in the future").into());
    }
    let key = charge::live_key(state, at_store, key_name)?;
    let pinned = input.str("channelKey")?.and_then(|key| read::channel_by_key(key, at_store).ok());
    if let Some(newest) = state.find_payment(at_store, payment)
        && !matches!(state.attempt(newest).status, Status::Failed | Status::Ready)
    {
        return Err(error("ALREADY_PAID_OR_WAITING", "this paymentId is paid or waits for its payment"));
    }
    if let Some(at) = state.schedule_for(at_store, payment)
        && !matches!(state.schedule(at).status, ScheduleStatus::Failed | ScheduleStatus::Revoked)
    {
        return Err(error("PAYMENT_SCHEDULE_ALREADY_EXISTS", "a schedule holds this paymentId"));
    }
    let id = state.rng.schedule_id(now);
    state.add_schedule(Schedule {
        version: Version::V2,
        id: id.clone(),
        status: ScheduleStatus::Scheduled,
        store: at_store,
        key,
        channel: pinned,
        payment: payment.into(),
        name: name.into(),
        total: amount.total,
        tax_free,
        vat,
        currency,
        months,
        customer,
        extra,
        created: now,
        due,
        started: 0,
        completed: 0,
        revoked: 0,
        attempt: None,
    });
    ok(|o| {
        o.obj("schedule", |o| {
            o.str("id", &id);
        });
    })
}

/// `GET /payment-schedules/{paymentScheduleId}`.
pub fn one(state: &State, call: &Call) -> Answer {
    let at_store = call.query_store()?;
    let found = state.find_schedule(call.param(0)).map(|at| state.schedule(at));
    let found = found.filter(|schedule| schedule.store == at_store);
    let schedule =
        found.ok_or_else(|| error("PAYMENT_SCHEDULE_NOT_FOUND", "결제 예약건이 존재하지 않습니다."))?;
    ok(|o| write::schedule(o, state, schedule))
}

/// The time `STATUS_TIMESTAMP` sorts by (V2 §11.3).
fn status_time(schedule: &Schedule) -> Time {
    match schedule.status {
        ScheduleStatus::Scheduled => schedule.due,
        ScheduleStatus::Revoked => schedule.revoked,
        _ => schedule.completed.max(schedule.started),
    }
}

/// `GET /payment-schedules`: the window is on `timeToPay` and ends *now* unless told otherwise.
pub fn list(state: &State, call: &Call) -> Answer {
    let input = call.input()?;
    let page = page(&input)?;
    let filter = input.obj("filter")?;
    let (from, until) = window(filter.as_ref(), state.now())?;
    let (mut at_store, mut key, mut status, mut test) = (0, None, Vec::new(), None);
    if let Some(filter) = &filter {
        at_store = store(filter.str("storeId")?)?;
        key = filter.str("billingKey")?;
        status = filter.words("status", "PaymentScheduleStatus")?;
        test = filter.bool("isForTest")?;
    }
    let key = key.map(|name| state.find_key(at_store, name).unwrap_or(Row::MAX));
    let sort = input.obj("sort")?;
    let (by, ascending) = sort_of(sort.as_ref(), "PaymentScheduleSortBy")?;
    let lagged = state.now().saturating_sub(call.lag);
    let fits = |schedule: &Schedule| {
        let live = state
            .key(schedule.key)
            .channels
            .first()
            .is_some_and(|no| crate::sandbox::catalog::channel(*no).live);
        schedule.store == at_store
            && key.is_none_or(|key| key == schedule.key)
            && among(&status, write::schedule_word(schedule.status))
            && test.is_none_or(|test| test != live)
            && (call.lag == 0 || schedule.created <= lagged)
    };
    let in_window = state.by_due.between(from, until).iter().copied();
    let mut rows: Vec<(Time, Row)> = in_window.filter(|(_, at)| fits(state.schedule(*at))).collect();
    let time: Option<fn(&Schedule) -> Time> = match by {
        "CREATED_AT" => Some(|schedule| schedule.created),
        "COMPLETED_AT" => Some(|schedule| schedule.completed),
        "STATUS_TIMESTAMP" => Some(status_time),
        _ => None,
    };
    if let Some(time) = time {
        for row in &mut rows {
            row.0 = time(state.schedule(row.1));
        }
        rows.sort_unstable();
    }
    ok(|o| payments::items(o, &rows, ascending, page, |o, at| write::schedule(o, state, state.schedule(at))))
}

/// `sort.by` and whether `sort.order` is ascending.
pub fn sort_of<'a>(sort: Option<&In<'a>>, words: &str) -> Result<(&'a str, bool), super::Reply> {
    let Some(sort) = sort else { return Ok(("", false)) };
    Ok((sort.word("by", words)?.unwrap_or_default(), sort.word("order", "SortOrder")? == Some("ASC")))
}

/// `DELETE /payment-schedules`: all or nothing (V2 §11.4).
pub fn revoke(state: &mut State, call: &Call) -> Answer {
    let input = call.input()?;
    let at_store = store(input.str("storeId")?)?;
    let ids = input.strs("scheduleIds")?;
    let key_name = input.str("billingKey")?;
    if ids.is_empty() && key_name.is_none() {
        return Err(input.bad("billingKey", "or scheduleIds is required").into());
    }
    let key = key_name.map(|name| charge::live_key(state, at_store, name)).transpose()?;
    let not_found = || error("PAYMENT_SCHEDULE_NOT_FOUND", "scheduleIds: not found");
    let mut targets = Vec::new();
    if ids.is_empty() {
        let pending = state.schedules_due.iter().map(|(_, at)| *at);
        targets.extend(pending.filter(|at| {
            let schedule = state.schedule(*at);
            Some(schedule.key) == key && schedule.status == ScheduleStatus::Scheduled
        }));
        // "Wrong id, or the key has no schedule" (pg-rules.toml, api.v2.errors).
        if targets.is_empty() {
            return Err(error("PAYMENT_SCHEDULE_NOT_FOUND", "this billing key has no pending schedule"));
        }
    }
    for id in ids {
        let at = state
            .find_schedule(id)
            .filter(|at| state.schedule(*at).store == at_store)
            .ok_or_else(not_found)?;
        let schedule = state.schedule(at);
        if key.is_some_and(|key| key != schedule.key) {
            return Err(not_found());
        }
        match schedule.status {
            ScheduleStatus::Scheduled => targets.push(at),
            ScheduleStatus::Revoked => {
                return Err(error("PAYMENT_SCHEDULE_ALREADY_REVOKED", "a schedule was revoked before"));
            }
            _ => return Err(error("PAYMENT_SCHEDULE_ALREADY_PROCESSED", "a schedule has run already")),
        }
    }
    targets.dedup();
    let now = state.now();
    for at in &targets {
        state.change_schedule(*at, |schedule| {
            schedule.status = ScheduleStatus::Revoked;
            schedule.revoked = now;
        });
    }
    ok(|o| {
        o.arr("revokedScheduleIds", |list| targets.iter().for_each(|at| list.str(&state.schedule(*at).id)));
        o.time("revokedAt", now);
    })
}
