//! The daily close (마감): a day's totals and differences, kept and opened again, and the last thirty days as bars.

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::{Ask, Model, Place};
use crate::domain::channel::Mode;
use crate::domain::close::{Basis, ClosedDay};
use crate::domain::due;
use crate::domain::listing::DayTotal;
use crate::domain::pg::Generation;
use crate::domain::problem::Problem;
use crate::tui::input::Key;
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::Effect;

/// A close that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedLine {
    /// Its number in the books.
    pub seq: i64,
    /// The day.
    pub day: Date,
    /// When it was kept.
    pub made_at: jiff::Timestamp,
    /// Who kept it.
    pub operator: String,
}

/// What was kept and sold before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Before {
    /// The closes that were kept, the latest day first.
    pub lines: Vec<SavedLine>,
    /// What was sold on each of the last days.
    pub days: Vec<DayTotal>,
}

/// What of the page is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseFace {
    /// The day's totals and differences, or what was kept.
    Day,
    /// The last days as bars.
    Bars,
}

/// The page of the close.
#[derive(Debug, Clone, PartialEq)]
pub struct Closing {
    /// The day.
    pub day: Date,
    /// By which time its payments are counted.
    pub basis: Basis,
    /// What was found; `None` while nothing was compared or opened.
    pub found: Option<Result<Box<ClosedDay>, Problem>>,
    /// Whether it is being compared now.
    pub busy: bool,
    /// Whether what is shown was opened again, and not compared now.
    pub reopened: bool,
    /// What was kept and sold before; `None` while it is asked for.
    pub before: Option<Result<Before, Problem>>,
    /// What of the page is seen.
    pub face: CloseFace,
    /// The last day of the bars.
    pub latest: Date,
    /// Whether they are of test payments: those of a store that has no other channel.
    pub is_test: bool,
    /// The first line that is seen.
    pub scroll: usize,
    question: u64,
}

impl Closing {
    /// What was kept of the day last.
    pub fn kept(&self) -> Option<&SavedLine> {
        let before = self.before.as_ref()?.as_ref().ok()?;
        before.lines.iter().find(|line| line.day == self.day)
    }
}

impl Model {
    pub(super) fn open_close(&mut self) -> Vec<Effect> {
        let day = due::in_korea(self.now()).date();
        let is_test = self.setup.channels.iter().all(|channel| channel.mode == Mode::Test);
        let closing = Closing {
            day,
            basis: Basis::Changed,
            found: None,
            busy: false,
            reopened: false,
            before: None,
            face: CloseFace::Day,
            latest: day,
            is_test,
            scroll: 0,
            question: 0,
        };
        self.place = Place::Close(Box::new(closing));
        vec![Self::ask(Ask::Closes(day, is_test))]
    }

    pub(super) fn closes_came(&mut self, found: Result<Before, Problem>) {
        if let Place::Close(closing) = &mut self.place {
            closing.before = Some(found);
        }
    }

    pub(super) fn closed(&mut self, question: u64, found: Result<Box<ClosedDay>, Problem>) -> Vec<Effect> {
        let today = due::in_korea(self.now()).date();
        let Place::Close(closing) = &mut self.place else { return Vec::new() };
        if closing.question != question {
            return Vec::new();
        }
        closing.busy = false;
        let kept = found.is_ok() && !closing.reopened;
        closing.found = Some(found);
        closing.scroll = 0;
        // What was kept now belongs to what was kept before.
        if kept { vec![Self::ask(Ask::Closes(today, closing.is_test))] } else { Vec::new() }
    }

    pub(super) fn close_key(&mut self, key: Key) -> Vec<Effect> {
        let page = self.height;
        let today = due::in_korea(self.now()).date();
        let v2 = self.generation() == Generation::V2;
        let Place::Close(closing) = &mut self.place else { return Vec::new() };
        match resolve(&[Context::Closing], key) {
            Some(Action::Up) => closing.scroll = closing.scroll.saturating_sub(1),
            Some(Action::Down) => closing.scroll = closing.scroll.saturating_add(1),
            Some(Action::PageUp) => closing.scroll = closing.scroll.saturating_sub(page),
            Some(Action::PageDown) => closing.scroll = closing.scroll.saturating_add(page),
            Some(Action::Left) => self.go_to_day(-1, today),
            Some(Action::Right) => self.go_to_day(1, today),
            // V1's lists know one time only (V1 §11.5).
            Some(Action::Basis) if v2 && !closing.busy => {
                closing.basis = match closing.basis {
                    Basis::Requested => Basis::Changed,
                    Basis::Changed => Basis::Requested,
                };
                closing.found = None;
            }
            Some(Action::DailyClose) => return self.compare(false),
            Some(Action::Reopen) if closing.kept().is_some() => return self.compare(true),
            Some(Action::Bars) => {
                closing.face = match closing.face {
                    CloseFace::Day => CloseFace::Bars,
                    CloseFace::Bars => CloseFace::Day,
                };
                closing.scroll = 0;
            }
            Some(Action::Cancel) if closing.face == CloseFace::Bars => closing.face = CloseFace::Day,
            Some(Action::Cancel) => self.place = Place::List,
            _ => {}
        }
        Vec::new()
    }

    fn go_to_day(&mut self, days: i64, today: Date) {
        let Place::Close(closing) = &mut self.place else { return };
        let to = closing.day.checked_add(days.days()).ok().filter(|day| *day <= today);
        if let Some(day) = to.filter(|_| !closing.busy) {
            closing.day = day;
            closing.found = None;
            closing.scroll = 0;
        }
    }

    fn compare(&mut self, reopen: bool) -> Vec<Effect> {
        let question = self.effect().0;
        let Place::Close(closing) = &mut self.place else { return Vec::new() };
        if closing.busy {
            return Vec::new();
        }
        closing.busy = true;
        closing.reopened = reopen;
        closing.question = question;
        let (day, basis) = (closing.day, closing.basis);
        vec![Self::ask(if reopen { Ask::Reopen(question, day) } else { Ask::Close(question, day, basis) })]
    }
}
