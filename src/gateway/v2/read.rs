//! What V2's answers to requests that move money mean (V2 §2, §8.4, §9, §14). Whatever is not certain is
//! unseen.

use reqwest::StatusCode;
use serde_json::Value;

use super::wire;
use crate::domain::billing_key::IssuedKey;
use crate::domain::cash_receipt::ProviderReceipt;
use crate::domain::problem::Problem;
use crate::domain::text::SafeText;
use crate::gateway::{Charged, Reply};

/// The answer to a charge, or to the issue of an account.
pub(super) fn charged(status: StatusCode, body: &[u8]) -> Charged {
    answer(status, body, |body| wire::is_paid_instantly(body).then_some(None))
}

/// The answer to the issue of a key. Several channels that all failed are one decline (V2 §9.1).
pub(super) fn issued(status: StatusCode, body: &[u8]) -> Reply<IssuedKey> {
    at_channels(status, body).unwrap_or_else(|| answer(status, body, wire::key::issued))
}

/// A `CHANNEL_SPECIFIC` error (V2 §9.1, §9.4). When some channels did what was asked, nobody knows what the key is
/// now: it has to be looked at.
fn at_channels<T>(status: StatusCode, body: &[u8]) -> Option<Reply<T>> {
    if status.as_u16() != 502 {
        return None;
    }
    let failed = wire::key::failed_channels(body)?;
    Some(if failed.all { Reply::Declined(failed.first) } else { Reply::Unseen("some_channels") })
}

/// The answer to a deletion.
pub(super) fn deleted(status: StatusCode, body: &[u8]) -> Reply<()> {
    match wire::error(body) {
        // The same word elsewhere means that a schedule holds the payment id (V2 §2).
        Some(error) if status == StatusCode::CONFLICT && error.kind == "PAYMENT_SCHEDULE_ALREADY_EXISTS" => {
            Reply::NotDone(Problem::KeyHasSchedules)
        }
        _ => at_channels(status, body)
            .unwrap_or_else(|| answer(status, body, |body| wire::has_time(body, "deletedAt").then_some(()))),
    }
}

/// The answer to a new schedule: its id (V2 §11.1).
pub(super) fn booked(status: StatusCode, body: &[u8]) -> Reply<SafeText> {
    answer(status, body, wire::schedule::booked)
}

/// The answer to a revocation: what was revoked (V2 §11.4).
pub(super) fn revoked(status: StatusCode, body: &[u8]) -> Reply<Vec<SafeText>> {
    answer(status, body, wire::schedule::revoked)
}

/// The answer to a refund: the cancellation, whatever became of it (V2 §13.1).
pub(super) fn refunded(status: StatusCode, body: &[u8]) -> Reply<Value> {
    answer(status, body, |body| {
        let mut value: Value = serde_json::from_slice(body).ok()?;
        Some(value["cancellation"].take()).filter(Value::is_object)
    })
}

/// The answer to the issue of a cash receipt (V2 §15.1).
pub(super) fn receipt_issued(status: StatusCode, body: &[u8]) -> Reply<ProviderReceipt> {
    answer(status, body, wire::receipt::issued)
}

/// The answer to the cancellation of a cash receipt (V2 §15.3).
pub(super) fn receipt_cancelled(status: StatusCode, body: &[u8]) -> Reply<()> {
    answer(status, body, |body| wire::has_time(body, "cancelledAt").then_some(()))
}

/// The answer to the closing of an account.
pub(super) fn closed(status: StatusCode, body: &[u8]) -> Reply<()> {
    answer(status, body, |body| wire::has_time(body, "closedAt").then_some(()))
}

