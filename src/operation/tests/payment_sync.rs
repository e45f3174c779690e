//! The reading of payments, page by page: what is asked when, and what is kept when it is broken off.

use super::*;
use crate::domain::listing::Basis;
use crate::domain::sync::Depth;
use crate::gateway::Batch;
use crate::ledger::cache::{SyncKind, SyncState};

#[expect(clippy::unnecessary_wraps, reason = "it stands in lists of pages, some of which fail")]
fn page(ids: &[&str], next: Option<&str>) -> Result<Batch<PaymentRecord>, Problem> {
    let items = ids.iter().map(|id| record(id, payment(PaymentState::Paid))).collect();
    Ok(Batch { items, next: next.map(str::to_owned) })
}

fn rig_with(pages: Vec<Result<Batch<PaymentRecord>, Problem>>) -> Rig {
    rig_of(Generation::V2, Script { payments: pages.into(), ..Script::default() })
}

/// The same of a provider that is quicker than the disk.
fn hurried(pages: Vec<Result<Batch<PaymentRecord>, Problem>>) -> Rig {
    let rig = rig_with(pages);
    *rig.gateway.hurries.lock().unwrap() = true;
    rig
}

/// Where each question began, in their order.
fn asked(rig: &Rig) -> Vec<String> {
    rig.gateway.sent().iter().map(|sent| sent.split([' ', ':']).rev().nth(2).unwrap().to_owned()).collect()
}

fn kept(rig: &Rig) -> u64 {
    rig.desk.ledger.borrow().newest_payment("main", Basis::Changed).unwrap().1
}

fn state(rig: &Rig, kind: SyncKind) -> (Option<String>, bool, u64) {
    let state = rig.desk.ledger.borrow().sync_state("main", kind).unwrap().unwrap();
    (state.next, state.done, state.rows)
}

#[tokio::test]
async fn the_next_page_is_asked_for_while_this_one_is_written_and_each_only_once() {
    let rig = rig_with(vec![
        page(&["a", "b"], Some("c1")),
        page(&["c"], Some("c2")),
        page(&["d"], None),
        page(&["e"], Some("c3")),
        page(&[], None),
    ]);
    let seen = RefCell::new(Vec::new());
    let told = |_| seen.borrow_mut().push((asked(&rig).len(), kept(&rig)));
    let end = rig.desk.sync(Depth::Usual, told, || false).await.unwrap();
    assert_eq!((end.rows, end.pages, end.stopped, end.fresh.whole), (5, 5, false, true));
    assert_eq!(asked(&rig), ["-", "c1", "c2", "-", "c3"]);
    // How many questions were asked when so many payments were kept: one more than pages, but behind the last one.
    assert_eq!(seen.into_inner(), [(2, 2), (3, 3), (3, 4), (5, 5), (5, 5)]);
}

#[tokio::test]
async fn a_provider_that_is_quicker_than_the_disk_is_read_ahead_of_it_and_what_is_there_is_one_write() {
    let rig = hurried((1..=9).map(|n| page(&[&format!("p{n}")], (n < 9).then_some("more"))).collect());
    rig.gateway.script().payments.push_back(page(&["old"], None));
    let seen = RefCell::new(Vec::new());
    let told = |progress: crate::domain::sync::Progress| {
        seen.borrow_mut().push((asked(&rig).len(), progress.rows, progress.done, kept(&rig)));
    };
    let end = rig.desk.sync(Depth::Usual, told, || false).await.unwrap();
    assert_eq!((end.rows, end.pages, end.fresh.whole, asked(&rig).len()), (10, 10, true, 10));
    // Two while nobody knows how large pages are, then never more than four that nobody has taken; the last of them is
    // kept with the place behind it.
    assert_eq!(seen.into_inner(), [(2, 2, false, 2), (6, 6, false, 6), (9, 9, true, 9), (10, 1, true, 10)]);
}

