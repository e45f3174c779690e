//! Schedules: what is asked, and what the answers mean (V1 §10).

use super::super::super::tests::Line;
use super::*;
use crate::domain::schedule::ScheduleState;

pub(super) fn store(line: &Line) -> V1 {
    let secret = || ApiSecret::new("secret");
    V1::new(line.transport.clone(), "main".to_owned(), secret(), secret())
}

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn booking() -> ScheduleOrder {
    ScheduleOrder {
        sale: order().sale,
        key: BillingKey::parse("m_2001_c1").unwrap(),
        installments: Installments { months: 3, interest_free: true },
        at: at("2026-08-31T15:00:00Z"),
    }
}

fn told(id: &str, more: &str) -> String {
    format!(
        r#"{{"customer_uid":"m_2001_c1","merchant_uid":"{id}","schedule_at":1788188400,"amount":55000,
            "schedule_status":"scheduled"{more}}}"#
    )
}

pub(super) fn ok(response: &str) -> String {
    format!(r#"{{"code":0,"message":null,"response":{response}}}"#)
}

pub(super) const NO: &str = r#"{"code":1,"message":"안 됩니다","response":null}"#;
pub(super) const GONE: &str = r#"{"code":-1,"message":"없습니다","response":null}"#;

#[tokio::test]
async fn a_schedule_is_made_with_one_item() {
    let answer = ok(&format!("[{}]", told("CS20260803A0017", "")));
    let line = Line::open(&[(200, &answer)]);
    let reply = store(&line).schedule(&booking()).await;
    assert_eq!(reply, Reply::Done(SafeText::new("CS20260803A0017")));
    let seen = line.one();
    assert_eq!(seen.line, "POST /subscribe/payments/schedule");
    assert_eq!(
        seen.body,
        json!({"customer_uid": "m_2001_c1", "schedules": [{
            "merchant_uid": "CS20260803A0017", "schedule_at": 1_788_188_400, "amount": 55000, "currency": "KRW",
            "name": "8월 관리비", "card_quota": 3, "interest_free_by_merchant": true,
            "buyer_name": "박서연", "buyer_tel": "01000000000"}]})
    );
    valid_v1("/subscribe/payments/schedule", "post", &seen.body);
}

#[tokio::test]
async fn what_came_of_a_new_schedule_is_said_in_types() {
    let key = ok(r#"{"customer_uid":"m_2001_c1","inserted":1}"#);
    let other = ok(&format!("[{}]", told("another", "")));
    let there = ok(&told("CS20260803A0017", ""));
    for (answers, expected) in [
        (vec![(200, NO), (200, NO)], "not done key_gone"),
        (vec![(200, NO), (404, NO)], "not done key_gone"),
        (vec![(200, NO), (200, &*key), (200, &*there)], "not done schedule_exists"),
        (vec![(200, NO), (200, &*key), (404, GONE)], "not done refused"),
        (vec![(200, NO), (500, NO), (500, NO)], "not done refused"),
        (vec![(400, NO), (200, &*key), (404, GONE)], "not done refused"),
        (vec![(200, &*other)], "unseen malformed"),
        (vec![(200, r#"{"code":0,"response":null}"#)], "unseen malformed"),
        (vec![(200, "not json")], "unseen malformed"),
        (vec![(500, NO)], "unseen unknown_error"),
        (vec![(401, NO)], "not done credentials"),
    ] {
        let line = Line::open(&answers);
        let reply = store(&line).schedule(&booking()).await;
        assert_eq!(said(reply, |id| format!("done {id}")), expected, "{answers:?}");
        assert_eq!(line.seen().len(), answers.len());
    }
    let line = Line::open(&[(200, NO), (200, &key), (404, GONE)]);
    let refused = Problem::Refused { kind: "http_200".to_owned(), message: "안 됩니다".to_owned() };
    assert_eq!(store(&line).schedule(&booking()).await, Reply::NotDone(refused));
    assert_eq!(
        line.lines(),
        [
            "POST /subscribe/payments/schedule",
            "GET /subscribe/customers/m_2001_c1",
            "GET /subscribe/payments/schedule/CS20260803A0017"
        ]
    );
}

#[tokio::test]
async fn a_schedule_is_moved_and_booked_again() {
    let moved = ScheduleMove { schedule: SafeText::new("SUB/1"), at: at("2026-08-31T15:00:00Z") };
    let waits = ok(&told("SUB/1", ""));
    let elsewhen = ok(&told("SUB/1", "").replace("1788188400", "1788188401"));
    let ran =
        ok(&told("SUB/1", r#","executed_at":5,"payment_status":"paid""#).replace("scheduled", "executed"));
    let failed = ran.replace("\"paid\"", "\"failed\"");
    for (what, end) in [("PUT", ""), ("POST", "/reschedule")] {
        let closed = if what == "PUT" { &failed } else { &ran };
        let open = if what == "PUT" { &waits } else { &failed };
        for (answers, expected) in [
            (vec![(200, &*waits)], "done"),
            (vec![(200, &*elsewhen)], "unseen malformed"),
            (vec![(200, &*ran)], "unseen undecided"),
            (vec![(500, NO)], "unseen unknown_error"),
            (vec![(400, NO), (200, &**closed)], "not done schedule_not_open"),
            // Where it could have been moved, the provider's sentence stands: running just now, or a past time.
            (vec![(400, NO), (200, &**open)], "not done refused"),
            (vec![(404, GONE), (404, GONE)], "not done schedule_gone"),
            (vec![(200, NO), (500, NO)], "not done refused"),
        ] {
            let line = Line::open(&answers);
            let store = store(&line);
            let reply = if what == "PUT" {
                store.move_schedule(&moved).await
            } else {
                store.rebook_schedule(&moved).await
            };
            assert_eq!(said(reply, |()| "done".to_owned()), expected, "{what} {answers:?}");
            let seen = line.seen();
            assert_eq!(seen[0].line, format!("{what} /subscribe/payments/schedule/SUB%2F1{end}"));
            assert_eq!(seen[0].body, json!({"schedule_at": 1_788_188_400}));
            let path = format!("/subscribe/payments/schedule/{{merchant_uid}}{end}");
            valid_v1(&path, &what.to_lowercase(), &seen[0].body);
        }
    }
}

#[tokio::test]
async fn a_schedule_is_tried_again_and_answers_with_a_payment() {
    let schedule = SafeText::new("SUB1");
    let paid = ok(r#"{"status":"paid","apply_num":"30021177","amount":55000}"#);
    let failed = ok(r#"{"status":"failed","fail_reason":"[F113] 한도초과"}"#);
    let ran = ok(&told("SUB1", r#","payment_status":"paid""#).replace("scheduled", "executed"));
    let missed = ok(&told("SUB1", r#","payment_status":"failed""#).replace("scheduled", "executed"));
    for (answers, expected) in [
        (vec![(200, &*paid)], "done 30021177"),
        (vec![(200, &*failed)], "declined F113 [F113] 한도초과"),
        (vec![(200, r#"{"code":0,"response":{"status":"ready"}}"#)], "unseen undecided"),
        (vec![(400, NO), (200, &*ran)], "not done schedule_not_open"),
        (vec![(400, NO), (200, &*missed)], "not done refused"),
        (vec![(404, GONE), (404, GONE)], "not done schedule_gone"),
        (vec![(404, GONE), (200, &*missed)], "not done key_gone"),
        (vec![(500, NO)], "unseen unknown_error"),
    ] {
        let line = Line::open(&answers);
        let reply = store(&line).retry_schedule(&schedule).await;
        let number = |payment: Option<Box<ProviderPayment>>| payment.unwrap().approval_number.unwrap();
        assert_eq!(said(reply, |payment| format!("done {}", number(payment))), expected, "{answers:?}");
        let seen = line.seen();
        assert_eq!(seen[0].line, "POST /subscribe/payments/schedule/SUB1/retry");
        assert_eq!(seen[0].body, Value::Null, "no body");
    }
}

#[tokio::test]
async fn schedules_are_revoked_by_their_ids() {
    let order = |ids: &[&str], key: Option<&str>| ScheduleRevoke {
        id: PaymentId::parse("d0000009").unwrap(),
        schedules: ids.iter().map(|id| SafeText::new(id)).collect(),
        key: key.map(|key| BillingKey::parse(key).unwrap()),
    };
    let off = |id: &str| told(id, r#","revoked_at":5"#).replace("\"scheduled\"", "\"revoked\"");
    let both = ok(&format!("[{},{}]", off("s1"), off("s2")));
    let half = ok(&format!("[{}]", off("s1")));
    let other = ok(&format!("[{},{}]", off("s1"), told("s2", "")));
    let waits = ok(&told("s1", ""));
    let revoked = ok(&off("s1"));
    for (answers, expected) in [
        (vec![(200, &*both)], "done"),
        (vec![(200, &*half)], "unseen undecided"),
        (vec![(200, &*other)], "unseen undecided"),
        (vec![(200, r#"{"code":0,"response":null}"#)], "unseen malformed"),
        (vec![(200, NO), (200, &*revoked)], "not done schedule_not_open"),
        (vec![(200, NO), (404, GONE)], "not done schedule_gone"),
        (vec![(200, NO), (200, &*waits)], "not done refused"),
        (vec![(502, "<html>")], "unseen malformed"),
    ] {
        let line = Line::open(&answers);
        let reply = store(&line).revoke_schedules(&order(&["s1", "s2"], Some("m_1"))).await;
        assert_eq!(said(reply, |()| "done".to_owned()), expected, "{answers:?}");
        let seen = line.seen();
        assert_eq!(seen[0].line, "POST /subscribe/payments/unschedule");
        assert_eq!(seen[0].body, json!({"customer_uid": "m_1", "merchant_uid": ["s1", "s2"]}));
        valid_v1("/subscribe/payments/unschedule", "post", &seen[0].body);
    }
    // A key alone, or more than fit, is never sent.
    let line = Line::open(&[]);
    let many: Vec<String> = (0..=ScheduleRevoke::MOST).map(|at| format!("s{at}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let none = store(&line).revoke_schedules(&order(&[], Some("m_1"))).await;
    assert_eq!(none, Reply::NotDone(Problem::Unsupported { what: "schedules" }));
    assert_eq!(store(&line).revoke_schedules(&order(&many, None)).await, Reply::NotDone(Problem::TooLarge));
    assert!(line.seen().is_empty());
}

#[tokio::test]
async fn one_schedule_is_there_or_not() {
    let there = ok(&told("s1", ""));
    for (answer, expected) in [
        ((200, &*there), Ok(Some("s1".to_owned()))),
        ((404, GONE), Ok(None)),
        // A refusal is not "not found": whoever settles a lost answer must not take it for one.
        ((200, NO), Err("refused")),
        ((403, NO), Err("forbidden")),
        ((200, r#"{"code":0,"response":{}}"#), Err("unreadable")),
        ((200, "x"), Err("unreadable")),
        ((503, NO), Err("unreadable")),
        ((429, NO), Err("later")),
    ] {
        let line = Line::open(&[answer]);
        let found = store(&line).schedule_of(&SafeText::new("s1")).await;
        let found = found.map(|found| found.map(|found| found.id.to_string()));
        assert_eq!(found.map_err(|problem| problem.word()), expected, "{answer:?}");
        assert_eq!(line.lines(), ["GET /subscribe/payments/schedule/s1"]);
    }
}

#[test]
fn states_are_told_by_status_and_payment() {
    let state = |fields: &str| {
        let body = ok(&format!(r#"{{"customer_uid":"m","merchant_uid":"s","schedule_at":9{fields}}}"#));
        wire::envelope(body.as_bytes()).unwrap().schedule().unwrap().state
    };
    let other = |word: &str| ScheduleState::Other(SafeText::new(word));
    for (fields, expected) in [
        (r#","schedule_status":"scheduled""#, ScheduleState::Scheduled),
        (r#","schedule_status":"revoked""#, ScheduleState::Revoked),
        (r#","schedule_status":"executed","payment_status":"paid""#, ScheduleState::Succeeded),
        (r#","schedule_status":"executed","payment_status":"cancelled""#, ScheduleState::Succeeded),
        (r#","schedule_status":"EXECUTED","payment_status":"FAILED""#, ScheduleState::Failed),
        (r#","schedule_status":"executed","payment_status":null"#, ScheduleState::Pending),
        (r#","schedule_status":"executed","payment_status":"pending""#, ScheduleState::Pending),
        (r#","schedule_status":"executed","payment_status":"new""#, other("new")),
        (r#","schedule_status":"asleep""#, other("asleep")),
        ("", ScheduleState::Scheduled),
        (r#","revoked_at":5"#, ScheduleState::Revoked),
        (r#","executed_at":5,"payment_status":"failed""#, ScheduleState::Failed),
    ] {
        assert_eq!(state(fields), expected, "{fields}");
    }
}

#[test]
fn a_schedule_is_read_with_all_that_is_told() {
    let body = ok(r#"{"customer_uid":"m_1","merchant_uid":"s1","imp_uid":"imps_1","customer_id":"c1",
        "schedule_at":1788220800,"executed_at":1788220805,"revoked_at":0,"amount":"12.34","currency":"USD",
        "name":"정기\u001b구독","buyer_name":"이도윤","buyer_tel":"010-1111-2222","buyer_email":null,
        "schedule_status":"executed","payment_status":"failed","fail_reason":"[F113] 한도초과"}"#);
    let read = wire::envelope(body.as_bytes()).unwrap().schedule().unwrap();
    assert_eq!((read.id.as_str(), read.payment_id.as_str(), read.key.expose()), ("s1", "s1", "m_1"));
    assert_eq!((read.amount, read.currency.as_str()), (Money::new(1_234, Currency::Usd), "USD"));
    assert_eq!((read.at.as_second(), read.ended_at), (1_788_220_800, Some(1_788_220_805)));
    assert_eq!(read.refusal.unwrap().code, Some(SafeText::new("F113")));
    assert_eq!((read.order_name.as_str(), read.customer.name()), ("정기?구독", Some("이도윤")));
    assert_eq!((read.customer.id(), read.customer.phone()), (Some("c1"), Some("010-1111-2222")));
    assert_eq!(read.provider_payment_id, Some(SafeText::new("imps_1")));
}

#[tokio::test]
async fn a_span_is_cut_into_months_that_touch() {
    let page =
        |list: &str, next: &str| ok(&format!(r#"{{"total":9,"previous":0,"next":{next},"list":[{list}]}}"#));
    let answers = [
        (200, page(&told("s1", ""), "2")),
        (200, page(&told("s2", ""), "0")),
        (404, GONE.to_owned()),
        // A bare array, as the schema says it is (V1 §10.2).
        (200, ok(&format!("[{},7]", told("s3", "")))),
    ];
    let answers: Vec<(u16, &str)> = answers.iter().map(|(status, body)| (*status, body.as_str())).collect();
    let line = Line::open(&answers);
    let store = store(&line);
    // 70 days and a bit: the second that has begun counts.
    let span = Span { from: at("2026-08-31T15:00:00Z"), until: at("2026-11-09T15:00:00.5Z") };
    let (mut next, mut found, mut calls) = (None, Vec::new(), 0);
    loop {
        let batch = store.schedules(span, next.as_deref()).await.unwrap();
        calls += 1;
        found.extend(batch.items.into_iter().map(|item| item.id.to_string()));
        match batch.next {
            Some(text) => next = Some(text),
            None => break,
        }
    }
    assert_eq!((found, calls), (vec!["s1".to_owned(), "s2".to_owned(), "s3".to_owned()], 4));
    let (first, month) = (1_788_188_400_i64, 31 * 86_400_i64);
    let ask = |from: i64, to: i64, page: u32| {
        format!(
            "GET /subscribe/payments/schedule?schedule_from={from}&schedule_to={to}&page={page}&limit=1000&sorting=scheduled"
        )
    };
    assert_eq!(
        line.lines(),
        [
            ask(first, first + month, 1),
            ask(first, first + month, 2),
            ask(first + month, first + 2 * month, 1),
            ask(first + 2 * month, span.until.as_second() + 1, 1),
        ]
    );
}

#[tokio::test]
async fn a_list_s_refusal_is_no_empty_list() {
    let span = Span { from: at("2026-08-31T15:00:00Z"), until: at("2026-09-30T15:00:00Z") };
    for (answer, expected) in [
        ((400, NO), "refused"),
        ((200, NO), "refused"),
        ((403, NO), "forbidden"),
        ((500, NO), "unreadable"),
        ((200, r#"{"code":0,"response":{}}"#), "unreadable"),
        ((200, "{"), "unreadable"),
    ] {
        let line = Line::open(&[answer]);
        let problem = store(&line).schedules(span, None).await.unwrap_err();
        assert_eq!(problem.word(), expected, "{answer:?}");
    }
    let line = Line::open(&[]);
    for odd in ["x", "0.1000.1", "1788188399.1000.1"] {
        assert_eq!(store(&line).schedules(span, Some(odd)).await, Err(malformed()), "{odd}");
    }
    let over = Span { from: span.until, until: span.until };
    let nothing = Batch { items: Vec::new(), next: None };
    assert_eq!(store(&line).schedules(over, None).await, Ok(nothing));
    assert!(line.seen().is_empty());
}

#[tokio::test]
async fn a_page_that_does_not_fit_is_asked_for_in_parts() {
    let huge = format!("{{\"x\":\"{}\"}}", "x".repeat(crate::gateway::MAX_ANSWER));
    let full = ok(&format!(r#"{{"total":900,"previous":0,"next":2,"list":[{}]}}"#, told("s1", "")));
    let last = ok(r#"{"total":900,"previous":1,"next":0,"list":[]}"#);
    let line = Line::open(&[(200, &huge), (200, &huge), (200, &full), (200, &last)]);
    let store = store(&line);
    let span = Span { from: at("2026-08-31T15:00:00Z"), until: at("2026-09-30T15:00:00Z") };
    let batch = store.schedules(span, None).await.unwrap();
    assert_eq!(batch.items.len(), 1);
    assert_eq!(store.schedules(span, batch.next.as_deref()).await.unwrap().next, None);
    let sizes: Vec<String> = line
        .lines()
        .iter()
        .map(|line| line.split('&').filter(|part| part.starts_with(['p', 'l'])).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(sizes, ["page=1 limit=1000", "page=1 limit=200", "page=1 limit=40", "page=2 limit=40"]);
}

#[tokio::test]
async fn the_schedules_of_a_key_that_ended_are_left_out() {
    let list = format!(
        r#"{},{},{{"customer_uid":"m_1","merchant_uid":"s4"}}"#,
        told("s2", ""),
        told("s3", "").replace("\"scheduled\"", "\"revoked\"")
    );
    let first = ok(&format!(r#"{{"total":4,"previous":0,"next":2,"list":[{list}]}}"#));
    let second = ok(&format!(r#"{{"next":false,"list":[{}]}}"#, told("s1", "")));
    let none = ok(r#"{"total":0,"previous":0,"next":0,"list":[]}"#);
    let line =
        Line::open(&[(200, &first), (200, &second), (200, &none), (404, GONE), (200, &none), (200, &none)]);
    let key = BillingKey::parse("m_2001_c1").unwrap();
    let now = at("2026-08-01T00:00:00Z");
    let found = store(&line).open_schedules(std::slice::from_ref(&key), now).await.unwrap();
    assert_eq!(found.iter().map(|found| found.id.as_str()).collect::<Vec<_>>(), ["s1", "s2"]);
    let lines = line.lines();
    let from = now.as_second() - 86_400;
    let to = from + 89 * 86_400;
    let path = "GET /subscribe/payments/schedule/customers/m_2001_c1";
    assert_eq!(lines[1], format!("{path}?from={from}&to={to}&schedule-status=scheduled&page=2"));
    assert!(lines[2].starts_with(&format!("{path}?from={to}&")), "{lines:?}");
}
