//! Refunds that stay unknown, settled by hand: asked for first, typed, and never against a look-up.

use super::super::super::testing::{REFUND, evidence, with_unknown_refund};
use super::*;
use crate::domain::intent::{Intent, IntentState};
use crate::domain::outcome::Look;
use crate::domain::refund::hand::BY_HAND;
use crate::tui::keymap::Action;

const RIGHT: Key = Key::plain(Code::Right);

fn unknown() -> Known {
    with_unknown_refund(paid(0), 10_000)
}

/// On the page of a payment with an unknown refund.
fn page() -> Desk {
    let mut desk = Desk::new();
    let copy = Copy::of(1);
    open(&mut desk, &copy);
    look(&mut desk, unknown());
    desk.asked();
    desk
}

fn hand(desk: &Desk) -> &Hand {
    match &history(desk).place {
        Place::Hand(hand) => hand,
        other => panic!("nothing by hand: {other:?}"),
    }
}

/// The look-up before the form.
fn looks() -> (Desk, EffectId) {
    let mut desk = page();
    desk.key(f(3));
    let asks = asked(&mut desk);
    let [Ask::LookByHand(effect, id)] = &asks[..] else { panic!("{asks:?}") };
    assert_eq!((id.as_str(), &hand(&desk).phase), (REFUND, &HandPhase::Look));
    (desk, *effect)
}

/// The form, after a look-up that could not tell.
fn fills() -> Desk {
    let (mut desk, effect) = looks();
    tell(&mut desk, Answer::ByHand(effect, Ok(ByHand::Undecided(Box::new(evidence(&unknown()))))));
    assert_eq!(hand(&desk).phase, HandPhase::Form);
    desk
}

/// Filled in, and the question open: what the console shows is chosen by so many turns.
fn asks(turns: usize) -> Desk {
    let mut desk = fills();
    for _ in 0..turns {
        desk.key(RIGHT);
    }
    desk.types("\r10,000\r콘솔에서 확인\r");
    assert_eq!(hand(&desk).phase, HandPhase::Question { armed: false });
    desk
}

/// Let go; the effect and what was asked for.
fn says(turns: usize) -> (Desk, EffectId, Evidence, Said) {
    let mut desk = asks(turns);
    desk.timer(Timer::ConfirmArmed);
    desk.asked();
    desk.key(ENTER);
    let mut asks = asked(&mut desk);
    let Some(Ask::SettleByHand(effect, seen, said)) = asks.pop() else { panic!("{asks:?}") };
    assert_eq!((asks.len(), &hand(&desk).phase), (0, &HandPhase::Flight));
    (desk, effect, *seen, said)
}

fn settled(state: IntentState, why: Option<&str>) -> Intent {
    let mut intent = unknown().unknown_refund().unwrap().intent.clone();
    intent.state = state;
    intent.why = why.map(str::to_owned);
    intent
}

fn end(desk: &Desk) -> &HandEnd {
    match &hand(desk).phase {
        HandPhase::End(end) => end,
        other => panic!("no end: {other:?}"),
    }
}

#[test]
fn the_key_is_there_only_for_a_refund_of_unknown_end_that_can_be_looked_up() {
    use IntentState::{Approved, Declined, Intended, NotCharged, Sent, Unknown};
    let offered = |known: Known| {
        let mut desk = Desk::new();
        open(&mut desk, &Copy::of(1));
        look(&mut desk, known);
        desk.asked();
        let offered = desk.model.offers(Action::SettleByHand);
        desk.key(f(3));
        // The key does nothing where it is not offered.
        assert_eq!(matches!(history(&desk).place, Place::Hand(_)), offered);
        assert_eq!(!asked(&mut desk).is_empty(), offered);
        offered
    };
    assert!(offered(unknown()));
    assert!(!offered(known(paid(0))));
    for state in [Intended, Sent, Unknown, Approved, Declined, NotCharged] {
        let mut known = unknown();
        known.ours[1].intent.state = state;
        assert_eq!(offered(known), state == Unknown, "{state:?}");
    }
    let mut receipt = unknown();
    receipt.ours[1].intent.new.kind = crate::domain::intent::IntentKind::IssueReceipt;
    assert!(!offered(receipt));
    let mut offline = unknown();
    offline.offline = Some(Problem::Busy);
    assert!(!offered(offline));
}

