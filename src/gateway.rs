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
use zeroize::Zeroizing;

use crate::domain::order::KeyInOrder;
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
#[async_trait]
pub trait Gateway: Send + Sync {
    /// Charges the card in the vault, once. Sent from a thread of its own that is joined before this returns,
    /// also when the future is dropped: dropping it stops the request and leaves its outcome unknown.
    async fn key_in(&self, order: &KeyInOrder, card: &Arc<Vault>) -> Charged;

    /// Asks for one of our ids, test payments included.
    async fn look_up(&self, id: &PaymentId) -> Result<LookUp, Problem>;

    /// Asks for something harmless that needs the credentials.
    async fn probe(&self) -> Result<Probe, Problem>;
}
