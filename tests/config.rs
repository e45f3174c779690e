//! The configuration as a person meets it: whole files, good and bad, and what is said about them.
//!
//! `tests/config/valid/*.toml` load and are compared as values; `tests/config/invalid/*.toml` are refused with
//! the report kept beside them. A first line `# mode 0644` gives a file other permission bits than 0600. Every
//! `HUSH` in these files stands for a secret, and none may reach a report.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use danmal::config::keys::{Absent, KEYS, PG_V1, PG_V2, Takes};
use danmal::config::{
    Api, Config, CredentialProblem, Directories, Lang, Mistakes, Origin, Problem, Resolved, load, locate,
};

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn parse(text: &str, mode: u32) -> Result<Config, Mistakes> {
    Config::parse(
        text,
        &Origin {
            file: Path::new("/etc/danmal/config.toml"),
            mode: Some(mode),
            data_dir: Path::new("/data"),
            state_dir: Path::new("/state"),
        },
    )
}

fn parse_case(text: &str) -> Result<Config, Mistakes> {
    let mode = text.lines().next().and_then(|line| line.strip_prefix("# mode "));
    parse(text, mode.map_or(0o600, |mode| u32::from_str_radix(mode, 8).unwrap()))
}

/// Name and text of every case in a folder.
fn cases(folder: &str) -> Vec<(String, String)> {
    let mut cases: Vec<_> = fs::read_dir(repository().join("tests/config").join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "toml"))
        .map(|path| {
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap())
        })
        .collect();
    cases.sort();
    assert!(!cases.is_empty(), "no cases in {folder}");
    cases
}

fn snapshot(folder: &str, name: &str, value: &str) {
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(format!("config/{folder}"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, value));
}

#[test]
fn valid_files_load_as_expected() {
    for (name, text) in cases("valid") {
        let config = parse_case(&text).unwrap_or_else(|mistakes| panic!("{name}: {mistakes}"));
        snapshot("valid", &name, &format!("{config:#?}"));
    }
}

#[test]
fn invalid_files_are_reported_in_full_and_without_their_secrets() {
    for (name, text) in cases("invalid") {
        let mistakes = parse_case(&text).expect_err(&name);
        let report = format!("{}\n----\n\n{}", mistakes.text(Lang::Ko), mistakes.text(Lang::En));
        assert!(!report.contains("HUSH"), "{name} tells a secret:\n{report}");
        assert!(!format!("{mistakes:?}").contains("HUSH"), "{name} keeps a secret");
        assert!(
            !report.chars().any(|c| c.is_control() && c != '\n'),
            "{name} steers the terminal:\n{report}"
        );
        snapshot("invalid", &name, &report);
    }
}

/// The example with every setting switched on: `#key` and `#[table]` lose their mark, `# prose` does not.
fn example_uncommented() -> String {
    let text = fs::read_to_string(repository().join("config.example.toml")).unwrap();
    let on = |line: &str| match line.strip_prefix('#') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '[') => rest.to_owned(),
        _ => line.to_owned(),
    };
    text.lines().map(on).collect::<Vec<_>>().join("\n")
}

/// The pattern of the key on each line of a file whose tables are all `[dotted.headers]`.
fn patterns(text: &str) -> Vec<(usize, String)> {
    let mut table = String::new();
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if let Some(header) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let parts: Vec<&str> = header.split('.').collect();
            let starred: Vec<&str> = parts
                .iter()
                .enumerate()
                .map(|(at, part)| if parts[0] == "profiles" && at % 2 == 1 { "*" } else { part })
                .collect();
            table = starred.join(".");
            for depth in 1..=starred.len() {
                found.push((number, starred[..depth].join(".")));
            }
        } else if let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) {
            let dot = if table.is_empty() { "" } else { "." };
            found.push((number, format!("{table}{dot}{key}")));
        }
    }
    found
}

