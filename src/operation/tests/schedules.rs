//! Schedules made, moved, revoked, tried and booked again, one at a time, and what a plan says before.

use super::book::{Fault, day, one_open, schedule, with_book};
use super::*;
use crate::domain::bulk::{Action, Lost, Verdict, WhyNot};
use crate::domain::intent::Target;

const REVOKED: ScheduleState = ScheduleState::Revoked;
const FAILED: ScheduleState = ScheduleState::Failed;

fn both() -> [Generation; 2] {
    [Generation::V1, Generation::V2]
}

#[tokio::test]
async fn a_schedule_is_on_disk_before_it_is_sent_and_keeps_the_providers_id() {
    for generation in both() {
        let rig = with_book(generation, Vec::new());
        let end = rig.act(rig.order_at("dfirst00", day(10))).await;
        let Outcome::Approved(approval) = &end.outcome else { panic!("{end:?}") };
        let id = if generation == Generation::V1 { "dfirst00" } else { "new0" };
        assert_eq!(approval.schedule, Some(SafeText::new(id)));
        assert_eq!(rig.gateway.sent(), ["schedule 2026-12-10T01:00:00Z: create_schedule sent"]);
        let intent = rig.intent(&end.id);
        assert_eq!(intent.approval.as_ref(), Some(approval), "the journal has it too");
        assert_eq!((intent.new.due, intent.new.batch), (Some(day(10)), None));
        assert_eq!(intent.new.target, Some(Target::Key(bkey("k1"))));
        assert_eq!(rig.seen(), [("2026-12-10T01:00:00Z".to_owned(), "scheduled")]);
    }
}

#[tokio::test]
async fn v1_moves_and_v2_revokes_and_makes_anew_with_both_on_disk_first() {
    let rig = one_open(Generation::V1);
    let end = rig.act(rig.moving("a", day(15))).await;
    assert_eq!(end.outcome, Outcome::Approved(Approval::default()));
    assert_eq!(rig.gateway.sent(), ["move_schedule a 2026-12-15T01:00:00Z: move_schedule sent"]);
    assert_eq!(rig.seen(), [("2026-12-15T01:00:00Z".to_owned(), "scheduled")]);

    let rig = one_open(Generation::V2);
    let end = rig.act(rig.moving("a", day(15))).await;
    assert!(matches!(&end.outcome, Outcome::Approved(approval) if approval.schedule.is_some()), "{end:?}");
    assert_eq!(
        rig.gateway.sent(),
        [
            "revoke_schedules a: create_schedule intended, revoke_schedules sent",
            "schedule 2026-12-15T01:00:00Z: create_schedule sent, revoke_schedules approved",
        ]
    );
    let seen =
        [("2026-12-10T01:00:00Z".to_owned(), "revoked"), ("2026-12-15T01:00:00Z".to_owned(), "scheduled")];
    assert_eq!(rig.seen(), seen);
    let new = rig.told("new1");
    assert_eq!(new.payment_id.as_str(), end.id.as_str(), "a payment id that was never used");
    assert_eq!((new.amount, new.order_name.as_str()), (Money::new(9_900, Currency::Krw), "월 구독료"));
    assert_eq!(new.customer, customer());
}

#[tokio::test]
async fn when_the_new_one_is_refused_it_is_said_that_the_old_one_is_gone_and_what_it_was() {
    for fault in [Fault::Refused(Problem::KeyGone), Fault::Declined] {
        let rig = one_open(Generation::V2);
        rig.fault([None, Some(fault)]);
        let end = rig.act(rig.moving("a", day(15))).await;
        assert!(matches!(end.outcome, Outcome::NotCharged(Problem::KeyGone) | Outcome::Declined(_)));
        let lost = Lost {
            schedule: SafeText::new("a"),
            key: bkey("k1"),
            at: Some(day(10)),
            amount: Money::new(9_900, Currency::Krw).unwrap(),
            order_name: "월 구독료".to_owned(),
        };
        assert_eq!(end.lost.as_deref(), Some(&lost));
        assert_eq!(rig.desk.lost(&rig.intent(&end.id)).as_deref(), Some(&lost), "from the journal too");
    }
}