#[test]
fn what_the_look_up_decides_is_no_persons_to_say() {
    for (state, why) in [(IntentState::Approved, None), (IntentState::NotCharged, Some("not_found"))] {
        let (mut desk, effect) = looks();
        let intent = settled(state, why);
        tell(&mut desk, Answer::ByHand(effect, Ok(ByHand::Settled(Box::new(intent.clone())))));
        assert_eq!(end(&desk), &HandEnd::Known(Box::new(intent)));
        let screen = seen(&desk);
        assert!(screen.contains("조회로 결과를 알게 되었습니다"), "{screen}");
        // The page behind it hears of it.
        assert!(matches!(&asked(&mut desk)[..], [Ask::Detail(_)]));
        desk.types("10000");
        desk.key(ENTER);
        assert!(matches!(history(&desk).place, Place::Detail));
        assert!(!asked(&mut desk).iter().any(|ask| matches!(ask, Ask::SettleByHand(..))));
    }
}

#[test]
fn what_is_not_yet_to_be_said_or_could_not_be_looked_up_has_no_form() {
    let (mut desk, effect) = looks();
    tell(&mut desk, Answer::ByHand(effect, Ok(ByHand::Waits("too_early"))));
    assert_eq!(end(&desk), &HandEnd::Waits("too_early"));
    assert!(seen(&desk).contains("아직 직접 정리할 수 없습니다"));
    let (mut desk, effect) = looks();
    tell(&mut desk, Answer::ByHand(effect, Err(Problem::Busy)));
    assert_eq!(end(&desk), &HandEnd::NotAsked(Problem::Busy));
    // The same when the task died: nothing was said yet.
    let (mut desk, effect) = looks();
    desk.msg(Msg::Died(Some(effect)));
    assert_eq!(end(&desk), &HandEnd::NotAsked(Problem::Died));
    desk.key(ESC);
    assert!(matches!(history(&desk).place, Place::Detail));
}

#[test]
fn whoever_does_not_wait_for_the_look_up_leaves_and_its_answer_opens_nothing() {
    let (mut desk, effect) = looks();
    desk.key(ESC);
    assert!(matches!(history(&desk).place, Place::Detail));
    desk.asked();
    tell(&mut desk, Answer::ByHand(effect, Ok(ByHand::Undecided(Box::new(evidence(&unknown()))))));
    assert!(matches!(history(&desk).place, Place::Detail));
    // What it settled is told by the timeline, which is asked for again.
    let intent = settled(IntentState::Approved, None);
    tell(&mut desk, Answer::ByHand(effect, Ok(ByHand::Settled(Box::new(intent)))));
    assert!(matches!(&asked(&mut desk)[..], [Ask::Detail(_)]));
    // An old answer is none to a new question.
    desk.key(f(3));
    tell(&mut desk, Answer::ByHand(effect, Ok(ByHand::Waits("under_way"))));
    assert_eq!(hand(&desk).phase, HandPhase::Look);
}

#[test]
fn nothing_is_filled_in_and_what_is_wrong_is_said_in_its_row() {
    let mut desk = fills();
    assert_eq!(hand(&desk).done, None);
    assert!(hand(&desk).amount.is_empty() && hand(&desk).reason.is_empty());
    // Not by the key that fills a refund in, either.
    desk.key(f(6));
    assert!(hand(&desk).amount.is_empty() && !desk.model.offers(Action::FillAll));
    assert!(!desk.model.offers(Action::Submit));
    let wrong = |desk: &Desk| HandRow::ALL.map(|row| hand(desk).wrong(row));
    let missing =
        ["history.hand.result-missing", "history.hand.amount-missing", "history.hand.reason-missing"];
    assert_eq!(wrong(&desk), missing.map(Some));
    assert!(!seen(&desk).contains("결과를 고르세요"), "not before it was tried");
    desk.key(f(9));
    assert_eq!((&hand(&desk).phase, hand(&desk).focus), (&HandPhase::Form, HandRow::Result));
    let screen = seen(&desk);
    for text in ["결과를 고르세요", "금액을 입력하세요", "확인한 내용을 적으세요"] {
        assert!(screen.contains(text), "{text}: {screen}");
    }
    desk.key(RIGHT);
    for (typed, what) in [
        ("1000", Some("history.hand.other-amount")),
        ("45000", Some("history.hand.other-amount")),
        ("만원", Some("history.hand.other-amount")),
        ("0", Some("history.hand.other-amount")),
        ("10,000", None),
    ] {
        desk.key(DOWN);
        desk.key(Key::ctrl('u'));
        desk.types(typed);
        desk.key(f(9));
        assert_eq!(wrong(&desk), [None, what, missing.last().copied()], "{typed}");
        let focus = if what.is_some() { HandRow::Amount } else { HandRow::Reason };
        assert_eq!((&hand(&desk).phase, hand(&desk).focus), (&HandPhase::Form, focus), "{typed}");
        desk.key(Key::plain(Code::Up));
        desk.key(Key::plain(Code::Up));
    }
    // Blanks say nothing.
    desk.types("\r\r  ");
    desk.key(f(9));
    assert_eq!((wrong(&desk)[2], &hand(&desk).phase), (missing.last().copied(), &HandPhase::Form));
    desk.types("콘솔");
    desk.key(f(9));
    assert_eq!(hand(&desk).phase, HandPhase::Question { armed: false });
}

