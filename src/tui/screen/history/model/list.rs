//! The list and the search line over it. Every key of a search is a question to the copy that is kept here; while
//! one is under way the next waits, and only the latest of those that wait is asked.

use super::detail::Then;
use super::{Ask, Found, Model, Place};
use crate::domain::listing::{Kept, RowList};
use crate::domain::problem::Problem;
use crate::domain::record::PaymentRecord;
use crate::domain::sync::Depth;
use crate::i18n::Text;
use crate::text;
use crate::tui::edit::Changed;
use crate::tui::input::Key;
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::Effect;

/// What a question's rows are to those that are seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Rows of another question: the first is marked.
    Anew,
    /// The same question later: what is marked stays.
    Renew,
}

impl Model {
    /// Asks for the rows; one question is under way at a time.
    pub(super) fn ask_for_list(&mut self, how: How) -> Vec<Effect> {
        if self.asking.is_some() {
            // A question anew is not forgotten for one that only renews.
            self.waiting = Some(if self.waiting == Some(How::Anew) { How::Anew } else { how });
            return Vec::new();
        }
        self.question += 1;
        self.asking = Some((self.question, how));
        let filter = self.filter.question(self.now());
        let query = self.search.text().trim().to_owned();
        vec![Self::ask(Ask::List(self.question, Box::new(filter), query))]
    }

    pub(super) fn list_came(&mut self, question: u64, found: Result<Box<Found>, Problem>) -> Vec<Effect> {
        let Some((asked, how)) = self.asking.filter(|(asked, _)| *asked == question) else {
            return Vec::new();
        };
        debug_assert_eq!(asked, question);
        self.asking = None;
        match found {
            Ok(found) => {
                self.problem = None;
                self.fresh = found.fresh;
                match how {
                    How::Anew => self.rows.anew(found.rows),
                    How::Renew => self.rows.renew(found.rows, self.height),
                }
            }
            Err(problem) => self.problem = Some(problem),
        }
        match self.waiting.take() {
            Some(how) => self.ask_for_list(how),
            None => self.ask_for_rows(),
        }
    }

    /// The rows near sight that nobody has asked for.
    pub(super) fn ask_for_rows(&mut self) -> Vec<Effect> {
        let wanted = self.rows.wanted(self.height);
        wanted.map(|rows| Self::ask(Ask::Rows(self.question, rows))).into_iter().collect()
    }

    pub(super) fn rows_came(
        &mut self,
        question: u64,
        asked: &RowList,
        found: Result<Vec<Kept<PaymentRecord>>, Problem>,
    ) -> Vec<Effect> {
        if question != self.question {
            return Vec::new();
        }
        match found {
            Ok(rows) => self.rows.put(rows),
            Err(problem) => {
                self.rows.failed(asked);
                self.problem = Some(problem);
            }
        }
        Vec::new()
    }

    /// Whether a list without rows may be about to get some: nobody has said yet what it is, the provider is being
    /// read, or what was read has not been asked for.
    pub fn may_have_rows(&self) -> bool {
        let is_renewed = matches!(self.asking, Some((_, How::Renew))) || self.waiting == Some(How::Renew);
        self.rows.is_unknown() || self.sync.is_some() || is_renewed
    }

    /// The marked payment.
    pub fn marked(&self) -> Option<&PaymentRecord> {
        self.rows.marked()
    }

    pub(super) fn list_key(&mut self, key: Key) -> Vec<Effect> {
        self.said = None;
        let (page, height) = (isize::try_from(self.height).unwrap_or(1), self.height);
        match resolve(&self.list_contexts(), key) {
            Some(Action::Up) => self.rows.step(-1, height),
            Some(Action::Down) => self.rows.step(1, height),
            Some(Action::PageUp) => self.rows.step(-page, height),
            Some(Action::PageDown) => self.rows.step(page, height),
            Some(Action::First) => self.rows.mark(0, height),
            Some(Action::Last) => self.rows.mark(usize::MAX, height),
            Some(Action::Search) => self.place = Place::Search,
            Some(Action::Filter) => {
                self.place = Place::Filter(super::FilterRow::Period);
                return vec![Self::ask(Ask::Pgs)];
            }
            Some(Action::Refresh) => return self.sync(Depth::Usual),
            Some(Action::StopSync) => return vec![Self::ask(Ask::StopSync)],
            Some(Action::Cancel) if !self.search.is_empty() => {
                self.search.clear();
                return self.ask_for_list(How::Anew);
            }
            Some(Action::Select) => return self.look_then(Then::Look),
            Some(Action::Refund) => return self.look_then(Then::Refund),
            Some(Action::Receipt) => return self.open_owed(),
            Some(Action::DailyClose) => return self.open_close(),
            Some(Action::Export) => self.open_export(),
            Some(Action::Exports) => return self.open_exports(),
            _ => return Vec::new(),
        }
        self.ask_for_rows()
    }

    pub(super) fn list_contexts(&self) -> Vec<Context> {
        let mut contexts = vec![Context::History, Context::List];
        if self.sync.is_some() {
            contexts.insert(0, Context::Syncing);
        }
        contexts
    }

    pub(super) fn search_key(&mut self, key: Key) -> Vec<Effect> {
        match resolve(&[Context::Search], key) {
            Some(Action::Select) => {
                self.place = Place::List;
                return Vec::new();
            }
            Some(Action::Cancel) => {
                self.place = Place::List;
                if self.search.is_empty() {
                    return Vec::new();
                }
                self.search.clear();
            }
            _ => match self.search.apply(key) {
                Changed::Text => {}
                Changed::Refused(refusal) => {
                    self.said = Some(refusal.text());
                    return Vec::new();
                }
                Changed::Nothing | Changed::Cursor => return Vec::new(),
            },
        }
        self.said = None;
        self.ask_for_list(How::Anew)
    }

    pub(super) fn search_pasted(&mut self) -> Vec<Effect> {
        match self.search.paste_end() {
            Changed::Refused(refusal) => {
                self.said = Some(refusal.text());
                self.ask_for_list(How::Anew)
            }
            Changed::Text => self.ask_for_list(How::Anew),
            Changed::Nothing | Changed::Cursor => Vec::new(),
        }
    }

    /// What stands in a row that is not held: it is on its way, or it could not be read.
    pub fn missing(&self, row: usize) -> Text {
        match &self.problem {
            Some(_) if !self.rows.waits_for(row) => text!("history.row-not-read"),
            _ => text!("history.loading"),
        }
    }

    /// Says that there is nothing to do it with: no row at all, or nothing in it yet.
    pub(super) fn nothing_marked(&mut self) -> Vec<Effect> {
        let row = self.rows.at();
        let is_none = self.rows.is_empty();
        self.said = Some(if is_none { text!("history.said.nothing-marked") } else { self.missing(row) });
        Vec::new()
    }
}
