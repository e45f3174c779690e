//! When a virtual account ends: what people type, and what it means in Korea.
//!
//! Pure: now is an argument. Korea is UTC+9 without daylight saving. May not: know a gateway's limits, which
//! are in its rules.

use jiff::civil::{Date, Time};
use jiff::tz::{TimeZone, offset};
use jiff::{SignedDuration, Timestamp, ToSpan as _, Zoned};

/// The longest wait that is meant: beyond it is a slip of the finger.
pub const MAX_DAYS: i32 = 366;

/// Why what was typed is no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DueError {
    /// Nothing was typed.
    #[error("no date")]
    Empty,
    /// Something else than a number of days, hours or a date.
    #[error("not a date")]
    NotADate,
    /// It is over already.
    #[error("in the past")]
    Past,
    /// More than a year away.
    #[error("too far ahead")]
    TooFar,
}

const fn end_of_day() -> Time {
    Time::constant(23, 59, 59, 0)
}

/// A moment as the clock in Korea shows it.
pub fn in_korea(moment: Timestamp) -> Zoned {
    moment.to_zoned(TimeZone::fixed(offset(9)))
}

/// A moment as it is shown: the day and the minute in Korea.
pub fn to_the_minute(moment: Timestamp) -> String {
    in_korea(moment).strftime("%Y-%m-%d %H:%M").to_string()
}

/// A date and time on Korea's clock as a moment; `None` at the ends of the calendar.
pub fn at(date: Date, time: Time) -> Option<Timestamp> {
    date.to_datetime(time).to_zoned(TimeZone::fixed(offset(9))).ok().map(|zoned| zoned.timestamp())
}

/// The end of the day so many days from today.
pub fn in_days(days: u32, now: Timestamp) -> Option<Timestamp> {
    let today = in_korea(now).date();
    at(today.checked_add(i64::from(days).days()).ok()?, end_of_day())
}

/// Reads what a person types: `3`, `3일`, `3d` (days, to the end of that day), `24시간`, `24h` (from now),
/// `12-05`, `12/5`, `12월 5일`, `2026-12-05` (the end of that day), each date with a time behind it if wanted
/// (`12/5 18:00`). A month and day that is over this year is next year's.
pub fn parse(typed: &str, now: Timestamp) -> Result<Timestamp, DueError> {
    let text = plain(typed);
    if text.is_empty() {
        return Err(DueError::Empty);
    }
    let found = read(&text, now)?;
    if found <= now {
        return Err(DueError::Past);
    }
    let span = found.duration_since(now);
    if span > SignedDuration::from_hours(24 * i64::from(MAX_DAYS)) {
        Err(DueError::TooFar)
    } else {
        Ok(found)
    }
}

