//! Key-in payments and charges of billing keys (V2 §8, §10).

use super::read::{self, Amount};
use super::{Answer, Call, Reply, error, ok, pg_error, store};
use crate::domain::pg::Operation;
use crate::sandbox::card::Card;
use crate::sandbox::catalog::{self, StoreNo};
use crate::sandbox::charge::{self, Order};
use crate::sandbox::input::In;
use crate::sandbox::model::{Account, Receipt, Row, ScheduleStatus, Source, Status, Version};
use crate::sandbox::state::State;

/// Attempts on one payment id before `MAX_TRANSACTION_COUNT_REACHED`; the real limit is not published.
const MOST_ATTEMPTS: usize = 50;

/// Whether a payment id may be charged (V2 §4): not when it is paid, waiting, or held by a schedule.
pub fn may_charge(state: &State, at_store: StoreNo, payment: &str) -> Result<(), Reply> {
    if payment.trim().is_empty() {
        return Err(error("INVALID_REQUEST", "paymentId: must not be empty"));
    }
    if let Some(newest) = state.find_payment(at_store, payment) {
        if !matches!(state.attempt(newest).status, Status::Failed | Status::Ready) {
            return Err(error("ALREADY_PAID", "이미 결제된 주문입니다. 새로운 paymentId를 사용하세요."));
        }
        if state.tries(newest).count() >= MOST_ATTEMPTS {
            return Err(error("MAX_TRANSACTION_COUNT_REACHED", "too many attempts on this paymentId"));
        }
    }
    let held = state.schedule_for(at_store, payment).map(|at| state.schedule(at).status);
    if matches!(held, Some(ScheduleStatus::Scheduled | ScheduleStatus::Started | ScheduleStatus::Pending)) {
        return Err(error("PAYMENT_SCHEDULE_ALREADY_EXISTS", "a schedule holds this paymentId"));
    }
    Ok(())
}

/// The answer of a charge: PG number and time, nothing else (V2 §8.4).
fn paid(state: &State, at: Row) -> Answer {
    let attempt = state.attempt(at);
    ok(|o| {
        o.obj("payment", |o| {
            o.str("pgTxId", &attempt.pg_tx).time("paidAt", attempt.requested);
        });
    })
}

/// Reads a credential's card (V2 §8.2). Months and years are checked, their values are not kept.
pub fn credential(state: &State, card: &In<'_>) -> Result<(Card, bool, bool), Reply> {
    let given = card.need_obj("credential")?;
    let number = given.need_str("number")?;
    if !number.bytes().all(|c| c.is_ascii_digit()) {
        return Err(given.bad("number", "must be digits only").into());
    }
    let two = |text: &str| text.len() == 2 && text.bytes().all(|c| c.is_ascii_digit());
    if !two(given.need_str("expiryYear")?) {
        return Err(given.bad("expiryYear", "must be two digits").into());
    }
    let month = given.need_str("expiryMonth")?;
    if !two(month) || !("01"..="12").contains(&month) {
        return Err(given.bad("expiryMonth", "must be 01 to 12").into());
    }
    let birth = given.str("birthOrBusinessRegistrationNumber")?;
    if birth.is_some_and(|text| !matches!(text.len(), 6 | 10) || !text.bytes().all(|c| c.is_ascii_digit())) {
        return Err(given.bad("birthOrBusinessRegistrationNumber", "must be 6 or 10 digits").into());
    }
    let password = given.str("passwordTwoDigits")?;
    if password.is_some_and(|text| !two(text)) {
        return Err(given.bad("passwordTwoDigits", "must be two digits").into());
    }
    let corporate = birth.is_some_and(|text| text.len() == 10);
    let card = Card::read(number, corporate, &state.card_key)
        .ok_or_else(|| Reply::from(given.bad("number", "must have 10 to 20 digits")))?;
    Ok((card, birth.is_some(), password.is_some()))
}

struct Common {
    amount: Amount,
    order: Order,
}

/// The fields every charge has; channel and source are filled in by the caller.
fn common(input: &In<'_>, at_store: StoreNo, payment: &str) -> Result<Common, Reply> {
    let name = input.need_str("orderName")?;
    let currency = read::currency(input)?;
    let customer = read::customer(input)?;
    let extra = read::extra(input)?;
    let amount = read::amount(input)?;
    let order = Order {
        version: Version::V2,
        store: at_store,
        channel: 0,
        payment: payment.into(),
        name: name.into(),
        total: amount.total,
        tax_free: amount.tax_free,
        vat: amount.vat,
        currency,
        customer,
        extra,
        months: 0,
        source: Source::KeyIn,
    };
    Ok(Common { amount, order })
}

