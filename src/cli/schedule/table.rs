//! `danmal schedule export`: the schedules of some days as a table file that spreadsheets open unharmed. A thin twin
//! over `operation::export`, which records it first.

use std::path::PathBuf;

use super::Work;
use super::look::Group;
use super::when::DaysArgs;
use crate::cli::ask::Answer;
use crate::cli::exit::Exit;
use crate::cli::export::{Exported, FormatArg, asked};
use crate::cli::report::print;
use crate::cli::sale::Findings;
use crate::domain::export::{Export, Subject};
use crate::operation::export::{Destination, ExportOrder};

/// What `export` takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// Which days.
    #[command(flatten)]
    pub days: DaysArgs,
    /// Only these; all of them when absent.
    #[arg(long, value_name = "GROUP", value_delimiter = ',')]
    pub status: Vec<Group>,
    /// Form of the file.
    #[arg(long, value_name = "FORM", default_value = "csv")]
    pub format: FormatArg,
    /// Which columns, separated by commas, in this order; all of them when absent.
    #[arg(long, value_name = "KEYS", default_value = "", hide_default_value = true)]
    pub columns: String,
    /// Why; kept in the ledger.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// File to write, readable by you alone; standard output when absent.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace a file that is there.
    #[arg(long, requires = "output")]
    pub replace: bool,
    /// Write the billing keys whole, so that the file can be imported; whoever has one can charge its card.
    #[arg(long)]
    pub show_key: bool,
    /// Print one JSON object about the file.
    #[arg(long, requires = "output")]
    pub json: bool,
}

/// Writes the file.
pub(super) fn export(work: &mut Work<'_>, args: &Args) -> Exit {
    let mut findings = Findings::default();
    let (columns, reason) = asked(Subject::Schedules, &args.columns, &args.reason, &mut findings);
    let span = match args.days.span(work.desk.world.now()) {
        Ok(span) if findings.wrong.is_empty() => span,
        Ok(_) => return work.wrong(&findings.wrong),
        Err(wrong) => {
            findings.wrong.push(wrong);
            return work.wrong(&findings.wrong);
        }
    };
    let keys = args.show_key && columns.iter().any(|column| column.key == "billing_key");
    let path = args.output.as_deref().map_or_else(|| Export::OUTPUT.to_owned(), crate::config::shown_path);
    let mut exported = Exported { path, ..Exported::default() };
    let written =
        work.fresh(span, args.days.offline).and_then(|_| work.of_span(span, &args.status)).and_then(|list| {
            let order = ExportOrder {
                subject: if keys { Subject::SchedulesWithKeys } else { Subject::Schedules },
                list,
                columns,
                format: args.format.format(work.say),
                reason,
                into: match &args.output {
                    Some(path) => Destination::File { path: path.clone(), replace: args.replace },
                    None => Destination::Output,
                },
            };
            exported.write(work.say, args.json, &work.desk, &order)
        });
    match written {
        Ok(exit) => {
            if args.json {
                print(&Answer { profile: work.session.profile.clone(), what: exported, problem: None });
            }
            exit
        }
        Err(problem) => work.unable(&problem),
    }
}
