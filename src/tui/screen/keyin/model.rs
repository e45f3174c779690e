//! The state of the key-in screen and its pure update: no terminal, no clock, no network, no card digit.

pub mod fields;

use std::time::Duration;

use crate::domain::card::{CardEnding, CardFacts, CardSlot, ExpiryVerdict};
use crate::domain::channel::Channel;
use crate::domain::intent::{Approval, Intent};
use crate::domain::order::KeyInOrder;
use crate::domain::outcome::{Outcome, Stage};
use crate::domain::payment::{PaymentId, Refusal};
use crate::domain::pg::Need;
use crate::domain::problem::Problem;
use crate::i18n::Text;
use crate::text;
use crate::tui::edit::{Changed, Edit};
use crate::tui::input::{Code, Key, Mods};
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::{Effect, EffectId, GuardChoice, Msg, Timer};

use fields::{Field, Fields, IdentityKind};

/// How long a confirmation can't be answered after it opened: the Enter that opened it must not answer it.
const ARM_AFTER: Duration = Duration::from_millis(300);
/// How much longer than the request's own limit the console waits before it calls the outcome unknown.
const FLIGHT_SLACK: Duration = Duration::from_secs(30);
/// The fewest characters of a reason to charge in spite of the guard.
const REASON_MIN: usize = 2;

/// What the screen is told at its start.
#[derive(Debug, Clone)]
pub struct Setup {
    /// What the store is called; the confirmation names it.
    pub store: String,
    /// The channels that offer key-in, at least one.
    pub channels: Vec<Channel>,
    /// Which one comes first.
    pub first: usize,
    /// What stands in the order name of an empty form.
    pub order_name: String,
    /// After so long without a key a half-typed card goes.
    pub idle_wipe: Duration,
    /// The longest a request can take.
    pub overall: Duration,
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
    effect: EffectId,
    /// The order, once its id was minted.
    pub order: Option<KeyInOrder>,
    /// The card's ending.
    pub ending: CardEnding,
    armed: bool,
    checked: bool,
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
    effect: EffectId,
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

/// A panel under the form: what happened, until something is typed.
#[derive(Debug, Clone, PartialEq)]
pub enum Panel {
    /// The PG said no to this order.
    Declined(Box<KeyInOrder>, Refusal),
    /// Nothing was sent or taken.
    Problem(Problem),
    /// The guard stopped it after the question: somebody else charged in between.
    Blocked(Box<Intent>),
    /// The half-typed card was wiped.
    IdleWiped,
    /// Something about the last key, at the focused field.
    Said(Text),
}

/// The key-in screen.
#[derive(Debug, Clone)]
pub struct Model {
    setup: Setup,
    channel: usize,
    /// What stands in the form.
    pub fields: Fields,
    /// The field with the cursor.
    pub focus: Field,
    /// Fields that were left once: only they show what is wrong.
    visited: Vec<Field>,
    /// Where the screen is.
    pub phase: Phase,
    /// A panel under the form.
    pub panel: Option<Panel>,
    pasting: bool,
    next_effect: u64,
}

impl Model {
    /// An empty form, the cursor in the amount (the order name has its default).
    pub fn new(setup: Setup) -> Self {
        let channel = setup.first.min(setup.channels.len().saturating_sub(1));
        let fields = Fields::new(setup.channels[channel].clone(), &setup.order_name);
        let mut model = Self {
            setup,
            channel,
            fields,
            focus: Field::Amount,
            visited: Vec::new(),
            phase: Phase::Form,
            panel: None,
            pasting: false,
            next_effect: 0,
        };
        model.focus = model.first_field();
        model
    }

    fn first_field(&self) -> Field {
        if self.fields.is_blank(Field::OrderName) { Field::OrderName } else { Field::Amount }
    }

    /// What the store is called.
    pub fn store(&self) -> &str {
        &self.setup.store
    }

    /// The channels to choose from.
    pub fn channels(&self) -> &[Channel] {
        &self.setup.channels
    }

    /// Which one is chosen.
    pub const fn chosen_channel(&self) -> usize {
        self.channel
    }

