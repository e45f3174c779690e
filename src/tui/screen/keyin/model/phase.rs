//! Where the key-in screen is: the form, the question, the wait, the end; and what the panel below the form
//! says. Data only.

use crate::domain::account::DepositState;
use crate::domain::billing_key::ProviderKey;
use crate::domain::card::CardEnding;
use crate::domain::channel::Channel;
use crate::domain::customer::Customer;
use crate::domain::intent::{Approval, Intent};
use crate::domain::money::Money;
use crate::domain::order::{AccountOrder, Installments, KeyChargeOrder, KeyInOrder, KeyOrder, Sale};
use crate::domain::outcome::{KeyFate, Stage};
use crate::domain::payment::{PaymentId, Refusal};
use crate::domain::pg::Warning;
use crate::domain::problem::Problem;
use crate::i18n::Text;
use crate::tui::edit::Edit;
use crate::tui::msg::EffectId;

/// What was ordered, whichever way.
#[derive(Debug, Clone, PartialEq)]
pub enum Ordered {
    /// A card payment, and the card's ending.
    Card(KeyInOrder, CardEnding),
    /// A virtual account.
    Account(AccountOrder),
    /// A billing key for a card, and the card's ending. Nothing is sold.
    Register(KeyOrder, CardEnding),
    /// The charge of a billing key, and the ending of the card behind it where that is known.
    KeyCharge(KeyChargeOrder, Option<CardEnding>),
}

impl Ordered {
    /// The sale; `None` where nothing is sold.
    pub const fn sale(&self) -> Option<&Sale> {
        match self {
            Self::Card(order, _) => Some(&order.sale),
            Self::Account(order) => Some(&order.sale),
            Self::KeyCharge(order, _) => Some(&order.sale),
            Self::Register(..) => None,
        }
    }

    /// Ours, minted for this attempt.
    pub const fn id(&self) -> &PaymentId {
        match self {
            Self::Card(order, _) => &order.sale.payment_id,
            Self::Account(order) => &order.sale.payment_id,
            Self::KeyCharge(order, _) => &order.sale.payment_id,
            Self::Register(order, _) => &order.id,
        }
    }

    /// The PG contract.
    pub const fn channel(&self) -> &Channel {
        match self {
            Self::Card(order, _) => &order.sale.channel,
            Self::Account(order) => &order.sale.channel,
            Self::KeyCharge(order, _) => &order.sale.channel,
            Self::Register(order, _) => &order.channel,
        }
    }

    /// Whose it is.
    pub const fn customer(&self) -> &Customer {
        match self {
            Self::Card(order, _) => &order.sale.customer,
            Self::Account(order) => &order.sale.customer,
            Self::KeyCharge(order, _) => &order.sale.customer,
            Self::Register(order, _) => &order.customer,
        }
    }

    /// What is charged; `None` where nothing is.
    pub fn amount(&self) -> Option<Money> {
        self.sale().map(|sale| sale.amount)
    }

    /// The card's ending, where there is a card and it is known.
    pub const fn ending(&self) -> Option<&CardEnding> {
        match self {
            Self::Card(_, ending) | Self::Register(_, ending) => Some(ending),
            Self::KeyCharge(_, ending) => ending.as_ref(),
            Self::Account(_) => None,
        }
    }

    /// The months, where there is a card to pay with.
    pub const fn installments(&self) -> Option<Installments> {
        match self {
            Self::Card(order, _) => Some(order.installments),
            Self::KeyCharge(order, _) => Some(order.installments),
            Self::Account(_) | Self::Register(..) => None,
        }
    }

    /// Whether it is about a billing key, and no payment by phone.
    pub const fn is_about_a_key(&self) -> bool {
        matches!(self, Self::Register(..) | Self::KeyCharge(..))
    }

    /// Whether a billing key is made.
    pub const fn is_register(&self) -> bool {
        matches!(self, Self::Register(..))
    }

