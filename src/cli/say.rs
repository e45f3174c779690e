//! How the command line speaks: in which language, results on standard output, problems on standard error.
//!
//! Nothing can be done about an output that nobody reads; writing to it fails in silence.

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use super::exit::Exit;
use super::sale::Wrong;
use super::session::{Session, Unusable};
use super::{Globals, LangArg};
use crate::config::{self, Language};
use crate::domain::money::{Currency, Money};
use crate::domain::problem::Problem;
use crate::error::Words;
use crate::i18n::{Catalogue, Lang, Text};
use crate::text;

/// The voice of one run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Say {
    lang: Lang,
}

/// The language of the environment's locale.
fn locale() -> Lang {
    let value = |name| std::env::var(name).ok();
    let [all, ctype, lang] = ["LC_ALL", "LC_CTYPE", "LANG"].map(value);
    Lang::detect(all.as_deref(), ctype.as_deref(), lang.as_deref())
}

fn chosen(globals: &Globals) -> Option<Lang> {
    globals.lang.map(|lang| match lang {
        LangArg::Ko => Lang::Ko,
        LangArg::En => Lang::En,
    })
}

impl Say {
    /// As long as no configuration is known: `--lang`, then the locale.
    pub(super) fn before_config(globals: &Globals) -> Self {
        Self { lang: chosen(globals).unwrap_or_else(locale) }
    }

    /// When the arguments can't be read or must not be: a plain `--lang ko` among them, then the locale.
    pub(super) fn of_arguments(arguments: &[OsString]) -> Self {
        let named = arguments.windows(2).find(|pair| pair[0] == "--lang").and_then(|pair| pair[1].to_str());
        let joined = arguments.iter().find_map(|argument| argument.to_str()?.strip_prefix("--lang="));
        let named = named.or(joined).and_then(|name| Lang::ALL.into_iter().find(|lang| lang.tag() == name));
        Self { lang: named.unwrap_or_else(locale) }
    }

    /// `--lang`, then the configuration, then the locale.
    pub(super) fn of(globals: &Globals, session: &Session) -> Self {
        let lang = chosen(globals).unwrap_or_else(|| match session.config.ui.language {
            Language::Auto => locale(),
            Language::Ko => Lang::Ko,
            Language::En => Lang::En,
        });
        Self { lang }
    }

    /// The language.
    pub(super) const fn lang(self) -> Lang {
        self.lang
    }

    /// The same language, as the configuration names it.
    pub(super) const fn config_lang(self) -> config::Lang {
        match self.lang {
            Lang::Ko => config::Lang::Ko,
            Lang::En => config::Lang::En,
        }
    }

    /// The words of a text.
    pub(super) fn words(self, text: &Text) -> String {
        Catalogue::of(self.lang).text(text)
    }

    /// A line on standard output.
    fn line(line: &str) {
        let _ = writeln!(std::io::stdout().lock(), "{line}");
    }

    /// A text on standard output.
    pub(super) fn text(self, text: &Text) {
        Self::line(&self.words(text));
    }

    /// A line on standard error.
    fn problem_line(line: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }

    /// A text on standard error.
    pub(super) fn problem_text(self, text: &Text) {
        Self::problem_line(&self.words(text));
    }

    /// What to do next, what happened, whether money moved, and a reference.
    pub(super) fn problem(self, words: &Words, reference: Option<&str>) {
        for text in [&words.next, &words.what, &words.money] {
            self.problem_text(text);
        }
        if let Some(reference) = reference {
            self.problem_text(&text!("cli.reference", id = reference));
        }
    }

    /// What is wrong, and with which options.
    pub(super) fn wrong(self, wrong: &[Wrong]) {
        for wrong in wrong {
            let why = self.words(&wrong.why);
            self.problem_text(&text!("cli.wrong", field = wrong.field, why = why));
        }
    }

    /// Why nothing can be done.
    pub(super) fn unusable(self, unusable: &Unusable) -> ExitCode {
        Self::problem_line(unusable.text(self.config_lang()).trim_end());
        Exit::Usage.code()
    }
}

/// An amount with its currency, in words.
pub(super) fn amount(say: Say, money: Money) -> String {
    say.words(&match money.currency() {
        Currency::Krw => text!("cli.amount.krw", amount = money),
        Currency::Usd => text!("cli.amount.usd", amount = money),
    })
}

/// The exit code of a problem that kept something from being done: what the configuration has wrong is 2.
pub(super) const fn exit_of(problem: &Problem) -> Exit {
    match problem {
        Problem::Credentials { .. }
        | Problem::Forbidden { .. }
        | Problem::ChannelUnknown { .. }
        | Problem::Card { .. }
        | Problem::Unsupported { .. } => Exit::Usage,
        // Somebody may say that it is meant: another card behind a name, schedules revoked along with their key.
        Problem::KeyTaken { .. } | Problem::KeyHasSchedules => Exit::Guarded,
        _ => Exit::Failed,
    }
}
