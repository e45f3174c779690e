//! Public holidays in Korea (공휴일, 대체공휴일), by date.
//!
//! What is known ends with a year ([`Holidays::knows`]); whoever moves a date around holidays has to say when
//! it lies beyond. May not: guess a holiday, name a gateway.

use std::sync::LazyLock;

use jiff::civil::{Date, Weekday};
use serde::Deserialize;

static KOREA: LazyLock<Holidays> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the file is part of the binary, and a test parses it")]
    Holidays::parse(include_str!("../../assets/holidays.toml")).expect("the embedded holidays parse")
});

/// A public holiday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// When.
    pub date: Date,
    /// Korean name; names that fall together are joined by commas.
    pub ko: String,
    /// English name.
    pub en: String,
}

/// Why no charge is booked on a day off, if it is to be avoided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DayOff {
    /// 토요일
    Saturday,
    /// 일요일
    Sunday,
    /// 공휴일 on a weekday; [`Holidays::on`] names it.
    Holiday,
}

impl DayOff {
    /// The word in `--json` and in the catalogue's keys.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Saturday => "saturday",
            Self::Sunday => "sunday",
            Self::Holiday => "holiday",
        }
    }
}

/// Why a text is no table of holidays.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HolidayError {
    /// Not the form of the file.
    #[error("not a table of holidays: {0}")]
    Form(String),
    /// No date, in the form of a date.
    #[error("`{0}` is no date")]
    Date(String),
    /// Outside the years that the table says it covers.
    #[error("{0} lies outside the table's years")]
    Outside(Date),
    /// Not later than the one before it.
    #[error("{0} does not come after the date before it")]
    Order(Date),
}

/// The holidays of whole years.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holidays {
    first: i16,
    last: i16,
    /// By date, each date once.
    days: Vec<Holiday>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    first: i16,
    last: i16,
    days: Vec<(String, String, String)>,
}

