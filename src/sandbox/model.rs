//! The rows the sandbox keeps. Compact on purpose: 100,000 payments must fit into 1.5 KB each.
//!
//! One [`Attempt`] is one try at a payment in either generation: V2 calls it a transaction, V1 a payment with
//! its own `imp_uid`. Tries at the same payment id are chained by `previous`.

use serde::{Deserialize, Serialize};

use super::card::Card;
use super::catalog::{ChannelNo, StoreNo};
use super::clock::Time;

/// Row number in one of the tables.
pub type Row = u32;

/// API generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Version {
    /// `api.iamport.kr`.
    V1,
    /// `api.portone.io`.
    V2,
}

/// State of an attempt (V2 §6.1; V1 derives its four from these).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// Checkout opened.
    Ready,
    /// Approval is pending.
    Pending,
    /// Waiting for a deposit.
    Issued,
    /// Approved.
    Paid,
    /// Declined.
    Failed,
    /// Part of it went back.
    Partial,
    /// All of it went back.
    Cancelled,
}

/// Who pays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Customer {
    /// The merchant's own id of the person.
    pub id: Option<Box<str>>,
    /// Full name.
    pub name: Option<Box<str>>,
    /// E-mail.
    pub email: Option<Box<str>>,
    /// Phone.
    pub phone: Option<Box<str>>,
    /// Address on one line, or both lines of a separated one.
    pub address: Option<(Box<str>, Option<Box<str>>)>,
    /// Postcode.
    pub zipcode: Option<Box<str>>,
    /// Year, month, day of birth.
    pub birth: Option<Box<[Option<Box<str>>; 3]>>,
    /// `MALE`, `FEMALE`, `OTHER`.
    pub gender: Option<Box<str>>,
}

/// Things most payments do not have.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the request")]
pub struct Extra {
    /// Echoed text.
    pub custom_data: Option<Box<str>>,
    /// JSON text of the products, as validated.
    pub products: Option<Box<str>>,
    /// How many products.
    pub product_count: Option<i64>,
    /// ISO country.
    pub country: Option<Box<str>>,
    /// Promotion.
    pub promotion: Option<Box<str>>,
    /// Culture expense.
    pub cultural: Option<bool>,
    /// Escrow asked for.
    pub escrow: bool,
    /// Where to send webhooks instead of the store's own address.
    pub notice_urls: Vec<Box<str>>,
    /// No webhook about success.
    pub skip_webhook: bool,
    /// Channel group that was named.
    pub group: Option<Box<str>>,
    /// Merchant pays the interest.
    pub interest_free: bool,
    /// Card points used.
    pub point: bool,
}

/// How it was paid.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Method {
    /// By card.
    Card {
        /// The card.
        card: Card,
        /// Approval number, 0 when there is none.
        approval: u32,
        /// Instalment months, 0 for a lump sum.
        months: u8,
    },
    /// By a deposit to an account made for it.
    Account(Box<Account>),
}

/// A virtual account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Account {
    /// V2 bank code, or V1 standard code.
    pub bank: Box<str>,
    /// Account number.
    pub number: Box<str>,
    /// Fixed rather than rotating.
    pub fixed: bool,
    /// Whose account it is.
    pub holder: Option<Box<str>>,
    /// Who paid in.
    pub remitter: Option<Box<str>>,
    /// Deadline.
    pub expires: Time,
    /// When it was made.
    pub issued: Time,
    /// When it was paid in.
    pub deposited: Time,
    /// When it was closed.
    pub closed: Time,
}

/// Why a charge failed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Failure {
    /// The PG's code.
    pub code: Box<str>,
    /// The PG's text.
    pub text: Box<str>,
}

/// State of a refund (V2 §6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CancelStatus {
    /// Accepted, not done.
    Requested,
    /// Done.
    Succeeded,
    /// Refused.
    Failed,
}

