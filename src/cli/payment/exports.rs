//! `danmal payment exports`: what was written into files before. A thin twin over `operation::export`.

use std::process::ExitCode;

use serde::Serialize;

use crate::cli::Globals;
use crate::cli::ask::{Answer, ask};
use crate::cli::exit::Exit;
use crate::cli::say::Say;
use crate::domain::due::to_the_minute;
use crate::domain::export::Export;
use crate::domain::text::SafeText;
use crate::error;
use crate::text;

/// What `danmal payment exports` takes.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Args {
    /// How many at most.
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: u32,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Default, Serialize)]
struct Listed {
    exports: Vec<Taken>,
}

/// One export.
#[derive(Debug, Serialize)]
struct Taken {
    /// RFC 3339.
    at: String,
    operator: String,
    /// Where the operator's connection came from; `null` at the machine itself.
    remote: Option<String>,
    host: String,
    /// `payments`, `schedules`, or `schedules_with_keys`.
    what: String,
    rows: u64,
    columns: Vec<String>,
    reason: String,
    /// `-` is standard output.
    path: String,
}

impl From<&Export> for Taken {
    fn from(export: &Export) -> Self {
        Self {
            at: export.at.to_string(),
            operator: export.operator.user.clone(),
            remote: export.operator.remote.clone(),
            host: export.operator.host.clone(),
            what: export.word().to_owned(),
            rows: export.rows,
            columns: export.columns().into_iter().map(str::to_owned).collect(),
            reason: export.reason.clone(),
            path: export.path.clone(),
        }
    }
}

/// Lists them, newest first.
pub(super) fn run(globals: &Globals, args: Args) -> ExitCode {
    ask(globals, args.json, error::words, |at, listed: &mut Answer<Listed>| {
        let exports = at.desk.exports(args.limit)?;
        listed.what.exports = exports.iter().map(Into::into).collect();
        if !at.json {
            tell(at.say, &exports);
        }
        Ok(Exit::Done)
    })
}

fn tell(say: Say, exports: &[Export]) {
    if exports.is_empty() {
        say.text(&text!("cli.exports.none"));
    }
    for export in exports {
        let path = match export.file() {
            Some(path) => SafeText::message(path).to_string(),
            None => say.words(&text!("history.exports.output")),
        };
        say.text(&text!(
            "cli.exports.line",
            time = to_the_minute(export.at),
            who = SafeText::new(&export.operator.seat()),
            what = export.name_key(),
            rows = export.rows,
            columns = export.columns().len(),
            reason = SafeText::message(&export.reason),
            path = path
        ));
    }
}
