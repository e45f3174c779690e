//! Refunds: typed, checked before the question, sent once, and every way they end.

use super::*;
use crate::domain::refund::REQUESTED;
use crate::tui::testing::{earlier, refusal};

/// The form on the newest of three payments.
fn refunds() -> Desk {
    let mut desk = Desk::new();
    let copy = Copy::of(3);
    open(&mut desk, &copy);
    look(&mut desk, known(copy.0[0].clone()));
    desk.key(f(9));
    desk.asked();
    desk
}

fn form(desk: &Desk) -> &Refund {
    match &history(desk).place {
        Place::Refund(refund) => refund,
        other => panic!("no refund: {other:?}"),
    }
}

/// The order that was sent; the only one.
fn sent(desk: &mut Desk) -> (EffectId, RefundOrder, GuardChoice) {
    let mut orders: Vec<_> = asked(desk)
        .into_iter()
        .filter_map(|ask| match ask {
            Ask::Refund(effect, order, guard) => Some((effect, *order, guard)),
            _ => None,
        })
        .collect();
    assert_eq!(orders.len(), 1, "one request");
    orders.remove(0)
}

/// A refund of 10,000 won under way.
fn flying() -> (Desk, EffectId, RefundOrder) {
    let mut desk = refunds();
    desk.types("10000\r고객 변심");
    desk.key(f(9));
    desk.timer(Timer::ConfirmArmed);
    desk.key(ENTER);
    let (effect, order, guard) = sent(&mut desk);
    assert_eq!(guard, GuardChoice::Check);
    (desk, effect, order)
}

#[test]
fn an_amount_is_typed_and_never_taken_for_everything() {
    let mut desk = refunds();
    assert!(form(&desk).amount.is_empty(), "nothing stands there");
    desk.types("\r고객 변심");
    desk.key(f(9));
    assert_eq!(form(&desk).phase, RefundPhase::Form, "nothing typed is not everything");
    // All of it, on purpose.
    desk.key(f(6));
    assert_eq!(form(&desk).typed(), won(45_000));
    assert_eq!(form(&desk).rest(), Some(won(0)));
}

#[test]
fn what_is_missing_is_told_once_a_refund_was_to_go_without_it() {
    let mut desk = refunds();
    let told = |desk: &Desk| -> Vec<&str> {
        form(desk).told_findings(history(desk).now()).iter().map(|finding| finding.rule.id.as_str()).collect()
    };
    assert_eq!(told(&desk), [""; 0], "there was no time to type anything");
    // Nothing can't be refunded, and that is told while it is typed.
    desk.types("0");
    assert_eq!(told(&desk), ["amount.zero"]);
    desk.key(f(9));
    assert_eq!(told(&desk), ["amount.zero", "reason.empty"]);
    assert_eq!(form(&desk).focus, RefundRow::Reason, "the first that has nothing in it");
    desk.types("고객 변심");
    assert_eq!(told(&desk), ["amount.zero"]);
    assert!(matches!(form(&desk).phase, RefundPhase::Form));
}

#[test]
fn what_was_typed_for_a_refund_is_not_thrown_away_unasked() {
    let mut desk = refunds();
    desk.key(ESC);
    assert!(matches!(history(&desk).place, Place::Detail), "nothing was typed");
    let mut desk = refunds();
    desk.types("10000");
    desk.key(ESC);
    assert_eq!(form(&desk).said.as_ref().map(|said| said.key), Some("history.said.leave-again"));
    // Another key takes it back.
    desk.types("0");
    desk.key(ESC);
    assert_eq!(form(&desk).typed(), won(100_000));
    desk.key(ESC);
    assert!(matches!(history(&desk).place, Place::Detail));
}

#[test]
fn what_blocks_is_said_before_the_question_and_stops_it() {
    let mut desk = refunds();
    desk.types("45001\r고객 변심");
    let findings = form(&desk).findings(now());
    assert_eq!(findings.first().map(|finding| finding.rule.id.as_str()), Some("amount.over_balance"));
    desk.key(f(9));
    assert_eq!(form(&desk).phase, RefundPhase::Form);
    assert!(asked(&mut desk).is_empty());
}

