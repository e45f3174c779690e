//! The pieces screens are made of. Views hand them data and get back where the cursor belongs; they hold no
//! state, name no model and take every text ready in the person's language.

pub mod digits;
pub mod footer;
pub mod form;
pub mod header;
pub mod list;
pub mod overlay;
pub mod page;
pub mod search;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::columns;
use super::glyphs::Glyphs;
use super::theme::Theme;
use crate::i18n::Catalogue;

/// What a screen is drawn with.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// Colours by meaning.
    pub theme: &'a Theme,
    /// Marks and borders.
    pub glyphs: &'a Glyphs,
    /// Words.
    pub words: &'a Catalogue,
}

/// How something is meant: a style and a mark, so that it is told apart without colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Advice; has no mark.
    Hint,
    /// Right.
    Ok,
    /// Take care.
    Warning,
    /// Wrong.
    Error,
}

impl Tone {
    /// Its style.
    pub const fn style(self, theme: &Theme) -> Style {
        match self {
            Self::Hint => theme.hint,
            Self::Ok => theme.ok,
            Self::Warning => theme.warning,
            Self::Error => theme.error,
        }
    }

    /// Its mark, if it has one.
    pub const fn mark(self, glyphs: &Glyphs) -> Option<&'static str> {
        match self {
            Self::Hint => None,
            Self::Ok => Some(glyphs.ok),
            Self::Warning => Some(glyphs.warning),
            Self::Error => Some(glyphs.error),
        }
    }
}

/// Writes on one line, never beyond the area's right edge; gives the column after the text. Outside the area
/// nothing is written.
pub(in crate::tui) fn line(buf: &mut Buffer, area: Rect, x: u16, y: u16, text: &str, style: Style) -> u16 {
    let area = area.intersection(buf.area);
    if y < area.top() || y >= area.bottom() || x < area.left() || x >= area.right() {
        return x;
    }
    if !columns::is_plain(text) {
        return buf.set_stringn(x, y, text, usize::from(area.right() - x), style).0;
    }
    // The same for characters that are clusters by themselves, without asking Unicode's tables.
    let mut x = x;
    for (ch, wide) in columns::plain(text) {
        if x + wide > area.right() {
            break;
        }
        buf[(x, y)].set_char(ch).set_style(style);
        if wide == 2 {
            buf[(x + 1, y)].reset();
        }
        x += wide;
    }
    x
}

/// A width as a coordinate. Nothing on a screen is wider than that.
pub(in crate::tui) fn cells(columns: usize) -> u16 {
    u16::try_from(columns).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::testing::screen;
    use super::*;

    proptest! {
        #[test]
        fn plain_texts_are_drawn_as_ratatui_draws_them(
            under in "[가-힣a-z]{0,10}",
            text in "[ -~가-힣…]{0,14}",
            x in 0u16..12,
        ) {
            let style = Style::new().fg(ratatui::style::Color::Red);
            let (mut ours, mut theirs) = (screen(12, 1), screen(12, 1));
            for buf in [&mut ours, &mut theirs] {
                buf.set_stringn(0, 0, &under, 12, Style::new());
            }
            let area = ours.area;
            let end = line(&mut ours, area, x, 0, &text, style);
            let same = theirs.set_stringn(x, 0, &text, usize::from(12 - x), style).0;
            prop_assert_eq!(end, same);
            prop_assert_eq!(ours, theirs);
        }
    }
}

#[cfg(test)]
mod testing {
    use super::*;

    /// The lines of a buffer, blanks at the end left out. A wide character stands for its two cells.
    pub(super) fn lines(buf: &Buffer) -> Vec<String> {
        let row = |y| {
            let mut line = String::new();
            let mut x = buf.area.left();
            while x < buf.area.right() {
                let symbol = buf[(x, y)].symbol();
                line.push_str(symbol);
                x += cells(crate::tui::columns::width(symbol).max(1));
            }
            line.trim_end().to_owned()
        };
        (buf.area.top()..buf.area.bottom()).map(row).collect()
    }

    /// An empty buffer.
    pub(super) fn screen(width: u16, height: u16) -> Buffer {
        Buffer::empty(Rect::new(0, 0, width, height))
    }
}
