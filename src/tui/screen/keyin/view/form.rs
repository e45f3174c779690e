//! The fields, one a line, and below them what there is to say.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::super::model::fields::{Field, Fields, IdentityKind, Remark, Weight};
use super::super::model::{Model, Phase};
use super::{Look, bank, brand, caller, due, key, months, panel, receipt};
use crate::domain::account::ReceiptKind;
use crate::domain::card::{ExpiryVerdict, IdentityVerdict, complete_at, groups};
use crate::domain::pg::Need;
use crate::text;
use crate::tui::columns;
use crate::tui::widgets::form::{self, Columns, Row};
use crate::tui::widgets::{Tone, cells, list, overlay};

/// From so many columns on there is room beside the form.
const WIDE: u16 = 96;

/// Columns of the form; what is more goes to the messages.
const fn widths(width: u16) -> Columns {
    Columns { label: 15, value: if width < 100 { 24 } else { 40 } }
}

/// Draws the form; returns where the cursor belongs.
pub(super) fn draw(model: &Model, buf: &mut Buffer, whole: Rect, look: Look<'_>) -> Option<Position> {
    // With room, what is known of the caller stands beside the form; without, below it.
    let beside = model.caller.is_some() && whole.width >= WIDE;
    let area = if beside { Rect { width: whole.width - caller::WIDTH - 2, ..whole } } else { whole };
    let head = key::heading(model, buf, area, look);
    let area = Rect { y: area.y + head, height: area.height.saturating_sub(head), ..area };
    let widths = widths(area.width);
    let mut cursor = None;
    let mut long = Vec::new();
    let fields: Vec<Field> = model.fields.visible().collect();
    for (field, y) in fields.iter().zip(area.y..area.bottom()) {
        let (field, place) = (*field, Rect { y, height: 1, ..area });
        let focused = model.focus == field && model.phase == Phase::Form;
        let (value, at) = value(model, field, focused, usize::from(widths.value), look);
        let label = look.words.get(label(&model.fields, field));
        let message = words_at(model, field, focused, look);
        let row = Row {
            label,
            required: model.fields.need(field) == Need::Required,
            value: &value,
            cursor: focused.then_some(at),
            message: message.as_ref().map(|(tone, text)| (*tone, text.as_str())),
        };
        cursor = cursor.or(form::draw(buf, place, &row, widths, look.theme, look.glyphs));
        if let Some((tone, text)) = message
            && columns::width(&text) > form::message_room(area.width, widths)
        {
            // Many texts of the PG's rules name the field themselves.
            let named = text.to_lowercase().contains(&label.to_lowercase());
            long.push((tone, if named { text } else { format!("{label}: {text}") }));
        }
    }
    let below = area.y + cells(fields.len()) + 1;
    let place = Rect { y: below, height: area.bottom().saturating_sub(below), ..area };
    let mut page = panel::page(model, &long, look, area.width);
    if let Some(seen) = &model.caller {
        if beside {
            let side = Rect { x: whole.right() - caller::WIDTH, width: caller::WIDTH, ..whole };
            caller::page(seen, model, look, caller::WIDTH, usize::from(side.height)).draw(buf, side);
        } else {
            let room = usize::from(place.height.saturating_sub(page.height()));
            page.extend(caller::page(seen, model, look, area.width, room));
        }
    }
    page.draw(buf, place);
    if let Some(at) = model.picking {
        banks(model, at, buf, area, look);
        return None;
    }
    cursor
}

/// The list of banks, right of the fields so that what was typed stays in sight.
fn banks(model: &Model, at: usize, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let words = look.words;
    let offered = model.fields.banks();
    let width = 34.min(area.width);
    let height = cells(offered.len()).saturating_add(3).min(area.height);
    let place = Rect { x: area.right() - width, y: area.y, width, height };
    let inner = overlay::popup(buf, place, words.get("keyin.field.bank"), look.theme, look.glyphs);
    let names: Vec<String> = offered
        .iter()
        .map(|offered| {
            let name = bank(offered, words);
            let mark =
                if model.fields.is_unusable_in_test(offered) { words.get("keyin.bank-test") } else { "" };
            format!("{name} {mark}").trim_end().to_owned()
        })
        .collect();
    let range = list::window(names.len(), at, list::height(inner));
    let shown =
        list::List { rows: &names[range.clone()], first: range.start, len: names.len(), selected: Some(at) };
    list::draw(buf, inner, &shown, look.theme, look.glyphs, words);
}

