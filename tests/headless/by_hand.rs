//! Refunds that stay unknown, settled by a person: shown first, typed, on record, and never against a look-up.

use serde_json::{Value, json};

use super::pty::{Console, Start};
use super::refunds::{cancel, deaf_after_sending, fault, given_back, paid};
use super::support::{Api, Card, Run, Shop, ended, finish, start};

/// A refund of 400 won that never arrived, beside one of the same amount in the provider's console: nobody can tell
/// which it was. The payment and the refund.
fn undecided(shop: &Shop) -> (String, String) {
    let id = paid(shop, &Card::approved());
    fault(shop, "drop_before");
    let lost = cancel(shop, &id, "400", &[]).expect(4).json();
    shop.sandbox.console_refund(&id, 400);
    (id, lost["payment_id"].as_str().unwrap().to_owned())
}

fn settle(shop: &Shop, refund: &str, window: &str, more: &[&str]) -> Run {
    let mut command = shop.command(&[&["settle", "--id", refund], more].concat());
    command.env("DANMAL_DEBUG_SETTLE_MS", window);
    finish(command, "")
}

/// Says what the console shows.
fn say(shop: &Shop, refund: &str, what: &str, amount: &str) -> Run {
    let more = ["--as", what, "--amount", amount, "--reason", "콘솔에서 확인", "--json"];
    settle(shop, refund, "0", &more)
}

#[test]
fn it_is_shown_then_settled_as_a_person_says_and_counts_so_afterwards() {
    for api in Api::ALL {
        for (what, outcome, again) in [("done", "refunded", 5), ("not-done", "not_refunded", 0)] {
            let shop = Shop::open(api);
            let (id, refund) = undecided(&shop);
            let open = shop.settle("0", &[]).expect(4);
            assert_eq!(open.json()["open"][0]["why"], "another_refund", "{api:?}: {open:?}");
            assert!(open.stderr.contains(&format!("settle --id {refund}")), "{open:?}");
            let before = shop.journal(&refund);

            let seen = settle(&shop, &refund, "0", &["--dry-run", "--json"]).expect(0).json();
            assert_eq!((&seen["outcome"], &seen["why"]), (&json!("dry_run"), &json!("another_refund")));
            let evidence = &seen["evidence"];
            assert_eq!((&evidence["before"], &evidence["now"]), (&json!(1000), &json!(600)), "{seen}");
            let one = &evidence["cancellations"][0];
            assert_eq!(
                (&one["amount"], &one["reason"], &one["new"], &one["fits"]),
                (&json!(400), &json!("콘솔에서"), &json!(true), &json!(true)),
                "{api:?}: {seen}"
            );
            assert_eq!(shop.journal(&refund), before, "looking writes nothing");

            let said = say(&shop, &refund, what, "400").expect(0).json();
            assert_eq!((&said["outcome"], &said["refunds"]), (&json!(outcome), &json!(id)), "{said}");
            let after = shop.journal(&refund);
            let (lines, were) = (after["history"].as_array().unwrap(), before["history"].as_array().unwrap());
            assert_eq!((&lines[..were.len()], lines.len()), (&were[..], were.len() + 1), "{after}");
            let last = &lines[were.len()];
            assert_eq!(last["step"], "by_hand");
            let detail = last["detail"].as_str().unwrap();
            assert!(
                detail.starts_with(&what.replace('-', "_")) && detail.ends_with(": 콘솔에서 확인"),
                "{detail}"
            );
            assert_eq!(given_back(&shop, &id), (400, 1), "settling sends nothing");
            assert_eq!(shop.settle("0", &[]).expect(0).json()["unknown"], 0);
            // Another amount goes, and the same one as the guard knows it now.
            cancel(&shop, &id, "100", &[]).expect(0);
            cancel(&shop, &id, "400", &[]).expect(again);
            let given = if again == 0 { (900, 3) } else { (500, 2) };
            assert_eq!(given_back(&shop, &id), given, "{api:?} {what}");
            // Whoever says the opposite now is told that it is settled, and how.
            let opposite = if what == "done" { "not-done" } else { "done" };
            let late = say(&shop, &refund, opposite, "400").expect(1).json();
            assert_eq!(late["outcome"], outcome, "{late}");
            assert_eq!(shop.journal(&refund)["history"], after["history"]);
        }
    }
}

