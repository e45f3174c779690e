//! Payments of the copy: kept, listed, searched, added up.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{OptionalExtension as _, named_params, params, params_from_iter};

use super::payment_row::{COLUMNS, LISTS, NAMES, Offer, read};
use super::search::prepare_payment;
use super::texts::RowTexts;
use super::{Keeping, LedgerError, SqliteLedger, count, date_of, mask, place, row_id};
use crate::domain::billing_key::BillingKey;
use crate::domain::listing::{Basis, DayTotal, Kept, PaymentFilter, RowId, RowList, StateKind};
use crate::domain::money::{Currency, Money};
use crate::domain::pg::Generation;
use crate::domain::record::{Method, PaymentRecord};
use crate::domain::schedule::Span;
use crate::domain::search::{Needle, Prepared};
use crate::domain::text::SafeText;

/// The states in which money was taken, as [`StateKind`]s; [`crate::domain::payment::PaymentState::was_paid`].
const PAID: [StateKind; 3] = [StateKind::Paid, StateKind::PartialCancelled, StateKind::Cancelled];

/// The code of a currency in `payment_index`.
const fn currency_code(currency: Currency) -> i64 {
    match currency {
        Currency::Krw => 1,
        Currency::Usd => 2,
    }
}

/// What `payment_index` has of a payment, besides its row and profile.
const INDEXED: &str =
    "requested_at, changed_at, state, method, recurring, is_test, currency, amount, cancelled, pg";

/// No currency that this program can count in.
const UNCOUNTED: i64 = 0;

fn column_of(basis: Basis) -> &'static str {
    match basis {
        Basis::Requested => "requested_at",
        Basis::Changed => "changed_at",
    }
}

/// A moment's second, for comparing with whole seconds: the first one that is not before it.
fn second_from(at: Timestamp) -> i64 {
    at.as_second() + i64::from(at.subsec_nanosecond() > 0)
}

/// What a filter asks of `payment_index`, as conditions and their values in order.
struct Asked {
    conditions: String,
    values: Vec<Value>,
}

impl Asked {
    fn new(profile: &str, filter: &PaymentFilter, time: &str) -> Self {
        let mut asked =
            Self { conditions: "profile = ?".to_owned(), values: vec![Value::Text(profile.to_owned())] };
        let number = |number: i64| Value::Integer(number);
        if let Some(period) = filter.period {
            asked.add(&format!("{time} >= ?"), number(second_from(period.from)));
            asked.add(&format!("{time} < ?"), number(second_from(period.until)));
        }
        if !filter.states.is_empty() {
            asked.add("(? >> state) & 1", number(mask(&StateKind::ALL, &filter.states)));
        }
        if !filter.methods.is_empty() {
            asked.add("(? >> method) & 1", number(mask(&Method::ALL, &filter.methods)));
        }
        if let Some(recurring) = filter.recurring {
            asked.add("recurring = ?", number(recurring.into()));
        }
        if let Some(is_test) = filter.is_test {
            asked.add("is_test = ?", number(is_test.into()));
        }
        for (limit, condition) in [(filter.least, "amount >= ?"), (filter.most, "amount <= ?")] {
            if let Some(limit) = limit {
                asked.add("currency = ?", number(currency_code(limit.currency())));
                asked.add(condition, number(limit.minor_signed()));
            }
        }
        if let Some(pg) = &filter.pg {
            asked.add("pg = ?", Value::Text(pg.as_str().to_owned()));
        }
        asked
    }

    fn add(&mut self, condition: &str, value: Value) {
        self.conditions.push_str(" AND ");
        self.conditions.push_str(condition);
        self.values.push(value);
    }
}

