//! Credentials: where they are kept, and their value once it is needed.
//!
//! A value is read as late as possible ([`Credential::resolve`]), so that `danmal doctor` can look at a
//! profile whose secret is out of reach. It is wiped when dropped and has no way into a log or a message.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::Lang;
use super::mistake::shown_path;

/// Most bytes that a secret file may hold; API secrets are far below, a wrong file is usually above.
const FILE_MAX_BYTES: u64 = 4096;

/// A secret value: opaque in `{:?}`, not printable, not clonable, wiped when dropped.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a value over.
    pub fn new(value: String) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The value, to build a request with and for nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where a credential is kept.
#[derive(Debug)]
pub enum Credential {
    /// `env:NAME`: an environment variable.
    Env(String),
    /// `file:PATH`: a file that only its owner may read.
    File(PathBuf),
    /// In the configuration itself, which only its owner may read.
    Inline(Secret),
}

/// Why a credential could not be read. Holds no part of its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialProblem {
    /// The environment has no such variable.
    NotSet(String),
    /// The file cannot be read, and why.
    Unreadable(PathBuf, io::ErrorKind),
    /// The path names something else than a file.
    NotAFile(PathBuf),
    /// Others than its owner may read or write the file; its permission bits.
    NotPrivate(PathBuf, u32),
    /// The file is larger than any secret.
    TooLarge(PathBuf),
    /// There is a value, but an empty one.
    Empty,
    /// The value holds blanks, control or non-ASCII characters and can't be a credential.
    NotPlain,
}

impl Credential {
    /// Reads the value; `env` looks an environment variable up.
    ///
    /// One line end after the value is dropped: editors and `echo` add it.
    ///
    /// # Errors
    /// Says why there is no usable value.
    pub fn resolve(&self, env: &dyn Fn(&str) -> Option<OsString>) -> Result<Secret, CredentialProblem> {
        let value = match self {
            Self::Env(name) => {
                let value = env(name).ok_or_else(|| CredentialProblem::NotSet(name.clone()))?;
                Zeroizing::new(value.into_string().map_err(|_| CredentialProblem::NotPlain)?)
            }
            Self::File(path) => read_private(path)?,
            Self::Inline(secret) => secret.0.clone(),
        };
        let trimmed = value.strip_suffix('\n').unwrap_or(&value);
        let trimmed = trimmed.strip_suffix('\r').unwrap_or(trimmed);
        if trimmed.is_empty() {
            return Err(CredentialProblem::Empty);
        }
        if !trimmed.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(CredentialProblem::NotPlain);
        }
        Ok(Secret::new(trimmed.to_owned()))
    }
}

/// The text of a file that only its owner may read.
fn read_private(path: &Path) -> Result<Zeroizing<String>, CredentialProblem> {
    let unreadable = |error: io::Error| CredentialProblem::Unreadable(path.to_owned(), error.kind());
    // Looked at before it is opened as well: opening a pipe would wait for a writer.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(CredentialProblem::NotAFile(path.to_owned()));
    }
    let file = File::open(path).map_err(unreadable)?;
    let facts = file.metadata().map_err(unreadable)?;
    let bits = permission_bits(&facts);
    if !is_private(bits) {
        return Err(CredentialProblem::NotPrivate(path.to_owned(), bits));
    }
    if facts.len() > FILE_MAX_BYTES {
        return Err(CredentialProblem::TooLarge(path.to_owned()));
    }
    // Room for all of it at once: a buffer that grows leaves its old block behind.
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(FILE_MAX_BYTES).unwrap_or(0) + 1));
    match file.take(FILE_MAX_BYTES).read_to_string(&mut text) {
        Ok(_) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(CredentialProblem::NotPlain),
        Err(error) => Err(unreadable(error)),
    }
}

/// The permission bits of a file.
pub(super) fn permission_bits(facts: &fs::Metadata) -> u32 {
    facts.permissions().mode() & 0o7777
}

/// Whether nobody but the owner may read or write a file with these permission bits.
#[expect(clippy::verbose_bit_mask, reason = "a mask of permission bits is what it is")]
pub const fn is_private(bits: u32) -> bool {
    bits & 0o077 == 0
}

