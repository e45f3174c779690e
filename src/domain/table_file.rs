//! Tables as files: CSV that spreadsheets open unharmed, and JSON lines for programs. Columns are data, so that
//! payments and schedules share all of this.
//!
//! CSV: UTF-8 with a byte order mark (Excel reads Korean by it), CRLF, every text quoted, so that no separator
//! inside one can begin a cell. **A cell that a spreadsheet would run or rewrite gets an apostrophe in front**: what
//! begins like a formula (`=` `+` `-` `@`, their full-width twins), what begins with an apostrophe itself, and text
//! that a spreadsheet would take for a number or a date and rewrite (`00123`, `12e4`, 16 digits, `3-4`). The
//! apostrophe is chosen over `="00123"`, which is a formula: it stands in the way of nothing that looks for
//! formulas, needs no "evaluate formulas" at the import, and a program takes it off again ([`plain`]). Excel and
//! `LibreOffice` show it; every character behind it is as it was. Phones need none: written in their groups they are
//! text to both.
//!
//! How to see that by hand, in a spreadsheet program, stands in `docs/headless.md`.
//!
//! May not: open a file. It writes into what it is given.

use std::io::{self, Write};

use jiff::Timestamp;
use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::due::in_korea;
use super::money::Money;

/// How a column's cells are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Words, ids, approval numbers: never to be changed by who opens it.
    Text,
    /// A phone number, written in groups.
    Phone,
    /// Money: a plain number in major units (CSV), in minor units (JSON, as everywhere in `--json`).
    Amount,
    /// A whole number.
    Number,
    /// A moment: Korean time without an offset (CSV), RFC 3339 in UTC (JSON).
    Time,
}

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name in `--columns` and in JSON.
    pub key: &'static str,
    /// Its heading, Korean.
    pub ko: &'static str,
    /// Its heading, English.
    pub en: &'static str,
    /// How its cells are written.
    pub kind: Kind,
}

/// The language of the headings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Headings {
    /// Korean.
    Ko,
    /// English.
    En,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing is known.
    Empty,
    /// For [`Kind::Text`] and [`Kind::Phone`].
    Text(String),
    /// For [`Kind::Amount`].
    Money(Money),
    /// For [`Kind::Number`].
    Number(i64),
    /// For [`Kind::Time`].
    Time(Timestamp),
}

impl Cell {
    /// A text, or nothing.
    pub fn text(text: Option<&str>) -> Self {
        text.map_or(Self::Empty, |text| Self::Text(text.to_owned()))
    }

    /// An amount, or nothing.
    pub fn money(money: Option<Money>) -> Self {
        money.map_or(Self::Empty, Self::Money)
    }

    /// Unix seconds, or nothing.
    pub fn seconds(seconds: Option<i64>) -> Self {
        let moment = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
        moment.map_or(Self::Empty, Self::Time)
    }
}

/// A column that was asked for and does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no column {0}")]
pub struct NoColumn(pub String);

/// Picks columns by their keys, separated by commas, in that order. Nothing picked is all of them.
pub fn choose(all: &[Column], keys: &str) -> Result<Vec<Column>, NoColumn> {
    let keys: Vec<&str> = keys.split(',').map(str::trim).filter(|key| !key.is_empty()).collect();
    if keys.is_empty() {
        return Ok(all.to_vec());
    }
    let find = |key: &&str| {
        let found = all.iter().find(|column| column.key == *key);
        found.copied().ok_or_else(|| NoColumn((*key).to_owned()))
    };
    keys.iter().map(find).collect()
}

/// Writes CSV.
pub struct CsvFile<W: Write> {
    writer: csv::Writer<W>,
    columns: Vec<Column>,
}

impl<W: Write> std::fmt::Debug for CsvFile<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CsvFile({} columns)", self.columns.len())
    }
}

impl<W: Write> CsvFile<W> {
    /// Writes the mark and the headings.
    pub fn new(mut into: W, columns: &[Column], headings: Headings) -> io::Result<Self> {
        into.write_all("\u{feff}".as_bytes())?;
        let mut writer = csv::WriterBuilder::new()
            .quote_style(csv::QuoteStyle::NonNumeric)
            .terminator(csv::Terminator::CRLF)
            .from_writer(into);
        writer.write_record(columns.iter().map(|column| match headings {
            Headings::Ko => column.ko,
            Headings::En => column.en,
        }))?;
        Ok(Self { writer, columns: columns.to_vec() })
    }

    /// Writes one row: a cell for each column, in their order. A row that is shorter or longer is an error.
    pub fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        fits(&self.columns, cells)?;
        let cells = cells.iter().zip(&self.columns).map(|(cell, column)| csv_cell(cell, column.kind));
        self.writer.write_record(cells)?;
        Ok(())
    }

    /// Writes what is left and hands back what was written into.
    pub fn finish(self) -> io::Result<W> {
        self.writer.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}

/// Writes JSON lines: one object a row, its members in the columns' order, `null` where nothing is known.
#[derive(Debug)]
pub struct JsonLines<W: Write> {
    into: W,
    columns: Vec<Column>,
}

