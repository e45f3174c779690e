//! `PortOne` API generation V1: token, key-in, virtual accounts, billing keys, look-ups, connection test
//! (V1 §2–13). Schedules, the history, refunds and receipts have
//! their rooms: [`schedules`], [`payments`], [`refund`].
//!
//! [`body`] writes, [`read`] says what answers to requests that move money mean, [`wire`] decodes, [`windows`]
//! reads long lists.

mod body;
mod payments;
mod read;
mod refund;
mod schedules;
mod windows;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use reqwest::{Method, StatusCode};
use tokio::sync::Mutex;
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::http::{Answer, Failure, Transport, encode, http_date};
use super::sensitive::{Flight, Sensitive};
use super::{
    ApiSecret, Batch, Charged, Early, Gateway, LookUp, MAX_CHARGE_ANSWER, Probe, Reply, malformed, rank,
};
use crate::domain::billing_key::{BillingKey, IssuedKey, KeyPage, KeySearch, KeyStatus, ProviderKey};
use crate::domain::caller::AtProvider;
use crate::domain::cash_receipt::{ProviderReceipt, ReceiptCancel, ReceiptOrder};
use crate::domain::order::{AccountClose, AccountOrder, KeyChargeOrder, KeyDelete, KeyInOrder, KeyOrder};
use crate::domain::payment::{PaymentId, ProviderPayment};
use crate::domain::problem::Problem;
use crate::domain::record::PaymentRecord;
use crate::domain::refund::{RefundOrder, Refunded};
use crate::domain::schedule::{ProviderSchedule, ScheduleMove, ScheduleOrder, ScheduleRevoke, Span};
use crate::domain::text::SafeText;
use crate::vault::{BodyWriter, Vault};

/// With this much left a token is renewed before it is used: a charge that starts in its last seconds would
/// be turned away (V1 §2: in the last 60 s the same token is extended by five minutes).
const RENEW_BEFORE: Duration = Duration::from_secs(55);

/// How many of a caller's payments are shown, and the most keys that are asked about.
const CALLER_PAYMENTS: usize = 20;
const CALLER_KEYS: usize = 5;

/// A V1 store.
#[derive(Debug)]
pub struct V1 {
    transport: Transport,
    profile: String,
    key: ApiSecret,
    secret: ApiSecret,
    token: Mutex<Option<Token>>,
}

struct Token {
    text: Zeroizing<String>,
    /// On the monotonic clock: a wrong wall clock does not matter (V1 §2).
    expires: Instant,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token")
    }
}

impl V1 {
    /// A store behind an endpoint. `profile` is its name, for sentences.
    pub fn new(transport: Transport, profile: String, key: ApiSecret, secret: ApiSecret) -> Self {
        Self { transport, profile, key, secret, token: Mutex::new(None) }
    }

    /// A token with at least [`RENEW_BEFORE`] left. The token belongs to the API key, not to this process:
    /// another program may have made it, so its life is taken from the answer, never assumed (V1 §2).
    async fn token(&self) -> Result<Zeroizing<String>, Problem> {
        let mut cached = self.token.lock().await;
        if let Some(token) = cached.as_ref().filter(|token| token.expires > Instant::now() + RENEW_BEFORE) {
            return Ok(token.text.clone());
        }
        let asked = Instant::now();
        let credentials = body::credentials(self.key.expose(), self.secret.expose());
        let request = self.transport.request(Method::POST, "/users/getToken")?;
        let request = request.header("content-type", "application/json").body(credentials);
        let answer = self.transport.read(request).await?;
        let envelope = wire::envelope(&answer.body);
        match (answer.status, envelope) {
            (StatusCode::OK, Some(envelope)) if envelope.code == 0 => {
                let Some((text, ttl)) = envelope.token() else {
                    return Err(malformed());
                };
                let text = Zeroizing::new(text);
                *cached = Some(Token { text: text.clone(), expires: asked + ttl });
                Ok(text)
            }
            // Wrong credentials answer 401, a missing field 400 (V1 §3.2).
            (StatusCode::UNAUTHORIZED | StatusCode::BAD_REQUEST, _) | (StatusCode::OK, Some(_)) => {
                Err(Problem::Credentials { profile: self.profile.clone() })
            }
            (status, _) => Err(Problem::Unreadable { why: format!("http_{}", status.as_u16()) }),
        }
    }

    /// Asks a question that moves no money; a token that turned out stale is renewed once.
    async fn get(&self, path: &str) -> Result<Answer, Problem> {
        let mut renewed = false;
        loop {
            let token = self.token().await?;
            let request = self
                .transport
                .request(Method::GET, path)?
                .header("authorization", format!("Bearer {}", *token));
            let answer = self.transport.read(request).await?;
            if answer.status == StatusCode::UNAUTHORIZED {
                self.forget_token().await;
                if !renewed {
                    renewed = true;
                    continue;
                }
                return Err(Problem::Credentials { profile: self.profile.clone() });
            }
            return Ok(answer);
        }
    }

