//! Kills between any two steps of a move, and lost answers: in the end there is the old schedule or the new one.

use super::book::{Fault, day, one_open, schedule, with_book};
use super::*;
use crate::domain::bulk::Action;

const NEW: &str = "2026-12-15T01:00:00Z";
const OLD: &str = "2026-12-10T01:00:00Z";

fn seen(states: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
    states.iter().map(|(at, state)| ((*at).to_owned(), *state)).collect()
}

/// A rig killed while the request with that number was under way; done or not.
async fn killed_at(request: usize, done: bool, action: fn(&Rig) -> Action) -> Rig {
    let rig = one_open(Generation::V2);
    let plan = rig.plan(vec![action(&rig)]).await;
    {
        let guard = rig.check();
        let run = rig.desk.run_bulk(&plan, &guard, |_| (), || false);
        tokio::pin!(run);
        // Requests before the one that hangs are answered at once, so one poll comes to it.
        rig.gateway.hang_at(request);
        tokio::select! {
            biased;
            _ = &mut run => panic!("it must hang"),
            () = std::future::ready(()) => {}
        }
        rig.gateway.hang_at(usize::MAX);
    }
    assert_eq!(rig.gateway.sent().len(), request + 1);
    if done {
        let sent = rig.requests()[request].clone();
        rig.gateway.booked(|book| {
            if sent.starts_with("revoke") {
                book.all[0].state = ScheduleState::Revoked;
            }
        });
        if sent.starts_with("schedule") {
            let create = rig.only(IntentKind::CreateSchedule);
            let made = ProviderSchedule {
                payment_id: SafeText::new(create.new.id.as_str()),
                ..schedule("late", day(15), ScheduleState::Scheduled)
            };
            rig.gateway.booked(|book| book.all.push(made));
        }
    }
    rig
}

fn moving(rig: &Rig) -> Action {
    rig.moving("a", day(15))
}

#[tokio::test]
async fn killed_while_the_old_one_was_revoked_and_it_stands() {
    let rig = killed_at(0, false, moving).await;
    rig.desk.settle().await.unwrap();
    assert_eq!(rig.only(IntentKind::CreateSchedule).state, IntentState::Intended, "nobody knows yet");
    rig.pass(SETTLE_WINDOW.as_secs());
    rig.desk.settle().await.unwrap();
    let (revoke, create) = (rig.only(IntentKind::RevokeSchedules), rig.only(IntentKind::CreateSchedule));
    assert_eq!((revoke.state, revoke.why.as_deref()), (IntentState::NotCharged, Some("still_scheduled")));
    assert_eq!((create.state, create.why.as_deref()), (IntentState::NotCharged, Some("never_sent")));
    assert_eq!(rig.seen(), seen(&[(OLD, "scheduled")]));
    assert!(rig.desk.settle().await.unwrap().is_empty());
    assert_eq!(rig.requests().len(), 1, "nothing was sent");
}

#[tokio::test]
async fn killed_while_the_old_one_was_revoked_and_it_is_gone() {
    let rig = killed_at(0, true, moving).await;
    rig.desk.settle().await.unwrap();
    assert_eq!(rig.seen(), seen(&[(OLD, "revoked"), (NEW, "scheduled")]));
    assert_eq!(rig.only(IntentKind::CreateSchedule).state, IntentState::Approved);
    rig.desk.settle().await.unwrap();
    assert_eq!(rig.requests().len(), 2, "once");
}

#[tokio::test]
async fn killed_while_the_new_one_was_made() {
    let rig = killed_at(1, true, moving).await;
    let before = rig.only(IntentKind::CreateSchedule).state;
    assert_eq!(before, IntentState::Sent);
    rig.desk.settle().await.unwrap();
    let create = rig.only(IntentKind::CreateSchedule);
    assert_eq!(create.approval.and_then(|approval| approval.schedule), Some(SafeText::new("late")));
    assert_eq!(rig.seen(), seen(&[(OLD, "revoked"), (NEW, "scheduled")]));

    // It never arrived: only after the whole window, and then it is said what is gone.
    let rig = killed_at(1, false, moving).await;
    rig.desk.settle().await.unwrap();
    assert_eq!(rig.only(IntentKind::CreateSchedule).state, IntentState::Unknown);
    rig.pass(SETTLE_WINDOW.as_secs());
    rig.desk.settle().await.unwrap();
    let create = rig.only(IntentKind::CreateSchedule);
    assert_eq!((create.state, create.why.as_deref()), (IntentState::NotCharged, Some("not_found")));
    assert_eq!(rig.desk.lost(&create).unwrap().at, Some(day(10)));
    assert_eq!(rig.requests().len(), 2, "it is not sent again");
}

/// Both intents on disk, the revoking as far as `steps` say, the process gone.
async fn between(action: Action, rig: &Rig, steps: &[Step]) -> PaymentId {
    let plan = rig.plan(vec![action]).await;
    let item = plan.ready().next().unwrap().clone();
    let drafts = rig.desk.drafts(&item, None).unwrap();
    rig.desk.ledger.borrow().intend_all(&[&drafts], &rig.check()).unwrap();
    for step in steps {
        rig.desk.record(&drafts[0].id, step).unwrap();
    }
    drafts[1].id.clone()
}

