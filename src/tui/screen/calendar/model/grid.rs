//! The month and the year: the cursor, what is in sight, jumps, and when the provider is asked anew.

use std::time::Duration;

use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};

use super::{Ask, Measure, Model, Over, Sums, View, span_of};
use crate::domain::due;
use crate::domain::listing::{Freshness, ScheduleSum};
use crate::domain::month::{Cursor, JumpError, Month, parse_jump};
use crate::domain::problem::Problem;
use crate::domain::schedule::{ScheduleGroup, Span};
use crate::text;
use crate::tui::edit::{Changed, Edit};
use crate::tui::input::Key;
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::{Effect, Timer};

/// How long the calendar must stand still before the provider is asked for what it shows.
const REST: Duration = Duration::from_millis(400);

/// How long a day must be marked before it is told in full: whoever holds an arrow key down over a slow line is
/// not made to wait for sums that nobody reads.
const TELLING: Duration = Duration::from_millis(100);

/// What was asked for this long ago is asked for anew when it is looked at.
const STALE: SignedDuration = SignedDuration::from_mins(5);

impl Model {
    /// The first and the last day in sight.
    pub fn days(&self) -> (Date, Date) {
        let month = self.cursor.month();
        match self.view {
            View::Month => {
                let weeks = month.weeks();
                let first = weeks.first().and_then(|week| week.first()).map(|cell| cell.date);
                let last = weeks.last().and_then(|week| week.last()).map(|cell| cell.date);
                (first.unwrap_or(month.first()), last.unwrap_or(month.last()))
            }
            View::Agenda => (month.first(), month.last()),
            View::Year => {
                let of = |number| Month::new(month.year(), number).unwrap_or(month);
                (of(1).first(), of(12).last())
            }
        }
    }

    /// The days that the sums on top are of: the month, or the year.
    pub fn summed(&self) -> (Date, Date) {
        let month = self.cursor.month();
        if self.view == View::Year { self.days() } else { (month.first(), month.last()) }
    }

    fn span(&self) -> Span {
        let (first, last) = self.days();
        span_of(first, last)
    }

    /// Asks for what is in sight, if it is not what is shown.
    pub(super) fn look(&mut self) -> Vec<Effect> {
        let span = self.span();
        if self.shown == Some(span) {
            return Vec::new();
        }
        self.look_again()
    }

    /// Asks for what is in sight, from the copy.
    pub(super) fn look_again(&mut self) -> Vec<Effect> {
        let span = self.span();
        let number = self.number();
        self.looking = Some((number, span));
        vec![Self::ask(Ask::Days(number, span)), Effect::Set(Timer::CalendarRest, REST)]
    }

    pub(super) fn days_came(&mut self, question: u64, found: Result<(Vec<ScheduleSum>, Freshness), Problem>) {
        let Some((_, span)) = self.looking.filter(|(number, _)| *number == question) else { return };
        match found {
            Ok((sums, fresh)) => {
                self.sums = Sums::new(sums);
                self.fresh = fresh;
                self.shown = Some(span);
            }
            Err(problem) => self.problem = Some(problem),
        }
    }

    /// It stood still: the provider is asked, if what is shown is old.
    pub(super) fn rested(&mut self) -> Vec<Effect> {
        let is_old = self.fresh.oldest.is_none_or(|at| self.now().duration_since(at) > STALE);
        if self.shown == Some(self.span()) && self.fresh.whole && !is_old {
            return Vec::new();
        }
        self.refresh()
    }

    /// Asks the provider for what is in sight; one question at a time.
    pub(super) fn refresh(&mut self) -> Vec<Effect> {
        if self.refreshing.is_some() {
            return Vec::new();
        }
        let span = self.span();
        self.refreshing = Some(span);
        vec![Self::ask(Ask::Refresh(span))]
    }

    /// The provider was asked: what came is in the copy, and is read from there. Nothing under the cursor moves.
    pub(super) fn refreshed(&mut self, span: Span, found: Result<(), Problem>) -> Vec<Effect> {
        if self.refreshing == Some(span) {
            self.refreshing = None;
        }
        match found {
            Ok(()) => {
                self.problem = None;
                let mut effects = self.look_again();
                // What is in sight now is another span: that one's turn comes when the timer runs out.
                if self.span() == span {
                    effects.retain(|effect| !matches!(effect, Effect::Set(..)));
                }
                effects.extend(self.ask_for_list());
                effects
            }
            Err(problem) => {
                self.problem = Some(problem);
                Vec::new()
            }
        }
    }

