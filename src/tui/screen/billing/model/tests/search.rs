//! Searching and filtering the list.

use std::time::Duration;

use super::*;
use crate::domain::billing_key::KeyText;
use crate::domain::pg::PgCode;
use crate::tui::model::Setup;

fn searching(text: &str) -> Desk {
    let mut desk = desk(3);
    desk.key(F3);
    desk.types(text);
    desk
}

#[test]
fn what_is_typed_is_searched_for_once_it_stands_still() {
    let mut desk = searching("010-12");
    assert!(
        desk.asked()
            .iter()
            .all(|effect| { *effect == Effect::Set(Timer::BillingSearch, Duration::from_millis(250)) })
    );
    desk.timer(Timer::BillingSearch);
    let (question, search) = desk.page_asked();
    assert_eq!((search.text, search.page), (Some(KeyText::Phone("01012".to_owned())), 0));
    desk.types("3");
    desk.timer(Timer::BillingSearch);
    let (later, _) = desk.page_asked();
    assert!(later > question);
    let one = KeyPage { keys: vec![listed(1)], total: Some(1), more: false };
    desk.answers(Answer::Page(question, 0, Ok(one.clone())));
    assert_eq!(desk.billing().list.len(), 0, "an answer to what was typed before is dropped");
    desk.answers(Answer::Page(question, 0, Err(unreachable())));
    assert_eq!(desk.billing().problem, None);
    desk.answers(Answer::Page(later, 0, Ok(one)));
    assert_eq!(desk.billing().list.len(), 1);
}

#[test]
fn what_is_searched_in_follows_the_text_until_it_is_chosen() {
    let mut desk = searching("cust");
    assert_eq!(desk.billing().search.within(), SearchIn::Name);
    desk.types("0042");
    assert_eq!(desk.billing().search.within(), SearchIn::CustomerId);
    desk.key(TAB);
    assert_eq!(desk.billing().search.within(), SearchIn::Card);
    desk.types("하");
    assert_eq!(desk.billing().search.within(), SearchIn::Card, "chosen is chosen");
}

#[test]
fn enter_asks_at_once_and_esc_asks_for_everything_again() {
    let mut desk = searching("홍길동");
    desk.asked();
    desk.key(ENTER);
    assert!(desk.asked.contains(&Effect::Unset(Timer::BillingSearch)));
    let (_, search) = desk.page_asked();
    assert_eq!(search.text, Some(KeyText::Name("홍길동".to_owned())));
    assert!(matches!(desk.billing().place, Place::List));
    desk.key(ESC);
    assert_eq!(desk.page_asked().1.text, None);
    assert!(desk.billing().search.is_empty());
    desk.key(ESC);
    assert_eq!(desk.asks(), [], "there is nothing further out");
}

#[test]
fn enter_keeps_a_list_that_is_what_was_searched_for() {
    let mut desk = searching("홍길동");
    desk.timer(Timer::BillingSearch);
    desk.lists(&[listed(0)]);
    desk.key(ENTER);
    assert_eq!(desk.asks(), []);
    assert_eq!(desk.billing().marked(), Some(&listed(0)));
}

#[test]
fn a_search_left_with_esc_is_over() {
    let mut desk = searching("홍");
    desk.key(ESC);
    assert!(desk.billing().search.is_empty() && matches!(desk.billing().place, Place::List));
    assert_eq!(desk.page_asked().1.text, None);
    desk.key(F3);
    desk.key(ESC);
    assert_eq!(desk.asks(), [], "nothing was typed, nothing changes");
}

#[test]
fn a_paste_is_searched_for_and_a_card_number_never() {
    let mut desk = searching("");
    desk.paste("  010-1234-5678\n");
    assert_eq!(desk.page_asked().1.text, Some(KeyText::Phone("01012345678".to_owned())));
    desk.key(ESC);
    desk.key(F3);
    desk.asks();
    desk.paste(NUMBER);
    assert_eq!(said(&desk), Some("edit.card-number"));
    assert!(!desk.billing().search.text.text().contains(&NUMBER[..8]));
    let asked = format!("{:?}", desk.asks());
    assert!(!asked.contains(&NUMBER[..8]) && !asked.contains(&NUMBER[8..]), "{asked}");
    let mut refused = false;
    for ch in NUMBER.chars() {
        desk.key(Key::char(ch));
        refused |= said(&desk) == Some("edit.card-number");
    }
    let left = desk.billing().search.text.text();
    assert!(refused && left.len() < 4, "typed it goes the same way: {left}");
}

#[test]
fn the_filter_asks_anew_with_every_turn() {
    let mut desk = Desk::with(Setup {
        keyin: keyin::Setup {
            channels: vec![kcp(), plain_live(), Channel { pg: PgCode::new("NICE_V2"), ..kcp() }],
            ..setup().keyin
        },
        ..setup()
    });
    desk.opens_list(1);
    desk.key(F4);
    let right = Key::plain(Code::Right);
    desk.key(right);
    assert_eq!(desk.page_asked().1.status, Some(KeyStatus::Deleted));
    desk.key(right);
    assert_eq!(desk.page_asked().1.status, None);
    desk.key(DOWN);
    desk.key(Key::plain(Code::Left));
    assert_eq!(desk.page_asked().1.pg, Some(PgCode::new("NICE_V2")), "each PG stands once");
    desk.key(DOWN);
    desk.key(DOWN);
    desk.key(right);
    let from = desk.page_asked().1.from;
    assert_eq!(from, "2026-11-20T15:00:00Z".parse().ok(), "today began at midnight in Korea");
    desk.key(right);
    assert_eq!(desk.page_asked().1.from, "2026-11-14T15:00:00Z".parse().ok());
    desk.key(ENTER);
    assert!(matches!(desk.billing().place, Place::List));
    assert_eq!(desk.asks(), []);
}
