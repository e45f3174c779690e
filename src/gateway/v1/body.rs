//! What V1 is sent: JSON with what everybody may see, and around card data a writer into the vault.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::domain::account::AccountKind;
use crate::domain::billing_key::BillingKey;
use crate::domain::channel::{Channel, ProductType};
use crate::domain::money::{Currency, Money};
use crate::domain::order::{AccountOrder, Installments, KeyChargeOrder, KeyInOrder, KeyOrder, Sale};
use crate::domain::pg::{self, BankCodeStyle, FixedAccount, Generation, Need, Operation, rules};
use crate::domain::problem::Problem;
use crate::domain::schedule::{ScheduleOrder, ScheduleRevoke};
use crate::domain::text::SafeText;
use crate::vault::{BodyWriter, Field};

/// A number in major units (V1 §4.4). With at most eleven digits the text that is written is the text that
/// was read, so nothing is rounded on the way.
fn number(money: Money) -> Value {
    money.wire_major().parse::<serde_json::Number>().map_or(Value::Null, Value::Number)
}

/// The fields that every charge has (V1 §7, §9, §13.2).
fn sale(sale: &Sale) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    put("merchant_uid", sale.payment_id.as_str().into());
    put("amount", number(sale.amount));
    put("currency", sale.amount.currency().code().into());
    put("name", sale.order_name.as_str().into());
    if let Some(tax_free) = sale.tax_free {
        put("tax_free", number(tax_free));
    }
    if let Some(vat) = sale.vat {
        put("vat_amount", number(vat));
    }
    let customer = &sale.customer;
    for (name, value) in [
        ("buyer_name", customer.name().map(str::to_owned)),
        ("buyer_tel", customer.phone_digits()),
        ("buyer_email", customer.email().map(str::to_owned)),
    ] {
        if let Some(value) = value {
            put(name, value.into());
        }
    }
    if let Some(product) = sale.channel.product_type {
        let word = match product {
            ProductType::Physical => "real",
            ProductType::Digital => "digital",
        };
        put("product_type", word.into());
    }
    fields
}

/// 0 is lump sum, 1 is undefined (V1 §4.4).
fn installments(installments: Installments, fields: &mut Map<String, Value>) {
    let months = if installments.months < 2 { 0 } else { installments.months };
    fields.insert("card_quota".to_owned(), months.into());
    if installments.interest_free && months > 1 {
        fields.insert("interest_free_by_merchant".to_owned(), true.into());
    }
}

/// `{provider}.{MID}`, or the provider alone. A wrong value is no error but another contract (V1 §5), so it is
/// compared with the answer's afterwards.
fn pg(channel: &Channel) -> String {
    match &channel.merchant_id {
        Some(id) => format!("{}.{id}", channel.pg.as_str()),
        None => channel.pg.as_str().to_owned(),
    }
}

/// Writes an object with the card's fields behind the others (V1 §4.6).
fn with_card(w: &mut BodyWriter<'_>, fields: Map<String, Value>) {
    let text = Value::Object(fields).to_string();
    w.text(text.strip_suffix('}').unwrap_or(&text));
    w.text(",\"card_number\":\"");
    w.grouped(Field::Number, 4, b'-');
    // YYYY-MM; the vault holds MMYY as printed.
    w.text("\",\"expiry\":\"20");
    w.digits(Field::Expiry, 2..4);
    w.text("-");
    w.digits(Field::Expiry, 0..2);
    w.text("\"");
    for (field, name) in [(Field::Identity, "birth"), (Field::Pin, "pwd_2digit")] {
        if w.len(field) > 0 {
            w.text(",\"");
            w.text(name);
            w.text("\":\"");
            w.digits(field, 0..field.capacity());
            w.text("\"");
        }
    }
    w.text("}");
}

/// Key-in (V1 §7). There is no `channel_key` here.
pub(super) fn onetime(w: &mut BodyWriter<'_>, order: &KeyInOrder) {
    let mut fields = sale(&order.sale);
    fields.insert("pg".to_owned(), pg(&order.sale.channel).into());
    installments(order.installments, &mut fields);
    if order.save_card {
        // The same call keeps the card; the name is new with every payment (V1 §8.1).
        let key = BillingKey::mint(&order.sale.payment_id);
        fields.insert("customer_uid".to_owned(), key.expose().into());
    }
    with_card(w, fields);
}

