//! The console measured from outside: the optimised program in a real pseudo-terminal of 120×40, in front of a
//! ledger with 100,000 payments. Prints a table with the budget (design §8) beside each figure. Asserts nothing:
//! figures depend on the machine, `tests/` does not.
//!
//! `cargo bench --bench console`; with `DANMAL_BENCH="calendar search"` only these parts of it. How to read it:
//! `benches/README.md`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measurement that can't be set up has no figure"
)]

#[path = "console/calendar.rs"]
mod calendar;
#[path = "console/desk.rs"]
mod desk;
#[path = "console/figures.rs"]
mod figures;
#[path = "console/history.rs"]
mod history;
#[path = "console/keys.rs"]
mod keys;
#[path = "console/people.rs"]
mod people;
#[path = "console/search.rs"]
mod search;
#[path = "console/shop.rs"]
mod shop;
#[path = "console/terminal.rs"]
mod terminal;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use desk::Desk;
use figures::{Spread, Table, Written, memory, process_times, switches};
use rustix::process::Signal;
use terminal::{Ending, Program, Start};

const SIZE: (u16, u16) = (120, 40);
/// No program needs this long to say the rest of what it has to say about a key.
const QUIET: Duration = Duration::from_millis(40);
/// A person's pace: about 25 keys a second at best.
const PACE: Duration = Duration::from_millis(40);
/// What may be resident behind long lists, in MiB: the figure of 100,000 payments. Idle in front of the form it is
/// less.
const FULL: f64 = 16.0;
const PATIENCE: Duration = Duration::from_secs(5);
const STARTS: usize = 40;
const ENDS: usize = 10;

const F1: &str = "\x1bOP";
const F3: &str = "\x1bOR";
const F4: &str = "\x1bOS";
const F5: &str = "\x1b[15~";
const ESC: &str = "\x1b";
const DOWN: &str = "\x1b[B";
const UP: &str = "\x1b[A";
const RIGHT: &str = "\x1b[C";
const LEFT: &str = "\x1b[D";
const HOME: &str = "\x1b[H";
const END: &str = "\x1b[F";
const PAGE_UP: &str = "\x1b[5~";
const PAGE_DOWN: &str = "\x1b[6~";
const ENTER: &str = "\r";
const TAB: &str = "\t";
const BACKSPACE: &str = "\x7f";
const TO_PAYMENTS: &str = "\x1b1";
const TO_KEYS: &str = "\x1b2";
const TO_CALENDAR: &str = "\x1b3";
const TO_HISTORY: &str = "\x1b4";

/// A text of the footer: the last thing of a first frame.
const FOOTER: &str = "F9 결제";

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        let _ = writeln!(std::io::stdout(), "run by `cargo bench --bench console`; nothing was measured");
        return;
    }
    let asked = std::env::var("DANMAL_BENCH").unwrap_or_default();
    let wanted = |part: &str| asked.is_empty() || asked.split_whitespace().any(|word| word == part);
    let mut table = Table::new();
    if wanted("desk") {
        let desk = Desk::new();
        first_frame(&desk, &mut table);
        idle(&desk, &mut table);
        bytes_per_key(&desk, &mut table);
        latency(&desk, &mut table);
        memory_used(&desk, &mut table);
        ends(&desk, &mut table);
        resize_storm(&desk, &mut table);
    }
    for (part, measure) in PARTS {
        if wanted(part) {
            measure(&mut table);
        }
    }
    table.end();
}

/// Something that is measured; its figures go into the table.
type Part = fn(&mut Table);

/// What has a provider or a ledger of its own, by the names that choose it.
const PARTS: [(&str, Part); 6] = [
    ("keys", keys::measure),
    ("calendar", calendar::measure),
    ("history", history::measure),
    ("sync", history::measure_sync),
    ("search", search::measure),
    ("peers", peers),
];

fn danmal() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_danmal"))
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn start(desk: &Desk) -> Program {
    desk.forget_drafts();
    let env = vec![("LC_ALL", "ko_KR.UTF-8".to_owned())];
    let (program, args) = (danmal(), desk.arguments());
    Program::start(&Start { program, args, env, folder: None, size: SIZE })
}

/// Started, and everything it does at its start is done.
fn settled(desk: &Desk) -> Program {
    let mut console = start(desk);
    console.wait_for(FOOTER);
    console.read_for(Duration::from_millis(600));
    console
}

