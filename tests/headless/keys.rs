//! Billing keys without a screen: registered, found, charged, deleted; with answers that got lost, names that are in
//! use, schedules that wait, and kills in between.

use std::process::Command;

use serde_json::{Value, json};

use super::id_of;
use super::support::{Api, Card, Run, Shop, finish, holds_digits, stop_at};

/// What KCP wants to know of somebody whose card becomes a key.
pub(super) const WHO: [&str; 8] = [
    "--customer-id",
    "cust0042",
    "--customer-name",
    "김하늘",
    "--customer-phone",
    "010-2000-3000",
    "--customer-email",
    "sky@example.com",
];

fn register_command(shop: &Shop, more: &[&str]) -> Command {
    let mut command = shop.command(&["key", "register", "--yes", "--card-stdin", "--json"]);
    command.args(WHO).args(more);
    command
}

fn register(shop: &Shop, card: &Card, more: &[&str]) -> Run {
    finish(register_command(shop, more), &card.line())
}

/// Registers a card; the id of the registration and the whole key.
fn registered(shop: &Shop, card: &Card) -> (String, String) {
    let said = register(shop, card, &["--show-key"]).expect(0).json();
    let text = |member: &str| said[member].as_str().unwrap().to_owned();
    (text("payment_id"), text("billing_key"))
}

fn charge_command(shop: &Shop, key: &str, amount: &str, more: &[&str]) -> Command {
    let base = ["key", "charge", key, "--amount", amount, "--order-name", "월 구독료", "--yes", "--json"];
    let mut command = shop.command(&base);
    command.args(more);
    command
}

fn charge(shop: &Shop, key: &str, amount: &str, more: &[&str]) -> Run {
    finish(charge_command(shop, key, amount, more), "")
}

fn delete_command(shop: &Shop, key: &str, more: &[&str]) -> Command {
    let mut command = shop.command(&["key", "delete", key, "--yes", "--json"]);
    command.args(more);
    command
}

pub(super) fn delete(shop: &Shop, key: &str, more: &[&str]) -> Run {
    finish(delete_command(shop, key, more), "")
}

fn show(shop: &Shop, key: &str) -> Run {
    shop.run(&["key", "show", key, "--json"])
}

/// Whether a key can still be charged, as the provider says.
pub(super) fn alive(shop: &Shop, key: &str) -> bool {
    let run = finish(shop.command(&["key", "show", "-", "--json"]), key);
    match run.code {
        Some(0) => run.json()["key"]["status"] == "issued",
        Some(1) => {
            assert_eq!(run.json()["problem"], "key_gone", "{run:?}");
            false
        }
        _ => panic!("{run:?}"),
    }
}

/// The ids of the latest intents of a kind, newest first.
fn intents(shop: &Shop, kind: &str) -> Vec<String> {
    let database = rusqlite::Connection::open(shop.path("ledger.db")).unwrap();
    let mut statement =
        database.prepare("SELECT id FROM intents WHERE kind = ?1 ORDER BY created_at DESC").unwrap();
    statement.query_map([kind], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn fault(shop: &Shop, kind: &str, method: &str, route: &str) {
    shop.sandbox.fault(&json!({"kind": kind, "count": 1, "route": route, "method": method}));
}

/// The next question of this kind can't be answered.
fn deaf(shop: &Shop, method: &str, route: &str) {
    shop.sandbox
        .fault(&json!({"kind": "status", "status": 503, "count": 1, "route": route, "method": method}));
}

const fn register_route(api: Api) -> &'static str {
    match api {
        Api::V1 => "/subscribe/customers/{customer_uid}",
        Api::V2 => "/billing-keys",
    }
}

const fn charge_route(api: Api) -> &'static str {
    match api {
        Api::V1 => "/subscribe/payments/again",
        Api::V2 => "/payments/{paymentId}/billing-key",
    }
}

const fn delete_route(api: Api) -> &'static str {
    match api {
        Api::V1 => "/subscribe/customers/{customer_uid}",
        Api::V2 => "/billing-keys/{billingKey}",
    }
}

const fn revoke_route(api: Api) -> (&'static str, &'static str) {
    match api {
        Api::V1 => ("POST", "/subscribe/payments/unschedule"),
        Api::V2 => ("DELETE", "/payment-schedules"),
    }
}

