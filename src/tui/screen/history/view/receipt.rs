//! Cash receipts: those that are owed, and one payment's.

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::super::model::{Owed, ReceiptForm, ReceiptPhase, ReceiptRow};
use super::{QUESTION, ask, method_key, mode_word, money_or, trouble, wait};
use crate::domain::account::ReceiptKind;
use crate::domain::due::to_the_minute;
use crate::domain::outcome::Outcome;
use crate::domain::record::PaymentRecord;
use crate::domain::text::SafeText;
use crate::error::asking;
use crate::text;
use crate::tui::columns;
use crate::tui::widgets::form::{self, Columns, Row};
use crate::tui::widgets::{Look, Tone, line, list, page::Page};
/// The columns of the form.
const FORM: Columns = Columns { label: 14, value: 24 };

pub(super) fn owed(owed: &Owed, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let words = look.words;
    line(buf, area, area.x, area.y, words.get("history.owed.title"), look.theme.title);
    let body = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
    let payments = match &owed.payments {
        Some(Ok(payments)) if !payments.is_empty() => payments,
        other => {
            let mut page = Page::new(look, area.width);
            match other {
                None => page.say(Tone::Hint, words.get("history.loading")),
                Some(Err(problem)) => trouble(&asking(problem), &mut page, look),
                Some(Ok(_)) => page.say(Tone::Ok, words.get("history.owed.none")),
            }
            return page.draw(buf, body);
        }
    };
    let range = list::window(payments.len(), owed.at, list::height(body));
    let rows: Vec<String> = payments
        .iter()
        .skip(range.start)
        .take(range.len())
        .map(|record| owed_row(record, area, look))
        .collect();
    let shown = list::List { rows: &rows, first: range.start, len: payments.len(), selected: Some(owed.at) };
    list::draw(buf, body, &shown, look.theme, look.glyphs, words);
}

fn owed_row(record: &PaymentRecord, area: Rect, look: Look<'_>) -> String {
    let words = look.words;
    let paid = record.payment.paid_at.and_then(|at| Timestamp::from_second(at).ok());
    let name = SafeText::new(record.customer.name().unwrap_or("-"));
    let cut = |text: &str, width| columns::fit(text, width, look.glyphs.cut);
    let rest = usize::from(area.width).saturating_sub(62);
    format!(
        "{} {} {} {} {}",
        cut(&paid.map(to_the_minute).unwrap_or_default(), 16),
        columns::pad_left(&money_or(record.balance(), words), 12),
        cut(words.get(method_key(record.method)), 10),
        cut(name.as_str(), 14),
        cut(record.payment.order_name.as_str(), rest),
    )
    .trim_end()
    .to_owned()
}

fn kind_word(kind: ReceiptKind) -> &'static str {
    match kind {
        ReceiptKind::Personal => "history.receipt.personal",
        ReceiptKind::Corporate => "history.receipt.corporate",
    }
}

pub(super) fn draw(form: &ReceiptForm, buf: &mut Buffer, area: Rect, look: Look<'_>) -> Option<Position> {
    if let ReceiptPhase::End(_, outcome) = &form.phase {
        end(form, outcome, buf, area, look);
        return None;
    }
    let cursor = sheet(form, buf, area, look);
    match &form.phase {
        ReceiptPhase::Form => cursor,
        ReceiptPhase::Question { .. } => {
            question(form, buf, area, look);
            None
        }
        ReceiptPhase::Flight(_) | ReceiptPhase::End(..) => {
            wait("history.receipt.sending", "history.refund.wait", buf, area, look);
            None
        }
    }
}

fn about(form: &ReceiptForm, page: &mut Page<'_>, look: Look<'_>) {
    let words = look.words;
    let record = form.record();
    let name = record.customer.name().map(SafeText::new).unwrap_or_default();
    let what = format!("{}  {}  {name}", mode_word(record, words), record.payment.order_name);
    page.pair(words.get("history.payment"), &what, 2);
    page.pair(words.get("history.id"), record.id.as_str(), 1);
    page.pair(words.get("history.receipt.amount"), &money_or(form.amount(), words), 1);
    let Some(receipt) = form.receipt() else { return };
    let number = receipt.number.as_ref().map_or("", SafeText::as_str);
    page.pair(words.get("history.receipt.number"), number, 1);
    if let Some(at) = receipt.issued_at.and_then(|at| Timestamp::from_second(at).ok()) {
        page.pair(words.get("history.receipt.issued"), &to_the_minute(at), 1);
    }
    if let Some(at) = receipt.cancelled_at.and_then(|at| Timestamp::from_second(at).ok()) {
        page.pair(words.get("history.receipt.cancelled"), &to_the_minute(at), 1);
    }
    if let Some(url) = &receipt.url {
        page.pair(words.get("history.slip"), url.as_str(), 3);
    }
}

