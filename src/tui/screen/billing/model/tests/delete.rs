//! Deleting a key: asked, sent once, and seen to its end.

use proptest::prelude::*;

use super::*;
use crate::domain::intent::IntentState;
use crate::domain::order::Requester;
use crate::domain::outcome::Look;
use crate::domain::payment::PaymentId;
use crate::tui::testing::{earlier, refusal};

/// A deletion that was let go: its effect and its order.
fn sent(desk: &mut Desk) -> (EffectId, KeyDelete, Vec<ProviderSchedule>) {
    let asks = desk.asks();
    let [Ask::Delete(effect, order, schedules)] = asks.as_slice() else { panic!("one deletion: {asks:?}") };
    (*effect, (**order).clone(), schedules.clone())
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
