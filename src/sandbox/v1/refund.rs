//! Cancel (V1 §12): no cancel id, no idempotency; `checksum` is the only guard.

use super::payments::by_imp_uid;
use super::{Answer, Call, Read as _, Reply, error, fail, ok, write};
use crate::sandbox::catalog;
use crate::sandbox::model::{CancelStatus, Row, Version};
use crate::sandbox::refund::{self, Ask, No};
use crate::sandbox::state::State;

fn missing() -> Reply {
    fail(1, "취소할 결제건이 존재하지 않습니다.")
}

/// `imp_uid` wins; a wrong one fails even if `merchant_uid` is right.
fn target(state: &State, call: &Call, imp_uid: Option<&str>, uid: Option<&str>) -> Result<Row, Reply> {
    match (imp_uid, uid) {
        (Some(imp_uid), _) => by_imp_uid(state, call, imp_uid).ok_or_else(missing),
        (None, Some(uid)) => {
            let newest = state.find_payment(call.store, uid).ok_or_else(missing)?;
            let mut tries = state.tries(newest).filter(|at| state.attempt(*at).version == Version::V1);
            let paid = tries.find(|at| state.attempt(*at).was_paid());
            paid.or(Some(newest)).filter(|at| state.attempt(*at).version == Version::V1).ok_or_else(missing)
        }
        (None, None) => {
            Err(error(400, "취소하려는 결제건의 imp_uid 또는 merchant_uid를 지정해주셔야합니다."))
        }
    }
}

/// `POST /payments/cancel`.
pub fn cancel(state: &mut State, call: &Call) -> Answer {
    let input = call.form()?;
    let at = target(state, call, input.str("imp_uid").or_fail()?, input.str("merchant_uid").or_fail()?)?;
    let scale = catalog::scale(state.attempt(at).currency());
    let money = |key: &str| input.major(key, scale).or_fail();
    let amount = money("amount")?.filter(|amount| *amount != 0);
    if amount.is_some_and(|amount| amount < 0) {
        return Err(fail(1, "취소금액은 0보다 커야 합니다."));
    }
    let account = ["refund_holder", "refund_bank", "refund_account"].iter().all(|key| input.has(key));
    let ask = Ask {
        amount,
        tax_free: money("tax_free")?,
        vat: money("vat_amount")?,
        balance: money("checksum")?,
        reason: input.str("reason").or_fail()?.unwrap_or("취소요청api"),
        account,
        console: false,
        // API cancels send no webhook unless asked (V1 §12).
        silent: !input.bool("enable_webhook").or_fail()?.unwrap_or_default(),
    };
    match refund::cancel(state, at, &ask) {
        Ok(place)
            if state.attempt(at).cancels.get(place).is_some_and(|c| c.status == CancelStatus::Failed) =>
        {
            Err(fail(-1, "취소에 실패하였습니다. 미정산금액 부족으로 취소 불가"))
        }
        Ok(_) => ok(|o| write::payment(o, state, at)),
        Err(no) => Err(refused(&no)),
    }
}

fn refused(no: &No) -> Reply {
    match no {
        No::NotPaid => fail(1, "결제완료된 주문만 취소할 수 있습니다."),
        No::Already => fail(1, "이미 전액취소된 주문입니다."),
        No::Balance => fail(1, "취소 가능 금액이 checksum과 일치하지 않습니다."),
        No::TooMuch => fail(1, "취소 가능 금액을 초과하였습니다."),
        No::TaxFree | No::Taxable | No::Parts => fail(1, "취소 가능한 과세/면세 금액을 초과하였습니다."),
        No::Count => fail(-1, "부분취소 가능 횟수를 초과하였습니다."),
        No::Pg(code, text) => fail(-1, &format!("[{code}]{text}")),
    }
}
