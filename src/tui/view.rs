//! Draws the whole console: header, screen, what lies over it, footer. Decides nothing.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::columns;
use super::glyphs::Glyphs;
use super::keymap::{Tab, hints, key_name};
use super::model::{HelpRow, MIN_SIZE, Model, Overlay, Palette};
use super::screen::billing::view as billing;
use super::screen::calendar::view as calendar;
use super::screen::history::view as history;
use super::screen::keyin::view as keyin;
use super::theme::Theme;
use super::widgets::header::Header;
use super::widgets::{Look, cells, footer, header, line, list, overlay};
use crate::i18n::Catalogue;
use crate::text;

/// Draws a frame; returns where the cursor belongs.
pub fn draw(model: &Model, glyphs: &Glyphs, buf: &mut Buffer) -> Option<Position> {
    let theme = Theme::of(model.theme);
    let words = Catalogue::of(model.lang);
    let look = Look { theme: &theme, glyphs, words };
    let area = buf.area;
    if model.is_too_small() {
        too_small(model, buf, look);
        return None;
    }
    let row = |y: u16| Rect { y, height: 1, ..area };
    let clock = clock(model.now);
    let paused = model.paused.map(|since| {
        let since = crate::domain::due::in_korea(since).strftime("%H:%M").to_string();
        words.text(&text!("status.recording-paused", since = since))
    });
    let parts = Header {
        live: model.is_live(),
        store: &model.store,
        channel: model.channel().map_or("", |channel| &channel.name),
        operator: &model.operator,
        clock: &clock,
        paused: paused.as_deref(),
    };
    header::draw(buf, row(0), &parts, look.theme, glyphs, words);
    tabs(model, buf, row(1), look);
    let body = Rect { x: area.x + 1, y: 3, width: area.width - 2, height: area.height - 5 };
    let mut cursor = match model.tab {
        Tab::KeyIn => keyin::draw(&model.keyin, buf, body, look),
        Tab::Billing => billing::draw(&model.billing, buf, body, look),
        Tab::Calendar => calendar::draw(&model.calendar, buf, body, look),
        Tab::History => history::draw(&model.history, buf, body, look),
    };
    if let Some(notice) = &model.notice {
        let text = words.text(notice);
        let y = area.height - 2;
        line(
            buf,
            row(y),
            1,
            y,
            &columns::cut_marked(&text, usize::from(area.width) - 2, glyphs.cut),
            look.theme.warning,
        );
    }
    if let Some(over) = &model.overlay {
        cursor = draw_overlay(model, over, buf, area, look);
    }
    let hints = hints(
        &model.contexts(),
        |action| model.offers(action),
        |action| model.calls(action),
        usize::from(area.width - 2),
        words,
        glyphs,
    );
    footer::draw(
        buf,
        Rect { x: 1, y: area.height - 1, width: area.width - 2, height: 1 },
        &hints,
        look.theme,
    );
    cursor
}

fn tabs(model: &Model, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let mut x = area.x + 1;
    for (number, tab) in (1..).zip(Tab::ALL) {
        let name = look.words.get(tab.label());
        // Without colour the one that is shown stands in brackets.
        let (text, style) = if tab == model.tab {
            (format!("[{number} {name}]"), look.theme.selected)
        } else {
            (format!(" {number} {name} "), look.theme.dim)
        };
        x = line(buf, area, x, area.y, &text, style);
    }
    line(buf, area, x + 1, area.y, look.words.get("tab.how"), look.theme.dim);
    let count = model.unknown_count();
    if count > 0 {
        let text = look.words.text(&text!("status.unknown", count = count));
        let text = format!("{} {text}", look.glyphs.unknown);
        let x = area.right().saturating_sub(u16::try_from(columns::width(&text)).unwrap_or(0) + 1);
        line(buf, area, x, area.y, &text, look.theme.warning);
    }
}

fn too_small(model: &Model, buf: &mut Buffer, look: Look<'_>) {
    let (columns, rows) = MIN_SIZE;
    let text = look.words.text(&text!("status.too-small", columns = columns, rows = rows));
    let area = buf.area;
    let rows = columns::wrap(&text, usize::from(area.width));
    for (row, y) in rows.iter().zip(0..) {
        line(buf, area, 0, y, row, look.theme.warning);
    }
    line(buf, area, 0, cells(rows.len()), &format!("{}x{}", model.size.0, model.size.1), look.theme.dim);
}

