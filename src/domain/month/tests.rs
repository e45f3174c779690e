//! Grids, cursors, jumps and densities.

use jiff::civil::{Weekday, date};
use proptest::prelude::*;

use super::*;

fn month(year: i16, month: i8) -> Month {
    Month::new(year, month).unwrap()
}

#[test]
fn the_grid_of_november_2026() {
    let weeks = month(2026, 11).weeks();
    let rows: Vec<String> = weeks
        .iter()
        .map(|week| {
            let cell = |cell: &Cell| {
                if cell.inside { cell.date.day().to_string() } else { format!("({})", cell.date.day()) }
            };
            week.iter().map(cell).collect::<Vec<_>>().join(" ")
        })
        .collect();
    assert_eq!(
        rows,
        [
            "1 2 3 4 5 6 7",
            "8 9 10 11 12 13 14",
            "15 16 17 18 19 20 21",
            "22 23 24 25 26 27 28",
            "29 30 (1) (2) (3) (4) (5)",
        ]
    );
    assert_eq!(month(2026, 8).weeks().len(), 6);
    assert_eq!(month(2026, 2).weeks().len(), 5, "four would do");
    assert_eq!(month(2026, 2).weeks()[4].map(|cell| cell.inside), [false; 7]);
}

#[test]
fn a_month_keeps_the_day_that_is_wanted() {
    let start = Cursor::new(date(2027, 1, 31));
    let february = start.by_months(1);
    assert_eq!(february.date(), date(2027, 2, 28));
    assert_eq!(february.by_months(1).date(), date(2027, 3, 31));
    assert_eq!(february.by_months(-1).date(), date(2027, 1, 31));
    assert_eq!(start.by_months(13).date(), date(2028, 2, 29));
    assert_eq!(february.by_days(-1).by_months(1).date(), date(2027, 3, 27), "a day's move is a new wish");
    assert_eq!(february.to_month_start().date(), date(2027, 2, 1));
    assert_eq!(february.to_month_start().to_month_end().by_months(1).date(), date(2027, 3, 28));
}

#[test]
fn the_calendar_ends() {
    let (first, last) = (Cursor::new(Date::MIN), Cursor::new(Date::MAX));
    assert_eq!((first.date(), last.date()), (date(1900, 1, 1), date(2999, 12, 31)));
    assert_eq!(first.by_days(-1), first);
    assert_eq!(last.by_days(1), last);
    assert_eq!(last.by_weeks(1), last);
    assert_eq!(last.by_weeks(i32::MAX), last);
    assert_eq!(last.by_months(i32::MAX).date(), date(2999, 12, 31));
    assert_eq!(first.by_months(i32::MIN).date(), date(1900, 1, 1));
    assert_eq!(first.by_days(i32::MIN), first);
    assert_eq!(last.month().weeks().len(), 5);
    assert_eq!(Month::new(1899, 12), None);
    assert_eq!(Month::new(2026, 13), None);
}

#[test]
fn jumps_as_people_type_them() {
    let (today, looked_at) = (date(2026, 11, 21), date(2027, 2, 10));
    for (typed, wanted) in [
        ("2026-12-25", date(2026, 12, 25)),
        ("20261225", date(2026, 12, 25)),
        ("2026/12/25", date(2026, 12, 25)),
        ("2026. 12. 25.", date(2026, 12, 25)),
        ("26-12-25", date(2026, 12, 25)),
        ("2026년 12월 25일", date(2026, 12, 25)),
        ("２０２６－１２－２５", date(2026, 12, 25)),
        ("12-25", date(2027, 12, 25)),
        ("12/25", date(2027, 12, 25)),
        ("12.25", date(2027, 12, 25)),
        ("12월 25일", date(2027, 12, 25)),
        ("12월25일", date(2027, 12, 25)),
        ("25", date(2027, 2, 25)),
        ("5", date(2027, 2, 5)),
        ("25일", date(2027, 2, 25)),
        ("3월", date(2027, 3, 1)),
        ("2028-03", date(2028, 3, 1)),
        ("2028년 3월", date(2028, 3, 1)),
        ("오늘", today),
        (" Today ", today),
        ("내일", date(2026, 11, 22)),
        ("모레", date(2026, 11, 23)),
        ("어제", date(2026, 11, 20)),
        ("+3", date(2026, 11, 24)),
        ("-21", date(2026, 10, 31)),
        ("+3일", date(2026, 11, 24)),
        ("+2w", date(2026, 12, 5)),
        ("+2주", date(2026, 12, 5)),
        ("+1m", date(2026, 12, 21)),
        ("-1개월", date(2026, 10, 21)),
    ] {
        assert_eq!(parse_jump(typed, today, looked_at), Ok(wanted), "{typed}");
    }
    for (typed, why) in [
        ("", JumpError::Empty),
        ("  ", JumpError::Empty),
        ("30", JumpError::NotADate),
        ("2/30", JumpError::NotADate),
        ("13월", JumpError::NotADate),
        ("0", JumpError::NotADate),
        ("12/25/2026", JumpError::NotADate),
        ("어디", JumpError::NotADate),
        ("2026", JumpError::NotADate),
        ("20261325", JumpError::NotADate),
        ("+", JumpError::NotADate),
        ("+3x", JumpError::NotADate),
        ("+ 3", JumpError::NotADate),
        ("1066-10-14", JumpError::OutOfRange),
        ("+99999m", JumpError::OutOfRange),
        ("-99999주", JumpError::OutOfRange),
    ] {
        assert_eq!(parse_jump(typed, today, looked_at), Err(why), "{typed}");
    }
}

