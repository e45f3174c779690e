//! The one writer: a frame is collected, put inside one synchronised update and sent with one `write(2)`.

use std::cell::RefCell;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::Command as _;
use crossterm::clipboard::CopyToClipboard;
use rustix::event::{PollFd, PollFlags, poll};

/// Room for a frame. A larger one grows the buffer and goes out in one write all the same.
const FRAME: usize = 64 * 1024;
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

struct Frame {
    to: OwnedFd,
    bytes: Vec<u8>,
    active: Arc<AtomicBool>,
    tmux: bool,
}

/// A writer that collects a frame until [`Output::end_frame`]. `flush` does nothing: ratatui and crossterm flush
/// in the middle of a frame.
#[derive(Clone)]
pub struct Output(Rc<RefCell<Frame>>);

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Output")
    }
}

impl Output {
    pub(super) fn new(to: OwnedFd, active: Arc<AtomicBool>, tmux: bool) -> Self {
        Self(Rc::new(RefCell::new(Frame { to, bytes: Vec::with_capacity(FRAME), active, tmux })))
    }

    /// Sends what was written since the last frame, cursor and all, as one synchronised update. Nothing written,
    /// nothing sent. An error means that the terminal is gone, or was put back: draw no more.
    pub fn end_frame(&self) -> io::Result<()> {
        let mut frame = self.0.borrow_mut();
        if frame.bytes.is_empty() {
            return Ok(());
        }
        frame.bytes.extend_from_slice(END);
        let sent = frame.send(&frame.bytes);
        frame.bytes.clear();
        frame.bytes.shrink_to(FRAME);
        sent
    }

    /// Sends a text to the clipboard of the person's own machine (OSC 52). There is no answer: say "sent", not
    /// "copied". Never card data. Inside a frame it goes out with it, else at once.
    pub fn copy(&self, text: &str) -> io::Result<()> {
        let sequence = osc52(text, self.0.borrow().tmux);
        if self.0.borrow().bytes.is_empty() {
            return self.write_now(sequence.as_bytes());
        }
        self.0.borrow_mut().bytes.extend_from_slice(sequence.as_bytes());
        Ok(())
    }

    /// Sends bytes at once, outside any frame.
    pub(in crate::tui) fn write_now(&self, bytes: &[u8]) -> io::Result<()> {
        self.0.borrow().send(bytes)
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut frame = self.0.borrow_mut();
        if frame.bytes.is_empty() && !bytes.is_empty() {
            frame.bytes.extend_from_slice(BEGIN);
        }
        frame.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Frame {
    /// Writes all of it. Standard output is blocking unless somebody else who has it open made it otherwise;
    /// then it is waited for.
    fn send(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            if !self.active.load(Ordering::Acquire) {
                return Err(io::Error::new(io::ErrorKind::NotConnected, "the terminal was put back"));
            }
            match rustix::io::write(&self.to, bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(wrote) => bytes = &bytes[wrote..],
                Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::AGAIN) => {
                    poll(&mut [PollFd::new(&self.to, PollFlags::OUT)], None)?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// The clipboard sequence. Inside tmux also wrapped in its passthrough: plain works with `set-clipboard on`,
/// the wrapped one with `allow-passthrough on`, and twice does no harm.
fn osc52(text: &str, tmux: bool) -> String {
    let mut plain = String::new();
    // Writing to a string cannot fail.
    let _ = CopyToClipboard::to_clipboard_from(text).write_ansi(&mut plain);
    if !tmux {
        return plain;
    }
    let wrapped = format!("\x1bPtmux;{}\x1b\\", plain.replace('\x1b', "\x1b\x1b"));
    plain + &wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clipboard_sequence_is_base64_and_doubled_for_tmux() {
        assert_eq!(osc52("30012345", false), "\x1b]52;c;MzAwMTIzNDU=\x1b\\");
        assert_eq!(osc52("1", true), "\x1b]52;c;MQ==\x1b\\\x1bPtmux;\x1b\x1b]52;c;MQ==\x1b\x1b\\\x1b\\");
    }
}
