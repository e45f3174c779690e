//! Circumstances that the program does not choose: killed while the provider works, tokens that end, clocks that
//! disagree, a ledger that may only be read; and what the kernel knows of the process.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::id_of;
use super::support::{Api, Card, PROGRAM, Shop, finish, start};

/// Somebody who is not root, for tests that root would pass without looking.
const NOBODY: u32 = 65534;

fn am_root() -> bool {
    rustix::process::getuid().is_root()
}

/// What cannot be tried is said loudly.
fn cannot(why: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "\n*** NOT CHECKED: {why} ***\n");
}

#[test]
fn a_kill_while_the_provider_works_is_found_paid_once() {
    for api in Api::ALL {
        let shop = Shop::open(api);
        shop.sandbox.fault(
            &json!({"kind": "delay_after", "millis": 60_000, "count": 1, "route": api.charge_route()}),
        );
        let id = "killedinflight";
        let mut child = start(shop.pay_command(&["--order-id", id]), &Card::approved().line());
        shop.sandbox.wait_until_hit();
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(shop.journal(id)["state"], "sent");
        let settled = shop.settle("600000", &["--wait", "60"]).expect(0).json();
        assert_eq!(settled["settled"][0]["outcome"], "approved", "{settled}");
        assert_eq!((shop.sandbox.charges(api, id), shop.sandbox.attempts()), (1, 1), "{api:?}");
    }
}

#[test]
fn a_token_that_ends_in_mid_call_charges_nothing_by_itself() {
    let shop = Shop::open(Api::V1);
    // The token was good when it was handed out and is not when the charge arrives (V1 §2).
    shop.sandbox.fault(&json!({"kind": "unauthorized", "count": 1, "route": Api::V1.charge_route()}));
    let card = Card::approved();
    let run = shop.pay(&card, &[]);
    let said = run.json();
    assert_eq!(
        (&said["outcome"], &said["problem"]),
        (&json!("not_charged"), &json!("credentials")),
        "{run:?}"
    );
    assert!(run.stderr.contains("No money moved."), "{run:?}");
    assert_eq!(shop.sandbox.attempts(), 0, "nothing is sent a second time");
    assert_eq!(shop.journal(&id_of(&run))["state"], "not_charged");
    // It is a settled first attempt: a person may begin a second one, and no guard is in the way.
    let again = shop.pay(&card, &[]).expect(0);
    assert_eq!((shop.sandbox.charges(Api::V1, &id_of(&again)), shop.sandbox.attempts()), (1, 1));
}

#[test]
fn a_token_that_ends_between_a_lost_answer_and_its_look_up_is_renewed() {
    let shop = Shop::open(Api::V1);
    shop.sandbox.fault(&json!({"kind": "unauthorized", "count": 1, "route": Api::V1.look_up_route()}));
    let run = shop.pay(&Card::ending("0030"), &[]).expect(0);
    assert_eq!(run.json()["outcome"], "approved");
    assert_eq!((shop.sandbox.charges(Api::V1, &id_of(&run)), shop.sandbox.attempts()), (1, 1));
}

#[test]
fn a_token_in_its_last_seconds_is_no_obstacle() {
    let shop = Shop::with(Api::V1, &["--clock", "manual", "--now", &now_and(0)]);
    let advance = |seconds: u32| {
        let body = json!({"advanceSeconds": seconds});
        let (status, answer) = shop.sandbox.ask("POST", "/__sandbox/clock", "", &body);
        assert_eq!(status, 200, "{answer}");
    };
    // One token for the key, shared by every program (V1 §2): the first payment makes it, the next ones find it
    // with 65, 5 and −1 seconds left.
    for (attempt, seconds) in [0, 1_735, 60, 301].into_iter().enumerate() {
        advance(seconds);
        let run = shop.pay(&Card::approved(), &[]).expect(0);
        let charges = shop.sandbox.charges(Api::V1, &id_of(&run));
        assert_eq!((charges, shop.sandbox.attempts()), (1, attempt as u64 + 1), "after {seconds} s");
    }
}

