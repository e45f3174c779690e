//! Lists and windows agree with the plainest way to make them.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;
use crate::domain::search::index_text;

const NAMES: [&str; 4] = ["김하늘", "이도윤", "Kim HANEUL", "박%_'하"];
const GOODS: [&str; 4] = ["관리비", "정수기 렌탈 9월", "ㅋㅋ선물", "rental"];
const QUERIES: [&str; 12] =
    ["김", "ㄱ", "ㄱㅎㄴ", "김ㅎ", "2", "ord-1", "3000", "렌", "ㅋㅋㅅ", "김 렌탈", "KIM", "%_"];
const PGS: [&str; 2] = ["KCP_V2", "INICIS_V2"];

fn a_payment() -> impl Strategy<Value = PaymentRecord> {
    (
        (0..6u64, any::<bool>(), option::of(0..40i64), option::of(0..40i64)),
        (select(&StateKind::ALL[..]), select(&Method::ALL[..]), option::of(select(&PGS[..]))),
        (any::<bool>(), option::of(any::<bool>()), select(&NAMES[..])),
    )
        .prop_map(|((amount, counted, requested, changed), (state, method, pg), (key, test, name))| {
            let mut made = record("-", amount);
            if !counted {
                made.payment.total = Money::new(amount, Currency::Usd).filter(|_| amount % 2 == 0);
                made.payment.currency = SafeText::new(if amount % 2 == 0 { "USD" } else { "JPY" });
            }
            made.payment.state = state.state("NEW");
            made.payment.pg = pg.map(SafeText::new);
            made.payment.is_test = test;
            made.payment.key = key.then(|| BillingKey::parse("k1").unwrap());
            made.method = method;
            (made.requested_at, made.changed_at) = (requested, changed);
            made.customer = Customer::new(name, "", "");
            made
        })
}

fn a_span() -> impl Strategy<Value = Span> {
    // Halves of a second, too: the payments' seconds lie between them.
    (0..90i64, 0..90i64).prop_map(|(from, until)| Span {
        from: Timestamp::from_millisecond(from * 500).unwrap(),
        until: Timestamp::from_millisecond(until * 500).unwrap(),
    })
}

fn a_filter() -> impl Strategy<Value = PaymentFilter> {
    let money = || {
        option::weighted(
            0.3,
            (0..6u64, any::<bool>()).prop_map(|(minor, won)| {
                Money::new(minor, if won { Currency::Krw } else { Currency::Usd }).unwrap()
            }),
        )
    };
    (
        (select(&Basis::ALL[..]), option::of(a_span()), option::weighted(0.3, select(&PGS[..]))),
        (
            prop_oneof![Just(Vec::new()), subsequence(StateKind::ALL.to_vec(), 1..8)],
            prop_oneof![Just(Vec::new()), subsequence(Method::ALL.to_vec(), 1..7)],
        ),
        (option::weighted(0.3, any::<bool>()), option::weighted(0.3, any::<bool>()), money(), money()),
    )
        .prop_map(|((basis, period, pg), (states, methods), (recurring, is_test, least, most))| {
            PaymentFilter {
                basis,
                period,
                states,
                methods,
                pg: pg.map(SafeText::new),
                recurring,
                is_test,
                least,
                most,
            }
        })
}

fn time(record: &PaymentRecord, basis: Basis) -> i64 {
    let times = match basis {
        Basis::Requested => [record.requested_at, record.changed_at],
        Basis::Changed => [record.changed_at, record.requested_at],
    };
    times.into_iter().flatten().next().unwrap_or(0)
}

/// What a filter says, in the plainest words.
fn fits(record: &PaymentRecord, filter: &PaymentFilter, typed: Option<&str>) -> bool {
    let payment = &record.payment;
    let in_period = |span: Span| (span.from..span.until).contains(&at(time(record, filter.basis)));
    let amount = |limit: Option<Money>, holds: fn(u64, u64) -> bool| match (limit, payment.total) {
        (None, _) => true,
        (Some(limit), Some(total)) => {
            limit.currency() == total.currency() && holds(total.minor(), limit.minor())
        }
        (Some(_), None) => false,
    };
    filter.period.is_none_or(in_period)
        && (filter.states.is_empty() || filter.states.contains(&StateKind::of(&payment.state)))
        && (filter.methods.is_empty() || filter.methods.contains(&record.method))
        && (filter.pg.is_none() || filter.pg == payment.pg)
        && filter.recurring.is_none_or(|recurring| recurring == payment.key.is_some())
        && filter.is_test.is_none_or(|is_test| is_test == (payment.is_test == Some(true)))
        && amount(filter.least, |total, least| total >= least)
        && amount(filter.most, |total, most| total <= most)
        && typed.is_none_or(|typed| record.customer.name().unwrap().contains(typed))
}

