//! The V2 operations (`api.portone.io`): errors, dispatch, and what several operations read the same way.

mod charge;
mod keys;
mod misc;
mod payments;
mod read;
mod receipts;
mod refund;
mod schedules;
mod sessions;
mod write;

use serde_json::Value;

use super::catalog::{StoreNo, find_store};
use super::http::{Call, Reply};
use super::input::{Bad, In};
use super::json;
use super::route::Op;
use super::state::State;

/// What an operation gives back; the error is an answer too.
pub type Answer = Result<Reply, Reply>;

/// The HTTP status of each error type (V2 §2).
fn status_of(kind: &str) -> u16 {
    match kind {
        "INVALID_REQUEST"
        | "MAX_TRANSACTION_COUNT_REACHED"
        | "PROMOTION_PAY_METHOD_DOES_NOT_MATCH"
        | "DISCOUNT_AMOUNT_EXCEEDS_TOTAL_AMOUNT"
        | "MAX_WEBHOOK_RETRY_COUNT_REACHED"
        | "MAX_TTL_EXCEEDED" => 400,
        "UNAUTHORIZED" => 401,
        "FORBIDDEN" => 403,
        "BILLING_KEY_NOT_ISSUED" | "CASH_RECEIPT_NOT_ISSUED" => 404,
        "SESSION_EXPIRED" => 410,
        "PG_PROVIDER" | "CHANNEL_SPECIFIC" => 502,
        kind if kind.ends_with("_NOT_FOUND") => 404,
        _ => 409,
    }
}

/// An error of the documented list.
pub fn error(kind: &str, message: &str) -> Reply {
    local_error(status_of(kind), kind, message)
}

/// An error with a status of its own (the sandbox's own types).
pub fn local_error(status: u16, kind: &str, message: &str) -> Reply {
    let body = json::object(|o| {
        o.str("type", kind).str("message", message);
    });
    Reply { status, body }
}

/// The PG refused (V2 §2).
fn pg_error(code: &str, text: &str) -> Reply {
    let body = json::object(|o| {
        o.str("type", "PG_PROVIDER").str("message", "PG사에서 요청을 거절하였습니다.");
        o.str("pgCode", code).str("pgMessage", text);
    });
    Reply { status: 502, body }
}

impl From<Bad> for Reply {
    fn from(bad: Bad) -> Self {
        error("INVALID_REQUEST", &bad.0)
    }
}

/// A success: always HTTP 200 (V2 §1).
#[expect(clippy::unnecessary_wraps, reason = "every operation ends in an Answer")]
fn ok(fill: impl FnOnce(&mut json::Obj<'_>)) -> Answer {
    Ok(Reply { status: 200, body: json::object(fill) })
}

/// The store a request names, or the credential's own.
fn store(id: Option<&str>) -> Result<StoreNo, Reply> {
    match id {
        None => Ok(0),
        Some(id) => {
            find_store(id).ok_or_else(|| error("FORBIDDEN", "storeId: this API secret has no such store"))
        }
    }
}

/// Like [`store`], before a request has been checked; unknown stores count as the own one.
pub fn store_hint(body: &Value) -> StoreNo {
    body.get("storeId").and_then(Value::as_str).and_then(find_store).unwrap_or_default()
}

impl Call {
    fn input(&self) -> Result<In<'_>, Reply> {
        Ok(In::root(&self.body, false)?)
    }

    fn query_store(&self) -> Result<StoreNo, Reply> {
        store(self.query("storeId"))
    }
}

/// The answer of `resend-webhook` once the webhook has gone.
pub fn resent(state: &State, call: &Call) -> Reply {
    misc::resent(state, call).unwrap_or_else(|error| error)
}

/// Carries an operation out.
pub fn serve(state: &mut State, call: &Call) -> Reply {
    let answer = match call.route.op {
        Op::V2Login => misc::login(state, call),
        Op::V2Refresh => misc::refresh(state, call),
        Op::V2Instant => charge::instant(state, call),
        Op::V2ChargeKey => charge::by_key(state, call),
        Op::V2Schedule => schedules::create(state, call),
        Op::V2ListSchedules => schedules::list(state, call),
        Op::V2Revoke => schedules::revoke(state, call),
        Op::V2OneSchedule => schedules::one(state, call),
        Op::V2IssueKey => keys::issue(state, call),
        Op::V2ListKeys => keys::list(state, call),
        Op::V2Key => keys::one(state, call),
        Op::V2DeleteKey => keys::delete(state, call),
        Op::V2ListPayments => payments::list(state, call),
        Op::V2Payment => payments::one(state, call),
        Op::V2Transactions => payments::transactions(state, call),
        Op::V2PaymentsByCursor => payments::by_cursor(state, call),
        Op::V2EventsByCursor => payments::events(state, call),
        Op::V2Cancel => refund::cancel(state, call),
        Op::V2StopCancel => refund::stop(state, call),
        Op::V2ResendWebhook => misc::resend(state, call),
        Op::V2CloseAccount => misc::close_account(state, call),
        Op::V2ListReceipts => receipts::list(state, call),
        Op::V2IssueReceipt => receipts::issue(state, call),
        Op::V2Receipt => receipts::one(state, call),
        Op::V2CancelReceipt => receipts::cancel(state, call),
        Op::V2PreRegister => misc::pre_register(state, call),
        Op::V2Banks => misc::banks(),
        Op::V2CreateSession => sessions::create(state, call),
        Op::V2Session => sessions::one(state, call),
        Op::V2CloseSession => sessions::close(state, call),
        Op::V2EvaluateProfile => sessions::evaluate(call),
        _ => Err(local_error(500, "SANDBOX_BUG", "a V1 operation came to V2")),
    };
    answer.unwrap_or_else(|error| error)
}
