//! The question before the money moves: opened by a complete form, answered with Enter once it is armed, the id
//! is minted and the guard has looked. The only place that lets a charge go.

use std::time::Duration;

use super::fields::{Field, Way};
use super::{Confirm, Flight, Model, Ordered, Panel, Phase};
use crate::domain::billing_key::ProviderKey;
use crate::domain::intent::Intent;
use crate::domain::outcome::Stage;
use crate::domain::payment::PaymentId;
use crate::domain::problem::Problem;
use crate::text;
use crate::tui::edit::{Changed, Edit};
use crate::tui::input::Key;
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::{Effect, EffectId, GuardChoice, Timer};

/// How long a confirmation can't be answered after it opened: the Enter that opened it must not answer it.
pub(super) const ARM_AFTER: Duration = Duration::from_millis(300);
/// How much longer than the request's own limit the console waits before it calls the outcome unknown.
pub(super) const FLIGHT_SLACK: Duration = Duration::from_secs(30);
/// The fewest characters of a reason to go on in spite of the guard, or of a name that is in use.
const REASON_MIN: usize = 2;

impl Model {
    pub(super) fn open_confirm(&mut self) -> Vec<Effect> {
        if self.fields.way().takes_card() && self.fields.card.ending.is_none() {
            return Vec::new();
        }
        if self.fields.ways().is_empty() {
            let channel = self.fields.channel().name.clone();
            self.said = Some(text!("keyin.said.channel-unfit", channel = channel));
            return Vec::new();
        }
        let effect = self.effect();
        self.put_notes_away();
        self.panel = None;
        self.said = None;
        self.phase = Phase::Confirm(Box::new(Confirm {
            effect,
            order: None,
            armed: false,
            checked: false,
            earlier: None,
            taken: None,
            reason: Edit::new(100),
            reason_asked: false,
        }));
        vec![Effect::Set(Timer::ConfirmArmed, ARM_AFTER), Effect::Mint(effect)]
    }

    pub(super) fn minted(&mut self, effect: EffectId, id: PaymentId) -> Vec<Effect> {
        let Phase::Confirm(confirm) = &mut self.phase else { return Vec::new() };
        if confirm.effect != effect {
            return Vec::new();
        }
        let fields = &self.fields;
        let typed = || fields.card.ending.clone();
        let ordered = match fields.way() {
            Way::Card => fields.order(id).zip(typed()).map(|(order, ending)| Ordered::Card(order, ending)),
            Way::Account => fields.account_order(id).map(Ordered::Account),
            Way::Register => {
                fields.key_order(id).zip(typed()).map(|(order, ending)| Ordered::Register(order, ending))
            }
            Way::Charge => {
                let ending = fields.key().and_then(|key| key.card.clone());
                fields.key_charge_order(id).map(|order| Ordered::KeyCharge(order, ending))
            }
        };
        let Some(ordered) = ordered else {
            self.phase = Phase::Form;
            return Vec::new();
        };
        confirm.order = Some(ordered.clone());
        match ordered {
            Ordered::Card(order, _) => vec![Effect::Earlier(effect, Box::new(order))],
            Ordered::Account(order) => vec![Effect::EarlierAccount(effect, Box::new(order))],
            Ordered::KeyCharge(order, _) => vec![Effect::EarlierKeyCharge(effect, Box::new(order))],
            Ordered::Register(order, _) => match order.key {
                // A name of our own making was never used, and V2 chooses its keys itself.
                None => {
                    confirm.checked = true;
                    Vec::new()
                }
                Some(name) => {
                    confirm.checked = false;
                    vec![Effect::KeyName(effect, name)]
                }
            },
        }
    }

    /// What stands behind the name that a new key is to have.
    pub(super) fn name_known(
        &mut self,
        effect: EffectId,
        found: Result<Option<Box<ProviderKey>>, Problem>,
    ) -> Vec<Effect> {
        let Phase::Confirm(confirm) = &mut self.phase else { return Vec::new() };
        if !confirm.waits_for(effect, true) {
            return Vec::new();
        }
        match found {
            Ok(taken) => {
                confirm.taken = taken;
                confirm.checked = true;
            }
            // Whose card a name holds must be known before another one is put behind it.
            Err(problem) => {
                self.phase = Phase::Form;
                self.panel = Some(Panel::Problem(problem));
            }
        }
        Vec::new()
    }

    pub(super) fn earlier(
        &mut self,
        effect: EffectId,
        found: Result<Option<Box<Intent>>, Problem>,
    ) -> Vec<Effect> {
        let Phase::Confirm(confirm) = &mut self.phase else { return Vec::new() };
        if !confirm.waits_for(effect, false) {
            return Vec::new();
        }
        match found {
            Ok(earlier) => {
                confirm.earlier = earlier;
                confirm.checked = true;
            }
            // A journal that can't be read can't be written either: nothing would be sent.
            Err(problem) => {
                self.phase = Phase::Form;
                self.panel = Some(Panel::Problem(problem));
            }
        }
        Vec::new()
    }

    pub(super) fn confirm_key(&mut self, key: Key) -> Vec<Effect> {
        let touch = self.touch();
        self.said = None;
        let Phase::Confirm(confirm) = &mut self.phase else { return Vec::new() };
        match resolve(&[Context::Confirm], key) {
            Some(Action::Cancel) => {
                let taken = confirm.taken.is_some();
                self.phase = Phase::Form;
                if taken && self.fields.visible().any(|field| field == Field::KeyName) {
                    // To type another name is what one goes back for.
                    self.go(Field::KeyName);
                }
                return vec![touch, Effect::Unset(Timer::ConfirmArmed)];
            }
            Some(Action::Confirm) => {
                if !confirm.is_ready() {
                    return vec![touch];
                }
                let reason = confirm.reason.text().trim().to_owned();
                if confirm.wants_reason() && reason.chars().count() < REASON_MIN {
                    confirm.reason_asked = true;
                    return vec![touch];
                }
                return self.let_go();
            }
            _ => {}
        }
        if confirm.wants_reason()
            && let Changed::Refused(refusal) = confirm.reason.apply(key)
        {
            self.said = Some(refusal.text());
        }
        vec![touch]
    }

    pub(super) fn let_go(&mut self) -> Vec<Effect> {
        let effect = self.effect();
        let Phase::Confirm(confirm) = std::mem::replace(&mut self.phase, Phase::Form) else {
            return Vec::new();
        };
        let wants_reason = confirm.wants_reason();
        let Some(order) = confirm.order else { return Vec::new() };
        let guard = if wants_reason {
            GuardChoice::Override(confirm.reason.text().trim().to_owned())
        } else {
            GuardChoice::Check
        };
        let send = match &order {
            Ordered::Card(order, _) => Effect::Charge(effect, Box::new(order.clone()), guard),
            Ordered::Account(order) => Effect::Issue(effect, Box::new(order.clone()), guard),
            Ordered::Register(order, _) => Effect::IssueKey(effect, Box::new(order.clone()), guard),
            Ordered::KeyCharge(order, _) => Effect::ChargeKey(effect, Box::new(order.clone()), guard),
        };
        self.phase = Phase::Flight(Box::new(Flight {
            effect,
            order,
            seconds: 0,
            stage: Stage::Journal,
            esc_pressed: false,
        }));
        vec![
            Effect::Unset(Timer::IdleWipe),
            Effect::Set(Timer::FlightSecond, Duration::from_secs(1)),
            Effect::Set(Timer::FlightDeadline, self.setup.overall + FLIGHT_SLACK),
            send,
        ]
    }
}
