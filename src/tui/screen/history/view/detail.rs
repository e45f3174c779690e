//! One payment: what it is, its timeline, the provider's own answer, its receipt as a square.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::model::{Detail, Event, Face, Known, Model, What, timeline};
use super::{intent_key, method_key, mode_word, money, money_or, state_key, trouble};
use crate::domain::due::to_the_minute;
use crate::domain::intent::{Intent, IntentKind};
use crate::domain::money::Money;
use crate::domain::payment::PaymentState;
use crate::domain::record::{Cancellation, PaymentRecord};
use crate::domain::refund::hand::BY_HAND;
use crate::domain::text::SafeText;
use crate::error::asking;
use crate::text;
use crate::tui::screen::keyin::view::qr;
use crate::tui::widgets::{Look, Tone, page::Page};

pub(super) fn draw(model: &Model, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let Some(detail) = &model.detail else { return };
    let words = look.words;
    let mut page = Page::new(look, area.width);
    if detail.face == Face::Raw {
        raw(detail, &mut page, look);
        return page.draw_from(detail.scroll, buf, area);
    }
    if let Some(said) = &model.said {
        page.say(Tone::Warning, &words.text(said));
    }
    facts(detail.record(), detail.known.as_ref(), &mut page, look);
    page.gap();
    if detail.gone {
        page.say(Tone::Error, words.get("history.gone"));
    }
    if let Some(problem) = &detail.problem {
        page.say(Tone::Error, words.get("history.not-known"));
        trouble(&asking(problem), &mut page, look);
    }
    match &detail.known {
        Some(known) => {
            if let Some(problem) = &known.offline {
                page.say(
                    Tone::Warning,
                    &words.text(&text!("history.offline", at = to_the_minute(known.asked_at))),
                );
                page.say(Tone::Hint, &words.text(&asking(problem).next));
            }
            if known.offline.is_none() && known.unknown_refund().is_some() {
                page.say(Tone::Warning, words.get("history.hand.offered"));
            }
            page.row(0, words.get("history.timeline"), look.theme.title);
            for event in timeline(known) {
                tell(&event, &mut page, look);
            }
        }
        None if detail.problem.is_none() && !detail.gone => {
            page.say(Tone::Hint, words.get("history.loading"));
        }
        None => {}
    }
    page.draw_from(detail.scroll, buf, area);
    if detail.face == Face::Qr
        && let Some(url) = detail.receipt_url()
    {
        // The header stays: whose money it is must be seen at all times.
        let room = Rect { x: 0, y: 1, width: buf.area.width, height: buf.area.height.saturating_sub(2) };
        qr::draw(url.as_str(), buf, room, look);
    }
}

fn raw(detail: &Detail, page: &mut Page<'_>, look: Look<'_>) {
    let words = look.words;
    page.row(0, words.get("history.raw"), look.theme.title);
    match &detail.raw {
        None => page.say(Tone::Hint, words.get("history.loading")),
        Some(Ok(None)) => page.say(Tone::Error, words.get("history.gone")),
        Some(Err(problem)) => trouble(&asking(problem), page, look),
        Some(Ok(Some(lines))) => {
            for line in lines {
                page.say(Tone::Hint, line.as_str());
            }
        }
    }
}

