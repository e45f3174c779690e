//! What the person who runs the machine has configured to happen beside a payment: commands that pause and
//! resume the voice recording, a folder for slips. None of it sees card data, and none of it can stop a payment.

use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::domain::draft::Mark;
use crate::domain::payment::PaymentId;
use crate::tui::msg::HookTrouble;

/// The longest that a command may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is looked whether a command has ended.
const GLANCE: Duration = Duration::from_millis(20);

/// The configured commands and folder. Programs with their arguments; no shell is between.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hooks {
    /// Run when the recording is paused; empty for nothing.
    pub recording_pause: Vec<String>,
    /// Run when it goes on; empty for nothing.
    pub recording_resume: Vec<String>,
    /// Where slips are written.
    pub slip_dir: Option<PathBuf>,
}

/// A command under way; ended when it is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(None) = self.0.try_wait() {
            let _ = self.0.kill();
        }
        let _ = self.0.wait();
    }
}

impl Hooks {
    /// Runs the command of a mark, in an environment that holds `PATH` and `LANG`, and
    /// nothing of this program. Its output goes nowhere: it could only tear the screen.
    pub(super) async fn run(&self, mark: Mark) -> Option<HookTrouble> {
        let argv = match mark {
            Mark::RecordingPaused => &self.recording_pause,
            Mark::RecordingResumed => &self.recording_resume,
        };
        let (program, arguments) = argv.split_first()?;
        let mut command = Command::new(program);
        command.args(arguments).env_clear().current_dir("/");
        for name in ["PATH", "LANG"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // What the terminal sends to our group is not meant for it.
        command.process_group(0);
        let Ok(child) = command.spawn() else { return Some(HookTrouble::NotStarted) };
        let mut running = Running(child);
        let started = Instant::now();
        loop {
            match running.0.try_wait() {
                Ok(Some(status)) => return (!status.success()).then_some(HookTrouble::Failed),
                Ok(None) if started.elapsed() < PATIENCE => tokio::time::sleep(GLANCE).await,
                Ok(None) => return Some(HookTrouble::TooLong),
                Err(_) => return Some(HookTrouble::Failed),
            }
        }
    }

    /// Writes a slip for its owner alone; where, or `None` without a folder. A slip that is there already is
    /// left as it is.
    pub(super) fn write_slip(&self, payment: &PaymentId, text: &str) -> Result<Option<String>, String> {
        let Some(folder) = &self.slip_dir else { return Ok(None) };
        let path = folder.join(format!("{payment}.txt"));
        let written = || -> std::io::Result<()> {
            if !folder.exists() {
                std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            }
            let open = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
            match open {
                Ok(mut file) => file.write_all(text.as_bytes()).and_then(|()| file.sync_all()),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
                Err(error) => Err(error),
            }
        };
        match written() {
            Ok(()) => Ok(Some(path.display().to_string())),
            Err(error) => Err(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn run(argv: &[&str]) -> Option<HookTrouble> {
        let hooks = Hooks {
            recording_pause: argv.iter().map(|part| (*part).to_owned()).collect(),
            ..Hooks::default()
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(hooks.run(Mark::RecordingPaused))
    }

    #[test]
    fn a_command_is_run_without_a_shell_and_with_two_variables() {
        assert_eq!(run(&[]), None);
        assert_eq!(run(&["true"]), None);
        assert_eq!(run(&["false"]), Some(HookTrouble::Failed));
        assert_eq!(run(&["/no/such/program"]), Some(HookTrouble::NotStarted));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("seen");
        let script = format!("env > '{}'; printf '%s' \"$1\" >> '{}'", file.display(), file.display());
        assert_eq!(run(&["sh", "-c", &script, "sh", "$HOME; x"]), None);
        let seen = std::fs::read_to_string(&file).unwrap();
        // A shell adds its own; what is ours is not there, and the argument came whole.
        assert!(!seen.contains("HOME=") && !seen.contains("CARGO"), "{seen}");
        assert!(seen.ends_with("$HOME; x"), "{seen}");
    }

    #[test]
    fn a_slip_is_its_owners_alone_and_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let hooks = Hooks { slip_dir: Some(folder.path().join("slips")), ..Hooks::default() };
        let id = PaymentId::parse("d0000001").unwrap();
        let path = hooks.write_slip(&id, "first").unwrap().unwrap();
        hooks.write_slip(&id, "second").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "first");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(Hooks::default().write_slip(&id, "x"), Ok(None));
    }
}
