//! The rules against an oracle that shares no arithmetic with them, and the sentences people write.

use std::collections::BTreeSet;

use jiff::civil::date;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;

/// A calendar day as the oracle counts: days since 1 January of year 1, with no library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Civil {
    year: i64,
    month: i64,
    day: i64,
}

fn leap(year: i64) -> bool {
    if year % 100 == 0 { year % 400 == 0 } else { year % 4 == 0 }
}

fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 if leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl Civil {
    fn of(date: Date) -> Self {
        Self { year: date.year().into(), month: date.month().into(), day: date.day().into() }
    }

    fn next(self) -> Self {
        let Self { year, month, day } = self;
        if day < month_length(year, month) {
            Self { year, month, day: day + 1 }
        } else if month < 12 {
            Self { year, month: month + 1, day: 1 }
        } else {
            Self { year: year + 1, month: 1, day: 1 }
        }
    }

    fn previous(self) -> Self {
        let Self { year, month, day } = self;
        if day > 1 {
            Self { year, month, day: day - 1 }
        } else if month > 1 {
            Self { year, month: month - 1, day: month_length(year, month - 1) }
        } else {
            Self { year: year - 1, month: 12, day: 31 }
        }
    }

    /// Sakamoto's table: 0 is Sunday.
    fn weekday(self) -> i64 {
        let table = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
        let year = if self.month < 3 { self.year - 1 } else { self.year };
        (year + year / 4 - year / 100
            + year / 400
            + table[usize::try_from(self.month - 1).unwrap()]
            + self.day)
            % 7
    }

    /// Days since 1970-01-01 by counting whole years.
    fn days_since_epoch(self) -> i64 {
        let years: i64 = (1970..self.year).map(|year| if leap(year) { 366 } else { 365 }).sum();
        let months: i64 = (1..self.month).map(|month| month_length(self.year, month)).sum();
        years + months + self.day - 1
    }

    fn iso(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// Walks the calendar a day at a time from the anchor and picks the days that a rule wants.
fn walked(every: Every, anchor: Civil, count: usize) -> Vec<Civil> {
    let mut found = Vec::new();
    let (mut day, mut days, mut months, mut years) = (anchor, 0i64, 0i64, 0i64);
    while found.len() < count {
        let last = day.day == month_length(day.year, day.month);
        // The anchor's day, or the month's last when that comes sooner.
        let fits = day.day == anchor.day || (last && day.day < anchor.day);
        let each = i64::from(every.count());
        if match every {
            Every::Days(_) => days % each == 0,
            Every::Weeks(_) => days % 7 == 0 && (days / 7) % each == 0,
            Every::Months(_) => fits && months % each == 0,
            Every::Years(_) => fits && day.month == anchor.month && years % each == 0,
        } {
            found.push(day);
        }
        let next = day.next();
        days += 1;
        months += i64::from(next.month != day.month);
        years += i64::from(next.year != day.year);
        day = next;
    }
    found
}

fn off(day: Civil, holidays: &BTreeSet<String>) -> bool {
    matches!(day.weekday(), 0 | 6) || holidays.contains(&day.iso())
}

fn at(hour: i8, minute: i8) -> Time {
    Time::new(hour, minute, 0, 0).unwrap()
}

fn rule(text: &str) -> Recurrence {
    Recurrence::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn dates(text: &str, count: u32) -> Vec<String> {
    let rule = rule(text);
    (0..count).map(|index| rule.nth(index, Holidays::korea()).unwrap().date.to_string()).collect()
}

fn now(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// 10,000 rules, each with its first dates, its policy and its moments, as the oracle sees them.
#[test]
fn dates_are_those_of_a_calendar_walked_by_hand() {
    let every = prop_oneof![
        4 => (1u16..=14).prop_map(Every::Months),
        1 => (1u16..=6).prop_map(Every::Weeks),
        1 => (1u16..=45).prop_map(Every::Days),
        1 => (1u16..=5).prop_map(Every::Years),
    ];
    // Month ends mostly, and a February of a leap year often.
    let anchor = prop_oneof![
        3 => (2024i16..=2030, 1i8..=12, 28i8..=31),
        1 => (prop_oneof![Just(2024i16), Just(2028), Just(2000), Just(2096)], Just(2i8), 28i8..=29),
        1 => (1999i16..=2101, 1i8..=12, 1i8..=31),
    ]
    .prop_filter_map("no such day", |(year, month, day)| Date::new(year, month, day).ok());
    let policy = prop_oneof![Just(OffDay::SameDay), Just(OffDay::Before), Just(OffDay::After)];
    let cases = (every, anchor, policy, 0i8..24, 0i8..60, 1usize..14);
    let table = Holidays::korea();
    let (first, last) = table.years();
    let holidays: BTreeSet<String> =
        table.between(date(first, 1, 1), date(last, 12, 31)).iter().map(|day| day.date.to_string()).collect();
    TestRunner::new(Config { cases: 10_000, failure_persistence: None, ..Config::default() })
        .run(&cases, |(every, anchor, policy, hour, minute, count)| {
            let rule = Recurrence::new(every, anchor, at(hour, minute), policy).unwrap();
            for (index, nominal) in walked(every, Civil::of(anchor), count).into_iter().enumerate() {
                let one = rule.nth(u32::try_from(index).unwrap(), table).unwrap();
                let mut wanted = nominal;
                if policy != OffDay::SameDay {
                    while off(wanted, &holidays) {
                        wanted = if policy == OffDay::Before { wanted.previous() } else { wanted.next() };
                    }
                }
                prop_assert_eq!(one.nominal.to_string(), nominal.iso());
                prop_assert_eq!(one.date.to_string(), wanted.iso());
                prop_assert_eq!(one.moved.is_some(), wanted != nominal);
                let keeps = matches!(every, Every::Months(_) | Every::Years(_));
                prop_assert_eq!(one.month_end, keeps && nominal.day != i64::from(anchor.day()));
                // Nine hours before the same clock time in UTC.
                let minutes = wanted.days_since_epoch() * 1440 + i64::from(hour) * 60 + i64::from(minute);
                if wanted.year >= 1970 {
                    prop_assert_eq!(one.at.as_second(), (minutes - 9 * 60) * 60);
                }
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn an_anchor_on_the_31st_comes_back() {
    assert_eq!(
        dates("monthly from 2026-12-31 at 10:00", 6),
        ["2026-12-31", "2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]
    );
    assert_eq!(
        dates("yearly from 2028-02-29 at 10:00", 5),
        ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]
    );
    let second = rule("monthly from 2026-12-31 at 10:00").nth(2, Holidays::korea()).unwrap();
    assert!(second.month_end);
    assert_eq!((second.moved, second.period().as_str()), (None, "2027-02-28"), "a Sunday, and left there");
}

#[test]
fn days_off_as_the_policy_says() {
    // 설날 2027: Saturday 6 to Monday 8 February, with a substitute on Tuesday.
    for (policy, wanted) in [("same-day", "2027-02-06"), ("before", "2027-02-05"), ("after", "2027-02-10")] {
        let one =
            rule(&format!("monthly from 2027-02-06 at 10:00 {policy}")).nth(0, Holidays::korea()).unwrap();
        assert_eq!(one.date.to_string(), wanted);
        assert_eq!(one.moved, (policy != "same-day").then_some(DayOff::Saturday));
    }
    let christmas = rule("yearly from 2026-12-25 at 10:00 after").nth(0, Holidays::korea()).unwrap();
    assert_eq!((christmas.date.to_string().as_str(), christmas.moved), ("2026-12-28", Some(DayOff::Holiday)));
}

#[test]
fn midnight_in_korea_is_the_day_before_elsewhere() {
    let one = rule("daily from 2027-01-01 at 00:00").nth(0, Holidays::korea()).unwrap();
    assert_eq!(one.at.to_string(), "2026-12-31T15:00:00Z");
}

#[test]
fn two_charges_on_one_day_are_told() {
    let daily = rule("daily from 2026-12-04 at 10:00 after");
    let preview = daily.preview(0, 4, now("2026-11-21T00:00:00Z"), Holidays::korea()).unwrap();
    let days: Vec<i8> = preview.occurrences.iter().map(|one| one.date.day()).collect();
    assert_eq!(days, [4, 7, 7, 7], "a Friday; Saturday, Sunday and Monday fall together");
    assert_eq!(
        preview.warnings,
        [Warning::SameDate { index: 2, other: 1 }, Warning::SameDate { index: 3, other: 2 }]
    );
    // The one before the first shown counts as well.
    let later = daily.preview(3, 1, now("2026-11-21T00:00:00Z"), Holidays::korea()).unwrap();
    assert_eq!(later.warnings, [Warning::SameDate { index: 3, other: 2 }]);
}

#[test]
fn crossing_now_and_the_past_are_told() {
    // Now is Saturday the 5th, noon in Korea.
    let noon = now("2026-12-05T03:00:00Z");
    let told = |text: &str| rule(text).preview(0, 1, noon, Holidays::korea()).unwrap().warnings;
    assert_eq!(told("monthly from 2026-12-05 at 18:00 before"), [Warning::CrossesNow { index: 0 }]);
    assert_eq!(told("monthly from 2026-12-06 at 18:00 before"), [Warning::CrossesNow { index: 0 }]);
    assert_eq!(told("monthly from 2026-12-05 at 09:00 after"), [Warning::CrossesNow { index: 0 }]);
    assert_eq!(told("monthly from 2026-12-05 at 12:00"), [Warning::Past { index: 0 }], "now is over");
    assert_eq!(told("monthly from 2026-12-05 at 12:01"), []);
    assert_eq!(told("monthly from 2026-12-05 at 09:00 before"), [Warning::Past { index: 0 }]);
}

#[test]
fn a_move_into_another_month_and_unknown_holidays_are_told() {
    let early = now("2026-11-21T00:00:00Z");
    let end = rule("monthly from 2027-01-31 at 10:00 after");
    let preview = end.preview(0, 1, early, Holidays::korea()).unwrap();
    assert_eq!(preview.occurrences[0].date.to_string(), "2027-02-01");
    assert_eq!(preview.warnings, [Warning::OtherMonth { index: 0 }]);

    let (_, last) = Holidays::korea().years();
    let far = Recurrence::new(Every::Months(6), date(last, 4, 15), at(10, 0), OffDay::Before).unwrap();
    let unknown: Vec<Warning> = far.preview(0, 6, early, Holidays::korea()).unwrap().warnings;
    assert_eq!(
        unknown,
        [
            Warning::HolidaysUnknown { index: 2, year: last + 1 },
            Warning::HolidaysUnknown { index: 4, year: last + 2 }
        ]
    );
    let plain = Recurrence::new(Every::Months(6), date(last, 4, 15), at(10, 0), OffDay::SameDay).unwrap();
    assert_eq!(
        plain.preview(0, 6, early, Holidays::korea()).unwrap().warnings,
        [],
        "nobody asks for holidays"
    );
}

/// Five years at a glance; `benches/` has the time it takes.
#[test]
fn sixty_months() {
    let rule = rule("monthly from 2026-12-31 at 10:00 before");
    let preview = rule.preview(0, 60, now("2026-11-21T00:00:00Z"), Holidays::korea()).unwrap();
    let months: BTreeSet<(i16, i8)> =
        preview.occurrences.iter().map(|one| (one.date.year(), one.date.month())).collect();
    assert_eq!((preview.occurrences.len(), months.len()), (60, 60));
    assert_eq!(preview.warnings, [], "the holidays of five years are known");
}

#[test]
fn the_first_date_after_a_moment() {
    let monthly = rule("monthly from 2026-12-31 at 10:00");
    for (moment, index) in [
        ("2020-01-01T00:00:00Z", 0),
        ("2026-12-31T00:59:59Z", 0),
        ("2026-12-31T01:00:00Z", 1),
        ("2036-12-31T01:00:00Z", 121),
    ] {
        assert_eq!(monthly.first_after(now(moment), Holidays::korea()), Ok(index), "{moment}");
    }
    let rare = rule("every 999 years from 2026-12-31 at 10:00");
    assert_eq!(rare.first_after(now("6500-01-01T00:00:00Z"), Holidays::korea()), Ok(5));
    assert_eq!(rare.first_after(Timestamp::MAX, Holidays::korea()), Err(RecurrenceError::OutOfRange));
}

#[test]
fn what_is_no_rule() {
    let new = |every, time| Recurrence::new(every, date(2026, 12, 31), time, OffDay::SameDay).map(|_| ());
    assert_eq!(new(Every::Months(0), at(10, 0)), Err(RecurrenceError::Count));
    assert_eq!(new(Every::Days(1_000), at(10, 0)), Err(RecurrenceError::Count));
    assert_eq!(new(Every::Days(1), Time::new(10, 0, 1, 0).unwrap()), Err(RecurrenceError::Seconds));
    let far = rule("every 999 years from 2026-12-31 at 10:00");
    for index in [9, 1_000_000, u32::MAX] {
        assert_eq!(far.nth(index, Holidays::korea()), Err(RecurrenceError::OutOfRange));
    }
    assert!(far.preview(0, 20, now("2026-11-21T00:00:00Z"), Holidays::korea()).is_err());
}

#[test]
fn intervals_as_people_write_them() {
    for (typed, every) in [
        ("daily", Every::Days(1)),
        ("매일", Every::Days(1)),
        ("격일", Every::Days(2)),
        ("every day", Every::Days(1)),
        ("Every 10 Days", Every::Days(10)),
        ("10일마다", Every::Days(10)),
        ("10d", Every::Days(10)),
        ("weekly", Every::Weeks(1)),
        ("매주", Every::Weeks(1)),
        ("격주", Every::Weeks(2)),
        ("every  2  weeks", Every::Weeks(2)),
        ("2주마다", Every::Weeks(2)),
        ("2 주 마다", Every::Weeks(2)),
        ("2w", Every::Weeks(2)),
        ("monthly", Every::Months(1)),
        (" 매월 ", Every::Months(1)),
        ("매달", Every::Months(1)),
        ("격월", Every::Months(2)),
        ("quarterly", Every::Months(3)),
        ("매분기", Every::Months(3)),
        ("3개월마다", Every::Months(3)),
        ("３달마다", Every::Months(3)),
        ("every 1 month", Every::Months(1)),
        ("12m", Every::Months(12)),
        ("yearly", Every::Years(1)),
        ("매년", Every::Years(1)),
        ("격년", Every::Years(2)),
        ("2년마다", Every::Years(2)),
        ("1y", Every::Years(1)),
    ] {
        assert_eq!(Every::parse(typed), Ok(every), "{typed}");
    }
    for typed in [
        "",
        "10일",
        "매월 10일",
        "every",
        "every 2",
        "2",
        "2x",
        "days",
        "마다",
        "every 2주",
        "-1d",
        "2 weeks",
    ] {
        assert_eq!(Every::parse(typed), Err(RecurrenceError::NotARule), "{typed}");
    }
    for typed in ["0d", "every 0 months", "1000일마다", "99999999999999999999w"] {
        assert_eq!(Every::parse(typed), Err(RecurrenceError::Count), "{typed}");
    }
}

#[test]
fn rules_as_people_write_them() {
    for (typed, canonical) in [
        ("monthly from 2026-12-31 at 10:00", "monthly from 2026-12-31 at 10:00"),
        ("monthly from 2026-12-31 at 10:00 same-day", "monthly from 2026-12-31 at 10:00"),
        ("every 2 weeks 2026-12-04 9:30 after", "every 2 weeks from 2026-12-04 at 09:30 after"),
        ("매월 2026-12-31부터 10:00 직전영업일", "monthly from 2026-12-31 at 10:00 before"),
        ("3개월마다 2026-12-31부터 10시에 다음 영업일", "every 3 months from 2026-12-31 at 10:00 after"),
    ] {
        assert_eq!(rule(typed).to_string(), canonical, "{typed}");
    }
    for typed in [
        "",
        "monthly",
        "monthly from 2026-12-31",
        "from 2026-12-31 at 10:00",
        "monthly from 2026-02-30 at 10:00",
        "monthly from 2026-12-31 at 25:00",
        "monthly from 2026-12-31 at 10:00 sometimes",
        "monthly from 2026-12-31 at 10:00 before after",
    ] {
        assert_eq!(Recurrence::parse(typed), Err(RecurrenceError::NotARule), "{typed}");
    }
}

proptest! {
    #[test]
    fn what_is_printed_is_read(
        kind in 0..4, count in 1..=MAX_EVERY, days in 0i32..40_000, minute in 0i16..1440, policy in 0usize..3,
    ) {
        let every = match kind {
            0 => Every::Months(count),
            1 => Every::Weeks(count),
            2 => Every::Days(count),
            _ => Every::Years(count),
        };
        let anchor = date(2000, 1, 1).checked_add(Span::new().days(days)).unwrap();
        let time = at(i8::try_from(minute / 60).unwrap(), i8::try_from(minute % 60).unwrap());
        let rule = Recurrence::new(every, anchor, time, OffDay::ALL[policy]).unwrap();
        prop_assert_eq!(Recurrence::parse(&rule.to_string()), Ok(rule));
    }

    #[test]
    fn no_input_panics(typed in "\\PC{0,40}|(every |매|격)?[0-9]{0,6} ?(일|주|개월|d|weeks)(마다)?( 2026-12-31부터 [0-9:시에]{1,6} \\PC{0,9})?") {
        let _ = Every::parse(&typed);
        let _ = Recurrence::parse(&typed);
    }

    #[test]
    fn dates_never_go_back_and_periods_never_repeat(
        count in 1u16..40, days in 0i32..4_000, first in 0u32..500, kind in 0..2, policy in 0usize..3,
    ) {
        let every = if kind == 0 { Every::Days(count) } else { Every::Months(count) };
        let anchor = date(2024, 1, 1).checked_add(Span::new().days(days)).unwrap();
        let rule = Recurrence::new(every, anchor, at(10, 0), OffDay::ALL[policy]).unwrap();
        let preview = rule.preview(first, 20, Timestamp::MIN, Holidays::korea()).unwrap();
        for pair in preview.occurrences.windows(2) {
            prop_assert!(pair[0].date <= pair[1].date && pair[0].nominal < pair[1].nominal);
            prop_assert_ne!(
                derived_id(&["rule"], &pair[0].period()),
                derived_id(&["rule"], &pair[1].period())
            );
            let told = preview.warnings.contains(&Warning::SameDate { index: pair[1].index, other: pair[0].index });
            prop_assert_eq!(told, pair[0].date == pair[1].date);
        }
    }
}
