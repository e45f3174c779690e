//! Speed and memory of the sandbox with 100,000 payments: `cargo bench --bench sandbox`.
//!
//! Prints figures beside what is wanted; decides nothing. The requests of the last part go to the real program
//! on a loopback socket, from as many keep-alive connections as there are cores.
#![expect(clippy::unwrap_used, reason = "a bench that cannot run has nothing to say")]

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clap::Parser as _;
use danmal::sandbox::Args;
use danmal::sandbox::catalog::{V1_KEY, V1_SECRET, V2_SECRET};
use danmal::sandbox::http::{App, Request};

const PAYMENTS: u32 = 100_000;
const SECONDS: u64 = 5;

#[derive(clap::Parser)]
struct Line {
    #[command(flatten)]
    args: Args,
}

fn say(text: &str) {
    // A closed standard output only means that nobody reads the figures.
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Resident memory of this process in bytes.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4_096
}

fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "%{byte:02X}");
        out
    })
}

fn get(path: &str, query: &str, authorization: &str) -> Request {
    Request {
        method: "GET".to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        authorization: Some(authorization.to_owned()),
        ..Request::default()
    }
}

/// The slowest of twenty.
fn slowest(app: &App, request: &Request) -> (Duration, usize) {
    let mut worst = Duration::ZERO;
    let mut bytes = 0;
    for _ in 0..20 {
        let start = Instant::now();
        let reply = app.call(request);
        worst = worst.max(start.elapsed());
        assert_eq!(reply.status, 200, "{}", reply.body);
        bytes = reply.body.len();
    }
    (worst, bytes)
}

