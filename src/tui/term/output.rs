//! The one writer: what it is given goes out at once, a frame with one `write(2)`, unless the terminal takes no
//! bytes now. Then the rest is kept and nobody waits: a signal and a key must get through to a console whose line
//! has stalled.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::Command as _;
use crossterm::clipboard::CopyToClipboard;

/// Writes to the terminal until it is put back.
#[derive(Debug)]
pub struct Output {
    to: Arc<OwnedFd>,
    active: Arc<AtomicBool>,
    tmux: bool,
    kept: Vec<u8>,
}

impl Output {
    /// A writer to a descriptor that is in non-blocking mode.
    pub(super) fn new(to: OwnedFd, active: Arc<AtomicBool>, tmux: bool) -> Self {
        Self { to: Arc::new(to), active, tmux, kept: Vec::new() }
    }

    /// Sends a text to the clipboard of the person's own machine (OSC 52). There is no answer: say "sent", not
    /// "copied". Never card data.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        let sequence = osc52(text, self.tmux);
        self.send(sequence.as_bytes())
    }

    /// Writes, behind what was kept before. What the terminal does not take now is kept for [`Self::go_on`]. An
    /// error means that the terminal is gone, or was put back: draw no more.
    pub(in crate::tui) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.is_behind() {
            self.kept.extend_from_slice(bytes);
            return self.go_on();
        }
        let taken = self.write(bytes)?;
        self.kept.extend_from_slice(&bytes[taken..]);
        Ok(())
    }

    /// Writes what was kept, once the terminal has room again.
    pub(in crate::tui) fn go_on(&mut self) -> io::Result<()> {
        let taken = self.write(&self.kept)?;
        self.kept.drain(..taken);
        Ok(())
    }

    /// Whether something is kept. Whoever draws waits for the end of it: the frame after it will be a newer one.
    pub(in crate::tui) const fn is_behind(&self) -> bool {
        !self.kept.is_empty()
    }

    /// What to watch for room.
    pub(in crate::tui) fn descriptor(&self) -> Arc<OwnedFd> {
        Arc::clone(&self.to)
    }

    /// How many bytes the terminal takes now.
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut taken = 0;
        while taken < bytes.len() {
            if !self.active.load(Ordering::Acquire) {
                return Err(io::Error::new(io::ErrorKind::NotConnected, "the terminal was put back"));
            }
            match rustix::io::write(&self.to, &bytes[taken..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(wrote) => taken += wrote,
                Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::AGAIN) => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(taken)
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
