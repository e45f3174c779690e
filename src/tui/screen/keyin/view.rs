//! Draws the key-in screen: the form, its panel, the question, the wait, the result. Decides nothing.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::model::fields::{Field, Fields, IdentityKind, Remark, Weight};
use super::model::{Confirm, End, Finished, Flight, Model, Panel, Phase};
use crate::domain::card::{Brand, ExpiryVerdict, IdentityVerdict, groups};
use crate::domain::channel::Mode;
use crate::domain::decline;
use crate::domain::intent::{Intent, IntentState};
use crate::domain::order::KeyInOrder;
use crate::domain::outcome::Stage;
use crate::domain::pg::{Generation, Need};
use crate::domain::speech;
use crate::i18n::{Catalogue, Lang};
use crate::text;
use crate::tui::columns;
use crate::tui::glyphs::Glyphs;
use crate::tui::theme::Theme;
use crate::tui::widgets::form::{self, Columns, Row};
use crate::tui::widgets::{Tone, digits, line, overlay};

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

/// Columns of the form at 80; what is more goes to the messages.
const WIDTHS: Columns = Columns { label: 15, value: 24 };

/// Draws the screen; returns where the cursor belongs.
pub fn draw(model: &Model, buf: &mut Buffer, area: Rect, look: Look<'_>) -> Option<Position> {
    match &model.phase {
        Phase::Result(finished) => {
            result(finished, buf, area, look);
            None
        }
        phase => {
            let cursor = form(model, buf, area, look);
            match phase {
                Phase::Confirm(confirm) => confirmation(model, confirm, buf, area, look),
                Phase::Flight(flight) => {
                    in_flight(flight, buf, area, look);
                    None
                }
                _ => cursor,
            }
        }
    }
}

fn form(model: &Model, buf: &mut Buffer, area: Rect, look: Look<'_>) -> Option<Position> {
    let mut cursor = None;
    let fields: Vec<Field> = model.fields.visible().collect();
    for (field, y) in fields.iter().zip(area.y..area.bottom()) {
        let place = Rect { y, height: 1, ..area };
        let at = row(model, *field, buf, place, look);
        cursor = cursor.or(at);
    }
    let below = area.y + u16::try_from(fields.len()).unwrap_or(0) + 1;
    let panel_area = Rect { y: below, height: area.bottom().saturating_sub(below), ..area };
    panel(model, buf, panel_area, look);
    cursor
}

/// The label's key in the catalogue.
fn label(fields: &Fields, field: Field) -> &'static str {
    match field {
        Field::OrderName => "keyin.field.order-name",
        Field::Amount => "keyin.field.amount",
        Field::TaxFree => "keyin.field.tax-free",
        Field::Installments => "keyin.field.installments",
        Field::Number => "keyin.field.number",
        Field::Expiry => "keyin.field.expiry",
        Field::Identity if fields.identity_kind == IdentityKind::Business => "keyin.field.business",
        Field::Identity => "keyin.field.birth",
        Field::Pin => "keyin.field.pin",
        Field::Name => "keyin.field.name",
        Field::Phone => "keyin.field.phone",
        Field::Email => "keyin.field.email",
    }
}

