//! Cash receipts (현금영수증): those that are owed, and one payment's: issued, cancelled, looked at. The only place
//! that lets one be issued or cancelled.

use super::detail::Then;
use super::refund::ARM_AFTER;
use super::{Ask, Known, Model, Place, sheet};
use crate::domain::account::{CashReceipt, ReceiptKind};
use crate::domain::cash_receipt::{ProviderReceipt, ReceiptCancel, ReceiptEnd, ReceiptOrder};
use crate::domain::intent::{Intent, IntentState};
use crate::domain::outcome::Outcome;
use crate::domain::payment::PaymentId;
use crate::domain::problem::Problem;
use crate::domain::record::{PaymentRecord, ReceiptState};
use crate::i18n::Text;
use crate::text;
use crate::tui::choice::{neighbour, turned};
use crate::tui::edit::Edit;
use crate::tui::input::Key;
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::{Effect, EffectId, Timer};

/// The receipts that are owed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Owed {
    /// Their payments; `None` while they are asked for.
    pub payments: Option<Result<Vec<PaymentRecord>, Problem>>,
    /// The marked one.
    pub at: usize,
}

impl Owed {
    fn len(&self) -> usize {
        self.payments.as_ref().and_then(|found| found.as_ref().ok()).map_or(0, Vec::len)
    }

    /// The marked payment.
    pub fn marked(&self) -> Option<&PaymentRecord> {
        self.payments.as_ref()?.as_ref().ok()?.get(self.at)
    }
}

/// A row of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReceiptRow {
    /// 용도
    Kind,
    /// 번호
    Identity,
}

/// How far it came.
#[derive(Debug, Clone, PartialEq)]
pub enum ReceiptPhase {
    /// The form, or what is known of the one there is.
    Form,
    /// The question.
    Question {
        /// Our id of it, once it was minted.
        id: Option<PaymentId>,
        /// Whether the key that opened the question is over.
        armed: bool,
    },
    /// The request is under way.
    Flight(PaymentId),
    /// What came of it.
    End(PaymentId, Outcome),
}

/// A payment's cash receipt.
#[derive(Debug, Clone, PartialEq)]
pub struct ReceiptForm {
    effect: EffectId,
    known: Known,
    record: PaymentRecord,
    /// How far it came.
    pub phase: ReceiptPhase,
    /// The row with the cursor.
    pub focus: ReceiptRow,
    /// What for.
    pub kind: ReceiptKind,
    /// The number, as typed: sent and not kept.
    pub identity: Edit,
    /// Whether the one there is goes, rather than a new one being made.
    pub cancels: bool,
    /// What was typed last could not be taken.
    pub said: Option<Text>,
}

impl ReceiptForm {
    fn open(effect: EffectId, known: &Known) -> Option<Self> {
        let mut form = Self {
            effect,
            record: known.record()?.clone(),
            known: known.clone(),
            phase: ReceiptPhase::Form,
            focus: ReceiptRow::Kind,
            kind: ReceiptKind::Personal,
            identity: Edit::new(20),
            cancels: false,
            said: None,
        };
        form.cancels = form.is_issued();
        Some(form)
    }

    /// The payment.
    pub const fn record(&self) -> &PaymentRecord {
        &self.record
    }

    /// The receipt, as far as the provider tells it.
    pub const fn receipt(&self) -> Option<&ProviderReceipt> {
        self.known.receipt.as_ref()
    }

    /// Whether there is one that stands.
    pub fn is_issued(&self) -> bool {
        match self.receipt() {
            Some(receipt) => receipt.state == ReceiptState::Issued,
            None => self.record.receipt == Some(ReceiptState::Issued),
        }
    }

    pub(super) fn learn(&mut self, known: &Known) {
        if let Some(record) = known.record() {
            self.record = record.clone();
        }
        self.known = known.clone();
        if self.phase == ReceiptPhase::Form {
            self.cancels = self.is_issued();
        }
    }

    /// Whether the number fits what it is for: a person's phone or card, a company's business number.
    pub fn is_filled(&self) -> bool {
        let digits = sheet::digits(&self.identity).len();
        match self.kind {
            ReceiptKind::Personal => matches!(digits, 10 | 11 | 13..=19),
            ReceiptKind::Corporate => digits == 10,
        }
    }

    /// Over how much: what is left of the payment.
    pub fn amount(&self) -> Option<crate::domain::money::Money> {
        self.record.balance().filter(|amount| !amount.is_zero())
    }