impl<W: Write> JsonLines<W> {
    /// Nothing is written yet: there are no headings.
    pub fn new(into: W, columns: &[Column]) -> Self {
        Self { into, columns: columns.to_vec() }
    }

    /// Writes one row: a cell for each column, in their order. A row that is shorter or longer is an error.
    pub fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        fits(&self.columns, cells)?;
        serde_json::to_writer(&mut self.into, &Row { columns: &self.columns, cells })?;
        self.into.write_all(b"\n")
    }

    /// Writes what is left and hands back what was written into.
    pub fn finish(mut self) -> io::Result<W> {
        self.into.flush()?;
        Ok(self.into)
    }
}

fn fits(columns: &[Column], cells: &[Cell]) -> io::Result<()> {
    if columns.len() == cells.len() {
        Ok(())
    } else {
        let (is, must) = (cells.len(), columns.len());
        Err(io::Error::new(io::ErrorKind::InvalidInput, format!("a row of {is} cells, not {must}")))
    }
}

struct Row<'a> {
    columns: &'a [Column],
    cells: &'a [Cell],
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.columns.len()))?;
        for (column, cell) in self.columns.iter().zip(self.cells) {
            match cell {
                Cell::Empty => map.serialize_entry(column.key, &())?,
                Cell::Text(text) => map.serialize_entry(column.key, text)?,
                Cell::Money(money) => map.serialize_entry(column.key, &money.minor())?,
                Cell::Number(number) => map.serialize_entry(column.key, number)?,
                Cell::Time(moment) => map.serialize_entry(column.key, &moment.to_string())?,
            }
        }
        map.end()
    }
}

fn csv_cell(cell: &Cell, kind: Kind) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) if kind == Kind::Phone => phone(text).unwrap_or_else(|| safe(text)),
        Cell::Text(text) => safe(text),
        Cell::Money(money) => money.wire_major(),
        Cell::Number(number) => number.to_string(),
        Cell::Time(moment) => in_korea(*moment).strftime("%Y-%m-%d %H:%M:%S").to_string(),
    }
}

/// Text as a spreadsheet must find it: no control characters, and an apostrophe in front where it would be
/// taken for something else.
fn safe(text: &str) -> String {
    let text: String = text.chars().map(|ch| if ch.is_control() { ' ' } else { ch }).collect();
    if is_risky(&text) { format!("'{text}") } else { text }
}

/// What a cell said before [`CsvFile`] made it safe: for programs that read an export.
pub fn plain(cell: &str) -> &str {
    cell.strip_prefix('\'').unwrap_or(cell)
}

fn is_risky(text: &str) -> bool {
    // Blanks in front are skipped by some spreadsheets.
    let begins = text.trim_start().chars().next();
    let formula = matches!(
        begins,
        Some('=' | '+' | '-' | '@' | '\'' | '＝' | '＋' | '－' | '＠' | '−' | '﹣' | '﹢' | '﹦' | '﹫')
    );
    formula || is_rewritten(text.trim())
}

/// The most digits that Excel shows as they are.
const DIGITS: usize = 11;

/// Whether a spreadsheet would take a text for a number or a date and write it otherwise.
fn is_rewritten(text: &str) -> bool {
    // Full-width digits count: East Asian spreadsheets read them as numbers.
    let narrow = |ch: char| match ch {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(ch) - 0xfee0).unwrap_or(ch),
        ch => ch,
    };
    let text: String = text.chars().map(narrow).collect();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if digits == 0 {
        return false;
    }
    if digits == text.len() {
        return digits > DIGITS || (digits > 1 && text.starts_with('0'));
    }
    // Digits and nothing but what numbers, dates, times, percentages and money are written with.
    let letters: String = text
        .chars()
        .filter(|ch| {
            !ch.is_ascii_digit()
                && !matches!(ch, '.' | ',' | ':' | '/' | '-' | '+' | '%' | ' ' | '$' | '₩' | '(' | ')')
        })
        .collect::<String>()
        .to_lowercase();
    DATED.contains(&letters.as_str())
}

/// What is left of dates, times and numbers when their digits are gone.
const DATED: [&str; 36] = [
    "",
    "e",
    "am",
    "pm",
    "오전",
    "오후",
    "년월일",
    "년월",
    "월일",
    "시분초",
    "시분",
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "오전시분",
];

/// A Korean phone number in its groups; `None` when it is none.
fn phone(text: &str) -> Option<String> {
    let rest = text.chars().all(|ch| ch.is_ascii_digit() || matches!(ch, '-' | ' ' | '.'));
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let area = match digits.get(..2)? {
        "02" => 2,
        start if start.starts_with('0') => 3,
        _ => return None,
    };
    let middle = digits.len().checked_sub(area + 4).filter(|middle| matches!(middle, 3 | 4))?;
    rest.then(|| format!("{}-{}-{}", &digits[..area], &digits[area..area + middle], &digits[area + middle..]))
}

#[cfg(test)]
mod tests;
