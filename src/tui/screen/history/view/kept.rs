//! The closes that were kept: a line each, one marked.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::model::Closing;
use super::{basis_word, trouble};
use crate::domain::close::{Brief, KeptClose};
use crate::domain::due::to_the_minute;
use crate::domain::text::SafeText;
use crate::error::asking;
use crate::i18n::Catalogue;
use crate::text;
use crate::tui::columns;
use crate::tui::widgets::{Look, Tone, line, list, page::Page};

/// The columns of the day, of what was found, of the basis and of when it was kept.
const DAY: usize = 10;
const FOUND: usize = 20;
const BASIS: usize = 15;
const MADE: usize = 16;

pub(super) fn draw(closing: &Closing, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let words = look.words;
    line(buf, area, area.x, area.y, words.get("history.close.before"), look.theme.title);
    if let Some(said) = &closing.said {
        let x = line(buf, area, area.x, area.y + 1, look.glyphs.warning, look.theme.warning);
        line(buf, area, x + 1, area.y + 1, &words.text(said), look.theme.warning);
    }
    let body = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
    let lines = closing.lines();
    if lines.is_empty() {
        let mut page = Page::new(look, area.width);
        nothing(closing, &mut page, look);
        return page.draw(buf, body);
    }
    line(buf, body, body.x + 2, body.y, &head(look), look.theme.dim);
    let body = Rect { y: body.y + 1, height: body.height.saturating_sub(1), ..body };
    let range = list::window(lines.len(), closing.at, list::height(body));
    let rows: Vec<String> =
        lines[range.clone()].iter().map(|kept| row(kept, usize::from(area.width) - 2, look)).collect();
    let shown = list::List { rows: &rows, first: range.start, len: lines.len(), selected: Some(closing.at) };
    list::draw(buf, body, &shown, look.theme, look.glyphs, words);
}

/// Why there is no line.
pub(super) fn nothing(closing: &Closing, page: &mut Page<'_>, look: Look<'_>) {
    match &closing.before {
        None => page.say(Tone::Hint, look.words.get("history.loading")),
        Some(Err(problem)) => trouble(&asking(problem), page, look),
        Some(Ok(_)) => page.say(Tone::Hint, look.words.get("history.close.none-before")),
    }
}

fn head(look: Look<'_>) -> String {
    let name = |name| look.words.get(name);
    cells(
        name("history.close.column.day"),
        name("history.close.column.found"),
        name("history.close.column.basis"),
        name("history.close.column.made"),
        name("history.close.column.who"),
    )
}

fn cells(day: &str, found: &str, basis: &str, made: &str, who: &str) -> String {
    let left = columns::pad_right;
    format!("{} {} {} {} {who}", left(day, DAY), left(found, FOUND), left(basis, BASIS), left(made, MADE))
}

/// A close in so many columns: the day, what was found by which basis, when and by whom.
pub(super) fn row(kept: &KeptClose, room: usize, look: Look<'_>) -> String {
    let words = look.words;
    let found = match &kept.brief {
        Some(brief) => brief_text(*brief, words),
        None => words.get("history.close.not-readable").to_owned(),
    };
    let basis = kept.brief.map_or("", |brief| basis_word(brief.basis, words));
    let who = SafeText::new(&kept.operator);
    let text = cells(&kept.day.to_string(), &found, basis, &to_the_minute(kept.made_at), who.as_str());
    columns::cut_marked(&text, room, look.glyphs.cut)
}

fn brief_text(brief: Brief, words: &Catalogue) -> String {
    let Brief { wrong, notices, .. } = brief;
    words.text(&match (wrong, notices) {
        (0, 0) => text!("history.close.found.agrees"),
        (0, notices) => text!("history.close.found.notices", count = notices),
        (wrong, 0) => text!("history.close.found.wrong", count = wrong),
        (wrong, notices) => text!("history.close.found.both", count = wrong, notices = notices),
    })
}
