//! Reading payments (V2 §12): one, its tries, the filtered list, the two cursor lists.

use super::read::{self, among, page, window};
use super::{Answer, Call, Reply, error, ok, store, write};
use crate::sandbox::card::Card;
use crate::sandbox::catalog;
use crate::sandbox::clock::Time;
use crate::sandbox::input::{Bad, In};
use crate::sandbox::model::{Account, Attempt, Customer, Method, Receipt, Row, Source, Status, Version};
use crate::sandbox::state::State;
use crate::sandbox::webhook;

/// `GET /payments`: the last row that may be reached by pages (V2 §1.2).
const DEEPEST: usize = 60_000;
/// Cursor lists: the largest page.
const LARGEST: i64 = 1_000;

/// The newest try at the payment a path names.
pub fn find(state: &State, call: &Call, at_store: u8) -> Result<Row, Reply> {
    state
        .find_payment(at_store, call.param(0))
        .ok_or_else(|| error("PAYMENT_NOT_FOUND", "결제 건이 존재하지 않습니다."))
}

/// `GET /payments/{paymentId}`.
pub fn one(state: &State, call: &Call) -> Answer {
    let at = find(state, call, call.query_store()?)?;
    ok(|o| write::payment(o, state, at))
}

/// `GET /payments/{paymentId}/transactions`.
pub fn transactions(state: &State, call: &Call) -> Answer {
    let at = find(state, call, call.query_store()?)?;
    ok(|o| {
        o.arr("items", |list| {
            for at in state.tries(at) {
                list.obj(|o| write::transaction(o, state, at));
            }
        });
    })
}

/// The list's filter word for a state: `PENDING` where answers say `PAY_PENDING` (V2 §6.1).
fn filter_word(status: Status) -> &'static str {
    if status == Status::Pending { "PENDING" } else { webhook::status_word(status) }
}

struct Filter<'a> {
    store: Option<u8>,
    status: Vec<&'a str>,
    methods: Vec<&'a str>,
    providers: Vec<&'a str>,
    test: Option<bool>,
    scheduled: Option<bool>,
    version: Option<Version>,
    webhook: Option<&'a str>,
    platform: Option<&'a str>,
    currency: Option<&'a str>,
    escrow: Option<bool>,
    escrow_status: bool,
    brand: Option<&'a str>,
    kind: Option<&'a str>,
    owner: Option<&'a str>,
    gift: bool,
    receipt_type: Option<&'a str>,
    receipt_status: Option<&'a str>,
    receipt_issued: Option<(Time, Time)>,
    receipt_cancelled: Option<(Time, Time)>,
    search: Vec<(Look, Needle<'a>)>,
}

fn range(filter: &In<'_>, key: &str) -> Result<Option<(Time, Time)>, Bad> {
    let Some(range) = filter.obj(key)? else { return Ok(None) };
    match (range.time("from")?, range.time("until")?) {
        (Some(from), Some(until)) => Ok(Some((from, until))),
        _ => Err(filter.bad(key, "needs from and until")),
    }
}

