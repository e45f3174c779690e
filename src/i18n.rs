//! Every text a person reads: Korean first, English complete.
//!
//! A [`Text`] is a key and its arguments, so that models and errors can carry one without knowing the
//! language. A [`Catalogue`] turns it into words. Texts stand in `assets/locale/*.toml`, built into the program.
//! May use nothing else of this crate; no IO, no environment (the caller passes the variables' values).

mod particle;

use std::collections::HashMap;
use std::sync::LazyLock;

/// The files built in. A new pair is two lines here.
const FILES: &[(Lang, &str)] = &[
    (Lang::Ko, include_str!("../assets/locale/ko.toml")),
    (Lang::En, include_str!("../assets/locale/en.toml")),
    (Lang::Ko, include_str!("../assets/locale/keyin.ko.toml")),
    (Lang::En, include_str!("../assets/locale/keyin.en.toml")),
    (Lang::Ko, include_str!("../assets/locale/billing.ko.toml")),
    (Lang::En, include_str!("../assets/locale/billing.en.toml")),
    (Lang::Ko, include_str!("../assets/locale/calendar.ko.toml")),
    (Lang::En, include_str!("../assets/locale/calendar.en.toml")),
    (Lang::Ko, include_str!("../assets/locale/history.ko.toml")),
    (Lang::En, include_str!("../assets/locale/history.en.toml")),
    (Lang::Ko, include_str!("../assets/locale/cli.ko.toml")),
    (Lang::En, include_str!("../assets/locale/cli.en.toml")),
    (Lang::Ko, include_str!("../assets/locale/clikey.ko.toml")),
    (Lang::En, include_str!("../assets/locale/clikey.en.toml")),
    (Lang::Ko, include_str!("../assets/locale/cliops.ko.toml")),
    (Lang::En, include_str!("../assets/locale/cliops.en.toml")),
    (Lang::Ko, include_str!("../assets/locale/pg.ko.toml")),
    (Lang::En, include_str!("../assets/locale/pg.en.toml")),
    (Lang::Ko, include_str!("../assets/locale/decline.ko.toml")),
    (Lang::En, include_str!("../assets/locale/decline.en.toml")),
    (Lang::Ko, include_str!("../assets/locale/refund.ko.toml")),
    (Lang::En, include_str!("../assets/locale/refund.en.toml")),
];

/// A language of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// Korean.
    #[default]
    Ko,
    /// English.
    En,
}

impl Lang {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Ko, Self::En];

    /// The two-letter tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Ko => "ko",
            Self::En => "en",
        }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Ko => Self::En,
            Self::En => Self::Ko,
        }
    }

    /// Reads a tag or a locale name: `ko`, `ko-KR`, `ko_KR.UTF-8`, `en` and so on. `None` for other languages.
    pub fn parse(name: &str) -> Option<Self> {
        let language = name.split(['_', '-', '.', '@']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|lang| language.eq_ignore_ascii_case(lang.tag()))
    }

    /// The language of a locale, from the values of `LC_ALL`, `LC_CTYPE` and `LANG`: the first that is set and
    /// not empty decides. Nothing set, or `C.UTF-8`, is Korean (that is how a bare SSH login looks); a `C` or
    /// `POSIX` locale without UTF-8 can't show Hangul and every other language reads English.
    pub fn detect(lc_all: Option<&str>, lc_ctype: Option<&str>, lang: Option<&str>) -> Self {
        let Some(name) = locale(lc_all, lc_ctype, lang) else { return Self::Ko };
        let plain = matches!(name.split('.').next(), Some("C" | "POSIX"));
        Self::parse(name).unwrap_or(if plain && is_utf8(name) { Self::Ko } else { Self::En })
    }
}

/// The locale name that counts: the first of `LC_ALL`, `LC_CTYPE`, `LANG` that is set and not empty.
pub fn locale<'a>(
    lc_all: Option<&'a str>,
    lc_ctype: Option<&'a str>,
    lang: Option<&'a str>,
) -> Option<&'a str> {
    [lc_all, lc_ctype, lang].into_iter().flatten().find(|name| !name.is_empty())
}

/// Whether a locale name says UTF-8.
pub fn is_utf8(name: &str) -> bool {
    let charset = name.split('.').nth(1).unwrap_or_default();
    let charset = charset.split('@').next().unwrap_or_default();
    charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
}

