//! Rows as V1 shows them (V1 §6): every field spelled out, absent text as `null`, absent time as 0.

use crate::sandbox::catalog::{self, Channel};
use crate::sandbox::clock::Time;
use crate::sandbox::json::{self, Arr, Obj};
use crate::sandbox::model::{
    Attempt, CancelStatus, Customer, Key, Method, Row, Schedule, ScheduleStatus, Source, Status,
};
use crate::sandbox::state::State;
use crate::sandbox::webhook::v1_status;

/// PGs that tell issuer and publisher apart (V1 §6.1).
fn tells_issuer(pg: &str) -> bool {
    matches!(pg, "tosspayments" | "ksnet" | "paypal_v2" | "smartro_v2" | "nice_v2" | "welcome" | "tosspay_v2")
}

fn buyer(o: &mut Obj<'_>, customer: Option<&Customer>) {
    let field = |get: fn(&Customer) -> Option<&str>| customer.and_then(get);
    o.or_null("buyer_name", field(|c| c.name.as_deref()))
        .or_null("buyer_email", field(|c| c.email.as_deref()));
    o.or_null("buyer_tel", field(|c| c.phone.as_deref()));
    o.or_null("buyer_addr", field(|c| c.address.as_ref().map(|(line, _)| &**line)));
    o.or_null("buyer_postcode", field(|c| c.zipcode.as_deref()));
}

fn card_fields(o: &mut Obj<'_>, card: Option<&crate::sandbox::card::Card>, pg: &str) {
    let company = card.map(crate::sandbox::card::Card::company);
    let name = company.map(|company| format!("{}카드", company.name));
    let (code, name) = (company.map(|company| company.code), name.as_deref());
    o.or_null("card_code", code).or_null("card_name", name);
    let told = tells_issuer(pg);
    for field in ["card_issuer", "card_publisher"] {
        o.or_null(&format!("{field}_code"), code.filter(|_| told));
        o.or_null(&format!("{field}_name"), name.filter(|_| told));
    }
    o.or_null("card_number", card.map(crate::sandbox::card::Card::masked).as_deref());
    match card {
        Some(card) => o.int("card_type", i64::from(card.debit)),
        None => o.raw("card_type", "null"),
    };
}

