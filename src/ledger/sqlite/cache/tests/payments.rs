//! Payments: kept whole, the newer answer wins, a kill in between leaves nothing half.

use super::*;
use crate::domain::payment::Refusal;
use crate::ledger::{Guard, Ledger as _};

fn put(ledger: &SqliteLedger, records: &[PaymentRecord], asked: i64) {
    ledger.put_payments("main", Generation::V2, records, at(asked)).unwrap();
}

fn all(ledger: &SqliteLedger) -> Vec<PaymentRecord> {
    let list = ledger.payment_list("main", &PaymentFilter::default(), None).unwrap();
    ledger.payment_rows(&list, 0..list.len()).unwrap().into_iter().map(|kept| kept.what).collect()
}

fn found(ledger: &SqliteLedger, typed: &str) -> Vec<String> {
    let needle = Some(Needle::new(typed));
    let list = ledger.payment_list("main", &PaymentFilter::default(), needle.as_ref()).unwrap();
    let rows = ledger.payment_rows(&list, 0..list.len()).unwrap();
    rows.into_iter().map(|kept| kept.what.id.to_string()).collect()
}

/// A payment of which everything is known.
fn full() -> PaymentRecord {
    let safe = SafeText::new;
    let cancellation = |state| Cancellation {
        id: Some(safe("cancel-1")),
        state,
        amount: won(11_000).unwrap(),
        tax_free: won(1_000),
        reason: safe("고객 요청"),
        requested_at: Some(2_500),
        cancelled_at: Some(2_501),
        receipt_url: Some(safe("https://receipt.example/c")),
    };
    PaymentRecord {
        payment: ProviderPayment {
            state: PaymentState::PartialCancelled,
            provider_payment_id: Some(safe("0195a1d0-77aa")),
            approval_number: Some(safe("31557120")),
            card: CardEnding::new("941012", "0042"),
            issuer: Some(safe("신한카드")),
            installments: Some(3),
            receipt_url: Some(safe("https://receipt.example/p")),
            refusal: Some(Refusal { code: Some(safe("8035")), message: safe("한도초과") }),
            paid_at: Some(2_000),
            is_test: Some(false),
            pg: Some(safe("KCP_V2")),
            account: Some(Box::new(DepositAccount {
                bank: safe("신한"),
                number: safe("56012345678901"),
                holder: Some(safe("단말")),
                due: Some(9_000),
            })),
            key: Some(BillingKey::parse("billing-key-0001").unwrap()),
            ..record("x", 33_000).payment
        },
        method: Method::EasyPay,
        requested_at: Some(1_990),
        changed_at: Some(2_501),
        tax_free: won(3_000),
        vat: won(2_727),
        cancelled: won(22_000),
        cancelled_tax_free: won(2_000),
        cancellations: vec![
            cancellation(CancellationState::Succeeded),
            cancellation(CancellationState::Requested),
            cancellation(CancellationState::Failed(Refusal { code: None, message: safe("불가") })),
            cancellation(CancellationState::Other(safe("STOPPED"))),
            Cancellation {
                id: None,
                tax_free: None,
                requested_at: None,
                cancelled_at: None,
                receipt_url: None,
                ..cancellation(CancellationState::Succeeded)
            },
        ],
        customer: Customer::new("김하늘", "010-2000-3000", "sky@example.kr").with_id("cust0042"),
        channel: Some(safe("channel-key-1")),
        schedule: Some(safe("01JQ8V4K7M2")),
        discounted: true,
        card: CardTraits::default(),
        points_used: Some(true),
        escrow: true,
        receipt: Some(ReceiptState::Cancelled),
        webhooks: vec![
            WebhookSeen { at: Some(2_600), status: safe("SUCCEEDED") },
            WebhookSeen { at: None, status: safe("FAILED_NOT_OK_RESPONSE") },
        ],
        ..record("ord-1", 33_000)
    }
}

