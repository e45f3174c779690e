//! Cash receipts (V1 §13.3), for payments and for cash taken elsewhere.

use super::payments::by_imp_uid;
use super::{Answer, Call, Read as _, Reply, bad, channel_by_key, error, ok};
use crate::sandbox::catalog;
use crate::sandbox::charge;
use crate::sandbox::input::In;
use crate::sandbox::model::{Method, Receipt, Row, Version};
use crate::sandbox::state::State;

/// The name an outside receipt is kept under, so that it never meets a payment's.
fn outside(uid: &str) -> String {
    format!("external/{uid}")
}

fn refuse(reply: Reply) -> Reply {
    Reply { status: 400, ..reply }
}

fn write(receipt: &Receipt) -> Answer {
    let currency = std::str::from_utf8(&receipt.currency).unwrap_or("KRW");
    let scale = catalog::scale(currency);
    ok(|o| {
        match &receipt.tx {
            Some(imp_uid) => o.str("imp_uid", imp_uid),
            None => o.str("merchant_uid", receipt.payment.trim_start_matches("external/")),
        };
        o.str("receipt_tid", &receipt.pg_id).str("apply_num", &receipt.number);
        o.str("type", if receipt.corporate { "company" } else { "person" });
        o.major("amount", receipt.total, scale).major("vat", receipt.vat, scale);
        o.str("receipt_url", &format!("https://sandbox.invalid/cash-receipt/{}", receipt.pg_id));
        o.int("applied_at", receipt.issued).int("cancelled_at", receipt.cancelled);
    })
}

/// The receipt a path names, if one was ever issued.
fn find(state: &State, call: &Call, external: bool) -> Result<Option<Row>, Reply> {
    if external {
        return Ok(state.receipt_for(call.store, &outside(call.param(0))));
    }
    let at =
        by_imp_uid(state, call, call.param(0)).ok_or_else(|| error(404, "존재하지 않는 결제정보입니다."))?;
    let attempt = state.attempt(at);
    Ok(state.receipt_for(call.store, &attempt.payment))
}

/// `GET /receipts/{imp_uid}` and `/receipts/external/{merchant_uid}`.
pub fn one(state: &State, call: &Call, external: bool) -> Answer {
    let found =
        find(state, call, external)?.map(|at| state.receipt(at)).filter(|receipt| receipt.issued != 0);
    write(found.ok_or_else(|| error(404, "발급된 현금영수증이 존재하지 않습니다."))?)
}

/// `identifier` and `type`, checked; the identifier is not kept.
fn corporate(input: &In<'_>) -> Result<bool, Reply> {
    input.need_str("identifier").map_err(|why| refuse(bad(&why)))?;
    let known = ["person", "business", "phone", "taxcard"];
    if input.str("identifier_type").or_fail()?.is_some_and(|kind| !known.contains(&kind)) {
        return Err(error(400, "identifier_type 파라메터가 올바르지 않습니다."));
    }
    match input.str("type").or_fail()? {
        None | Some("person") => Ok(false),
        Some("company") => Ok(true),
        Some(_) => Err(error(400, "type 파라메터가 올바르지 않습니다.")),
    }
}

fn add(state: &mut State, receipt: Receipt) -> Answer {
    let standing = state.receipt_for(receipt.store, &receipt.payment).map(|at| state.receipt(at));
    if standing.is_some_and(|receipt| receipt.issued != 0 && receipt.cancelled == 0) {
        return Err(error(400, "이미 현금영수증이 발급된 거래입니다."));
    }
    let at = state.add_receipt(receipt);
    write(state.receipt(at))
}

/// `POST /receipts/{imp_uid}`: for a paid cash payment, over what is left of it.
pub fn issue(state: &mut State, call: &Call) -> Answer {
    let input = call.form()?;
    let at =
        by_imp_uid(state, call, call.param(0)).ok_or_else(|| error(400, "존재하지 않는 결제정보입니다."))?;
    let corporate = corporate(&input)?;
    let attempt = state.attempt(at);
    if !matches!(attempt.method, Some(Method::Account(_))) {
        return Err(error(501, "현금영수증 발급을 지원하지 않는 결제수단입니다."));
    }
    if !attempt.was_paid() || attempt.left() == 0 {
        return Err(error(400, "결제가 완료되지 않은 거래입니다."));
    }
    let total = attempt.left();
    let tax_free = input.major("tax_free", catalog::scale(attempt.currency())).or_fail()?;
    let tax_free = tax_free.unwrap_or(attempt.tax_free - attempt.cancelled_tax_free).clamp(0, total);
    let receipt = Receipt {
        version: Version::V1,
        store: call.store,
        channel: attempt.channel,
        payment: attempt.payment.clone(),
        tx: Some(attempt.tx.clone()),
        manual: true,
        corporate,
        name: attempt.name.clone(),
        total,
        tax_free,
        vat: charge::vat(total, tax_free),
        currency: attempt.currency,
        number: Box::from(""),
        pg_id: Box::from(""),
        issued: 0,
        cancelled: 0,
    };
    let receipt = stamp(state, receipt);
    add(state, receipt)
}

/// Gives a receipt its numbers and its time.
fn stamp(state: &mut State, receipt: Receipt) -> Receipt {
    let now = state.now();
    let number = format!("{:09}", state.rng.below(1_000_000_000)).into();
    Receipt { number, pg_id: state.rng.pg_tx("R", now), issued: now, ..receipt }
}

/// `POST /receipts/external/{merchant_uid}`.
pub fn issue_external(state: &mut State, call: &Call) -> Answer {
    let input = call.form()?;
    let key = input.need_str("channel_key").map_err(|why| refuse(bad(&why)))?;
    let name = input.need_str("name").map_err(|why| refuse(bad(&why)))?;
    let total = input.need_int("amount").map_err(|why| refuse(bad(&why)))?;
    let corporate = corporate(&input)?;
    let channel = channel_by_key(key, call.store).map_err(refuse)?;
    let tax_free = input.int("tax_free").or_fail()?.unwrap_or_default();
    if total <= 0 || !(0..=total).contains(&tax_free) {
        return Err(error(400, "amount 파라메터가 올바르지 않습니다."));
    }
    let receipt = Receipt {
        version: Version::V1,
        store: call.store,
        channel,
        payment: outside(call.param(0)).into(),
        tx: None,
        manual: true,
        corporate,
        name: name.into(),
        total,
        tax_free,
        vat: input.int("vat_amount").or_fail()?.unwrap_or_else(|| charge::vat(total, tax_free)),
        currency: *b"KRW",
        number: Box::from(""),
        pg_id: Box::from(""),
        issued: 0,
        cancelled: 0,
    };
    let receipt = stamp(state, receipt);
    add(state, receipt)
}

/// `DELETE /receipts/{imp_uid}` and `/receipts/external/{merchant_uid}`.
pub fn cancel(state: &mut State, call: &Call, external: bool) -> Answer {
    let status = if external { 404 } else { 400 };
    let never = || error(status, "발급된 현금영수증이 존재하지 않습니다.");
    let found = find(state, call, external).map_err(|_| never())?;
    let at = found.filter(|at| state.receipt(*at).issued != 0).ok_or_else(never)?;
    if state.receipt(at).cancelled != 0 {
        return Err(error(400, "이미 취소된 현금영수증입니다."));
    }
    let now = state.now();
    state.change_receipt(at, |receipt| receipt.cancelled = now);
    write(state.receipt(at))
}
