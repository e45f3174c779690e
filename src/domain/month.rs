//! The calendar's arithmetic: a month as rows of weeks, a cursor that moves in it, the date that a person
//! types to jump to, and how busy the days of a year are.
//!
//! Pure; today is an argument. Names of months and weekdays are the catalogue's. May not: draw, know what a
//! day holds.

use jiff::Span;
use jiff::civil::Date;

use super::due;

/// The years that the calendar shows: wide enough for any schedule, and off the ends of the library's own
/// calendar, so that a row of days always exists whole.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2999;

/// The nearest date that the calendar shows.
fn clamped(date: Date) -> Date {
    if date.year() < *YEARS.start() {
        Date::constant(1900, 1, 1)
    } else if date.year() > *YEARS.end() {
        Date::constant(2999, 12, 31)
    } else {
        date
    }
}

/// A month of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month {
    year: i16,
    month: i8,
}

/// A day of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cell {
    /// Which day.
    pub date: Date,
    /// Whether it belongs to the month, and not to the one before or after.
    pub inside: bool,
}

impl Month {
    /// A month by its numbers; `None` when there is none, or not in the years 1900 to 2999.
    pub fn new(year: i16, month: i8) -> Option<Self> {
        (YEARS.contains(&year) && (1..=12).contains(&month)).then_some(Self { year, month })
    }

    /// The month of a date, the nearest for dates that the calendar does not show.
    pub fn of(date: Date) -> Self {
        let date = clamped(date);
        Self { year: date.year(), month: date.month() }
    }

    /// The year.
    pub const fn year(self) -> i16 {
        self.year
    }

    /// The month, 1 to 12.
    pub const fn month(self) -> i8 {
        self.month
    }

    /// Its first day.
    pub const fn first(self) -> Date {
        Date::constant(self.year, self.month, 1)
    }

    /// Its last day.
    pub fn last(self) -> Date {
        self.first().last_of_month()
    }

    /// How many days it has.
    pub fn days(self) -> i8 {
        self.first().days_in_month()
    }

    /// So many months later, or earlier; stops at the ends of the calendar.
    #[must_use]
    pub fn plus(self, months: i32) -> Self {
        let count = (i64::from(self.year) * 12 + i64::from(self.month) - 1 + i64::from(months))
            .clamp(i64::from(*YEARS.start()) * 12, i64::from(*YEARS.end()) * 12 + 11);
        let part = |number: i64| i16::try_from(number).unwrap_or(i16::MAX);
        let month = i8::try_from(count.rem_euclid(12) + 1).unwrap_or(1);
        Self { year: part(count.div_euclid(12)), month }
    }

    /// The month as weeks from Sunday to Saturday, filled with the days of its neighbours: five rows, six
    /// where it needs them. A February that fits into four has a row of March below it, so that the grid
    /// does not jump more than it must.
    pub fn weeks(self) -> Vec<[Cell; 7]> {
        let lead = usize::try_from(self.first().weekday().to_sunday_zero_offset()).unwrap_or(0);
        let days = usize::try_from(self.days()).unwrap_or(31);
        let rows = (lead + days).div_ceil(7).max(5);
        (0..rows).map(|row| std::array::from_fn(|column| self.cell(row * 7 + column, lead))).collect()
    }

    /// The day in that place of the grid, whose first row begins so many days before the month.
    fn cell(self, place: usize, lead: usize) -> Cell {
        let offset = i32::try_from(place).unwrap_or(0) - i32::try_from(lead).unwrap_or(0);
        let date = plus_days(self.first(), offset);
        Cell { date, inside: date.month() == self.month }
    }

    /// Where a day stands in the grid, row and column; `None` when it is not of this month.
    pub fn place(self, date: Date) -> Option<(usize, usize)> {
        if (date.year(), date.month()) != (self.year, self.month) {
            return None;
        }
        let lead = usize::try_from(self.first().weekday().to_sunday_zero_offset()).ok()?;
        let place = lead + usize::try_from(date.day()).ok()? - 1;
        Some((place / 7, place % 7))
    }
}

