//! A refund that stays unknown, settled by hand: every screen of it.

use super::*;
use crate::domain::record::{Cancellation, CancellationState, PaymentRecord};
use crate::domain::refund::hand::{BY_HAND, ByHand, Evidence, Seen};
use crate::domain::text::SafeText;
use crate::tui::screen::history::model::{Answer, Ask, Known};
use crate::tui::screen::history::testing::{
    Copy, cancellation, evidence, f, look, open, paid, tell, with_unknown_refund,
};

const RIGHT: Key = Key::plain(Code::Right);

fn unknown() -> Known {
    with_unknown_refund(paid(92), 10_000)
}

/// The page of the payment.
fn page(desk: &mut Desk) {
    open(desk, &Copy(vec![paid(92)]));
    look(desk, unknown());
}

/// The number of the question that was asked last.
fn question(desk: &mut Desk) -> EffectId {
    let asked = desk.asked();
    let mut numbers = asked.iter().rev().filter_map(|effect| match effect {
        Effect::History(ask) => match **ask {
            Ask::LookByHand(id, _) | Ask::SettleByHand(id, ..) => Some(id),
            _ => None,
        },
        _ => None,
    });
    numbers.next().expect("a question")
}

/// What the look-up before the form found.
fn found(desk: &mut Desk, found: Result<ByHand, Problem>) {
    page(desk);
    desk.key(f(3));
    let effect = question(desk);
    tell(desk, Answer::ByHand(effect, found));
}

fn undecided(evidence: Evidence) -> ByHand {
    ByHand::Undecided(Box::new(evidence))
}

fn fills(desk: &mut Desk) {
    found(desk, Ok(undecided(evidence(&unknown()))));
}

fn asks(desk: &mut Desk) {
    fills(desk);
    desk.key(RIGHT);
    desk.key(RIGHT);
    desk.types("\r10,000\r콘솔의 취소는 다른 직원이 한 것\r");
    desk.timer(Timer::ConfirmArmed);
}

fn settled(state: IntentState, why: Option<&str>) -> ByHand {
    let mut intent = unknown().unknown_refund().unwrap().intent.clone();
    intent.state = state;
    intent.why = why.map(str::to_owned);
    ByHand::Settled(Box::new(intent))
}

/// What came of what was said.
fn ends(desk: &mut Desk, end: Result<ByHand, Problem>) {
    asks(desk);
    desk.key(ENTER);
    let effect = question(desk);
    tell(desk, Answer::ByHand(effect, end));
}

#[test]
fn the_page_offers_it() {
    shown("history_hand_offered_long", page);
}

#[test]
fn the_look_up_before_it() {
    shown("history_hand_look", |desk| {
        page(desk);
        desk.key(f(3));
    });
}

#[test]
fn the_form_with_what_there_is_to_see() {
    shown("history_hand_form", fills);
    shown_of("history_hand_form_plain", &SHOWN[..1], &Glyphs::ASCII, setup, fills);
    shown("history_hand_mistakes", |desk| {
        fills(desk);
        desk.types("\r1000");
        desk.key(f(9));
    });
    shown("history_hand_not_asked", |desk| {
        ends(desk, Err(Problem::Unreachable { detail: "timeout".to_owned() }));
    });
    shown("history_hand_changed", |desk| {
        let mut evidence = evidence(&unknown());
        evidence.why = "several_refunds";
        evidence.cancellations.push(evidence.cancellations[0].clone());
        ends(desk, Ok(undecided(evidence)));
    });
}

#[test]
fn more_cancellations_than_there_is_room_for_long() {
    shown("history_hand_long", |desk| {
        let mut evidence = evidence(&unknown());
        let earlier = |number: u64| Seen {
            cancellation: Cancellation {
                reason: SafeText::message(&"배송 지연으로 일부 취소 ".repeat(6)),
                ..cancellation(number * 100, CancellationState::Succeeded)
            },
            new: number > 12,
            fits: false,
        };
        evidence.cancellations.splice(0..0, (1..20).map(earlier));
        found(desk, Ok(undecided(evidence)));
    });
}

#[test]
fn one_that_v1_took_on_and_of_which_nothing_is_seen() {
    shown("history_hand_requested", |desk| {
        let evidence = Evidence {
            why: crate::domain::refund::REQUESTED,
            now: None,
            cancellations: Vec::new(),
            ..evidence(&unknown())
        };
        found(desk, Ok(undecided(evidence)));
    });
}

#[test]
fn the_question_and_the_wait() {
    shown("history_hand_question", asks);
    shown("history_hand_flight", |desk| {
        asks(desk);
        desk.key(ENTER);
    });
}

#[test]
fn every_end_of_it() {
    type End = fn(&mut Desk);
    let scenes: [(&str, End); 7] = [
        ("told_done", |desk| {
            fills(desk);
            desk.key(RIGHT);
            desk.types("\r10,000\r콘솔에서 확인\r");
            desk.timer(Timer::ConfirmArmed);
            desk.key(ENTER);
            let effect = question(desk);
            tell(desk, Answer::ByHand(effect, Ok(settled(IntentState::Approved, Some(BY_HAND)))));
        }),
        ("told_not_done", |desk| ends(desk, Ok(settled(IntentState::NotCharged, Some(BY_HAND))))),
        ("known", |desk| found(desk, Ok(settled(IntentState::Approved, None)))),
        ("known_person", |desk| ends(desk, Ok(settled(IntentState::Approved, Some(BY_HAND))))),
        ("waits", |desk| found(desk, Ok(ByHand::Waits("too_early")))),
        ("no_look_up", |desk| found(desk, Err(Problem::Unreachable { detail: "timeout".to_owned() }))),
        ("unseen", |desk| ends(desk, Err(Problem::Died))),
    ];
    for (name, scene) in scenes {
        shown(&format!("history_hand_{name}"), scene);
    }
}

#[test]
fn the_timeline_afterwards() {
    shown("history_hand_timeline_long", |desk| {
        let record = PaymentRecord { cancelled: None, ..paid(92) };
        open(desk, &Copy(vec![record.clone()]));
        let mut known = with_unknown_refund(record, 10_000);
        let ours = &mut known.ours[1];
        ours.intent.state = IntentState::NotCharged;
        let at = crate::tui::testing::now();
        ours.lines.push((
            at,
            BY_HAND.to_owned(),
            "not_done kim@desk-1: 콘솔의 취소는 다른 직원이 한 것".to_owned(),
        ));
        look(desk, known);
        desk.key(Key::plain(Code::PageDown));
    });
}
