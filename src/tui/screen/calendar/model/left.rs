//! Batches that were begun and not ended: gone on with, or given up.

use super::{Ask, Model, Over};
use crate::domain::bulk::BatchLeft;
use crate::domain::problem::Problem;
use crate::text;
use crate::tui::input::Key;
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::{Effect, EffectId};

/// The list of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Left {
    /// The marked one.
    pub at: usize,
    /// Whether it is asked if the marked one shall be given up.
    pub giving_up: bool,
    /// What is being given up.
    dropping: Option<EffectId>,
}

impl Left {
    /// Whether one is being given up.
    pub const fn is_busy(&self) -> bool {
        self.dropping.is_some()
    }
}

impl Model {
    pub(super) fn left_came(&mut self, found: Result<Vec<BatchLeft>, Problem>) {
        let Ok(found) = found else { return };
        let news = found.iter().any(|batch| !self.left.iter().any(|known| known.batch == batch.batch));
        self.left = found;
        match &mut self.over {
            Some(Over::Left(left)) => {
                left.at = left.at.min(self.left.len().saturating_sub(1));
                if self.left.is_empty() {
                    self.over = None;
                }
            }
            None if news => self.over = Some(Over::Left(Left::default())),
            _ => {}
        }
    }

    pub(super) fn show_left(&mut self) -> Vec<Effect> {
        if !self.left.is_empty() {
            self.over = Some(Over::Left(Left::default()));
        }
        Vec::new()
    }

    pub(super) fn left_key(&mut self, key: Key) -> Vec<Effect> {
        let Some(Over::Left(left)) = &mut self.over else { return Vec::new() };
        if left.is_busy() {
            return Vec::new();
        }
        let last = self.left.len().saturating_sub(1);
        if left.giving_up {
            match resolve(&[Context::Confirm], key) {
                Some(Action::Cancel) => left.giving_up = false,
                Some(Action::Confirm) => return self.give_up(),
                _ => {}
            }
            return Vec::new();
        }
        match resolve(&[Context::Unfinished], key) {
            Some(Action::Up) => left.at = left.at.saturating_sub(1),
            Some(Action::Down) => left.at = (left.at + 1).min(last),
            Some(Action::Cancel) => self.over = None,
            Some(Action::GiveUp) => left.giving_up = true,
            Some(Action::Resume) => {
                let at = left.at;
                if let Some(batch) = self.left.get(at).map(|left| left.batch.clone()) {
                    return self.resume(batch);
                }
            }
            _ => {}
        }
        Vec::new()
    }

    fn give_up(&mut self) -> Vec<Effect> {
        let effect = self.effect();
        let Some(Over::Left(left)) = &mut self.over else { return Vec::new() };
        let Some(batch) = self.left.get(left.at).map(|left| left.batch.clone()) else { return Vec::new() };
        left.giving_up = false;
        left.dropping = Some(effect);
        vec![Self::ask(Ask::Drop(effect, batch))]
    }

    pub(super) fn dropped(&mut self, effect: EffectId, found: &Result<usize, Problem>) -> Vec<Effect> {
        if let Some(Over::Left(left)) = &mut self.over
            && left.dropping == Some(effect)
        {
            left.dropping = None;
        }
        self.said = Some(match found {
            Ok(count) => text!("calendar.said.given-up", count = count),
            Err(_) => text!("calendar.said.not-given-up"),
        });
        vec![Self::ask(Ask::Left)]
    }
}
