//! `danmal sandbox`: a faithful local `PortOne` (V1 and V2) to try every client against.
//!
//! It shares no wire types and no code with `gateway`: a mistake must not cancel itself out. It never keeps,
//! logs or writes a card number.
//!
//! | file | what it is |
//! |---|---|
//! | `server`, `http`, `route` | sockets that can be cut; one request from bytes to answer; the table of operations |
//! | `v1`, `v2` | the operations, thin; all wire words are there |
//! | `charge`, `refund`, `scheduler`, `webhook` | what both generations do alike |
//! | `state`, `model`, `journal` | rows, indexes, the file that survives a kill |
//! | `fault`, `control`, `clock`, `seed`, `log` | what makes it a sandbox |
//! | `catalog`, `card`, `rules`, `ids`, `token`, `idempotency` | stores and channels, cards, PG rules, and small machines |

pub mod card;
pub mod catalog;
pub mod charge;
pub mod clock;
pub mod control;
pub mod fault;
pub mod http;
pub mod idempotency;
pub mod ids;
pub mod input;
pub mod journal;
pub mod json;
pub mod log;
pub mod model;
pub mod refund;
pub mod route;
pub mod rules;
pub mod scheduler;
pub mod seed;
pub mod server;
pub mod state;
pub mod token;
pub mod v1;
pub mod v2;
pub mod webhook;

use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use catalog::{CHANNELS, GROUPS, STORES};
use clock::{Clock, Mode};
use http::App;
use ids::Rng;
use journal::Journal;
use log::Log;
use model::Version;
use state::{Settings, State};

/// What `danmal sandbox` takes on the command line.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "--help lists the faults; special card numbers, clock and webhooks are described in docs/sandbox.md.",
    after_long_help = fault::help()
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
pub struct Args {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// File that keeps everything; survives a kill.
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Which clock drives schedules, tokens and keys.
    #[arg(long, value_enum, default_value_t = Mode::Real)]
    pub clock: Mode,
    /// Where a manual clock starts (RFC 3339); the machine's time when absent.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub now: Option<clock::Time>,
    /// Plants so many payments, with keys and schedules, spread over a year.
    #[arg(long, value_name = "N")]
    pub seed: Option<u32>,
    /// Makes ids and approval numbers the same in every run.
    #[arg(long, value_name = "NUMBER")]
    pub rng: Option<u64>,
    /// Faults to start with: a JSON list of rules.
    #[arg(long, value_name = "FILE")]
    pub faults: Option<PathBuf>,
    /// Leaves each PG's own input rules unchecked.
    #[arg(long)]
    pub lenient: bool,
    /// What "slow" means for the slow card, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 5.0)]
    pub slow_seconds: f64,
    /// V1: a missing billing key answers 404, as the schema says, instead of 200 with code 1.
    #[arg(long)]
    pub v1_missing_key_404: bool,
    /// V1: `channel_key` is demanded where the schema demands it.
    #[arg(long)]
    pub v1_strict_channel: bool,
    /// Webhooks may go to other machines.
    #[arg(long)]
    pub allow_remote_webhooks: bool,
    /// V2 API secret to accept.
    #[arg(long, value_name = "TEXT", default_value = catalog::V2_SECRET)]
    pub v2_secret: String,
    /// V1 REST API key to accept.
    #[arg(long, value_name = "TEXT", default_value = catalog::V1_KEY)]
    pub v1_key: String,
    /// V1 REST API secret to accept.
    #[arg(long, value_name = "TEXT", default_value = catalog::V1_SECRET)]
    pub v1_secret: String,
    /// Reports each request on standard error.
    #[arg(long)]
    pub log: bool,
    /// Reports each request as a JSON line.
    #[arg(long)]
    pub json: bool,
    /// Ends when standard input closes, so that a parent that dies takes it along.
    #[arg(long)]
    pub parent_stdin: bool,
}

fn parse_time(text: &str) -> Result<clock::Time, String> {
    clock::parse_rfc3339(text)
        .ok_or_else(|| "an RFC 3339 time such as 2026-03-01T09:00:00+09:00 is needed".to_owned())
}

impl Args {
    fn settings(&self) -> Settings {
        Settings {
            v2_secret: self.v2_secret.clone(),
            v1_key: self.v1_key.clone(),
            v1_secret: self.v1_secret.clone(),
            pg_rules: !self.lenient,
            v1_missing_key_404: self.v1_missing_key_404,
            v1_strict_channel: self.v1_strict_channel,
            slow: Duration::try_from_secs_f64(self.slow_seconds).unwrap_or(Duration::from_secs(5)),
            remote_webhooks: self.allow_remote_webhooks,
        }
    }

