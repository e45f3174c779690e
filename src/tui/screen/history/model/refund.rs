//! Money given back: a form whose amount is typed, what stands in the way shown while it is typed, a question that
//! names the amount and what stays, and how it ended. The only place that lets a refund go.

use std::time::Duration;

use super::{Ask, Known, Model, Place, sheet};
use crate::domain::intent::{Intent, IntentState};
use crate::domain::issuer::{Bank, banks};
use crate::domain::money::{Currency, Money};
use crate::domain::order::Requester;
use crate::domain::outcome::Outcome;
use crate::domain::payment::{PaymentId, Refusal};
use crate::domain::problem::Problem;
use crate::domain::record::{Cancellation, CancellationState, Method, PaymentRecord};
use crate::domain::refund::feasible::{Asked, Finding, feasible, may_go};
use crate::domain::refund::rule::Check;
use crate::domain::refund::{REQUESTED, RefundAccount, RefundEnd, RefundOrder};
use crate::i18n::Text;
use crate::text;
use crate::tui::choice::{neighbour, turned};
use crate::tui::edit::Edit;
use crate::tui::input::{Code, Key};
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::{Effect, EffectId, GuardChoice, Timer};

/// How long the question can't be answered after it opened: the key that opened it must not answer it.
pub(super) const ARM_AFTER: Duration = Duration::from_millis(300);
/// The fewest characters of a reason to go on in spite of an earlier refund that looks the same.
const REASON_MIN: usize = 2;
/// The rules that a refund account answers.
const WANT_ACCOUNT: [&str; 3] = ["account.missing", "account.missing_transfer", "age.mobile_kcp_account"];

/// A row of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefundRow {
    /// 환불금액
    Amount,
    /// 면세금액
    TaxFree,
    /// 부가세
    Vat,
    /// 사유
    Reason,
    /// 요청한 사람
    Requester,
    /// 은행
    Bank,
    /// 계좌번호
    Account,
    /// 예금주
    Holder,
    /// 예금주 전화번호
    Phone,
}

/// How far it came.
#[derive(Debug, Clone, PartialEq)]
pub enum RefundPhase {
    /// The form.
    Form,
    /// The question; with an earlier refund that looks the same, a reason is asked for.
    Question {
        /// Our id of it, once it was minted.
        id: Option<PaymentId>,
        /// Whether the key that opened the question is over.
        armed: bool,
        /// An earlier refund that looks the same.
        earlier: Option<Box<Intent>>,
    },
    /// The request is under way.
    Flight(PaymentId),
    /// What came of it.
    End(PaymentId, RefundStand),
}

/// How a refund stands that was sent, or was to be.
#[derive(Debug, Clone, PartialEq)]
pub enum RefundStand {
    /// The money is on its way back.
    Done(Option<Cancellation>),
    /// The PG has taken it on; its end comes later (V2 §13.1).
    Requested(Option<Cancellation>),
    /// The PG said no: nothing was given back.
    Failed(Refusal),
    /// Nothing was sent, or it was turned away at the door; what was found in its way.
    NotSent(Problem, Vec<Finding>),
    /// Nobody has seen the end; the journal looks for it.
    Unknown,
}

/// A refund of one payment.
#[derive(Debug, Clone, PartialEq)]
pub struct Refund {
    effect: EffectId,
    known: Known,
    record: PaymentRecord,
    /// Whether the payment was asked for since the refund was sent, if it was.
    pub is_current: bool,
    /// How far it came.
    pub phase: RefundPhase,
    /// The row with the cursor.
    pub focus: RefundRow,
    /// How much, as typed.
    pub amount: Edit,
    /// The tax-free part of it, as typed.
    pub tax_free: Edit,
    /// The VAT of it, as typed.
    pub vat: Edit,
    /// Why.
    pub reason: Edit,
    /// Who asked for it.
    pub requester: Option<Requester>,
    /// The bank that it goes to.
    pub bank: Option<&'static Bank>,
    bank_query: Edit,
    /// The account's number, as typed.
    pub account: Edit,
    /// Its holder.
    pub holder: Edit,
    /// The holder's phone number.
    pub phone: Edit,
    /// Why it is done in spite of an earlier one.
    pub guard_reason: Edit,
    /// The order as it was sent: what the pages behind the question speak of.
    pub sent: Option<Box<RefundOrder>>,
    /// What was typed last could not be taken, or not yet be done.
    pub said: Option<Text>,
    /// Whether it was to be sent before all was there: from then on what is missing is told.
    tried: bool,
}

