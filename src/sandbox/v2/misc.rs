//! Tokens, banks, pre-registration, closing a virtual account, sending a webhook again (V2 §7, §14, §16).

use super::{Answer, Call, error, ok, payments, store};
use crate::sandbox::catalog::BANKS_V2;
use crate::sandbox::journal::Journal;
use crate::sandbox::model::{Method, Prepared, Status, Version};
use crate::sandbox::state::State;
use crate::sandbox::webhook;

fn tokens(state: &mut State) -> Answer {
    let now = state.now();
    let State { tokens, rng, .. } = state;
    let (access, refresh) = tokens.v2(now, rng);
    ok(|o| {
        o.str("accessToken", &access).str("refreshToken", &refresh);
    })
}

/// `POST /login/api-secret`.
pub fn login(state: &mut State, call: &Call) -> Answer {
    let input = call.input()?;
    if input.need_str("apiSecret")? != state.settings.v2_secret {
        return Err(error("UNAUTHORIZED", "인증에 실패하였습니다. API Secret을 확인하세요."));
    }
    tokens(state)
}

/// `POST /token/refresh`.
pub fn refresh(state: &mut State, call: &Call) -> Answer {
    let input = call.input()?;
    if !state.tokens.refresh_ok(input.need_str("refreshToken")?, state.now()) {
        return Err(error("UNAUTHORIZED", "refreshToken: unknown or expired"));
    }
    tokens(state)
}

/// `GET /banks`.
pub fn banks() -> Answer {
    ok(|o| {
        o.arr("items", |list| {
            for (code, name) in BANKS_V2.iter() {
                list.obj(|o| {
                    o.str("bank", code).obj("name", |o| {
                        o.str("ko", name);
                    });
                });
            }
        });
    })
}

/// `POST /payments/{paymentId}/pre-register`.
pub fn pre_register(state: &mut State, call: &Call) -> Answer {
    let input = call.input()?;
    let at_store = store(input.str("storeId")?)?;
    let currency = input.word("currency", "Currency")?;
    let amount = input.int("totalAmount")?;
    input.int("taxFreeAmount")?;
    let payment = call.param(0);
    if state.find_payment(at_store, payment).is_some_and(|at| state.attempt(at).was_paid()) {
        return Err(error("ALREADY_PAID", "이미 결제된 주문입니다."));
    }
    let value = Prepared { amount, currency: currency.map(Box::from) };
    state.notes.push(Journal::prepared_line(Version::V2, at_store, payment, &value));
    state.prepared.insert((Version::V2, at_store, payment.into()), value);
    ok(|_| ())
}

/// `POST /payments/{paymentId}/virtual-account/close`.
pub fn close_account(state: &mut State, call: &Call) -> Answer {
    let at = payments::find(state, call, call.query_store()?)?;
    if state.attempt(at).status != Status::Issued {
        return Err(error("PAYMENT_NOT_WAITING_FOR_DEPOSIT", "입금 대기 중인 가상계좌가 아닙니다."));
    }
    let now = state.now();
    close(state, at);
    ok(|o| {
        o.time("closedAt", now);
    })
}

/// A closed account is filed under failures as 계좌말소 (V2 §6.1).
pub fn close(state: &mut State, at: u32) {
    let now = state.now();
    state.set_status(at, Status::Failed);
    state.change_attempt(at, |attempt| {
        if let Some(Method::Account(account)) = &mut attempt.method {
            account.closed = now;
        }
        attempt.failure = Some(Box::new(crate::sandbox::model::Failure {
            code: "VA_CLOSED".into(),
            text: "계좌말소".into(),
        }));
    });
}

/// The webhook a resend request names: the given one, or the payment's latest.
fn hook(state: &State, call: &Call) -> Result<u32, super::Reply> {
    let input = call.input()?;
    let at_store = store(input.str("storeId")?)?;
    let at = payments::find(state, call, at_store)?;
    let wanted = input.str("webhookId")?;
    let found = state.attempt(at).hooks.iter().rev().copied().find(|row| {
        let hook = state.hooks.log.get(*row as usize);
        hook.is_some_and(|hook| wanted.is_none_or(|id| id == &*hook.id))
    });
    found.ok_or_else(|| error("WEBHOOK_NOT_FOUND", "웹훅 내역이 존재하지 않습니다."))
}

/// `POST /payments/{paymentId}/resend-webhook`: plans the send; `http` lets it happen and asks [`resent`].
pub fn resend(state: &mut State, call: &Call) -> Answer {
    let row = hook(state, call)?;
    if !webhook::resend(state, row) {
        return Err(error("MAX_WEBHOOK_RETRY_COUNT_REACHED", "웹훅 재발송 횟수를 초과하였습니다."));
    }
    let now = state.now();
    state.hooks.due.insert((now, row));
    resent(state, call)
}

/// The log entry of the webhook, as it stands.
pub fn resent(state: &State, call: &Call) -> Answer {
    let row = hook(state, call)?;
    let found = state.hooks.log.get(row as usize);
    let hook = found.ok_or_else(|| error("WEBHOOK_NOT_FOUND", "웹훅 내역이 존재하지 않습니다."))?;
    ok(|o| {
        o.obj("webhook", |o| webhook::write(o, hook));
    })
}
