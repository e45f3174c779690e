//! `danmal key charge`: one billing key charged once, guarded, journalled and looked up as every charge is.
//!
//! A key is for charges that the customer agreed to make again and again; the command's help says so.

use std::process::ExitCode;

use tokio::runtime::Runtime;

use super::reference::KeyArgs;
use super::{Doing, configured, living, sought};
use crate::cli::Globals;
use crate::cli::exit::Exit;
use crate::cli::once::{Asked, End, Run, find_out, taken, until_told_to_end};
use crate::cli::pay::order::check_installments;
use crate::cli::sale::{self, Findings, Purpose, SaleArgs, Wrong, tidy};
use crate::cli::say::amount;
use crate::cli::session::Session;
use crate::cli::state::mode_key;
use crate::domain::billing_key::{BillingKey, ProviderKey};
use crate::domain::channel::Channel;
use crate::domain::due::to_the_minute;
use crate::domain::intent::{Approval, IntentKind, IntentState};
use crate::domain::order::{Installments, KeyChargeOrder, Sale};
use crate::domain::outcome::Outcome;
use crate::domain::pg::{Generation, Means, Operation};
use crate::ledger::Guard;
use crate::operation::Desk;
use crate::text;

/// What `danmal key charge` takes.
#[derive(Debug, Clone, Default, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[command(after_help = "A billing key is for recurring charges that the customer has agreed to.")]
pub struct Args {
    /// Which key.
    #[command(flatten)]
    pub key: KeyArgs,
    /// The sale; channel and customer are the key's own when absent.
    #[command(flatten)]
    pub sale: SaleArgs,
    /// Instalment months; 0 is lump sum.
    #[arg(long, value_name = "MONTHS", default_value_t = 0)]
    pub installments: u8,
    /// The merchant bears the interest of the instalments.
    #[arg(long)]
    pub interest_free: bool,
    /// Write the billing key whole; whoever has it can charge the card.
    #[arg(long)]
    pub show_key: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
    /// Check everything and send nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Charge without asking; there is nobody to ask.
    #[arg(long)]
    pub yes: bool,
}

const KIND: IntentKind = IntentKind::ChargeKey;

/// Charges, says how it ended.
pub(super) fn run(globals: &Globals, args: &Args) -> ExitCode {
    let doing = Doing {
        kind: KIND,
        json: args.json,
        go: args.yes || args.dry_run,
        show_key: args.show_key,
        ask_yes: "cli.pay.yes",
    };
    doing.at_desk(globals, &[], |run, desk, runtime| charge(run, args, desk, runtime))
}

fn charge(run: &mut Run<'_>, args: &Args, desk: &Desk, runtime: &Runtime) -> Exit {
    let mut findings = Findings::default();
    let key = match sought(run, KIND, &args.key, desk, &mut findings) {
        Ok(key) => key,
        Err(exit) => return exit,
    };
    let held = match runtime.block_on(living(desk, &key)) {
        Ok(held) => held,
        Err(problem) => {
            run.doubts(&findings);
            return run.not_begun(KIND, &problem);
        }
    };
    run.report.card(held.card.as_ref());
    last_charge(desk, &key, &mut findings);
    let order = build(args, run.session, desk, &held, &mut findings);
    run.doubts(&findings);
    let Some(order) = order.filter(|_| findings.wrong.is_empty()) else {
        return run.refused(KIND, &findings.wrong);
    };
    run.report.sale(KIND, &order.sale, order.installments);
    let guard = match &args.sale.duplicate_reason {
        Some(reason) => Guard::Overridden(tidy(reason)),
        None => Guard::Check(desk.guard_window),
    };
    let given = args.sale.order_id.is_some();
    if args.dry_run {
        return match runtime.block_on(stopped(desk, &order, &guard, given)) {
            Some(end) => ended(run, &order, &end),
            None => rehearsed(run, &order),
        };
    }
    let id = &order.sale.payment_id;
    let end = runtime.block_on(until_told_to_end(desk, id, once(desk, &order, &guard, given)));
    let exit = ended(run, &order, &end);
    tracing::info!(payment_id = %id, outcome = run.report.outcome, "key charged headless");
    exit
}

/// A hint when the last charge of this key did not go well: the next one seldom does better by itself.
fn last_charge(desk: &Desk, key: &BillingKey, findings: &mut Findings) {
    let Some(last) = desk.charges_of(key).ok().and_then(|charges| charges.into_iter().next()) else { return };
    let time = to_the_minute(last.new.created);
    match last.state {
        IntentState::Declined => {
            let message = last.refusal.map(|refusal| refusal.message).unwrap_or_default();
            findings.doubtful("key", text!("cli.key.last-declined", time = time, message = message));
        }
        IntentState::Sent | IntentState::Unknown => {
            findings.doubtful("key", text!("cli.key.last-unknown", time = time, id = last.new.id));
        }
        _ => {}
    }
}

/// The order, as far as it could be built.
fn build(
    args: &Args,
    session: &Session,
    desk: &Desk,
    held: &ProviderKey,
    findings: &mut Findings,
) -> Option<KeyChargeOrder> {
    const OPERATION: Operation = Operation::ChargeKey;
    let sale = sale_of(&args.sale, session, desk, held, OPERATION, findings)?;
    let installments = Installments { months: args.installments, interest_free: args.interest_free };
    check_installments(&sale.channel, OPERATION, installments, sale.amount, findings);
    Some(KeyChargeOrder { sale, key: held.key.clone(), installments })
}

