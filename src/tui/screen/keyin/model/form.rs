//! Filling the form: which key does what in which field, and when the cursor moves by itself.

use super::fields::{Field, IdentityKind, Way};
use super::{Model, Panel, Phase, WayOut};
use crate::domain::card::{CardFacts, CardSlot, ExpiryVerdict};
use crate::domain::pg::Need;
use crate::text;
use crate::tui::choice::turned;
use crate::tui::edit::{Changed, Edit};
use crate::tui::input::{Code, Key, Mods};
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::{Effect, Timer};

impl Model {
    /// The timer that wipes a half-typed card, set anew by every key.
    pub(super) fn touch(&self) -> Effect {
        if self.fields.card.is_empty() {
            Effect::Unset(Timer::IdleWipe)
        } else {
            Effect::Set(Timer::IdleWipe, self.setup.idle_wipe)
        }
    }

    /// Something was typed: what was said about the key before is over.
    fn hear(&mut self) {
        self.way_out = WayOut::Stays;
        self.said = None;
        self.panel = self.panel.take().filter(Panel::stays);
    }

    pub(super) fn form_key(&mut self, key: Key) -> Vec<Effect> {
        let mut effects = vec![self.touch()];
        let leaving = self.way_out == WayOut::Asked;
        self.hear();
        match resolve(&[Context::Form], key) {
            Some(Action::NextField) => self.go(self.neighbour(true)),
            Some(Action::PrevField) => self.go(self.neighbour(false)),
            Some(Action::Advance) => effects.extend(self.advance()),
            Some(Action::Submit) => effects.extend(self.submit()),
            Some(Action::ToggleIdentityKind) => effects.extend(self.toggle_identity()),
            Some(Action::Way) => effects.extend(self.other_way()),
            Some(Action::More) => self.toggle_more(),
            Some(Action::Notes) => self.show_all_notes(),
            Some(Action::Caller) => self.ask_for_caller(true),
            Some(Action::FillFromLast) => self.fill_from_last(),
            Some(Action::Cancel) => effects.extend(self.escape(leaving)),
            _ => self.edit_key(key, &mut effects),
        }
        effects
    }

    pub(super) fn edit_key(&mut self, key: Key, effects: &mut Vec<Effect>) {
        if let Some(slot) = self.focus.slot() {
            // Backspace and digits came as facts; here is what else a card field knows.
            if matches!(key.code, Code::Delete) || key == Key::ctrl('u') {
                effects.push(Effect::ClearSlot(slot));
            } else if matches!(key.code, Code::Char(_)) && key.mods == Mods::NONE {
                let full = key.digit().is_some();
                self.said =
                    Some(if full { text!("keyin.said.full") } else { text!("keyin.said.digits-only") });
            }
            return;
        }
        if self.focus.is_choice() {
            self.choose_key(key);
            return;
        }
        let changed = self.fields.edits.get_mut(&self.focus).map(|edit| edit.apply(key));
        self.after_edit(changed);
    }

    /// A key in a field where one of a few is chosen.
    fn choose_key(&mut self, key: Key) {
        let field = self.focus;
        match (key.code, key.digit()) {
            (Code::Left, _) => self.fields.step(field, false),
            (Code::Char(' '), _) if field == Field::Bank && self.fields.bank_query.is_empty() => {
                self.picking = Some(self.fields.bank_at().unwrap_or(0));
            }
            (Code::Char(_) | Code::Backspace, _) if field == Field::Bank => {
                let found = self.fields.find_bank(key);
                self.said = (!found).then(|| text!("keyin.said.no-bank"));
            }
            (Code::Right | Code::Char(' '), _) => self.fields.step(field, true),
            (_, Some(digit)) => self.fields.choose_by_digit(field, digit),
            _ => {}
        }
        self.show_ready();
    }

    /// A key in the list of banks.
    pub(super) fn picking_key(&mut self, key: Key) -> Vec<Effect> {
        let last = self.fields.banks().len().saturating_sub(1);
        let Some(at) = &mut self.picking else { return Vec::new() };
        match resolve(&[Context::Choice], key) {
            Some(Action::Up) => *at = at.saturating_sub(1),
            Some(Action::Down) => *at = (*at + 1).min(last),
            Some(Action::PageUp) => *at = at.saturating_sub(10),
            Some(Action::PageDown) => *at = (*at + 10).min(last),
            Some(Action::First) => *at = 0,
            Some(Action::Last) => *at = last,
            Some(Action::Select) => {
                let at = *at;
                self.picking = None;
                self.fields.choose_bank(at);
                self.go(self.fields.next_to_fill(Field::Bank).unwrap_or_else(|| self.neighbour(true)));
                self.show_ready();
            }
            Some(Action::Cancel) => self.picking = None,
            _ => {}
        }
        Vec::new()
    }

