//! From two frames to the fewest bytes that turn one into the other.
//!
//! Knows cells, colours and the cursor; nothing of screens. It keeps in mind where the terminal's cursor is and
//! which attributes are on, so that a typed character costs one byte and not sixty. It never asks the terminal
//! anything.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell, CellWidth as _};
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier};

/// Smaller frames leave in one packet anyway: a synchronised update around them would only add bytes.
const SYNC_FROM: usize = 256;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Attributes {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Attributes {
    const PLAIN: Self = Self { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };
}

/// What is known of the terminal's own cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cursor {
    /// Nothing.
    Unsure,
    Hidden,
    Shown,
}

/// What the terminal shows now, as far as we know.
#[derive(Debug)]
pub struct Painter {
    front: Buffer,
    at: Option<Position>,
    attributes: Option<Attributes>,
    cursor: Cursor,
}

impl Painter {
    /// Nothing is known: the next frame is painted whole.
    pub fn new(columns: u16, rows: u16) -> Self {
        Self {
            front: Buffer::empty(Rect::new(0, 0, columns, rows)),
            at: None,
            attributes: None,
            cursor: Cursor::Unsure,
        }
    }

    /// An empty frame of the current size, to be drawn into.
    pub fn blank(&self) -> Buffer {
        Buffer::empty(self.front.area)
    }

    /// The bytes that clear the terminal and make the next frame a whole one.
    pub fn start_over(&mut self, columns: u16, rows: u16) -> &'static str {
        *self = Self::new(columns, rows);
        "\x1b[0m\x1b[2J"
    }

    /// The bytes that turn what is shown into `frame`, with the cursor where it belongs. Empty when nothing
    /// differs.
    pub fn paint(&mut self, frame: Buffer, cursor: Option<Position>) -> String {
        let mut out = String::new();
        let changes = changes(&self.front, &frame);
        // A visible cursor must not be seen running over the screen.
        let hide = changes.len() > 8 && self.cursor == Cursor::Shown;
        if hide {
            out.push_str("\x1b[?25l");
        }
        for position in &changes {
            self.cell(&mut out, *position, &frame[*position]);
        }
        self.front = frame;
        match cursor {
            Some(position) => {
                self.go(&mut out, position);
                if hide || self.cursor != Cursor::Shown {
                    out.push_str("\x1b[?25h");
                }
            }
            None if self.cursor != Cursor::Hidden && !hide => out.push_str("\x1b[?25l"),
            None => {}
        }
        self.cursor = if cursor.is_some() { Cursor::Shown } else { Cursor::Hidden };
        if out.len() >= SYNC_FROM { format!("\x1b[?2026h{out}\x1b[?2026l") } else { out }
    }

    fn go(&mut self, out: &mut String, to: Position) {
        if self.at == Some(to) {
            return;
        }
        let row = to.y + 1;
        let _ = match (self.at, to.x) {
            (Some(at), 0) if at.y == to.y => write!(out, "\r"),
            (Some(at), x) if at.y == to.y && x > at.x => match x - at.x {
                1 => write!(out, "\x1b[C"),
                by => write!(out, "\x1b[{by}C"),
            },
            (Some(at), x) if at.y == to.y => match at.x - x {
                1 => write!(out, "\x08"),
                by => write!(out, "\x1b[{by}D"),
            },
            (_, 0) => write!(out, "\x1b[{row}H"),
            (_, x) => write!(out, "\x1b[{row};{}H", x + 1),
        };
        self.at = Some(to);
    }

    fn cell(&mut self, out: &mut String, position: Position, cell: &Cell) {
        self.go(out, position);
        self.attributes(out, Attributes { fg: cell.fg, bg: cell.bg, modifier: cell.modifier });
        let symbol = cell.symbol();
        out.push_str(symbol);
        let next = position.x + width(cell);
        // Terminals agree about ASCII and Hangul syllables. For anything else, and at the right edge, where
        // they differ in when they wrap, the cursor's place is not relied on.
        let agreed = symbol.chars().all(|ch| ch.is_ascii() || ('가'..='힣').contains(&ch));
        self.at = (agreed && next < self.front.area.width).then(|| Position::new(next, position.y));
    }

    fn attributes(&mut self, out: &mut String, wanted: Attributes) {
        if self.attributes == Some(wanted) {
            return;
        }
        let mut codes: Vec<String> = Vec::new();
        let mut now = self.attributes.unwrap_or_else(|| {
            codes.push("0".to_owned());
            Attributes::PLAIN
        });
        if !wanted.modifier.contains(now.modifier) {
            codes.push("0".to_owned());
            now = Attributes::PLAIN;
        }
        for (flag, code) in [
            (Modifier::BOLD, "1"),
            (Modifier::DIM, "2"),
            (Modifier::ITALIC, "3"),
            (Modifier::UNDERLINED, "4"),
            (Modifier::REVERSED, "7"),
        ] {
            if wanted.modifier.contains(flag) && !now.modifier.contains(flag) {
                codes.push(code.to_owned());
            }
        }
        if wanted.fg != now.fg {
            codes.push(colour(wanted.fg, 30));
        }
        if wanted.bg != now.bg {
            codes.push(colour(wanted.bg, 40));
        }
        let _ = write!(out, "\x1b[{}m", codes.join(";"));
        self.attributes = Some(wanted);
    }
}

