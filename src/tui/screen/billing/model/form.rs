//! The form that registers a card or charges a key: the key-in's own, opened from here and left to here.

use super::{Model, Place};
use crate::tui::msg::{Effect, Msg};

impl Model {
    pub(super) fn register(&mut self) -> Vec<Effect> {
        Vec::new()
    }

    pub(super) fn charge(&mut self) -> Vec<Effect> {
        Vec::new()
    }

    pub(super) fn form_takes(&mut self, msg: Msg) -> Vec<Effect> {
        let Place::Form(form) = &mut self.place else { return Vec::new() };
        form.update(msg)
    }
}
