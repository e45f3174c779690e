//! What the ledger keeps beside the journal: drafts, marks, warnings that were read; and what it can tell of a
//! caller and a BIN.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};

use super::row::{COLUMNS, read_intent, timestamp};
use super::{LedgerError, SqliteLedger};
use crate::domain::billing_key::BillingKey;
use crate::domain::draft::{Draft, Mark};
use crate::domain::intent::{Intent, Operator};

/// How many earlier intents of a caller are handed over.
const OF_A_CALLER: u32 = 20;
/// How many charges of a key are handed over.
const CHARGES_OF_A_KEY: u32 = 20;

impl SqliteLedger {
    pub(super) fn put_draft(&self, draft: &Draft) -> Result<(), LedgerError> {
        self.connection.execute(
            "INSERT OR REPLACE INTO drafts (profile, operator, host, process, saved_at, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                draft.profile,
                draft.operator.user,
                draft.operator.host,
                draft.operator.process,
                draft.saved.as_millisecond(),
                draft.body
            ],
        )?;
        Ok(())
    }

    pub(super) fn drop_draft(&self, operator: &Operator) -> Result<(), LedgerError> {
        self.connection.execute(
            "DELETE FROM drafts WHERE host = ?1 AND process = ?2",
            (&operator.host, &operator.process),
        )?;
        Ok(())
    }

    pub(super) fn drafts_of(&self, profile: &str, operator: &Operator) -> Result<Vec<Draft>, LedgerError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT profile, operator, host, process, saved_at, body FROM drafts
             WHERE profile = ?1 AND operator = ?2 AND host = ?3 ORDER BY saved_at DESC",
        )?;
        let drafts = statement
            .query_map((profile, &operator.user, &operator.host), |row| {
                Ok(Draft {
                    profile: row.get(0)?,
                    operator: Operator {
                        user: row.get(1)?,
                        remote: None,
                        host: row.get(2)?,
                        process: row.get(3)?,
                    },
                    saved: timestamp(row, 4)?,
                    body: row.get(5)?,
                })
            })?
            .collect::<Result<_, _>>()?;
        Ok(drafts)
    }

    pub(super) fn put_mark(
        &self,
        profile: &str,
        operator: &Operator,
        at: Timestamp,
        mark: Mark,
        detail: &str,
    ) -> Result<(), LedgerError> {
        self.connection.execute(
            "INSERT INTO marks (at, word, detail, profile, operator, remote, host, process)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                at.as_millisecond(),
                mark.word(),
                detail,
                profile,
                operator.user,
                operator.remote,
                operator.host,
                operator.process
            ],
        )?;
        Ok(())
    }

    pub(super) fn put_warning_away(
        &self,
        profile: &str,
        channel: &str,
        warning: &str,
        operator: &Operator,
        at: Timestamp,
    ) -> Result<(), LedgerError> {
        self.connection.execute(
            "INSERT OR IGNORE INTO seen_warnings (profile, channel, warning, operator, at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![profile, channel, warning, operator.user, at.as_millisecond()],
        )?;
        Ok(())
    }

    pub(super) fn warnings_away(&self, profile: &str) -> Result<Vec<(String, String)>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT channel, warning FROM seen_warnings WHERE profile = ?1")?;
        let found = statement
            .query_map([profile], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        Ok(found)
    }

    pub(super) fn of_a_caller(&self, phone_digits: &str) -> Result<Vec<Intent>, LedgerError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM intents WHERE customer_phone_digits = ?1
             ORDER BY created_at DESC LIMIT {OF_A_CALLER}"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let intents = statement.query_map([phone_digits], read_intent)?.collect::<Result<_, _>>()?;
        Ok(intents)
    }

    pub(super) fn issuers(&self, bin6: &str) -> Result<Vec<String>, LedgerError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT issuer FROM intents WHERE bin6 = ?1 AND issuer IS NOT NULL ORDER BY created_at DESC LIMIT 20",
        )?;
        let issuers = statement.query_map([bin6], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(issuers)
    }

    pub(super) fn waiting_accounts(&self, profile: &str) -> Result<Vec<Intent>, LedgerError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM intents WHERE profile = ?1 AND deposit = 'waiting' ORDER BY created_at"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let intents = statement.query_map([profile], read_intent)?.collect::<Result<_, _>>()?;
        Ok(intents)
    }

    pub(super) fn by_key(&self, key: &str) -> Result<Option<Intent>, LedgerError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM intents WHERE billing_key = ?1 AND kind IN ('issue_key', 'key_in')
                     ORDER BY created_at DESC LIMIT 1"
        );
        Ok(self.connection.query_row(&sql, [key], read_intent).optional()?)
    }

    pub(super) fn keys_made(&self, profile: &str) -> Result<Vec<BillingKey>, LedgerError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT billing_key FROM intents
             WHERE billing_key IS NOT NULL AND kind IN ('issue_key', 'key_in') AND profile = ?1
             GROUP BY billing_key ORDER BY max(created_at) DESC, billing_key",
        )?;
        let texts: Vec<String> =
            statement.query_map([profile], |row| row.get(0))?.collect::<Result<_, _>>()?;
        texts
            .iter()
            .map(|text| BillingKey::parse(text).map_err(|error| LedgerError::Row(error.to_string())))
            .collect()
    }

    pub(super) fn charges_of(&self, key: &str) -> Result<Vec<Intent>, LedgerError> {
        // A key that was made for a charge is known only from what came of it.
        let sql = format!(
            "SELECT {COLUMNS} FROM intents
             WHERE kind = 'charge_key' AND (target_key = ?1 OR billing_key = ?1)
             ORDER BY created_at DESC LIMIT {CHARGES_OF_A_KEY}"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let intents = statement.query_map([key], read_intent)?.collect::<Result<_, _>>()?;
        Ok(intents)
    }
}
