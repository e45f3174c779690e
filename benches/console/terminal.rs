//! A program in a pseudo-terminal, driven by one thread: whoever measures is the only reader of the screen and
//! the only writer of keys, so that no other thread's wake-up is in a figure.

use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Termios, Winsize, tcgetattr, tcsetwinsize};

/// A wait this long means that it will never come.
const NEVER: Duration = Duration::from_secs(30);

/// What came from a program in one stretch.
#[derive(Debug, Default, Clone, Copy)]
pub struct Arrived {
    /// How many bytes.
    pub bytes: usize,
    /// When the first of them came.
    pub first: Option<Instant>,
    /// When the last of them came.
    pub last: Option<Instant>,
}

/// How to start a program.
pub struct Start<'a> {
    pub program: &'a Path,
    pub args: Vec<String>,
    pub env: Vec<(&'a str, String)>,
    pub folder: Option<&'a Path>,
    pub size: (u16, u16),
}

/// A program and its terminal.
pub struct Program {
    child: Child,
    master: Option<OwnedFd>,
    screen: vt100::Parser,
    /// The terminal's attributes before the program started.
    before: Termios,
    /// Everything it ever wrote.
    pub raw: Vec<u8>,
    /// When `spawn` was called.
    pub spawned: Instant,
}

impl Program {
    pub fn start(start: &Start<'_>) -> Self {
        let (columns, rows) = start.size;
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&master, size).unwrap();
        let before = tcgetattr(&master).unwrap();
        let path = ptsname(&master, Vec::new()).unwrap();
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let slave = rustix::fs::open(path, flags, Mode::empty()).unwrap();
        let mut command = Command::new(start.program);
        command
            .args(&start.args)
            .env_clear()
            .env("TERM", "xterm-256color")
            .env("LANG", "ko_KR.UTF-8")
            .env("LC_ALL", "C.UTF-8")
            .env("HOME", std::env::temp_dir())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(start.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::from(slave.try_clone().unwrap()))
            .stdout(Stdio::from(slave.try_clone().unwrap()))
            .stderr(Stdio::from(slave));
        if let Some(folder) = start.folder {
            command.current_dir(folder);
        }
        #[expect(unsafe_code, reason = "a session of its own, which std has no call for")]
        // SAFETY: two system calls, no allocation, no lock.
        unsafe {
            command.pre_exec(|| {
                rustix::process::setsid()?;
                rustix::process::ioctl_tiocsctty(rustix::stdio::stdin())?;
                Ok(())
            });
        }
        let spawned = Instant::now();
        let child = command.spawn().unwrap();
        // The slave's descriptors in here go with it.
        drop(command);
        let screen = vt100::Parser::new(rows, columns, 0);
        Self { child, master: Some(master), screen, before, raw: Vec::new(), spawned }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends bytes as one write.
    pub fn send(&self, bytes: &str) {
        let mut rest = bytes.as_bytes();
        while !rest.is_empty() {
            let sent = rustix::io::write(self.master.as_ref().unwrap(), rest).unwrap();
            rest = &rest[sent..];
        }
    }

    /// Sends a key and waits for the first bytes that answer it.
    pub fn key_to_output(&mut self, key: &str) -> Duration {
        let sent = Instant::now();
        self.send(key);
        let arrived = self.read(NEVER).expect("no answer to a key");
        arrived.duration_since(sent)
    }

    /// Reads what is there within `patience`; when it came. `None` when nothing came or the program is gone.
    fn read(&mut self, patience: Duration) -> Option<Instant> {
        let master = self.master.as_ref()?;
        let limit = Timespec::try_from(patience).unwrap();
        if poll(&mut [PollFd::new(master, PollFlags::IN)], Some(&limit)) != Ok(1) {
            return None;
        }
        let arrived = Instant::now();
        let mut buffer = [0; 16_000];
        // EIO: the program has ended.
        let got = rustix::io::read(master, &mut buffer).ok().filter(|got| *got > 0)?;
        self.screen.process(&buffer[..got]);
        self.raw.extend_from_slice(&buffer[..got]);
        Some(arrived)
    }

