//! Every key, once. The footer, the help, the palette and the README's table come from [`BINDINGS`].
//!
//! F-keys, arrows, Tab, Enter and Esc reach everything. Letters are accelerators: they match through the
//! two-set Hangul layout too (ㅊ is c), and never where text is entered. Names neither ratatui nor a screen.

mod bindings;
mod hangul;

use std::fmt::Write as _;

pub use bindings::BINDINGS;
pub use hangul::latin;

use super::columns;
use super::glyphs::Glyphs;
use super::input::{Code, Key, Mods};
use crate::i18n::{Catalogue, Lang};

/// The tabs of the console, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tab {
    /// 수기결제
    KeyIn,
    /// 빌링키
    Billing,
    /// 예약
    Calendar,
    /// 내역
    History,
}

impl Tab {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::KeyIn, Self::Billing, Self::Calendar, Self::History];

    /// The catalogue's key of its name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::KeyIn => "tab.keyin",
            Self::Billing => "tab.billing",
            Self::Calendar => "tab.calendar",
            Self::History => "tab.history",
        }
    }
}

/// Where a key is pressed. A screen gives the innermost first and [`Context::Global`] last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// Everywhere.
    Global,
    /// A form with fields to fill.
    Form,
    /// A list to choose one thing from.
    Choice,
    /// A table of payments, keys, schedules.
    List,
    /// The line in which a table is searched.
    Search,
    /// The table of billing keys.
    Keys,
    /// One billing key.
    KeyDetail,
    /// The month or the year of schedules.
    Calendar,
    /// The table of schedules.
    Schedules,
    /// One schedule.
    ScheduleDetail,
    /// The form that makes schedules.
    Booking,
    /// A line that takes a date.
    DateLine,
    /// Much is carried out, one after the other.
    Batch,
    /// What was begun and not ended.
    Unfinished,
    /// The question before money moves or something goes.
    Confirm,
    /// A request is on its way.
    Flight,
    /// What came of it.
    Result,
    /// The help page.
    Help,
    /// The command palette.
    Palette,
    /// A menu.
    Menu,
    /// A message to be read and put away.
    Notice,
    /// The table of payments.
    History,
    /// The same while the provider is read.
    Syncing,
    /// One payment.
    Payment,
    /// A form of the history: a refund, one settled by hand, a cash receipt, an export.
    Sheet,
    /// The cash receipts that are owed.
    Owed,
    /// The daily close.
    Closing,
    /// What was written into files before.
    Exports,
}

impl Context {
    /// All of them, in the order of the help and the README.
    pub const ALL: [Self; 28] = [
        Self::Global,
        Self::Form,
        Self::Choice,
        Self::List,
        Self::Search,
        Self::Keys,
        Self::KeyDetail,
        Self::Calendar,
        Self::Schedules,
        Self::ScheduleDetail,
        Self::Booking,
        Self::DateLine,
        Self::Batch,
        Self::Unfinished,
        Self::Confirm,
        Self::Flight,
        Self::Result,
        Self::Notice,
        Self::History,
        Self::Syncing,
        Self::Payment,
        Self::Sheet,
        Self::Owed,
        Self::Closing,
        Self::Exports,
        Self::Menu,
        Self::Palette,
        Self::Help,
    ];

    /// Text is entered here, so letters are text.
    pub const fn takes_text(self) -> bool {
        matches!(
            self,
            Self::Form | Self::Palette | Self::Search | Self::Booking | Self::DateLine | Self::Sheet
        )
    }

