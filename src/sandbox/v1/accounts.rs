//! Virtual accounts (V1 §13.2): issue, change (settle only), close.

use super::charge::{buyer, check, extra, may_charge, merchant_uid, money, text};
use super::payments::by_imp_uid;
use super::{Answer, Call, Read as _, Reply, channel_by_key, error, fail, ok, write};
use crate::domain::pg::Operation;
use crate::sandbox::catalog;
use crate::sandbox::charge::{self, Order};
use crate::sandbox::model::{Account, Failure, Method, Row, Source, Status, Version};
use crate::sandbox::rules::Facts;
use crate::sandbox::state::State;

/// PGs with virtual accounts by API (pg-rules.toml, `api.v1.virtual_account_pgs`), and KCP, about which the
/// sources disagree.
const PGS: &[&str] =
    &["settle", "nice", "nice_v2", "html5_inicis", "ksnet", "smartro_v2", "tosspayments", "welcome", "kcp"];

/// `POST /vbanks`.
pub fn issue(state: &mut State, call: &Call) -> Answer {
    let input = call.form()?;
    let channel = channel_by_key(input.need_str("channel_key").or_fail()?, call.store)?;
    let payment = merchant_uid(&input)?;
    let money = money(&input)?;
    let bank = input.need_str("vbank_code").or_fail()?;
    let due =
        input.unix("vbank_due").or_fail()?.ok_or_else(|| fail(1, "vbank_due 파라메터가 누락되었습니다."))?;
    let holder = text(&input, "vbank_holder", 16)?;
    let number = text(&input, "vbank_num", 32)?;
    let fixed = number.is_some() || text(&input, "vbank_key", 13)?.is_some();
    let name = text(&input, "name", 40)?.unwrap_or("주문");
    let (bank, _) =
        catalog::v1_bank(bank).ok_or_else(|| fail(1, "지원되지 않는 은행코드(vbank_code)입니다."))?;
    let pg = catalog::channel(channel).pg;
    if !PGS.contains(&pg) {
        return Err(fail(-1, "API를 통한 가상계좌 발급은 계약이 필요합니다."));
    }
    let now = state.now();
    if due <= now {
        return Err(fail(1, "입금기한(vbank_due)은 현재보다 이후 시각이어야 합니다."));
    }
    let customer = buyer(&input)?;
    let facts = Facts {
        payment: Some(payment),
        name: Some(name),
        customer: customer.as_deref(),
        holder: holder.is_some(),
        hours: Some(due.saturating_sub(now).div_ceil(3_600)),
        total: money.total,
        ..Facts::of(Operation::KeyInVirtualAccount)
    };
    check(state, channel, &input, facts)?;
    may_charge(state, call.store, payment)?;
    let number =
        number.map_or_else(|| format!("{:014}", state.rng.below(100_000_000_000_000)), str::to_owned);
    let account = Account {
        bank: bank.into(),
        number: number.into(),
        fixed,
        // Not applied by these three; tosspayments answers null (V1 §13.2).
        holder: holder.filter(|_| !matches!(pg, "tosspayments" | "ksnet" | "welcome")).map(Box::from),
        remitter: None,
        expires: due,
        issued: now,
        deposited: 0,
        closed: 0,
    };
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
        extra: extra(&input)?,
        months: 0,
        source: Source::Account,
    };
    let at = charge::account(state, order, account);
    ok(|o| write::payment(o, state, at))
}

/// A waiting virtual account, or why it cannot be touched.
fn waiting(state: &State, call: &Call) -> Result<Row, Reply> {
    let at =
        by_imp_uid(state, call, call.param(0)).ok_or_else(|| error(404, "존재하지 않는 결제정보입니다."))?;
    let attempt = state.attempt(at);
    if !matches!(attempt.method, Some(Method::Account(_))) {
        return Err(error(400, "가상계좌 결제건이 아닙니다."));
    }
    if attempt.status != Status::Issued {
        return Err(error(400, "입금 대기 중인 가상계좌가 아닙니다."));
    }
    Ok(at)
}

/// `PUT /vbanks/{imp_uid}`: settle only.
pub fn edit(state: &mut State, call: &Call) -> Answer {
    let input = call.form()?;
    let at = waiting(state, call)?;
    if catalog::channel(state.attempt(at).channel).pg != "settle" {
        return Err(error(400, "가상계좌 수정을 지원하지 않는 PG사입니다."));
    }
    let amount = input.major("amount", catalog::scale(state.attempt(at).currency())).or_fail()?;
    let due = input.unix("vbank_due").or_fail()?;
    if amount.is_some_and(|amount| amount <= 0) || due.is_some_and(|due| due <= state.now()) {
        return Err(error(400, "amount 또는 vbank_due 파라메터가 올바르지 않습니다."));
    }
    state.change_attempt(at, |attempt| {
        if let Some(amount) = amount {
            attempt.total = amount;
            attempt.vat = charge::vat(amount, attempt.tax_free);
        }
        if let (Some(due), Some(Method::Account(account))) = (due, &mut attempt.method) {
            account.expires = due;
        }
    });
    ok(|o| write::payment(o, state, at))
}

/// `DELETE /vbanks/{imp_uid}`. The state afterwards is not documented (V1 §17.14); here it is `failed`, 계좌말소.
pub fn close(state: &mut State, call: &Call) -> Answer {
    let at = waiting(state, call)?;
    let now = state.now();
    state.set_status(at, Status::Failed);
    state.change_attempt(at, |attempt| {
        attempt.failure = Some(Box::new(Failure { code: "VA_CLOSED".into(), text: "계좌말소".into() }));
        if let Some(Method::Account(account)) = &mut attempt.method {
            account.closed = now;
        }
    });
    ok(|o| write::payment(o, state, at))
}
