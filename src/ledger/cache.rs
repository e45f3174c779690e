//! A local copy of what the provider told, per profile: payments and schedules, for lists that open at once,
//! are searched while typing, and work offline.
//!
//! It is a cache: it may be dropped and is filled again; nothing is decided about money by it alone. May use
//! `domain` only. No card data beyond the first six and last four; billing keys are kept whole, because they
//! are charged, and are no part of what is searched.

use std::ops::Range;

use jiff::Timestamp;

use super::LedgerError;
use crate::domain::listing::{
    Basis, DayTotal, Freshness, Kept, PaymentFilter, RowList, ScheduleFilter, ScheduleSum,
};
use crate::domain::pg::Generation;
use crate::domain::record::PaymentRecord;
use crate::domain::schedule::{ProviderSchedule, ScheduleGroup, Span};
use crate::domain::search::Needle;
use crate::domain::text::SafeText;

/// What is read page by page from the provider, and can be gone on with after a kill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SyncKind {
    /// What is new since the last time.
    Recent,
    /// What was before the first time.
    Backfill,
}

impl SyncKind {
    /// The word in the ledger.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Recent => "recent",
            Self::Backfill => "backfill",
        }
    }
}

/// How far the reading of payments came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncState {
    /// What is being read, or was.
    pub span: Span,
    /// Where the next page begins; `None` at the beginning and after the end.
    pub next: Option<String>,
    /// Whether the last page was read.
    pub done: bool,
    /// How many payments came so far.
    pub rows: u64,
    /// When the first page was asked for.
    pub started_at: Timestamp,
    /// When the last page was asked for.
    pub updated_at: Timestamp,
}

/// The copy. Times that say when something was *asked for* are those before the request left: of two answers
/// the one that was asked for later wins, in whatever order they are written.
pub trait Cache {
    /// Keeps payments, in one transaction; a thousand at a time is a good page. Of what is known already the
    /// newer state stays: by the time of its change, then by the time it was asked for. V1 has one row for each
    /// attempt under a `merchant_uid` (V1 §11.3), V2 one for each payment. What a list leaves out of a known
    /// payment (its cancellations, its webhooks) stays as it was known.
    fn put_payments(
        &self,
        profile: &str,
        generation: Generation,
        payments: &[PaymentRecord],
        asked_at: Timestamp,
    ) -> Result<(), LedgerError>;

    /// The same, and how far the reading came with them, in one transaction: after a kill both are there or
    /// neither is. They were asked for at the state's `updated_at`.
    fn put_payment_page(
        &self,
        profile: &str,
        generation: Generation,
        payments: &[PaymentRecord],
        kind: SyncKind,
        state: &SyncState,
    ) -> Result<(), LedgerError>;

    /// How far a reading came.
    fn sync_state(&self, profile: &str, kind: SyncKind) -> Result<Option<SyncState>, LedgerError>;

    /// Keeps how far a reading came.
    fn put_sync_state(&self, profile: &str, kind: SyncKind, state: &SyncState) -> Result<(), LedgerError>;

    /// The payments that fit, newest first by the filter's basis; of the same second, the one that was kept
    /// first comes last.
    fn payment_list(
        &self,
        profile: &str,
        filter: &PaymentFilter,
        needle: Option<&Needle>,
    ) -> Result<RowList, LedgerError>;

    /// The payments of a window of a list. What was dropped since is left out.
    fn payment_rows(
        &self,
        list: &RowList,
        range: Range<usize>,
    ) -> Result<Vec<Kept<PaymentRecord>>, LedgerError>;

    /// The payment of an id; of several attempts the one that took money, then the newest.
    fn payment(&self, profile: &str, id: &SafeText) -> Result<Option<Kept<PaymentRecord>>, LedgerError>;

    /// Every attempt under an id that is known, newest first.
    fn attempts(&self, profile: &str, id: &SafeText) -> Result<Vec<Kept<PaymentRecord>>, LedgerError>;

    /// The latest time of any payment by this basis, and how many payments there are.
    fn newest_payment(&self, profile: &str, basis: Basis) -> Result<(Option<Timestamp>, u64), LedgerError>;

    /// The PGs that the payments name, in their alphabet's order.
    fn payment_pgs(&self, profile: &str) -> Result<Vec<SafeText>, LedgerError>;

    /// What was sold on each day of a span in Korea, by this basis; days without sales are left out.
    /// `is_test` as in [`PaymentFilter`].
    fn day_totals(
        &self,
        profile: &str,
        span: Span,
        basis: Basis,
        is_test: Option<bool>,
    ) -> Result<Vec<DayTotal>, LedgerError>;

    /// Keeps the schedules of a span, all of them, in one transaction: what was known to run in it and is not
    /// among them is gone at the provider, and goes. What was asked for later than these stays.
    fn put_schedules(
        &self,
        profile: &str,
        span: Span,
        schedules: &[ProviderSchedule],
        asked_at: Timestamp,
    ) -> Result<(), LedgerError>;

    /// Keeps one schedule, as it is after something was done with it.
    fn put_schedule(
        &self,
        profile: &str,
        schedule: &ProviderSchedule,
        asked_at: Timestamp,
    ) -> Result<(), LedgerError>;

    /// The schedules of a span by day in Korea, group and currency, in this order.
    fn schedule_days(&self, profile: &str, span: Span) -> Result<Vec<ScheduleSum>, LedgerError>;

    /// The schedules that fit, the earliest first.
    fn schedule_list(
        &self,
        profile: &str,
        filter: &ScheduleFilter,
        needle: Option<&Needle>,
    ) -> Result<RowList, LedgerError>;

    /// The schedules of a window of a list. What vanished since is left out.
    fn schedule_rows(
        &self,
        list: &RowList,
        range: Range<usize>,
    ) -> Result<Vec<Kept<ProviderSchedule>>, LedgerError>;

    /// One schedule, by the provider's id of it.
    fn schedule(&self, profile: &str, id: &SafeText) -> Result<Option<Kept<ProviderSchedule>>, LedgerError>;

    /// The schedule that charges or charged under this payment id.
    fn schedule_of_payment(
        &self,
        profile: &str,
        payment: &SafeText,
    ) -> Result<Option<Kept<ProviderSchedule>>, LedgerError>;

    /// The first schedule that runs after a moment, of a group or of any.
    fn next_after(
        &self,
        profile: &str,
        at: Timestamp,
        group: Option<ScheduleGroup>,
    ) -> Result<Option<Kept<ProviderSchedule>>, LedgerError>;

    /// How old what is known of a span's schedules is.
    fn refreshed_at(&self, profile: &str, span: Span) -> Result<Freshness, LedgerError>;

    /// Drops everything that is kept of a profile's payments and schedules.
    fn drop_cache(&self, profile: &str) -> Result<(), LedgerError>;
}
