use std::io::{Read as _, Write as _};
use std::sync::mpsc;

use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::Backend as _;
use ratatui::buffer::Buffer;
use ratatui::buffer::Cell;
use ratatui::layout::Position;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::Winsize;

use super::*;

/// The session is the process's; these tests take turns.
static TURN: Mutex<()> = Mutex::new(());

/// A terminal of our own: the far end, and two descriptors of the near end as `enter` opens them.
struct Pty {
    far: std::fs::File,
    tty: OwnedFd,
    out: OwnedFd,
}

fn pty() -> Pty {
    let far = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&far).unwrap();
    unlockpt(&far).unwrap();
    let path = ptsname(&far, Vec::new()).unwrap();
    let near = |flags| rustix::fs::open(&path, OFlags::RDWR | OFlags::NOCTTY | flags, Mode::empty()).unwrap();
    let (tty, out) = (near(OFlags::NONBLOCK), near(OFlags::empty()));
    let size = Winsize { ws_row: 40, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0 };
    rustix::termios::tcsetwinsize(&far, size).unwrap();
    Pty { far: far.into(), tty, out }
}

/// What stands ready at the far end, in one read: what came with one write stays together.
fn read(far: &mut std::fs::File) -> Vec<u8> {
    let mut bytes = vec![0; 1 << 16];
    let got = far.read(&mut bytes).unwrap();
    bytes.truncate(got);
    bytes
}

fn read_exactly(far: &mut std::fs::File, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    far.read_exact(&mut bytes).unwrap();
    bytes
}

fn nothing_to_read(far: &std::fs::File) -> bool {
    poll(&mut [PollFd::new(far, PollFlags::IN)], Some(&Timespec::default())).unwrap() == 0
}

fn attributes(far: &std::fs::File) -> (u32, u32, u32, u32) {
    let termios = rustix::termios::tcgetattr(far).unwrap();
    (
        termios.input_modes.bits(),
        termios.output_modes.bits(),
        termios.control_modes.bits(),
        termios.local_modes.bits(),
    )
}

#[test]
fn leaving_puts_everything_back_once() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let Pty { mut far, tty, out } = pty();
    let before = attributes(&far);
    let mut term = Term::on(tty, out, false).unwrap();
    assert_ne!(attributes(&far), before, "raw mode");
    assert_eq!(read_exactly(&mut far, ENTER.len()), ENTER);
    assert_eq!(size(), Size { width: 120, height: 40 });

    // Keys nobody reads must not reach the shell.
    far.write_all(b"4242\r").unwrap();
    term.leave();
    assert_eq!(attributes(&far), before);
    assert_eq!(read_exactly(&mut far, LEAVE.len()), LEAVE);
    let unread = rustix::io::read(&*term.keyboard(), &mut [0u8; 16]);
    assert_eq!(unread, Err(rustix::io::Errno::AGAIN));

    restore_now();
    drop(term);
    assert!(nothing_to_read(&far), "the way back is gone only once");
}

#[test]
fn every_mode_that_was_set_is_unset() {
    let text = |bytes: &'static [u8]| std::str::from_utf8(bytes).unwrap();
    let modes = |text: &'static str, last: char| -> Vec<&'static str> {
        let private = text.split("\x1b[?").skip(1);
        private
            .filter_map(|part| part.split_once(last))
            .map(|(mode, _)| mode)
            .filter(|mode| mode.parse::<u16>().is_ok())
            .collect()
    };
    let (set, unset) = (modes(text(ENTER), 'h'), modes(text(LEAVE), 'l'));
    assert_eq!(set, ["1049", "2004"]);
    assert!(set.iter().all(|mode| unset.contains(mode)));
    assert!(modes(text(LEAVE), 'h').contains(&"25"), "the cursor");
    assert!(unset.contains(&"2026"), "an update that was cut off");
}

