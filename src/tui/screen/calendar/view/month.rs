//! The month: six weeks at most, Sunday first, and what each day holds.

use jiff::civil::Date;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::super::model::{Measure, Model, Total};
use super::{
    bottom, day_name, exact, group, group_mark, group_style, holiday, measure, month_name, short, title,
    total, totals, weekday,
};
use crate::domain::holiday::Holidays;
use crate::domain::money::Currency;
use crate::domain::month::Cell;
use crate::domain::schedule::ScheduleGroup;
use crate::i18n::Catalogue;
use crate::text;
use crate::tui::columns;
use crate::tui::widgets::{Look, cells, line};

/// The most lines of a day.
const TALLEST: u16 = 5;

pub(super) fn draw(model: &Model, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let words = look.words;
    let month = model.cursor.month();
    let what = format!("{}  {}", month_name(month.first(), look), words.get(measure(model)));
    title(model, &what, buf, area, look);
    let below = totals(model, buf, Rect { y: area.y + 1, height: 2, ..area }, look);
    let width = area.width / 7;
    let weeks = month.weeks();
    for (column, cell) in (0u16..).zip(weeks.first().into_iter().flatten()) {
        let name = words.get(weekday(cell.date.weekday()));
        let off = Holidays::korea().day_off(cell.date).is_some() && matches!(column, 0 | 6);
        let (text, style) = if off {
            (format!(" {name}({})", words.get("calendar.off")), look.theme.dim)
        } else {
            (format!(" {name}"), look.theme.label)
        };
        line(buf, area, area.x + column * width, below, columns::cut(&text, usize::from(width)), style);
    }
    let top = below + 1;
    // The marked day in full and the legend stand below.
    let room = area.bottom().saturating_sub(top + 2);
    let rows = cells(weeks.len()).max(1);
    let tall = (room / rows).clamp(1, TALLEST);
    // Lines that are left over go to the first weeks, one each.
    let over = if tall < TALLEST { room.saturating_sub(tall * rows) } else { 0 };
    let mut y = top;
    for (row, week) in (0u16..).zip(&weeks) {
        let height = tall + u16::from(row < over);
        for (column, cell) in (0u16..).zip(week) {
            let place = Rect {
                x: area.x + column * width,
                y,
                width,
                height: height.min(area.bottom().saturating_sub(y)),
            };
            day(model, *cell, buf, place, look);
        }
        y += height;
    }
    marked(model, buf, Rect { y: area.bottom().saturating_sub(2), height: 1, ..area }, look);
    let legend = words.text(&text!("calendar.legend", off = words.get("calendar.off")));
    bottom(model, &legend, buf, area, look);
}

/// One day: its number with its marks, and its groups as far as there is room.
fn day(model: &Model, cell: Cell, buf: &mut Buffer, place: Rect, look: Look<'_>) {
    let date = cell.date;
    let is_marked = date == model.cursor.date();
    if !cell.inside {
        // With its month, so that nobody takes it for this one's.
        let text = format!(" {}/{}", date.month(), date.day());
        line(buf, place, place.x, place.y, &text, look.theme.dim);
        return;
    }
    let number = if is_marked { format!("[{:>2}]", date.day()) } else { format!(" {:>2} ", date.day()) };
    let is_off = Holidays::korea().day_off(date).is_some();
    let style = match (is_marked, date == model.today(), is_off) {
        (true, ..) => look.theme.selected,
        (_, true, _) => look.theme.title,
        (_, _, true) => look.theme.dim,
        _ => look.theme.text,
    };
    let mut x = line(buf, place, place.x, place.y, &number, style);
    if date == model.today() {
        x = line(buf, place, x, place.y, "*", look.theme.title);
    }
    let end = place.right().saturating_sub(1);
    if let Some(name) = holiday(date, look) {
        let room = usize::from(end.saturating_sub(x));
        // With room for its name the holiday is named; the mark tells of it in any case.
        let shown = if room >= 8 && place.height > 2 {
            columns::cut_marked(name, room, look.glyphs.cut)
        } else {
            look.words.get("calendar.off").to_owned()
        };
        x = line(buf, place, x, place.y, &shown, look.theme.hint);
    }
    groups(model, date, x, buf, place, look);
}

/// A group of a day, as long and as short as it can be told.
struct Told {
    long: String,
    short: String,
    mark: &'static str,
    style: Style,
}

