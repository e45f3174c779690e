//! The configuration: which stores and channels there are, where their secrets are kept, and how the program
//! behaves.
//!
//! Reads one file, reports every mistake in it with its place, and never shows a secret. Opens nothing else
//! but secret files, and those only when asked to. Names nothing else of this crate.

mod build;
pub mod keys;
mod mistake;
mod names;
mod profile;
mod read;
mod secret;
mod settings;
mod text;
mod url;
mod words;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

pub use self::mistake::{Lang, Mistake, Mistakes, Place, Problem};
pub use self::mistake::{shown, shown_path};
pub(crate) use self::names::steers;
pub use self::names::{ChannelName, NAME_MAX_CHARS, ProfileName, StoreId, TEXT_MAX_CHARS};
pub use self::profile::{
    Api, ApiName, Channel, Contract, Entry, Mode, Operation, Product, Profile, Resolved, Route, Tax,
    Unresolved,
};
pub use self::secret::{Credential, CredentialProblem, Secret, is_private};
pub use self::settings::{
    Glyphs, Guard, Hooks, Language, LedgerSettings, LogLevel, LogSettings, Network, Security, Theme, Ui,
};
pub use self::url::{BaseUrl, DEFAULT_V1, DEFAULT_V2, UrlProblem};
pub use self::words::nearest;

/// Largest configuration that is read, in bytes.
const FILE_MAX_BYTES: u64 = 1 << 20;

/// The whole configuration, checked.
#[derive(Debug)]
pub struct Config {
    file: PathBuf,
    mode: Option<u32>,
    profiles: Vec<Profile>,
    default_profile: ProfileName,
    /// `[ledger]`.
    pub ledger: LedgerSettings,
    /// `[ui]`.
    pub ui: Ui,
    /// `[security]`.
    pub security: Security,
    /// `[log]`.
    pub log: LogSettings,
    /// `[guard]`.
    pub guard: Guard,
    /// `[network]`.
    pub network: Network,
    /// `[hooks]`.
    pub hooks: Hooks,
}

/// Where a configuration came from, and where things go that it does not place.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The file; relative paths in it count from its folder.
    pub file: &'a Path,
    /// Its permission bits; unknown ones count as readable by everybody.
    pub mode: Option<u32>,
    /// The platform's data directory for this program.
    pub data_dir: &'a Path,
    /// The platform's state directory for this program.
    pub state_dir: &'a Path,
}

/// The platform's directories of this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directories {
    /// Where `config.toml` is looked for.
    pub config: PathBuf,
    /// Where the ledger is kept.
    pub data: PathBuf,
    /// Where the log is kept.
    pub state: PathBuf,
}

impl Directories {
    /// The directories of whoever runs the program; nothing when no home directory is known.
    pub fn of_this_user() -> Option<Self> {
        let dirs = directories::ProjectDirs::from("", "", "danmal")?;
        Some(Self {
            config: dirs.config_dir().to_owned(),
            data: dirs.data_dir().to_owned(),
            state: dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir()).to_owned(),
        })
    }
}

impl Config {
    /// Checks `text`, which came from `origin`.
    ///
    /// # Errors
    /// Every mistake in it.
    pub fn parse(text: &str, origin: &Origin<'_>) -> Result<Self, Mistakes> {
        build::build(text, origin)
    }

    /// The file it came from.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The permission bits that the file had, if it was one.
    pub const fn mode(&self) -> Option<u32> {
        self.mode
    }

    /// The profiles, in the order of the file; at least one.
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    /// The profile called `name`, or the default one.
    ///
    /// # Errors
    /// There is no such profile.
    pub fn profile(&self, name: Option<&str>) -> Result<&Profile, Mistakes> {
        let wanted = name.unwrap_or(self.default_profile.as_str());
        let wanted = ProfileName::new(wanted).map_or_else(|| wanted.to_owned(), |name| name.to_string());
        if let Some(profile) = self.profiles.iter().find(|profile| profile.name().as_str() == wanted) {
            return Ok(profile);
        }
        let allowed: Vec<String> = self.profiles.iter().map(|profile| profile.name().to_string()).collect();
        let nearest = nearest(&wanted, allowed.iter().map(String::as_str)).map(str::to_owned);
        Err(Mistake::about_file(&self.file, Problem::NoSuchProfile { found: wanted, nearest, allowed })
            .into())
    }
}

/// The file that is read: `named` (`--config FILE`), or `config.toml` in the platform's directory.
///
/// # Errors
/// No file is named and no home directory is known.
pub fn locate(named: Option<&Path>, dirs: Option<&Directories>) -> Result<PathBuf, Mistakes> {
    let found = named.map(Path::to_owned).or_else(|| Some(dirs?.config.join("config.toml")));
    found.ok_or_else(|| Mistake::about_file(Path::new("config.toml"), Problem::NoHome).into())
}

/// Reads and checks the configuration.
///
/// `named` is what `--config` said. Choose the profile with [`Config::profile`], to which `--profile` goes.
///
/// # Errors
/// The file can't be read, or every mistake in it.
pub fn load(named: Option<&Path>) -> Result<Config, Mistakes> {
    let dirs = Directories::of_this_user();
    let file = locate(named, dirs.as_ref())?;
    // Without a home directory, what has no place goes beside the configuration.
    let beside = file.parent().unwrap_or_else(|| Path::new("")).to_owned();
    let data_dir = dirs.as_ref().map_or(&beside, |dirs| &dirs.data);
    let state_dir = dirs.as_ref().map_or(&beside, |dirs| &dirs.state);
    let (text, mode) = read(&file).map_err(|problem| Mistake::about_file(&file, problem))?;
    Config::parse(&text, &Origin { file: &file, mode: Some(mode), data_dir, state_dir })
}

/// The text of a configuration and the permission bits of its file, taken from the same open file.
fn read(path: &Path) -> Result<(Zeroizing<String>, u32), Problem> {
    let problem = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Problem::NoFile,
        io::ErrorKind::InvalidData => Problem::NotUtf8,
        kind => Problem::Unreadable(kind),
    };
    if std::fs::metadata(path).map_err(problem)?.is_dir() {
        return Err(Problem::Unreadable(io::ErrorKind::IsADirectory));
    }
    let file = File::open(path).map_err(problem)?;
    let facts = file.metadata().map_err(problem)?;
    if facts.len() > FILE_MAX_BYTES {
        return Err(Problem::Unreadable(io::ErrorKind::FileTooLarge));
    }
    // Room for all of it at once: a buffer that grows leaves its old block behind.
    let room = usize::try_from(facts.len()).unwrap_or(0) + 1;
    let mut text = Zeroizing::new(String::with_capacity(room));
    file.take(FILE_MAX_BYTES).read_to_string(&mut text).map_err(problem)?;
    Ok((text, secret::permission_bits(&facts)))
}
