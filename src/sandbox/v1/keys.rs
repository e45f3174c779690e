//! Billing keys (V1 §8): `customer_uid` is the merchant's own name for one.

use super::charge::{card, check, customer, text};
use super::{Answer, Call, Read as _, Reply, channel_by_key, channel_by_pg, error, fail, ok, ok_raw, write};
use crate::domain::pg::Operation;
use crate::sandbox::catalog::{self, ChannelNo, StoreNo};
use crate::sandbox::charge::{self, NewKey};
use crate::sandbox::input::In;
use crate::sandbox::json;
use crate::sandbox::model::{Row, Version};
use crate::sandbox::rules::{self, Facts};
use crate::sandbox::state::State;

/// A key of this store that has not been deleted.
pub fn live(state: &State, store: StoreNo, name: &str) -> Option<Row> {
    state.find_key(store, name).filter(|at| {
        let key = state.key(*at);
        key.deleted == 0 && key.version == Version::V1
    })
}

/// A missing key: 200 with code 1 as seen on the wire, or 404 as the schema says (V1 §17.3).
fn missing(state: &State, name: &str) -> Reply {
    let text = format!("요청하신 customer_uid({name})로 등록된 정보를 찾을 수 없습니다.");
    if state.settings.v1_missing_key_404 { error(404, &text) } else { fail(1, &text) }
}

/// The channels a new key is issued on, and the group they come from.
pub fn channels(
    state: &State,
    call: &Call,
    input: &In<'_>,
) -> Result<(Vec<ChannelNo>, Option<&'static catalog::Group>), Reply> {
    let group = match input.str("channel_group_id").or_fail()? {
        Some(id) => Some(id),
        None => input.str("channelGroupId").or_fail()?,
    };
    if let Some(id) = group {
        let group = catalog::find_group(id, Version::V1).filter(|_| call.store == 0);
        let group = group.ok_or_else(|| fail(1, "channel_group_id에 해당하는 그룹을 찾을 수 없습니다."))?;
        return Ok((group.members.iter().map(|(channel, _)| *channel).collect(), Some(group)));
    }
    let channel = match input.str("channel_key").or_fail()? {
        Some(key) => channel_by_key(key, call.store)?,
        None if state.settings.v1_strict_channel => {
            return Err(fail(1, "channel_key 파라메터가 누락되었습니다."));
        }
        None => channel_by_pg(input.str("pg").or_fail()?, call.store),
    };
    Ok((vec![channel], None))
}

/// Issues a key from the card fields of a request; `what` starts the text of a refusal.
pub fn make(state: &mut State, call: &Call, input: &In<'_>, name: &str, what: &str) -> Result<Row, Reply> {
    let (card, birth, password) = card(state, input, what)?;
    let (channels, group) = channels(state, call, input)?;
    let mut customer = customer(input)?;
    let toss = channels.iter().any(|no| catalog::channel(*no).pg == "tosspayments");
    if toss && customer.as_ref().is_none_or(|customer| customer.id.is_none()) {
        // Asked for by Toss, accepted when absent: PortOne invents a new one on every issue (V1 §4.1).
        let now = state.now();
        customer.get_or_insert_default().id = Some(state.rng.uuid(now));
    }
    for channel in &channels {
        check(
            state,
            *channel,
            input,
            Facts { birth, password, customer: customer.as_deref(), ..Facts::of(Operation::IssueKey) },
        )?;
    }
    let new = NewKey {
        version: Version::V1,
        name: name.into(),
        store: call.store,
        channels,
        group: group.map(|group| group.id.into()),
        card,
        customer,
        custom_data: None,
        notice_urls: Vec::new(),
    };
    charge::issue_key(state, new).map_err(|refusals| {
        let (code, text) = refusals.first().map_or(("", ""), |(_, code, text)| (code, text));
        fail(-1, &format!("{what} [{code}]{text}"))
    })
}

/// `POST /subscribe/customers/{customer_uid}`.
pub fn issue(state: &mut State, call: &Call) -> Answer {
    let name = call.param(0);
    if name.is_empty() || name.chars().count() > 80 {
        return Err(fail(1, "customer_uid는 1자 이상 80자 이하여야 합니다."));
    }
    let input = call.form()?;
    text(&input, "channel_key", 55)?;
    let at = make(state, call, &input, name, "카드정보 인증 및 빌키 발급에 실패하였습니다.")?;
    ok(|o| write::key(o, state.key(at)))
}

/// `GET /subscribe/customers/{customer_uid}`.
pub fn one(state: &State, call: &Call) -> Answer {
    let at = live(state, call.store, call.param(0)).ok_or_else(|| missing(state, call.param(0)))?;
    ok(|o| write::key(o, state.key(at)))
}

/// `DELETE /subscribe/customers/{customer_uid}`. Schedules stay and will fail (V1 §17.4).
pub fn delete(state: &mut State, call: &Call) -> Answer {
    let at = live(state, call.store, call.param(0)).ok_or_else(|| missing(state, call.param(0)))?;
    if state.settings.pg_rules && (call.query("reason").is_none() || call.query("extra[requester]").is_none())
    {
        for no in &state.key(at).channels {
            rules::requester(catalog::channel(*no)).map_err(|why| fail(1, &why))?;
        }
    }
    let kept = charge::delete_key(state, at);
    if let Some((_, code, text)) = kept.refusals.first() {
        return Err(fail(-1, &format!("빌링키 삭제에 실패하였습니다. [{code}]{text}")));
    }
    ok(|o| write::key(o, state.key(at)))
}

/// `GET /subscribe/customers?customer_uid[]=…`: 207 when some are unknown.
pub fn several(state: &State, call: &Call) -> Answer {
    let names = call.queries("customer_uid");
    let found: Vec<Row> = names.iter().filter_map(|name| live(state, call.store, name)).collect();
    if found.is_empty() {
        return Err(error(404, "요청하신 customer_uid로 등록된 정보를 찾을 수 없습니다."));
    }
    let list = json::array(|list| found.iter().for_each(|at| list.obj(|o| write::key(o, state.key(*at)))));
    ok_raw(if found.len() == names.len() { 200 } else { 207 }, &list)
}

/// `GET /subscribe/customers/{customer_uid}/payments`, newest first, twenty a page.
pub fn payments(state: &State, call: &Call) -> Answer {
    let key =
        live(state, call.store, call.param(0)).ok_or_else(|| error(404, "등록되지 않은 구매자입니다."))?;
    let (page, _) = super::payments::paging(call)?;
    let all = state.by_requested.between(0, u32::MAX).iter().rev();
    let rows: Vec<Row> = all.map(|(_, at)| *at).filter(|at| state.attempt(*at).key() == Some(key)).collect();
    ok_raw(200, &write::page(&rows, page, 20, |list, at| list.obj(|o| write::payment(o, state, at))))
}
