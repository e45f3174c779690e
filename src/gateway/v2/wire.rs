//! V2 answers as they come: every field may be missing, unknown ones are ignored, unknown words are kept.

pub(super) mod key;
pub(super) mod receipt;
pub(super) mod record;
pub(super) mod schedule;

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

use crate::domain::account::DepositAccount;
use crate::domain::billing_key::BillingKey;
use crate::domain::card::CardEnding;
use crate::domain::issuer::bank_of_v2;
use crate::domain::payment::{PaymentState, ProviderPayment, Refusal};
use crate::domain::text::SafeText;

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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payment {
    status: String,
    #[serde(default, deserialize_with = "lenient")]
    transaction_id: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    channel: Option<Channel>,
    #[serde(default, deserialize_with = "lenient")]
    method: Option<Method>,
    #[serde(default, deserialize_with = "lenient")]
    order_name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    amount: Option<Amount>,
    #[serde(default, deserialize_with = "lenient")]
    currency: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    paid_at: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    receipt_url: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    failure: Option<FailureReason>,
    #[serde(default, deserialize_with = "lenient")]
    billing_key: Option<String>,
}

/// A selected channel (V2 §5.3).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Channel {
    #[serde(default, rename = "type", deserialize_with = "lenient")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pg_provider: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    key: Option<String>,
}

impl Channel {
    fn is_test(&self) -> Option<bool> {
        self.kind.as_ref().map(|kind| kind == "TEST")
    }
}

/// A customer in an answer (V2 §5.1): the name is a plain text there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Customer {
    #[serde(default, deserialize_with = "lenient")]
    id: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    phone_number: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    email: Option<String>,
}

