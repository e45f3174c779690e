//! The calendar as text, with the console's header and footer: in both languages, in the smallest terminal and a
//! large one, in both sets of glyphs.

use std::fmt::Write as _;

use crate::domain::bulk::{ActionEnd, BatchLeft, BulkEnd};
use crate::domain::intent::{Approval, IntentKind, Operator};
use crate::domain::listing::Freshness;
use crate::domain::money::Currency;
use crate::domain::outcome::Outcome;
use crate::domain::payment::PaymentId;
use crate::domain::problem::Problem;
use crate::i18n::Lang;
use crate::tui::glyphs::Glyphs;
use crate::tui::input::{Code, Key};
use crate::tui::msg::Timer;
use crate::tui::screen::calendar::model::Answer;
use crate::tui::screen::calendar::testing::{Console, WHOLE, november, offline, schedule};
use crate::tui::screen::keyin::testing::provider_key;
use crate::tui::testing::{kcp, now, refusal};

const SHOWN: [(Lang, (u16, u16), Glyphs); 5] = [
    (Lang::Ko, (80, 24), Glyphs::UNICODE),
    (Lang::En, (80, 24), Glyphs::UNICODE),
    (Lang::Ko, (80, 24), Glyphs::ASCII),
    (Lang::Ko, (120, 40), Glyphs::UNICODE),
    (Lang::En, (120, 40), Glyphs::UNICODE),
];

/// Compares a scene with what it looked like when somebody last looked at it.
fn shown(name: &str, make: impl Fn(Lang, (u16, u16)) -> Console, scene: impl Fn(&mut Console)) {
    let mut out = String::new();
    for (lang, size, glyphs) in SHOWN {
        let mut console = make(lang, size);
        scene(&mut console);
        let (rows, cursor) = console.screen(&glyphs);
        let screen = rows.join("\n");
        assert!(!screen.contains(WHOLE), "a key is never shown whole:\n{screen}");
        let cursor =
            cursor.map_or("no cursor".to_owned(), |at| format!("cursor at column {} row {}", at.x, at.y));
        let set = if glyphs.blocks { "" } else { " ascii" };
        let _ = writeln!(out, "=== {} {}x{}{set}, {cursor}", lang.tag(), size.0, size.1);
        for row in &rows {
            let _ = writeln!(out, "{}", format!("|{row}").trim_end());
        }
    }
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, out));
}

fn full(lang: Lang, size: (u16, u16)) -> Console {
    Console::sized(november(), lang, size)
}

fn empty(lang: Lang, size: (u16, u16)) -> Console {
    Console::sized(Vec::new(), lang, size)
}

/// The day with the most of everything.
fn busy(console: &mut Console) {
    console.types("gg");
    console.code(Code::Backspace);
    console.types("25");
    console.code(Code::Enter);
}

#[test]
fn the_month() {
    shown("month", full, busy);
    shown("month_counts", full, |console| {
        console.code(Code::F(8));
    });
    shown("month_empty", empty, |_| {});
}

#[test]
fn a_month_of_six_weeks_and_holidays() {
    // August 2026 begins on a Saturday and has a holiday and its substitute.
    shown("month_six_weeks", full, |console| {
        for _ in 0..3 {
            console.code(Code::PageUp);
        }
    });
}

#[test]
fn an_old_copy_without_a_connection() {
    let old = |lang, size| {
        let oldest = Some(now() - jiff::SignedDuration::from_hours(50));
        let mut console = Console::aged(november(), lang, size, Freshness { oldest, whole: false });
        console.timer(Timer::CalendarRest);
        let span = match console.asked().pop() {
            Some(crate::tui::screen::calendar::model::Ask::Refresh(span)) => span,
            other => panic!("{other:?}"),
        };
        console.answer(Answer::Refreshed(span, Err(offline())));
        console
    };
    shown("month_offline", old, |_| {});
}

#[test]
fn the_age_says_what_kept_it_from_being_newer() {
    for (lang, problem, said) in [
        (Lang::Ko, offline(), "연결 안 됨, "),
        (Lang::Ko, Problem::Died, "프로그램 오류, "),
        (Lang::En, Problem::Died, "program error, "),
        (Lang::Ko, Problem::Forbidden { profile: "main".to_owned() }, "불러오지 못함, "),
    ] {
        let oldest = Some(now() - jiff::SignedDuration::from_hours(50));
        let mut console = Console::aged(november(), lang, (80, 24), Freshness { oldest, whole: false });
        console.timer(Timer::CalendarRest);
        let asked = console.asked().pop();
        let Some(crate::tui::screen::calendar::model::Ask::Refresh(span)) = asked else {
            panic!("{asked:?}")
        };
        console.answer(Answer::Refreshed(span, Err(problem)));
        let (rows, _) = console.screen(&Glyphs::UNICODE);
        let age = rows.iter().find(|row| row.contains("2026-11-19 12:05")).expect("how old it is");
        assert!(age.contains(said), "{said}: {age}");
    }
}

