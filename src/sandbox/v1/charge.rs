//! Key-in payments and charges of stored keys (V1 §7, §9).

use super::{Answer, Call, Read as _, Reply, channel_by_key, channel_by_pg, fail, keys, ok, write};
use crate::domain::pg::Operation;
use crate::sandbox::card::Card;
use crate::sandbox::catalog::{self, ChannelNo, StoreNo};
use crate::sandbox::charge::{self, NewKey, Order, Refused};
use crate::sandbox::input::In;
use crate::sandbox::model::{Customer, Extra, Row, Source, Status, Version};
use crate::sandbox::rules::{self, Facts};
use crate::sandbox::state::State;

/// Longest `merchant_uid` (V1 §4.1).
const LONGEST_UID: usize = 40;

/// A text with its limit in characters (V1 §4.3).
pub fn text<'a>(input: &In<'a>, key: &str, most: usize) -> Result<Option<&'a str>, Reply> {
    let value = input.str(key).or_fail()?;
    if value.is_some_and(|text| text.chars().count() > most) {
        return Err(fail(1, &format!("{key} 파라메터는 최대 {most}자까지 입력할 수 있습니다.")));
    }
    Ok(value)
}

/// A required `merchant_uid`.
pub fn merchant_uid<'a>(input: &In<'a>) -> Result<&'a str, Reply> {
    input.need_str("merchant_uid").or_fail()?;
    text(input, "merchant_uid", LONGEST_UID).map(Option::unwrap_or_default)
}

/// The `buyer_*` fields.
pub fn buyer(input: &In<'_>) -> Result<Option<Box<Customer>>, Reply> {
    person(input, "buyer", [16, 64, 16, 128, 8])
}

/// The `customer_*` fields.
pub fn customer(input: &In<'_>) -> Result<Option<Box<Customer>>, Reply> {
    let person = person(input, "customer", [20, 200, 20, 200, 8])?;
    let id = text(input, "customer_id", 80)?;
    if id.is_none() {
        return Ok(person);
    }
    let mut person = person.unwrap_or_default();
    person.id = id.map(Box::from);
    Ok(Some(person))
}

fn person(input: &In<'_>, prefix: &str, most: [usize; 5]) -> Result<Option<Box<Customer>>, Reply> {
    let [name, email, tel, addr, postcode] = most;
    let field = |key: &str, most: usize| {
        text(input, &format!("{prefix}_{key}"), most).map(|value| value.map(Box::<str>::from))
    };
    let customer = Customer {
        name: field("name", name)?,
        email: field("email", email)?,
        phone: field("tel", tel)?,
        address: field("addr", addr)?.map(|line| (line, None)),
        zipcode: field("postcode", postcode)?,
        ..Customer::default()
    };
    Ok((customer != Customer::default()).then(|| Box::new(customer)))
}

/// The rare fields of a charge. `custom_data` objects come back as JSON text (V1 §6.1).
pub fn extra(input: &In<'_>) -> Result<Option<Box<Extra>>, Reply> {
    let custom = match input.get("custom_data") {
        None => None,
        Some(serde_json::Value::String(text)) if text.is_empty() => None,
        Some(serde_json::Value::String(text)) => Some(text.clone().into_boxed_str()),
        Some(other) => Some(other.to_string().into()),
    };
    let extra = Extra {
        custom_data: custom,
        promotion: input.str("promotion_id").or_fail()?.map(Box::from),
        notice_urls: input.strs("notice_url").or_fail()?.into_iter().map(Box::from).collect(),
        group: input.str("channelGroupId").or_fail()?.map(Box::from),
        interest_free: input.bool("interest_free_by_merchant").or_fail()?.unwrap_or_default(),
        point: input.bool("use_card_point").or_fail()?.unwrap_or_default(),
        ..Extra::default()
    };
    let empty = extra.custom_data.is_none()
        && extra.promotion.is_none()
        && extra.notice_urls.is_empty()
        && extra.group.is_none()
        && !extra.interest_free
        && !extra.point;
    Ok((!empty).then(|| Box::new(extra)))
}

/// Amount, tax-free part, VAT and currency of a charge.
pub struct Money {
    /// Total in minor units.
    pub total: i64,
    /// Tax-free part.
    pub tax_free: Option<i64>,
    /// VAT, when given.
    pub vat: Option<i64>,
    /// ISO code.
    pub currency: [u8; 3],
}

