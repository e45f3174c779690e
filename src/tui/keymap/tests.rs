use std::collections::HashSet;

use super::*;

const EVERYTHING: fn(Action) -> bool = |_| true;

fn ko() -> &'static Catalogue {
    Catalogue::of(Lang::Ko)
}

#[test]
fn no_two_actions_share_a_key_within_a_context() {
    let mut seen = HashSet::new();
    for binding in BINDINGS {
        assert!(!binding.keys.is_empty(), "{:?}", binding.action);
        for key in binding.keys {
            assert!(seen.insert((binding.context, *key)), "{:?} {key:?}", binding.context);
            assert_eq!(plain_spelling(*key), *key, "{key:?} would never match");
        }
    }
}

#[test]
fn every_action_is_reached_without_letters() {
    let letter = |key: &Key| matches!(key.code, Code::Char(ch) if ch.is_alphabetic());
    for binding in BINDINGS {
        let first = binding.keys.first().unwrap();
        assert!(!letter(first), "{:?} teaches a letter first", binding.action);
    }
}

#[test]
fn letters_are_not_bound_where_text_is_entered() {
    for binding in BINDINGS.iter().filter(|binding| binding.context.takes_text()) {
        assert!(!binding.keys.iter().any(|key| is_text(*key)), "{:?}", binding.action);
    }
}

#[test]
fn the_hangul_layout_and_upper_case_reach_the_same_action() {
    let result = [Context::Result, Context::Global];
    for ch in ['c', 'C', 'ㅊ', '\u{110e}', 'ｃ'] {
        assert_eq!(resolve(&result, Key::char(ch)), Some(Action::Copy), "{ch}");
    }
    assert_eq!(resolve(&result, Key::char('ㅜ')), Some(Action::NewPayment));
    assert_eq!(resolve(&result, Key::ctrl('ㅊ')), Some(Action::Quit));
    assert_eq!(resolve(&result, Key::char('한')), None);
    assert_eq!(resolve(&[Context::List], Key::char('ㅓ')), Some(Action::Down));
}

#[test]
fn text_never_gets_past_a_form() {
    // A form beneath which something with letters lies.
    let contexts = [Context::Form, Context::Result, Context::Global];
    for ch in ['c', 'n', 'ㅊ', 'C', '1', ' '] {
        assert_eq!(resolve(&contexts, Key::char(ch)), None, "{ch}");
    }
    assert_eq!(resolve(&contexts, Key::shift(Code::F(3))), Some(Action::Slip));
    // The question on top of a form has letters of its own.
    assert_eq!(resolve(&[Context::Result, Context::Form], Key::char('c')), Some(Action::Copy));
}

#[test]
fn the_inner_context_comes_first() {
    assert_eq!(resolve(&[Context::Help, Context::Global], Key::plain(Code::F(1))), Some(Action::Cancel));
    assert_eq!(resolve(&[Context::Form, Context::Global], Key::plain(Code::F(1))), Some(Action::Help));
    assert_eq!(resolve(&[Context::Form], Key::plain(Code::F(1))), None);
}

fn shown(contexts: &[Context], columns: usize) -> Vec<String> {
    let hints = hints(contexts, EVERYTHING, |_| None, columns, ko(), &Glyphs::ASCII);
    hints.into_iter().map(|hint| format!("{} {}", hint.key, hint.label)).collect()
}

#[test]
fn hints_drop_by_priority_and_help_never() {
    let form = [Context::Form, Context::Global];
    assert_eq!(shown(&form, 0), ["F1 도움말"]);
    assert_eq!(shown(&form, 20), ["F1 도움말"]);
    assert_eq!(shown(&form, 21), ["F1 도움말", "F9 결제..."]);
    for columns in 0..120 {
        let width = shown(&form, columns).iter().map(|hint| columns::width(hint) + HINT_GAP).sum::<usize>()
            - HINT_GAP;
        assert!(width <= columns.max(9), "{width} in {columns}");
    }
    assert_eq!(shown(&form, 1000).first().map(String::as_str), Some("F1 도움말"));
}

