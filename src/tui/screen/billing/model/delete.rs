//! The question before a key is deleted: what hangs on it is listed, and goes in the same answer. The only place
//! that lets a deletion go.

use std::time::Duration;

use super::{Ask, Detail, Known, Model, Place};
use crate::domain::billing_key::{BillingKey, ProviderKey};
use crate::domain::channel::Channel;
use crate::domain::intent::{Intent, IntentState};
use crate::domain::money::Money;
use crate::domain::order::{KeyDelete, Requester};
use crate::domain::outcome::Outcome;
use crate::domain::payment::PaymentId;
use crate::domain::problem::Problem;
use crate::domain::schedule::ProviderSchedule;
use crate::text;
use crate::tui::edit::{Changed, Edit};
use crate::tui::input::Key;
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::{Effect, EffectId, Timer};

/// How long the question can't be answered after it opened: the key that opened it must not answer it.
const ARM_AFTER: Duration = Duration::from_millis(300);

/// How a deletion stands.
#[derive(Debug, Clone, PartialEq)]
pub enum DeletionEnd {
    /// Nobody has seen the end; the journal looks for it.
    Unknown,
    /// A look found that it is done.
    Done,
    /// A look found that it is not done.
    StillThere,
    /// The PG said no, or it was not sent.
    Not(Outcome),
}

/// The question, and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Deletion {
    effect: EffectId,
    id: Option<PaymentId>,
    /// What goes.
    pub key: ProviderKey,
    /// Through which channel.
    pub channel: Option<Channel>,
    /// What would be charged to it; `None` while that is not known.
    pub schedules: Option<Vec<ProviderSchedule>>,
    /// Why what hangs on it could not be had: then it can't be deleted from here.
    pub problem: Option<Problem>,
    /// Why, in the operator's words; some PGs want to know.
    pub reason: Edit,
    /// Who asked for it.
    pub requester: Requester,
    armed: bool,
    /// The answer was given and the request is under way.
    pub sent: bool,
    /// What came of it, when it is not the good end.
    pub end: Option<DeletionEnd>,
}

impl Deletion {
    pub(super) fn open(effect: EffectId, detail: Detail) -> (Self, Vec<Effect>) {
        let mut deletion = Self {
            effect,
            id: None,
            channel: None,
            schedules: None,
            problem: None,
            reason: Edit::new(100),
            requester: Requester::Customer,
            armed: false,
            sent: false,
            end: None,
            key: detail.key,
        };
        let mut effects = vec![Effect::Mint(effect), Effect::Set(Timer::ConfirmArmed, ARM_AFTER)];
        match detail.known {
            Some(known) => deletion.know(known),
            None => effects.push(Effect::Billing(Box::new(Ask::Detail(deletion.key.key.clone())))),
        }
        (deletion, effects)
    }

    fn know(&mut self, known: Known) {
        self.key = known.key;
        self.channel = Some(known.channel);
        match known.schedules {
            Ok(schedules) => self.schedules = Some(schedules),
            Err(problem) => self.problem = Some(problem),
        }
    }

    pub(super) fn learn(&mut self, key: &BillingKey, found: Result<Option<Box<Known>>, Problem>) {
        if self.key.key != *key || self.sent {
            return;
        }
        match found {
            Ok(Some(known)) => self.know(*known),
            Ok(None) => self.problem = Some(Problem::KeyGone),
            Err(problem) => self.problem = Some(problem),
        }
    }

    /// Whether the answer counts: what hangs on the key is known, the id is there, the key that opened the
    /// question is over.
    pub const fn is_ready(&self) -> bool {
        self.armed && self.id.is_some() && self.schedules.is_some() && self.problem.is_none() && !self.sent
    }

    /// Whether an answer is still wanted: reason and requester can be told.
    pub const fn is_asking(&self) -> bool {
        !self.sent && self.end.is_none()
    }

    /// Whether the request is under way.
    pub const fn is_flying(&self) -> bool {
        self.sent && self.end.is_none()
    }

    /// The sum of what would not be charged any more, as far as it is one currency.
    pub fn sum(&self) -> Option<Money> {
        let mut sum: Option<Money> = None;
        for amount in self.schedules.iter().flatten().filter_map(|schedule| schedule.amount) {
            sum = match sum {
                None => Some(amount),
                Some(sum) if sum.currency() == amount.currency() => {
                    Money::new(sum.minor().checked_add(amount.minor())?, amount.currency())
                }
                Some(_) => return None,
            };
        }
        sum
    }

