//! A refund that stays unknown, settled by a person: the provider is asked first, and only what it can't tell is a
//! person's to say, who looked at the provider's own console. The amount is typed again, how they know is kept, and
//! nothing is sent. The twin of `danmal settle --id`.

use super::refund::{ARM_AFTER, LEAVE_AGAIN};
use super::{Ask, Known, Model, Ours, Place, sheet};
use crate::domain::intent::{Intent, IntentKind, IntentState};
use crate::domain::problem::Problem;
use crate::domain::record::PaymentRecord;
use crate::domain::refund::hand::{BY_HAND, ByHand, Evidence, Said};
use crate::i18n::Text;
use crate::text;
use crate::tui::choice::neighbour;
use crate::tui::edit::Edit;
use crate::tui::input::Key;
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::{Effect, EffectId, Timer};

/// A row of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HandRow {
    /// 콘솔의 결과
    Result,
    /// 환불금액, once more
    Amount,
    /// How they know.
    Reason,
}

impl HandRow {
    /// All of them, in their order.
    pub const ALL: [Self; 3] = [Self::Result, Self::Amount, Self::Reason];
}

/// How far it came.
#[derive(Debug, Clone, PartialEq)]
pub enum HandPhase {
    /// The provider is asked: what it can tell is no person's to say.
    Look,
    /// It could not tell; the form, beside what it showed.
    Form,
    /// The question.
    Question {
        /// Whether the key that opened the question is over.
        armed: bool,
    },
    /// The provider is asked once more, and what the person says is kept.
    Flight,
    /// What came of it.
    End(HandEnd),
}

/// How it ended.
#[derive(Debug, Clone, PartialEq)]
pub enum HandEnd {
    /// It counts as the person said: done, or not.
    Told(bool),
    /// Its end is known otherwise, by a look-up or by somebody else's word: nothing was settled here.
    Known(Box<Intent>),
    /// It is not yet a person's to say; a word why.
    Waits(&'static str),
    /// The provider could not be asked; nothing changed.
    NotAsked(Problem),
    /// Nobody has seen whether it was kept.
    Unseen,
}

/// A refund that is to be settled by hand.
#[derive(Debug, Clone, PartialEq)]
pub struct Hand {
    effect: EffectId,
    intent: Box<Intent>,
    record: PaymentRecord,
    /// How far it came.
    pub phase: HandPhase,
    /// What the provider showed last, once it could not tell.
    pub evidence: Option<Box<Evidence>>,
    /// The row with the cursor.
    pub focus: HandRow,
    /// Whether the provider's console shows it as done; never set for anybody.
    pub done: Option<bool>,
    /// The amount of the refund, as typed once more.
    pub amount: Edit,
    /// How they know.
    pub reason: Edit,
    /// Whether it was to be settled with something wrong in it: then each row says what.
    pub tried: bool,
    /// What was typed last could not be taken, or what there is to see has changed.
    pub said: Option<Text>,
    /// Why it could not be settled just now; nothing changed.
    pub problem: Option<Problem>,
}

impl Known {
    /// The oldest refund of it whose end nobody has seen.
    pub fn unknown_refund(&self) -> Option<&Ours> {
        let unknown = |ours: &&Ours| {
            ours.intent.new.kind == IntentKind::Refund && ours.intent.state == IntentState::Unknown
        };
        self.ours.iter().find(unknown)
    }
}

impl Hand {
    fn open(effect: EffectId, known: &Known) -> Option<Self> {
        Some(Self {
            effect,
            intent: Box::new(known.unknown_refund()?.intent.clone()),
            record: known.record()?.clone(),
            phase: HandPhase::Look,
            evidence: None,
            focus: HandRow::Result,
            done: None,
            amount: Edit::new(20),
            reason: Edit::new(100),
            tried: false,
            said: None,
            problem: None,
        })
    }

    /// The refund.
    pub const fn intent(&self) -> &Intent {
        &self.intent
    }

    /// The payment.
    pub const fn record(&self) -> &PaymentRecord {
        &self.record
    }

    /// The text that is typed in a row.
    pub const fn edit(&self, row: HandRow) -> Option<&Edit> {
        match row {
            HandRow::Result => None,
            HandRow::Amount => Some(&self.amount),
            HandRow::Reason => Some(&self.reason),
        }
    }

    const fn edit_mut(&mut self) -> Option<&mut Edit> {
        match self.focus {
            HandRow::Result => None,
            HandRow::Amount => Some(&mut self.amount),
            HandRow::Reason => Some(&mut self.reason),
        }
    }

