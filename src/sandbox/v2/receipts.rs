//! Cash receipts (V2 §15).

use super::read::{self, among, page, window};
use super::schedules::sort_of;
use super::{Answer, Call, Reply, error, ok, payments, store, write};
use crate::sandbox::catalog;
use crate::sandbox::charge;
use crate::sandbox::clock::Time;
use crate::sandbox::model::{Receipt, Row, Version};
use crate::sandbox::state::State;

/// `POST /cash-receipts`.
pub fn issue(state: &mut State, call: &Call) -> Answer {
    let input = call.input()?;
    let at_store = store(input.str("storeId")?)?;
    let payment = input.need_str("paymentId")?;
    let key = input.need_str("channelKey")?;
    let corporate = input.need_word("type", "CashReceiptType")? == "CORPORATE";
    let name = input.need_str("orderName")?;
    let currency = read::currency(&input)?;
    let amount = read::amount(&input)?;
    let customer = input.need_obj("customer")?;
    customer.need_str("identityNumber")?;
    customer.word("identityNumberType", "IssueCashReceiptCustomerInputIdentityNumberType")?;
    input.word("productType", "PaymentProductType")?;
    input.word("paymentMethod", "IssueCashReceiptPaymentMethodType")?;
    input.time("paidAt")?;
    let channel = read::channel_by_key(key, at_store)?;
    let standing = state.receipt_for(at_store, payment).map(|at| state.receipt(at));
    if standing.is_some_and(|receipt| receipt.issued != 0 && receipt.cancelled == 0) {
        return Err(error("CASH_RECEIPT_ALREADY_ISSUED", "이미 현금영수증이 발급되었습니다."));
    }
    let now = state.now();
    let receipt = Receipt {
        version: Version::V2,
        store: at_store,
        channel,
        payment: payment.into(),
        tx: None,
        manual: true,
        corporate,
        name: name.into(),
        total: amount.total,
        tax_free: amount.tax_free,
        vat: amount.vat.unwrap_or_else(|| charge::vat(amount.total, amount.tax_free)),
        currency,
        number: format!("{:09}", state.rng.below(1_000_000_000)).into(),
        pg_id: state.rng.pg_tx("R", now),
        issued: now,
        cancelled: 0,
    };
    let at = state.add_receipt(receipt);
    let receipt = state.receipt(at);
    ok(|o| {
        o.obj("cashReceipt", |o| {
            o.str("issueNumber", &receipt.number).str("url", &write::receipt_url(receipt));
            o.str("pgReceiptId", &receipt.pg_id);
        });
    })
}

fn find(state: &State, call: &Call) -> Result<Row, Reply> {
    let at_store = call.query_store()?;
    state
        .receipt_for(at_store, call.param(0))
        .ok_or_else(|| error("CASH_RECEIPT_NOT_FOUND", "현금영수증이 존재하지 않습니다."))
}

/// `GET /payments/{paymentId}/cash-receipt`.
pub fn one(state: &State, call: &Call) -> Answer {
    let receipt = state.receipt(find(state, call)?);
    if receipt.issued == 0 {
        return Err(error("CASH_RECEIPT_NOT_FOUND", "현금영수증이 아직 발급되지 않았습니다."));
    }
    ok(|o| write::receipt(o, receipt))
}

/// `POST /payments/{paymentId}/cash-receipt/cancel`.
pub fn cancel(state: &mut State, call: &Call) -> Answer {
    let at = find(state, call)?;
    let receipt = state.receipt(at);
    if receipt.issued == 0 || receipt.cancelled != 0 {
        return Err(error("CASH_RECEIPT_NOT_ISSUED", "발급된 현금영수증이 없습니다."));
    }
    let (now, total) = (state.now(), receipt.total);
    state.change_receipt(at, |receipt| receipt.cancelled = now);
    ok(|o| {
        o.int("cancelledAmount", total).time("cancelledAt", now);
    })
}

