//! Refunds without a screen: whole and in part, with answers that got lost, ends that come later, refusals, two people
//! at once, and kills in between. Never twice.

use std::process::Command;

use serde_json::{Value, json};

use super::id_of;
use super::support::{Api, Card, Run, Shop, ended, finish, holds_digits, start, stop_at};

const fn route(api: Api) -> &'static str {
    match api {
        Api::V1 => "/payments/cancel",
        Api::V2 => "/payments/{paymentId}/cancel",
    }
}

pub(super) fn paid(shop: &Shop, card: &Card) -> String {
    id_of(&shop.pay(card, &[]).expect(0))
}

fn cancel_command(shop: &Shop, id: &str, amount: &str, more: &[&str]) -> Command {
    let base = ["payment", "cancel", id, "--amount", amount, "--reason", "고객 요청", "--yes", "--json"];
    let mut command = shop.command(&base);
    command.args(more);
    command
}

pub(super) fn cancel(shop: &Shop, id: &str, amount: &str, more: &[&str]) -> Run {
    finish(cancel_command(shop, id, amount, more), "")
}

/// What the provider gave back of a payment of 1,000 won, and in how many cancellations that ended well.
pub(super) fn given_back(shop: &Shop, id: &str) -> (u64, usize) {
    let path = match shop.api {
        Api::V2 => format!("/payments/{id}"),
        Api::V1 => format!("/payments/find/{id}?include_sandbox=true"),
    };
    let (status, body) = shop.sandbox.call(shop.api, "GET", &path, &Value::Null);
    assert_eq!(status, 200, "{body}");
    match shop.api {
        Api::V2 => {
            let all = body["cancellations"].as_array().cloned().unwrap_or_default();
            let done = all.iter().filter(|cancellation| cancellation["status"] == "SUCCEEDED").count();
            (body["amount"]["cancelled"].as_u64().unwrap(), done)
        }
        Api::V1 => {
            let payment = &body["response"];
            let all = payment["cancel_history"].as_array().cloned().unwrap_or_default();
            (payment["cancel_amount"].as_u64().unwrap_or_default(), all.len())
        }
    }
}

pub(super) fn fault(shop: &Shop, kind: &str) {
    shop.sandbox.fault(&json!({"kind": kind, "count": 1, "route": route(shop.api), "method": "POST"}));
}

/// From the questions behind the refund on, no question is answered.
pub(super) fn deaf_after_sending(shop: &Shop) {
    let questions_before = match shop.api {
        Api::V1 => 2,
        // Each look at a payment asks for it and for its attempts.
        Api::V2 => 4,
    };
    shop.sandbox.fault(
        &json!({"kind": "status", "status": 503, "process": false, "method": "GET", "skip": questions_before}),
    );
}

#[test]
fn in_part_and_then_the_rest_and_no_more() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let id = paid(&shop, &Card::approved());
        let part = cancel(&shop, &id, "400", &[]).expect(0).json();
        assert_eq!(
            (&part["outcome"], &part["refunds"], &part["amount"], &part["balance"]),
            (&json!("refunded"), &json!(id), &json!(400), &json!(600)),
            "{api:?}: {part}"
        );
        let too_much = cancel(&shop, &id, "601", &[]).expect(1).json();
        assert_eq!(
            (&too_much["outcome"], &too_much["problem"]),
            (&json!("not_refunded"), &json!("refund_blocked"))
        );
        assert_eq!(given_back(&shop, &id), (400, 1), "{api:?}");
        let rest = cancel(&shop, &id, "600", &[]).expect(0).json();
        assert_eq!((&rest["outcome"], &rest["balance"]), (&json!("refunded"), &json!(0)), "{rest}");
        assert_eq!(given_back(&shop, &id), (1_000, 2), "{api:?}");
        let nothing_left = cancel(&shop, &id, "1", &[]).expect(1);
        assert_eq!(nothing_left.json()["problem"], "refund_blocked");
        assert!(
            nothing_left.json()["findings"].as_array().unwrap().iter().any(|found| found["blocks"] == true),
            "{nothing_left:?}"
        );
        let journal = shop.journal(part["payment_id"].as_str().unwrap());
        assert_eq!(
            (&journal["state"], &journal["payment"]["kind"], &journal["payment"]["note"]),
            (&json!("approved"), &json!("refund"), &json!("고객 요청"))
        );
    }
}

#[test]
fn amount_reason_and_consent_are_always_stated() {
    let shop = Shop::open(Api::V2);
    let id = paid(&shop, &Card::approved());
    let silent = shop.run(&["payment", "cancel", &id, "--json"]).expect(2).json();
    assert_eq!(silent["fields"], json!(["yes", "amount", "reason"]));
    cancel(&shop, &id, "0", &[]).expect(1);
    cancel(&shop, &id, "전부", &[]).expect(2);
    let rehearsed = cancel(&shop, &id, "1000", &["--dry-run"]).expect(0).json();
    assert_eq!((&rehearsed["outcome"], &rehearsed["payment_id"]), (&json!("dry_run"), &Value::Null));
    assert_eq!(given_back(&shop, &id), (0, 0));
}