fn lists(app: &App) {
    let v2 = format!("PortOne {V2_SECRET}");
    let list = |path: &str, body: &str| get(path, &format!("requestBody={}", encode(body)), &v2);
    let year = r#""from":"2020-01-01T00:00:00Z""#;
    let search = |field: &str, value: &str| {
        format!(
            r#"{{"page":{{"size":100}},"filter":{{{year},"textSearch":[{{"field":"{field}","value":"{value}"}}]}}}}"#
        )
    };
    let token = app.call(&Request {
        method: "POST".to_owned(),
        path: "/users/getToken".to_owned(),
        body: format!("imp_key={V1_KEY}&imp_secret={V1_SECRET}").into_bytes(),
        ..Request::default()
    });
    let token: serde_json::Value = serde_json::from_str(&token.body).unwrap();
    let token = token["response"]["access_token"].as_str().unwrap().to_owned();
    let now = app.state().now();
    let pages = [
        ("V2 payments, first 100 of 90 days", list("/payments", r#"{"page":{"size":100}}"#)),
        (
            "V2 payments, first 100 of a year",
            list("/payments", &format!(r#"{{"page":{{"size":100}},"filter":{{{year}}}}}"#)),
        ),
        (
            "V2 payments, rows 59,900 on",
            list("/payments", &format!(r#"{{"page":{{"number":599,"size":100}},"filter":{{{year}}}}}"#)),
        ),
        (
            "V2 payments, 1,000 a page, filtered and sorted the other way",
            list(
                "/payments",
                &format!(
                    r#"{{"page":{{"size":1000}},"filter":{{{year},"status":["PAID"],"isTest":true,"sortBy":"REQUESTED_AT","methods":["CARD"],"pgProvider":["KCP_V2"]}}}}"#
                ),
            ),
        ),
        ("V2 payments by cursor, 1,000", list("/payments-by-cursor", &format!(r#"{{"size":1000,{year}}}"#))),
        (
            "V2 events by cursor, 1,000",
            list("/payment-events-by-cursor", &format!(r#"{{"size":1000,{year}}}"#)),
        ),
        (
            "V2 schedules, 1,000 of a year",
            list(
                "/payment-schedules",
                &format!(r#"{{"page":{{"size":1000}},"filter":{{{year},"until":"2099-01-01T00:00:00Z"}}}}"#),
            ),
        ),
        (
            "V2 billing keys, 100",
            list("/billing-keys", &format!(r#"{{"page":{{"size":100}},"filter":{{{year}}}}}"#)),
        ),
        ("V1 history, 1,000 of 90 days", get("/payments/status/all", "limit=1000", &token)),
        (
            "V1 schedules, 1,000 of 3 months",
            get(
                "/subscribe/payments/schedule",
                &format!("schedule_from={now}&schedule_to={}&limit=1000", now + 7_900_000),
                &token,
            ),
        ),
    ];
    for (name, request) in pages {
        let (worst, bytes) = slowest(app, &request);
        say(&format!("  {:>8.2} ms  (< 20)   {name}, {} KB", worst.as_secs_f64() * 1e3, bytes / 1_024));
    }
    for (name, body) in [
        ("text search, ALL, nothing found", search("ALL", "없는 글자")),
        ("text search, ALL, many found", search("ALL", "정수기")),
        ("text search, customer name", search("CUSTOMER_NAME", "김하늘")),
    ] {
        let (worst, _) = slowest(app, &list("/payments", &body));
        say(&format!("  {:>8.2} ms  (< 100)  {name}", worst.as_secs_f64() * 1e3));
    }
}

/// One keep-alive connection and the buffer it reads into.
struct Client {
    socket: TcpStream,
    reader: BufReader<TcpStream>,
}

impl Client {
    fn new(address: &str) -> Self {
        let socket = TcpStream::connect(address).unwrap();
        socket.set_nodelay(true).unwrap();
        let reader = BufReader::new(socket.try_clone().unwrap());
        Self { socket, reader }
    }

    /// Sends a request and returns the status.
    fn send(&mut self, method: &str, path: &str, authorization: &str, body: &str) -> u16 {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: x\r\nauthorization: {authorization}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.socket.write_all(request.as_bytes()).unwrap();
        let (mut status, mut length) = (0, 0);
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line).unwrap();
            if let Some(rest) = line.strip_prefix("HTTP/1.1 ") {
                status = rest.get(..3).unwrap().parse().unwrap();
            } else if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim().parse().unwrap();
            } else if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        self.reader.read_exact(&mut body).unwrap();
        status
    }
}

/// What one connection did: requests, errors, times.
fn drive(address: &str, token: &str, number: usize, until: Instant) -> (u64, u64, Vec<Duration>) {
    let mut client = Client::new(address);
    let v2 = format!("PortOne {V2_SECRET}");
    let (mut done, mut errors, mut times) = (0, 0, Vec::new());
    let card = r#"{"credential":{"number":"4000111122223333","expiryYear":"29","expiryMonth":"05","birthOrBusinessRegistrationNumber":"880214","passwordTwoDigits":"12"}}"#;
    let body = format!(
        r#"{{"channelKey":"channel-key-5a9d0000-0000-4000-9000-000000000001","orderName":"bench","amount":{{"total":33000}},"currency":"KRW","method":{{"card":{card}}}}}"#
    );
    let list =
        format!("/payments?requestBody={}", encode(r#"{"page":{"size":20},"filter":{"isTest":true}}"#));
    let mut turn = 0_u64;
    while Instant::now() < until {
        let id = format!("bench{number}x{turn}");
        let form = format!(
            "merchant_uid=v1{id}&amount=1000&name=bench&card_number=4000111122223333&expiry=2029-05&birth=880214&pwd_2digit=12"
        );
        for (method, path, authorization, body) in [
            ("POST", format!("/payments/{id}/instant"), v2.as_str(), body.as_str()),
            ("GET", format!("/payments/{id}"), &v2, ""),
            ("POST", "/subscribe/payments/onetime".to_owned(), token, &form),
            ("GET", format!("/payments/find/v1{id}"), token, ""),
            ("GET", format!("/payments/seed1n{:07}", turn % 100_000), &v2, ""),
            ("POST", format!("/payments/{id}/cancel"), &v2, r#"{"reason":"r","amount":1000}"#),
            ("GET", format!("/payments/{id}/transactions"), &v2, ""),
            ("GET", "/users/pg".to_owned(), token, ""),
            ("GET", format!("/payments/findAll/v1{id}"), token, ""),
        ] {
            let start = Instant::now();
            let status = client.send(method, &path, authorization, body);
            times.push(start.elapsed());
            done += 1;
            errors += u64::from(status != 200);
        }
        // One list of 90 days in a hundred requests.
        if turn.is_multiple_of(11) {
            let start = Instant::now();
            errors += u64::from(client.send("GET", &list, &v2, "") != 200);
            times.push(start.elapsed());
            done += 1;
        }
        turn += 1;
    }
    (done, errors, times)
}

fn throughput() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_danmal"))
        .args(["sandbox", "--parent-stdin", "--seed", "100000"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    let ready: serde_json::Value = serde_json::from_str(&ready).unwrap();
    let address = ready["url"].as_str().unwrap().trim_start_matches("http://").to_owned();
    let mut client = Client::new(&address);
    let login = format!("imp_key={V1_KEY}&imp_secret={V1_SECRET}");
    // The answer's body is not needed for its own sake: ask in this process' words.
    let mut socket = TcpStream::connect(&address).unwrap();
    write!(
        socket,
        "POST /users/getToken HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{login}",
        login.len()
    )
    .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    let token = answer.split("\"access_token\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    client.send("GET", "/users/pg", &token, "");
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let until = Instant::now() + Duration::from_secs(SECONDS);
    let threads: Vec<_> = (0..cores)
        .map(|number| {
            let (address, token) = (address.clone(), token.clone());
            std::thread::spawn(move || drive(&address, &token, number, until))
        })
        .collect();
    let (mut done, mut errors, mut times) = (0, 0, Vec::new());
    for thread in threads {
        let (some, wrong, took) = thread.join().unwrap();
        done += some;
        errors += wrong;
        times.extend(took);
    }
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 1_000].as_secs_f64() * 1e3;
    say(&format!(
        "  {:>8} requests a second (>= 2000), {errors} errors, p50 {:.2} ms, p99 {:.2} ms, p99.9 {:.2} ms",
        done / SECONDS,
        at(500),
        at(990),
        at(999)
    ));
    drop(child.stdin.take());
    child.wait().unwrap();
}

fn main() {
    let args = Line::parse_from(["bench", "--clock", "manual"]).args;
    let app = args.build().unwrap();
    let before = resident();
    let start = Instant::now();
    app.change(|state| danmal::sandbox::seed::plant(state, PAYMENTS, 1));
    let took = start.elapsed();
    let each = resident().saturating_sub(before) / u64::from(PAYMENTS);
    let counts = {
        let state = app.state();
        format!(
            "{} keys, {} schedules, {} events",
            state.keys.len(),
            state.schedules.len(),
            state.events.len()
        )
    };
    say(&format!("sandbox with {PAYMENTS} payments, {counts}"));
    say(&format!("  {:>8.2} s   (< 3)    seeding", took.as_secs_f64()));
    say(&format!(
        "  {each:>8} B   (<= 1536) memory a payment, its share of keys, schedules and indexes included"
    ));
    lists(&app);
    say(&format!("over a loopback socket, {SECONDS} s, a connection a core, the clients on the same cores"));
    throughput();
}