    async fn forget_token(&self) {
        *self.token.lock().await = None;
    }

    /// The header for a request that moves money. Nothing was sent yet when this fails, and what can't be read
    /// about a token says nothing about money.
    async fn bearer(&self) -> Result<String, Problem> {
        match self.token().await {
            Ok(token) => Ok(format!("Bearer {}", *token)),
            Err(Problem::Unreadable { why } | Problem::Later { why, .. }) => {
                Err(Problem::Unreachable { detail: format!("getToken: {why}") })
            }
            Err(problem) => Err(problem),
        }
    }

    /// Turned away at the door (401): nothing was done, and nothing is sent again by itself.
    async fn settle_door<T>(&self, reply: Reply<T>) -> Reply<T> {
        if matches!(reply, Reply::NotDone(Problem::Credentials { .. })) {
            self.forget_token().await;
            return Reply::NotDone(Problem::Credentials { profile: self.profile.clone() });
        }
        reply
    }

    /// Sends a request that moves money, or makes or ends something that will, once; of the answer at most
    /// `limit` bytes are read.
    async fn once<T>(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
        limit: usize,
        read: fn(StatusCode, &[u8]) -> Reply<T>,
    ) -> Reply<T> {
        let bearer = match self.bearer().await {
            Ok(bearer) => bearer,
            Err(problem) => return Reply::NotDone(problem),
        };
        let builder = match self.transport.request(method, path) {
            Ok(builder) => builder.header("authorization", bearer),
            Err(failure) => return failure.into(),
        };
        let builder = match body {
            Some(body) => builder.header("content-type", "application/json").body(body),
            None => builder,
        };
        let reply = match self.transport.once(builder, limit).await {
            Ok(answer) => read(answer.status, &answer.body),
            Err(failure) => Failure::into(failure),
        };
        self.settle_door(reply).await
    }

    /// Sends a request with card data, once, from a thread of its own.
    async fn sensitive<T: Send + 'static>(
        &self,
        path: String,
        write: impl FnOnce(&mut BodyWriter<'_>) + Send + 'static,
        read: fn(StatusCode, &[u8]) -> Reply<T>,
        card: &Arc<Vault>,
    ) -> Reply<T> {
        let bearer = match self.bearer().await {
            Ok(bearer) => bearer,
            Err(problem) => return Reply::NotDone(problem),
        };
        let request =
            Sensitive { path, headers: vec![("authorization", bearer)], write: Box::new(write), read };
        let reply = match Flight::start(&self.transport, request, card) {
            Ok(flight) => flight.finish().await,
            Err(problem) => return Reply::NotDone(problem),
        };
        self.settle_door(reply).await
    }

    /// What a question's answer says, `None` for "not found". 207 says that some of several were not found
    /// (V1 §3.2), and for a single key a code other than 0 says the same as 404.
    async fn ask<T>(
        &self,
        path: &str,
        read: impl FnOnce(&wire::Envelope) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let answer = self.get(path).await?;
        match (answer.status.as_u16(), wire::envelope(&answer.body)) {
            (200 | 207, Some(envelope)) if envelope.code == 0 => {
                read(&envelope).map(Some).ok_or_else(malformed)
            }
            (200 | 404, Some(_)) => Ok(None),
            (403, _) => Err(Problem::Forbidden { profile: self.profile.clone() }),
            (200 | 207, None) => Err(malformed()),
            (status, _) => Err(Problem::Unreadable { why: format!("http_{status}") }),
        }
    }
}

#[async_trait]
impl Gateway for V1 {
    async fn key_in(&self, order: &KeyInOrder, card: &Arc<Vault>) -> Charged {
        let sent = order.clone();
        let path = "/subscribe/payments/onetime".to_owned();
        self.sensitive(path, move |writer| body::onetime(writer, &sent), read::charged, card).await
    }

    async fn issue_account(&self, order: &AccountOrder) -> Charged {
        let (body, query) = match (body::account(order), body::pg_api_key(&order.sale.channel)) {
            (Ok(body), Ok(query)) => (body, query),
            (Err(problem), _) | (_, Err(problem)) => return Reply::NotDone(problem),
        };
        self.once(Method::POST, &format!("/vbanks{query}"), Some(body), MAX_CHARGE_ANSWER, read::account)
            .await
    }

