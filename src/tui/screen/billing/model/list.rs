//! The list and the search line over it: pages are asked for round the mark, another question starts over.

use std::time::Duration;

use super::{Ask, Detail, Model, Place};
use crate::domain::billing_key::{KeyPage, KeySearch, ProviderKey};
use crate::domain::problem::Problem;
use crate::tui::edit::Changed;
use crate::tui::input::Key;
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::{Effect, Timer};

/// How long the search line must stand still before the provider is asked.
const SEARCH_REST: Duration = Duration::from_millis(250);

impl Model {
    /// The question as it stands, for its first page.
    fn question(&self) -> KeySearch {
        let mut search = KeySearch::default();
        self.search.apply(&mut search);
        self.filter.apply(&mut search, self.setup.now);
        search
    }

    /// Another question: what is held goes, the first page is asked for.
    pub(super) fn search_anew(&mut self) -> Vec<Effect> {
        self.question += 1;
        self.asked = Some(self.question());
        self.list.start_over();
        self.problem = None;
        let mut effects = self.ask_for_pages();
        effects.push(Effect::Unset(Timer::BillingSearch));
        effects
    }

    /// The same question again: what is held stays on the screen until it is replaced.
    pub(super) fn refresh(&mut self) -> Vec<Effect> {
        self.question += 1;
        self.problem = None;
        self.list.stale();
        let number = self.list.at() / KeySearch::PAGE;
        let page = u32::try_from(number).unwrap_or(u32::MAX);
        let search = KeySearch { page, ..self.question() };
        vec![Self::ask(Ask::Page(self.question, Box::new(search)))]
    }

    /// The pages round the mark that nobody has asked for.
    pub(super) fn ask_for_pages(&mut self) -> Vec<Effect> {
        let at = self.list.at();
        let missing = self.list.ask(at.saturating_sub(self.height)..at + self.height + 1);
        let question = self.question;
        missing
            .into_iter()
            .map(|number| {
                let page = u32::try_from(number).unwrap_or(u32::MAX);
                Self::ask(Ask::Page(question, Box::new(KeySearch { page, ..self.question() })))
            })
            .collect()
    }

    pub(super) fn page_came(
        &mut self,
        question: u64,
        page: u32,
        found: Result<KeyPage, Problem>,
    ) -> Vec<Effect> {
        if question != self.question {
            return Vec::new();
        }
        let number = usize::try_from(page).unwrap_or(usize::MAX);
        match found {
            Ok(found) => {
                self.problem = None;
                let total = found.total.and_then(|total| usize::try_from(total).ok());
                self.list.put(number, found.keys, total, found.more);
                self.ask_for_pages()
            }
            Err(problem) => {
                self.list.failed(number);
                self.problem = Some(problem);
                Vec::new()
            }
        }
    }

    /// The marked key.
    pub fn marked(&self) -> Option<&ProviderKey> {
        self.list.marked()
    }

    pub(super) fn list_key(&mut self, key: Key) -> Vec<Effect> {
        self.said = None;
        let page = isize::try_from(self.height).unwrap_or(1);
        match resolve(&[Context::Keys, Context::List], key) {
            Some(Action::Up) => self.list.step(-1),
            Some(Action::Down) => self.list.step(1),
            Some(Action::PageUp) => self.list.step(-page),
            Some(Action::PageDown) => self.list.step(page),
            Some(Action::First) => self.list.mark(0),
            Some(Action::Last) => self.list.mark(usize::MAX),
            Some(Action::Search) => self.place = Place::Search,
            Some(Action::Filter) => self.place = Place::Filter(super::FilterRow::Status),
            Some(Action::Refresh) => return self.refresh(),
            Some(Action::Cancel) if !self.search.is_empty() => {
                self.search.clear();
                return self.search_anew();
            }
            Some(Action::Select) => return self.open_detail(),
            Some(Action::New) => return self.register(),
            Some(Action::Charge) => return self.look_then(super::detail::Then::Charge),
            Some(Action::Delete) => return self.look_then(super::detail::Then::Delete),
            _ => return Vec::new(),
        }
        self.ask_for_pages()
    }

    fn open_detail(&mut self) -> Vec<Effect> {
        let Some(key) = self.marked().cloned() else { return Vec::new() };
        let asked = key.key.clone();
        self.place = Place::Detail(Box::new(Detail::of(key)));
        vec![Self::ask(Ask::Detail(asked))]
    }

    /// A paste into the search line is asked for at once. What was refused of it is said: a card number is never
    /// searched for.
    pub(super) fn search_pasted(&mut self) -> Vec<Effect> {
        self.said = self.search.text.paste_end().said();
        self.search_anew()
    }

    pub(super) fn search_key(&mut self, key: Key) -> Vec<Effect> {
        match resolve(&[Context::Search], key) {
            Some(Action::Select) => {
                self.place = Place::List;
                // What is shown, or on its way, is what was asked for: the list stays.
                if self.asked.as_ref() == Some(&self.question()) {
                    return vec![Effect::Unset(Timer::BillingSearch)];
                }
                return self.search_anew();
            }
            Some(Action::Cancel) => {
                self.place = Place::List;
                if self.search.is_empty() {
                    return Vec::new();
                }
                self.search.clear();
                return self.search_anew();
            }
            Some(Action::SearchIn) => self.search.turn(),
            _ => match self.search.text.apply(key) {
                Changed::Text => {}
                Changed::Refused(refusal) => {
                    self.said = Some(refusal.text());
                    return Vec::new();
                }
                Changed::Nothing | Changed::Cursor => return Vec::new(),
            },
        }
        self.said = None;
        vec![Effect::Set(Timer::BillingSearch, SEARCH_REST)]
    }
}
