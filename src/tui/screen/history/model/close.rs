//! The daily close (마감): a day's totals and differences, kept and opened again out of the list of all that was kept,
//! and the last thirty days as bars.

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::{Ask, Model, Place};
use crate::domain::channel::Mode;
use crate::domain::close::{Basis, ClosedDay, KeptClose};
use crate::domain::due;
use crate::domain::listing::DayTotal;
use crate::domain::pg::Generation;
use crate::domain::problem::Problem;
use crate::i18n::Text;
use crate::text;
use crate::tui::choice::scrolled;
use crate::tui::input::Key;
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::Effect;

/// What was kept and sold before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Before {
    /// The closes that were kept, the latest day first.
    pub lines: Vec<KeptClose>,
    /// What was sold on each of the last days.
    pub days: Vec<DayTotal>,
}

/// What of the page is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseFace {
    /// The day's totals and differences, or what was kept.
    Day,
    /// The closes that were kept, to open one.
    Kept,
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
    /// Which of the closes that were kept is marked.
    pub at: usize,
    /// Why the marked one was not opened.
    pub said: Option<Text>,
    /// The one that is to be marked, as long as nobody moved the mark.
    wanted: Option<i64>,
    question: u64,
}

impl Closing {
    /// What was kept of the day last.
    pub fn kept(&self) -> Option<&KeptClose> {
        self.lines().iter().find(|line| line.day == self.day)
    }

    /// The closes that were kept, as far as that is known.
    pub fn lines(&self) -> &[KeptClose] {
        self.before
            .as_ref()
            .and_then(|before| before.as_ref().ok())
            .map_or(&[], |before| before.lines.as_slice())
    }

    /// The marked one of them.
    pub fn marked(&self) -> Option<&KeptClose> {
        self.lines().get(self.at)
    }

    /// Whether a close is shown that was opened out of the list.
    pub const fn shows_kept(&self) -> bool {
        self.reopened && self.found.is_some()
    }

    fn mark(&mut self, at: usize) {
        self.at = at.min(self.lines().len().saturating_sub(1));
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
            at: 0,
            said: None,
            wanted: None,
            question: 0,
        };
        self.place = Place::Close(Box::new(closing));
        vec![Self::ask(Ask::Closes(day, is_test))]
    }

    pub(super) fn closes_came(&mut self, found: Result<Before, Problem>) {
        if let Place::Close(closing) = &mut self.place {
            // The marked close stays marked when another one came; one that is to be marked may only come now.
            let wanted = closing.wanted.or_else(|| closing.marked().map(|line| line.seq));
            closing.before = Some(found);
            let at = closing.lines().iter().position(|line| Some(line.seq) == wanted);
            closing.mark(at.unwrap_or(closing.at));
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
        if closing.face == CloseFace::Kept {
            return self.kept_key(key);
        }
        let action = resolve(&[Context::Closing], key);
        closing.scroll = scrolled(closing.scroll, action, page).unwrap_or(closing.scroll);
        match action {
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
            Some(Action::DailyClose) => return self.compare(),
            Some(Action::Reopen) if !closing.busy => return self.open_kept(),
            Some(Action::Bars) => {
                closing.face = match closing.face {
                    CloseFace::Bars => CloseFace::Day,
                    CloseFace::Day | CloseFace::Kept => CloseFace::Bars,
                };
                closing.scroll = 0;
            }
            Some(Action::Cancel) if closing.face == CloseFace::Bars => closing.face = CloseFace::Day,
            // Back to where it was opened from.
            Some(Action::Cancel) if closing.shows_kept() && !closing.busy => return self.open_kept(),
            Some(Action::Cancel) => self.place = Place::List,
            _ => {}
        }
        Vec::new()
    }

    /// The list of what was kept: the close that was shown is marked, or the last one of the shown day. It is asked for
    /// again, because somebody else may have closed a day meanwhile; what is known is seen until then.
    fn open_kept(&mut self) -> Vec<Effect> {
        let today = due::in_korea(self.now()).date();
        let Place::Close(closing) = &mut self.place else { return Vec::new() };
        let shown = closing.found.as_ref().and_then(|found| found.as_ref().ok());
        closing.wanted = shown.map(|found| found.seq).or_else(|| closing.kept().map(|line| line.seq));
        let at = closing.lines().iter().position(|line| Some(line.seq) == closing.wanted);
        closing.at = at.unwrap_or(0);
        if closing.reopened {
            closing.found = None;
        }
        closing.face = CloseFace::Kept;
        closing.said = None;
        closing.scroll = 0;
        if matches!(closing.before, Some(Err(_))) {
            closing.before = None;
        }
        vec![Self::ask(Ask::Closes(today, closing.is_test))]
    }

    fn kept_key(&mut self, key: Key) -> Vec<Effect> {
        let page = self.height;
        let Place::Close(closing) = &mut self.place else { return Vec::new() };
        closing.said = None;
        closing.wanted = None;
        match resolve(&[Context::List], key) {
            Some(Action::Up) => closing.mark(closing.at.saturating_sub(1)),
            Some(Action::Down) => closing.mark(closing.at.saturating_add(1)),
            Some(Action::PageUp) => closing.mark(closing.at.saturating_sub(page)),
            Some(Action::PageDown) => closing.mark(closing.at.saturating_add(page)),
            Some(Action::First) => closing.mark(0),
            Some(Action::Last) => closing.mark(usize::MAX),
            Some(Action::Select) => return self.reopen(),
            Some(Action::Cancel) => closing.face = CloseFace::Day,
            _ => {}
        }
        Vec::new()
    }

    /// Opens the marked close as it was.
    fn reopen(&mut self) -> Vec<Effect> {
        let question = self.effect().0;
        let Place::Close(closing) = &mut self.place else { return Vec::new() };
        let Some(line) = closing.marked() else { return Vec::new() };
        let (seq, day) = (line.seq, line.day);
        let Some(brief) = line.brief else {
            closing.said = Some(text!("history.close.unreadable"));
            return Vec::new();
        };
        closing.day = day;
        closing.basis = brief.basis;
        closing.face = CloseFace::Day;
        closing.busy = true;
        closing.reopened = true;
        closing.question = question;
        vec![Self::ask(Ask::Reopen(question, seq))]
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

    fn compare(&mut self) -> Vec<Effect> {
        let question = self.effect().0;
        let Place::Close(closing) = &mut self.place else { return Vec::new() };
        if closing.busy {
            return Vec::new();
        }
        closing.busy = true;
        closing.reopened = false;
        closing.question = question;
        vec![Self::ask(Ask::Close(question, closing.day, closing.basis))]
    }
}
