//! What V1 does beyond the shape of its answers.

use serde_json::Value;

use crate::common::{GOOD, START, Sandbox, V1_BUYER, channel, v1_card};

fn onetime(sandbox: &Sandbox, uid: &str, number: &str, more: &str) -> Value {
    let body = format!("merchant_uid={uid}&amount=55000&name=관리비&{}&{V1_BUYER}{more}", v1_card(number));
    let (status, value) = sandbox.v1("POST", "/subscribe/payments/onetime", &body);
    assert_eq!(status, 200, "{value}");
    value
}

fn issue(sandbox: &Sandbox, uid: &str, number: &str) {
    let body = format!("channel_key={}&{}&customer_name=김하늘", channel(21), v1_card(number));
    let (_, value) = sandbox.v1("POST", &format!("/subscribe/customers/{uid}"), &body);
    assert_eq!(value["code"], 0, "{value}");
}

fn plan(sandbox: &Sandbox, key: &str, uid: &str, at: u32) -> Value {
    let body = format!(
        r#"{{"customer_uid":"{key}","schedules":[{{"merchant_uid":"{uid}","schedule_at":{at},"amount":9900,"currency":"KRW","name":"구독"}}]}}"#
    );
    sandbox.v1("POST", "/subscribe/payments/schedule", &body).1
}

#[test]
fn json_and_forms_say_the_same() {
    let sandbox = Sandbox::new(&[]);
    let json = format!(
        r#"{{"merchant_uid":"j1","amount":15000,"card_number":"{GOOD}","expiry":"2029-05","birth":"880214",
        "pwd_2digit":"12","buyer_name":"박서연","custom_data":{{"a":1}}}}"#
    );
    let made = sandbox.v1("POST", "/subscribe/payments/onetime", &json).1;
    assert_eq!(made["response"]["amount"], 15_000);
    assert_eq!(made["response"]["custom_data"], r#"{"a":1}"#, "objects come back as text");
    assert_eq!(onetime(&sandbox, "f1", GOOD, "")["response"]["buyer_name"], "김하늘");
}

#[test]
fn a_refusal_leaves_no_row_and_a_decline_leaves_one() {
    let sandbox = Sandbox::new(&[]);
    let refused = onetime(&sandbox, "m1", "4000111122220007", "");
    assert_eq!((&refused["code"], &refused["response"]), (&(-1).into(), &Value::Null));
    assert_eq!(sandbox.v1("GET", "/payments/find/m1", "").0, 404);
    let declined = onetime(&sandbox, "m2", "4000111122220001", "");
    assert_eq!((&declined["code"], &declined["response"]["status"]), (&0.into(), &"failed".into()));
    assert_eq!(declined["response"]["fail_reason"], "[CC61]거래금액 한도초과");
    // Another attempt may share the number; an approved one may not be repeated.
    assert_eq!(onetime(&sandbox, "m2", GOOD, "")["response"]["status"], "paid");
    assert_eq!(onetime(&sandbox, "m2", GOOD, "")["code"], 1);
    assert_eq!(sandbox.v1("GET", "/payments/findAll/m2", "").1["response"]["total"], 2);
    assert_eq!(sandbox.v1("GET", "/payments/find/m2/failed", "").1["response"]["status"], "failed");
}

#[test]
fn test_payments_are_left_out_unless_asked_for() {
    let sandbox = Sandbox::new(&[]);
    let uid = |value: &Value| value["response"]["imp_uid"].as_str().unwrap().to_owned();
    let test = uid(&onetime(&sandbox, "m1", GOOD, ""));
    let live = uid(&onetime(&sandbox, "m2", GOOD, "&pg=nice_v2.MIDLIVE01"));
    assert_eq!(sandbox.v1("GET", &format!("/payments/{test}"), "").0, 404);
    assert_eq!(sandbox.v1("GET", &format!("/payments/{test}?include_sandbox=true"), "").0, 200);
    let seen = sandbox.v1("GET", &format!("/payments/{live}"), "").1;
    assert_eq!(seen["response"]["sandbox"], false);
}

#[test]
fn an_unknown_pg_falls_back_to_the_default_channel() {
    let sandbox = Sandbox::new(&[]);
    assert_eq!(onetime(&sandbox, "m1", GOOD, "&pg=nonsense")["response"]["pg_provider"], "nice_v2");
    assert_eq!(onetime(&sandbox, "m2", GOOD, "&pg=kcp")["response"]["pg_provider"], "kcp");
}