/// ASCII digits, Latin letters in lower case, one blank between words.
pub fn plain(typed: &str) -> String {
    let narrow: String = typed
        .chars()
        .map(|ch| match ch {
            '０'..='９' => char::from_digit(u32::from(ch) - u32::from('０'), 10).unwrap_or(ch),
            '．' => '.',
            '／' => '/',
            '－' | '–' => '-',
            '：' => ':',
            ch => ch.to_ascii_lowercase(),
        })
        .collect();
    narrow.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn read(text: &str, now: Timestamp) -> Result<Timestamp, DueError> {
    for unit in ["시간", "hours", "hour", "h"] {
        if let Some(count) = text.strip_suffix(unit) {
            let hours = number(count.trim(), 5)?;
            if hours == 0 {
                return Err(DueError::Past);
            }
            // Whole minutes: seconds would only make the end look odd.
            let whole = now.as_second() - now.as_second().rem_euclid(60);
            return whole
                .checked_add(i64::from(hours) * 3600)
                .and_then(|second| Timestamp::from_second(second).ok())
                .ok_or(DueError::TooFar);
        }
    }
    if !text.contains('월') {
        for unit in ["일", "days", "day", "d", ""] {
            if let Some(count) = text.strip_suffix(unit)
                && let Ok(days) = number(count.trim(), 4)
            {
                return in_days(days, now).ok_or(DueError::TooFar);
            }
        }
    }
    dated(text, now)
}

fn dated(text: &str, now: Timestamp) -> Result<Timestamp, DueError> {
    let text = text.replace(['년', '월'], "-").replace('일', "").replace("- ", "-");
    let (day, time) = match text.split_once(' ') {
        Some((day, time)) => (day, Some(clock(time.trim())?)),
        None => (text.as_str(), None),
    };
    let parts: Vec<&str> = day.trim_end_matches('.').split(['-', '/', '.']).collect();
    let (year, month, day) = match parts[..] {
        [year, month, day] if matches!(year.len(), 2 | 4) => {
            let year = number(year, 4)?;
            (Some(if year < 100 { 2000 + year } else { year }), number(month, 2)?, number(day, 2)?)
        }
        [month, day] => (None, number(month, 2)?, number(day, 2)?),
        _ => return Err(DueError::NotADate),
    };
    let time = time.unwrap_or_else(end_of_day);
    let this_year = in_korea(now).date().year();
    let on = |year: i16| -> Result<Timestamp, DueError> {
        let date = Date::new(year, narrow(month)?, narrow(day)?).map_err(|_| DueError::NotADate)?;
        at(date, time).ok_or(DueError::NotADate)
    };
    match year {
        Some(year) => on(narrow(year)?),
        None => match on(this_year) {
            Ok(found) if found > now => Ok(found),
            // Over this year, or the 29th of February of a year that has none.
            Ok(_) | Err(DueError::NotADate) => on(this_year + 1),
            Err(error) => Err(error),
        },
    }
}

/// `18:00`, `18시`, `18`.
pub(super) fn clock(text: &str) -> Result<Time, DueError> {
    let text = text.strip_suffix('시').unwrap_or(text);
    let (hour, minute) = text.split_once(':').unwrap_or((text, "0"));
    Time::new(narrow(number(hour, 2)?)?, narrow(number(minute, 2)?)?, 0, 0).map_err(|_| DueError::NotADate)
}

/// Digits alone, at most so many.
pub(super) fn number(text: &str, most: usize) -> Result<u32, DueError> {
    let digits = !text.is_empty() && text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().map_err(|_| DueError::NotADate) } else { Err(DueError::NotADate) }
}

/// The same number in a type of another size.
pub(super) fn narrow<T: TryFrom<u32>>(number: u32) -> Result<T, DueError> {
    T::try_from(number).map_err(|_| DueError::NotADate)
}

/// How many whole hours away, rounded up: what a gateway that counts hours is asked about.
pub fn hours_until(due: Timestamp, now: Timestamp) -> u32 {
    let seconds = due.duration_since(now).as_secs().max(0);
    u32::try_from((seconds + 3599) / 3600).unwrap_or(u32::MAX)
}

/// Without its seconds, for gateways that keep minutes.
pub fn whole_minutes(due: Timestamp) -> Timestamp {
    let second = due.as_second();
    Timestamp::from_second(second - second.rem_euclid(60)).unwrap_or(due)
}

/// Year, month, day, weekday and time in Korean words.
pub fn full_ko(due: Timestamp) -> String {
    const DAYS: [&str; 7] = ["월", "화", "수", "목", "금", "토", "일"];
    let due = in_korea(due);
    let at = usize::try_from(due.weekday().to_monday_zero_offset()).unwrap_or(0);
    format!(
        "{}년 {}월 {}일({}) {:02}:{:02}",
        due.year(),
        due.month(),
        due.day(),
        DAYS.get(at).copied().unwrap_or_default(),
        due.hour(),
        due.minute()
    )
}

