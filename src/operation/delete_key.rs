//! Deleting a billing key, and the schedules that wait for it. Two intents, one confirmation, and an honest account
//! of what happened when only the first half of it worked.

use super::Desk;
use super::account::channel_of;
use super::conclude::Asked;
use crate::domain::channel::Channel;
use crate::domain::customer::Customer;
use crate::domain::intent::{Approval, IntentKind, IntentState, NewIntent, Step, Target};
use crate::domain::order::KeyDelete;
use crate::domain::outcome::{Look, Outcome};
use crate::domain::problem::Problem;
use crate::domain::schedule::ScheduleRevoke;
use crate::domain::text::SafeText;
use crate::gateway::Reply;
use crate::ledger::Guard;

impl Desk {
    /// Deletes a billing key, once. [`Problem::KeyHasSchedules`] and [`Problem::KeyGone`] say why not: a key with
    /// open schedules is left alone. V2 would refuse it (V2 §9.4), V1 would delete it and say nothing about them
    /// (V1 §8.4), so the question is asked here.
    pub async fn delete_key(&self, order: &KeyDelete) -> Outcome {
        self.delete(order, None).await
    }

    /// The same, after these schedules of the key are revoked, by their ids: what a person was shown and agreed
    /// to. One that is open besides stops it all with [`Problem::KeyHasSchedules`], before anything is sent.
    ///
    /// The deletion is intended first and `sent` only when no schedule is left, so that a kill in between leaves
    /// a deletion that was never sent; the revoking has an intent of its own, with the deletion as its parent.
    pub async fn delete_key_and_schedules(&self, order: &KeyDelete, revoke: &ScheduleRevoke) -> Outcome {
        self.delete(order, Some(revoke)).await
    }

    async fn delete(&self, order: &KeyDelete, revoke: Option<&ScheduleRevoke>) -> Outcome {
        let _stay = self.under_way.enter(&order.id);
        let (new, channel) = match self.key_delete_intent(order).await {
            Ok(found) => found,
            Err(problem) => return Outcome::NotCharged(problem),
        };
        let open = match self.ids_of_open(order).await {
            Ok(open) => open,
            Err(problem) => return Outcome::NotCharged(problem),
        };
        let agreed = revoke.map_or(&[][..], |revoke| &revoke.schedules);
        if open.iter().any(|id| !agreed.contains(id)) {
            return Outcome::NotCharged(Problem::KeyHasSchedules);
        }
        if let Err(end) = self.open(&new, &Guard::Check(self.guard_window)) {
            return *end;
        }
        if let Some(revoke) = revoke.filter(|_| !open.is_empty()) {
            let revoke = ScheduleRevoke { schedules: open, key: Some(order.key.clone()), ..revoke.clone() };
            if let Err(end) = self.clear(order, &new, &channel, &revoke).await {
                return *end;
            }
        }
        if let Err(end) = self.let_go(&new) {
            return *end;
        }
        let sent = KeyDelete { channel: Some(channel.clone()), ..order.clone() };
        let answer = self.gateway.delete_key(&sent).await;
        self.conclude_plain(&Asked::of(IntentKind::DeleteKey, &order.id, &channel), answer).await
    }

    /// Revokes what stands in the way of a deletion, and looks whether it is gone. An error is how the deletion
    /// ended.
    async fn clear(
        &self,
        order: &KeyDelete,
        deletion: &NewIntent,
        channel: &Channel,
        revoke: &ScheduleRevoke,
    ) -> Result<(), Box<Outcome>> {
        let problem = match self.revoke_for_deletion(deletion, channel, revoke).await {
            Outcome::Approved(_) => match self.ids_of_open(order).await {
                Ok(left) if left.is_empty() => return Ok(()),
                Ok(_) => Problem::KeyHasSchedules,
                Err(problem) => problem,
            },
            Outcome::Declined(refusal) => {
                let message = Some(refusal.message.clone()).and_then(SafeText::non_empty);
                let why = "schedules_not_revoked".to_owned();
                let _ = self.record(&order.id, &Step::NotCharged { why, message });
                return Err(Box::new(Outcome::Declined(refusal)));
            }
            Outcome::Unknown(why) => Problem::SchedulesMayBeRevoked { why },
            Outcome::NotCharged(problem) => problem,
            // The guard has no question about schedules.
            Outcome::Blocked(earlier) => return Err(Box::new(Outcome::Blocked(earlier))),
        };
        let _ = self.not_done(&order.id, &problem);
        Err(Box::new(Outcome::NotCharged(problem)))
    }

    async fn revoke_for_deletion(
        &self,
        deletion: &NewIntent,
        channel: &Channel,
        revoke: &ScheduleRevoke,
    ) -> Outcome {
        let _stay = self.under_way.enter(&revoke.id);
        let new = NewIntent {
            target: deletion.target.clone(),
            parent: Some(deletion.id.clone()),
            schedules: revoke.schedules.clone(),
            ..self.about(IntentKind::RevokeSchedules, &revoke.id, channel, &deletion.customer)
        };
        if let Err(end) = self.begin(&new, &Guard::Check(self.guard_window)) {
            return *end;
        }
        let answer = self.gateway.revoke_schedules(revoke).await;
        self.conclude_revoking(&new, answer).await
    }

    /// The end of a revoking. What was not seen can be seen at the schedules themselves, at once.
    pub(super) async fn conclude_revoking(&self, new: &NewIntent, answer: Reply<()>) -> Outcome {
        let channel = channel_of(new);
        let asked = Asked::of(IntentKind::RevokeSchedules, &new.id, &channel);
        let why = match self.conclude_plain(&asked, answer).await {
            Outcome::Unknown(why) => why,
            outcome => return outcome,
        };
        let Ok(Some(intent)) = self.intent(&new.id) else { return Outcome::Unknown(why) };
        match self.ask(&intent).await {
            Look::Settled(settled) if settled.state == IntentState::Approved => {
                Outcome::Approved(Approval::default())
            }
            _ => Outcome::Unknown(why),
        }
    }

    async fn ids_of_open(&self, order: &KeyDelete) -> Result<Vec<SafeText>, Problem> {
        let open = self.open_schedules(std::slice::from_ref(&order.key)).await;
        Ok(open.map_err(Problem::of_a_question)?.into_iter().map(|open| open.id).collect())
    }

    /// What is deleted, and through which channel: the one given, the one that the ledger remembers, or what
    /// the provider says about the key.
    async fn key_delete_intent(&self, order: &KeyDelete) -> Result<(NewIntent, Channel), Problem> {
        let made = self.ledger.borrow().by_key(&order.key)?;
        let (customer, card) =
            made.map_or((Customer::default(), None), |made| (made.new.customer, made.new.card));
        let channel = match order.channel.clone() {
            Some(channel) => channel,
            None => self.channel_through(&order.key).await?,
        };
        let new = self.about(IntentKind::DeleteKey, &order.id, &channel, &customer);
        Ok((NewIntent { card, target: Some(Target::Key(order.key.clone())), ..new }, channel))
    }
}
