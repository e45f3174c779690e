//! Which keys are shown: alive or deleted, of one PG, of a time.

use jiff::Timestamp;

use super::{Model, Place};
use crate::domain::billing_key::{KeySearch, KeyStatus};
use crate::domain::listing::Period;
use crate::domain::pg::PgCode;
use crate::tui::choice::{neighbour, turned};
use crate::tui::input::Key;
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::Effect;

/// The filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Alive, deleted, or both.
    pub status: Option<KeyStatus>,
    /// One PG.
    pub pg: Option<PgCode>,
    /// When they were issued.
    pub period: Period,
}

impl Default for Filter {
    fn default() -> Self {
        Self { status: Some(KeyStatus::Issued), pg: None, period: Period::Ever }
    }
}

/// A row of the choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FilterRow {
    /// 상태
    Status,
    /// PG
    Pg,
    /// 발급일
    Period,
}

impl FilterRow {
    /// All of them, top to bottom.
    pub const ALL: [Self; 3] = [Self::Status, Self::Pg, Self::Period];
}

impl Filter {
    pub(super) fn apply(&self, search: &mut KeySearch, now: Timestamp) {
        search.status = self.status;
        search.pg.clone_from(&self.pg);
        search.from = self.period.span(now).map(|span| span.from);
    }
}

impl Model {
    pub(super) fn filter_key(&mut self, key: Key) -> Vec<Effect> {
        let Place::Filter(row) = self.place else { return Vec::new() };
        match resolve(&[Context::Menu], key) {
            Some(Action::Up) => self.place = Place::Filter(neighbour(&FilterRow::ALL, row, false)),
            Some(Action::Down) => self.place = Place::Filter(neighbour(&FilterRow::ALL, row, true)),
            Some(Action::Left) => return self.turn_filter(row, false),
            Some(Action::Right) => return self.turn_filter(row, true),
            Some(Action::Select | Action::Cancel) => self.place = Place::List,
            _ => {}
        }
        Vec::new()
    }

    fn turn_filter(&mut self, row: FilterRow, forward: bool) -> Vec<Effect> {
        match row {
            FilterRow::Status => {
                let all = [Some(KeyStatus::Issued), Some(KeyStatus::Deleted), None];
                self.filter.status = turned(&all, &self.filter.status, forward);
            }
            FilterRow::Pg => {
                let mut all = vec![None];
                for channel in &self.setup.channels {
                    let pg = Some(channel.pg.clone());
                    if !all.contains(&pg) {
                        all.push(pg);
                    }
                }
                self.filter.pg = turned(&all, &self.filter.pg, forward);
            }
            FilterRow::Period => self.filter.period = turned(&Period::ALL, &self.filter.period, forward),
        }
        self.search_anew()
    }
}
