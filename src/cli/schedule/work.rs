//! A plan made, told, carried out and told again: what every changing command has in common.

use std::cell::Cell;

use serde::Serialize;

use super::Work;
use super::make::RowReport;
use super::told::{ItemReport, Total, sum, tell_lost, totals};
use crate::cli::exit::Exit;
use crate::cli::once::told_to_end;
use crate::cli::report::print;
use crate::cli::sale::{Wrong, is_remark, tidy};
use crate::cli::say::exit_of;
use crate::cli::state::{kind_key, state_key};
use crate::domain::bulk::{Action, ActionEnd, BulkEnd, BulkStep, Plan, PlanItem, Verdict, WhyNot};
use crate::domain::due::to_the_minute;
use crate::domain::intent::IntentState;
use crate::domain::outcome::Outcome;
use crate::domain::payment::PaymentId;
use crate::error;
use crate::i18n::Text;
use crate::ledger::Guard;
use crate::text;

/// The options of everything that changes something.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct How {
    /// Say what would be done and why not, and send nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Do it without asking; there is nobody to ask.
    #[arg(long)]
    pub yes: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// What `--json` prints about something that was planned or done.
#[derive(Debug, Default, Serialize)]
pub(super) struct BulkReport {
    pub profile: String,
    /// `dry_run`, `done`, `partial`, `not_done`, `unknown` or `cancelled`.
    pub outcome: &'static str,
    /// What is done: `create`, `move`, `revoke`, `retry`, `rebook`, `charge_now`, `resume`.
    pub action: &'static str,
    /// What can be resumed, when something is left.
    pub batch: Option<String>,
    /// How many will be done, or were to be.
    pub ready: usize,
    /// What those are worth together.
    pub totals: Vec<Total>,
    pub done: usize,
    /// There from an earlier run.
    pub already: usize,
    /// Those that the plan refused, and those that were not done.
    pub failed: usize,
    pub unknown: usize,
    /// Not begun, because it was stopped.
    pub left: usize,
    pub items: Vec<ItemReport>,
    /// What is wrong with rows of a file.
    pub errors: Vec<RowReport>,
    /// A word for what kept all of it from being done.
    pub problem: Option<&'static str>,
}

/// What is to be done, and how it is told.
pub(super) struct Job {
    pub action: &'static str,
    pub actions: Vec<Action>,
    /// The line of the file of each, for an import.
    pub lines: Vec<u32>,
    /// Why it is done although the duplicate guard sees the same one a moment ago.
    pub duplicate_reason: Option<String>,
    /// How many were refused before there was a plan: rows of a file.
    pub refused_before: usize,
    /// What was wrong with those.
    pub errors: Vec<RowReport>,
}

impl Job {
    pub fn of(action: &'static str, actions: Vec<Action>) -> Self {
        Self {
            action,
            actions,
            lines: Vec::new(),
            duplicate_reason: None,
            refused_before: 0,
            errors: Vec::new(),
        }
    }
}

