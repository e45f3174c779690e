//! What lists of payments are made and added up from: an outline of each payment, packed. Those of [`ROWS`] rows of a
//! profile are one blob, so that a list walks over few large values, and one page of a reading changes two or three of
//! them instead of a place in each of several indexes for every payment.
//!
//! An outline has codes, never names: places in [`StateKind::ALL`] and [`Method::ALL`], and the PG's number.

use std::collections::{BTreeSet, HashMap};

use rusqlite::{Connection, OptionalExtension as _, Row};

use super::{LedgerError, SqliteLedger, row_id};
use crate::domain::listing::{Basis, RowId, StateKind};
use crate::domain::money::{Currency, Money};
use crate::domain::record::{Method, PaymentRecord};
use crate::domain::text::SafeText;

/// How many rows have their outlines in one blob.
const ROWS: usize = 128;
#[expect(clippy::cast_possible_wrap, reason = "128 is no negative number")]
const BLOCK: i64 = ROWS as i64;

/// The bytes of one.
const SIZE: usize = 40;

/// No row, or no number of what it should be.
const NONE: u8 = u8::MAX;

/// No PG was told.
const NO_PG: u32 = 0;

/// What a list needs to know of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Outline {
    /// Seconds; one that the provider does not tell is the other one.
    pub requested_at: i64,
    pub changed_at: i64,
    /// Minor units; nothing without a currency that this program can count in.
    pub amount: i64,
    pub cancelled: i64,
    pub pg: u32,
    /// Places among all of their kind.
    pub state: u8,
    pub method: u8,
    pub currency: Option<Currency>,
    pub is_recurring: bool,
    pub is_test: bool,
}

impl Outline {
    pub(super) fn of(record: &PaymentRecord, pg: u32) -> Self {
        let payment = &record.payment;
        Self {
            requested_at: record.requested_at.or(record.changed_at).unwrap_or(0),
            changed_at: record.changed_at.or(record.requested_at).unwrap_or(0),
            amount: payment.total.map_or(0, Money::minor_signed),
            cancelled: record.cancelled.map_or(0, Money::minor_signed),
            pg,
            state: place(&StateKind::ALL, &StateKind::of(&payment.state)),
            method: place(&Method::ALL, &record.method),
            currency: payment.total.map(Money::currency),
            is_recurring: record.is_recurring(),
            is_test: payment.is_test == Some(true),
        }
    }

    pub(super) const fn time(&self, basis: Basis) -> i64 {
        match basis {
            Basis::Requested => self.requested_at,
            Basis::Changed => self.changed_at,
        }
    }

    fn write(&self, to: &mut [u8; SIZE]) {
        to[0..8].copy_from_slice(&self.requested_at.to_le_bytes());
        to[8..16].copy_from_slice(&self.changed_at.to_le_bytes());
        to[16..24].copy_from_slice(&self.amount.to_le_bytes());
        to[24..32].copy_from_slice(&self.cancelled.to_le_bytes());
        to[32..36].copy_from_slice(&self.pg.to_le_bytes());
        to[36] = self.state;
        to[37] = self.method;
        to[38] = currency_code(self.currency);
        to[39] = u8::from(self.is_recurring) | u8::from(self.is_test) << 1;
    }

    /// Nothing where there is no row.
    fn read(from: &[u8; SIZE]) -> Option<Self> {
        let [a, b, c, d] = [0, 8, 16, 24].map(|at| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&from[at..at + 8]);
            i64::from_le_bytes(bytes)
        });
        let (state, method, currency, flags) = (from[36], from[37], from[38], from[39]);
        (flags != NONE).then(|| Self {
            requested_at: a,
            changed_at: b,
            amount: c,
            cancelled: d,
            pg: u32::from_le_bytes([from[32], from[33], from[34], from[35]]),
            state,
            method,
            currency: currency_of(currency),
            is_recurring: flags & 1 != 0,
            is_test: flags & 2 != 0,
        })
    }
}

fn place<T: PartialEq>(all: &[T], one: &T) -> u8 {
    u8::try_from(super::place(all, one)).unwrap_or(NONE)
}

const fn currency_code(currency: Option<Currency>) -> u8 {
    match currency {
        None => 0,
        Some(Currency::Krw) => 1,
        Some(Currency::Usd) => 2,
    }
}

