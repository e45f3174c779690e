//! The history, attempts and raw answers: what is asked, and what is read (V1 §6, §11).

use super::super::super::tests::Line;
use super::schedules::{GONE, NO, at, ok, store};
use super::*;
use crate::domain::record::{CancellationState, CardTraits, Method, ReceiptState};

fn paid(imp_uid: &str, more: &str) -> String {
    format!(
        r#"{{"imp_uid":"{imp_uid}","merchant_uid":"order1","status":"paid","amount":55000,"cancel_amount":0,
            "started_at":100,"paid_at":102{more}}}"#
    )
}

#[tokio::test]
async fn a_span_is_cut_into_ninety_days_that_neither_overlap_nor_leave_a_second_out() {
    let page =
        |list: &str, next: u32| ok(&format!(r#"{{"total":3,"previous":0,"next":{next},"list":[{list}]}}"#));
    let answers = [
        (200, page(&paid("i1", ""), 2)),
        (400, NO.to_owned()),
        (404, GONE.to_owned()),
        (200, page(&paid("i2", ""), 0)),
    ];
    let answers: Vec<(u16, &str)> = answers.iter().map(|(status, body)| (*status, body.as_str())).collect();
    let line = Line::open(&answers);
    let store = store(&line);
    let span = Span { from: at("2026-01-01T00:00:00Z"), until: at("2026-07-02T00:00:00Z") };
    let (mut next, mut found) = (None, Vec::new());
    loop {
        let batch = store.payments(span, next.as_deref(), &Early::default()).await.unwrap();
        found.extend(batch.items.into_iter().filter_map(|item| item.payment.provider_payment_id));
        match batch.next {
            Some(text) => next = Some(text),
            None => break,
        }
    }
    assert_eq!(found.iter().map(SafeText::as_str).collect::<Vec<_>>(), ["i1", "i2"]);
    let (first, quarter) = (span.from.as_second(), 90 * 86_400_i64);
    let ask = |from: i64, to: i64, page: u32| {
        format!(
            "GET /payments/status/all?from={from}&to={to}&page={page}&limit=1000&sorting=started&include_sandbox=true"
        )
    };
    assert_eq!(
        line.lines(),
        [
            ask(first, first + quarter - 1, 1),
            // The list grew shorter between its pages: 400 past the last one (V1 §11.5).
            ask(first, first + quarter - 1, 2),
            ask(first + quarter, first + 2 * quarter - 1, 1),
            ask(first + 2 * quarter, span.until.as_second() - 1, 1),
        ]
    );
    // With nothing on the first page a 400 is no end.
    let line = Line::open(&[(400, NO)]);
    assert_eq!(
        self::store(&line).payments(span, None, &Early::default()).await.unwrap_err().word(),
        "refused"
    );
}

#[test]
fn a_record_is_read_with_all_that_is_told() {
    let body = ok(
        r#"{"total":1,"next":0,"list":[{"imp_uid":"imps_1","merchant_uid":"order1","pay_method":"card",
        "pg_provider":"nice_v2","pg_id":"MID1","sandbox":true,"escrow":true,"amount":"55000","cancel_amount":"20000",
        "currency":"KRW","status":"cancelled","started_at":100,"paid_at":102,"failed_at":0,"cancelled_at":300,
        "buyer_name":"박\u001b서연","buyer_tel":"010-0000-0000","buyer_email":"a@b.kr","name":"8월 관리비",
        "cancel_history":[{"amount":15000,"cancelled_at":300,"reason":"둘째","cancellation_id":"c2","pg_tid":"t"},
          {"amount":5000,"cancelled_at":200,"reason":"첫째","cancellation_id":"c1","receipt_url":"https://r"},{"amount":"x"}],
        "cash_receipt_issued":true,"customer_uid":"m_1","customer_uid_usage":"payment.scheduled",
        "promotion":{"id":"p","discount":1000}},{"status":"paid"},7]}"#,
    );
    let records = wire::envelope(body.as_bytes()).unwrap().records().unwrap();
    let [record] = &records[..] else { panic!("{records:?}") };
    assert_eq!((record.id.as_str(), record.state()), ("order1", &PaymentState::PartialCancelled));
    assert_eq!((record.method, record.escrow, record.discounted), (Method::Card, true, true));
    assert_eq!((record.requested_at, record.changed_at), (Some(100), Some(300)));
    assert_eq!((record.cancelled, record.balance()), (Some(won(20_000)), Some(won(35_000))));
    let cancelled: Vec<(&str, u64, Option<i64>)> = record
        .cancellations
        .iter()
        .map(|one| (one.id.as_ref().unwrap().as_str(), one.amount.minor(), one.cancelled_at))
        .collect();
    assert_eq!(cancelled, [("c1", 5_000, Some(200)), ("c2", 15_000, Some(300))]);
    assert_eq!(record.cancellations[0].state, CancellationState::Succeeded);
    assert_eq!(record.cancellations[0].reason.as_str(), "첫째");
    assert_eq!((record.customer.name(), record.customer.email()), (Some("박?서연"), Some("a@b.kr")));
    assert_eq!(
        (record.channel.as_ref().unwrap().as_str(), record.receipt),
        ("MID1", Some(ReceiptState::Issued))
    );
    assert_eq!((record.schedule.as_ref(), record.is_recurring()), (Some(&SafeText::new("order1")), true));
    assert_eq!(record.points_used, None);
    assert_eq!(record.card, CardTraits::default());
}

