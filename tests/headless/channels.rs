//! What channels and PGs say their own way, without a screen: a channel of a group that refuses a billing key beside
//! those that take it, one that will not let it go, and `NaverPay`, which wants to know why and who asked.

use serde_json::{Value, json};

use super::keys::{WHO, alive, delete};
use super::refunds::{cancel, given_back};
use super::support::{Api, Card, Run, Shop, finish};

/// A card as another program sends it (V2 §9.1).
fn body(card: &Card, through: (&str, &Value)) -> Value {
    let (month, year) = card.expiry.split_once('/').unwrap();
    let credential = json!({"number": card.number, "expiryYear": year, "expiryMonth": month,
        "birthOrBusinessRegistrationNumber": card.identity, "passwordTwoDigits": card.pin});
    let customer = json!({"id": "cust0042", "name": {"full": "김하늘"}, "phoneNumber": "01020003000",
        "email": "sky@example.com"});
    let mut body = json!({"customer": customer, "method": {"card": {"credential": credential}}});
    body[through.0] = through.1.clone();
    body
}

/// A billing key that another program made; its text.
fn issued(shop: &Shop, card: &Card, through: (&str, &Value)) -> (String, Value) {
    let (status, said) = shop.sandbox.call(Api::V2, "POST", "/billing-keys", &body(card, through));
    assert_eq!(status, 200, "{said}");
    (said["billingKeyInfo"]["billingKey"].as_str().unwrap().to_owned(), said)
}

/// A billing key of both channels of the sandbox's group.
fn of_group(shop: &Shop, last4: &str) -> (String, Value) {
    issued(shop, &Card::ending(last4), ("channelGroupId", &shop.sandbox.ready["v2"]["channel_groups"][0]))
}

fn delete_whole(shop: &Shop, key: &str, more: &[&str]) -> Run {
    let mut command = shop.command(&["key", "delete", "-", "--yes", "--json"]);
    command.args(more);
    finish(command, key)
}

/// The key of the sandbox's channel of a PG.
fn channel_of(shop: &Shop, pg: &str) -> Value {
    let generation = if shop.api == Api::V1 { "v1" } else { "v2" };
    let channels = shop.sandbox.ready[generation]["channels"].as_array().unwrap();
    channels.iter().find(|channel| channel["pg"] == pg).unwrap()["key"].clone()
}

#[test]
fn a_channel_that_refuses_a_key_beside_those_that_take_it_is_told_and_the_key_is_kept() {
    let shop = Shop::open(Api::V2);
    shop.sandbox
        .fault(&json!({"kind": "channel_failures", "count": 1, "method": "POST", "route": "/billing-keys"}));
    let mut command = shop.command(&["key", "register", "--yes", "--card-stdin", "--json"]);
    command.args(WHO);
    let run = finish(command, &Card::approved().line()).expect(0);
    let said = run.json();
    assert_eq!(said["refusals"][0]["code"], "CC98", "{said}");
    assert!(run.stderr.contains("CC98") && run.stderr.contains("카드사 시스템 장애"), "{run:?}");
    let id = said["payment_id"].as_str().unwrap();
    let charged = shop.run(&["key", "charge", id, "--amount", "1000", "--order-name", "구독", "--yes"]);
    charged.expect(0);
    delete(&shop, id, &[]).expect(0);
}

#[test]
fn a_key_that_its_channels_keep_says_why_and_stays_chargeable() {
    let shop = Shop::open(Api::V2);
    let single = shop.sandbox.ready["v2"]["channels"][0]["key"].clone();
    let keys = [issued(&shop, &Card::ending("0044"), ("channelKey", &single)).0, of_group(&shop, "0044").0];
    for key in keys {
        let run = delete_whole(&shop, &key, &[]).expect(3);
        let said = run.json();
        assert_eq!(
            (&said["outcome"], &said["provider_code"]),
            (&json!("declined"), &json!("CC45")),
            "{said}"
        );
        assert!(run.stderr.contains("정지카드"), "{run:?}");
        assert!(alive(&shop, &key));
        let base = ["key", "charge", "-", "--amount", "1000", "--order-name", "구독", "--yes", "--json"];
        finish(shop.command(&base), &key).expect(0);
        // The refusal is an end: nothing is left to be settled.
        assert_eq!(shop.settle("0", &[]).expect(0).json()["settled"], json!([]));
    }
}

