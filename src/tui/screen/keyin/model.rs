//! The state of the key-in screen and its pure update: no terminal, no clock, no network, no card digit.

mod confirm;
pub mod fields;
mod form;
mod outcome;
mod phase;

use std::time::Duration;

use crate::domain::card::CardSlot;
use crate::domain::channel::Channel;
use crate::domain::outcome::Outcome;
use crate::domain::pg::Need;
use crate::i18n::Text;
use crate::tui::input::Key;
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::{Effect, EffectId, Msg, Timer};

use fields::{Field, Fields};
pub use phase::{Confirm, End, Finished, Flight, Panel, Phase};

/// What the screen is told at its start.
#[derive(Debug, Clone)]
pub struct Setup {
    /// What the store is called; the confirmation names it.
    pub store: String,
    /// The channels that offer key-in, at least one.
    pub channels: Vec<Channel>,
    /// Which one comes first.
    pub first: usize,
    /// What stands in the order name of an empty form.
    pub order_name: String,
    /// After so long without a key a half-typed card goes.
    pub idle_wipe: Duration,
    /// The longest a request can take.
    pub overall: Duration,
}

/// The key-in screen.
#[derive(Debug, Clone)]
pub struct Model {
    setup: Setup,
    channel: usize,
    /// What stands in the form.
    pub fields: Fields,
    /// The field with the cursor.
    pub focus: Field,
    /// Fields that were left once: only they show what is wrong.
    visited: Vec<Field>,
    /// Where the screen is.
    pub phase: Phase,
    /// A panel under the form.
    pub panel: Option<Panel>,
    /// Something about the last key, at the field with the cursor.
    pub said: Option<Text>,
    pasting: bool,
    next_effect: u64,
}

impl Model {
    /// An empty form, the cursor in the amount (the order name has its default).
    pub fn new(setup: Setup) -> Self {
        let channel = setup.first.min(setup.channels.len().saturating_sub(1));
        let fields = Fields::new(setup.channels[channel].clone(), &setup.order_name);
        let mut model = Self {
            setup,
            channel,
            fields,
            focus: Field::Amount,
            visited: Vec::new(),
            phase: Phase::Form,
            panel: None,
            said: None,
            pasting: false,
            next_effect: 0,
        };
        model.focus = model.first_field();
        model
    }

    fn first_field(&self) -> Field {
        if self.fields.is_blank(Field::OrderName) { Field::OrderName } else { Field::Amount }
    }

    /// What the store is called.
    pub fn store(&self) -> &str {
        &self.setup.store
    }

    /// The channels to choose from.
    pub fn channels(&self) -> &[Channel] {
        &self.setup.channels
    }

    /// Which one is chosen.
    pub const fn chosen_channel(&self) -> usize {
        self.channel
    }

    /// Where keys go, innermost first.
    pub const fn context(&self) -> Context {
        match &self.phase {
            Phase::Form => Context::Form,
            Phase::Confirm(_) => Context::Confirm,
            Phase::Flight(_) => Context::Flight,
            Phase::Result(_) => Context::Result,
        }
    }

    /// Whether an action does something now, for the footer.
    pub fn offers(&self, action: Action) -> bool {
        match (&self.phase, action) {
            (Phase::Form, Action::ToggleIdentityKind) => self.fields.need(Field::Identity) != Need::Ignored,
            (Phase::Form, Action::Channel) => self.setup.channels.len() > 1,
            (Phase::Form, Action::ClearForm) => !self.is_pristine(),
            (Phase::Form, Action::Cancel) => !self.fields.card.is_empty() || self.panel.is_some(),
            (Phase::Confirm(confirm), Action::Confirm) => confirm.is_ready(),
            (Phase::Confirm(_), Action::Left | Action::Right) => false,
            (Phase::Result(finished), Action::Copy) => {
                matches!(&finished.end, End::Approved(approval) if approval.approval_number.is_some())
            }
            (Phase::Result(finished), Action::LookUpAgain) => matches!(finished.end, End::Unknown(_)),
            (Phase::Result(finished), Action::NewPayment | Action::SameCustomer) => {
                matches!(finished.end, End::Approved(_))
            }
            _ => true,
        }
    }

