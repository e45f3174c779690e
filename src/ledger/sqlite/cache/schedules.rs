//! Schedules of the copy: kept by the span, listed, added up by the day.

use std::collections::HashSet;

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, named_params, params};

use super::search::schedule_text;
use super::{
    Keeping, LedgerError, SqliteLedger, count, customer, date_of, day_of, kept, mask, millisecond, money,
    place, refusal, row_id, safe, safe_or_empty, unreadable,
};
use crate::domain::billing_key::BillingKey;
use crate::domain::listing::{Freshness, Kept, RowId, RowList, ScheduleFilter, ScheduleSum};
use crate::domain::money::{Currency, Money};
use crate::domain::schedule::{ProviderSchedule, ScheduleGroup, ScheduleState, Span};
use crate::domain::search::Needle;
use crate::domain::text::SafeText;

/// The columns that are taken over from a newer answer.
const COLUMNS: [&str; 23] = [
    "synced_at",
    "payment_id",
    "billing_key",
    "at",
    "day",
    "state",
    "grouped",
    "amount",
    "currency",
    "tax_free",
    "vat",
    "installments",
    "order_name",
    "customer_id",
    "customer_name",
    "customer_phone",
    "customer_email",
    "created_at",
    "ended_at",
    "refusal_code",
    "refusal_message",
    "provider_payment_id",
    "search",
];

impl SqliteLedger {
    /// Inside a transaction of the caller's.
    pub(super) fn upsert_schedules(
        &self,
        profile: &str,
        schedules: &[ProviderSchedule],
        asked_at: Timestamp,
    ) -> Result<(), LedgerError> {
        let keeping =
            Keeping { table: "schedules", names: &["profile", "id"], columns: &COLUMNS, lists: &[] };
        let mut find = self.connection.prepare_cached(&keeping.find())?;
        let mut insert = self.connection.prepare_cached(&keeping.insert())?;
        let mut touch = self.connection.prepare_cached(&keeping.touch())?;
        let newer = format!("?{} >= synced_at", keeping.at("synced_at"));
        let mut update = self.connection.prepare_cached(&keeping.update("", &newer))?;
        self.note_search_form()?;
        let minor = |money: Option<Money>| money.map(Money::minor_signed);
        for schedule in schedules {
            let refusal = schedule.refusal.as_ref();
            // In the columns' order.
            let search = schedule_text(schedule);
            let row = params![
                profile,
                schedule.id.as_str(),
                asked_at.as_millisecond(),
                schedule.payment_id.as_str(),
                schedule.key.expose(),
                schedule.at.as_millisecond(),
                day_of(schedule.at.as_millisecond().div_euclid(1000)),
                schedule.state.word(),
                place(&ScheduleGroup::ALL, &schedule.state.group()),
                minor(schedule.amount),
                schedule.currency.as_str(),
                minor(schedule.tax_free),
                minor(schedule.vat),
                schedule.installments,
                schedule.order_name.as_str(),
                schedule.customer.id(),
                schedule.customer.name(),
                schedule.customer.phone(),
                schedule.customer.email(),
                schedule.created_at,
                schedule.ended_at,
                refusal.and_then(|refusal| refusal.code.as_ref()).map(SafeText::as_str),
                refusal.map(|refusal| refusal.message.as_str()),
                schedule.provider_payment_id.as_ref().map(SafeText::as_str),
                search,
            ];
            let id = (profile, schedule.id.as_str());
            if find.query_row(id, |_| Ok(())).optional()?.is_none() {
                insert.execute(row)?;
            } else if touch.execute(row)? == 0 {
                update.execute(row)?;
            }
        }
        Ok(())
    }

