//! The books in the ledger's file.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Row, params};

use super::cache::{count, date_of, number_of, whole};
use super::row::timestamp;
use super::{LedgerError, SqliteLedger};
use crate::domain::export::Export;
use crate::domain::intent::Operator;
use crate::ledger::books::{Books, SavedClose};

/// The columns of an operator, in the order of [`operator`].
const OPERATOR: &str = "operator, remote, host, process";

/// Reads an operator whose columns begin at `first`.
fn operator(row: &Row<'_>, first: usize) -> rusqlite::Result<Operator> {
    Ok(Operator {
        user: row.get(first)?,
        remote: row.get(first + 1)?,
        host: row.get(first + 2)?,
        process: row.get(first + 3)?,
    })
}

/// Which closes are read, besides those of a profile.
#[derive(Debug, Clone, Copy, Default)]
struct Which<'a> {
    seq: Option<i64>,
    day: Option<Date>,
    before: Option<&'a SavedClose>,
}

impl SqliteLedger {
    fn saved_closes(
        &self,
        profile: &str,
        which: Which<'_>,
        most: u32,
    ) -> Result<Vec<SavedClose>, LedgerError> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT seq, made_at, body, day, {OPERATOR} FROM closes
             WHERE profile = ?1 AND (?2 IS NULL OR day = ?2) AND (?3 IS NULL OR seq = ?3)
               AND (?4 IS NULL OR (made_at, seq) < (?4, ?5))
             ORDER BY day DESC, made_at DESC, seq DESC LIMIT ?6"
        ))?;
        let before = which.before.map(|close| (close.made_at.as_millisecond(), close.seq)).unzip();
        let day = which.day.map(number_of);
        let mut rows = statement.query((profile, day, which.seq, before.0, before.1, most))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(SavedClose {
                seq: row.get(0)?,
                day: date_of(row.get(3)?)?,
                made_at: timestamp(row, 1)?,
                operator: operator(row, 4)?,
                body: row.get(2)?,
            });
        }
        Ok(found)
    }
}

impl Books for SqliteLedger {
    fn put_close(
        &self,
        profile: &str,
        day: Date,
        made_at: Timestamp,
        operator: &Operator,
        body: &str,
    ) -> Result<i64, LedgerError> {
        let seq = self.connection.query_row(
            &format!(
                "INSERT INTO closes (profile, day, made_at, body, {OPERATOR})
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING seq"
            ),
            params![
                profile,
                number_of(day),
                made_at.as_millisecond(),
                body,
                operator.user,
                operator.remote,
                operator.host,
                operator.process
            ],
            |row| row.get(0),
        )?;
        Ok(seq)
    }

    fn closes(&self, profile: &str, most: u32) -> Result<Vec<SavedClose>, LedgerError> {
        self.saved_closes(profile, Which::default(), most)
    }

    fn close_numbered(&self, profile: &str, seq: i64) -> Result<Option<SavedClose>, LedgerError> {
        Ok(self.saved_closes(profile, Which { seq: Some(seq), ..Which::default() }, 1)?.pop())
    }

    fn close_before(&self, profile: &str, close: &SavedClose) -> Result<Option<SavedClose>, LedgerError> {
        let which = Which { day: Some(close.day), before: Some(close), ..Which::default() };
        Ok(self.saved_closes(profile, which, 1)?.pop())
    }

    fn close_of(&self, profile: &str, day: Date) -> Result<Option<SavedClose>, LedgerError> {
        Ok(self.saved_closes(profile, Which { day: Some(day), ..Which::default() }, 1)?.pop())
    }

    fn put_export(&self, profile: &str, export: &Export) -> Result<(), LedgerError> {
        self.connection.execute(
            &format!(
                "INSERT INTO exports (profile, at, what, rows, reason, path, {OPERATOR})
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
            ),
            params![
                profile,
                export.at.as_millisecond(),
                export.what,
                whole(export.rows),
                export.reason,
                export.path,
                export.operator.user,
                export.operator.remote,
                export.operator.host,
                export.operator.process
            ],
        )?;
        Ok(())
    }

