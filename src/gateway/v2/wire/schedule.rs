//! Schedules as V2 tells them (V2 §6.3, §11). Amounts are flat here.

use serde::Deserialize;
use serde_json::Value;

use super::{Customer, items, lenient, more, safe, seconds};
use crate::domain::billing_key::BillingKey;
use crate::domain::payment::ProviderPayment;
use crate::domain::schedule::{ProviderSchedule, ScheduleState};
use crate::domain::text::SafeText;
use crate::gateway::v2::body::SCHEDULES;

#[derive(Deserialize)]
struct Booked {
    schedule: Id,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

/// The id of a schedule that was made (V2 §11.1); `None` when the body has none.
pub(in crate::gateway::v2) fn booked(body: &[u8]) -> Option<SafeText> {
    let booked: Booked = serde_json::from_slice(body).ok()?;
    SafeText::new(&booked.schedule.id).non_empty()
}

/// The ids that were revoked (V2 §11.4); `None` when the body is none.
pub(in crate::gateway::v2) fn revoked(body: &[u8]) -> Option<Vec<SafeText>> {
    let value: Value = serde_json::from_slice(body).ok()?;
    Some(
        value["revokedScheduleIds"].as_array()?.iter().filter_map(Value::as_str).map(SafeText::new).collect(),
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Schedule {
    id: String,
    billing_key: String,
    time_to_pay: String,
    #[serde(default, deserialize_with = "lenient")]
    payment_id: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    status: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    order_name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    customer: Option<Customer>,
    #[serde(default, deserialize_with = "lenient")]
    total_amount: Option<i64>,
    #[serde(default, deserialize_with = "lenient")]
    tax_free_amount: Option<i64>,
    #[serde(default, deserialize_with = "lenient")]
    vat_amount: Option<i64>,
    #[serde(default, deserialize_with = "lenient")]
    currency: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    installment_month: Option<u8>,
    #[serde(default, deserialize_with = "lenient")]
    created_at: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    started_at: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    completed_at: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    revoked_at: Option<String>,
}

fn state(status: &str) -> ScheduleState {
    match status.to_ascii_uppercase().as_str() {
        "SCHEDULED" => ScheduleState::Scheduled,
        "STARTED" => ScheduleState::Started,
        "PENDING" => ScheduleState::Pending,
        "SUCCEEDED" => ScheduleState::Succeeded,
        "FAILED" => ScheduleState::Failed,
        "REVOKED" => ScheduleState::Revoked,
        _ => ScheduleState::Other(SafeText::new(status)),
    }
}

fn of_value(value: &Value) -> Option<ProviderSchedule> {
    let schedule = Schedule::deserialize(value).ok()?;
    let currency = schedule.currency.unwrap_or_default();
    let money = |minor: Option<i64>| ProviderPayment::money(minor?, &currency);
    let state = state(&schedule.status.unwrap_or_default());
    let ended = match &state {
        ScheduleState::Revoked => &schedule.revoked_at,
        ScheduleState::Scheduled => &None,
        _ if schedule.completed_at.is_some() => &schedule.completed_at,
        _ => &schedule.started_at,
    };
    Some(ProviderSchedule {
        id: SafeText::new(&schedule.id).non_empty()?,
        payment_id: safe(schedule.payment_id.as_ref()).unwrap_or_default(),
        key: BillingKey::parse(&schedule.billing_key).ok()?,
        at: schedule.time_to_pay.parse().ok()?,
        amount: money(schedule.total_amount),
        tax_free: money(schedule.tax_free_amount),
        vat: money(schedule.vat_amount),
        currency: SafeText::new(&currency),
        installments: schedule.installment_month,
        order_name: SafeText::message(&schedule.order_name.unwrap_or_default()),
        customer: schedule.customer.map(Customer::person).unwrap_or_default(),
        created_at: seconds(schedule.created_at.as_ref()),
        ended_at: seconds(ended.as_ref()),
        // Only its payment tells why (V2 §6.3).
        refusal: None,
        provider_payment_id: None,
        state,
    })
}

/// A schedule (V2 §11.2); `None` when the body is none.
pub(in crate::gateway::v2) fn schedule(body: &[u8]) -> Option<ProviderSchedule> {
    of_value(&serde_json::from_slice(body).ok()?)
}

/// A page of schedules (V2 §11.3) and whether there is another; `None` when the body is none. One that can't be
/// read is left out.
pub(in crate::gateway::v2) fn schedules(body: &[u8], page: u32) -> Option<(Vec<ProviderSchedule>, bool)> {
    let (items, total) = items(body)?;
    let more = more(items.len(), total, page, SCHEDULES);
    Some((items.iter().filter_map(of_value).collect(), more))
}