    async fn close_account(&self, order: &AccountClose) -> Reply<()> {
        let Some(imp_uid) = &order.provider_payment_id else {
            return Reply::NotDone(Problem::Unsupported { what: "provider_payment_id" });
        };
        let query = match body::pg_api_key(&order.channel) {
            Ok(query) => query,
            Err(problem) => return Reply::NotDone(problem),
        };
        let path = format!("/vbanks/{}{query}", encode(imp_uid.as_str()));
        self.once(Method::DELETE, &path, None, MAX_CHARGE_ANSWER, read::closed).await
    }

    async fn issue_key(&self, order: &KeyOrder, card: &Arc<Vault>) -> Reply<IssuedKey> {
        let (sent, name) = (order.clone(), order.name());
        let path = format!("/subscribe/customers/{}", encode(name.expose()));
        let write = move |writer: &mut BodyWriter<'_>| body::issue_key(writer, &sent);
        match self.sensitive(path, write, read::issued, card).await {
            // The name is ours: whatever the answer made of it, this is the key that was asked for.
            Reply::Done(issued) => Reply::Done(IssuedKey { key: name, ..issued }),
            reply => reply,
        }
    }

    async fn charge_key(&self, order: &KeyChargeOrder) -> Charged {
        let body = body::again(order);
        let path = "/subscribe/payments/again";
        let reply = self.once(Method::POST, path, Some(body), MAX_CHARGE_ANSWER, read::charged).await;
        match reply {
            // V1 has no code for a key that is not there, only a sentence (V1 §3.2): ask for the key.
            Reply::Declined(refusal) if refusal.code.is_none() => match self.key(&order.key).await {
                Ok(None) => Reply::NotDone(Problem::KeyGone),
                _ => Reply::Declined(refusal),
            },
            reply => reply,
        }
    }

    async fn delete_key(&self, order: &KeyDelete) -> Reply<()> {
        let mut path = format!("/subscribe/customers/{}", encode(order.key.expose()));
        let mut separator = '?';
        let requester = order.requester.map(body::requester_word);
        for (name, value) in [("reason", order.reason.as_deref()), ("extra[requester]", requester)] {
            if let Some(value) = value {
                path = format!("{path}{separator}{}={}", encode(name), encode(value));
                separator = '&';
            }
        }
        match self.once(Method::DELETE, &path, None, MAX_CHARGE_ANSWER, read::deleted).await {
            // "No such key" may come as 200 with a code, and so does a refusal of the PG's (V1 §3.2).
            Reply::Declined(refusal) => match self.key(&order.key).await {
                Ok(None) => Reply::NotDone(Problem::KeyGone),
                _ => Reply::Declined(refusal),
            },
            reply => reply,
        }
    }

    async fn look_up(&self, id: &PaymentId) -> Result<LookUp, Problem> {
        let path = payments::all_attempts(id.as_str());
        let answer = self.get(&path).await?;
        let envelope = wire::envelope(&answer.body);
        match (answer.status, envelope) {
            (StatusCode::OK, Some(envelope)) if envelope.code == 0 => {
                match envelope.payments() {
                    Some(payments) => Ok(deciding(payments)
                        .map_or(LookUp::NotFound, |payment| LookUp::Found(Box::new(payment)))),
                    None => Err(malformed()),
                }
            }
            (StatusCode::NOT_FOUND, Some(_)) => Ok(LookUp::NotFound),
            (StatusCode::FORBIDDEN, _) => Err(Problem::Forbidden { profile: self.profile.clone() }),
            (status, _) => Err(Problem::Unreadable { why: format!("http_{}", status.as_u16()) }),
        }
    }

    async fn key(&self, key: &BillingKey) -> Result<Option<ProviderKey>, Problem> {
        self.ask(&format!("/subscribe/customers/{}", encode(key.expose())), wire::Envelope::key).await
    }

    fn can_list(&self) -> bool {
        false
    }

    async fn keys(&self, search: &KeySearch) -> Result<KeyPage, Problem> {
        let first = (search.page as usize).saturating_mul(KeySearch::PAGE);
        let asked = search.among.get(first..).unwrap_or_default();
        let (page, rest) = asked.split_at(asked.len().min(KeySearch::PAGE));
        if page.is_empty() || search.status == Some(KeyStatus::Deleted) {
            return Ok(KeyPage::default());
        }
        let query: Vec<String> =
            page.iter().map(|key| format!("customer_uid%5B%5D={}", encode(key.expose()))).collect();
        let path = format!("/subscribe/customers?{}", query.join("&"));
        let mut keys = self.ask(&path, wire::Envelope::keys).await?.unwrap_or_default();
        keys.retain(|key| search.fits(key));
        keys.sort_by(|one, other| other.since().cmp(&one.since()).then_with(|| one.key.cmp(&other.key)));
        Ok(KeyPage { keys, total: None, more: !rest.is_empty() })
    }

