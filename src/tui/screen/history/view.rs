//! Draws the history: the list with its search line, one payment, refunds, those settled by hand, receipts, the close. Decides nothing.

mod by_hand;
mod close;
mod detail;
mod export;
mod exports;
mod filter;
mod kept;
mod receipt;
mod refund;
mod since;

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::model::{Model, Place};
use crate::domain::close as close_of;
use crate::domain::due;
use crate::domain::intent::IntentState;
use crate::domain::listing::{Basis, StateKind};
use crate::domain::money::{Currency, Money};
use crate::domain::payment::PaymentState;
use crate::domain::record::{Method, PaymentRecord};
use crate::domain::text::SafeText;
use crate::error::{Words, asking};
use crate::i18n::{Catalogue, Text};
use crate::text;
use crate::tui::columns;
use crate::tui::widgets::search::{self, SearchLine};
use crate::tui::widgets::{Look, Tone, line, list, overlay, page::Page};

/// Draws the screen; returns where the cursor belongs.
pub fn draw(model: &Model, buf: &mut Buffer, area: Rect, look: Look<'_>) -> Option<Position> {
    match &model.place {
        Place::List | Place::Search => list_page(model, buf, area, look),
        Place::Filter(row) => {
            list_page(model, buf, area, look);
            filter::draw(&model.filter, *row, buf, area, look)
        }
        Place::Detail => {
            detail::draw(model, buf, area, look);
            None
        }
        Place::Refund(refund) => refund::draw(model, refund, buf, area, look),
        Place::Hand(hand) => by_hand::draw(hand, buf, area, look),
        Place::Owed(owed) => {
            receipt::owed(owed, buf, area, look);
            None
        }
        Place::Receipt(form) => receipt::draw(form, buf, area, look),
        Place::Close(closing) => {
            close::draw(closing, buf, area, look);
            None
        }
        Place::Export(export) => export::draw(export, buf, area, look),
        Place::Exports(exports) => {
            exports::draw(exports, buf, area, look);
            None
        }
    }
}

fn list_page(model: &Model, buf: &mut Buffer, area: Rect, look: Look<'_>) -> Option<Position> {
    let cursor = search_line(model, buf, area, look);
    let head = Rect { y: area.y + 1, height: 1, ..area };
    let body = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
    let words = look.words;
    let last = body.bottom().saturating_sub(1);
    if model.rows.is_empty() {
        let mut page = Page::new(look, area.width);
        if let Some(problem) = &model.problem {
            page.say(Tone::Error, words.get("history.not-listed"));
            trouble(&asking(problem), &mut page, look);
        } else if model.may_have_rows() {
            page.say(Tone::Hint, words.get("history.loading"));
        } else {
            let nothing = if !model.search.is_empty() || !model.filter.is_wide() {
                "history.none-found"
            } else {
                "history.none"
            };
            page.say(Tone::Hint, words.get(nothing));
        }
        page.draw(buf, body);
        line(buf, body, body.x, last, &standing(model, look, usize::from(area.width)), look.theme.hint);
        return cursor;
    }
    let widths = Widths::of(area.width);
    line(buf, head, area.x + 2, head.y, &widths.head(look), look.theme.dim);
    let height = list::height(body);
    let range = model.rows.top()..(model.rows.top() + height).min(model.rows.len());
    let basis = model.filter.basis;
    let rows: Vec<String> = range
        .clone()
        .map(|row| {
            let record = model.rows.get(row);
            let missing = || words.text(&model.missing(row));
            record.map_or_else(missing, |record| widths.row(record, basis, look))
        })
        .collect();
    let shown = list::List {
        rows: &rows,
        first: range.start,
        len: model.rows.len(),
        selected: Some(model.rows.at()),
    };
    list::draw(buf, body, &shown, look.theme, look.glyphs, words);
    // Left of the position: what is said, what came, or how fresh the copy is.
    let room = usize::from(area.width).saturating_sub(24);
    line(buf, body, body.x + 5, last, &standing(model, look, room), look.theme.hint);
    cursor
}

/// What is said below the list, in so many columns.
fn standing(model: &Model, look: Look<'_>, room: usize) -> String {
    let words = look.words;
    let mut parts: Vec<String> = Vec::new();
    if let Some(said) = &model.said {
        parts.push(words.text(said));
    }
    // Rows that are there stay to be seen; that they are not what was asked for now is said.
    if model.problem.is_some() && !model.rows.is_empty() {
        parts.push(words.get("history.list-failed").to_owned());
    }
    if model.rows.above() > 0 {
        parts.push(words.text(&text!("history.new", count = model.rows.above())));
    }
    match (&model.sync, &model.sync_problem) {
        (Some(Some(progress)), _) if progress.rows > 0 => {
            parts.push(words.text(&text!("history.syncing", count = progress.rows)));
        }
        (Some(_), _) => parts.push(words.get("history.sync-begins").to_owned()),
        (None, Some(_)) => parts.push(words.get("history.sync-failed").to_owned()),
        (None, None) => {}
    }
    parts.push(words.text(&fresh(model)));
    columns::cut_marked(&parts.join("  "), room, look.glyphs.cut)
}