/// What the first Esc over something typed says; the second one leaves.
pub(super) const LEAVE_AGAIN: &str = "history.said.leave-again";

impl Refund {
    fn open(effect: EffectId, known: &Known) -> Option<Self> {
        Some(Self {
            effect,
            record: known.record()?.clone(),
            is_current: true,
            known: known.clone(),
            phase: RefundPhase::Form,
            focus: RefundRow::Amount,
            amount: Edit::new(20),
            tax_free: Edit::new(20),
            vat: Edit::new(20),
            reason: Edit::new(100),
            requester: None,
            bank: None,
            bank_query: Edit::new(20),
            account: Edit::new(30),
            holder: Edit::new(40),
            phone: Edit::new(20),
            guard_reason: Edit::new(100),
            sent: None,
            said: None,
            tried: false,
        })
    }

    /// The payment.
    pub const fn record(&self) -> &PaymentRecord {
        &self.record
    }

    /// All that is known of it.
    pub const fn known(&self) -> &Known {
        &self.known
    }

    /// The payment was asked for again: the balance may be another. What was sent stays what it was.
    pub(super) fn learn(&mut self, known: &Known) {
        if let Some(record) = known.record() {
            self.record = record.clone();
            self.is_current = !self.is_flying();
        }
        self.known = known.clone();
        self.follow();
    }

    /// Whether the PG has taken the refund on and its end is still to come.
    pub const fn is_followed(&self) -> bool {
        matches!(self.phase, RefundPhase::End(_, RefundStand::Requested(_)))
    }

    /// What became of a refund that the PG had only taken on.
    fn follow(&mut self) {
        let RefundPhase::End(_, end) = &mut self.phase else { return };
        let RefundStand::Requested(Some(asked)) = &*end else { return };
        // Without the provider's id of it nobody can tell it from another one.
        let Some(id) = &asked.id else { return };
        let Some(now) = self.record.cancellations.iter().find(|one| one.id.as_ref() == Some(id)) else {
            return;
        };
        let next = match &now.state {
            CancellationState::Succeeded => RefundStand::Done(Some(now.clone())),
            CancellationState::Failed(refusal) => RefundStand::Failed(refusal.clone()),
            CancellationState::Requested | CancellationState::Other(_) => return,
        };
        *end = next;
    }

    /// The currency of the payment; amounts of one that this program can't count can't be typed.
    fn currency(&self) -> Currency {
        self.record.payment.total.map_or(Currency::Krw, Money::currency)
    }

    /// The typed amount; zero while there is none.
    pub fn typed(&self) -> Money {
        let typed = sheet::money(&self.amount, self.currency()).ok().flatten();
        typed.unwrap_or(Money::zero(self.currency()))
    }

    /// What would be left.
    pub fn rest(&self) -> Option<Money> {
        let balance = self.record.balance()?;
        Money::new(balance.minor().checked_sub(self.typed().minor())?, balance.currency())
    }

    fn typed_tax_free(&self) -> Option<Money> {
        sheet::money(&self.tax_free, self.currency()).ok().flatten()
    }

    fn typed_vat(&self) -> Option<Money> {
        sheet::money(&self.vat, self.currency()).ok().flatten()
    }

    fn typed_account(&self) -> Option<RefundAccount> {
        let number = sheet::digits(&self.account);
        let holder = self.holder.text().trim();
        let phone = sheet::digits(&self.phone);
        let filled = !number.is_empty() && !holder.is_empty();
        self.bank.filter(|_| filled).map(|bank| RefundAccount {
            bank,
            number,
            holder: holder.to_owned(),
            phone: (!phone.is_empty()).then_some(phone),
        })
    }

