//! `danmal receipt`: cash receipts (현금영수증) issued by hand, cancelled, shown, and those that are owed. A thin twin
//! over `operation::receipt`.

use std::process::ExitCode;

use serde::Serialize;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::Globals;
use super::ask::{Answer, ask};
use super::exit::Exit;
use super::key::{Doing, sit_down};
use super::once::{Asked, End, Run, find_out, until_told_to_end};
use super::payment::cancel::payment_of;
use super::payment::list::object;
use super::report::print;
use super::sale::{self, CustomerArgs, Findings, tidy, typed};
use super::say::{Say, amount, exit_of};
use super::state::mode_key;
use crate::domain::account::{CashReceipt, ReceiptKind};
use crate::domain::cash_receipt::{ProviderReceipt, ReceiptCancel, ReceiptOrder};
use crate::domain::channel::Channel;
use crate::domain::due::to_the_minute;
use crate::domain::intent::IntentKind;
use crate::domain::money::{Currency, Money};
use crate::domain::problem::Problem;
use crate::domain::record::{PaymentRecord, ReceiptState};
use crate::domain::schedule::Span;
use crate::domain::text::SafeText;
use crate::error;
use crate::operation::Desk;
use crate::text;

/// How many days back receipts are looked for that are owed, when nothing else is said.
const OWED_DAYS: u32 = 90;

/// The commands about cash receipts.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Issues a cash receipt for a payment, or for cash taken elsewhere.
    Issue(Box<IssueArgs>),
    /// Cancels a cash receipt: always the whole of it.
    Cancel(CancelArgs),
    /// Shows the cash receipt of a payment.
    Show(ShowArgs),
    /// Lists paid virtual accounts and transfers without a receipt, as far as the copy knows.
    List(ListArgs),
}

/// What `danmal receipt issue` takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct IssueArgs {
    /// Payment id (주문번호); of cash taken elsewhere an id of your own.
    #[arg(value_name = "ID")]
    pub id: String,
    /// What for.
    #[arg(long, value_name = "KIND")]
    pub receipt: Option<ReceiptArg>,
    /// Mobile phone number, cash receipt card or business number; sent, never kept.
    #[arg(long, value_name = "N")]
    pub receipt_number: Option<String>,
    /// The cash was taken outside the provider: amount, order name and channel are given here.
    #[arg(long)]
    pub cash: bool,
    /// With --cash: how much.
    #[arg(long, value_name = "N")]
    pub amount: Option<String>,
    /// Tax-free part of it.
    #[arg(long, value_name = "N")]
    pub tax_free: Option<String>,
    /// VAT in it.
    #[arg(long, value_name = "N")]
    pub vat: Option<String>,
    /// With --cash: order name; the profile's when absent.
    #[arg(long, value_name = "TEXT")]
    pub order_name: Option<String>,
    /// With --cash: channel (PG contract); the profile's default when absent.
    #[arg(long, value_name = "NAME")]
    pub channel: Option<String>,
    /// Who paid.
    #[command(flatten)]
    pub customer: CustomerArgs,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
    /// Issue without asking; there is nobody to ask.
    #[arg(long)]
    pub yes: bool,
}

/// What `danmal receipt cancel` takes.
#[derive(Debug, Clone, clap::Args)]
pub struct CancelArgs {
    /// Payment id (주문번호).
    #[arg(value_name = "ID")]
    pub id: String,
    /// The cash was taken outside the provider.
    #[arg(long)]
    pub cash: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
    /// Cancel without asking; there is nobody to ask.
    #[arg(long)]
    pub yes: bool,
}

/// What `danmal receipt show` takes.
#[derive(Debug, Clone, clap::Args)]
pub struct ShowArgs {
    /// Payment id (주문번호).
    #[arg(value_name = "ID")]
    pub id: String,
    /// The cash was taken outside the provider.
    #[arg(long)]
    pub cash: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// What `danmal receipt list` takes.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct ListArgs {
    /// How many days back.
    #[arg(long, value_name = "DAYS", default_value_t = OWED_DAYS)]
    pub days: u32,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// What a receipt is for, as an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ReceiptArg {
    /// 소득공제
    Personal,
    /// 지출증빙
    Corporate,
}

