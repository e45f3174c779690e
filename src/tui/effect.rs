//! The engine: a thread of its own where operations run, so that neither disk nor network ever holds a key up.
//!
//! Jobs go in, messages come out. When the last handle to it is dropped, everything under way is dropped with
//! it: requests are stopped and joined, card data is wiped, the journal keeps what it needs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;

use tokio::sync::mpsc;
use tokio::task::LocalSet;

use super::msg::{EffectId, GuardChoice, Msg};
use crate::domain::order::KeyInOrder;
use crate::domain::outcome::{Look, Outcome};
use crate::domain::payment::PaymentId;
use crate::domain::problem::Problem;
use crate::ledger::Guard;
use crate::operation::{Desk, Recipe};

/// How many jobs and messages may wait. A person makes a handful; more is a mistake worth a log line.
const QUEUE: usize = 256;

/// Work for the engine.
#[derive(Debug)]
pub enum Job {
    /// Look for an earlier charge that looks like the same one.
    Earlier(EffectId, Box<KeyInOrder>),
    /// Charge the card in the vault.
    Charge(EffectId, Box<KeyInOrder>, GuardChoice),
    /// Look at an unknown payment.
    Look(PaymentId),
    /// Look at everything unsettled.
    Settle,
}

impl Job {
    /// The effect it answers, if it has one.
    const fn effect(&self) -> Option<EffectId> {
        match self {
            Self::Earlier(effect, _) | Self::Charge(effect, ..) => Some(*effect),
            Self::Look(_) | Self::Settle => None,
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
        warm: impl FnOnce() + Send + 'static,
    ) -> std::io::Result<(Self, mpsc::Receiver<Msg>)> {
        let (jobs, incoming) = mpsc::channel(QUEUE);
        let (messages, outgoing) = mpsc::channel(QUEUE);
        let busy = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&busy);
        let thread = std::thread::Builder::new().name("engine".to_owned()).spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
                tracing::error!("no runtime for the engine");
                return;
            };
            let local = LocalSet::new();
            local.block_on(&runtime, work(recipe, warm, incoming, messages, counter));
        })?;
        Ok((Self { jobs: Some(jobs), thread: Some(thread), busy }, outgoing))
    }

    /// Hands a job over. `false` when the queue is full or the engine is gone.
    pub fn submit(&self, job: Job) -> bool {
        // Counted before it is taken, so that "idle" is never true in between.
        self.busy.fetch_add(1, Ordering::SeqCst);
        let taken = self.jobs.as_ref().is_some_and(|jobs| jobs.try_send(job).is_ok());
        if !taken {
            self.busy.fetch_sub(1, Ordering::SeqCst);
            tracing::error!("the engine's queue is full or gone");
        }
        taken
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
    warm: impl FnOnce(),
    mut jobs: mpsc::Receiver<Job>,
    messages: mpsc::Sender<Msg>,
    busy: Arc<AtomicUsize>,
) {
    let desk = recipe.desk();
    // Certificates are parsed and the TLS provider is warmed while the form is being filled.
    warm();
    while let Some(job) = jobs.recv().await {
        let (messages, busy, desk) = (messages.clone(), Arc::clone(&busy), desk.clone());
        tokio::task::spawn_local(async move {
            let effect = job.effect();
            let progress = messages.clone();
            let task = tokio::task::spawn_local(run(desk, job, progress));
            let message = match task.await {
                Ok(message) => message,
                Err(_) => Msg::Died(effect),
            };
            if messages.try_send(message).is_err() {
                tracing::error!("a message of the engine was not taken");
            }
            busy.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

async fn run(desk: Result<Desk, Problem>, job: Job, messages: mpsc::Sender<Msg>) -> Msg {
    let desk = match desk {
        Ok(desk) => desk,
        // Without a journal nothing is sent, and this is said at every attempt.
        Err(problem) => {
            return match job {
                Job::Earlier(effect, _) => Msg::Earlier(effect, Err(problem)),
                Job::Charge(effect, ..) => Msg::Ended(effect, Outcome::NotCharged(problem).into()),
                Job::Look(payment) => Msg::Looked(payment, Look::Failed(problem)),
                Job::Settle => Msg::Settled(Err(problem)),
            };
        }
    };
    match job {
        Job::Earlier(effect, order) => {
            Msg::Earlier(effect, desk.earlier(&order).map(|earlier| earlier.map(Box::new)))
        }
        Job::Charge(effect, order, guard) => {
            let guard = match guard {
                GuardChoice::Check => Guard::Check(desk.guard_window),
                GuardChoice::Override(reason) => Guard::Overridden(reason),
            };
            let charge = desk.charge(&order, &guard, |stage| {
                // A lost progress line loses nothing but a word on the screen.
                let _ = messages.try_send(Msg::Progress(effect, stage));
            });
            tokio::select! {
                end = charge => Msg::Ended(effect, end),
                // Dropping the charge stops and joins its request; what became of it is unknown.
                () = cancelled_by_the_proof() => Msg::Ended(effect, Outcome::Unknown("stopped".to_owned()).into()),
            }
        }
        Job::Look(payment) => {
            let look = desk.look_at(&payment).await;
            Msg::Looked(payment, look)
        }
        Job::Settle => Msg::Settled(desk.settle().await),
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
