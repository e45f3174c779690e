//! What whole-program tests share: the real binary, its sandbox as a child, configurations, random cards.
//!
//! No card number stands in any test: every one is made up when it is needed, so that finding its digits
//! somewhere means that they leaked there.

#![allow(dead_code, clippy::allow_attributes, reason = "each test uses its own part of the harness")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use serde_json::{Value, json};

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_danmal");

/// An API generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// V1.
    V1,
    /// V2.
    V2,
}

impl Api {
    /// Both.
    pub const ALL: [Self; 2] = [Self::V1, Self::V2];

    /// Where the sandbox's faults find the key-in request.
    pub const fn charge_route(self) -> &'static str {
        match self {
            Self::V1 => "/subscribe/payments/onetime",
            Self::V2 => "/payments/{paymentId}/instant",
        }
    }

    /// Where the sandbox's faults find the issue of an account.
    pub const fn account_route(self) -> &'static str {
        match self {
            Self::V1 => "/vbanks",
            Self::V2 => "/payments/{paymentId}/instant",
        }
    }

    /// Where the sandbox's faults find the closing of an account.
    pub const fn close_route(self) -> &'static str {
        match self {
            Self::V1 => "/vbanks/{imp_uid}",
            Self::V2 => "/payments/{paymentId}/virtual-account/close",
        }
    }

    /// Where the sandbox's faults find the look-up.
    pub const fn look_up_route(self) -> &'static str {
        match self {
            Self::V1 => "/payments/findAll/{merchant_uid}",
            Self::V2 => "/payments/{paymentId}",
        }
    }
}

/// Random digits.
pub fn digits(count: usize) -> String {
    let mut bytes = vec![0; count];
    getrandom::fill(&mut bytes).unwrap();
    bytes.iter().map(|byte| char::from(b'0' + byte % 10)).collect()
}

/// The sum whose last digit is 0 in a number that passes the check (Luhn).
pub fn luhn_sum(number: &str) -> u32 {
    number
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, byte)| match (at % 2, u32::from(byte - b'0')) {
            (1, digit @ 5..) => digit * 2 - 9,
            (1, digit) => digit * 2,
            (_, digit) => digit,
        })
        .sum()
}

/// A card nobody has.
#[derive(Debug, Clone)]
pub struct Card {
    /// Sixteen digits.
    pub number: String,
    /// MM/YY, two years ahead.
    pub expiry: String,
    /// A birth date.
    pub identity: String,
    /// Two digits.
    pub pin: String,
}

impl Card {
    /// One that ends in these four digits, which choose what the sandbox does, and passes the Luhn check.
    pub fn ending(last4: &str) -> Self {
        assert_eq!(last4.len(), 4);
        let number = loop {
            // 94: a card for use in Korea only. The last digit in front of the ending makes the check fit.
            let stem = format!("94{}", digits(9));
            // A run of equal digits would be found by accident in the zeros of any file.
            let distinct: std::collections::BTreeSet<char> = stem.chars().collect();
            let found = (0..10)
                .map(|digit| format!("{stem}{digit}{last4}"))
                .find(|number| luhn_sum(number).is_multiple_of(10));
            // First six and last four are kept side by side: together they must not look like eight digits of
            // the number.
            let apart = |number: &String| number[6..8] != number[12..14];
            if let Some(number) = found.filter(|_| distinct.len() >= 5).filter(apart) {
                break number;
            }
        };
        let year = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).year() % 100 + 2;
        let month = 1 + digits(1).parse::<u8>().unwrap();
        let day = 1 + digits(2).parse::<u8>().unwrap() % 28;
        Self {
            number,
            expiry: format!("{month:02}/{year:02}"),
            identity: format!("{}{month:02}{day:02}", digits(2)),
            pin: digits(2),
        }
    }

    /// One that the sandbox approves.
    pub fn approved() -> Self {
        Self::ending(&format!("{}{}", 1 + digits(1).parse::<u8>().unwrap() % 9, digits(3)))
    }

    /// The line that `--card-stdin` reads.
    pub fn line(&self) -> String {
        let line = json!({
            "number": self.number, "expiry": self.expiry, "identity": self.identity, "pin": self.pin,
        });
        format!("{line}\n")
    }
}

