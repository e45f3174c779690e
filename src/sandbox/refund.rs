//! Giving money back: the checks both generations share, and refunds that end later. Knows no wire format.

use super::card::{Effect, Why};
use super::catalog;
use super::model::{Attempt, Cancel, CancelStatus, Method, Row, Status, Version};
use super::state::State;
use super::webhook::{self, What};

/// Partial refunds KSNET allows for one payment (V2 §19).
const KSNET_REFUNDS: usize = 9;
/// How long an asynchronous refund takes, in seconds.
const LATER: u32 = 60;

/// What is asked back.
#[derive(Debug, Default)]
pub struct Ask<'a> {
    /// Amount; everything left when absent.
    pub amount: Option<i64>,
    /// Tax-free part of it.
    pub tax_free: Option<i64>,
    /// VAT part of it.
    pub vat: Option<i64>,
    /// What the merchant believes is left.
    pub balance: Option<i64>,
    /// Why.
    pub reason: &'a str,
    /// Whether an account to refund to was named.
    pub account: bool,
    /// Done in the merchant's console.
    pub console: bool,
    /// No webhook.
    pub silent: bool,
}

/// Why a refund is refused.
#[derive(Debug, PartialEq, Eq)]
pub enum No {
    /// Nothing was paid.
    NotPaid,
    /// Nothing is left.
    Already,
    /// The balance is another one.
    Balance,
    /// More than is left.
    TooMuch,
    /// More tax-free than is left.
    TaxFree,
    /// More taxable than is left.
    Taxable,
    /// The parts are more than the whole.
    Parts,
    /// Too many refunds.
    Count,
    /// The PG says no.
    Pg(&'static str, &'static str),
}

/// Tax-free part that has neither gone back nor is on its way.
fn tax_free_left(attempt: &Attempt) -> i64 {
    let pending = attempt.cancels.iter().filter(|cancel| cancel.status == CancelStatus::Requested);
    attempt.tax_free - attempt.cancelled_tax_free - pending.map(|cancel| cancel.tax_free).sum::<i64>()
}

