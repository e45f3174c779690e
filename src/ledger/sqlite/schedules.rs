//! What was done with schedules, one or many at once.

use rusqlite::named_params;

use super::row::{COLUMNS, read_intent};
use super::{LedgerError, SqliteLedger};
use crate::domain::intent::Intent;
use crate::domain::payment::PaymentId;
use crate::domain::text::SafeText;

impl SqliteLedger {
    pub(super) fn batch(&self, batch: &PaymentId) -> Result<Vec<Intent>, LedgerError> {
        // They were written at one moment; the lines of history tell in which order.
        let sql = format!(
            "SELECT {COLUMNS} FROM intents WHERE batch = ?1
             ORDER BY (SELECT min(seq) FROM history WHERE intent = intents.id)"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let intents = statement.query_map([batch.as_str()], read_intent)?.collect::<Result<_, _>>()?;
        Ok(intents)
    }

    pub(super) fn batches_left(&self, profile: &str) -> Result<Vec<PaymentId>, LedgerError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT batch FROM intents WHERE batch IS NOT NULL AND state = 'intended' AND profile = ?1
             GROUP BY batch ORDER BY min(created_at), batch",
        )?;
        let mut batches = Vec::new();
        for batch in statement.query_map([profile], |row| row.get::<_, String>(0))? {
            let batch = batch?;
            batches.push(PaymentId::parse(&batch).map_err(|_| LedgerError::Row(batch))?);
        }
        Ok(batches)
    }

    pub(super) fn about_schedule(
        &self,
        profile: &str,
        schedule: &SafeText,
        payment: &SafeText,
    ) -> Result<Vec<Intent>, LedgerError> {
        // Ids have no blanks, so one stands in a list exactly when it stands there between blanks.
        let sql = format!(
            "SELECT {COLUMNS} FROM intents WHERE profile = :profile AND id IN (
                 SELECT id FROM intents WHERE id = :payment OR schedule_id = :schedule
                 UNION SELECT id FROM intents WHERE profile = :profile AND schedules IS NOT NULL
                     AND instr(' ' || schedules || ' ', ' ' || :schedule || ' ') > 0)
             ORDER BY created_at, (SELECT min(seq) FROM history WHERE intent = intents.id)"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let intents = statement
            .query_map(
                named_params! {
                    ":profile": profile, ":schedule": schedule.as_str(), ":payment": payment.as_str(),
                },
                read_intent,
            )?
            .collect::<Result<_, _>>()?;
        Ok(intents)
    }
}