#[test]
fn what_is_not_typed_right_changes_nothing() {
    let shop = Shop::open(Api::V2);
    let (_, refund) = undecided(&shop);
    let before = shop.journal(&refund);
    let silent = settle(&shop, &refund, "0", &["--json"]).expect(2).json();
    assert_eq!(silent["fields"], json!(["as", "reason", "amount"]), "{silent}");
    for amount in ["401", "0", "전부"] {
        let wrong = say(&shop, &refund, "done", amount).expect(2).json();
        assert_eq!((&wrong["outcome"], &wrong["fields"]), (&json!("unknown"), &json!(["amount"])), "{wrong}");
    }
    let more = ["--as", "done", "--amount", "400", "--reason", " ", "--json"];
    let reasonless = settle(&shop, &refund, "0", &more).expect(2).json();
    assert_eq!(reasonless["fields"], json!(["reason"]));
    settle(&shop, "no such id!", "0", &["--dry-run"]).expect(2);
    let nobody = settle(&shop, "nobodyknows1", "0", &["--dry-run", "--json"]).expect(1).json();
    assert_eq!(nobody["problem"], "not_here");
    // The options of this way without an id are no way.
    shop.run(&["settle", "--as", "done"]).expect(2);
    assert_eq!(shop.journal(&refund)["state"], before["state"]);
    assert_eq!(shop.journal(&refund)["history"], before["history"]);
}

#[test]
fn it_is_no_way_around_time_a_look_up_or_another_kind() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let (id, refund) = undecided(&shop);
        let more = ["--as", "done", "--amount", "400", "--reason", "콘솔", "--json"];
        let early = settle(&shop, &refund, "600000", &more).expect(4).json();
        assert_eq!((&early["outcome"], &early["why"]), (&json!("unknown"), &json!("too_early")), "{early}");
        let charge = say(&shop, &id, "done", "1000").expect(2).json();
        assert_eq!(charge["problem"], "unsupported", "{charge}");
        shop.sandbox.fault(&json!({"kind": "drop_before", "method": "GET"}));
        let deaf = say(&shop, &refund, "done", "400").expect(1);
        assert_eq!(deaf.json()["outcome"], "unknown", "{deaf:?}");
        assert!(!deaf.stderr.contains("charge again"), "{deaf:?}");
        shop.sandbox.no_faults();
        assert_eq!(shop.journal(&refund)["state"], "unknown");
        // A refund that a look-up can settle is settled by it, whatever is said.
        let id = paid(&shop, &Card::approved());
        fault(&shop, "drop_before");
        let lost = cancel(&shop, &id, "300", &[]).expect(4).json();
        let said = say(&shop, lost["payment_id"].as_str().unwrap(), "done", "300").expect(1);
        assert_eq!(said.json()["outcome"], "not_refunded", "{api:?}: {said:?}");
        assert!(said.stderr.contains("was not used"), "{said:?}");
    }
}

#[test]
fn one_that_the_provider_is_still_at_waits_and_v1s_that_failed_later_does_not() {
    for api in Api::ALL {
        let shop = Shop::with(api, &["--clock", "manual"]);
        let id = paid(&shop, &Card::ending("0052"));
        let asked = cancel(&shop, &id, "400", &[]).expect(4).json();
        let refund = asked["payment_id"].as_str().unwrap();
        if api == Api::V2 {
            let open = shop.settle("0", &[]).expect(4);
            assert!(!open.stderr.contains("settle --id"), "{open:?}");
            let waits = say(&shop, refund, "done", "400").expect(4).json();
            assert_eq!(waits["why"], "refund_requested", "{waits}");
            continue;
        }
        shop.sandbox.advance(61);
        // V1 tells nothing of a refund that failed later (V1 §12): this would wait for ever.
        let open = shop.settle("0", &[]).expect(4);
        assert!(open.stderr.contains(&format!("settle --id {refund}")), "{open:?}");
        let said = say(&shop, refund, "not-done", "400").expect(0).json();
        assert_eq!((&said["outcome"], &said["problem"]), (&json!("not_refunded"), &json!("by_hand")));
        assert_eq!(said["evidence"]["cancellations"], json!([]), "{said}");
        assert_eq!(shop.settle("0", &[]).expect(0).json()["unknown"], 0);
        assert_eq!(given_back(&shop, &id), (0, 0));
    }
}