    /// Whether it is a virtual account.
    pub const fn is_account(&self) -> bool {
        matches!(self, Self::Account(_))
    }
}

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
    pub order: Option<Ordered>,
    pub(super) armed: bool,
    pub(super) checked: bool,
    /// An earlier charge that looks like the same one.
    pub earlier: Option<Box<Intent>>,
    /// The key that has the name already which the new one is to have (V1).
    pub taken: Option<Box<ProviderKey>>,
    /// The reason to do it all the same.
    pub reason: Edit,
    /// The reason is missing and was asked for.
    pub reason_asked: bool,
}

impl Confirm {
    /// Whether an answer is for this question: about the name of a new key, or about an earlier charge.
    pub(super) fn waits_for(&self, effect: EffectId, about_a_name: bool) -> bool {
        self.effect == effect && self.order.as_ref().is_some_and(Ordered::is_register) == about_a_name
    }

    /// Whether a reason must be typed before it is sent.
    pub const fn wants_reason(&self) -> bool {
        self.earlier.is_some() || self.taken.is_some()
    }

    /// Whether Enter sends it now.
    pub const fn is_ready(&self) -> bool {
        self.armed && self.checked && self.order.is_some()
    }
}

/// A request under way.
#[derive(Debug, Clone, PartialEq)]
pub struct Flight {
    pub(super) effect: EffectId,
    /// What was ordered.
    pub order: Ordered,
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
    pub(super) effect: EffectId,
    /// What was ordered.
    pub order: Ordered,
    /// How it ended.
    pub end: End,
    /// What became of a card that was to be kept, or registered.
    pub key: Option<KeyFate>,
    /// The registered key, read back, when that worked.
    pub issued: Option<Box<ProviderKey>>,
    /// Channels of a group that refused although the key exists (V2 §9.1).
    pub refusals: Vec<Refusal>,
    /// How far the deposit into an issued account came.
    pub deposit: DepositState,
    /// Looks at the deposit made so far.
    pub deposit_looks: u32,
    /// The account is being closed.
    pub closing: Option<Closing>,
    /// Something about the last key.
    pub said: Option<Text>,
    /// The receipt is shown as a square to be photographed.
    pub qr: bool,
}

impl Finished {
    pub(super) const fn new(effect: EffectId, order: Ordered, end: End, key: Option<KeyFate>) -> Self {
        Self {
            effect,
            order,
            end,
            key,
            issued: None,
            refusals: Vec::new(),
            deposit: DepositState::Waiting,
            deposit_looks: 0,
            closing: None,
            said: None,
            qr: false,
        }
    }

    /// The issued account's approval, while nobody has paid into it.
    pub fn open_account(&self) -> Option<&Approval> {
        match &self.end {
            End::Approved(approval) if self.order.is_account() && self.deposit == DepositState::Waiting => {
                Some(approval)
            }
            _ => None,
        }
    }
}

/// The closing of an issued account (말소), from the question to the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    pub(super) effect: EffectId,
    /// Ours, once it was minted.
    pub(super) id: Option<PaymentId>,
    pub(super) armed: bool,
    /// The request was let go.
    pub sent: bool,
}

impl Closing {
    /// Whether Enter closes it now.
    pub const fn is_ready(&self) -> bool {
        self.armed && self.id.is_some() && !self.sent
    }
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
    Declined(Box<Ordered>, Refusal),
    /// Nothing was sent or taken.
    Problem(Problem),
    /// The guard stopped it after the question: somebody else charged in between.
    Blocked(Box<Intent>),
    /// A payment that was unknown turned out not to have been made.
    NotCharged,
    /// The half-typed card was wiped.
    IdleWiped,
    /// What should be known of the channel.
    Notes(Vec<&'static Warning>),
    /// A form that was left came back.
    Adopted,
}

impl Panel {
    /// Whether it stays while the agent types: what came of the last attempt is read to the caller while the
    /// next one is being filled in. That a card was wiped goes with the next key.
    pub const fn stays(&self) -> bool {
        !matches!(self, Self::IdleWiped)
    }
}
