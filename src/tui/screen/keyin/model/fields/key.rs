//! What only the forms about billing keys have: the merchant's own id of the customer, the name that V1 wants for
//! a new key, and the key that is charged.

use jiff::Timestamp;

use super::{Field, Fields, Way, optional};
use crate::domain::billing_key::{BillingKey, ProviderKey};
use crate::domain::channel::Channel;
use crate::domain::order::{KeyChargeOrder, KeyOrder};
use crate::domain::payment::PaymentId;
use crate::domain::pg::{self, Generation, Need};

impl Fields {
    /// An empty form that registers a card as a billing key.
    pub fn for_register(channel: Channel, order_name: &str, now: Timestamp) -> Self {
        Self::of(channel, &[Way::Register], None, order_name, now)
    }

    /// A form that charges a billing key; the customer is the key's.
    pub fn for_charge(channel: Channel, key: ProviderKey, order_name: &str, now: Timestamp) -> Self {
        Self::of(channel, &[Way::Charge], Some(Box::new(key)), order_name, now)
    }

    /// The key that is charged.
    pub fn key(&self) -> Option<&ProviderKey> {
        self.key.as_deref()
    }

    /// What the key tells of its customer stands in the form from the start.
    pub(super) fn take_over_from_the_key(&mut self) {
        let Some(key) = self.key.take() else { return };
        for field in [Field::CustomerId, Field::Name, Field::Phone, Field::Email] {
            self.set(field, of_the_key(&key, field));
        }
        self.key = Some(key);
    }

    /// What stands in a field of the customer before anybody types.
    pub fn given(&self, field: Field) -> &str {
        self.key.as_deref().map_or("", |key| of_the_key(key, field))
    }

    pub(super) fn need_of_customer_id(&self) -> Need {
        match self.table(pg::Field::CustomerId) {
            Need::Required => Need::Required,
            // Of a key that is charged it is known, or no matter.
            _ if self.way == Way::Charge => optional(!self.is_blank(Field::CustomerId)),
            _ => Need::Optional,
        }
    }

    /// Whether the new key's name is ours to choose: V1's `customer_uid` (V1 §8.1).
    pub(super) fn names_the_key(&self) -> bool {
        self.channel.generation == Generation::V1
    }

    /// The name that a new V1 key gets when none is typed: one for this customer and this card. `None` when there
    /// is none to propose; then one is made that was never used.
    pub fn proposed_name(&self) -> Option<BillingKey> {
        let customer = self.value(Field::CustomerId).trim();
        let card = self.card.ending.as_ref()?;
        if customer.is_empty() {
            return None;
        }
        BillingKey::name(&format!("{customer}-{}", card.last4())).ok()
    }

    /// The order of a new key, once nothing stops it.
    pub fn key_order(&self, id: PaymentId) -> Option<KeyOrder> {
        if self.way != Way::Register || !self.are_complete() {
            return None;
        }
        let typed = self.value(Field::KeyName).trim();
        let key = match self.need(Field::KeyName) {
            Need::Ignored => None,
            _ if typed.is_empty() => self.proposed_name(),
            _ => Some(BillingKey::name(typed).ok()?),
        };
        Some(KeyOrder { id, channel: self.channel.clone(), customer: self.customer(), key })
    }

    /// The order of a key's charge, once nothing stops it.
    pub fn key_charge_order(&self, payment_id: PaymentId) -> Option<KeyChargeOrder> {
        if self.way != Way::Charge || !self.are_complete() {
            return None;
        }
        Some(KeyChargeOrder {
            sale: self.sale(payment_id)?,
            key: self.key.as_ref()?.key.clone(),
            installments: self.installments(),
        })
    }
}

fn of_the_key(key: &ProviderKey, field: Field) -> &str {
    let customer = &key.customer;
    match field {
        Field::CustomerId => customer.id(),
        Field::Name => customer.name(),
        Field::Phone => customer.phone(),
        Field::Email => customer.email(),
        _ => None,
    }
    .unwrap_or_default()
}
