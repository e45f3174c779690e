//! The program without a screen, whole: the real binary against its own sandbox.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

#[path = "headless/accounts.rs"]
mod accounts;
#[path = "headless/adverse.rs"]
mod adverse;
#[path = "headless/books.rs"]
mod books;
#[path = "headless/by_hand.rs"]
mod by_hand;
#[path = "headless/channels.rs"]
mod channels;
#[path = "headless/close.rs"]
mod close;
#[path = "headless/close_schedules.rs"]
mod close_schedules;
#[path = "headless/history.rs"]
mod history;
#[path = "headless/keys.rs"]
mod keys;
#[path = "support/pty.rs"]
mod pty;
#[path = "headless/receipts.rs"]
mod receipts;
#[path = "headless/refunds.rs"]
mod refunds;
#[path = "headless/saved.rs"]
mod saved;
#[path = "headless/schedules.rs"]
mod schedules;
#[path = "support/mod.rs"]
mod support;

use serde_json::{Value, json};
use support::{Api, Card, PROGRAM, Run, Shop, ended, finish, holds_digits, start, start_until};

fn id_of(run: &Run) -> String {
    run.json()["payment_id"].as_str().unwrap().to_owned()
}

#[test]
fn an_approved_card_is_charged_once_and_told_in_full() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let card = Card::approved();
        let run = shop.pay(&card, &["--installments", "0"]).expect(0);
        let said = run.json();
        assert_eq!(said["outcome"], "approved", "{api:?}");
        assert_eq!(
            (&said["amount"], &said["currency"], &said["mode"]),
            (&json!(1000), &json!("KRW"), &json!("TEST"))
        );
        assert_eq!(said["card"], json!({"bin": card.number[..6], "last4": card.number[12..]}));
        assert!(said["approval_number"].as_str().is_some_and(|number| !number.is_empty()), "{said}");
        assert!(said["receipt_url"].as_str().is_some_and(|url| url.starts_with("http")), "{said}");
        let id = id_of(&run);
        assert_eq!((shop.sandbox.charges(api, &id), shop.sandbox.attempts()), (1, 1));
        let journal = shop.journal(&id);
        assert_eq!(journal["state"], "approved");
        let steps: Vec<&str> = journal["history"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| line["step"].as_str().unwrap())
            .collect();
        assert_eq!(&steps[..2], ["intended", "sent"]);
        let audit = &journal["history"].as_array().unwrap()[2];
        assert_eq!((audit["step"].as_str(), audit["detail"].as_str()), (Some("noted"), Some("residue=0")));
    }
}

#[test]
fn a_human_sentence_names_amount_approval_and_test_mode() {
    let shop = Shop::open(Api::V2);
    let base = ["pay", "--amount", "4.5만", "--order-name", "관리비", "--yes", "--card-stdin"];
    let korean =
        finish(shop.command(&[&["--lang", "ko"], &base[..]].concat()), &Card::approved().line()).expect(0);
    assert!(korean.stdout.starts_with("[테스트 TEST] 승인되었습니다: 45,000원, 승인번호 "), "{korean:?}");
    let english =
        finish(shop.command(&[&base[..], &["--channel", "live"]].concat()), &Card::approved().line())
            .expect(0);
    assert!(english.stdout.starts_with("[LIVE] Approved: 45,000 won, approval number "), "{english:?}");
    assert_eq!((korean.stderr.as_str(), english.stderr.as_str()), ("", ""));
}