/// Issue of a billing key (V1 §8.1). The channel by its key where there is one, which the schema demands; by
/// `pg` for a channel that has none.
pub(super) fn issue_key(w: &mut BodyWriter<'_>, order: &KeyOrder) {
    let mut fields = Map::new();
    if order.channel.key.is_empty() {
        fields.insert("pg".to_owned(), pg(&order.channel).into());
    } else {
        fields.insert("channel_key".to_owned(), order.channel.key.as_str().into());
    }
    let customer = &order.customer;
    for (name, value) in [
        ("customer_id", customer.id().map(str::to_owned)),
        ("customer_name", customer.name().map(str::to_owned)),
        ("customer_tel", customer.phone_digits()),
        ("customer_email", customer.email().map(str::to_owned)),
    ] {
        fields.extend(value.map(|value| (name.to_owned(), value.into())));
    }
    with_card(w, fields);
}

/// Charge of a billing key (V1 §9). No channel: the key's own.
pub(super) fn again(order: &KeyChargeOrder) -> String {
    let mut fields = sale(&order.sale);
    fields.insert("customer_uid".to_owned(), order.key.expose().into());
    installments(order.installments, &mut fields);
    Value::Object(fields).to_string()
}

/// A schedule (V1 §10.1): one item, of a key that exists. Currency and name are sent although samples leave them
/// out.
pub(super) fn schedule(order: &ScheduleOrder) -> String {
    let mut item = sale(&order.sale);
    item.insert("schedule_at".to_owned(), order.at.as_second().into());
    installments(order.installments, &mut item);
    json!({"customer_uid": order.key.expose(), "schedules": [item]}).to_string()
}

/// Another time for a schedule (V1 §10.6, §10.7).
pub(super) fn schedule_at(at: Timestamp) -> String {
    json!({"schedule_at": at.as_second()}).to_string()
}

/// Schedules to revoke, by their ids (V1 §10.5): with the key where it is known, "the safest form".
pub(super) fn unschedule(order: &ScheduleRevoke) -> String {
    let ids: Vec<&str> = order.schedules.iter().map(SafeText::as_str).collect();
    let mut fields = json!({"merchant_uid": ids});
    if let Some(key) = &order.key {
        fields["customer_uid"] = key.expose().into();
    }
    fields.to_string()
}

/// Issue of a virtual account (V1 §13.2). A cash receipt has no place in it.
pub(super) fn account(order: &AccountOrder) -> Result<String, Problem> {
    let channel = &order.sale.channel;
    let rule = &rules(Generation::V1, &channel.pg).virtual_account;
    // "kcp BK04, html5_inicis 04, most others 004" (V1 §14).
    let style = rule.bank_codes.unwrap_or(BankCodeStyle::ThreeDigits);
    let bank = order.bank.v1_code(style).ok_or(Problem::Unsupported { what: "bank" })?;
    // There is no currency in it: an amount in another one would be taken as won.
    if order.sale.amount.currency() != Currency::Krw {
        return Err(Problem::Unsupported { what: "currency" });
    }
    let mut fields = sale(&order.sale);
    fields.remove("currency");
    fields.insert("channel_key".to_owned(), channel.key.as_str().into());
    fields.insert("vbank_code".to_owned(), bank.into());
    fields.insert("vbank_due".to_owned(), order.due.as_second().into());
    if let Some(holder) = &order.holder {
        fields.insert("vbank_holder".to_owned(), holder.as_str().into());
    }
    match (&order.kind, rule.fixed) {
        (AccountKind::Rotating, _) => {}
        (AccountKind::Fixed(_), FixedAccount::None) => {
            return Err(Problem::Unsupported { what: "fixed_account" });
        }
        (AccountKind::Fixed(key), FixedAccount::VbankKey) => {
            fields.insert("vbank_key".to_owned(), key.as_str().into());
        }
        (AccountKind::Fixed(number), _) => {
            fields.insert("vbank_num".to_owned(), number.as_str().into());
        }
    }
    Ok(Value::Object(fields).to_string())
}

/// `?pg_api_key=…` of a PG that wants it (V1 §13.2), with nothing where none is configured.
pub(super) fn pg_api_key(channel: &Channel) -> Result<String, Problem> {
    let wanted = rules(Generation::V1, &channel.pg).need(Operation::KeyInVirtualAccount, pg::Field::PgApiKey);
    match (&channel.pg_api_key, wanted) {
        (Some(key), _) => Ok(format!("?pg_api_key={}", crate::gateway::http::encode(key.expose()))),
        (None, Need::Required) => Err(Problem::Unsupported { what: "pg_api_key" }),
        (None, _) => Ok(String::new()),
    }
}

/// The body of getToken (V1 §2).
pub(super) fn credentials(key: &str, secret: &str) -> String {
    json!({"imp_key": key, "imp_secret": secret}).to_string()
}