    /// F7: card or virtual account. What both share stays; a card typed so far goes, because it would not be
    /// seen any more.
    fn other_way(&mut self) -> Vec<Effect> {
        let other = match self.fields.way() {
            Way::Card => Way::Account,
            Way::Account => Way::Card,
            Way::Register | Way::Charge => return Vec::new(),
        };
        self.fields.choose_way(other);
        self.panel = None;
        self.kept = None;
        self.show_new_notes();
        if !self.fields.visible().any(|field| field == self.focus) {
            self.focus = self
                .fields
                .visible()
                .find(|field| self.fields.stops(*field))
                .unwrap_or_else(|| self.first_field());
        }
        if self.fields.way() == Way::Account && !self.fields.card.is_empty() {
            self.fields.forget_card();
            self.said = Some(text!("keyin.said.card-wiped"));
            return vec![Effect::WipeCard, Effect::Unset(Timer::IdleWipe)];
        }
        Vec::new()
    }

    /// F6: the extras.
    fn toggle_more(&mut self) {
        self.fields.more = !self.fields.more;
        self.fields.attended = None;
        if !self.fields.visible().any(|field| field == self.focus) {
            self.focus = self.first_field();
        }
    }

    pub(super) fn after_edit(&mut self, changed: Option<Changed>) {
        match changed {
            Some(Changed::Refused(refusal)) => self.said = Some(refusal.text()),
            Some(Changed::Text) => self.show_ready(),
            Some(Changed::Nothing | Changed::Cursor) | None => {}
        }
    }

    pub(super) fn neighbour(&self, forward: bool) -> Field {
        let fields: Vec<Field> = self.fields.visible().collect();
        turned(&fields, &self.focus, forward)
    }

    pub(super) fn go(&mut self, to: Field) {
        if !self.visited.contains(&self.focus) && !self.fields.is_blank(self.focus) {
            self.visited.push(self.focus);
        }
        if self.focus != to {
            self.fields.leave();
            if self.focus == Field::Phone {
                self.ask_for_caller(false);
            }
        }
        self.focus = to;
    }