/// One table for all of them: which errors were before the door, and which may have been behind it.
fn answer<T>(status: StatusCode, body: &[u8], done: impl FnOnce(&[u8]) -> Option<T>) -> Reply<T> {
    if status == StatusCode::OK {
        return done(body).map_or(Reply::Unseen("malformed"), Reply::Done);
    }
    let Some(error) = wire::error(body) else {
        return Reply::Unseen(if status.is_redirection() { "redirect" } else { "malformed" });
    };
    match (status.as_u16(), error.kind.as_str()) {
        // A decline arrives as 502 (V2 §2); any other 5xx says nothing about the money.
        (502, "PG_PROVIDER") => Reply::Declined(error.refusal()),
        (401, _) => Reply::NotDone(Problem::Credentials { profile: String::new() }),
        (403, _) => Reply::NotDone(Problem::Forbidden { profile: String::new() }),
        (404, "CHANNEL_NOT_FOUND") => Reply::NotDone(Problem::ChannelUnknown { channel: String::new() }),
        (404, "BILLING_KEY_NOT_FOUND" | "BILLING_KEY_NOT_ISSUED") | (409, "BILLING_KEY_ALREADY_DELETED") => {
            Reply::NotDone(Problem::KeyGone)
        }
        (409, "PAYMENT_NOT_WAITING_FOR_DEPOSIT") => Reply::NotDone(Problem::NotWaiting),
        (409, "PAYMENT_SCHEDULE_ALREADY_EXISTS") => Reply::NotDone(Problem::ScheduleExists),
        (404, "PAYMENT_SCHEDULE_NOT_FOUND") => Reply::NotDone(Problem::ScheduleGone),
        (409, "PAYMENT_SCHEDULE_ALREADY_PROCESSED" | "PAYMENT_SCHEDULE_ALREADY_REVOKED") => {
            Reply::NotDone(Problem::ScheduleNotOpen)
        }
        (404, "CASH_RECEIPT_NOT_FOUND" | "CASH_RECEIPT_NOT_ISSUED") => Reply::NotDone(Problem::NoReceipt),
        (409, "CASH_RECEIPT_ALREADY_ISSUED") => Reply::NotDone(Problem::ReceiptExists),
        (409, "CANCELLABLE_AMOUNT_CONSISTENCY_BROKEN") => Reply::NotDone(Problem::BalanceChanged),
        (400 | 409, kind) if not_refundable(kind).is_some() => {
            Reply::NotDone(Problem::NotRefundable { what: not_refundable(kind).unwrap_or_default() })
        }
        // Something was paid under this id, or is being paid: only a look-up can say what.
        (409, "ALREADY_PAID") => Reply::Unseen("already_paid"),
        (409, "IDEMPOTENCY_OUTSTANDING_REQUEST") => Reply::Unseen("outstanding"),
        (409, "SUM_OF_PARTS_EXCEEDS_TOTAL_AMOUNT" | "ALREADY_PAID_OR_WAITING")
        | (404, "PAYMENT_NOT_FOUND")
        | (400, _) => Reply::NotDone(Problem::Refused {
            kind: SafeText::new(&error.kind).to_string(),
            message: SafeText::message(&error.message).to_string(),
        }),
        // A door that this program does not know yet: it may have been behind the charge.
        _ => Reply::Unseen("unknown_error"),
    }
}

/// What stands in the way of a refund, from the error's word (V2 §13.1).
fn not_refundable(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "PAYMENT_NOT_PAID" => "not_paid",
        "PAYMENT_ALREADY_CANCELLED" => "cancelled",
        "CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT" => "amount",
        "SUM_OF_PARTS_EXCEEDS_CANCEL_AMOUNT"
        | "CANCEL_TAX_FREE_AMOUNT_EXCEEDS_CANCELLABLE_TAX_FREE_AMOUNT"
        | "CANCEL_TAX_AMOUNT_EXCEEDS_CANCELLABLE_TAX_AMOUNT" => "tax",
        "MAX_CANCEL_COUNT_REACHED" => "count",
        "NEGATIVE_PROMOTION_ADJUSTED_CANCEL_AMOUNT"
        | "PROMOTION_DISCOUNT_RETAIN_OPTION_SHOULD_NOT_BE_CHANGED" => "promotion",
        _ => return None,
    })
}
