//! What V2 does beyond the shape of its answers.

use serde_json::Value;

use crate::common::{GOOD, START, Sandbox, channel, customer, encode, instant, issue};

const KEY: &str = "\"0123456789abcdef-test\"";

fn pay(sandbox: &Sandbox, id: &str, number: &str, total: i64) -> (u16, Value) {
    sandbox.v2("POST", &format!("/payments/{id}/instant"), &instant(1, number, total))
}

fn key(sandbox: &Sandbox, number: &str) -> String {
    let (status, value) = sandbox.v2("POST", "/billing-keys", &issue(1, number));
    assert_eq!(status, 200, "{value}");
    value["billingKeyInfo"]["billingKey"].as_str().unwrap().to_owned()
}

fn schedule(sandbox: &Sandbox, id: &str, key: &str, at: u32) -> (u16, Value) {
    let at = danmal::sandbox::clock::rfc3339(at);
    let body = format!(
        r#"{{"payment":{{"billingKey":"{key}","orderName":"구독","amount":{{"total":9900}},"currency":"KRW","customer":{}}},
        "timeToPay":"{at}"}}"#,
        customer()
    );
    sandbox.v2("POST", &format!("/payments/{id}/schedule"), &body)
}

fn schedule_id(sandbox: &Sandbox, id: &str, key: &str, at: u32) -> String {
    let (status, value) = schedule(sandbox, id, key, at);
    assert_eq!(status, 200, "{value}");
    value["schedule"]["id"].as_str().unwrap().to_owned()
}

fn kind(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, answer.1["type"].as_str().unwrap_or_default())
}

#[test]
fn an_idempotency_key_charges_once_and_replays_for_three_hours() {
    let sandbox = Sandbox::new(&[]);
    let body = instant(1, GOOD, 33_000);
    let first = sandbox.v2_keyed("POST", "/payments/a1/instant", &body, Some(KEY));
    assert_eq!(first.0, 200);
    assert_eq!(sandbox.v2_keyed("POST", "/payments/a1/instant", &body, Some(KEY)), first);
    let bare = KEY.trim_matches('"');
    assert_eq!(sandbox.v2_keyed("POST", "/payments/a1/instant", &body, Some(bare)), first);
    let other = sandbox.v2_keyed("POST", "/payments/a2/instant", &body, Some(KEY));
    assert_eq!(kind(&other), (422, "SANDBOX_IDEMPOTENCY_KEY_REUSED"));
    assert_eq!(sandbox.v2("GET", "/payments/a2", "").0, 404, "the reused key did nothing");
    assert_eq!(sandbox.v2_keyed("GET", "/payments/a1", "", Some(KEY)).1["id"], "a1", "ignored on GET");
    sandbox.advance(3 * 3_600 + 1);
    let late = sandbox.v2_keyed("POST", "/payments/a1/instant", &body, Some(KEY));
    assert_eq!(kind(&late), (409, "ALREADY_PAID"));
}

#[test]
fn a_stored_failure_is_replayed_too() {
    let sandbox = Sandbox::new(&[]);
    let declined = instant(1, "4000111122220001", 1_000);
    let first = sandbox.v2_keyed("POST", "/payments/a1/instant", &declined, Some(KEY));
    assert_eq!(kind(&first), (502, "PG_PROVIDER"));
    assert_eq!(sandbox.v2_keyed("POST", "/payments/a1/instant", &declined, Some(KEY)), first);
    let tries = sandbox.v2("GET", "/payments/a1/transactions", "").1;
    assert_eq!(tries["items"].as_array().unwrap().len(), 1, "one try, however often it was asked");
}

#[test]
fn declines_stay_readable_and_the_id_may_be_tried_again() {
    let sandbox = Sandbox::new(&[]);
    assert_eq!(pay(&sandbox, "a1", "4000111122220041", 5_000).0, 502);
    let failed = sandbox.v2("GET", "/payments/a1", "").1;
    assert_eq!(
        (&failed["status"], &failed["failure"]["pgCode"]),
        (&Value::from("FAILED"), &Value::from("CC98"))
    );
    assert_eq!(pay(&sandbox, "a1", "4000111122220041", 5_000).0, 200);
    let paid = sandbox.v2("GET", "/payments/a1", "").1;
    assert_eq!(paid["status"], "PAID");
    assert_ne!(paid["transactionId"], failed["transactionId"]);
    let tries = sandbox.v2("GET", "/payments/a1/transactions", "").1;
    let states: Vec<&str> =
        tries["items"].as_array().unwrap().iter().map(|item| item["status"].as_str().unwrap()).collect();
    assert_eq!(states, ["PAID", "FAILED"]);
    assert_eq!(sandbox.v2_list("/payments", "{}")["page"]["totalCount"], 1, "a payment, not its tries");
}