impl<'a> Filter<'a> {
    fn read(state: &State, given: &In<'a>) -> Result<Self, Reply> {
        let version = match given.word("version", "PortOneVersion")? {
            Some("V1") => Some(Version::V1),
            Some(_) => Some(Version::V2),
            None => None,
        };
        if given.str("merchantId")?.is_some_and(|id| id != catalog::MERCHANT_ID) {
            return Err(error("FORBIDDEN", "filter.merchantId: another merchant's"));
        }
        let mut search = Vec::new();
        for entry in given.list("textSearch")? {
            let field = entry.need_word("field", "PaymentTextSearchField")?;
            search.push((look(field), Needle::new(state, entry.need_str("value")?)));
        }
        Ok(Self {
            store: given.str("storeId")?.map(|id| store(Some(id))).transpose()?,
            status: given.words("status", "PaymentStatus")?,
            methods: given.words("methods", "PaymentMethodType")?,
            providers: given.words("pgProvider", "PgProvider")?,
            test: given.bool("isTest")?,
            scheduled: given.bool("isScheduled")?,
            version,
            webhook: given.word("webhookStatus", "PaymentWebhookStatus")?,
            platform: given.word("platformType", "PaymentClientType")?,
            currency: given.word("currency", "Currency")?,
            escrow: given.bool("isEscrow")?,
            escrow_status: given.word("escrowStatus", "PaymentFilterInputEscrowStatus")?.is_some(),
            brand: given.word("cardBrand", "CardBrand")?,
            kind: given.word("cardType", "CardType")?,
            owner: given.word("cardOwnerType", "CardOwnerType")?,
            gift: given.word("giftCertificateType", "PaymentMethodGiftCertificateType")?.is_some(),
            receipt_type: given.word("cashReceiptType", "CashReceiptInputType")?,
            receipt_status: given.word("cashReceiptStatus", "PaymentCashReceiptStatus")?,
            receipt_issued: range(given, "cashReceiptIssuedAtRange")?,
            receipt_cancelled: range(given, "cashReceiptCancelledAtRange")?,
            search,
        })
    }

    fn fits(&self, state: &State, attempt: &Attempt) -> bool {
        let channel = catalog::channel(attempt.channel);
        !attempt.superseded
            && self.store.is_none_or(|store| store == attempt.store)
            && among(&self.status, filter_word(attempt.status))
            && self.test.is_none_or(|test| test != channel.live)
            && self.version.is_none_or(|version| version == attempt.version)
            && self.scheduled.is_none_or(|wanted| wanted == matches!(attempt.source, Source::Schedule(..)))
            && self.platform.is_none_or(|platform| platform == "API")
            && self.currency.is_none_or(|currency| currency == attempt.currency())
            && (self.methods.is_empty() || self.methods.contains(&method_word(attempt)))
            && (self.providers.is_empty()
                || self.providers.iter().any(|word| word.eq_ignore_ascii_case(channel.pg)))
            && self.fits_card(attempt)
            && !self.gift
            && !self.escrow_status
            && self
                .escrow
                .is_none_or(|wanted| wanted == attempt.extra.as_ref().is_some_and(|extra| extra.escrow))
            && self.fits_receipt(state, attempt)
            && self.fits_webhook(state, attempt)
            && self.search.iter().all(|(look, needle)| look(state, attempt, needle))
    }

    fn fits_card(&self, attempt: &Attempt) -> bool {
        if self.brand.is_none() && self.kind.is_none() && self.owner.is_none() {
            return true;
        }
        attempt.card().is_some_and(|card| {
            self.brand.is_none_or(|brand| brand == card.brand())
                && self.kind.is_none_or(|kind| kind == card.kind())
                && self.owner.is_none_or(|owner| owner == card.owner())
        })
    }

    fn fits_receipt(&self, state: &State, attempt: &Attempt) -> bool {
        if self.receipt_type.is_none()
            && self.receipt_status.is_none()
            && self.receipt_issued.is_none()
            && self.receipt_cancelled.is_none()
        {
            return true;
        }
        let Some(at) = state.receipt_for(attempt.store, &attempt.payment) else {
            return self.receipt_type == Some("NO_RECEIPT") && self.receipt_status.is_none();
        };
        let receipt = state.receipt(at);
        let status = if receipt.cancelled == 0 { "ISSUED" } else { "CANCELLED" };
        let inside = |range: Option<(Time, Time)>, at: Time| {
            range.is_none_or(|(from, until)| at != 0 && from <= at && at < until)
        };
        self.receipt_type.is_none_or(|kind| kind == write::receipt_type(receipt))
            && self.receipt_status.is_none_or(|wanted| wanted == status && receipt.issued != 0)
            && inside(self.receipt_issued, receipt.issued)
            && inside(self.receipt_cancelled, receipt.cancelled)
    }

    fn fits_webhook(&self, state: &State, attempt: &Attempt) -> bool {
        let Some(wanted) = self.webhook else { return true };
        let last = attempt.hooks.last().and_then(|at| state.hooks.log.get(*at as usize));
        last.and_then(|hook| hook.result).is_some_and(|result| result.word() == wanted)
    }
}

