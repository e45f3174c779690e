//! The tab of billing keys in front of 10,000 of them: V2's, which a sandbox holds and lists, and V1's, which the
//! ledger knows and the sandbox is asked about by name.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use danmal::ledger::sqlite::SqliteLedger;
use rusqlite::{Connection, params};
use serde_json::{Value, json};

use crate::figures::{self, Spread, Table, memory};
use crate::terminal::{Program, Start};
use crate::{DOWN, ESC, FOOTER, PACE, PATIENCE, QUIET, SIZE, UP, card, danmal, each_key};

/// How many keys there are.
const KEYS: u32 = 10_000;
const TO_PAYMENTS: &str = "\x1b1";
const TO_KEYS: &str = "\x1b2";
const F4: &str = "\x1bOS";
const RIGHT: &str = "\x1b[C";
const LEFT: &str = "\x1b[D";
const HOME: &str = "\x1b[H";
const END: &str = "\x1b[F";
const PAGE_DOWN: &str = "\x1b[6~";

/// A sandbox with its keys, and a configuration that points at it.
struct Shop {
    sandbox: Child,
    _folder: tempfile::TempDir,
    config: PathBuf,
}

impl Drop for Shop {
    fn drop(&mut self) {
        let _ = self.sandbox.kill();
        let _ = self.sandbox.wait();
    }
}