    /// The card field that takes digits now, and whether it has room for one more.
    pub fn card_target(&self) -> Option<(CardSlot, bool)> {
        if self.phase != Phase::Form {
            return None;
        }
        let slot = self.focus.slot()?;
        Some((slot, self.fields.has_room(slot)))
    }

    /// Whether the form holds nothing that a person typed.
    pub fn is_pristine(&self) -> bool {
        self.fields.card.is_empty()
            && self.fields.value(Field::OrderName) == self.setup.order_name
            && [Field::Amount, Field::TaxFree, Field::Name, Field::Phone, Field::Email]
                .into_iter()
                .all(|field| self.fields.is_blank(field))
    }

    /// Whether something typed has not become a payment yet, so that leaving would lose it.
    pub fn has_draft(&self) -> bool {
        matches!(self.phase, Phase::Form | Phase::Confirm(_)) && !self.is_pristine()
    }

    /// Whether a request is under way.
    pub const fn is_flying(&self) -> bool {
        matches!(self.phase, Phase::Flight(_))
    }

    /// Whether a field has been left once.
    pub fn was_visited(&self, field: Field) -> bool {
        self.visited.contains(&field)
    }

    fn effect(&mut self) -> EffectId {
        self.next_effect += 1;
        EffectId(self.next_effect)
    }

    /// Takes a message.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        match msg {
            Msg::Key(key) => self.key(key),
            Msg::Card(facts) => self.card_changed(facts),
            Msg::PasteStart => {
                self.pasting = true;
                Vec::new()
            }
            Msg::PasteChar(ch) => {
                self.paste_char(ch);
                Vec::new()
            }
            Msg::PasteEnd => self.paste_end(),
            Msg::Timer(timer, _) => self.timer(timer),
            Msg::Minted(effect, id) => self.minted(effect, id),
            Msg::Earlier(effect, found) => self.earlier(effect, found),
            Msg::Progress(effect, stage) => {
                if let Phase::Flight(flight) = &mut self.phase
                    && flight.effect == effect
                {
                    flight.stage = stage;
                }
                Vec::new()
            }
            Msg::Ended(effect, end) => self.ended(effect, end.outcome),
            Msg::Died(Some(effect)) => self.ended(effect, Outcome::Unknown("panic".to_owned())),
            Msg::Resize(..) | Msg::Looked(..) | Msg::Settled(_) | Msg::Died(None) => Vec::new(),
        }
    }

    fn key(&mut self, key: Key) -> Vec<Effect> {
        match &self.phase {
            Phase::Form => self.form_key(key),
            Phase::Confirm(_) => self.confirm_key(key),
            Phase::Flight(_) => {
                if let (Some(Action::Cancel), Phase::Flight(flight)) =
                    (resolve(&[Context::Flight], key), &mut self.phase)
                {
                    flight.esc_pressed = true;
                }
                Vec::new()
            }
            Phase::Result(_) => self.result_key(key),
        }
    }

    fn timer(&mut self, timer: Timer) -> Vec<Effect> {
        match (timer, &mut self.phase) {
            (Timer::IdleWipe, Phase::Form | Phase::Confirm(_)) if !self.fields.card.is_empty() => {
                self.phase = Phase::Form;
                self.wipe_card();
                self.panel = Some(Panel::IdleWiped);
                vec![Effect::WipeCard]
            }
            (Timer::ConfirmArmed, Phase::Confirm(confirm)) => {
                confirm.armed = true;
                Vec::new()
            }
            (Timer::FlightSecond, Phase::Flight(flight)) => {
                flight.seconds += 1;
                vec![Effect::Set(Timer::FlightSecond, Duration::from_secs(1))]
            }
            (Timer::FlightDeadline, Phase::Flight(flight)) => {
                let effect = flight.effect;
                self.ended(effect, Outcome::Unknown("deadline".to_owned()))
            }
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