#[test]
fn a_declined_card_says_what_to_do_next() {
    // V1 tells some refusals with a payment that failed and others with a code alone (V1 §3.1).
    for (api, last4, field) in [
        (Api::V2, "0001", None),
        (Api::V2, "0006", Some("pin")),
        (Api::V1, "0001", None),
        (Api::V1, "0004", Some("expiry")),
    ] {
        let shop = Shop::open(api);
        let run = shop.pay(&Card::ending(last4), &[]).expect(3);
        let said = run.json();
        assert_eq!(said["outcome"], "declined", "{api:?} {last4}");
        assert!(said["provider_message"].as_str().is_some_and(|message| !message.is_empty()), "{said}");
        assert!(said["advice"].as_str().is_some(), "{said}");
        assert_eq!(said["fields"].as_array().unwrap().first().and_then(Value::as_str), field, "{said}");
        assert!(run.stderr.contains("No money moved."), "{run:?}");
        assert!(run.stderr.contains(&id_of(&run)), "{run:?}");
        assert_eq!(shop.sandbox.charges(api, &id_of(&run)), 0);
        assert_eq!(shop.journal(&id_of(&run))["state"], "declined");
    }
}

#[test]
fn hostile_words_of_a_provider_reach_the_terminal_harmless() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let run = shop.pay(&Card::ending("0011"), &[]).expect(3);
        for text in [&run.stdout, &run.stderr] {
            assert!(
                !text.trim_end().chars().any(|ch| (ch.is_control() && ch != '\n') || ch == '\u{202e}'),
                "{text:?}"
            );
        }
    }
}

#[test]
fn an_id_is_never_charged_twice() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let id = "order20261121a";
        shop.pay(&Card::approved(), &["--order-id", id]).expect(0);
        let again = shop.pay(&Card::approved(), &["--order-id", id]).expect(5).json();
        assert_eq!((&again["outcome"], &again["guard"]), (&json!("blocked"), &json!(id)));
        // Another machine, whose ledger knows nothing of it.
        shop.configure(|config| config.replace("ledger.db", "other.db"));
        let elsewhere = shop.pay(&Card::approved(), &["--order-id", id]).expect(5).json();
        assert_eq!((&elsewhere["outcome"], &elsewhere["guard"]), (&json!("blocked"), &json!(id)));
        assert_eq!((shop.sandbox.charges(api, id), shop.sandbox.attempts()), (1, 1), "{api:?}");
    }
}

#[test]
fn an_id_is_for_one_attempt_even_when_that_failed() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let id = "order20261121b";
        shop.pay(&Card::ending("0001"), &["--order-id", id]).expect(3);
        // The same id is the same Idempotency-Key: V2 would repeat its refusal of the other card (V2 §3.1).
        shop.pay(&Card::approved(), &["--order-id", id]).expect(5);
        shop.configure(|config| config.replace("ledger.db", "other.db"));
        shop.pay(&Card::approved(), &["--order-id", id]).expect(5);
        assert_eq!((shop.sandbox.charges(api, id), shop.sandbox.attempts()), (0, 1), "{api:?}");
    }
}

#[test]
fn a_lost_answer_is_looked_up_at_once() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let paid = shop.pay(&Card::ending("0030"), &[]).expect(0);
        assert_eq!(paid.json()["outcome"], "approved");
        assert!(paid.json()["approval_number"].is_string());
        let declined = shop.pay(&Card::ending("0032"), &[]).expect(3);
        assert_eq!(declined.json()["outcome"], "declined");
        // An HTML page in place of an answer says nothing either.
        let html = shop.pay(&Card::ending("0034"), &[]).expect(0);
        assert_eq!(shop.sandbox.charges(api, &id_of(&paid)), 1);
        assert_eq!(shop.sandbox.charges(api, &id_of(&html)), 1);
        assert_eq!(shop.sandbox.charges(api, &id_of(&declined)), 0);
    }
}

