//! A long walk through every operation of both generations, its successes and its refusals.

use danmal::sandbox::http::Request;
use danmal::sandbox::model::Version;
use danmal::sandbox::route::{Found, ROUTES, Route, find};
use serde_json::Value;

use crate::common::{GOOD, Sandbox, V1_BUYER, card, channel, customer, encode, instant, issue, v1_card};

/// One answer of the walk.
pub struct Seen {
    pub version: Version,
    pub method: &'static str,
    pub path: &'static str,
    pub status: u16,
    pub body: Value,
}

/// Walks through all operations and keeps every answer.
pub struct Walk {
    sandbox: Sandbox,
    pub seen: Vec<Seen>,
}

impl Walk {
    fn keep(&mut self, version: Version, method: &str, path: &str, status: u16, body: &Value) {
        let plain = path.split('?').next().unwrap();
        let Found::Route(route, _) = find(method, plain, Some(version)) else {
            panic!("{method} {path} is not served")
        };
        self.seen.push(Seen { version, method: route.method, path: route.path, status, body: body.clone() });
    }

    fn v2(&mut self, method: &str, path: &str, body: &str, want: u16) -> Value {
        let (status, value) = self.sandbox.v2(method, path, body);
        assert_eq!(status, want, "V2 {method} {path}: {value}");
        self.keep(Version::V2, method, path, status, &value);
        value
    }

    /// A V1 request that must succeed.
    fn v1_ok(&mut self, method: &str, path: &str, body: &str) -> Value {
        let value = self.v1(method, path, body, 200);
        assert_eq!(value["code"], 0, "V1 {method} {path}: {value}");
        value
    }

    fn v1(&mut self, method: &str, path: &str, body: &str, want: u16) -> Value {
        let (status, value) = self.sandbox.v1(method, path, body);
        assert_eq!(status, want, "V1 {method} {path}: {value}");
        self.keep(Version::V1, method, path, status, &value);
        value
    }
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}

/// What every operation can answer: no credential, an unreadable body, a store of somebody else.
fn walk_refusals(walk: &mut Walk, route: &'static Route) {
    let segment = |text: &str| if text.starts_with('{') { "nobody".to_owned() } else { text.to_owned() };
    let path = route.path.split('/').map(segment).collect::<Vec<_>>().join("/");
    if route.auth {
        let prefix = if route.version == Version::V1 { "/v1" } else { "/v2" };
        let (status, value) = walk.sandbox.request(&Request {
            method: route.method.to_owned(),
            path: format!("{prefix}{path}"),
            ..Request::default()
        });
        assert_eq!(status, 401, "{} {}: {value}", route.method, route.path);
        walk.keep(route.version, route.method, &path, status, &value);
    }
    if route.version == Version::V1 {
        return;
    }
    walk.v2(route.method, &path, "not json", 400);
    if route.auth && route.path != "/payment-sessions/{sessionId}/close" {
        let body = r#"{"storeId":"nope","filter":{"storeId":"nope"},"payment":{"storeId":"nope"}}"#;
        walk.v2(route.method, &format!("{path}?storeId=nope"), body, 403);
    }
}

