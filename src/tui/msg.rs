//! What happens to a model ([`Msg`]) and what it wants done ([`Effect`]), both as data.
//!
//! No digit of a card is ever in either: the reader writes it into the vault and tells [`CardFacts`].

use std::time::Duration;

use jiff::Timestamp;

use super::input::Key;
use super::screen::billing::model::{Answer, Ask};
use super::screen::calendar::model::{Answer as CalendarAnswer, Ask as CalendarAsk};
use super::screen::history::model::{Answer as HistoryAnswer, Ask as HistoryAsk};
use crate::domain::account::DepositState;
use crate::domain::billing_key::{BillingKey, ProviderKey};
use crate::domain::caller::Caller;
use crate::domain::card::{CardFacts, CardSlot};
use crate::domain::draft::Mark;
use crate::domain::intent::Intent;
use crate::domain::order::{AccountOrder, KeyChargeOrder, KeyInOrder, KeyOrder};
use crate::domain::outcome::{ChargeEnd, KeyEnd, Look, Outcome, Stage};
use crate::domain::payment::PaymentId;
use crate::domain::problem::Problem;

/// Which effect a message answers. A stale answer is dropped by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct EffectId(pub u64);

/// A clock that runs once. Setting one again moves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// Nobody typed for a while: the half-typed card goes.
    IdleWipe,
    /// The confirmation may be answered from now on.
    ConfirmArmed,
    /// Another second of waiting.
    FlightSecond,
    /// The request under way should have ended long ago.
    FlightDeadline,
    /// Time for the next look at an unknown payment.
    NextLook,
    /// Time for the next look at the deposit into the account on the screen.
    NextDeposit,
    /// The form stood still long enough to be kept.
    DraftDue,
    /// The phone number stood still long enough to be asked for.
    CallerDue,
    /// What was typed to search billing keys stood still long enough.
    BillingSearch,
    /// The calendar stood still long enough for the provider to be asked.
    CalendarRest,
    /// The marked day stood still long enough to be told in full.
    CalendarDay,
    /// Time to ask the provider for new payments.
    HistoryPoll,
    /// The notice goes.
    NoticeGone,
    /// A new minute begins.
    Minute,
}

/// Something happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// A key that is no digit for a card field.
    Key(Key),
    /// A paste begins.
    PasteStart,
    /// One character of it, not for a card field.
    PasteChar(char),
    /// The paste is over.
    PasteEnd,
    /// A card field changed.
    Card(CardFacts),
    /// The terminal has another size, in columns and rows.
    Resize(u16, u16),
    /// A timer ran out. The time is the driver's.
    Timer(Timer, Timestamp),
    /// A payment id was minted.
    Minted(EffectId, PaymentId),
    /// Whether an earlier charge looks like the same one.
    Earlier(EffectId, Result<Option<Box<Intent>>, Problem>),
    /// The key that has the name already which a new one is to have (V1).
    KeyName(EffectId, Result<Option<Box<ProviderKey>>, Problem>),
    /// A charge came further.
    Progress(EffectId, Stage),
    /// A charge ended; the card is gone from the vault.
    Ended(EffectId, ChargeEnd),
    /// The issue of a billing key ended; the card is gone from the vault.
    KeyEnded(EffectId, KeyEnd),
    /// An account's closing ended.
    Closed(EffectId, Outcome),
    /// How far the deposit into an account came; `None` when nobody could be asked.
    Deposit(PaymentId, Option<DepositState>),
    /// Who has issued cards with these first six digits, as far as that is known.
    Issuer(String, Option<String>),
    /// What the ledger knows of a caller; the provider is still being asked.
    CallerHere(EffectId, Vec<Intent>),
    /// What is known of a caller.
    Caller(EffectId, Result<Box<Caller>, Problem>),
    /// A form that was kept by a console which does not run any more.
    Draft(String),
    /// The recording's mark was kept, or why not; and whether its command, if there is one, did not do it.
    Marked(Mark, Result<(), Problem>, Option<HookTrouble>),
    /// The warnings that were read: channel and id.
    WarningsAway(Vec<(String, String)>),
    /// Where a slip was written, `None` without a folder for it, or why it was not.
    Slip(Result<Option<String>, String>),
    /// A look at an unknown payment.
    Looked(PaymentId, Look),
    /// What the start-up found of earlier, unsettled payments.
    Settled(Result<Vec<(PaymentId, Look)>, Problem>),
    /// What the billing keys' screen asked for.
    Billing(Box<Answer>),
    /// What the calendar asked for.
    Calendar(Box<CalendarAnswer>),
    /// What the history asked for.
    History(Box<HistoryAnswer>),
    /// A task died. Its effect, if it belonged to one.
    Died(Option<EffectId>),
}