impl SqliteLedger {
    /// Inside a transaction of the caller's.
    pub(super) fn upsert_payments(
        &self,
        profile: &str,
        generation: Generation,
        payments: &[PaymentRecord],
        asked_at: Timestamp,
    ) -> Result<(), LedgerError> {
        let keeping = Keeping { table: "payments", names: &NAMES, columns: &COLUMNS, lists: &LISTS };
        let at = |column| keeping.at(column);
        let (cancellations, webhooks) = (at("cancellations"), at("webhooks"));
        let mut find = self.connection.prepare_cached(&keeping.find())?;
        let mut insert = self.connection.prepare_cached(&keeping.insert())?;
        let mut touch = self.connection.prepare_cached(&keeping.touch())?;
        let mut update = self.connection.prepare_cached(&keeping.update(
            &format!(
                ", cancellations = CASE WHEN ?{cancellations} = '[]' AND ?{cancelled} IS cancelled
                    THEN cancellations ELSE ?{cancellations} END,
                webhooks = CASE WHEN ?{webhooks} = '[]' THEN webhooks ELSE ?{webhooks} END",
                cancelled = at("cancelled"),
            ),
            &format!(
                "(coalesce(?{}, ?{}, 0), ?{}) >= (coalesce(changed_at, requested_at, 0), synced_at)",
                at("changed_at"),
                at("requested_at"),
                at("synced_at"),
            ),
        ))?;
        self.note_search_form()?;
        let mut put_index = self.connection.prepare_cached(&format!(
            "INSERT INTO payment_index (row, profile, {INDEXED}, search)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, '')"
        ))?;
        let mut set_index = self.connection.prepare_cached(&format!(
            "UPDATE payment_index SET ({INDEXED}, search) = (?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, '')
             WHERE row = ?1 AND profile = ?2"
        ))?;
        let mut prepared = Prepared::default();
        let mut texts = Vec::with_capacity(payments.len());
        for record in payments {
            let payment = &record.payment;
            let attempt = match (generation, &payment.provider_payment_id) {
                (Generation::V1, Some(attempt)) => attempt.as_str(),
                _ => "",
            };
            let known: Option<i64> =
                find.query_row((profile, record.id.as_str(), attempt), |row| row.get(0)).optional()?;
            let offer = Offer { profile, attempt, record, asked_at };
            let (row, index) = match known {
                None => {
                    offer.to(&mut insert)?;
                    (self.connection.last_insert_rowid(), &mut put_index)
                }
                // Most of what is read again is as it was, or older than what is known.
                Some(_) if offer.to(&mut touch)? || !offer.to(&mut update)? => continue,
                Some(row) => (row, &mut set_index),
            };
            let note = self.note_about(profile, &record.id)?;
            index.execute(params![
                row,
                profile,
                record.requested_at.or(record.changed_at).unwrap_or(0),
                record.changed_at.or(record.requested_at).unwrap_or(0),
                place(&StateKind::ALL, &StateKind::of(&payment.state)),
                place(&Method::ALL, &record.method),
                record.is_recurring(),
                payment.is_test == Some(true),
                payment.total.map_or(UNCOUNTED, |total| currency_code(total.currency())),
                payment.total.map_or(0, Money::minor_signed),
                record.cancelled.map_or(0, Money::minor_signed),
                payment.pg.as_ref().map(SafeText::as_str),
            ])?;
            prepare_payment(&mut prepared, record, note.as_deref());
            texts.push(RowTexts::new(row, &prepared));
        }
        self.put_texts(&mut texts)
    }

    pub(super) fn list_payments(
        &self,
        profile: &str,
        filter: &PaymentFilter,
        needle: Option<&Needle>,
    ) -> Result<RowList, LedgerError> {
        // The list and the texts are of the same moment.
        let reading = self.connection.unchecked_transaction()?;
        let list = self.remembered(
            |memory| &mut memory.list,
            &(profile.to_owned(), filter.clone()),
            || self.all_that_fit(profile, filter),
        )?;
        let list = match needle {
            None => list,
            Some(needle) => self.having(&list, needle)?,
        };
        reading.commit()?;
        Ok(list)
    }

