//! Cancels (V2 §13): HTTP 200 says only that the request was understood.

use super::{Answer, Call, Reply, error, ok, payments, pg_error, store, write};
use crate::sandbox::catalog;
use crate::sandbox::input::In;
use crate::sandbox::refund::{self, Ask, No};
use crate::sandbox::rules;
use crate::sandbox::state::State;

fn positive(input: &In<'_>, key: &str, least: i64) -> Result<Option<i64>, Reply> {
    match input.int(key)? {
        Some(value) if value < least => Err(input.bad(key, &format!("must be at least {least}")).into()),
        value => Ok(value),
    }
}

/// `POST /payments/{paymentId}/cancel`.
pub fn cancel(state: &mut State, call: &Call) -> Answer {
    let input = call.input()?;
    let at_store = store(input.str("storeId")?)?;
    let reason = input.need_str("reason")?;
    let requester = input.word("requester", "CancelRequester")?;
    input.word("promotionDiscountRetainOption", "PromotionDiscountRetainOption")?;
    input.str("refundEmail")?;
    let account = match input.obj("refundAccount")? {
        None => false,
        Some(account) => {
            account.need_word("bank", "Bank")?;
            account.need_str("number")?;
            account.need_str("holderName")?;
            account.str("holderPhoneNumber")?;
            true
        }
    };
    let ask = Ask {
        amount: positive(&input, "amount", 1)?,
        tax_free: positive(&input, "taxFreeAmount", 0)?,
        vat: positive(&input, "vatAmount", 0)?,
        balance: input.int("currentCancellableAmount")?,
        reason,
        account,
        console: false,
        silent: input.bool("skipWebhook")?.unwrap_or_default(),
    };
    let at = payments::find(state, call, at_store)?;
    if state.settings.pg_rules && requester.is_none() {
        rules::requester(catalog::channel(state.attempt(at).channel))
            .map_err(|why| error("INVALID_REQUEST", &why))?;
    }
    match refund::cancel(state, at, &ask) {
        Ok(place) => {
            let attempt = state.attempt(at);
            ok(|o| {
                o.obj("cancellation", |o| {
                    if let Some(cancel) = attempt.cancels.get(place) {
                        write::cancellation(o, cancel);
                    }
                });
            })
        }
        Err(no) => Err(refused(&no)),
    }
}

fn refused(no: &No) -> Reply {
    let (kind, text) = match no {
        No::NotPaid => ("PAYMENT_NOT_PAID", "결제가 완료되지 않았습니다."),
        No::Already => ("PAYMENT_ALREADY_CANCELLED", "이미 취소된 결제입니다."),
        No::Balance => {
            ("CANCELLABLE_AMOUNT_CONSISTENCY_BROKEN", "취소 가능 잔액이 currentCancellableAmount와 다릅니다.")
        }
        No::TooMuch => ("CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT", "취소 가능 금액을 초과하였습니다."),
        No::TaxFree => (
            "CANCEL_TAX_FREE_AMOUNT_EXCEEDS_CANCELLABLE_TAX_FREE_AMOUNT",
            "취소 가능 면세 금액을 초과하였습니다.",
        ),
        No::Taxable => {
            ("CANCEL_TAX_AMOUNT_EXCEEDS_CANCELLABLE_TAX_AMOUNT", "취소 가능 과세 금액을 초과하였습니다.")
        }
        No::Parts => {
            ("SUM_OF_PARTS_EXCEEDS_CANCEL_AMOUNT", "taxFreeAmount + vatAmount is greater than amount")
        }
        No::Count => ("MAX_CANCEL_COUNT_REACHED", "취소 횟수를 초과하였습니다."),
        No::Pg(code, text) => return pg_error(code, text),
    };
    error(kind, text)
}

/// `POST /payments/{paymentId}/cancellations/{cancellationId}/stop` (V2 §13.2).
pub fn stop(state: &mut State, call: &Call) -> Answer {
    let at_store = store(call.input()?.str("storeId")?)?;
    let at = payments::find(state, call, at_store)?;
    let attempt = state.attempt(at);
    let place = attempt.cancels.iter().position(|cancel| *cancel.id == *call.param(1));
    let Some(place) = place else {
        return Err(error("PAYMENT_CANCELLATION_NOT_FOUND", "취소 내역이 존재하지 않습니다."));
    };
    let triple_a = catalog::channel(attempt.channel).pg == "TRIPLE_A";
    if attempt.cancels[place].status != crate::sandbox::model::CancelStatus::Requested {
        return Err(error("PAYMENT_CANCELLATION_NOT_PENDING", "the cancellation is not pending"));
    }
    if !triple_a {
        return Err(pg_error("NOT_SUPPORTED", "취소 중단을 지원하지 않는 PG사입니다."));
    }
    refund::stop(state, at, place);
    let now = state.now();
    ok(|o| {
        o.time("stoppedAt", now);
    })
}
