//! What the calendar of schedules reads from the ledger's copy: at once, and offline. Writes nothing; what brings
//! the copy up to date is [`Desk::refresh_schedules`].

use std::ops::Range;

use jiff::Timestamp;

use super::Desk;
use crate::domain::listing::{Freshness, Kept, RowId, RowList, ScheduleFilter, ScheduleSum};
use crate::domain::problem::Problem;
use crate::domain::record::PaymentRecord;
use crate::domain::schedule::{ProviderSchedule, ScheduleGroup, Span};
use crate::domain::search::Needle;
use crate::domain::text::SafeText;

impl Desk {
    /// The schedules of a span by day, group and currency, and how old that is.
    pub fn schedule_days(&self, span: Span) -> Result<(Vec<ScheduleSum>, Freshness), Problem> {
        let ledger = self.ledger.borrow();
        Ok((ledger.schedule_days(&self.profile, span)?, ledger.refreshed_at(&self.profile, span)?))
    }

    /// The rows of the schedules that fit, the earliest first. An empty query lets everything through.
    pub fn schedule_list(&self, filter: &ScheduleFilter, query: &str) -> Result<RowList, Problem> {
        let query = query.trim();
        let needle = (!query.is_empty()).then(|| Needle::new(query));
        Ok(self.ledger.borrow().schedule_list(&self.profile, filter, needle.as_ref())?)
    }

    /// The schedules of some rows; what vanished since is left out.
    pub fn schedule_rows(&self, rows: Vec<RowId>) -> Result<Vec<Kept<ProviderSchedule>>, Problem> {
        let all: Range<usize> = 0..rows.len();
        Ok(self.ledger.borrow().schedule_rows(&rows.into_iter().collect(), all)?)
    }

    /// When the first schedule after a moment runs, of a group or of any.
    pub fn next_schedule(
        &self,
        after: Timestamp,
        group: Option<ScheduleGroup>,
    ) -> Result<Option<Timestamp>, Problem> {
        let found = self.ledger.borrow().next_after(&self.profile, after, group)?;
        Ok(found.map(|kept| kept.what.at))
    }

    /// The attempts to charge a schedule, by its payment's id, newest first: they say why one failed (V2 §6.3).
    pub async fn schedule_attempts(&self, payment: &SafeText) -> Result<Vec<PaymentRecord>, Problem> {
        self.gateway.attempts(payment).await
    }
}
