//! Figures: their spread, their budgets, and what the kernel tells about a process.

use std::fs;
use std::io::Write as _;
use std::time::Duration;

/// A count as a figure.
#[expect(clippy::cast_precision_loss, reason = "counts of bytes and wake-ups are far below 2^52")]
pub fn number(count: usize) -> f64 {
    count as f64
}

/// Values of one figure.
#[derive(Debug, Default)]
pub struct Spread(Vec<f64>);

impl Spread {
    pub fn add(&mut self, value: f64) {
        let at = self.0.partition_point(|other| *other <= value);
        self.0.insert(at, value);
    }

    /// Adds a time, in milliseconds.
    pub fn time(&mut self, time: Duration) {
        self.add(time.as_secs_f64() * 1e3);
    }

    /// The value that so many of a hundred do not exceed.
    pub fn percentile(&self, percent: usize) -> f64 {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0.get(rank - 1).copied().unwrap_or(f64::NAN)
    }

    pub fn median(&self) -> f64 {
        self.percentile(50)
    }

    pub fn worst(&self) -> f64 {
        self.percentile(100)
    }
}

/// Prints as it goes: a figure that hangs is seen.
pub struct Table {
    out: std::io::Stdout,
    over: usize,
}

impl Table {
    pub fn new() -> Self {
        let mut table = Self { out: std::io::stdout(), over: 0 };
        table.line(&format!("{:<58} {:>11}   budget", "figure", "measured"));
        table
    }

    pub fn part(&mut self, title: &str) {
        self.line(&format!("\n{title}"));
    }

    pub fn figure(&mut self, what: &str, value: f64, unit: &str) {
        self.line(&format!("{what:<58} {:>11}", shown(value, unit)));
    }

    /// A figure and the most it may be.
    pub fn at_most(&mut self, what: &str, value: f64, most: f64, unit: &str) {
        let verdict = if value <= most { "OK" } else { "OVER" };
        self.over += usize::from(value > most);
        self.line(&format!("{what:<58} {:>11}   ≤ {:<10} {verdict}", shown(value, unit), shown(most, unit)));
    }

    pub fn note(&mut self, what: &str, text: &str) {
        self.line(&format!("{what:<58} {text:>11}   OK"));
    }

    pub fn failed(&mut self, what: &str, text: &str) {
        self.over += 1;
        self.line(&format!("{what:<58} {text}   OVER"));
    }

    pub fn skipped(&mut self, what: &str, why: &str) {
        self.line(&format!("{what:<58} NOT MEASURED: {why}"));
    }

    /// How many figures are over their budget.
    pub fn end(&mut self) {
        let over = self.over;
        self.line(&format!("\n{over} over budget"));
    }

    fn line(&mut self, text: &str) {
        // A reader who left is no reason to stop.
        let _ = writeln!(self.out, "{text}");
    }
}

fn shown(value: f64, unit: &str) -> String {
    let digits = match unit {
        "ms" => 2,
        "MiB" => 1,
        _ => 0,
    };
    format!("{value:.digits$} {unit}").trim_end().to_owned()
}

/// How often the threads of a process gave the processor up of their own accord: each time, something woke them.
pub fn switches(process: u32) -> usize {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).unwrap();
    tasks
        .flatten()
        .map(|task| field(&task.path().join("status"), "voluntary_ctxt_switches:").unwrap_or(0))
        .sum()
}

/// The number behind a name in a file of `/proc`.
fn field(file: &std::path::Path, name: &str) -> Option<usize> {
    let text = fs::read_to_string(file).ok()?;
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

/// Processor time of all threads so far, and the time they were ready and had to wait for a processor, as the
/// scheduler counts them (to the nanosecond, unlike `stat`).
pub fn process_times(process: u32) -> (Duration, Duration) {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let (mut ran, mut waited) = (0, 0);
    for task in tasks.flatten() {
        let text = fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
        let mut nanos = text.split_whitespace().map(|word| word.parse().unwrap_or(0u64));
        ran += nanos.next().unwrap_or(0);
        waited += nanos.next().unwrap_or(0);
    }
    (Duration::from_nanos(ran), Duration::from_nanos(waited))
}

/// What a process has written so far, if we may know: calls and bytes, to whatever descriptor.
#[derive(Debug, Clone, Copy)]
pub struct Written {
    calls: usize,
    bytes: usize,
}

impl Written {
    pub fn by(process: u32) -> Option<Self> {
        let file = format!("/proc/{process}/io");
        let (calls, bytes) = (field(file.as_ref(), "syscw:")?, field(file.as_ref(), "wchar:")?);
        Some(Self { calls, bytes })
    }

    /// The `write(2)` calls since then that went to the terminal, which got so many bytes. The rest are eight bytes
    /// each, by which the runtime wakes itself when it is given a timer.
    pub fn calls_to_terminal(self, before: Self, bytes: usize) -> usize {
        let wakes = (self.bytes - before.bytes).saturating_sub(bytes) / 8;
        (self.calls - before.calls).saturating_sub(wakes)
    }
}

/// Memory in MiB.
pub struct Memory {
    /// What of it is in memory now, code included.
    pub resident: f64,
    /// The same, shared pages by halves and thirds.
    pub proportional: Option<f64>,
    /// What the process itself wrote: heap, stacks, data.
    pub private: Option<f64>,
}

pub fn memory(process: u32) -> Memory {
    let rollup = format!("/proc/{process}/smaps_rollup");
    let mib = |kib: usize| number(kib) / 1024.0;
    Memory {
        resident: field(format!("/proc/{process}/status").as_ref(), "VmRSS:").map_or(f64::NAN, mib),
        proportional: field(rollup.as_ref(), "Pss:").map(mib),
        private: field(rollup.as_ref(), "Anonymous:").map(mib),
    }
}

/// The first child of a process.
pub fn child_of(parent: u32) -> Option<u32> {
    fs::read_dir("/proc").unwrap().flatten().find_map(|entry| {
        let process: u32 = entry.file_name().to_str()?.parse().ok()?;
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        let found: u32 = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
        (found == parent).then_some(process)
    })
}
