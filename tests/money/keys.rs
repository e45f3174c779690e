//! Billing keys: registered, found, charged, deleted; with answers that got lost.

use danmal::domain::billing_key::{KeySearch, KeyStatus, KeyText};
use danmal::domain::problem::Problem;

use super::*;

impl Counter {
    const fn register_route(&self) -> &'static str {
        match self.api {
            Api::V1 => "/subscribe/customers/{customer_uid}",
            Api::V2 => "/billing-keys",
        }
    }

    const fn delete_route(&self) -> &'static str {
        match self.api {
            Api::V1 => "/subscribe/customers/{customer_uid}",
            Api::V2 => "/billing-keys/{billingKey}",
        }
    }

    const fn charge_route(&self) -> &'static str {
        match self.api {
            Api::V1 => "/subscribe/payments/again",
            Api::V2 => "/payments/{paymentId}/billing-key",
        }
    }

    /// Books a charge of a key for next month, as another program would.
    fn schedule(&self, key: &BillingKey, id: &str) {
        let at = self.world.now() + SignedDuration::from_hours(24 * 31);
        match self.api {
            Api::V2 => self.elsewhere(
                "POST",
                &format!("/payments/{id}/schedule"),
                &json!({"payment": {"billingKey": key.expose(), "orderName": "월 구독료", "currency": "KRW",
                    "amount": {"total": 9_900}, "customer": customer_v2()}, "timeToPay": at.to_string()}),
            ),
            Api::V1 => self.elsewhere(
                "POST",
                "/subscribe/payments/schedule",
                &json!({"customer_uid": key.expose(), "schedules": [{"merchant_uid": id, "amount": 9_900,
                    "schedule_at": at.as_second(), "name": "월 구독료"}]}),
            ),
        };
    }
}

fn customer_v2() -> Value {
    json!({"name": {"full": "김하늘"}, "phoneNumber": "01020003000", "email": "sky@example.com"})
}

#[tokio::test]
async fn a_key_is_registered_found_charged_and_deleted() {
    for api in Api::ALL {
        let counter = Counter::open(api);
        let card = Card::approved();
        let order = counter.key_order(customer());
        let end = counter.register(&card, &order).await;
        let Outcome::Approved(approval) = end.outcome else { panic!("{api:?}: {:?}", end.outcome) };
        let key = approval.key.unwrap();
        assert!(approval.issuer.is_some(), "{api:?}");
        let read = end.key.unwrap();
        let ending = read.card.as_ref().unwrap();
        assert_eq!((ending.bin6(), ending.last4()), (&card.number[..6], &card.number[12..]), "{api:?}");
        assert_eq!((read.is_test, read.customer.name()), (Some(true), Some("김하늘")));
        assert_eq!(read.customer.id(), Some("cust0042"));
        let by = if api == Api::V2 { Some(order.id.as_str().to_owned()) } else { None };
        assert_eq!(read.made_by.as_ref().map(ToString::to_string), by, "V2 keeps our id with the key");

        let charge = counter.charge_order(&key);
        let outcome = counter.desk.charge_key(&charge, &counter.check(), |_| ()).await;
        let Outcome::Approved(approval) = outcome else { panic!("{api:?}: {outcome:?}") };
        assert!(approval.approval_number.is_some());
        assert_eq!(approval.key.as_ref(), Some(&key));
        assert_eq!(counter.sandbox.charges(api, charge.sale.payment_id.as_str()), 1);
        let again = counter.desk.charge_key(&counter.charge_order(&key), &counter.check(), |_| ()).await;
        assert!(matches!(again, Outcome::Blocked(_)), "{again:?}");

        let outcome = counter.desk.delete_key(&counter.deletion(&key)).await;
        assert!(matches!(outcome, Outcome::Approved(_)), "{api:?}: {outcome:?}");
        let gone = counter.desk.key(&key).await.unwrap();
        assert!(gone.is_none_or(|gone| !gone.is_alive()), "{api:?}");
        // A key that is gone is said to be, whatever is tried with it.
        let guard = Guard::Overridden("test".to_owned());
        let charge = counter.charge_order(&key);
        let outcome = counter.desk.charge_key(&charge, &guard, |_| ()).await;
        assert_eq!(outcome, Outcome::NotCharged(Problem::KeyGone), "{api:?}");
        let outcome = counter.desk.delete_key(&counter.deletion(&key)).await;
        assert_eq!(outcome, Outcome::NotCharged(Problem::KeyGone), "{api:?}");
        assert_eq!(counter.sandbox.attempts(), 1);
    }
}

#[tokio::test]
async fn a_declined_card_makes_no_key_and_a_declined_charge_leaves_it() {
    for api in Api::ALL {
        let counter = Counter::open(api);
        let order = counter.key_order(customer());
        let end = counter.register(&Card::ending("0001"), &order).await;
        assert!(matches!(end.outcome, Outcome::Declined(_)), "{api:?}: {:?}", end.outcome);
        assert_eq!((counter.state(&order.id), counter.keys_there()), (IntentState::Declined, 0));
        // 0040: issued, every charge declined.
        let key = counter.key(&Card::ending("0040"), customer()).await;
        let charge = counter.charge_order(&key);
        let outcome = counter.desk.charge_key(&charge, &counter.check(), |_| ()).await;
        assert!(matches!(outcome, Outcome::Declined(_)), "{api:?}: {outcome:?}");
        assert_eq!(counter.state(&charge.sale.payment_id), IntentState::Declined);
        assert!(counter.desk.key(&key).await.unwrap().is_some_and(|key| key.is_alive()));
    }
}

