//! Payment records as V2 tells them (V2 §6, §12): wider than a look-up.

use serde::Deserialize;
use serde_json::Value;

use super::payment::{Cancelled, Card, Method as How, Payment, Webhook};
use super::{Items, seconds};
use crate::domain::payment::{ProviderPayment, Refusal};
use crate::domain::record::{
    Cancellation, CancellationState, CardTraits, Method, PaymentRecord, ReceiptState, WebhookSeen,
};
use crate::domain::text::SafeText;
use crate::gateway::lenient::{Number, Text, objects, read};

pub(super) fn text(value: &Value) -> Option<SafeText> {
    SafeText::new(value.as_str()?).non_empty()
}

pub(super) fn time(value: &Value) -> Option<i64> {
    seconds(value.as_str())
}

/// A response says `PaymentMethodCard` where a filter says `CARD` (V2 §5.5).
fn method(how: &How<'_>) -> Method {
    match how.kind.or_empty() {
        "PaymentMethodCard" => Method::Card,
        "PaymentMethodEasyPay" => Method::EasyPay,
        "PaymentMethodVirtualAccount" => Method::VirtualAccount,
        "PaymentMethodTransfer" => Method::Transfer,
        "PaymentMethodMobile" => Method::Mobile,
        "PaymentMethodGiftCertificate" => Method::GiftCertificate,
        _ => Method::Other,
    }
}

/// `None` without a state or an amount that can be counted. That one failed is told without a reason.
fn cancelled(told: &Cancelled<'_>, currency: &str) -> Option<Cancellation> {
    let money = |number: Number| ProviderPayment::money(number.0?, currency);
    let status = told.status.get()?;
    Some(Cancellation {
        id: told.id.safe(),
        state: match status.to_ascii_uppercase().as_str() {
            "REQUESTED" => CancellationState::Requested,
            "SUCCEEDED" => CancellationState::Succeeded,
            "FAILED" => CancellationState::Failed(Refusal::default()),
            _ => CancellationState::Other(SafeText::new(status)),
        },
        amount: money(told.total)?,
        tax_free: money(told.tax_free),
        reason: SafeText::message(told.reason.or_empty()),
        requested_at: told.requested_at.seconds(),
        cancelled_at: told.done_at.seconds(),
        receipt_url: told.receipt_url.safe(),
    })
}

/// A cancellation (V2 §6.2) in a currency; `None` without a state or an amount that can be counted.
pub(in crate::gateway::v2) fn cancellation(value: &Value, currency: &str) -> Option<Cancellation> {
    cancelled(&Cancelled::deserialize(value).ok()?, currency)
}

/// The receipt itself before the word about it: the word may stand alone (V2 §6.5).
fn receipt(payment: &Payment<'_>) -> Option<ReceiptState> {
    match (payment.cash_receipt.status.get(), payment.cash_receipt_status.get()) {
        (Some("CANCELLED"), _) => Some(ReceiptState::Cancelled),
        (Some("ISSUED"), _) | (_, Some("ISSUED")) => Some(ReceiptState::Issued),
        (_, Some("NOT_ISSUED")) => Some(ReceiptState::NotIssued),
        _ => None,
    }
}

fn webhook(told: &Webhook<'_>) -> WebhookSeen {
    WebhookSeen {
        at: told.triggered_at.seconds().or_else(|| told.request.requested_at.seconds()),
        status: told.status.safe().unwrap_or_default(),
    }
}

