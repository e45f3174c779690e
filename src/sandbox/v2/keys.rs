//! Billing keys (V2 §9): issue, one, list, delete.

use super::read::{self, among, page, window};
use super::schedules::sort_of;
use super::{Answer, Call, Reply, charge as charges, error, ok, payments, pg_error, store, write};
use crate::domain::pg::Operation;
use crate::sandbox::catalog::{self, ChannelNo};
use crate::sandbox::charge::{self, NewKey, Refusal};
use crate::sandbox::clock::Time;
use crate::sandbox::json;
use crate::sandbox::model::{Key, Row, ScheduleStatus, Version};
use crate::sandbox::rules;
use crate::sandbox::state::State;
use crate::sandbox::webhook;

/// `POST /billing-keys`.
pub fn issue(state: &mut State, call: &Call) -> Answer {
    let input = call.input()?;
    let at_store = store(input.str("storeId")?)?;
    let method = input.need_obj("method")?;
    let (card, birth, password) = charges::credential(state, &method.need_obj("card")?)?;
    let (channels, group) = read::channels(&input, at_store)?;
    let customer = read::customer(&input)?;
    input.obj("bypass")?;
    let skip = input.bool("skipWebhook")?.unwrap_or_default();
    let mut facts = read::facts(Operation::IssueKey, None, &input, customer.as_deref())?;
    (facts.birth, facts.password) = (birth, password);
    for channel in &channels {
        read::check(state, *channel, &facts)?;
    }
    let now = state.now();
    let name: Box<str> = format!("billing-key-{}", state.rng.uuid(now)).into();
    let new = NewKey {
        version: Version::V2,
        name,
        store: at_store,
        channels,
        group: group.map(|group| group.id.into()),
        card,
        customer,
        custom_data: input.str("customData")?.map(Box::from),
        notice_urls: input.strs("noticeUrls")?.into_iter().map(Box::from).collect(),
    };
    let at = charge::issue_key(state, new).map_err(|refusals| refused(&refusals, &[]))?;
    if !skip {
        webhook::key(state, at, "BillingKey.Issued");
    }
    let key = state.key(at);
    ok(|o| {
        o.obj("billingKeyInfo", |o| {
            o.str("billingKey", &key.name).arr("channels", |list| {
                for no in &key.channels {
                    list.obj(|o| write::channel(o, *no));
                }
            });
            o.time("issuedAt", key.issued);
        });
        o.arr("channelSpecificFailures", |list| {
            for (no, failed) in &key.failures {
                failure(list, *no, &failed.code, &failed.text);
            }
        });
    })
}

/// One of the failures of V2 §9.1.
fn failure(list: &mut json::Arr<'_>, no: ChannelNo, code: &str, text: &str) {
    list.obj(|o| {
        o.str("type", "PG_PROVIDER").obj("channel", |o| write::channel(o, no));
        o.str("pgCode", code).str("pgMessage", text);
    });
}

/// One channel: `PG_PROVIDER`; several: `CHANNEL_SPECIFIC` (V2 §9.1, §9.4).
fn refused(refusals: &[Refusal], succeeded: &[ChannelNo]) -> Reply {
    if let ([(_, code, text)], []) = (refusals, succeeded) {
        return pg_error(code, text);
    }
    let text = if succeeded.is_empty() {
        "모든 채널에서 실패하였습니다."
    } else {
        "일부 채널에서 실패하였습니다."
    };
    let body = json::object(|o| {
        o.str("type", "CHANNEL_SPECIFIC").str("message", text);
        o.arr("failures", |list| {
            for (no, code, text) in refusals {
                failure(list, *no, code, text);
            }
        });
        o.arr("succeededChannels", |list| {
            for no in succeeded {
                list.obj(|o| write::channel(o, *no));
            }
        });
    });
    Reply { status: 502, body }
}

fn find(state: &State, call: &Call) -> Result<Row, Reply> {
    let at_store = call.query_store()?;
    state
        .find_key(at_store, call.param(0))
        .ok_or_else(|| error("BILLING_KEY_NOT_FOUND", "빌링키가 존재하지 않습니다."))
}

/// `GET /billing-keys/{billingKey}`.
pub fn one(state: &State, call: &Call) -> Answer {
    let at = find(state, call)?;
    ok(|o| write::key(o, state.key(at)))
}

/// `DELETE /billing-keys/{billingKey}`: refused while schedules wait (V2 §9.4).
pub fn delete(state: &mut State, call: &Call) -> Answer {
    if call
        .query("requester")
        .is_some_and(|word| !crate::sandbox::input::in_enum("BillingKeyDeleteRequester", word))
    {
        return Err(error("INVALID_REQUEST", "requester: must be CUSTOMER or ADMIN"));
    }
    let at = find(state, call)?;
    if state.key(at).deleted != 0 {
        return Err(error("BILLING_KEY_ALREADY_DELETED", "이미 삭제된 빌링키입니다."));
    }
    if state.settings.pg_rules && (call.query("reason").is_none() || call.query("requester").is_none()) {
        for no in &state.key(at).channels {
            rules::requester(catalog::channel(*no)).map_err(|why| error("INVALID_REQUEST", &why))?;
        }
    }
    let waiting = state.schedules_due.iter().any(|(_, row)| {
        let schedule = state.schedule(*row);
        schedule.key == at && schedule.status == ScheduleStatus::Scheduled
    });
    if waiting {
        return Err(error(
            "PAYMENT_SCHEDULE_ALREADY_EXISTS",
            "this billing key has pending schedules; revoke them first",
        ));
    }
    let kept = charge::delete_key(state, at);
    if !kept.refusals.is_empty() {
        return Err(refused(&kept.refusals, &kept.gone));
    }
    let now = state.now();
    if !call.query("skipWebhook").is_some_and(crate::sandbox::input::truthy) {
        webhook::key(state, at, "BillingKey.Deleted");
    }
    ok(|o| {
        o.time("deletedAt", now);
    })
}

