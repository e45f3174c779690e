//! Schedules of a V1 store (V1 §10): made, moved, booked again, tried again, revoked, listed.

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;

use super::windows::{Page, Windows};
use super::{V1, body, read, wire};
use crate::domain::billing_key::BillingKey;
use crate::domain::problem::Problem;
use crate::domain::schedule::{
    ProviderSchedule, ScheduleMove, ScheduleOrder, ScheduleRevoke, ScheduleState, Span,
};
use crate::domain::text::SafeText;
use crate::gateway::http::encode;
use crate::gateway::{
    Batch, Charged, Gateway as _, MAX_ANSWER, MAX_CHARGE_ANSWER, Reply, in_order, malformed,
};

/// "At most 3 months", which nobody states in days (V1 §10.10): a month at a time is within it for sure.
const MONTH: Windows = Windows { longest: 31 * 24 * 3600, counts_end: false };
/// The longest window of a list by key: three months (V1 §10.4), February's among them.
const QUARTER: SignedDuration = SignedDuration::from_hours(24 * 89);
/// How many windows a look ahead has: a year and some days, a day back included.
const QUARTERS: u32 = 5;
/// The most pages of one window of a list by key, whose pages have 20 rows.
const KEY_PAGES: u64 = 20;
const KEY_PAGE: u64 = 20;

fn path_of(schedule: &SafeText, rest: &str) -> String {
    format!("/subscribe/payments/schedule/{}{rest}", encode(schedule.as_str()))
}

/// There is no PG in a change of schedules that could decline it: a sentence where others have a code is the
/// provider's own refusal (V1 §3.2).
fn no_decline<T>(reply: Reply<T>) -> Reply<T> {
    let Reply::Declined(refusal) = reply else { return reply };
    let kind = refusal.code.as_ref().map_or("http_200", SafeText::as_str).to_owned();
    Reply::NotDone(Problem::Refused { kind, message: refusal.message.to_string() })
}

impl V1 {
    pub(super) async fn book(&self, order: &ScheduleOrder) -> Reply<SafeText> {
        let path = "/subscribe/payments/schedule";
        let id = &order.sale.payment_id;
        let body = Some(body::schedule(order));
        let reply = self.once(Method::POST, path, body, MAX_CHARGE_ANSWER, read::schedules).await;
        // The schedule is known by the number that was sent: an answer about another one is none.
        let reply = no_decline(reply).and_then(|booked| {
            let ours = booked.into_iter().find(|booked| booked.id.as_str() == id.as_str());
            ours.map_or(Reply::Unseen("malformed"), |ours| Reply::Done(ours.id))
        });
        match reply {
            Reply::NotDone(problem @ Problem::Refused { .. }) => {
                Reply::NotDone(self.why_not_booked(order, problem).await)
            }
            reply => reply,
        }
    }

    /// Nothing was booked; the usual causes have no code of their own, so they are asked for.
    async fn why_not_booked(&self, order: &ScheduleOrder, refused: Problem) -> Problem {
        if matches!(self.key(&order.key).await, Ok(None)) {
            return Problem::KeyGone;
        }
        match self.one_schedule(&SafeText::new(order.sale.payment_id.as_str())).await {
            Ok(Some(_)) => Problem::ScheduleExists,
            _ => refused,
        }
    }

    /// Moves, or books again: `what` is the end of the path.
    pub(super) async fn put_off(&self, method: Method, order: &ScheduleMove, what: &str) -> Reply<()> {
        let fits = if what.is_empty() { ScheduleState::is_open } else { ScheduleState::can_come_back };
        let path = path_of(&order.schedule, what);
        let body = Some(body::schedule_at(order.at));
        let reply = self.once(method, &path, body, MAX_CHARGE_ANSWER, read::schedule).await;
        let reply = no_decline(reply).and_then(|told| {
            let moved = told.id == order.schedule && told.at.as_second() == order.at.as_second();
            if moved { Reply::Done(()) } else { Reply::Unseen("malformed") }
        });
        self.why_not(&order.schedule, reply, fits).await
    }

