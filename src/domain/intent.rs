//! Intents: what we were about to do with somebody's money, and how it ended.
//!
//! ```text
//! Intended ─(journal fsync)─► Sent ─► Approved | Declined | NotCharged
//!     └──► NotCharged           └──► Unknown ─(look-ups)─► Approved | Declined | NotCharged
//! ```
//!
//! Pure: which step may follow which. The ledger keeps them, operations take them.

use jiff::Timestamp;

use super::account::{DepositAccount, DepositState};
use super::billing_key::BillingKey;
use super::card::CardEnding;
use super::channel::Mode;
use super::customer::Customer;
use super::money::Money;
use super::order::Installments;
use super::payment::{PaymentId, ProviderPayment, Refusal};
use super::pg::Generation;
use super::text::SafeText;

/// What the intent is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IntentKind {
    /// A card keyed in (수기결제).
    KeyIn,
    /// A virtual account issued (가상계좌 발급).
    IssueAccount,
    /// A virtual account closed (말소).
    CloseAccount,
    /// A billing key issued (빌링키 발급).
    IssueKey,
    /// A billing key charged (빌링키 결제).
    ChargeKey,
    /// A billing key deleted (빌링키 삭제).
    DeleteKey,
    /// Schedules of a billing key revoked by their ids (예약 해지), on their own or before the key is deleted.
    RevokeSchedules,
    /// A schedule made (예약 등록).
    CreateSchedule,
    /// A schedule moved to another time (예약일 변경), where the provider can do that.
    MoveSchedule,
    /// A failed or revoked schedule booked again (재예약), where the provider can do that.
    RebookSchedule,
    /// A failed or revoked schedule charged now (즉시 재시도), where the provider can do that.
    RetrySchedule,
    /// Money given back (취소, 환불).
    Refund,
    /// A cash receipt issued by hand (현금영수증 발급).
    IssueReceipt,
    /// A cash receipt cancelled (현금영수증 취소).
    CancelReceipt,
}

impl IntentKind {
    const ALL: [Self; 14] = [
        Self::KeyIn,
        Self::IssueAccount,
        Self::CloseAccount,
        Self::IssueKey,
        Self::ChargeKey,
        Self::DeleteKey,
        Self::RevokeSchedules,
        Self::CreateSchedule,
        Self::MoveSchedule,
        Self::RebookSchedule,
        Self::RetrySchedule,
        Self::Refund,
        Self::IssueReceipt,
        Self::CancelReceipt,
    ];

    /// The word in the journal.
    pub const fn word(self) -> &'static str {
        match self {
            Self::KeyIn => "key_in",
            Self::IssueAccount => "issue_account",
            Self::CloseAccount => "close_account",
            Self::IssueKey => "issue_key",
            Self::ChargeKey => "charge_key",
            Self::DeleteKey => "delete_key",
            Self::RevokeSchedules => "revoke_schedules",
            Self::CreateSchedule => "create_schedule",
            Self::MoveSchedule => "move_schedule",
            Self::RebookSchedule => "rebook_schedule",
            Self::RetrySchedule => "retry_schedule",
            Self::Refund => "refund",
            Self::IssueReceipt => "issue_receipt",
            Self::CancelReceipt => "cancel_receipt",
        }
    }

    /// From that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether money is taken when it succeeds.
    pub const fn takes_money(self) -> bool {
        matches!(self, Self::KeyIn | Self::ChargeKey | Self::RetrySchedule)
    }
}

/// Where an intent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IntentState {
    /// On disk, nothing sent.
    Intended,
    /// The request was let go; its end has not been seen.
    Sent,
    /// The answer was lost or could not be read. Only a look-up settles it, and a refund that none can tell a
    /// [person](super::refund::hand).
    Unknown,
    /// Done: money was taken, the account or key exists, or what was to end has ended.
    Approved,
    /// The PG said no.
    Declined,
    /// Not done: never sent, refused at the door, or not found after the whole window.
    NotCharged,
}

impl IntentState {
    const ALL: [Self; 6] =
        [Self::Intended, Self::Sent, Self::Unknown, Self::Approved, Self::Declined, Self::NotCharged];

