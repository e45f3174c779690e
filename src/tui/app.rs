//! The loop: wait, drain what came, draw once. The only place that reads the keyboard and writes frames.
//!
//! One biased `select!`, in this order: the end (signals, a terminal that is gone), answers of the engine, keys,
//! the window's size, timers. Digits for a card field go from the read buffer straight into the vault; the
//! model is told how many there are.

use std::collections::BTreeMap;
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rustix::event::{PollFd, PollFlags, poll};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::effect::{Engine, Hooks, Job};
use super::glyphs::Glyphs;
use super::input::{Code, Key, Parser, Token};
use super::model::{Model, Setup};
use super::msg::{Effect, Msg, Timer};
use super::paint::Painter;
use super::term::{self, Term};
use super::view;
use crate::domain::card::{CardEnding, CardFacts, CardSlot, ExpiryVerdict, IdentityVerdict};
use crate::operation::Recipe;
use crate::vault::{ExpiryCheck, Field, IdentityCheck, KeyBytes, Vault};

/// How long a bare Esc waits for the rest of a sequence whose packets were torn apart (`terminal` §2.5).
const ESC_PATIENCE: Duration = Duration::from_millis(30);

/// The shortest time between two frames in a storm of resizes, each of which paints the whole screen. Keys never
/// wait for it.
const FRAME_GAP: Duration = Duration::from_millis(8);

/// Everything the console needs.
pub struct Launch {
    /// What the model is told.
    pub setup: Setup,
    /// Marks and borders.
    pub glyphs: Glyphs,
    /// What the desk is made of.
    pub recipe: Recipe,
    /// What is run and written beside a payment.
    pub hooks: Hooks,
    /// Done by the engine before its first job: parsing certificates.
    pub warm: Box<dyn FnOnce() + Send>,
}

/// Why the console ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The person left.
    Left,
    /// A signal asked for it.
    Signalled,
    /// The terminal is gone.
    Gone,
}

/// Runs the console until it ends. The terminal is restored and the card wiped on every way out.
pub fn run(launch: Launch) -> std::io::Result<Ended> {
    let vault = Arc::clone(&launch.recipe.vault);
    let _wipe = WipeForExit(Arc::clone(&vault));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async move {
        let (mut term, output) = Term::enter()?;
        let ended = App::start(launch, &term, output, vault)?.run().await;
        term.leave();
        Ok(ended)
    })
}

struct WipeForExit(Arc<Vault>);

impl Drop for WipeForExit {
    fn drop(&mut self) {
        self.0.wipe_for_exit();
        stop_if_asked();
    }
}

/// Debug builds can be told to stand still once the card is wiped, which is as late as anybody can look into the
/// process. The file that is named is told its number; `SIGCONT` lets it end.
fn stop_if_asked() {
    if cfg!(debug_assertions)
        && let Some(mark) = std::env::var_os("DANMAL_DEBUG_PAUSE_BEFORE_EXIT")
    {
        // Whoever waits for the mark finds out.
        let _ = std::fs::write(mark, format!("{}\n", std::process::id()));
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP);
    }
}

struct App {
    model: Model,
    glyphs: Glyphs,
    vault: Arc<Vault>,
    keys: KeyBytes,
    parser: Parser,
    keyboard: AsyncFd<Arc<OwnedFd>>,
    output: term::Output,
    /// Watched while the terminal takes no bytes.
    room: Option<AsyncFd<Arc<OwnedFd>>>,
    painter: Painter,
    /// What goes in front of the next frame.
    clear: &'static str,
    engine: Engine,
    answers: mpsc::Receiver<Msg>,
    timers: BTreeMap<Timer, Instant>,
    escape_due: Option<Instant>,
    drawn: Option<Instant>,
    dirty: bool,
    /// What is to be drawn is due to a resize, and more of them may follow.
    storm: bool,
    resized: Signal,
    endings: [Signal; 4],
    gone: oneshot::Receiver<()>,
    ended: Option<Ended>,
}

