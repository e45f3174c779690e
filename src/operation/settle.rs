//! Settling: finding out at the provider what became of requests whose end nobody saw.
//!
//! Only a look-up moves an intent out of unknown, and "not found" counts as "not charged" only when the
//! request can't be on its way any more. A refund that no look-up can tell is a person's to settle, by hand.

use std::time::Duration;

use jiff::SignedDuration;

use crate::domain::intent::{Approval, Intent, IntentKind, IntentState, Step};
use crate::domain::outcome::Look;
use crate::domain::payment::{PaymentId, PaymentState};
use crate::domain::problem::Problem;
use crate::gateway::LookUp;
use crate::ledger::LedgerError;

use super::conclude::is_done;
use super::{Desk, SETTLE_WINDOW};

mod by_hand;
mod refunds;
mod schedules;
mod things;

/// The pauses between look-ups of one unknown payment: quick first, because most answers are lost by a
/// connection and not by a PG, then growing; together longer than [`SETTLE_WINDOW`].
pub const PAUSES: [Duration; 9] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(15),
    Duration::from_secs(30),
    Duration::from_secs(45),
    Duration::from_secs(45),
    Duration::from_secs(45),
];

/// How long "not found" is not yet "not charged". Debug builds can be told to be impatient.
pub(super) fn window() -> SignedDuration {
    if cfg!(debug_assertions)
        && let Some(millis) = std::env::var("DANMAL_DEBUG_SETTLE_MS").ok().and_then(|text| text.parse().ok())
    {
        return SignedDuration::from_millis(millis);
    }
    SETTLE_WINDOW
}

impl Desk {
    /// Looks once at every unsettled intent of the profile. Those that another running console is still
    /// waiting for are left to it.
    ///
    /// One thing is sent: what was to take the place of a schedule that was revoked for it, when a kill came
    /// between the two. It was ordered and never sent, and without it there would be neither.
    pub async fn settle(&self) -> Result<Vec<(PaymentId, Look)>, Problem> {
        let open = self.ledger.borrow().unsettled(&self.profile)?;
        let mut looks = Vec::with_capacity(open.len());
        for intent in open {
            let id = intent.new.id.clone();
            let look = self.look(&intent).await;
            // What a batch has not come to is no question: `batches_left` tells of it, and a person decides.
            if look != Look::Open("batch_left") {
                looks.push((id, look));
            }
        }
        Ok(looks)
    }

    /// Looks at one payment once, by its id.
    pub async fn look_at(&self, id: &PaymentId) -> Look {
        match self.intent(id) {
            Ok(Some(intent)) => self.look(&intent).await,
            Ok(None) => Look::Failed(Problem::Ledger { detail: format!("no intent {id}") }),
            Err(error) => Look::Failed(error.into()),
        }
    }

    async fn look(&self, intent: &Intent) -> Look {
        match self.without_asking(intent) {
            Some(look) => look,
            None if intent.state == IntentState::Intended => self.look_at_intended(intent).await,
            None => self.ask(intent).await,
        }
    }

    /// What needs no question to the provider, or may not be asked now: it is settled, or somebody waits for it.
    fn without_asking(&self, intent: &Intent) -> Option<Look> {
        let id = &intent.new.id;
        if intent.state.is_settled() {
            return Some(Look::Settled(Box::new(intent.clone())));
        }
        if self.under_way.holds(id) {
            return Some(Look::Open("under_way"));
        }
        let me = self.world.operator();
        let owner = &intent.new.operator;
        let ours = owner.process == me.process && owner.host == me.host;
        let fresh = intent.state != IntentState::Unknown && self.age(intent) < window() * 2;
        let held = !ours && fresh && self.world.still_runs(&owner.host, &owner.process);
        held.then_some(Look::Open("held_by_another_console"))
    }

    /// How long ago its request was let go. A clock that went backwards makes it negative: then it stays
    /// open, which is safe.
    pub(super) fn age(&self, intent: &Intent) -> SignedDuration {
        self.world.now().duration_since(intent.sent.unwrap_or(intent.new.created))
    }

