//! Nothing a client sends crashes the sandbox or makes it repeat card data.

use danmal::sandbox::catalog::V2_SECRET;
use danmal::sandbox::http::Request;
use danmal::sandbox::model::Version;
use danmal::sandbox::route::ROUTES;
use proptest::prelude::*;
use serde_json::Value;

use crate::common::{Sandbox, channel, instant, issue, v1_card};

/// A number no test expects anywhere: if these digits come back, card data was repeated.
const SECRET: &str = "4929871234565678";

/// Bodies that are right for some operation, to be cut, bent and sent to all of them.
fn seeds() -> Vec<String> {
    vec![
        instant(1, SECRET, 1_000),
        issue(1, SECRET),
        format!("merchant_uid=m&amount=100&customer_uid=u&{}", v1_card(SECRET)),
        format!(
            r#"{{"customer_uid":"u","card_number":"{SECRET}","expiry":"2029-05","schedules":[{{"merchant_uid":"x","schedule_at":1772400000,"amount":1,"name":"n"}}]}}"#
        ),
        r#"{"payment":{"billingKey":"k","orderName":"n","amount":{"total":1},"currency":"KRW"},"timeToPay":"2026-04-01T00:00:00Z"}"#.to_owned(),
        r#"{"reason":"r","amount":9223372036854775807,"taxFreeAmount":9223372036854775807,"vatAmount":1}"#.to_owned(),
        r#"{"page":{"number":9223372036854775807,"size":10},"filter":{"from":"9999-12-31T23:59:59Z"}}"#.to_owned(),
        format!(r#"{{"billingKey":"{}","scheduleIds":["a","b"]}}"#, channel(1)),
        "schedule_at=99999999999&vbank_due=4294967295&page=18446744073709551615".to_owned(),
    ]
}

fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let cut = (prop::sample::select(seeds()), any::<prop::sample::Index>()).prop_map(|(text, at)| {
        let mut bytes = text.into_bytes();
        bytes.truncate(at.index(bytes.len() + 1));
        bytes
    });
    let bent = (prop::sample::select(seeds()), any::<prop::sample::Index>(), any::<u8>()).prop_map(
        |(text, at, byte)| {
            let mut bytes = text.into_bytes();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            bytes
        },
    );
    let swapped = (
        prop::sample::select(seeds()),
        prop::sample::select(vec!["null", "-1", "[]", "{}", "\"\"", "1e400", "true"]),
    )
        .prop_map(|(text, value)| text.replace("1000", value).replace(r#""KRW""#, value).into_bytes());
    prop_oneof![
        prop::sample::select(seeds()).prop_map(String::into_bytes),
        cut,
        bent,
        swapped,
        any::<Vec<u8>>()
    ]
}

fn send(
    sandbox: &Sandbox,
    token: &str,
    version: Version,
    method: &str,
    path: &str,
    query: &str,
    body: &[u8],
) -> (u16, String) {
    let credential = match version {
        Version::V1 => token.to_owned(),
        Version::V2 => format!("PortOne {V2_SECRET}"),
    };
    let reply = sandbox.app.call(&Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        authorization: Some(credential),
        body: body.to_vec(),
        ..Request::default()
    });
    (reply.status, reply.body)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_route_survives_every_body(body in bodies(), id in "[a-zA-Z0-9%/._ ]{0,12}|\\PC{0,6}", query in "\\PC{0,40}") {
        let sandbox = Sandbox::new(&["--seed", "20"]);
        let token = sandbox.token();
        for route in ROUTES {
            let path: Vec<String> = route.path.split('/').map(|segment| {
                if segment.starts_with('{') { crate::common::encode(&id) } else { segment.to_owned() }
            }).collect();
            let (status, text) = send(&sandbox, &token, route.version, route.method, &path.join("/"), &query, &body);
            prop_assert!((200..=502).contains(&status), "{} {}: {status}", route.method, route.path);
            let value: Result<Value, _> = serde_json::from_str(&text);
            prop_assert!(value.is_ok(), "{} {} answered no JSON: {text}", route.method, route.path);
            prop_assert!(!text.contains("SANDBOX_BUG"));
            prop_assert!(!text.contains("492987123456"), "{} {} repeats a card number: {text}", route.method, route.path);
        }
        // Time passes over whatever that left behind.
        sandbox.advance(40 * 86_400);
    }

    #[test]
    fn every_path_gets_an_answer(method in "GET|POST|PUT|DELETE|PATCH|\\PC{1,5}", path in "/(\\PC|/){0,60}", query in "\\PC{0,60}") {
        let sandbox = Sandbox::new(&[]);
        let reply = sandbox.app.call(&Request { method, path, query, ..Request::default() });
        prop_assert!((200..=502).contains(&reply.status));
        prop_assert!(serde_json::from_str::<Value>(&reply.body).is_ok());
    }
}
