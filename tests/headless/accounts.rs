//! Virtual accounts without a screen: issued, paid, closed, lost and found; and what is refused before anything is
//! sent.

use std::process::Command;

use serde_json::{Value, json};

use super::id_of;
use super::support::{Api, Card, Run, Shop, finish, stop_at};

/// The options of an account of 45,000 won that every PG of the shops takes.
const GOOD: [&str; 12] = [
    "--amount",
    "4.5만",
    "--order-name",
    "관리비",
    "--bank",
    "신한",
    "--due",
    "3일",
    "--customer-name",
    "김하늘",
    "--customer-phone",
    "010-2000-3000",
];

/// What only V2's KCP wants.
const RECEIPT: [&str; 4] = ["--receipt", "personal", "--receipt-number", "010-2000-3000"];

fn issue_command(shop: &Shop, more: &[&str]) -> Command {
    let mut command = shop.command(&["vbank", "issue", "--yes", "--json"]);
    command.args(GOOD);
    if shop.api == Api::V2 {
        command.args(RECEIPT);
    }
    command.args(more);
    command
}

fn issue(shop: &Shop, more: &[&str]) -> Run {
    finish(issue_command(shop, more), "")
}

fn show(shop: &Shop, id: &str) -> Run {
    shop.run(&["vbank", "show", id, "--json"])
}

/// What the provider says of an id, in our words.
fn at_provider(shop: &Shop, id: &str) -> Value {
    shop.run(&["payment", "show", id, "--json"]).json()["provider"].clone()
}

fn fault(shop: &Shop, kind: &str, route: &str, method: &str) {
    shop.sandbox.fault(&json!({"kind": kind, "count": 1, "route": route, "method": method}));
}

/// The next look-up can't be answered.
fn no_look_up(shop: &Shop) {
    let rule = json!({"kind": "status", "status": 503, "count": 1, "route": shop.api.look_up_route()});
    shop.sandbox.fault(&rule);
}

#[test]
fn an_account_is_issued_shown_listed_and_paid() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let run = issue(&shop, &["--note", "301호"]).expect(0);
        let said = run.json();
        assert_eq!((&said["outcome"], &said["kind"]), (&json!("issued"), &json!("issue_account")), "{said}");
        assert_eq!(
            (&said["amount"], &said["mode"], &said["note"]),
            (&json!(45_000), &json!("TEST"), &json!("301호"))
        );
        assert_eq!(said["deposit"], "waiting");
        let account = &said["account"];
        assert!(account["number"].as_str().is_some_and(|number| number.len() >= 10), "{said}");
        assert_eq!(account["bank"], "신한은행", "{said}");
        // Three days from today, to the last second of that day in Korea.
        assert_eq!((account["due"].as_i64().unwrap() + 9 * 3600 + 1) % 86_400, 0, "{said}");
        let id = id_of(&run);
        assert_eq!((shop.sandbox.charges(api, &id), shop.sandbox.attempts()), (0, 1));
        assert_eq!(at_provider(&shop, &id)["state"], "virtual_account_issued");

        let listed = shop.run(&["vbank", "list", "--json"]).expect(0).json();
        assert_eq!(listed["accounts"].as_array().unwrap().len(), 1, "{listed}");
        assert_eq!((&listed["accounts"][0]["payment_id"], &listed["ended"]), (&json!(id), &json!([])));
        let shown = show(&shop, &id).expect(0).json();
        assert_eq!((&shown["account"], &shown["deposit"]), (account, &json!("waiting")));

        shop.sandbox.deposit(&id);
        let stale = shop.run(&["vbank", "show", &id, "--offline", "--json"]).expect(0).json();
        assert_eq!(stale["deposit"], "waiting", "nobody was asked");
        let listed = shop.run(&["vbank", "list", "--json"]).expect(0).json();
        assert_eq!((&listed["accounts"], &listed["ended"][0]["deposit"]), (&json!([]), &json!("paid")));
        let paid = show(&shop, &id).expect(0).json();
        assert_eq!((&paid["outcome"], &paid["deposit"]), (&json!("issued"), &json!("paid")));
        assert!(paid["paid_at"].is_i64(), "{paid}");
        assert_eq!(shop.sandbox.charges(api, &id), 1);
        // What was paid is not closed.
        let closed = shop.run(&["vbank", "close", &id, "--yes", "--json"]).expect(1).json();
        assert_eq!(
            (&closed["outcome"], &closed["problem"], &closed["deposit"]),
            (&json!("not_closed"), &json!("not_waiting"), &json!("paid"))
        );
        assert_eq!(at_provider(&shop, &id)["state"], "paid");
    }
}

