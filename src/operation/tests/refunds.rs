//! Refunds and cash receipts against a scripted provider: what is on disk when the request leaves, and every end.

use super::*;
use crate::domain::cash_receipt::ReceiptEnd;
use crate::domain::intent::{IntentState, PaymentRef, Target};
use crate::domain::record::{Cancellation, CancellationState, Method, ReceiptState};
use crate::domain::refund::{REQUESTED, RefundEnd, RefundWish};

pub(super) const ID: &str = "other-shop-0001";
pub(super) const REASON: &str = "고객 요청";

pub(super) fn won(minor: u64) -> Money {
    Money::new(minor, Currency::Krw).unwrap()
}

pub(super) fn record(cancellations: Vec<Cancellation>) -> PaymentRecord {
    let done = |one: &&Cancellation| one.state == CancellationState::Succeeded;
    let cancelled = cancellations.iter().filter(done).map(|one| one.amount.minor()).sum();
    let state = match cancelled {
        0 => PaymentState::Paid,
        45_000 => PaymentState::Cancelled,
        _ => PaymentState::PartialCancelled,
    };
    PaymentRecord {
        payment: ProviderPayment {
            provider_payment_id: Some(SafeText::new("tx-1")),
            paid_at: Some("2026-11-20T02:00:00Z".parse::<Timestamp>().unwrap().as_second()),
            ..payment(state.clone())
        },
        requested_at: Some(1_795_000_000),
        changed_at: Some(1_795_000_000),
        tax_free: Some(won(0)),
        cancelled: Some(won(cancelled)),
        cancelled_tax_free: Some(won(0)),
        cancellations,
        customer: customer(),
        channel: Some(SafeText::new("channel-key-1")),
        points_used: Some(false),
        ..PaymentRecord::bare(ID, state, Some(won(45_000)))
    }
}

pub(super) fn cancellation(id: &str, amount: u64, reason: &str, state: CancellationState) -> Cancellation {
    Cancellation {
        id: Some(SafeText::new(id)),
        state,
        reason: SafeText::new(reason),
        ..Cancellation::bare(won(amount))
    }
}

pub(super) fn done(id: &str, amount: u64, reason: &str) -> Cancellation {
    cancellation(id, amount, reason, CancellationState::Succeeded)
}

/// A rig whose payment looks like each of these in turn.
pub(super) fn shop(looks: Vec<Vec<Cancellation>>, refunds: Vec<Reply<Refunded>>) -> Rig {
    let attempts = looks.into_iter().map(|look| Ok(vec![record(look)])).collect();
    rig_of(Generation::V2, Script { attempts, refunds: refunds.into(), ..Script::default() })
}

pub(super) fn order(rig: &Rig, payment: &PaymentRecord, amount: u64) -> RefundOrder {
    let wish = RefundWish {
        amount: won(amount),
        tax_free: Some(won(0)),
        vat: None,
        reason: REASON.to_owned(),
        requester: None,
        account: None,
    };
    rig.desk.refund_order(payment, wish).unwrap()
}

pub(super) async fn refund(rig: &Rig, order: &RefundOrder) -> RefundEnd {
    rig.desk.refund(order, &rig.check(), |_| ()).await
}

pub(super) fn answered(cancellation: Cancellation) -> Reply<Refunded> {
    Reply::Done(Refunded { cancellation, balance: None })
}

pub(super) fn state_of(rig: &Rig, id: &PaymentId) -> IntentState {
    rig.desk.intent(id).unwrap().unwrap().state
}