/// Books a charge of a key for next month, as another program would.
fn schedule(shop: &Shop, key: &str, id: &str) {
    let at = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * 31);
    let ready = &shop.sandbox.ready;
    let (status, body) = match shop.api {
        Api::V2 => {
            let secret = ready["v2"]["api_secret"].as_str().unwrap();
            let customer =
                json!({"name": {"full": "김하늘"}, "phoneNumber": "01020003000", "email": "sky@example.com"});
            let payment = json!({"billingKey": key, "orderName": "월 구독료", "currency": "KRW",
                "amount": {"total": 9_900}, "customer": customer});
            let body = json!({"payment": payment, "timeToPay": at.to_string()});
            let path = format!("/payments/{id}/schedule");
            shop.sandbox.ask("POST", &path, &format!("PortOne {secret}"), &body)
        }
        Api::V1 => {
            let credentials =
                json!({"imp_key": ready["v1"]["imp_key"], "imp_secret": ready["v1"]["imp_secret"]});
            let (_, token) = shop.sandbox.ask("POST", "/users/getToken", "", &credentials);
            let token = token["response"]["access_token"].as_str().unwrap().to_owned();
            let one = json!({"merchant_uid": id, "amount": 9_900, "schedule_at": at.as_second(), "name": "월 구독료"});
            let body = json!({"customer_uid": key, "schedules": [one]});
            shop.sandbox.ask("POST", "/subscribe/payments/schedule", &format!("Bearer {token}"), &body)
        }
    };
    assert!(status == 200 && body["code"].as_i64().unwrap_or(0) == 0, "{body}");
}

#[test]
fn a_key_is_registered_found_charged_and_deleted() {
    let shops = [Shop::open(Api::V2), Shop::open(Api::V1), Shop::with(Api::V1, &["--v1-missing-key-404"])];
    for shop in shops {
        let (api, card) = (shop.api, Card::approved());
        let rehearsed = register(&shop, &card, &["--dry-run"]).expect(0).json();
        assert_eq!((&rehearsed["outcome"], shop.sandbox.keys()), (&json!("dry_run"), 0));
        let run = register(&shop, &card, &[]).expect(0);
        let (said, id) = (run.json(), id_of(&run));
        assert_eq!((&said["outcome"], &said["kind"]), (&json!("issued"), &json!("issue_key")), "{said}");
        assert_eq!(said["card"], json!({"bin": card.number[..6], "last4": card.number[12..]}));
        assert_eq!((&said["refusals"], &said["amount"]), (&json!([]), &Value::Null));
        let short = said["billing_key"].as_str().unwrap().to_owned();
        assert_eq!((short.chars().next(), shop.sandbox.keys()), (Some('…'), 1));
        // By its id, by its shortened end, whole from standard input, and whole in the arguments, which is told.
        let by_id = show(&shop, &id).expect(0).json();
        assert_eq!(by_id["key"]["billing_key"], short);
        assert_eq!(by_id["key"]["card"]["last4"], card.number[12..]);
        assert_eq!((&by_id["key"]["status"], &by_id["key"]["registered_by"]), (&json!("issued"), &json!(id)));
        assert_eq!(
            (&by_id["key"]["mode"], &by_id["key"]["customer_id"]),
            (&json!("TEST"), &json!("cust0042"))
        );
        assert_eq!((&by_id["charges"], &by_id["schedules"]), (&json!([]), &json!([])));
        assert_eq!(show(&shop, &short).expect(0).json(), by_id);
        let whole = shop.run(&["key", "show", &id, "--json", "--show-key"]).expect(0).json();
        let key = whole["key"]["billing_key"].as_str().unwrap().to_owned();
        assert!(key.ends_with(short.trim_start_matches('…')) && !format!("{run:?}").contains(&key));
        assert_eq!(finish(shop.command(&["key", "show", "-", "--json"]), &key).expect(0).json(), by_id);
        let told = show(&shop, &key).expect(0);
        assert!(told.stderr.contains("stands in the arguments") && !told.stderr.contains(&key), "{told:?}");

        listed(&shop, &key);
        charged(&shop, &id);

        let rehearsed = delete(&shop, &id, &["--dry-run"]).expect(0).json();
        assert_eq!((&rehearsed["outcome"], alive(&shop, &key)), (&json!("dry_run"), true));
        let said = delete(&shop, &id, &["--reason", "해지 요청", "--requester", "customer"]).expect(0).json();
        assert_eq!((&said["outcome"], &said["kind"]), (&json!("deleted"), &json!("delete_key")));
        assert_eq!((&said["billing_key"], &said["schedules"]["open"]), (&json!(short), &json!([])));
        assert!(!alive(&shop, &key));
        // One that is gone is said to be, whatever is tried with it.
        for run in [charge(&shop, &id, "3000", &[]), delete(&shop, &id, &[])] {
            let run = run.expect(1);
            assert_eq!(run.json()["problem"], "key_gone", "{api:?}");
            assert!(run.stderr.contains("There is no such billing key, or it was deleted."), "{run:?}");
        }
        assert_eq!((shop.sandbox.attempts(), shop.sandbox.keys()), (2, 1));
    }
}

