//! Draws the billing keys: the list with its search line, one key, the question before one goes. Decides nothing.

mod delete;
mod detail;

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::model::{Filter, FilterRow, Model, Place};
use crate::domain::billing_key::{KeyStatus, ProviderKey};
use crate::domain::due;
use crate::domain::problem::Problem;
use crate::domain::text::SafeText;
use crate::text;
use crate::tui::columns;
use crate::tui::screen::keyin::view as keyin;
use crate::tui::widgets::search::{self, SearchLine};
use crate::tui::widgets::{Look, Tone, line, list, overlay, page::Page};

/// Draws the screen; returns where the cursor belongs.
pub fn draw(model: &Model, buf: &mut Buffer, area: Rect, look: Look<'_>) -> Option<Position> {
    match &model.place {
        Place::Form(form) => keyin::draw(form, buf, area, look),
        Place::Detail(detail) => {
            detail::draw(detail, buf, area, look);
            None
        }
        Place::List | Place::Search => list_page(model, buf, area, look),
        Place::Filter(row) => {
            list_page(model, buf, area, look);
            filter(&model.filter, *row, buf, area, look);
            None
        }
        Place::Delete(deletion) => {
            list_page(model, buf, area, look);
            delete::draw(model, deletion, buf, area, look)
        }
    }
}

fn list_page(model: &Model, buf: &mut Buffer, area: Rect, look: Look<'_>) -> Option<Position> {
    let cursor = search_line(model, buf, area, look);
    let head = Rect { y: area.y + 1, height: 1, ..area };
    let body = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
    let words = look.words;
    // What is said about the last thing that was done stands over whatever takes the list's place.
    let page_of = || {
        let mut page = Page::new(look, area.width);
        if let Some(said) = &model.said {
            page.say(Tone::Hint, &words.text(said));
            page.gap();
        }
        page
    };
    if let Some(problem) = &model.problem {
        let mut page = page_of();
        page.say(Tone::Error, words.get("billing.not-listed"));
        page.say(Tone::Warning, &next(problem, look));
        page.say(Tone::Hint, &words.text(&crate::error::asking(problem).what));
        page.draw(buf, body);
        return cursor;
    }
    if model.list.is_empty() {
        let mut page = page_of();
        let everything = model.search.is_empty() && model.filter == Filter::default();
        let nothing = if everything { "billing.none" } else { "billing.none-found" };
        page.say(Tone::Hint, words.get(nothing));
        if !model.lists_all() {
            page.say(Tone::Hint, words.get("billing.ledger-only"));
        }
        page.say(Tone::Hint, words.get("billing.none-next"));
        page.draw(buf, body);
        return cursor;
    }
    if model.list.is_unread() {
        let mut page = page_of();
        page.say(Tone::Hint, words.get("billing.loading"));
        page.draw(buf, body);
        return cursor;
    }
    let widths = Widths::of(area.width);
    line(buf, head, area.x + 2, head.y, &widths.head(look), look.theme.dim);
    let range = list::window(model.list.len(), model.list.at(), list::height(body));
    let rows: Vec<String> = range
        .clone()
        .map(|row| {
            model
                .list
                .get(row)
                .map_or_else(|| words.get("billing.loading").to_owned(), |key| widths.row(key, look))
        })
        .collect();
    let shown = list::List {
        rows: &rows,
        first: range.start,
        len: model.list.len(),
        selected: Some(model.list.at()),
    };
    list::draw(buf, body, &shown, look.theme, look.glyphs, words);
    // Left of the position: what is said, or of which keys this is a list.
    let said = match &model.said {
        Some(said) => words.text(said),
        None if !model.lists_all() => words.get("billing.ledger-only").to_owned(),
        None => String::new(),
    };
    let room = usize::from(area.width).saturating_sub(24);
    let said = columns::cut_marked(&said, room, look.glyphs.cut);
    line(buf, body, body.x + 5, body.bottom().saturating_sub(1), &said, look.theme.hint);
    cursor
}

/// What is searched for in what, and the filter.
fn search_line(model: &Model, buf: &mut Buffer, area: Rect, look: Look<'_>) -> Option<Position> {
    let words = look.words;
    let active = matches!(model.place, Place::Search);
    let within = if active || !model.search.is_empty() {
        format!("[{}] ", words.get(model.search.within().label()))
    } else {
        String::new()
    };
    let shown = SearchLine {
        label: words.get("billing.search"),
        within: &within,
        typed: &model.search.text,
        active,
        narrowed: &filter_text(&model.filter, look),
    };
    search::draw(buf, area, &shown, look)
}

fn filter_text(filter: &Filter, look: Look<'_>) -> String {
    let words = look.words;
    let pg = filter.pg.as_ref().map(|pg| format!(" {} {pg}", look.glyphs.separator)).unwrap_or_default();
    let status = words.get(status(filter.status));
    format!("{status}{pg} {} {}", look.glyphs.separator, words.get(filter.period.label()))
}

