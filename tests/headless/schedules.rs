//! Schedules without a screen: made, moved, revoked, run, failed, recovered, imported; with kills in between.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::keys::WHO;
use super::support::{Api, Card, Run, Shop, finish, stop_at};

/// A shop whose provider's clock stands at our time until it is moved.
fn shop(api: Api) -> Shop {
    let now = jiff::Timestamp::now().to_string();
    Shop::with(api, &["--clock", "manual", "--now", &now])
}

fn pass_days(shop: &Shop, days: i64) {
    let (status, body) =
        shop.sandbox.ask("POST", "/__sandbox/clock", "", &json!({"advanceSeconds": days * 86_400}));
    assert_eq!(status, 200, "{body}");
}

/// Registers a card; the id of the registration, which names the key, and the key.
pub(super) fn key(shop: &Shop, card: &Card) -> (String, String) {
    let mut command = shop.command(&["key", "register", "--yes", "--card-stdin", "--json", "--show-key"]);
    command.args(WHO);
    let said = finish(command, &card.line()).expect(0).json();
    let text = |member: &str| said[member].as_str().unwrap().to_owned();
    (text("payment_id"), text("billing_key"))
}

/// A time of day so many days from now, in Korea.
fn in_days(days: i64) -> String {
    let at = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * days);
    let korea = at.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(9)));
    format!("{} 10:00", korea.date())
}

fn add_args<'a>(key: &'a str, at: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let base =
        ["schedule", "add", key, "--at", at, "--amount", "9900", "--order-name", "월 구독료", "--json"];
    [&base[..], more].concat()
}

fn add(shop: &Shop, key: &str, days: i64, more: &[&str]) -> Run {
    shop.run(&add_args(key, &in_days(days), &[&["--yes"], more].concat()))
}

/// Every schedule from yesterday on: state and id, by time.
fn listed(shop: &Shop) -> Vec<(String, String)> {
    let first = (jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24)).to_string();
    let last = (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * 300)).to_string();
    let said = shop
        .run(&["schedule", "list", "--from", &first[..10], "--until", &last[..10], "--json"])
        .expect(0)
        .json();
    said["schedules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|told| (told["state"].as_str().unwrap().to_owned(), told["id"].as_str().unwrap().to_owned()))
        .collect()
}

fn with_state(shop: &Shop, state: &str) -> Vec<String> {
    listed(shop).into_iter().filter(|(its, _)| its == state).map(|(_, id)| id).collect()
}

fn alive(shop: &Shop) -> Vec<String> {
    with_state(shop, "scheduled")
}

fn change(shop: &Shop, what: &str, id: &str, more: &[&str]) -> Run {
    shop.run(&[&["schedule", what, id, "--yes", "--json"], more].concat())
}

