//! Refunds that no look-up can settle, settled by a person: only then, only with what was just seen, and on record.

use super::refunds::{ID, REASON, answered, cancellation, done, order, record, refund, shop, state_of};
use super::*;
use crate::domain::intent::{IntentState, NewIntent, PaymentRef, Target};
use crate::domain::record::{Cancellation, CancellationState};
use crate::domain::refund::REQUESTED;
use crate::domain::refund::hand::{BY_HAND, ByHand, Evidence, Said};

/// Past the three minutes in which a request may still be on its way.
const LATER: i64 = 1_000;

fn another() -> Vec<Cancellation> {
    vec![done("c1", 10_000, "콘솔")]
}

/// A refund of 10,000 whose answer was lost, and what the payment looks like from then on.
async fn lost(now: Vec<Vec<Cancellation>>) -> (Rig, PaymentId) {
    let looks = [vec![vec![], vec![]], now].concat();
    let rig = shop(looks, vec![Reply::Unseen("timeout")]);
    let order = order(&rig, &record(vec![]), 10_000);
    assert_eq!(refund(&rig, &order).await.outcome, Outcome::Unknown("timeout".to_owned()));
    (rig, order.id)
}

async fn evidence(rig: &Rig, id: &PaymentId) -> Evidence {
    match rig.desk.by_hand(id).await {
        Ok(Some(ByHand::Undecided(evidence))) => *evidence,
        other => panic!("{other:?}"),
    }
}

fn said(done: bool) -> Said {
    Said { done, reason: " 콘솔에서 확인 ".to_owned() }
}

#[tokio::test]
async fn what_a_person_says_is_kept_behind_everything_that_was_there() {
    for (is_done, state, word) in
        [(true, IntentState::Approved, "done"), (false, IntentState::NotCharged, "not_done")]
    {
        let (rig, id) = lost(vec![another(), another()]).await;
        rig.pass(LATER);
        let seen = evidence(&rig, &id).await;
        assert_eq!((seen.why, seen.before, seen.now), ("another_refund", won(45_000), won(35_000)));
        assert_eq!(seen.payment.as_str(), ID);
        assert_eq!((seen.cancellations[0].new, seen.cancellations[0].fits), (true, true));
        let before = rig.desk.ledger.borrow().history(&id).unwrap();
        let ended = rig.desk.settle_by_hand(&seen, &said(is_done)).await.unwrap();
        let ByHand::Settled(intent) = ended else { panic!("{ended:?}") };
        assert_eq!((intent.state, intent.why.as_deref()), (state, Some(BY_HAND)));
        assert_eq!(intent.settled, Some(rig.world.now()));
        let its = intent.approval.and_then(|approval| approval.provider_payment_id);
        assert_eq!(
            its,
            is_done.then(|| SafeText::new("c1")),
            "the only cancellation that fits is this refund's"
        );
        let after = rig.desk.ledger.borrow().history(&id).unwrap();
        assert_eq!(after[..before.len()], before[..]);
        let [line] = &after[before.len()..] else { panic!("{after:?}") };
        assert_eq!(line.word, BY_HAND);
        assert_eq!(line.detail, format!("{word} minji@desk-1: 콘솔에서 확인"));
        assert_eq!(rig.gateway.sent().len(), 1, "nothing is sent but the refund itself");
        assert_eq!(rig.desk.settle().await, Ok(Vec::new()));
    }
}

fn won(minor: u64) -> Option<Money> {
    Money::new(minor, Currency::Krw)
}

#[tokio::test]
async fn a_look_up_that_can_decide_goes_before_a_persons_word() {
    let ours = vec![done("c1", 10_000, REASON)];
    let (rig, id) = lost(vec![another(), ours]).await;
    rig.pass(LATER);
    let seen = evidence(&rig, &id).await;
    let ended = rig.desk.settle_by_hand(&seen, &said(false)).await.unwrap();
    let ByHand::Settled(intent) = ended else { panic!("{ended:?}") };
    assert_eq!((intent.state, intent.why), (IntentState::Approved, None));
    // And whoever comes later hears the same.
    assert!(matches!(rig.desk.by_hand(&id).await, Ok(Some(ByHand::Settled(_)))));
}

#[tokio::test]
async fn what_changed_since_it_was_shown_is_shown_again_and_nothing_written() {
    let more = [another(), vec![done("c2", 10_000, "또")]].concat();
    let (rig, id) = lost(vec![another(), more]).await;
    rig.pass(LATER);
    let seen = evidence(&rig, &id).await;
    let ended = rig.desk.settle_by_hand(&seen, &said(true)).await.unwrap();
    let ByHand::Undecided(now) = ended else { panic!("{ended:?}") };
    assert_eq!((now.why, now.cancellations.len()), ("several_refunds", 2));
    assert_eq!(state_of(&rig, &id), IntentState::Unknown);
}