    /// The catalogue's key of its name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Global => "context.global",
            Self::Form => "context.form",
            Self::Choice => "context.choice",
            Self::List => "context.list",
            Self::Search => "context.search",
            Self::Keys => "context.keys",
            Self::KeyDetail => "context.key-detail",
            Self::Calendar => "context.calendar",
            Self::Schedules => "context.schedules",
            Self::ScheduleDetail => "context.schedule-detail",
            Self::Booking => "context.booking",
            Self::DateLine => "context.date-line",
            Self::Batch => "context.batch",
            Self::Unfinished => "context.unfinished",
            Self::Confirm => "context.confirm",
            Self::Flight => "context.flight",
            Self::Result => "context.result",
            Self::Notice => "context.notice",
            Self::History => "context.history",
            Self::Syncing => "context.syncing",
            Self::Payment => "context.payment",
            Self::Sheet => "context.sheet",
            Self::Owed => "context.owed",
            Self::Closing => "context.closing",
            Self::Exports => "context.exports",
            Self::Menu => "context.menu",
            Self::Palette => "context.palette",
            Self::Help => "context.help",
        }
    }
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Opens the help.
    Help,
    /// Opens the command palette.
    Palette,
    /// The next theme.
    Theme,
    /// The other language.
    Language,
    /// Draws everything anew.
    Redraw,
    /// Leaves the program.
    Quit,
    /// Goes to a tab.
    Go(Tab),
    /// To the line in which the table is searched.
    Search,
    /// What the search line looks in.
    SearchIn,
    /// Which of them are shown.
    Filter,
    /// Asks the provider anew.
    Refresh,
    /// Makes a new one.
    New,
    /// Charges it.
    Charge,
    /// Deletes it.
    Delete,
    /// The next way to look at it.
    View,
    /// Amounts or counts.
    Measure,
    /// The next currency.
    Currency,
    /// To a date that is typed.
    Jump,
    /// To today.
    Today,
    /// To the next failure.
    NextFailure,
    /// To the next day that has any.
    NextBusy,
    /// Marks it, or not.
    Mark,
    /// Marks all of them, or none.
    MarkAll,
    /// Moves it to another day.
    Move,
    /// Revokes it.
    Revoke,
    /// Charges it now.
    ChargeNow,
    /// Charges again what failed.
    Retry,
    /// Schedules again what failed or was revoked.
    Rebook,
    /// Shows what was begun and not ended.
    Unfinished,
    /// Goes on with it.
    Resume,
    /// Gives it up.
    GiveUp,
    /// To the next field.
    NextField,
    /// To the field before.
    PrevField,
    /// To the next field that still needs something; when none does, to the confirmation.
    Advance,
    /// Sends the form: opens the confirmation.
    Submit,
    /// Birth date or business number.
    ToggleIdentityKind,
    /// Chooses the channel.
    Channel,
    /// Card or virtual account.
    Way,
    /// Shows or hides the extras.
    More,
    /// What should be known of the channel.
    Notes,
    /// Asks for what is known of the caller.
    Caller,
    /// Takes over from the caller's last payment.
    FillFromLast,
    /// The voice recording is paused, or goes on.
    Recording,
    /// A slip of the payment, as text.
    Slip,
    /// Empties the form.
    ClearForm,
    /// Yes, do it.
    Confirm,
    /// One level out.
    Cancel,
    /// Sends the approval number, or the account, to the clipboard.
    Copy,
    /// Sends the whole billing key to the clipboard.
    CopyKey,
    /// Shows the receipt's address as a square to be photographed.
    Qr,
    /// Closes an issued account.
    CloseAccount,
    /// A new payment from an empty form.
    NewPayment,
    /// A new payment of the same customer.
    SameCustomer,
    /// Asks the provider again how it stands.
    LookUpAgain,
    /// Gives money back.
    Refund,
    /// Settles a refund that stays unknown as a person says.
    SettleByHand,
    /// Cash receipts.
    Receipt,
    /// Closes the day.
    DailyClose,
    /// Writes a file.
    Export,
    /// Shows what was written into files before.
    Exports,
    /// Stops reading the provider.
    StopSync,
    /// Shows the provider's own answer.
    Raw,
    /// Fills in everything that is left.
    FillAll,
    /// The other time by which payments are counted.
    Basis,
    /// Shows the last days as bars.
    Bars,
    /// Opens what was kept.
    Reopen,
    /// One up.
    Up,
    /// One down.
    Down,
    /// The choice to the left.
    Left,
    /// The choice to the right.
    Right,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// The first.
    First,
    /// The last.
    Last,
    /// Takes what is marked.
    Select,
}