fn without_line(text: &str, number: usize) -> String {
    let kept = text.lines().enumerate().filter(|(at, _)| *at != number).map(|(_, line)| line);
    kept.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_loads_as_it_stands_and_with_everything_on() {
    let text = fs::read_to_string(repository().join("config.example.toml")).unwrap();
    parse(&text, 0o644).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    // `ca_file = ""` is the default, so everything can be on at once.
    parse(&example_uncommented(), 0o644).unwrap_or_else(|mistakes| panic!("{mistakes}"));
}

#[test]
fn the_example_names_every_key() {
    let named: BTreeSet<String> = patterns(&example_uncommented()).into_iter().map(|(_, key)| key).collect();
    let known: BTreeSet<String> = KEYS.iter().map(|key| key.path.to_owned()).collect();
    assert_eq!(named, known);
}

#[test]
fn the_example_states_the_defaults_of_the_code() {
    let text = example_uncommented();
    let whole = format!("{:#?}", parse(&text, 0o600).unwrap());
    let lines: Vec<&str> = text.lines().collect();
    let mut stated = BTreeSet::new();
    for (number, key) in patterns(&text) {
        if lines[number].ends_with(" # default") {
            let without = parse(&without_line(&text, number), 0o600).unwrap();
            assert_eq!(format!("{without:#?}"), whole, "{key} does not state its default");
            stated.insert(key);
        }
    }
    let due: BTreeSet<String> = KEYS
        .iter()
        .filter(|key| key.absent == Absent::Default && key.takes != Takes::Table)
        .map(|key| key.path.to_owned())
        .collect();
    assert_eq!(stated, due);
}

#[test]
fn what_the_table_of_keys_calls_required_is_required() {
    let text = example_uncommented();
    let lines: Vec<&str> = text.lines().collect();
    for (number, pattern) in patterns(&text) {
        if lines[number].starts_with('[') {
            continue;
        }
        let key = KEYS.iter().find(|key| key.path == pattern).unwrap();
        let refused = parse(&without_line(&text, number), 0o600).is_err();
        // The V1 channel has both `key` and `pg_id`, and the KSNET channel's product type is PG-specific.
        let v1_key = pattern == "profiles.*.channels.*.key" && lines[number].contains("2222");
        let expected = match key.absent {
            Absent::Mistake | Absent::MistakeIfSeveral => !v1_key,
            Absent::Default => false,
            Absent::Nothing => pattern.ends_with(".product_type"),
        };
        assert_eq!(refused, expected, "without {pattern}");
    }
}

#[test]
fn the_pg_codes_are_those_of_the_rules() {
    let folder = std::env::var_os("DANMAL_SPEC_DIR")
        .map_or_else(|| repository().join("../shared/portone"), PathBuf::from);
    let Ok(rules) = fs::read_to_string(folder.join("pg-rules.toml")) else {
        eprintln!("NOT CHECKED: {} has no pg-rules.toml to compare the PG codes with", folder.display());
        return;
    };
    let rules: toml::Table = rules.parse().unwrap();
    for (api, ours) in [("v1", PG_V1), ("v2", PG_V2)] {
        let theirs: BTreeSet<&str> =
            rules[api].as_table().unwrap().values().map(|pg| pg["code"].as_str().unwrap()).collect();
        assert_eq!(ours.iter().copied().collect::<BTreeSet<_>>(), theirs, "{api}");
    }
}

const SMALL: &str = r#"
[profiles.main]
api = "v2"
store_id = "store-1"
api_secret = "SECRET"
[profiles.main.channels.kcp]
key = "channel-key-1"
pg = "KCP_V2"
mode = "live"
"#;

mod modes {
    use std::os::unix::fs::PermissionsExt as _;

    use super::{CredentialProblem, Problem, Resolved, SMALL, fs, load};

    fn write(path: &std::path::Path, text: &str, mode: u32) {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn an_inline_secret_needs_a_file_of_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        for mode in [0o600, 0o400] {
            write(&file, SMALL, mode);
            let config = load(Some(&file)).unwrap();
            assert_eq!(config.mode(), Some(mode));
            let Ok(Resolved::V2 { api_secret }) = config.profile(None).unwrap().resolve() else {
                panic!("not resolved")
            };
            assert_eq!(api_secret.expose(), "SECRET");
            fs::remove_file(&file).unwrap();
        }
        for mode in [0o644, 0o640, 0o604, 0o660, 0o610] {
            write(&file, SMALL, mode);
            let mistakes = load(Some(&file)).unwrap_err();
            assert_eq!(mistakes.as_slice()[0].problem, Problem::InlineNotPrivate(Some(mode)));
            assert_eq!(mistakes.as_slice().len(), 1);
        }
    }

    #[test]
    fn a_secret_elsewhere_does_not_need_a_private_configuration_but_a_private_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        write(&file, &SMALL.replace("SECRET", "file:secret"), 0o644);
        let secret = dir.path().join("secret");
        write(&secret, "from-a-file\n", 0o644);
        let config = load(Some(&file)).unwrap();
        let profile = config.profile(None).unwrap();
        let problems = profile.resolve().unwrap_err();
        assert_eq!(problems[0].key, "profiles.main.api_secret");
        assert_eq!(problems[0].problem, CredentialProblem::NotPrivate(secret.clone(), 0o644));
        write(&secret, "from-a-file\n", 0o600);
        let Ok(Resolved::V2 { api_secret }) = profile.resolve() else { panic!("not resolved") };
        assert_eq!(api_secret.expose(), "from-a-file");
    }
}

