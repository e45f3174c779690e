//! Payment records as V1 tells them (V1 §6.1): wider than a look-up.

use serde_json::Value;

use super::{Envelope, amount, person, text, time};
use crate::domain::issuer::{CardCompany, card_company_of_v1};
use crate::domain::money::{Currency, Money};
use crate::domain::payment::ProviderPayment;
use crate::domain::record::{
    Cancellation, CancellationState, CardTraits, Method, PaymentRecord, ReceiptState,
};
use crate::domain::text::SafeText;

/// `pay_method` (V1 §4.7), an open set; an easy-pay inside a hub PG is named beside it (V1 §6.1).
fn method(value: &Value) -> Method {
    if text(&value["emb_pg_provider"]).is_some() {
        return Method::EasyPay;
    }
    match value["pay_method"].as_str().unwrap_or_default() {
        "card" => Method::Card,
        "trans" => Method::Transfer,
        "vbank" => Method::VirtualAccount,
        "phone" => Method::Mobile,
        "cultureland" | "culturegift" | "smartculture" | "booknlife" => Method::GiftCertificate,
        "samsung" | "ssgpay" | "lpay" | "payco" | "kakaopay" | "tosspay" | "naverpay" | "applepay"
        | "paypal" => Method::EasyPay,
        _ => Method::Other,
    }
}

/// What was cancelled (V1 §6.2), oldest first. V1 tells what was done only.
fn cancellations(value: &Value, currency: Option<Currency>) -> Vec<Cancellation> {
    let history = value["cancel_history"].as_array().map_or(&[][..], Vec::as_slice);
    let cancellation = |value: &Value| {
        let at = time(&value["cancelled_at"]);
        Some(Cancellation {
            id: text(&value["cancellation_id"]),
            state: CancellationState::Succeeded,
            amount: amount(&value["amount"], currency?)?,
            tax_free: None,
            reason: SafeText::message(value["reason"].as_str().unwrap_or_default()),
            requested_at: None,
            cancelled_at: at,
            receipt_url: text(&value["receipt_url"]),
        })
    };
    let mut all: Vec<Cancellation> = history.iter().filter_map(cancellation).collect();
    all.sort_by_key(|cancellation| cancellation.cancelled_at);
    all
}

/// The time that the lists compare: of the state the payment ended in (V1 §11.5).
fn changed_at(value: &Value) -> Option<i64> {
    let field = match value["status"].as_str().unwrap_or_default() {
        "paid" => "paid_at",
        "cancelled" => "cancelled_at",
        "failed" => "failed_at",
        _ => "started_at",
    };
    time(&value[field])
}

/// Where the card was issued (V1 §6.1, §14). `card_type` tells credit from debit alone, and whose it is nobody says.
fn traits(value: &Value) -> CardTraits {
    let company = |field: &str| card_company_of_v1(text(&value[field])?.as_str());
    let company = company("card_issuer_code").or_else(|| company("card_code"));
    CardTraits { foreign: company.map(CardCompany::is_foreign), ..CardTraits::default() }
}

fn record(value: &Value) -> Option<PaymentRecord> {
    let payment: ProviderPayment = super::payment(value)?;
    let currency = Currency::parse(payment.currency.as_str());
    let cancelled: Option<Money> = currency.and_then(|currency| amount(&value["cancel_amount"], currency));
    let id = text(&value["merchant_uid"])?;
    let scheduled = value["customer_uid_usage"].as_str() == Some("payment.scheduled");
    let discount = &value["promotion"]["discount"];
    Some(PaymentRecord {
        method: method(value),
        card: traits(value),
        requested_at: time(&value["started_at"]),
        changed_at: changed_at(value),
        tax_free: None,
        vat: None,
        cancelled,
        cancelled_tax_free: None,
        cancellations: cancellations(value, currency),
        customer: person(value),
        channel: text(&value["pg_id"]),
        // A schedule is known by the number it charges under (V1 §4.1).
        schedule: scheduled.then(|| id.clone()),
        discounted: text(discount).is_some_and(|discount| discount.as_str() != "0"),
        points_used: None,
        escrow: value["escrow"].as_bool().unwrap_or_default(),
        // "Issued automatically": that it was not says nothing about one by hand (V1 §6.1, §13.3).
        receipt: (value["cash_receipt_issued"].as_bool() == Some(true)).then_some(ReceiptState::Issued),
        webhooks: Vec::new(),
        id,
        payment,
    })
}

impl Envelope {
    /// The one payment, with all that is told of it.
    pub fn record(&self) -> Option<PaymentRecord> {
        record(&self.response)
    }

    /// The payments of a page, or of a bare array (V1 §6.7). One that can't be read is left out.
    pub fn records(&self) -> Option<Vec<PaymentRecord>> {
        Some(self.list()?.iter().filter_map(record).collect())
    }
}
