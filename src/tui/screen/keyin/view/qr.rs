//! A receipt's address as a QR code, drawn in text: two rows of it in one line of half blocks, or two characters
//! a dot without them. The light dots are drawn on a dark screen, the dark ones on a light screen, so that it
//! reads as black on white either way and needs no colour.

use qrcode::{Color, EcLevel, QrCode};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Look;
use crate::tui::columns;
use crate::tui::theme::Name;
use crate::tui::widgets::{Tone, cells, line, overlay};

/// The light border that a reader needs. Four dots by the book; two are read, and fit 24 lines.
const QUIET: usize = 2;

/// Draws it over an area, or says that there is no room.
pub(in crate::tui) fn draw(url: &str, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let rows = rows(url, look.theme.name != Name::Light, look.glyphs.blocks);
    let width = rows.first().map_or(0, |row| columns::width(row));
    let fits = !rows.is_empty() && rows.len() <= usize::from(area.height) && width <= usize::from(area.width);
    if !fits {
        let place = overlay::centred(area, 62, 5);
        let inner = overlay::popup(buf, place, "QR", look.theme, look.glyphs);
        let said = look.words.get("keyin.qr.no-room");
        for (part, y) in
            columns::wrap(said, usize::from(inner.width)).into_iter().zip(inner.y..inner.bottom())
        {
            line(buf, inner, inner.x, y, &part, Tone::Warning.style(look.theme));
        }
        return;
    }
    let place = overlay::centred(area, cells(width), cells(rows.len()));
    // Everything around it too: half a syllable beside it would be drawn over its edge.
    ratatui::widgets::Widget::render(ratatui::widgets::Clear, area, buf);
    for (row, y) in rows.iter().zip(place.y..) {
        line(buf, place, place.x, y, row, look.theme.text);
    }
}

/// The lines of it; none when the text is too long for a code.
fn rows(url: &str, light_drawn: bool, blocks: bool) -> Vec<String> {
    let Ok(code) = QrCode::with_error_correction_level(url, EcLevel::L) else { return Vec::new() };
    let side = code.width() + 2 * QUIET;
    let drawn = |x: usize, y: usize| {
        let inside = (QUIET..side - QUIET).contains(&x) && (QUIET..side - QUIET).contains(&y);
        let dark = inside && code[(x - QUIET, y - QUIET)] == Color::Dark;
        dark != light_drawn
    };
    if !blocks {
        let row = |y| (0..side).map(|x| if drawn(x, y) { "##" } else { "  " }).collect();
        return (0..side).map(row).collect();
    }
    let row = |y: usize| -> String {
        let dot = |x| match (drawn(x, y), y + 1 < side && drawn(x, y + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        };
        (0..side).map(dot).collect()
    };
    (0..side).step_by(2).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a camera sees: the dots of both drawings must be the same, light and dark exchanged or not.
    fn dots(rows: &[String], blocks: bool) -> Vec<Vec<bool>> {
        let mut dots = Vec::new();
        for row in rows {
            if blocks {
                dots.push(row.chars().map(|ch| matches!(ch, '█' | '▀')).collect());
                dots.push(row.chars().map(|ch| matches!(ch, '█' | '▄')).collect());
            } else {
                dots.push(row.chars().step_by(2).map(|ch| ch == '#').collect());
            }
        }
        dots
    }

    #[test]
    fn blocks_and_signs_draw_the_same_code_with_a_border() {
        let url = "https://receipts.example.com/v2/slip?id=0195a1c2-5b7d-7e10-9a44-2f6b8c0d1e23";
        let (half, signs) = (rows(url, true, true), rows(url, true, false));
        assert!(half.len() <= 22, "{} lines do not fit a small terminal", half.len());
        let signs = dots(&signs, false);
        assert_eq!(dots(&half, true)[..signs.len()], signs[..]);
        assert!(signs[0].iter().chain(&signs[1]).all(|light| *light), "the border is light");
        let light = dots(&rows(url, false, false), false);
        assert!(light.iter().flatten().zip(signs.iter().flatten()).all(|(one, other)| one != other));
        // The corner that every code has.
        let corner: Vec<bool> = signs[QUIET][QUIET..QUIET + 8].to_vec();
        assert_eq!(corner, [false, false, false, false, false, false, false, true]);
    }

    #[test]
    fn what_is_too_long_is_no_code() {
        assert!(rows(&"x".repeat(5000), true, true).is_empty());
    }
}
