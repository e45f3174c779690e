//! The caller, drafts, marks, hints, warnings.

use super::*;
use crate::domain::draft::{Draft, Mark};

#[tokio::test]
async fn a_caller_is_known_from_ledger_and_provider() {
    let rig = rig_of(
        Generation::V2,
        Script {
            issues: [Reply::Done(IssuedKey {
                key: bkey("k1"),
                refusals: Vec::new(),
                card: None,
                issuer: None,
            })]
            .into(),
            keys: [Ok(None)].into(),
            ..Script::default()
        },
    );
    rig.type_card();
    let order =
        KeyOrder { id: rig.desk.mint(), channel: channel(Generation::V2), customer: customer(), key: None };
    rig.desk.issue_key(&order, &rig.check(), |_| ()).await;
    let caller = rig.desk.caller("01020003000").await.unwrap();
    assert_eq!(caller.from_ledger.len(), 1);
    assert_eq!(caller.from_ledger[0].new.id, order.id);
    assert!(caller.at_provider.unwrap().searched);
    assert_eq!(rig.gateway.sent().pop().unwrap(), "caller 01020003000 k1");
    assert!(rig.desk.caller("01000000000").await.unwrap().from_ledger.is_empty());
}

fn at(rig: &Rig, process: &str, others_run: bool) -> Desk {
    let mut desk = rig.desk.clone();
    desk.world = Rc::new(Still {
        now: rig.world.now.clone(),
        process: process.to_owned(),
        others_run,
        chance: Cell::new(9),
    });
    desk
}

#[test]
fn a_draft_of_a_console_that_died_is_taken_over_once() {
    let rig = rig(Vec::new(), Vec::new());
    rig.desk.put_draft("first".to_owned()).unwrap();
    rig.pass(1);
    at(&rig, "2:2", false).put_draft("second".to_owned()).unwrap();
    rig.pass(1);
    let running = at(&rig, "3:3", true);
    assert_eq!(running.adopt_draft(), Ok(None), "those consoles still run");
    let mine = at(&rig, "3:3", false);
    let adopted: Draft = mine.adopt_draft().unwrap().unwrap();
    assert_eq!((adopted.body.as_str(), adopted.operator.process.as_str()), ("second", "3:3"));
    assert_eq!(mine.adopt_draft().unwrap().unwrap().body, "first");
    assert_eq!(mine.adopt_draft(), Ok(None), "its own is not adopted");
    mine.drop_draft().unwrap();
    assert_eq!(at(&rig, "4:4", false).adopt_draft(), Ok(None));
}

#[test]
fn a_draft_is_kept_in_place_of_the_one_before() {
    let rig = rig(Vec::new(), Vec::new());
    rig.desk.put_draft("first".to_owned()).unwrap();
    rig.desk.put_draft("second".to_owned()).unwrap();
    let next = at(&rig, "2:2", false);
    assert_eq!(next.adopt_draft().unwrap().unwrap().body, "second");
    next.drop_draft().unwrap();
    assert_eq!(at(&rig, "3:3", false).adopt_draft(), Ok(None));
}

#[test]
fn marks_and_warnings_are_kept() {
    let rig = rig(Vec::new(), Vec::new());
    rig.desk.mark(Mark::RecordingPaused, "exit 0").unwrap();
    let connection = rusqlite::Connection::open(rig.folder.path().join("ledger.db")).unwrap();
    let kept: (String, String, String) = connection
        .query_row("SELECT word, detail, operator FROM marks", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap();
    assert_eq!(kept, ("recording_paused".to_owned(), "exit 0".to_owned(), "minji".to_owned()));
    rig.desk.put_warning_away("kcp", "kcp.cuts").unwrap();
    rig.desk.put_warning_away("kcp", "kcp.cuts").unwrap();
    assert_eq!(rig.desk.warnings_away(), Ok(vec![("kcp".to_owned(), "kcp.cuts".to_owned())]));
}

#[tokio::test]
async fn the_issuer_of_a_bin_is_learnt_from_approvals() {
    let rig = rig(vec![Reply::Done(Some(Box::new(payment(PaymentState::Paid))))], Vec::new());
    assert_eq!(rig.desk.issuer_hint("941012"), Ok(None));
    rig.charge(&rig.check()).await;
    assert_eq!(rig.desk.issuer_hint("94101234"), Ok(Some("신한카드".to_owned())));
    assert_eq!((rig.desk.issuer_hint("9410"), rig.desk.issuer_hint("400011")), (Ok(None), Ok(None)));
}