/// Up to when the copy is whole.
fn fresh(model: &Model) -> Text {
    let Some(until) = model.fresh.up_to else { return text!("history.fresh.never") };
    let seconds = model.now().duration_since(until).as_secs().max(0);
    match seconds {
        0..60 => text!("history.fresh.now"),
        60..3_600 => text!("history.fresh.minutes", count = seconds / 60),
        3_600..86_400 => text!("history.fresh.hours", count = seconds / 3_600),
        _ => text!("history.fresh.days", count = seconds / 86_400),
    }
}

/// What is searched for, and the filter with the basis of time by its name.
fn search_line(model: &Model, buf: &mut Buffer, area: Rect, look: Look<'_>) -> Option<Position> {
    let shown = SearchLine {
        label: look.words.get("history.search"),
        within: "",
        typed: &model.search,
        active: matches!(model.place, Place::Search),
        narrowed: &filter::text(&model.filter, look),
    };
    search::draw(buf, area, &shown, look)
}

/// The columns of the list.
struct Widths {
    order: usize,
    customer: usize,
    method: usize,
    pg: usize,
    full: bool,
}

/// Day and minute.
const TIME: usize = 11;
/// The amount.
const AMOUNT: usize = 12;
/// The state.
const STATE: usize = 9;

impl Widths {
    fn of(width: u16) -> Self {
        let full = width >= 100;
        let (method, pg) = if full { (18, 14) } else { (9, 9) };
        // The mark in front, and a blank between two columns.
        let room = usize::from(width).saturating_sub(2 + TIME + AMOUNT + STATE + method + pg + 6);
        let customer = (room * 2 / 5).min(20);
        Self { order: room.saturating_sub(customer), customer, method, pg, full }
    }

    fn line(&self, columns_of: [&str; 7], look: Look<'_>) -> String {
        let [time, order, customer, amount, state, method, pg] = columns_of;
        let left = |text: &str, width| columns::fit(text, width, look.glyphs.cut);
        let cells = [
            left(time, TIME),
            left(order, self.order),
            left(customer, self.customer),
            columns::pad_left(&columns::cut_marked(amount, AMOUNT, look.glyphs.cut), AMOUNT),
            left(state, STATE),
            left(method, self.method),
            left(pg, self.pg),
        ];
        cells.join(" ").trim_end().to_owned()
    }

    fn head(&self, look: Look<'_>) -> String {
        let names = [
            "history.column.time",
            "history.column.order",
            "history.column.customer",
            "history.column.amount",
            "history.column.state",
            "history.column.method",
            "history.column.pg",
        ];
        self.line(names.map(|name| look.words.get(name)), look)
    }

    fn row(&self, record: &PaymentRecord, basis: Basis, look: Look<'_>) -> String {
        let words = look.words;
        let at = match basis {
            Basis::Requested => record.requested_at,
            Basis::Changed => record.changed_at,
        };
        let at = at.or(record.payment.paid_at).and_then(|at| Timestamp::from_second(at).ok());
        let time = at.map(|at| due::in_korea(at).strftime("%m-%d %H:%M").to_string()).unwrap_or_default();
        let name = SafeText::new(record.customer.name().or_else(|| record.customer.id()).unwrap_or("-"));
        let mut state = words.get(state_key(record.state(), true)).to_owned();
        if record.payment.is_test == Some(true) {
            state.push('T');
        }
        let pg = record.payment.pg.as_ref().map_or("", SafeText::as_str);
        let order = record.payment.order_name.as_str();
        let amount = record
            .payment
            .total
            .map_or_else(|| words.get("history.amount-unknown").to_owned(), |total| money(total, words));
        let method = method_of(record, self.full, words);
        self.line([&time, order, name.as_str(), &amount, &state, &method, pg], look)
    }
}

/// How it was paid, with the card's end; the issuer, too, where there is room.
fn method_of(record: &PaymentRecord, full: bool, words: &Catalogue) -> String {
    let method = words.get(method_key(record.method));
    match (&record.payment.card, &record.payment.issuer) {
        (Some(card), Some(issuer)) if full => format!("*{} {issuer}", card.last4()),
        (Some(card), _) => format!("{method}{}", card.last4()),
        (None, _) => method.to_owned(),
    }
}

/// The catalogue's key of a state, short for a column.
const fn state_key(state: &PaymentState, short: bool) -> &'static str {
    kind_key(StateKind::of(state), short)
}

