//! A payment as a row, there and back. A row that can't be read is an error, never a guess.

use jiff::Timestamp;
use rusqlite::{CachedStatement, Row, named_params};
use serde::{Deserialize, Serialize};

use super::{LedgerError, customer, kept, money, refusal, safe, safe_or_empty, unreadable};
use crate::domain::account::DepositAccount;
use crate::domain::billing_key::BillingKey;
use crate::domain::card::CardEnding;
use crate::domain::listing::{Kept, StateKind};
use crate::domain::money::{Currency, Money};
use crate::domain::payment::{PaymentState, ProviderPayment, Refusal};
use crate::domain::record::{
    Cancellation, CancellationState, CardTraits, Method, PaymentRecord, ReceiptState, WebhookSeen,
};
use crate::domain::text::SafeText;

/// What names a payment's row; it stays when the rest is taken over.
pub(super) const NAMES: [&str; 3] = ["profile", "id", "attempt"];

/// The columns that are taken over from a newer answer as they come.
pub(super) const COLUMNS: [&str; 40] = [
    "synced_at",
    "state",
    "state_text",
    "provider_payment_id",
    "total",
    "currency",
    "approval_number",
    "bin6",
    "last4",
    "issuer",
    "installments",
    "receipt_url",
    "refusal_code",
    "refusal_message",
    "paid_at",
    "order_name",
    "is_test",
    "pg",
    "account_bank",
    "account_number",
    "account_holder",
    "account_due",
    "billing_key",
    "method",
    "requested_at",
    "changed_at",
    "tax_free",
    "vat",
    "cancelled",
    "cancelled_tax_free",
    "customer_id",
    "customer_name",
    "customer_phone",
    "customer_email",
    "channel",
    "schedule",
    "discounted",
    "points_used",
    "escrow",
    "receipt",
];

/// The lists: an answer may leave them out.
pub(super) const LISTS: [&str; 2] = ["cancellations", "webhooks"];

/// A cancellation, as it stands in its column.
#[derive(Serialize, Deserialize)]
struct CancellationRow {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    id: Option<String>,
    state: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    text: Option<String>,
    amount: i64,
    currency: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    tax_free: Option<i64>,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    requested_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    cancelled_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    receipt_url: Option<String>,
}

/// A webhook, as it stands in its column.
#[derive(Serialize, Deserialize)]
struct WebhookRow {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    at: Option<i64>,
    status: String,
}

fn owned(text: Option<&SafeText>) -> Option<String> {
    text.map(|text| text.as_str().to_owned())
}

impl CancellationRow {
    fn of(cancellation: &Cancellation) -> Self {
        let (state, code, text) = match &cancellation.state {
            CancellationState::Requested => ("requested", None, None),
            CancellationState::Succeeded => ("succeeded", None, None),
            CancellationState::Failed(refusal) => {
                ("failed", owned(refusal.code.as_ref()), Some(&refusal.message))
            }
            CancellationState::Other(text) => ("other", None, Some(text)),
        };
        Self {
            id: owned(cancellation.id.as_ref()),
            state: state.to_owned(),
            code,
            text: owned(text),
            amount: cancellation.amount.minor_signed(),
            currency: cancellation.amount.currency().code().to_owned(),
            tax_free: cancellation.tax_free.map(Money::minor_signed),
            reason: cancellation.reason.as_str().to_owned(),
            requested_at: cancellation.requested_at,
            cancelled_at: cancellation.cancelled_at,
            receipt_url: owned(cancellation.receipt_url.as_ref()),
        }
    }

    fn cancellation(self) -> Option<Cancellation> {
        let currency = Currency::parse(&self.currency)?;
        let text = SafeText::new(self.text.as_deref().unwrap_or_default());
        Some(Cancellation {
            id: self.id.as_deref().map(SafeText::new),
            state: match self.state.as_str() {
                "requested" => CancellationState::Requested,
                "succeeded" => CancellationState::Succeeded,
                "failed" => CancellationState::Failed(Refusal {
                    code: self.code.as_deref().map(SafeText::new),
                    message: text,
                }),
                "other" => CancellationState::Other(text),
                _ => return None,
            },
            amount: Money::from_wire_minor(self.amount, currency)?,
            tax_free: match self.tax_free {
                Some(minor) => Some(Money::from_wire_minor(minor, currency)?),
                None => None,
            },
            reason: SafeText::new(&self.reason),
            requested_at: self.requested_at,
            cancelled_at: self.cancelled_at,
            receipt_url: self.receipt_url.as_deref().map(SafeText::new),
        })
    }
}

fn json<T: Serialize>(rows: &[T]) -> Result<String, LedgerError> {
    serde_json::to_string(rows).map_err(|error| LedgerError::Row(error.to_string()))
}