/// A payment: one try (V1 §6.1).
pub fn payment(o: &mut Obj<'_>, state: &State, at: Row) {
    let attempt = state.attempt(at);
    let channel: &Channel = catalog::channel(attempt.channel);
    let scale = catalog::scale(attempt.currency());
    let extra = attempt.extra.as_deref();
    let account = match &attempt.method {
        Some(Method::Account(account)) => Some(account),
        _ => None,
    };
    o.str("imp_uid", &attempt.tx).str("merchant_uid", &attempt.payment);
    o.str("pay_method", if account.is_some() { "vbank" } else { "card" }).str("channel", "api");
    o.str("pg_provider", channel.pg).raw("emb_pg_provider", "null").str("pg_tid", &attempt.pg_tx);
    o.str("pg_id", channel.mid).bool("sandbox", !channel.live);
    o.bool("escrow", extra.is_some_and(|extra| extra.escrow));
    let (approval, months) = match attempt.method {
        Some(Method::Card { approval, months, .. }) => (approval, months),
        _ => (0, 0),
    };
    o.or_null("apply_num", (approval != 0).then(|| approval.to_string()).as_deref());
    o.raw("bank_code", "null").raw("bank_name", "null");
    card_fields(o, attempt.card(), channel.pg);
    o.int("card_quota", months);
    o.or_null("vbank_code", account.map(|account| &*account.bank));
    o.or_null("vbank_name", account.and_then(|account| catalog::v1_bank(&account.bank)).map(|bank| bank.1));
    o.or_null("vbank_num", account.map(|account| &*account.number));
    o.or_null("vbank_holder", account.and_then(|account| account.holder.as_deref()));
    o.int("vbank_date", account.map_or(0, |account| account.expires));
    o.int("vbank_issued_at", account.map_or(0, |account| account.issued));
    o.str("name", &attempt.name).major("amount", attempt.total, scale);
    o.major("cancel_amount", attempt.cancelled, scale).str("currency", attempt.currency());
    buyer(o, attempt.customer.as_deref());
    o.or_null("custom_data", extra.and_then(|extra| extra.custom_data.as_deref()));
    o.str("user_agent", "sorry_not_supported_anymore").str("status", v1_status(attempt.status));
    let failed: Time = if attempt.status == Status::Failed { attempt.changed } else { 0 };
    o.int("started_at", attempt.requested).int("paid_at", attempt.paid).int("failed_at", failed);
    o.int("cancelled_at", attempt.cancelled_at);
    o.or_null("fail_reason", fail_reason(attempt).as_deref());
    let done = || attempt.cancels.iter().filter(|cancel| cancel.status == CancelStatus::Succeeded);
    o.or_null("cancel_reason", done().next_back().map(|cancel| &*cancel.reason));
    let receipt = format!("https://sandbox.invalid/receipt/{}", attempt.tx);
    o.or_null("receipt_url", attempt.was_paid().then_some(receipt.as_str()));
    o.arr("cancel_history", |list| {
        for cancel in done() {
            list.obj(|o| {
                o.str("pg_tid", &attempt.pg_tx)
                    .major("amount", cancel.total, scale)
                    .int("cancelled_at", cancel.done);
                o.str("reason", &cancel.reason).str("cancellation_id", &cancel.id);
                o.str("receipt_url", &receipt);
            });
        }
    });
    o.arr("deposit_history", |_| ()).arr("cancel_receipt_urls", |list| {
        for _ in done() {
            list.str(&receipt);
        }
    });
    let receipt = state.receipt_for(attempt.store, &attempt.payment).map(|at| state.receipt(at));
    o.bool("cash_receipt_issued", receipt.is_some_and(|r| !r.manual && r.issued != 0 && r.cancelled == 0));
    let usage = match attempt.source {
        Source::Issue(_) => Some("issue"),
        Source::Key(_) => Some("payment"),
        Source::Schedule(..) => Some("payment.scheduled"),
        Source::KeyIn | Source::Account => None,
    };
    o.or_null("customer_uid", attempt.key().map(|key| &*state.key(key).name))
        .or_null("customer_uid_usage", usage);
    match extra.and_then(|extra| extra.promotion.as_deref()) {
        Some(id) => o.obj("promotion", |o| {
            o.str("id", id).int("discount", 0);
        }),
        None => o.raw("promotion", "null"),
    };
}

/// `[code]text`, as PGs' refusals read in V1 (§3).
pub fn fail_reason(attempt: &Attempt) -> Option<String> {
    attempt.failure.as_ref().map(|failure| format!("[{}]{}", failure.code, failure.text))
}

/// A billing key: one channel (V1 §6.4), or a super key (§6.5).
pub fn key(o: &mut Obj<'_>, key: &Key) {
    let customer = key.customer.as_deref();
    let field = |get: fn(&Customer) -> Option<&str>| customer.and_then(get);
    o.str("customer_uid", &key.name);
    let person = |o: &mut Obj<'_>| {
        o.or_null("customer_name", field(|c| c.name.as_deref()))
            .or_null("customer_tel", field(|c| c.phone.as_deref()));
        o.or_null("customer_email", field(|c| c.email.as_deref()));
        o.or_null("customer_addr", field(|c| c.address.as_ref().map(|(line, _)| &**line)));
        o.or_null("customer_postcode", field(|c| c.zipcode.as_deref()));
    };
    if let Some(group) = &key.group {
        o.str("channelGroupId", group).or_null("customer_id", field(|c| c.id.as_deref()));
        person(o);
        o.arr("succeededChannels", |list| {
            for channel in key.channels.iter().map(|no| catalog::channel(*no)) {
                list.obj(|o| {
                    o.str("pg_provider", channel.pg).str("pg_id", channel.mid);
                    card_fields(o, Some(&key.card), channel.pg);
                    o.int("inserted", key.issued).int("updated", key.updated);
                });
            }
        });
        o.arr("failedChannels", |list| {
            for (no, failure) in &key.failures {
                let channel = catalog::channel(*no);
                list.obj(|o| {
                    o.str("type", "PG_PROVIDER")
                        .str("message", &format!("[{}]{}", failure.code, failure.text));
                    o.str("pg_provider", channel.pg).str("pg_id", channel.mid);
                });
            }
        });
        return;
    }
    let channel = catalog::channel(key.channels.first().copied().unwrap_or_default());
    o.str("pg_provider", channel.pg).str("pg_id", channel.mid).bool("sandbox", !channel.live);
    o.or_null("customer_id", field(|c| c.id.as_deref()));
    card_fields(o, Some(&key.card), channel.pg);
    person(o);
    o.int("inserted", key.issued).int("updated", key.updated);
}

