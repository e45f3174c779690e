//! `danmal vbank close`: one account closed, once. One that was paid or closed meanwhile is left as it is.

use std::process::ExitCode;

use super::{Found, Unfound, find, id_of, refuse};
use crate::cli::Globals;
use crate::cli::exit::Exit;
use crate::cli::once::{Asked, End, Run, find_out, runtime, until_told_to_end};
use crate::cli::report::Report;
use crate::cli::say::{Say, amount, exit_of};
use crate::cli::state::{deposit_key, mode_key};
use crate::domain::account::DepositState;
use crate::domain::intent::{Intent, IntentKind, IntentState};
use crate::domain::outcome::Look;
use crate::domain::payment::PaymentId;
use crate::domain::pg::{PgCode, rules};
use crate::error;
use crate::operation::Desk;
use crate::text;

/// What `danmal vbank close` takes.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Payment id (주문번호) of the account.
    #[arg(value_name = "ID")]
    pub id: String,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
    /// Close without asking; there is nobody to ask.
    #[arg(long)]
    pub yes: bool,
}

const KIND: IntentKind = IntentKind::CloseAccount;

/// Closes, says how it ended.
pub(super) fn run(globals: &Globals, args: &Args) -> ExitCode {
    if !args.yes {
        Say::before_config(globals).problem_text(&text!("cli.vbank.close-yes"));
        refuse(args.json, KIND, "usage", vec!["yes"]);
        return Exit::Usage.code();
    }
    let id = match id_of(globals, &args.id) {
        Ok(id) => id,
        Err(exit) => {
            refuse(args.json, KIND, "usage", vec!["id"]);
            return exit;
        }
    };
    let (session, _log) = match crate::cli::session(globals) {
        Ok(opened) => opened,
        Err(exit) => {
            refuse(args.json, KIND, "config", Vec::new());
            return exit;
        }
    };
    let say = Say::of(globals, &session);
    let report = Report { kind: Some(KIND.word()), closes: Some(id.to_string()), ..Report::default() };
    let mut run = Run { say, json: args.json, session: &session, report };
    let found =
        session.recipe.clone().desk().map_err(Unfound::from).and_then(|desk| find(globals, say, desk, &id));
    match found {
        Ok(Found::Account(issued, desk)) => close(&mut run, &issued, &desk).code(),
        Ok(Found::Nothing) => {
            say.problem_text(&text!("cli.show.not-here", id = id));
            not_closed(&mut run, "not_here", Exit::Failed).code()
        }
        Ok(Found::SomethingElse) => {
            say.problem_text(&text!("cli.vbank.something-else", id = id));
            run.report.fields = vec!["id"];
            not_closed(&mut run, "usage", Exit::Usage).code()
        }
        Err(Unfound::Said(exit)) => {
            refuse(args.json, KIND, "config", Vec::new());
            exit
        }
        Err(Unfound::Problem(problem)) => {
            say.problem(&error::words(&problem), Some(id.as_str()));
            not_closed(&mut run, problem.word(), exit_of(&problem)).code()
        }
    }
}

fn not_closed(run: &mut Run<'_>, problem: &str, exit: Exit) -> Exit {
    run.report.outcome = super::super::state::not_done_word(KIND);
    run.report.problem = Some(problem.to_owned());
    run.finish(exit)
}

fn close(run: &mut Run<'_>, issued: &Intent, desk: &Desk) -> Exit {
    describe(run, issued);
    if rules(issued.new.generation, &PgCode::new(issued.new.pg.as_str())).virtual_account.close == Some(false)
    {
        run.say.problem_text(&text!("cli.vbank.close-not-taken", pg = issued.new.pg));
        run.report.fields = vec!["channel"];
        return not_closed(run, "usage", Exit::Usage);
    }
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(problem) => {
            run.say.problem(&error::words(&problem), None);
            return not_closed(run, problem.word(), exit_of(&problem));
        }
    };
    let account = &issued.new.id;
    if !issued.state.is_settled() {
        // Whether there is anything to close has to be known first.
        let look = runtime.block_on(desk.look_at(account));
        if !matches!(look, Look::Settled(_)) {
            run.say.problem_text(&text!("cli.vbank.unsettled", id = account));
            return not_closed(run, "not_settled", Exit::Failed);
        }
    }
    let state = desk.ledger.borrow().intent(account).ok().flatten().map(|intent| intent.state);
    if matches!(state, Some(IntentState::Declined | IntentState::NotCharged)) {
        run.say.problem_text(&text!("cli.vbank.never-issued", id = account));
        return not_closed(run, "not_waiting", Exit::Failed);
    }
    let id = desk.mint();
    let end = runtime.block_on(async { until_told_to_end(desk, &id, once(desk, &id, account)).await });
    // A closing that was not even begun has left nothing to refer to.
    let begun = desk.ledger.borrow().intent(&id).ok().flatten();
    run.report.payment_id = begun.map(|begun| begun.new.id.to_string());
    let deposit = desk.ledger.borrow().intent(account).ok().flatten().and_then(|intent| intent.deposit);
    run.report.deposit = deposit.map(DepositState::word);
    let channel = run.session.channels.iter().find(|channel| channel.name == issued.new.channel);
    let channel = channel.cloned().unwrap_or_else(|| crate::operation::account::channel_of(&issued.new));
    let asked = Asked { kind: KIND, id: &id, reference: account, channel: &channel, held_key: false };
    let exit = run.ended(&asked, &end.known, |run, _| {
        if !run.json {
            run.say.text(&text!(
                "cli.vbank.closed",
                mode = mode_key(issued.new.mode),
                amount = amount(run.say, issued.new.amount),
                id = account
            ));
        }
    });
    if exit != Exit::Done
        && let Some(deposit) = deposit
    {
        run.say.problem_text(&text!("cli.vbank.deposit", deposit = deposit_key(deposit)));
    }
    tracing::info!(payment_id = %account, outcome = run.report.outcome, "account closed headless");
    run.finish(exit)
}

/// Closes once. An end that was not seen is looked for once, by the account.
async fn once(desk: &Desk, id: &PaymentId, account: &PaymentId) -> End {
    let outcome = desk.close_account(id, account).await;
    End { known: find_out(desk, id, outcome).await, key: None }
}

fn describe(run: &mut Run<'_>, issued: &Intent) {
    let of = Report::of_intent(issued, false);
    run.report.amount = of.amount;
    run.report.currency = of.currency;
    run.report.order_name = of.order_name;
    run.report.profile = of.profile;
    run.report.channel = of.channel;
    run.report.mode = of.mode;
    run.report.account = of.account;
    run.report.deposit = of.deposit;
}
