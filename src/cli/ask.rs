//! Commands that ask and tell: configuration, desk, what was found or why not, in one object. They begin nothing whose
//! end would have to be looked for; what does is in [`once`](super::once).

use std::process::ExitCode;

use serde::Serialize;

use super::Globals;
use super::report::print;
use super::say::{Say, exit_of};
use super::session::Session;
use crate::cli::exit::Exit;
use crate::domain::problem::Problem;
use crate::error::Words;
use crate::operation::Desk;

/// What such a command prints with `--json`.
#[derive(Debug, Default, Serialize)]
pub(super) struct Answer<T> {
    pub profile: String,
    #[serde(flatten)]
    pub what: T,
    /// A word for what kept some or all of it from being told.
    pub problem: Option<&'static str>,
}

/// What it works with.
pub(super) struct Asking<'a> {
    pub say: Say,
    pub json: bool,
    pub session: &'a Session,
    pub desk: &'a Desk,
}

/// Opens configuration and desk, lets `work` find out, and tells. `words` are those for a problem.
pub(super) fn ask<T: Default + Serialize>(
    globals: &Globals,
    json: bool,
    words: fn(&Problem) -> Words,
    work: impl FnOnce(&Asking<'_>, &mut Answer<T>) -> Result<Exit, Problem>,
) -> ExitCode {
    let mut answer = Answer::default();
    let exit = match super::session(globals) {
        Ok((session, _log)) => {
            let say = Say::of(globals, &session);
            answer.profile.clone_from(&session.profile);
            let desk = session.recipe.clone().desk();
            let done = desk
                .and_then(|desk| work(&Asking { say, json, session: &session, desk: &desk }, &mut answer));
            let exit = done.unwrap_or_else(|problem| {
                say.problem(&words(&problem), None);
                answer.problem = Some(problem.word());
                exit_of(&problem)
            });
            exit.code()
        }
        Err(exit) => {
            answer.problem = Some("config");
            exit
        }
    };
    if json {
        print(&answer);
    }
    exit
}
