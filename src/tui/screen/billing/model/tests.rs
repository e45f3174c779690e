//! The billing keys' tab, one transition a test: here the list and the look at one key.

mod delete;
mod forms;
mod search;

use super::*;
use crate::domain::billing_key::KeyStatus;
use crate::tui::input::{Code, Key};
use crate::tui::keymap::Tab;
use crate::tui::msg::{Msg, Timer};
use crate::tui::screen::billing::testing::{TO_KEYS, TO_PAYMENTS, known, listed, name_of};
use crate::tui::testing::{Desk, ENTER, ESC, NUMBER, TAB, approval, kcp, plain_live, setup};

const DOWN: Key = Key::plain(Code::Down);
const F3: Key = Key::plain(Code::F(3));
const F4: Key = Key::plain(Code::F(4));
const F5: Key = Key::plain(Code::F(5));
const F6: Key = Key::plain(Code::F(6));
const F7: Key = Key::plain(Code::F(7));
const F9: Key = Key::plain(Code::F(9));

fn desk(count: usize) -> Desk {
    let mut desk = Desk::new();
    desk.opens_list(count);
    desk.asked();
    desk
}

const fn unreachable() -> Problem {
    Problem::Unreachable { detail: String::new() }
}

fn said(desk: &Desk) -> Option<&'static str> {
    desk.billing().said.as_ref().map(|text| text.key)
}

#[test]
fn nothing_is_asked_before_the_tab_is_shown_and_the_list_once() {
    let mut desk = Desk::new();
    assert_eq!(desk.asks(), []);
    desk.key(TO_KEYS);
    let (_, search) = desk.page_asked();
    assert_eq!(search, KeySearch { status: Some(KeyStatus::Issued), ..KeySearch::default() });
    desk.key(TO_PAYMENTS);
    desk.key(TO_KEYS);
    assert_eq!((desk.model.tab, desk.asks()), (Tab::Billing, Vec::new()), "what is there stays");
}

#[test]
fn only_the_pages_in_sight_are_asked_for_and_few_are_held() {
    let keys: Vec<ProviderKey> = (0..1_234).map(listed).collect();
    let mut desk = Desk::new();
    desk.asked();
    desk.key(TO_KEYS);
    let (question, search) = desk.page_asked();
    let first = KeyPage { keys: keys[..100].to_vec(), total: Some(1_234), more: true };
    desk.answers(Answer::Page(question, search.page, Ok(first)));
    assert_eq!(desk.asks(), [], "the first page fills the screen");
    desk.key(Key::plain(Code::End));
    assert_eq!(desk.billing().list.at(), 1_233);
    let asks = desk.asks();
    let pages: Vec<u32> = asks
        .iter()
        .map(|ask| match ask {
            Ask::Page(same, search) if *same == question => search.page,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(pages, [12], "neither the pages between nor the same one twice");
    desk.key(DOWN);
    assert_eq!(desk.asks(), [], "it is under way");
    assert_eq!(desk.billing().marked(), None);
    desk.answers(Answer::Page(
        question,
        12,
        Ok(KeyPage { keys: keys[1_200..].to_vec(), total: Some(1_234), more: false }),
    ));
    assert_eq!(desk.billing().marked(), Some(&keys[1_233]));
    desk.key(Key::plain(Code::Home));
    for _ in 0..78 {
        desk.key(Key::plain(Code::PageDown));
        desk.lists(&keys);
        assert_eq!(desk.billing().marked(), Some(&keys[desk.billing().list.at()]));
    }
    assert_eq!(desk.billing().list.at(), 1_233);
    assert!(desk.billing().list.held().count() <= 600);
}

#[test]
fn a_page_that_does_not_come_is_said_and_asked_for_again() {
    let mut desk = Desk::new();
    desk.asked();
    desk.key(TO_KEYS);
    let (question, _) = desk.page_asked();
    desk.answers(Answer::Page(question, 0, Err(unreachable())));
    assert_eq!(desk.billing().problem, Some(unreachable()));
    desk.key(F5);
    assert_eq!(desk.billing().problem, None);
    desk.lists(&[listed(7)]);
    assert_eq!(desk.billing().marked(), Some(&listed(7)));
}

#[test]
fn a_refresh_keeps_the_mark_and_what_is_seen() {
    let mut desk = desk(300);
    for _ in 0..150 {
        desk.key(DOWN);
        desk.asks();
    }
    let keys: Vec<ProviderKey> = (0..300).map(listed).collect();
    desk.key(F5);
    assert_eq!(desk.billing().list.at(), 150);
    let (_, search) = desk.page_asked();
    assert_eq!(search.page, 1);
    desk.key(F5);
    desk.lists(&keys[..120]);
    assert_eq!(desk.billing().list.at(), 119, "the list became shorter");
    assert_eq!(desk.billing().marked(), Some(&keys[119]));
}

#[test]
fn a_key_is_looked_at_and_answers_about_others_are_dropped() {
    let mut desk = desk(3);
    desk.key(DOWN);
    desk.key(ENTER);
    desk.answers(Answer::Detail(name_of(2), Ok(Some(Box::new(known(listed(2), kcp(), 0))))));
    let detail = |desk: &Desk| match &desk.billing().place {
        Place::Detail(detail) => (**detail).clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(detail(&desk).known, None);
    desk.looks(Ok(Some(known(listed(1), kcp(), 2))));
    assert_eq!(detail(&desk).known.unwrap().schedules.unwrap().len(), 2);
    desk.key(F5);
    desk.looks(Ok(None));
    assert_eq!(detail(&desk).problem, Some(Problem::KeyGone));
    for key in [F7, F9] {
        desk.key(key);
        assert!(matches!(desk.billing().place, Place::Detail(_)), "what is gone is not charged or deleted");
    }
    desk.key(ESC);
    assert!(matches!(desk.billing().place, Place::List));
}

#[test]
fn a_key_is_whole_in_an_explicit_copy_alone() {
    let mut desk = desk(3);
    desk.key(ENTER);
    desk.looks(Ok(Some(known(listed(0), kcp(), 1))));
    let whole = name_of(0);
    assert!(!desk.heard.contains(whole.expose()), "neither messages nor effects spell a key");
    desk.asked();
    desk.key(Key::shift(Code::F(4)));
    assert!(desk.asked().contains(&Effect::Copy(whole.expose().to_owned())));
}

#[test]
fn a_page_whose_task_died_is_said_with_the_key_that_asks_again() {
    let mut desk = Desk::new();
    desk.asked();
    desk.key(TO_KEYS);
    let (question, search) = desk.page_asked();
    desk.answers(Answer::Page(question, search.page, Err(Problem::Died)));
    let screen = desk.screen(&crate::tui::glyphs::Glyphs::UNICODE).0.join("\n");
    assert!(!screen.contains("불러오는 중") && screen.contains("다시 불러오세요(F5)"), "{screen}");
    desk.key(Key::plain(Code::F(5)));
    desk.lists(&[listed(0)]);
    assert_eq!((desk.billing().problem.as_ref(), desk.billing().list.len()), (None, 1));
}
