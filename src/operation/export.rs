//! Exports: payments of the copy written to a file. Who, why and what is in the books before a byte is written; the
//! file gets its name when it is whole, so that a kill leaves no half one under it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::Desk;
use super::intend::stop_here_if_asked;
use crate::domain::export::{Export, Format, payment_row};
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
    /// The rows, in their order.
    pub list: RowList,
    /// The columns, in their order.
    pub columns: Vec<Column>,
    /// The form.
    pub format: Format,
    /// Why, in the operator's words; never empty.
    pub reason: String,
    /// Where to.
    pub path: PathBuf,
    /// Whether a file that is there is replaced.
    pub replace: bool,
}

enum Table {
    Csv(Box<CsvFile<BufWriter<File>>>),
    Json(JsonLines<BufWriter<File>>),
}

impl Table {
    fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        match self {
            Self::Csv(table) => table.row(cells),
            Self::Json(table) => table.row(cells),
        }
    }

    fn finish(self) -> io::Result<BufWriter<File>> {
        match self {
            Self::Csv(table) => table.finish(),
            Self::Json(table) => table.finish(),
        }
    }
}

impl Desk {
    /// Writes payments of the copy to a file readable by its owner only. Answers with the number of rows.
    pub fn export(&self, order: &ExportOrder) -> Result<u64, Problem> {
        if order.reason.trim().is_empty() {
            return Err(Problem::NoReason);
        }
        if !order.replace && order.path.exists() {
            return Err(unwritten(&io::Error::from(io::ErrorKind::AlreadyExists)));
        }
        self.clear_halves(&order.path);
        let part = self.part_of(&order.path).map_err(|error| unwritten(&error))?;
        self.ledger.borrow().put_export(
            &self.profile,
            &Export {
                at: self.world.now(),
                operator: self.world.operator(),
                what: Export::payments(&order.columns),
                rows: order.list.len() as u64,
                reason: order.reason.trim().to_owned(),
                path: order.path.display().to_string(),
            },
        )?;
        let written = self.write_part(order, &part);
        let ended = match &written {
            Ok(_) => give_name(&part, &order.path, order.replace).map_err(|error| unwritten(&error)),
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

    fn write_part(&self, order: &ExportOrder, part: &Path) -> Result<u64, Problem> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(part);
        let into = BufWriter::new(file.map_err(|error| unwritten(&error))?);
        let table = match order.format {
            Format::Csv(headings) => {
                CsvFile::new(into, &order.columns, headings).map(|table| Table::Csv(Box::new(table)))
            }
            Format::JsonLines => Ok(Table::Json(JsonLines::new(into, &order.columns))),
        };
        let mut table = table.map_err(|error| unwritten(&error))?;
        let mut count = 0;
        for from in (0..order.list.len()).step_by(WINDOW) {
            let rows = self.ledger.borrow().payment_rows(&order.list, from..from + WINDOW)?;
            for row in rows {
                let cells = payment_row(&row.what, &order.columns, order.format);
                table.row(&cells).map_err(|error| unwritten(&error))?;
                count += 1;
            }
        }
        let ended = table.finish().and_then(|mut into| {
            into.flush()?;
            stop_here_if_asked("exporting");
            into.get_ref().sync_all()
        });
        ended.map_err(|error| unwritten(&error))?;
        Ok(count)
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