impl CredentialProblem {
    /// For a person: what to do, what was found, what is allowed. No part of a value is in it.
    pub fn text(&self, lang: Lang) -> String {
        let path = |path: &Path| shown_path(path);
        match (self, lang) {
            (Self::NotSet(name), Lang::Ko) => {
                format!("환경 변수 {name}에 값을 넣고 다시 실행하세요. 지금은 없습니다.")
            }
            (Self::NotSet(name), Lang::En) => {
                format!("Set the environment variable {name} and start again. It is not set.")
            }
            (Self::Unreadable(file, why), Lang::Ko) => {
                format!("{} 파일이 있고 읽을 수 있는지 확인하세요. 찾은 문제: {why}.", path(file))
            }
            (Self::Unreadable(file, why), Lang::En) => {
                format!("Check that the file {} is there and readable. Found: {why}.", path(file))
            }
            (Self::NotAFile(file), Lang::Ko) => {
                format!("일반 파일의 경로로 고치세요. {}은(는) 파일이 아닙니다.", path(file))
            }
            (Self::NotAFile(file), Lang::En) => {
                format!("Name a regular file. {} is not one.", path(file))
            }
            (Self::NotPrivate(file, bits), Lang::Ko) => format!(
                "chmod 600 {} 을(를) 실행하세요. 권한이 {bits:04o}입니다. 소유자만 읽을 수 있어야 합니다.",
                path(file)
            ),
            (Self::NotPrivate(file, bits), Lang::En) => {
                format!("Run chmod 600 {}. Its mode is {bits:04o}. Only its owner may read it.", path(file))
            }
            (Self::TooLarge(file), Lang::Ko) => format!(
                "{} 이(가) 맞는 파일인지 확인하세요. 비밀값치고 너무 큽니다. {FILE_MAX_BYTES}바이트까지 읽습니다.",
                path(file)
            ),
            (Self::TooLarge(file), Lang::En) => format!(
                "Check that {} is the right file. It is too large for a secret. At most {FILE_MAX_BYTES} bytes are read.",
                path(file)
            ),
            (Self::Empty, Lang::Ko) => "비밀값을 넣으세요. 비어 있습니다.".to_owned(),
            (Self::Empty, Lang::En) => "Put the secret in. It is empty.".to_owned(),
            (Self::NotPlain, Lang::Ko) => {
                "비밀값을 다시 복사해 넣으세요. 공백, 줄바꿈이나 ASCII 밖의 글자가 있습니다.".to_owned()
            }
            (Self::NotPlain, Lang::En) => {
                "Copy the secret in again. It holds blanks, line ends or characters outside ASCII.".to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    use super::{Credential, CredentialProblem, Secret};

    fn no_env(_: &str) -> Option<OsString> {
        None
    }

    fn file_with(dir: &Path, content: &[u8], mode: u32) -> Credential {
        let path = dir.join("secret");
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        Credential::File(path)
    }

    #[test]
    fn debug_shows_nothing() {
        let credential = Credential::Inline(Secret::new("hush-hush".to_owned()));
        assert_eq!(format!("{credential:?}"), "Inline(Secret(…))");
    }

    #[test]
    fn the_environment_is_asked_for_that_name() {
        let env = |name: &str| (name == "A").then(|| OsString::from("s3cret"));
        assert_eq!(Credential::Env("A".to_owned()).resolve(&env).unwrap().expose(), "s3cret");
        let problem = Credential::Env("B".to_owned()).resolve(&env).unwrap_err();
        assert_eq!(problem, CredentialProblem::NotSet("B".to_owned()));
    }

    #[test]
    fn a_private_file_is_read_without_its_line_end() {
        let dir = tempfile::tempdir().unwrap();
        for mode in [0o600, 0o400] {
            let credential = file_with(dir.path(), b"s3cret\r\n", mode);
            assert_eq!(credential.resolve(&no_env).unwrap().expose(), "s3cret");
            fs::remove_file(dir.path().join("secret")).unwrap();
        }
    }

    #[test]
    fn a_file_that_others_may_touch_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        for mode in [0o640, 0o604, 0o620, 0o601] {
            let problem = file_with(dir.path(), b"s3cret", mode).resolve(&no_env).unwrap_err();
            assert_eq!(problem, CredentialProblem::NotPrivate(dir.path().join("secret"), mode));
        }
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        for (content, problem) in [
            (&b""[..], CredentialProblem::Empty),
            (b"\n", CredentialProblem::Empty),
            (b"two words", CredentialProblem::NotPlain),
            (b"two\nlines\n", CredentialProblem::NotPlain),
            (b"\xff\xfe", CredentialProblem::NotPlain),
            (&[b'x'; 4097], CredentialProblem::TooLarge(dir.path().join("secret"))),
        ] {
            assert_eq!(file_with(dir.path(), content, 0o600).resolve(&no_env).unwrap_err(), problem);
        }
        let folder = Credential::File(dir.path().to_owned());
        assert_eq!(folder.resolve(&no_env).unwrap_err(), CredentialProblem::NotAFile(dir.path().to_owned()));
    }

    #[test]
    fn a_missing_file_is_said_to_be_missing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("none");
        let problem = Credential::File(path.clone()).resolve(&no_env).unwrap_err();
        assert_eq!(problem, CredentialProblem::Unreadable(path, std::io::ErrorKind::NotFound));
    }
}
