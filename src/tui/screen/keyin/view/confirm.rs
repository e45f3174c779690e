//! The question before the money moves: whose money, how much, from which card; read back to the caller.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::super::model::{Confirm, Model};
use super::page::Page;
use super::{Look, ending, months, won};
use crate::domain::channel::Mode;
use crate::domain::intent::{Intent, IntentState};
use crate::domain::order::KeyInOrder;
use crate::domain::speech;
use crate::i18n::{Catalogue, Lang};
use crate::text;
use crate::tui::columns;
use crate::tui::widgets::{Tone, cells, line, overlay};

/// The box's columns, border and margins included.
const WIDTH: u16 = 68;

/// Draws the question; returns where the cursor belongs when a reason is asked for.
pub(super) fn draw(
    model: &Model,
    confirm: &Confirm,
    buf: &mut Buffer,
    area: Rect,
    look: Look<'_>,
) -> Option<Position> {
    let words = look.words;
    let mut page = Page::new(look, WIDTH - 4);
    whose(model, &mut page, look);
    page.gap();
    if let Some(order) = &confirm.order {
        what(order, confirm, &mut page, words);
        page.gap();
        page.say(Tone::Hint, &read_back(order, confirm.ending.last4(), words));
    }
    if let Some(earlier) = &confirm.earlier {
        page.say(Tone::Warning, &words.text(&earlier_text(earlier)));
        let ask = if confirm.reason_asked { Tone::Error } else { Tone::Warning };
        page.say(ask, words.get("keyin.confirm.reason"));
        if let Some(said) = &model.said {
            page.say(Tone::Warning, &words.text(said));
        }
    }
    let reason_rows = u16::from(confirm.earlier.is_some());
    // The reason, a blank and the keys, and the border.
    let mut height = page.height() + reason_rows + 4;
    if height > area.height {
        page.tighten();
        height = page.height() + reason_rows + 3;
    }
    let place = overlay::centred(area, WIDTH, height);
    let inner = overlay::popup(buf, place, words.get("keyin.confirm.title"), look.theme, look.glyphs);
    // Whatever the words above take, the reason and the keys are seen.
    let body = Rect { height: inner.height.saturating_sub(1 + reason_rows), ..inner };
    let mut end = page.end(inner);
    end.y = end.y.min(body.bottom());
    page.draw(buf, body);
    let mut cursor = None;
    if confirm.earlier.is_some() {
        let room = usize::from(inner.right().saturating_sub(end.x));
        let (shown, at) = confirm.reason.view(room);
        line(buf, inner, end.x, end.y, shown, look.theme.value);
        cursor = Some(Position::new(end.x + cells(at), end.y));
    }
    let (text, style) = if confirm.is_ready() {
        (words.get("keyin.confirm.ready"), look.theme.focus)
    } else {
        (words.get("keyin.confirm.wait"), look.theme.dim)
    };
    line(buf, inner, inner.x, inner.bottom().saturating_sub(1), text, style);
    cursor
}

/// Real money or test, the store, and the way it takes. The store matters more: the channel gives way first.
fn whose(model: &Model, page: &mut Page<'_>, look: Look<'_>) {
    let channel = model.fields.channel();
    let (word, style) = match channel.mode {
        Mode::Live => ("env.live", look.theme.live),
        Mode::Test => ("env.test", look.theme.test),
    };
    let word = format!(" {} ", look.words.get(word));
    let mut x = columns::width(&word) + 1;
    page.row(0, word, style);
    let room = usize::from(WIDTH - 4);
    let store = columns::cut_marked(model.store(), room - x, look.glyphs.cut);
    page.and(cells(x), store.as_str(), look.theme.value);
    x += columns::width(&store);
    let way = format!(" {} {} ({})", look.glyphs.separator, channel.name, channel.pg);
    if x + columns::width(&way) <= room {
        page.and(cells(x), way, look.theme.text);
    } else {
        let way = columns::cut_marked(way.trim_start_matches([' ', '|']), room, look.glyphs.cut);
        page.row(0, way, look.theme.text);
    }
}

fn what(order: &KeyInOrder, confirm: &Confirm, page: &mut Page<'_>, words: &Catalogue) {
    page.pair(words.get("keyin.field.order-name"), &order.sale.order_name, 2);
    let amount = format!("{}  {}", won(order.sale.amount, words), months(order.installments.months, words));
    page.pair(words.get("keyin.field.amount"), &amount, 1);
    if let Some(free) = order.sale.tax_free {
        page.pair(words.get("keyin.field.tax-free"), &won(free, words), 1);
    }
    page.pair(words.get("keyin.field.number"), &ending(&confirm.ending, words), 1);
    let customer =
        [order.sale.customer.name(), order.sale.customer.phone()].into_iter().flatten().collect::<Vec<_>>();
    if !customer.is_empty() {
        page.pair(words.get("keyin.confirm.customer"), &customer.join("  "), 1);
    }
    page.pair(words.get("keyin.confirm.id"), order.sale.payment_id.as_str(), 1);
}

/// What is known of an earlier charge that looks like the same one.
pub(super) fn earlier_text(earlier: &Intent) -> crate::i18n::Text {
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
