//! Reading the provider's payments: page by page, left in the middle and gone on with, asked again where that helps.

use super::*;
use crate::domain::listing::PaymentFilter;
use crate::domain::sync::{Depth, FIRST, HISTORY, Part, SyncEnd};

type Page = Result<Batch<PaymentRecord>, Problem>;

fn record(id: &str) -> PaymentRecord {
    let at = "2026-11-20T02:00:00Z".parse::<Timestamp>().unwrap().as_second();
    let bare = PaymentRecord::bare(id, PaymentState::Paid, Money::new(1_000, Currency::Krw));
    PaymentRecord { requested_at: Some(at), changed_at: Some(at), ..bare }
}

#[expect(clippy::unnecessary_wraps, reason = "it stands in lists of pages, some of which fail")]
fn page(ids: &[&str], next: Option<&str>) -> Page {
    Ok(Batch { items: ids.iter().map(|id| record(id)).collect(), next: next.map(str::to_owned) })
}

fn shop(pages: Vec<Page>) -> Rig {
    rig_of(Generation::V2, Script { payments: pages.into(), ..Script::default() })
}

async fn sync(rig: &Rig, depth: Depth) -> Result<SyncEnd, Problem> {
    rig.desk.sync(depth, |_| (), || false).await
}

/// The questions: which span, and from which place on.
fn questions(rig: &Rig) -> Vec<(String, String)> {
    let asked = rig.gateway.sent();
    let asked = asked.iter().map(|sent| sent.rsplit_once(": ").unwrap().0);
    asked
        .map(|sent| {
            let (span, place) = sent.strip_prefix("payments ").unwrap().split_once(' ').unwrap();
            (span.to_owned(), place.to_owned())
        })
        .collect()
}

fn places(rig: &Rig) -> Vec<String> {
    questions(rig).into_iter().map(|(_, place)| place).collect()
}

