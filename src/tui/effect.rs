//! The engine: a thread of its own where operations run, so that neither disk nor network ever holds a key up.
//!
//! Jobs go in, messages come out. When the last handle to it is dropped, everything under way is dropped with
//! it: requests are stopped and joined, card data is wiped, the journal keeps what it needs.

mod billing;
mod calendar;
mod history;
mod hooks;
mod memory;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use tokio::task::LocalSet;

pub use hooks::Hooks;

use super::msg::{EffectId, GuardChoice, Msg};
use super::screen::billing::model::Ask as BillingAsk;
use super::screen::calendar::model::Ask as CalendarAsk;
use super::screen::history::model::Ask as HistoryAsk;
use crate::domain::billing_key::BillingKey;
use crate::domain::draft::Mark;
use crate::domain::order::{AccountOrder, KeyChargeOrder, KeyInOrder, KeyOrder};
use crate::domain::outcome::{Look, Outcome};
use crate::domain::payment::PaymentId;
use crate::domain::problem::Problem;
use crate::ledger::Guard;
use crate::operation::{Desk, Recipe};

/// How many jobs and messages may wait. A person makes a handful; more is a mistake worth a log line.
const QUEUE: usize = 256;

/// How far the engine steps back behind the keyboard and the screen, for the system's scheduler.
const NICENESS: i32 = 5;

/// Work for the engine.
#[derive(Debug, Clone)]
pub enum Job {
    /// Look for an earlier charge that looks like the same one.
    Earlier(EffectId, Box<KeyInOrder>),
    /// Charge the card in the vault.
    Charge(EffectId, Box<KeyInOrder>, GuardChoice),
    /// Look for an earlier account that looks like the same one.
    EarlierAccount(EffectId, Box<AccountOrder>),
    /// Issue a virtual account.
    Issue(EffectId, Box<AccountOrder>, GuardChoice),
    /// What has the name that a new billing key is to have.
    KeyName(EffectId, BillingKey),
    /// Make a billing key of the card in the vault.
    IssueKey(EffectId, Box<KeyOrder>, GuardChoice),
    /// Look for an earlier charge that looks like the same one.
    EarlierKeyCharge(EffectId, Box<KeyChargeOrder>),
    /// Charge a billing key.
    ChargeKey(EffectId, Box<KeyChargeOrder>, GuardChoice),
    /// Close the account of a payment, under a new id.
    CloseAccount(EffectId, PaymentId, PaymentId),
    /// Ask how far the deposit into one came.
    Deposit(PaymentId),
    /// Look at an unknown payment.
    Look(PaymentId),
    /// Look at everything unsettled.
    Settle,
    /// Who may have issued cards with these first six digits.
    Issuer(String),
    /// What is known of a caller.
    Caller(EffectId, String),
    /// Keep the form.
    PutDraft(String),
    /// Forget it.
    DropDraft,
    /// Take over a form that was left.
    AdoptDraft,
    /// Keep a mark about the recording.
    Mark(Mark),
    /// Which warnings were read.
    WarningsAway,
    /// A warning was read.
    WarningAway(String, String),
    /// Write a slip.
    Slip(PaymentId, String),
    /// What the billing keys' screen asks for.
    Billing(Box<BillingAsk>),
    /// What the calendar asks for.
    Calendar(Box<CalendarAsk>),
    /// What the history asks for.
    History(Box<HistoryAsk>),
}

impl Job {
    /// The effect it answers, if it has one.
    pub(super) const fn effect(&self) -> Option<EffectId> {
        match self {
            Self::Earlier(effect, _)
            | Self::EarlierAccount(effect, _)
            | Self::Charge(effect, ..)
            | Self::Issue(effect, ..)
            | Self::KeyName(effect, _)
            | Self::IssueKey(effect, ..)
            | Self::EarlierKeyCharge(effect, _)
            | Self::ChargeKey(effect, ..)
            | Self::Caller(effect, _)
            | Self::CloseAccount(effect, ..) => Some(*effect),
            Self::Billing(ask) => ask.effect(),
            Self::Calendar(ask) => ask.effect(),
            Self::History(ask) => ask.effect(),
            _ => None,
        }
    }
}

/// The handle to the engine. Dropping it ends the engine and waits for that.
#[derive(Debug)]
pub struct Engine {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    busy: Arc<AtomicUsize>,
}

