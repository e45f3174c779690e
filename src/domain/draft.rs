//! Forms that were being filled, and marks that an operator sets while filling one.

use jiff::Timestamp;

use super::intent::Operator;

/// A form that was being filled, without card data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The profile it belongs to.
    pub profile: String,
    /// Who was filling it, in which process.
    pub operator: Operator,
    /// When it was last written.
    pub saved: Timestamp,
    /// The form, in the screen's own words.
    pub body: String,
}

/// What an operator notes about the voice recording of the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mark {
    /// The recording is paused, so that the card can be said aloud.
    RecordingPaused,
    /// It goes on.
    RecordingResumed,
}

impl Mark {
    /// The word in the ledger.
    pub const fn word(self) -> &'static str {
        match self {
            Self::RecordingPaused => "recording_paused",
            Self::RecordingResumed => "recording_resumed",
        }
    }
}