    /// Where keys go, innermost first.
    pub const fn context(&self) -> Context {
        match &self.phase {
            Phase::Form => Context::Form,
            Phase::Confirm(_) => Context::Confirm,
            Phase::Flight(_) => Context::Flight,
            Phase::Result(_) => Context::Result,
        }
    }

    /// Whether an action does something now, for the footer.
    pub fn offers(&self, action: Action) -> bool {
        match (&self.phase, action) {
            (Phase::Form, Action::ToggleIdentityKind) => self.fields.need(Field::Identity) != Need::Ignored,
            (Phase::Form, Action::Channel) => self.setup.channels.len() > 1,
            (Phase::Form, Action::ClearForm) => !self.is_pristine(),
            (Phase::Confirm(confirm), Action::Confirm) => confirm.is_ready(),
            (Phase::Confirm(_), Action::Left | Action::Right) => false,
            (Phase::Result(finished), Action::Copy) => {
                matches!(&finished.end, End::Approved(approval) if approval.approval_number.is_some())
            }
            (Phase::Result(finished), Action::LookUpAgain) => matches!(finished.end, End::Unknown(_)),
            _ => true,
        }
    }

    /// The card field that takes digits now, and whether it has room for one more.
    pub fn card_target(&self) -> Option<(CardSlot, bool)> {
        if self.phase != Phase::Form {
            return None;
        }
        let slot = self.focus.slot()?;
        Some((slot, self.fields.has_room(slot)))
    }

    /// Whether nothing was typed yet.
    pub fn is_pristine(&self) -> bool {
        self.fields.card.is_empty()
            && self.fields.value(Field::OrderName) == self.setup.order_name
            && [Field::Amount, Field::TaxFree, Field::Name, Field::Phone, Field::Email]
                .into_iter()
                .all(|field| self.fields.is_blank(field))
    }

    /// Whether a request is under way.
    pub const fn is_flying(&self) -> bool {
        matches!(self.phase, Phase::Flight(_))
    }

    /// Whether a field has been left once.
    pub fn was_visited(&self, field: Field) -> bool {
        self.visited.contains(&field)
    }

    fn effect(&mut self) -> EffectId {
        self.next_effect += 1;
        EffectId(self.next_effect)
    }