fn method_word(attempt: &Attempt) -> &'static str {
    match attempt.method {
        Some(Method::Card { .. }) => "CARD",
        Some(Method::Account(_)) => "VIRTUAL_ACCOUNT",
        None => "",
    }
}

/// What is searched for, prepared once for all rows.
struct Needle<'a> {
    text: &'a str,
    /// Only digits: worth comparing with numbers.
    digits: bool,
    /// Cash receipts whose numbers fit; few, so that rows need not look theirs up.
    receipts: Vec<Row>,
}

/// Looks for a needle in one field of a payment.
type Look = fn(&State, &Attempt, &Needle<'_>) -> bool;

impl<'a> Needle<'a> {
    fn new(state: &State, text: &'a str) -> Self {
        let fits = |receipt: &Receipt| receipt.pg_id.starts_with(text) || receipt.number.starts_with(text);
        let receipts = state.receipts.iter().enumerate().filter(|(_, receipt)| fits(receipt));
        Self {
            text,
            digits: text.bytes().all(|c| c.is_ascii_digit()),
            receipts: receipts.filter_map(|(at, _)| Row::try_from(at).ok()).collect(),
        }
    }

    /// The console matches from the start of a value, not the middle (V2 §12.2).
    fn starts(&self, text: &str) -> bool {
        text.starts_with(self.text)
    }

    fn maybe(&self, text: Option<&str>) -> bool {
        text.is_some_and(|text| self.starts(text))
    }
}

fn customer(attempt: &Attempt) -> Option<&Customer> {
    attempt.customer.as_deref()
}

fn account(attempt: &Attempt) -> Option<&Account> {
    match &attempt.method {
        Some(Method::Account(account)) => Some(account),
        _ => None,
    }
}

/// The searchable fields (`PaymentTextSearchField`), likely hits first. What is not here no payment has.
const FIELDS: &[(&str, Look)] = &[
    ("PAYMENT_ID", |_, a, n| n.starts(&a.payment)),
    ("ORDER_NAME", |_, a, n| n.starts(&a.name)),
    ("CUSTOMER_NAME", |_, a, n| n.maybe(customer(a).and_then(|c| c.name.as_deref()))),
    ("TX_ID", |_, a, n| n.starts(&a.tx)),
    ("PG_TX_ID", |_, a, n| n.starts(&a.pg_tx)),
    ("CUSTOMER_PHONE_NUMBER", |_, a, n| n.maybe(customer(a).and_then(|c| c.phone.as_deref()))),
    ("CUSTOMER_EMAIL", |_, a, n| n.maybe(customer(a).and_then(|c| c.email.as_deref()))),
    ("CARD_BIN", |_, a, n| n.digits && a.card().is_some_and(|card| n.starts(&format!("{:06}", card.bin)))),
    ("CARD_NUMBER", |_, a, n| {
        let last4 = n.digits && n.text.len() == 4;
        let numeric = n.text.starts_with(|c: char| c.is_ascii_digit());
        a.card().is_some_and(|card| {
            (numeric && n.starts(&card.masked())) || (last4 && format!("{:04}", card.last4) == n.text)
        })
    }),
    ("CARD_APPROVAL_NUMBER", |_, a, n| match a.method {
        Some(Method::Card { approval, .. }) => n.digits && approval != 0 && n.starts(&approval.to_string()),
        _ => false,
    }),
    ("BILLING_KEY", |s, a, n| a.key().is_some_and(|key| n.starts(&s.key(key).name))),
    ("SCHEDULE_ID", |s, a, n| match a.source {
        Source::Schedule(_, at) => n.starts(&s.schedule(at).id),
        _ => false,
    }),
    ("FAIL_REASON", |_, a, n| n.maybe(a.failure.as_ref().map(|failure| &*failure.text))),
    ("CARD_ISSUER", |_, a, n| {
        a.card().map(Card::company).is_some_and(|company| n.starts(company.v2) || n.starts(company.name))
    }),
    ("CARD_ACQUIRER", |_, a, n| {
        a.card().map(Card::company).is_some_and(|company| n.starts(company.v2) || n.starts(company.name))
    }),
    ("VIRTUAL_ACCOUNT_NUMBER", |_, a, n| n.maybe(account(a).map(|account| &*account.number))),
    ("VIRTUAL_ACCOUNT_HOLDER_NAME", |_, a, n| {
        n.maybe(account(a).and_then(|account| account.holder.as_deref()))
    }),
    ("VIRTUAL_ACCOUNT_BANK", |_, a, n| n.maybe(account(a).map(|account| &*account.bank))),
    ("PG_MERCHANT_ID", |_, a, n| n.starts(catalog::channel(a.channel).mid)),
    ("CANCEL_REASON", |_, a, n| a.cancels.iter().any(|cancel| n.starts(&cancel.reason))),
    ("PG_CANCELLATION_ID", |_, a, n| a.cancels.iter().any(|cancel| n.starts(&cancel.pg_id))),
    ("CUSTOMER_ADDRESS", |_, a, n| n.maybe(customer(a).and_then(|c| Some(&*c.address.as_ref()?.0)))),
    ("CUSTOMER_ZIPCODE", |_, a, n| n.maybe(customer(a).and_then(|c| c.zipcode.as_deref()))),
    ("PG_RECEIPT_ID", has_receipt),
    ("RECEIPT_APPROVAL_NUMBER", has_receipt),
    ("PROMOTION_ID", |_, a, n| n.maybe(a.extra.as_ref().and_then(|extra| extra.promotion.as_deref()))),
];

fn has_receipt(state: &State, attempt: &Attempt, needle: &Needle<'_>) -> bool {
    let of = |at: &Row| {
        let receipt = state.receipt(*at);
        receipt.store == attempt.store && receipt.payment == attempt.payment
    };
    needle.receipts.iter().any(of)
}

/// The instalment is compared whole: 3 must not find 36.
fn has_months(_: &State, attempt: &Attempt, needle: &Needle<'_>) -> bool {
    matches!(attempt.method, Some(Method::Card { months, .. }) if months.to_string() == needle.text)
}

/// How to look for a field.
fn look(field: &str) -> Look {
    match field {
        "ALL" => |state, attempt, needle| FIELDS.iter().any(|(_, look)| look(state, attempt, needle)),
        "CARD_INSTALLMENT" => has_months,
        _ => FIELDS.iter().find(|(name, _)| *name == field).map_or(|_, _, _| false, |(_, look)| *look),
    }
}

/// `GET /payments` (V2 §12.2).
pub fn list(state: &State, call: &Call) -> Answer {
    let input = call.input()?;
    let page = page(&input)?;
    if page.number.saturating_add(1).saturating_mul(page.size) > DEEPEST {
        return Err(error(
            "INVALID_REQUEST",
            "page: (number + 1) × size must not exceed 60000; narrow the window",
        ));
    }
    let empty = serde_json::Value::Object(serde_json::Map::new());
    let given = match input.obj("filter")? {
        Some(given) => given,
        None => In::root(&empty, false)?,
    };
    let (from, until) = window(Some(&given), state.now())?;
    let until = if call.lag == 0 { until } else { until.min(state.now().saturating_sub(call.lag)) };
    let by_created = given.word("timestampType", "PaymentTimestampType")? == Some("CREATED_AT");
    let sort_requested = match given.word("sortBy", "PaymentSortBy")? {
        Some(by) => by == "REQUESTED_AT",
        None => by_created,
    };
    let ascending = given.word("sortOrder", "SortOrder")? == Some("ASC");
    let filter = Filter::read(state, &given)?;
    let index = if by_created { &state.by_requested } else { &state.by_changed };
    let mut rows: Vec<(Time, Row)> = index
        .between(from, until)
        .iter()
        .filter(|(_, at)| filter.fits(state, state.attempt(*at)))
        .copied()
        .collect();
    if sort_requested != by_created {
        for (time, at) in &mut rows {
            let attempt = state.attempt(*at);
            *time = if sort_requested { attempt.requested } else { attempt.changed };
        }
        rows.sort_unstable();
    }
    ok(|o| {
        items(o, &rows, ascending, page, |o, at| write::payment(o, state, at));
    })
}

/// Writes one page of rows that are sorted oldest first.
pub fn items(
    o: &mut crate::sandbox::json::Obj<'_>,
    rows: &[(Time, Row)],
    ascending: bool,
    page: read::Page,
    mut write: impl FnMut(&mut crate::sandbox::json::Obj<'_>, Row),
) {
    let skip = page.number.saturating_mul(page.size);
    o.arr("items", |list| {
        let mut put = |(_, at): &(Time, Row)| list.obj(|o| write(o, *at));
        if ascending {
            rows.iter().skip(skip).take(page.size).for_each(&mut put);
        } else {
            rows.iter().rev().skip(skip).take(page.size).for_each(&mut put);
        }
    });
    let number = |value: usize| i64::try_from(value).unwrap_or(i64::MAX);
    o.obj("page", |o| {
        o.int("number", number(page.number))
            .int("size", number(page.size))
            .int("totalCount", number(rows.len()));
    });
}

struct Cursor {
    store: Option<u8>,
    from: Time,
    until: Time,
    after: Option<u64>,
    size: usize,
}

fn cursor(state: &State, input: &In<'_>, every_store: bool) -> Result<Cursor, Reply> {
    let given = input.str("storeId")?;
    let at_store = if every_store && given.is_none() { None } else { Some(store(given)?) };
    let size = input.int("size")?.unwrap_or(10);
    if !(1..=LARGEST).contains(&size) {
        return Err(input.bad("size", "must be 1 to 1000").into());
    }
    let (from, until) = window(Some(input), state.now())?;
    let after = match input.str("cursor")? {
        None => None,
        Some(text) => Some(
            u64::from_str_radix(text, 16)
                .map_err(|_| Reply::from(input.bad("cursor", "is not one of ours")))?,
        ),
    };
    Ok(Cursor { store: at_store, from, until, after, size: usize::try_from(size).unwrap_or(10) })
}

/// `GET /payments-by-cursor` (V2 §12.4), oldest first.
pub fn by_cursor(state: &State, call: &Call) -> Answer {
    let cursor = cursor(state, &call.input()?, false)?;
    let place = |time: Time, at: Row| u64::from(time) << 32 | u64::from(at);
    let rows = state.by_requested.between(cursor.from, cursor.until);
    // The cursor is the sort key of the last row sent: half the interval is skipped at once.
    let start = cursor.after.map_or(0, |after| rows.partition_point(|(time, at)| place(*time, *at) <= after));
    ok(|o| {
        o.arr("items", |list| {
            let rows = rows.get(start..).unwrap_or_default().iter().filter(|(_, at)| {
                let attempt = state.attempt(*at);
                !attempt.superseded && cursor.store.is_none_or(|store| store == attempt.store)
            });
            for (time, at) in rows.take(cursor.size) {
                list.obj(|o| {
                    o.obj("payment", |o| write::payment(o, state, *at));
                    o.str("cursor", &format!("{:016x}", place(*time, *at)));
                });
            }
        });
    })
}

/// `GET /payment-events-by-cursor` (V2 §12.5), in the order things happened.
pub fn events(state: &State, call: &Call) -> Answer {
    let cursor = cursor(state, &call.input()?, true)?;
    let start =
        cursor.after.map_or(0, |after| usize::try_from(after).unwrap_or(usize::MAX).saturating_add(1));
    let events = state.events.iter().enumerate().skip(start).filter(|(_, event)| {
        (cursor.from..cursor.until).contains(&event.at)
            && cursor.store.is_none_or(|store| store == state.attempt(event.attempt).store)
    });
    ok(|o| {
        o.arr("items", |list| {
            for (at, event) in events.take(cursor.size) {
                list.obj(|o| {
                    o.obj("paymentEvent", |o| write::event(o, state, event))
                        .str("cursor", &format!("{at:016x}"));
                });
            }
        });
    })
}
