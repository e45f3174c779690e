//! The books without a screen: every close that was kept, what changed between two of them, what was taken out. And a
//! refund that is judged by what the provider tells of the card.

use serde_json::{Value, json};

use super::id_of;
use super::support::{Api, Card, Run, Shop, finish, luhn_sum};

fn close(shop: &Shop, code: i32, more: &[&str]) -> Value {
    shop.run(&[&["close", "--json"], more].concat()).expect(code).json()
}

fn pay(shop: &Shop, id: &str) {
    shop.pay(&Card::approved(), &["--order-id", id]).expect(0);
}

fn listed(shop: &Shop, more: &[&str]) -> Vec<Value> {
    close(shop, 0, &[&["--list"], more].concat())["closes"].as_array().unwrap().clone()
}

/// The change of a kind and, of a sum, of a group and name.
fn change<'a>(changes: &'a Value, kind: &str, group: Option<&str>, name: Option<&str>) -> &'a Value {
    let fits = |change: &&Value| {
        change["change"] == kind && change["group"].as_str() == group && change["name"].as_str() == name
    };
    let found: Vec<&Value> = changes.as_array().unwrap().iter().filter(fits).collect();
    assert_eq!(found.len(), 1, "{kind} {group:?} {name:?}: {changes}");
    found[0]
}

#[test]
fn every_close_is_listed_and_opened_again_as_it_was() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        assert_eq!(listed(&shop, &[]), Vec::<Value>::new());
        let none = shop.run(&["close", "--list"]).expect(0);
        assert!(none.stdout.contains("danmal close --day"), "what to do: {none:?}");
        pay(&shop, "kept00000001");
        let first = close(&shop, 0, &[]);
        pay(&shop, "kept00000002");
        let second = close(&shop, 0, &[]);
        let all = listed(&shop, &[]);
        let seqs: Vec<&Value> = all.iter().map(|line| &line["seq"]).collect();
        assert_eq!(seqs, [&second["seq"], &first["seq"]], "{api:?}: the one that was saved last before");
        let line = &all[1];
        assert_eq!(
            (&line["day"], &line["basis"], &line["agrees"], &line["differences"], &line["notices"]),
            (&first["day"], &json!("changed"), &json!(true), &json!(0), &json!(0)),
            "{line}"
        );
        assert_eq!((&line["operator"], line["made_at"].is_string()), (&first["operator"], true));
        assert_eq!(listed(&shop, &["--limit", "1"]).len(), 1);
        for told in [&first, &second] {
            let seq = told["seq"].to_string();
            let shown = close(&shop, 0, &["--show", "--seq", &seq]);
            assert_eq!(&shown, told, "{api:?}: as it was told then");
        }
        assert_eq!(close(&shop, 0, &["--show"]), second, "the day's last");
        let never = close(&shop, 1, &["--show", "--seq", "999"]);
        assert_eq!((&never["problem"], &never["seq"]), (&json!("not_here"), &Value::Null));
        // One of a form that this program does not know is listed, and not shown as something else.
        let database = rusqlite::Connection::open(shop.path("ledger.db")).unwrap();
        let changed =
            database.execute("UPDATE closes SET body = '{}' WHERE seq = ?1", [first["seq"].as_i64()]);
        assert_eq!(changed.unwrap(), 1);
        assert_eq!(listed(&shop, &[])[1]["agrees"], Value::Null);
        let unreadable = close(&shop, 1, &["--show", "--seq", &first["seq"].to_string()]);
        assert_eq!((&unreadable["problem"], &unreadable["seq"]), (&json!("unreadable"), &first["seq"]));
        let again = close(&shop, 0, &["--show"]);
        assert_eq!((&again["earlier"]["seq"], &again["earlier"]["changes"]), (&first["seq"], &Value::Null));
    }
}

#[test]
fn what_changed_since_is_told_with_what_it_was_and_is() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        pay(&shop, "since0000001");
        close(&shop, 0, &[]);
        pay(&shop, "since0000002");
        let path = "/__sandbox/payments/since0000001/cancel";
        let (status, body) = shop.sandbox.ask("POST", path, "", &json!({"amount": 300, "reason": "콘솔"}));
        assert_eq!(status, 200, "{body}");
        let told = close(&shop, 1, &[]);
        let changes = &told["earlier"]["changes"];
        assert_eq!(told["earlier"]["basis"], "changed");
        let paid = change(changes, "money", Some("paid"), None);
        assert_eq!(
            (&paid["then"], &paid["now"], &paid["env"], &paid["currency"]),
            (
                &json!({"count": 1, "amount": 1000, "cancelled": 0, "net": 1000}),
                &json!({"count": 2, "amount": 2000, "cancelled": 300, "net": 1700}),
                &json!("test"),
                &json!("KRW")
            ),
            "{api:?}"
        );
        let card = change(changes, "money", Some("method"), Some("card"));
        assert_eq!(card["now"]["count"], 2);
        let part = change(changes, "money", Some("state"), Some("partial_cancelled"));
        assert_eq!((&part["then"]["count"], &part["now"]["cancelled"]), (&json!(0), &json!(300)));
        change(changes, "money", Some("operator"), told["operator"].as_str());
        let new = change(changes, "appeared", None, None);
        assert_eq!(
            (&new["id"], &new["what"], &new["then"], &new["now"]["theirs"]["minor"]),
            (&json!("since0000001"), &json!("cancelled_elsewhere"), &Value::Null, &json!(300)),
            "{api:?}: {new}"
        );
        // 200 more: the same difference, and another one.
        let (status, _) = shop.sandbox.ask("POST", path, "", &json!({"amount": 200, "reason": "콘솔"}));
        assert_eq!(status, 200);
        let told = close(&shop, 1, &[]);
        let more = change(&told["earlier"]["changes"], "became", None, None);
        let minor = |at: &str| more[at]["theirs"]["minor"].as_u64();
        assert_eq!((minor("then"), minor("now")), (Some(300), Some(500)), "{more}");
        // In words.
        let shown = shop.run(&["close", "--show"]).expect(1);
        for words in ["before 2 for 2,000", "Difference of since0000001 changed", "300", "500"] {
            assert!(shown.stdout.contains(words), "{words}: {shown:?}");
        }
    }
}

