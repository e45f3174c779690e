//! The state of the calendar of schedules (예약) and its pure update: a month, a list by day or a year, the list
//! of one day, one schedule, the form that makes some, and the question before anything is done.
//!
//! Of days it holds the sums, of lists the row numbers and the pages in sight. Everything is shown from the copy
//! that is kept, at once and offline, and is asked for anew behind it. May not: know where the copy is.

mod detail;
mod form;
mod grid;
mod left;
mod listing;
mod series;
mod shift;
mod sums;
mod tab;
mod when;
mod work;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::billing_key::{KeySearch, ProviderKey};
use crate::domain::bulk::{ActionEnd, BatchLeft, BulkEnd, Plan, ScheduleDetail};
use crate::domain::channel::Channel;
use crate::domain::due;
use crate::domain::listing::{Freshness, Kept, RowId, RowList, ScheduleFilter, ScheduleSum};
use crate::domain::month::Cursor;
use crate::domain::payment::PaymentId;
use crate::domain::problem::Problem;
use crate::domain::record::PaymentRecord;
use crate::domain::schedule::{ProviderSchedule, ScheduleGroup, Span};
use crate::domain::text::SafeText;
use crate::i18n::Text;
use crate::tui::edit::Edit;
use crate::tui::msg::{Effect, EffectId};
use crate::tui::screen::keyin::model as keyin;

pub use detail::Detail;
pub use form::{Choosing, Field, Form, Mistake, Unit};
pub use left::Left;
pub use listing::Listing;
pub use series::{Series, Want};
pub use shift::{Shift, Verb};
pub use sums::{Sums, Total};
pub use when::When;
pub use work::{Stage, Work};

/// What the screen wants to know or have done. The number tells which question it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// The sums of the days of a span, from the copy.
    Days(u64, Span),
    /// The rows of a list, from the copy, by a filter and what is searched for.
    List(u64, Box<ScheduleFilter>, String),
    /// What is in some rows of it: the page's number and its rows.
    Page(u64, usize, Vec<RowId>),
    /// The first schedule after a moment, of a group or of any, from the copy.
    Next(u64, Timestamp, Option<ScheduleGroup>),
    /// Ask the provider for a span and keep it.
    Refresh(Span),
    /// One schedule with all that is known of it; by its id at the provider and its payment's.
    Detail(SafeText, SafeText),
    /// Billing keys to make schedules of.
    Keys(u64, Box<KeySearch>),
    /// The dry run.
    Plan(EffectId, Box<Want>),
    /// Carry it out.
    Run(EffectId, Box<Plan>),
    /// Batches that were begun and not ended.
    Left,
    /// Go on with one.
    Resume(EffectId, PaymentId),
    /// Give up what was not begun of one.
    Drop(EffectId, PaymentId),
    /// Stop what is being carried out after the item that is under way.
    Stop(EffectId),
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The sums, and how old they are.
    Days(u64, Result<(Vec<ScheduleSum>, Freshness), Problem>),
    /// The rows of a list.
    List(u64, Result<RowList, Problem>),
    /// What is in a page of them; what vanished is left out.
    Page(u64, usize, Result<Vec<Kept<ProviderSchedule>>, Problem>),
    /// When the next one is.
    Next(u64, Result<Option<Timestamp>, Problem>),
    /// The provider was asked for a span.
    Refreshed(Span, Result<(), Problem>),
    /// What is known of a schedule.
    Detail(SafeText, Result<Box<Known>, Problem>),
    /// Billing keys, each with the channel it was issued through.
    Keys(u64, Result<Vec<(ProviderKey, Channel)>, Problem>),
    /// The dry run.
    Plan(EffectId, Result<Box<Plan>, Problem>),
    /// An item ended: how many have, of how many.
    Step(EffectId, usize, usize),
    /// The batch ended.
    Ran(EffectId, Result<Box<BulkEnd>, Problem>),
    /// Batches that were begun and not ended.
    Left(Result<Vec<BatchLeft>, Problem>),
    /// A batch was given up; so many items of it.
    Dropped(EffectId, Result<usize, Problem>),
}

impl Ask {
    /// The effect it belongs to, if it is one whose end must be told.
    pub const fn effect(&self) -> Option<EffectId> {
        match self {
            Self::Plan(effect, _)
            | Self::Run(effect, _)
            | Self::Resume(effect, _)
            | Self::Drop(effect, _) => Some(*effect),
            _ => None,
        }
    }
}

/// What is known of one schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// As the provider tells it now, and what was done with it.
    pub told: ScheduleDetail,
    /// The attempts to charge it, newest first: they say why one failed (V2 §6.3).
    pub attempts: Result<Vec<PaymentRecord>, Problem>,
}

/// How the calendar is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum View {
    /// 달
    Month,
    /// 목록: the month's schedules by day.
    Agenda,
    /// 연
    Year,
}

