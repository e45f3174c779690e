//! Payment records as V2 tells them (V2 §6, §12): wider than a look-up.

use serde::Deserialize as _;
use serde_json::Value;

use super::{Customer, items, seconds};
use crate::domain::issuer::{CardCompany, card_company_of_v2};
use crate::domain::payment::{ProviderPayment, Refusal};
use crate::domain::record::{
    Cancellation, CancellationState, CardTraits, Method, PaymentRecord, ReceiptState, WebhookSeen,
};
use crate::domain::text::SafeText;

pub(super) fn text(value: &Value) -> Option<SafeText> {
    SafeText::new(value.as_str()?).non_empty()
}

pub(super) fn time(value: &Value) -> Option<i64> {
    seconds(value.as_str().map(str::to_owned).as_ref())
}

/// A response says `PaymentMethodCard` where a filter says `CARD` (V2 §5.5).
fn method(value: &Value) -> Method {
    match value["type"].as_str().unwrap_or_default() {
        "PaymentMethodCard" => Method::Card,
        "PaymentMethodEasyPay" => Method::EasyPay,
        "PaymentMethodVirtualAccount" => Method::VirtualAccount,
        "PaymentMethodTransfer" => Method::Transfer,
        "PaymentMethodMobile" => Method::Mobile,
        "PaymentMethodGiftCertificate" => Method::GiftCertificate,
        _ => Method::Other,
    }
}

/// A cancellation (V2 §6.2) in a currency; `None` without a state or an amount that can be counted. That one failed
/// is told without a reason.
pub(in crate::gateway::v2) fn cancellation(value: &Value, currency: &str) -> Option<Cancellation> {
    let money = |field: &Value| ProviderPayment::money(field.as_i64()?, currency);
    let status = value["status"].as_str()?;
    Some(Cancellation {
        id: text(&value["id"]),
        state: match status.to_ascii_uppercase().as_str() {
            "REQUESTED" => CancellationState::Requested,
            "SUCCEEDED" => CancellationState::Succeeded,
            "FAILED" => CancellationState::Failed(Refusal::default()),
            _ => CancellationState::Other(SafeText::new(status)),
        },
        amount: money(&value["totalAmount"])?,
        tax_free: money(&value["taxFreeAmount"]),
        reason: SafeText::message(value["reason"].as_str().unwrap_or_default()),
        requested_at: time(&value["requestedAt"]),
        cancelled_at: time(&value["cancelledAt"]),
        receipt_url: text(&value["receiptUrl"]),
    })
}

/// The receipt itself before the word about it: the word may stand alone (V2 §6.5).
fn receipt(value: &Value) -> Option<ReceiptState> {
    match (value["cashReceipt"]["status"].as_str(), value["cashReceiptIssuanceStatus"].as_str()) {
        (Some("CANCELLED"), _) => Some(ReceiptState::Cancelled),
        (Some("ISSUED"), _) | (_, Some("ISSUED")) => Some(ReceiptState::Issued),
        (_, Some("NOT_ISSUED")) => Some(ReceiptState::NotIssued),
        _ => None,
    }
}

/// What is told of a card (V2 §5.4): a word that is not in the list says nothing.
fn traits(card: &Value) -> CardTraits {
    let company = |field: &str| card_company_of_v2(card[field].as_str()?);
    CardTraits {
        prepaid: match card["type"].as_str() {
            Some("GIFT") => Some(true),
            Some("CREDIT" | "DEBIT") => Some(false),
            _ => None,
        },
        foreign: company("issuer").or_else(|| company("publisher")).map(CardCompany::is_foreign),
        corporate: match card["ownerType"].as_str() {
            Some("CORPORATE") => Some(true),
            Some("PERSONAL") => Some(false),
            _ => None,
        },
    }
}

fn webhook(value: &Value) -> WebhookSeen {
    WebhookSeen {
        at: time(&value["triggeredAt"]).or_else(|| time(&value["request"]["requestedAt"])),
        status: text(&value["status"]).unwrap_or_default(),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn of_value(value: &Value) -> Option<PaymentRecord> {
    let payment = super::of_value(value)?;
    let amount = &value["amount"];
    let money = |field: &Value| ProviderPayment::money(field.as_i64()?, payment.currency.as_str());
    let mut cancellations: Vec<Cancellation> = list(&value["cancellations"])
        .iter()
        .filter_map(|cancelled| cancellation(cancelled, payment.currency.as_str()))
        .collect();
    cancellations.sort_by_key(|cancellation| cancellation.requested_at);
    let (how, inner) = (&value["method"], &value["method"]["easyPayMethod"]);
    Some(PaymentRecord {
        id: text(&value["id"])?,
        method: method(how),
        requested_at: time(&value["requestedAt"]),
        changed_at: time(&value["statusChangedAt"]),
        tax_free: money(&amount["taxFree"]),
        vat: money(&amount["vat"]),
        cancelled: money(&amount["cancelled"]),
        cancelled_tax_free: money(&amount["cancelledTaxFree"]),
        cancellations,
        customer: Customer::deserialize(&value["customer"]).map(Customer::person).unwrap_or_default(),
        channel: text(&value["channel"]["key"]),
        schedule: text(&value["scheduleId"]),
        discounted: amount["discount"].as_i64().is_some_and(|discount| discount != 0),
        card: traits(if how["card"].is_object() { &how["card"] } else { &inner["card"] }),
        points_used: how["pointUsed"].as_bool().or_else(|| inner["pointUsed"].as_bool()),
        escrow: value["escrow"].is_object(),
        receipt: receipt(value),
        webhooks: list(&value["webhooks"]).iter().map(webhook).collect(),
        payment,
    })
}

/// A payment (V2 §12.1); `None` when the body is none.
pub(in crate::gateway::v2) fn record(body: &[u8]) -> Option<PaymentRecord> {
    of_value(&serde_json::from_slice(body).ok()?)
}

/// A page of payments (V2 §12.2); `None` when the body is none. An entry that can't be read is left out.
pub(in crate::gateway::v2) fn records(body: &[u8]) -> Option<Vec<PaymentRecord>> {
    Some(items(body)?.0.iter().filter_map(of_value).collect())
}

/// The attempts of a payment (V2 §12.3): here `id` is the attempt's, and the payment's is `paymentId`.
pub(in crate::gateway::v2) fn attempts(body: &[u8]) -> Option<Vec<PaymentRecord>> {
    let attempt = |item: &Value| {
        let mut record = of_value(item)?;
        let its = std::mem::replace(&mut record.id, text(&item["paymentId"])?);
        record.payment.provider_payment_id = Some(its);
        Some(record)
    };
    Some(items(body)?.0.iter().filter_map(attempt).collect())
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
    let (items, _) = items(body)?;
    let cursor = items.last().and_then(|item| item["cursor"].as_str()).map(str::to_owned);
    let records = items.iter().filter_map(|item| of_value(&item["payment"])).collect();
    Some(CursorPage { records, seen: items.len(), cursor })
}