    /// Inside a transaction of the caller's.
    pub(super) fn replace_schedules(
        &self,
        profile: &str,
        span: Span,
        schedules: &[ProviderSchedule],
        asked_at: Timestamp,
    ) -> Result<(), LedgerError> {
        let told: HashSet<&str> = schedules.iter().map(|schedule| schedule.id.as_str()).collect();
        let (from, until) = (span.from.as_millisecond(), span.until.as_millisecond());
        let at = asked_at.as_millisecond();
        let mut gone: Vec<i64> = Vec::new();
        {
            let mut known = self.connection.prepare_cached(
                "SELECT row, id FROM schedules
                 WHERE profile = ?1 AND at >= ?2 AND at < ?3 AND synced_at <= ?4",
            )?;
            let mut rows = known.query((profile, from, until, at))?;
            while let Some(row) = rows.next()? {
                if !told.contains(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?) {
                    gone.push(row.get(0)?);
                }
            }
        }
        let mut forget = self.connection.prepare_cached("DELETE FROM schedules WHERE row = ?1")?;
        for row in gone {
            forget.execute([row])?;
        }
        self.upsert_schedules(profile, schedules, asked_at)?;
        // What this reading covers and is older says nothing more.
        self.connection.execute(
            "DELETE FROM schedule_reads WHERE profile = ?1 AND from_at >= ?2 AND until_at <= ?3 AND at <= ?4",
            (profile, from, until, at),
        )?;
        self.connection.execute(
            "INSERT INTO schedule_reads (profile, from_at, until_at, at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET at = max(at, excluded.at)",
            (profile, from, until, at),
        )?;
        Ok(())
    }

