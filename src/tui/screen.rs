//! The screens, one folder each: a pure model and a view that draws it. What the console as a whole needs of a
//! screen's model is [`Screen`].

pub mod billing;
pub mod calendar;
pub mod history;
pub mod keyin;

use jiff::Timestamp;

use super::keymap::{Action, Context};
use super::msg::{Effect, Msg};
use crate::domain::card::CardSlot;

/// A tab's model, as the console sees it. Pure: nothing here knows a terminal, a clock or a network.
pub trait Screen {
    /// Where keys go, innermost first; what works everywhere is not among them.
    fn contexts(&self) -> Vec<Context>;

    /// Whether an action does something now.
    fn offers(&self, action: Action) -> bool;

    /// Takes a message.
    fn update(&mut self, msg: Msg) -> Vec<Effect>;

    /// The card field that takes digits now, and whether it has room.
    fn card_target(&self) -> Option<(CardSlot, bool)> {
        None
    }

    /// The wall clock went on.
    fn tick(&mut self, now: Timestamp);

    /// The terminal has so many rows.
    fn resize(&mut self, _rows: u16) {}

    /// The tab is shown.
    fn enter(&mut self) -> Vec<Effect> {
        Vec::new()
    }

    /// Another tab is shown from now on; a card that was being typed goes.
    fn leave(&mut self) -> Vec<Effect> {
        Vec::new()
    }

    /// What would be left behind by quitting now, as the catalogue's key of the sentence that says so.
    fn quitting_leaves(&self) -> Option<&'static str> {
        None
    }

    /// Whether something is being asked or is under way here that must be seen to its end.
    fn holds(&self) -> bool;
}
