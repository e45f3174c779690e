//! Keeping a card and charging it, on V2: a key is issued, then charged. Two intents, one confirmation, and an
//! honest account of what happened when only half of it worked.

use super::Desk;
use super::conclude::Asked;
use super::intend::stop_here_if_asked;
use crate::domain::billing_key::BillingKey;
use crate::domain::intent::{IntentKind, NewIntent, Step};
use crate::domain::order::{KeyChargeOrder, KeyInOrder, KeyOrder};
use crate::domain::outcome::{ChargeEnd, KeyFate, Outcome, Stage};
use crate::domain::problem::Problem;
use crate::domain::text::SafeText;
use crate::ledger::Guard;

impl Desk {
    /// The charge's intent comes first, because the guard decides about it; it is `sent` only when there is a
    /// key to charge, so that a kill in between leaves a charge that was never sent.
    pub(super) async fn keep_and_charge(
        &self,
        order: &KeyInOrder,
        guard: &Guard,
        progress: &impl Fn(Stage),
    ) -> ChargeEnd {
        let wipe = self.wipe_on_drop();
        let id = &order.sale.payment_id;
        let _stay = self.under_way.enter(id);
        progress(Stage::Journal);
        let charge = match self.key_in_intent(order) {
            Ok(new) => NewIntent { kind: IntentKind::ChargeKey, ..new },
            Err(problem) => return Outcome::NotCharged(problem).into(),
        };
        match self.intend(&charge, guard) {
            Ok(None) => {}
            Ok(Some(earlier)) => return Outcome::Blocked(earlier).into(),
            Err(problem) => return Outcome::NotCharged(problem).into(),
        }
        stop_here_if_asked("intended");
        let issue = KeyOrder {
            id: self.mint(),
            channel: order.sale.channel.clone(),
            customer: order.sale.customer.clone(),
            key: None,
        };
        let issued = self.issue(&issue, Some(id), guard, wipe, progress).await.0;
        match issued {
            Outcome::Approved(approval) => match approval.key {
                Some(key) => self.charge_kept(order, key, progress).await,
                // The issue ends as approved with a key or not at all.
                None => self.not_kept(id, Problem::CardMayBeKept { why: "undecided".to_owned() }),
            },
            Outcome::Declined(refusal) => {
                let message = Some(refusal.message.clone()).and_then(SafeText::non_empty);
                let _ = self.record(id, &Step::NotCharged { why: "key_declined".to_owned(), message });
                ChargeEnd { outcome: Outcome::Declined(refusal), key: Some(KeyFate::NotKept) }
            }
            Outcome::Unknown(why) => self.not_kept(id, Problem::CardMayBeKept { why }),
            Outcome::NotCharged(problem) => self.not_kept(id, problem),
            // The guard has no question about keys.
            Outcome::Blocked(earlier) => Outcome::Blocked(earlier).into(),
        }
    }

    fn not_kept(&self, id: &crate::domain::payment::PaymentId, problem: Problem) -> ChargeEnd {
        let _ = self.not_done(id, &problem);
        let unseen = matches!(problem, Problem::CardMayBeKept { .. });
        let key = if unseen { KeyFate::Unseen } else { KeyFate::NotKept };
        ChargeEnd { outcome: Outcome::NotCharged(problem), key: Some(key) }
    }

    async fn charge_kept(&self, order: &KeyInOrder, key: BillingKey, progress: &impl Fn(Stage)) -> ChargeEnd {
        let fate = Some(KeyFate::Kept(key.clone()));
        progress(Stage::Sent);
        if let Err(problem) = self.sending(&order.sale.payment_id) {
            return ChargeEnd { outcome: Outcome::NotCharged(problem), key: fate };
        }
        stop_here_if_asked("sent");
        let charge =
            KeyChargeOrder { sale: order.sale.clone(), key: key.clone(), installments: order.installments };
        let answer = self.gateway.charge_key(&charge).await;
        let asked = Asked::sale(IntentKind::ChargeKey, &order.sale);
        let mut outcome = self.conclude_charge(&asked, answer, progress).await;
        if let Outcome::Approved(approval) = &mut outcome {
            approval.key.get_or_insert(key);
        }
        ChargeEnd { outcome, key: fate }
    }
}