const fn currency_of(code: u8) -> Option<Currency> {
    match code {
        1 => Some(Currency::Krw),
        2 => Some(Currency::Usd),
        _ => None,
    }
}

/// The columns of a time: a block's first and last.
const fn limits(basis: Basis) -> (&'static str, &'static str) {
    match basis {
        Basis::Requested => ("requested_first", "requested_last"),
        Basis::Changed => ("changed_first", "changed_last"),
    }
}

/// The outlines of a block.
struct Block(Vec<[u8; SIZE]>);

impl Block {
    fn read(bytes: &[u8]) -> Self {
        Self(bytes.as_chunks().0.to_vec())
    }

    fn put(&mut self, row: i64, outline: &Outline) {
        let Ok(at) = usize::try_from(row % BLOCK) else { return };
        if self.0.len() <= at {
            self.0.resize(at + 1, [NONE; SIZE]);
        }
        outline.write(&mut self.0[at]);
    }

    /// How many payments, and from when to when by each basis.
    fn extent(&self) -> (i64, [(i64, i64); 2]) {
        let mut times = [(i64::MAX, i64::MIN); 2];
        let mut count = 0;
        for outline in self.0.iter().filter_map(Outline::read) {
            count += 1;
            for (limits, basis) in times.iter_mut().zip(Basis::ALL) {
                let time = outline.time(basis);
                *limits = (limits.0.min(time), limits.1.max(time));
            }
        }
        (count, times)
    }
}

/// The numbers of the PGs' names, looked up once each.
#[derive(Default)]
pub(super) struct Pgs(HashMap<String, u32>);

impl Pgs {
    /// The number of a name, a new one if need be. Inside a transaction of the caller's.
    pub(super) fn number(&mut self, connection: &Connection, pg: Option<&str>) -> Result<u32, LedgerError> {
        let Some(pg) = pg else { return Ok(NO_PG) };
        if let Some(number) = self.0.get(pg) {
            return Ok(*number);
        }
        let number = match number_of(connection, pg)? {
            Some(number) => number,
            None => connection
                .prepare_cached("INSERT INTO payment_pgs (pg) VALUES (?1) RETURNING number")?
                .query_row([pg], |row| row.get(0))?,
        };
        self.0.insert(pg.to_owned(), number);
        Ok(number)
    }
}

/// The number of a name that there is.
fn number_of(connection: &Connection, pg: &str) -> Result<Option<u32>, LedgerError> {
    let mut statement = connection.prepare_cached("SELECT number FROM payment_pgs WHERE pg = ?1")?;
    Ok(statement.query_row([pg], |row| row.get(0)).optional()?)
}

/// Keeps the outlines of rows of a profile, which ascend. Inside a transaction of the caller's.
fn put(connection: &Connection, profile: &str, rows: &[(i64, Outline)]) -> Result<(), LedgerError> {
    let mut read = connection
        .prepare_cached("SELECT outlines FROM payment_outlines WHERE profile = ?1 AND block = ?2")?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO payment_outlines (profile, block, payments, requested_first, requested_last,
            changed_first, changed_last, outlines) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    let mut update = connection.prepare_cached(
        "UPDATE payment_outlines SET (payments, requested_first, requested_last, changed_first, changed_last,
            outlines) = (?3, ?4, ?5, ?6, ?7, ?8) WHERE profile = ?1 AND block = ?2",
    )?;
    for rows in rows.chunk_by(|left, right| left.0 / BLOCK == right.0 / BLOCK) {
        let number = rows.first().map_or(0, |row| row.0 / BLOCK);
        let known: Option<Block> = read
            .query_row((profile, number), |row| Ok(Block::read(row.get_ref(0)?.as_blob()?)))
            .optional()?;
        let write = if known.is_some() { &mut update } else { &mut insert };
        let mut block = known.unwrap_or(Block(Vec::with_capacity(ROWS)));
        for (row, outline) in rows {
            block.put(*row, outline);
        }
        let (payments, [requested, changed]) = block.extent();
        let limits = (requested.0, requested.1, changed.0, changed.1);
        write.execute((
            profile,
            number,
            payments,
            limits.0,
            limits.1,
            limits.2,
            limits.3,
            block.0.as_flattened(),
        ))?;
    }
    Ok(())
}

