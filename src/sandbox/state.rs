//! Everything the sandbox knows, behind one lock: tables, indexes, clock, tokens, and what has to be written.
//!
//! Rows are only changed through the methods here, which keep the indexes right and remember what the journal
//! still has to be told. Nothing here reads the network or the disk.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use ring::hmac;

use super::catalog::StoreNo;
use super::clock::{Clock, Time};
use super::fault::Faults;
use super::idempotency::Idempotency;
use super::ids::Rng;
use super::model::{
    Attempt, Event, Key, Prepared, Receipt, Row, Schedule, ScheduleStatus, Session, Status, Version,
};
use super::token::Tokens;
use super::webhook::Hooks;

/// Rows of one table ordered by a time of theirs.
#[derive(Debug, Default)]
pub struct TimeIndex(Vec<(Time, Row)>);

impl TimeIndex {
    /// Puts a row in; appending in time order costs nothing.
    pub fn insert(&mut self, at: Time, row: Row) {
        let entry = (at, row);
        if self.0.last().is_none_or(|last| *last < entry) {
            self.0.push(entry);
        } else if let Err(place) = self.0.binary_search(&entry) {
            self.0.insert(place, entry);
        }
    }

    /// Takes a row out.
    pub fn remove(&mut self, at: Time, row: Row) {
        if let Ok(place) = self.0.binary_search(&(at, row)) {
            self.0.remove(place);
        }
    }

    /// The rows with `from <= time < until`, oldest first.
    pub fn between(&self, from: Time, until: Time) -> &[(Time, Row)] {
        let low = self.0.partition_point(|(at, _)| *at < from);
        let high = self.0.partition_point(|(at, _)| *at < until);
        self.0.get(low..high.max(low)).unwrap_or_default()
    }

    /// Replaces the content (after a bulk load).
    pub fn load(&mut self, mut entries: Vec<(Time, Row)>) {
        entries.sort_unstable();
        self.0 = entries;
    }
}

/// Which table a changed row belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Table {
    /// [`Attempt`].
    Attempts,
    /// [`Key`].
    Keys,
    /// [`Schedule`].
    Schedules,
    /// [`Receipt`].
    Receipts,
    /// [`Event`].
    Events,
}

/// How strict and how slow this sandbox is.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
pub struct Settings {
    /// V2 API secret.
    pub v2_secret: String,
    /// V1 key.
    pub v1_key: String,
    /// V1 secret.
    pub v1_secret: String,
    /// Check each PG's own input rules.
    pub pg_rules: bool,
    /// V1: a missing billing key answers 404 (schema) instead of 200 with code 1 (seen on the wire).
    pub v1_missing_key_404: bool,
    /// V1: `channel_key` is demanded where the schema demands it.
    pub v1_strict_channel: bool,
    /// What "slow" means for the slow card.
    pub slow: Duration,
    /// Webhooks may leave this machine.
    pub remote_webhooks: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            v2_secret: super::catalog::V2_SECRET.to_owned(),
            v1_key: super::catalog::V1_KEY.to_owned(),
            v1_secret: super::catalog::V1_SECRET.to_owned(),
            pg_rules: true,
            v1_missing_key_404: false,
            v1_strict_channel: false,
            slow: Duration::from_secs(5),
            remote_webhooks: false,
        }
    }
}

type Names = HashMap<(StoreNo, Box<str>), Row>;