#[test]
fn refunds_keep_their_balance() {
    let sandbox = Sandbox::new(&[]);
    let body = instant(1, GOOD, 33_000).replace(r#""total":33000"#, r#""total":33000,"taxFree":11000"#);
    assert_eq!(sandbox.v2("POST", "/payments/a1/instant", &body).0, 200);
    let cancel = |body: &str| sandbox.v2("POST", "/payments/a1/cancel", body);
    for (body, want) in [
        (
            r#"{"reason":"r","amount":1,"currentCancellableAmount":32999}"#,
            "CANCELLABLE_AMOUNT_CONSISTENCY_BROKEN",
        ),
        (r#"{"reason":"r","amount":33001}"#, "CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT"),
        (
            r#"{"reason":"r","amount":12000,"taxFreeAmount":11001}"#,
            "CANCEL_TAX_FREE_AMOUNT_EXCEEDS_CANCELLABLE_TAX_FREE_AMOUNT",
        ),
        (r#"{"reason":"r","amount":22001}"#, "CANCEL_TAX_AMOUNT_EXCEEDS_CANCELLABLE_TAX_AMOUNT"),
        (
            r#"{"reason":"r","amount":100,"taxFreeAmount":50,"vatAmount":51}"#,
            "SUM_OF_PARTS_EXCEEDS_CANCEL_AMOUNT",
        ),
    ] {
        assert_eq!(kind(&cancel(body)), (409, want));
    }
    assert_eq!(kind(&cancel(r#"{"reason":"r","amount":0}"#)), (400, "INVALID_REQUEST"));
    assert_eq!(kind(&cancel(r#"{"amount":1}"#)), (400, "INVALID_REQUEST"));
    let first =
        cancel(r#"{"reason":"r","amount":11000,"taxFreeAmount":11000,"currentCancellableAmount":33000}"#);
    assert_eq!(first.1["cancellation"]["status"], "SUCCEEDED");
    let part = sandbox.v2("GET", "/payments/a1", "").1;
    assert_eq!(part["status"], "PARTIAL_CANCELLED");
    assert_eq!(
        (&part["amount"]["cancelled"], &part["amount"]["cancelledTaxFree"]),
        (&11_000.into(), &11_000.into())
    );
    assert_eq!(
        cancel(r#"{"reason":"r","currentCancellableAmount":22000}"#).1["cancellation"]["totalAmount"],
        22_000
    );
    assert_eq!(sandbox.v2("GET", "/payments/a1", "").1["status"], "CANCELLED");
    assert_eq!(kind(&cancel(r#"{"reason":"r","amount":1}"#)), (409, "PAYMENT_ALREADY_CANCELLED"));
    let events = sandbox.v2_list("/payment-events-by-cursor", "{}");
    let sum: i64 = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["paymentEvent"]["eventAmount"].as_i64().unwrap())
        .sum();
    assert_eq!(sum, 0);
}

#[test]
fn a_pending_refund_counts_against_the_balance_and_ends_by_the_clock() {
    let sandbox = Sandbox::new(&[]);
    pay(&sandbox, "a1", "4000111122220051", 9_000);
    let asked = sandbox.v2("POST", "/payments/a1/cancel", r#"{"reason":"r","amount":5000}"#);
    assert_eq!((asked.0, &asked.1["cancellation"]["status"]), (200, &Value::from("REQUESTED")));
    assert_eq!(sandbox.v2("GET", "/payments/a1", "").1["status"], "PAID");
    let more = sandbox.v2("POST", "/payments/a1/cancel", r#"{"reason":"r","amount":4001}"#);
    assert_eq!(kind(&more), (409, "CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT"));
    sandbox.advance(60);
    let done = sandbox.v2("GET", "/payments/a1", "").1;
    assert_eq!(
        (&done["status"], &done["cancellations"][0]["status"]),
        (&"PARTIAL_CANCELLED".into(), &"SUCCEEDED".into())
    );
}

#[test]
fn schedules_run_at_their_own_times() {
    let sandbox = Sandbox::new(&[]);
    let (good, weak) = (key(&sandbox, GOOD), key(&sandbox, "4000111122220040"));
    let first = schedule_id(&sandbox, "s1", &good, START + 100);
    let second = schedule_id(&sandbox, "s2", &weak, START + 50);
    let state = |id: &str| sandbox.v2("GET", &format!("/payment-schedules/{id}"), "").1;
    assert_eq!(state(&first)["status"], "SCHEDULED");
    assert_eq!(kind(&pay(&sandbox, "s1", GOOD, 1)), (409, "PAYMENT_SCHEDULE_ALREADY_EXISTS"));
    sandbox.advance(51);
    assert_eq!(state(&second)["status"], "STARTED");
    sandbox.advance(3_600);
    let ran = state(&first);
    assert_eq!(ran["status"], "SUCCEEDED");
    assert_eq!(
        ran["startedAt"],
        danmal::sandbox::clock::rfc3339(START + 100),
        "its own time, not when we looked"
    );
    let paid = sandbox.v2("GET", "/payments/s1", "").1;
    assert_eq!(
        (&paid["scheduleId"], &paid["billingKey"]),
        (&Value::from(first.as_str()), &Value::from(good.as_str()))
    );
    assert_eq!(paid["paidAt"], danmal::sandbox::clock::rfc3339(START + 102));
    assert_eq!(state(&second)["status"], "FAILED");
    assert_eq!(sandbox.v2("GET", "/payments/s2", "").1["failure"]["pgCode"], "CC61");
}

#[test]
fn the_default_window_of_schedules_hides_the_future() {
    let sandbox = Sandbox::new(&[]);
    let key = key(&sandbox, GOOD);
    schedule_id(&sandbox, "s1", &key, START + 86_400);
    assert_eq!(sandbox.v2_list("/payment-schedules", "{}")["page"]["totalCount"], 0);
    let open = r#"{"filter":{"until":"2026-04-01T00:00:00Z"}}"#;
    assert_eq!(sandbox.v2_list("/payment-schedules", open)["page"]["totalCount"], 1);
    let (status, by_body) = sandbox.v2("GET", "/payment-schedules", open);
    assert_eq!((status, &by_body["page"]["totalCount"]), (200, &1.into()), "the body form works as well");
}

#[test]
fn revoking_is_all_or_nothing_and_a_key_with_schedules_stays() {
    let sandbox = Sandbox::new(&[]);
    let (one, two) = (key(&sandbox, GOOD), key(&sandbox, GOOD));
    let a = schedule_id(&sandbox, "s1", &one, START + 1_000);
    let b = schedule_id(&sandbox, "s2", &one, START + 10);
    let c = schedule_id(&sandbox, "s3", &two, START + 1_000);
    sandbox.advance(60);
    let revoke =
        |body: &str| sandbox.v2("DELETE", &format!("/payment-schedules?requestBody={}", encode(body)), "");
    let mixed = revoke(&format!(r#"{{"scheduleIds":["{a}","{b}"]}}"#));
    assert_eq!(kind(&mixed), (409, "PAYMENT_SCHEDULE_ALREADY_PROCESSED"));
    let foreign = revoke(&format!(r#"{{"billingKey":"{one}","scheduleIds":["{a}","{c}"]}}"#));
    assert_eq!(foreign.0, 404);
    let state = |id: &str| sandbox.v2("GET", &format!("/payment-schedules/{id}"), "").1["status"].clone();
    assert_eq!(state(&a), "SCHEDULED", "none was revoked");
    assert_eq!(
        kind(&sandbox.v2("DELETE", &format!("/billing-keys/{one}"), "")),
        (409, "PAYMENT_SCHEDULE_ALREADY_EXISTS")
    );
    let by_key = revoke(&format!(r#"{{"billingKey":"{one}"}}"#));
    assert_eq!(by_key.1["revokedScheduleIds"], Value::from(vec![a.as_str()]));
    assert_eq!(
        kind(&revoke(&format!(r#"{{"scheduleIds":["{a}"]}}"#))),
        (409, "PAYMENT_SCHEDULE_ALREADY_REVOKED")
    );
    assert_eq!(sandbox.v2("DELETE", &format!("/billing-keys/{one}"), "").0, 200);
    assert_eq!(kind(&schedule(&sandbox, "s4", &one, START + 9_000)), (409, "BILLING_KEY_ALREADY_DELETED"));
    sandbox.advance(3_600);
    assert_eq!(sandbox.v2("GET", "/payments/s1", "").0, 404, "a revoked schedule charges nothing");
}

#[test]
fn lists_page_filter_and_search() {
    let sandbox = Sandbox::new(&["--seed", "400"]);
    let mut seen = std::collections::BTreeSet::new();
    let all =
        r#""filter":{"from":"2025-01-01T00:00:00Z","sortBy":"REQUESTED_AT","timestampType":"CREATED_AT"}"#;
    let mut total = 0;
    for number in 0.. {
        let page =
            sandbox.v2_list("/payments", &format!(r#"{{"page":{{"number":{number},"size":100}},{all}}}"#));
        total = page["page"]["totalCount"].as_u64().unwrap();
        let items = page["items"].as_array().unwrap();
        if items.is_empty() {
            break;
        }
        for item in items {
            assert!(seen.insert(item["id"].as_str().unwrap().to_owned()), "{} twice", item["id"]);
        }
    }
    assert_eq!((seen.len() as u64, total), (400, 400));
    let count = |filter: &str| {
        let body = format!(r#"{{"filter":{{"from":"2025-01-01T00:00:00Z",{filter}}}}}"#);
        sandbox.v2_list("/payments", &body)["page"]["totalCount"].as_u64().unwrap()
    };
    assert_eq!(count(r#""version":"V1""#) + count(r#""version":"V2""#), 400);
    assert_eq!(count(r#""isTest":true"#) + count(r#""isTest":false"#), 400);
    assert_eq!(count(r#""isScheduled":true"#), 80);
    assert_eq!(count(r#""textSearch":[{"field":"PAYMENT_ID","value":"seed7n000000"}]"#), 10);
    assert_eq!(
        count(r#""textSearch":[{"field":"PAYMENT_ID","value":"n0000001"}]"#),
        0,
        "from the start only"
    );
    let statuses =
        ["PAID", "FAILED", "CANCELLED", "PARTIAL_CANCELLED", "VIRTUAL_ACCOUNT_ISSUED", "PENDING", "READY"];
    assert_eq!(statuses.iter().map(|status| count(&format!(r#""status":["{status}"]"#))).sum::<u64>(), 400);
    // The cursor walks over the same rows.
    let (mut cursor, mut walked) = (String::new(), 0);
    loop {
        let body = format!(r#"{{"from":"2025-01-01T00:00:00Z","size":150{cursor}}}"#);
        let page = sandbox.v2_list("/payments-by-cursor", &body);
        let items = page["items"].as_array().unwrap();
        walked += items.len();
        if items.len() < 150 {
            break;
        }
        cursor = format!(r#","cursor":{}"#, items.last().unwrap()["cursor"]);
    }
    assert_eq!(walked, 400);
}

#[test]
fn stores_are_apart() {
    let sandbox = Sandbox::new(&[]);
    let sub = danmal::sandbox::catalog::STORES[1].id;
    let body = instant(41, GOOD, 1_000).replacen('{', &format!(r#"{{"storeId":"{sub}","#), 1);
    assert_eq!(sandbox.v2("POST", "/payments/a1/instant", &body).0, 200);
    assert_eq!(sandbox.v2("GET", "/payments/a1", "").0, 404);
    assert_eq!(sandbox.v2("GET", &format!("/payments/a1?storeId={sub}"), "").0, 200);
    assert_eq!(kind(&pay(&sandbox, "a2", GOOD, 1_000)).0, 200);
    let foreign_channel = sandbox.v2("POST", "/payments/a3/instant", &instant(41, GOOD, 1_000));
    assert_eq!(kind(&foreign_channel), (404, "CHANNEL_NOT_FOUND"));
}

#[test]
fn live_and_test_channels_are_told_apart() {
    let sandbox = Sandbox::new(&[]);
    sandbox.v2("POST", "/payments/live1/instant", &instant(9, GOOD, 1_000));
    pay(&sandbox, "test1", GOOD, 1_000);
    assert_eq!(sandbox.v2("GET", "/payments/live1", "").1["channel"]["type"], "LIVE");
    let live = sandbox.v2_list("/payments", r#"{"filter":{"isTest":false}}"#);
    assert_eq!((&live["page"]["totalCount"], &live["items"][0]["id"]), (&1.into(), &"live1".into()));
}

#[test]
fn access_tokens_age_with_the_clock() {
    let sandbox = Sandbox::new(&[]);
    let login = format!(r#"{{"apiSecret":"{}"}}"#, danmal::sandbox::catalog::V2_SECRET);
    let token = sandbox.v2("POST", "/login/api-secret", &login).1["accessToken"].as_str().unwrap().to_owned();
    let ask = |token: &str| {
        sandbox.request(&danmal::sandbox::http::Request {
            method: "GET".into(),
            path: "/payments/none".into(),
            authorization: Some(format!("Bearer {token}")),
            ..Default::default()
        })
    };
    assert_eq!(kind(&ask(&token)), (404, "PAYMENT_NOT_FOUND"));
    sandbox.advance(1_800);
    assert_eq!(kind(&ask(&token)), (401, "UNAUTHORIZED"));
}

#[test]
fn pg_rules_hold_and_lenient_switches_them_off() {
    let bare = format!(
        r#"{{"channelKey":"{}","orderName":"상품","amount":{{"total":1000}},"currency":"KRW","method":{{"card":
        {{"credential":{{"number":"{GOOD}","expiryYear":"29","expiryMonth":"05"}}}}}}}}"#,
        channel(1)
    );
    let strict = Sandbox::new(&[]);
    assert_eq!(
        kind(&strict.v2("POST", "/payments/a1/instant", &bare)),
        (400, "INVALID_REQUEST"),
        "KCP wants birth and PIN"
    );
    assert_eq!(strict.v2("GET", "/payments/a1", "").0, 404);
    assert_eq!(Sandbox::new(&["--lenient"]).v2("POST", "/payments/a1/instant", &bare).0, 200);
}

#[test]
fn naverpay_demands_why_and_who_unless_the_rules_are_off() {
    let sandbox = Sandbox::new(&["--lenient"]);
    let key = sandbox.v2("POST", "/billing-keys", &issue(13, GOOD));
    let key = key.1["billingKeyInfo"]["billingKey"].as_str().unwrap().to_owned();
    assert_eq!(sandbox.v2("POST", "/payments/a1/instant", &instant(13, GOOD, 1_000)).0, 200);
    let cancel = |body: &str| sandbox.v2("POST", "/payments/a1/cancel", body);
    assert_eq!(cancel(r#"{"reason":"r","amount":1}"#).0, 200, "nothing is checked");
    sandbox.app.state().settings.pg_rules = true;
    assert_eq!(
        kind(&sandbox.v2("POST", "/payments/a2/instant", &instant(13, GOOD, 1_000))),
        (400, "INVALID_REQUEST"),
        "easy pay is not keyed in"
    );
    assert_eq!(kind(&cancel(r#"{"reason":"r","amount":1}"#)), (400, "INVALID_REQUEST"));
    assert_eq!(cancel(r#"{"reason":"r","amount":1,"requester":"CUSTOMER"}"#).0, 200);
    let delete = |query: &str| sandbox.v2("DELETE", &format!("/billing-keys/{key}{query}"), "");
    for query in ["", "?reason=r", "?requester=ADMIN"] {
        assert_eq!(kind(&delete(query)), (400, "INVALID_REQUEST"), "{query}");
    }
    assert_eq!(delete("?reason=r&requester=ADMIN").0, 200);
}

#[test]
fn unknown_paths_name_the_nearest_route() {
    let sandbox = Sandbox::new(&[]);
    let wrong = sandbox.v2("POST", "/payment/x/instant", "{}");
    assert_eq!(wrong.0, 404);
    assert!(wrong.1["message"].as_str().unwrap().contains("POST /payments/{paymentId}/instant"));
    assert_eq!(sandbox.v2("PUT", "/billing-keys", "{}").0, 405);
}