#[tokio::test]
async fn when_the_old_one_cant_be_revoked_nothing_is_made_and_nothing_is_lost() {
    for (fault, outcome) in [
        (Fault::Refused(Problem::ScheduleNotOpen), Outcome::NotCharged(Problem::ScheduleNotOpen)),
        (Fault::Declined, Outcome::Declined(refusal())),
    ] {
        let rig = one_open(Generation::V2);
        rig.fault([Some(fault)]);
        let end = rig.act(rig.moving("a", day(15))).await;
        assert_eq!((end.outcome, end.lost), (outcome, None));
        assert_eq!(rig.requests(), ["revoke_schedules a"]);
        let intent = rig.intent(&end.id);
        assert_eq!((intent.state, intent.why.as_deref()), (IntentState::NotCharged, Some("old_stands")));
        assert_eq!(rig.seen(), [("2026-12-10T01:00:00Z".to_owned(), "scheduled")]);
    }
}

#[tokio::test]
async fn a_revoking_that_is_answered_and_not_done_is_not_believed() {
    // The provider says "revoked", and the schedule is still there.
    let rig = one_open(Generation::V2);
    let plan = rig.plan(vec![rig.moving("a", day(15))]).await;
    rig.gateway.booked(|book| book.all[0].state = ScheduleState::Started);
    rig.fault([Some(Fault::NotDone)]);
    let end = rig.desk.run_bulk(&plan, &rig.check(), |_| (), || false).await.unwrap();
    assert_eq!(end.unknown(), 1);
    assert_eq!(rig.requests(), ["revoke_schedules a"], "the new one is not sent");
}

#[tokio::test]
async fn an_answer_to_a_revoking_that_was_lost_is_looked_for_at_once_and_the_move_goes_on() {
    let rig = one_open(Generation::V2);
    rig.fault([Some(Fault::Done)]);
    let end = rig.act(rig.moving("a", day(15))).await;
    assert!(matches!(end.outcome, Outcome::Approved(_)), "{end:?}");
    assert_eq!(rig.requests().len(), 2);
}

#[tokio::test]
async fn what_failed_or_was_revoked_comes_back_in_the_way_of_its_generation() {
    for state in [FAILED, REVOKED] {
        let rig = with_book(Generation::V1, vec![schedule("a", day(1), state.clone())]);
        let end = rig.act(Action::Rebook { schedule: Box::new(rig.told("a")), at: day(20) }).await;
        assert_eq!(end.kind, IntentKind::RebookSchedule);
        assert_eq!(rig.requests(), ["rebook_schedule a 2026-12-20T01:00:00Z"]);

        let rig = with_book(Generation::V2, vec![schedule("a", day(1), state.clone())]);
        let end = rig.act(Action::Rebook { schedule: Box::new(rig.told("a")), at: day(20) }).await;
        assert_eq!(end.kind, IntentKind::CreateSchedule);
        assert_eq!(rig.requests(), ["schedule 2026-12-20T01:00:00Z"]);
        assert_eq!(rig.intent(&end.id).new.schedules, [SafeText::new("a")], "the link is kept");

        let rig = with_book(Generation::V1, vec![schedule("a", day(1), state.clone())]);
        let end = rig.act(Action::Retry(Box::new(rig.told("a")))).await;
        assert_eq!(end.kind, IntentKind::RetrySchedule);
        let Outcome::Approved(approval) = &end.outcome else { panic!("{end:?}") };
        assert_eq!(approval.approval_number, Some(SafeText::new("31557120")));
        assert_eq!(rig.requests(), ["retry_schedule a"]);

        let rig = with_book(Generation::V2, vec![schedule("a", day(1), state)]);
        rig.gateway.script().charges.push_back(Reply::Done(Some(Box::new(payment(PaymentState::Paid)))));
        let end = rig.act(Action::Retry(Box::new(rig.told("a")))).await;
        assert_eq!(end.kind, IntentKind::ChargeKey);
        assert!(matches!(end.outcome, Outcome::Approved(_)), "{end:?}");
        assert_eq!(rig.requests(), ["charge_key k1"]);
        assert_ne!(end.id.as_str(), "paya", "under an id that was never used");
    }
}

#[tokio::test]
async fn a_second_try_within_minutes_is_guarded() {
    for generation in both() {
        let rig = with_book(generation, vec![schedule("a", day(1), FAILED)]);
        let again = || Action::Retry(Box::new(schedule("a", day(1), FAILED)));
        rig.gateway.script().charges.push_back(Reply::Done(Some(Box::new(payment(PaymentState::Paid)))));
        rig.act(again()).await;
        rig.gateway.booked(|book| book.all[0].state = FAILED);
        let end = rig.act(again()).await;
        assert!(matches!(end.outcome, Outcome::Blocked(_)), "{end:?}");
        assert_eq!(rig.requests().len(), 1);
    }
}

