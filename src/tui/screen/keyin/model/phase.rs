//! Where the key-in screen is: the form, the question, the wait, the end; and what the panel below the form
//! says. Data only.

use crate::domain::card::CardEnding;
use crate::domain::intent::{Approval, Intent};
use crate::domain::order::KeyInOrder;
use crate::domain::outcome::Stage;
use crate::domain::payment::Refusal;
use crate::domain::problem::Problem;
use crate::tui::edit::Edit;
use crate::tui::msg::EffectId;

/// Where the screen is.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// Filling the form.
    Form,
    /// The question before the money moves.
    Confirm(Box<Confirm>),
    /// The request is under way.
    Flight(Box<Flight>),
    /// What came of it.
    Result(Box<Finished>),
}

/// The question before the money moves.
#[derive(Debug, Clone, PartialEq)]
pub struct Confirm {
    pub(super) effect: EffectId,
    /// The order, once its id was minted.
    pub order: Option<KeyInOrder>,
    /// The card's ending.
    pub ending: CardEnding,
    pub(super) armed: bool,
    pub(super) checked: bool,
    /// An earlier charge that looks like the same one.
    pub earlier: Option<Box<Intent>>,
    /// The reason to charge all the same.
    pub reason: Edit,
    /// The reason is missing and was asked for.
    pub reason_asked: bool,
}

impl Confirm {
    /// Whether Enter charges now.
    pub const fn is_ready(&self) -> bool {
        self.armed && self.checked && self.order.is_some()
    }
}

/// A request under way.
#[derive(Debug, Clone, PartialEq)]
pub struct Flight {
    pub(super) effect: EffectId,
    /// What was ordered.
    pub order: KeyInOrder,
    /// The card's ending.
    pub ending: CardEnding,
    /// Whole seconds since it was let go.
    pub seconds: u32,
    /// How far it came.
    pub stage: Stage,
    /// Somebody pressed Esc: leaving does not cancel, and this is said.
    pub esc_pressed: bool,
}

/// A payment that has ended, or whose end is being looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// What was ordered.
    pub order: KeyInOrder,
    /// The card's ending.
    pub ending: CardEnding,
    /// How it ended.
    pub end: End,
}

/// Ends that have a page of their own. A decline has none: the form stays, with a panel.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// Money was taken.
    Approved(Approval),
    /// Nobody knows yet; look-ups made so far.
    Unknown(u32),
}

/// A panel under the form: what happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Panel {
    /// The PG said no to this order.
    Declined(Box<KeyInOrder>, Refusal),
    /// Nothing was sent or taken.
    Problem(Problem),
    /// The guard stopped it after the question: somebody else charged in between.
    Blocked(Box<Intent>),
    /// A payment that was unknown turned out not to have been made.
    NotCharged,
    /// The half-typed card was wiped.
    IdleWiped,
}

impl Panel {
    /// Whether it stays while the agent types: what came of the last attempt is read to the caller while the
    /// next one is being filled in. That a card was wiped goes with the next key.
    pub const fn stays(&self) -> bool {
        !matches!(self, Self::IdleWiped)
    }
}
