//! Schedules from a table file: what Korean Excel and other programs save as CSV or "Unicode text".
//!
//! Reads a whole file into rows that can be booked and errors that name line and column; every error of a row,
//! not the first. A row without an id of its own gets one that follows from what it says, so that the same file
//! read again books nothing twice. Knows nothing of PGs: their rules are checked where a row becomes an order.
//! May not: read a file or a clock (bytes and now are arguments), show a whole billing key.

mod cell;
mod column;
mod decode;

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use jiff::civil::Time;

pub use self::column::Column;
pub use self::decode::Encoding;
use super::billing_key::BillingKey;
use super::customer::Customer;
use super::due;
use super::money::{Currency, Money};
use super::payment::PaymentId;
use super::recurrence::derived_id;
use super::text::SafeText;

/// The largest file, in bytes: 10 MiB.
pub const MAX_BYTES: usize = 10 * 1024 * 1024;

/// The most rows.
pub const MAX_ROWS: usize = 20_000;

/// The latest date, in years from now: beyond it is a slip of the finger.
pub const MAX_YEARS: i64 = 10;

/// What the file does not say.
#[derive(Debug, Clone, Copy)]
pub struct ImportContext<'a> {
    /// Dates at or before it are over.
    pub now: Timestamp,
    /// The time in Korea of rows that have a date alone.
    pub time: Time,
    /// The currency of rows that name none.
    pub currency: Currency,
    /// Whose schedules these are, the store's name: part of the ids that are made, so that a file tried in a test
    /// store can still be read into the real one.
    pub scope: &'a str,
}

/// A row that can be booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// Where it begins in the file, from 1.
    pub line: u32,
    /// What is charged.
    pub key: BillingKey,
    /// When.
    pub at: Timestamp,
    /// The total.
    pub amount: Money,
    /// The tax-free part.
    pub tax_free: Option<Money>,
    /// 주문명
    pub order_name: String,
    /// Who pays.
    pub customer: Customer,
    /// The channel's name in the config.
    pub channel: Option<String>,
    /// Months; 0 is lump sum.
    pub installments: Option<u8>,
    /// A note for ourselves.
    pub note: Option<String>,
    /// Its id: the file's, or one that follows from scope, key, date, amount and order name.
    pub payment_id: PaymentId,
    /// Whether the id is the file's own.
    pub own_id: bool,
}

/// Why a cell or a row can't be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RowProblem {
    /// Nothing stands where something must.
    Missing,
    /// A line break or another control character: mostly a quotation mark that is not closed.
    Control,
    /// More than 500 characters.
    TooLong,
    /// More cells than the header has, and something in them.
    TooManyCells,
    /// An amount that its own comma seems to have cut in two.
    SplitAmount,
    /// No billing key.
    NotAKey,
    /// Not a date with year, month and day.
    NotADate,
    /// A date without its year.
    NoYear,
    /// Not a time of day.
    NotATime,
    /// A time beside the date and another in its own column.
    TwoTimes,
    /// It is over already.
    Past,
    /// More than [`MAX_YEARS`] away.
    TooFar,
    /// Not an amount.
    NotAnAmount,
    /// A fraction that the currency does not have.
    Fraction,
    /// More than this console charges at once.
    TooLarge,
    /// Nothing to charge.
    Zero,
    /// A tax-free part larger than the total.
    MoreThanTotal,
    /// A currency that this console does not charge in.
    NotACurrency,
    /// Not a phone number.
    NotAPhone,
    /// Not an e-mail address.
    NotAnEmail,
    /// Not a number of months.
    NotMonths,
    /// Not an id of our form.
    NotAnId,
    /// The same as another row: its id, or key, date, amount and order name where one of the two has no id.
    Duplicate {
        /// Where the other row begins.
        line: u32,
    },
}

