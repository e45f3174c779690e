//! V2 answers as they come: every field may be missing, unknown ones are ignored, unknown words are kept.

pub(super) mod key;
mod payment;
pub(super) mod receipt;
pub(super) mod record;
pub(super) mod schedule;

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

use payment::Payment;

use crate::domain::payment::{ProviderPayment, Refusal};
use crate::domain::text::SafeText;
use crate::gateway::lenient::{List, Number, objects, read};

/// Reads a value of the expected shape, `None` for any other: an unexpected shape deep inside must not make
/// the whole answer unreadable.
pub(in crate::gateway) fn lenient<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).ok())
}

/// An error body (V2 §2).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Error {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub message: String,
    #[serde(default, deserialize_with = "lenient")]
    pg_code: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pg_message: Option<String>,
}

fn or_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(lenient(deserializer)?.unwrap_or_default())
}

impl Error {
    /// The PG's own words; ours only where it gave none.
    pub fn refusal(&self) -> Refusal {
        let message = self.pg_message.as_deref().filter(|text| !text.is_empty()).unwrap_or(&self.message);
        Refusal {
            code: self.pg_code.as_deref().map(SafeText::new).and_then(SafeText::non_empty),
            message: SafeText::message(message),
        }
    }
}

/// An error body, whatever the status; `None` when it is none.
pub(super) fn error(body: &[u8]) -> Option<Error> {
    let error: Error = serde_json::from_slice(body).ok()?;
    (!error.kind.is_empty()).then_some(error)
}

#[derive(Deserialize)]
struct PaidInstantly {
    payment: Summary,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    #[serde(default, deserialize_with = "lenient")]
    pg_tx_id: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    paid_at: Option<String>,
}

/// Whether a body is the answer of V2 §8.4.
pub(super) fn is_paid_instantly(body: &[u8]) -> bool {
    serde_json::from_slice::<PaidInstantly>(body)
        .is_ok_and(|answer| answer.payment.pg_tx_id.is_some() || answer.payment.paid_at.is_some())
}

/// Unix seconds of a time as the wire writes it.
fn seconds(time: Option<&str>) -> Option<i64> {
    time?.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
}

/// Whether a body holds a time under this name: the whole of the answer to a deletion or closing.
pub(super) fn has_time(body: &[u8], name: &str) -> bool {
    let value: Option<Value> = serde_json::from_slice(body).ok();
    value.is_some_and(|value| value[name].as_str().is_some_and(|time| !time.is_empty()))
}

/// The entries of a list, and how many there are on all pages (V2 §1.2); `None` when the body is no list.
fn items(body: &[u8]) -> Option<(Vec<Value>, Option<u64>)> {
    let mut value: Value = serde_json::from_slice(body).ok()?;
    let total = value["page"]["totalCount"].as_u64();
    match value["items"].take() {
        Value::Array(items) => Some((items, total)),
        _ => None,
    }
}

objects! {
    /// Where a page stands among all of them (V2 §1.2).
    struct Page {
        total: Number = "totalCount",
    }
}

/// A page of a list, its entries read as they come (V2 §1.2).
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a, T: Deserialize<'de>"))]
struct Items<'a, T> {
    #[serde(default)]
    items: List<T>,
    #[serde(borrow, default)]
    page: Page<'a>,
}

impl<T> Items<'_, T> {
    /// How many there are on all pages.
    fn total(&self) -> Option<u64> {
        u64::try_from(self.page.total.0?).ok()
    }
}

/// Whether there is a page after this one, counted from 0. A short page is the last one whatever the total says
/// (V2 §1.2).
fn more(items: usize, total: Option<u64>, page: u32, size: usize) -> bool {
    items >= size && total.is_none_or(|total| total > (u64::from(page) + 1) * size as u64)
}

/// A payment (V2 §12.1); `None` when the body is none.
pub(super) fn payment(body: &[u8]) -> Option<ProviderPayment> {
    read::<Payment>(body)?.told()
}