#[test]
fn of_two_people_who_say_the_opposite_at_once_one_is_believed_and_the_other_told() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let (_, refund) = undecided(&shop);
        let say = |what: &str| {
            let more = ["--as", what, "--amount", "400", "--reason", "콘솔에서 확인", "--json"];
            let mut command = shop.command(&[&["settle", "--id", &refund], &more[..]].concat());
            command.env("DANMAL_DEBUG_SETTLE_MS", "0");
            start(command, "")
        };
        let runs = [say("done"), say("not-done")].map(ended);
        let mut codes = runs.each_ref().map(|run| run.code);
        codes.sort_unstable();
        assert_eq!(codes, [Some(0), Some(1)], "{api:?}: {runs:?}");
        let outcomes = runs.each_ref().map(|run| run.json()["outcome"].clone());
        assert_eq!(outcomes[0], outcomes[1], "{api:?}: {runs:?}");
        let history = shop.journal(&refund)["history"].clone();
        let words = history.as_array().unwrap().iter().filter(|line| line["step"] == "by_hand");
        assert_eq!(words.count(), 1, "{api:?}: {history}");
    }
}

#[test]
fn on_a_terminal_the_amount_is_asked_for() {
    let shop = Shop::open(Api::V2);
    let (_, refund) = undecided(&shop);
    let config = shop.path("config.toml").display().to_string();
    let args =
        ["--config", &config, "settle", "--id", &refund, "--as", "not-done", "--reason", "콘솔에서 확인"];
    let start = || Start {
        args: args.iter().map(|arg| (*arg).to_owned()).collect(),
        env: vec![("DANMAL_DEBUG_SETTLE_MS", "0".to_owned())],
        size: (100, 24),
        ..Start::default()
    };
    for (typed, code, state) in [("401", 2, "unknown"), ("400", 0, "not_charged")] {
        let mut console = Console::start(&start());
        let screen = console.wait_for("환불 금액(400원)을 입력하세요");
        assert!(screen.contains("콘솔에서") && screen.contains("환불 전 1,000원, 지금 600원"), "{screen}");
        console.send(&format!("{typed}\r"));
        assert_eq!(console.wait_exit(), code, "{}", console.screen());
        assert_eq!(shop.journal(&refund)["state"], state, "{typed}");
    }
    let history = shop.journal(&refund)["history"].clone();
    let last = history.as_array().and_then(|lines| lines.last()).map(|line| &line["step"]);
    assert_eq!(last, Some(&Value::from("by_hand")), "{history}");
}

const TO_HISTORY: &str = "\x1b4";
const F3: &str = "\x1bOR";
const F5: &str = "\x1b[15~";
const F9: &str = "\x1b[20~";
const RIGHT: &str = "\x1b[C";

/// A console on the page of the only payment.
fn page(shop: &Shop) -> Console {
    let config = shop.path("config.toml").display().to_string();
    let mut console = Console::start(&Start {
        args: vec!["--config".to_owned(), config],
        env: vec![("DANMAL_DEBUG_SETTLE_MS", "0".to_owned())],
        ..Start::default()
    });
    console.wait_for("주문명");
    console.send(TO_HISTORY);
    // The row is there, and all of it is read: from here on nothing is asked that was not asked for. What a channel's
    // advice on the page before says of amounts is no row.
    console.wait_until("the payment's row, and the end of the reading", |screen| {
        ["상태 승인 시각", "시험 주문", "방금까지"].iter().all(|text| screen.contains(text))
            && !["건 읽음", "읽는 중"].iter().any(|text| screen.contains(text))
    });
    console.send("\r");
    console.wait_for("지나온 일");
    console
}

