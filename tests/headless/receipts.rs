//! Cash receipts without a screen: issued, shown, owed, cancelled; with answers that got lost, refusals and kills in
//! between. The number is sent and never kept.

use std::process::Command;

use serde_json::{Value, json};

use super::id_of;
use super::support::{Api, Card, Run, Shop, digits, finish, holds_digits, stop_at};

/// The phone number of the receipts.
const NUMBER: &str = "01098765432";

/// A shop whose accounts take no receipt along: one is owed for each that was paid.
fn shop(api: Api) -> Shop {
    let shop = Shop::open(api);
    if api == Api::V2 {
        shop.add_channels(&[("toss", "TOSSPAYMENTS", "")]);
    }
    shop
}

/// An account of 45,000 won, not paid yet.
fn account(shop: &Shop) -> String {
    let mut command =
        shop.command(&["vbank", "issue", "--amount", "45000", "--order-name", "관리비", "--json"]);
    command.args(["--bank", "신한", "--due", "3일", "--customer-name", "김하늘", "--yes"]);
    // Another customer each time, so that the guard has nothing to ask.
    let phone = format!("010-{}-{}", digits(4), digits(4));
    command.args(["--customer-phone", &phone, "--customer-email", "sky@example.com"]);
    if shop.api == Api::V2 {
        command.args(["--channel", "toss"]);
    }
    id_of(&finish(command, "").expect(0))
}

fn paid_account(shop: &Shop) -> String {
    let id = account(shop);
    shop.sandbox.deposit(&id);
    id
}

fn issue_command(shop: &Shop, id: &str, more: &[&str]) -> Command {
    let mut command = shop.command(&["receipt", "issue", id, "--receipt", "personal", "--yes", "--json"]);
    command.args(["--receipt-number", NUMBER]).args(more);
    command
}

fn issue(shop: &Shop, id: &str) -> Run {
    finish(issue_command(shop, id, &[]), "")
}

fn cancel(shop: &Shop, id: &str) -> Run {
    shop.run(&["receipt", "cancel", id, "--yes", "--json"])
}

fn show(shop: &Shop, id: &str) -> Value {
    shop.run(&["receipt", "show", id, "--json"]).expect(0).json()
}

fn state(shop: &Shop, id: &str) -> String {
    show(shop, id)["state"].as_str().unwrap().to_owned()
}

/// The payments for which one is owed.
fn owed(shop: &Shop) -> Vec<String> {
    let told = shop.run(&["receipt", "list", "--json"]).expect(0).json();
    let payments = told["payments"].as_array().unwrap();
    payments.iter().map(|payment| payment["id"].as_str().unwrap().to_owned()).collect()
}

fn sync(shop: &Shop) {
    shop.run(&["payment", "sync", "--json"]).expect(0);
}

/// Where a request about a receipt is hit: method and route.
const fn route(api: Api, issuing: bool) -> (&'static str, &'static str) {
    match (api, issuing) {
        (Api::V1, true) => ("POST", "/receipts/{imp_uid}"),
        (Api::V1, false) => ("DELETE", "/receipts/{imp_uid}"),
        (Api::V2, true) => ("POST", "/cash-receipts"),
        (Api::V2, false) => ("POST", "/payments/{paymentId}/cash-receipt/cancel"),
    }
}

fn fault(shop: &Shop, kind: &str, issuing: bool) {
    let (method, route) = route(shop.api, issuing);
    shop.sandbox.fault(&json!({"kind": kind, "count": 1, "route": route, "method": method}));
}

/// No question is answered until `no_faults`, but for so many.
fn deaf(shop: &Shop, after: u32) {
    let rule = json!({"kind": "status", "status": 503, "process": false, "method": "GET", "skip": after});
    shop.sandbox.fault(&rule);
}

#[test]
fn one_that_is_owed_is_issued_shown_cancelled_and_owed_again() {
    for api in Api::ALL {
        let shop = shop(api);
        let id = paid_account(&shop);
        shop.pay(&Card::approved(), &[]).expect(0);
        account(&shop);
        sync(&shop);
        assert_eq!(owed(&shop), [id.as_str()], "{api:?}: neither a card nor an account that waits");
        assert_eq!(state(&shop, &id), "not_issued");

        let said = issue(&shop, &id).expect(0).json();
        assert_eq!(
            (&said["outcome"], &said["kind"], &said["refunds"], &said["amount"]),
            (&json!("issued"), &json!("issue_receipt"), &json!(id), &json!(45_000)),
            "{api:?}: {said}"
        );
        let number = said["approval_number"].as_str().unwrap();
        assert!(!number.is_empty(), "{said}");
        let shown = show(&shop, &id);
        assert_eq!(
            (&shown["state"], &shown["number"], &shown["amount"]),
            (&json!("issued"), &json!(number), &json!(45_000)),
            "{api:?}: {shown}"
        );
        assert_eq!(owed(&shop), Vec::<String>::new(), "{api:?}: without another synchronisation");

        let said = cancel(&shop, &id).expect(0).json();
        assert_eq!((&said["outcome"], &said["kind"]), (&json!("cancelled"), &json!("cancel_receipt")));
        let shown = show(&shop, &id);
        assert_eq!(shown["state"], "cancelled", "{api:?}: {shown}");
        assert!(shown["cancelled_at"].as_i64().is_some(), "{shown}");
        assert_eq!(owed(&shop), [id.as_str()], "{api:?}");
        issue(&shop, &id).expect(0);
        assert_eq!((state(&shop, &id).as_str(), owed(&shop).len()), ("issued", 0));
        for (path, bytes) in shop.files() {
            assert!(!holds_digits(&bytes, NUMBER, 8), "{}", path.display());
        }
    }
}

