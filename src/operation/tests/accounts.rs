//! Virtual accounts: issued, followed, closed, settled.

use super::*;
use crate::domain::account::{DepositAccount, DepositState};

#[expect(clippy::unnecessary_wraps, reason = "the shape in which an approval has it")]
fn account() -> Option<Box<DepositAccount>> {
    Some(Box::new(DepositAccount {
        bank: SafeText::new("신한은행"),
        number: SafeText::new("56201234567890"),
        holder: Some(SafeText::new("단말상회")),
        due: Some("2026-11-24T14:59:59Z".parse::<Timestamp>().unwrap().as_second()),
    }))
}

fn waiting(state: PaymentState) -> ProviderPayment {
    ProviderPayment { account: account(), approval_number: None, ..payment(state) }
}

#[expect(clippy::unnecessary_wraps, reason = "it stands in lists of look-ups, some of which fail")]
fn told(state: PaymentState) -> Result<LookUp, Problem> {
    Ok(LookUp::Found(Box::new(waiting(state))))
}

fn order(rig: &Rig) -> AccountOrder {
    AccountOrder {
        sale: Sale { customer: customer(), ..rig.sale() },
        bank: bank_of_v2("SHINHAN").unwrap(),
        due: "2026-11-24T14:59:59Z".parse().unwrap(),
        kind: AccountKind::Rotating,
        receipt: None,
        holder: None,
    }
}

async fn issue(rig: &Rig) -> (PaymentId, Outcome) {
    let order = order(rig);
    let outcome = rig.desk.issue_account(&order, &rig.check(), |_| ()).await;
    (order.sale.payment_id, outcome)
}

/// A rig with an account that waits.
async fn issued_rig(script: Script) -> (Rig, PaymentId) {
    let rig = rig(vec![Reply::Done(None)], vec![told(PaymentState::VirtualAccountIssued)]);
    let (id, outcome) = issue(&rig).await;
    assert!(matches!(outcome, Outcome::Approved(_)), "{outcome:?}");
    *rig.gateway.script() = script;
    (rig, id)
}

#[tokio::test]
async fn an_account_is_issued_read_back_and_waits() {
    let (rig, id) = issued_rig(Script::default()).await;
    assert_eq!(rig.gateway.sent(), ["issue_account: issue_account sent"]);
    let intent = rig.intent(&id);
    assert_eq!((intent.state, intent.deposit), (IntentState::Approved, Some(DepositState::Waiting)));
    assert_eq!(intent.approval.unwrap().account, account());
}

#[tokio::test]
async fn v1_tells_the_account_at_once() {
    let answer = Reply::Done(Some(Box::new(waiting(PaymentState::VirtualAccountIssued))));
    let rig = rig_of(Generation::V1, Script { charges: [answer].into(), ..Script::default() });
    let (id, outcome) = issue(&rig).await;
    assert!(matches!(outcome, Outcome::Approved(approval) if approval.account == account()));
    assert_eq!(rig.intent(&id).deposit, Some(DepositState::Waiting));
}

#[tokio::test]
async fn an_account_stands_when_its_details_can_not_be_read_and_following_brings_them() {
    let rig = rig(vec![Reply::Done(None)], vec![Err(unreadable()), told(PaymentState::VirtualAccountIssued)]);
    let (id, outcome) = issue(&rig).await;
    assert!(matches!(outcome, Outcome::Approved(approval) if approval.account.is_none()));
    assert_eq!(rig.intent(&id).deposit, Some(DepositState::Waiting));
    assert_eq!(rig.desk.follow_accounts().await, Ok(vec![(id.clone(), Ok(DepositState::Waiting))]));
    assert_eq!(rig.intent(&id).approval.unwrap().account, account());
}

#[tokio::test]
async fn other_ends_of_an_issue() {
    let closed = Problem::Unsupported { what: "bank" };
    for (answer, outcome, state) in [
        (Reply::Declined(refusal()), Outcome::Declined(refusal()), IntentState::Declined),
        (Reply::Unseen("reset"), Outcome::Unknown("reset".to_owned()), IntentState::Unknown),
        (Reply::NotDone(closed.clone()), Outcome::NotCharged(closed.clone()), IntentState::NotCharged),
    ] {
        let rig = rig(vec![answer], Vec::new());
        let (id, end) = issue(&rig).await;
        assert_eq!((end, rig.state(&id)), (outcome, state));
        assert_eq!(rig.intent(&id).deposit, None, "no account waits that nobody has seen");
    }
}

