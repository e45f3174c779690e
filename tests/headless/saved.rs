//! Cards that are kept along with a payment: the money and the key each told for itself, whatever is lost on the way.

use serde_json::{Value, json};

use super::id_of;
use super::support::{Api, Card, Run, Shop, holds_digits, start_until};

/// What KCP wants to know of somebody whose card is kept.
const WHO: [&str; 6] =
    ["--customer-name", "김하늘", "--customer-phone", "010-2000-3000", "--customer-email", "sky@example.com"];

fn keep(shop: &Shop, card: &Card, more: &[&str]) -> Run {
    shop.pay(card, &[&["--save-card"], &WHO[..], more].concat())
}

/// The billing keys that the ledger knows, whole, and what they belong to.
fn known(shop: &Shop) -> Vec<(String, String)> {
    let database = rusqlite::Connection::open(shop.path("ledger.db")).unwrap();
    let mut statement = database
        .prepare("SELECT billing_key, COALESCE(parent, id) FROM intents WHERE billing_key IS NOT NULL AND kind IN ('issue_key', 'key_in')")
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

const KEYS: &str = "/billing-keys";

#[test]
fn a_card_is_charged_and_kept_and_its_key_is_shown_only_when_asked_for() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let card = Card::approved();
        let run = keep(&shop, &card, &["--note", "매달"]).expect(0);
        let said = run.json();
        assert_eq!(
            (&said["outcome"], &said["saved_card"], &said["note"]),
            (&json!("approved"), &json!("kept"), &json!("매달"))
        );
        assert_eq!(said["kind"], if api == Api::V1 { "key_in" } else { "charge_key" });
        let [(whole, of)] = &known(&shop)[..] else { panic!("{:?}", known(&shop)) };
        assert_eq!(*of, id_of(&run));
        let short = said["billing_key"].as_str().unwrap();
        assert!(short.starts_with('…') && whole.ends_with(short.trim_start_matches('…')), "{said}");
        assert!(!format!("{run:?}").contains(whole.as_str()), "the key is not shown");
        assert_eq!((shop.sandbox.charges(api, &id_of(&run)), shop.sandbox.keys()), (1, 1), "{api:?}");
        // Asked for, it is.
        let more = keep(&shop, &Card::approved(), &["--show-key"]).expect(0).json();
        let shown = more["billing_key"].as_str().unwrap();
        assert!(known(&shop).iter().any(|(key, _)| key == shown), "{more}");
        assert_eq!(shop.settle("0", &[]).expect(0).json()["settled"], json!([]));
    }
}

#[test]
fn a_person_is_told_that_the_card_is_kept() {
    let shop = Shop::open(Api::V1);
    for (lang, sentence) in [("ko", "카드를 빌링키 …"), ("en", "The card is kept as billing key …")]
    {
        let base = [
            "--lang",
            lang,
            "pay",
            "--amount",
            "1000",
            "--order-name",
            "a",
            "--yes",
            "--card-stdin",
            "--save-card",
        ];
        let run = super::finish(shop.command(&base), &Card::approved().line()).expect(0);
        assert!(run.stdout.lines().any(|line| line.starts_with(sentence)), "{run:?}");
    }
}

#[test]
fn a_declined_card_is_neither_charged_nor_kept() {
    for (api, last4) in [(Api::V1, "0001"), (Api::V1, "0004"), (Api::V2, "0001"), (Api::V2, "0004")] {
        let shop = Shop::open(api);
        let run = keep(&shop, &Card::ending(last4), &[]).expect(3);
        let said = run.json();
        assert_eq!(
            (&said["outcome"], &said["saved_card"], &said["billing_key"]),
            (&json!("declined"), &json!("not_kept"), &Value::Null),
            "{api:?} {last4}"
        );
        assert!(run.stderr.contains("The card was not kept."), "{run:?}");
        assert_eq!((shop.sandbox.keys(), shop.sandbox.charges(api, &id_of(&run))), (0, 0));
        assert_eq!(shop.settle("0", &[]).expect(0).json()["settled"], json!([]));
    }
}