#[test]
fn a_schedule_is_made_once_moved_revoked_and_booked_again() {
    for api in Api::ALL {
        let shop = shop(api);
        let (key, whole) = key(&shop, &Card::approved());
        // Nothing is sent by a dry run, nor without --yes.
        let at = in_days(5);
        let dry = shop.run(&add_args(&key, &at, &["--dry-run"])).expect(0).json();
        assert_eq!((&dry["outcome"], &dry["ready"]), (&json!("dry_run"), &json!(1)));
        assert_eq!(dry["totals"], json!([{"currency": "KRW", "amount": 9900}]));
        shop.run(&add_args(&key, &at, &[])).expect(2);
        assert!(listed(&shop).is_empty());

        let run = add(&shop, &key, 5, &[]).expect(0);
        assert!(!format!("{run:?}").contains(&whole), "the key is not shown");
        let said = run.json();
        assert_eq!((&said["outcome"], &said["items"][0]["outcome"]), (&json!("done"), &json!("scheduled")));
        // The same again is there already.
        let again = add(&shop, &key, 5, &[]).expect(0).json();
        assert_eq!((&again["done"], &again["already"]), (&json!(0), &json!(1)));
        let [id] = &alive(&shop)[..] else { panic!("{:?}", listed(&shop)) };
        assert_eq!(said["items"][0]["new_schedule"], *id);

        let moved = change(&shop, "move", id, &["--by", "3"]).expect(0).json();
        let item = &moved["items"][0];
        assert_eq!(item["outcome"], if api == Api::V1 { "moved" } else { "scheduled" }, "{moved}");
        let [there] = &alive(&shop)[..] else { panic!("{:?}", listed(&shop)) };
        assert_eq!(there == id, api == Api::V1, "V2 gives a new one");
        assert_eq!(with_state(&shop, "revoked").len(), usize::from(api == Api::V2));

        // By the payment id as well.
        let shown = shop.run(&["schedule", "show", there, "--json"]).expect(0).json();
        let payment = shown["schedule"]["payment_id"].as_str().unwrap();
        let kinds: Vec<&str> =
            shown["history"].as_array().unwrap().iter().map(|line| line["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds.first(), Some(&"create_schedule"), "{shown}");
        assert_eq!(kinds.len(), if api == Api::V1 { 2 } else { 3 }, "{shown}");
        let revoked = change(&shop, "revoke", payment, &[]).expect(0).json();
        assert_eq!(revoked["items"][0]["outcome"], "revoked");
        assert!(alive(&shop).is_empty());
        let refused = change(&shop, "revoke", there, &[]).expect(1).json();
        assert_eq!(refused["items"][0]["verdict"], "not_open");

        change(&shop, "rebook", there, &["--to", &in_days(20)]).expect(0);
        assert_eq!(alive(&shop).len(), 1);
        assert_eq!(shop.settle("0", &[]).expect(0).json()["settled"], json!([]));
    }
}

#[test]
fn charges_run_fail_and_are_recovered() {
    for api in Api::ALL {
        let shop = shop(api);
        let (good, _) = key(&shop, &Card::approved());
        // The first try under an id is declined, the second goes well.
        let (bad, _) = key(&shop, &Card::ending("0041"));
        add(&shop, &good, 2, &[]).expect(0);
        add(&shop, &bad, 2, &[]).expect(0);
        pass_days(&shop, 3);
        assert_eq!((with_state(&shop, "succeeded").len(), with_state(&shop, "failed").len()), (1, 1));
        let failed = with_state(&shop, "failed").remove(0);
        let shown = shop.run(&["schedule", "show", &failed, "--json"]).expect(0).json();
        let reason = shown["schedule"]["provider_message"].as_str();
        assert!(reason.is_some_and(|reason| !reason.is_empty()), "V2 tells it of the payment alone: {shown}");
        if api == Api::V1 {
            let said = change(&shop, "retry", &failed, &[]).expect(0).json();
            assert_eq!(said["items"][0]["outcome"], "approved", "{said}");
            assert_eq!(with_state(&shop, "succeeded").len(), 2);
        } else {
            // Under a new id it is the first try again.
            let said = change(&shop, "retry", &failed, &[]).expect(3).json();
            assert_eq!(said["items"][0]["outcome"], "declined", "{said}");
        }
        // A charge now in place of one that waits: once, and nothing waits any more.
        add(&shop, &good, 30, &[]).expect(0);
        let [open] = &alive(&shop)[..] else { panic!("{:?}", listed(&shop)) };
        let said = change(&shop, "charge", open, &[]).expect(0).json();
        let id = said["items"][0]["payment_id"].as_str().unwrap();
        assert_eq!((shop.sandbox.charges(api, id), alive(&shop).len()), (1, 0), "{said}");
        // A second one at once is guarded.
        let revoked = with_state(&shop, "revoked").remove(0);
        let said = change(&shop, "retry", &revoked, &[]).expect(5).json();
        assert_eq!(said["items"][0]["outcome"], "blocked", "{said}");
        change(&shop, "retry", &revoked, &["--duplicate-reason", "다른 달"]).expect(0);
    }
}

#[test]
fn killed_anywhere_in_a_move_there_is_exactly_one() {
    // Where it stops, and whether the old one was moved in the end.
    for (step, moved) in [("intended", false), ("revoke_sent", false), ("answered", true), ("revoked", true)]
    {
        let shop = shop(Api::V2);
        let (key, _) = key(&shop, &Card::approved());
        add(&shop, &key, 5, &[]).expect(0);
        let before = alive(&shop).remove(0);
        let command = shop.command(&["schedule", "move", &before, "--by", "2", "--yes", "--json"]);
        let mut child = stop_at(command, "", step).unwrap_or_else(|run| panic!("{step}: {run:?}"));
        child.kill().unwrap();
        child.wait().unwrap();
        shop.settle("0", &[]).expect(0);
        let left = alive(&shop);
        assert_eq!(left.len(), 1, "{step}: {:?}", listed(&shop));
        assert_eq!(left[0] != before, moved, "{step}");
        assert_eq!(shop.settle("0", &[]).expect(0).json()["settled"], json!([]));
        assert_eq!(alive(&shop), left, "settling again changes nothing");
    }
}

#[test]
fn a_new_one_that_never_arrived_is_told_with_what_is_gone() {
    let shop = shop(Api::V2);
    let (key, _) = key(&shop, &Card::approved());
    add(&shop, &key, 5, &[]).expect(0);
    let before = alive(&shop).remove(0);
    let command = shop.command(&["schedule", "move", &before, "--by", "2", "--yes", "--json"]);
    // On disk as sent, and killed before it left.
    let mut child = stop_at(command, "", "sent").unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let run = shop.settle("0", &[]).expect(0);
    let lost = &run.json()["lost"][0];
    assert_eq!((&lost["schedule"], &lost["amount"]), (&json!(before), &json!(9900)), "{run:?}");
    assert!(run.stderr.contains("the old schedule is revoked and there is no new one"), "{run:?}");
}

/// A file of rows from line 2 on; those whose number is in `bad` can't be booked.
fn table(key: &str, rows: usize, bad: impl Fn(usize) -> bool) -> String {
    let day = &in_days(40)[..10].to_owned();
    let mut text = "빌링키,결제일,금액,주문명,고객명\r\n".to_owned();
    for row in 0..rows {
        let amount = if bad(row) { "만원쯤".to_owned() } else { (1_000 + row).to_string() };
        write!(text, "{key},{day},{amount},회비 {row},김하늘\r\n").unwrap();
    }
    text
}

#[test]
fn killed_in_the_middle_of_a_batch_it_is_gone_on_with_exactly_there() {
    for api in Api::ALL {
        let shop = shop(api);
        let (_, whole) = key(&shop, &Card::approved());
        super::support::write_private(&shop.path("rows.csv"), &table(&whole, 12, |_| false));
        let file = shop.path("rows.csv");
        let arguments = ["schedule", "import", file.to_str().unwrap(), "--yes", "--json"];
        for (step, done) in [("intended", 0), ("item", 1)] {
            if step == "item" {
                // What was left of the first time is given up, and made anew by the same file.
                let left = shop.run(&["schedule", "resume", "--json"]).expect(0).json();
                let batch = left["batches"][0]["batch"].as_str().unwrap();
                assert_eq!(
                    (&left["batches"][0]["of"], &left["batches"][0]["left"]),
                    (&json!(12), &json!(12))
                );
                let dropped = shop.run(&["schedule", "resume", batch, "--drop", "--yes", "--json"]).expect(0);
                assert_eq!(dropped.json()["dropped"], 12);
            }
            let mut child = stop_at(shop.command(&arguments), "", step).unwrap();
            child.kill().unwrap();
            child.wait().unwrap();
            assert_eq!(shop.settle("0", &[]).expect(0).json()["settled"], json!([]));
            assert_eq!(alive(&shop).len(), done, "{step}");
        }
        let left = shop.run(&["schedule", "resume", "--json"]).expect(0).json();
        let batch = left["batches"][0]["batch"].as_str().unwrap();
        assert_eq!(left["batches"][0]["left"], 11);
        let end = shop.run(&["schedule", "resume", batch, "--yes", "--json"]).expect(0).json();
        assert_eq!((&end["outcome"], &end["done"]), (&json!("done"), &json!(11)), "{end}");
        assert_eq!(alive(&shop).len(), 12);
        assert_eq!(shop.run(&["schedule", "resume", "--json"]).expect(0).json()["batches"], json!([]));
        let again = shop.run(&arguments).expect(0).json();
        assert_eq!((&again["done"], &again["already"]), (&json!(0), &json!(12)));
        // And all of them gone by two requests.
        let ids = alive(&shop).join("\n");
        let revoked = finish(shop.command(&["schedule", "revoke", "-", "--yes", "--json"]), &ids).expect(0);
        assert_eq!(revoked.json()["done"], 12);
        assert!(alive(&shop).is_empty());
    }
}

#[test]
fn a_file_of_5000_rows_with_50_bad_ones_is_imported_once() {
    let shop = shop(Api::V2);
    let (_, whole) = key(&shop, &Card::approved());
    let is_bad = |row: usize| row % 100 == 7;
    super::support::write_private(&shop.path("rows.csv"), &table(&whole, 5_000, is_bad));
    let file = shop.path("rows.csv");
    let arguments = ["schedule", "import", file.to_str().unwrap(), "--yes", "--json"];
    let before = std::time::Instant::now();
    let said = shop.run(&arguments).expect(1).json();
    eprintln!("5,000 rows imported in {:?}", before.elapsed());
    assert_eq!((&said["done"], &said["failed"], &said["already"]), (&json!(4_950), &json!(50), &json!(0)));
    let lines: Vec<u64> =
        said["errors"].as_array().unwrap().iter().map(|error| error["line"].as_u64().unwrap()).collect();
    let expected: Vec<u64> = (0..5_000).filter(|row| is_bad(*row)).map(|row| row as u64 + 2).collect();
    assert_eq!(lines, expected);
    let count = |shop: &Shop| shop.sandbox.ask("GET", "/__sandbox", "", &Value::Null).1["schedules"].clone();
    assert_eq!(count(&shop), 4_950);
    let again = shop.run(&arguments).expect(1).json();
    assert_eq!((&again["done"], &again["already"]), (&json!(0), &json!(4_950)));
    assert_eq!(count(&shop), 4_950, "a second import changes nothing");
}

fn export(shop: &Shop, until: &str, more: &[&str]) -> Run {
    shop.run(&[&["schedule", "export", "--reason", "월말 점검", "--until", until], more].concat())
}

#[test]
fn an_export_of_schedules_is_in_the_books_with_what_was_taken() {
    let shop = shop(Api::V2);
    let (reference, whole) = key(&shop, &Card::approved());
    add(&shop, &reference, 2, &[]).expect(0);
    let last = in_days(9);
    let until = &last[..10];
    let books = || {
        let told = shop.run(&["payment", "exports", "--json"]).expect(0).json();
        told["exports"].as_array().unwrap().clone()
    };
    // Without a reason nothing is written, and nothing is in the books.
    let file = shop.path("schedules.csv");
    let output = ["--output", file.to_str().unwrap()];
    shop.run(&[&["schedule", "export", "--until", until], &output[..]].concat()).expect(2);
    let base = ["schedule", "export", "--reason", " ", "--columns", "id", "--json"];
    let wrong = shop.run(&[&base[..], &output[..]].concat()).expect(2).json();
    assert_eq!((&wrong["problem"], &wrong["fields"]), (&json!("usage"), &json!(["columns", "reason"])));
    let said = export(&shop, until, &["--json"]).expect(2).stderr;
    assert!(said.contains("--output"), "a report of a file, and no file: {said}");
    assert!(!file.exists() && books().is_empty());

    let told = export(&shop, until, &[&output[..], &["--columns", "date,name,phone", "--json"]].concat());
    let told = told.expect(0).json();
    assert_eq!((&told["rows"], &told["columns"]), (&json!(1), &json!(["date", "name", "phone"])));
    assert_eq!(told["path"], file.to_str().unwrap());
    let first = std::fs::read_to_string(&file).unwrap();
    assert_eq!(first.lines().count(), 2, "{first}");
    let kept = books();
    let [one] = &kept[..] else { panic!("one export, one entry: {kept:?}") };
    assert_eq!(
        (&one["what"], &one["rows"], &one["columns"], &one["reason"], &one["path"]),
        (&json!("schedules"), &json!(1), &told["columns"], &json!("월말 점검"), &told["path"]),
    );
    assert!(one["operator"].is_string() && one["host"].is_string() && one["at"].is_string());
    // A file that is there stays, and that is not in the books; unless it is to be replaced.
    let again = export(&shop, until, &[&output[..], &["--show-key", "--json"]].concat()).expect(1).json();
    assert_eq!(again["problem"], "file_not_written");
    assert_eq!((std::fs::read_to_string(&file).unwrap(), books().len()), (first, 1));
    let said = export(&shop, until, &[&output[..], &["--show-key", "--replace"]].concat()).expect(0).stdout;
    assert!(said.contains("schedules.csv"), "{said}");
    assert!(std::fs::read_to_string(&file).unwrap().contains(&whole));
    assert_eq!(books()[0]["what"], "schedules_with_keys");
    // Keys that are in no column are not taken; what goes to standard output is in the books as well.
    let said = export(&shop, until, &["--show-key", "--columns", "date", "--format", "jsonl"]).expect(0);
    assert!(said.stdout.lines().count() == 1 && !said.stdout.contains(&whole), "{said:?}");
    let last = &books()[0];
    assert_eq!((&last["what"], &last["path"]), (&json!("schedules"), &json!("-")));
    let said = shop.run(&["payment", "exports", "--lang", "ko"]).expect(0).stdout;
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].contains("예약 1건, 항목 1개") && lines[0].contains("표준 출력"), "{said}");
    assert!(lines[1].contains("예약(빌링키 전체 포함) 1건, 항목 16개"), "{said}");
    assert!(lines.len() == 3 && !said.contains(&whole), "{said}");
}