#[tokio::test]
async fn killed_between_the_two_the_new_one_is_sent_by_the_next_start_and_only_once() {
    let rig = one_open(Generation::V2);
    let done = [Step::Sent, Step::Approved(Approval::default())];
    let id = between(moving(&rig), &rig, &done).await;
    rig.gateway.booked(|book| book.all[0].state = ScheduleState::Revoked);
    rig.desk.settle().await.unwrap();
    assert_eq!(rig.state(&id), IntentState::Approved);
    assert_eq!(rig.seen(), seen(&[(OLD, "revoked"), (NEW, "scheduled")]));
    rig.desk.settle().await.unwrap();
    assert_eq!(rig.requests(), [format!("schedule {NEW}")]);
}

#[tokio::test]
async fn killed_before_anything_was_sent_nothing_is_sent_later() {
    let rig = one_open(Generation::V2);
    let id = between(moving(&rig), &rig, &[]).await;
    rig.desk.settle().await.unwrap();
    assert_eq!(rig.intent(&id).why.as_deref(), Some("never_sent"));
    assert_eq!(rig.only(IntentKind::RevokeSchedules).why.as_deref(), Some("never_sent"));
    assert!(rig.requests().is_empty());
    assert_eq!(rig.seen(), seen(&[(OLD, "scheduled")]));
}

#[tokio::test]
async fn a_new_one_whose_time_is_over_meanwhile_is_not_sent_and_that_is_said() {
    let rig = one_open(Generation::V2);
    let done = [Step::Sent, Step::Approved(Approval::default())];
    let id = between(moving(&rig), &rig, &done).await;
    rig.world.now.set(day(16));
    rig.desk.settle().await.unwrap();
    assert_eq!(rig.intent(&id).why.as_deref(), Some("schedule_past"));
    assert!(rig.desk.lost(&rig.intent(&id)).is_some());
    assert!(rig.requests().is_empty());
}

#[tokio::test]
async fn a_charge_that_was_interrupted_is_made_soon_or_not_at_all() {
    for (later, charged) in [(599, 1), (600, 0)] {
        let rig = one_open(Generation::V2);
        rig.gateway.script().charges.push_back(Reply::Done(Some(Box::new(payment(PaymentState::Paid)))));
        let done = [Step::Sent, Step::Approved(Approval::default())];
        let charge = Action::ChargeNow(Box::new(rig.told("a")));
        let id = between(charge, &rig, &done).await;
        rig.pass(later);
        rig.desk.settle().await.unwrap();
        assert_eq!(rig.gateway.charged(), charged);
        let why = (charged == 0).then_some("too_late");
        assert_eq!(rig.intent(&id).why.as_deref(), why);
        assert_eq!(rig.desk.lost(&rig.intent(&id)).is_some(), charged == 0);
    }
}

type Make<'a> = &'a dyn Fn() -> Action;

#[tokio::test]
async fn lost_answers_of_v1_are_settled_at_the_schedule() {
    let failed = || Action::Retry(Box::new(schedule("a", day(1), ScheduleState::Failed)));
    let rebook =
        || Action::Rebook { schedule: Box::new(schedule("a", day(1), ScheduleState::Failed)), at: day(15) };
    let moved =
        || Action::Move { schedule: Box::new(schedule("a", day(10), ScheduleState::Scheduled)), at: day(15) };
    for (make, state, at, not_done) in [
        (&failed as Make<'_>, ScheduleState::Failed, day(1), "not_retried"),
        (&rebook, ScheduleState::Failed, day(1), "not_moved"),
        (&moved, ScheduleState::Scheduled, day(10), "not_moved"),
    ] {
        for done in [true, false] {
            let rig = with_book(Generation::V1, vec![schedule("a", at, state.clone())]);
            rig.fault([Some(if done { Fault::Done } else { Fault::NotDone })]);
            let end = rig.act(make()).await;
            assert!(matches!(end.outcome, Outcome::Unknown(_)), "{end:?}");
            rig.pass(SETTLE_WINDOW.as_secs());
            rig.desk.settle().await.unwrap();
            let intent = rig.intent(&end.id);
            let expected = if done { IntentState::Approved } else { IntentState::NotCharged };
            assert_eq!(intent.state, expected, "{not_done}");
            assert_eq!(intent.why.as_deref().filter(|_| !done), (!done).then_some(not_done));
            assert_eq!(rig.requests().len(), 1);
        }
    }
}

#[tokio::test]
async fn a_new_schedule_whose_answer_was_lost_is_found_or_not_after_the_window() {
    for generation in [Generation::V1, Generation::V2] {
        for done in [true, false] {
            let rig = with_book(generation, Vec::new());
            rig.fault([Some(if done { Fault::Done } else { Fault::NotDone })]);
            let end = rig.act(rig.order_at("dfirst00", day(10))).await;
            assert_eq!(end.outcome, Outcome::Unknown("reset".to_owned()));
            rig.desk.settle().await.unwrap();
            let soon = if done { IntentState::Approved } else { IntentState::Unknown };
            assert_eq!(rig.state(&end.id), soon);
            rig.pass(SETTLE_WINDOW.as_secs());
            rig.desk.settle().await.unwrap();
            let late = if done { IntentState::Approved } else { IntentState::NotCharged };
            assert_eq!(rig.state(&end.id), late);
            assert_eq!(rig.requests().len(), 1);
        }
    }
}

#[tokio::test]
async fn one_that_ran_meanwhile_is_found_among_all_of_that_time() {
    let rig = with_book(Generation::V2, Vec::new());
    rig.fault([Some(Fault::Done)]);
    let end = rig.act(rig.order_at("dfirst00", day(10))).await;
    rig.gateway.booked(|book| book.all[0].state = ScheduleState::Failed);
    rig.desk.settle().await.unwrap();
    assert_eq!(
        rig.state(&end.id),
        IntentState::Approved,
        "it was made; how its charge ended is another matter"
    );
}