const fn kind_key(kind: StateKind, short: bool) -> &'static str {
    match (kind, short) {
        (StateKind::Ready, true) => "history.short.ready",
        (StateKind::Pending, true) => "history.short.pending",
        (StateKind::VirtualAccountIssued, true) => "history.short.waiting",
        (StateKind::Paid, true) => "history.short.paid",
        (StateKind::Failed, true) => "history.short.failed",
        (StateKind::PartialCancelled, true) => "history.short.partial",
        (StateKind::Cancelled, true) => "history.short.cancelled",
        (StateKind::Other, true) => "history.short.other",
        (StateKind::Ready, false) => "history.state.ready",
        (StateKind::Pending, false) => "history.state.pending",
        (StateKind::VirtualAccountIssued, false) => "history.state.waiting",
        (StateKind::Paid, false) => "history.state.paid",
        (StateKind::Failed, false) => "history.state.failed",
        (StateKind::PartialCancelled, false) => "history.state.partial",
        (StateKind::Cancelled, false) => "history.state.cancelled",
        (StateKind::Other, false) => "history.state.other",
    }
}

const fn method_key(method: Method) -> &'static str {
    match method {
        Method::Card => "history.method.card",
        Method::EasyPay => "history.method.easy_pay",
        Method::VirtualAccount => "history.method.virtual_account",
        Method::Transfer => "history.method.transfer",
        Method::Mobile => "history.method.mobile",
        Method::GiftCertificate => "history.method.gift_certificate",
        Method::Other => "history.method.other",
    }
}

const fn basis_key(basis: Basis) -> &'static str {
    match basis {
        Basis::Requested => "history.basis.requested",
        Basis::Changed => "history.basis.changed",
    }
}

/// The name of the time by which a close counts.
fn basis_word(basis: close_of::Basis, words: &Catalogue) -> &str {
    words.get(match basis {
        close_of::Basis::Requested => "history.basis.requested",
        close_of::Basis::Changed => "history.basis.changed",
    })
}

/// The columns of a question, and of what is shown while its answer is carried out; border and margins included.
const QUESTION: u16 = 70;

/// Asks in a box; `ready` are the words for how it is answered, once it can be.
fn ask(
    page: Page<'_>,
    title: &str,
    ready: Option<&'static str>,
    buf: &mut Buffer,
    area: Rect,
    look: Look<'_>,
) {
    let place = overlay::centred(area, QUESTION, (page.height() + 4).min(area.height));
    let inner = overlay::popup(buf, place, title, look.theme, look.glyphs);
    page.draw(buf, Rect { height: inner.height.saturating_sub(1), ..inner });
    how_to_answer(ready, buf, inner, look);
}

/// The last row of a question.
fn how_to_answer(ready: Option<&'static str>, buf: &mut Buffer, inner: Rect, look: Look<'_>) {
    let style = if ready.is_some() { look.theme.focus } else { look.theme.dim };
    let text = look.words.get(ready.unwrap_or("keyin.confirm.wait"));
    line(buf, inner, inner.x, inner.bottom().saturating_sub(1), text, style);
}

/// Something is under way.
fn wait(title: &str, what: &str, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let place = overlay::centred(area, QUESTION, 5);
    let inner = overlay::popup(buf, place, look.words.get(title), look.theme, look.glyphs);
    line(buf, inner, inner.x, inner.y + 1, look.words.get(what), look.theme.text);
}

/// An amount with its unit.
fn money(amount: Money, words: &Catalogue) -> String {
    words.text(&match amount.currency() {
        Currency::Krw => text!("keyin.hint.amount", amount = amount),
        Currency::Usd => text!("history.usd", amount = amount),
    })
}

/// The same, or the words for one that can't be told.
fn money_or(amount: Option<Money>, words: &Catalogue) -> String {
    amount.map_or_else(|| words.get("history.amount-unknown").to_owned(), |amount| money(amount, words))
}

/// What to do about a problem, and what it is.
fn trouble(problem: &Words, page: &mut Page<'_>, look: Look<'_>) {
    page.say(Tone::Warning, &look.words.text(&problem.next));
    page.say(Tone::Hint, &look.words.text(&problem.what));
}

/// Whose money it is of: test and real money are never told apart by colour alone.
fn mode_word<'a>(record: &PaymentRecord, words: &'a Catalogue) -> &'a str {
    words.get(match record.payment.is_test {
        Some(true) => "env.test",
        Some(false) => "env.live",
        None => "history.mode-unstated",
    })
}

const fn intent_key(state: IntentState) -> &'static str {
    match state {
        IntentState::Approved => "history.intent.done",
        IntentState::Declined => "history.intent.declined",
        IntentState::NotCharged => "history.intent.not-done",
        IntentState::Intended | IntentState::Sent | IntentState::Unknown => "history.intent.open",
    }
}