/// A key and what it does somewhere.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// Where.
    pub context: Context,
    /// What.
    pub action: Action,
    /// The keys; the first is the one that is taught.
    pub keys: &'static [Key],
    /// The catalogue's key of the footer's word.
    pub hint: &'static str,
    /// The catalogue's key of the help's sentence.
    pub help: &'static str,
    /// Something is asked before anything happens: marked with `...`.
    pub asks_first: bool,
    /// Who stays in the footer when room is short: 0 never drops, [`HIDDEN`] is in the help only.
    pub priority: u8,
}

/// The priority of what the footer does not show.
pub const HIDDEN: u8 = u8::MAX;

impl Binding {
    /// Whether this key is one of it, a letter also through the Hangul layout and in upper case.
    fn has(&self, key: Key) -> bool {
        let key = plain_spelling(key);
        self.keys.contains(&key)
    }
}

/// The key as the bindings spell it: a letter in lower case Latin, whatever the input method made of it.
fn plain_spelling(key: Key) -> Key {
    match key.code {
        Code::Char(ch) => {
            let letter = latin(ch).unwrap_or(ch).to_ascii_lowercase();
            // Which jamo were typed with Shift is no matter: Control+Shift+C copies in many terminals and
            // never gets here.
            Key { code: Code::Char(letter), mods: key.mods }
        }
        _ => key,
    }
}

/// A letter or jamo without Control or Alt: text where text is entered.
fn is_text(key: Key) -> bool {
    matches!(key, Key { code: Code::Char(_), mods: Mods { ctrl: false, alt: false, .. } })
}

/// What a key does, the innermost context first. A character never gets past a context in which text is
/// entered.
pub fn resolve(contexts: &[Context], key: Key) -> Option<Action> {
    for context in contexts {
        if context.takes_text() && is_text(key) {
            return None;
        }
        let found = BINDINGS.iter().find(|binding| binding.context == *context && binding.has(key));
        if let Some(binding) = found {
            return Some(binding.action);
        }
    }
    None
}

/// One entry of the footer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The key's name.
    pub key: String,
    /// What it does; ends in `...` when something is asked first.
    pub label: String,
    /// What it does, for a click or a test.
    pub action: Action,
}

impl Hint {
    /// The columns it takes: key, blank, label.
    pub fn width(&self) -> usize {
        columns::width(&self.key) + 1 + columns::width(&self.label)
    }
}

/// The columns between two entries of the footer.
pub const HINT_GAP: usize = 2;

/// What the footer shows of what works now, the most important first, in so many columns. Help never drops.
/// What is not available is left out, not greyed. A screen may call an action by another name, by its key in the
/// catalogue: the same form pays with a card and registers one.
pub fn hints(
    contexts: &[Context],
    is_available: impl Fn(Action) -> bool,
    called: impl Fn(Action) -> Option<&'static str>,
    columns: usize,
    catalogue: &Catalogue,
    glyphs: &Glyphs,
) -> Vec<Hint> {
    let mut found: Vec<(u8, Hint)> = Vec::new();
    for binding in contexts.iter().flat_map(|context| of(*context)) {
        let shown = binding.priority != HIDDEN && is_available(binding.action);
        if !shown || found.iter().any(|(_, hint)| hint.action == binding.action) {
            continue;
        }
        // A key that an inner context took is not taught; nor is a letter.
        let works = |key: &&Key| !is_text(**key) && resolve(contexts, **key) == Some(binding.action);
        if let Some(key) = binding.keys.iter().find(works) {
            let named = Binding { hint: called(binding.action).unwrap_or(binding.hint), ..*binding };
            let label = label(&named, catalogue, glyphs);
            let key = key_name(*key, catalogue.lang());
            found.push((binding.priority, Hint { key, label, action: binding.action }));
        }
    }
    found.sort_by_key(|(priority, _)| *priority);
    let mut left = columns + HINT_GAP;
    let mut full = false;
    found.retain(|(priority, hint)| {
        let needed = hint.width() + HINT_GAP;
        // Once something important has no room, nothing lesser takes its place.
        full |= needed > left;
        let stays = *priority == 0 || !full;
        if stays {
            left = left.saturating_sub(needed);
        }
        stays
    });
    found.into_iter().map(|(_, hint)| hint).collect()
}

