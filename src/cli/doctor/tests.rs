//! What the doctor says about machines that do not exist.

use std::path::PathBuf;

use crate::config::{CredentialProblem, Lang};

use super::{
    Answer, ConfigFact, Facts, LedgerFact, Line, MachineFact, Mark, ReachFact, TerminalFact, diagnose,
    is_broken, json, text,
};

const NOON: &str = "Sat, 21 Nov 2026 03:00:00 GMT";

fn healthy() -> Facts {
    Facts {
        config: ConfigFact::Loaded {
            file: PathBuf::from("/c/config.toml"),
            mode: 0o600,
            credentials: vec![("profiles.main".to_owned(), true, None)],
            foreign: Vec::new(),
            lost_ca: None,
            channels: Vec::new(),
        },
        ledger: Some(LedgerFact {
            path: PathBuf::from("/d/ledger.db"),
            folder_exists: true,
            folder_writable: true,
            folder_mode: Some(0o700),
            files: vec![(PathBuf::from("/d/ledger.db"), 0o600)],
            free_bytes: Some(1 << 30),
            opens: Some(Ok(())),
        }),
        terminal: TerminalFact {
            tty: true,
            size: Some((80, 24)),
            locale: Some("ko_KR.UTF-8".to_owned()),
            term: Some("xterm-256color".to_owned()),
            no_color: true,
            multiplexers: Vec::new(),
        },
        reach: Some(ReachFact {
            profile: "main".to_owned(),
            base_url: "https://api.portone.io".to_owned(),
            answer: Ok(answer(200, Some(NOON), 0)),
        }),
        machine: MachineFact {
            memlock: Some(64 << 10),
            core: Some(0),
            swap: Some(Vec::new()),
            recorders: Vec::new(),
            unreadable: Vec::new(),
        },
    }
}

fn answer(status: u16, date: Option<&str>, skew: i64) -> Answer {
    let noon: jiff::Timestamp = "2026-11-21T03:00:00Z".parse().unwrap();
    let received = jiff::Timestamp::from_second(noon.as_second() + skew).unwrap();
    Answer { status, date: date.map(str::to_owned), received }
}

/// The lines that are not fine, as check and mark.
fn troubles(facts: &Facts) -> Vec<(&'static str, Mark)> {
    let lines = diagnose(facts);
    for line in &lines {
        assert_eq!(line.cure.is_none(), line.mark == Mark::Ok, "{line:?}");
    }
    lines.iter().filter(|line| line.mark != Mark::Ok).map(|line| (line.check, line.mark)).collect()
}

/// What is not fine after `change` was made to a healthy machine.
fn after(change: impl FnOnce(&mut Facts)) -> Vec<(&'static str, Mark)> {
    let mut facts = healthy();
    change(&mut facts);
    troubles(&facts)
}

fn in_ledger(change: impl FnOnce(&mut LedgerFact)) -> Vec<(&'static str, Mark)> {
    after(|facts| change(facts.ledger.as_mut().unwrap()))
}

fn answered(answer: Result<Answer, String>) -> Vec<(&'static str, Mark)> {
    after(|facts| facts.reach.as_mut().unwrap().answer = answer)
}

#[test]
fn a_healthy_machine_has_nothing_to_mend() {
    assert_eq!(troubles(&healthy()), []);
    assert!(!is_broken(&diagnose(&healthy())));
}

#[test]
fn configuration() {
    let with = |mode, problem: Option<CredentialProblem>, needed, foreign: bool, ca: bool| {
        after(|facts| {
            facts.config = ConfigFact::Loaded {
                file: PathBuf::from("/c/config.toml"),
                mode,
                credentials: vec![("profiles.main.api_secret".to_owned(), needed, problem)],
                foreign: if foreign { vec![("main".to_owned(), "https://x".to_owned())] } else { vec![] },
                lost_ca: ca.then(|| PathBuf::from("/ca")),
                channels: Vec::new(),
            };
        })
    };
    let unset = || Some(CredentialProblem::NotSet("A".to_owned()));
    assert_eq!(with(0o644, None, true, false, false), []);
    assert_eq!(with(0o620, None, true, false, false), [("config_mode", Mark::Broken)]);
    assert_eq!(with(0o602, None, true, false, false), [("config_mode", Mark::Broken)]);
    assert_eq!(with(0o600, unset(), true, false, false), [("credential", Mark::Broken)]);
    assert_eq!(with(0o600, unset(), false, false, false), [("credential", Mark::Warn)]);
    assert_eq!(with(0o600, None, true, true, false), [("base_url", Mark::Warn)]);
    assert_eq!(with(0o600, None, true, false, true), [("ca_file", Mark::Broken)]);
}