fn listed(shop: &Shop, key: &str) {
    let list = |more: &[&str]| {
        let run = shop.run(&[&["key", "list", "--json", "--show-key"], more].concat()).expect(0);
        assert_eq!(run.stderr.contains("V1 does not list billing keys"), shop.api == Api::V1, "{run:?}");
        run.json()
    };
    let all = list(&[]);
    let basis = if shop.api == Api::V1 { "ledger" } else { "provider" };
    assert_eq!((&all["basis"], &all["more"]), (&json!(basis), &json!(false)));
    assert_eq!((all["keys"].as_array().unwrap().len(), &all["keys"][0]["billing_key"]), (1, &json!(key)));
    let pg = if shop.api == Api::V1 { "nice_v2" } else { "KCP_V2" };
    for (more, count) in [
        (&["--customer-id", "cust0042"][..], 1),
        (&["--customer-id", "cust0043"], 0),
        (&["--customer-phone", "010-2000-3000"], 1),
        (&["--customer-phone", "010-9"], 0),
        (&["--customer-name", "김하"], 1),
        (&["--key-prefix", &key[..6]], 1),
        (&["--pg", pg], 1),
        (&["--pg", "KSNET"], 0),
        (&["--from", "2099-01-01"], 0),
        (&["--from", "2020-01-01", "--until", "2099-01-01"], 1),
        (&["--until", "2020-01-01"], 0),
        (&["--page", "2", "--limit", "1"], 0),
        (&["--all"], 1),
        (&["--status", "deleted"], 0),
    ] {
        assert_eq!(list(more)["keys"].as_array().unwrap().len(), count, "{:?} {more:?}", shop.api);
    }
    shop.run(&["key", "list", "--customer-name", "a", "--bin", "941012"]).expect(2);
    let run = shop.run(&["key", "list", "--from", "내일", "--json"]).expect(2);
    assert_eq!(run.json()["fields"], json!(["from"]));
}

fn charged(shop: &Shop, id: &str) {
    let rehearsed = charge(shop, id, "9900", &["--dry-run"]).expect(0).json();
    assert_eq!((&rehearsed["outcome"], shop.sandbox.attempts()), (&json!("dry_run"), 0));
    let run = charge(shop, id, "9900", &["--installments", "0", "--vat", "900"]).expect(0);
    let said = run.json();
    assert_eq!((&said["outcome"], &said["kind"]), (&json!("approved"), &json!("charge_key")), "{said}");
    assert_eq!((&said["amount"], &said["vat"]), (&json!(9_900), &json!(900)));
    assert!(said["approval_number"].as_str().is_some_and(|number| !number.is_empty()), "{said}");
    assert_eq!(shop.sandbox.charges(shop.api, &id_of(&run)), 1);
    // The customer of the key is the customer of its charge.
    let shown = show(shop, id).expect(0).json();
    assert_eq!(shown["charges"][0]["payment_id"], id_of(&run));
    for more in [&[][..], &["--dry-run"]] {
        let again = charge(shop, id, "9900", more).expect(5).json();
        assert_eq!((&again["outcome"], &again["guard"]), (&json!("blocked"), &json!(id_of(&run))));
    }
    charge(shop, id, "9900", &["--duplicate-reason", "두 달 치"]).expect(0);
    assert_eq!(shop.sandbox.attempts(), 2);
}

