//! `/__sandbox/…`: what a test or an operator does to the sandbox itself. Not part of any `PortOne` API, and
//! open to whoever reaches the port.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::catalog::find_store;
use super::charge;
use super::clock::{Time, parse_rfc3339};
use super::fault::Rule;
use super::http::{App, Reply, Request};
use super::input::In;
use super::json::{self, Obj};
use super::model::{CancelStatus, Row, Status, Version};
use super::refund::{self, Ask};
use super::scheduler;
use super::seed;
use super::state::State;
use super::webhook::{self, Format, Mischief, Target, What, deliver};

type Answer = Result<Reply, Reply>;

fn error(status: u16, message: &str) -> Reply {
    super::v2::local_error(status, "SANDBOX_CONTROL", message)
}

#[expect(clippy::unnecessary_wraps, reason = "every operation ends in an Answer")]
fn ok(fill: impl FnOnce(&mut Obj<'_>)) -> Answer {
    Ok(Reply { status: 200, body: json::object(fill) })
}

fn count(len: usize) -> i64 {
    i64::try_from(len).unwrap_or(i64::MAX)
}

/// What can be asked for, told to whoever asks for something else.
const HELP: &str = "GET /__sandbox · GET|POST /__sandbox/clock · GET|POST|DELETE /__sandbox/faults[/id] · \
                    GET|POST /__sandbox/webhooks · POST /__sandbox/webhooks/mischief · POST /__sandbox/settings · \
                    POST /__sandbox/seed · POST /__sandbox/tokens/revoke · \
                    POST /__sandbox/payments/{id}/deposit|approve|fail|dispute|resolve|cancel · \
                    POST /__sandbox/cancellations/{id}/approve|fail";

/// Answers a control request.
pub async fn handle(app: &Arc<App>, request: &Request) -> Reply {
    let body = if request.body.is_empty() {
        Value::Object(Map::new())
    } else {
        match serde_json::from_slice(&request.body) {
            Ok(body) => body,
            Err(_) => return error(400, "the body is not valid JSON"),
        }
    };
    let rest = request.path.trim_start_matches("/__sandbox").trim_matches('/');
    let path: Vec<String> =
        rest.split('/').map(|segment| super::input::percent_decode(segment, false)).collect();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let answer = match (request.method.as_str(), path.as_slice()) {
        ("GET", [""]) => status(&app.state()),
        ("GET", ["clock"]) => clock(&app.state()),
        ("POST", ["clock"]) => advance(app, &body).await,
        ("GET", ["faults"]) => faults(&app.state()),
        ("POST", ["faults"]) => add_faults(app, body),
        ("DELETE", ["faults", id @ ..]) => {
            let id = id.first().and_then(|id| id.parse().ok());
            app.state().faults.remove(id);
            faults(&app.state())
        }
        ("GET", ["webhooks"]) => hooks(&app.state()),
        ("POST", ["webhooks"]) => set_target(app, &body),
        ("POST", ["webhooks", "mischief"]) => mischief(app, &body),
        ("POST", ["settings"]) => settings(app, &body),
        ("POST", ["seed"]) => plant(app, &body),
        ("POST", ["tokens", "revoke"]) => {
            app.state().tokens.revoke_all();
            ok(|_| ())
        }
        ("POST", ["payments", id, what]) => payment(app, id, what, &body),
        ("POST", ["cancellations", id, what @ ("approve" | "fail")]) => {
            cancellation(app, id, *what == "approve")
        }
        _ => Err(error(404, HELP)),
    };
    answer.unwrap_or_else(|error| error)
}

fn input(body: &Value) -> Result<In<'_>, Reply> {
    Ok(In::root(body, false)?)
}

fn status(state: &State) -> Answer {
    ok(|o| {
        o.time("now", state.now()).bool("manualClock", state.clock.is_manual());
        o.int("attempts", count(state.attempts.len())).int("billingKeys", count(state.keys.len()));
        o.int("schedules", count(state.schedules.len())).int("cashReceipts", count(state.receipts.len()));
        o.int("webhooks", count(state.hooks.log.len())).int("faults", count(state.faults.rules().len()));
        o.str("help", HELP);
    })
}

fn clock(state: &State) -> Answer {
    ok(|o| {
        o.time("now", state.now()).int("unix", state.now()).bool("manual", state.clock.is_manual());
        if let Some(next) = scheduler::next(state) {
            o.time("nextEvent", next);
        }
    })
}