#[tokio::test]
async fn keys_are_searched() {
    for api in Api::ALL {
        let counter = Counter::open(api);
        let other = Customer::new("박도윤", "010-5000-6000", "park@example.com").with_id("cust0043");
        let first_card = Card::approved();
        let first = counter.key(&first_card, customer()).await;
        let second = counter.key(&Card::approved(), other).await;
        let gone = counter.key(&Card::approved(), customer()).await;
        counter.desk.delete_key(&counter.deletion(&gone)).await;
        let alive = || KeySearch { status: Some(KeyStatus::Issued), ..KeySearch::default() };
        let text = |text| KeySearch { text: Some(text), ..alive() };
        let pg = |pg: &str| KeySearch { pg: Some(PgCode::new(pg)), ..alive() };
        let its_pg = if api == Api::V2 { "KCP_V2" } else { "nice_v2" };
        let soon = counter.world.now() + SignedDuration::from_hours(1);
        let both = vec![first.clone(), second.clone()];
        for (search, expected) in [
            (alive(), both.clone()),
            (KeySearch { customer_id: Some("cust0043".to_owned()), ..alive() }, vec![second.clone()]),
            (KeySearch { customer_id: Some("nobody".to_owned()), ..alive() }, Vec::new()),
            (text(KeyText::Phone("01020003000".to_owned())), vec![first.clone()]),
            (text(KeyText::Name("박".to_owned())), vec![second.clone()]),
            (text(KeyText::Key(first.expose().to_owned())), vec![first.clone()]),
            (text(KeyText::Bin(first_card.number[..6].to_owned())), vec![first.clone()]),
            (pg(its_pg), both.clone()),
            (pg("KSNET"), Vec::new()),
            (KeySearch { until: Some(soon), ..alive() }, both.clone()),
            (KeySearch { from: Some(soon), until: Some(soon), ..alive() }, Vec::new()),
        ] {
            let page = counter.desk.key_page(&search).await.unwrap();
            let mut found: Vec<BillingKey> = page.keys.into_iter().map(|key| key.key).collect();
            let mut expected = expected;
            found.sort();
            expected.sort();
            assert_eq!((found, page.more), (expected, false), "{api:?} {search:?}");
        }
        let deleted = KeySearch { status: Some(KeyStatus::Deleted), ..KeySearch::default() };
        let deleted = counter.desk.key_page(&deleted).await.unwrap().keys;
        // V1 forgets deleted keys; the ledger does not.
        assert_eq!(deleted.iter().map(|key| &key.key).collect::<Vec<_>>(), [&gone], "{api:?}");
    }
}

#[tokio::test]
async fn a_lost_registration_is_found_and_makes_no_second_key() {
    for api in Api::ALL {
        let counter = Counter::open(api);
        // The same card of the same customer each time: only our own id tells them apart.
        let card = Card::approved();
        let mut found: Vec<BillingKey> = Vec::new();
        for fault in lost_after() {
            counter.fault_once("POST", counter.register_route(), fault.clone());
            let order = counter.key_order(customer());
            let end = counter.register(&card, &order).await;
            assert!(matches!(end.outcome, Outcome::Unknown(_)), "{api:?} {fault}: {:?}", end.outcome);
            let (look, state) = counter.look(&order.id).await;
            assert_eq!(state, IntentState::Approved, "{api:?} {fault}: {look:?}");
            let key = counter.intent(&order.id).approval.unwrap().key.unwrap();
            assert!(!found.contains(&key), "each finds its own");
            found.push(key);
            assert_eq!(counter.keys_there(), found.len() as u64, "{api:?} {fault}");
        }
    }
}

#[tokio::test]
async fn a_lost_registration_that_never_happened_is_not_done_only_after_the_window() {
    for api in Api::ALL {
        let counter = Counter::open(api);
        // Another key of the same card and customer must not be taken for it.
        let card = Card::approved();
        counter.key(&card, customer()).await;
        counter.fault_once("POST", counter.register_route(), lost_before());
        let order = counter.key_order(customer());
        counter.register(&card, &order).await;
        assert_eq!(counter.look(&order.id).await, (Look::Open("not_found_yet"), IntentState::Unknown));
        counter.pass_the_window();
        assert_eq!(counter.look(&order.id).await.1, IntentState::NotCharged);
        assert_eq!(counter.keys_there(), 1);
    }
}