impl RowProblem {
    /// The word in `--json` and in the catalogue's keys.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Control => "control",
            Self::TooLong => "too_long",
            Self::TooManyCells => "too_many_cells",
            Self::SplitAmount => "split_amount",
            Self::NotAKey => "not_a_key",
            Self::NotADate => "not_a_date",
            Self::NoYear => "no_year",
            Self::NotATime => "not_a_time",
            Self::TwoTimes => "two_times",
            Self::Past => "past",
            Self::TooFar => "too_far",
            Self::NotAnAmount => "not_an_amount",
            Self::Fraction => "fraction",
            Self::TooLarge => "too_large",
            Self::Zero => "zero",
            Self::MoreThanTotal => "more_than_total",
            Self::NotACurrency => "not_a_currency",
            Self::NotAPhone => "not_a_phone",
            Self::NotAnEmail => "not_an_email",
            Self::NotMonths => "not_months",
            Self::NotAnId => "not_an_id",
            Self::Duplicate { .. } => "duplicate",
        }
    }
}

/// One thing that is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// Where the row begins in the file, from 1.
    pub line: u32,
    /// Which column; `None`: the row as a whole, or a column that is not read.
    pub column: Option<Column>,
    /// What is wrong.
    pub what: RowProblem,
    /// What stands there, shortened; of a billing key its end alone, of a card number not even that.
    pub value: SafeText,
}

/// Why a file can't be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// More than [`MAX_BYTES`].
    #[error("the file is larger than 10 MiB")]
    TooLarge,
    /// More than [`MAX_ROWS`].
    #[error("the file has more than 20,000 rows")]
    TooManyRows,
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// A workbook (xlsx, xls), not a table in text.
    #[error("the file is a workbook; save it as CSV")]
    Workbook,
    /// Text in no encoding that this program knows.
    #[error("the file is neither UTF-8, UTF-16 nor CP949")]
    Encoding,
    /// Its first row names no column that this program knows.
    #[error("the first row names no column that is known")]
    NoHeader,
    /// Columns that every row needs.
    #[error("columns are missing")]
    MissingColumns(Vec<Column>),
    /// Two columns of the same name.
    #[error("a column stands twice")]
    RepeatedColumn(Column),
    /// A quotation mark that begins a cell and never ends it: all rows behind it would be lost.
    #[error("a quotation mark is not closed from line {line} on")]
    OpenQuote {
        /// The row that it begins in.
        line: u32,
    },
}

/// What a file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The rows that can be booked, by line.
    pub rows: Vec<ImportRow>,
    /// What is wrong with the others, by line.
    pub errors: Vec<RowError>,
    /// How many rows there are, blank ones left out.
    pub total: usize,
    /// The header's cells that are not read.
    pub ignored: Vec<SafeText>,
    /// How the file was written.
    pub encoding: Encoding,
    /// What stands between its cells.
    pub delimiter: char,
}

/// Put behind the text that is read: a row of its own, unless a quotation mark is open before it.
const SENTINEL: &str = "end";

/// A row of the file: where it begins, and its cells.
struct Record {
    line: u32,
    cells: csv::StringRecord,
}

/// Reads a file.
pub fn read(bytes: &[u8], context: &ImportContext<'_>) -> Result<Import, FileError> {
    if bytes.len() > MAX_BYTES {
        return Err(FileError::TooLarge);
    }
    let (text, encoding) = decode::decode(bytes)?;
    let (text, told) = match text.split_once('\n') {
        // Excel's own hint, a line above the header; it counts as a line.
        Some((first, _)) if first.len() <= 7 && first.to_ascii_lowercase().starts_with("sep=") => {
            (text.replacen(first, &" ".repeat(first.len()), 1), first["sep=".len()..].chars().next())
        }
        _ => (text, None),
    };
    if text.trim().is_empty() {
        return Err(FileError::Empty);
    }
    let delimiter = delimiter(&text, told);
    let (header, records) = records(&text, delimiter)?;
    let header = column::Header::read(&header.cells)?;
    let mut sheet = Sheet { context, header: &header, delimiter, errors: Vec::new(), seen: Seen::default() };
    let rows = records.iter().filter_map(|record| sheet.row(record)).collect();
    Ok(Import {
        rows,
        errors: sheet.errors,
        total: records.len(),
        ignored: header.ignored,
        encoding,
        delimiter,
    })
}

