//! `danmal payment cancel`: money given back, whole or in part, once. A thin twin over `operation::refund`.
//!
//! The amount is always typed. What the rules block is told before anything is sent; the account that a virtual
//! account is refunded to comes from a file or standard input, is sent and never kept.

use std::process::ExitCode;

use serde::Deserialize;
use tokio::runtime::Runtime;

use crate::cli::Globals;
use crate::cli::exit::Exit;
use crate::cli::key::reference::first_line;
use crate::cli::key::{Doing, RequesterArg, reason};
use crate::cli::once::{Asked, End, Run, find_out, until_told_to_end};
use crate::cli::report::FindingReport;
use crate::cli::sale::{Findings, part, typed};
use crate::cli::say::amount;
use crate::cli::state::mode_key;
use crate::cli::vbank::bank::named;
use crate::domain::intent::IntentKind;
use crate::domain::money::{Currency, Money};
use crate::domain::pg::{Severity, rules};
use crate::domain::problem::Problem;
use crate::domain::record::PaymentRecord;
use crate::domain::refund::feasible::{Finding, may_go};
use crate::domain::refund::{RefundAccount, RefundEnd, RefundOrder, RefundWish};
use crate::domain::text::SafeText;
use crate::i18n::Text;
use crate::ledger::Guard;
use crate::operation::Desk;
use crate::text;

/// What `danmal payment cancel` takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// Payment id (주문번호) of the payment.
    #[arg(value_name = "ID")]
    pub id: String,
    /// How much: 45000, 45,000 or 4.5만. Always stated, the whole amount too.
    #[arg(long, value_name = "N")]
    pub amount: Option<String>,
    /// Tax-free part of it.
    #[arg(long, value_name = "N")]
    pub tax_free: Option<String>,
    /// VAT in it; left to the PG when absent.
    #[arg(long, value_name = "N")]
    pub vat: Option<String>,
    /// What can be given back, as you know it: another balance stops the refund.
    #[arg(long, value_name = "N")]
    pub balance: Option<String>,
    /// Why; told to the provider and kept.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Who asked for it; some PGs want to know.
    #[arg(long, value_name = "WHO")]
    pub requester: Option<RequesterArg>,
    /// Where the money of a virtual account goes: a file, or - for standard input, with one line of JSON.
    #[arg(long, value_name = "FILE")]
    pub account_file: Option<String>,
    /// Sends it although the same payment and amount was refunded a moment ago, and keeps this reason.
    #[arg(long, value_name = "TEXT")]
    pub duplicate_reason: Option<String>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
    /// Check everything and send nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Refund without asking; there is nobody to ask.
    #[arg(long)]
    pub yes: bool,
}

const KIND: IntentKind = IntentKind::Refund;

/// Refunds, says how it ended.
pub(in crate::cli) fn run(globals: &Globals, args: &Args) -> ExitCode {
    let doing = Doing {
        kind: KIND,
        json: args.json,
        go: args.yes || args.dry_run,
        show_key: false,
        ask_yes: "cli.refund.yes",
    };
    let mut missing = Vec::new();
    if args.amount.is_none() {
        missing.push(("amount", "cli.refund.amount"));
    }
    if args.reason.is_none() {
        missing.push(("reason", "cli.refund.reason"));
    }
    doing.at_desk(globals, &missing, |run, desk, runtime| cancel(run, args, desk, runtime))
}

/// The payment that something is to be done with, read now. An error is how the run ended without one.
pub(in crate::cli) fn payment_of(
    run: &mut Run<'_>,
    kind: IntentKind,
    id: &SafeText,
    desk: &Desk,
    runtime: &Runtime,
) -> Result<PaymentRecord, Exit> {
    run.report.refunds = Some(id.to_string());
    match runtime.block_on(desk.attempt_now(id, None)) {
        Ok(Some(payment)) => Ok(payment),
        Ok(None) => {
            run.say.problem_text(&text!("cli.refund.none", id = id));
            Err(run.not_begun(kind, &Problem::NotRefundable { what: "not_paid" }))
        }
        Err(problem) => Err(run.not_begun(kind, &problem)),
    }
}

