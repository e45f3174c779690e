//! Schedules: a span is replaced, what was asked for later stays, and how old it all is.

use super::*;
use crate::domain::payment::Refusal;

fn ids(ledger: &SqliteLedger) -> Vec<String> {
    let list = ledger.schedule_list("main", &ScheduleFilter::default(), None).unwrap();
    let rows = ledger.schedule_rows(&list, 0..list.len()).unwrap();
    rows.into_iter().map(|kept| kept.what.id.to_string()).collect()
}

#[test]
fn a_schedule_comes_back_as_it_was_told() {
    let (_folder, ledger) = ledger();
    let mut full = schedule("s-1", 1_000, 9_900);
    full.state = ScheduleState::Other(SafeText::new("PAUSED"));
    full.at = "2026-04-01T01:00:00.25Z".parse().unwrap();
    (full.tax_free, full.vat, full.installments) = (won(900), won(818), Some(3));
    full.customer = full.customer.with_id("cust0042");
    (full.created_at, full.ended_at) = (Some(500), Some(600));
    full.refusal =
        Some(Refusal { code: Some(SafeText::new("8035")), message: SafeText::new("한도초과") });
    full.provider_payment_id = Some(SafeText::new("imps_1"));
    let mut uncounted = schedule("s-2", 1_000, 0);
    (uncounted.amount, uncounted.currency) = (None, SafeText::new("JPY"));
    uncounted.customer = Customer::default();
    for one in [&full, &uncounted] {
        ledger.put_schedule("main", one, at(50)).unwrap();
        let kept = ledger.schedule("main", &one.id).unwrap().unwrap();
        assert_eq!((&kept.what, kept.synced_at), (one, at(50)));
        assert_eq!(ledger.schedule_of_payment("main", &one.payment_id).unwrap(), Some(kept));
    }
    assert_eq!(ledger.schedule("other", &full.id).unwrap(), None);
    assert_eq!(ledger.schedule_of_payment("main", &full.id).unwrap(), None);
    let days = ledger.schedule_days("main", span(0, 10_000)).unwrap();
    assert_eq!((days[0].count, days[0].sum, days[0].uncounted), (1, 0, 1));
    assert_eq!(days[0].currency.as_str(), "JPY");
    ledger.drop_cache("main").unwrap();
    assert!(ids(&ledger).is_empty());
}

#[test]
fn what_vanished_of_a_span_goes_and_the_rest_stays() {
    let (_folder, ledger) = ledger();
    let put = |from, until, told: &[ProviderSchedule], asked| {
        ledger.put_schedules("main", span(from, until), told, at(asked)).unwrap();
    };
    put(0, 100, &[schedule("a", 0, 1), schedule("b", 50, 1), schedule("c", 99, 1)], 10);
    put(100, 200, &[schedule("d", 100, 1), schedule("e", 150, 1)], 11);
    ledger.put_schedules("other", span(0, 200), &[schedule("x", 60, 1)], at(11)).unwrap();
    // b is gone, c moved to the next span.
    put(0, 100, &[schedule("a", 0, 2)], 20);
    assert_eq!(ids(&ledger), ["a", "d", "e"]);
    put(100, 200, &[schedule("d", 100, 1), schedule("c", 120, 1), schedule("e", 150, 1)], 21);
    assert_eq!(ids(&ledger), ["a", "d", "c", "e"]);
    // e was moved by hand, and read, while an older reading was on its way.
    ledger.put_schedule("main", &schedule("e", 30, 1), at(30)).unwrap();
    ledger.put_schedule("main", &schedule("new", 40, 1), at(30)).unwrap();
    put(100, 200, &[schedule("d", 100, 1), schedule("e", 150, 1)], 29);
    put(0, 100, &[schedule("a", 0, 2)], 29);
    assert_eq!(ids(&ledger), ["a", "e", "new", "d"]);
    let list = ledger.schedule_list("main", &ScheduleFilter::default(), None).unwrap();
    put(0, 100, &[], 31);
    assert_eq!(ids(&ledger), ["d"]);
    // A list that is older than what vanished hands over what is left.
    assert_eq!(ledger.schedule_rows(&list, 0..4).unwrap().len(), 1);
    assert_eq!(ledger.schedule_days("other", span(0, 200)).unwrap()[0].count, 1);
}

#[test]
fn a_span_is_replaced_whole_or_not_at_all() {
    let (_folder, ledger) = ledger();
    ledger.put_schedules("main", span(0, 100), &[schedule("a", 0, 1)], at(10)).unwrap();
    let trigger = "CREATE TRIGGER fail BEFORE INSERT ON schedule_reads BEGIN SELECT RAISE(ABORT, 'no'); END";
    ledger.connection.execute_batch(trigger).unwrap();
    ledger.put_schedules("main", span(0, 100), &[schedule("b", 0, 1)], at(20)).unwrap_err();
    assert_eq!(ids(&ledger), ["a"]);
    assert_eq!(ledger.refreshed_at("main", span(0, 100)).unwrap().oldest, Some(at(10)));
}

#[test]
fn a_span_is_as_old_as_its_oldest_part() {
    let (_folder, ledger) = ledger();
    let put = |from, until, asked| {
        ledger.put_schedules("main", span(from, until), &[], at(asked)).unwrap();
    };
    let fresh = |from, until| {
        let fresh = ledger.refreshed_at("main", span(from, until)).unwrap();
        (fresh.oldest.map(Timestamp::as_second), fresh.whole)
    };
    assert_eq!(fresh(0, 100), (None, false));
    put(0, 100, 10);
    assert_eq!(fresh(0, 100), (Some(10), true));
    assert_eq!(fresh(0, 101), (Some(10), false));
    put(200, 300, 30);
    assert_eq!(fresh(0, 300), (Some(10), false));
    put(100, 200, 20);
    assert_eq!(fresh(0, 300), (Some(10), true));
    assert_eq!(fresh(100, 300), (Some(20), true));
    put(50, 250, 40);
    assert_eq!(fresh(0, 300), (Some(10), true));
    assert_eq!(fresh(50, 300), (Some(30), true));
    assert_eq!(fresh(60, 240), (Some(40), true));
    // An older reading that is written late makes nothing older.
    put(0, 300, 5);
    assert_eq!(fresh(50, 250), (Some(40), true));
    assert_eq!(fresh(0, 300), (Some(10), true));
    put(50, 250, 35);
    assert_eq!(fresh(60, 240), (Some(40), true));
    put(0, 300, 50);
    assert_eq!(fresh(0, 300), (Some(50), true));
    let reads: i64 =
        ledger.connection.query_row("SELECT count(*) FROM schedule_reads", [], |row| row.get(0)).unwrap();
    assert_eq!(reads, 1, "what is covered is forgotten");
    assert_eq!(ledger.refreshed_at("other", span(0, 1)).unwrap(), Freshness::default());
}

#[test]
fn days_count_from_1970_and_back() {
    for (text, number) in
        [("1970-01-01", 0), ("1969-12-31", -1), ("2026-11-21", 20_778), ("2028-02-29", 21_243)]
    {
        let date: Date = text.parse().unwrap();
        assert_eq!((number_of(date), date_of(number).unwrap()), (number, date), "{text}");
        let midnight = number * DAY_SECONDS - KOREA_SECONDS;
        assert_eq!((day_of(midnight), day_of(midnight - 1)), (number, number - 1), "{text}");
    }
    assert!(date_of(i64::MAX).is_err());
}
