//! Rules as people write them on a command line, in English and in Korean.

use std::fmt;

use jiff::civil::Date;

use super::{Every, OffDay, Recurrence, RecurrenceError};
use crate::domain::due;

impl Every {
    /// Reads an interval:
    ///
    /// | meaning | English | Korean |
    /// |---|---|---|
    /// | one | `daily` `weekly` `monthly` `yearly`, `every day` … | `매일` `매주` `매월` `매달` `매년` |
    /// | more | `every 10 days`, `every 2 weeks`, `every 3 months`, `every 2 years` | `10일마다` `2주마다` `3개월마다` `3달마다` `2년마다` |
    /// | two | | `격일` `격주` `격월` `격년` |
    /// | three months | `quarterly` | `매분기` |
    /// | short | `10d` `2w` `3m` `1y` | |
    ///
    /// `10일` alone is refused: it may mean the tenth of each month.
    pub fn parse(typed: &str) -> Result<Self, RecurrenceError> {
        let text = due::plain(typed);
        let every = match text.as_str() {
            "daily" | "매일" => Self::Days(1),
            "격일" => Self::Days(2),
            "weekly" | "매주" => Self::Weeks(1),
            "격주" => Self::Weeks(2),
            "monthly" | "매월" | "매달" => Self::Months(1),
            "격월" => Self::Months(2),
            "quarterly" | "매분기" => Self::Months(3),
            "yearly" | "매년" => Self::Years(1),
            "격년" => Self::Years(2),
            other => counted(other)?,
        };
        if (1..=super::MAX_EVERY).contains(&every.count()) { Ok(every) } else { Err(RecurrenceError::Count) }
    }
}

/// `every 2 weeks`, `2주마다`, `2w`.
fn counted(text: &str) -> Result<Every, RecurrenceError> {
    let (bare, words) = if let Some(english) = text.strip_prefix("every ") {
        (english, ["day", "week", "month", "year"])
    } else if let Some(korean) = text.strip_suffix("마다") {
        (korean.trim_end(), ["일", "주", "개월", "년"])
    } else {
        (text, ["d", "w", "m", "y"])
    };
    let digits = bare.bytes().take_while(u8::is_ascii_digit).count();
    let (count, unit) = bare.split_at(digits);
    let count = match count {
        "" if words[0] == "day" => 1,
        "" => return Err(RecurrenceError::NotARule),
        // Too many digits for a number are too many of anything.
        digits => digits.parse().unwrap_or(u16::MAX),
    };
    let unit = match unit.trim_start() {
        "달" if words[0] == "일" => "개월",
        unit if words[0] == "day" => unit.strip_suffix('s').unwrap_or(unit),
        unit => unit,
    };
    match words.iter().position(|word| *word == unit) {
        Some(0) => Ok(Every::Days(count)),
        Some(1) => Ok(Every::Weeks(count)),
        Some(2) => Ok(Every::Months(count)),
        Some(3) => Ok(Every::Years(count)),
        _ => Err(RecurrenceError::NotARule),
    }
}

impl fmt::Display for Every {
    /// `monthly`, `every 2 weeks`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (one, many) = match self {
            Self::Months(_) => ("monthly", "months"),
            Self::Weeks(_) => ("weekly", "weeks"),
            Self::Days(_) => ("daily", "days"),
            Self::Years(_) => ("yearly", "years"),
        };
        match self.count() {
            1 => f.pad(one),
            count => f.pad(&format!("every {count} {many}")),
        }
    }
}

impl OffDay {
    /// Reads a policy: `same-day` `before` `after`, `당일` `직전` `다음` (`직전영업일`, `다음 영업일`).
    pub fn parse(typed: &str) -> Option<Self> {
        let text = due::plain(typed);
        match text.strip_suffix("영업일").unwrap_or(&text).trim_end() {
            "당일" => Some(Self::SameDay),
            "직전" => Some(Self::Before),
            "다음" => Some(Self::After),
            word => Self::ALL.into_iter().find(|policy| policy.word() == word),
        }
    }
}

impl Recurrence {
    /// Reads a whole rule: interval, first date, time, and what of days off (`same-day` when left out).
    ///
    /// `monthly from 2026-12-31 at 10:00 before`, `every 2 weeks from 2026-12-04 at 9:30`,
    /// `매월 2026-12-31부터 10:00 직전영업일`.
    pub fn parse(typed: &str) -> Result<Self, RecurrenceError> {
        let text = due::plain(typed);
        let words: Vec<&str> = text.split(' ').collect();
        let at = words.iter().position(|word| whole_date(word).is_some()).ok_or(RecurrenceError::NotARule)?;
        let (interval, rest) = words.split_at(at);
        let interval = interval.strip_suffix(&["from"]).unwrap_or(interval);
        let (anchor, rest) = rest.split_first().ok_or(RecurrenceError::NotARule)?;
        let anchor = whole_date(anchor).ok_or(RecurrenceError::NotARule)?;
        let rest = rest.strip_prefix(&["at"]).unwrap_or(rest);
        let (time, rest) = rest.split_first().ok_or(RecurrenceError::NotARule)?;
        let time =
            due::clock(time.strip_suffix('에').unwrap_or(time)).map_err(|_| RecurrenceError::NotARule)?;
        let off_day = match rest {
            [] => OffDay::SameDay,
            policy => OffDay::parse(&policy.join(" ")).ok_or(RecurrenceError::NotARule)?,
        };
        Self::new(Every::parse(&interval.join(" "))?, anchor, time, off_day)
    }
}

/// `2026-12-31`, `2026-12-31부터`.
fn whole_date(word: &str) -> Option<Date> {
    let word = word.strip_suffix("부터").unwrap_or(word);
    if word.len() == "2026-12-31".len() { word.parse().ok() } else { None }
}
