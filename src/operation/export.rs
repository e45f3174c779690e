//! Exports: payments or schedules of the copy written to a file or to standard output. Who, why and what is in the
//! books before a byte is written; a file gets its name when it is whole, so that a kill leaves no half one under it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::Desk;
use super::intend::stop_here_if_asked;
use crate::domain::export::schedules::schedule_row;
use crate::domain::export::{Export, Format, Subject, payment_row};
use crate::domain::listing::RowList;
use crate::domain::problem::Problem;
use crate::domain::table_file::{Cell, Column, CsvFile, JsonLines};
use crate::domain::text::SafeText;

/// How many rows are read and written at once.
const WINDOW: usize = 500;
/// The end of the name of a file that is not whole yet.
const PART: &str = ".danmal-part";

/// What is written where, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportOrder {
    /// What the rows are.
    pub subject: Subject,
    /// The rows, in their order.
    pub list: RowList,
    /// The columns, in their order.
    pub columns: Vec<Column>,
    /// The form.
    pub format: Format,
    /// Why, in the operator's words; never empty.
    pub reason: String,
    /// Where to.
    pub into: Destination,
}

/// Where an export goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A file, readable by its owner only.
    File {
        /// Which.
        path: PathBuf,
        /// Whether one that is there is replaced.
        replace: bool,
    },
    /// Standard output: whoever started the program has it.
    Output,
}

enum Table<W: Write> {
    Csv(Box<CsvFile<BufWriter<W>>>),
    Json(JsonLines<BufWriter<W>>),
}

impl<W: Write> Table<W> {
    fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        match self {
            Self::Csv(table) => table.row(cells),
            Self::Json(table) => table.row(cells),
        }
    }

    fn finish(self) -> io::Result<BufWriter<W>> {
        match self {
            Self::Csv(table) => table.finish(),
            Self::Json(table) => table.finish(),
        }
    }
}

impl Desk {
    /// Writes rows of the copy to where they are wanted. Answers with their number.
    pub fn export(&self, order: &ExportOrder) -> Result<u64, Problem> {
        if order.reason.trim().is_empty() {
            return Err(Problem::NoReason);
        }
        let Destination::File { path, replace } = &order.into else {
            self.put_export(order, Export::OUTPUT)?;
            return Ok(self.write_rows(order, io::stdout().lock())?.0);
        };
        if !replace && path.exists() {
            return Err(unwritten(&io::Error::from(io::ErrorKind::AlreadyExists)));
        }
        self.clear_halves(path);
        let part = self.part_of(path).map_err(|error| unwritten(&error))?;
        // A relative name says nothing once the program is started somewhere else.
        let whole = std::path::absolute(path).unwrap_or_else(|_| path.clone());
        self.put_export(order, &whole.display().to_string())?;
        let written = self.write_part(order, &part);
        let ended = match &written {
            Ok(_) => give_name(&part, path, *replace).map_err(|error| unwritten(&error)),
            Err(_) => Ok(()),
        };
        if written.is_err() || ended.is_err() {
            let _ = fs::remove_file(&part);
        }
        ended.and(written)
    }

    /// The latest exports.
    pub fn exports(&self, most: u32) -> Result<Vec<Export>, Problem> {
        Ok(self.ledger.borrow().exports(&self.profile, most)?)
    }

    fn put_export(&self, order: &ExportOrder, path: &str) -> Result<(), Problem> {
        let export = Export {
            at: self.world.now(),
            operator: self.world.operator(),
            what: Export::what(order.subject, &order.columns),
            rows: order.list.len() as u64,
            reason: order.reason.trim().to_owned(),
            path: path.to_owned(),
        };
        Ok(self.ledger.borrow().put_export(&self.profile, &export)?)
    }

    fn write_part(&self, order: &ExportOrder, part: &Path) -> Result<u64, Problem> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(part);
        let (count, file) = self.write_rows(order, file.map_err(|error| unwritten(&error))?)?;
        stop_here_if_asked("exporting");
        file.sync_all().map_err(|error| unwritten(&error))?;
        Ok(count)
    }

    /// Answers with the number of rows, and with where they went.
    fn write_rows<W: Write>(&self, order: &ExportOrder, into: W) -> Result<(u64, W), Problem> {
        let into = BufWriter::new(into);
        let table = match order.format {
            Format::Csv(headings) => {
                CsvFile::new(into, &order.columns, headings).map(|table| Table::Csv(Box::new(table)))
            }
            Format::JsonLines => Ok(Table::Json(JsonLines::new(into, &order.columns))),
        };
        let mut table = table.map_err(|error| unwritten(&error))?;
        let mut count = 0;
        for from in (0..order.list.len()).step_by(WINDOW) {
            for cells in self.cells(order, from..from + WINDOW)? {
                table.row(&cells).map_err(|error| unwritten(&error))?;
                count += 1;
            }
        }
        let into = table.finish().map_err(|error| unwritten(&error))?;
        let into = into.into_inner().map_err(|error| unwritten(error.error()))?;
        Ok((count, into))
    }

    fn cells(&self, order: &ExportOrder, window: Range<usize>) -> Result<Vec<Vec<Cell>>, Problem> {
        let (ledger, columns) = (self.ledger.borrow(), &order.columns);
        Ok(match order.subject {
            Subject::Payments => {
                let rows = ledger.payment_rows(&order.list, window)?;
                rows.iter().map(|row| payment_row(&row.what, columns, order.format)).collect()
            }
            Subject::Schedules | Subject::SchedulesWithKeys => {
                let whole_keys = order.subject == Subject::SchedulesWithKeys;
                let rows = ledger.schedule_rows(&order.list, window)?;
                rows.iter().map(|row| schedule_row(&row.what, columns, whole_keys)).collect()
            }
        })
    }

    /// A name beside the file's own, which says whose it is.
    fn part_of(&self, path: &Path) -> io::Result<PathBuf> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let process = self.world.operator().process.replace(':', "-");
        let mut part = std::ffi::OsString::from(".");
        part.push(name);
        part.push(format!(".{process}{PART}"));
        Ok(path.with_file_name(part))
    }

    /// Takes away what killed exports of the same file left: they hold names and phone numbers.
    fn clear_halves(&self, path: &Path) {
        let (Some(name), host) = (path.file_name(), self.world.operator().host) else { return };
        let begin = format!(".{}.", name.to_string_lossy());
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let Ok(entries) = fs::read_dir(folder.unwrap_or_else(|| Path::new("."))) else { return };
        for entry in entries.flatten() {
            let left = entry.file_name().to_string_lossy().into_owned();
            let process = left.strip_prefix(&begin).and_then(|rest| rest.strip_suffix(PART));
            if process.is_some_and(|process| !self.world.still_runs(&host, &process.replacen('-', ":", 1))) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// Gives a whole file its name, and makes that last.
fn give_name(part: &Path, path: &Path, replace: bool) -> io::Result<()> {
    if replace {
        fs::rename(part, path)?;
    } else {
        // A link, unlike a rename, never takes the place of a file that came meanwhile.
        fs::hard_link(part, path)?;
        fs::remove_file(part)?;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()
}

fn unwritten(error: &io::Error) -> Problem {
    Problem::FileNotWritten { detail: SafeText::message(&error.to_string()).to_string() }
}
