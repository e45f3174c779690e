//! The state of the whole console and its pure update: which screen, which overlay, which payments are still
//! being looked for.

mod help;

use std::time::Duration;

use jiff::Timestamp;

use super::edit::Edit;
use super::input::{Code, Key, Mods};
use super::keymap::{Action, BINDINGS, Context, resolve};
use super::msg::{Effect, Msg, Timer};
use super::screen::keyin::model as keyin;
use super::theme::Name as ThemeName;
use crate::domain::card::CardSlot;
use crate::domain::channel::Channel;
use crate::domain::intent::{Intent, IntentState};
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
    /// The key-in screen's part.
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
    /// The key-in screen.
    pub keyin: keyin::Model,
    /// A line that tells what happened behind the screen.
    pub notice: Option<Text>,
    watches: Vec<Watch>,
}

impl Model {
    /// The console at its start, and what it wants done first.
    pub fn new(setup: Setup) -> (Self, Vec<Effect>) {
        let model = Self {
            store: setup.store,
            operator: setup.operator,
            now: setup.now,
            lang: setup.lang,
            theme: setup.theme,
            size: setup.size,
            overlay: None,
            keyin: keyin::Model::new(setup.keyin),
            notice: None,
            watches: Vec::new(),
        };
        let effects = vec![Effect::Settle, model.next_minute()];
        (model, effects)
    }

    /// The chosen channel.
    pub fn channel(&self) -> &Channel {
        self.keyin.fields.channel()
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
        let inner = match &self.overlay {
            Some(Overlay::Help(_)) => Context::Help,
            Some(Overlay::Palette(_)) => Context::Palette,
            Some(Overlay::Channels(_)) => Context::Choice,
            Some(Overlay::Quit | Overlay::Clear) => Context::Confirm,
            None => self.keyin.context(),
        };
        vec![inner, Context::Global]
    }

    /// Whether an action does something now.
    pub fn offers(&self, action: Action) -> bool {
        match &self.overlay {
            None => self.keyin.offers(action),
            Some(Overlay::Quit | Overlay::Clear) => !matches!(action, Action::Left | Action::Right),
            Some(_) => true,
        }
    }

    /// The card field that takes digits now, and whether it has room.
    pub fn card_target(&self) -> Option<(CardSlot, bool)> {
        if self.overlay.is_some() || self.is_too_small() { None } else { self.keyin.card_target() }
    }

    /// What would be left behind by quitting now, as the catalogue's key of the sentence that says so.
    pub fn quitting_leaves(&self) -> Option<&'static str> {
        if self.keyin.is_flying() || !self.watches.is_empty() {
            Some("quit.flying")
        } else {
            self.keyin.has_draft().then_some("quit.typed")
        }
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
                Vec::new()
            }
            Msg::Timer(Timer::Minute, now) => {
                self.now = now;
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
            msg => {
                let effects = self.keyin.update(msg);
                self.follow(effects)
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
                self.keyin.looked(&intent);
                if watched { self.tell(settled_text(&intent)) } else { Vec::new() }
            }
            Look::Open(_) | Look::Failed(_) => {
                self.keyin.count_look(payment);
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
        let effects = self.keyin.update(Msg::Key(key));
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
            Action::Channel if self.keyin.offers(Action::Channel) => {
                self.overlay = Some(Overlay::Channels(self.keyin.chosen_channel()));
            }
            Action::ClearForm if self.keyin.offers(Action::ClearForm) => {
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
                return self.keyin.clear();
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
                        return self.keyin.choose_channel(at);
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
        let context = self.keyin.context();
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
            .filter(|binding| binding.context == context || binding.context == Context::Global)
            // A question is answered where it is asked, never through a list.
            .filter(|binding| !matches!(binding.action, Action::Palette | Action::Cancel | Action::Confirm))
            .filter(|binding| self.keyin.offers(binding.action))
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
    )
}

/// What became of a payment behind the screen.
fn settled_text(intent: &Intent) -> Text {
    let amount = intent.new.amount.to_string();
    let last4 = intent.new.card.as_ref().map(|card| card.last4().to_owned()).unwrap_or_default();
    match intent.state {
        IntentState::Approved => text!("notice.settled-approved", amount = amount, last4 = last4),
        IntentState::Declined => text!("notice.settled-declined", amount = amount, last4 = last4),
        _ => text!("notice.settled-not-charged", amount = amount, last4 = last4),
    }
}

#[cfg(test)]
mod tests;