/// What stands between cells: of the candidates the one that makes most sense of the header.
fn delimiter(text: &str, told: Option<char>) -> char {
    let candidates = [',', '\t', ';'];
    if let Some(told) = told.filter(|told| candidates.contains(told)) {
        return told;
    }
    let known = |delimiter: &char| {
        let mut header = csv::StringRecord::new();
        let mut reader = reader(text, *delimiter);
        while let Ok(true) = reader.read_record(&mut header) {
            if !is_blank(&header) {
                return header.iter().filter(|cell| Column::of_header(cell).is_some()).count();
            }
        }
        0
    };
    // The first of equals: `max_by_key` takes the last.
    candidates.into_iter().rev().max_by_key(known).unwrap_or(',')
}

fn reader(text: &str, delimiter: char) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(u8::try_from(delimiter).unwrap_or(b','))
        .from_reader(text.as_bytes())
}

fn is_blank(cells: &csv::StringRecord) -> bool {
    cells.iter().all(|cell| cell.trim().is_empty())
}

/// The header and the rows below it, blank ones left out.
fn records(text: &str, delimiter: char) -> Result<(Record, Vec<Record>), FileError> {
    let closed = format!("{text}\n{SENTINEL}");
    let mut reader = reader(&closed, delimiter);
    let mut lines = Lines { text: &closed, at: 0, line: 1 };
    let mut found: Vec<Record> = Vec::new();
    let mut header = None;
    let mut cells = csv::StringRecord::new();
    let mut begun = 1;
    // The text is UTF-8 and rows may have any length: no row fails.
    while let Ok(true) = reader.read_record(&mut cells) {
        let start = cells.position().map_or(0, csv::Position::byte);
        begun = lines.line_of(usize::try_from(start).unwrap_or(usize::MAX));
        if lines.at > text.len() {
            return header.map(|header| (header, found)).ok_or(FileError::Empty);
        }
        if is_blank(&cells) {
            continue;
        }
        let record = Record { line: begun, cells: cells.clone() };
        if header.is_none() {
            header = Some(record);
        } else if found.len() == MAX_ROWS {
            return Err(FileError::TooManyRows);
        } else {
            found.push(record);
        }
    }
    Err(FileError::OpenQuote { line: begun })
}

/// Counts lines up to places in a text that come in order. The reader's own count is one short after `\r\n`
/// and stops at blank lines.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u32,
}

impl Lines<'_> {
    /// The line of the first thing at or after a place that is no line break.
    fn line_of(&mut self, place: usize) -> u32 {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            let breaks = matches!(byte, b'\r' | b'\n');
            if self.at >= place && !breaks {
                break;
            }
            // `\r\n` is one break, counted at its end.
            if breaks && !(*byte == b'\r' && bytes.get(self.at + 1) == Some(&b'\n')) {
                self.line = self.line.saturating_add(1);
            }
            self.at += 1;
        }
        self.line
    }
}

/// What was seen in earlier rows, and where.
#[derive(Default)]
struct Seen {
    /// By id.
    ids: HashMap<PaymentId, u32>,
    /// By the id that follows from what they say.
    contents: HashMap<PaymentId, Told>,
}

/// The rows that say the same: the first of all, and the first that has no id of its own.
struct Told {
    first: u32,
    without_id: Option<u32>,
}

/// A row's cells by column.
#[derive(Default)]
struct Cells {
    /// What stands in those that are not blank.
    texts: HashMap<Column, String>,
    /// Those whose text was refused; the errors say so already.
    broken: HashSet<Column>,
}

impl Cells {
    /// A cell's text, empty when there is none.
    fn of(&self, column: Column) -> &str {
        self.texts.get(&column).map_or("", String::as_str)
    }

    fn is_blank(&self, column: Column) -> bool {
        !self.texts.contains_key(&column) && !self.broken.contains(&column)
    }
}

/// A file being read.
struct Sheet<'a> {
    context: &'a ImportContext<'a>,
    header: &'a column::Header,
    delimiter: char,
    errors: Vec<RowError>,
    seen: Seen,
}