#[test]
fn how_busy_a_year_is() {
    let counts = [
        (date(2026, 12, 25), 100),
        (date(2026, 12, 25), 100),
        (date(2026, 12, 26), 50),
        (date(2026, 12, 27), 51),
        (date(2026, 1, 1), 1),
        (date(2027, 1, 1), 1_000),
    ];
    let density = YearDensity::new(2026, counts);
    assert_eq!(density.busiest(), 200);
    let steps = [(12, 25), (12, 26), (12, 27), (1, 1), (1, 2)]
        .map(|(month, day)| density.step(date(2026, month, day)));
    assert_eq!(steps, [4, 1, 2, 1, 0]);
    assert_eq!((density.month(12), density.month(1), density.month(2)), (301, 1, 0));
    assert_eq!((density.month(0), density.month(13), density.month(-1)), (0, 0, 0));
    assert_eq!((density.count(date(2027, 1, 1)), density.step(date(2027, 1, 1))), (0, 0));
    assert_eq!(YearDensity::new(2026, []).step(date(2026, 1, 1)), 0);
    let huge = YearDensity::new(2026, [(date(2026, 1, 1), u32::MAX), (date(2026, 1, 1), 1)]);
    assert_eq!((huge.busiest(), huge.step(date(2026, 1, 1))), (u32::MAX, 4));
}

proptest! {
    #[test]
    fn a_grid_is_its_month_in_whole_weeks(year in 1900i16..=2999, number in 1i8..=12) {
        let month = month(year, number);
        let weeks = month.weeks();
        prop_assert!(matches!(weeks.len(), 5 | 6));
        let cells: Vec<Cell> = weeks.iter().flatten().copied().collect();
        prop_assert_eq!(cells[0].date.weekday(), Weekday::Sunday);
        for pair in cells.windows(2) {
            prop_assert_eq!(pair[0].date.tomorrow().unwrap(), pair[1].date);
        }
        let inside: Vec<Date> = cells.iter().filter(|cell| cell.inside).map(|cell| cell.date).collect();
        prop_assert_eq!(inside.len(), usize::try_from(month.days()).unwrap());
        prop_assert_eq!((inside[0], *inside.last().unwrap()), (month.first(), month.last()));
        for (row, week) in weeks.iter().enumerate() {
            for (column, cell) in week.iter().enumerate() {
                prop_assert_eq!(month.place(cell.date), cell.inside.then_some((row, column)));
            }
        }
    }

    #[test]
    fn months_add_up(year in 2000i16..2100, number in 1i8..=12, there in -600i32..600, back in -600i32..600) {
        let start = month(year, number);
        prop_assert_eq!(start.plus(there).plus(back), start.plus(there + back));
        prop_assert_eq!(start.plus(1).first(), start.last().tomorrow().unwrap());
    }

    #[test]
    fn a_cursor_comes_back(days in 0i32..36_500, months in -600i32..600, weeks in -500i32..500) {
        let start = Cursor::new(date(2000, 1, 1).checked_add(Span::new().days(days)).unwrap());
        prop_assert_eq!(start.by_months(months).by_months(-months), start);
        prop_assert_eq!(start.by_weeks(weeks).by_weeks(-weeks), start);
        prop_assert_eq!(start.by_weeks(weeks).date().weekday(), start.date().weekday());
        let away = start.by_months(months);
        prop_assert_eq!(away.date().day(), start.date().day().min(away.month().days()));
    }

    #[test]
    fn a_date_written_out_is_found(days in 0i32..36_500, typed in "\\PC{0,12}|[+-]?[0-9]{0,8}[-/.월년일wm]{0,2}[0-9]{0,2}일?") {
        let day = date(2000, 1, 1).checked_add(Span::new().days(days)).unwrap();
        let today = date(2026, 11, 21);
        prop_assert_eq!(parse_jump(&day.to_string(), today, today), Ok(day));
        prop_assert_eq!(parse_jump(&day.strftime("%Y년 %-m월 %-d일").to_string(), today, today), Ok(day));
        prop_assert_eq!(parse_jump(&day.strftime("%-m/%-d").to_string(), today, day), Ok(day));
        prop_assert_eq!(parse_jump(&day.day().to_string(), today, day), Ok(day));
        if let Ok(found) = parse_jump(&typed, today, day) {
            prop_assert!(YEARS.contains(&found.year()));
        }
    }
}