#[test]
fn the_same_refund_within_minutes_asks_for_a_reason() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let id = paid(&shop, &Card::approved());
        let first = cancel(&shop, &id, "300", &[]).expect(0).json();
        let again = cancel(&shop, &id, "300", &[]).expect(5).json();
        assert_eq!(
            (&again["outcome"], &again["guard"]),
            (&json!("blocked"), &first["payment_id"]),
            "{api:?}"
        );
        assert_eq!(given_back(&shop, &id), (300, 1));
        cancel(&shop, &id, "300", &["--duplicate-reason", "두 개 반품"]).expect(0);
        assert_eq!(given_back(&shop, &id), (600, 2));
    }
}

#[test]
fn a_lost_answer_is_found_at_the_payment_at_once() {
    for api in Api::ALL {
        for kind in ["drop_after", "html", "truncate"] {
            let shop = Shop::open(api);
            let id = paid(&shop, &Card::approved());
            fault(&shop, kind);
            let said = cancel(&shop, &id, "400", &[]).expect(0).json();
            assert_eq!(
                (&said["outcome"], &said["balance"]),
                (&json!("refunded"), &json!(600)),
                "{api:?} {kind}"
            );
            assert_eq!(given_back(&shop, &id), (400, 1), "{api:?} {kind}");
        }
    }
}

#[test]
fn while_nobody_knows_no_other_refund_is_sent_and_settling_finds_it() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let id = paid(&shop, &Card::approved());
        fault(&shop, "drop_after");
        deaf_after_sending(&shop);
        let lost = cancel(&shop, &id, "400", &[]).expect(4).json();
        assert_eq!(lost["outcome"], "unknown", "{api:?}");
        shop.sandbox.no_faults();
        // Another amount, and a reason, are no way around it.
        let other = cancel(&shop, &id, "100", &["--duplicate-reason", "꼭"]).expect(1).json();
        assert_eq!(other["problem"], "earlier_open", "{api:?}: {other}");
        let settled = shop.settle("0", &[]).expect(0).json();
        assert_eq!(settled["settled"][0]["outcome"], "refunded", "{api:?}: {settled}");
        assert_eq!(given_back(&shop, &id), (400, 1), "{api:?}");
        cancel(&shop, &id, "100", &[]).expect(0);
        assert_eq!(given_back(&shop, &id), (500, 2), "{api:?}");
    }
}

#[test]
fn what_never_arrived_is_not_refunded_only_after_the_window() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let id = paid(&shop, &Card::approved());
        fault(&shop, "drop_before");
        cancel(&shop, &id, "400", &[]).expect(4);
        let early = shop.settle("600000", &[]).expect(4).json();
        assert_eq!(early["open"][0]["why"], "not_found_yet", "{api:?}");
        let late = shop.settle("0", &[]).expect(0).json();
        assert_eq!(late["settled"][0]["outcome"], "not_refunded", "{api:?}");
        assert_eq!(given_back(&shop, &id), (0, 0), "{api:?}");
        cancel(&shop, &id, "400", &[]).expect(0);
        assert_eq!(given_back(&shop, &id), (400, 1), "{api:?}");
    }
}

#[test]
fn somebody_elses_refund_of_the_same_amount_is_not_taken_for_ours() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let id = paid(&shop, &Card::approved());
        fault(&shop, "drop_before");
        cancel(&shop, &id, "400", &[]).expect(4);
        shop.sandbox.console_refund(&id, 400);
        let settled = shop.settle("0", &[]).expect(4).json();
        assert_eq!(settled["open"][0]["why"], "another_refund", "{api:?}: {settled}");
        assert_eq!(given_back(&shop, &id), (400, 1), "{api:?}");
    }
}

#[test]
fn a_refund_that_ends_later_is_followed() {
    for (api, last4, end) in
        [(Api::V2, "0051", "refunded"), (Api::V2, "0052", "declined"), (Api::V1, "0051", "refunded")]
    {
        let shop = Shop::with(api, &["--clock", "manual"]);
        let id = paid(&shop, &Card::ending(last4));
        let run = cancel(&shop, &id, "400", &[]).expect(4);
        let said = run.json();
        assert_eq!(
            (&said["outcome"], &said["why"]),
            (&json!("requested"), &json!("refund_requested")),
            "{api:?}"
        );
        let waits = shop.settle("0", &[]).expect(4).json();
        assert_eq!(waits["open"][0]["why"], "refund_requested", "{api:?}: {waits}");
        shop.sandbox.advance(61);
        let settled = shop.settle("0", &[]).expect(0).json();
        assert_eq!(settled["settled"][0]["outcome"], end, "{api:?} {last4}: {settled}");
        let done = if end == "refunded" { (400, 1) } else { (0, 0) };
        assert_eq!(given_back(&shop, &id), done, "{api:?} {last4}");
    }
}

