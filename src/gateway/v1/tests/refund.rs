//! Refunds and cash receipts: what is asked, and what the answers mean (V1 §12, §13.3).

use super::super::super::tests::{Line, given_back};
use super::schedules::{GONE, NO, ok, store};
use super::*;
use crate::domain::account::{CashReceipt, ReceiptKind};
use crate::domain::cash_receipt::{ReceiptCancel, ReceiptOrder};
use crate::domain::order::Requester;
use crate::domain::record::{CancellationState, ReceiptState};
use crate::domain::refund::{RefundAccount, RefundOrder, Refunded};

fn refund(amount: u64, balance: u64) -> RefundOrder {
    RefundOrder {
        provider_payment_id: Some(SafeText::new("imps_1")),
        ..given_back(channel(Generation::V1, "nice_v2"), won(amount), won(balance))
    }
}

/// The payment after a refund: what it was over, what was cancelled of it, and how.
fn after(cancelled: u64, history: &str) -> String {
    ok(&format!(
        r#"{{"imp_uid":"imps_1","merchant_uid":"order1","status":"cancelled","amount":55000,
            "cancel_amount":{cancelled},"paid_at":1,"cancel_history":[{history}]}}"#
    ))
}

fn entry(id: &str, amount: u64, at: u64) -> String {
    format!(r#"{{"cancellation_id":"{id}","amount":{amount},"cancelled_at":{at},"reason":"r","pg_tid":"t"}}"#)
}

fn told(reply: Reply<Refunded>) -> String {
    said(reply, |refunded| {
        let id = refunded.cancellation.id.map(|id| id.to_string()).unwrap_or_default();
        let state = match refunded.cancellation.state {
            CancellationState::Succeeded => "succeeded",
            CancellationState::Requested => "requested",
            _ => "?",
        };
        let left = refunded.balance.map(|left| left.to_string()).unwrap_or_default();
        format!("done {state} {id} {} {left}", refunded.cancellation.amount)
    })
}

#[tokio::test]
async fn a_refund_says_amount_and_balance() {
    let done = after(20_000, &entry("c1", 20_000, 9));
    let line = Line::open(&[(200, &done)]);
    assert_eq!(told(store(&line).refund(&refund(20_000, 55_000)).await), "done succeeded c1 20,000 35,000");
    let seen = line.one();
    assert_eq!(seen.line, "POST /payments/cancel");
    assert_eq!(
        seen.body,
        json!({"imp_uid": "imps_1", "amount": 20_000, "checksum": 55_000, "reason": "부분 반품"})
    );
    valid_v1("/payments/cancel", "post", &seen.body);
    let account = RefundAccount {
        bank: bank_of_v2("KOOKMIN").unwrap(),
        number: "123-456-789012".to_owned(),
        holder: "박도윤".to_owned(),
        phone: Some("01050006000".to_owned()),
    };
    let whole = RefundOrder {
        provider_payment_id: None,
        tax_free: Some(won(0)),
        vat: Some(won(5_000)),
        requester: Some(Requester::Customer),
        account: Some(account),
        ..refund(55_000, 55_000)
    };
    let line = Line::open(&[(200, &after(55_000, &entry("c1", 55_000, 9)))]);
    assert_eq!(told(store(&line).refund(&whole).await), "done succeeded c1 55,000 0");
    let seen = line.one();
    assert_eq!(
        seen.body,
        json!({"merchant_uid": "order1", "amount": 55_000, "checksum": 55_000, "reason": "부분 반품", "tax_free": 0,
            "vat_amount": 5_000, "refund_bank": "004", "refund_account": "123-456-789012", "refund_holder": "박도윤",
            "refund_tel": "01050006000", "extra": {"requester": "customer"}})
    );
    valid_v1("/payments/cancel", "post", &seen.body);
    let jeju = RefundAccount { bank: bank_of_v2("JEJU").unwrap(), ..whole.account.clone().unwrap() };
    let line = Line::open(&[]);
    let reply = store(&line).refund(&RefundOrder { account: Some(jeju), ..whole }).await;
    assert_eq!(reply, Reply::NotDone(Problem::Unsupported { what: "bank" }));
    assert!(line.seen().is_empty());
}

#[tokio::test]
async fn what_came_of_a_refund_is_told_by_the_payment() {
    let paid = |cancelled: u64, more: &str| {
        let state = if cancelled == 0 { "paid" } else { "cancelled" };
        ok(&format!(
            r#"{{"list":[{{"imp_uid":"imps_1","merchant_uid":"order1","status":"{state}","amount":55000,
                "cancel_amount":{cancelled}{more}}}]}}"#
        ))
    };
    let two = after(40_000, &format!("{},{}", entry("c2", 20_000, 9), entry("c1", 20_000, 5)));
    let other = after(20_000, &entry("c1", 5, 9)).replace("order1", "order2");
    let odd = after(25_000, &entry("c1", 25_000, 9));
    let failed =
        ok(r#"{"list":[{"imp_uid":"imps_1","merchant_uid":"order1","status":"failed","amount":55000}]}"#);
    for (answers, expected) in [
        // The newest of the same amount is the new one.
        (vec![(200, &*two)], "done succeeded c2 20,000 15,000"),
        // Nothing moved yet: the PG decides later, whatever older cancellations there are.
        (vec![(200, &*after(0, ""))], "done requested  20,000 55,000"),
        (vec![(200, &*odd)], "unseen undecided"),
        (vec![(200, &*other)], "unseen malformed"),
        (vec![(200, r#"{"code":0,"response":null}"#)], "unseen malformed"),
        (vec![(500, NO)], "unseen unknown_error"),
        (vec![(502, "<html>")], "unseen malformed"),
        (vec![(401, NO)], "not done credentials"),
        // A sentence for everything (V1 §3.2): the payment tells which it was.
        (vec![(200, NO), (200, &*paid(0, ""))], "declined  안 됩니다"),
        (vec![(200, NO), (200, &*paid(5_000, ""))], "not done balance_changed"),
        (vec![(200, NO), (200, &*paid(5_000, r#","promotion":{"discount":10}"#))], "declined  안 됩니다"),
        (vec![(200, NO), (200, &*paid(55_000, ""))], "not done not_refundable"),
        (vec![(200, NO), (200, &*failed)], "not done not_refundable"),
        (vec![(200, NO), (404, GONE)], "declined  안 됩니다"),
        (vec![(200, NO), (500, NO)], "declined  안 됩니다"),
        (vec![(400, NO), (404, GONE)], "not done refused"),
    ] {
        let line = Line::open(&answers);
        assert_eq!(told(store(&line).refund(&refund(20_000, 55_000)).await), expected, "{answers:?}");
        let lines = line.lines();
        let sent = lines.iter().filter(|line| line.starts_with("POST")).count();
        assert_eq!(sent, 1, "sent once, whatever came of it: {lines:?}");
    }
}

fn receipt() -> ReceiptOrder {
    ReceiptOrder {
        id: PaymentId::parse("d0000009").unwrap(),
        channel: channel(Generation::V1, "nice_v2"),
        payment: SafeText::new("order1"),
        provider_payment_id: Some(SafeText::new("imps_1")),
        receipt: CashReceipt { kind: ReceiptKind::Personal, identity: "01020003000".to_owned() },
        order_name: "8월 관리비".to_owned(),
        amount: won(55_000),
        tax_free: None,
        vat: None,
        customer: Customer::new("박서연", "", "a@b.kr"),
    }
}

const ISSUED: &str = r#"{"imp_uid":"imps_1","receipt_tid":"t","apply_num":"123456789","type":"person","amount":55000,
    "vat":5000,"receipt_url":"https://r","applied_at":100,"cancelled_at":0}"#;

#[tokio::test]
async fn a_receipt_is_issued_for_a_payment_or_for_other_cash() {
    let line = Line::open(&[(200, &ok(ISSUED))]);
    let Reply::Done(issued) = store(&line).issue_receipt(&receipt()).await else { panic!() };
    assert_eq!((issued.state, issued.kind), (ReceiptState::Issued, Some(ReceiptKind::Personal)));
    assert_eq!((issued.number, issued.amount), (Some(SafeText::new("123456789")), Some(won(55_000))));
    assert_eq!((issued.vat, issued.issued_at, issued.cancelled_at), (Some(won(5_000)), Some(100), None));
    let seen = line.one();
    assert_eq!(seen.line, "POST /receipts/imps_1");
    assert_eq!(
        seen.body,
        json!({"identifier": "01020003000", "identifier_type": "phone", "type": "person", "buyer_name": "박서연",
            "buyer_email": "a@b.kr"})
    );
    valid_v1("/receipts/{imp_uid}", "post", &seen.body);
    let mut outside = ReceiptOrder {
        provider_payment_id: None,
        tax_free: Some(won(0)),
        vat: Some(won(5_000)),
        ..receipt()
    };
    outside.receipt = CashReceipt { kind: ReceiptKind::Corporate, identity: "1234567890".to_owned() };
    outside.channel.product_type = Some(ProductType::Physical);
    let line = Line::open(&[(200, &ok(ISSUED))]);
    assert!(matches!(store(&line).issue_receipt(&outside).await, Reply::Done(_)));
    let seen = line.one();
    assert_eq!(seen.line, "POST /receipts/external/order1");
    assert_eq!(
        seen.body,
        json!({"identifier": "1234567890", "identifier_type": "business", "type": "company", "tax_free": 0,
            "vat_amount": 5_000, "product_type": "real", "channel_key": "channel-key-1", "name": "8월 관리비",
            "amount": 55_000, "buyer_name": "박서연", "buyer_email": "a@b.kr"})
    );
    valid_v1("/receipts/external/{merchant_uid}", "post", &seen.body);
    let dollars = ReceiptOrder { amount: Money::new(5, Currency::Usd).unwrap(), ..receipt() };
    let line = Line::open(&[]);
    assert_eq!(
        store(&line).issue_receipt(&dollars).await,
        Reply::NotDone(Problem::Unsupported { what: "currency" })
    );
    assert!(line.seen().is_empty());
}

#[tokio::test]
async fn what_came_of_a_receipt_is_said_in_types() {
    let issued = ok(ISSUED);
    let cancelled = issued.replace("\"cancelled_at\":0", "\"cancelled_at\":200");
    let quoting = r#"{"code":-1,"message":"010-2000-3000 번호 오류","response":null}"#;
    let done = |_| "done".to_owned();
    for (answers, expected) in [
        (vec![(400, NO), (200, &*issued)], "not done receipt_exists"),
        (vec![(400, NO), (404, GONE)], "not done refused"),
        (vec![(400, NO), (200, &*cancelled)], "not done refused"),
        (vec![(501, NO)], "not done unsupported"),
        // Whether the PG issued one before it failed nobody knows.
        (vec![(500, NO)], "unseen unknown_error"),
        (vec![(200, NO)], "declined  안 됩니다"),
        (vec![(200, quoting)], "declined  (the answer repeated what is not kept and was left out)"),
        (vec![(200, &*cancelled)], "unseen undecided"),
        (vec![(200, r#"{"code":0,"response":{}}"#)], "unseen malformed"),
    ] {
        let line = Line::open(&answers);
        assert_eq!(said(store(&line).issue_receipt(&receipt()).await, done), expected, "{answers:?}");
        assert_eq!(line.seen().len(), answers.len());
    }
    for (imp_uid, path) in [(Some("imps/1"), "/receipts/imps%2F1"), (None, "/receipts/external/order1")] {
        let order = ReceiptCancel {
            id: PaymentId::parse("d0000010").unwrap(),
            payment: SafeText::new("order1"),
            provider_payment_id: imp_uid.map(SafeText::new),
        };
        for (answer, expected) in [
            ((200, &*cancelled), "done"),
            ((200, &*issued), "unseen undecided"),
            ((400, NO), "not done no_receipt"),
            ((404, GONE), "not done no_receipt"),
            ((403, NO), "not done refused"),
            ((501, NO), "not done unsupported"),
            ((500, NO), "unseen unknown_error"),
        ] {
            let line = Line::open(&[answer]);
            let reply = store(&line).cancel_receipt(&order).await;
            assert_eq!(said(reply, |()| "done".to_owned()), expected, "{answer:?}");
            assert_eq!(line.lines(), [format!("DELETE {path}")]);
        }
        for (answer, expected) in [
            ((200, &*issued), Ok(Some(ReceiptState::Issued))),
            ((200, &*cancelled), Ok(Some(ReceiptState::Cancelled))),
            ((404, GONE), Ok(None)),
            ((200, NO), Err("refused")),
            ((200, r#"{"code":0,"response":{}}"#), Err("unreadable")),
        ] {
            let line = Line::open(&[answer]);
            let found = store(&line).receipt(&order.payment, order.provider_payment_id.as_ref()).await;
            let found = found.map(|found| found.map(|found| found.state)).map_err(|problem| problem.word());
            assert_eq!(found, expected, "{answer:?}");
            assert_eq!(line.lines(), [format!("GET {path}")]);
        }
    }
}