/// So many days later or earlier. The rows around the calendar's own ends exist too.
fn plus_days(date: Date, days: i32) -> Date {
    date.checked_add(Span::new().days(days.clamp(-1_000_000, 1_000_000))).unwrap_or(date)
}

/// The day that is looked at, and the day of the month that is wanted: from the 31st through February and back
/// to the 31st.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cursor {
    date: Date,
    wanted: i8,
}

impl Cursor {
    /// On a date, or on the nearest that the calendar shows.
    pub fn new(date: Date) -> Self {
        let date = clamped(date);
        Self { date, wanted: date.day() }
    }

    /// The day.
    pub const fn date(self) -> Date {
        self.date
    }

    /// Its month.
    pub fn month(self) -> Month {
        Month::of(self.date)
    }

    /// So many days later or earlier.
    #[must_use]
    pub fn by_days(self, days: i32) -> Self {
        Self::new(plus_days(self.date, days))
    }

    /// So many weeks later or earlier, on the same weekday; stays where there is no such day.
    #[must_use]
    pub fn by_weeks(self, weeks: i32) -> Self {
        let to = plus_days(self.date, weeks.saturating_mul(7));
        if clamped(to) == to { Self::new(to) } else { self }
    }

    /// So many months later or earlier, on the wanted day or the month's last.
    #[must_use]
    pub fn by_months(self, months: i32) -> Self {
        let month = self.month().plus(months);
        let day = self.wanted.min(month.days());
        Self { date: Date::new(month.year, month.month, day).unwrap_or(self.date), wanted: self.wanted }
    }

    /// The month's first day.
    #[must_use]
    pub fn to_month_start(self) -> Self {
        Self::new(self.month().first())
    }

    /// The month's last day.
    #[must_use]
    pub fn to_month_end(self) -> Self {
        Self::new(self.month().last())
    }
}

/// Why what was typed is no date to jump to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JumpError {
    /// Nothing was typed.
    #[error("no date")]
    Empty,
    /// Something else than a date.
    #[error("not a date")]
    NotADate,
    /// A date that the calendar does not show.
    #[error("beyond the calendar")]
    OutOfRange,
}

/// Reads where a person wants to jump.
///
/// | typed | meaning |
/// |---|---|
/// | `2026-12-25` `20261225` `2026/12/25` `2026.12.25.` `26-12-25` `2026년 12월 25일` | that date |
/// | `12-25` `12/25` `12.25` `12월 25일` | of the year that is looked at |
/// | `25` `25일` | of the month that is looked at |
/// | `2027-03` `2027년 3월` `3월` | the first of that month |
/// | `오늘` `today` `t`, `내일` `tomorrow`, `모레`, `어제` `yesterday` | from today |
/// | `+3` `-3` `+3일` `+2w` `+2주` `+1m` `+1개월` | so far from today |
pub fn parse_jump(typed: &str, today: Date, looked_at: Date) -> Result<Date, JumpError> {
    let text = due::plain(typed);
    let date = match text.as_str() {
        "" => return Err(JumpError::Empty),
        "오늘" | "today" | "t" => today,
        "내일" | "tomorrow" => plus_days(today, 1),
        "모레" => plus_days(today, 2),
        "어제" | "yesterday" => plus_days(today, -1),
        other => match (other.strip_prefix('+'), other.strip_prefix('-')) {
            (Some(ahead), _) => stepped(ahead, 1, today)?,
            (None, Some(back)) => stepped(back, -1, today)?,
            (None, None) => written(other, looked_at)?,
        },
    };
    if YEARS.contains(&date.year()) { Ok(date) } else { Err(JumpError::OutOfRange) }
}

/// `3`, `3일`, `2w`, `1개월`.
fn stepped(text: &str, sign: i32, today: Date) -> Result<Date, JumpError> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (count, unit) = text.split_at(digits);
    let count = sign
        * due::number(count, 5)
            .ok()
            .and_then(|count| i32::try_from(count).ok())
            .ok_or(JumpError::NotADate)?;
    let span = match unit.trim_start() {
        "" | "d" | "일" => Span::new().try_days(count),
        "w" | "주" => Span::new().try_weeks(count),
        "m" | "개월" | "달" => Span::new().try_months(count),
        _ => return Err(JumpError::NotADate),
    };
    span.and_then(|span| today.checked_add(span)).map_err(|_| JumpError::OutOfRange)
}

