//! The money core both generations share: a charge, the virtual account, the billing key. Knows no wire format.

use super::card::{Card, Why};
use super::catalog::{self, ChannelNo, StoreNo};
use super::model::{Account, Attempt, Customer, Extra, Failure, Key, Method, Row, Source, Status, Version};
use super::rules;
use super::state::State;
use super::webhook::{self, What};

/// An order that passed its checks.
pub struct Order {
    /// Generation of the API.
    pub version: Version,
    /// Store.
    pub store: StoreNo,
    /// Channel.
    pub channel: ChannelNo,
    /// Payment id.
    pub payment: Box<str>,
    /// Order name.
    pub name: Box<str>,
    /// Total in minor units.
    pub total: i64,
    /// Tax-free part.
    pub tax_free: i64,
    /// VAT, computed when absent.
    pub vat: Option<i64>,
    /// ISO code.
    pub currency: [u8; 3],
    /// Who pays.
    pub customer: Option<Box<Customer>>,
    /// Rare things.
    pub extra: Option<Box<Extra>>,
    /// Instalment months.
    pub months: u8,
    /// Keyed in, from a key, from a schedule.
    pub source: Source,
}

/// A charge the PG refused.
#[derive(Debug)]
pub struct Refused {
    /// The failed attempt, when one was recorded.
    pub attempt: Option<Row>,
    /// The PG's code.
    pub code: &'static str,
    /// The PG's text.
    pub text: &'static str,
}

/// Three letters of a currency; checked by the caller.
pub fn currency(code: &str) -> [u8; 3] {
    code.as_bytes().try_into().unwrap_or(*b"KRW")
}

/// VAT when none is given: an eleventh of the taxable part (V2 §1.4), to the nearest unit as PGs do (`users` §3; the
/// API's documents do not say).
pub fn vat(total: i64, tax_free: i64) -> i64 {
    ((total - tax_free) * 2 + 11).div_euclid(22)
}

fn pg_prefix(pg: &str) -> &'static str {
    match pg {
        "KCP_V2" | "kcp" => "T",
        "INICIS_V2" | "html5_inicis" => "StdpayCARD",
        "NICE_V2" | "nice_v2" | "nice" => "nictest04m0101",
        "TOSSPAYMENTS" | "tosspayments" => "tviva",
        _ => "P",
    }
}

fn row_of(state: &mut State, order: Order, status: Status, method: Option<Method>) -> Attempt {
    let now = state.now();
    let tx = match order.version {
        Version::V1 => state.new_imp_uid(),
        Version::V2 => state.rng.uuid(now),
    };
    let channel = catalog::channel(order.channel);
    let pg_tx = state.rng.pg_tx(pg_prefix(channel.pg), now);
    let cut = if state.settings.pg_rules { rules::kept_name(channel, &order.name) } else { None };
    Attempt {
        version: order.version,
        status,
        store: order.store,
        channel: order.channel,
        payment: order.payment,
        tx,
        pg_tx,
        name: cut.map_or(order.name, Into::into),
        total: order.total,
        tax_free: order.tax_free,
        vat: order.vat.unwrap_or_else(|| vat(order.total, order.tax_free)),
        currency: order.currency,
        cancelled: 0,
        cancelled_tax_free: 0,
        requested: now,
        changed: now,
        paid: if status == Status::Paid { now } else { 0 },
        cancelled_at: 0,
        previous: None,
        superseded: false,
        source: order.source,
        method,
        customer: order.customer,
        extra: order.extra,
        failure: None,
        cancels: Vec::new(),
        hooks: Vec::new(),
        dispute: None,
    }
}