/// One refund.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Cancel {
    /// Its id.
    pub id: Box<str>,
    /// The PG's id.
    pub pg_id: Box<str>,
    /// State.
    pub status: CancelStatus,
    /// Amount in minor units.
    pub total: i64,
    /// Tax-free part.
    pub tax_free: i64,
    /// VAT part.
    pub vat: i64,
    /// Why.
    pub reason: Box<str>,
    /// When it was asked for.
    pub requested: Time,
    /// When it was done.
    pub done: Time,
    /// From the merchant's console rather than by API.
    pub console: bool,
    /// Its end is told to nobody (V1, unless `enable_webhook` was given).
    #[serde(default)]
    pub quiet: bool,
}

/// Where the money of a charge comes from besides the order itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// Keyed in.
    KeyIn,
    /// A virtual account.
    Account,
    /// Keyed in, and the card was stored as this billing key (V1).
    Issue(Row),
    /// A billing key.
    Key(Row),
    /// A schedule of a billing key: key, schedule.
    Schedule(Row, Row),
}

/// One try at a payment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Attempt {
    /// Generation of the API that made it.
    pub version: Version,
    /// State.
    pub status: Status,
    /// Store.
    pub store: StoreNo,
    /// Channel.
    pub channel: ChannelNo,
    /// `paymentId` / `merchant_uid`.
    pub payment: Box<str>,
    /// `transactionId` / `imp_uid`.
    pub tx: Box<str>,
    /// The PG's number.
    pub pg_tx: Box<str>,
    /// What is sold.
    pub name: Box<str>,
    /// Total in minor units.
    pub total: i64,
    /// Tax-free part.
    pub tax_free: i64,
    /// VAT part.
    pub vat: i64,
    /// ISO code.
    pub currency: [u8; 3],
    /// Refunded so far (done, not merely asked for).
    pub cancelled: i64,
    /// Tax-free part of that.
    pub cancelled_tax_free: i64,
    /// When the request came.
    pub requested: Time,
    /// When the state last changed.
    pub changed: Time,
    /// When it was approved.
    pub paid: Time,
    /// When it was last refunded.
    pub cancelled_at: Time,
    /// Earlier try at the same payment.
    pub previous: Option<Row>,
    /// A newer try exists (V2 lists show payments, not tries).
    #[serde(skip)]
    pub superseded: bool,
    /// Where the money comes from.
    pub source: Source,
    /// How it was paid.
    pub method: Option<Method>,
    /// Who pays.
    pub customer: Option<Box<Customer>>,
    /// Rare things.
    pub extra: Option<Box<Extra>>,
    /// Why it failed.
    pub failure: Option<Box<Failure>>,
    /// Refunds.
    pub cancels: Vec<Cancel>,
    /// Webhooks sent about it; their log lives as long as the process.
    #[serde(skip)]
    pub hooks: Vec<Row>,
    /// An open (`false`) or resolved (`true`) dispute with its time.
    pub dispute: Option<(bool, Time)>,
}

impl Attempt {
    /// The ISO currency code.
    pub fn currency(&self) -> &str {
        std::str::from_utf8(&self.currency).unwrap_or("KRW")
    }

    /// The card, if it was one.
    pub fn card(&self) -> Option<&Card> {
        match &self.method {
            Some(Method::Card { card, .. }) => Some(card),
            _ => None,
        }
    }

    /// What has neither been refunded nor been asked back.
    pub fn left(&self) -> i64 {
        let pending = self.cancels.iter().filter(|cancel| cancel.status == CancelStatus::Requested);
        self.total - self.cancelled - pending.map(|cancel| cancel.total).sum::<i64>()
    }

    /// The billing key it was charged to or created.
    pub fn key(&self) -> Option<Row> {
        match self.source {
            Source::Key(key) | Source::Schedule(key, _) | Source::Issue(key) => Some(key),
            _ => None,
        }
    }

    /// Whether money has moved (and may have gone back).
    pub fn was_paid(&self) -> bool {
        matches!(self.status, Status::Paid | Status::Partial | Status::Cancelled)
    }
}