fn cancel(run: &mut Run<'_>, args: &Args, desk: &Desk, runtime: &Runtime) -> Exit {
    let payment = match payment_of(run, KIND, &SafeText::new(&args.id), desk, runtime) {
        Ok(payment) => payment,
        Err(exit) => return exit,
    };
    let mut findings = Findings::default();
    let order = build(args, desk, &payment, &mut findings);
    let Some(order) = order.filter(|_| findings.wrong.is_empty()) else {
        return match payment.balance() {
            None => run.not_begun(KIND, &Problem::NotRefundable { what: "not_paid" }),
            Some(_) => run.refused(KIND, &findings.wrong),
        };
    };
    describe(run, &order, &payment);
    let found = desk.refund_findings(&payment, &order);
    tell(run, &found);
    if args.dry_run {
        return rehearsed(run, desk, &payment, &order, &found);
    }
    let id = &order.id;
    let guard = args
        .duplicate_reason
        .as_ref()
        .map_or(Guard::Check(desk.guard_window), |reason| Guard::Overridden(crate::cli::sale::tidy(reason)));
    let mut after = None;
    let end = runtime.block_on(until_told_to_end(desk, id, once(desk, &order, &guard, &mut after)));
    if let Some(end) = &after {
        run.report.balance = balance_of(end.payment.as_deref());
    }
    run.begun(desk, id);
    let asked = Asked { kind: KIND, id, reference: id, channel: &order.channel, held_key: false };
    let exit = run.ended(&asked, &end.known, |run, _| {
        if !run.json {
            let left = after.as_ref().and_then(|end| end.payment.as_ref()?.balance());
            let left = left.map_or_else(|| "-".to_owned(), |left| amount(run.say, left));
            run.say.text(&text!(
                "cli.refund.done",
                mode = mode_key(order.channel.mode),
                amount = amount(run.say, order.amount),
                id = order.payment,
                left = left
            ));
        }
    });
    // Whoever was too late is told what there is now.
    if run.report.problem.as_deref() == Some("balance_changed")
        && let Some(now) = after.as_ref().and_then(|end| end.payment.as_ref()?.balance())
    {
        run.say.problem_text(&text!(
            "cli.refund.changed",
            before = amount(run.say, order.balance),
            now = amount(run.say, now)
        ));
    }
    run.finish(exit)
}

async fn once(desk: &Desk, order: &RefundOrder, guard: &Guard, after: &mut Option<RefundEnd>) -> End {
    let end = desk.refund(order, guard, |_| ()).await;
    let known = find_out(desk, &order.id, end.outcome.clone()).await;
    *after = Some(end);
    End { known, key: None }
}

fn balance_of(payment: Option<&PaymentRecord>) -> Option<u64> {
    payment.and_then(PaymentRecord::balance).map(Money::minor)
}