fn of(context: Context) -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().filter(move |binding| binding.context == context)
}

/// The footer's word of a binding, with the mark of what asks first.
pub fn label(binding: &Binding, catalogue: &Catalogue, glyphs: &Glyphs) -> String {
    let mark = if binding.asks_first { glyphs.asks } else { "" };
    format!("{}{mark}", catalogue.get(binding.hint))
}

/// One line of the help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelpLine {
    /// Where it works.
    pub context: Context,
    /// All its keys.
    pub keys: String,
    /// What it does.
    pub text: String,
}

/// The help of some contexts, in their order.
pub fn help_lines(contexts: &[Context], catalogue: &Catalogue) -> Vec<HelpLine> {
    let lines = contexts.iter().flat_map(|context| of(*context)).map(|binding| {
        let names: Vec<String> = binding.keys.iter().map(|key| key_name(*key, catalogue.lang())).collect();
        let text = catalogue.get(binding.help).to_owned();
        HelpLine { context: binding.context, keys: names.join(", "), text }
    });
    lines.collect()
}

/// A key's name in a language, `Ctrl+P` or `Shift+Tab`. Words, not arrows: an arrow glyph is two columns in some
/// terminals.
pub fn key_name(key: Key, lang: Lang) -> String {
    let held = [(key.mods.ctrl, "Ctrl+"), (key.mods.alt, "Alt+"), (key.mods.shift, "Shift+")];
    let prefix: String = held.into_iter().filter(|(held, _)| *held).map(|(_, prefix)| prefix).collect();
    let word = match key.code {
        Code::Char(' ') => "key.space",
        Code::Char(ch) if key.mods.ctrl || key.mods.alt => {
            return format!("{prefix}{}", ch.to_ascii_uppercase());
        }
        Code::Char(ch) => return format!("{prefix}{ch}"),
        Code::F(number) => return format!("{prefix}F{number}"),
        Code::Enter => "key.enter",
        Code::Esc => "key.esc",
        Code::Tab => "key.tab",
        Code::BackTab => "key.back-tab",
        Code::Backspace => "key.backspace",
        Code::Delete => "key.delete",
        Code::Insert => "key.insert",
        Code::Up => "key.up",
        Code::Down => "key.down",
        Code::Left => "key.left",
        Code::Right => "key.right",
        Code::Home => "key.home",
        Code::End => "key.end",
        Code::PageUp => "key.page-up",
        Code::PageDown => "key.page-down",
    };
    format!("{prefix}{}", Catalogue::of(lang).get(word))
}

/// The README's table of keys, between `<!-- keys:ko -->` (or `en`) and `<!-- /keys -->`.
pub fn markdown_table(lang: Lang) -> String {
    let catalogue = Catalogue::of(lang);
    let mut out = String::new();
    let head = ["keys.where", "keys.key", "keys.what"].map(|key| catalogue.get(key));
    // Writing to a string cannot fail.
    let _ = writeln!(out, "| {} | {} | {} |\n|---|---|---|", head[0], head[1], head[2]);
    for line in help_lines(&Context::ALL, catalogue) {
        let place = catalogue.get(line.context.label());
        let keys = line.keys.replace('|', "\\|");
        let _ = writeln!(out, "| {place} | {keys} | {} |", line.text);
    }
    out
}

#[cfg(test)]
mod tests;