/// Reads the money of a charge (V1 §4.4).
pub fn money(input: &In<'_>) -> Result<Money, Reply> {
    let currency = input.word("currency", "Currency").or_fail()?.unwrap_or("KRW");
    let scale = catalog::scale(currency);
    let total = input.major("amount", scale).or_fail()?;
    let total = total.ok_or_else(|| fail(1, "amount 파라메터가 누락되었습니다."))?;
    let tax_free = input.major("tax_free", scale).or_fail()?;
    let vat = input.major("vat_amount", scale).or_fail()?;
    if total <= 0 {
        return Err(fail(1, "결제금액은 0보다 커야 합니다."));
    }
    let parts = tax_free.unwrap_or_default().saturating_add(vat.unwrap_or_default());
    if parts > total || tax_free.is_some_and(|part| part < 0) || vat.is_some_and(|part| part < 0) {
        return Err(fail(1, "면세금액과 부가세의 합이 결제금액보다 클 수 없습니다."));
    }
    Ok(Money { total, tax_free, vat, currency: charge::currency(currency) })
}

/// Instalments: 0, or 2 and more, from 50,000 won up (V1 §4.4).
pub fn months(input: &In<'_>, total: i64) -> Result<u8, Reply> {
    let months = input.int("card_quota").or_fail()?.unwrap_or_default();
    match u8::try_from(months) {
        Ok(0) => Ok(0),
        Ok(months @ 2..=60) if total >= 50_000 => Ok(months),
        Ok(2..=60) => Err(fail(1, "할부는 50,000원 이상 결제 시 가능합니다.")),
        _ => Err(fail(1, "card_quota 파라메터가 올바르지 않습니다.")),
    }
}

/// A card as V1 spells it (V1 §4.6). Its values are checked and not kept.
pub fn card(state: &State, input: &In<'_>, what: &str) -> Result<(Card, bool, bool), Reply> {
    let number = input.need_str("card_number").or_fail()?;
    let expiry = input.need_str("expiry").or_fail()?;
    let birth = input.str("birth").or_fail()?;
    let password = input.str("pwd_2digit").or_fail()?;
    input.str("cvc").or_fail()?;
    let refuse = |text: &str| fail(-1, &format!("{what} {text}"));
    let month = expiry.as_bytes();
    let dated = month.len() == 7
        && month.get(4) == Some(&b'-')
        && month.iter().enumerate().all(|(at, c)| at == 4 || c.is_ascii_digit())
        && expiry.get(5..).is_some_and(|month| ("01"..="12").contains(&month));
    if !dated {
        return Err(refuse("유효기간을 YYYY-MM 형식으로 입력해주세요."));
    }
    let digits = |text: &str| text.bytes().all(|c| c.is_ascii_digit());
    if birth.is_some_and(|text| !matches!(text.len(), 6 | 10) || !digits(text)) {
        return Err(refuse("생년월일 6자리 또는 사업자등록번호 10자리를 입력해주세요."));
    }
    if password.is_some_and(|text| text.len() != 2 || !digits(text)) {
        return Err(refuse("비밀번호 앞 2자리를 입력해주세요."));
    }
    let corporate = birth.is_some_and(|text| text.len() == 10);
    let card = Card::read(number, corporate, &state.card_key);
    let card = card.ok_or_else(|| refuse("유효하지않은 카드번호를 입력하셨습니다."))?;
    Ok((card, birth.is_some(), password.is_some()))
}

/// Whether a `merchant_uid` may be charged (V1 §4.2): not when a charge with it was approved or waits.
pub fn may_charge(state: &State, store: StoreNo, payment: &str) -> Result<(), Reply> {
    let Some(newest) = state.find_payment(store, payment) else { return Ok(()) };
    let taken = state.tries(newest).any(|at| {
        let attempt = state.attempt(at);
        attempt.was_paid() || attempt.status == Status::Pending
    });
    if taken { Err(fail(1, "이미 승인완료된 merchant_uid입니다.")) } else { Ok(()) }
}

/// Checks a request against its PG's own rules, unless the sandbox is lenient.
pub fn check(state: &State, channel: ChannelNo, input: &In<'_>, facts: Facts<'_>) -> Result<(), Reply> {
    if !state.settings.pg_rules {
        return Ok(());
    }
    let facts = Facts { product_type: input.has("product_type"), ..facts };
    rules::check(catalog::channel(channel), &facts).map_err(|why| fail(-1, &why))
}

/// The answer of a charge that was tried: a payment either way, or a refusal without one (V1 §3.1).
pub fn tried(state: &State, result: Result<Row, Refused>, what: &str) -> Answer {
    match result {
        Ok(at) | Err(Refused { attempt: Some(at), .. }) => ok(|o| write::payment(o, state, at)),
        Err(refused) => Err(fail(-1, &format!("{what} [{}]{}", refused.code, refused.text))),
    }
}