#[test]
fn a_kept_card_that_is_declined_is_told_for_what_it_is() {
    let shop = Shop::open(Api::V2);
    let run = keep(&shop, &Card::ending("0040"), &[]).expect(3);
    let said = run.json();
    assert_eq!((&said["outcome"], &said["saved_card"]), (&json!("declined"), &json!("kept")));
    assert!(
        run.stderr.contains("No money moved.") && run.stderr.contains("The card is kept as billing key …"),
        "{run:?}"
    );
    assert_eq!((shop.sandbox.keys(), known(&shop).len()), (1, 1));
    assert_eq!(shop.sandbox.charges(Api::V2, &id_of(&run)), 0);
}

#[test]
fn a_lost_answer_about_the_key_is_looked_for_and_nothing_is_charged() {
    // Found by the look behind it.
    let shop = Shop::open(Api::V2);
    shop.sandbox.fault(&json!({"kind": "drop_after", "count": 1, "route": KEYS, "method": "POST"}));
    let run = keep(&shop, &Card::approved(), &[]).expect(1);
    let said = run.json();
    assert_eq!(
        (&said["outcome"], &said["problem"], &said["saved_card"]),
        (&json!("not_charged"), &json!("card_may_be_kept"), &json!("kept"))
    );
    assert!(run.stderr.contains("The card is kept as billing key …"), "{run:?}");
    assert_eq!((shop.sandbox.attempts(), shop.sandbox.keys(), known(&shop).len()), (0, 1, 1));
    // The look can't be answered either: settle finds it.
    let shop = Shop::open(Api::V2);
    shop.sandbox.fault(&json!({"kind": "drop_after", "count": 1, "route": KEYS, "method": "POST"}));
    shop.sandbox.fault(&json!({"kind": "status", "status": 503, "count": 1, "route": KEYS, "method": "GET"}));
    let run = keep(&shop, &Card::approved(), &[]).expect(1);
    assert_eq!(
        (&run.json()["outcome"], &run.json()["saved_card"]),
        (&json!("not_charged"), &json!("unknown"))
    );
    assert!(run.stderr.contains("'danmal settle' finds out."), "{run:?}");
    let settled = shop.settle("600000", &[]).expect(0).json();
    let one = &settled["settled"][0];
    assert_eq!(
        (&one["kind"], &one["outcome"], &one["part_of"]),
        (&json!("issue_key"), &json!("issued"), &json!(id_of(&run))),
        "{settled}"
    );
    let issue = one["payment_id"].as_str().unwrap();
    let shown = shop.run(&["payment", "show", issue, "--json", "--show-key"]).expect(0).json();
    assert_eq!(shown["payment"]["billing_key"], known(&shop)[0].0);
    let hidden = shop.run(&["payment", "show", issue]).expect(0);
    assert!(
        hidden.stdout.starts_with("Billing key ") && !hidden.stdout.contains(&known(&shop)[0].0),
        "{hidden:?}"
    );
    assert_eq!((shop.sandbox.attempts(), shop.sandbox.keys()), (0, 1));
}

#[test]
fn a_key_that_was_never_made_is_known_not_to_be_after_the_window() {
    let shop = Shop::open(Api::V2);
    shop.sandbox.fault(&json!({"kind": "drop_before", "count": 1, "route": KEYS, "method": "POST"}));
    let run = keep(&shop, &Card::approved(), &[]).expect(1);
    assert_eq!(
        (&run.json()["outcome"], &run.json()["saved_card"]),
        (&json!("not_charged"), &json!("unknown"))
    );
    let open = shop.settle("600000", &[]).expect(4);
    assert_eq!(open.json()["open"][0]["kind"], "issue_key");
    let settled = shop.settle("0", &[]).expect(0).json();
    assert_eq!(
        (&settled["settled"][0]["kind"], &settled["settled"][0]["outcome"]),
        (&json!("issue_key"), &json!("not_issued"))
    );
    assert_eq!((shop.sandbox.attempts(), shop.sandbox.keys()), (0, 0));
}

