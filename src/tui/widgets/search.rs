//! The line on top of a list: what is searched for, and at the right what the list is narrowed to.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::{Look, cells, line};
use crate::tui::columns;
use crate::tui::edit::Edit;

/// What the line shows.
#[derive(Debug, Clone, Copy)]
pub(in crate::tui) struct SearchLine<'a> {
    /// The word in front.
    pub label: &'a str,
    /// In what is searched; empty when that needs no saying.
    pub within: &'a str,
    /// What was typed.
    pub typed: &'a Edit,
    /// Whether it is being typed.
    pub active: bool,
    /// What stands at the right.
    pub narrowed: &'a str,
}

/// Draws it; returns where the cursor belongs while something is typed.
pub(in crate::tui) fn draw(
    buf: &mut Buffer,
    area: Rect,
    shown: &SearchLine<'_>,
    look: Look<'_>,
) -> Option<Position> {
    let x = line(buf, area, area.x, area.y, &format!("{} ", shown.label), look.theme.label);
    let x = line(buf, area, x, area.y, shown.within, look.theme.dim);
    let right = area.right().saturating_sub(cells(columns::width(shown.narrowed)));
    line(buf, area, right, area.y, shown.narrowed, look.theme.dim);
    let room = usize::from(right.saturating_sub(x + 1));
    let (typed, at) = shown.typed.view(room);
    line(buf, Rect { width: right.saturating_sub(area.x), ..area }, x, area.y, typed, look.theme.value);
    shown.active.then(|| Position::new(x + cells(at), area.y))
}
