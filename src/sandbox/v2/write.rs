//! Rows as V2 shows them (V2 §5, §6, §12). Optional fields without a value are left out.

use crate::sandbox::catalog::{self, BANKS_V2, Channel, ChannelNo, MERCHANT_ID};
use crate::sandbox::json::Obj;
use crate::sandbox::model::{
    Account, Attempt, Cancel, CancelStatus, Customer, Event, Extra, Key, Method, Receipt, Row, Schedule,
    ScheduleStatus, Source, Status, Version,
};
use crate::sandbox::state::State;
use crate::sandbox::webhook;

/// `SelectedChannel` (V2 §5.3).
pub fn channel(o: &mut Obj<'_>, no: ChannelNo) {
    let channel: &Channel = catalog::channel(no);
    o.str("type", channel.mode())
        .str("id", channel.key.trim_start_matches("channel-key-"))
        .str("key", channel.key);
    o.str("name", channel.name).str("pgProvider", &channel.provider()).str("pgMerchantId", channel.mid);
}

/// `ChannelGroupSummary`, when the group is known.
fn group(o: &mut Obj<'_>, id: Option<&str>, version: Version) {
    if let Some(group) = id.and_then(|id| catalog::find_group(id, version)) {
        o.obj("channelGroup", |o| {
            o.str("id", group.id).str("name", group.name).bool("isForTest", true);
        });
    }
}

/// `Customer`: always there, possibly empty (V2 §5.1).
pub fn customer(o: &mut Obj<'_>, customer: Option<&Customer>) {
    o.obj("customer", |o| {
        let Some(customer) = customer else { return };
        o.opt("id", customer.id.as_deref()).opt("name", customer.name.as_deref());
        if let Some(birth) = customer.birth.as_deref() {
            for (key, value) in ["birthYear", "birthMonth", "birthDay"].into_iter().zip(birth) {
                o.opt(key, value.as_deref());
            }
        }
        o.opt("gender", customer.gender.as_deref()).opt("email", customer.email.as_deref());
        o.opt("phoneNumber", customer.phone.as_deref());
        match &customer.address {
            None => (),
            Some((line, None)) => {
                o.obj("address", |o| {
                    o.str("type", "ONE_LINE").str("oneLine", line);
                });
            }
            Some((first, Some(second))) => {
                o.obj("address", |o| {
                    o.str("type", "SEPARATED").str("oneLine", format!("{first} {second}").trim());
                    o.str("addressLine1", first).str("addressLine2", second);
                });
            }
        }
        o.opt("zipcode", customer.zipcode.as_deref());
    });
}

/// V2's bank code for a V1 standard code, by name.
fn bank(code: &str) -> Option<&'static str> {
    if let Some((known, _)) = BANKS_V2.iter().find(|(known, _)| *known == code) {
        return Some(known);
    }
    let (_, name) = catalog::v1_bank(code)?;
    let stem = name.trim_start_matches("KB").trim_end_matches("은행");
    BANKS_V2.iter().find(|(_, v2)| v2.contains(stem)).map(|(known, _)| *known)
}

fn account(o: &mut Obj<'_>, account: &Account) {
    o.str("type", "PaymentMethodVirtualAccount").opt("bank", bank(&account.bank));
    o.str("accountNumber", &account.number)
        .str("accountType", if account.fixed { "FIXED" } else { "NORMAL" });
    o.opt("remitteeName", account.holder.as_deref()).opt("remitterName", account.remitter.as_deref());
    o.opt_time("expiredAt", account.expires).opt_time("issuedAt", account.issued);
}

fn method(o: &mut Obj<'_>, attempt: &Attempt) {
    let extra = attempt.extra.as_deref();
    match &attempt.method {
        None => (),
        Some(Method::Account(given)) => {
            o.obj("method", |o| {
                account(o, given);
                if attempt.cancelled > 0 {
                    o.str("refundStatus", "COMPLETED");
                }
            });
        }
        Some(Method::Card { card, approval, months }) => {
            o.obj("method", |o| {
                o.str("type", "PaymentMethodCard").obj("card", |o| card.write_v2(o));
                if *approval != 0 {
                    o.str("approvalNumber", &approval.to_string());
                }
                let free = extra.is_some_and(|extra| extra.interest_free);
                o.obj("installment", |o| {
                    o.int("month", *months).bool("isInterestFree", free);
                });
                o.bool("pointUsed", extra.is_some_and(|extra| extra.point));
            });
        }
    }
}

