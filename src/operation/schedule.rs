//! Schedules (결제 예약): made, moved, revoked, tried and booked again, one or many at once.
//!
//! There is one way for all of it: [`Desk::plan`] is the dry run, [`Desk::run_bulk`] carries it out. What is to be
//! done stands in the journal, all of it, before the first request is sent, and every request is made from its row
//! there, so that going on after a kill is the same as going on without one.
//!
//! Where another schedule or a charge takes the place of an open one, two intents are written together: the
//! revoking, and what follows it, with the revoking as its `parent`. What follows is sent only when the revoking
//! is certain. So after a kill there is the old one, or the new one, or a row that says that the new one is still
//! to be sent, which [`Desk::settle`] does.

mod bulk;
mod carry;
mod draft;
mod plan;
mod sync;

use super::Desk;
use crate::domain::bulk::{Lost, ScheduleDetail};
use crate::domain::intent::{Intent, IntentKind, IntentState, NewIntent, Target};
use crate::domain::payment::PaymentId;
use crate::domain::problem::Problem;
use crate::domain::schedule::ScheduleState;
use crate::domain::text::SafeText;

/// How many schedules one request revokes at most.
const REVOKED_AT_ONCE: usize = 20;

/// How many steps back the history of a schedule goes: each is another schedule that it took the place of.
const STEPS_BACK: usize = 20;

impl Desk {
    /// A schedule as the provider tells it now, and what was done with it and with those whose place it took.
    pub async fn schedule_detail(&self, id: &SafeText) -> Result<ScheduleDetail, Problem> {
        let mut schedule = self.gateway.schedule_of(id).await?.map(Box::new);
        if let Some(told) = &mut schedule
            && told.state == ScheduleState::Failed
            && told.refusal.is_none()
        {
            told.refusal = self.reason_of(&told.payment_id).await;
        }
        let payment = schedule.as_ref().map_or_else(|| id.clone(), |schedule| schedule.payment_id.clone());
        Ok(ScheduleDetail { schedule, history: self.schedule_history(id, &payment)? })
    }

    /// What this ledger knows that was done with a schedule and with those whose place it took, oldest first.
    pub fn schedule_history(&self, id: &SafeText, payment: &SafeText) -> Result<Vec<Intent>, Problem> {
        let ledger = self.ledger.borrow();
        let mut history: Vec<Intent> = Vec::new();
        let mut asked: Vec<SafeText> = Vec::new();
        let mut next = vec![(id.clone(), payment.clone())];
        while let Some((id, payment)) = next.pop() {
            if asked.contains(&id) || asked.len() == STEPS_BACK {
                continue;
            }
            for intent in ledger.about_schedule(&self.profile, &id, &payment)? {
                let made = intent.new.kind == IntentKind::CreateSchedule
                    && (intent.new.id.as_str() == payment.as_str()
                        || intent
                            .approval
                            .as_ref()
                            .is_some_and(|approval| approval.schedule.as_ref() == Some(&id)));
                if made {
                    next.extend(intent.new.schedules.iter().map(|old| (old.clone(), old.clone())));
                }
                if !history.iter().any(|known| known.new.id == intent.new.id) {
                    history.push(intent);
                }
            }
            asked.push(id);
        }
        // What revokes comes before what was ordered with it.
        history.sort_by_key(|intent| (intent.new.created, intent.new.parent.is_some()));
        Ok(history)
    }

    /// The schedule that was revoked for this one's sake, when this was not done after all: then there is neither.
    pub fn lost(&self, intent: &Intent) -> Option<Box<Lost>> {
        let not_done = matches!(intent.state, IntentState::Declined | IntentState::NotCharged);
        let parent = self.parent_revoking(&intent.new).filter(|_| not_done)?;
        (parent.state == IntentState::Approved).then(|| lost(&parent.new)).flatten()
    }

    /// The revoking that has to be done before this is sent.
    pub(super) fn parent_revoking(&self, new: &NewIntent) -> Option<Intent> {
        if !matches!(new.kind, IntentKind::CreateSchedule | IntentKind::ChargeKey) {
            return None;
        }
        let parent: &PaymentId = new.parent.as_ref()?;
        let parent = self.intent(parent).ok().flatten()?;
        (parent.new.kind == IntentKind::RevokeSchedules).then_some(parent)
    }
}

/// What a revoked schedule was, from the intent that revoked it.
fn lost(revoke: &NewIntent) -> Option<Box<Lost>> {
    let Some(Target::Key(key)) = &revoke.target else { return None };
    Some(Box::new(Lost {
        schedule: revoke.schedules.first()?.clone(),
        key: key.clone(),
        at: revoke.due,
        amount: revoke.amount,
        order_name: revoke.order_name.clone(),
    }))
}