impl App {
    fn start(launch: Launch, term: &Term, output: term::Output, vault: Arc<Vault>) -> std::io::Result<Self> {
        let (tell_gone, gone) = oneshot::channel();
        term::watch_hangup(move || {
            // Nobody listens when the console has ended already.
            let _ = tell_gone.send(());
        })?;
        let resized = signal(SignalKind::window_change())?;
        let endings = [
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
            signal(SignalKind::interrupt())?,
            signal(SignalKind::quit())?,
        ];
        let size = term::size();
        let setup = Setup { size: (size.width, size.height), now: Timestamp::now(), ..launch.setup };
        let (model, effects) = Model::new(setup);
        let (engine, answers) = Engine::start(launch.recipe, launch.hooks, launch.warm)?;
        let mut app = Self {
            model,
            glyphs: launch.glyphs,
            keys: KeyBytes::new(Arc::clone(&vault)),
            vault,
            parser: Parser::default(),
            // For reading alone: a terminal that has shown a frame must not wake us to tell so.
            keyboard: watched(term.keyboard(), Interest::READABLE)?,
            output,
            room: None,
            painter: Painter::new(size.width, size.height),
            clear: "",
            engine,
            answers,
            timers: BTreeMap::new(),
            escape_due: None,
            drawn: None,
            dirty: true,
            storm: false,
            resized,
            endings,
            gone,
            ended: None,
        };
        // The first frame is on the screen before anything else is begun.
        app.draw();
        app.carry_out(effects);
        Ok(app)
    }

    async fn run(mut self) -> Ended {
        loop {
            if let Some(ended) = self.ended {
                return ended;
            }
            if self.watch_room().is_err() {
                return Ended::Gone;
            }
            let wake = self.next_wake();
            let [term, hup, int, quit] = &mut self.endings;
            tokio::select! {
                biased;
                _ = &mut self.gone => return Ended::Gone,
                _ = hup.recv() => return Ended::Gone,
                _ = term.recv() => return Ended::Signalled,
                _ = int.recv() => return Ended::Signalled,
                _ = quit.recv() => return Ended::Signalled,
                Some(msg) = self.answers.recv() => {
                    self.take(msg);
                    while let Ok(msg) = self.answers.try_recv() {
                        self.take(msg);
                    }
                }
                ready = self.keyboard.readable() => {
                    let Ok(mut ready) = ready else { return Ended::Gone };
                    match self.keys.fill(ready.get_inner().as_fd()) {
                        Ok(0) => return Ended::Gone,
                        Ok(_) => {
                            drop(ready);
                            self.read_keys();
                        }
                        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => ready.clear_ready(),
                        Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                        // EIO: the other end of the terminal is closed.
                        Err(_) => return Ended::Gone,
                    }
                }
                _ = self.resized.recv() => {
                    let size = term::size();
                    self.clear = self.painter.start_over(size.width, size.height);
                    self.storm = true;
                    self.take(Msg::Resize(size.width, size.height));
                }
                () = has_room(self.room.as_ref()) => {
                    if self.output.go_on().is_err() {
                        return Ended::Gone;
                    }
                }
                () = sleep_until(wake) => self.run_timers(),
            }
            if self.dirty && self.may_draw() && !self.draw() {
                return Ended::Gone;
            }
        }
    }

    fn next_wake(&self) -> Option<Instant> {
        let waits = self.dirty && !self.output.is_behind();
        let frame = if waits { self.drawn.map(|drawn| drawn + FRAME_GAP) } else { None };
        self.timers.values().copied().chain(self.escape_due).chain(frame).min()
    }

    fn may_draw(&self) -> bool {
        let calm = !self.storm || self.drawn.is_none_or(|drawn| drawn.elapsed() >= FRAME_GAP);
        calm && !self.output.is_behind()
    }

    /// Waits for room as long as the terminal takes no bytes.
    fn watch_room(&mut self) -> std::io::Result<()> {
        if !self.output.is_behind() {
            self.room = None;
        } else if self.room.is_none() {
            self.room = Some(watched(self.output.descriptor(), Interest::WRITABLE)?);
        }
        Ok(())
    }

    /// Draws what changed; `false` when the terminal does not take it.
    fn draw(&mut self) -> bool {
        let mut frame = self.painter.blank();
        let cursor = view::draw(&self.model, &self.glyphs, &mut frame);
        let mut bytes = self.painter.paint(frame, cursor);
        bytes.insert_str(0, std::mem::take(&mut self.clear));
        (self.dirty, self.storm) = (false, false);
        if bytes.is_empty() {
            return true;
        }
        self.drawn = Some(Instant::now());
        self.output.send(bytes.as_bytes()).is_ok()
    }

    fn take(&mut self, msg: Msg) {
        let effects = self.model.update(msg);
        self.dirty = true;
        self.carry_out(effects);
    }

    fn run_timers(&mut self) {
        let now = Instant::now();
        if self.escape_due.is_some_and(|due| due <= now) {
            self.escape_due = None;
            for token in self.parser.flush() {
                self.token(token);
            }
        }
        while let Some((timer, _)) = self.timers.iter().find(|(_, due)| **due <= now).map(|(t, d)| (*t, *d)) {
            self.timers.remove(&timer);
            self.take(Msg::Timer(timer, Timestamp::now()));
        }
    }

