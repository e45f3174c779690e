//! The history in front of 100,000 payments in the ledger's copy, and the reading of as many from a provider.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use danmal::domain::listing::PaymentFilter;
use danmal::domain::pg::Generation;
use danmal::domain::record::PaymentRecord;
use danmal::domain::schedule::Span;
use danmal::domain::search::Needle;
use danmal::ledger::cache::{Cache as _, SyncKind, SyncState};
use danmal::ledger::sqlite::SqliteLedger;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::figures::{self, Spread, Table};
use crate::people;
use crate::shop::{Sandbox, Shop};
use crate::terminal::Program;
use crate::{
    BACKSPACE, DOWN, END, ENTER, ESC, F4, FULL, HOME, PAGE_DOWN, PATIENCE, QUIET, RIGHT, TO_HISTORY,
    TO_PAYMENTS, UP, answered, at_rest, each_key, millis, steps, whole_answer,
};

/// How many payments the copy has: a year of them.
pub const PAYMENTS: u32 = 100_000;
const YEAR: SignedDuration = SignedDuration::from_hours(24 * 365);
/// How far back the copy reaches.
const REACH: SignedDuration = SignedDuration::from_hours(24 * 1_100);
const OPENINGS: usize = 10;
/// What is typed into the search, a key each.
const QUERIES: [&str; 6] = ["김", "김ㅎ", "하늘", "010", "4242", "신한"];
/// What is planted for a reading. V2's list by cursor tells all of them, those that V1 made included.
const PLANTED: &str = "100000";
/// What a provider needs for each page beside making it up, and how many payments are planted there: one that is nearer
/// than any network, one as near as a network allows, and one that has something to look up.
const ANSWERS_AFTER: [(u32, &str); 3] = [(4, PLANTED), (10, PLANTED), (50, "20000")];
/// How much of their own time a reading may take at most, in hundredths.
const MOST: f64 = 115.0;
/// What 100 % of is the provider's own time.
const SHARE: &str = "our reading ÷ the provider's time: 100 % is its limit";
/// How many payments the program asks for at once (`gateway::v2`).
const PAGE: usize = 250;

/// Fills a copy that says of itself that it is whole and of now; how long writing the payments took.
pub fn fill(path: &Path) -> Duration {
    let ledger = SqliteLedger::open(path).unwrap();
    let now = Timestamp::now();
    let first = (now - YEAR).as_second();
    let step = i64::from(PAYMENTS);
    let all: Vec<PaymentRecord> = (0..PAYMENTS)
        .map(|number| people::payment(number, first + YEAR.as_secs() * i64::from(number) / step))
        .collect();
    let begun = Instant::now();
    for page in all.chunks(1_000) {
        ledger.put_payments("main", Generation::V2, page, now).unwrap();
    }
    let took = begun.elapsed();
    for (kind, from, until) in
        [(SyncKind::Recent, now - YEAR, now), (SyncKind::Backfill, now - REACH, now - YEAR)]
    {
        let state = SyncState {
            span: Span { from, until },
            next: None,
            done: true,
            rows: u64::from(PAYMENTS),
            started_at: now,
            updated_at: now,
        };
        ledger.put_sync_state("main", kind, &state).unwrap();
    }
    took
}

pub fn measure(table: &mut Table) {
    table.part(&format!("history: {PAYMENTS} payments in the ledger's copy"));
    // The provider has none: what is measured is the copy.
    let shop = Shop::open("v2", Sandbox::start(&[]));
    table.figure("writing them into the copy", millis(fill(&shop.ledger)), "ms");
    let (mut spread, mut bytes) = (Spread::default(), Spread::default());
    for _ in 0..OPENINGS {
        let mut console = shop.console();
        let (took, size) = whole_answer(&mut console, TO_HISTORY, QUIET * 4);
        assert!(console.shown().contains("1/"), "{}", console.shown());
        spread.time(took);
        bytes.add(figures::number(size));
    }
    table.at_most("opened: key → last byte of the whole frame, median", spread.median(), 50.0, "ms");
    table.at_most(&format!("  the same, worst of {OPENINGS}"), spread.worst(), 50.0, "ms");
    table.at_most("  bytes up to there, worst", bytes.worst(), 2.0 * 5_120.0, "B");
    let mut console = shop.console();
    everything(&mut console, table);
    table.at_most("resident, all of them listed, at rest", at_rest(&mut console), FULL, "MiB");
    moving(&mut console, table);
    searching(&shop, &mut console, table);
    table.at_most("resident after the searches, at rest", at_rest(&mut console), FULL, "MiB");
    let tabs: Vec<&str> = [TO_PAYMENTS, TO_HISTORY].into_iter().cycle().take(20).collect();
    let (bytes, _) = each_key(&mut console, &tabs);
    table.at_most("switching tabs, worst", bytes.worst(), 5_120.0, "B");
}