#[test]
fn a_lost_answer_to_a_charge_that_keeps_the_card_tells_both() {
    for (api, route) in [(Api::V1, Api::V1.charge_route()), (Api::V2, "/payments/{paymentId}/billing-key")] {
        let shop = Shop::open(api);
        let lose = |look_up: bool| {
            shop.sandbox.fault(&json!({"kind": "drop_after", "count": 1, "route": route}));
            if look_up {
                shop.sandbox.fault(
                    &json!({"kind": "status", "status": 503, "count": 1, "route": api.look_up_route()}),
                );
            }
        };
        lose(false);
        let found = keep(&shop, &Card::approved(), &[]).expect(0).json();
        assert_eq!(
            (&found["outcome"], &found["saved_card"]),
            (&json!("approved"), &json!("kept")),
            "{api:?}"
        );
        lose(true);
        let unseen = keep(&shop, &Card::approved(), &[]).expect(4);
        let fate = if api == Api::V1 { "unknown" } else { "kept" };
        assert_eq!(
            (&unseen.json()["outcome"], &unseen.json()["saved_card"]),
            (&json!("unknown"), &json!(fate)),
            "{api:?}"
        );
        let settled = shop.settle("600000", &[]).expect(0).json();
        assert_eq!(settled["settled"][0]["outcome"], "approved", "{settled}");
        assert_eq!(shop.sandbox.charges(api, &id_of(&unseen)), 1);
        assert_eq!((shop.sandbox.keys(), known(&shop).len()), (2, 2), "{api:?}");
    }
}

/// Every step at which a charge that keeps the card can be killed.
const STEPS: [&str; 8] =
    ["intended", "key_intended", "key_sent", "key_answered", "sent", "answered", "approved", "unseen"];

#[test]
fn a_kill_at_any_step_leaves_no_unknown_one_charge_at_most_and_no_key_unnoticed() {
    let mut stopped = std::collections::BTreeSet::new();
    for api in Api::ALL {
        let shop = Shop::open(api);
        for (kind, last4) in [("approved", None), ("declined", Some("0001"))] {
            for step in STEPS {
                let card = last4.map_or_else(Card::approved, Card::ending);
                let id = format!("keep{step}{kind}").replace('_', "");
                let place = format!("{api:?} {kind} at {step}");
                let (keys, noticed) = (
                    shop.sandbox.keys(),
                    if shop.path("ledger.db").exists() { known(&shop).len() } else { 0 },
                );
                let more = [&["--save-card", "--order-id", &id], &WHO[..]].concat();
                match start_until(&shop, &card, step, &more) {
                    Ok(mut child) => {
                        stopped.insert((format!("{api:?}"), kind, step));
                        child.kill().unwrap();
                        child.wait().unwrap();
                    }
                    Err(run) => assert!(matches!(run.code, Some(0 | 3)), "{place}: {run:?}"),
                }
                let settled = shop.settle("0", &[]).expect(0).json();
                assert_eq!(settled["unknown"], 0, "{place}");
                let shown = shop.journal(&id);
                let charges = shop.sandbox.charges(api, &id);
                assert!(charges <= 1, "{place}");
                let approved = shown["state"] == "approved";
                assert_eq!(charges == 1, approved, "{place}: {shown}");
                assert!(
                    shown["state"] == "approved"
                        || shown["state"] == "declined"
                        || shown["state"] == "not_charged",
                    "{place}"
                );
                // As many keys as there are, the ledger has, each with the payment it was made for.
                let made = shop.sandbox.keys() - keys;
                let now = known(&shop);
                assert_eq!((now.len() - noticed) as u64, made, "{place}: {now:?}");
                assert_eq!(now.iter().filter(|(_, of)| *of == id).count() as u64, made, "{place}");
                assert!(kind == "approved" || made == 0, "{place}");
                assert_eq!(shop.settle("0", &[]).expect(0).json()["settled"], json!([]), "{place}");
            }
        }
    }
    let reached = |api: Api, kind: &str| -> Vec<&str> {
        let api = format!("{api:?}");
        STEPS.into_iter().filter(|step| stopped.contains(&(api.clone(), kind, step))).collect()
    };
    assert_eq!(
        reached(Api::V2, "approved"),
        ["intended", "key_intended", "key_sent", "key_answered", "sent", "answered", "approved"]
    );
    assert_eq!(reached(Api::V2, "declined"), ["intended", "key_intended", "key_sent", "key_answered"]);
    assert_eq!(reached(Api::V1, "approved"), ["intended", "sent", "answered", "approved"]);
    assert_eq!(reached(Api::V1, "declined"), ["intended", "sent", "answered"]);
}

