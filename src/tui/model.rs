//! The state of the whole console and its pure update: which screen, which overlay, which payments are still
//! being looked for.

mod help;

use std::time::Duration;

use jiff::Timestamp;

use super::edit::Edit;
use super::input::{Code, Key, Mods};
use super::keymap::{Action, BINDINGS, Context, Tab, resolve};
use super::msg::{Effect, HookTrouble, Msg, Timer};
use super::screen::Screen;
use super::screen::billing::model as billing;
use super::screen::calendar::model as calendar;
use super::screen::history::model as history;
use super::screen::keyin::model as keyin;
use super::theme::Name as ThemeName;
use crate::domain::card::CardSlot;
use crate::domain::channel::{Channel, Mode};
use crate::domain::draft::Mark;
use crate::domain::intent::{Intent, IntentKind, IntentState};
use crate::domain::outcome::Look;
use crate::domain::payment::PaymentId;
use crate::domain::problem::Problem;
use crate::i18n::{Catalogue, Lang, Text};
use crate::text;

pub use help::HelpRow;

/// The smallest terminal that anything is drawn for.
pub const MIN_SIZE: (u16, u16) = (80, 24);

/// How long a notice stays.
const NOTICE: Duration = Duration::from_secs(12);

/// The pauses between looks at an unknown payment; the last one repeats until somebody knows.
const PAUSES: [Duration; 8] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(15),
    Duration::from_secs(30),
    Duration::from_secs(45),
    Duration::from_mins(1),
];

/// What the console is told at its start.
#[derive(Debug, Clone)]
pub struct Setup {
    /// What the store is called.
    pub store: String,
    /// Who works here.
    pub operator: String,
    /// Wall clock.
    pub now: Timestamp,
    /// Language.
    pub lang: Lang,
    /// Theme.
    pub theme: ThemeName,
    /// Columns and rows.
    pub size: (u16, u16),
    /// The key-in screen's part; the other screens' forms are made of it, too.
    pub keyin: keyin::Setup,
}

/// What lies over the screen.
#[derive(Debug, Clone, PartialEq)]
pub enum Overlay {
    /// The help, scrolled down so many lines.
    Help(usize),
    /// The command palette.
    Palette(Palette),
    /// The choice of a channel.
    Channels(usize),
    /// Leave although something is typed or under way?
    Quit,
    /// Empty the form?
    Clear,
}

/// The command palette.
#[derive(Debug, Clone, PartialEq)]
pub struct Palette {
    /// What is searched for.
    pub query: Edit,
    /// The marked row.
    pub at: usize,
}

/// An unknown payment that is being looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Watch {
    payment: PaymentId,
    looks: usize,
    due: bool,
}

/// The console.
#[derive(Debug, Clone)]
pub struct Model {
    /// What the store is called.
    pub store: String,
    /// Who works here.
    pub operator: String,
    /// The wall clock, to the minute.
    pub now: Timestamp,
    /// Language.
    pub lang: Lang,
    /// Theme.
    pub theme: ThemeName,
    /// Columns and rows.
    pub size: (u16, u16),
    /// What lies over the screen.
    pub overlay: Option<Overlay>,
    /// The tab that is shown.
    pub tab: Tab,
    /// The key-in screen.
    pub keyin: keyin::Model,
    /// The billing keys.
    pub billing: billing::Model,
    /// The calendar of schedules.
    pub calendar: calendar::Model,
    /// The history of payments.
    pub history: history::Model,
    /// A line that tells what happened behind the screen.
    pub notice: Option<Text>,
    /// Since when the voice recording is paused.
    pub paused: Option<Timestamp>,
    watches: Vec<Watch>,
}

