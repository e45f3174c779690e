//! One field of a form: focus mark, label, value, and what is to say about it, in place.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::{Tone, cells, line};
use crate::tui::columns;
use crate::tui::glyphs::Glyphs;
use crate::tui::theme::Theme;

/// What a field shows.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// Its name.
    pub label: &'a str,
    /// Whether it must be filled.
    pub required: bool,
    /// What is seen of its value, scrolled and masked already.
    pub value: &'a str,
    /// The cursor's column in it when the field has the focus.
    pub cursor: Option<usize>,
    /// Advice or what is wrong, right of the value.
    pub message: Option<(Tone, &'a str)>,
}

/// How wide the parts of all rows of a form are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Columns {
    /// The label's columns.
    pub label: u16,
    /// The value's columns; the cursor needs one more than the longest value.
    pub value: u16,
}

/// The columns of the focus mark, the required mark and the gaps around the value.
const MARK: u16 = 2;
const GAP: u16 = 2;

/// The columns that a message with a mark has in a form that wide.
pub const fn message_room(width: u16, widths: Columns) -> usize {
    width.saturating_sub(MARK + widths.label + GAP + widths.value + GAP + 2) as usize
}

/// Draws a field on the first line of the area. Gives the cursor's place when it has the focus.
pub fn draw(
    buf: &mut Buffer,
    area: Rect,
    row: &Row<'_>,
    widths: Columns,
    theme: &Theme,
    glyphs: &Glyphs,
) -> Option<Position> {
    let (y, focused) = (area.y, row.cursor.is_some());
    if focused {
        line(buf, area, area.x, y, glyphs.cursor, theme.focus);
    }
    let label = columns::cut(row.label, usize::from(widths.label));
    let style = if focused { theme.focus } else { theme.label };
    let after = line(buf, area, area.x + MARK, y, label, style);
    if row.required {
        line(buf, area, after, y, glyphs.required, theme.warning);
    }
    let value_x = area.x + MARK + widths.label + GAP;
    line(buf, area, value_x, y, columns::cut(row.value, usize::from(widths.value)), theme.value);
    if let Some((tone, message)) = row.message {
        let mut x = value_x + widths.value + GAP;
        if let Some(mark) = tone.mark(glyphs) {
            x = line(buf, area, x, y, mark, tone.style(theme)) + 1;
        }
        let room = usize::from(area.right().saturating_sub(x));
        line(buf, area, x, y, &columns::cut_marked(message, room, glyphs.cut), tone.style(theme));
    }
    let cursor = row.cursor?;
    let x = value_x + cells(cursor).min(widths.value.saturating_sub(1));
    let seen = area.intersection(buf.area).contains(Position { x, y });
    seen.then_some(Position { x, y })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{lines, screen};
    use super::*;
    use crate::tui::theme::Name;

    const WIDTHS: Columns = Columns { label: 8, value: 10 };

    #[test]
    fn label_value_message_and_cursor_stand_in_columns() {
        let mut buf = screen(44, 2);
        let (theme, glyphs) = (Theme::of(Name::Mono), Glyphs::ASCII);
        let name =
            Row { label: "고객명", required: true, value: "홍길동", cursor: Some(6), message: None };
        let at = draw(&mut buf, Rect::new(0, 0, 44, 1), &name, WIDTHS, &theme, &glyphs);
        assert_eq!(at, Some(Position { x: 18, y: 0 }));
        let wrong = Row {
            label: "금액",
            required: false,
            value: "1,000",
            cursor: None,
            message: Some((Tone::Error, "너무 적습니다")),
        };
        assert_eq!(draw(&mut buf, Rect::new(0, 1, 44, 1), &wrong, WIDTHS, &theme, &glyphs), None);
        assert_eq!(lines(&buf), ["> 고객명*   홍길동", "  금액      1,000       x 너무 적습니다"]);
    }

    #[test]
    fn a_message_without_room_is_marked() {
        let mut buf = screen(30, 1);
        let row = Row {
            label: "",
            required: false,
            value: "",
            cursor: None,
            message: Some((Tone::Error, "너무 적음")),
        };
        let area = Rect::new(0, 0, 30, 1);
        draw(&mut buf, area, &row, WIDTHS, &Theme::of(Name::Mono), &Glyphs::ASCII);
        assert_eq!(message_room(30, WIDTHS), 4);
        assert_eq!(lines(&buf)[0].trim_start(), "x 너~");
    }

    #[test]
    fn a_cursor_outside_the_screen_is_no_cursor() {
        let mut buf = screen(12, 1);
        let row = Row { label: "메모", required: false, value: "가", cursor: Some(2), message: None };
        let area = Rect::new(0, 0, 12, 1);
        assert_eq!(draw(&mut buf, area, &row, WIDTHS, &Theme::of(Name::Mono), &Glyphs::ASCII), None);
    }
}