fn written(text: &str, looked_at: Date) -> Result<Date, JumpError> {
    let whole_month = text.ends_with('월');
    let text: String = text
        .chars()
        .filter(|ch| *ch != ' ')
        .map(|ch| if matches!(ch, '년' | '월' | '/' | '.') { '-' } else { ch })
        .collect();
    let text = text.strip_suffix('일').unwrap_or(&text).trim_end_matches('-');
    let parts: Vec<&str> = match text.len() {
        8 if text.bytes().all(|byte| byte.is_ascii_digit()) => vec![&text[..4], &text[4..6], &text[6..]],
        _ => text.split('-').collect(),
    };
    let (year, month) = (looked_at.year(), looked_at.month());
    match (&parts[..], whole_month) {
        ([y, m, d], false) => dated(year_of(y)?, small(m)?, small(d)?),
        ([y, m], _) if y.len() == 4 => dated(year_of(y)?, small(m)?, 1),
        ([m, d], false) => dated(year, small(m)?, small(d)?),
        ([m], true) => dated(year, small(m)?, 1),
        ([d], false) => dated(year, month, small(d)?),
        _ => Err(JumpError::NotADate),
    }
}

/// Four digits, or two of this century.
fn year_of(text: &str) -> Result<i16, JumpError> {
    let year: i16 = due::number(text, 4).and_then(due::narrow).map_err(|_| JumpError::NotADate)?;
    match text.len() {
        4 => Ok(year),
        2 => Ok(2000 + year),
        _ => Err(JumpError::NotADate),
    }
}

fn small(text: &str) -> Result<i8, JumpError> {
    due::number(text, 2).and_then(due::narrow).map_err(|_| JumpError::NotADate)
}

fn dated(year: i16, month: i8, day: i8) -> Result<Date, JumpError> {
    Date::new(year, month, day).map_err(|_| JumpError::NotADate)
}

/// How busy each day of a year is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YearDensity {
    year: i16,
    days: [[u32; 31]; 12],
    busiest: u32,
}

impl YearDensity {
    /// The number of steps above "nothing".
    pub const STEPS: u8 = 4;

    /// Adds up what falls on each day; dates of other years are passed over.
    pub fn new(year: i16, counts: impl IntoIterator<Item = (Date, u32)>) -> Self {
        let mut density = Self { year, days: [[0; 31]; 12], busiest: 0 };
        for (date, count) in counts {
            if date.year() != year {
                continue;
            }
            let (month, day) = indices(date);
            if let Some(held) = density.days.get_mut(month).and_then(|days| days.get_mut(day)) {
                *held = held.saturating_add(count);
                density.busiest = density.busiest.max(*held);
            }
        }
        density
    }

    /// How much falls on a day; nothing on days of other years.
    pub fn count(&self, date: Date) -> u32 {
        let (month, day) = indices(date);
        let held = self.days.get(month).and_then(|days| days.get(day)).copied().unwrap_or(0);
        if date.year() == self.year { held } else { 0 }
    }

    /// How much falls on the busiest day.
    pub const fn busiest(&self) -> u32 {
        self.busiest
    }

    /// How much falls in a month, 1 to 12.
    pub fn month(&self, month: i8) -> u64 {
        let at = usize::try_from(month).unwrap_or(0).wrapping_sub(1);
        self.days.get(at).map_or(0, |days| days.iter().copied().map(u64::from).sum())
    }

    /// A day's step: 0 for nothing, else 1 to [`YearDensity::STEPS`], the busiest day's.
    pub fn step(&self, date: Date) -> u8 {
        let count = u64::from(self.count(date));
        if count == 0 {
            return 0;
        }
        let step = (count * u64::from(Self::STEPS)).div_ceil(u64::from(self.busiest.max(1)));
        u8::try_from(step).unwrap_or(Self::STEPS)
    }
}

fn indices(date: Date) -> (usize, usize) {
    let index = |number: i8| usize::try_from(number - 1).unwrap_or(0);
    (index(date.month()), index(date.day()))
}

#[cfg(test)]
mod tests;