    /// Every byte that was read, one at a time: a digit must meet the field that has the focus when its turn
    /// comes, also in the middle of a burst.
    fn read_keys(&mut self) {
        while let Some(byte) = self.keys.next() {
            for token in self.parser.feed(byte) {
                self.token(token);
            }
            if self.ended.is_some() {
                return;
            }
        }
        self.escape_due = self.parser.waiting().then(|| Instant::now() + ESC_PATIENCE);
    }

    fn token(&mut self, token: Token) {
        match token {
            Token::Key(key) => {
                self.panic_if_asked(key);
                if let Some((slot, has_room)) = self.model.card_target() {
                    if let Some(digit) = key.digit()
                        && has_room
                    {
                        leak_if_asked(digit);
                        self.vault.push(field(slot), digit);
                        return self.tell_card(slot);
                    }
                    if key == Key::plain(Code::Backspace) {
                        self.vault.pop(field(slot));
                        return self.tell_card(slot);
                    }
                }
                self.take(Msg::Key(key));
            }
            Token::PasteStart => self.take(Msg::PasteStart),
            Token::PasteChar(ch) => match self.model.card_target() {
                Some((slot, has_room)) => {
                    // Filtered by the field: whatever is no digit, or has no room, is dropped.
                    if let (Some(digit), true) = (Key::char(ch).digit(), has_room) {
                        self.vault.push(field(slot), digit);
                        self.tell_card(slot);
                    }
                }
                None => self.take(Msg::PasteChar(ch)),
            },
            Token::PasteEnd => self.take(Msg::PasteEnd),
        }
    }

    /// Debug builds can be told to panic on F12. The file that is named is told when F12 was read; the panic waits
    /// for the next key and leaves it unread, because the way out must throw it away.
    fn panic_if_asked(&self, key: Key) {
        if cfg!(debug_assertions)
            && key == Key::plain(Code::F(12))
            && let Some(mark) = std::env::var_os("DANMAL_DEBUG_PANIC_ON_KEY")
        {
            let _ = std::fs::write(mark, format!("{}\n", std::process::id()));
            let _ = poll(&mut [PollFd::new(self.keyboard.get_ref(), PollFlags::IN)], None);
            std::panic::panic_any("asked to");
        }
    }

    fn tell_card(&mut self, slot: CardSlot) {
        let facts = facts(&self.vault, slot);
        self.take(Msg::Card(facts));
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Mint(id) => {
                    use crate::operation::world::{RealWorld, World as _};
                    let minted = crate::domain::payment::PaymentId::mint(RealWorld::new().random());
                    self.take(Msg::Minted(id, minted));
                }
                Effect::Earlier(id, order) => self.submit(Job::Earlier(id, order)),
                Effect::Charge(id, order, guard) => self.submit(Job::Charge(id, order, guard)),
                Effect::EarlierAccount(id, order) => self.submit(Job::EarlierAccount(id, order)),
                Effect::Issue(id, order, guard) => self.submit(Job::Issue(id, order, guard)),
                Effect::KeyName(id, name) => self.submit(Job::KeyName(id, name)),
                Effect::IssueKey(id, order, guard) => self.submit(Job::IssueKey(id, order, guard)),
                Effect::EarlierKeyCharge(id, order) => self.submit(Job::EarlierKeyCharge(id, order)),
                Effect::ChargeKey(id, order, guard) => self.submit(Job::ChargeKey(id, order, guard)),
                Effect::CloseAccount(id, new, account) => self.submit(Job::CloseAccount(id, new, account)),
                Effect::Issuer(bin) => self.submit(Job::Issuer(bin)),
                Effect::Caller(id, digits) => self.submit(Job::Caller(id, digits)),
                Effect::PutDraft(body) => self.submit(Job::PutDraft(body)),
                Effect::DropDraft => self.submit(Job::DropDraft),
                Effect::AdoptDraft => self.submit(Job::AdoptDraft),
                Effect::Mark(mark) => self.submit(Job::Mark(mark)),
                Effect::WarningsAway => self.submit(Job::WarningsAway),
                Effect::WarningAway(channel, warning) => self.submit(Job::WarningAway(channel, warning)),
                Effect::Slip(payment, text) => self.submit(Job::Slip(payment, text)),
                Effect::Billing(ask) => self.submit(Job::Billing(ask)),
                Effect::Calendar(ask) => self.submit(Job::Calendar(ask)),
                Effect::History(ask) => self.submit(Job::History(ask)),
                Effect::Deposit(payment) => self.submit(Job::Deposit(payment)),
                Effect::Look(payment) => self.submit(Job::Look(payment)),
                Effect::Settle => self.submit(Job::Settle),
                Effect::WipeCard => self.vault.wipe(),
                Effect::ClearSlot(slot) => {
                    self.vault.clear(field(slot));
                    self.tell_card(slot);
                }
                Effect::SwapExpiry => {
                    self.vault.swap_expiry();
                    self.tell_card(CardSlot::Expiry);
                }
                Effect::Set(timer, after) => {
                    self.timers.insert(timer, Instant::now() + after);
                }
                Effect::Unset(timer) => {
                    self.timers.remove(&timer);
                }
                Effect::Copy(text) => {
                    if self.output.copy(&text).is_err() {
                        self.ended = Some(Ended::Gone);
                    }
                }
                Effect::Redraw => {
                    let (columns, rows) = self.model.size;
                    self.clear = self.painter.start_over(columns, rows);
                }
                Effect::Quit => self.ended = Some(Ended::Left),
            }
        }
    }

    fn submit(&mut self, job: Job) {
        // What the engine did not take never began, and whoever waits for it is told so.
        if let Some(answer) = self.engine.submit(job) {
            self.take(answer);
        }
    }
}