#[test]
fn a_declined_card_makes_no_key_and_a_declined_charge_says_which_card_to_ask_for() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let run = register(&shop, &Card::ending("0001"), &[]).expect(3);
        assert_eq!((&run.json()["outcome"], shop.sandbox.keys()), (&json!("declined"), 0), "{api:?}");
        let (id, key) = registered(&shop, &Card::ending("0040"));
        let run = charge(&shop, &id, "9900", &[]).expect(3);
        assert!(run.stderr.contains("ask the customer for another card and register it"), "{run:?}");
        assert!(alive(&shop, &key));
        // The next charge begins with a hint.
        let run = charge(&shop, &id, "8800", &["--dry-run"]).expect(0);
        assert!(run.stderr.contains("The last charge of this key ("), "{run:?}");
        // Never registered, so never a key.
        let declined = intents(&shop, "issue_key").pop().unwrap();
        assert_eq!(charge(&shop, &declined, "9900", &[]).expect(2).json()["fields"], json!(["key"]));
    }
}

#[test]
fn a_lost_registration_is_found_and_no_second_key_is_left_unnoticed() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let card = Card::approved();
        fault(&shop, "drop_after", "POST", register_route(api));
        let found = register(&shop, &card, &[]).expect(0).json();
        assert_eq!((&found["outcome"], shop.sandbox.keys()), (&json!("issued"), 1), "{api:?}");
        // The look can't be answered either: settle finds it, the same card of the same customer beside it.
        fault(&shop, "drop_after", "POST", register_route(api));
        deaf(&shop, "GET", register_route(api));
        let run = register(&shop, &card, &[]).expect(4);
        assert_eq!(run.json()["outcome"], "unknown");
        assert_eq!(charge(&shop, &id_of(&run), "9900", &[]).expect(2).json()["fields"], json!(["key"]));
        let settled = shop.settle("600000", &[]).expect(0).json();
        assert_eq!((&settled["settled"][0]["outcome"], shop.sandbox.keys()), (&json!("issued"), 2));
        assert_ne!(settled["settled"][0]["billing_key"], found["billing_key"]);
        charge(&shop, &id_of(&run), "9900", &[]).expect(0);
        // One that never reached the PG is not one.
        fault(&shop, "drop_before", "POST", register_route(api));
        register(&shop, &card, &[]).expect(4);
        shop.settle("600000", &[]).expect(4);
        let settled = shop.settle("0", &[]).expect(0).json();
        assert_eq!((&settled["settled"][0]["outcome"], shop.sandbox.keys()), (&json!("not_issued"), 2));
    }
}

#[test]
fn a_lost_charge_and_a_lost_deletion_are_looked_for() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let (id, key) = registered(&shop, &Card::approved());
        fault(&shop, "drop_after", "POST", charge_route(api));
        let run = charge(&shop, &id, "1000", &[]).expect(0);
        assert_eq!(shop.sandbox.charges(api, &id_of(&run)), 1);
        fault(&shop, "drop_after", "POST", charge_route(api));
        deaf(&shop, "GET", api.look_up_route());
        let run = charge(&shop, &id, "2000", &[]).expect(4);
        charge(&shop, &id, "2000", &[]).expect(5);
        let settled = shop.settle("600000", &[]).expect(0).json();
        assert_eq!(settled["settled"][0]["outcome"], "approved", "{settled}");
        assert_eq!((shop.sandbox.charges(api, &id_of(&run)), shop.sandbox.attempts()), (1, 2));
        // Nothing happened: only after the window is it said so, and the key is still there.
        fault(&shop, "drop_before", "DELETE", delete_route(api));
        assert_eq!(delete(&shop, &id, &[]).expect(4).json()["outcome"], "unknown");
        let settled = shop.settle("0", &[]).expect(0).json();
        assert_eq!((&settled["settled"][0]["outcome"], alive(&shop, &key)), (&json!("not_deleted"), true));
        fault(&shop, "drop_after", "DELETE", delete_route(api));
        assert_eq!(delete(&shop, &id, &[]).expect(0).json()["outcome"], "deleted");
        assert!(!alive(&shop, &key));
    }
}

