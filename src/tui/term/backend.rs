//! What ratatui draws through. Written by hand for three things ratatui's own does not do: it never asks the
//! terminal anything (the cursor's place is remembered), it takes the size from `ioctl`, and it writes no more
//! than has changed: the style is remembered from frame to frame and the cursor is moved only when it is not
//! there already.

use std::io::{self, Write as _};

use ratatui::backend::{ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::style::{Color, Modifier};

use super::Output;

/// What a cell's style comes to on the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

const DEFAULT_PEN: Pen = Pen { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

/// The ratatui backend of the console. Nothing leaves before [`Backend::end_frame`].
#[derive(Debug)]
pub struct Backend {
    output: Output,
    /// `None`: not known, say it in full.
    pen: Option<Pen>,
    /// Where the terminal's cursor is, when that is certain.
    at: Option<Position>,
    /// Where it was last put.
    cursor: Position,
    visible: Option<bool>,
    /// What stands before the next attribute of a style.
    separator: &'static str,
}

impl Backend {
    /// A backend that knows nothing of the terminal's state.
    pub fn new(output: Output) -> Self {
        Self { output, pen: None, at: None, cursor: Position::ORIGIN, visible: None, separator: ";" }
    }

    /// Sends the frame ([`Output::end_frame`]).
    pub fn end_frame(&self) -> io::Result<()> {
        self.output.end_frame()
    }

    /// Forgets what is known of the terminal, for a redraw after another program wrote on it. ratatui's side of
    /// it is `Terminal::resize` with the present area, which also clears.
    pub fn forget(&mut self) {
        (self.pen, self.at, self.visible) = (None, None, None);
    }

    fn go(&mut self, to: Position) -> io::Result<()> {
        if self.at != Some(to) {
            let (row, column) = (u32::from(to.y) + 1, u32::from(to.x) + 1);
            if column == 1 {
                write!(self.output, "\x1b[{row}H")?;
            } else {
                write!(self.output, "\x1b[{row};{column}H")?;
            }
            self.at = Some(to);
        }
        Ok(())
    }

    fn take(&mut self, pen: Pen) -> io::Result<()> {
        if self.pen == Some(pen) {
            return Ok(());
        }
        if pen == DEFAULT_PEN {
            self.output.write_all(b"\x1b[m")?;
        } else {
            // From scratch each time: switching single attributes off is not the same on every terminal.
            self.separator = if self.pen == Some(DEFAULT_PEN) { "\x1b[" } else { "\x1b[0;" };
            for (modifier, code) in MODIFIERS {
                if pen.modifier.contains(modifier) {
                    self.attribute(format_args!("{code}"))?;
                }
            }
            self.colour(pen.fg, 30)?;
            self.colour(pen.bg, 40)?;
            self.output.write_all(b"m")?;
        }
        self.pen = Some(pen);
        Ok(())
    }

    /// One attribute of the sequence that [`Self::take`] writes.
    fn attribute(&mut self, code: std::fmt::Arguments<'_>) -> io::Result<()> {
        let separator = std::mem::replace(&mut self.separator, ";");
        write!(self.output, "{separator}{code}")
    }

    /// A colour of the 16 by its short code, which 8- and 16-colour terminals understand as well. `base` is 30
    /// for text, 40 for the background.
    fn colour(&mut self, colour: Color, base: u8) -> io::Result<()> {
        let index = match colour {
            Color::Reset => return Ok(()),
            Color::Black => 0,
            Color::Red => 1,
            Color::Green => 2,
            Color::Yellow => 3,
            Color::Blue => 4,
            Color::Magenta => 5,
            Color::Cyan => 6,
            Color::Gray => 7,
            Color::DarkGray => 60,
            Color::LightRed => 61,
            Color::LightGreen => 62,
            Color::LightYellow => 63,
            Color::LightBlue => 64,
            Color::LightMagenta => 65,
            Color::LightCyan => 66,
            Color::White => 67,
            Color::Indexed(index) => return self.attribute(format_args!("{};5;{index}", base + 8)),
            Color::Rgb(red, green, blue) => {
                return self.attribute(format_args!("{};2;{red};{green};{blue}", base + 8));
            }
        };
        self.attribute(format_args!("{}", base + index))
    }
}

const MODIFIERS: [(Modifier, u8); 8] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::ITALIC, 3),
    (Modifier::UNDERLINED, 4),
    (Modifier::SLOW_BLINK, 5),
    (Modifier::REVERSED, 7),
    (Modifier::HIDDEN, 8),
    (Modifier::CROSSED_OUT, 9),
];

impl ratatui::backend::Backend for Backend {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let columns = super::size().width;
        for (x, y, cell) in content {
            self.go(Position { x, y })?;
            self.take(Pen { fg: cell.fg, bg: cell.bg, modifier: cell.modifier })?;
            self.output.write_all(cell.symbol().as_bytes())?;
            // Only plain ASCII moves the cursor by one for certain, and not at the right edge.
            let certain = cell.symbol().len() == 1 && x.saturating_add(1) < columns;
            self.at = certain.then(|| Position { x: x + 1, y });
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if self.visible != Some(false) {
            self.output.write_all(b"\x1b[?25l")?;
            self.visible = Some(false);
        }
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        if self.visible != Some(true) {
            self.output.write_all(b"\x1b[?25h")?;
            self.visible = Some(true);
        }
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.cursor)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.cursor = position.into();
        self.go(self.cursor)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        // Some terminals fill with the present background.
        self.take(DEFAULT_PEN)?;
        if clear_type == ClearType::All {
            // This is how a resize begins, and a resize may move the cursor.
            self.at = None;
        }
        self.output.write_all(match clear_type {
            ClearType::All => b"\x1b[2J",
            ClearType::AfterCursor => b"\x1b[J",
            ClearType::BeforeCursor => b"\x1b[1J",
            ClearType::CurrentLine => b"\x1b[2K",
            ClearType::UntilNewLine => b"\x1b[K",
        })
    }

    fn size(&self) -> io::Result<Size> {
        Ok(super::size())
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: super::size(), pixels: Size::ZERO })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
