//! The copy of what the provider told, kept in the ledger's file. In the same file because operators share it
//! and because one file is one thing to protect; a page of a thousand rows is one transaction, so that a charge
//! that wants to write its intent waits for one page at most.
//!
//! Lists are row numbers, made from packed outlines or from an index alone; windows read the rows themselves.

use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use rusqlite::types::Type;
use rusqlite::{OptionalExtension as _, Row, RowIndex, params};

use super::{LedgerError, SqliteLedger};
use crate::domain::customer::Customer;
use crate::domain::listing::{
    Basis, DayTotal, Freshness, Kept, PaymentFilter, RowId, RowList, ScheduleFilter, ScheduleSum,
};
use crate::domain::money::{Currency, Money};
use crate::domain::payment::Refusal;
use crate::domain::pg::Generation;
use crate::domain::record::PaymentRecord;
use crate::domain::schedule::{ProviderSchedule, ScheduleGroup, Span};
use crate::domain::search::Needle;
use crate::domain::text::SafeText;
use crate::ledger::cache::{Cache, SyncKind, SyncState};
use texts::RowTexts;

mod memory;
mod outlines;
mod payment_row;
mod payments;
mod schedules;
mod search;
mod texts;

pub(super) use memory::Memory;
pub(super) use outlines::take_over;

/// Korea is nine hours ahead, without daylight saving.
const KOREA_SECONDS: i64 = 9 * 60 * 60;
const DAY_SECONDS: i64 = 24 * 60 * 60;
/// Day 0 of [`day_of`].
const FIRST_DAY: Date = date(1970, 1, 1);

/// The day in Korea of a moment: days since 1970-01-01.
fn day_of(second: i64) -> i64 {
    (second + KOREA_SECONDS).div_euclid(DAY_SECONDS)
}

/// That day as a date.
pub(super) fn date_of(day: i64) -> Result<Date, LedgerError> {
    jiff::Span::new()
        .try_days(day)
        .and_then(|days| FIRST_DAY.checked_add(days))
        .map_err(|_| LedgerError::Row(format!("day {day} is none")))
}

/// The number of a date's day, as [`day_of`] counts.
pub(super) fn number_of(day: Date) -> i64 {
    FIRST_DAY.duration_until(day).as_hours() / 24
}

/// A count or sum as a column has it.
pub(super) fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Reads a count or sum, which is never negative.
pub(super) fn count(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<u64> {
    u64::try_from(row.get::<_, i64>(column)?).map_err(|_| unreadable("of a count"))
}

fn unreadable(column: &str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, format!("column {column}").into())
}

fn millisecond(row: &Row<'_>, column: &str) -> rusqlite::Result<Timestamp> {
    Timestamp::from_millisecond(row.get(column)?).map_err(|_| unreadable(column))
}

fn safe(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<SafeText>> {
    Ok(row.get_ref(column)?.as_str_or_null()?.map(SafeText::new))
}

fn safe_or_empty(row: &Row<'_>, column: &str) -> rusqlite::Result<SafeText> {
    Ok(safe(row, column)?.unwrap_or_default())
}

fn money(row: &Row<'_>, column: &str, currency: Option<Currency>) -> rusqlite::Result<Option<Money>> {
    match (row.get::<_, Option<i64>>(column)?, currency) {
        (None, _) => Ok(None),
        (Some(_), None) => Err(unreadable(column)),
        (Some(minor), Some(currency)) => {
            Money::from_wire_minor(minor, currency).map(Some).ok_or_else(|| unreadable(column))
        }
    }
}

fn customer(row: &Row<'_>) -> rusqlite::Result<Customer> {
    let text = |column: &str| -> rusqlite::Result<String> {
        Ok(row.get::<_, Option<String>>(column)?.unwrap_or_default())
    };
    Ok(Customer::new(&text("customer_name")?, &text("customer_phone")?, &text("customer_email")?)
        .with_id(&text("customer_id")?))
}

fn refusal(row: &Row<'_>) -> rusqlite::Result<Option<Refusal>> {
    match safe(row, "refusal_message")? {
        None => Ok(None),
        Some(message) => Ok(Some(Refusal { code: safe(row, "refusal_code")?, message })),
    }
}

fn kept<T>(row: &Row<'_>, what: T) -> rusqlite::Result<Kept<T>> {
    Ok(Kept { row: row_id(row.get("row")?)?, what, synced_at: millisecond(row, "synced_at")? })
}

fn row_id(number: i64) -> rusqlite::Result<RowId> {
    RowId::new(number).ok_or_else(|| unreadable("row"))
}

/// The bits of the chosen places.
fn mask<T: Copy + PartialEq>(all: &[T], chosen: &[T]) -> i64 {
    all.iter().enumerate().filter(|(_, one)| chosen.contains(one)).map(|(place, _)| 1i64 << place).sum()
}

/// Where something stands among all of its kind.
fn place<T: PartialEq>(all: &[T], one: &T) -> i64 {
    all.iter().position(|other| other == one).and_then(|place| i64::try_from(place).ok()).unwrap_or(-1)
}

/// How rows of a table are kept, each as all its columns in one order. Parameters have the columns' places: by their
/// names they would be looked for at every row. One statement that does it all (`ON CONFLICT`, `RETURNING`) copies every
/// page that it touches, in case it fails in the middle.
struct Keeping<'a> {
    table: &'a str,
    /// What names a row.
    names: &'a [&'a str],
    /// What is taken over from a newer answer as it comes; the first of them says when that was asked for.
    columns: &'a [&'a str],
    /// Lists: an answer may leave them out.
    lists: &'a [&'a str],
}

