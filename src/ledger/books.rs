//! The books: daily closes (마감) as they were saved, and who took what out of this program. Kept for good,
//! unlike the copy in [`cache`](super::cache). May use `domain` only.

use jiff::Timestamp;
use jiff::civil::Date;

use super::LedgerError;
use crate::domain::export::Export;
use crate::domain::intent::Operator;

/// A daily close, as it was saved. A day may be closed again; each is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedClose {
    /// Its number.
    pub seq: i64,
    /// The day in Korea that was closed.
    pub day: Date,
    /// When it was saved.
    pub made_at: Timestamp,
    /// Who saved it.
    pub operator: Operator,
    /// What was found, as JSON.
    pub body: String,
}

/// The books. Every write is on disk (fsync) when it returns.
pub trait Books {
    /// Keeps a close; answers with its number.
    fn put_close(
        &self,
        profile: &str,
        day: Date,
        made_at: Timestamp,
        operator: &Operator,
        body: &str,
    ) -> Result<i64, LedgerError>;

    /// The latest `most` closes: the latest day first, of one day the one that was saved last.
    fn closes(&self, profile: &str, most: u32) -> Result<Vec<SavedClose>, LedgerError>;

    /// The close of this number.
    fn close_numbered(&self, profile: &str, seq: i64) -> Result<Option<SavedClose>, LedgerError>;

    /// What was saved for a close's day before it.
    fn close_before(&self, profile: &str, close: &SavedClose) -> Result<Option<SavedClose>, LedgerError>;

    /// What was saved last for a day.
    fn close_of(&self, profile: &str, day: Date) -> Result<Option<SavedClose>, LedgerError>;

    /// Keeps that something is taken out; before it is.
    fn put_export(&self, profile: &str, export: &Export) -> Result<(), LedgerError>;

    /// The latest `most` exports, newest first.
    fn exports(&self, profile: &str, most: u32) -> Result<Vec<Export>, LedgerError>;
}