#[tokio::test]
async fn the_intent_is_on_disk_with_payment_amount_and_balance_before_it_is_sent() {
    let ours = done("c1", 10_000, REASON);
    let rig = shop(vec![vec![], vec![ours.clone()]], vec![answered(ours)]);
    let order = order(&rig, &record(vec![]), 10_000);
    let end = refund(&rig, &order).await;
    assert!(matches!(end.outcome, Outcome::Approved(_)), "{end:?}");
    assert_eq!(end.payment.unwrap().balance(), Some(won(35_000)));
    assert_eq!(rig.gateway.sent(), [format!("refund {ID} 10000 of 45000: refund sent")]);
    let intent = rig.desk.intent(&order.id).unwrap().unwrap();
    let target = PaymentRef {
        id: SafeText::new(ID),
        attempt: Some(SafeText::new("tx-1")),
        balance: Some(won(45_000)),
    };
    assert_eq!((intent.new.target, intent.new.amount), (Some(Target::Record(target)), won(10_000)));
    assert_eq!(intent.new.note.as_deref(), Some(REASON));
    assert_eq!(intent.approval.unwrap().provider_payment_id, Some(SafeText::new("c1")));
    assert_eq!(rig.desk.done_with(&SafeText::new(ID)).unwrap().len(), 1);
}

#[tokio::test]
async fn a_balance_that_changed_and_a_rule_that_blocks_send_nothing() {
    let rig = shop(vec![vec![done("x", 5_000, "콘솔")], vec![]], vec![]);
    let order = order(&rig, &record(vec![]), 10_000);
    let end = refund(&rig, &order).await;
    assert_eq!(end.outcome, Outcome::NotCharged(Problem::BalanceChanged));
    assert_eq!(end.payment.unwrap().balance(), Some(won(40_000)), "the person is told what there is now");
    let end = refund(&rig, &RefundOrder { amount: won(45_001), ..order }).await;
    assert!(matches!(end.outcome, Outcome::NotCharged(Problem::RefundBlocked { .. })), "{end:?}");
    assert_eq!(rig.gateway.sent(), Vec::<String>::new());
    assert_eq!(rig.gateway.states(), Vec::<String>::new(), "nothing is in the journal");
}

#[tokio::test]
async fn each_answer_ends_differently() {
    for (state, word, expected) in [
        (CancellationState::Succeeded, "approved", IntentState::Approved),
        (CancellationState::Failed(refusal()), "declined", IntentState::Declined),
        (CancellationState::Requested, REQUESTED, IntentState::Unknown),
        (CancellationState::Other(SafeText::new("NEW")), "undecided", IntentState::Unknown),
    ] {
        let ours = cancellation("c1", 10_000, REASON, state);
        let rig = shop(vec![vec![], vec![ours.clone()]], vec![answered(ours)]);
        let order = order(&rig, &record(vec![]), 10_000);
        let end = refund(&rig, &order).await;
        match &end.outcome {
            Outcome::Unknown(why) => assert_eq!(why, word),
            Outcome::Approved(_) => assert_eq!(word, "approved"),
            Outcome::Declined(said) => assert_eq!((word, said), ("declined", &refusal())),
            other => panic!("{other:?}"),
        }
        assert_eq!(state_of(&rig, &order.id), expected);
    }
}

#[tokio::test]
async fn one_that_was_taken_on_is_followed_by_its_own_id() {
    let waits = cancellation("c1", 10_000, REASON, CancellationState::Requested);
    // Another of the same amount and reason ends before it.
    let other = done("c2", 10_000, REASON);
    let looks = vec![
        vec![],
        vec![waits.clone()],
        vec![waits.clone(), other.clone()],
        vec![done("c1", 10_000, REASON), other],
    ];
    let rig = shop(looks, vec![answered(waits)]);
    let order = order(&rig, &record(vec![]), 10_000);
    refund(&rig, &order).await;
    rig.pass(100_000);
    let looks = rig.desk.settle().await.unwrap();
    assert_eq!(looks, [(order.id.clone(), Look::Open(REQUESTED))]);
    let looks = rig.desk.settle().await.unwrap();
    assert!(matches!(&looks[..], [(_, Look::Settled(_))]), "{looks:?}");
    assert_eq!(state_of(&rig, &order.id), IntentState::Approved);
    assert_eq!(rig.desk.settle().await, Ok(Vec::new()));
}

