//! `PortOne` API generation V1: token, key-in, look-up, connection test (V1 §2, §7, §11, §13.4).

mod wire;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::{Method, StatusCode};
use tokio::sync::Mutex;
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::http::{Answer, Failure, Transport, http_date};
use super::sensitive::{Flight, Sensitive};
use super::{ApiSecret, Charged, Gateway, LookUp, Probe, Reply};
use crate::domain::billing_key::BillingKey;
use crate::domain::channel::ProductType;
use crate::domain::order::KeyInOrder;
use crate::domain::payment::{PaymentId, PaymentState, ProviderPayment};
use crate::domain::problem::Problem;
use crate::domain::text::SafeText;
use crate::vault::{BodyWriter, Field, Vault};

/// With this much left a token is renewed before it is used: a charge that starts in its last seconds would
/// be turned away (V1 §2: in the last 60 s the same token is extended by five minutes).
const RENEW_BEFORE: Duration = Duration::from_secs(55);

/// A V1 store.
#[derive(Debug)]
pub struct V1 {
    transport: Transport,
    profile: String,
    key: ApiSecret,
    secret: ApiSecret,
    token: Mutex<Option<Token>>,
}

/// The body of getToken.
#[derive(serde::Serialize)]
struct Credentials<'a> {
    imp_key: &'a str,
    imp_secret: &'a str,
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
        let credentials = Credentials { imp_key: self.key.expose(), imp_secret: self.secret.expose() };
        let credentials = serde_json::to_string(&credentials)
            .map_err(|_| Problem::Unreadable { why: "credentials".to_owned() })?;
        let request = self.request(Method::POST, "/users/getToken")?;
        let request = request.header("content-type", "application/json").body(credentials);
        let answer = self.transport.read(request).await?;
        let envelope = wire::envelope(&answer.body);
        match (answer.status, envelope) {
            (StatusCode::OK, Some(envelope)) if envelope.code == 0 => {
                let Some((text, ttl)) = envelope.token() else {
                    return Err(Problem::Unreadable { why: "malformed".to_owned() });
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

    fn request(&self, method: Method, path: &str) -> Result<reqwest::RequestBuilder, Problem> {
        self.transport.request(method, path).map_err(|failure| match failure {
            Failure::NotSent(problem) => problem,
            Failure::Unseen(why) => Problem::Unreadable { why: why.to_owned() },
        })
    }

    /// Asks a question that moves no money; a token that turned out stale is renewed once.
    async fn get(&self, path: &str) -> Result<Answer, Problem> {
        let mut renewed = false;
        loop {
            let token = self.token().await?;
            let request =
                self.request(Method::GET, path)?.header("authorization", format!("Bearer {}", *token));
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
}

#[async_trait]
impl Gateway for V1 {
    async fn key_in(&self, order: &KeyInOrder, card: &Arc<Vault>) -> Charged {
        let token = match self.token().await {
            Ok(token) => token,
            // Nothing was sent yet; what can't be read about a token says nothing about money.
            Err(Problem::Unreadable { why }) => {
                return Reply::NotDone(Problem::Unreachable { detail: format!("getToken: {why}") });
            }
            Err(problem) => return Reply::NotDone(problem),
        };
        let body = order.clone();
        let request = Sensitive {
            path: "/subscribe/payments/onetime".to_owned(),
            headers: vec![("authorization", format!("Bearer {}", *token))],
            write: Box::new(move |writer| write_onetime(writer, &body)),
            read: read_onetime,
        };
        let answer = match Flight::start(&self.transport, request, card) {
            Ok(flight) => flight.finish().await,
            Err(problem) => return Reply::NotDone(problem),
        };
        if matches!(answer, Reply::NotDone(Problem::Credentials { .. })) {
            // Turned away at the door: nothing was charged, and nothing is sent again by itself.
            self.forget_token().await;
            return Reply::NotDone(Problem::Credentials { profile: self.profile.clone() });
        }
        answer
    }

    async fn look_up(&self, id: &PaymentId) -> Result<LookUp, Problem> {
        // Every attempt under this number, test payments included: the newest may be a failed one although
        // an earlier one is paid (V1 §11.3), and without the flag a test payment answers 404 (V1 §11.1).
        let answer = self
            .get(&format!("/payments/findAll/{id}?limit=1000&sorting=-started&include_sandbox=true"))
            .await?;
        let envelope = wire::envelope(&answer.body);
        match (answer.status, envelope) {
            (StatusCode::OK, Some(envelope)) if envelope.code == 0 => {
                match envelope.payments() {
                    Some(payments) => Ok(deciding(payments)
                        .map_or(LookUp::NotFound, |payment| LookUp::Found(Box::new(payment)))),
                    None => Err(Problem::Unreadable { why: "malformed".to_owned() }),
                }
            }
            (StatusCode::NOT_FOUND, Some(_)) => Ok(LookUp::NotFound),
            (StatusCode::FORBIDDEN, _) => Err(Problem::Forbidden { profile: self.profile.clone() }),
            (status, _) => Err(Problem::Unreadable { why: format!("http_{}", status.as_u16()) }),
        }
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

/// The attempt that decides: paid before undecided before failed.
fn deciding(payments: Vec<ProviderPayment>) -> Option<ProviderPayment> {
    payments.into_iter().min_by_key(|payment| match &payment.state {
        state if state.was_paid() => 0,
        PaymentState::Failed => 2,
        _ => 1,
    })
}

/// The body of V1 §7.
fn write_onetime(w: &mut BodyWriter<'_>, order: &KeyInOrder) {
    w.text("{\"merchant_uid\":");
    w.string(order.sale.payment_id.as_str());
    w.text(",\"amount\":");
    w.text(&order.sale.amount.wire_major());
    w.text(",\"currency\":");
    w.string(order.sale.amount.currency().code());
    w.text(",\"name\":");
    w.string(&order.sale.order_name);
    w.text(",\"pg\":");
    // There is no channel_key here; a wrong value is no error but another contract (V1 §5), so it is compared
    // with the answer's afterwards.
    w.string(&match &order.sale.channel.merchant_id {
        Some(id) => format!("{}.{id}", order.sale.channel.pg.as_str()),
        None => order.sale.channel.pg.as_str().to_owned(),
    });
    w.text(",\"card_number\":\"");
    w.grouped(Field::Number, 4, b'-');
    // YYYY-MM; the vault holds MMYY as printed.
    w.text("\",\"expiry\":\"20");
    w.digits(Field::Expiry, 2..4);
    w.text("-");
    w.digits(Field::Expiry, 0..2);
    w.text("\"");
    for (field, name) in [(Field::Identity, "birth"), (Field::Pin, "pwd_2digit")] {
        if w.len(field) > 0 {
            w.text(",\"");
            w.text(name);
            w.text("\":\"");
            w.digits(field, 0..field.capacity());
            w.text("\"");
        }
    }
    if let Some(tax_free) = order.sale.tax_free {
        w.text(",\"tax_free\":");
        w.text(&tax_free.wire_major());
    }
    if let Some(vat) = order.sale.vat {
        w.text(",\"vat_amount\":");
        w.text(&vat.wire_major());
    }
    // 0 is lump sum, 1 is undefined (V1 §4.4).
    w.text(",\"card_quota\":");
    w.number(if order.installments.months < 2 { 0 } else { order.installments.months });
    if order.installments.interest_free && order.installments.months > 1 {
        w.text(",\"interest_free_by_merchant\":true");
    }
    if order.save_card {
        // The same call keeps the card; the name is new with every payment (V1 §8.1).
        w.text(",\"customer_uid\":");
        w.string(BillingKey::mint(&order.sale.payment_id).expose());
    }
    let customer = &order.sale.customer;
    for (name, value) in [
        ("buyer_name", customer.name().map(str::to_owned)),
        ("buyer_tel", customer.phone_digits()),
        ("buyer_email", customer.email().map(str::to_owned)),
    ] {
        if let Some(value) = value {
            w.text(",\"");
            w.text(name);
            w.text("\":");
            w.string(&value);
        }
    }
    if let Some(product) = order.sale.channel.product_type {
        w.text(",\"product_type\":");
        w.string(match product {
            ProductType::Physical => "real",
            ProductType::Digital => "digital",
        });
    }
    w.text("}");
}

/// What a charge's answer means (V1 §3.1, §3.2). Whatever is not certain is unseen.
fn read_onetime(status: StatusCode, body: &[u8]) -> Charged {
    let Some(envelope) = wire::envelope(body) else {
        return Reply::Unseen(if status.is_redirection() { "redirect" } else { "malformed" });
    };
    match (status, envelope.code) {
        (StatusCode::UNAUTHORIZED, _) => Reply::NotDone(Problem::Credentials { profile: String::new() }),
        (StatusCode::OK, 0) => match envelope.payment() {
            None => Reply::Unseen("malformed"),
            Some(payment) => match payment.state {
                PaymentState::Paid => Reply::Done(Some(Box::new(payment))),
                PaymentState::Failed => Reply::Declined(payment.refusal.unwrap_or_default()),
                _ => Reply::Unseen("undecided"),
            },
        },
        (StatusCode::OK, _) => Reply::Declined(envelope.refusal()),
        (StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND, code) if code != 0 => {
            Reply::NotDone(Problem::Refused {
                kind: format!("http_{}", status.as_u16()),
                message: SafeText::message(envelope.message.as_deref().unwrap_or_default()).to_string(),
            })
        }
        _ => Reply::Unseen("unknown_error"),
    }
}

#[cfg(test)]
mod tests;
