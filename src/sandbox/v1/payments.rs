//! Looking up payments (V1 §11).

use super::{Answer, Call, Reply, error, ok, ok_raw, write};
use crate::sandbox::catalog;
use crate::sandbox::clock::{DAY, Time};
use crate::sandbox::json;
use crate::sandbox::model::{Attempt, Row, Status, Version};
use crate::sandbox::state::State;
use crate::sandbox::webhook::v1_status;

/// Ids in one multi-get (V1 §11.2).
const MOST_IDS: usize = 100;

fn not_found() -> Reply {
    error(404, "존재하지 않는 결제정보입니다.")
}

/// A payment of this store by `imp_uid`.
pub fn by_imp_uid(state: &State, call: &Call, imp_uid: &str) -> Option<Row> {
    let at = state.find_tx(imp_uid)?;
    let attempt = state.attempt(at);
    (attempt.version == Version::V1 && attempt.store == call.store).then_some(at)
}

/// `GET /payments/{imp_uid}`: a test payment is left out unless asked for.
pub fn one(state: &State, call: &Call) -> Answer {
    let at = by_imp_uid(state, call, call.param(0)).ok_or_else(not_found)?;
    let live = catalog::channel(state.attempt(at).channel).live;
    if !live && !call.flag("include_sandbox") {
        return Err(not_found());
    }
    ok(|o| {
        write::payment(o, state, at);
        if call.flag("extension") {
            o.raw("extension", "null");
        }
    })
}

/// `GET /payments?imp_uid[]=…&merchant_uid[]=…`: 207 when some are unknown.
pub fn several(state: &State, call: &Call) -> Answer {
    let (imp_uids, merchant_uids) = (call.queries("imp_uid"), call.queries("merchant_uid"));
    let asked = imp_uids.len() + merchant_uids.len();
    if asked == 0 || asked > MOST_IDS {
        return Err(error(400, "imp_uid 또는 merchant_uid를 1개 이상 100개 이하로 지정해주셔야합니다."));
    }
    let by_uid = merchant_uids.iter().map(|uid| newest_v1(state, call, uid));
    let found: Vec<Row> =
        imp_uids.iter().map(|uid| by_imp_uid(state, call, uid)).chain(by_uid).flatten().collect();
    if found.is_empty() {
        return Err(not_found());
    }
    let list = json::array(|list| found.iter().for_each(|at| list.obj(|o| write::payment(o, state, *at))));
    ok_raw(if found.len() == asked { 200 } else { 207 }, &list)
}

fn newest_v1(state: &State, call: &Call, uid: &str) -> Option<Row> {
    state.find_payment(call.store, uid).filter(|at| state.attempt(*at).version == Version::V1)
}

/// The order of a list: minus is descending (V1 §4.7).
fn sort(state: &State, rows: &mut [Row], sorting: Option<&str>) {
    let sorting = sorting.unwrap_or("-started");
    let time = |row: &Row| -> (Time, Row) {
        let attempt = state.attempt(*row);
        let at = match sorting.trim_start_matches('-') {
            "paid" => attempt.paid,
            "updated" => attempt.changed,
            _ => attempt.requested,
        };
        (at, *row)
    };
    rows.sort_by_cached_key(time);
    if sorting.starts_with('-') {
        rows.reverse();
    }
}

fn tries(state: &State, call: &Call) -> Result<Vec<Row>, Reply> {
    let status = call.path.get(1).map(String::as_str).filter(|status| !status.is_empty());
    if status.is_some_and(|status| !matches!(status, "ready" | "paid" | "failed" | "cancelled")) {
        return Err(error(400, "지원되지 않는 상태값입니다."));
    }
    let newest = newest_v1(state, call, call.param(0)).ok_or_else(not_found)?;
    let fits = |at: &Row| status.is_none_or(|status| status == v1_status(state.attempt(*at).status));
    let mut rows: Vec<Row> = state.tries(newest).filter(fits).collect();
    if rows.is_empty() {
        return Err(not_found());
    }
    sort(state, &mut rows, call.query("sorting"));
    Ok(rows)
}

/// `GET /payments/find/{merchant_uid}[/{payment_status}]`: the first in order.
pub fn find(state: &State, call: &Call) -> Answer {
    let rows = tries(state, call).map_err(|reply| if reply.status == 400 { not_found() } else { reply })?;
    let at = rows.first().copied().ok_or_else(not_found)?;
    ok(|o| write::payment(o, state, at))
}