    /// What is wrong with a row, as the catalogue's key.
    pub fn wrong(&self, row: HandRow) -> Option<&'static str> {
        match row {
            HandRow::Result if self.done.is_none() => Some("history.hand.result-missing"),
            HandRow::Amount => {
                let amount = self.intent.new.amount;
                match sheet::money(&self.amount, amount.currency()) {
                    Ok(Some(typed)) if typed == amount => None,
                    Ok(None) => Some("history.hand.amount-missing"),
                    Ok(Some(_)) | Err(_) => Some("history.hand.other-amount"),
                }
            }
            HandRow::Reason if self.reason.text().trim().is_empty() => Some("history.hand.reason-missing"),
            HandRow::Result | HandRow::Reason => None,
        }
    }

    /// Whether the question can be asked.
    pub fn may_go(&self) -> bool {
        HandRow::ALL.into_iter().all(|row| self.wrong(row).is_none())
    }

    /// Whether the question can be answered with yes.
    pub const fn is_ready(&self) -> bool {
        matches!(self.phase, HandPhase::Question { armed: true, .. })
    }

    /// Whether what the person says is being kept.
    pub const fn is_flying(&self) -> bool {
        matches!(self.phase, HandPhase::Flight)
    }

    /// What of it would be lost by leaving.
    pub fn is_typed(&self) -> bool {
        let typed = self.done.is_some() || !self.amount.is_empty() || !self.reason.is_empty();
        typed && matches!(self.phase, HandPhase::Form | HandPhase::Question { .. })
    }

    /// A look-up of the journal's has settled it meanwhile.
    pub(super) fn looked(&mut self, intent: &Intent) -> bool {
        let open = match self.phase {
            HandPhase::Form | HandPhase::Question { .. } | HandPhase::End(HandEnd::Waits(_)) => true,
            // These have an answer of their own coming, or have had it.
            HandPhase::Look | HandPhase::Flight | HandPhase::End(_) => false,
        };
        if !open || intent.new.id != self.intent.new.id || !intent.state.is_settled() {
            return false;
        }
        self.phase = HandPhase::End(HandEnd::Known(Box::new(intent.clone())));
        true
    }

    /// Opens the question, or says in each row what is wrong with it.
    fn ask(&mut self) -> Vec<Effect> {
        self.tried = true;
        if let Some(row) = HandRow::ALL.into_iter().find(|row| self.wrong(*row).is_some()) {
            self.focus = row;
            return Vec::new();
        }
        self.phase = HandPhase::Question { armed: false };
        vec![Effect::Set(Timer::ConfirmArmed, ARM_AFTER)]
    }

    /// What a settled refund means for whoever said something about it.
    fn end_of(&self, intent: Box<Intent>) -> HandEnd {
        let done = intent.state == IntentState::Approved;
        let as_said = self.is_flying() && intent.why.as_deref() == Some(BY_HAND) && self.done == Some(done);
        if as_said { HandEnd::Told(done) } else { HandEnd::Known(intent) }
    }
}

impl Model {
    /// Asks the provider about the unknown refund of the payment that is looked at; a form follows when it can't tell.
    pub(super) fn open_hand(&mut self) -> Vec<Effect> {
        let effect = self.effect();
        let Some(known) = self.detail.as_ref().and_then(|detail| detail.known.as_ref()) else {
            return Vec::new();
        };
        let Some(hand) = Hand::open(effect, known) else {
            self.said = Some(text!("history.said.nothing-unknown"));
            return Vec::new();
        };
        if known.offline.is_some() {
            self.said = Some(text!("history.said.offline"));
            return Vec::new();
        }
        let refund = hand.intent.new.id.clone();
        self.said = None;
        self.place = Place::Hand(Box::new(hand));
        vec![Self::ask(Ask::LookByHand(effect, refund))]
    }

    pub(super) fn hand_key(&mut self, key: Key) -> Vec<Effect> {
        let Place::Hand(hand) = &mut self.place else { return Vec::new() };
        match hand.phase {
            // An answer that comes later finds nobody: it was a look-up, and what it settled is settled.
            HandPhase::Look | HandPhase::End(_) => match resolve(&[Context::Notice], key) {
                Some(Action::Cancel) => self.leave_hand(),
                _ => Vec::new(),
            },
            HandPhase::Form => self.hand_form_key(key),
            HandPhase::Question { .. } => match resolve(&[Context::Confirm], key) {
                Some(Action::Cancel) => {
                    hand.phase = HandPhase::Form;
                    vec![Effect::Unset(Timer::ConfirmArmed)]
                }
                Some(Action::Confirm) if hand.is_ready() => self.settle_by_hand(),
                _ => Vec::new(),
            },
            HandPhase::Flight => Vec::new(),
        }
    }

