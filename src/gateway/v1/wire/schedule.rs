//! Schedules as V1 tells them (V1 §6.6): all but their two ids may be missing.

use jiff::Timestamp;
use serde_json::Value;

use super::{Envelope, amount, bracketed, person, text, time};
use crate::domain::billing_key::BillingKey;
use crate::domain::money::Currency;
use crate::domain::payment::Refusal;
use crate::domain::schedule::{ProviderSchedule, ScheduleState};
use crate::domain::text::SafeText;

/// `executed` is not success: its payment tells (V1 §10.9).
fn state(value: &Value) -> ScheduleState {
    let word = |name: &str| value[name].as_str().map(str::to_ascii_lowercase);
    let ran = || match word("payment_status").as_deref() {
        Some("paid" | "cancelled") => ScheduleState::Succeeded,
        Some("failed") => ScheduleState::Failed,
        // "성공 also covers a pending approval" (V1 §16.1).
        None | Some("" | "ready" | "pending") => ScheduleState::Pending,
        Some(other) => ScheduleState::Other(SafeText::new(other)),
    };
    match word("schedule_status").as_deref() {
        Some("executed") => ran(),
        Some("revoked") => ScheduleState::Revoked,
        // Nothing is mandatory (V1 §6.6): the times tell as well.
        None if time(&value["revoked_at"]).is_some() => ScheduleState::Revoked,
        None if time(&value["executed_at"]).is_some() => ran(),
        Some("scheduled") | None => ScheduleState::Scheduled,
        Some(other) => ScheduleState::Other(SafeText::new(other)),
    }
}

fn schedule(value: &Value) -> Option<ProviderSchedule> {
    let currency_code = value["currency"].as_str().unwrap_or("KRW");
    let currency = Currency::parse(currency_code);
    let id = text(&value["merchant_uid"])?;
    let state = state(value);
    let ended = if state == ScheduleState::Revoked { "revoked_at" } else { "executed_at" };
    let reason = value["fail_reason"].as_str().unwrap_or_default();
    Some(ProviderSchedule {
        payment_id: id.clone(),
        id,
        key: BillingKey::parse(value["customer_uid"].as_str()?).ok()?,
        at: Timestamp::from_second(value["schedule_at"].as_i64()?).ok()?,
        amount: currency.and_then(|currency| amount(&value["amount"], currency)),
        currency: SafeText::new(currency_code),
        tax_free: None,
        vat: None,
        installments: None,
        order_name: SafeText::message(value["name"].as_str().unwrap_or_default()),
        customer: person(value),
        created_at: None,
        ended_at: time(&value[ended]),
        refusal: (state == ScheduleState::Failed)
            .then(|| Refusal { code: bracketed(reason), message: SafeText::message(reason) }),
        provider_payment_id: text(&value["imp_uid"]),
        state,
    })
}

impl Envelope {
    /// The one schedule.
    pub fn schedule(&self) -> Option<ProviderSchedule> {
        schedule(&self.response)
    }

    /// The schedules of a page, or of a bare array (V1 §10.2). One that can't be read is left out.
    pub fn schedules(&self) -> Option<Vec<ProviderSchedule>> {
        Some(self.list()?.iter().filter_map(schedule).collect())
    }
}
