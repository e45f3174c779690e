//! The command line: one file per command group, each a thin twin over `operation`.
//!
//! Parses arguments, says what came of them, and ends with a documented exit code. Decides nothing about
//! money. Nothing that was typed as a value is ever repeated in an error: it may be a card number.

mod ask;
mod card;
mod close;
pub mod console;
mod demo;
pub mod doctor;
mod exit;
mod export;
mod key;
mod once;
mod pay;
mod payment;
mod probe;
mod receipt;
mod refuse;
mod report;
mod sale;
mod say;
mod schedule;
pub mod session;
mod settle;
mod state;
mod usage;
mod vbank;

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};

use crate::text;
use crate::vault::Vault;
use crate::vault::harden::HardenError;
use exit::Exit;
use say::Say;
use session::Session;

/// The whole command line.
#[derive(Debug, Parser)]
#[command(name = "danmal", version, about)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub globals: Globals,
    /// What to do; nothing opens the console.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options of every command.
#[derive(Debug, Clone, Default, Args)]
pub struct Globals {
    /// Configuration to read in place of the platform's config.toml.
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// Profile (store) to work for.
    #[arg(long, value_name = "NAME", global = true)]
    pub profile: Option<String>,
    /// Language to speak in, whatever configuration and locale say.
    #[arg(long, value_name = "LANG", global = true)]
    pub lang: Option<LangArg>,
}

/// A language, as an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LangArg {
    /// Korean.
    Ko,
    /// English.
    En,
}

/// The command groups.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Charges a keyed-in card; the card is one JSON line on standard input.
    Pay(Box<pay::Args>),
    /// Looks up every payment whose outcome is unknown.
    Settle(Box<settle::Args>),
    /// Virtual accounts: issued, followed until the deposit, closed.
    #[command(subcommand)]
    Vbank(vbank::Command),
    /// Billing keys: registered, listed, shown, charged, deleted.
    #[command(subcommand)]
    Key(key::Command),
    /// Schedules: future charges of billing keys, made, moved, revoked, tried again, one or many at once.
    #[command(subcommand)]
    Schedule(schedule::Command),
    /// Payments: shown, listed, refunded, synchronised, exported.
    #[command(subcommand)]
    Payment(payment::Command),
    /// Cash receipts: issued, cancelled, shown, and those that are owed.
    #[command(subcommand)]
    Receipt(receipt::Command),
    /// Closes a day: journal, provider and schedules compared, and kept.
    Close(close::Args),
    /// Checks configuration, ledger, terminal, clock, machine and connection.
    Doctor(doctor::Args),
    /// Opens the console on a sandbox of its own, to try it without money.
    Demo(demo::Args),
    /// Runs a local `PortOne` to try clients against.
    Sandbox(crate::sandbox::Args),
    /// Prints the completions of a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Writes the manual pages.
    Man {
        /// Folder to write them to.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

/// Parses the arguments of this process and runs what they say.
pub fn run() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    // Before anything is parsed: no error of the parser may ever repeat a card number.
    let card = refuse::card_in_arguments(arguments.iter().skip(1));
    match Cli::try_parse_from(&arguments) {
        // A V1 API key has 16 digits too, and the sandbox takes one as an argument.
        Ok(Cli { command: Some(Command::Sandbox(args)), .. }) => crate::sandbox::run(&args),
        _ if card.is_some() => card_refused(Say::of_arguments(&arguments), card),
        Ok(cli) => dispatch(&cli.globals, cli.command),
        Err(error) => usage::say(&error, Say::of_arguments(&arguments)),
    }
}