#[test]
fn a_name_in_use_is_replaced_for_a_reason_only() {
    let shop = Shop::open(Api::V1);
    let file = shop.path("name");
    std::fs::write(&file, "m_2001_c1\n").unwrap();
    let named = ["--key-file", file.to_str().unwrap()];
    let (first, second) = (Card::approved(), Card::approved());
    let run = register(&shop, &first, &named).expect(0);
    assert!(!run.stderr.contains("stands in the arguments"), "{run:?}");
    for more in [&[][..], &["--dry-run"]] {
        let run = register(&shop, &second, &[&named[..], more].concat()).expect(5);
        let said = run.json();
        assert_eq!((&said["outcome"], &said["problem"]), (&json!("not_issued"), &json!("key_taken")));
        // Which card it holds now, and what would become of its key.
        assert!(run.stderr.contains(&first.number[12..]) && run.stderr.contains("stay alive"), "{run:?}");
        assert!(!holds_digits(run.stderr.as_bytes(), &first.number, 8));
    }
    let held = |last4: &str| {
        let shown = finish(shop.command(&["key", "show", "-", "--json"]), "m_2001_c1").expect(0).json();
        assert_eq!(shown["key"]["card"]["last4"], last4);
    };
    held(&first.number[12..]);
    let replaced = register(&shop, &second, &[&named[..], &["--replace", "카드 재발급"]].concat()).expect(0);
    held(&second.number[12..]);
    assert_eq!(shop.journal(&id_of(&replaced))["guard_reason"], "카드 재발급");
    // A name in the arguments is told, and a lost answer is settled by when the key changed.
    fault(&shop, "drop_after", "POST", register_route(Api::V1));
    let run = register(&shop, &first, &["--key", "m_2001_c1", "--replace", "도로"]).expect(0);
    assert!(run.stderr.contains("stands in the arguments"), "{run:?}");
    held(&first.number[12..]);

    let v2 = Shop::open(Api::V2);
    for (shop, more, field) in [
        (&v2, &["--key", "m_2001_c1"][..], "key"),
        (&v2, &["--replace", "a"], "replace"),
        (&shop, &["--replace", "a"], "replace"),
        (&shop, &["--key", "m_2001_c1", "--replace", " "], "replace"),
        (&shop, &["--key", "a b"], "key"),
    ] {
        let fields = register(shop, &first, more).expect(2).json()["fields"].clone();
        assert!(fields.as_array().unwrap().contains(&json!(field)), "{more:?}: {fields}");
    }
    assert_eq!(v2.sandbox.keys(), 0);
}

#[test]
fn a_key_with_schedules_is_deleted_only_when_they_are_revoked_along_with_it() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let (id, key) = registered(&shop, &Card::approved());
        schedule(&shop, &key, "sub20270101a");
        schedule(&shop, &key, "sub20270101b");
        assert_eq!(show(&shop, &id).expect(0).json()["schedules"].as_array().unwrap().len(), 2);
        let run = delete(&shop, &id, &[]).expect(5);
        let said = run.json();
        assert_eq!(
            (&said["outcome"], &said["problem"]),
            (&json!("not_deleted"), &json!("key_has_schedules"))
        );
        assert_eq!(
            (&said["schedules"]["open"][0]["amount"], &said["schedules"]["outcome"]),
            (&json!(9_900), &Value::Null)
        );
        assert!(run.stderr.matches("9,900 won").count() == 2, "both are shown: {run:?}");
        assert!(alive(&shop, &key) && intents(&shop, "delete_key").is_empty(), "nothing was even intended");
        let rehearsed = delete(&shop, &id, &["--revoke-schedules", "--dry-run"]).expect(0).json();
        assert_eq!(rehearsed["schedules"]["open"].as_array().unwrap().len(), 2);
        // Not revoked, as far as anybody can see: the key stays.
        let (method, route) = revoke_route(api);
        fault(&shop, "drop_before", method, route);
        let run = delete(&shop, &id, &["--revoke-schedules"]).expect(1);
        let said = run.json();
        assert_eq!(
            (&said["problem"], &said["schedules"]["outcome"]),
            (&json!("schedules_may_be_revoked"), &json!("unknown")),
            "{said}"
        );
        let settled = shop.settle("0", &[]).expect(0).json();
        assert_eq!(
            (&settled["settled"][0]["outcome"], &settled["settled"][0]["part_of"]),
            (&json!("not_revoked"), &json!(id_of(&run)))
        );
        assert!(alive(&shop, &key));
        // Revoked, and the answer lost: the schedules themselves tell, and the deletion goes on.
        fault(&shop, "drop_after", method, route);
        let said = delete(&shop, &id, &["--revoke-schedules"]).expect(0).json();
        assert_eq!((&said["outcome"], &said["schedules"]["outcome"]), (&json!("deleted"), &json!("revoked")));
        let revoking = shop.journal(said["schedules"]["payment_id"].as_str().unwrap());
        assert_eq!(
            (&revoking["payment"]["kind"], &revoking["payment"]["part_of"]),
            (&json!("revoke_schedules"), &said["payment_id"])
        );
        assert!(!alive(&shop, &key));
    }
}

