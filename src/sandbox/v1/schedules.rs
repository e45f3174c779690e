//! Schedules (V1 §10): addressed by `merchant_uid`, three states, and three ways to bring one back to life.

use super::charge::{buyer, extra, merchant_uid, money, months, text, tried};
use super::payments::{paging, time};
use super::{Answer, Call, Read as _, Reply, channel_by_key, error, fail, keys, ok, ok_raw, write};
use crate::sandbox::charge::{self, Order};
use crate::sandbox::clock::{DAY, Time};
use crate::sandbox::input::In;
use crate::sandbox::json;
use crate::sandbox::model::{Row, Schedule, ScheduleStatus, Source, Version};
use crate::sandbox::refund::{self, Ask};
use crate::sandbox::scheduler;
use crate::sandbox::state::State;

/// "3 months" of a list's window, generously: 93 days (V1 §17.13).
const WINDOW: Time = 93 * DAY;

/// PGs that take no card data in the schedule call (V1 §10.1).
const NO_CARD_HERE: &[&str] = &[
    "chai",
    "danal",
    "danal_tpay",
    "kakaopay",
    "kicc",
    "mobilians",
    "naverpay",
    "payco",
    "settle_acc",
    "settle_firm",
    "smartro",
    "uplus",
    "smartro_v2",
    "tosspay_v2",
];

fn find(state: &State, call: &Call, uid: &str) -> Option<Row> {
    state.schedule_for(call.store, uid).filter(|at| state.schedule(*at).version == Version::V1)
}

fn need(state: &State, call: &Call) -> Result<Row, Reply> {
    find(state, call, call.param(0)).ok_or_else(|| error(404, "예약결제 정보가 존재하지 않습니다."))
}

/// One item of a schedule call, checked.
fn item(state: &State, call: &Call, input: &In<'_>, customer_uid: &str) -> Result<Schedule, Reply> {
    let payment = merchant_uid(input)?;
    let due = input.unix("schedule_at").or_fail()?;
    let due = due.ok_or_else(|| fail(1, "schedule_at 파라메터가 누락되었습니다."))?;
    let money = money(input)?;
    // Required by the schema, left out by the vendor's samples (V1 §10.1).
    let name = text(input, "name", 40)?.unwrap_or("예약결제");
    let months = months(input, money.total)?;
    if due <= state.now() {
        return Err(fail(1, "schedule_at은 현재보다 이후 시각이어야 합니다."));
    }
    let used = find(state, call, payment).is_some()
        || super::charge::may_charge(state, call.store, payment).is_err();
    if used {
        return Err(fail(1, &format!("이미 등록된 merchant_uid입니다. ({customer_uid}, {payment})")));
    }
    Ok(Schedule {
        version: Version::V1,
        id: Box::from(""),
        status: ScheduleStatus::Scheduled,
        store: call.store,
        key: 0,
        channel: None,
        payment: payment.into(),
        name: name.into(),
        total: money.total,
        tax_free: money.tax_free,
        vat: money.vat,
        currency: money.currency,
        months: (months != 0).then_some(months),
        customer: buyer(input)?,
        extra: extra(input)?,
        created: state.now(),
        due,
        started: 0,
        completed: 0,
        revoked: 0,
        attempt: None,
    })
}

/// `POST /subscribe/payments/schedule`: all items or none; may issue the key first.
pub fn create(state: &mut State, call: &Call) -> Answer {
    let input = call.form()?;
    let customer_uid = input.need_str("customer_uid").or_fail()?;
    text(&input, "customer_uid", 80)?;
    let checking = input.int("checking_amount").or_fail()?.unwrap_or_default();
    let items = input.list("schedules").or_fail()?;
    if items.is_empty() {
        return Err(fail(1, "schedules 파라메터가 누락되었습니다."));
    }
    let mut rows = Vec::with_capacity(items.len());
    for input in &items {
        let row = item(state, call, input, customer_uid)?;
        if rows.iter().any(|other: &Schedule| other.payment == row.payment) {
            return Err(fail(1, &format!("schedules에 같은 merchant_uid({})가 있습니다.", row.payment)));
        }
        rows.push(row);
    }
    let pinned =
        input.str("channel_key").or_fail()?.map(|key| channel_by_key(key, call.store)).transpose()?;
    let (key, fresh) = match keys::live(state, call.store, customer_uid) {
        Some(key) => (key, false),
        None if !input.has("card_number") => return Err(fail(1, "등록된 고객정보가 없습니다.")),
        None => {
            let (channels, _) = keys::channels(state, call, &input)?;
            let barred = |no: &u8| NO_CARD_HERE.contains(&crate::sandbox::catalog::channel(*no).pg);
            if channels.iter().any(barred) {
                return Err(fail(1, "카드정보를 이용한 예약결제를 지원하지 않는 PG사입니다."));
            }
            let made = keys::make(state, call, &input, customer_uid, "카드정보 확인에 실패하였습니다.");
            // A bad card in this call is code 1, unlike on key issue (V1 §3.2).
            (
                made.map_err(|reply| Reply {
                    body: reply.body.replacen("\"code\":-1", "\"code\":1", 1),
                    ..reply
                })?,
                true,
            )
        }
    };
    if pinned.is_some_and(|pinned| !fresh && !state.key(key).channels.contains(&pinned)) {
        return Err(fail(1, "이 빌링키는 해당 채널로 발급되지 않았습니다."));
    }
    if checking > 0 {
        check_card(state, call, key, checking)?;
    }
    let now = state.now();
    let mut made = Vec::with_capacity(rows.len());
    for row in rows {
        let id = state.rng.schedule_id(now);
        let channel = pinned.filter(|_| !fresh);
        made.push(state.add_schedule(Schedule { id, key, channel, ..row }));
    }
    ok_raw(200, &list_of(state, &made))
}

