//! How an operation ended, as far as it is known.

use super::intent::{Approval, Intent};
use super::payment::Refusal;
use super::problem::Problem;

/// How a charge ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Money was taken.
    Approved(Approval),
    /// The PG said no.
    Declined(Refusal),
    /// Nobody has seen the end; it is in the journal, and look-ups settle it. A word why.
    Unknown(String),
    /// Nothing was taken.
    NotCharged(Problem),
    /// Nothing was sent: this earlier charge looks like the same one.
    Blocked(Box<Intent>),
}

/// What the operator sees while the request is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Writing the journal.
    Journal,
    /// The request is let go.
    Sent,
    /// The answer is here; asking for approval number and receipt.
    Details,
}

/// What one look at one intent found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// Its end is known now (or was known already).
    Settled(Box<Intent>),
    /// Still unknown; a word why.
    Open(&'static str),
    /// The provider could not be asked; nothing changed.
    Failed(Problem),
}
