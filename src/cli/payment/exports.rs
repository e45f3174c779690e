//! `danmal payment exports`: what was written into files before. A thin twin over `operation::export`.

use std::process::ExitCode;

use serde::Serialize;

use crate::cli::Globals;
use crate::cli::exit::Exit;
use crate::cli::report::print;
use crate::cli::sale::korea_time;
use crate::cli::say::{Say, exit_of};
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
    profile: String,
    exports: Vec<Taken>,
    problem: Option<&'static str>,
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
    let (session, _log) = match crate::cli::session(globals) {
        Ok(opened) => opened,
        Err(exit) => {
            if args.json {
                print(&Listed { problem: Some("config"), ..Listed::default() });
            }
            return exit;
        }
    };
    let say = Say::of(globals, &session);
    let mut listed = Listed { profile: session.profile.clone(), ..Listed::default() };
    let exit = match session.recipe.desk().and_then(|desk| desk.exports(args.limit)) {
        Ok(exports) => {
            listed.exports = exports.iter().map(Into::into).collect();
            if !args.json {
                tell(say, &exports);
            }
            Exit::Done
        }
        Err(problem) => {
            say.problem(&error::words(&problem), None);
            listed.problem = Some(problem.word());
            exit_of(&problem)
        }
    };
    if args.json {
        print(&listed);
    }
    exit.code()
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
            time = korea_time(export.at),
            who = SafeText::new(&export.operator.seat()),
            what = export.name_key(),
            rows = export.rows,
            columns = export.columns().len(),
            reason = SafeText::message(&export.reason),
            path = path
        ));
    }
}
