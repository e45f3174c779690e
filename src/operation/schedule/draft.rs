//! Items of a plan as intents, and intents as the orders they stand for.

use crate::domain::bulk::{Action, PlanItem};
use crate::domain::card::CardEnding;
use crate::domain::channel::{Channel, Mode};
use crate::domain::intent::{IntentKind, NewIntent, Target};
use crate::domain::order::{Installments, KeyChargeOrder, Sale};
use crate::domain::payment::PaymentId;
use crate::domain::problem::Problem;
use crate::domain::schedule::{ProviderSchedule, ScheduleOrder};
use crate::operation::Desk;
use crate::operation::account::channel_of;

impl Desk {
    /// The intents of an item, in the order in which they are carried out: one, or the revoking of the old schedule
    /// and what takes its place. None when its channel or amount is unknown, which a plan finds out first.
    pub(in crate::operation) fn drafts(
        &self,
        item: &PlanItem,
        batch: Option<&PaymentId>,
    ) -> Result<Vec<NewIntent>, Problem> {
        let channel = item.channel.as_ref();
        let can_move = self.gateway.can_move();
        let mut drafts = match &item.action {
            Action::Create(order) => {
                let sale = Sale { payment_id: item.id.clone(), ..order.sale.clone() };
                let mut new = self.of_sale(IntentKind::CreateSchedule, &sale);
                new.installments = order.installments;
                new.target = Some(Target::Key(order.key.clone()));
                new.due = Some(order.at);
                vec![new]
            }
            Action::Revoke(schedule) => vec![self.revoking(&item.id, channel, schedule)],
            Action::Move { schedule, at } if can_move => {
                let new = self.about_schedule(IntentKind::MoveSchedule, &item.id, channel, schedule);
                vec![NewIntent { due: Some(*at), ..new }]
            }
            Action::Rebook { schedule, at } if can_move => {
                let new = self.about_schedule(IntentKind::RebookSchedule, &item.id, channel, schedule);
                vec![NewIntent { due: Some(*at), ..new }]
            }
            Action::Retry(schedule) if can_move => {
                let new = self.about_schedule(IntentKind::RetrySchedule, &item.id, channel, schedule);
                vec![NewIntent { card: self.card_behind(schedule)?, ..new }]
            }
            Action::Rebook { schedule, at } => {
                let new = self.about_schedule(IntentKind::CreateSchedule, &item.id, channel, schedule);
                vec![NewIntent { due: Some(*at), ..new }]
            }
            Action::Retry(schedule) => {
                let new = self.about_schedule(IntentKind::ChargeKey, &item.id, channel, schedule);
                vec![NewIntent { card: self.card_behind(schedule)?, ..new }]
            }
            Action::Move { schedule, at } => {
                let new = self.about_schedule(IntentKind::CreateSchedule, &item.id, channel, schedule);
                self.after_revoking(item, schedule, NewIntent { due: Some(*at), ..new })
            }
            Action::ChargeNow(schedule) => {
                let new = self.about_schedule(IntentKind::ChargeKey, &item.id, channel, schedule);
                let card = self.card_behind(schedule)?;
                self.after_revoking(item, schedule, NewIntent { card, ..new })
            }
        };
        for draft in &mut drafts {
            draft.batch = batch.cloned();
        }
        Ok(drafts)
    }

    fn after_revoking(
        &self,
        item: &PlanItem,
        schedule: &ProviderSchedule,
        next: NewIntent,
    ) -> Vec<NewIntent> {
        let id = item.revoke.clone().unwrap_or_else(|| self.mint());
        let revoke = self.revoking(&id, item.channel.as_ref(), schedule);
        vec![revoke, NewIntent { parent: Some(id), ..next }]
    }

    fn revoking(&self, id: &PaymentId, channel: Option<&Channel>, schedule: &ProviderSchedule) -> NewIntent {
        let new = self.about_schedule(IntentKind::RevokeSchedules, id, channel, schedule);
        // What it would have charged and when: should nothing take its place, that has to be told.
        NewIntent { due: Some(schedule.at), ..new }
    }

    /// An intent with everything that is known of a schedule.
    fn about_schedule(
        &self,
        kind: IntentKind,
        id: &PaymentId,
        channel: Option<&Channel>,
        schedule: &ProviderSchedule,
    ) -> NewIntent {
        // What revokes or moves names no channel on the wire. A mode that nobody tells counts as live.
        let nameless;
        let channel = if let Some(channel) = channel {
            channel
        } else {
            nameless = self.unconfigured("", "", Mode::Live);
            &nameless
        };
        let mut new = self.about(kind, id, channel, &schedule.customer);
        if let Some(amount) = schedule.amount {
            new.amount = amount;
        }
        new.tax_free = schedule.tax_free;
        new.vat = schedule.vat;
        new.installments =
            Installments { months: schedule.installments.unwrap_or_default(), interest_free: false };
        new.order_name = schedule.order_name.to_string();
        new.target = Some(Target::Key(schedule.key.clone()));
        new.schedules = vec![schedule.id.clone()];
        new
    }

    /// The card behind a schedule's key, so that the duplicate guard sees the same card keyed in as well.
    fn card_behind(&self, schedule: &ProviderSchedule) -> Result<Option<CardEnding>, Problem> {
        Ok(self.ledger.borrow().by_key(&schedule.key)?.and_then(|made| made.new.card))
    }

    /// The sale that an intent stands for. A channel that the config has no more is what the row says of it.
    fn sale_of(&self, new: &NewIntent) -> Sale {
        let channel = self.channel_named(&new.channel).unwrap_or_else(|| channel_of(new));
        Sale {
            payment_id: new.id.clone(),
            channel,
            order_name: new.order_name.clone(),
            amount: new.amount,
            tax_free: new.tax_free,
            vat: new.vat,
            customer: new.customer.clone(),
            note: new.note.clone(),
        }
    }

    /// The schedule that an intent is to make.
    pub(super) fn schedule_order(&self, new: &NewIntent) -> Option<ScheduleOrder> {
        let Some(Target::Key(key)) = &new.target else { return None };
        Some(ScheduleOrder {
            sale: self.sale_of(new),
            key: key.clone(),
            installments: new.installments,
            at: new.due?,
        })
    }

    /// The charge that an intent is to make.
    pub(super) fn key_charge_order(&self, new: &NewIntent) -> Option<KeyChargeOrder> {
        let Some(Target::Key(key)) = &new.target else { return None };
        Some(KeyChargeOrder { sale: self.sale_of(new), key: key.clone(), installments: new.installments })
    }
}