/// The whole state of one sandbox.
pub struct State {
    /// Settings.
    pub settings: Settings,
    /// Time.
    pub clock: Clock,
    /// Source of ids.
    pub rng: Rng,
    /// Key of the card fingerprints; lives as long as the process.
    pub card_key: hmac::Key,
    /// Tries at payments.
    pub attempts: Vec<Attempt>,
    /// Billing keys.
    pub keys: Vec<Key>,
    /// Schedules.
    pub schedules: Vec<Schedule>,
    /// Cash receipts.
    pub receipts: Vec<Receipt>,
    /// Money movements, in the order they happened.
    pub events: Vec<Event>,
    /// Pre-registered amounts.
    pub prepared: HashMap<(Version, StoreNo, Box<str>), Prepared>,
    /// Checkout sessions.
    pub sessions: HashMap<Box<str>, Session>,
    /// Access tokens.
    pub tokens: Tokens,
    /// Stored answers.
    pub idempotency: Idempotency,
    /// Scripted faults.
    pub faults: Faults,
    /// Webhooks.
    pub hooks: Hooks,
    /// Attempts by request time.
    pub by_requested: TimeIndex,
    /// Attempts by the time of their state.
    pub by_changed: TimeIndex,
    /// Schedules by the time they are due.
    pub by_due: TimeIndex,
    /// Keys by issue time.
    pub by_issued: TimeIndex,
    /// Refunds that end later: time, attempt, position of the refund, whether it succeeds.
    pub cancels_due: BTreeSet<(Time, Row, u16, bool)>,
    /// Schedules that wait or run, by the time of their next step.
    pub schedules_due: BTreeSet<(Time, Row)>,
    /// Rows the journal must still be told of.
    pub dirty: BTreeSet<(Table, Row)>,
    /// Whether anything at all has to be journalled besides rows.
    pub notes: Vec<String>,
    by_tx: HashMap<Box<str>, Row>,
    by_payment: Names,
    by_key: Names,
    by_schedule: HashMap<Box<str>, Row>,
    schedule_of: Names,
    receipt_of: Names,
}

fn row(at: usize) -> Row {
    Row::try_from(at).unwrap_or(Row::MAX)
}

impl State {
    /// An empty sandbox.
    pub fn new(settings: Settings, clock: Clock, rng: Rng) -> Self {
        let mut rng = rng;
        let mut seed = Rng::random();
        let secret: Vec<u8> = (0..4).flat_map(|_| seed.next_u64().to_le_bytes()).collect();
        let hooks = Hooks::new(rng.next_u64());
        Self {
            settings,
            clock,
            rng,
            card_key: hmac::Key::new(hmac::HMAC_SHA256, &secret),
            attempts: Vec::new(),
            keys: Vec::new(),
            schedules: Vec::new(),
            receipts: Vec::new(),
            events: Vec::new(),
            prepared: HashMap::new(),
            sessions: HashMap::new(),
            tokens: Tokens::default(),
            idempotency: Idempotency::default(),
            faults: Faults::default(),
            hooks,
            by_requested: TimeIndex::default(),
            by_changed: TimeIndex::default(),
            by_due: TimeIndex::default(),
            by_issued: TimeIndex::default(),
            cancels_due: BTreeSet::new(),
            schedules_due: BTreeSet::new(),
            dirty: BTreeSet::new(),
            notes: Vec::new(),
            by_tx: HashMap::new(),
            by_payment: HashMap::new(),
            by_key: HashMap::new(),
            by_schedule: HashMap::new(),
            schedule_of: HashMap::new(),
            receipt_of: HashMap::new(),
        }
    }

    /// Now, by the sandbox's clock.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// The attempt at `at`. Row numbers only come from this state's own indexes.
    pub fn attempt(&self, at: Row) -> &Attempt {
        &self.attempts[at as usize]
    }

    /// The billing key at `at`.
    pub fn key(&self, at: Row) -> &Key {
        &self.keys[at as usize]
    }

    /// The schedule at `at`.
    pub fn schedule(&self, at: Row) -> &Schedule {
        &self.schedules[at as usize]
    }

    /// The receipt at `at`.
    pub fn receipt(&self, at: Row) -> &Receipt {
        &self.receipts[at as usize]
    }

    /// Adds a try at a payment, chained to the earlier ones.
    pub fn add_attempt(&mut self, mut attempt: Attempt) -> Row {
        let at = row(self.attempts.len());
        attempt.previous = self.by_payment.insert((attempt.store, attempt.payment.clone()), at);
        if let Some(earlier) = attempt.previous {
            self.attempts[earlier as usize].superseded = true;
        }
        self.by_tx.insert(attempt.tx.clone(), at);
        self.by_requested.insert(attempt.requested, at);
        self.by_changed.insert(attempt.changed, at);
        self.attempts.push(attempt);
        self.dirty.insert((Table::Attempts, at));
        at
    }