#[test]
fn a_partial_cancel_reads_cancelled_and_the_checksum_guards_the_next() {
    let sandbox = Sandbox::new(&[]);
    onetime(&sandbox, "m1", GOOD, "");
    let cancel = |body: &str| sandbox.v1("POST", "/payments/cancel", body).1;
    let part = cancel("merchant_uid=m1&amount=20000&checksum=55000&reason=반품");
    assert_eq!(
        (&part["response"]["status"], &part["response"]["cancel_amount"]),
        (&"cancelled".into(), &20_000.into())
    );
    assert_eq!(part["response"]["amount"], 55_000, "the amount does not shrink");
    assert_eq!(cancel("merchant_uid=m1&amount=20000&checksum=55000")["code"], 1, "a repeat is refused");
    assert_eq!(cancel("merchant_uid=m1&amount=35001")["code"], 1, "more than is left");
    assert_eq!(cancel("imp_uid=wrong&merchant_uid=m1")["code"], 1, "a wrong imp_uid wins");
    let rest = cancel("merchant_uid=m1&amount=0");
    assert_eq!(rest["response"]["cancel_amount"], 55_000, "0 means everything left");
    assert_eq!(rest["response"]["cancel_history"].as_array().unwrap().len(), 2);
    assert_eq!(cancel("merchant_uid=m1")["message"], "이미 전액취소된 주문입니다.");
}

#[test]
fn a_stored_card_can_come_with_the_charge_and_be_replaced() {
    let sandbox = Sandbox::new(&[]);
    assert_eq!(onetime(&sandbox, "m1", GOOD, "&customer_uid=u1")["response"]["customer_uid_usage"], "issue");
    let read = || sandbox.v1("GET", "/subscribe/customers/u1", "").1["response"].clone();
    assert_eq!(read()["card_number"], "400011******3333");
    let inserted = read()["inserted"].clone();
    sandbox.advance(100);
    issue(&sandbox, "u1", "5123451111224444");
    let after = read();
    assert_eq!((&after["card_number"], &after["inserted"]), (&"512345******4444".into(), &inserted));
    assert_eq!(after["updated"], START + 100);
    // A declined charge stores nothing.
    onetime(&sandbox, "m2", "4000111122220001", "&customer_uid=u2");
    assert_eq!(sandbox.v1("GET", "/subscribe/customers/u2", "").1["code"], 1);
}

#[test]
fn a_missing_key_answers_as_seen_or_as_the_schema_says() {
    assert_eq!(Sandbox::new(&[]).v1("GET", "/subscribe/customers/none", "").0, 200);
    assert_eq!(Sandbox::new(&["--v1-missing-key-404"]).v1("GET", "/subscribe/customers/none", "").0, 404);
}

#[test]
fn the_schedule_machine_goes_round() {
    let sandbox = Sandbox::new(&[]);
    issue(&sandbox, "weak", "4000111122220040");
    assert_eq!(plan(&sandbox, "weak", "s1", START + 100)["response"][0]["schedule_status"], "scheduled");
    assert_eq!(plan(&sandbox, "weak", "s1", START + 200)["code"], 1, "the number is taken");
    let path = "/subscribe/payments/schedule/s1";
    let read = || sandbox.v1("GET", path, "").1["response"].clone();
    assert_eq!(
        sandbox.v1("PUT", path, &format!("schedule_at={}", START + 300)).1["response"]["schedule_at"],
        START + 300
    );
    sandbox.advance(301);
    assert_eq!(read()["schedule_status"], "scheduled", "a running one still reads scheduled");
    assert_eq!(sandbox.v1("POST", &format!("{path}/retry"), "").0, 400, "running now");
    sandbox.advance(10);
    let ran = read();
    assert_eq!((&ran["schedule_status"], &ran["payment_status"]), (&"executed".into(), &"failed".into()));
    assert_eq!(ran["fail_reason"], "[CC61]거래금액 한도초과");
    issue(&sandbox, "weak", GOOD);
    let retried = sandbox.v1("POST", &format!("{path}/retry"), "").1;
    assert_eq!(retried["response"]["status"], "paid", "the new card pays");
    assert_eq!(read()["payment_status"], "paid");
    assert_eq!(
        sandbox.v1("POST", &format!("{path}/reschedule"), &format!("schedule_at={}", START + 9_000)).0,
        400
    );
    sandbox.v1("POST", "/payments/cancel", "merchant_uid=s1");
    assert_eq!(read()["payment_status"], "cancelled");
    plan(&sandbox, "weak", "s2", START + 5_000);
    let revoked = sandbox.v1("POST", "/subscribe/payments/unschedule", "customer_uid=weak").1;
    assert_eq!(revoked["response"][0]["schedule_status"], "revoked");
    let again = sandbox
        .v1("POST", "/subscribe/payments/schedule/s2/reschedule", &format!("schedule_at={}", START + 6_000))
        .1;
    assert_eq!(
        (&again["response"]["schedule_status"], &again["response"]["revoked_at"]),
        (&"scheduled".into(), &0.into())
    );
    sandbox.advance(10_000);
    assert_eq!(sandbox.v1("GET", "/payments/find/s2/paid", "").0, 200);
}

