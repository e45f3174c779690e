//! Billing keys whose answer was lost: which key is it, if there is one.

use super::*;

/// A registration that nobody saw the end of, sent at 02:00:00.
async fn lost(generation: Generation, name: Option<&str>) -> (Rig, PaymentId) {
    let rig = rig_of(
        generation,
        Script {
            issues: [Reply::Unseen("timeout")].into(),
            keys: name.map(|_| Ok(None)).into_iter().collect(),
            ..Script::default()
        },
    );
    rig.type_card();
    let order = KeyOrder {
        id: rig.desk.mint(),
        channel: channel(generation),
        customer: customer(),
        key: name.map(bkey),
    };
    let end = rig.desk.issue_key(&order, &rig.check(), |_| ()).await;
    assert_eq!(end.outcome, Outcome::Unknown("timeout".to_owned()));
    (rig, order.id)
}

fn marked(key: &str, by: &PaymentId) -> ProviderKey {
    ProviderKey { made_by: Some(SafeText::new(by.as_str())), ..provider_key(key) }
}

#[expect(clippy::unnecessary_wraps, reason = "it stands in lists of pages, some of which fail")]
fn page(keys: Vec<ProviderKey>) -> Result<KeyPage, Problem> {
    Ok(KeyPage { keys, total: None, more: false })
}

#[tokio::test]
async fn the_key_that_carries_our_id_is_the_one_at_once() {
    let (rig, id) = lost(Generation::V2, None).await;
    let other = PaymentId::parse("dotherotherother").unwrap();
    rig.gateway.script().pages.push_back(page(vec![
        provider_key("unmarked"),
        marked("others", &other),
        marked("ours", &id),
    ]));
    assert!(matches!(rig.desk.look_at(&id).await, Look::Settled(_)));
    let intent = rig.intent(&id);
    assert_eq!((intent.state, intent.approval.unwrap().key), (IntentState::Approved, Some(bkey("ours"))));
    let asked = rig.gateway.asked.lock().unwrap()[0].clone();
    assert_eq!(asked.customer_id.as_deref(), Some("cust0042"));
    assert_eq!(asked.from.unwrap().to_string(), "2026-11-21T01:59:00Z");
    assert_eq!(asked.until.unwrap().to_string(), "2026-11-21T02:04:10Z");
    assert_eq!(asked.status, None, "a key that was deleted since was made all the same");
}

#[tokio::test]
async fn every_page_is_read() {
    let (rig, id) = lost(Generation::V2, None).await;
    let first = KeyPage { keys: vec![provider_key("unmarked")], total: None, more: true };
    rig.gateway.script().pages.extend([Ok(first), page(vec![marked("ours", &id)])]);
    assert!(matches!(rig.desk.look_at(&id).await, Look::Settled(_)));
    let pages: Vec<u32> = rig.gateway.asked.lock().unwrap().iter().map(|search| search.page).collect();
    assert_eq!(pages, [0, 1]);
}

#[tokio::test]
async fn among_keys_without_marks_card_and_customer_decide_after_the_window() {
    let hidden = || ProviderKey { card: None, ..provider_key("hidden") };
    let another_card = || ProviderKey { card: CardEnding::new("400011", "3333"), ..provider_key("card") };
    let somebody =
        || ProviderKey { customer: Customer::new("박도윤", "", ""), ..provider_key("somebody") };
    let earlier = || ProviderKey {
        issued_at: provider_key("x").issued_at.map(|at| at - 62),
        ..provider_key("earlier")
    };
    let anonymous = || ProviderKey { customer: Customer::default(), ..provider_key("anonymous") };
    let other = PaymentId::parse("dotherotherother").unwrap();
    let not = |keys: Vec<ProviderKey>| (keys, IntentState::NotCharged, Some("not_found"), None);
    for (keys, state, why, key) in [
        (vec![provider_key("k1")], IntentState::Approved, None, Some("k1")),
        (vec![anonymous()], IntentState::Approved, None, Some("anonymous")),
        (vec![another_card(), provider_key("k1"), somebody()], IntentState::Approved, None, Some("k1")),
        not(Vec::new()),
        not(vec![another_card(), somebody(), earlier()]),
        not(vec![marked("k1", &other)]),
        (vec![provider_key("k1"), provider_key("k2")], IntentState::Unknown, Some("timeout"), None),
        (vec![hidden()], IntentState::Unknown, Some("timeout"), None),
        (vec![provider_key("k1"), hidden()], IntentState::Unknown, Some("timeout"), None),
    ] {
        let (rig, id) = lost(Generation::V2, None).await;
        rig.gateway.script().pages.extend([page(keys.clone()), page(keys.clone())]);
        // Before the window is over the one with our id may still appear.
        let open = rig.desk.look_at(&id).await;
        let undecided = state == IntentState::Unknown;
        assert_eq!(open, Look::Open(if undecided { "several_keys" } else { "not_found_yet" }), "{keys:?}");
        rig.pass(SETTLE_WINDOW.as_secs());
        rig.desk.settle().await.unwrap();
        let intent = rig.intent(&id);
        assert_eq!((intent.state, intent.why.as_deref()), (state, why), "{keys:?}");
        assert_eq!(intent.approval.and_then(|approval| approval.key), key.map(bkey));
    }
}

