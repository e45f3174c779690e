//! A keyed-in card: every end, every state of the journal.

use super::*;

#[tokio::test]
async fn an_approval_is_journalled_and_read_back() {
    let rig = rig(vec![Reply::Done(None)], vec![found(PaymentState::Paid)]);
    let (id, outcome) = rig.charge(&rig.check()).await;
    let Outcome::Approved(approval) = outcome else { panic!("{outcome:?}") };
    assert_eq!(approval.approval_number.unwrap().as_str(), "31557120");
    let intent = rig.desk.intent(&id).unwrap().unwrap();
    assert_eq!(intent.state, IntentState::Approved);
    assert_eq!(intent.new.card.unwrap().to_string(), "9410 12** **** 1234");
    assert_eq!(intent.approval.unwrap().approval_number.unwrap().as_str(), "31557120");
    let words: Vec<String> =
        rig.desk.ledger.borrow().history(&id).unwrap().into_iter().map(|entry| entry.word).collect();
    assert_eq!(words, ["intended", "sent", "approved", "approved"]);
}

#[tokio::test]
async fn an_approval_stands_when_the_details_can_not_be_read() {
    let failed = Err(Problem::Unreadable { why: "http_500".to_owned() });
    let rig = rig(vec![Reply::Done(None)], vec![failed]);
    let (id, outcome) = rig.charge(&rig.check()).await;
    assert!(matches!(outcome, Outcome::Approved(approval) if approval.approval_number.is_none()));
    assert_eq!(rig.state(&id), IntentState::Approved);
}

#[tokio::test]
async fn a_decline_and_a_closed_door_are_settled_at_once() {
    let refusal = Refusal { code: Some(SafeText::new("CC61")), message: SafeText::new("한도초과") };
    let closed = Problem::Credentials { profile: "main".to_owned() };
    let rig = rig(vec![Reply::Declined(refusal.clone()), Reply::NotDone(closed.clone())], Vec::new());
    let (declined, outcome) = rig.charge(&rig.check()).await;
    assert_eq!(outcome, Outcome::Declined(refusal.clone()));
    assert_eq!(rig.desk.intent(&declined).unwrap().unwrap().refusal, Some(refusal));
    let (refused, outcome) = rig.charge(&rig.check()).await;
    assert_eq!(outcome, Outcome::NotCharged(closed));
    assert_eq!(rig.state(&refused), IntentState::NotCharged);
}

#[tokio::test]
async fn the_guard_stops_a_second_charge_across_consoles_until_a_reason_is_given() {
    let rig = rig(vec![Reply::Unseen("timeout"), Reply::Done(None)], vec![found(PaymentState::Paid)]);
    let (first, _) = rig.charge(&rig.check()).await;
    let (_, outcome) = rig.charge(&rig.check()).await;
    let Outcome::Blocked(earlier) = outcome else { panic!("{outcome:?}") };
    assert_eq!(earlier.new.id, first);
    assert_eq!(rig.gateway.charged(), 1);
    let (second, outcome) = rig.charge(&Guard::Overridden("두 번째 정수기".to_owned())).await;
    assert!(matches!(outcome, Outcome::Approved(_)));
    assert_eq!(rig.desk.intent(&second).unwrap().unwrap().guard_reason.as_deref(), Some("두 번째 정수기"));
}

#[tokio::test]
async fn the_guard_lets_go_after_its_window_and_after_a_decline() {
    let rig = rig(
        vec![
            Reply::Declined(Refusal::default()),
            Reply::Unseen("reset"),
            Reply::Declined(Refusal::default()),
        ],
        Vec::new(),
    );
    rig.charge(&rig.check()).await;
    let (_, outcome) = rig.charge(&rig.check()).await;
    assert_eq!(outcome, Outcome::Unknown("reset".to_owned()), "a decline is no earlier charge");
    rig.pass(601);
    let (_, outcome) = rig.charge(&rig.check()).await;
    assert!(matches!(outcome, Outcome::Declined(_)));
}

#[tokio::test]
async fn not_found_counts_only_after_the_window() {
    let rig = rig(
        vec![Reply::Unseen("timeout")],
        vec![Ok(LookUp::NotFound), Ok(LookUp::NotFound), Ok(LookUp::NotFound)],
    );
    let (id, _) = rig.charge(&rig.check()).await;
    assert_eq!(rig.desk.look_at(&id).await, Look::Open("not_found_yet"));
    rig.pass(SETTLE_WINDOW.as_secs() - 1);
    assert_eq!(rig.desk.look_at(&id).await, Look::Open("not_found_yet"));
    rig.pass(1);
    assert!(
        matches!(rig.desk.look_at(&id).await, Look::Settled(intent) if intent.state == IntentState::NotCharged)
    );
    assert_eq!(rig.gateway.charged(), 1);
}

#[tokio::test]
async fn a_clock_that_went_backwards_never_makes_it_not_charged() {
    let rig = rig(vec![Reply::Unseen("timeout")], vec![Ok(LookUp::NotFound)]);
    let (id, _) = rig.charge(&rig.check()).await;
    rig.pass(-86_400);
    assert_eq!(rig.desk.look_at(&id).await, Look::Open("not_found_yet"));
}