#[test]
fn a_receipt_is_over_what_is_left_and_none_is_owed_where_nothing_is() {
    let shop = shop(Api::V2);
    let id = paid_account(&shop);
    let account = json!({"bank": "신한", "number": "11012398765432", "holder": "김하늘"}).to_string();
    let refund = |amount: &str| {
        let base = ["payment", "cancel", &id, "--amount", amount, "--reason", "반품", "--yes", "--json"];
        finish(shop.command(&[&base[..], &["--account-file", "-"]].concat()), &account).expect(0);
    };
    refund("15000");
    sync(&shop);
    assert_eq!(owed(&shop), [id.as_str()]);
    assert_eq!(issue(&shop, &id).expect(0).json()["amount"], 30_000);
    cancel(&shop, &id).expect(0);
    refund("30000");
    assert_eq!(owed(&shop), Vec::<String>::new());
    assert_eq!(issue(&shop, &id).expect(2).json()["fields"], json!(["id"]));
}

#[test]
fn cash_that_was_taken_elsewhere_has_an_id_of_our_own() {
    for api in Api::ALL {
        let shop = shop(api);
        let id = "cash20261121a";
        let base =
            ["receipt", "issue", id, "--cash", "--amount", "30000", "--order-name", "현장 판매", "--json"];
        let mut command = shop.command(&base);
        command.args(["--receipt", "corporate", "--receipt-number", "123-45-67890", "--yes"]);
        let said = finish(command, "").expect(0).json();
        assert_eq!(
            (&said["outcome"], &said["amount"]),
            (&json!("issued"), &json!(30_000)),
            "{api:?}: {said}"
        );
        let shown = shop.run(&["receipt", "show", id, "--cash", "--json"]).expect(0).json();
        assert_eq!(
            (&shown["state"], &shown["amount"]),
            (&json!("issued"), &json!(30_000)),
            "{api:?}: {shown}"
        );
        shop.run(&["receipt", "cancel", id, "--cash", "--yes", "--json"]).expect(0);
        let shown = shop.run(&["receipt", "show", id, "--cash", "--json"]).expect(0).json();
        assert_eq!(shown["state"], "cancelled", "{api:?}: {shown}");
    }
}

#[test]
fn a_lost_answer_is_found_at_the_receipt_and_nothing_is_sent_twice() {
    for api in Api::ALL {
        for kind in ["drop_after", "html", "truncate"] {
            let shop = shop(api);
            let id = paid_account(&shop);
            fault(&shop, kind, true);
            let said = issue(&shop, &id).expect(0).json();
            assert_eq!(said["outcome"], "issued", "{api:?} {kind}: {said}");
            fault(&shop, kind, false);
            let said = cancel(&shop, &id).expect(0).json();
            assert_eq!(
                (said["outcome"].as_str(), state(&shop, &id).as_str()),
                (Some("cancelled"), "cancelled")
            );
        }
    }
}

#[test]
fn while_nobody_knows_none_is_sent_again_and_settling_finds_it() {
    for api in Api::ALL {
        let shop = shop(api);
        let id = paid_account(&shop);
        fault(&shop, "drop_after", true);
        // The payment is asked for before; V2's look at it asks twice.
        deaf(&shop, if api == Api::V2 { 2 } else { 1 });
        let lost = issue(&shop, &id).expect(4).json();
        assert_eq!(lost["outcome"], "unknown", "{api:?}: {lost}");
        shop.sandbox.no_faults();
        let again = issue(&shop, &id).expect(1).json();
        assert_eq!(again["problem"], "earlier_open", "{api:?}: {again}");
        let settled = shop.settle("0", &[]).expect(0).json();
        assert_eq!(settled["settled"][0]["outcome"], "issued", "{api:?}: {settled}");
        assert!(settled["settled"][0]["approval_number"].is_string(), "{settled}");
    }
}