    /// The index has the order and all that is asked for.
    fn all_that_fit(&self, profile: &str, filter: &PaymentFilter) -> Result<RowList, LedgerError> {
        let time = column_of(filter.basis);
        let asked = Asked::new(profile, filter, time);
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT row FROM payment_index WHERE {} ORDER BY {time} DESC, row DESC",
            asked.conditions
        ))?;
        let rows = statement.query_map(params_from_iter(asked.values), |row| row_id(row.get(0)?))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(super) fn read_payments(&self, rows: &[RowId]) -> Result<Vec<Kept<PaymentRecord>>, LedgerError> {
        let mut statement = self.connection.prepare_cached("SELECT * FROM payments WHERE row = ?1")?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            found.extend(statement.query_row([row.number()], read).optional()?);
        }
        Ok(found)
    }

    pub(super) fn deciding_payment(
        &self,
        profile: &str,
        id: &SafeText,
    ) -> Result<Option<Kept<PaymentRecord>>, LedgerError> {
        let mut attempts = self.attempts_of(profile, id)?;
        let at = attempts.iter().position(|attempt| attempt.what.state().was_paid()).unwrap_or(0);
        Ok((at < attempts.len()).then(|| attempts.swap_remove(at)))
    }

    pub(super) fn attempts_of(
        &self,
        profile: &str,
        id: &SafeText,
    ) -> Result<Vec<Kept<PaymentRecord>>, LedgerError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT * FROM payments WHERE profile = ?1 AND id = ?2
             ORDER BY coalesce(changed_at, requested_at, 0) DESC, row DESC",
        )?;
        let found = statement.query_map((profile, id.as_str()), read)?.collect::<Result<_, _>>()?;
        Ok(found)
    }

    pub(super) fn payments_with_key(
        &self,
        profile: &str,
        key: &BillingKey,
        most: u32,
    ) -> Result<Vec<Kept<PaymentRecord>>, LedgerError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT * FROM payments WHERE profile = ?1 AND billing_key = ?2
             ORDER BY coalesce(changed_at, requested_at, 0) DESC, row DESC LIMIT ?3",
        )?;
        let found = statement.query_map((profile, key.expose(), most), read)?.collect::<Result<_, _>>()?;
        Ok(found)
    }

    pub(super) fn newest(
        &self,
        profile: &str,
        basis: Basis,
    ) -> Result<(Option<Timestamp>, u64), LedgerError> {
        let (newest, all) = self.remembered(
            |memory| &mut memory.newest,
            &(profile.to_owned(), basis),
            || {
                let column = column_of(basis);
                let sql = format!("SELECT max({column}), count(*) FROM payment_index WHERE profile = ?1");
                let mut statement = self.connection.prepare_cached(&sql)?;
                Ok(statement
                    .query_row([profile], |row| Ok((row.get::<_, Option<i64>>(0)?, count(row, 1)?)))?)
            },
        )?;
        Ok((newest.and_then(|second| Timestamp::from_second(second).ok()), all))
    }

    pub(super) fn pgs(&self, profile: &str) -> Result<Vec<SafeText>, LedgerError> {
        self.remembered(|memory| &mut memory.pgs, &profile.to_owned(), || self.read_pgs(profile))
    }

    fn read_pgs(&self, profile: &str) -> Result<Vec<SafeText>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT pg FROM payment_index WHERE profile = ?1 AND pg IS NOT NULL")?;
        let mut rows = statement.query([profile])?;
        let mut found: BTreeSet<String> = BTreeSet::new();
        while let Some(row) = rows.next()? {
            let pg = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
            if !found.contains(pg) {
                found.insert(pg.to_owned());
            }
        }
        Ok(found.iter().map(|pg| SafeText::new(pg)).collect())
    }

    pub(super) fn totals(
        &self,
        profile: &str,
        span: Span,
        basis: Basis,
        is_test: Option<bool>,
    ) -> Result<Vec<DayTotal>, LedgerError> {
        let time = column_of(basis);
        // Floor division: SQLite cuts towards zero, which is the same from 1970 on.
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT ({time} + {korea}) / {day} AS day, currency, count(*), sum(amount),
                count(*) FILTER (WHERE cancelled > 0), sum(cancelled)
             FROM payment_index
             WHERE profile = :profile AND {time} >= max(:from, 0) AND {time} < :until
                AND (:paid >> state) & 1 AND currency != {UNCOUNTED}
                AND (:is_test IS NULL OR is_test = :is_test)
             GROUP BY day, currency ORDER BY day, currency",
            korea = super::KOREA_SECONDS,
            day = super::DAY_SECONDS,
        ))?;
        let mut rows = statement.query(named_params! {
            ":profile": profile,
            ":from": second_from(span.from),
            ":until": second_from(span.until),
            ":paid": mask(&StateKind::ALL, &PAID),
            ":is_test": is_test,
        })?;
        let mut totals = Vec::new();
        while let Some(row) = rows.next()? {
            let currency = match row.get::<_, i64>(1)? {
                code if code == currency_code(Currency::Krw) => Currency::Krw,
                code if code == currency_code(Currency::Usd) => Currency::Usd,
                code => return Err(LedgerError::Row(format!("currency {code}"))),
            };
            totals.push(DayTotal {
                date: date_of(row.get(0)?)?,
                currency,
                paid_count: count(row, 2)?,
                paid: count(row, 3)?,
                cancelled_count: count(row, 4)?,
                cancelled: count(row, 5)?,
            });
        }
        Ok(totals)
    }
}