const fn status(status: Option<KeyStatus>) -> &'static str {
    match status {
        Some(KeyStatus::Issued) => "billing.status.issued",
        Some(KeyStatus::Deleted) => "billing.status.deleted",
        None => "billing.status.all",
    }
}

fn filter(filter: &Filter, at: FilterRow, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let words = look.words;
    let place = overlay::centred(area, 46, 8);
    let inner = overlay::popup(buf, place, words.get("billing.filter"), look.theme, look.glyphs);
    for (row, y) in FilterRow::ALL.into_iter().zip(inner.y + 1..) {
        let (label, value) = match row {
            FilterRow::Status => ("billing.filter-status", words.get(status(filter.status)).to_owned()),
            FilterRow::Pg => (
                "billing.filter-pg",
                filter
                    .pg
                    .as_ref()
                    .map_or_else(|| words.get("billing.any-pg").to_owned(), ToString::to_string),
            ),
            FilterRow::Period => ("billing.filter-period", words.get(filter.period.label()).to_owned()),
        };
        let marked = row == at;
        let style = if marked { look.theme.selected } else { look.theme.text };
        if marked {
            line(buf, inner, inner.x, y, look.glyphs.cursor, style);
        }
        line(buf, inner, inner.x + 2, y, &columns::pad_right(words.get(label), 12), look.theme.label);
        line(buf, inner, inner.x + 14, y, &format!("< {value} >"), style);
    }
    line(
        buf,
        inner,
        inner.x,
        inner.bottom().saturating_sub(1),
        words.get("billing.filter-keys"),
        look.theme.focus,
    );
}

/// The columns of the list.
struct Widths {
    customer: usize,
    card: usize,
    pg: usize,
}

/// The date of issue.
const DAY: usize = 10;
/// The state, and whether it went through a test channel.
const STATE: usize = 8;
/// The end of the key.
const KEY: usize = 7;

impl Widths {
    fn of(width: u16) -> Self {
        // The mark in front, and a blank between two columns.
        let room = usize::from(width).saturating_sub(2 + DAY + STATE + KEY + 5);
        let pg = (room / 5).clamp(9, 16);
        let card = (room * 2 / 5).clamp(18, 30);
        Self { customer: room.saturating_sub(pg + card), card, pg }
    }

    fn line(&self, columns_of: [&str; 6], look: Look<'_>) -> String {
        let widths = [self.customer, self.card, self.pg, DAY, STATE, KEY];
        let cells: Vec<String> = columns_of
            .iter()
            .zip(widths)
            .map(|(text, width)| columns::fit(text, width, look.glyphs.cut))
            .collect();
        cells.join(" ").trim_end().to_owned()
    }

    fn head(&self, look: Look<'_>) -> String {
        let words = look.words;
        let names = [
            "billing.column.customer",
            "billing.column.card",
            "billing.column.pg",
            "billing.column.issued",
            "billing.column.state",
            "billing.column.key",
        ];
        self.line(names.map(|name| words.get(name)), look)
    }

    fn row(&self, key: &ProviderKey, look: Look<'_>) -> String {
        let pg = key.pg.as_ref().map_or("", SafeText::as_str);
        let state = if key.is_alive() { "billing.state.alive" } else { "billing.state.deleted" };
        let mut state = look.words.get(state).to_owned();
        if key.is_test == Some(true) {
            state = format!("{state} T");
        }
        let issued = key.since().map(day).unwrap_or_default();
        self.line([&customer(key), &card(key), pg, &issued, &state, &key.key.shortened()], look)
    }
}

/// What to do about a problem. Nothing is paid here, so the words about paying again are not for it.
fn next(problem: &Problem, look: Look<'_>) -> String {
    match problem {
        Problem::Unreachable { .. } => look.words.get("billing.unreachable").to_owned(),
        problem => look.words.text(&crate::error::asking(problem).next),
    }
}

/// Name and id, as far as there are.
fn customer(key: &ProviderKey) -> String {
    let parts = [key.customer.name(), key.customer.id(), key.customer.phone()];
    let parts: Vec<&str> = parts.into_iter().flatten().take(2).collect();
    if parts.is_empty() { "-".to_owned() } else { parts.join(" ") }
}

/// Ending and issuer, as far as there are.
fn card(key: &ProviderKey) -> String {
    let ending = key.card.as_ref().map(|card| format!("*{}", card.last4())).unwrap_or_default();
    let issuer = key.issuer.as_ref().map_or("", SafeText::as_str);
    format!("{ending} {issuer}").trim().to_owned()
}

/// A day in Korea, of unix seconds.
fn day(seconds: i64) -> String {
    Timestamp::from_second(seconds)
        .map(|moment| due::in_korea(moment).strftime("%Y-%m-%d").to_string())
        .unwrap_or_default()
}

/// An amount with its unit, or the words for one that can't be told.
fn amount(money: Option<crate::domain::money::Money>, look: Look<'_>) -> String {
    money.map_or_else(
        || look.words.get("billing.amount-unknown").to_owned(),
        |money| look.words.text(&text!("keyin.hint.amount", amount = money)),
    )
}
