//! The daily close, and those that were kept.

use super::*;
use crate::domain::close::{Brief, KeptClose};

#[test]
fn a_close_whose_task_died_is_over_and_may_be_made_again() {
    let mut desk = kept_closes();
    desk.key(f(6));
    let asks = asked(&mut desk);
    let [Ask::Close(question, ..)] = &asks[..] else { panic!("{asks:?}") };
    tell(&mut desk, Answer::Closed(*question, Err(Problem::Died)));
    assert!(!closing(&desk).busy && seen(&desk).contains("대조하지 못했습니다"), "{}", seen(&desk));
    desk.key(f(6));
    assert!(matches!(&asked(&mut desk)[..], [Ask::Close(..)]));
}

#[test]
fn a_close_is_of_one_day_and_never_of_tomorrow() {
    let mut desk = Desk::new();
    open(&mut desk, &Copy::of(3));
    desk.key(f(6));
    desk.asked();
    desk.key(Key::plain(Code::Right));
    desk.key(Key::plain(Code::Left));
    desk.key(f(6));
    let asks = asked(&mut desk);
    let [Ask::Close(question, day, _)] = &asks[..] else { panic!("{asks:?}") };
    assert_eq!(day.to_string(), "2026-11-20");
    desk.key(f(6));
    assert!(asked(&mut desk).is_empty(), "once");
    // An answer to another question is not this day's.
    tell(&mut desk, Answer::Closed(question + 1, Err(Problem::Busy)));
    let Place::Close(closing) = &history(&desk).place else { panic!("no close") };
    assert!(closing.busy && closing.found.is_none());
}

/// The page of the close with three closes that were kept; the last one can't be read.
fn kept_closes() -> Desk {
    let mut desk = Desk::new();
    open(&mut desk, &Copy::of(3));
    desk.key(f(6));
    let line = |seq, day: &str, basis| KeptClose {
        seq,
        day: day.parse().unwrap(),
        made_at: now(),
        operator: "kim".to_owned(),
        brief: basis,
    };
    let brief = |basis| Some(Brief { basis, wrong: 0, notices: 0 });
    let lines = vec![
        line(7, "2026-11-20", brief(CloseBasis::Changed)),
        line(4, "2026-11-20", brief(CloseBasis::Requested)),
        line(2, "2026-11-19", None),
    ];
    tell(&mut desk, Answer::Closes(Ok(Before { lines, days: Vec::new() })));
    desk.asked();
    desk
}

fn closing(desk: &Desk) -> &Closing {
    match &history(desk).place {
        Place::Close(closing) => closing,
        other => panic!("no close: {other:?}"),
    }
}

#[test]
fn every_close_that_was_kept_is_opened_again_and_left_one_level_at_a_time() {
    let mut desk = kept_closes();
    desk.key(Key::plain(Code::Left));
    desk.key(f(7));
    assert!(matches!(&asked(&mut desk)[..], [Ask::Closes(..)]), "somebody else may have closed one");
    assert_eq!((closing(&desk).face, closing(&desk).at), (CloseFace::Kept, 0), "the shown day's last");
    desk.key(DOWN);
    desk.key(ENTER);
    let asks = asked(&mut desk);
    let [Ask::Reopen(question, 4)] = &asks[..] else { panic!("{asks:?}") };
    assert_eq!((closing(&desk).basis, closing(&desk).busy), (CloseBasis::Requested, true));
    let day = closing(&desk).day;
    let span = crate::domain::close::day(day).unwrap();
    let close = crate::domain::close::Close {
        span,
        basis: CloseBasis::Requested,
        now: now(),
        sides: std::collections::BTreeMap::new(),
    };
    let found = ClosedDay { day, seq: 4, operator: "kim".to_owned(), close, earlier: None };
    tell(&mut desk, Answer::Closed(*question, Ok(Box::new(found))));
    assert!(asked(&mut desk).is_empty(), "nothing new was kept");
    assert!(closing(&desk).shows_kept() && !closing(&desk).busy);
    // Back to the list, to the page, to the payments.
    desk.key(ESC);
    assert_eq!((closing(&desk).face, closing(&desk).at), (CloseFace::Kept, 1));
    desk.key(ESC);
    assert_eq!((closing(&desk).face, closing(&desk).found.is_none()), (CloseFace::Day, true));
    desk.key(ESC);
    assert!(matches!(history(&desk).place, Place::List));
}

#[test]
fn the_close_that_is_shown_is_the_one_that_is_marked_when_the_list_comes_late() {
    let mut desk = kept_closes();
    let lines = closing(&desk).lines().to_vec();
    desk.key(f(6));
    let asks = asked(&mut desk);
    let [Ask::Close(question, day, basis)] = asks[..] else { panic!("{asks:?}") };
    let close = crate::domain::close::Close {
        span: crate::domain::close::day(day).unwrap(),
        basis,
        now: now(),
        sides: std::collections::BTreeMap::new(),
    };
    let found = ClosedDay { day, seq: 8, operator: "kim".to_owned(), close, earlier: None };
    tell(&mut desk, Answer::Closed(question, Ok(Box::new(found))));
    desk.key(f(7));
    assert_eq!(closing(&desk).marked().map(|line| line.seq), Some(7), "not there yet");
    let brief = lines[0].brief;
    let new = KeptClose { seq: 8, day, made_at: now(), operator: "kim".to_owned(), brief };
    let with = |new: KeptClose| std::iter::once(new).chain(lines.clone()).collect::<Vec<_>>();
    let come = |desk: &mut Desk, lines| {
        tell(desk, Answer::Closes(Ok(Before { lines, days: Vec::new() })));
        closing(desk).marked().unwrap().seq
    };
    assert_eq!(come(&mut desk, with(new.clone())), 8);
    // Once the mark was moved it stays where it is.
    desk.key(DOWN);
    assert_eq!(come(&mut desk, with(KeptClose { seq: 9, ..new })), 7);
}

#[test]
fn a_close_that_cannot_be_read_is_not_opened_and_says_so() {
    let mut desk = kept_closes();
    desk.key(f(7));
    desk.asked();
    desk.key(Key::plain(Code::End));
    desk.key(ENTER);
    assert!(asked(&mut desk).is_empty());
    assert_eq!(closing(&desk).said.as_ref().map(|said| said.key), Some("history.close.unreadable"));
    desk.key(HOME);
    assert_eq!((closing(&desk).said.as_ref(), closing(&desk).at), (None, 0));
}

#[test]
fn closes_that_could_not_be_had_are_asked_for_again() {
    let mut desk = Desk::new();
    open(&mut desk, &Copy::of(3));
    desk.key(f(6));
    tell(&mut desk, Answer::Closes(Err(Problem::Busy)));
    desk.asked();
    desk.key(f(7));
    assert!(matches!(&asked(&mut desk)[..], [Ask::Closes(..)]));
    assert!(closing(&desk).before.is_none());
}