    /// Asks the provider what became of it, by its kind.
    pub(super) async fn ask(&self, intent: &Intent) -> Look {
        match intent.new.kind {
            IntentKind::KeyIn | IntentKind::ChargeKey | IntentKind::IssueAccount => {
                self.ask_for_payment(intent).await
            }
            IntentKind::CloseAccount => self.ask_for_closing(intent).await,
            IntentKind::IssueKey => self.ask_for_key(intent).await,
            IntentKind::DeleteKey => self.ask_for_deletion(intent).await,
            IntentKind::RevokeSchedules => self.ask_for_revoking(intent).await,
            IntentKind::CreateSchedule => self.ask_for_schedule(intent).await,
            IntentKind::MoveSchedule | IntentKind::RebookSchedule => self.ask_for_move(intent).await,
            IntentKind::RetrySchedule => self.ask_for_retry(intent).await,
            IntentKind::Refund => self.ask_for_refund(intent).await,
            IntentKind::IssueReceipt | IntentKind::CancelReceipt => self.ask_for_receipt(intent).await,
        }
    }

    async fn ask_for_payment(&self, intent: &Intent) -> Look {
        let (id, kind) = (&intent.new.id, intent.new.kind);
        match self.gateway.look_up(id).await {
            Ok(LookUp::Found(payment)) if is_done(kind, &payment.state) => {
                let approval = Approval::of(&payment, intent.new.amount);
                self.settled(id, self.approved(id, kind, &approval, Some(&payment)))
            }
            Ok(LookUp::Found(payment)) if payment.state == PaymentState::Failed => {
                self.step(id, &Step::Declined(payment.refusal.clone().unwrap_or_default()))
            }
            Ok(LookUp::Found(_)) => self.still_open(id, "pending"),
            Ok(LookUp::NotFound) => self.not_done_after_window(intent, "not_found", "not_found_yet"),
            Err(problem) => Look::Failed(problem),
        }
    }

    /// It counts as not done only when the request can't be on its way any more.
    pub(super) fn not_done_after_window(
        &self,
        intent: &Intent,
        why: &'static str,
        until_then: &'static str,
    ) -> Look {
        let id = &intent.new.id;
        if self.age(intent) >= window() {
            self.step(id, &Step::NotCharged { why: why.to_owned(), message: None })
        } else {
            self.still_open(id, until_then)
        }
    }

    pub(super) fn step(&self, id: &PaymentId, step: &Step) -> Look {
        self.settled(id, self.record(id, step).map(|_| ()))
    }

    fn settled(&self, id: &PaymentId, recorded: Result<(), LedgerError>) -> Look {
        match recorded.and_then(|()| self.intent(id)) {
            Ok(Some(intent)) => Look::Settled(Box::new(intent)),
            Ok(None) => Look::Failed(Problem::Ledger { detail: format!("no intent {id}") }),
            // Another console settled it in between: what it wrote stands.
            Err(LedgerError::Step { .. }) => match self.intent(id) {
                Ok(Some(intent)) if intent.state.is_settled() => Look::Settled(Box::new(intent)),
                _ => Look::Open("pending"),
            },
            Err(error) => Look::Failed(error.into()),
        }
    }

    /// Keeps it unknown, and says so in the journal the first time: a `sent` whose process is gone is one.
    pub(super) fn still_open(&self, id: &PaymentId, why: &'static str) -> Look {
        let known = matches!(self.intent(id), Ok(Some(Intent { state: IntentState::Unknown, .. })));
        let noted =
            if known { Ok(()) } else { self.record(id, &Step::Unseen { why: why.to_owned() }).map(|_| ()) };
        match noted {
            Ok(()) => Look::Open(why),
            // Another console settled it in between, or something is wrong with the ledger.
            Err(error) => self.settled(id, Err(error)),
        }
    }
}
