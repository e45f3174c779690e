//! `PortOne` API generation V2: key-in, virtual accounts, billing keys, look-ups, connection test (V2 §1–14).
//! Schedules, the history, refunds and receipts have their rooms: [`schedules`], [`payments`], [`refund`].
//!
//! [`body`] writes, [`read`] says what answers to requests that move money mean, [`wire`] decodes.

mod body;
mod payments;
mod read;
mod refund;
mod schedules;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, StatusCode};

use super::http::{Answer, Failure, Transport, encode, http_date};
use super::sensitive::{Flight, Sensitive};
use super::{ApiSecret, Batch, Charged, Early, Gateway, LookUp, MAX_CHARGE_ANSWER, Probe, Reply, malformed};
use crate::domain::billing_key::{
    BillingKey, IssuedKey, KeyPage, KeySearch, KeyStatus, KeyText, ProviderKey,
};
use crate::domain::caller::AtProvider;
use crate::domain::cash_receipt::{ProviderReceipt, ReceiptCancel, ReceiptOrder};
use crate::domain::order::{AccountClose, AccountOrder, KeyChargeOrder, KeyDelete, KeyInOrder, KeyOrder};
use crate::domain::payment::PaymentId;
use crate::domain::problem::Problem;
use crate::domain::record::PaymentRecord;
use crate::domain::refund::{RefundOrder, Refunded};
use crate::domain::schedule::{ProviderSchedule, ScheduleMove, ScheduleOrder, ScheduleRevoke, Span};
use crate::domain::text::SafeText;
use crate::vault::{BodyWriter, Vault};

/// How far back a caller's payments are looked for, and how many are shown.
const CALLER_DAYS: i64 = 90;
const CALLER_PAYMENTS: usize = 20;
/// The most keys whose schedules are asked for: a caller has a handful.
const CALLER_KEYS: usize = 10;

/// A V2 store.
#[derive(Debug)]
pub struct V2 {
    transport: Transport,
    profile: String,
    store_id: String,
    secret: ApiSecret,
}

impl V2 {
    /// A store behind an endpoint. `profile` is its name, for sentences.
    pub fn new(transport: Transport, profile: String, store_id: String, secret: ApiSecret) -> Self {
        Self { transport, profile, store_id, secret }
    }

    fn authorization(&self) -> String {
        format!("PortOne {}", self.secret.expose())
    }

    /// Asks a question that moves no money.
    async fn get(&self, path: &str) -> Result<Answer, Problem> {
        let request = self.transport.request(Method::GET, path)?;
        self.transport.read(request.header("authorization", self.authorization())).await
    }

    /// One thing; `None` when the error says so: `missing` is its word (V2 §2).
    async fn one<T>(
        &self,
        path: &str,
        missing: &str,
        read: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let answer = self.get(path).await?;
        match answer.status {
            StatusCode::OK => read(&answer.body).map(Some).ok_or_else(malformed),
            status => match wire::error(&answer.body) {
                Some(error) if error.kind == missing => Ok(None),
                error => Err(read_problem(status, error, &self.profile)),
            },
        }
    }

