//! The choice of what is shown, and what was chosen, on one line.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::super::model::{Filter, FilterRow};
use super::{basis_key, kind_key, method_key};
use crate::text;
use crate::tui::columns;
use crate::tui::widgets::{Look, cells, line, overlay};

/// The columns of the names.
const LABEL: u16 = 14;

const fn label(row: FilterRow) -> &'static str {
    match row {
        FilterRow::Period => "history.filter.period",
        FilterRow::Basis => "history.filter.basis",
        FilterRow::State => "history.filter.state",
        FilterRow::Method => "history.filter.method",
        FilterRow::Pg => "history.filter.pg",
        FilterRow::Recurring => "history.filter.recurring",
        FilterRow::Mode => "history.filter.mode",
        FilterRow::Least => "history.filter.least",
        FilterRow::Most => "history.filter.most",
    }
}

/// What a row says now; `None` when it lets everything through.
fn value(filter: &Filter, row: FilterRow, look: Look<'_>) -> Option<String> {
    let words = look.words;
    let word = |key: &'static str| words.get(key).to_owned();
    match row {
        FilterRow::Period => Some(word(filter.period.label())),
        FilterRow::Basis => Some(word(basis_key(filter.basis))),
        FilterRow::State => filter.state.map(|state| word(kind_key(state, false))),
        FilterRow::Method => filter.method.map(|method| word(method_key(method))),
        FilterRow::Pg => filter.pg.as_ref().map(ToString::to_string),
        FilterRow::Recurring => {
            filter.recurring.map(|key| word(if key { "history.kind.recurring" } else { "history.kind.once" }))
        }
        FilterRow::Mode => filter.is_test.map(|test| word(if test { "env.test" } else { "env.live" })),
        FilterRow::Least if !filter.least.is_empty() => {
            Some(words.text(&text!("history.filter.from", amount = filter.least.text())))
        }
        FilterRow::Most if !filter.most.is_empty() => {
            Some(words.text(&text!("history.filter.up-to", amount = filter.most.text())))
        }
        FilterRow::Least | FilterRow::Most => None,
    }
}

/// Everything that is chosen, the basis of time always among it.
pub(super) fn text(filter: &Filter, look: Look<'_>) -> String {
    let parts: Vec<String> =
        FilterRow::ALL.into_iter().filter_map(|row| value(filter, row, look)).take(5).collect();
    parts.join(&format!(" {} ", look.glyphs.separator))
}

pub(super) fn draw(
    filter: &Filter,
    at: FilterRow,
    buf: &mut Buffer,
    area: Rect,
    look: Look<'_>,
) -> Option<Position> {
    let words = look.words;
    let place = overlay::centred(area, 56, 14);
    let inner = overlay::popup(buf, place, words.get("hint.filter"), look.theme, look.glyphs);
    let mut cursor = None;
    for (row, y) in FilterRow::ALL.into_iter().zip(inner.y + 1..) {
        let marked = row == at;
        let style = if marked { look.theme.selected } else { look.theme.text };
        if marked {
            line(buf, inner, inner.x, y, look.glyphs.cursor, style);
        }
        let name = columns::pad_right(words.get(label(row)), usize::from(LABEL) - 2);
        line(buf, inner, inner.x + 2, y, &name, look.theme.label);
        let typed = match row {
            FilterRow::Least => Some(&filter.least),
            FilterRow::Most => Some(&filter.most),
            _ => None,
        };
        let x = inner.x + LABEL;
        if let Some(typed) = typed {
            let (shown, column) = typed.view(20);
            let hint = if typed.is_empty() && !marked { words.get("history.filter.any") } else { shown };
            line(buf, inner, x + 2, y, hint, style);
            if marked {
                cursor = Some(Position::new(x + 2 + cells(column), y));
            }
        } else {
            let value = value(filter, row, look);
            let value = value.unwrap_or_else(|| words.get("history.filter.any").to_owned());
            line(buf, inner, x, y, &format!("< {value} >"), style);
        }
    }
    let last = inner.bottom().saturating_sub(1);
    line(buf, inner, inner.x, last, words.get("history.filter.keys"), look.theme.focus);
    cursor
}
