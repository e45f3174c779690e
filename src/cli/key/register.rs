//! `danmal key register`: one billing key made of one card, once. A name that is in use (V1) is refused, because
//! the old key would live on at the PG, unless somebody says why its card is to be replaced.

use std::cell::RefCell;
use std::path::PathBuf;
use std::process::ExitCode;

use super::reference::{line_of, new_name};
use super::{Doing, reason, sit_down};
use crate::cli::Globals;
use crate::cli::card;
use crate::cli::exit::Exit;
use crate::cli::once::{Asked, End, Run, find_out, until_told_to_end};
use crate::cli::report::RefusalReport;
use crate::cli::sale::{CustomerArgs, Findings, channel, check_customer, customer};
use crate::cli::session::Session;
use crate::cli::state::mode_key;
use crate::domain::billing_key::BillingKey;
use crate::domain::intent::{Approval, IntentKind};
use crate::domain::order::KeyOrder;
use crate::domain::outcome::{KeyEnd, Outcome};
use crate::domain::payment::{PaymentId, Refusal};
use crate::domain::pg::{Generation, Operation};
use crate::domain::problem::Problem;
use crate::ledger::Guard;
use crate::operation::Desk;
use crate::operation::world::{RealWorld, World as _};
use crate::text;

/// What `danmal key register` takes.
#[derive(Debug, Clone, Default, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Args {
    /// Channel (PG contract); the profile's default when absent.
    #[arg(long, value_name = "NAME")]
    pub channel: Option<String>,
    /// Whose card.
    #[command(flatten)]
    pub customer: CustomerArgs,
    /// V1 only: name of the new key (`customer_uid`); one that was never used when absent.
    #[arg(long, value_name = "NAME", conflicts_with = "key_file")]
    pub key: Option<String>,
    /// V1 only: file whose first line is the name of the new key.
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// V1 only: puts the card behind a name that is in use, and keeps this reason.
    #[arg(long, value_name = "TEXT")]
    pub replace: Option<String>,
    /// Write the billing key whole; whoever has it can charge the card.
    #[arg(long)]
    pub show_key: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
    /// Check everything and send nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Register without asking; there is nobody to ask.
    #[arg(long)]
    pub yes: bool,
    /// Read the card as one JSON line from standard input.
    #[arg(long)]
    pub card_stdin: bool,
}

const KIND: IntentKind = IntentKind::IssueKey;

/// Registers, says under which key.
pub(super) fn run(globals: &Globals, args: &Args) -> ExitCode {
    let doing = Doing {
        kind: KIND,
        json: args.json,
        go: args.yes || args.dry_run,
        show_key: args.show_key,
        ask_yes: "cli.key.register-yes",
    };
    let unread = (!args.card_stdin).then_some(("card-stdin", "cli.pay.card-stdin"));
    doing.begin(globals, unread.as_slice(), |run| {
        let exit = register(run, args);
        // Whatever way this went: nothing of the card stays.
        run.session.recipe.vault.wipe_for_exit();
        exit
    })
}

/// What is ordered, and why a name may be used again.
struct Ordered {
    order: KeyOrder,
    replace: Option<String>,
}

fn build(args: &Args, session: &Session, findings: &mut Findings) -> Option<Ordered> {
    const SENT: &[Operation] = &[Operation::IssueKey];
    let channel = channel(args.channel.as_deref(), session, &[(Operation::IssueKey, "channel")], findings);
    let customer = customer(&args.customer, findings);
    let key = name(args, findings);
    let replace = reason("replace", args.replace.as_deref()).unwrap_or_else(|wrong| {
        findings.wrong.push(wrong);
        None
    });
    let channel = channel?;
    check_customer(SENT, &channel, &customer, findings);
    let named = args.key.is_some() || args.key_file.is_some();
    match channel.generation {
        Generation::V2 if named => findings.wrong("key", text!("cli.key.v2-names")),
        Generation::V2 if replace.is_some() => findings.wrong("replace", text!("cli.key.v2-names")),
        Generation::V1 if replace.is_some() && !named => {
            findings.wrong("replace", text!("cli.key.replace-what"));
        }
        _ => {}
    }
    let id = PaymentId::mint(RealWorld::new().random());
    Some(Ordered { order: KeyOrder { id, channel, customer, key }, replace })
}

/// The name of the new key, where one was given.
fn name(args: &Args, findings: &mut Findings) -> Option<BillingKey> {
    let given = match (&args.key_file, &args.key) {
        (Some(file), _) => line_of(file).and_then(|line| new_name(&line)),
        (None, Some(name)) => {
            findings.doubtful("key", text!("cli.key.in-arguments"));
            new_name(name)
        }
        (None, None) => return None,
    };
    given.map_err(|why| findings.wrong("key", why)).ok()
}

