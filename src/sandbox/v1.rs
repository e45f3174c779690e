//! The V1 operations (`api.iamport.kr`): the envelope, dispatch, tokens, code tables.
//!
//! Failures mostly come as HTTP 200 with `code` other than 0, as the live service was seen to do (V1 §3.2).

mod accounts;
mod charge;
mod keys;
mod payments;
mod receipts;
mod refund;
mod schedules;
mod write;

use super::card;
use super::catalog::{self, BANKS_V1, CHANNELS, ChannelNo, ISSUERS, StoreNo};
use super::http::{Call, Reply};
use super::input::{Bad, In, truthy};
use super::journal::Journal;
use super::json::{self, Obj};
use super::model::{Prepared, Version};
use super::route::Op;
use super::state::State;
use super::token;

/// What an operation gives back; the error is an answer too.
pub type Answer = Result<Reply, Reply>;

fn envelope(status: u16, code: i64, message: Option<&str>, response: &str) -> Reply {
    let body = json::object(|o| {
        o.int("code", code).or_null("message", message).raw("response", response);
    });
    Reply { status, body }
}

/// A failure that has an HTTP status of its own.
pub fn error(status: u16, message: &str) -> Reply {
    envelope(status, -1, Some(message), "null")
}

/// A failure under HTTP 200: code 1 or -1, as each case was observed.
fn fail(code: i64, message: &str) -> Reply {
    envelope(200, code, Some(message), "null")
}

/// Success with an object.
#[expect(clippy::unnecessary_wraps, reason = "every operation ends in an Answer")]
fn ok(fill: impl FnOnce(&mut Obj<'_>)) -> Answer {
    Ok(envelope(200, 0, None, &json::object(fill)))
}

/// Success with JSON text and a status (207 for partial multi-gets).
#[expect(clippy::unnecessary_wraps, reason = "every operation ends in an Answer")]
fn ok_raw(status: u16, response: &str) -> Answer {
    Ok(envelope(status, 0, None, response))
}

/// What is said about a field that is missing or wrong. The real texts are Korean sentences too.
fn bad(bad: &Bad) -> Reply {
    let (field, why) = bad.0.split_once(": ").unwrap_or((&bad.0, ""));
    match why {
        "is required" | "must not be empty" => fail(1, &format!("{field} 파라메터가 누락되었습니다.")),
        _ => fail(1, &format!("{field} 파라메터가 올바르지 않습니다. ({why})")),
    }
}

/// Turns a reader's error into V1's answer for it.
trait Read<T> {
    fn or_fail(self) -> Result<T, Reply>;
}

impl<T> Read<T> for Result<T, Bad> {
    fn or_fail(self) -> Result<T, Reply> {
        self.map_err(|why| bad(&why))
    }
}

impl Call {
    fn form(&self) -> Result<In<'_>, Reply> {
        In::root(&self.body, true).or_fail()
    }

    fn flag(&self, name: &str) -> bool {
        self.query(name).is_some_and(truthy)
    }
}

/// The channel a `pg` value names: `provider` or `provider.MID`; anything else is the default PG (V1 §5).
fn channel_by_pg(pg: Option<&str>, store: StoreNo) -> ChannelNo {
    let mine = |channel: &catalog::Channel| channel.version == Version::V1 && channel.store == store;
    let (provider, mid) =
        pg.map_or(("", None), |pg| pg.split_once('.').map_or((pg, None), |(p, m)| (p, Some(m))));
    catalog::find_channel(|channel| {
        mine(channel) && channel.pg == provider && mid.is_none_or(|mid| mid == channel.mid)
    })
    .or_else(|| catalog::find_channel(mine))
    .unwrap_or_default()
}

/// The channel with this key in this store.
fn channel_by_key(key: &str, store: StoreNo) -> Result<ChannelNo, Reply> {
    catalog::find_channel(|channel| {
        channel.key == key && channel.version == Version::V1 && channel.store == store
    })
    .ok_or_else(|| fail(1, "channel_key에 해당하는 채널을 찾을 수 없습니다."))
}