#[test]
fn refused_refunds_are_explained() {
    for api in Api::ALL {
        for last4 in ["0050", "0053"] {
            let shop = Shop::open(api);
            let id = paid(&shop, &Card::ending(last4));
            let run = cancel(&shop, &id, "400", &[]).expect(3);
            let said = run.json();
            assert_eq!(said["outcome"], "declined", "{api:?} {last4}: {said}");
            // A cancellation that failed under HTTP 200 has no reason on V2 (V2 §6.2); every other refusal does.
            let told = said["provider_message"].as_str().is_some_and(|words| !words.is_empty());
            assert_eq!(told, (api, last4) != (Api::V2, "0050"), "{said}");
            assert!(run.stderr.contains("No money moved."), "{run:?}");
            assert_eq!(given_back(&shop, &id), (0, 0), "{api:?} {last4}");
        }
        let shop = Shop::open(api);
        let declined = id_of(&shop.pay(&Card::ending("0001"), &[]).expect(3));
        let unpaid = cancel(&shop, &declined, "400", &[]).expect(1).json();
        assert_eq!(unpaid["problem"], "not_refundable", "{api:?}: {unpaid}");
        let nobody = cancel(&shop, "nobody-knows-this", "400", &[]).expect(1).json();
        assert_eq!(nobody["problem"], "not_refundable", "{api:?}: {nobody}");
    }
}

#[test]
fn of_two_people_the_second_is_told_that_the_balance_changed() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let id = paid(&shop, &Card::approved());
        shop.sandbox.console_refund(&id, 100);
        // Seen before it is sent.
        let late = cancel(&shop, &id, "400", &["--balance", "1000"]).expect(1);
        assert_eq!(late.json()["problem"], "balance_changed", "{api:?}");
        assert!(late.stderr.contains("900"), "{late:?}");
        // And at the same moment: the provider sees it.
        shop.sandbox.fault(&json!({
            "kind": "delay_before", "millis": 2000, "count": 1, "route": route(api), "method": "POST"
        }));
        let child = start(cancel_command(&shop, &id, "400", &[]), "");
        shop.sandbox.wait_until_hit();
        shop.sandbox.console_refund(&id, 200);
        let raced = ended(child).expect(1);
        assert_eq!(raced.json()["problem"], "balance_changed", "{api:?}: {raced:?}");
        assert!(raced.stderr.contains("700"), "{raced:?}");
        assert_eq!(given_back(&shop, &id), (300, 2), "{api:?}");
    }
}

#[test]
fn killed_at_any_step_nothing_is_lost_and_nothing_doubled() {
    for api in Api::ALL {
        for (step, end, given) in [
            ("intended", "not_refunded", 0),
            ("sent", "not_refunded", 0),
            ("answered", "refunded", 400),
            ("approved", "", 400),
        ] {
            let shop = Shop::open(api);
            let id = paid(&shop, &Card::approved());
            let mut child = stop_at(cancel_command(&shop, &id, "400", &[]), "", step).unwrap();
            child.kill().unwrap();
            child.wait().unwrap();
            let settled = shop.settle("0", &[]).expect(0).json();
            match end {
                "" => assert_eq!(settled["settled"], json!([]), "{api:?} {step}"),
                end => assert_eq!(settled["settled"][0]["outcome"], end, "{api:?} {step}: {settled}"),
            }
            assert_eq!(given_back(&shop, &id).0, given, "{api:?} {step}");
        }
    }
}

#[test]
fn the_account_of_a_refund_is_sent_and_never_kept() {
    let shop = Shop::open(Api::V2);
    shop.add_channels(&[("toss", "TOSSPAYMENTS", "")]);
    let issue = [
        "vbank",
        "issue",
        "--channel",
        "toss",
        "--amount",
        "1000",
        "--order-name",
        "시험",
        "--bank",
        "신한",
        "--due",
        "3일",
        "--customer-name",
        "김하늘",
        "--customer-phone",
        "010-2000-3000",
        "--customer-email",
        "sky@example.com",
        "--yes",
        "--json",
    ];
    let id = id_of(&shop.run(&issue).expect(0));
    let unpaid = cancel(&shop, &id, "1000", &[]).expect(1).json();
    assert_eq!(unpaid["problem"], "not_refundable", "{unpaid}");
    shop.sandbox.deposit(&id);
    let without = cancel(&shop, &id, "1000", &[]).expect(1).json();
    assert_eq!(without["problem"], "refund_blocked", "{without}");
    let number = "11012398765432";
    let line = json!({"bank": "신한", "number": number, "holder": "김하늘"}).to_string();
    let done = finish(cancel_command(&shop, &id, "1000", &["--account-file", "-"]), &line).expect(0);
    assert_eq!(done.json()["outcome"], "refunded", "{done:?}");
    for (path, bytes) in shop.files() {
        assert!(!holds_digits(&bytes, number, 8), "{}", path.display());
    }
    assert!(!holds_digits(format!("{done:?}").as_bytes(), number, 8));
}