/// `POST /payments/{paymentId}/instant`.
pub fn instant(state: &mut State, call: &Call) -> Answer {
    let input = call.input()?;
    let at_store = store(input.str("storeId")?)?;
    let payment = call.param(0);
    let method = input.need_obj("method")?;
    let Common { order, amount } = common(&input, at_store, payment)?;
    match (method.obj("card")?, method.obj("virtualAccount")?) {
        (Some(card), None) => instant_card(state, &input, &card, order),
        (None, Some(account)) => instant_account(state, &input, &account, order, &amount),
        _ => Err(input.bad("method", "needs exactly one of card and virtualAccount").into()),
    }
}

fn instant_card(state: &mut State, input: &In<'_>, method: &In<'_>, order: Order) -> Answer {
    let (card, birth, password) = credential(state, method)?;
    let months = read::months(method)?.unwrap_or(0);
    let interest_free = method.bool("useFreeInterestFromMerchant")?.unwrap_or_default();
    let point = method.bool("useCardPoint")?.unwrap_or_default();
    method.bool("useFreeInstallmentPlan")?;
    let (channels, group) = read::channels(input, order.store)?;
    may_charge(state, order.store, &order.payment)?;
    let channel = match group {
        Some(group) => charge::draw_from(group, state.rng.below(100)),
        None => channels.first().copied().unwrap_or_default(),
    };
    let mut facts =
        read::facts(Operation::KeyInCard, Some(&order.payment), input, order.customer.as_deref())?;
    (facts.birth, facts.password) = (birth, password);
    (facts.months, facts.total) = (u32::from(months), order.total);
    read::check(state, channel, &facts)?;
    let mut order = Order { channel, months, ..order };
    if interest_free || point {
        let extra = order.extra.get_or_insert_default();
        (extra.interest_free, extra.point) = (interest_free, point);
    }
    match charge::card(state, order, card) {
        Ok(at) => paid(state, at),
        Err(refused) => Err(pg_error(refused.code, refused.text)),
    }
}

