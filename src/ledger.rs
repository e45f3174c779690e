//! The ledger: the journal of intents, on disk before anything is sent; beside it a [copy](cache) of what the
//! provider told, and the [books].
//!
//! One trait over all three; [`sqlite`] is the engine behind it. May use `domain` only. No card data: the schema
//! has no column for it.

pub mod books;
pub mod cache;
pub mod sqlite;

use jiff::{SignedDuration, Timestamp};

use crate::domain::billing_key::{BillingKey, KeySearch, ProviderKey};
use crate::domain::draft::{Draft, Mark};
use crate::domain::intent::{Intent, IntentState, NewIntent, Operator, Step};
use crate::domain::payment::PaymentId;
use crate::domain::schedule::Span;
use crate::domain::text::SafeText;

/// Why the ledger did not do it. Whoever gets this sends nothing.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Written by a newer program.
    #[error("the ledger was written by a newer danmal (version {found}, this one knows {known})")]
    Newer {
        /// Its version.
        found: i64,
        /// The highest this program knows.
        known: i64,
    },
    /// The file or folder can't be used.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The database refused.
    #[error("{0}")]
    Database(#[from] rusqlite::Error),
    /// An id that is in the journal already.
    #[error("payment id {0} is in the ledger already")]
    IdTaken(PaymentId),
    /// No such intent.
    #[error("no intent {0} in the ledger")]
    NotFound(PaymentId),
    /// A step that may not follow the state.
    #[error("an intent that is {} can't become {step}", .state.word())]
    Step {
        /// Where it stands.
        state: IntentState,
        /// What was tried.
        step: &'static str,
    },
    /// A row that this program can't read.
    #[error("a row of the ledger can't be read: {0}")]
    Row(String),
}

/// What to do about an earlier charge that looks like the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guard {
    /// Refuse when there is one within this time.
    Check(SignedDuration),
    /// The operator gave a reason and wants it all the same.
    Overridden(String),
}

/// What came of writing an intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intended {
    /// It is on disk.
    Written,
    /// Nothing was written: this earlier one has the same amount, card and customer.
    Guarded(Box<Intent>),
    /// Nothing was written: an id is in the journal already.
    Taken,
}

/// One line of an intent's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// The word of the step.
    pub word: String,
    /// What was kept of it.
    pub detail: String,
    /// The process that wrote it.
    pub process: String,
}

/// The journal, and in the same place the copy of what the provider told and the books. Every write is on disk
/// (fsync) when it returns.
pub trait Ledger: cache::Cache + books::Books {
    /// Checks the duplicate guard and writes the intent, in one transaction: two consoles that charge the
    /// same card at the same moment can't both pass.
    fn intend(&self, new: &NewIntent, guard: &Guard) -> Result<Intended, LedgerError> {
        match self.intend_all(&[std::slice::from_ref(new)], guard)?.pop() {
            Some(Intended::Taken) | None => Err(LedgerError::IdTaken(new.id.clone())),
            Some(intended) => Ok(intended),
        }
    }

    /// The same for many, in one transaction. Intents of a group belong together: all of them are written or, when
    /// one is guarded or its id is taken, none. Tells of each group in turn.
    fn intend_all(&self, groups: &[&[NewIntent]], guard: &Guard) -> Result<Vec<Intended>, LedgerError>;

    /// The latest charge within `window` before it that looks like the same one: same amount and card (and
    /// customer phone, when both have one) or billing key, money taken or perhaps taken; of an account, the
    /// latest of the same amount for the same phone.
    fn earlier(&self, new: &NewIntent, window: SignedDuration) -> Result<Option<Intent>, LedgerError>;

    /// Takes one step, and keeps a line of history. Returns the state after it.
    fn record(
        &self,
        id: &PaymentId,
        at: Timestamp,
        step: &Step,
        process: &str,
    ) -> Result<IntentState, LedgerError>;

    /// One intent.
    fn intent(&self, id: &PaymentId) -> Result<Option<Intent>, LedgerError>;

    /// Every intent of a profile whose end is not known, oldest first.
    fn unsettled(&self, profile: &str) -> Result<Vec<Intent>, LedgerError>;

    /// The history of an intent, oldest first.
    fn history(&self, id: &PaymentId) -> Result<Vec<Entry>, LedgerError>;

    /// The latest intents of a caller, newest first; every profile's: the same shop may have several.
    fn of_a_caller(&self, phone_digits: &str) -> Result<Vec<Intent>, LedgerError>;

    /// What cards with these first six digits turned out to be, newest first.
    fn issuers(&self, bin6: &str) -> Result<Vec<String>, LedgerError>;

    /// Issued accounts of a profile that nobody has paid into yet, oldest first.
    fn waiting_accounts(&self, profile: &str) -> Result<Vec<Intent>, LedgerError>;

    /// The latest intent that made, or kept, this billing key.
    fn by_key(&self, key: &BillingKey) -> Result<Option<Intent>, LedgerError>;

    /// Every billing key that this profile made or kept, newest first, deleted ones included.
    fn keys_made(&self, profile: &str) -> Result<Vec<BillingKey>, LedgerError>;

    /// Every billing key that this profile made or kept and that fits a search, as far as the ledger knows it,
    /// newest first: those of the search's page, and how many there are in all.
    fn known_keys(&self, profile: &str, search: &KeySearch)
    -> Result<(Vec<ProviderKey>, usize), LedgerError>;

    /// The latest charges of a billing key, newest first.
    fn charges_of(&self, key: &BillingKey) -> Result<Vec<Intent>, LedgerError>;

    /// Everything that was ordered with a batch, in the order in which it was.
    fn batch(&self, batch: &PaymentId) -> Result<Vec<Intent>, LedgerError>;

    /// The batches of a profile of which something was not begun, oldest first.
    fn batches_left(&self, profile: &str) -> Result<Vec<PaymentId>, LedgerError>;

    /// What was done with a schedule, oldest first: what made it, moved, revoked or tried it, and what took its
    /// place.
    fn about_schedule(
        &self,
        profile: &str,
        schedule: &SafeText,
        payment: &SafeText,
    ) -> Result<Vec<Intent>, LedgerError>;

    /// What was done with a payment: refunds and cash receipts, oldest first.
    fn about_record(&self, profile: &str, payment: &SafeText) -> Result<Vec<Intent>, LedgerError>;

    /// Everything that was written in a span, oldest first.
    fn made_in(&self, profile: &str, span: Span) -> Result<Vec<Intent>, LedgerError>;

    /// Keeps the form of a console; one each.
    fn put_draft(&self, draft: &Draft) -> Result<(), LedgerError>;

    /// The drafts of an operator on this host, newest first; those of other running consoles too.
    fn drafts_of(&self, profile: &str, operator: &Operator) -> Result<Vec<Draft>, LedgerError>;

    /// Forgets the draft of the process that `operator` names.
    fn drop_draft(&self, operator: &Operator) -> Result<(), LedgerError>;

    /// Keeps a mark about the voice recording.
    fn put_mark(
        &self,
        profile: &str,
        operator: &Operator,
        at: Timestamp,
        mark: Mark,
        detail: &str,
    ) -> Result<(), LedgerError>;

    /// Remembers that a channel's warning was read.
    fn put_warning_away(
        &self,
        profile: &str,
        channel: &str,
        warning: &str,
        operator: &Operator,
        at: Timestamp,
    ) -> Result<(), LedgerError>;

    /// The warnings that were read: channel and id.
    fn warnings_away(&self, profile: &str) -> Result<Vec<(String, String)>, LedgerError>;
}
