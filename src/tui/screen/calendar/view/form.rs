//! The form that makes schedules, with the dates that come of it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::super::model::{Choosing, Field, Form, Model};
use super::{day_name, weekday};
use crate::domain::billing_key::ProviderKey;
use crate::domain::holiday::DayOff;
use crate::domain::recurrence::{Occurrence, OffDay, Preview, Warning};
use crate::i18n::Text;
use crate::text;
use crate::tui::columns;
use crate::tui::widgets::form::{Columns, Row};
use crate::tui::widgets::{Look, Tone, form as fields, line, list, overlay};

const WIDTHS: Columns = Columns { label: 12, value: 26 };

pub(super) fn draw(
    model: &Model,
    form: &Form,
    buf: &mut Buffer,
    area: Rect,
    look: Look<'_>,
) -> Option<Position> {
    let words = look.words;
    line(buf, area, area.x, area.y, words.get("hint.book"), look.theme.title);
    let mut cursor = None;
    for (field, y) in Field::ALL.into_iter().zip(area.y + 1..) {
        let place = Rect { y, height: 1, ..area };
        cursor = row(form, field, buf, place, look).or(cursor);
    }
    let below = area.y + 2 + crate::tui::widgets::cells(Field::ALL.len());
    let rest = Rect { y: below, height: area.bottom().saturating_sub(below), ..area };
    // The last line says what was said last, else how to go on.
    let (said, style) = match (&model.said, &form.problem, form.is_searching()) {
        (Some(said), ..) => (words.text(said), look.theme.warning),
        (None, Some(problem), _) => (words.text(&crate::error::asking(problem).next), look.theme.warning),
        (None, None, true) => (words.get("billing.loading").to_owned(), look.theme.hint),
        (None, None, false) => (words.get("calendar.form.how").to_owned(), look.theme.hint),
    };
    let said = columns::cut_marked(&said, usize::from(area.width), look.glyphs.cut);
    line(buf, area, area.x, area.bottom().saturating_sub(1), &said, style);
    if let Some(preview) = form.preview(model.today(), model.now()) {
        let rest = Rect { height: rest.height.saturating_sub(1), ..rest };
        dates(&preview, buf, rest, look);
    }
    if let Some(choosing) = &form.choosing {
        choose(choosing, buf, area, look);
        return None;
    }
    cursor
}

fn row(form: &Form, field: Field, buf: &mut Buffer, place: Rect, look: Look<'_>) -> Option<Position> {
    let words = look.words;
    let focused = form.focus == field;
    let mistake = form.mistake.as_ref().filter(|mistake| mistake.field == field);
    let message = mistake.map(|mistake| words.text(&mistake.text)).or_else(|| advice(form, field, look));
    let tone = if mistake.is_some() { Tone::Error } else { Tone::Hint };
    let (value, at) = if let Some(edit) = form.edit(field) {
        let (shown, at) = edit.view(usize::from(WIDTHS.value));
        (shown.to_owned(), at)
    } else {
        let name = if field == Field::Unit { form.unit.label() } else { off_day(form.off_day) };
        (format!("< {} >", words.get(name)), 2)
    };
    let shown = Row {
        label: words.get(field.label()),
        required: matches!(field, Field::Key | Field::Amount | Field::OrderName | Field::First),
        value: &value,
        cursor: focused.then_some(at),
        message: message.as_deref().map(|message| (tone, message)),
    };
    fields::draw(buf, place, &shown, WIDTHS, look.theme, look.glyphs)
}

/// What stands beside a field that is right.
fn advice(form: &Form, field: Field, look: Look<'_>) -> Option<String> {
    let words = look.words;
    match field {
        Field::Key => Some(match &form.key {
            Some((key, channel)) => format!("{} {}", key_name(key), channel.name),
            None => words.get("calendar.form.advice.key").to_owned(),
        }),
        Field::Amount => {
            let amount = crate::domain::money::Money::parse_typed(
                form.edit(field)?.text(),
                crate::domain::money::Currency::Krw,
            );
            amount.ok().map(|amount| super::amount(Some(amount), look))
        }
        Field::Count => Some(words.get("calendar.form.advice.count").to_owned()),
        _ => None,
    }
}

/// Whose key it is, and its end.
fn key_name(key: &ProviderKey) -> String {
    let customer = &key.customer;
    let name = [customer.name(), customer.id(), customer.phone()].into_iter().flatten().next();
    let card = key.card.as_ref().map(|card| format!("*{}", card.last4())).unwrap_or_default();
    format!("{} {card} {}", name.unwrap_or("-"), key.key.shortened())
}

