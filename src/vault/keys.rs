//! The keyboard's bytes: read into the vault, handed out one at a time, wiped behind the reader.

use std::os::fd::AsFd;
use std::sync::Arc;

use super::{INPUT, Vault};

/// The one reader of a vault's input bytes.
pub struct KeyBytes {
    vault: Arc<Vault>,
    next: usize,
    end: usize,
}

impl std::fmt::Debug for KeyBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyBytes")
    }
}

impl KeyBytes {
    /// The reader. A program makes one: two would fight over the same bytes.
    pub fn new(vault: Arc<Vault>) -> Self {
        Self { vault, next: INPUT.start, end: INPUT.start }
    }

    /// One `read(2)`, once everything read before was handed out. `Ok(0)` is the end of the file.
    pub fn fill(&mut self, fd: impl AsFd) -> std::io::Result<usize> {
        debug_assert_eq!(self.next, self.end, "bytes left unread");
        let got = self.vault.region.fill_from(fd, INPUT)?;
        (self.next, self.end) = (INPUT.start, INPUT.start + got);
        Ok(got)
    }
}

impl Iterator for KeyBytes {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        if self.next == self.end {
            return None;
        }
        let byte = self.vault.region.read(self.next);
        self.vault.region.write(self.next, 0);
        self.next += 1;
        Some(byte)
    }
}

impl Drop for KeyBytes {
    fn drop(&mut self) {
        self.vault.region.wipe(INPUT);
    }
}
