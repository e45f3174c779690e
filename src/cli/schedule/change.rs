//! `danmal schedule move`, `revoke`, `retry`, `rebook`, `charge` and `resume`: what is done with schedules that exist.

use std::os::fd::AsFd;

use jiff::Timestamp;
use serde::Serialize;

use super::Work;
use super::told::{Total, totals};
use super::when::{days_later, moment};
use super::work::{How, Job};
use crate::cli::exit::Exit;
use crate::cli::report::print;
use crate::cli::sale::Wrong;
use crate::cli::state::kind_key;
use crate::domain::bulk::{Action, BatchLeft};
use crate::domain::due::to_the_minute;
use crate::domain::payment::PaymentId;
use crate::domain::problem::Problem;
use crate::domain::schedule::ProviderSchedule;
use crate::domain::text::SafeText;
use crate::text;

/// The most schedules of one command.
const MOST: usize = 5_000;

/// The options that say which schedules.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Which {
    /// Schedules: the provider's ids or their payment ids; - reads them from standard input, one a line.
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
}

/// What `revoke`, `retry` and `charge` take.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// Which.
    #[command(flatten)]
    pub which: Which,
    /// Charges it although the guard sees the same one a moment ago, and keeps this reason.
    #[arg(long, value_name = "TEXT")]
    pub duplicate_reason: Option<String>,
    /// How.
    #[command(flatten)]
    pub how: How,
}

/// What `move` and `rebook` take.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(group = clap::ArgGroup::new("time").required(true))]
pub struct MoveArgs {
    /// Which.
    #[command(flatten)]
    pub which: Which,
    /// The new time in Korea: 2026-12-25 10:00, 12/25 10:00; a day alone means 10:00.
    #[arg(long, value_name = "TIME", group = "time")]
    pub to: Option<String>,
    /// So many days later or earlier, at the same time of day.
    #[arg(long, value_name = "DAYS", group = "time", allow_hyphen_values = true)]
    pub by: Option<String>,
    /// How.
    #[command(flatten)]
    pub how: How,
}

/// What `resume` takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ResumeArgs {
    /// Batch to go on with; nothing lists those that were interrupted.
    #[arg(value_name = "BATCH")]
    pub batch: Option<String>,
    /// Give up what is left of it.
    #[arg(long, requires = "batch")]
    pub drop: bool,
    /// Do it without asking; there is nobody to ask.
    #[arg(long)]
    pub yes: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// Schedules that were asked for, or why not all of them could be.
type Found = Result<Vec<ProviderSchedule>, Exit>;

impl Work<'_> {
    /// The ids, from arguments or standard input.
    fn ids(&self, which: &Which) -> Result<Vec<String>, Exit> {
        let mut ids: Vec<String> = Vec::new();
        for id in &which.ids {
            if id == "-" {
                let read = all_of(&rustix::stdio::stdin())
                    .map_err(|why| Wrong { field: "id", why: text!("cli.schedule.unreadable", why = why) });
                let text = read.map_err(|wrong| self.wrong(&[wrong]))?;
                ids.extend(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned));
            } else {
                ids.push(id.clone());
            }
        }
        if ids.is_empty() || ids.len() > MOST {
            return Err(self.wrong(&[Wrong { field: "id", why: text!("cli.schedule.ids", most = MOST) }]));
        }
        Ok(ids)
    }

    /// The schedules of these ids. One that nobody knows stops all of it: it is a slip of the finger.
    fn found(&self, which: &Which) -> Found {
        let ids = self.ids(which)?;
        let mut found = Vec::with_capacity(ids.len());
        let mut unknown = Vec::new();
        for id in &ids {
            match self.runtime.block_on(self.one(id)) {
                Ok(Some(schedule)) => found.push(schedule),
                Ok(None) => unknown.push(id.as_str()),
                Err(problem) => return Err(self.unable(&problem)),
            }
        }
        if unknown.is_empty() {
            return Ok(found);
        }
        let ids: Vec<SafeText> = unknown.into_iter().map(SafeText::new).collect();
        let ids: Vec<&str> = ids.iter().map(SafeText::as_str).collect();
        let why = text!("cli.schedule.unknown-ids", ids = ids.join(" "));
        Err(self.wrong(&[Wrong { field: "id", why }]))
    }

    /// The schedule of an id: the provider's, or the payment id that it charges under.
    pub(super) async fn one(&self, id: &str) -> Result<Option<ProviderSchedule>, Problem> {
        let ask = |id: SafeText| async move {
            self.desk.gateway.schedule_of(&id).await.map_err(Problem::of_a_question)
        };
        let id = SafeText::new(id);
        // An id that stands in the ledger as a payment id is one.
        let known = self.known_id(&id)?;
        if let Some(schedule) = known
            && let Some(found) = ask(schedule).await?
        {
            return Ok(Some(found));
        }
        ask(id).await
    }

    fn known_id(&self, payment: &SafeText) -> Result<Option<SafeText>, Problem> {
        let ledger = self.desk.ledger.borrow();
        if let Ok(id) = PaymentId::parse(payment.as_str())
            && let Some(intent) = ledger.intent(&id)?
            && let Some(schedule) = intent.approval.and_then(|approval| approval.schedule)
        {
            return Ok(Some(schedule));
        }
        let kept = ledger.schedule_of_payment(&self.desk.profile, payment)?;
        Ok(kept.map(|kept| kept.what.id))
    }
}

/// The most bytes of standard input that are read for ids: many more than so many ids have.
const INPUT: usize = 1 << 20;