fn register(run: &mut Run<'_>, args: &Args) -> Exit {
    let mut findings = Findings::default();
    let ordered = build(args, run.session, &mut findings);
    let Some(Ordered { order, replace }) = ordered.filter(|_| findings.wrong.is_empty()) else {
        run.doubts(&findings);
        return run.refused(KIND, &findings.wrong);
    };
    run.report.payment_id = Some(order.id.to_string());
    run.report.channel = Some(order.channel.name.clone());
    run.report.mode = Some(order.channel.mode.word());
    let vault = &run.session.recipe.vault;
    if let Err(wrong) = card::read(vault) {
        return run.refused(KIND, &[wrong]);
    }
    let month = card::this_month(jiff::Timestamp::now());
    card::check(vault, &order.channel, Operation::IssueKey, month, &mut findings);
    run.doubts(&findings);
    if !findings.wrong.is_empty() {
        return run.refused(KIND, &findings.wrong);
    }
    run.report.card(card::ending(vault).as_ref());
    let (desk, runtime) = match sit_down(run.session) {
        Ok(made) => made,
        Err(problem) => return ended(run, &order, &End::seen(Outcome::NotCharged(problem)), &[]),
    };
    if args.dry_run {
        let free = runtime.block_on(is_free(&desk, &order, replace.is_some()));
        return match free {
            Ok(()) => rehearsed(run, &order),
            Err(problem) => ended(run, &order, &End::seen(Outcome::NotCharged(problem)), &[]),
        };
    }
    let guard = match replace {
        Some(reason) => Guard::Overridden(reason),
        None => Guard::Check(desk.guard_window),
    };
    let refusals = RefCell::new(Vec::new());
    let end = runtime.block_on(until_told_to_end(&desk, &order.id, async {
        let KeyEnd { outcome, refusals: refused, .. } = desk.issue_key(&order, &guard, |_| ()).await;
        *refusals.borrow_mut() = refused;
        End { known: find_out(&desk, &order.id, outcome).await, key: None }
    }));
    let exit = ended(run, &order, &end, &refusals.into_inner());
    tracing::info!(payment_id = %order.id, outcome = run.report.outcome, "key registered headless");
    exit
}

/// Whether the name is nobody's, as far as the registration would ask.
async fn is_free(desk: &Desk, order: &KeyOrder, replaces: bool) -> Result<(), Problem> {
    let Some(name) = order.key.as_ref().filter(|_| !replaces) else { return Ok(()) };
    match super::living(desk, name).await {
        Err(Problem::KeyGone) => Ok(()),
        Ok(taken) => {
            let card = taken.card.map_or_else(|| "-".to_owned(), |card| card.to_string());
            Err(Problem::KeyTaken { card })
        }
        Err(problem) => Err(problem),
    }
}

fn rehearsed(run: &mut Run<'_>, order: &KeyOrder) -> Exit {
    run.report.outcome = "dry_run";
    run.report.payment_id = None;
    if !run.json {
        run.say.text(&text!(
            "cli.key.register-dry",
            mode = mode_key(order.channel.mode),
            card = run.report.card_shown().unwrap_or_default(),
            channel = order.channel.name
        ));
    }
    run.finish(Exit::Done)
}

fn ended(run: &mut Run<'_>, order: &KeyOrder, end: &End, refusals: &[Refusal]) -> Exit {
    let id = &order.id;
    let asked = Asked { kind: KIND, id, reference: id, channel: &order.channel, held_key: false };
    run.report.refusals = refusals.iter().map(RefusalReport::from).collect();
    let exit = run.ended(&asked, &end.known, |run, approval| issued(run, order, approval));
    // The key is there although a channel of its group refused.
    for refusal in refusals {
        let code = refusal.code.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
        run.say.problem_text(&text!("cli.key.channel-refused", code = code, message = refusal.message));
    }
    run.finish(exit)
}

fn issued(run: &Run<'_>, order: &KeyOrder, approval: &Approval) {
    if run.json {
        return;
    }
    run.say.text(&text!(
        "cli.key.registered",
        mode = mode_key(order.channel.mode),
        key = run.report.billing_key.as_deref().unwrap_or("-"),
        card = run.report.card_shown().unwrap_or_default(),
        issuer = approval.issuer.as_ref().map_or("-", |issuer| issuer.as_str()),
        id = order.id
    ));
}
