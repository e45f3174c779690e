//! A payment as a row, there and back. A row that can't be read is an error, never a guess.

use std::borrow::Cow;

use jiff::Timestamp;
use rusqlite::{CachedStatement, Row, params};
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

/// A list as its column has it; most are empty.
fn json<'a, T, R: Serialize>(
    list: &'a [T],
    row: impl FnMut(&'a T) -> R,
) -> Result<Cow<'static, str>, LedgerError> {
    if list.is_empty() {
        return Ok(Cow::Borrowed("[]"));
    }
    let rows: Vec<R> = list.iter().map(row).collect();
    serde_json::to_string(&rows).map(Cow::Owned).map_err(|error| LedgerError::Row(error.to_string()))
}

fn text(text: Option<&SafeText>) -> Option<&str> {
    text.map(SafeText::as_str)
}

/// A payment that was told.
pub(super) struct Offer<'a> {
    pub profile: &'a str,
    pub attempt: &'a str,
    pub record: &'a PaymentRecord,
    pub asked_at: Timestamp,
}

impl Offer<'_> {
    /// Gives it to a statement; whether that took it.
    pub(super) fn to(&self, statement: &mut CachedStatement<'_>) -> Result<bool, LedgerError> {
        let Self { profile, attempt, record, asked_at } = *self;
        let payment = &record.payment;
        let minor = |money: Option<Money>| money.map(Money::minor_signed);
        let account = payment.account.as_deref();
        let refusal = payment.refusal.as_ref();
        let state_text = match &payment.state {
            PaymentState::Other(text) => Some(text.as_str()),
            _ => None,
        };
        let cancellations = json(&record.cancellations, CancellationRow::of)?;
        let webhooks = json(&record.webhooks, |seen| WebhookRow {
            at: seen.at,
            status: seen.status.as_str().to_owned(),
        })?;
        // In the columns' order.
        let taken = statement.execute(params![
            profile,
            record.id.as_str(),
            attempt,
            asked_at.as_millisecond(),
            StateKind::of(&payment.state).word(),
            state_text,
            text(payment.provider_payment_id.as_ref()),
            minor(payment.total),
            payment.currency.as_str(),
            text(payment.approval_number.as_ref()),
            payment.card.as_ref().map(CardEnding::bin6),
            payment.card.as_ref().map(CardEnding::last4),
            text(payment.issuer.as_ref()),
            payment.installments,
            text(payment.receipt_url.as_ref()),
            refusal.and_then(|refusal| text(refusal.code.as_ref())),
            refusal.map(|refusal| refusal.message.as_str()),
            payment.paid_at,
            payment.order_name.as_str(),
            payment.is_test,
            text(payment.pg.as_ref()),
            account.map(|account| account.bank.as_str()),
            account.map(|account| account.number.as_str()),
            account.and_then(|account| text(account.holder.as_ref())),
            account.and_then(|account| account.due),
            payment.key.as_ref().map(BillingKey::expose),
            record.method.word(),
            record.requested_at,
            record.changed_at,
            minor(record.tax_free),
            minor(record.vat),
            minor(record.cancelled),
            minor(record.cancelled_tax_free),
            record.customer.id(),
            record.customer.name(),
            record.customer.phone(),
            record.customer.email(),
            text(record.channel.as_ref()),
            text(record.schedule.as_ref()),
            record.discounted,
            record.points_used,
            record.escrow,
            record.receipt.map(ReceiptState::word),
            cancellations,
            webhooks,
        ])?;
        Ok(taken > 0)
    }
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