#[test]
fn an_account_is_closed_once() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let id = id_of(&issue(&shop, &[]).expect(0));
        shop.run(&["vbank", "close", &id, "--json"]).expect(2);
        let closed = shop.run(&["vbank", "close", &id, "--yes", "--json"]).expect(0).json();
        assert_eq!(
            (&closed["outcome"], &closed["kind"], &closed["closes"], &closed["deposit"]),
            (&json!("closed"), &json!("close_account"), &json!(id), &json!("closed"))
        );
        let closing = closed["payment_id"].as_str().unwrap().to_owned();
        assert_ne!(closing, id);
        let shown = shop.run(&["payment", "show", &closing, "--json"]).expect(0).json();
        assert_eq!(
            (&shown["payment"]["kind"], &shown["payment"]["outcome"], &shown["provider"]),
            (&json!("close_account"), &json!("closed"), &Value::Null)
        );
        assert_eq!(show(&shop, &id).expect(0).json()["deposit"], "closed");
        let again = shop.run(&["vbank", "close", &id, "--yes", "--json"]).expect(1).json();
        assert_eq!((&again["outcome"], &again["payment_id"]), (&json!("not_closed"), &Value::Null));
        assert_eq!(shop.run(&["vbank", "list", "--json"]).expect(0).json()["accounts"], json!([]));
        // A closing is no account, and a card payment neither.
        for other in [closing, id_of(&shop.pay(&Card::approved(), &[]).expect(0))] {
            for command in
                [&["vbank", "show", &other, "--json"][..], &["vbank", "close", &other, "--yes", "--json"]]
            {
                assert_eq!(shop.run(command).expect(2).json()["fields"], json!(["id"]), "{command:?}");
            }
        }
        for command in [
            &["vbank", "show", "nobodyknowsit", "--json"][..],
            &["vbank", "close", "nobodyknowsit", "--yes", "--json"],
        ] {
            assert_eq!(shop.run(command).expect(1).json()["problem"], "not_here");
        }
        shop.run(&["vbank", "show", "!", "--json"]).expect(2);
    }
}

#[test]
fn people_read_where_to_pay_and_until_when() {
    let shop = Shop::open(Api::V2);
    for (lang, begins, holds, none) in [
        (
            "ko",
            "[테스트 TEST] 가상계좌를 발급했습니다: 45,000원, 신한은행 ",
            "기한 20",
            "입금을 기다리는 가상계좌가 없습니다.",
        ),
        (
            "en",
            "[TEST] Virtual account issued: 45,000 won to ",
            "until 20",
            "No virtual account waits for a deposit.",
        ),
    ] {
        let arguments =
            [&["--lang", lang, "vbank", "issue", "--yes", "--duplicate-reason", "a"], &GOOD[..], &RECEIPT]
                .concat();
        let run = shop.run(&arguments).expect(0);
        assert!(run.stdout.starts_with(begins) && run.stdout.contains(holds), "{run:?}");
        assert_eq!(run.stderr, "");
        let waits = shop.run(&["--lang", lang, "vbank", "list"]).expect(0);
        assert!(
            waits.stdout.contains(if lang == "ko" { "입금 대기" } else { "waiting for the deposit" }),
            "{waits:?}"
        );
        let id = waits.stdout.split(' ').next().unwrap();
        let shown = shop.run(&["--lang", lang, "vbank", "show", id]).expect(0);
        assert!(shown.stdout.contains("신한은행"), "{shown:?}");
        let whole = shop.run(&["--lang", lang, "payment", "show", id]).expect(0);
        assert!(
            whole.stdout.starts_with(if lang == "ko" { "가상계좌 " } else { "Virtual account " }),
            "{whole:?}"
        );
        let closed = shop.run(&["--lang", lang, "vbank", "close", id, "--yes"]).expect(0);
        assert!(closed.stdout.contains(if lang == "ko" { "말소했습니다" } else { "closed" }), "{closed:?}");
        assert!(shop.run(&["--lang", lang, "vbank", "list"]).expect(0).stdout.contains(none));
    }
}

