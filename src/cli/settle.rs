//! `danmal settle`: asks the provider what became of everything whose end nobody saw: payments, virtual accounts,
//! billing keys and schedules. Sends nothing, but for what was to take the place of a schedule that was revoked
//! for it when the program was killed between the two. With `--id`, a refund that no look-up can settle is settled
//! [by hand](by_hand).

mod by_hand;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::Globals;
use super::ask::{Answer, ask};
use super::exit::Exit;
use super::once::runtime;
use super::report::Report;
use super::say::{Say, amount, exit_of};
use super::schedule::told::{LostReport, tell_lost};
use super::state::{has_amount, kind_key, state_key};
use crate::domain::bulk::Lost;
use crate::domain::intent::{Intent, IntentKind, IntentState, Target};
use crate::domain::outcome::Look;
use crate::domain::payment::PaymentId;
use crate::domain::pg::Generation;
use crate::domain::problem::Problem;
use crate::domain::refund::REQUESTED;
use crate::error;
use crate::i18n::Text;
use crate::operation::Desk;
use crate::operation::settle::PAUSES;
use crate::text;

/// What `danmal settle` takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// Look again, with growing pauses, until nothing is unknown or so many seconds are over.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub wait: u32,
    /// A refund that stays unknown: settles it as a person says who looked at the provider's own console.
    #[arg(long, value_name = "ID", conflicts_with = "wait")]
    pub id: Option<String>,
    /// With --id: what the provider's console shows.
    #[arg(long = "as", value_name = "WHAT", requires = "id")]
    pub told: Option<by_hand::EndArg>,
    /// With --id: the amount of the refund, typed once more.
    #[arg(long, value_name = "N", requires = "id")]
    pub amount: Option<String>,
    /// With --id: how you know; kept.
    #[arg(long, value_name = "TEXT", requires = "id")]
    pub reason: Option<String>,
    /// With --id: look, show what there is, and write nothing.
    #[arg(long, requires = "id")]
    pub dry_run: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// One intent that stays unknown.
#[derive(Debug, Serialize)]
struct Open {
    payment_id: String,
    /// The journal's word for what it is; `null` when the row can't be read.
    kind: Option<&'static str>,
    /// A word why.
    why: String,
    /// A word for what kept us from asking; `null` when we could ask.
    problem: Option<&'static str>,
}

/// What `--json` prints.
#[derive(Debug, Default, Serialize)]
struct Summary {
    /// How many are still unknown.
    unknown: usize,
    settled: Vec<Report>,
    open: Vec<Open>,
    /// Schedules that were revoked so that another could take their place, where none did.
    lost: Vec<LostReport>,
}

/// Looks, tells, and says with the exit code whether something is left.
pub(super) fn run(globals: &Globals, args: &Args) -> ExitCode {
    if args.id.is_some() {
        return by_hand::run(globals, args);
    }
    ask(globals, args.json, error::asking, |at, summary: &mut Answer<Summary>| {
        let passed = runtime()?.block_on(passes(at.desk, Duration::from_secs(args.wait.into())))?;
        Ok(tell(at.say, at.json, &mut summary.what, &passed))
    })
}

/// What all passes together found: what was settled in any of them, and what the last one left.
#[derive(Default)]
struct Passed {
    settled: Vec<Intent>,
    open: Vec<(PaymentId, Look, Option<Intent>)>,
    lost: Vec<Lost>,
}

