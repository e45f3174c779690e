//! Hosted checkout sessions (V2 §17), as far as a server sees them: there is no checkout page behind the URL.

use super::{Answer, Call, error, ok, store};
use crate::sandbox::catalog::{self, CHANNELS};
use crate::sandbox::input::{In, in_enum};
use crate::sandbox::journal::Journal;
use crate::sandbox::json;
use crate::sandbox::model::Session;
use crate::sandbox::state::State;

/// Longest life of a session in seconds; the real ceiling is not published.
const LONGEST: i64 = 7 * 86_400;
/// Life when none is asked for.
const DEFAULT: i64 = 3_600;
/// The one checkout profile there is.
const PROFILE: &str = "profile-sandbox";

fn copy(o: &mut json::Obj<'_>, input: &In<'_>, keys: &[&str]) {
    for key in keys {
        if let Some(value) = input.get(key) {
            o.raw(key, &value.to_string());
        }
    }
}

/// `POST /payment-sessions`.
pub fn create(state: &mut State, call: &Call) -> Answer {
    let input = call.input()?;
    let at_store = store(Some(input.need_str("storeId")?))?;
    for key in ["paymentId", "profileKey", "orderName"] {
        input.need_str(key)?;
    }
    input.need_word("country", "Country")?;
    input.need_word("currency", "Currency")?;
    if input.need_int("totalAmount")? <= 0 {
        return Err(input.bad("totalAmount", "must be greater than 0").into());
    }
    input.word("paymentMethod", "CheckoutPaymentMethod")?;
    let texts = ["redirectUrl", "customerName", "customerEmail", "storeName", "orderImageUrl", "customData"];
    for key in texts {
        input.str(key)?;
    }
    let products = input.list("products")?;
    for product in &products {
        product.need_str("name")?;
        product.need_int("unitPrice")?;
        product.need_int("quantity")?;
    }
    let agreements = input.list("agreements")?;
    for agreement in &agreements {
        agreement.need_str("name")?;
        agreement.need_str("url")?;
    }
    let colors = input.obj("colors")?;
    if let Some(colors) = &colors {
        for key in ["primary", "primaryHover", "primaryLight"] {
            colors.str(key)?;
        }
    }
    let life = input.int("ttlSeconds")?.unwrap_or(DEFAULT);
    if life > LONGEST {
        return Err(error("MAX_TTL_EXCEEDED", "ttlSeconds: at most 604800"));
    }
    let life = u32::try_from(life).ok().filter(|life| *life > 0);
    let life = life.ok_or_else(|| super::Reply::from(input.bad("ttlSeconds", "must be greater than 0")))?;
    let fields = json::object(|o| {
        copy(o, &input, &["paymentId", "profileKey", "paymentMethod", "country", "currency", "totalAmount"]);
        copy(o, &input, &["orderName"]);
        copy(o, &input, &texts);
        if !products.is_empty() {
            let texts = ["startDate", "endDate", "url", "nPayCategoryType", "nPayCategoryId", "nPayUid"];
            o.arr("products", |list| {
                for product in &products {
                    list.obj(|o| {
                        copy(o, product, &["id", "name", "code", "unitPrice", "quantity"]);
                        copy(o, product, &texts);
                    });
                }
            });
        }
        if !agreements.is_empty() {
            o.arr("agreements", |list| {
                for agreement in &agreements {
                    list.obj(|o| copy(o, agreement, &["name", "url"]));
                }
            });
        }
        if let Some(colors) = &colors {
            o.obj("colors", |o| copy(o, colors, &["primary", "primaryHover", "primaryLight"]));
        }
    });
    let now = state.now();
    let id: Box<str> = format!("session-{}", state.rng.uuid(now)).into();
    let session = Session {
        store: at_store,
        fields: fields.into(),
        created: now,
        expires: now.saturating_add(life),
        closed: 0,
    };
    state.notes.push(Journal::session_line(&id, &session));
    let expires = session.expires;
    state.sessions.insert(id.clone(), session);
    ok(|o| {
        o.str("sessionId", &id).str("url", &format!("https://sandbox.invalid/checkout/{id}"));
        o.time("expiresAt", expires);
    })
}

/// `GET /payment-sessions/{sessionId}`: open to anyone who has the id.
pub fn one(state: &State, call: &Call) -> Answer {
    let Some(session) = state.sessions.get(call.param(0)) else {
        return Err(error("SESSION_NOT_FOUND", "결제 세션이 존재하지 않습니다."));
    };
    if session.closed != 0 || session.expires <= state.now() {
        return Err(error("SESSION_EXPIRED", "결제 세션이 만료되었습니다."));
    }
    let inner = session.fields.trim_start_matches('{').trim_end_matches('}').len();
    let mut reply = ok(|o| {
        o.str("id", call.param(0)).str("storeId", catalog::store(session.store).id);
        o.time("createdAt", session.created).time("expiresAt", session.expires);
    })?;
    if inner > 0 {
        reply.body.pop();
        reply.body.push(',');
        reply.body.push_str(session.fields.get(1..).unwrap_or("}"));
    }
    Ok(reply)
}

/// `POST /payment-sessions/{sessionId}/close`.
pub fn close(state: &mut State, call: &Call) -> Answer {
    let now = state.now();
    let Some(session) = state.sessions.get_mut(call.param(0)) else {
        return Err(error("SESSION_NOT_FOUND", "결제 세션이 존재하지 않습니다."));
    };
    if session.closed == 0 {
        session.closed = now;
    }
    let (closed, line) = (session.closed, Journal::session_line(call.param(0), session));
    state.notes.push(line);
    ok(|o| {
        o.time("closedAt", closed);
    })
}

/// `GET /checkout-profiles/evaluate`: plain query parameters, no credential.
pub fn evaluate(call: &Call) -> Answer {
    let need =
        |key: &str| call.query(key).ok_or_else(|| error("INVALID_REQUEST", &format!("{key}: is required")));
    let profile = need("profileKey")?;
    if !in_enum("Country", need("country")?) || !in_enum("Currency", need("currency")?) {
        return Err(error("INVALID_REQUEST", "country, currency: not a known code"));
    }
    if need("amount")?.parse::<i64>().is_err() {
        return Err(error("INVALID_REQUEST", "amount: must be an integer"));
    }
    if profile != PROFILE {
        return Err(error("PROFILE_SETTINGS_NOT_FOUND", "profileKey: the sandbox has profile-sandbox only"));
    }
    ok(|o| {
        o.arr("methods", |list| {
            for channel in CHANNELS.iter().filter(|channel| channel.pg == "PAYPAL_V2") {
                list.obj(|o| {
                    o.str("paymentMethod", "PAY_PAL").str("channelKey", channel.key);
                });
            }
        });
    })
}