#[test]
fn a_paste_goes_to_one_row_and_settles_nothing() {
    let mut desk = fills();
    desk.paste("10000\n");
    assert!(hand(&desk).amount.is_empty(), "nothing is typed in the choice");
    desk.key(DOWN);
    desk.paste("10000\n");
    assert_eq!((hand(&desk).amount.text(), hand(&desk).focus), ("10000", HandRow::Amount));
    assert!(asked(&mut desk).is_empty());
}

#[test]
fn the_question_waits_and_esc_goes_one_level_out() {
    let mut desk = asks(1);
    desk.asked();
    // The key that opened it does not answer it.
    desk.key(ENTER);
    assert!(asked(&mut desk).is_empty() && !desk.model.offers(Action::Confirm));
    desk.key(ESC);
    assert_eq!((&hand(&desk).phase, hand(&desk).reason.text()), (&HandPhase::Form, "콘솔에서 확인"));
    // What was typed is not thrown away unasked.
    assert_eq!(desk.model.quitting_leaves(), Some("quit.typed"));
    desk.key(ESC);
    assert_eq!(hand(&desk).said.as_ref().map(|said| said.key), Some("history.said.leave-again"));
    desk.key(ESC);
    assert!(matches!(history(&desk).place, Place::Detail));
    assert!(!asked(&mut desk).iter().any(|ask| matches!(ask, Ask::SettleByHand(..))));
    // Of a form with nothing in it one Esc is enough.
    let mut desk = fills();
    desk.key(ESC);
    assert!(matches!(history(&desk).place, Place::Detail));
}

#[test]
fn what_is_said_goes_with_what_was_seen_and_is_shown_when_it_is_kept() {
    for (turns, done, state) in [(1, true, IntentState::Approved), (2, false, IntentState::NotCharged)] {
        let (mut desk, effect, shown, said) = says(turns);
        assert_eq!(shown, evidence(&unknown()));
        assert_eq!(said, Said { done, reason: "콘솔에서 확인".to_owned() });
        // While it is under way no key does anything, and nobody goes away from it.
        desk.key(ESC);
        desk.key(ENTER);
        assert!(hand(&desk).is_flying() && asked(&mut desk).is_empty());
        assert!(!desk.model.offers(Action::Go(Tab::KeyIn)));
        assert_eq!(desk.model.quitting_leaves(), Some("quit.flying"));
        let intent = settled(state, Some(BY_HAND));
        tell(&mut desk, Answer::ByHand(effect, Ok(ByHand::Settled(Box::new(intent)))));
        assert_eq!(end(&desk), &HandEnd::Told(done));
        let asks = asked(&mut desk);
        assert!(matches!(&asks[..], [Ask::Detail(_)]), "{asks:?}");
        desk.key(ENTER);
        assert!(matches!(history(&desk).place, Place::Detail));
    }
}

#[test]
fn another_end_than_the_one_that_was_said_is_told() {
    // The last look-up found out after all, whatever it found.
    for state in [IntentState::Approved, IntentState::NotCharged, IntentState::Declined] {
        let (mut desk, effect, ..) = says(1);
        let intent = Box::new(settled(state, None));
        tell(&mut desk, Answer::ByHand(effect, Ok(ByHand::Settled(intent.clone()))));
        assert_eq!(end(&desk), &HandEnd::Known(intent), "{state:?}");
        assert!(seen(&desk).contains("여기서는 아무것도 정리하지 않았습니다"));
    }
    // Somebody else was first and said the opposite.
    let (mut desk, effect, ..) = says(1);
    let intent = Box::new(settled(IntentState::NotCharged, Some(BY_HAND)));
    tell(&mut desk, Answer::ByHand(effect, Ok(ByHand::Settled(intent.clone()))));
    assert_eq!(end(&desk), &HandEnd::Known(intent));
    assert!(seen(&desk).contains("다른 사람이 먼저 정리했습니다"));
}