/// Why a configured command did not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookTrouble {
    /// It could not be started.
    NotStarted,
    /// It ended with an error.
    Failed,
    /// It took too long and was ended.
    TooLong,
}

/// What to do about an earlier charge that looks like the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GuardChoice {
    /// Stop.
    Check,
    /// Charge all the same, for this reason.
    Override(String),
}

/// Something to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Mint a payment id.
    Mint(EffectId),
    /// Look for an earlier charge that looks like the same one.
    Earlier(EffectId, Box<KeyInOrder>),
    /// Charge the card in the vault.
    Charge(EffectId, Box<KeyInOrder>, GuardChoice),
    /// Look for an earlier account that looks like the same one.
    EarlierAccount(EffectId, Box<AccountOrder>),
    /// Issue a virtual account.
    Issue(EffectId, Box<AccountOrder>, GuardChoice),
    /// Look for what has the name already which a new billing key is to have (V1).
    KeyName(EffectId, BillingKey),
    /// Make a billing key of the card in the vault. [`GuardChoice::Override`] takes a name that is in use.
    IssueKey(EffectId, Box<KeyOrder>, GuardChoice),
    /// Look for an earlier charge that looks like the same one.
    EarlierKeyCharge(EffectId, Box<KeyChargeOrder>),
    /// Charge a billing key.
    ChargeKey(EffectId, Box<KeyChargeOrder>, GuardChoice),
    /// Close the account of a payment, under a new id.
    CloseAccount(EffectId, PaymentId, PaymentId),
    /// Ask how far the deposit into one came.
    Deposit(PaymentId),
    /// Look at an unknown payment.
    Look(PaymentId),
    /// Look at everything that is unsettled from before.
    Settle,
    /// Who may have issued cards with these first six digits.
    Issuer(String),
    /// What is known of the person with this phone number, digits alone.
    Caller(EffectId, String),
    /// Keep the form, without card data.
    PutDraft(String),
    /// Forget the kept form.
    DropDraft,
    /// Take over a form that a console left which does not run any more.
    AdoptDraft,
    /// Note that the voice recording was paused or goes on, and run what is configured for it.
    Mark(Mark),
    /// Which of the channels' warnings were read.
    WarningsAway,
    /// A channel's warning was read: the channel's name and the warning's id.
    WarningAway(String, String),
    /// Write a slip of a payment into the folder that is configured for it.
    Slip(PaymentId, String),
    /// What the billing keys' screen wants to know or have done.
    Billing(Box<Ask>),
    /// What the calendar wants to know or have done.
    Calendar(Box<CalendarAsk>),
    /// What the history wants to know or have done.
    History(Box<HistoryAsk>),
    /// Wipe all card fields.
    WipeCard,
    /// Empty one card field.
    ClearSlot(CardSlot),
    /// Turn YYMM into MMYY in the vault.
    SwapExpiry,
    /// Send a message when the time is over.
    Set(Timer, Duration),
    /// Forget a timer.
    Unset(Timer),
    /// Send a text to the clipboard. Never card data.
    Copy(String),
    /// Draw everything anew.
    Redraw,
    /// End.
    Quit,
}
