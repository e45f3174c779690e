use super::*;
use crate::domain::account::{DepositAccount, DepositState};
use crate::domain::card::CardEnding;
use crate::domain::channel::Mode;
use crate::domain::customer::Customer;
use crate::domain::intent::{IntentKind, Target};
use crate::domain::money::Currency;
use crate::domain::order::Installments;

#[test]
fn a_new_ledger_is_private_durable_and_migrated() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/er/ledger.db");
    let ledger = SqliteLedger::open(&path).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    let ask = |pragma: &str| -> String {
        ledger
            .connection
            .query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, rusqlite::types::Value>(0))
            .map(|value| format!("{value:?}"))
            .unwrap()
    };
    assert_eq!(ask("journal_mode"), "Text(\"wal\")");
    assert_eq!(ask("synchronous"), "Integer(2)");
    assert_eq!(ledger.version().unwrap(), i64::try_from(MIGRATIONS.len()).unwrap());
}

#[test]
fn a_newer_ledger_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(SqliteLedger::open(&path), Err(LedgerError::Newer { found: 99, .. })));
}

#[test]
fn examining_makes_no_file_and_sees_a_broken_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a %?#.db");
    let files = || std::fs::read_dir(folder.path()).unwrap().count();
    drop(SqliteLedger::open(&path).unwrap());
    assert_eq!(files(), 1);
    SqliteLedger::examine(&path).unwrap();
    assert_eq!(files(), 1);
    let open = SqliteLedger::open(&path).unwrap();
    open.intend(&new_intent("abcdef01", "1234"), &Guard::Check(jiff::SignedDuration::ZERO)).unwrap();
    SqliteLedger::examine(&path).unwrap();
    drop(open);
    assert!(SqliteLedger::examine(&folder.path().join("none.db")).is_err());
    assert_eq!(files(), 1);
    std::fs::write(&path, "no database at all, but long enough to be looked at".repeat(100)).unwrap();
    assert!(SqliteLedger::examine(&path).is_err());
}

#[test]
fn no_column_could_hold_card_data() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = SqliteLedger::open(&folder.path().join("ledger.db")).unwrap();
    let mut statement = ledger
        .connection
        .prepare("SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'")
        .unwrap();
    let columns: Vec<String> =
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    assert!(columns.len() > 30);
    for column in columns {
        for word in ["card_number", "pan", "expiry", "birth", "identity", "pin", "password", "cvc"] {
            assert!(!column.split(['.', '_']).any(|part| part == word), "{column}");
        }
    }
}

#[test]
fn many_programs_open_migrate_and_write_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let start = std::sync::Barrier::new(8);
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let (path, start) = (&path, &start);
            scope.spawn(move || {
                start.wait();
                let ledger = SqliteLedger::open(path).unwrap();
                for n in 0..10 {
                    let new = new_intent(&format!("w{writer}n{n:04}"), &format!("{:04}", writer * 100 + n));
                    let guard = Guard::Check(jiff::SignedDuration::from_mins(10));
                    assert_eq!(ledger.intend(&new, &guard).unwrap(), Intended::Written);
                    ledger.record(&new.id, new.created, &Step::Sent, "1:1").unwrap();
                }
            });
        }
    });
    assert_eq!(SqliteLedger::open(&path).unwrap().unsettled("main").unwrap().len(), 80);
}

