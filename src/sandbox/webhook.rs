//! Webhooks of both generations: what is sent, signed how, retried when, logged where (V2 §18, V1 §15).
//!
//! This file decides; [`deliver`] sends. Nothing leaves the machine unless `--allow-remote-webhooks` is given.

pub mod deliver;
pub mod sign;

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::catalog::{self, StoreNo};
use super::clock::{Time, rfc3339};
use super::ids::mix;
use super::json;
use super::model::{Row, Source, Status, Version};
use super::state::State;

/// Nominal waits between sends in minutes; each is multiplied by a factor between 0 and 1 (V2 §18.4).
const WAITS: [Time; 5] = [1, 4, 16, 64, 256];
/// Sends by hand of one webhook before `MAX_WEBHOOK_RETRY_COUNT_REACHED`; the real limit is not published.
const MANUAL_LIMIT: u32 = 10;

/// Body of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// V2, current: typed events.
    #[serde(rename = "2024-04-25")]
    Typed,
    /// V2, older: flat.
    #[serde(rename = "2024-01-01")]
    Flat,
    /// V1.
    #[serde(rename = "v1")]
    Plain,
}

/// The console's setting for one store, generation and mode.
#[derive(Debug, Clone)]
pub struct Target {
    /// Where to.
    pub url: Box<str>,
    /// Which body.
    pub format: Format,
    /// Form-encoded instead of JSON.
    pub form: bool,
    /// Signing secrets, up to two.
    pub secrets: Vec<Box<str>>,
}

/// How a send ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// 200.
    Succeeded,
    /// Another status.
    NotOk,
    /// No answer.
    Failed,
}

impl Sent {
    /// V2 `PaymentWebhookStatus`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Succeeded => "SUCCEEDED",
            Self::NotOk => "FAILED_NOT_OK_RESPONSE",
            Self::Failed => "FAILED_UNEXPECTED_ERROR",
        }
    }
}

/// One webhook and its log (V2 §18.6).
#[derive(Debug)]
pub struct Hook {
    /// `webhook-id`, the same on every retry.
    pub id: Box<str>,
    /// Where to.
    pub url: Box<str>,
    /// Content type is a form.
    pub form: bool,
    /// The body, the same on every retry.
    pub body: Box<str>,
    /// Signing secrets; V1 has none.
    pub secrets: Vec<Box<str>>,
    /// Status of the payment it tells of.
    pub payment_status: Option<&'static str>,
    /// What caused it, for sends that no request caused.
    pub trigger: Option<&'static str>,
    /// Sends so far, and how many there may be by themselves.
    pub tries: u32,
    /// See `tries`.
    pub most: u32,
    /// Sends by hand.
    pub manual: u32,
    /// When the webhook was made.
    pub triggered: Time,
    /// When it was last sent.
    pub requested: Time,
    /// Headers of the last send.
    pub header: String,
    /// How the last send ended.
    pub result: Option<Sent>,
    /// Status, headers and body of the last answer, and when it came.
    pub answer: Option<(u16, String, String, Time)>,
}

/// What happened to a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Approved.
    Paid,
    /// Declined.
    Failed,
    /// A virtual account was made.
    AccountIssued,
    /// Money arrived on it.
    Deposited,
    /// Approval is pending.
    PayPending,
    /// A pending approval came.
    LatePaid,
    /// A pending approval was refused.
    LateFailed,
    /// A refund was done at once.
    Cancelled,
    /// A refund was accepted and is pending.
    CancelPending,
    /// A pending refund was done.
    LateCancelled,
    /// A dispute began.
    Disputed,
    /// A dispute ended.
    Resolved,
}

/// Counters for webhooks that go wrong on demand.
#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(default)]
pub struct Mischief {
    /// The next so many webhooks are never sent.
    pub lose: u32,
    /// The next so many are sent twice.
    pub duplicate: u32,
    /// The next so many wait until a later one has gone.
    pub reorder: u32,
}

/// All webhooks of a sandbox.
#[derive(Debug)]
pub struct Hooks {
    /// The console's settings: generation, store, live.
    pub targets: HashMap<(Version, StoreNo, bool), Target>,
    /// Every webhook made.
    pub log: Vec<Hook>,
    /// What to send and when.
    pub due: BTreeSet<(Time, Row)>,
    /// Mischief still to be done.
    pub mischief: Mischief,
    held: Vec<Row>,
    jitter: u64,
}

