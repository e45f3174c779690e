//! What the screens ask of the library, in this process: searches over 100,000 payments, the dates of a rule.

use std::hint::black_box;
use std::time::{Duration, Instant};

use danmal::domain::holiday::Holidays;
use danmal::domain::listing::PaymentFilter;
use danmal::domain::recurrence::{Every, OffDay, Recurrence};
use danmal::domain::search::Needle;
use danmal::ledger::cache::Cache as _;
use danmal::ledger::sqlite::SqliteLedger;
use jiff::civil::{date, time};

use crate::figures::{Spread, Table, process_times};
use crate::{history, millis};

const TURNS: usize = 20;
/// Single syllables are the dearest: they can go on, so they fit much.
const QUERIES: [&str; 12] =
    ["김", "이", "하", "ㄱ", "김ㅎ", "ㄱㅎㄴ", "하늘", "010", "4242", "신한", "없는말", "김 신한"];

pub fn measure(table: &mut Table) {
    searches(table);
    dates(table);
}

fn searches(table: &mut Table) {
    table.part(&format!("search of the copy in process: {} payments, {TURNS} times each", history::PAYMENTS));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    history::fill(&path);
    let ledger = SqliteLedger::open(&path).unwrap();
    let filter = PaymentFilter::default();
    let all = Instant::now();
    let rows = ledger.payment_list("main", &filter, None).unwrap();
    table.at_most(&format!("all {}, no search, first time", rows.len()), millis(all.elapsed()), 50.0, "ms");
    for query in QUERIES {
        let (mut spread, mut own, mut found) = (Spread::default(), Spread::default(), 0);
        for _ in 0..TURNS {
            let (asked, ran) = (Instant::now(), processor_time());
            let rows = ledger.payment_list("main", &filter, Some(&Needle::new(query))).unwrap();
            spread.time(asked.elapsed());
            own.time(processor_time().saturating_sub(ran));
            found = rows.len();
        }
        table.at_most(&format!("'{query}', {found} found, median"), spread.median(), 50.0, "ms");
        table.figure("  the same, worst", spread.worst(), "ms");
        table.figure("  of that processor time, median", own.median(), "ms");
    }
}

/// Of this process so far: what a busy machine does not lengthen.
fn processor_time() -> Duration {
    process_times(std::process::id()).0
}

fn dates(table: &mut Table) {
    table.part("60 months of a rule on the 31st, days off seen to, with what there is to say about them");
    let now = jiff::Timestamp::now();
    for (what, off_day) in
        [("same day", OffDay::SameDay), ("day before", OffDay::Before), ("day after", OffDay::After)]
    {
        let mut spread = Spread::default();
        for _ in 0..200 {
            let begun = Instant::now();
            let rule =
                Recurrence::new(Every::Months(1), date(2027, 1, 31), time(10, 0, 0, 0), off_day).unwrap();
            let preview = rule.preview(0, 60, now, Holidays::korea()).unwrap();
            spread.time(begun.elapsed());
            assert_eq!(black_box(preview).occurrences.len(), 60);
        }
        table.at_most(&format!("previewed, {what}, worst of 200"), spread.worst(), 50.0, "ms");
        table.figure("  the same, median", spread.median(), "ms");
    }
}