/// The filter from a month to a year to no period at all.
fn everything(console: &mut Program, table: &mut Table) {
    for key in [TO_HISTORY, F4, RIGHT] {
        console.send(key);
        console.read_until_quiet(PATIENCE, QUIET * 4);
    }
    let (took, _) = whole_answer(console, RIGHT, QUIET * 4);
    table.at_most("no period, all of them: key → last byte", millis(took), 50.0, "ms");
    console.send(ESC);
    console.wait_for(&format!("1/{PAYMENTS}"));
    console.read_until_quiet(PATIENCE / 10, QUIET * 4);
}

fn moving(console: &mut Program, table: &mut Table) {
    // The console stands at the newest.
    for (to, name, inwards, back) in [(END, "oldest", UP, DOWN), (HOME, "newest", DOWN, UP)] {
        let (took, _) = whole_answer(console, to, QUIET * 4);
        table.at_most(&format!("to the {name}: key → last byte"), millis(took), 50.0, "ms");
        let within = [inwards, inwards, inwards, back, back, back];
        let within: Vec<&str> = within.into_iter().cycle().take(60).collect();
        let (bytes, calls) = each_key(console, &within);
        table.at_most("  moving within a page, worst", bytes.worst(), 60.0, "B");
        if let Some(calls) = calls {
            table.at_most("  write calls, worst", calls.worst(), 1.0, "");
        }
        answered(table, &steps(console, &[inwards, back], 500));
    }
    let mut whole = Spread::default();
    for _ in 0..40 {
        whole.time(whole_answer(console, PAGE_DOWN, QUIET).0);
    }
    table.at_most("a page down: key → last byte, worst of 40", whole.worst(), 50.0, "ms");
}

/// Each key of each query, and taking it back. The frame that shows what was typed comes first; the new one has so
/// many rows as the library finds, and is waited for.
fn searching(shop: &Shop, console: &mut Program, table: &mut Table) {
    let ledger = SqliteLedger::open(&shop.ledger).unwrap();
    let found = |query: &str| {
        let needle = Needle::new(query);
        ledger.payment_list("main", &PaymentFilter::default(), Some(&needle)).unwrap().len()
    };
    console.send("/");
    console.read_until_quiet(PATIENCE, QUIET);
    for query in QUERIES {
        let (mut spread, mut back) = (Spread::default(), Spread::default());
        let prefixes: Vec<&str> = query.char_indices().map(|(at, _)| &query[..at]).collect();
        for (prefix, key) in prefixes.iter().zip(query.chars()) {
            let whole = format!("{prefix}{key}");
            spread.time(renewed(console, &key.to_string(), found(&whole)));
        }
        for prefix in prefixes.iter().rev() {
            back.time(renewed(console, BACKSPACE, found(prefix)));
        }
        table.at_most(&format!("search '{query}': key → new frame, worst"), spread.worst(), 50.0, "ms");
        table.at_most("  taken back, worst", back.worst(), 50.0, "ms");
    }
    console.send(ENTER);
    console.read_until_quiet(PATIENCE, QUIET * 4);
}

/// From a key to the last byte of the frame that has so many rows.
fn renewed(console: &mut Program, key: &str, rows: usize) -> Duration {
    let position = format!(" 1/{rows}");
    let sent = Instant::now();
    console.send(key);
    let there = console
        .wait_until(&position, |screen| screen.lines().any(|line| line.trim_end().ends_with(&position)));
    let rest = console.read_until_quiet(QUIET * 4, QUIET * 4).last;
    rest.unwrap_or(there).saturating_duration_since(sent)
}

