//! The history as a tab of the console: who gets which message.

use jiff::Timestamp;

use super::{Answer, CloseFace, Face, HandPhase, Model, Place, ReceiptPhase, RefundPhase};
use crate::domain::outcome::Outcome;
use crate::domain::problem::Problem;
use crate::tui::input::Key;
use crate::tui::keymap::{Action, Context};
use crate::tui::msg::{Effect, EffectId, Msg, Timer};
use crate::tui::screen::Screen;

impl Screen for Model {
    fn contexts(&self) -> Vec<Context> {
        match &self.place {
            Place::List => self.list_contexts(),
            Place::Search => vec![Context::Search],
            Place::Filter(_) => vec![Context::Menu],
            Place::Detail => vec![Context::Payment],
            Place::Refund(refund) => match &refund.phase {
                RefundPhase::Form => vec![Context::Sheet],
                RefundPhase::Question { .. } => vec![Context::Confirm],
                RefundPhase::Flight(_) => vec![Context::Flight],
                RefundPhase::End(..) => vec![Context::Notice],
            },
            Place::Hand(hand) => match &hand.phase {
                HandPhase::Form => vec![Context::Sheet],
                HandPhase::Question { .. } => vec![Context::Confirm],
                HandPhase::Flight => vec![Context::Flight],
                HandPhase::Look | HandPhase::End(_) => vec![Context::Notice],
            },
            Place::Owed(_) => vec![Context::Owed, Context::List],
            Place::Receipt(form) => match &form.phase {
                ReceiptPhase::Form => vec![Context::Sheet],
                ReceiptPhase::Question { .. } => vec![Context::Confirm],
                ReceiptPhase::Flight(_) => vec![Context::Flight],
                ReceiptPhase::End(..) => vec![Context::Notice],
            },
            Place::Close(closing) if closing.face == CloseFace::Kept => vec![Context::List],
            Place::Close(_) => vec![Context::Closing],
            Place::Exports(_) => vec![Context::Exports],
            Place::Export(export) if export.busy => vec![Context::Flight],
            Place::Export(export) if export.end.is_some() => vec![Context::Notice],
            Place::Export(_) => vec![Context::Sheet],
        }
    }

    fn offers(&self, action: Action) -> bool {
        match (&self.place, action) {
            // Whatever the marked row is: a footer that changes from row to row would be drawn anew at every step. Of
            // a payment that has nothing to give back the key says so.
            (Place::List, Action::Refund | Action::Select | Action::Export) => !self.rows.is_empty(),
            (Place::List, Action::Cancel) => !self.search.is_empty(),
            (Place::Detail, action) => self.detail_offers(action),
            (Place::Refund(refund), Action::Submit) => refund.may_go(self.now()),
            (Place::Refund(refund), Action::Confirm) => refund.is_ready(),
            (Place::Hand(hand), Action::Submit) => hand.may_go(),
            (Place::Hand(hand), Action::Confirm) => hand.is_ready(),
            (Place::Receipt(form), Action::Submit) => form.may_go(),
            (Place::Receipt(form), Action::Confirm) => form.is_ready(),
            (Place::Owed(owed), Action::Select) => owed.marked().is_some(),
            (Place::Close(closing), Action::DailyClose | Action::Reopen) => !closing.busy,
            (Place::Close(closing), Action::Select) => closing.marked().is_some(),
            // There is one thing to look in, and the copy has it all; a receipt is over all that is left, and what
            // is typed once more is not filled in; and the last belong to a form, and to the recording of its call.
            (Place::Search, Action::SearchIn)
            | (Place::Refund(_) | Place::Hand(_) | Place::Receipt(_), Action::Left | Action::Right)
            | (Place::Hand(_) | Place::Receipt(_), Action::FillAll)
            | (_, Action::Channel | Action::ClearForm | Action::Slip) => false,
            _ => true,
        }
    }

    fn update(&mut self, msg: Msg) -> Vec<Effect> {
        match msg {
            Msg::History(answer) => self.answered(*answer),
            Msg::Timer(Timer::HistoryPoll, _) => self.poll(),
            Msg::Timer(Timer::ConfirmArmed, _) => {
                self.refund_armed();
                self.hand_armed();
                self.receipt_armed();
                Vec::new()
            }
            Msg::Minted(effect, id) => {
                self.refund_minted(effect, id.clone());
                self.receipt_minted(effect, id);
                Vec::new()
            }
            Msg::Died(Some(effect)) => self.died(effect),
            Msg::Key(key) => {
                let mut effects = self.key(key);
                effects.extend(self.present());
                effects
            }
            Msg::PasteChar(ch) => self.pasted(Some(ch)),
            Msg::PasteEnd => self.pasted(None),
            _ => Vec::new(),
        }
    }

    fn tick(&mut self, now: Timestamp) {
        self.setup.now = now;
    }

    fn resize(&mut self, rows: u16) {
        // Header, tabs, a blank, search line, column names, position, notice and footer.
        self.height = usize::from(rows.saturating_sub(8)).max(1);
        self.rows.fit(self.height);
    }