#[test]
fn what_changed_since_it_was_shown_is_shown_and_said_anew() {
    let (mut desk, effect, mut seen_now, _) = says(1);
    seen_now.why = "several_refunds";
    tell(&mut desk, Answer::ByHand(effect, Ok(ByHand::Undecided(Box::new(seen_now.clone())))));
    let form = hand(&desk);
    assert_eq!((&form.phase, form.done, form.focus), (&HandPhase::Form, None, HandRow::Result));
    assert_eq!(form.said.as_ref().map(|said| said.key), Some("by-hand.changed"));
    assert_eq!(form.evidence.as_deref(), Some(&seen_now));
    // What was typed stays; the choice is made again, and goes with what is seen now.
    desk.key(RIGHT);
    desk.key(f(9));
    desk.timer(Timer::ConfirmArmed);
    desk.asked();
    desk.key(ENTER);
    let asks = asked(&mut desk);
    let [Ask::SettleByHand(_, shown, _)] = &asks[..] else { panic!("{asks:?}") };
    assert_eq!(**shown, seen_now);
}

#[test]
fn what_could_not_be_looked_up_is_said_again_with_all_that_was_typed() {
    let (mut desk, effect, ..) = says(1);
    let problem = Problem::Unreachable { detail: "timeout".to_owned() };
    tell(&mut desk, Answer::ByHand(effect, Err(problem.clone())));
    assert_eq!((&hand(&desk).phase, &hand(&desk).problem), (&HandPhase::Form, &Some(problem)));
    assert!(seen(&desk).contains("조회하지 못해 정리하지 않았습니다"));
    desk.key(f(9));
    assert_eq!((&hand(&desk).phase, &hand(&desk).problem), (&HandPhase::Question { armed: false }, &None));
    // When the task itself died nobody knows whether it was kept: the timeline does.
    let (mut desk, effect, ..) = says(1);
    desk.msg(Msg::Died(Some(effect)));
    assert_eq!(end(&desk), &HandEnd::Unseen);
    assert!(matches!(&asked(&mut desk)[..], [Ask::Detail(_)]));
}

#[test]
fn a_look_up_behind_the_form_that_settles_it_ends_the_form() {
    for mut desk in [fills(), asks(1)] {
        let mut other = settled(IntentState::Approved, None);
        other.new.id = crate::domain::payment::PaymentId::parse("d2another00000000000000000").unwrap();
        desk.msg(Msg::Looked(other.new.id.clone(), Look::Settled(Box::new(other))));
        assert!(hand(&desk).evidence.is_some() && !matches!(hand(&desk).phase, HandPhase::End(_)));
        let intent = settled(IntentState::Approved, None);
        desk.msg(Msg::Looked(intent.new.id.clone(), Look::Settled(Box::new(intent.clone()))));
        assert_eq!(end(&desk), &HandEnd::Known(Box::new(intent)));
    }
}

#[test]
fn what_is_settled_here_is_not_waited_for_any_longer() {
    let (mut desk, effect, ..) = says(1);
    let intent = settled(IntentState::Approved, Some(BY_HAND));
    let id = intent.new.id.clone();
    // The console has been looking for it since it was started.
    desk.msg(Msg::Settled(Ok(vec![(id.clone(), Look::Open("another_refund"))])));
    assert_eq!(desk.model.unknown_count(), 1);
    desk.msg(Msg::Looked(id, Look::Settled(Box::new(intent.clone()))));
    assert!(hand(&desk).is_flying(), "the answer is still to come");
    tell(&mut desk, Answer::ByHand(effect, Ok(ByHand::Settled(Box::new(intent)))));
    assert_eq!((desk.model.unknown_count(), end(&desk)), (0, &HandEnd::Told(true)));
    assert_eq!(desk.model.notice.as_ref().map(|notice| notice.key), Some("notice.refunded"));
}
