//! The real program in a pseudo-terminal: keys in, screen out. Waits for what is on the screen, never for time.
#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(clippy::allow_attributes, reason = "whether a helper is dead depends on the test binary")]

use std::io::{PipeWriter, Write};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{Mode, OFlags};
use rustix::termios::{Action, OptionalActions, Termios};

/// A wait this long means that it will never come.
const NEVER: Duration = Duration::from_mins(1);

struct Shown {
    screen: vt100::Parser,
    raw: Vec<u8>,
    closed: bool,
}

/// The program and its terminal.
pub struct Console {
    pub child: Box<dyn Child + Send + Sync>,
    master: Option<Box<dyn MasterPty + Send>>,
    keys: Option<Box<dyn Write + Send>>,
    shown: Arc<(Mutex<Shown>, Condvar)>,
    reader: Option<(JoinHandle<()>, PipeWriter)>,
    near: Option<Near>,
}

/// The near end of the terminal, as the next program that reads from it has it.
struct Near {
    tty: OwnedFd,
    before: Termios,
}

/// How to start it.
pub struct Start<'a> {
    pub args: Vec<String>,
    pub env: Vec<(&'a str, String)>,
    pub size: (u16, u16),
    /// Whether the test keeps the near end open too, to see how the terminal was left.
    pub near: bool,
}

impl Default for Start<'_> {
    fn default() -> Self {
        Self { args: Vec::new(), env: Vec::new(), size: (80, 24), near: false }
    }
}

impl Start<'_> {
    pub fn config(path: &Path) -> Self {
        Self { args: vec!["--config".to_owned(), path.display().to_string()], ..Self::default() }
    }
}

impl Console {
    pub fn start(start: &Start<'_>) -> Self {
        Self::start_program(Path::new(env!("CARGO_BIN_EXE_danmal")), start)
    }

    pub fn start_program(program: &Path, start: &Start<'_>) -> Self {
        let (columns, rows) = start.size;
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(program);
        command.env_clear();
        command.env("TERM", "xterm-256color");
        command.env("LANG", "ko_KR.UTF-8");
        command.env("PATH", std::env::var("PATH").unwrap_or_default());
        // So that a test that is not root can look into it; debug builds only know the switch.
        command.env("DANMAL_DEBUG_READABLE", "1");
        for (name, value) in &start.env {
            command.env(name, value);
        }
        command.args(&start.args);
        let near = start.near.then(|| Near::open(&pty.master.tty_name().unwrap()));
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let reader = far_end(&*pty.master);
        let keys = pty.master.take_writer().unwrap();
        let shown = Arc::new((
            Mutex::new(Shown {
                screen: vt100::Parser::new(rows, columns, 0),
                raw: Vec::new(),
                closed: false,
            }),
            Condvar::new(),
        ));
        let feed = Arc::clone(&shown);
        let (stopped, stop) = std::io::pipe().unwrap();
        let thread = std::thread::spawn(move || {
            let mut buffer = vec![0; 65536];
            loop {
                let mut ready = [PollFd::new(&reader, PollFlags::IN), PollFd::new(&stopped, PollFlags::IN)];
                poll(&mut ready, None).unwrap();
                let stop = !ready[1].revents().is_empty();
                // EIO: nobody has the near end open any more.
                let got = if stop { 0 } else { rustix::io::read(&reader, &mut buffer).unwrap_or(0) };
                let (shown, changed) = &*feed;
                let mut shown = shown.lock().unwrap();
                if got == 0 {
                    shown.closed = true;
                    changed.notify_all();
                    return;
                }
                shown.screen.process(&buffer[..got]);
                shown.raw.extend_from_slice(&buffer[..got]);
                changed.notify_all();
            }
        });
        let reader = Some((thread, stop));
        Self { child, master: Some(pty.master), keys: Some(keys), shown, reader, near }
    }

    pub fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Sends bytes as one write.
    pub fn send(&mut self, bytes: &str) {
        let keys = self.keys.as_mut().unwrap();
        keys.write_all(bytes.as_bytes()).unwrap();
        keys.flush().unwrap();
    }

