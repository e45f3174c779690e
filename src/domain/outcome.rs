//! How an operation ended, as far as it is known.

use super::billing_key::{BillingKey, ProviderKey};
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

/// What became of a card that was to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyFate {
    /// It is kept under this key.
    Kept(BillingKey),
    /// It is not.
    NotKept,
    /// Nobody has seen whether it is; the journal has the intent.
    Unseen,
}

/// How a charge ended, and the keeping of its card, which can end otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeEnd {
    /// The money.
    pub outcome: Outcome,
    /// The card, when it was to be kept.
    pub key: Option<KeyFate>,
}

impl From<Outcome> for ChargeEnd {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, key: None }
    }
}

/// How the issue of a billing key ended. [`Outcome::Approved`] carries the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyEnd {
    /// The end.
    pub outcome: Outcome,
    /// The key read back, when that worked.
    pub key: Option<Box<ProviderKey>>,
    /// Channels of a group that refused although the key exists.
    pub refusals: Vec<Refusal>,
}

impl From<Outcome> for KeyEnd {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, key: None, refusals: Vec::new() }
    }
}

/// What the operator sees while the request is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Writing the journal.
    Journal,
    /// Keeping the card as a billing key.
    Key,
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
