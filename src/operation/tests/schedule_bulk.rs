//! Many at once: stopped, killed, gone on with, given up; and the same order given twice.

use std::cell::RefCell;

use super::book::{Fault, day, schedule, with_book};
use super::*;
use crate::domain::bulk::{Action, Verdict};

fn many(count: usize) -> Vec<ProviderSchedule> {
    (0..count).map(|n| schedule(&format!("s{n:03}"), day(10), ScheduleState::Scheduled)).collect()
}

fn revoking(rig: &Rig) -> Vec<Action> {
    let all = rig.gateway.booked(|book| book.all.clone()).unwrap();
    all.into_iter().map(|told| Action::Revoke(Box::new(told))).collect()
}

fn making(rig: &Rig, count: usize) -> Vec<Action> {
    (0..count).map(|n| rig.order_at(&format!("dseries{n:03}"), day(10))).collect()
}

fn alive(rig: &Rig) -> usize {
    rig.seen().iter().filter(|(_, state)| *state == "scheduled").count()
}

#[tokio::test]
async fn revoking_goes_by_twenties_and_one_by_one_where_one_is_refused() {
    let rig = with_book(Generation::V2, many(45));
    let plan = rig.plan(revoking(&rig)).await;
    assert_eq!(plan.count(), 45);
    // Two of the second twenty run before it is their turn.
    rig.gateway.booked(|book| {
        book.all[25].state = ScheduleState::Started;
        book.all[31].state = ScheduleState::Succeeded;
    });
    let end = rig.desk.run_bulk(&plan, &rig.check(), |_| (), || false).await.unwrap();
    assert_eq!((end.done(), end.failed(), end.unknown(), end.left), (43, 2, 0, 0));
    let bad: Vec<_> = end.ends.iter().filter(|end| !matches!(end.outcome, Outcome::Approved(_))).collect();
    let ids: Vec<&str> = bad.iter().map(|end| end.schedule.as_ref().unwrap().as_str()).collect();
    assert_eq!(ids, ["s025", "s031"]);
    assert!(bad.iter().all(|end| end.outcome == Outcome::NotCharged(Problem::ScheduleNotOpen)));
    // 20 together, 20 together refused and so one by one, 5 together.
    assert_eq!(rig.requests().len(), 1 + 1 + 20 + 1);
    assert_eq!(alive(&rig), 0);
}

#[tokio::test]
async fn a_lost_answer_to_twenty_is_looked_for_at_each() {
    for done in [true, false] {
        let rig = with_book(Generation::V2, many(20));
        rig.fault([Some(if done { Fault::Done } else { Fault::NotDone })]);
        let end = rig.run(revoking(&rig)).await;
        assert_eq!((end.done(), end.unknown()), if done { (20, 0) } else { (0, 20) });
        assert_eq!(rig.requests().len(), 1, "nothing is sent a second time");
    }
}

#[tokio::test]
async fn when_nothing_gets_through_nothing_is_tried_one_by_one() {
    let rig = with_book(Generation::V2, many(20));
    rig.fault([Some(Fault::Refused(Problem::Unreachable { detail: "refused".to_owned() }))]);
    let end = rig.run(revoking(&rig)).await;
    assert_eq!((end.failed(), rig.requests().len()), (20, 1));
}

#[tokio::test]
async fn everything_is_on_disk_before_the_first_request() {
    let rig = with_book(Generation::V2, Vec::new());
    let steps = RefCell::new(Vec::new());
    let plan = rig.plan(making(&rig, 5)).await;
    let end = rig
        .desk
        .run_bulk(&plan, &rig.check(), |step| steps.borrow_mut().push((step.done, step.of)), || false)
        .await
        .unwrap();
    assert_eq!(end.done(), 5);
    assert!(
        rig.gateway.sent()[0].matches("create_schedule intended").count() == 4,
        "{:?}",
        rig.gateway.sent()
    );
    assert_eq!(steps.into_inner(), [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]);
    assert!(rig.desk.batches_left().unwrap().is_empty());
}

#[tokio::test]
async fn cancelled_between_two_items_the_rest_is_left_and_gone_on_with_exactly_there() {
    let rig = with_book(Generation::V2, Vec::new());
    let plan = rig.plan(making(&rig, 7)).await;
    let asked = Cell::new(0);
    let cancelled = || asked.replace(asked.get() + 1) == 3;
    let end = rig.desk.run_bulk(&plan, &rig.check(), |_| (), cancelled).await.unwrap();
    assert_eq!((end.done(), end.left, alive(&rig)), (3, 4, 3));
    let left = rig.desk.batches_left().unwrap();
    assert_eq!((left.len(), left[0].of, left[0].left), (1, 7, 4));
    assert_eq!(left[0].totals, [(Currency::Krw, 4 * 45_000)]);
    assert_eq!(left[0].kind, IntentKind::CreateSchedule);
    // Settling is not the moment to go on with it.
    assert!(rig.desk.settle().await.unwrap().is_empty());
    assert_eq!(alive(&rig), 3);
    let rest = rig.desk.resume(&left[0].batch, |_| (), || false).await.unwrap();
    assert_eq!((rest.done(), rest.left, alive(&rig)), (4, 0, 7));
    assert!(rig.desk.batches_left().unwrap().is_empty());
    assert_eq!(rig.desk.resume(&left[0].batch, |_| (), || false).await.unwrap().ends, []);
    assert_eq!(rig.requests().len(), 7, "each once");
}

