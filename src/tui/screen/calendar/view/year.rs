//! The year: how busy every day is, a line a month.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::model::{Model, Total};
use super::{bottom, day_name, group, holiday, short, title, total, totals};
use crate::domain::month::{Month, YearDensity};
use crate::domain::schedule::ScheduleGroup;
use crate::text;
use crate::tui::columns;
use crate::tui::widgets::{Look, line};

/// How busy a day is, from nothing to the busiest of the year.
const STEPS: [&str; 5] = ["-", ".", ":", "+", "#"];

pub(super) fn draw(model: &Model, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let words = look.words;
    let year = model.cursor.date().year();
    title(model, &words.text(&text!("calendar.year", year = year)), buf, area, look);
    let below = totals(model, buf, Rect { y: area.y + 1, height: 2, ..area }, look);
    let counts = model.sums.counts().map(|(date, count)| (date, u32::try_from(count).unwrap_or(u32::MAX)));
    let density = YearDensity::new(year, counts);
    let first = area.x + 6;
    for day in [1u16, 5, 10, 15, 20, 25, 30] {
        line(buf, area, first + day * 2 - u16::from(day > 9), below, &day.to_string(), look.theme.label);
    }
    for (number, y) in (1i8..=12).zip(below + 1..) {
        let Some(month) = Month::new(year, number) else { continue };
        let is_here = model.cursor.month() == month;
        let style = if is_here { look.theme.title } else { look.theme.label };
        let name = words.text(&text!("calendar.month-short", month = format!("{number:>2}")));
        line(buf, area, area.x, y, &name, style);
        for day in 1..=month.days() {
            let Ok(date) = jiff::civil::Date::new(year, number, day) else { continue };
            let step = STEPS.get(usize::from(density.step(date))).copied().unwrap_or("#");
            let x = first + u16::from(day.unsigned_abs()) * 2;
            let style = if density.step(date) == 0 { look.theme.dim } else { look.theme.text };
            if date == model.cursor.date() {
                line(buf, area, x - 1, y, &format!("[{step}]"), look.theme.selected);
            } else {
                // A bracket of the day before stays.
                line(buf, area, x, y, step, style);
            }
            if date == model.today() && date != model.cursor.date() {
                line(buf, area, x, y, "*", look.theme.title);
            }
        }
        sums(model, month, &density, buf, Rect { x: first + 65, y, height: 1, width: 0 }, area, look);
    }
    let date = model.cursor.date();
    let y = area.bottom().saturating_sub(2);
    let count = text!("calendar.count", count = short::grouped(model.sums.count(date), 0));
    let name = holiday(date, look).unwrap_or_default();
    let marked = format!("{} {name} {}", day_name(date, look), words.text(&count));
    line(buf, area, area.x, y, &marked, look.theme.title);
    bottom(model, words.get("calendar.legend-year"), buf, area, look);
}

/// How many the month has; with room, what is still to come and what came in.
fn sums(
    model: &Model,
    month: Month,
    density: &YearDensity,
    buf: &mut Buffer,
    at: Rect,
    area: Rect,
    look: Look<'_>,
) {
    let words = look.words;
    let room = usize::from(area.right().saturating_sub(at.x));
    let count = words.text(&text!("calendar.count", count = short::grouped(density.month(month.month()), 0)));
    if room < 30 {
        line(buf, area, at.x, at.y, columns::cut(&columns::pad_left(&count, room), room), look.theme.value);
        return;
    }
    let days = (month.first(), month.last());
    let sum = |one| model.sums.total(days, one, &model.currency);
    let all = [ScheduleGroup::Planned, ScheduleGroup::Succeeded].map(|one| (one, sum(one)));
    let mut text = columns::pad_left(&count, 8);
    for (one, sum) in all.into_iter().filter(|(_, sum)| *sum != Total::default()) {
        let more = format!("  {} {}", words.get(group(one)), total(sum, &model.currency, look));
        if columns::width(&text) + columns::width(&more) <= room {
            text.push_str(&more);
        }
    }
    line(buf, area, at.x, at.y, &text, look.theme.value);
}
