//! The terminal: its modes and their way back, the one writer, the hang-up watch.
//!
//! Every exit path ends in [`restore_now`]: leaving, dropping the [`Term`], the panic hook of any thread. It undoes
//! everything [`Term::enter`] did, once. Nothing here asks the terminal a question, because the answer would
//! have to come through the keyboard. Nothing here goes through crossterm's event reader or its size query.

mod output;

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ratatui::layout::Size;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::termios::{OptionalActions, QueueSelector, Termios};

pub use output::Output;

/// Mouse reporting in all its kinds, and focus reports.
macro_rules! mouse_and_focus_off {
    () => {
        "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1004l"
    };
}

/// Alternate screen; mouse off; cursor keys and keypad as usual (another program may have left them in
/// application mode); bracketed paste on; an empty screen without a cursor.
const ENTER: &[u8] =
    concat!("\x1b[?1049h", mouse_and_focus_off!(), "\x1b[?1l\x1b>\x1b[?2004h\x1b[?25l\x1b[0m\x1b[2J\x1b[H")
        .as_bytes();

/// All of it back. The synchronised update first: it may be open, and would hide the rest.
const LEAVE: &[u8] =
    concat!("\x1b[?2026l\x1b[0m\x1b[?2004l", mouse_and_focus_off!(), "\x1b[?25h\x1b[?1049l").as_bytes();

/// How long the way out waits for a terminal that takes no bytes.
const LEAVE_PATIENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };

/// What it takes to put the terminal back.
struct Session {
    tty: Arc<OwnedFd>,
    saved: Termios,
    active: Arc<AtomicBool>,
}

/// The one session of the process. Whoever holds the lock does nothing that could panic.
static SESSION: Mutex<Option<Session>> = Mutex::new(None);

fn session() -> MutexGuard<'static, Option<Session>> {
    SESSION.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The terminal in raw mode, on the alternate screen. Dropping it puts everything back.
#[derive(Debug)]
pub struct Term {
    tty: Arc<OwnedFd>,
}

impl Term {
    /// Takes the terminal over, and gives the one writer to it. Opens it anew for reading, and the one standard
    /// output is for writing, so that the flags of the inherited descriptors stay as they are.
    ///
    /// Fails when there is no terminal, standard output is none, or the console has it already.
    pub fn enter() -> io::Result<(Self, Output)> {
        let stdout = rustix::stdio::stdout();
        if !rustix::termios::isatty(stdout) {
            return Err(io::Error::new(io::ErrorKind::NotConnected, "standard output is not a terminal"));
        }
        let tty = open_tty()?;
        // Another user's terminal (`su`) can't be opened by its path; it is the controlling one then.
        let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let out = rustix::fs::open("/proc/self/fd/1", flags, Mode::empty());
        let out = out.or_else(|_| rustix::io::fcntl_dupfd_cloexec(&tty, 3))?;
        let tmux = std::env::var_os("TMUX").is_some_and(|value| !value.is_empty());
        Self::on(tty, out, tmux)
    }

    fn on(tty: OwnedFd, out: OwnedFd, tmux: bool) -> io::Result<(Self, Output)> {
        let saved = rustix::termios::tcgetattr(&tty)?;
        let mut raw = saved.clone();
        raw.make_raw();
        let tty = Arc::new(tty);
        let active = Arc::new(AtomicBool::new(true));
        {
            let mut session = session();
            if session.as_ref().is_some_and(|session| session.active.load(Ordering::Acquire)) {
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, "the terminal is taken already"));
            }
            *session = Some(Session { tty: Arc::clone(&tty), saved, active: Arc::clone(&active) });
        }
        // From here on every failure must go back through the restore: `term` is dropped.
        let term = Self { tty };
        let mut output = Output::new(out, active, tmux);
        rustix::termios::tcsetattr(&*term.tty, OptionalActions::Now, &raw)?;
        output.send(ENTER)?;
        Ok((term, output))
    }

    /// The descriptor the keyboard is read from: non-blocking, close-on-exec.
    pub fn keyboard(&self) -> Arc<OwnedFd> {
        Arc::clone(&self.tty)
    }

    /// Puts the terminal back. A second call does nothing.
    pub fn leave(&mut self) {
        restore_now();
    }
}