/// Charges a small amount and gives it back at once, to prove that the card works.
fn check_card(state: &mut State, call: &Call, key: Row, amount: i64) -> Result<(), Reply> {
    let channel = charge::key_channel(state, key, None);
    let payment = format!("checking_{}", state.rng.below(1_000_000_000_000));
    let (customer, card) = (state.key(key).customer.clone(), state.key(key).card);
    let order = Order {
        version: Version::V1,
        store: call.store,
        channel,
        payment: payment.into(),
        name: "카드 확인".into(),
        total: amount,
        tax_free: 0,
        vat: None,
        currency: *b"KRW",
        customer,
        extra: None,
        months: 0,
        source: Source::Key(key),
    };
    let at = charge::card(state, order, card).map_err(|refused| {
        fail(1, &format!("카드정보 확인에 실패하였습니다. [{}]{}", refused.code, refused.text))
    })?;
    let ask = Ask { reason: "카드 확인 자동취소", ..Ask::default() };
    refund::cancel(state, at, &ask).map_err(|_| fail(1, "카드 확인 금액의 취소에 실패하였습니다."))?;
    Ok(())
}

fn list_of(state: &State, rows: &[Row]) -> String {
    json::array(|list| {
        for at in rows {
            list.obj(|o| write::schedule(o, state, state.schedule(*at)));
        }
    })
}

/// `POST /subscribe/payments/unschedule`.
pub fn revoke(state: &mut State, call: &Call) -> Answer {
    let input = call.form()?;
    let customer_uid = input.str("customer_uid").or_fail()?;
    let uids = input.strs("merchant_uid").or_fail()?;
    if customer_uid.is_none() && uids.is_empty() {
        return Err(fail(1, "customer_uid 또는 merchant_uid를 지정해주셔야합니다."));
    }
    let waiting = |at: &Row| state.schedule(*at).status == ScheduleStatus::Scheduled;
    let of_key = |at: &Row| {
        let schedule = state.schedule(*at);
        let name = &state.key(schedule.key).name;
        schedule.version == Version::V1
            && schedule.store == call.store
            && customer_uid.is_none_or(|uid| uid == &**name)
    };
    let mut rows: Vec<Row> = if uids.is_empty() {
        state.schedules_due.iter().map(|(_, at)| *at).filter(of_key).filter(waiting).collect()
    } else {
        uids.iter().filter_map(|uid| find(state, call, uid)).filter(of_key).filter(waiting).collect()
    };
    rows.dedup();
    if rows.is_empty() {
        return Err(fail(1, "취소할 예약결제 기록이 존재하지 않습니다."));
    }
    let now = state.now();
    for at in &rows {
        state.change_schedule(*at, |schedule| {
            schedule.status = ScheduleStatus::Revoked;
            schedule.revoked = now;
        });
    }
    ok_raw(200, &list_of(state, &rows))
}

/// `GET /subscribe/payments/schedule/{merchant_uid}`.
pub fn one(state: &State, call: &Call) -> Answer {
    let at = need(state, call)?;
    ok(|o| write::schedule(o, state, state.schedule(at)))
}