/// `PaymentAmount` (V2 §1.4).
fn amount(o: &mut Obj<'_>, key: &str, attempt: &Attempt) {
    o.obj(key, |o| {
        let paid = if attempt.was_paid() { attempt.total } else { 0 };
        o.int("total", attempt.total).int("taxFree", attempt.tax_free).int("vat", attempt.vat);
        o.int("supply", attempt.total - attempt.tax_free - attempt.vat).int("discount", 0).int("paid", paid);
        o.int("cancelled", attempt.cancelled).int("cancelledTaxFree", attempt.cancelled_tax_free);
    });
}

fn extra_fields(o: &mut Obj<'_>, extra: Option<&Extra>) {
    let Some(extra) = extra else { return };
    o.opt("promotionId", extra.promotion.as_deref());
    if let Some(cultural) = extra.cultural {
        o.bool("isCulturalExpense", cultural);
    }
    if extra.escrow {
        o.obj("escrow", |o| {
            o.str("status", "BEFORE_REGISTERED");
        });
    }
    if let Some(products) = &extra.products {
        o.raw("products", products);
    }
    o.opt_int("productCount", extra.product_count).opt("customData", extra.custom_data.as_deref());
    o.opt("country", extra.country.as_deref());
}

fn schedule_id<'a>(state: &'a State, attempt: &Attempt) -> Option<&'a str> {
    match attempt.source {
        Source::Schedule(_, schedule) => Some(&state.schedule(schedule).id),
        _ => None,
    }
}

/// One refund (V2 §6.2).
pub fn cancellation(o: &mut Obj<'_>, cancel: &Cancel) {
    let status = match cancel.status {
        CancelStatus::Requested => "REQUESTED",
        CancelStatus::Succeeded => "SUCCEEDED",
        CancelStatus::Failed => "FAILED",
    };
    o.str("status", status).str("id", &cancel.id).str("pgCancellationId", &cancel.pg_id);
    o.int("totalAmount", cancel.total).int("taxFreeAmount", cancel.tax_free).int("vatAmount", cancel.vat);
    o.str("reason", &cancel.reason)
        .opt_time("cancelledAt", cancel.done)
        .time("requestedAt", cancel.requested);
    o.str("trigger", if cancel.console { "CONSOLE" } else { "API" });
}

/// Fields of an approved payment that a receipt belongs to.
fn receipts(o: &mut Obj<'_>, state: &State, attempt: &Attempt) {
    o.str("pgTxId", &attempt.pg_tx);
    if attempt.version == Version::V2 {
        // A raw PG answer is whatever the PG says; this one is the sandbox's.
        let host = "https://sandbox.invalid/receipt/";
        o.str("receiptUrl", &format!("{host}{}", attempt.tx));
    }
    let Some(at) = state.receipt_for(attempt.store, &attempt.payment) else { return };
    let receipt = state.receipt(at);
    if receipt.issued == 0 {
        return;
    }
    o.obj("cashReceipt", |o| {
        o.str("status", if receipt.cancelled == 0 { "ISSUED" } else { "CANCELLED" });
        o.str("type", receipt_type(receipt))
            .str("pgReceiptId", &receipt.pg_id)
            .str("issueNumber", &receipt.number);
        o.int("totalAmount", receipt.total).int("taxFreeAmount", receipt.tax_free);
        o.str("currency", attempt.currency())
            .str("url", &receipt_url(receipt))
            .time("issuedAt", receipt.issued);
        o.opt_time("cancelledAt", receipt.cancelled);
    });
    o.str("cashReceiptIssuanceStatus", "ISSUED");
}

/// What kind of answer an attempt is written into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum As {
    Payment,
    Transaction,
}

/// A payment: the newest try (V2 §12.1).
pub fn payment(o: &mut Obj<'_>, state: &State, at: Row) {
    attempt(o, state, at, As::Payment);
}

/// One try (V2 §12.3).
pub fn transaction(o: &mut Obj<'_>, state: &State, at: Row) {
    attempt(o, state, at, As::Transaction);
}