impl Model {
    /// The console at its start, and what it wants done first.
    pub fn new(setup: Setup) -> (Self, Vec<Effect>) {
        let rows = setup.size.1;
        let mut model = Self {
            store: setup.store,
            operator: setup.operator,
            now: setup.now,
            lang: setup.lang,
            theme: setup.theme,
            size: setup.size,
            overlay: None,
            tab: Tab::KeyIn,
            billing: billing::Model::new(setup.keyin.clone()),
            calendar: calendar::Model::new(setup.keyin.clone()),
            history: history::Model::new(setup.keyin.clone()),
            keyin: keyin::Model::new(setup.keyin),
            notice: None,
            paused: None,
            watches: Vec::new(),
        };
        model.billing.resize(rows);
        model.calendar.resize(rows);
        model.history.resize(rows);
        let effects = vec![Effect::AdoptDraft, Effect::WarningsAway, Effect::Settle, model.next_minute()];
        (model, effects)
    }

    /// The tab that is shown.
    fn screen(&self) -> &dyn Screen {
        match self.tab {
            Tab::KeyIn => &self.keyin,
            Tab::Billing => &self.billing,
            Tab::Calendar => &self.calendar,
            Tab::History => &self.history,
        }
    }

    fn screen_mut(&mut self) -> &mut dyn Screen {
        match self.tab {
            Tab::KeyIn => &mut self.keyin,
            Tab::Billing => &mut self.billing,
            Tab::Calendar => &mut self.calendar,
            Tab::History => &mut self.history,
        }
    }

    /// The form in which something is typed now.
    pub const fn form(&self) -> Option<&keyin::Model> {
        match self.tab {
            Tab::KeyIn => Some(&self.keyin),
            Tab::Billing => self.billing.form(),
            Tab::Calendar | Tab::History => None,
        }
    }

    const fn form_mut(&mut self) -> Option<&mut keyin::Model> {
        match self.tab {
            Tab::KeyIn => Some(&mut self.keyin),
            Tab::Billing => self.billing.form_mut(),
            Tab::Calendar | Tab::History => None,
        }
    }

    /// The chosen channel, where one is chosen.
    pub fn channel(&self) -> Option<&Channel> {
        self.form().map(|form| form.fields.channel())
    }

    /// Whether real money may move here: through the chosen channel, or any where none is chosen.
    pub fn is_live(&self) -> bool {
        match self.channel() {
            Some(channel) => channel.mode == Mode::Live,
            None => self.keyin.channels().iter().any(|channel| channel.mode == Mode::Live),
        }
    }

    /// How many payments are still being looked for.
    pub const fn unknown_count(&self) -> usize {
        self.watches.len()
    }

    /// Whether the terminal is too small to show everything that matters. Keys are ignored then: a payment
    /// must not be made blindly.
    pub const fn is_too_small(&self) -> bool {
        self.size.0 < MIN_SIZE.0 || self.size.1 < MIN_SIZE.1
    }

    /// Where keys go, innermost first.
    pub fn contexts(&self) -> Vec<Context> {
        let mut contexts = match &self.overlay {
            Some(Overlay::Help(_)) => vec![Context::Help],
            Some(Overlay::Palette(_)) => vec![Context::Palette],
            Some(Overlay::Channels(_)) => vec![Context::Choice],
            Some(Overlay::Quit | Overlay::Clear) => vec![Context::Confirm],
            None => self.screen().contexts(),
        };
        contexts.push(Context::Global);
        contexts
    }

    /// Whether an action does something now.
    pub fn offers(&self, action: Action) -> bool {
        match &self.overlay {
            None => self.screen_offers(action),
            Some(Overlay::Quit | Overlay::Clear) => !matches!(action, Action::Left | Action::Right),
            Some(_) => true,
        }
    }