/// The whole reading without a screen, and the same pages read by a client that does nothing with them: from a provider
/// that answers at once, which shows what we cost, and from one that needs a while for each page as the real one does,
/// which shows how much of it the person waits for.
pub fn measure_sync(table: &mut Table) {
    table.part("payment sync, V2, into an empty copy: a provider that answers at once");
    let shop = Shop::open("v2", Sandbox::start_as_equal(&["--seed", PLANTED]));
    let (ours, theirs) = reading(&shop, table);
    table.figure(SHARE, share(ours, theirs), "%");
    let begun = Instant::now();
    let told = shop.command(&["payment", "sync", "--json"]);
    table.figure(
        &format!("once more, the last three days: {} payments", told["rows"]),
        millis(begun.elapsed()),
        "ms",
    );
    for (millis, planted) in ANSWERS_AFTER {
        table.part(&format!("payment sync, V2, into an empty copy: each page comes after {millis} ms"));
        let folder = tempfile::tempdir().unwrap();
        let faults = folder.path().join("faults.json");
        let rule = json!([{"method": "GET", "route": "/payments-by-cursor", "count": 1_000_000,
            "kind": "delay_before", "millis": millis}]);
        std::fs::write(&faults, rule.to_string()).unwrap();
        let faults = faults.display().to_string();
        let shop = Shop::open("v2", Sandbox::start_as_equal(&["--seed", planted, "--faults", &faults]));
        let (ours, theirs) = reading(&shop, table);
        table.at_most(SHARE, share(ours, theirs), MOST, "%");
    }
}

/// How long we need for what the provider needs so long for, in hundredths.
fn share(ours: Duration, theirs: Duration) -> f64 {
    ours.as_secs_f64() / theirs.as_secs_f64() * 100.0
}

/// One whole reading by us and by the bare client; how long each took.
fn reading(shop: &Shop, table: &mut Table) -> (Duration, Duration) {
    let before = ended_children();
    let begun = Instant::now();
    let told = shop.command(&["payment", "sync", "--depth", "whole", "--json"]);
    let took = begun.elapsed();
    let (rows, pages) = (told["rows"].as_u64().unwrap(), told["pages"].as_u64().unwrap());
    let rows = u32::try_from(rows).unwrap();
    let each_second = |took: Duration| f64::from(rows) / took.as_secs_f64();
    table.figure(&format!("by us: {rows} payments in {pages} pages, all time"), millis(took), "ms");
    table.figure("  payments a second", each_second(took), "");
    if let Some((before, after)) = before.zip(ended_children()) {
        table.figure("  of that our processor time", millis(after.saturating_sub(before)), "ms");
    }
    let begun = Instant::now();
    let (seen, asked) = bare(shop);
    let theirs = begun.elapsed();
    table.figure(&format!("by a client that drops them: {seen} in {asked} pages"), millis(theirs), "ms");
    table.figure("  payments a second", each_second(theirs), "");
    (took, theirs)
}

/// All pages of the time that a first reading covers, one after the other on one connection.
fn bare(shop: &Shop) -> (usize, usize) {
    let now = Timestamp::now();
    let mut wire = shop.sandbox.wire();
    let (mut cursor, mut seen, mut pages) = (None::<String>, 0, 0);
    loop {
        let mut body = json!({"from": (now - REACH).to_string(), "until": now.to_string(), "size": PAGE});
        if let Some(cursor) = &cursor {
            body["cursor"] = cursor.as_str().into();
        }
        let encoded = body.to_string().bytes().fold(String::new(), |mut out, byte| {
            let _ = write!(out, "%{byte:02X}");
            out
        });
        let answer = wire.ask("GET", &format!("/payments-by-cursor?requestBody={encoded}"), "");
        pages += 1;
        // Not even read as JSON: each item has one, and the last one's is where the next page begins.
        let answer = String::from_utf8(answer).unwrap();
        let cursors: Vec<&str> = answer.split("\"cursor\":\"").skip(1).collect();
        seen += cursors.len();
        if cursors.len() < PAGE {
            return (seen, pages);
        }
        cursor = cursors.last().and_then(|rest| rest.split_once('"')).map(|(cursor, _)| cursor.to_owned());
    }
}

/// Processor time of all ended children of this process so far, in hundredths of a second (`proc(5)`: fields 16
/// and 17 of `stat`; a hundred ticks a second on every Linux there is).
fn ended_children() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(13)?.parse::<u64>().ok()? + fields.get(14)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}