#[test]
fn every_mistake_of_the_configuration_is_a_line() {
    let origin = crate::config::Origin {
        file: "/c/config.toml".as_ref(),
        mode: Some(0o600),
        data_dir: "/d".as_ref(),
        state_dir: "/s".as_ref(),
    };
    let mistakes = crate::config::Config::parse("[ui]\ntheme = 1\nx = 2\n", &origin).unwrap_err();
    let count = mistakes.as_slice().len();
    let facts = Facts {
        config: ConfigFact::Wrong(mistakes.as_slice().to_vec()),
        ledger: None,
        reach: None,
        ..healthy()
    };
    assert_eq!(troubles(&facts), vec![("config", Mark::Broken); count]);
    assert_eq!(count, 3);
    assert!(is_broken(&diagnose(&facts)));
    let said = text(&diagnose(&facts), Lang::En);
    assert!(said.starts_with("fix   /c/config.toml: profiles: it is not there. -> add this key."), "{said}");
}

#[test]
fn ledger() {
    assert_eq!(in_ledger(|ledger| ledger.opens = None), []);
    assert_eq!(in_ledger(|ledger| ledger.folder_exists = false), []);
    assert_eq!(in_ledger(|ledger| ledger.folder_writable = false), [("ledger_folder", Mark::Broken)]);
    assert_eq!(in_ledger(|ledger| ledger.folder_mode = Some(0o777)), [("ledger_folder", Mark::Broken)]);
    assert_eq!(in_ledger(|ledger| ledger.folder_mode = Some(0o2770)), [("ledger_folder", Mark::Warn)]);
    assert_eq!(in_ledger(|ledger| ledger.files[0].1 = 0o604), [("ledger_mode", Mark::Broken)]);
    assert_eq!(in_ledger(|ledger| ledger.files[0].1 = 0o660), [("ledger_mode", Mark::Warn)]);
    assert_eq!(in_ledger(|ledger| ledger.free_bytes = Some((100 << 20) - 1)), [("ledger_room", Mark::Warn)]);
    assert_eq!(in_ledger(|ledger| ledger.free_bytes = Some((10 << 20) - 1)), [("ledger_room", Mark::Broken)]);
    assert_eq!(in_ledger(|ledger| ledger.free_bytes = None), [("ledger_room", Mark::Warn)]);
    assert_eq!(in_ledger(|ledger| ledger.opens = Some(Err("x".to_owned()))), [("ledger", Mark::Broken)]);
}

#[test]
fn terminal() {
    let with = |change: fn(&mut TerminalFact)| after(|facts| change(&mut facts.terminal));
    assert_eq!(with(|it| it.size = Some((79, 24))), [("terminal", Mark::Broken)]);
    assert_eq!(with(|it| it.size = Some((80, 23))), [("terminal", Mark::Broken)]);
    assert_eq!(with(|it| it.size = None), [("terminal", Mark::Warn)]);
    assert_eq!(with(|it| it.tty = false), [("terminal", Mark::Warn)]);
    assert_eq!(with(|it| it.term = None), [("term", Mark::Broken)]);
    assert_eq!(with(|it| it.term = Some("dumb".to_owned())), [("term", Mark::Broken)]);
    assert_eq!(with(|it| it.locale = None), [("locale", Mark::Warn)]);
    assert_eq!(with(|it| it.locale = Some("ko_KR.eucKR".to_owned())), [("locale", Mark::Warn)]);
    assert_eq!(with(|it| it.locale = Some("C.utf8".to_owned())), []);
    assert_eq!(with(|it| it.multiplexers = vec!["tmux".to_owned()]), [("multiplexer", Mark::Warn)]);
}

#[test]
fn reaching_the_api() {
    assert_eq!(answered(Err("refused".to_owned())), [("api", Mark::Broken)]);
    assert_eq!(answered(Ok(answer(401, Some(NOON), 0))), [("api", Mark::Broken)]);
    assert_eq!(answered(Ok(answer(503, Some(NOON), 0))), [("api", Mark::Warn)]);
    assert_eq!(answered(Ok(answer(404, Some(NOON), 0))), []);
    assert_eq!(after(|facts| facts.reach = None), []);
}