#[test]
fn in_the_console_it_is_looked_up_then_typed_then_told_by_the_timeline() {
    for (api, turns, outcome, state) in
        [(Api::V2, 1, "환불됨", "approved"), (Api::V1, 2, "환불 안 됨", "not_charged")]
    {
        let shop = Shop::open(api);
        let (id, refund) = undecided(&shop);
        let mut console = page(&shop);
        console.wait_for("결과를 모르는 환불이 있습니다");
        console.send(F3);
        let form = console.wait_for("> 콘솔의 결과");
        for text in ["400원", "고객 요청", "환불 전 1,000원, 지금 600원", "(이 환불일 수 있음)", "콘솔에서"]
        {
            assert!(form.contains(text), "{api:?}, {text}: {form}");
        }
        assert!(form.contains("아무것도 보내지 않고"), "{form}");
        for _ in 0..turns {
            console.send(RIGHT);
        }
        console.wait_for(&format!("< {outcome} >"));
        console.type_keys("\r401");
        console.wait_for("> 금액 다시 입력");
        // Another amount, and no reason: nothing is asked, each row says what is wrong with it.
        console.send(F9);
        let wrong = console.wait_for("이 환불과 다른 금액");
        assert!(wrong.contains("확인한 내용을 적으세요"), "{wrong}");
        assert_eq!(shop.journal(&refund)["state"], "unknown");
        console.send("\x15");
        console.type_keys("400\r콘솔에서 확인\r");
        let question = console.wait_for("이대로 정리할까요?");
        assert!(question.contains(outcome) && question.contains("400원"), "{question}");
        console.wait_for("Enter: 정리");
        assert_eq!(shop.journal(&refund)["state"], "unknown", "nothing is written before it was confirmed");
        console.send("\r");
        console.wait_for(&format!("'{outcome}'으로 정리했습니다"));
        let after = shop.journal(&refund);
        assert_eq!(after["state"], state, "{after}");
        let last = after["history"].as_array().unwrap().last().unwrap();
        assert_eq!(last["step"], "by_hand");
        assert!(last["detail"].as_str().unwrap().ends_with(": 콘솔에서 확인"), "{last}");
        assert_eq!(given_back(&shop, &id), (400, 1), "settling sends nothing");
        console.send("\r");
        // The page, with the timeline from its end.
        console.wait_until("the page without the key", |screen| {
            screen.contains("F9 환불") && !screen.contains("F3 환불 결과 정리")
        });
        for _ in 0..2 {
            console.send("\x1b[6~");
        }
        let timeline = console.wait_for("것으로 확정");
        assert!(timeline.contains("콘솔에서 확인"), "{timeline}");
        assert_eq!(shop.settle("0", &[]).expect(0).json()["unknown"], 0);
    }
}

#[test]
fn in_the_console_what_somebody_else_said_meanwhile_is_told_and_nothing_settled() {
    let shop = Shop::open(Api::V2);
    let (_, refund) = undecided(&shop);
    let mut console = page(&shop);
    console.wait_for("F3 환불 결과 정리");
    console.send(F3);
    console.wait_for("> 콘솔의 결과");
    say(&shop, &refund, "done", "400").expect(0);
    let before = shop.journal(&refund);
    // The console looks for it all the time it is open.
    let told = console.wait_for("다른 사람이 먼저 정리했습니다");
    assert!(told.contains("아무것도 정리하지 않았습니다"), "{told}");
    console.send("\r");
    console.wait_until("the page without the key", |screen| {
        screen.contains("F9 환불") && !screen.contains("F3 환불 결과 정리")
    });
    assert_eq!(shop.journal(&refund)["history"], before["history"]);
}

#[test]
fn in_the_console_a_look_up_that_decides_after_all_leaves_nothing_to_say() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let id = paid(&shop, &Card::approved());
        let mut console = page(&shop);
        assert!(!console.screen().contains("F3 환불 결과 정리"), "there is nothing to settle yet");
        // Somebody else's refund is done, and its answer and every look-up behind it are lost.
        fault(&shop, "drop_after");
        deaf_after_sending(&shop);
        let lost = cancel(&shop, &id, "400", &[]).expect(4).json();
        let refund = lost["payment_id"].as_str().unwrap();
        shop.sandbox.no_faults();
        console.send(F5);
        console.wait_for("F3 환불 결과 정리");
        assert_eq!(shop.journal(refund)["state"], "unknown", "{api:?}");
        console.send(F3);
        let told = console.wait_for("조회로 결과를 알게 되었습니다");
        assert!(told.contains("아무것도 정리하지 않았습니다"), "{told}");
        let after = shop.journal(refund);
        assert_eq!(after["state"], "approved");
        let steps = after["history"].as_array().unwrap().iter();
        assert!(steps.map(|line| &line["step"]).all(|step| step != "by_hand"), "{after}");
        assert_eq!(given_back(&shop, &id), (400, 1));
    }
}