    /// What an action is called here, when not as everywhere, as the catalogue's key.
    pub fn calls(&self, action: Action) -> Option<&'static str> {
        if self.overlay.is_some() { None } else { self.form()?.calls(action) }
    }

    fn screen_offers(&self, action: Action) -> bool {
        match action {
            Action::Go(tab) => tab != self.tab && !self.screen().holds(),
            action => self.screen().offers(action),
        }
    }

    /// The card field that takes digits now, and whether it has room.
    pub fn card_target(&self) -> Option<(CardSlot, bool)> {
        if self.overlay.is_some() || self.is_too_small() { None } else { self.screen().card_target() }
    }

    /// What would be left behind by quitting now, as the catalogue's key of the sentence that says so.
    pub fn quitting_leaves(&self) -> Option<&'static str> {
        if !self.watches.is_empty() {
            return Some("quit.flying");
        }
        let all: [&dyn Screen; 4] = [&self.keyin, &self.billing, &self.calendar, &self.history];
        let left: Vec<&'static str> = all.into_iter().filter_map(Screen::quitting_leaves).collect();
        // What is under way matters more than what is typed.
        left.iter().find(|what| **what == "quit.flying").or(left.first()).copied()
    }

    /// Shows another tab. A card that is being typed does not outlive the look at it.
    fn go(&mut self, tab: Tab) -> Vec<Effect> {
        if !self.screen_offers(Action::Go(tab)) {
            return Vec::new();
        }
        let mut effects = self.screen_mut().leave();
        self.tab = tab;
        effects.extend(self.screen_mut().enter());
        self.follow(effects)
    }

    fn next_minute(&self) -> Effect {
        let into = self.now.as_millisecond().rem_euclid(60_000);
        Effect::Set(Timer::Minute, Duration::from_millis(u64::try_from(60_000 - into).unwrap_or(60_000)))
    }

    /// Takes a message.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        match msg {
            Msg::Resize(columns, rows) => {
                self.size = (columns, rows);
                self.billing.resize(rows);
                self.calendar.resize(rows);
                self.history.resize(rows);
                Vec::new()
            }
            Msg::Timer(Timer::Minute, now) => {
                self.now = now;
                self.keyin.tick(now);
                self.billing.tick(now);
                self.calendar.tick(now);
                self.history.tick(now);
                vec![self.next_minute()]
            }
            Msg::Timer(Timer::NoticeGone, _) => {
                self.notice = None;
                Vec::new()
            }
            Msg::Timer(Timer::NextLook, _) => self.look_now(),
            Msg::Looked(payment, look) => self.looked(&payment, look),
            Msg::Settled(found) => self.settled(found),
            // The end of a paste is always told: a form that waits for it would never move on.
            Msg::Key(_) | Msg::PasteStart | Msg::PasteChar(_) if self.is_too_small() => Vec::new(),
            Msg::Key(key) => self.key(key),
            Msg::PasteChar(ch) if self.overlay.is_some() => {
                if let Some(Overlay::Palette(palette)) = &mut self.overlay {
                    palette.query.paste_char(ch);
                    palette.at = 0;
                }
                Vec::new()
            }
            Msg::PasteStart if self.overlay.is_some() => Vec::new(),
            Msg::Marked(mark, kept, trouble) => self.marked(mark, kept, trouble),
            Msg::Slip(written) => self.tell(match written {
                Ok(Some(path)) => text!("notice.slip-written", path = path),
                Ok(None) => text!("notice.copied"),
                Err(why) => text!("notice.slip-failed", why = why),
            }),
            msg => {
                let ended = matches!(msg, Msg::Ended(..) | Msg::KeyEnded(..));
                let effects = self.route(msg);
                let mut effects = self.follow(effects);
                if ended && self.paused.is_some() {
                    effects.extend(self.tell(text!("notice.resume-recording")));
                }
                effects
            }
        }
    }

    /// Hands a message to whom it is for: what is typed and the clocks of a form to the tab that is shown, the
    /// key-in's own to it, an answer to whoever asked (numbers tell).
    fn route(&mut self, msg: Msg) -> Vec<Effect> {
        match msg {
            Msg::PasteStart
            | Msg::PasteChar(_)
            | Msg::PasteEnd
            | Msg::Card(_)
            | Msg::Timer(
                Timer::IdleWipe | Timer::ConfirmArmed | Timer::FlightSecond | Timer::FlightDeadline,
                _,
            ) => self.screen_mut().update(msg),
            Msg::Billing(_) | Msg::Timer(Timer::BillingSearch, _) => self.billing.update(msg),
            Msg::Calendar(_) | Msg::Timer(Timer::CalendarRest | Timer::CalendarDay, _) => {
                self.calendar.update(msg)
            }
            Msg::History(_) | Msg::Timer(Timer::HistoryPoll, _) => self.history.update(msg),
            Msg::Deposit(..)
            | Msg::CallerHere(..)
            | Msg::Caller(..)
            | Msg::Draft(_)
            | Msg::Timer(Timer::NextDeposit | Timer::DraftDue | Timer::CallerDue, _) => {
                self.keyin.update(msg)
            }
            msg => {
                let mut effects = self.keyin.update(msg.clone());
                effects.extend(self.billing.update(msg.clone()));
                effects.extend(self.calendar.update(msg.clone()));
                effects.extend(self.history.update(msg));
                effects
            }
        }
    }

    /// What the screen wants done: a payment it looks at goes on the watch list, a copy is told of.
    fn follow(&mut self, mut effects: Vec<Effect>) -> Vec<Effect> {
        let mut told = Vec::new();
        for effect in &effects {
            match effect {
                Effect::Look(payment) => self.watch(payment),
                // The clipboard never answers, so "sent" is all that is known.
                Effect::Copy(_) => told = self.tell(text!("notice.copied")),
                _ => {}
            }
        }
        effects.extend(told);
        effects
    }

    fn watch(&mut self, payment: &PaymentId) {
        if !self.watches.iter().any(|watch| watch.payment == *payment) {
            self.watches.push(Watch { payment: payment.clone(), looks: 0, due: false });
        }
    }

    fn look_now(&mut self) -> Vec<Effect> {
        let due = self
            .watches
            .iter_mut()
            .filter_map(|watch| std::mem::take(&mut watch.due).then(|| Effect::Look(watch.payment.clone())));
        due.collect()
    }

    fn looked(&mut self, payment: &PaymentId, look: Look) -> Vec<Effect> {
        match look {
            Look::Settled(intent) => {
                let watched = self.watches.iter().any(|watch| watch.payment == *payment);
                self.watches.retain(|watch| watch.payment != *payment);
                let mut effects = self.keyin.looked(&intent);
                effects.extend(self.billing.looked(&intent));
                self.calendar.looked(&intent);
                effects.extend(self.history.looked(&intent));
                if watched {
                    effects.extend(self.tell(settled_text(&intent)));
                }
                effects
            }
            Look::Open(_) | Look::Failed(_) => {
                self.keyin.count_look(payment);
                if let Some(form) = self.billing.form_mut() {
                    form.count_look(payment);
                }
                let Some(watch) = self.watches.iter_mut().find(|watch| watch.payment == *payment) else {
                    return Vec::new();
                };
                let pause = PAUSES[watch.looks.min(PAUSES.len() - 1)];
                watch.looks += 1;
                watch.due = true;
                vec![Effect::Set(Timer::NextLook, pause)]
            }
        }
    }

    fn settled(&mut self, found: Result<Vec<(PaymentId, Look)>, Problem>) -> Vec<Effect> {
        match found {
            Ok(looks) => {
                let mut effects = Vec::new();
                for (payment, look) in looks {
                    // What another console is waiting for is its own business.
                    if look == Look::Open("held_by_another_console") {
                        continue;
                    }
                    self.watch(&payment);
                    effects.extend(self.looked(&payment, look));
                }
                effects
            }
            Err(_) => self.tell(text!("notice.settle-failed")),
        }
    }

    /// The recording is paused, or goes on: from now, whatever the ledger says about it.
    fn toggle_recording(&mut self) -> Vec<Effect> {
        let mark = if self.paused.take().is_some() {
            Mark::RecordingResumed
        } else {
            self.paused = Some(self.now);
            Mark::RecordingPaused
        };
        vec![Effect::Mark(mark)]
    }

    /// What came of a mark: only trouble is told, and none of it stops anything.
    fn marked(&mut self, mark: Mark, kept: Result<(), Problem>, trouble: Option<HookTrouble>) -> Vec<Effect> {
        let pausing = mark == Mark::RecordingPaused;
        match (kept, trouble) {
            (Err(_), _) => self.tell(text!("notice.mark-not-kept")),
            (Ok(()), None) => Vec::new(),
            (Ok(()), Some(_)) if pausing => self.tell(text!("notice.pause-failed")),
            (Ok(()), Some(_)) => self.tell(text!("notice.resume-failed")),
        }
    }

    /// A slip of the payment on the screen, to the clipboard and where slips go.
    fn slip(&mut self) -> Vec<Effect> {
        let slip = self.form().and_then(|form| form.slip(&self.store, self.lang));
        let Some((payment, text)) = slip else { return Vec::new() };
        vec![Effect::Copy(text.clone()), Effect::Slip(payment, text)]
    }

    fn tell(&mut self, text: Text) -> Vec<Effect> {
        self.notice = Some(text);
        vec![Effect::Set(Timer::NoticeGone, NOTICE)]
    }

    fn key(&mut self, key: Key) -> Vec<Effect> {
        let action = resolve(&self.contexts(), key);
        if self.overlay.is_some() {
            return self.overlay_key(key, action);
        }
        self.act(action, key)
    }

    /// Does what a key means, pressed or chosen in the palette.
    fn act(&mut self, action: Option<Action>, key: Key) -> Vec<Effect> {
        if let Some(action) = action.filter(|action| is_own(*action)) {
            return self.run(action);
        }
        let effects = self.screen_mut().update(Msg::Key(key));
        self.follow(effects)
    }

    /// Runs an action that belongs to the console as a whole.
    fn run(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::Help => self.overlay = Some(Overlay::Help(0)),
            Action::Palette => {
                self.overlay = Some(Overlay::Palette(Palette { query: Edit::new(40), at: 0 }));
            }
            Action::Theme => self.theme = self.theme.next(),
            Action::Language => self.lang = self.lang.other(),
            Action::Redraw => return vec![Effect::Redraw],
            Action::Recording => return self.toggle_recording(),
            Action::Slip => return self.slip(),
            Action::Go(tab) => return self.go(tab),
            Action::Channel if self.screen().offers(Action::Channel) => {
                let chosen = self.form().map_or(0, keyin::Model::chosen_channel);
                self.overlay = Some(Overlay::Channels(chosen));
            }
            Action::ClearForm if self.screen().offers(Action::ClearForm) => {
                self.overlay = Some(Overlay::Clear);
            }
            Action::Quit => {
                if self.quitting_leaves().is_none() {
                    return vec![Effect::WipeCard, Effect::Quit];
                }
                self.overlay = Some(Overlay::Quit);
            }
            _ => {}
        }
        Vec::new()
    }

    fn overlay_key(&mut self, key: Key, action: Option<Action>) -> Vec<Effect> {
        let page = self.help_height();
        let last = self.help_rows().len().saturating_sub(page);
        match (&mut self.overlay, action) {
            (Some(Overlay::Quit), Some(Action::Confirm)) => return vec![Effect::WipeCard, Effect::Quit],
            (Some(Overlay::Clear), Some(Action::Confirm)) => {
                self.overlay = None;
                return self.form_mut().map(keyin::Model::clear).unwrap_or_default();
            }
            (_, Some(Action::Cancel)) => self.overlay = None,
            (Some(Overlay::Help(at)), Some(action)) => {
                *at = match action {
                    Action::Up => at.saturating_sub(1),
                    Action::Down => *at + 1,
                    Action::PageUp => at.saturating_sub(page),
                    Action::PageDown => *at + page,
                    Action::First => 0,
                    Action::Last => last,
                    _ => *at,
                }
                .min(last);
            }
            (Some(Overlay::Channels(at)), Some(action)) => {
                let last = self.keyin.channels().len().saturating_sub(1);
                match action {
                    Action::Up => *at = at.saturating_sub(1),
                    Action::Down => *at = (*at + 1).min(last),
                    Action::First | Action::PageUp => *at = 0,
                    Action::Last | Action::PageDown => *at = last,
                    Action::Select => {
                        let at = *at;
                        self.overlay = None;
                        return self.form_mut().map(|form| form.choose_channel(at)).unwrap_or_default();
                    }
                    _ => {}
                }
            }
            (Some(Overlay::Palette(_)), action) => return self.palette_key(key, action),
            _ => {}
        }
        Vec::new()
    }

    fn palette_key(&mut self, key: Key, action: Option<Action>) -> Vec<Effect> {
        let commands = self.commands();
        let Some(Overlay::Palette(palette)) = &mut self.overlay else { return Vec::new() };
        match action {
            Some(Action::Up) => palette.at = palette.at.saturating_sub(1),
            Some(Action::Down) => palette.at = (palette.at + 1).min(commands.len().saturating_sub(1)),
            Some(Action::Select) => {
                let chosen = commands.get(palette.at).copied();
                self.overlay = None;
                if let Some((_, action, key)) = chosen {
                    return self.act(Some(action), key);
                }
            }
            _ => {
                if matches!(key.code, Code::Char(_) | Code::Backspace) && key.mods == Mods::NONE {
                    palette.query.apply(key);
                    palette.at = 0;
                }
            }
        }
        Vec::new()
    }

    /// What the palette offers now, filtered by what was typed: the help text's key, the action, its key.
    pub fn commands(&self) -> Vec<(&'static str, Action, Key)> {
        let query = match &self.overlay {
            Some(Overlay::Palette(palette)) => palette.query.text().to_lowercase(),
            _ => String::new(),
        };
        let mut contexts = self.screen().contexts();
        contexts.push(Context::Global);
        let matches = |help: &str| {
            let mut wanted = query.chars().filter(|ch| !ch.is_whitespace()).peekable();
            let texts = Lang::ALL.map(|lang| Catalogue::of(lang).get(help).to_lowercase()).join(" ");
            for ch in texts.chars() {
                wanted.next_if_eq(&ch);
            }
            wanted.peek().is_none()
        };
        BINDINGS
            .iter()
            .filter(|binding| contexts.contains(&binding.context))
            // A question is answered where it is asked, never through a list.
            .filter(|binding| !matches!(binding.action, Action::Palette | Action::Cancel | Action::Confirm))
            .filter(|binding| self.screen_offers(binding.action))
            .filter(|binding| matches(binding.help))
            .filter_map(|binding| Some((binding.help, binding.action, *binding.keys.first()?)))
            .collect()
    }
}

