//! `danmal key`: billing keys (빌링키) registered, listed, shown, charged and deleted; a thin twin over `operation`.
//!
//! Never asks, never retries. A key is registered, charged and deleted once, with its intent on disk before
//! anything is sent. A key moves money, so it is written shortened unless the whole is asked for.

pub(super) mod charge;
mod delete;
mod find;
pub(super) mod reference;
mod register;
pub(super) mod told;

use std::process::ExitCode;

use tokio::runtime::Runtime;

use super::Globals;
use super::exit::Exit;
use super::once::{Run, runtime};
use super::report::{Report, print};
use super::sale::{Findings, Wrong};
use super::say::Say;
use super::session::Session;
use crate::domain::billing_key::{BillingKey, ProviderKey};
use crate::domain::channel::Channel;
use crate::domain::intent::IntentKind;
use crate::domain::order::Requester;
use crate::domain::problem::Problem;
use crate::operation::Desk;
use crate::text;

/// The commands about billing keys.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Makes a billing key of a card; the card is one JSON line on standard input.
    Register(Box<register::Args>),
    /// Lists billing keys.
    List(Box<find::ListArgs>),
    /// Shows one billing key, its latest charges and its open schedules.
    Show(find::Args),
    /// Charges a billing key, for which the customer must have agreed to recurring charges.
    Charge(Box<charge::Args>),
    /// Deletes a billing key, and its open schedules when that is ordered.
    Delete(Box<delete::Args>),
}

/// Runs a command about billing keys.
pub(super) fn run(globals: &Globals, command: &Command) -> ExitCode {
    match command {
        Command::Register(args) => register::run(globals, args),
        Command::List(args) => find::list(globals, args),
        Command::Show(args) => find::run(globals, args),
        Command::Charge(args) => charge::run(globals, args),
        Command::Delete(args) => delete::run(globals, args),
    }
}

/// What every command that does something once says of itself.
#[derive(Clone, Copy)]
pub(super) struct Doing {
    pub kind: IntentKind,
    pub json: bool,
    /// Whether it was said to do it, or only to rehearse it.
    pub go: bool,
    pub show_key: bool,
    /// The catalogue's key of the sentence that asks for `--yes`.
    pub ask_yes: &'static str,
}

impl Doing {
    pub(super) fn refuse(self, problem: &str, fields: Vec<&'static str>) {
        if self.json {
            print(&Report { fields, ..Report::not_done(self.kind, problem) });
        }
    }

    /// Begins: `--yes` (or `--dry-run`) and what else is missing, the configuration, then `work`.
    pub(super) fn begin(
        self,
        globals: &Globals,
        missing: &[(&'static str, &'static str)],
        work: impl FnOnce(&mut Run<'_>) -> Exit,
    ) -> ExitCode {
        let unsaid = (!self.go).then_some(("yes", self.ask_yes));
        let missing: Vec<_> = unsaid.into_iter().chain(missing.iter().copied()).collect();
        if !missing.is_empty() {
            let early = Say::before_config(globals);
            for (_, sentence) in &missing {
                early.problem_text(&crate::i18n::Text::new(sentence));
            }
            self.refuse("usage", missing.into_iter().map(|(name, _)| name).collect());
            return Exit::Usage.code();
        }
        let (session, _log) = match super::session(globals) {
            Ok(opened) => opened,
            Err(exit) => {
                self.refuse("config", Vec::new());
                return exit;
            }
        };
        let report = Report {
            kind: Some(self.kind.word()),
            profile: Some(session.profile.clone()),
            show_key: self.show_key,
            ..Report::default()
        };
        let say = Say::of(globals, &session);
        let mut run = Run { say, json: self.json, session: &session, report };
        work(&mut run).code()
    }
}

impl Doing {
    /// The same at a desk. Without one nothing is begun.
    pub(super) fn at_desk(
        self,
        globals: &Globals,
        missing: &[(&'static str, &'static str)],
        work: impl FnOnce(&mut Run<'_>, &Desk, &Runtime) -> Exit,
    ) -> ExitCode {
        self.begin(globals, missing, |run| match sit_down(run.session) {
            Ok((desk, runtime)) => work(run, &desk, &runtime),
            Err(problem) => run.not_begun(self.kind, &problem),
        })
    }
}

/// The key that something is to be done with, as the options name it. An error is how the run ended without one.
fn sought(
    run: &mut Run<'_>,
    kind: IntentKind,
    options: &reference::KeyArgs,
    desk: &Desk,
    findings: &mut Findings,
) -> Result<BillingKey, Exit> {
    match options.find(desk, findings).map_err(reference::NoKey::wrong) {
        Ok(key) => {
            run.report.key(&key);
            Ok(key)
        }
        Err(Ok(wrong)) => Err(run.refused(kind, &[wrong])),
        Err(Err(problem)) => Err(run.not_begun(kind, &problem)),
    }
}

/// A desk, and what its questions are asked on.
pub(super) fn sit_down(session: &Session) -> Result<(Desk, Runtime), Problem> {
    Ok((session.recipe.clone().desk()?, runtime()?))
}

/// Asks for a key that something is to be done with. One that is not there or was deleted is
/// [`Problem::KeyGone`], however V1 puts it (V1 §8.2).
pub(super) async fn living(desk: &Desk, key: &BillingKey) -> Result<ProviderKey, Problem> {
    desk.key_of_name(key).await?.filter(ProviderKey::is_alive).ok_or(Problem::KeyGone)
}

/// The configured channel that a key was issued through: as the provider says, or else as the ledger remembers.
fn configured(session: &Session, desk: &Desk, key: &ProviderKey) -> Option<Channel> {
    let known = |channel: &Channel| session.channels.contains(channel);
    let said = Some(desk.channel_of(key)).filter(known);
    said.or_else(|| {
        let made = desk.ledger.borrow().by_key(&key.key).ok().flatten()?;
        // A name that was given to another PG's channel since says nothing.
        let its = |channel: &&Channel| channel.name == made.new.channel && channel.pg.as_str() == made.new.pg;
        session.channels.iter().find(its).cloned()
    })
}

/// Who asked for a refund or a deletion, as an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum RequesterArg {
    /// 고객
    Customer,
    /// 상점
    Admin,
}

impl RequesterArg {
    /// Who that is.
    pub(super) const fn requester(self) -> Requester {
        match self {
            Self::Customer => Requester::Customer,
            Self::Admin => Requester::Admin,
        }
    }
}

/// A reason that somebody gave for what is kept or sent with it.
pub(super) fn reason(option: &'static str, given: Option<&str>) -> Result<Option<String>, Wrong> {
    let Some(given) = given else { return Ok(None) };
    let reason = super::sale::tidy(given);
    if reason.is_empty() || !super::sale::is_remark(&reason) {
        return Err(Wrong { field: option, why: text!("cli.key.reason") });
    }
    Ok(Some(reason))
}
