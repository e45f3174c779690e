//! The state of the key-in screen and its pure update: no terminal, no clock, no network, no card digit.

pub mod caller;
mod confirm;
mod deposit;
mod draft;
pub mod fields;
mod form;
mod notes;
mod outcome;
mod phase;
mod register;
pub mod slip;
pub mod spoken;
mod tab;

use std::time::Duration;

use jiff::Timestamp;

use crate::domain::card::CardSlot;
use crate::domain::channel::Channel;
use crate::domain::fit::{Unfit, unfit};
use crate::domain::outcome::{KeyFate, Outcome};
use crate::domain::pg::{self, Need};
use crate::i18n::Text;
use crate::tui::input::Key;
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::{Effect, EffectId, Msg, Timer};

use fields::{Field, Fields, Way};
pub use phase::{Closing, Confirm, End, Finished, Flight, Ordered, Panel, Phase};

/// What the screen is told at its start.
#[derive(Debug, Clone)]
pub struct Setup {
    /// What the store is called; the confirmation names it.
    pub store: String,
    /// The channels, at least one of which can be used here.
    pub channels: Vec<Channel>,
    /// Which one comes first.
    pub first: usize,
    /// What stands in the order name of an empty form.
    pub order_name: String,
    /// Wall clock.
    pub now: Timestamp,
    /// After so long without a key a half-typed card goes.
    pub idle_wipe: Duration,
    /// The longest a request can take.
    pub overall: Duration,
}

/// How far a form about a key is on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WayOut {
    /// It stays.
    Stays,
    /// Esc was pressed while it holds something: once more leaves it.
    Asked,
    /// It is to be put away.
    Gone,
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
    /// What became of a card that was to be kept with the attempt that the panel tells of.
    pub kept: Option<KeyFate>,
    /// Something about the last key, at the field with the cursor.
    pub said: Option<Text>,
    /// The marked bank, while the list of banks is open.
    pub picking: Option<usize>,
    /// First six digits of a card, and who is thought to have issued it.
    hint: Option<(String, Option<String>)>,
    /// What is known of the caller.
    pub caller: Option<caller::Seen>,
    /// Which warnings were read, once that is known: channel and id.
    read: Option<Vec<(String, String)>>,
    /// The form as it was last kept.
    kept_draft: Option<String>,
    draft_due: bool,
    /// What came up along the way and is wanted besides what a message asks for.
    wants: Vec<Effect>,
    pasting: bool,
    way_out: WayOut,
    next_effect: u64,
}

impl Model {
    /// An empty form, the cursor in the amount (the order name has its default).
    pub fn new(setup: Setup) -> Self {
        Self::with(setup, |channel, setup| Fields::new(channel, &setup.order_name, setup.now))
    }

    fn with(setup: Setup, fields: impl FnOnce(Channel, &Setup) -> Fields) -> Self {
        let channel = setup.first.min(setup.channels.len().saturating_sub(1));
        let fields = fields(setup.channels[channel].clone(), &setup);
        let mut model = Self {
            setup,
            channel,
            fields,
            focus: Field::Amount,
            visited: Vec::new(),
            phase: Phase::Form,
            panel: None,
            kept: None,
            said: None,
            picking: None,
            hint: None,
            caller: None,
            read: None,
            kept_draft: None,
            draft_due: false,
            wants: Vec::new(),
            pasting: false,
            way_out: WayOut::Stays,
            next_effect: 0,
        };
        model.focus = model.first_field();
        model
    }

    /// What the store is called.
    pub fn store(&self) -> &str {
        &self.setup.store
    }

    /// The channels to choose from.
    pub fn channels(&self) -> &[Channel] {
        &self.setup.channels
    }

    /// What keeps a channel from being used here at all, as the name of the field that it requires and nobody
    /// can type.
    pub fn out_of_reach(channel: &Channel) -> Option<pg::Field> {
        if !fields::ways(channel).is_empty() {
            return None;
        }
        Way::ALL.into_iter().find_map(|way| match unfit(channel, way.operation()) {
            Some(Unfit::Needs(field)) => Some(field),
            Some(Unfit::NotOffered) | None => None,
        })
    }

    /// The wall clock went on.
    pub fn tick(&mut self, now: Timestamp) {
        self.setup.now = now;
        self.fields.now = now;
    }

    /// Which one is chosen.
    pub const fn chosen_channel(&self) -> usize {
        self.channel
    }

    /// Where keys go, innermost first.
    pub const fn context(&self) -> Context {
        match &self.phase {
            Phase::Form if self.picking.is_some() => Context::Choice,
            Phase::Form => Context::Form,
            Phase::Confirm(_) => Context::Confirm,
            Phase::Flight(_) => Context::Flight,
            Phase::Result(finished) => match &finished.closing {
                Some(closing) if closing.sent => Context::Flight,
                Some(_) => Context::Confirm,
                None => Context::Result,
            },
        }
    }

    /// Whether an action does something now, for the footer.
    pub fn offers(&self, action: Action) -> bool {
        match (&self.phase, action) {
            (Phase::Form, Action::ToggleIdentityKind) => self.fields.need(Field::Identity) != Need::Ignored,
            (Phase::Form, Action::Channel) => self.setup.channels.len() > 1,
            (Phase::Form, Action::Way) => self.fields.ways().len() > 1,
            (Phase::Form, Action::ClearForm) => !self.is_pristine(),
            (Phase::Form, Action::Caller) => {
                self.fields.way().is_key_in() && self.fields.customer().phone_digits().is_some()
            }
            (Phase::Form, Action::FillFromLast) => self.has_last(),
            (Phase::Form, Action::Cancel) => {
                self.picking.is_some() || !self.fields.card.is_empty() || self.panel.is_some()
            }
            (Phase::Confirm(confirm), Action::Confirm) => confirm.is_ready(),
            (Phase::Confirm(_), Action::Left | Action::Right) => false,
            (Phase::Result(finished), action) => finished.offers(action),
            _ => true,
        }
    }

