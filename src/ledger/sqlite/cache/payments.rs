//! Payments of the copy: kept, listed, searched, added up.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::OptionalExtension as _;

use super::outlines::{Outline, Pgs};
use super::payment_row::{COLUMNS, LISTS, NAMES, Offer, read};
use super::search::prepare_payment;
use super::texts::RowTexts;
use super::{Keeping, LedgerError, SqliteLedger, date_of, day_of, mask};
use crate::domain::listing::{Basis, DayTotal, Kept, PaymentFilter, RowId, RowList, StateKind};
use crate::domain::money::{Currency, Money};
use crate::domain::pg::Generation;
use crate::domain::record::{Method, PaymentRecord};
use crate::domain::schedule::Span;
use crate::domain::search::{Needle, Prepared};
use crate::domain::text::SafeText;

/// The states in which money was taken, as [`StateKind`]s; [`crate::domain::payment::PaymentState::was_paid`].
const PAID: [StateKind; 3] = [StateKind::Paid, StateKind::PartialCancelled, StateKind::Cancelled];

/// All seconds that there are.
const EVER: (i64, i64) = (i64::MIN, i64::MAX);

/// A moment's second, for comparing with whole seconds: the first one that is not before it.
fn second_from(at: Timestamp) -> i64 {
    at.as_second() + i64::from(at.subsec_nanosecond() > 0)
}

/// The seconds of a span.
fn seconds(span: Span) -> (i64, i64) {
    (second_from(span.from), second_from(span.until))
}

/// What a filter asks of outlines.
struct Asked<'a> {
    filter: &'a PaymentFilter,
    seconds: (i64, i64),
    /// The bits of the chosen places.
    states: i64,
    methods: i64,
    pg: Option<u32>,
}

impl<'a> Asked<'a> {
    /// `pg` is the number of the filter's.
    fn new(filter: &'a PaymentFilter, pg: Option<u32>) -> Self {
        let chosen = |mask: i64| if mask == 0 { -1 } else { mask };
        Self {
            filter,
            seconds: filter.period.map_or(EVER, seconds),
            states: chosen(mask(&StateKind::ALL, &filter.states)),
            methods: chosen(mask(&Method::ALL, &filter.methods)),
            pg,
        }
    }

    fn fits(&self, outline: &Outline) -> bool {
        let Self { filter, seconds: (from, until), .. } = self;
        let has = |mask: i64, place: u8| mask.checked_shr(place.into()).is_some_and(|bits| bits & 1 == 1);
        let amount = |limit: Option<Money>, holds: fn(&i64, &i64) -> bool| {
            limit.is_none_or(|limit| {
                outline.currency == Some(limit.currency()) && holds(&outline.amount, &limit.minor_signed())
            })
        };
        (*from..*until).contains(&outline.time(filter.basis))
            && has(self.states, outline.state)
            && has(self.methods, outline.method)
            && self.pg.is_none_or(|pg| outline.pg == pg)
            && filter.recurring.is_none_or(|recurring| recurring == outline.is_recurring)
            && filter.is_test.is_none_or(|is_test| is_test == outline.is_test)
            && amount(filter.least, i64::ge)
            && amount(filter.most, i64::le)
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
        let mut prepared = Prepared::default();
        let mut texts = Vec::with_capacity(payments.len());
        let mut outlines = Vec::with_capacity(payments.len());
        let mut pgs = Pgs::default();
        for record in payments {
            let payment = &record.payment;
            let attempt = match (generation, &payment.provider_payment_id) {
                (Generation::V1, Some(attempt)) => attempt.as_str(),
                _ => "",
            };
            let known: Option<i64> =
                find.query_row((profile, record.id.as_str(), attempt), |row| row.get(0)).optional()?;
            let offer = Offer { profile, attempt, record, asked_at };
            let row = match known {
                None => {
                    offer.to(&mut insert)?;
                    self.connection.last_insert_rowid()
                }
                // Most of what is read again is as it was, or older than what is known.
                Some(_) if offer.to(&mut touch)? || !offer.to(&mut update)? => continue,
                Some(row) => row,
            };
            let pg = pgs.number(&self.connection, payment.pg.as_ref().map(SafeText::as_str))?;
            outlines.push((row, Outline::of(record, pg)));
            let note = self.note_about(profile, &record.id)?;
            prepare_payment(&mut prepared, record, note.as_deref());
            texts.push(RowTexts::new(row, &prepared));
        }
        self.put_outlines(profile, &mut outlines)?;
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

    /// The outlines have all that is asked for.
    fn all_that_fit(&self, profile: &str, filter: &PaymentFilter) -> Result<RowList, LedgerError> {
        let pg = match &filter.pg {
            None => None,
            Some(pg) => match self.pg_number(pg)? {
                // No payment has it.
                None => return Ok(RowList::default()),
                number => number,
            },
        };
        let asked = Asked::new(filter, pg);
        let mut fitting = Vec::new();
        self.each_outline(profile, filter.basis, asked.seconds, |row, outline| {
            if asked.fits(outline) {
                fitting.push((outline.time(filter.basis), row));
            }
        })?;
        fitting.sort_unstable_by(|left, right| right.cmp(left));
        Ok(fitting.into_iter().map(|(_, row)| row).collect())
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

    pub(super) fn newest(
        &self,
        profile: &str,
        basis: Basis,
    ) -> Result<(Option<Timestamp>, u64), LedgerError> {
        let (newest, all) = self.remembered(
            |memory| &mut memory.newest,
            &(profile.to_owned(), basis),
            || self.outlined(profile, basis),
        )?;
        Ok((newest.and_then(|second| Timestamp::from_second(second).ok()), all))
    }

    pub(super) fn pgs(&self, profile: &str) -> Result<Vec<SafeText>, LedgerError> {
        self.remembered(|memory| &mut memory.pgs, &profile.to_owned(), || self.outlined_pgs(profile))
    }

    pub(super) fn totals(
        &self,
        profile: &str,
        span: Span,
        basis: Basis,
        is_test: Option<bool>,
    ) -> Result<Vec<DayTotal>, LedgerError> {
        let (from, until) = seconds(span);
        let paid = mask(&StateKind::ALL, &PAID);
        let mut days: BTreeMap<(i64, Currency), [u64; 4]> = BTreeMap::new();
        self.each_outline(profile, basis, (from, until), |_, outline| {
            let time = outline.time(basis);
            if let Some(currency) = outline.currency
                && (from..until).contains(&time)
                && paid >> outline.state & 1 == 1
                && is_test.is_none_or(|is_test| is_test == outline.is_test)
            {
                let minor = |amount: i64| u64::try_from(amount).unwrap_or(0);
                let cancelled = minor(outline.cancelled);
                let day = days.entry((day_of(time), currency)).or_default();
                for (sum, more) in
                    day.iter_mut().zip([1, minor(outline.amount), u64::from(cancelled > 0), cancelled])
                {
                    *sum = sum.saturating_add(more);
                }
            }
        })?;
        let total = |((day, currency), sums): ((i64, Currency), [u64; 4])| {
            let [paid_count, paid, cancelled_count, cancelled] = sums;
            Ok(DayTotal { date: date_of(day)?, currency, paid_count, paid, cancelled_count, cancelled })
        };
        days.into_iter().map(total).collect()
    }
}