#[tokio::test]
async fn an_open_one_is_charged_now_only_after_it_is_revoked() {
    for generation in both() {
        let rig = one_open(generation);
        rig.gateway.script().charges.push_back(Reply::Done(Some(Box::new(payment(PaymentState::Paid)))));
        let end = rig.act(Action::ChargeNow(Box::new(rig.told("a")))).await;
        assert!(matches!(end.outcome, Outcome::Approved(_)), "{end:?}");
        assert_eq!(
            rig.gateway.sent(),
            [
                "revoke_schedules a: charge_key intended, revoke_schedules sent",
                "charge_key k1: charge_key sent, revoke_schedules approved"
            ]
        );
        // And not at all when it is not.
        let rig = one_open(generation);
        rig.fault([Some(Fault::NotDone)]);
        let end = rig.act(Action::ChargeNow(Box::new(rig.told("a")))).await;
        assert_eq!(end.outcome, Outcome::Unknown("waits_for_revoke".to_owned()));
        assert_eq!(rig.gateway.charged(), 0);
    }
}

#[tokio::test]
async fn a_plan_says_what_will_not_be_done_and_why_and_writes_nothing() {
    let all = vec![
        schedule("open", day(10), ScheduleState::Scheduled),
        schedule("ran", day(1), ScheduleState::Succeeded),
        ProviderSchedule { amount: None, ..schedule("eur", day(11), ScheduleState::Scheduled) },
        ProviderSchedule { key: bkey("gone"), ..schedule("keyless", day(12), ScheduleState::Scheduled) },
    ];
    let rig = with_book(Generation::V2, all);
    let known = |id: &str| Box::new(rig.told(id));
    let vanished = Box::new(schedule("vanished", day(10), ScheduleState::Scheduled));
    let past = "2026-11-21T01:00:00Z".parse().unwrap();
    {
        let mut script = rig.gateway.script();
        script.keys.clear();
        script.keys.push_back(Ok(Some(provider_key("k1"))));
        script.keys.push_back(Ok(None));
    }
    let plan = rig
        .plan(vec![
            Action::Move { schedule: known("open"), at: day(15) },
            Action::Revoke(known("open")),
            Action::Revoke(vanished),
            Action::Revoke(known("ran")),
            Action::Move { schedule: known("eur"), at: day(15) },
            Action::Move { schedule: known("keyless"), at: day(15) },
            rig.order_at("dpast000", past),
            rig.order_at("dgood000", day(9)),
        ])
        .await;
    let verdicts: Vec<Verdict> = plan.items.iter().map(|item| item.verdict).collect();
    assert_eq!(
        verdicts,
        [
            Verdict::Ready,
            Verdict::CanNot(WhyNot::Twice),
            Verdict::CanNot(WhyNot::Gone),
            Verdict::CanNot(WhyNot::NotOpen),
            Verdict::CanNot(WhyNot::Currency),
            Verdict::CanNot(WhyNot::KeyGone),
            Verdict::CanNot(WhyNot::Past),
            Verdict::Ready,
        ]
    );
    assert_eq!((plan.count(), plan.refused().count()), (2, 6));
    assert_eq!(plan.totals(), [(Currency::Krw, 54_900)]);
    assert!(rig.gateway.sent().is_empty());
    assert!(rig.gateway.states().is_empty(), "nothing was written");

    let rig = with_book(Generation::V2, vec![schedule("open", day(10), ScheduleState::Scheduled)]);
    let known = |id: &str| Box::new(rig.told(id));
    let plan = rig.plan(vec![Action::Retry(known("open"))]).await;
    assert_eq!(plan.items[0].verdict, Verdict::CanNot(WhyNot::NotEnded));
    // What was ordered before and has not ended stands in the way of another order.
    rig.fault([Some(Fault::NotDone)]);
    rig.act(Action::Move { schedule: known("open"), at: day(15) }).await;
    let plan = rig.plan(vec![Action::Revoke(known("open"))]).await;
    assert_eq!(plan.items[0].verdict, Verdict::CanNot(WhyNot::Pending));

    let rig = one_open(Generation::V2);
    let known = |id: &str| Box::new(rig.told(id));
    let plan = rig.plan(vec![Action::Move { schedule: known("a"), at: day(10) }]).await;
    assert_eq!(plan.items[0].verdict, Verdict::CanNot(WhyNot::SameTime));
}
