//! `PortOne` on the wire: one trait, API generations V1 and V2 behind it.
//!
//! May use `domain`, `error` and `vault` (to send, never to keep). Nothing here tries a charge twice: an
//! answer that was not seen is [`Reply::Unseen`], and whoever asked looks the payment up.

pub mod http;
mod lenient;
mod raw;
mod sensitive;
pub mod v1;
pub mod v2;

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::domain::billing_key::{BillingKey, IssuedKey, KeyPage, KeySearch, ProviderKey};
use crate::domain::caller::AtProvider;
use crate::domain::cash_receipt::{ProviderReceipt, ReceiptCancel, ReceiptOrder};
use crate::domain::order::{AccountClose, AccountOrder, KeyChargeOrder, KeyDelete, KeyInOrder, KeyOrder};
use crate::domain::payment::{PaymentId, PaymentState, ProviderPayment, Refusal};
use crate::domain::problem::Problem;
use crate::domain::record::PaymentRecord;
use crate::domain::refund::{RefundOrder, Refunded};
use crate::domain::schedule::{ProviderSchedule, ScheduleMove, ScheduleOrder, ScheduleRevoke, Span};
use crate::domain::text::SafeText;
use crate::vault::Vault;
use raw::flat;

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

impl<T> Reply<T> {
    /// What follows from what was done; all else stays as it is.
    fn and_then<U>(self, next: impl FnOnce(T) -> Reply<U>) -> Reply<U> {
        match self {
            Self::Done(told) => next(told),
            Self::Declined(refusal) => Reply::Declined(refusal),
            Self::NotDone(problem) => Reply::NotDone(problem),
            Self::Unseen(why) => Reply::Unseen(why),
        }
    }
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

/// One page of something that is read from its beginning to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch<T> {
    /// What this page has.
    pub items: Vec<T>,
    /// Where the next page begins; `None` after the last. Good for the same question only.
    pub next: Option<String>,
}

/// Where the next page seems to begin, told as soon as a page is there and before it is read, so that the next one can
/// be asked for meanwhile. A guess: what the page says once it is read decides.
#[derive(Debug, Default)]
pub struct Early(OnceLock<String>);

impl Early {
    /// Tells it, once, and lets whoever waits for it go first.
    pub async fn tell(&self, next: String) {
        if self.0.set(next).is_ok() {
            tokio::task::yield_now().await;
        }
    }

    /// What was told.
    pub fn next(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }
}

/// Schedules in the order in which they run, each once.
fn in_order(mut schedules: Vec<ProviderSchedule>) -> Vec<ProviderSchedule> {
    schedules.sort_by(|one, other| one.at.cmp(&other.at).then_with(|| one.id.cmp(&other.id)));
    schedules.dedup_by(|one, other| one.id == other.id);
    schedules
}

/// Which attempt decides: a paid one before an undecided one before a failed one.
const fn rank(state: &PaymentState) -> u8 {
    match state {
        state if state.was_paid() => 0,
        PaymentState::Failed => 2,
        _ => 1,
    }
}

/// Attempts under one id, the one that decides first, newer before older.
fn deciding_first(mut attempts: Vec<PaymentRecord>) -> Vec<PaymentRecord> {
    attempts.sort_by_key(|attempt| (rank(attempt.state()), std::cmp::Reverse(attempt.requested_at)));
    attempts
}

/// Whether a refund says what it has to: an amount of nothing would be taken for "everything" (V1 §12).
fn refundable(order: &RefundOrder) -> Result<(), Problem> {
    let (amount, balance) = (order.amount, order.balance);
    let parts = [order.tax_free, order.vat].into_iter().flatten();
    let (mut sum, mut same) = (0, amount.currency() == balance.currency());
    for part in parts {
        sum += part.minor();
        same &= part.currency() == amount.currency();
    }
    let what = if amount.is_zero() || amount.minor() > balance.minor() || !same {
        "amount"
    } else if sum > amount.minor() {
        "tax"
    } else if order.reason.trim().is_empty() {
        "reason"
    } else {
        return Ok(());
    };
    Err(Problem::NotRefundable { what })
}

/// What a refund sends and nobody keeps.
fn secrets(order: &RefundOrder) -> Vec<&str> {
    let account = order.account.as_ref();
    let phone = account.and_then(|account| account.phone.as_deref());
    account.map(|account| account.number.as_str()).into_iter().chain(phone).collect()
}

