//! Payments of a V2 store (V2 §12): the whole history, every attempt under one id, and the answer as it came.

use reqwest::StatusCode;

use super::{V2, body, read_problem, wire};
use crate::domain::problem::Problem;
use crate::domain::record::PaymentRecord;
use crate::domain::schedule::Span;
use crate::domain::text::SafeText;
use crate::gateway::http::{Answer, encode};
use crate::gateway::{Batch, deciding_first, flat, malformed};

/// How many payments are asked for at once: V2 gives up to 1000 (V2 §12.4), but each carries its webhooks with
/// request and answer and the PG's raw answer, so that a thousand may be many times [`crate::gateway::MAX_ANSWER`].
/// With 250 each may have 16 KiB; a page that is larger still is asked for in smaller ones.
const SIZES: [usize; 3] = [250, 50, 10];

impl V2 {
    pub(super) async fn payments_in(
        &self,
        span: Span,
        next: Option<&str>,
    ) -> Result<Batch<PaymentRecord>, Problem> {
        let mut sizes = SIZES.into_iter().peekable();
        while let Some(size) = sizes.next() {
            let input = body::payments(&self.store_id, span, next, size);
            let page = match self.list("/payments-by-cursor", &input, wire::record::by_cursor).await {
                Err(Problem::Unreadable { why }) if why == "too_large" && sizes.peek().is_some() => continue,
                page => page?,
            };
            // It ends with a page that is not full (V2 §12.4).
            if page.seen < size {
                return Ok(Batch { items: page.records, next: None });
            }
            // The same cursor again would be read for ever.
            let cursor = page.cursor.filter(|cursor| Some(cursor.as_str()) != next).ok_or_else(malformed)?;
            return Ok(Batch { items: page.records, next: Some(cursor) });
        }
        Err(malformed())
    }

    /// The answer about one payment; `None` when there is none.
    async fn payment(&self, id: &str, what: &str) -> Result<Option<Answer>, Problem> {
        let answer = self.get(&format!("/payments/{}{what}?{}", encode(id), self.store())).await?;
        if answer.status == StatusCode::OK {
            return Ok(Some(answer));
        }
        match wire::error(&answer.body) {
            Some(error) if error.kind == "PAYMENT_NOT_FOUND" => Ok(None),
            error => Err(read_problem(answer.status, error, &self.profile)),
        }
    }

    pub(super) async fn attempts_of(&self, id: &SafeText) -> Result<Vec<PaymentRecord>, Problem> {
        let Some(answer) = self.payment(id.as_str(), "").await? else { return Ok(Vec::new()) };
        // The payment is its latest attempt, and alone has the cancellations (V2 §12.3).
        let latest = wire::record::record(&answer.body).ok_or_else(malformed)?;
        // This call is not promised to stay (V2 §1): where it is gone, the latest attempt has to do.
        let all = match self.payment(id.as_str(), "/transactions").await {
            Ok(answer) => answer.and_then(|answer| wire::record::attempts(&answer.body)),
            Err(Problem::Refused { .. }) => None,
            Err(problem) => return Err(problem),
        };
        let mut all = all.unwrap_or_default();
        all.retain(|attempt| attempt.payment.provider_payment_id != latest.payment.provider_payment_id);
        all.push(latest);
        Ok(deciding_first(all))
    }

    pub(super) async fn raw(&self, id: &SafeText) -> Result<Option<Vec<SafeText>>, Problem> {
        let Some(answer) = self.payment(id.as_str(), "").await? else { return Ok(None) };
        let value = serde_json::from_slice(&answer.body).map_err(|_| malformed())?;
        Ok(Some(flat(&value)))
    }
}
