//! The real program over real sockets: how it starts and ends, what a cut connection looks like, what survives.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use danmal::sandbox::catalog::{V1_KEY, V1_SECRET, V2_SECRET};
use danmal::sandbox::webhook::sign;
use serde_json::Value;

use crate::common::{GOOD, instant, issue, v1_card};

/// A hang must end a test, never decide it.
const PATIENCE: Duration = Duration::from_mins(1);

struct Server {
    child: Child,
    address: String,
    ready: Value,
}

impl Server {
    fn start(line: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_danmal"))
            .arg("sandbox")
            .args(line)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let ready: Value = serde_json::from_str(&first).unwrap_or_else(|_| panic!("no ready line: {first}"));
        let address = ready["url"].as_str().unwrap().trim_start_matches("http://").to_owned();
        Self { child, address, ready }
    }

    /// Sends bytes and returns everything that comes back until the connection ends.
    fn raw(&self, request: &[u8]) -> Vec<u8> {
        let mut socket = TcpStream::connect(&self.address).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        // A server that refuses a large body may close before all of it is sent.
        let _ = socket.write_all(request);
        let mut out = Vec::new();
        let _ = socket.read_to_end(&mut out);
        out
    }

    fn send(&self, method: &str, path: &str, headers: &str, body: &str) -> Vec<u8> {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n",
            body.len()
        );
        self.raw(&[head.as_bytes(), body.as_bytes()].concat())
    }

    fn v2(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        parse(&self.send(method, path, &format!("Authorization: PortOne {V2_SECRET}\r\n"), body))
    }

    fn control(&self, method: &str, path: &str, body: &str) -> Value {
        let (status, value) = parse(&self.send(method, &format!("/__sandbox{path}"), "", body));
        assert_eq!(status, 200, "{value}");
        value
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    fn stderr(&mut self) -> String {
        let mut text = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        text
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn parse(answer: &[u8]) -> (u16, Value) {
    let text = String::from_utf8_lossy(answer);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or(Value::Null))
}

#[test]
fn the_ready_line_is_all_a_client_needs() {
    let server = Server::start(&[]);
    let (v1, v2) = (&server.ready["v1"], &server.ready["v2"]);
    assert_eq!(
        (&v2["api_secret"], &v1["imp_key"], &v1["imp_secret"]),
        (&V2_SECRET.into(), &V1_KEY.into(), &V1_SECRET.into())
    );
    let has = |channels: &Value, pg: &str, mode: &str| {
        channels.as_array().unwrap().iter().any(|channel| channel["pg"] == pg && channel["mode"] == mode)
    };
    for pg in ["KCP_V2", "INICIS_V2", "NICE_V2", "TOSSPAYMENTS", "KSNET", "KPN", "WELCOME", "SMARTRO_V2"] {
        assert!(has(&v2["channels"], pg, "test"), "{pg}");
    }
    for pg in ["kcp", "html5_inicis", "nice", "nice_v2", "tosspayments", "ksnet", "welcome", "daou", "settle"]
    {
        assert!(has(&v1["channels"], pg, "test"), "{pg}");
    }
    assert!(has(&v2["channels"], "KCP_V2", "live") && has(&v1["channels"], "nice_v2", "live"));
}

#[test]
fn it_ends_when_told_to_and_when_its_parent_goes() {
    for signal in [rustix::process::Signal::TERM, rustix::process::Signal::INT] {
        let mut server = Server::start(&[]);
        server.signal(signal);
        assert!(server.child.wait().unwrap().success());
    }
    let mut orphan = Server::start(&["--parent-stdin"]);
    drop(orphan.child.stdin.take());
    assert!(orphan.child.wait().unwrap().success());
}

#[test]
fn a_slow_request_does_not_hold_the_end_up() {
    let mut server = Server::start(&[]);
    let mut socket = TcpStream::connect(&server.address).unwrap();
    let body = instant(1, "4000111122220022", 1_000);
    write!(
        socket,
        "POST /payments/a/instant HTTP/1.1\r\nHost: x\r\nAuthorization: PortOne {V2_SECRET}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    server.v2("GET", "/payments/b", "");
    server.signal(rustix::process::Signal::TERM);
    assert!(server.child.wait().unwrap().success());
}

#[test]
fn lost_answers_differ_by_what_was_done() {
    let server = Server::start(&["--slow-seconds", "0"]);
    for (last4, paid) in [("0030", true), ("0031", false), ("0032", false)] {
        let path = format!("/payments/p{last4}/instant");
        let body = instant(1, &format!("400011112222{last4}"), 1_000);
        let answer = server.send("POST", &path, &format!("Authorization: PortOne {V2_SECRET}\r\n"), &body);
        assert!(answer.is_empty(), "{last4}: {}", String::from_utf8_lossy(&answer));
        let (status, value) = server.v2("GET", &format!("/payments/p{last4}"), "");
        assert_eq!(value["status"] == "PAID", paid, "{last4}: {status} {value}");
        assert_eq!(status == 404, last4 == "0031");
    }
    let headers = format!("Authorization: PortOne {V2_SECRET}\r\n");
    let html =
        server.send("POST", "/payments/html/instant", &headers, &instant(1, "4000111122220034", 1_000));
    assert!(html.starts_with(b"HTTP/1.1 502") && html.ends_with(b"</html>"));
    assert_eq!(server.v2("GET", "/payments/html", "").1["status"], "PAID");
}

#[test]
fn a_lost_answer_can_be_fetched_again_with_its_key() {
    let server = Server::start(&[]);
    server.control(
        "POST",
        "/faults",
        r#"{"kind":"drop_after","route":"/payments/{paymentId}/instant","count":1}"#,
    );
    let headers = format!("Authorization: PortOne {V2_SECRET}\r\nIdempotency-Key: \"lost-answer-0001\"\r\n");
    let body = instant(1, GOOD, 1_000);
    assert!(server.send("POST", "/payments/a1/instant", &headers, &body).is_empty());
    let (status, value) = parse(&server.send("POST", "/payments/a1/instant", &headers, &body));
    assert_eq!(status, 200);
    assert!(value["payment"]["pgTxId"].is_string());
    let tries = server.v2("GET", "/payments/a1/transactions", "").1;
    assert_eq!(tries["items"].as_array().unwrap().len(), 1, "charged once");
}

#[test]
fn a_running_request_makes_its_key_outstanding() {
    let server = Server::start(&[]);
    server.control(
        "POST",
        "/faults",
        r#"{"kind":"delay_before","millis":3600000,"method":"POST","count":1}"#,
    );
    let headers = format!("Authorization: PortOne {V2_SECRET}\r\nIdempotency-Key: \"running-key-0001\"\r\n");
    let body = instant(1, GOOD, 1_000);
    let mut first = TcpStream::connect(&server.address).unwrap();
    write!(
        first,
        "POST /payments/a1/instant HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    // Until the first one has arrived its fault is still there.
    while server.control("GET", "/faults", "")["faults"] != Value::Array(Vec::new()) {
        std::thread::yield_now();
    }
    let (status, value) = parse(&server.send("POST", "/payments/a1/instant", &headers, &body));
    assert_eq!((status, &value["type"]), (409, &"IDEMPOTENCY_OUTSTANDING_REQUEST".into()));
}

#[test]
fn every_fault_on_the_answer_is_seen_on_the_wire() {
    let server = Server::start(&[]);
    server.v2("POST", "/payments/a1/instant", &instant(1, GOOD, 1_000));
    let headers = format!("Authorization: PortOne {V2_SECRET}\r\n");
    let get = |fault: &str| {
        server.control("POST", "/faults", &format!(r#"{{{fault},"count":1}}"#));
        server.send("GET", "/payments/a1", &headers, "")
    };
    let length = |answer: &[u8]| -> usize {
        let text = String::from_utf8_lossy(answer).to_lowercase();
        text.split("content-length: ").nth(1).unwrap().split('\r').next().unwrap().parse().unwrap()
    };
    let body = |answer: &[u8]| {
        answer.windows(4).position(|w| w == b"\r\n\r\n").map(|at| answer[at + 4..].to_vec()).unwrap()
    };
    let truncated = get(r#""kind":"truncate""#);
    assert!(!body(&truncated).is_empty() && body(&truncated).len() < length(&truncated));
    let busy = get(r#""kind":"status","status":429,"retryAfter":7"#);
    assert!(busy.starts_with(b"HTTP/1.1 429") && String::from_utf8_lossy(&busy).contains("retry-after: 7"));
    let slow = get(r#""kind":"slow","bytes":200,"millis":1"#);
    assert_eq!(parse(&slow).1["status"], "PAID", "slow, but whole");
    assert!(String::from_utf8(body(&get(r#""kind":"bad_encoding""#))).is_err());
    assert!(length(&get(r#""kind":"huge","bytes":1000000"#)) > 1_000_000);
    assert_eq!(parse(&get(r#""kind":"html""#)).1, Value::Null);
    assert_eq!(parse(&get(r#""kind":"unknown_enum""#)).1["status"], "SANDBOX_UNKNOWN");
    assert_eq!(parse(&get(r#""kind":"unknown_case""#)).1["method"]["type"], "PaymentMethodTelepathy");
    assert!(parse(&get(r#""kind":"unknown_field""#)).1["sandboxNewField"].is_array());
    assert_eq!(parse(&get(r#""kind":"unknown_error""#)).1["type"], "SANDBOX_NEW_ERROR_TYPE");
    assert!(parse(&get(r#""kind":"missing_optional""#)).1["method"].is_null());
    assert!(parse(&get(r#""kind":"hostile_text""#)).1["orderName"].as_str().unwrap().contains('\u{1b}'));
    assert_eq!(parse(&get(r#""kind":"unauthorized""#)).0, 401);
    server.control("POST", "/faults", r#"{"kind":"lag_list","seconds":60,"count":1}"#);
    assert_eq!(server.v2("GET", "/payments", "").1["page"]["totalCount"], 0);
    assert_eq!(server.v2("GET", "/payments", "").1["page"]["totalCount"], 1);
}

#[test]
fn a_body_over_the_limit_is_413_and_the_next_request_is_served() {
    let mut server = Server::start(&["--json"]);
    let answer = server.send("POST", "/payments/a/instant", "", &"x".repeat((1 << 20) + 1));
    // The answer may be lost when the server closes while the client still sends; it must never be a 200.
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 413"), "{}", String::from_utf8_lossy(&answer));
    assert_eq!(server.v2("GET", "/payments/a", "").0, 404);
    let exactly = server.send("POST", "/payments/a/instant", "", &"x".repeat(1 << 20));
    assert!(exactly.starts_with(b"HTTP/1.1 401"), "the limit itself is allowed");
    server.signal(rustix::process::Signal::TERM);
    assert!(server.stderr().lines().next().unwrap().contains(r#""status":"413""#), "and the log says so");
}

#[test]
fn everything_survives_a_kill_and_no_card_number_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.jsonl");
    let file_text = file.to_str().unwrap().to_owned();
    let line = ["--state", &file_text, "--log", "--clock", "manual", "--now", "2026-03-01T00:00:00Z"];
    let mut first = Server::start(&line);
    let number = "4929871234565678";
    assert_eq!(first.v2("POST", "/payments/a1/instant", &instant(1, number, 33_000)).0, 200);
    first.v2("POST", "/payments/a1/cancel", r#"{"reason":"r","amount":11000}"#);
    let made = first.v2("POST", "/billing-keys", &issue(1, number)).1;
    let key = made["billingKeyInfo"]["billingKey"].as_str().unwrap().to_owned();
    let plan = format!(
        r#"{{"payment":{{"billingKey":"{key}","orderName":"n","amount":{{"total":9900}},"currency":"KRW"}},"timeToPay":"2026-03-02T00:00:00Z"}}"#
    );
    assert_eq!(first.v2("POST", "/payments/s1/schedule", &plan).0, 200);
    let token = parse(&first.send(
        "POST",
        "/users/getToken",
        "",
        &format!("imp_key={V1_KEY}&imp_secret={V1_SECRET}"),
    ))
    .1;
    let token = token["response"]["access_token"].as_str().unwrap().to_owned();
    let form = format!("merchant_uid=m1&amount=100&name=n&{}", v1_card(number));
    first.send("POST", "/subscribe/payments/onetime", &format!("Authorization: {token}\r\n"), &form);
    let keyed = format!("Authorization: PortOne {V2_SECRET}\r\nIdempotency-Key: \"survives-a-kill-1\"\r\n");
    let answer = parse(&first.send("POST", "/payments/a2/instant", &keyed, &instant(1, number, 100)));
    let before = first.v2("GET", "/payments/a1", "").1;
    first.signal(rustix::process::Signal::KILL);
    first.child.wait().unwrap();
    // What a kill in the middle of a write leaves behind.
    std::fs::OpenOptions::new()
        .append(true)
        .open(&file)
        .unwrap()
        .write_all(b"{\"Attempt\":[9,{\"ver")
        .unwrap();

    let mut second = Server::start(&line);
    assert_eq!(second.v2("GET", "/payments/a1", "").1, before);
    assert_eq!(parse(&second.send("POST", "/payments/a2/instant", &keyed, &instant(1, number, 100))), answer);
    assert_eq!(second.v2("GET", "/payments/m1", "").1["version"], "V1");
    second.control("POST", "/clock", r#"{"advanceSeconds":90000}"#);
    assert_eq!(second.v2("GET", "/payments/s1", "").1["status"], "PAID");
    second.signal(rustix::process::Signal::TERM);
    assert!(second.child.wait().unwrap().success());
    assert!(
        Server::start(&line).v2("GET", "/payments/s1", "").1["status"] == "PAID",
        "and the next start too"
    );

    let written = std::fs::read_to_string(&file).unwrap();
    let logged = first.stderr() + &second.stderr();
    assert!(logged.contains("/payments/a1/instant"), "the log was looked at");
    assert!(written.contains("492987"), "the file was looked at");
    for text in [&written, &logged] {
        for piece in [number, "49298712", "2345656", "34565678", "880214"] {
            assert!(!text.contains(piece), "card data was written");
        }
    }
}

/// A receiver of webhooks: answers with the statuses in turn (200 when they run out).
fn receiver(statuses: Vec<u16>) -> (String, Receiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (sender, got) = channel();
    std::thread::spawn(move || {
        let mut statuses = statuses.into_iter();
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let mut reader = BufReader::new(socket.try_clone().unwrap());
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
                    break;
                }
                if let Some(value) = line.to_lowercase().strip_prefix("content-length: ") {
                    length = value.trim().parse().unwrap();
                }
                head.push_str(&line);
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let status = statuses.next().unwrap_or(200);
            write!(socket, "HTTP/1.1 {status} X\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")
                .unwrap();
            if sender.send((head.to_lowercase(), String::from_utf8(body).unwrap())).is_err() {
                return;
            }
        }
    });
    (url, got)
}

fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let line =
        head.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name} in {head}"));
    line.split_once(": ").unwrap().1
}

#[test]
fn webhooks_are_signed_retried_with_the_same_id_and_logged() {
    let server = Server::start(&["--clock", "manual", "--now", "2026-03-01T00:00:00Z"]);
    let (url, got) = receiver(vec![500, 503]);
    let secret = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcY";
    server.control("POST", "/webhooks", &format!(r#"{{"url":"{url}","secrets":["{secret}"]}}"#));
    server.v2("POST", "/payments/a1/instant", &instant(1, GOOD, 1_000));
    let first = got.recv_timeout(PATIENCE).unwrap();
    let body: Value = serde_json::from_str(&first.1).unwrap();
    assert_eq!((&body["type"], &body["data"]["paymentId"]), (&"Transaction.Paid".into(), &"a1".into()));
    let id = header(&first.0, "webhook-id").to_owned();
    let stamp: u32 = header(&first.0, "webhook-timestamp").parse().unwrap();
    let signature = sign::signature(&[secret.into()], &id, stamp, &first.1).unwrap();
    assert_eq!(header(&first.0, "webhook-signature"), signature.to_lowercase());
    // One and four minutes at most, each shortened at random: both have come after five.
    server.control("POST", "/clock", r#"{"advanceSeconds":301}"#);
    for _ in 0..2 {
        let again = got.recv_timeout(PATIENCE).unwrap();
        assert_eq!((header(&again.0, "webhook-id"), &again.1), (id.as_str(), &first.1));
    }
    let log = server.v2("GET", "/payments/a1", "").1["webhooks"][0].clone();
    assert_eq!(
        (&log["status"], &log["currentExecutionCount"], &log["response"]["code"]),
        (&"SUCCEEDED".into(), &3.into(), &"200".into())
    );
    server.control("POST", "/clock", r#"{"advanceSeconds":86400}"#);
    assert!(got.try_recv().is_err(), "delivered is delivered");
    let resent = server.v2("POST", "/payments/a1/resend-webhook", "{}").1["webhook"].clone();
    assert_eq!((&resent["status"], &resent["trigger"]), (&"SUCCEEDED".into(), &"MANUAL".into()));
    assert_eq!(header(&got.recv_timeout(PATIENCE).unwrap().0, "webhook-id"), id);
}

#[test]
fn v1_webhooks_are_plain_and_tell_less() {
    let server = Server::start(&["--clock", "manual", "--now", "2026-03-01T00:00:00Z"]);
    let (url, got) = receiver(Vec::new());
    server.control("POST", "/webhooks", &format!(r#"{{"api":"V1","url":"{url}","form":true}}"#));
    let token = parse(&server.send(
        "POST",
        "/users/getToken",
        "",
        &format!("imp_key={V1_KEY}&imp_secret={V1_SECRET}"),
    ))
    .1;
    let headers = format!("Authorization: {}\r\n", token["response"]["access_token"].as_str().unwrap());
    let v1 = |path: &str, body: &str| parse(&server.send("POST", path, &headers, body)).1;
    // A declined key-in tells nothing, an API cancel only when asked; so the first two to arrive are these.
    v1("/subscribe/payments/onetime", &format!("merchant_uid=m0&amount=100&{}", v1_card("4000111122220001")));
    let paid = v1("/subscribe/payments/onetime", &format!("merchant_uid=m1&amount=100&{}", v1_card(GOOD)));
    v1("/payments/cancel", "merchant_uid=m1&amount=40");
    v1("/payments/cancel", "merchant_uid=m1&enable_webhook=true");
    let imp_uid = paid["response"]["imp_uid"].as_str().unwrap();
    let first = got.recv_timeout(PATIENCE).unwrap();
    assert_eq!(first.1, format!("imp_uid={imp_uid}&merchant_uid=m1&status=paid"));
    assert!(!first.0.contains("webhook-signature"));
    let second = got.recv_timeout(PATIENCE).unwrap().1;
    assert!(second.contains("status=cancelled&cancellation_id="), "{second}");
}

#[test]
fn webhooks_are_lost_doubled_and_reordered_on_demand() {
    let server = Server::start(&["--clock", "manual", "--now", "2026-03-01T00:00:00Z"]);
    let (url, got) = receiver(Vec::new());
    server.control("POST", "/webhooks", &format!(r#"{{"url":"{url}"}}"#));
    let pay = |id: &str| server.v2("POST", &format!("/payments/{id}/instant"), &instant(1, GOOD, 1_000));
    let next = || {
        let body: Value = serde_json::from_str(&got.recv_timeout(PATIENCE).unwrap().1).unwrap();
        body["data"]["paymentId"].as_str().unwrap().to_owned()
    };
    server.control("POST", "/webhooks/mischief", r#"{"lose":1}"#);
    pay("lost");
    pay("kept");
    assert_eq!(next(), "kept");
    server.control("POST", "/webhooks/mischief", r#"{"duplicate":1}"#);
    pay("twice");
    server.control("POST", "/clock", r#"{"advanceSeconds":2}"#);
    assert_eq!((next(), next()), ("twice".into(), "twice".into()));
    server.control("POST", "/webhooks/mischief", r#"{"reorder":1}"#);
    pay("first");
    pay("second");
    server.control("POST", "/clock", r#"{"advanceSeconds":2}"#);
    assert_eq!((next(), next()), ("second".into(), "first".into()));
}

#[test]
fn webhooks_stay_on_this_machine() {
    let server = Server::start(&["--clock", "manual", "--now", "2026-03-01T00:00:00Z"]);
    // A documentation address (RFC 5737): were it asked, this would wait for its limit.
    let body = instant(1, GOOD, 1_000).replacen('{', r#"{"noticeUrls":["http://192.0.2.1/hook"],"#, 1);
    server.v2("POST", "/payments/a1/instant", &body);
    server.control("POST", "/clock", r#"{"advanceSeconds":1}"#);
    let log = server.v2("GET", "/payments/a1", "").1["webhooks"][0].clone();
    assert_eq!((&log["status"], &log["response"]), (&"FAILED_UNEXPECTED_ERROR".into(), &Value::Null));
}

#[test]
fn the_operator_moves_what_no_api_moves() {
    let server = Server::start(&["--clock", "manual", "--now", "2026-03-01T00:00:00Z"]);
    server.v2("POST", "/payments/p1/instant", &instant(1, "4000111122220042", 1_000));
    assert_eq!(server.v2("GET", "/payments/p1", "").1["status"], "PAY_PENDING");
    server.control("POST", "/payments/p1/approve", "");
    assert_eq!(server.v2("GET", "/payments/p1", "").1["status"], "PAID");
    server.control("POST", "/payments/p1/dispute", "");
    assert_eq!(server.v2("GET", "/payments/p1", "").1["disputes"][0]["status"], "UNRESOLVED");
    server.control("POST", "/payments/p1/resolve", "");
    server.control("POST", "/payments/p1/cancel", r#"{"amount":400}"#);
    let part = server.v2("GET", "/payments/p1", "").1;
    assert_eq!(
        (&part["status"], &part["cancellations"][0]["trigger"]),
        (&"PARTIAL_CANCELLED".into(), &"CONSOLE".into())
    );
    assert_eq!(server.control("POST", "/seed", r#"{"payments":50}"#)["attempts"], 51);
}
