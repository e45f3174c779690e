//! Times and days as they are typed on the command line.

use jiff::civil::{Date, Time};
use jiff::{Span as Days, Timestamp};

use crate::cli::sale::{Wrong, tidy};
use crate::domain::due;
use crate::domain::schedule::Span;
use crate::i18n::Text;
use crate::text;

/// When a charge runs of which only the day was said, in Korea.
pub(super) const TIME: &str = "10:00";

/// How many days a list shows when nothing was said.
const SHOWN: i32 = 31;

/// The days that something is asked for; both ends are always sent.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct DaysArgs {
    /// First day: 2026-11-01 (Korea time); today when absent.
    #[arg(long, value_name = "DAY")]
    pub from: Option<String>,
    /// Last day; 31 days from the first when absent.
    #[arg(long, value_name = "DAY")]
    pub until: Option<String>,
    /// Only what this ledger knows; the provider is not asked.
    #[arg(long)]
    pub offline: bool,
}

impl DaysArgs {
    /// The span, from midnight to midnight in Korea.
    pub(super) fn span(&self, now: Timestamp) -> Result<Span, Wrong> {
        let first = match &self.from {
            Some(text) => day("from", text)?,
            None => due::in_korea(now).date(),
        };
        let last = match &self.until {
            Some(text) => day("until", text)?,
            None => plus(first, SHOWN - 1).ok_or_else(|| wrong("until"))?,
        };
        if last < first {
            return Err(Wrong { field: "until", why: text!("cli.schedule.until-before-from") });
        }
        whole_days(first, last).ok_or_else(|| wrong("until"))
    }
}

fn wrong(field: &'static str) -> Wrong {
    Wrong { field, why: text!("cli.schedule.not-a-day") }
}

fn day(field: &'static str, text: &str) -> Result<Date, Wrong> {
    tidy(text).parse().map_err(|_| wrong(field))
}

fn plus(date: Date, days: i32) -> Option<Date> {
    date.checked_add(Days::new().days(days)).ok()
}

/// Whole days in Korea.
pub(super) fn whole_days(first: Date, last: Date) -> Option<Span> {
    let midnight = |date: Date| due::at(date, Time::midnight());
    Some(Span { from: midnight(first)?, until: midnight(plus(last, 1)?)? })
}

/// A moment that is still to come: a date with a time, or a date alone.
pub(super) fn moment(text: &str, now: Timestamp) -> Result<Timestamp, Text> {
    let text = tidy(text);
    let timed = text.contains(':') || text.contains('시');
    let text = if timed { text } else { format!("{text} {TIME}") };
    due::parse(&text, now).map_err(|error| match error {
        due::DueError::Past => text!("cli.schedule.past"),
        due::DueError::TooFar => text!("cli.schedule.too-far"),
        due::DueError::Empty | due::DueError::NotADate => text!("cli.schedule.not-a-time"),
    })
}

/// So many days later or earlier, at the same time of day: `+3`, `-1`, `3`.
pub(super) fn days_later(at: Timestamp, text: &str) -> Option<Timestamp> {
    let days: i32 = tidy(text).trim_end_matches(['d', '일']).parse().ok()?;
    let there = due::in_korea(at);
    due::at(plus(there.date(), days)?, there.time())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Saturday 2026-11-21 14:05:30 in Korea.
    fn now() -> Timestamp {
        "2026-11-21T05:05:30Z".parse().unwrap()
    }

    #[test]
    fn both_ends_are_always_there() {
        let span = DaysArgs::default().span(now()).unwrap();
        assert_eq!(span.from.to_string(), "2026-11-20T15:00:00Z");
        assert_eq!(span.until.to_string(), "2026-12-21T15:00:00Z");
        let days = |from: &str, until: &str| DaysArgs {
            from: Some(from.to_owned()),
            until: Some(until.to_owned()),
            offline: false,
        };
        assert_eq!(days("2026-12-02", "2026-12-01").span(now()).unwrap_err().field, "until");
        assert_eq!(days("12월", "2026-12-01").span(now()).unwrap_err().field, "from");
        let one = days("2026-12-01", "2026-12-01").span(now()).unwrap();
        assert_eq!(one.until.duration_since(one.from).as_hours(), 24);
    }

    #[test]
    fn a_day_alone_means_the_morning_and_days_keep_the_time() {
        let at = |text: &str| moment(text, now()).map(|at| at.to_string());
        assert_eq!(at("2026-12-25"), Ok("2026-12-25T01:00:00Z".to_owned()));
        assert_eq!(at("12/25 18:30"), Ok("2026-12-25T09:30:00Z".to_owned()));
        assert!(at("2026-11-20").is_err() && at("soon").is_err());
        let later = |text: &str| days_later(now(), text).map(|at| at.to_string());
        assert_eq!(later("+3"), Some("2026-11-24T05:05:30Z".to_owned()));
        assert_eq!(later("-1일"), Some("2026-11-20T05:05:30Z".to_owned()));
        assert_eq!(later("x"), None);
    }
}