#[test]
fn the_list_and_the_year() {
    shown("agenda", full, |console| console.code(Code::F(4)));
    shown("year", full, |console| {
        console.code(Code::F(4));
        console.code(Code::F(4));
    });
}

#[test]
fn the_day_and_one_of_it() {
    shown("day", full, |console| {
        busy(console);
        console.code(Code::Enter);
        console.types(" ");
    });
    shown("day_empty", full, |console| {
        console.code(Code::Right);
        console.code(Code::Enter);
    });
    shown("detail_failed", full, |console| {
        busy(console);
        console.code(Code::Enter);
        console.types("jj");
        console.code(Code::Enter);
    });
}

#[test]
fn a_date_is_typed() {
    shown("jump", full, |console| {
        console.code(Code::F(7));
        console.types("13월");
        console.code(Code::Enter);
    });
    shown("move_when", full, |console| {
        busy(console);
        console.code(Code::Enter);
        console.code(Code::F(7));
        console.types("+1주");
    });
}

/// All of the 25th are to be moved: what can't be is told.
fn asking(console: &mut Console) {
    busy(console);
    console.code(Code::Enter);
    console.types("a");
    console.code(Code::F(7));
    console.types("+7");
    console.code(Code::Enter);
    console.plans();
    console.timer(Timer::ConfirmArmed);
}

#[test]
fn a_question_its_progress_and_its_report() {
    shown("work_asking", full, asking);
    shown("work_running", full, |console| {
        asking(console);
        console.code(Code::Enter);
        let effect = run(console);
        console.answer(Answer::Step(effect, 1, 2));
        console.code(Code::Esc);
    });
    shown("work_ended", full, |console| {
        asking(console);
        console.code(Code::Enter);
        let effect = run(console);
        let id = |number: u8| PaymentId::mint([number; PaymentId::RANDOM_BYTES]);
        let end = |number, outcome| ActionEnd {
            id: id(number),
            kind: IntentKind::MoveSchedule,
            schedule: None,
            outcome,
            lost: None,
        };
        let ends = vec![
            end(0, Outcome::Approved(Approval::default())),
            end(1, Outcome::Declined(refusal())),
            end(2, Outcome::Unknown("timeout".to_owned())),
            end(3, Outcome::NotCharged(Problem::ScheduleGone)),
        ];
        console.answer(Answer::Ran(effect, Ok(Box::new(BulkEnd { batch: id(9), ends, left: 1 }))));
    });
}

fn run(console: &mut Console) -> crate::tui::msg::EffectId {
    match console.asked().pop() {
        Some(crate::tui::screen::calendar::model::Ask::Run(effect, _)) => effect,
        other => panic!("nothing is carried out but {other:?}"),
    }
}

#[test]
fn what_was_begun_and_not_ended_is_told_at_entry() {
    shown("left", full, |console| {
        let left = BatchLeft {
            batch: PaymentId::mint([7; PaymentId::RANDOM_BYTES]),
            kind: IntentKind::MoveSchedule,
            of: 500,
            left: 123,
            totals: vec![(Currency::Krw, 5_535_000)],
            created: now(),
            operator: Operator {
                user: "park".to_owned(),
                remote: None,
                host: "desk".to_owned(),
                process: "1".to_owned(),
            },
        };
        console.answer(Answer::Left(Ok(vec![left])));
    });
}

/// The form, with a key found and chosen.
fn booking(console: &mut Console) {
    console.code(Code::F(6));
    console.types("하늘");
    console.code(Code::Enter);
    let question = match console.asked().pop() {
        Some(crate::tui::screen::calendar::model::Ask::Keys(question, _)) => question,
        other => panic!("{other:?}"),
    };
    console.answer(Answer::Keys(question, Ok(vec![(provider_key(WHOLE), kcp())])));
}

#[test]
fn the_form_and_its_dates() {
    shown("form_choosing", full, booking);
    shown("form_series", full, |console| {
        booking(console);
        console.code(Code::Enter);
        console.types("45000");
        for _ in 0..2 {
            console.code(Code::Tab);
        }
        console.key(Key::ctrl('u'));
        console.types("2026-12-31");
        for _ in 0..2 {
            console.code(Code::Tab);
        }
        console.key(Key::ctrl('u'));
        console.types("14");
        for _ in 0..3 {
            console.code(Code::Tab);
        }
        console.code(Code::Right);
    });
    shown("form_mistake", full, |console| {
        console.code(Code::F(6));
        console.code(Code::F(9));
    });
}

#[test]
fn ten_thousand_in_a_month() {
    let many = |lang, size| {
        let all = (0..10_000u32).map(|id| {
            let day = i8::try_from(id % 30).unwrap() + 1;
            schedule(id, (11, day), "김하늘", 45_000, if day > 21 { "scheduled" } else { "succeeded" })
        });
        Console::sized(all.collect(), lang, size)
    };
    shown("month_full", many, |_| {});
}
