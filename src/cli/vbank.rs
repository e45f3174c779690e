//! `danmal vbank`: virtual accounts (가상계좌) issued, shown, listed and closed; a thin twin over `operation`.
//!
//! Never asks, never retries. An account is issued and closed as every charge is made: once, with its intent on
//! disk before anything is sent.

pub(super) mod bank;
mod close;
mod issue;
mod order;
mod show;

use std::process::ExitCode;

use super::Globals;
use super::exit::Exit;
use super::report::{Report, print};
use super::say::Say;
use crate::domain::account::DepositAccount;
use crate::domain::due::to_the_minute;
use crate::domain::intent::{Intent, IntentKind};
use crate::domain::payment::PaymentId;
use crate::domain::problem::Problem;
use crate::operation::Desk;
use crate::text;

/// The commands about virtual accounts.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Issues a virtual account and says where to pay.
    Issue(Box<issue::Args>),
    /// Shows one account and how far its deposit came.
    Show(show::Args),
    /// Closes an account that waits for its deposit.
    Close(close::Args),
    /// Lists the accounts of the profile that wait for a deposit.
    List(show::ListArgs),
}

/// Runs a command about virtual accounts.
pub(super) fn run(globals: &Globals, command: &Command) -> ExitCode {
    match command {
        Command::Issue(args) => issue::run(globals, args),
        Command::Show(args) => show::run(globals, args),
        Command::Close(args) => close::run(globals, args),
        Command::List(args) => show::list(globals, *args),
    }
}

/// A command that does something about one account: why it can't even begin, told and printed.
fn refuse(json: bool, kind: IntentKind, problem: &str, fields: Vec<&'static str>) {
    if json {
        print(&Report { fields, ..Report::not_done(kind, problem) });
    }
}

/// The id that was typed.
fn id_of(globals: &Globals, text: &str) -> Result<PaymentId, ExitCode> {
    PaymentId::parse(text).map_err(|_| {
        Say::before_config(globals).problem_text(&text!("cli.pay.order-id"));
        Exit::Usage.code()
    })
}

/// What this ledger has of an account.
enum Found {
    /// The intent that issued it, and a desk of the profile that it belongs to.
    Account(Box<Intent>, Box<Desk>),
    /// There is no such id.
    Nothing,
    /// The id is something else.
    SomethingElse,
}

/// Looks for an account, and sits down at the desk of the profile that issued it, which may be another one than
/// was asked for or is the default. A profile that can't be opened is told at once.
fn find(globals: &Globals, say: Say, mut desk: Desk, id: &PaymentId) -> Result<Found, Unfound> {
    let intent = desk.ledger.borrow().intent(id).map_err(Problem::from)?;
    let Some(intent) = intent else { return Ok(Found::Nothing) };
    if intent.new.kind != IntentKind::IssueAccount {
        return Ok(Found::SomethingElse);
    }
    if intent.new.profile != desk.profile {
        let opened = super::session::open(globals.config.as_deref(), Some(&intent.new.profile));
        desk = match opened {
            Ok(session) => session.recipe.desk()?,
            Err(unusable) => return Err(Unfound::Said(say.unusable(&unusable))),
        };
    }
    Ok(Found::Account(Box::new(intent), Box::new(desk)))
}

/// Why an account could not be looked for.
enum Unfound {
    /// Told already.
    Said(ExitCode),
    /// Still to be told.
    Problem(Problem),
}

impl From<Problem> for Unfound {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// Where to pay, for a person.
pub(super) fn where_to_pay(say: Say, account: &DepositAccount) -> String {
    let due = account.due.and_then(|due| jiff::Timestamp::from_second(due).ok());
    say.words(&text!(
        "cli.vbank.account",
        bank = account.bank,
        number = account.number,
        holder = account.holder.as_ref().map_or("-", |holder| holder.as_str()),
        due = due.map_or_else(|| "-".to_owned(), to_the_minute)
    ))
}
