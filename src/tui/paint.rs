//! From two frames to the fewest bytes that turn one into the other.
//!
//! Knows cells, colours and the cursor; nothing of screens. It keeps in mind where the terminal's cursor is and
//! which attributes are on, so that a typed character costs one byte and not sixty. It never asks the terminal
//! anything.

use std::cmp::Ordering;
use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell, CellWidth as _};
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier};

/// Smaller frames leave in one packet anyway: a synchronised update around them would only add bytes.
const SYNC_FROM: usize = 256;
/// More blanks than this at the end of a row are cleared, not written.
const CLEARING: usize = 3;
/// More blanks than this in a row's middle are erased and gone over, not written.
const ERASING: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Attributes {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Attributes {
    const PLAIN: Self = Self { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };
    /// What is seen of a blank, too.
    const ON_BLANKS: Modifier = Modifier::UNDERLINED.union(Modifier::REVERSED);

    const fn of(cell: &Cell) -> Self {
        Self { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }
    }

    /// Whether a blank looks the same with both. A reversed one shows its text's colour as the ground.
    fn same_ground(self, other: Self) -> bool {
        let marks = |attributes: Self| attributes.modifier.intersection(Self::ON_BLANKS);
        self.bg == other.bg && marks(self) == marks(other) && (marks(self).is_empty() || self.fg == other.fg)
    }

    /// Whether nothing is seen of a blank with it.
    fn shows_nothing(self) -> bool {
        self.same_ground(Self::PLAIN)
    }
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
    /// The frame before the one that is shown: its memory is drawn into again.
    spare: Option<Buffer>,
    /// Where the cursor is.
    at: Option<Position>,
    /// In which row it is, when its column can't be relied on.
    row: Option<u16>,
    attributes: Option<Attributes>,
    cursor: Cursor,
}

impl Painter {
    /// Nothing is known: the next frame is painted whole.
    pub fn new(columns: u16, rows: u16) -> Self {
        Self {
            front: Buffer::empty(Rect::new(0, 0, columns, rows)),
            spare: None,
            at: None,
            row: None,
            attributes: None,
            cursor: Cursor::Unsure,
        }
    }

    /// An empty frame of the current size, to be drawn into.
    pub fn blank(&mut self) -> Buffer {
        match self.spare.take() {
            Some(mut spare) if spare.area == self.front.area => {
                spare.reset();
                spare
            }
            _ => Buffer::empty(self.front.area),
        }
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
        for line in changes.chunk_by(|one, other| one.y == other.y) {
            self.line(&mut out, line, &frame);
        }
        self.spare = Some(std::mem::replace(&mut self.front, frame));
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

    /// Writes what changed in one line. When nothing but blanks stands at its end, the terminal is told to clear it
    /// from there, which costs three bytes however many they are.
    fn line(&mut self, out: &mut String, changes: &[Position], frame: &Buffer) {
        let Some(first) = changes.first() else { return };
        let end = (frame.area.left()..frame.area.right())
            .rev()
            .find(|x| !is_bare(&frame[(*x, first.y)]))
            .map_or(frame.area.left(), |x| x + width(&frame[(x, first.y)]));
        let (written, cleared) = changes.split_at(changes.partition_point(|change| change.x < end));
        let clear = cleared.len() > CLEARING;
        let mut rest = if clear { written } else { changes };
        while let [position, after @ ..] = rest {
            let blanks = blanks(rest, frame);
            if blanks.len() > ERASING {
                self.bare(out, *position);
                let _ = write!(out, "\x1b[{}X", blanks.len());
                rest = &rest[blanks.len()..];
                continue;
            }
            self.write_over(out, *position, frame);
            let cell = &frame[*position];
            self.cell(out, *position, cell);
            rest = after;
            if self.at.is_none() {
                // A border. Half of what is left of it is written in one go: where each of its characters takes two
                // columns, that ends where the border does, and what is written next lies over it.
                let more = alike(after, *position, cell, frame).saturating_sub(1) / 2;
                out.push_str(&cell.symbol().repeat(more));
                rest = &after[more..];
            }
        }
        if clear && let Some(from) = cleared.first() {
            self.bare(out, *from);
            out.push_str("\x1b[K");
        }
    }

    /// Goes somewhere and makes sure that what is cleared there shows nothing: a terminal clears with the ground
    /// that is set.
    fn bare(&mut self, out: &mut String, at: Position) {
        self.go(out, at);
        if self.attributes.is_none_or(|now| !now.shows_nothing()) {
            self.attributes(out, Attributes::PLAIN);
        }
    }

    /// Writes again what stands unchanged between the cursor and a place right of it, when that is shorter than
    /// going there.
    fn write_over(&mut self, out: &mut String, to: Position, frame: &Buffer) {
        let Some(at) = self.at.filter(|at| at.y == to.y && at.x < to.x && to.x - at.x <= 4) else { return };
        let mut x = at.x;
        let mut between = String::new();
        while x < to.x {
            let cell = &frame[(x, to.y)];
            let same = self.attributes == Some(Attributes::of(cell));
            if !same || !is_agreed(cell.symbol()) {
                return;
            }
            between.push_str(cell.symbol());
            x += width(cell);
        }
        if x == to.x && between.len() <= right(to.x - at.x).len() {
            out.push_str(&between);
            self.at = Some(to);
        }
    }

    fn go(&mut self, out: &mut String, to: Position) {
        if self.at == Some(to) {
            return;
        }
        let anywhere = match to.x {
            0 => format!("\x1b[{}H", to.y + 1),
            x => format!("\x1b[{};{}H", to.y + 1, x + 1),
        };
        let in_row = self.at.filter(|at| at.y == to.y).map(|at| match at.x.cmp(&to.x) {
            Ordering::Greater if at.x - to.x == 1 => "\x08".to_owned(),
            Ordering::Greater => format!("\x1b[{}D", at.x - to.x),
            _ => right(to.x - at.x),
        });
        let by_row = self.row.and_then(|row| match to.y.checked_sub(row)? {
            0 if to.x == 0 => Some("\r".to_owned()),
            0 => Some(format!("\x1b[{}G", to.x + 1)),
            1 => Some(format!("\r\n{}", right(to.x))),
            _ => None,
        });
        let ways = [in_row, by_row, Some(anywhere)];
        out.push_str(&ways.into_iter().flatten().min_by_key(String::len).unwrap_or_default());
        self.row = Some(to.y);
        self.at = Some(to);
    }

    fn cell(&mut self, out: &mut String, position: Position, cell: &Cell) {
        self.go(out, position);
        let wanted = Attributes::of(cell);
        // A blank shows its ground only.
        let seen = cell.symbol() != " " || self.attributes.is_none_or(|now| !now.same_ground(wanted));
        if seen {
            self.attributes(out, wanted);
        }
        let symbol = cell.symbol();
        out.push_str(symbol);
        let next = position.x + width(cell);
        // Terminals agree about ASCII and Hangul syllables. For anything else, and at the right edge, where
        // they differ in when they wrap, the cursor's place is not relied on.
        self.at =
            (is_agreed(symbol) && next < self.front.area.width).then(|| Position::new(next, position.y));
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
    let (columns, rows) = (usize::from(area.width).max(1), area.top()..area.bottom());
    let lines = front.content.chunks(columns).zip(frame.content.chunks(columns));
    for (y, (before, after)) in rows.zip(lines) {
        if before == after {
            continue;
        }
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
    let symbol = cell.symbol();
    if symbol.len() == 1 { 1 } else { symbol.cell_width().max(1) }
}

/// Whether all terminals agree on how wide a symbol is.
fn is_agreed(symbol: &str) -> bool {
    symbol.chars().all(|ch| ch.is_ascii() || ('가'..='힣').contains(&ch))
}

/// A blank of which nothing is seen.
fn is_bare(cell: &Cell) -> bool {
    cell.symbol() == " " && Attributes::of(cell).shows_nothing()
}

/// The blanks of which nothing is seen, next to each other, at the beginning of some changes in one line.
fn blanks<'a>(changes: &'a [Position], frame: &Buffer) -> &'a [Position] {
    let in_row = changes.iter().zip(changes.first().map_or(0, |first| first.x)..);
    let count = in_row.take_while(|(change, x)| change.x == *x && is_bare(&frame[**change])).count();
    &changes[..count]
}

/// How many changes go on behind a cell as copies of it.
fn alike(changes: &[Position], behind: Position, cell: &Cell, frame: &Buffer) -> usize {
    let in_row = changes.iter().zip(behind.x + width(cell)..);
    in_row.take_while(|(change, x)| change.x == *x && frame[**change] == *cell).count()
}

/// The bytes that move the cursor right.
fn right(by: u16) -> String {
    match by {
        0 => String::new(),
        1 => "\x1b[C".to_owned(),
        by => format!("\x1b[{by}C"),
    }
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
        if text == " " && !cell.underline() && !cell.inverse() {
            return (text.to_owned(), vt100::Color::Default, cell.bgcolor(), [false; 4]);
        }
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
        assert_eq!(change, "\r\x1b[31ma ");
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

    #[test]
    fn a_border_is_written_half_by_half() {
        let mut painter = Painter::new(20, 5);
        let bytes = painter.paint(frame(&[("┌────────┐ a", Style::new())]), None);
        assert!(bytes.contains("┌\x1b[2G────\x1b[6G──\x1b[8G─\x1b[9G─\x1b[10G┐"), "{bytes:?}");
        assert_eq!(screen(&[&bytes]).screen().contents().trim_end(), "┌────────┐ a");
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
        prop::collection::vec(("([a-c가나다*│]| {1,14}|─{1,9}){0,9}", styles()), 5)
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
