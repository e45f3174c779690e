//! A card that is kept and charged: every combination of ends, and every place to die at.

use super::*;

fn rig_with(
    issues: Vec<Reply<IssuedKey>>,
    charges: Vec<Charged>,
    looks: Vec<Result<LookUp, Problem>>,
) -> Rig {
    rig_of(
        Generation::V2,
        Script { issues: issues.into(), charges: charges.into(), looks: looks.into(), ..Script::default() },
    )
}

async fn keep(rig: &Rig, guard: &Guard) -> (PaymentId, ChargeEnd) {
    rig.type_card();
    let order = KeyInOrder { save_card: true, ..rig.order() };
    let end = rig.desk.charge(&order, guard, |_| ()).await;
    assert!(rig.desk.vault.is_empty(), "the vault must be wiped in whatever way it ended");
    (order.sale.payment_id, end)
}

#[tokio::test]
async fn the_key_is_issued_first_and_then_charged() {
    let rig = rig_with(vec![issued("k1")], vec![Reply::Done(None)], vec![found(PaymentState::Paid)]);
    let (id, end) = keep(&rig, &rig.check()).await;
    assert_eq!(end.key, Some(KeyFate::Kept(bkey("k1"))));
    let Outcome::Approved(approval) = end.outcome else { panic!("{:?}", end.outcome) };
    assert_eq!((approval.key, approval.approval_number.unwrap().as_str()), (Some(bkey("k1")), "31557120"));
    // Each intent is on disk, and `sent`, before its own request leaves.
    assert_eq!(
        rig.gateway.sent(),
        [
            "issue_key: charge_key intended, issue_key sent",
            "charge_key k1: charge_key sent, issue_key approved"
        ]
    );
    let charge = rig.intent(&id);
    assert_eq!((charge.new.kind, charge.state), (IntentKind::ChargeKey, IntentState::Approved));
    assert_eq!(charge.new.card.unwrap().to_string(), "9410 12** **** 1234");
    let key = rig.only(IntentKind::IssueKey);
    assert_eq!((key.new.parent, key.state), (Some(id.clone()), IntentState::Approved));
    assert!(key.new.amount.is_zero());
    assert_eq!(key.approval.unwrap().key, Some(bkey("k1")));
    assert_eq!(rig.steps(&id), ["intended", "sent", "approved", "approved"]);
}

#[tokio::test]
async fn the_card_is_gone_before_the_key_is_charged() {
    let rig = rig_with(vec![issued("k1")], Vec::new(), Vec::new());
    rig.type_card();
    let order = KeyInOrder { save_card: true, ..rig.order() };
    let seen = Cell::new(None);
    rig.gateway.script().charges.push_back(Reply::Unseen("reset"));
    rig.desk
        .charge(&order, &rig.check(), |stage| {
            if stage == crate::domain::outcome::Stage::Sent {
                seen.set(Some(rig.desk.vault.is_empty()));
            }
        })
        .await;
    assert_eq!(seen.get(), Some(true));
}

#[tokio::test]
async fn a_declined_key_charges_nothing() {
    let rig = rig_with(vec![Reply::Declined(refusal())], Vec::new(), Vec::new());
    let (id, end) = keep(&rig, &rig.check()).await;
    assert_eq!(end, ChargeEnd { outcome: Outcome::Declined(refusal()), key: Some(KeyFate::NotKept) });
    let charge = rig.intent(&id);
    assert_eq!((charge.state, charge.why.as_deref()), (IntentState::NotCharged, Some("key_declined")));
    assert_eq!(charge.refusal.unwrap().message.as_str(), "한도초과");
    assert_eq!(charge.sent, None);
    let key = rig.only(IntentKind::IssueKey);
    assert_eq!((key.state, key.refusal), (IntentState::Declined, Some(refusal())));
    assert_eq!(rig.gateway.charged(), 0);
    // The guard lets a second attempt pass: nothing was charged.
    rig.gateway.script().issues.push_back(Reply::Declined(refusal()));
    let (_, again) = keep(&rig, &rig.check()).await;
    assert_eq!(again.outcome, Outcome::Declined(refusal()));
}