impl Customer {
    fn person(self) -> crate::domain::customer::Customer {
        let text = |text: Option<String>| SafeText::new(&text.unwrap_or_default());
        crate::domain::customer::Customer::new(
            text(self.name).as_str(),
            text(self.phone_number).as_str(),
            text(self.email).as_str(),
        )
        .with_id(text(self.id).as_str())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Method {
    #[serde(default, deserialize_with = "lenient")]
    approval_number: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    installment: Option<Installment>,
    #[serde(default, deserialize_with = "lenient")]
    card: Option<Card>,
    #[serde(default, deserialize_with = "lenient")]
    account_number: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    bank: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    remittee_name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    expired_at: Option<String>,
    #[serde(default, rename = "type", deserialize_with = "lenient")]
    kind: Option<String>,
    /// What stands behind an easy-pay (V2 §5.5).
    #[serde(default, rename = "easyPayMethod", deserialize_with = "lenient")]
    behind: Option<Box<Self>>,
}

impl Method {
    /// What is said of the method, or of what stands behind it.
    fn find<T>(&self, of: impl Fn(&Self) -> Option<&T>) -> Option<&T> {
        of(self).or_else(|| of(self.behind.as_deref()?))
    }
}

#[derive(Deserialize)]
struct Installment {
    #[serde(default, deserialize_with = "lenient")]
    month: Option<u8>,
}

#[derive(Deserialize)]
struct Card {
    #[serde(default, deserialize_with = "lenient")]
    number: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    issuer: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    bin: Option<String>,
}

impl Card {
    /// Which digits of the masked number survive differs per PG (V2 §5.4): the BIN stands in for the front.
    fn ending(&self) -> Option<CardEnding> {
        let masked = self.number.as_deref()?;
        CardEnding::from_masked(masked).or_else(|| {
            let digits: Vec<char> = masked.chars().filter(|ch| !matches!(ch, '-' | ' ')).collect();
            let last4: String = digits.get(digits.len().checked_sub(4)?..)?.iter().collect();
            CardEnding::new(self.bin.as_deref()?, &last4)
        })
    }

    /// The product's name says more to a person than the code.
    fn issuer(&self) -> Option<SafeText> {
        safe(self.name.as_ref()).or_else(|| safe(self.issuer.as_ref()))
    }
}

#[derive(Deserialize)]
struct Amount {
    #[serde(default, deserialize_with = "lenient")]
    total: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FailureReason {
    #[serde(default, deserialize_with = "lenient")]
    reason: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pg_code: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pg_message: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    message: Option<String>,
}

impl FailureReason {
    /// The PG's own words before anybody else's.
    fn refusal(self) -> Refusal {
        let said = [self.pg_message, self.reason, self.message];
        let message = said.into_iter().flatten().find(|text| !text.is_empty());
        Refusal {
            code: safe(self.pg_code.as_ref()),
            message: SafeText::message(&message.unwrap_or_default()),
        }
    }
}

fn safe(text: Option<&String>) -> Option<SafeText> {
    text.map(|text| SafeText::new(text)).and_then(SafeText::non_empty)
}

/// Unix seconds of a time as the wire writes it.
fn seconds(time: Option<&String>) -> Option<i64> {
    time.and_then(|time| time.parse::<jiff::Timestamp>().ok()).map(jiff::Timestamp::as_second)
}

/// The account of a virtual-account payment (V2 §5.5); other methods have account numbers of the payer.
fn account(method: &Method) -> Option<DepositAccount> {
    if method.kind.as_deref() != Some("PaymentMethodVirtualAccount") {
        return None;
    }
    let bank = method.bank.as_deref().unwrap_or_default();
    Some(DepositAccount {
        bank: SafeText::new(bank_of_v2(bank).map_or(bank, |bank| bank.ko)),
        number: safe(method.account_number.as_ref())?,
        holder: safe(method.remittee_name.as_ref()),
        due: seconds(method.expired_at.as_ref()),
    })
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

/// Whether there is a page after this one, counted from 0. A short page is the last one whatever the total says
/// (V2 §1.2).
fn more(items: usize, total: Option<u64>, page: u32, size: usize) -> bool {
    items >= size && total.is_none_or(|total| total > (u64::from(page) + 1) * size as u64)
}

/// A payment (V2 §12.1); `None` when the body is none.
pub(super) fn payment(body: &[u8]) -> Option<ProviderPayment> {
    of_value(&serde_json::from_slice(body).ok()?)
}

fn of_value(value: &Value) -> Option<ProviderPayment> {
    let payment = Payment::deserialize(value).ok()?;
    let state = match payment.status.to_ascii_uppercase().as_str() {
        "READY" => PaymentState::Ready,
        // The filter's word for it is PENDING (V2 §6.1).
        "PAY_PENDING" | "PENDING" => PaymentState::Pending,
        "VIRTUAL_ACCOUNT_ISSUED" => PaymentState::VirtualAccountIssued,
        "PAID" => PaymentState::Paid,
        "FAILED" => PaymentState::Failed,
        "PARTIAL_CANCELLED" => PaymentState::PartialCancelled,
        "CANCELLED" => PaymentState::Cancelled,
        _ => PaymentState::Other(SafeText::new(&payment.status)),
    };
    let currency = payment.currency.unwrap_or_default();
    let total = payment.amount.and_then(|amount| amount.total);
    let method = payment.method.as_ref();
    let card = method.and_then(|method| method.find(|method| method.card.as_ref()));
    Some(ProviderPayment {
        state,
        provider_payment_id: safe(payment.transaction_id.as_ref()),
        total: total.and_then(|total| ProviderPayment::money(total, &currency)),
        currency: SafeText::new(&currency),
        approval_number: safe(
            method.and_then(|method| method.find(|method| method.approval_number.as_ref())),
        ),
        card: card.and_then(Card::ending),
        issuer: card.and_then(Card::issuer),
        installments: method.and_then(|method| method.find(|method| method.installment.as_ref())?.month),
        receipt_url: safe(payment.receipt_url.as_ref()),
        refusal: payment.failure.map(FailureReason::refusal),
        paid_at: seconds(payment.paid_at.as_ref()),
        order_name: SafeText::message(&payment.order_name.unwrap_or_default()),
        is_test: payment.channel.as_ref().and_then(Channel::is_test),
        pg: safe(payment.channel.as_ref().and_then(|channel| channel.pg_provider.as_ref())),
        account: method.and_then(account).map(Box::new),
        key: payment.billing_key.as_deref().and_then(|key| BillingKey::parse(key).ok()),
    })
}