/// Lets the runtime watch the terminal.
#[expect(
    deprecated,
    reason = "the safe constructor; an `Arc<OwnedFd>` keeps one descriptor open as long as it lives"
)]
fn watched(tty: Arc<OwnedFd>, interest: Interest) -> std::io::Result<AsyncFd<Arc<OwnedFd>>> {
    AsyncFd::with_interest(tty, interest)
}

/// Comes back when a terminal that took no bytes may take some again, or is gone.
async fn has_room(room: Option<&AsyncFd<Arc<OwnedFd>>>) {
    match room {
        Some(room) => {
            if let Ok(mut ready) = room.writable().await {
                // Before the bytes are tried: what they leave of the room is told anew.
                ready.clear_ready();
            }
        }
        None => std::future::pending().await,
    }
}

async fn sleep_until(wake: Option<Instant>) {
    match wake {
        Some(wake) => tokio::time::sleep_until(wake).await,
        None => std::future::pending().await,
    }
}

/// Debug builds can be told to leak, so that the proof can prove that it would see it.
fn leak_if_asked(digit: u8) {
    static LEAK: std::sync::Mutex<String> = std::sync::Mutex::new(String::new());
    if cfg!(debug_assertions)
        && std::env::var_os("DANMAL_DEBUG_LEAK").is_some()
        && let Ok(mut leak) = LEAK.lock()
    {
        leak.push(char::from(b'0' + digit));
    }
}

/// The vault's field behind a slot of the form.
const fn field(slot: CardSlot) -> Field {
    match slot {
        CardSlot::Number => Field::Number,
        CardSlot::Expiry => Field::Expiry,
        CardSlot::Identity => Field::Identity,
        CardSlot::Pin => Field::Pin,
    }
}

/// What may be told of a field: never its digits, but of a number its first six and last four.
pub fn facts(vault: &Vault, slot: CardSlot) -> CardFacts {
    let len = vault.len(field(slot));
    match slot {
        CardSlot::Number => {
            let facts = vault.number_facts();
            CardFacts::Number {
                len,
                prefix: facts.prefix().to_owned(),
                ending: facts.last4().and_then(|last4| CardEnding::new(facts.prefix(), last4)),
                luhn: facts.luhn,
            }
        }
        CardSlot::Expiry => {
            let korea = jiff::tz::TimeZone::fixed(jiff::tz::offset(9));
            let today = Timestamp::now().to_zoned(korea).date();
            let year = u16::try_from(today.year()).unwrap_or(0);
            let verdict = match vault.expiry_check(year, today.month().unsigned_abs()) {
                ExpiryCheck::Incomplete => ExpiryVerdict::Incomplete,
                ExpiryCheck::BadMonth => ExpiryVerdict::BadMonth,
                ExpiryCheck::Reversed => ExpiryVerdict::Reversed,
                ExpiryCheck::Expired => ExpiryVerdict::Expired,
                ExpiryCheck::FarAhead => ExpiryVerdict::FarAhead,
                ExpiryCheck::Good => ExpiryVerdict::Good,
            };
            CardFacts::Expiry { len, verdict }
        }
        CardSlot::Identity => CardFacts::Identity {
            len,
            verdict: match vault.identity_check() {
                IdentityCheck::Incomplete => IdentityVerdict::Incomplete,
                IdentityCheck::Birth => IdentityVerdict::Birth,
                IdentityCheck::NoSuchDate => IdentityVerdict::NoSuchDate,
                IdentityCheck::Business(fits) => IdentityVerdict::Business(fits),
            },
        },
        CardSlot::Pin => CardFacts::Pin { len },
    }
}
