//! The question before the money moves: whose money, how much, from which card; read back to the caller.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::super::model::fields::Way;
use super::super::model::spoken;
use super::super::model::{Closing, Confirm, Finished, Model, Ordered};
use super::page::Page;
use super::{Look, amount, bank, due, ending, key, receipt, won};
use crate::domain::channel::Mode;
use crate::domain::intent::{Intent, IntentState};
use crate::i18n::Catalogue;
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
        what(order, &mut page, words);
        page.gap();
        page.say(Tone::Hint, &words.text(&spoken::read_back(order, None, words.lang())));
    }
    if let Some(earlier) = &confirm.earlier {
        page.say(Tone::Warning, &words.text(&earlier_text(earlier)));
    }
    if let Some(taken) = &confirm.taken {
        key::taken(taken, &mut page, words);
    }
    if confirm.wants_reason() {
        let ask = if confirm.reason_asked { Tone::Error } else { Tone::Warning };
        page.say(
            ask,
            words.get(if confirm.taken.is_some() { "keyin.key.reason" } else { "keyin.confirm.reason" }),
        );
        if let Some(said) = &model.said {
            page.say(Tone::Warning, &words.text(said));
        }
    }
    let reason_rows = u16::from(confirm.wants_reason());
    // The reason, a blank and the keys, and the border.
    let mut height = page.height() + reason_rows + 4;
    if height > area.height {
        page.tighten();
        height = page.height() + reason_rows + 3;
    }
    let place = overlay::centred(area, WIDTH, height);
    let (title, ready) = match model.fields.way() {
        Way::Card | Way::Charge => ("keyin.confirm.title", "keyin.confirm.ready"),
        Way::Account => ("keyin.confirm.account-title", "keyin.confirm.account-ready"),
        Way::Register => ("keyin.confirm.register-title", "keyin.confirm.register-ready"),
    };
    let inner = overlay::popup(buf, place, words.get(title), look.theme, look.glyphs);
    // Whatever the words above take, the reason and the keys are seen.
    let body = Rect { height: inner.height.saturating_sub(1 + reason_rows), ..inner };
    let mut end = page.end(inner);
    end.y = end.y.min(body.bottom());
    page.draw(buf, body);
    let mut cursor = None;
    if confirm.wants_reason() {
        let room = usize::from(inner.right().saturating_sub(end.x));
        let (shown, at) = confirm.reason.view(room);
        line(buf, inner, end.x, end.y, shown, look.theme.value);
        cursor = Some(Position::new(end.x + cells(at), end.y));
    }
    let (text, style) = if confirm.is_ready() {
        (words.get(ready), look.theme.focus)
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

fn what(order: &Ordered, page: &mut Page<'_>, words: &Catalogue) {
    let Some(sale) = order.sale() else { return key::registers(order, page, words) };
    page.pair(words.get("keyin.field.order-name"), &sale.order_name, 2);
    page.pair(words.get("keyin.field.amount"), &amount(order, words), 1);
    if let Some(free) = sale.tax_free {
        page.pair(words.get("keyin.field.tax-free"), &won(free, words), 1);
    }
    match order {
        Ordered::Card(order, card) => {
            page.pair(words.get("keyin.field.number"), &ending(card, words), 1);
            if order.save_card {
                page.pair(words.get("keyin.field.save-card"), words.get("keyin.confirm.save-card"), 1);
            }
        }
        Ordered::KeyCharge(order, card) => key::behind(&order.key, card.as_ref(), None, page, words),
        Ordered::Register(..) => {}
        Ordered::Account(order) => {
            page.pair(words.get("keyin.field.bank"), bank(order.bank, words), 1);
            page.pair(words.get("keyin.field.due"), &due(order.due, words), 1);
            let receipt = receipt(order.receipt.as_ref().map(|receipt| receipt.kind), words);
            page.pair(words.get("keyin.field.receipt"), receipt, 1);
        }
    }
    let customer = key::who(&sale.customer);
    if !customer.is_empty() {
        page.pair(words.get("keyin.confirm.customer"), &customer, 1);
    }
    page.pair(words.get("keyin.confirm.id"), sale.payment_id.as_str(), 1);
    if matches!(order, Ordered::KeyCharge(..)) {
        page.say(Tone::Warning, words.get("keyin.key.agreed-only"));
    }
}

/// The question before an account is closed: the amount and the account by name.
pub(super) fn close(finished: &Finished, closing: &Closing, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let words = look.words;
    let mut page = Page::new(look, WIDTH - 4);
    page.gap();
    page.pair(words.get("keyin.field.amount"), &amount(&finished.order, words), 1);
    if let Some(account) = finished.open_account().and_then(|approval| approval.account.as_ref()) {
        page.pair(words.get("keyin.close.account"), &format!("{} {}", account.bank, account.number), 1);
    }
    page.gap();
    page.say(Tone::Warning, words.get("keyin.close.what"));
    let place = overlay::centred(area, WIDTH, page.height() + 4);
    let inner = overlay::popup(buf, place, words.get("keyin.close.title"), look.theme, look.glyphs);
    page.draw(buf, inner);
    let (text, style) = if closing.sent {
        (words.get("keyin.close.sent"), look.theme.dim)
    } else if closing.is_ready() {
        (words.get("keyin.close.ready"), look.theme.focus)
    } else {
        (words.get("keyin.confirm.wait"), look.theme.dim)
    };
    line(buf, inner, inner.x, inner.bottom().saturating_sub(1), text, style);
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
