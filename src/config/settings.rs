//! The settings beside the profiles, with their defaults and limits.
//!
//! Plain data; no IO. `config.example.toml` states the same defaults, and a test compares.

use std::path::PathBuf;

use super::mistake::Lang;
use super::words::words;

words! {
    /// `[ui] language`: in which language the program speaks.
    pub enum Language {
        /// As the locale says; Korean when it says nothing.
        Auto = "auto",
        /// Korean.
        Ko = "ko",
        /// English.
        En = "en",
    }
}

impl Language {
    /// The language to speak in, with `locale` as the environment names it (`LC_ALL`, `LC_MESSAGES`, `LANG`).
    pub fn resolve(self, locale: Option<&str>) -> Lang {
        let auto = || match locale.map(|locale| locale.split(['.', '_', '@']).next().unwrap_or_default()) {
            None | Some("" | "C" | "POSIX" | "ko") => Lang::Ko,
            Some(_) => Lang::En,
        };
        match self {
            Self::Auto => auto(),
            Self::Ko => Lang::Ko,
            Self::En => Lang::En,
        }
    }
}

words! {
    /// `[ui] theme`.
    pub enum Theme {
        /// As the terminal and `NO_COLOR` suggest.
        Auto = "auto",
        /// For a dark background.
        Dark = "dark",
        /// For a light background.
        Light = "light",
        /// Blue and orange instead of green and red.
        ColourBlind = "colour-blind",
        /// No colour at all.
        Mono = "mono",
    }
}

words! {
    /// `[ui] glyphs`: which characters frames and marks are drawn with.
    pub enum Glyphs {
        /// As the locale says.
        Auto = "auto",
        /// Box drawing and symbols.
        Unicode = "unicode",
        /// Nothing outside ASCII (text in Korean stays Korean).
        Ascii = "ascii",
    }
}

words! {
    /// `[log] level`: how much is written to the log.
    pub enum LogLevel {
        /// Nothing; no file is made.
        Off = "off",
        /// What failed.
        Error = "error",
        /// What looks wrong.
        Warn = "warn",
        /// What was done.
        Info = "info",
        /// How it was done.
        Debug = "debug",
        /// Everything.
        Trace = "trace",
    }
}

/// `[ledger]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerSettings {
    /// The ledger's file.
    pub path: PathBuf,
}

/// `[ui]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ui {
    /// Language of screens, reports and mistakes.
    pub language: Language,
    /// Colours.
    pub theme: Theme,
    /// Characters for frames and marks.
    pub glyphs: Glyphs,
}

impl Default for Ui {
    fn default() -> Self {
        Self { language: Language::Auto, theme: Theme::Auto, glyphs: Glyphs::Auto }
    }
}

/// `[security]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Security {
    /// Seconds without a key after which card fields are wiped.
    pub idle_wipe_seconds: u16,
    /// Whether the program scans its own memory after each request and journals `residue=0`.
    pub self_audit: bool,
    /// A certificate authority to trust besides the built-in ones; only for a local `PortOne`.
    pub ca_file: Option<PathBuf>,
}

impl Security {
    /// Limits of `idle_wipe_seconds`, in seconds.
    pub const IDLE_WIPE: (u64, u64) = (60, 120);
}

impl Default for Security {
    fn default() -> Self {
        Self { idle_wipe_seconds: 90, self_audit: false, ca_file: None }
    }
}

/// `[log]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// The log's file.
    pub path: PathBuf,
    /// How much is written.
    pub level: LogLevel,
}

/// `[guard]`: the guard against charging the same card twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guard {
    /// How far back an equal charge is looked for, in minutes.
    pub window_minutes: u16,
}

impl Guard {
    /// Limits of `window_minutes`, in minutes. It cannot be switched off.
    pub const WINDOW: (u64, u64) = (1, 1440);
}

impl Default for Guard {
    fn default() -> Self {
        Self { window_minutes: 10 }
    }
}

/// `[hooks]`: what happens beside a payment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hooks {
    /// Program and arguments that pause the voice recording; empty for none.
    pub recording_pause: Vec<String>,
    /// Program and arguments that let it go on; empty for none.
    pub recording_resume: Vec<String>,
    /// The folder that slips are written to.
    pub slip_dir: Option<PathBuf>,
}

/// `[network]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// Longest wait for a connection, in seconds.
    pub connect_seconds: u16,
    /// Longest wait for a whole exchange, in seconds; PGs may take 60 (V2 §3.2), so less would make good
    /// payments unknown.
    pub overall_seconds: u16,
}

impl Network {
    /// Limits of `connect_seconds`, in seconds.
    pub const CONNECT: (u64, u64) = (1, 10);
    /// Limits of `overall_seconds`, in seconds.
    pub const OVERALL: (u64, u64) = (65, 300);
}

impl Default for Network {
    fn default() -> Self {
        Self { connect_seconds: 10, overall_seconds: 75 }
    }
}

#[cfg(test)]
mod tests {
    use super::{Lang, Language};

    #[test]
    fn korean_unless_the_locale_names_another_language() {
        for korean in [None, Some(""), Some("C.UTF-8"), Some("POSIX"), Some("ko_KR.UTF-8"), Some("ko")] {
            assert_eq!(Language::Auto.resolve(korean), Lang::Ko, "{korean:?}");
        }
        for other in ["en_US.UTF-8", "en", "de_DE@euro"] {
            assert_eq!(Language::Auto.resolve(Some(other)), Lang::En, "{other}");
        }
        assert_eq!(Language::En.resolve(Some("ko_KR.UTF-8")), Lang::En);
        assert_eq!(Language::Ko.resolve(Some("en_US.UTF-8")), Lang::Ko);
    }
}