#[tokio::test]
async fn unknown_settles_to_what_the_provider_says() {
    for (state, settled) in [
        (PaymentState::Paid, Some(IntentState::Approved)),
        (PaymentState::Cancelled, Some(IntentState::Approved)),
        (PaymentState::Failed, Some(IntentState::Declined)),
        (PaymentState::Pending, None),
        (PaymentState::Ready, None),
        (PaymentState::Other(SafeText::new("NEW")), None),
    ] {
        let rig = rig(vec![Reply::Unseen("reset")], vec![found(state.clone())]);
        let (id, _) = rig.charge(&rig.check()).await;
        rig.pass(10_000);
        let looks = rig.desk.settle().await.unwrap();
        assert_eq!(looks.len(), 1);
        assert_eq!(rig.state(&id), settled.unwrap_or(IntentState::Unknown), "{state:?}");
    }
}

#[tokio::test]
async fn a_look_up_that_fails_changes_nothing() {
    let problem = Problem::Unreadable { why: "malformed".to_owned() };
    let rig = rig(vec![Reply::Unseen("reset")], vec![Err(problem.clone())]);
    let (id, _) = rig.charge(&rig.check()).await;
    rig.pass(10_000);
    assert_eq!(rig.desk.look_at(&id).await, Look::Failed(problem));
    assert_eq!(rig.state(&id), IntentState::Unknown);
}

#[tokio::test]
async fn what_another_running_console_waits_for_is_left_to_it() {
    let mut rig = rig(Vec::new(), vec![found(PaymentState::Paid)]);
    rig.type_card();
    let order = rig.order();
    let new = rig.desk.key_in_intent(&order).unwrap();
    rig.desk.begin(&new, &rig.check()).unwrap();
    let other = |others_run| {
        Rc::new(Still {
            now: rig.world.now.clone(),
            process: "2:2".to_owned(),
            others_run,
            chance: Cell::new(9),
        })
    };
    let (running, gone) = (other(true), other(false));
    rig.desk.world = running;
    assert_eq!(rig.desk.look_at(&order.sale.payment_id).await, Look::Open("held_by_another_console"));
    rig.desk.world = gone;
    assert!(matches!(rig.desk.look_at(&order.sale.payment_id).await, Look::Settled(_)));
}

#[tokio::test]
async fn what_was_never_sent_was_not_charged() {
    let rig = rig(Vec::new(), Vec::new());
    rig.type_card();
    let order = rig.order();
    let facts = rig.desk.vault.number_facts();
    assert_eq!(facts.len, 16);
    // A kill between the two steps of the journal leaves the first.
    let connection = rusqlite::Connection::open(rig.folder.path().join("ledger.db")).unwrap();
    let new = rig.desk.key_in_intent(&order).unwrap();
    rig.desk.begin(&new, &rig.check()).unwrap();
    connection.execute("UPDATE intents SET state = 'intended', sent_at = NULL", []).unwrap();
    assert!(matches!(rig.desk.look_at(&order.sale.payment_id).await, Look::Settled(intent)
        if intent.state == IntentState::NotCharged && intent.why.as_deref() == Some("never_sent")));
}

#[tokio::test]
async fn a_ledger_that_can_not_be_written_sends_nothing() {
    let rig = rig(Vec::new(), Vec::new());
    let connection = rusqlite::Connection::open(rig.folder.path().join("ledger.db")).unwrap();
    connection.execute_batch("DROP TABLE history").unwrap();
    let (_, outcome) = rig.charge(&rig.check()).await;
    assert!(matches!(outcome, Outcome::NotCharged(Problem::Ledger { .. })), "{outcome:?}");
    assert_eq!(rig.gateway.charged(), 0);
    let kept: i64 = connection.query_row("SELECT count(*) FROM intents", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 0, "the intent and its line of history are one transaction");
}

#[tokio::test]
async fn an_id_is_used_once() {
    let rig = rig(vec![Reply::Declined(Refusal::default())], Vec::new());
    rig.type_card();
    let order = rig.order();
    rig.desk.charge(&order, &rig.check(), |_| ()).await;
    rig.type_card();
    let outcome = rig.desk.charge(&order, &rig.check(), |_| ()).await.outcome;
    assert!(matches!(outcome, Outcome::NotCharged(Problem::Ledger { .. })));
    assert_eq!(rig.gateway.charged(), 1);
}

#[tokio::test]
async fn another_amount_is_shown_when_the_provider_says_one() {
    let mut other = payment(PaymentState::Paid);
    other.total = Money::new(4_500, Currency::Krw);
    let rig = rig(vec![Reply::Done(Some(Box::new(other)))], Vec::new());
    let (id, outcome) = rig.charge(&rig.check()).await;
    assert!(matches!(outcome, Outcome::Approved(approval) if approval.differing_total.is_some()));
    let kept = rig.desk.intent(&id).unwrap().unwrap().approval.unwrap();
    assert_eq!(kept.differing_total, Money::new(4_500, Currency::Krw));
}

#[tokio::test]
async fn a_refusal_that_may_hide_a_charge_is_looked_up_first() {
    let odd = || Refusal { code: None, message: SafeText::new("이미 결제된 거래입니다") };
    for (look, end) in [
        (found(PaymentState::Paid), IntentState::Approved),
        (found(PaymentState::Failed), IntentState::Declined),
        (Ok(LookUp::NotFound), IntentState::Unknown),
        (Err(Problem::Unreadable { why: "http_500".to_owned() }), IntentState::Unknown),
    ] {
        let rig = rig(vec![Reply::Declined(odd())], vec![look]);
        let (id, outcome) = rig.charge(&rig.check()).await;
        assert_eq!(rig.state(&id), end, "{outcome:?}");
        assert_eq!(rig.gateway.charged(), 1);
    }
}
