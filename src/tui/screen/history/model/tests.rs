//! What the history does with keys and answers, without a screen.

mod by_hand;
mod close;
mod refund;

use super::super::testing::{Copy, cancellation, deposited, f, history, known, look, open, paid, tell};
use super::*;
use crate::domain::outcome::Outcome;
use crate::domain::payment::PaymentState;
use crate::domain::problem::Problem;
use crate::domain::record::CancellationState;
use crate::tui::input::{Code, Key};
use crate::tui::keymap::Tab;
use crate::tui::msg::{Msg, Timer};
use crate::tui::testing::{Desk, ENTER, ESC, now, setup, won};

const HOME: Key = Key::plain(Code::Home);
const DOWN: Key = Key::plain(Code::Down);

fn at(desk: &Desk) -> (String, usize) {
    let rows = &history(desk).rows;
    (rows.marked().unwrap().id.to_string(), rows.at() - rows.top())
}

/// The history's questions among what was asked.
fn asked(desk: &mut Desk) -> Vec<Ask> {
    let asks = desk.asked().into_iter().filter_map(|effect| match effect {
        Effect::History(ask) => Some(*ask),
        _ => None,
    });
    asks.collect()
}

#[test]
fn what_is_new_stands_above_and_moves_nothing() {
    let mut desk = Desk::new();
    let mut copy = Copy::of(40);
    open(&mut desk, &copy);
    desk.key(DOWN);
    desk.key(DOWN);
    let before = at(&desk);
    for number in 0..3 {
        let mut new = paid(0);
        new.id = SafeText::new(&format!("new{number}"));
        copy.add(new);
    }
    desk.key(f(5));
    let fresh = history(&desk).fresh;
    tell(&mut desk, Answer::Synced(Ok(fresh)));
    copy.serve(&mut desk);
    assert_eq!(at(&desk), before, "neither the mark nor the row under it moved");
    assert_eq!(history(&desk).rows.above(), 3);
    desk.key(HOME);
    copy.serve(&mut desk);
    assert_eq!((at(&desk).0.as_str(), history(&desk).rows.above()), ("new2", 0));
}

#[test]
fn every_letter_asks_the_copy_but_one_question_is_under_way_at_a_time() {
    let mut desk = Desk::new();
    let copy = Copy::of(8);
    open(&mut desk, &copy);
    desk.key(f(3));
    desk.types("홍");
    desk.types("길");
    desk.types("동");
    let questions = asked(&mut desk);
    let [Ask::List(number, _, query)] = &questions[..] else { panic!("{questions:?}") };
    assert_eq!(query, "홍");
    // Its answer is already old; the latest text is asked for, and nothing between.
    let found = Found { rows: RowList::default(), fresh: Fresh::default() };
    tell(&mut desk, Answer::List(*number, Ok(Box::new(found))));
    let questions = asked(&mut desk);
    let [Ask::List(next, _, query)] = &questions[..] else { panic!("{questions:?}") };
    assert_eq!((query.as_str(), *next > *number), ("홍길동", true));
    // An answer nobody waits for changes nothing.
    tell(&mut desk, Answer::List(*number, Err(Problem::Busy)));
    assert_eq!(history(&desk).problem, None);
}

#[test]
fn the_provider_is_asked_politely_and_only_while_somebody_is_there() {
    let mut desk = Desk::new();
    let copy = Copy::of(3);
    desk.key(super::super::testing::TO_HISTORY);
    assert!(asked(&mut desk).iter().any(|ask| matches!(ask, Ask::Sync(Depth::Usual))), "at the start");
    let whole = Fresh { whole: true, ..Fresh::default() };
    tell(&mut desk, Answer::Synced(Ok(whole)));
    let polls = |desk: &mut Desk| {
        let asked = desk.asked();
        asked.iter().any(|effect| matches!(effect, Effect::Set(Timer::HistoryPoll, _)))
    };
    assert!(polls(&mut desk));
    desk.timer(Timer::HistoryPoll);
    assert!(asked(&mut desk).iter().any(|ask| matches!(ask, Ask::Sync(Depth::Glance))));
    tell(&mut desk, Answer::Synced(Ok(whole)));
    copy.serve(&mut desk);
    // Eleven minutes without a key: nobody is there.
    desk.msg(Msg::Timer(Timer::Minute, now() + jiff::SignedDuration::from_mins(11)));
    desk.asked();
    desk.timer(Timer::HistoryPoll);
    assert!(asked(&mut desk).is_empty());
    desk.key(DOWN);
    assert!(polls(&mut desk), "a key wakes it");
    // Another tab is shown: nothing is asked.
    desk.key(Key::alt(Code::Char('1')));
    desk.asked();
    desk.timer(Timer::HistoryPoll);
    assert!(asked(&mut desk).is_empty());
}

