//! What a person or a script can *do*: the only code that touches both gateway and ledger.
//!
//! Every operation that moves money writes its intent before it sends, never sends twice, and leaves an
//! outcome it did not see as *unknown*. So does every one that makes or ends something that will: accounts and
//! billing keys. [`intend`] and [`conclude`] are the common beginning and end. May use `domain`, `gateway`, `ledger`, `vault` and `error`.

pub mod account;
mod ahead;
pub mod calendar;
pub mod caller;
pub mod charge;
pub mod close;
mod conclude;
pub mod delete_key;
pub mod export;
pub mod history;
mod intend;
pub mod key;
mod key_list;
pub mod receipt;
pub mod refund;
mod save_card;
pub mod schedule;
pub mod settle;
pub mod sync;
pub mod world;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use jiff::SignedDuration;

use crate::domain::channel::Channel;
use crate::domain::intent::{Intent, IntentState, Step};
use crate::domain::payment::PaymentId;
use crate::domain::problem::Problem;
use crate::gateway::Gateway;
use crate::ledger::{Ledger, LedgerError};
use crate::vault::Vault;
use world::World;

/// How long a request may still be on its way after it was let go: "not found" means "not charged" only
/// after this (design §5: at least three minutes).
pub const SETTLE_WINDOW: SignedDuration = SignedDuration::from_secs(190);

/// Everything operations need, for one profile.
#[derive(Clone)]
pub struct Desk {
    /// The profile's name.
    pub profile: String,
    /// The profile's channels.
    pub channels: Vec<Channel>,
    /// The provider.
    pub gateway: Arc<dyn Gateway>,
    /// The journal.
    pub ledger: Rc<RefCell<dyn Ledger>>,
    /// Time, chance and who we are.
    pub world: Rc<dyn World>,
    /// Where the card is.
    pub vault: Arc<Vault>,
    /// How long an earlier charge of the same card and amount counts as the same.
    pub guard_window: SignedDuration,
    /// Whether to search our own memory after each charge.
    pub self_audit: bool,
    /// What this desk is in the middle of.
    pub under_way: UnderWay,
}

/// The intents whose requests this desk and its clones are in the middle of: settling leaves them alone.
#[derive(Debug, Clone, Default)]
pub struct UnderWay(Rc<RefCell<BTreeSet<PaymentId>>>);

impl UnderWay {
    /// Keeps settling away from an intent until the answer is dropped.
    fn enter(&self, id: &PaymentId) -> Stay {
        self.0.borrow_mut().insert(id.clone());
        Stay { all: Rc::clone(&self.0), id: id.clone() }
    }

    fn holds(&self, id: &PaymentId) -> bool {
        self.0.borrow().contains(id)
    }
}

/// An intent that is under way. It ends with this, also when an operation is dropped in the middle.
struct Stay {
    all: Rc<RefCell<BTreeSet<PaymentId>>>,
    id: PaymentId,
}

impl Drop for Stay {
    fn drop(&mut self) {
        self.all.borrow_mut().remove(&self.id);
    }
}

/// What a desk is made of, to be carried to the thread that works at it.
#[derive(Clone)]
pub struct Recipe {
    /// The profile's name.
    pub profile: String,
    /// The profile's channels.
    pub channels: Vec<Channel>,
    /// The provider.
    pub gateway: Arc<dyn Gateway>,
    /// The journal's file.
    pub ledger: PathBuf,
    /// Where the card is.
    pub vault: Arc<Vault>,
    /// How long an earlier charge of the same card and amount counts as the same.
    pub guard_window: SignedDuration,
    /// Whether to search our own memory after each charge.
    pub self_audit: bool,
}

impl Recipe {
    /// Opens the journal and sits down.
    pub fn desk(self) -> Result<Desk, Problem> {
        let ledger = crate::ledger::sqlite::SqliteLedger::open(&self.ledger)?;
        Ok(Desk {
            profile: self.profile,
            channels: self.channels,
            gateway: self.gateway,
            ledger: Rc::new(RefCell::new(ledger)),
            world: Rc::new(world::RealWorld::new()),
            vault: self.vault,
            guard_window: self.guard_window,
            self_audit: self.self_audit,
            under_way: UnderWay::default(),
        })
    }
}

impl Desk {
    /// Takes a step of an intent; a ledger that fails now is told, the outcome stands.
    fn record(&self, id: &PaymentId, step: &Step) -> Result<IntentState, LedgerError> {
        let process = self.world.operator().process;
        self.ledger.borrow().record(id, self.world.now(), step, &process)
    }

    fn intent(&self, id: &PaymentId) -> Result<Option<Intent>, LedgerError> {
        self.ledger.borrow().intent(id)
    }
}

impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Self {
        Self::Ledger { detail: crate::domain::text::SafeText::message(&error.to_string()).to_string() }
    }
}

#[cfg(test)]
mod tests;
