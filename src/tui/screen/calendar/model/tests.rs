//! What keys and answers do to the calendar.

use jiff::civil::{Date, date};

use super::{Answer, Ask, Measure, Over, Stage, Verb, View, Want};
use crate::domain::bulk::{BatchLeft, BulkEnd};
use crate::domain::due;
use crate::domain::intent::{IntentKind, Operator};
use crate::domain::listing::Freshness;
use crate::domain::payment::PaymentId;
use crate::domain::problem::Problem;
use crate::domain::recurrence::OffDay;
use crate::domain::schedule::ScheduleGroup;
use crate::i18n::Lang;
use crate::tui::input::{Code, Key};
use crate::tui::keymap::{Action, Tab};
use crate::tui::msg::{Effect, EffectId, Msg, Timer};
use crate::tui::screen::calendar::testing::{Console, WHOLE, count, november, offline, schedule};
use crate::tui::screen::keyin::testing::provider_key;
use crate::tui::testing::{ENTER, ESC, kcp, now};

fn cursor(console: &Console) -> Date {
    console.model().cursor.date()
}

fn at_the_25th() -> Console {
    let mut console = Console::new(november());
    console.types("g");
    console.types("25");
    console.key(ENTER);
    console
}

/// The list of the 25th, which has five.
fn day() -> Console {
    let mut console = at_the_25th();
    console.key(ENTER);
    assert_eq!(console.model().list.as_ref().unwrap().len(), 5);
    console
}

#[test]
fn it_opens_from_the_copy_and_asks_only_when_that_is_old() {
    let mut console = Console::new(november());
    assert_eq!(console.desk.model.tab, Tab::Calendar);
    assert_eq!(count(&console, (11, 25), ScheduleGroup::Planned), 3, "at once");
    assert!(console.timers.contains(&Timer::CalendarRest));
    console.timer(Timer::CalendarRest);
    assert_eq!(console.asked(), [], "three minutes old");

    let old = Freshness { oldest: Some(now() - jiff::SignedDuration::from_mins(6)), whole: true };
    let mut console = Console::aged(november(), Lang::Ko, (80, 24), old);
    console.timer(Timer::CalendarRest);
    let asked = console.asked();
    let [Ask::Refresh(span)] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!(due::in_korea(span.from).date(), date(2026, 11, 1));
    assert_eq!(due::in_korea(span.until).date(), date(2026, 12, 6), "the end is not included");
    console.code(Code::F(5));
    assert_eq!(console.asked(), [], "one question at a time");
}

#[test]
fn what_comes_in_behind_moves_nothing() {
    let mut console = day();
    console.types("jj");
    let held = console.model().list.as_ref().unwrap().current().unwrap().id.clone();
    console.code(Code::F(5));
    let asked = console.asked();
    let [Ask::Refresh(span)] = asked.as_slice() else { panic!("{asked:?}") };
    let span = *span;
    // Row numbers are places in the copy here, so what is new goes behind.
    console.copy.push(schedule(99, (11, 25), "새 고객", 1_000, "scheduled"));
    console.answer(Answer::Refreshed(span, Ok(())));
    let list = console.model().list.as_ref().unwrap();
    assert_eq!((list.len(), list.current().unwrap().id.clone()), (6, held));
    assert_eq!(cursor(&console), date(2026, 11, 25));
    assert_eq!(count(&console, (11, 25), ScheduleGroup::Planned), 4);
}

#[test]
fn offline_is_said_and_what_is_known_stays() {
    let mut console = Console::new(november());
    console.code(Code::F(5));
    let asked = console.asked();
    let [Ask::Refresh(span)] = asked.as_slice() else { panic!("{asked:?}") };
    console.answer(Answer::Refreshed(*span, Err(offline())));
    assert_eq!(console.model().problem, Some(offline()));
    assert_eq!(count(&console, (11, 25), ScheduleGroup::Planned), 3);
    console.code(Code::F(5));
    assert!(matches!(console.asked().as_slice(), [Ask::Refresh(_)]), "it may be tried again");
}

