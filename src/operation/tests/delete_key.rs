//! Billing keys deleted although schedules wait for them: revoked first, or left alone.

use super::*;
use crate::domain::intent::Target;

fn open(id: &str) -> ProviderSchedule {
    schedule(id, ScheduleState::Scheduled)
}

fn schedule(id: &str, state: ScheduleState) -> ProviderSchedule {
    let at = "2026-12-21T00:00:00Z".parse().unwrap();
    ProviderSchedule { payment_id: SafeText::new("sub0001"), ..super::book::schedule(id, at, state) }
}

/// A rig whose key has these schedules each time it is asked for them, and the orders of a deletion that revokes
/// `a` and `b`.
fn deleting(plains: Vec<Reply<()>>, opens: Vec<&[&str]>) -> (Rig, KeyDelete, ScheduleRevoke) {
    let opens = opens.into_iter().map(|ids| Ok(ids.iter().map(|id| open(id)).collect())).collect();
    let rig = rig_of(Generation::V2, Script { plains: plains.into(), opens, ..Script::default() });
    let order = KeyDelete {
        id: rig.desk.mint(),
        key: bkey("k1"),
        channel: Some(channel(Generation::V2)),
        reason: None,
        requester: None,
    };
    let schedules = ["a", "b"].map(SafeText::new).to_vec();
    let revoke = ScheduleRevoke { id: rig.desk.mint(), schedules, key: Some(bkey("k1")) };
    (rig, order, revoke)
}

#[tokio::test]
async fn a_key_with_schedules_that_nobody_agreed_to_revoke_is_left_alone() {
    let (rig, order, _) = deleting(Vec::new(), vec![&["a"]]);
    assert_eq!(rig.desk.delete_key(&order).await, Outcome::NotCharged(Problem::KeyHasSchedules));
    // One came that was not among those shown.
    let (other, order, revoke) = deleting(Vec::new(), vec![&["a", "b", "c"]]);
    let outcome = other.desk.delete_key_and_schedules(&order, &revoke).await;
    assert_eq!(outcome, Outcome::NotCharged(Problem::KeyHasSchedules));
    for rig in [rig, other] {
        assert!(rig.gateway.sent().is_empty());
        assert_eq!(rig.desk.intent(&order.id).unwrap(), None, "nothing was even intended");
    }
    // And when nobody can say whether there are any.
    let (rig, order, revoke) = deleting(Vec::new(), Vec::new());
    rig.gateway.script().opens.push_back(Err(unreadable()));
    let outcome = rig.desk.delete_key_and_schedules(&order, &revoke).await;
    assert_eq!(outcome, Outcome::NotCharged(Problem::Unreachable { detail: "http_500".to_owned() }));
}

#[tokio::test]
async fn schedules_are_revoked_and_then_the_key_is_deleted() {
    let (rig, order, revoke) = deleting(vec![Reply::Done(()), Reply::Done(())], vec![&["a", "b"], &[]]);
    let outcome = rig.desk.delete_key_and_schedules(&order, &revoke).await;
    assert_eq!(outcome, Outcome::Approved(Approval::default()));
    assert_eq!(
        rig.gateway.sent(),
        [
            "revoke_schedules a b: delete_key intended, revoke_schedules sent",
            "delete_key k1 kcp: delete_key sent, revoke_schedules approved"
        ]
    );
    let revoked = rig.intent(&revoke.id);
    assert_eq!((revoked.new.kind, revoked.new.parent), (IntentKind::RevokeSchedules, Some(order.id.clone())));
    assert_eq!(revoked.new.target, Some(Target::Key(bkey("k1"))));
    assert_eq!(rig.steps(&revoke.id), ["intended", "sent", "approved"]);
    assert_eq!(rig.state(&order.id), IntentState::Approved);
}

#[tokio::test]
async fn what_was_revoked_meanwhile_is_not_revoked_again() {
    let (rig, order, revoke) = deleting(vec![Reply::Done(()), Reply::Done(())], vec![&["b"], &[]]);
    rig.desk.delete_key_and_schedules(&order, &revoke).await;
    assert!(rig.gateway.sent()[0].starts_with("revoke_schedules b: "));
    let (rig, order, revoke) = deleting(vec![Reply::Done(())], vec![&[]]);
    let outcome = rig.desk.delete_key_and_schedules(&order, &revoke).await;
    assert_eq!(outcome, Outcome::Approved(Approval::default()));
    assert_eq!(rig.gateway.sent(), ["delete_key k1 kcp: delete_key sent"]);
}

