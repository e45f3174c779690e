//! Billing keys: registered, charged, deleted, searched.

use super::*;
use crate::domain::intent::Target;

fn order(rig: &Rig, key: Option<&str>) -> KeyOrder {
    KeyOrder {
        id: rig.desk.mint(),
        channel: channel(rig.generation()),
        customer: customer(),
        key: key.map(bkey),
    }
}

fn keys(generation: Generation, issues: Vec<Reply<IssuedKey>>, keys: Vec<Option<ProviderKey>>) -> Rig {
    let keys = keys.into_iter().map(Ok).collect();
    rig_of(generation, Script { issues: issues.into(), keys, ..Script::default() })
}

async fn register(rig: &Rig, order: &KeyOrder, guard: &Guard) -> crate::domain::outcome::KeyEnd {
    rig.type_card();
    let end = rig.desk.issue_key(order, guard, |_| ()).await;
    assert!(rig.desk.vault.is_empty(), "the vault must be wiped in whatever way it ended");
    end
}

#[tokio::test]
async fn a_key_is_registered_and_read_back() {
    let rig = keys(Generation::V2, vec![issued("k1")], vec![Some(provider_key("k1"))]);
    let order = order(&rig, None);
    let end = register(&rig, &order, &rig.check()).await;
    let Outcome::Approved(approval) = end.outcome else { panic!("{:?}", end.outcome) };
    assert_eq!((approval.key, approval.issuer), (Some(bkey("k1")), Some(SafeText::new("신한카드"))));
    assert_eq!(end.key.unwrap().card.unwrap().last4(), "1234");
    assert_eq!(rig.gateway.sent(), ["issue_key: issue_key sent"]);
    let intent = rig.intent(&order.id);
    assert_eq!((intent.new.parent, intent.new.target), (None, None), "V2 chooses its keys itself");
    assert_eq!(intent.new.customer.id(), Some("cust0042"));
    assert_eq!(intent.new.card.unwrap().to_string(), "9410 12** **** 1234");
    assert_eq!(intent.approval.unwrap().issuer, Some(SafeText::new("신한카드")));
    let made = rig.desk.ledger.borrow().by_key(&bkey("k1")).unwrap().unwrap();
    assert_eq!(made.new.id, order.id);
}

#[tokio::test]
async fn channels_that_refused_although_the_key_exists_are_told() {
    let answer = Reply::Done(IssuedKey {
        key: bkey("k1"),
        refusals: vec![refusal()],
        card: None,
        issuer: Some(SafeText::new("국민카드")),
    });
    let rig = rig_of(
        Generation::V2,
        Script { issues: [answer].into(), keys: [Err(unreadable())].into(), ..Script::default() },
    );
    let order = order(&rig, None);
    let end = register(&rig, &order, &rig.check()).await;
    assert_eq!((end.refusals, end.key), (vec![refusal()], None));
    assert_eq!(rig.intent(&order.id).approval.unwrap().issuer, Some(SafeText::new("국민카드")));
}

#[tokio::test]
async fn other_ends_of_a_registration() {
    let closed = Problem::ChannelUnknown { channel: "kcp".to_owned() };
    for (answer, outcome, state) in [
        (Reply::Declined(refusal()), Outcome::Declined(refusal()), IntentState::Declined),
        (Reply::Unseen("reset"), Outcome::Unknown("reset".to_owned()), IntentState::Unknown),
        (Reply::NotDone(closed.clone()), Outcome::NotCharged(closed.clone()), IntentState::NotCharged),
    ] {
        let rig = keys(Generation::V2, vec![answer], Vec::new());
        let order = order(&rig, None);
        let end = register(&rig, &order, &rig.check()).await;
        assert_eq!((end.outcome, rig.state(&order.id)), (outcome, state));
    }
}

#[tokio::test]
async fn a_key_without_a_card_is_not_sent() {
    let rig = keys(Generation::V2, Vec::new(), Vec::new());
    let order = order(&rig, None);
    let end = rig.desk.issue_key(&order, &rig.check(), |_| ()).await;
    assert_eq!(end.outcome, Outcome::NotCharged(Problem::Card { field: "number" }));
    assert_eq!(rig.desk.intent(&order.id).unwrap(), None);
}

#[tokio::test]
async fn a_name_that_is_in_use_is_never_used_again_by_accident() {
    let rig = keys(
        Generation::V1,
        vec![issued("m_2001")],
        vec![Some(provider_key("m_2001")), Some(provider_key("m_2001"))],
    );
    let first = order(&rig, Some("m_2001"));
    let end = register(&rig, &first, &rig.check()).await;
    let card = "9410 12** **** 1234".to_owned();
    assert_eq!(end.outcome, Outcome::NotCharged(Problem::KeyTaken { card }));
    assert_eq!((rig.gateway.sent().len(), rig.desk.intent(&first.id).unwrap()), (0, None));
    // With a reason it is, and the reason is kept.
    let second = order(&rig, Some("m_2001"));
    let end = register(&rig, &second, &Guard::Overridden("카드 재발급".to_owned())).await;
    assert!(matches!(end.outcome, Outcome::Approved(_)));
    let intent = rig.intent(&second.id);
    assert_eq!(intent.guard_reason.as_deref(), Some("카드 재발급"));
    assert_eq!(intent.new.target, Some(Target::Key(bkey("m_2001"))));
}

