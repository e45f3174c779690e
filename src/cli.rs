//! The command line: one file per command group, each a thin twin over `operation`.

pub mod console;
pub mod doctor;
pub mod session;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The whole command line.
#[derive(Debug, Parser)]
#[command(name = "danmal", version, about)]
pub struct Cli {
    /// The configuration to use.
    #[arg(long)]
    pub config: Option<std::path::PathBuf>,
    /// The profile to use.
    #[arg(long)]
    pub profile: Option<String>,
    /// What to do; nothing opens the console.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The command groups.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs a local `PortOne` to try clients against.
    Sandbox(crate::sandbox::Args),
}

/// Parses the arguments of this process and runs what they say.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match cli.command {
        Some(Command::Sandbox(args)) => crate::sandbox::run(&args),
        None => match session::open(cli.config.as_deref(), cli.profile.as_deref()) {
            Ok(session) => console::open(session),
            Err(unusable) => {
                use std::io::Write as _;
                let _ = writeln!(std::io::stderr(), "{}", unusable.text(crate::config::Lang::Ko));
                ExitCode::from(2)
            }
        },
    }
}