    fn leave_hand(&mut self) -> Vec<Effect> {
        self.place = Place::Detail;
        self.look_again()
    }

    fn hand_form_key(&mut self, key: Key) -> Vec<Effect> {
        let Place::Hand(hand) = &mut self.place else { return Vec::new() };
        let told = hand.said.take().is_some_and(|said| said.key == LEAVE_AGAIN);
        hand.problem = None;
        let turns = matches!(resolve(&[Context::Menu], key), Some(Action::Left | Action::Right));
        if hand.focus == HandRow::Result && turns {
            // There are two, and neither is chosen for anybody.
            hand.done = Some(!hand.done.unwrap_or(false));
        }
        match resolve(&[Context::Sheet], key) {
            Some(Action::NextField) => hand.focus = neighbour(&HandRow::ALL, hand.focus, true),
            Some(Action::PrevField) => hand.focus = neighbour(&HandRow::ALL, hand.focus, false),
            Some(Action::Advance) if hand.focus != HandRow::Reason => {
                hand.focus = neighbour(&HandRow::ALL, hand.focus, true);
            }
            Some(Action::Advance | Action::Submit) => return hand.ask(),
            // What was typed is not thrown away unasked.
            Some(Action::Cancel) if !told && hand.is_typed() => hand.said = Some(Text::new(LEAVE_AGAIN)),
            Some(Action::Cancel) => return self.leave_hand(),
            _ => {
                if let Some(edit) = hand.edit_mut() {
                    hand.said = edit.apply(key).said();
                }
            }
        }
        Vec::new()
    }

    pub(super) fn hand_pasted(&mut self, ch: Option<char>) {
        if let Place::Hand(hand) = &mut self.place
            && hand.phase == HandPhase::Form
            && let Some(edit) = hand.edit_mut()
        {
            hand.said = edit.pasted(ch).said();
        }
    }

    pub(super) fn hand_armed(&mut self) {
        if let Place::Hand(hand) = &mut self.place
            && let HandPhase::Question { armed, .. } = &mut hand.phase
        {
            *armed = true;
        }
    }

    fn settle_by_hand(&mut self) -> Vec<Effect> {
        let effect = self.effect();
        let Place::Hand(hand) = &mut self.place else { return Vec::new() };
        let (Some(evidence), Some(done)) = (&hand.evidence, hand.done) else { return Vec::new() };
        let said = Said { done, reason: hand.reason.text().trim().to_owned() };
        let ask = Ask::SettleByHand(effect, evidence.clone(), said);
        hand.effect = effect;
        hand.phase = HandPhase::Flight;
        vec![Self::ask(ask)]
    }

    /// What the look-up found, or what came of what the person said.
    pub(super) fn hand_came(&mut self, effect: EffectId, found: Result<ByHand, Problem>) -> Vec<Effect> {
        let Place::Hand(hand) = &mut self.place else {
            // Somebody left before the look-up's answer came; what it settled is told by the timeline.
            return match (&self.place, found) {
                (Place::Detail, Ok(ByHand::Settled(_))) => self.look_again(),
                _ => Vec::new(),
            };
        };
        let flying = hand.is_flying();
        if hand.effect != effect || !(flying || hand.phase == HandPhase::Look) {
            return Vec::new();
        }
        let end = match found {
            Ok(ByHand::Undecided(evidence)) => {
                if flying {
                    // Of something else than what was shown nothing was said: it is looked at and said anew.
                    hand.said = Some(text!("by-hand.changed"));
                    (hand.done, hand.focus, hand.tried) = (None, HandRow::Result, false);
                }
                hand.evidence = Some(evidence);
                hand.phase = HandPhase::Form;
                return Vec::new();
            }
            // What was typed stays. To say it again is harmless: the provider is asked first.
            Err(problem) if flying && problem != Problem::Died => {
                hand.problem = Some(problem);
                hand.phase = HandPhase::Form;
                return Vec::new();
            }
            Err(_) if flying => HandEnd::Unseen,
            Err(problem) => HandEnd::NotAsked(problem),
            Ok(ByHand::Settled(intent)) => hand.end_of(intent),
            Ok(ByHand::Waits(why)) => HandEnd::Waits(why),
        };
        hand.phase = HandPhase::End(end);
        self.look_again()
    }
}
