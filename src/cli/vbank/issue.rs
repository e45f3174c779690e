//! `danmal vbank issue`: one virtual account, issued once.

use std::process::ExitCode;

use super::{order, refuse, where_to_pay};
use crate::cli::Globals;
use crate::cli::exit::Exit;
use crate::cli::once::{Asked, End, Run, find_out, runtime, taken, until_told_to_end};
use crate::cli::report::Report;
use crate::cli::sale::{Findings, SaleArgs, tidy};
use crate::cli::say::{Say, amount};
use crate::cli::state::mode_key;
use crate::domain::account::{DepositState, ReceiptKind};
use crate::domain::intent::{Approval, Intent, IntentKind};
use crate::domain::order::{AccountOrder, Installments};
use crate::domain::outcome::Outcome;
use crate::ledger::Guard;
use crate::operation::Desk;
use crate::text;

/// What `danmal vbank issue` takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// The sale.
    #[command(flatten)]
    pub sale: SaleArgs,
    /// Bank: SHINHAN, 088 or 신한은행.
    #[arg(long, value_name = "BANK")]
    pub bank: Option<String>,
    /// End of the wait: 3일, 24시간, 12-05, 2026-12-05 18:00 (Korea time).
    #[arg(long, value_name = "WHEN")]
    pub due: Option<String>,
    /// Cash receipt with the deposit.
    #[arg(long, value_name = "KIND")]
    pub receipt: Option<Receipt>,
    /// Phone number (personal) or business number (corporate) of the cash receipt.
    #[arg(long, value_name = "N")]
    pub receipt_number: Option<String>,
    /// A fixed account: this number or id, in place of one from the pool.
    #[arg(long, value_name = "NUMBER")]
    pub fixed: Option<String>,
    /// Holder of the account, where the PG takes one.
    #[arg(long, value_name = "TEXT")]
    pub holder: Option<String>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
    /// Issue without asking; there is nobody to ask.
    #[arg(long)]
    pub yes: bool,
}

/// What a cash receipt is for, as an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Receipt {
    /// 소득공제
    Personal,
    /// 지출증빙
    Corporate,
}

impl Receipt {
    pub(super) const fn kind(self) -> ReceiptKind {
        match self {
            Self::Personal => ReceiptKind::Personal,
            Self::Corporate => ReceiptKind::Corporate,
        }
    }
}

const KIND: IntentKind = IntentKind::IssueAccount;

/// Issues, says where to pay.
pub(super) fn run(globals: &Globals, args: &Args) -> ExitCode {
    if !args.yes {
        Say::before_config(globals).problem_text(&text!("cli.vbank.issue-yes"));
        refuse(args.json, KIND, "usage", vec!["yes"]);
        return Exit::Usage.code();
    }
    let (session, _log) = match crate::cli::session(globals) {
        Ok(opened) => opened,
        Err(exit) => {
            refuse(args.json, KIND, "config", Vec::new());
            return exit;
        }
    };
    let say = Say::of(globals, &session);
    let report =
        Report { kind: Some(KIND.word()), profile: Some(session.profile.clone()), ..Report::default() };
    let mut run = Run { say, json: args.json, session: &session, report };
    issue(&mut run, args).code()
}

fn issue(run: &mut Run<'_>, args: &Args) -> Exit {
    let mut findings = Findings::default();
    let order = order::build(args, run.session, jiff::Timestamp::now(), run.say.lang(), &mut findings);
    run.doubts(&findings);
    let Some(order) = order.filter(|_| findings.wrong.is_empty()) else {
        return run.refused(KIND, &findings.wrong);
    };
    run.report.sale(KIND, &order.sale, Installments::default());
    let made = run.session.recipe.clone().desk().and_then(|desk| Ok((desk, runtime()?)));
    let (desk, runtime) = match made {
        Ok(made) => made,
        Err(problem) => return ended(run, &order, &End::seen(Outcome::NotCharged(problem)), None),
    };
    let guard = match &args.sale.duplicate_reason {
        Some(reason) => Guard::Overridden(tidy(reason)),
        None => Guard::Check(desk.guard_window),
    };
    let given = args.sale.order_id.is_some();
    let id = &order.sale.payment_id;
    let end =
        runtime.block_on(async { until_told_to_end(&desk, id, once(&desk, &order, &guard, given)).await });
    let row = desk.ledger.borrow().intent(id).ok().flatten();
    let exit = ended(run, &order, &end, row.as_ref());
    tracing::info!(payment_id = %id, outcome = run.report.outcome, "account issued headless");
    exit
}

/// Issues once. An end that was not seen is looked up once; the rest is `danmal settle`'s.
async fn once(desk: &Desk, order: &AccountOrder, guard: &Guard, given: bool) -> End {
    let id = &order.sale.payment_id;
    if given && let Some(end) = taken(desk, id).await {
        return end;
    }
    let outcome = desk.issue_account(order, guard, |_| ()).await;
    End { known: find_out(desk, id, outcome).await, key: None }
}

fn ended(run: &mut Run<'_>, order: &AccountOrder, end: &End, row: Option<&Intent>) -> Exit {
    let id = &order.sale.payment_id;
    let asked = Asked { kind: KIND, id, reference: id, channel: &order.sale.channel, held_key: false };
    let exit = run.ended(&asked, &end.known, |run, approval| issued(run, order, approval));
    if exit == Exit::Done {
        // A look-up that settled it may have found it paid already.
        let deposit = row.and_then(|row| row.deposit).unwrap_or(DepositState::Waiting);
        run.report.deposit = Some(deposit.word());
    }
    run.finish(exit)
}

fn issued(run: &Run<'_>, order: &AccountOrder, approval: &Approval) {
    let say = run.say;
    if let Some(total) = approval.differing_total {
        let (said, asked) = (amount(say, total), amount(say, order.sale.amount));
        say.problem_text(&text!("cli.pay.differs", said = said, asked = asked));
    }
    let Some(account) = &approval.account else {
        // It exists, and nobody has read out where: that can be asked for again.
        return say.problem_text(&text!("cli.vbank.no-details", id = order.sale.payment_id));
    };
    if run.json {
        return;
    }
    say.text(&text!(
        "cli.vbank.issued",
        mode = mode_key(order.sale.channel.mode),
        amount = amount(say, order.sale.amount),
        account = where_to_pay(say, account),
        id = order.sale.payment_id
    ));
}
