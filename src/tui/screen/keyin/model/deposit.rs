//! An issued account while its page is open: whether somebody has paid in, and closing it (말소).

use std::time::Duration;

use super::confirm::{ARM_AFTER, FLIGHT_SLACK};
use super::{Closing, Model, Phase};
use crate::domain::account::DepositState;
use crate::domain::outcome::Outcome;
use crate::domain::payment::PaymentId;
use crate::text;
use crate::tui::input::Key;
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::{Effect, EffectId, Timer};

/// The pauses between looks at a deposit; the last one repeats while the page is open.
pub(super) const DEPOSIT_PAUSES: [Duration; 6] = [
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(20),
    Duration::from_secs(30),
    Duration::from_mins(1),
    Duration::from_mins(2),
];

impl Model {
    /// Looks at the deposit of the account on this page.
    pub(super) fn deposit_now(&mut self) -> Vec<Effect> {
        let Phase::Result(finished) = &mut self.phase else { return Vec::new() };
        if finished.open_account().is_none() {
            return Vec::new();
        }
        vec![Effect::Deposit(finished.order.id().clone())]
    }

    /// What a look at a deposit found; `None` when nobody could be asked.
    pub(super) fn deposited(&mut self, payment: &PaymentId, state: Option<DepositState>) -> Vec<Effect> {
        let Phase::Result(finished) = &mut self.phase else { return Vec::new() };
        if finished.order.id() != payment || finished.open_account().is_none() {
            return Vec::new();
        }
        let pause = DEPOSIT_PAUSES[(finished.deposit_looks as usize).min(DEPOSIT_PAUSES.len() - 1)];
        finished.deposit_looks += 1;
        finished.deposit = state.unwrap_or(finished.deposit);
        if finished.deposit == DepositState::Waiting {
            return vec![Effect::Set(Timer::NextDeposit, pause)];
        }
        // Whatever was asked about it is answered.
        if finished.closing.as_ref().is_some_and(|closing| !closing.sent) {
            finished.closing = None;
        }
        vec![Effect::Unset(Timer::NextDeposit)]
    }

    pub(super) fn ask_to_close(&mut self) -> Vec<Effect> {
        let effect = self.effect();
        let Phase::Result(finished) = &mut self.phase else { return Vec::new() };
        finished.closing = Some(Closing { effect, id: None, armed: false, sent: false });
        vec![Effect::Set(Timer::ConfirmArmed, ARM_AFTER), Effect::Mint(effect)]
    }

    /// The id of the closing, when it is that what was minted.
    pub(super) fn minted_to_close(&mut self, effect: EffectId, id: PaymentId) {
        if let Phase::Result(finished) = &mut self.phase
            && let Some(closing) = finished.closing.as_mut().filter(|closing| closing.effect == effect)
        {
            closing.id = Some(id);
        }
    }

    pub(super) fn closing_key(&mut self, key: Key) -> Vec<Effect> {
        let Phase::Result(finished) = &mut self.phase else { return Vec::new() };
        let Some(closing) = &mut finished.closing else { return Vec::new() };
        if closing.sent {
            return Vec::new();
        }
        match resolve(&[Context::Confirm], key) {
            Some(Action::Cancel) => {
                finished.closing = None;
                vec![Effect::Unset(Timer::ConfirmArmed)]
            }
            Some(Action::Confirm) if closing.is_ready() => {
                let Some(id) = closing.id.clone() else { return Vec::new() };
                closing.sent = true;
                let account = finished.order.id().clone();
                vec![
                    Effect::Set(Timer::FlightDeadline, self.setup.overall + FLIGHT_SLACK),
                    Effect::CloseAccount(closing.effect, id, account),
                ]
            }
            _ => Vec::new(),
        }
    }

    /// How the closing ended. What was not seen is looked for, and the deposit is looked at either way.
    pub(super) fn closed(&mut self, effect: EffectId, outcome: &Outcome) -> Vec<Effect> {
        let Phase::Result(finished) = &mut self.phase else { return Vec::new() };
        let Some(closing) = finished.closing.take_if(|closing| closing.effect == effect) else {
            return Vec::new();
        };
        let mut effects = vec![Effect::Unset(Timer::FlightDeadline)];
        match outcome {
            Outcome::Approved(_) => {
                finished.deposit = DepositState::Closed;
                effects.push(Effect::Unset(Timer::NextDeposit));
                return effects;
            }
            Outcome::Declined(refusal) => {
                finished.said = Some(text!("keyin.close.declined", said = refusal.message));
            }
            Outcome::NotCharged(_) | Outcome::Blocked(_) => {
                finished.said = Some(text!("keyin.close.not-done"));
            }
            Outcome::Unknown(_) => {
                finished.said = Some(text!("keyin.close.unknown"));
                effects.extend(closing.id.map(Effect::Look));
            }
        }
        effects.extend(self.deposit_now());
        effects
    }
}
