//! Refunds and cash receipts: what is asked, and what the answers mean (V2 §13.1, §15).

use super::super::super::tests::{Line, given_back};
use super::schedules::store;
use super::*;
use crate::domain::cash_receipt::{ReceiptCancel, ReceiptOrder};
use crate::domain::money::Currency;
use crate::domain::order::Requester;
use crate::domain::record::{CancellationState, ReceiptState};
use crate::domain::refund::{RefundAccount, RefundOrder, Refunded};

fn refund() -> RefundOrder {
    given_back(channel(Generation::V2, "KCP_V2"), won(11_000), won(33_000))
}

fn told(reply: Reply<Refunded>) -> String {
    said(reply, |refunded| {
        let state = match refunded.cancellation.state {
            CancellationState::Succeeded => "succeeded".to_owned(),
            CancellationState::Requested => "requested".to_owned(),
            CancellationState::Failed(refusal) => format!("failed {}", refusal.message),
            CancellationState::Other(state) => state.to_string(),
        };
        assert_eq!(refunded.balance, None, "V2's answer does not say");
        format!("done {state} {}", refunded.cancellation.amount)
    })
}

#[tokio::test]
async fn a_refund_says_amount_and_balance() {
    let line = Line::open(&[(
        200,
        r#"{"cancellation":{"status":"SUCCEEDED","id":"0195a1e9","totalAmount":11000,"taxFreeAmount":0,"vatAmount":1000,
            "reason":"부분 반품","requestedAt":"2026-03-02T04:00:00Z","cancelledAt":"2026-03-02T04:00:02Z","trigger":"API"}}"#,
    )]);
    let Reply::Done(Refunded { cancellation, .. }) = store(&line).refund(&refund()).await else { panic!() };
    assert_eq!((cancellation.id, cancellation.amount), (Some(SafeText::new("0195a1e9")), won(11_000)));
    assert_eq!(
        (cancellation.requested_at, cancellation.cancelled_at),
        (Some(1_772_424_000), Some(1_772_424_002))
    );
    let seen = line.one();
    assert_eq!(seen.line, "POST /payments/order1/cancel");
    assert_eq!(seen.header("idempotency-key"), Some("\"danmal-refund-d0000008\""));
    assert_eq!(
        seen.body,
        json!({"storeId": "store-1", "reason": "부분 반품", "amount": 11_000, "currentCancellableAmount": 33_000})
    );
    valid_v2("CancelPaymentBody", &seen.body);
    let account = RefundAccount {
        bank: bank_of_v2("KOOKMIN").unwrap(),
        number: "12345678901234".to_owned(),
        holder: "박도윤".to_owned(),
        phone: Some("01050006000".to_owned()),
    };
    assert_eq!(format!("{account:?}"), "RefundAccount");
    let whole = RefundOrder {
        payment: SafeText::new("order/1"),
        tax_free: Some(won(0)),
        vat: Some(won(1_000)),
        requester: Some(Requester::Admin),
        account: Some(account),
        ..refund()
    };
    let quoting = r#"{"type":"PG_PROVIDER","pgCode":"V1","pgMessage":"계좌 1234-5678901234 오류"}"#;
    let line = Line::open(&[(502, quoting)]);
    let expected = "declined V1 (the answer repeated what is not kept and was left out)";
    assert_eq!(told(store(&line).refund(&whole).await), expected);
    let seen = line.one();
    assert_eq!(seen.line, "POST /payments/order%2F1/cancel");
    assert_eq!(
        seen.body,
        json!({"storeId": "store-1", "reason": "부분 반품", "amount": 11_000, "currentCancellableAmount": 33_000,
            "taxFreeAmount": 0, "vatAmount": 1_000, "requester": "ADMIN", "refundAccount": {"bank": "KOOKMIN",
            "number": "12345678901234", "holderName": "박도윤", "holderPhoneNumber": "01050006000"}})
    );
    valid_v2("CancelPaymentBody", &seen.body);
}