impl View {
    /// All of them, in the order in which they follow each other.
    pub const ALL: [Self; 3] = [Self::Month, Self::Agenda, Self::Year];

    /// The catalogue's key of its name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Month => "calendar.view.month",
            Self::Agenda => "calendar.view.agenda",
            Self::Year => "calendar.view.year",
        }
    }

    const fn next(self) -> Self {
        match self {
            Self::Month => Self::Agenda,
            Self::Agenda => Self::Year,
            Self::Year => Self::Month,
        }
    }
}

/// What days show (V2 §20).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Measure {
    /// 금액
    #[default]
    Amount,
    /// 건수
    Count,
}

/// What lies over the calendar or its list.
#[derive(Debug, Clone)]
pub enum Over {
    /// The line that searches the list.
    Search,
    /// The line that takes a date to go to.
    Jump(Edit),
    /// The line that takes a new date.
    When(Box<When>),
    /// One schedule.
    Detail(Box<Detail>),
    /// The form that makes schedules.
    Form(Box<Form>),
    /// Something is looked through, asked, carried out, told.
    Work(Box<Work>),
    /// Batches that were begun and not ended.
    Left(Left),
}

/// The calendar.
#[derive(Debug, Clone)]
pub struct Model {
    setup: keyin::Setup,
    /// How it is looked at.
    pub view: View,
    /// What days show.
    pub measure: Measure,
    /// The currency whose sums are shown, as written.
    pub currency: SafeText,
    /// The marked day.
    pub cursor: Cursor,
    /// The day that is still told in full below the month while the mark moves on.
    left_day: Option<Date>,
    /// The sums of the days in sight.
    pub sums: Sums,
    /// How old they are.
    pub fresh: Freshness,
    /// The span that `sums` is of.
    shown: Option<Span>,
    /// The span that is being read from the copy, and the question.
    looking: Option<(u64, Span)>,
    /// The span that is being asked for anew.
    pub refreshing: Option<Span>,
    /// Why that did not work the last time, or why the copy can't be read.
    pub problem: Option<Problem>,
    /// The list of a day, or of the month in the agenda.
    pub list: Option<Listing>,
    /// What lies over it.
    pub over: Option<Over>,
    /// Something about the last key.
    pub said: Option<Text>,
    /// Batches that were begun and not ended.
    pub left: Vec<BatchLeft>,
    /// The form as it was left.
    draft: Option<Box<Form>>,
    /// Where the next one was looked for from, and of which group; and whether from the beginning on.
    seeking: Option<(u64, Option<ScheduleGroup>, bool)>,
    question: u64,
    next_effect: u64,
    opened: bool,
    /// How many rows of a list are seen at once.
    height: usize,
}

/// Where this screen's effects are counted from: answers are told apart by their number.
const EFFECTS: u64 = 2 << 32;

impl Model {
    /// The calendar at today. Nothing is asked for before it is shown.
    pub fn new(setup: keyin::Setup) -> Self {
        let today = due::in_korea(setup.now).date();
        Self {
            setup,
            view: View::Month,
            measure: Measure::Amount,
            currency: SafeText::new("KRW"),
            cursor: Cursor::new(today),
            left_day: None,
            sums: Sums::default(),
            fresh: Freshness::default(),
            shown: None,
            looking: None,
            refreshing: None,
            problem: None,
            list: None,
            over: None,
            said: None,
            left: Vec::new(),
            draft: None,
            seeking: None,
            question: 0,
            next_effect: EFFECTS,
            opened: false,
            height: 14,
        }
    }

    /// The wall clock.
    pub const fn now(&self) -> Timestamp {
        self.setup.now
    }

    /// Today in Korea.
    pub fn today(&self) -> Date {
        due::in_korea(self.setup.now).date()
    }

    /// The day that is told in full below the month: the marked one, once it has stood still.
    pub fn told_day(&self) -> Date {
        self.left_day.unwrap_or(self.cursor.date())
    }

    /// What the store is called.
    pub fn store(&self) -> &str {
        &self.setup.store
    }

    /// The ends that a finished piece of work tells of, if one is shown.
    pub fn ends(&self) -> &[ActionEnd] {
        match &self.over {
            Some(Over::Work(work)) => work.ends(),
            _ => &[],
        }
    }

    const fn effect(&mut self) -> EffectId {
        self.next_effect += 1;
        EffectId(self.next_effect)
    }

    const fn number(&mut self) -> u64 {
        self.question += 1;
        self.question
    }

    fn ask(ask: Ask) -> Effect {
        Effect::Calendar(Box::new(ask))
    }
}

/// From the first moment of a day in Korea to the first after another.
fn span_of(first: Date, last: Date) -> Span {
    let midnight = jiff::civil::Time::midnight();
    let after = last.tomorrow().unwrap_or(last);
    Span {
        from: due::at(first, midnight).unwrap_or(Timestamp::MIN),
        until: due::at(after, midnight).unwrap_or(Timestamp::MAX),
    }
}

#[cfg(test)]
mod tests;