    pub(super) async fn try_again(&self, schedule: &SafeText) -> Charged {
        let path = path_of(schedule, "/retry");
        let reply = self.once(Method::POST, &path, None, MAX_CHARGE_ANSWER, read::charged).await;
        match self.why_not(schedule, reply, ScheduleState::can_come_back).await {
            // "Schedule or key missing" (V1 §10.8), and the schedule is there.
            Reply::NotDone(Problem::Refused { kind, .. }) if kind == "http_404" => {
                Reply::NotDone(Problem::KeyGone)
            }
            reply => reply,
        }
    }

    pub(super) async fn call_off(&self, order: &ScheduleRevoke) -> Reply<()> {
        let Some(first) = order.schedules.first() else {
            // A key alone would revoke all that it has (V1 §10.5).
            return Reply::NotDone(Problem::Unsupported { what: "schedules" });
        };
        if order.schedules.len() > ScheduleRevoke::MOST {
            return Reply::NotDone(Problem::TooLarge);
        }
        let path = "/subscribe/payments/unschedule";
        let body = Some(body::unschedule(order));
        // Every schedule comes back whole.
        let reply = self.once(Method::POST, path, body, MAX_ANSWER, read::schedules).await;
        let reply = no_decline(reply).and_then(|told| {
            let revoked = |id: &SafeText| {
                told.iter().any(|told| told.id == *id && told.state == ScheduleState::Revoked)
            };
            // What is done with some that can't be revoked is not stated (V1 §17.10): ask for each.
            let all = order.schedules.iter().all(revoked);
            if all { Reply::Done(()) } else { Reply::Unseen("undecided") }
        });
        self.why_not(first, reply, ScheduleState::is_open).await
    }

    /// What a refusal means that has no code: the schedule is asked for and compared with what it had to be.
    /// Where it is as it had to be, the provider's sentence stands.
    async fn why_not<T: Send>(
        &self,
        schedule: &SafeText,
        reply: Reply<T>,
        fits: fn(&ScheduleState) -> bool,
    ) -> Reply<T> {
        if !matches!(reply, Reply::NotDone(Problem::Refused { .. })) {
            return reply;
        }
        match self.one_schedule(schedule).await {
            Ok(None) => Reply::NotDone(Problem::ScheduleGone),
            Ok(Some(found)) if !fits(&found.state) => Reply::NotDone(Problem::ScheduleNotOpen),
            _ => reply,
        }
    }

    pub(super) async fn one_schedule(
        &self,
        schedule: &SafeText,
    ) -> Result<Option<ProviderSchedule>, Problem> {
        let path = path_of(schedule, "");
        match self.page(&path, 1).await? {
            Some(envelope) => match envelope.schedule() {
                Some(schedule) => Ok(Some(schedule)),
                None => Err(malformed()),
            },
            None => Ok(None),
        }
    }

    pub(super) async fn schedules_in(
        &self,
        span: Span,
        next: Option<&str>,
    ) -> Result<Batch<ProviderSchedule>, Problem> {
        let path = |Page { from, to, limit, number }: Page| {
            format!(
                "/subscribe/payments/schedule?schedule_from={from}&schedule_to={to}&page={number}&limit={limit}\
                 &sorting=scheduled"
            )
        };
        self.windowed(MONTH, (span, next), path, wire::Envelope::schedules).await
    }

    pub(super) async fn schedules_of_keys(
        &self,
        keys: &[BillingKey],
        now: Timestamp,
    ) -> Result<Vec<ProviderSchedule>, Problem> {
        let mut found = Vec::new();
        for key in keys {
            // A day back: one that runs just now has its time behind it.
            let mut from = now - SignedDuration::from_hours(24);
            for _ in 0..QUARTERS {
                let to = from + QUARTER;
                let mut page = 1;
                while page <= KEY_PAGES {
                    let path = format!(
                        "/subscribe/payments/schedule/customers/{}?from={}&to={}&schedule-status=scheduled&page={page}",
                        encode(key.expose()),
                        from.as_second(),
                        to.as_second()
                    );
                    let read = |envelope: &wire::Envelope| {
                        Some((envelope.schedules()?, envelope.page_after(page, KEY_PAGE)))
                    };
                    let Some((told, next)) = self.ask(&path, read).await? else { break };
                    found.extend(told.into_iter().filter(|told| told.state.is_ahead()));
                    match next {
                        Some(next) => page = next,
                        None => break,
                    }
                }
                from = to;
            }
        }
        Ok(in_order(found))
    }
}
