//! Which billing key was meant, without its standing in the arguments, which every user of the machine can read.

use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use crate::cli::sale::{Findings, Wrong};
use crate::cli::say::Say;
use crate::domain::billing_key::BillingKey;
use crate::domain::intent::{Intent, Target};
use crate::domain::payment::PaymentId;
use crate::domain::problem::Problem;
use crate::i18n::Text;
use crate::operation::Desk;
use crate::text;

/// The fewest characters that a shortened end must have: what [`BillingKey::shortened`] leaves.
const END: usize = 6;
/// The most bytes that are read for a key; the longest has 80 characters.
const LINE: usize = 1024;

/// The options that say which key.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct KeyArgs {
    /// Billing key: the payment id of its registration, its shortened end (…0d1e23), or - for standard input.
    #[arg(value_name = "KEY", required_unless_present = "key_file")]
    pub key: Option<String>,
    /// File whose first line is the whole billing key; - is standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "key")]
    pub key_file: Option<PathBuf>,
}

/// Why nobody knows which key was meant.
#[derive(Debug)]
pub(in crate::cli) enum NoKey {
    /// What was given is no key.
    Wrong(Text),
    /// The ledger can't be asked.
    Problem(Problem),
}

impl From<Problem> for NoKey {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Text> for NoKey {
    fn from(why: Text) -> Self {
        Self::Wrong(why)
    }
}

impl NoKey {
    /// As something wrong with the options.
    pub fn wrong(self) -> Result<Wrong, Problem> {
        match self {
            Self::Wrong(why) => Ok(Wrong { field: "key", why }),
            Self::Problem(problem) => Err(problem),
        }
    }
}

impl KeyArgs {
    /// The key. One that stands whole in the arguments is taken, and `findings` says what is wrong with that.
    pub(in crate::cli) fn find(&self, desk: &Desk, findings: &mut Findings) -> Result<BillingKey, NoKey> {
        let file = self.key_file.as_deref().or(self.key.as_deref().filter(|key| *key == "-").map(Path::new));
        let key = match (file, self.key.as_deref()) {
            (Some(file), _) => whole(&line_of(file)?)?,
            (None, named) => {
                let named = named.unwrap_or_default().trim();
                if let Some(end) = short_end(named) {
                    ending(desk, end)?
                } else if let Some(key) = of_intent(desk, named)? {
                    key
                } else {
                    let key = whole(named)?;
                    findings.doubtful("key", text!("cli.key.in-arguments"));
                    key
                }
            }
        };
        // A key works only at the store that issued it.
        let made = desk.ledger.borrow().by_key(&key).map_err(Problem::from)?;
        match made.filter(|made| made.new.profile != desk.profile) {
            Some(made) => Err(text!("cli.key.other-profile", profile = made.new.profile).into()),
            None => Ok(key),
        }
    }
}

/// Says what is to be said about how a key was given.
pub(super) fn tell(say: Say, findings: &Findings) {
    for doubt in &findings.doubtful {
        let why = say.words(&doubt.why);
        say.problem_text(&text!("cli.doubt", field = doubt.field, why = why));
    }
}

/// A whole key.
pub(super) fn whole(text: &str) -> Result<BillingKey, Text> {
    BillingKey::parse(text.trim()).map_err(|_| text!("cli.key.not-a-key"))
}

/// The name of a new key.
pub(super) fn new_name(text: &str) -> Result<BillingKey, Text> {
    BillingKey::name(text.trim()).map_err(|_| text!("cli.key.not-a-name", max = BillingKey::MAX))
}

/// What stands behind the dots of a shortened key.
fn short_end(text: &str) -> Option<&str> {
    text.strip_prefix('…').or_else(|| text.strip_prefix("...")).or_else(|| text.strip_prefix(".."))
}

/// The one key of this profile's ledger that ends so.
fn ending(desk: &Desk, end: &str) -> Result<BillingKey, NoKey> {
    if end.chars().count() < END {
        return Err(text!("cli.key.end-short", count = END).into());
    }
    let mut made = desk.ledger.borrow().keys_made(&desk.profile).map_err(Problem::from)?;
    made.retain(|key| key.expose().ends_with(end));
    match (made.pop(), made.is_empty()) {
        (Some(key), true) => Ok(key),
        (Some(_), false) => Err(text!("cli.key.end-several").into()),
        (None, _) => Err(text!("cli.key.end-unknown").into()),
    }
}

/// The key that an intent of the ledger made or is about. `None` when the text is no id of the ledger's: it may be
/// a key then.
fn of_intent(desk: &Desk, text: &str) -> Result<Option<BillingKey>, NoKey> {
    let Ok(id) = PaymentId::parse(text) else { return Ok(None) };
    let Some(intent) = desk.ledger.borrow().intent(&id).map_err(Problem::from)? else { return Ok(None) };
    if intent.new.profile != desk.profile {
        return Err(text!("cli.key.other-profile", profile = intent.new.profile).into());
    }
    match key_of(&intent) {
        Some(key) => Ok(Some(key)),
        None if !intent.state.is_settled() => Err(text!("cli.key.unsettled", id = id).into()),
        None => Err(text!("cli.key.made-none", id = id).into()),
    }
}

fn key_of(intent: &Intent) -> Option<BillingKey> {
    let made = intent.approval.as_ref().and_then(|approval| approval.key.clone());
    made.or_else(|| match &intent.new.target {
        // A name that was meant for a key that was never made is no key.
        Some(Target::Key(key)) if intent.new.kind != crate::domain::intent::IntentKind::IssueKey => {
            Some(key.clone())
        }
        _ => None,
    })
}

/// The first line of a file or of standard input.
pub(super) fn line_of(file: &Path) -> Result<String, Text> {
    let read = if file == Path::new("-") {
        first_line(&rustix::stdio::stdin())
    } else {
        std::fs::File::open(file).map_err(|error| error.kind()).and_then(|file| first_line(&file))
    };
    read.map_err(|why| text!("cli.key.file-unreadable", why = why))
}

/// Reads no further than the line: what stands behind it is somebody else's.
pub(in crate::cli) fn first_line(fd: &impl AsFd) -> Result<String, std::io::ErrorKind> {
    let mut line = Vec::with_capacity(BillingKey::MAX);
    let mut byte = [0];
    while line.len() < LINE {
        match rustix::io::read(fd, &mut byte) {
            Ok(0) => break,
            Ok(_) if byte[0] == b'\n' => break,
            Ok(_) => line.push(byte[0]),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.kind()),
        }
    }
    String::from_utf8(line).map_err(|_| std::io::ErrorKind::InvalidData)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_in_front_make_an_end_of_a_key() {
        for text in ["…0d1e23", "...0d1e23", "..0d1e23"] {
            assert_eq!(short_end(text), Some("0d1e23"));
        }
        for text in ["0d1e23", ".0d1e23", "-", ""] {
            assert_eq!(short_end(text), None, "{text}");
        }
    }

    #[test]
    fn a_file_gives_its_first_line_and_no_more_than_a_line_has() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, "billing-key-1\nsecond\n").unwrap();
        assert_eq!(line_of(&path).unwrap(), "billing-key-1");
        std::fs::write(&path, "x".repeat(5_000)).unwrap();
        assert_eq!(line_of(&path).unwrap().len(), LINE);
        assert!(whole(&line_of(&path).unwrap()).is_err());
        assert!(line_of(&folder.path().join("none")).is_err());
    }
}
