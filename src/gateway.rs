//! `PortOne` on the wire: one trait, API generations V1 and V2 behind it.
//!
//! May use `domain`, `error` and `vault` (to send, never to keep). Nothing here tries a charge twice: an
//! answer that was not seen is [`Reply::Unseen`], and whoever asked looks the payment up.

pub mod http;
mod sensitive;
pub mod v1;
pub mod v2;

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::domain::billing_key::{BillingKey, IssuedKey, KeyPage, KeySearch, ProviderKey};
use crate::domain::caller::{AtProvider, OpenSchedule};
use crate::domain::order::{AccountClose, AccountOrder, KeyChargeOrder, KeyDelete, KeyInOrder, KeyOrder};
use crate::domain::payment::{PaymentId, ProviderPayment, Refusal};
use crate::domain::problem::Problem;
use crate::vault::Vault;

/// The most bytes of an answer that are read. The largest honest answer in use is a page of payments.
pub const MAX_ANSWER: usize = 4 * 1024 * 1024;
/// The most bytes of an answer to a charge. An honest one has a few hundred (V2 §8.4) or thousand (V1 §6.1).
pub const MAX_CHARGE_ANSWER: usize = 64 * 1024;

/// A credential of the API. Never shown, wiped when dropped.
#[derive(Clone)]
pub struct ApiSecret(Zeroizing<String>);

impl ApiSecret {
    /// Takes a credential over.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(Zeroizing::new(secret.into()))
    }

    /// The credential itself, for a header or body.
    fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for ApiSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ApiSecret")
    }
}

/// What became of a request that moves money, or makes or ends something that will.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply<T> {
    /// It was done.
    Done(T),
    /// The PG said no.
    Declined(Refusal),
    /// It was not done: the request was never sent, or turned away at the door.
    NotDone(Problem),
    /// The end was not seen or can't be read; a word why. Only a look-up settles it.
    Unseen(&'static str),
}

/// What became of a charge, or of the issue of an account. V2 tells next to nothing here (V2 §8.4): look the
/// payment up for the rest.
pub type Charged = Reply<Option<Box<ProviderPayment>>>;

/// What the provider knows about one of our ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookUp {
    /// A payment; where there were several attempts, the one that decides: a paid one before a pending one
    /// before a failed one.
    Found(Box<ProviderPayment>),
    /// Nothing under this id. The request may still be on its way.
    NotFound,
}

/// What a connection test found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The `Date` header of the answer, unix seconds.
    pub server_time: Option<i64>,
}

/// The provider, whichever generation.
///
/// What moves money, or makes or ends something that will, is sent exactly once and answers with a [`Reply`];
/// what only asks may be asked again and answers with a `Result`.
#[async_trait]
pub trait Gateway: Send + Sync {
    /// Charges the card in the vault, once. Sent from a thread of its own that is joined before this returns,
    /// also when the future is dropped: dropping it stops the request and leaves its outcome unknown.
    async fn key_in(&self, order: &KeyInOrder, card: &Arc<Vault>) -> Charged;

    /// Issues a virtual account (V2 §8.3, V1 §13.2). `Done` says that it exists, not that it was paid.
    async fn issue_account(&self, order: &AccountOrder) -> Charged;

    /// Closes a virtual account that waits (V2 §14, V1 §13.2).
    async fn close_account(&self, order: &AccountClose) -> Reply<()>;

    /// Makes a billing key of the card in the vault (V2 §9.1, V1 §8.1); sent like [`Gateway::key_in`].
    async fn issue_key(&self, order: &KeyOrder, card: &Arc<Vault>) -> Reply<IssuedKey>;

    /// Charges a billing key (V2 §10, V1 §9).
    async fn charge_key(&self, order: &KeyChargeOrder) -> Charged;

    /// Deletes a billing key (V2 §9.4, V1 §8.4).
    async fn delete_key(&self, order: &KeyDelete) -> Reply<()>;

    /// Asks for one of our ids, test payments included.
    async fn look_up(&self, id: &PaymentId) -> Result<LookUp, Problem>;

    /// Asks for one billing key; `None` when there is none. V2 still shows deleted ones, V1 does not.
    async fn key(&self, key: &BillingKey) -> Result<Option<ProviderKey>, Problem>;

    /// Whether [`Gateway::keys`] finds keys that nobody named: V2 does, V1 looks among those given only.
    fn can_list(&self) -> bool;

    /// Searches billing keys (V2 §9.3, V1 §8.3).
    async fn keys(&self, search: &KeySearch) -> Result<KeyPage, Problem>;

    /// The schedules of these keys that are still to run, up to a year behind `now` (V2 §11.3, V1 §10.4), next
    /// first.
    async fn open_schedules(&self, keys: &[BillingKey], now: Timestamp)
    -> Result<Vec<OpenSchedule>, Problem>;

    /// What the provider knows of the person with this phone number (digits) and of these keys.
    async fn caller(
        &self,
        phone_digits: &str,
        keys: &[BillingKey],
        now: Timestamp,
    ) -> Result<AtProvider, Problem>;

    /// Asks for something harmless that needs the credentials.
    async fn probe(&self) -> Result<Probe, Problem>;
}

#[cfg(test)]
mod tests;