/// `{"advanceSeconds": n}` or `{"set": "2026-…"}`. Everything due happens at its own time, webhooks included.
async fn advance(app: &Arc<App>, body: &Value) -> Answer {
    let input = input(body)?;
    let now = app.state().now();
    let target = match (input.int("advanceSeconds")?, input.str("set")?) {
        (Some(seconds), None) => Time::try_from(seconds).ok().and_then(|seconds| now.checked_add(seconds)),
        (None, Some(text)) => parse_rfc3339(text).filter(|at| *at >= now),
        _ => return Err(error(400, "give advanceSeconds (a number) or set (an RFC 3339 time)")),
    };
    let Some(target) = target else { return Err(error(400, "time does not run backwards")) };
    if !app.state().clock.is_manual() {
        return Err(error(409, "this clock is real; start with --clock manual"));
    }
    let sending = app.delivering.lock().await;
    loop {
        let next = {
            let state = app.state();
            let hook = state.hooks.due.first().map(|(at, _)| *at);
            [scheduler::next(&state), hook].into_iter().flatten().min().filter(|at| *at <= target)
        };
        let Some(next) = next else { break };
        app.change(|state| {
            state.clock.set(next);
            if scheduler::next(state).is_some_and(|at| at <= next) {
                scheduler::step(state);
            }
        });
        match app.client() {
            Some(client) => deliver::flush(app, client).await,
            None => drop(app.state().hooks.take_due(next)),
        }
    }
    app.change(|state| {
        state.clock.set(target);
        state.notes.push(super::journal::Journal::clock_line(target));
    });
    drop(sending);
    clock(&app.state())
}

fn faults(state: &State) -> Answer {
    let text = serde_json::to_string(state.faults.rules()).unwrap_or_default();
    ok(|o| {
        o.raw("faults", &text);
    })
}

/// Reads fault rules: one object, or a list of them.
pub fn read_faults(body: Value) -> Result<Vec<Rule>, String> {
    let list = match body {
        Value::Array(list) => list,
        one => vec![one],
    };
    list.into_iter().map(|rule| serde_json::from_value(rule).map_err(|error| error.to_string())).collect()
}

fn add_faults(app: &App, body: Value) -> Answer {
    let rules = read_faults(body).map_err(|why| error(400, &why))?;
    let mut state = app.state();
    let ids: Vec<u32> = rules.into_iter().map(|rule| state.faults.add(rule)).collect();
    ok(|o| {
        o.arr("ids", |list| ids.iter().for_each(|id| list.raw(&id.to_string())));
    })
}

fn hooks(state: &State) -> Answer {
    ok(|o| {
        o.arr("webhooks", |list| {
            for hook in &state.hooks.log {
                list.obj(|o| {
                    webhook::write(o, hook);
                    o.str("body", &hook.body);
                });
            }
        });
    })
}

/// The console's webhook setting: `{"api":"V2","mode":"TEST","url":…,"format":…,"form":…,"secrets":[…]}`.
fn set_target(app: &App, body: &Value) -> Answer {
    let input = input(body)?;
    let version = match input.str("api")?.unwrap_or("V2") {
        "V1" => Version::V1,
        "V2" => Version::V2,
        _ => return Err(error(400, "api: V1 or V2")),
    };
    let live = match input.str("mode")?.unwrap_or("TEST") {
        "TEST" => false,
        "LIVE" => true,
        _ => return Err(error(400, "mode: TEST or LIVE")),
    };
    let store =
        input.str("storeId")?.map_or(Some(0), find_store).ok_or_else(|| error(400, "storeId: unknown"))?;
    let format = match (version, input.str("format")?) {
        (Version::V1, None | Some("v1")) => Format::Plain,
        (Version::V2, None | Some("2024-04-25")) => Format::Typed,
        (Version::V2, Some("2024-01-01")) => Format::Flat,
        _ => return Err(error(400, "format: 2024-04-25 or 2024-01-01 for V2, none for V1")),
    };
    let secrets: Vec<Box<str>> = input.strs("secrets")?.into_iter().map(Box::from).collect();
    if secrets.len() > 2 || webhook::sign::signature(&secrets, "", 0, "").is_none() {
        return Err(error(400, "secrets: at most two, each base64 with or without whsec_"));
    }
    let key = (version, store, live);
    let form = input.bool("form")?.unwrap_or_default();
    let url = input.str("url")?;
    let mut state = app.state();
    match url {
        None | Some("") => drop(state.hooks.targets.remove(&key)),
        Some(url) => drop(state.hooks.targets.insert(key, Target { url: url.into(), format, form, secrets })),
    }
    ok(|_| ())
}

fn mischief(app: &App, body: &Value) -> Answer {
    let wanted: Mischief =
        serde_json::from_value(body.clone()).map_err(|_| error(400, "lose, duplicate, reorder: numbers"))?;
    app.state().hooks.mischief = wanted;
    ok(|_| ())
}

