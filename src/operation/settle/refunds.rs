//! What became of refunds and cash receipts whose end nobody saw: told by the payment itself.
//!
//! Neither generation keeps an id of ours with a cancellation, so ours is found among those that were not there
//! before, by amount and reason. What could be somebody else's decides nothing: it stays unknown.

use crate::domain::intent::{Approval, Intent, IntentKind, PaymentRef, Step, Target};
use crate::domain::money::Money;
use crate::domain::outcome::Look;
use crate::domain::problem::Problem;
use crate::domain::record::{Cancellation, CancellationState, PaymentRecord, ReceiptState};
use crate::domain::refund::REQUESTED;
use crate::domain::refund::hand::{Evidence, Seen};
use crate::domain::text::SafeText;
use crate::operation::Desk;
use crate::operation::refund::{BEFORE, TAKEN_ON, approval_of, mark};

/// What the history of a refund says about cancellations.
#[derive(Debug, Default)]
struct Notes {
    /// Those that were there before.
    before: Vec<String>,
    /// The one that is ours, where the provider said.
    ours: Option<String>,
}

/// Which cancellation is ours.
#[derive(Debug, PartialEq, Eq)]
enum Ours<'a> {
    /// This one.
    This(&'a Cancellation),
    /// The sum says that it was done, and no list tells which it is.
    BySum,
    /// None that is new could be.
    None,
    /// What is new may be ours or another's; a word why.
    Undecided(&'static str),
}

impl Desk {
    /// A refund, by the cancellations of its payment.
    pub(super) async fn ask_for_refund(&self, intent: &Intent) -> Look {
        self.weigh_refund(intent).await.0
    }

    /// The same, with what was seen where that decides nothing and a person may: not while the provider itself says
    /// that it is still at work.
    pub(super) async fn weigh_refund(&self, intent: &Intent) -> (Look, Option<Evidence>) {
        let id = &intent.new.id;
        let Some(Target::Record(PaymentRef { id: payment, attempt, balance })) = &intent.new.target else {
            return (self.still_open(id, "undecided"), None);
        };
        let (notes, claimed) =
            match self.notes_of(intent).and_then(|notes| Ok((notes, self.claimed(intent)?))) {
                Ok(found) => found,
                Err(problem) => return (Look::Failed(problem), None),
            };
        let record = match self.attempt_now(payment, attempt.as_ref()).await {
            Ok(record) => record,
            Err(problem) => return (Look::Failed(problem), None),
        };
        let seen = |why| Evidence {
            id: id.clone(),
            payment: payment.clone(),
            amount: intent.new.amount,
            reason: intent.new.note.clone(),
            why,
            before: *balance,
            now: record.as_ref().and_then(PaymentRecord::balance),
            cancellations: record
                .as_ref()
                .map_or_else(Vec::new, |now| all_seen(intent, now, &notes, &claimed)),
        };
        let undecided = |why| (self.still_open(id, why), Some(seen(why)));
        // It was there when it was refunded; that it can't be found now settles nothing.
        let Some(now) = &record else { return undecided("not_found_yet") };
        let look = match ours(intent, *balance, now, &notes, &claimed) {
            Ours::This(cancellation) => match &cancellation.state {
                CancellationState::Succeeded => self.step(id, &Step::Approved(approval_of(cancellation))),
                CancellationState::Failed(refusal) => self.step(id, &Step::Declined(refusal.clone())),
                CancellationState::Requested => {
                    if notes.ours.is_none() {
                        self.note_taken_on(id, cancellation);
                    }
                    self.still_open(id, REQUESTED)
                }
                CancellationState::Other(_) => return undecided("undecided"),
            },
            Ours::BySum => self.step(id, &Step::Approved(Approval::default())),
            Ours::None if intent.why.as_deref() == Some(REQUESTED) => return undecided(REQUESTED),
            Ours::None => self.not_done_after_window(intent, "not_found", "not_found_yet"),
            Ours::Undecided(why) => return undecided(why),
        };
        (look, None)
    }

    fn notes_of(&self, intent: &Intent) -> Result<Notes, Problem> {
        let history = self.ledger.borrow().history(&intent.new.id)?;
        let mut notes = Notes::default();
        for line in history.iter().filter(|line| line.word == "noted") {
            if let Some(before) = line.detail.strip_prefix(BEFORE) {
                notes.before = before.split_whitespace().map(str::to_owned).collect();
            } else if let Some(ours) = line.detail.strip_prefix(TAKEN_ON) {
                notes.ours = Some(ours.to_owned());
            }
        }
        Ok(notes)
    }

    /// The cancellations that are known to be another refund's of ours.
    fn claimed(&self, intent: &Intent) -> Result<Vec<String>, Problem> {
        let Some(Target::Record(PaymentRef { id, .. })) = &intent.new.target else { return Ok(Vec::new()) };
        let mut claimed = Vec::new();
        for other in self.ledger.borrow().about_record(&self.profile, id)? {
            if other.new.id == intent.new.id || other.new.kind != IntentKind::Refund {
                continue;
            }
            let its = other.approval.as_ref().and_then(|approval| approval.provider_payment_id.as_ref());
            claimed.extend(its.map(ToString::to_string));
            claimed.extend(self.notes_of(&other)?.ours);
        }
        Ok(claimed)
    }

    /// A cash receipt that was to be issued or cancelled, by its state.
    pub(super) async fn ask_for_receipt(&self, intent: &Intent) -> Look {
        let id = &intent.new.id;
        let Some(Target::Record(PaymentRef { id: payment, attempt, .. })) = &intent.new.target else {
            return self.still_open(id, "undecided");
        };
        let receipt = match self.gateway.receipt(payment, attempt.as_ref()).await {
            Ok(receipt) => receipt,
            Err(problem) => return Look::Failed(problem),
        };
        let state = receipt.as_ref().map(|receipt| receipt.state);
        let issuing = intent.new.kind == IntentKind::IssueReceipt;
        match (issuing, receipt) {
            (true, Some(receipt)) if receipt.state == ReceiptState::Issued => {
                let approval = Approval {
                    approval_number: receipt.number,
                    receipt_url: receipt.url,
                    paid_at: receipt.issued_at,
                    ..Approval::default()
                };
                self.step(id, &Step::Approved(approval))
            }
            (true, _) => self.not_done_after_window(intent, "not_found", "not_found_yet"),
            (false, _) if state == Some(ReceiptState::Issued) => {
                self.not_done_after_window(intent, "still_issued", "still_issued")
            }
            (false, _) if state == Some(ReceiptState::Cancelled) => {
                self.step(id, &Step::Approved(Approval::default()))
            }
            // V1 tells nothing of a receipt that is gone.
            (false, _) => self.step(id, &Step::Approved(Approval::default())),
        }
    }
}

/// Finds our cancellation. The reason goes along and comes back (V2 §6.2, V1 §6.2), so that the one with our amount
/// and our words is ours; one with other words may be somebody else's of the same amount.
fn ours<'a>(
    intent: &Intent,
    before: Option<Money>,
    record: &'a PaymentRecord,
    notes: &Notes,
    claimed: &[String],
) -> Ours<'a> {
    if let Some(ours) = &notes.ours {
        let found = record.cancellations.iter().find(|cancellation| mark(cancellation) == *ours);
        return found.map_or(Ours::Undecided(REQUESTED), Ours::This);
    }
    let seen = all_seen(intent, record, notes, claimed);
    let alike: Vec<&Cancellation> = std::iter::zip(&record.cancellations, &seen)
        .filter(|(_, seen)| seen.fits)
        .map(|(one, _)| one)
        .collect();
    let reason = SafeText::message(intent.new.note.as_deref().unwrap_or_default());
    let same: Vec<&Cancellation> =
        alike.iter().copied().filter(|cancellation| cancellation.reason == reason).collect();
    match (&same[..], &alike[..]) {
        ([one], _) => Ours::This(one),
        ([], [_]) => Ours::Undecided("another_refund"),
        ([], []) => by_sum(intent, before, record, !seen.iter().any(|seen| seen.new)),
        _ => Ours::Undecided("several_refunds"),
    }
}

/// Every cancellation of a payment, beside what the journal knows of it.
fn all_seen(intent: &Intent, record: &PaymentRecord, notes: &Notes, claimed: &[String]) -> Vec<Seen> {
    let mut known = notes.before.clone();
    let one = |cancellation: &Cancellation| {
        let its = mark(cancellation);
        // Two of the same mark are two: each takes one away.
        let place = known.iter().position(|known| *known == its);
        let new = place.map(|place| known.swap_remove(place)).is_none();
        let fits = new && cancellation.amount == intent.new.amount && !claimed.contains(&its);
        Seen { cancellation: cancellation.clone(), new, fits }
    };
    record.cancellations.iter().map(one).collect()
}

/// Where no list tells cancellations the sum does.
fn by_sum<'a>(intent: &Intent, before: Option<Money>, record: &PaymentRecord, nothing_new: bool) -> Ours<'a> {
    let (Some(before), Some(now)) = (before, record.balance()) else { return Ours::Undecided("undecided") };
    let gone = before.minor().saturating_sub(now.minor());
    if gone == 0 || !nothing_new {
        Ours::None
    } else if gone == intent.new.amount.minor() && before.currency() == now.currency() {
        Ours::BySum
    } else {
        Ours::Undecided("several_refunds")
    }
}
