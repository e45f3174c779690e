//! `--state FILE`: an append-only file of JSON lines, one per changed row, written before the answer goes out.
//!
//! A line is in the kernel's hands when the client hears about it, so a killed sandbox (`kill -9`) loses
//! nothing. A half-written last line is cut off at the next start. Holds rows of [`super::model`] only: there
//! is no field for a card number.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::catalog::StoreNo;
use super::clock::Time;
use super::http::Reply;
use super::model::{Attempt, CancelStatus, Event, Key, Prepared, Receipt, Row, Schedule, Session, Version};
use super::state::{State, Table};

/// The open file.
#[derive(Debug)]
pub struct Journal(File);

/// A line as it is read.
#[derive(Deserialize)]
enum Line {
    Attempt(Row, Attempt),
    Key(#[expect(dead_code, reason = "keys are told apart by name")] Row, Key),
    Schedule(Row, Schedule),
    Receipt(Row, Receipt),
    Event(#[expect(dead_code, reason = "events are only ever added")] Row, Event),
    Idempotency(String, u16, String, Time),
    Prepared(Version, StoreNo, Box<str>, Prepared),
    Session(Box<str>, Session),
    CancelDue(Time, Row, u16, bool),
    Clock(Time),
}

/// A line as it is written.
#[derive(Serialize)]
enum LineRef<'a> {
    Attempt(Row, &'a Attempt),
    Key(Row, &'a Key),
    Schedule(Row, &'a Schedule),
    Receipt(Row, &'a Receipt),
    Event(Row, &'a Event),
    Idempotency(&'a str, u16, &'a str, Time),
    Prepared(Version, StoreNo, &'a str, &'a Prepared),
    Session(&'a str, &'a Session),
    CancelDue(Time, Row, u16, bool),
    Clock(Time),
}

fn text(line: &LineRef<'_>) -> String {
    // A row of plain fields always serialises.
    serde_json::to_string(line).unwrap_or_default()
}

impl Journal {
    /// Opens the file, reads what it holds into `state`, and stands ready to append.
    pub fn open(path: &Path, state: &mut State) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let mut reader = BufReader::with_capacity(1 << 16, &file);
        let (mut buffer, mut whole) = (Vec::new(), 0_u64);
        loop {
            buffer.clear();
            let count = reader.read_until(b'\n', &mut buffer)?;
            if count == 0 || buffer.last() != Some(&b'\n') {
                break;
            }
            let line = serde_json::from_slice(&buffer).map_err(|error| {
                // serde names line and column; a row holds no card number, but its text is left out all the same.
                let at =
                    format!("{}: unreadable line at byte {whole}, column {}", path.display(), error.column());
                io::Error::new(io::ErrorKind::InvalidData, at)
            })?;
            restore(state, line);
            whole += u64::try_from(count).unwrap_or_default();
        }
        drop(reader);
        file.set_len(whole)?;
        state.dirty.clear();
        state.notes.clear();
        Ok(Self(file))
    }

    /// The lines for everything that changed.
    pub fn lines(state: &State) -> String {
        let mut out = String::new();
        for (table, row) in &state.dirty {
            let (row, at) = (*row, *row as usize);
            let line = match table {
                Table::Attempts => state.attempts.get(at).map(|value| text(&LineRef::Attempt(row, value))),
                Table::Keys => state.keys.get(at).map(|value| text(&LineRef::Key(row, value))),
                Table::Schedules => state.schedules.get(at).map(|value| text(&LineRef::Schedule(row, value))),
                Table::Receipts => state.receipts.get(at).map(|value| text(&LineRef::Receipt(row, value))),
                Table::Events => state.events.get(at).map(|value| text(&LineRef::Event(row, value))),
            };
            out.extend(line);
            out.push('\n');
        }
        for note in &state.notes {
            out.push_str(note);
            out.push('\n');
        }
        out
    }

    /// Appends lines. A disk that is full ends the promise, not the sandbox.
    pub fn write(&mut self, lines: &str) {
        if let Err(error) = self.0.write_all(lines.as_bytes()) {
            drop(writeln!(io::stderr().lock(), "danmal sandbox: the state file cannot be written: {error}"));
        }
    }

    /// The line of a stored answer.
    pub fn idempotency_line(key: &str, reply: &Reply, at: Time) -> String {
        text(&LineRef::Idempotency(key, reply.status, &reply.body, at))
    }

    /// The line of a pre-registered amount.
    pub fn prepared_line(version: Version, store: StoreNo, payment: &str, value: &Prepared) -> String {
        text(&LineRef::Prepared(version, store, payment, value))
    }

    /// The line of a checkout session.
    pub fn session_line(id: &str, session: &Session) -> String {
        text(&LineRef::Session(id, session))
    }

    /// The line of a refund that ends later.
    pub fn cancel_due_line(at: Time, attempt: Row, cancel: u16, succeeds: bool) -> String {
        text(&LineRef::CancelDue(at, attempt, cancel, succeeds))
    }

    /// The line of a moved clock.
    pub fn clock_line(at: Time) -> String {
        text(&LineRef::Clock(at))
    }
}

/// Whether row `at` already exists in a table of `len` rows; rows come in order.
fn known(at: Row, len: usize) -> bool {
    (at as usize) < len
}

fn restore(state: &mut State, line: Line) {
    match line {
        Line::Attempt(at, row) if known(at, state.attempts.len()) => {
            state.change_attempt(at, |old| {
                let superseded = old.superseded;
                *old = row;
                old.superseded = superseded;
            });
        }
        Line::Attempt(_, row) => {
            state.add_attempt(row);
        }
        Line::Key(_, row) => {
            state.put_key(row);
        }
        Line::Schedule(at, row) if known(at, state.schedules.len()) => {
            state.change_schedule(at, |old| *old = row);
        }
        Line::Schedule(_, row) => {
            state.add_schedule(row);
        }
        Line::Receipt(at, row) if known(at, state.receipts.len()) => {
            state.change_receipt(at, |old| *old = row);
        }
        Line::Receipt(_, row) => {
            state.add_receipt(row);
        }
        Line::Event(_, row) => state.events.push(row),
        Line::Idempotency(key, status, body, at) => state.idempotency.restore(key, status, body, at),
        Line::Prepared(version, store, payment, row) => {
            state.prepared.insert((version, store, payment), row);
        }
        Line::Session(id, row) => {
            state.sessions.insert(id, row);
        }
        Line::CancelDue(at, row, cancel, succeeds) => {
            let pending = state.attempts.get(row as usize).and_then(|a| a.cancels.get(usize::from(cancel)));
            if pending.is_some_and(|cancel| cancel.status == CancelStatus::Requested) {
                state.cancels_due.insert((at, row, cancel, succeeds));
            }
        }
        Line::Clock(at) => state.clock.set(at),
    }
}
