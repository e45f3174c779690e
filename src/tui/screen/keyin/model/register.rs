//! The forms about billing keys, each a model of its own: a card that is registered, a key that is charged. Whoever
//! opened one looks at [`Model::wants_out`] and puts it away.

use super::fields::{Field, Fields, Way};
use super::{EffectId, Finished, Model, Phase, Setup, WayOut};
use crate::domain::billing_key::ProviderKey;
use crate::domain::channel::Channel;
use crate::tui::keymap::Action;
use crate::tui::msg::{Effect, Timer};

/// Where the effects of a form about a key begin to be counted, unless whoever opens it says otherwise: an answer
/// for the payment form must never be taken for one of its own.
const OWN_EFFECTS: u64 = 1 << 40;

impl Model {
    /// Whether a card can be registered through a channel.
    pub fn can_register(channel: &Channel) -> bool {
        !super::fields::fitting(&[Way::Register], channel).is_empty()
    }

    /// An empty form that registers a card as a billing key, on the first channel that can, from the chosen one on.
    pub fn for_register(setup: Setup) -> Self {
        let count = setup.channels.len().max(1);
        let first = (0..count)
            .map(|step| (setup.first + step) % count)
            .find(|at| setup.channels.get(*at).is_some_and(Self::can_register));
        let setup = Setup { first: first.unwrap_or(setup.first), ..setup };
        Self::with(setup, |channel, setup| Fields::for_register(channel, &setup.order_name, setup.now))
            .with_effects_from(OWN_EFFECTS)
    }

    /// A form that charges a billing key through the channel it was issued through.
    pub fn for_charge(setup: Setup, key: &ProviderKey, channel: Channel) -> Self {
        let setup = Setup { channels: vec![channel], first: 0, ..setup };
        Self::with(setup, |channel, setup| {
            Fields::for_charge(channel, key.clone(), &setup.order_name, setup.now)
        })
        .with_effects_from(OWN_EFFECTS)
    }

    /// The same, its effects counted from `first` on. Forms that are opened one after the other each get a range of
    /// their own, so that a late answer for one never reaches the next: go on from [`Model::last_effect`].
    #[must_use]
    pub const fn with_effects_from(mut self, first: u64) -> Self {
        self.next_effect = first;
        self
    }

    /// The last effect that was asked for.
    pub const fn last_effect(&self) -> EffectId {
        EffectId(self.next_effect)
    }

    /// Whether Esc was pressed in an empty form, or the page of the result was left: whoever opened this form takes
    /// over. Never so in a payment by phone.
    pub const fn wants_out(&self) -> bool {
        matches!(self.way_out, WayOut::Gone)
    }

    /// What an action is called in a form about a key, as the catalogue's key: nothing is paid by registering a
    /// card, and the page of the result leads back to the list.
    pub fn calls(&self, action: Action) -> Option<&'static str> {
        match (self.fields.way(), action) {
            (Way::Register, Action::Submit) => Some("hint.submit-register"),
            (Way::Register | Way::Charge, Action::NewPayment) => Some("hint.to-list"),
            _ => None,
        }
    }

    /// What came of it, while its page is open.
    pub fn finished(&self) -> Option<&Finished> {
        match &self.phase {
            Phase::Result(finished) => Some(finished),
            _ => None,
        }
    }

    /// The form is left, and nothing of it stays.
    pub(super) fn leave_for_good(&mut self) -> Vec<Effect> {
        self.way_out = WayOut::Gone;
        self.put_notes_away();
        self.fields.forget_card();
        vec![Effect::WipeCard, Effect::Unset(Timer::IdleWipe), Effect::Unset(Timer::ConfirmArmed)]
    }

    /// Where a form begins.
    pub(super) fn first_field(&self) -> Field {
        match self.fields.way() {
            Way::Register => Field::CustomerId,
            _ if self.fields.is_blank(Field::OrderName) => Field::OrderName,
            _ => Field::Amount,
        }
    }
}