/// `page` from 1 and `limit` from 1 to 1,000 (20 unless told otherwise).
pub fn paging(call: &Call) -> Result<(usize, usize), Reply> {
    let number = |name: &str, default: usize, most: usize| match call.query(name).map(str::parse) {
        None => Ok(default),
        Some(Ok(value)) if (1..=most).contains(&value) => Ok(value),
        Some(_) => Err(error(400, &format!("{name} 파라메터가 올바르지 않습니다."))),
    };
    Ok((number("page", 1, 1_000_000)?, number("limit", 20, 1_000)?))
}

/// `GET /payments/findAll/{merchant_uid}[/{payment_status}]`.
pub fn find_all(state: &State, call: &Call) -> Answer {
    let rows = tries(state, call)?;
    let (page, limit) = paging(call)?;
    ok_raw(200, &write::page(&rows, page, limit, |list, at| list.obj(|o| write::payment(o, state, at))))
}

/// The time a row is listed by, according to its state (V1 §11.5).
fn listed_at(attempt: &Attempt) -> Time {
    match attempt.status {
        Status::Ready | Status::Pending | Status::Issued => attempt.requested,
        Status::Paid => attempt.paid,
        Status::Failed => attempt.changed,
        Status::Partial | Status::Cancelled => attempt.cancelled_at,
    }
}

/// A time in a query.
pub fn time(call: &Call, name: &str) -> Result<Option<Time>, Reply> {
    match call.query(name).map(str::parse) {
        None => Ok(None),
        Some(Ok(at)) => Ok(Some(at)),
        Some(Err(_)) => Err(error(400, &format!("{name} 파라메터가 올바르지 않습니다."))),
    }
}

/// `GET /payments/status/{payment_status}`: both bounds inclusive, at most 90 days, 400 past the last page.
pub fn history(state: &State, call: &Call) -> Answer {
    let status = call.param(0);
    if !matches!(status, "all" | "ready" | "paid" | "failed" | "cancelled") {
        return Err(error(400, "지원되지 않는 상태값입니다."));
    }
    let to = time(call, "to")?.unwrap_or_else(|| state.now());
    let from = time(call, "from")?.unwrap_or_else(|| to.saturating_sub(90 * DAY));
    if from > to || to - from > 90 * DAY {
        return Err(error(400, "조회 기간은 최대 90일까지 지정할 수 있습니다."));
    }
    let (page, limit) = paging(call)?;
    let lagged = state.now().saturating_sub(call.lag);
    // The state's time is never before the time a row is listed by, and for these states never after it either.
    let rows = state.by_changed.between(from, Time::MAX).iter().map(|(_, at)| *at);
    let mut rows: Vec<Row> = rows
        .filter(|at| {
            let attempt = state.attempt(*at);
            attempt.version == Version::V1
                && attempt.store == call.store
                && (status == "all" || status == v1_status(attempt.status))
                && (from..=to).contains(&listed_at(attempt))
                && (call.lag == 0 || attempt.changed <= lagged)
        })
        .collect();
    if page > 1 && (page - 1).saturating_mul(limit) >= rows.len() {
        return Err(error(400, "존재하지 않는 페이지입니다."));
    }
    sort(state, &mut rows, call.query("sorting"));
    ok_raw(200, &write::page(&rows, page, limit, |list, at| list.obj(|o| write::payment(o, state, at))))
}

/// `GET /payments/{imp_uid}/balance`: PAYCO only.
pub fn balance(state: &State, call: &Call) -> Answer {
    let at = by_imp_uid(state, call, call.param(0)).ok_or_else(not_found)?;
    let attempt = state.attempt(at);
    if catalog::channel(attempt.channel).pg != "payco" {
        return Err(error(405, "잔액 조회를 지원하지 않는 결제수단입니다."));
    }
    let scale = catalog::scale(attempt.currency());
    let left = attempt.total - attempt.cancelled;
    let tax_free = attempt.tax_free - attempt.cancelled_tax_free;
    let vat = if attempt.cancelled == 0 { attempt.vat } else { crate::sandbox::charge::vat(left, tax_free) };
    let parts = |o: &mut json::Obj<'_>, some: bool| {
        let (tax_free, vat, total) = if some { (tax_free, vat, left) } else { (0, 0, 0) };
        o.major("tax_free", tax_free, scale).major("supply", total - tax_free - vat, scale);
        o.major("vat", vat, scale).major("service", 0, scale);
    };
    let four = |o: &mut json::Obj<'_>| {
        o.obj("cash_receipt", |o| parts(o, false)).obj("primary", |o| parts(o, true));
        o.obj("secondary", |o| parts(o, false)).obj("discount", |o| parts(o, false));
    };
    ok(|o| {
        o.major("amount", left, scale);
        four(o);
        o.arr("histories", |list| {
            list.obj(|o| {
                four(o);
                o.int("created", attempt.changed);
            });
        });
    })
}
