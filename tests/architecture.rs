//! Who may name whom: reads the sources of this crate and fails on a breach of the table below.
//!
//! The table is the one of the crate's documentation. Test modules may name what they like. The tests at the
//! end plant breaches, so that a scanner that has gone blind is noticed.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

#[path = "architecture/scan.rs"]
mod scan;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use scan::scan;

/// Whom a rule is about.
#[derive(Clone, Copy, Debug)]
enum Who {
    /// A module of the crate's root, with everything in it.
    Top(&'static str),
    /// One module by its whole path, with everything in it.
    At(&'static str),
    /// Everything in `tui` in or below a module of this name.
    InTui(&'static str),
}

/// What a module may name.
#[derive(Debug)]
struct Rule {
    who: Who,
    /// Our modules, besides itself. `**::x` is a module `x` anywhere in `tui`; `..::x` is the one beside it.
    may: &'static [&'static str],
    /// Paths of other crates that it must not name. `**::` in front: anywhere in a path.
    never: &'static [&'static str],
}

/// The first rule that fits a module counts.
const RULES: &[Rule] = &[
    // The console's own model and view are made of the screens'.
    Rule {
        who: Who::At("tui::model"),
        may: &[
            "**::model",
            "domain",
            "i18n",
            "text",
            "tui::input",
            "tui::edit",
            "tui::columns",
            "tui::keymap",
            "tui::msg",
            "tui::screen::Screen",
            "tui::theme::Name",
        ],
        never: &["ratatui", "ratatui_core", "crossterm", "tokio", "reqwest", "rusqlite"],
    },
    Rule {
        who: Who::At("tui::view"),
        may: &[
            "**::model",
            "**::view",
            "domain",
            "i18n",
            "text",
            "error",
            "tui::keymap",
            "tui::theme",
            "tui::glyphs",
            "tui::columns",
            "tui::widgets",
        ],
        never: &["tokio", "reqwest", "rusqlite"],
    },
    // The key-in form is hosted by the screen of the billing keys as well.
    Rule {
        who: Who::InTui("model"),
        may: &[
            "tui::screen::keyin::model",
            "tui::screen::Screen",
            "tui::choice",
            "tui::window",
            "domain",
            "i18n",
            "text",
            "tui::input",
            "tui::edit",
            "tui::columns",
            "tui::keymap",
            "tui::msg",
            "tui::theme::Name",
        ],
        never: &["ratatui", "ratatui_core", "crossterm", "tokio", "reqwest", "rusqlite"],
    },
    Rule {
        who: Who::InTui("view"),
        may: &[
            "..::model",
            "tui::screen::keyin::model",
            "tui::screen::keyin::view",
            "domain",
            "i18n",
            "text",
            "error",
            "tui::keymap",
            "tui::theme",
            "tui::glyphs",
            "tui::columns",
            "tui::widgets",
        ],
        never: &["tokio", "reqwest", "rusqlite"],
    },
    Rule {
        who: Who::InTui("effect"),
        may: &["operation", "gateway", "ledger", "domain", "vault", "error", "tui::msg", "**::model"],
        never: &[],
    },
    Rule { who: Who::Top("vault"), may: &[], never: &[] },
    Rule {
        who: Who::Top("domain"),
        may: &[],
        never: &[
            "std::fs",
            "std::net",
            "std::process",
            "std::env",
            "std::thread",
            "std::time::SystemTime",
            "std::time::Instant",
            "std::time::*",
            "tokio",
            "reqwest",
            "rusqlite",
            "crossterm",
            "ratatui",
            "ratatui_core",
            "**::SystemTime::now",
            "**::Instant::now",
            "**::Timestamp::now",
            "**::Zoned::now",
        ],
    },
    Rule { who: Who::Top("ledger"), may: &["domain", "error"], never: &[] },
    Rule { who: Who::Top("gateway"), may: &["domain", "error", "vault"], never: &[] },
    Rule { who: Who::Top("operation"), may: &["domain", "gateway", "ledger", "vault", "error"], never: &[] },
    Rule {
        who: Who::Top("error"),
        may: &["domain", "i18n", "text"],
        never: &["std::fs", "std::net", "std::env"],
    },
    Rule { who: Who::Top("sandbox"), may: &["domain"], never: &[] },
    Rule {
        who: Who::Top("cli"),
        may: &[
            "operation",
            "config",
            "sandbox",
            "tui::run",
            "domain",
            "error",
            "i18n",
            "text",
            "logging",
            "ledger",
            "gateway",
            "vault",
        ],
        never: &[],
    },
];

/// Every module of the crate's root.
const TOPS: &[&str] = &[
    "cli",
    "config",
    "domain",
    "error",
    "gateway",
    "i18n",
    "ledger",
    "logging",
    "operation",
    "sandbox",
    "tui",
    "vault",
];

/// The part of a module's path that is the module a rule is about; nothing when the rule is not about it.
fn subject(who: Who, module: &[String]) -> Option<&[String]> {
    match who {
        Who::Top(top) => (module.first()? == top).then(|| &module[..1]),
        Who::At(path) => {
            let len = path.split("::").count();
            let own = module.get(..len)?;
            own.iter().eq(path.split("::")).then_some(own)
        }
        Who::InTui(name) => {
            let at = module.iter().position(|part| part == name)?;
            (module[0] == "tui" && at > 0).then(|| &module[..=at])
        }
    }
}

/// Whether `target` (a path without `crate`) lies in the module that `pattern` means for `subject`.
fn lies_in(target: &[String], pattern: &str, subject: &[String]) -> bool {
    if let Some(name) = pattern.strip_prefix("**::") {
        return target.first().is_some_and(|top| top == "tui")
            && target.iter().skip(1).any(|part| part == name);
    }
    let module: Vec<&str> = match pattern.strip_prefix("..::") {
        Some(name) => {
            subject[..subject.len() - 1].iter().map(String::as_str).chain(name.split("::")).collect()
        }
        None => pattern.split("::").collect(),
    };
    target.len() >= module.len() && target.iter().zip(&module).all(|(part, wanted)| part == wanted)
}

/// Whether `path`, of another crate, is what `pattern` bans.
fn is_banned(path: &[String], pattern: &str) -> bool {
    let fits = |path: &[String], wanted: &str| {
        let wanted: Vec<&str> = wanted.split("::").collect();
        path.len() >= wanted.len() && path.iter().zip(&wanted).all(|(part, wanted)| part == wanted)
    };
    match pattern.strip_prefix("**::") {
        Some(pattern) => (0..path.len()).any(|at| fits(&path[at..], pattern)),
        None => fits(path, pattern),
    }
}

/// The module in a file of `src/`, as a path without `crate`.
fn module_of(file: &Path) -> Vec<String> {
    let mut module: Vec<String> =
        file.with_extension("").iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if matches!(module.last().map(String::as_str), Some("lib" | "main" | "mod")) {
        module.pop();
    }
    module
}

/// Every breach in `files` (paths below `src/`, and their texts), as `file:line: what`.
fn breaches(files: &[(PathBuf, String)]) -> Vec<String> {
    let scanned: Vec<_> = files
        .iter()
        .map(|(file, text)| {
            let module = module_of(file);
            let source = scan(&module, text);
            (file, module, source)
        })
        .collect();
    let test_modules: BTreeSet<&Vec<String>> =
        scanned.iter().flat_map(|(_, _, source)| &source.test_modules).collect();
    let mut found = Vec::new();
    for (file, module, source) in &scanned {
        if (1..=module.len()).any(|depth| test_modules.contains(&module[..depth].to_vec())) {
            continue;
        }
        let Some((rule, own)) =
            RULES.iter().find_map(|rule| subject(rule.who, module).map(|own| (rule, own)))
        else {
            continue;
        };
        for named in &source.named {
            let place = format!("{}:{}", file.display(), named.line);
            let path = named.path.join("::");
            if named.path[0] == "crate" {
                let target = &named.path[1..];
                let fine = target.starts_with(own) || rule.may.iter().any(|may| lies_in(target, may, own));
                if !fine {
                    found.push(format!("{place}: {} must not name {path}", own.join("::")));
                }
            } else if rule.never.iter().any(|never| is_banned(&named.path, never)) {
                found.push(format!("{place}: {} must not name {path}", own.join("::")));
            }
        }
    }
    found
}

fn sources() -> Vec<(PathBuf, String)> {
    fn collect(folder: &Path, root: &Path, files: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, root, files);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                files.push((path.strip_prefix(root).unwrap().to_owned(), text));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    files.sort();
    files
}

#[test]
fn nobody_names_whom_they_must_not() {
    let found = breaches(&sources());
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn every_module_of_the_root_is_known_to_this_test() {
    let files = sources();
    let tops: BTreeSet<String> =
        files.iter().filter_map(|(file, _)| module_of(file).first().cloned()).collect();
    assert_eq!(tops, TOPS.iter().map(|top| (*top).to_owned()).collect());
}

/// The breaches of one planted file.
fn planted(file: &str, text: &str) -> Vec<String> {
    breaches(&[(PathBuf::from(file), text.to_owned())])
}

/// Files that a rule is about.
fn examples(who: Who) -> Vec<String> {
    match who {
        Who::Top(top) => vec![format!("{top}.rs"), format!("{top}/deep/inside.rs")],
        Who::At(path) => {
            let path = path.replace("::", "/");
            vec![format!("{path}.rs"), format!("{path}/part.rs")]
        }
        Who::InTui("effect") => vec!["tui/effect.rs".to_owned(), "tui/effect/charge.rs".to_owned()],
        Who::InTui(name) => {
            vec![format!("tui/screen/keyin/{name}.rs"), format!("tui/screen/keyin/{name}/part.rs")]
        }
    }
}

#[test]
fn a_breach_planted_against_any_rule_is_found() {
    for rule in RULES {
        for file in examples(rule.who) {
            for top in TOPS {
                let allowed = rule.may.contains(top) || matches!(rule.who, Who::Top(own) if own == *top);
                for text in
                    [format!("use crate::{top}::x;"), format!("fn f() {{ let _ = crate::{top}::x(); }}")]
                {
                    assert_eq!(planted(&file, &text).is_empty(), allowed, "{file}: {text}");
                }
            }
            for never in rule.never {
                let path = never.replace("**", "std::time").replace("::*", "::{self, *}");
                let text = format!("use {path};");
                assert_eq!(planted(&file, &text).len(), 1, "{file}: {text}");
            }
        }
    }
}

#[test]
fn a_breach_is_found_however_it_is_written() {
    for text in [
        "use crate::{error, gateway::Gateway};",
        "use crate::{\n    domain::{pg, decline},\n    gateway::{self},\n};",
        "pub(crate) use crate::gateway as g;",
        "use super::gateway;",
        "use super::super::gateway::x;",
        "use crate::*;",
        "mod inner { use super::super::gateway; }",
        "mod inner { fn f() {} } use super::gateway;",
        "fn f(x: &dyn crate::gateway::Gateway) {}",
        "fn f() -> Vec<crate::gateway::X> { vec![] }",
        "#[cfg(test)] mod tests { use crate::domain; } use crate::gateway;",
        "#[cfg(test)] use crate::domain; use crate::gateway;",
        "const A: &str = \"//\"; use crate::gateway;",
        "const A: char = '\"'; use crate::gateway; const B: char = '\"';",
        "const A: &str = r#\"\"\"#; use crate::gateway;",
        "fn f<'a>(x: &'a str) { crate::gateway::f(x) }",
        "/* /* */ */ use crate::gateway;",
        "macro_rules! m { () => { $crate::gateway::f() } }",
    ] {
        let found = planted("ledger.rs", text);
        // `super` goes one further up from a deeper module.
        let found = if text.contains("super::super") && !text.contains("inner") {
            planted("ledger/sqlite.rs", text)
        } else {
            found
        };
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].starts_with("ledger"), "{found:?}");
    }
}

