//! The ledger's copy of the schedules, and what is told of one of them.

use super::book::{day, one_open, schedule, with_book};
use super::*;
use crate::domain::bulk::Action;
use crate::domain::listing::ScheduleFilter;

const MONTH: (&str, &str) = ("2026-11-30T15:00:00Z", "2026-12-31T15:00:00Z");

fn december() -> Span {
    Span { from: MONTH.0.parse().unwrap(), until: MONTH.1.parse().unwrap() }
}

fn kept(rig: &Rig) -> Vec<ProviderSchedule> {
    let ledger = rig.desk.ledger.borrow();
    let list = ledger.schedule_list("main", &ScheduleFilter::default(), None).unwrap();
    ledger.schedule_rows(&list, 0..list.len()).unwrap().into_iter().map(|kept| kept.what).collect()
}

#[tokio::test]
async fn every_page_is_kept_and_reasons_are_asked_for_a_few_at_a_time() {
    let mut all: Vec<_> =
        (0..60).map(|n| schedule(&format!("f{n:02}"), day(2), ScheduleState::Failed)).collect();
    all.push(schedule("open", day(10), ScheduleState::Scheduled));
    let rig = with_book(Generation::V2, all);
    let fresh = rig.desk.refresh_schedules(december()).await.unwrap();
    assert_eq!((fresh.oldest, fresh.whole), (Some(rig.world.now.get()), true));
    let reasons = |rig: &Rig| kept(rig).iter().filter(|told| told.refusal == Some(refusal())).count();
    assert_eq!((kept(&rig).len(), reasons(&rig)), (61, 50));
    rig.pass(1);
    rig.desk.refresh_schedules(december()).await.unwrap();
    assert_eq!(reasons(&rig), 60);
    rig.pass(1);
    rig.desk.refresh_schedules(december()).await.unwrap();
    assert_eq!(rig.gateway.booked(|book| book.reasons), Some(60), "what is known is not asked for again");
    // What is gone at the provider goes.
    rig.gateway.booked(|book| book.all.truncate(3));
    rig.pass(1);
    rig.desk.refresh_schedules(december()).await.unwrap();
    assert_eq!(kept(&rig).len(), 3);
}

#[tokio::test]
async fn what_is_done_here_shows_before_it_is_read_anew() {
    let rig = one_open(Generation::V2);
    rig.desk.refresh_schedules(december()).await.unwrap();
    rig.pass(1);
    rig.act(rig.moving("a", day(15))).await;
    let told: Vec<_> = kept(&rig).into_iter().map(|told| (told.at, told.state)).collect();
    assert_eq!(told, [(day(10), ScheduleState::Revoked), (day(15), ScheduleState::Scheduled)]);
    assert_eq!(
        kept(&rig)[1].id,
        rig.told("new1").id,
        "under the id that the provider gave it, so that the next reading replaces it"
    );
}

#[tokio::test]
async fn the_history_of_a_schedule_goes_back_to_those_whose_place_it_took() {
    let rig = with_book(Generation::V2, Vec::new());
    rig.act(rig.order_at("dfirst00", day(10))).await;
    rig.pass(60);
    rig.act(rig.moving("new0", day(15))).await;
    rig.pass(60);
    rig.act(rig.moving("new1", day(20))).await;
    rig.pass(60);
    rig.act(Action::Revoke(Box::new(rig.told("new2")))).await;
    let detail = rig.desk.schedule_detail(&SafeText::new("new2")).await.unwrap();
    assert_eq!(detail.schedule.map(|told| told.state), Some(ScheduleState::Revoked));
    let kinds: Vec<_> = detail.history.iter().map(|intent| (intent.new.kind, intent.new.due)).collect();
    let (create, revoke) = (IntentKind::CreateSchedule, IntentKind::RevokeSchedules);
    assert_eq!(
        kinds,
        [
            (create, Some(day(10))),
            (revoke, Some(day(10))),
            (create, Some(day(15))),
            (revoke, Some(day(15))),
            (create, Some(day(20))),
            (revoke, Some(day(20))),
        ]
    );
}
