//! `danmal demo`: the console on a sandbox of its own, to try everything without money.
//!
//! The sandbox is a child process of the same program, so that the server's copy of a card is not in ours. The
//! child also owns the temporary folder with configuration and ledger: it removes it when its standard input
//! closes, which happens however the console ends.

mod config;

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use clap::Parser;

use super::exit::Exit;
use super::say::Say;
use super::{Globals, console, session};
use crate::text;

/// What `danmal demo` takes.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Args {
    /// Begin with the channel that looks live (no money moves there either).
    #[arg(long)]
    pub live_looking: bool,
    /// The child's part: make the folder, say where it is, serve until standard input closes, remove it.
    #[arg(long, hide = true)]
    pub serve: bool,
}

/// How many payments the sandbox begins with.
const PLANTED: &str = "1200";
/// How long the child gets to end by itself.
const PATIENCE: Duration = Duration::from_secs(5);

/// Opens the console on a fresh sandbox.
pub(super) fn run(globals: &Globals, args: Args) -> ExitCode {
    if args.serve {
        return serve();
    }
    let say = Say::before_config(globals);
    let mut sandbox = match Sandbox::start() {
        Ok(sandbox) => sandbox,
        Err(error) => {
            say.problem_text(&text!("cli.demo.failed", why = error));
            return Exit::Failed.code();
        }
    };
    let exit = open(globals, args, &sandbox, say);
    sandbox.end();
    say.text(&text!("cli.demo.next"));
    exit
}

fn open(globals: &Globals, args: Args, sandbox: &Sandbox, say: Say) -> ExitCode {
    let file = sandbox.folder.join("config.toml");
    let written = config::text(&sandbox.ready, &sandbox.folder, args.live_looking, globals.lang)
        .and_then(|text| write_private(&file, &text));
    if let Err(error) = written {
        say.problem_text(&text!("cli.demo.failed", why = error));
        return Exit::Failed.code();
    }
    match session::open(Some(&file), globals.profile.as_deref()) {
        Ok(session) => console::open(session),
        Err(unusable) => say.unusable(&unusable),
    }
}

fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    file.write_all(text.as_bytes())
}

/// The child and what it said.
struct Sandbox {
    child: Child,
    folder: PathBuf,
    ready: serde_json::Value,
}

impl Sandbox {
    fn start() -> std::io::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["demo", "--serve"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // A hang-up of the terminal goes to our group; the child must live on to clean up.
            .process_group(0)
            .spawn()?;
        let unready = || std::io::Error::other("the sandbox did not start");
        let mut lines = BufReader::new(child.stdout.take().ok_or_else(unready)?).lines();
        let folder = lines.next().ok_or_else(unready)??;
        let ready = lines.next().ok_or_else(unready)??;
        let ready = serde_json::from_str(&ready).map_err(|_| unready())?;
        Ok(Self { child, folder: PathBuf::from(folder), ready })
    }

    /// Tells the child to end and waits until it has.
    fn end(&mut self) {
        drop(self.child.stdin.take());
        let started = Instant::now();
        while let Ok(None) = self.child.try_wait() {
            if started.elapsed() > PATIENCE {
                let _ = self.child.kill();
                let _ = self.child.wait();
                break;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        // Gone already unless the child was killed. Only a folder that the child made is ever removed.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The child: its folder lives as long as it does.
fn serve() -> ExitCode {
    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: crate::sandbox::Args,
    }
    let Ok(folder) = make_folder() else { return Exit::Failed.code() };
    // A year of made-up payments, keys and schedules: empty lists would show nothing.
    let told = ["sandbox", "--listen", "127.0.0.1:0", "--parent-stdin", "--seed", PLANTED];
    let line = Line::try_parse_from(told);
    let mut out = std::io::stdout().lock();
    let said = writeln!(out, "{}", folder.display()).and_then(|()| out.flush());
    drop(out);
    let exit = match (line, said) {
        (Ok(line), Ok(())) => crate::sandbox::run(&line.args),
        _ => Exit::Failed.code(),
    };
    let _ = std::fs::remove_dir_all(&folder);
    exit
}

/// A folder of our own that nobody else can read, in memory where the system offers that.
fn make_folder() -> std::io::Result<PathBuf> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|error| std::io::Error::other(error.to_string()))?;
    let name = format!("danmal-demo-{:016x}", u64::from_ne_bytes(random));
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_dir());
    let folder = runtime.unwrap_or_else(std::env::temp_dir).join(name);
    std::fs::DirBuilder::new().mode(0o700).create(&folder)?;
    Ok(folder)
}