/// Charges a card. A refusal leaves a failed attempt behind, except where V1 is known not to (V1 §3.1).
pub fn card(state: &mut State, order: Order, card: Card) -> Result<Row, Refused> {
    let effect = card.trick().map(|trick| trick.effect);
    let newest = state.find_payment(order.store, &order.payment);
    let tries = newest.map_or(0, |newest| state.tries(newest).count());
    let months = order.months;
    if let Some(why) = effect.and_then(|effect| effect.charge(tries)) {
        let (code, text) = why.words(catalog::channel(order.channel).pg);
        let typed = matches!(order.source, Source::KeyIn | Source::Issue(_));
        if order.version == Version::V1 && typed && why.leaves_no_row_in_v1() {
            return Err(Refused { attempt: None, code, text });
        }
        let at = refuse(state, order, card, code, text);
        return Err(Refused { attempt: Some(at), code, text });
    }
    let approval = 10_000_000 + state.rng.below32(89_999_999);
    let pending = effect == Some(super::card::Effect::Pending);
    let status = if pending { Status::Pending } else { Status::Paid };
    let attempt = row_of(state, order, status, Some(Method::Card { card, approval, months }));
    let at = state.add_attempt(attempt);
    if pending {
        webhook::payment(state, at, What::PayPending);
    } else {
        let now = state.now();
        state.add_event(at, None, false, now);
        webhook::payment(state, at, What::Paid);
    }
    Ok(at)
}

/// Records a charge that the PG refused.
pub fn refuse(state: &mut State, order: Order, card: Card, code: &str, text: &str) -> Row {
    let months = order.months;
    let mut attempt = row_of(state, order, Status::Failed, Some(Method::Card { card, approval: 0, months }));
    attempt.failure = Some(Box::new(Failure { code: code.into(), text: text.into() }));
    let at = state.add_attempt(attempt);
    webhook::payment(state, at, What::Failed);
    at
}

/// Issues a virtual account.
pub fn account(state: &mut State, order: Order, account: Account) -> Row {
    let attempt = row_of(state, order, Status::Issued, Some(Method::Account(Box::new(account))));
    let at = state.add_attempt(attempt);
    webhook::payment(state, at, What::AccountIssued);
    at
}

/// Money arrived on a virtual account.
pub fn deposit(state: &mut State, at: Row, remitter: Option<Box<str>>) -> bool {
    if state.attempt(at).status != Status::Issued {
        return false;
    }
    approve(state, at);
    let now = state.now();
    state.change_attempt(at, |attempt| {
        if let Some(Method::Account(account)) = &mut attempt.method {
            account.deposited = now;
            account.remitter = remitter;
        }
    });
    webhook::payment(state, at, What::Deposited);
    true
}

/// Marks a waiting attempt as paid and enters it into the ledger.
pub fn approve(state: &mut State, at: Row) {
    let now = state.now();
    state.set_status(at, Status::Paid);
    state.change_attempt(at, |attempt| attempt.paid = now);
    state.add_event(at, None, false, now);
}

/// What a billing key is made of.
pub struct NewKey {
    /// Generation.
    pub version: Version,
    /// Its name; `PortOne` chooses it in V2, the merchant in V1.
    pub name: Box<str>,
    /// Store.
    pub store: StoreNo,
    /// Channels to issue on.
    pub channels: Vec<ChannelNo>,
    /// Group they come from.
    pub group: Option<Box<str>>,
    /// The card.
    pub card: Card,
    /// Whose.
    pub customer: Option<Box<Customer>>,
    /// Echoed text.
    pub custom_data: Option<Box<str>>,
    /// Where its webhooks go.
    pub notice_urls: Vec<Box<str>>,
}

/// A channel of a key that refused, with the PG's code and text.
pub type Refusal = (ChannelNo, &'static str, &'static str);

fn refusals(channels: &[ChannelNo], why: Why) -> Vec<Refusal> {
    let refusal = |channel: &ChannelNo| {
        let (code, text) = why.words(catalog::channel(*channel).pg);
        (*channel, code, text)
    };
    channels.iter().map(refusal).collect()
}

