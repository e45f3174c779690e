//! What was taken out: every export that is recorded, to be read.

use super::{Ask, Model, Place};
use crate::domain::export::Export as Taken;
use crate::domain::problem::Problem;
use crate::tui::choice::scrolled;
use crate::tui::input::Key;
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::Effect;

/// The page of earlier exports.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Exports {
    /// They, newest first; `None` while they are asked for.
    pub found: Option<Result<Vec<Taken>, Problem>>,
    /// The first line that is seen.
    pub scroll: usize,
}

impl Model {
    pub(super) fn open_exports(&mut self) -> Vec<Effect> {
        self.place = Place::Exports(Box::default());
        vec![Self::ask(Ask::Exports)]
    }

    pub(super) fn exports_came(&mut self, found: Result<Vec<Taken>, Problem>) {
        if let Place::Exports(exports) = &mut self.place {
            exports.found = Some(found);
        }
    }

    pub(super) fn exports_key(&mut self, key: Key) -> Vec<Effect> {
        let page = self.height;
        let Place::Exports(exports) = &mut self.place else { return Vec::new() };
        let action = resolve(&[Context::Exports], key);
        exports.scroll = scrolled(exports.scroll, action, page).unwrap_or(exports.scroll);
        match action {
            Some(Action::Refresh) => return self.open_exports(),
            Some(Action::Cancel) => self.place = Place::List,
            _ => {}
        }
        Vec::new()
    }
}
