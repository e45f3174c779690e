//! `PortOne` API generation V2: key-in, look-up, connection test (V2 §1–8, §12).

mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::{Method, StatusCode};

use super::http::{Answer, Failure, Transport, http_date};
use super::sensitive::{Flight, Sensitive};
use super::{ApiSecret, Charged, Gateway, LookUp, Probe, Reply};
use crate::domain::channel::ProductType;
use crate::domain::order::KeyInOrder;
use crate::domain::payment::PaymentId;
use crate::domain::problem::Problem;
use crate::domain::text::SafeText;
use crate::vault::{BodyWriter, Field, Vault};

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

    async fn get(&self, path: &str) -> Result<Answer, Problem> {
        let request = self.transport.request(Method::GET, path).map_err(|failure| match failure {
            Failure::NotSent(problem) => problem,
            Failure::Unseen(why) => Problem::Unreadable { why: why.to_owned() },
        })?;
        self.transport.read(request.header("authorization", self.authorization())).await
    }

    /// Names the profile and channel in a refusal that was read without knowing them.
    fn name(&self, answer: Charged, order: &KeyInOrder) -> Charged {
        match answer {
            Reply::NotDone(Problem::Credentials { .. }) => {
                Reply::NotDone(Problem::Credentials { profile: self.profile.clone() })
            }
            Reply::NotDone(Problem::Forbidden { .. }) => {
                Reply::NotDone(Problem::Forbidden { profile: self.profile.clone() })
            }
            Reply::NotDone(Problem::ChannelUnknown { .. }) => {
                Reply::NotDone(Problem::ChannelUnknown { channel: order.sale.channel.name.clone() })
            }
            answer => answer,
        }
    }
}

#[async_trait]
impl Gateway for V2 {
    async fn key_in(&self, order: &KeyInOrder, card: &Arc<Vault>) -> Charged {
        let (store_id, body) = (self.store_id.clone(), order.clone());
        let request = Sensitive {
            path: format!("/payments/{}/instant", order.sale.payment_id),
            headers: vec![
                ("authorization", self.authorization()),
                // The value is an RFC 8941 string: the quotes belong to it (V2 §3.1).
                ("idempotency-key", format!("\"{}\"", order.sale.payment_id.idempotency_key())),
            ],
            write: Box::new(move |writer| write_instant(writer, &store_id, &body)),
            read: read_instant,
        };
        match Flight::start(&self.transport, request, card) {
            Ok(flight) => self.name(flight.finish().await, order),
            Err(problem) => Reply::NotDone(problem),
        }
    }

    async fn look_up(&self, id: &PaymentId) -> Result<LookUp, Problem> {
        let answer = self.get(&format!("/payments/{id}?storeId={}", encode(&self.store_id))).await?;
        match answer.status {
            StatusCode::OK => match wire::payment(&answer.body) {
                Some(payment) => Ok(LookUp::Found(Box::new(payment))),
                None => Err(Problem::Unreadable { why: "malformed".to_owned() }),
            },
            status => match wire::error(&answer.body) {
                Some(error) if error.kind == "PAYMENT_NOT_FOUND" => Ok(LookUp::NotFound),
                error => Err(read_problem(status, error, &self.profile)),
            },
        }
    }

    async fn probe(&self) -> Result<Probe, Problem> {
        // The smallest question that needs the secret and the store: a payment that can't exist.
        let answer = self.get(&format!("/payments/danmalprobe?storeId={}", encode(&self.store_id))).await?;
        let server_time = answer.date.as_deref().and_then(http_date);
        let error = wire::error(&answer.body);
        match (answer.status, error) {
            (StatusCode::OK, _) => Ok(Probe { server_time }),
            (_, Some(error)) if error.kind == "PAYMENT_NOT_FOUND" => Ok(Probe { server_time }),
            (status, error) => Err(read_problem(status, error, &self.profile)),
        }
    }
}

/// Percent-encodes one query value or path segment.
pub(super) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            byte => {
                out.push('%');
                for nibble in [byte >> 4, byte & 15] {
                    out.push(char::from(b"0123456789ABCDEF"[usize::from(nibble)]));
                }
            }
        }
    }
    out
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

