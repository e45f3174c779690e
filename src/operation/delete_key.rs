//! Deleting a billing key, and the schedules that wait for it. Two intents, one confirmation, and an honest account
//! of what happened when only the first half of it worked.

use super::Desk;
use super::conclude::Asked;
use crate::domain::channel::Channel;
use crate::domain::customer::Customer;
use crate::domain::intent::{Approval, IntentKind, IntentState, NewIntent, Step, Target};
use crate::domain::order::KeyDelete;
use crate::domain::outcome::{Look, Outcome};
use crate::domain::problem::Problem;
use crate::domain::schedule::ScheduleRevoke;
use crate::domain::text::SafeText;
use crate::ledger::Guard;

/// What stands in front of the ids of schedules in the history of the intent that revokes them.
const SCHEDULES: &str = "schedules=";

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
        let problem = match self.revoke(deletion, channel, revoke).await {
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

    async fn revoke(&self, deletion: &NewIntent, channel: &Channel, revoke: &ScheduleRevoke) -> Outcome {
        let _stay = self.under_way.enter(&revoke.id);
        let new = NewIntent {
            target: deletion.target.clone(),
            parent: Some(deletion.id.clone()),
            ..self.about(IntentKind::RevokeSchedules, &revoke.id, channel, &deletion.customer)
        };
        let begun = self.open(&new, &Guard::Check(self.guard_window)).and_then(|()| {
            // Which they are has to be on disk before they are revoked: only their ids tell afterwards whether
            // they were.
            let noted = self.record(&revoke.id, &Step::Noted(noted(&revoke.schedules)));
            noted.map_err(|error| Box::new(Outcome::NotCharged(error.into())))?;
            self.let_go(&new)
        });
        if let Err(end) = begun {
            return *end;
        }
        let answer = self.gateway.revoke_schedules(revoke).await;
        let asked = Asked::of(IntentKind::RevokeSchedules, &revoke.id, channel);
        match self.conclude_plain(&asked, answer).await {
            // What was not seen can be seen at the schedules themselves, at once.
            Outcome::Unknown(why) => match self.intent(&revoke.id) {
                Ok(Some(intent)) => match self.ask(&intent).await {
                    Look::Settled(settled) if settled.state == IntentState::Approved => {
                        Outcome::Approved(Approval::default())
                    }
                    _ => Outcome::Unknown(why),
                },
                _ => Outcome::Unknown(why),
            },
            outcome => outcome,
        }
    }

    /// The schedules that an intent is to revoke, as its history has them.
    pub(super) fn noted_schedules(
        &self,
        id: &crate::domain::payment::PaymentId,
    ) -> Result<Vec<SafeText>, Problem> {
        let history = self.ledger.borrow().history(id)?;
        let noted = history.iter().find_map(|entry| entry.detail.strip_prefix(SCHEDULES));
        Ok(noted.map_or_else(Vec::new, |ids| ids.split(' ').map(SafeText::new).collect()))
    }

    async fn ids_of_open(&self, order: &KeyDelete) -> Result<Vec<SafeText>, Problem> {
        match self.open_schedules(std::slice::from_ref(&order.key)).await {
            Ok(open) => Ok(open.into_iter().map(|open| open.id).collect()),
            // Nothing was sent; that a question could not be answered says nothing about money.
            Err(Problem::Unreadable { why }) => Err(Problem::Unreachable { detail: why }),
            Err(problem) => Err(problem),
        }
    }

    /// What is deleted, and through which channel: the one given, the one that the ledger remembers, or what
    /// the provider says about the key.
    async fn key_delete_intent(&self, order: &KeyDelete) -> Result<(NewIntent, Channel), Problem> {
        let made = self.ledger.borrow().by_key(&order.key)?;
        let remembered = made.as_ref().and_then(|made| self.channel_named(&made.new.channel));
        let (customer, card) =
            made.map_or((Customer::default(), None), |made| (made.new.customer, made.new.card));
        let channel = match order.channel.clone().or(remembered) {
            Some(channel) => channel,
            None => match self.gateway.key(&order.key).await {
                Ok(Some(key)) => self.channel_of(&key),
                Ok(None) => return Err(Problem::KeyGone),
                Err(Problem::Unreadable { why }) => return Err(Problem::Unreachable { detail: why }),
                Err(problem) => return Err(problem),
            },
        };
        let new = self.about(IntentKind::DeleteKey, &order.id, &channel, &customer);
        Ok((NewIntent { card, target: Some(Target::Key(order.key.clone())), ..new }, channel))
    }
}

/// The line of history that keeps the ids. They are words of the provider's without blanks (V2 §11, V1 §10).
fn noted(schedules: &[SafeText]) -> String {
    let ids: Vec<&str> = schedules.iter().map(SafeText::as_str).collect();
    format!("{SCHEDULES}{}", ids.join(" "))
}
