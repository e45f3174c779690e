//! The person on the phone: what the ledger and the provider know of them before anything is typed twice.

use super::billing_key::ProviderKey;
use super::intent::Intent;
use super::problem::Problem;
use super::record::PaymentRecord;
use super::schedule::ProviderSchedule;

/// What the provider knows of a caller.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AtProvider {
    /// Whether the provider was searched by phone number. V1 has no such search (V1 §11.5): then this is only
    /// what hangs on the keys that the ledger knows.
    pub searched: bool,
    /// Payments, newest first.
    pub payments: Vec<PaymentRecord>,
    /// Billing keys, newest first, deleted ones left out.
    pub keys: Vec<ProviderKey>,
    /// Open schedules, next first.
    pub schedules: Vec<ProviderSchedule>,
}

/// What is known of a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The ledger's intents, newest first.
    pub from_ledger: Vec<Intent>,
    /// The provider's view; a problem leaves the ledger's standing.
    pub at_provider: Result<AtProvider, Problem>,
}