fn build(args: &Args, desk: &Desk, payment: &PaymentRecord, findings: &mut Findings) -> Option<RefundOrder> {
    let currency = payment.payment.total.map_or(Currency::Krw, Money::currency);
    let reason = match reason("reason", args.reason.as_deref()) {
        Ok(reason) => reason.unwrap_or_default(),
        Err(wrong) => {
            findings.wrong.push(wrong);
            String::new()
        }
    };
    if let Err(wrong) = self::reason("duplicate-reason", args.duplicate_reason.as_deref()) {
        findings.wrong.push(wrong);
    }
    let channel = desk.channel_of_payment(payment);
    let account = match &args.account_file {
        None => None,
        Some(file) => match account(file, &channel) {
            Ok(account) => Some(account),
            Err(why) => {
                findings.wrong("account-file", why);
                None
            }
        },
    };
    let amount = typed("amount", args.amount.as_deref().unwrap_or_default(), currency, findings);
    let tax_free = part("tax-free", args.tax_free.as_deref(), currency, findings);
    let vat = part("vat", args.vat.as_deref(), currency, findings);
    let balance = part("balance", args.balance.as_deref(), currency, findings);
    let (Some(amount), Ok(tax_free), Ok(vat), Ok(balance)) = (amount, tax_free, vat, balance) else {
        return None;
    };
    let requester = args.requester.map(RequesterArg::requester);
    let wish = RefundWish { amount, tax_free, vat, reason, requester, account };
    let order = desk.refund_order(payment, wish).ok()?;
    Some(RefundOrder { balance: balance.unwrap_or(order.balance), ..order })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountLine {
    bank: String,
    number: String,
    holder: String,
    phone: Option<String>,
}

/// One line of JSON: nothing of it is ever repeated in an error.
fn account(file: &str, channel: &crate::domain::channel::Channel) -> Result<RefundAccount, Text> {
    let read = if file == "-" {
        first_line(&rustix::stdio::stdin())
    } else {
        std::fs::File::open(file).map_err(|error| error.kind()).and_then(|file| first_line(&file))
    };
    let text = read.map_err(|why| text!("cli.refund.account-unreadable", why = why))?;
    let line: AccountLine =
        serde_json::from_str(text.trim()).map_err(|_| text!("cli.refund.account-form"))?;
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let number = digits(&line.number);
    let plain = line.number.chars().all(|ch| ch.is_ascii_digit() || matches!(ch, '-' | ' '));
    if number.is_empty() || !plain || line.holder.trim().is_empty() {
        return Err(text!("cli.refund.account-form"));
    }
    let bank = named(rules(channel.generation, &channel.pg), &line.bank)
        .map_err(|_| text!("cli.refund.account-bank"))?;
    let phone = line.phone.map(|phone| digits(&phone)).filter(|phone| !phone.is_empty());
    Ok(RefundAccount { bank, number, holder: crate::cli::sale::tidy(&line.holder), phone })
}

fn describe(run: &mut Run<'_>, order: &RefundOrder, payment: &PaymentRecord) {
    let report = &mut run.report;
    report.amount = Some(order.amount.minor());
    report.currency = Some(order.amount.currency().code());
    report.tax_free = order.tax_free.map(Money::minor);
    report.vat = order.vat.map(Money::minor);
    report.note = Some(order.reason.clone());
    report.order_name = Some(payment.payment.order_name.to_string()).filter(|name| !name.is_empty());
    report.channel = Some(order.channel.name.clone());
    report.mode = Some(order.channel.mode.word());
    report.balance = Some(order.balance.minor());
    report.card(payment.payment.card.as_ref());
}

/// What the rules say, a sentence each.
fn tell(run: &mut Run<'_>, found: &[Finding]) {
    for finding in found {
        let text = run.say.words(&Text { key: finding.key(), args: finding.figures.clone() });
        let blocks = finding.severity() == Severity::Blocks;
        // What blocks is told at the end, as the problem.
        if !blocks {
            run.say.problem_text(&text!("cli.refund.warns", text = text));
        }
        run.report.findings.push(FindingReport { rule: finding.rule.id.as_str(), blocks, text });
    }
}

/// Everything is checked and nothing sent.
fn rehearsed(
    run: &mut Run<'_>,
    desk: &Desk,
    payment: &PaymentRecord,
    order: &RefundOrder,
    found: &[Finding],
) -> Exit {
    if payment.balance().is_some_and(|balance| balance != order.balance) {
        return run.not_begun(KIND, &Problem::BalanceChanged);
    }
    if !may_go(found)
        && let Some(problem) = found.iter().find_map(Finding::problem)
    {
        return run.not_begun(KIND, &problem);
    }
    match desk.earlier_refund(order) {
        Ok(Some(earlier)) => {
            run.report.outcome = "blocked";
            run.report.guard = Some(earlier.new.id.to_string());
            return run.finish(Exit::Guarded);
        }
        Ok(None) => {}
        Err(problem) => return run.not_begun(KIND, &problem),
    }
    run.report.outcome = "dry_run";
    if !run.json {
        run.say.text(&text!("cli.refund.dry", amount = amount(run.say, order.amount), id = order.payment));
    }
    run.finish(Exit::Done)
}