#[test]
fn a_payment_comes_back_as_it_was_told() {
    let (_folder, ledger) = ledger();
    let mut odd = record("ord-3", 0);
    odd.payment = ProviderPayment {
        state: PaymentState::Other(SafeText::new("DISPUTED")),
        total: None,
        currency: SafeText::new("JPY"),
        is_test: Some(true),
        ..odd.payment
    };
    (odd.requested_at, odd.changed_at) = (None, None);
    let mut dollars = record("ord-2", 0);
    dollars.payment.total = Money::new(1_234, Currency::Usd);
    dollars.payment.currency = SafeText::new("USD");
    let told = vec![full(), dollars, odd];
    put(&ledger, &told, 5_000);
    assert_eq!(all(&ledger), told);
    for record in &told {
        let kept = ledger.payment("main", &record.id).unwrap().unwrap();
        assert_eq!((&kept.what, kept.synced_at), (record, at(5_000)));
    }
    assert_eq!(ledger.payment("main", &SafeText::new("ord-9")).unwrap(), None);
    assert_eq!(ledger.payment("other", &told[0].id).unwrap(), None);
    assert_eq!(ledger.payment_pgs("main").unwrap(), [SafeText::new("KCP_V2")]);
    assert_eq!(ledger.newest_payment("main", Basis::Changed).unwrap(), (Some(at(2_501)), 3));
    assert_eq!(ledger.newest_payment("main", Basis::Requested).unwrap(), (Some(at(1_990)), 3));
    assert_eq!(ledger.newest_payment("other", Basis::Changed).unwrap(), (None, 0));
    ledger.drop_cache("other").unwrap();
    assert_eq!(all(&ledger).len(), 3);
    ledger.drop_cache("main").unwrap();
    assert!(all(&ledger).is_empty());
    assert_eq!(ledger.newest_payment("main", Basis::Changed).unwrap(), (None, 0));
}

#[test]
fn the_order_of_writing_does_not_decide() {
    let answer = |state, changed, name: &str| {
        let mut answer = record("ord-1", 33_000);
        answer.payment.state = state;
        answer.payment.order_name = SafeText::new(name);
        answer.changed_at = Some(changed);
        answer
    };
    // (what was told, when it was asked for), from the oldest to the newest.
    let answers = [
        (answer(PaymentState::Paid, 100, "처음"), 500),
        (answer(PaymentState::Paid, 100, "같은 상태, 나중에 물음"), 700),
        (answer(PaymentState::PartialCancelled, 300, "부분 취소"), 600),
        (answer(PaymentState::Cancelled, 400, "취소"), 550),
    ];
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]] {
        let (_folder, ledger) = ledger();
        let mut newest = 0;
        for index in order {
            newest = newest.max(index);
            let (told, asked) = &answers[index];
            put(&ledger, std::slice::from_ref(told), *asked);
            assert_eq!(all(&ledger), [answers[newest].0.clone()], "{order:?} at {index}");
            // What lists are made by is of the same answer.
            assert_eq!(found(&ledger, answers[newest].0.payment.order_name.as_str()), ["ord-1"]);
        }
    }
}

#[test]
fn what_a_list_leaves_out_stays_until_it_can_no_longer_be_true() {
    let (_folder, ledger) = ledger();
    let looked_at = full();
    put(&ledger, std::slice::from_ref(&looked_at), 5_000);
    let mut listed = looked_at.clone();
    (listed.cancellations, listed.webhooks) = (Vec::new(), Vec::new());
    put(&ledger, std::slice::from_ref(&listed), 6_000);
    let kept = ledger.payment("main", &listed.id).unwrap().unwrap();
    assert_eq!((&kept.what, kept.synced_at), (&looked_at, at(6_000)));
    // The same once more, asked for before that: nothing is younger than it was.
    put(&ledger, std::slice::from_ref(&listed), 5_500);
    assert_eq!(ledger.payment("main", &listed.id).unwrap().unwrap(), kept);
    // More was cancelled: what is known of the cancellations is no longer all.
    listed.cancelled = won(33_000);
    put(&ledger, std::slice::from_ref(&listed), 7_000);
    assert_eq!(all(&ledger), [PaymentRecord { webhooks: looked_at.webhooks, ..listed }]);
}

#[test]
fn v1_keeps_every_attempt_and_the_paid_one_decides() {
    let (_folder, ledger) = ledger();
    let attempt = |id: &str, state, changed| {
        let mut attempt = record("m-1", 9_900);
        attempt.payment.provider_payment_id = Some(SafeText::new(id));
        attempt.payment.state = state;
        attempt.changed_at = Some(changed);
        attempt
    };
    let paid = attempt("imps_2", PaymentState::Paid, 200);
    let attempts = [
        attempt("imps_1", PaymentState::Failed, 100),
        paid.clone(),
        attempt("imps_3", PaymentState::Failed, 300),
    ];
    ledger.put_payments("v1", Generation::V1, &attempts, at(500)).unwrap();
    let id = SafeText::new("m-1");
    assert_eq!(ledger.payment("v1", &id).unwrap().unwrap().what, paid);
    let known: Vec<PaymentRecord> =
        ledger.attempts("v1", &id).unwrap().into_iter().map(|kept| kept.what).collect();
    assert_eq!(known, [attempts[2].clone(), attempts[1].clone(), attempts[0].clone()]);
    // V2 tells one payment under an id, whose attempt changes (V2 §12.1).
    ledger.put_payments("v2", Generation::V2, &attempts[..1], at(500)).unwrap();
    ledger.put_payments("v2", Generation::V2, &attempts[1..2], at(600)).unwrap();
    assert_eq!(ledger.attempts("v2", &id).unwrap().len(), 1);
    assert_eq!(ledger.payment("v2", &id).unwrap().unwrap().what, paid);
}