#[tokio::test]
async fn what_came_of_a_refund_is_said_in_types() {
    let told_of = |status: &str| format!(r#"{{"cancellation":{{"status":"{status}","totalAmount":11000}}}}"#);
    let error = |kind: &str| format!(r#"{{"type":"{kind}","message":"x"}}"#);
    for (status, body, expected) in [
        (200, told_of("SUCCEEDED"), "done succeeded 11,000"),
        (200, told_of("REQUESTED"), "done requested 11,000"),
        (200, told_of("FAILED"), "done failed  11,000"),
        (200, told_of("HALF"), "done HALF 11,000"),
        (200, r#"{"cancellation":{"status":"SUCCEEDED"}}"#.to_owned(), "unseen malformed"),
        (200, r#"{"cancellation":{"totalAmount":11000}}"#.to_owned(), "unseen malformed"),
        (200, "{}".to_owned(), "unseen malformed"),
        (400, error("INVALID_REQUEST"), "not done refused"),
        (400, error("NEGATIVE_PROMOTION_ADJUSTED_CANCEL_AMOUNT"), "not done not_refundable promotion"),
        (
            400,
            error("PROMOTION_DISCOUNT_RETAIN_OPTION_SHOULD_NOT_BE_CHANGED"),
            "not done not_refundable promotion",
        ),
        (404, error("PAYMENT_NOT_FOUND"), "not done refused"),
        (409, error("PAYMENT_NOT_PAID"), "not done not_refundable not_paid"),
        (409, error("PAYMENT_ALREADY_CANCELLED"), "not done not_refundable cancelled"),
        (409, error("CANCELLABLE_AMOUNT_CONSISTENCY_BROKEN"), "not done balance_changed"),
        (409, error("CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT"), "not done not_refundable amount"),
        (409, error("SUM_OF_PARTS_EXCEEDS_CANCEL_AMOUNT"), "not done not_refundable tax"),
        (
            409,
            error("CANCEL_TAX_FREE_AMOUNT_EXCEEDS_CANCELLABLE_TAX_FREE_AMOUNT"),
            "not done not_refundable tax",
        ),
        (409, error("CANCEL_TAX_AMOUNT_EXCEEDS_CANCELLABLE_TAX_AMOUNT"), "not done not_refundable tax"),
        (409, error("MAX_CANCEL_COUNT_REACHED"), "not done not_refundable count"),
        (409, error("IDEMPOTENCY_OUTSTANDING_REQUEST"), "unseen outstanding"),
        (409, error("SOMETHING_NEW"), "unseen unknown_error"),
        (500, error("PAYMENT_NOT_PAID"), "unseen unknown_error"),
        (502, error("PG_PROVIDER"), "declined  x"),
        (504, "<html>".to_owned(), "unseen malformed"),
    ] {
        let line = Line::open(&[(status, &body)]);
        let reply = store(&line).refund(&refund()).await;
        let what = match &reply {
            Reply::NotDone(Problem::NotRefundable { what }) => format!(" {what}"),
            _ => String::new(),
        };
        assert_eq!(format!("{}{what}", told(reply)), expected, "{status} {body}");
        assert_eq!(line.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_refund_of_nothing_or_of_too_much_is_never_sent() {
    let line = Line::open(&[]);
    let v1 = crate::gateway::v1::V1::new(
        line.transport.clone(),
        "main".to_owned(),
        ApiSecret::new("k"),
        ApiSecret::new("s"),
    );
    let dollars = Money::new(11_000, Currency::Usd).unwrap();
    let stores: [&dyn Gateway; 2] = [&store(&line), &v1];
    for store in stores {
        for (order, expected) in [
            (RefundOrder { amount: won(0), ..refund() }, "amount"),
            (RefundOrder { amount: won(33_001), ..refund() }, "amount"),
            (RefundOrder { amount: dollars, ..refund() }, "amount"),
            (RefundOrder { tax_free: Some(dollars), ..refund() }, "amount"),
            (RefundOrder { tax_free: Some(won(11_001)), ..refund() }, "tax"),
            (RefundOrder { tax_free: Some(won(11_000)), vat: Some(won(1)), ..refund() }, "tax"),
            (RefundOrder { reason: " ".to_owned(), ..refund() }, "reason"),
        ] {
            let problem = Problem::NotRefundable { what: expected };
            assert_eq!(store.refund(&order).await, Reply::NotDone(problem), "{order:?}");
        }
    }
    assert!(line.seen().is_empty());
}

fn receipt() -> ReceiptOrder {
    ReceiptOrder {
        id: PaymentId::parse("d0000009").unwrap(),
        channel: channel(Generation::V2, "KSNET"),
        payment: SafeText::new("order1"),
        provider_payment_id: None,
        receipt: CashReceipt { kind: ReceiptKind::Personal, identity: "01020003000".to_owned() },
        order_name: "정수기 렌탈".to_owned(),
        amount: won(33_000),
        tax_free: Some(won(0)),
        vat: None,
        customer: Customer::new("김하늘", "010-2000-3000", ""),
    }
}

#[tokio::test]
async fn a_receipt_is_issued() {
    let answer = r#"{"cashReceipt":{"issueNumber":"123456789","url":"https://r","pgReceiptId":"p"}}"#;
    let line = Line::open(&[(200, answer), (200, answer)]);
    let Reply::Done(issued) = store(&line).issue_receipt(&receipt()).await else { panic!() };
    assert_eq!((issued.state, issued.number), (ReceiptState::Issued, Some(SafeText::new("123456789"))));
    let mut company = receipt();
    company.receipt = CashReceipt { kind: ReceiptKind::Corporate, identity: "1234567890".to_owned() };
    company.channel.product_type = Some(ProductType::Digital);
    assert!(matches!(store(&line).issue_receipt(&company).await, Reply::Done(_)));
    let [first, second] = &line.seen()[..] else { panic!() };
    assert_eq!(first.line, "POST /cash-receipts");
    assert_eq!(first.header("idempotency-key"), Some("\"danmal-receipt-d0000009\""));
    assert_eq!(
        first.body,
        json!({"storeId": "store-1", "paymentId": "order1", "channelKey": "channel-key-1", "type": "PERSONAL",
            "orderName": "정수기 렌탈", "currency": "KRW", "amount": {"total": 33_000, "taxFree": 0},
            "customer": {"identityNumber": "01020003000", "identityNumberType": "PHONE", "name": "김하늘",
                "phoneNumber": "01020003000"}})
    );
    assert_eq!(second.body["customer"]["identityNumberType"], "BUSINESS");
    assert_eq!((&second.body["type"], &second.body["productType"]), (&json!("CORPORATE"), &json!("DIGITAL")));
    for seen in [first, second] {
        valid_v2("IssueCashReceiptBody", &seen.body);
    }
}

#[tokio::test]
async fn what_came_of_a_receipt_is_said_in_types() {
    for (status, body, expected) in [
        (200, r#"{"cashReceipt":{"url":"u"}}"#, "unseen malformed"),
        (404, r#"{"type":"CHANNEL_NOT_FOUND"}"#, "not done channel_unknown"),
        (409, r#"{"type":"CASH_RECEIPT_ALREADY_ISSUED"}"#, "not done receipt_exists"),
        (502, r#"{"type":"PG_PROVIDER","pgMessage":"번호 오류"}"#, "declined  번호 오류"),
        (400, r#"{"type":"INVALID_REQUEST","message":"identityNumber: 010-2000-3000"}"#, "not done refused"),
    ] {
        let line = Line::open(&[(status, body)]);
        let reply = store(&line).issue_receipt(&receipt()).await;
        if let Reply::NotDone(Problem::Refused { message, .. }) = &reply {
            assert!(!message.contains("2000"), "{message}");
        }
        assert_eq!(said(reply, |_| "done".to_owned()), expected, "{status} {body}");
    }
    let order = ReceiptCancel {
        id: PaymentId::parse("d0000010").unwrap(),
        payment: SafeText::new("order1"),
        provider_payment_id: None,
    };
    for (status, body, expected) in [
        (200, r#"{"cancelledAmount":33000,"cancelledAt":"2026-03-02T05:00:00Z"}"#, "done"),
        (200, "{}", "unseen malformed"),
        (404, r#"{"type":"CASH_RECEIPT_NOT_FOUND"}"#, "not done no_receipt"),
        (404, r#"{"type":"CASH_RECEIPT_NOT_ISSUED"}"#, "not done no_receipt"),
        (502, r#"{"type":"PG_PROVIDER","pgMessage":"x"}"#, "declined  x"),
    ] {
        let line = Line::open(&[(status, body)]);
        let reply = store(&line).cancel_receipt(&order).await;
        assert_eq!(said(reply, |()| "done".to_owned()), expected, "{status} {body}");
        let seen = line.one();
        assert_eq!(seen.line, "POST /payments/order1/cash-receipt/cancel?storeId=store-1");
        assert_eq!(seen.header("idempotency-key"), Some("\"danmal-unreceipt-d0000010\""));
    }
}

#[tokio::test]
async fn a_receipt_is_looked_up() {
    let body = |status: &str| {
        json!({"status": status, "issueNumber": "123", "amount": 33_000, "vatAmount": 3_000, "taxFreeAmount": 0,
            "currency": "KRW", "type": "CORPORATE", "url": "https://r", "issuedAt": "2026-03-02T04:00:00Z",
            "cancelledAt": "2026-03-02T05:00:00Z"})
        .to_string()
    };
    for (status, answer, expected) in [
        (200, body("ISSUED"), Ok(Some(ReceiptState::Issued))),
        (200, body("CANCELLED"), Ok(Some(ReceiptState::Cancelled))),
        (200, body("ISSUE_FAILED"), Ok(Some(ReceiptState::NotIssued))),
        (200, body("HALF"), Err("unreadable")),
        (404, r#"{"type":"CASH_RECEIPT_NOT_FOUND"}"#.to_owned(), Ok(None)),
        (403, r#"{"type":"FORBIDDEN"}"#.to_owned(), Err("forbidden")),
    ] {
        let line = Line::open(&[(status, &answer)]);
        let found = store(&line).receipt(&SafeText::new("order/1"), None).await;
        if let Ok(Some(receipt)) = &found {
            assert_eq!((receipt.amount, receipt.vat), (Some(won(33_000)), Some(won(3_000))));
            assert_eq!(
                (receipt.kind, receipt.issued_at),
                (Some(ReceiptKind::Corporate), Some(1_772_424_000))
            );
        }
        let found = found.map(|found| found.map(|found| found.state)).map_err(|problem| problem.word());
        assert_eq!(found, expected, "{answer}");
        assert_eq!(line.lines(), ["GET /payments/order%2F1/cash-receipt?storeId=store-1"]);
    }
}
