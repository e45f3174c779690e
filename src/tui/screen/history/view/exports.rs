//! What was taken out: when, by whom, how much, why and where to.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::model::Exports;
use super::trouble;
use crate::domain::due::to_the_minute;
use crate::domain::export::Export as Taken;
use crate::domain::text::SafeText;
use crate::error::asking;
use crate::i18n::Lang;
use crate::text;
use crate::tui::widgets::{Look, Tone, page::Page};

pub(super) fn draw(exports: &Exports, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let words = look.words;
    let mut page = Page::new(look, area.width);
    page.row(0, words.get("history.exports.title"), look.theme.title);
    page.gap();
    match &exports.found {
        None => page.say(Tone::Hint, words.get("history.loading")),
        Some(Err(problem)) => trouble(&asking(problem), &mut page, look),
        Some(Ok(found)) if found.is_empty() => page.say(Tone::Hint, words.get("history.exports.none")),
        Some(Ok(found)) => found.iter().for_each(|one| tell(one, &mut page, look)),
    }
    page.draw_from(exports.scroll, buf, area);
}

fn tell(one: &Taken, page: &mut Page<'_>, look: Look<'_>) {
    let words = look.words;
    let line = text!(
        "history.exports.line",
        at = to_the_minute(one.at),
        who = SafeText::new(&one.operator.seat()),
        what = one.name_key(),
        count = one.rows,
        columns = one.columns().len()
    );
    page.row(0, words.text(&line), look.theme.text);
    page.pair(words.get("history.export.reason"), SafeText::message(&one.reason).as_str(), 2);
    let path = match one.file() {
        Some(path) => SafeText::message(path).to_string(),
        None => words.get("history.exports.output").to_owned(),
    };
    page.pair(words.get("history.export.path"), &path, 2);
    let people: Vec<&str> = one
        .personal()
        .into_iter()
        .map(|column| match words.lang() {
            Lang::Ko => column.ko,
            Lang::En => column.en,
        })
        .collect();
    if !people.is_empty() {
        page.pair(words.get("history.exports.people"), &people.join(", "), 2);
    }
    page.gap();
}