#[test]
fn lists_of_a_period_have_all_of_it_wherever_blocks_end() {
    let (_folder, ledger) = ledger();
    ledger.put_payments("other", Generation::V2, &[record("first", 1)], at(9)).unwrap();
    // By the one basis as the rows ascend, by the other as they descend; a hundred in each second.
    let told: Vec<PaymentRecord> = (0..700)
        .map(|number| PaymentRecord {
            requested_at: Some(number / 100),
            changed_at: Some((699 - number) / 100),
            ..record(&format!("ord-{number}"), 1)
        })
        .collect();
    ledger.put_payments("main", Generation::V2, &told, at(9)).unwrap();
    for basis in Basis::ALL {
        for (from, until) in (0..9).flat_map(|from| (from..9).map(move |until| (from, until))) {
            let filter = PaymentFilter { basis, period: Some(span(from, until)), ..PaymentFilter::default() };
            let list = ledger.payment_list("main", &filter, None).unwrap();
            let expected = 100 * (until.min(7) - from.min(7));
            assert_eq!(i64::try_from(list.len()).unwrap(), expected, "{basis:?} {from}..{until}");
            let newest = ledger.payment_rows(&list, 0..1).unwrap();
            assert_eq!(
                newest.first().map(|kept| time(&kept.what, basis)),
                (expected > 0).then(|| until.min(7) - 1)
            );
        }
    }
    assert_eq!(ledger.newest_payment("main", Basis::Requested).unwrap(), (Some(at(6)), 700));
}

proptest! {
    #[test]
    fn windows_of_a_list_are_the_payments_that_fit_newest_first(
        told in vec(a_payment(), 0..60),
        filters in vec((a_filter(), option::of(select(&["김하", "하늘", "%_'", "%", "없음"][..]))), 1..6),
        page in 1..9usize,
    ) {
        let (_folder, ledger) = ledger();
        let mut told = told;
        for (number, record) in told.iter_mut().enumerate() {
            record.id = SafeText::new(&format!("ord-{number}"));
        }
        ledger.put_payments("other", Generation::V2, &told, at(9)).unwrap();
        ledger.put_payments("main", Generation::V2, &told, at(9)).unwrap();
        for (filter, typed) in filters {
            let mut expected: Vec<(usize, &PaymentRecord)> =
                told.iter().enumerate().filter(|(_, record)| fits(record, &filter, typed)).collect();
            expected.sort_by_key(|(number, record)| std::cmp::Reverse((time(record, filter.basis), *number)));
            let needle = typed.map(Needle::new);
            let list = ledger.payment_list("main", &filter, needle.as_ref()).unwrap();
            prop_assert_eq!(list.len(), expected.len());
            let mut read = Vec::new();
            for start in (0..list.len() + page).step_by(page) {
                let window = ledger.payment_rows(&list, start..start + page).unwrap();
                for (place, kept) in window.iter().enumerate() {
                    prop_assert_eq!(list.position(kept.row), Some(start + place));
                }
                read.extend(window.into_iter().map(|kept| kept.what));
            }
            let expected: Vec<PaymentRecord> = expected.into_iter().map(|(_, record)| record.clone()).collect();
            prop_assert_eq!(read, expected);
        }
    }

    #[test]
    fn schedules_in_windows_by_the_day_and_after_a_moment(
        told in vec((0..500_000i64, 0..4usize, 0..9u64, any::<bool>(), select(&NAMES[..])), 0..50),
        (from, until) in (0..500_000i64, 0..500_000i64),
        groups in subsequence(ScheduleGroup::ALL.to_vec(), 0..4),
        typed in option::of(select(&["김하", "하늘", "%_'"][..])),
        key in option::of(Just(BillingKey::parse("k1").unwrap())),
        page in 1..9usize,
    ) {
        let (_folder, ledger) = ledger();
        let told: Vec<ProviderSchedule> = told
            .into_iter()
            .enumerate()
            .map(|(number, (second, group, amount, of_k1, name))| {
                let mut made = schedule(&format!("s-{number}"), second, amount);
                made.state = [
                    ScheduleState::Scheduled,
                    ScheduleState::Succeeded,
                    ScheduleState::Failed,
                    ScheduleState::Revoked,
                ][group].clone();
                if of_k1 {
                    made.key = BillingKey::parse("k1").unwrap();
                }
                made.customer = Customer::new(name, "", "");
                made
            })
            .collect();
        ledger.put_schedules("main", span(0, 500_000), &told, at(9)).unwrap();
        let filter = ScheduleFilter { span: Some(span(from, until)), groups, key };
        let mut expected: Vec<ProviderSchedule> = told
            .iter()
            .filter(|one| {
                (at(from)..at(until)).contains(&one.at)
                    && (filter.groups.is_empty() || filter.groups.contains(&one.state.group()))
                    && filter.key.as_ref().is_none_or(|key| one.key == *key)
                    && typed.is_none_or(|typed| one.customer.name().unwrap().contains(typed))
            })
            .cloned()
            .collect();
        expected.sort_by_key(|one| one.at);
        let list = ledger.schedule_list("main", &filter, typed.map(Needle::new).as_ref()).unwrap();
        let mut read = Vec::new();
        for start in (0..list.len() + page).step_by(page) {
            let window = ledger.schedule_rows(&list, start..start + page).unwrap();
            read.extend(window.into_iter().map(|kept| kept.what));
        }
        prop_assert_eq!(read, expected);

        let mut sums = BTreeMap::new();
        for one in told.iter().filter(|one| (at(from)..at(until)).contains(&one.at)) {
            let day = one.at.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(9))).date();
            let sum = sums.entry((day, one.state.group())).or_insert((0, 0));
            *sum = (sum.0 + 1, sum.1 + one.amount.unwrap().minor());
        }
        let days: BTreeMap<_, _> = ledger
            .schedule_days("main", span(from, until))
            .unwrap()
            .into_iter()
            .map(|sum| ((sum.date, sum.group), (sum.count, sum.sum)))
            .collect();
        prop_assert_eq!(days, sums);

        for group in [None, Some(ScheduleGroup::Failed)] {
            let next = ledger.next_after("main", at(from), group).unwrap().map(|kept| kept.what.at);
            let expected = told
                .iter()
                .filter(|one| one.at > at(from) && group.is_none_or(|group| one.state.group() == group))
                .map(|one| one.at)
                .min();
            prop_assert_eq!(next, expected);
        }
    }

    #[test]
    fn the_newest_answer_stays_in_whatever_order_they_come(
        answers in vec((option::of(0..4i64), 0..1_000i64), 1..12),
    ) {
        let (_folder, ledger) = ledger();
        let mut newest: Option<(i64, i64, u64)> = None;
        for (number, (changed, asked)) in (0u64..).zip(answers) {
            let mut answer = record("ord-1", number);
            (answer.requested_at, answer.changed_at) = (Some(0), changed);
            ledger.put_payments("main", Generation::V2, &[answer], at(asked)).unwrap();
            newest = newest.max(Some((changed.unwrap_or(0), asked, number)));
            let kept = ledger.payment("main", &SafeText::new("ord-1")).unwrap().unwrap();
            prop_assert_eq!(kept.what.payment.total.map(Money::minor), newest.map(|(_, _, number)| number));
        }
    }
}