    /// Whether the question can be asked.
    pub fn may_go(&self) -> bool {
        self.cancels || (self.is_filled() && self.amount().is_some())
    }

    /// Whether the question can be answered with yes.
    pub const fn is_ready(&self) -> bool {
        matches!(self.phase, ReceiptPhase::Question { id: Some(_), armed: true })
    }

    /// Whether the request is under way.
    pub const fn is_flying(&self) -> bool {
        matches!(self.phase, ReceiptPhase::Flight(_))
    }

    fn order(&self, id: PaymentId) -> Option<ReceiptOrder> {
        Some(ReceiptOrder {
            id,
            channel: self.known.channel.clone(),
            payment: self.record.id.clone(),
            provider_payment_id: self.record.payment.provider_payment_id.clone(),
            receipt: CashReceipt { kind: self.kind, identity: sheet::digits(&self.identity) },
            order_name: self.record.payment.order_name.as_str().to_owned(),
            amount: self.amount()?,
            tax_free: self.record.tax_free,
            vat: self.record.vat,
            customer: self.record.customer.clone(),
        })
    }

    pub(super) fn looked(&mut self, intent: &Intent) -> bool {
        let ReceiptPhase::End(id, end @ Outcome::Unknown(_)) = &mut self.phase else { return false };
        if intent.new.id != *id || !intent.state.is_settled() {
            return false;
        }
        *end = match intent.state {
            IntentState::Approved => Outcome::Approved(intent.approval.clone().unwrap_or_default()),
            IntentState::Declined => Outcome::Declined(intent.refusal.clone().unwrap_or_default()),
            _ => {
                let detail = intent.why.clone().unwrap_or_default();
                Outcome::NotCharged(Problem::Unreachable { detail })
            }
        };
        true
    }
}

impl Model {
    pub(super) fn open_owed(&mut self) -> Vec<Effect> {
        self.place = Place::Owed(Box::default());
        vec![Self::ask(Ask::Owed)]
    }

    pub(super) fn owed_came(&mut self, found: Result<Vec<PaymentRecord>, Problem>) {
        if let Place::Owed(owed) = &mut self.place {
            owed.payments = Some(found);
            owed.at = owed.at.min(owed.len().saturating_sub(1));
        }
    }

    pub(super) fn owed_key(&mut self, key: Key) -> Vec<Effect> {
        let page = self.height;
        let Place::Owed(owed) = &mut self.place else { return Vec::new() };
        let last = owed.len().saturating_sub(1);
        match resolve(&[Context::Owed, Context::List], key) {
            Some(Action::Up) => owed.at = owed.at.saturating_sub(1),
            Some(Action::Down) => owed.at = (owed.at + 1).min(last),
            Some(Action::PageUp) => owed.at = owed.at.saturating_sub(page),
            Some(Action::PageDown) => owed.at = (owed.at + page).min(last),
            Some(Action::First) => owed.at = 0,
            Some(Action::Last) => owed.at = last,
            Some(Action::Refresh) => return vec![Self::ask(Ask::Owed)],
            Some(Action::Select) => {
                let marked = owed.marked().cloned();
                return marked.map(|record| self.look_at(record, Then::Receipt)).unwrap_or_default();
            }
            Some(Action::Cancel) => self.place = Place::List,
            _ => {}
        }
        Vec::new()
    }

    /// Opens the receipt of the payment that is looked at.
    pub(super) fn open_receipt(&mut self) -> Vec<Effect> {
        let effect = self.effect();
        let Some(known) = self.detail.as_ref().and_then(|detail| detail.known.as_ref()) else {
            return Vec::new();
        };
        if known.offline.is_some() {
            self.said = Some(text!("history.said.offline"));
            return Vec::new();
        }
        if let Some(form) = ReceiptForm::open(effect, known) {
            self.place = Place::Receipt(Box::new(form));
        }
        Vec::new()
    }

    pub(super) fn receipt_key(&mut self, key: Key) -> Vec<Effect> {
        let Place::Receipt(form) = &mut self.place else { return Vec::new() };
        match form.phase {
            ReceiptPhase::Form => self.receipt_form_key(key),
            ReceiptPhase::Question { .. } => match resolve(&[Context::Confirm], key) {
                Some(Action::Cancel) => {
                    form.phase = ReceiptPhase::Form;
                    vec![Effect::Unset(Timer::ConfirmArmed)]
                }
                Some(Action::Confirm) if form.is_ready() => self.let_receipt_go(),
                _ => Vec::new(),
            },
            ReceiptPhase::Flight(_) => Vec::new(),
            ReceiptPhase::End(..) => match resolve(&[Context::Notice], key) {
                Some(Action::Cancel) => {
                    self.place = Place::Detail;
                    self.look_again()
                }
                _ => Vec::new(),
            },
        }
    }

