//! One schedule: what it is, what can be done with it, what was done.

use super::{Ask, Known, Model, Over};
use crate::domain::listing::RowId;
use crate::domain::problem::Problem;
use crate::domain::schedule::ProviderSchedule;
use crate::domain::text::SafeText;
use crate::tui::choice::scrolled;
use crate::tui::input::Key;
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::Effect;

/// One schedule on the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Detail {
    /// As the copy has it.
    pub schedule: ProviderSchedule,
    /// Its row in the copy.
    pub(super) row: RowId,
    /// All that is known; `None` while it is being asked for.
    pub known: Option<Box<Known>>,
    /// Why that could not be had.
    pub problem: Option<Problem>,
    /// The first line of it that is seen.
    pub scroll: usize,
}

impl Detail {
    /// The newest that is known of it.
    pub fn schedule(&self) -> &ProviderSchedule {
        self.known.as_ref().and_then(|known| known.told.schedule.as_deref()).unwrap_or(&self.schedule)
    }

    /// Whether the provider knows of none any more.
    pub fn is_gone(&self) -> bool {
        self.known.as_ref().is_some_and(|known| known.told.schedule.is_none())
    }

    fn ask(&self) -> Effect {
        Model::ask(Ask::Detail(self.schedule.id.clone(), self.schedule.payment_id.clone()))
    }
}

impl Model {
    pub(super) fn open_detail(&mut self) -> Vec<Effect> {
        let Some(list) = &self.list else { return Vec::new() };
        let (Some(schedule), Some(row)) = (list.current().cloned(), list.under_cursor()) else {
            return Vec::new();
        };
        let detail = Detail { schedule, row, known: None, problem: None, scroll: 0 };
        let effect = detail.ask();
        self.over = Some(Over::Detail(Box::new(detail)));
        vec![effect]
    }

    pub(super) fn detail_came(&mut self, id: &SafeText, found: Result<Box<Known>, Problem>) {
        let Some(Over::Detail(detail)) = &mut self.over else { return };
        if detail.schedule.id != *id {
            return;
        }
        match found {
            Ok(known) => {
                detail.problem = None;
                detail.known = Some(known);
            }
            Err(problem) => detail.problem = Some(problem),
        }
    }

    pub(super) fn detail_key(&mut self, key: Key) -> Vec<Effect> {
        self.said = None;
        let page = self.height;
        let Some(Over::Detail(detail)) = &mut self.over else { return Vec::new() };
        let action = resolve(&[Context::ScheduleDetail], key);
        if let Some(to) = scrolled(detail.scroll, action, page) {
            detail.scroll = to;
            return Vec::new();
        }
        match action {
            Some(Action::Cancel) => self.over = None,
            Some(Action::Refresh) => return vec![detail.ask()],
            Some(action) => return self.begin(action),
            None => {}
        }
        Vec::new()
    }
}
