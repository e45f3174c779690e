//! `danmal payment list`, `sync` and `export`: the copy of the provider's payments searched, filled and written to a
//! file. Thin twins over `operation`; only `sync` asks the provider.

use std::path::PathBuf;
use std::process::ExitCode;

use serde::Serialize;
use serde_json::Value;

use super::choose::ChooseArgs;
use crate::cli::Globals;
use crate::cli::ask::{Answer, Asking, ask};
use crate::cli::exit::Exit;
use crate::cli::export::{Exported, FormatArg, asked};
use crate::cli::once::runtime;
use crate::cli::sale::Findings;
use crate::cli::say::{Say, amount};
use crate::domain::due::to_the_minute;
use crate::domain::export::{Format, PAYMENT_COLUMNS, Subject, payment_row};
use crate::domain::listing::Basis;
use crate::domain::problem::Problem;
use crate::domain::record::PaymentRecord;
use crate::domain::sync::{Depth, Fresh, Progress};
use crate::domain::table_file::JsonLines;
use crate::error;
use crate::operation::export::{Destination, ExportOrder};
use crate::text;

/// What `danmal payment list` takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ListArgs {
    /// Which payments.
    #[command(flatten)]
    pub choose: ChooseArgs,
    /// How many at most.
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: usize,
    /// How many to leave out before.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub skip: usize,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// What `danmal payment sync` takes.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct SyncArgs {
    /// How much is read again of what was read before.
    #[arg(long, value_name = "DEPTH", default_value = "usual")]
    pub depth: DepthArg,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// How much is read again, as an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum DepthArg {
    /// An hour.
    Glance,
    /// Three days.
    Usual,
    /// A hundred days.
    Thorough,
    /// Everything, from the beginning.
    Whole,
}

/// What `danmal payment export` takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ExportArgs {
    /// Which payments.
    #[command(flatten)]
    pub choose: ChooseArgs,
    /// Which columns, separated by commas, in this order; all of them when absent.
    #[arg(long, value_name = "KEYS", default_value = "", hide_default_value = true)]
    pub columns: String,
    /// Form of the file.
    #[arg(long, value_name = "FORM", default_value = "csv")]
    pub format: FormatArg,
    /// Why; kept in the ledger.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// File to write.
    #[arg(long, value_name = "FILE")]
    pub output: PathBuf,
    /// Replace a file that is there.
    #[arg(long)]
    pub replace: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// How fresh the copy is.
#[derive(Debug, Default, Serialize)]
pub(super) struct FreshReport {
    /// RFC 3339; `null` before the first reading ended.
    up_to: Option<String>,
    since: Option<String>,
    /// Whether what was before is read, too.
    whole: bool,
    rows: u64,
}

impl From<Fresh> for FreshReport {
    fn from(fresh: Fresh) -> Self {
        Self {
            up_to: fresh.up_to.map(|at| at.to_string()),
            since: fresh.since.map(|at| at.to_string()),
            whole: fresh.whole,
            rows: fresh.rows,
        }
    }
}

#[derive(Debug, Default, Serialize)]
struct Listed {
    /// The time that orders the list and cuts the period.
    basis: &'static str,
    fresh: FreshReport,
    /// How many fit in all.
    count: usize,
    payments: Vec<Value>,
    fields: Vec<&'static str>,
}

#[derive(Debug, Default, Serialize)]
struct Synced {
    rows: u64,
    pages: u64,
    fresh: FreshReport,
}

/// Lists payments of the copy.
pub(in crate::cli) fn list(globals: &Globals, args: &ListArgs) -> ExitCode {
    ask(globals, args.json, error::asking, |at, listed| rows(at, args, listed))
}

fn rows(at: &Asking<'_>, args: &ListArgs, answer: &mut Answer<Listed>) -> Result<Exit, Problem> {
    let (say, desk, listed) = (at.say, at.desk, &mut answer.what);
    let mut findings = Findings::default();
    let filter = args.choose.filter(desk.world.now(), &mut findings);
    listed.basis = filter.basis.word();
    if let Some(fields) = wrong(say, &findings) {
        (listed.fields, answer.problem) = (fields, Some("usage"));
        return Ok(Exit::Usage);
    }
    let fresh = desk.fresh()?;
    listed.fresh = fresh.into();
    let list = args.choose.rows(desk, &filter)?;
    listed.count = list.len();
    let kept = desk.ledger.borrow().payment_rows(&list, args.skip..args.skip.saturating_add(args.limit))?;
    if args.json {
        listed.payments = kept.iter().filter_map(|row| object(&row.what)).collect();
        return Ok(Exit::Done);
    }
    let basis = match filter.basis {
        Basis::Requested => "cli.history.by-requested",
        Basis::Changed => "cli.history.by-changed",
    };
    say.text(&text!("cli.history.head", count = list.len(), basis = basis, fresh = freshness(say, fresh)));
    for row in &kept {
        say.text(&line(say, &row.what, filter.basis));
    }
    Ok(Exit::Done)
}

