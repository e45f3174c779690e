//! The wait for the outcome, and the page it leads to.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::model::{End, Finished, Flight, Ordered};
use super::page::Page;
use super::{Look, account, amount, bank, ending, key, won};
use crate::domain::intent::Approval;
use crate::domain::outcome::{KeyFate, Stage};
use crate::domain::pg::Generation;
use crate::domain::text::SafeText;
use crate::i18n::Catalogue;
use crate::text;
use crate::tui::columns;
use crate::tui::widgets::{Tone, digits, overlay};

/// The box's columns, border and margins included.
const WIDTH: u16 = 62;

/// Draws the wait over the form.
pub(super) fn flight(flight: &Flight, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let words = look.words;
    let mut page = Page::new(look, WIDTH - 4);
    let order = &flight.order;
    page.gap();
    page.pair(words.get("keyin.field.amount"), &amount(order, words), 1);
    by_what(order, &mut page, words);
    let now = match flight.stage {
        Stage::Journal => "keyin.flight.journal",
        Stage::Key => "keyin.flight.key",
        Stage::Sent => "keyin.flight.sent",
        Stage::Details if order.is_register() => "keyin.flight.key-details",
        Stage::Details => "keyin.flight.details",
    };
    let (title, esc) = if order.is_register() {
        ("keyin.flight.register-title", "keyin.flight.register-esc")
    } else {
        ("keyin.flight.title", "keyin.flight.esc")
    };
    page.pair(words.get("keyin.flight.now"), words.get(now), 1);
    let seconds = words.text(&text!("keyin.flight.seconds", seconds = flight.seconds));
    page.pair(words.get("keyin.flight.elapsed"), &seconds, 1);
    page.gap();
    if flight.esc_pressed {
        page.say(Tone::Warning, words.get(esc));
    } else {
        page.say(Tone::Hint, words.get("keyin.flight.patience"));
    }
    // The box keeps its size when Esc makes the sentence longer.
    let place = overlay::centred(area, WIDTH, 11);
    let inner = overlay::popup(buf, place, words.get(title), look.theme, look.glyphs);
    page.draw(buf, inner);
}

/// The page of a payment that has ended, or whose end is being looked for.
pub(super) fn result<'a>(finished: &Finished, look: Look<'a>, width: u16) -> Page<'a> {
    let mut page = Page::new(look, width);
    match &finished.end {
        End::Approved(approval) if finished.order.is_account() => {
            account::issued(finished, approval, &mut page, look);
        }
        End::Approved(approval) if finished.order.is_register() => {
            key::registered(finished, approval, &mut page, look.words);
        }
        End::Approved(approval) => approved(finished, approval, &mut page, look),
        End::Unknown(looks) => unknown(finished, *looks, &mut page, look),
    }
    if !finished.order.is_register() {
        kept(finished.key.as_ref(), &mut page, look.words);
    }
    if let Some(said) = &finished.said {
        page.say(Tone::Warning, &look.words.text(said));
    }
    // The generation decides where a person finds it in PortOne's own console.
    let channel = finished.order.channel();
    let console = match channel.generation {
        Generation::V1 => "V1",
        Generation::V2 => "V2",
    };
    let channel = format!("{} ({}, {console})", channel.name, channel.pg);
    page.pair(look.words.get("keyin.result.channel"), &channel, 1);
    page
}