impl Keeping<'_> {
    fn all(&self) -> impl Iterator<Item = &str> {
        self.names.iter().chain(self.columns).chain(self.lists).copied()
    }

    /// Where a column's parameter stands.
    fn at(&self, column: &str) -> usize {
        1 + self.all().position(|other| other == column).unwrap_or(usize::MAX - 1)
    }

    /// `column … parameter` of each, one behind the other.
    fn each(&self, columns: &[&str], between: &str, behind: &str) -> String {
        let each: Vec<String> =
            columns.iter().map(|column| format!("{column} {between} ?{}", self.at(column))).collect();
        each.join(behind)
    }

    fn named(&self) -> String {
        self.each(self.names, "=", " AND ")
    }

    /// The row that has the names, which are the first parameters.
    fn find(&self) -> String {
        format!("SELECT row FROM {} WHERE {}", self.table, self.named())
    }

    /// A row that there is not.
    fn insert(&self) -> String {
        let columns: Vec<&str> = self.all().collect();
        let places = vec!["?"; columns.len()];
        format!("INSERT INTO {} ({}) VALUES ({})", self.table, columns.join(", "), places.join(", "))
    }

    /// A row that is as it was: only when it was asked for is new, which no index has.
    fn touch(&self) -> String {
        let (asked, rest) = self.columns.split_first().unwrap_or((&"", &[]));
        let asked_at = self.at(asked);
        let told = |list: &&str| format!(" AND (?{at} = '[]' OR {list} = ?{at})", at = self.at(list));
        format!(
            "UPDATE {} SET {asked} = ?{asked_at} WHERE {} AND {asked} <= ?{asked_at} AND {}{}",
            self.table,
            self.named(),
            self.each(rest, "IS", " AND "),
            self.lists.iter().map(told).collect::<String>(),
        )
    }

    /// A row that is another than it was, if this holds.
    fn update(&self, lists: &str, if_so: &str) -> String {
        format!(
            "UPDATE {} SET {}{lists} WHERE {} AND {if_so}",
            self.table,
            self.each(self.columns, "=", ", "),
            self.named(),
        )
    }
}

impl SqliteLedger {
    fn sync(&self, profile: &str, kind: SyncKind) -> Result<Option<SyncState>, LedgerError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT from_at, until_at, next, done, rows, started_at, updated_at FROM syncs
             WHERE profile = ?1 AND kind = ?2",
        )?;
        let state = statement
            .query_row((profile, kind.word()), |row| {
                Ok(SyncState {
                    span: Span { from: millisecond(row, "from_at")?, until: millisecond(row, "until_at")? },
                    next: row.get("next")?,
                    done: row.get("done")?,
                    rows: count(row, "rows")?,
                    started_at: millisecond(row, "started_at")?,
                    updated_at: millisecond(row, "updated_at")?,
                })
            })
            .optional()?;
        Ok(state)
    }

    fn put_sync(&self, profile: &str, kind: SyncKind, state: &SyncState) -> Result<(), LedgerError> {
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO syncs
                    (profile, kind, from_at, until_at, next, done, rows, started_at, updated_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                profile,
                kind.word(),
                state.span.from.as_millisecond(),
                state.span.until.as_millisecond(),
                state.next,
                state.done,
                whole(state.rows),
                state.started_at.as_millisecond(),
                state.updated_at.as_millisecond(),
            ])?;
        Ok(())
    }
}

impl Cache for SqliteLedger {
    fn put_payments(
        &self,
        profile: &str,
        generation: Generation,
        payments: &[PaymentRecord],
        asked_at: Timestamp,
    ) -> Result<(), LedgerError> {
        let transaction = self.write()?;
        self.upsert_payments(profile, generation, payments, asked_at)?;
        transaction.commit()?;
        Ok(())
    }