impl Drop for Term {
    fn drop(&mut self) {
        restore_now();
    }
}

/// Opens the controlling terminal anew, or the one standard input is connected to.
fn open_tty() -> io::Result<OwnedFd> {
    let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let open = |path: &str| rustix::fs::open(path, flags, Mode::empty());
    open("/dev/tty")
        .or_else(|error| {
            // Without a controlling terminal; the link leads to the terminal's own path.
            if rustix::termios::isatty(rustix::stdio::stdin()) { open("/proc/self/fd/0") } else { Err(error) }
        })
        .map_err(io::Error::from)
}

/// Puts the terminal back, from any thread and any state: modes, screen, cursor, paste, the saved attributes;
/// keys nobody read are thrown away, so that the shell does not get them. Only the first call after
/// [`Term::enter`] does anything. From then on frames are refused. A terminal that is gone or takes no bytes
/// holds it up for 20 ms a write at most.
pub fn restore_now() {
    let session = session();
    let Some(session) = session.as_ref() else { return };
    if !session.active.swap(false, Ordering::AcqRel) {
        return;
    }
    let mut rest = LEAVE;
    while !rest.is_empty() {
        match rustix::io::write(&session.tty, rest) {
            Ok(wrote) => rest = &rest[wrote..],
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::AGAIN) => {
                let ready = poll(&mut [PollFd::new(&session.tty, PollFlags::OUT)], Some(&LEAVE_PATIENCE));
                if !matches!(ready, Ok(1..)) {
                    break;
                }
            }
            // Gone for writing; the attributes are put back all the same.
            Err(_) => break,
        }
    }
    let _ = rustix::termios::tcsetattr(&session.tty, OptionalActions::Now, &session.saved);
    let _ = rustix::termios::tcflush(&session.tty, QueueSelector::IFlush);
}

/// The terminal's size by `ioctl`, 80×24 when it does not know.
pub fn size() -> Size {
    let session = session();
    let found = match session.as_ref() {
        Some(session) => size_of(session.tty.as_fd()),
        None => size_of(rustix::stdio::stdout()),
    };
    found.unwrap_or(Size { width: 80, height: 24 })
}

fn size_of(tty: BorrowedFd<'_>) -> Option<Size> {
    let size = rustix::termios::tcgetwinsize(tty).ok()?;
    (size.ws_col > 0 && size.ws_row > 0).then_some(Size { width: size.ws_col, height: size.ws_row })
}

/// Calls `on_gone` when the terminal hangs up, whether or not a signal comes with it: one thread parked in
/// `poll(2)` with no requested events, which wakes for a hang-up or an error only.
///
/// Fails when there is no session or no thread to be had.
pub fn watch_hangup(on_gone: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let tty = session().as_ref().map(|session| Arc::clone(&session.tty));
    let tty = tty.ok_or_else(|| io::Error::new(io::ErrorKind::NotConnected, "no terminal to watch"))?;
    watch(tty, on_gone)
}

fn watch(tty: Arc<OwnedFd>, on_gone: impl FnOnce() + Send + 'static) -> io::Result<()> {
    std::thread::Builder::new().name("hangup".to_owned()).stack_size(64 * 1024).spawn(move || {
        loop {
            match poll(&mut [PollFd::new(&tty, PollFlags::empty())], None) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                // Also when polling itself fails: better to end than to spin or to miss it.
                Ok(_) | Err(_) => return on_gone(),
            }
        }
    })?;
    Ok(())
}

#[cfg(test)]
mod tests;