#[tokio::test]
async fn it_waits_while_the_refund_may_be_on_its_way_or_the_provider_is_at_work() {
    let (rig, id) = lost(vec![another()]).await;
    assert_eq!(rig.desk.by_hand(&id).await, Ok(Some(ByHand::Waits("too_early"))));
    let waits = || vec![cancellation("c1", 10_000, REASON, CancellationState::Requested)];
    let (rig, id) = lost(vec![waits()]).await;
    rig.pass(LATER);
    assert_eq!(rig.desk.by_hand(&id).await, Ok(Some(ByHand::Waits(REQUESTED))));
    let (rig, id) = lost(vec![another()]).await;
    rig.pass(LATER);
    let _stay = rig.desk.under_way.enter(&id);
    assert_eq!(rig.desk.by_hand(&id).await, Ok(Some(ByHand::Waits("under_way"))));
}

#[tokio::test]
async fn a_v1_refund_that_was_taken_on_and_is_nowhere_is_a_persons_to_settle() {
    let waits = cancellation("c1", 10_000, REASON, CancellationState::Requested);
    let taken_on = Cancellation { id: None, ..waits };
    let attempts = (0..4).map(|_| Ok(vec![record(vec![])])).collect();
    let script = Script { attempts, refunds: [answered(taken_on)].into(), ..Script::default() };
    let rig = rig_of(Generation::V1, script);
    let order = order(&rig, &record(vec![]), 10_000);
    assert_eq!(refund(&rig, &order).await.outcome, Outcome::Unknown(REQUESTED.to_owned()));
    rig.pass(LATER);
    let seen = evidence(&rig, &order.id).await;
    assert_eq!((seen.why, seen.before, seen.now), (REQUESTED, won(45_000), won(45_000)));
    assert_eq!(seen.cancellations, []);
    rig.desk.settle_by_hand(&seen, &said(false)).await.unwrap();
    assert_eq!(state_of(&rig, &order.id), IntentState::NotCharged);
}

#[tokio::test]
async fn afterwards_guard_and_balance_take_it_as_settled_so() {
    for (is_done, blocked) in [(true, true), (false, false)] {
        let now = another();
        let looks = vec![now.clone(), now.clone(), now.clone(), now.clone(), now.clone()];
        let (rig, id) = lost(looks).await;
        rig.pass(300);
        let seen = evidence(&rig, &id).await;
        rig.desk.settle_by_hand(&seen, &said(is_done)).await.unwrap();
        rig.gateway.script().refunds.push_back(answered(done("c2", 10_000, REASON)));
        let again = order(&rig, &record(now), 10_000);
        let end = refund(&rig, &again).await;
        match end.outcome {
            Outcome::Blocked(earlier) => assert!(blocked && earlier.new.id == id),
            Outcome::Approved(_) => assert!(!blocked, "the same refund went twice"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn one_that_was_never_sent_needs_nobody() {
    let rig = shop(Vec::new(), Vec::new());
    let order = order(&rig, &record(vec![]), 10_000);
    let target = Target::Record(PaymentRef { id: order.payment, attempt: None, balance: won(45_000) });
    let about = rig.desk.about(IntentKind::Refund, &order.id, &order.channel, &customer());
    let new = NewIntent { amount: order.amount, target: Some(target), ..about };
    rig.desk.ledger.borrow().intend(&new, &rig.check()).unwrap();
    rig.pass(LATER);
    let ended = rig.desk.by_hand(&order.id).await.unwrap().unwrap();
    let ByHand::Settled(intent) = ended else { panic!("{ended:?}") };
    assert_eq!((intent.state, intent.why.as_deref()), (IntentState::NotCharged, Some("never_sent")));
}

#[tokio::test]
async fn only_refunds_of_this_profile_with_a_reason() {
    let rig = rig(vec![Reply::Unseen("timeout")], Vec::new());
    let (charge, _) = rig.charge(&rig.check()).await;
    assert_eq!(rig.desk.by_hand(&charge).await, Err(Problem::Unsupported { what: "by_hand" }));
    let nobody = PaymentId::parse("nobodyknows1").unwrap();
    assert_eq!(rig.desk.by_hand(&nobody).await, Ok(None));
    let (rig, id) = lost(vec![another(), another()]).await;
    rig.pass(LATER);
    let seen = evidence(&rig, &id).await;
    let silent = Said { done: true, reason: " ".to_owned() };
    assert_eq!(rig.desk.settle_by_hand(&seen, &silent).await, Err(Problem::NoReason));
    assert_eq!(state_of(&rig, &id), IntentState::Unknown);
    let mut elsewhere = rig.desk.clone();
    elsewhere.profile = "other".to_owned();
    assert_eq!(elsewhere.by_hand(&id).await, Ok(None));
}
