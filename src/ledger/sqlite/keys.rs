//! Billing keys as the ledger knows them: from the intents that made, kept and deleted them.

use std::collections::HashSet;

use rusqlite::Row;

use super::{LedgerError, SqliteLedger};
use crate::domain::billing_key::{BillingKey, KeySearch, KeyStatus, ProviderKey};
use crate::domain::card::CardEnding;
use crate::domain::channel::Mode;
use crate::domain::customer::Customer;
use crate::domain::text::SafeText;

/// What [`read`] reads, in its order. Times are kept in milliseconds.
const SQL: &str =
    "SELECT billing_key, COALESCE(settled_at, created_at) / 1000, customer_name, customer_phone,
        customer_email, customer_id, bin6, last4, issuer, pg, mode, id,
        (SELECT max(gone.settled_at) / 1000 FROM intents gone
          WHERE gone.kind = 'delete_key' AND gone.state = 'approved' AND gone.target_key = made.billing_key
            AND gone.created_at >= made.created_at)
    FROM intents made
    WHERE billing_key IS NOT NULL AND kind IN ('issue_key', 'key_in') AND profile = ?1
    ORDER BY created_at DESC, id";

impl SqliteLedger {
    pub(super) fn known_keys(
        &self,
        profile: &str,
        search: &KeySearch,
    ) -> Result<(Vec<ProviderKey>, usize), LedgerError> {
        let first = (search.page as usize).saturating_mul(KeySearch::PAGE);
        let page = first..first.saturating_add(KeySearch::PAGE);
        let mut statement = self.connection.prepare_cached(SQL)?;
        let mut rows = statement.query([profile])?;
        // A name that was used again stands once, with the card that is behind it now.
        let mut seen = HashSet::new();
        let mut keys = Vec::new();
        let mut count = 0;
        while let Some(row) = rows.next()? {
            let key = read(row)?;
            let is_wanted = match search.status {
                None => true,
                Some(KeyStatus::Issued) => key.is_alive(),
                Some(KeyStatus::Deleted) => !key.is_alive(),
            };
            if seen.insert(key.key.clone()) && is_wanted && search.fits(&key) {
                // The others are counted and let go: ten thousand of them are megabytes.
                if page.contains(&count) {
                    keys.push(key);
                }
                count += 1;
            }
        }
        drop(rows);
        self.give_pages_back()?;
        Ok((keys, count))
    }
}

fn read(row: &Row<'_>) -> Result<ProviderKey, LedgerError> {
    let text = |column: usize| -> rusqlite::Result<String> {
        Ok(row.get::<_, Option<String>>(column)?.unwrap_or_default())
    };
    let safe = |column: usize| -> rusqlite::Result<Option<SafeText>> {
        Ok(row.get::<_, Option<String>>(column)?.and_then(|text| SafeText::new(&text).non_empty()))
    };
    let key = BillingKey::parse(&text(0)?).map_err(|error| LedgerError::Row(error.to_string()))?;
    Ok(ProviderKey {
        key,
        issued_at: row.get(1)?,
        updated_at: None,
        deleted_at: row.get(12)?,
        card: CardEnding::new(&text(6)?, &text(7)?),
        issuer: safe(8)?,
        customer: Customer::new(&text(2)?, &text(3)?, &text(4)?).with_id(&text(5)?),
        pg: safe(9)?,
        channel: None,
        is_test: Mode::parse(&text(10)?).map(|mode| mode == Mode::Test),
        made_by: safe(11)?,
    })
}
