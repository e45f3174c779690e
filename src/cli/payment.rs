//! `danmal payment`: payments shown, listed, refunded, synchronised and exported. Here `show`: what the journal knows of
//! one payment, account or billing key, and what the provider says now.

pub(super) mod cancel;
pub(super) mod choose;
mod exports;
pub(super) mod list;

use std::process::ExitCode;

use serde::Serialize;

use super::Globals;
use super::exit::Exit;
use super::report::{Report, print};
use super::say::{Say, amount, exit_of};
use super::session::Session;
use super::state::{deposit_key, has_amount, kind_key, mode_key, state_key};
use crate::domain::due::to_the_minute;
use crate::domain::intent::{Intent, IntentKind, IntentState, Target};
use crate::domain::outcome::Look;
use crate::domain::payment::{PaymentId, PaymentState, ProviderPayment};
use crate::domain::problem::Problem;
use crate::error;
use crate::gateway::LookUp;
use crate::ledger::Entry;
use crate::operation::Desk;
use crate::text;

/// The commands about payments.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Shows one payment: journal, history, and what the provider says now.
    Show(ShowArgs),
    /// Lists payments of the local copy.
    List(Box<list::ListArgs>),
    /// Gives money back, whole or in part.
    Cancel(Box<cancel::Args>),
    /// Reads the provider's payments into the local copy.
    Sync(list::SyncArgs),
    /// Writes payments of the local copy to a file.
    Export(Box<list::ExportArgs>),
    /// Lists what was written to files before: when, who, what, why, where to.
    Exports(exports::Args),
}

/// What `danmal payment show` takes.
#[derive(Debug, Clone, clap::Args)]
pub struct ShowArgs {
    /// Payment id (주문번호).
    #[arg(value_name = "ID")]
    pub id: String,
    /// Do not ask the provider.
    #[arg(long)]
    pub offline: bool,
    /// Write a billing key whole; whoever has it can charge the card.
    #[arg(long)]
    pub show_key: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// One line of the history.
#[derive(Debug, Serialize)]
struct Line {
    /// RFC 3339.
    at: String,
    step: String,
    detail: String,
}

/// What the provider says.
#[derive(Debug, Serialize)]
struct Provider {
    /// Whether it knows the id.
    found: bool,
    /// Its state in our words; `null` when not found.
    state: Option<String>,
    amount: Option<u64>,
    currency: Option<String>,
    approval_number: Option<String>,
    receipt_url: Option<String>,
    #[serde(rename = "provider_payment_id")]
    transaction: Option<String>,
    order_name: Option<String>,
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Shown {
    /// The journal row; `null` when this ledger has none.
    payment: Option<Report>,
    /// The journal's word for where it stands.
    state: Option<&'static str>,
    /// Who acted.
    operator: Option<String>,
    /// RFC 3339.
    created_at: Option<String>,
    /// Why the operator charged in spite of the guard.
    guard_reason: Option<String>,
    history: Vec<Line>,
    /// `null` when it was not asked.
    provider: Option<Provider>,
    /// A word for what kept the provider from being asked.
    problem: Option<&'static str>,
}

impl Shown {
    const fn nothing(problem: Option<&'static str>) -> Self {
        Self {
            payment: None,
            state: None,
            operator: None,
            created_at: None,
            guard_reason: None,
            history: Vec::new(),
            provider: None,
            problem,
        }
    }
}

/// Runs a command about payments.
pub(super) fn run(globals: &Globals, command: &Command) -> ExitCode {
    match command {
        Command::Show(args) => show_one(globals, args),
        Command::List(args) => list::list(globals, args),
        Command::Cancel(args) => cancel::run(globals, args),
        Command::Sync(args) => list::sync(globals, *args),
        Command::Export(args) => list::export(globals, args),
        Command::Exports(args) => exports::run(globals, *args),
    }
}

fn show_one(globals: &Globals, args: &ShowArgs) -> ExitCode {
    let refuse = |problem: &'static str| {
        if args.json {
            print(&Shown::nothing(Some(problem)));
        }
    };
    let Ok(id) = PaymentId::parse(&args.id) else {
        Say::before_config(globals).problem_text(&text!("cli.pay.order-id"));
        refuse("usage");
        return Exit::Usage.code();
    };
    let (session, _log) = match super::session(globals) {
        Ok(opened) => opened,
        Err(exit) => {
            refuse("config");
            return exit;
        }
    };
    let say = Say::of(globals, &session);
    match show(say, globals, args, &id, session) {
        Ok(exit) => exit.code(),
        Err(problem) => {
            say.problem(&error::asking(&problem), Some(id.as_str()));
            refuse(problem.word());
            exit_of(&problem).code()
        }
    }
}

fn show(
    say: Say,
    globals: &Globals,
    args: &ShowArgs,
    id: &PaymentId,
    session: Session,
) -> Result<Exit, Problem> {
    let mut desk = session.recipe.desk()?;
    let mut intent = desk.ledger.borrow().intent(id)?;
    // The row says whose payment it is; the profile that was asked for or is the default may be another.
    if let Some(owner) = intent.as_ref().map(|intent| intent.new.profile.as_str())
        && owner != desk.profile
        && !args.offline
    {
        match super::session::open(globals.config.as_deref(), Some(owner)) {
            Ok(session) => desk = session.recipe.desk()?,
            Err(unusable) => return Ok(exit_after(say.unusable(&unusable))),
        }
    }
    let mut asked = None;
    if !args.offline {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Problem::Unreachable { detail: error.kind().to_string() })?;
        asked = runtime.block_on(ask(&desk, id, intent.as_ref()));
        intent = desk.ledger.borrow().intent(id)?;
    }
    let history = desk.ledger.borrow().history(id)?;
    if args.json {
        print(&shown(intent.as_ref(), &history, asked.as_ref(), args.show_key));
    } else {
        if let Some(intent) = &intent {
            tell(say, intent, &history, args.show_key);
        } else {
            say.problem_text(&text!("cli.show.not-here", id = id));
        }
        if let Some(Ok(answer)) = &asked {
            tell_provider(say, answer);
        }
    }
    Ok(match (&asked, &intent) {
        (Some(Err(problem)), _) => {
            say.problem(&error::asking(problem), Some(id.as_str()));
            exit_of(problem)
        }
        (_, Some(intent)) if !intent.state.is_settled() => Exit::Unknown,
        (_, Some(_)) | (Some(Ok(LookUp::Found(_))), None) => Exit::Done,
        (_, None) => Exit::Failed,
    })
}