    pub(super) fn grid_key(&mut self, key: Key) -> Vec<Effect> {
        self.said = None;
        let is_year = self.view == View::Year;
        let cursor = self.cursor;
        self.cursor = match resolve(&[Context::Calendar], key) {
            Some(Action::Left) => cursor.by_days(-1),
            Some(Action::Right) => cursor.by_days(1),
            Some(Action::Up) if is_year => cursor.by_months(-1),
            Some(Action::Down) if is_year => cursor.by_months(1),
            Some(Action::Up) => cursor.by_weeks(-1),
            Some(Action::Down) => cursor.by_weeks(1),
            Some(Action::PageUp) => cursor.by_months(if is_year { -12 } else { -1 }),
            Some(Action::PageDown) => cursor.by_months(if is_year { 12 } else { 1 }),
            Some(Action::First) => cursor.to_month_start(),
            Some(Action::Last) => cursor.to_month_end(),
            Some(Action::Today) => Cursor::new(self.today()),
            Some(Action::Select | Action::Cancel) if is_year => {
                self.view = View::Month;
                cursor
            }
            Some(Action::Select) => return self.open_day(),
            Some(Action::Search) => {
                self.view = View::Agenda;
                let mut effects = self.look();
                effects.extend(self.open_agenda());
                self.over = Some(Over::Search);
                return effects;
            }
            Some(Action::View) => return self.turn_view(),
            Some(Action::Measure) => {
                self.measure = match self.measure {
                    Measure::Amount => Measure::Count,
                    Measure::Count => Measure::Amount,
                };
                return Vec::new();
            }
            Some(Action::Currency) => {
                self.turn_currency();
                return Vec::new();
            }
            Some(Action::Refresh) => return self.refresh(),
            Some(Action::New) => return self.open_form(),
            Some(Action::Jump) => {
                self.over = Some(Over::Jump(Edit::new(20)));
                return Vec::new();
            }
            Some(Action::NextFailure) => return self.seek(Some(ScheduleGroup::Failed), false),
            Some(Action::NextBusy) => return self.seek(None, false),
            Some(Action::Unfinished) => return self.show_left(),
            _ => return Vec::new(),
        };
        let mut effects = self.look();
        if self.cursor.month() == cursor.month() {
            self.left_day.get_or_insert(cursor.date());
            effects.push(Effect::Set(Timer::CalendarDay, TELLING));
        } else {
            // Everything is drawn anew anyway.
            self.tell_day();
        }
        effects
    }

    /// The marked day is told in full from now on.
    pub(super) const fn tell_day(&mut self) {
        self.left_day = None;
    }

    /// The next way to look at it.
    pub(super) fn turn_view(&mut self) -> Vec<Effect> {
        self.view = self.view.next();
        let mut effects = self.look();
        if self.view == View::Agenda {
            effects.extend(self.open_agenda());
        } else {
            self.list = None;
        }
        effects
    }

    /// The currencies that can be chosen: those in sight.
    pub fn currencies(&self) -> Vec<crate::domain::text::SafeText> {
        self.sums.currencies(self.summed())
    }

    fn turn_currency(&mut self) {
        let all = self.currencies();
        let at = all.iter().position(|currency| *currency == self.currency);
        let next = at.map_or(0, |at| (at + 1) % all.len());
        if let Some(next) = all.get(next) {
            self.currency = next.clone();
        }
    }

    /// The next day that has a schedule of a group, after the marked day; `again` from the beginning on.
    fn seek(&mut self, group: Option<ScheduleGroup>, again: bool) -> Vec<Effect> {
        let from = if again {
            Timestamp::UNIX_EPOCH
        } else {
            // Nothing runs in the last second of a day and is not of it.
            let last = Time::constant(23, 59, 59, 0);
            due::at(self.cursor.date(), last).unwrap_or(self.now())
        };
        let number = self.number();
        self.seeking = Some((number, group, again));
        vec![Self::ask(Ask::Next(number, from, group))]
    }

    pub(super) fn next_came(
        &mut self,
        question: u64,
        found: Result<Option<Timestamp>, Problem>,
    ) -> Vec<Effect> {
        let Some((_, group, again)) = self.seeking.filter(|(number, ..)| *number == question) else {
            return Vec::new();
        };
        self.seeking = None;
        match found {
            Ok(Some(at)) => {
                self.said = again.then(|| text!("calendar.said.from-start"));
                self.cursor = Cursor::new(due::in_korea(at).date());
                self.tell_day();
                self.look()
            }
            Ok(None) if !again => self.seek(group, true),
            Ok(None) => {
                self.said = Some(text!("calendar.said.none-such"));
                Vec::new()
            }
            Err(problem) => {
                self.problem = Some(problem);
                Vec::new()
            }
        }
    }

    pub(super) fn jump_key(&mut self, key: Key) -> Vec<Effect> {
        let (today, looked_at) = (self.today(), self.cursor.date());
        let Some(Over::Jump(typed)) = &mut self.over else { return Vec::new() };
        match resolve(&[Context::DateLine], key) {
            Some(Action::Cancel) => self.over = None,
            Some(Action::Select) => match parse_jump(typed.text(), today, looked_at) {
                Ok(date) => {
                    self.over = None;
                    self.said = None;
                    self.cursor = Cursor::new(date);
                    self.tell_day();
                    return self.look();
                }
                Err(why) => self.said = Some(no_date(why)),
            },
            _ => {
                if let Changed::Refused(refusal) = typed.apply(key) {
                    self.said = Some(refusal.text());
                }
            }
        }
        Vec::new()
    }
}

/// What is wrong with a date that was typed.
pub(super) fn no_date(why: JumpError) -> crate::i18n::Text {
    match why {
        JumpError::Empty => text!("calendar.said.no-date"),
        JumpError::NotADate => text!("calendar.said.not-a-date"),
        JumpError::OutOfRange => text!("calendar.said.out-of-range"),
    }
}
