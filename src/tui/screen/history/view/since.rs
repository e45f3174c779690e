//! What is different since the close before: every change in a line, with what it was and what it is now.

use super::close::{difference, env_key, sum};
use super::{basis_word, method_key};
use crate::domain::close::{Change, ClosedDay, EarlierClose, Group, Sum};
use crate::domain::due::to_the_minute;
use crate::domain::money::Currency;
use crate::domain::text::SafeText;
use crate::i18n::Catalogue;
use crate::text;
use crate::tui::widgets::{Look, Tone, page::Page};

pub(super) fn draw(found: &ClosedDay, earlier: &EarlierClose, page: &mut Page<'_>, look: Look<'_>) {
    let words = look.words;
    let (at, who) = (to_the_minute(earlier.made_at), SafeText::new(&earlier.operator));
    let Some(changes) = &earlier.changes else {
        let text = text!("history.close.not-compared", at = at, who = who);
        return page.say(Tone::Warning, &words.text(&text));
    };
    let other = earlier.basis.filter(|basis| *basis != found.close.basis);
    match (changes.len(), other) {
        (0, None) => page.say(Tone::Ok, &words.text(&text!("history.close.same", at = at, who = who))),
        (0, Some(_)) => {
            page.say(Tone::Ok, &words.text(&text!("history.close.same-differences", at = at, who = who)));
        }
        (count, _) => {
            let text = text!("history.close.changed", at = at, who = who, count = count);
            page.say(Tone::Warning, &words.text(&text));
        }
    }
    if let Some(basis) = other {
        let text = text!("history.close.other-basis", basis = basis_word(basis, words));
        page.say(Tone::Hint, &words.text(&text));
    }
    let several = found.close.sides.len() > 1;
    for change in changes {
        let line = told(change, words);
        page.say(
            Tone::Hint,
            &if several { format!("{} {line}", words.get(env_key(change.env()))) } else { line },
        );
    }
}

fn told(change: &Change, words: &Catalogue) -> String {
    words.text(&match change {
        Change::Money { group, currency, then, now, .. } => text!(
            "close.change.money",
            name = name(group, words),
            then = sum(then, *currency, words),
            now = sum(now, *currency, words),
            by = by(then, now, *currency, words)
        ),
        Change::Uncounted { group, then, now, .. } => {
            text!("close.change.uncounted", name = name(group, words), then = then, now = now)
        }
        Change::Became { id, then, now, .. } => {
            let (then, now) = (difference(then, words), difference(now, words));
            text!("close.change.became", id = id, then = then, now = now)
        }
        Change::Appeared { difference: found, .. } => {
            text!("close.change.appeared", id = found.id, what = difference(&found.what, words))
        }
        Change::Resolved { difference: found, .. } => {
            text!("close.change.resolved", id = found.id, what = difference(&found.what, words))
        }
    })
}

fn name(group: &Group, words: &Catalogue) -> String {
    match group {
        Group::Paid => words.get("history.close.paid").to_owned(),
        Group::Method(method) => words.get(method_key(*method)).to_owned(),
        Group::State(state) => words.get(state.name_key()).to_owned(),
        Group::Operator(None) => words.get("history.close.elsewhere").to_owned(),
        Group::Operator(Some(who)) => words.text(&text!("close.change.operator", who = SafeText::new(who))),
    }
}

/// How much more or less is left, with its sign.
fn by(then: &Sum, now: &Sum, currency: Currency, words: &Catalogue) -> String {
    let shown = |minor| super::close::minor_money(minor, currency, words);
    match (then.net(), now.net()) {
        (then, now) if now < then => format!("-{}", shown(then - now)),
        (then, now) => format!("+{}", shown(now - then)),
    }
}