impl Work<'_> {
    /// Whether it was said to do it. Otherwise the exit code.
    pub(super) fn said(&self, how: &How) -> Result<(), Exit> {
        if how.yes || how.dry_run {
            return Ok(());
        }
        Err(self.wrong(&[Wrong { field: "yes", why: text!("cli.schedule.yes") }]))
    }

    /// The guard that a reason overrides.
    pub(super) fn guard(&self, reason: Option<&str>) -> Result<Guard, Wrong> {
        let Some(reason) = reason else { return Ok(Guard::Check(self.desk.guard_window)) };
        let reason = tidy(reason);
        if reason.is_empty() || !is_remark(&reason) {
            return Err(Wrong { field: "duplicate-reason", why: text!("cli.pay.reason") });
        }
        Ok(Guard::Overridden(reason))
    }

    /// Plans, tells, carries out, tells.
    pub(super) fn carry_out(&self, how: &How, job: Job) -> Exit {
        if let Err(exit) = self.said(how) {
            return exit;
        }
        let guard = match self.guard(job.duplicate_reason.as_deref()) {
            Ok(guard) => guard,
            Err(wrong) => return self.wrong(&[wrong]),
        };
        let plan = match self.runtime.block_on(self.desk.plan(job.actions)) {
            Ok(plan) => plan,
            Err(problem) => return self.unable(&problem),
        };
        self.tell_plan(&plan, how.dry_run);
        let mut report = BulkReport {
            profile: self.session.profile.clone(),
            action: job.action,
            ready: plan.count(),
            totals: Total::of(&plan.totals()),
            already: plan.already(),
            failed: plan.refused().count() + job.refused_before,
            items: plan
                .items
                .iter()
                .enumerate()
                .map(|(at, item)| ItemReport::planned(item, job.lines.get(at).copied()))
                .collect(),
            errors: job.errors,
            ..BulkReport::default()
        };
        if how.dry_run {
            report.outcome = "dry_run";
            let exit = if report.failed == 0 { Exit::Done } else { Exit::Failed };
            return self.finish(&report, exit);
        }
        let cancelled = Cell::new(false);
        let run = self.desk.run_bulk(&plan, &guard, |step| self.tell_step(step), || cancelled.get());
        let end = self.runtime.block_on(stoppable(&cancelled, run));
        match end {
            Ok(end) => self.tell_end(report, &end),
            Err(problem) => self.unable(&problem),
        }
    }

    /// Goes on with a batch.
    pub(super) fn go_on(&self, batch: &PaymentId) -> Exit {
        let report =
            BulkReport { profile: self.session.profile.clone(), action: "resume", ..BulkReport::default() };
        let cancelled = Cell::new(false);
        let run = self.desk.resume(batch, |step| self.tell_step(step), || cancelled.get());
        let end = self.runtime.block_on(stoppable(&cancelled, run));
        match end {
            Ok(end) => self.tell_end(BulkReport { ready: end.ends.len() + end.left, ..report }, &end),
            Err(problem) => self.unable(&problem),
        }
    }

    fn tell_plan(&self, plan: &Plan, whole: bool) {
        for (item, why) in plan.refused() {
            self.say.problem_text(&text!(
                "cli.schedule.refused",
                id = name_of(item),
                why = self.say.words(&why_not(why))
            ));
        }
        if self.json {
            return;
        }
        if whole {
            for item in &plan.items {
                self.tell_item(item);
            }
        }
        self.say.text(&text!(
            "cli.schedule.plan",
            count = plan.count(),
            total = totals(self.say, &plan.totals()),
            already = plan.already()
        ));
    }

    fn tell_item(&self, item: &PlanItem) {
        let schedule = item.action.schedule();
        let at = item.action.at().or_else(|| schedule.map(|told| told.at));
        let verdict = match item.verdict {
            Verdict::Ready => text!("cli.schedule.verdict-ready"),
            Verdict::Already => text!("cli.schedule.verdict-already"),
            Verdict::CanNot(why) => why_not(why),
        };
        self.say.text(&text!(
            "cli.schedule.item",
            time = at.map_or_else(|| "-".to_owned(), to_the_minute),
            amount = sum(self.say, item.action.amount()),
            key = item.action.key().shortened(),
            id = name_of(item),
            verdict = self.say.words(&verdict)
        ));
    }

    fn tell_step(&self, step: &BulkStep) {
        let end = &step.end;
        if let Some(lost) = &end.lost {
            tell_lost(self.say, lost);
        }
        let (state, why) = match &end.outcome {
            Outcome::Approved(_) => (IntentState::Approved, None),
            Outcome::Declined(refusal) => (IntentState::Declined, Some(refusal.message.to_string())),
            Outcome::Unknown(why) => (IntentState::Unknown, Some(self.say.words(&error::why(why)))),
            Outcome::NotCharged(problem) => {
                (IntentState::NotCharged, Some(self.say.words(&error::words(problem).what)))
            }
            Outcome::Blocked(earlier) => {
                let why = text!("cli.schedule.guarded", id = earlier.new.id);
                (IntentState::NotCharged, Some(self.say.words(&why)))
            }
        };
        let done = why.is_none();
        if done && self.json {
            return;
        }
        let line = text!(
            "cli.schedule.step",
            done = step.done,
            of = step.of,
            kind = kind_key(end.kind),
            state = if end.is_already() { "cli.schedule.state-already" } else { state_key(end.kind, state) },
            id = told_id(end),
            why = why.unwrap_or_default()
        );
        if done { self.say.text(&line) } else { self.say.problem_text(&line) }
    }

    fn tell_end(&self, mut report: BulkReport, end: &BulkEnd) -> Exit {
        for ended in &end.ends {
            let mine = |item: &&mut ItemReport| item.payment_id == ended.id.as_str();
            if let Some(item) = report.items.iter_mut().find(mine) {
                item.end(ended);
            } else {
                let mut item = ItemReport::default();
                item.end(ended);
                report.items.push(item);
            }
        }
        report.done = end.done();
        report.already += end.already();
        report.failed += end.failed();
        report.unknown = end.unknown();
        report.left = end.left;
        report.batch = (end.left > 0).then(|| end.batch.to_string());
        let exit = exit_of_end(&report, end);
        report.outcome = if report.left > 0 {
            "cancelled"
        } else if report.unknown > 0 {
            "unknown"
        } else if report.failed == 0 {
            "done"
        } else if report.done + report.already > 0 {
            "partial"
        } else {
            "not_done"
        };
        let summary = text!(
            "cli.schedule.summary",
            done = report.done,
            already = report.already,
            failed = report.failed,
            unknown = report.unknown,
            left = report.left
        );
        if !self.json {
            self.say.text(&summary);
        }
        if end.left > 0 {
            self.say.problem_text(&text!("cli.schedule.stopped", left = end.left, batch = end.batch));
        }
        tracing::info!(
            action = report.action,
            done = report.done,
            failed = report.failed,
            unknown = report.unknown,
            left = report.left,
            "schedules changed headless"
        );
        self.finish(&report, exit)
    }

    fn finish(&self, report: &BulkReport, exit: Exit) -> Exit {
        if self.json {
            print(report);
        }
        exit
    }
}