#[test]
fn a_key_that_some_channels_let_go_is_looked_at_before_anything_is_said_of_it() {
    let shop = Shop::open(Api::V2);
    let (key, _) = of_group(&shop, "0045");
    let run = delete_whole(&shop, &key, &[]).expect(4);
    assert_eq!(run.json()["outcome"], "unknown", "{run:?}");
    assert!(run.stderr.contains("Only some channels"), "{run:?}");
    assert!(alive(&shop, &key), "the other channel still has it");
    let settled = shop.settle("0", &[]).expect(0).json();
    assert_eq!(settled["settled"][0]["outcome"], "not_deleted", "{settled}");
    // The next time the channel that was left lets it go.
    delete_whole(&shop, &key, &[]).expect(0);
    assert!(!alive(&shop, &key));
}

#[test]
fn another_programs_group_of_which_one_channel_refused_is_charged_through_the_other() {
    let shop = Shop::open(Api::V2);
    let (key, said) = of_group(&shop, "0043");
    let failure = &said["channelSpecificFailures"][0];
    assert_eq!((&failure["type"], &failure["pgCode"]), (&json!("PG_PROVIDER"), &json!("C045")), "{said}");
    assert_eq!(said["billingKeyInfo"]["channels"].as_array().unwrap().len(), 1, "{said}");
    for amount in ["1000", "2000", "3000", "4000"] {
        let base = ["key", "charge", "-", "--amount", amount, "--order-name", "구독", "--yes", "--json"];
        let run = finish(shop.command(&base), &key).expect(0);
        let id = super::id_of(&run);
        let (_, payment) = shop.sandbox.call(Api::V2, "GET", &format!("/payments/{id}"), &Value::Null);
        assert_eq!(payment["channel"]["pgProvider"], "KCP_V2", "{payment}");
    }
}

fn pg_rules(shop: &Shop, on: bool) {
    let (status, said) = shop.sandbox.ask("POST", "/__sandbox/settings", "", &json!({"pgRules": on}));
    assert_eq!(status, 200, "{said}");
}

#[test]
fn naverpay_gives_nothing_back_and_lets_no_key_go_without_why_and_who_asked() {
    let shop = Shop::open(Api::V2);
    let key = naver(&shop);
    // Nothing is sent: what is missing is told, and the same command with it goes through.
    let run = cancel(&shop, "naver0001", "1000", &["--lang", "ko"]).expect(1);
    let said = run.json();
    assert_eq!((&said["outcome"], &said["problem"]), (&json!("not_refunded"), &json!("refund_blocked")));
    let rule = |said: &Value| said["findings"][0]["rule"].clone();
    assert_eq!(rule(&said), "requester.missing", "{said}");
    assert!(run.stderr.contains("요청"), "{run:?}");
    assert_eq!(given_back(&shop, "naver0001"), (0, 0));
    let dry = cancel(&shop, "naver0001", "1000", &["--dry-run"]).expect(1).json();
    assert_eq!(rule(&dry), "requester.missing", "{dry}");
    for (amount, who) in [("400", "customer"), ("600", "admin")] {
        cancel(&shop, "naver0001", amount, &["--requester", who]).expect(0);
    }
    assert_eq!(given_back(&shop, "naver0001"), (1_000, 2));
    keeps_its_key(&shop, &key);
}

#[test]
fn naverpay_on_v1_takes_the_store_for_who_asked_and_that_is_told() {
    let shop = Shop::open(Api::V1);
    let key = naver(&shop);
    let said = cancel(&shop, "naver0001", "400", &[]).expect(0).json();
    assert_eq!(
        (&said["findings"][0]["rule"], &said["findings"][0]["blocks"]),
        (&json!("requester.default"), &json!(false)),
        "{said}"
    );
    let said = cancel(&shop, "naver0001", "600", &["--requester", "customer"]).expect(0).json();
    assert_eq!((&said["findings"], given_back(&shop, "naver0001")), (&json!([]), (1_000, 2)));
    keeps_its_key(&shop, &key);
}

