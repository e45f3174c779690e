//! What V1's answers to requests that move money mean (V1 §3.1, §3.2). Whatever is not certain is unseen.

use reqwest::StatusCode;

use super::wire::{self, Envelope};
use crate::domain::billing_key::IssuedKey;
use crate::domain::cash_receipt::ProviderReceipt;
use crate::domain::payment::{PaymentState, ProviderPayment};
use crate::domain::problem::Problem;
use crate::domain::record::PaymentRecord;
use crate::domain::schedule::ProviderSchedule;
use crate::domain::text::SafeText;
use crate::gateway::{Charged, Reply};

/// The answer to a charge: a payment that was paid or failed.
pub(super) fn charged(status: StatusCode, body: &[u8]) -> Charged {
    answer(status, body, |envelope| payment(envelope, &PaymentState::Paid))
}

/// The answer to the issue of an account: a payment that waits.
pub(super) fn account(status: StatusCode, body: &[u8]) -> Charged {
    answer(status, body, |envelope| payment(envelope, &PaymentState::VirtualAccountIssued))
}

/// The answer to the closing of an account: 400 is "no account, or not `ready`" (V1 §13.2).
pub(super) fn closed(status: StatusCode, body: &[u8]) -> Reply<()> {
    if status == StatusCode::BAD_REQUEST && wire::envelope(body).is_some_and(|envelope| envelope.code != 0) {
        return Reply::NotDone(Problem::NotWaiting);
    }
    answer(status, body, |envelope| match envelope.payment() {
        Some(_) => Reply::Done(()),
        None => Reply::Unseen("malformed"),
    })
}

/// The answer to the issue of a key.
pub(super) fn issued(status: StatusCode, body: &[u8]) -> Reply<IssuedKey> {
    answer(status, body, |envelope| match envelope.issued() {
        Some(issued) => Reply::Done(issued),
        None => Reply::Unseen("malformed"),
    })
}

/// The answer to a deletion: the key that is gone, or 404, or 200 with a code (V1 §8.4).
pub(super) fn deleted(status: StatusCode, body: &[u8]) -> Reply<()> {
    match wire::envelope(body) {
        Some(envelope) if status == StatusCode::NOT_FOUND && envelope.code != 0 => {
            Reply::NotDone(Problem::KeyGone)
        }
        _ => answer(status, body, |envelope| {
            if envelope.is_object() { Reply::Done(()) } else { Reply::Unseen("malformed") }
        }),
    }
}

/// The answer to a refund: the whole payment after it (V1 §12).
pub(super) fn refunded(status: StatusCode, body: &[u8]) -> Reply<PaymentRecord> {
    answer(status, body, |envelope| match envelope.record() {
        Some(record) => Reply::Done(record),
        None => Reply::Unseen("malformed"),
    })
}

/// The answer to a cash receipt's issue or cancellation: the receipt. 501 says that the PG has none (V1 §13.3).
pub(super) fn receipt(status: StatusCode, body: &[u8]) -> Reply<ProviderReceipt> {
    if status == StatusCode::NOT_IMPLEMENTED
        && wire::envelope(body).is_some_and(|envelope| envelope.code != 0)
    {
        return Reply::NotDone(Problem::Unsupported { what: "cash_receipt" });
    }
    answer(status, body, |envelope| match envelope.receipt() {
        Some(receipt) => Reply::Done(receipt),
        None => Reply::Unseen("malformed"),
    })
}

/// The answer to a new schedule or to a revocation: schedules, one by one (V1 §10.1, §10.5).
pub(super) fn schedules(status: StatusCode, body: &[u8]) -> Reply<Vec<ProviderSchedule>> {
    answer(status, body, |envelope| match envelope.schedules() {
        Some(schedules) => Reply::Done(schedules),
        None => Reply::Unseen("malformed"),
    })
}

/// The answer to another time for a schedule (V1 §10.6, §10.7): it waits again.
pub(super) fn schedule(status: StatusCode, body: &[u8]) -> Reply<ProviderSchedule> {
    answer(status, body, |envelope| match envelope.schedule() {
        Some(schedule) if schedule.state.is_open() => Reply::Done(schedule),
        Some(_) => Reply::Unseen("undecided"),
        None => Reply::Unseen("malformed"),
    })
}

fn payment(envelope: &Envelope, wanted: &PaymentState) -> Charged {
    let Some(payment) = envelope.payment() else { return Reply::Unseen("malformed") };
    match &payment.state {
        // An account that was paid before its answer was written is issued all the same.
        PaymentState::Paid => Reply::Done(boxed(payment)),
        state if state == wanted => Reply::Done(boxed(payment)),
        PaymentState::Failed => Reply::Declined(payment.refusal.unwrap_or_default()),
        _ => Reply::Unseen("undecided"),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of an answer that may tell nothing")]
fn boxed(payment: ProviderPayment) -> Option<Box<ProviderPayment>> {
    Some(Box::new(payment))
}

/// One table for all of them.
fn answer<T>(status: StatusCode, body: &[u8], done: impl FnOnce(&Envelope) -> Reply<T>) -> Reply<T> {
    let Some(envelope) = wire::envelope(body) else {
        return Reply::Unseen(if status.is_redirection() { "redirect" } else { "malformed" });
    };
    match (status, envelope.code) {
        (StatusCode::UNAUTHORIZED, _) => Reply::NotDone(Problem::Credentials { profile: String::new() }),
        (StatusCode::OK, 0) => done(&envelope),
        (StatusCode::OK, _) => Reply::Declined(envelope.refusal()),
        (StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND, code) if code != 0 => {
            Reply::NotDone(Problem::Refused {
                kind: format!("http_{}", status.as_u16()),
                message: SafeText::message(envelope.message.as_deref().unwrap_or_default()).to_string(),
            })
        }
        _ => Reply::Unseen("unknown_error"),
    }
}