#[tokio::test]
async fn a_name_that_can_not_be_checked_is_not_used() {
    let script = Script { keys: [Err(unreadable())].into(), ..Script::default() };
    let rig = rig_of(Generation::V1, script);
    let order = order(&rig, Some("m_2001"));
    let end = register(&rig, &order, &rig.check()).await;
    assert!(matches!(end.outcome, Outcome::NotCharged(Problem::Unreachable { .. })), "{:?}", end.outcome);
    assert!(rig.gateway.sent().is_empty());
}

#[tokio::test]
async fn a_name_of_our_own_making_needs_no_question() {
    let rig = keys(Generation::V1, vec![issued("x")], vec![None]);
    let order = order(&rig, None);
    let end = register(&rig, &order, &rig.check()).await;
    assert!(matches!(end.outcome, Outcome::Approved(_)));
    let name = BillingKey::mint(&order.id);
    assert_eq!(rig.intent(&order.id).new.target, Some(Target::Key(name)));
}

fn charge_order(rig: &Rig, key: &str) -> KeyChargeOrder {
    KeyChargeOrder { sale: rig.sale(), key: bkey(key), installments: Installments::default() }
}

#[tokio::test]
async fn a_key_is_charged_like_a_card() {
    for (answer, looks, state) in [
        (Reply::Done(None), vec![found(PaymentState::Paid)], IntentState::Approved),
        (Reply::Declined(refusal()), Vec::new(), IntentState::Declined),
        (Reply::Unseen("timeout"), Vec::new(), IntentState::Unknown),
        (Reply::NotDone(Problem::KeyGone), Vec::new(), IntentState::NotCharged),
    ] {
        let rig = rig(vec![answer], looks);
        let order = charge_order(&rig, "k1");
        rig.desk.charge_key(&order, &rig.check(), |_| ()).await;
        let intent = rig.intent(&order.sale.payment_id);
        assert_eq!((intent.new.kind, intent.state), (IntentKind::ChargeKey, state));
        assert_eq!(intent.new.target, Some(Target::Key(bkey("k1"))));
        assert_eq!(rig.gateway.sent(), ["charge_key k1: charge_key sent"]);
        assert_eq!(rig.desk.charges_of(&bkey("k1")).unwrap().len(), 1);
    }
}

#[tokio::test]
async fn the_same_key_and_amount_is_guarded_without_knowing_the_card() {
    let rig = rig(vec![Reply::Unseen("timeout"), Reply::Unseen("timeout")], Vec::new());
    let first = charge_order(&rig, "k1");
    rig.desk.charge_key(&first, &rig.check(), |_| ()).await;
    let second = charge_order(&rig, "k1");
    assert_eq!(rig.desk.earlier_of_key(&second).unwrap().unwrap().new.id, first.sale.payment_id);
    let outcome = rig.desk.charge_key(&second, &rig.check(), |_| ()).await;
    assert!(matches!(outcome, Outcome::Blocked(_)));
    let other = charge_order(&rig, "k2");
    assert_eq!(
        rig.desk.charge_key(&other, &rig.check(), |_| ()).await,
        Outcome::Unknown("timeout".to_owned())
    );
}

#[tokio::test]
async fn a_card_keyed_in_and_charged_by_its_key_is_the_same_card() {
    let rig = rig_of(
        Generation::V2,
        Script {
            issues: [issued("k1")].into(),
            keys: [Ok(None)].into(),
            charges: [Reply::Unseen("timeout")].into(),
            ..Script::default()
        },
    );
    register(&rig, &order(&rig, None), &rig.check()).await;
    let (keyed_in, _) = rig.charge(&rig.check()).await;
    let outcome = rig.desk.charge_key(&charge_order(&rig, "k1"), &rig.check(), |_| ()).await;
    assert!(matches!(outcome, Outcome::Blocked(earlier) if earlier.new.id == keyed_in));
}

#[tokio::test]
async fn an_unseen_charge_of_a_key_is_settled_like_a_card_s() {
    for (look, state) in [
        (found(PaymentState::Paid), IntentState::Approved),
        (found(PaymentState::Failed), IntentState::Declined),
        (found(PaymentState::VirtualAccountIssued), IntentState::Unknown),
        (Ok(LookUp::NotFound), IntentState::NotCharged),
    ] {
        let rig = rig(vec![Reply::Unseen("timeout")], vec![look]);
        let order = charge_order(&rig, "k1");
        rig.desk.charge_key(&order, &rig.check(), |_| ()).await;
        rig.pass(SETTLE_WINDOW.as_secs());
        rig.desk.settle().await.unwrap();
        assert_eq!(rig.state(&order.sale.payment_id), state);
    }
}