#[tokio::test]
async fn a_key_nobody_saw_charges_nothing_and_is_settled_later() {
    let rig = rig_with(vec![Reply::Unseen("timeout")], Vec::new(), Vec::new());
    let (id, end) = keep(&rig, &rig.check()).await;
    let why = "timeout".to_owned();
    assert_eq!(end.outcome, Outcome::NotCharged(Problem::CardMayBeKept { why }));
    assert_eq!(end.key, Some(KeyFate::Unseen));
    let charge = rig.intent(&id);
    assert_eq!((charge.state, charge.why.as_deref()), (IntentState::NotCharged, Some("card_may_be_kept")));
    let key = rig.only(IntentKind::IssueKey);
    assert_eq!(key.state, IntentState::Unknown);
    let mark = Some(SafeText::new(key.new.id.as_str()));
    let found = ProviderKey { made_by: mark, ..provider_key("k7") };
    rig.gateway.script().pages.push_back(Ok(KeyPage { keys: vec![found], total: None, more: false }));
    let looks = rig.desk.settle().await.unwrap();
    assert!(matches!(&looks[..], [(settled, Look::Settled(_))] if *settled == key.new.id), "{looks:?}");
    assert_eq!(rig.intent(&key.new.id).approval.unwrap().key, Some(bkey("k7")));
    assert_eq!((rig.state(&id), rig.gateway.charged()), (IntentState::NotCharged, 0));
}

#[tokio::test]
async fn a_closed_door_in_front_of_the_key_keeps_and_charges_nothing() {
    let closed = Problem::Credentials { profile: "main".to_owned() };
    let rig = rig_with(vec![Reply::NotDone(closed.clone())], Vec::new(), Vec::new());
    let (id, end) = keep(&rig, &rig.check()).await;
    assert_eq!(end, ChargeEnd { outcome: Outcome::NotCharged(closed), key: Some(KeyFate::NotKept) });
    assert_eq!(rig.intent(&id).why.as_deref(), Some("credentials"));
    assert_eq!(rig.only(IntentKind::IssueKey).state, IntentState::NotCharged);
}

#[tokio::test]
async fn whatever_becomes_of_the_charge_the_key_is_kept() {
    let closed = Problem::Forbidden { profile: "main".to_owned() };
    for (answer, outcome, state) in [
        (Reply::Declined(refusal()), Outcome::Declined(refusal()), IntentState::Declined),
        (Reply::Unseen("reset"), Outcome::Unknown("reset".to_owned()), IntentState::Unknown),
        (Reply::NotDone(closed.clone()), Outcome::NotCharged(closed.clone()), IntentState::NotCharged),
    ] {
        let rig = rig_with(vec![issued("k1")], vec![answer], Vec::new());
        let (id, end) = keep(&rig, &rig.check()).await;
        assert_eq!((end.outcome, rig.state(&id)), (outcome, state));
        assert_eq!(end.key, Some(KeyFate::Kept(bkey("k1"))));
        assert_eq!(rig.only(IntentKind::IssueKey).state, IntentState::Approved);
    }
}

#[tokio::test]
async fn the_guard_is_asked_before_anything_is_sent() {
    let rig =
        rig_with(vec![issued("k1"), issued("k2")], vec![Reply::Unseen("x"), Reply::Unseen("y")], Vec::new());
    let (first, _) = keep(&rig, &rig.check()).await;
    let (_, end) = keep(&rig, &rig.check()).await;
    assert!(matches!(end.outcome, Outcome::Blocked(earlier) if earlier.new.id == first));
    assert_eq!((end.key, rig.gateway.sent().len()), (None, 2));
    let (_, end) = keep(&rig, &Guard::Overridden("두 번째".to_owned())).await;
    assert_eq!(end.outcome, Outcome::Unknown("y".to_owned()));
}

#[tokio::test]
async fn dropped_while_the_key_is_issued_nothing_is_charged() {
    let rig = rig_with(Vec::new(), Vec::new(), Vec::new());
    rig.type_card();
    let order = KeyInOrder { save_card: true, ..rig.order() };
    let guard = rig.check();
    rig.drop_in_flight(rig.desk.charge(&order, &guard, |_| ())).await;
    assert!(rig.desk.vault.is_empty());
    let key = rig.only(IntentKind::IssueKey);
    let id = &order.sale.payment_id;
    assert_eq!((rig.state(id), key.state), (IntentState::Intended, IntentState::Sent));
    rig.gateway.script().pages.push_back(Ok(KeyPage::default()));
    rig.desk.settle().await.unwrap();
    assert_eq!(rig.intent(id).why.as_deref(), Some("never_sent"));
    assert_eq!(rig.state(&key.new.id), IntentState::Unknown);
    rig.pass(SETTLE_WINDOW.as_secs());
    rig.gateway.script().pages.push_back(Ok(KeyPage::default()));
    rig.desk.settle().await.unwrap();
    let key = rig.intent(&key.new.id);
    assert_eq!((key.state, key.why.as_deref()), (IntentState::NotCharged, Some("not_found")));
}

