//! The wait for the outcome, and the page it leads to.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::model::{End, Finished, Flight};
use super::page::Page;
use super::{Look, ending, months, won};
use crate::domain::intent::Approval;
use crate::domain::outcome::Stage;
use crate::domain::pg::Generation;
use crate::domain::text::SafeText;
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
    let amount = format!("{}  {}", won(order.sale.amount, words), months(order.installments.months, words));
    page.gap();
    page.pair(words.get("keyin.field.amount"), &amount, 1);
    page.pair(words.get("keyin.field.number"), &ending(&flight.ending, words), 1);
    let now = match flight.stage {
        Stage::Journal => "keyin.flight.journal",
        Stage::Key => "keyin.flight.key",
        Stage::Sent => "keyin.flight.sent",
        Stage::Details => "keyin.flight.details",
    };
    page.pair(words.get("keyin.flight.now"), words.get(now), 1);
    let seconds = words.text(&text!("keyin.flight.seconds", seconds = flight.seconds));
    page.pair(words.get("keyin.flight.elapsed"), &seconds, 1);
    page.gap();
    if flight.esc_pressed {
        page.say(Tone::Warning, words.get("keyin.flight.esc"));
    } else {
        page.say(Tone::Hint, words.get("keyin.flight.patience"));
    }
    // The box keeps its size when Esc makes the sentence longer.
    let place = overlay::centred(area, WIDTH, 11);
    let inner = overlay::popup(buf, place, words.get("keyin.flight.title"), look.theme, look.glyphs);
    page.draw(buf, inner);
}

/// The page of a payment that has ended, or whose end is being looked for.
pub(super) fn result<'a>(finished: &Finished, look: Look<'a>, width: u16) -> Page<'a> {
    let mut page = Page::new(look, width);
    match &finished.end {
        End::Approved(approval) => approved(finished, approval, &mut page, look),
        End::Unknown(looks) => unknown(finished, *looks, &mut page, look),
    }
    // The generation decides where a person finds it in PortOne's own console.
    let console = match finished.order.sale.channel.generation {
        Generation::V1 => "V1",
        Generation::V2 => "V2",
    };
    let channel = &finished.order.sale.channel;
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
    let amount = format!("{}  {}", won(order.sale.amount, words), months(order.installments.months, words));
    page.pair(words.get("keyin.field.amount"), &amount, 1);
    if let Some(free) = order.sale.tax_free {
        page.pair(words.get("keyin.field.tax-free"), &won(free, words), 1);
    }
    let issuer = approval.issuer.as_ref().map_or("", SafeText::as_str);
    page.pair(words.get("keyin.field.number"), format!("{}  {issuer}", finished.ending).trim_end(), 1);
    page.pair(words.get("keyin.field.order-name"), &order.sale.order_name, 2);
    if let Some(name) = order.sale.customer.name() {
        page.pair(words.get("keyin.field.name"), name, 1);
    }
    page.pair(words.get("keyin.confirm.id"), order.sale.payment_id.as_str(), 1);
    if let Some(url) = &approval.receipt_url {
        page.pair(words.get("keyin.result.receipt"), url.as_str(), 3);
    }
}

fn unknown(finished: &Finished, looks: u32, page: &mut Page<'_>, look: Look<'_>) {
    let (words, order) = (look.words, &finished.order);
    page.say(Tone::Warning, words.get("keyin.result.unknown"));
    page.say(Tone::Error, words.get("keyin.result.do-not-repeat"));
    page.gap();
    page.say(Tone::Hint, words.get("keyin.result.say-unknown"));
    page.gap();
    let amount = format!("{}  {}", won(order.sale.amount, words), months(order.installments.months, words));
    page.pair(words.get("keyin.field.amount"), &amount, 1);
    page.pair(words.get("keyin.field.number"), &ending(&finished.ending, words), 1);
    page.pair(words.get("keyin.field.order-name"), &order.sale.order_name, 2);
    page.pair(words.get("keyin.confirm.id"), order.sale.payment_id.as_str(), 1);
    let made = words.text(&text!("keyin.result.looks-made", looks = looks));
    page.pair(words.get("keyin.result.looks"), &made, 1);
    page.gap();
    page.say(Tone::Hint, words.get("keyin.result.leave-unknown"));
}