/// A sentence about how fresh the copy is.
pub(super) fn freshness(say: Say, fresh: Fresh) -> String {
    say.words(&match (fresh.up_to, fresh.whole) {
        (None, _) => text!("cli.history.never"),
        (Some(up_to), true) => text!("cli.history.fresh", time = to_the_minute(up_to)),
        (Some(up_to), false) => {
            let since = fresh.since.map_or_else(|| "-".to_owned(), to_the_minute);
            text!("cli.history.fresh-since", time = to_the_minute(up_to), since = since)
        }
    })
}

/// A payment as JSON: every column of an export.
pub(in crate::cli) fn object(payment: &PaymentRecord) -> Option<Value> {
    let mut lines = JsonLines::new(Vec::new(), PAYMENT_COLUMNS);
    lines.row(&payment_row(payment, PAYMENT_COLUMNS, Format::JsonLines)).ok()?;
    serde_json::from_slice(&lines.finish().ok()?).ok()
}

fn line(say: Say, record: &PaymentRecord, basis: Basis) -> crate::i18n::Text {
    let payment = &record.payment;
    let at = match basis {
        Basis::Requested => record.requested_at,
        Basis::Changed => record.changed_at,
    };
    let time = at.and_then(|at| jiff::Timestamp::from_second(at).ok());
    let (state, word) = super::state_text(record.state());
    let total = payment.total.map_or_else(|| payment.currency.to_string(), |total| amount(say, total));
    text!(
        "cli.history.line",
        time = time.map_or_else(|| "-".to_owned(), to_the_minute),
        state = say.words(&crate::i18n::Text::new(state).with("word", word)),
        amount = total,
        id = record.id,
        name = payment.order_name,
        customer = record.customer.name().unwrap_or("-")
    )
}

/// Says what is wrong, and with which options.
pub(super) fn wrong(say: Say, findings: &Findings) -> Option<Vec<&'static str>> {
    say.wrong(&findings.wrong);
    (!findings.wrong.is_empty()).then(|| findings.wrong.iter().map(|wrong| wrong.field).collect())
}

/// Reads what is new, and goes on with what was before.
pub(in crate::cli) fn sync(globals: &Globals, args: SyncArgs) -> ExitCode {
    let depth = match args.depth {
        DepthArg::Glance => Depth::Glance,
        DepthArg::Usual => Depth::Usual,
        DepthArg::Thorough => Depth::Thorough,
        DepthArg::Whole => Depth::Whole,
    };
    ask(globals, args.json, error::asking, |at, synced: &mut Answer<Synced>| {
        let (say, synced) = (at.say, &mut synced.what);
        let told = |progress: Progress| {
            if !at.json {
                say.problem_text(&text!("cli.history.progress", rows = progress.rows));
            }
        };
        let ended = runtime()?.block_on(at.desk.sync(depth, told, || false));
        // What was read until then is there.
        synced.fresh = at.desk.fresh()?.into();
        let end = ended?;
        (synced.rows, synced.pages) = (end.rows, end.pages);
        if !at.json {
            let fresh = freshness(say, end.fresh);
            say.text(&text!("cli.history.synced", rows = end.rows, count = end.fresh.rows, fresh = fresh));
        }
        Ok(Exit::Done)
    })
}

/// Writes payments of the copy to a file.
pub(in crate::cli) fn export(globals: &Globals, args: &ExportArgs) -> ExitCode {
    ask(globals, args.json, error::words, |at, exported| written(at, args, exported))
}

fn written(at: &Asking<'_>, args: &ExportArgs, answer: &mut Answer<Exported>) -> Result<Exit, Problem> {
    let (say, desk, exported) = (at.say, at.desk, &mut answer.what);
    exported.path = crate::config::shown_path(&args.output);
    let mut findings = Findings::default();
    let filter = args.choose.filter(desk.world.now(), &mut findings);
    let (columns, reason) = asked(Subject::Payments, &args.columns, &args.reason, &mut findings);
    if let Some(fields) = wrong(say, &findings) {
        (exported.fields, answer.problem) = (fields, Some("usage"));
        return Ok(Exit::Usage);
    }
    let order = ExportOrder {
        subject: Subject::Payments,
        list: args.choose.rows(desk, &filter)?,
        columns,
        format: args.format.format(say),
        reason,
        into: Destination::File { path: args.output.clone(), replace: args.replace },
    };
    exported.write(say, args.json, desk, &order)
}