impl Shop {
    fn open(api: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut sandbox = Command::new(danmal())
            .args(["sandbox", "--listen", "127.0.0.1:0", "--parent-stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(sandbox.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let ledger = folder.path().join("ledger.db");
        let config = folder.path().join("config.toml");
        let part = |name: &str| ready[api][name].as_str().unwrap().to_owned();
        let pg = if api == "v2" { "KCP_V2" } else { "nice_v2" };
        let channels = ready[api]["channels"].as_array().unwrap();
        let channel =
            channels.iter().find(|channel| channel["pg"] == pg && channel["mode"] == "test").unwrap();
        let channel = channel["key"].as_str().unwrap().to_owned();
        let credentials = if api == "v2" {
            register(&ready, &channel);
            format!("store_id = \"{}\"\napi_secret = \"{}\"", part("store_id"), part("api_secret"))
        } else {
            remember(&ledger);
            format!("imp_key = \"{}\"\nimp_secret = \"{}\"", part("imp_key"), part("imp_secret"))
        };
        let text = format!(
            "default_profile = \"main\"\n[ledger]\npath = \"{}\"\n[profiles.main]\napi = \"{api}\"\n\
             order_name = \"단말상회 상품\"\nbase_url = {}\n{credentials}\ndefault_channel = \"first\"\n\
             [profiles.main.channels.first]\nkey = \"{channel}\"\npg = \"{pg}\"\nmode = \"test\"\n",
            ledger.display(),
            ready["url"],
        );
        std::fs::write(&config, text).unwrap();
        std::fs::set_permissions(&config, std::fs::Permissions::from_mode(0o600)).unwrap();
        Self { sandbox, _folder: folder, config }
    }

    fn console(&self) -> Program {
        let args = vec!["--config".to_owned(), self.config.display().to_string()];
        let env = vec![("LC_ALL", "ko_KR.UTF-8".to_owned())];
        let mut console = Program::start(&Start { program: danmal(), args, env, folder: None, size: SIZE });
        console.wait_for(FOOTER);
        console.read_for(Duration::from_millis(600));
        console
    }
}

/// Registers the keys over one connection, as their merchant's web shop would have.
fn register(ready: &Value, channel: &str) {
    let address = ready["url"].as_str().unwrap().trim_start_matches("http://").to_owned();
    let secret = ready["v2"]["api_secret"].as_str().unwrap();
    let mut stream = BufReader::new(TcpStream::connect(&address).unwrap());
    for number in 0..KEYS {
        let body = json!({
            "channelKey": channel,
            "customer": {"id": format!("cust{number:05}"), "name": {"full": "김하늘"},
                "phoneNumber": "01020003000", "email": "sky@example.com"},
            "method": {"card": {"credential": {"number": card(number), "expiryYear": "29", "expiryMonth": "05",
                "birthOrBusinessRegistrationNumber": "880214", "passwordTwoDigits": "12"}}},
        })
        .to_string();
        let request = format!(
            "POST /billing-keys HTTP/1.1\r\nhost: {address}\r\nauthorization: PortOne {secret}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.get_mut().write_all(request.as_bytes()).unwrap();
        let (mut length, mut first) = (0, String::new());
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).unwrap();
            if first.is_empty() {
                first.clone_from(&line);
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut answer = vec![0; length];
        stream.read_exact(&mut answer).unwrap();
        assert!(first.contains(" 200 "), "{first}{}", String::from_utf8_lossy(&answer));
    }
}

/// Puts the keys into the ledger as it would have them. The provider knows none of the names: it answers as it
/// would for keys that were deleted elsewhere.
fn remember(path: &std::path::Path) {
    drop(SqliteLedger::open(path).unwrap());
    let mut connection = Connection::open(path).unwrap();
    connection.pragma_update(None, "synchronous", "OFF").unwrap();
    let transaction = connection.transaction().unwrap();
    {
        let mut intent = transaction
            .prepare(
                "INSERT INTO intents (id, kind, state, profile, generation, channel, pg, mode, amount, currency,
                    installments, order_name, customer_name, customer_phone, customer_phone_digits, bin6, last4,
                    operator, remote, host, process, created_at, sent_at, settled_at, billing_key, target_key)
                 VALUES (?1, 'issue_key', 'approved', 'main', 'v1', 'first', 'nice_v2', 'TEST', 0, 'KRW', 0, '',
                    '김하늘', '010-2000-3000', '01020003000', '941012', ?2, 'agent', NULL, 'desk-1', '1:1',
                    ?3, ?3, ?3, ?4, ?4)",
            )
            .unwrap();
        let first = jiff::Timestamp::now().as_millisecond() - i64::from(KEYS) * 1_000;
        for number in 0..KEYS {
            let (id, at) = (format!("seed{number:024}"), first + i64::from(number) * 1_000);
            let (last4, key) =
                (format!("{:04}", number % 9_949), format!("cust{number:05}-{:04}", number % 9_949));
            intent.execute(params![id, last4, at, key]).unwrap();
        }
    }
    transaction.commit().unwrap();
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
}

pub fn measure(table: &mut Table) {
    for (api, whose) in [("v2", "the sandbox lists them"), ("v1", "the ledger knows them")] {
        table.part(&format!("billing keys: {KEYS}, {api}, {whose}"));
        let shop = Shop::open(api);
        let mut console = shop.console();
        open(&mut console, table);
        moving(&mut console, table);
        filtering(&mut console, api, table);
        table.at_most("resident afterwards", memory(console.pid()).resident, 12.0, "MiB");
    }
}

/// From the key to the rows, and between the tabs once they are there.
fn open(console: &mut Program, table: &mut Table) {
    let before = console.raw.len();
    let sent = Instant::now();
    console.send(TO_KEYS);
    let there = console.wait_for(&format!("1/{KEYS}"));
    console.read_until_quiet(PACE, QUIET);
    table.figure("tab opened → first rows, provider's time included", millis(there - sent), "ms");
    table.at_most("  bytes up to there", figures::number(console.raw.len() - before), 2.0 * 5_120.0, "B");
    let switches: Vec<&str> = [TO_PAYMENTS, TO_KEYS].into_iter().cycle().take(20).collect();
    let (bytes, calls) = each_key(console, &switches);
    table.at_most("switching tabs, worst", bytes.worst(), 5_120.0, "B");
    match calls {
        Some(calls) => table.at_most("  write calls, worst", calls.worst(), 1.0, ""),
        None => table.skipped("  write calls", "/proc/PID/io is closed to us"),
    }
}

fn moving(console: &mut Program, table: &mut Table) {
    // Not across a page: there the rows change, too.
    let within: Vec<&str> = [DOWN, DOWN, DOWN, UP, UP, UP].into_iter().cycle().take(60).collect();
    let (bytes, _) = each_key(console, &within);
    table.at_most("moving within a page, worst", bytes.worst(), 60.0, "B");
    let mut spread = Spread::default();
    for key in [DOWN, UP].into_iter().cycle().take(500) {
        spread.time(console.key_to_output(key));
        console.read_for(PACE / 4);
    }
    table.at_most("  key → output, p50", spread.percentile(50), 0.6, "ms");
    table.at_most("  the same, p99", spread.percentile(99), 2.0, "ms");
    let (bytes, _) = each_key(console, &[PAGE_DOWN; 20]);
    table.at_most("a page down, worst", bytes.worst(), 5_120.0, "B");
    let sent = Instant::now();
    console.send(END);
    let there = console.wait_until("the last rows", |screen| {
        screen.contains(&format!("{KEYS}/{KEYS}")) && !screen.contains("불러오는 중")
    });
    table.figure("to the last key, its page not held → rows", millis(there - sent), "ms");
    console.send(HOME);
    console.wait_until("the first rows", |screen| {
        screen.contains(&format!("1/{KEYS}")) && !screen.contains("불러오는 중")
    });
    console.read_until_quiet(PACE, QUIET);
}

fn filtering(console: &mut Program, api: &str, table: &mut Table) {
    console.send(F4);
    console.read_until_quiet(PATIENCE, QUIET);
    let (mut spread, mut bytes) = (Spread::default(), Spread::default());
    // In use, deleted, in use …: every turn is another question.
    for key in [RIGHT, LEFT].into_iter().cycle().take(20) {
        let before = console.raw.len();
        spread.time(console.key_to_output(key));
        console.read_until_quiet(PATIENCE, QUIET * 2);
        bytes.add(figures::number(console.raw.len() - before));
    }
    table.at_most("filter turned: key → output, median", spread.median(), 2.0, "ms");
    table.at_most("  bytes until the rows stand, worst", bytes.worst(), 2.0 * 5_120.0, "B");
    console.send(ESC);
    console.read_until_quiet(PATIENCE, QUIET);
    console.send("/cust00042");
    let sent = Instant::now();
    console
        .wait_until("one key", |screen| screen.contains("1/1") || screen.contains("찾는 빌링키가 없습니다"));
    // 250 ms of it are the rest after the last key.
    table.figure(&format!("searched ({api}) → rows, with the pause of 250 ms"), millis(sent.elapsed()), "ms");
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
