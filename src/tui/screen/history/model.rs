//! The state of the history's screen and its pure update: a list of the payments that are kept here, searched while
//! typing; one payment with its timeline; refunds, and those settled by hand; cash receipts; the daily close; exports.
//!
//! The list is row numbers and the few rows in sight, never the payments themselves. What the provider does behind
//! the screen never moves the marked row: see [`Rows`].

mod by_hand;
mod close;
mod detail;
mod export;
mod exports;
mod filter;
mod list;
mod live;
mod receipt;
mod refund;
mod rows;
mod sheet;
mod tab;
#[cfg(test)]
mod tests;
mod timeline;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::cash_receipt::{ProviderReceipt, ReceiptCancel, ReceiptEnd, ReceiptOrder};
use crate::domain::channel::Channel;
use crate::domain::close::{Basis as CloseBasis, ClosedDay};
use crate::domain::export::Export as Taken;
use crate::domain::intent::Intent;
use crate::domain::listing::{Kept, PaymentFilter, RowList};
use crate::domain::payment::PaymentId;
use crate::domain::pg::Generation;
use crate::domain::problem::Problem;
use crate::domain::record::PaymentRecord;
use crate::domain::refund::hand::{ByHand, Evidence, Said};
use crate::domain::refund::{RefundEnd, RefundOrder};
use crate::domain::sync::{Depth, Fresh, Progress};
use crate::domain::text::SafeText;
use crate::i18n::Text;
use crate::tui::edit::Edit;
use crate::tui::msg::{Effect, EffectId, GuardChoice};
use crate::tui::screen::keyin::model as keyin;

pub use by_hand::{Hand, HandEnd, HandPhase, HandRow};
pub use close::{Before, CloseFace, Closing};
pub use detail::{Detail, Face};
pub use export::{Export, ExportColumn, ExportEnd, ExportFormat, ExportOrder, ExportRow};
pub use exports::Exports;
pub use filter::{Filter, FilterRow};
pub use receipt::{Owed, ReceiptForm, ReceiptPhase, ReceiptRow};
pub use refund::{Refund, RefundPhase, RefundRow, RefundStand};
pub use rows::Rows;
pub use timeline::{Event, What, timeline};

/// What the screen wants to know or have done.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// The payments that fit, out of what is kept here; the number tells which question it answers.
    List(u64, Box<PaymentFilter>, String),
    /// The payments of these rows.
    Rows(u64, RowList),
    /// Read what is new at the provider, and, unless it is a glance, go on with what was before the first time.
    Sync(Depth),
    /// Stop reading; it goes on from there next time.
    StopSync,
    /// One payment with all that is known of it.
    Detail(SafeText),
    /// The provider's own answer about one payment.
    Raw(SafeText),
    /// Give money back.
    Refund(EffectId, Box<RefundOrder>, GuardChoice),
    /// How an unknown refund stands, and whether it is a person's to settle.
    LookByHand(EffectId, PaymentId),
    /// Settle one as a person says who saw this evidence.
    SettleByHand(EffectId, Box<Evidence>, Said),
    /// The payments whose cash receipts are owed.
    Owed,
    /// Issue a cash receipt.
    IssueReceipt(EffectId, Box<ReceiptOrder>),
    /// Cancel one, of a payment that this channel took.
    CancelReceipt(EffectId, Box<ReceiptCancel>, Box<Channel>),
    /// Close a day: compare, and keep what was found.
    Close(u64, Date, CloseBasis),
    /// Open the close of this number.
    Reopen(u64, i64),
    /// What was closed before, and what was sold on each of the days up to this one: of test payments or real ones.
    Closes(Date, bool),
    /// Write payments into a file.
    Export(EffectId, Box<ExportOrder>),
    /// What was written into files before.
    Exports,
    /// The PGs that the payments name.
    Pgs,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The rows that fit.
    List(u64, Result<Box<Found>, Problem>),
    /// What is in some of them.
    Rows(u64, RowList, Result<Vec<Kept<PaymentRecord>>, Problem>),
    /// So many payments were read so far.
    Syncing(Progress),
    /// The reading ended; what was not read is read next time.
    Synced(Result<Fresh, Problem>),
    /// What is known of a payment; `None` when nobody knows one of that id.
    Detail(SafeText, Result<Option<Box<Known>>, Problem>),
    /// The provider's own answer, line by line.
    Raw(SafeText, Result<Option<Vec<SafeText>>, Problem>),
    /// A refund ended.
    Refunded(EffectId, Box<RefundEnd>),
    /// Where an unknown refund stands, after a look-up or a person's word.
    ByHand(EffectId, Result<ByHand, Problem>),
    /// The payments whose cash receipts are owed.
    Owed(Result<Vec<PaymentRecord>, Problem>),
    /// A cash receipt was issued or cancelled, or not.
    Receipt(EffectId, ReceiptEnd),
    /// A day, closed.
    Closed(u64, Result<Box<ClosedDay>, Problem>),
    /// What was closed before, the latest first, and the sums of days.
    Closes(Result<Before, Problem>),
    /// An export ended.
    Exported(EffectId, ExportEnd),
    /// What was written into files before, newest first.
    Exports(Result<Vec<Taken>, Problem>),
    /// The PGs that the payments name.
    Pgs(Result<Vec<SafeText>, Problem>),
}

