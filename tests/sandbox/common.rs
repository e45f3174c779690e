//! What the sandbox tests share: a sandbox in this process with a manual clock, asked without a network.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Parser as _;
use danmal::sandbox::Args;
use danmal::sandbox::catalog::{V1_KEY, V1_SECRET, V2_SECRET};
use danmal::sandbox::http::{App, Request};
use serde_json::Value;

#[derive(clap::Parser)]
struct Line {
    #[command(flatten)]
    args: Args,
}

/// The arguments a command line would give.
pub fn args(line: &[&str]) -> Args {
    Line::parse_from(std::iter::once(&"sandbox").chain(line)).args
}

/// 2026-03-01T00:00:00Z, where the manual clock starts.
pub const START: u32 = 1_772_323_200;
/// A number that is approved.
pub const GOOD: &str = "4000111122223333";

/// `channel-key-…NN`.
pub fn channel(no: u8) -> String {
    format!("channel-key-5a9d0000-0000-4000-9000-0000000000{no:02}")
}

/// A sandbox and the V1 token that opens it.
pub struct Sandbox {
    pub app: Arc<App>,
}

impl Sandbox {
    /// A sandbox with a manual clock and foreseeable ids, and these switches besides.
    pub fn new(more: &[&str]) -> Self {
        let mut line = vec!["--clock", "manual", "--now", "2026-03-01T00:00:00Z", "--rng", "7"];
        line.extend(more);
        Self { app: args(&line).build().expect("the sandbox starts") }
    }

    pub fn request(&self, request: &Request) -> (u16, Value) {
        let reply = self.app.call(request);
        let body = serde_json::from_str(&reply.body);
        (reply.status, body.unwrap_or_else(|error| panic!("not JSON ({error}): {}", reply.body)))
    }

    fn split(path: &str) -> (String, String) {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        (path.to_owned(), query.to_owned())
    }

    /// A V2 request with the API secret.
    pub fn v2(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        self.v2_keyed(method, path, body, None)
    }

    /// A V2 request with an idempotency key.
    pub fn v2_keyed(&self, method: &str, path: &str, body: &str, key: Option<&str>) -> (u16, Value) {
        let (path, query) = Self::split(path);
        self.request(&Request {
            method: method.to_owned(),
            path,
            query,
            authorization: Some(format!("PortOne {V2_SECRET}")),
            idempotency_key: key.map(str::to_owned),
            body: body.as_bytes().to_vec(),
            ..Request::default()
        })
    }

    /// A V2 list: the object travels as `requestBody`.
    pub fn v2_list(&self, path: &str, body: &str) -> Value {
        let (status, value) = self.v2("GET", &format!("{path}?requestBody={}", encode(body)), "");
        assert_eq!(status, 200, "{value}");
        value
    }

    /// The V1 token of now.
    pub fn token(&self) -> String {
        let body = format!("imp_key={V1_KEY}&imp_secret={V1_SECRET}");
        let (status, value) = self.request(&Request {
            method: "POST".to_owned(),
            path: "/users/getToken".to_owned(),
            body: body.into_bytes(),
            ..Request::default()
        });
        assert_eq!(status, 200, "{value}");
        value["response"]["access_token"].as_str().unwrap().to_owned()
    }

    /// A V1 request with a live token; a body that starts with `{` is JSON, any other a form.
    pub fn v1(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let (path, query) = Self::split(path);
        self.request(&Request {
            method: method.to_owned(),
            path,
            query,
            authorization: Some(format!("Bearer {}", self.token())),
            body: body.as_bytes().to_vec(),
            ..Request::default()
        })
    }

    /// Moves the clock and lets everything due happen at its own time. Webhooks are not sent here.
    pub fn advance(&self, seconds: u32) {
        self.app.change(|state| {
            let target = state.now() + seconds;
            while let Some(at) = danmal::sandbox::scheduler::next(state).filter(|at| *at <= target) {
                state.clock.set(at);
                danmal::sandbox::scheduler::step(state);
            }
            state.clock.set(target);
        });
    }
}

/// Percent-encodes everything that is not unreserved.
pub fn encode(text: &str) -> String {
    let plain = |c: u8| c.is_ascii_alphanumeric() || b"-_.~".contains(&c);
    text.bytes().map(|c| if plain(c) { char::from(c).to_string() } else { format!("%{c:02X}") }).collect()
}

/// The body of a key-in payment on a channel with a card number.
pub fn instant(channel_no: u8, number: &str, total: i64) -> String {
    format!(
        r#"{{"channelKey":"{}","orderName":"정수기 렌탈 3월분","amount":{{"total":{total}}},"currency":"KRW",
        "productType":"PHYSICAL","customer":{},"method":{{"card":{}}}}}"#,
        channel(channel_no),
        customer(),
        card(number)
    )
}

/// A customer every PG is content with.
pub fn customer() -> &'static str {
    r#"{"id":"cust0042","name":{"full":"김하늘"},"phoneNumber":"01020003000","email":"sky@example.com"}"#
}

/// A `card` object.
pub fn card(number: &str) -> String {
    format!(
        r#"{{"credential":{{"number":"{number}","expiryYear":"29","expiryMonth":"05",
        "birthOrBusinessRegistrationNumber":"880214","passwordTwoDigits":"12"}}}}"#
    )
}

/// The body of a key issue.
pub fn issue(channel_no: u8, number: &str) -> String {
    format!(
        r#"{{"channelKey":"{}","customer":{},"method":{{"card":{}}}}}"#,
        channel(channel_no),
        customer(),
        card(number)
    )
}

/// The V1 card fields of a form.
pub fn v1_card(number: &str) -> String {
    format!("card_number={number}&expiry=2029-05&birth=880214&pwd_2digit=12")
}

/// The buyer fields of a V1 form.
pub const V1_BUYER: &str =
    "buyer_name=김하늘&buyer_tel=01020003000&buyer_email=sky@example.com&product_type=real";

/// A file of the shared reference, or `None` with a loud word about what is not checked.
pub fn reference(file: &str) -> Option<Value> {
    let roots = std::env::var_os("DANMAL_SPEC_DIR").map(PathBuf::from);
    let root =
        roots.unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/portone")));
    let path = root.join(file);
    let Ok(text) = std::fs::read_to_string(&path) else {
        // Not `eprintln!`: the test runner swallows that when a test passes.
        let _ = writeln!(
            std::io::stderr(),
            "NOT CHECKED: {file} is not there, so no answer was held against it (set DANMAL_SPEC_DIR)"
        );
        return None;
    };
    Some(serde_json::from_str(&text).expect("the reference is JSON"))
}
