//! The history, attempts and raw answers: what is asked, and what is read (V2 §12).

use std::io::{Read as _, Write as _};

use super::super::super::tests::{Line, request};
use super::schedules::{at, store};
use super::*;
use crate::domain::problem::MoneyMoved;
use crate::domain::record::{CancellationState, CardTraits, Method, ReceiptState};

fn span() -> Span {
    Span { from: at("2026-01-01T00:00:00Z"), until: at("2026-07-02T00:00:00Z") }
}

fn page(count: usize) -> String {
    let item = |at: usize| json!({"payment": {"id": format!("p{at}"), "status": "PAID"}, "cursor": format!("c{at}")});
    json!({"items": (0..count).map(item).collect::<Vec<_>>()}).to_string()
}

#[tokio::test]
async fn the_history_is_read_from_cursor_to_cursor() {
    let (full, last) = (page(250), page(3));
    let line = Line::open(&[(200, &full), (200, &last)]);
    let store = store(&line);
    let batch = store.payments(span(), None, &Early::default()).await.unwrap();
    assert_eq!((batch.items.len(), batch.next.as_deref()), (250, Some("c249")));
    let batch = store.payments(span(), batch.next.as_deref(), &Early::default()).await.unwrap();
    assert_eq!((batch.items.len(), batch.next), (3, None));
    let seen = line.seen();
    assert!(seen[0].line.starts_with("GET /payments-by-cursor?requestBody="), "{}", seen[0].line);
    let ask = json!({"storeId": "store-1", "from": "2026-01-01T00:00:00Z", "until": "2026-07-02T00:00:00Z", "size": 250});
    assert_eq!(seen[0].input(), ask);
    valid_v2("GetAllPaymentsByCursorBody", &seen[0].input());
    assert_eq!(seen[1].input()["cursor"], "c249");
    valid_v2("GetAllPaymentsByCursorBody", &seen[1].input());
}

#[tokio::test]
async fn where_the_next_page_begins_is_told_before_a_full_page_is_read() {
    let (full, last) = (page(250), page(3));
    let line = Line::open(&[(200, &full), (200, &last)]);
    let store = store(&line);
    let (first, second) = (Early::default(), Early::default());
    let batch = store.payments(span(), None, &first).await.unwrap();
    assert_eq!((first.next(), batch.next.as_deref()), (Some("c249"), Some("c249")));
    store.payments(span(), first.next(), &second).await.unwrap();
    assert_eq!(second.next(), None, "behind a page that is not full there is none");
}

