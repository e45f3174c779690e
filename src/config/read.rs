//! Walks the parsed file: hands typed values out and collects every mistake on the way.
//!
//! Knows TOML and the table of keys, not what the settings mean. Pure.

use std::collections::HashSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::keys::{self, Takes};
use super::mistake::{Mistake, Place, Problem, shown};
use super::words::{Word, nearest};

/// The file and its mistakes so far.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    text: &'a str,
    file: &'a Path,
    mistakes: Vec<Mistake>,
}

/// A table of the file, or the place where one could stand.
#[derive(Debug)]
pub(super) struct Section<'a> {
    path: String,
    pattern: String,
    span: Option<Range<usize>>,
    table: Option<&'a DeTable<'a>>,
}

/// A key of a section, whether it is there or not.
#[derive(Debug)]
pub(super) struct Field<'a> {
    path: String,
    name: String,
    takes: Takes,
    /// Where the key stands, or its table when it does not.
    span: Option<Range<usize>>,
    value: Option<(&'a DeValue<'a>, Range<usize>)>,
}

impl<'a> Section<'a> {
    /// The whole file.
    pub fn root(table: &'a DeTable<'a>) -> Self {
        Self { path: String::new(), pattern: String::new(), span: None, table: Some(table) }
    }

    /// The key `name` of this table.
    pub fn field(&self, name: &str) -> Field<'a> {
        let pattern = join(&self.pattern, name);
        self.field_of(name, keys::find(&pattern).takes)
    }

    fn field_of(&self, name: &str, takes: Takes) -> Field<'a> {
        let entry = self.table.and_then(|table| table.get_key_value(name));
        Field {
            path: join(&self.path, &quoted_if_needed(name)),
            name: name.to_owned(),
            takes,
            span: entry.map(|(key, _)| key.span()).or_else(|| self.span.clone()),
            value: entry.map(|(_, value)| (value.get_ref(), value.span())),
        }
    }

    /// Whether the table has this key.
    pub fn has(&self, name: &str) -> bool {
        self.table.is_some_and(|table| table.contains_key(name))
    }

    /// Whether it is a table without entries, or not there at all; something else in its place was noted.
    pub fn is_empty(&self, field: &Field<'a>) -> bool {
        self.table.map_or(!field.is_there(), toml::map::Map::is_empty)
    }

    /// The names in this table, in the order of the file.
    pub fn names(&self) -> Vec<&'a str> {
        let mut names: Vec<_> = self.table.into_iter().flatten().map(|(key, _)| key).collect();
        names.sort_by_key(|key| key.span().start);
        names.into_iter().map(|key| key.get_ref().as_ref()).collect()
    }
}

impl Field<'_> {
    /// The same field, taking one of `words`: what it takes depends on another key.
    pub fn taking(self, words: &'static [&'static str]) -> Self {
        Self { takes: Takes::Word(words), ..self }
    }

    /// Whether the key is there.
    pub const fn is_there(&self) -> bool {
        self.value.is_some()
    }
}

impl<'a> Reader<'a> {
    /// A reader of `text`, which stands in `file`.
    pub const fn new(text: &'a str, file: &'a Path) -> Self {
        Self { text, file, mistakes: Vec::new() }
    }

    /// The mistakes, in the order of the file.
    pub fn finish(mut self) -> Vec<Mistake> {
        self.mistakes.sort_by_key(|mistake| mistake.place);
        self.mistakes
    }

    /// Whether nothing is wrong so far.
    pub const fn is_clean(&self) -> bool {
        self.mistakes.is_empty()
    }

    /// Notes a syntax error of the parser.
    pub fn syntax(&mut self, message: &str, span: Option<Range<usize>>) {
        let place = span.as_ref().map(|span| self.place(span.start));
        let line = span.and_then(|span| self.line_before_value(span.start));
        self.mistakes.push(Mistake {
            file: self.file.to_owned(),
            place,
            key: String::new(),
            line,
            problem: Problem::Syntax(shown(message)),
            takes: None,
        });
    }