#[test]
fn being_told_to_end_while_the_key_is_made_charges_nothing() {
    let shop = Shop::open(Api::V2);
    shop.sandbox.fault(
        &json!({"kind": "delay_after", "millis": 60_000, "count": 1, "route": KEYS, "method": "POST"}),
    );
    let more = [&["--save-card"], &WHO[..]].concat();
    let child = super::start(shop.pay_command(&more), &Card::approved().line());
    shop.sandbox.wait_until_hit();
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::TERM)
        .unwrap();
    let run = super::ended(child).expect(1);
    let said = run.json();
    assert_eq!(
        (&said["outcome"], &said["problem"], &said["saved_card"]),
        (&json!("not_charged"), &json!("stopped"), &json!("unknown"))
    );
    let settled = shop.settle("0", &["--wait", "60"]).expect(0).json();
    assert_eq!(settled["unknown"], 0, "{settled}");
    assert_eq!(shop.journal(&id_of(&run))["state"], "not_charged");
    assert_eq!((shop.sandbox.attempts(), known(&shop).len() as u64), (0, shop.sandbox.keys()));
}

/// A shop with more channels than every shop has: contracts with interest-free instalments, PGs of V1 that keep no
/// card, one that offers no keys.
fn contracted(api: Api) -> Shop {
    let shop = Shop::open(api);
    match api {
        Api::V1 => shop.add_channels(&[
            ("free", "nice", "installments = [2, 3]\ninterest_free = true"),
            ("ksnet", "ksnet", "product_type = \"digital\""),
            ("toss", "tosspayments", ""),
            ("inicis", "html5_inicis", ""),
        ]),
        Api::V2 => shop.add_channels(&[
            ("free", "NICE_V2", "installments = [2, 3]\ninterest_free = true"),
            ("kcpfree", "KCP_V2", "installments = [2, 3]\ninterest_free = true"),
        ]),
    }
    shop
}

#[test]
fn what_contract_or_gateway_rule_out_is_refused_with_its_option_named() {
    let months = ["--amount", "60000", "--installments", "3"];
    let pay = |shop: &Shop, more: &[&str]| {
        let base = ["pay", "--yes", "--card-stdin", "--json", "--order-name", "관리비"];
        let amount = if more.contains(&"--amount") { &[][..] } else { &["--amount", "60000"] };
        super::finish(shop.command(&[&base[..], amount, more].concat()), &Card::approved().line())
    };
    let v1 = contracted(Api::V1);
    let v2 = contracted(Api::V2);
    let long = "이".repeat(201);
    for (shop, more, field) in [
        // No such contract, one payment only, a PG that throws it away for keyed-in cards.
        (&v2, &[&months[..], &["--interest-free"]].concat()[..], "interest-free"),
        (&v2, &["--interest-free", "--channel", "free"], "interest-free"),
        (&v2, &[&months[..], &["--interest-free", "--channel", "kcpfree"]].concat(), "interest-free"),
        (&v1, &[&months[..], &["--interest-free"]].concat(), "interest-free"),
        // V1's PGs that keep no card, and one whose sources disagree on keys.
        (&v1, &["--save-card", "--channel", "ksnet", "--customer-name", "a"], "save-card"),
        (&v1, &["--save-card", "--channel", "toss"], "save-card"),
        (&v1, &["--save-card", "--channel", "inicis"], "save-card"),
        (&v2, &["--save-card"], "customer-name"),
        (&v2, &["--show-key"], "show-key"),
        (&v2, &["--vat", "60001"], "vat"),
        (&v2, &["--vat", "x"], "vat"),
        (&v2, &["--vat", "30000", "--tax-free", "30001"], "vat"),
        (&v2, &["--note", &long], "note"),
        (&v1, &["--note", "a\u{202e}"], "note"),
    ] {
        let run = pay(shop, more).expect(2);
        let fields = run.json()["fields"].as_array().unwrap().clone();
        assert!(fields.contains(&json!(field)), "{field} {more:?}: {run:?}");
    }
    assert_eq!((v1.sandbox.attempts(), v2.sandbox.attempts()), (0, 0));
    for shop in [&v1, &v2] {
        let run =
            pay(shop, &[&months[..], &["--interest-free", "--channel", "free", "--vat", "5000"]].concat());
        let said = run.expect(0).json();
        assert_eq!(
            (&said["interest_free"], &said["installments"], &said["vat"]),
            (&json!(true), &json!(3), &json!(5_000))
        );
        // Kept in the ledger as well.
        let id = said["payment_id"].as_str().unwrap();
        let row = &shop.journal(id)["payment"];
        assert_eq!((&row["interest_free"], &row["vat"]), (&json!(true), &json!(5_000)), "{row}");
    }
}