    /// The word in the journal and in `--json`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Intended => "intended",
            Self::Sent => "sent",
            Self::Unknown => "unknown",
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::NotCharged => "not_charged",
        }
    }

    /// From that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether the end is known.
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Approved | Self::Declined | Self::NotCharged)
    }

    /// Where a step leads from here; `None` when it may not be taken.
    ///
    /// An approval is believed whenever it comes: a provider that says *paid* has the money, whatever we
    /// concluded before. Nothing leads away from it. A person is asked only about what is unknown.
    pub const fn after(self, step: &Step) -> Option<Self> {
        match (self, step) {
            (state, Step::Noted(_)) => Some(state),
            (Self::Intended, Step::Sent) => Some(Self::Sent),
            (Self::Sent | Self::Unknown, Step::Unseen { .. }) => Some(Self::Unknown),
            (Self::Intended, Step::Approved(_)) => None,
            (_, Step::Approved(_))
            | (Self::Approved, Step::Deposit(_))
            | (Self::Unknown, Step::ByHand { done: true, .. }) => Some(Self::Approved),
            (Self::Sent | Self::Unknown, Step::Declined(_)) => Some(Self::Declined),
            (Self::Intended | Self::Sent | Self::Unknown, Step::NotCharged { .. })
            | (Self::Unknown, Step::ByHand { done: false, .. }) => Some(Self::NotCharged),
            _ => None,
        }
    }
}

/// What an approval tells about itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Approval {
    /// `transactionId` (V2), `imp_uid` (V1); of a refund the provider's id of the cancellation.
    pub provider_payment_id: Option<SafeText>,
    /// 승인번호; V2's answer has none, a look-up brings it.
    pub approval_number: Option<SafeText>,
    /// Who issued the card.
    pub issuer: Option<SafeText>,
    /// Where the sales slip is.
    pub receipt_url: Option<SafeText>,
    /// When, unix seconds.
    pub paid_at: Option<i64>,
    /// The amount the provider says, when it is not the one we asked for.
    pub differing_total: Option<Money>,
    /// The account, when one was issued.
    pub account: Option<Box<DepositAccount>>,
    /// The billing key that was issued, or kept along with the charge.
    pub key: Option<BillingKey>,
    /// The provider's id of the schedule that was made (V2 §11.1; V1 knows it by our id).
    pub schedule: Option<SafeText>,
}

impl Approval {
    /// What a look-up tells, compared with what we asked for.
    pub fn of(payment: &ProviderPayment, asked: Money) -> Self {
        Self {
            provider_payment_id: payment.provider_payment_id.clone(),
            approval_number: payment.approval_number.clone(),
            issuer: payment.issuer.clone(),
            receipt_url: payment.receipt_url.clone(),
            paid_at: payment.paid_at,
            differing_total: payment.total.filter(|total| *total != asked),
            account: payment.account.clone(),
            key: payment.key.clone(),
            schedule: None,
        }
    }
}

/// One step in the life of an intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The request is let go now.
    Sent,
    /// Its end was not seen; a word why.
    Unseen {
        /// `timeout`, `reset`, `unreadable`, …
        why: String,
    },
    /// Money was taken.
    Approved(Approval),
    /// The PG said no.
    Declined(Refusal),
    /// Nothing was taken; a word why, and what the provider said.
    NotCharged {
        /// `never_sent`, `not_found`, `unreachable`, `refused`, …
        why: String,
        /// The provider's own words, if there were any.
        message: Option<SafeText>,
    },
    /// How far the deposit into an issued account came.
    Deposit(DepositState),
    /// Something worth keeping that changes nothing: a look-up's answer, a self-audit.
    Noted(String),
    /// No look-up can tell the end; a person who looked at the provider's own console does.
    ByHand {
        /// Whether it was done.
        done: bool,
        /// What the provider shows of it, where that is known.
        approval: Approval,
        /// Who says so: user, host and remote address.
        by: String,
        /// How they know.
        reason: String,
    },
}

impl Step {
    /// The word in the journal.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Unseen { .. } => "unseen",
            Self::Approved(_) => "approved",
            Self::Declined(_) => "declined",
            Self::NotCharged { .. } => "not_charged",
            Self::Deposit(_) => "deposit",
            Self::Noted(_) => "noted",
            Self::ByHand { .. } => super::refund::hand::BY_HAND,
        }
    }
}

/// Who acts, from where, in which process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// The system user.
    pub user: String,
    /// The remote address of the SSH connection, if there is one.
    pub remote: Option<String>,
    /// The host name.
    pub host: String,
    /// The process, as `pid:start`, so that a later process with the same number is another one.
    pub process: String,
}

impl Operator {
    /// Who and where, for a person: user, host, and the remote address of the connection.
    pub fn seat(&self) -> String {
        match &self.remote {
            Some(remote) => format!("{}@{} ({remote})", self.user, self.host),
            None => format!("{}@{}", self.user, self.host),
        }
    }
}

/// What an intent is about, where that is not a new payment alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The payment whose account is closed.
    Payment(PaymentId),
    /// The key that is charged, deleted, or (V1) made, or whose schedules are revoked.
    Key(BillingKey),
    /// The payment that is given back or gets a cash receipt, whoever made it.
    Record(PaymentRef),
}

