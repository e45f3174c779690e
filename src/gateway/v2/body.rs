//! What V2 is sent: JSON with what everybody may see, and around card data a writer into the vault.

use jiff::{Timestamp, tz};
use serde_json::{Map, Value, json};

use crate::domain::account::AccountKind;
use crate::domain::billing_key::{BillingKey, KeySearch, KeyStatus, KeyText};
use crate::domain::cash_receipt::{IdentityKind, ReceiptOrder};
use crate::domain::channel::ProductType;
use crate::domain::customer::Customer;
use crate::domain::money::Money;
use crate::domain::order::{
    AccountOrder, Installments, KeyChargeOrder, KeyInOrder, KeyOrder, Requester, Sale,
};
use crate::domain::pg::{ExpiryForm, FixedAccount, Generation, rules};
use crate::domain::problem::Problem;
use crate::domain::refund::RefundOrder;
use crate::domain::schedule::{ScheduleOrder, ScheduleRevoke, Span};
use crate::domain::text::SafeText;
use crate::vault::{BodyWriter, Field};

/// The fields that every charge has (V2 §8.1).
fn sale(store_id: &str, sale: &Sale) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("storeId".to_owned(), store_id.into());
    fields.insert("orderName".to_owned(), sale.order_name.as_str().into());
    fields.insert("amount".to_owned(), amount(sale.amount, sale.tax_free, sale.vat));
    fields.insert("currency".to_owned(), sale.amount.currency().code().into());
    fields.extend(customer(&sale.customer).map(|customer| ("customer".to_owned(), customer)));
    if let Some(product) = sale.channel.product_type {
        fields.insert("productType".to_owned(), product_word(product).into());
    }
    fields
}

/// `PaymentAmountInput` (V2 §1.4). The parts are sent when given, zero included: left out, the PG computes the VAT
/// and takes all as taxable.
fn amount(total: Money, tax_free: Option<Money>, vat: Option<Money>) -> Value {
    let mut amount = json!({"total": total.minor_signed()});
    for (name, part) in [("taxFree", tax_free), ("vat", vat)] {
        if let Some(part) = part {
            amount[name] = part.minor_signed().into();
        }
    }
    amount
}

/// What is sold (V2 §5.2).
const fn product_word(product: ProductType) -> &'static str {
    match product {
        ProductType::Physical => "PHYSICAL",
        ProductType::Digital => "DIGITAL",
    }
}

/// `CustomerInput` (V2 §5.1); nothing when nothing is known.
fn customer(customer: &Customer) -> Option<Value> {
    let mut fields = Map::new();
    fields.extend(customer.id().map(|id| ("id".to_owned(), id.into())));
    fields.extend(customer.name().map(|name| ("name".to_owned(), json!({"full": name}))));
    // Digits only: the form takes them with dashes, as people say them.
    fields.extend(customer.phone_digits().map(|phone| ("phoneNumber".to_owned(), phone.into())));
    fields.extend(customer.email().map(|email| ("email".to_owned(), email.into())));
    (!fields.is_empty()).then_some(Value::Object(fields))
}

/// Writes an object without its last brace, to be continued.
fn open(w: &mut BodyWriter<'_>, fields: Map<String, Value>) {
    let text = Value::Object(fields).to_string();
    w.text(text.strip_suffix('}').unwrap_or(&text));
}