/// A sandbox as a child process; ends with it.
#[derive(Debug)]
pub struct Sandbox {
    child: Child,
    stdin: Option<ChildStdin>,
    /// What it said when it was ready.
    pub ready: Value,
}

impl Sandbox {
    /// Starts one on a free port.
    pub fn start(more: &[&str]) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(["sandbox", "--listen", "127.0.0.1:0", "--parent-stdin"])
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("ready line: {error}: {line:?}"));
        let stdin = child.stdin.take();
        Self { child, stdin, ready }
    }

    /// Its address, as a URL.
    pub fn url(&self) -> &str {
        self.ready["url"].as_str().unwrap()
    }

    /// One request; the status and the body.
    pub fn ask(&self, method: &str, path: &str, authorization: &str, body: &Value) -> (u16, Value) {
        let address = self.url().strip_prefix("http://").unwrap();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\nauthorization: {authorization}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }

    /// How many attempts to pay it has seen, on any id.
    pub fn attempts(&self) -> u64 {
        self.ask("GET", "/__sandbox", "", &Value::Null).1["attempts"].as_u64().unwrap()
    }

    /// How many billing keys there are, deleted ones included.
    pub fn keys(&self) -> u64 {
        self.ask("GET", "/__sandbox", "", &Value::Null).1["billingKeys"].as_u64().unwrap()
    }

    /// Somebody pays into an account.
    pub fn deposit(&self, id: &str) {
        let path = format!("/__sandbox/payments/{id}/deposit");
        let (status, body) = self.ask("POST", &path, "", &json!({}));
        assert_eq!(status, 200, "{body}");
    }

    /// How often a payment id was paid.
    pub fn charges(&self, api: Api, id: &str) -> usize {
        let paid = |list: &Value| {
            let list = list.as_array().map_or(&[][..], Vec::as_slice);
            list.iter()
                .filter(|payment| payment["status"].as_str().is_some_and(|s| s.eq_ignore_ascii_case("paid")))
                .count()
        };
        let path = match api {
            Api::V2 => format!("/payments/{id}/transactions"),
            Api::V1 => format!("/payments/findAll/{id}?include_sandbox=true&limit=100&sorting=-started"),
        };
        let (status, body) = self.call(api, "GET", &path, &Value::Null);
        assert!(status == 200 || status == 404, "{status} {body}");
        match api {
            Api::V2 => paid(&body["items"]),
            Api::V1 => paid(&body["response"]["list"]),
        }
    }

    /// One request of the API, with the credentials of its generation.
    pub fn call(&self, api: Api, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let authorization = match api {
            Api::V2 => format!("PortOne {}", self.ready["v2"]["api_secret"].as_str().unwrap()),
            Api::V1 => {
                let v1 = &self.ready["v1"];
                let credentials = json!({"imp_key": v1["imp_key"], "imp_secret": v1["imp_secret"]});
                let (_, token) = self.ask("POST", "/users/getToken", "", &credentials);
                format!("Bearer {}", token["response"]["access_token"].as_str().unwrap())
            }
        };
        self.ask(method, path, &authorization, body)
    }

    /// Somebody gives money back in the provider's console.
    pub fn console_refund(&self, id: &str, amount: u64) {
        let path = format!("/__sandbox/payments/{id}/cancel");
        let (status, body) = self.ask("POST", &path, "", &json!({"amount": amount, "reason": "콘솔에서"}));
        assert_eq!(status, 200, "{body}");
    }

    /// Moves a clock that stands still.
    pub fn advance(&self, seconds: i64) {
        let (status, body) = self.ask("POST", "/__sandbox/clock", "", &json!({"advanceSeconds": seconds}));
        assert_eq!(status, 200, "{body}");
    }

    /// Ends every fault.
    pub fn no_faults(&self) {
        let (status, body) = self.ask("DELETE", "/__sandbox/faults", "", &Value::Null);
        assert!(status < 300, "{status} {body}");
    }

    /// Plants a fault.
    pub fn fault(&self, rule: &Value) {
        let (status, body) = self.ask("POST", "/__sandbox/faults", "", rule);
        assert_eq!(status, 200, "{body}");
    }

    /// Comes back when every planted fault has hit as often as it was to.
    pub fn wait_until_hit(&self) {
        while self.ask("GET", "/__sandbox", "", &Value::Null).1["faults"] != 0 {
            std::thread::yield_now();
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}

/// How a command ended.
#[derive(Debug)]
pub struct Run {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Run {
    /// The one object on standard output.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Fails unless it ended so.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        self
    }
}

/// A folder with configuration and ledger, and the sandbox that it points at.
#[derive(Debug)]
pub struct Shop {
    /// The folder; everything the program writes is in it.
    pub folder: tempfile::TempDir,
    /// The provider.
    pub sandbox: Sandbox,
    /// The generation of the profile `main`.
    pub api: Api,
}

impl Shop {
    /// A shop of a generation, with a sandbox of its own.
    pub fn open(api: Api) -> Self {
        Self::with(api, &[])
    }

    /// The same with more arguments for the sandbox.
    pub fn with(api: Api, sandbox: &[&str]) -> Self {
        let shop = Self { folder: tempfile::tempdir().unwrap(), sandbox: Sandbox::start(sandbox), api };
        shop.configure(|config| config);
        shop
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes the configuration, changed by `change`.
    pub fn configure(&self, change: impl FnOnce(String) -> String) {
        write_private(&self.path("config.toml"), &change(self.config()));
    }

    /// Adds channels of these names and PGs to the configuration, with more lines each. A line `pg_id` stands in
    /// place of the key.
    pub fn add_channels(&self, channels: &[(&str, &str, &str)]) {
        use std::fmt::Write as _;
        let generation = if self.api == Api::V1 { "v1" } else { "v2" };
        let known = self.sandbox.ready[generation]["channels"].as_array().unwrap();
        let mut config = std::fs::read_to_string(self.path("config.toml")).unwrap();
        for (name, pg, more) in channels {
            let found = known.iter().find(|channel| channel["pg"] == *pg && channel["mode"] == "test");
            let key = found.map_or_else(|| json!("channel-key-nobody-has"), |found| found["key"].clone());
            let key = if more.starts_with("pg_id") { String::new() } else { format!("key = {key}\n") };
            write!(
                config,
                "\n[profiles.main.channels.{name}]\n{key}pg = \"{pg}\"\nmode = \"test\"\n{more}\n"
            )
            .unwrap();
        }
        write_private(&self.path("config.toml"), &config);
    }

    /// The configuration: profile `main`, log on, everything in the folder.
    pub fn config(&self) -> String {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let ready = &self.sandbox.ready;
        let channel = |generation: &str, pg: &str, mode: &str| {
            let channels = ready[generation]["channels"].as_array().unwrap();
            channels.iter().find(|channel| channel["pg"] == pg && channel["mode"] == mode).unwrap().clone()
        };
        let profile = match self.api {
            Api::V2 => {
                let kcp = channel("v2", "KCP_V2", "test");
                let live = channel("v2", "KCP_V2", "live");
                let inicis = channel("v2", "INICIS_V2", "test");
                format!(
                    "api = \"v2\"\nstore_id = \"{}\"\napi_secret = \"{}\"\ndefault_channel = \"kcp\"\n\
                     [profiles.main.channels.kcp]\nkey = \"{}\"\npg = \"KCP_V2\"\nmode = \"test\"\ninstallments = [2, 3]\n\
                     [profiles.main.channels.live]\nkey = \"{}\"\npg = \"KCP_V2\"\nmode = \"live\"\n\
                     [profiles.main.channels.inicis]\nkey = \"{}\"\npg = \"INICIS_V2\"\nmode = \"test\"\n",
                    text(&ready["v2"]["store_id"]),
                    text(&ready["v2"]["api_secret"]),
                    text(&kcp["key"]),
                    text(&live["key"]),
                    text(&inicis["key"]),
                )
            }
            Api::V1 => {
                let nice = channel("v1", "nice_v2", "test");
                format!(
                    "api = \"v1\"\nimp_key = \"{}\"\nimp_secret = \"{}\"\ndefault_channel = \"nice\"\n[profiles.main.channels.nice]\nkey = \"{}\"\n\
                     pg = \"nice_v2\"\npg_id = \"{}\"\nmode = \"test\"\ninstallments = [2, 3]\n",
                    text(&ready["v1"]["imp_key"]),
                    text(&ready["v1"]["imp_secret"]),
                    text(&nice["key"]),
                    text(&nice["mid"]),
                )
            }
        };
        format!(
            "default_profile = \"main\"\n[ledger]\npath = \"ledger.db\"\n[log]\npath = \"danmal.log\"\nlevel = \"trace\"\n\
             [profiles.main]\nbase_url = \"{}\"\n{profile}",
            self.sandbox.url()
        )
    }

    /// The program with this shop's configuration and a clean environment, speaking English.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .env_clear()
            .env("HOME", self.folder.path())
            .env("TMPDIR", self.folder.path())
            .env("LC_ALL", "en_US.UTF-8")
            .env("DANMAL_DEBUG_READABLE", "1")
            .arg("--config")
            .arg(self.path("config.toml"))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs it to its end.
    pub fn run(&self, arguments: &[&str]) -> Run {
        finish(self.command(arguments), "")
    }

    /// A payment of 1,000 won.
    pub fn pay_command(&self, more: &[&str]) -> Command {
        let mut command = self.command(&[
            "pay",
            "--amount",
            "1000",
            "--order-name",
            "시험 주문",
            "--yes",
            "--card-stdin",
            "--json",
        ]);
        command.args(more);
        command
    }

    /// Pays with a card.
    pub fn pay(&self, card: &Card, more: &[&str]) -> Run {
        finish(self.pay_command(more), &card.line())
    }

    /// `danmal settle --json`, with "not found" believed after `window` milliseconds.
    pub fn settle(&self, window: &str, more: &[&str]) -> Run {
        let mut command = self.command(&["settle", "--json"]);
        command.args(more).env("DANMAL_DEBUG_SETTLE_MS", window);
        finish(command, "")
    }

    /// The journal's row and history, without asking the provider.
    pub fn journal(&self, id: &str) -> Value {
        self.run(&["payment", "show", id, "--offline", "--json"]).json()
    }

    /// The bytes of every file below the folder, but not the sandbox's.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.push((path.clone(), std::fs::read(&path).unwrap()));
                }
            }
        }
        found
    }
}