    fn receipt_form_key(&mut self, key: Key) -> Vec<Effect> {
        const ROWS: [ReceiptRow; 2] = [ReceiptRow::Kind, ReceiptRow::Identity];
        let Place::Receipt(form) = &mut self.place else { return Vec::new() };
        form.said = None;
        match resolve(&[Context::Sheet], key) {
            Some(Action::NextField) => form.focus = neighbour(&ROWS, form.focus, true),
            Some(Action::PrevField) => form.focus = neighbour(&ROWS, form.focus, false),
            Some(Action::Advance) if form.focus == ReceiptRow::Kind && !form.cancels => {
                form.focus = ReceiptRow::Identity;
            }
            Some(Action::Advance | Action::Submit) => return self.ask_about_receipt(),
            Some(Action::Cancel) => {
                self.place = Place::Detail;
                return self.look_again();
            }
            _ if form.cancels => {}
            _ if form.focus == ReceiptRow::Kind => {
                let turn = resolve(&[Context::Menu], key);
                if let Some(Action::Left | Action::Right) = turn {
                    let all = [ReceiptKind::Personal, ReceiptKind::Corporate];
                    form.kind = turned(&all, &form.kind, turn == Some(Action::Right));
                }
            }
            _ => {
                let changed = form.identity.apply(key);
                form.said = changed.said();
            }
        }
        Vec::new()
    }

    pub(super) fn receipt_pasted(&mut self, ch: Option<char>) {
        if let Place::Receipt(form) = &mut self.place
            && form.phase == ReceiptPhase::Form
            && form.focus == ReceiptRow::Identity
        {
            form.said = form.identity.pasted(ch).said();
        }
    }

    fn ask_about_receipt(&mut self) -> Vec<Effect> {
        let effect = self.effect();
        let Place::Receipt(form) = &mut self.place else { return Vec::new() };
        if !form.may_go() {
            form.said = Some(text!("history.receipt.unfilled"));
            return Vec::new();
        }
        form.effect = effect;
        form.phase = ReceiptPhase::Question { id: None, armed: false };
        vec![Effect::Mint(effect), Effect::Set(Timer::ConfirmArmed, ARM_AFTER)]
    }

    pub(super) fn receipt_minted(&mut self, effect: EffectId, minted: PaymentId) {
        if let Place::Receipt(form) = &mut self.place
            && form.effect == effect
            && let ReceiptPhase::Question { id, .. } = &mut form.phase
        {
            *id = Some(minted);
        }
    }

    pub(super) fn receipt_armed(&mut self) {
        if let Place::Receipt(form) = &mut self.place
            && let ReceiptPhase::Question { armed, .. } = &mut form.phase
        {
            *armed = true;
        }
    }

    fn let_receipt_go(&mut self) -> Vec<Effect> {
        let effect = self.effect();
        let Place::Receipt(form) = &mut self.place else { return Vec::new() };
        let ReceiptPhase::Question { id: Some(id), .. } = &form.phase else { return Vec::new() };
        let id = id.clone();
        let ask = if form.cancels {
            let order = ReceiptCancel {
                id: id.clone(),
                payment: form.record.id.clone(),
                provider_payment_id: form.record.payment.provider_payment_id.clone(),
            };
            Ask::CancelReceipt(effect, Box::new(order), Box::new(form.known.channel.clone()))
        } else {
            let Some(order) = form.order(id.clone()) else { return Vec::new() };
            Ask::IssueReceipt(effect, Box::new(order))
        };
        form.effect = effect;
        form.identity.clear();
        form.phase = ReceiptPhase::Flight(id);
        vec![Self::ask(ask)]
    }

    pub(super) fn receipt_ended(&mut self, effect: EffectId, end: ReceiptEnd) -> Vec<Effect> {
        let Place::Receipt(form) = &mut self.place else { return Vec::new() };
        let ReceiptPhase::Flight(id) = &form.phase else { return Vec::new() };
        if form.effect != effect {
            return Vec::new();
        }
        let id = id.clone();
        let unknown = matches!(end.outcome, Outcome::Unknown(_));
        form.phase = ReceiptPhase::End(id.clone(), end.outcome);
        if unknown { vec![Effect::Look(id)] } else { self.look_again() }
    }
}
