//! Lines below each other, wrapped to a width before anything is drawn, so that a box can be as high as its
//! content.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::{Look, Tone, cells, line};
use crate::tui::columns;

/// The columns of a label in front of a value.
const LABEL: usize = 14;
/// The columns of a mark in front of a sentence.
const MARK: usize = 2;

#[derive(Debug)]
struct Piece {
    x: u16,
    text: String,
    style: Style,
}

/// Some lines of text.
#[derive(Debug)]
pub(in crate::tui) struct Page<'a> {
    look: Look<'a>,
    width: usize,
    rows: Vec<Vec<Piece>>,
}

impl<'a> Page<'a> {
    /// An empty page that many columns wide.
    pub(in crate::tui) fn new(look: Look<'a>, width: u16) -> Self {
        // The last column stays free for the mark that tells of more.
        Self { look, width: usize::from(width.saturating_sub(1)), rows: Vec::new() }
    }

    /// How many lines it has.
    pub(in crate::tui) fn height(&self) -> u16 {
        cells(self.rows.len())
    }

    /// A line of one piece.
    pub(in crate::tui) fn row(&mut self, x: u16, text: impl Into<String>, style: Style) {
        self.rows.push(vec![Piece { x, text: text.into(), style }]);
    }

    /// One more piece on the last line.
    pub(in crate::tui) fn and(&mut self, x: u16, text: impl Into<String>, style: Style) {
        if let Some(row) = self.rows.last_mut() {
            row.push(Piece { x, text: text.into(), style });
        }
    }

    /// A sentence with the mark of its tone.
    pub(in crate::tui) fn say(&mut self, tone: Tone, text: &str) {
        let style = tone.style(self.look.theme);
        for (at, part) in columns::wrap(text, self.room()).into_iter().enumerate() {
            self.row(cells(MARK), part, style);
            if at == 0
                && let Some(mark) = tone.mark(self.look.glyphs)
            {
                self.and(0, mark, style);
            }
        }
    }

    /// How many columns a line of a sentence has.
    pub(in crate::tui) const fn room(&self) -> usize {
        self.width.saturating_sub(MARK)
    }

    /// A label and its value, at most so many lines of it.
    pub(in crate::tui) fn pair(&mut self, label: &str, value: &str, most: usize) {
        let room = self.width.saturating_sub(LABEL);
        let mut parts = columns::wrap(value, room);
        if parts.len() > most {
            parts.truncate(most);
            if let Some(last) = parts.last_mut() {
                *last = format!("{}{}", columns::cut(last, room.saturating_sub(1)), self.look.glyphs.cut);
            }
        }
        for (at, part) in parts.into_iter().enumerate() {
            self.row(cells(LABEL), part, self.look.theme.value);
            if at == 0 {
                self.and(0, columns::cut(label, LABEL - 1), self.look.theme.label);
            }
        }
    }

    /// Lines under the values.
    pub(in crate::tui) fn below(&mut self, lines: impl IntoIterator<Item = String>, style: Style) {
        for text in lines {
            self.row(cells(LABEL), text, style);
        }
    }

    /// The lines of another page below these.
    pub(in crate::tui) fn extend(&mut self, other: Page<'_>) {
        self.rows.extend(other.rows);
    }

    /// An empty line.
    pub(in crate::tui) fn gap(&mut self) {
        self.rows.push(Vec::new());
    }

    /// Leaves the empty lines out.
    pub(in crate::tui) fn tighten(&mut self) {
        self.rows.retain(|row| !row.is_empty());
    }

    /// Draws what fits of the lines from the `first` on, or from where the last ones still fill the area.
    pub(in crate::tui) fn draw_from(mut self, first: usize, buf: &mut Buffer, area: Rect) {
        let most = self.rows.len().saturating_sub(usize::from(area.height));
        self.rows.drain(..first.min(most));
        self.draw(buf, area);
    }

    /// Draws what fits; a mark in the last column tells that there was more.
    pub(in crate::tui) fn draw(self, buf: &mut Buffer, area: Rect) {
        if self.height() > area.height && !area.is_empty() {
            let (x, y) = (area.right() - 1, area.bottom() - 1);
            line(buf, area, x, y, self.look.glyphs.cut, self.look.theme.dim);
        }
        for (row, y) in self.rows.iter().zip(area.y..area.bottom()) {
            for piece in row {
                line(buf, area, area.x + piece.x, y, &piece.text, piece.style);
            }
        }
    }

    /// Where the line after the last one begins, below the mark's columns, when the page is drawn there.
    pub(in crate::tui) fn end(&self, area: Rect) -> Position {
        Position::new(area.x + cells(MARK), area.y + self.height())
    }
}