impl Engine {
    /// Starts it. Messages arrive in the receiver.
    pub fn start(
        recipe: Recipe,
        hooks: Hooks,
        warm: impl FnOnce() + Send + 'static,
    ) -> std::io::Result<(Self, mpsc::Receiver<Msg>)> {
        let (jobs, incoming) = mpsc::channel(QUEUE);
        let (messages, outgoing) = mpsc::channel(QUEUE);
        let busy = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&busy);
        memory::keep_large_apart();
        let thread = std::thread::Builder::new().name("engine".to_owned()).spawn(move || {
            // Of this thread alone: ten thousand rows that are read behind must not hold a key up.
            let _ = rustix::process::nice(NICENESS);
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
                tracing::error!("no runtime for the engine");
                return;
            };
            let local = LocalSet::new();
            local.block_on(&runtime, work(recipe, Arc::new(hooks), warm, incoming, messages, counter));
        })?;
        Ok((Self { jobs: Some(jobs), thread: Some(thread), busy }, outgoing))
    }

    /// Hands a job over. When the queue is full or the engine is gone it was not begun, and what is given back is
    /// the answer that says so, if anybody waits for one.
    pub fn submit(&self, job: Job) -> Option<Msg> {
        // Counted before it is taken, so that "idle" is never true in between.
        self.busy.fetch_add(1, Ordering::SeqCst);
        let left = match &self.jobs {
            Some(jobs) => jobs.try_send(job).map_err(TrySendError::into_inner).err(),
            None => Some(job),
        }?;
        self.busy.fetch_sub(1, Ordering::SeqCst);
        tracing::error!("the engine's queue is full or gone");
        not_taken(left)
    }

    /// How many jobs are not done. For tests, which wait for 0 instead of sleeping.
    pub fn busy(&self) -> usize {
        self.busy.load(Ordering::SeqCst)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn work(
    recipe: Recipe,
    hooks: Arc<Hooks>,
    warm: impl FnOnce(),
    mut jobs: mpsc::Receiver<Job>,
    messages: mpsc::Sender<Msg>,
    busy: Arc<AtomicUsize>,
) {
    let desk = recipe.desk();
    // Certificates are parsed and the TLS provider is warmed while the form is being filled.
    warm();
    let stops = (calendar::Stops::default(), history::Stop::default());
    loop {
        let waited = tokio::time::timeout(memory::REST, jobs.recv()).await;
        let next = match waited {
            Ok(next) => next,
            Err(_) if busy.load(Ordering::SeqCst) > 0 => continue,
            // Nobody waits for anything: what the last answers took is given back, once.
            Err(_) => {
                memory::give_back();
                jobs.recv().await
            }
        };
        let Some(job) = next else { return };
        let (messages, busy, desk) = (messages.clone(), Arc::clone(&busy), desk.clone());
        let (hooks, stops) = (Arc::clone(&hooks), stops.clone());
        tokio::task::spawn_local(async move {
            let effect = job.effect();
            // Who asks without a number is told by an answer to the question itself.
            let question = effect.is_none().then(|| job.clone());
            let progress = messages.clone();
            let task = tokio::task::spawn_local(run(desk, hooks, stops, job, progress));
            let message = match task.await {
                Ok(message) => message,
                Err(_) => Some(died(effect, question)),
            };
            if message.is_some_and(|message| messages.try_send(message).is_err()) {
                tracing::error!("a message of the engine was not taken");
            }
            busy.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

/// What is told when a task died: which effect has no end, or that a question has no answer, so that nobody waits for
/// it for ever.
fn died(effect: Option<EffectId>, question: Option<Job>) -> Msg {
    question.and_then(|job| without_a_desk(job, Problem::Died)).unwrap_or(Msg::Died(effect))
}

/// What is told of a job that never began: a question has no answer, and of what moves money nothing was sent. There
/// is no intent that a look at the journal could find.
fn not_taken(job: Job) -> Option<Msg> {
    let problem = if job.effect().is_some() { Problem::Stopped } else { Problem::Died };
    without_a_desk(job, problem)
}

/// Without a journal nothing is sent, and this is said at every attempt.
fn without_a_desk(job: Job, problem: Problem) -> Option<Msg> {
    Some(match job {
        Job::Earlier(effect, _) | Job::EarlierAccount(effect, _) | Job::EarlierKeyCharge(effect, _) => {
            Msg::Earlier(effect, Err(problem))
        }
        Job::Charge(effect, ..) | Job::Issue(effect, ..) | Job::ChargeKey(effect, ..) => {
            Msg::Ended(effect, Outcome::NotCharged(problem).into())
        }
        Job::KeyName(effect, _) => Msg::KeyName(effect, Err(problem)),
        Job::IssueKey(effect, ..) => Msg::KeyEnded(effect, Outcome::NotCharged(problem).into()),
        Job::CloseAccount(effect, ..) => Msg::Closed(effect, Outcome::NotCharged(problem)),
        Job::Caller(effect, _) => Msg::Caller(effect, Err(problem)),
        Job::Deposit(payment) => Msg::Deposit(payment, None),
        Job::Look(payment) => Msg::Looked(payment, Look::Failed(problem)),
        Job::Settle => Msg::Settled(Err(problem)),
        Job::Mark(mark) => Msg::Marked(mark, Err(problem), None),
        Job::Billing(ask) => billing::without_a_desk(*ask, problem),
        Job::Calendar(ask) => return calendar::without_a_desk(*ask, problem),
        Job::History(ask) => return history::without_a_desk(*ask, problem),
        // What only helps is left out without a word: the next charge says what is wrong.
        Job::Issuer(_)
        | Job::PutDraft(_)
        | Job::DropDraft
        | Job::AdoptDraft
        | Job::WarningsAway
        | Job::WarningAway(..)
        | Job::Slip(..) => return None,
    })
}

async fn run(
    desk: Result<Desk, Problem>,
    hooks: Arc<Hooks>,
    stops: (calendar::Stops, history::Stop),
    job: Job,
    messages: mpsc::Sender<Msg>,
) -> Option<Msg> {
    let desk = match desk {
        Ok(desk) => desk,
        Err(problem) => return without_a_desk(job, problem),
    };
    let guard = |choice| match choice {
        GuardChoice::Check => Guard::Check(desk.guard_window),
        GuardChoice::Override(reason) => Guard::Overridden(reason),
    };
    let stages = |effect| {
        let messages = messages.clone();
        // A lost progress line loses nothing but a word on the screen.
        move |stage| {
            let _ = messages.try_send(Msg::Progress(effect, stage));
        }
    };
    Some(match job {
        Job::Earlier(effect, order) => {
            Msg::Earlier(effect, desk.earlier(&order).map(|earlier| earlier.map(Box::new)))
        }
        Job::EarlierAccount(effect, order) => {
            Msg::Earlier(effect, desk.earlier_account(&order).map(|earlier| earlier.map(Box::new)))
        }
        Job::Charge(effect, order, choice) => {
            let guard = guard(choice);
            let charge = desk.charge(&order, &guard, stages(effect));
            tokio::select! {
                end = charge => Msg::Ended(effect, end),
                // Dropping the charge stops and joins its request; what became of it is unknown.
                () = cancelled_by_the_proof() => Msg::Ended(effect, Outcome::Unknown("stopped".to_owned()).into()),
            }
        }
        Job::Issue(effect, order, choice) => {
            let end = desk.issue_account(&order, &guard(choice), stages(effect)).await;
            Msg::Ended(effect, end.into())
        }
        Job::KeyName(effect, name) => {
            Msg::KeyName(effect, desk.key_of_name(&name).await.map(|key| key.map(Box::new)))
        }
        Job::IssueKey(effect, order, choice) => {
            let guard = guard(choice);
            let issue = desk.issue_key(&order, &guard, stages(effect));
            tokio::select! {
                end = issue => Msg::KeyEnded(effect, end),
                () = cancelled_by_the_proof() => {
                    Msg::KeyEnded(effect, Outcome::Unknown("stopped".to_owned()).into())
                }
            }
        }
        Job::EarlierKeyCharge(effect, order) => {
            Msg::Earlier(effect, desk.earlier_of_key(&order).map(|earlier| earlier.map(Box::new)))
        }
        Job::ChargeKey(effect, order, choice) => {
            let end = desk.charge_key(&order, &guard(choice), stages(effect)).await;
            Msg::Ended(effect, end.into())
        }
        Job::CloseAccount(effect, id, account) => {
            Msg::Closed(effect, desk.close_account(&id, &account).await)
        }
        Job::Deposit(payment) => {
            let state = desk.follow_account(&payment).await.ok();
            Msg::Deposit(payment, state)
        }
        Job::Look(payment) => {
            let look = desk.look_at(&payment).await;
            Msg::Looked(payment, look)
        }
        Job::Settle => Msg::Settled(desk.settle().await),
        Job::Issuer(bin) => {
            let issuer = desk.issuer_hint(&bin).ok().flatten();
            Msg::Issuer(bin, issuer)
        }
        Job::Caller(effect, digits) => {
            if let Ok(here) = desk.caller_here(&digits) {
                let _ = messages.try_send(Msg::CallerHere(effect, here));
            }
            Msg::Caller(effect, desk.caller(&digits).await.map(Box::new))
        }
        Job::PutDraft(body) => {
            quietly(&desk.put_draft(body), "the form was not kept");
            return None;
        }
        Job::DropDraft => {
            quietly(&desk.drop_draft(), "the kept form stays");
            return None;
        }
        Job::AdoptDraft => Msg::Draft(desk.adopt_draft().ok().flatten()?.body),
        Job::Mark(mark) => {
            // The time first: the command may take its own.
            let kept = desk.mark(mark, "");
            Msg::Marked(mark, kept, hooks.run(mark).await)
        }
        Job::WarningsAway => Msg::WarningsAway(desk.warnings_away().ok()?),
        Job::WarningAway(channel, warning) => {
            quietly(&desk.put_warning_away(&channel, &warning), "a warning will be shown again");
            return None;
        }
        Job::Billing(ask) => billing::answer(&desk, *ask).await,
        Job::Calendar(ask) => return calendar::answer(&desk, &stops.0, &messages, *ask).await,
        Job::History(ask) => return history::answer(&desk, *ask, &guard, &stops.1, &messages).await,
        Job::Slip(payment, text) => Msg::Slip(hooks.write_slip(&payment, &text)),
    })
}

/// Nothing depends on it but convenience: the log is enough.
fn quietly(done: &Result<(), Problem>, what: &str) {
    if done.is_err() {
        tracing::warn!("{what}");
    }
}

/// Debug builds can be told to drop a charge in the middle, as the end of the console does: the proof looks into
/// the process afterwards, which the end of the process would not allow.
async fn cancelled_by_the_proof() {
    if cfg!(debug_assertions)
        && let Some(millis) = std::env::var("DANMAL_DEBUG_CANCEL_MS").ok().and_then(|text| text.parse().ok())
    {
        return tokio::time::sleep(std::time::Duration::from_millis(millis)).await;
    }
    std::future::pending::<()>().await;
}

#[cfg(test)]
mod tests {
    use super::super::screen::billing::model::Answer as BillingAnswer;
    use super::super::screen::calendar::model::Answer as CalendarAnswer;
    use super::super::screen::history::model::Answer as HistoryAnswer;
    use super::*;
    use crate::domain::close::Basis;
    use crate::domain::listing::RowList;
    use crate::domain::schedule::Span;
    use crate::domain::sync::Depth;
    use crate::domain::text::SafeText;

    /// What is told when the task of a job panics.
    fn told(job: Job) -> Msg {
        let effect = job.effect();
        died(effect, effect.is_none().then_some(job))
    }

    #[test]
    fn a_question_whose_task_died_has_an_answer() {
        let id = || SafeText::new("order1");
        let span = Span { from: jiff::Timestamp::MIN, until: jiff::Timestamp::MAX };
        let day = jiff::civil::date(2026, 11, 20);
        let history = [
            HistoryAsk::List(1, Box::default(), String::new()),
            HistoryAsk::Rows(1, RowList::default()),
            HistoryAsk::Sync(Depth::Usual),
            HistoryAsk::Detail(id()),
            HistoryAsk::Raw(id()),
            HistoryAsk::Owed,
            HistoryAsk::Close(1, day, Basis::Changed),
            HistoryAsk::Reopen(1, 1),
            HistoryAsk::Closes(day, false),
            HistoryAsk::Exports,
            HistoryAsk::Pgs,
        ];
        for ask in history {
            let Msg::History(answer) = told(Job::History(Box::new(ask.clone()))) else { panic!("{ask:?}") };
            let problem = match *answer {
                HistoryAnswer::List(1, Err(problem))
                | HistoryAnswer::Rows(1, _, Err(problem))
                | HistoryAnswer::Synced(Err(problem))
                | HistoryAnswer::Detail(_, Err(problem))
                | HistoryAnswer::Raw(_, Err(problem))
                | HistoryAnswer::Owed(Err(problem))
                | HistoryAnswer::Closed(1, Err(problem))
                | HistoryAnswer::Closes(Err(problem))
                | HistoryAnswer::Exports(Err(problem))
                | HistoryAnswer::Pgs(Err(problem)) => problem,
                other => panic!("{ask:?}: {other:?}"),
            };
            assert_eq!(problem, Problem::Died, "{ask:?}");
        }
        let calendar = [
            CalendarAsk::Days(1, span),
            CalendarAsk::List(1, Box::default(), String::new()),
            CalendarAsk::Page(1, 0, Vec::new()),
            CalendarAsk::Next(1, jiff::Timestamp::MIN, None),
            CalendarAsk::Refresh(span),
            CalendarAsk::Detail(id(), id()),
            CalendarAsk::Keys(1, Box::default()),
            CalendarAsk::Left,
        ];
        for ask in calendar {
            let Msg::Calendar(answer) = told(Job::Calendar(Box::new(ask.clone()))) else { panic!("{ask:?}") };
            let is_told = matches!(
                *answer,
                CalendarAnswer::Days(1, Err(Problem::Died))
                    | CalendarAnswer::List(1, Err(Problem::Died))
                    | CalendarAnswer::Page(1, 0, Err(Problem::Died))
                    | CalendarAnswer::Next(1, Err(Problem::Died))
                    | CalendarAnswer::Refreshed(_, Err(Problem::Died))
                    | CalendarAnswer::Detail(_, Err(Problem::Died))
                    | CalendarAnswer::Keys(1, Err(Problem::Died))
                    | CalendarAnswer::Left(Err(Problem::Died))
            );
            assert!(is_told, "{ask:?}: {answer:?}");
        }
        let page = BillingAsk::Page(1, Box::default());
        let Msg::Billing(answer) = told(Job::Billing(Box::new(page))) else { panic!("no answer") };
        assert!(matches!(*answer, BillingAnswer::Page(1, 0, Err(Problem::Died))), "{answer:?}");
        // What is looked for is looked for again.
        let payment = PaymentId::parse("abcdef").unwrap();
        assert_eq!(told(Job::Look(payment.clone())), Msg::Looked(payment, Look::Failed(Problem::Died)));
        assert_eq!(told(Job::Settle), Msg::Settled(Err(Problem::Died)));
    }

    /// An engine whose thread does not come to anything: its queue has one place.
    fn stuck() -> (Engine, mpsc::Receiver<Job>) {
        let (jobs, queue) = mpsc::channel(1);
        (Engine { jobs: Some(jobs), thread: None, busy: Arc::default() }, queue)
    }

    #[test]
    fn what_a_full_queue_does_not_take_has_an_answer() {
        let (engine, queue) = stuck();
        let payment = PaymentId::parse("abcdef").unwrap();
        assert_eq!(engine.submit(Job::Look(payment.clone())), None, "it is taken");
        let asked = |ask| engine.submit(Job::History(Box::new(ask)));
        let answer = |answer| Some(Msg::History(Box::new(answer)));
        assert_eq!(asked(HistoryAsk::Owed), answer(HistoryAnswer::Owed(Err(Problem::Died))));
        let look = engine.submit(Job::Look(payment.clone()));
        assert_eq!(look, Some(Msg::Looked(payment.clone(), Look::Failed(Problem::Died))));
        // Of what moves money it is certain that nothing was sent.
        let close = Job::CloseAccount(EffectId(7), payment.clone(), payment);
        let not_sent = Outcome::NotCharged(Problem::Stopped);
        assert_eq!(engine.submit(close), Some(Msg::Closed(EffectId(7), not_sent)));
        assert_eq!(engine.submit(Job::DropDraft), None, "nobody waits for it");
        assert_eq!(engine.busy(), 1, "only what was taken is under way");
        // The same when nobody takes anything any more.
        drop(queue);
        assert_eq!(asked(HistoryAsk::Exports), answer(HistoryAnswer::Exports(Err(Problem::Died))));
        assert_eq!(engine.busy(), 1);
    }

    #[test]
    fn what_moves_money_is_told_by_its_number_and_nothing_is_made_up() {
        let payment = PaymentId::parse("abcdef").unwrap();
        let close = Job::CloseAccount(EffectId(7), payment.clone(), payment);
        assert_eq!(told(close), Msg::Died(Some(EffectId(7))));
        assert_eq!(told(Job::DropDraft), Msg::Died(None), "nobody waits for it");
    }
}