#[tokio::test]
async fn a_name_in_use_is_not_taken_by_accident() {
    let counter = Counter::open(Api::V1);
    let order = |counter: &Counter| KeyOrder {
        key: Some(BillingKey::parse("m_2001_c1").unwrap()),
        ..counter.key_order(customer())
    };
    let first = Card::approved();
    let end = counter.register(&first, &order(&counter)).await;
    assert!(matches!(end.outcome, Outcome::Approved(_)), "{:?}", end.outcome);
    let end = counter.register(&Card::approved(), &order(&counter)).await;
    let Outcome::NotCharged(Problem::KeyTaken { card }) = end.outcome else { panic!("{:?}", end.outcome) };
    assert!(card.ends_with(&first.number[12..]), "it says which card it holds now: {card}");
    // With a reason it is; an answer that got lost then is settled by when the key changed.
    counter.fault_once("POST", counter.register_route(), json!({"kind": "drop_after"}));
    let (second, replacing) = (Card::approved(), order(&counter));
    counter.type_card(&second);
    let guard = Guard::Overridden("카드 재발급".to_owned());
    let end = counter.desk.issue_key(&replacing, &guard, |_| ()).await;
    assert!(matches!(end.outcome, Outcome::Unknown(_)), "{:?}", end.outcome);
    assert_eq!(counter.look(&replacing.id).await.1, IntentState::Approved);
    let now = counter.desk.key(replacing.key.as_ref().unwrap()).await.unwrap().unwrap();
    assert_eq!(now.card.unwrap().last4(), &second.number[12..]);
}

#[tokio::test]
async fn a_lost_charge_is_found_and_never_sent_again() {
    for api in Api::ALL {
        let counter = Counter::open(api);
        let key = counter.key(&Card::approved(), customer()).await;
        let guard = Guard::Overridden("test".to_owned());
        for fault in lost_after() {
            counter.fault_once("POST", counter.charge_route(), fault.clone());
            let order = counter.charge_order(&key);
            let outcome = counter.desk.charge_key(&order, &guard, |_| ()).await;
            assert!(matches!(outcome, Outcome::Unknown(_)), "{api:?} {fault}: {outcome:?}");
            let id = &order.sale.payment_id;
            assert_eq!(counter.look(id).await.1, IntentState::Approved, "{api:?} {fault}");
            assert_eq!(counter.sandbox.charges(api, id.as_str()), 1);
        }
        counter.fault_once("POST", counter.charge_route(), lost_before());
        let order = counter.charge_order(&key);
        counter.desk.charge_key(&order, &guard, |_| ()).await;
        let id = &order.sale.payment_id;
        assert_eq!(counter.look(id).await, (Look::Open("not_found_yet"), IntentState::Unknown));
        counter.pass_the_window();
        assert_eq!(counter.look(id).await.1, IntentState::NotCharged);
        assert_eq!(counter.sandbox.charges(api, id.as_str()), 0);
    }
}

#[tokio::test]
async fn a_lost_deletion_is_settled_by_the_key() {
    for api in Api::ALL {
        let counter = Counter::open(api);
        for fault in lost_after() {
            let key = counter.key(&Card::approved(), customer()).await;
            counter.fault_once("DELETE", counter.delete_route(), fault.clone());
            let order = counter.deletion(&key);
            let outcome = counter.desk.delete_key(&order).await;
            let Outcome::Unknown(why) = outcome else { panic!("{api:?} {fault}: {outcome:?}") };
            if fault["kind"] == "truncate" {
                assert_eq!(why, "cut_short", "{api:?}: the shortest answer must really be cut");
            }
            assert_eq!(counter.look(&order.id).await.1, IntentState::Approved, "{api:?} {fault}");
        }
        let key = counter.key(&Card::approved(), customer()).await;
        counter.fault_once("DELETE", counter.delete_route(), lost_before());
        let order = counter.deletion(&key);
        counter.desk.delete_key(&order).await;
        assert_eq!(counter.look(&order.id).await, (Look::Open("still_there"), IntentState::Unknown));
        counter.pass_the_window();
        assert_eq!(counter.look(&order.id).await.1, IntentState::NotCharged);
        assert!(counter.desk.key(&key).await.unwrap().unwrap().is_alive());
    }
}

#[tokio::test]
async fn a_key_with_schedules_tells_them() {
    for api in Api::ALL {
        let counter = Counter::open(api);
        let key = counter.key(&Card::approved(), customer()).await;
        let spare = counter.key(&Card::approved(), customer()).await;
        counter.schedule(&key, "sub20270101a");
        counter.schedule(&key, "sub20270101b");
        let open = counter.desk.open_schedules(&[key.clone(), spare.clone()]).await.unwrap();
        assert_eq!(open.len(), 2, "{api:?}: {open:?}");
        assert!(open.iter().all(|open| open.key == key && open.order_name.as_str() == "월 구독료"));
        assert_eq!(open[0].amount, Money::new(9_900, Currency::Krw));
        let outcome = counter.desk.delete_key(&counter.deletion(&key)).await;
        // V1 would delete the key and let its schedules fail (V1 §8.4), so nothing is sent.
        assert_eq!(outcome, Outcome::NotCharged(Problem::KeyHasSchedules), "{api:?}");
        assert!(counter.desk.key(&key).await.unwrap().is_some_and(|key| key.is_alive()));
        assert_eq!(counter.desk.open_schedules(&[spare]).await, Ok(Vec::new()));
    }
}