    /// Adds many rows at once, in any order: the time indexes are built once at the end.
    pub fn plant(
        &mut self,
        attempts: Vec<Attempt>,
        keys: Vec<Key>,
        schedules: Vec<Schedule>,
        events: Vec<Event>,
    ) {
        self.attempts.reserve(attempts.len());
        for mut attempt in attempts {
            let at = row(self.attempts.len());
            attempt.previous = self.by_payment.insert((attempt.store, attempt.payment.clone()), at);
            if let Some(earlier) = attempt.previous {
                self.attempts[earlier as usize].superseded = true;
            }
            self.by_tx.insert(attempt.tx.clone(), at);
            self.attempts.push(attempt);
            self.dirty.insert((Table::Attempts, at));
        }
        let times = |time: fn(&Attempt) -> Time| {
            self.attempts.iter().enumerate().map(|(at, attempt)| (time(attempt), row(at))).collect()
        };
        let (requested, changed) = (times(|attempt| attempt.requested), times(|attempt| attempt.changed));
        self.by_requested.load(requested);
        self.by_changed.load(changed);
        for key in keys {
            self.put_key(key);
        }
        for schedule in schedules {
            self.add_schedule(schedule);
        }
        for event in events {
            self.dirty.insert((Table::Events, row(self.events.len())));
            self.events.push(event);
        }
    }

    /// Changes an attempt.
    pub fn change_attempt<T>(&mut self, at: Row, change: impl FnOnce(&mut Attempt) -> T) -> T {
        let attempt = &mut self.attempts[at as usize];
        let before = attempt.changed;
        let out = change(attempt);
        let after = attempt.changed;
        if before != after {
            self.by_changed.remove(before, at);
            self.by_changed.insert(after, at);
        }
        self.dirty.insert((Table::Attempts, at));
        out
    }

    /// Moves an attempt to another state now.
    pub fn set_status(&mut self, at: Row, status: Status) {
        let now = self.now();
        self.change_attempt(at, |attempt| {
            attempt.status = status;
            attempt.changed = now;
        });
    }

    /// Adds a billing key, or replaces the one of the same name (V1 §8.1).
    pub fn put_key(&mut self, key: Key) -> Row {
        let name = (key.store, key.name.clone());
        let at = if let Some(at) = self.by_key.get(&name).copied() {
            let old = &mut self.keys[at as usize];
            self.by_issued.remove(old.issued, at);
            *old = key;
            at
        } else {
            let at = row(self.keys.len());
            self.by_key.insert(name, at);
            self.keys.push(key);
            at
        };
        self.by_issued.insert(self.keys[at as usize].issued, at);
        self.dirty.insert((Table::Keys, at));
        at
    }

    /// Changes a billing key (never its issue time).
    pub fn change_key(&mut self, at: Row, change: impl FnOnce(&mut Key)) {
        change(&mut self.keys[at as usize]);
        self.dirty.insert((Table::Keys, at));
    }

    /// Adds a schedule.
    pub fn add_schedule(&mut self, schedule: Schedule) -> Row {
        let at = row(self.schedules.len());
        self.by_schedule.insert(schedule.id.clone(), at);
        self.schedule_of.insert((schedule.store, schedule.payment.clone()), at);
        self.by_due.insert(schedule.due, at);
        if schedule.status == ScheduleStatus::Scheduled {
            self.schedules_due.insert((schedule.due, at));
        }
        self.schedules.push(schedule);
        self.dirty.insert((Table::Schedules, at));
        at
    }

