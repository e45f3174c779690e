//! The person on the phone: as soon as the number is long enough, ledger and provider are asked for what they
//! know. Never moves the cursor; an answer to an older question is dropped.

use std::time::Duration;

use super::fields::Field;
use super::{Model, Phase};
use crate::domain::caller::Caller;
use crate::domain::intent::Intent;
use crate::domain::problem::Problem;
use crate::tui::msg::{Effect, EffectId, Timer};

/// The fewest digits that are somebody's number: an area code of two and seven more.
const DIGITS: usize = 9;
/// How long the number must stand still.
const PAUSE: Duration = Duration::from_millis(500);

/// What is known of the caller so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    effect: EffectId,
    /// Whose.
    pub digits: String,
    /// What came of asking.
    pub found: Found,
}

/// What came of asking.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// The provider is being asked; this is what the ledger knows.
    Asking(Vec<Intent>),
    /// The answer.
    Known(Box<Caller>),
    /// Not even the ledger could be asked.
    Failed(Problem),
}

impl Seen {
    /// The ledger's part.
    pub fn from_ledger(&self) -> &[Intent] {
        match &self.found {
            Found::Asking(here) => here,
            Found::Known(caller) => &caller.from_ledger,
            Found::Failed(_) => &[],
        }
    }
}

impl Model {
    /// The phone number's digits, when there are enough of them.
    pub(super) fn caller_digits(&self) -> Option<String> {
        if !self.fields.way().is_key_in() {
            return None;
        }
        self.fields.customer().phone_digits().filter(|digits| digits.len() >= DIGITS)
    }

    /// The phone number changed: ask once it stands still, forget whom it is no more.
    pub(super) fn phone_changed(&mut self) {
        if !self.fields.way().is_key_in() {
            return;
        }
        match self.caller_digits() {
            None => {
                self.caller = None;
                self.wants.push(Effect::Unset(Timer::CallerDue));
            }
            Some(digits) if self.caller.as_ref().is_some_and(|seen| seen.digits == digits) => {}
            Some(_) => {
                self.caller = None;
                self.wants.push(Effect::Set(Timer::CallerDue, PAUSE));
            }
        }
    }

    /// Asks for the caller, again if that is wanted.
    pub(super) fn ask_for_caller(&mut self, again: bool) {
        let Some(digits) = self.caller_digits() else { return };
        if !again && self.caller.as_ref().is_some_and(|seen| seen.digits == digits) {
            return;
        }
        let effect = self.effect();
        self.caller = Some(Seen { effect, digits: digits.clone(), found: Found::Asking(Vec::new()) });
        self.wants.push(Effect::Unset(Timer::CallerDue));
        self.wants.push(Effect::Caller(effect, digits));
    }

    pub(super) fn caller_here(&mut self, effect: EffectId, here: Vec<Intent>) {
        if let Some(seen) = self.caller.as_mut().filter(|seen| seen.effect == effect)
            && matches!(seen.found, Found::Asking(_))
        {
            seen.found = Found::Asking(here);
        }
    }

    pub(super) fn caller_known(&mut self, effect: EffectId, known: Result<Box<Caller>, Problem>) {
        if let Some(seen) = self.caller.as_mut().filter(|seen| seen.effect == effect) {
            seen.found = match known {
                Ok(caller) => Found::Known(caller),
                Err(problem) => Found::Failed(problem),
            };
        }
    }

    /// Nobody will answer the question any more.
    pub(super) fn caller_died(&mut self, effect: EffectId) {
        self.caller_known(effect, Err(Problem::Stopped));
    }

    /// Whether there is a last payment to take over from.
    pub(super) fn has_last(&self) -> bool {
        self.phase == Phase::Form && self.caller.as_ref().is_some_and(|seen| !seen.from_ledger().is_empty())
    }

    /// Takes name, e-mail, order name and amount over from the caller's last payment here: what is blank, and
    /// the order name while it is still the usual one.
    pub(super) fn fill_from_last(&mut self) {
        let Some(last) = self.caller.as_ref().and_then(|seen| seen.from_ledger().first()).cloned() else {
            return;
        };
        let customer = &last.new.customer;
        let amount = last.new.amount.to_string();
        let usual = self.fields.value(Field::OrderName) == self.setup.order_name;
        for (field, value) in [
            (Field::Name, customer.name()),
            (Field::Email, customer.email()),
            (Field::Amount, Some(amount.as_str()).filter(|_| !last.new.amount.is_zero())),
            (Field::OrderName, Some(last.new.order_name.as_str()).filter(|name| !name.is_empty())),
        ] {
            if self.fields.is_blank(field) || (field == Field::OrderName && usual) {
                self.fields.set(field, value.unwrap_or(self.fields.value(field)).to_owned().as_str());
            }
        }
        self.show_ready();
    }
}
