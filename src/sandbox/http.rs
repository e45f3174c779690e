//! One request from its bytes to its answer, without a socket: routing, credentials, idempotency, faults.
//!
//! [`App`] is the whole sandbox as a library; `server` puts it on the network. The work itself never waits:
//! all waiting (slow cards, delays) happens here, outside the lock.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value};

use super::card::{Card, Effect};
use super::catalog::{STORES, StoreNo};
use super::fault::{Cut, Kind, Plan, mutate};
use super::idempotency::Verdict;
use super::input::{self, pairs};
use super::journal::Journal;
use super::log::Log;
use super::model::Version;
use super::route::{self, Found, Op, Route};
use super::state::State;
use super::webhook::deliver;
use super::{control, v1, v2};

/// Largest body that is read, in bytes.
pub const BODY_LIMIT: usize = 1 << 20;

/// A request as it came.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Method in capitals.
    pub method: String,
    /// Path, still percent-encoded.
    pub path: String,
    /// Query without its question mark.
    pub query: String,
    /// `Authorization`.
    pub authorization: Option<String>,
    /// `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// V1 `Tier`.
    pub tier: Option<String>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Host`.
    pub host: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// A finished answer of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// JSON text.
    pub body: String,
}

/// What an operation gets to see.
pub struct Call {
    /// The route.
    pub route: &'static Route,
    /// Path parameters, decoded.
    pub path: Vec<String>,
    /// Query pairs, decoded.
    pub query: Vec<(String, String)>,
    /// The body as a tree; an empty object when there was none.
    pub body: Value,
    /// Store that V1's `Tier` header chose.
    pub store: StoreNo,
    /// Seconds by which lists lag (a fault).
    pub lag: u32,
}

impl Call {
    /// A path parameter.
    pub fn param(&self, at: usize) -> &str {
        self.path.get(at).map(String::as_str).unwrap_or_default()
    }

    /// The first query value of this name.
    pub fn query(&self, name: &str) -> Option<&str> {
        let pair = self.query.iter().find(|(key, value)| key == name && !value.is_empty())?;
        Some(&pair.1)
    }

    /// Every query value of `name[]` or `name` (V1 §1).
    pub fn queries(&self, name: &str) -> Vec<&str> {
        let fits =
            |key: &str| key == name || key.strip_prefix(name).is_some_and(|rest| rest.starts_with('['));
        self.query.iter().filter(|(key, _)| fits(key)).map(|(_, value)| value.as_str()).collect()
    }
}

/// What goes out, and how.
#[derive(Debug, Default)]
pub struct Outcome {
    /// HTTP status.
    pub status: u16,
    /// Bytes of the body.
    pub body: Vec<u8>,
    /// Content type.
    pub content_type: &'static str,
    /// `Retry-After`.
    pub retry_after: Option<u32>,
    /// `Allow`.
    pub allow: Option<String>,
    /// Nothing goes out: the connection is cut.
    pub cut: bool,
    /// Half of it goes out, then the connection is cut.
    pub truncate: bool,
    /// Bytes a piece and pause between pieces.
    pub slow: Option<(usize, Duration)>,
}

impl From<Reply> for Outcome {
    fn from(reply: Reply) -> Self {
        Self { status: reply.status, body: reply.body.into_bytes(), content_type: JSON, ..Self::default() }
    }
}

const JSON: &str = "application/json; charset=utf-8";

/// The whole sandbox.
pub struct App {
    state: Mutex<State>,
    journal: Mutex<Option<Journal>>,
    /// Where requests are reported.
    pub log: Log,
    /// Woken when there may be something to deliver or to run.
    pub wake: tokio::sync::Notify,
    /// Held while webhooks are sent, and while the clock is moved by hand: a webhook on its way is not yet
    /// planned again, so nobody else may look at what is due meanwhile.
    pub delivering: tokio::sync::Mutex<()>,
    client: std::sync::OnceLock<Option<reqwest::Client>>,
}

impl App {
    /// A sandbox around a state.
    pub fn new(state: State, journal: Option<Journal>, log: Log) -> Arc<Self> {
        let wake = tokio::sync::Notify::new();
        let delivering = tokio::sync::Mutex::new(());
        Arc::new(Self {
            state: Mutex::new(state),
            journal: Mutex::new(journal),
            log,
            wake,
            delivering,
            client: std::sync::OnceLock::new(),
        })
    }

    /// The state. A panic elsewhere does not take the sandbox down: rows are whole between statements.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state, brings what is due to its end, and writes the journal before anyone is told.
    pub fn change<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state();
        if !state.clock.is_manual() {
            super::scheduler::run_due(&mut state);
        }
        let out = work(&mut state);
        if state.dirty.is_empty() && state.notes.is_empty() {
            return out;
        }
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = journal.as_ref().map(|_| Journal::lines(&state)).unwrap_or_default();
        state.dirty.clear();
        state.notes.clear();
        // The journal's lock was taken under the state's, so lines keep their order.
        drop(state);
        if let Some(journal) = journal.as_mut() {
            journal.write(&lines);
        }
        drop(journal);
        self.wake.notify_one();
        out
    }

    /// The HTTP client webhooks are sent with, made when it is first needed.
    pub fn client(&self) -> Option<&reqwest::Client> {
        self.client.get_or_init(deliver::client).as_ref()
    }

    /// Sends the webhooks that are due by the sandbox's clock.
    pub async fn deliver(self: &Arc<Self>) {
        let _sending = self.delivering.lock().await;
        if let Some(client) = self.client() {
            deliver::flush(self, client).await;
        }
    }

    /// Answers one request. The work goes on when the caller stops listening.
    pub async fn handle(self: &Arc<Self>, request: Request) -> Outcome {
        if request.path == "/__sandbox" || request.path.starts_with("/__sandbox/") {
            return control::handle(self, &request).await.into();
        }
        let started = std::time::Instant::now();
        let line = (request.method.clone(), request.path.clone());
        let app = Arc::clone(self);
        let (outcome, note) = match self.prepare(&request) {
            Ok(job) => {
                if job.plan.cut == Some(Cut::Before) {
                    job.abandon(self);
                    (Outcome { cut: true, ..Outcome::default() }, "cut before the work".to_owned())
                } else if job.plan.cut == Some(Cut::ThenWork) {
                    drop(tokio::spawn(job.run(app)));
                    (Outcome { cut: true, ..Outcome::default() }, "cut, the work goes on".to_owned())
                } else {
                    let note = job.note();
                    let outcome = tokio::spawn(job.run(app)).await.unwrap_or_else(|_| broken().into());
                    (outcome, note)
                }
            }
            Err(outcome) => (*outcome, String::new()),
        };
        self.log.request(&line.0, &line.1, &outcome, started.elapsed(), &note);
        outcome
    }

    /// Answers one request at once, without waiting and without faults (tests, seeds, benches).
    pub fn call(&self, request: &Request) -> Reply {
        match self.prepare(request) {
            Ok(job) => self.change(|state| job.work(state)),
            Err(outcome) => {
                Reply { status: outcome.status, body: String::from_utf8(outcome.body).unwrap_or_default() }
            }
        }
    }

    /// Everything before the work: route, credential, body, idempotency key, faults.
    fn prepare(&self, request: &Request) -> Result<Job, Box<Outcome>> {
        let mut state = self.state();
        let (path, version) = address(request);
        let (route, parameters) = match route::find(&request.method, path, version) {
            Found::Route(route, parameters) => (route, parameters),
            Found::OtherMethods(methods) => {
                let allow = methods.join(", ");
                let text = format!("{} is not served here; try {allow}", request.method);
                let reply = local_error(version, 405, "METHOD_NOT_ALLOWED", &text);
                return Err(Box::new(Outcome { allow: Some(allow), ..reply.into() }));
            }
            Found::Nothing(near) => {
                let text = format!("no such path; the nearest is {} {}", near.method, near.path);
                return Err(Box::new(local_error(version, 404, "NOT_FOUND", &text).into()));
            }
        };
        let plan = Plan::new(state.faults.take(route));
        let refuse = |reply: Reply| Box::new(Outcome::from(reply));
        if plan.unauthorized {
            state.tokens.revoke_all();
        }
        if plan.unauthorized
            || (route.auth && !authorized(&state, route.version, request.authorization.as_deref()))
        {
            return Err(refuse(unauthorized(route.version)));
        }
        let Some(store) = store_of(route.version, request.tier.as_deref()) else {
            return Err(refuse(v1::error(403, "하위상점(Tier)을 찾을 수 없습니다.")));
        };
        let query = pairs(&request.query);
        let body = match read_body(route, &query, request) {
            Ok(body) => body,
            Err(why) => return Err(refuse(bad_body(route.version, why))),
        };
        let call = Call { route, path: parameters, query, body, store, lag: plan.lag };
        let mut plan = plan;
        if let Some(effect) = trick(&state, &call) {
            add_trick(&mut plan, effect, state.settings.slow);
        }
        let mut key = None;
        if let (Version::V2, Some(header), true) =
            (route.version, &request.idempotency_key, route.method != "GET")
        {
            let print = fingerprint(&state, route, request);
            let now = state.now();
            let (name, verdict) = state.idempotency.begin(header, print, now);
            match verdict {
                Verdict::Go => key = Some(name),
                Verdict::Replay(status, body) => return Err(refuse(Reply { status, body })),
                Verdict::Outstanding => {
                    return Err(refuse(v2::error(
                        "IDEMPOTENCY_OUTSTANDING_REQUEST",
                        "the first request with this key is still running",
                    )));
                }
                Verdict::Reused => {
                    let text = "this Idempotency-Key was used for another request";
                    return Err(refuse(v2::local_error(422, "SANDBOX_IDEMPOTENCY_KEY_REUSED", text)));
                }
                Verdict::Malformed(why) => {
                    return Err(refuse(v2::error("INVALID_REQUEST", &format!("Idempotency-Key {why}"))));
                }
            }
        }
        Ok(Job { call, plan, key })
    }
}

/// One accepted request on its way.
struct Job {
    call: Call,
    plan: Plan,
    key: Option<String>,
}

impl Job {
    /// Carries the operation out and keeps its answer for the idempotency key.
    fn work(&self, state: &mut State) -> Reply {
        let reply = match self.call.route.version {
            Version::V1 => v1::serve(state, &self.call),
            Version::V2 => v2::serve(state, &self.call),
        };
        if let Some(key) = &self.key {
            let now = state.now();
            state.idempotency.finish(key, reply.status, &reply.body, now);
            state.notes.push(Journal::idempotency_line(key, &reply, now));
        }
        reply
    }

    fn abandon(&self, app: &App) {
        if let Some(key) = &self.key {
            app.state().idempotency.abandon(key);
        }
    }

    /// What the log says about the faults of this request.
    fn note(&self) -> String {
        let mut out = Vec::new();
        if !(self.plan.before.is_zero() && self.plan.after.is_zero()) {
            out.push("slow");
        }
        if self.plan.cut.is_some() {
            out.push("cut after the work");
        }
        if self.plan.instead.is_some() || !self.plan.shape.is_empty() || self.plan.lag > 0 {
            out.push("faulty answer");
        }
        out.join(", ")
    }

    async fn run(self, app: Arc<App>) -> Outcome {
        if !self.plan.before.is_zero() {
            tokio::time::sleep(self.plan.before).await;
        }
        if let Some((status, false, retry_after, body)) = &self.plan.instead {
            self.abandon(&app);
            return instead(*status, *retry_after, body);
        }
        let mut reply = app.change(|state| self.work(state));
        if self.call.route.op == Op::V2ResendWebhook && reply.status == 200 {
            // The answer of this one operation tells how a send went (V2 §16).
            app.deliver().await;
            reply = v2::resent(&app.state(), &self.call);
        }
        if !self.plan.after.is_zero() {
            tokio::time::sleep(self.plan.after).await;
        }
        if self.plan.cut.is_some() {
            return Outcome { cut: true, ..Outcome::default() };
        }
        if let Some((status, _, retry_after, body)) = &self.plan.instead {
            return instead(*status, *retry_after, body);
        }
        let mut status = reply.status;
        if self.plan.shape.is_empty() {
            return reply.into();
        }
        let (body, content_type) = mutate::apply(&self.plan.shape, &mut status, reply.body);
        let slow = self.plan.shape.iter().find_map(|kind| match kind {
            Kind::Slow { bytes, millis } => Some(((*bytes).max(1), Duration::from_millis(*millis))),
            _ => None,
        });
        let truncate = self.plan.shape.contains(&Kind::Truncate);
        Outcome { status, body, content_type, truncate, slow, ..Outcome::default() }
    }
}

fn instead(status: u16, retry_after: Option<u32>, body: &str) -> Outcome {
    let content_type = if body.starts_with('<') { "text/html" } else { JSON };
    Outcome { status, body: body.into(), content_type, retry_after, ..Outcome::default() }
}

fn broken() -> Reply {
    Reply { status: 500, body: r#"{"type":"SANDBOX_BUG","message":"the sandbox itself failed"}"#.to_owned() }
}

/// The path without `/v1` or `/v2`, and which generation the request says it means.
fn address(request: &Request) -> (&str, Option<Version>) {
    for (prefix, version) in [("/v1/", Version::V1), ("/v2/", Version::V2)] {
        if request.path.starts_with(prefix) {
            return (request.path.get(3..).unwrap_or("/"), Some(version));
        }
    }
    let host = request.host.as_deref().unwrap_or_default();
    let by_host = if host.contains("iamport.kr") {
        Some(Version::V1)
    } else if host.contains("portone.io") {
        Some(Version::V2)
    } else {
        None
    };
    (&request.path, by_host.or_else(|| by_credential(request.authorization.as_deref()?)))
}

/// V1 sends a bare or Bearer token, V2 `PortOne <secret>` or a Bearer token of its own shape.
fn by_credential(header: &str) -> Option<Version> {
    let (scheme, rest) = header.split_once(' ').unwrap_or(("", header));
    if scheme.eq_ignore_ascii_case("portone") || rest.starts_with("v2.") {
        return Some(Version::V2);
    }
    (scheme.is_empty() || scheme.eq_ignore_ascii_case("bearer")).then_some(Version::V1)
}

fn authorized(state: &State, version: Version, header: Option<&str>) -> bool {
    let Some(header) = header else { return false };
    let (scheme, rest) = header.split_once(' ').unwrap_or(("", header));
    let rest = rest.trim();
    match version {
        Version::V1 => {
            (scheme.is_empty() || scheme.eq_ignore_ascii_case("bearer"))
                && state.tokens.v1_ok(rest, state.now())
        }
        Version::V2 if scheme.eq_ignore_ascii_case("portone") => rest == state.settings.v2_secret,
        Version::V2 => scheme.eq_ignore_ascii_case("bearer") && state.tokens.v2_ok(rest, state.now()),
    }
}

fn unauthorized(version: Version) -> Reply {
    match version {
        Version::V1 => v1::error(401, "Unauthorized"),
        Version::V2 => v2::error("UNAUTHORIZED", "인증에 실패하였습니다. API Secret을 확인하세요."),
    }
}

fn store_of(version: Version, tier: Option<&str>) -> Option<StoreNo> {
    let tier = tier.filter(|_| version == Version::V1).unwrap_or_default();
    STORES.iter().position(|store| store.tier == tier).and_then(|at| StoreNo::try_from(at).ok())
}

/// An error of the sandbox itself, in the shape of the generation.
fn local_error(version: Option<Version>, status: u16, kind: &str, text: &str) -> Reply {
    match version {
        Some(Version::V1) => v1::error(status, text),
        _ => v2::local_error(status, kind, text),
    }
}

fn bad_body(version: Version, why: &str) -> Reply {
    match version {
        Version::V1 => v1::error(400, why),
        Version::V2 => v2::error("INVALID_REQUEST", why),
    }
}

/// Reads the body, or V2's `requestBody` parameter (V2 §1.1), into a tree.
fn read_body(route: &Route, query: &[(String, String)], request: &Request) -> Result<Value, &'static str> {
    let empty = || Value::Object(Map::new());
    let text = std::str::from_utf8(&request.body).map_err(|_| "the body is not UTF-8")?;
    if route.version == Version::V2 {
        let given = query.iter().find(|(key, _)| key == "requestBody").map(|(_, value)| value.as_str());
        return match given.filter(|_| matches!(route.method, "GET" | "DELETE")).unwrap_or(text).trim() {
            "" => Ok(empty()),
            text => serde_json::from_str(text).map_err(|_| "the body is not valid JSON"),
        };
    }
    let json = request.content_type.as_deref().is_some_and(|kind| kind.contains("json"));
    match text.trim() {
        "" => Ok(empty()),
        text if json || text.starts_with('{') => {
            serde_json::from_str(text).map_err(|_| "요청 본문이 올바른 JSON이 아닙니다.")
        }
        text => Ok(input::form(pairs(text))),
    }
}

/// The special effect of the card a request is about, told before the work starts.
fn trick(state: &State, call: &Call) -> Option<Effect> {
    let text = |pointer: &str| call.body.pointer(pointer).and_then(Value::as_str);
    let number = match call.route.op {
        Op::V2Instant | Op::V2IssueKey => text("/method/card/credential/number"),
        Op::V1Onetime | Op::V1IssueKey => text("/card_number"),
        _ => None,
    };
    if let Some(number) = number {
        return Card::read(number, false, &state.card_key)?.trick().map(|trick| trick.effect);
    }
    let key = match call.route.op {
        Op::V2ChargeKey => state.find_key(v2::store_hint(&call.body), text("/billingKey")?),
        Op::V1Again => state.find_key(call.store, text("/customer_uid")?),
        _ => None,
    };
    state.key(key?).card.trick().map(|trick| trick.effect)
}

fn add_trick(plan: &mut Plan, effect: Effect, slow: Duration) {
    plan.before += effect.delay(slow).unwrap_or_default();
    match effect {
        Effect::DropAfter | Effect::DeclineDropAfter(_) => plan.cut = Some(Cut::After),
        Effect::DropBefore => plan.cut = Some(Cut::Before),
        Effect::DropThenWork => plan.cut = Some(Cut::ThenWork),
        Effect::HtmlAfter => {
            let page = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";
            plan.instead = Some((502, true, None, page.to_owned()));
        }
        _ => (),
    }
}

/// A keyed hash of method, path and body: enough to see that a key is used for something else.
fn fingerprint(state: &State, route: &Route, request: &Request) -> u64 {
    let mut context = ring::hmac::Context::with_key(&state.card_key);
    for part in [route.method.as_bytes(), request.path.as_bytes(), request.query.as_bytes(), &request.body] {
        context.update(part);
        context.update(&[0]);
    }
    context.sign().as_ref().iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte)).max(1)
}
