//! What the provider knows of a caller, and answers that are strange, hostile or large.

use danmal::domain::billing_key::{KeyPage, KeySearch, ProviderKey};
use danmal::domain::caller::AtProvider;
use danmal::domain::problem::Problem;
use danmal::domain::schedule::ProviderSchedule;

use super::*;

#[tokio::test]
async fn a_caller_is_known_by_phone_on_v2_and_by_keys_on_v1() {
    for api in Api::ALL {
        let counter = Counter::open(api);
        let key = counter.key(&Card::approved(), customer()).await;
        let charge = KeyChargeOrder { sale: counter.sale(customer()), ..counter.charge_order(&key) };
        let outcome = counter.desk.charge_key(&charge, &counter.check(), |_| ()).await;
        assert!(matches!(outcome, Outcome::Approved(_)), "{api:?}: {outcome:?}");
        let caller = counter.desk.caller("01020003000").await.unwrap();
        assert_eq!(caller.from_ledger.len(), 2, "the key and the charge");
        let there = caller.at_provider.unwrap();
        assert_eq!(there.searched, api == Api::V2);
        let paid: Vec<&str> = there.payments.iter().map(|listed| listed.id.as_str()).collect();
        assert_eq!(paid, [charge.sale.payment_id.as_str()], "{api:?}");
        assert_eq!(there.keys.len(), 1);
        assert_eq!((&there.keys[0].key, there.schedules.len()), (&key, 0));
        let nobody = counter.desk.caller("01099999999").await.unwrap();
        assert_eq!((nobody.from_ledger.len(), nobody.at_provider.unwrap().payments.len()), (0, 0));
    }
}

#[tokio::test]
async fn a_caller_of_a_web_shop_is_found_although_the_number_has_dashes() {
    let counter = Counter::open(Api::V2);
    let card = Card::approved();
    let channel = counter.channel();
    let (year, month) = (&card.expiry[3..], &card.expiry[..2]);
    counter.elsewhere(
        "POST",
        "/payments/web20261121a/instant",
        &json!({"channelKey": channel.key, "orderName": "웹 주문", "amount": {"total": 1000}, "currency": "KRW",
            "customer": {"name": {"full": "김하늘"}, "phoneNumber": "010-2000-3000", "email": "a@b.kr"},
            "method": {"card": {"credential": {"number": card.number, "expiryYear": year, "expiryMonth": month,
                "birthOrBusinessRegistrationNumber": card.identity, "passwordTwoDigits": card.pin}}}}),
    );
    let there = counter.desk.caller("01020003000").await.unwrap().at_provider.unwrap();
    assert_eq!(there.payments.len(), 1);
    assert_eq!(there.payments[0].id.as_str(), "web20261121a");
}

#[tokio::test]
async fn a_provider_that_can_not_be_asked_leaves_the_ledger_standing() {
    for api in Api::ALL {
        let counter = Counter::open(api);
        counter.key(&Card::approved(), customer()).await;
        counter.sandbox.fault(&json!({"kind": "status", "status": 503}));
        let caller = counter.desk.caller("01020003000").await.unwrap();
        assert_eq!(caller.from_ledger.len(), 1);
        assert!(matches!(caller.at_provider, Err(Problem::Unreadable { .. })), "{:?}", caller.at_provider);
    }
}

/// Every text of the provider's that could be shown, as it would be.
fn words(
    one: Option<&Option<ProviderKey>>,
    page: &Result<KeyPage, Problem>,
    caller: &Result<AtProvider, Problem>,
    open: &Result<Vec<ProviderSchedule>, Problem>,
) -> Vec<String> {
    let mut words = Vec::new();
    let mut keys: Vec<&ProviderKey> = one.into_iter().flatten().collect();
    keys.extend(page.iter().flat_map(|page| &page.keys));
    keys.extend(caller.iter().flat_map(|caller| &caller.keys));
    for key in keys {
        let texts = [&key.issuer, &key.pg, &key.channel, &key.made_by];
        words.extend(texts.into_iter().flatten().map(ToString::to_string));
        let person = &key.customer;
        let texts = [person.id(), person.name(), person.phone(), person.email()];
        words.extend(texts.into_iter().flatten().map(str::to_owned));
    }
    for listed in caller.iter().flat_map(|caller| &caller.payments) {
        let payment = &listed.payment;
        words.push(format!("{} {} {}", listed.id, payment.order_name, payment.currency));
        let texts = [&payment.issuer, &payment.pg, &payment.approval_number, &payment.receipt_url];
        words.extend(texts.into_iter().flatten().map(ToString::to_string));
    }
    let schedules = caller.iter().flat_map(|caller| &caller.schedules).chain(open.iter().flatten());
    words.extend(schedules.map(|schedule| format!("{} {}", schedule.id, schedule.order_name)));
    words
}