#[test]
fn schedule_lists_spell_their_parameters_differently() {
    let sandbox = Sandbox::new(&[]);
    issue(&sandbox, "u1", GOOD);
    plan(&sandbox, "u1", "s1", START + 100);
    plan(&sandbox, "u1", "s2", START + 200);
    let total = |path: &str| {
        let (status, value) = sandbox.v1("GET", path, "");
        (status, value["response"]["total"].as_u64().unwrap_or(99))
    };
    let (from, to) = (START, START + 200);
    let by_time = format!("/subscribe/payments/schedule?schedule_from={from}&schedule_to={to}");
    assert_eq!(total(&by_time), (200, 1), "the upper bound is excluded");
    let by_key = format!("/subscribe/payments/schedule/customers/u1?from={from}&to={}", to + 1);
    assert_eq!(total(&by_key), (200, 2));
    assert_eq!(total(&format!("{by_key}&schedule-status=executed")), (200, 0), "with a hyphen");
    let too_long =
        format!("/subscribe/payments/schedule?schedule_from={from}&schedule_to={}", from + 94 * 86_400);
    assert_eq!(total(&too_long).0, 400);
    let first = |path: &str| sandbox.v1("GET", path, "").1["response"]["list"][0]["merchant_uid"].clone();
    let both = format!("/subscribe/payments/schedule?schedule_from={from}&schedule_to={}", to + 1);
    assert_eq!(first(&both), "s2", "newest first");
    assert_eq!(first(&format!("{both}&sorting=scheduled")), "s1");
}

#[test]
fn one_bad_item_refuses_the_whole_booking() {
    let sandbox = Sandbox::new(&[]);
    issue(&sandbox, "u1", GOOD);
    let body = format!(
        "customer_uid=u1&schedules[0][merchant_uid]=s1&schedules[0][schedule_at]={0}&schedules[0][amount]=100\
         &schedules[1][merchant_uid]=s2&schedules[1][schedule_at]=1&schedules[1][amount]=100",
        START + 100
    );
    assert_eq!(sandbox.v1("POST", "/subscribe/payments/schedule", &body).1["code"], 1);
    assert_eq!(sandbox.v1("GET", "/subscribe/payments/schedule/s1", "").0, 404);
}

#[test]
fn history_is_by_the_time_of_the_state() {
    let sandbox = Sandbox::new(&[]);
    onetime(&sandbox, "m1", GOOD, "");
    sandbox.advance(40 * 86_400);
    sandbox.v1("POST", "/payments/cancel", "merchant_uid=m1&amount=1000");
    let count = |path: &str, from: u32, to: u32| {
        sandbox.v1("GET", &format!("/payments/status/{path}?from={from}&to={to}"), "").1["response"]["total"]
            .clone()
    };
    assert_eq!(count("all", START, START), 0, "it has left the day it was paid");
    let then = START + 40 * 86_400;
    assert_eq!(count("cancelled", then, then), 1, "both bounds are inclusive");
    let long = sandbox.v1("GET", &format!("/payments/status/all?from={}&to={then}", then - 91 * 86_400), "");
    assert_eq!(long.0, 400);
}

#[test]
fn the_sub_merchant_header_picks_the_store() {
    let sandbox = Sandbox::new(&[]);
    let ask = |tier: &str| {
        sandbox.request(&danmal::sandbox::http::Request {
            method: "GET".into(),
            path: "/users/pg".into(),
            authorization: Some(sandbox.token()),
            tier: Some(tier.into()),
            ..Default::default()
        })
    };
    assert_eq!(ask("A01").1["response"][0]["pg_id"], "MIDTEST02");
    assert_eq!(ask("ZZZ").0, 403);
}

#[test]
fn a_refund_that_ends_later_is_told_only_when_asked() {
    for (more, want) in [("", 1), ("&enable_webhook=true", 3)] {
        let sandbox = Sandbox::new(&[]);
        let url = "&notice_url=http://127.0.0.1:9/hook";
        onetime(&sandbox, "m1", "4000111122220051", url);
        sandbox.v1("POST", "/payments/cancel", &format!("merchant_uid=m1&amount=1000{more}"));
        sandbox.advance(61);
        let refunded = sandbox.v1("GET", "/payments/find/m1", "").1["response"]["cancel_amount"].clone();
        assert_eq!(refunded, 1_000);
        assert_eq!(sandbox.app.state().hooks.log.len(), want, "paid, and with a word more: asked and done");
    }
}
