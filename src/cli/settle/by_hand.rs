//! `danmal settle --id`: a refund that no look-up can settle, settled by a person who looked at the provider's own
//! console. A thin twin over `operation::settle::by_hand`. Sends look-ups only.
//!
//! What there is to see is shown first; the amount is typed, as an option or, on a terminal, when it is asked for.

use std::os::fd::BorrowedFd;
use std::process::ExitCode;

use super::{Args, line};
use crate::cli::Globals;
use crate::cli::exit::Exit;
use crate::cli::key::reference::first_line;
use crate::cli::key::{Doing, reason, sit_down};
use crate::cli::once::Run;
use crate::cli::report::{EvidenceReport, Report};
use crate::cli::sale::{Findings, Wrong, typed};
use crate::cli::say::{amount, exit_of};
use crate::domain::due::to_the_minute;
use crate::domain::intent::{Intent, IntentKind, IntentState};
use crate::domain::money::Money;
use crate::domain::payment::PaymentId;
use crate::domain::problem::Problem;
use crate::domain::refund::hand::{ByHand, Evidence, Said};
use crate::error;
use crate::text;

const KIND: IntentKind = IntentKind::Refund;

/// What a person saw at the provider's console, as an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum EndArg {
    /// The money was given back.
    Done,
    /// It was not.
    NotDone,
}

/// Settles one refund by hand, or tells why that can't be done.
pub(super) fn run(globals: &Globals, args: &Args) -> ExitCode {
    let doing =
        Doing { kind: KIND, json: args.json, go: true, show_key: false, ask_yes: "cli.settle.hand.as" };
    let mut missing = Vec::new();
    if !args.dry_run {
        if args.told.is_none() {
            missing.push(("as", "cli.settle.hand.as"));
        }
        if args.reason.is_none() {
            missing.push(("reason", "cli.settle.hand.reason"));
        }
        if args.amount.is_none() && !asks(args) {
            missing.push(("amount", "cli.settle.hand.amount"));
        }
    }
    doing.begin(globals, &missing, |run| settle(run, args))
}

/// Whether there is somebody to ask for the amount.
fn asks(args: &Args) -> bool {
    let terminal = |fd: BorrowedFd<'_>| rustix::termios::isatty(fd);
    !args.json && terminal(rustix::stdio::stdin()) && terminal(rustix::stdio::stderr())
}

fn settle(run: &mut Run<'_>, args: &Args) -> Exit {
    run.report.outcome = "unknown";
    let id = args.id.as_deref().and_then(|id| PaymentId::parse(id).ok());
    let Some(id) = id else { return wrong(run, Wrong { field: "id", why: text!("cli.pay.order-id") }) };
    let why = match reason("reason", args.reason.as_deref()) {
        Ok(why) => why,
        Err(found) => return wrong(run, found),
    };
    let (desk, runtime) = match sit_down(run.session) {
        Ok(made) => made,
        Err(problem) => return stays(run, &problem),
    };
    run.report.payment_id = Some(id.to_string());
    let evidence = match runtime.block_on(desk.by_hand(&id)) {
        Ok(Some(ByHand::Undecided(evidence))) => evidence,
        Ok(Some(ended)) => return told(run, args, &ended),
        Ok(None) => {
            run.say.problem_text(&text!("cli.show.not-here", id = id));
            run.report.problem = Some("not_here".to_owned());
            return run.finish(Exit::Failed);
        }
        Err(problem) => return stays(run, &problem),
    };
    describe(run, &evidence);
    if let Err(found) = confirmed(args, run, &evidence) {
        return wrong(run, found);
    }
    if args.dry_run {
        run.report.outcome = "dry_run";
        if !run.json {
            run.say.text(&text!("cli.settle.hand.dry"));
        }
        return run.finish(Exit::Done);
    }
    let said = Said { done: args.told == Some(EndArg::Done), reason: why.unwrap_or_default() };
    match runtime.block_on(desk.settle_by_hand(&evidence, &said)) {
        Ok(ended) => told(run, args, &ended),
        Err(problem) => stays(run, &problem),
    }
}