#[test]
fn a_lost_answer_is_found_paid_by_settle() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        shop.sandbox
            .fault(&json!({"kind": "status", "status": 503, "count": 1, "route": api.look_up_route()}));
        let run = shop.pay(&Card::ending("0030"), &[]).expect(4);
        assert_eq!(run.json()["outcome"], "unknown");
        assert!(run.stderr.starts_with("Do not charge again."), "{run:?}");
        assert_eq!(shop.journal(&id_of(&run))["state"], "unknown");
        // The provider can't be asked: nothing changes.
        shop.sandbox
            .fault(&json!({"kind": "status", "status": 503, "count": 1, "route": api.look_up_route()}));
        let failed = shop.settle("0", &[]).expect(1).json();
        assert_eq!((&failed["unknown"], &failed["open"][0]["problem"]), (&json!(1), &json!("unreadable")));
        assert_eq!(shop.journal(&id_of(&run))["state"], "unknown");
        let settled = shop.settle("0", &[]).expect(0).json();
        assert_eq!(settled["settled"][0]["outcome"], "approved");
        assert!(settled["settled"][0]["approval_number"].is_string());
        assert_eq!(shop.settle("0", &[]).expect(0).json()["settled"], json!([]));
        assert_eq!(shop.sandbox.charges(api, &id_of(&run)), 1);
    }
}

#[test]
fn a_lost_answer_is_found_not_charged_only_after_the_window() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let run = shop.pay(&Card::ending("0031"), &[]).expect(4);
        assert_eq!((&run.json()["outcome"], &run.json()["why"]), (&json!("unknown"), &json!("reset")));
        let open = shop.settle("600000", &[]).expect(4).json();
        assert_eq!((&open["unknown"], &open["open"][0]["why"]), (&json!(1), &json!("not_found_yet")));
        let settled = shop.settle("0", &[]).expect(0).json();
        assert_eq!(settled["settled"][0]["outcome"], "not_charged");
        assert_eq!(shop.sandbox.charges(api, &id_of(&run)), 0);
    }
}

#[test]
fn a_charge_that_happens_after_its_connection_broke_is_found() {
    for api in Api::ALL {
        let shop = Shop::with(api, &["--slow-seconds", "0.5"]);
        let run = shop.pay(&Card::ending("0033"), &[]);
        let run = if run.code == Some(0) { run } else { run.expect(4) };
        let settled = shop.settle("600000", &["--wait", "60"]).expect(0).json();
        assert_eq!(settled["unknown"], 0);
        assert_eq!(shop.journal(&id_of(&run))["state"], "approved");
        assert_eq!(shop.sandbox.charges(api, &id_of(&run)), 1);
    }
}

#[test]
fn answers_that_make_no_sense_are_unknown_and_never_charged_again() {
    for api in Api::ALL {
        for fault in [
            json!({"kind": "truncate"}),
            json!({"kind": "html"}),
            json!({"kind": "huge", "bytes": 200_000}),
            json!({"kind": "not_json"}),
            json!({"kind": "status", "status": 500, "process": true}),
            json!({"kind": "status", "status": 302, "process": true}),
            json!({"kind": "drop_after"}),
        ] {
            let shop = Shop::open(api);
            let mut rule = fault.clone();
            rule["count"] = json!(1);
            rule["route"] = json!(api.charge_route());
            shop.sandbox.fault(&rule);
            shop.sandbox
                .fault(&json!({"kind": "status", "status": 500, "count": 1, "route": api.look_up_route()}));
            let run = shop.pay(&Card::approved(), &[]).expect(4);
            assert_eq!(run.json()["outcome"], "unknown", "{fault}");
            let settled = shop.settle("0", &[]).expect(0).json();
            assert_eq!(settled["settled"][0]["outcome"], "approved", "{fault}");
            assert_eq!((shop.sandbox.charges(api, &id_of(&run)), shop.sandbox.attempts()), (1, 1), "{fault}");
        }
    }
}

#[test]
fn a_wrong_secret_names_the_profile() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let line = if api == Api::V2 { "api_secret = \"" } else { "imp_secret = \"" };
        shop.configure(|config| config.replace(line, &format!("{line}x")));
        let run = shop.pay(&Card::approved(), &[]).expect(2);
        assert_eq!(run.json()["problem"], "credentials");
        assert!(run.stderr.contains("profile main"), "{run:?}");
        assert!(!format!("{run:?}").contains("for-tests-only"), "{run:?}");
        assert_eq!(shop.sandbox.attempts(), 0);
        assert_eq!(shop.journal(&id_of(&run))["state"], "not_charged");
    }
}

