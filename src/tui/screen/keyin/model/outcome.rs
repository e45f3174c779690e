//! What came of a charge: the end of the wait, the page it leads to, the look-ups of an unknown one.

use jiff::Timestamp;

use super::deposit::DEPOSIT_PAUSES;
use super::fields::{Field, Way};
use super::{End, Finished, Flight, Model, Ordered, Panel, Phase};
use crate::domain::account::DepositState;
use crate::domain::due;
use crate::domain::intent::{Intent, IntentState};
use crate::domain::outcome::{ChargeEnd, KeyEnd, KeyFate, Outcome};
use crate::domain::payment::PaymentId;
use crate::domain::text::SafeText;
use crate::tui::input::Key;
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::{Effect, EffectId, Timer};

impl Model {
    /// The issue of a billing key has ended.
    pub(super) fn key_ended(&mut self, effect: EffectId, end: KeyEnd) -> Vec<Effect> {
        let KeyEnd { outcome, key: issued, refusals } = end;
        let key = match &outcome {
            Outcome::Approved(approval) => approval.key.clone().map(KeyFate::Kept),
            _ => None,
        };
        let effects = self.ended(effect, ChargeEnd { outcome, key });
        if let Phase::Result(finished) = &mut self.phase
            && finished.effect == effect
        {
            finished.issued = issued;
            finished.refusals = refusals;
        }
        effects
    }

    pub(super) fn ended(&mut self, effect: EffectId, end: ChargeEnd) -> Vec<Effect> {
        let Phase::Flight(flight) = &self.phase else { return Vec::new() };
        if flight.effect != effect {
            return Vec::new();
        }
        let Phase::Flight(flight) = std::mem::replace(&mut self.phase, Phase::Form) else {
            return Vec::new();
        };
        let Flight { order, .. } = *flight;
        let ChargeEnd { outcome, key } = end;
        self.fields.forget_card();
        self.visited.retain(|field| field.slot().is_none());
        let mut effects =
            vec![Effect::WipeCard, Effect::Unset(Timer::FlightSecond), Effect::Unset(Timer::FlightDeadline)];
        self.said = None;
        self.kept = None;
        self.focus = self.retry_field();
        match outcome {
            Outcome::Approved(approval) => {
                self.forget_draft();
                if order.is_account() {
                    effects.push(Effect::Set(Timer::NextDeposit, DEPOSIT_PAUSES[0]));
                }
                self.phase =
                    Phase::Result(Box::new(Finished::new(effect, order, End::Approved(approval), key)));
            }
            Outcome::Unknown(_) => {
                effects.push(Effect::Look(order.id().clone()));
                self.phase = Phase::Result(Box::new(Finished::new(effect, order, End::Unknown(0), key)));
            }
            Outcome::Declined(refusal) => {
                self.kept = key;
                self.panel = Some(Panel::Declined(Box::new(order), refusal));
            }
            Outcome::NotCharged(problem) => {
                self.kept = key;
                self.panel = Some(Panel::Problem(problem));
            }
            Outcome::Blocked(earlier) => self.panel = Some(Panel::Blocked(earlier)),
        }
        effects
    }

    /// Where the next attempt begins: the card is gone, an account's form is whole.
    const fn retry_field(&self) -> Field {
        match self.fields.way() {
            Way::Card | Way::Register => Field::Number,
            Way::Account => Field::Bank,
            Way::Charge => Field::Amount,
        }
    }

    /// What became of an unknown payment that is still on this screen.
    pub fn looked(&mut self, intent: &Intent) -> Vec<Effect> {
        let retry = self.retry_field();
        let Phase::Result(finished) = &mut self.phase else { return Vec::new() };
        if *finished.order.id() != intent.new.id || !intent.state.is_settled() {
            return Vec::new();
        }
        match (&intent.approval, &intent.refusal) {
            (Some(approval), _) => {
                finished.end = End::Approved(approval.clone());
                let mut effects = Vec::new();
                let sought = finished.order.is_register() || finished.key == Some(KeyFate::Unseen);
                if let (true, Some(key)) = (sought, &approval.key) {
                    finished.key = Some(KeyFate::Kept(key.clone()));
                }
                if finished.order.is_account() {
                    finished.deposit = intent.deposit.unwrap_or(DepositState::Waiting);
                    effects.push(Effect::Set(Timer::NextDeposit, DEPOSIT_PAUSES[0]));
                }
                self.forget_draft();
                effects.append(&mut self.wants);
                return effects;
            }
            (None, refusal) => {
                self.panel = Some(match refusal {
                    Some(refusal) if intent.state == IntentState::Declined => {
                        Panel::Declined(Box::new(finished.order.clone()), refusal.clone())
                    }
                    _ => Panel::NotCharged,
                });
                self.kept.clone_from(&finished.key);
                self.phase = Phase::Form;
                self.focus = retry;
            }
        }
        Vec::new()
    }

