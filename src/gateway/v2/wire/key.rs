//! Billing keys as V2 tells them (V2 §9).

use serde::Deserialize;
use serde_json::Value;

use super::payment::{Card, Channel, Customer, FailureReason};
use super::{items, lenient, more, seconds};
use crate::domain::billing_key::{BillingKey, IssuedKey, KeyPage, KeySearch, ProviderKey};
use crate::domain::payment::Refusal;
use crate::domain::text::SafeText;
use crate::gateway::lenient::List;
use crate::gateway::v2::body::MARK;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Issued<'a> {
    billing_key_info: Summary,
    #[serde(borrow, default)]
    channel_specific_failures: List<FailureReason<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    billing_key: String,
}

/// The answer of V2 §9.1. A 200 may carry failures of some channels beside the key.
pub(in crate::gateway::v2) fn issued(body: &[u8]) -> Option<IssuedKey> {
    let issued: Issued<'_> = serde_json::from_slice(body).ok()?;
    let key = issued.billing_key_info.billing_key;
    // Digits that looked like the card were blanked in the answer: what is left is not the key.
    if key.contains('*') {
        return None;
    }
    Some(IssuedKey {
        key: BillingKey::parse(&key).ok()?,
        refusals: issued.channel_specific_failures.or_empty().iter().map(FailureReason::refusal).collect(),
        card: None,
        issuer: None,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChannelSpecific<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow, default)]
    failures: List<FailureReason<'a>>,
    #[serde(default, deserialize_with = "lenient")]
    succeeded_channels: Option<Vec<Value>>,
}

/// What a `CHANNEL_SPECIFIC` error tells (V2 §2).
pub(in crate::gateway::v2) struct FailedChannels {
    /// Why the first of them failed.
    pub first: Refusal,
    /// Whether none succeeded.
    pub all: bool,
}

/// A `CHANNEL_SPECIFIC` error; `None` for any other body.
pub(in crate::gateway::v2) fn failed_channels(body: &[u8]) -> Option<FailedChannels> {
    let error: ChannelSpecific<'_> = serde_json::from_slice(body).ok()?;
    let failures = error.failures.or_empty();
    (error.kind == "CHANNEL_SPECIFIC").then(|| FailedChannels {
        first: failures.first().map(FailureReason::refusal).unwrap_or_default(),
        all: error.succeeded_channels.unwrap_or_default().is_empty(),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Info<'a> {
    billing_key: String,
    #[serde(default, deserialize_with = "lenient")]
    status: Option<String>,
    #[serde(borrow, default)]
    channels: List<Channel<'a>>,
    #[serde(borrow, default)]
    customer: Customer<'a>,
    #[serde(default, deserialize_with = "lenient")]
    methods: Option<Vec<Value>>,
    #[serde(default, deserialize_with = "lenient")]
    issued_at: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    deleted_at: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    custom_data: Option<String>,
}

/// Our id in a `customData`, if it is ours.
fn made_by(custom: Option<&str>) -> Option<SafeText> {
    let value: Value = serde_json::from_str(custom?).ok()?;
    value[MARK].as_str().map(SafeText::new).and_then(SafeText::non_empty)
}

fn of_value(value: &Value) -> Option<ProviderKey> {
    let info = Info::deserialize(value).ok()?;
    let methods = info.methods.unwrap_or_default();
    let card = methods.iter().find_map(|method| {
        // An easy-pay method holds its card one deeper (V2 §5.5).
        [&method["card"], &method["method"]["card"]]
            .into_iter()
            .filter(|card| card.is_object())
            .find_map(|card| Card::deserialize(card).ok())
    });
    let channel = info.channels.or_empty().into_iter().next();
    let deleted_at = seconds(info.deleted_at.as_deref());
    let deleted = info.status.is_some_and(|status| status.eq_ignore_ascii_case("DELETED"));
    Some(ProviderKey {
        key: BillingKey::parse(&info.billing_key).ok()?,
        issued_at: seconds(info.issued_at.as_deref()),
        updated_at: None,
        // A deleted key without a time is deleted all the same.
        deleted_at: deleted_at.or(deleted.then_some(0)),
        card: card.as_ref().and_then(Card::ending),
        issuer: card.as_ref().and_then(Card::issuer),
        customer: info.customer.person(),
        pg: channel.as_ref().and_then(|channel| channel.pg_provider.safe()),
        channel: channel.as_ref().and_then(|channel| channel.key.safe()),
        is_test: channel.as_ref().and_then(Channel::is_test),
        made_by: made_by(info.custom_data.as_deref()),
    })
}

/// A key (V2 §9.2); `None` when the body is none.
pub(in crate::gateway::v2) fn key(body: &[u8]) -> Option<ProviderKey> {
    of_value(&serde_json::from_slice(body).ok()?)
}

/// A page of keys (V2 §9.3); `None` when the body is none. A key that can't be read is left out.
pub(in crate::gateway::v2) fn keys(body: &[u8], page: u32) -> Option<KeyPage> {
    let (items, total) = items(body)?;
    let more = more(items.len(), total, page, KeySearch::PAGE);
    Some(KeyPage { keys: items.iter().filter_map(of_value).collect(), total, more })
}
