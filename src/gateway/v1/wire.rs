//! V1 answers as they come (V1 §3, §6): an envelope whose payload may have any shape, numbers that may be
//! strings, zeros that mean "has not happened".

mod key;
mod receipt;
mod record;
mod schedule;

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::domain::account::DepositAccount;
use crate::domain::billing_key::BillingKey;
use crate::domain::card::CardEnding;
use crate::domain::customer::Customer;
use crate::domain::money::{Currency, Money};
use crate::domain::payment::{PaymentState, ProviderPayment, Refusal};
use crate::domain::text::SafeText;

/// What every answer is wrapped in.
#[derive(Deserialize)]
pub(super) struct Envelope {
    pub code: i64,
    #[serde(default)]
    pub message: Option<String>,
    #[serde(default)]
    response: Value,
}

/// The envelope of a body, whatever the status; `None` when it is none.
pub(super) fn envelope(body: &[u8]) -> Option<Envelope> {
    serde_json::from_slice(body).ok()
}

impl Envelope {
    /// The token and how long it lives, by the server's own clock.
    pub fn token(&self) -> Option<(String, Duration)> {
        let text = self.response["access_token"].as_str()?.to_owned();
        let ttl = self.response["expired_at"].as_i64()? - self.response["now"].as_i64()?;
        Some((text, Duration::from_secs(u64::try_from(ttl).unwrap_or(0))))
    }

    /// The one payment.
    pub fn payment(&self) -> Option<ProviderPayment> {
        payment(&self.response)
    }

    /// The payments of a page, or of a bare array (V1 §6.7).
    pub fn payments(&self) -> Option<Vec<ProviderPayment>> {
        Some(self.list()?.iter().filter_map(payment).collect())
    }

    /// The entries of a page, or of a bare array (V1 §6.7).
    pub fn list(&self) -> Option<&Vec<Value>> {
        self.response["list"].as_array().or_else(|| self.response.as_array())
    }

    /// The number of the page after this one, where there is one; 0 and `false` say that there is none (V1 §6.7).
    /// A page that points backwards would be asked for for ever. A bare array says nothing: after a full one
    /// there may be another.
    pub fn page_after(&self, page: u64, limit: u64) -> Option<u64> {
        if let Some(list) = self.response.as_array() {
            return (list.len() as u64 >= limit).then_some(page + 1);
        }
        self.response["next"].as_u64().filter(|next| *next > page)
    }

    /// Whether there is an object in it.
    pub fn is_object(&self) -> bool {
        self.response.is_object()
    }

    /// What the envelope says when it says no. V1 has no code of the PG's, but often quotes it in brackets
    /// (V1 §3).
    pub fn refusal(&self) -> Refusal {
        let message = self.message.as_deref().unwrap_or_default();
        Refusal { code: bracketed(message), message: SafeText::message(message) }
    }
}

/// `[F113]` in a sentence. Only codes: short, letters and digits, at least one digit.
fn bracketed(message: &str) -> Option<SafeText> {
    let (_, rest) = message.split_once('[')?;
    let (code, _) = rest.split_once(']')?;
    let plain = code.len() <= 12 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (plain && code.bytes().any(|byte| byte.is_ascii_digit())).then(|| SafeText::new(code))
}

fn text(value: &Value) -> Option<SafeText> {
    let raw = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    SafeText::new(&raw).non_empty()
}

/// A number or a numeric string (V1 §4.4).
fn amount(value: &Value, currency: Currency) -> Option<Money> {
    match value {
        Value::Number(number) => Money::from_wire_major(&number.to_string(), currency),
        Value::String(text) => Money::from_wire_major(text, currency),
        _ => None,
    }
}

fn person(value: &Value) -> Customer {
    let field = |name: &str| text(&value[name]).unwrap_or_default();
    Customer::new(field("buyer_name").as_str(), field("buyer_tel").as_str(), field("buyer_email").as_str())
        .with_id(field("customer_id").as_str())
}

/// Unix seconds; 0 means that it has not happened (V1 §4.5).
fn time(value: &Value) -> Option<i64> {
    value.as_i64().filter(|seconds| *seconds > 0)
}

fn payment(value: &Value) -> Option<ProviderPayment> {
    let status = value["status"].as_str()?;
    let currency_code = value["currency"].as_str().unwrap_or("KRW");
    let currency = Currency::parse(currency_code);
    let money = |field: &Value| currency.and_then(|currency| amount(field, currency));
    let (total, cancelled) = (money(&value["amount"]), money(&value["cancel_amount"]));
    let state = match status.to_ascii_lowercase().as_str() {
        "ready" if value["vbank_num"].as_str().is_some_and(|number| !number.is_empty()) => {
            PaymentState::VirtualAccountIssued
        }
        "ready" => PaymentState::Ready,
        "pending" => PaymentState::Pending,
        "paid" => PaymentState::Paid,
        "failed" => PaymentState::Failed,
        // V1 has no word for a partial cancel: the amounts tell (V1 §11.7).
        "cancelled" => match (total, cancelled) {
            (Some(total), Some(cancelled)) if cancelled.minor() < total.minor() => {
                PaymentState::PartialCancelled
            }
            _ => PaymentState::Cancelled,
        },
        _ => PaymentState::Other(SafeText::new(status)),
    };
    let reason = value["fail_reason"].as_str().unwrap_or_default();
    Some(ProviderPayment {
        refusal: (state == PaymentState::Failed)
            .then(|| Refusal { code: bracketed(reason), message: SafeText::message(reason) }),
        state,
        provider_payment_id: text(&value["imp_uid"]),
        total,
        currency: SafeText::new(currency_code),
        approval_number: text(&value["apply_num"]),
        card: value["card_number"].as_str().and_then(CardEnding::from_masked),
        issuer: text(&value["card_issuer_name"]).or_else(|| text(&value["card_name"])),
        installments: value["card_quota"].as_u64().and_then(|months| u8::try_from(months).ok()),
        receipt_url: text(&value["receipt_url"]),
        paid_at: time(&value["paid_at"]),
        order_name: SafeText::message(value["name"].as_str().unwrap_or_default()),
        is_test: value["sandbox"].as_bool(),
        pg: text(&value["pg_provider"]),
        account: text(&value["vbank_num"]).map(|number| {
            Box::new(DepositAccount {
                bank: text(&value["vbank_name"]).or_else(|| text(&value["vbank_code"])).unwrap_or_default(),
                number,
                holder: text(&value["vbank_holder"]),
                due: time(&value["vbank_date"]),
            })
        }),
        key: value["customer_uid"].as_str().and_then(|key| BillingKey::parse(key).ok()),
    })
}
