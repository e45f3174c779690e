//! The exit codes, documented in `docs/headless.md`.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// It was done.
    Done,
    /// It failed, and nothing was charged.
    Failed,
    /// Usage, configuration or credentials are wrong; nothing was charged.
    Usage,
    /// The PG said no.
    Declined,
    /// Nobody has seen the end: `danmal settle`.
    Unknown,
    /// A guard stopped it; nothing was charged.
    Guarded,
}

impl Exit {
    /// The number.
    pub(super) const fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Declined => 3,
            Self::Unknown => 4,
            Self::Guarded => 5,
        }
    }

    /// As the process's answer.
    pub(super) fn code(self) -> ExitCode {
        ExitCode::from(self.number())
    }
}