/// Offers a payment to the upsert; its row when it was taken.
pub(super) fn offer(
    upsert: &mut CachedStatement<'_>,
    profile: &str,
    attempt: &str,
    record: &PaymentRecord,
    asked_at: Timestamp,
) -> Result<Option<i64>, LedgerError> {
    let payment = &record.payment;
    let minor = |money: Option<Money>| money.map(Money::minor_signed);
    let text = |text: &Option<SafeText>| text.as_ref().map(|text| text.as_str().to_owned());
    let account = payment.account.as_deref();
    let refusal = payment.refusal.as_ref();
    let state_text = match &payment.state {
        PaymentState::Other(text) => Some(text.as_str()),
        _ => None,
    };
    let cancellations: Vec<CancellationRow> = record.cancellations.iter().map(CancellationRow::of).collect();
    let webhooks: Vec<WebhookRow> = record
        .webhooks
        .iter()
        .map(|seen| WebhookRow { at: seen.at, status: seen.status.as_str().to_owned() })
        .collect();
    let mut rows = upsert.query(named_params! {
        ":profile": profile,
        ":id": record.id.as_str(),
        ":attempt": attempt,
        ":synced_at": asked_at.as_millisecond(),
        ":state": StateKind::of(&payment.state).word(),
        ":state_text": state_text,
        ":provider_payment_id": text(&payment.provider_payment_id),
        ":total": minor(payment.total),
        ":currency": payment.currency.as_str(),
        ":approval_number": text(&payment.approval_number),
        ":bin6": payment.card.as_ref().map(CardEnding::bin6),
        ":last4": payment.card.as_ref().map(CardEnding::last4),
        ":issuer": text(&payment.issuer),
        ":installments": payment.installments,
        ":receipt_url": text(&payment.receipt_url),
        ":refusal_code": refusal.and_then(|refusal| text(&refusal.code)),
        ":refusal_message": refusal.map(|refusal| refusal.message.as_str()),
        ":paid_at": payment.paid_at,
        ":order_name": payment.order_name.as_str(),
        ":is_test": payment.is_test,
        ":pg": text(&payment.pg),
        ":account_bank": account.map(|account| account.bank.as_str()),
        ":account_number": account.map(|account| account.number.as_str()),
        ":account_holder": account.and_then(|account| text(&account.holder)),
        ":account_due": account.and_then(|account| account.due),
        ":billing_key": payment.key.as_ref().map(BillingKey::expose),
        ":method": record.method.word(),
        ":requested_at": record.requested_at,
        ":changed_at": record.changed_at,
        ":tax_free": minor(record.tax_free),
        ":vat": minor(record.vat),
        ":cancelled": minor(record.cancelled),
        ":cancelled_tax_free": minor(record.cancelled_tax_free),
        ":customer_id": record.customer.id(),
        ":customer_name": record.customer.name(),
        ":customer_phone": record.customer.phone(),
        ":customer_email": record.customer.email(),
        ":channel": text(&record.channel),
        ":schedule": text(&record.schedule),
        ":discounted": record.discounted,
        ":points_used": record.points_used,
        ":escrow": record.escrow,
        ":receipt": record.receipt.map(ReceiptState::word),
        ":cancellations": json(&cancellations)?,
        ":webhooks": json(&webhooks)?,
    })?;
    Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
}

/// Reads a row with all its columns.
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Kept<PaymentRecord>> {
    let currency_text = safe_or_empty(row, "currency")?;
    let currency = Currency::parse(currency_text.as_str());
    let money = |column| money(row, column, currency);
    let state: String = row.get("state")?;
    let state_text: Option<String> = row.get("state_text")?;
    let state = StateKind::parse(&state).ok_or_else(|| unreadable("state"))?;
    let card = match (row.get::<_, Option<String>>("bin6")?, row.get::<_, Option<String>>("last4")?) {
        (Some(bin6), Some(last4)) => CardEnding::new(&bin6, &last4),
        _ => None,
    };
    let account = match safe(row, "account_number")? {
        None => None,
        Some(number) => Some(Box::new(DepositAccount {
            bank: safe_or_empty(row, "account_bank")?,
            number,
            holder: safe(row, "account_holder")?,
            due: row.get("account_due")?,
        })),
    };
    let key: Option<String> = row.get("billing_key")?;
    let receipt: Option<String> = row.get("receipt")?;
    let cancellations: Vec<CancellationRow> = list(row, "cancellations")?;
    let webhooks: Vec<WebhookRow> = list(row, "webhooks")?;
    let record = PaymentRecord {
        id: safe_or_empty(row, "id")?,
        payment: ProviderPayment {
            state: state.state(state_text.as_deref().unwrap_or_default()),
            provider_payment_id: safe(row, "provider_payment_id")?,
            total: money("total")?,
            currency: currency_text,
            approval_number: safe(row, "approval_number")?,
            card,
            issuer: safe(row, "issuer")?,
            installments: row.get("installments")?,
            receipt_url: safe(row, "receipt_url")?,
            refusal: refusal(row)?,
            paid_at: row.get("paid_at")?,
            order_name: safe_or_empty(row, "order_name")?,
            is_test: row.get("is_test")?,
            pg: safe(row, "pg")?,
            account,
            key: key.map(|key| BillingKey::parse(&key).map_err(|_| unreadable("billing_key"))).transpose()?,
        },
        method: Method::parse(&row.get::<_, String>("method")?).ok_or_else(|| unreadable("method"))?,
        requested_at: row.get("requested_at")?,
        changed_at: row.get("changed_at")?,
        tax_free: money("tax_free")?,
        vat: money("vat")?,
        cancelled: money("cancelled")?,
        cancelled_tax_free: money("cancelled_tax_free")?,
        cancellations: cancellations
            .into_iter()
            .map(|row| row.cancellation().ok_or_else(|| unreadable("cancellations")))
            .collect::<Result<_, _>>()?,
        customer: customer(row)?,
        channel: safe(row, "channel")?,
        schedule: safe(row, "schedule")?,
        discounted: row.get("discounted")?,
        card: CardTraits::default(),
        points_used: row.get("points_used")?,
        escrow: row.get("escrow")?,
        receipt: receipt
            .map(|word| ReceiptState::parse(&word).ok_or_else(|| unreadable("receipt")))
            .transpose()?,
        webhooks: webhooks
            .into_iter()
            .map(|row| WebhookSeen { at: row.at, status: SafeText::new(&row.status) })
            .collect(),
    };
    kept(row, record)
}

fn list<T: for<'de> Deserialize<'de>>(row: &Row<'_>, column: &str) -> rusqlite::Result<Vec<T>> {
    let text = row.get_ref(column)?.as_str()?;
    serde_json::from_str(text).map_err(|_| unreadable(column))
}
