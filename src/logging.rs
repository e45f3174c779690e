//! The log: one line an event, in a file of its owner alone, and off unless the configuration turns it on.
//!
//! Rules for whoever writes an event:
//!
//! - Never card data, in whole or in part, and never a credential: nothing below the vault or `config` may be
//!   formatted into a field, not even at level `trace`.
//! - What a provider sent is sanitised and shortened *before* it becomes a field. The file is a last net only:
//!   it spells control and direction characters out, so that one event stays one line and steers no terminal.
//!
//! Events of other crates are left out: an HTTP library may well describe what it sends.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::config::{LogLevel, LogSettings, steers};

/// Keeps the log open. Dropped at the end of `main`: nothing is written after that.
#[must_use = "the log is closed when this is dropped"]
#[derive(Debug)]
pub struct LogGuard(Arc<Sink>);

impl Drop for LogGuard {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Starts logging as `settings` say; nothing when the log is off.
///
/// # Errors
/// The file can't be made, belongs to somebody else or is a link; or a log was started before.
pub fn start(settings: &LogSettings) -> io::Result<Option<LogGuard>> {
    let level = level_of(settings.level);
    if level == LevelFilter::OFF {
        return Ok(None);
    }
    let sink = Arc::new(Sink::open(&settings.path)?);
    let guard = LogGuard(Arc::clone(&sink));
    tracing::subscriber::set_global_default(subscriber(sink, level)).map_err(io::Error::other)?;
    Ok(Some(guard))
}

fn subscriber(sink: Arc<Sink>, level: LevelFilter) -> impl Subscriber + Send + Sync {
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_timer(Utc)
        .with_target(true)
        .with_writer(Lines(sink));
    let ours = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level);
    tracing_subscriber::registry().with(ours).with(lines)
}

const fn level_of(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Off => LevelFilter::OFF,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}

/// RFC 3339 in UTC with milliseconds: sorts, and does not depend on the machine's zone.
struct Utc;

impl FormatTime for Utc {
    fn format_time(&self, out: &mut Writer<'_>) -> std::fmt::Result {
        write!(out, "{:.3}", jiff::Timestamp::now())
    }
}

/// The open file, or nothing once it was closed.
#[derive(Debug)]
struct Sink(Mutex<Option<File>>);

impl Sink {
    /// Opens the file for appending; makes it and its folder when they are missing.
    fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let no_link = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
        let file =
            OpenOptions::new().append(true).create(true).mode(0o600).custom_flags(no_link).open(path)?;
        // A file from before keeps its mode otherwise. Fails when it is somebody else's, which is as well.
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
        Ok(Self(Mutex::new(Some(file))))
    }

    fn close(&self) {
        if let Some(file) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // Nothing can be done about a log that does not reach the disk, and nobody is left to be told.
            drop(file.sync_data());
        }
    }
}

/// Hands the subscriber a writer for each event.
struct Lines(Arc<Sink>);

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { sink: &self.0, text: Vec::new() }
    }
}

/// One event; goes to the file in one write when it is complete, so that processes do not mix their lines.
struct Line<'a> {
    sink: &'a Sink,
    text: Vec<u8>,
}

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        let line = one_line(&String::from_utf8_lossy(&self.text));
        if let Some(file) = self.sink.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            // A full disk must not stop a payment that the journal has already accepted.
            drop(file.write_all(line.as_bytes()));
        }
    }
}

/// `event` as one line: whatever steers a terminal or ends a line is spelt out.
fn one_line(event: &str) -> String {
    let mut line = String::with_capacity(event.len() + 1);
    for c in event.trim_end_matches('\n').chars() {
        if steers(c) {
            line.extend(c.escape_unicode());
        } else {
            line.push(c);
        }
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::path::Path;
    use std::sync::Arc;

    use tracing::level_filters::LevelFilter;

    use super::{LogGuard, LogLevel, LogSettings, Sink, level_of, one_line, start, subscriber};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn off_makes_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("danmal.log");
        let guard = start(&LogSettings { path: path.clone(), level: LogLevel::Off }).unwrap();
        assert!(guard.is_none() && !path.exists());
    }

    #[test]
    fn only_our_events_of_the_level_are_written_and_none_after_the_guard() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state/danmal.log");
        let sink = Arc::new(Sink::open(&path).unwrap());
        let guard = LogGuard(Arc::clone(&sink));
        tracing::subscriber::with_default(subscriber(sink, LevelFilter::INFO), || {
            tracing::info!(target: "danmal::gateway", reason = "a\u{1b}[2J\nb", "declined");
            tracing::debug!(target: "danmal::gateway", "too fine");
            tracing::error!(target: "hyper::proto", "body bytes");
            drop(guard);
            tracing::error!(target: "danmal::gateway", "too late");
        });
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        let (time, rest) = text.trim_end().split_once(' ').unwrap();
        assert_eq!((time.len(), time.ends_with('Z')), ("2026-01-01T00:00:00.000Z".len(), true), "{time}");
        assert!(rest.trim_start().starts_with("INFO danmal::gateway: declined reason="), "{rest}");
        assert!(!text.trim_end().chars().any(char::is_control), "{text:?}");
    }

    #[test]
    fn the_file_and_its_folder_are_the_owners_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state/danmal.log");
        drop(Sink::open(&path).unwrap());
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        drop(Sink::open(&path).unwrap());
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn a_link_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("target");
        fs::write(&target, "").unwrap();
        symlink(&target, dir.path().join("danmal.log")).unwrap();
        assert!(Sink::open(&dir.path().join("danmal.log")).is_err());
    }

    #[test]
    fn levels_follow_their_words() {
        let levels = [
            LogLevel::Off,
            LogLevel::Error,
            LogLevel::Warn,
            LogLevel::Info,
            LogLevel::Debug,
            LogLevel::Trace,
        ];
        for level in levels {
            assert_eq!(level_of(level).to_string(), level.word());
        }
    }

    #[test]
    fn an_event_is_one_line_whatever_is_in_it() {
        assert_eq!(one_line("a\nb\u{202e}\tc\n"), "a\\u{a}b\\u{202e}\\u{9}c\n");
    }
}