#[test]
fn what_is_no_breach_is_not_taken_for_one() {
    for text in [
        "// use crate::gateway;",
        "/* use crate::gateway; */",
        "//! [`crate::gateway`]",
        "const A: &str = \"crate::gateway::x\";",
        "const A: &[u8] = br##\"use crate::gateway;\"#\"##;",
        "#[cfg(test)]\nmod tests {\n    use crate::gateway;\n}",
        "#[cfg(all(test, unix))]\n#[expect(dead_code, reason = \"[\")]\nmod tests { use crate::gateway; }",
        "#[cfg(test)]\nfn helper() { crate::gateway::x(); }",
        "#[cfg(test)]\nuse crate::{gateway::{a, b}, cli};",
        "#[cfg(test)] pub(in crate::ledger) use crate::{gateway::{a, b}, cli};",
        "use crate::domain::{money, pg::{self, Rules}};",
        "use crate::error::Error;",
        "use self::sqlite::x; use crate::ledger::y; mod a { use super::sqlite; }",
        "struct A { gateway: u8 } fn f(a: A) -> u8 { a.gateway }",
    ] {
        assert_eq!(planted("ledger.rs", text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_test_module_in_a_file_of_its_own_may_name_anything() {
    let inside = ("ledger/tests.rs", "use crate::gateway;");
    let files = |parent: &str| {
        [("ledger.rs", parent), inside].map(|(file, text)| (PathBuf::from(file), text.to_owned()))
    };
    assert!(breaches(&files("#[cfg(test)]\nmod tests;")).is_empty());
    // Only the attribute makes it a test, not its name.
    assert_eq!(breaches(&files("mod tests;")).len(), 1);
}

#[test]
fn screens_see_their_own_model_only() {
    let view = "tui/screen/keyin/view.rs";
    assert!(planted(view, "use super::model::Model; use ratatui::Frame;").is_empty());
    assert!(planted(view, "use crate::tui::screen::keyin::model::Field;").is_empty());
    assert_eq!(planted(view, "use crate::tui::screen::billing::model::Model;").len(), 1);
    assert_eq!(planted(view, "use crate::tui::effect::Effect;").len(), 1);
    let model = "tui/screen/keyin/model/fields.rs";
    assert!(planted(model, "use super::Msg; use crate::tui::keymap::Key;").is_empty());
    assert_eq!(planted(model, "use super::super::view::draw;").len(), 1);
    assert_eq!(planted(model, "use ratatui::style::Style;").len(), 1);
    assert!(planted("tui/model.rs", "use super::screen::billing::model::Model;").is_empty());
    assert_eq!(planted("tui/model.rs", "use super::screen::billing::view;").len(), 1);
    assert!(planted("tui/view.rs", "use super::screen::billing::{model, view};").is_empty());
    assert_eq!(planted("tui/view.rs", "use super::effect::Engine;").len(), 1);
    assert!(planted(model, "use crate::tui::theme::Name;").is_empty());
    assert_eq!(planted(model, "use crate::tui::theme::Theme;").len(), 1, "it names ratatui");
    assert!(planted("tui/effect.rs", "use super::screen::keyin::model::Msg;").is_empty());
    assert_eq!(planted("tui/effect.rs", "use super::screen::keyin::view::draw;").len(), 1);
    assert_eq!(planted("cli/charge.rs", "use crate::tui::{run, app};").len(), 1);
}
