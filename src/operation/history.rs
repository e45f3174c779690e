//! Reading for the history: lists out of the copy, one payment with all that is known of it, the provider's own
//! answer. Nothing here moves money or changes anything but the copy.

use jiff::{SignedDuration, Timestamp};

use super::Desk;
use crate::domain::intent::Intent;
use crate::domain::listing::{Basis, DayTotal, Kept, PaymentFilter, RowList};
use crate::domain::payment::PaymentId;
use crate::domain::problem::Problem;
use crate::domain::record::PaymentRecord;
use crate::domain::schedule::Span;
use crate::domain::search::Needle;
use crate::domain::text::SafeText;
use crate::ledger::Entry;

/// How many days of sales are summed up beside a close.
const DAYS: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Every attempt of a payment, as it was read now or as it was kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempts {
    /// The one that decides first.
    pub records: Vec<PaymentRecord>,
    /// When they were asked for.
    pub asked_at: Timestamp,
    /// Why the provider could not be asked; then they are the copy's.
    pub offline: Option<Problem>,
}

impl Desk {
    /// The payments of the copy that fit, and that what was typed is found in.
    pub fn find_payments(&self, filter: &PaymentFilter, query: &str) -> Result<RowList, Problem> {
        let needle = Needle::new(query);
        let needle = (!needle.is_empty()).then_some(&needle);
        Ok(self.ledger.borrow().payment_list(&self.profile, filter, needle)?)
    }

    /// The payments of a few rows of such a list.
    pub fn kept_payments(&self, rows: &RowList) -> Result<Vec<Kept<PaymentRecord>>, Problem> {
        Ok(self.ledger.borrow().payment_rows(rows, 0..rows.len())?)
    }

    /// The PGs that the copy's payments name.
    pub fn payment_pgs(&self) -> Result<Vec<SafeText>, Problem> {
        Ok(self.ledger.borrow().payment_pgs(&self.profile)?)
    }

    /// Every attempt under an id, read now; when the provider can't be asked, as it was kept. `None` when nobody
    /// knows the id.
    pub async fn attempts_of(&self, id: &SafeText) -> Result<Option<Attempts>, Problem> {
        let asked_at = self.world.now();
        let problem = match self.payment_now(id).await {
            Ok(records) if records.is_empty() => return Ok(None),
            Ok(records) => return Ok(Some(Attempts { records, asked_at, offline: None })),
            Err(problem) => problem,
        };
        let ledger = self.ledger.borrow();
        let Some(deciding) = ledger.payment(&self.profile, id)? else { return Err(problem) };
        let asked_at = deciding.synced_at;
        let others = ledger.attempts(&self.profile, id)?;
        let others = others.into_iter().filter(|kept| kept.row != deciding.row).map(|kept| kept.what);
        let records = std::iter::once(deciding.what.clone()).chain(others).collect();
        Ok(Some(Attempts { records, asked_at, offline: Some(problem) }))
    }

    /// What this ledger did with a payment, with the journal's lines: its charge, refunds, receipts.
    pub fn journal_of_payment(&self, id: &SafeText) -> Result<Vec<(Intent, Vec<Entry>)>, Problem> {
        let charge = match PaymentId::parse(id.as_str()) {
            Ok(ours) => self.intent(&ours)?,
            Err(_) => None,
        };
        let mut told = Vec::new();
        for intent in charge.into_iter().chain(self.done_with(id)?) {
            let lines = self.ledger.borrow().history(&intent.new.id)?;
            told.push((intent, lines));
        }
        Ok(told)
    }

    /// The provider's own answer about a payment, line by line, sanitised.
    pub async fn raw_payment(&self, id: &SafeText) -> Result<Option<Vec<SafeText>>, Problem> {
        self.gateway.raw_payment(id).await
    }

    /// What was sold on each of the thirty days up to a moment, by the time of the state.
    pub fn latest_days(&self, until: Timestamp, is_test: bool) -> Result<Vec<DayTotal>, Problem> {
        let from = until.checked_sub(DAYS).unwrap_or(Timestamp::MIN);
        let span = Span { from, until };
        Ok(self.ledger.borrow().day_totals(&self.profile, span, Basis::Changed, Some(is_test))?)
    }
}