#[test]
fn what_never_arrived_is_not_done_only_after_the_window() {
    for api in Api::ALL {
        let shop = shop(api);
        let id = paid_account(&shop);
        fault(&shop, "drop_before", true);
        issue(&shop, &id).expect(4);
        let early = shop.settle("600000", &[]).expect(4).json();
        assert_eq!(early["open"][0]["kind"], "issue_receipt", "{api:?}: {early}");
        let late = shop.settle("0", &[]).expect(0).json();
        assert_eq!(late["settled"][0]["outcome"], "not_issued", "{api:?}: {late}");
        issue(&shop, &id).expect(0);
        fault(&shop, "drop_before", false);
        cancel(&shop, &id).expect(4);
        let early = shop.settle("600000", &[]).expect(4).json();
        assert_eq!(early["open"][0]["why"], "still_issued", "{api:?}: {early}");
        let late = shop.settle("0", &[]).expect(0).json();
        assert_eq!(late["settled"][0]["outcome"], "not_cancelled", "{api:?}: {late}");
        assert_eq!(state(&shop, &id), "issued");
    }
}

#[test]
fn what_can_not_be_is_refused_and_explained() {
    for api in Api::ALL {
        let shop = shop(api);
        let silent = shop.run(&["receipt", "issue", "someid", "--json"]).expect(2).json();
        assert_eq!(silent["fields"], json!(["yes", "receipt", "receipt-number"]));
        let waits = account(&shop);
        assert_eq!(issue(&shop, &waits).expect(2).json()["fields"], json!(["id"]), "{api:?}: it is not paid");
        let nobody = issue(&shop, "nobody-knows-this").expect(1).json();
        assert_eq!(nobody["outcome"], "not_issued", "{nobody}");
        let id = paid_account(&shop);
        let short = shop.run(&[
            "receipt",
            "issue",
            &id,
            "--receipt",
            "corporate",
            "--receipt-number",
            "123-45",
            "--yes",
            "--json",
        ]);
        assert_eq!(short.expect(2).json()["fields"], json!(["receipt-number"]));
        let none = cancel(&shop, &id).expect(1).json();
        assert_eq!(
            (&none["outcome"], &none["problem"]),
            (&json!("not_cancelled"), &json!("no_receipt")),
            "{api:?}"
        );
        issue(&shop, &id).expect(0);
        let twice = issue(&shop, &id).expect(1);
        assert_eq!(twice.json()["problem"], "receipt_exists", "{api:?}: {twice:?}");
        assert!(twice.stderr.contains("No money moved."), "{twice:?}");
        // The PG itself says no: V2 tells so; of V1 a 500 says nothing of what was done (V1 §13.3).
        let (method, route) = route(api, false);
        let refusal =
            json!({"type": "PG_PROVIDER", "message": "거절", "pgCode": "9999", "pgMessage": "취소 불가"});
        let body = if api == Api::V2 {
            refusal
        } else {
            json!({"code": -1, "message": "취소 불가", "response": null})
        };
        shop.sandbox.fault(&json!({
            "kind": "status", "status": if api == Api::V2 { 502 } else { 500 }, "process": false, "count": 1,
            "method": method, "route": route, "body": body.to_string()
        }));
        if api == Api::V2 {
            let refused = cancel(&shop, &id).expect(3);
            assert_eq!(refused.json()["outcome"], "declined");
            assert!(refused.stderr.contains("취소 불가"), "{refused:?}");
        } else {
            let unseen = cancel(&shop, &id).expect(4);
            assert_eq!(unseen.json()["outcome"], "unknown", "{unseen:?}");
            let settled = shop.settle("0", &[]).expect(0).json();
            assert_eq!(settled["settled"][0]["outcome"], "not_cancelled", "{settled}");
        }
        assert_eq!(state(&shop, &id), "issued", "{api:?}");
        assert_eq!(shop.settle("0", &[]).expect(0).json()["unknown"], 0);
    }
}

#[test]
fn a_question_that_was_not_answered_says_nothing_about_paying_again() {
    for api in Api::ALL {
        let shop = shop(api);
        let id = paid_account(&shop);
        shop.sandbox.fault(&json!({"kind": "drop_before"}));
        let asked = shop.run(&["receipt", "show", &id, "--json"]).expect(1);
        assert_eq!(asked.json()["problem"], "unreachable", "{asked:?}");
        assert!(asked.stderr.contains("only a question") && !asked.stderr.contains("charge"), "{asked:?}");
        let issued = issue(&shop, &id).expect(1);
        assert!(issued.stderr.contains("try again") && !issued.stderr.contains("charge"), "{issued:?}");
        let charged = shop.pay(&Card::approved(), &["--order-id", "unreachable1"]).expect(1);
        assert!(charged.stderr.contains("then charge again"), "{charged:?}");
    }
}

#[test]
fn killed_at_any_step_nothing_is_lost_and_nothing_doubled() {
    for api in Api::ALL {
        for (step, end) in [("intended", "not_issued"), ("sent", "not_issued"), ("answered", "issued")] {
            let shop = shop(api);
            let id = paid_account(&shop);
            let mut child = stop_at(issue_command(&shop, &id, &[]), "", step).unwrap();
            child.kill().unwrap();
            child.wait().unwrap();
            let settled = shop.settle("0", &[]).expect(0).json();
            assert_eq!(settled["settled"][0]["outcome"], end, "{api:?} {step}: {settled}");
            let there = if end == "issued" { "issued" } else { "not_issued" };
            assert_eq!(state(&shop, &id), there, "{api:?} {step}");
        }
    }
}
