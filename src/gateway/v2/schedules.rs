//! Schedules of a V2 store (V2 §11): made, revoked, listed. There is no call to move one or to try it again
//! (V2 §11.5).

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;

use super::{Once, V2, body, read, wire};
use crate::domain::billing_key::BillingKey;
use crate::domain::problem::Problem;
use crate::domain::schedule::{ProviderSchedule, ScheduleOrder, ScheduleRevoke, Span};
use crate::domain::text::SafeText;
use crate::gateway::http::encode;
use crate::gateway::{Batch, Reply, in_order, malformed};

/// The most pages of one key's schedules.
const KEY_PAGES: u32 = 20;

impl V2 {
    pub(super) async fn book(&self, order: &ScheduleOrder) -> Reply<SafeText> {
        let id = &order.sale.payment_id;
        let body = Some(body::schedule(&self.store_id, order));
        let path = format!("/payments/{id}/schedule");
        let request = Once { method: Method::POST, path, id, what: "schedule", body };
        self.once(request, &order.sale.channel.name, read::booked).await
    }

    pub(super) async fn call_off(&self, order: &ScheduleRevoke) -> Reply<()> {
        if order.schedules.is_empty() {
            // A key alone would revoke all that it has (V2 §11.4).
            return Reply::NotDone(Problem::Unsupported { what: "schedules" });
        }
        if order.schedules.len() > ScheduleRevoke::MOST {
            return Reply::NotDone(Problem::TooLarge);
        }
        let input = body::revoke(&self.store_id, order);
        let path = format!("/payment-schedules?requestBody={}", encode(&input));
        let request = Once { method: Method::DELETE, path, id: &order.id, what: "revoke", body: None };
        self.once(request, "", read::revoked).await.and_then(|revoked| {
            // "All or nothing", and yet not all: each has to be asked for.
            let all = order.schedules.iter().all(|id| revoked.contains(id));
            if all { Reply::Done(()) } else { Reply::Unseen("undecided") }
        })
    }

    pub(super) async fn one_schedule(
        &self,
        schedule: &SafeText,
    ) -> Result<Option<ProviderSchedule>, Problem> {
        let path = format!("/payment-schedules/{}?{}", encode(schedule.as_str()), self.store());
        self.one(&path, "PAYMENT_SCHEDULE_NOT_FOUND", wire::schedule::schedule).await
    }

    pub(super) async fn schedules_in(
        &self,
        span: Span,
        next: Option<&str>,
    ) -> Result<Batch<ProviderSchedule>, Problem> {
        let page = match next {
            None => 0,
            Some(text) => text.parse().map_err(|_| malformed())?,
        };
        // Whether the ends of a window belong to it is not stated (V2 §1.2): asked a second wider, and what does
        // not belong to the span is left out here.
        let second = SignedDuration::from_secs(1);
        let wider = Span { from: span.from - second, until: span.until + second };
        let input = body::schedules(&self.store_id, wider, None, page);
        let told =
            self.page("/payment-schedules", &input, |body| wire::schedule::schedules(body, page)).await;
        if told.as_ref().map_or(true, |(_, more)| !more) {
            self.transport.no_more_pages();
        }
        let (mut items, more) = told?;
        items.retain(|schedule| span.from <= schedule.at && schedule.at < span.until);
        Ok(Batch { items, next: more.then(|| (page + 1).to_string()) })
    }

    async fn schedule_page(
        &self,
        span: Span,
        key: &BillingKey,
        page: u32,
    ) -> Result<(Vec<ProviderSchedule>, bool), Problem> {
        let input = body::schedules(&self.store_id, span, Some(key), page);
        self.list("/payment-schedules", &input, |body| wire::schedule::schedules(body, page)).await
    }

    pub(super) async fn schedules_of_keys(
        &self,
        keys: &[BillingKey],
        now: Timestamp,
    ) -> Result<Vec<ProviderSchedule>, Problem> {
        // A day back: one that has started has its time behind it.
        let span = Span {
            from: now - SignedDuration::from_hours(24),
            until: now + SignedDuration::from_hours(24 * 365),
        };
        let mut found = Vec::new();
        for key in keys {
            for page in 0..KEY_PAGES {
                let (told, more) = self.schedule_page(span, key, page).await?;
                found.extend(told.into_iter().filter(|told| told.state.is_ahead()));
                if !more {
                    break;
                }
            }
        }
        Ok(in_order(found))
    }
}
