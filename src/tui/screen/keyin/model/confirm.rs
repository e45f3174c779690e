//! The question before the money moves: opened by a complete form, answered with Enter once it is armed, the id
//! is minted and the guard has looked. The only place that lets a charge go.

use std::time::Duration;

use super::{Confirm, Flight, Model, Panel, Phase};
use crate::domain::intent::Intent;
use crate::domain::outcome::Stage;
use crate::domain::payment::PaymentId;
use crate::domain::problem::Problem;
use crate::tui::edit::{Changed, Edit};
use crate::tui::input::Key;
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::{Effect, EffectId, GuardChoice, Timer};

/// How long a confirmation can't be answered after it opened: the Enter that opened it must not answer it.
pub(super) const ARM_AFTER: Duration = Duration::from_millis(300);
/// How much longer than the request's own limit the console waits before it calls the outcome unknown.
pub(super) const FLIGHT_SLACK: Duration = Duration::from_secs(30);
/// The fewest characters of a reason to charge in spite of the guard.
const REASON_MIN: usize = 2;

impl Model {
    pub(super) fn open_confirm(&mut self) -> Vec<Effect> {
        let Some(ending) = self.fields.card.ending.clone() else { return Vec::new() };
        let effect = self.effect();
        self.panel = None;
        self.said = None;
        self.phase = Phase::Confirm(Box::new(Confirm {
            effect,
            order: None,
            ending,
            armed: false,
            checked: false,
            earlier: None,
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
        let Some(order) = self.fields.order(id) else {
            self.phase = Phase::Form;
            return Vec::new();
        };
        confirm.order = Some(order.clone());
        vec![Effect::Earlier(effect, Box::new(order))]
    }

    pub(super) fn earlier(
        &mut self,
        effect: EffectId,
        found: Result<Option<Box<Intent>>, Problem>,
    ) -> Vec<Effect> {
        let Phase::Confirm(confirm) = &mut self.phase else { return Vec::new() };
        if confirm.effect != effect {
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
                self.phase = Phase::Form;
                return vec![touch, Effect::Unset(Timer::ConfirmArmed)];
            }
            Some(Action::Confirm) => {
                if !confirm.is_ready() {
                    return vec![touch];
                }
                let reason = confirm.reason.text().trim().to_owned();
                if confirm.earlier.is_some() && reason.chars().count() < REASON_MIN {
                    confirm.reason_asked = true;
                    return vec![touch];
                }
                return self.let_go();
            }
            _ => {}
        }
        if confirm.earlier.is_some()
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
        let Some(order) = confirm.order else { return Vec::new() };
        let guard = match confirm.earlier {
            Some(_) => GuardChoice::Override(confirm.reason.text().trim().to_owned()),
            None => GuardChoice::Check,
        };
        self.phase = Phase::Flight(Box::new(Flight {
            effect,
            order: order.clone(),
            ending: confirm.ending,
            seconds: 0,
            stage: Stage::Journal,
            esc_pressed: false,
        }));
        vec![
            Effect::Unset(Timer::IdleWipe),
            Effect::Set(Timer::FlightSecond, Duration::from_secs(1)),
            Effect::Set(Timer::FlightDeadline, self.setup.overall + FLIGHT_SLACK),
            Effect::Charge(effect, Box::new(order), guard),
        ]
    }
}