fn status_time(key: &Key) -> Time {
    if key.deleted == 0 { key.issued } else { key.deleted }
}

/// `GET /billing-keys` (V2 §9.3).
pub fn list(state: &State, call: &Call) -> Answer {
    let input = call.input()?;
    let page = page(&input)?;
    let (by, ascending) = sort_of(input.obj("sort")?.as_ref(), "BillingKeySortBy")?;
    let filter = input.obj("filter")?;
    let (from, until) = window(filter.as_ref(), state.now())?;
    let mut wanted = Wanted::default();
    if let Some(filter) = &filter {
        wanted.store = filter.str("storeId")?.map(|id| store(Some(id))).transpose()?;
        wanted.field = filter.word("timeRangeField", "BillingKeyTimeRangeField")?.unwrap_or_default();
        wanted.status = filter.words("status", "BillingKeyStatus")?;
        wanted.customer = filter.str("customerId")?;
        wanted.methods = filter.words("methods", "BillingKeyPaymentMethodType")?;
        wanted.providers = filter.words("pgProviders", "PgProvider")?;
        wanted.companies = filter.words("pgCompanies", "PgCompany")?;
        wanted.groups = filter.strs("channelGroupIds")?;
        wanted.platform = filter.word("platformType", "PaymentClientType")?;
        wanted.version = filter.word("version", "PortOneVersion")?;
        if let Some(search) = filter.obj("textSearch")? {
            let field = search.need_word("field", "BillingKeyTextSearchField")?;
            wanted.search = Some((field, search.need_str("value")?));
        }
    }
    let time = |key: &Key, word: &str| match word {
        "ISSUED_AT" => key.issued,
        "DELETED_AT" => key.deleted,
        "STATUS_TIMESTAMP" => status_time(key),
        _ => key.requested,
    };
    let lagged = state.now().saturating_sub(call.lag);
    let mut rows = Vec::new();
    for (at, key) in state.keys.iter().enumerate() {
        let stamp = time(key, wanted.field);
        let fresh = call.lag != 0 && status_time(key) > lagged;
        if from <= stamp && stamp < until && stamp != 0 && !fresh && wanted.fits(key) {
            rows.push((time(key, by), Row::try_from(at).unwrap_or(Row::MAX)));
        }
    }
    rows.sort_unstable();
    ok(|o| payments::items(o, &rows, ascending, page, |o, at| write::key(o, state.key(at))))
}

#[derive(Default)]
struct Wanted<'a> {
    store: Option<u8>,
    field: &'a str,
    status: Vec<&'a str>,
    customer: Option<&'a str>,
    methods: Vec<&'a str>,
    providers: Vec<&'a str>,
    companies: Vec<&'a str>,
    groups: Vec<&'a str>,
    platform: Option<&'a str>,
    version: Option<&'a str>,
    search: Option<(&'a str, &'a str)>,
}

impl Wanted<'_> {
    fn fits(&self, key: &Key) -> bool {
        let customer = key.customer.as_deref();
        let channels = || key.channels.iter().map(|no| catalog::channel(*no));
        let version = if key.version == Version::V1 { "V1" } else { "V2" };
        self.store.is_none_or(|store| store == key.store)
            && among(&self.status, if key.deleted == 0 { "ISSUED" } else { "DELETED" })
            && self.customer.is_none_or(|id| customer.and_then(|customer| customer.id.as_deref()) == Some(id))
            && among(&self.methods, "CARD")
            && (self.providers.is_empty()
                || channels().any(|c| self.providers.contains(&c.provider().as_str())))
            && (self.companies.is_empty() || channels().any(|c| self.companies.contains(&c.company())))
            && (self.groups.is_empty() || key.group.as_deref().is_some_and(|id| self.groups.contains(&id)))
            && self.platform.is_none_or(|platform| platform == "API")
            && self.version.is_none_or(|wanted| wanted == version)
            && self.search.is_none_or(|(field, value)| search(key, field, value))
    }
}

fn search(key: &Key, field: &str, value: &str) -> bool {
    let starts = |text: &str| text.starts_with(value);
    let maybe = |text: Option<&str>| text.is_some_and(starts);
    let customer = key.customer.as_deref();
    match field {
        "CARD_BIN" => starts(&format!("{:06}", key.card.bin)),
        "CARD_NUMBER" => starts(&key.card.masked()) || format!("{:04}", key.card.last4) == value,
        "PG_MERCHANT_ID" => key.channels.iter().any(|no| starts(catalog::channel(*no).mid)),
        "CUSTOMER_NAME" => maybe(customer.and_then(|customer| customer.name.as_deref())),
        "CUSTOMER_EMAIL" => maybe(customer.and_then(|customer| customer.email.as_deref())),
        "CUSTOMER_PHONE_NUMBER" => maybe(customer.and_then(|customer| customer.phone.as_deref())),
        "CUSTOMER_ADDRESS" => maybe(customer.and_then(|customer| Some(&*customer.address.as_ref()?.0))),
        "CUSTOMER_ZIPCODE" => maybe(customer.and_then(|customer| customer.zipcode.as_deref())),
        "BILLING_KEY" => starts(&key.name),
        "CHANNEL_GROUP_NAME" => key
            .group
            .as_deref()
            .and_then(|id| catalog::find_group(id, key.version))
            .is_some_and(|group| starts(group.name)),
        _ => false,
    }
}