fn walk_v2(walk: &mut Walk) {
    let secret = danmal::sandbox::catalog::V2_SECRET;
    let tokens = walk.v2("POST", "/login/api-secret", &format!(r#"{{"apiSecret":"{secret}"}}"#), 200);
    walk.v2("POST", "/login/api-secret", r#"{"apiSecret":"wrong"}"#, 401);
    walk.v2("POST", "/login/api-secret", "{}", 400);
    let refresh = text(&tokens["refreshToken"]);
    walk.v2("POST", "/token/refresh", &format!(r#"{{"refreshToken":"{refresh}"}}"#), 200);
    walk.v2("POST", "/token/refresh", &format!(r#"{{"refreshToken":"{refresh}"}}"#), 401);
    walk.v2("POST", "/token/refresh", "[]", 400);
    walk.v2("GET", "/banks", "", 200);

    // Key-in, in every way it can end.
    walk.v2("POST", "/payments/w1/instant", &instant(1, GOOD, 33_000), 200);
    walk.v2("POST", "/payments/w1/instant", &instant(1, GOOD, 33_000), 409);
    walk.v2("POST", "/payments/w2/instant", &instant(1, "4000111122220001", 33_000), 502);
    walk.v2("POST", "/payments/w2/instant", &instant(1, GOOD, 33_000), 200);
    walk.v2("POST", "/payments/w3/instant", &instant(99, GOOD, 33_000), 404);
    walk.v2("POST", "/payments/w3/instant", "{}", 400);
    walk.v2("POST", "/payments/w3/instant", "not json", 400);
    let foreign = instant(1, GOOD, 1_000).replacen('{', r#"{"storeId":"store-x","#, 1);
    walk.v2("POST", "/payments/w3/instant", &foreign, 403);
    let parts = instant(1, GOOD, 1_000).replace(r#""total":1000"#, r#""total":1000,"taxFree":900,"vat":101"#);
    walk.v2("POST", "/payments/w3/instant", &parts, 409);
    walk.v2("POST", "/payments/pend/instant", &instant(1, "4000111122220042", 5_000), 200);
    walk.v2("GET", "/payments/pend", "", 200);
    let rich = instant(4, GOOD, 110_000).replacen(
        '{',
        r#"{"customData":"{\"a\":1}","country":"KR","isCulturalExpense":true,"isEscrow":true,"productCount":2,
           "products":[{"id":"p","name":"상품","amount":55000,"quantity":2,"tag":"t"}],"promotionId":"promotion-1","#,
        1,
    );
    walk.v2("POST", "/payments/rich01/instant", &rich, 200);
    walk.v2("GET", "/payments/rich01", "", 200);
    let account = format!(
        r#"{{"channelKey":"{}","orderName":"강의 수강료","amount":{{"total":120000}},"currency":"KRW","customer":{},
        "method":{{"virtualAccount":{{"bank":"SHINHAN","expiry":{{"dueDate":"2026-03-05T23:59:59+09:00"}},
        "option":{{"type":"NORMAL"}},"cashReceipt":{{"type":"PERSONAL","customerIdentityNumber":"01050006000"}}}}}}}}"#,
        channel(1),
        customer()
    );
    walk.v2("POST", "/payments/va1/instant", &account, 200);
    walk.v2("GET", "/payments/va1", "", 200);
    walk.v2("GET", "/payments/va1/transactions", "", 200);
    walk.v2("POST", "/payments/va1/cancel", r#"{"reason":"x"}"#, 409);
    walk.v2("POST", "/payments/va1/virtual-account/close", "", 200);
    walk.v2("POST", "/payments/va1/virtual-account/close", "", 409);
    walk.v2("POST", "/payments/nope/virtual-account/close", "", 404);
    walk.v2("POST", "/payments/va2/instant", &account, 200);
    walk.v2("GET", "/payments/va2/cash-receipt", "", 404);
    walk.sandbox.app.change(|state| {
        let at = state.find_payment(0, "va2").unwrap();
        assert!(danmal::sandbox::charge::deposit(state, at, Some("박도윤".into())));
        let receipt = state.receipt_for(0, "va2").unwrap();
        let now = state.now();
        state.change_receipt(receipt, |receipt| receipt.issued = now);
    });
    walk.v2("GET", "/payments/va2", "", 200);
    walk.v2("GET", "/payments/va2/cash-receipt", "", 200);
    walk.v2("POST", "/payments/va2/cash-receipt/cancel", "", 200);
    walk.v2("POST", "/payments/va2/cash-receipt/cancel", "", 404);
    walk.v2("GET", "/payments/va2/cash-receipt", "", 200);
    walk.v2("POST", "/payments/va2/cancel", r#"{"reason":"계좌 없음"}"#, 502);
    let refund =
        r#"{"reason":"환불","refundAccount":{"bank":"KOOKMIN","number":"1234","holderName":"박도윤"}}"#;
    walk.v2("POST", "/payments/va2/cancel", refund, 200);
    walk.v2("GET", "/payments/va2", "", 200);
    walk_v2_receipts(walk);
    walk_v2_cancels(walk);
    walk_v2_keys(walk);
    walk_v2_lists(walk);
    walk_v2_sessions(walk);
    walk_v2_rarities(walk);
}

/// Refusals that take some doing.
fn walk_v2_rarities(walk: &mut Walk) {
    walk.v2("GET", "/payments/nope", "", 404);
    walk.v2("POST", "/payments/nope/cancellations/nope/stop", "{}", 404);
    // As many tries on one payment as it may have.
    for _ in 0..50 {
        walk.v2("POST", "/payments/tired/instant", &instant(1, "4000111122220001", 1_000), 502);
    }
    walk.v2("POST", "/payments/tired/instant", &instant(1, GOOD, 1_000), 400);
    let issued = |walk: &mut Walk| {
        text(&walk.v2("POST", "/billing-keys", &issue(1, GOOD), 200)["billingKeyInfo"]["billingKey"])
    };
    let (key, gone) = (issued(walk), issued(walk));
    walk.v2("DELETE", &format!("/billing-keys/{gone}"), "", 200);
    let charge = |key: &str, more: &str| {
        format!(
            r#"{{"billingKey":"{key}",{more}"orderName":"n","amount":{{"total":1000,"taxFree":900}},"currency":"KRW"}}"#
        )
    };
    let wrong = |body: &str| body.replace(r#""taxFree":900"#, r#""taxFree":900,"vat":101"#);
    let path = "/payments/rare/billing-key";
    walk.v2("POST", "/payments/tired/billing-key", &charge(&key, ""), 400);
    walk.v2("POST", path, &charge(&gone, ""), 409);
    walk.v2("POST", path, &charge(&key, &format!(r#""channelKey":"{}","#, channel(2))), 404);
    walk.v2("POST", path, &wrong(&charge(&key, "")), 409);
    let at = crate::common::START + 300 * 86_400;
    let at = danmal::sandbox::clock::rfc3339(at);
    let plan = |payment: &str| format!(r#"{{"payment":{payment},"timeToPay":"{at}"}}"#);
    walk.v2("POST", "/payments/rare/schedule", &plan(&charge(&gone, "")), 409);
    walk.v2("POST", "/payments/rare/schedule", &wrong(&plan(&charge(&key, ""))), 409);
    walk.v2("POST", "/payments/rare/schedule", &plan(&charge(&key, "")), 200);
    walk.v2("POST", path, &charge(&key, ""), 409);
    let revoke = |key: &str| {
        format!("/payment-schedules?requestBody={}", encode(&format!(r#"{{"billingKey":"{key}"}}"#)))
    };
    walk.v2("DELETE", &revoke("nope"), "", 404);
    walk.v2("DELETE", &revoke(&gone), "", 409);
    walk.v2("DELETE", &revoke(&key), "", 200);
    // 100 of it are taxed, so that 200 taxed cannot go back.
    walk.v2("POST", path, &charge(&key, ""), 200);
    walk.v2("POST", "/payments/rare/cancel", r#"{"reason":"r","amount":200,"taxFreeAmount":0}"#, 409);
    // KSNET gives parts back nine times.
    walk.v2("POST", "/payments/parts/instant", &instant(5, GOOD, 1_000), 200);
    for want in [200, 200, 200, 200, 200, 200, 200, 200, 200, 409] {
        walk.v2("POST", "/payments/parts/cancel", r#"{"reason":"r","amount":1}"#, want);
    }
}

fn walk_v2_receipts(walk: &mut Walk) {
    let body = format!(
        r#"{{"paymentId":"cash1","channelKey":"{}","type":"CORPORATE","orderName":"현금 판매","currency":"KRW",
        "amount":{{"total":33000}},"customer":{{"identityNumber":"1234567891"}}}}"#,
        channel(1)
    );
    walk.v2("POST", "/cash-receipts", &body, 200);
    walk.v2("POST", "/cash-receipts", &body, 409);
    walk.v2("POST", "/cash-receipts", &body.replace("0000000001", "0000000099"), 404);
    walk.v2("POST", "/cash-receipts", "{}", 400);
    walk.v2("GET", "/payments/cash1/cash-receipt", "", 200);
    walk.v2("GET", "/payments/nope/cash-receipt", "", 404);
    walk.v2("GET", "/cash-receipts", "", 200);
    walk.v2("POST", "/payments/nope/cash-receipt/cancel", "", 404);
    walk.v2("GET", "/cash-receipts", r#"{"page":{"size":-1}}"#, 400);
}

fn walk_v2_cancels(walk: &mut Walk) {
    walk.v2(
        "POST",
        "/payments/w1/cancel",
        r#"{"reason":"r","amount":11000,"currentCancellableAmount":1}"#,
        409,
    );
    walk.v2("POST", "/payments/w1/cancel", r#"{"reason":"r","amount":33001}"#, 409);
    walk.v2("POST", "/payments/w1/cancel", r#"{"reason":"r","amount":100,"taxFreeAmount":1}"#, 409);
    walk.v2(
        "POST",
        "/payments/w1/cancel",
        r#"{"reason":"r","amount":100,"taxFreeAmount":60,"vatAmount":60}"#,
        409,
    );
    walk.v2("POST", "/payments/w1/cancel", r#"{"amount":100}"#, 400);
    walk.v2(
        "POST",
        "/payments/w1/cancel",
        r#"{"reason":"r","amount":11000,"currentCancellableAmount":33000}"#,
        200,
    );
    walk.v2("GET", "/payments/w1", "", 200);
    walk.v2("POST", "/payments/w1/cancel", r#"{"reason":"r"}"#, 200);
    walk.v2("POST", "/payments/w1/cancel", r#"{"reason":"r","amount":1}"#, 409);
    walk.v2("GET", "/payments/w1/transactions", "", 200);
    walk.v2("GET", "/payments/w2/transactions", "", 200);
    walk.v2("GET", "/payments/nope/transactions", "", 404);
    walk.v2("POST", "/payments/nope/cancel", r#"{"reason":"r"}"#, 404);
    for (id, last4) in [("cf", "0050"), ("cl", "0051"), ("cx", "0052"), ("cr", "0053")] {
        walk.v2(
            "POST",
            &format!("/payments/{id}/instant"),
            &instant(1, &format!("400011112222{last4}"), 9_000),
            200,
        );
        let want = if id == "cr" { 502 } else { 200 };
        walk.v2("POST", &format!("/payments/{id}/cancel"), r#"{"reason":"r"}"#, want);
        walk.v2("GET", &format!("/payments/{id}"), "", 200);
    }
    let stop = |id: &str| format!("/payments/cl/cancellations/{id}/stop");
    walk.v2("POST", &stop("nope"), "{}", 404);
    let pending = text(&walk.v2("GET", "/payments/cl", "", 200)["cancellations"][0]["id"]);
    walk.v2("POST", &stop(&pending), "{}", 502);
    walk.v2("POST", "/payments/ta/instant", &instant(11, GOOD, 9_000), 200);
    let asked = walk.v2("POST", "/payments/ta/cancel", r#"{"reason":"r"}"#, 200);
    assert_eq!(asked["cancellation"]["status"], "REQUESTED");
    let path = format!("/payments/ta/cancellations/{}/stop", text(&asked["cancellation"]["id"]));
    walk.v2("POST", &path, "{}", 200);
    walk.v2("POST", &path, "{}", 409);
    walk.sandbox.advance(61);
    assert_eq!(walk.v2("GET", "/payments/cl", "", 200)["status"], "CANCELLED");
    assert_eq!(walk.v2("GET", "/payments/cx", "", 200)["status"], "PAID");
    walk.v2("POST", "/payments/w2/resend-webhook", "{}", 404);
    walk.v2("POST", "/payments/nope/resend-webhook", "{}", 404);
    let hooked = instant(1, GOOD, 5_000).replacen('{', r#"{"noticeUrls":["http://127.0.0.1:9/hook"],"#, 1);
    walk.v2("POST", "/payments/wh/instant", &hooked, 200);
    for _ in 0..10 {
        walk.v2("POST", "/payments/wh/resend-webhook", "{}", 200);
    }
    walk.v2("POST", "/payments/wh/resend-webhook", "{}", 400);
    walk.v2("GET", "/payments/wh", "", 200);
    walk.v2("POST", "/payments/new1/pre-register", r#"{"totalAmount":1000,"currency":"KRW"}"#, 200);
    walk.v2("POST", "/payments/w2/pre-register", "{}", 409);
    walk.v2("POST", "/payments/new2/pre-register", r#"{"currency":"XXX1"}"#, 400);
}

fn walk_v2_keys(walk: &mut Walk) {
    let made = walk.v2("POST", "/billing-keys", &issue(1, GOOD), 200);
    let key = text(&made["billingKeyInfo"]["billingKey"]);
    walk.v2("POST", "/billing-keys", &issue(1, "4000111122220001"), 502);
    walk.v2("POST", "/billing-keys", &issue(99, GOOD), 404);
    walk.v2("POST", "/billing-keys", "{}", 400);
    let group = danmal::sandbox::catalog::GROUPS[0].id;
    let by_group = |number: &str| {
        format!(
            r#"{{"channelGroupId":"{group}","customer":{},"method":{{"card":{}}}}}"#,
            customer(),
            card(number)
        )
    };
    let super_key =
        text(&walk.v2("POST", "/billing-keys", &by_group(GOOD), 200)["billingKeyInfo"]["billingKey"]);
    walk.v2("POST", "/billing-keys", &by_group("4000111122220002"), 502);
    walk.v2("GET", &format!("/billing-keys/{super_key}"), "", 200);
    // Channels that refuse the key, or keep it.
    for (number, ends) in [
        ("4000111122220043", &[200][..]),
        ("4000111122220044", &[502, 502]),
        ("4000111122220045", &[502, 200]),
    ] {
        let made = walk.v2("POST", "/billing-keys", &by_group(number), 200);
        let key = text(&made["billingKeyInfo"]["billingKey"]);
        walk.v2("GET", &format!("/billing-keys/{key}"), "", 200);
        for end in ends {
            walk.v2("DELETE", &format!("/billing-keys/{key}"), "", *end);
        }
    }
    let kept = walk.v2("POST", "/billing-keys", &issue(1, "4000111122220044"), 200);
    walk.v2("DELETE", &format!("/billing-keys/{}", text(&kept["billingKeyInfo"]["billingKey"])), "", 502);
    walk.v2("GET", &format!("/billing-keys/{key}"), "", 200);
    walk.v2("GET", "/billing-keys/nope", "", 404);
    walk.v2("GET", &format!("/billing-keys/{key}?storeId=nope"), "", 403);
    let charge = |key: &str| {
        format!(
            r#"{{"billingKey":"{key}","orderName":"월 구독료","amount":{{"total":9900}},"currency":"KRW"}}"#
        )
    };
    walk.v2("POST", "/payments/bk1/billing-key", &charge(&key), 200);
    walk.v2("GET", "/payments/bk1", "", 200);
    walk.v2("POST", "/payments/bk1/billing-key", &charge(&key), 409);
    walk.v2("POST", "/payments/bk2/billing-key", &charge("nope"), 404);
    walk.v2("POST", "/payments/bk2/billing-key", "{}", 400);
    let weak = text(
        &walk.v2("POST", "/billing-keys", &issue(1, "4000111122220040"), 200)["billingKeyInfo"]["billingKey"],
    );
    walk.v2("POST", "/payments/bk2/billing-key", &charge(&weak), 502);
    let plan = |key: &str, at: &str| format!(r#"{{"payment":{},"timeToPay":"{at}"}}"#, charge(key));
    let schedule = |walk: &mut Walk, id: &str, key: &str, at: &str| {
        let made = walk.v2("POST", &format!("/payments/{id}/schedule"), &plan(key, at), 200);
        text(&made["schedule"]["id"])
    };
    let first = schedule(walk, "s1", &key, "2026-04-01T10:00:00+09:00");
    let second = schedule(walk, "s2", &key, "2026-04-02T10:00:00+09:00");
    let failing = schedule(walk, "s3", &weak, "2026-03-02T10:00:00+09:00");
    walk.v2("POST", "/payments/s1/schedule", &plan(&key, "2026-04-01T10:00:00+09:00"), 409);
    walk.v2("POST", "/payments/bk1/schedule", &plan(&key, "2026-04-01T10:00:00+09:00"), 409);
    walk.v2("POST", "/payments/s9/schedule", &plan(&key, "2026-02-01T10:00:00+09:00"), 400);
    walk.v2("POST", "/payments/s9/schedule", &plan("nope", "2026-04-01T10:00:00+09:00"), 404);
    walk.v2("POST", "/payments/s1/instant", &instant(1, GOOD, 1_000), 409);
    walk.v2("DELETE", &format!("/billing-keys/{key}"), "", 409);
    let revoke = |body: &str| format!("/payment-schedules?requestBody={}", encode(body));
    walk.v2("DELETE", &revoke(&format!(r#"{{"scheduleIds":["{first}"]}}"#)), "", 200);
    walk.v2("DELETE", &revoke(&format!(r#"{{"scheduleIds":["{first}"]}}"#)), "", 409);
    walk.v2("DELETE", &revoke(r#"{"scheduleIds":["nope"]}"#), "", 404);
    walk.v2("DELETE", &revoke("{}"), "", 400);
    let window = r#"{"filter":{"from":"2026-01-01T00:00:00Z","until":"2026-12-31T00:00:00Z"}}"#;
    walk.v2("GET", &revoke(window), "", 200);
    walk.sandbox.advance(86_400 + 3_600 * 2);
    assert_eq!(walk.v2("GET", &format!("/payment-schedules/{failing}"), "", 200)["status"], "FAILED");
    walk.v2("GET", "/payments/s3", "", 200);
    walk.sandbox.advance(32 * 86_400);
    assert_eq!(walk.v2("GET", &format!("/payment-schedules/{second}"), "", 200)["status"], "SUCCEEDED");
    walk.v2("GET", "/payments/s2", "", 200);
    walk.v2("DELETE", &revoke(&format!(r#"{{"scheduleIds":["{second}"]}}"#)), "", 409);
    walk.v2("GET", "/payment-schedules/nope", "", 404);
    walk.v2("GET", &revoke(window), "", 200);
    walk.v2("GET", &revoke(r#"{"sort":{"by":"NOPE"}}"#), "", 400);
    walk.v2("DELETE", &format!("/billing-keys/{key}"), "", 200);
    walk.v2("DELETE", &format!("/billing-keys/{key}"), "", 409);
    walk.v2("DELETE", "/billing-keys/nope", "", 404);
    walk.v2("GET", &format!("/billing-keys/{key}"), "", 200);
}

fn walk_v2_lists(walk: &mut Walk) {
    let list = |path: &str, body: &str| format!("{path}?requestBody={}", encode(body));
    walk.v2("GET", &list("/payments", r#"{"page":{"number":0,"size":100}}"#), "", 200);
    walk.v2("GET", &list("/payments", r#"{"page":{"number":60000,"size":1}}"#), "", 400);
    walk.v2("GET", &list("/payments", r#"{"filter":{"storeId":"nope"}}"#), "", 403);
    walk.v2("GET", &list("/payments", r#"{"filter":{"textSearch":[{"field":"ALL","value":"w"}]}}"#), "", 200);
    walk.v2("GET", &list("/billing-keys", r#"{"page":{"size":100}}"#), "", 200);
    walk.v2("GET", &list("/billing-keys", r#"{"filter":{"status":["X"]}}"#), "", 400);
    walk.v2("GET", &list("/payments-by-cursor", r#"{"size":1000}"#), "", 200);
    walk.v2("GET", &list("/payments-by-cursor", r#"{"size":1001}"#), "", 400);
    walk.v2("GET", &list("/payment-events-by-cursor", r#"{"size":1000}"#), "", 200);
    walk.v2("GET", &list("/payment-events-by-cursor", r#"{"cursor":"not ours"}"#), "", 400);
}

fn walk_v2_sessions(walk: &mut Walk) {
    let body = format!(
        r#"{{"storeId":"{}","paymentId":"sess1","profileKey":"profile-sandbox","country":"US","currency":"USD",
        "totalAmount":1500,"orderName":"Gift","customerName":"A","products":[{{"name":"x","unitPrice":1500,"quantity":1}}],
        "agreements":[{{"name":"t","url":"https://example.com"}}],"colors":{{"primary":"red"}}}}"#,
        danmal::sandbox::catalog::STORES[0].id
    );
    let made = walk.v2("POST", "/payment-sessions", &body, 200);
    let path = format!("/payment-sessions/{}", text(&made["sessionId"]));
    walk.v2("GET", &path, "", 200);
    walk.v2("POST", "/payment-sessions", "{}", 400);
    walk.v2("POST", "/payment-sessions", &body.replacen('{', r#"{"ttlSeconds":99999999,"#, 1), 400);
    walk.v2("GET", "/payment-sessions/nope", "", 404);
    walk.v2("POST", &format!("{path}/close"), "", 200);
    walk.v2("GET", &path, "", 410);
    walk.v2("POST", "/payment-sessions/nope/close", "", 404);
    let evaluate = "/checkout-profiles/evaluate?country=US&currency=USD&amount=100&profileKey=";
    walk.v2("GET", &format!("{evaluate}profile-sandbox"), "", 200);
    walk.v2("GET", &format!("{evaluate}nope"), "", 404);
    walk.v2("GET", "/checkout-profiles/evaluate", "", 400);
}

fn walk_v1(walk: &mut Walk) {
    let (key, secret) = (danmal::sandbox::catalog::V1_KEY, danmal::sandbox::catalog::V1_SECRET);
    walk.v1("POST", "/users/getToken", &format!("imp_key={key}&imp_secret={secret}"), 200);
    walk.v1("POST", "/users/getToken", "imp_key=a&imp_secret=b", 401);
    walk.v1("GET", "/users/pg", "", 200);
    let onetime = |uid: &str, number: &str, more: &str| {
        format!("merchant_uid={uid}&amount=55000&name=관리비&{}&{V1_BUYER}{more}", v1_card(number))
    };
    let path = "/subscribe/payments/onetime";
    let paid = walk.v1_ok("POST", path, &onetime("m1", GOOD, ""));
    let imp_uid = text(&paid["response"]["imp_uid"]);
    walk.v1("POST", path, &onetime("m1", GOOD, ""), 200);
    let failed = walk.v1("POST", path, &onetime("m2", "4000111122220001", ""), 200);
    assert_eq!((&failed["code"], &failed["response"]["status"]), (&Value::from(0), &Value::from("failed")));
    let refused = walk.v1("POST", path, &onetime("m3", "4000111122220007", ""), 200);
    assert_eq!((&refused["code"], &refused["response"]), (&Value::from(-1), &Value::Null));
    walk.v1("POST", path, &onetime("m4", GOOD, "&customer_uid=u0&card_quota=3&custom_data=x"), 200);
    walk.v1("GET", &format!("/payments/{imp_uid}?include_sandbox=true&extension=true"), "", 200);
    walk.v1("GET", &format!("/payments/{imp_uid}"), "", 404);
    walk.v1("GET", &format!("/payments?imp_uid[]={imp_uid}&merchant_uid[]=m2"), "", 200);
    walk.v1("GET", &format!("/payments?imp_uid%5B%5D={imp_uid}&merchant_uid[]=nope"), "", 207);
    walk.v1("GET", "/payments?merchant_uid[]=nope", "", 404);
    walk.v1("GET", "/payments/find/m1/paid", "", 200);
    walk.v1("GET", "/payments/find/m1/", "", 200);
    walk.v1("GET", "/payments/find/nope/paid", "", 404);
    walk.v1("GET", "/payments/findAll/m1/paid", "", 200);
    walk.v1("GET", "/payments/findAll/m1", "", 200);
    walk.v1("GET", "/payments/findAll/nope/paid", "", 404);
    walk.v1("GET", "/payments/findAll/m1/nope", "", 400);
    walk.v1("GET", "/payments/status/all?limit=2", "", 200);
    walk.v1("GET", "/payments/status/all?page=99", "", 400);
    walk.v1("GET", "/payments/status/nope", "", 400);
    walk.v1("GET", &format!("/payments/{imp_uid}/balance"), "", 405);
    walk.v1("GET", "/payments/nope/balance", "", 404);
    // PAYCO has no key-in; a balance can only be asked of it, so this one charge goes round the PG's rules.
    walk.sandbox.app.state().settings.pg_rules = false;
    let payco = walk.v1_ok("POST", path, &onetime("m5", GOOD, "&pg=payco"));
    walk.sandbox.app.state().settings.pg_rules = true;
    walk.v1("GET", &format!("/payments/{}/balance", text(&payco["response"]["imp_uid"])), "", 200);
    walk.v1("POST", "/payments/cancel", &format!("imp_uid={imp_uid}&amount=20000&checksum=55000"), 200);
    walk.v1("POST", "/payments/cancel", &format!("imp_uid={imp_uid}&amount=20000&checksum=55000"), 200);
    walk.v1("GET", "/payments/find/m1/cancelled", "", 200);
    walk.v1("POST", "/payments/prepare", "merchant_uid=pre&amount=1000", 200);
    walk.v1("POST", "/payments/prepare", "merchant_uid=pre&amount=1000", 200);
    walk.v1("PUT", "/payments/prepare", "merchant_uid=pre&amount=2000", 200);
    walk.v1("PUT", "/payments/prepare", "merchant_uid=nope&amount=2000", 404);
    walk.v1("GET", "/payments/prepare/pre", "", 200);
    walk.v1("GET", "/payments/prepare/nope", "", 404);
    for path in ["/cards", "/banks", "/cards/366", "/banks/088"] {
        walk.v1("GET", path, "", 200);
    }
    walk.v1("GET", "/cards/nope", "", 404);
    walk.v1("GET", "/banks/nope", "", 404);
    walk_v1_accounts(walk);
    walk_v1_keys(walk);
}

fn walk_v1_accounts(walk: &mut Walk) {
    let due = crate::common::START + 60 * 86_400;
    let body = |uid: &str, no: u8| {
        let key = channel(no);
        format!(
            "channel_key={key}&merchant_uid={uid}&amount=30000&vbank_code=088&vbank_due={due}&vbank_holder=박도윤&name=강의&{V1_BUYER}"
        )
    };
    let made = walk.v1_ok("POST", "/vbanks", &body("vb1", 29));
    let uid = text(&made["response"]["imp_uid"]);
    walk.v1("PUT", &format!("/vbanks/{uid}"), "amount=40000", 200);
    walk.v1("POST", &format!("/receipts/{uid}"), "identifier=01000000000", 400);
    let card_uid = text(&walk.v1("GET", "/payments/find/m4", "", 200)["response"]["imp_uid"]);
    walk.v1("POST", &format!("/receipts/{card_uid}"), "identifier=01000000000", 501);
    walk.sandbox.app.change(|state| {
        let at = state.find_tx(&uid).unwrap();
        assert!(danmal::sandbox::charge::deposit(state, at, None));
    });
    walk.v1("PUT", &format!("/vbanks/{uid}"), "amount=40000", 400);
    walk.v1("PUT", "/vbanks/nope", "amount=40000", 404);
    walk.v1("GET", &format!("/receipts/{uid}"), "", 404);
    walk.v1("POST", &format!("/receipts/{uid}"), "identifier=01000000000&type=person", 200);
    walk.v1("POST", &format!("/receipts/{uid}"), "identifier=01000000000", 400);
    walk.v1("GET", &format!("/receipts/{uid}"), "", 200);
    walk.v1("DELETE", &format!("/receipts/{uid}"), "", 200);
    walk.v1("DELETE", &format!("/receipts/{uid}"), "", 400);
    let second = text(&walk.v1_ok("POST", "/vbanks", &body("vb2", 21))["response"]["imp_uid"]);
    walk.v1("DELETE", &format!("/vbanks/{second}"), "", 200);
    walk.v1("DELETE", &format!("/vbanks/{second}"), "", 400);
    walk.v1("DELETE", "/vbanks/nope", "", 404);
    let outside = format!("channel_key={}&name=현금&amount=10000&identifier=01000000000", channel(21));
    let path = "/receipts/external/cash2";
    walk.v1("GET", path, "", 404);
    walk.v1("POST", path, &outside, 200);
    walk.v1("POST", path, &outside, 400);
    walk.v1("GET", path, "", 200);
    walk.v1("DELETE", path, "", 200);
    walk.v1("DELETE", path, "", 400);
    walk.v1("DELETE", "/receipts/external/nope", "", 404);
}

fn walk_v1_keys(walk: &mut Walk) {
    let person = "customer_name=김하늘&customer_tel=01020003000&customer_email=sky@example.com";
    let issue = |number: &str| format!("channel_key={}&{}&{person}", channel(21), v1_card(number));
    walk.v1_ok("POST", "/subscribe/customers/u1", &issue(GOOD));
    walk.v1("POST", "/subscribe/customers/u2", &issue("4000111122220001"), 200);
    let group = danmal::sandbox::catalog::GROUPS[1].id;
    let body = format!("channel_group_id={group}&{}&{person}", v1_card(GOOD));
    walk.v1_ok("POST", "/subscribe/customers/super", &body);
    let body = format!("channel_group_id={group}&{}&{person}", v1_card("4000111122220043"));
    walk.v1_ok("POST", "/subscribe/customers/half", &body);
    walk.v1_ok("POST", "/subscribe/customers/kept", &issue("4000111122220044"));
    walk.v1("DELETE", "/subscribe/customers/kept", "", 200);
    walk.v1("GET", "/subscribe/customers/super", "", 200);
    walk.v1("GET", "/subscribe/customers/u1", "", 200);
    walk.v1("GET", "/subscribe/customers/nope", "", 200);
    walk.v1("GET", "/subscribe/customers?customer_uid[]=u1&customer_uid[]=super", "", 200);
    walk.v1("GET", "/subscribe/customers?customer_uid[]=u1&customer_uid[]=nope", "", 207);
    walk.v1("GET", "/subscribe/customers?customer_uid[]=nope", "", 404);
    let again = |uid: &str| format!("customer_uid=u1&merchant_uid={uid}&amount=9900&name=구독");
    walk.v1("POST", "/subscribe/payments/again", &again("a1"), 200);
    walk.v1("POST", "/subscribe/payments/again", &again("a1"), 200);
    walk.v1("GET", "/subscribe/customers/u1/payments", "", 200);
    walk.v1("GET", "/subscribe/customers/nope/payments", "", 404);
    let start = walk.sandbox.app.state().now();
    let plan = |key: &str, card: &str| {
        let card = if card.is_empty() {
            String::new()
        } else {
            format!(r#""card_number":"{card}","expiry":"2029-05","#)
        };
        format!(
            r#"{{"customer_uid":"{key}",{card}"checking_amount":100,"schedules":[
            {{"merchant_uid":"{key}-1","schedule_at":{},"amount":9900,"currency":"KRW","name":"구독"}},
            {{"merchant_uid":"{key}-2","schedule_at":{},"amount":9900,"currency":"KRW","name":"구독"}}]}}"#,
            start + 100,
            start + 86_400
        )
    };
    let path = "/subscribe/payments/schedule";
    walk.v1_ok("POST", path, &plan("u1", ""));
    walk.v1("POST", path, &plan("u1", ""), 200);
    walk.v1("POST", path, &plan("nobody", ""), 200);
    // A key whose charges are declined, issued by the call itself.
    let failing = plan("u3", "4000-1111-2222-0040").replace(r#""checking_amount":100,"#, "").replacen(
        '{',
        r#"{"birth":"880214","pwd_2digit":"12","customer_name":"김하늘","#,
        1,
    );
    walk.v1_ok("POST", path, &failing);
    let list = format!("{path}?schedule_from={start}&schedule_to={}", start + 30 * 86_400);
    walk.v1("GET", &list, "", 200);
    walk.v1("GET", path, "", 400);
    for by_key in ["/subscribe/customers/u1/schedules", "/subscribe/payments/schedule/customers/u1"] {
        walk.v1(
            "GET",
            &format!("{by_key}?from={start}&to={}&schedule-status=scheduled", start + 86_401),
            "",
            200,
        );
        walk.v1("GET", by_key, "", 400);
    }
    walk.v1("GET", &format!("{path}/u1-1"), "", 200);
    walk.v1("GET", &format!("{path}/nope"), "", 404);
    walk.v1("PUT", &format!("{path}/u1-2"), &format!("schedule_at={}", start + 90_000), 200);
    walk.v1("PUT", &format!("{path}/u1-2"), "", 400);
    walk.v1("PUT", &format!("{path}/nope"), &format!("schedule_at={}", start + 90_000), 404);
    walk.v1("POST", &format!("{path}/u1-1/retry"), "", 400);
    walk.v1("POST", &format!("{path}/nope/retry"), "", 404);
    walk.sandbox.advance(200);
    walk.v1("GET", &format!("{path}/u1-1"), "", 200);
    walk.v1("GET", &format!("{path}/u3-1"), "", 200);
    walk.v1("PUT", &format!("{path}/u1-1"), &format!("schedule_at={}", start + 90_000), 400);
    let retried = walk.v1("POST", &format!("{path}/u3-1/retry"), "", 200);
    assert_eq!(retried["response"]["status"], "failed");
    walk.v1("POST", &format!("{path}/u3-1/reschedule"), &format!("schedule_at={}", start + 90_000), 200);
    walk.v1("POST", &format!("{path}/u3-1/reschedule"), &format!("schedule_at={}", start + 90_000), 400);
    walk.v1("POST", &format!("{path}/nope/reschedule"), &format!("schedule_at={}", start + 90_000), 404);
    walk.v1("POST", "/subscribe/payments/unschedule", "customer_uid=u1&merchant_uid[]=u1-2", 200);
    walk.v1("POST", "/subscribe/payments/unschedule", "customer_uid=u1", 200);
    walk.v1("GET", &list, "", 200);
    walk.v1("DELETE", "/subscribe/customers/u1?reason=x", "", 200);
    walk.v1("DELETE", "/subscribe/customers/u1", "", 200);
}

/// A missing key as the V1 schema has it; the walk itself meets what the live service was seen to do.
pub fn walk_missing_key_404(walk: &mut Walk) {
    walk.sandbox.app.state().settings.v1_missing_key_404 = true;
    walk.v1("GET", "/subscribe/customers/nope", "", 404);
    walk.v1("DELETE", "/subscribe/customers/nope", "", 404);
    walk.sandbox.app.state().settings.v1_missing_key_404 = false;
}

/// The whole walk.
pub fn walked() -> Walk {
    let mut walk = Walk { sandbox: Sandbox::new(&[]), seen: Vec::new() };
    walk_v2(&mut walk);
    walk_v1(&mut walk);
    for route in ROUTES {
        walk_refusals(&mut walk, route);
    }
    walk
}