/// Rows of a window, lower bound inclusive, upper exclusive (V1 §10.2).
fn in_window(state: &State, call: &Call, names: [&str; 3]) -> Result<Vec<Row>, Reply> {
    let [from, to, status] = names;
    let need = |name: &str| {
        time(call, name)?.ok_or_else(|| error(400, &format!("{name} 파라메터가 누락되었습니다.")))
    };
    let (from, to) = (need(from)?, need(to)?);
    if from > to || to - from > WINDOW {
        return Err(error(400, "조회 기간은 최대 3개월까지 지정할 수 있습니다."));
    }
    let status = call.query(status);
    if status.is_some_and(|status| !matches!(status, "scheduled" | "executed" | "revoked")) {
        return Err(error(400, "지원되지 않는 상태값입니다."));
    }
    let lagged = state.now().saturating_sub(call.lag);
    let rows = state.by_due.between(from, to).iter().rev().map(|(_, at)| *at);
    let fits = |at: &Row| {
        let schedule = state.schedule(*at);
        schedule.version == Version::V1
            && schedule.store == call.store
            && status.is_none_or(|status| status == write::schedule_word(schedule.status))
            && (call.lag == 0 || schedule.created <= lagged)
    };
    Ok(rows.filter(fits).collect())
}

/// `GET /subscribe/payments/schedule`: a page, whatever the schema says (V1 §10.2).
pub fn list(state: &State, call: &Call) -> Answer {
    let mut rows = in_window(state, call, ["schedule_from", "schedule_to", "schedule_status"])?;
    let (page, limit) = paging(call)?;
    if call.query("sorting") == Some("scheduled") {
        rows.reverse();
    }
    let body = write::page(&rows, page, limit, |list, at| {
        list.obj(|o| write::schedule(o, state, state.schedule(at)));
    });
    ok_raw(200, &body)
}

/// `GET …/schedule/customers/{customer_uid}` and `GET /subscribe/customers/{customer_uid}/schedules`: other
/// parameter names than the list by time, a hyphen among them (V1 §10.4).
pub fn by_key(state: &State, call: &Call) -> Answer {
    let mut rows = in_window(state, call, ["from", "to", "schedule-status"])?;
    let (page, _) = paging(call)?;
    rows.retain(|at| *state.key(state.schedule(*at).key).name == *call.param(0));
    let body = write::page(&rows, page, 20, |list, at| {
        list.obj(|o| write::schedule(o, state, state.schedule(at)));
    });
    ok_raw(200, &body)
}

/// The new time of a move, in the future.
fn new_time(state: &State, call: &Call) -> Result<Time, Reply> {
    let input = call.form()?;
    let at =
        input.unix("schedule_at").map_err(|_| error(400, "schedule_at 파라메터가 올바르지 않습니다."))?;
    let at = at.ok_or_else(|| error(400, "schedule_at 파라메터가 누락되었습니다."))?;
    if at <= state.now() {
        return Err(error(400, "schedule_at은 현재보다 이후 시각이어야 합니다."));
    }
    Ok(at)
}

/// `PUT /subscribe/payments/schedule/{merchant_uid}`: only while it waits.
pub fn move_it(state: &mut State, call: &Call) -> Answer {
    let at = need(state, call)?;
    let due = new_time(state, call)?;
    if state.schedule(at).status != ScheduleStatus::Scheduled {
        return Err(error(400, "예약 상태인 결제만 변경할 수 있습니다."));
    }
    state.change_schedule(at, |schedule| schedule.due = due);
    ok(|o| write::schedule(o, state, state.schedule(at)))
}

/// Only what failed or was called off may come back (V1 §10.9).
fn may_come_back(state: &State, at: Row) -> Result<(), Reply> {
    match state.schedule(at).status {
        ScheduleStatus::Failed | ScheduleStatus::Revoked => Ok(()),
        ScheduleStatus::Scheduled => Err(error(400, "아직 실행되지 않은 예약결제입니다.")),
        ScheduleStatus::Started => Err(error(400, "실행 중인 예약결제입니다.")),
        ScheduleStatus::Pending | ScheduleStatus::Succeeded => Err(error(400, "이미 승인된 예약결제입니다.")),
    }
}

/// `POST …/{merchant_uid}/reschedule`.
pub fn reschedule(state: &mut State, call: &Call) -> Answer {
    let at = need(state, call)?;
    let due = new_time(state, call)?;
    may_come_back(state, at)?;
    state.change_schedule(at, |schedule| {
        schedule.status = ScheduleStatus::Scheduled;
        schedule.due = due;
        (schedule.started, schedule.completed, schedule.revoked, schedule.attempt) = (0, 0, 0, None);
    });
    ok(|o| write::schedule(o, state, state.schedule(at)))
}

/// `POST …/{merchant_uid}/retry`: charges now and answers with the payment.
pub fn retry(state: &mut State, call: &Call) -> Answer {
    let at = need(state, call)?;
    may_come_back(state, at)?;
    if state.key(state.schedule(at).key).deleted != 0 {
        return Err(error(404, "등록되지 않은 구매자입니다."));
    }
    let now = state.now();
    state.change_schedule(at, |schedule| {
        schedule.started = now;
        schedule.revoked = 0;
    });
    let attempt = scheduler::finish(state, at).ok_or_else(|| error(500, "결제 재시도에 실패하였습니다."))?;
    tried(state, Ok(attempt), "")
}
