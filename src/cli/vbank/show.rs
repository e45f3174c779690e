//! `danmal vbank show` and `list`: where accounts are, and how far their deposits came.

use std::process::ExitCode;

use serde::Serialize;

use super::{Found, Unfound, find, id_of, where_to_pay};
use crate::cli::Globals;
use crate::cli::ask::{Answer, Asking, ask};
use crate::cli::exit::Exit;
use crate::cli::once::runtime;
use crate::cli::report::{Report, print};
use crate::cli::say::{Say, amount, exit_of};
use crate::cli::state::{deposit_key, mode_key, state_key};
use crate::domain::intent::{Intent, IntentKind, IntentState};
use crate::domain::outcome::Look;
use crate::domain::payment::PaymentId;
use crate::domain::problem::Problem;
use crate::error;
use crate::operation::Desk;
use crate::text;

/// What `danmal vbank show` takes.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Payment id (주문번호) of the account.
    #[arg(value_name = "ID")]
    pub id: String,
    /// Do not ask the provider.
    #[arg(long)]
    pub offline: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// What `danmal vbank list` takes.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct ListArgs {
    /// Do not ask the provider.
    #[arg(long)]
    pub offline: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// What `list --json` prints.
#[derive(Debug, Default, Serialize)]
struct Listed {
    /// Those that wait, oldest first.
    accounts: Vec<Report>,
    /// Those that this look found paid or closed.
    ended: Vec<Report>,
}

/// Shows one account.
pub(super) fn run(globals: &Globals, args: &Args) -> ExitCode {
    let nothing = |problem: &str, fields: Vec<&'static str>| {
        if args.json {
            print(&Report {
                outcome: "not_found",
                kind: Some(IntentKind::IssueAccount.word()),
                problem: Some(problem.to_owned()),
                fields,
                ..Report::default()
            });
        }
    };
    let id = match id_of(globals, &args.id) {
        Ok(id) => id,
        Err(exit) => {
            nothing("usage", vec!["id"]);
            return exit;
        }
    };
    let (session, _log) = match crate::cli::session(globals) {
        Ok(opened) => opened,
        Err(exit) => {
            nothing("config", Vec::new());
            return exit;
        }
    };
    let say = Say::of(globals, &session);
    let found = session.recipe.desk().map_err(Unfound::from).and_then(|desk| find(globals, say, desk, &id));
    match found {
        Ok(Found::Account(issued, desk)) => show(say, args, *issued, &desk).code(),
        Ok(Found::Nothing) => {
            say.problem_text(&text!("cli.show.not-here", id = id));
            nothing("not_here", Vec::new());
            Exit::Failed.code()
        }
        Ok(Found::SomethingElse) => {
            say.problem_text(&text!("cli.vbank.something-else", id = id));
            nothing("usage", vec!["id"]);
            Exit::Usage.code()
        }
        Err(Unfound::Said(exit)) => {
            nothing("config", Vec::new());
            exit
        }
        Err(Unfound::Problem(problem)) => {
            say.problem(&error::asking(&problem), Some(id.as_str()));
            nothing(problem.word(), Vec::new());
            exit_of(&problem).code()
        }
    }
}

fn show(say: Say, args: &Args, issued: Intent, desk: &Desk) -> Exit {
    let id = issued.new.id.clone();
    let asked =
        if args.offline { Ok(()) } else { runtime().and_then(|runtime| runtime.block_on(follow(desk, &id))) };
    let row = desk.ledger.borrow().intent(&id);
    let row = row.ok().flatten().unwrap_or(issued);
    let mut report = Report::of_intent(&row, false);
    let exit = match &asked {
        Err(problem) => {
            say.problem(&error::asking(problem), Some(id.as_str()));
            report.problem = Some(problem.word().to_owned());
            exit_of(problem)
        }
        Ok(()) if row.state.is_settled() => Exit::Done,
        Ok(()) => Exit::Unknown,
    };
    if args.json {
        print(&report);
    } else {
        tell(say, &row);
    }
    exit
}

/// Settles the issue where that is still open, then asks how far the deposit came.
async fn follow(desk: &Desk, id: &PaymentId) -> Result<(), Problem> {
    match desk.look_at(id).await {
        Look::Settled(intent) if intent.state == IntentState::Approved => {
            desk.follow_account(id).await.map(|_| ())
        }
        Look::Settled(_) | Look::Open(_) => Ok(()),
        Look::Failed(problem) => Err(problem),
    }
}

fn tell(say: Say, intent: &Intent) {
    let new = &intent.new;
    say.text(&text!(
        "cli.vbank.line",
        id = new.id,
        mode = mode_key(new.mode),
        state = intent.deposit.map_or(state_key(new.kind, intent.state), deposit_key),
        amount = amount(say, new.amount),
        order = new.order_name
    ));
    if let Some(account) = intent.approval.as_ref().and_then(|approval| approval.account.as_deref()) {
        say.text(&text!("cli.vbank.indented", text = where_to_pay(say, account)));
    }
    if let Some(refusal) = &intent.refusal {
        let code = refusal.code.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
        say.text(&text!("cli.show.refusal", code = code, message = refusal.message));
    }
    if let Some(why) = intent.why.as_deref().filter(|_| intent.state != IntentState::Approved) {
        say.text(&error::why(why));
    }
}

/// Lists the accounts that wait.
pub(super) fn list(globals: &Globals, args: ListArgs) -> ExitCode {
    ask(globals, args.json, error::asking, |at, listed| look(at, args, listed))
}

fn look(at: &Asking<'_>, args: ListArgs, listed: &mut Answer<Listed>) -> Result<Exit, Problem> {
    let (say, desk) = (at.say, at.desk);
    let before = desk.ledger.borrow().waiting_accounts(&desk.profile)?;
    let mut exit = Exit::Done;
    if !args.offline {
        for (id, look) in runtime()?.block_on(desk.follow_accounts())? {
            if let Err(problem) = look {
                // Once is enough: it is the same provider for all of them.
                if listed.problem.is_none() {
                    say.problem(&error::asking(&problem), Some(id.as_str()));
                    listed.problem = Some(problem.word());
                    exit = exit_of(&problem);
                }
            }
        }
    }
    let after = desk.ledger.borrow().waiting_accounts(&desk.profile)?;
    for intent in &before {
        if after.iter().all(|waits| waits.new.id != intent.new.id)
            && let Some(ended) = desk.ledger.borrow().intent(&intent.new.id)?
        {
            if !args.json {
                tell(say, &ended);
            }
            listed.what.ended.push(Report::of_intent(&ended, false));
        }
    }
    for intent in &after {
        if !args.json {
            tell(say, intent);
        }
        listed.what.accounts.push(Report::of_intent(intent, false));
    }
    if !args.json && before.is_empty() {
        say.text(&text!("cli.vbank.none"));
    }
    Ok(exit)
}