/// A refund whose answer was lost, and how one look after so many seconds ends.
async fn lost(before: Vec<Cancellation>, now: Vec<Cancellation>, seconds: i64) -> (Look, IntentState) {
    let rig = shop(vec![before.clone(), before.clone(), now], vec![Reply::Unseen("timeout")]);
    let order = order(&rig, &record(before), 10_000);
    assert_eq!(refund(&rig, &order).await.outcome, Outcome::Unknown("timeout".to_owned()));
    rig.pass(seconds);
    let look = rig.desk.look_at(&order.id).await;
    let state = state_of(&rig, &order.id);
    (look, state)
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_what_is_new_at_the_payment() {
    let old = done("c0", 10_000, REASON);
    let cases = [
        ("ours", vec![old.clone(), done("c1", 10_000, REASON)], 1, Ok(IntentState::Approved)),
        ("nothing yet", vec![old.clone()], 1, Err("not_found_yet")),
        ("nothing after the window", vec![old.clone()], 1_000, Ok(IntentState::NotCharged)),
        (
            "refused",
            vec![old.clone(), cancellation("c1", 10_000, REASON, CancellationState::Failed(refusal()))],
            1,
            Ok(IntentState::Declined),
        ),
        ("another amount", vec![old.clone(), done("c1", 9_000, REASON)], 1_000, Ok(IntentState::NotCharged)),
        ("another's words", vec![old.clone(), done("c1", 10_000, "콘솔")], 1_000, Err("another_refund")),
        (
            "ours beside another's",
            vec![old.clone(), done("c1", 10_000, "콘솔"), done("c2", 10_000, REASON)],
            1,
            Ok(IntentState::Approved),
        ),
        (
            "two that could be",
            vec![old.clone(), done("c1", 10_000, REASON), done("c2", 10_000, REASON)],
            1_000,
            Err("several_refunds"),
        ),
        (
            "still waits",
            vec![old.clone(), cancellation("c1", 10_000, REASON, CancellationState::Requested)],
            1_000,
            Err(REQUESTED),
        ),
    ];
    for (name, now, seconds, expected) in cases {
        let (look, state) = lost(vec![old.clone()], now, seconds).await;
        match (look, expected) {
            (Look::Settled(_), Ok(expected)) => assert_eq!(state, expected, "{name}"),
            (Look::Open(why), Err(expected)) => {
                assert_eq!((why, state), (expected, IntentState::Unknown), "{name}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn where_no_list_tells_the_sum_does() {
    let rig = rig_of(
        Generation::V1,
        Script {
            attempts: [
                Ok(vec![record(vec![])]),
                Ok(vec![record(vec![])]),
                Ok(vec![PaymentRecord { cancelled: Some(won(10_000)), ..record(vec![]) }]),
            ]
            .into(),
            refunds: [Reply::Unseen("reset")].into(),
            ..Script::default()
        },
    );
    let order = order(&rig, &record(vec![]), 10_000);
    refund(&rig, &order).await;
    assert!(matches!(rig.desk.look_at(&order.id).await, Look::Settled(_)));
    assert_eq!(state_of(&rig, &order.id), IntentState::Approved);
}

#[tokio::test]
async fn while_one_is_open_no_reason_lets_another_pass_and_afterwards_the_guard_asks() {
    let ours = done("c1", 10_000, REASON);
    let looks = vec![vec![], vec![], vec![], vec![ours.clone()], vec![ours.clone()], vec![ours]];
    let rig = shop(looks, vec![Reply::Unseen("timeout")]);
    let first = order(&rig, &record(vec![]), 10_000);
    refund(&rig, &first).await;
    let other = order(&rig, &record(vec![]), 5_000);
    let insists = Guard::Overridden("꼭".to_owned());
    let end = rig.desk.refund(&other, &insists, |_| ()).await;
    let reference = first.id.to_string();
    assert_eq!(end.outcome, Outcome::NotCharged(Problem::EarlierOpen { reference }));
    assert!(matches!(rig.desk.look_at(&first.id).await, Look::Settled(_)));
    let now = record(vec![done("c1", 10_000, REASON)]);
    let again = order(&rig, &now, 10_000);
    let end = refund(&rig, &again).await;
    assert!(matches!(&end.outcome, Outcome::Blocked(earlier) if earlier.new.id == first.id), "{end:?}");
    assert_eq!(rig.desk.earlier_refund(&again).unwrap().unwrap().new.id, first.id);
    assert_eq!(rig.gateway.sent().len(), 1, "sent once in all");
}

#[tokio::test]
async fn killed_after_sending_it_is_settled_by_the_next_start() {
    let rig = shop(vec![vec![], vec![done("c1", 10_000, REASON)]], vec![]);
    *rig.gateway.hangs.lock().unwrap() = true;
    let order = order(&rig, &record(vec![]), 10_000);
    {
        let hanging = std::pin::pin!(refund(&rig, &order));
        tokio::select! {
            biased;
            _ = hanging => panic!("it hangs"),
            () = std::future::ready(()) => {}
        }
    }
    let settled = rig.desk.settle().await.unwrap();
    assert!(matches!(&settled[..], [(_, Look::Settled(_))]), "{settled:?}");
    assert_eq!(state_of(&rig, &order.id), IntentState::Approved);
}

fn receipt(state: ReceiptState) -> ProviderReceipt {
    ProviderReceipt {
        state,
        number: Some(SafeText::new("G123")),
        kind: None,
        amount: Some(won(45_000)),
        tax_free: None,
        vat: None,
        url: None,
        issued_at: None,
        cancelled_at: None,
    }
}

fn receipt_order(rig: &Rig) -> ReceiptOrder {
    ReceiptOrder {
        id: rig.desk.mint(),
        channel: channel(Generation::V2),
        payment: SafeText::new(ID),
        provider_payment_id: None,
        receipt: crate::domain::account::CashReceipt {
            kind: crate::domain::account::ReceiptKind::Personal,
            identity: "01098765432".to_owned(),
        },
        order_name: "시험".to_owned(),
        amount: won(45_000),
        tax_free: None,
        vat: None,
        customer: customer(),
    }
}

#[tokio::test]
async fn a_receipt_is_an_intent_and_a_lost_answer_is_settled_by_its_state() {
    let rig = rig_of(
        Generation::V2,
        Script {
            receipts_issued: [Reply::Unseen("timeout")].into(),
            receipts: [Ok(None), Ok(Some(receipt(ReceiptState::Issued)))].into(),
            ..Script::default()
        },
    );
    let order = receipt_order(&rig);
    let end: ReceiptEnd = rig.desk.issue_receipt(&order).await;
    assert_eq!(end.outcome, Outcome::Unknown("timeout".to_owned()));
    assert_eq!(rig.gateway.sent(), [format!("issue_receipt {ID}: issue_receipt sent")]);
    let twice = rig.desk.issue_receipt(&receipt_order(&rig)).await;
    assert!(matches!(twice.outcome, Outcome::NotCharged(Problem::EarlierOpen { .. })));
    assert_eq!(rig.desk.look_at(&order.id).await, Look::Open("not_found_yet"));
    assert!(matches!(rig.desk.look_at(&order.id).await, Look::Settled(_)));
    let intent = rig.desk.intent(&order.id).unwrap().unwrap();
    assert_eq!(intent.approval.unwrap().approval_number, Some(SafeText::new("G123")));
    let bytes = std::fs::read(rig.folder.path().join("ledger.db-wal")).unwrap_or_default();
    assert!(!bytes.windows(11).any(|window| window == b"01098765432"), "the number is never kept");
}

#[tokio::test]
async fn a_receipt_whose_cancel_was_lost_is_asked_for() {
    for (there, seconds, expected) in [
        (Some(receipt(ReceiptState::Cancelled)), 1, Some(IntentState::Approved)),
        (Some(receipt(ReceiptState::Issued)), 1, None),
        (Some(receipt(ReceiptState::Issued)), 1_000, Some(IntentState::NotCharged)),
    ] {
        let rig = rig_of(
            Generation::V2,
            Script {
                plains: [Reply::Unseen("reset")].into(),
                receipts: [Ok(there)].into(),
                ..Script::default()
            },
        );
        let order =
            ReceiptCancel { id: rig.desk.mint(), payment: SafeText::new(ID), provider_payment_id: None };
        rig.desk.cancel_receipt(&order, &channel(Generation::V2)).await;
        rig.pass(seconds);
        let look = rig.desk.look_at(&order.id).await;
        match expected {
            Some(state) => assert_eq!(state_of(&rig, &order.id), state),
            None => assert_eq!(look, Look::Open("still_issued")),
        }
    }
}

/// An account of 45,000 won that was paid a moment ago, as the copy has it.
fn paid_account(rig: &Rig, receipt: Option<ReceiptState>) {
    let at = Some(rig.world.now().as_second() - 60);
    let account = PaymentRecord {
        method: Method::VirtualAccount,
        requested_at: at,
        changed_at: at,
        receipt,
        ..PaymentRecord::bare(ID, PaymentState::Paid, Some(won(45_000)))
    };
    let asked = rig.world.now();
    rig.desk.ledger.borrow().put_payments("main", rig.generation(), &[account], asked).unwrap();
}

fn owed(rig: &Rig) -> usize {
    let now = rig.world.now();
    let span = Span { from: now - SignedDuration::from_hours(24), until: now };
    rig.desk.receipts_owed(span).unwrap().len()
}

#[tokio::test]
async fn of_v1_the_journal_knows_receipts_by_hand_and_of_v2_the_payment_itself() {
    let rig = rig_of(
        Generation::V1,
        Script {
            receipts_issued: [
                Reply::NotDone(Problem::ReceiptExists),
                Reply::Done(receipt(ReceiptState::Issued)),
                Reply::Done(receipt(ReceiptState::Issued)),
            ]
            .into(),
            plains: [Reply::Done(())].into(),
            ..Script::default()
        },
    );
    paid_account(&rig, None);
    assert_eq!(owed(&rig), 1);
    rig.desk.issue_receipt(&receipt_order(&rig)).await;
    assert_eq!(owed(&rig), 1, "none was issued");
    rig.pass(1_000);
    rig.desk.issue_receipt(&receipt_order(&rig)).await;
    assert_eq!(owed(&rig), 0, "V1's payment does not tell of it");
    rig.pass(1_000);
    let order = ReceiptCancel { id: rig.desk.mint(), payment: SafeText::new(ID), provider_payment_id: None };
    rig.desk.cancel_receipt(&order, &channel(Generation::V1)).await;
    assert_eq!(owed(&rig), 1);
    rig.pass(1_000);
    rig.desk.issue_receipt(&receipt_order(&rig)).await;
    assert_eq!(owed(&rig), 0);

    for (told, expected) in [
        (None, 1),
        (Some(ReceiptState::Issued), 0),
        (Some(ReceiptState::Cancelled), 1),
        (Some(ReceiptState::NotIssued), 1),
    ] {
        let script = Script {
            receipts_issued: [Reply::Done(receipt(ReceiptState::Issued))].into(),
            ..Script::default()
        };
        let rig = rig_of(Generation::V2, script);
        rig.desk.issue_receipt(&receipt_order(&rig)).await;
        rig.pass(1);
        paid_account(&rig, told);
        assert_eq!(owed(&rig), expected, "whoever cancelled it elsewhere: {told:?}");
    }
}