#[test]
fn the_guard_stops_the_same_card_and_amount_until_a_reason_is_given() {
    let shop = Shop::open(Api::V2);
    let card = Card::approved();
    let first = shop.pay(&card, &[]).expect(0);
    let stopped = shop.pay(&card, &[]).expect(5);
    let said = stopped.json();
    assert_eq!((&said["outcome"], &said["guard"]), (&json!("blocked"), &json!(id_of(&first))));
    assert!(stopped.stderr.contains("--duplicate-reason"), "{stopped:?}");
    shop.pay(&card, &["--duplicate-reason", " "]).expect(2);
    assert_eq!(shop.sandbox.attempts(), 1);
    let second = shop.pay(&card, &["--duplicate-reason", "두 번째 상품"]).expect(0);
    assert_eq!(shop.journal(&id_of(&second))["guard_reason"], "두 번째 상품");
    assert_eq!(shop.sandbox.attempts(), 2);
}

#[test]
fn nothing_is_sent_when_the_ledger_cannot_be_written() {
    let shop = Shop::open(Api::V2);
    // A folder that is a file.
    std::fs::write(shop.path("file"), "").unwrap();
    shop.configure(|config| config.replace("ledger.db", "file/ledger.db"));
    let run = shop.pay(&Card::approved(), &[]).expect(1);
    assert_eq!(run.json()["problem"], "ledger");
    // A database that refuses the row, as a read-only one does for users that are not root.
    shop.configure(|config| config);
    assert_eq!(shop.settle("0", &[]).expect(0).json()["unknown"], 0);
    let database = rusqlite::Connection::open(shop.path("ledger.db")).unwrap();
    database
        .execute_batch(
            "CREATE TRIGGER full BEFORE INSERT ON intents BEGIN SELECT RAISE(FAIL, 'disk is full'); END;",
        )
        .unwrap();
    let run = shop.pay(&Card::approved(), &[]).expect(1);
    assert_eq!((&run.json()["outcome"], &run.json()["problem"]), (&json!("not_charged"), &json!("ledger")));
    assert!(run.stderr.contains("disk is full"), "{run:?}");
    // The row goes in and the step behind it does not: still nothing is sent.
    database
        .execute_batch(
            "DROP TRIGGER full;
             CREATE TRIGGER full BEFORE UPDATE ON intents BEGIN SELECT RAISE(FAIL, 'disk is full'); END;",
        )
        .unwrap();
    shop.pay(&Card::approved(), &[]).expect(1);
    assert_eq!(shop.sandbox.attempts(), 0);
}

#[test]
fn a_full_disk_sends_nothing() {
    let shop = Shop::open(Api::V2);
    shop.settle("0", &[]).expect(0);
    // No file may grow: what a full disk looks like from inside.
    let pay = shop.pay_command(&[]);
    let mut command = std::process::Command::new("sh");
    command
        .args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\""])
        .arg(pay.get_program())
        .args(pay.get_args());
    command.env_clear().env("LC_ALL", "en_US.UTF-8").env("HOME", shop.folder.path());
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let run = finish(command, &Card::approved().line()).expect(1);
    assert_eq!((&run.json()["outcome"], &run.json()["problem"]), (&json!("not_charged"), &json!("ledger")));
    assert_eq!(shop.sandbox.attempts(), 0);
}

