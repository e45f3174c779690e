//! Payments of a V2 store (V2 §12): the whole history, every attempt under one id, and the answer as it came.

use super::{V2, body, wire};
use crate::domain::problem::Problem;
use crate::domain::record::PaymentRecord;
use crate::domain::schedule::Span;
use crate::domain::text::SafeText;
use crate::gateway::http::encode;
use crate::gateway::{Batch, Early, deciding_first, flat, malformed};

/// How many payments are asked for at once: V2 gives up to 1000 (V2 §12.4), but each carries its webhooks with
/// request and answer and the PG's raw answer, so that a thousand may be many times [`crate::gateway::MAX_ANSWER`].
/// With 250 each may have 16 KiB; a page that is larger still is asked for in smaller ones.
const SIZES: [usize; 3] = [250, 50, 10];

impl V2 {
    pub(super) async fn payments_in(
        &self,
        span: Span,
        next: Option<&str>,
        early: &Early,
    ) -> Result<Batch<PaymentRecord>, Problem> {
        let batch = self.payment_page(span, next, early).await;
        if batch.as_ref().map_or(true, |batch| batch.next.is_none()) {
            self.transport.no_more_pages();
        }
        batch
    }

    async fn payment_page(
        &self,
        span: Span,
        next: Option<&str>,
        early: &Early,
    ) -> Result<Batch<PaymentRecord>, Problem> {
        let mut sizes = SIZES.into_iter().peekable();
        while let Some(size) = sizes.next() {
            let input = body::payments(&self.store_id, span, next, size);
            let answer = match self.page_unread("/payments-by-cursor", &input).await {
                Err(Problem::Unreadable { why }) if why == "too_large" && sizes.peek().is_some() => continue,
                answer => answer?,
            };
            let last = wire::record::last_cursor(&answer.body, size);
            if let Some(cursor) = last.filter(|cursor| Some(*cursor) != next) {
                early.tell(cursor.to_owned()).await;
            }
            let page = self.listed(&answer, wire::record::by_cursor)?;
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

    /// What is said about one payment; `None` when there is none.
    async fn about<T>(
        &self,
        id: &SafeText,
        what: &str,
        read: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let path = format!("/payments/{}{what}?{}", encode(id.as_str()), self.store());
        self.one(&path, "PAYMENT_NOT_FOUND", read).await
    }

    pub(super) async fn attempts_of(&self, id: &SafeText) -> Result<Vec<PaymentRecord>, Problem> {
        // The payment is its latest attempt, and alone has the cancellations (V2 §12.3).
        let Some(latest) = self.about(id, "", wire::record::record).await? else { return Ok(Vec::new()) };
        // This call is not promised to stay (V2 §1): where it is gone or strange, the latest attempt has to do.
        let all = match self.about(id, "/transactions", |body| Some(wire::record::attempts(body))).await {
            Ok(all) => all.flatten(),
            Err(Problem::Refused { .. }) => None,
            Err(problem) => return Err(problem),
        };
        let mut all = all.unwrap_or_default();
        all.retain(|attempt| attempt.payment.provider_payment_id != latest.payment.provider_payment_id);
        all.push(latest);
        Ok(deciding_first(all))
    }

    pub(super) async fn raw(&self, id: &SafeText) -> Result<Option<Vec<SafeText>>, Problem> {
        self.about(id, "", |body| Some(flat(&serde_json::from_slice(body).ok()?))).await
    }
}
