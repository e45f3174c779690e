//! What the README and the manuals under docs/ say is compared with the program: keys, command lines, links.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use std::path::{Path, PathBuf};

use clap::Parser as _;
use danmal::cli::Cli;
use danmal::i18n::Lang;
use danmal::tui::keymap::markdown_table;

/// Set to write the tables of keys into the README.
const WRITE: &str = "DANMAL_WRITE_KEYS";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The README and every manual.
fn manuals() -> Vec<(PathBuf, String)> {
    let mut paths = vec![root().join("README.md")];
    paths.extend(std::fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path()));
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            (path, text)
        })
        .collect()
}

/// Where the table of a language begins and ends in a text.
fn keys(text: &str, lang: Lang) -> std::ops::Range<usize> {
    let mark = format!("<!-- keys:{} -->\n", lang.tag());
    let start = text.find(&mark).unwrap_or_else(|| panic!("{mark:?} is missing")) + mark.len();
    start..start + text[start..].find("<!-- /keys -->").unwrap()
}

#[test]
fn the_keys_are_those_of_the_keymap() {
    let path = root().join("README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut right = text.clone();
    for lang in Lang::ALL {
        let place = keys(&right, lang);
        right.replace_range(place, &markdown_table(lang));
    }
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&path, &right).unwrap();
        return;
    }
    assert!(
        text == right,
        "the README's tables of keys are not those of src/tui/keymap/bindings.rs; to write them:\n\
         {WRITE}=1 cargo test --test readme"
    );
}

/// Splits as a shell would: blanks outside of quotes part words.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for ch in line.chars() {
        match (quote, ch) {
            (Some(open), ch) if ch == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(ch);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            (_, ch) => word.get_or_insert_default().push(ch),
        }
    }
    words.extend(word);
    words
}

/// The arguments of one `danmal …`, wherever it stands in a line of shell; `None` when there is none.
fn command(line: &str) -> Option<Vec<String>> {
    let line = line.replacen("cargo run --release -- ", "danmal ", 1).replacen("cargo run -- ", "danmal ", 1);
    let mut words = words(&line);
    let at = words.iter().position(|word| word == "danmal" || word.ends_with("/danmal"))?;
    // `install … /usr/local/bin/danmal` and the like name the file.
    if words[..at].iter().any(|word| word == "install") {
        return None;
    }
    words.drain(..=at);
    let ends = |word: &String| {
        matches!(word.as_str(), "|" | "||" | "&&" | "&" | ";" | "#" | "<" | ">" | "2>" | ">/dev/null")
    };
    let end = words.iter().position(ends).unwrap_or(words.len());
    words.truncate(end);
    Some(words)
}

/// Every command line of a text: lines of fenced blocks (a backslash at the end goes on), and code in lines that
/// begins with the program's name.
fn commands(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut fence: Option<&str> = None;
    let mut held = String::new();
    for line in text.lines() {
        if let Some(kind) = line.trim_start().strip_prefix("```") {
            fence = if fence.is_some() { None } else { Some(kind) };
            continue;
        }
        match fence {
            Some("json" | "toml" | "text") => {}
            Some(_) => match line.strip_suffix('\\') {
                Some(part) => held.push_str(part),
                // `name` on a line of its own is a reference to the file.
                None => found.push(std::mem::take(&mut held) + line),
            },
            None => {
                let code = line.split('`').skip(1).step_by(2);
                found.extend(code.filter(|code| code.starts_with("danmal ")).map(str::to_owned));
            }
        }
    }
    // In authorized_keys and sshd_config the command stands in a setting.
    found
        .into_iter()
        .map(|line| match line.split_once("command=\"") {
            Some((_, rest)) => rest.split('"').next().unwrap().to_owned(),
            None => line,
        })
        .collect()
}

#[test]
fn every_command_line_is_understood() {
    let mut seen = std::collections::BTreeSet::new();
    for (path, text) in manuals() {
        for line in commands(&text) {
            let Some(arguments) = command(&line) else { continue };
            seen.extend(arguments.iter().find(|word| !word.starts_with('-')).cloned());
            let parsed = Cli::try_parse_from(std::iter::once("danmal".to_owned()).chain(arguments));
            let fine = match &parsed {
                Ok(_) => true,
                Err(error) => error.kind() == clap::error::ErrorKind::DisplayHelp,
            };
            assert!(fine, "{}: {line}\n{}", path.display(), parsed.unwrap_err());
        }
    }
    // The search can find: each command is shown somewhere.
    for name in ["pay", "settle", "payment", "doctor", "demo", "sandbox", "completions", "man"] {
        assert!(seen.contains(name), "no example of {name} among {seen:?}");
    }
}

#[test]
fn an_unknown_option_would_be_noticed() {
    assert_eq!(
        command("echo x | /usr/local/bin/danmal pay --order-name \"a b\" --no-such  # why").unwrap(),
        ["pay", "--order-name", "a b", "--no-such"]
    );
    assert!(Cli::try_parse_from(["danmal", "pay", "--no-such"]).is_err());
    assert_eq!(
        commands("a `danmal settle` b `x`\n```sh\ndanmal pay \\\n  --yes\n```\n"),
        ["danmal settle", "danmal pay   --yes"]
    );
}

#[test]
fn every_link_leads_somewhere() {
    let mut followed = 0;
    for (path, text) in manuals() {
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap();
            if file.is_empty() || file.contains("://") {
                continue;
            }
            followed += 1;
            let full = path.parent().unwrap().join(file);
            assert!(full.exists(), "{}: the link {target} leads nowhere", path.display());
        }
    }
    assert!(followed >= 6, "only {followed} links were found");
}

#[test]
fn nothing_tells_of_one_machine() {
    for (path, text) in manuals() {
        for trace in ["work", "root", "home"].map(|top| format!("/{top}/")) {
            assert!(!text.contains(&trace), "{}: {trace}", path.display());
        }
        assert!(!text.contains("target/debug"), "{}: a build's folder", path.display());
    }
}