/// Whether an action is the console's own and not the screen's.
const fn is_own(action: Action) -> bool {
    matches!(
        action,
        Action::Help
            | Action::Palette
            | Action::Theme
            | Action::Language
            | Action::Redraw
            | Action::Quit
            | Action::Channel
            | Action::ClearForm
            | Action::Recording
            | Action::Slip
            | Action::Go(_)
    )
}

/// What became of a payment, a refund, or something about a billing key, behind the screen.
fn settled_text(intent: &Intent) -> Text {
    let amount = intent.new.amount.to_string();
    let last4 = intent.new.card.as_ref().map(|card| card.last4().to_owned()).unwrap_or_default();
    match (intent.new.kind, intent.state) {
        (IntentKind::IssueKey, IntentState::Approved) => text!("notice.key-made", last4 = last4),
        (IntentKind::IssueKey, _) => text!("notice.key-not-made", last4 = last4),
        (IntentKind::DeleteKey, IntentState::Approved) => text!("notice.key-deleted"),
        (IntentKind::DeleteKey, _) => text!("notice.key-not-deleted"),
        (IntentKind::RevokeSchedules, IntentState::Approved) => text!("notice.schedules-revoked"),
        (IntentKind::RevokeSchedules, _) => text!("notice.schedules-not-revoked"),
        (IntentKind::Refund, IntentState::Approved) => text!("notice.refunded", amount = amount),
        (IntentKind::Refund, _) => text!("notice.not-refunded", amount = amount),
        (_, IntentState::Approved) => text!("notice.settled-approved", amount = amount, last4 = last4),
        (_, IntentState::Declined) => text!("notice.settled-declined", amount = amount, last4 = last4),
        _ => text!("notice.settled-not-charged", amount = amount, last4 = last4),
    }
}

#[cfg(test)]
mod tests;
