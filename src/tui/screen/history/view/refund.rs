//! Money given back: the form and what stands in its way, the question, the wait, and how it ended.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::super::model::{Model, Refund, RefundPhase, RefundRow, RefundStand};
use super::{QUESTION, how_to_answer, mode_word, money, money_or, trouble, wait};
use crate::domain::due::to_the_minute;
use crate::domain::order::Requester;
use crate::domain::pg::Severity;
use crate::domain::record::Cancellation;
use crate::domain::refund::feasible::Finding;
use crate::domain::text::SafeText;
use crate::i18n::Text;
use crate::text;
use crate::tui::widgets::form::{self, Columns, Row};
use crate::tui::widgets::{Look, Tone, cells, line, overlay, page::Page};
/// The columns of the form.
const FORM: Columns = Columns { label: 14, value: 34 };

pub(super) fn draw(
    model: &Model,
    refund: &Refund,
    buf: &mut Buffer,
    area: Rect,
    look: Look<'_>,
) -> Option<Position> {
    match &refund.phase {
        RefundPhase::Form => sheet(model, refund, buf, area, look),
        RefundPhase::Question { .. } => {
            sheet(model, refund, buf, area, look);
            question(model, refund, buf, area, look)
        }
        RefundPhase::Flight(_) => {
            sheet(model, refund, buf, area, look);
            wait("history.refund.sending", "history.refund.wait", buf, area, look);
            None
        }
        RefundPhase::End(_, stand) => {
            end(refund, stand, buf, area, look);
            None
        }
    }
}

const fn label(row: RefundRow) -> &'static str {
    match row {
        RefundRow::Amount => "history.refund.amount",
        RefundRow::TaxFree => "history.refund.tax-free",
        RefundRow::Vat => "history.refund.vat",
        RefundRow::Reason => "history.refund.reason",
        RefundRow::Requester => "history.refund.requester",
        RefundRow::Bank => "history.refund.bank",
        RefundRow::Account => "history.refund.account",
        RefundRow::Holder => "history.refund.holder",
        RefundRow::Phone => "history.refund.phone",
    }
}

/// Which payment it is about, on two lines, and what is left of it.
fn about(refund: &Refund, page: &mut Page<'_>, look: Look<'_>) {
    let words = look.words;
    let record = refund.record();
    let card = record.payment.card.as_ref().map(|card| format!("  *{}", card.last4())).unwrap_or_default();
    let name = record.customer.name().map(SafeText::new).unwrap_or_default();
    let what = format!("{}  {name}{card}", record.payment.order_name);
    page.pair(words.get("history.payment"), &format!("{}  {what}", mode_word(record, words)), 2);
    page.pair(words.get("history.id"), record.id.as_str(), 1);
    if !refund.is_current {
        return;
    }
    let left = text!(
        "history.refund.left",
        total = money_or(record.payment.total, words),
        left = money_or(record.balance(), words)
    );
    page.pair(words.get("history.refund.balance"), &words.text(&left), 1);
}

fn sheet(model: &Model, refund: &Refund, buf: &mut Buffer, area: Rect, look: Look<'_>) -> Option<Position> {
    let words = look.words;
    let mut head = Page::new(look, area.width);
    about(refund, &mut head, look);
    head.gap();
    let mut y = area.y + head.height();
    head.draw(buf, area);
    let mut cursor = None;
    for row in refund.rows(model.now()) {
        let focused = row == refund.focus;
        let turned = match row {
            RefundRow::Requester => Some(words.get(match refund.requester {
                None => "history.refund.requester-none",
                Some(Requester::Customer) => "history.refund.requester-customer",
                Some(Requester::Admin) => "history.refund.requester-admin",
            })),
            RefundRow::Bank => Some(refund.bank.map_or_else(
                || words.get("history.refund.bank-none"),
                |bank| if words.lang() == crate::i18n::Lang::Ko { bank.ko } else { bank.en },
            )),
            _ => None,
        };
        let room = usize::from(FORM.value);
        let (value, at) = match (turned, refund.edit(row)) {
            (Some(value), _) => (format!("< {value} >"), 2),
            (None, Some(edit)) => {
                let (shown, at) = edit.view(room);
                (shown.to_owned(), at)
            }
            (None, None) => (String::new(), 0),
        };
        let hint = (row == RefundRow::Amount && refund.amount.is_empty())
            .then(|| (Tone::Hint, words.get("history.refund.amount-hint")));
        let shown = Row {
            label: words.get(label(row)),
            required: matches!(row, RefundRow::Amount | RefundRow::Reason),
            value: &value,
            cursor: focused.then_some(at),
            message: hint,
        };
        let place = Rect { y, height: 1, ..area };
        cursor = form::draw(buf, place, &shown, FORM, look.theme, look.glyphs).or(cursor);
        y += 1;
    }
    y += 1;
    let mut page = Page::new(look, area.width);
    if let Some(said) = &refund.said {
        page.say(Tone::Warning, &words.text(said));
    }
    if let Some(rest) = refund.rest().filter(|_| !refund.typed().is_zero()) {
        page.say(Tone::Hint, &words.text(&text!("history.refund.rest", left = money(rest, words))));
    }
    findings(&refund.told_findings(model.now()), &mut page, look);
    let room = Rect { y, height: area.bottom().saturating_sub(y), ..area };
    page.draw(buf, room);
    cursor
}