/// The same in English.
pub fn full_en(due: Timestamp) -> String {
    in_korea(due).strftime("%a, %d %b %Y %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Saturday 2026-11-21 14:05:30 in Korea.
    fn now() -> Timestamp {
        "2026-11-21T05:05:30Z".parse().unwrap()
    }

    fn shown(typed: &str) -> String {
        match parse(typed, now()) {
            Ok(due) => in_korea(due).strftime("%Y-%m-%d %H:%M:%S").to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn ends_as_people_type_them() {
        for (typed, meant) in [
            ("3", "2026-11-24 23:59:59"),
            ("3일", "2026-11-24 23:59:59"),
            (" ３ 일", "2026-11-24 23:59:59"),
            ("3d", "2026-11-24 23:59:59"),
            ("0", "2026-11-21 23:59:59"),
            ("24시간", "2026-11-22 14:05:00"),
            ("24h", "2026-11-22 14:05:00"),
            ("24 H", "2026-11-22 14:05:00"),
            ("12-05", "2026-12-05 23:59:59"),
            ("12/5", "2026-12-05 23:59:59"),
            ("12.5.", "2026-12-05 23:59:59"),
            ("12월 5일", "2026-12-05 23:59:59"),
            ("12월5일 18시", "2026-12-05 18:00:00"),
            ("12/5 18:00", "2026-12-05 18:00:00"),
            ("2026-12-05", "2026-12-05 23:59:59"),
            ("26-12-05", "2026-12-05 23:59:59"),
            ("2026년 12월 5일", "2026-12-05 23:59:59"),
            ("11/21", "2026-11-21 23:59:59"),
            ("1/5", "2027-01-05 23:59:59"),
            ("11/20", "2027-11-20 23:59:59"),
            // With a point it is a date, not a day and a half.
            ("1.5", "2027-01-05 23:59:59"),
        ] {
            assert_eq!(shown(typed), meant, "{typed}");
        }
        for (typed, why) in [
            ("", DueError::Empty),
            ("내일", DueError::NotADate),
            ("13/1", DueError::NotADate),
            ("2/30", DueError::NotADate),
            ("12/5 25:00", DueError::NotADate),
            ("2026-11-20", DueError::Past),
            ("0h", DueError::Past),
            ("367", DueError::TooFar),
            ("9999일", DueError::TooFar),
            ("2030-01-01", DueError::TooFar),
            ("-3", DueError::NotADate),
        ] {
            assert_eq!(parse(typed, now()), Err(why), "{typed}");
        }
    }

    #[test]
    fn the_end_is_told_with_its_weekday() {
        let due = parse("12/5", now()).unwrap();
        assert_eq!(full_ko(due), "2026년 12월 5일(토) 23:59");
        assert_eq!(full_en(due), "Sat, 05 Dec 2026 23:59");
        assert_eq!(hours_until(parse("24h", now()).unwrap(), now()), 24);
        assert_eq!(in_korea(whole_minutes(due)).second(), 0);
    }

    proptest! {
        #[test]
        fn what_is_read_lies_ahead_and_not_too_far(
            typed in "\\PC{0,12}|[0-9]{1,4}(일|시간|h|d)?|[0-9]{1,2}[-/.][0-9]{1,2}( [0-9]{1,2}:[0-9]{2})?|[0-9]{4}-[0-9]{2}-[0-9]{2}",
            second in 0i64..4_000_000_000,
        ) {
            let now = Timestamp::from_second(second).unwrap();
            if let Ok(due) = parse(&typed, now) {
                prop_assert!(due > now);
                prop_assert!(due.duration_since(now) <= SignedDuration::from_hours(24 * i64::from(MAX_DAYS)));
                prop_assert!(hours_until(due, now) <= 24 * 366);
            }
        }

        #[test]
        fn days_end_with_their_day(days in 0u32..366, second in 0i64..4_000_000_000) {
            let now = Timestamp::from_second(second).unwrap();
            let Ok(due) = parse(&days.to_string(), now) else {
                // In the last second of a day nothing is left of it.
                prop_assert_eq!(days, 0);
                return Ok(());
            };
            let (today, end) = (in_korea(now).date(), in_korea(due));
            prop_assert_eq!(end.date(), today.checked_add(i64::from(days).days()).unwrap());
            prop_assert_eq!(end.time(), end_of_day());
        }

        #[test]
        fn a_date_that_is_written_out_is_that_date(days in 1u32..360, second in 0i64..4_000_000_000) {
            let now = Timestamp::from_second(second).unwrap();
            let due = in_days(days, now).unwrap();
            let date = in_korea(due).date();
            prop_assert_eq!(parse(&date.to_string(), now), Ok(due));
            prop_assert_eq!(parse(&date.strftime("%m/%d").to_string(), now), Ok(due));
            prop_assert_eq!(parse(&date.strftime("%m월 %d일").to_string(), now), Ok(due));
        }
    }
}