    /// The card field that takes digits now, and whether it has room for one more.
    pub fn card_target(&self) -> Option<(CardSlot, bool)> {
        if self.phase != Phase::Form || self.picking.is_some() {
            return None;
        }
        let slot = self.focus.slot()?;
        Some((slot, self.fields.has_room(slot)))
    }

    /// Whether the form holds nothing that a person typed.
    pub fn is_pristine(&self) -> bool {
        self.fields.card.is_empty() && self.is_pristine_but_the_card()
    }

    fn is_pristine_but_the_card(&self) -> bool {
        self.fields.value(Field::OrderName) == self.setup.order_name
            && self.fields.bank.is_none()
            && self
                .fields
                .edits
                .iter()
                .all(|(field, edit)| *field == Field::OrderName || edit.text() == self.fields.given(*field))
    }

    /// Whether something typed has not become a payment yet, so that leaving would lose it.
    pub fn has_draft(&self) -> bool {
        matches!(self.phase, Phase::Form | Phase::Confirm(_)) && !self.is_pristine()
    }

    /// Whether a request is under way.
    pub const fn is_flying(&self) -> bool {
        matches!(self.phase, Phase::Flight(_))
    }

    /// Who is thought to have issued the card, by its first digits.
    pub fn issuer(&self) -> Option<&str> {
        self.hint.as_ref().filter(|hint| self.fields.card.prefix.starts_with(&hint.0))?.1.as_deref()
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
        let phone = self.fields.value(Field::Phone).len();
        let mut effects = self.take(msg);
        if self.fields.value(Field::Phone).len() != phone {
            self.phone_changed();
        }
        self.fields.attended = Some(self.focus);
        self.mind_the_draft();
        effects.append(&mut self.wants);
        effects
    }

    fn take(&mut self, msg: Msg) -> Vec<Effect> {
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
            Msg::Minted(effect, id) => {
                self.minted_to_close(effect, id.clone());
                self.minted(effect, id)
            }
            Msg::Earlier(effect, found) => self.earlier(effect, found),
            Msg::Progress(effect, stage) => {
                if let Phase::Flight(flight) = &mut self.phase
                    && flight.effect == effect
                {
                    flight.stage = stage;
                }
                Vec::new()
            }
            Msg::KeyName(effect, found) => self.name_known(effect, found),
            Msg::Ended(effect, end) => self.ended(effect, end),
            Msg::KeyEnded(effect, end) => self.key_ended(effect, end),
            Msg::Closed(effect, outcome) => self.closed(effect, &outcome),
            Msg::Deposit(payment, state) => self.deposited(&payment, state),
            Msg::Issuer(bin, issuer) => {
                if self.hint.as_ref().is_some_and(|hint| hint.0 == bin) {
                    self.hint = Some((bin, issuer));
                }
                Vec::new()
            }
            Msg::CallerHere(effect, here) => {
                self.caller_here(effect, here);
                Vec::new()
            }
            Msg::Caller(effect, known) => {
                self.caller_known(effect, known);
                Vec::new()
            }
            Msg::Draft(body) => {
                self.adopt_draft(body);
                Vec::new()
            }
            Msg::WarningsAway(away) => {
                self.learn_read(away);
                Vec::new()
            }
            Msg::Died(Some(effect)) => {
                self.caller_died(effect);
                self.died(effect, "panic")
            }
            Msg::Resize(..)
            | Msg::Looked(..)
            | Msg::Settled(_)
            | Msg::Marked(..)
            | Msg::Calendar(_)
            | Msg::Slip(_)
            | Msg::Billing(_)
            | Msg::History(_)
            | Msg::Died(None) => Vec::new(),
        }
    }

    fn key(&mut self, key: Key) -> Vec<Effect> {
        match &self.phase {
            Phase::Form if self.picking.is_some() => self.picking_key(key),
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

    /// Nobody will tell the end of an effect any more: it is not known.
    fn died(&mut self, effect: EffectId, why: &str) -> Vec<Effect> {
        let unknown = Outcome::Unknown(why.to_owned());
        match &self.phase {
            Phase::Result(_) => self.closed(effect, &unknown),
            _ => self.ended(effect, unknown.into()),
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
            (Timer::ConfirmArmed, Phase::Result(finished)) => {
                if let Some(closing) = &mut finished.closing {
                    closing.armed = true;
                }
                Vec::new()
            }
            (Timer::FlightDeadline, Phase::Flight(flight)) => {
                let effect = flight.effect;
                self.died(effect, "deadline")
            }
            (Timer::FlightDeadline, Phase::Result(finished)) => match &finished.closing {
                Some(closing) if closing.sent => {
                    let effect = closing.effect;
                    self.died(effect, "deadline")
                }
                _ => Vec::new(),
            },
            (Timer::NextDeposit, Phase::Result(_)) => self.deposit_now(),
            (Timer::DraftDue, _) => self.keep_draft(),
            (Timer::CallerDue, _) => {
                self.ask_for_caller(false);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod ways_tests;
