//! The daily close without a screen: a day that agrees, planted differences that are all found, and the same day
//! closed again.
//!
//! Which test finds which difference:
//!
//! | difference | test |
//! |---|---|
//! | `amount_differs`, `cancelled_elsewhere`, `made_elsewhere`, `mode_differs`, `not_at_provider`, `state_differs`, `still_open` | [`every_planted_difference_is_found_and_told_again_only_as_what_changed`] |
//! | `refund_not_seen` | [`a_refund_that_the_provider_does_not_show_is_told`] |
//! | `schedule_failed`, `schedule_not_run`, `schedule_open` | `close_schedules::schedules_that_did_not_end_well_are_told` |
//! | `schedule_without_payment` | `close_schedules::a_charge_without_a_payment_is_told` |

use serde_json::{Value, json};

use super::id_of;
use super::support::{Api, Card, Shop};

pub(super) fn close(shop: &Shop, code: i32, more: &[&str]) -> Value {
    shop.run(&[&["close", "--json"], more].concat()).expect(code).json()
}

/// Every difference as id and word, in alphabetical order.
pub(super) fn differences(told: &Value) -> Vec<(String, String)> {
    let sides = told["close"]["sides"].as_array().unwrap();
    let mut all: Vec<(String, String)> = sides
        .iter()
        .flat_map(|side| side["differences"].as_array().unwrap())
        .map(|found| (found["id"].as_str().unwrap().to_owned(), found["what"].as_str().unwrap().to_owned()))
        .collect();
    all.sort();
    all
}

fn pay(shop: &Shop, id: &str) {
    shop.pay(&Card::approved(), &["--order-id", id]).expect(0);
}

fn ledger(shop: &Shop, sql: &str) {
    let database = rusqlite::Connection::open(shop.path("ledger.db")).unwrap();
    // Rows are planted that no program would write.
    database.pragma_update(None, "foreign_keys", false).unwrap();
    assert_eq!(database.execute(sql, []).unwrap(), 1, "{sql}");
}

#[test]
fn a_day_that_agrees_is_kept_with_its_totals() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        pay(&shop, "closeday0001");
        pay(&shop, "closeday0002");
        let cancel = [
            "payment",
            "cancel",
            "closeday0002",
            "--amount",
            "400",
            "--reason",
            "고객 요청",
            "--yes",
            "--json",
        ];
        shop.run(&cancel).expect(0);
        let told = close(&shop, 0, &[]);
        assert_eq!((&told["agrees"], &told["problem"]), (&json!(true), &Value::Null), "{api:?}: {told}");
        let side = &told["close"]["sides"][0];
        assert_eq!(side["env"], "test");
        let paid = &side["tallies"][0]["sums"][0];
        assert_eq!(
            (&paid["count"], &paid["amount"], &paid["cancelled"]),
            (&json!(2), &json!(2_000), &json!(400)),
            "{api:?}: {told}"
        );
        let shown = close(&shop, 0, &["--show"]);
        assert_eq!((&shown["seq"], &shown["close"]), (&told["seq"], &told["close"]), "{api:?}");
        let never = shop.run(&["close", "--show", "--day", "2020-01-01", "--json"]).expect(1).json();
        assert_eq!(never["problem"], "not_here");
    }
}

#[test]
fn every_planted_difference_is_found_and_told_again_only_as_what_changed() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        for id in ["agrees0001", "amount0001", "state00001", "mode000001", "refund0001", "open000001"] {
            pay(&shop, id);
        }
        ledger(&shop, "UPDATE intents SET amount = 900 WHERE id = 'amount0001'");
        ledger(&shop, "UPDATE intents SET state = 'not_charged' WHERE id = 'state00001'");
        ledger(&shop, "UPDATE intents SET mode = 'LIVE' WHERE id = 'mode000001'");
        ledger(&shop, "UPDATE intents SET state = 'unknown' WHERE id = 'open000001'");
        shop.sandbox.console_refund("refund0001", 300);
        pay(&shop, "notthere01");
        shop.configure(|config| config.replace("ledger.db", "other.db"));
        pay(&shop, "elsewhere1");
        shop.configure(|config| config);
        ledger(&shop, "UPDATE intents SET id = 'neverwas01' WHERE id = 'notthere01'");
        let told = close(&shop, 1, &[]);
        let found = differences(&told);
        let expected: Vec<(String, String)> = [
            ("amount0001", "amount_differs"),
            ("elsewhere1", "made_elsewhere"),
            ("mode000001", "mode_differs"),
            ("neverwas01", "not_at_provider"),
            ("notthere01", "made_elsewhere"),
            ("open000001", "still_open"),
            ("refund0001", "cancelled_elsewhere"),
            ("state00001", "state_differs"),
        ]
        .map(|(id, what)| (id.to_owned(), what.to_owned()))
        .into();
        assert_eq!(found, expected, "{api:?}: {told}");
        assert_eq!((&told["agrees"], &told["earlier"]), (&json!(false), &Value::Null));
        // Settled, and closed again: only what changed is told.
        let settled = shop.settle("0", &[]).expect(0).json();
        assert_eq!(id_in(&settled), "open000001", "{settled}");
        let again = close(&shop, 1, &[]);
        assert_eq!(again["earlier"]["seq"], told["seq"]);
        let changes = again["earlier"]["changes"].as_array().unwrap();
        assert_eq!(changes.len(), 1, "{api:?}: {again}");
        assert_eq!(
            (&changes[0]["change"], &changes[0]["id"], &changes[0]["what"]),
            (&json!("resolved"), &json!("open000001"), &json!("still_open"))
        );
    }
}

fn id_in(settled: &Value) -> &str {
    settled["settled"][0]["payment_id"].as_str().unwrap_or_default()
}

#[test]
fn a_refund_that_the_provider_does_not_show_is_told() {
    let shop = Shop::open(Api::V2);
    pay(&shop, "notseen001");
    let cancel =
        ["payment", "cancel", "notseen001", "--amount", "400", "--reason", "고객 요청", "--yes", "--json"];
    let refund = id_of(&shop.run(&cancel).expect(0));
    ledger(&shop, &format!("UPDATE intents SET amount = 600 WHERE id = '{refund}'"));
    let told = close(&shop, 1, &[]);
    assert_eq!(differences(&told), [("notseen001".to_owned(), "refund_not_seen".to_owned())], "{told}");
}
