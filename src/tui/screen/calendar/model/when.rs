//! The line that takes the new date of what is moved or booked again.

use super::grid::no_date;
use super::{Model, Over, Shift, Verb, Want};
use crate::domain::bulk::ActionKind;
use crate::domain::listing::RowId;
use crate::tui::edit::{Changed, Edit};
use crate::tui::input::Key;
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::Effect;

/// The question to when.
#[derive(Debug, Clone, PartialEq)]
pub struct When {
    /// Moving or booking again.
    pub kind: ActionKind,
    /// With these.
    pub rows: Vec<RowId>,
    /// What was typed.
    pub typed: Edit,
}

impl When {
    /// What was typed, as far as it can be read.
    pub fn shift(&self, model: &Model) -> Option<Shift> {
        Shift::parse(self.typed.text(), model.today(), model.cursor.date()).ok()
    }
}

impl Model {
    /// Begins an action with what is chosen.
    pub(super) fn begin(&mut self, action: Action) -> Vec<Effect> {
        if !self.can(action) {
            return Vec::new();
        }
        let rows = self.chosen();
        if rows.is_empty() {
            return Vec::new();
        }
        let verb = match action {
            Action::Move | Action::Rebook => {
                let kind = if action == Action::Move { ActionKind::Move } else { ActionKind::Rebook };
                self.said = None;
                self.over = Some(Over::When(Box::new(When { kind, rows, typed: Edit::new(30) })));
                return Vec::new();
            }
            Action::Revoke => Verb::Revoke,
            Action::ChargeNow => Verb::ChargeNow,
            Action::Retry => Verb::Retry,
            _ => return Vec::new(),
        };
        self.plan(Want::With(verb, rows))
    }

    /// What an action would be done with.
    fn chosen(&self) -> Vec<RowId> {
        match &self.over {
            Some(Over::Detail(detail)) => vec![detail.row],
            _ => self.list.as_ref().map(super::Listing::chosen).unwrap_or_default(),
        }
    }

    /// Whether an action on schedules can be begun: of a single one its state tells, of many the dry run.
    pub fn can(&self, action: Action) -> bool {
        let many = !matches!(self.over, Some(Over::Detail(_)))
            && self.list.as_ref().is_some_and(|list| list.marks() > 0);
        let one = match &self.over {
            Some(Over::Detail(detail)) if detail.is_gone() => None,
            Some(Over::Detail(detail)) => Some(detail.schedule()),
            _ => self.list.as_ref().and_then(super::Listing::current),
        };
        let fits = |open: bool| {
            many || one.is_some_and(|schedule| {
                if open { schedule.state.is_open() } else { schedule.state.can_come_back() }
            })
        };
        match action {
            Action::Move | Action::Revoke | Action::ChargeNow => fits(true),
            Action::Retry | Action::Rebook => fits(false),
            _ => false,
        }
    }

    pub(super) fn when_key(&mut self, key: Key) -> Vec<Effect> {
        let (today, looked_at) = (self.today(), self.cursor.date());
        let Some(Over::When(when)) = &mut self.over else { return Vec::new() };
        match resolve(&[Context::DateLine], key) {
            Some(Action::Cancel) => {
                self.said = None;
                self.over = None;
            }
            Some(Action::Select) => match Shift::parse(when.typed.text(), today, looked_at) {
                Ok(shift) => {
                    let verb = match when.kind {
                        ActionKind::Rebook => Verb::Rebook(shift),
                        _ => Verb::Move(shift),
                    };
                    let rows = std::mem::take(&mut when.rows);
                    self.said = None;
                    return self.plan(Want::With(verb, rows));
                }
                Err(why) => self.said = Some(no_date(why)),
            },
            _ => {
                if let Changed::Refused(refusal) = when.typed.apply(key) {
                    self.said = Some(refusal.text());
                }
            }
        }
        Vec::new()
    }
}
