//! The billing keys' tab: one transition a test.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::domain::billing_key::{KeyStatus, KeyText};
use crate::domain::intent::IntentState;
use crate::domain::order::Requester;
use crate::domain::outcome::Look;
use crate::domain::payment::PaymentId;
use crate::domain::pg::PgCode;
use crate::tui::input::{Code, Key};
use crate::tui::keymap::Tab;
use crate::tui::model::{Overlay, Setup};
use crate::tui::msg::{Msg, Timer};
use crate::tui::screen::billing::testing::{TO_KEYS, TO_PAYMENTS, known, listed, name_of};
use crate::tui::screen::keyin::testing::v1;
use crate::tui::testing::{
    Desk, ENTER, ESC, NUMBER, REST, TAB, approval, earlier, kcp, plain_live, refusal, setup,
};

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

fn of_v1() -> Setup {
    let mut setup = setup();
    setup.keyin.channels = vec![v1()];
    setup
}

const fn unreachable() -> Problem {
    Problem::Unreachable { detail: String::new() }
}

fn searching(text: &str) -> Desk {
    let mut desk = desk(3);
    desk.key(F3);
    desk.types(text);
    desk
}

/// A deletion that was let go: its effect and its order.
fn sent(desk: &mut Desk) -> (EffectId, KeyDelete, Vec<ProviderSchedule>) {
    let asks = desk.asks();
    let [Ask::Delete(effect, order, schedules)] = asks.as_slice() else { panic!("one deletion: {asks:?}") };
    (*effect, (**order).clone(), schedules.clone())
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
fn charging_looks_at_the_key_first() {
    let mut desk = desk(3);
    desk.key(F7);
    assert!(desk.billing().form().is_none());
    let live = Channel { name: "issued-there".to_owned(), ..plain_live() };
    desk.looks(Ok(Some(known(listed(0), live.clone(), 0))));
    let form = desk.billing().form().expect("the form");
    assert_eq!((form.fields.channel(), form.fields.key().map(|key| &key.key)), (&live, Some(&name_of(0))));
    assert!(desk.model.is_live(), "the header follows the key's channel");
    desk.key(ESC);
    assert!(desk.billing().form().is_none(), "an untouched form is left at once");
    desk.asks();
    // Deleted meanwhile: there is nothing to charge.
    for gone in [Ok(None), Ok(Some(known(ProviderKey { deleted_at: Some(1), ..listed(0) }, kcp(), 0)))] {
        desk.key(F7);
        desk.looks(gone);
        assert!(matches!(desk.billing().place, Place::Detail(_)));
        desk.key(ESC);
    }
}

#[test]
fn a_key_that_the_list_has_as_deleted_is_not_even_looked_at() {
    let mut desk = Desk::new();
    desk.opens_keys(&[ProviderKey { deleted_at: Some(1), ..listed(0) }]);
    for key in [F7, F9] {
        desk.key(key);
        assert_eq!((desk.asks(), said(&desk)), (Vec::new(), Some("billing.said.gone")));
    }
}

#[test]
fn a_deletion_waits_until_all_is_known_and_the_key_that_opened_it_is_over() {
    let mut desk = desk(3);
    desk.key(ENTER);
    desk.key(F9);
    assert!(matches!(desk.billing().place, Place::Delete(_)), "the look goes on behind the question");
    desk.key(ENTER);
    assert!(desk.asks().iter().all(|ask| matches!(ask, Ask::Detail(_))), "nothing is known yet");
    desk.timer(Timer::ConfirmArmed);
    desk.key(ENTER);
    assert_eq!(desk.asks(), [], "what hangs on it is not known");
    desk.answers(Answer::Detail(name_of(0), Ok(Some(Box::new(known(listed(0), kcp(), 2))))));
    desk.key(ENTER);
    let (_, order, schedules) = sent(&mut desk);
    assert_eq!((order.key, order.channel, order.reason), (name_of(0), Some(kcp()), None));
    assert_eq!((order.requester, schedules.len()), (Some(Requester::Customer), 2));
    for _ in 0..3 {
        desk.key(ENTER);
        desk.key(ESC);
    }
    assert_eq!(desk.asks(), [], "once");
    assert!(desk.deletion().is_flying());
}

#[test]
fn schedules_that_could_not_be_read_stop_a_deletion() {
    let mut desk = desk(3);
    desk.key(F9);
    desk.looks(Ok(Some(Known { schedules: Err(unreachable()), ..known(listed(0), kcp(), 0) })));
    desk.timer(Timer::ConfirmArmed);
    desk.key(ENTER);
    assert_eq!(desk.asks(), []);
    assert_eq!(desk.deletion().problem, Some(unreachable()));
    desk.key(ESC);
    assert!(matches!(desk.billing().place, Place::List));
}

#[test]
fn reason_and_requester_go_with_it() {
    let mut desk = desk(3);
    desk.asks_to_delete(0);
    desk.types("고객 ");
    desk.paste("해지 요청\n");
    desk.key(TAB);
    desk.key(ENTER);
    let (_, order, schedules) = sent(&mut desk);
    assert_eq!((order.reason.as_deref(), schedules), (Some("고객 해지 요청"), Vec::new()));
    assert_eq!(order.requester, Some(Requester::Admin));
}

#[test]
fn a_card_number_is_no_reason() {
    let mut desk = desk(3);
    desk.asks_to_delete(0);
    desk.paste(NUMBER);
    assert_eq!(said(&desk), Some("edit.card-number"));
    desk.key(ENTER);
    let (_, order, _) = sent(&mut desk);
    let reason = order.reason.unwrap_or_default();
    assert!(!reason.contains(&NUMBER[..8]) && !reason.contains(&NUMBER[8..]), "{reason}");
}

#[test]
fn a_deleted_key_is_told_and_the_list_read_again() {
    let mut desk = desk(3);
    desk.asks_to_delete(1);
    desk.key(ENTER);
    let (effect, ..) = sent(&mut desk);
    desk.answers(Answer::Deleted(EffectId(effect.0 + 1), Outcome::Approved(approval())));
    assert!(desk.deletion().is_flying(), "the answer to something else");
    desk.answers(Answer::Deleted(effect, Outcome::Approved(approval())));
    assert!(matches!(desk.billing().place, Place::List));
    assert_eq!(said(&desk), Some("billing.said.deleted"));
    desk.page_asked();
}

#[test]
fn a_deletion_nobody_saw_the_end_of_is_looked_for_and_not_sent_again() {
    let ends = [
        (IntentState::Approved, DeletionEnd::Done, "notice.key-deleted"),
        (IntentState::NotCharged, DeletionEnd::StillThere, "notice.key-not-deleted"),
    ];
    for (state, end, notice) in ends {
        for died in [false, true] {
            let mut desk = desk(3);
            desk.asks_to_delete(0);
            desk.key(ENTER);
            let (effect, order, _) = sent(&mut desk);
            if died {
                desk.msg(Msg::Died(Some(effect)));
            } else {
                desk.answers(Answer::Deleted(effect, Outcome::Unknown("timeout".to_owned())));
            }
            assert_eq!(desk.deletion().end, Some(DeletionEnd::Unknown));
            assert!(desk.asked().contains(&Effect::Look(order.id.clone())));
            assert_eq!(desk.model.unknown_count(), 1);
            desk.types("x\r\r");
            assert_eq!((desk.asks(), desk.deletion().reason.text()), (Vec::new(), ""));
            looked(&mut desk, &order.id, state);
            assert_eq!(desk.deletion().end.as_ref(), Some(&end));
            assert_eq!(desk.model.notice.as_ref().map(|text| text.key), Some(notice));
            desk.key(ENTER);
            assert_eq!(desk.asks(), []);
            desk.key(ESC);
            desk.page_asked();
        }
    }
}

fn looked(desk: &mut Desk, id: &PaymentId, state: IntentState) {
    let mut intent = earlier(state);
    (intent.new.id, intent.new.kind) = (id.clone(), crate::domain::intent::IntentKind::DeleteKey);
    desk.msg(Msg::Looked(id.clone(), Look::Settled(Box::new(intent))));
}

#[test]
fn an_unknown_deletion_can_be_left_and_is_looked_for_behind_the_list() {
    let mut desk = desk(3);
    desk.asks_to_delete(0);
    desk.key(ENTER);
    let (effect, order, _) = sent(&mut desk);
    desk.answers(Answer::Deleted(effect, Outcome::Unknown("timeout".to_owned())));
    desk.key(ESC);
    assert_eq!((desk.model.unknown_count(), desk.model.quitting_leaves()), (1, Some("quit.flying")));
    looked(&mut desk, &order.id, IntentState::Approved);
    assert_eq!(desk.model.unknown_count(), 0);
}

#[test]
fn a_deletion_that_was_refused_is_not_sent_again_from_there() {
    let ends = [
        Outcome::Declined(refusal()),
        Outcome::NotCharged(Problem::KeyHasSchedules),
        Outcome::Blocked(Box::new(earlier(IntentState::Unknown))),
    ];
    for outcome in ends {
        let mut desk = desk(3);
        desk.asks_to_delete(1);
        desk.key(ENTER);
        let (effect, ..) = sent(&mut desk);
        desk.answers(Answer::Deleted(effect, outcome.clone()));
        assert_eq!(desk.deletion().end, Some(DeletionEnd::Not(outcome)));
        desk.timer(Timer::ConfirmArmed);
        desk.types("\rx\r");
        assert_eq!((desk.asks(), desk.deletion().reason.text()), (Vec::new(), ""));
        desk.key(ESC);
        desk.page_asked();
    }
}

#[test]
fn a_question_is_left_with_esc_and_nothing_is_sent() {
    let mut desk = desk(3);
    desk.asks_to_delete(2);
    desk.key(TO_PAYMENTS);
    assert_eq!(desk.model.tab, Tab::Billing, "it is seen to its end");
    desk.key(ESC);
    let asks = desk.asks();
    assert!(matches!(asks.as_slice(), [Ask::Page(..)]), "{asks:?}");
    // Opened again it is another question, with another id.
    desk.lists(&[listed(0), listed(1)]);
    desk.asks_to_delete(0);
    desk.key(ENTER);
    sent(&mut desk);
}

#[test]
fn the_id_of_a_question_that_was_left_is_not_taken_for_the_next() {
    let mut desk = desk(3);
    desk.asks_to_delete(0);
    desk.key(ESC);
    desk.asks();
    let mut model = desk.billing().clone();
    // Opened without the desk, which would mint at once.
    let effects = crate::tui::screen::Screen::update(&mut model, Msg::Key(F9));
    assert_eq!(effects.len(), 1);
    let answer = Answer::Detail(name_of(0), Ok(Some(Box::new(known(listed(0), kcp(), 0)))));
    let effects = crate::tui::screen::Screen::update(&mut model, Msg::Billing(Box::new(answer)));
    let minted = effects.iter().find_map(|effect| match effect {
        Effect::Mint(id) => Some(*id),
        _ => None,
    });
    let id = PaymentId::mint([9; PaymentId::RANDOM_BYTES]);
    let late = EffectId(minted.expect("an id is wanted").0 - 1);
    for msg in [Msg::Minted(late, id), Msg::Timer(Timer::ConfirmArmed, model.now()), Msg::Key(ENTER)] {
        let effects = crate::tui::screen::Screen::update(&mut model, msg);
        assert_eq!(effects, [], "there is no id to send it under");
    }
}

#[test]
fn a_form_is_left_to_a_list_that_is_read_again() {
    let mut desk = desk(3);
    desk.key(F6);
    assert!(desk.billing().form().is_some());
    desk.types("cust");
    desk.key(ESC);
    assert!(desk.billing().form().is_some(), "what was typed is not thrown away unasked");
    desk.key(ESC);
    assert!(desk.billing().form().is_none());
    desk.page_asked();
}

#[test]
fn answers_for_one_form_never_reach_the_next() {
    let mut desk = desk(3);
    let mut effects = Vec::new();
    for _ in 0..2 {
        desk.key(F6);
        let form = desk.billing().form().unwrap();
        effects.push(form.last_effect().0);
        desk.key(ESC);
        desk.asks();
    }
    assert!(effects[1] - effects[0] >= 1 << 16 && effects[0] > EFFECTS, "{effects:?}");
}

#[test]
fn a_half_typed_card_goes_when_the_tab_is_left() {
    let mut desk = desk(3);
    desk.key(F6);
    desk.types("cust0042\t");
    desk.types(&NUMBER[..9]);
    assert_eq!(desk.card[0], NUMBER[..9]);
    assert!(desk.model.quitting_leaves().is_some());
    desk.key(TO_PAYMENTS);
    assert_eq!(desk.model.tab, Tab::KeyIn);
    assert!(desk.card.iter().all(String::is_empty), "{:?}", desk.card);
    assert_eq!(desk.model.card_target(), None, "the payment's form begins with the amount");
    desk.key(TO_KEYS);
    let form = desk.billing().form().expect("the form stays");
    assert!(form.fields.card.is_empty());
    assert!(!desk.heard.contains(&NUMBER[..9]));
}

#[test]
fn a_registration_under_way_holds_the_tab() {
    let mut desk = desk(3);
    desk.key(F6);
    desk.types("cust0042\t");
    desk.types(NUMBER);
    desk.types(REST);
    desk.types("홍길동\t010-1234-5678\thong@example.com");
    desk.asked();
    desk.key(F9);
    desk.timer(Timer::ConfirmArmed);
    desk.key(TO_PAYMENTS);
    assert_eq!(desk.model.tab, Tab::Billing);
    desk.key(ENTER);
    let effect = desk.effect();
    assert!(desk.asked().iter().any(|effect| matches!(effect, Effect::IssueKey(..))));
    desk.key(TO_PAYMENTS);
    assert_eq!((desk.model.tab, desk.model.quitting_leaves()), (Tab::Billing, Some("quit.flying")));
    desk.key(Key::plain(Code::F(10)));
    assert_eq!(desk.model.overlay, Some(Overlay::Quit));
    desk.key(ESC);
    desk.model.paused = Some(desk.model.now);
    let made = crate::tui::screen::keyin::testing::made(name_of(9).expose());
    desk.msg(Msg::KeyEnded(effect, Outcome::Approved(made).into()));
    assert!(desk.billing().form().and_then(keyin::Model::finished).is_some());
    assert_eq!(desk.model.notice.as_ref().map(|text| text.key), Some("notice.resume-recording"));
    desk.key(ENTER);
    desk.page_asked();
}

#[test]
fn where_no_channel_registers_nothing_is_offered() {
    let unfit = Channel { pg: PgCode::new("kcp_billing"), ..v1() };
    let mut desk =
        Desk::with(Setup { keyin: keyin::Setup { channels: vec![unfit], ..setup().keyin }, ..setup() });
    desk.opens_list(0);
    assert!(!desk.model.offers(crate::tui::keymap::Action::New));
    let v1 = Desk::with(of_v1());
    assert!(!v1.billing().lists_all());
}

/// What a person, or a provider, may do next.
#[derive(Debug, Clone)]
enum Move {
    Press(Key),
    Answer(bool),
    Timer(Timer),
}

fn a_move() -> impl Strategy<Value = Move> {
    let codes = [
        Code::Enter,
        Code::Esc,
        Code::Tab,
        Code::Up,
        Code::Down,
        Code::Left,
        Code::Right,
        Code::End,
        Code::Home,
        Code::PageDown,
        Code::F(3),
        Code::F(4),
        Code::F(5),
        Code::F(6),
        Code::F(7),
        Code::F(9),
        Code::Char('1'),
        Code::Char('하'),
        Code::Backspace,
    ];
    prop_oneof![
        6 => prop::sample::select(codes.to_vec()).prop_map(|code| Move::Press(Key::plain(code))),
        3 => any::<bool>().prop_map(Move::Answer),
        2 => prop::sample::select(vec![Timer::ConfirmArmed, Timer::BillingSearch]).prop_map(Move::Timer),
    ]
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

proptest! {
    /// However keys, answers and timers follow each other: a deletion is sent once a question at most, with an id of
    /// its own, and never while what hangs on the key is unknown.
    #[test]
    fn no_order_of_events_deletes_unasked(moves in prop::collection::vec(a_move(), 1..80)) {
        let keys: Vec<ProviderKey> = (0..250).map(listed).collect();
        let mut desk = Desk::new();
        desk.asked();
        desk.key(TO_KEYS);
        let mut waiting: Vec<Ask> = desk.asks();
        let mut ids = Vec::new();
        for step in moves {
            let ready = matches!(&desk.billing().place, Place::Delete(deletion) if deletion.is_ready());
            let enter = matches!(step, Move::Press(key) if key == ENTER);
            match step {
                Move::Press(key) => desk.key(key),
                Move::Timer(timer) => desk.timer(timer),
                Move::Answer(good) => match waiting.pop() {
                    Some(Ask::Page(question, search)) => {
                        let first = search.page as usize * KeySearch::PAGE;
                        let page: Vec<_> = keys.iter().skip(first).take(KeySearch::PAGE).cloned().collect();
                        let page = KeyPage { keys: page, total: Some(250), more: first + 100 < 250 };
                        desk.answers(Answer::Page(question, search.page, if good { Ok(page) } else { Err(unreachable()) }));
                    }
                    Some(Ask::Detail(key)) => {
                        let found = keys.iter().find(|one| one.key == key).cloned();
                        let found = found.filter(|_| good).map(|key| Box::new(known(key, kcp(), 1)));
                        desk.answers(Answer::Detail(key, Ok(found)));
                    }
                    Some(Ask::Delete(effect, ..)) => {
                        let end = if good { Outcome::Approved(approval()) } else { Outcome::Unknown(String::new()) };
                        desk.answers(Answer::Deleted(effect, end));
                    }
                    None => {}
                },
            }
            for ask in desk.asks() {
                if let Ask::Delete(_, order, schedules) = &ask {
                    prop_assert!(ready && enter, "only Enter in a question that is ready");
                    prop_assert_eq!(schedules.len(), 1);
                    prop_assert!(!ids.contains(&order.id));
                    ids.push(order.id.clone());
                }
                waiting.push(ask);
            }
            desk.asked();
            let list = &desk.billing().list;
            prop_assert!(list.at() < list.len().max(1));
        }
    }
}