#[test]
fn the_guard_stops_a_second_account_for_the_same_person() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let first = id_of(&issue(&shop, &[]).expect(0));
        let stopped = issue(&shop, &[]).expect(5);
        assert_eq!(
            (&stopped.json()["outcome"], &stopped.json()["guard"]),
            (&json!("blocked"), &json!(first))
        );
        assert!(stopped.stderr.contains("--duplicate-reason"), "{stopped:?}");
        issue(&shop, &["--duplicate-reason", " "]).expect(2);
        let second = issue(&shop, &["--duplicate-reason", "두 집"]).expect(0);
        assert_eq!(shop.journal(&id_of(&second))["guard_reason"], "두 집");
        // An id is for one attempt.
        let taken = issue(&shop, &["--order-id", &first, "--duplicate-reason", "a"]).expect(5).json();
        assert_eq!(taken["guard"], json!(first));
        assert_eq!(shop.sandbox.attempts(), 2, "{api:?}");
    }
}

#[test]
fn a_lost_answer_to_an_issue_is_looked_up_and_what_that_leaves_is_settled() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        // Seen at once, by the look-up behind it.
        fault(&shop, "drop_after", api.account_route(), "POST");
        let found = issue(&shop, &[]).expect(0).json();
        assert_eq!((&found["outcome"], &found["deposit"]), (&json!("issued"), &json!("waiting")), "{found}");
        assert!(found["account"]["number"].is_string(), "{found}");
        // Not seen at once.
        fault(&shop, "drop_after", api.account_route(), "POST");
        no_look_up(&shop);
        let lost = issue(&shop, &["--duplicate-reason", "a"]).expect(4);
        assert_eq!(lost.json()["outcome"], "unknown");
        assert!(lost.stderr.starts_with("Do not start it again."), "{lost:?}");
        assert!(lost.stderr.contains("No money moved."), "{lost:?}");
        let settled = shop.settle("600000", &[]).expect(0).json();
        let one = &settled["settled"][0];
        assert_eq!((&one["kind"], &one["outcome"]), (&json!("issue_account"), &json!("issued")), "{settled}");
        assert_eq!((&one["deposit"], one["account"]["number"].is_string()), (&json!("waiting"), true));
        assert_eq!(
            shop.run(&["vbank", "list", "--json"]).expect(0).json()["accounts"].as_array().unwrap().len(),
            2
        );
    }
}

#[test]
fn a_request_that_never_arrived_is_not_issued_only_after_the_window() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        fault(&shop, "drop_before", api.account_route(), "POST");
        let lost = issue(&shop, &[]).expect(4);
        let id = id_of(&lost);
        show(&shop, &id).expect(4);
        let closed = shop.run(&["vbank", "close", &id, "--yes", "--json"]).expect(1).json();
        assert_eq!(closed["problem"], "not_settled");
        let open = shop.settle("600000", &[]).expect(4);
        assert_eq!(
            (&open.json()["open"][0]["kind"], &open.json()["open"][0]["why"]),
            (&json!("issue_account"), &json!("not_found_yet"))
        );
        assert!(open.stderr.contains("Virtual account "), "{open:?}");
        let settled = shop.settle("0", &[]).expect(0).json();
        assert_eq!(settled["settled"][0]["outcome"], "not_issued");
        assert_eq!(shop.sandbox.attempts(), 0);
        let shown = show(&shop, &id).expect(0).json();
        assert_eq!((&shown["outcome"], &shown["problem"]), (&json!("not_issued"), &json!("not_found")));
        let never = shop.run(&["vbank", "close", &id, "--yes", "--json"]).expect(1);
        assert!(never.stderr.contains("never issued"), "{never:?}");
    }
}

