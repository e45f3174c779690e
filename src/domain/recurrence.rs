//! Rules that keep producing dates: every so many months, weeks, days or years from an anchor day.
//!
//! The n-th date comes from the anchor, never from the date before it, so that an anchor on the 31st comes
//! back to the 31st after February. Dates are Korea's (UTC+9, no daylight saving). Nothing here books
//! anything, and nothing is moved without being told. May not: read a clock, know a gateway.

mod id;
mod text;

use std::fmt;

use jiff::civil::{Date, Time};
use jiff::{Span, Timestamp};

pub use self::id::derived_id;
use super::due;
use super::holiday::{DayOff, Holidays};

/// The largest number of months, weeks, days or years between two dates: more is a slip of the finger.
pub const MAX_EVERY: u16 = 999;

/// How far apart dates are. The number is 1 to [`MAX_EVERY`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Every {
    /// Months, on the anchor's day; on the last day of a month that has no such day.
    Months(u16),
    /// Weeks, on the anchor's weekday.
    Weeks(u16),
    /// Days.
    Days(u16),
    /// Years, on the anchor's day; the 29th of February falls on the 28th in common years.
    Years(u16),
}

impl Every {
    /// The number.
    pub const fn count(self) -> u16 {
        match self {
            Self::Months(count) | Self::Weeks(count) | Self::Days(count) | Self::Years(count) => count,
        }
    }
}

/// What is done with a date on a weekend or a public holiday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OffDay {
    /// 당일: nothing, it stays.
    #[default]
    SameDay,
    /// 직전 영업일: the working day before it.
    Before,
    /// 다음 영업일: the working day after it.
    After,
}

impl OffDay {
    /// All of them, in the order of lists.
    pub const ALL: [Self; 3] = [Self::SameDay, Self::Before, Self::After];

    /// The word on the command line, in `--json`, in the ledger and in the catalogue's keys.
    pub const fn word(self) -> &'static str {
        match self {
            Self::SameDay => "same-day",
            Self::Before => "before",
            Self::After => "after",
        }
    }
}

/// Why there is no such rule or date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecurrenceError {
    /// Not "every" anything, or not all that a rule needs.
    #[error("not a rule for dates")]
    NotARule,
    /// Zero, or more than [`MAX_EVERY`].
    #[error("the interval must be 1 to 999")]
    Count,
    /// Seconds: a rule's time is in whole minutes.
    #[error("the time must be in whole minutes")]
    Seconds,
    /// Beyond the calendar.
    #[error("beyond the calendar")]
    OutOfRange,
}

/// A rule: how far apart, from which day on, at what time in Korea, and what of days off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Recurrence {
    every: Every,
    anchor: Date,
    time: Time,
    off_day: OffDay,
}

/// One date of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Occurrence {
    /// Which one; 0 is the anchor.
    pub index: u32,
    /// The date by the rule alone. Never the same for two occurrences of a rule, so it names the period.
    pub nominal: Date,
    /// The date after days off were seen to.
    pub date: Date,
    /// That date at the rule's time.
    pub at: Timestamp,
    /// Whether the month lacks the anchor's day, so that the nominal date is the month's last.
    pub month_end: bool,
    /// Why `date` is not `nominal`.
    pub moved: Option<DayOff>,
}

impl Occurrence {
    /// The name of its period, to derive an id from: the nominal date. It stays when holidays are added or the
    /// policy for days off is changed, so that neither makes a second charge of the same period.
    pub fn period(&self) -> String {
        self.nominal.to_string()
    }
}

/// What a person has to be told about dates before they are booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Warning {
    /// Its time is over, nominal or not.
    Past {
        /// Which occurrence.
        index: u32,
    },
    /// A day off moved it from the future into the past, or from the past into the future: around now, the
    /// move decides whether there is a charge.
    CrossesNow {
        /// Which occurrence.
        index: u32,
    },
    /// Days off moved it onto the date of the one before it: two charges on one day.
    SameDate {
        /// Which occurrence.
        index: u32,
        /// The one before it.
        other: u32,
    },
    /// A day off moved it into another month than its own.
    OtherMonth {
        /// Which occurrence.
        index: u32,
    },
    /// The holidays of that year are not known, so it may stay on one. Told once a year, of the first date that it
    /// concerns.
    HolidaysUnknown {
        /// Which occurrence.
        index: u32,
        /// The year.
        year: i16,
    },
}

impl Warning {
    /// The word in `--json` and in the catalogue's keys.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Past { .. } => "past",
            Self::CrossesNow { .. } => "crosses_now",
            Self::SameDate { .. } => "same_date",
            Self::OtherMonth { .. } => "other_month",
            Self::HolidaysUnknown { .. } => "holidays_unknown",
        }
    }

    /// The occurrence that it is about.
    pub const fn index(&self) -> u32 {
        match *self {
            Self::Past { index }
            | Self::CrossesNow { index }
            | Self::SameDate { index, .. }
            | Self::OtherMonth { index }
            | Self::HolidaysUnknown { index, .. } => index,
        }
    }
}

/// Dates, and what there is to say about them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preview {
    /// The dates; never earlier than the one before.
    pub occurrences: Vec<Occurrence>,
    /// By occurrence.
    pub warnings: Vec<Warning>,
}

impl Recurrence {
    /// A rule from its parts; the time is Korea's, in whole minutes.
    pub fn new(every: Every, anchor: Date, time: Time, off_day: OffDay) -> Result<Self, RecurrenceError> {
        if !(1..=MAX_EVERY).contains(&every.count()) {
            return Err(RecurrenceError::Count);
        }
        if time.second() != 0 || time.subsec_nanosecond() != 0 {
            return Err(RecurrenceError::Seconds);
        }
        Ok(Self { every, anchor, time, off_day })
    }