#[test]
fn a_kill_at_any_step_of_a_registration_or_a_charge_is_settled() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        for step in ["key_intended", "key_sent", "key_answered"] {
            let before = shop.sandbox.keys();
            let mut child = stop_at(register_command(&shop, &[]), &Card::approved().line(), step).unwrap();
            child.kill().unwrap();
            child.wait().unwrap();
            shop.settle("0", &[]).expect(0);
            let made = shop.sandbox.keys() - before;
            let row = shop.journal(&intents(&shop, "issue_key")[0]);
            assert_eq!(row["state"] == "approved", made == 1, "{api:?} {step}: {row}");
            assert_eq!(made == 1, step == "key_answered", "{api:?} {step}");
        }
        let (id, _) = registered(&shop, &Card::approved());
        for (amount, step) in
            [("1000", "intended"), ("2000", "sent"), ("3000", "answered"), ("4000", "approved")]
        {
            let mut child = stop_at(charge_command(&shop, &id, amount, &[]), "", step).unwrap();
            child.kill().unwrap();
            child.wait().unwrap();
            shop.settle("0", &[]).expect(0);
            let payment = intents(&shop, "charge_key").remove(0);
            let charges = shop.sandbox.charges(api, &payment);
            let row = shop.journal(&payment);
            assert_eq!(row["state"] == "approved", charges == 1, "{api:?} {step}: {row}");
            assert_eq!(charges, usize::from(matches!(step, "answered" | "approved")), "{api:?} {step}");
        }
    }
}

#[test]
fn a_kill_at_any_step_of_a_deletion_leaves_what_is_said_of_it() {
    for api in Api::ALL {
        // At each: whether the schedules are revoked then. The key is there as long as its deletion was not sent.
        for (step, revoked) in [
            ("intended", None),
            ("revoke_intended", Some("not_charged")),
            ("revoke_sent", Some("not_charged")),
            ("answered", Some("approved")),
            ("approved", Some("approved")),
            ("sent", Some("approved")),
        ] {
            let shop = Shop::open(api);
            let (id, key) = registered(&shop, &Card::approved());
            schedule(&shop, &key, "sub20270101a");
            let mut child = stop_at(delete_command(&shop, &id, &["--revoke-schedules"]), "", step).unwrap();
            child.kill().unwrap();
            child.wait().unwrap();
            shop.settle("0", &[]).expect(0);
            let place = format!("{api:?} {step}");
            let deletion = shop.journal(&intents(&shop, "delete_key")[0]);
            assert_eq!(deletion["state"], "not_charged", "{place}");
            let revoking =
                intents(&shop, "revoke_schedules").first().map(|id| shop.journal(id)["state"].clone());
            assert_eq!(revoking, revoked.map(Value::from), "{place}");
            assert!(alive(&shop, &key), "{place}");
            let open = show(&shop, &id).expect(0).json()["schedules"].as_array().unwrap().len();
            assert_eq!(open, usize::from(revoked != Some("approved")), "{place}");
            // And now it goes.
            delete(&shop, &id, &["--revoke-schedules"]).expect(0);
            assert!(!alive(&shop, &key), "{place}");
        }
    }
}

