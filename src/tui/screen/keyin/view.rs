//! Draws the key-in screen: the form, its panel, the question, the wait, the result. Decides nothing.

mod confirm;
mod form;
mod outcome;
mod page;
mod panel;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::model::{Model, Phase};
use crate::domain::card::{Brand, CardEnding};
use crate::domain::money::Money;
use crate::i18n::Catalogue;
use crate::text;
use crate::tui::glyphs::Glyphs;
use crate::tui::theme::Theme;

/// What every view needs besides its model.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// Colours by meaning.
    pub theme: &'a Theme,
    /// Marks and borders.
    pub glyphs: &'a Glyphs,
    /// Words.
    pub words: &'a Catalogue,
}

/// Draws the screen; returns where the cursor belongs.
pub fn draw(model: &Model, buf: &mut Buffer, area: Rect, look: Look<'_>) -> Option<Position> {
    if let Phase::Result(finished) = &model.phase {
        outcome::result(finished, look, area.width).draw(buf, area);
        return None;
    }
    let cursor = form::draw(model, buf, area, look);
    match &model.phase {
        Phase::Confirm(confirm) => confirm::draw(model, confirm, buf, area, look),
        Phase::Flight(flight) => {
            outcome::flight(flight, buf, area, look);
            None
        }
        Phase::Form | Phase::Result(_) => cursor,
    }
}

/// 일시불 or N개월.
fn months(months: u8, words: &Catalogue) -> String {
    match months {
        0 => words.get("keyin.lump-sum").to_owned(),
        months => words.text(&text!("keyin.months", months = months)),
    }
}

/// An amount with its unit.
fn won(amount: Money, words: &Catalogue) -> String {
    words.text(&text!("keyin.hint.amount", amount = amount))
}

/// What a card is called: its brand, when its first digits tell one.
fn brand<'a>(prefix: &str, words: &'a Catalogue) -> &'a str {
    match Brand::of(prefix) {
        Some(Brand::Local) => words.get("keyin.brand.local"),
        Some(brand) => brand.name(),
        None => "",
    }
}

/// First six and last four, and the brand.
fn ending(ending: &CardEnding, words: &Catalogue) -> String {
    format!("{ending}  {}", brand(ending.bin6(), words)).trim_end().to_owned()
}