#[test]
fn a_lost_answer_to_a_closing_is_settled_by_the_account() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let id = id_of(&issue(&shop, &[]).expect(0));
        let method = if api == Api::V1 { "DELETE" } else { "POST" };
        fault(&shop, "drop_after", api.close_route(), method);
        no_look_up(&shop);
        let lost = shop.run(&["vbank", "close", &id, "--yes", "--json"]).expect(4).json();
        assert_eq!((&lost["outcome"], &lost["closes"]), (&json!("unknown"), &json!(id)));
        let settled = shop.settle("600000", &[]).expect(0).json();
        let one = &settled["settled"][0];
        assert_eq!(
            (&one["kind"], &one["outcome"], &one["closes"]),
            (&json!("close_account"), &json!("closed"), &json!(id))
        );
        assert_eq!(show(&shop, &id).expect(0).json()["deposit"], "closed");
    }
}

#[test]
fn a_provider_that_can_not_be_asked_leaves_what_is_known() {
    let shop = Shop::open(Api::V2);
    let id = id_of(&issue(&shop, &[]).expect(0));
    no_look_up(&shop);
    let shown = show(&shop, &id).expect(1).json();
    assert_eq!(
        (&shown["outcome"], &shown["deposit"], &shown["problem"]),
        (&json!("issued"), &json!("waiting"), &json!("unreadable"))
    );
    no_look_up(&shop);
    let listed = shop.run(&["vbank", "list", "--json"]).expect(1).json();
    assert_eq!((listed["accounts"].as_array().unwrap().len(), &listed["problem"]), (1, &json!("unreadable")));
    assert_eq!(shop.run(&["vbank", "list", "--json", "--offline"]).expect(0).json()["problem"], Value::Null);
}

#[test]
fn a_refusal_of_the_gateway_says_nothing_about_a_card() {
    let shop = Shop::open(Api::V2);
    let body = json!({"type": "PG_PROVIDER", "message": "한도초과", "pgCode": "X1", "pgMessage": "계좌를 발급할 수 없음"});
    shop.sandbox.fault(&json!({"kind": "status", "status": 502, "body": body.to_string(), "count": 1, "route": Api::V2.account_route()}));
    let run = issue(&shop, &[]).expect(3);
    let said = run.json();
    assert_eq!((&said["outcome"], &said["fields"]), (&json!("declined"), &json!([])), "{said}");
    assert!(
        !run.stderr.to_lowercase().contains("card,") && run.stderr.contains("No money moved."),
        "{run:?}"
    );
    assert_eq!(shop.sandbox.attempts(), 0);
}

/// Every step of the journal at which the issue of an account can be killed.
const STEPS: [&str; 5] = ["intended", "sent", "answered", "approved", "unseen"];