#[test]
fn any_thread_may_put_it_back_and_frames_are_refused_then() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let Pty { mut far, tty, out } = pty();
    let before = attributes(&far);
    let term = Term::on(tty, out, false).unwrap();
    let mut output = term.output();
    write!(output, "half a frame").unwrap();
    let panicked = std::thread::spawn(|| {
        std::panic::set_hook(Box::new(|_| restore_now()));
        panic!("on purpose");
    })
    .join();
    let _ = std::panic::take_hook();
    assert!(panicked.is_err());
    assert_eq!(attributes(&far), before);
    assert_eq!(output.end_frame().unwrap_err().kind(), io::ErrorKind::NotConnected);
    assert_eq!(read_exactly(&mut far, ENTER.len() + LEAVE.len()), [ENTER, LEAVE].concat());
    assert!(nothing_to_read(&far));
    drop(term);
}

#[test]
fn the_terminal_is_taken_once_and_can_be_taken_again() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let (first, second, third) = (pty(), pty(), pty());
    let term = Term::on(first.tty, first.out, false).unwrap();
    let error = Term::on(second.tty, second.out, false).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
    drop(term);
    drop(Term::on(third.tty, third.out, false).unwrap());
}

#[test]
fn a_frame_is_one_synchronised_update_and_nothing_else() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let Pty { mut far, tty, out } = pty();
    let term = Term::on(tty, out, false).unwrap();
    read_exactly(&mut far, ENTER.len());
    let mut output = term.output();
    output.end_frame().unwrap();
    assert!(nothing_to_read(&far), "nothing written, nothing sent");
    output.write_all(b"one ").unwrap();
    output.flush().unwrap();
    term.output().write_all(b"frame").unwrap();
    assert!(nothing_to_read(&far), "a flush in the middle sends nothing");
    output.copy("1").unwrap();
    output.end_frame().unwrap();
    assert_eq!(read(&mut far), b"\x1b[?2026hone frame\x1b]52;c;MQ==\x1b\\\x1b[?2026l");
    output.copy("2").unwrap();
    assert_eq!(read(&mut far), b"\x1b]52;c;Mg==\x1b\\");
}

#[test]
fn a_descriptor_that_was_made_non_blocking_loses_nothing() {
    let (mut far, near) = std::io::pipe().unwrap();
    let near = OwnedFd::from(near);
    rustix::fs::fcntl_setfl(&near, OFlags::NONBLOCK).unwrap();
    let mut frame = vec![b'x'; 300_000];
    frame.extend_from_slice(b"end");
    let wanted = frame.clone();
    let reader = std::thread::spawn(move || {
        let mut got = Vec::new();
        far.read_to_end(&mut got).unwrap();
        got
    });
    let mut output = Output::new(near, Arc::new(AtomicBool::new(true)), false);
    output.write_all(&frame).unwrap();
    output.end_frame().unwrap();
    drop(output);
    let got = reader.join().unwrap();
    assert_eq!(got, [b"\x1b[?2026h", &wanted[..], b"\x1b[?2026l"].concat());
}

#[test]
fn a_terminal_that_takes_no_bytes_does_not_hold_up_the_way_out() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let Pty { far, tty, out } = pty();
    let before = attributes(&far);
    let mut term = Term::on(tty, out, false).unwrap();
    // Nobody reads at the far end; the descriptor is the non-blocking one.
    while rustix::io::write(&*term.keyboard(), &[b'x'; 4096]).is_ok() {}
    term.leave();
    assert_eq!(attributes(&far), before);
}

#[test]
fn a_hang_up_is_seen_without_a_signal() {
    let Pty { far, tty, out } = pty();
    let (gone, seen) = mpsc::channel();
    watch(Arc::new(tty), move || gone.send(()).unwrap()).unwrap();
    assert_eq!(seen.try_recv(), Err(mpsc::TryRecvError::Empty));
    drop(far);
    seen.recv().unwrap();
    drop(out);
}

fn cell(symbol: &str, style: Style) -> Cell {
    let mut cell = Cell::EMPTY;
    cell.set_symbol(symbol).set_style(style);
    cell
}

