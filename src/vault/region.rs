//! The locked pages: every byte in them is read and written through volatile access, so that a wipe is never
//! optimised away and no copy is made in wider registers. This module may not know what the bytes mean.
#![expect(unsafe_code, reason = "mapping, locking and volatile access to the pages that hold card data")]

use std::ops::Range;
use std::os::fd::AsFd;
use std::ptr::NonNull;
use std::sync::atomic::{Ordering, compiler_fence};

use rustix::mm::{Advice, MapFlags, ProtFlags};

use super::VaultError;

/// A mapped, locked region of whole pages, zeroed at birth and at death.
pub(super) struct Region {
    start: NonNull<u8>,
    len: usize,
}

// SAFETY: the region is plain bytes owned by this value alone; all access goes through `&self` methods that
// touch bytes one at a time with volatile operations, and the vault's lock orders writers of one place.
unsafe impl Send for Region {}
// SAFETY: as above.
unsafe impl Sync for Region {}

impl Region {
    /// Maps `len` bytes and locks them. They are left out of core files and are zero in a forked child.
    pub(super) fn new(len: usize) -> Result<Self, VaultError> {
        // SAFETY: a fresh anonymous private mapping at an address of the kernel's choice aliases nothing.
        let start = unsafe {
            rustix::mm::mmap_anonymous(
                std::ptr::null_mut(),
                len,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::PRIVATE,
            )
        }
        .map_err(|errno| VaultError::Map(errno.into()))?;
        let Some(start) = NonNull::new(start.cast::<u8>()) else {
            return Err(VaultError::Map(std::io::ErrorKind::OutOfMemory.into()));
        };
        let region = Self { start, len };
        // SAFETY: start and len are exactly the mapping made above.
        unsafe { rustix::mm::mlock(start.as_ptr().cast(), len) }
            .map_err(|errno| VaultError::Lock(errno.into()))?;
        #[cfg(target_os = "linux")]
        for advice in [Advice::LinuxDontDump, Advice::LinuxWipeOnFork] {
            // SAFETY: as above; both kinds of advice change only what other processes and core files see.
            unsafe { rustix::mm::madvise(start.as_ptr().cast(), len, advice) }
                .map_err(|errno| VaultError::Map(errno.into()))?;
        }
        Ok(region)
    }

    pub(super) fn read(&self, at: usize) -> u8 {
        assert!(at < self.len);
        // SAFETY: `at` is inside the mapping, which lives as long as `self`.
        unsafe { self.start.as_ptr().add(at).read_volatile() }
    }

    pub(super) fn write(&self, at: usize, byte: u8) {
        assert!(at < self.len);
        // SAFETY: `at` is inside the mapping, which lives as long as `self`.
        unsafe { self.start.as_ptr().add(at).write_volatile(byte) }
    }

    /// Overwrites a range with zeros.
    pub(super) fn wipe(&self, range: Range<usize>) {
        assert!(range.end <= self.len);
        for at in range {
            self.write(at, 0);
        }
        compiler_fence(Ordering::SeqCst);
    }

    /// The bytes of a range, for a sender. The caller keeps everybody from writing there meanwhile.
    pub(super) fn bytes(&self, range: Range<usize>) -> &[u8] {
        assert!(range.start <= range.end && range.end <= self.len);
        // SAFETY: inside the mapping and initialised (zeroed by the kernel). `Vault` hands out one body at a
        // time and writes nothing there until that body is dropped (`State::body_out`).
        unsafe { std::slice::from_raw_parts(self.start.as_ptr().add(range.start), range.len()) }
    }

    /// Reads from a descriptor straight into a range; nothing in between keeps a copy.
    pub(super) fn fill_from(&self, fd: impl AsFd, range: Range<usize>) -> std::io::Result<usize> {
        assert!(range.start <= range.end && range.end <= self.len);
        // SAFETY: inside the mapping. The input range has one user, the `KeyBytes` of this vault, which is
        // not reading it while it fills it.
        let target =
            unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr().add(range.start), range.len()) };
        Ok(rustix::io::read(fd, target)?)
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        self.wipe(0..self.len);
        // SAFETY: exactly the mapping made in `new`, and nobody can hold a reference past `self`.
        // A failure leaves zeroed pages mapped, which harms nobody.
        let _ = unsafe { rustix::mm::munmap(self.start.as_ptr().cast(), self.len) };
    }
}