    pub(super) fn days(&self, profile: &str, span: Span) -> Result<Vec<ScheduleSum>, LedgerError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT day, grouped, currency, count(*), coalesce(sum(amount), 0), count(*) - count(amount)
             FROM schedules WHERE profile = ?1 AND at >= ?2 AND at < ?3
             GROUP BY day, grouped, currency ORDER BY day, grouped, currency",
        )?;
        let mut rows = statement.query((profile, span.from.as_millisecond(), span.until.as_millisecond()))?;
        let mut sums = Vec::new();
        while let Some(row) = rows.next()? {
            let group: u8 = row.get(1)?;
            sums.push(ScheduleSum {
                date: date_of(row.get(0)?)?,
                group: *ScheduleGroup::ALL.get(usize::from(group)).ok_or_else(|| unreadable("grouped"))?,
                currency: SafeText::new(row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?),
                count: count(row, 3)?,
                sum: count(row, 4)?,
                uncounted: count(row, 5)?,
            });
        }
        Ok(sums)
    }

    pub(super) fn list_schedules(
        &self,
        profile: &str,
        filter: &ScheduleFilter,
        needle: Option<&Needle>,
    ) -> Result<RowList, LedgerError> {
        let search = if needle.is_some() { "search" } else { "''" };
        let of_a_key = if filter.key.is_some() { "AND billing_key = :key" } else { "AND :key IS NULL" };
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT row, {search} FROM schedules
             WHERE profile = :profile AND at >= :from AND at < :until AND (:groups >> grouped) & 1 {of_a_key}
             ORDER BY at, row"
        ))?;
        let mut rows = statement.query(named_params! {
            ":profile": profile,
            ":from": filter.span.map_or(i64::MIN, |span| span.from.as_millisecond()),
            ":until": filter.span.map_or(i64::MAX, |span| span.until.as_millisecond()),
            ":groups": if filter.groups.is_empty() { -1 } else { mask(&ScheduleGroup::ALL, &filter.groups) },
            ":key": filter.key.as_ref().map(BillingKey::expose),
        })?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let fits = match needle {
                None => true,
                Some(needle) => needle.matches(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?),
            };
            if fits {
                found.push(row_id(row.get(0)?)?);
            }
        }
        Ok(found.into_iter().collect())
    }

    pub(super) fn read_schedules(&self, rows: &[RowId]) -> Result<Vec<Kept<ProviderSchedule>>, LedgerError> {
        let mut statement = self.connection.prepare_cached("SELECT * FROM schedules WHERE row = ?1")?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            found.extend(statement.query_row([row.number()], read).optional()?);
        }
        Ok(found)
    }

    pub(super) fn one_schedule(
        &self,
        profile: &str,
        id: &SafeText,
    ) -> Result<Option<Kept<ProviderSchedule>>, LedgerError> {
        let mut statement =
            self.connection.prepare_cached("SELECT * FROM schedules WHERE profile = ?1 AND id = ?2")?;
        Ok(statement.query_row((profile, id.as_str()), read).optional()?)
    }

    pub(super) fn schedule_behind(
        &self,
        profile: &str,
        payment: &SafeText,
    ) -> Result<Option<Kept<ProviderSchedule>>, LedgerError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT * FROM schedules WHERE profile = ?1 AND payment_id = ?2
             ORDER BY created_at DESC, row DESC LIMIT 1",
        )?;
        Ok(statement.query_row((profile, payment.as_str()), read).optional()?)
    }

    pub(super) fn next_schedule(
        &self,
        profile: &str,
        at: Timestamp,
        group: Option<ScheduleGroup>,
    ) -> Result<Option<Kept<ProviderSchedule>>, LedgerError> {
        let of_group = if group.is_some() { "AND grouped = ?3" } else { "AND ?3 IS NULL" };
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT * FROM schedules WHERE profile = ?1 AND at > ?2 {of_group} ORDER BY at, row LIMIT 1"
        ))?;
        let group = group.map(|group| place(&ScheduleGroup::ALL, &group));
        Ok(statement.query_row((profile, at.as_millisecond(), group), read).optional()?)
    }

    pub(super) fn freshness(&self, profile: &str, span: Span) -> Result<Freshness, LedgerError> {
        let (from, until) = (span.from.as_millisecond(), span.until.as_millisecond());
        let mut statement = self.connection.prepare_cached(
            "SELECT from_at, until_at, at FROM schedule_reads
             WHERE profile = ?1 AND from_at < ?3 AND until_at > ?2 ORDER BY at DESC",
        )?;
        let mut rows = statement.query((profile, from, until))?;
        // The parts that no newer reading covers; each reading takes its share away.
        let mut bare = if from < until { vec![(from, until)] } else { Vec::new() };
        let mut oldest = None;
        while let Some(row) = rows.next()? {
            let (start, end): (i64, i64) = (row.get(0)?, row.get(1)?);
            let left: Vec<(i64, i64)> = bare
                .iter()
                .flat_map(|(from, until)| [(*from, start.min(*until)), (end.max(*from), *until)])
                .filter(|(from, until)| from < until)
                .collect();
            if left != bare {
                oldest = Some(Timestamp::from_millisecond(row.get(2)?).map_err(|_| unreadable("at"))?);
                bare = left;
            }
        }
        Ok(Freshness { oldest, whole: bare.is_empty() })
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Kept<ProviderSchedule>> {
    let currency_text = safe_or_empty(row, "currency")?;
    let currency = Currency::parse(currency_text.as_str());
    let key: String = row.get("billing_key")?;
    let schedule = ProviderSchedule {
        id: safe_or_empty(row, "id")?,
        payment_id: safe_or_empty(row, "payment_id")?,
        key: BillingKey::parse(&key).map_err(|_| unreadable("billing_key"))?,
        at: millisecond(row, "at")?,
        state: ScheduleState::parse(row.get_ref("state")?.as_str()?),
        amount: money(row, "amount", currency)?,
        currency: currency_text,
        tax_free: money(row, "tax_free", currency)?,
        vat: money(row, "vat", currency)?,
        installments: row.get("installments")?,
        order_name: safe_or_empty(row, "order_name")?,
        customer: customer(row)?,
        created_at: row.get("created_at")?,
        ended_at: row.get("ended_at")?,
        refusal: refusal(row)?,
        provider_payment_id: safe(row, "provider_payment_id")?,
    };
    kept(row, schedule)
}