/// The amount, typed by whoever settles it; a rehearsal may do without.
fn confirmed(args: &Args, run: &Run<'_>, evidence: &Evidence) -> Result<(), Wrong> {
    let given = match &args.amount {
        Some(given) => given.clone(),
        None if args.dry_run => return Ok(()),
        None => {
            run.say.problem_text(&text!("cli.settle.hand.type", amount = amount(run.say, evidence.amount)));
            first_line(&rustix::stdio::stdin()).unwrap_or_default()
        }
    };
    let mut findings = Findings::default();
    let amount = typed("amount", given.trim(), evidence.amount.currency(), &mut findings);
    match (amount, findings.wrong.pop()) {
        (_, Some(found)) => Err(found),
        (Some(amount), None) if amount == evidence.amount => Ok(()),
        _ => Err(Wrong { field: "amount", why: text!("cli.settle.hand.other-amount") }),
    }
}

/// Something that was typed is wrong: nothing changed.
fn wrong(run: &mut Run<'_>, found: Wrong) -> Exit {
    run.turned_away("unknown", &[found])
}

/// What kept it from being looked at: it stays as it was.
fn stays(run: &mut Run<'_>, problem: &Problem) -> Exit {
    run.say.problem(&error::asking(problem), run.report.payment_id.as_deref());
    run.report.problem = Some(problem.word().to_owned());
    run.finish(exit_of(problem))
}

/// How it stands after a look-up or a person's word.
fn told(run: &mut Run<'_>, args: &Args, ended: &ByHand) -> Exit {
    match ended {
        ByHand::Settled(intent) => settled(run, args, intent),
        ByHand::Waits(why) => {
            run.say.problem_text(&error::why(why));
            run.say.problem_text(&text!("by-hand.waits"));
            run.report.why = Some((*why).to_owned());
            run.finish(Exit::Unknown)
        }
        // What is there now is not what the person was shown.
        ByHand::Undecided(evidence) => {
            describe(run, evidence);
            run.say.problem_text(&text!("by-hand.changed"));
            run.finish(Exit::Unknown)
        }
    }
}

fn settled(run: &mut Run<'_>, args: &Args, intent: &Intent) -> Exit {
    let evidence = run.report.evidence.take();
    run.report = Report { evidence, ..Report::of_intent(intent, false) };
    if !run.json {
        run.say.text(&line(run.say, intent));
    }
    let done = intent.state == IntentState::Approved;
    let same = args.told.is_none_or(|told| (told == EndArg::Done) == done);
    if !same {
        run.say.problem_text(&text!("cli.settle.hand.otherwise"));
    }
    tracing::info!(payment_id = %intent.new.id, outcome = run.report.outcome, "refund settled by hand or by its look-up");
    run.finish(if same { Exit::Done } else { Exit::Failed })
}

/// What there is to see, for whoever compares it with the provider's console.
fn describe(run: &mut Run<'_>, evidence: &Evidence) {
    run.report.refunds = Some(evidence.payment.to_string());
    run.report.amount = Some(evidence.amount.minor());
    run.report.currency = Some(evidence.amount.currency().code());
    run.report.note.clone_from(&evidence.reason);
    run.report.why = Some(evidence.why.to_owned());
    run.report.balance = evidence.now.map(Money::minor);
    run.report.evidence = Some(EvidenceReport::from(evidence));
    if run.json {
        return;
    }
    let money = |money: Option<Money>| money.map_or_else(|| "-".to_owned(), |money| amount(run.say, money));
    run.say.text(&text!(
        "cli.settle.hand.refund",
        id = evidence.id,
        payment = evidence.payment,
        amount = amount(run.say, evidence.amount),
        reason = evidence.reason.as_deref().unwrap_or("-"),
        why = run.say.words(&error::why(evidence.why))
    ));
    let (before, now) = (money(evidence.before), money(evidence.now));
    run.say.text(&text!("by-hand.balance", before = before, now = now));
    if evidence.cancellations.is_empty() {
        run.say.text(&text!("by-hand.no-cancellation"));
    }
    for seen in &evidence.cancellations {
        let one = &seen.cancellation;
        let at = one.cancelled_at.or(one.requested_at).and_then(|at| jiff::Timestamp::from_second(at).ok());
        run.say.text(&text!(
            "by-hand.cancellation",
            time = at.map_or_else(|| "-".to_owned(), to_the_minute),
            amount = amount(run.say, one.amount),
            state = one.state.name_key(),
            reason = one.reason,
            mark = seen.name_key()
        ));
    }
}
