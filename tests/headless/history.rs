//! The copy of the provider's payments without a screen: filled, searched, written to files; with kills in between.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use super::id_of;
use super::support::{Api, Card, Run, Shop, finish, stop_at};

fn sync(shop: &Shop, more: &[&str]) -> Value {
    shop.run(&[&["payment", "sync", "--json"], more].concat()).expect(0).json()
}

fn list(shop: &Shop, more: &[&str]) -> Value {
    shop.run(&[&["payment", "list", "--json", "--limit", "100000"], more].concat()).expect(0).json()
}

fn ids(listed: &Value) -> BTreeSet<String> {
    let payments = listed["payments"].as_array().unwrap();
    payments.iter().map(|payment| payment["id"].as_str().unwrap().to_owned()).collect()
}

/// A payment of an amount, under a name.
fn pay(shop: &Shop, amount: &str, name: &str, more: &[&str]) -> Value {
    let base = ["pay", "--amount", amount, "--order-name", name, "--yes", "--card-stdin", "--json"];
    finish(shop.command(&[&base[..], more].concat()), &Card::approved().line()).expect(0).json()
}

#[test]
fn everything_is_read_and_what_is_new_later() {
    for api in Api::ALL {
        let shop = Shop::with(api, &["--seed", "200", "--rng", "7"]);
        let empty = list(&shop, &[]);
        assert_eq!((&empty["count"], &empty["fresh"]["up_to"]), (&json!(0), &Value::Null));
        let first = sync(&shop, &[]);
        assert_eq!(first["fresh"]["whole"], true, "{api:?}: {first}");
        let there = list(&shop, &[])["count"].as_u64().unwrap();
        assert!(there >= 30, "{api:?}: {there}");
        assert_eq!(first["fresh"]["rows"], json!(there));
        let id = pay(&shop, "1000", "시험", &[])["payment_id"].as_str().unwrap().to_owned();
        let later = sync(&shop, &["--depth", "glance"]);
        assert!(later["pages"].as_u64().unwrap() <= 2, "{later}");
        let now = list(&shop, &["--period", "today"]);
        assert!(ids(&now).contains(&id), "{api:?}: {now}");
        assert_eq!(list(&shop, &[])["count"], json!(there + 1), "{api:?}");
    }
}

#[test]
fn killed_between_two_pages_it_goes_on_there() {
    for api in Api::ALL {
        let shop = Shop::with(api, &["--seed", "1500", "--rng", "7"]);
        let mut child = stop_at(shop.command(&["payment", "sync", "--json"]), "", "synced_page").unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let half = list(&shop, &[]);
        assert_eq!(half["fresh"]["whole"], false, "{api:?}");
        let resumed = sync(&shop, &[]);
        let all = list(&shop, &[]);
        assert_eq!(resumed["fresh"]["whole"], true);
        // Another machine that was never interrupted has the same.
        shop.configure(|config| config.replace("ledger.db", "other.db"));
        sync(&shop, &[]);
        let other = list(&shop, &[]);
        assert_eq!((all["count"].as_u64(), ids(&all)), (other["count"].as_u64(), ids(&other)), "{api:?}");
        assert!(half["count"].as_u64() < all["count"].as_u64(), "{api:?}: {}", half["count"]);
    }
}

#[test]
fn a_provider_that_has_enough_for_now_is_asked_again_when_it_said() {
    for (api, route) in [(Api::V2, "/payments-by-cursor"), (Api::V1, "/payments/status/*")] {
        let shop = Shop::with(api, &["--seed", "600", "--rng", "7"]);
        let full = |seconds: u32| {
            let rule = json!({"kind": "status", "status": 429, "retryAfter": seconds, "process": false,
                "count": 1, "skip": 1, "method": "GET", "route": route});
            shop.sandbox.fault(&rule);
        };
        full(3_600);
        let told = shop.run(&["payment", "sync", "--json"]).expect(1);
        assert_eq!(told.json()["problem"], "later", "{api:?}");
        let kept = list(&shop, &[]);
        assert_eq!(kept["fresh"]["whole"], false, "{api:?}");
        assert!(kept["count"].as_u64() > Some(0), "{api:?}: what came before it stays");
        full(1);
        assert_eq!(sync(&shop, &[])["fresh"]["whole"], true, "{api:?}");
        assert!(list(&shop, &[])["count"].as_u64() > kept["count"].as_u64(), "{api:?}");
    }
}