impl Hooks {
    /// No webhooks yet.
    pub fn new(jitter: u64) -> Self {
        Self {
            targets: HashMap::new(),
            log: Vec::new(),
            due: BTreeSet::new(),
            mischief: Mischief::default(),
            held: Vec::new(),
            jitter,
        }
    }

    fn push(&mut self, hook: Hook, now: Time) -> Row {
        let at = Row::try_from(self.log.len()).unwrap_or(Row::MAX);
        self.log.push(hook);
        if take(&mut self.mischief.lose) {
            return at;
        }
        if take(&mut self.mischief.reorder) {
            self.held.push(at);
            return at;
        }
        self.due.insert((now, at));
        if take(&mut self.mischief.duplicate) {
            self.due.insert((now.saturating_add(1), at));
        }
        for held in self.held.drain(..) {
            self.due.insert((now.saturating_add(1), held));
        }
        at
    }

    /// Takes the webhooks to send now.
    pub fn take_due(&mut self, now: Time) -> Vec<Row> {
        let later = self.due.split_off(&(now.saturating_add(1), 0));
        std::mem::replace(&mut self.due, later).into_iter().map(|(_, at)| at).collect()
    }

    /// Notes how a send ended and plans the next one.
    pub fn record(&mut self, at: Row, result: Sent, answer: Option<(u16, String, String)>, now: Time) {
        let jitter = self.jitter;
        let Some(hook) = self.log.get_mut(at as usize) else { return };
        hook.result = Some(result);
        hook.answer = answer.map(|(code, header, body)| (code, header, body, now));
        if result == Sent::Succeeded || hook.tries >= hook.most {
            return;
        }
        let wait = WAITS.get((hook.tries as usize).saturating_sub(1)).copied().unwrap_or(256);
        let draw = mix(jitter ^ u64::from(at) << 8 ^ u64::from(hook.tries)) % 1_000;
        let pause = u64::from(wait) * 60 * draw / 1_000;
        let pause = Time::try_from(pause).unwrap_or(Time::MAX).max(1);
        self.due.insert((now.saturating_add(pause), at));
    }
}

fn take(counter: &mut u32) -> bool {
    let some = *counter > 0;
    *counter = counter.saturating_sub(1);
    some
}

/// V2's words for the state of a payment.
pub fn status_word(status: Status) -> &'static str {
    match status {
        Status::Ready => "READY",
        Status::Pending => "PAY_PENDING",
        Status::Issued => "VIRTUAL_ACCOUNT_ISSUED",
        Status::Paid => "PAID",
        Status::Failed => "FAILED",
        Status::Partial => "PARTIAL_CANCELLED",
        Status::Cancelled => "CANCELLED",
    }
}

fn flat_word(status: Status, what: What) -> &'static str {
    match (what, status) {
        (What::CancelPending, _) => "CancelPending",
        (_, Status::Ready) => "Ready",
        (_, Status::Pending) => "PayPending",
        (_, Status::Issued) => "VirtualAccountIssued",
        (_, Status::Paid) => "Paid",
        (_, Status::Failed) => "Failed",
        (_, Status::Partial) => "PartialCancelled",
        (_, Status::Cancelled) => "Cancelled",
    }
}

fn typed_word(status: Status, what: What) -> &'static str {
    match what {
        What::Paid | What::Deposited | What::LatePaid => "Transaction.Paid",
        What::Failed | What::LateFailed => "Transaction.Failed",
        What::AccountIssued => "Transaction.VirtualAccountIssued",
        What::PayPending => "Transaction.PayPending",
        What::CancelPending => "Transaction.CancelPending",
        What::Cancelled | What::LateCancelled if status == Status::Partial => "Transaction.PartialCancelled",
        What::Cancelled | What::LateCancelled => "Transaction.Cancelled",
        What::Disputed => "Transaction.DisputeCreated",
        What::Resolved => "Transaction.DisputeResolved",
    }
}