fn attempt(o: &mut Obj<'_>, state: &State, at: Row, shape: As) {
    let attempt = state.attempt(at);
    let status = attempt.status;
    o.str("status", webhook::status_word(status));
    match shape {
        As::Payment => o.str("id", &attempt.payment).str("transactionId", &attempt.tx),
        As::Transaction => o.str("id", &attempt.tx).str("paymentId", &attempt.payment),
    };
    o.str("merchantId", MERCHANT_ID).str("storeId", catalog::store(attempt.store).id);
    method(o, attempt);
    o.obj("channel", |o| channel(o, attempt.channel));
    let extra = attempt.extra.as_deref();
    group(o, extra.and_then(|extra| extra.group.as_deref()), attempt.version);
    o.str("version", if attempt.version == Version::V1 { "V1" } else { "V2" });
    o.opt("scheduleId", schedule_id(state, attempt));
    if let Some(key) = attempt.key() {
        o.str("billingKey", &state.key(key).name);
    }
    if !attempt.hooks.is_empty() {
        o.arr("webhooks", |list| {
            for hook in attempt.hooks.iter().filter_map(|at| state.hooks.log.get(*at as usize)) {
                list.obj(|o| webhook::write(o, hook));
            }
        });
    }
    o.time("requestedAt", attempt.requested).time("updatedAt", attempt.changed);
    o.time("statusChangedAt", attempt.changed).str("orderName", &attempt.name);
    amount(o, "amount", attempt);
    o.str("currency", attempt.currency());
    customer(o, attempt.customer.as_deref());
    if shape == As::Payment {
        origin(o);
    }
    extra_fields(o, extra);
    match status {
        Status::Ready => (),
        Status::Pending | Status::Issued => drop(o.str("pgTxId", &attempt.pg_tx)),
        Status::Paid => {
            o.time("paidAt", attempt.paid);
            receipts(o, state, attempt);
            if shape == As::Payment {
                disputes(o, attempt);
                // Refunds that are pending or were refused leave the payment paid.
                if !attempt.cancels.is_empty() {
                    cancellations(o, attempt);
                }
            }
        }
        Status::Failed => {
            o.time("failedAt", attempt.changed).obj("failure", |o| {
                if let Some(failure) = &attempt.failure {
                    o.str("reason", &failure.text)
                        .str("pgCode", &failure.code)
                        .str("pgMessage", &failure.text);
                }
            });
        }
        Status::Partial | Status::Cancelled => {
            o.opt_time("paidAt", attempt.paid);
            receipts(o, state, attempt);
            cancellations(o, attempt);
            o.time("cancelledAt", attempt.cancelled_at);
        }
    }
}

fn origin(o: &mut Obj<'_>) {
    o.obj("origin", |o| {
        o.str("platformType", "API").str("ipAddress", "0.0.0.0");
    });
}

fn disputes(o: &mut Obj<'_>, attempt: &Attempt) {
    o.arr("disputes", |list| {
        if let Some((resolved, at)) = attempt.dispute {
            list.obj(|o| {
                o.str("status", if resolved { "RESOLVED" } else { "UNRESOLVED" })
                    .str("reason", "구매자 이의 제기");
                o.time("createdAt", at);
                if resolved {
                    o.time("resolvedAt", attempt.changed.max(at));
                }
            });
        }
    });
}

fn cancellations(o: &mut Obj<'_>, attempt: &Attempt) {
    o.arr("cancellations", |list| {
        for cancel in &attempt.cancels {
            list.obj(|o| cancellation(o, cancel));
        }
    });
}

/// A line of the money ledger (V2 §12.5).
pub fn event(o: &mut Obj<'_>, state: &State, event: &Event) {
    let attempt = state.attempt(event.attempt);
    let cancel = event.cancel.and_then(|at| attempt.cancels.get(usize::from(at)));
    o.str(
        "type",
        match (cancel, event.whole) {
            (None, _) => "PAID",
            (Some(_), true) => "CANCELLED",
            (Some(_), false) => "PARTIAL_CANCELLED",
        },
    );
    o.str("id", &event.id).str("paymentId", &attempt.payment).str("transactionId", &attempt.tx);
    o.str("merchantId", MERCHANT_ID).str("storeId", catalog::store(attempt.store).id);
    method(o, attempt);
    o.obj("channel", |o| channel(o, attempt.channel));
    o.str("version", if attempt.version == Version::V1 { "V1" } else { "V2" });
    o.opt("scheduleId", schedule_id(state, attempt));
    o.time("requestedAt", attempt.requested).time("createdAt", event.at).str("orderName", &attempt.name);
    amount(o, "totalAmount", attempt);
    o.str("currency", attempt.currency());
    customer(o, attempt.customer.as_deref());
    extra_fields(o, attempt.extra.as_deref());
    receipts(o, state, attempt);
    match cancel {
        None => {
            disputes(o, attempt);
            o.int("eventAmount", attempt.total);
        }
        Some(cancel) => {
            o.obj("cancellation", |o| cancellation(o, cancel)).int("eventAmount", -cancel.total);
        }
    }
    origin(o);
}

/// V2's word for the state of a schedule.
pub fn schedule_word(status: ScheduleStatus) -> &'static str {
    match status {
        ScheduleStatus::Scheduled => "SCHEDULED",
        ScheduleStatus::Started => "STARTED",
        ScheduleStatus::Pending => "PENDING",
        ScheduleStatus::Succeeded => "SUCCEEDED",
        ScheduleStatus::Failed => "FAILED",
        ScheduleStatus::Revoked => "REVOKED",
    }
}

