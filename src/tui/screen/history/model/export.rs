//! An export: the payments of the list into a file, with the columns that are chosen and a reason that is recorded.

use super::{Ask, Model, Place};
use crate::domain::due;
use crate::domain::export::{PAYMENT_COLUMNS, is_personal};
use crate::domain::listing::RowList;
use crate::domain::problem::Problem;
use crate::domain::table_file::Column;
use crate::i18n::Text;
use crate::text;
use crate::tui::choice::{neighbour, turned};
use crate::tui::edit::Edit;
use crate::tui::input::{Code, Key};
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::{Effect, EffectId};

/// The form of the file; the language of a spreadsheet's headings is the screen's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// For spreadsheets, Korean headings.
    CsvKo,
    /// For spreadsheets, English headings.
    CsvEn,
    /// For programs.
    JsonLines,
}

impl ExportFormat {
    const ALL: [Self; 3] = [Self::CsvKo, Self::CsvEn, Self::JsonLines];

    const fn ending(self) -> &'static str {
        match self {
            Self::CsvKo | Self::CsvEn => "csv",
            Self::JsonLines => "jsonl",
        }
    }
}

/// A column of the choice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExportColumn {
    /// Which.
    pub column: &'static Column,
    /// Whether it goes into the file.
    pub chosen: bool,
}

/// What is to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportOrder {
    /// The payments.
    pub rows: RowList,
    /// In which columns.
    pub columns: Vec<&'static Column>,
    /// In which form.
    pub format: ExportFormat,
    /// Why, in the operator's words.
    pub reason: String,
    /// Into which file; a name without a folder lies where the program was started.
    pub path: String,
}

/// How an export ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportEnd {
    /// So many payments are in the file of this path.
    Written(u64, String),
    /// There is no file.
    Not(Problem),
}

/// A row of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExportRow {
    /// 사유
    Reason,
    /// 형식
    Format,
    /// 파일
    Path,
    /// One of the columns.
    Column(usize),
}

/// An export that is being prepared, or its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Export {
    effect: EffectId,
    rows: RowList,
    /// The row with the cursor.
    pub focus: ExportRow,
    /// Why.
    pub reason: Edit,
    /// In which form.
    pub format: ExportFormat,
    /// Into which file.
    pub path: Edit,
    /// The columns there are.
    pub columns: Vec<ExportColumn>,
    /// It is being written.
    pub busy: bool,
    /// How it ended.
    pub end: Option<ExportEnd>,
    /// What was typed last could not be taken, or what is missing.
    pub said: Option<Text>,
}

impl Export {
    /// How many payments go into the file.
    pub fn count(&self) -> usize {
        self.rows.len()
    }

    /// How many columns are chosen.
    pub fn chosen(&self) -> usize {
        self.columns.iter().filter(|column| column.chosen).count()
    }

    fn all_rows(&self) -> Vec<ExportRow> {
        let columns = (0..self.columns.len()).map(ExportRow::Column);
        [ExportRow::Reason, ExportRow::Format, ExportRow::Path].into_iter().chain(columns).collect()
    }

    fn turn(&mut self, forward: bool) {
        match self.focus {
            ExportRow::Format => {
                let old = self.format.ending();
                self.format = turned(&ExportFormat::ALL, &self.format, forward);
                if let Some(stem) = self.path.text().strip_suffix(old) {
                    let path = format!("{stem}{}", self.format.ending());
                    self.path.set(&path);
                }
            }
            ExportRow::Column(at) => {
                if let Some(column) = self.columns.get_mut(at) {
                    column.chosen = !column.chosen;
                }
            }
            ExportRow::Reason | ExportRow::Path => {}
        }
    }

    const fn edit_mut(&mut self) -> Option<&mut Edit> {
        match self.focus {
            ExportRow::Reason => Some(&mut self.reason),
            ExportRow::Path => Some(&mut self.path),
            ExportRow::Format | ExportRow::Column(_) => None,
        }
    }
}