#[test]
fn what_the_provider_tells_of_the_card_stands_in_the_way_of_a_part() {
    let mut record = paid(0);
    record.card.prepaid = Some(true);
    let mut desk = Desk::new();
    open(&mut desk, &Copy(vec![record.clone()]));
    look(&mut desk, known(record));
    desk.key(f(9));
    desk.types("10000\r고객 변심");
    let ids = |desk: &Desk| -> Vec<String> {
        form(desk).findings(now()).iter().map(|finding| finding.rule.id.clone()).collect()
    };
    assert!(ids(&desk).contains(&"part.prepaid".to_owned()), "{:?}", ids(&desk));
    desk.key(f(9));
    assert_eq!(form(&desk).phase, RefundPhase::Form, "blocked");
    // The whole of it may go.
    desk.key(f(6));
    assert!(!ids(&desk).contains(&"part.prepaid".to_owned()));
    assert!(form(&desk).may_go(now()), "{:?}", ids(&desk));
}

#[test]
fn the_question_is_answered_once_and_sends_amount_and_balance() {
    let mut desk = refunds();
    desk.types("10000\r고객 변심");
    desk.key(f(9));
    // The key that opened it does not answer it.
    desk.key(ENTER);
    assert!(asked(&mut desk).is_empty());
    desk.timer(Timer::ConfirmArmed);
    desk.key(ENTER);
    desk.key(ENTER);
    let (_, order, _) = sent(&mut desk);
    assert_eq!((order.amount, order.balance), (won(10_000), won(45_000)));
    assert_eq!(order.reason, "고객 변심");
    assert_eq!(order.payment.as_str(), paid(0).id.as_str());
    assert!(form(&desk).is_flying());
    desk.key(ESC);
    assert!(form(&desk).is_flying(), "it is seen to its end");
    assert!(!desk.model.offers(crate::tui::keymap::Action::Go(Tab::KeyIn)));
}

#[test]
fn a_refund_that_was_only_taken_on_is_followed_to_its_end() {
    let (mut desk, effect, order) = flying();
    let asked_for = cancellation(10_000, CancellationState::Requested);
    let end = RefundEnd { cancellation: Some(asked_for), ..Outcome::Unknown(REQUESTED.to_owned()).into() };
    tell(&mut desk, Answer::Refunded(effect, Box::new(end)));
    assert!(form(&desk).is_followed());
    let effects = desk.asked();
    assert!(effects.contains(&Effect::Look(order.id)), "{effects:?}");
    let mut record = paid(0);
    record.payment.state = PaymentState::PartialCancelled;
    record.cancellations = vec![cancellation(10_000, CancellationState::Succeeded)];
    let id = record.id.clone();
    tell(&mut desk, Answer::Detail(id, Ok(Some(Box::new(known(record))))));
    assert!(matches!(form(&desk).phase, RefundPhase::End(_, RefundStand::Done(_))));
}

#[test]
fn an_end_that_nobody_saw_is_looked_for_and_not_sent_again() {
    let (mut desk, effect, order) = flying();
    tell(&mut desk, Answer::Refunded(effect, Box::new(Outcome::Unknown("timeout".to_owned()).into())));
    assert!(desk.asked().contains(&Effect::Look(order.id.clone())));
    let mut intent = earlier(crate::domain::intent::IntentState::Approved);
    intent.new.id = order.id.clone();
    desk.msg(Msg::Looked(order.id, crate::domain::outcome::Look::Settled(Box::new(intent))));
    assert!(matches!(form(&desk).phase, RefundPhase::End(_, RefundStand::Done(_))));
    desk.key(ENTER);
    assert!(matches!(history(&desk).place, Place::Detail), "back to the payment");
    assert!(!asked(&mut desk).iter().any(|ask| matches!(ask, Ask::Refund(..))));
}