/// The body of V2 §8: `method.card` with all four credentials that were given.
fn write_instant(w: &mut BodyWriter<'_>, store_id: &str, order: &KeyInOrder) {
    w.text("{\"storeId\":");
    w.string(store_id);
    w.text(",\"channelKey\":");
    w.string(&order.sale.channel.key);
    w.text(",\"orderName\":");
    w.string(&order.sale.order_name);
    w.text(",\"amount\":{\"total\":");
    w.number(order.sale.amount.minor_signed());
    if let Some(tax_free) = order.sale.tax_free {
        w.text(",\"taxFree\":");
        w.number(tax_free.minor_signed());
    }
    if let Some(vat) = order.sale.vat {
        w.text(",\"vat\":");
        w.number(vat.minor_signed());
    }
    w.text("},\"currency\":");
    w.string(order.sale.amount.currency().code());
    write_customer(w, order);
    if let Some(product) = order.sale.channel.product_type {
        w.text(",\"productType\":");
        w.string(match product {
            ProductType::Physical => "PHYSICAL",
            ProductType::Digital => "DIGITAL",
        });
    }
    w.text(",\"method\":{\"card\":{\"credential\":{\"number\":\"");
    w.digits(Field::Number, 0..Field::Number.capacity());
    // The vault holds MMYY as printed.
    w.text("\",\"expiryYear\":\"");
    w.digits(Field::Expiry, 2..4);
    w.text("\",\"expiryMonth\":\"");
    w.digits(Field::Expiry, 0..2);
    w.text("\"");
    for (field, name) in
        [(Field::Identity, "birthOrBusinessRegistrationNumber"), (Field::Pin, "passwordTwoDigits")]
    {
        if w.len(field) > 0 {
            w.text(",\"");
            w.text(name);
            w.text("\":\"");
            w.digits(field, 0..field.capacity());
            w.text("\"");
        }
    }
    w.text("}");
    if order.installments.months > 1 {
        w.text(",\"installmentMonth\":");
        w.number(order.installments.months);
        if order.installments.interest_free {
            w.text(",\"useFreeInterestFromMerchant\":true");
        }
    }
    w.text("}}}");
}

fn write_customer(w: &mut BodyWriter<'_>, order: &KeyInOrder) {
    let customer = &order.sale.customer;
    let mut separator = ",\"customer\":{";
    if let Some(name) = customer.name() {
        w.text(separator);
        w.text("\"name\":{\"full\":");
        w.string(name);
        w.text("}");
        separator = ",";
    }
    // Digits only: the form takes them with dashes, as people say them.
    for (name, value) in
        [("phoneNumber", customer.phone_digits()), ("email", customer.email().map(str::to_owned))]
    {
        if let Some(value) = value {
            w.text(separator);
            w.string(name);
            w.text(":");
            w.string(&value);
            separator = ",";
        }
    }
    if separator == "," {
        w.text("}");
    }
}

/// What a charge's answer means (V2 §2, §8.4). Whatever is not certain is unseen.
fn read_instant(status: StatusCode, body: &[u8]) -> Charged {
    if status == StatusCode::OK {
        return if wire::is_paid_instantly(body) { Reply::Done(None) } else { Reply::Unseen("malformed") };
    }
    let Some(error) = wire::error(body) else {
        return Reply::Unseen(if status.is_redirection() { "redirect" } else { "malformed" });
    };
    let refused = |error: wire::Error| {
        Reply::NotDone(Problem::Refused {
            kind: SafeText::new(&error.kind).to_string(),
            message: SafeText::message(&error.message).to_string(),
        })
    };
    match (status.as_u16(), error.kind.as_str()) {
        // A decline arrives as 502 (V2 §2); any other 5xx says nothing about the money.
        (502, "PG_PROVIDER") => Reply::Declined(error.refusal()),
        (401, _) => Reply::NotDone(Problem::Credentials { profile: String::new() }),
        (403, _) => Reply::NotDone(Problem::Forbidden { profile: String::new() }),
        (404, "CHANNEL_NOT_FOUND") => Reply::NotDone(Problem::ChannelUnknown { channel: String::new() }),
        // Something was paid under this id, or is being paid: only a look-up can say what.
        (409, "ALREADY_PAID") => Reply::Unseen("already_paid"),
        (409, "IDEMPOTENCY_OUTSTANDING_REQUEST") => Reply::Unseen("outstanding"),
        (409, "SUM_OF_PARTS_EXCEEDS_TOTAL_AMOUNT" | "PAYMENT_SCHEDULE_ALREADY_EXISTS") | (400, _) => {
            refused(error)
        }
        // A door that this program does not know yet: it may have been behind the charge.
        _ => Reply::Unseen("unknown_error"),
    }
}

#[cfg(test)]
mod tests;