/// What is seen of a field's value, and the cursor's column in it.
fn value(model: &Model, field: Field, focused: bool, room: usize, look: Look<'_>) -> (String, usize) {
    let fields = &model.fields;
    if field.slot().is_some() {
        let shown = card_value(fields, field, focused, look.glyphs.mask);
        let at = columns::width(&shown);
        return (shown, at);
    }
    let words = look.words;
    let yes = |yes: bool| words.get(if yes { "keyin.yes" } else { "keyin.no" }).to_owned();
    match field {
        Field::Installments => return (months(fields.months, words), 0),
        Field::InterestFree => return (yes(fields.interest_free), 0),
        Field::SaveCard => return (yes(fields.save_card), 0),
        Field::Receipt => return (receipt(fields.receipt, words).to_owned(), 0),
        Field::Bank => {
            let name = fields.bank.map_or("", |chosen| bank(chosen, words));
            return (columns::cut_marked(name, room, look.glyphs.cut), 0);
        }
        _ => {}
    }
    match fields.edits.get(&field) {
        Some(edit) if focused => {
            let (shown, at) = edit.view(room);
            (shown.to_owned(), at)
        }
        Some(edit) => (columns::cut_marked(edit.text(), room, look.glyphs.cut), 0),
        None => (String::new(), 0),
    }
}

/// What stands right of a field: about the last key, else about its content.
fn words_at(model: &Model, field: Field, focused: bool, look: Look<'_>) -> Option<(Tone, String)> {
    match &model.said {
        Some(text) if focused => Some((Tone::Warning, look.words.text(text))),
        _ => message(model, field, focused, model.fields.remark(field).as_ref(), look),
    }
}

/// The label's key in the catalogue.
fn label(fields: &Fields, field: Field) -> &'static str {
    match field {
        Field::CustomerId => "keyin.field.customer-id",
        Field::KeyName => "keyin.field.key-name",
        Field::OrderName => "keyin.field.order-name",
        Field::Amount => "keyin.field.amount",
        Field::TaxFree => "keyin.field.tax-free",
        Field::Installments => "keyin.field.installments",
        Field::Number => "keyin.field.number",
        Field::Expiry => "keyin.field.expiry",
        Field::Identity if fields.identity_kind == IdentityKind::Business => "keyin.field.business",
        Field::Identity => "keyin.field.birth",
        Field::Pin => "keyin.field.pin",
        Field::InterestFree => "keyin.field.interest-free",
        Field::Bank => "keyin.field.bank",
        Field::Due => "keyin.field.due",
        Field::Receipt => "keyin.field.receipt",
        Field::ReceiptNumber => "keyin.field.receipt-number",
        Field::FixedAccount => "keyin.field.fixed-account",
        Field::Holder => "keyin.field.holder",
        Field::SaveCard => "keyin.field.save-card",
        Field::Note => "keyin.field.note",
        Field::Name => "keyin.field.name",
        Field::Phone => "keyin.field.phone",
        Field::Email => "keyin.field.email",
    }
}

