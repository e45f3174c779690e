//! What is done with schedules that are there, and to when they are moved.

use jiff::civil::{Date, Time};
use jiff::{Span as Length, Timestamp};

use crate::domain::bulk::{Action, ActionKind};
use crate::domain::due;
use crate::domain::month::{JumpError, parse_jump};
use crate::domain::schedule::ProviderSchedule;

/// The most days of a move by days: more is a slip of the finger.
const MOST_DAYS: i32 = 366;

/// Another time for a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shift {
    /// That day; at that time, or at the one it has.
    To(Date, Option<Time>),
    /// So many days later or earlier, at the time it has.
    Days(i32),
}

impl Shift {
    /// Reads what a person types: a date as the calendar's jump takes it, with `HH:MM` behind it if wanted, or
    /// `+3`, `-2`, `+1주` for days and weeks counted from each schedule's own day.
    pub fn parse(typed: &str, today: Date, looked_at: Date) -> Result<Self, JumpError> {
        let text = due::plain(typed);
        let text = text.trim();
        if let Some(days) = text.strip_prefix('+') {
            return days_of(days, 1);
        }
        if let Some(days) = text.strip_prefix('-') {
            return days_of(days, -1);
        }
        let (date, time) = match text.rsplit_once(' ') {
            Some((date, time)) if time.contains(':') => (date, Some(clock(time)?)),
            _ => (text, None),
        };
        Ok(Self::To(parse_jump(date, today, looked_at)?, time))
    }

    /// The new time of something at a time; `None` beyond the calendar.
    pub fn apply(self, at: Timestamp) -> Option<Timestamp> {
        let old = due::in_korea(at);
        let (date, time) = match self {
            Self::To(date, time) => (date, time.unwrap_or_else(|| old.time())),
            Self::Days(days) => {
                (old.date().checked_add(Length::new().try_days(days).ok()?).ok()?, old.time())
            }
        };
        due::at(date, time)
    }
}

fn days_of(text: &str, sign: i32) -> Result<Shift, JumpError> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (count, unit) = text.split_at(digits);
    let days = match unit.trim() {
        "" | "일" | "d" => 1,
        "주" | "w" => 7,
        _ => return Err(JumpError::NotADate),
    };
    let count: i32 = count.parse().map_err(|_| JumpError::NotADate)?;
    match count.checked_mul(days) {
        Some(days @ 1..=MOST_DAYS) => Ok(Shift::Days(sign * days)),
        Some(0) => Err(JumpError::NotADate),
        _ => Err(JumpError::OutOfRange),
    }
}

/// `9:00`, `14:30`: whole minutes.
pub(super) fn clock(text: &str) -> Result<Time, JumpError> {
    let (hour, minute) = text.trim().split_once(':').ok_or(JumpError::NotADate)?;
    let number = |text: &str, digits: std::ops::RangeInclusive<usize>| {
        let plain = digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if plain { text.parse::<i8>().map_err(|_| JumpError::NotADate) } else { Err(JumpError::NotADate) }
    };
    Time::new(number(hour, 1..=2)?, number(minute, 2..=2)?, 0, 0).map_err(|_| JumpError::NotADate)
}

/// What is done with schedules that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// 예약일 변경
    Move(Shift),
    /// 예약 해지
    Revoke,
    /// 지금 결제
    ChargeNow,
    /// 즉시 재시도
    Retry,
    /// 재예약
    Rebook(Shift),
}

impl Verb {
    /// What it is.
    pub const fn kind(self) -> ActionKind {
        match self {
            Self::Move(_) => ActionKind::Move,
            Self::Revoke => ActionKind::Revoke,
            Self::ChargeNow => ActionKind::ChargeNow,
            Self::Retry => ActionKind::Retry,
            Self::Rebook(_) => ActionKind::Rebook,
        }
    }

    /// With one schedule. A time beyond the calendar leaves it where it is, which the dry run tells.
    pub fn with(self, schedule: ProviderSchedule) -> Action {
        let to = |shift: Shift| shift.apply(schedule.at).unwrap_or(schedule.at);
        match self {
            Self::Move(shift) => Action::Move { at: to(shift), schedule: Box::new(schedule) },
            Self::Revoke => Action::Revoke(Box::new(schedule)),
            Self::ChargeNow => Action::ChargeNow(Box::new(schedule)),
            Self::Retry => Action::Retry(Box::new(schedule)),
            Self::Rebook(shift) => Action::Rebook { at: to(shift), schedule: Box::new(schedule) },
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    #[test]
    fn dates_days_and_times_as_people_type_them() {
        let today = date(2026, 11, 21);
        let looked_at = date(2026, 12, 25);
        for (typed, wanted) in [
            ("12-05", Ok(Shift::To(date(2026, 12, 5), None))),
            ("28", Ok(Shift::To(date(2026, 12, 28), None))),
            ("12/5 14:30", Ok(Shift::To(date(2026, 12, 5), Some(time(14, 30, 0, 0))))),
            ("12월 5일 9:00", Ok(Shift::To(date(2026, 12, 5), Some(time(9, 0, 0, 0))))),
            ("오늘", Ok(Shift::To(today, None))),
            ("+3", Ok(Shift::Days(3))),
            ("-2일", Ok(Shift::Days(-2))),
            ("+1주", Ok(Shift::Days(7))),
            ("+0", Err(JumpError::NotADate)),
            ("+400", Err(JumpError::OutOfRange)),
            ("12/5 24:00", Err(JumpError::NotADate)),
            ("12/5 9:5", Err(JumpError::NotADate)),
            ("", Err(JumpError::Empty)),
        ] {
            assert_eq!(Shift::parse(typed, today, looked_at), wanted, "{typed}");
        }
    }

    #[test]
    fn the_time_of_day_stays() {
        let at: Timestamp = "2026-11-30T16:00:00Z".parse().unwrap();
        assert_eq!(
            Shift::Days(31).apply(at).unwrap().to_string(),
            "2026-12-31T16:00:00Z",
            "1 January, 01:00"
        );
        assert_eq!(
            Shift::To(date(2026, 12, 5), None).apply(at).unwrap().to_string(),
            "2026-12-04T16:00:00Z",
            "1:00 of that day in Korea"
        );
    }
}
