//! What the process does to itself before anything else: no core files, not readable by its own user, no
//! tracer. May not touch the terminal or any file of ours.

use rustix::process::{DumpableBehavior, Resource, Rlimit};

/// Why the process refuses to take cards.
#[derive(Debug, thiserror::Error)]
pub enum HardenError {
    /// A debugger or tracer is attached.
    #[error("a debugger or tracer (process {0}) is attached; card data would be visible to it")]
    Traced(u32),
    /// The kernel refused a setting.
    #[error("the process can't be protected: {0}")]
    Refused(std::io::Error),
}

/// Whether a debug build was asked to stay readable, so that the proof can look into it without being root.
/// Release builds do not have the switch.
fn stays_readable() -> bool {
    cfg!(debug_assertions) && std::env::var_os("DANMAL_DEBUG_READABLE").is_some()
}

/// The first thing `main` does.
pub fn process() -> Result<(), HardenError> {
    let refused = |errno: rustix::io::Errno| HardenError::Refused(errno.into());
    if !stays_readable() {
        rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(refused)?;
    }
    rustix::process::setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })
        .map_err(refused)?;
    match tracer() {
        0 => Ok(()),
        pid => Err(HardenError::Traced(pid)),
    }
}

/// The process that traces us, 0 when none does or `/proc` can't say.
fn tracer() -> u32 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("TracerPid:"))
        .and_then(|pid| pid.trim().parse().ok())
        .unwrap_or(0)
}