fn deletion(rig: &Rig, channel: Option<Channel>) -> KeyDelete {
    KeyDelete { id: rig.desk.mint(), key: bkey("k1"), channel, reason: None, requester: None }
}

fn deleting(plains: Vec<Reply<()>>, keys: Vec<Result<Option<ProviderKey>, Problem>>) -> Rig {
    rig_of(Generation::V2, Script { plains: plains.into(), keys: keys.into(), ..Script::default() })
}

#[tokio::test]
async fn a_deletion_ends_in_the_journal_too() {
    for (answer, outcome, state) in [
        (Reply::Done(()), Outcome::Approved(Approval::default()), IntentState::Approved),
        (Reply::Declined(refusal()), Outcome::Declined(refusal()), IntentState::Declined),
        (Reply::Unseen("reset"), Outcome::Unknown("reset".to_owned()), IntentState::Unknown),
        (
            Reply::NotDone(Problem::KeyHasSchedules),
            Outcome::NotCharged(Problem::KeyHasSchedules),
            IntentState::NotCharged,
        ),
        (Reply::NotDone(Problem::KeyGone), Outcome::NotCharged(Problem::KeyGone), IntentState::NotCharged),
    ] {
        let rig = deleting(vec![answer], Vec::new());
        let order = deletion(&rig, Some(channel(Generation::V2)));
        assert_eq!(rig.desk.delete_key(&order).await, outcome);
        let intent = rig.intent(&order.id);
        assert_eq!((intent.new.kind, intent.state), (IntentKind::DeleteKey, state));
        assert_eq!(intent.new.target, Some(Target::Key(bkey("k1"))));
        assert_eq!(rig.gateway.sent(), ["delete_key k1 kcp: delete_key sent"]);
    }
}

#[tokio::test]
async fn the_channel_of_a_deletion_is_the_one_that_the_key_was_issued_through() {
    // Known to the ledger.
    let rig = rig_of(
        Generation::V2,
        Script {
            issues: [issued("k1")].into(),
            keys: [Ok(None)].into(),
            plains: [Reply::Done(())].into(),
            ..Script::default()
        },
    );
    register(&rig, &order(&rig, None), &rig.check()).await;
    let order = deletion(&rig, None);
    rig.desk.delete_key(&order).await;
    let intent = rig.intent(&order.id);
    assert_eq!((intent.new.channel.as_str(), intent.new.customer.id()), ("kcp", Some("cust0042")));
    // Known to the provider only, configured or not; a mode that nobody tells counts as live.
    let elsewhere =
        || ProviderKey { channel: Some(SafeText::new("channel-key-9")), is_test: None, ..provider_key("k1") };
    for (key, name, mode) in
        [(provider_key("k1"), "kcp", Mode::Test), (elsewhere(), "channel-key-9", Mode::Live)]
    {
        let rig = deleting(vec![Reply::Done(())], vec![Ok(Some(key))]);
        let order = deletion(&rig, None);
        rig.desk.delete_key(&order).await;
        let intent = rig.intent(&order.id);
        assert_eq!((intent.new.channel.as_str(), intent.new.mode), (name, mode));
    }
    // Known to nobody: nothing is sent.
    for (answer, problem) in [
        (Ok(None), Problem::KeyGone),
        (Err(unreadable()), Problem::Unreachable { detail: "http_500".to_owned() }),
    ] {
        let rig = deleting(Vec::new(), vec![answer]);
        let order = deletion(&rig, None);
        assert_eq!(rig.desk.delete_key(&order).await, Outcome::NotCharged(problem));
        assert!(rig.gateway.sent().is_empty());
    }
}

#[tokio::test]
async fn an_unseen_deletion_is_settled_by_the_key() {
    let gone = ProviderKey { deleted_at: Some(1), ..provider_key("k1") };
    for (look, state, why) in [
        (Ok(None), IntentState::Approved, None),
        (Ok(Some(gone)), IntentState::Approved, None),
        (Ok(Some(provider_key("k1"))), IntentState::NotCharged, Some("still_there")),
        (Err(unreadable()), IntentState::Unknown, Some("reset")),
    ] {
        let rig = deleting(vec![Reply::Unseen("reset")], vec![Ok(Some(provider_key("k1"))), look]);
        let order = deletion(&rig, Some(channel(Generation::V2)));
        rig.desk.delete_key(&order).await;
        assert_eq!(rig.desk.look_at(&order.id).await, Look::Open("still_there"), "not before the window");
        rig.pass(SETTLE_WINDOW.as_secs());
        rig.desk.settle().await.unwrap();
        let intent = rig.intent(&order.id);
        assert_eq!((intent.state, intent.why.as_deref()), (state, why));
    }
}