#[test]
fn a_cursor_is_guessed_where_a_page_leaves_no_doubt() {
    let guess = |body: &str| wire::record::last_cursor(body.as_bytes(), 2).map(str::to_owned);
    let item = |cursor: &str| {
        json!({"cursor": cursor, "payment": {"customData": "{\"cursor\":\"no\"}"}}).to_string()
    };
    let of = |items: &[String]| format!("{{\"items\":[{}]}}", items.join(","));
    assert_eq!(guess(&of(&[item("a"), item("b")])).as_deref(), Some("b"));
    assert_eq!(guess(&of(&[item("a")])), None, "not full");
    assert_eq!(guess(&of(&[item("a"), item("b"), item("c")])), None, "one of them is no item's");
    assert_eq!(guess(&of(&[item("a"), item("b\"")])), None, "escaped");
    assert_eq!(guess(r#"{"cursor":"a","x":{"cursor":"b"#), None, "cut");
    assert_eq!(guess(""), None);
}

/// What comes over one connection after the other: each answers with these pages, and closes when it is asked for more.
fn connections(of: &[&[&str]]) -> (V2, std::thread::JoinHandle<Vec<usize>>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let transport = super::super::super::tests::transport(&listener);
    let of: Vec<Vec<String>> =
        of.iter().map(|pages| pages.iter().map(ToString::to_string).collect()).collect();
    let provider = std::thread::spawn(move || {
        let answered = of.iter().map(|pages| {
            let (mut stream, _) = listener.accept().unwrap();
            for page in pages {
                request(&mut stream);
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", page.len());
                stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(page.as_bytes())).unwrap();
            }
            // Asked once more or left.
            let mut rest = [0];
            stream.read(&mut rest).unwrap_or(0) + pages.len()
        });
        answered.collect()
    });
    (V2::new(transport, "main".to_owned(), "store-1".to_owned(), ApiSecret::new("secret")), provider)
}

#[tokio::test]
async fn pages_share_a_connection_and_one_that_closes_between_them_costs_nothing() {
    let (full, other, last) = (page(250), page(250).replace(":\"c", ":\"d"), page(3));
    let (store, provider) = connections(&[&[&full, &other], &[&last], &[&last]]);
    let first = store.payments(span(), None, &Early::default()).await.unwrap();
    let second = store.payments(span(), first.next.as_deref(), &Early::default()).await.unwrap();
    assert_eq!(second.next.as_deref(), Some("d249"));
    // Closed when this one comes: it is asked for again over another.
    let third = store.payments(span(), second.next.as_deref(), &Early::default()).await.unwrap();
    assert_eq!((third.items.len(), third.next), (3, None));
    // The list has ended, and its connection with it.
    assert_eq!(store.payments(span(), None, &Early::default()).await.unwrap().items.len(), 3);
    drop(store);
    while !provider.is_finished() {
        tokio::task::yield_now().await;
    }
    assert_eq!(provider.join().unwrap(), [3, 1, 1]);
}

#[tokio::test]
async fn a_page_that_does_not_fit_is_asked_for_in_parts() {
    let huge = format!("{{\"x\":\"{}\"}}", "x".repeat(crate::gateway::MAX_ANSWER));
    let fits = page(50);
    let line = Line::open(&[(200, &huge), (200, &fits)]);
    let batch = store(&line).payments(span(), Some("c7"), &Early::default()).await.unwrap();
    assert_eq!((batch.items.len(), batch.next.as_deref()), (50, Some("c49")));
    let sizes: Vec<(Value, Value)> = line
        .seen()
        .iter()
        .map(|seen| (seen.input()["size"].clone(), seen.input()["cursor"].clone()))
        .collect();
    assert_eq!(sizes, [(json!(250), json!("c7")), (json!(50), json!("c7"))]);
    let line = Line::open(&[(200, &huge), (200, &huge), (200, &huge)]);
    let problem = store(&line).payments(span(), None, &Early::default()).await.unwrap_err();
    assert_eq!(problem, Problem::Unreadable { why: "too_large".to_owned() });
    assert_eq!(line.seen().len(), 3);
}

#[tokio::test]
async fn too_many_questions_are_no_refusal_whatever_stands_in_the_answer() {
    let refused = r#"{"type":"INVALID_REQUEST","message":"slow down"}"#;
    let line = Line::open(&[(429, refused), (429, "x"), (503, "x")]);
    let store = store(&line);
    for expected in ["later", "later", "unreadable"] {
        let problem = store.payments(span(), Some("c7"), &Early::default()).await.unwrap_err();
        assert_eq!(problem.word(), expected);
        assert_eq!(problem.money_moved(), MoneyMoved::Unknown, "a look-up says nothing about money by this");
    }
}

#[tokio::test]
async fn a_list_that_leads_nowhere_is_an_error_not_an_end() {
    let full = page(250);
    let blind = full.replace("cursor", "kursor");
    let line = Line::open(&[(200, &full), (200, &blind), (200, "{}"), (403, r#"{"type":"FORBIDDEN"}"#)]);
    let store = store(&line);
    assert_eq!(
        store.payments(span(), Some("c249"), &Early::default()).await,
        Err(malformed()),
        "the same cursor again"
    );
    for word in ["unreadable", "unreadable", "forbidden"] {
        assert_eq!(store.payments(span(), None, &Early::default()).await.unwrap_err().word(), word);
    }
}

fn whole() -> Value {
    json!({"status": "PARTIAL_CANCELLED", "id": "order1", "transactionId": "tx2", "version": "V2", "new": 1,
        "channel": {"type": "TEST", "key": "channel-key-1", "pgProvider": "KCP_V2"},
        "method": {"type": "PaymentMethodCard", "approvalNumber": "31557120", "pointUsed": true,
            "card": {"issuer": "SHINHAN_CARD", "type": "GIFT", "ownerType": "CORPORATE"}},
        "requestedAt": "2026-03-01T02:11:05Z", "statusChangedAt": "2026-03-01T02:11:09Z", "orderName": "x",
        "amount": {"total": 33000, "taxFree": 1000, "vat": 2909, "discount": 500, "cancelled": 12000, "cancelledTaxFree": 100},
        "currency": "KRW", "customer": {"id": "cust0042", "name": "김\u{1b}하늘"}, "scheduleId": "s1",
        "billingKey": "billing-key-0195a1c2", "escrow": {"status": "BEFORE_REGISTERED"}, "pgResponse": "secret",
        "cashReceipt": {"status": "CANCELLED"}, "cashReceiptIssuanceStatus": "ISSUED",
        "cancellations": [
            {"status": "REQUESTED", "id": "c2", "totalAmount": 1000, "taxFreeAmount": 0, "vatAmount": 91, "reason": "둘째",
                "requestedAt": "2026-03-02T05:00:00Z"},
            {"status": "SUCCEEDED", "id": "c1", "totalAmount": 11000, "taxFreeAmount": 100, "vatAmount": 991, "reason": "첫째",
                "requestedAt": "2026-03-02T04:00:00Z", "cancelledAt": "2026-03-02T04:00:02Z", "receiptUrl": "https://r"},
            {"status": "FAILED", "totalAmount": 5, "requestedAt": "2026-03-03T04:00:00Z"},
            {"status": "HALF", "totalAmount": 6, "requestedAt": "2026-03-04T04:00:00Z"}, {"status": "SUCCEEDED"}],
        "webhooks": [{"id": "w", "url": "u", "status": "SUCCEEDED", "triggeredAt": "2026-03-02T04:00:00Z"},
            {"id": "w", "url": "u", "request": {"body": "", "requestedAt": "2026-03-02T04:00:01Z"}}]})
}

#[test]
fn a_record_is_read_with_all_that_is_told() {
    let record = wire::record::record(whole().to_string().as_bytes()).unwrap();
    assert_eq!((record.id.as_str(), record.state()), ("order1", &PaymentState::PartialCancelled));
    assert_eq!((record.method, record.points_used, record.escrow), (Method::Card, Some(true), true));
    let traits = CardTraits { prepaid: Some(true), foreign: Some(false), corporate: Some(true) };
    assert_eq!(record.card, traits);
    assert_eq!((record.requested_at, record.changed_at), (Some(1_772_331_065), Some(1_772_331_069)));
    assert_eq!((record.tax_free, record.vat), (Some(won(1_000)), Some(won(2_909))));
    assert_eq!((record.cancelled, record.cancelled_tax_free), (Some(won(12_000)), Some(won(100))));
    assert_eq!((record.balance(), record.discounted), (Some(won(21_000)), true));
    assert_eq!((record.customer.id(), record.customer.name()), (Some("cust0042"), Some("김?하늘")));
    assert_eq!(record.channel, Some(SafeText::new("channel-key-1")));
    assert_eq!((record.schedule.clone(), record.is_recurring()), (Some(SafeText::new("s1")), true));
    assert_eq!(record.receipt, Some(ReceiptState::Cancelled), "the receipt itself before the word about it");
    let [first, second, failed, half] = &record.cancellations[..] else {
        panic!("{:?}", record.cancellations)
    };
    assert_eq!((first.id.as_ref().unwrap().as_str(), &first.state), ("c1", &CancellationState::Succeeded));
    assert_eq!((first.amount, first.tax_free), (won(11_000), Some(won(100))));
    assert_eq!((first.requested_at, first.cancelled_at), (Some(1_772_424_000), Some(1_772_424_002)));
    assert_eq!(
        (first.reason.as_str(), first.receipt_url.clone()),
        ("첫째", Some(SafeText::new("https://r")))
    );
    assert_eq!((&second.state, second.cancelled_at), (&CancellationState::Requested, None));
    assert!(matches!(failed.state, CancellationState::Failed(_)));
    assert_eq!(half.state, CancellationState::Other(SafeText::new("HALF")));
    let hooks: Vec<(Option<i64>, &str)> =
        record.webhooks.iter().map(|hook| (hook.at, hook.status.as_str())).collect();
    assert_eq!(hooks, [(Some(1_772_424_000), "SUCCEEDED"), (Some(1_772_424_001), "")]);
}

#[test]
fn a_record_is_read_leniently() {
    let bare = wire::record::record(br#"{"id":"p","status":"READY","customer":7,"webhooks":{},"amount":[]}"#)
        .unwrap();
    assert_eq!((bare.method, bare.cancelled, bare.receipt, bare.escrow), (Method::Other, None, None, false));
    assert_eq!(bare.customer, Customer::default());
    assert!(wire::record::record(br#"{"status":"PAID"}"#).is_none(), "without an id nobody can ask for it");
    for (method, expected) in [
        ("PaymentMethodEasyPay", Method::EasyPay),
        ("PaymentMethodVirtualAccount", Method::VirtualAccount),
        ("PaymentMethodTransfer", Method::Transfer),
        ("PaymentMethodMobile", Method::Mobile),
        ("PaymentMethodGiftCertificate", Method::GiftCertificate),
        ("PaymentMethodCrypto", Method::Other),
    ] {
        let body = json!({"id": "p", "status": "PAID", "method": {"type": method}}).to_string();
        assert_eq!(wire::record::record(body.as_bytes()).unwrap().method, expected);
    }
    for (word, expected) in [("ISSUED", ReceiptState::Issued), ("NOT_ISSUED", ReceiptState::NotIssued)] {
        let body = json!({"id": "p", "status": "PAID", "cashReceiptIssuanceStatus": word}).to_string();
        assert_eq!(wire::record::record(body.as_bytes()).unwrap().receipt, Some(expected));
    }
    // What stands behind an easy-pay is told of the payment.
    let easy = json!({"id": "p", "status": "PAID", "method": {"type": "PaymentMethodEasyPay", "provider": "KAKAOPAY",
        "easyPayMethod": {"type": "PaymentMethodCard", "approvalNumber": "1", "pointUsed": false,
            "installment": {"month": 3}, "card": {"number": "400011******3333", "publisher": "VISA_CARD",
                "type": "NEW", "ownerType": 7}}}});
    let easy = wire::record::record(easy.to_string().as_bytes()).unwrap();
    assert_eq!(easy.card, CardTraits { foreign: Some(true), ..CardTraits::default() }, "and of its card");
    assert_eq!((easy.points_used, easy.payment.installments), (Some(false), Some(3)));
    assert_eq!(
        (easy.payment.card.unwrap().last4(), easy.payment.approval_number.unwrap().as_str()),
        ("3333", "1")
    );
}

/// Every place in a value.
fn places(value: &Value) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, inner)| (name.clone(), inner)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(at, inner)| (at.to_string(), inner)).collect(),
        _ => Vec::new(),
    };
    let below = |(name, inner): (String, &Value)| {
        places(inner).into_iter().map(move |place| format!("/{name}{place}")).collect::<Vec<_>>()
    };
    std::iter::once(String::new()).chain(inner.into_iter().flat_map(below)).collect()
}

#[test]
fn whatever_stands_in_one_place_the_rest_is_read() {
    let easy = json!({"type": "PaymentMethodEasyPay", "easyPayMethod": {"type": "PaymentMethodCard",
        "installment": {"month": 3}, "card": {"number": "400011******3333", "name": "신한"}}});
    let mut payment = whole();
    payment["method"] = easy;
    payment["failure"] = json!({"reason": "r", "pgCode": "1", "pgMessage": "m", "message": "n"});
    let sound = json!({"payment": whole(), "cursor": "c"});
    let page = json!({"items": [{"payment": payment, "cursor": "b"}, sound]});
    let expected = wire::record::by_cursor(page.to_string().as_bytes()).unwrap();
    assert_eq!(expected.records.len(), 2);
    let all = places(&page["items"][0]["payment"]);
    assert!(all.len() > 70, "{}", all.len());
    for place in all {
        for odd in [
            json!(null),
            json!(true),
            json!(-7),
            json!(1.5),
            json!(u64::MAX),
            json!("\u{1b}\"x"),
            json!([[1, {}], "x"]),
            json!({"a": {"type": []}}),
        ] {
            let mut page = page.clone();
            *page["items"][0]["payment"].pointer_mut(&place).unwrap() = odd.clone();
            let read = wire::record::by_cursor(page.to_string().as_bytes()).unwrap();
            assert_eq!((read.seen, read.cursor.as_deref()), (2, Some("c")), "{odd} at {place}");
            let needed = place.is_empty() || (place == "/id" || place == "/status") && !odd.is_string();
            assert_eq!(read.records.len(), if needed { 1 } else { 2 }, "{odd} at {place}");
            assert_eq!(read.records.last(), expected.records.last(), "{odd} at {place}");
            if let Some(first) = read.records.first().filter(|_| !needed) {
                let (known, currency) = (&expected.records[0], place == "/currency");
                assert!(
                    place == "/amount"
                        || place == "/amount/total"
                        || currency
                        || first.payment.total == known.payment.total
                );
                assert!(
                    place.starts_with("/customer") || first.customer == known.customer,
                    "{odd} at {place}"
                );
                assert!(
                    place.starts_with("/method") || first.payment.card == known.payment.card,
                    "{odd} at {place}"
                );
                assert!(
                    place.starts_with("/webhooks") || first.webhooks == known.webhooks,
                    "{odd} at {place}"
                );
            }
        }
    }
}

const NONE: &str = r#"{"type":"PAYMENT_NOT_FOUND"}"#;

#[tokio::test]
async fn attempts_are_the_payment_and_those_before_it() {
    let id = SafeText::new("order/1");
    let payment = whole().to_string();
    let attempt = |id: &str, status: &str, at: &str| json!({"id": id, "paymentId": "order1", "status": status, "requestedAt": at});
    let list = json!({"items": [attempt("tx0", "FAILED", "2026-03-01T01:00:00Z"),
        attempt("tx2", "PARTIAL_CANCELLED", "2026-03-01T02:11:05Z"), attempt("tx1", "FAILED", "2026-03-01T02:00:00Z")]});
    let list = list.to_string();
    for (answers, expected) in [
        (vec![(200, &*payment), (200, &*list)], Ok(vec!["tx2", "tx1", "tx0"])),
        (vec![(404, NONE)], Ok(vec![])),
        // The list of attempts may go (V2 §1): the payment stays.
        (vec![(200, &*payment), (404, r#"{"type":"NO_SUCH_ROUTE"}"#)], Ok(vec!["tx2"])),
        (vec![(200, &*payment), (200, "{}")], Ok(vec!["tx2"])),
        (vec![(200, &*payment), (503, "x")], Err("unreadable")),
        (vec![(200, "{}")], Err("unreadable")),
        (vec![(403, r#"{"type":"FORBIDDEN"}"#)], Err("forbidden")),
    ] {
        let line = Line::open(&answers);
        let attempts = store(&line).attempts(&id).await.map_err(|problem| problem.word());
        let ids = attempts
            .as_ref()
            .map(|attempts| {
                attempts
                    .iter()
                    .map(|one| one.payment.provider_payment_id.as_ref().unwrap().as_str())
                    .collect::<Vec<_>>()
            })
            .map_err(|word| *word);
        assert_eq!(ids, expected, "{answers:?}");
        let lines = line.lines();
        assert_eq!(lines[0], "GET /payments/order%2F1?storeId=store-1");
        if let Some(second) = lines.get(1) {
            assert_eq!(second, "GET /payments/order%2F1/transactions?storeId=store-1");
        }
        if let Ok(attempts) = attempts {
            assert!(attempts.iter().all(|attempt| attempt.id.as_str() == "order1"));
            assert!(attempts.first().is_none_or(|latest| latest.cancellations.len() == 4));
        }
    }
}

#[tokio::test]
async fn the_raw_answer_has_no_secrets() {
    let payment = whole().to_string();
    let line = Line::open(&[(200, &payment), (404, r#"{"type":"PAYMENT_NOT_FOUND"}"#), (200, "{")]);
    let store = store(&line);
    let id = SafeText::new("order1");
    let raw = store.raw_payment(&id).await.unwrap().unwrap();
    let raw: Vec<&str> = raw.iter().map(SafeText::as_str).collect();
    assert!(raw.contains(&"amount.total: 33000") && raw.contains(&"customer.name: 김?하늘"), "{raw:?}");
    assert!(raw.contains(&"billingKey: …95a1c2"), "{raw:?}");
    assert!(!raw.iter().any(|line| line.contains("secret") || line.contains("pgResponse")), "{raw:?}");
    assert_eq!(store.raw_payment(&id).await, Ok(None));
    assert_eq!(store.raw_payment(&id).await, Err(malformed()));
}