/// What the copy has, in alphabetical order.
fn kept(rig: &Rig) -> Vec<String> {
    let ledger = rig.desk.ledger.borrow();
    let list = ledger.payment_list("main", &PaymentFilter::default(), None).unwrap();
    let rows = ledger.payment_rows(&list, 0..list.len()).unwrap();
    let mut ids: Vec<String> = rows.into_iter().map(|row| row.what.id.to_string()).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn the_days_people_ask_about_come_first_and_then_what_was_before() {
    let rig = shop(vec![page(&["a", "b"], Some("2")), page(&["c"], None), page(&["old"], None)]);
    let seen = RefCell::new(Vec::new());
    let told = |progress: crate::domain::sync::Progress| {
        seen.borrow_mut().push((progress.part, progress.rows, progress.done));
    };
    let end = rig.desk.sync(Depth::Usual, told, || false).await.unwrap();
    assert_eq!((end.rows, end.pages, end.stopped), (4, 3, false));
    let now = rig.world.now();
    assert_eq!((end.fresh.up_to, end.fresh.since, end.fresh.whole), (Some(now), Some(now - HISTORY), true));
    assert_eq!(kept(&rig), ["a", "b", "c", "old"]);
    let asked = questions(&rig);
    assert_eq!(places(&rig), ["-", "2", "-"]);
    assert_eq!(asked[0].0, asked[1].0);
    assert!(asked[0].0.starts_with(&format!("{}..", now - FIRST)), "{asked:?}");
    assert_eq!(asked[2].0, format!("{}..{}", now - HISTORY, now - FIRST));
    let progress = [(Part::Recent, 2, false), (Part::Recent, 3, true), (Part::Backfill, 1, true)];
    assert_eq!(seen.into_inner(), progress);
}

#[tokio::test]
async fn the_next_one_reads_what_is_new_and_what_may_have_changed() {
    let rig = shop(vec![page(&["a"], None), page(&[], None), page(&["a", "b"], None)]);
    sync(&rig, Depth::Usual).await.unwrap();
    let before = rig.world.now();
    rig.pass(86_400);
    let end = sync(&rig, Depth::Usual).await.unwrap();
    assert_eq!((end.rows, end.pages, end.fresh.up_to), (2, 1, Some(rig.world.now())));
    assert_eq!(kept(&rig), ["a", "b"], "one that is told again is there once");
    let asked = questions(&rig);
    assert!(asked[2].0.starts_with(&format!("{}..", before - Depth::Usual.overlap())), "{asked:?}");
}

#[tokio::test]
async fn a_glance_leaves_what_was_before_for_later() {
    let rig = shop(vec![page(&["a"], None), page(&["a"], None), page(&["old"], None)]);
    let end = sync(&rig, Depth::Glance).await.unwrap();
    assert_eq!((end.pages, end.fresh.whole, kept(&rig).len()), (1, false, 1));
    let end = sync(&rig, Depth::Usual).await.unwrap();
    assert_eq!((end.fresh.whole, kept(&rig)), (true, vec!["a".to_owned(), "old".to_owned()]));
}

#[tokio::test]
async fn told_to_stop_it_stops_before_the_next_page_and_goes_on_there() {
    let rig = shop(vec![
        page(&["a"], Some("2")),
        // Asked for while the first is written, and left.
        page(&["b"], None),
        page(&["b"], None),
        // What came since the first of them began.
        page(&["new"], None),
        page(&["old"], None),
    ]);
    let asked = Cell::new(0);
    let stop = || {
        asked.set(asked.get() + 1);
        asked.get() > 1
    };
    let end = rig.desk.sync(Depth::Usual, |_| (), stop).await.unwrap();
    assert_eq!((end.stopped, end.pages, end.fresh.up_to), (true, 1, None));
    assert_eq!(kept(&rig), ["a"]);
    rig.pass(3_600);
    let end = sync(&rig, Depth::Usual).await.unwrap();
    assert_eq!((end.stopped, end.fresh.up_to), (false, Some(rig.world.now())));
    assert_eq!(places(&rig), ["-", "2", "2", "-", "-"], "the first page is not read again");
    assert_eq!(kept(&rig), ["a", "b", "new", "old"]);
}

#[tokio::test]
async fn killed_while_a_page_is_under_way_it_asks_for_that_page_again() {
    let rig = shop(vec![page(&["a"], Some("2")), page(&["b"], None), page(&[], None), page(&[], None)]);
    rig.gateway.hang_at(1);
    tokio::select! {
        biased;
        _ = sync(&rig, Depth::Usual) => panic!("it must hang"),
        // The second page is asked for, and the first is kept while it is under way.
        () = async { for _ in 0..128 { tokio::task::yield_now().await } } => {}
    }
    assert_eq!((places(&rig), kept(&rig)), (vec!["-".to_owned(), "2".to_owned()], vec!["a".to_owned()]));
    rig.gateway.hang_at(usize::MAX - 1);
    sync(&rig, Depth::Usual).await.unwrap();
    assert_eq!(places(&rig)[2], "2");
    assert_eq!(kept(&rig), ["a", "b"]);
}

#[tokio::test]
async fn a_place_that_the_provider_forgot_is_read_from_the_beginning() {
    let forgot = Problem::Refused { kind: "INVALID_REQUEST".to_owned(), message: "cursor".to_owned() };
    let rig = shop(vec![
        page(&["a"], Some("2")),
        Err(forgot.clone()),
        page(&["a", "b"], Some("3")),
        page(&["c"], None),
        page(&[], None),
    ]);
    let told = std::cell::RefCell::new(Vec::new());
    let progress = |progress: crate::domain::sync::Progress| told.borrow_mut().push(progress.rows);
    let end = rig.desk.sync(Depth::Usual, progress, || false).await.unwrap();
    assert_eq!((end.stopped, end.fresh.whole), (false, true));
    assert_eq!(places(&rig), ["-", "2", "-", "3", "-"]);
    assert_eq!(told.into_inner(), [1, 2, 3, 0], "what is read again is not counted again");
    assert_eq!(kept(&rig), ["a", "b", "c"]);
    // A refusal of the first page is no forgotten place.
    let rig = shop(vec![Err(forgot.clone())]);
    assert_eq!(sync(&rig, Depth::Usual).await, Err(forgot));
}

#[tokio::test]
async fn what_was_not_answered_is_asked_again_with_growing_pauses_and_not_for_ever() {
    let unreachable = || Problem::Unreachable { detail: "refused".to_owned() };
    let rig = shop(vec![Err(unreachable()), Err(unreadable()), page(&["a"], None), page(&[], None)]);
    let before = rig.world.now();
    sync(&rig, Depth::Usual).await.unwrap();
    let waited = rig.world.now().duration_since(before);
    assert_eq!((kept(&rig).len(), waited), (1, SignedDuration::from_secs(4)));
    let rig = shop((0..5).map(|_| Err(unreachable())).collect());
    assert_eq!(sync(&rig, Depth::Usual).await, Err(unreachable()));
    assert_eq!(places(&rig).len(), 4, "once, and after each of three pauses");
    // What it left is gone on with.
    *rig.gateway.script() =
        Script { payments: (0..3).map(|_| page(&["a"], None)).collect(), ..Script::default() };
    assert!(sync(&rig, Depth::Usual).await.unwrap().fresh.whole);
}

#[tokio::test]
async fn a_provider_that_wants_to_be_left_alone_is_left_alone_for_as_long_as_it_says() {
    let later = |seconds| Problem::Later { why: "http_429".to_owned(), seconds };
    for (seconds, waited) in [(Some(30), 30), (Some(0), 1), (None, 1), (Some(120), 120)] {
        let rig =
            shop(vec![page(&["a"], Some("2")), Err(later(seconds)), page(&["b"], None), page(&[], None)]);
        let before = rig.world.now();
        sync(&rig, Depth::Usual).await.unwrap();
        let since = rig.world.now().duration_since(before);
        assert_eq!((kept(&rig).len(), since), (2, SignedDuration::from_secs(waited)));
        assert_eq!(places(&rig), ["-", "2", "2", "-"], "the page that was not told, and no other");
    }
}

#[tokio::test]
async fn what_no_pause_mends_is_told_at_once() {
    for problem in [
        // A person does not wait that long without hearing of it.
        Problem::Later { why: "http_503".to_owned(), seconds: Some(121) },
        Problem::Credentials { profile: "main".to_owned() },
        Problem::Unreadable { why: "malformed".to_owned() },
        Problem::Unreadable { why: "too_large".to_owned() },
    ] {
        let rig = shop(vec![Err(problem.clone())]);
        let before = rig.world.now();
        assert_eq!(sync(&rig, Depth::Usual).await, Err(problem));
        assert_eq!((places(&rig).len(), rig.world.now()), (1, before));
    }
}
