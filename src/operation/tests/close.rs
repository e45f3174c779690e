//! The daily close against a scripted provider: both bases, what names a payment, and the close before.

use jiff::civil::{Date, date};

use super::book::{schedule, with_book};
use super::*;
use crate::domain::close::{Basis, Change, ClosedDay, Env, What};

const DAY: Date = date(2026, 11, 20);

fn won(minor: u64) -> Money {
    Money::new(minor, Currency::Krw).unwrap()
}

/// A time of the day's or another's, in Korea.
fn second(day: i8, hour: i8) -> i64 {
    let korea = jiff::tz::TimeZone::fixed(jiff::tz::offset(9));
    date(2026, 11, day).at(hour, 0, 0, 0).to_zoned(korea).unwrap().timestamp().as_second()
}

/// A payment of 45,000 won, asked for and changed at these times.
fn record(id: &str, state: PaymentState, requested: i64, changed: i64) -> PaymentRecord {
    PaymentRecord {
        payment: payment(state.clone()),
        requested_at: Some(requested),
        changed_at: Some(changed),
        ..PaymentRecord::bare(id, state, Some(won(45_000)))
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it stands in lists of pages, some of which fail")]
fn listed(records: Vec<PaymentRecord>) -> Result<Batch<PaymentRecord>, Problem> {
    Ok(Batch { items: records, next: None })
}

/// A provider with these lists of the day, one for each close.
fn shop(generation: Generation, lists: Vec<Vec<PaymentRecord>>) -> Rig {
    let rig = with_book(generation, Vec::new());
    rig.gateway.script().payments = lists.into_iter().map(listed).collect();
    rig
}

async fn close(rig: &Rig, basis: Basis) -> ClosedDay {
    rig.desk.close_day(DAY, basis).await.unwrap()
}

fn differences(closed: &ClosedDay) -> Vec<(String, &'static str)> {
    closed.close.differences().map(|(_, found)| (found.id.to_string(), found.what.word())).collect()
}

fn paid(closed: &ClosedDay) -> u64 {
    closed.close.sides.values().map(|side| side.totals.paid.count).sum()
}

/// Charges a card on the day, and answers with the payment's id.
async fn charge(rig: &Rig) -> PaymentId {
    rig.world.now.set(Timestamp::from_second(second(20, 10)).unwrap());
    rig.gateway.script().charges.push_back(Reply::Done(Some(Box::new(payment(PaymentState::Paid)))));
    let (id, outcome) = rig.charge(&rig.check()).await;
    assert!(matches!(outcome, Outcome::Approved(_)), "{outcome:?}");
    rig.world.now.set(Timestamp::from_second(second(21, 10)).unwrap());
    id
}

#[tokio::test]
async fn each_basis_counts_by_its_own_time() {
    // Asked for before midnight and paid after it, and the day before's that was paid on this one.
    let late = record("late000001", PaymentState::Paid, second(20, 23), second(21, 1));
    let early = record("early00001", PaymentState::Paid, second(19, 23), second(20, 1));
    let within = record("within0001", PaymentState::Paid, second(20, 9), second(20, 9));
    for (generation, told) in [
        // V2 lists by the time of the request, V1 by the time of the state; the rest is in the copy.
        (Generation::V2, vec![late.clone(), within.clone()]),
        (Generation::V1, vec![early.clone(), within.clone()]),
    ] {
        let rig = shop(generation, vec![told.clone(), told]);
        let all = [late.clone(), early.clone(), within.clone()];
        rig.desk.ledger.borrow().put_payments("main", generation, &all, rig.world.now()).unwrap();
        rig.pass(60);
        for (basis, other) in [(Basis::Requested, "late000001"), (Basis::Changed, "early00001")] {
            let closed = close(&rig, basis).await;
            assert_eq!((paid(&closed), closed.close.basis), (2, basis), "{generation:?}");
            let mut made: Vec<_> = differences(&closed);
            made.sort();
            let mut expected = [other, "within0001"].map(|id| (id.to_owned(), "made_elsewhere"));
            expected.sort();
            assert_eq!(made, expected, "{generation:?} {basis:?}");
            assert!(closed.close.agrees(), "what was made elsewhere is a notice");
        }
    }
}

#[tokio::test]
async fn what_the_journal_names_is_asked_for_by_its_id() {
    let rig = shop(Generation::V2, vec![vec![], vec![]]);
    let id = charge(&rig).await;
    rig.gateway.script().attempts.push_back(Ok(Vec::new()));
    let closed = close(&rig, Basis::Requested).await;
    assert_eq!(differences(&closed), [(id.to_string(), "not_at_provider")]);
    assert!(!closed.close.agrees());
    // It is there after all, in no list of the day.
    let there = record(id.as_str(), PaymentState::Paid, second(20, 10), second(20, 10));
    rig.gateway.script().attempts.push_back(Ok(vec![there]));
    rig.pass(60);
    let closed = close(&rig, Basis::Requested).await;
    assert_eq!((differences(&closed), paid(&closed)), (Vec::new(), 1));
}

#[tokio::test]
async fn what_the_copy_says_of_a_named_payment_is_not_believed_when_it_is_old() {
    // A V1 charge of a schedule, pending on its day and paid on the next, which is in no list of the day.
    let rig = shop(Generation::V1, vec![vec![]]);
    let at = Timestamp::from_second(second(20, 9)).unwrap();
    rig.gateway.booked(|book| book.all.push(schedule("a", at, ScheduleState::Succeeded)));
    let pending = record("paya", PaymentState::Pending, second(20, 9), second(20, 9));
    rig.desk.ledger.borrow().put_payments("main", Generation::V1, &[pending], rig.world.now()).unwrap();
    rig.pass(60);
    let total = Money::new(9_900, Currency::Krw);
    let mut now = record("paya", PaymentState::Paid, second(20, 9), second(21, 1));
    now.payment.total = total;
    rig.gateway.script().attempts.push_back(Ok(vec![now]));
    let closed = close(&rig, Basis::Changed).await;
    assert_eq!(differences(&closed), []);
    assert_eq!(paid(&closed), 0, "it belongs to the day on which it was paid");
}

#[tokio::test]
async fn a_schedule_that_is_ahead_is_not_asked_for() {
    let rig = shop(Generation::V2, vec![vec![]]);
    rig.world.now.set(Timestamp::from_second(second(20, 12)).unwrap());
    let at = Timestamp::from_second(second(20, 18)).unwrap();
    rig.gateway.booked(|book| book.all.push(schedule("a", at, ScheduleState::Scheduled)));
    let closed = close(&rig, Basis::Requested).await;
    assert_eq!(differences(&closed), [], "what is due later can't be missing yet");
    assert_eq!(rig.gateway.booked(|book| book.reasons), Some(0));
}

#[tokio::test]
async fn a_day_closed_again_tells_what_changed_since() {
    let rig = shop(Generation::V2, vec![vec![]; 3]);
    let id = charge(&rig).await;
    let found = |state| record(id.as_str(), state, second(20, 10), second(20, 10));
    rig.gateway.script().attempts.push_back(Ok(Vec::new()));
    let first = close(&rig, Basis::Requested).await;
    assert_eq!(first.earlier, None);
    rig.pass(60);
    rig.gateway.script().payments[0] = listed(vec![found(PaymentState::Paid)]);
    let second = close(&rig, Basis::Requested).await;
    let earlier = second.earlier.clone().unwrap();
    assert_eq!((earlier.seq, earlier.operator.as_str()), (first.seq, "minji"));
    let changes = earlier.changes.unwrap();
    let resolved = |change: &Change| {
        matches!(change, Change::Resolved { env: Env::Test, difference }
            if difference.id.as_str() == id.as_str() && difference.what == What::NotAtProvider)
    };
    assert!(changes.iter().any(resolved), "{changes:?}");
    assert!(changes.iter().any(|change| matches!(change, Change::Money { .. })), "{changes:?}");
    // By the other basis nothing can be compared with it but what differs.
    rig.pass(60);
    rig.gateway.script().payments[0] = listed(vec![found(PaymentState::Paid)]);
    let third = close(&rig, Basis::Requested).await;
    let earlier = third.earlier.unwrap();
    assert_eq!(earlier.changes, Some(Vec::new()));
    assert!(second.seq < third.seq);
    let kept = rig.desk.closed_day(DAY).unwrap().unwrap();
    assert_eq!((kept.seq, kept.close, kept.earlier), (third.seq, third.close, Some(earlier)));
    let seqs: Vec<i64> = rig.desk.kept_closes(10).unwrap().iter().map(|saved| saved.seq).collect();
    assert_eq!(seqs, [third.seq, second.seq, first.seq]);
}

#[tokio::test]
async fn what_could_not_be_asked_is_no_close() {
    let rig = shop(Generation::V2, vec![]);
    rig.gateway.script().payments.push_back(Err(Problem::Credentials { profile: "main".to_owned() }));
    let refused = rig.desk.close_day(DAY, Basis::Requested).await;
    assert_eq!(refused, Err(Problem::Credentials { profile: "main".to_owned() }));
    assert_eq!(rig.desk.closed_day(DAY), Ok(None));
    // Nor is one whose list broke off in the middle.
    rig.gateway.script().payments.push_back(Ok(Batch { items: Vec::new(), next: Some("2".to_owned()) }));
    rig.gateway.script().payments.push_back(Err(Problem::Unreadable { why: "malformed".to_owned() }));
    assert!(rig.desk.close_day(DAY, Basis::Requested).await.is_err());
    assert_eq!(rig.desk.kept_closes(10), Ok(Vec::new()));
}