#[test]
fn a_series_a_calendar_and_an_export() {
    let shop = shop(Api::V2);
    let (key, whole) = key(&shop, &Card::approved());
    let base = [
        "schedule",
        "add",
        &key,
        "--every",
        "monthly",
        "--anchor",
        "31",
        "--count",
        "4",
        "--off-day",
        "before",
        "--amount",
        "9900",
        "--order-name",
        "월 구독료",
        "--json",
    ];
    let dry = shop.run(&[&base[..], &["--dry-run"]].concat()).expect(0);
    assert!(listed(&shop).is_empty());
    assert_eq!(dry.json()["ready"], 4);
    shop.run(&[&base[..], &["--yes"]].concat()).expect(0);
    let again = shop.run(&[&base[..], &["--yes"]].concat()).expect(0).json();
    assert_eq!((&again["done"], &again["already"]), (&json!(0), &json!(4)));
    assert_eq!(alive(&shop).len(), 4);
    let at = dry.json()["items"][1]["at"].as_i64().unwrap();
    let day =
        jiff::Timestamp::from_second(at).unwrap().to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(9)));
    let month = format!("{:04}-{:02}", day.year(), day.month());
    let said = shop.run(&["schedule", "calendar", "--month", &month, "--json"]).expect(0).json();
    let sum: u64 = said["days"].as_array().unwrap().iter().map(|day| day["sum"].as_u64().unwrap()).sum();
    assert!(sum >= 9_900 && said["whole"] == true, "{said}");
    // The copy tells the same without asking.
    let offline =
        shop.run(&["schedule", "calendar", "--month", &month, "--offline", "--json"]).expect(0).json();
    assert_eq!(offline["days"], said["days"]);
    let text = shop.run(&["schedule", "calendar", "--month", &month]).expect(0).stdout;
    assert!(text.contains("1/0/0/0") && text.contains("planned: "), "{text}");

    let last = in_days(299);
    let export = |more: &[&str]| export(&shop, &last[..10], more).expect(0).stdout;
    let csv = export(&[]);
    assert!(csv.starts_with('\u{feff}') && csv.lines().count() == 5 && !csv.contains(&whole), "{csv}");
    assert!(export(&["--show-key"]).contains(&whole));
    assert_eq!(export(&["--format", "jsonl"]).lines().count(), 4);
    // What was exported whole can be read again: the ids are the same, so nothing is added.
    super::support::write_private(&shop.path("export.csv"), &export(&["--show-key"]));
    let file = shop.path("export.csv");
    let said = shop.run(&["schedule", "import", file.to_str().unwrap(), "--yes", "--json"]).expect(0).json();
    assert_eq!((&said["done"], &said["already"]), (&json!(0), &json!(4)), "{said}");
}