#[test]
fn a_payment_is_found_by_everything_that_people_have() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let ours = pay(
            &shop,
            "1000",
            "정수기 렌탈",
            &[
                "--order-id",
                "findme20261121x",
                "--note",
                "문 앞에서 확인",
                "--customer-name",
                "김하늘",
                "--customer-phone",
                "010-2000-3456",
            ],
        );
        let other = ["--order-id", "another20261122", "--note", "경비실", "--customer-name", "박도윤"];
        let phone = ["--customer-phone", "010-7000-8912"];
        let other = pay(&shop, "2000", "시험", &[&other[..], &phone].concat());
        sync(&shop, &[]);
        let card = ours["card"]["last4"].as_str().unwrap();
        let approval = ours["approval_number"].as_str().unwrap();
        let issuer = ours["issuer"].as_str().unwrap();
        for (by, query) in [
            ("order id", "findme2026"),
            ("inside of it", "me20261121"),
            ("customer", "하늘"),
            ("initials", "ㄱㅎㄴ"),
            ("phone", "2000-3456"),
            ("digits of it", "20003456"),
            ("approval number", approval),
            ("last four", card),
            ("issuer", issuer),
            ("order name", "렌탈"),
            ("its initials", "ㅈㅅㄱ"),
            ("note", "앞에서"),
        ] {
            let found = list(&shop, &["--search", query]);
            let mut expected = BTreeSet::from(["findme20261121x".to_owned()]);
            // Cards and approval numbers are drawn: the other one may have the same digits somewhere.
            if other.to_string().contains(query) {
                expected.insert("another20261122".to_owned());
            }
            assert_eq!(ids(&found), expected, "{api:?} {by} {query}: {found}");
        }
        // The same words choose what is written to a file.
        let out = shop.path("found.jsonl");
        let mut command =
            shop.command(&["payment", "export", "--search", "ㄱㅎㄴ", "--reason", "확인", "--json"]);
        command.args(["--format", "jsonl", "--columns", "id", "--output"]).arg(&out);
        assert_eq!(finish(command, "").expect(0).json()["rows"], 1);
        assert!(std::fs::read_to_string(&out).unwrap().contains("findme20261121x"));
        assert_eq!(list(&shop, &["--search", "없는사람"])["count"], 0);
        let least = list(&shop, &["--least", "1,500"]);
        assert_eq!(least["count"], 1, "{least}");
        assert_eq!(list(&shop, &["--state", "failed"])["count"], 0);
        assert_eq!(list(&shop, &["--method", "card", "--state", "paid"])["count"], 2);
        assert_eq!(list(&shop, &["--live"])["count"], 0);
        assert_eq!(list(&shop, &["--recurring"])["count"], 0);
        let wrong = shop.run(&["payment", "list", "--state", "gone", "--json"]).expect(2).json();
        assert_eq!(wrong["fields"], json!(["state"]));
    }
}

#[test]
fn one_that_was_refunded_shows_so_at_once() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let id = id_of(&shop.pay(&Card::approved(), &[]).expect(0));
        sync(&shop, &[]);
        let cancel =
            ["payment", "cancel", &id, "--amount", "400", "--reason", "고객 요청", "--yes", "--json"];
        shop.run(&cancel).expect(0);
        let found = list(&shop, &["--state", "partial_cancelled"]);
        assert_eq!(found["payments"][0]["balance"], 600, "{api:?}: {found}");
    }
}

fn export(shop: &Shop, more: &[&str]) -> Run {
    let output = shop.path("out.csv");
    let base = ["payment", "export", "--reason", "세무 신고", "--json", "--output", output.to_str().unwrap()];
    finish(shop.command(&[&base[..], more].concat()), "")
}

#[test]
fn an_export_opens_in_a_spreadsheet_and_is_in_the_books() {
    let shop = Shop::open(Api::V2);
    pay(&shop, "1000", "=1+1", &["--customer-name", "김하늘", "--customer-phone", "01020003456"]);
    pay(&shop, "2000", "시험", &[]);
    sync(&shop, &[]);
    let columns = "id,state,amount,customer_name,customer_phone,order_name";
    let run =
        export(&shop, &["--columns", columns, "--lang", "ko", "--least", "1", "--most", "1500"]).expect(0);
    assert_eq!(run.json()["rows"], 1, "{run:?}");
    let path = shop.path("out.csv");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let bytes = std::fs::read(&path).unwrap();
    let text = std::str::from_utf8(&bytes).unwrap().strip_prefix('\u{feff}').unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(
        reader.headers().unwrap(),
        vec!["주문번호", "상태", "결제금액", "고객명", "전화번호", "주문명"]
    );
    let row = reader.records().next().unwrap().unwrap();
    assert_eq!(
        row.iter().skip(1).collect::<Vec<_>>(),
        ["결제 완료", "1000", "김하늘", "010-2000-3456", "'=1+1"]
    );
    // A file that is there stays, unless it is to be replaced.
    let again = export(&shop, &[]).expect(1).json();
    assert_eq!(again["problem"], "file_not_written");
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    assert_eq!(export(&shop, &["--replace", "--format", "jsonl"]).expect(0).json()["rows"], 2);
    let lines = std::fs::read_to_string(&path).unwrap();
    for line in lines.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        assert_eq!(row["state"], "paid");
    }
    let silent =
        shop.run(&["payment", "export", "--reason", " ", "--output", "x", "--json"]).expect(2).json();
    assert_eq!(silent["fields"], json!(["reason"]));
    let database = rusqlite::Connection::open(shop.path("ledger.db")).unwrap();
    let kept: Vec<(String, i64)> = database
        .prepare("SELECT reason, rows FROM exports ORDER BY seq")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(kept, [("세무 신고".to_owned(), 1), ("세무 신고".to_owned(), 2)]);
}

#[test]
fn a_killed_export_leaves_no_half_file_under_its_name_and_the_next_one_clears_it_away() {
    let shop = Shop::open(Api::V2);
    pay(&shop, "1000", "시험", &["--customer-name", "김하늘"]);
    sync(&shop, &[]);
    let output = shop.path("out.csv");
    let base = ["payment", "export", "--reason", "세무 신고", "--json", "--output", output.to_str().unwrap()];
    let mut child = stop_at(shop.command(&base), "", "exporting").unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!output.exists());
    let halves = || {
        let names = std::fs::read_dir(shop.folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().ends_with(".danmal-part")).count()
    };
    assert_eq!(halves(), 1, "the kill came too late");
    export(&shop, &[]).expect(0);
    assert!(output.exists());
    assert_eq!(halves(), 0);
}