#[test]
fn payments_are_found_by_what_people_know_and_never_by_a_key() {
    let (_folder, ledger) = ledger();
    let mut new = crate::ledger::sqlite::tests::new_intent("dnote001", "0042");
    new.note = Some("두 번째 정수기".to_owned());
    ledger.intend(&new, &Guard::Check(jiff::SignedDuration::ZERO)).unwrap();
    put(&ledger, &[full(), record("dnote001", 777)], 5_000);
    for typed in [
        "ORD-1",
        "rd-",
        "0195a1d0",
        "김하",
        "늘",
        "2000-30",
        "20003000",
        "sky@",
        "5571",
        "0042",
        "신한카드",
        "33000",
        "관리비",
    ] {
        assert!(found(&ledger, typed).contains(&"ord-1".to_owned()), "{typed}");
    }
    assert_eq!(found(&ledger, "정수기"), ["dnote001"]);
    assert_eq!(found(&ledger, "777"), ["dnote001"]);
    assert!(found(&ledger, "billing-key").is_empty());
    assert!(found(&ledger, "ord-1관리비").is_empty());
}

fn state(next: Option<&str>, rows: u64) -> SyncState {
    SyncState {
        span: span(0, 90_000),
        next: next.map(str::to_owned),
        done: next.is_none(),
        rows,
        started_at: at(95_000),
        updated_at: at(95_001),
    }
}

#[test]
fn a_page_and_how_far_it_came_are_one() {
    let (folder, ledger) = ledger();
    let page = |ledger: &SqliteLedger, id: &str, state: &SyncState| {
        ledger.put_payment_page("main", Generation::V2, &[record(id, 1)], SyncKind::Backfill, state)
    };
    assert_eq!(ledger.sync_state("main", SyncKind::Backfill).unwrap(), None);
    page(&ledger, "a", &state(Some("cursor-1"), 1)).unwrap();
    assert_eq!(ledger.sync_state("main", SyncKind::Backfill).unwrap(), Some(state(Some("cursor-1"), 1)));
    assert_eq!(ledger.sync_state("main", SyncKind::Recent).unwrap(), None);
    // The disk fails on the cursor, after the payments were written.
    let trigger = "CREATE TRIGGER fail BEFORE INSERT ON syncs BEGIN SELECT RAISE(ABORT, 'no'); END";
    ledger.connection.execute_batch(trigger).unwrap();
    page(&ledger, "b", &state(None, 2)).unwrap_err();
    assert_eq!((found(&ledger, "a").len(), all(&ledger).len()), (1, 1));
    ledger.connection.execute_batch("DROP TRIGGER fail").unwrap();
    // Killed in mid-page: more than the page cache holds, so that a part of it is in the log already.
    let transaction = ledger.write().unwrap();
    let many: Vec<PaymentRecord> = (0..5_000).map(|n| record(&format!("many-{n}"), 5)).collect();
    ledger.upsert_payments("main", Generation::V2, &many, at(95_002)).unwrap();
    ledger.put_sync("main", SyncKind::Backfill, &state(Some("cursor-2"), 5_001)).unwrap();
    let after = tempfile::tempdir().unwrap();
    for file in ["ledger.db", "ledger.db-wal"] {
        std::fs::copy(folder.path().join(file), after.path().join(file)).unwrap();
    }
    assert!(after.path().join("ledger.db-wal").metadata().unwrap().len() > 100_000, "nothing spilled");
    drop(transaction);
    let killed = SqliteLedger::open(&after.path().join("ledger.db")).unwrap();
    for ledger in [&ledger, &killed] {
        assert_eq!(all(ledger), [record("a", 1)]);
        assert_eq!(ledger.sync_state("main", SyncKind::Backfill).unwrap(), Some(state(Some("cursor-1"), 1)));
    }
    // It goes on where it was.
    page(&killed, "b", &state(None, 2)).unwrap();
    killed.put_sync_state("main", SyncKind::Recent, &state(None, 0)).unwrap();
    assert_eq!(all(&killed).len(), 2);
    assert_eq!(killed.sync_state("main", SyncKind::Backfill).unwrap(), Some(state(None, 2)));
    assert_eq!(killed.sync_state("main", SyncKind::Recent).unwrap(), Some(state(None, 0)));
}