const fn off_day(off_day: OffDay) -> &'static str {
    match off_day {
        OffDay::SameDay => "calendar.off-day.same-day",
        OffDay::Before => "calendar.off-day.before",
        OffDay::After => "calendar.off-day.after",
    }
}

/// The dates, as many as there is room for, in columns; each with why it is not the day that was asked for.
fn dates(preview: &Preview, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let words = look.words;
    let count = preview.occurrences.len();
    let title = text!("calendar.form.dates", count = count);
    line(buf, area, area.x, area.y, &words.text(&title), look.theme.title);
    let rows = usize::from(area.height.saturating_sub(1)).max(1);
    let wide = 38u16;
    let columns_of = usize::from((area.width / wide).max(1));
    let shown = (rows * columns_of).min(count);
    let hidden = count - shown;
    let shown = if hidden > 0 { shown.saturating_sub(1) } else { shown };
    for (at, one) in preview.occurrences.iter().take(shown).enumerate() {
        let x = area.x + 2 + wide * crate::tui::widgets::cells(at / rows);
        let y = area.y + 1 + crate::tui::widgets::cells(at % rows);
        let warnings = preview.warnings.iter().filter(|warning| warning.index() == one.index);
        let (marks, is_warning) = why(one, warnings, look);
        let text = format!("{}-{} {marks}", one.date.year(), day_name(one.date, look));
        let style = if is_warning { look.theme.warning } else { look.theme.text };
        let text = columns::cut_marked(&text, usize::from(wide) - 2, look.glyphs.cut);
        line(buf, area, x, y, &text, style);
    }
    if hidden > 0 {
        let x = area.x + 2 + wide * crate::tui::widgets::cells(shown / rows);
        let y = area.y + 1 + crate::tui::widgets::cells(shown % rows);
        let more = text!("billing.more-schedules", count = count - shown);
        line(buf, area, x, y, &words.text(&more), look.theme.hint);
    }
}

/// Why a date is another than the rule's, and what has to be known about it; and whether that is a warning.
fn why<'a>(one: &Occurrence, warnings: impl Iterator<Item = &'a Warning>, look: Look<'_>) -> (String, bool) {
    let words = look.words;
    let mut marks: Vec<String> = Vec::new();
    if one.month_end {
        marks.push(words.get("calendar.why.month-end").to_owned());
    }
    if let Some(off) = one.moved {
        let day = off_name(off, one, look);
        marks.push(words.text(&text!("calendar.why.moved", day = day)));
    }
    let mut is_warning = false;
    for warning in warnings {
        is_warning = true;
        let told: Text = match warning {
            Warning::Past { .. } => text!("calendar.why.past"),
            Warning::CrossesNow { .. } => text!("calendar.why.crosses-now"),
            Warning::SameDate { .. } => text!("calendar.why.same-date"),
            Warning::OtherMonth { .. } => text!("calendar.why.other-month"),
            Warning::HolidaysUnknown { year, .. } => text!("calendar.why.holidays-unknown", year = year),
        };
        marks.push(format!("{} {}", look.glyphs.warning, words.text(&told)));
    }
    (marks.join(" "), is_warning)
}

/// `31(토)`, `25(성탄절)`
fn off_name(off: DayOff, one: &Occurrence, look: Look<'_>) -> String {
    let name = match off {
        DayOff::Holiday => super::holiday(one.nominal, look),
        DayOff::Saturday | DayOff::Sunday => None,
    };
    let name = name.unwrap_or_else(|| look.words.get(weekday(one.nominal.weekday())));
    format!("{}({name})", one.nominal.day())
}

/// The keys that were found.
fn choose(choosing: &Choosing, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let words = look.words;
    let height = crate::tui::widgets::cells(choosing.found.len()).saturating_add(3).min(16);
    let place = overlay::centred(area, 70, height);
    let inner = overlay::popup(buf, place, words.get("calendar.form.choose"), look.theme, look.glyphs);
    let rows: Vec<String> = choosing
        .found
        .iter()
        .map(|(key, channel)| {
            let name = columns::cut_marked(&key_name(key), 38, look.glyphs.cut);
            format!("{} {} {}", columns::pad_right(&name, 38), channel.name, channel.mode.word())
        })
        .collect();
    let range = list::window(rows.len(), choosing.at, list::height(inner));
    let shown = list::List {
        rows: rows.get(range.clone()).unwrap_or_default(),
        first: range.start,
        len: rows.len(),
        selected: Some(choosing.at),
    };
    list::draw(buf, inner, &shown, look.theme, look.glyphs, words);
}