#[test]
fn card_data_in_arguments_or_environment_is_refused_unseen() {
    let shop = Shop::open(Api::V2);
    let card = Card::approved();
    let grouped: Vec<&str> =
        card.number.as_bytes().chunks(4).map(|four| std::str::from_utf8(four).unwrap()).collect();
    let hidden = |run: Run| {
        let run = run.expect(2);
        let all = format!("{}{}", run.stdout, run.stderr);
        assert!(!holds_digits(all.as_bytes(), &card.number, 6), "{all}");
        assert!(!all.contains(&card.identity), "{all}");
    };
    let line = card.line();
    for arguments in [
        vec!["--card", &card.number],
        vec!["--number", &card.number],
        vec!["--pin", &card.pin],
        vec!["--identity", &card.identity],
        vec!["--order-name", &card.number],
        vec!["--order-name", &grouped.join(" ")],
        vec!["--amount", &grouped.join("-")],
        vec!["--card-stdin", &line],
        vec![&card.number],
        vec![&card.identity],
        vec!["--installments", &card.identity],
    ] {
        hidden(shop.pay(&card, &arguments));
    }
    hidden(shop.run(&["payment", "show", &card.number]));
    hidden(shop.run(&[&card.number]));
    for (name, value) in [("DANMAL_NOTE", card.number.clone()), ("DANMAL_PIN", card.pin.clone())] {
        let mut command = shop.pay_command(&[]);
        command.env(name, value);
        let run = finish(command, &line);
        assert!(run.stderr.contains(name), "{run:?}");
        hidden(run);
    }
    assert_eq!(shop.sandbox.attempts(), 0);
    assert!(!shop.path("ledger.db").exists());
}

#[test]
fn malformed_card_lines_are_named_and_not_repeated() {
    let shop = Shop::open(Api::V2);
    let card = Card::approved();
    let whole = card.line();
    for (line, field) in [
        (String::new(), "card-stdin"),
        ("\n".to_owned(), "card-stdin"),
        (whole[..whole.len() / 2].to_owned(), "card-stdin"),
        (card.number.clone(), "card-stdin"),
        (whole.replace("\"number\"", "\"cvc\""), "card-stdin"),
        (whole.replace("\"pin\":\"", "\"pin\":\"x"), "card-stdin"),
        (whole.replace(&card.number, &card.number.repeat(2)), "card-stdin"),
        (whole.replace(&card.number, &card.number[..11]), "number"),
        (whole.replace(&card.expiry, "13/30"), "expiry"),
        (whole.replace(&card.expiry, "01/20"), "expiry"),
        (whole.replace(&card.identity, "991340"), "identity"),
        (whole.replace(&format!("\"{}\"", card.pin), "\"1\""), "pin"),
        (whole.replace("\"pin\"", "\"number\""), "card-stdin"),
    ] {
        let run = finish(shop.pay_command(&[]), &line).expect(2);
        assert_eq!(run.json()["fields"], json!([field]), "{field}");
        let all = format!("{}{}", run.stdout, run.stderr);
        assert!(!holds_digits(all.as_bytes(), &card.number, 6), "{all}");
        assert!(run.stderr.contains("No money moved."), "{run:?}");
    }
    assert_eq!(shop.sandbox.attempts(), 0);
}

#[test]
fn what_the_pg_or_the_contract_rules_out_is_refused_with_its_option_named() {
    let shop = Shop::open(Api::V2);
    let pay = |more: &[&str]| {
        let base = ["pay", "--yes", "--card-stdin", "--json"];
        finish(shop.command(&[&base[..], more].concat()), &Card::approved().line())
    };
    let good = ["--amount", "50000", "--order-name", "관리비"];
    for (more, field) in [
        (&["--order-name", "a"][..], "amount"),
        (&["--amount", "0", "--order-name", "a"], "amount"),
        (&["--amount", "오만", "--order-name", "a"], "amount"),
        (&["--amount", "1000"], "order-name"),
        (&["--amount", "1000", "--order-name", "a\u{1b}[2J"], "order-name"),
        (&[&good[..], &["--channel", "none"]].concat(), "channel"),
        (&[&good[..], &["--installments", "5"]].concat(), "installments"),
        (&[&good[..], &["--installments", "1"]].concat(), "installments"),
        (&[&good[..], &["--channel", "inicis", "--installments", "3"]].concat(), "installments"),
        (&[&good[..], &["--tax-free", "60000"]].concat(), "tax-free"),
        (&[&good[..], &["--order-id", "no-dash"]].concat(), "order-id"),
        (&[&good[..], &["--customer-email", "nobody"]].concat(), "customer-email"),
        (&[&good[..], &["--customer-phone", "call me"]].concat(), "customer-phone"),
        (&[&good[..], &["--currency", "USD"]].concat(), "currency"),
    ] {
        let run = pay(more).expect(2);
        let fields = run.json()["fields"].as_array().unwrap().clone();
        assert!(fields.contains(&json!(field)), "{field}: {run:?}");
    }
    pay(&[&good[..], &["--installments", "3"]].concat()).expect(0);
    assert_eq!(shop.sandbox.attempts(), 1);
}

