//! What V1 is sent: JSON with what everybody may see, and around card data a writer into the vault.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::domain::account::{AccountKind, ReceiptKind};
use crate::domain::billing_key::BillingKey;
use crate::domain::cash_receipt::{IdentityKind, ReceiptOrder};
use crate::domain::channel::{Channel, ProductType};
use crate::domain::customer::Customer;
use crate::domain::issuer::Bank;
use crate::domain::money::{Currency, Money};
use crate::domain::order::{
    AccountOrder, Installments, KeyChargeOrder, KeyInOrder, KeyOrder, Requester, Sale,
};
use crate::domain::pg::{self, BankCodeStyle, FixedAccount, Generation, Need, Operation, rules};
use crate::domain::problem::Problem;
use crate::domain::refund::RefundOrder;
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
    if let Some(product) = sale.channel.product_type {
        put("product_type", product_word(product).into());
    }
    fields.extend(buyer(&sale.customer));
    fields
}

/// Who pays, as far as it is known (V1 §4.3).
fn buyer(customer: &Customer) -> Map<String, Value> {
    let known = [
        ("buyer_name", customer.name().map(str::to_owned)),
        ("buyer_tel", customer.phone_digits()),
        ("buyer_email", customer.email().map(str::to_owned)),
    ];
    known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))).collect()
}

/// What is sold (V1 §4.7).
const fn product_word(product: ProductType) -> &'static str {
    match product {
        ProductType::Physical => "real",
        ProductType::Digital => "digital",
    }
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

/// A bank as the channel's PG writes it: "kcp BK04, `html5_inicis` 04, most others 004" (V1 §14).
fn bank_code(channel: &Channel, bank: &Bank) -> Result<String, Problem> {
    let codes = rules(Generation::V1, &channel.pg).virtual_account.bank_codes;
    let style = codes.unwrap_or(BankCodeStyle::ThreeDigits);
    bank.v1_code(style).ok_or(Problem::Unsupported { what: "bank" })
}

/// A refund (V1 §12): amount and balance always, because both left out mean "everything". By `imp_uid` where it is
/// known, which would outrank the other number anyway.
pub(super) fn refund(order: &RefundOrder) -> Result<String, Problem> {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    match &order.provider_payment_id {
        Some(imp_uid) => put("imp_uid", imp_uid.as_str().into()),
        None => put("merchant_uid", order.payment.as_str().into()),
    }
    put("amount", number(order.amount));
    put("checksum", number(order.balance));
    put("reason", order.reason.as_str().into());
    for (name, part) in [("tax_free", order.tax_free), ("vat_amount", order.vat)] {
        if let Some(part) = part {
            put(name, number(part));
        }
    }
    if let Some(account) = &order.account {
        put("refund_bank", bank_code(&order.channel, account.bank)?.into());
        put("refund_account", account.number.as_str().into());
        put("refund_holder", account.holder.as_str().into());
        if let Some(phone) = &account.phone {
            put("refund_tel", phone.as_str().into());
        }
    }
    if let Some(requester) = order.requester {
        put("extra", json!({"requester": requester_word(requester)}));
    }
    Ok(Value::Object(fields).to_string())
}

/// Who asked for it (V1 §4.7).
pub(super) const fn requester_word(requester: Requester) -> &'static str {
    match requester {
        Requester::Customer => "customer",
        Requester::Admin => "admin",
    }
}

/// A cash receipt (V1 §13.3): of a payment at `PortOne` over what is left of it, of other cash over an amount.
pub(super) fn receipt(order: &ReceiptOrder) -> Result<String, Problem> {
    // There is no currency in it.
    if order.amount.currency() != Currency::Krw {
        return Err(Problem::Unsupported { what: "currency" });
    }
    let mut fields = buyer(&order.customer);
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    put("identifier", order.receipt.identity.as_str().into());
    let kind = match IdentityKind::of(&order.receipt) {
        IdentityKind::Phone => "phone",
        IdentityKind::Business => "business",
        IdentityKind::Resident => "person",
        IdentityKind::Card => "taxcard",
    };
    put("identifier_type", kind.into());
    let what_for = match order.receipt.kind {
        ReceiptKind::Personal => "person",
        ReceiptKind::Corporate => "company",
    };
    put("type", what_for.into());
    for (name, part) in [("tax_free", order.tax_free), ("vat_amount", order.vat)] {
        if let Some(part) = part {
            put(name, number(part));
        }
    }
    if let Some(product) = order.channel.product_type {
        put("product_type", product_word(product).into());
    }
    if order.provider_payment_id.is_none() {
        put("channel_key", order.channel.key.as_str().into());
        put("name", order.order_name.as_str().into());
        put("amount", number(order.amount));
    }
    Ok(Value::Object(fields).to_string())
}

/// Issue of a virtual account (V1 §13.2). A cash receipt has no place in it.
pub(super) fn account(order: &AccountOrder) -> Result<String, Problem> {
    let channel = &order.sale.channel;
    let rule = &rules(Generation::V1, &channel.pg).virtual_account;
    let bank = bank_code(channel, order.bank)?;
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