fn approved(finished: &Finished, approval: &Approval, page: &mut Page<'_>, look: Look<'_>) {
    let (words, order) = (look.words, &finished.order);
    page.say(Tone::Ok, words.get("keyin.result.approved"));
    if let Some(other) = approval.differing_total {
        let other = won(other, words);
        page.say(Tone::Error, &words.text(&text!("keyin.result.differs", amount = other)));
    }
    page.gap();
    match &approval.approval_number {
        Some(number) => {
            page.pair(words.get("keyin.result.number"), number.as_str(), 1);
            let rows = digits::rows(number.as_str(), look.glyphs);
            // A number in letters, or a long one, is read from the line above.
            if rows.iter().all(|row| columns::width(row) <= 60) {
                page.below(rows, look.theme.ok);
            }
        }
        None => page.pair(words.get("keyin.result.number"), words.get("keyin.result.number-missing"), 2),
    }
    page.gap();
    page.pair(words.get("keyin.field.amount"), &amount(order, words), 1);
    if let Some(free) = order.sale().and_then(|sale| sale.tax_free) {
        page.pair(words.get("keyin.field.tax-free"), &won(free, words), 1);
    }
    let issuer = approval.issuer.as_ref().map_or("", SafeText::as_str);
    if let Ordered::KeyCharge(order, card) = order {
        key::behind(&order.key, card.as_ref(), approval.issuer.as_ref(), page, words);
    } else if let Some(ending) = order.ending() {
        page.pair(words.get("keyin.field.number"), format!("{ending}  {issuer}").trim_end(), 1);
    }
    if let Some(sale) = order.sale() {
        page.pair(words.get("keyin.field.order-name"), &sale.order_name, 2);
    }
    if let Some(name) = order.customer().name() {
        page.pair(words.get("keyin.field.name"), name, 1);
    }
    page.pair(words.get("keyin.confirm.id"), order.id().as_str(), 1);
    if let Some(url) = &approval.receipt_url {
        page.pair(words.get("keyin.result.receipt"), url.as_str(), 3);
    }
}

fn unknown(finished: &Finished, looks: u32, page: &mut Page<'_>, look: Look<'_>) {
    let (words, order) = (look.words, &finished.order);
    page.say(Tone::Warning, words.get("keyin.result.unknown"));
    if order.is_account() {
        page.say(Tone::Error, words.get("keyin.result.do-not-issue-again"));
    } else if order.is_register() {
        page.say(Tone::Error, words.get("keyin.key.do-not-repeat"));
        page.gap();
        page.say(Tone::Hint, words.get("keyin.key.say-unknown"));
    } else {
        page.say(Tone::Error, words.get("keyin.result.do-not-repeat"));
        page.gap();
        page.say(Tone::Hint, words.get("keyin.result.say-unknown"));
    }
    page.gap();
    page.pair(words.get("keyin.field.amount"), &amount(order, words), 1);
    by_what(order, page, words);
    if let Some(sale) = order.sale() {
        page.pair(words.get("keyin.field.order-name"), &sale.order_name, 2);
    }
    page.pair(words.get("keyin.confirm.id"), order.id().as_str(), 1);
    let made = words.text(&text!("keyin.result.looks-made", looks = looks));
    page.pair(words.get("keyin.result.looks"), &made, 1);
    page.gap();
    page.say(Tone::Hint, words.get("keyin.result.leave-unknown"));
}

/// The card's ending, the bank of the account, or the key.
fn by_what(order: &Ordered, page: &mut Page<'_>, words: &Catalogue) {
    match order {
        Ordered::KeyCharge(order, card) => key::behind(&order.key, card.as_ref(), None, page, words),
        Ordered::Card(_, card) | Ordered::Register(_, card) => {
            page.pair(words.get("keyin.field.number"), &ending(card, words), 1);
        }
        Ordered::Account(order) => page.pair(words.get("keyin.field.bank"), bank(order.bank, words), 1),
    }
}

/// What became of a card that was to be kept. The key is shown shortened, never whole.
pub(super) fn kept(key: Option<&KeyFate>, page: &mut Page<'_>, words: &Catalogue) {
    match key {
        None => {}
        Some(KeyFate::Kept(key)) => {
            let key = key.shortened();
            page.say(Tone::Ok, &words.text(&text!("keyin.kept.yes", key = key)));
        }
        Some(KeyFate::NotKept) => page.say(Tone::Warning, words.get("keyin.kept.no")),
        Some(KeyFate::Unseen) => page.say(Tone::Warning, words.get("keyin.kept.unseen")),
    }
}