/// A schedule (V2 §11.2): flat amounts, `customData` always there, no reason of a failure.
pub fn schedule(o: &mut Obj<'_>, state: &State, schedule: &Schedule) {
    let extra = schedule.extra.as_deref();
    o.str("status", schedule_word(schedule.status)).str("id", &schedule.id).str("merchantId", MERCHANT_ID);
    o.str("storeId", catalog::store(schedule.store).id).str("paymentId", &schedule.payment);
    o.str("billingKey", &state.key(schedule.key).name).str("orderName", &schedule.name);
    o.bool("isCulturalExpense", false).bool("isEscrow", false);
    customer(o, schedule.customer.as_deref());
    o.str("customData", extra.and_then(|extra| extra.custom_data.as_deref()).unwrap_or_default());
    o.int("totalAmount", schedule.total).opt_int("taxFreeAmount", schedule.tax_free);
    o.opt_int("vatAmount", schedule.vat);
    o.str("currency", std::str::from_utf8(&schedule.currency).unwrap_or("KRW"));
    o.opt_int("installmentMonth", schedule.months.map(i64::from));
    if let Some(extra) = extra {
        if !extra.notice_urls.is_empty() {
            o.strs("noticeUrls", &extra.notice_urls);
        }
        if let Some(products) = &extra.products {
            o.raw("products", products);
        }
    }
    o.time("createdAt", schedule.created).time("timeToPay", schedule.due);
    match schedule.status {
        ScheduleStatus::Scheduled => (),
        ScheduleStatus::Started => drop(o.time("startedAt", schedule.started)),
        ScheduleStatus::Revoked => drop(o.time("revokedAt", schedule.revoked)),
        _ => drop(o.time("startedAt", schedule.started).time("completedAt", schedule.completed)),
    }
}

/// A billing key (V2 §9.2).
pub fn key(o: &mut Obj<'_>, key: &Key) {
    o.str("status", if key.deleted == 0 { "ISSUED" } else { "DELETED" }).str("billingKey", &key.name);
    o.str("merchantId", MERCHANT_ID).str("storeId", catalog::store(key.store).id);
    o.arr("methods", |list| {
        list.obj(|o| {
            o.str("type", "BillingKeyPaymentMethodCard").obj("card", |o| key.card.write_v2(o));
        });
    });
    o.arr("channels", |list| {
        for no in &key.channels {
            list.obj(|o| channel(o, *no));
        }
    });
    customer(o, key.customer.as_deref());
    o.opt("customData", key.custom_data.as_deref());
    o.time("requestedAt", key.requested).time("issuedAt", key.issued);
    group(o, key.group.as_deref(), key.version);
    o.arr("pgBillingKeyIssueResponses", |list| {
        for no in &key.channels {
            list.obj(|o| {
                o.str("type", "ISSUED").obj("channel", |o| channel(o, *no));
            });
        }
        for (no, failure) in &key.failures {
            list.obj(|o| {
                o.str("type", "FAILED").obj("channel", |o| channel(o, *no)).obj("failure", |o| {
                    o.str("message", &failure.text)
                        .str("pgCode", &failure.code)
                        .str("pgMessage", &failure.text);
                    o.time("failedAt", key.issued);
                });
            });
        }
    });
    o.opt_time("deletedAt", key.deleted);
}

/// `PERSONAL` or `CORPORATE`.
pub fn receipt_type(receipt: &Receipt) -> &'static str {
    if receipt.corporate { "CORPORATE" } else { "PERSONAL" }
}

/// Where a cash receipt can be seen; nowhere, really.
pub fn receipt_url(receipt: &Receipt) -> String {
    format!("https://sandbox.invalid/cash-receipt/{}", receipt.pg_id)
}

/// A cash receipt (V2 §15.2).
pub fn receipt(o: &mut Obj<'_>, receipt: &Receipt) {
    o.str("status", if receipt.cancelled == 0 { "ISSUED" } else { "CANCELLED" });
    o.str("merchantId", MERCHANT_ID).str("storeId", catalog::store(receipt.store).id);
    o.str("paymentId", &receipt.payment).obj("channel", |o| channel(o, receipt.channel));
    o.int("amount", receipt.total).int("taxFreeAmount", receipt.tax_free).int("vatAmount", receipt.vat);
    o.str("currency", std::str::from_utf8(&receipt.currency).unwrap_or("KRW"))
        .str("orderName", &receipt.name);
    o.bool("isManual", receipt.manual).str("type", receipt_type(receipt)).str("pgReceiptId", &receipt.pg_id);
    o.str("issueNumber", &receipt.number).str("url", &receipt_url(receipt)).time("issuedAt", receipt.issued);
    o.opt_time("cancelledAt", receipt.cancelled);
    o.time("statusUpdatedAt", receipt.cancelled.max(receipt.issued));
}