#[test]
fn no_trace_of_a_kept_card_is_left_in_any_file() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let mut cards = Vec::new();
        if api == Api::V2 {
            shop.sandbox.fault(&json!({"kind": "drop_after", "count": 1, "route": KEYS, "method": "POST"}));
        }
        for last4 in [None, Some("0001"), Some("0011"), Some("0040"), None] {
            let card = last4.map_or_else(Card::approved, Card::ending);
            let run = keep(&shop, &card, &[]);
            for text in [&run.stdout, &run.stderr] {
                assert!(!holds_digits(text.as_bytes(), &card.number, 8), "{text}");
            }
            cards.push(card);
        }
        let card = Card::approved();
        let step = if api == Api::V1 { "answered" } else { "key_answered" };
        let mut child = start_until(&shop, &card, step, &[&["--save-card"], &WHO[..]].concat()).unwrap();
        cards.push(card);
        let files = shop.files();
        child.kill().unwrap();
        child.wait().unwrap();
        let keys: Vec<String> = known(&shop).into_iter().map(|(key, _)| key).collect();
        assert!(!keys.is_empty());
        for (path, bytes) in files.iter().chain(&shop.files()) {
            for card in &cards {
                assert!(!holds_digits(bytes, &card.number, 8), "{} in {}", card.number, path.display());
            }
            // A key is as good as money: the ledger has it, the log has not.
            let text = String::from_utf8_lossy(bytes);
            if path.extension().is_some_and(|extension| extension == "log") {
                assert!(
                    !text.is_empty() && keys.iter().all(|key| !text.contains(key.as_str())),
                    "{}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn the_doctor_tells_what_to_know_about_each_channel() {
    let shop = contracted(Api::V1);
    let report = shop.run(&["doctor", "--json", "--offline"]).json();
    let told: Vec<&Value> =
        report["checks"].as_array().unwrap().iter().filter(|line| line["check"] == "channel").collect();
    for channel in ["nice", "ksnet", "toss", "inicis"] {
        let of = format!("channel {channel}: ");
        let hint =
            told.iter().find(|line| line["found"].as_str().is_some_and(|found| found.starts_with(&of)));
        assert_eq!(hint.unwrap_or_else(|| panic!("{report}"))["mark"], "hint");
    }
    shop.add_channels(&[("wall", "paymentwall", "offer = [\"keyin_card\"]")]);
    let report = shop.run(&["doctor", "--json", "--offline"]).json();
    let wall = report["checks"].as_array().unwrap().iter().find(|line| {
        line["mark"] == "warn"
            && line["found"].as_str().is_some_and(|found| found.starts_with("channel wall: "))
    });
    assert!(wall.is_some(), "{report}");
}