    /// Reads until nothing came for `quiet`; waits for the first bytes for `patience`.
    pub fn read_until_quiet(&mut self, patience: Duration, quiet: Duration) -> Arrived {
        let before = self.raw.len();
        let mut arrived = Arrived::default();
        let mut wait = patience;
        while let Some(at) = self.read(wait) {
            arrived.first = arrived.first.or(Some(at));
            arrived.last = Some(at);
            wait = quiet;
        }
        arrived.bytes = self.raw.len() - before;
        arrived
    }

    /// Reads for a while, whatever comes.
    pub fn read_for(&mut self, duration: Duration) -> usize {
        let (before, end) = (self.raw.len(), Instant::now() + duration);
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return self.raw.len() - before;
            }
            self.read(left);
        }
    }

    /// What stands on the screen.
    pub fn shown(&self) -> String {
        self.screen.screen().contents()
    }

    /// Waits until the screen is as wanted; when the bytes came that made it so.
    pub fn wait_until(&mut self, what: &str, holds: impl Fn(&str) -> bool) -> Instant {
        let mut at = Instant::now();
        let deadline = at + NEVER;
        loop {
            if holds(&self.shown()) {
                return at;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            at =
                self.read(left).unwrap_or_else(|| panic!("waited in vain for {what:?} on\n{}", self.shown()));
        }
    }

    pub fn wait_for(&mut self, text: &str) -> Instant {
        self.wait_until(text, |screen| screen.contains(text))
    }

    /// Closes the terminal from the other side, as a dropped line does.
    pub fn hang_up(&mut self) {
        self.master = None;
    }

    pub fn resize(&self, columns: u16, rows: u16) {
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(self.master.as_ref().unwrap(), size).unwrap();
    }

    pub fn signal(&self, signal: Signal) {
        rustix::process::kill_process(pid(self.pid()), signal).unwrap();
    }

    /// The attributes that differ from those before the start; `None` when the terminal is gone.
    pub fn attributes_changed(&self) -> Option<bool> {
        let now = tcgetattr(self.master.as_ref()?).ok()?;
        Some(format!("{now:?}") != format!("{:?}", self.before))
    }

    /// The private modes that what was written leaves unlike a fresh terminal's.
    pub fn modes_left(&self) -> Vec<String> {
        modes_left(&self.raw)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn pid(pid: u32) -> Pid {
    Pid::from_raw(i32::try_from(pid).unwrap()).unwrap()
}

/// Waits for the end of a process, a child of ours or not.
pub struct Ending(OwnedFd);

impl Ending {
    pub fn of(process: u32) -> Self {
        Self(pidfd_open(pid(process), PidfdFlags::empty()).unwrap())
    }

    /// When it ended; `None` when it did not within `patience`.
    pub fn wait(&self, patience: Duration) -> Option<Instant> {
        let limit = Timespec::try_from(patience).unwrap();
        (poll(&mut [PollFd::new(&self.0, PollFlags::IN)], Some(&limit)) == Ok(1)).then(Instant::now)
    }
}

/// The private modes (`CSI ? n h` and `l`) that are on at the end of `bytes` and should not be, and the cursor.
fn modes_left(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let mut on = std::collections::BTreeMap::new();
    for part in text.split("\x1b[?").skip(1) {
        let digits: String = part.chars().take_while(|ch| ch.is_ascii_digit() || *ch == ';').collect();
        let set = match part[digits.len()..].chars().next() {
            Some('h') => true,
            Some('l') => false,
            _ => continue,
        };
        for mode in digits.split(';') {
            on.insert(mode.to_owned(), set);
        }
    }
    let mut left: Vec<String> = Vec::new();
    for (mode, on) in on {
        // The cursor is shown and lines wrap on a fresh terminal; 12 is whether the cursor blinks.
        let fresh = matches!(mode.as_str(), "25" | "7");
        if on != fresh && mode != "12" {
            left.push(format!("?{mode}"));
        }
    }
    left
}