#[tokio::test]
async fn dropped_while_the_key_is_charged_the_payment_is_looked_up() {
    let rig = rig_with(Vec::new(), Vec::new(), vec![found(PaymentState::Paid)]);
    let order = KeyInOrder { save_card: true, ..rig.order() };
    let guard = rig.check();
    rig.type_card();
    // The issue answers at once, the charge behind it hangs.
    rig.gateway.script().issues.push_back(issued("k1"));
    let charge = rig.desk.charge(&order, &guard, |stage| {
        *rig.gateway.hangs.lock().unwrap() = stage == crate::domain::outcome::Stage::Sent;
    });
    tokio::select! {
        biased;
        _ = charge => panic!("it must hang"),
        () = std::future::ready(()) => {}
    }
    *rig.gateway.hangs.lock().unwrap() = false;
    assert_eq!(rig.only(IntentKind::IssueKey).state, IntentState::Approved);
    assert_eq!(rig.state(&order.sale.payment_id), IntentState::Sent);
    rig.desk.settle().await.unwrap();
    assert_eq!(rig.state(&order.sale.payment_id), IntentState::Approved);
    assert_eq!(rig.gateway.charged(), 1);
}

#[tokio::test]
async fn settling_leaves_alone_what_is_under_way() {
    let rig = rig_with(Vec::new(), Vec::new(), Vec::new());
    rig.type_card();
    let order = KeyInOrder { save_card: true, ..rig.order() };
    let guard = rig.check();
    *rig.gateway.hangs.lock().unwrap() = true;
    let charge = rig.desk.charge(&order, &guard, |_| ());
    tokio::select! {
        biased;
        _ = charge => panic!("it must hang"),
        looks = rig.desk.settle() => {
            // Neither the charge that waits for its key nor the key itself is touched or asked about.
            let looks = looks.unwrap();
            assert_eq!(looks.len(), 2);
            assert!(looks.iter().all(|(_, look)| *look == Look::Open("under_way")), "{looks:?}");
            assert_eq!(rig.state(&order.sale.payment_id), IntentState::Intended);
        }
    }
}

#[tokio::test]
async fn a_ledger_that_fails_in_between_sends_nothing_more() {
    let rig = rig_with(vec![issued("k1")], Vec::new(), Vec::new());
    let ledger = rig.folder.path().join("ledger.db");
    rig.type_card();
    let order = KeyInOrder { save_card: true, ..rig.order() };
    let end = rig
        .desk
        .charge(&order, &rig.check(), |stage| {
            if stage == crate::domain::outcome::Stage::Sent {
                rusqlite::Connection::open(&ledger).unwrap().execute_batch("DROP TABLE history").unwrap();
            }
        })
        .await;
    assert!(matches!(end.outcome, Outcome::NotCharged(Problem::Ledger { .. })), "{:?}", end.outcome);
    assert_eq!((end.key, rig.gateway.charged()), (Some(KeyFate::Kept(bkey("k1"))), 0));
}

/// V1 keeps the card in the same call: what the answer, or the key itself, says.
#[tokio::test]
async fn v1_tells_what_became_of_the_card() {
    let paid = |key: Option<&str>| {
        Reply::Done(Some(Box::new(ProviderPayment { key: key.map(bkey), ..payment(PaymentState::Paid) })))
    };
    let minted = || {
        let first = PaymentId::mint([1; PaymentId::RANDOM_BYTES]);
        BillingKey::mint(&first)
    };
    for (answer, asked, fate) in [
        (paid(Some("card-x")), None, KeyFate::Kept(bkey("card-x"))),
        (paid(None), None, KeyFate::NotKept),
        (Reply::Declined(refusal()), Some(Ok(None)), KeyFate::NotKept),
        (Reply::Declined(refusal()), Some(Ok(Some(provider_key("any")))), KeyFate::Kept(minted())),
        (Reply::Declined(refusal()), Some(Err(unreadable())), KeyFate::Unseen),
        (Reply::Unseen("reset"), None, KeyFate::Unseen),
        (Reply::NotDone(Problem::Busy), None, KeyFate::NotKept),
    ] {
        let script = Script {
            charges: [answer.clone()].into(),
            keys: asked.into_iter().collect(),
            ..Script::default()
        };
        let rig = rig_of(Generation::V1, script);
        let (id, end) = keep(&rig, &rig.check()).await;
        assert_eq!(end.key, Some(fate), "{answer:?}");
        assert_eq!(rig.intent(&id).new.kind, IntentKind::KeyIn, "one call, one intent");
        assert!(rig.gateway.script().keys.is_empty());
    }
}