#[test]
fn without_yes_or_without_the_card_nothing_happens() {
    let shop = Shop::open(Api::V2);
    for missing in ["--yes", "--card-stdin"] {
        let base = ["pay", "--amount", "1000", "--order-name", "a", "--json", "--yes", "--card-stdin"];
        let arguments: Vec<&str> = base.into_iter().filter(|argument| *argument != missing).collect();
        let run = finish(shop.command(&arguments), &Card::approved().line()).expect(2);
        assert!(run.stderr.contains(missing), "{run:?}");
        assert_eq!(run.json()["fields"], json!([missing.trim_start_matches('-')]));
    }
    assert_eq!(shop.sandbox.attempts(), 0);
}

#[test]
fn addresses_that_must_not_be_used_are_refused_and_dead_ones_send_nothing() {
    let shop = Shop::open(Api::V2);
    let url = shop.sandbox.url().to_owned();
    for bad in ["http://example.com", "ftp://127.0.0.1", "https://user:secret@example.com", "nonsense"] {
        shop.configure(|config| config.replace(&url, bad));
        let run = shop.pay(&Card::approved(), &[]).expect(2);
        assert_eq!(run.json()["problem"], "config");
        assert!(run.stderr.contains("base_url"), "{run:?}");
    }
    // A port that was free a moment ago, on an address of this machine that nobody listens on.
    shop.configure(|config| config.replace(&url, "http://127.0.0.1:1"));
    let run = shop.pay(&Card::approved(), &[]).expect(1);
    assert_eq!(
        (&run.json()["outcome"], &run.json()["problem"]),
        (&json!("not_charged"), &json!("unreachable"))
    );
    shop.settle("0", &[]).expect(0);
}

#[test]
fn being_told_to_end_in_flight_is_unknown() {
    for (api, name) in [(Api::V1, "TERM"), (Api::V2, "TERM"), (Api::V2, "INT"), (Api::V2, "HUP")] {
        let shop = Shop::open(api);
        shop.sandbox.fault(
            &json!({"kind": "delay_before", "millis": 60_000, "count": 1, "route": api.charge_route()}),
        );
        let child = start(shop.pay_command(&[]), &Card::approved().line());
        shop.sandbox.wait_until_hit();
        let signal = match name {
            "TERM" => rustix::process::Signal::TERM,
            "INT" => rustix::process::Signal::INT,
            _ => rustix::process::Signal::HUP,
        };
        rustix::process::kill_process(rustix::process::Pid::from_child(&child), signal).unwrap();
        let run = ended(child).expect(4);
        assert_eq!(
            (&run.json()["outcome"], &run.json()["why"]),
            (&json!("unknown"), &json!("stopped")),
            "{name}"
        );
        assert_eq!(shop.journal(&id_of(&run))["state"], "sent");
    }
}

/// Every step of the journal at which the program can be killed.
const STEPS: [&str; 5] = ["intended", "sent", "answered", "approved", "unseen"];

