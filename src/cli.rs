//! The command line: one file per command group, each a thin twin over `operation`.

pub mod doctor;
pub mod session;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The whole command line.
#[derive(Debug, Parser)]
#[command(name = "danmal", version, about)]
pub struct Cli {
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
    match Cli::parse().command {
        Some(Command::Sandbox(args)) => crate::sandbox::run(&args),
        None => ExitCode::SUCCESS,
    }
}
