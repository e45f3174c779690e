//! What came of a charge: the end of the wait, the page it leads to, the look-ups of an unknown one.

use super::fields::Field;
use super::{End, Finished, Flight, Model, Panel, Phase};
use crate::domain::intent::{Approval, Intent, IntentState};
use crate::domain::outcome::Outcome;
use crate::domain::payment::PaymentId;
use crate::tui::input::Key;
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::{Effect, EffectId, Timer};

impl Model {
    pub(super) fn ended(&mut self, effect: EffectId, outcome: Outcome) -> Vec<Effect> {
        let Phase::Flight(flight) = &self.phase else { return Vec::new() };
        if flight.effect != effect {
            return Vec::new();
        }
        let Phase::Flight(flight) = std::mem::replace(&mut self.phase, Phase::Form) else {
            return Vec::new();
        };
        let Flight { order, ending, .. } = *flight;
        self.fields.forget_card();
        self.visited.retain(|field| field.slot().is_none());
        let mut effects =
            vec![Effect::WipeCard, Effect::Unset(Timer::FlightSecond), Effect::Unset(Timer::FlightDeadline)];
        self.said = None;
        self.focus = Field::Number;
        match outcome {
            Outcome::Approved(approval) => {
                self.phase =
                    Phase::Result(Box::new(Finished { order, ending, end: End::Approved(approval) }));
            }
            Outcome::Unknown(_) => {
                effects.push(Effect::Look(order.sale.payment_id.clone()));
                self.phase = Phase::Result(Box::new(Finished { order, ending, end: End::Unknown(0) }));
            }
            Outcome::Declined(refusal) => self.panel = Some(Panel::Declined(Box::new(order), refusal)),
            Outcome::NotCharged(problem) => self.panel = Some(Panel::Problem(problem)),
            Outcome::Blocked(earlier) => self.panel = Some(Panel::Blocked(earlier)),
        }
        effects
    }

    /// What became of an unknown payment that is still on this screen.
    pub fn looked(&mut self, intent: &Intent) {
        let Phase::Result(finished) = &mut self.phase else { return };
        if finished.order.sale.payment_id != intent.new.id || !intent.state.is_settled() {
            return;
        }
        match (&intent.approval, &intent.refusal) {
            (Some(approval), _) => finished.end = End::Approved(approval.clone()),
            (None, refusal) => {
                self.panel = Some(match refusal {
                    Some(refusal) if intent.state == IntentState::Declined => {
                        Panel::Declined(Box::new(finished.order.clone()), refusal.clone())
                    }
                    _ => Panel::NotCharged,
                });
                self.phase = Phase::Form;
                self.focus = Field::Number;
            }
        }
    }

    /// Counts a look at the unknown payment on this screen.
    pub fn count_look(&mut self, id: &PaymentId) {
        if let Phase::Result(finished) = &mut self.phase
            && finished.order.sale.payment_id == *id
            && let End::Unknown(looks) = &mut finished.end
        {
            *looks += 1;
        }
    }

    pub(super) fn result_key(&mut self, key: Key) -> Vec<Effect> {
        let Phase::Result(finished) = &self.phase else { return Vec::new() };
        match resolve(&[Context::Result], key) {
            // An unknown payment is left with Esc alone: the Enter of an impatient hand must not open a
            // fresh form over "do not charge again".
            Some(Action::NewPayment) if matches!(finished.end, End::Approved(_)) => self.fresh(false),
            Some(Action::NewPayment | Action::SameCustomer) if matches!(finished.end, End::Unknown(_)) => {
                Vec::new()
            }
            Some(Action::SameCustomer) => self.fresh(true),
            Some(Action::Cancel) => self.fresh(false),
            Some(Action::Copy) => match &finished.end {
                End::Approved(Approval { approval_number: Some(number), .. }) => {
                    vec![Effect::Copy(number.to_string())]
                }
                _ => Vec::new(),
            },
            Some(Action::LookUpAgain) => match finished.end {
                End::Unknown(_) => vec![Effect::Look(finished.order.sale.payment_id.clone())],
                End::Approved(_) => Vec::new(),
            },
            _ => Vec::new(),
        }
    }
}