impl Ask {
    /// The effect it belongs to, if it is one whose end must be told.
    pub const fn effect(&self) -> Option<EffectId> {
        match self {
            Self::Refund(effect, ..)
            | Self::LookByHand(effect, _)
            | Self::SettleByHand(effect, ..)
            | Self::IssueReceipt(effect, _)
            | Self::CancelReceipt(effect, ..)
            | Self::Export(effect, _) => Some(*effect),
            _ => None,
        }
    }
}

/// What a question about the list brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The rows.
    pub rows: RowList,
    /// How fresh the copy is.
    pub fresh: Fresh,
}

/// What is known of one payment.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// Every attempt under its id, the one that decides first; never empty.
    pub attempts: Vec<PaymentRecord>,
    /// The channel that took it, configured or made up of what the provider tells.
    pub channel: Channel,
    /// What this ledger did with it, oldest first: charge, refunds, receipts.
    pub ours: Vec<Ours>,
    /// Its cash receipt, where there is one.
    pub receipt: Option<ProviderReceipt>,
    /// When the provider was asked.
    pub asked_at: Timestamp,
    /// Why it could not be asked: then this is the copy kept here.
    pub offline: Option<Problem>,
}

impl Known {
    /// The attempt that decides.
    pub fn record(&self) -> Option<&PaymentRecord> {
        self.attempts.first()
    }
}

/// One intent of the journal with its lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Ours {
    /// The intent.
    pub intent: Intent,
    /// When, the word of the step, what was kept of it; oldest first.
    pub lines: Vec<(Timestamp, String, String)>,
}

/// Where the screen is. The list stays behind all of it.
#[derive(Debug, Clone)]
pub enum Place {
    /// The list.
    List,
    /// The search line over it.
    Search,
    /// The choice of what is shown.
    Filter(FilterRow),
    /// One payment.
    Detail,
    /// Money is to be given back of it.
    Refund(Box<Refund>),
    /// A refund of it that stays unknown is to be settled by hand.
    Hand(Box<Hand>),
    /// The cash receipts that are owed.
    Owed(Box<Owed>),
    /// A payment's cash receipt.
    Receipt(Box<ReceiptForm>),
    /// The daily close.
    Close(Box<Closing>),
    /// Payments are to be written into a file.
    Export(Box<Export>),
    /// What was written into files before.
    Exports(Box<Exports>),
}

/// The history's screen.
#[derive(Debug, Clone)]
pub struct Model {
    setup: keyin::Setup,
    /// Where the screen is.
    pub place: Place,
    /// The payments.
    pub rows: Rows,
    /// What is searched for.
    pub search: Edit,
    /// Which of them are shown.
    pub filter: Filter,
    /// The payment that is looked at, refunded, or whose receipt is issued.
    pub detail: Option<Box<Detail>>,
    /// The PGs that the payments name.
    pub pgs: Vec<SafeText>,
    /// How fresh the copy is.
    pub fresh: Fresh,
    /// Whether a reading is under way, and how far it came.
    pub sync: Option<Option<Progress>>,
    /// Why the last reading ended before its end.
    pub sync_problem: Option<Problem>,
    /// Why the list could not be had.
    pub problem: Option<Problem>,
    /// Something about the last thing that was done.
    pub said: Option<Text>,
    opened: bool,
    shown: bool,
    question: u64,
    /// The question about the list that is under way, and whether another one waits for its end.
    asking: Option<(u64, list::How)>,
    waiting: Option<list::How>,
    last_key: Timestamp,
    polling: bool,
    next_effect: u64,
    /// How many rows are seen at once.
    height: usize,
}

/// Where this screen's effects are counted from: answers are told apart by their number, and the key-in's begin at
/// nought, those of the billing keys at 1 << 32.
const EFFECTS: u64 = 1 << 40;

impl Model {
    /// An empty screen. Nothing is asked for before it is shown.
    pub fn new(setup: keyin::Setup) -> Self {
        let now = setup.now;
        let generation = setup.channels.first().map_or(Generation::V2, |channel| channel.generation);
        Self {
            place: Place::List,
            rows: Rows::default(),
            search: Edit::new(60),
            filter: Filter::of(generation),
            detail: None,
            pgs: Vec::new(),
            fresh: Fresh::default(),
            sync: None,
            sync_problem: None,
            problem: None,
            said: None,
            opened: false,
            shown: false,
            question: 0,
            asking: None,
            waiting: None,
            last_key: now,
            polling: false,
            next_effect: EFFECTS,
            height: 16,
            setup,
        }
    }

    /// The wall clock.
    pub const fn now(&self) -> Timestamp {
        self.setup.now
    }

    /// What the store is called.
    pub fn store(&self) -> &str {
        &self.setup.store
    }

    /// The API generation of the store.
    pub fn generation(&self) -> Generation {
        self.setup.channels.first().map_or(Generation::V2, |channel| channel.generation)
    }

    /// What became of an unknown refund or receipt that is still on this screen.
    pub fn looked(&mut self, intent: &Intent) -> Vec<Effect> {
        let settled = match &mut self.place {
            Place::Refund(refund) => refund.looked(intent),
            Place::Hand(hand) => hand.looked(intent),
            Place::Receipt(form) => form.looked(intent),
            _ => false,
        };
        if settled { self.look_again() } else { Vec::new() }
    }

    fn effect(&mut self) -> EffectId {
        self.next_effect += 1;
        EffectId(self.next_effect)
    }

    fn ask(ask: Ask) -> Effect {
        Effect::History(Box::new(ask))
    }
}