fn dispatch(globals: &Globals, command: Option<Command>) -> ExitCode {
    match command {
        None => match session(globals) {
            Ok((session, _log)) => console::open(session),
            Err(exit) => exit,
        },
        Some(Command::Pay(args)) => pay::run(globals, &args),
        Some(Command::Settle(args)) => settle::run(globals, &args),
        Some(Command::Vbank(command)) => vbank::run(globals, &command),
        Some(Command::Key(command)) => key::run(globals, &command),
        Some(Command::Schedule(command)) => schedule::run(globals, &command),
        Some(Command::Payment(command)) => payment::run(globals, &command),
        Some(Command::Receipt(command)) => receipt::run(globals, &command),
        Some(Command::Close(args)) => close::run(globals, args),
        Some(Command::Doctor(args)) => probe::run(globals, args),
        Some(Command::Demo(args)) => demo::run(globals, args),
        Some(Command::Sandbox(args)) => crate::sandbox::run(&args),
        Some(Command::Completions { shell }) => {
            clap_complete::generate(shell, &mut Cli::command(), "danmal", &mut std::io::stdout().lock());
            Exit::Done.code()
        }
        Some(Command::Man { folder }) => man(globals, &folder),
    }
}

fn man(globals: &Globals, folder: &std::path::Path) -> ExitCode {
    let written =
        std::fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(Cli::command(), folder));
    match written {
        Ok(()) => Exit::Done.code(),
        Err(error) => {
            let folder = crate::config::shown_path(folder);
            let why = error.kind();
            Say::before_config(globals).problem_text(&text!("cli.man-failed", folder = folder, why = why));
            Exit::Failed.code()
        }
    }
}

/// Reads the configuration, starts the log, and refuses card data in the environment. What stands in the way
/// was said already when this fails.
fn session(globals: &Globals) -> Result<(Session, Option<crate::logging::LogGuard>), ExitCode> {
    let say = Say::before_config(globals);
    let session = session::open(globals.config.as_deref(), globals.profile.as_deref())
        .map_err(|unusable| say.unusable(&unusable))?;
    let say = Say::of(globals, &session);
    let card = refuse::card_in_environment(&session.config);
    if card.is_some() {
        return Err(card_refused(say, card));
    }
    let log = match crate::logging::start(&session.config.log) {
        Ok(log) => log,
        // A log is no reason to take no money, but whoever asked for one is told.
        Err(error) => {
            let path = crate::config::shown_path(&session.config.log.path);
            say.problem_text(&text!("cli.log-failed", path = path, why = error.kind()));
            None
        }
    };
    Ok((session, log))
}

fn card_refused(say: Say, place: Option<refuse::Place>) -> ExitCode {
    match place {
        Some(refuse::Place::Environment(name)) => {
            say.problem_text(&text!("cli.card-in-environment", name = name));
        }
        _ => say.problem_text(&text!("cli.card-in-arguments")),
    }
    Exit::Usage.code()
}

/// Says why the process may not start: a tracer would see card data.
pub fn refuse_to_start(error: &HardenError) -> ExitCode {
    let say = Say::before_config(&Globals::default());
    say.problem_text(&match error {
        HardenError::Traced(pid) => text!("cli.traced", pid = pid),
        HardenError::Refused(error) => text!("cli.unprotected", why = error.kind()),
    });
    Exit::Usage.code()
}

/// What the panic hook of `main` does: wipes, then says a fixed sentence. The payload of a panic may hold
/// anything and is not shown. The console puts a hook of its own in front, which mends the terminal first.
pub fn on_panic() {
    if let Some(vault) = Vault::existing() {
        vault.wipe_for_exit();
    }
    // No catalogue here: what can panic must not be needed to speak about a panic.
    let _ = std::io::stderr().lock().write_all(
        "danmal: 내부 오류입니다. 카드 정보는 지웠습니다. 진행 중이던 결제는 'danmal settle'로 확인하세요.\n\
         danmal: internal error. Card data was wiped. Look up what was in flight with 'danmal settle'.\n"
            .as_bytes(),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn global_options_may_stand_before_and_behind_the_command() {
        for line in [["danmal", "--profile", "main", "settle"], ["danmal", "settle", "--profile", "main"]] {
            assert_eq!(Cli::try_parse_from(line).unwrap().globals.profile.as_deref(), Some("main"));
        }
    }

    #[test]
    fn no_option_could_take_card_data() {
        let mut commands = vec![Cli::command()];
        while let Some(command) = commands.pop() {
            for argument in command.get_arguments() {
                let name = argument.get_long().unwrap_or_default();
                assert!(!refuse::names_card_data(name), "--{name} of {}", command.get_name());
            }
            commands.extend(command.get_subcommands().cloned());
        }
    }
}