fn instant_account(
    state: &mut State,
    input: &In<'_>,
    given: &In<'_>,
    order: Order,
    amount: &Amount,
) -> Answer {
    let bank = given.need_word("bank", "Bank")?;
    let expiry = given.need_obj("expiry")?;
    let now = state.now();
    let (expires, hours) = match (expiry.int("validHours")?, expiry.time("dueDate")?) {
        (Some(hours), None) => {
            let hours = u32::try_from(hours).ok().filter(|hours| (1..=8_760).contains(hours));
            let hours = hours.ok_or_else(|| Reply::from(expiry.bad("validHours", "must be 1 to 8760")))?;
            (now.saturating_add(hours * 3_600), Some(hours))
        }
        (None, Some(due)) if due > now => (due, Some(due.saturating_sub(now).div_ceil(3_600))),
        (None, Some(_)) => return Err(expiry.bad("dueDate", "must be in the future").into()),
        _ => return Err(given.bad("expiry", "needs exactly one of validHours and dueDate").into()),
    };
    let option = given.need_obj("option")?;
    let (fixed, number) = match option.need_str("type")? {
        "NORMAL" => (false, None),
        "FIXED" => {
            let fixed = option.need_obj("fixed")?;
            match (fixed.str("pgAccountId")?, fixed.str("accountNumber")?) {
                (Some(_), None) => (true, None),
                (None, Some(number)) => (true, Some(number)),
                _ => {
                    return Err(option
                        .bad("fixed", "needs exactly one of pgAccountId and accountNumber")
                        .into());
                }
            }
        }
        _ => return Err(option.bad("type", "must be NORMAL or FIXED").into()),
    };
    let receipt = match given.obj("cashReceipt")? {
        None => None,
        Some(receipt) => {
            receipt.need_str("customerIdentityNumber")?;
            Some(receipt.need_word("type", "CashReceiptInputType")?)
        }
    };
    let holder = given.str("remitteeName")?;
    let (channels, group) = read::channels(input, order.store)?;
    may_charge(state, order.store, &order.payment)?;
    let channel = match group {
        Some(group) => charge::draw_from(group, state.rng.below(100)),
        None => channels.first().copied().unwrap_or_default(),
    };
    let mut facts =
        read::facts(Operation::KeyInVirtualAccount, Some(&order.payment), input, order.customer.as_deref())?;
    facts.cash_receipt = receipt;
    facts.holder = holder.is_some();
    facts.hours = hours;
    read::check(state, channel, &facts)?;
    let number =
        number.map_or_else(|| format!("{:014}", state.rng.below(100_000_000_000_000)), str::to_owned);
    // KCP shows the customer's name and ignores the given one (V2 §8.3).
    let kcp = catalog::channel(channel).pg == "KCP_V2";
    let shown =
        if kcp { order.customer.as_ref().and_then(|customer| customer.name.as_deref()) } else { holder };
    let account = Account {
        bank: bank.into(),
        number: number.into(),
        fixed,
        holder: shown.map(Box::from),
        remitter: None,
        expires,
        issued: now,
        deposited: 0,
        closed: 0,
    };
    let wanted = receipt.filter(|kind| *kind != "NO_RECEIPT");
    let receipt = wanted.map(|kind| Receipt {
        version: Version::V2,
        store: order.store,
        channel,
        payment: order.payment.clone(),
        tx: None,
        manual: false,
        corporate: kind == "CORPORATE",
        name: order.name.clone(),
        total: amount.total,
        tax_free: amount.tax_free,
        vat: amount.vat.unwrap_or_else(|| charge::vat(amount.total, amount.tax_free)),
        currency: order.currency,
        number: format!("{:09}", state.rng.below(1_000_000_000)).into(),
        pg_id: state.rng.pg_tx("R", now),
        issued: 0,
        cancelled: 0,
    });
    let order = Order { channel, source: Source::Account, ..order };
    let at = charge::account(state, order, account);
    if let Some(receipt) = receipt {
        // Issued for good when the deposit arrives; until then it has no issue time.
        state.add_receipt(receipt);
    }
    paid(state, at)
}

/// The billing key a request names, alive.
pub fn live_key(state: &State, at_store: StoreNo, name: &str) -> Result<Row, Reply> {
    let Some(at) = state.find_key(at_store, name) else {
        return Err(error("BILLING_KEY_NOT_FOUND", "billingKey: not found"));
    };
    if state.key(at).deleted != 0 {
        return Err(error("BILLING_KEY_ALREADY_DELETED", "billingKey: was deleted"));
    }
    Ok(at)
}

/// `POST /payments/{paymentId}/billing-key`.
pub fn by_key(state: &mut State, call: &Call) -> Answer {
    let input = call.input()?;
    let at_store = store(input.str("storeId")?)?;
    let payment = call.param(0);
    let name = input.need_str("billingKey")?;
    let Common { order, .. } = common(&input, at_store, payment)?;
    let months = read::months(&input)?.unwrap_or(0);
    if let Some(receipt) = input.obj("cashReceipt")? {
        receipt.need_word("type", "CashReceiptInputType")?;
    }
    input.bool("useFreeInterestFromMerchant")?;
    input.bool("useCardPoint")?;
    let key = live_key(state, at_store, name)?;
    let pinned = match input.str("channelKey")? {
        None => None,
        Some(pinned) => {
            let channel = read::channel_by_key(pinned, at_store)?;
            if !state.key(key).channels.contains(&channel) {
                return Err(error("CHANNEL_NOT_FOUND", "channelKey: this billing key was not issued on it"));
            }
            Some(channel)
        }
    };
    may_charge(state, at_store, payment)?;
    let channel = charge::key_channel(state, key, pinned);
    let mut facts = read::facts(Operation::ChargeKey, Some(payment), &input, order.customer.as_deref())?;
    (facts.months, facts.total) = (u32::from(months), order.total);
    // What the key knows of the customer need not be said again.
    let customer = order.customer.clone().or_else(|| state.key(key).customer.clone());
    facts.customer = customer.as_deref();
    read::check(state, channel, &facts)?;
    let card = state.key(key).card;
    let order = Order { channel, months, customer, source: Source::Key(key), ..order };
    match charge::card(state, order, card) {
        Ok(at) => paid(state, at),
        Err(refused) => Err(pg_error(refused.code, refused.text)),
    }
}