fn row(model: &Model, field: Field, buf: &mut Buffer, area: Rect, look: Look<'_>) -> Option<Position> {
    let focused = model.focus == field && model.phase == Phase::Form;
    let fields = &model.fields;
    let room = usize::from(WIDTHS.value);
    let (value, at) = match field.slot() {
        Some(_) => {
            let shown = card_value(fields, field, focused, look.glyphs.mask);
            let at = columns::width(&shown);
            (shown, at)
        }
        None if field == Field::Installments => (months(fields.months, look.words), 0),
        None => match fields.edits.get(&field) {
            Some(edit) if focused => {
                let (shown, at) = edit.view(room);
                (shown.to_owned(), at)
            }
            Some(edit) => (columns::cut(edit.text(), room).to_owned(), 0),
            None => (String::new(), 0),
        },
    };
    let remark = fields.remark(field);
    let said = match &model.panel {
        Some(Panel::Said(text)) if focused => Some((Tone::Warning, look.words.text(text))),
        _ => None,
    };
    let message = said.or_else(|| message(model, field, focused, remark.as_ref(), look));
    let row = Row {
        label: look.words.get(label(fields, field)),
        required: fields.need(field) == Need::Required,
        value: &value,
        cursor: focused.then_some(at),
        message: message.as_ref().map(|(tone, text)| (*tone, text.as_str())),
    };
    form::draw(buf, area, &row, WIDTHS, look.theme, look.glyphs)
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
            Some((Tone::Ok, look.words.text(&text!("keyin.hint.amount", amount = amount))))
        }
        Field::Number if !blank => {
            let brand = Brand::of(&fields.card.prefix).map_or("", Brand::name);
            if focused {
                Some((Tone::Hint, format!("{} {brand}", fields.card.number_len)))
            } else {
                Some((Tone::Ok, brand.to_owned()))
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
        Field::Name | Field::Phone | Field::Email if fields.need(field) == Need::Required => {
            advice("keyin.advice.needed-by-pg")
        }
        Field::Name | Field::Phone | Field::Email => advice("keyin.advice.optional"),
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

/// 일시불 or N개월.
fn months(months: u8, words: &Catalogue) -> String {
    match months {
        0 => words.get("keyin.lump-sum").to_owned(),
        months => words.text(&text!("keyin.months", months = months)),
    }
}

fn panel(model: &Model, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let mut lines = Lines::new(buf, area, look);
    match &model.panel {
        None | Some(Panel::Said(_)) => {
            if model.fields.next_to_fill(Field::Email).is_none() {
                lines.put(Tone::Ok, look.words.get("keyin.panel.ready"));
            } else {
                lines.put(Tone::Hint, look.words.get("keyin.panel.fill"));
            }
        }
        Some(Panel::IdleWiped) => lines.put(Tone::Warning, look.words.get("keyin.panel.idle-wiped")),
        Some(Panel::Problem(problem)) => {
            let words = crate::error::words(problem);
            lines.put(Tone::Error, look.words.get("keyin.panel.not-sent"));
            lines.put(Tone::Hint, &look.words.text(&words.next));
            lines.put(Tone::Hint, &look.words.text(&words.what));
            lines.put(Tone::Hint, &look.words.text(&words.money));
            lines.put(Tone::Warning, look.words.get("keyin.panel.card-gone"));
        }
        Some(Panel::Declined(order, refusal)) => {
            let code = refusal.code.as_ref().map(|code| code.as_str());
            let verdict = decline::class_of(
                &order.sale.channel.pg,
                order.sale.channel.generation,
                code,
                refusal.message.as_str(),
            );
            lines.put(Tone::Error, look.words.get("keyin.panel.declined"));
            lines.put(
                Tone::Warning,
                &format!("{} {}", look.words.get("keyin.panel.say"), look.words.get(verdict.say_id())),
            );
            lines.put(
                Tone::Hint,
                &format!("{} {}", look.words.get("keyin.panel.next"), look.words.get(verdict.next_id())),
            );
            let raw = match code {
                Some(code) => format!("[{code}] {}", refusal.message),
                None => refusal.message.to_string(),
            };
            lines.put(Tone::Hint, &look.words.text(&text!("keyin.panel.pg-said", said = raw)));
            lines.put(Tone::Warning, look.words.get("keyin.panel.card-gone"));
        }
        Some(Panel::Blocked(earlier)) => {
            lines.put(Tone::Error, look.words.get("keyin.panel.blocked"));
            lines.put(Tone::Warning, &look.words.text(&earlier_text(earlier)));
            lines.put(Tone::Hint, look.words.get("keyin.panel.blocked-next"));
        }
    }
}

/// Lines below each other, wrapped at the right edge.
struct Lines<'a> {
    buf: &'a mut Buffer,
    area: Rect,
    y: u16,
    look: Look<'a>,
}

impl<'a> Lines<'a> {
    fn new(buf: &'a mut Buffer, area: Rect, look: Look<'a>) -> Self {
        Self { buf, area, y: area.y, look }
    }

    fn put(&mut self, tone: Tone, text: &str) {
        let mark = tone.mark(self.look.glyphs).unwrap_or(" ");
        for (at, part) in wrap(text, usize::from(self.area.width.saturating_sub(3))).into_iter().enumerate() {
            let lead = if at == 0 { mark } else { " " };
            line(self.buf, self.area, self.area.x, self.y, lead, tone.style(self.look.theme));
            line(self.buf, self.area, self.area.x + 2, self.y, &part, tone.style(self.look.theme));
            self.y += 1;
        }
    }

    fn pair(&mut self, label: &str, value: &str) {
        line(self.buf, self.area, self.area.x, self.y, label, self.look.theme.label);
        line(self.buf, self.area, self.area.x + 14, self.y, value, self.look.theme.value);
        self.y += 1;
    }

    fn gap(&mut self) {
        self.y += 1;
    }
}

/// Breaks a text at blanks so that each part fits; a word longer than a line is cut in pieces.
fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut parts: Vec<String> = vec![String::new()];
    for word in text.split(' ') {
        let mut word = word;
        loop {
            let Some(part) = parts.last_mut() else { break };
            let used = columns::width(part);
            let gap = usize::from(used > 0);
            if used + gap + columns::width(word) <= room {
                if gap > 0 {
                    part.push(' ');
                }
                part.push_str(word);
                break;
            }
            if used > 0 {
                parts.push(String::new());
                continue;
            }
            let fits = columns::cut(word, room.max(2));
            part.push_str(fits);
            word = &word[fits.len()..];
            if fits.is_empty() || word.is_empty() {
                break;
            }
            parts.push(String::new());
        }
    }
    parts
}

