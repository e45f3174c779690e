//! One key with all that hangs on it, and what can be done with it.

use super::{Ask, Deletion, Known, Model, Place};
use crate::domain::billing_key::{BillingKey, ProviderKey};
use crate::domain::problem::Problem;
use crate::text;
use crate::tui::choice::scrolled;
use crate::tui::input::Key;
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::Effect;

/// What is to be done once the key is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Show it.
    Look,
    /// Open the form that charges it.
    Charge,
    /// Ask whether it goes.
    Delete,
}

/// One key on the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Detail {
    /// As the list told it.
    pub key: ProviderKey,
    /// All that is known; `None` while it is being asked for.
    pub known: Option<Known>,
    /// Why that could not be had.
    pub problem: Option<Problem>,
    /// The first line of it that is seen.
    pub scroll: usize,
    then: Then,
}

impl Detail {
    pub(super) const fn of(key: ProviderKey) -> Self {
        Self { key, known: None, problem: None, scroll: 0, then: Then::Look }
    }

    /// Whether it can be charged and deleted.
    pub fn is_alive(&self) -> bool {
        self.known.as_ref().map_or(&self.key, |known| &known.key).is_alive()
    }
}

impl Model {
    /// Charging and deleting look at the key first: what the list has may be old.
    pub(super) fn look_then(&mut self, then: Then) -> Vec<Effect> {
        let Some(key) = self.marked().cloned() else { return Vec::new() };
        if !key.is_alive() {
            self.said = Some(text!("billing.said.gone"));
            return Vec::new();
        }
        let asked = key.key.clone();
        self.place = Place::Detail(Box::new(Detail { then, ..Detail::of(key) }));
        vec![Self::ask(Ask::Detail(asked))]
    }

    pub(super) fn detail_came(
        &mut self,
        key: &BillingKey,
        found: Result<Option<Box<Known>>, Problem>,
    ) -> Vec<Effect> {
        if let Place::Delete(deletion) = &mut self.place {
            deletion.learn(key, found);
            return Vec::new();
        }
        let Place::Detail(detail) = &mut self.place else { return Vec::new() };
        if detail.key.key != *key {
            return Vec::new();
        }
        match found {
            Ok(Some(known)) => {
                detail.problem = None;
                detail.known = Some(*known);
            }
            Ok(None) => detail.problem = Some(Problem::KeyGone),
            Err(problem) => detail.problem = Some(problem),
        }
        match std::mem::replace(&mut detail.then, Then::Look) {
            Then::Look => Vec::new(),
            Then::Charge => self.charge(),
            Then::Delete => self.ask_to_delete(),
        }
    }

    pub(super) fn detail_key(&mut self, key: Key) -> Vec<Effect> {
        let page = self.height;
        let Place::Detail(detail) = &mut self.place else { return Vec::new() };
        let action = resolve(&[Context::KeyDetail], key);
        detail.scroll = scrolled(detail.scroll, action, page).unwrap_or(detail.scroll);
        match action {
            Some(Action::Cancel) => self.place = Place::List,
            Some(Action::Refresh) => {
                let key = detail.key.key.clone();
                return vec![Self::ask(Ask::Detail(key))];
            }
            Some(Action::CopyKey) => return vec![Effect::Copy(detail.key.key.expose().to_owned())],
            Some(Action::Charge) => return self.charge(),
            Some(Action::Delete) => return self.ask_to_delete(),
            _ => {}
        }
        Vec::new()
    }

    /// Opens the question; what hangs on the key is known or still being asked for.
    fn ask_to_delete(&mut self) -> Vec<Effect> {
        let Place::Detail(detail) = &self.place else { return Vec::new() };
        if !detail.is_alive() || detail.problem.is_some() {
            return Vec::new();
        }
        let effect = self.effect();
        let Place::Detail(detail) = std::mem::replace(&mut self.place, Place::List) else {
            return Vec::new();
        };
        let (deletion, effects) = Deletion::open(effect, *detail);
        self.place = Place::Delete(Box::new(deletion));
        effects
    }
}