#[test]
fn the_backend_writes_no_more_than_has_changed() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let Pty { mut far, tty, out } = pty();
    let term = Term::on(tty, out, false).unwrap();
    read_exactly(&mut far, ENTER.len());
    let mut backend = term.backend();
    let mut frame = |cells: &[(u16, u16, Cell)], cursor: (u16, u16)| {
        backend.draw(cells.iter().map(|(x, y, cell)| (*x, *y, cell))).unwrap();
        backend.show_cursor().unwrap();
        backend.set_cursor_position(cursor).unwrap();
        assert_eq!(backend.get_cursor_position().unwrap(), Position::from(cursor));
        backend.end_frame().unwrap();
        let bytes = String::from_utf8(read(&mut far)).unwrap();
        bytes.strip_prefix("\x1b[?2026h").unwrap().strip_suffix("\x1b[?2026l").unwrap().to_owned()
    };
    let bold = Style::new().bold();
    let first = frame(&[(0, 0, cell("a", bold)), (1, 0, cell("한", bold)), (3, 0, cell("b", bold))], (4, 0));
    assert_eq!(first, "\x1b[1H\x1b[0;1ma한\x1b[1;4Hb\x1b[?25h");
    // A key typed: the character, and nothing else.
    assert_eq!(frame(&[(4, 0, cell("c", bold))], (5, 0)), "c");
    let live = Style::new().bold().fg(Color::White).bg(Color::Red);
    assert_eq!(frame(&[(5, 0, cell("d", live))], (0, 1)), "\x1b[0;1;97;41md\x1b[2H");
    assert_eq!(frame(&[(119, 1, cell("e", Style::new()))], (0, 2)), "\x1b[2;120H\x1b[me\x1b[3H");
}

/// A console whose frames go into a pipe, and a terminal model at its end.
struct Console {
    terminal: Terminal<Backend>,
    pipe: std::io::PipeReader,
    model: vt100::Parser,
    _term: Term,
    _far: std::fs::File,
}

impl Console {
    fn new(columns: u16, rows: u16) -> Self {
        let Pty { far, tty, out: _ } = pty();
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        rustix::termios::tcsetwinsize(&far, size).unwrap();
        let (pipe, writer) = std::io::pipe().unwrap();
        rustix::fs::fcntl_setfl(&pipe, OFlags::NONBLOCK).unwrap();
        let term = Term::on(tty, writer.into(), false).unwrap();
        let terminal = Terminal::new(term.backend()).unwrap();
        let model = vt100::Parser::new(rows, columns, 0);
        let mut console = Self { terminal, pipe, model, _term: term, _far: far };
        console.arrived();
        console
    }

    /// What was written since the last call; the model has seen it.
    fn arrived(&mut self) -> usize {
        let mut bytes = vec![0; 1 << 16];
        let got = match self.pipe.read(&mut bytes) {
            Ok(got) => got,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
            Err(error) => panic!("{error}"),
        };
        self.model.process(&bytes[..got]);
        got
    }

    /// Draws a frame; gives the bytes it took.
    fn frame(&mut self, cursor: Option<Position>, draw: impl FnOnce(&mut Buffer)) -> usize {
        self.terminal
            .draw(|frame| {
                draw(frame.buffer_mut());
                if let Some(cursor) = cursor {
                    frame.set_cursor_position(cursor);
                }
            })
            .unwrap();
        self.terminal.backend().end_frame().unwrap();
        self.arrived()
    }
}