/// A schedule (V1 §6.6). A running one still reads `scheduled`.
pub fn schedule(o: &mut Obj<'_>, state: &State, schedule: &Schedule) {
    let key = state.key(schedule.key);
    let attempt = schedule.attempt.map(|at| state.attempt(at));
    let channel =
        attempt.map_or_else(|| key.channels.first().copied().unwrap_or_default(), |attempt| attempt.channel);
    let channel = catalog::channel(channel);
    let currency = std::str::from_utf8(&schedule.currency).unwrap_or("KRW");
    let executed = matches!(
        schedule.status,
        ScheduleStatus::Succeeded | ScheduleStatus::Failed | ScheduleStatus::Pending
    );
    let shown = attempt.filter(|_| executed);
    let id = key.customer.as_ref().and_then(|customer| customer.id.as_deref());
    o.str("customer_uid", &key.name).str("merchant_uid", &schedule.payment);
    o.or_null("imp_uid", shown.map(|attempt| &*attempt.tx))
        .str("pg_provider", channel.pg)
        .str("pg_id", channel.mid);
    o.or_null("customer_id", id).int("schedule_at", schedule.due);
    o.int("executed_at", if executed { schedule.completed } else { 0 });
    o.int("revoked_at", if schedule.status == ScheduleStatus::Revoked { schedule.revoked } else { 0 });
    o.major("amount", schedule.total, catalog::scale(currency))
        .str("currency", currency)
        .str("name", &schedule.name);
    buyer(o, schedule.customer.as_deref().or(key.customer.as_deref()));
    let extra = schedule.extra.as_deref();
    o.or_null("custom_data", extra.and_then(|extra| extra.custom_data.as_deref()));
    o.str("schedule_status", schedule_word(schedule.status));
    o.or_null("payment_status", shown.map(|attempt| v1_status(attempt.status)));
    o.or_null("fail_reason", shown.and_then(fail_reason).as_deref());
    o.or_null("promotion_id", extra.and_then(|extra| extra.promotion.as_deref()));
}

/// V1's three words (§4.7).
pub fn schedule_word(status: ScheduleStatus) -> &'static str {
    match status {
        ScheduleStatus::Scheduled | ScheduleStatus::Started => "scheduled",
        ScheduleStatus::Pending | ScheduleStatus::Succeeded | ScheduleStatus::Failed => "executed",
        ScheduleStatus::Revoked => "revoked",
    }
}

/// The page wrapper (V1 §6.7); pages count from 1.
pub fn page(rows: &[Row], page: usize, limit: usize, mut write: impl FnMut(&mut Arr<'_>, Row)) -> String {
    let number = |value: usize| i64::try_from(value).unwrap_or(i64::MAX);
    let skip = page.saturating_sub(1).saturating_mul(limit);
    let more = skip.saturating_add(limit) < rows.len();
    json::object(|o| {
        o.int("total", number(rows.len())).int("previous", number(page - 1));
        o.int("next", if more { number(page + 1) } else { 0 });
        o.arr("list", |list| rows.iter().skip(skip).take(limit).for_each(|row| write(list, *row)));
    })
}