#[test]
fn the_cursor_moves_by_days_weeks_and_months() {
    let mut console = Console::new(november());
    for (key, wanted) in [
        (Code::Right, date(2026, 11, 22)),
        (Code::Down, date(2026, 11, 29)),
        (Code::Up, date(2026, 11, 22)),
        (Code::Left, date(2026, 11, 21)),
        (Code::End, date(2026, 11, 30)),
        (Code::PageDown, date(2026, 12, 30)),
        (Code::PageDown, date(2027, 1, 30)),
        (Code::PageDown, date(2027, 2, 28)),
        (Code::PageUp, date(2027, 1, 30)),
        (Code::Home, date(2027, 1, 1)),
    ] {
        console.code(key);
        assert_eq!(cursor(&console), wanted, "{key:?}");
    }
    console.types("ㅅ");
    assert_eq!(cursor(&console), date(2026, 11, 21), "t, with Hangul on");
}

#[test]
fn views_measures_and_currencies() {
    let mut console = Console::new(november());
    console.types("ㅡ");
    assert_eq!(console.model().measure, Measure::Count);
    console.code(Code::F(8));
    assert_eq!(console.model().measure, Measure::Amount);
    console.shift(8);
    assert_eq!(console.model().currency.as_str(), "USD");
    console.types("u");
    assert_eq!(console.model().currency.as_str(), "KRW");
    console.types("v");
    assert_eq!(console.model().view, View::Agenda);
    assert_eq!(console.model().list.as_ref().unwrap().len(), 12, "the month's");
    console.code(Code::Right);
    assert_eq!(console.model().list.as_ref().unwrap().days, (date(2026, 12, 1), date(2026, 12, 31)));
    console.types("v");
    assert_eq!((console.model().view, console.model().list.is_none()), (View::Year, true));
    assert_eq!(console.model().sums.count(date(2026, 11, 25)), 5);
    console.code(Code::Down);
    assert_eq!(cursor(&console), date(2027, 1, 1), "a month a line");
    console.key(ENTER);
    assert_eq!(console.model().view, View::Month);
}

#[test]
fn jumps_to_dates_failures_and_busy_days() {
    let mut console = Console::new(november());
    console.code(Code::F(7));
    console.types("12월");
    console.key(ENTER);
    assert_eq!((cursor(&console), console.model().over.is_none()), (date(2026, 12, 1), true));
    console.types("g");
    console.types("없는날");
    console.key(ENTER);
    assert!(matches!(console.model().over, Some(Over::Jump(_))), "stays open");
    assert_eq!(console.model().said.as_ref().unwrap().key, "calendar.said.not-a-date");
    console.key(ESC);
    console.types("t");
    console.types("f");
    assert_eq!(cursor(&console), date(2026, 11, 25));
    console.types("ㄹ");
    assert_eq!(cursor(&console), date(2026, 11, 10), "from the beginning");
    assert_eq!(console.model().said.as_ref().unwrap().key, "calendar.said.from-start");
    console.types("b");
    assert_eq!(cursor(&console), date(2026, 11, 20));

    let mut console = Console::new(Vec::new());
    console.types("f");
    assert_eq!(console.model().said.as_ref().unwrap().key, "calendar.said.none-such");
}

#[test]
fn the_list_is_marked_filtered_and_searched() {
    let mut console = day();
    console.types(" ");
    let list = console.model().list.as_ref().unwrap();
    assert_eq!((list.at(), list.marks(), list.is_marked(0)), (1, 1, true));
    console.types("ㅁ");
    assert_eq!(console.model().list.as_ref().unwrap().marks(), 5, "a, with Hangul on");
    console.types("a");
    assert_eq!(console.model().list.as_ref().unwrap().marks(), 0);
    console.code(Code::F(8));
    let list = console.model().list.as_ref().unwrap();
    assert_eq!((list.group, list.len()), (Some(ScheduleGroup::Planned), 3));
    for (group, len) in [
        (Some(ScheduleGroup::Succeeded), 0),
        (Some(ScheduleGroup::Failed), 1),
        (Some(ScheduleGroup::Revoked), 1),
        (None, 5),
    ] {
        console.types("f");
        let list = console.model().list.as_ref().unwrap();
        assert_eq!((list.group, list.len()), (group, len));
    }
    console.code(Code::F(3));
    console.types("하늘");
    assert_eq!(console.model().list.as_ref().unwrap().len(), 1);
    console.key(ENTER);
    console.key(ESC);
    assert_eq!(console.model().list.as_ref().unwrap().len(), 5, "the search first");
    console.types("a");
    console.key(ESC);
    assert_eq!(console.model().list.as_ref().unwrap().marks(), 0, "then the marks");
    console.key(ESC);
    assert!(console.model().list.is_none(), "then the list");
}

