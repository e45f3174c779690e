//! Memory that long answers took, given back to the system. A console stands open for weeks: what reading ten
//! thousand rows once took is not to be kept for ever. May not: know what was read.

use std::time::Duration;

/// How long the engine must have had nothing to do before it looks for what can be given back. Not after every
/// job: while somebody types, the next answer takes the same memory again.
pub(super) const REST: Duration = Duration::from_millis(300);

/// What is larger than so many bytes has pages of its own, which go when it goes. The C library begins with this, too,
/// but takes the size of whatever large thing goes first for what is usual, and from then on keeps twice as much at the
/// end of each thread's heap, where [`give_back`] does not reach.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LARGE: libc::c_int = 128 * 1024;

/// Keeps large things out of the heaps. Before anything large is read.
pub(super) fn keep_large_apart() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(unsafe_code, reason = "a call of the C library that has no safe wrapper")]
    // SAFETY: takes two numbers (mallopt(3)).
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
    }
}

/// Gives free memory back, where the allocator has a call for it.
pub(super) fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(unsafe_code, reason = "a call of the C library that has no safe wrapper")]
    // SAFETY: takes no pointer and touches nothing that is in use (malloc_trim(3)).
    unsafe {
        libc::malloc_trim(0);
    }
}