fn first_frame(desk: &Desk, table: &mut Table) {
    table.part(&format!(
        "first frame: {STARTS} starts, config read, {} payments in the ledger",
        desk::PAYMENTS
    ));
    let mut spread = Spread::default();
    let mut size = 0;
    for _ in 0..STARTS {
        let mut console = start(desk);
        let shown = console.wait_for(FOOTER);
        spread.time(shown.duration_since(console.spawned));
        size = console.raw.len();
    }
    table.at_most("spawn → whole first frame, median", spread.median(), 20.0, "ms");
    table.figure("  the same, worst", spread.worst(), "ms");
    table.at_most("  bytes up to there", figures::number(size), 5_120.0 * 2.0, "B");
}

fn idle(desk: &Desk, table: &mut Table) {
    let watched = Duration::from_secs(20);
    table.part("idle: 20 s without a key");
    let mut console = settled(desk);
    // Not across the turn of a minute: the clock is the one thing that may move.
    let into = jiff::Timestamp::now().as_millisecond().rem_euclid(60_000);
    if into > 38_000 {
        console.read_for(Duration::from_millis(61_000 - u64::try_from(into).unwrap_or(0)));
    }
    let (woken, cpu) = (switches(console.pid()), process_times(console.pid()).0);
    let bytes = console.read_for(watched);
    let (woken, cpu) = (switches(console.pid()) - woken, process_times(console.pid()).0.saturating_sub(cpu));
    table.at_most("bytes written", figures::number(bytes), 0.0, "B");
    table.at_most("wake-ups of all threads", figures::number(woken), 0.0, "");
    table.at_most("processor time", cpu.as_secs_f64() * 1e3, 0.0, "ms");
}

/// Sends a key and waits until its answer is whole: from the key to its last byte, and the bytes.
fn whole_answer(console: &mut Program, key: &str, quiet: Duration) -> (Duration, usize) {
    let sent = Instant::now();
    console.send(key);
    let arrived = console.read_until_quiet(PATIENCE, quiet);
    let last = arrived.last.expect("no answer to a key");
    (last.saturating_duration_since(sent), arrived.bytes)
}

/// The first bytes that answer each of so many keys, at a quick pace.
fn steps(console: &mut Program, keys: &[&str], count: usize) -> Spread {
    let mut spread = Spread::default();
    for key in keys.iter().cycle().take(count) {
        spread.time(console.key_to_output(key));
        console.read_for(PACE / 4);
    }
    spread
}

/// What is resident once the console has had nothing to do for a while and has given back what it took, in MiB.
fn at_rest(console: &mut Program) -> f64 {
    console.read_for(Duration::from_secs(2));
    memory(console.pid()).resident
}

/// The two rows of a table that say how fast keys are answered.
fn answered(table: &mut Table, spread: &Spread) {
    table.at_most("  key → output, p50", spread.percentile(50), 0.6, "ms");
    table.at_most("  the same, p99", spread.percentile(99), 2.0, "ms");
}

/// Sends keys one at a time, each once the answer to the one before is complete; bytes and writes of each.
fn each_key(console: &mut Program, keys: &[&str]) -> (Spread, Option<Spread>) {
    let (mut bytes, mut calls) = (Spread::default(), Some(Spread::default()));
    for key in keys {
        let before = Written::by(console.pid());
        console.send(key);
        let arrived = console.read_until_quiet(Duration::from_millis(200), QUIET);
        bytes.add(figures::number(arrived.bytes));
        match (before, Written::by(console.pid()), &mut calls) {
            (Some(before), Some(after), Some(calls)) => {
                calls.add(figures::number(after.calls_to_terminal(before, arrived.bytes)));
            }
            _ => calls = None,
        }
    }
    (bytes, calls)
}