/// Everything that keeps a profile from being opened is a mistake in the configuration.
const fn exit_after(_said: ExitCode) -> Exit {
    Exit::Usage
}

/// Settles it where that can be done, and asks for its state all the same: a payment may have been cancelled
/// since, an account paid. `None` for what is no payment at the provider: a closing, a billing key.
async fn ask(desk: &Desk, id: &PaymentId, intent: Option<&Intent>) -> Option<Result<LookUp, Problem>> {
    if intent.is_some_and(|intent| !intent.state.is_settled())
        && let Look::Failed(problem) = desk.look_at(id).await
    {
        return Some(Err(problem));
    }
    match intent.map(|intent| intent.new.kind) {
        Some(
            IntentKind::CloseAccount
            | IntentKind::IssueKey
            | IntentKind::DeleteKey
            | IntentKind::RevokeSchedules
            | IntentKind::CreateSchedule
            | IntentKind::MoveSchedule
            | IntentKind::RebookSchedule
            | IntentKind::RetrySchedule
            | IntentKind::Refund
            | IntentKind::IssueReceipt
            | IntentKind::CancelReceipt,
        ) => return None,
        Some(IntentKind::IssueAccount) => {
            // Keeps what is new of the deposit; what can't be asked is told by the look-up below.
            let _ = desk.follow_account(id).await;
        }
        Some(IntentKind::KeyIn | IntentKind::ChargeKey) | None => {}
    }
    Some(desk.gateway.look_up(id).await)
}

fn state_text(state: &PaymentState) -> (&'static str, String) {
    let (key, word) = match state {
        PaymentState::Ready => ("cli.provider.ready", "ready"),
        PaymentState::Pending => ("cli.provider.pending", "pending"),
        PaymentState::VirtualAccountIssued => ("cli.provider.account", "virtual_account_issued"),
        PaymentState::Paid => ("cli.provider.paid", "paid"),
        PaymentState::Failed => ("cli.provider.failed", "failed"),
        PaymentState::PartialCancelled => ("cli.provider.partial-cancelled", "partial_cancelled"),
        PaymentState::Cancelled => ("cli.provider.cancelled", "cancelled"),
        PaymentState::Other(text) => return ("cli.provider.other", text.to_string()),
    };
    (key, word.to_owned())
}