/// The machine's time moved by some days, as the sandbox takes it.
fn now_and(days: i64) -> String {
    (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * days)).to_string()
}

#[test]
fn clocks_that_disagree_lose_nothing_and_charge_nothing_twice() {
    for api in Api::ALL {
        for days in [-400, -1, 1, 300] {
            let shop = Shop::with(api, &["--clock", "manual", "--now", &now_and(days)]);
            shop.sandbox
                .fault(&json!({"kind": "status", "status": 503, "count": 1, "route": api.look_up_route()}));
            let lost = shop.pay(&Card::ending("0030"), &[]).expect(4);
            let settled = shop.settle("600000", &[]).expect(0).json();
            assert_eq!(settled["settled"][0]["outcome"], "approved", "{api:?} {days} {settled}");
            assert_eq!((shop.sandbox.charges(api, &id_of(&lost)), shop.sandbox.attempts()), (1, 1));
            // "Not found" is measured with our clock alone: no clock of theirs makes it come early.
            let never = shop.pay(&Card::ending("0031"), &[]).expect(4);
            let open = shop.settle("600000", &[]).expect(4).json();
            assert_eq!(open["open"][0]["why"], "not_found_yet", "{api:?} {days} {open}");
            shop.settle("0", &[]).expect(0);
            assert_eq!(shop.journal(&id_of(&never))["state"], "not_charged");
        }
    }
}

#[test]
fn a_ledger_that_may_only_be_read_sends_nothing() {
    let shop = Shop::open(Api::V2);
    shop.settle("0", &[]).expect(0);
    let mut command = shop.pay_command(&[]);
    if am_root() {
        // Root may write what is read-only, so somebody else does it.
        for (path, _) in shop.files() {
            chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        chown(shop.folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        command.uid(NOBODY).gid(NOBODY);
    }
    let mode = |path: &std::path::Path, mode: u32| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(&shop.path("ledger.db"), 0o444);
    mode(shop.folder.path(), 0o555);
    if am_root() && !can_run_as_nobody() {
        return cannot("a read-only ledger (the program can't be run as another user here)");
    }
    let run = finish(command, &Card::approved().line());
    mode(shop.folder.path(), 0o700);
    let run = run.expect(1);
    assert_eq!((&run.json()["outcome"], &run.json()["problem"]), (&json!("not_charged"), &json!("ledger")));
    assert!(run.stderr.contains("read") && run.stderr.contains("No money moved."), "{run:?}");
    assert_eq!(shop.sandbox.attempts(), 0);
}

fn can_run_as_nobody() -> bool {
    let mut command = Command::new(PROGRAM);
    command.arg("--version").uid(NOBODY).gid(NOBODY).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

#[test]
fn the_process_leaves_no_core_file_and_its_memory_to_nobody() {
    if am_root() && !can_run_as_nobody() {
        return cannot("core settings (the program can't be run as another user here)");
    }
    let owner = if am_root() { NOBODY } else { rustix::process::getuid().as_raw() };
    for readable in [false, true] {
        let mut command = Command::new(PROGRAM);
        command
            .args(["sandbox", "--listen", "127.0.0.1:0", "--parent-stdin"])
            .env_remove("DANMAL_DEBUG_READABLE")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if am_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        if readable {
            command.env("DANMAL_DEBUG_READABLE", "1");
        }
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        let out = child.stdout.take().unwrap();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line).unwrap();
        assert!(serde_json::from_str::<Value>(&line).is_ok(), "{line}");
        let process = format!("/proc/{}", child.id());
        let limits = std::fs::read_to_string(format!("{process}/limits")).unwrap();
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
        let values: Vec<&str> = core.split_whitespace().skip(4).take(2).collect();
        // The kernel gives the files of a process that is not dumpable to root. That the debug switch shows the
        // owner proves that this looks at the right thing.
        let seen = std::fs::metadata(format!("{process}/environ")).unwrap().uid();
        drop(child.stdin.take());
        child.wait().unwrap();
        assert_eq!(values, ["0", "0"], "{core}");
        assert_eq!(seen, if readable { owner } else { 0 });
    }
}