/// What stands right of a field: what is wrong once it was left, a mark when it is good, else advice.
fn message(
    model: &Model,
    field: Field,
    focused: bool,
    remark: Option<&Remark>,
    look: Look<'_>,
) -> Option<(Tone, String)> {
    let fields = &model.fields;
    let blank = fields.is_blank(field);
    if let Some(remark) = remark
        && model.was_visited(field)
        && !(focused && blank)
    {
        let tone = match remark.weight {
            Weight::Error => Tone::Error,
            Weight::Warning => Tone::Warning,
        };
        return Some((tone, look.words.text(&remark.text)));
    }
    let advice = |key: &'static str| Some((Tone::Hint, look.words.get(key).to_owned()));
    match field {
        Field::Amount if !blank => {
            let amount = fields.amount().ok()?;
            Some((
                Tone::Ok,
                // While it is being typed the VAT would be written anew with every digit and says nothing yet.
                match fields.vat_part().filter(|_| !focused) {
                    Some(vat) => look.words.text(&text!("keyin.hint.amount-vat", amount = amount, vat = vat)),
                    None => super::won(amount, look.words),
                },
            ))
        }
        Field::TaxFree if !blank => {
            let amount = fields.tax_free().ok()??;
            Some((Tone::Ok, super::won(amount, look.words)))
        }
        Field::Due => {
            let end = due(fields.due().ok()?, look.words);
            Some((if fields.value(field).trim().is_empty() { Tone::Hint } else { Tone::Ok }, end))
        }
        // What it gets when it stays empty is seen before it is sent.
        Field::KeyName if blank => Some((
            Tone::Hint,
            match fields.proposed_name() {
                Some(name) => look.words.text(&text!("keyin.hint.key-name", name = name.expose())),
                None => look.words.get("keyin.hint.key-name-new").to_owned(),
            },
        )),
        Field::Number if !blank => {
            let (len, brand) = (fields.card.number_len, brand(&fields.card.prefix, look.words));
            let brand = format!("{brand} {}", model.issuer().unwrap_or_default());
            let brand = brand.trim();
            // Two columns from the first digit on: at the tenth nothing else moves.
            match (focused, complete_at(&fields.card.prefix)) {
                (false, _) => Some((Tone::Ok, brand.to_owned())),
                (true, Some(of)) => Some((Tone::Hint, format!("{len:>2}/{of} {brand}"))),
                (true, None) => Some((Tone::Hint, format!("{len:>2} {brand}"))),
            }
        }
        Field::Expiry if matches!(fields.card.expiry, ExpiryVerdict::Good) => Some((Tone::Ok, String::new())),
        Field::Identity
            if matches!(fields.card.identity, IdentityVerdict::Birth | IdentityVerdict::Business(true)) =>
        {
            Some((Tone::Ok, String::new()))
        }
        Field::Pin if fields.card.pin_len == 2 => Some((Tone::Ok, String::new())),
        _ if !focused => None,
        Field::OrderName => advice("keyin.advice.order-name"),
        Field::Amount => advice("keyin.advice.amount"),
        Field::TaxFree => advice("keyin.advice.tax-free"),
        Field::Installments => advice("keyin.advice.installments"),
        Field::Number => advice("keyin.advice.number"),
        Field::Expiry => advice("keyin.advice.expiry"),
        Field::Identity if fields.identity_kind == IdentityKind::Business => advice("keyin.advice.business"),
        Field::Identity => advice("keyin.advice.birth"),
        Field::Pin => advice("keyin.advice.pin"),
        Field::Bank => advice("keyin.advice.bank"),
        Field::InterestFree | Field::SaveCard => advice("keyin.advice.yes-no"),
        Field::Receipt => advice("keyin.advice.receipt"),
        Field::ReceiptNumber if fields.receipt == Some(ReceiptKind::Corporate) => {
            advice("keyin.advice.receipt-business")
        }
        Field::ReceiptNumber => advice("keyin.advice.receipt-phone"),
        Field::FixedAccount => advice("keyin.advice.fixed-account"),
        Field::Note => advice("keyin.advice.note"),
        Field::CustomerId | Field::Name | Field::Phone | Field::Email | Field::Holder
            if fields.need(field) == Need::Required =>
        {
            advice("keyin.advice.needed-by-pg")
        }
        _ if fields.is_for_us_alone(field) => advice("keyin.advice.not-sent"),
        Field::CustomerId => advice("keyin.advice.customer-id"),
        Field::KeyName => advice("keyin.advice.key-name"),
        Field::Name | Field::Phone | Field::Email | Field::Holder => advice("keyin.advice.optional"),
    }
}

/// Mask characters in the groups the card is printed in; first six and last four once the number is left.
fn card_value(fields: &Fields, field: Field, focused: bool, mask: &str) -> String {
    let card = &fields.card;
    match field {
        Field::Number => match &card.ending {
            Some(ending) if !focused => ending.to_string(),
            _ => grouped(mask, card.number_len, groups(&card.prefix), " "),
        },
        Field::Expiry => grouped(mask, card.expiry_len, &[2, 2], "/"),
        Field::Identity if fields.identity_kind == IdentityKind::Business => {
            grouped(mask, card.identity_len, &[3, 2, 5], "-")
        }
        Field::Identity => mask.repeat(card.identity_len),
        _ => mask.repeat(card.pin_len),
    }
}

fn grouped(mask: &str, len: usize, groups: &[usize], separator: &str) -> String {
    let mut text = String::new();
    let (mut left, mut sizes) = (len, groups.iter());
    while left > 0 {
        let size = sizes.next().copied().unwrap_or(left).min(left);
        if !text.is_empty() {
            text.push_str(separator);
        }
        text.push_str(&mask.repeat(size));
        left -= size;
    }
    text
}