#[tokio::test]
async fn a_key_is_not_deleted_unless_its_schedules_are_gone() {
    let unseen = Problem::SchedulesMayBeRevoked { why: "reset".to_owned() };
    for (answer, opens, outcome, why, revoking) in [
        (
            Reply::Declined(refusal()),
            vec![&["a", "b"][..]],
            Outcome::Declined(refusal()),
            "schedules_not_revoked",
            IntentState::Declined,
        ),
        (
            Reply::NotDone(Problem::Busy),
            vec![&["a", "b"]],
            Outcome::NotCharged(Problem::Busy),
            "busy",
            IntentState::NotCharged,
        ),
        (
            Reply::Done(()),
            vec![&["a", "b"], &["c"]],
            Outcome::NotCharged(Problem::KeyHasSchedules),
            "key_has_schedules",
            IntentState::Approved,
        ),
        // Not seen, and a look finds them there still.
        (
            Reply::Unseen("reset"),
            vec![&["a", "b"], &["a", "b"]],
            Outcome::NotCharged(unseen),
            "schedules_may_be_revoked",
            IntentState::Unknown,
        ),
    ] {
        let (rig, order, revoke) = deleting(vec![answer], opens);
        assert_eq!(rig.desk.delete_key_and_schedules(&order, &revoke).await, outcome);
        let deletion = rig.intent(&order.id);
        assert_eq!((deletion.state, deletion.why.as_deref()), (IntentState::NotCharged, Some(why)));
        assert_eq!(rig.state(&revoke.id), revoking, "{why}");
        assert_eq!(rig.gateway.sent().len(), 1, "the key is left alone");
    }
}

#[tokio::test]
async fn an_answer_that_was_lost_is_looked_for_at_the_schedules_and_the_deletion_goes_on() {
    let (rig, order, revoke) =
        deleting(vec![Reply::Unseen("timeout"), Reply::Done(())], vec![&["a", "b"], &[], &[]]);
    let revoked = |id| Ok(Some(schedule(id, ScheduleState::Revoked)));
    rig.gateway.script().schedules.extend([revoked("a"), revoked("b")]);
    let outcome = rig.desk.delete_key_and_schedules(&order, &revoke).await;
    assert_eq!(outcome, Outcome::Approved(Approval::default()));
    assert_eq!((rig.state(&revoke.id), rig.state(&order.id)), (IntentState::Approved, IntentState::Approved));
    assert_eq!(rig.gateway.sent().len(), 2);
}

#[tokio::test]
async fn a_deletion_dropped_while_its_schedules_are_revoked_is_settled_for_what_it_is() {
    for (left, states, ends) in [
        // Revoked: the key is still there, and the deletion was never sent.
        (&[][..], vec![ScheduleState::Revoked; 2], (IntentState::Approved, None)),
        // One that is revoked tells nothing of the other.
        (
            &[],
            vec![ScheduleState::Revoked, ScheduleState::Succeeded],
            (IntentState::NotCharged, Some("schedules_ran")),
        ),
        (
            &[],
            vec![ScheduleState::Revoked, ScheduleState::Scheduled],
            (IntentState::NotCharged, Some("still_scheduled")),
        ),
        (&["a", "b"], vec![], (IntentState::NotCharged, Some("still_scheduled"))),
        (
            &[],
            vec![ScheduleState::Succeeded, ScheduleState::Failed],
            (IntentState::NotCharged, Some("schedules_ran")),
        ),
    ] {
        let (rig, order, revoke) = deleting(Vec::new(), vec![&["a", "b"]]);
        rig.drop_in_flight(rig.desk.delete_key_and_schedules(&order, &revoke)).await;
        assert_eq!((rig.state(&order.id), rig.state(&revoke.id)), (IntentState::Intended, IntentState::Sent));
        rig.pass(SETTLE_WINDOW.as_secs());
        {
            let mut script = rig.gateway.script();
            script.opens.push_back(Ok(left.iter().map(|id| open(id)).collect()));
            script.schedules.extend(states.into_iter().map(|state| Ok(Some(schedule("a", state)))));
        }
        rig.desk.settle().await.unwrap();
        let revoking = rig.intent(&revoke.id);
        assert_eq!((revoking.state, revoking.why.as_deref()), ends);
        let deletion = rig.intent(&order.id);
        assert_eq!(
            (deletion.state, deletion.why.as_deref()),
            (IntentState::NotCharged, Some("never_sent")),
            "{ends:?}"
        );
    }
}
