//! The list of a day, or of the month in the agenda: what is in sight of it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::super::model::{Listing, Model, Over};
use super::{amount, day_name, group, holiday, month_name, name, state, title};
use crate::domain::due;
use crate::domain::schedule::{ProviderSchedule, ScheduleGroup};
use crate::text;
use crate::tui::columns;
use crate::tui::widgets::search::{self, SearchLine};
use crate::tui::widgets::{Look, Tone, line, list, page::Page};

pub(super) fn draw(
    model: &Model,
    listing: &Listing,
    buf: &mut Buffer,
    area: Rect,
    look: Look<'_>,
) -> Option<Position> {
    let words = look.words;
    let (first, last) = listing.days;
    let what = if listing.is_day() {
        let name = holiday(first, look).map(|name| format!(" {name}")).unwrap_or_default();
        format!("{} {}{name}", first.strftime("%Y"), day_name(first, look))
    } else {
        month_name(last, look)
    };
    title(model, &what, buf, area, look);
    let cursor = head(model, listing, buf, Rect { y: area.y + 1, height: 1, ..area }, look);
    let body = Rect { y: area.y + 3, height: area.height.saturating_sub(3), ..area };
    if listing.is_empty() {
        let mut page = Page::new(look, area.width);
        match (&model.problem, listing.known) {
            (Some(problem), _) => {
                page.say(Tone::Warning, &words.text(&crate::error::asking(problem).next));
            }
            (None, false) => page.say(Tone::Hint, words.get("billing.loading")),
            (None, true) if !listing.search.is_empty() || listing.group.is_some() => {
                page.say(Tone::Hint, words.get("calendar.none-found"));
            }
            (None, true) => {
                page.say(Tone::Hint, words.get("calendar.none"));
                page.say(Tone::Hint, words.get("calendar.none-next"));
            }
        }
        page.draw(buf, body);
        return cursor;
    }
    let widths = Widths::of(area.width, !listing.is_day());
    line(buf, area, area.x + 2, area.y + 2, &widths.head(look), look.theme.dim);
    let range = list::window(listing.len(), listing.at(), list::height(body));
    let mut day = None;
    let rows: Vec<String> = range
        .clone()
        .map(|row| {
            let mark = if listing.is_marked(row) { look.glyphs.required } else { " " };
            match listing.get(row) {
                Some(Some(schedule)) => {
                    let date = due::in_korea(schedule.at).date();
                    let is_new = day.replace(date) != Some(date);
                    format!("{mark} {}", widths.row(schedule, is_new, look))
                }
                Some(None) => format!("{mark} {}", words.get("calendar.vanished")),
                None => format!("{mark} {}", words.get("billing.loading")),
            }
        })
        .collect();
    let shown =
        list::List { rows: &rows, first: range.start, len: listing.len(), selected: Some(listing.at()) };
    list::draw(buf, body, &shown, look.theme, look.glyphs, words);
    let said = match (&model.said, listing.marks()) {
        (Some(said), _) => words.text(said),
        (None, 0) => String::new(),
        (None, count) => words.text(&text!("calendar.said.marked", count = count)),
    };
    let room = usize::from(area.width).saturating_sub(24);
    let said = columns::cut_marked(&said, room, look.glyphs.cut);
    line(buf, body, body.x + 5, body.bottom().saturating_sub(1), &said, look.theme.hint);
    cursor
}

/// What is searched for, and which group is shown.
fn head(model: &Model, listing: &Listing, buf: &mut Buffer, area: Rect, look: Look<'_>) -> Option<Position> {
    let words = look.words;
    let searching = matches!(model.over, Some(Over::Search));
    let mut groups = vec![("calendar.group.all", listing.group.is_none())];
    groups.extend(ScheduleGroup::ALL.into_iter().map(|one| (group(one), listing.group == Some(one))));
    let text: Vec<String> = groups
        .into_iter()
        .map(|(name, here)| {
            let name = words.get(name);
            if here { format!("[{name}]") } else { format!(" {name} ") }
        })
        .collect();
    let shown = SearchLine {
        label: words.get("billing.search"),
        within: "",
        typed: &listing.search,
        active: searching,
        narrowed: &text.concat(),
    };
    search::draw(buf, area, &shown, look)
}

/// The columns of the list.
struct Widths {
    day: usize,
    name: usize,
    order: usize,
}

const TIME: usize = 5;
const AMOUNT: usize = 14;
const STATE: usize = 9;
const KEY: usize = 7;

impl Widths {
    fn of(width: u16, with_day: bool) -> Self {
        let day = if with_day { 11 } else { 0 };
        // The cursor and the mark in front, and a blank between two columns.
        let fixed = 4 + day + TIME + AMOUNT + STATE + KEY + 6;
        let room = usize::from(width).saturating_sub(fixed);
        let name = (room / 2).clamp(12, 30);
        Self { day, name, order: room.saturating_sub(name) }
    }

    fn line(&self, parts: [&str; 7], look: Look<'_>) -> String {
        let [day, time, name, money, state, key, order] = parts;
        let mut out = String::new();
        if self.day > 0 {
            out.push_str(&columns::pad_right(day, self.day));
        }
        for (text, width) in [(time, TIME), (name, self.name)] {
            out.push_str(&columns::fit(text, width, look.glyphs.cut));
            out.push(' ');
        }
        out.push_str(&columns::pad_left(&columns::cut_marked(money, AMOUNT, look.glyphs.cut), AMOUNT));
        for (text, width) in [(state, STATE), (key, KEY), (order, self.order)] {
            out.push(' ');
            out.push_str(&columns::fit(text, width, look.glyphs.cut));
        }
        out.trim_end().to_owned()
    }

    fn head(&self, look: Look<'_>) -> String {
        let words = look.words;
        let names = [
            "calendar.column.day",
            "calendar.column.time",
            "calendar.column.name",
            "calendar.form.amount",
            "calendar.column.state",
            "billing.column.key",
            "calendar.form.order-name",
        ];
        format!("  {}", self.line(names.map(|name| words.get(name)), look))
    }

    fn row(&self, schedule: &ProviderSchedule, with_day: bool, look: Look<'_>) -> String {
        let at = due::in_korea(schedule.at);
        let day = if with_day { day_name(at.date(), look) } else { String::new() };
        self.line(
            [
                &day,
                &at.strftime("%H:%M").to_string(),
                &name(schedule),
                &amount(schedule.amount, look),
                &state(&schedule.state, look),
                &schedule.key.shortened(),
                schedule.order_name.as_str(),
            ],
            look,
        )
    }
}
