//! Exports: the books first, then the rows, then the name.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::*;
use crate::domain::export::schedules::SCHEDULE_COLUMNS;
use crate::domain::export::{Format, PAYMENT_COLUMNS, Subject};
use crate::domain::listing::{PaymentFilter, ScheduleFilter};
use crate::domain::table_file::choose;
use crate::operation::export::{Destination, ExportOrder};

fn record(id: &str, minute: i64) -> PaymentRecord {
    let at = 1_795_000_000 + minute * 60;
    let bare = PaymentRecord::bare(id, PaymentState::Paid, Money::new(1_000, Currency::Krw));
    PaymentRecord { requested_at: Some(at), changed_at: Some(at), ..bare }
}

/// A copy with so many payments, `pay0000` the newest.
fn shop(count: i64) -> Rig {
    let rig = rig_of(Generation::V2, Script::default());
    let records: Vec<_> = (0..count).map(|n| record(&format!("pay{n:04}"), count - n)).collect();
    rig.desk.ledger.borrow().put_payments("main", Generation::V2, &records, rig.world.now()).unwrap();
    rig
}

fn order(rig: &Rig, path: &Path) -> ExportOrder {
    let list = rig.desk.ledger.borrow().payment_list("main", &PaymentFilter::default(), None).unwrap();
    let columns = choose(PAYMENT_COLUMNS, "id,amount").unwrap();
    ExportOrder {
        subject: Subject::Payments,
        list,
        columns,
        format: Format::JsonLines,
        reason: " 세무 신고 ".to_owned(),
        into: Destination::File { path: path.to_owned(), replace: false },
    }
}

/// The same, in the place of a file that is there.
fn again(rig: &Rig) -> ExportOrder {
    let into = Destination::File { path: path(rig), replace: true };
    ExportOrder { into, ..order(rig, &path(rig)) }
}

fn path(rig: &Rig) -> PathBuf {
    rig.folder.path().join("out.jsonl")
}

fn files(rig: &Rig) -> Vec<String> {
    let names = std::fs::read_dir(rig.folder.path()).unwrap();
    let mut names: Vec<_> =
        names.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| !name.starts_with("ledger.db"));
    names.sort();
    names
}

#[test]
fn every_row_in_its_order_and_who_why_and_what_in_the_books() {
    // More than are read at once.
    let rig = shop(1_203);
    let order = order(&rig, &path(&rig));
    assert_eq!(rig.desk.export(&order), Ok(1_203));
    let text = std::fs::read_to_string(path(&rig)).unwrap();
    let ids: Vec<String> = text
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["id"].as_str().unwrap().to_owned()
        })
        .collect();
    let expected: Vec<String> = (0..1_203).map(|n| format!("pay{n:04}")).collect();
    assert_eq!(ids, expected);
    assert_eq!(std::fs::metadata(path(&rig)).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(files(&rig), ["out.jsonl"], "nothing else is left");
    let [kept] = &rig.desk.exports(10).unwrap()[..] else { panic!("one export, one entry") };
    assert_eq!((kept.rows, kept.reason.as_str()), (1_203, "세무 신고"));
    assert_eq!((kept.operator.user.as_str(), kept.at), ("minji", rig.world.now()));
    assert_eq!(kept.path, path(&rig).display().to_string());
    assert!(kept.what.starts_with("payments:") && kept.what.contains("amount"), "{}", kept.what);
}

#[test]
fn schedules_go_the_same_way_and_their_keys_whole_only_on_request() {
    let rig = rig_of(Generation::V2, Script::default());
    let told = super::book::schedule("s1", rig.world.now(), ScheduleState::Scheduled);
    let span = Span { from: told.at, until: told.at + jiff::SignedDuration::from_secs(1) };
    rig.desk
        .ledger
        .borrow()
        .put_schedules("main", span, std::slice::from_ref(&told), rig.world.now())
        .unwrap();
    let list = rig.desk.ledger.borrow().schedule_list("main", &ScheduleFilter::default(), None).unwrap();
    let columns = choose(SCHEDULE_COLUMNS, "billing_key,schedule_id").unwrap();
    for (subject, key) in [
        (Subject::Schedules, told.key.shortened()),
        (Subject::SchedulesWithKeys, told.key.expose().to_owned()),
    ] {
        let into = Destination::File { path: path(&rig), replace: true };
        let (list, columns) = (list.clone(), columns.clone());
        let order = ExportOrder { subject, list, columns, into, ..order(&rig, &path(&rig)) };
        assert_eq!(rig.desk.export(&order), Ok(1));
        let text = std::fs::read_to_string(path(&rig)).unwrap();
        let row: serde_json::Value = serde_json::from_str(text.trim_end()).unwrap();
        assert_eq!(row, serde_json::json!({"billing_key": key, "schedule_id": "s1"}));
        assert_eq!(
            rig.desk.exports(1).unwrap()[0].what,
            format!("{}:billing_key,schedule_id", subject.word())
        );
    }
}

#[test]
fn without_a_reason_nothing_is_written_and_nothing_is_in_the_books() {
    let rig = shop(1);
    let order = ExportOrder { reason: " \t".to_owned(), ..order(&rig, &path(&rig)) };
    assert_eq!(rig.desk.export(&order), Err(Problem::NoReason));
    assert_eq!((rig.desk.exports(10), files(&rig)), (Ok(Vec::new()), Vec::new()));
}

#[test]
fn a_file_that_is_there_stays_unless_it_is_to_be_replaced() {
    let rig = shop(1);
    let order = order(&rig, &path(&rig));
    std::fs::write(path(&rig), "mine").unwrap();
    assert!(matches!(rig.desk.export(&order), Err(Problem::FileNotWritten { .. })));
    assert_eq!(std::fs::read_to_string(path(&rig)).unwrap(), "mine");
    assert_eq!(rig.desk.exports(10), Ok(Vec::new()));
    assert_eq!(rig.desk.export(&again(&rig)), Ok(1));
    assert!(std::fs::read_to_string(path(&rig)).unwrap().contains("pay0000"));
    assert_eq!(files(&rig), ["out.jsonl"]);
}

#[test]
fn a_folder_that_is_not_there_leaves_nothing_behind() {
    let rig = shop(1);
    let order = order(&rig, &rig.folder.path().join("nowhere").join("out.jsonl"));
    assert!(matches!(rig.desk.export(&order), Err(Problem::FileNotWritten { .. })));
    assert_eq!(files(&rig), Vec::<String>::new());
    assert_eq!(rig.desk.exports(10).unwrap().len(), 1, "that it was meant is in the books all the same");
}

#[test]
fn what_a_killed_export_left_goes_and_what_a_running_one_writes_stays() {
    let halves = [".out.jsonl.7-7.danmal-part", ".other.jsonl.7-7.danmal-part"];
    let rig = shop(1);
    for half in halves {
        std::fs::write(rig.folder.path().join(half), "김하늘").unwrap();
    }
    let mut desk = rig.desk.clone();
    let world = |others_run| {
        let process = "1:1".to_owned();
        Rc::new(Still { now: rig.world.now.clone(), process, others_run, chance: Cell::new(9) })
            as Rc<dyn World>
    };
    desk.world = world(true);
    desk.export(&order(&rig, &path(&rig))).unwrap();
    assert_eq!(files(&rig), [halves[1], halves[0], "out.jsonl"]);
    desk.world = world(false);
    desk.export(&again(&rig)).unwrap();
    assert_eq!(files(&rig), [halves[1], "out.jsonl"], "another file's is not this one's to take away");
}