#[test]
fn a_kill_at_any_step_leaves_no_unknown_and_no_second_charge() {
    let mut stopped = std::collections::BTreeSet::new();
    for api in Api::ALL {
        let shop = Shop::open(api);
        for (kind, last4) in [("approved", None), ("declined", Some("0001")), ("lost", Some("0030"))] {
            for step in STEPS {
                let card = last4.map_or_else(Card::approved, Card::ending);
                let id = format!("kill{step}{kind}{api:?}").to_lowercase();
                let more = ["--order-id", &id];
                match start_until(&shop, &card, step, &more) {
                    Ok(mut child) => {
                        stopped.insert((step, kind));
                        child.kill().unwrap();
                        child.wait().unwrap();
                    }
                    Err(run) => {
                        assert!(matches!(run.code, Some(0 | 3)), "{step} {kind}: {run:?}");
                    }
                }
                let place = format!("{api:?} {kind} at {step}");
                let settled = shop.settle("0", &[]).expect(0).json();
                assert_eq!(settled["unknown"], 0, "{place}");
                let state = shop.journal(&id)["state"].as_str().unwrap().to_owned();
                let charges = shop.sandbox.charges(api, &id);
                let sent = !matches!(step, "intended" | "sent");
                let expected = match (sent, kind) {
                    (false, _) => ("not_charged", 0),
                    (true, "declined") => ("declined", 0),
                    (true, _) => ("approved", 1),
                };
                assert_eq!((state.as_str(), charges), expected, "{place}");
                // What is settled stays so.
                assert_eq!(shop.settle("0", &[]).expect(0).json()["settled"], json!([]), "{place}");
            }
        }
    }
    let reached: Vec<(&str, &str)> = stopped.into_iter().collect();
    assert_eq!(
        reached,
        [
            ("answered", "approved"),
            ("answered", "declined"),
            ("answered", "lost"),
            ("approved", "approved"),
            ("intended", "approved"),
            ("intended", "declined"),
            ("intended", "lost"),
            ("sent", "approved"),
            ("sent", "declined"),
            ("sent", "lost"),
            ("unseen", "lost"),
        ]
    );
}

#[test]
fn a_payment_that_another_console_waits_for_is_left_to_it() {
    let shop = Shop::open(Api::V2);
    let mut child = start_until(&shop, &Card::approved(), "sent", &[]).unwrap();
    let open = shop.settle("600000", &[]).expect(4).json();
    assert_eq!(open["open"][0]["why"], "held_by_another_console");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(shop.settle("0", &[]).expect(0).json()["settled"][0]["outcome"], "not_charged");
}

#[test]
fn no_trace_of_a_card_is_left_in_any_file_nor_in_arguments_or_environment() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let mut secrets = Vec::new();
        for last4 in [None, Some("0001"), Some("0011"), Some("0030"), Some("0031"), Some("0034")] {
            let card = last4.map_or_else(Card::approved, Card::ending);
            let run = shop.pay(&card, &[]);
            assert!(matches!(run.code, Some(0 | 3 | 4)), "{run:?}");
            for text in [&run.stdout, &run.stderr] {
                assert!(!holds_digits(text.as_bytes(), &card.number, 8), "{text}");
            }
            secrets.push(card);
        }
        let card = Card::approved();
        let mut child = start_until(&shop, &card, "answered", &[]).unwrap();
        for name in ["cmdline", "environ"] {
            let bytes = std::fs::read(format!("/proc/{}/{name}", child.id())).unwrap();
            assert!(!bytes.is_empty(), "{name}");
            assert!(!holds_digits(&bytes, &card.number, 8), "{name}");
        }
        secrets.push(card);
        // While the ledger is open its log is beside it.
        let files = shop.files();
        child.kill().unwrap();
        child.wait().unwrap();
        let names: Vec<String> =
            files.iter().map(|(path, _)| path.file_name().unwrap().to_string_lossy().into_owned()).collect();
        for wanted in ["ledger.db", "ledger.db-wal", "danmal.log"] {
            assert!(names.iter().any(|name| name == wanted), "{wanted} is not among {names:?}");
        }
        for (path, bytes) in files.iter().chain(&shop.files()) {
            for card in &secrets {
                assert!(!holds_digits(bytes, &card.number, 8), "{} in {}", card.number, path.display());
            }
        }
        // The search can find: the ending is there, and so would be the rest.
        let ledger = std::fs::read(shop.path("ledger.db")).unwrap();
        let wal = std::fs::read(shop.path("ledger.db-wal")).unwrap_or_default();
        assert!(holds_digits(&[ledger, wal].concat(), &secrets[0].number[..6], 6));
    }
}

