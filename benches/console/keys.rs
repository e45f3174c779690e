//! The tab of billing keys in front of 10,000 of them: V2's, which a sandbox holds and lists, and V1's, which the
//! ledger knows and the sandbox is asked about by name.

use std::time::Instant;

use danmal::ledger::sqlite::SqliteLedger;
use rusqlite::{Connection, params};

use crate::figures::{self, Spread, Table};
use crate::shop::{Sandbox, Shop};
use crate::terminal::Program;
use crate::{
    DOWN, END, ESC, F4, FULL, HOME, LEFT, PACE, PAGE_DOWN, PATIENCE, QUIET, RIGHT, TO_KEYS, TO_PAYMENTS, UP,
    answered, at_rest, each_key, millis, steps,
};

/// How many keys there are.
const KEYS: u32 = 10_000;

/// A shop with so many keys.
fn shop(api: &str) -> Shop {
    let shop = Shop::open(api, Sandbox::start(&[]));
    if api == "v2" {
        let (mut wire, channel) = (shop.sandbox.wire(), shop.sandbox.channel("v2", "KCP_V2"));
        for number in 0..KEYS {
            wire.register(&channel, number);
        }
    } else {
        remember(&shop.ledger);
    }
    shop
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
        let shop = shop(api);
        let mut console = shop.console();
        open(&mut console, table);
        moving(&mut console, table);
        filtering(&mut console, api, table);
        table.at_most("resident afterwards, at rest", at_rest(&mut console), FULL, "MiB");
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
    answered(table, &steps(console, &[DOWN, UP], 500));
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