    pub(super) fn looked(&mut self, intent: &Intent) {
        if self.id.as_ref() != Some(&intent.new.id) || !intent.state.is_settled() {
            return;
        }
        let done = intent.state == IntentState::Approved;
        self.end = Some(if done { DeletionEnd::Done } else { DeletionEnd::StillThere });
    }
}

impl Model {
    pub(super) fn deletion_minted(&mut self, effect: EffectId, id: PaymentId) {
        if let Place::Delete(deletion) = &mut self.place
            && deletion.effect == effect
        {
            deletion.id = Some(id);
        }
    }

    pub(super) const fn deletion_armed(&mut self) {
        if let Place::Delete(deletion) = &mut self.place {
            deletion.armed = true;
        }
    }

    pub(super) fn delete_key(&mut self, key: Key) -> Vec<Effect> {
        let Place::Delete(deletion) = &mut self.place else { return Vec::new() };
        if deletion.is_flying() {
            return Vec::new();
        }
        self.said = None;
        match resolve(&[Context::Confirm], key) {
            Some(Action::Cancel) => {
                self.place = Place::List;
                let mut effects = vec![Effect::Unset(Timer::ConfirmArmed)];
                effects.extend(self.refresh());
                return effects;
            }
            Some(Action::Confirm) if deletion.is_ready() => return self.let_deletion_go(),
            Some(Action::Confirm) => {}
            // What came of it is on the screen: it can only be left.
            _ if !deletion.is_asking() => {}
            Some(Action::Left | Action::Right) => {
                deletion.requester = match deletion.requester {
                    Requester::Customer => Requester::Admin,
                    Requester::Admin => Requester::Customer,
                };
            }
            _ => {
                if let Changed::Refused(refusal) = deletion.reason.apply(key) {
                    self.said = Some(refusal.text());
                }
            }
        }
        Vec::new()
    }

    /// The reason takes a paste; where nothing is asked any more it goes nowhere.
    pub(super) fn paste_reason(&mut self, ch: Option<char>) {
        let Place::Delete(deletion) = &mut self.place else { return };
        if !deletion.is_asking() {
            return;
        }
        let changed = match ch {
            Some(ch) => {
                deletion.reason.paste_char(ch);
                return;
            }
            None => deletion.reason.paste_end(),
        };
        self.said = changed.said();
    }

    fn let_deletion_go(&mut self) -> Vec<Effect> {
        let effect = self.effect();
        let Place::Delete(deletion) = &mut self.place else { return Vec::new() };
        let Some(id) = deletion.id.clone() else { return Vec::new() };
        let reason = deletion.reason.text().trim().to_owned();
        let order = KeyDelete {
            id,
            key: deletion.key.key.clone(),
            channel: deletion.channel.clone(),
            reason: (!reason.is_empty()).then_some(reason),
            requester: Some(deletion.requester),
        };
        deletion.sent = true;
        deletion.effect = effect;
        deletion.end = None;
        let schedules = deletion.schedules.clone().unwrap_or_default();
        vec![Self::ask(Ask::Delete(effect, Box::new(order), schedules))]
    }

    pub(super) fn deleted(&mut self, effect: EffectId, outcome: Outcome) -> Vec<Effect> {
        let Place::Delete(deletion) = &mut self.place else { return Vec::new() };
        if deletion.effect != effect || !deletion.sent {
            return Vec::new();
        }
        match outcome {
            Outcome::Approved(_) => {
                self.said = Some(text!("billing.said.deleted", key = deletion.key.key.shortened()));
                self.place = Place::List;
                self.refresh()
            }
            Outcome::Unknown(_) => {
                deletion.end = Some(DeletionEnd::Unknown);
                deletion.id.clone().map(Effect::Look).into_iter().collect()
            }
            other => {
                // The answer was seen: the question stands no more, Esc leads out.
                deletion.sent = false;
                deletion.schedules = None;
                deletion.id = None;
                deletion.end = Some(DeletionEnd::Not(other));
                Vec::new()
            }
        }
    }
}