fn told(model: &Model, one: ScheduleGroup, total: Total, look: Look<'_>) -> Told {
    let words: &'static Catalogue = Catalogue::of(look.words.lang());
    let (long, short) = match model.measure {
        Measure::Count => {
            let count = short::grouped(total.count, 0);
            (words.text(&text!("calendar.count", count = count)), count)
        }
        Measure::Amount if total.uncounted == total.count => ("?".to_owned(), "?".to_owned()),
        Measure::Amount => {
            let scale = Currency::parse(model.currency.as_str()).map_or(0, Currency::scale);
            let more = if total.uncounted > 0 { "+?" } else { "" };
            let long = exact(total.sum, &model.currency, look);
            let short = short::short(total.sum, scale, words.lang());
            (format!("{long}{more}"), format!("{short}{more}"))
        }
    };
    let mark = words.get(group_mark(one));
    Told {
        long: format!("{} {long}", words.get(group(one))),
        short: format!("{mark}{short}"),
        mark,
        style: group_style(one, look),
    }
}

/// The groups of a day, in the calendar's order. Of what has no room the bare mark stands behind the day's number,
/// a failure's first.
fn groups(model: &Model, date: Date, x: u16, buf: &mut Buffer, place: Rect, look: Look<'_>) {
    let all: Vec<(ScheduleGroup, Told)> = model
        .sums
        .day(date, &model.currency)
        .into_iter()
        .map(|(one, total)| (one, told(model, one, total, look)))
        .collect();
    let width = usize::from(place.width.saturating_sub(1));
    let below = usize::from(place.height.saturating_sub(1));
    if all.len() <= below && below > 1 {
        for ((_, told), y) in all.iter().zip(place.y + 1..) {
            let text = if columns::width(&told.long) < width { &told.long } else { &told.short };
            line(buf, place, place.x + 1, y, columns::cut(text, width), told.style);
        }
        return;
    }
    // Line by line, each group where it fits; behind the number last, where what is missing has to stand too.
    let mut missing: Vec<&(ScheduleGroup, Told)> = Vec::new();
    let mut rooms: Vec<(u16, u16)> = (0..below).map(|row| (place.x + 1, place.y + 1 + cells(row))).collect();
    for one in &all {
        let wide = cells(columns::width(&one.1.short));
        match rooms.iter_mut().find(|(x, _)| *x + wide <= place.right()) {
            Some((x, y)) => *x = line(buf, place, *x, *y, &one.1.short, one.1.style) + 1,
            None => missing.push(one),
        }
    }
    missing.sort_by_key(|(group, _)| *group != ScheduleGroup::Failed);
    let mut x = x + 1;
    let end = place.right();
    if let [(_, only)] = missing.as_slice()
        && x + cells(columns::width(&only.short)) < end
    {
        line(buf, place, x, place.y, &only.short, only.style);
        return;
    }
    for (_, told) in missing {
        if x + cells(columns::width(told.mark)) <= end {
            x = line(buf, place, x, place.y, told.mark, told.style);
        } else {
            line(buf, place, end.saturating_sub(1), place.y, "+", look.theme.warning);
        }
    }
}

/// The marked day in full, once it has stood still.
fn marked(model: &Model, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let date = model.told_day();
    let mut x = line(buf, area, area.x, area.y, &day_name(date, look), look.theme.title) + 1;
    if let Some(name) = holiday(date, look) {
        x = line(buf, area, x, area.y, name, look.theme.hint) + 1;
    }
    let found = model.sums.day(date, &model.currency);
    if found.is_empty() {
        let other = model.sums.count(date);
        let text = if other > 0 {
            look.words.text(&text!("calendar.other-currency", count = other))
        } else {
            look.words.get("calendar.no-schedules").to_owned()
        };
        line(buf, area, x + 1, area.y, &text, look.theme.dim);
        return;
    }
    for (one, sum) in found {
        let text = format!("{} {}", look.words.get(group(one)), total(sum, &model.currency, look));
        let room = usize::from(area.right().saturating_sub(x + 1));
        if columns::width(&text) > room {
            line(buf, area, x + 1, area.y, columns::cut("+", room), look.theme.warning);
            return;
        }
        x = line(buf, area, x + 1, area.y, &text, group_style(one, look)) + 1;
    }
}