proptest! {
    // Each case writes many transactions.
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Against the long way: each payment's own texts, looked through one by one.
    #[test]
    fn a_search_finds_each_row_for_itself_whatever_was_written_before(
        writes in vec((0..300usize, select(&NAMES[..]), select(&GOODS[..]), 0..40u64), 1..60),
        drops in vec((0..60i64, any::<bool>()), 0..3),
        bulk in 0..300usize,
        queries in vec(select(&QUERIES[..]), 1..6),
    ) {
        let (_folder, ledger) = ledger();
        let profiles = ["main", "other"];
        let mut kept: [BTreeMap<String, PaymentRecord>; 2] = Default::default();
        let put = |kept: &mut [BTreeMap<String, PaymentRecord>; 2], which: usize, told: &[PaymentRecord], time| {
            ledger.put_payments(profiles[which], Generation::V2, told, at(time)).unwrap();
            kept[which].extend(told.iter().map(|told| (told.id.to_string(), told.clone())));
        };
        // More than one block of rows, which the two share.
        let many: Vec<PaymentRecord> = (0..bulk).map(|number| record(&format!("ord-{number}"), 7)).collect();
        for (number, page) in many.chunks(50).enumerate() {
            put(&mut kept, number % 2, page, 1);
        }
        for (time, (number, name, goods, total)) in (2..).zip(writes) {
            let mut told = record(&format!("ord-{number}"), total);
            told.customer = Customer::new(name, "010-2000-3000", "");
            told.payment.order_name = SafeText::new(goods);
            put(&mut kept, number % 2, &[told], time);
            for (_, which) in drops.iter().filter(|(when, _)| *when == time) {
                ledger.drop_cache(profiles[usize::from(*which)]).unwrap();
                kept[usize::from(*which)].clear();
            }
        }
        for query in queries {
            let needle = Needle::new(query);
            for (profile, kept) in profiles.iter().zip(&kept) {
                let list = ledger.payment_list(profile, &PaymentFilter::default(), Some(&needle)).unwrap();
                let rows = ledger.payment_rows(&list, 0..list.len()).unwrap();
                let mut found: Vec<String> = rows.into_iter().map(|kept| kept.what.id.to_string()).collect();
                found.sort_unstable();
                let mut expected: Vec<String> = Vec::new();
                for (id, record) in kept {
                    let total = record.payment.total.unwrap().minor().to_string();
                    let (goods, name) = (record.payment.order_name.as_str(), record.customer.name());
                    let texts = [id.as_str(), goods, name.unwrap_or_default(), record.customer.phone().unwrap_or_default(), &total];
                    if needle.matches(&index_text(texts)) {
                        expected.push(id.clone());
                    }
                }
                prop_assert_eq!(found, expected, "{} of {}", query, profile);
            }
        }
    }
}