/// Runs a command about cash receipts.
pub(super) fn run(globals: &Globals, command: &Command) -> ExitCode {
    match command {
        Command::Issue(args) => issue(globals, args),
        Command::Cancel(args) => cancel(globals, args),
        Command::Show(args) => show(globals, args),
        Command::List(args) => list(globals, *args),
    }
}

fn issue(globals: &Globals, args: &IssueArgs) -> ExitCode {
    let doing = Doing {
        kind: IntentKind::IssueReceipt,
        json: args.json,
        go: args.yes,
        show_key: false,
        ask_yes: "cli.receipt.issue-yes",
    };
    let mut missing = Vec::new();
    if args.receipt.is_none() {
        missing.push(("receipt", "cli.receipt.kind"));
    }
    if args.receipt_number.is_none() {
        missing.push(("receipt-number", "cli.receipt.number"));
    }
    doing.at_desk(globals, &missing, |run, desk, runtime| issue_one(run, args, desk, runtime))
}

fn issue_one(run: &mut Run<'_>, args: &IssueArgs, desk: &Desk, runtime: &Runtime) -> Exit {
    const KIND: IntentKind = IntentKind::IssueReceipt;
    let id = SafeText::new(&tidy(&args.id));
    run.report.refunds = Some(id.to_string());
    let payment = match (!args.cash).then(|| payment_of(run, KIND, &id, desk, runtime)).transpose() {
        Ok(payment) => payment,
        Err(exit) => return exit,
    };
    let mut findings = Findings::default();
    let order = build(run, args, desk, id, payment.as_ref(), &mut findings);
    let Some(order) = order.filter(|_| findings.wrong.is_empty()) else {
        return run.refused(KIND, &findings.wrong);
    };
    let report = &mut run.report;
    report.amount = Some(order.amount.minor());
    report.currency = Some(order.amount.currency().code());
    report.order_name = Some(order.order_name.clone());
    report.channel = Some(order.channel.name.clone());
    report.mode = Some(order.channel.mode.word());
    let operation = async {
        let end = desk.issue_receipt(&order).await;
        End { known: find_out(desk, &order.id, end.outcome).await, key: None }
    };
    let end = runtime.block_on(until_told_to_end(desk, &order.id, operation));
    finish(
        run,
        desk,
        &Asked { kind: KIND, id: &order.id, reference: &order.id, channel: &order.channel, held_key: false },
        &end,
        |run, number| {
            text!(
                "cli.receipt.issued",
                mode = mode_key(order.channel.mode),
                amount = amount(run.say, order.amount),
                number = number
            )
        },
    )
}