fn trigger(what: What) -> Option<&'static str> {
    match what {
        What::Deposited => Some("VIRTUAL_ACCOUNT_DEPOSIT"),
        What::LatePaid => Some("ASYNC_PAY_APPROVED"),
        What::LateFailed => Some("ASYNC_PAY_FAILED"),
        What::PayPending => Some("ASYNC_PAY_PENDING"),
        What::LateCancelled => Some("ASYNC_CANCEL_APPROVED"),
        What::Disputed => Some("DISPUTE_CREATED"),
        What::Resolved => Some("DISPUTE_RESOLVED"),
        _ => None,
    }
}

/// Tells the merchant what happened to a payment.
pub fn payment(state: &mut State, at: Row, what: What) {
    send(state, at, what, None);
}

/// Tells the merchant about a refund.
pub fn cancel(state: &mut State, at: Row, what: What, cancellation: &str) {
    send(state, at, what, Some(cancellation));
}

fn send(state: &mut State, at: Row, what: What, cancellation: Option<&str>) {
    let attempt = state.attempt(at);
    let extra = attempt.extra.as_deref();
    // skipWebhook holds back the success only; later events from outside are still told (V2 §8.1).
    if matches!(what, What::Paid | What::AccountIssued) && extra.is_some_and(|extra| extra.skip_webhook) {
        return;
    }
    // V1: a declined key-in or key charge sends nothing, a declined schedule does (§15).
    let v1 = attempt.version == Version::V1;
    if v1 && what == What::Failed && !matches!(attempt.source, Source::Schedule(..)) {
        return;
    }
    let live = catalog::channel(attempt.channel).live;
    let set = state.hooks.targets.get(&(attempt.version, attempt.store, live)).cloned();
    let urls = extra.map(|extra| extra.notice_urls.clone()).unwrap_or_default();
    let urls = if urls.is_empty() { set.iter().map(|set| set.url.clone()).collect() } else { urls };
    if urls.is_empty() {
        return;
    }
    let format = set.as_ref().map_or(if v1 { Format::Plain } else { Format::Typed }, |set| set.format);
    let form = set.as_ref().is_some_and(|set| set.form && format != Format::Typed);
    let now = state.now();
    let body = match format {
        Format::Typed => json::object(|o| {
            o.str("type", typed_word(attempt.status, what)).time("timestamp", now).obj("data", |o| {
                o.str("storeId", catalog::store(attempt.store).id).str("paymentId", &attempt.payment);
                o.str("transactionId", &attempt.tx).opt("cancellationId", cancellation);
            });
        }),
        Format::Flat => pairs_body(
            form,
            &[
                ("payment_id", Some(&attempt.payment)),
                ("tx_id", Some(&attempt.tx)),
                ("status", Some(flat_word(attempt.status, what))),
            ],
        ),
        Format::Plain => pairs_body(
            form,
            &[
                ("imp_uid", Some(&attempt.tx)),
                ("merchant_uid", Some(&attempt.payment)),
                ("status", Some(v1_status(attempt.status))),
                ("cancellation_id", cancellation),
            ],
        ),
    };
    let payment_status = Some(status_word(attempt.status));
    for url in urls {
        let row = push(state, url, body.clone(), form, set.as_ref(), v1, payment_status, trigger(what), now);
        state.change_attempt(at, |attempt| attempt.hooks.push(row));
    }
}

/// V1's four words for the state of a payment (V1 §11.7).
pub fn v1_status(status: Status) -> &'static str {
    match status {
        Status::Ready | Status::Issued => "ready",
        Status::Pending => "pending",
        Status::Paid => "paid",
        Status::Failed => "failed",
        Status::Partial | Status::Cancelled => "cancelled",
    }
}

fn pairs_body(form: bool, pairs: &[(&str, Option<&str>)]) -> String {
    if !form {
        return json::object(|o| {
            for (key, value) in pairs {
                o.opt(key, *value);
            }
        });
    }
    let escape = |text: &str| -> String {
        let plain = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.' | b'~');
        text.bytes().map(|c| if plain(c) { char::from(c).to_string() } else { format!("%{c:02X}") }).collect()
    };
    let given = pairs.iter().filter_map(|(key, value)| Some(format!("{key}={}", escape((*value)?))));
    given.collect::<Vec<_>>().join("&")
}