fn shown(
    intent: Option<&Intent>,
    history: &[Entry],
    asked: Option<&Result<LookUp, Problem>>,
    show_key: bool,
) -> Shown {
    let mut shown = Shown::nothing(None);
    if let Some(intent) = intent {
        shown.payment = Some(Report::of_intent(intent, show_key));
        shown.state = Some(intent.state.word());
        shown.operator = Some(intent.new.operator.seat());
        shown.created_at = Some(intent.new.created.to_string());
        shown.guard_reason.clone_from(&intent.guard_reason);
    }
    shown.history = history
        .iter()
        .map(|entry| Line {
            at: entry.at.to_string(),
            step: entry.word.clone(),
            detail: entry.detail.clone(),
        })
        .collect();
    match asked {
        Some(Ok(LookUp::Found(payment))) => shown.provider = Some(provider(payment)),
        Some(Ok(LookUp::NotFound)) => {
            shown.provider = Some(Provider {
                found: false,
                state: None,
                amount: None,
                currency: None,
                approval_number: None,
                receipt_url: None,
                transaction: None,
                order_name: None,
            });
        }
        Some(Err(problem)) => shown.problem = Some(problem.word()),
        None => {}
    }
    shown
}

fn provider(payment: &ProviderPayment) -> Provider {
    Provider {
        found: true,
        state: Some(state_text(&payment.state).1),
        amount: payment.total.map(crate::domain::money::Money::minor),
        currency: Some(payment.currency.to_string()),
        approval_number: payment.approval_number.as_ref().map(ToString::to_string),
        receipt_url: payment.receipt_url.as_ref().map(ToString::to_string),
        transaction: payment.provider_payment_id.as_ref().map(ToString::to_string),
        order_name: Some(payment.order_name.to_string()),
    }
}

fn tell(say: Say, intent: &Intent, history: &[Entry], show_key: bool) {
    let new = &intent.new;
    let dash = || "-".to_owned();
    let kind = kind_key(new.kind);
    let state = state_key(new.kind, intent.state);
    let card = new.card.as_ref().map_or_else(dash, ToString::to_string);
    if has_amount(new.kind) {
        say.text(&text!(
            "cli.show.payment",
            kind = kind,
            id = new.id,
            mode = mode_key(new.mode),
            state = state,
            amount = amount(say, new.amount),
            order = new.order_name,
            card = card
        ));
    } else {
        let mode = mode_key(new.mode);
        say.text(&text!("cli.show.key", kind = kind, id = new.id, mode = mode, state = state, card = card));
    }
    say.text(&text!(
        "cli.show.where",
        profile = new.profile,
        channel = new.channel,
        pg = new.pg,
        operator = intent.new.operator.seat(),
        time = to_the_minute(new.created)
    ));
    tell_belonging(say, intent, show_key);
    if let Some(approval) = intent.approval.as_ref().filter(|_| new.kind.takes_money()) {
        say.text(&text!(
            "cli.show.approval",
            number = approval.approval_number.as_ref().map_or_else(dash, ToString::to_string),
            url = approval.receipt_url.as_ref().map_or_else(dash, ToString::to_string)
        ));
    }
    if let Some(refusal) = &intent.refusal {
        let code = refusal.code.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
        say.text(&text!("cli.show.refusal", code = code, message = refusal.message));
    }
    if let Some(why) = intent.why.as_deref().filter(|_| intent.state != IntentState::Approved) {
        say.text(&error::why(why));
    }
    for entry in history {
        let time = to_the_minute(entry.at);
        say.text(&text!("cli.show.history", time = time, step = entry.word, detail = entry.detail));
    }
}

/// What it is about besides, as far as it has any of it.
fn tell_belonging(say: Say, intent: &Intent, show_key: bool) {
    let report = Report::of_intent(intent, show_key);
    if let Some(account) = intent.approval.as_ref().and_then(|approval| approval.account.as_deref()) {
        say.text(&text!("cli.vbank.indented", text = super::vbank::where_to_pay(say, account)));
    }
    if let Some(deposit) = intent.deposit {
        say.text(&text!("cli.vbank.deposit", deposit = deposit_key(deposit)));
    }
    if let Some(Target::Payment(account)) = &intent.new.target {
        say.text(&text!("cli.show.closes", id = account));
    }
    if let Some(Target::Record(of)) = &intent.new.target {
        say.text(&text!("cli.show.about", id = of.id));
    }
    if let Some(parent) = &intent.new.parent {
        say.text(&text!("cli.show.part-of", id = parent));
    }
    if let Some(key) = &report.billing_key {
        say.text(&text!("cli.show.billing-key", key = key));
    }
    if let Some(note) = &intent.new.note {
        say.text(&text!("cli.show.note", note = note));
    }
}

fn tell_provider(say: Say, answer: &LookUp) {
    match answer {
        LookUp::NotFound => say.text(&text!("cli.show.provider-none")),
        LookUp::Found(payment) => {
            let (key, word) = state_text(&payment.state);
            let state = say.words(&crate::i18n::Text::new(key).with("word", word));
            let total =
                payment.total.map_or_else(|| payment.currency.to_string(), |total| amount(say, total));
            say.text(&text!("cli.show.provider", state = state, amount = total));
        }
    }
}