#[test]
fn only_what_fits_the_state_is_offered_of_one() {
    let console = day();
    let model = &console.desk.model;
    assert!(model.offers(Action::Move) && model.offers(Action::Revoke) && model.offers(Action::ChargeNow));
    assert!(!model.offers(Action::Retry) && !model.offers(Action::Rebook));
    let mut console = day();
    console.types("jj");
    let model = &console.desk.model;
    assert!(!model.offers(Action::Move) && model.offers(Action::Retry) && model.offers(Action::Rebook));
    console.code(Code::F(9));
    assert!(console.model().over.is_none() && console.asked().is_empty());
}

#[test]
fn a_marked_set_is_looked_through_asked_and_carried_out() {
    let mut console = day();
    console.types("a");
    console.code(Code::F(9));
    let effect = console.plans();
    let work = |console: &Console| match &console.model().over {
        Some(Over::Work(work)) => work.clone(),
        other => panic!("{other:?}"),
    };
    let Stage::Asking { plan, armed: false } = work(&console).stage else { panic!() };
    assert_eq!((plan.count(), plan.refused().count()), (2, 3));
    console.key(ENTER);
    assert_eq!(console.asked(), [], "the key that opened it does not answer it");
    console.timer(Timer::ConfirmArmed);
    console.key(ENTER);
    let asked = console.asked();
    let [Ask::Run(running, sent)] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!((*running, sent), (effect, &plan));
    console.key(ENTER);
    assert_eq!(console.asked(), [], "once");
    assert!(!console.desk.model.offers(Action::Go(Tab::KeyIn)), "it is seen to its end");
    assert_eq!(console.desk.model.quitting_leaves(), Some("quit.flying"));

    console.answer(Answer::Step(EffectId(1), 2, 2));
    assert_eq!(work(&console).stage, Stage::Running { done: 0, of: 2, stopping: false }, "another's");
    console.answer(Answer::Step(effect, 1, 2));
    console.key(ESC);
    assert_eq!(console.asked(), [Ask::Stop(effect)]);
    assert_eq!(work(&console).stage, Stage::Running { done: 1, of: 2, stopping: true });
    console.key(ESC);
    assert_eq!(console.asked(), [], "once");
    let end = BulkEnd { batch: plan.batch.clone(), ends: Vec::new(), left: 1 };
    console.answer(Answer::Ran(effect, Ok(Box::new(end.clone()))));
    assert_eq!(work(&console).stage, Stage::Ended(Box::new(end)));
    console.key(ESC);
    assert!(console.model().over.is_none() && console.model().list.is_some());
}

#[test]
fn esc_before_the_answer_leaves_everything_as_it_is() {
    let mut console = day();
    console.code(Code::F(9));
    let (effect, want) = console.planning();
    assert!(matches!(&want, Want::With(Verb::Revoke, rows) if rows.len() == 1));
    console.key(ESC);
    assert!(console.model().over.is_none());
    console.answer(Answer::Plan(effect, Err(Problem::ScheduleGone)));
    assert!(console.model().over.is_none(), "a late answer opens nothing");
    assert_eq!(console.asked(), []);
}

#[test]
fn a_move_takes_days_or_a_date() {
    let mut console = day();
    console.types("ㅡ");
    console.types("어제쯤");
    console.key(ENTER);
    assert!(matches!(console.model().over, Some(Over::When(_))));
    console.key(Key::ctrl('u'));
    console.types("+3");
    console.key(ENTER);
    let (_, want) = console.planning();
    let Want::With(verb, rows) = want else { panic!() };
    assert_eq!((verb, rows.len()), (Verb::Move(super::Shift::Days(3)), 1));
}