/// What nobody has seen comes first, then what a single item has to say, then whether all of it was done.
fn exit_of_end(report: &BulkReport, end: &BulkEnd) -> Exit {
    if report.unknown > 0 {
        return Exit::Unknown;
    }
    if report.left == 0 && report.failed == 0 {
        return Exit::Done;
    }
    match (&end.ends[..], report.items.len()) {
        ([ActionEnd { outcome: Outcome::Declined(_), .. }], 1) => Exit::Declined,
        ([ActionEnd { outcome: Outcome::Blocked(_), .. }], 1) => Exit::Guarded,
        ([ActionEnd { outcome: Outcome::NotCharged(problem), .. }], 1) => exit_of(problem),
        _ => Exit::Failed,
    }
}

/// Runs something that is asked to stop when the process is told to end: it stops between two items, after the one
/// that is under way has its answer.
async fn stoppable<T>(cancelled: &Cell<bool>, run: impl Future<Output = T>) -> T {
    tokio::pin!(run);
    tokio::select! {
        biased;
        () = told_to_end() => cancelled.set(true),
        end = &mut run => return end,
    }
    run.await
}

/// What a person calls the item: the schedule, or the id that a new one will have.
fn name_of(item: &PlanItem) -> String {
    item.action.schedule().map_or_else(|| item.id.to_string(), |told| told.id.to_string())
}

fn told_id(end: &ActionEnd) -> String {
    end.schedule.as_ref().map_or_else(|| end.id.to_string(), ToString::to_string)
}

/// Why an item will not be done, in words.
pub(super) fn why_not(why: WhyNot) -> Text {
    match why {
        WhyNot::Gone => text!("cli.schedule.why-gone"),
        WhyNot::NotOpen => text!("cli.schedule.why-not-open"),
        WhyNot::NotEnded => text!("cli.schedule.why-not-ended"),
        WhyNot::Past => text!("cli.schedule.why-past"),
        WhyNot::SameTime => text!("cli.schedule.why-same-time"),
        WhyNot::NoChannel => text!("cli.schedule.why-no-channel"),
        WhyNot::KeyGone => text!("cli.schedule.why-key-gone"),
        WhyNot::Currency => text!("cli.schedule.why-currency"),
        WhyNot::Twice => text!("cli.schedule.why-twice"),
        WhyNot::Pending => text!("cli.schedule.why-pending"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(object: &impl Serialize) -> Vec<String> {
        let value = serde_json::to_value(object).unwrap();
        let mut members: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        members.sort_unstable();
        members
    }

    #[test]
    fn the_shapes_are_the_documented_ones() {
        let manual = include_str!("../../../docs/headless.md");
        let documented = |mark: &str| {
            let table = manual.split(&format!("<!-- {mark} -->")).nth(1).unwrap().to_owned();
            let mut names: Vec<String> = table
                .lines()
                .filter_map(|line| line.strip_prefix("| `")?.split('`').next().map(str::to_owned))
                .collect();
            names.sort_unstable();
            names
        };
        assert_eq!(members(&BulkReport::default()), documented("schedule-json"));
        assert_eq!(members(&ItemReport::default()), documented("schedule-item"));
        for why in WhyNot::ALL {
            assert!(manual.contains(&format!("`{}`", why.word())), "{why:?}");
        }
    }
}
