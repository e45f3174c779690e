//! Payments of a V1 store (V1 §11): the history, every attempt under one number, and the answer as it came.

use super::windows::{Page, Windows};
use super::{V1, wire};
use crate::domain::problem::Problem;
use crate::domain::record::PaymentRecord;
use crate::domain::schedule::Span;
use crate::domain::text::SafeText;
use crate::gateway::http::encode;
use crate::gateway::{Batch, deciding_first, flat, malformed};

/// "At most 90 days", both ends counted; whether these may be 90 × 86400 s is not stated (V1 §17.13). A window of so
/// many seconds lies a second less than that apart.
const DAYS: Windows = Windows { longest: 90 * 24 * 3600, counts_end: true };

/// Every attempt under a number, test payments included: the newest may be a failed one although an earlier one is
/// paid (V1 §11.3), and without the flag a test payment answers 404 (V1 §11.1).
pub(super) fn all_attempts(id: &str) -> String {
    format!("/payments/findAll/{}?limit=1000&sorting=-started&include_sandbox=true", encode(id))
}

impl V1 {
    pub(super) async fn payments_in(
        &self,
        span: Span,
        next: Option<&str>,
    ) -> Result<Batch<PaymentRecord>, Problem> {
        // Oldest first: what comes while the list is read stands at its end.
        let path = |Page { from, to, limit, number }: Page| {
            format!(
                "/payments/status/all?from={from}&to={to}&page={number}&limit={limit}&sorting=started\
                 &include_sandbox=true"
            )
        };
        self.windowed(DAYS, (span, next), path, wire::Envelope::records).await
    }

    pub(super) async fn attempts_of(&self, id: &SafeText) -> Result<Vec<PaymentRecord>, Problem> {
        match self.page(&all_attempts(id.as_str()), 1).await? {
            Some(envelope) => Ok(deciding_first(envelope.records().ok_or_else(malformed)?)),
            None => Ok(Vec::new()),
        }
    }

    pub(super) async fn raw(&self, id: &SafeText) -> Result<Option<Vec<SafeText>>, Problem> {
        let Some(envelope) = self.page(&all_attempts(id.as_str()), 1).await? else { return Ok(None) };
        let attempts = envelope.list().ok_or_else(malformed)?;
        let lines = match &attempts[..] {
            [one] => flat(one),
            several => flat(&serde_json::Value::Array(several.to_vec())),
        };
        Ok((!attempts.is_empty()).then_some(lines))
    }
}