#[tokio::test]
async fn an_unseen_issue_is_settled_by_what_the_provider_says() {
    for (look, state, deposit) in [
        (told(PaymentState::VirtualAccountIssued), IntentState::Approved, Some(DepositState::Waiting)),
        (told(PaymentState::Paid), IntentState::Approved, Some(DepositState::Paid)),
        (told(PaymentState::Failed), IntentState::Declined, None),
        (told(PaymentState::Ready), IntentState::Unknown, None),
        (Ok(LookUp::NotFound), IntentState::NotCharged, None),
        (Err(unreadable()), IntentState::Unknown, None),
    ] {
        let rig = rig(vec![Reply::Unseen("timeout")], vec![look]);
        let (id, _) = issue(&rig).await;
        rig.pass(SETTLE_WINDOW.as_secs());
        rig.desk.settle().await.unwrap();
        let intent = rig.intent(&id);
        assert_eq!((intent.state, intent.deposit), (state, deposit));
    }
    let rig = rig(vec![Reply::Unseen("timeout")], vec![Ok(LookUp::NotFound)]);
    let (id, _) = issue(&rig).await;
    assert_eq!(rig.desk.look_at(&id).await, Look::Open("not_found_yet"), "not before the window is over");
}

#[tokio::test]
async fn the_same_amount_for_the_same_phone_is_guarded() {
    let (rig, id) = issued_rig(Script::default()).await;
    let again = order(&rig);
    assert_eq!(rig.desk.earlier_account(&again).unwrap().unwrap().new.id, id);
    let outcome = rig.desk.issue_account(&again, &rig.check(), |_| ()).await;
    assert!(matches!(outcome, Outcome::Blocked(earlier) if earlier.new.id == id));
    assert_eq!(rig.gateway.sent().len(), 1);
}

#[tokio::test]
async fn a_deposit_is_followed_to_its_end() {
    let mut cancelled = waiting(PaymentState::Cancelled);
    cancelled.paid_at = Some(1);
    for (look, deposit, still) in [
        (waiting(PaymentState::VirtualAccountIssued), DepositState::Waiting, 1),
        (waiting(PaymentState::Other(SafeText::new("NEW"))), DepositState::Waiting, 1),
        (waiting(PaymentState::Paid), DepositState::Paid, 0),
        (waiting(PaymentState::PartialCancelled), DepositState::Paid, 0),
        (cancelled, DepositState::Paid, 0),
        (waiting(PaymentState::Cancelled), DepositState::Closed, 0),
        (waiting(PaymentState::Failed), DepositState::Closed, 0),
    ] {
        let looks = [Ok(LookUp::Found(Box::new(look.clone())))].into();
        let (rig, id) = issued_rig(Script { looks, ..Script::default() }).await;
        let followed = rig.desk.follow_accounts().await;
        assert_eq!(followed, Ok(vec![(id.clone(), Ok(deposit))]), "{:?}", look.state);
        assert_eq!(rig.intent(&id).deposit, Some(deposit));
        assert_eq!(rig.state(&id), IntentState::Approved, "what was issued stays issued");
        assert_eq!(rig.desk.ledger.borrow().waiting_accounts("main").unwrap().len(), still);
    }
}

#[tokio::test]
async fn an_account_that_can_not_be_asked_about_keeps_nobody_from_the_others() {
    let (rig, first) = issued_rig(Script {
        charges: [Reply::Done(Some(Box::new(waiting(PaymentState::VirtualAccountIssued))))].into(),
        looks: [Err(unreadable()), told(PaymentState::Paid)].into(),
        ..Script::default()
    })
    .await;
    rig.pass(601);
    let (second, _) = issue(&rig).await;
    let followed = rig.desk.follow_accounts().await.unwrap();
    assert_eq!(followed, [(first, Err(unreadable())), (second, Ok(DepositState::Paid))]);
}

#[tokio::test]
async fn an_account_long_overdue_is_left_alone_but_not_called_closed() {
    let (rig, id) = issued_rig(Script::default()).await;
    rig.pass(34 * 86_400);
    assert_eq!(rig.desk.follow_accounts().await, Ok(Vec::new()));
    assert_eq!(rig.intent(&id).deposit, Some(DepositState::Waiting));
}

#[tokio::test]
async fn an_account_is_closed() {
    let (rig, id) = issued_rig(Script { plains: [Reply::Done(())].into(), ..Script::default() }).await;
    let closing = rig.desk.mint();
    let outcome = rig.desk.close_account(&closing, &id).await;
    assert!(matches!(outcome, Outcome::Approved(_)), "{outcome:?}");
    assert_eq!(rig.gateway.sent()[1], "close_account tx-1: issue_account approved, close_account sent");
    assert_eq!(rig.intent(&id).deposit, Some(DepositState::Closed));
    let intent = rig.intent(&closing);
    assert_eq!(intent.new.target, Some(crate::domain::intent::Target::Payment(id.clone())));
    assert_eq!((intent.state, intent.new.amount), (IntentState::Approved, rig.intent(&id).new.amount));
    // A second closing is not even sent.
    let again = rig.desk.close_account(&rig.desk.mint(), &id).await;
    assert_eq!(again, Outcome::NotCharged(Problem::NotWaiting));
    assert_eq!(rig.gateway.sent().len(), 2);
}

