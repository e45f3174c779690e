//! The one writer: what it is given goes out at once, a frame with one `write(2)`.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::Command as _;
use crossterm::clipboard::CopyToClipboard;
use rustix::event::{PollFd, PollFlags, poll};

/// Writes to the terminal until it is put back. Holds nothing back: the painter hands over whole frames.
#[derive(Debug, Clone)]
pub struct Output {
    to: Arc<OwnedFd>,
    active: Arc<AtomicBool>,
    tmux: bool,
}

impl Output {
    pub(super) fn new(to: OwnedFd, active: Arc<AtomicBool>, tmux: bool) -> Self {
        Self { to: Arc::new(to), active, tmux }
    }

    /// Sends a text to the clipboard of the person's own machine (OSC 52). There is no answer: say "sent", not
    /// "copied". Never card data.
    pub fn copy(&self, text: &str) -> io::Result<()> {
        self.send(osc52(text, self.tmux).as_bytes())
    }

    /// Writes all of it. Standard output is blocking unless somebody else who has it open made it otherwise;
    /// then it is waited for. An error means that the terminal is gone, or was put back: draw no more.
    pub(in crate::tui) fn send(&self, mut bytes: &[u8]) -> io::Result<()> {
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