/// `GET /cash-receipts`.
pub fn list(state: &State, call: &Call) -> Answer {
    let input = call.input()?;
    let page = page(&input)?;
    let (by, ascending) = sort_of(input.obj("sort")?.as_ref(), "CashReceiptSortBy")?;
    let filter = input.obj("filter")?;
    let (from, until) = window(filter.as_ref(), state.now())?;
    let mut wanted = Wanted::default();
    if let Some(filter) = &filter {
        wanted.store = filter.str("storeId")?.map(|id| store(Some(id))).transpose()?;
        wanted.field = filter.word("timeRangeField", "CashReceiptTimeRangeField")?.unwrap_or_default();
        wanted.payment = filter.str("paymentId")?;
        wanted.name = filter.str("orderName")?;
        wanted.test = filter.bool("isTest")?;
        wanted.manual = filter.bool("isManual")?;
        wanted.statuses = filter.words("statuses", "CashReceiptStatus")?;
        wanted.types = filter.words("types", "CashReceiptType")?;
        wanted.pg_id = filter.str("pgReceiptId")?;
        wanted.mid = filter.str("pgMerchantId")?;
        wanted.providers = filter.words("pgProviders", "PgProvider")?;
        wanted.companies = filter.words("pgCompanies", "PgCompany")?;
        wanted.version = filter.word("version", "PortOneVersion")?;
    }
    let time = |receipt: &Receipt, word: &str| match word {
        "CANCELLED_AT" => receipt.cancelled,
        "STATUS_UPDATED_AT" => receipt.cancelled.max(receipt.issued),
        _ => receipt.issued,
    };
    let lagged = state.now().saturating_sub(call.lag);
    let mut rows: Vec<(Time, Row)> = Vec::new();
    for (at, receipt) in state.receipts.iter().enumerate() {
        let stamp = time(receipt, wanted.field);
        let fresh = call.lag != 0 && receipt.cancelled.max(receipt.issued) > lagged;
        if receipt.issued != 0
            && stamp != 0
            && from <= stamp
            && stamp < until
            && !fresh
            && wanted.fits(receipt)
        {
            rows.push((time(receipt, by), Row::try_from(at).unwrap_or(Row::MAX)));
        }
    }
    rows.sort_unstable();
    ok(|o| payments::items(o, &rows, ascending, page, |o, at| write::receipt(o, state.receipt(at))))
}

#[derive(Default)]
struct Wanted<'a> {
    store: Option<u8>,
    field: &'a str,
    payment: Option<&'a str>,
    name: Option<&'a str>,
    test: Option<bool>,
    manual: Option<bool>,
    statuses: Vec<&'a str>,
    types: Vec<&'a str>,
    pg_id: Option<&'a str>,
    mid: Option<&'a str>,
    providers: Vec<&'a str>,
    companies: Vec<&'a str>,
    version: Option<&'a str>,
}

impl Wanted<'_> {
    fn fits(&self, receipt: &Receipt) -> bool {
        let channel = catalog::channel(receipt.channel);
        let version = if receipt.version == Version::V1 { "V1" } else { "V2" };
        self.store.is_none_or(|store| store == receipt.store)
            && self.payment.is_none_or(|id| id == &*receipt.payment)
            && self.name.is_none_or(|name| receipt.name.starts_with(name))
            && self.test.is_none_or(|test| test != channel.live)
            && self.manual.is_none_or(|manual| manual == receipt.manual)
            && among(&self.statuses, if receipt.cancelled == 0 { "ISSUED" } else { "CANCELLED" })
            && among(&self.types, write::receipt_type(receipt))
            && self.pg_id.is_none_or(|id| id == &*receipt.pg_id)
            && self.mid.is_none_or(|mid| mid == channel.mid)
            && (self.providers.is_empty() || self.providers.contains(&channel.provider().as_str()))
            && among(&self.companies, channel.company())
            && self.version.is_none_or(|wanted| wanted == version)
    }
}
