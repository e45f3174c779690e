//! A mistake in the configuration, as data.
//!
//! Holds no value of a secret: `found` is filled by the reader only where the key is known and not secret.
//! The words for a person are in `text.rs`.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::keys::Takes;
use super::names::steers;
use super::profile::ApiName;

/// The language a message is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// Korean.
    Ko,
    /// English.
    En,
}

/// A place in the file; both count from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The file it is in.
    pub file: PathBuf,
    /// Where; nothing when the whole file is meant.
    pub place: Option<Place>,
    /// Dotted path of the key; empty when the whole file is meant.
    pub key: String,
    /// The line, shortened to the key and, unless it is secret, its value.
    pub line: Option<String>,
    /// What is wrong.
    pub problem: Problem,
    /// What the key takes.
    pub takes: Option<Takes>,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// There is no such file.
    NoFile,
    /// The platform tells no home directory.
    NoHome,
    /// The file cannot be read.
    Unreadable(io::ErrorKind),
    /// The file is not UTF-8.
    NotUtf8,
    /// The file is no TOML, in the words of its parser.
    Syntax(String),
    /// A key that nothing knows.
    UnknownKey {
        /// The key that was probably meant.
        nearest: Option<String>,
        /// The keys that can stand there.
        allowed: Vec<String>,
    },
    /// A key of the other API generation.
    OtherApi {
        /// The generation of this profile.
        api: ApiName,
    },
    /// A key that must be there is not.
    Missing,
    /// `product_type` is not there, and this PG asks for it.
    MissingForPg(String),
    /// A V1 channel has neither `key` nor `pg_id`.
    NoRoute,
    /// A table that needs an entry has none.
    NoEntry,
    /// The value has another type; its type in TOML's words.
    WrongType(&'static str),
    /// A word that is not among the allowed ones.
    NotOneOf {
        /// The word that was probably meant.
        nearest: Option<String>,
        /// The words that can stand there.
        allowed: Vec<String>,
    },
    /// The same entry twice.
    Twice,
    /// A list without an entry where one is needed.
    EmptyList,
    /// A number outside its limits.
    OutOfRange,
    /// A text that is empty or blank, too long, or holds control characters.
    NotText,
    /// An identifier that holds blanks or characters outside ASCII, or is too long.
    NotAnId {
        /// Longest length in bytes.
        max: Option<usize>,
    },
    /// A profile or channel name with characters that names can't have.
    NotAName,
    /// A path that can't be one.
    NotAPath,
    /// A base URL that is none.
    NotAUrl,
    /// A base URL with a user name or password.
    UrlUser,
    /// A base URL with a query or fragment.
    UrlQuery,
    /// Plain `http` to another machine.
    PlainHttp,
    /// `env:` without a proper name.
    NotAnEnvName,
    /// Written like a shell variable or with a misspelt prefix, so that it would be sent as it stands.
    NotACredential,
    /// A secret in a file that others may read; its permission bits.
    InlineNotPrivate(Option<u32>),
    /// A private certificate authority beside a profile that reaches another machine.
    CaNotLocal {
        /// That profile.
        profile: String,
    },
    /// `--profile` names a profile that is not there.
    NoSuchProfile {
        /// What was asked for.
        found: String,
        /// The profile that was probably meant.
        nearest: Option<String>,
        /// The profiles there are.
        allowed: Vec<String>,
    },
}

/// One or more mistakes; nothing was loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistakes(pub(super) Vec<Mistake>);

impl Mistakes {
    /// The mistakes, in the order of the file; at least one.
    pub fn as_slice(&self) -> &[Mistake] {
        &self.0
    }

    /// All of them for a person, an empty line between two.
    pub fn text(&self, lang: Lang) -> String {
        self.0.iter().map(|mistake| mistake.text(lang)).collect::<Vec<_>>().join("\n")
    }
}

impl From<Mistake> for Mistakes {
    fn from(mistake: Mistake) -> Self {
        Self(vec![mistake])
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}

impl std::error::Error for Mistakes {}

impl Mistake {
    /// A mistake about a whole file.
    pub(super) fn about_file(file: &Path, problem: Problem) -> Self {
        Self { file: file.to_owned(), place: None, key: String::new(), line: None, problem, takes: None }
    }
}

/// `text` for a terminal: what steers it is spelt out, and a long one is cut.
pub fn shown(text: &str) -> String {
    /// Longest piece of a file in a message, in characters.
    const MAX_CHARS: usize = 60;
    let mut out = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == MAX_CHARS {
            out.push('…');
            break;
        }
        if steers(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// A path for a terminal, whole.
pub fn shown_path(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain = |c: char| if steers(c) { '\u{fffd}' } else { c };
    text.chars().map(plain).collect()
}