#[test]
fn a_worker_that_died_leaves_an_unknown_end() {
    let mut console = day();
    console.code(Code::F(9));
    let effect = console.plans();
    console.timer(Timer::ConfirmArmed);
    console.key(ENTER);
    console.desk.msg(crate::tui::msg::Msg::Died(Some(effect)));
    assert!(matches!(&console.model().over, Some(Over::Work(work)) if work.stage == Stage::Lost));
    assert!(console.desk.asked().contains(&crate::tui::msg::Effect::Settle));
}

fn left() -> BatchLeft {
    BatchLeft {
        batch: PaymentId::mint([7; PaymentId::RANDOM_BYTES]),
        kind: IntentKind::MoveSchedule,
        of: 5,
        left: 2,
        totals: Vec::new(),
        created: now(),
        operator: Operator {
            user: "park".to_owned(),
            remote: None,
            host: "desk".to_owned(),
            process: "1".to_owned(),
        },
    }
}

#[test]
fn what_was_begun_is_gone_on_with_or_given_up() {
    let mut console = Console::new(november());
    console.answer(Answer::Left(Ok(vec![left()])));
    assert!(matches!(console.model().over, Some(Over::Left(_))));
    console.code(Code::F(6));
    let asked = console.asked();
    assert!(matches!(asked.as_slice(), [Ask::Resume(_, batch)] if *batch == left().batch), "{asked:?}");
    let effect = asked[0].effect().unwrap();
    console.answer(Answer::Ran(effect, Err(Problem::BatchRuns)));
    console.key(ESC);

    let mut console = Console::new(november());
    console.answer(Answer::Left(Ok(vec![left()])));
    console.key(ESC);
    assert!(console.model().over.is_none() && console.desk.model.offers(Action::Unfinished));
    console.answer(Answer::Left(Ok(vec![left()])));
    assert!(console.model().over.is_none(), "it is told once");
    console.shift(2);
    console.code(Code::F(9));
    assert_eq!(console.asked(), [], "asks first");
    console.key(ESC);
    console.code(Code::F(9));
    console.key(ENTER);
    let asked = console.asked();
    let [Ask::Drop(effect, batch)] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!(*batch, left().batch);
    console.answer(Answer::Dropped(*effect, Ok(2)));
    assert!(console.model().over.is_none() && console.model().left.is_empty());
}

/// The form with everything but the key.
fn form(console: &mut Console) {
    console.code(Code::F(6));
    console.types("하늘");
    console.key(ENTER);
    let question = match console.asked().pop() {
        Some(Ask::Keys(question, _)) => question,
        other => panic!("{other:?}"),
    };
    console.answer(Answer::Keys(question, Ok(vec![(provider_key(WHOLE), kcp())])));
    console.key(ENTER);
    console.types("4.5만");
}

#[test]
fn a_series_is_previewed_asked_and_its_ids_are_its_own() {
    let mut console = Console::new(november());
    form(&mut console);
    for text in ["", "2027-01-31", "", "3"] {
        console.code(Code::Tab);
        if !text.is_empty() {
            console.key(Key::ctrl('u'));
            console.types(text);
        }
    }
    console.code(Code::F(9));
    let (effect, want) = console.planning();
    let Want::Create(series) = want else { panic!() };
    let days: Vec<String> =
        series.preview(now()).unwrap().occurrences.iter().map(|one| one.date.to_string()).collect();
    assert_eq!(days, ["2027-01-31", "2027-02-28", "2027-03-31"]);
    let ids = |series: &super::Series| -> Vec<String> {
        let actions = series.actions("main", now()).unwrap();
        actions
            .into_iter()
            .map(|action| match action {
                crate::domain::bulk::Action::Create(order) => order.sale.payment_id.as_str().to_owned(),
                other => panic!("{other:?}"),
            })
            .collect()
    };
    let first = ids(&series);
    let moved = super::Series {
        rule: crate::domain::recurrence::Recurrence::new(
            series.rule.every(),
            series.rule.anchor(),
            series.rule.time(),
            OffDay::After,
        )
        .unwrap(),
        ..(*series).clone()
    };
    assert_eq!(ids(&moved), first, "what is done on days off makes no second charge of a period");
    let other = super::Series { order_name: "필터".to_owned(), ..(*series).clone() };
    assert!(ids(&other).iter().all(|id| !first.contains(id)));

    console.answer(Answer::Plan(effect, Err(offline())));
    console.key(ESC);
    assert!(matches!(&console.model().over, Some(Over::Form(form)) if form.key.is_some()), "as it was");
    console.key(ESC);
    assert_eq!(console.desk.model.quitting_leaves(), Some("quit.typed"));
    console.code(Code::F(6));
    assert!(matches!(&console.model().over, Some(Over::Form(form)) if form.key.is_some()), "nothing is lost");
}