/// What stands in the way, what blocks first.
fn findings(found: &[Finding], page: &mut Page<'_>, look: Look<'_>) {
    for finding in found {
        let tone = if finding.severity() == Severity::Warns { Tone::Warning } else { Tone::Error };
        let said = Text { key: finding.rule.key(), args: finding.figures.clone() };
        page.say(tone, &look.words.text(&said));
    }
}

fn question(
    model: &Model,
    refund: &Refund,
    buf: &mut Buffer,
    area: Rect,
    look: Look<'_>,
) -> Option<Position> {
    let words = look.words;
    let RefundPhase::Question { earlier, .. } = &refund.phase else { return None };
    let mut page = Page::new(look, QUESTION - 4);
    page.pair(words.get("history.refund.amount"), &money(refund.typed(), words), 1);
    page.pair(words.get("history.refund.stays"), &money_or(refund.rest(), words), 1);
    about(refund, &mut page, look);
    page.pair(words.get("history.refund.reason"), refund.reason.text().trim(), 2);
    if let (Some(bank), false) = (refund.bank, refund.account.is_empty()) {
        let name = if words.lang() == crate::i18n::Lang::Ko { bank.ko } else { bank.en };
        let to = format!("{name} {} {}", refund.account.text(), refund.holder.text());
        page.pair(words.get("history.refund.account"), &to, 2);
    }
    page.gap();
    let warned: Vec<Finding> = refund.findings(model.now());
    findings(&warned, &mut page, look);
    if let Some(earlier) = earlier {
        let text = text!(
            "history.refund.earlier",
            at = to_the_minute(earlier.new.created),
            who = SafeText::new(&earlier.new.operator.user),
            amount = money(earlier.new.amount, words)
        );
        page.say(Tone::Warning, &words.text(&text));
        page.say(Tone::Warning, words.get("history.refund.earlier-reason"));
    }
    let reason_rows = u16::from(earlier.is_some());
    let mut height = page.height() + reason_rows + 4;
    if height > area.height {
        page.tighten();
        height = page.height() + reason_rows + 3;
    }
    let place = overlay::centred(area, QUESTION, height.min(area.height));
    let inner = overlay::popup(buf, place, words.get("history.refund.title"), look.theme, look.glyphs);
    let body = Rect { height: inner.height.saturating_sub(1 + reason_rows), ..inner };
    let mut below = page.end(inner);
    below.y = below.y.min(body.bottom());
    page.draw(buf, body);
    let mut cursor = None;
    if earlier.is_some() {
        let room = usize::from(inner.right().saturating_sub(below.x));
        let (shown, at) = refund.guard_reason.view(room);
        line(buf, inner, below.x, below.y, shown, look.theme.value);
        cursor = Some(Position::new(below.x + cells(at), below.y));
    }
    how_to_answer(refund.is_ready().then_some("history.refund.ready"), buf, inner, look);
    cursor
}

fn end(refund: &Refund, stand: &RefundStand, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let words = look.words;
    let mut page = Page::new(look, area.width);
    let sum = refund.sent.as_ref().map_or(refund.typed(), |order| order.amount);
    let sum = money(sum, words);
    let mut slip = None;
    match stand {
        RefundStand::Done(cancellation) => {
            page.say(Tone::Ok, &words.text(&text!("history.refund.done", amount = sum)));
            page.say(Tone::Hint, words.get("history.refund.done-next"));
            slip = cancellation.as_ref().and_then(|one: &Cancellation| one.receipt_url.clone());
        }
        RefundStand::Requested(_) => {
            page.say(Tone::Warning, &words.text(&text!("history.refund.requested", amount = sum)));
            page.say(Tone::Warning, words.get("history.refund.requested-next"));
        }
        RefundStand::Failed(refusal) => {
            page.say(Tone::Error, &words.text(&text!("history.refund.failed", amount = sum)));
            let code = refusal.code.as_ref().map_or("", SafeText::as_str);
            page.say(Tone::Hint, format!("{code} {}", refusal.message).trim());
            page.say(Tone::Hint, words.get("history.refund.failed-next"));
        }
        RefundStand::NotSent(problem, found) => {
            page.say(Tone::Error, &words.text(&text!("history.refund.not-sent", amount = sum)));
            trouble(&crate::error::words(problem), &mut page, look);
            findings(found, &mut page, look);
        }
        RefundStand::Unknown => {
            page.say(Tone::Warning, &words.text(&text!("history.refund.unknown", amount = sum)));
            page.say(Tone::Warning, words.get("history.refund.unknown-next"));
        }
    }
    page.gap();
    about(refund, &mut page, look);
    if let Some(sent) = &refund.sent {
        page.pair(words.get("history.refund.reason"), &sent.reason, 2);
        page.pair(words.get("history.reference"), sent.id.as_str(), 1);
    }
    if let Some(slip) = slip {
        page.pair(words.get("history.slip"), slip.as_str(), 3);
    }
    page.draw(buf, area);
}