/// `POST /subscribe/payments/onetime`.
pub fn onetime(state: &mut State, call: &Call) -> Answer {
    const WHAT: &str = "카드정보 인증에 실패하였습니다.";
    let input = call.form()?;
    let payment = merchant_uid(&input)?;
    let money = money(&input)?;
    let name = text(&input, "name", LONGEST_UID)?.unwrap_or("주문");
    let months = months(&input, money.total)?;
    let customer = buyer(&input)?;
    let extra = extra(&input)?;
    let key_name = text(&input, "customer_uid", 80)?;
    let (card, birth, password) = card(state, &input, WHAT)?;
    let channel = match input.str("channelGroupId").or_fail()? {
        Some(id) => {
            let group = catalog::find_group(id, Version::V1).filter(|_| call.store == 0);
            let group = group.ok_or_else(|| fail(1, "channelGroupId에 해당하는 그룹을 찾을 수 없습니다."))?;
            charge::draw_from(group, state.rng.below(100))
        }
        None => channel_by_pg(input.str("pg").or_fail()?, call.store),
    };
    let facts = Facts {
        payment: Some(payment),
        name: Some(name),
        customer: customer.as_deref(),
        birth,
        password,
        months: u32::from(months),
        total: money.total,
        ..Facts::of(Operation::KeyInCard)
    };
    check(state, channel, &input, facts)?;
    may_charge(state, call.store, payment)?;
    let mut order = Order {
        version: Version::V1,
        store: call.store,
        channel,
        payment: payment.into(),
        name: name.into(),
        total: money.total,
        tax_free: money.tax_free.unwrap_or_default(),
        vat: money.vat,
        currency: money.currency,
        customer: customer.clone(),
        extra,
        months,
        source: Source::KeyIn,
    };
    // The card is stored as a key only when the charge goes through.
    let effect = card.trick().map(|trick| trick.effect);
    let declined = effect.is_some_and(|effect| {
        let newest = state.find_payment(call.store, payment);
        effect.charge(newest.map_or(0, |newest| state.tries(newest).count())).is_some()
    });
    if let (Some(name), false) = (key_name, declined) {
        let key = NewKey {
            version: Version::V1,
            name: name.into(),
            store: call.store,
            channels: vec![channel],
            group: None,
            card,
            customer,
            custom_data: None,
            notice_urls: Vec::new(),
        };
        if let Ok(at) = charge::issue_key(state, key) {
            order.source = Source::Issue(at);
        }
    }
    let result = charge::card(state, order, card);
    tried(state, result, WHAT)
}

/// `POST /subscribe/payments/again`.
pub fn again(state: &mut State, call: &Call) -> Answer {
    let input = call.form()?;
    let key_name = input.need_str("customer_uid").or_fail()?;
    let payment = merchant_uid(&input)?;
    let money = money(&input)?;
    // Required by the current schema, left out by older samples (V1 §9).
    let name = text(&input, "name", LONGEST_UID)?.unwrap_or("주문");
    let months = months(&input, money.total)?;
    let customer = buyer(&input)?;
    let extra = extra(&input)?;
    let key =
        keys::live(state, call.store, key_name).ok_or_else(|| fail(1, "등록되지 않은 구매자입니다."))?;
    let pinned =
        input.str("channel_key").or_fail()?.map(|key| channel_by_key(key, call.store)).transpose()?;
    if pinned.is_some_and(|pinned| !state.key(key).channels.contains(&pinned)) {
        return Err(fail(1, "이 빌링키는 해당 채널로 발급되지 않았습니다."));
    }
    may_charge(state, call.store, payment)?;
    let channel = charge::key_channel(state, key, pinned);
    let stored = state.key(key);
    let customer = customer.or_else(|| stored.customer.clone());
    let card = stored.card;
    let facts = Facts {
        payment: Some(payment),
        name: Some(name),
        customer: customer.as_deref(),
        months: u32::from(months),
        total: money.total,
        ..Facts::of(Operation::ChargeKey)
    };
    check(state, channel, &input, facts)?;

    let order = Order {
        version: Version::V1,
        store: call.store,
        channel,
        payment: payment.into(),
        name: name.into(),
        total: money.total,
        tax_free: money.tax_free.unwrap_or_default(),
        vat: money.vat,
        currency: money.currency,
        customer,
        extra,
        months,
        source: Source::Key(key),
    };
    let result = charge::card(state, order, card);
    tried(state, result, "결제에 실패하였습니다.")
}