#[test]
fn clocks_are_compared_to_the_second() {
    for (skew, mark) in [
        (0, None),
        (5, None),
        (-5, None),
        (6, Some(Mark::Warn)),
        (-60, Some(Mark::Warn)),
        (61, Some(Mark::Broken)),
        (-61, Some(Mark::Broken)),
    ] {
        let expected: Vec<_> = mark.map(|mark| ("clock", mark)).into_iter().collect();
        assert_eq!(answered(Ok(answer(200, Some(NOON), skew))), expected, "{skew}");
    }
    assert_eq!(answered(Ok(answer(200, None, 0))), [("clock", Mark::Warn)]);
    assert_eq!(answered(Ok(answer(200, Some("soon"), 0))), [("clock", Mark::Warn)]);
}

#[test]
fn machine() {
    let with = |change: fn(&mut MachineFact)| after(|facts| change(&mut facts.machine));
    assert_eq!(with(|it| it.memlock = Some((64 << 10) - 1)), [("memlock", Mark::Broken)]);
    assert_eq!(with(|it| it.memlock = None), []);
    assert_eq!(with(|it| it.core = None), [("core", Mark::Warn)]);
    assert_eq!(with(|it| it.core = Some(1)), [("core", Mark::Warn)]);
    assert_eq!(with(|it| it.swap = None), [("swap", Mark::Warn)]);
    assert_eq!(with(|it| it.swap = Some(vec![("/dev/dm-0".to_owned(), true)])), []);
    let mixed = |it: &mut MachineFact| {
        it.swap = Some(vec![("/dev/dm-0".to_owned(), true), ("/swapfile".to_owned(), false)]);
    };
    assert_eq!(with(mixed), [("swap", Mark::Warn)]);
    assert_eq!(with(|it| it.recorders = vec!["script".to_owned()]), [("recording", Mark::Broken)]);
    assert_eq!(with(|it| it.unreadable = vec!["/etc/pam.d".to_owned()]), [("recording", Mark::Warn)]);
}

#[test]
fn lines_stay_lines_whatever_was_found() {
    let mut facts = healthy();
    facts.ledger.as_mut().unwrap().opens = Some(Err("a\nb\u{1b}[2J".to_owned()));
    facts.reach.as_mut().unwrap().answer = Err("x\ry".to_owned());
    facts.terminal.term = Some("x\u{1b}c".to_owned());
    facts.machine.recorders = vec!["s\u{202e}cript".to_owned()];
    for lang in [Lang::Ko, Lang::En] {
        let said = text(&diagnose(&facts), lang);
        assert_eq!(said.lines().count(), diagnose(&facts).len());
        assert!(!said.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'), "{said:?}");
    }
}

#[test]
fn marks_are_words_of_one_width_on_screen() {
    let mut facts = healthy();
    facts.machine.memlock = Some(0);
    facts.machine.swap = None;
    let said = text(&diagnose(&facts), Lang::Ko);
    assert!(said.contains("\n고침 필요  메모리 잠금 한도 0 KiB"), "{said}");
    assert!(said.contains("\n주의       스왑을 확인하지 못했습니다 -> swapon"), "{said}");
    assert!(said.starts_with("OK         설정 파일 /c/config.toml\n"), "{said}");
}

#[test]
fn scripts_get_the_same_lines() {
    let mut facts = healthy();
    facts.machine.memlock = Some(0);
    let lines = diagnose(&facts);
    let report: serde_json::Value = serde_json::from_str(&json(&lines, Lang::En).unwrap()).unwrap();
    assert_eq!(report["broken"], true);
    let checks = report["checks"].as_array().unwrap();
    assert_eq!(checks.len(), lines.len());
    let memlock = checks.iter().find(|check| check["check"] == "memlock").unwrap();
    assert_eq!(memlock["mark"], "broken");
    assert_eq!(memlock["found"], "memory-lock limit 0 KiB: card data could reach swap");
    assert!(memlock["cure"].is_string() && checks[0]["cure"].is_null());
    let fine: serde_json::Value =
        serde_json::from_str(&json(&diagnose(&healthy()), Lang::Ko).unwrap()).unwrap();
    assert_eq!(fine["broken"], false);
}

#[test]
fn both_languages_say_something_everywhere() {
    let mut facts = healthy();
    facts.terminal.tty = false;
    facts.machine = MachineFact::default();
    let filled = |line: &Line| {
        [Lang::Ko, Lang::En].into_iter().all(|lang| {
            !line.found.text(lang).is_empty()
                && line.cure.as_ref().is_none_or(|cure| !cure.text(lang).is_empty())
        })
    };
    assert!(diagnose(&facts).iter().all(filled));
}