    /// Everything that stands in the way or should be known, what blocks first.
    pub fn findings(&self, now: jiff::Timestamp) -> Vec<Finding> {
        let account = self.typed_account();
        self.findings_with(account.as_ref(), now)
    }

    /// Those that are told on the form: nobody is scolded for what there was no time to type.
    pub fn told_findings(&self, now: jiff::Timestamp) -> Vec<Finding> {
        let is_told = |finding: &Finding| match finding.rule.check {
            Check::AmountZero => self.tried || !self.amount.is_empty(),
            Check::ReasonEmpty => self.tried || !self.reason.is_empty(),
            _ => true,
        };
        self.findings(now).into_iter().filter(is_told).collect()
    }

    fn findings_with(&self, account: Option<&RefundAccount>, now: jiff::Timestamp) -> Vec<Finding> {
        let asked = Asked {
            generation: self.known.channel.generation,
            pg: &self.known.channel.pg,
            amount: self.typed(),
            tax_free: self.typed_tax_free(),
            vat: self.typed_vat(),
            reason: self.reason.text(),
            requester: self.requester,
            account,
            now,
        };
        feasible(&self.record, &asked)
    }

    /// Whether it may go as it is typed.
    pub fn may_go(&self, now: jiff::Timestamp) -> bool {
        let typed = [&self.amount, &self.tax_free, &self.vat];
        let readable = typed.into_iter().all(|edit| sheet::money(edit, self.currency()).is_ok());
        readable && !self.typed().is_zero() && may_go(&self.findings(now))
    }

    /// The rows that this payment has.
    pub fn rows(&self, now: jiff::Timestamp) -> Vec<RefundRow> {
        let mut rows = vec![RefundRow::Amount];
        let mixed = self.known.channel.terms.mixed_tax;
        // Of V1 nobody tells the tax-free part, so that it can be typed wherever there may be one.
        if self.record.tax_free.map_or(mixed, |tax_free| !tax_free.is_zero()) {
            rows.push(RefundRow::TaxFree);
        }
        if self.known.ours.iter().any(|ours| ours.intent.new.vat.is_some()) {
            rows.push(RefundRow::Vat);
        }
        rows.extend([RefundRow::Reason, RefundRow::Requester]);
        let without = self.findings_with(None, now);
        let wanted = without.iter().any(|finding| WANT_ACCOUNT.contains(&finding.rule.id.as_str()));
        if self.record.method == Method::VirtualAccount || wanted {
            rows.extend([RefundRow::Bank, RefundRow::Account, RefundRow::Holder, RefundRow::Phone]);
        }
        rows
    }

    /// The text that is typed in a row.
    pub const fn edit(&self, row: RefundRow) -> Option<&Edit> {
        match row {
            RefundRow::Amount => Some(&self.amount),
            RefundRow::TaxFree => Some(&self.tax_free),
            RefundRow::Vat => Some(&self.vat),
            RefundRow::Reason => Some(&self.reason),
            RefundRow::Account => Some(&self.account),
            RefundRow::Holder => Some(&self.holder),
            RefundRow::Phone => Some(&self.phone),
            RefundRow::Requester | RefundRow::Bank => None,
        }
    }

    const fn edit_mut(&mut self) -> Option<&mut Edit> {
        match self.focus {
            RefundRow::Amount => Some(&mut self.amount),
            RefundRow::TaxFree => Some(&mut self.tax_free),
            RefundRow::Vat => Some(&mut self.vat),
            RefundRow::Reason => Some(&mut self.reason),
            RefundRow::Account => Some(&mut self.account),
            RefundRow::Holder => Some(&mut self.holder),
            RefundRow::Phone => Some(&mut self.phone),
            RefundRow::Requester | RefundRow::Bank => None,
        }
    }

