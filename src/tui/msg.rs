//! What happens to a model ([`Msg`]) and what it wants done ([`Effect`]), both as data.
//!
//! No digit of a card is ever in either: the reader writes it into the vault and tells [`CardFacts`].

use std::time::Duration;

use jiff::Timestamp;

use super::input::Key;
use crate::domain::card::{CardFacts, CardSlot};
use crate::domain::intent::Intent;
use crate::domain::order::KeyInOrder;
use crate::domain::outcome::{ChargeEnd, Look, Stage};
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
    /// A charge came further.
    Progress(EffectId, Stage),
    /// A charge ended; the card is gone from the vault.
    Ended(EffectId, ChargeEnd),
    /// A look at an unknown payment.
    Looked(PaymentId, Look),
    /// What the start-up found of earlier, unsettled payments.
    Settled(Result<Vec<(PaymentId, Look)>, Problem>),
    /// A task died. Its effect, if it belonged to one.
    Died(Option<EffectId>),
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
    /// Look at an unknown payment.
    Look(PaymentId),
    /// Look at everything that is unsettled from before.
    Settle,
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