/// What it is, in pairs.
fn facts(record: &PaymentRecord, known: Option<&Known>, page: &mut Page<'_>, look: Look<'_>) {
    let words = look.words;
    let payment = &record.payment;
    page.pair(words.get("history.column.order"), payment.order_name.as_str(), 2);
    let mut amount = money_or(payment.total, words);
    if payment.total.is_none() {
        amount = format!("{amount} ({})", payment.currency);
    }
    let taxes = [("history.tax-free", record.tax_free), ("history.vat", record.vat)];
    for (name, part) in taxes {
        if let Some(part) = part.filter(|part| !part.is_zero()) {
            amount = format!("{amount}  {} {}", words.get(name), money(part, words));
        }
    }
    page.pair(words.get("history.column.amount"), &amount, 2);
    let mut state = words.get(state_key(record.state(), false)).to_owned();
    if let PaymentState::Other(word) = record.state() {
        state = format!("{state} {word}");
    }
    page.pair(words.get("history.column.state"), &format!("{state}  {}", mode_word(record, words)), 1);
    if let (Some(cancelled), Some(balance)) =
        (record.cancelled.filter(|sum| !sum.is_zero()), record.balance())
    {
        let text =
            text!("history.cancelled", cancelled = money(cancelled, words), left = money(balance, words));
        page.pair(words.get("history.refunds"), &words.text(&text), 2);
    }
    let customer = &record.customer;
    let person = [customer.name(), customer.id(), customer.phone(), customer.email()];
    let person: Vec<String> =
        person.into_iter().flatten().map(|text| SafeText::new(text).to_string()).collect();
    if !person.is_empty() {
        page.pair(words.get("history.column.customer"), &person.join("  "), 2);
    }
    page.pair(words.get("history.column.method"), &how(record, look), 2);
    let pg = payment.pg.as_ref().map_or("", SafeText::as_str);
    let channel = known.map_or("", |known| known.channel.name.as_str());
    page.pair(words.get("history.column.pg"), format!("{pg}  {channel}").trim(), 1);
    page.pair(words.get("history.id"), record.id.as_str(), 2);
    if let Some(id) = &payment.provider_payment_id {
        page.pair(words.get("history.provider-id"), id.as_str(), 1);
    }
    if let Some(account) = &payment.account {
        page.pair(words.get("history.account"), &format!("{} {}", account.bank, account.number), 1);
    }
    if let Some(receipt) = record.receipt {
        let key = match receipt {
            crate::domain::record::ReceiptState::Issued => "history.receipt.issued",
            crate::domain::record::ReceiptState::Cancelled => "history.receipt.cancelled",
            crate::domain::record::ReceiptState::NotIssued => "history.receipt.not-issued",
        };
        page.pair(words.get("history.receipt.title"), words.get(key), 1);
    }
    if let Some(url) = &payment.receipt_url {
        page.pair(words.get("history.slip"), url.as_str(), 3);
    }
    if let Some(refusal) = &payment.refusal {
        let code = refusal.code.as_ref().map_or("", SafeText::as_str);
        page.say(Tone::Error, format!("{code} {}", refusal.message).trim());
    }
}

/// The method, the card and its months, the approval.
fn how(record: &PaymentRecord, look: Look<'_>) -> String {
    let words = look.words;
    let payment = &record.payment;
    let mut parts = vec![words.get(method_key(record.method)).to_owned()];
    parts.extend(payment.card.as_ref().map(ToString::to_string));
    parts.extend(payment.issuer.as_ref().map(ToString::to_string));
    match payment.installments {
        Some(0) => parts.push(words.get("keyin.lump-sum").to_owned()),
        Some(months) => parts.push(words.text(&text!("keyin.months", months = months))),
        None => {}
    }
    if record.is_recurring() {
        parts.push(words.get("history.kind.recurring").to_owned());
    }
    if let Some(number) = &payment.approval_number {
        parts.push(words.text(&text!("history.approval", number = number)));
    }
    parts.join("  ")
}

/// One line of the timeline; what goes beyond it is wrapped below its text.
fn tell(event: &Event<'_>, page: &mut Page<'_>, look: Look<'_>) {
    let words = look.words;
    let at = event.at.map_or_else(|| words.get("history.no-time").to_owned(), to_the_minute);
    let (tone, mut what) = said(event, look);
    if let Some(who) = event.who {
        what = format!("{what}  ({})", SafeText::new(who));
    }
    page.say(tone, &format!("{at}  {what}"));
}