/// A text to be shown: its key in the catalogue and the values of its placeholders. Make it with
/// [`text!`](crate::text).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Text {
    /// The key in the catalogue.
    pub key: &'static str,
    /// The placeholders' values.
    pub args: Vec<(&'static str, String)>,
}

impl Text {
    /// A text without placeholders.
    pub const fn new(key: &'static str) -> Self {
        Self { key, args: Vec::new() }
    }

    /// The same with one more placeholder's value.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.args.push((name, value.into()));
        self
    }
}

/// Makes an [`i18n::Text`](crate::i18n::Text): `text!("key")`, or `text!("key", name = value)` with values that are
/// [`Display`](std::fmt::Display).
#[macro_export]
macro_rules! text {
    ($key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::i18n::Text::new($key)$(.with(stringify!($name), ::std::string::ToString::to_string(&$value)))*
    };
}

/// The texts of one language.
#[derive(Debug)]
pub struct Catalogue {
    lang: Lang,
    texts: HashMap<String, String>,
}

static KO: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::load(Lang::Ko));
static EN: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::load(Lang::En));

impl Catalogue {
    /// The texts of a language, read at the first call.
    pub fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::Ko => &KO,
            Lang::En => &EN,
        }
    }

    fn load(lang: Lang) -> Self {
        let mut texts = HashMap::new();
        for (_, file) in FILES.iter().filter(|(of, _)| *of == lang) {
            // A file that does not parse leaves its keys on the screen; the tests read all of them.
            if let Ok(table) = file.parse::<toml::Table>() {
                flatten("", table, &mut texts);
            }
        }
        Self { lang, texts }
    }

    /// The language of these texts.
    pub const fn lang(&self) -> Lang {
        self.lang
    }

    /// Whether the key stands in this language's own texts.
    pub fn has(&self, key: &str) -> bool {
        self.texts.contains_key(key)
    }

    /// The text of a key as it stands, placeholders and all: this language's, else the English one, else the
    /// key.
    pub fn get<'a>(&'a self, key: &'a str) -> &'a str {
        let own = self.texts.get(key);
        let found = if self.lang == Lang::En { own } else { own.or_else(|| EN.texts.get(key)) };
        found.map_or(key, String::as_str)
    }

    /// The words of a text: every `{name}` replaced by its value. `{name:을}` adds the Korean particle that
    /// fits (을/를, 은/는, 이/가, 과/와, 으로/로); `{name:key}` takes the value as a key of the catalogue;
    /// `{name:key:을}` does both. A placeholder without a value stays as it is; `{{` is a brace.
    pub fn text(&self, text: &Text) -> String {
        self.fill(self.get(text.key), &text.args)
    }

    fn fill(&self, pattern: &str, args: &[(&'static str, String)]) -> String {
        let mut out = String::with_capacity(pattern.len() + 16);
        let mut rest = pattern;
        while let Some(at) = rest.find('{') {
            out.push_str(&rest[..at]);
            let inner = &rest[at + 1..];
            if let Some(after) = inner.strip_prefix('{') {
                out.push('{');
                rest = after;
                continue;
            }
            let Some(end) = inner.find('}') else {
                rest = &rest[at..];
                break;
            };
            let placeholder = &inner[..end];
            let mut parts = placeholder.split(':');
            let name = parts.next().unwrap_or_default();
            if let Some((_, value)) = args.iter().find(|(of, _)| *of == name) {
                let from = out.len();
                out.push_str(value);
                for style in parts {
                    if style == "key" {
                        out.truncate(from);
                        out.push_str(self.get(value));
                    } else if let Some(particle) = particle::choose(&out[from..], style) {
                        out.push_str(particle);
                    }
                }
            } else {
                out.push_str(&rest[at..=at + 1 + end]);
            }
            rest = &inner[end + 1..];
        }
        out.push_str(rest);
        out
    }
}

fn flatten(prefix: &str, table: toml::Table, into: &mut HashMap<String, String>) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::Table(inner) => flatten(&key, inner, into),
            toml::Value::String(text) => {
                into.insert(key, text);
            }
            // No text; the test that reads the files says so.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