fn settings(app: &App, body: &Value) -> Answer {
    let input = input(body)?;
    let mut state = app.state();
    let settings = &mut state.settings;
    if let Some(value) = input.bool("pgRules")? {
        settings.pg_rules = value;
    }
    if let Some(value) = input.bool("v1MissingKey404")? {
        settings.v1_missing_key_404 = value;
    }
    if let Some(value) = input.bool("v1StrictChannel")? {
        settings.v1_strict_channel = value;
    }
    if let Some(millis) = input.int("slowMillis")? {
        let millis = u64::try_from(millis).map_err(|_| error(400, "slowMillis: must not be negative"))?;
        settings.slow = std::time::Duration::from_millis(millis);
    }
    ok(|o| {
        o.bool("pgRules", settings.pg_rules).bool("v1MissingKey404", settings.v1_missing_key_404);
        o.bool("v1StrictChannel", settings.v1_strict_channel);
        o.int("slowMillis", i64::try_from(settings.slow.as_millis()).unwrap_or(i64::MAX));
    })
}

fn plant(app: &App, body: &Value) -> Answer {
    let input = input(body)?;
    let wanted = u32::try_from(input.need_int("payments")?).map_err(|_| error(400, "payments: a number"))?;
    let seed = input.int("seed")?.unwrap_or(1).unsigned_abs();
    if wanted > 1_000_000 {
        return Err(error(400, "payments: at most 1000000"));
    }
    app.change(|state| seed::plant(state, wanted, seed));
    status(&app.state())
}

fn find(state: &State, id: &str) -> Option<Row> {
    state.find_tx(id).or_else(|| (0..2).find_map(|store| state.find_payment(store, id)))
}

/// What happens to a payment outside any API: a deposit, a late approval, a dispute, a cancel in the console.
fn payment(app: &App, id: &str, what: &str, body: &Value) -> Answer {
    let input = input(body)?;
    let remitter = input.str("remitterName")?.map(Box::from);
    let (amount, reason) = (input.int("amount")?, input.str("reason")?.unwrap_or("관리자페이지취소"));
    let changed = app.change(|state| {
        let at = find(state, id)?;
        Some(match what {
            "deposit" => {
                let done = charge::deposit(state, at, remitter);
                if done {
                    issue_receipt(state, at);
                }
                done
            }
            "approve" => scheduler::settle_pending(state, at, true),
            "fail" => scheduler::settle_pending(state, at, false),
            "dispute" | "resolve" => dispute(state, at, what == "resolve"),
            "cancel" => {
                let ask = Ask { amount, reason, account: true, console: true, ..Ask::default() };
                refund::cancel(state, at, &ask).is_ok()
            }
            _ => false,
        })
    });
    match changed {
        None => Err(error(404, "no payment has this id")),
        Some(true) => ok(|_| ()),
        Some(false) => Err(error(
            409,
            "the payment's state does not allow this (deposit, approve, fail, dispute, resolve, cancel)",
        )),
    }
}

/// A receipt asked for with a virtual account is issued when the money arrives.
fn issue_receipt(state: &mut State, at: Row) {
    let attempt = state.attempt(at);
    let Some(receipt) = state.receipt_for(attempt.store, &attempt.payment) else { return };
    let now = state.now();
    if state.receipt(receipt).issued == 0 {
        state.change_receipt(receipt, |receipt| receipt.issued = now);
    }
}

fn dispute(state: &mut State, at: Row, resolved: bool) -> bool {
    let attempt = state.attempt(at);
    let fits = match attempt.dispute {
        None => !resolved && attempt.status == Status::Paid,
        Some((done, _)) => resolved && !done,
    };
    if fits {
        let now = state.now();
        state.change_attempt(at, |attempt| {
            let began = attempt.dispute.map_or(now, |(_, began)| began);
            attempt.dispute = Some((resolved, began));
        });
        webhook::payment(state, at, if resolved { What::Resolved } else { What::Disputed });
    }
    fits
}

/// Ends a pending refund at once.
fn cancellation(app: &App, id: &str, succeeds: bool) -> Answer {
    let done = app.change(|state| {
        let found = state.attempts.iter().enumerate().find_map(|(row, attempt)| {
            let open =
                |cancel: &super::model::Cancel| *cancel.id == *id && cancel.status == CancelStatus::Requested;
            Some((Row::try_from(row).ok()?, attempt.cancels.iter().position(open)?))
        });
        let Some((at, place)) = found else { return false };
        let number = u16::try_from(place).unwrap_or(u16::MAX);
        state.cancels_due.retain(|(_, row, cancel, _)| (*row, *cancel) != (at, number));
        refund::settle(state, at, place, succeeds)
    });
    if done { ok(|_| ()) } else { Err(error(404, "no pending cancellation has this id")) }
}