fn draw_overlay(
    model: &Model,
    over: &Overlay,
    buf: &mut Buffer,
    area: Rect,
    look: Look<'_>,
) -> Option<Position> {
    let words = look.words;
    match over {
        Overlay::Help(at) => {
            help(model, *at, buf, area, look);
            None
        }
        Overlay::Palette(palette) => Some(draw_palette(model, palette, buf, area, look)),
        Overlay::Channels(at) => {
            let channels = model.form().map_or(&[][..], |form| form.channels());
            let height = cells(channels.len()).saturating_add(3).min(14);
            let place = overlay::centred(area, 60, height);
            let inner = overlay::popup(buf, place, words.get("keyin.channels"), look.theme, look.glyphs);
            let names: Vec<String> = channels
                .iter()
                .map(|channel| {
                    let name = columns::pad_right(&channel.name, 20);
                    let way = format!("{name} {} {}", channel.mode.word(), channel.pg);
                    match crate::tui::screen::keyin::model::Model::out_of_reach(channel) {
                        Some(field) => {
                            let field = words.get(field.message_id());
                            format!("{way}  {}", words.text(&text!("keyin.channel-needs", field = field)))
                        }
                        None => way,
                    }
                })
                .collect();
            let range = list::window(names.len(), *at, list::height(inner));
            let shown = list::List {
                rows: &names[range.clone()],
                first: range.start,
                len: names.len(),
                selected: Some(*at),
            };
            list::draw(buf, inner, &shown, look.theme, look.glyphs, words);
            None
        }
        Overlay::Quit => {
            let what = [model.quitting_leaves().unwrap_or("quit.typed"), "quit.card"];
            question("quit.title", &what, "quit.keys", buf, area, look);
            None
        }
        Overlay::Clear => {
            question("clear.title", &["clear.what"], "clear.keys", buf, area, look);
            None
        }
    }
}

/// A question with what depends on the answer, and its keys. All are keys of the catalogue.
fn question(title: &str, what: &[&str], keys: &str, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let words = look.words;
    let mut rows: Vec<String> = Vec::new();
    for what in what {
        rows.extend(columns::wrap(words.get(what), 58));
    }
    let place = overlay::centred(area, 62, cells(rows.len()) + 5);
    let inner = overlay::popup(buf, place, words.get(title), look.theme, look.glyphs);
    for (at, row) in (1..).zip(&rows) {
        let tone = if at == 1 { look.theme.warning } else { look.theme.text };
        line(buf, inner, inner.x, inner.y + at, row, tone);
    }
    line(buf, inner, inner.x, inner.bottom().saturating_sub(1), words.get(keys), look.theme.focus);
}

fn help(model: &Model, at: usize, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let words = look.words;
    let place = overlay::centred(area, model.help_width() + 4, cells(model.help_height()) + 2);
    let inner = overlay::popup(buf, place, words.get("help.title"), look.theme, look.glyphs);
    let rows = model.help_rows();
    let range = at.min(rows.len())..(at + model.help_height()).min(rows.len());
    let more = [range.start > 0, range.end < rows.len()];
    for (row, y) in rows[range].iter().zip(inner.y..inner.bottom()) {
        match row {
            HelpRow::Title(text) => line(buf, inner, inner.x, y, text, look.theme.title),
            HelpRow::Line(text) => line(buf, inner, inner.x, y, text, look.theme.text),
        };
    }
    // On the border, where nothing else stands.
    for ((glyph, more), y) in look.glyphs.more.iter().zip(more).zip([place.y, place.bottom() - 1]) {
        if more {
            line(buf, place, place.right().saturating_sub(3), y, glyph, look.theme.title);
        }
    }
}

fn draw_palette(model: &Model, palette: &Palette, buf: &mut Buffer, area: Rect, look: Look<'_>) -> Position {
    let words = look.words;
    let inner = overlay::popup(
        buf,
        overlay::centred(area, 70, 18),
        words.get("palette.title"),
        look.theme,
        look.glyphs,
    );
    let (query, at) = palette.query.view(usize::from(inner.width) - 2);
    line(buf, inner, inner.x, inner.y, query, look.theme.value);
    let cursor = Position::new(inner.x + u16::try_from(at).unwrap_or(0), inner.y);
    let commands = model.commands();
    if commands.is_empty() {
        line(buf, inner, inner.x, inner.y + 2, words.get("palette.none"), look.theme.dim);
        return cursor;
    }
    let rows: Vec<String> = commands
        .iter()
        .map(|(help, _, key)| {
            format!("{} {}", columns::pad_right(&key_name(*key, model.lang), 10), words.get(help))
        })
        .collect();
    let place = Rect { y: inner.y + 2, height: inner.height - 2, ..inner };
    let range = list::window(rows.len(), palette.at, list::height(place));
    let shown = list::List {
        rows: &rows[range.clone()],
        first: range.start,
        len: rows.len(),
        selected: Some(palette.at),
    };
    list::draw(buf, place, &shown, look.theme, look.glyphs, words);
    cursor
}

/// Month, day, hours and minutes in Korea.
fn clock(now: jiff::Timestamp) -> String {
    let korea = jiff::tz::TimeZone::fixed(jiff::tz::offset(9));
    now.to_zoned(korea).strftime("%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests;
