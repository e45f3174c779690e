//! The billing keys as a tab of the console: who gets which message.

use jiff::Timestamp;

use super::{Answer, Model, Place};
use crate::domain::card::CardSlot;
use crate::domain::outcome::Outcome;
use crate::tui::keymap::{Action, Context};
use crate::tui::msg::{Effect, Msg, Timer};
use crate::tui::screen::Screen;
use crate::tui::screen::keyin::model as keyin;

impl Screen for Model {
    fn contexts(&self) -> Vec<Context> {
        match &self.place {
            Place::List => vec![Context::Keys, Context::List],
            Place::Search => vec![Context::Search],
            Place::Filter(_) => vec![Context::Menu],
            Place::Detail(_) => vec![Context::KeyDetail],
            Place::Delete(deletion) if deletion.is_flying() => vec![Context::Flight],
            Place::Delete(_) => vec![Context::Confirm],
            Place::Form(form) => form.contexts(),
        }
    }

    fn offers(&self, action: Action) -> bool {
        match (&self.place, action) {
            (Place::Form(form), action) => form.offers(action),
            (Place::List, Action::Charge | Action::Delete) => {
                self.marked().is_some_and(crate::domain::billing_key::ProviderKey::is_alive)
            }
            (Place::List, Action::New) => self.setup.channels.iter().any(keyin::Model::can_register),
            (Place::List, Action::Select) => self.marked().is_some(),
            (Place::List, Action::Cancel) => !self.search.is_empty(),
            (Place::Detail(detail), Action::Charge | Action::Delete) => {
                detail.is_alive() && detail.problem.is_none()
            }
            (Place::Delete(deletion), Action::Confirm) => deletion.is_ready(),
            // These belong to a form, and to the recording of its call.
            (_, Action::Channel | Action::ClearForm | Action::Slip) => false,
            _ => true,
        }
    }

    fn update(&mut self, msg: Msg) -> Vec<Effect> {
        match msg {
            Msg::Billing(answer) => match *answer {
                Answer::Page(question, page, found) => self.page_came(question, page, found),
                Answer::Detail(key, found) => self.detail_came(&key, found),
                Answer::Deleted(effect, outcome) => self.deleted(effect, outcome),
            },
            Msg::Timer(Timer::BillingSearch, _) => self.search_anew(),
            msg => match &mut self.place {
                Place::Form(_) => self.form_takes(msg),
                Place::Delete(_) => self.deletion_takes(msg),
                place => match (place, msg) {
                    (Place::List, Msg::Key(key)) => self.list_key(key),
                    (Place::Search, Msg::Key(key)) => self.search_key(key),
                    (Place::Search, Msg::PasteChar(ch)) => {
                        self.search.text.paste_char(ch);
                        Vec::new()
                    }
                    (Place::Search, Msg::PasteEnd) => self.search_pasted(),
                    (Place::Filter(_), Msg::Key(key)) => self.filter_key(key),
                    (Place::Detail(_), Msg::Key(key)) => self.detail_key(key),
                    _ => Vec::new(),
                },
            },
        }
    }

    fn card_target(&self) -> Option<(CardSlot, bool)> {
        self.form()?.card_target()
    }

    fn tick(&mut self, now: Timestamp) {
        self.setup.now = now;
        if let Some(form) = self.form_mut() {
            form.tick(now);
        }
    }

    fn resize(&mut self, rows: u16) {
        // Header, tabs, a blank, search line, column names; position, a blank, footer.
        self.height = usize::from(rows.saturating_sub(8)).max(1);
    }

    fn enter(&mut self) -> Vec<Effect> {
        if std::mem::replace(&mut self.opened, true) { Vec::new() } else { self.search_anew() }
    }

    fn leave(&mut self) -> Vec<Effect> {
        self.form_mut().map(Screen::leave).unwrap_or_default()
    }

    fn quitting_leaves(&self) -> Option<&'static str> {
        match &self.place {
            Place::Form(form) => form.quitting_leaves(),
            Place::Delete(deletion) if deletion.is_flying() => Some("quit.flying"),
            _ => None,
        }
    }

    fn holds(&self) -> bool {
        match &self.place {
            Place::Form(form) => form.holds(),
            Place::Delete(_) => true,
            _ => false,
        }
    }
}

impl Model {
    fn deletion_takes(&mut self, msg: Msg) -> Vec<Effect> {
        match msg {
            Msg::Key(key) => self.delete_key(key),
            Msg::PasteChar(ch) => {
                self.paste_reason(Some(ch));
                Vec::new()
            }
            Msg::PasteEnd => {
                self.paste_reason(None);
                Vec::new()
            }
            Msg::Minted(effect, id) => {
                self.deletion_minted(effect, id);
                Vec::new()
            }
            Msg::Timer(Timer::ConfirmArmed, _) => {
                self.deletion_armed();
                Vec::new()
            }
            Msg::Died(Some(effect)) => self.deleted(effect, Outcome::Unknown("panic".to_owned())),
            _ => Vec::new(),
        }
    }
}
