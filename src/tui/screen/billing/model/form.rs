//! The form that registers a card or charges a key: the key-in's own, opened from here and left to here.

use super::{Model, Place};
use crate::tui::msg::{Effect, Msg};
use crate::tui::screen::keyin::model as keyin;

impl Model {
    /// How the forms of this screen are told apart from each other and from the key-in's.
    const FORMS: u64 = 1 << 16;

    fn open(&mut self, form: keyin::Model) -> Vec<Effect> {
        let first = self.next_effect + 1;
        // Our own go on behind the form's.
        self.next_effect = first + Self::FORMS;
        self.place = Place::Form(Box::new(form.with_effects_from(first)));
        // A form that knows which warnings were read shows the others.
        vec![Effect::WarningsAway]
    }

    pub(super) fn register(&mut self) -> Vec<Effect> {
        let form = keyin::Model::for_register(self.setup.clone());
        self.open(form)
    }

    pub(super) fn charge(&mut self) -> Vec<Effect> {
        let Place::Detail(detail) = &self.place else { return Vec::new() };
        // What the last look did not find is not charged, whatever the one before it told.
        let Some(known) =
            detail.known.as_ref().filter(|known| known.key.is_alive() && detail.problem.is_none())
        else {
            return Vec::new();
        };
        let form = keyin::Model::for_charge(self.setup.clone(), &known.key, known.channel.clone());
        self.open(form)
    }

    pub(super) fn form_takes(&mut self, msg: Msg) -> Vec<Effect> {
        let Place::Form(form) = &mut self.place else { return Vec::new() };
        let mut effects = form.update(msg);
        if form.wants_out() {
            self.place = Place::List;
            effects.extend(self.refresh());
        }
        effects
    }
}
