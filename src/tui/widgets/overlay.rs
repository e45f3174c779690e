//! A box on top of the screen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, Clear, Widget as _};

use crate::tui::columns;
use crate::tui::glyphs::Glyphs;
use crate::tui::theme::Theme;

/// The place of a box of that size (border included) in the middle of an area, made smaller to fit.
pub fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}

/// Draws an empty box with a border and a title; gives the room inside, one column of margin left and right.
///
/// A wide character whose second half the box would cover is blanked: a terminal shows it whole and hides the
/// border beneath it.
pub fn popup(buf: &mut Buffer, area: Rect, title: &str, theme: &Theme, glyphs: &Glyphs) -> Rect {
    let area = area.intersection(buf.area);
    if area.is_empty() {
        return area;
    }
    if let Some(left) = area.x.checked_sub(1).filter(|left| *left >= buf.area.left()) {
        for y in area.top()..area.bottom() {
            let cell = &mut buf[(left, y)];
            if columns::width(cell.symbol()) > 1 {
                cell.set_symbol(" ");
            }
        }
    }
    Clear.render(area, buf);
    let block = Block::bordered().border_set(glyphs.border).border_style(theme.border);
    let inner = block.inner(area);
    block.render(area, buf);
    if area.width > 6 && !title.is_empty() {
        let shown = columns::cut(title, usize::from(area.width) - 6);
        super::line(buf, area, area.x + 2, area.y, &format!(" {shown} "), theme.title);
    }
    let margin = u16::from(inner.width >= 2);
    Rect { x: inner.x + margin, width: inner.width - 2 * margin, ..inner }
}

#[cfg(test)]
mod tests {
    use ratatui::style::Style;

    use super::super::testing::{lines, screen};
    use super::*;
    use crate::tui::theme::Name;

    fn over_hangul(x: u16) -> Vec<String> {
        let mut buf = screen(20, 4);
        for y in 0..4 {
            buf.set_string(0, y, "가나다라마바사아자차", Style::new());
        }
        popup(&mut buf, Rect::new(x, 1, 8, 2), "", &Theme::of(Name::Mono), &Glyphs::ASCII);
        lines(&buf)
    }

    #[test]
    fn the_left_border_is_not_hidden_under_half_a_syllable() {
        let cut = "가나 +------+ 아자차";
        assert_eq!(over_hangul(5), ["가나다라마바사아자차", cut, cut, "가나다라마바사아자차"]);
    }

    #[test]
    fn between_syllables_nothing_is_lost() {
        assert_eq!(over_hangul(4)[1], "가나+------+사아자차");
    }

    #[test]
    fn a_wide_title_is_cut_and_the_inside_has_a_margin() {
        let mut buf = screen(12, 3);
        let inner =
            popup(&mut buf, Rect::new(0, 0, 11, 3), "결제확인", &Theme::of(Name::Mono), &Glyphs::ASCII);
        assert_eq!(lines(&buf)[0], "+- 결제 --+");
        assert_eq!(inner, Rect::new(2, 1, 7, 1));
        assert_eq!(centred(Rect::new(0, 0, 80, 24), 40, 10), Rect::new(20, 7, 40, 10));
        assert_eq!(centred(Rect::new(0, 0, 30, 5), 40, 10), Rect::new(0, 0, 30, 5));
    }
}