/// Writes `"credential":{…}` with all four that were given (V2 §8.2).
fn credential(w: &mut BodyWriter<'_>) {
    w.text("\"credential\":{\"number\":\"");
    w.digits(Field::Number, 0..Field::Number.capacity());
    // The vault holds MMYY as printed.
    w.text("\",\"expiryYear\":\"");
    w.digits(Field::Expiry, 2..4);
    w.text("\",\"expiryMonth\":\"");
    w.digits(Field::Expiry, 0..2);
    w.text("\"");
    for (field, name) in
        [(Field::Identity, "birthOrBusinessRegistrationNumber"), (Field::Pin, "passwordTwoDigits")]
    {
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

/// Months and who bears their interest; lump sum is left out (V2 §8.2).
fn installments(installments: Installments) -> Map<String, Value> {
    let mut fields = Map::new();
    if installments.months > 1 {
        fields.insert("installmentMonth".to_owned(), installments.months.into());
        if installments.interest_free {
            fields.insert("useFreeInterestFromMerchant".to_owned(), true.into());
        }
    }
    fields
}

/// Key-in (V2 §8): `method.card`.
pub(super) fn instant(w: &mut BodyWriter<'_>, store_id: &str, order: &KeyInOrder) {
    let mut fields = sale(store_id, &order.sale);
    fields.insert("channelKey".to_owned(), order.sale.channel.key.as_str().into());
    open(w, fields);
    w.text(",\"method\":{\"card\":{");
    credential(w);
    for (name, value) in installments(order.installments) {
        w.text(",");
        w.string(&name);
        w.text(":");
        w.text(&value.to_string());
    }
    w.text("}}}");
}

/// Issue of a billing key (V2 §9.1). There is no id of our choice, so ours goes along as `customData`: a key
/// whose answer was lost is found by it.
pub(super) fn issue_key(w: &mut BodyWriter<'_>, store_id: &str, order: &KeyOrder) {
    let mut fields = Map::new();
    fields.insert("storeId".to_owned(), store_id.into());
    fields.insert("channelKey".to_owned(), order.channel.key.as_str().into());
    fields.extend(customer(&order.customer).map(|customer| ("customer".to_owned(), customer)));
    fields.insert("customData".to_owned(), json!({MARK: order.id.as_str()}).to_string().into());
    open(w, fields);
    w.text(",\"method\":{\"card\":{");
    credential(w);
    w.text("}}}");
}

/// The member of `customData` that holds our id.
pub(super) const MARK: &str = "danmal";

/// What a charge of a key says, now or later (V2 §8.1, columns B and S). No channel: the key's own.
fn of_key(store_id: &str, of: &Sale, key: &BillingKey, months: Installments) -> Map<String, Value> {
    let mut fields = sale(store_id, of);
    fields.insert("billingKey".to_owned(), key.expose().into());
    fields.extend(installments(months));
    fields
}

/// Charge of a billing key (V2 §10): flat.
pub(super) fn charge_key(store_id: &str, order: &KeyChargeOrder) -> String {
    Value::Object(of_key(store_id, &order.sale, &order.key, order.installments)).to_string()
}

/// A schedule (V2 §11.1). The store stands within the payment (V2 §4).
pub(super) fn schedule(store_id: &str, order: &ScheduleOrder) -> String {
    let payment = of_key(store_id, &order.sale, &order.key, order.installments);
    json!({"payment": payment, "timeToPay": seoul(order.at)}).to_string()
}

/// Schedules to revoke, by their ids (V2 §11.4); with the key where it is known, so that an id of another key's
/// is refused.
pub(super) fn revoke(store_id: &str, order: &ScheduleRevoke) -> String {
    let ids: Vec<&str> = order.schedules.iter().map(SafeText::as_str).collect();
    let mut fields = json!({"storeId": store_id, "scheduleIds": ids});
    if let Some(key) = &order.key {
        fields["billingKey"] = key.expose().into();
    }
    fields.to_string()
}

/// Issue of a virtual account (V2 §8.3). `now` is for PGs that take hours only.
pub(super) fn account(store_id: &str, order: &AccountOrder, now: Timestamp) -> Result<String, Problem> {
    let rule = &rules(Generation::V2, &order.sale.channel.pg).virtual_account;
    let bank = order.bank.v2.ok_or(Problem::Unsupported { what: "bank" })?;
    // The due date is the portable form (PG rules §5).
    let hours_only =
        rule.expiry.contains(&ExpiryForm::ValidHours) && !rule.expiry.contains(&ExpiryForm::DueDate);
    let expiry = if hours_only {
        json!({"validHours": hours_until(order.due, now)})
    } else {
        json!({"dueDate": seoul(order.due)})
    };
    let option = match (&order.kind, rule.fixed) {
        (AccountKind::Rotating, _) => json!({"type": "NORMAL"}),
        (AccountKind::Fixed(id), FixedAccount::PgAccountId) => {
            json!({"type": "FIXED", "fixed": {"pgAccountId": id}})
        }
        (AccountKind::Fixed(_), FixedAccount::None) => {
            return Err(Problem::Unsupported { what: "fixed_account" });
        }
        // Where the page does not say in which form, the number is what a person would have.
        (AccountKind::Fixed(number), _) => json!({"type": "FIXED", "fixed": {"accountNumber": number}}),
    };
    let mut account = json!({"bank": bank, "expiry": expiry, "option": option});
    if let Some(receipt) = &order.receipt {
        account["cashReceipt"] =
            json!({"type": receipt.kind.wire(), "customerIdentityNumber": receipt.identity});
    }
    if let Some(holder) = &order.holder {
        account["remitteeName"] = holder.as_str().into();
    }
    let mut fields = sale(store_id, &order.sale);
    fields.insert("channelKey".to_owned(), order.sale.channel.key.as_str().into());
    fields.insert("method".to_owned(), json!({"virtualAccount": account}));
    Ok(Value::Object(fields).to_string())
}

/// RFC 3339 in Korea time, seconds and the colon in the offset included (V2 §1.3).
fn seoul(time: Timestamp) -> String {
    time.display_with_offset(tz::offset(9)).to_string()
}

/// Whole hours, the last one begun counted: the account must not close before the time that was said.
pub(super) fn hours_until(due: Timestamp, now: Timestamp) -> i64 {
    let seconds = due.duration_since(now).as_secs().max(1);
    (seconds + 3_599) / 3_600
}

/// The list of billing keys (V2 §9.3), newest first. Without a beginning it looks back to before there was
/// V2, because the default is 90 days.
pub(super) fn keys(store_id: &str, search: &KeySearch) -> String {
    let mut filter = Map::new();
    let mut put = |name: &str, value: Value| {
        filter.insert(name.to_owned(), value);
    };
    put("storeId", store_id.into());
    put("timeRangeField", "ISSUED_AT".into());
    put(
        "from",
        search.from.map_or_else(|| "2015-01-01T00:00:00Z".to_owned(), |from| from.to_string()).into(),
    );
    if let Some(until) = search.until {
        put("until", until.to_string().into());
    }
    if let Some(status) = search.status {
        put(
            "status",
            json!([match status {
                KeyStatus::Issued => "ISSUED",
                KeyStatus::Deleted => "DELETED",
            }]),
        );
    }
    if let Some(id) = &search.customer_id {
        put("customerId", id.as_str().into());
    }
    if let Some(pg) = &search.pg {
        put("pgProviders", json!([pg.as_str()]));
    }
    if let Some(text) = &search.text {
        let (field, value) = match text {
            KeyText::Phone(value) => ("CUSTOMER_PHONE_NUMBER", value),
            KeyText::Name(value) => ("CUSTOMER_NAME", value),
            KeyText::Key(value) => ("BILLING_KEY", value),
            KeyText::Bin(value) => ("CARD_BIN", value),
        };
        put("textSearch", json!({"field": field, "value": value}));
    }
    json!({
        "page": {"number": search.page, "size": KeySearch::PAGE},
        "sort": {"by": "ISSUED_AT", "order": "DESC"},
        "filter": filter,
    })
    .to_string()
}

/// The list of a caller's payments (V2 §12.2). The search matches from the start of the value, in whatever
/// form it was stored.
pub(super) fn payments_of(store_id: &str, phone: &str, from: Timestamp, size: usize) -> String {
    json!({
        "page": {"number": 0, "size": size},
        "filter": {
            "storeId": store_id, "timestampType": "CREATED_AT", "from": from.to_string(),
            "sortBy": "REQUESTED_AT", "sortOrder": "DESC",
            "textSearch": [{"field": "CUSTOMER_PHONE_NUMBER", "value": phone}],
        },
    })
    .to_string()
}

/// A refund (V2 §13.1): amount and balance always, because an amount left out means "everything".
pub(super) fn refund(store_id: &str, order: &RefundOrder) -> Result<String, Problem> {
    let mut fields = json!({
        "storeId": store_id, "reason": order.reason, "amount": order.amount.minor_signed(),
        "currentCancellableAmount": order.balance.minor_signed(),
    });
    // Left out, the whole of it is taken as taxable.
    for (name, part) in [("taxFreeAmount", order.tax_free), ("vatAmount", order.vat)] {
        if let Some(part) = part {
            fields[name] = part.minor_signed().into();
        }
    }
    if let Some(requester) = order.requester {
        fields["requester"] = requester_word(requester).into();
    }
    if let Some(account) = &order.account {
        let bank = account.bank.v2.ok_or(Problem::Unsupported { what: "bank" })?;
        fields["refundAccount"] =
            json!({"bank": bank, "number": account.number, "holderName": account.holder});
        if let Some(phone) = &account.phone {
            fields["refundAccount"]["holderPhoneNumber"] = phone.as_str().into();
        }
    }
    Ok(fields.to_string())
}

/// Who asked for it (V2 §9.4, §13.1).
pub(super) const fn requester_word(requester: Requester) -> &'static str {
    match requester {
        Requester::Customer => "CUSTOMER",
        Requester::Admin => "ADMIN",
    }
}

/// A cash receipt (V2 §15.1).
pub(super) fn receipt(store_id: &str, order: &ReceiptOrder) -> String {
    let mut customer = json!({"identityNumber": order.receipt.identity});
    let kind = match IdentityKind::of(&order.receipt) {
        IdentityKind::Phone => Some("PHONE"),
        IdentityKind::Business => Some("BUSINESS"),
        IdentityKind::Card => Some("CARD"),
        // There is no word for it.
        IdentityKind::Resident => None,
    };
    for (name, value) in [
        ("identityNumberType", kind.map(str::to_owned)),
        ("name", order.customer.name().map(str::to_owned)),
        ("email", order.customer.email().map(str::to_owned)),
        ("phoneNumber", order.customer.phone_digits()),
    ] {
        if let Some(value) = value {
            customer[name] = value.into();
        }
    }
    let mut fields = json!({
        "storeId": store_id, "paymentId": order.payment.as_str(), "channelKey": order.channel.key,
        "type": order.receipt.kind.wire(), "orderName": order.order_name,
        "currency": order.amount.currency().code(), "amount": amount(order.amount, order.tax_free, order.vat),
        "customer": customer,
    });
    if let Some(product) = order.channel.product_type {
        fields["productType"] = product_word(product).into();
    }
    fields.to_string()
}

/// A page of all payments by the time they were made (V2 §12.4).
pub(super) fn payments(store_id: &str, span: Span, cursor: Option<&str>, size: usize) -> String {
    let mut input = json!({
        "storeId": store_id, "from": span.from.to_string(), "until": span.until.to_string(), "size": size,
    });
    if let Some(cursor) = cursor {
        input["cursor"] = cursor.into();
    }
    input.to_string()
}

/// A list of schedules (V2 §11.3), next first: of one key those that are to run, or all. Both ends are given: by
/// default the future is left out.
pub(super) fn schedules(store_id: &str, span: Span, key: Option<&BillingKey>, page: u32) -> String {
    let mut filter = json!({
        "storeId": store_id, "from": span.from.to_string(), "until": span.until.to_string(),
    });
    if let Some(key) = key {
        filter["billingKey"] = key.expose().into();
        filter["status"] = json!(["SCHEDULED", "STARTED", "PENDING"]);
    }
    json!({
        "page": {"number": page, "size": SCHEDULES},
        "sort": {"by": "TIME_TO_PAY", "order": "ASC"},
        "filter": filter,
    })
    .to_string()
}

/// How many schedules a page has (V2 §1.2).
pub(super) const SCHEDULES: usize = 100;