fn seen(desk: &Desk) -> String {
    desk.screen(&crate::tui::glyphs::Glyphs::UNICODE).0.join("\n")
}

#[test]
fn that_there_is_no_payment_is_said_once_the_copy_was_asked_behind_the_reading() {
    const NONE: &str = "결제가 없습니다";
    let mut desk = Desk::new();
    let copy = Copy::of(0);
    desk.key(super::super::testing::TO_HISTORY);
    copy.serve(&mut desk);
    assert!(seen(&desk).contains("불러오는 중"), "{}", seen(&desk));
    // What was read may be the first payments: nobody knows before the copy is asked once more.
    let fresh = Fresh { up_to: Some(now()), ..Fresh::default() };
    tell(&mut desk, Answer::Synced(Ok(fresh)));
    let screen = seen(&desk);
    assert!(screen.contains("불러오는 중") && !screen.contains(NONE), "{screen}");
    copy.serve(&mut desk);
    assert!(seen(&desk).contains(NONE), "{}", seen(&desk));
    // A search in it changes nothing until it is answered.
    desk.key(f(3));
    desk.types("홍");
    assert!(!seen(&desk).contains("불러오는 중"), "{}", seen(&desk));
}

#[test]
fn a_question_whose_task_died_is_said_with_the_key_that_asks_again() {
    // The list itself.
    let mut desk = Desk::new();
    desk.key(super::super::testing::TO_HISTORY);
    let fresh = history(&desk).fresh;
    for ask in asked(&mut desk) {
        match ask {
            Ask::List(question, ..) => tell(&mut desk, Answer::List(question, Err(Problem::Died))),
            Ask::Sync(_) => tell(&mut desk, Answer::Synced(Ok(fresh))),
            other => panic!("{other:?}"),
        }
    }
    // The reading asked for it again, and that died as well.
    for ask in asked(&mut desk) {
        if let Ask::List(question, ..) = ask {
            tell(&mut desk, Answer::List(question, Err(Problem::Died)));
        }
    }
    let screen = seen(&desk);
    assert!(!screen.contains("불러오는 중") && screen.contains("다시 불러오세요(F5)"), "{screen}");
    desk.key(f(5));
    let copy = Copy::of(3);
    copy.serve(&mut desk);
    tell(&mut desk, Answer::Synced(Ok(fresh)));
    copy.serve(&mut desk);
    assert_eq!((history(&desk).problem.as_ref(), history(&desk).rows.len()), (None, 3));

    // What is in the rows.
    let mut desk = Desk::new();
    desk.key(super::super::testing::TO_HISTORY);
    for _ in 0..2 {
        for ask in asked(&mut desk) {
            match ask {
                Ask::List(question, ..) => {
                    let rows = (1..=3).rev().filter_map(crate::domain::listing::RowId::new).collect();
                    let found = Found { rows, fresh };
                    tell(&mut desk, Answer::List(question, Ok(Box::new(found))));
                }
                Ask::Rows(question, rows) => {
                    tell(&mut desk, Answer::Rows(question, rows, Err(Problem::Died)));
                }

                Ask::Sync(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }
    let screen = seen(&desk);
    assert!(!screen.contains("불러오는 중"), "{screen}");
    assert_eq!(screen.matches("읽지 못했습니다 (F5 다시)").count(), 3, "each row: {screen}");
    // There is a row, so that it is not said that there is none.
    desk.key(ENTER);
    assert_eq!(seen(&desk).matches("읽지 못했습니다 (F5 다시)").count(), 4, "{}", seen(&desk));
    assert!(screen.contains("새로 읽지 못한 목록입니다 (F5 다시)"), "{screen}");
}

#[test]
fn reading_is_stopped_by_the_key_that_began_it() {
    let mut desk = Desk::new();
    open(&mut desk, &Copy::of(3));
    desk.key(f(5));
    assert_eq!(asked(&mut desk), [Ask::Sync(Depth::Usual)]);
    desk.key(f(5));
    assert_eq!(asked(&mut desk), [Ask::StopSync]);
}

#[test]
fn a_cash_receipt_is_issued_for_what_is_left_and_its_number_forgotten() {
    let mut desk = Desk::new();
    open(&mut desk, &Copy(vec![deposited(0)]));
    look(&mut desk, known(deposited(0)));
    desk.key(f(7));
    desk.types("\r0101");
    desk.key(f(9));
    assert!(asked(&mut desk).iter().all(|ask| !matches!(ask, Ask::IssueReceipt(..))), "too short");
    desk.types("2345678");
    desk.key(f(9));
    desk.timer(Timer::ConfirmArmed);
    desk.key(ENTER);
    let asks = asked(&mut desk);
    let [Ask::IssueReceipt(effect, order)] = &asks[..] else { panic!("{asks:?}") };
    assert_eq!((order.amount, order.receipt.identity.as_str()), (won(45_000), "01012345678"));
    tell(&mut desk, Answer::Receipt(*effect, Outcome::Approved(crate::tui::testing::approval()).into()));
    let Place::Receipt(form) = &history(&desk).place else { panic!("no receipt") };
    assert!(form.identity.is_empty());
    assert!(matches!(form.phase, ReceiptPhase::End(_, Outcome::Approved(_))));
}

#[test]
fn an_export_needs_a_reason_and_leaves_people_out_at_first() {
    let mut desk = Desk::new();
    open(&mut desk, &Copy::of(3));
    desk.key(f(8));
    desk.key(f(9));
    assert!(asked(&mut desk).is_empty(), "no reason, no file");
    desk.types("월말 정산");
    desk.key(f(9));
    let asks = asked(&mut desk);
    let [Ask::Export(_, order)] = &asks[..] else { panic!("{asks:?}") };
    assert_eq!((order.rows.len(), order.reason.as_str()), (3, "월말 정산"));
    assert_eq!(order.path, "danmal-20261121-1405.csv");
    assert!(order.columns.iter().all(|column| !column.key.starts_with("customer")));
}

#[test]
fn earlier_exports_are_read_and_left_without_a_trace() {
    let mut desk = Desk::new();
    open(&mut desk, &Copy::of(3));
    desk.key(Key::shift(Code::F(8)));
    assert_eq!(asked(&mut desk), [Ask::Exports]);
    tell(&mut desk, Answer::Exports(Err(Problem::Busy)));
    desk.key(f(5));
    assert_eq!(asked(&mut desk), [Ask::Exports], "once more");
    desk.key(ESC);
    assert!(matches!(history(&desk).place, Place::List));
    // An answer that nobody waits for any more.
    tell(&mut desk, Answer::Exports(Ok(Vec::new())));
    assert!(matches!(history(&desk).place, Place::List));
}

#[test]
fn letters_reach_everything_through_the_hangul_layout() {
    let mut desk = Desk::new();
    open(&mut desk, &Copy::of(3));
    desk.types("ㅡ");
    assert!(matches!(history(&desk).place, Place::Close(_)), "m");
    desk.key(ESC);
    desk.types("ㄹ");
    assert!(matches!(history(&desk).place, Place::Filter(_)), "f");
}

#[test]
fn the_filter_names_its_basis_and_v1_has_one() {
    let mut one = setup();
    one.keyin.channels = vec![crate::tui::screen::keyin::testing::v1()];
    let mut desk = Desk::with(one);
    open(&mut desk, &Copy::of(3));
    desk.key(f(4));
    desk.key(DOWN);
    desk.key(Key::plain(Code::Right));
    assert_eq!(history(&desk).filter.basis, crate::domain::listing::Basis::Changed);
}

#[test]
fn a_timeline_is_in_order_and_what_has_no_time_comes_last() {
    let mut record = paid(2);
    record.cancellations = vec![
        cancellation(1_000, CancellationState::Succeeded),
        crate::domain::record::Cancellation {
            requested_at: None,
            ..cancellation(2_000, CancellationState::Requested)
        },
    ];
    let known = known(record);
    let events = timeline(&known);
    let times: Vec<_> = events.iter().map(|event| event.at).collect();
    let known_times: Vec<_> = times.iter().flatten().collect();
    assert!(known_times.is_sorted());
    assert_eq!(times.iter().rposition(Option::is_some), Some(known_times.len() - 1));
    assert!(matches!(events.last().unwrap().what, What::CancelAsked(one) if one.amount == won(2_000)));
    assert!(matches!(events.first().unwrap().what, What::Meant(_)));
}