#[test]
fn a_kill_at_any_step_of_an_issue_leaves_no_unknown_and_one_account_at_most() {
    let mut stopped = std::collections::BTreeSet::new();
    for api in Api::ALL {
        let shop = Shop::open(api);
        for lost in [false, true] {
            for step in STEPS {
                if lost {
                    fault(&shop, "drop_after", api.account_route(), "POST");
                }
                let id = format!("kill{step}{lost}");
                let place = format!("{api:?} {lost} at {step}");
                let before = shop.sandbox.attempts();
                match stop_at(issue_command(&shop, &["--order-id", &id, "--duplicate-reason", "a"]), "", step)
                {
                    Ok(mut child) => {
                        stopped.insert((step, lost));
                        child.kill().unwrap();
                        child.wait().unwrap();
                    }
                    Err(run) => assert_eq!(run.code, Some(0), "{place}: {run:?}"),
                }
                let sent = !matches!(step, "intended" | "sent");
                assert_eq!(shop.sandbox.attempts() - before, u64::from(sent), "{place}");
                let settled = shop.settle("0", &[]).expect(0).json();
                assert_eq!(settled["unknown"], 0, "{place}");
                let shown = show(&shop, &id).expect(0).json();
                let expected = if sent { "issued" } else { "not_issued" };
                assert_eq!(shown["outcome"], expected, "{place}");
                assert_eq!(shown["account"]["number"].is_string(), sent, "{place}: {shown}");
                assert_eq!(shop.settle("0", &[]).expect(0).json()["settled"], json!([]), "{place}");
                if lost && !sent {
                    // The planted fault is still there.
                    let (status, _) = shop.sandbox.ask("DELETE", "/__sandbox/faults", "", &Value::Null);
                    assert_eq!(status, 200);
                }
            }
        }
    }
    let reached: Vec<(&str, bool)> = stopped.into_iter().collect();
    assert_eq!(
        reached,
        [
            ("answered", false),
            ("answered", true),
            ("approved", false),
            ("intended", false),
            ("intended", true),
            ("sent", false),
            ("sent", true),
            ("unseen", true),
        ]
    );
}

/// Channels of V1 and V2 beside those of every shop, whose PGs differ in what they want of an account.
fn more_channels(shop: &Shop) {
    let channels: &[(&str, &str, &str)] = match shop.api {
        Api::V1 => &[
            ("inicis", "html5_inicis", ""),
            ("toss", "tosspayments", ""),
            ("settle", "settle", ""),
            ("daou", "daou", ""),
            ("keyless", "welcome", "pg_id = \"MID\""),
        ],
        Api::V2 => &[
            ("toss", "TOSSPAYMENTS", ""),
            ("ksnet", "KSNET", "product_type = \"physical\"\n"),
            ("nameless", "WELCOME", ""),
            ("paypal", "PAYPAL_V2", ""),
        ],
    };
    shop.add_channels(channels);
}

/// The options of a good account with some in the place of others, or added.
fn with<'a>(api: Api, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments: Vec<&str> = vec!["vbank", "issue", "--yes", "--json"];
    arguments.extend(GOOD);
    if api == Api::V2 {
        arguments.extend(RECEIPT);
    }
    for pair in more.chunks(2) {
        match arguments.iter().position(|argument| *argument == pair[0]) {
            Some(at) => arguments[at + 1] = pair[1],
            None => arguments.extend(pair),
        }
    }
    arguments
}

