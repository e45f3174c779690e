//! What the doctor finds, as plain data: `gather.rs` fills it, `diagnose` judges it.

use std::path::PathBuf;

use super::channels::ChannelFact;
use crate::config::{CredentialProblem, Mistake};

/// What the API said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Its `Date` header, if it had one.
    pub date: Option<String>,
    /// This machine's time when the answer was there.
    pub received: jiff::Timestamp,
}

/// What was found on this machine.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The configuration.
    pub config: ConfigFact,
    /// The ledger; nothing when no configuration says where it is.
    pub ledger: Option<LedgerFact>,
    /// The terminal.
    pub terminal: TerminalFact,
    /// The answer of the API; nothing when it was not asked.
    pub reach: Option<ReachFact>,
    /// The process and the machine.
    pub machine: MachineFact,
}

/// The configuration, as found.
#[derive(Clone, Debug)]
pub enum ConfigFact {
    /// It can't be used.
    Wrong(Vec<Mistake>),
    /// It can.
    Loaded {
        /// The file.
        file: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// Every credential: dotted key, whether the chosen profile needs it, and what is wrong with it.
        credentials: Vec<(String, bool, Option<CredentialProblem>)>,
        /// Base URLs that are neither the vendor's nor on this machine: profile and URL.
        foreign: Vec<(String, String)>,
        /// A certificate authority that is configured but can't be read.
        lost_ca: Option<PathBuf>,
        /// What there is to know about the channels of the chosen profile.
        channels: Vec<ChannelFact>,
    },
}

/// The ledger, as found.
#[derive(Clone, Debug)]
pub struct LedgerFact {
    /// Its file.
    pub path: PathBuf,
    /// Whether its folder is there.
    pub folder_exists: bool,
    /// Whether files can be made in its folder, or in the nearest one above that is there.
    pub folder_writable: bool,
    /// Permission bits of the folder, if it is there.
    pub folder_mode: Option<u32>,
    /// The ledger's files that are there, with their permission bits.
    pub files: Vec<(PathBuf, u32)>,
    /// Free room for it, in bytes.
    pub free_bytes: Option<u64>,
    /// Whether it opens; nothing when there is none yet.
    pub opens: Option<Result<(), String>>,
}

/// The terminal, as found.
#[derive(Clone, Debug, Default)]
pub struct TerminalFact {
    /// Whether there is a terminal to read from and to write to.
    pub tty: bool,
    /// Columns and rows.
    pub size: Option<(u16, u16)>,
    /// The locale's name, from `LC_ALL`, `LC_CTYPE` or `LANG`.
    pub locale: Option<String>,
    /// `TERM`.
    pub term: Option<String>,
    /// Whether `NO_COLOR` is set and not empty.
    pub no_color: bool,
    /// Terminal multiplexers that run on this machine between the person and the program.
    pub multiplexers: Vec<String>,
}

/// The API, as found.
#[derive(Clone, Debug)]
pub struct ReachFact {
    /// The profile that was tried.
    pub profile: String,
    /// Its base URL.
    pub base_url: String,
    /// The answer, or why there was none.
    pub answer: Result<Answer, String>,
}

/// The process and the machine, as found.
#[derive(Clone, Debug, Default)]
pub struct MachineFact {
    /// Bytes that may be locked into memory; nothing when there is no limit.
    pub memlock: Option<u64>,
    /// Largest core file, in bytes; nothing when there is no limit.
    pub core: Option<u64>,
    /// Swap areas, and whether each is encrypted; nothing when they could not be listed.
    pub swap: Option<Vec<(String, bool)>>,
    /// Traces of input recording: what was found and where.
    pub recorders: Vec<String>,
    /// Places where recording is configured that could not be read.
    pub unreadable: Vec<String>,
}