    /// Notes that something is wrong with a field.
    pub fn wrong(&mut self, field: &Field<'_>, problem: Problem) {
        let line = self.line_of(field);
        let span = match (&problem, &field.value) {
            (Problem::UnknownKey { .. } | Problem::OtherApi { .. } | Problem::NotAName, _) | (_, None) => {
                field.span.clone()
            }
            (_, Some((_, span))) => Some(span.clone()),
        };
        self.mistakes.push(Mistake {
            file: self.file.to_owned(),
            place: span.map(|span| self.place(span.start)),
            key: field.path.clone(),
            line,
            problem,
            takes: Some(field.takes),
        });
    }

    /// The table under `name`; empty when it is not there.
    pub fn section(&mut self, parent: &Section<'a>, name: &str) -> Section<'a> {
        self.section_as(parent, name, join(&parent.pattern, name))
    }

    /// The table under a `name` that the person chose; nothing when it is no table.
    pub fn named_section(&mut self, parent: &Section<'a>, name: &str) -> Option<Section<'a>> {
        let section = self.section_as(parent, name, join(&parent.pattern, "*"));
        section.table.is_some().then_some(section)
    }

    fn section_as(&mut self, parent: &Section<'a>, name: &str, pattern: String) -> Section<'a> {
        let field = parent.field_of(name, keys::find(&pattern).takes);
        let table = match field.value {
            Some((DeValue::Table(table), _)) => Some(table),
            Some((other, _)) => {
                self.wrong(&field, Problem::WrongType(other.type_str()));
                None
            }
            None => None,
        };
        let section = Section { path: field.path, pattern, span: field.span, table };
        // Tables of chosen names have no list of keys of their own.
        if keys::in_table(&section.pattern).all(|key| key != "*") {
            self.unknown_keys(&section);
        }
        section
    }

    /// Notes every key of `section` that the table of keys does not have.
    pub fn unknown_keys(&mut self, section: &Section<'a>) {
        let allowed: Vec<&str> = keys::in_table(&section.pattern).collect();
        for name in section.names() {
            if !allowed.contains(&name) {
                let nearest = nearest(name, allowed.iter().copied()).map(str::to_owned);
                let allowed = allowed.iter().map(|&key| key.to_owned()).collect();
                self.wrong(&section.field(name), Problem::UnknownKey { nearest, allowed });
            }
        }
    }

    /// A text, without a look at what it says.
    pub fn string(&mut self, field: &Field<'a>) -> Option<&'a str> {
        match field.value {
            Some((DeValue::String(text), _)) => Some(text.as_ref()),
            Some((other, _)) => {
                self.wrong(field, Problem::WrongType(other.type_str()));
                None
            }
            None => None,
        }
    }

    /// A text that `check` accepts and turns into something.
    pub fn checked<T>(
        &mut self,
        field: &Field<'a>,
        check: impl FnOnce(&str) -> Result<T, Problem>,
    ) -> Option<T> {
        match check(self.string(field)?) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.wrong(field, problem);
                None
            }
        }
    }

    /// A value that must be there, by way of `read`.
    pub fn required<T>(
        &mut self,
        field: &Field<'a>,
        read: impl FnOnce(&mut Self, &Field<'a>) -> Option<T>,
    ) -> Option<T> {
        if field.is_there() {
            read(self, field)
        } else {
            self.wrong(field, Problem::Missing);
            None
        }
    }

    /// One of the words of `T`.
    pub fn word<T: Word>(&mut self, field: &Field<'a>) -> Option<T> {
        self.one_of(field).and_then(T::from_word)
    }

    /// One of the words that the field takes.
    pub fn one_of(&mut self, field: &Field<'a>) -> Option<&'static str> {
        let (Takes::Word(allowed) | Takes::Words(allowed)) = field.takes else { return None };
        self.checked(field, |found| {
            allowed.iter().find(|word| **word == found).copied().ok_or_else(|| not_one_of(found, allowed))
        })
    }

    /// A whole number within the limits of the key.
    pub fn whole(&mut self, field: &Field<'a>) -> Option<u16> {
        let (value, _) = field.value.as_ref()?;
        let Takes::Whole(min, max) = field.takes else { return None };
        let Some(number) = value.as_integer() else {
            self.wrong(field, Problem::WrongType(value.type_str()));
            return None;
        };
        let number = u64::from_str_radix(number.as_str(), number.radix()).ok();
        let inside = number.filter(|number| (min..=max).contains(number));
        let number = inside.and_then(|number| u16::try_from(number).ok());
        if number.is_none() {
            self.wrong(field, Problem::OutOfRange);
        }
        number
    }

    /// `true` or `false`.
    pub fn flag(&mut self, field: &Field<'a>) -> Option<bool> {
        match field.value.as_ref()? {
            (DeValue::Boolean(flag), _) => Some(*flag),
            (other, _) => {
                self.wrong(field, Problem::WrongType(other.type_str()));
                None
            }
        }
    }

    /// A list of the key's words, each at most once.
    pub fn words(&mut self, field: &Field<'a>) -> Option<Vec<&'static str>> {
        let items = self.items(field)?;
        let mut words = Vec::new();
        for item in &items {
            if let Some(word) = self.one_of(item) {
                if words.contains(&word) {
                    self.wrong(item, Problem::Twice);
                }
                words.push(word);
            }
        }
        (words.len() == items.len()).then_some(words)
    }

    /// `false` for none, or a list of months, each at most once; ascending.
    pub fn months(&mut self, field: &Field<'a>) -> Option<Vec<u8>> {
        match field.value.as_ref()? {
            (DeValue::Boolean(false), _) => return Some(Vec::new()),
            (DeValue::Boolean(true), _) => {
                self.wrong(field, Problem::OutOfRange);
                return None;
            }
            _ => {}
        }
        let items = self.items(field)?;
        if items.is_empty() {
            self.wrong(field, Problem::EmptyList);
        }
        let mut seen = HashSet::new();
        let mut months = Vec::new();
        for item in &items {
            let Some((value, _)) = &item.value else { continue };
            let Some(number) = value.as_integer() else {
                self.wrong(item, Problem::WrongType(value.type_str()));
                continue;
            };
            let number = u8::from_str_radix(number.as_str(), number.radix()).ok();
            let (min, max) = keys::MONTHS;
            match number.filter(|number| (min..=max).contains(&u64::from(*number))) {
                Some(number) if seen.insert(number) => months.push(number),
                Some(_) => self.wrong(item, Problem::Twice),
                None => self.wrong(item, Problem::OutOfRange),
            }
        }
        months.sort_unstable();
        Some(months)
    }

    /// A program and its arguments. No shell reads them, so nothing in them means anything but itself.
    pub fn argv(&mut self, field: &Field<'a>) -> Option<Vec<String>> {
        let items = self.items(field)?;
        let mut argv = Vec::new();
        for item in &items {
            let text = self.string(item)?;
            if text.contains('\0') || (argv.is_empty() && text.is_empty()) {
                self.wrong(item, Problem::NotAPath);
                return None;
            }
            argv.push(text.to_owned());
        }
        Some(argv)
    }

    /// The entries of a list, each as a field of its own.
    fn items(&mut self, field: &Field<'a>) -> Option<Vec<Field<'a>>> {
        let (value, _) = field.value.as_ref()?;
        let Some(array) = value.as_array() else {
            self.wrong(field, Problem::WrongType(value.type_str()));
            return None;
        };
        let item = |(index, item): (usize, &'a toml::Spanned<DeValue<'a>>)| Field {
            path: format!("{}[{index}]", field.path),
            name: field.name.clone(),
            takes: field.takes,
            span: Some(item.span()),
            value: Some((item.get_ref(), item.span())),
        };
        Some(array.iter().enumerate().map(item).collect())
    }

    /// A path; relative ones count from the folder of the file, an empty one is none.
    pub fn path(&mut self, field: &Field<'a>) -> Option<PathBuf> {
        let found = self.string(field).filter(|found| !found.is_empty())?;
        let path = path_from(found, self.file);
        if path.is_none() {
            self.wrong(field, Problem::NotAPath);
        }
        path
    }

    /// The file that is read.
    pub const fn file(&self) -> &'a Path {
        self.file
    }

    fn place(&self, at: usize) -> Place {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Place {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].trim_start_matches('\u{feff}').chars().count() + 1,
        }
    }

    /// `key = value`, with the value only when it may be shown.
    fn line_of(&self, field: &Field<'_>) -> Option<String> {
        let (value, span) = field.value.as_ref()?;
        let name = quoted_if_needed(&field.name);
        if let DeValue::Table(_) = value {
            return Some(format!("[{}]", field.path));
        }
        // An address can carry a password, and a list anything; neither is needed to find the place.
        let hidden = field.takes.is_secret()
            || matches!(value, DeValue::Array(_))
            || (field.takes == Takes::Url && value.as_str().is_some_and(|url| url.contains(['@', '?'])));
        if hidden {
            return Some(format!("{name} = …"));
        }
        if let Some(text) = value.as_str()
            && !matches!(field.takes, Takes::Url | Takes::Path)
            && could_be_a_secret(text)
        {
            let head: String = text.chars().take(4).collect();
            return Some(format!("{name} = \"{head}…\""));
        }
        let raw = self.text.get(span.clone()).unwrap_or_default();
        let first = raw.lines().next().unwrap_or_default();
        Some(format!("{name} = {}", shown(first)))
    }

    /// The line around `at` as far as it can't hold a value: a broken line may hold a secret in pieces.
    fn line_before_value(&self, at: usize) -> Option<String> {
        let start = self.text.get(..at)?.rfind('\n').map_or(0, |at| at + 1);
        let line = self.text[start..].lines().next()?.trim();
        let bare = |c: char| c.is_ascii_alphanumeric() || "-_. []".contains(c);
        match line.split_once('=') {
            Some((key, _)) if key.chars().all(bare) => Some(format!("{} = …", shown(key.trim_end()))),
            None if line.starts_with('[') && line.chars().all(bare) => Some(shown(line)),
            _ => None,
        }
    }
}

/// Whether a value in a place for something else could be a credential that was pasted there.
fn could_be_a_secret(text: &str) -> bool {
    /// Shortest credential, in bytes: `imp_key` of V1.
    const SHORTEST: usize = 16;
    text.len() >= SHORTEST && text.bytes().all(|b| b.is_ascii_graphic())
}

/// A path from the configuration: absolute, or counted from the folder of `file`. `~` means nothing here and
/// would make a folder of that name, so it is refused.
pub(super) fn path_from(found: &str, file: &Path) -> Option<PathBuf> {
    let plain = !found.is_empty() && !found.starts_with('~') && !found.chars().any(super::names::steers);
    plain.then(|| file.parent().unwrap_or_else(|| Path::new("")).join(found))
}

/// That `found` is none of `allowed`.
pub(super) fn not_one_of<'a>(
    found: &str,
    allowed: impl IntoIterator<Item = &'a (impl AsRef<str> + ?Sized + 'a)>,
) -> Problem {
    let allowed: Vec<String> = allowed.into_iter().map(|word| word.as_ref().to_owned()).collect();
    Problem::NotOneOf {
        nearest: nearest(found, allowed.iter().map(String::as_str)).map(str::to_owned),
        allowed,
    }
}

fn join(table: &str, name: &str) -> String {
    if table.is_empty() { name.to_owned() } else { format!("{table}.{name}") }
}

/// A name as it stands in a dotted path.
fn quoted_if_needed(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if bare { name.to_owned() } else { format!("\"{}\"", shown(name)) }
}