#[test]
fn the_time_that_the_lists_compare_is_that_of_the_state() {
    let changed = |status: &str| {
        let body = ok(&format!(
            r#"[{{"merchant_uid":"o","status":"{status}","started_at":1,"paid_at":2,"cancelled_at":3,"failed_at":4}}]"#
        ));
        wire::envelope(body.as_bytes()).unwrap().records().unwrap()[0].changed_at
    };
    assert_eq!(["ready", "paid", "cancelled", "failed"].map(changed), [Some(1), Some(2), Some(3), Some(4)]);
}

#[test]
fn where_a_card_was_issued_is_told_by_its_company() {
    let foreign = |fields: &str| {
        let body = ok(&format!(r#"[{{"merchant_uid":"o","status":"paid","card_type":1{fields}}}]"#));
        let card = wire::envelope(body.as_bytes()).unwrap().records().unwrap()[0].card;
        assert_eq!((card.prepaid, card.corporate), (None, None), "nobody says");
        card.foreign
    };
    assert_eq!(foreign(r#","card_code":"10005""#), Some(true));
    assert_eq!(foreign(r#","card_code":"361","card_issuer_code":"VIS""#), Some(true), "the issuer before");
    assert_eq!(foreign(r#","card_code":"366""#), Some(false));
    assert_eq!(foreign(r#","card_code":"999""#), None);
    assert_eq!(foreign(""), None);
}

#[test]
fn ways_to_pay_are_an_open_set() {
    let method = |fields: &str| {
        let body = ok(&format!(r#"[{{"merchant_uid":"o","status":"paid"{fields}}}]"#));
        wire::envelope(body.as_bytes()).unwrap().records().unwrap()[0].method
    };
    for (fields, expected) in [
        (r#","pay_method":"card""#, Method::Card),
        (r#","pay_method":"card","emb_pg_provider":"kakaopay""#, Method::EasyPay),
        (r#","pay_method":"card","emb_pg_provider":"""#, Method::Card),
        (r#","pay_method":"vbank""#, Method::VirtualAccount),
        (r#","pay_method":"trans""#, Method::Transfer),
        (r#","pay_method":"phone""#, Method::Mobile),
        (r#","pay_method":"booknlife""#, Method::GiftCertificate),
        (r#","pay_method":"naverpay""#, Method::EasyPay),
        (r#","pay_method":"tomorrowpay""#, Method::Other),
        ("", Method::Other),
    ] {
        assert_eq!(method(fields), expected, "{fields}");
    }
}

#[tokio::test]
async fn attempts_come_with_the_deciding_one_first() {
    let id = SafeText::new("order/1");
    let failed = |imp_uid: &str, at: u32| {
        paid(imp_uid, "").replace("\"paid\"", "\"failed\"").replace("100", &at.to_string())
    };
    let list = format!("{},{},{}", failed("i3", 300), paid("i2", ""), failed("i4", 400));
    let body = ok(&format!(r#"{{"total":3,"previous":0,"next":0,"list":[{list}]}}"#));
    let one = ok(&format!(r#"{{"list":[{}]}}"#, paid("i2", r#","customer_uid":"customer-0001""#)));
    let line = Line::open(&[(200, &body), (404, GONE), (200, NO), (200, &one), (200, &body), (404, GONE)]);
    let store = store(&line);
    let attempts = store.attempts(&id).await.unwrap();
    let order: Vec<&str> =
        attempts.iter().map(|one| one.payment.provider_payment_id.as_ref().unwrap().as_str()).collect();
    assert_eq!(order, ["i2", "i4", "i3"]);
    assert_eq!(store.attempts(&id).await, Ok(Vec::new()));
    assert_eq!(store.attempts(&id).await.unwrap_err().word(), "refused");
    let raw = store.raw_payment(&id).await.unwrap().unwrap();
    let raw: Vec<&str> = raw.iter().map(SafeText::as_str).collect();
    assert!(raw.contains(&"imp_uid: i2") && raw.contains(&"customer_uid: …r-0001"), "{raw:?}");
    let raw = store.raw_payment(&id).await.unwrap().unwrap();
    assert!(raw.iter().any(|line| line.as_str() == "[2].imp_uid: i4"), "{raw:?}");
    assert_eq!(store.raw_payment(&id).await, Ok(None));
    for line in line.lines() {
        assert_eq!(line, "GET /payments/findAll/order%2F1?limit=1000&sorting=-started&include_sandbox=true");
    }
}