#[test]
fn a_key_costs_few_bytes() {
    use crate::i18n::{Catalogue, Lang};
    use crate::tui::edit::Edit;
    use crate::tui::glyphs::Glyphs;
    use crate::tui::input::Key;
    use crate::tui::theme::{Name, Theme};
    use crate::tui::widgets::{form, list};

    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let (theme, glyphs) = (Theme::of(Name::Dark), Glyphs::UNICODE);
    let mut console = Console::new(120, 40);
    let mut edit = Edit::new(40);
    let widths = form::Columns { label: 12, value: 40 };
    let mut most = 0;
    for (at, ch) in "x홍길동 kim".chars().enumerate() {
        edit.apply(Key::char(ch));
        let (value, cursor) = edit.view(40);
        let row =
            form::Row { label: "고객명", required: true, value, cursor: Some(cursor), message: None };
        let area = Rect::new(30, 20, 90, 1);
        let place = Position { x: area.x + 16 + u16::try_from(cursor).unwrap(), y: 20 };
        let bytes = console.frame(Some(place), |buf| {
            assert_eq!(form::draw(buf, area, &row, widths, &theme, &glyphs), Some(place));
        });
        // The first frame draws everything.
        most = most.max(if at == 0 { 0 } else { bytes });
    }
    assert!((17..=40).contains(&most), "{most} bytes for a character");

    let rows: Vec<String> = (0..30).map(|row| format!("2026-11-21 승인 {row:>3},000원")).collect();
    let mut most = 0;
    for selected in 0..30 {
        let list = list::List { rows: &rows, first: 0, len: 100, selected: Some(selected) };
        let cursor = Position { x: 0, y: 1 + u16::try_from(selected).unwrap() };
        let bytes = console.frame(Some(cursor), |buf| {
            list::draw(buf, Rect::new(0, 1, 120, 36), &list, &theme, &glyphs, Catalogue::of(Lang::Ko));
        });
        // The tenth line has one digit more, which moves the whole position.
        most = most.max(if selected == 0 || selected == 9 { 0 } else { bytes });
    }
    assert!((17..=60).contains(&most), "{most} bytes for a step in a list");
}

fn style_of(number: u8) -> Style {
    match number % 5 {
        0 => Style::new(),
        1 => Style::new().bold(),
        2 => Style::new().reversed(),
        3 => Style::new().fg(Color::LightRed).underlined(),
        _ => Style::new().bg(Color::Blue).bold(),
    }
}

/// The rows of a frame: where a text begins, the text, its style. One a row: a text over half a wide character is
/// the overlay's business.
type Rows = Vec<(u16, String, u8)>;

fn frames() -> impl Strategy<Value = Vec<(Rows, Option<(u16, u16)>)>> {
    let rows = proptest::collection::vec((0u16..20, "[가-힣a-z Ａ한e\u{301}]{0,9}", any::<u8>()), 5);
    proptest::collection::vec((rows, proptest::option::of((0u16..20, 0u16..5))), 1..6)
}

proptest! {
    /// After every frame the terminal shows exactly what was drawn, cursor included.
    #[test]
    fn the_terminal_shows_what_was_drawn(frames in frames()) {
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let mut console = Console::new(20, 5);
        for (rows, cursor) in frames {
            let mut wanted = Buffer::empty(Rect::new(0, 0, 20, 5));
            for ((x, text, style), y) in rows.iter().zip(0..) {
                wanted.set_string(*x, y, text, style_of(*style));
            }
            let drawn = wanted.clone();
            console.frame(cursor.map(Position::from), |buf| buf.clone_from(&drawn));
            let screen = console.model.screen();
            for y in 0..5 {
                let mut x = 0;
                while x < 20 {
                    let (cell, shown) = (&wanted[(x, y)], screen.cell(y, x).unwrap());
                    let text = if shown.has_contents() { shown.contents() } else { " " };
                    prop_assert_eq!(text, cell.symbol(), "at {} {}", x, y);
                    // ratatui does not repaint the half of a wide character that was uncovered when its own
                    // style was plain, so what a blank carries is up to the terminal.
                    if text != " " {
                        let has = |modifier| cell.modifier.contains(modifier);
                        let wanted = (has(Modifier::BOLD), has(Modifier::REVERSED), has(Modifier::UNDERLINED));
                        prop_assert_eq!((shown.bold(), shown.inverse(), shown.underline()), wanted);
                        let colour = |colour| match colour {
                            Color::LightRed => vt100::Color::Idx(9),
                            Color::Blue => vt100::Color::Idx(4),
                            _ => vt100::Color::Default,
                        };
                        prop_assert_eq!((shown.fgcolor(), shown.bgcolor()), (colour(cell.fg), colour(cell.bg)));
                    }
                    x += u16::try_from(crate::tui::columns::width(cell.symbol()).max(1)).unwrap();
                }
            }
            match cursor {
                Some((x, y)) => {
                    prop_assert!(!screen.hide_cursor());
                    prop_assert_eq!(screen.cursor_position(), (y, x));
                }
                None => prop_assert!(screen.hide_cursor()),
            }
        }
    }
}