    /// The sandbox these arguments describe, without a network.
    pub fn build(&self) -> io::Result<Arc<App>> {
        let clock = Clock::new(self.clock, self.now.unwrap_or_else(clock::machine_now));
        let rng = self.rng.map_or_else(Rng::random, Rng::seeded);
        let mut state = State::new(self.settings(), clock, rng);
        let mut journal = match &self.state {
            Some(path) => Some(Journal::open(path, &mut state)?),
            None => None,
        };
        if let Some(path) = &self.faults {
            let invalid = |why: String| {
                io::Error::new(io::ErrorKind::InvalidData, format!("{}: {why}", path.display()))
            };
            let text = std::fs::read_to_string(path).map_err(|error| invalid(error.to_string()))?;
            let body = serde_json::from_str(&text).map_err(|error| invalid(error.to_string()))?;
            for rule in control::read_faults(body).map_err(invalid)? {
                state.faults.add(rule);
            }
        }
        // A state file that holds something already has been seeded before.
        if let (Some(payments), true) = (self.seed, state.attempts.is_empty()) {
            seed::plant(&mut state, payments, self.rng.unwrap_or(1));
            if let Some(journal) = &mut journal {
                journal.write(&Journal::lines(&state));
            }
            state.dirty.clear();
        }
        let log = match (self.json, self.log) {
            (true, _) => Log::Json,
            (false, true) => Log::Text,
            (false, false) => Log::Off,
        };
        Ok(App::new(state, journal, log))
    }
}

/// The line that tells a parent where the sandbox is and what to say to it.
fn ready_line(address: SocketAddr, settings: &Settings) -> String {
    let channels = |o: &mut json::Obj<'_>, version: Version| {
        o.arr("channels", |list| {
            for channel in CHANNELS.iter().filter(|channel| channel.version == version) {
                list.obj(|o| {
                    o.str("key", channel.key).str("pg", channel.pg);
                    o.str("mode", if channel.live { "live" } else { "test" }).str("mid", channel.mid);
                    let store = catalog::store(channel.store);
                    o.str("store_id", store.id).opt("tier", (!store.tier.is_empty()).then_some(store.tier));
                });
            }
        });
        o.arr("channel_groups", |list| {
            GROUPS.iter().filter(|group| group.version == version).for_each(|group| list.str(group.id));
        });
    };
    json::object(|o| {
        let url = format!("http://{address}");
        o.str("url", &url).obj("v2", |o| {
            o.str("api_secret", &settings.v2_secret).str("store_id", STORES[0].id);
            channels(o, Version::V2);
        });
        o.obj("v1", |o| {
            o.str("imp_key", &settings.v1_key).str("imp_secret", &settings.v1_secret);
            channels(o, Version::V1);
        });
    })
}

/// What ends when the process is told to stop, or when its parent goes. It listens from this call on, so that
/// whoever has read the ready line may stop the sandbox at once.
fn end(parent: bool) -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let (gone, going) = tokio::sync::oneshot::channel();
    if parent {
        // A thread of its own: standard input has no other reader here, and a blocked read must not hold the end up.
        drop(std::thread::spawn(move || {
            let mut buffer = [0; 64];
            while rustix::io::read(rustix::stdio::stdin(), &mut buffer).is_ok_and(|count| count > 0) {}
            // The other end goes only when the sandbox is ending anyway.
            let _ = gone.send(());
        }));
    }
    let (mut term, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        let orphaned = async {
            if !parent || going.await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            _ = term.recv() => (),
            _ = interrupt.recv() => (),
            () = orphaned => (),
        }
    })
}

fn start(args: &Args) -> io::Result<()> {
    let app = args.build()?;
    let listener = TcpListener::bind(args.listen)?;
    let line = ready_line(listener.local_addr()?, &args.settings());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let end = end(args.parent_stdin)?;
        let mut out = io::stdout().lock();
        writeln!(out, "{line}")?;
        out.flush()?;
        drop(out);
        server::serve(app, listener, end).await
    })?;
    // A request that still waits must not hold the end up.
    runtime.shutdown_background();
    Ok(())
}

/// Serves until it is told to stop.
pub fn run(args: &Args) -> ExitCode {
    match start(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            drop(writeln!(io::stderr().lock(), "danmal sandbox: {error}"));
            ExitCode::FAILURE
        }
    }
}