fn bytes_per_key(desk: &Desk, table: &mut Table) {
    table.part("bytes a key, and write(2) calls to the terminal (by /proc/PID/io)");
    let mut console = settled(desk);
    let mut most_calls = Some(0.0f64);
    let mut row = |table: &mut Table, console: &mut Program, what: &str, keys: &[&str], most: Option<f64>| {
        let (bytes, calls) = each_key(console, keys);
        match most {
            Some(most) => table.at_most(&format!("{what}, worst"), bytes.worst(), most, "B"),
            None => table.figure(&format!("{what}, worst"), bytes.worst(), "B"),
        }
        if keys.len() > 1 {
            table.figure("  the same, median", bytes.median(), "B");
        }
        most_calls = most_calls.zip(calls).map(|(most, calls)| most.max(calls.worst()));
    };
    let (typing, list, switch) = (Some(40.0), Some(60.0), Some(5_120.0));
    // The first digit of a field takes the advice away and, in an empty form, changes what the footer offers.
    row(table, &mut console, "first digit of the amount", &["4"], None);
    row(table, &mut console, "amount, digit by digit", &["5", "0", "0", "0", BACKSPACE, "0"], typing);
    let moves = [TAB, TAB, UP, DOWN, UP, UP, DOWN, DOWN, UP, UP];
    row(table, &mut console, "moving between fields, advice included", &moves, None);
    console.send("\r");
    console.read_until_quiet(PATIENCE, QUIET);
    row(table, &mut console, "first digit of a card number", &["9"], None);
    let number = ["4", "1", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "0", BACKSPACE, "0"];
    row(table, &mut console, "card number, digit by digit", &number, typing);
    row(table, &mut console, "help opened and closed", &[F1, F1, F1, F1, F1, F1], switch);
    row(table, &mut console, "choice of channels opened", &[F3], switch);
    row(table, &mut console, "moving in a list", &[DOWN, UP, DOWN, UP, DOWN, UP], list);
    match most_calls {
        Some(most) => table.at_most("write calls for any of these keys, worst", most, 1.0, ""),
        None => table.skipped("write calls", "/proc/PID/io is closed to us"),
    }
    console.send(ESC);
}

fn latency(desk: &Desk, table: &mut Table) {
    table.part("key → output");
    let mut console = settled(desk);
    let keys = ["4", "5", "0", "0", BACKSPACE, BACKSPACE, BACKSPACE, BACKSPACE];
    let typed = |console: &mut Program, count: usize| {
        let mut spread = Spread::default();
        for key in keys.iter().cycle().take(count) {
            spread.time(console.key_to_output(key));
            console.read_for(PACE);
        }
        spread
    };
    let before = process_times(console.pid());
    let amount = typed(&mut console, 504);
    table.at_most("amount, 504 keys at a person's pace, p50", amount.percentile(50), 0.6, "ms");
    table.at_most("  the same, p99", amount.percentile(99), 2.0, "ms");
    table.figure("  the same, worst", amount.worst(), "ms");
    console.send(&format!("4500\r{}", "9410"));
    console.read_until_quiet(PATIENCE, QUIET);
    let card = typed(&mut console, 504);
    table.at_most("card number, the same, p50", card.percentile(50), 0.6, "ms");
    table.at_most("  the same, p99", card.percentile(99), 2.0, "ms");
    table.figure("  the same, worst", card.worst(), "ms");
    let (ran, waited) = process_times(console.pid());
    let each = |time: Duration| time.as_secs_f64() * 1e3 / 1_008.0;
    table.figure(
        "of that a key: the console's processor time, mean",
        each(ran.saturating_sub(before.0)),
        "ms",
    );
    table.figure("  and its wait for a processor, mean", each(waited.saturating_sub(before.1)), "ms");
    let (mut last, mut bytes) = (Spread::default(), Spread::default());
    let (digits, backspaces) = (["4", "5", "0", "0", "3", "8", "7", "1"], [BACKSPACE; 8]);
    for burst in 0..64 {
        let mut sent = Instant::now();
        // Each changes what is shown, even when all eight are read at once and drawn together.
        for key in if burst % 2 == 0 { digits } else { backspaces } {
            sent = Instant::now();
            console.send(key);
        }
        let arrived = console.read_until_quiet(PATIENCE, QUIET);
        // All of a burst can be answered before its last key was timed.
        let Some(end) = arrived.last else {
            table.failed("a burst", "was not answered");
            continue;
        };
        last.time(end.saturating_duration_since(sent));
        bytes.add(figures::number(arrived.bytes));
    }
    table.at_most("bursts of 8 keys, last key → last byte, p50", last.percentile(50), 0.6, "ms");
    table.at_most("  the same, p99", last.percentile(99), 2.0, "ms");
    table.figure("  bytes a burst, worst", bytes.worst(), "B");
}

