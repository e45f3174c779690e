//! Charging a keyed-in card: guard, journal, send once, wipe, look at what came of it.

use super::Desk;
use super::conclude::Asked;
use crate::domain::billing_key::BillingKey;
use crate::domain::intent::{Intent, IntentKind, NewIntent};
use crate::domain::order::KeyInOrder;
use crate::domain::outcome::{ChargeEnd, KeyFate, Outcome, Stage};
use crate::domain::pg::Generation;
use crate::domain::problem::Problem;
use crate::ledger::Guard;

impl Desk {
    /// Charges the card in the vault once, and keeps it when that was ordered. The vault is wiped when the last
    /// request with the card has ended, however it ends.
    ///
    /// Dropping the future in the middle stops the request, joins its thread and leaves the intent `sent` in
    /// the journal, where [`Desk::settle`] finds it.
    pub async fn charge(&self, order: &KeyInOrder, guard: &Guard, progress: impl Fn(Stage)) -> ChargeEnd {
        if order.save_card && order.sale.channel.generation == Generation::V2 {
            return self.keep_and_charge(order, guard, &progress).await;
        }
        let wipe = self.wipe_on_drop();
        let id = &order.sale.payment_id;
        let _stay = self.under_way.enter(id);
        progress(Stage::Journal);
        let begun = match self.key_in_intent(order) {
            Ok(new) => self.begin(&new, guard),
            Err(problem) => return Outcome::NotCharged(problem).into(),
        };
        if let Err(end) = begun {
            return (*end).into();
        }
        progress(Stage::Sent);
        let answer = self.with_card(id, wipe, self.gateway.key_in(order, &self.vault)).await;
        let asked = Asked::sale(IntentKind::KeyIn, &order.sale);
        let outcome = self.conclude_charge(&asked, answer, &progress).await;
        let key = if order.save_card { self.fate_of_v1(order, &outcome).await } else { None };
        ChargeEnd { outcome, key }
    }

    /// The earlier charge that the guard would stop this one for, so that the confirmation can show it.
    pub fn earlier(&self, order: &KeyInOrder) -> Result<Option<Intent>, Problem> {
        let new = self.key_in_intent(order)?;
        Ok(self.ledger.borrow().earlier(&new, self.guard_window)?)
    }

    pub(super) fn key_in_intent(&self, order: &KeyInOrder) -> Result<NewIntent, Problem> {
        let card = self.card_ending()?;
        let new = self.of_sale(IntentKind::KeyIn, &order.sale);
        Ok(NewIntent { installments: order.installments, card: Some(card), ..new })
    }

    /// What became of a card that V1 was to keep in the same call. An approval tells (V1 §6.1); a declined
    /// charge does not, so the key itself is asked for.
    async fn fate_of_v1(&self, order: &KeyInOrder, outcome: &Outcome) -> Option<KeyFate> {
        match outcome {
            Outcome::Approved(approval) => Some(approval.key.clone().map_or(KeyFate::NotKept, KeyFate::Kept)),
            Outcome::Declined(_) => {
                let name = BillingKey::mint(&order.sale.payment_id);
                Some(match self.gateway.key(&name).await {
                    Ok(Some(_)) => KeyFate::Kept(name),
                    Ok(None) => KeyFate::NotKept,
                    Err(_) => KeyFate::Unseen,
                })
            }
            Outcome::Unknown(_) => Some(KeyFate::Unseen),
            Outcome::NotCharged(_) => Some(KeyFate::NotKept),
            Outcome::Blocked(_) => None,
        }
    }
}