    /// Sends bytes one by one, each long enough alone to be read alone.
    pub fn type_keys(&mut self, keys: &str) {
        for key in keys.split_inclusive(|_| true) {
            self.send(key);
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    pub fn paste(&mut self, text: &str) {
        self.send(&format!("\x1b[200~{text}\x1b[201~"));
    }

    /// What stands on the screen.
    pub fn screen(&self) -> String {
        self.shown.0.lock().unwrap().screen.screen().contents()
    }

    /// Where the cursor is: row, column. `None` when it is hidden.
    pub fn cursor(&self) -> Option<(u16, u16)> {
        let shown = self.shown.0.lock().unwrap();
        let screen = shown.screen.screen();
        (!screen.hide_cursor()).then(|| screen.cursor_position())
    }

    /// Everything it ever wrote.
    pub fn raw(&self) -> Vec<u8> {
        self.shown.0.lock().unwrap().raw.clone()
    }

    /// Everything it ever wrote, once it is gone and nothing more can come. Lets go of the near end.
    pub fn raw_to_the_end(&mut self) -> Vec<u8> {
        self.near = None;
        let (shown, changed) = &*self.shown;
        let mut shown = shown.lock().unwrap();
        while !shown.closed {
            shown = changed.wait(shown).unwrap();
        }
        shown.raw.clone()
    }

    /// Waits until the cursor is shown: it is hidden while much is drawn. Row and column.
    pub fn wait_cursor(&self) -> (u16, u16) {
        let (shown, changed) = &*self.shown;
        let mut shown = shown.lock().unwrap();
        while shown.screen.screen().hide_cursor() {
            assert!(!shown.closed, "no cursor");
            shown = changed.wait(shown).unwrap();
        }
        shown.screen.screen().cursor_position()
    }

    /// Waits until the screen holds a text.
    pub fn wait_for(&self, text: &str) -> String {
        self.wait_until(text, |screen| screen.contains(text))
    }

    /// Waits until the screen does not hold a text any more.
    pub fn wait_gone(&self, text: &str) -> String {
        self.wait_until(text, |screen| !screen.contains(text))
    }

    pub fn wait_until(&self, what: &str, holds: impl Fn(&str) -> bool) -> String {
        let (shown, changed) = &*self.shown;
        let deadline = Instant::now() + NEVER;
        let mut shown = shown.lock().unwrap();
        loop {
            let screen = shown.screen.screen().contents();
            if holds(&screen) {
                return screen;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero() && !shown.closed, "waited in vain for {what:?} on\n{screen}");
            shown = changed.wait_timeout(shown, left).unwrap().0;
        }
    }

    /// Waits until the program has ended; its exit code.
    pub fn wait_exit(&mut self) -> u32 {
        let deadline = Instant::now() + NEVER;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(Instant::now() < deadline, "it does not end:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn signal(&self, signal: i32) {
        let pid = i32::try_from(self.pid()).unwrap();
        // SAFETY: a plain system call; the child is ours and not reaped yet.
        #[allow(unsafe_code, reason = "kill has no safe wrapper among the test's dependencies")]
        let sent = unsafe { libc::kill(pid, signal) };
        assert_eq!(sent, 0);
    }

    /// Closes the terminal from the other side, as a dropped line does: the last descriptor of the far end is
    /// closed when this comes back.
    pub fn hang_up(&mut self) {
        self.keys = None;
        self.master = None;
        if let Some((reader, stop)) = self.reader.take() {
            drop(stop);
            reader.join().unwrap();
        }
    }

    /// Waits until so many bytes of keys wait unread (with [`Start::near`]). Only when the program stands still
    /// can they be more than none for long.
    pub fn wait_unread(&self, bytes: u64) {
        let near = self.near.as_ref().unwrap();
        let deadline = Instant::now() + NEVER;
        while rustix::io::ioctl_fionread(&near.tty).unwrap() != bytes {
            assert!(Instant::now() < deadline, "waited in vain for {bytes} unread:\n{}", self.screen());
            std::thread::yield_now();
        }
    }

    /// The terminal takes no more bytes, as behind Ctrl+S or a line that has stalled (with [`Start::near`]).
    pub fn stall(&self) {
        rustix::termios::tcflow(&self.near.as_ref().unwrap().tty, Action::OOff).unwrap();
    }

    /// It takes them again.
    pub fn stall_is_over(&self) {
        rustix::termios::tcflow(&self.near.as_ref().unwrap().tty, Action::OOn).unwrap();
    }

    /// What differs in the terminal's attributes from before the start, once the program is gone. Empty when
    /// nothing does (with [`Start::near`]).
    pub fn attributes_left(&self) -> Vec<String> {
        let near = self.near.as_ref().unwrap();
        let now = rustix::termios::tcgetattr(&near.tty).unwrap();
        let (before, now) = (format!("{:#?}", near.before), format!("{now:#?}"));
        let lines = before.lines().zip(now.lines()).filter(|(before, now)| before != now);
        lines.map(|(before, now)| format!("{before} → {now}")).collect()
    }

    /// What a program would read that is started now and takes keys one by one (with [`Start::near`]).
    pub fn keys_left(&self) -> Vec<u8> {
        let tty = &self.near.as_ref().unwrap().tty;
        let mut raw = rustix::termios::tcgetattr(tty).unwrap();
        raw.make_raw();
        rustix::termios::tcsetattr(tty, OptionalActions::Now, &raw).unwrap();
        let mut keys = vec![0; 4096];
        let got = match rustix::io::read(tty, &mut keys) {
            Ok(got) => got,
            Err(rustix::io::Errno::AGAIN) => 0,
            Err(error) => panic!("the near end: {error}"),
        };
        keys.truncate(got);
        keys
    }

    pub fn resize(&self, columns: u16, rows: u16) {
        self.shown.0.lock().unwrap().screen.screen_mut().set_size(rows, columns);
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.as_ref().unwrap().resize(size).unwrap();
    }
}

impl Near {
    fn open(path: &Path) -> Self {
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let tty = rustix::fs::open(path, flags, Mode::empty()).unwrap();
        let before = rustix::termios::tcgetattr(&tty).unwrap();
        Self { tty, before }
    }
}

/// A descriptor of the far end that can be waited for together with something else.
fn far_end(master: &dyn MasterPty) -> OwnedFd {
    let raw = master.as_raw_fd().unwrap();
    // SAFETY: `master` keeps it open while it is borrowed.
    #[allow(unsafe_code, reason = "the crate hands out a bare number")]
    let borrowed = unsafe { BorrowedFd::borrow_raw(raw) };
    borrowed.try_clone_to_owned().unwrap()
}

impl Drop for Console {
    fn drop(&mut self) {
        // Whoever it started too: a shell that is killed leaves its children behind.
        if let (Ok(None), Some(leader)) = (self.child.try_wait(), self.child.process_id()) {
            // SAFETY: a plain system call; it leads a group of its own and is not reaped yet.
            #[allow(unsafe_code, reason = "kill has no safe wrapper among the test's dependencies")]
            unsafe {
                libc::kill(-i32::try_from(leader).unwrap(), libc::SIGKILL)
            };
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