/// Writes a file that only its owner may read.
pub fn write_private(path: &Path, text: &str) {
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
    let mut file =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path).unwrap();
    file.set_permissions(std::fs::Permissions::from_mode(0o600)).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

/// Starts a command and gives it its input. A program that does not read it is no error.
pub fn start(mut command: Command, input: &str) -> Child {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child
}

/// Runs a command to its end with this input.
pub fn finish(command: Command, input: &str) -> Run {
    ended(start(command, input))
}

/// Waits for the end of a child.
pub fn ended(child: Child) -> Run {
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Starts a payment that stops at a step of the journal (debug switch), and waits for it. `None` when the
/// payment ended without coming by there: then it is over, and this is how.
pub fn start_until(shop: &Shop, card: &Card, step: &str, more: &[&str]) -> Result<Child, Run> {
    stop_at(shop.pay_command(more), &card.line(), step)
}

/// The same with any command.
pub fn stop_at(mut command: Command, input: &str, step: &str) -> Result<Child, Run> {
    // The mark is written to standard output, which ends when the program does: no need to look again and
    // again whether a file is there.
    command.env("DANMAL_DEBUG_STOP_AT", step).env("DANMAL_DEBUG_STOP_MARK", "/proc/self/fd/1");
    let mut child = start(command, input);
    let mut first = vec![0; step.len()];
    let output = child.stdout.as_mut().unwrap();
    let mut got = 0;
    while got < first.len() {
        match output.read(&mut first[got..]).unwrap() {
            0 => break,
            count => got += count,
        }
    }
    if first == step.as_bytes() {
        return Ok(child);
    }
    let mut run = ended(child);
    run.stdout.insert_str(0, std::str::from_utf8(&first[..got]).unwrap());
    Err(run)
}

/// Every place where `text` holds `run` consecutive digits of `secret`, blanks and dashes between them ignored.
pub fn holds_digits(bytes: &[u8], secret: &str, run: usize) -> bool {
    let compact: Vec<u8> = bytes.iter().copied().filter(|byte| !matches!(byte, b' ' | b'-')).collect();
    secret
        .as_bytes()
        .windows(run)
        .any(|part| [bytes, &compact[..]].iter().any(|text| text.windows(run).any(|window| window == part)))
}