/// Gives money back. The position of the refund in the attempt's list comes back, in whatever state it is.
pub fn cancel(state: &mut State, at: Row, ask: &Ask<'_>) -> Result<usize, No> {
    let attempt = state.attempt(at);
    if !attempt.was_paid() {
        return Err(No::NotPaid);
    }
    let left = attempt.left();
    if attempt.status == Status::Cancelled || left == 0 {
        return Err(No::Already);
    }
    if ask.balance.is_some_and(|balance| balance != left) {
        return Err(No::Balance);
    }
    let amount = ask.amount.unwrap_or(left);
    if amount > left {
        return Err(No::TooMuch);
    }
    // An omitted tax-free part means "all taxable" for a part, and "whatever is left" for the whole rest.
    let tax_free = ask.tax_free.unwrap_or(if amount == left { tax_free_left(attempt) } else { 0 });
    if tax_free.saturating_add(ask.vat.unwrap_or_default()) > amount {
        return Err(No::Parts);
    }
    if tax_free > tax_free_left(attempt) {
        return Err(No::TaxFree);
    }
    if amount - tax_free > left - tax_free_left(attempt) {
        return Err(No::Taxable);
    }
    let pg = catalog::channel(attempt.channel).pg;
    if pg.eq_ignore_ascii_case("ksnet") && amount < left && attempt.cancels.len() >= KSNET_REFUNDS {
        return Err(No::Count);
    }
    if matches!(attempt.method, Some(Method::Account(_))) && !ask.account {
        return Err(No::Pg("REFUND_ACCOUNT", "환불받을 계좌 정보(은행, 계좌번호, 예금주)가 필요합니다."));
    }
    let effect = attempt.card().and_then(super::card::Card::trick).map(|trick| trick.effect);
    if effect == Some(Effect::CancelRefused) {
        let (code, text) = Why::Refund.words(pg);
        return Err(No::Pg(code, text));
    }
    let later = matches!(effect, Some(Effect::CancelLater | Effect::CancelLaterFails));
    let status = match effect {
        Some(Effect::CancelFails) => CancelStatus::Failed,
        _ if later || pg == "TRIPLE_A" => CancelStatus::Requested,
        _ => CancelStatus::Succeeded,
    };
    // V2 holds back the success only; a V1 refund through the API tells nothing at all unless asked (V1 §15).
    let quiet = ask.silent && attempt.version == Version::V1;
    let now = state.now();
    let cancel = Cancel {
        id: state.rng.uuid(now),
        pg_id: state.rng.pg_tx("C", now),
        status,
        total: amount,
        tax_free,
        vat: ask.vat.unwrap_or_else(|| super::charge::vat(amount, tax_free)),
        reason: ask.reason.into(),
        requested: now,
        done: if status == CancelStatus::Succeeded { now } else { 0 },
        console: ask.console,
        quiet,
    };
    let id = cancel.id.clone();
    let place = state.change_attempt(at, |attempt| {
        attempt.cancels.push(cancel);
        attempt.cancels.len() - 1
    });
    let number = u16::try_from(place).unwrap_or(u16::MAX);
    match status {
        CancelStatus::Succeeded => {
            book(state, at, place);
            if !ask.silent {
                webhook::cancel(state, at, What::Cancelled, &id);
            }
        }
        CancelStatus::Requested => {
            if later {
                let due = (now.saturating_add(LATER), at, number, effect == Some(Effect::CancelLater));
                state.cancels_due.insert(due);
                state.notes.push(super::journal::Journal::cancel_due_line(due.0, due.1, due.2, due.3));
            }
            if !quiet {
                webhook::cancel(state, at, What::CancelPending, &id);
            }
        }
        CancelStatus::Failed => (),
    }
    Ok(place)
}

/// Enters a refund that was done into the payment and the ledger.
fn book(state: &mut State, at: Row, place: usize) {
    let now = state.now();
    let whole = state.change_attempt(at, |attempt| {
        if let Some(cancel) = attempt.cancels.get(place) {
            attempt.cancelled += cancel.total;
            attempt.cancelled_tax_free += cancel.tax_free;
        }
        let whole = attempt.cancelled >= attempt.total;
        attempt.status = if whole { Status::Cancelled } else { Status::Partial };
        attempt.changed = now;
        attempt.cancelled_at = now;
        whole
    });
    state.add_event(at, Some(u16::try_from(place).unwrap_or(u16::MAX)), whole, now);
}

/// Ends a pending refund; false when it was not pending.
pub fn settle(state: &mut State, at: Row, place: usize, succeeds: bool) -> bool {
    let now = state.now();
    let pending =
        state.attempt(at).cancels.get(place).filter(|cancel| cancel.status == CancelStatus::Requested);
    let Some((id, quiet)) = pending.map(|cancel| (cancel.id.clone(), cancel.quiet)) else { return false };
    state.change_attempt(at, |attempt| {
        if let Some(cancel) = attempt.cancels.get_mut(place) {
            cancel.status = if succeeds { CancelStatus::Succeeded } else { CancelStatus::Failed };
            cancel.done = if succeeds { now } else { 0 };
        }
    });
    if succeeds {
        book(state, at, place);
        if !quiet {
            webhook::cancel(state, at, What::LateCancelled, &id);
        }
    }
    true
}

/// Takes a pending refund back; false when it was not pending.
pub fn stop(state: &mut State, at: Row, place: usize) -> bool {
    let pending = state.attempt(at).cancels.get(place);
    if pending.is_none_or(|cancel| cancel.status != CancelStatus::Requested) {
        return false;
    }
    state.change_attempt(at, |attempt| {
        if let Some(cancel) = attempt.cancels.get_mut(place) {
            cancel.status = CancelStatus::Failed;
        }
    });
    true
}