    /// The banks that the generation has a code for.
    fn banks(&self) -> Vec<&'static Bank> {
        let v2 = self.known.channel.generation == crate::domain::pg::Generation::V2;
        let has = |bank: &&Bank| if v2 { bank.v2.is_some() } else { bank.three_digits.is_some() };
        banks().iter().filter(has).collect()
    }

    fn turn(&mut self, forward: bool) {
        match self.focus {
            RefundRow::Requester => {
                let all = [None, Some(Requester::Customer), Some(Requester::Admin)];
                self.requester = turned(&all, &self.requester, forward);
            }
            RefundRow::Bank => {
                let all: Vec<Option<&'static Bank>> =
                    std::iter::once(None).chain(self.banks().into_iter().map(Some)).collect();
                self.bank = turned(&all, &self.bank, forward);
                self.bank_query.clear();
            }
            _ => {}
        }
    }

    /// A bank is found by what is typed of its name, in whichever language.
    fn find_bank(&mut self, key: Key) {
        self.said = self.bank_query.apply(key).said();
        let query = self.bank_query.text().trim().to_lowercase();
        if query.is_empty() {
            self.bank = None;
            return;
        }
        let holds = |bank: &&&'static Bank| {
            bank.ko.to_lowercase().contains(&query) || bank.en.to_lowercase().contains(&query)
        };
        if let Some(found) = self.banks().iter().find(holds) {
            self.bank = Some(found);
        } else {
            self.bank_query.clear();
            self.bank_query.apply(key);
        }
    }

    /// Writes all that is left into the form: on purpose, with a key of its own.
    fn fill(&mut self) {
        let Some(balance) = self.record.balance() else { return };
        self.amount.set(&balance.wire_major());
        if let Some(tax_free) = self.record.tax_free.filter(|tax_free| !tax_free.is_zero()) {
            let gone = self.record.cancelled_tax_free.map_or(0, Money::minor);
            let left = Money::new(tax_free.minor().saturating_sub(gone), tax_free.currency());
            self.tax_free.set(&left.unwrap_or(tax_free).wire_major());
        }
    }

    fn order(&self, id: PaymentId) -> Option<RefundOrder> {
        Some(RefundOrder {
            id,
            channel: self.known.channel.clone(),
            payment: self.record.id.clone(),
            provider_payment_id: self.record.payment.provider_payment_id.clone(),
            amount: Some(self.typed()).filter(|amount| !amount.is_zero())?,
            tax_free: self.typed_tax_free(),
            vat: self.typed_vat(),
            balance: self.record.balance()?,
            reason: self.reason.text().trim().to_owned(),
            requester: self.requester,
            account: self.typed_account(),
        })
    }

    /// Whether the question can be answered with yes.
    pub fn is_ready(&self) -> bool {
        match &self.phase {
            RefundPhase::Question { id: Some(_), armed: true, earlier } => {
                earlier.is_none() || self.guard_reason.text().trim().chars().count() >= REASON_MIN
            }
            _ => false,
        }
    }

    /// Whether the request is under way.
    pub const fn is_flying(&self) -> bool {
        matches!(self.phase, RefundPhase::Flight(_))
    }

    pub(super) fn looked(&mut self, intent: &Intent) -> bool {
        let RefundPhase::End(id, end @ (RefundStand::Unknown | RefundStand::Requested(_))) = &mut self.phase
        else {
            return false;
        };
        if intent.new.id != *id || !intent.state.is_settled() {
            return false;
        }
        *end = match intent.state {
            IntentState::Approved => RefundStand::Done(None),
            IntentState::Declined => RefundStand::Failed(intent.refusal.clone().unwrap_or_default()),
            _ => {
                let why = Problem::Unreachable { detail: intent.why.clone().unwrap_or_default() };
                RefundStand::NotSent(why, Vec::new())
            }
        };
        true
    }

    /// What of it would be lost by leaving.
    pub fn is_typed(&self) -> bool {
        let typed = [&self.amount, &self.reason, &self.account, &self.holder];
        matches!(self.phase, RefundPhase::Form) && typed.into_iter().any(|edit| !edit.is_empty())
    }
}