fn said(event: &Event<'_>, look: Look<'_>) -> (Tone, String) {
    let words = look.words;
    let word = |key: &'static str| words.get(key).to_owned();
    match event.what {
        What::Meant(intent) => (Tone::Hint, meant(intent, look)),
        What::Line(BY_HAND, detail) => by_hand(detail, look),
        What::Line(step, detail) => {
            let step = step_key(step).map_or(step, |key| words.get(key));
            (Tone::Hint, SafeText::message(&format!("{step} {detail}")).to_string())
        }
        What::Note(note) => {
            (Tone::Hint, format!("{}: {}", word("history.event.note"), SafeText::message(note)))
        }
        What::Requested(_) => (Tone::Hint, word("history.event.requested")),
        What::Paid(record) => (Tone::Ok, amounts("history.event.paid", record.payment.total, look)),
        What::Failed(record) => {
            let why = record.payment.refusal.as_ref().map_or("", |refusal| refusal.message.as_str());
            (Tone::Error, words.text(&text!("history.event.failed", why = why)))
        }
        What::State(record) => {
            let state = words.get(state_key(record.state(), false)).to_owned();
            (Tone::Hint, words.text(&text!("history.event.state", state = state)))
        }
        What::Webhook(seen) => {
            (Tone::Hint, words.text(&text!("history.event.webhook", status = seen.status)))
        }
        What::CancelAsked(one) => (Tone::Warning, cancellation("history.event.cancel-asked", one, look)),
        What::Cancelled(one) => (Tone::Ok, cancellation("history.event.cancelled", one, look)),
        What::CancelFailed(one) => {
            let mut text = cancellation("history.event.cancel-failed", one, look);
            if let crate::domain::record::CancellationState::Failed(refusal) = &one.state {
                text = format!("{text}: {}", refusal.message);
            }
            (Tone::Error, text)
        }
        What::ReceiptIssued(number) => {
            let number = number.map_or("", SafeText::as_str);
            (Tone::Ok, words.text(&text!("history.event.receipt", number = number)).trim().to_owned())
        }
        What::ReceiptCancelled => (Tone::Warning, word("history.event.receipt-cancelled")),
    }
}

/// The catalogue's key of a step of the journal.
fn step_key(word: &str) -> Option<&'static str> {
    Some(match word {
        "intended" => "history.step.intended",
        "sent" => "history.step.sent",
        "unseen" => "history.step.unseen",
        "approved" => "history.step.approved",
        "declined" => "history.step.declined",
        "not_charged" => "history.step.not_charged",
        "deposit" => "history.step.deposit",
        "noted" => "history.step.noted",
        _ => return None,
    })
}

/// What a person said, who, and how they know: `done who: reason` in the journal.
fn by_hand(detail: &str, look: Look<'_>) -> (Tone, String) {
    let (key, rest) = match detail.split_once(' ') {
        Some(("done", rest)) => ("history.step.by_hand-done", rest),
        Some(("not_done", rest)) => ("history.step.by_hand-not_done", rest),
        _ => ("history.step.by_hand", detail),
    };
    (Tone::Hint, SafeText::message(&format!("{}  {rest}", look.words.get(key))).to_string())
}

fn amounts(key: &'static str, amount: Option<Money>, look: Look<'_>) -> String {
    format!("{} {}", look.words.get(key), money_or(amount, look.words))
}

fn cancellation(key: &'static str, one: &Cancellation, look: Look<'_>) -> String {
    let text = amounts(key, Some(one.amount), look);
    if one.reason.is_empty() { text } else { format!("{text}: {}", one.reason) }
}

/// What we meant to do, and what became of it.
fn meant(intent: &Intent, look: Look<'_>) -> String {
    let words = look.words;
    let kind = match intent.new.kind {
        IntentKind::KeyIn => "history.intent.key_in",
        IntentKind::ChargeKey => "history.intent.charge_key",
        IntentKind::IssueAccount => "history.intent.issue_account",
        IntentKind::CloseAccount => "history.intent.close_account",
        IntentKind::Refund => "history.intent.refund",
        IntentKind::IssueReceipt => "history.intent.issue_receipt",
        IntentKind::CancelReceipt => "history.intent.cancel_receipt",
        _ => "history.intent.other",
    };
    let state = words.get(intent_key(intent.state));
    format!("{} {}: {state}", words.get(kind), money(intent.new.amount, words))
}