#[tokio::test]
async fn a_search_that_fails_changes_nothing() {
    let (rig, id) = lost(Generation::V2, None).await;
    rig.pass(10_000);
    rig.gateway.script().pages.push_back(Err(unreadable()));
    assert_eq!(rig.desk.look_at(&id).await, Look::Failed(unreadable()));
    assert_eq!(rig.state(&id), IntentState::Unknown);
}

#[tokio::test]
async fn v1_asks_for_the_name() {
    let since = |issued: i64, updated: Option<i64>| {
        let sent = provider_key("x").issued_at.map(|at| at - 1);
        ProviderKey {
            issued_at: sent.map(|at| at + issued),
            updated_at: updated.and_then(|updated| sent.map(|at| at + updated)),
            ..provider_key("m_2001")
        }
    };
    let timeless = ProviderKey { issued_at: None, ..provider_key("m_2001") };
    for (name, key, state, why) in [
        // A name that a person chose: only when it changed since, or within what clocks differ.
        (Some("m_2001"), Some(since(1, None)), IntentState::Approved, None),
        (Some("m_2001"), Some(since(-60, None)), IntentState::Approved, None),
        (Some("m_2001"), Some(since(-9_000, Some(1))), IntentState::Approved, None),
        (Some("m_2001"), Some(since(-61, Some(-61))), IntentState::NotCharged, Some("not_found")),
        (Some("m_2001"), Some(timeless), IntentState::Unknown, Some("timeout")),
        (Some("m_2001"), None, IntentState::NotCharged, Some("not_found")),
        // A name that was made up for this proves itself.
        (None, Some(since(-9_000, None)), IntentState::Approved, None),
        (None, None, IntentState::NotCharged, Some("not_found")),
    ] {
        let (rig, id) = lost(Generation::V1, name).await;
        rig.pass(SETTLE_WINDOW.as_secs());
        rig.gateway.script().keys.push_back(Ok(key.clone()));
        rig.desk.settle().await.unwrap();
        let intent = rig.intent(&id);
        assert_eq!((intent.state, intent.why.as_deref()), (state, why), "{name:?} {key:?}");
    }
    let (rig, id) = lost(Generation::V1, None).await;
    rig.gateway.script().keys.push_back(Ok(None));
    assert_eq!(rig.desk.look_at(&id).await, Look::Open("not_found_yet"), "not before the window");
}

#[tokio::test]
async fn a_refusal_that_may_hide_a_key_is_looked_up_first() {
    let odd = Refusal { code: None, message: SafeText::new("이미 결제된 거래입니다") };
    let rig = rig_of(
        Generation::V2,
        Script {
            issues: [Reply::Declined(odd)].into(),
            pages: [page(Vec::new())].into(),
            ..Script::default()
        },
    );
    rig.type_card();
    let order =
        KeyOrder { id: rig.desk.mint(), channel: channel(Generation::V2), customer: customer(), key: None };
    let end = rig.desk.issue_key(&order, &rig.check(), |_| ()).await;
    assert_eq!(end.outcome, Outcome::Unknown("refused_oddly".to_owned()));
    assert_eq!(rig.state(&order.id), IntentState::Unknown);
}