    /// Enter: on to the next field that still needs something; when none does, to the question.
    pub(super) fn advance(&mut self) -> Vec<Effect> {
        if self.focus == Field::Bank && self.fields.bank.is_none() {
            self.picking = Some(0);
            return Vec::new();
        }
        if self.fields.stops(self.focus) {
            self.stop_at(self.focus);
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
    pub(super) fn submit(&mut self) -> Vec<Effect> {
        let stopping = self.fields.visible().find(|field| self.fields.stops(*field));
        match stopping {
            Some(field) => {
                self.go(field);
                self.stop_at(field);
                Vec::new()
            }
            None => self.open_confirm(),
        }
    }

    /// Shows what is wrong with a field; of one that is empty nothing can be seen, so it is said.
    fn stop_at(&mut self, field: Field) {
        self.mark(field);
        if self.fields.is_blank(field) {
            self.said = Some(text!("keyin.error.required"));
        }
    }

    fn mark(&mut self, field: Field) {
        if !self.visited.contains(&field) {
            self.visited.push(field);
        }
    }

    pub(super) fn fresh(&mut self, same_customer: bool) -> Vec<Effect> {
        self.phase = Phase::Form;
        self.panel = None;
        self.said = None;
        self.kept = None;
        self.picking = None;
        self.visited.clear();
        self.forget_draft();
        if !same_customer {
            self.caller = None;
        }
        let order_name = self.setup.order_name.clone();
        self.fields = if same_customer {
            self.fields.next_for_same_customer(&order_name)
        } else {
            self.fields.emptied(&order_name)
        };
        self.focus = if same_customer && self.fields.way() == Way::Register {
            Field::Number
        } else {
            self.first_field()
        };
        let mut effects = vec![Effect::WipeCard, Effect::Unset(Timer::IdleWipe)];
        if self.fields.way().is_key_in() {
            effects.push(Effect::Unset(Timer::NextDeposit));
        }
        effects
    }

    /// Empties the form. Whoever calls this has asked.
    pub fn clear(&mut self) -> Vec<Effect> {
        let mut effects = self.fresh(false);
        effects.append(&mut self.wants);
        effects
    }

    /// What became of the last attempt gives way once the next one is ready: then it is the next step that
    /// matters.
    pub(super) fn show_ready(&mut self) {
        if self.fields.are_complete() && self.panel.as_ref().is_some_and(Panel::stays) {
            self.put_notes_away();
            self.panel = None;
            self.kept = None;
        }
    }

    /// Esc in the form wipes the card and keeps the rest. There is nothing further out from a payment by phone; from a
    /// form about a key there is whoever opened it. `again` says that the key before was the same one.
    pub(super) fn escape(&mut self, again: bool) -> Vec<Effect> {
        // Whatever else Esc puts away, a card that is being typed goes with it.
        self.put_notes_away();
        self.panel = None;
        self.kept = None;
        if self.fields.card.is_empty() {
            if self.fields.way().is_key_in() {
                return Vec::new();
            }
            if again || self.is_pristine() {
                return self.leave_for_good();
            }
            self.way_out = WayOut::Asked;
            self.said = Some(text!("keyin.said.leave-typed"));
            return Vec::new();
        }
        self.wipe_card();
        self.said = Some(text!("keyin.said.card-wiped"));
        vec![Effect::WipeCard, Effect::Unset(Timer::IdleWipe)]
    }

    pub(super) fn wipe_card(&mut self) {
        self.fields.forget_card();
        self.visited.retain(|field| field.slot().is_none());
        if self.focus.slot().is_some() {
            self.focus = Field::Number;
        }
    }

    pub(super) fn toggle_identity(&mut self) -> Vec<Effect> {
        self.fields.identity_kind = match self.fields.identity_kind {
            IdentityKind::Person => IdentityKind::Business,
            IdentityKind::Business => IdentityKind::Person,
        };
        vec![Effect::ClearSlot(CardSlot::Identity)]
    }

    /// Chooses a channel by its place in [`Model::channels`]. The card typed so far stays: the same caller
    /// reads it to the same person.
    pub fn choose_channel(&mut self, at: usize) -> Vec<Effect> {
        let mut effects = self.take_channel(at);
        effects.append(&mut self.wants);
        effects
    }

    pub(super) fn take_channel(&mut self, at: usize) -> Vec<Effect> {
        let Some(channel) = self.setup.channels.get(at).cloned() else { return Vec::new() };
        if self.fields.ways_of(&channel).is_empty() {
            self.said = Some(text!("keyin.said.channel-unfit", channel = channel.name));
            return Vec::new();
        }
        self.put_notes_away();
        self.channel = at;
        self.fields.change_channel(channel);
        self.show_new_notes();
        if !self.fields.visible().any(|field| field == self.focus) {
            self.focus = self.first_field();
        }
        // A card that is not seen any more must not stay.
        if self.fields.way() == Way::Account && !self.fields.card.is_empty() {
            self.fields.forget_card();
            return vec![Effect::WipeCard, Effect::Unset(Timer::IdleWipe)];
        }
        // A field that the new channel ignores must not be sent with it.
        [Field::Identity, Field::Pin]
            .into_iter()
            .filter(|field| self.fields.need(*field) == Need::Ignored)
            .filter_map(Field::slot)
            .map(Effect::ClearSlot)
            .collect()
    }

    pub(super) fn card_changed(&mut self, facts: CardFacts) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.hear();
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
        self.ask_for_issuer();
        if slot == CardSlot::Expiry && self.fields.card.expiry == ExpiryVerdict::Reversed {
            self.fields.card.expiry_turned = true;
            effects.push(Effect::SwapExpiry);
        }
        if grew && !self.pasting && self.focus.slot() == Some(slot) && self.fields.is_full(slot) {
            self.move_on();
        }
        self.show_ready();
        effects.push(self.touch());
        effects
    }

    /// Six digits stand there: who has issued cards that begin so?
    fn ask_for_issuer(&mut self) {
        let prefix = &self.fields.card.prefix;
        if prefix.len() == 6 && self.hint.as_ref().is_none_or(|hint| hint.0 != *prefix) {
            self.hint = Some((prefix.clone(), None));
            self.wants.push(Effect::Issuer(prefix.clone()));
        }
    }

    /// A field of fixed length is full: on to the next one.
    pub(super) fn move_on(&mut self) {
        let next = self.neighbour(true);
        // The last field has nothing behind it.
        if next > self.focus {
            self.go(next);
        } else {
            self.mark(self.focus);
        }
    }

    pub(super) fn paste_char(&mut self, ch: char) {
        match &mut self.phase {
            Phase::Form if self.focus == Field::Bank => {
                self.choose_key(Key::char(ch));
            }
            Phase::Form if self.focus.slot().is_none() => {
                let changed = self.fields.edits.get_mut(&self.focus).map(|edit| edit.paste_char(ch));
                self.after_edit(changed);
            }
            Phase::Confirm(confirm) if confirm.wants_reason() => {
                confirm.reason.paste_char(ch);
            }
            _ => {}
        }
    }

    pub(super) fn paste_end(&mut self) -> Vec<Effect> {
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
            Phase::Confirm(confirm) if confirm.wants_reason() => {
                confirm.reason.paste_end();
            }
            _ => {}
        }
        vec![self.touch()]
    }
}