#[test]
fn what_is_no_key_and_what_is_not_ordered_is_refused_before_anything_is_sent() {
    let shop = Shop::open(Api::V2);
    let (id, key) = registered(&shop, &Card::approved());
    let paid = id_of(&shop.pay(&Card::approved(), &[]).expect(0));
    let attempts = shop.sandbox.attempts();
    for (key, sentence) in [
        ("…zzzzzz", "no billing key that ends so"),
        ("…ab", "at least 6 characters"),
        ("a\tb", "This is no billing key"),
        (paid.as_str(), "made no billing key"),
    ] {
        for run in [charge(&shop, key, "1000", &[]), delete(&shop, key, &[]), show(&shop, key)] {
            let run = run.expect(2);
            assert_eq!(run.json()["fields"], json!(["key"]), "{key}");
            assert!(run.stderr.contains(sentence), "{run:?}");
        }
    }
    // Nobody's key.
    let run = finish(charge_command(&shop, "-", "1000", &[]), "billing-key-nobody-has").expect(1);
    assert_eq!(run.json()["problem"], "key_gone");
    for (command, fields) in [
        (&["key", "charge", &id, "--amount", "1000", "--json"][..], json!(["yes"])),
        (&["key", "delete", &id, "--json"], json!(["yes"])),
        (&["key", "register", "--json"], json!(["yes", "card-stdin"])),
        (&["key", "charge", &id, "--amount", "x", "--order-name", "a", "--yes", "--json"], json!(["amount"])),
        (
            &[
                "key",
                "charge",
                &id,
                "--amount",
                "1000",
                "--order-name",
                "a",
                "--installments",
                "9",
                "--yes",
                "--json",
            ],
            json!(["installments"]),
        ),
        (
            &["key", "charge", &id, "--amount", "1000", "--channel", "inicis", "--yes", "--json"],
            json!(["channel"]),
        ),
        (&["key", "delete", &id, "--reason", " ", "--yes", "--json"], json!(["reason"])),
    ] {
        assert_eq!(shop.run(command).expect(2).json()["fields"], fields, "{command:?}");
    }
    shop.run(&["key", "show", "--json"]).expect(2);
    // Another profile's key.
    shop.configure(|config| {
        let at = config.find("[profiles.main]").unwrap();
        let other = config[at..].replace("profiles.main", "profiles.other");
        format!("{config}\n{other}")
    });
    for run in [
        shop.run(&["--profile", "other", "key", "show", &id, "--json"]),
        finish(shop.command(&["--profile", "other", "key", "delete", "-", "--yes", "--json"]), &key),
    ] {
        let run = run.expect(2);
        assert!(run.stderr.contains("belongs to profile main"), "{run:?}");
    }
    assert!(alive(&shop, &key));
    assert_eq!(shop.sandbox.attempts(), attempts);
}

#[test]
fn people_read_it_in_their_language_and_no_file_keeps_a_card_nor_the_log_a_key() {
    let shop = Shop::open(Api::V2);
    let card = Card::approved();
    let mut command = shop.command(&["--lang", "ko", "key", "register", "--yes", "--card-stdin"]);
    command.args(WHO);
    let run = finish(command, &card.line()).expect(0);
    assert!(run.stdout.starts_with("[테스트 TEST] 빌링키를 등록했습니다: …"), "{run:?}");
    let id = intents(&shop, "issue_key").remove(0);
    let run = shop
        .run(&["--lang", "ko", "key", "charge", &id, "--amount", "4.5만", "--order-name", "관리비", "--yes"])
        .expect(0);
    assert!(run.stdout.starts_with("[테스트 TEST] 승인되었습니다: 45,000원, 승인번호 "), "{run:?}");
    let run = shop.run(&["--lang", "ko", "key", "show", &id]).expect(0);
    assert!(run.stdout.starts_with('…') && run.stdout.contains("\n  결제 "), "{run:?}");
    let run = shop.run(&["key", "list"]).expect(0);
    assert!(run.stdout.starts_with('…') && run.stdout.contains("TEST] issued: card "), "{run:?}");
    let run = shop.run(&["--lang", "ko", "key", "delete", &id, "--yes"]).expect(0);
    assert!(run.stdout.starts_with("[테스트 TEST] 빌링키를 삭제했습니다: …"), "{run:?}");
    let database = rusqlite::Connection::open(shop.path("ledger.db")).unwrap();
    let key: String = database
        .query_row("SELECT billing_key FROM intents WHERE kind = 'issue_key'", [], |row| row.get(0))
        .unwrap();
    for (path, bytes) in shop.files() {
        assert!(!holds_digits(&bytes, &card.number, 8), "{}", path.display());
        if path.extension().is_some_and(|extension| extension == "log") {
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.is_empty() && !text.contains(&key), "{}", path.display());
        }
    }
}
