//! Large digits, three rows high: the approval number that an agent reads out.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::line;
use crate::tui::glyphs::Glyphs;

/// Each digit as five rows of three dots, the top row first.
const DOTS: [[u8; 5]; 10] = [
    [0b111, 0b101, 0b101, 0b101, 0b111],
    [0b010, 0b110, 0b010, 0b010, 0b111],
    [0b111, 0b001, 0b111, 0b100, 0b111],
    [0b111, 0b001, 0b111, 0b001, 0b111],
    [0b101, 0b101, 0b111, 0b001, 0b001],
    [0b111, 0b100, 0b111, 0b001, 0b111],
    [0b111, 0b100, 0b111, 0b101, 0b111],
    [0b111, 0b001, 0b010, 0b010, 0b010],
    [0b111, 0b101, 0b111, 0b101, 0b111],
    [0b111, 0b101, 0b111, 0b001, 0b111],
];

/// The same as strokes, for the plain glyph set.
const STROKES: [[&str; 3]; 10] = [
    [" _ ", "| |", "|_|"],
    ["   ", "  |", "  |"],
    [" _ ", " _|", "|_ "],
    [" _ ", " _|", " _|"],
    ["   ", "|_|", "  |"],
    [" _ ", "|_ ", " _|"],
    [" _ ", "|_ ", "|_|"],
    [" _ ", "  |", "  |"],
    [" _ ", "|_|", "|_|"],
    [" _ ", "|_|", " _|"],
];

/// The three rows of a text. What is no digit stands small in the middle row.
pub fn rows(text: &str, glyphs: &Glyphs) -> [String; 3] {
    let mut rows = [const { String::new() }; 3];
    for ch in text.chars() {
        if !rows[0].is_empty() {
            for row in &mut rows {
                row.push(' ');
            }
        }
        let small = ch.to_string();
        let blank = " ".repeat(crate::tui::columns::width(&small));
        let digit = ch.to_digit(10).map(|digit| digit as usize);
        for (at, row) in rows.iter_mut().enumerate() {
            match digit {
                Some(digit) if glyphs.blocks => {
                    let dots = DOTS[digit];
                    row.extend(blocks(dots[at * 2], dots.get(at * 2 + 1).copied().unwrap_or(0)));
                }
                Some(digit) => row.push_str(STROKES[digit][at]),
                None => row.push_str(if at == 1 { &small } else { &blank }),
            }
        }
    }
    rows
}

/// Two rows of dots as one row of half blocks.
fn blocks(upper: u8, lower: u8) -> impl Iterator<Item = char> {
    (0..3).rev().map(move |bit| match (upper >> bit & 1, lower >> bit & 1) {
        (1, 1) => '█',
        (1, _) => '▀',
        (_, 1) => '▄',
        _ => ' ',
    })
}

/// Draws a text large when it fits, else on one line as it is. The area is three lines high.
pub fn draw(buf: &mut Buffer, area: Rect, text: &str, style: Style, glyphs: &Glyphs) {
    let rows = rows(text, glyphs);
    let fits = crate::tui::columns::width(&rows[1]) <= usize::from(area.width) && area.height >= 3;
    if fits {
        for (row, y) in rows.iter().zip(area.y..) {
            line(buf, area, area.x, y, row, style);
        }
    } else {
        line(buf, area, area.x, area.y, text, style);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{lines, screen};
    use super::*;

    #[test]
    fn digits_can_be_told_apart_in_both_sets() {
        for glyphs in [Glyphs::UNICODE, Glyphs::ASCII] {
            let mut seen: Vec<[String; 3]> =
                ('0'..='9').map(|digit| rows(&digit.to_string(), &glyphs)).collect();
            assert!(seen.iter().flatten().all(|row| row.chars().count() == 3));
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), 10);
        }
    }

    #[test]
    fn dots_and_strokes_are_drawn() {
        assert_eq!(rows("17", &Glyphs::ASCII), ["     _ ", "  |   |", "  |   |"]);
        assert_eq!(rows("24", &Glyphs::UNICODE), ["▀▀█ █ █", "█▀▀ ▀▀█", "▀▀▀   ▀"]);
        assert_eq!(rows("A-1", &Glyphs::ASCII), ["       ", "A -   |", "      |"]);
    }

    #[test]
    fn without_room_the_number_stands_plain() {
        let mut buf = screen(10, 3);
        draw(&mut buf, Rect::new(0, 0, 10, 3), "30012345", Style::new(), &Glyphs::ASCII);
        assert_eq!(lines(&buf)[0], "30012345");
    }
}