#[test]
fn another_basis_counts_other_payments_and_is_said() {
    let shop = Shop::open(Api::V2);
    pay(&shop, "basis0000001");
    close(&shop, 0, &["--basis", "requested"]);
    pay(&shop, "basis0000002");
    let told = close(&shop, 0, &["--basis", "changed"]);
    assert_eq!(
        (&told["earlier"]["basis"], &told["earlier"]["changes"]),
        (&json!("requested"), &json!([])),
        "{told}"
    );
    let shown = shop.run(&["close", "--show"]).expect(0);
    assert!(shown.stdout.contains("sums are not compared"), "{shown:?}");
}

#[test]
fn what_was_exported_is_listed_with_who_and_why() {
    let shop = Shop::open(Api::V2);
    let exports = |more: &[&str]| -> Run { shop.run(&[&["payment", "exports"], more].concat()).expect(0) };
    assert_eq!(exports(&["--json"]).json()["exports"], json!([]));
    assert!(exports(&[]).stdout.contains("danmal payment export"), "what to do");
    pay(&shop, "export000001");
    shop.run(&["payment", "sync"]).expect(0);
    for (name, columns, reason) in
        [("one.csv", "id,amount", "세무 신고"), ("two.jsonl", "id,customer_name,state", "고객 문의")]
    {
        let path = shop.path(name);
        let file = path.to_str().unwrap();
        let base = ["payment", "export", "--columns", columns, "--reason", reason, "--output", file];
        shop.run(&base).expect(0);
    }
    let told = exports(&["--json"]).json();
    let all = told["exports"].as_array().unwrap();
    assert_eq!(all.len(), 2);
    assert_eq!(
        (&all[0]["reason"], &all[0]["columns"], &all[0]["rows"], &all[1]["reason"]),
        (&json!("고객 문의"), &json!(["id", "customer_name", "state"]), &json!(1), &json!("세무 신고")),
        "newest first: {told}"
    );
    let path = shop.path("two.jsonl");
    assert_eq!(all[0]["path"], path.to_str().unwrap());
    assert_eq!(all[0]["what"], "payments");
    assert!(all[0]["operator"].is_string() && all[0]["host"].is_string() && all[0]["at"].is_string());
    let said = exports(&["--limit", "1"]).stdout;
    assert!(
        said.contains("고객 문의") && said.contains("two.jsonl") && !said.contains("세무 신고"),
        "{said}"
    );
    // Where a name without a folder leads is kept whole.
    let mut command = shop.command(&["payment", "export", "--reason", "이어서", "--output", "three.csv"]);
    command.current_dir(shop.folder.path());
    finish(command, "").expect(0);
    let told = exports(&["--json"]).json();
    let kept = std::path::PathBuf::from(told["exports"][0]["path"].as_str().unwrap());
    assert!(
        kept.is_absolute() && kept.canonicalize().unwrap() == shop.path("three.csv").canonicalize().unwrap()
    );
}

/// A number of a card that was issued abroad: the sandbox gives those that begin with 62 to a company abroad.
fn foreign() -> Card {
    let mut card = Card::approved();
    let rest = card.number[2..].to_owned();
    // One digit in the middle makes the check fit; the ending stays.
    card.number = (0..10)
        .map(|digit| format!("62{}{digit}{}", &rest[..9], &rest[10..]))
        .find(|number| luhn_sum(number).is_multiple_of(10))
        .unwrap();
    card
}

#[test]
fn a_part_of_a_foreign_card_s_payment_is_refused_before_it_is_sent() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let id = id_of(&finish(shop.pay_command(&[]), &foreign().line()).expect(0));
        let cancel = |amount: &str| {
            let base = ["payment", "cancel", &id, "--amount", amount, "--reason", "고객 요청"];
            shop.run(&[&base[..], &["--dry-run", "--json"]].concat())
        };
        let part = cancel("400").json();
        assert_eq!(part["problem"], "refund_blocked", "{api:?}: {part}");
        let rules = part["findings"].as_array().unwrap();
        assert!(rules.iter().any(|finding| finding["rule"] == "part.foreign"), "{api:?}: {part}");
        let whole = cancel("1000").expect(0).json();
        assert_eq!(whole["outcome"], "dry_run", "{api:?}: {whole}");
    }
}