fn of_payment(told: &Payment<'_>) -> Option<PaymentRecord> {
    let payment = told.told()?;
    let amount = &told.amount;
    let money = |number: Number| ProviderPayment::money(number.0?, payment.currency.as_str());
    let cancellations = told.cancellations.0.as_deref().unwrap_or_default();
    let mut cancellations: Vec<Cancellation> =
        cancellations.iter().filter_map(|one| cancelled(one, payment.currency.as_str())).collect();
    cancellations.sort_by_key(|cancellation| cancellation.requested_at);
    let how = &told.method;
    Some(PaymentRecord {
        id: told.id.safe()?,
        method: method(how),
        requested_at: told.requested_at.seconds(),
        changed_at: told.changed_at.seconds(),
        tax_free: money(amount.tax_free),
        vat: money(amount.vat),
        cancelled: money(amount.cancelled),
        cancelled_tax_free: money(amount.cancelled_tax_free),
        cancellations,
        customer: told.customer.person(),
        channel: told.channel.key.safe(),
        schedule: told.schedule_id.safe(),
        discounted: amount.discount.0.is_some_and(|discount| discount != 0),
        card: how.card().map_or_else(CardTraits::default, Card::traits),
        points_used: how.point_used.0.or_else(|| how.behind.as_deref()?.point_used.0),
        escrow: told.escrow.0,
        receipt: receipt(told),
        webhooks: told.webhooks.0.as_deref().unwrap_or_default().iter().map(webhook).collect(),
        payment,
    })
}

/// A record, made as it is read; nothing when it can't be one.
pub(in crate::gateway) struct Record(Option<PaymentRecord>);

impl<'de> Deserialize<'de> for Record {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Payment::deserialize(deserializer).map(|payment| Self(of_payment(&payment)))
    }
}

impl Default for Record {
    /// Without a payment there is none.
    fn default() -> Self {
        Self(None)
    }
}

/// A payment (V2 §12.1); `None` when the body is none.
pub(in crate::gateway::v2) fn record(body: &[u8]) -> Option<PaymentRecord> {
    read::<Record>(body)?.0
}

fn items<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Option<Vec<T>> {
    read::<Items<'de, T>>(body)?.items.0
}

/// A page of payments (V2 §12.2); `None` when the body is none. An entry that can't be read is left out.
pub(in crate::gateway::v2) fn records(body: &[u8]) -> Option<Vec<PaymentRecord>> {
    Some(items::<Record>(body)?.into_iter().filter_map(|record| record.0).collect())
}

/// The attempts of a payment (V2 §12.3): here `id` is the attempt's, and the payment's is `paymentId`.
pub(in crate::gateway::v2) fn attempts(body: &[u8]) -> Option<Vec<PaymentRecord>> {
    let attempt = |told: Payment<'_>| {
        let id = told.whole_id.safe()?;
        let mut record = of_payment(&told)?;
        let its = std::mem::replace(&mut record.id, id);
        record.payment.provider_payment_id = Some(its);
        Some(record)
    };
    Some(items(body)?.into_iter().filter_map(attempt).collect())
}

objects! {
    /// A payment in the whole history, and where what is behind it begins.
    struct Entry {
        payment: Record = "payment",
        cursor: Text<'de> = "cursor",
    }
}

/// Payments page by cursor (V2 §12.4).
pub(in crate::gateway::v2) struct CursorPage {
    pub records: Vec<PaymentRecord>,
    /// How many entries it had, those included that can't be read.
    pub seen: usize,
    /// The last one's cursor.
    pub cursor: Option<String>,
}

/// A page of the whole history; `None` when the body is none.
pub(in crate::gateway::v2) fn by_cursor(body: &[u8]) -> Option<CursorPage> {
    let entries = items::<Entry<'_>>(body)?;
    let cursor = entries.last().and_then(|entry| entry.cursor.get()).map(str::to_owned);
    let seen = entries.len();
    let records = entries.into_iter().filter_map(|entry| entry.payment.0).collect();
    Some(CursorPage { records, seen, cursor })
}

/// The cursor behind the last of so many payments, found without reading them: V2 writes without blanks, and a text that
/// is in another text has its quotes escaped. Nothing when there are fewer, or when it may be another.
pub(in crate::gateway::v2) fn last_cursor(body: &[u8], size: usize) -> Option<&str> {
    const CURSOR: &[u8] = b"\"cursor\":\"";
    let mut last = None;
    let mut seen = 0;
    for at in memchr::memmem::find_iter(body, CURSOR) {
        last = Some(at);
        seen += 1;
    }
    let rest = body.get(last.filter(|_| seen == size)? + CURSOR.len()..)?;
    let cursor = rest.get(..memchr::memchr2(b'"', b'\\', rest)?)?;
    (rest.get(cursor.len()) == Some(&b'"')).then(|| std::str::from_utf8(cursor).ok()).flatten()
}
