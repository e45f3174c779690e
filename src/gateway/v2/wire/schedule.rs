//! Schedules as V2 tells them (V2 §6.3, §11). Amounts are flat here.

use serde::Deserialize;
use serde_json::Value;

use super::payment::Customer;
use super::{Items, more};
use crate::domain::billing_key::BillingKey;
use crate::domain::payment::ProviderPayment;
use crate::domain::schedule::{ProviderSchedule, ScheduleState};
use crate::domain::text::SafeText;
use crate::gateway::lenient::{Number, Text, objects, read};
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

objects! {
    /// A schedule.
    struct Schedule {
        id: Text<'de> = "id",
        billing_key: Text<'de> = "billingKey",
        time_to_pay: Text<'de> = "timeToPay",
        payment_id: Text<'de> = "paymentId",
        status: Text<'de> = "status",
        order_name: Text<'de> = "orderName",
        customer: Customer<'de> = "customer",
        total_amount: Number = "totalAmount",
        tax_free_amount: Number = "taxFreeAmount",
        vat_amount: Number = "vatAmount",
        currency: Text<'de> = "currency",
        installment_month: Number = "installmentMonth",
        created_at: Text<'de> = "createdAt",
        started_at: Text<'de> = "startedAt",
        completed_at: Text<'de> = "completedAt",
        revoked_at: Text<'de> = "revokedAt",
    }
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

fn of_schedule(schedule: &Schedule<'_>) -> Option<ProviderSchedule> {
    let currency = schedule.currency.or_empty();
    let money = |minor: Number| ProviderPayment::money(minor.0?, currency);
    let state = state(schedule.status.or_empty());
    let ended = match &state {
        ScheduleState::Revoked => schedule.revoked_at.seconds(),
        ScheduleState::Scheduled => None,
        _ if schedule.completed_at.get().is_some() => schedule.completed_at.seconds(),
        _ => schedule.started_at.seconds(),
    };
    Some(ProviderSchedule {
        id: schedule.id.safe()?,
        payment_id: schedule.payment_id.safe().unwrap_or_default(),
        key: BillingKey::parse(schedule.billing_key.get()?).ok()?,
        at: schedule.time_to_pay.get()?.parse().ok()?,
        amount: money(schedule.total_amount),
        tax_free: money(schedule.tax_free_amount),
        vat: money(schedule.vat_amount),
        currency: SafeText::new(currency),
        installments: schedule.installment_month.0.and_then(|months| u8::try_from(months).ok()),
        order_name: SafeText::message(schedule.order_name.or_empty()),
        customer: schedule.customer.person(),
        created_at: schedule.created_at.seconds(),
        ended_at: ended,
        // Only its payment tells why (V2 §6.3).
        refusal: None,
        provider_payment_id: None,
        state,
    })
}

/// A schedule, made as it is read; nothing when it can't be one.
struct Told(Option<ProviderSchedule>);

impl<'de> Deserialize<'de> for Told {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Schedule::deserialize(deserializer).map(|schedule| Self(of_schedule(&schedule)))
    }
}

/// A schedule (V2 §11.2); `None` when the body is none.
pub(in crate::gateway::v2) fn schedule(body: &[u8]) -> Option<ProviderSchedule> {
    read::<Told>(body)?.0
}

/// A page of schedules (V2 §11.3) and whether there is another; `None` when the body is none. One that can't be
/// read is left out.
pub(in crate::gateway::v2) fn schedules(body: &[u8], page: u32) -> Option<(Vec<ProviderSchedule>, bool)> {
    let told: Items<'_, Told> = read(body)?;
    let total = told.total();
    let items = told.items.0?;
    let more = more(items.len(), total, page, SCHEDULES);
    Some((items.into_iter().filter_map(|told| told.0).collect(), more))
}
