//! Billing keys as V1 tells them (V1 §6.4, §6.5).

use serde_json::Value;

use super::{Envelope, bracketed, text, time};
use crate::domain::billing_key::{BillingKey, IssuedKey, ProviderKey};
use crate::domain::card::CardEnding;
use crate::domain::customer::Customer;
use crate::domain::payment::Refusal;
use crate::domain::text::SafeText;

/// A super key's cards and times stand with its channels (V1 §6.5); a plain key's in the key itself.
fn holder(value: &Value) -> &Value {
    value["succeededChannels"].as_array().and_then(|channels| channels.first()).unwrap_or(value)
}

fn card(value: &Value) -> (Option<CardEnding>, Option<SafeText>) {
    let holder = holder(value);
    (
        holder["card_number"].as_str().and_then(CardEnding::from_masked),
        text(&holder["card_issuer_name"]).or_else(|| text(&holder["card_name"])),
    )
}

fn key(value: &Value) -> Option<ProviderKey> {
    let person = |name: &str| text(&value[name]).unwrap_or_default();
    let holder = holder(value);
    let (card, issuer) = card(value);
    Some(ProviderKey {
        key: BillingKey::parse(value["customer_uid"].as_str()?).ok()?,
        issued_at: time(&holder["inserted"]),
        updated_at: time(&holder["updated"]),
        deleted_at: None,
        card,
        issuer,
        customer: Customer::new(
            person("customer_name").as_str(),
            person("customer_tel").as_str(),
            person("customer_email").as_str(),
        )
        .with_id(person("customer_id").as_str()),
        pg: text(&holder["pg_provider"]),
        channel: text(&holder["pg_id"]),
        is_test: value["sandbox"].as_bool(),
        made_by: None,
    })
}

impl Envelope {
    /// The answer to the issue of a key. A super key may have channels that refused.
    pub fn issued(&self) -> Option<IssuedKey> {
        let failed = self.response["failedChannels"].as_array().map_or(&[][..], Vec::as_slice);
        let refusals = failed.iter().map(|failed| {
            let message = failed["message"].as_str().unwrap_or_default();
            Refusal { code: bracketed(message), message: SafeText::message(message) }
        });
        let (card, issuer) = card(&self.response);
        Some(IssuedKey {
            key: BillingKey::parse(self.response["customer_uid"].as_str()?).ok()?,
            refusals: refusals.collect(),
            card,
            issuer,
        })
    }

    /// The one key.
    pub fn key(&self) -> Option<ProviderKey> {
        key(&self.response)
    }

    /// The keys of a bare array (V1 §8.3). One that can't be read is left out.
    pub fn keys(&self) -> Option<Vec<ProviderKey>> {
        Some(self.list()?.iter().filter_map(key).collect())
    }
}