/// A card number that passes its own check: 9410…, counted up.
fn card(count: u32) -> String {
    let head = format!("9410{:011}", u64::from(count) * 7_919);
    let sum: u32 = head
        .bytes()
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte - b'0') * if at % 2 == 0 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    format!("{head}{}", (10 - sum % 10) % 10)
}

fn memory_used(desk: &Desk, table: &mut Table) {
    table.part("memory");
    let mut console = settled(desk);
    let row = |table: &mut Table, console: &Program, when: &str| {
        let used = memory(console.pid());
        table.at_most(&format!("resident {when}"), used.resident, 12.0, "MiB");
        match used.proportional {
            Some(share) => table.figure("  its share (Pss)", share, "MiB"),
            None => table.skipped("  its share (Pss)", "smaps_rollup is closed to us"),
        }
        match used.private {
            Some(own) => table.figure("  its own, written (anonymous)", own, "MiB"),
            None => table.skipped("  its own", "smaps_rollup is closed to us"),
        }
    };
    row(table, &console, "after the start");
    console.send("45000\r");
    for count in 0..40 {
        console.send(&format!("{}1231880214{:02}\r", card(count), count));
        console.wait_for("Enter 결제");
        // The question can't be answered by the key that opened it.
        console.read_for(Duration::from_millis(320));
        console.send("\r");
        console.wait_until("the outcome", |screen| {
            screen.contains("결제되지 않았습니다") && !screen.contains("Enter 결제")
        });
    }
    row(table, &console, "after 40 payments that could not be sent");
}

/// How a program is brought to its end.
#[derive(Clone, Copy)]
enum Push {
    Send(Signal),
    HangUp,
    Orphan,
    Stalled,
}

fn ends(desk: &Desk, table: &mut Table) {
    table.part(&format!("the end: {ENDS} each, a card half typed"));
    for (what, push) in [
        ("SIGTERM", Push::Send(Signal::TERM)),
        ("SIGHUP", Push::Send(Signal::HUP)),
        ("SIGTERM while the terminal takes no bytes", Push::Stalled),
        ("terminal closed", Push::HangUp),
        ("terminal closed, session leader lives on: no signal", Push::Orphan),
    ] {
        let (mut spread, mut left, mut alive) = (Spread::default(), Vec::new(), 0);
        for _ in 0..ENDS {
            match end(desk, push) {
                Some((took, modes)) => {
                    spread.time(took);
                    left.extend(modes);
                }
                None => alive += 1,
            }
        }
        if alive > 0 {
            table.failed(what, &format!("{alive} of {ENDS} were still there after 5 s"));
            continue;
        }
        table.at_most(&format!("{what}, median"), spread.median(), 50.0, "ms");
        table.figure("  the same, worst", spread.worst(), "ms");
        left.sort();
        left.dedup();
        match push {
            // Nobody is there to see what was written last.
            Push::HangUp | Push::Orphan => {}
            // Nothing could be written; attributes need no room.
            Push::Stalled if left.is_empty() => table.note("  attributes left changed", "none"),
            _ if left.is_empty() => table.note("  modes left on", "none"),
            _ => table.failed("  modes left on", &left.join(" ")),
        }
    }
}

/// Ends one console; how long it took and which modes stayed. `None` when it did not end.
fn end(desk: &Desk, push: Push) -> Option<(Duration, Vec<String>)> {
    let (mut console, process) = if let Push::Orphan = push {
        orphan(desk)
    } else {
        let console = settled(desk);
        let process = console.pid();
        (console, process)
    };
    console.send("45000\r94101234");
    console.read_until_quiet(PATIENCE, QUIET);
    let ending = Ending::of(process);
    let pushed = Instant::now();
    match push {
        Push::Send(signal) => console.signal(signal),
        Push::HangUp | Push::Orphan => console.hang_up(),
        Push::Stalled => {
            // More frames than any pseudo-terminal holds, and nobody reads them.
            for _ in 0..60 {
                console.send(F1);
                std::thread::sleep(Duration::from_millis(12));
                console.send(F1);
                std::thread::sleep(Duration::from_millis(12));
            }
            return stalled(console, &ending);
        }
    }
    let gone = ending.wait(PATIENCE)?;
    console.read_for(Duration::from_millis(20));
    let mut left = console.modes_left();
    if console.attributes_changed() == Some(true) {
        left.push("raw".to_owned());
    }
    Some((gone.duration_since(pushed), left))
}

