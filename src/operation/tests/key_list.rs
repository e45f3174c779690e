//! Pages of billing keys: V2's own, and those that the ledger of a V1 profile knows.

use super::*;
use crate::domain::billing_key::{KeyStatus, KeyText};
use crate::domain::intent::{NewIntent, Step, Target};

const DAY: i64 = 24 * 60 * 60;

/// A V1 desk whose provider knows these keys by name, in these pages.
fn rig_v1(pages: Vec<Result<KeyPage, Problem>>) -> Rig {
    rig_of(Generation::V1, Script { pages: pages.into(), ..Script::default() })
}

#[expect(clippy::unnecessary_wraps, reason = "it stands in lists of pages, some of which fail")]
fn told(keys: &[&str]) -> Result<KeyPage, Problem> {
    Ok(KeyPage { keys: keys.iter().map(|key| provider_key(key)).collect(), total: None, more: false })
}

impl Rig {
    /// Writes an intent that came to a good end, as another console has.
    fn has_done(&self, kind: IntentKind, key: &str, customer: &Customer) {
        let id = self.desk.mint();
        let made = kind == IntentKind::IssueKey;
        let new = NewIntent {
            target: (!made).then(|| Target::Key(bkey(key))),
            card: CardEnding::new("941012", "1234"),
            ..self.desk.about(kind, &id, &channel(Generation::V1), customer)
        };
        let approval = Approval { key: made.then(|| bkey(key)), ..Approval::default() };
        let ledger = self.desk.ledger.borrow();
        ledger.intend(&new, &Guard::Overridden("test".to_owned())).unwrap();
        for step in [Step::Sent, Step::Approved(approval)] {
            ledger.record(&id, self.world.now.get(), &step, "1:1").unwrap();
        }
        drop(ledger);
        self.pass(1);
    }

    /// Which names the provider was asked for, question by question.
    fn names_asked(&self) -> Vec<Vec<String>> {
        let names = |search: &KeySearch| search.among.iter().map(|key| key.expose().to_owned()).collect();
        self.gateway.asked.lock().unwrap().iter().map(names).collect()
    }
}

fn names(page: &KeyPage) -> Vec<(&str, bool)> {
    page.keys.iter().map(|key| (key.key.expose(), key.is_alive())).collect()
}

#[tokio::test]
async fn v2_is_asked_as_it_is() {
    let rig = rig_of(Generation::V2, Script { pages: [told(&["k1"])].into(), ..Script::default() });
    let search = KeySearch { text: Some(KeyText::Name("김".to_owned())), page: 3, ..KeySearch::default() };
    let page = rig.desk.key_page(&search).await.unwrap();
    assert_eq!(names(&page), [("k1", true)]);
    assert_eq!(*rig.gateway.asked.lock().unwrap(), [search]);
}

#[tokio::test]
async fn v1_is_asked_for_the_keys_of_one_page_newest_first() {
    let all: Vec<String> = (0..250).map(|number| format!("k{number:03}")).collect();
    let newest: Vec<&str> = all.iter().rev().map(String::as_str).collect();
    let pages = newest.chunks(KeySearch::PAGE).map(told).collect();
    let rig = rig_v1(pages);
    for key in &all {
        rig.has_done(IntentKind::IssueKey, key, &customer());
    }
    for (page, (from, until, more)) in
        [(0, 100, true), (100, 200, true), (200, 250, false)].into_iter().enumerate()
    {
        let search = KeySearch { page: u32::try_from(page).unwrap(), ..KeySearch::default() };
        let found = rig.desk.key_page(&search).await.unwrap();
        assert_eq!((found.total, found.more), (Some(250), more), "page {page}");
        let expected: Vec<_> = newest[from..until].iter().map(|name| (*name, true)).collect();
        assert_eq!(names(&found), expected, "page {page}");
        assert_eq!(rig.names_asked()[page], newest[from..until], "page {page}");
        assert!(found.keys.iter().all(|key| key.made_by.is_some()), "who made it is known here alone");
    }
    let beyond = rig.desk.key_page(&KeySearch { page: 3, ..KeySearch::default() }).await.unwrap();
    assert_eq!((beyond.keys, beyond.total, beyond.more), (Vec::new(), Some(250), false));
    assert_eq!(rig.names_asked().len(), 3, "nothing to ask is not asked");
}