#[test]
fn one_payment_can_be_shown() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let id = id_of(&shop.pay(&Card::approved(), &[]).expect(0));
        let shown = shop.run(&["payment", "show", &id, "--json"]).expect(0).json();
        assert_eq!(
            (&shown["provider"]["found"], &shown["provider"]["state"]),
            (&json!(true), &json!("paid"))
        );
        assert_eq!(shown["payment"]["approval_number"], shown["provider"]["approval_number"]);
        let human = shop.run(&["payment", "show", &id]).expect(0);
        assert!(human.stdout.contains(&id) && human.stdout.contains("approved"), "{human:?}");
        let nobody = shop.run(&["payment", "show", "nobodyknowsit", "--json"]).expect(1).json();
        assert_eq!((&nobody["payment"], &nobody["provider"]["found"]), (&Value::Null, &json!(false)));
        shop.run(&["payment", "show", "!"]).expect(2);
    }
}

#[test]
fn the_doctor_reaches_the_provider_and_makes_no_ledger() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        let mark = |report: &Value, check: &str| {
            let checks = report["checks"].as_array().unwrap();
            checks.iter().find(|line| line["check"] == check).unwrap_or_else(|| panic!("{report}"))["mark"]
                .clone()
        };
        let report = shop.run(&["doctor", "--json"]).json();
        assert_eq!((mark(&report, "api"), mark(&report, "clock")), (json!("ok"), json!("ok")), "{report}");
        assert!(!shop.path("ledger.db").exists());
        shop.pay(&Card::approved(), &[]).expect(0);
        let report = shop.run(&["doctor", "--json", "--offline"]).json();
        assert_eq!(mark(&report, "ledger"), json!("ok"), "{report}");
        let line = if api == Api::V2 { "api_secret = \"" } else { "imp_secret = \"" };
        shop.configure(|config| config.replace(line, &format!("{line}x")));
        let report = shop.run(&["doctor", "--json"]).expect(2).json();
        assert_eq!(mark(&report, "api"), json!("broken"), "{report}");
    }
}

#[test]
fn completions_and_manual_pages_are_written() {
    let shop = Shop::open(Api::V2);
    for shell in ["bash", "zsh", "fish"] {
        let run = shop.run(&["completions", shell]).expect(0);
        assert!(run.stdout.contains("card-stdin"), "{shell}");
    }
    let folder = shop.path("man");
    shop.run(&["man", folder.to_str().unwrap()]).expect(0);
    for page in ["danmal.1", "danmal-pay.1", "danmal-settle.1"] {
        assert!(folder.join(page).exists(), "{page}");
    }
}

#[test]
fn the_demo_s_child_owns_its_folder_and_takes_it_along() {
    use std::io::{BufRead as _, BufReader};
    let folder = tempfile::tempdir().unwrap();
    let mut child = std::process::Command::new(PROGRAM)
        .args(["demo", "--serve"])
        .env_remove("XDG_RUNTIME_DIR")
        .env("TMPDIR", folder.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let own = std::path::PathBuf::from(lines.next().unwrap().unwrap());
    let ready: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert!(own.starts_with(folder.path()) && own.is_dir() && ready["url"].is_string());
    std::fs::write(own.join("ledger.db"), "").unwrap();
    // However the console ends, also killed, its end of the pipe closes.
    drop(child.stdin.take());
    child.wait().unwrap();
    assert!(!own.exists());
}
