//! `danmal schedule`: future charges of billing keys (결제 예약), looked at, made, moved, revoked and tried again; a
//! thin twin over `operation`.
//!
//! Never asks, never retries. Whatever changes something is planned first; `--dry-run` ends there. What was ordered
//! is in the ledger before anything is sent, so that a command that was killed is gone on with by `resume`.

mod change;
mod look;
mod make;
mod table;
pub(super) mod told;
mod when;
mod work;

use std::process::ExitCode;

use tokio::runtime::Runtime;

use super::Globals;
use super::exit::Exit;
use super::key::sit_down;
use super::report::print;
use super::sale::Wrong;
use super::say::{Say, exit_of};
use super::session::Session;
use crate::domain::problem::Problem;
use crate::error;
use crate::operation::Desk;
use crate::text;
use told::Unable;

/// The commands about schedules.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Makes a schedule, or a series of them from an anchor day.
    Add(Box<make::AddArgs>),
    /// Lists the schedules of some days.
    List(look::ListArgs),
    /// Shows one schedule and everything that was done with it.
    Show(look::ShowArgs),
    /// Moves open schedules to another time.
    Move(change::MoveArgs),
    /// Revokes open schedules.
    Revoke(change::Args),
    /// Charges failed or revoked schedules now.
    Retry(change::Args),
    /// Books failed or revoked schedules again.
    Rebook(change::MoveArgs),
    /// Charges open schedules now instead of then.
    Charge(change::Args),
    /// Makes the schedules of a table file (CSV).
    Import(make::ImportArgs),
    /// Writes the schedules of some days as a table file.
    Export(table::Args),
    /// Prints a month with counts and sums.
    Calendar(look::CalendarArgs),
    /// Lists batches that were interrupted, goes on with one, or gives it up.
    Resume(change::ResumeArgs),
}

/// Runs a command about schedules.
pub(super) fn run(globals: &Globals, command: &Command) -> ExitCode {
    match command {
        Command::Add(args) => begin(globals, args.how.json, |work| make::add(work, args)),
        Command::List(args) => begin(globals, args.json, |work| look::list(work, args)),
        Command::Show(args) => begin(globals, args.json, |work| look::show(work, args)),
        Command::Move(args) => begin(globals, args.how.json, |work| change::put_off(work, args, false)),
        Command::Rebook(args) => begin(globals, args.how.json, |work| change::put_off(work, args, true)),
        Command::Revoke(args) => begin(globals, args.how.json, |work| change::revoke(work, args)),
        Command::Retry(args) => begin(globals, args.how.json, |work| change::retry(work, args)),
        Command::Charge(args) => begin(globals, args.how.json, |work| change::charge(work, args)),
        Command::Import(args) => begin(globals, args.how.json, |work| make::import(work, args)),
        Command::Export(args) => begin(globals, args.json, |work| table::export(work, args)),
        Command::Calendar(args) => begin(globals, args.json, |work| look::calendar(work, args)),
        Command::Resume(args) => begin(globals, args.json, |work| change::resume(work, args)),
    }
}

/// What every command works with.
struct Work<'a> {
    say: Say,
    json: bool,
    session: &'a Session,
    desk: Desk,
    runtime: Runtime,
}

fn begin(globals: &Globals, json: bool, work: impl FnOnce(&mut Work<'_>) -> Exit) -> ExitCode {
    let (session, _log) = match super::session(globals) {
        Ok(opened) => opened,
        Err(exit) => {
            if json {
                print(&Unable { problem: "config", ..Unable::default() });
            }
            return exit;
        }
    };
    let say = Say::of(globals, &session);
    match sit_down(&session) {
        Ok((desk, runtime)) => work(&mut Work { say, json, session: &session, desk, runtime }).code(),
        Err(problem) => unable(say, json, &session.profile, &problem).code(),
    }
}

/// Nothing was done, because of a problem.
fn unable(say: Say, json: bool, profile: &str, problem: &Problem) -> Exit {
    say.problem(&error::words(problem), None);
    if json {
        print(&Unable { profile: profile.to_owned(), problem: problem.word(), fields: Vec::new() });
    }
    exit_of(problem)
}

impl Work<'_> {
    /// Nothing was done, because of a problem.
    fn unable(&self, problem: &Problem) -> Exit {
        unable(self.say, self.json, &self.session.profile, problem)
    }

    /// Nothing was done, because of these.
    fn wrong(&self, wrong: &[Wrong]) -> Exit {
        self.say.wrong(wrong);
        self.say.problem_text(&text!("money.no"));
        if self.json {
            let mut fields: Vec<&'static str> = wrong.iter().map(|wrong| wrong.field).collect();
            fields.dedup();
            print(&Unable { profile: self.session.profile.clone(), problem: "usage", fields });
        }
        Exit::Usage
    }
}