#[test]
fn two_that_charge_the_same_card_at_once_do_not_both_pass() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    SqliteLedger::open(&path).unwrap();
    let start = std::sync::Barrier::new(6);
    let written: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..6)
            .map(|writer| {
                let (path, start) = (&path, &start);
                scope.spawn(move || {
                    let ledger = SqliteLedger::open(path).unwrap();
                    let new = new_intent(&format!("same{writer:04}"), "1234");
                    start.wait();
                    let guard = Guard::Check(jiff::SignedDuration::from_mins(10));
                    usize::from(ledger.intend(&new, &guard).unwrap() == Intended::Written)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(written, 1);
}

#[test]
fn an_intent_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = SqliteLedger::open(&folder.path().join("ledger.db")).unwrap();
    let id = |text: &str| PaymentId::parse(text).unwrap();
    let new = NewIntent {
        parent: Some(id("dparent1")),
        batch: Some(id("dbatch01")),
        due: Some("2026-12-31T01:00:00Z".parse().unwrap()),
        schedules: ["s-1", "s-2"].map(SafeText::new).to_vec(),
        tax_free: Money::new(1_000, Currency::Krw),
        customer: Customer::new("김하늘", "010-2000-3000", "a@b.kr").with_id("cust0042"),
        ..new_intent("abcdef01", "1234")
    };
    ledger.intend(&new, &Guard::Overridden("다른 주문".to_owned())).unwrap();
    let intent = ledger.intent(&new.id).unwrap().unwrap();
    assert_eq!(intent.new, new);
    assert_eq!((intent.state, intent.guard_reason.as_deref()), (IntentState::Intended, Some("다른 주문")));
    assert_eq!(ledger.intent(&PaymentId::parse("nothere").unwrap()).unwrap(), None);
}

pub(super) fn new_intent(id: &str, last4: &str) -> NewIntent {
    NewIntent {
        id: PaymentId::parse(id).unwrap(),
        kind: IntentKind::KeyIn,
        profile: "main".to_owned(),
        generation: Generation::V2,
        channel: "kcp".to_owned(),
        pg: "KCP_V2".to_owned(),
        mode: Mode::Live,
        amount: Money::new(45_000, Currency::Krw).unwrap(),
        tax_free: None,
        vat: None,
        installments: Installments { months: 3, interest_free: false },
        order_name: "관리비".to_owned(),
        customer: Customer::default(),
        card: CardEnding::new("941012", last4),
        target: None,
        parent: None,
        schedules: Vec::new(),
        due: None,
        batch: None,
        note: None,
        operator: Operator {
            user: "minji".to_owned(),
            remote: Some("10.0.0.7".to_owned()),
            host: "desk-1".to_owned(),
            process: "1:1".to_owned(),
        },
        created: "2026-11-21T02:00:00Z".parse().unwrap(),
    }
}

/// A new ledger as a program of before left it.
pub(super) fn of_version(path: &Path, version: usize) -> Connection {
    let old = Connection::open(path).unwrap();
    for migration in &MIGRATIONS[..version] {
        migration.apply(&old).unwrap();
    }
    old.pragma_update(None, "user_version", i64::try_from(version).unwrap()).unwrap();
    old
}

#[test]
fn a_ledger_of_the_first_version_keeps_its_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let old = of_version(&path, 1);
    old.execute_batch(
        "INSERT INTO intents (id, kind, state, profile, generation, channel, pg, mode, amount, currency,
            installments, order_name, operator, host, process, created_at, approval_number)
         VALUES ('dold0001', 'key_in', 'approved', 'main', 'v2', 'kcp', 'KCP_V2', 'LIVE', 45000, 'KRW',
            3, '관리비', 'minji', 'desk-1', '1:1', 1000, '31557120')",
    )
    .unwrap();
    drop(old);
    let ledger = SqliteLedger::open(&path).unwrap();
    let intent = ledger.intent(&PaymentId::parse("dold0001").unwrap()).unwrap().unwrap();
    assert_eq!(intent.new.installments, Installments { months: 3, interest_free: false });
    assert_eq!((intent.new.note, intent.new.target, intent.deposit), (None, None, None));
    assert_eq!(intent.approval.unwrap().approval_number.unwrap().as_str(), "31557120");
}

#[test]
fn a_ledger_from_before_the_copy_keeps_its_journal_and_takes_the_copy_in() {
    use crate::ledger::cache::Cache as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let old = of_version(&path, 3);
    old.execute_batch(
        "INSERT INTO intents (id, kind, state, profile, generation, channel, pg, mode, amount, currency,
            installments, order_name, operator, host, process, created_at, note, customer_id)
         VALUES ('dold0003', 'key_in', 'unknown', 'main', 'v2', 'kcp', 'KCP_V2', 'LIVE', 45000, 'KRW',
            0, '관리비', 'minji', 'desk-1', '1:1', 1000, '두 번째', 'cust0042');
         INSERT INTO history (intent, at, word, detail, process) VALUES ('dold0003', 1000, 'intended', '', '1:1');
         INSERT INTO drafts (profile, operator, host, process, saved_at, body)
         VALUES ('main', 'minji', 'desk-1', '2:2', 1000, 'a draft');",
    )
    .unwrap();
    drop(old);
    let ledger = SqliteLedger::open(&path).unwrap();
    let open = Ledger::unsettled(&ledger, "main").unwrap();
    assert_eq!((open.len(), open[0].new.note.as_deref()), (1, Some("두 번째")));
    assert_eq!(open[0].new.customer.id(), Some("cust0042"));
    assert_eq!(Ledger::history(&ledger, &open[0].new.id).unwrap().len(), 1);
    assert_eq!(Ledger::drafts_of(&ledger, "main", &open[0].new.operator).unwrap()[0].body, "a draft");
    let list = ledger.payment_list("main", &crate::domain::listing::PaymentFilter::default(), None).unwrap();
    assert!(list.is_empty());
    drop(ledger);
    assert_eq!(Ledger::unsettled(&SqliteLedger::open(&path).unwrap(), "main").unwrap(), open);
}