#[test]
fn days_are_koreas_and_test_money_is_no_money() {
    let (_folder, ledger) = ledger();
    let second = |text: &str| text.parse::<Timestamp>().unwrap().as_second();
    let sale = |id: &str, time: &str, total, cancelled, state| {
        let mut sale = record(id, total);
        sale.payment.state = state;
        (sale.requested_at, sale.changed_at) = (Some(second(time)), Some(second(time) + 86_400));
        sale.cancelled = won(cancelled);
        sale
    };
    let mut test = sale("t", "2026-03-01T03:00:00Z", 5, 0, PaymentState::Paid);
    test.payment.is_test = Some(true);
    let mut dollars = sale("u", "2026-03-01T03:00:00Z", 0, 0, PaymentState::Paid);
    dollars.payment.total = Money::new(1_234, Currency::Usd);
    put(
        &ledger,
        &[
            // The last second of February in Korea, and the first of March.
            sale("a", "2026-02-28T14:59:59Z", 100, 0, PaymentState::Paid),
            sale("b", "2026-02-28T15:00:00Z", 200, 50, PaymentState::PartialCancelled),
            sale("c", "2026-03-01T14:59:59Z", 300, 300, PaymentState::Cancelled),
            sale("d", "2026-03-01T03:00:00Z", 7_000, 0, PaymentState::Failed),
            sale("e", "2026-03-01T03:00:00Z", 9_000, 0, PaymentState::VirtualAccountIssued),
            test,
            dollars,
        ],
        5,
    );
    let february: Date = "2026-02-28".parse().unwrap();
    let march: Date = "2026-03-01".parse().unwrap();
    let total = |date, currency, (paid_count, paid), (cancelled_count, cancelled)| DayTotal {
        date,
        currency,
        paid_count,
        paid,
        cancelled_count,
        cancelled,
    };
    let of = |from: &str, until: &str, basis, is_test| {
        ledger.day_totals("main", span(second(from), second(until)), basis, is_test).unwrap()
    };
    let whole = ("2026-02-01T00:00:00Z", "2026-04-01T00:00:00Z");
    let won = total(march, Currency::Krw, (2, 500), (2, 350));
    let usd = total(march, Currency::Usd, (1, 1_234), (0, 0));
    assert_eq!(
        of(whole.0, whole.1, Basis::Requested, Some(false)),
        [total(february, Currency::Krw, (1, 100), (0, 0)), won, usd]
    );
    assert_eq!(
        of(whole.0, whole.1, Basis::Requested, Some(true)),
        [total(march, Currency::Krw, (1, 5), (0, 0))]
    );
    assert_eq!(of("2026-02-28T15:00:00Z", "2026-03-01T15:00:00Z", Basis::Requested, None).len(), 2);
    let tomorrow = of(whole.0, whole.1, Basis::Changed, Some(false));
    assert_eq!(tomorrow[1], DayTotal { date: march.tomorrow().unwrap(), ..won });
}

#[test]
fn texts_of_another_form_are_prepared_anew_before_a_search() {
    let (_folder, ledger) = ledger();
    put(&ledger, &[full(), record("ord-2", 1)], 5_000);
    ledger.put_schedule("main", &schedule("s-1", 50, 1), at(9)).unwrap();
    assert_eq!(found(&ledger, "ㄱㅎㄴ"), ["ord-1"]);
    let spoil = "DELETE FROM payment_texts; UPDATE schedules SET search = 'old';";
    ledger.connection.execute_batch(spoil).unwrap();
    assert!(found(&ledger, "ㄱㅎㄴ").is_empty(), "nothing tells that they are of another form");
    ledger.connection.execute_batch("UPDATE search_form SET version = version + 1").unwrap();
    assert_eq!(found(&ledger, "ㄱㅎㄴ"), ["ord-1"]);
    let schedules =
        ledger.schedule_list("main", &ScheduleFilter::default(), Some(&Needle::new("ㄱㅎㄴ"))).unwrap();
    assert_eq!(schedules.len(), 1);
    // Nothing typed finds everything.
    assert_eq!(found(&ledger, " ").len(), 2);
}