#[tokio::test]
async fn what_was_deleted_elsewhere_counts_as_deleted_from_now_on() {
    let rig = rig_v1(vec![told(&["k2"])]);
    rig.has_done(IntentKind::IssueKey, "k1", &customer());
    rig.has_done(IntentKind::IssueKey, "k2", &customer());
    rig.pass(DAY);
    let page = rig.desk.key_page(&KeySearch::default()).await.unwrap();
    assert_eq!(names(&page), [("k2", true), ("k1", false)]);
    assert_eq!(page.keys[1].deleted_at, Some(rig.world.now.get().as_second()));
    assert_eq!(page.keys[1].customer, customer(), "what the ledger knows of it stands");
}

#[tokio::test]
async fn what_was_deleted_here_is_not_asked_for() {
    let rig = rig_v1(vec![told(&["k2"])]);
    rig.has_done(IntentKind::IssueKey, "k1", &customer());
    rig.has_done(IntentKind::IssueKey, "k2", &customer());
    let deleted = rig.world.now.get().as_second();
    rig.has_done(IntentKind::DeleteKey, "k1", &customer());
    rig.pass(DAY);
    let page = rig.desk.key_page(&KeySearch::default()).await.unwrap();
    assert_eq!(names(&page), [("k2", true), ("k1", false)]);
    assert_eq!(page.keys[1].deleted_at, Some(deleted));
    assert_eq!(rig.names_asked(), [["k2"]]);
    let of =
        async |status| rig.desk.key_page(&KeySearch { status: Some(status), ..KeySearch::default() }).await;
    let page = of(KeyStatus::Deleted).await.unwrap();
    assert_eq!((names(&page), page.total), (vec![("k1", false)], Some(1)), "without a question");
}

#[tokio::test]
async fn a_name_that_was_used_again_stands_once_and_is_alive() {
    let rig = rig_v1(vec![told(&["k1"])]);
    let other = Customer::new("박서연", "010-9999-0000", "").with_id("cust0099");
    rig.has_done(IntentKind::IssueKey, "k1", &other);
    rig.has_done(IntentKind::DeleteKey, "k1", &other);
    rig.has_done(IntentKind::IssueKey, "k1", &customer());
    let page = rig.desk.key_page(&KeySearch::default()).await.unwrap();
    assert_eq!((names(&page), page.total), (vec![("k1", true)], Some(1)));
    assert_eq!(page.keys[0].customer, customer());
    // Whose it was before finds nothing, and the deletion before does not make it deleted.
    for search in [
        KeySearch { customer_id: Some("cust0099".to_owned()), ..KeySearch::default() },
        KeySearch { status: Some(KeyStatus::Deleted), ..KeySearch::default() },
    ] {
        assert_eq!(rig.desk.key_page(&search).await.unwrap().total, Some(0), "{search:?}");
    }
}

#[tokio::test]
async fn v1_is_searched_in_the_ledger() {
    let rig = rig_v1(vec![told(&["k2"]), told(&["k1"]), told(&["k1", "k2"])]);
    rig.has_done(IntentKind::IssueKey, "k1", &customer());
    rig.pass(40 * DAY);
    let from = rig.world.now.get();
    rig.has_done(IntentKind::IssueKey, "k2", &Customer::new("박서연", "010-9999-0000", ""));
    let of = async |search| rig.desk.key_page(&search).await.unwrap();
    let found = of(KeySearch { from: Some(from), ..KeySearch::default() }).await;
    assert_eq!(names(&found), [("k2", true)]);
    let name = KeySearch { text: Some(KeyText::Name("김".to_owned())), ..KeySearch::default() };
    assert_eq!(names(&of(name).await), [("k1", true)]);
    let bin = KeySearch { text: Some(KeyText::Bin("941012".to_owned())), ..KeySearch::default() };
    assert_eq!(of(bin).await.total, Some(2));
    let none = KeySearch { text: Some(KeyText::Phone("0105".to_owned())), ..KeySearch::default() };
    assert_eq!(of(none).await, KeyPage { keys: Vec::new(), total: Some(0), more: false });
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_told() {
    let rig = rig_v1(vec![Err(unreadable())]);
    rig.has_done(IntentKind::IssueKey, "k1", &customer());
    assert_eq!(rig.desk.key_page(&KeySearch::default()).await, Err(unreadable()));
}