/// The cells that must be written, row by row from the left.
///
/// A wide character lies over two cells, and whichever of the two a terminal is told to overwrite, the other half
/// goes blank, in colours that terminals do not agree on. So whatever a wide character lay over is written again,
/// changed or not. (`Buffer::diff` of ratatui 0.30 leaves the second half alone when a styled narrow
/// character replaces a plain wide one.)
fn changes(front: &Buffer, frame: &Buffer) -> Vec<Position> {
    let area = frame.area;
    let mut changes = Vec::new();
    for y in area.top()..area.bottom() {
        // Cells left of this column lost what they showed.
        let mut lost = area.left();
        let mut x = area.left();
        while x < area.right() {
            let (old, new) = (&front[(x, y)], &frame[(x, y)]);
            let end = x + width(new);
            if old != new || x < lost {
                changes.push(Position::new(x, y));
                // What is overwritten may reach beyond what is written, or begin under its second half.
                for covered in x..end.min(area.right()) {
                    lost = lost.max(covered + width(&front[(covered, y)]));
                }
            }
            x = end;
        }
    }
    changes
}

/// The columns a cell's symbol takes; at least its own.
fn width(cell: &Cell) -> u16 {
    cell.symbol().cell_width().max(1)
}

/// The code of a colour: `base` is 30 for text, 40 for the ground.
fn colour(colour: Color, base: u8) -> String {
    let named = |index: u8| if index < 8 { base + index } else { base + 52 + index }.to_string();
    match colour {
        Color::Reset => (base + 9).to_string(),
        Color::Black => named(0),
        Color::Red => named(1),
        Color::Green => named(2),
        Color::Yellow => named(3),
        Color::Blue => named(4),
        Color::Magenta => named(5),
        Color::Cyan => named(6),
        Color::Gray => named(7),
        Color::DarkGray => named(8),
        Color::LightRed => named(9),
        Color::LightGreen => named(10),
        Color::LightYellow => named(11),
        Color::LightBlue => named(12),
        Color::LightMagenta => named(13),
        Color::LightCyan => named(14),
        Color::White => named(15),
        Color::Indexed(index) => format!("{};5;{index}", base + 8),
        Color::Rgb(red, green, blue) => format!("{};2;{red};{green};{blue}", base + 8),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::style::Style;

    use super::*;

    /// What a terminal shows after some bytes.
    fn screen(bytes: &[&str]) -> vt100::Parser {
        let mut terminal = vt100::Parser::new(5, 20, 0);
        for bytes in bytes {
            terminal.process(bytes.as_bytes());
        }
        terminal
    }

    type Shown = (String, vt100::Color, vt100::Color, [bool; 4]);

    /// What is seen in a cell. A written blank and one that was never written look the same; the second half of
    /// a wide character looks as its first half does.
    fn shown(terminal: &vt100::Parser, row: u16, column: u16) -> Shown {
        let cell = terminal.screen().cell(row, column).unwrap();
        if cell.is_wide_continuation() {
            let (text, fg, bg, modes) = shown(terminal, row, column - 1);
            return (format!("{text}, second half"), fg, bg, modes);
        }
        let text = if cell.has_contents() { cell.contents() } else { " " };
        let modes = [cell.bold(), cell.italic(), cell.underline(), cell.inverse()];
        (text.to_owned(), cell.fgcolor(), cell.bgcolor(), modes)
    }

    fn frame(lines: &[(&str, Style)]) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 5));
        for (row, (text, style)) in (0u16..).zip(lines) {
            buffer.set_stringn(0, row, text, 20, *style);
        }
        buffer
    }

    #[test]
    fn a_typed_mask_costs_a_byte() {
        let mut painter = Painter::new(20, 5);
        let plain = Style::new();
        let first = painter.paint(frame(&[("card ", plain)]), Some(Position::new(5, 0)));
        assert!(first.contains("card"));
        let second = painter.paint(frame(&[("card *", plain)]), Some(Position::new(6, 0)));
        assert_eq!(second, "*");
        assert_eq!(painter.paint(frame(&[("card *", plain)]), Some(Position::new(6, 0))), "");
    }

    #[test]
    fn the_cursor_is_hidden_while_much_changes_and_shown_once() {
        let mut painter = Painter::new(20, 5);
        painter.paint(frame(&[("", Style::new())]), Some(Position::new(0, 0)));
        let much = painter.paint(frame(&[("0123456789abc", Style::new())]), Some(Position::new(3, 3)));
        assert!(much.starts_with("\x1b[?25l") && much.ends_with("\x1b[?25h"), "{much:?}");
    }

    #[test]
    fn the_uncovered_half_of_a_wide_character_is_written_again() {
        let mut painter = Painter::new(20, 5);
        let whole = painter.paint(frame(&[("가나", Style::new())]), None);
        let mut next = frame(&[("a 나", Style::new())]);
        next[(0, 0)].set_style(Style::new().fg(Color::Red));
        let change = painter.paint(next, None);
        assert_eq!(change, "\r\x1b[31ma\x1b[39m ");
        let terminal = screen(&[&whole, &change]);
        assert_eq!(terminal.screen().contents().trim_end(), "a 나");
        assert_eq!(
            shown(&terminal, 0, 1),
            (" ".to_owned(), vt100::Color::Default, vt100::Color::Default, [false; 4])
        );
    }

    #[test]
    fn what_began_under_the_second_half_of_a_wide_character_is_written_again() {
        let mut painter = Painter::new(20, 5);
        let whole = painter.paint(frame(&[("a가나", Style::new())]), None);
        let change = painter.paint(frame(&[("다 나", Style::new())]), None);
        assert_eq!(change, "\r다 ");
        assert_eq!(screen(&[&whole, &change]).screen().contents().trim_end(), "다 나");
    }

    fn styles() -> impl Strategy<Value = Style> {
        let colours =
            prop::sample::select(vec![Color::Reset, Color::Red, Color::LightBlue, Color::Indexed(99)]);
        let modifiers = prop::sample::select(vec![
            Modifier::empty(),
            Modifier::BOLD,
            Modifier::REVERSED | Modifier::BOLD,
            Modifier::UNDERLINED,
        ]);
        (colours.clone(), colours, modifiers)
            .prop_map(|(fg, bg, modifier)| Style::new().fg(fg).bg(bg).add_modifier(modifier))
    }

    fn lines() -> impl Strategy<Value = Vec<(String, Style)>> {
        prop::collection::vec(("[a-c가나다 *]{0,14}", styles()), 5)
    }

    proptest! {
        /// Painting from one frame to the next shows the same as painting the next on a fresh terminal.
        #[test]
        fn any_frame_follows_any_other(frames in prop::collection::vec(lines(), 1..6)) {
            let mut painter = Painter::new(20, 5);
            let mut terminal = vt100::Parser::new(5, 20, 0);
            for lines in &frames {
                let lines: Vec<(&str, Style)> = lines.iter().map(|(text, style)| (text.as_str(), *style)).collect();
                terminal.process(painter.paint(frame(&lines), Some(Position::new(1, 1))).as_bytes());
                let fresh = Painter::new(20, 5).paint(frame(&lines), Some(Position::new(1, 1)));
                let fresh = screen(&[&fresh]);
                for row in 0..5 {
                    for column in 0..20 {
                        let place = |terminal: &vt100::Parser| shown(terminal, row, column);
                        prop_assert_eq!(place(&terminal), place(&fresh), "row {} column {}", row, column);
                    }
                }
                prop_assert_eq!(terminal.screen().cursor_position(), (1, 1));
            }
        }
    }
}
