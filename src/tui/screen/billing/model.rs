//! The state of the billing keys' screen and its pure update: a windowed list with a search line and a filter,
//! one key in detail, the question before one is deleted, and the form that registers a card or charges a key.
//!
//! A key is a secret of a kind: the model holds it whole, because it is charged by it, and shows its end only.

mod delete;
mod detail;
mod filter;
mod form;
mod list;
mod search;
mod tab;

use jiff::Timestamp;

use crate::domain::billing_key::{BillingKey, KeyPage, KeySearch, ProviderKey};
use crate::domain::channel::Channel;
use crate::domain::intent::Intent;
use crate::domain::order::KeyDelete;
use crate::domain::outcome::Outcome;
use crate::domain::problem::Problem;
use crate::domain::schedule::ProviderSchedule;
use crate::i18n::Text;
use crate::tui::msg::{Effect, EffectId};
use crate::tui::screen::keyin::model as keyin;
use crate::tui::window::Window;

pub use delete::{Deletion, DeletionEnd};
pub use detail::Detail;
pub use filter::{Filter, FilterRow};
pub use search::{Search, SearchIn};

/// What the screen wants to know or have done.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// A page of the list; the number tells which question it answers.
    Page(u64, Box<KeySearch>),
    /// One key with all that hangs on it.
    Detail(BillingKey),
    /// Delete a key, and revoke these schedules of it first.
    Delete(EffectId, Box<KeyDelete>, Vec<ProviderSchedule>),
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// A page of the list, and its number.
    Page(u64, u32, Result<KeyPage, Problem>),
    /// What is known of a key; `None` when there is none any more.
    Detail(BillingKey, Result<Option<Box<Known>>, Problem>),
    /// A deletion ended.
    Deleted(EffectId, Outcome),
}

impl Ask {
    /// The effect it belongs to, if it is one whose end must be told.
    pub const fn effect(&self) -> Option<EffectId> {
        match self {
            Self::Delete(effect, ..) => Some(*effect),
            Self::Page(..) | Self::Detail(_) => None,
        }
    }
}

/// What is known of one key.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// As the provider tells it.
    pub key: ProviderKey,
    /// The channel it was issued through, configured or not.
    pub channel: Channel,
    /// Its latest charges through this ledger, newest first.
    pub charges: Vec<Intent>,
    /// Its schedules that are still to run, next first.
    pub schedules: Result<Vec<ProviderSchedule>, Problem>,
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
    /// One key.
    Detail(Box<Detail>),
    /// The question before one is deleted.
    Delete(Box<Deletion>),
    /// A card is registered, or a key charged.
    Form(Box<keyin::Model>),
}

/// The billing keys' screen.
#[derive(Debug, Clone)]
pub struct Model {
    setup: keyin::Setup,
    /// Where the screen is.
    pub place: Place,
    /// The keys.
    pub list: Window<ProviderKey>,
    /// What is searched for.
    pub search: Search,
    /// Which of them are shown.
    pub filter: Filter,
    /// Why the list could not be had.
    pub problem: Option<Problem>,
    /// Something about the last thing that was done.
    pub said: Option<Text>,
    /// Whether the list was shown once.
    opened: bool,
    question: u64,
    /// What the list was last asked for anew.
    asked: Option<KeySearch>,
    next_effect: u64,
    /// How many rows are seen at once.
    height: usize,
}

/// Where this screen's effects are counted from: the key-in's begin at nought, and answers are told apart by
/// their number.
const EFFECTS: u64 = 1 << 32;

impl Model {
    /// An empty screen. Nothing is asked for before it is shown.
    pub fn new(setup: keyin::Setup) -> Self {
        Self {
            setup,
            place: Place::List,
            list: Window::new(KeySearch::PAGE),
            search: Search::new(),
            filter: Filter::default(),
            problem: None,
            said: None,
            opened: false,
            question: 0,
            asked: None,
            next_effect: EFFECTS,
            height: 16,
        }
    }

    /// The form, while a card is registered or a key charged.
    pub const fn form(&self) -> Option<&keyin::Model> {
        match &self.place {
            Place::Form(form) => Some(form),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub const fn form_mut(&mut self) -> Option<&mut keyin::Model> {
        match &mut self.place {
            Place::Form(form) => Some(form),
            _ => None,
        }
    }

    /// What became of an unknown payment or key that is still on this screen.
    pub fn looked(&mut self, intent: &Intent) -> Vec<Effect> {
        match &mut self.place {
            Place::Form(form) => form.looked(intent),
            Place::Delete(deletion) => {
                deletion.looked(intent);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// Whether the provider lists keys that nobody named (V2); else only those of the ledger are shown (V1 §8.3).
    pub fn lists_all(&self) -> bool {
        self.setup
            .channels
            .first()
            .is_none_or(|channel| channel.generation == crate::domain::pg::Generation::V2)
    }

    /// The wall clock.
    pub const fn now(&self) -> Timestamp {
        self.setup.now
    }

    /// What the store is called.
    pub fn store(&self) -> &str {
        &self.setup.store
    }

    fn effect(&mut self) -> EffectId {
        self.next_effect += 1;
        EffectId(self.next_effect)
    }

    fn ask(ask: Ask) -> Effect {
        Effect::Billing(Box::new(ask))
    }
}

#[cfg(test)]
mod tests;