impl Holidays {
    /// The table that came with the program.
    pub fn korea() -> &'static Self {
        &KOREA
    }

    /// Reads a table: `first` and `last` (years) and `days`, rows of date, Korean and English name, by date.
    pub fn parse(text: &str) -> Result<Self, HolidayError> {
        let file: File =
            toml::from_str(text).map_err(|error| HolidayError::Form(error.message().to_owned()))?;
        let mut days: Vec<Holiday> = Vec::with_capacity(file.days.len());
        for (date, ko, en) in file.days {
            let date: Date = date.parse().map_err(|_| HolidayError::Date(date))?;
            if !(file.first..=file.last).contains(&date.year()) {
                return Err(HolidayError::Outside(date));
            }
            if days.last().is_some_and(|before| before.date >= date) {
                return Err(HolidayError::Order(date));
            }
            days.push(Holiday { date, ko, en });
        }
        Ok(Self { first: file.first, last: file.last, days })
    }

    /// Whether the holidays of a year are known. Of other years weekends are all that is seen.
    pub const fn knows(&self, year: i16) -> bool {
        self.first <= year && year <= self.last
    }

    /// The first and the last year that are known.
    pub const fn years(&self) -> (i16, i16) {
        (self.first, self.last)
    }

    /// The holiday of a date, be it on a weekend too.
    pub fn on(&self, date: Date) -> Option<&Holiday> {
        let at = self.days.binary_search_by_key(&date, |day| day.date).ok()?;
        self.days.get(at)
    }

    /// The holidays from a date to another, both included, by date.
    pub fn between(&self, first: Date, last: Date) -> &[Holiday] {
        let from = self.days.partition_point(|day| day.date < first);
        let until = self.days.partition_point(|day| day.date <= last);
        self.days.get(from..until).unwrap_or_default()
    }

    /// Why a date is off; `None` on a working day. Saturdays are off: banks do not work.
    pub fn day_off(&self, date: Date) -> Option<DayOff> {
        match date.weekday() {
            Weekday::Saturday => Some(DayOff::Saturday),
            Weekday::Sunday => Some(DayOff::Sunday),
            _ => self.on(date).map(|_| DayOff::Holiday),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_year_2026_as_everybody_knows_it() {
        let days: Vec<String> = Holidays::korea()
            .between(date(2026, 1, 1), date(2026, 12, 31))
            .iter()
            .map(|day| format!("{} {}", day.date.strftime("%m-%d"), day.ko))
            .collect();
        assert_eq!(
            days,
            [
                "01-01 신정",
                "02-16 설날 연휴",
                "02-17 설날",
                "02-18 설날 연휴",
                "03-01 삼일절",
                "03-02 대체공휴일(삼일절)",
                "05-01 노동절",
                "05-05 어린이날",
                "05-24 부처님오신날",
                "05-25 대체공휴일(부처님오신날)",
                "06-03 지방선거",
                "06-06 현충일",
                "07-17 제헌절",
                "08-15 광복절",
                "08-17 대체공휴일(광복절)",
                "09-24 추석 연휴",
                "09-25 추석",
                "09-26 추석 연휴",
                "10-03 개천절",
                "10-05 대체공휴일(개천절)",
                "10-09 한글날",
                "12-25 성탄절",
            ]
        );
    }

    /// Holidays with a fixed date, and the three days of each of the two great ones, in every year.
    #[test]
    fn every_known_year_is_whole() {
        let korea = Holidays::korea();
        let (first, last) = korea.years();
        assert!(first <= 2024 && last >= 2028);
        for year in first..=last {
            assert!(korea.knows(year));
            for (month, day) in [(1, 1), (3, 1), (5, 5), (6, 6), (8, 15), (10, 3), (10, 9), (12, 25)] {
                assert!(korea.on(date(year, month, day)).is_some(), "{year}-{month}-{day}");
            }
            let of_year = korea.between(date(year, 1, 1), date(year, 12, 31));
            for name in ["설날", "추석"] {
                let feast = of_year.iter().find(|day| day.ko.split(", ").any(|part| part == name)).unwrap();
                for near in [feast.date.yesterday().unwrap(), feast.date.tomorrow().unwrap()] {
                    assert_eq!(korea.on(near).unwrap().ko, format!("{name} 연휴"), "{near}");
                }
            }
            // A substitute is a weekday: it stands in for a weekend.
            for day in of_year.iter().filter(|day| day.ko.starts_with("대체공휴일")) {
                assert_eq!(korea.day_off(day.date), Some(DayOff::Holiday), "{}", day.date);
                assert!(day.en.starts_with("Substitute holiday"), "{}", day.en);
            }
        }
        assert!(!korea.knows(first - 1) && !korea.knows(last + 1));
    }

    #[test]
    fn days_off() {
        let korea = Holidays::korea();
        for (day, why) in [
            (date(2026, 12, 24), None),
            (date(2026, 12, 25), Some(DayOff::Holiday)),
            (date(2026, 12, 26), Some(DayOff::Saturday)),
            (date(2026, 12, 27), Some(DayOff::Sunday)),
            (date(2025, 1, 27), Some(DayOff::Holiday)),
            (date(2027, 2, 9), Some(DayOff::Holiday)),
            // Beyond the table there are weekends only.
            (date(2040, 1, 1), Some(DayOff::Sunday)),
            (date(2041, 1, 1), None),
        ] {
            assert_eq!(korea.day_off(day), why, "{day}");
        }
    }

    #[test]
    fn both_ends_of_a_span_belong_to_it() {
        let of = |first, last| Holidays::korea().between(first, last).len();
        assert_eq!(of(date(2026, 2, 16), date(2026, 2, 18)), 3);
        assert_eq!(of(date(2026, 2, 17), date(2026, 2, 17)), 1);
        assert_eq!(of(date(2026, 2, 18), date(2026, 2, 16)), 0);
    }

    #[test]
    fn a_damaged_table_is_refused() {
        let with = |days: &str| Holidays::parse(&format!("first = 2026\nlast = 2026\ndays = [{days}]"));
        assert_eq!(with(r#"["2026-01-01", "신정", "New Year"]"#).unwrap().days.len(), 1);
        assert_eq!(with(r#"["2026-02-30", "x", "x"]"#), Err(HolidayError::Date("2026-02-30".to_owned())));
        assert_eq!(with(r#"["2027-01-01", "x", "x"]"#), Err(HolidayError::Outside(date(2027, 1, 1))));
        let twice = r#"["2026-01-01", "x", "x"], ["2026-01-01", "y", "y"]"#;
        assert_eq!(with(twice), Err(HolidayError::Order(date(2026, 1, 1))));
        assert!(matches!(with(r#"["2026-01-01", "x"]"#), Err(HolidayError::Form(_))));
        assert!(matches!(Holidays::parse("days = []"), Err(HolidayError::Form(_))));
    }
}