    /// Takes a message.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        match msg {
            Msg::Key(key) => self.key(key),
            Msg::Card(facts) => self.card_changed(facts),
            Msg::PasteStart => {
                self.pasting = true;
                Vec::new()
            }
            Msg::PasteChar(ch) => {
                self.paste_char(ch);
                Vec::new()
            }
            Msg::PasteEnd => self.paste_end(),
            Msg::Timer(timer, _) => self.timer(timer),
            Msg::Minted(effect, id) => self.minted(effect, id),
            Msg::Earlier(effect, found) => self.earlier(effect, found),
            Msg::Progress(effect, stage) => {
                if let Phase::Flight(flight) = &mut self.phase
                    && flight.effect == effect
                {
                    flight.stage = stage;
                }
                Vec::new()
            }
            Msg::Ended(effect, end) => self.ended(effect, end.outcome),
            Msg::Died(Some(effect)) => self.ended(effect, Outcome::Unknown("panic".to_owned())),
            Msg::Resize(..) | Msg::Looked(..) | Msg::Settled(_) | Msg::Died(None) => Vec::new(),
        }
    }

    fn key(&mut self, key: Key) -> Vec<Effect> {
        match &self.phase {
            Phase::Form => self.form_key(key),
            Phase::Confirm(_) => self.confirm_key(key),
            Phase::Flight(_) => {
                if let (Some(Action::Cancel), Phase::Flight(flight)) =
                    (resolve(&[Context::Flight], key), &mut self.phase)
                {
                    flight.esc_pressed = true;
                }
                Vec::new()
            }
            Phase::Result(_) => self.result_key(key),
        }
    }

    /// The timer that wipes a half-typed card, set anew by every key.
    fn touch(&self) -> Effect {
        if self.fields.card.is_empty() {
            Effect::Unset(Timer::IdleWipe)
        } else {
            Effect::Set(Timer::IdleWipe, self.setup.idle_wipe)
        }
    }

    fn form_key(&mut self, key: Key) -> Vec<Effect> {
        let mut effects = vec![self.touch()];
        if matches!(self.panel, Some(Panel::Said(_) | Panel::IdleWiped)) {
            self.panel = None;
        }
        match resolve(&[Context::Form], key) {
            Some(Action::NextField) => self.go(self.neighbour(true)),
            Some(Action::PrevField) => self.go(self.neighbour(false)),
            Some(Action::Advance) => effects.extend(self.advance()),
            Some(Action::Submit) => effects.extend(self.submit()),
            Some(Action::ToggleIdentityKind) => effects.extend(self.toggle_identity()),
            Some(Action::ClearForm) => effects.extend(self.clear()),
            Some(Action::Cancel) => effects.extend(self.escape()),
            _ => self.edit_key(key, &mut effects),
        }
        effects
    }

    fn edit_key(&mut self, key: Key, effects: &mut Vec<Effect>) {
        if let Some(slot) = self.focus.slot() {
            // Backspace and digits came as facts; here is what else a card field knows.
            if matches!(key.code, Code::Delete) || key == Key::ctrl('u') {
                effects.push(Effect::ClearSlot(slot));
            } else if matches!(key.code, Code::Char(_)) && key.mods == Mods::NONE {
                let full = key.digit().is_some();
                self.panel = Some(Panel::Said(if full {
                    text!("keyin.said.full")
                } else {
                    text!("keyin.said.digits-only")
                }));
            }
            return;
        }
        if self.focus == Field::Installments {
            match key.code {
                Code::Left => self.fields.step_months(false),
                Code::Right | Code::Char(' ') => self.fields.step_months(true),
                Code::Char('0') => self.fields.months = 0,
                _ => {
                    if let Some(digit) = key.digit() {
                        self.fields.type_months(digit);
                    }
                }
            }
            return;
        }
        let changed = self.fields.edits.get_mut(&self.focus).map(|edit| edit.apply(key));
        self.after_edit(changed);
    }

    fn after_edit(&mut self, changed: Option<Changed>) {
        if let Some(Changed::Refused(refusal)) = changed {
            self.panel = Some(Panel::Said(refusal.text()));
        }
    }

    fn neighbour(&self, forward: bool) -> Field {
        let fields: Vec<Field> = self.fields.visible().collect();
        let at = fields.iter().position(|field| *field == self.focus).unwrap_or(0);
        let next = if forward { at + 1 } else { at + fields.len() - 1 } % fields.len();
        fields[next]
    }

    fn go(&mut self, to: Field) {
        if !self.visited.contains(&self.focus) && !self.fields.is_blank(self.focus) {
            self.visited.push(self.focus);
        }
        self.focus = to;
    }

    /// Enter: on to the next field that still needs something; when none does, to the question.
    fn advance(&mut self) -> Vec<Effect> {
        if self.fields.stops(self.focus) {
            self.mark(self.focus);
            return Vec::new();
        }
        match self.fields.next_to_fill(self.focus) {
            Some(field) => {
                self.go(field);
                Vec::new()
            }
            None => self.open_confirm(),
        }
    }

    /// F9: to the question, or to the first field that stops it.
    fn submit(&mut self) -> Vec<Effect> {
        let stopping = self.fields.visible().find(|field| self.fields.stops(*field));
        match stopping {
            Some(field) => {
                self.go(field);
                self.mark(field);
                Vec::new()
            }
            None => self.open_confirm(),
        }
    }

    fn mark(&mut self, field: Field) {
        if !self.visited.contains(&field) {
            self.visited.push(field);
        }
    }

    fn open_confirm(&mut self) -> Vec<Effect> {
        let Some(ending) = self.fields.card.ending.clone() else { return Vec::new() };
        let effect = self.effect();
        self.panel = None;
        self.phase = Phase::Confirm(Box::new(Confirm {
            effect,
            order: None,
            ending,
            armed: false,
            checked: false,
            earlier: None,
            reason: Edit::new(100),
            reason_asked: false,
        }));
        vec![Effect::Set(Timer::ConfirmArmed, ARM_AFTER), Effect::Mint(effect)]
    }

    fn minted(&mut self, effect: EffectId, id: PaymentId) -> Vec<Effect> {
        let Phase::Confirm(confirm) = &mut self.phase else { return Vec::new() };
        if confirm.effect != effect {
            return Vec::new();
        }
        let Some(order) = self.fields.order(id) else {
            self.phase = Phase::Form;
            return Vec::new();
        };
        confirm.order = Some(order.clone());
        vec![Effect::Earlier(effect, Box::new(order))]
    }

    fn earlier(&mut self, effect: EffectId, found: Result<Option<Box<Intent>>, Problem>) -> Vec<Effect> {
        let Phase::Confirm(confirm) = &mut self.phase else { return Vec::new() };
        if confirm.effect != effect {
            return Vec::new();
        }
        match found {
            Ok(earlier) => {
                confirm.earlier = earlier;
                confirm.checked = true;
            }
            // A journal that can't be read can't be written either: nothing would be sent.
            Err(problem) => {
                self.phase = Phase::Form;
                self.panel = Some(Panel::Problem(problem));
            }
        }
        Vec::new()
    }

    fn confirm_key(&mut self, key: Key) -> Vec<Effect> {
        let touch = self.touch();
        let Phase::Confirm(confirm) = &mut self.phase else { return Vec::new() };
        match resolve(&[Context::Confirm], key) {
            Some(Action::Cancel) => {
                self.phase = Phase::Form;
                return vec![touch, Effect::Unset(Timer::ConfirmArmed)];
            }
            Some(Action::Confirm) => {
                if !confirm.is_ready() {
                    return vec![touch];
                }
                let reason = confirm.reason.text().trim().to_owned();
                if confirm.earlier.is_some() && reason.chars().count() < REASON_MIN {
                    confirm.reason_asked = true;
                    return vec![touch];
                }
                return self.let_go();
            }
            _ => {}
        }
        if confirm.earlier.is_some() {
            confirm.reason.apply(key);
        }
        vec![touch]
    }

    fn let_go(&mut self) -> Vec<Effect> {
        let effect = self.effect();
        let Phase::Confirm(confirm) = std::mem::replace(&mut self.phase, Phase::Form) else {
            return Vec::new();
        };
        let Some(order) = confirm.order else { return Vec::new() };
        let guard = match confirm.earlier {
            Some(_) => GuardChoice::Override(confirm.reason.text().trim().to_owned()),
            None => GuardChoice::Check,
        };
        self.phase = Phase::Flight(Box::new(Flight {
            effect,
            order: order.clone(),
            ending: confirm.ending,
            seconds: 0,
            stage: Stage::Journal,
            esc_pressed: false,
        }));
        vec![
            Effect::Unset(Timer::IdleWipe),
            Effect::Set(Timer::FlightSecond, Duration::from_secs(1)),
            Effect::Set(Timer::FlightDeadline, self.setup.overall + FLIGHT_SLACK),
            Effect::Charge(effect, Box::new(order), guard),
        ]
    }

    fn ended(&mut self, effect: EffectId, outcome: Outcome) -> Vec<Effect> {
        let Phase::Flight(flight) = &self.phase else { return Vec::new() };
        if flight.effect != effect {
            return Vec::new();
        }
        let Phase::Flight(flight) = std::mem::replace(&mut self.phase, Phase::Form) else {
            return Vec::new();
        };
        let Flight { order, ending, .. } = *flight;
        self.fields.forget_card();
        self.visited.retain(|field| field.slot().is_none());
        let mut effects =
            vec![Effect::WipeCard, Effect::Unset(Timer::FlightSecond), Effect::Unset(Timer::FlightDeadline)];
        self.focus = Field::Number;
        match outcome {
            Outcome::Approved(approval) => {
                self.phase =
                    Phase::Result(Box::new(Finished { order, ending, end: End::Approved(approval) }));
            }
            Outcome::Unknown(_) => {
                effects.push(Effect::Look(order.sale.payment_id.clone()));
                self.phase = Phase::Result(Box::new(Finished { order, ending, end: End::Unknown(0) }));
            }
            Outcome::Declined(refusal) => self.panel = Some(Panel::Declined(Box::new(order), refusal)),
            Outcome::NotCharged(problem) => self.panel = Some(Panel::Problem(problem)),
            Outcome::Blocked(earlier) => self.panel = Some(Panel::Blocked(earlier)),
        }
        effects
    }

    /// What became of an unknown payment that is still on this screen.
    pub fn looked(&mut self, intent: &Intent) {
        let Phase::Result(finished) = &mut self.phase else { return };
        if finished.order.sale.payment_id != intent.new.id || !intent.state.is_settled() {
            return;
        }
        match (&intent.approval, &intent.refusal) {
            (Some(approval), _) => finished.end = End::Approved(approval.clone()),
            (None, refusal) => {
                self.panel = Some(match refusal {
                    Some(refusal) if intent.state.word() == "declined" => {
                        Panel::Declined(Box::new(finished.order.clone()), refusal.clone())
                    }
                    _ => Panel::Said(text!("keyin.said.not-charged")),
                });
                self.phase = Phase::Form;
                self.focus = Field::Number;
            }
        }
    }

    /// Counts a look at the unknown payment on this screen.
    pub fn count_look(&mut self, id: &PaymentId) {
        if let Phase::Result(finished) = &mut self.phase
            && finished.order.sale.payment_id == *id
            && let End::Unknown(looks) = &mut finished.end
        {
            *looks += 1;
        }
    }

    fn result_key(&mut self, key: Key) -> Vec<Effect> {
        let Phase::Result(finished) = &self.phase else { return Vec::new() };
        match resolve(&[Context::Result], key) {
            // An unknown payment is left with Esc alone: the Enter of an impatient hand must not open a
            // fresh form over "do not charge again".
            Some(Action::NewPayment) if matches!(finished.end, End::Approved(_)) => self.fresh(false),
            Some(Action::NewPayment | Action::SameCustomer) if matches!(finished.end, End::Unknown(_)) => {
                Vec::new()
            }
            Some(Action::SameCustomer) => self.fresh(true),
            Some(Action::Cancel) => self.fresh(false),
            Some(Action::Copy) => match &finished.end {
                End::Approved(Approval { approval_number: Some(number), .. }) => {
                    vec![Effect::Copy(number.to_string())]
                }
                _ => Vec::new(),
            },
            Some(Action::LookUpAgain) => match finished.end {
                End::Unknown(_) => vec![Effect::Look(finished.order.sale.payment_id.clone())],
                End::Approved(_) => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    fn fresh(&mut self, same_customer: bool) -> Vec<Effect> {
        self.phase = Phase::Form;
        self.panel = None;
        self.visited.clear();
        if same_customer {
            self.fields.next_for_same_customer(&self.setup.order_name);
        } else {
            let kind = self.fields.identity_kind;
            self.fields = Fields::new(self.setup.channels[self.channel].clone(), &self.setup.order_name);
            self.fields.identity_kind = kind;
        }
        self.focus = self.first_field();
        vec![Effect::WipeCard, Effect::Unset(Timer::IdleWipe)]
    }

    fn clear(&mut self) -> Vec<Effect> {
        self.fresh(false)
    }

    /// Esc in the form wipes the card and keeps the rest; there is nothing further out from here.
    fn escape(&mut self) -> Vec<Effect> {
        if self.panel.take().is_some() && self.fields.card.is_empty() {
            return Vec::new();
        }
        if self.fields.card.is_empty() {
            return Vec::new();
        }
        self.wipe_card();
        self.panel = Some(Panel::Said(text!("keyin.said.card-wiped")));
        vec![Effect::WipeCard, Effect::Unset(Timer::IdleWipe)]
    }

    fn wipe_card(&mut self) {
        self.fields.forget_card();
        self.visited.retain(|field| field.slot().is_none());
        if self.focus.slot().is_some() {
            self.focus = Field::Number;
        }
    }

    fn toggle_identity(&mut self) -> Vec<Effect> {
        self.fields.identity_kind = match self.fields.identity_kind {
            IdentityKind::Person => IdentityKind::Business,
            IdentityKind::Business => IdentityKind::Person,
        };
        vec![Effect::ClearSlot(CardSlot::Identity)]
    }

    /// Chooses a channel by its place in [`Model::channels`]. The card typed so far stays: the same caller
    /// reads it to the same person.
    pub fn choose_channel(&mut self, at: usize) -> Vec<Effect> {
        let Some(channel) = self.setup.channels.get(at).cloned() else { return Vec::new() };
        self.channel = at;
        self.fields.change_channel(channel);
        if !self.fields.visible().any(|field| field == self.focus) {
            self.focus = self.first_field();
        }
        // A field that the new channel ignores must not be sent with it.
        [Field::Identity, Field::Pin]
            .into_iter()
            .filter(|field| self.fields.need(*field) == Need::Ignored)
            .filter_map(Field::slot)
            .map(Effect::ClearSlot)
            .collect()
    }

    fn card_changed(&mut self, facts: CardFacts) -> Vec<Effect> {
        let mut effects = Vec::new();
        if matches!(self.panel, Some(Panel::Said(_) | Panel::IdleWiped)) {
            self.panel = None;
        }
        let slot = match &facts {
            CardFacts::Number { .. } => CardSlot::Number,
            CardFacts::Expiry { .. } => CardSlot::Expiry,
            CardFacts::Identity { .. } => CardSlot::Identity,
            CardFacts::Pin { .. } => CardSlot::Pin,
        };
        let grew = {
            let before = self.fields.len(slot);
            self.fields.learn(facts);
            self.fields.len(slot) > before
        };
        if slot == CardSlot::Expiry && self.fields.card.expiry == ExpiryVerdict::Reversed {
            self.fields.card.expiry_turned = true;
            effects.push(Effect::SwapExpiry);
        }
        if grew && !self.pasting && self.focus.slot() == Some(slot) && self.fields.is_full(slot) {
            self.move_on();
        }
        effects.push(self.touch());
        effects
    }

    /// A field of fixed length is full: on to the next one.
    fn move_on(&mut self) {
        let next = self.neighbour(true);
        // The last field has nothing behind it.
        if next > self.focus {
            self.go(next);
        } else {
            self.mark(self.focus);
        }
    }

    fn paste_char(&mut self, ch: char) {
        match &mut self.phase {
            Phase::Form if self.focus.slot().is_none() => {
                let changed = self.fields.edits.get_mut(&self.focus).map(|edit| edit.paste_char(ch));
                self.after_edit(changed);
            }
            Phase::Confirm(confirm) if confirm.earlier.is_some() => {
                confirm.reason.paste_char(ch);
            }
            _ => {}
        }
    }

    fn paste_end(&mut self) -> Vec<Effect> {
        self.pasting = false;
        match &mut self.phase {
            Phase::Form => match self.focus.slot() {
                Some(slot) if self.fields.is_full(slot) => self.move_on(),
                Some(_) => {}
                None => {
                    let changed = self.fields.edits.get_mut(&self.focus).map(Edit::paste_end);
                    self.after_edit(changed);
                }
            },
            Phase::Confirm(confirm) if confirm.earlier.is_some() => {
                confirm.reason.paste_end();
            }
            _ => {}
        }
        vec![self.touch()]
    }

    fn timer(&mut self, timer: Timer) -> Vec<Effect> {
        match (timer, &mut self.phase) {
            (Timer::IdleWipe, Phase::Form | Phase::Confirm(_)) if !self.fields.card.is_empty() => {
                self.phase = Phase::Form;
                self.wipe_card();
                self.panel = Some(Panel::IdleWiped);
                vec![Effect::WipeCard]
            }
            (Timer::ConfirmArmed, Phase::Confirm(confirm)) => {
                confirm.armed = true;
                Vec::new()
            }
            (Timer::FlightSecond, Phase::Flight(flight)) => {
                flight.seconds += 1;
                vec![Effect::Set(Timer::FlightSecond, Duration::from_secs(1))]
            }
            (Timer::FlightDeadline, Phase::Flight(flight)) => {
                let effect = flight.effect;
                self.ended(effect, Outcome::Unknown("deadline".to_owned()))
            }
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