#[test]
fn what_an_account_a_key_and_a_note_are_comes_back() {
    let (_folder, ledger) = ledger();
    let mut new = intent("dacc0001", 0);
    new.kind = IntentKind::IssueAccount;
    new.card = None;
    new.vat = Money::new(4_000, Currency::Krw);
    new.note = Some("두 번째 정수기".to_owned());
    new.parent = Some(PaymentId::parse("dparent1").unwrap());
    new.target = Some(Target::Key(BillingKey::parse("card-1").unwrap()));
    ledger.intend(&new, &check()).unwrap();
    ledger.record(&new.id, at(1), &Step::Sent, "1:1").unwrap();
    let approval = Approval {
        account: Some(Box::new(DepositAccount {
            bank: SafeText::new("신한"),
            number: SafeText::new("56012345678901"),
            holder: Some(SafeText::new("단말")),
            due: Some(9),
        })),
        key: Some(BillingKey::parse("billing-key-1").unwrap()),
        ..Approval::default()
    };
    ledger.record(&new.id, at(2), &Step::Approved(approval.clone()), "1:1").unwrap();
    let kept = ledger.intent(&new.id).unwrap().unwrap();
    assert_eq!((kept.new.clone(), kept.approval), (new, Some(approval)));
    assert_eq!(
        Ledger::waiting_accounts(&ledger, "main").unwrap(),
        [ledger.intent(&kept.new.id).unwrap().unwrap()]
    );
    // It waits from the moment it is known, and what is told later does not make it wait again.
    assert_eq!(ledger.intent(&kept.new.id).unwrap().unwrap().deposit, Some(DepositState::Waiting));
    ledger.record(&kept.new.id, at(4), &Step::Deposit(DepositState::Paid), "1:1").unwrap();
    ledger.record(&kept.new.id, at(5), &Step::Approved(Approval::default()), "1:1").unwrap();
    assert!(Ledger::waiting_accounts(&ledger, "main").unwrap().is_empty());
}

/// An intent of a kind that ended well, about or with a key.
fn done(
    ledger: &SqliteLedger,
    id: &str,
    seconds: i64,
    kind: IntentKind,
    about: Option<&str>,
    with: Option<&str>,
) {
    let key = |text: &str| BillingKey::parse(text).unwrap();
    let new = NewIntent { kind, target: about.map(key).map(Target::Key), ..intent(id, seconds) };
    ledger.intend(&new, &Guard::Overridden("test".to_owned())).unwrap();
    ledger.record(&new.id, at(seconds), &Step::Sent, "1:1").unwrap();
    let approval = Approval { key: with.map(key), ..Approval::default() };
    ledger.record(&new.id, at(seconds), &Step::Approved(approval), "1:1").unwrap();
}

#[test]
fn a_key_knows_who_made_it_and_what_was_charged_with_it() {
    let (_folder, ledger) = ledger();
    done(&ledger, "dissue01", 0, IntentKind::IssueKey, None, Some("k1"));
    done(&ledger, "dkeyin01", 1, IntentKind::KeyIn, None, Some("k2"));
    done(&ledger, "dcharge1", 2, IntentKind::ChargeKey, Some("k1"), Some("k1"));
    done(&ledger, "dcharge2", 3, IntentKind::ChargeKey, None, Some("k1"));
    done(&ledger, "ddelete1", 4, IntentKind::DeleteKey, Some("k1"), None);
    done(&ledger, "dissue02", 5, IntentKind::IssueKey, Some("k2"), Some("k2"));
    let key = |text: &str| BillingKey::parse(text).unwrap();
    let ids = |intents: Vec<Intent>| -> Vec<String> {
        intents.into_iter().map(|intent| intent.new.id.as_str().to_owned()).collect()
    };
    let made = |text: &str| Ledger::by_key(&ledger, &key(text)).unwrap().map(|made| made.new.id.to_string());
    assert_eq!((made("k1").as_deref(), made("k2").as_deref()), (Some("dissue01"), Some("dissue02")));
    assert_eq!(made("k3"), None);
    assert_eq!(Ledger::keys_made(&ledger, "main").unwrap(), [key("k2"), key("k1")]);
    assert!(Ledger::keys_made(&ledger, "other").unwrap().is_empty());
    assert_eq!(ids(Ledger::charges_of(&ledger, &key("k1")).unwrap()), ["dcharge2", "dcharge1"]);
    assert!(Ledger::charges_of(&ledger, &key("k2")).unwrap().is_empty());
}