/// Everything that only asks, through answers that were tampered with: it may fail, but it must not fall over,
/// and no byte that steers a terminal may come through.
#[tokio::test]
async fn strange_answers_are_survived() {
    for api in Api::ALL {
        for (fault, whole) in [
            (json!({"kind": "unknown_field"}), true),
            (json!({"kind": "unknown_enum"}), true),
            (json!({"kind": "unknown_case"}), true),
            (json!({"kind": "missing_optional"}), true),
            (json!({"kind": "hostile_text"}), true),
            (json!({"kind": "huge", "bytes": 100_000}), true),
            (json!({"kind": "truncate"}), false),
            (json!({"kind": "bad_encoding"}), false),
            (json!({"kind": "not_json"}), false),
        ] {
            let counter = Counter::open(api);
            let key = counter.key(&Card::approved(), customer()).await;
            let charge = KeyChargeOrder { sale: counter.sale(customer()), ..counter.charge_order(&key) };
            counter.desk.charge_key(&charge, &counter.check(), |_| ()).await;
            // Not the token: a V1 desk that has none asks for nothing.
            let mut rule = fault.clone();
            rule["method"] = json!("GET");
            counter.sandbox.fault(&rule);
            let one = counter.desk.key(&key).await;
            let page = counter.desk.key_page(&KeySearch::default()).await;
            let caller = counter.desk.caller("01020003000").await.unwrap().at_provider;
            let open = counter.desk.open_schedules(std::slice::from_ref(&key)).await;
            let said = words(one.as_ref().ok(), &page, &caller, &open).join(" ");
            assert!(
                !said.chars().any(|ch| ch.is_control() || ('\u{202a}'..='\u{202e}').contains(&ch)),
                "{api:?} {fault}: {said:?}"
            );
            if fault["kind"] == "hostile_text" {
                assert!(said.contains('?'), "the fault must have hit, or this is blind: {said}");
            }
            if whole {
                assert!(matches!(&one, Ok(Some(found)) if found.key == key), "{api:?} {fault}: {one:?}");
                assert_eq!(page.as_ref().map(|page| page.keys.len()), Ok(1), "{api:?} {fault}: {page:?}");
                let payments = caller.as_ref().map(|caller| caller.payments.len());
                assert_eq!(payments, Ok(1), "{api:?} {fault}: {caller:?}");
            }
        }
    }
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_it() {
    for api in Api::ALL {
        let counter = Counter::open(api);
        let key = counter.key(&Card::approved(), customer()).await;
        counter.sandbox.fault(&json!({"kind": "huge", "bytes": 5_000_000, "method": "GET"}));
        let why = "too_large".to_owned();
        assert_eq!(counter.desk.key(&key).await, Err(Problem::Unreadable { why }), "{api:?}");
    }
}

#[tokio::test]
async fn a_closed_door_is_a_closed_door() {
    for api in Api::ALL {
        let counter = Counter::open(api);
        let key = counter.key(&Card::approved(), customer()).await;
        let (charge_route, delete_route) = match api {
            Api::V1 => ("/subscribe/payments/again", "/subscribe/customers/{customer_uid}"),
            Api::V2 => ("/payments/{paymentId}/billing-key", "/billing-keys/{billingKey}"),
        };
        let closed = Outcome::NotCharged(Problem::Credentials { profile: "main".to_owned() });
        counter.fault_once("POST", charge_route, json!({"kind": "unauthorized"}));
        let charge = counter.charge_order(&key);
        assert_eq!(counter.desk.charge_key(&charge, &counter.check(), |_| ()).await, closed, "{api:?}");
        counter.fault_once("DELETE", delete_route, json!({"kind": "unauthorized"}));
        assert_eq!(counter.desk.delete_key(&counter.deletion(&key)).await, closed, "{api:?}");
        // Nothing was sent again by itself, and the next request has a token of its own.
        assert_eq!(counter.sandbox.attempts(), 0);
        let charge = counter.charge_order(&key);
        let outcome = counter.desk.charge_key(&charge, &counter.check(), |_| ()).await;
        assert!(matches!(outcome, Outcome::Approved(_)), "{api:?}: {outcome:?}");
    }
}
