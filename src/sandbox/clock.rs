//! The sandbox's own time: real, or moved by hand through `POST /__sandbox/clock`.
//!
//! Only this file asks the machine what time it is.

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

/// Unix seconds; 0 means "has not happened".
pub type Time = u32;

/// One day in seconds.
pub const DAY: Time = 86_400;

/// Which clock drives the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// The machine's clock.
    Real,
    /// Stands still until `POST /__sandbox/clock` moves it.
    Manual,
}

/// The clock of one sandbox.
#[derive(Debug)]
pub struct Clock {
    mode: Mode,
    manual: Time,
}

/// The machine's time in unix seconds.
pub fn machine_now() -> Time {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::try_from(elapsed.as_secs()).unwrap_or(Time::MAX)
}

impl Clock {
    /// A clock; a manual one starts at `start`.
    pub fn new(mode: Mode, start: Time) -> Self {
        Self { mode, manual: start }
    }

    /// Now, in unix seconds.
    pub fn now(&self) -> Time {
        match self.mode {
            Mode::Real => machine_now(),
            Mode::Manual => self.manual,
        }
    }

    /// Whether time only moves by hand.
    pub fn is_manual(&self) -> bool {
        self.mode == Mode::Manual
    }

    /// Moves a manual clock; never backwards.
    pub fn set(&mut self, at: Time) {
        self.manual = self.manual.max(at);
    }
}

/// Days since 1970-01-01 as year, month, day (proleptic Gregorian).
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(month <= 2), month, day)
}

/// Appends `at` as `2026-03-01T02:11:09Z`.
pub fn write_rfc3339(out: &mut String, at: Time) {
    let at = i64::from(at);
    let (year, month, day) = civil(at.div_euclid(86_400));
    let rest = at.rem_euclid(86_400);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    // Writing to a string cannot fail.
    let _ = write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
}

/// `at` as `2026-03-01T02:11:09Z`.
pub fn rfc3339(at: Time) -> String {
    let mut out = String::with_capacity(20);
    write_rfc3339(&mut out, at);
    out
}

/// The Korean calendar day of `at`, as `yyyymmdd` (PG numbers carry it).
pub fn korean_day(at: Time) -> String {
    let (year, month, day) = civil((i64::from(at) + 9 * 3_600).div_euclid(86_400));
    format!("{year:04}{month:02}{day:02}")
}

/// Reads an RFC 3339 date-time: `T` and an offset are mandatory (V2 §1.3). Fractions are cut.
pub fn parse_rfc3339(text: &str) -> Option<Time> {
    if text.as_bytes().get(10).is_none_or(|c| !c.eq_ignore_ascii_case(&b'T')) {
        return None;
    }
    let zone = text.get(19..)?;
    let zone = zone.find(['Z', 'z', '+', '-']).and_then(|at| zone.get(at..))?;
    if zone.len() != 1 && (zone.len() != 6 || zone.as_bytes().get(3) != Some(&b':')) {
        return None;
    }
    let at: jiff::Timestamp = text.parse().ok()?;
    Time::try_from(at.as_second()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_go_out_in_utc_and_come_in_with_any_offset() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(1_767_225_600), "2026-01-01T00:00:00Z");
        assert_eq!(rfc3339(1_709_164_799), "2024-02-28T23:59:59Z");
        assert_eq!(rfc3339(1_709_164_800), "2024-02-29T00:00:00Z");
        assert_eq!(parse_rfc3339("2026-01-01T09:00:00+09:00"), Some(1_767_225_600));
        assert_eq!(parse_rfc3339("2026-01-01T00:00:00.123Z"), Some(1_767_225_600));
        for bad in [
            "2026-01-01 00:00:00Z",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00+0900",
            "",
            "x",
            "한글한글한글한글",
        ] {
            assert_eq!(parse_rfc3339(bad), None, "{bad}");
        }
        assert_eq!(korean_day(1_767_225_600 - 3_600 * 9), "20260101");
    }

    proptest::proptest! {
        #[test]
        fn every_second_survives_the_round_trip(at in 0_u32..) {
            proptest::prop_assert_eq!(parse_rfc3339(&rfc3339(at)), Some(at));
        }
    }

    #[test]
    fn a_manual_clock_never_runs_backwards() {
        let mut clock = Clock::new(Mode::Manual, 100);
        clock.set(50);
        assert_eq!(clock.now(), 100);
        clock.set(150);
        assert_eq!(clock.now(), 150);
    }
}
