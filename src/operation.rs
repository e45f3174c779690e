//! What a person or a script can *do*: the only code that touches both gateway and ledger.
//!
//! Every operation that moves money writes its intent before it sends, never sends twice, and leaves an
//! outcome it did not see as *unknown*. May use `domain`, `gateway`, `ledger`, `vault` and `error`.

pub mod charge;
pub mod settle;
pub mod world;

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use jiff::SignedDuration;

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
}

/// What a desk is made of, to be carried to the thread that works at it.
#[derive(Clone)]
pub struct Recipe {
    /// The profile's name.
    pub profile: String,
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
            gateway: self.gateway,
            ledger: Rc::new(RefCell::new(ledger)),
            world: Rc::new(world::RealWorld::new()),
            vault: self.vault,
            guard_window: self.guard_window,
            self_audit: self.self_audit,
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