/// A stored card.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Key {
    /// Generation.
    pub version: Version,
    /// `billingKey` / `customer_uid`.
    pub name: Box<str>,
    /// Store.
    pub store: StoreNo,
    /// Channels it works on; more than one makes a super key.
    pub channels: Vec<ChannelNo>,
    /// Group it was issued through.
    pub group: Option<Box<str>>,
    /// Channels of the group that refused, with code and text.
    pub failures: Vec<(ChannelNo, Failure)>,
    /// The card.
    pub card: Card,
    /// Whose.
    pub customer: Option<Box<Customer>>,
    /// Echoed text.
    pub custom_data: Option<Box<str>>,
    /// When it was asked for.
    pub requested: Time,
    /// When it was issued.
    pub issued: Time,
    /// When its content last changed (V1).
    pub updated: Time,
    /// When it was deleted, 0 while it lives.
    pub deleted: Time,
    /// Where its webhooks go.
    pub notice_urls: Vec<Box<str>>,
}

/// State of a schedule (V2 §6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ScheduleStatus {
    /// Waiting for its time.
    Scheduled,
    /// Running.
    Started,
    /// Approval is pending.
    Pending,
    /// Approved.
    Succeeded,
    /// Declined.
    Failed,
    /// Called off.
    Revoked,
}

/// A future charge.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Schedule {
    /// Generation.
    pub version: Version,
    /// V2 id (V1 addresses it by payment id).
    pub id: Box<str>,
    /// State.
    pub status: ScheduleStatus,
    /// Store.
    pub store: StoreNo,
    /// Billing key.
    pub key: Row,
    /// Channel to use, when one was pinned.
    pub channel: Option<ChannelNo>,
    /// `paymentId` / `merchant_uid` of the charge.
    pub payment: Box<str>,
    /// What is sold.
    pub name: Box<str>,
    /// Total in minor units.
    pub total: i64,
    /// Tax-free part.
    pub tax_free: Option<i64>,
    /// VAT part.
    pub vat: Option<i64>,
    /// ISO code.
    pub currency: [u8; 3],
    /// Instalment months.
    pub months: Option<u8>,
    /// Who pays.
    pub customer: Option<Box<Customer>>,
    /// Rare things.
    pub extra: Option<Box<Extra>>,
    /// When it was made.
    pub created: Time,
    /// When it is to be charged.
    pub due: Time,
    /// When it started.
    pub started: Time,
    /// When it ended.
    pub completed: Time,
    /// When it was called off.
    pub revoked: Time,
    /// The charge it made.
    pub attempt: Option<Row>,
}

/// A cash receipt (V2 §15, V1 §13.3).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Receipt {
    /// Generation.
    pub version: Version,
    /// Store.
    pub store: StoreNo,
    /// Channel.
    pub channel: ChannelNo,
    /// Payment it belongs to, or an id of the merchant's own.
    pub payment: Box<str>,
    /// The V1 payment it belongs to.
    pub tx: Option<Box<str>>,
    /// Made by hand rather than with the payment.
    pub manual: bool,
    /// For a company's expenses rather than a person's deduction.
    pub corporate: bool,
    /// What was sold.
    pub name: Box<str>,
    /// Amount in minor units.
    pub total: i64,
    /// Tax-free part.
    pub tax_free: i64,
    /// VAT part.
    pub vat: i64,
    /// ISO code.
    pub currency: [u8; 3],
    /// Number given by the tax office.
    pub number: Box<str>,
    /// The PG's number.
    pub pg_id: Box<str>,
    /// When it was issued.
    pub issued: Time,
    /// When it was cancelled, 0 while it stands.
    pub cancelled: Time,
}

/// A pre-registered amount (V1 §13.0, V2 §16).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Prepared {
    /// Amount in minor units.
    pub amount: Option<i64>,
    /// ISO code.
    pub currency: Option<Box<str>>,
}

/// A hosted checkout session (V2 §17).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Session {
    /// Store.
    pub store: StoreNo,
    /// JSON text of the answer without id and times.
    pub fields: Box<str>,
    /// When it was made.
    pub created: Time,
    /// When it ends.
    pub expires: Time,
    /// When it was closed.
    pub closed: Time,
}

/// One line of the money ledger (V2 §12.5).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Event {
    /// The attempt.
    pub attempt: Row,
    /// The refund, for the two cancel kinds; `None` is a payment.
    pub cancel: Option<u16>,
    /// Whether everything was refunded after it.
    pub whole: bool,
    /// When.
    pub at: Time,
    /// Its id.
    pub id: Box<str>,
}
