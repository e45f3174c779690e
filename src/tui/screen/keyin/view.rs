//! Draws the key-in screen: the form, its panel, the question, the wait, the result. Decides nothing.

mod account;
mod caller;
mod confirm;
mod form;
mod key;
mod outcome;
mod panel;
pub(in crate::tui) mod qr;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use jiff::Timestamp;

use super::model::{Model, Ordered, Phase};
use crate::domain::account::ReceiptKind;
use crate::domain::card::{Brand, CardEnding};
use crate::domain::due;
use crate::domain::issuer::Bank;
use crate::domain::money::Money;
use crate::i18n::{Catalogue, Lang};
use crate::text;
use crate::tui::widgets::{Look, page};

/// Draws the screen; returns where the cursor belongs.
pub fn draw(model: &Model, buf: &mut Buffer, area: Rect, look: Look<'_>) -> Option<Position> {
    if let Phase::Result(finished) = &model.phase {
        outcome::result(finished, look, area.width).draw(buf, area);
        if let Some(closing) = &finished.closing {
            confirm::close(finished, closing, buf, area, look);
        } else if let Some(url) = finished.receipt_url().filter(|_| finished.qr) {
            // The header stays: whose money it is must be seen at all times.
            let room = Rect { x: 0, y: 1, width: buf.area.width, height: buf.area.height.saturating_sub(2) };
            qr::draw(url, buf, room, look);
        }
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

/// An amount with its unit, and the months where there is a card; where nothing is sold, that nothing is charged.
fn amount(order: &Ordered, words: &Catalogue) -> String {
    let Some(total) = order.amount() else { return words.get("keyin.key.no-charge").to_owned() };
    let total = won(total, words);
    let Some(plan) = order.installments() else { return total };
    let free = if plan.interest_free { words.get("keyin.field.interest-free") } else { "" };
    format!("{total}  {} {free}", months(plan.months, words)).trim_end().to_owned()
}

/// A bank's name.
const fn bank(bank: &Bank, words: &Catalogue) -> &'static str {
    match words.lang() {
        Lang::Ko => bank.ko,
        Lang::En => bank.en,
    }
}

/// The end of a wait, with its weekday.
fn due(due: Timestamp, words: &Catalogue) -> String {
    match words.lang() {
        Lang::Ko => due::full_ko(due),
        Lang::En => due::full_en(due),
    }
}

/// What a cash receipt is for.
fn receipt(kind: Option<ReceiptKind>, words: &Catalogue) -> &str {
    words.get(match kind {
        None => "keyin.receipt.none",
        Some(ReceiptKind::Personal) => "keyin.receipt.personal",
        Some(ReceiptKind::Corporate) => "keyin.receipt.corporate",
    })
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

#[cfg(test)]
mod tests;