fn finish(
    run: &mut Run<'_>,
    desk: &Desk,
    asked: &Asked<'_>,
    end: &End,
    told: impl FnOnce(&Run<'_>, &str) -> crate::i18n::Text,
) -> Exit {
    run.begun(desk, asked.id);
    let exit = run.ended(asked, &end.known, |run, approval| {
        if !run.json {
            let number = approval.approval_number.as_ref().map_or("-", SafeText::as_str);
            run.say.text(&told(run, number));
        }
    });
    run.finish(exit)
}

fn build(
    run: &Run<'_>,
    args: &IssueArgs,
    desk: &Desk,
    id: SafeText,
    payment: Option<&PaymentRecord>,
    findings: &mut Findings,
) -> Option<ReceiptOrder> {
    let receipt = receipt(args, findings);
    let given = sale::customer(&args.customer, findings);
    let currency = payment.and_then(|payment| payment.payment.total).map_or(Currency::Krw, Money::currency);
    let tax_free = sale::part("tax-free", args.tax_free.as_deref(), currency, findings);
    let vat = sale::part("vat", args.vat.as_deref(), currency, findings);
    let (channel, amount, order_name) = if let Some(payment) = payment {
        // Over what is left of it, whatever was given back: V1 takes that by itself (V1 §13.3).
        let left = payment.balance().filter(|left| !left.is_zero());
        if left.is_none() {
            findings.wrong("id", text!("cli.receipt.not-paid"));
        }
        (desk.channel_of_payment(payment), left?, payment.payment.order_name.to_string())
    } else {
        let channel = sale::channel(args.channel.as_deref(), run.session, &[], findings);
        let amount = typed("amount", args.amount.as_deref().unwrap_or_default(), currency, findings);
        let name = args.order_name.as_deref().map_or_else(|| run.session.order_name.clone(), tidy);
        (channel?, amount?, name)
    };
    let (Ok(tax_free), Ok(vat)) = (tax_free, vat) else { return None };
    let tax_free = tax_free.or_else(|| payment.and_then(|payment| payment.tax_free));
    let unsaid = given == crate::domain::customer::Customer::default();
    Some(ReceiptOrder {
        id: desk.mint(),
        channel,
        payment: id,
        provider_payment_id: payment.and_then(|payment| payment.payment.provider_payment_id.clone()),
        receipt: receipt?,
        order_name,
        amount,
        tax_free: tax_free.filter(|tax_free| !tax_free.is_zero()),
        vat,
        customer: payment.map(|payment| payment.customer.clone()).filter(|_| unsaid).unwrap_or(given),
    })
}

fn receipt(args: &IssueArgs, findings: &mut Findings) -> Option<CashReceipt> {
    let typed = args.receipt_number.as_deref().map(tidy).unwrap_or_default();
    let identity: String = typed.chars().filter(char::is_ascii_digit).collect();
    let plain = typed.chars().all(|ch| ch.is_ascii_digit() || matches!(ch, '-' | ' '));
    let (kind, lengths) = match args.receipt? {
        ReceiptArg::Personal => (ReceiptKind::Personal, 10..=18),
        ReceiptArg::Corporate => (ReceiptKind::Corporate, 10..=10),
    };
    if !plain || !lengths.contains(&identity.len()) {
        findings.wrong("receipt-number", text!("cli.receipt.number"));
        return None;
    }
    Some(CashReceipt { kind, identity })
}

fn cancel(globals: &Globals, args: &CancelArgs) -> ExitCode {
    let doing = Doing {
        kind: IntentKind::CancelReceipt,
        json: args.json,
        go: args.yes,
        show_key: false,
        ask_yes: "cli.receipt.cancel-yes",
    };
    doing.at_desk(globals, &[], |run, desk, runtime| cancel_one(run, args, desk, runtime))
}

fn cancel_one(run: &mut Run<'_>, args: &CancelArgs, desk: &Desk, runtime: &Runtime) -> Exit {
    const KIND: IntentKind = IntentKind::CancelReceipt;
    let id = SafeText::new(&tidy(&args.id));
    run.report.refunds = Some(id.to_string());
    let payment = match runtime.block_on(known(desk, &id, args.cash)) {
        Ok(payment) => payment,
        Err(problem) => return run.not_begun(KIND, &problem),
    };
    let channel: Channel = match &payment {
        Some(payment) => desk.channel_of_payment(payment),
        None => match run.session.channels.get(run.session.default_channel) {
            Some(channel) => channel.clone(),
            None => return run.not_begun(KIND, &Problem::NoReceipt),
        },
    };
    let order = ReceiptCancel {
        id: desk.mint(),
        payment: id,
        provider_payment_id: payment.and_then(|payment| payment.payment.provider_payment_id),
    };
    run.report.channel = Some(channel.name.clone());
    run.report.mode = Some(channel.mode.word());
    let operation = async {
        let end = desk.cancel_receipt(&order, &channel).await;
        End { known: find_out(desk, &order.id, end.outcome).await, key: None }
    };
    let end = runtime.block_on(until_told_to_end(desk, &order.id, operation));
    let asked = Asked { kind: KIND, id: &order.id, reference: &order.id, channel: &channel, held_key: false };
    finish(run, desk, &asked, &end, |_, _| {
        text!("cli.receipt.cancelled", mode = mode_key(channel.mode), id = order.payment)
    })
}

/// The payment, unless the cash was taken elsewhere.
async fn known(desk: &Desk, id: &SafeText, cash: bool) -> Result<Option<PaymentRecord>, Problem> {
    if cash {
        return Ok(None);
    }
    desk.attempt_now(id, None).await?.map(Some).ok_or(Problem::NoReceipt)
}

/// What `show --json` prints.
#[derive(Debug, Default, Serialize)]
struct Shown {
    payment: String,
    /// `issued`, `cancelled`, `not_issued`; `null` when it could not be asked.
    state: Option<&'static str>,
    number: Option<String>,
    amount: Option<u64>,
    currency: Option<&'static str>,
    url: Option<String>,
    /// Unix seconds.
    issued_at: Option<i64>,
    cancelled_at: Option<i64>,
    problem: Option<&'static str>,
}

fn show(globals: &Globals, args: &ShowArgs) -> ExitCode {
    let id = SafeText::new(&tidy(&args.id));
    let mut shown = Shown { payment: id.to_string(), ..Shown::default() };
    let (session, _log) = match super::session(globals) {
        Ok(opened) => opened,
        Err(exit) => {
            if args.json {
                print(&Shown { problem: Some("config"), ..shown });
            }
            return exit;
        }
    };
    let say = Say::of(globals, &session);
    let asked = sit_down(&session).and_then(|(desk, runtime)| {
        runtime.block_on(async {
            let payment = known(&desk, &id, args.cash).await?;
            let attempt = payment.and_then(|payment| payment.payment.provider_payment_id);
            desk.receipt(&id, attempt.as_ref()).await
        })
    });
    let exit = match asked {
        Ok(receipt) => {
            let state = receipt.as_ref().map_or(ReceiptState::NotIssued, |receipt| receipt.state);
            shown.state = Some(state.word());
            if let Some(receipt) = &receipt {
                keep(&mut shown, receipt);
            }
            if !args.json {
                tell(say, &id, state, receipt.as_ref());
            }
            Exit::Done
        }
        Err(problem) => {
            say.problem(&error::asking(&problem), Some(id.as_str()));
            shown.problem = Some(problem.word());
            exit_of(&problem)
        }
    };
    if args.json {
        print(&shown);
    }
    exit.code()
}

fn keep(shown: &mut Shown, receipt: &ProviderReceipt) {
    shown.number = receipt.number.as_ref().map(ToString::to_string);
    shown.amount = receipt.amount.map(Money::minor);
    shown.currency = receipt.amount.map(|amount| amount.currency().code());
    shown.url = receipt.url.as_ref().map(ToString::to_string);
    (shown.issued_at, shown.cancelled_at) = (receipt.issued_at, receipt.cancelled_at);
}

fn tell(say: Say, id: &SafeText, state: ReceiptState, receipt: Option<&ProviderReceipt>) {
    let state = match state {
        ReceiptState::Issued => "cli.receipt.state-issued",
        ReceiptState::Cancelled => "cli.receipt.state-cancelled",
        ReceiptState::NotIssued => "cli.receipt.state-none",
    };
    let total = receipt.and_then(|receipt| receipt.amount).map(|total| amount(say, total));
    let number = receipt.and_then(|receipt| receipt.number.as_ref()).map(ToString::to_string);
    let at = receipt.and_then(|receipt| receipt.issued_at);
    let at = at.and_then(|at| jiff::Timestamp::from_second(at).ok()).map(to_the_minute);
    let dash = || "-".to_owned();
    say.text(&text!(
        "cli.receipt.line",
        id = id,
        state = state,
        amount = total.unwrap_or_else(dash),
        number = number.unwrap_or_else(dash),
        time = at.unwrap_or_else(dash)
    ));
}

/// What `list --json` prints.
#[derive(Debug, Default, Serialize)]
struct Owed {
    payments: Vec<Value>,
}

fn list(globals: &Globals, args: ListArgs) -> ExitCode {
    ask(globals, args.json, error::asking, |at, told: &mut Answer<Owed>| {
        let now = at.desk.world.now();
        let from = now - jiff::SignedDuration::from_hours(24 * i64::from(args.days.min(3_650)));
        let owed = at.desk.receipts_owed(Span { from, until: now })?;
        told.what.payments = owed.iter().filter_map(|row| object(&row.what)).collect();
        if !at.json {
            at.say.text(&text!("cli.receipt.owed", count = owed.len()));
            for row in &owed {
                let total = row.what.balance().map_or_else(|| "-".to_owned(), |left| amount(at.say, left));
                at.say.text(&text!(
                    "cli.receipt.owes",
                    id = row.what.id,
                    amount = total,
                    name = row.what.payment.order_name
                ));
            }
        }
        Ok(Exit::Done)
    })
}