/// A payment `naver0001` of 1,000 won and a billing key at `NaverPay`, made by another program. Easy pay is not keyed
/// in: the sandbox takes a card there only while the PGs' rules are off.
fn naver(shop: &Shop) -> String {
    pg_rules(shop, false);
    let key = match shop.api {
        Api::V2 => {
            shop.add_channels(&[("naver", "NAVERPAY", "")]);
            let channel = channel_of(shop, "NAVERPAY");
            let mut order = body(&Card::approved(), ("channelKey", &channel));
            order["orderName"] = json!("꽃배달");
            order["amount"] = json!({"total": 1_000});
            order["currency"] = json!("KRW");
            let (status, said) = shop.sandbox.call(Api::V2, "POST", "/payments/naver0001/instant", &order);
            assert_eq!(status, 200, "{said}");
            issued(shop, &Card::approved(), ("channelKey", &channel)).0
        }
        Api::V1 => {
            shop.add_channels(&[("naver", "naverpay", "")]);
            let card = Card::approved();
            let (month, year) = card.expiry.split_once('/').unwrap();
            // The issue of a key goes by the channel's key, a charge by the PG's code.
            let mut order = json!({"channel_key": channel_of(shop, "naverpay"), "card_number": card.number,
                "expiry": format!("20{year}-{month}"), "birth": card.identity, "pwd_2digit": card.pin,
                "customer_name": "김하늘", "customer_tel": "01020003000", "customer_email": "sky@example.com"});
            let post = |path: &str, body: &Value| {
                let (status, said) = shop.sandbox.call(Api::V1, "POST", path, body);
                assert!(status == 200 && said["code"] == 0, "{said}");
            };
            post("/subscribe/customers/naver-key-1", &order);
            order["pg"] = json!("naverpay");
            order["merchant_uid"] = json!("naver0001");
            order["amount"] = json!(1_000);
            order["name"] = json!("꽃배달");
            post("/subscribe/payments/onetime", &order);
            "naver-key-1".to_owned()
        }
    };
    pg_rules(shop, true);
    key
}

/// Without why and who nothing is sent; with both the key goes.
fn keeps_its_key(shop: &Shop, key: &str) {
    let fields = |more: &[&str]| delete_whole(shop, key, more).expect(2).json()["fields"].clone();
    assert_eq!(fields(&[]), json!(["reason", "requester"]));
    assert_eq!(fields(&["--reason", "해지 요청"]), json!(["requester"]));
    assert_eq!(fields(&["--requester", "customer"]), json!(["reason"]));
    assert!(alive(shop, key));
    delete_whole(shop, key, &["--reason", "해지 요청", "--requester", "customer"]).expect(0);
    assert!(!alive(shop, key));
}

#[test]
fn a_demand_that_this_program_does_not_know_of_is_told_in_the_providers_words() {
    let shop = Shop::open(Api::V2);
    let id = super::refunds::paid(&shop, &Card::approved());
    let words = "requester: NAVERPAY가 요구하는 값이 없습니다.";
    let refusal = json!({"type": "INVALID_REQUEST", "message": words}).to_string();
    shop.sandbox
        .fault(&json!({"kind": "status", "status": 400, "process": false, "body": refusal, "count": 1,
        "method": "POST", "route": "/payments/{paymentId}/cancel"}));
    let run = cancel(&shop, &id, "1000", &[]).expect(1);
    assert_eq!(run.json()["outcome"], "not_refunded", "{run:?}");
    assert!(run.stderr.contains(words), "{run:?}");
    assert_eq!(given_back(&shop, &id), (0, 0));
    // With what was missing it is the same refund, and not a second one.
    cancel(&shop, &id, "1000", &["--requester", "customer"]).expect(0);
    assert_eq!(given_back(&shop, &id), (1_000, 1));
}
