//! The key-in screen as a tab of the console.

use jiff::Timestamp;

use super::Model;
use crate::domain::card::CardSlot;
use crate::text;
use crate::tui::keymap::{Action, Context};
use crate::tui::msg::{Effect, Msg, Timer};
use crate::tui::screen::Screen;

impl Screen for Model {
    fn contexts(&self) -> Vec<Context> {
        vec![self.context()]
    }

    fn offers(&self, action: Action) -> bool {
        self.offers(action)
    }

    fn update(&mut self, msg: Msg) -> Vec<Effect> {
        self.update(msg)
    }

    fn card_target(&self) -> Option<(CardSlot, bool)> {
        self.card_target()
    }

    fn tick(&mut self, now: Timestamp) {
        self.tick(now);
    }

    fn leave(&mut self) -> Vec<Effect> {
        if self.fields.card.is_empty() {
            return Vec::new();
        }
        self.wipe_card();
        self.said = Some(text!("keyin.said.card-wiped"));
        vec![Effect::WipeCard, Effect::Unset(Timer::IdleWipe)]
    }

    fn quitting_leaves(&self) -> Option<&'static str> {
        if self.is_flying() { Some("quit.flying") } else { self.has_draft().then_some("quit.typed") }
    }

    fn holds(&self) -> bool {
        matches!(self.context(), Context::Confirm | Context::Flight)
    }
}