/// A sale with a billing key, as far as it could be built: through the channel of the key, for the customer of the
/// key where no other is named.
pub(in crate::cli) fn sale_of(
    args: &SaleArgs,
    session: &Session,
    desk: &Desk,
    held: &ProviderKey,
    operation: Operation,
    findings: &mut Findings,
) -> Option<Sale> {
    let purpose =
        Purpose { offered: &[(operation, "channel")], sent: &[operation], operation, means: Means::Card };
    let mut asked = args.clone();
    match through(session, desk, held, asked.channel.as_deref()) {
        Ok(channel) => asked.channel = Some(channel.name),
        Err(wrong) => {
            findings.wrong.push(wrong);
            return None;
        }
    }
    let known = &held.customer;
    let customer = &mut asked.customer;
    for (field, known) in [
        (&mut customer.customer_id, known.id()),
        (&mut customer.customer_name, known.name()),
        (&mut customer.customer_phone, known.phone()),
        (&mut customer.customer_email, known.email()),
    ] {
        if field.is_empty() {
            known.unwrap_or_default().clone_into(field);
        }
    }
    sale::build(&asked, session, purpose, findings)
}

/// The channel that a key is charged through: its own. One that is named besides must be it, and helps where
/// nobody else knows it.
fn through(
    session: &Session,
    desk: &Desk,
    held: &ProviderKey,
    given: Option<&str>,
) -> Result<Channel, Wrong> {
    let own = configured(session, desk, held);
    let given = given.map(tidy).and_then(|name| session.channels.iter().find(|channel| channel.name == name));
    let pg = held.pg.as_ref().map_or("-", |pg| pg.as_str());
    let wrong = |why| Err(Wrong { field: "channel", why });
    match (own, given) {
        (Some(own), Some(given)) if own != *given => {
            wrong(text!("cli.key.other-channel", channel = own.name, pg = own.pg))
        }
        (Some(own), _) => Ok(own),
        // V1's word for the PG need not be the channel's code (V1 §6.4).
        (None, Some(given)) if given.generation == Generation::V1 || given.pg.as_str() == pg => {
            Ok(given.clone())
        }
        (None, _) => {
            let channel = held.channel.as_ref().map_or("-", |channel| channel.as_str());
            wrong(text!("cli.key.channel-unknown", channel = channel, pg = pg))
        }
    }
}

/// What would stop the charge before it is sent.
async fn stopped(desk: &Desk, order: &KeyChargeOrder, guard: &Guard, given: bool) -> Option<End> {
    if given && let Some(end) = taken(desk, &order.sale.payment_id).await {
        return Some(end);
    }
    if matches!(guard, Guard::Overridden(_)) {
        return None;
    }
    match desk.earlier_of_key(order) {
        Ok(None) => None,
        Ok(Some(earlier)) => Some(End::seen(Outcome::Blocked(Box::new(earlier)))),
        Err(problem) => Some(End::seen(Outcome::NotCharged(problem))),
    }
}

/// Charges once. An end that was not seen is looked up once; the rest is `danmal settle`'s.
async fn once(desk: &Desk, order: &KeyChargeOrder, guard: &Guard, given: bool) -> End {
    let id = &order.sale.payment_id;
    if given && let Some(end) = taken(desk, id).await {
        return end;
    }
    let outcome = desk.charge_key(order, guard, |_| ()).await;
    End { known: find_out(desk, id, outcome).await, key: None }
}

fn rehearsed(run: &mut Run<'_>, order: &KeyChargeOrder) -> Exit {
    run.report.outcome = "dry_run";
    if !run.json {
        run.say.text(&text!(
            "cli.key.charge-dry",
            mode = mode_key(order.sale.channel.mode),
            amount = amount(run.say, order.sale.amount),
            key = run.report.billing_key.as_deref().unwrap_or("-"),
            card = run.report.card_shown().unwrap_or_else(|| "-".to_owned())
        ));
    }
    run.finish(Exit::Done)
}

fn ended(run: &mut Run<'_>, order: &KeyChargeOrder, end: &End) -> Exit {
    let id = &order.sale.payment_id;
    let asked = Asked { kind: KIND, id, reference: id, channel: &order.sale.channel, held_key: true };
    let exit = run.ended(&asked, &end.known, |run, approval| approved(run, order, approval));
    run.finish(exit)
}

fn approved(run: &Run<'_>, order: &KeyChargeOrder, approval: &Approval) {
    if let Some(total) = approval.differing_total {
        let (said, asked) = (amount(run.say, total), amount(run.say, order.sale.amount));
        run.say.problem_text(&text!("cli.pay.differs", said = said, asked = asked));
    }
    if run.json {
        return;
    }
    run.say.text(&text!(
        "cli.key.charged",
        mode = mode_key(order.sale.channel.mode),
        amount = amount(run.say, order.sale.amount),
        number = approval.approval_number.as_ref().map_or("-", |number| number.as_str()),
        key = run.report.billing_key.as_deref().unwrap_or("-"),
        card = run.report.card_shown().unwrap_or_else(|| "-".to_owned()),
        id = order.sale.payment_id
    ));
    if let Some(url) = &approval.receipt_url {
        run.say.text(&text!("cli.pay.receipt", url = url));
    }
}