#[tokio::test]
async fn killed_in_the_middle_it_goes_on_exactly_there() {
    for done in [true, false] {
        let rig = with_book(Generation::V2, many(4));
        let actions = (0..4).map(|n| rig.moving(&format!("s{n:03}"), day(20))).collect();
        let plan = rig.plan(actions).await;
        {
            let guard = rig.check();
            let run = rig.desk.run_bulk(&plan, &guard, |_| (), || false);
            tokio::pin!(run);
            // The revoking for the second move.
            rig.gateway.hang_at(2);
            tokio::select! {
                biased;
                _ = &mut run => panic!("it must hang"),
                () = std::future::ready(()) => {}
            }
            rig.gateway.hang_at(usize::MAX);
        }
        if done {
            rig.gateway.booked(|book| book.all[1].state = ScheduleState::Revoked);
        }
        rig.pass(SETTLE_WINDOW.as_secs());
        let left = rig.desk.batches_left().unwrap();
        assert_eq!((left[0].of, left[0].left), (4, 3));
        if done {
            // The next start repairs the one that was under way, and leaves the rest to a person.
            rig.desk.settle().await.unwrap();
            assert_eq!(rig.desk.batches_left().unwrap()[0].left, 2);
            assert_eq!(rig.requests().len(), 4);
        }
        let end = rig.desk.resume(&left[0].batch, |_| (), || false).await.unwrap();
        assert_eq!((end.done(), end.left), (2, 0), "{end:?}");
        // Each of the four is there exactly once: moved, or, where the revoking never arrived, as it was.
        assert_eq!(alive(&rig), 4);
        let seen = rig.seen();
        let at_20 = seen.iter().filter(|(at, state)| at.starts_with("2026-12-20") && *state == "scheduled");
        assert_eq!(at_20.count(), if done { 4 } else { 3 });
    }
}

#[tokio::test]
async fn what_is_left_can_be_given_up_but_never_a_schedule_whose_place_is_empty() {
    let rig = with_book(Generation::V2, many(3));
    let actions = (0..3).map(|n| rig.moving(&format!("s{n:03}"), day(20))).collect();
    let plan = rig.plan(actions).await;
    let groups: Vec<_> = plan.ready().map(|item| rig.desk.drafts(item, Some(&plan.batch)).unwrap()).collect();
    let slices: Vec<_> = groups.iter().map(Vec::as_slice).collect();
    rig.desk.ledger.borrow().intend_all(&slices, &rig.check()).unwrap();
    for step in [Step::Sent, Step::Approved(Approval::default())] {
        rig.desk.record(&groups[0][0].id, &step).unwrap();
    }
    rig.gateway.booked(|book| book.all[0].state = ScheduleState::Revoked);
    assert_eq!(rig.desk.drop_batch(&plan.batch).await.unwrap(), 2);
    assert_eq!(rig.state(&groups[0][1].id), IntentState::Approved, "made after all");
    for group in &groups[1..] {
        for new in group {
            let intent = rig.intent(&new.id);
            assert_eq!((intent.state, intent.why.as_deref()), (IntentState::NotCharged, Some("given_up")));
        }
    }
    assert_eq!(alive(&rig), 3);
    assert!(rig.desk.batches_left().unwrap().is_empty());
}

#[tokio::test]
async fn a_batch_of_a_living_process_is_left_to_it() {
    let mut rig = with_book(Generation::V2, Vec::new());
    let plan = rig.plan(making(&rig, 3)).await;
    rig.desk.run_bulk(&plan, &rig.check(), |_| (), || true).await.unwrap();
    rig.desk.world = Rc::new(Still {
        now: Cell::new(rig.world.now.get()),
        process: "2:2".to_owned(),
        others_run: true,
        chance: Cell::new(100),
    });
    assert!(rig.desk.batches_left().unwrap().is_empty());
    assert_eq!(rig.desk.resume(&plan.batch, |_| (), || false).await, Err(Problem::BatchRuns));
    assert_eq!(rig.desk.drop_batch(&plan.batch).await, Err(Problem::BatchRuns));
    assert!(rig.requests().is_empty());
}

#[tokio::test]
async fn the_same_series_twice_is_there_already_and_what_was_not_made_is_made() {
    let rig = with_book(Generation::V2, Vec::new());
    rig.fault([None, Some(Fault::Refused(Problem::Unreachable { detail: "refused".to_owned() }))]);
    let end = rig.run(making(&rig, 3)).await;
    assert_eq!((end.done(), end.failed()), (2, 1));
    let plan = rig.plan(making(&rig, 3)).await;
    let verdicts: Vec<Verdict> = plan.items.iter().map(|item| item.verdict).collect();
    assert_eq!(verdicts, [Verdict::Already, Verdict::Ready, Verdict::Already]);
    assert_eq!((plan.count(), plan.already()), (1, 2));
    let end = rig.desk.run_bulk(&plan, &rig.check(), |_| (), || false).await.unwrap();
    assert_eq!(end.done(), 1);
    // The plan itself a second time does nothing.
    let again = rig.desk.run_bulk(&plan, &rig.check(), |_| (), || false).await.unwrap();
    assert_eq!((again.done(), again.already()), (0, 1));
    assert_eq!(rig.plan(making(&rig, 3)).await.already(), 3);
    assert_eq!(alive(&rig), 3);
}

#[tokio::test]
async fn one_that_another_ledger_made_is_there_already() {
    let rig = with_book(Generation::V2, Vec::new());
    rig.run(making(&rig, 2)).await;
    let other = with_book(Generation::V2, rig.gateway.booked(|book| book.all.clone()).unwrap());
    for (already, failed) in [(2, 0), (0, 0)] {
        let end = other.run(making(&other, 2)).await;
        assert_eq!((end.already(), end.failed()), (already, failed), "{end:?}");
    }
    assert_eq!(alive(&other), 2);
}