    fn enter(&mut self) -> Vec<Effect> {
        self.shown = true;
        let mut effects = if std::mem::replace(&mut self.opened, true) {
            self.ask_for_list(super::list::How::Renew)
        } else {
            self.ask_for_list(super::list::How::Anew)
        };
        self.last_key = self.now();
        effects.extend(self.sync(crate::domain::sync::Depth::Usual));
        effects
    }

    fn leave(&mut self) -> Vec<Effect> {
        self.shown = false;
        self.polling = false;
        vec![Effect::Unset(Timer::HistoryPoll)]
    }

    fn quitting_leaves(&self) -> Option<&'static str> {
        match &self.place {
            Place::Refund(refund) if refund.is_flying() => Some("quit.flying"),
            Place::Refund(refund) if refund.is_typed() => Some("quit.typed"),
            Place::Hand(hand) if hand.is_flying() => Some("quit.flying"),
            Place::Hand(hand) if hand.is_typed() => Some("quit.typed"),
            Place::Receipt(form) if form.is_flying() => Some("quit.flying"),
            _ => None,
        }
    }

    fn holds(&self) -> bool {
        match &self.place {
            Place::Refund(refund) => !matches!(refund.phase, RefundPhase::End(..)),
            Place::Hand(hand) => !matches!(hand.phase, HandPhase::Look | HandPhase::End(_)),
            Place::Receipt(form) => !matches!(form.phase, ReceiptPhase::End(..)),
            Place::Export(export) => export.busy,
            Place::Close(closing) => closing.busy,
            _ => false,
        }
    }
}

impl Model {
    fn detail_offers(&self, action: Action) -> bool {
        let Some(detail) = &self.detail else { return true };
        let known = detail.known.as_ref().filter(|known| known.offline.is_none());
        match action {
            Action::Refund => known.is_some() && detail.may_refund(),
            Action::SettleByHand => known.is_some_and(|known| known.unknown_refund().is_some()),
            Action::Receipt => known.is_some(),
            Action::Qr => detail.receipt_url().is_some(),
            Action::Raw => detail.face != Face::Qr,
            Action::Channel | Action::ClearForm | Action::Slip => false,
            _ => true,
        }
    }

    fn key(&mut self, key: Key) -> Vec<Effect> {
        match &self.place {
            Place::List => self.list_key(key),
            Place::Search => self.search_key(key),
            Place::Filter(_) => self.filter_key(key),
            Place::Detail => self.detail_key(key),
            Place::Refund(_) => self.refund_key(key),
            Place::Hand(_) => self.hand_key(key),
            Place::Owed(_) => self.owed_key(key),
            Place::Receipt(_) => self.receipt_key(key),
            Place::Close(_) => self.close_key(key),
            Place::Export(_) => self.export_key(key),
            Place::Exports(_) => self.exports_key(key),
        }
    }

    /// A pasted character, or the end of the paste.
    fn pasted(&mut self, ch: Option<char>) -> Vec<Effect> {
        match (&self.place, ch) {
            (Place::Search, Some(ch)) => {
                self.search.paste_char(ch);
            }
            (Place::Search, None) => return self.search_pasted(),
            (Place::Refund(_), ch) => self.refund_pasted(ch),
            (Place::Hand(_), ch) => self.hand_pasted(ch),
            (Place::Receipt(_), ch) => self.receipt_pasted(ch),
            (Place::Export(_), ch) => self.export_pasted(ch),
            _ => {}
        }
        Vec::new()
    }

    fn answered(&mut self, answer: Answer) -> Vec<Effect> {
        match answer {
            Answer::List(question, found) => return self.list_came(question, found),
            Answer::Rows(question, asked, found) => return self.rows_came(question, &asked, found),
            Answer::Syncing(progress) => return self.syncing(progress),
            Answer::Synced(end) => return self.synced(end),
            Answer::Detail(id, found) => return self.detail_came(&id, found),
            Answer::Raw(id, raw) => self.raw_came(&id, raw),
            Answer::Refunded(effect, end) => return self.refunded(effect, *end),
            Answer::ByHand(effect, found) => return self.hand_came(effect, found),
            Answer::Owed(found) => self.owed_came(found),
            Answer::Receipt(effect, end) => return self.receipt_ended(effect, end),
            Answer::Closed(question, found) => return self.closed(question, found),
            Answer::Closes(found) => self.closes_came(found),
            Answer::Exported(effect, end) => self.exported(effect, end),
            Answer::Exports(found) => self.exports_came(found),
            // Without them none can be chosen; the list says what is wrong with the copy.
            Answer::Pgs(found) => self.pgs = found.unwrap_or_default(),
        }
        Vec::new()
    }

    /// A task of this screen died: what it sent, if anything, nobody has seen the end of.
    fn died(&mut self, effect: EffectId) -> Vec<Effect> {
        let unknown = || Outcome::Unknown("panic".to_owned());
        self.exported(effect, super::ExportEnd::Not(Problem::Stopped));
        let mut effects = self.refunded(effect, unknown().into());
        effects.extend(self.receipt_ended(effect, unknown().into()));
        effects.extend(self.hand_came(effect, Err(Problem::Died)));
        effects
    }
}
