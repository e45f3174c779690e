//! The texts that searches look through: what is in them, and that they have the form that needles look for.

use rusqlite::OptionalExtension as _;

use super::texts::RowTexts;
use super::{LedgerError, SqliteLedger, row_id};
use crate::domain::card::CardEnding;
use crate::domain::listing::RowId;
use crate::domain::record::PaymentRecord;
use crate::domain::schedule::ProviderSchedule;
use crate::domain::search::{INDEX_VERSION, Needle, Prepared, index_text};
use crate::domain::text::SafeText;

/// How many texts are prepared anew in one transaction.
const BATCH: usize = 1_000;

/// Prepares what a payment is found by: ids, names, phone, approval number, last four, issuer, amount, and the note of
/// our intent. Never its billing key.
pub(super) fn prepare_payment(prepared: &mut Prepared, record: &PaymentRecord, note: Option<&str>) {
    let payment = &record.payment;
    let amount = payment.total.map(|total| total.minor().to_string());
    let fields = [
        Some(record.id.as_str()),
        payment.provider_payment_id.as_ref().map(SafeText::as_str),
        Some(payment.order_name.as_str()),
        record.customer.id(),
        record.customer.name(),
        record.customer.phone(),
        record.customer.email(),
        payment.approval_number.as_ref().map(SafeText::as_str),
        payment.card.as_ref().map(CardEnding::last4),
        payment.issuer.as_ref().map(SafeText::as_str),
        amount.as_deref(),
        note,
    ];
    prepared.set(fields.into_iter().flatten());
}

/// What a schedule is found by (V2 §20, without the key): ids, names, phone, amount.
pub(super) fn schedule_text(schedule: &ProviderSchedule) -> String {
    let amount = schedule.amount.map(|amount| amount.minor().to_string());
    let fields = [
        Some(schedule.id.as_str()),
        Some(schedule.payment_id.as_str()),
        Some(schedule.order_name.as_str()),
        schedule.customer.id(),
        schedule.customer.name(),
        schedule.customer.phone(),
        schedule.customer.email(),
        amount.as_deref(),
    ];
    index_text(fields.into_iter().flatten())
}

impl SqliteLedger {
    /// A needle that the texts are prepared for; none for one that finds everything. After an update of the
    /// program with another form of the texts, the first search prepares them anew.
    pub(super) fn ready<'a>(&self, needle: Option<&'a Needle>) -> Result<Option<&'a Needle>, LedgerError> {
        let Some(needle) = needle.filter(|needle| !needle.is_empty()) else {
            return Ok(None);
        };
        if self.search_form()?.is_some_and(|version| version != INDEX_VERSION) {
            self.prepare_anew()?;
        }
        Ok(Some(needle))
    }

    fn search_form(&self) -> Result<Option<u32>, LedgerError> {
        let mut statement = self.connection.prepare_cached("SELECT version FROM search_form")?;
        Ok(statement.query_row([], |row| row.get(0)).optional()?)
    }

    /// Says of which form the first texts are. Inside a transaction of the caller's.
    pub(super) fn note_search_form(&self) -> Result<(), LedgerError> {
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO search_form (only, version) VALUES (1, ?1)")?
            .execute([INDEX_VERSION])?;
        Ok(())
    }

    /// Every row of a table.
    fn rows_of(&self, table: &str) -> Result<Vec<RowId>, LedgerError> {
        let mut statement = self.connection.prepare_cached(&format!("SELECT row FROM {table}"))?;
        let rows = statement.query_map([], |row| row_id(row.get(0)?))?.collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// A thousand rows at a time: a charge that wants to write its intent waits for no more. Killed in between,
    /// it begins again with the next search.
    fn prepare_anew(&self) -> Result<(), LedgerError> {
        self.prepare_payments(&self.rows_of("payments")?)?;
        let mut update =
            self.connection.prepare("UPDATE schedules SET search = ?2 WHERE row = ?1 AND search != ?2")?;
        for rows in self.rows_of("schedules")?.chunks(BATCH) {
            let transaction = self.write()?;
            for kept in self.read_schedules(rows)? {
                update.execute((kept.row.number(), schedule_text(&kept.what)))?;
            }
            transaction.commit()?;
        }
        self.connection.execute("UPDATE search_form SET version = ?1", [INDEX_VERSION])?;
        Ok(())
    }

    fn prepare_payments(&self, rows: &[RowId]) -> Result<(), LedgerError> {
        let mut prepared = Prepared::default();
        for rows in rows.chunks(BATCH) {
            let mut profile =
                self.connection.prepare_cached("SELECT profile FROM payments WHERE row = ?1")?;
            let transaction = self.write()?;
            let mut texts = Vec::with_capacity(rows.len());
            for kept in self.read_payments(rows)? {
                let row = kept.row.number();
                let profile: String = profile.query_row([row], |row| row.get(0))?;
                let note = self.note_about(&profile, &kept.what.id)?;
                prepare_payment(&mut prepared, &kept.what, note.as_deref());
                texts.push(RowTexts::new(row, &prepared));
            }
            self.put_texts(&mut texts)?;
            transaction.commit()?;
        }
        Ok(())
    }

    /// What was noted with the intent of a payment, if it is ours.
    pub(super) fn note_about(
        &self,
        profile: &str,
        payment: &SafeText,
    ) -> Result<Option<String>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT note FROM intents WHERE id = ?1 AND profile = ?2 AND note IS NOT NULL")?;
        Ok(statement.query_row((payment.as_str(), profile), |row| row.get(0)).optional()?)
    }
}
