use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::*;

fn catalogue(texts: &[(&str, &str)]) -> Catalogue {
    let texts = texts.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect();
    Catalogue { lang: Lang::Ko, texts }
}

#[test]
fn placeholders_particles_and_keys_in_arguments() {
    let words = catalogue(&[
        ("a", "{name:을} 지웠습니다"),
        ("b", "{field:key:은} {max}자까지입니다"),
        ("field.memo", "메모"),
        ("c", "{{그대로}} {missing} {open"),
    ]);
    assert_eq!(words.text(&text!("a", name = "카드")), "카드를 지웠습니다");
    assert_eq!(words.text(&text!("a", name = 3)), "3을 지웠습니다");
    assert_eq!(words.text(&text!("b", field = "field.memo", max = 40)), "메모는 40자까지입니다");
    assert_eq!(words.text(&text!("c")), "{그대로}} {missing} {open");
    // A value is never read as a pattern.
    assert_eq!(words.text(&text!("a", name = "{name}")), "{name}를 지웠습니다");
}

#[test]
fn a_text_that_is_missing_is_english_and_then_its_key() {
    let empty = catalogue(&[]);
    assert_eq!(empty.get("hint.help"), "Help");
    assert_eq!(empty.get("no.such.key"), "no.such.key");
}

#[test]
fn a_text_is_a_key_and_values() {
    let text = text!("list.position", at = 1, of = 2_u8);
    assert_eq!(text, Text::new("list.position").with("at", "1").with("of", "2"));
    assert_eq!(Catalogue::of(Lang::Ko).text(&text), "1/2");
}

#[test]
fn the_first_variable_that_is_set_decides() {
    let detect = |all, ctype, lang| Lang::detect(Some(all), Some(ctype), Some(lang));
    assert_eq!(detect("", "", "ko_KR.UTF-8"), Lang::Ko);
    assert_eq!(detect("en_US.UTF-8", "ko_KR.UTF-8", "ko_KR.UTF-8"), Lang::En);
    assert_eq!(detect("", "ko_KR.eucKR", "en_US"), Lang::Ko);
    assert_eq!(detect("", "", "C"), Lang::En);
    assert_eq!(detect("", "", "POSIX"), Lang::En);
    assert_eq!(detect("", "", "C.UTF-8"), Lang::Ko);
    assert_eq!(detect("", "", "ja_JP.UTF-8"), Lang::En);
    assert_eq!(detect("", "", ""), Lang::Ko);
    assert_eq!(Lang::detect(None, None, None), Lang::Ko);
    assert_eq!(Lang::parse("kok_IN"), None, "Konkani is not Korean");
    assert_eq!(Lang::parse("EN-gb"), Some(Lang::En));
}

/// How many values a table has in all.
fn leaves(table: &toml::Table) -> usize {
    table.values().map(|value| value.as_table().map_or(1, leaves)).sum()
}

fn texts_of(file: &str) -> BTreeMap<String, String> {
    let mut texts = HashMap::new();
    let table = file.parse::<toml::Table>().expect("a locale file is TOML");
    let count = leaves(&table);
    flatten("", table, &mut texts);
    assert_eq!(texts.len(), count, "a value is no text, or two have one key");
    texts.into_iter().collect()
}