fn sheet(form: &ReceiptForm, buf: &mut Buffer, area: Rect, look: Look<'_>) -> Option<Position> {
    let words = look.words;
    let mut page = Page::new(look, area.width);
    page.row(0, words.get("history.receipt.title"), look.theme.title);
    about(form, &mut page, look);
    page.gap();
    if form.cancels {
        page.say(Tone::Ok, words.get("history.receipt.is-issued"));
        page.say(Tone::Hint, words.get("history.receipt.cancel-how"));
        page.draw(buf, area);
        return None;
    }
    let mut y = area.y + page.height();
    page.draw(buf, area);
    let mut cursor = None;
    let (digits, at) = form.identity.view(usize::from(FORM.value));
    let kind = format!("< {} >", words.get(kind_word(form.kind)));
    let hint = match form.kind {
        ReceiptKind::Personal => "history.receipt.identity-personal",
        ReceiptKind::Corporate => "history.receipt.identity-corporate",
    };
    let rows = [
        (ReceiptRow::Kind, "history.receipt.kind", kind.as_str(), 2, None),
        (ReceiptRow::Identity, "history.receipt.identity", digits, at, Some((Tone::Hint, words.get(hint)))),
    ];
    for (row, label, value, at, message) in rows {
        let shown = Row {
            label: words.get(label),
            required: true,
            value,
            cursor: (row == form.focus).then_some(at),
            message,
        };
        let place = Rect { y, height: 1, ..area };
        cursor = form::draw(buf, place, &shown, FORM, look.theme, look.glyphs).or(cursor);
        y += 1;
    }
    let mut below = Page::new(look, area.width);
    if let Some(said) = &form.said {
        below.say(Tone::Warning, &words.text(said));
    }
    if form.amount().is_none() {
        below.say(Tone::Error, words.get("history.receipt.nothing"));
    }
    below.draw(buf, Rect { y: y + 1, height: area.bottom().saturating_sub(y + 1), ..area });
    cursor
}

fn question(form: &ReceiptForm, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let words = look.words;
    let mut page = Page::new(look, QUESTION - 4);
    about(form, &mut page, look);
    if form.cancels {
        page.say(Tone::Warning, words.get("history.receipt.cancel-whole"));
    } else {
        page.pair(words.get("history.receipt.kind"), words.get(kind_word(form.kind)), 1);
        page.pair(words.get("history.receipt.identity"), form.identity.text(), 1);
    }
    let title = if form.cancels { "history.receipt.cancel-title" } else { "history.receipt.issue-title" };
    ask(page, words.get(title), form.is_ready().then_some("history.receipt.ready"), buf, area, look);
}

fn end(form: &ReceiptForm, outcome: &Outcome, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let words = look.words;
    let mut page = Page::new(look, area.width);
    match outcome {
        Outcome::Approved(approval) => {
            let done =
                if form.cancels { "history.receipt.done-cancel" } else { "history.receipt.done-issue" };
            page.say(Tone::Ok, words.get(done));
            if let Some(number) = &approval.approval_number {
                page.say(Tone::Hint, &words.text(&text!("history.receipt.tell", number = number)));
            }
        }
        Outcome::Declined(refusal) => {
            page.say(Tone::Error, words.get("history.receipt.not-done"));
            let code = refusal.code.as_ref().map_or("", SafeText::as_str);
            page.say(Tone::Hint, format!("{code} {}", refusal.message).trim());
        }
        Outcome::NotCharged(problem) => {
            page.say(Tone::Error, words.get("history.receipt.not-done"));
            trouble(&crate::error::words(problem), &mut page, look);
        }
        Outcome::Unknown(_) | Outcome::Blocked(_) => {
            page.say(Tone::Warning, words.get("history.receipt.unknown"));
        }
    }
    page.gap();
    about(form, &mut page, look);
    page.draw(buf, area);
}