impl Model {
    pub(super) fn open_export(&mut self) {
        if self.rows.is_empty() {
            self.said = Some(text!("history.said.nothing-to-export"));
            return;
        }
        let effect = self.effect();
        let now = due::in_korea(self.now()).strftime("%Y%m%d-%H%M").to_string();
        let mut path = Edit::new(200);
        path.set(&format!("danmal-{now}.csv"));
        let columns = PAYMENT_COLUMNS
            .iter()
            .map(|column| ExportColumn { column, chosen: !is_personal(column) })
            .collect();
        self.place = Place::Export(Box::new(Export {
            effect,
            rows: self.rows.list().clone(),
            focus: ExportRow::Reason,
            reason: Edit::new(100),
            format: ExportFormat::CsvKo,
            path,
            columns,
            busy: false,
            end: None,
            said: None,
        }));
    }

    pub(super) fn export_key(&mut self, key: Key) -> Vec<Effect> {
        let Place::Export(export) = &mut self.place else { return Vec::new() };
        if export.busy {
            return Vec::new();
        }
        if export.end.is_some() {
            match resolve(&[Context::Notice], key) {
                Some(Action::Cancel) if matches!(export.end, Some(ExportEnd::Not(_))) => export.end = None,
                Some(Action::Cancel) => self.place = Place::List,
                _ => {}
            }
            return Vec::new();
        }
        export.said = None;
        let rows = export.all_rows();
        match resolve(&[Context::Sheet], key) {
            Some(Action::Advance) if rows.last() == Some(&export.focus) => return self.let_export_go(),
            Some(Action::NextField | Action::Advance) => {
                export.focus = neighbour(&rows, export.focus, true);
            }
            Some(Action::PrevField) => export.focus = neighbour(&rows, export.focus, false),
            Some(Action::FillAll) => {
                // All of them, or, when all are, those that name nobody.
                let all = export.chosen() == export.columns.len();
                for one in &mut export.columns {
                    one.chosen = !all || !is_personal(one.column);
                }
            }
            Some(Action::Submit) => return self.let_export_go(),
            Some(Action::Cancel) => self.place = Place::List,
            _ => match export.edit_mut() {
                Some(edit) => {
                    let changed = edit.apply(key);
                    export.said = changed.said();
                }
                None => match key.code {
                    Code::Left => export.turn(false),
                    Code::Right | Code::Char(' ') => export.turn(true),
                    _ => {}
                },
            },
        }
        Vec::new()
    }

    pub(super) fn export_pasted(&mut self, ch: Option<char>) {
        if let Place::Export(export) = &mut self.place
            && !export.busy
            && export.end.is_none()
            && let Some(edit) = export.edit_mut()
        {
            export.said = edit.pasted(ch).said();
        }
    }

    fn let_export_go(&mut self) -> Vec<Effect> {
        let effect = self.effect();
        let Place::Export(export) = &mut self.place else { return Vec::new() };
        let (reason, path) = (export.reason.text().trim(), export.path.text().trim());
        let missing = if reason.is_empty() {
            Some((ExportRow::Reason, text!("history.export.no-reason")))
        } else if path.is_empty() {
            Some((ExportRow::Path, text!("history.export.no-path")))
        } else if export.chosen() == 0 {
            Some((ExportRow::Column(0), text!("history.export.no-columns")))
        } else {
            None
        };
        if let Some((row, said)) = missing {
            export.focus = row;
            export.said = Some(said);
            return Vec::new();
        }
        let order = ExportOrder {
            rows: export.rows.clone(),
            columns: export.columns.iter().filter(|one| one.chosen).map(|one| one.column).collect(),
            format: export.format,
            reason: reason.to_owned(),
            path: path.to_owned(),
        };
        export.effect = effect;
        export.busy = true;
        vec![Self::ask(Ask::Export(effect, Box::new(order)))]
    }

    pub(super) fn exported(&mut self, effect: EffectId, end: ExportEnd) {
        if let Place::Export(export) = &mut self.place
            && export.effect == effect
        {
            export.busy = false;
            export.end = Some(end);
        }
    }
}
