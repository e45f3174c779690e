//! Billing keys and their schedules as they are told: to a person in lines, to a script in JSON.

use serde::Serialize;

use crate::cli::report::CardReport;
use crate::cli::say::{Say, amount};
use crate::cli::state::mode_key;
use crate::domain::billing_key::{BillingKey, ProviderKey};
use crate::domain::channel::{Channel, Mode};
use crate::domain::due::to_the_minute;
use crate::domain::schedule::ProviderSchedule;
use crate::text;

/// One billing key.
#[derive(Debug, Default, Serialize)]
pub(super) struct KeyReport {
    /// Shortened, unless the whole of it was asked for.
    billing_key: String,
    /// `issued` or `deleted`.
    status: &'static str,
    /// Unix seconds.
    issued_at: Option<i64>,
    changed_at: Option<i64>,
    deleted_at: Option<i64>,
    card: Option<CardReport>,
    issuer: Option<String>,
    customer_id: Option<String>,
    customer_name: Option<String>,
    customer_phone: Option<String>,
    customer_email: Option<String>,
    pg: Option<String>,
    /// The name in the configuration.
    channel: Option<String>,
    /// `TEST` or `LIVE`, where anybody knows.
    mode: Option<&'static str>,
    /// The intent of a ledger that made it.
    registered_by: Option<String>,
}

/// The key, or as much of it as may be shown.
pub(in crate::cli) fn shown(key: &BillingKey, whole: bool) -> String {
    if whole { key.expose().to_owned() } else { key.shortened() }
}

impl KeyReport {
    /// What is known of a key; `made_by` is the intent of this ledger that made it.
    pub fn of(key: &ProviderKey, channel: Option<&Channel>, made_by: Option<String>, whole: bool) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Self {
            billing_key: shown(&key.key, whole),
            status: if key.is_alive() { "issued" } else { "deleted" },
            issued_at: key.issued_at,
            changed_at: key.updated_at.filter(|updated| Some(*updated) != key.issued_at),
            deleted_at: key.deleted_at,
            card: key.card.as_ref().map(CardReport::of),
            issuer: key.issuer.as_ref().map(ToString::to_string),
            customer_id: owned(key.customer.id()),
            customer_name: owned(key.customer.name()),
            customer_phone: owned(key.customer.phone()),
            customer_email: owned(key.customer.email()),
            pg: key.pg.as_ref().map(ToString::to_string),
            channel: channel.map(|channel| channel.name.clone()),
            mode: mode_of(key, channel).map(Mode::word),
            registered_by: made_by.or_else(|| key.made_by.as_ref().map(ToString::to_string)),
        }
    }
}

fn mode_of(key: &ProviderKey, channel: Option<&Channel>) -> Option<Mode> {
    let said = key.is_test.map(|test| if test { Mode::Test } else { Mode::Live });
    said.or_else(|| channel.map(|channel| channel.mode))
}

/// One key on one line.
pub(super) fn line(say: Say, key: &ProviderKey, channel: Option<&Channel>, whole: bool) {
    let dash = || "-".to_owned();
    let text = |text: Option<&str>| text.map_or_else(dash, str::to_owned);
    let time = |at: Option<i64>| {
        at.and_then(|at| jiff::Timestamp::from_second(at).ok()).map_or_else(dash, to_the_minute)
    };
    // A mode that nobody tells counts as live.
    let mode = mode_key(mode_of(key, channel).unwrap_or(Mode::Live));
    let status = if key.is_alive() { "cli.key.status-issued" } else { "cli.key.status-deleted" };
    say.text(&text!(
        "cli.key.line",
        key = shown(&key.key, whole),
        mode = mode,
        status = status,
        card = key.card.as_ref().map_or_else(dash, ToString::to_string),
        issuer = text(key.issuer.as_ref().map(crate::domain::text::SafeText::as_str)),
        customer = text(key.customer.name().or_else(|| key.customer.id())),
        pg = text(key.pg.as_ref().map(crate::domain::text::SafeText::as_str)),
        time = time(key.since())
    ));
}

/// A schedule in words.
pub(super) fn schedule_line(say: Say, open: &ProviderSchedule) -> crate::i18n::Text {
    text!(
        "cli.key.schedule",
        id = open.id,
        time = to_the_minute(open.at),
        amount = open.amount.map_or_else(|| "-".to_owned(), |total| amount(say, total)),
        order = open.order_name
    )
}
