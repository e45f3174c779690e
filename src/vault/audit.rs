//! The self-audit: the process looks for card data in its own writable memory after a request has ended.
//!
//! `process_vm_readv` on ourselves works unprivileged and when the process is not dumpable, where opening
//! `/proc/self/mem` does not. Linux only; elsewhere the audit says that it can't look.
#![expect(unsafe_code, reason = "process_vm_readv has no safe wrapper")]

use super::scan::{OVERLAP, Scanner};
use super::{Field, Vault};

/// Why the audit could not look. That is a failure, never a pass.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The map of our own memory can't be read.
    #[error("the memory map can't be read: {0}")]
    Map(std::io::Error),
    /// Not a single mapping could be read.
    #[error("own memory can't be read: {0}")]
    Read(std::io::Error),
}

/// A search prepared while the card was there, to be run when it must be gone.
#[derive(Debug)]
pub struct Audit {
    scanner: Scanner,
}

const CHUNK: usize = 256 * 1024;
const PAGE: usize = 4096;

impl Audit {
    /// Prepares a search for what the vault holds now.
    pub fn arm(vault: &Vault) -> Self {
        let mut scanner = Scanner::of_long_runs();
        for field in [Field::Number, Field::Identity] {
            scanner.add(vault.len(field), |k| vault.digit(field, k));
        }
        Self { scanner }
    }

    /// How many places of our writable memory hold ten consecutive digits of it.
    pub fn run(&self) -> Result<usize, AuditError> {
        let maps = std::fs::read_to_string("/proc/self/maps").map_err(AuditError::Map)?;
        let mut buffer = vec![0u8; CHUNK + OVERLAP];
        let own = buffer.as_ptr() as usize..buffer.as_ptr() as usize + buffer.len();
        let (mut hits, mut read_any) = (0, false);
        for (start, end) in maps.lines().filter_map(writable) {
            let mut at = start;
            while at < end {
                // Our own copy of somebody else's bytes is no finding of its own.
                if own.contains(&at) {
                    at = own.end.min(end);
                    continue;
                }
                let stop = if (at..end).contains(&own.start) { own.start } else { end };
                let want = (stop - at).min(buffer.len());
                let got = read_self(at, &mut buffer[..want]);
                read_any |= got > 0;
                hits += self.scanner.scan(&buffer[..got]).len();
                at += match got {
                    // A page went away (or never was readable): go on behind it, miss nothing else.
                    _ if got < want => got - got % PAGE + PAGE,
                    _ if at + want < stop => want - OVERLAP,
                    _ => want,
                };
            }
        }
        zeroize::Zeroize::zeroize(&mut buffer);
        if read_any { Ok(hits) } else { Err(AuditError::Read(std::io::Error::last_os_error())) }
    }
}

fn writable(line: &str) -> Option<(usize, usize)> {
    let (range, rest) = line.split_once(' ')?;
    if !rest.starts_with("rw") {
        return None;
    }
    let (start, end) = range.split_once('-')?;
    Some((usize::from_str_radix(start, 16).ok()?, usize::from_str_radix(end, 16).ok()?))
}

/// Reads our own memory; fewer bytes than asked when a page in between can't be read.
fn read_self(at: usize, into: &mut [u8]) -> usize {
    let local = libc::iovec { iov_base: into.as_mut_ptr().cast(), iov_len: into.len() };
    let remote = libc::iovec { iov_base: at as *mut libc::c_void, iov_len: into.len() };
    // SAFETY: `local` describes `into`, which outlives the call. The remote side is only read, by the kernel,
    // which answers with an error or a short count where nothing is mapped.
    let got = unsafe { libc::process_vm_readv(libc::getpid(), &raw const local, 1, &raw const remote, 1, 0) };
    usize::try_from(got).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_audit_sees_the_vault_and_nothing_once_it_is_wiped() {
        let vault = Vault::new().unwrap();
        let mut random = [0u8; 16];
        getrandom::fill(&mut random).unwrap();
        for byte in random {
            vault.push(Field::Number, byte % 9 + 1);
        }
        let audit = Audit::arm(&vault);
        assert!(audit.run().unwrap() > 0, "blind: the card is in the vault now");
        vault.wipe();
        // `random` on this test's stack is not the card (other values), and the vault is the only other place.
        assert_eq!(audit.run().unwrap(), 0);
    }
}