#[test]
fn an_earlier_refund_like_it_asks_for_a_reason_and_another_id() {
    let (mut desk, effect, first) = flying();
    let before = earlier(crate::domain::intent::IntentState::Approved);
    tell(&mut desk, Answer::Refunded(effect, Box::new(Outcome::Blocked(Box::new(before)).into())));
    desk.timer(Timer::ConfirmArmed);
    desk.key(ENTER);
    assert!(asked(&mut desk).is_empty(), "no reason, no refund");
    desk.types("두 번째 반품");
    desk.key(ENTER);
    let (_, order, guard) = sent(&mut desk);
    assert_eq!(guard, GuardChoice::Override("두 번째 반품".to_owned()));
    assert_ne!(order.id, first.id);
}

#[test]
fn a_declined_refund_leaves_the_payment_as_it_was() {
    let (mut desk, effect, _) = flying();
    tell(&mut desk, Answer::Refunded(effect, Box::new(Outcome::Declined(refusal()).into())));
    assert!(matches!(form(&desk).phase, RefundPhase::End(_, RefundStand::Failed(_))));
    // A late second answer is nobody's.
    tell(
        &mut desk,
        Answer::Refunded(effect, Box::new(Outcome::Approved(crate::tui::testing::approval()).into())),
    );
    assert!(matches!(form(&desk).phase, RefundPhase::End(_, RefundStand::Failed(_))));
}

#[test]
fn a_task_that_died_leaves_the_refund_unknown() {
    let (mut desk, effect, order) = flying();
    desk.msg(Msg::Died(Some(effect)));
    assert_eq!(form(&desk).phase, RefundPhase::End(order.id, RefundStand::Unknown));
}

#[test]
fn the_account_is_sent_and_kept_nowhere() {
    let mut desk = Desk::new();
    open(&mut desk, &Copy(vec![deposited(0)]));
    look(&mut desk, known(deposited(0)));
    desk.key(f(9));
    assert!(form(&desk).rows(now()).contains(&RefundRow::Bank));
    desk.key(f(6));
    desk.types("\r고객 변심\r\r국민\r562-0123-4567\r홍길동");
    desk.asked();
    desk.key(f(9));
    desk.timer(Timer::ConfirmArmed);
    desk.key(ENTER);
    let (effect, order, _) = sent(&mut desk);
    let account = order.account.unwrap();
    assert_eq!((account.bank.ko, account.number.as_str()), ("KB국민은행", "56201234567"));
    assert_eq!(account.holder, "홍길동");
    tell(&mut desk, Answer::Refunded(effect, Box::new(Outcome::Declined(refusal()).into())));
    assert_eq!(form(&desk).sent.as_ref().unwrap().account, None);
    assert!(form(&desk).account.is_empty() && form(&desk).holder.is_empty());
}

#[test]
fn without_the_provider_nothing_is_given_back() {
    let mut desk = Desk::new();
    let copy = Copy::of(1);
    open(&mut desk, &copy);
    let offline = Some(Problem::Unreachable { detail: "timeout".to_owned() });
    look(&mut desk, Known { offline, ..known(copy.0[0].clone()) });
    desk.key(f(9));
    assert!(matches!(history(&desk).place, Place::Detail));
    assert!(history(&desk).said.is_some());
}

#[test]
fn a_payment_that_was_never_paid_has_nothing_to_refund() {
    let mut desk = Desk::new();
    let mut failed = paid(0);
    failed.payment.state = PaymentState::Failed;
    open(&mut desk, &Copy(vec![failed.clone()]));
    look(&mut desk, known(failed.clone()));
    assert!(!desk.model.offers(crate::tui::keymap::Action::Refund));
    desk.key(f(9));
    assert!(matches!(history(&desk).place, Place::Detail));
    // From the list the payment is looked at first, and says why not.
    desk.key(ESC);
    desk.asked();
    desk.key(f(9));
    let id = failed.id.clone();
    tell(&mut desk, Answer::Detail(id, Ok(Some(Box::new(known(failed))))));
    assert!(matches!(history(&desk).place, Place::Detail));
    assert_eq!(history(&desk).said.as_ref().map(|said| said.key), Some("history.said.not-refundable"));
}