#[test]
fn every_credential_of_v1_is_looked_for_at_once() {
    let text = r#"
        [profiles.main]
        api = "v1"
        imp_key = "env:A"
        imp_secret = "env:B"
        [profiles.main.channels.kcp]
        pg_id = "A52CY"
        pg = "kcp"
        mode = "live"
        pg_api_key = "env:C"
    "#;
    let config = parse(text, 0o644).unwrap();
    let profile = config.profile(None).unwrap();
    assert!(matches!(profile.api(), Api::V1 { .. }));
    assert_eq!(profile.default_channel().v1_pg().as_deref(), Some("kcp.A52CY"));
    let problems = profile.resolve_with(&|_| None).unwrap_err();
    let keys: Vec<&str> = problems.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(
        keys,
        ["profiles.main.imp_key", "profiles.main.imp_secret", "profiles.main.channels.kcp.pg_api_key"]
    );
    let env = |name: &str| Some(OsString::from(name.to_lowercase()));
    let Ok(Resolved::V1 { imp_key, imp_secret, pg_api_keys }) = profile.resolve_with(&env) else {
        panic!("not resolved")
    };
    assert_eq!((imp_key.expose(), imp_secret.expose()), ("a", "b"));
    let [(channel, key)] = &pg_api_keys[..] else { panic!("{pg_api_keys:?}") };
    assert_eq!((channel.as_str(), key.expose()), ("kcp", "c"));
}

#[test]
fn a_profile_that_is_not_there_leads_to_the_one_that_was_meant() {
    let config = parse(SMALL, 0o600).unwrap();
    assert_eq!(config.profile(Some("main")).unwrap().name().as_str(), "main");
    let mistakes = config.profile(Some("mian")).unwrap_err();
    assert_eq!(
        mistakes.as_slice()[0].problem,
        Problem::NoSuchProfile {
            found: "mian".to_owned(),
            nearest: Some("main".to_owned()),
            allowed: vec!["main".to_owned()],
        }
    );
}

#[test]
fn the_file_is_the_named_one_or_the_platforms() {
    let dirs =
        Directories { config: PathBuf::from("/c"), data: PathBuf::from("/d"), state: PathBuf::from("/s") };
    assert_eq!(locate(None, Some(&dirs)).unwrap(), Path::new("/c/config.toml"));
    assert_eq!(locate(Some(Path::new("x.toml")), Some(&dirs)).unwrap(), Path::new("x.toml"));
    assert_eq!(locate(Some(Path::new("x.toml")), None).unwrap(), Path::new("x.toml"));
    assert_eq!(locate(None, None).unwrap_err().as_slice()[0].problem, Problem::NoHome);
}

#[test]
fn a_file_that_cannot_be_read_is_said_to_be_so() {
    let dir = tempfile::tempdir().unwrap();
    let problem = |path: &Path| load(Some(path)).unwrap_err().as_slice()[0].problem.clone();
    assert_eq!(problem(&dir.path().join("none.toml")), Problem::NoFile);
    assert_eq!(problem(dir.path()), Problem::Unreadable(std::io::ErrorKind::IsADirectory));
    let latin = dir.path().join("latin.toml");
    fs::write(&latin, b"# caf\xe9").unwrap();
    assert_eq!(problem(&latin), Problem::NotUtf8);
}

#[test]
fn places_count_lines_and_characters_from_one() {
    let text = "default_profile = 1\r\n\"한글\" = 5\n";
    let mistakes = parse(text, 0o600).unwrap_err();
    let places: Vec<(usize, usize, &str)> = mistakes
        .as_slice()
        .iter()
        .filter_map(|mistake| mistake.place.map(|place| (place.line, place.column, mistake.key.as_str())))
        .collect();
    assert_eq!(places, [(1, 19, "default_profile"), (2, 1, "\"한글\"")]);
}

#[test]
fn a_stated_platform_path_equals_the_default() {
    let config = parse(SMALL, 0o600).unwrap();
    assert_eq!(config.ledger.path, Path::new("/data/ledger.db"));
    assert_eq!(config.log.path, Path::new("/state/danmal.log"));
}

proptest::proptest! {
    /// Whatever slip of the editor: no panic, and no secret in what is said about it.
    #[test]
    fn no_slip_of_the_editor_tells_a_secret(
        from in 0_usize..400,
        len in 0_usize..40,
        insert in proptest::option::of("[=\"'#\\[\\]{},\n\\\\ a1.]"),
    ) {
        let text = format!("[ui]\nlanguage = \"ko\"\n{}", SMALL.replace("SECRET", "HUSH-HUSH-HUSH-HUSH"));
        let (from, len) = (from % text.len(), if insert.is_some() { 0 } else { len });
        let until = (from + len).min(text.len());
        let slipped = format!("{}{}{}", &text[..from], insert.unwrap_or_default(), &text[until..]);
        for mode in [0o600, 0o644] {
            let said = match parse(&slipped, mode) {
                Ok(config) => format!("{config:?}"),
                Err(mistakes) => format!("{mistakes:?}{}{mistakes}", mistakes.text(Lang::Ko)),
            };
            proptest::prop_assert!(!said.contains("HUSH-HUSH"), "{slipped}\n{said}");
        }
    }
}