    async fn open_schedules(
        &self,
        keys: &[BillingKey],
        now: Timestamp,
    ) -> Result<Vec<ProviderSchedule>, Problem> {
        self.schedules_of_keys(keys, now).await
    }

    async fn schedule(&self, order: &ScheduleOrder) -> Reply<SafeText> {
        self.book(order).await
    }

    fn can_move(&self) -> bool {
        true
    }

    async fn move_schedule(&self, order: &ScheduleMove) -> Reply<()> {
        self.put_off(Method::PUT, order, "").await
    }

    async fn rebook_schedule(&self, order: &ScheduleMove) -> Reply<()> {
        self.put_off(Method::POST, order, "/reschedule").await
    }

    async fn retry_schedule(&self, schedule: &SafeText) -> Charged {
        self.try_again(schedule).await
    }

    async fn revoke_schedules(&self, order: &ScheduleRevoke) -> Reply<()> {
        self.call_off(order).await
    }

    async fn schedule_of(&self, schedule: &SafeText) -> Result<Option<ProviderSchedule>, Problem> {
        self.one_schedule(schedule).await
    }

    async fn schedules(&self, span: Span, next: Option<&str>) -> Result<Batch<ProviderSchedule>, Problem> {
        self.schedules_in(span, next).await
    }

    async fn payments(
        &self,
        span: Span,
        next: Option<&str>,
        _early: &Early,
    ) -> Result<Batch<PaymentRecord>, Problem> {
        self.payments_in(span, next).await
    }

    async fn attempts(&self, id: &SafeText) -> Result<Vec<PaymentRecord>, Problem> {
        self.attempts_of(id).await
    }

    async fn raw_payment(&self, id: &SafeText) -> Result<Option<Vec<SafeText>>, Problem> {
        self.raw(id).await
    }

    async fn refund(&self, order: &RefundOrder) -> Reply<Refunded> {
        self.give_back(order).await
    }

    async fn issue_receipt(&self, order: &ReceiptOrder) -> Reply<ProviderReceipt> {
        self.issue_a_receipt(order).await
    }

    async fn cancel_receipt(&self, order: &ReceiptCancel) -> Reply<()> {
        self.cancel_a_receipt(order).await
    }

    async fn receipt(
        &self,
        payment: &SafeText,
        provider_payment_id: Option<&SafeText>,
    ) -> Result<Option<ProviderReceipt>, Problem> {
        self.a_receipt(payment, provider_payment_id).await
    }

    async fn caller(&self, _: &str, keys: &[BillingKey], now: Timestamp) -> Result<AtProvider, Problem> {
        // No search by customer (V1 §11.5): only what hangs on the keys.
        let asked: Vec<BillingKey> = keys.iter().take(CALLER_KEYS).cloned().collect();
        let search = KeySearch { among: asked, ..KeySearch::default() };
        let known = self.keys(&search).await?.keys;
        let mut payments: Vec<PaymentRecord> = Vec::new();
        for key in &known {
            let path = format!(
                "/subscribe/customers/{}/payments?page=1&include_sandbox=true",
                encode(key.key.expose())
            );
            payments.extend(self.ask(&path, wire::Envelope::records).await?.unwrap_or_default());
        }
        payments.sort_by(|one, other| {
            other.requested_at.cmp(&one.requested_at).then_with(|| one.id.cmp(&other.id))
        });
        payments.truncate(CALLER_PAYMENTS);
        let alive: Vec<BillingKey> = known.iter().map(|known| known.key.clone()).collect();
        let schedules = self.open_schedules(&alive, now).await?;
        Ok(AtProvider { searched: false, payments, keys: known, schedules })
    }

    async fn probe(&self) -> Result<Probe, Problem> {
        // Needs only a valid token and moves no money (V1 §13.4).
        let answer = self.get("/users/pg").await?;
        let server_time = answer.date.as_deref().and_then(http_date);
        match answer.status {
            StatusCode::FORBIDDEN => Err(Problem::Forbidden { profile: self.profile.clone() }),
            // The credentials were taken (or the token would have failed); whether there are channels is not
            // this question.
            StatusCode::OK | StatusCode::NOT_FOUND => Ok(Probe { server_time }),
            status => Err(Problem::Unreadable { why: format!("http_{}", status.as_u16()) }),
        }
    }
}

/// The attempt that decides; of several the newest.
fn deciding(payments: Vec<ProviderPayment>) -> Option<ProviderPayment> {
    payments.into_iter().min_by_key(|payment| rank(&payment.state))
}

#[cfg(test)]
mod tests;