/// Carries an operation out.
pub fn serve(state: &mut State, call: &Call) -> Reply {
    let answer = match call.route.op {
        Op::V1Token => get_token(state, call),
        Op::V1Channels => channels(call),
        Op::V1Keys => keys::several(state, call),
        Op::V1Key => keys::one(state, call),
        Op::V1IssueKey => keys::issue(state, call),
        Op::V1DeleteKey => keys::delete(state, call),
        Op::V1KeyPayments => keys::payments(state, call),
        Op::V1KeySchedules | Op::V1KeySchedulesToo => schedules::by_key(state, call),
        Op::V1Payments => payments::several(state, call),
        Op::V1Payment => payments::one(state, call),
        Op::V1Find | Op::V1FindBy => payments::find(state, call),
        Op::V1FindAll | Op::V1FindAllBy => payments::find_all(state, call),
        Op::V1History => payments::history(state, call),
        Op::V1Balance => payments::balance(state, call),
        Op::V1Prepared => prepared(state, call),
        Op::V1Prepare => prepare(state, call, false),
        Op::V1EditPrepared => prepare(state, call, true),
        Op::V1Cancel => refund::cancel(state, call),
        Op::V1Receipt => receipts::one(state, call, false),
        Op::V1ExternalReceipt => receipts::one(state, call, true),
        Op::V1IssueReceipt => receipts::issue(state, call),
        Op::V1IssueExternalReceipt => receipts::issue_external(state, call),
        Op::V1CancelReceipt => receipts::cancel(state, call, false),
        Op::V1CancelExternalReceipt => receipts::cancel(state, call, true),
        Op::V1Cards => Ok(codes(ISSUERS.iter().map(|issuer| (issuer.code, issuer.name)))),
        Op::V1Card => code(card::issuer_name(call.param(0)).map(|issuer| (issuer.code, issuer.name))),
        Op::V1Banks => Ok(codes(BANKS_V1.iter().copied())),
        Op::V1Bank => code(BANKS_V1.iter().find(|(code, _)| *code == call.param(0)).copied()),
        Op::V1Onetime => charge::onetime(state, call),
        Op::V1Again => charge::again(state, call),
        Op::V1ListSchedules => schedules::list(state, call),
        Op::V1Schedule => schedules::create(state, call),
        Op::V1Unschedule => schedules::revoke(state, call),
        Op::V1OneSchedule => schedules::one(state, call),
        Op::V1Move => schedules::move_it(state, call),
        Op::V1Reschedule => schedules::reschedule(state, call),
        Op::V1Retry => schedules::retry(state, call),
        Op::V1IssueAccount => accounts::issue(state, call),
        Op::V1EditAccount => accounts::edit(state, call),
        Op::V1CloseAccount => accounts::close(state, call),
        _ => Err(error(500, "V2 operation came to V1")),
    };
    answer.unwrap_or_else(|error| error)
}

/// `POST /users/getToken` (V1 §2).
fn get_token(state: &mut State, call: &Call) -> Answer {
    let input = call.form()?;
    let (Ok(key), Ok(secret)) = (input.need_str("imp_key"), input.need_str("imp_secret")) else {
        return Err(error(400, "imp_key, imp_secret 파라메터가 누락되었습니다."));
    };
    if key != state.settings.v1_key || secret != state.settings.v1_secret {
        return Err(error(401, "인증에 실패하였습니다. API키와 secret을 확인하세요."));
    }
    let now = state.now();
    let State { tokens, rng, .. } = state;
    let (token, end) = tokens.v1(now, rng);
    debug_assert!(end <= now.saturating_add(token::LIFE));
    ok(|o| {
        o.str("access_token", &token).int("now", now).int("expired_at", end);
    })
}

/// `GET /users/pg` (V1 §13.4).
fn channels(call: &Call) -> Answer {
    let mine =
        CHANNELS.iter().filter(|channel| channel.version == Version::V1 && channel.store == call.store);
    let list = json::array(|list| {
        for channel in mine {
            list.obj(|o| {
                let kind = if channel.pg == "payco" { "payment" } else { "api_payment" };
                o.str("pg_provider", channel.pg).str("pg_id", channel.mid).bool("sandbox", !channel.live);
                o.str("type", kind).str("channel_name", channel.name).str("channel_key", channel.key);
            });
        }
    });
    ok_raw(200, &list)
}

fn codes<'a>(table: impl Iterator<Item = (&'a str, &'a str)>) -> Reply {
    let list = json::array(|list| {
        for (code, name) in table {
            list.obj(|o| {
                o.str("code", code).str("name", name);
            });
        }
    });
    envelope(200, 0, None, &list)
}

fn code(found: Option<(&str, &str)>) -> Answer {
    let (code, name) = found.ok_or_else(|| error(404, "존재하지 않는 코드입니다."))?;
    ok(|o| {
        o.str("code", code).str("name", name);
    })
}

fn write_prepared(payment: &str, value: &Prepared) -> Answer {
    let currency = value.currency.as_deref();
    ok(|o| {
        o.str("merchant_uid", payment);
        match value.amount {
            Some(amount) => o.major("amount", amount, catalog::scale(currency.unwrap_or("KRW"))),
            None => o.raw("amount", "null"),
        };
        o.opt("currency", currency);
    })
}

/// `POST` and `PUT /payments/prepare` (V1 §13.0).
fn prepare(state: &mut State, call: &Call, edit: bool) -> Answer {
    let input = call.form()?;
    let payment = input.need_str("merchant_uid").or_fail()?;
    let currency = input.str("currency").or_fail()?;
    let amount = input.major("amount", catalog::scale(currency.unwrap_or("KRW"))).or_fail()?;
    let amount = amount.ok_or_else(|| fail(1, "amount 파라메터가 누락되었습니다."))?;
    let name = (Version::V1, call.store, Box::from(payment));
    if edit != state.prepared.contains_key(&name) {
        return Err(if edit {
            error(404, "사전등록된 결제정보가 존재하지 않습니다.")
        } else {
            fail(1, "결제정보 사전등록에 실패하였습니다(이미 등록된 merchant_uid입니다).")
        });
    }
    let value = Prepared { amount: Some(amount), currency: currency.map(Box::from) };
    state.notes.push(Journal::prepared_line(Version::V1, call.store, payment, &value));
    let answer = write_prepared(payment, &value);
    state.prepared.insert(name, value);
    answer
}

/// `GET /payments/prepare/{merchant_uid}`.
fn prepared(state: &State, call: &Call) -> Answer {
    let found = state.prepared.get(&(Version::V1, call.store, Box::from(call.param(0))));
    let value = found.ok_or_else(|| error(404, "사전등록된 결제정보가 존재하지 않습니다."))?;
    write_prepared(call.param(0), value)
}