fn stalled(mut console: Program, ending: &Ending) -> Option<(Duration, Vec<String>)> {
    let pushed = Instant::now();
    console.signal(Signal::TERM);
    let gone = ending.wait(PATIENCE)?;
    // What could not be written can't have put the screen back; the attributes are what is left to judge.
    let left = if console.attributes_changed() == Some(true) { vec!["raw".to_owned()] } else { Vec::new() };
    console.hang_up();
    Some((gone.duration_since(pushed), left))
}

/// The console below a shell that leads the session and survives its end.
fn orphan(desk: &Desk) -> (Program, u32) {
    let script = "trap : HUP; \"$@\"; while :; do sleep 1; done".to_owned();
    let mut args = vec!["-c".to_owned(), script, "leader".to_owned(), danmal().display().to_string()];
    args.extend(desk.arguments());
    let env = vec![("LC_ALL", "ko_KR.UTF-8".to_owned())];
    let mut leader =
        Program::start(&Start { program: Path::new("/bin/sh"), args, env, folder: None, size: SIZE });
    leader.wait_for(FOOTER);
    let console = figures::child_of(leader.pid()).expect("the console below its shell");
    (leader, console)
}

fn resize_storm(desk: &Desk, table: &mut Table) {
    table.part("50 sizes in 100 ms");
    let mut console = settled(desk);
    let mut last = Instant::now();
    let before = console.raw.len();
    for step in 0..50u16 {
        console.resize(120 + step % 7, 40 + step % 3);
        last = Instant::now();
        console.read_for(Duration::from_millis(2));
    }
    let arrived = console.read_until_quiet(PATIENCE, QUIET * 2);
    let settled = arrived.last.map_or(Duration::ZERO, |at| at.saturating_duration_since(last));
    table.figure("bytes written", figures::number(console.raw.len() - before), "B");
    table.figure("last size → last byte", settled.as_secs_f64() * 1e3, "ms");
}

/// The same figures of programs other people like, if they are installed.
fn peers(table: &mut Table) {
    table.part("peers: first byte pause of 60 ms ends the first frame; 100 × Down and Up");
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, args) in [("htop", vec!["-d", "50"]), ("tig", vec![])] {
        let Some(program) = installed(name) else {
            table.skipped(name, "not installed");
            continue;
        };
        let args: Vec<String> = args.into_iter().map(str::to_owned).collect();
        peer(table, name, &program, &args, project);
    }
}

fn installed(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

fn peer(table: &mut Table, name: &str, program: &Path, args: &[String], folder: &Path) {
    let start = || {
        Program::start(&Start {
            program,
            args: args.to_vec(),
            env: Vec::new(),
            folder: Some(folder),
            size: SIZE,
        })
    };
    let mut first = Spread::default();
    for _ in 0..5 {
        let mut running = start();
        let mut last = None;
        // Some say a few words to the terminal long before they draw.
        while running.raw.len() < 500 {
            let arrived = running.read_until_quiet(PATIENCE, Duration::from_millis(60));
            if arrived.last.is_none() {
                break;
            }
            last = arrived.last;
        }
        let Some(at) = last.filter(|_| running.raw.len() >= 500) else {
            return table.skipped(name, &format!("it drew {} bytes", running.raw.len()));
        };
        first.time(at.duration_since(running.spawned));
    }
    table.figure(&format!("{name}: first frame, median"), first.median(), "ms");
    let mut running = start();
    running.read_until_quiet(PATIENCE, Duration::from_millis(300));
    table.figure("  resident", memory(running.pid()).resident, "MiB");
    let (mut spread, mut bytes) = (Spread::default(), Spread::default());
    for at in 0..100 {
        let sent = Instant::now();
        running.send(if at % 2 == 0 { DOWN } else { UP });
        let arrived = running.read_until_quiet(Duration::from_millis(300), QUIET);
        if let Some(at) = arrived.first {
            spread.time(at.saturating_duration_since(sent));
            bytes.add(figures::number(arrived.bytes));
        }
    }
    table.figure("  key → output, p50", spread.percentile(50), "ms");
    table.figure("  key → output, p99", spread.percentile(99), "ms");
    table.figure("  bytes a key, median", bytes.median(), "B");
}
