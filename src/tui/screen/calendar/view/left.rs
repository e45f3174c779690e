//! Batches that were begun and not ended.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::model::{Left, Model};
use super::{exact, work::kind};
use crate::domain::bulk::BatchLeft;
use crate::domain::due;
use crate::domain::text::SafeText;
use crate::text;
use crate::tui::widgets::{Look, Tone, cells, line, list, overlay, page::Page};

pub(super) fn draw(model: &Model, left: Left, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let words = look.words;
    let mut page = Page::new(look, 66);
    page.say(Tone::Warning, words.get("calendar.left.what"));
    page.say(Tone::Hint, words.get(if left.giving_up { "calendar.left.sure" } else { "calendar.left.how" }));
    let height = page.height() + cells(model.left.len()).min(8) + 6;
    let place = overlay::centred(area, 70, height);
    let inner = overlay::popup(buf, place, words.get("calendar.left.title"), look.theme, look.glyphs);
    let below = inner.y + page.height() + 1;
    page.draw(buf, inner);
    let body = Rect { y: below, height: inner.bottom().saturating_sub(below + 1), ..inner };
    let rows: Vec<String> = model.left.iter().map(|batch| row(batch, look)).collect();
    let range = list::window(rows.len(), left.at, list::height(body));
    let shown = list::List {
        rows: rows.get(range.clone()).unwrap_or_default(),
        first: range.start,
        len: rows.len(),
        selected: Some(left.at),
    };
    list::draw(buf, body, &shown, look.theme, look.glyphs, words);
    let (keys, style) = if left.is_busy() {
        ("billing.loading", look.theme.dim)
    } else if left.giving_up {
        ("calendar.left.give-up-keys", look.theme.focus)
    } else {
        ("calendar.left.keys", look.theme.focus)
    };
    line(buf, inner, inner.x, inner.bottom().saturating_sub(1), words.get(keys), style);
}

/// When, by whom, what, how many of how many are left and what they come to.
fn row(batch: &BatchLeft, look: Look<'_>) -> String {
    let words = look.words;
    let when = due::in_korea(batch.created).strftime("%m-%d %H:%M");
    let sums: Vec<String> = batch
        .totals
        .iter()
        .map(|(currency, sum)| exact(*sum, &SafeText::new(currency.code()), look))
        .collect();
    let left = words.text(&text!("calendar.left.count", left = batch.left, of = batch.of));
    format!("{when} {} {} {left} {}", batch.operator.user, words.get(kind(batch.kind)), sums.join(", "))
}