#[test]
fn the_same_key_and_amount_is_guarded_and_the_latest_is_shown() {
    let (_folder, ledger) = ledger();
    let charge = |id: &str, seconds, key: &str, card: bool| {
        let mut new = intent(id, seconds);
        (new.kind, new.target) = (IntentKind::ChargeKey, Some(Target::Key(BillingKey::parse(key).unwrap())));
        if !card {
            new.card = None;
        }
        new
    };
    ledger.intend(&charge("dcharge1", 0, "k1", false), &check()).unwrap();
    assert_eq!(ledger.intend(&charge("dcharge2", 1, "k2", false), &check()).unwrap(), Intended::Written);
    let guarded = |new: &NewIntent| match ledger.intend(new, &check()).unwrap() {
        Intended::Guarded(earlier) => earlier.new.id.to_string(),
        other => format!("{other:?}").to_lowercase(),
    };
    assert_eq!(guarded(&charge("dcharge3", 2, "k1", false)), "dcharge1");
    assert_eq!(guarded(&intent("dkeyin01", 3)), "written", "no charge is known to be of this card");
    // Both the card and the key have one: the later of them is shown.
    assert_eq!(guarded(&charge("dcharge4", 4, "k1", true)), "dkeyin01");
    let mut delete = charge("ddelete1", 5, "k1", true);
    delete.kind = IntentKind::DeleteKey;
    assert_eq!(guarded(&delete), "written", "only charges and accounts are guarded");
}

#[test]
fn a_second_account_for_the_same_caller_is_guarded_and_a_card_is_no_account() {
    let (_folder, ledger) = ledger();
    let account = |id: &str, seconds| {
        let mut new = intent(id, seconds);
        (new.kind, new.card) = (IntentKind::IssueAccount, None);
        new
    };
    ledger.intend(&account("dacc0001", 0), &check()).unwrap();
    assert!(matches!(ledger.intend(&account("dacc0002", 5), &check()).unwrap(), Intended::Guarded(_)));
    assert_eq!(ledger.intend(&intent("dcard001", 6), &check()).unwrap(), Intended::Written);
    let mut nobody = account("dacc0003", 7);
    nobody.customer = Customer::default();
    assert_eq!(ledger.intend(&nobody, &check()).unwrap(), Intended::Written, "nothing tells it is the same");
}

#[test]
fn drafts_belong_to_a_console_and_marks_and_warnings_are_kept() {
    let (_folder, ledger) = ledger();
    let operator = |process: &str| Operator { process: process.to_owned(), ..intent("dxxxx001", 0).operator };
    let draft = |process: &str, body: &str| Draft {
        profile: "main".to_owned(),
        operator: operator(process),
        saved: at(1),
        body: body.to_owned(),
    };
    for (process, body) in [("1:1", "a"), ("2:2", "b"), ("1:1", "c")] {
        Ledger::put_draft(&ledger, &draft(process, body)).unwrap();
    }
    let bodies = |ledger: &SqliteLedger| -> Vec<String> {
        let mut found: Vec<String> = Ledger::drafts_of(ledger, "main", &operator("3:3"))
            .unwrap()
            .into_iter()
            .map(|draft| draft.body)
            .collect();
        found.sort();
        found
    };
    assert_eq!(bodies(&ledger), ["b", "c"]);
    Ledger::drop_draft(&ledger, &operator("1:1")).unwrap();
    assert_eq!(bodies(&ledger), ["b"]);
    assert!(Ledger::drafts_of(&ledger, "other", &operator("3:3")).unwrap().is_empty());
    Ledger::put_mark(&ledger, "main", &operator("1:1"), at(2), Mark::RecordingPaused, "").unwrap();
    for _ in 0..2 {
        Ledger::put_warning_away(&ledger, "main", "kcp", "kcp.minimum", &operator("1:1"), at(2)).unwrap();
    }
    assert_eq!(
        Ledger::warnings_away(&ledger, "main").unwrap(),
        [("kcp".to_owned(), "kcp.minimum".to_owned())]
    );
}