#[test]
fn payments_of_a_ledger_from_before_the_outlines_are_listed_added_up_and_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let old = of_version(&path, 7);
    // Rows of one block and of others, of two profiles by turns; one has a time before 1970.
    let rows = [(1, "main"), (2, "other"), (127, "main"), (128, "main"), (700, "main"), (701, "other")];
    for (row, profile) in rows {
        let second = if row == 700 { -5 } else { 1_000 + row };
        let pg = (row != 128).then_some(if row == 127 { "INICIS_V2" } else { "KCP_V2" });
        old.execute(
            "INSERT INTO payments (row, profile, id, attempt, synced_at, state, total, currency, order_name, method,
                requested_at, changed_at, discounted, escrow, cancellations, webhooks, pg, customer_name, cancelled)
             VALUES (?1, ?2, 'ord-' || ?1, '', 9000, 'paid', ?1, 'KRW', '관리비', 'card', ?3, ?3, 0, 0, '[]', '[]', ?4,
                '김하늘', 1)",
            (row, profile, second, pg),
        )
        .unwrap();
        old.execute(
            "INSERT INTO payment_index (row, profile, requested_at, changed_at, state, method, recurring, is_test,
                currency, amount, cancelled, pg, search)
             VALUES (?1, ?2, ?3, ?3, 3, 0, 0, 0, 1, ?1, 1, ?4, 'of before')",
            (row, profile, second, pg),
        )
        .unwrap();
    }
    old.execute_batch("INSERT INTO search_form (only, version) VALUES (1, 3)").unwrap();
    drop(old);
    let ledger = SqliteLedger::open(&path).unwrap();
    let listed = |filter: &PaymentFilter| {
        let list = ledger.payment_list("main", filter, None).unwrap();
        list.window(0..9).iter().map(|row| row.number()).collect::<Vec<_>>()
    };
    assert_eq!(listed(&PaymentFilter::default()), [128, 127, 1, 700]);
    let of_pg = |pg| PaymentFilter { pg: Some(SafeText::new(pg)), ..PaymentFilter::default() };
    assert_eq!(listed(&of_pg("KCP_V2")), [1, 700]);
    assert_eq!(listed(&of_pg("INICIS_V2")), [127]);
    assert!(listed(&of_pg("TOSSPAYMENTS")).is_empty());
    assert_eq!(
        listed(&PaymentFilter { least: won(127), most: won(128), ..PaymentFilter::default() }),
        [128, 127]
    );
    assert!(
        listed(&PaymentFilter { states: vec![StateKind::Failed], ..PaymentFilter::default() }).is_empty()
    );
    let pgs = ledger.payment_pgs("main").unwrap();
    assert_eq!(pgs, ["INICIS_V2", "KCP_V2"].map(SafeText::new));
    assert_eq!(ledger.newest_payment("main", Basis::Changed).unwrap(), (Some(at(1_128)), 4));
    let totals = ledger.day_totals("main", span(0, 90_000), Basis::Changed, None).unwrap();
    assert_eq!(
        totals.iter().map(|day| (day.paid_count, day.paid, day.cancelled)).collect::<Vec<_>>(),
        [(3, 256, 3)]
    );
    assert_eq!(found(&ledger, "ㄱㅎㄴ").len(), 4);
    // Programs of before left texts there; nothing of them stays.
    let old = "SELECT count(*) FROM sqlite_master WHERE name LIKE 'payment_index%'";
    assert_eq!(ledger.connection.query_row(old, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
}

#[test]
fn what_another_program_writes_is_seen_and_a_dropped_copy_leaves_no_text() {
    let (folder, ledger) = ledger();
    put(&ledger, &[record("ord-1", 1)], 5_000);
    let known = |ledger: &SqliteLedger| {
        let pgs = ledger.payment_pgs("main").unwrap().len();
        (found(ledger, "ord").len(), pgs, ledger.newest_payment("main", Basis::Changed).unwrap().1)
    };
    assert_eq!(known(&ledger), (1, 0, 1));
    let other = SqliteLedger::open(&folder.path().join("ledger.db")).unwrap();
    put(&other, &[full(), record("ord-2", 1)], 5_000);
    // Of ord-1 the newer answer stays.
    assert_eq!((known(&ledger), known(&other)), ((2, 1, 2), (2, 1, 2)));
    ledger.drop_cache("main").unwrap();
    assert_eq!((known(&ledger), known(&other)), ((0, 0, 0), (0, 0, 0)));
    let texts = "SELECT count(*) FROM payment_texts";
    assert_eq!(ledger.connection.query_row(texts, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
}
