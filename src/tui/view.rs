//! Draws the whole console: header, screen, what lies over it, footer. Decides nothing.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::columns;
use super::glyphs::Glyphs;
use super::keymap::{Context, help_lines, hints, key_name};
use super::model::{MIN_SIZE, Model, Overlay, Palette};
use super::screen::keyin::view::{self as keyin, Look};
use super::theme::Theme;
use super::widgets::header::Header;
use super::widgets::{Tone, footer, header, line, list, overlay};
use crate::domain::channel::Mode;
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
    let parts = Header {
        live: model.channel().mode == Mode::Live,
        store: &model.store,
        channel: &model.channel().name,
        operator: &model.operator,
        clock: &clock,
    };
    header::draw(buf, row(0), &parts, look.theme, glyphs, words);
    tabs(model, buf, row(1), look);
    let body = Rect { x: area.x + 1, y: 3, width: area.width - 2, height: area.height - 5 };
    let mut cursor = keyin::draw(&model.keyin, buf, body, look);
    if let Some(notice) = &model.notice {
        let text = words.text(notice);
        let y = area.height - 2;
        line(buf, row(y), 1, y, columns::cut(&text, usize::from(area.width) - 2), look.theme.warning);
    }
    if let Some(over) = &model.overlay {
        cursor = draw_overlay(model, over, buf, area, look);
    }
    let hints =
        hints(&model.contexts(), |action| model.offers(action), usize::from(area.width - 2), words, glyphs);
    footer::draw(
        buf,
        Rect { x: 1, y: area.height - 1, width: area.width - 2, height: 1 },
        &hints,
        look.theme,
    );
    cursor
}

fn tabs(model: &Model, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let tab = format!(" {} ", look.words.get("tab.keyin"));
    line(buf, area, area.x + 1, area.y, &tab, look.theme.selected);
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
    line(buf, area, 0, 0, &text, look.theme.warning);
    line(buf, area, 0, 1, &format!("{}x{}", model.size.0, model.size.1), look.theme.dim);
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
            let place = overlay::centred(area, 60, 14);
            let inner = overlay::popup(buf, place, words.get("keyin.channels"), look.theme, look.glyphs);
            let names: Vec<String> = model
                .keyin
                .channels()
                .iter()
                .map(|channel| {
                    let name = columns::pad_right(&channel.name, 20);
                    format!("{name} {} {}", channel.mode.word(), channel.pg)
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
            let place = overlay::centred(area, 60, 8);
            let inner = overlay::popup(buf, place, words.get("quit.title"), look.theme, look.glyphs);
            let what = if model.keyin.is_flying() { "quit.flying" } else { "quit.typed" };
            let tone = Tone::Warning.style(look.theme);
            line(buf, inner, inner.x, inner.y + 1, words.get(what), tone);
            line(buf, inner, inner.x, inner.y + 2, words.get("quit.card"), look.theme.text);
            line(buf, inner, inner.x, inner.y + 4, words.get("quit.keys"), look.theme.focus);
            None
        }
    }
}

fn help(model: &Model, at: usize, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let words = look.words;
    let place = overlay::centred(area, area.width.min(78), area.height - 2);
    let inner = overlay::popup(buf, place, words.get("help.title"), look.theme, look.glyphs);
    let screen = model.keyin.context();
    let mut contexts = vec![screen, Context::Global];
    contexts
        .extend(Context::ALL.into_iter().filter(|context| *context != screen && *context != Context::Global));
    let mut rows = Vec::new();
    let mut last = None;
    for help in help_lines(&contexts, words) {
        if last != Some(help.context) {
            last = Some(help.context);
            rows.push((true, words.get(help.context.label()).to_owned()));
        }
        rows.push((false, format!("  {} {}", columns::pad_right(&help.keys, 22), help.text)));
    }
    rows.push((true, words.get("help.about").to_owned()));
    rows.push((false, format!("  danmal {}", env!("CARGO_PKG_VERSION"))));
    let height = usize::from(inner.height);
    let first = at.min(rows.len().saturating_sub(height));
    for ((title, text), y) in rows.iter().skip(first).zip(inner.y..inner.bottom()) {
        line(buf, inner, inner.x, y, text, if *title { look.theme.title } else { look.theme.text });
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