fn ledger() -> (tempfile::TempDir, SqliteLedger) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = SqliteLedger::open(&folder.path().join("ledger.db")).unwrap();
    (folder, ledger)
}

fn at(second: i64) -> Timestamp {
    new_intent("dtime001", "0000").created + jiff::SignedDuration::from_secs(second)
}

/// A caller's key-in, so many seconds after the others.
fn intent(id: &str, second: i64) -> NewIntent {
    NewIntent {
        customer: Customer::new("김하늘", "010-2000-3000", ""),
        created: at(second),
        ..new_intent(id, "1234")
    }
}

fn check() -> Guard {
    Guard::Check(jiff::SignedDuration::from_mins(10))
}

#[test]
fn schedules_that_stood_in_the_history_come_into_their_column() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let old = of_version(&path, 3);
    for (id, kind, detail) in
        [("drevoke1", "revoke_schedules", "schedules=a b"), ("ddelete1", "delete_key", "schedules=no")]
    {
        old.execute(
            "INSERT INTO intents (id, kind, state, profile, generation, channel, pg, mode, amount, currency,
                installments, order_name, operator, host, process, created_at)
             VALUES (?1, ?2, 'unknown', 'main', 'v2', 'kcp', 'KCP_V2', 'LIVE', 0, 'KRW', 0, '', 'minji',
                'desk-1', '1:1', 1000)",
            (id, kind),
        )
        .unwrap();
        old.execute(
            "INSERT INTO history (intent, at, word, detail, process) VALUES (?1, 1000, 'noted', ?2, '1:1')",
            (id, detail),
        )
        .unwrap();
    }
    drop(old);
    let ledger = SqliteLedger::open(&path).unwrap();
    let of = |id: &str| ledger.intent(&PaymentId::parse(id).unwrap()).unwrap().unwrap().new.schedules;
    assert_eq!(of("drevoke1"), ["a", "b"].map(SafeText::new));
    assert!(of("ddelete1").is_empty());
}

#[test]
fn a_group_is_written_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = SqliteLedger::open(&folder.path().join("ledger.db")).unwrap();
    let check = Guard::Check(jiff::SignedDuration::from_mins(10));
    let charge = |id: &str, batch: Option<&str>| NewIntent {
        batch: batch.map(|batch| PaymentId::parse(batch).unwrap()),
        ..intent(id, 0)
    };
    let free = |id: &str| NewIntent { kind: IntentKind::RevokeSchedules, card: None, ..intent(id, 0) };
    let groups = [
        vec![free("dfirst01"), charge("dcharge1", None)],
        // The same card and amount a moment ago: what belongs to it is not written either.
        vec![free("dsecond1"), charge("dcharge2", None)],
        vec![free("dthird01"), free("dfirst01")],
    ];
    let slices: Vec<&[NewIntent]> = groups.iter().map(Vec::as_slice).collect();
    let ends = ledger.intend_all(&slices, &check).unwrap();
    assert!(
        matches!(&ends[..], [Intended::Written, Intended::Guarded(earlier), Intended::Taken]
            if earlier.new.id.as_str() == "dcharge1"),
        "{ends:?}"
    );
    for (id, there) in [("dfirst01", true), ("dsecond1", false), ("dcharge2", false), ("dthird01", false)] {
        assert_eq!(ledger.intent(&PaymentId::parse(id).unwrap()).unwrap().is_some(), there, "{id}");
    }
    // What was ordered in one batch was seen side by side.
    let batch = [charge("dbulk001", Some("dbatch01")), charge("dbulk002", Some("dbatch01"))];
    ledger.intend(&batch[0], &Guard::Overridden("같이".to_owned())).unwrap();
    assert!(matches!(ledger.intend(&batch[1], &check).unwrap(), Intended::Guarded(earlier)
        if earlier.new.id.as_str() == "dcharge1"));
    let ids: Vec<String> = ledger
        .batch(&PaymentId::parse("dbatch01").unwrap())
        .unwrap()
        .into_iter()
        .map(|intent| intent.new.id.to_string())
        .collect();
    assert_eq!(ids, ["dbulk001"]);
    assert_eq!(ledger.batches_left("main").unwrap().len(), 1);
}
