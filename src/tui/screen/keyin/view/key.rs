//! What the screen shows about billing keys: the line above a form about one, the question before a card is
//! registered, the page of the key that was made. A key is shown shortened, never whole.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::model::fields::Way;
use super::super::model::{Finished, Model, Ordered};
use super::page::Page;
use super::{Look, ending};
use crate::domain::billing_key::{BillingKey, ProviderKey};
use crate::domain::card::CardEnding;
use crate::domain::customer::Customer;
use crate::domain::intent::Approval;
use crate::domain::pg::Generation;
use crate::domain::text::SafeText;
use crate::i18n::Catalogue;
use crate::text;
use crate::tui::columns;
use crate::tui::widgets::{Tone, line};

/// From so many rows on there is room for an empty line below the heading.
const ROOMY: u16 = 24;

/// Draws what the form is about above its fields; returns how many rows that takes.
pub(super) fn heading(model: &Model, buf: &mut Buffer, area: Rect, look: Look<'_>) -> u16 {
    let words = look.words;
    let text = match (model.fields.way(), model.fields.key()) {
        (Way::Register, _) => words.get("keyin.key.register-heading").to_owned(),
        (Way::Charge, Some(key)) => {
            let card = card(key.card.as_ref(), key.issuer.as_ref(), words);
            let text = text!("keyin.key.charge-heading", key = key.key.shortened(), card = card);
            words.text(&text).trim_end().to_owned()
        }
        (Way::Card | Way::Account | Way::Charge, _) => return 0,
    };
    let text = columns::cut_marked(&text, usize::from(area.width), look.glyphs.cut);
    line(buf, area, area.x, area.y, &text, look.theme.title);
    if area.height < ROOMY { 1 } else { 2 }
}

/// First six and last four, and who has issued the card; nothing where nobody knows.
fn card(card: Option<&CardEnding>, issuer: Option<&SafeText>, words: &Catalogue) -> String {
    let issuer = issuer.map_or("", SafeText::as_str);
    match card {
        Some(card) => format!("{}  {issuer}", ending(card, words)).trim_end().to_owned(),
        None => issuer.to_owned(),
    }
}

/// Who it is, in one line: the merchant's id, name, phone.
pub(super) fn who(customer: &Customer) -> String {
    let parts = [customer.id(), customer.name(), customer.phone()];
    parts.into_iter().flatten().collect::<Vec<_>>().join("  ")
}

/// The key, and the card behind it where that is known.
pub(super) fn behind(
    key: &BillingKey,
    ending: Option<&CardEnding>,
    issuer: Option<&SafeText>,
    page: &mut Page<'_>,
    words: &Catalogue,
) {
    page.pair(words.get("keyin.field.key"), &key.shortened(), 1);
    let card = card(ending, issuer, words);
    if !card.is_empty() {
        page.pair(words.get("keyin.field.number"), &card, 1);
    }
}

/// What is asked before a card is registered.
pub(super) fn registers(order: &Ordered, page: &mut Page<'_>, words: &Catalogue) {
    let Ordered::Register(order, card) = order else { return };
    let who = who(&order.customer);
    if !who.is_empty() {
        page.pair(words.get("keyin.confirm.customer"), &who, 2);
    }
    page.pair(words.get("keyin.field.number"), &ending(card, words), 1);
    page.pair(words.get("keyin.field.amount"), words.get("keyin.key.no-charge"), 1);
    if order.channel.generation == Generation::V1 {
        // Whole: it is a name that was chosen here, and it must be seen which one is taken.
        page.pair(words.get("keyin.field.key-name"), order.name().expose(), 2);
    }
    page.pair(words.get("keyin.confirm.id"), order.id.as_str(), 1);
}

/// That the name is in use, and what would become of it.
pub(super) fn taken(taken: &ProviderKey, page: &mut Page<'_>, words: &Catalogue) {
    let card = card(taken.card.as_ref(), taken.issuer.as_ref(), words);
    page.say(Tone::Error, words.get("keyin.key.taken"));
    let card = if card.is_empty() { words.get("keyin.key.taken-unknown") } else { &card };
    page.pair(words.get("keyin.key.taken-card"), card, 2);
    page.say(Tone::Warning, words.get("keyin.key.taken-what"));
}

/// The page of a key that was made.
pub(super) fn registered(finished: &Finished, approval: &Approval, page: &mut Page<'_>, words: &Catalogue) {
    page.say(Tone::Ok, words.get("keyin.key.registered"));
    page.say(Tone::Hint, words.get("keyin.key.nothing-charged"));
    page.gap();
    match &approval.key {
        Some(key) => page.pair(words.get("keyin.field.key"), &key.shortened(), 1),
        None => page.say(Tone::Warning, words.get("keyin.key.missing")),
    }
    // What the provider has read is nearer to the truth than what was typed.
    let read_back = finished.issued.as_ref();
    let ending = read_back.and_then(|key| key.card.as_ref()).or(finished.order.ending());
    let issuer = read_back.and_then(|key| key.issuer.as_ref()).or(approval.issuer.as_ref());
    let card = card(ending, issuer, words);
    if !card.is_empty() {
        page.pair(words.get("keyin.field.number"), &card, 1);
    }
    let who = who(finished.order.customer());
    if !who.is_empty() {
        page.pair(words.get("keyin.confirm.customer"), &who, 2);
    }
    page.pair(words.get("keyin.confirm.id"), finished.order.id().as_str(), 1);
    if finished.refusals.is_empty() {
        return;
    }
    page.gap();
    page.say(Tone::Warning, words.get("keyin.key.refusals"));
    for refusal in &finished.refusals {
        let said = match &refusal.code {
            Some(code) => format!("[{code}] {}", refusal.message),
            None => refusal.message.to_string(),
        };
        page.say(Tone::Warning, &said);
    }
}
