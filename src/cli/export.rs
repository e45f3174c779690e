//! What `payment export` and `schedule export` have in common: the form, the columns, the reason, and what is told.

use serde::Serialize;

use super::exit::Exit;
use super::sale::Findings;
use super::say::Say;
use crate::domain::export::{Format, Subject};
use crate::domain::problem::Problem;
use crate::domain::table_file::{Column, Headings, choose};
use crate::i18n::Lang;
use crate::operation::Desk;
use crate::operation::export::{Destination, ExportOrder};
use crate::text;

/// The form of a file, as an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum FormatArg {
    /// For spreadsheets.
    #[default]
    Csv,
    /// One JSON object a line.
    Jsonl,
}

impl FormatArg {
    /// The form, with headings in the language that is spoken.
    pub(super) const fn format(self, say: Say) -> Format {
        match (self, say.lang()) {
            (Self::Jsonl, _) => Format::JsonLines,
            (Self::Csv, Lang::Ko) => Format::Csv(Headings::Ko),
            (Self::Csv, Lang::En) => Format::Csv(Headings::En),
        }
    }
}

/// What both commands print with `--json`.
#[derive(Debug, Default, Serialize)]
pub(super) struct Exported {
    pub rows: u64,
    pub path: String,
    pub columns: Vec<&'static str>,
    pub fields: Vec<&'static str>,
}

/// Columns by their keys, and why; what is wrong with either is a finding.
pub(super) fn asked(
    subject: Subject,
    columns: &str,
    reason: &str,
    findings: &mut Findings,
) -> (Vec<Column>, String) {
    let columns = choose(subject.all_columns(), columns).unwrap_or_else(|_| {
        let all: Vec<&str> = subject.all_columns().iter().map(|column| column.key).collect();
        findings.wrong("columns", text!("cli.history.word", allowed = all.join(", ")));
        Vec::new()
    });
    let reason = super::key::reason("reason", Some(reason)).unwrap_or_else(|wrong| {
        findings.wrong.push(wrong);
        None
    });
    (columns, reason.unwrap_or_default())
}

impl Exported {
    /// Writes what is ordered. A file is told of on standard output, unless the report is; what went to standard
    /// output is not.
    pub(super) fn write(
        &mut self,
        say: Say,
        json: bool,
        desk: &Desk,
        order: &ExportOrder,
    ) -> Result<Exit, Problem> {
        self.columns = order.columns.iter().map(|column| column.key).collect();
        self.rows = desk.export(order)?;
        if !json && order.into != Destination::Output {
            say.text(&text!("cli.history.exported", rows = self.rows, path = self.path));
        }
        Ok(Exit::Done)
    }
}