    fn exports(&self, profile: &str, most: u32) -> Result<Vec<Export>, LedgerError> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT at, what, rows, reason, path, {OPERATOR} FROM exports
             WHERE profile = ?1 ORDER BY at DESC, seq DESC LIMIT ?2"
        ))?;
        let found = statement
            .query_map((profile, most), |row| {
                Ok(Export {
                    at: timestamp(row, 0)?,
                    what: row.get(1)?,
                    rows: count(row, 2)?,
                    reason: row.get(3)?,
                    path: row.get(4)?,
                    operator: operator(row, 5)?,
                })
            })?
            .collect::<Result<_, _>>()?;
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::cache::Cache as _;

    #[test]
    fn closes_and_exports_are_kept_in_their_order_and_never_dropped_with_the_copy() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = SqliteLedger::open(&folder.path().join("ledger.db")).unwrap();
        let at = |second| Timestamp::from_second(second).unwrap();
        let day = |text: &str| text.parse::<Date>().unwrap();
        let operator = Operator {
            user: "minji".to_owned(),
            remote: Some("10.0.0.7".to_owned()),
            host: "desk-1".to_owned(),
            process: "1:1".to_owned(),
        };
        let close =
            |date, second, body| ledger.put_close("main", day(date), at(second), &operator, body).unwrap();
        let first = close("2026-11-20", 100, "{\"n\":1}");
        close("2026-11-19", 300, "{\"n\":2}");
        let again = close("2026-11-20", 200, "{\"n\":3}");
        ledger.put_close("other", day("2026-11-21"), at(1), &operator, "{}").unwrap();
        let export = |second, rows| Export {
            at: at(second),
            operator: operator.clone(),
            what: "payments".to_owned(),
            rows,
            reason: "세무 신고".to_owned(),
            path: "11월.csv".to_owned(),
        };
        for (second, rows) in [(10, 5), (30, 0), (20, 7)] {
            ledger.put_export("main", &export(second, rows)).unwrap();
        }
        ledger.drop_cache("main").unwrap();
        drop(ledger);
        let ledger = SqliteLedger::open(&folder.path().join("ledger.db")).unwrap();
        let closes = ledger.closes("main", 9).unwrap();
        let shown: Vec<(i64, &str)> =
            closes.iter().map(|close| (close.made_at.as_second(), close.body.as_str())).collect();
        assert_eq!(shown, [(200, "{\"n\":3}"), (100, "{\"n\":1}"), (300, "{\"n\":2}")]);
        assert_eq!(ledger.closes("main", 2).unwrap(), closes[..2]);
        assert_eq!((closes[0].seq, closes[1].seq, closes[2].day), (again, first, day("2026-11-19")));
        assert_eq!(closes[0].operator, operator);
        assert_eq!(ledger.close_of("main", day("2026-11-20")).unwrap().as_ref(), Some(&closes[0]));
        assert_eq!(ledger.close_of("main", day("2026-11-21")).unwrap(), None);
        assert_eq!(ledger.close_numbered("main", first).unwrap().as_ref(), Some(&closes[1]));
        assert_eq!(ledger.close_numbered("main", again + 9).unwrap(), None);
        assert_eq!(ledger.close_numbered("other", first).unwrap(), None, "somebody else's");
        assert_eq!(ledger.close_before("main", &closes[0]).unwrap().as_ref(), Some(&closes[1]));
        assert_eq!(ledger.close_before("main", &closes[1]).unwrap(), None, "the first of its day");
        assert_eq!(ledger.close_before("main", &closes[2]).unwrap(), None, "another day's");
        assert_eq!(ledger.exports("main", 2).unwrap(), [export(30, 0), export(20, 7)]);
        assert!(ledger.exports("other", 9).unwrap().is_empty());
    }
}