    /// A list: its input travels as one JSON document in the query (V2 §1.1).
    async fn list<T>(
        &self,
        path: &str,
        input: &str,
        read: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<T, Problem> {
        self.listed(&self.get(&format!("{path}?requestBody={}", encode(input))).await?, read)
    }

    /// The same of a list that may have many pages, over one connection; [`Transport::no_more_pages`] ends it.
    async fn page<T>(
        &self,
        path: &str,
        input: &str,
        read: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<T, Problem> {
        self.listed(&self.page_unread(path, input).await?, read)
    }

    /// The same, with nothing read of it yet.
    async fn page_unread(&self, path: &str, input: &str) -> Result<Answer, Problem> {
        let path = format!("{path}?requestBody={}", encode(input));
        self.transport.page(&path, &self.authorization()).await
    }

    fn listed<T>(&self, answer: &Answer, read: impl FnOnce(&[u8]) -> Option<T>) -> Result<T, Problem> {
        match answer.status {
            StatusCode::OK => read(&answer.body).ok_or_else(malformed),
            status => Err(read_problem(status, wire::error(&answer.body), &self.profile)),
        }
    }

    /// Sends a request that moves money, or makes or ends something that will, once.
    async fn once<T>(
        &self,
        request: Once<'_>,
        channel: &str,
        read: fn(StatusCode, &[u8]) -> Reply<T>,
    ) -> Reply<T> {
        let builder = match self.transport.request(request.method, &request.path) {
            Ok(builder) => builder,
            Err(failure) => return failure.into(),
        };
        let mut builder = builder
            .header("authorization", self.authorization())
            .header("idempotency-key", quoted(request.id, request.what));
        if let Some(body) = request.body {
            builder = builder.header("content-type", "application/json").body(body);
        }
        let reply = match self.transport.once(builder, MAX_CHARGE_ANSWER).await {
            Ok(answer) => read(answer.status, &answer.body),
            Err(failure) => Failure::into(failure),
        };
        self.name(reply, channel)
    }

    /// Sends a request with card data, once, from a thread of its own.
    async fn sensitive<T: Send + 'static>(
        &self,
        path: String,
        idempotency_key: String,
        write: impl FnOnce(&mut BodyWriter<'_>) + Send + 'static,
        read: fn(StatusCode, &[u8]) -> Reply<T>,
        card: &Arc<Vault>,
    ) -> Reply<T> {
        let request = Sensitive {
            path,
            headers: vec![("authorization", self.authorization()), ("idempotency-key", idempotency_key)],
            write: Box::new(write),
            read,
        };
        match Flight::start(&self.transport, request, card) {
            Ok(flight) => flight.finish().await,
            Err(problem) => Reply::NotDone(problem),
        }
    }

    /// Names the profile and channel in a refusal that was read without knowing them.
    fn name<T>(&self, reply: Reply<T>, channel: &str) -> Reply<T> {
        match reply {
            Reply::NotDone(Problem::Credentials { .. }) => {
                Reply::NotDone(Problem::Credentials { profile: self.profile.clone() })
            }
            Reply::NotDone(Problem::Forbidden { .. }) => {
                Reply::NotDone(Problem::Forbidden { profile: self.profile.clone() })
            }
            Reply::NotDone(Problem::ChannelUnknown { .. }) => {
                Reply::NotDone(Problem::ChannelUnknown { channel: channel.to_owned() })
            }
            reply => reply,
        }
    }

    fn store(&self) -> String {
        format!("storeId={}", encode(&self.store_id))
    }
}

/// A request without card data that is sent once.
struct Once<'a> {
    method: Method,
    path: String,
    /// Whose `Idempotency-Key` it carries, and what kind of request it is.
    id: &'a PaymentId,
    what: &'static str,
    body: Option<String>,
}

/// The value of an `Idempotency-Key` is an RFC 8941 string: the quotes belong to it (V2 §3.1).
fn quoted(id: &PaymentId, what: &str) -> String {
    format!("\"{}\"", id.idempotency_key(what))
}

#[async_trait]
impl Gateway for V2 {
    async fn key_in(&self, order: &KeyInOrder, card: &Arc<Vault>) -> Charged {
        let (store_id, sent) = (self.store_id.clone(), order.clone());
        let id = &order.sale.payment_id;
        let reply = self
            .sensitive(
                format!("/payments/{id}/instant"),
                quoted(id, "keyin"),
                move |writer| body::instant(writer, &store_id, &sent),
                read::charged,
                card,
            )
            .await;
        self.name(reply, &order.sale.channel.name)
    }

    async fn issue_account(&self, order: &AccountOrder) -> Charged {
        let body = match body::account(&self.store_id, order, Timestamp::now()) {
            Ok(body) => body,
            Err(problem) => return Reply::NotDone(problem),
        };
        let id = &order.sale.payment_id;
        let path = format!("/payments/{id}/instant");
        let request = Once { method: Method::POST, path, id, what: "account", body: Some(body) };
        self.once(request, &order.sale.channel.name, read::charged).await
    }

    async fn close_account(&self, order: &AccountClose) -> Reply<()> {
        let path = format!("/payments/{}/virtual-account/close?{}", order.payment, self.store());
        let request = Once { method: Method::POST, path, id: &order.id, what: "close", body: None };
        self.once(request, &order.channel.name, read::closed).await
    }

    async fn issue_key(&self, order: &KeyOrder, card: &Arc<Vault>) -> Reply<IssuedKey> {
        let (store_id, sent) = (self.store_id.clone(), order.clone());
        let reply = self
            .sensitive(
                "/billing-keys".to_owned(),
                quoted(&order.id, "issue"),
                move |writer| body::issue_key(writer, &store_id, &sent),
                read::issued,
                card,
            )
            .await;
        self.name(reply, &order.channel.name)
    }

    async fn charge_key(&self, order: &KeyChargeOrder) -> Charged {
        let id = &order.sale.payment_id;
        let body = Some(body::charge_key(&self.store_id, order));
        let path = format!("/payments/{id}/billing-key");
        let request = Once { method: Method::POST, path, id, what: "charge", body };
        self.once(request, &order.sale.channel.name, read::charged).await
    }

    async fn delete_key(&self, order: &KeyDelete) -> Reply<()> {
        let mut path = format!("/billing-keys/{}?{}", encode(order.key.expose()), self.store());
        if let Some(reason) = &order.reason {
            path = format!("{path}&reason={}", encode(reason));
        }
        if let Some(requester) = order.requester {
            path = format!("{path}&requester={}", body::requester_word(requester));
        }
        let channel = order.channel.as_ref().map_or("", |channel| &channel.name);
        let request = Once { method: Method::DELETE, path, id: &order.id, what: "delete", body: None };
        self.once(request, channel, read::deleted).await
    }

    async fn look_up(&self, id: &PaymentId) -> Result<LookUp, Problem> {
        let path = format!("/payments/{id}?{}", self.store());
        let found = self.one(&path, "PAYMENT_NOT_FOUND", wire::payment).await?;
        Ok(found.map_or(LookUp::NotFound, |payment| LookUp::Found(Box::new(payment))))
    }