    /// Changes a schedule and files it under its next step.
    pub fn change_schedule(&mut self, at: Row, change: impl FnOnce(&mut Schedule)) {
        let schedule = &mut self.schedules[at as usize];
        let (before, step) = (schedule.due, next_step(schedule));
        change(schedule);
        if let Some(step) = step {
            self.schedules_due.remove(&(step, at));
        }
        if let Some(step) = next_step(schedule) {
            self.schedules_due.insert((step, at));
        }
        if before != schedule.due {
            self.by_due.remove(before, at);
            self.by_due.insert(schedule.due, at);
        }
        self.dirty.insert((Table::Schedules, at));
    }

    /// Adds a cash receipt; a newer one for the same payment takes its place in look-ups.
    pub fn add_receipt(&mut self, receipt: Receipt) -> Row {
        let at = row(self.receipts.len());
        self.receipt_of.insert((receipt.store, receipt.payment.clone()), at);
        self.receipts.push(receipt);
        self.dirty.insert((Table::Receipts, at));
        at
    }

    /// Changes a cash receipt.
    pub fn change_receipt(&mut self, at: Row, change: impl FnOnce(&mut Receipt)) {
        change(&mut self.receipts[at as usize]);
        self.dirty.insert((Table::Receipts, at));
    }

    /// Writes a line into the money ledger.
    pub fn add_event(&mut self, attempt: Row, cancel: Option<u16>, whole: bool, at: Time) {
        let id = self.rng.uuid(at);
        self.dirty.insert((Table::Events, row(self.events.len())));
        self.events.push(Event { attempt, cancel, whole, at, id });
    }

    /// The newest try at a payment.
    pub fn find_payment(&self, store: StoreNo, payment: &str) -> Option<Row> {
        self.by_payment.get(&(store, Box::from(payment))).copied()
    }

    /// An attempt by `transactionId` / `imp_uid`.
    pub fn find_tx(&self, tx: &str) -> Option<Row> {
        self.by_tx.get(tx).copied()
    }

    /// A billing key by name.
    pub fn find_key(&self, store: StoreNo, name: &str) -> Option<Row> {
        self.by_key.get(&(store, Box::from(name))).copied()
    }

    /// A schedule by id.
    pub fn find_schedule(&self, id: &str) -> Option<Row> {
        self.by_schedule.get(id).copied()
    }

    /// The newest schedule that was made for a payment id.
    pub fn schedule_for(&self, store: StoreNo, payment: &str) -> Option<Row> {
        self.schedule_of.get(&(store, Box::from(payment))).copied()
    }

    /// The newest cash receipt of a payment.
    pub fn receipt_for(&self, store: StoreNo, payment: &str) -> Option<Row> {
        self.receipt_of.get(&(store, Box::from(payment))).copied()
    }

    /// Every try at the payment of `newest`, newest first.
    pub fn tries(&self, newest: Row) -> impl Iterator<Item = Row> + '_ {
        std::iter::successors(Some(newest), |at| self.attempt(*at).previous)
    }

    /// A new `imp_uid` that nothing has yet.
    pub fn new_imp_uid(&mut self) -> Box<str> {
        loop {
            let id = self.rng.imp_uid();
            if !self.by_tx.contains_key(&id) {
                return id;
            }
        }
    }
}

/// When the scheduler must look at this row next: its due time, or two seconds after its start.
pub fn next_step(schedule: &Schedule) -> Option<Time> {
    match schedule.status {
        ScheduleStatus::Scheduled => Some(schedule.due),
        ScheduleStatus::Started => Some(schedule.started.saturating_add(super::scheduler::RUN_SECONDS)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_index_answers_half_open_ranges_in_order() {
        let mut index = TimeIndex::default();
        for (at, row) in [(10, 0), (30, 1), (20, 2), (20, 3)] {
            index.insert(at, row);
        }
        assert_eq!(index.between(10, 30), [(10, 0), (20, 2), (20, 3)]);
        index.remove(20, 2);
        assert_eq!(index.between(0, Time::MAX), [(10, 0), (20, 3), (30, 1)]);
        assert_eq!(index.between(31, 31), []);
        assert_eq!(index.between(40, 5), []);
    }
}
