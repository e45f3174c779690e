//! What became of schedules that were to be made, moved, booked or tried again; and what is still to be sent
//! because the schedule whose place it takes was revoked.

use jiff::SignedDuration;

use super::window;
use crate::domain::intent::{Approval, Intent, IntentKind, IntentState, Step, Target};
use crate::domain::outcome::Look;
use crate::domain::problem::Problem;
use crate::domain::schedule::{ProviderSchedule, ScheduleState, Span};
use crate::domain::text::SafeText;
use crate::gateway::LookUp;
use crate::operation::Desk;

/// The most pages of schedules that are searched for one.
const PAGES: usize = 100;

/// How far from the time that was asked for the provider may keep it: whole seconds, and minutes at most.
const AROUND: SignedDuration = SignedDuration::from_secs(60);

impl Desk {
    /// Nothing of this left this host: the step is on disk before the request. It ends as never sent, unless the
    /// schedule whose place it takes was revoked for it, or it waits in a batch for a person's word.
    pub(super) async fn look_at_intended(&self, intent: &Intent) -> Look {
        let never_sent = || Step::NotCharged { why: "never_sent".to_owned(), message: None };
        let id = &intent.new.id;
        let Some(mut parent) = self.parent_revoking(&intent.new) else {
            return if intent.new.batch.is_some() {
                Look::Open("batch_left")
            } else {
                self.step(id, &never_sent())
            };
        };
        if matches!(parent.state, IntentState::Sent | IntentState::Unknown) {
            match Box::pin(self.look(&parent)).await {
                Look::Settled(settled) => parent = *settled,
                Look::Open("held_by_another_console" | "under_way") => {
                    return Look::Open("held_by_another_console");
                }
                Look::Open(_) => return Look::Open("waits_for_revoke"),
                Look::Failed(problem) => return Look::Failed(problem),
            }
        }
        match parent.state {
            IntentState::Approved => self.send_after_all(intent, &parent).await,
            IntentState::Intended if intent.new.batch.is_some() => Look::Open("batch_left"),
            IntentState::Sent | IntentState::Unknown => Look::Open("waits_for_revoke"),
            IntentState::Intended | IntentState::Declined | IntentState::NotCharged => {
                self.step(id, &never_sent())
            }
        }
    }

    /// The old one is revoked and the new one was never sent: it is sent now.
    async fn send_after_all(&self, intent: &Intent, parent: &Intent) -> Look {
        let id = &intent.new.id;
        let (me, owner) = (self.world.operator(), &intent.new.operator);
        let ours = owner.process == me.process && owner.host == me.host;
        let since = self.world.now().duration_since(parent.settled.unwrap_or(parent.new.created));
        if !ours && since < window() * 2 && self.world.still_runs(&owner.host, &owner.process) {
            return Look::Open("held_by_another_console");
        }
        // Within this time the duplicate guard stops another charge like it; later somebody may have made one.
        let old = self.world.now().duration_since(intent.new.created) >= self.guard_window;
        if intent.new.kind.takes_money() && old {
            return self.step(id, &Step::NotCharged { why: "too_late".to_owned(), message: None });
        }
        Box::pin(self.carry(&intent.new, Some(&parent.new))).await;
        match self.intent(id) {
            Ok(Some(intent)) if intent.state.is_settled() => Look::Settled(Box::new(intent)),
            Ok(_) => Look::Open("pending"),
            Err(error) => Look::Failed(error.into()),
        }
    }

    /// A schedule that was to be made: V1 knows it by our id, V2 is searched for it around the time it was to
    /// run. One that was moved meanwhile or has run shows itself among the key's or as a payment.
    pub(super) async fn ask_for_schedule(&self, intent: &Intent) -> Look {
        let id = &intent.new.id;
        let found = if self.gateway.can_move() {
            self.gateway.schedule_of(&SafeText::new(id.as_str())).await
        } else {
            self.search_schedule(intent).await
        };
        match found {
            Ok(Some(found)) => {
                self.step(id, &Step::Approved(Approval { schedule: Some(found.id), ..Approval::default() }))
            }
            Ok(None) => match self.gateway.look_up(id).await {
                Ok(LookUp::Found(_)) => self.step(id, &Step::Approved(Approval::default())),
                Ok(LookUp::NotFound) => self.not_done_after_window(intent, "not_found", "not_found_yet"),
                Err(problem) => Look::Failed(problem),
            },
            Err(problem) => Look::Failed(problem),
        }
    }

    async fn search_schedule(&self, intent: &Intent) -> Result<Option<ProviderSchedule>, Problem> {
        let id = intent.new.id.as_str();
        if let Some(Target::Key(key)) = &intent.new.target {
            let open = self.open_schedules(std::slice::from_ref(key)).await?;
            if let Some(found) = open.into_iter().find(|told| told.payment_id.as_str() == id) {
                return Ok(Some(found));
            }
        }
        let Some(due) = intent.new.due else { return Ok(None) };
        let span = Span { from: due - AROUND, until: due + AROUND };
        let mut next = None;
        for _ in 0..PAGES {
            let page = self.gateway.schedules(span, next.as_deref()).await?;
            if let Some(found) = page.items.into_iter().find(|told| told.payment_id.as_str() == id) {
                return Ok(Some(found));
            }
            next = page.next;
            if next.is_none() {
                return Ok(None);
            }
        }
        // Too many to look through: that it was not seen says nothing.
        Err(Problem::Unreadable { why: "too_large".to_owned() })
    }

    /// A schedule that was to be moved or booked again: it is at that time now, or not.
    pub(super) async fn ask_for_move(&self, intent: &Intent) -> Look {
        let id = &intent.new.id;
        let (Some(schedule), Some(due)) = (intent.new.schedules.first(), intent.new.due) else {
            return self.still_open(id, "undecided");
        };
        match self.gateway.schedule_of(schedule).await {
            Ok(Some(found)) if found.at.as_second() == due.as_second() && is_booked(intent, &found.state) => {
                self.step(id, &Step::Approved(Approval::default()))
            }
            Ok(Some(_)) => self.not_done_after_window(intent, "not_moved", "not_moved"),
            Ok(None) => self.still_open(id, "undecided"),
            Err(problem) => Look::Failed(problem),
        }
    }

    /// A schedule that was to be tried again: paid, or not. What failed before and has failed now look alike, and
    /// in neither was money taken.
    pub(super) async fn ask_for_retry(&self, intent: &Intent) -> Look {
        let id = &intent.new.id;
        let Some(schedule) = intent.new.schedules.first() else { return self.still_open(id, "undecided") };
        match self.gateway.schedule_of(schedule).await {
            Ok(Some(found)) => match found.state {
                ScheduleState::Succeeded => {
                    let provider_payment_id = found.provider_payment_id;
                    let approval = Approval { provider_payment_id, ..Approval::default() };
                    self.step(id, &Step::Approved(approval))
                }
                ScheduleState::Failed | ScheduleState::Revoked | ScheduleState::Scheduled => {
                    self.not_done_after_window(intent, "not_retried", "pending")
                }
                ScheduleState::Started | ScheduleState::Pending | ScheduleState::Other(_) => {
                    self.still_open(id, "pending")
                }
            },
            Ok(None) => self.still_open(id, "undecided"),
            Err(problem) => Look::Failed(problem),
        }
    }
}

/// Whether a schedule that is at the right time was brought there: one that was revoked may have been there before.
fn is_booked(intent: &Intent, state: &ScheduleState) -> bool {
    intent.new.kind == IntentKind::MoveSchedule || *state != ScheduleState::Revoked
}
