//! Schedules: what is asked, and what the answers mean (V2 §11).

use super::super::super::tests::Line;
use super::*;
use crate::domain::schedule::ScheduleState;

pub(super) fn store(line: &Line) -> V2 {
    V2::new(line.transport.clone(), "main".to_owned(), "store-1".to_owned(), ApiSecret::new("secret"))
}

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn booking() -> ScheduleOrder {
    ScheduleOrder {
        sale: order().sale,
        key: BillingKey::parse("billing-key-1").unwrap(),
        installments: Installments { months: 2, interest_free: false },
        at: at("2026-04-01T01:00:00Z"),
    }
}

#[tokio::test]
async fn a_schedule_is_made_with_its_store_in_the_payment() {
    let line = Line::open(&[(200, r#"{"schedule":{"id":"01JQ8V4K7M2","new":1}}"#)]);
    let reply = store(&line).schedule(&booking()).await;
    assert_eq!(reply, Reply::Done(SafeText::new("01JQ8V4K7M2")));
    let seen = line.one();
    assert_eq!(seen.line, "POST /payments/d0000001/schedule");
    assert_eq!(seen.header("idempotency-key"), Some("\"danmal-schedule-d0000001\""));
    assert_eq!(seen.header("authorization"), Some("PortOne secret"));
    assert_eq!(
        seen.body,
        json!({"timeToPay": "2026-04-01T10:00:00+09:00", "payment": {
            "storeId": "store-1", "billingKey": "billing-key-1", "orderName": "정수기 \"렌탈\"",
            "amount": {"total": 55000, "taxFree": 0}, "currency": "KRW",
            "customer": {"id": "cust0042", "name": {"full": "김하늘"}, "phoneNumber": "01020003000"},
            "productType": "PHYSICAL", "installmentMonth": 2}})
    );
    valid_v2("CreatePaymentScheduleBody", &seen.body);
}

#[tokio::test]
async fn what_came_of_a_new_schedule_is_said_in_types() {
    for (status, body, expected) in [
        (200, r#"{"schedule":{}}"#, "unseen malformed"),
        (200, r#"{"schedule":{"id":""}}"#, "unseen malformed"),
        (200, r#"{"schedule":{"id":"01J"#, "unseen malformed"),
        (400, r#"{"type":"INVALID_REQUEST","message":"timeToPay"}"#, "not done refused"),
        (401, r#"{"type":"UNAUTHORIZED"}"#, "not done credentials"),
        (403, r#"{"type":"FORBIDDEN"}"#, "not done forbidden"),
        (404, r#"{"type":"BILLING_KEY_NOT_FOUND"}"#, "not done key_gone"),
        (409, r#"{"type":"BILLING_KEY_ALREADY_DELETED"}"#, "not done key_gone"),
        (409, r#"{"type":"PAYMENT_SCHEDULE_ALREADY_EXISTS"}"#, "not done schedule_exists"),
        (409, r#"{"type":"ALREADY_PAID_OR_WAITING"}"#, "not done refused"),
        (409, r#"{"type":"SUM_OF_PARTS_EXCEEDS_TOTAL_AMOUNT"}"#, "not done refused"),
        (409, r#"{"type":"IDEMPOTENCY_OUTSTANDING_REQUEST"}"#, "unseen outstanding"),
        (409, r#"{"type":"SOMETHING_NEW"}"#, "unseen unknown_error"),
        (500, r#"{"type":"INTERNAL"}"#, "unseen unknown_error"),
        (502, "<html>", "unseen malformed"),
    ] {
        let line = Line::open(&[(status, body)]);
        let reply = store(&line).schedule(&booking()).await;
        assert_eq!(said(reply, |id| format!("done {id}")), expected, "{status} {body}");
        assert_eq!(line.seen().len(), 1, "sent once, whatever came of it");
    }
}

#[tokio::test]
async fn schedules_are_revoked_by_their_ids() {
    let order = |ids: &[&str], key: Option<&str>| ScheduleRevoke {
        id: PaymentId::parse("d0000009").unwrap(),
        schedules: ids.iter().map(|id| SafeText::new(id)).collect(),
        key: key.map(|key| BillingKey::parse(key).unwrap()),
    };
    for (status, body, expected) in [
        (200, r#"{"revokedScheduleIds":["s2","s1"],"revokedAt":"2026-03-02T05:00:00Z"}"#, "done"),
        (200, r#"{"revokedScheduleIds":["s1","s2"]}"#, "done"),
        (200, r#"{"revokedScheduleIds":["s1"]}"#, "unseen undecided"),
        (200, "{}", "unseen malformed"),
        (404, r#"{"type":"PAYMENT_SCHEDULE_NOT_FOUND"}"#, "not done schedule_gone"),
        (404, r#"{"type":"BILLING_KEY_NOT_FOUND"}"#, "not done key_gone"),
        (409, r#"{"type":"PAYMENT_SCHEDULE_ALREADY_PROCESSED"}"#, "not done schedule_not_open"),
        (409, r#"{"type":"PAYMENT_SCHEDULE_ALREADY_REVOKED"}"#, "not done schedule_not_open"),
        (409, r#"{"type":"IDEMPOTENCY_OUTSTANDING_REQUEST"}"#, "unseen outstanding"),
    ] {
        let line = Line::open(&[(status, body)]);
        let reply = store(&line).revoke_schedules(&order(&["s1", "s2"], Some("billing-key-1"))).await;
        assert_eq!(said(reply, |()| "done".to_owned()), expected, "{status} {body}");
        let seen = line.one();
        assert!(seen.line.starts_with("DELETE /payment-schedules?requestBody=%7B%22"), "{}", seen.line);
        assert_eq!(seen.header("idempotency-key"), Some("\"danmal-revoke-d0000009\""));
        assert_eq!(
            seen.input(),
            json!({"storeId": "store-1", "billingKey": "billing-key-1", "scheduleIds": ["s1", "s2"]})
        );
        assert_eq!(seen.body, Value::Null, "never both forms (V2 §1.1)");
        valid_v2("RevokePaymentSchedulesBody", &seen.input());
    }
    let line = Line::open(&[]);
    let none = store(&line).revoke_schedules(&order(&[], Some("k"))).await;
    assert_eq!(none, Reply::NotDone(Problem::Unsupported { what: "schedules" }));
    let many = vec!["s"; ScheduleRevoke::MOST + 1];
    assert_eq!(store(&line).revoke_schedules(&order(&many, None)).await, Reply::NotDone(Problem::TooLarge));
    assert!(line.seen().is_empty());
}

#[tokio::test]
async fn what_v2_has_no_call_for_is_not_sent() {
    let line = Line::open(&[]);
    let store = store(&line);
    let moved = ScheduleMove { schedule: SafeText::new("s1"), at: at("2026-04-01T01:00:00Z") };
    assert!(!store.can_move());
    for reply in [store.move_schedule(&moved).await, store.rebook_schedule(&moved).await] {
        assert_eq!(said(reply, |()| "done".to_owned()), "not done unsupported");
    }
    let reply = store.retry_schedule(&moved.schedule).await;
    assert_eq!(said(reply, |_| "done".to_owned()), "not done unsupported");
    assert!(line.seen().is_empty());
}

fn item(id: &str, status: &str, time: &str) -> Value {
    json!({"id": id, "billingKey": "k1", "status": status, "paymentId": format!("pay{id}"), "customData": "",
        "orderName": "월 \u{202e}구독료", "totalAmount": 9900, "taxFreeAmount": 100, "vatAmount": 891, "currency": "KRW",
        "installmentMonth": 3, "customer": {"id": "cust0042", "name": "김하늘"}, "createdAt": "2026-03-01T02:30:00Z",
        "timeToPay": time, "startedAt": "2026-04-01T01:00:03Z", "completedAt": "2026-04-01T01:00:05Z",
        "revokedAt": "2026-03-15T00:00:00Z", "new": {}})
}

#[tokio::test]
async fn one_schedule_is_there_or_not() {
    let there = item("s1", "FAILED", "2026-04-01T01:00:00Z").to_string();
    for (answer, expected) in [
        ((200, &*there), Ok(Some("s1".to_owned()))),
        ((404, r#"{"type":"PAYMENT_SCHEDULE_NOT_FOUND"}"#), Ok(None)),
        ((404, r#"{"type":"WHAT"}"#), Err("refused")),
        ((403, r#"{"type":"FORBIDDEN"}"#), Err("forbidden")),
        ((200, "{}"), Err("unreadable")),
        ((502, "<html>"), Err("unreadable")),
    ] {
        let line = Line::open(&[answer]);
        let found = store(&line).schedule_of(&SafeText::new("s/1")).await;
        let found = found.map(|found| found.map(|found| found.id.to_string()));
        assert_eq!(found.map_err(|problem| problem.word()), expected, "{answer:?}");
        assert_eq!(line.lines(), ["GET /payment-schedules/s%2F1?storeId=store-1"]);
    }
}

#[test]
fn a_schedule_is_read_with_all_that_is_told() {
    let read = |status: &str| {
        wire::schedule::schedule(item("s1", status, "2026-04-01T10:00:00+09:00").to_string().as_bytes())
            .unwrap()
    };
    let schedule = read("SUCCEEDED");
    assert_eq!((schedule.id.as_str(), schedule.payment_id.as_str()), ("s1", "pays1"));
    assert_eq!(
        (schedule.amount, schedule.tax_free, schedule.vat),
        (Some(won(9_900)), Some(won(100)), Some(won(891)))
    );
    assert_eq!((schedule.at.as_second(), schedule.installments), (1_775_005_200, Some(3)));
    assert_eq!((schedule.order_name.as_str(), schedule.customer.name()), ("월 구독료", Some("김하늘")));
    assert_eq!((schedule.created_at, schedule.ended_at), (Some(1_772_332_200), Some(1_775_005_205)));
    for (status, state, ended) in [
        ("SCHEDULED", ScheduleState::Scheduled, None),
        ("STARTED", ScheduleState::Started, Some(1_775_005_205)),
        ("PENDING", ScheduleState::Pending, Some(1_775_005_205)),
        ("FAILED", ScheduleState::Failed, Some(1_775_005_205)),
        ("REVOKED", ScheduleState::Revoked, Some(1_773_532_800)),
        ("ASLEEP", ScheduleState::Other(SafeText::new("ASLEEP")), Some(1_775_005_205)),
    ] {
        let schedule = read(status);
        assert_eq!((schedule.state, schedule.ended_at), (state, ended), "{status}");
    }
    // The least that makes one.
    let bare = wire::schedule::schedule(br#"{"id":"s","billingKey":"k","timeToPay":"2026-04-01T01:00:00Z"}"#);
    let bare = bare.unwrap();
    assert_eq!((bare.state.word(), bare.amount, bare.installments), ("", None, None));
    assert!(wire::schedule::schedule(br#"{"id":"s","billingKey":"k"}"#).is_none());
}

#[tokio::test]
async fn a_span_is_read_page_by_page_with_both_ends() {
    let page =
        |items: Vec<Value>, total: usize| json!({"items": items, "page": {"totalCount": total}}).to_string();
    let full: Vec<Value> =
        (0..100).map(|at| item(&format!("s{at}"), "SCHEDULED", "2026-04-01T01:00:00Z")).collect();
    // What does not belong to the span came because it was asked for a second wider.
    let rest = vec![
        item("early", "SCHEDULED", "2026-03-31T14:59:59Z"),
        item("first", "SCHEDULED", "2026-03-31T15:00:00Z"),
        item("last", "SCHEDULED", "2026-04-30T14:59:59.9Z"),
        item("late", "SCHEDULED", "2026-04-30T15:00:00Z"),
        json!({"id": "no time"}),
    ];
    let (first, second) = (page(full, 105), page(rest, 105));
    let line = Line::open(&[(200, &first), (200, &second)]);
    let store = store(&line);
    let span = Span { from: at("2026-03-31T15:00:00Z"), until: at("2026-04-30T15:00:00Z") };
    let batch = store.schedules(span, None).await.unwrap();
    assert_eq!(batch.items.len(), 100);
    let batch = store.schedules(span, Some(&batch.next.unwrap())).await.unwrap();
    let ids: Vec<&str> = batch.items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!((ids, batch.next), (vec!["first", "last"], None));
    let seen = line.seen();
    assert_eq!(
        seen[1].input(),
        json!({"page": {"number": 1, "size": 100}, "sort": {"by": "TIME_TO_PAY", "order": "ASC"},
            "filter": {"storeId": "store-1", "from": "2026-03-31T14:59:59Z", "until": "2026-04-30T15:00:01Z"}})
    );
    valid_v2("GetPaymentSchedulesBody", &seen[1].input());
    assert_eq!(store.schedules(span, Some("x")).await, Err(malformed()));
}

#[tokio::test]
async fn the_schedules_of_a_key_that_ended_are_left_out() {
    let items: Vec<Value> = ["SCHEDULED", "STARTED", "PENDING", "NEW", "SUCCEEDED", "FAILED", "REVOKED"]
        .iter()
        .enumerate()
        .map(|(at, status)| item(&format!("s{at}"), status, "2026-04-01T01:00:00Z"))
        .collect();
    let body = json!({"items": items}).to_string();
    let line = Line::open(&[(200, &body)]);
    let key = BillingKey::parse("k1").unwrap();
    let now = at("2026-03-01T00:00:00Z");
    let open = store(&line).open_schedules(std::slice::from_ref(&key), now).await.unwrap();
    assert_eq!(open.iter().map(|open| open.id.as_str()).collect::<Vec<_>>(), ["s0", "s1", "s2", "s3"]);
    let asked = line.one().input();
    assert_eq!(
        asked["filter"],
        json!({"storeId": "store-1", "billingKey": "k1", "status": ["SCHEDULED", "STARTED", "PENDING"],
            "from": "2026-02-28T00:00:00Z", "until": "2027-03-01T00:00:00Z"}),
        "the future is left out by default"
    );
    valid_v2("GetPaymentSchedulesBody", &asked);
}