fn placeholders(text: &str) -> BTreeSet<String> {
    let text = text.replace("{{", "");
    let inner = text.split('{').skip(1).map(|part| part.split_once('}').expect("a closed placeholder").0);
    inner.map(|inner| inner.split(':').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn both_languages_have_the_same_keys_and_placeholders() {
    let of = |lang| -> BTreeMap<String, String> {
        let files = FILES.iter().filter(|(of, _)| *of == lang);
        let mut all = BTreeMap::new();
        for (key, text) in files.flat_map(|(_, file)| texts_of(file)) {
            assert!(!text.trim().is_empty(), "{key} is empty");
            assert!(!text.contains(char::is_control), "{key} has a control character");
            assert!(all.insert(key.clone(), text).is_none(), "{key} is in two files");
        }
        all
    };
    let (ko, en) = (of(Lang::Ko), of(Lang::En));
    let shape = |texts: &BTreeMap<String, String>| -> BTreeMap<String, BTreeSet<String>> {
        texts.iter().map(|(key, text)| (key.clone(), placeholders(text))).collect()
    };
    assert_eq!(shape(&ko), shape(&en));
}

#[test]
fn particles_in_the_texts_are_known() {
    for (_, file) in FILES {
        for (key, text) in texts_of(file) {
            let text = text.replace("{{", "");
            let styles = text
                .split('{')
                .skip(1)
                .filter_map(|part| part.split_once('}'))
                .flat_map(|(inner, _)| inner.split(':').skip(1));
            for style in styles {
                assert!(style == "key" || particle::choose("가", style).is_some(), "{key}: {style}");
            }
        }
    }
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("tests") {
            continue;
        }
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

/// The program's own sources, tests left out.
fn program() -> String {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let code = files.iter().map(|path| {
        let text = std::fs::read_to_string(path).unwrap();
        let end = text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len());
        // Documentation shows made-up keys.
        let lines = text[..end].lines().filter(|line| !line.trim_start().starts_with("//"));
        lines.collect::<Vec<_>>().join("\n")
    });
    code.collect::<Vec<_>>().join("\n")
}

/// The string literals right behind each occurrence of `opening`, blanks between allowed.
fn literals_after<'a>(code: &'a str, opening: &'a str) -> impl Iterator<Item = &'a str> {
    // `SafeText::new(` is another word than `Text::new(`.
    let whole = |at: usize| !code[..at].ends_with(|ch: char| ch.is_alphanumeric());
    let behind = code
        .match_indices(opening)
        .filter(move |(at, _)| whole(*at))
        .map(|(at, _)| code[at + opening.len()..].trim_start());
    behind.filter_map(|rest| rest.strip_prefix('"')?.split('"').next())
}

#[test]
fn every_key_the_program_names_exists() {
    let code = program();
    let mut named: Vec<&str> =
        literals_after(&code, "text!(").chain(literals_after(&code, "Text::new(")).collect();
    for opening in ["catalogue.get(", "words.get(", "of(lang).get("] {
        named.extend(literals_after(&code, opening));
    }
    assert!(named.contains(&"list.position") && named.contains(&"env.live"), "the search is blind");
    for key in named {
        assert!(Catalogue::of(Lang::Ko).has(key), "{key} is not in the catalogue");
    }
}

/// Texts that are looked up by a code and not by their whole key: what a refusal means, what a check found, what
/// stands in the way of a refund.
const BY_CODE: [&str; 3] = ["decline.", "pg.", "refund.rule."];

#[test]
fn every_text_is_used() {
    let code = program();
    let mut unused = Vec::new();
    for (_, file) in FILES.iter().filter(|(lang, _)| *lang == Lang::Ko) {
        let keys = texts_of(file).into_keys();
        let whole = keys.filter(|key| !BY_CODE.iter().any(|prefix| key.starts_with(prefix)));
        unused.extend(whole.filter(|key| !code.contains(&format!("\"{key}\""))));
    }
    assert!(unused.is_empty(), "nobody shows {unused:?}");
}

#[test]
fn every_key_of_the_tables_exists() {
    use crate::tui::keymap::{BINDINGS, Context};
    use crate::tui::theme::Name;
    let bindings = BINDINGS.iter().flat_map(|binding| [binding.hint, binding.help]);
    let contexts = Context::ALL.map(Context::label);
    let themes = Name::ALL.map(Name::label);
    for key in bindings.chain(contexts).chain(themes) {
        assert!(Catalogue::of(Lang::Ko).has(key), "{key}");
    }
}