    /// Counts a look at the unknown payment on this screen.
    pub fn count_look(&mut self, id: &PaymentId) {
        if let Phase::Result(finished) = &mut self.phase
            && finished.order.id() == id
            && let End::Unknown(looks) = &mut finished.end
        {
            *looks += 1;
        }
    }

    pub(super) fn result_key(&mut self, key: Key) -> Vec<Effect> {
        let Phase::Result(finished) = &mut self.phase else { return Vec::new() };
        if finished.closing.is_some() {
            return self.closing_key(key);
        }
        finished.said = None;
        match resolve(&[Context::Result], key) {
            // The square is put away before the page is.
            Some(Action::Cancel | Action::Qr) if finished.qr => {
                finished.qr = false;
                Vec::new()
            }
            Some(Action::Qr) if finished.receipt_url().is_some() => {
                finished.qr = true;
                Vec::new()
            }
            // An unknown payment is left with Esc alone: the Enter of an impatient hand must not open a
            // fresh form over "do not charge again".
            Some(Action::NewPayment | Action::SameCustomer) if matches!(finished.end, End::Unknown(_)) => {
                Vec::new()
            }
            // Another card of the same customer; a key that was charged is not charged again from here.
            Some(Action::SameCustomer) if self.fields.way() == Way::Charge => Vec::new(),
            Some(Action::SameCustomer) => self.fresh(true),
            Some(Action::NewPayment | Action::Cancel) if self.fields.way().is_key_in() => self.fresh(false),
            Some(Action::NewPayment | Action::Cancel) => self.leave_for_good(),
            Some(Action::Copy) => finished.to_copy().map(Effect::Copy).into_iter().collect(),
            Some(Action::CopyKey) => match &finished.key {
                Some(KeyFate::Kept(key)) => vec![Effect::Copy(key.expose().to_owned())],
                _ => Vec::new(),
            },
            Some(Action::LookUpAgain) => match finished.end {
                End::Unknown(_) => vec![Effect::Look(finished.order.id().clone())],
                End::Approved(_) => self.deposit_now(),
            },
            Some(Action::CloseAccount) if finished.open_account().is_some() => self.ask_to_close(),
            _ => Vec::new(),
        }
    }
}

impl Finished {
    /// Whether an action does something on this page now.
    pub(super) fn offers(&self, action: Action) -> bool {
        if let Some(closing) = &self.closing {
            return match action {
                Action::Confirm => closing.is_ready(),
                Action::Left | Action::Right => false,
                _ => true,
            };
        }
        let approved = matches!(self.end, End::Approved(_));
        match action {
            Action::Copy => self.to_copy().is_some(),
            Action::CopyKey => matches!(self.key, Some(KeyFate::Kept(_))),
            Action::Qr => self.receipt_url().is_some(),
            Action::LookUpAgain => !approved || self.open_account().is_some(),
            Action::CloseAccount => self.open_account().is_some(),
            Action::NewPayment => approved && !self.order.is_about_a_key(),
            Action::SameCustomer => approved && !matches!(self.order, Ordered::KeyCharge(..)),
            Action::Slip => approved && self.order.sale().is_some(),
            _ => true,
        }
    }

    /// Where the sales slip is.
    pub fn receipt_url(&self) -> Option<&str> {
        match &self.end {
            End::Approved(approval) => approval.receipt_url.as_ref().map(SafeText::as_str),
            End::Unknown(_) => None,
        }
    }

    /// What is worth having in the clipboard: the approval number, all a caller needs to pay in, or the key that
    /// was made.
    pub fn to_copy(&self) -> Option<String> {
        let End::Approved(approval) = &self.end else { return None };
        let order = match &self.order {
            Ordered::Account(order) => order,
            Ordered::Register(..) => {
                return approval.key.as_ref().map(|key| key.expose().to_owned());
            }
            Ordered::Card(..) | Ordered::KeyCharge(..) => {
                return approval.approval_number.as_ref().map(ToString::to_string);
            }
        };
        let account = approval.account.as_ref()?;
        let due = account.due.and_then(|second| Timestamp::from_second(second).ok()).unwrap_or(order.due);
        let holder = account.holder.as_ref().map(SafeText::as_str).unwrap_or_default();
        let parts = [
            account.bank.as_str(),
            account.number.as_str(),
            holder,
            &format!("{}원", order.sale.amount),
            &due::full_ko(due),
        ];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        Some(parts.join(" "))
    }
}