#[test]
fn what_the_rules_block_is_refused_with_its_option_named() {
    let v1 = Shop::open(Api::V1);
    let v2 = Shop::open(Api::V2);
    for shop in [&v1, &v2] {
        more_channels(shop);
    }
    let long = "이".repeat(201);
    let both: &[(&[&str], &str)] = &[
        (&["--amount", "0"], "amount"),
        (&["--amount", "사만"], "amount"),
        (&["--currency", "USD"], "currency"),
        (&["--order-name", " "], "order-name"),
        (&["--channel", "none"], "channel"),
        (&["--bank", ""], "bank"),
        (&["--bank", "없는은행"], "bank"),
        (&["--bank", "999"], "bank"),
        // Neither KCP nor NICE lists it.
        (&["--bank", "제주"], "bank"),
        (&["--due", ""], "due"),
        (&["--due", "내일"], "due"),
        (&["--due", "2020-01-01"], "due"),
        (&["--due", "0시간"], "due"),
        (&["--due", "9999일"], "due"),
        (&["--vat", "45001"], "vat"),
        (&["--vat", "a"], "vat"),
        (&["--tax-free", "45001"], "tax-free"),
        (&["--order-id", "no-dash"], "order-id"),
        (&["--customer-phone", "call me"], "customer-phone"),
        (&["--customer-email", "nobody"], "customer-email"),
        (&["--customer-id", "a\u{202e}b"], "customer-id"),
        (&["--note", &long], "note"),
        (&["--note", "a\u{1b}[2J"], "note"),
        (&["--holder", "a\u{1b}"], "holder"),
    ];
    let only_v2: &[(&[&str], &str)] = &[
        (&["--receipt-number", "02-123-4567"], "receipt-number"),
        (&["--receipt-number", "x"], "receipt-number"),
        (&["--receipt", "corporate"], "receipt-number"),
        (&["--channel", "paypal"], "channel"),
        // KCP has no fixed accounts; Toss takes 2,160 hours at most; KSNET takes no tax parts.
        (&["--fixed", "12345678901234"], "fixed"),
        (&["--channel", "toss", "--due", "100일"], "due"),
        (&["--channel", "ksnet", "--vat", "10"], "vat"),
        (&["--channel", "ksnet", "--tax-free", "0"], "tax-free"),
        // No product type.
        (&["--channel", "nameless", "--customer-name", ""], "customer-name"),
    ];
    let only_v1: &[(&[&str], &str)] = &[
        (&["--receipt", "personal", "--receipt-number", "010-2000-3000"], "receipt"),
        (&["--receipt-number", "010-2000-3000"], "receipt"),
        // The PG's own key and the holder, an e-mail address as well.
        (&["--channel", "inicis"], "channel"),
        (&["--channel", "inicis"], "customer-email"),
        (&["--channel", "settle"], "holder"),
        (&["--channel", "settle", "--holder", "열일곱글자를넘는예금주는보내지않음"], "holder"),
        (&["--channel", "toss", "--fixed", "12345678901234"], "fixed"),
        (&["--channel", "toss", "--customer-name", ""], "customer-name"),
        (&["--channel", "daou"], "channel"),
        (&["--channel", "keyless"], "channel"),
        // Not in a list of this PG, which V2's has.
        (&["--bank", "수협"], "bank"),
    ];
    for (shop, cases) in [(&v1, both), (&v2, both), (&v1, only_v1), (&v2, only_v2)] {
        for (more, field) in cases {
            let run = shop.run(&with(shop.api, more));
            let place = format!("{:?} {more:?}", shop.api);
            assert_eq!(run.code, Some(2), "{place}: {run:?}");
            let said = run.json();
            assert_eq!(
                (&said["outcome"], &said["problem"]),
                (&json!("not_issued"), &json!("usage")),
                "{place}"
            );
            assert!(said["fields"].as_array().unwrap().contains(&json!(field)), "{place}: {run:?}");
        }
        assert_eq!(shop.sandbox.attempts(), 0);
        assert!(!shop.path("ledger.db").exists());
    }
    let without = v2.run(&[&["vbank", "issue", "--json"], &GOOD[..]].concat()).expect(2).json();
    assert_eq!(without["fields"], json!(["yes"]));
    let receipt = v2.run(&[&["vbank", "issue", "--yes", "--json"], &GOOD[..]].concat()).expect(2).json();
    assert_eq!(receipt["fields"], json!(["receipt"]));
    v2.run(&[&["vbank", "issue", "--yes", "--receipt", "none"], &GOOD[..]].concat()).expect(2);
}

#[test]
fn what_other_gateways_take_is_issued() {
    for (api, more, number, holder) in [
        // On Toss's list, and for no longer than it takes.
        (Api::V2, &["--channel", "toss", "--bank", "새마을금고", "--due", "2000시간"][..], None, None),
        (
            Api::V1,
            &["--channel", "settle", "--holder", "단말상회", "--fixed", "12345678901234"],
            Some("12345678901234"),
            Some("단말상회"),
        ),
        // Toss shows the merchant as the holder, whatever is sent.
        (Api::V1, &["--channel", "toss", "--fixed", "1234567890123", "--holder", "아무개"], None, None),
    ] {
        let shop = Shop::open(api);
        more_channels(&shop);
        let said = shop.run(&with(api, more)).expect(0).json();
        assert_eq!(said["outcome"], "issued", "{said}");
        assert!(said["account"]["number"].is_string(), "{said}");
        assert!(number.is_none_or(|number| said["account"]["number"] == number), "{said}");
        assert_eq!(said["account"]["holder"].as_str(), holder, "{said}");
    }
}
