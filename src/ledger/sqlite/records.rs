//! What was done with payments that are at the provider, whoever made them; and the rows of a day.

use rusqlite::{Connection, OptionalExtension as _, named_params};

use super::SqliteLedger;
use super::row::{COLUMNS, read_intent};
use crate::domain::intent::{Intent, IntentKind, NewIntent, Target};
use crate::domain::schedule::Span;
use crate::domain::text::SafeText;
use crate::ledger::LedgerError;

impl SqliteLedger {
    pub(super) fn about_record(&self, profile: &str, payment: &SafeText) -> Result<Vec<Intent>, LedgerError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM intents WHERE target_record = ?2 AND profile = ?1 ORDER BY created_at, id"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let intents =
            statement.query_map((profile, payment.as_str()), read_intent)?.collect::<Result<_, _>>()?;
        Ok(intents)
    }

    pub(super) fn made_in(&self, profile: &str, span: Span) -> Result<Vec<Intent>, LedgerError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM intents
             WHERE profile = ?1 AND created_at >= ?2 AND created_at < ?3 ORDER BY created_at, id"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let span = (profile, span.from.as_millisecond(), span.until.as_millisecond());
        let intents = statement.query_map(span, read_intent)?.collect::<Result<_, _>>()?;
        Ok(intents)
    }
}

/// One of the same kind about the same payment whose end is not known: no guard that is overridden lets another one
/// pass. A refund that the provider of V2 took on has an id there and is counted by the balance; V1 tells nothing of
/// such a one, so that it stops the next.
pub(super) fn open_one(connection: &Connection, new: &NewIntent) -> Result<Option<Intent>, LedgerError> {
    let (IntentKind::Refund | IntentKind::IssueReceipt | IntentKind::CancelReceipt, Some(Target::Record(of))) =
        (new.kind, &new.target)
    else {
        return Ok(None);
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM intents
         WHERE target_record = :record AND profile = :profile AND kind = :kind
           AND state IN ('intended', 'sent', 'unknown')
           AND NOT (generation = 'v2' AND state = 'unknown' AND why = :requested)
         ORDER BY created_at DESC LIMIT 1"
    );
    let found = connection
        .query_row(
            &sql,
            named_params! {
                ":record": of.id.as_str(),
                ":profile": new.profile,
                ":kind": new.kind.word(),
                ":requested": crate::domain::refund::REQUESTED,
            },
            read_intent,
        )
        .optional()?;
    Ok(found)
}