/// An answer that says nothing this program can use.
fn malformed() -> Problem {
    Problem::Unreadable { why: "malformed".to_owned() }
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
    async fn open_schedules(
        &self,
        keys: &[BillingKey],
        now: Timestamp,
    ) -> Result<Vec<ProviderSchedule>, Problem>;

    /// Makes a schedule; answers with the provider's id of it (V2 §11.1, V1 §10.1).
    async fn schedule(&self, order: &ScheduleOrder) -> Reply<SafeText>;

    /// Whether the provider can move a schedule, book it again or try it again: V1 can (V1 §10.6–10.8); V2 has
    /// no call for it, so it is revoked and made anew under a new id (V2 §11.5).
    fn can_move(&self) -> bool;

    /// Moves an open schedule (V1 §10.6).
    async fn move_schedule(&self, order: &ScheduleMove) -> Reply<()>;

    /// Books a failed or revoked schedule again (V1 §10.7).
    async fn rebook_schedule(&self, order: &ScheduleMove) -> Reply<()>;

    /// Charges a failed or revoked schedule now, under its own id (V1 §10.8).
    async fn retry_schedule(&self, schedule: &SafeText) -> Charged;

    /// Revokes schedules by their ids, at most [`ScheduleRevoke::MOST`] (V2 §11.4, V1 §10.5): all of them or none.
    /// V1 does not promise that: if it revoked some, the reply is `Unseen` and each has to be asked for.
    async fn revoke_schedules(&self, order: &ScheduleRevoke) -> Reply<()>;

    /// One schedule, by the provider's id of it (V2 §11.2, V1 §10.3).
    async fn schedule_of(&self, schedule: &SafeText) -> Result<Option<ProviderSchedule>, Problem>;

    /// The schedules of a span, by the time they run (V2 §11.3, V1 §10.2), page by page: `next` is what the
    /// page before gave. A page may be empty and have a next one, and one that changes meanwhile may come twice.
    /// The span may be as long as the caller likes: V1's three months are cut here.
    async fn schedules(&self, span: Span, next: Option<&str>) -> Result<Batch<ProviderSchedule>, Problem>;

    /// The payments of a span, page by page, test payments included: by the time they were asked for on V2
    /// (V2 §12.4), by the time of their state on V1, whose 90 days are cut here (V1 §11.5). A payment whose state
    /// changes while V1's pages are read may come twice or, behind its old place, be missed once: read the last
    /// days again next time.
    async fn payments(
        &self,
        span: Span,
        next: Option<&str>,
        early: &Early,
    ) -> Result<Batch<PaymentRecord>, Problem>;

    /// Every attempt under one id, the one that decides first, with all that the provider tells of it (V2 §12.1,
    /// §12.3, V1 §11.4); empty when there is none.
    async fn attempts(&self, id: &SafeText) -> Result<Vec<PaymentRecord>, Problem>;

    /// The provider's own answer about one payment, as text, for a person who wants to read it. Sanitised, card
    /// numbers cut, billing keys shortened; V2's `pgResponse` left out (V2 §12.1). One line for each value, with its
    /// path before it.
    async fn raw_payment(&self, id: &SafeText) -> Result<Option<Vec<SafeText>>, Problem>;

    /// Gives money back (V2 §13.1, V1 §12). `Done` says that the provider answered; whether the money is back is
    /// what the cancellation says.
    async fn refund(&self, order: &RefundOrder) -> Reply<Refunded>;

    /// Issues a cash receipt by hand (V2 §15.1, V1 §13.3).
    async fn issue_receipt(&self, order: &ReceiptOrder) -> Reply<ProviderReceipt>;

    /// Cancels a cash receipt (V2 §15.3, V1 §13.3).
    async fn cancel_receipt(&self, order: &ReceiptCancel) -> Reply<()>;

    /// Asks for the cash receipt of a payment, by its id and, on V1, its `imp_uid` unless it is of cash taken outside
    /// `PortOne`; `None` when there is none (V2 §15.2, V1 §13.3).
    async fn receipt(
        &self,
        payment: &SafeText,
        provider_payment_id: Option<&SafeText>,
    ) -> Result<Option<ProviderReceipt>, Problem>;

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