impl Model {
    /// Opens the form on the payment that is looked at.
    pub(super) fn open_refund(&mut self) -> Vec<Effect> {
        let effect = self.effect();
        let Some(detail) = self.detail.as_ref().filter(|detail| detail.may_refund()) else {
            self.said = Some(text!("history.said.not-refundable"));
            return Vec::new();
        };
        let Some(known) = &detail.known else { return Vec::new() };
        if known.offline.is_some() {
            // What the balance is must be known before anything is given back.
            self.said = Some(text!("history.said.offline"));
            return Vec::new();
        }
        if let Some(refund) = Refund::open(effect, known) {
            self.place = Place::Refund(Box::new(refund));
        }
        Vec::new()
    }

    pub(super) fn refund_key(&mut self, key: Key) -> Vec<Effect> {
        let Place::Refund(refund) = &mut self.place else { return Vec::new() };
        match refund.phase {
            RefundPhase::Form => self.refund_form_key(key),
            RefundPhase::Question { .. } => self.refund_question_key(key),
            // What is under way is seen to its end.
            RefundPhase::Flight(_) => Vec::new(),
            RefundPhase::End(..) => match resolve(&[Context::Notice], key) {
                Some(Action::Cancel) => {
                    self.place = Place::Detail;
                    self.look_again()
                }
                _ => Vec::new(),
            },
        }
    }

    fn refund_form_key(&mut self, key: Key) -> Vec<Effect> {
        let now = self.now();
        let Place::Refund(refund) = &mut self.place else { return Vec::new() };
        let told = refund.said.take().is_some_and(|said| said.key == LEAVE_AGAIN);
        let rows = refund.rows(now);
        if refund.edit(refund.focus).is_none() && !matches!(key.code, Code::Char(_) | Code::Backspace) {
            match resolve(&[Context::Menu], key) {
                Some(Action::Left) => refund.turn(false),
                Some(Action::Right) => refund.turn(true),
                _ => {}
            }
        }
        match resolve(&[Context::Sheet], key) {
            Some(Action::NextField) => refund.focus = neighbour(&rows, refund.focus, true),
            Some(Action::PrevField) => refund.focus = neighbour(&rows, refund.focus, false),
            Some(Action::Advance) if rows.last() != Some(&refund.focus) => {
                refund.focus = neighbour(&rows, refund.focus, true);
            }
            Some(Action::Advance | Action::Submit) => return self.ask_to_refund(),
            Some(Action::FillAll) => refund.fill(),
            // What was typed is not thrown away unasked.
            Some(Action::Cancel) if !told && refund.is_typed() => {
                refund.said = Some(Text::new(LEAVE_AGAIN));
            }
            Some(Action::Cancel) => {
                self.place = Place::Detail;
                return self.look_again();
            }
            _ if refund.focus == RefundRow::Bank => {
                if matches!(key.code, Code::Char(_) | Code::Backspace) {
                    refund.find_bank(key);
                }
            }
            _ => {
                if let Some(edit) = refund.edit_mut() {
                    let changed = edit.apply(key);
                    refund.said = changed.said();
                }
            }
        }
        Vec::new()
    }

    pub(super) fn refund_pasted(&mut self, ch: Option<char>) {
        let Place::Refund(refund) = &mut self.place else { return };
        let edit = match &refund.phase {
            RefundPhase::Form => refund.edit_mut(),
            RefundPhase::Question { earlier: Some(_), .. } => Some(&mut refund.guard_reason),
            _ => None,
        };
        if let Some(edit) = edit {
            refund.said = edit.pasted(ch).said();
        }
    }

    fn ask_to_refund(&mut self) -> Vec<Effect> {
        let (now, effect) = (self.now(), self.effect());
        let Place::Refund(refund) = &mut self.place else { return Vec::new() };
        if !refund.may_go(now) {
            refund.said = Some(text!("history.refund.blocked"));
            refund.tried = true;
            let mut must =
                [(RefundRow::Amount, &refund.amount), (RefundRow::Reason, &refund.reason)].into_iter();
            if let Some((row, _)) = must.find(|(_, edit)| edit.text().trim().is_empty()) {
                refund.focus = row;
            }
            return Vec::new();
        }
        refund.effect = effect;
        refund.phase = RefundPhase::Question { id: None, armed: false, earlier: None };
        vec![Effect::Mint(effect), Effect::Set(Timer::ConfirmArmed, ARM_AFTER)]
    }