fn earlier_text(earlier: &Intent) -> crate::i18n::Text {
    let clock = clock(earlier.new.created.as_second());
    let amount = earlier.new.amount;
    let who = &earlier.new.operator.user;
    match earlier.state {
        IntentState::Approved => text!("keyin.earlier.approved", clock = clock, amount = amount, who = who),
        _ => text!("keyin.earlier.open", clock = clock, amount = amount, who = who),
    }
}

/// Hours and minutes in Korea (UTC+9, no daylight saving), of unix seconds.
fn clock(seconds: i64) -> String {
    let minutes = (seconds + 9 * 3600).div_euclid(60);
    format!("{:02}:{:02}", minutes.div_euclid(60).rem_euclid(24), minutes.rem_euclid(60))
}

fn confirmation(
    model: &Model,
    confirm: &Confirm,
    buf: &mut Buffer,
    area: Rect,
    look: Look<'_>,
) -> Option<Position> {
    let words = look.words;
    let height = if confirm.earlier.is_some() { 16 } else { 13 };
    let inner = overlay::popup(
        buf,
        overlay::centred(area, 66, height),
        words.get("keyin.confirm.title"),
        look.theme,
        look.glyphs,
    );
    let channel = model.fields.channel();
    let (word, style) = match channel.mode {
        Mode::Live => ("env.live", look.theme.live),
        Mode::Test => ("env.test", look.theme.test),
    };
    let x = line(buf, inner, inner.x, inner.y, &format!(" {} ", words.get(word)), style);
    let room = usize::from(inner.right().saturating_sub(x + 1));
    let channel = format!(" {} {} ({})", look.glyphs.separator, channel.name, channel.pg);
    // Whose money it is matters more than the way it takes: the channel gives way first.
    let store = columns::cut(model.store(), room);
    let x = line(buf, inner, x + 1, inner.y, store, look.theme.value);
    line(buf, inner, x, inner.y, &channel, look.theme.text);
    let mut lines =
        Lines::new(buf, Rect { y: inner.y + 2, height: inner.height.saturating_sub(2), ..inner }, look);
    if let Some(order) = &confirm.order {
        lines.pair(words.get("keyin.field.order-name"), &order.sale.order_name);
        let amount = words.text(&text!("keyin.hint.amount", amount = order.sale.amount));
        lines.pair(
            words.get("keyin.field.amount"),
            &format!("{amount}  {}", months(order.installments.months, words)),
        );
        if let Some(free) = order.sale.tax_free {
            lines.pair(
                words.get("keyin.field.tax-free"),
                &words.text(&text!("keyin.hint.amount", amount = free)),
            );
        }
        let brand = Brand::of(confirm.ending.bin6()).map_or("", Brand::name);
        lines.pair(words.get("keyin.field.number"), &format!("{}  {brand}", confirm.ending));
        let customer = [order.sale.customer.name(), order.sale.customer.phone()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>();
        if !customer.is_empty() {
            lines.pair(words.get("keyin.confirm.customer"), &customer.join("  "));
        }
        lines.pair(words.get("keyin.confirm.id"), order.sale.payment_id.as_str());
    }
    if let Some(order) = &confirm.order {
        lines.gap();
        lines.put(Tone::Hint, &read_back(order, confirm.ending.last4(), words));
    }
    let mut cursor = None;
    if let Some(earlier) = &confirm.earlier {
        lines.put(Tone::Warning, &words.text(&earlier_text(earlier)));
        let ask = if confirm.reason_asked { Tone::Error } else { Tone::Warning };
        lines.put(ask, words.get("keyin.confirm.reason"));
        let y = lines.y;
        let (shown, at) = confirm.reason.view(usize::from(inner.width.saturating_sub(4)));
        let shown = shown.to_owned();
        line(buf, inner, inner.x + 2, y, &shown, look.theme.value);
        cursor = Some(Position::new(inner.x + 2 + u16::try_from(at).unwrap_or(0), y));
    }
    let (text, style) = if confirm.is_ready() {
        (words.get("keyin.confirm.ready"), look.theme.focus)
    } else {
        (words.get("keyin.confirm.wait"), look.theme.dim)
    };
    line(buf, inner, inner.x, inner.bottom().saturating_sub(1), text, style);
    cursor
}

/// The line that is read back to the caller: amount, months, last four; never more of the number.
fn read_back(order: &KeyInOrder, last4: &str, words: &Catalogue) -> String {
    let (amount, months) = (order.sale.amount.minor_signed(), u32::from(order.installments.months));
    let spoken = match words.lang() {
        Lang::Ko => [speech::won_ko(amount), speech::months_ko(months)],
        Lang::En => [speech::won_en(amount), speech::months_en(months)],
    };
    let [amount, months] = spoken;
    words.text(&text!("keyin.confirm.read-back", amount = amount, months = months, last4 = last4))
}

fn in_flight(flight: &Flight, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let words = look.words;
    let inner = overlay::popup(
        buf,
        overlay::centred(area, 62, 11),
        words.get("keyin.flight.title"),
        look.theme,
        look.glyphs,
    );
    let mut lines = Lines::new(buf, inner, look);
    lines.gap();
    let amount = words.text(&text!("keyin.hint.amount", amount = flight.order.sale.amount));
    lines.pair(
        words.get("keyin.field.amount"),
        &format!("{amount}  {}", months(flight.order.installments.months, words)),
    );
    lines.pair(words.get("keyin.field.number"), &flight.ending.to_string());
    lines.pair(
        words.get("keyin.flight.now"),
        words.get(match flight.stage {
            Stage::Journal => "keyin.flight.journal",
            Stage::Key => "keyin.flight.key",
            Stage::Sent => "keyin.flight.sent",
            Stage::Details => "keyin.flight.details",
        }),
    );
    lines.pair(
        words.get("keyin.flight.elapsed"),
        &words.text(&text!("keyin.flight.seconds", seconds = flight.seconds)),
    );
    lines.gap();
    if flight.esc_pressed {
        lines.put(Tone::Warning, words.get("keyin.flight.esc"));
    } else {
        lines.put(Tone::Hint, words.get("keyin.flight.patience"));
    }
}

fn result(finished: &Finished, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let words = look.words;
    let order = &finished.order;
    let mut lines = Lines::new(buf, area, look);
    match &finished.end {
        End::Approved(approval) => {
            lines.put(Tone::Ok, words.get("keyin.result.approved"));
            lines.gap();
            if let Some(number) = &approval.approval_number {
                lines.pair(words.get("keyin.result.number"), number.as_str());
                for row in digits::rows(number.as_str(), look.glyphs) {
                    line(lines.buf, area, area.x + 14, lines.y, &row, look.theme.ok);
                    lines.y += 1;
                }
            } else {
                lines.pair(words.get("keyin.result.number"), words.get("keyin.result.number-missing"));
            }
            lines.gap();
            let amount = words.text(&text!("keyin.hint.amount", amount = order.sale.amount));
            lines.pair(
                words.get("keyin.field.amount"),
                &format!("{amount}  {}", months(order.installments.months, words)),
            );
            if let Some(other) = approval.differing_total {
                let other = words.text(&text!("keyin.hint.amount", amount = other));
                lines.put(Tone::Error, &words.text(&text!("keyin.result.differs", amount = other)));
            }
            let issuer = approval.issuer.as_ref().map_or("", |issuer| issuer.as_str());
            lines.pair(words.get("keyin.field.number"), &format!("{}  {issuer}", finished.ending));
            lines.pair(words.get("keyin.field.order-name"), &order.sale.order_name);
            if let Some(name) = order.sale.customer.name() {
                lines.pair(words.get("keyin.field.name"), name);
            }
            lines.pair(words.get("keyin.confirm.id"), order.sale.payment_id.as_str());
            if let Some(url) = &approval.receipt_url {
                lines.pair(words.get("keyin.result.receipt"), url.as_str());
            }
        }
        End::Unknown(looks) => {
            lines.put(Tone::Warning, words.get("keyin.result.unknown"));
            lines.gap();
            lines.put(Tone::Error, words.get("keyin.result.do-not-repeat"));
            lines.put(Tone::Hint, words.get("keyin.result.say-unknown"));
            lines.gap();
            let amount = words.text(&text!("keyin.hint.amount", amount = order.sale.amount));
            lines.pair(words.get("keyin.field.amount"), &amount);
            lines.pair(words.get("keyin.field.number"), &finished.ending.to_string());
            lines.pair(words.get("keyin.confirm.id"), order.sale.payment_id.as_str());
            lines.pair(
                words.get("keyin.result.looks"),
                &words.text(&text!("keyin.result.looks-made", looks = looks)),
            );
            lines.gap();
            lines.put(Tone::Hint, words.get("keyin.result.leave-unknown"));
        }
    }
    // The generation decides where a person finds it in PortOne's own console.
    let console = match order.sale.channel.generation {
        Generation::V1 => "V1",
        Generation::V2 => "V2",
    };
    lines.pair(
        words.get("keyin.result.channel"),
        &format!("{} ({}, {console})", order.sale.channel.name, order.sale.channel.pg),
    );
}