/// One attempt of a payment at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRef {
    /// `paymentId` (V2), `merchant_uid` (V1): anybody's, so not always one of our form.
    pub id: SafeText,
    /// `transactionId` (V2), `imp_uid` (V1); nothing of cash taken outside `PortOne`.
    pub attempt: Option<SafeText>,
    /// Of a refund: what could be given back before it.
    pub balance: Option<Money>,
}

/// What an intent is before it is anything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIntent {
    /// Minted when the confirmation opened.
    pub id: PaymentId,
    /// What it is about.
    pub kind: IntentKind,
    /// The profile.
    pub profile: String,
    /// The API generation.
    pub generation: Generation,
    /// The channel's name.
    pub channel: String,
    /// The PG's code.
    pub pg: String,
    /// Test or live.
    pub mode: Mode,
    /// The total.
    pub amount: Money,
    /// The tax-free part, when it was given.
    pub tax_free: Option<Money>,
    /// The VAT, when it was given.
    pub vat: Option<Money>,
    /// Months, and who bears their interest.
    pub installments: Installments,
    /// 주문명
    pub order_name: String,
    /// Who pays.
    pub customer: Customer,
    /// The card's ending.
    pub card: Option<CardEnding>,
    /// What it is about, besides.
    pub target: Option<Target>,
    /// The intent that this one is a part of, or that has to be done before it: a key is issued for a charge,
    /// schedules are revoked for a deletion; a schedule is revoked before another takes its place.
    pub parent: Option<PaymentId>,
    /// The schedules, by the provider's ids, that are moved or revoked, or whose place this takes.
    pub schedules: Vec<SafeText>,
    /// When money will move: the time of a new or moved schedule, or of the one that is revoked.
    pub due: Option<Timestamp>,
    /// The batch that it was ordered with.
    pub batch: Option<PaymentId>,
    /// The operator's note.
    pub note: Option<String>,
    /// Who acts.
    pub operator: Operator,
    /// When.
    pub created: Timestamp,
}

/// An intent with what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// What it was.
    pub new: NewIntent,
    /// Where it stands.
    pub state: IntentState,
    /// When the request was let go.
    pub sent: Option<Timestamp>,
    /// When its end became known.
    pub settled: Option<Timestamp>,
    /// Why the operator charged in spite of the duplicate guard.
    pub guard_reason: Option<String>,
    /// What is known of the approval.
    pub approval: Option<Approval>,
    /// What the PG or provider said when it refused.
    pub refusal: Option<Refusal>,
    /// Why the state is unknown or not charged: the word of the step.
    pub why: Option<String>,
    /// How far the deposit came, of an account that was issued.
    pub deposit: Option<DepositState>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_hand(done: bool) -> Step {
        Step::ByHand { done, approval: Approval::default(), by: "x".to_owned(), reason: "x".to_owned() }
    }

    fn steps() -> Vec<Step> {
        let why = || "x".to_owned();
        vec![
            Step::Sent,
            Step::Unseen { why: why() },
            Step::Approved(Approval::default()),
            Step::Declined(Refusal::default()),
            Step::NotCharged { why: why(), message: None },
            Step::Noted(why()),
            Step::Deposit(DepositState::Paid),
            by_hand(true),
            by_hand(false),
        ]
    }

    #[test]
    fn the_whole_table_of_steps() {
        use IntentState::{Approved, Declined, Intended, NotCharged, Sent, Unknown};
        // Columns: sent, unseen, approved, declined, not charged, noted, deposit, by hand done, by hand not done.
        let (done, no) = (Some(Approved), Some(NotCharged));
        let table: [(IntentState, [Option<IntentState>; 9]); 6] = [
            (Intended, [Some(Sent), None, None, None, no, Some(Intended), None, None, None]),
            (Sent, [None, Some(Unknown), done, Some(Declined), no, Some(Sent), None, None, None]),
            (Unknown, [None, Some(Unknown), done, Some(Declined), no, Some(Unknown), None, done, no]),
            (Approved, [None, None, done, None, None, done, done, None, None]),
            (Declined, [None, None, done, None, None, Some(Declined), None, None, None]),
            (NotCharged, [None, None, done, None, None, no, None, None, None]),
        ];
        for (from, row) in table {
            assert_eq!(steps().len(), row.len());
            for (step, to) in steps().iter().zip(row) {
                assert_eq!(from.after(step), to, "{from:?} {step:?}");
            }
        }
    }

    #[test]
    fn words_come_back() {
        for state in IntentState::ALL {
            assert_eq!(IntentState::parse(state.word()), Some(state));
        }
        for kind in IntentKind::ALL {
            assert_eq!(IntentKind::parse(kind.word()), Some(kind));
        }
    }
}