    fn put_payment_page(
        &self,
        profile: &str,
        generation: Generation,
        payments: &[PaymentRecord],
        kind: SyncKind,
        state: &SyncState,
    ) -> Result<(), LedgerError> {
        let transaction = self.write()?;
        self.upsert_payments(profile, generation, payments, state.updated_at)?;
        self.put_sync(profile, kind, state)?;
        transaction.commit()?;
        Ok(())
    }

    fn sync_state(&self, profile: &str, kind: SyncKind) -> Result<Option<SyncState>, LedgerError> {
        self.sync(profile, kind)
    }

    fn put_sync_state(&self, profile: &str, kind: SyncKind, state: &SyncState) -> Result<(), LedgerError> {
        self.put_sync(profile, kind, state)
    }

    fn payment_list(
        &self,
        profile: &str,
        filter: &PaymentFilter,
        needle: Option<&Needle>,
    ) -> Result<RowList, LedgerError> {
        self.list_payments(profile, filter, self.ready(needle)?)
    }

    fn payment_rows(
        &self,
        list: &RowList,
        range: Range<usize>,
    ) -> Result<Vec<Kept<PaymentRecord>>, LedgerError> {
        self.read_payments(list.window(range))
    }

    fn payment(&self, profile: &str, id: &SafeText) -> Result<Option<Kept<PaymentRecord>>, LedgerError> {
        self.deciding_payment(profile, id)
    }

    fn attempts(&self, profile: &str, id: &SafeText) -> Result<Vec<Kept<PaymentRecord>>, LedgerError> {
        self.attempts_of(profile, id)
    }

    fn newest_payment(&self, profile: &str, basis: Basis) -> Result<(Option<Timestamp>, u64), LedgerError> {
        self.newest(profile, basis)
    }

    fn payment_pgs(&self, profile: &str) -> Result<Vec<SafeText>, LedgerError> {
        self.pgs(profile)
    }

    fn day_totals(
        &self,
        profile: &str,
        span: Span,
        basis: Basis,
        is_test: Option<bool>,
    ) -> Result<Vec<DayTotal>, LedgerError> {
        self.totals(profile, span, basis, is_test)
    }

    fn put_schedules(
        &self,
        profile: &str,
        span: Span,
        schedules: &[ProviderSchedule],
        asked_at: Timestamp,
    ) -> Result<(), LedgerError> {
        let transaction = self.write()?;
        self.replace_schedules(profile, span, schedules, asked_at)?;
        transaction.commit()?;
        Ok(())
    }

    fn put_schedule(
        &self,
        profile: &str,
        schedule: &ProviderSchedule,
        asked_at: Timestamp,
    ) -> Result<(), LedgerError> {
        let transaction = self.write()?;
        self.upsert_schedules(profile, std::slice::from_ref(schedule), asked_at)?;
        transaction.commit()?;
        Ok(())
    }

    fn schedule_days(&self, profile: &str, span: Span) -> Result<Vec<ScheduleSum>, LedgerError> {
        self.days(profile, span)
    }

    fn schedule_list(
        &self,
        profile: &str,
        filter: &ScheduleFilter,
        needle: Option<&Needle>,
    ) -> Result<RowList, LedgerError> {
        self.list_schedules(profile, filter, self.ready(needle)?)
    }

    fn schedule_rows(
        &self,
        list: &RowList,
        range: Range<usize>,
    ) -> Result<Vec<Kept<ProviderSchedule>>, LedgerError> {
        self.read_schedules(list.window(range))
    }

    fn schedule(&self, profile: &str, id: &SafeText) -> Result<Option<Kept<ProviderSchedule>>, LedgerError> {
        self.one_schedule(profile, id)
    }

    fn schedule_of_payment(
        &self,
        profile: &str,
        payment: &SafeText,
    ) -> Result<Option<Kept<ProviderSchedule>>, LedgerError> {
        self.schedule_behind(profile, payment)
    }

    fn next_after(
        &self,
        profile: &str,
        at: Timestamp,
        group: Option<ScheduleGroup>,
    ) -> Result<Option<Kept<ProviderSchedule>>, LedgerError> {
        self.next_schedule(profile, at, group)
    }

    fn refreshed_at(&self, profile: &str, span: Span) -> Result<Freshness, LedgerError> {
        self.freshness(profile, span)
    }

    fn drop_cache(&self, profile: &str) -> Result<(), LedgerError> {
        let transaction = self.write()?;
        let mut texts = {
            let mut rows = self.connection.prepare("SELECT row FROM payments WHERE profile = ?1")?;
            let rows = rows.query_map([profile], |row| Ok(RowTexts::none(row.get(0)?)))?;
            rows.collect::<Result<Vec<_>, _>>()?
        };
        self.put_texts(&mut texts)?;
        for table in ["payment_outlines", "payments", "syncs", "schedules", "schedule_reads"] {
            self.connection.execute(&format!("DELETE FROM {table} WHERE profile = ?1"), [profile])?;
        }
        transaction.commit()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