    /// How far apart the dates are.
    pub const fn every(&self) -> Every {
        self.every
    }

    /// The day it counts from.
    pub const fn anchor(&self) -> Date {
        self.anchor
    }

    /// The time in Korea.
    pub const fn time(&self) -> Time {
        self.time
    }

    /// What is done with days off.
    pub const fn off_day(&self) -> OffDay {
        self.off_day
    }

    /// The date with that number, from the anchor, which is number 0.
    pub fn nth(&self, index: u32, holidays: &Holidays) -> Result<Occurrence, RecurrenceError> {
        let nominal = self.nominal(index)?;
        let (date, moved) = self.settle(nominal, holidays)?;
        let at = due::at(date, self.time).ok_or(RecurrenceError::OutOfRange)?;
        let keeps_day = matches!(self.every, Every::Months(_) | Every::Years(_));
        let month_end = keeps_day && nominal.day() != self.anchor.day();
        Ok(Occurrence { index, nominal, date, at, month_end, moved })
    }

    /// So many dates from a number on, with everything that a person has to know about them at this moment.
    pub fn preview(
        &self,
        first: u32,
        count: u32,
        now: Timestamp,
        holidays: &Holidays,
    ) -> Result<Preview, RecurrenceError> {
        let mut preview = Preview::default();
        let mut before = match first.checked_sub(1) {
            Some(index) => Some(self.nth(index, holidays)?),
            None => None,
        };
        let mut told_year = None;
        for step in 0..count {
            let index = first.checked_add(step).ok_or(RecurrenceError::OutOfRange)?;
            let one = self.nth(index, holidays)?;
            self.warn(&one, before.as_ref(), now, &mut preview.warnings)?;
            if let Some(year) = self.unknown_year(&one, holidays)
                && told_year != Some(year)
            {
                told_year = Some(year);
                preview.warnings.push(Warning::HolidaysUnknown { index, year });
            }
            before = Some(one);
            preview.occurrences.push(one);
        }
        Ok(preview)
    }

    /// The number of the first date whose time is after a moment, days off seen to.
    pub fn first_after(&self, moment: Timestamp, holidays: &Holidays) -> Result<u32, RecurrenceError> {
        // Dates never go down with their numbers, so halving finds it; doubling finds where to halve.
        // What lies beyond the calendar is after every moment.
        let is_after = |index: u32| self.nth(index, holidays).map_or(true, |one| one.at > moment);
        let (mut low, mut high) = (0u32, 0u32);
        while !is_after(high) {
            low = high + 1;
            high = high.saturating_mul(2).max(low);
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if is_after(middle) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        self.nth(low, holidays).map(|one| one.index)
    }

    /// The anchor and so many intervals.
    fn nominal(&self, index: u32) -> Result<Date, RecurrenceError> {
        let count = i64::from(self.every.count()) * i64::from(index);
        let span = match self.every {
            Every::Months(_) => Span::new().try_months(count),
            Every::Weeks(_) => Span::new().try_weeks(count),
            Every::Days(_) => Span::new().try_days(count),
            Every::Years(_) => Span::new().try_years(count),
        };
        let span = span.map_err(|_| RecurrenceError::OutOfRange)?;
        self.anchor.checked_add(span).map_err(|_| RecurrenceError::OutOfRange)
    }

    /// Off a day off, if the policy says so, and why.
    fn settle(&self, nominal: Date, holidays: &Holidays) -> Result<(Date, Option<DayOff>), RecurrenceError> {
        let (Some(why), OffDay::Before | OffDay::After) = (holidays.day_off(nominal), self.off_day) else {
            return Ok((nominal, None));
        };
        let mut date = nominal;
        while holidays.day_off(date).is_some() {
            date = if self.off_day == OffDay::Before { date.yesterday() } else { date.tomorrow() }
                .map_err(|_| RecurrenceError::OutOfRange)?;
        }
        Ok((date, Some(why)))
    }

    fn warn(
        &self,
        one: &Occurrence,
        before: Option<&Occurrence>,
        now: Timestamp,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), RecurrenceError> {
        let index = one.index;
        let nominal_at = due::at(one.nominal, self.time).ok_or(RecurrenceError::OutOfRange)?;
        match (nominal_at <= now, one.at <= now) {
            (true, true) => warnings.push(Warning::Past { index }),
            (true, false) | (false, true) => warnings.push(Warning::CrossesNow { index }),
            (false, false) => {}
        }
        if let Some(before) = before
            && before.date == one.date
        {
            warnings.push(Warning::SameDate { index, other: before.index });
        }
        if (one.date.year(), one.date.month()) != (one.nominal.year(), one.nominal.month()) {
            warnings.push(Warning::OtherMonth { index });
        }
        Ok(())
    }

    /// The year of a date whose holidays would have been asked for and are not known.
    fn unknown_year(&self, one: &Occurrence, holidays: &Holidays) -> Option<i16> {
        if self.off_day == OffDay::SameDay {
            return None;
        }
        [one.nominal.year(), one.date.year()].into_iter().find(|year| !holidays.knows(*year))
    }
}

impl fmt::Display for Recurrence {
    /// The compact form that [`Recurrence::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} from {} at {:02}:{:02}",
            self.every,
            self.anchor,
            self.time.hour(),
            self.time.minute()
        )?;
        match self.off_day {
            OffDay::SameDay => Ok(()),
            moved => write!(f, " {}", moved.word()),
        }
    }
}

#[cfg(test)]
mod tests;