impl Sheet<'_> {
    fn wrong(&mut self, line: u32, column: Option<Column>, what: RowProblem, value: &str) {
        let value = if column == Some(Column::Key) { cell::key_end(value) } else { cell::shortened(value) };
        self.errors.push(RowError { line, column, what, value });
    }

    /// A row that can be booked; otherwise what is wrong with it stands in the errors.
    fn row(&mut self, record: &Record) -> Option<ImportRow> {
        let before = self.errors.len();
        if self.slipped(record) {
            // Cells that stand in the wrong columns would only make noise.
            return None;
        }
        let cells = self.cells(record);
        let row = self.filled(record.line, &cells);
        if self.errors.len() > before {
            return None;
        }
        let row = row?;
        self.first_of_its_kind(&row).then_some(row)
    }

    /// Whether cells stand in other columns than their own; the errors then say so.
    fn slipped(&mut self, record: &Record) -> bool {
        let before = self.errors.len();
        let beyond = record.cells.iter().skip(self.header.columns.len()).find(|raw| !raw.trim().is_empty());
        if let Some(raw) = beyond {
            self.wrong(record.line, None, RowProblem::TooManyCells, raw);
        }
        // `12,000` without quotation marks is two cells, and what stands behind it slips by one.
        let place = self.header.columns.iter().position(|column| *column == Some(Column::Amount));
        if let Some(place) = place
            && self.delimiter == ','
        {
            let cell = |place: usize| record.cells.get(place).unwrap_or_default().trim();
            let (head, next) = (cell(place), cell(place + 1));
            let is_group = |text: &str, lengths: std::ops::RangeInclusive<usize>| {
                lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
            };
            if is_group(head.trim_start_matches(['₩', '￦', '\\']), 1..=3)
                && is_group(next.trim_end_matches('원').trim_end(), 3..=3)
            {
                self.wrong(
                    record.line,
                    Some(Column::Amount),
                    RowProblem::SplitAmount,
                    &format!("{head},{next}"),
                );
            }
        }
        self.errors.len() > before
    }

    /// The cells by column, made harmless.
    fn cells(&mut self, record: &Record) -> Cells {
        let mut cells = Cells::default();
        for (raw, column) in record.cells.iter().zip(&self.header.columns) {
            match (cell::clean(raw), *column) {
                (Ok(text), Some(column)) if !text.is_empty() => {
                    cells.texts.insert(column, text);
                }
                (Ok(_), _) => {}
                // In a column that is not read, too: rows may have been swallowed by it.
                (Err(what), column) => {
                    self.wrong(record.line, column, what, raw);
                    cells.broken.extend(column);
                }
            }
        }
        cells
    }

    /// The row's parts; `None` when one is wrong, and then all that are wrong stand in the errors.
    fn filled(&mut self, line: u32, cells: &Cells) -> Option<ImportRow> {
        let key = self
            .part(line, Column::Key, cells, |text| BillingKey::parse(text).map_err(|_| RowProblem::NotAKey));
        let at = self.moment(line, cells);
        let order_name = self.part(line, Column::OrderName, cells, |text| Ok(text.to_owned()));
        let currency = self
            .part(line, Column::Currency, cells, |text| Currency::parse(text).ok_or(RowProblem::NotACurrency))
            .map_or_else(|| cells.is_blank(Column::Currency).then_some(self.context.currency), Some);
        // An amount is read with the currency that was meant, or none of its errors would be right.
        let (amount, tax_free) = match currency {
            Some(currency) => {
                let amount = self.part(line, Column::Amount, cells, |text| cell::amount(text, currency));
                if amount.is_some_and(Money::is_zero) {
                    self.wrong(line, Some(Column::Amount), RowProblem::Zero, cells.of(Column::Amount));
                }
                let tax_free = self.part(line, Column::TaxFree, cells, |text| {
                    let part = cell::amount(text, currency)?;
                    let fits = amount.is_none_or(|total| part.minor() <= total.minor());
                    if fits { Ok(part) } else { Err(RowProblem::MoreThanTotal) }
                });
                (amount, tax_free)
            }
            None => (None, None),
        };
        let phone = self.part(line, Column::Phone, cells, cell::phone);
        let email = self.part(line, Column::Email, cells, cell::email);
        let installments = self.part(line, Column::Installments, cells, cell::months);
        let given = self.part(line, Column::PaymentId, cells, |text| {
            PaymentId::parse(text).map_err(|_| RowProblem::NotAnId)
        });
        let (key, at, amount, order_name) = (key?, at?, amount?, order_name?);
        let own_id = given.is_some();
        let payment_id = given.unwrap_or_else(|| self.content_id(&key, at, amount, &order_name));
        let customer = Customer::new(
            cells.of(Column::Name),
            phone.as_deref().unwrap_or_default(),
            email.as_deref().unwrap_or_default(),
        )
        .with_id(cells.of(Column::CustomerId));
        Some(ImportRow {
            line,
            key,
            at,
            amount,
            tax_free,
            order_name,
            customer,
            channel: cells.texts.get(&Column::Channel).cloned(),
            installments,
            note: cells.texts.get(&Column::Note).cloned(),
            payment_id,
            own_id,
        })
    }

    /// One cell, read; `None` when it is blank or wrong, which the errors then say.
    fn part<T>(
        &mut self,
        line: u32,
        column: Column,
        cells: &Cells,
        read: impl FnOnce(&str) -> Result<T, RowProblem>,
    ) -> Option<T> {
        let Some(text) = cells.texts.get(&column) else {
            if column.is_required() && cells.is_blank(column) {
                self.wrong(line, Some(column), RowProblem::Missing, "");
            }
            return None;
        };
        read(text).map_err(|what| self.wrong(line, Some(column), what, text)).ok()
    }

    /// When: the date's own time, or the one beside it, or the one that was agreed.
    fn moment(&mut self, line: u32, cells: &Cells) -> Option<Timestamp> {
        let date = self.part(line, Column::Date, cells, cell::date);
        let beside = self.part(line, Column::Time, cells, cell::time);
        let (date, within) = date?;
        let time = match (within, beside) {
            (Some(within), Some(beside)) if within != beside => {
                self.wrong(line, Some(Column::Time), RowProblem::TwoTimes, cells.of(Column::Time));
                return None;
            }
            (within, beside) => within.or(beside).unwrap_or(self.context.time),
        };
        let at = due::at(date, time);
        let far = jiff::SignedDuration::from_hours(24 * 366 * MAX_YEARS);
        let what = match at {
            Some(at) if at <= self.context.now => RowProblem::Past,
            Some(at) if at.duration_since(self.context.now) <= far => return Some(at),
            _ => RowProblem::TooFar,
        };
        self.wrong(line, Some(Column::Date), what, cells.of(Column::Date));
        None
    }

    /// The id that follows from what a row says. The time of day is no part of it: a file without times, read
    /// again with another time agreed, books nothing twice.
    fn content_id(&self, key: &BillingKey, at: Timestamp, amount: Money, order_name: &str) -> PaymentId {
        let day = due::in_korea(at).date().to_string();
        let identity = [
            "import",
            self.context.scope,
            key.expose(),
            &amount.wire_major(),
            amount.currency().code(),
            order_name,
        ];
        derived_id(&identity, &day)
    }

    /// Whether no earlier row is the same; if one is, the errors say which.
    fn first_of_its_kind(&mut self, row: &ImportRow) -> bool {
        let content = self.content_id(&row.key, row.at, row.amount, &row.order_name);
        // Two rows that say the same and have different ids were meant twice.
        let same = self
            .seen
            .contents
            .get(&content)
            .and_then(|told| if row.own_id { told.without_id } else { Some(told.first) });
        let by_id = self.seen.ids.get(&row.payment_id).copied();
        let (column, other) = match (by_id, same) {
            (Some(line), _) if row.own_id => (Some(Column::PaymentId), line),
            (_, Some(line)) | (Some(line), None) => (None, line),
            (None, None) => {
                self.seen.ids.insert(row.payment_id.clone(), row.line);
                let told =
                    self.seen.contents.entry(content).or_insert(Told { first: row.line, without_id: None });
                if !row.own_id {
                    told.without_id = Some(row.line);
                }
                return true;
            }
        };
        let value = if column.is_some() { row.payment_id.as_str() } else { &row.order_name };
        let what = RowProblem::Duplicate { line: other };
        self.wrong(row.line, column, what, value);
        false
    }
}

#[cfg(test)]
mod tests;
