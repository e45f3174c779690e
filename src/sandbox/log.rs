//! The request log: one line a request on standard error, for people or (`--json`) for programs.
//!
//! Knows method, path, status and time; never a body, a header or a query, so no card data can come by.

use std::io::Write as _;
use std::time::Duration;

use super::http::Outcome;
use super::json;

/// Where requests are reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Log {
    /// Nowhere.
    Off,
    /// A readable line.
    Text,
    /// A JSON line.
    Json,
}

/// Control characters made visible: a path is the client's text.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(160).collect()
}

impl Log {
    /// Reports one request.
    pub fn request(self, method: &str, path: &str, outcome: &Outcome, took: Duration, note: &str) {
        if self == Self::Off {
            return;
        }
        let line = self.line(method, path, outcome, took, note);
        // A closed standard error must not end the sandbox.
        drop(writeln!(std::io::stderr().lock(), "{line}"));
    }

    fn line(self, method: &str, path: &str, outcome: &Outcome, took: Duration, note: &str) -> String {
        let status = if outcome.cut { "cut".to_owned() } else { outcome.status.to_string() };
        let (method, path) = (plain(method), plain(path));
        let micros = took.as_micros();
        if self == Self::Json {
            return json::object(|o| {
                o.str("method", &method).str("path", &path).str("status", &status);
                o.int("micros", i64::try_from(micros).unwrap_or(i64::MAX));
                o.int("bytes", i64::try_from(outcome.body.len()).unwrap_or(i64::MAX));
                o.opt("note", (!note.is_empty()).then_some(note));
            });
        }
        let at = super::clock::rfc3339(super::clock::machine_now());
        let time = at.get(11..19).unwrap_or_default();
        let mark = match outcome.status {
            _ if outcome.cut => '✂',
            200..300 => '✓',
            400..500 => '!',
            _ => '✗',
        };
        let millis = format!("{}.{:01}", micros / 1_000, micros % 1_000 / 100);
        let note = if note.is_empty() { String::new() } else { format!("  ({note})") };
        format!("{time} {mark} {status:>3} {method:<6} {path}  {millis} ms  {} B{note}", outcome.body.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line_whatever_the_path_holds() {
        let outcome = Outcome { status: 200, ..Outcome::default() };
        let took = Duration::from_micros(1_250);
        let line = Log::Text.line("GET", "/a\u{1b}[2J\nb", &outcome, took, "slow");
        assert!(line.ends_with("✓ 200 GET    /a\u{fffd}[2J\u{fffd}b  1.2 ms  0 B  (slow)"), "{line}");
        let json = Log::Json.line("GET", "/a\nb", &outcome, took, "");
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value["micros"], 1_250);
        assert_eq!(value["note"], serde_json::Value::Null);
    }
}