async fn passes(desk: &Desk, wait: Duration) -> Result<Passed, Problem> {
    let started = Instant::now();
    let mut passed = Passed::default();
    // After the last pause the same one again: whoever asks for ten minutes gets ten minutes.
    let mut pauses = PAUSES.into_iter().chain(std::iter::repeat(PAUSES[PAUSES.len() - 1]));
    loop {
        passed.open.clear();
        for (id, look) in desk.settle().await? {
            match look {
                Look::Settled(intent) => {
                    passed.lost.extend(desk.lost(&intent).map(|lost| *lost));
                    passed.settled.push(*intent);
                }
                look => {
                    let intent = desk.ledger.borrow().intent(&id).ok().flatten();
                    passed.open.push((id, look, intent));
                }
            }
        }
        let refused = passed.open.iter().any(|(_, look, _)| {
            matches!(look, Look::Failed(Problem::Credentials { .. } | Problem::Forbidden { .. }))
        });
        let left = wait.saturating_sub(started.elapsed());
        let Some(pause) = pauses.next() else { return Ok(passed) };
        // Waiting mends no credentials.
        if passed.open.is_empty() || left.is_zero() || refused {
            return Ok(passed);
        }
        desk.world.sleep(pause.min(left)).await;
    }
}

fn tell(say: Say, json: bool, summary: &mut Summary, passed: &Passed) -> Exit {
    for intent in &passed.settled {
        if !json {
            say.text(&line(say, intent));
        }
        if intent.state == IntentState::Approved {
            tracing::info!(payment_id = %intent.new.id, kind = intent.new.kind.word(), "settled as done");
        }
        summary.settled.push(Report::of_intent(intent, false));
    }
    for lost in &passed.lost {
        tell_lost(say, lost);
        summary.lost.push(LostReport::from(lost));
    }
    let mut failed = None;
    for (id, look, intent) in &passed.open {
        let kind = intent.as_ref().map(|intent| intent.new.kind);
        let (why, problem) = match look {
            Look::Failed(problem) => {
                // Once is enough: it is the same provider for all of them.
                if failed.is_none() {
                    say.problem(&error::asking(problem), Some(id.as_str()));
                    failed = Some(exit_of(problem));
                }
                (problem.word(), Some(problem.word()))
            }
            Look::Open(why) => (*why, None),
            Look::Settled(_) => continue,
        };
        let reason = say.words(&error::why(why));
        let open = match kind {
            Some(kind) => text!("cli.settle.open", kind = kind_key(kind), id = id, why = reason),
            None => text!("cli.settle.open-row", id = id, why = reason),
        };
        say.problem_text(&open);
        if intent.as_ref().is_some_and(|intent| is_for_a_person(why, intent)) {
            say.problem_text(&text!("cli.settle.by-hand", id = id));
        }
        summary.open.push(Open {
            payment_id: id.to_string(),
            kind: kind.map(IntentKind::word),
            why: why.to_owned(),
            problem,
        });
    }
    summary.unknown = passed.open.len();
    if summary.unknown == 0 {
        if !json {
            say.text(&text!("cli.settle.none"));
        }
        return Exit::Done;
    }
    say.problem_text(&text!("cli.settle.left", count = summary.unknown));
    failed.unwrap_or(Exit::Unknown)
}

/// Whether waiting may never settle it, and a person can: a refund whose look-up could not tell, and one that V1 took
/// on, of whose end it tells only when it was done (V1 §12).
fn is_for_a_person(why: &str, intent: &Intent) -> bool {
    let nobody_tells = match why {
        REQUESTED => intent.new.generation == Generation::V1,
        "another_refund" | "several_refunds" | "undecided" => true,
        _ => false,
    };
    nobody_tells && intent.new.kind == IntentKind::Refund
}

/// One that was settled, by its kind.
fn line(say: Say, intent: &Intent) -> Text {
    let (new, kind) = (&intent.new, kind_key(intent.new.kind));
    let state = state_key(new.kind, intent.state);
    if !has_amount(new.kind) {
        return match &new.parent {
            Some(parent) => {
                text!("cli.settle.settled-part", kind = kind, id = new.id, state = state, parent = parent)
            }
            None => text!("cli.settle.settled-plain", kind = kind, id = new.id, state = state),
        };
    }
    let amount = amount(say, new.amount);
    match &new.target {
        Some(Target::Payment(account)) => text!(
            "cli.settle.settled-closing",
            kind = kind,
            id = new.id,
            amount = amount,
            state = state,
            account = account
        ),
        _ => text!("cli.settle.settled", kind = kind, id = new.id, amount = amount, state = state),
    }
}
