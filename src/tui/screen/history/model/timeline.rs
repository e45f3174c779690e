//! The timeline of one payment: what we meant to do, what the provider tells, what was given back, one line below
//! the other, with when and who. Pure; the view says it in words.

use jiff::Timestamp;

use super::{Known, Ours};
use crate::domain::intent::Intent;
use crate::domain::record::{Cancellation, CancellationState, PaymentRecord, WebhookSeen};
use crate::domain::refund::hand::BY_HAND;
use crate::domain::text::SafeText;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum What<'a> {
    /// We meant to do something: the intent was written.
    Meant(&'a Intent),
    /// A line of the journal about it: the step's word, and what was kept of it.
    Line(&'a str, &'a str),
    /// A note that an operator wrote.
    Note(&'a str),
    /// The provider was asked for the payment.
    Requested(&'a PaymentRecord),
    /// It was paid.
    Paid(&'a PaymentRecord),
    /// It failed.
    Failed(&'a PaymentRecord),
    /// It is in some other state since then.
    State(&'a PaymentRecord),
    /// The provider told somebody of it.
    Webhook(&'a WebhookSeen),
    /// A cancellation was asked for.
    CancelAsked(&'a Cancellation),
    /// It was done.
    Cancelled(&'a Cancellation),
    /// It failed.
    CancelFailed(&'a Cancellation),
    /// A cash receipt was issued, with this number.
    ReceiptIssued(Option<&'a SafeText>),
    /// It was cancelled.
    ReceiptCancelled,
}

/// One line of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event<'a> {
    /// When; nothing where nobody says.
    pub at: Option<Timestamp>,
    /// What.
    pub what: What<'a>,
    /// Who, as far as it was done here.
    pub who: Option<&'a str>,
}

fn second(at: Option<i64>) -> Option<Timestamp> {
    at.and_then(|at| Timestamp::from_second(at).ok())
}

/// Everything that is known of a payment, the first first; what has no time comes last.
pub fn timeline(known: &Known) -> Vec<Event<'_>> {
    let mut events = Vec::new();
    for ours in &known.ours {
        of_ours(ours, &mut events);
    }
    for attempt in &known.attempts {
        of_attempt(attempt, &mut events);
    }
    if let Some(receipt) = &known.receipt {
        if let Some(at) = second(receipt.issued_at) {
            let what = What::ReceiptIssued(receipt.number.as_ref());
            events.push(Event { at: Some(at), what, who: None });
        }
        if let Some(at) = second(receipt.cancelled_at) {
            events.push(Event { at: Some(at), what: What::ReceiptCancelled, who: None });
        }
    }
    // Stable: of one second, the order above is the order in which it must have been.
    events.sort_by_key(|event| (event.at.is_none(), event.at));
    events
}

fn of_ours<'a>(ours: &'a Ours, events: &mut Vec<Event<'a>>) {
    let new = &ours.intent.new;
    let who = Some(new.operator.user.as_str());
    events.push(Event { at: Some(new.created), what: What::Meant(&ours.intent), who });
    if let Some(note) = &new.note {
        events.push(Event { at: Some(new.created), what: What::Note(note), who });
    }
    for (at, word, detail) in &ours.lines {
        // Who settled it by hand need not be who ordered it, and is told by the line itself.
        let who = who.filter(|_| word != BY_HAND);
        events.push(Event { at: Some(*at), what: What::Line(word, detail), who });
    }
}

fn of_attempt<'a>(attempt: &'a PaymentRecord, events: &mut Vec<Event<'a>>) {
    let mut tell = |at: Option<i64>, what| events.push(Event { at: second(at), what, who: None });
    if attempt.requested_at.is_some() {
        tell(attempt.requested_at, What::Requested(attempt));
    }
    if attempt.payment.state.was_paid() {
        tell(attempt.payment.paid_at, What::Paid(attempt));
    } else if attempt.payment.refusal.is_some() {
        tell(attempt.changed_at, What::Failed(attempt));
    } else {
        tell(attempt.changed_at, What::State(attempt));
    }
    for webhook in &attempt.webhooks {
        tell(webhook.at, What::Webhook(webhook));
    }
    for one in &attempt.cancellations {
        match one.state {
            CancellationState::Requested | CancellationState::Other(_) => {
                tell(one.requested_at, What::CancelAsked(one));
            }
            CancellationState::Succeeded => {
                tell(one.cancelled_at.or(one.requested_at), What::Cancelled(one));
            }
            CancellationState::Failed(_) => tell(one.requested_at, What::CancelFailed(one)),
        }
    }
}