    async fn key(&self, key: &BillingKey) -> Result<Option<ProviderKey>, Problem> {
        let path = format!("/billing-keys/{}?{}", encode(key.expose()), self.store());
        self.one(&path, "BILLING_KEY_NOT_FOUND", wire::key::key).await
    }

    fn can_list(&self) -> bool {
        true
    }

    async fn keys(&self, search: &KeySearch) -> Result<KeyPage, Problem> {
        let input = body::keys(&self.store_id, search);
        self.list("/billing-keys", &input, |body| wire::key::keys(body, search.page)).await
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
        false
    }

    async fn move_schedule(&self, _: &ScheduleMove) -> Reply<()> {
        Reply::NotDone(Problem::Unsupported { what: "move_schedule" })
    }

    async fn rebook_schedule(&self, _: &ScheduleMove) -> Reply<()> {
        Reply::NotDone(Problem::Unsupported { what: "move_schedule" })
    }

    async fn retry_schedule(&self, _: &SafeText) -> Charged {
        Reply::NotDone(Problem::Unsupported { what: "retry_schedule" })
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
        early: &Early,
    ) -> Result<Batch<PaymentRecord>, Problem> {
        self.payments_in(span, next, early).await
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
        _: Option<&SafeText>,
    ) -> Result<Option<ProviderReceipt>, Problem> {
        self.a_receipt(payment).await
    }

    async fn caller(
        &self,
        phone_digits: &str,
        keys: &[BillingKey],
        now: Timestamp,
    ) -> Result<AtProvider, Problem> {
        let from = now - SignedDuration::from_hours(24 * CALLER_DAYS);
        let mut payments: Vec<PaymentRecord> = Vec::new();
        let mut known: Vec<ProviderKey> = Vec::new();
        // The search compares with the text that was stored, which is with dashes as often as without.
        for phone in spellings(phone_digits) {
            let input = body::payments_of(&self.store_id, &phone, from, CALLER_PAYMENTS);
            payments.extend(self.list("/payments", &input, wire::record::records).await?);
            let search = KeySearch {
                text: Some(KeyText::Phone(phone)),
                status: Some(KeyStatus::Issued),
                ..KeySearch::default()
            };
            known.extend(self.keys(&search).await?.keys);
        }
        payments.sort_by(|one, other| {
            other.requested_at.cmp(&one.requested_at).then_with(|| one.id.cmp(&other.id))
        });
        payments.dedup_by(|one, other| one.id == other.id);
        payments.truncate(CALLER_PAYMENTS);
        known.sort_by(|one, other| other.since().cmp(&one.since()).then_with(|| one.key.cmp(&other.key)));
        known.dedup_by(|one, other| one.key == other.key);
        let mut ours: Vec<BillingKey> = known.iter().map(|known| known.key.clone()).collect();
        ours.extend(keys.iter().filter(|key| !known.iter().any(|known| known.key == **key)).cloned());
        ours.truncate(CALLER_KEYS);
        let schedules = self.open_schedules(&ours, now).await?;
        Ok(AtProvider { searched: true, payments, keys: known, schedules })
    }

    async fn probe(&self) -> Result<Probe, Problem> {
        // The smallest question that needs the secret and the store: a payment that can't exist.
        let answer = self.get(&format!("/payments/danmalprobe?{}", self.store())).await?;
        let server_time = answer.date.as_deref().and_then(http_date);
        let error = wire::error(&answer.body);
        match (answer.status, error) {
            (StatusCode::OK, _) => Ok(Probe { server_time }),
            (_, Some(error)) if error.kind == "PAYMENT_NOT_FOUND" => Ok(Probe { server_time }),
            (status, error) => Err(read_problem(status, error, &self.profile)),
        }
    }
}

/// A phone number's digits, and the same as people write them: 010-2000-3000.
fn spellings(digits: &str) -> Vec<String> {
    let mut all = vec![digits.to_owned()];
    if let (10..=11, true, Some(end)) = (digits.len(), digits.is_ascii(), digits.len().checked_sub(4)) {
        all.push(format!("{}-{}-{}", &digits[..3], &digits[3..end], &digits[end..]));
    }
    all
}

/// What went wrong with a question that moves no money.
fn read_problem(status: StatusCode, error: Option<wire::Error>, profile: &str) -> Problem {
    match (status, error) {
        (StatusCode::UNAUTHORIZED, _) => Problem::Credentials { profile: profile.to_owned() },
        (StatusCode::FORBIDDEN, _) => Problem::Forbidden { profile: profile.to_owned() },
        (status, Some(error)) if status.is_client_error() => Problem::Refused {
            kind: SafeText::new(&error.kind).to_string(),
            message: SafeText::message(&error.message).to_string(),
        },
        (status, _) => Problem::Unreadable { why: format!("http_{}", status.as_u16()) },
    }
}

#[cfg(test)]
mod tests;