/// What a store owner does in the history has to be seen in the smallest terminal, while the provider is read too.
#[test]
fn refund_close_and_export_are_seen_in_80_columns_in_both_languages() {
    let list = [Context::History, Context::List, Context::Global];
    let reading = [&[Context::Syncing], &list[..]].concat();
    for (contexts, lang) in
        [(&list[..], Lang::Ko), (&list[..], Lang::En), (&reading, Lang::Ko), (&reading, Lang::En)]
    {
        for glyphs in [&Glyphs::ASCII, &Glyphs::UNICODE] {
            let shown = hints(contexts, EVERYTHING, |_| None, 80, Catalogue::of(lang), glyphs);
            for action in [Action::Refund, Action::DailyClose, Action::Export] {
                assert!(shown.iter().any(|hint| hint.action == action), "{action:?} {lang:?}: {shown:?}");
            }
        }
    }
}

#[test]
fn what_does_not_work_now_is_not_shown() {
    let form = [Context::Form, Context::Global];
    let without = hints(&form, |action| action != Action::Submit, |_| None, 1000, ko(), &Glyphs::ASCII);
    assert!(without.iter().all(|hint| hint.action != Action::Submit));
    // F1 closes the help while it is open, so it is not taught as what opens it.
    let help = shown(&[Context::Help, Context::Global], 1000);
    assert!(
        help.contains(&"Esc 닫기".to_owned()) && !help.iter().any(|hint| hint.starts_with("F1 ")),
        "{help:?}"
    );
}

#[test]
fn a_screen_may_call_an_action_by_another_name() {
    let called = |action| (action == Action::Submit).then_some("hint.submit-register");
    let hints = hints(&[Context::Form], EVERYTHING, called, 1000, ko(), &Glyphs::ASCII);
    let submit: Vec<_> = hints.iter().filter(|hint| hint.action == Action::Submit).collect();
    assert_eq!(submit.iter().map(|hint| hint.label.as_str()).collect::<Vec<_>>(), ["등록..."]);
    assert!(hints.iter().any(|hint| hint.action == Action::NextField && hint.label == "다음 칸"));
}

#[test]
fn what_asks_first_is_marked() {
    for binding in BINDINGS {
        assert_eq!(label(binding, ko(), &Glyphs::ASCII).ends_with("..."), binding.asks_first);
    }
    let marked: HashSet<Action> =
        BINDINGS.iter().filter(|binding| binding.asks_first).map(|binding| binding.action).collect();
    assert!([Action::Submit, Action::Quit, Action::ClearForm].iter().all(|action| marked.contains(action)));
}

#[test]
fn keys_have_names_in_both_languages() {
    assert_eq!(key_name(Key::ctrl('p'), Lang::Ko), "Ctrl+P");
    assert_eq!(key_name(Key::shift(Code::F(5)), Lang::En), "Shift+F5");
    assert_eq!(key_name(Key::plain(Code::BackTab), Lang::En), "Shift+Tab");
    assert_eq!(key_name(Key::plain(Code::Up), Lang::Ko), "위");
    assert_eq!(key_name(Key::char('c'), Lang::Ko), "c");
}

#[test]
fn help_tells_all_keys_of_the_contexts_asked_for() {
    let lines = help_lines(&[Context::Result], ko());
    let copy = lines.iter().find(|line| line.keys == "F5, c").unwrap();
    assert_eq!(copy.text, "승인번호나 계좌를 클립보드로 보냅니다");
    assert!(lines.iter().all(|line| line.context == Context::Result));
    let all = help_lines(&Context::ALL, ko());
    assert_eq!(all.len(), BINDINGS.len(), "every context is in `ALL`");
}

/// The README's tables are the ones made here. Without the markers there is nothing to compare, which is said.
#[test]
fn the_readme_has_these_tables() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap_or_default();
    for lang in Lang::ALL {
        let table = markdown_table(lang);
        assert_eq!(table.lines().count(), BINDINGS.len() + 2);
        let start = format!("<!-- keys:{} -->", lang.tag());
        let Some((_, after)) = readme.split_once(&start) else {
            eprintln!("NOT CHECKED: README.md has no {start}");
            continue;
        };
        let (found, _) = after.split_once("<!-- /keys -->").expect("an end of the table");
        assert_eq!(found.trim(), table.trim(), "README.md, {start}: put this table there:\n{table}");
    }
}
