//! An export: the reason, the form, the file, the columns; and where the file is.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::super::model::{Export, ExportEnd, ExportFormat, ExportRow};
use super::trouble;
use crate::error::asking;
use crate::i18n::Lang;
use crate::text;
use crate::tui::columns;
use crate::tui::widgets::form::{self, Columns, Row};
use crate::tui::widgets::{Look, Tone, line, page::Page};

/// The columns of the form.
const FORM: Columns = Columns { label: 10, value: 44 };
/// The columns of one name in the choice.
const NAME: u16 = 26;

pub(super) fn draw(export: &Export, buf: &mut Buffer, area: Rect, look: Look<'_>) -> Option<Position> {
    let words = look.words;
    let mut page = Page::new(look, area.width);
    if let Some(end) = &export.end {
        match end {
            ExportEnd::Written(count, path) => {
                page.say(Tone::Ok, &words.text(&text!("history.export.written", count = count)));
                page.pair(words.get("history.export.path"), path, 4);
                page.gap();
                page.say(Tone::Warning, words.get("history.export.personal"));
                page.say(Tone::Hint, words.get("history.export.recorded"));
            }
            ExportEnd::Not(problem) => {
                page.say(Tone::Error, words.get("history.export.not-written"));
                trouble(&asking(problem), &mut page, look);
            }
        }
        page.draw(buf, area);
        return None;
    }
    let count = text!("history.export.what", count = export.count(), columns = export.chosen());
    line(buf, area, area.x, area.y, &words.text(&count), look.theme.title);
    let mut cursor = None;
    let format = format!(
        "< {} >",
        words.get(match export.format {
            ExportFormat::CsvKo => "history.export.csv-ko",
            ExportFormat::CsvEn => "history.export.csv-en",
            ExportFormat::JsonLines => "history.export.json",
        })
    );
    let room = usize::from(FORM.value);
    let (reason, at) = export.reason.view(room);
    let (path, path_at) = export.path.view(room);
    let rows = [
        (ExportRow::Reason, "history.export.reason", reason, at, true),
        (ExportRow::Format, "history.export.format", format.as_str(), 2, false),
        (ExportRow::Path, "history.export.path", path, path_at, true),
    ];
    let mut y = area.y + 2;
    for (row, label, value, at, required) in rows {
        let shown = Row {
            label: words.get(label),
            required,
            value,
            cursor: (row == export.focus).then_some(at),
            message: None,
        };
        let place = Rect { y, height: 1, ..area };
        cursor = form::draw(buf, place, &shown, FORM, look.theme, look.glyphs).or(cursor);
        y += 1;
    }
    if let Some(said) = &export.said {
        line(buf, area, area.x + 2, y, &words.text(said), look.theme.warning);
    }
    y += 1;
    line(buf, area, area.x, y, words.get("history.export.columns"), look.theme.label);
    y += 1;
    let place = Rect { y, height: area.bottom().saturating_sub(y), ..area };
    choice(export, buf, place, look).or(cursor)
}

/// The columns in as many rows as there is room for, the marked one in sight.
fn choice(export: &Export, buf: &mut Buffer, area: Rect, look: Look<'_>) -> Option<Position> {
    let across = usize::from((area.width / NAME).max(1));
    let down = export.columns.len().div_ceil(across).max(1);
    let mut cursor = None;
    for (at, one) in export.columns.iter().enumerate() {
        let (column, row) = (at / down, at % down);
        let x = area.x + NAME * u16::try_from(column).unwrap_or(u16::MAX);
        let y = area.y + u16::try_from(row).unwrap_or(u16::MAX);
        let marked = export.focus == ExportRow::Column(at);
        let name = match look.words.lang() {
            Lang::Ko => one.column.ko,
            Lang::En => one.column.en,
        };
        let text = format!("[{}] {name}", if one.chosen { "x" } else { " " });
        let text = columns::cut_marked(&text, usize::from(NAME) - 3, look.glyphs.cut);
        if marked {
            line(buf, area, x, y, look.glyphs.cursor, look.theme.selected);
            cursor = Some(Position::new(x + 3, y));
        }
        line(buf, area, x + 2, y, &text, if marked { look.theme.selected } else { look.theme.text });
    }
    cursor
}