/// From the table of before, which had a row for each payment. Inside a transaction of the caller's.
pub(in crate::ledger::sqlite) fn take_over(connection: &Connection) -> Result<(), LedgerError> {
    let mut statement = connection.prepare(
        "SELECT profile, row, requested_at, changed_at, state, method, recurring, is_test, currency, amount,
            cancelled, pg FROM payment_index ORDER BY profile, row",
    )?;
    let mut pgs = Pgs::default();
    let mut of = String::new();
    let mut outlines: Vec<(i64, Outline)> = Vec::new();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let profile = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        let (number, mut outline) = of_before(row)?;
        outline.pg =
            pgs.number(connection, row.get_ref(11)?.as_str_or_null().map_err(rusqlite::Error::from)?)?;
        let is_next = outlines.last().is_none_or(|last| of == profile && last.0 / BLOCK == number / BLOCK);
        if !is_next {
            put(connection, &of, &outlines)?;
            outlines.clear();
        }
        if of != profile {
            profile.clone_into(&mut of);
        }
        outlines.push((number, outline));
    }
    put(connection, &of, &outlines)
}

fn of_before(row: &Row<'_>) -> rusqlite::Result<(i64, Outline)> {
    let outline = Outline {
        requested_at: row.get(2)?,
        changed_at: row.get(3)?,
        amount: row.get(9)?,
        cancelled: row.get(10)?,
        pg: NO_PG,
        state: row.get::<_, i64>(4)?.try_into().unwrap_or(NONE),
        method: row.get::<_, i64>(5)?.try_into().unwrap_or(NONE),
        currency: currency_of(row.get(8)?),
        is_recurring: row.get(6)?,
        is_test: row.get(7)?,
    };
    Ok((row.get(1)?, outline))
}

impl SqliteLedger {
    /// Keeps the outlines of rows of a profile. Inside a transaction of the caller's.
    pub(super) fn put_outlines(&self, profile: &str, rows: &mut [(i64, Outline)]) -> Result<(), LedgerError> {
        rows.sort_unstable_by_key(|row| row.0);
        put(&self.connection, profile, rows)
    }

    /// Walks over the outlines of a profile as its rows ascend; those of blocks that have nothing of these seconds
    /// (`from..until`, by the basis) are left out.
    pub(super) fn each_outline(
        &self,
        profile: &str,
        basis: Basis,
        (from, until): (i64, i64),
        mut each: impl FnMut(RowId, &Outline),
    ) -> Result<(), LedgerError> {
        let (first, last) = limits(basis);
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT block, outlines FROM payment_outlines
             WHERE profile = ?1 AND {last} >= ?2 AND {first} < ?3 ORDER BY block"
        ))?;
        let mut blocks = statement.query((profile, from, until))?;
        while let Some(block) = blocks.next()? {
            let number: i64 = block.get(0)?;
            let bytes = block.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
            for (row, outline) in (number * BLOCK..).zip(bytes.as_chunks().0) {
                if let Some(outline) = Outline::read(outline) {
                    each(row_id(row)?, &outline);
                }
            }
        }
        Ok(())
    }

    /// The last second of any payment of a profile, and how many payments there are.
    pub(super) fn outlined(&self, profile: &str, basis: Basis) -> Result<(Option<i64>, u64), LedgerError> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT max({}), coalesce(sum(payments), 0) FROM payment_outlines WHERE profile = ?1",
            limits(basis).1
        ))?;
        Ok(statement.query_row([profile], |row| Ok((row.get(0)?, super::count(row, 1)?)))?)
    }

    /// The number of a PG's name, if any payment has it.
    pub(super) fn pg_number(&self, pg: &SafeText) -> Result<Option<u32>, LedgerError> {
        number_of(&self.connection, pg.as_str())
    }

    /// The PGs that the payments of a profile name, in their alphabet's order.
    pub(super) fn outlined_pgs(&self, profile: &str) -> Result<Vec<SafeText>, LedgerError> {
        let mut numbers = BTreeSet::new();
        self.each_outline(profile, Basis::default(), (i64::MIN, i64::MAX), |_, outline| {
            numbers.insert(outline.pg);
        })?;
        let mut statement =
            self.connection.prepare_cached("SELECT number, pg FROM payment_pgs ORDER BY pg")?;
        let mut names = Vec::new();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if numbers.contains(&row.get(0)?) {
                names.push(SafeText::new(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?));
            }
        }
        Ok(names)
    }
}