#[test]
fn the_form_tells_the_first_mistake_and_goes_there() {
    let mut console = Console::new(november());
    console.code(Code::F(6));
    console.code(Code::F(9));
    let mistake = |console: &Console| match &console.model().over {
        Some(Over::Form(form)) => form.mistake.clone().map(|mistake| (mistake.field, form.focus)),
        other => panic!("{other:?}"),
    };
    assert_eq!(mistake(&console), Some((super::Field::Key, super::Field::Key)));
    let mut console = Console::new(november());
    form(&mut console);
    for _ in 0..2 {
        console.code(Code::Tab);
    }
    console.key(Key::ctrl('u'));
    console.types("2026-11-01");
    console.code(Code::F(9));
    assert_eq!(mistake(&console), Some((super::Field::First, super::Field::First)), "all of it is over");
    assert_eq!(console.asked(), []);
}

#[test]
fn of_ten_thousand_only_what_is_in_sight_is_held() {
    let all = (0..10_000u32).map(|id| {
        let day = i8::try_from(id % 30).unwrap() + 1;
        schedule(id, (11, day), "김하늘", 45_000, "scheduled")
    });
    let mut console = Console::new(all.collect());
    assert_eq!(count(&console, (11, 25), ScheduleGroup::Planned), 333);
    console.code(Code::F(4));
    let held = |console: &Console| {
        let list = console.model().list.as_ref().unwrap();
        (list.len(), (0..list.len()).filter(|row| list.get(*row).is_some()).count())
    };
    assert_eq!(held(&console), (10_000, 100));
    console.code(Code::End);
    for _ in 0..200 {
        console.code(Code::PageUp);
    }
    let (len, held) = held(&console);
    assert!(len == 10_000 && held <= 600, "{held}");
    console.types("a");
    assert_eq!(console.model().list.as_ref().unwrap().marks(), 10_000);
}

#[test]
fn a_question_whose_task_died_is_said_with_the_key_that_asks_again() {
    let seen = |console: &Console| console.screen(&crate::tui::glyphs::Glyphs::UNICODE).0.join("\n");
    let mut console = Console::new(november());
    let (question, _) = console.model().looking.unwrap();
    console.answer(Answer::Days(question, Err(Problem::Died)));
    assert!(seen(&console).contains("다시 불러오세요(F5)"), "{}", seen(&console));
    console.code(Code::F(5));
    let asked = console.asked();
    let [Ask::Refresh(span)] = asked.as_slice() else { panic!("{asked:?}") };
    console.answer(Answer::Refreshed(*span, Ok(())));
    assert_eq!(console.model().problem, None);

    // A page of the day's list.
    let mut console = at_the_25th();
    console.desk.msg(Msg::Key(ENTER));
    let mut died = 0;
    for _ in 0..3 {
        for effect in console.desk.asked() {
            let Effect::Calendar(ask) = effect else { continue };
            let answer = if let Ask::Page(question, number, _) = *ask {
                died += 1;
                Some(Answer::Page(question, number, Err(Problem::Died)))
            } else {
                console.answer_of(*ask)
            };
            let answers = answer.into_iter().map(|answer| Msg::Calendar(Box::new(answer)));
            answers.for_each(|answer| console.desk.msg(answer));
        }
    }
    assert_eq!(died, 1);
    assert!(seen(&console).contains("읽지 못했습니다 (F5 다시)"), "{}", seen(&console));
    // And read again.
    console.code(Code::F(5));
    let asked = console.asked();
    let [Ask::Refresh(span)] = asked.as_slice() else { panic!("{asked:?}") };
    console.answer(Answer::Refreshed(*span, Ok(())));
    let list = console.model().list.as_ref().unwrap();
    assert_eq!(list.get(0).map(|row| row.is_some()), Some(true), "{}", seen(&console));
}