/// Tells the merchant about a billing key (V2 only; V1 has no such event).
pub fn key(state: &mut State, at: Row, event: &str) {
    let key = state.key(at);
    if key.version == Version::V1 {
        return;
    }
    let live = key.channels.first().is_some_and(|channel| catalog::channel(*channel).live);
    let set = state.hooks.targets.get(&(key.version, key.store, live)).cloned();
    let mut urls = key.notice_urls.clone();
    if urls.is_empty() {
        urls.extend(set.iter().filter(|set| set.format == Format::Typed).map(|set| set.url.clone()));
    }
    let now = state.now();
    let body = json::object(|o| {
        o.str("type", event).str("timestamp", &rfc3339(now)).obj("data", |o| {
            o.str("storeId", catalog::store(key.store).id).str("billingKey", &key.name);
        });
    });
    for url in urls {
        push(state, url, body.clone(), false, set.as_ref(), false, None, None, now);
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "they are the columns of the log row, and two callers fill them"
)]
fn push(
    state: &mut State,
    url: Box<str>,
    body: String,
    form: bool,
    set: Option<&Target>,
    v1: bool,
    payment_status: Option<&'static str>,
    trigger: Option<&'static str>,
    now: Time,
) -> Row {
    let id = state.rng.uuid(now);
    let hook = Hook {
        id,
        url,
        form,
        body: body.into(),
        secrets: if v1 { Vec::new() } else { set.map(|set| set.secrets.clone()).unwrap_or_default() },
        payment_status,
        trigger,
        tries: 0,
        // V2: first send and five retries; V1: one send unless the vendor switched more on.
        most: if v1 { 1 } else { 6 },
        manual: 0,
        triggered: now,
        requested: 0,
        header: String::new(),
        result: None,
        answer: None,
    };
    state.hooks.push(hook, now)
}

/// Asks for a webhook to be sent once more by hand; false when the limit is reached.
pub fn resend(state: &mut State, at: Row) -> bool {
    let Some(hook) = state.hooks.log.get_mut(at as usize) else { return false };
    if hook.manual >= MANUAL_LIMIT {
        return false;
    }
    hook.manual += 1;
    hook.trigger = Some("MANUAL");
    hook.most = hook.most.max(hook.tries + 1);
    true
}

/// The log entry of a webhook as V2 shows it.
pub fn write(o: &mut json::Obj<'_>, hook: &Hook) {
    o.opt("paymentStatus", hook.payment_status).str("id", &hook.id);
    o.opt("status", hook.result.map(Sent::word)).str("url", &hook.url);
    o.bool("isAsync", hook.trigger.is_some_and(|word| word.starts_with("ASYNC")));
    o.int("currentExecutionCount", hook.tries).int("maxExecutionCount", hook.most);
    o.opt("trigger", hook.trigger);
    if hook.requested != 0 {
        o.obj("request", |o| {
            o.str("header", &hook.header).str("body", &hook.body).time("requestedAt", hook.requested);
        });
    }
    if let Some((code, header, body, at)) = &hook.answer {
        o.obj("response", |o| {
            o.str("code", &code.to_string()).str("header", header).str("body", body).time("respondedAt", *at);
        });
    }
    o.time("triggeredAt", hook.triggered);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_wait_at_most_their_nominal_time_and_end_after_six_sends() {
        let mut state = State::new(
            super::super::state::Settings::default(),
            super::super::clock::Clock::new(super::super::clock::Mode::Manual, 1_000),
            super::super::ids::Rng::seeded(3),
        );
        let at =
            push(&mut state, "http://127.0.0.1/".into(), "{}".into(), false, None, false, None, None, 1_000);
        let mut now = 1_000;
        for tries in 1..=6 {
            assert_eq!(state.hooks.take_due(now), [at], "send {tries}");
            state.hooks.log[0].tries += 1;
            state.hooks.record(at, Sent::NotOk, None, now);
            if let Some((next, _)) = state.hooks.due.first().copied() {
                assert!(next > now && next <= now + WAITS[tries - 1] * 60);
                now = next;
            }
        }
        assert!(state.hooks.due.is_empty());
    }

    #[test]
    fn forms_escape_what_they_must() {
        assert_eq!(pairs_body(true, &[("a", Some("x y/한")), ("b", None)]), "a=x%20y%2F%ED%95%9C");
    }
}