/// Issues a billing key on every channel that takes it; the error lists each channel's refusal when none does.
pub fn issue_key(state: &mut State, mut new: NewKey) -> Result<Row, Vec<Refusal>> {
    let effect = new.card.trick().map(|trick| trick.effect);
    if let Some(why) = effect.and_then(super::card::Effect::issue) {
        return Err(refusals(&new.channels, why));
    }
    let mut failures = Vec::new();
    if let Some((why, first)) = effect.and_then(|effect| effect.issue_partly(new.channels.len())) {
        let failed = refusals(&new.channels.split_off(first), why);
        let failure =
            |(channel, code, text): Refusal| (channel, Failure { code: code.into(), text: text.into() });
        failures = failed.into_iter().map(failure).collect();
    }
    let now = state.now();
    // V1: re-issue keeps the day of the first registration (§8.1 "inserted"/"updated").
    let earlier = state.find_key(new.store, &new.name).map(|at| state.key(at));
    let issued = earlier.filter(|key| key.deleted == 0).map_or(now, |key| key.issued);
    Ok(state.put_key(Key {
        version: new.version,
        name: new.name,
        store: new.store,
        channels: new.channels,
        group: new.group,
        failures,
        card: new.card,
        customer: new.customer,
        custom_data: new.custom_data,
        requested: now,
        issued,
        updated: now,
        deleted: 0,
        notice_urls: new.notice_urls,
    }))
}

/// What a key's PGs say to its deletion: the channels that let it go, and the refusals of the others.
#[derive(Debug, Default)]
pub struct Kept {
    /// Those that let it go, while others don't.
    pub gone: Vec<ChannelNo>,
    /// The others, none when the key is deleted.
    pub refusals: Vec<Refusal>,
}

/// Deletes a key on every channel that lets it go: a key stays as long as one refuses (what becomes of such a key
/// is not documented).
pub fn delete_key(state: &mut State, at: Row) -> Kept {
    let key = state.key(at);
    let refused = key.card.trick().and_then(|trick| trick.effect.delete(key.channels.len()));
    let now = state.now();
    let Some((why, first)) = refused else {
        state.change_key(at, |key| {
            key.deleted = now;
            key.updated = now;
        });
        return Kept::default();
    };
    let (gone, left) = key.channels.split_at(first);
    let kept = Kept { gone: gone.to_vec(), refusals: refusals(left, why) };
    state.change_key(at, |key| {
        key.channels.drain(..first);
        key.updated = now;
    });
    kept
}

/// The channel a key is charged on: the pinned one, or one drawn by its group's weights (V2 §10).
pub fn key_channel(state: &mut State, at: Row, pinned: Option<ChannelNo>) -> ChannelNo {
    if let Some(pinned) = pinned {
        return pinned;
    }
    let draw = state.rng.below(100);
    let key = state.key(at);
    let first = key.channels.first().copied().unwrap_or_default();
    let Some(group) = key.group.as_deref().and_then(|id| catalog::find_group(id, key.version)) else {
        return first;
    };
    // A channel that refused the key, or let it go, can't charge it.
    Some(draw_from(group, draw)).filter(|drawn| key.channels.contains(drawn)).unwrap_or(first)
}

/// A channel of a group for a number below a hundred.
pub fn draw_from(group: &catalog::Group, draw: u64) -> ChannelNo {
    let mut left = draw;
    for (channel, weight) in group.members {
        match left.checked_sub(u64::from(weight)) {
            Some(rest) => left = rest,
            None => return channel,
        }
    }
    group.members[0].0
}

/// The words of a PG that has gone wrong without a card to blame.
pub fn key_gone() -> (&'static str, &'static str) {
    Why::Suspended.words("KCP_V2")
}

#[cfg(test)]
mod tests {
    use crate::domain::money::{Currency, Money};

    #[test]
    fn vat_is_what_the_console_says_it_will_be() {
        let won = |minor: i64| Money::new(minor.unsigned_abs(), Currency::Krw).unwrap();
        for (total, free, vat) in
            [(45_000, 0, 4_091), (1_000, 0, 91), (11_000, 0, 1_000), (45_000, 40_000, 455), (100, 100, 0)]
        {
            assert_eq!(super::vat(total, free), vat);
            assert_eq!(won(total).vat_part(won(free)), won(vat));
        }
    }
}
