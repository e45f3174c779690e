//! One payment with all that is known of it, and what can be done with it.

use super::{Ask, Known, Model, Place};
use crate::domain::problem::Problem;
use crate::domain::record::PaymentRecord;
use crate::domain::text::SafeText;
use crate::tui::choice::scrolled;
use crate::tui::input::Key;
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::Effect;

/// What is to be done once the payment is known: what the list has may be old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// Show it.
    Look,
    /// Open the form that gives money back.
    Refund,
    /// Open its cash receipt.
    Receipt,
}

/// What of it is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Face {
    /// What it is, and its timeline.
    #[default]
    Lines,
    /// The provider's own answer.
    Raw,
    /// The receipt's address as a square.
    Qr,
}

/// One payment on the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Detail {
    record: PaymentRecord,
    /// All that is known; `None` while it is being asked for.
    pub known: Option<Known>,
    /// Why that could not be had.
    pub problem: Option<Problem>,
    /// Whether nobody knows such a payment any more.
    pub gone: bool,
    /// What of it is seen.
    pub face: Face,
    /// The provider's own answer; `None` while it is being asked for.
    pub raw: Option<Result<Option<Vec<SafeText>>, Problem>>,
    /// The first line of it that is seen.
    pub scroll: usize,
    then: Then,
}

impl Detail {
    /// As the list tells it.
    pub(super) const fn of(record: PaymentRecord, then: Then) -> Self {
        Self {
            record,
            known: None,
            problem: None,
            gone: false,
            face: Face::Lines,
            raw: None,
            scroll: 0,
            then,
        }
    }

    /// The payment, as far as it is known.
    pub fn record(&self) -> &PaymentRecord {
        self.known.as_ref().and_then(Known::record).unwrap_or(&self.record)
    }

    /// Where its slip can be seen.
    pub fn receipt_url(&self) -> Option<&SafeText> {
        self.record().payment.receipt_url.as_ref()
    }

    /// Whether the form that gives money back has something to begin with.
    pub fn may_refund(&self) -> bool {
        let paid = self.record().payment.state.was_paid();
        paid && self.problem.is_none() && !self.gone
    }
}

impl Model {
    /// Opens the marked payment and asks for all that is known of it.
    pub(super) fn look_then(&mut self, then: Then) -> Vec<Effect> {
        let Some(record) = self.marked().cloned() else { return self.nothing_marked() };
        self.look_at(record, then)
    }

    pub(super) fn look_at(&mut self, record: PaymentRecord, then: Then) -> Vec<Effect> {
        let asked = record.id.clone();
        self.detail = Some(Box::new(Detail::of(record, then)));
        self.place = Place::Detail;
        vec![Self::ask(Ask::Detail(asked))]
    }

    /// Asks for what is known of the same payment again.
    pub(super) fn look_again(&self) -> Vec<Effect> {
        let id = self.detail.as_ref().map(|detail| detail.record.id.clone());
        id.map(|id| Self::ask(Ask::Detail(id))).into_iter().collect()
    }

    pub(super) fn detail_came(
        &mut self,
        id: &SafeText,
        found: Result<Option<Box<Known>>, Problem>,
    ) -> Vec<Effect> {
        let Some(detail) = self.detail.as_mut().filter(|detail| detail.record.id == *id) else {
            return Vec::new();
        };
        match found {
            Ok(Some(known)) => {
                detail.problem = None;
                detail.gone = false;
                detail.known = Some(*known);
            }
            Ok(None) => detail.gone = true,
            Err(problem) => detail.problem = Some(problem),
        }
        let then = std::mem::replace(&mut detail.then, Then::Look);
        match (&mut self.place, &detail.known) {
            (Place::Refund(refund), Some(known)) => refund.learn(known),
            (Place::Receipt(form), Some(known)) => form.learn(known),
            (Place::Detail, Some(_)) => match then {
                Then::Look => {}
                Then::Refund => return self.open_refund(),
                Then::Receipt => return self.open_receipt(),
            },
            _ => {}
        }
        Vec::new()
    }

    pub(super) fn raw_came(&mut self, id: &SafeText, raw: Result<Option<Vec<SafeText>>, Problem>) {
        if let Some(detail) = self.detail.as_mut().filter(|detail| detail.record.id == *id) {
            detail.raw = Some(raw);
        }
    }

    pub(super) fn detail_key(&mut self, key: Key) -> Vec<Effect> {
        let page = self.height;
        let Some(detail) = &mut self.detail else { return Vec::new() };
        let action = resolve(&[Context::Payment], key);
        if let Some(scroll) = scrolled(detail.scroll, action, page) {
            detail.scroll = scroll;
            return Vec::new();
        }
        match action {
            Some(Action::Cancel) if detail.face != Face::Lines => {
                detail.face = Face::Lines;
                detail.scroll = 0;
            }
            Some(Action::Cancel) => {
                self.place = Place::List;
                self.detail = None;
                return self.ask_for_list(super::list::How::Renew);
            }
            Some(Action::Refresh) => {
                detail.problem = None;
                detail.raw = None;
                let mut effects = self.look_again();
                if self.detail.as_ref().is_some_and(|detail| detail.face == Face::Raw) {
                    effects.extend(self.ask_for_raw());
                }
                return effects;
            }
            Some(Action::Raw) => {
                detail.face = if detail.face == Face::Raw { Face::Lines } else { Face::Raw };
                detail.scroll = 0;
                return self.ask_for_raw();
            }
            Some(Action::Qr) if detail.receipt_url().is_some() => {
                detail.face = if detail.face == Face::Qr { Face::Lines } else { Face::Qr };
            }
            Some(Action::Copy) => return vec![Effect::Copy(detail.record.id.as_str().to_owned())],
            Some(Action::Refund) => return self.open_refund(),
            Some(Action::SettleByHand) => return self.open_hand(),
            Some(Action::Receipt) => return self.open_receipt(),
            _ => {}
        }
        Vec::new()
    }

    fn ask_for_raw(&self) -> Vec<Effect> {
        let wanted = self.detail.as_ref().filter(|detail| detail.face == Face::Raw && detail.raw.is_none());
        wanted.map(|detail| Self::ask(Ask::Raw(detail.record.id.clone()))).into_iter().collect()
    }
}