    pub(super) fn refund_minted(&mut self, effect: EffectId, minted: PaymentId) {
        if let Place::Refund(refund) = &mut self.place
            && refund.effect == effect
            && let RefundPhase::Question { id, .. } = &mut refund.phase
        {
            *id = Some(minted);
        }
    }

    pub(super) fn refund_armed(&mut self) {
        if let Place::Refund(refund) = &mut self.place
            && let RefundPhase::Question { armed, .. } = &mut refund.phase
        {
            *armed = true;
        }
    }

    fn refund_question_key(&mut self, key: Key) -> Vec<Effect> {
        let Place::Refund(refund) = &mut self.place else { return Vec::new() };
        match resolve(&[Context::Confirm], key) {
            Some(Action::Cancel) => {
                refund.phase = RefundPhase::Form;
                refund.guard_reason.clear();
                return vec![Effect::Unset(Timer::ConfirmArmed)];
            }
            Some(Action::Confirm) if refund.is_ready() => return self.let_refund_go(),
            Some(Action::Confirm) => {}
            _ => {
                if matches!(refund.phase, RefundPhase::Question { earlier: Some(_), .. }) {
                    let changed = refund.guard_reason.apply(key);
                    refund.said = changed.said();
                }
            }
        }
        Vec::new()
    }

    fn let_refund_go(&mut self) -> Vec<Effect> {
        let effect = self.effect();
        let Place::Refund(refund) = &mut self.place else { return Vec::new() };
        let RefundPhase::Question { id: Some(id), earlier, .. } = &refund.phase else { return Vec::new() };
        let id = id.clone();
        let guard = match earlier {
            Some(_) => GuardChoice::Override(refund.guard_reason.text().trim().to_owned()),
            None => GuardChoice::Check,
        };
        let Some(order) = refund.order(id.clone()).map(Box::new) else { return Vec::new() };
        refund.effect = effect;
        // The account is sent and not kept, on the screen neither.
        refund.sent = Some(Box::new(RefundOrder { account: None, ..(*order).clone() }));
        refund.is_current = false;
        refund.phase = RefundPhase::Flight(id);
        vec![Self::ask(Ask::Refund(effect, order, guard))]
    }

    pub(super) fn refunded(&mut self, effect: EffectId, end: RefundEnd) -> Vec<Effect> {
        let Place::Refund(refund) = &mut self.place else { return Vec::new() };
        let RefundPhase::Flight(id) = &refund.phase else { return Vec::new() };
        if refund.effect != effect {
            return Vec::new();
        }
        let id = id.clone();
        let RefundEnd { outcome, cancellation, findings, payment } = end;
        if let Some(payment) = payment {
            refund.record = *payment;
            refund.is_current = true;
        }
        let stand = match outcome {
            Outcome::Approved(_) => RefundStand::Done(cancellation),
            Outcome::Declined(refusal) => RefundStand::Failed(refusal),
            Outcome::Unknown(why) if why == REQUESTED => RefundStand::Requested(cancellation),
            Outcome::Unknown(_) => RefundStand::Unknown,
            Outcome::NotCharged(problem) => RefundStand::NotSent(problem, findings),
            Outcome::Blocked(earlier) => {
                // Nothing was sent: the same question again, under another id, with a reason.
                let effect = self.effect();
                let Place::Refund(refund) = &mut self.place else { return Vec::new() };
                refund.effect = effect;
                refund.phase = RefundPhase::Question { id: None, armed: false, earlier: Some(earlier) };
                return vec![Effect::Mint(effect), Effect::Set(Timer::ConfirmArmed, ARM_AFTER)];
            }
        };
        for edit in [&mut refund.account, &mut refund.holder, &mut refund.phone] {
            edit.clear();
        }
        // What the PG has only taken on is followed like what nobody saw the end of.
        let open = matches!(stand, RefundStand::Unknown | RefundStand::Requested(_));
        refund.phase = RefundPhase::End(id.clone(), stand);
        let mut effects = if open { vec![Effect::Look(id)] } else { Vec::new() };
        effects.extend(self.look_again());
        effects
    }
}