/// All of standard input, as far as ids can reach.
fn all_of(fd: &impl AsFd) -> Result<String, std::io::ErrorKind> {
    let mut text = Vec::new();
    let mut part = [0; 4096];
    while text.len() < INPUT {
        match rustix::io::read(fd, &mut part) {
            Ok(0) => break,
            Ok(count) => text.extend_from_slice(part.get(..count).unwrap_or_default()),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.kind()),
        }
    }
    String::from_utf8(text).map_err(|_| std::io::ErrorKind::InvalidData)
}

/// Moves, or books again.
pub(super) fn put_off(work: &mut Work<'_>, args: &MoveArgs, again: bool) -> Exit {
    let now = work.desk.world.now();
    let to = match args.to.as_deref().map(|text| moment(text, now)).transpose() {
        Ok(to) => to,
        Err(why) => return work.wrong(&[Wrong { field: "to", why }]),
    };
    let found = match work.said(&args.how).and_then(|()| work.found(&args.which)) {
        Ok(found) => found,
        Err(exit) => return exit,
    };
    let later = |told: &ProviderSchedule| -> Option<Timestamp> {
        to.or_else(|| args.by.as_deref().and_then(|by| days_later(told.at, by)))
    };
    let mut actions = Vec::with_capacity(found.len());
    for told in found {
        let Some(at) = later(&told) else {
            return work.wrong(&[Wrong { field: "by", why: text!("cli.schedule.not-days") }]);
        };
        let schedule = Box::new(told);
        actions.push(if again { Action::Rebook { schedule, at } } else { Action::Move { schedule, at } });
    }
    let action = if again { "rebook" } else { "move" };
    work.carry_out(&args.how, Job::of(action, actions))
}

/// Revokes.
pub(super) fn revoke(work: &mut Work<'_>, args: &Args) -> Exit {
    act(work, args, "revoke", |told| Action::Revoke(Box::new(told)))
}

/// Charges what failed or was revoked.
pub(super) fn retry(work: &mut Work<'_>, args: &Args) -> Exit {
    act(work, args, "retry", |told| Action::Retry(Box::new(told)))
}

/// Charges what is open.
pub(super) fn charge(work: &mut Work<'_>, args: &Args) -> Exit {
    act(work, args, "charge_now", |told| Action::ChargeNow(Box::new(told)))
}

fn act(work: &Work<'_>, args: &Args, action: &'static str, of: fn(ProviderSchedule) -> Action) -> Exit {
    match work.said(&args.how).and_then(|()| work.found(&args.which)) {
        Ok(found) => {
            let actions = found.into_iter().map(of).collect();
            let duplicate_reason = args.duplicate_reason.clone();
            work.carry_out(&args.how, Job { duplicate_reason, ..Job::of(action, actions) })
        }
        Err(exit) => exit,
    }
}

/// A batch that was begun and not ended.
#[derive(Debug, Serialize)]
struct LeftReport {
    batch: String,
    /// The journal's word for what is done in it.
    kind: &'static str,
    of: usize,
    left: usize,
    totals: Vec<Total>,
    /// Unix seconds.
    created_at: i64,
    operator: String,
}

impl From<&BatchLeft> for LeftReport {
    fn from(left: &BatchLeft) -> Self {
        Self {
            batch: left.batch.to_string(),
            kind: left.kind.word(),
            of: left.of,
            left: left.left,
            totals: Total::of(&left.totals),
            created_at: left.created.as_second(),
            operator: left.operator.user.clone(),
        }
    }
}

/// What `resume --json` prints without a batch, and with `--drop`.
#[derive(Debug, Default, Serialize)]
#[expect(clippy::struct_field_names, reason = "the member's name in the object")]
struct Batches {
    profile: String,
    batches: Vec<LeftReport>,
    /// How many items were given up.
    dropped: Option<usize>,
}

/// Lists, goes on, or gives up.
pub(super) fn resume(work: &mut Work<'_>, args: &ResumeArgs) -> Exit {
    let left = match work.desk.batches_left() {
        Ok(left) => left,
        Err(problem) => return work.unable(&problem),
    };
    let Some(named) = &args.batch else { return list(work, &left) };
    let Some(batch) = left.iter().find(|left| left.batch.as_str() == named).map(|left| left.batch.clone())
    else {
        return work.wrong(&[Wrong { field: "batch", why: text!("cli.schedule.no-batch") }]);
    };
    if !args.yes {
        return work.wrong(&[Wrong { field: "yes", why: text!("cli.schedule.yes") }]);
    }
    if !args.drop {
        return work.go_on(&batch);
    }
    match work.runtime.block_on(work.desk.drop_batch(&batch)) {
        Ok(dropped) => {
            if work.json {
                let profile = work.session.profile.clone();
                print(&Batches { profile, dropped: Some(dropped), ..Batches::default() });
            } else {
                work.say.text(&text!("cli.schedule.dropped", count = dropped));
            }
            Exit::Done
        }
        Err(problem) => work.unable(&problem),
    }
}

fn list(work: &Work<'_>, left: &[BatchLeft]) -> Exit {
    if work.json {
        let batches = left.iter().map(LeftReport::from).collect();
        print(&Batches { profile: work.session.profile.clone(), batches, dropped: None });
        return Exit::Done;
    }
    for batch in left {
        work.say.text(&text!(
            "cli.schedule.batch",
            batch = batch.batch,
            kind = kind_key(batch.kind),
            left = batch.left,
            of = batch.of,
            total = totals(work.say, &batch.totals),
            time = to_the_minute(batch.created),
            operator = batch.operator.user
        ));
    }
    if left.is_empty() {
        work.say.text(&text!("cli.schedule.no-batches"));
    }
    Exit::Done
}