#[tokio::test]
async fn an_account_that_was_paid_meanwhile_is_not_closed_and_known_as_paid() {
    let (rig, id) = issued_rig(Script {
        plains: [Reply::NotDone(Problem::NotWaiting)].into(),
        looks: [told(PaymentState::Paid)].into(),
        ..Script::default()
    })
    .await;
    let closing = rig.desk.mint();
    assert_eq!(rig.desk.close_account(&closing, &id).await, Outcome::NotCharged(Problem::NotWaiting));
    assert_eq!(rig.intent(&id).deposit, Some(DepositState::Paid));
    assert_eq!(rig.intent(&closing).why.as_deref(), Some("not_waiting"));
}

#[tokio::test]
async fn what_is_no_account_can_not_be_closed() {
    let rig = rig(vec![Reply::Done(Some(Box::new(payment(PaymentState::Paid))))], Vec::new());
    let (paid, _) = rig.charge(&rig.check()).await;
    let outcome = rig.desk.close_account(&rig.desk.mint(), &paid).await;
    assert_eq!(outcome, Outcome::NotCharged(Problem::NotWaiting));
    let outcome = rig.desk.close_account(&rig.desk.mint(), &rig.desk.mint()).await;
    assert!(matches!(outcome, Outcome::NotCharged(Problem::Ledger { .. })));
    assert_eq!(rig.gateway.sent().len(), 1);
}

#[tokio::test]
async fn v1_closes_by_the_provider_s_number_and_asks_for_it_when_it_is_not_known() {
    for (looks, sent) in [
        (vec![told(PaymentState::VirtualAccountIssued)], Some("close_account tx-1")),
        (vec![Ok(LookUp::NotFound)], Some("close_account -")),
        (vec![Err(unreadable())], None),
    ] {
        let answer = Reply::Done(Some(Box::new(ProviderPayment {
            provider_payment_id: None,
            ..waiting(PaymentState::VirtualAccountIssued)
        })));
        let rig = rig_of(
            Generation::V1,
            Script {
                charges: [answer].into(),
                looks: looks.into(),
                plains: [Reply::Done(())].into(),
                ..Script::default()
            },
        );
        let (id, _) = issue(&rig).await;
        let outcome = rig.desk.close_account(&rig.desk.mint(), &id).await;
        let last = rig.gateway.sent().pop().unwrap();
        if let Some(sent) = sent {
            assert!(last.starts_with(sent), "{last}");
        } else {
            let detail = "http_500".to_owned();
            assert_eq!(outcome, Outcome::NotCharged(Problem::Unreachable { detail }));
            assert_eq!(rig.gateway.sent().len(), 1, "nothing is sent");
        }
    }
}

#[tokio::test]
async fn an_unseen_closing_is_settled_by_the_account() {
    for (look, state, why, deposit) in [
        (told(PaymentState::Failed), IntentState::Approved, None, DepositState::Closed),
        (told(PaymentState::Paid), IntentState::NotCharged, Some("paid_meanwhile"), DepositState::Paid),
        (
            told(PaymentState::VirtualAccountIssued),
            IntentState::NotCharged,
            Some("still_waiting"),
            DepositState::Waiting,
        ),
        (Ok(LookUp::NotFound), IntentState::Unknown, Some("reset"), DepositState::Waiting),
        (Err(unreadable()), IntentState::Unknown, Some("reset"), DepositState::Waiting),
    ] {
        let (rig, id) = issued_rig(Script {
            plains: [Reply::Unseen("reset")].into(),
            looks: [told(PaymentState::VirtualAccountIssued), look].into(),
            ..Script::default()
        })
        .await;
        let closing = rig.desk.mint();
        assert_eq!(rig.desk.close_account(&closing, &id).await, Outcome::Unknown("reset".to_owned()));
        // Still waiting inside the window says nothing.
        assert_eq!(rig.desk.look_at(&closing).await, Look::Open("still_waiting"));
        rig.pass(SETTLE_WINDOW.as_secs());
        rig.desk.look_at(&closing).await;
        let intent = rig.intent(&closing);
        assert_eq!((intent.state, intent.why.as_deref()), (state, why));
        assert_eq!(rig.intent(&id).deposit, Some(deposit));
    }
}