#[tokio::test]
async fn a_write_is_no_longer_than_a_charge_may_wait_for() {
    let ids: Vec<String> = (0..3_000).map(|n| format!("p{n}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let pages = ids.chunks(600).enumerate().map(|(n, ids)| page(ids, (n < 4).then_some("more")));
    let rig = hurried(pages.chain([page(&[], None)]).collect());
    let seen = RefCell::new(Vec::new());
    let told = |progress: crate::domain::sync::Progress| seen.borrow_mut().push(progress.rows);
    rig.desk.sync(Depth::Usual, told, || false).await.unwrap();
    assert_eq!(seen.into_inner(), [1_200, 2_400, 3_000, 0]);
}

#[tokio::test]
async fn what_fails_ahead_is_told_behind_what_came_before_it() {
    let gone = Problem::Forbidden { profile: "main".to_owned() };
    let rig = hurried(vec![page(&["a"], Some("c1")), page(&["b"], Some("c2")), Err(gone.clone())]);
    assert_eq!(rig.desk.sync(Depth::Usual, |_| (), || false).await, Err(gone));
    assert_eq!((kept(&rig), state(&rig, SyncKind::Recent)), (2, (Some("c2".to_owned()), false, 2)));
    assert_eq!(asked(&rig), ["-", "c1", "c2"]);
}

#[tokio::test]
async fn a_provider_that_forgets_every_place_is_not_read_from_the_beginning_for_ever() {
    let forgotten = Problem::Refused { kind: "INVALID_REQUEST".to_owned(), message: String::new() };
    let pages = [page(&["a"], Some("c1")), Err(forgotten.clone())];
    let rig = rig_with(pages.iter().cycle().take(6).cloned().collect());
    assert_eq!(rig.desk.sync(Depth::Usual, |_| (), || false).await, Err(forgotten));
    assert_eq!((asked(&rig), kept(&rig)), (["-", "c1", "-", "c1"].map(str::to_owned).to_vec(), 1));
}

#[tokio::test]
async fn pages_that_another_program_read_meanwhile_are_not_read_again() {
    let rig = rig_with(vec![
        page(&["a"], Some("c1")),
        page(&["b"], Some("c2")),
        page(&["d"], None),
        page(&["old"], None),
    ]);
    let told = |progress: crate::domain::sync::Progress| {
        if progress.rows == 1 && !progress.done && asked(&rig).len() < 3 {
            let ledger = rig.desk.ledger.borrow();
            let state = ledger.sync_state("main", SyncKind::Recent).unwrap().unwrap();
            let further = SyncState { next: Some("c3".to_owned()), rows: 3, ..state };
            ledger.put_sync_state("main", SyncKind::Recent, &further).unwrap();
        }
    };
    rig.desk.sync(Depth::Usual, told, || false).await.unwrap();
    assert_eq!(asked(&rig), ["-", "c1", "c3", "-"]);
}

#[tokio::test]
async fn the_next_page_is_asked_for_before_this_one_is_read_where_it_shows_the_place() {
    let rig = rig_with(vec![
        page(&["a"], Some("c1")),
        page(&["b"], Some("c2")),
        page(&["c"], None),
        page(&[], None),
    ]);
    rig.gateway.script().early.extend([Some("c1"), Some("c2")]);
    let end = rig.desk.sync(Depth::Usual, |_| (), || false).await.unwrap();
    assert_eq!((end.rows, end.pages, kept(&rig)), (3, 4, 3));
    let done = rig.gateway.sent();
    let words: Vec<&str> = done.iter().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(words, ["payments", "payments", "read", "payments", "read", "payments"]);
    let places = [done[0].as_str(), &done[1], &done[3], &done[5]]
        .map(|line| line.split([' ', ':']).rev().nth(2).unwrap());
    assert_eq!(places, ["-", "c1", "c2", "-"]);
}

#[tokio::test]
async fn a_place_that_was_guessed_wrong_costs_a_question_and_nothing_else() {
    let rig = rig_with(vec![
        page(&["a"], Some("c1")),
        page(&["x"], Some("x1")),
        page(&["b"], None),
        page(&["y"], Some("y1")),
        page(&["c"], None),
    ]);
    // The first is another than the page says, and the third has nothing behind it.
    rig.gateway.script().early.extend([Some("x0"), None, Some("y0")]);
    let end = rig.desk.sync(Depth::Usual, |_| (), || false).await.unwrap();
    assert_eq!((end.rows, end.pages, end.fresh.whole), (3, 3, true));
    assert_eq!(kept(&rig), 3, "nothing of what was asked for in vain");
    // A page that is read when the next one is asked for is told of, too.
    assert_eq!(asked(&rig), ["-", "x0", "-", "c1", "y0", "c1", "-"]);
}

#[tokio::test]
async fn guesses_that_are_all_wrong_do_not_use_up_the_leave_to_ask() {
    // Behind each page something is asked for in vain, and answered to nobody.
    let mut pages = Vec::new();
    for n in 1..=12 {
        pages.push(page(&[&format!("p{n}")], Some(&format!("c{n}"))));
        pages.push(page(&["x"], None));
    }
    pages.extend([page(&["last"], None), page(&["old"], None)]);
    let rig = rig_with(pages);
    rig.gateway.script().early.extend((0..24).map(|n| (n % 2 == 0).then_some("wrong")));
    let end = rig.desk.sync(Depth::Usual, |_| (), || false).await.unwrap();
    assert_eq!((end.rows, end.fresh.whole, kept(&rig)), (14, true, 14));
}

#[tokio::test]
async fn what_came_is_written_while_the_next_page_hangs_and_is_not_asked_for_again() {
    let rig = rig_with(vec![page(&["a"], Some("c1")), page(&["b"], None), page(&["c"], None)]);
    rig.gateway.hang_at(1);
    let reading = rig.desk.sync(Depth::Usual, |_| (), || false);
    tokio::time::timeout(Duration::from_millis(50), reading).await.unwrap_err();
    assert_eq!((kept(&rig), state(&rig, SyncKind::Recent)), (1, (Some("c1".to_owned()), false, 1)));
    *rig.gateway.hangs_at.lock().unwrap() = usize::MAX;
    let end = rig.desk.sync(Depth::Glance, |_| (), || false).await.unwrap();
    // The one that was left, and then what came since.
    assert_eq!((end.rows, end.pages), (2, 2));
    assert_eq!(asked(&rig), ["-", "c1", "c1", "-"]);
    assert_eq!((kept(&rig), state(&rig, SyncKind::Recent)), (3, (None, true, 1)));
}

#[tokio::test]
async fn stopped_behind_a_page_it_keeps_that_page_and_the_place() {
    let rig = rig_with(vec![page(&["a"], Some("c1")), page(&["b"], Some("c2")), page(&["b"], Some("c2"))]);
    let stop = Cell::new(false);
    let end = rig.desk.sync(Depth::Usual, |_| stop.set(true), || stop.get()).await.unwrap();
    assert_eq!((end.rows, end.pages, end.stopped), (1, 1, true));
    assert_eq!((kept(&rig), state(&rig, SyncKind::Recent)), (1, (Some("c1".to_owned()), false, 1)));
}

#[tokio::test]
async fn a_page_that_fails_leaves_the_one_before_it() {
    let gone = Problem::Forbidden { profile: "main".to_owned() };
    let rig = rig_with(vec![page(&["a"], Some("c1")), Err(gone.clone())]);
    assert_eq!(rig.desk.sync(Depth::Usual, |_| (), || false).await, Err(gone));
    assert_eq!((kept(&rig), state(&rig, SyncKind::Recent)), (1, (Some("c1".to_owned()), false, 1)));
    // A place that the provider has forgotten is no end.
    let forgotten = Problem::Refused { kind: "INVALID_REQUEST".to_owned(), message: String::new() };
    rig.gateway.script().payments.extend([
        Err(forgotten),
        page(&["a"], Some("d1")),
        page(&["b"], None),
        page(&["c"], None),
    ]);
    let end = rig.desk.sync(Depth::Glance, |_| (), || false).await.unwrap();
    assert_eq!((end.stopped, kept(&rig)), (false, 3));
    assert_eq!(asked(&rig), ["-", "c1", "c1", "-", "d1", "-"]);
}
