//! What is known of the caller: latest payments, keys, open schedules. Beside the form where there is room,
//! else below it.

use jiff::Timestamp;

use super::super::model::Model;
use super::super::model::caller::{Found, Seen};
use super::page::Page;
use super::{Look, won};
use crate::domain::caller::AtProvider;
use crate::domain::due;
use crate::domain::intent::{Intent, IntentState};
use crate::domain::payment::PaymentState;
use crate::domain::pg::Generation;
use crate::domain::record::PaymentRecord;
use crate::domain::text::SafeText;
use crate::i18n::Catalogue;
use crate::text;
use crate::tui::columns;
use crate::tui::widgets::Tone;

/// Its columns beside the form.
pub(super) const WIDTH: u16 = 42;

/// One line: when it was, for the order, and the words.
struct Line {
    at: i64,
    text: String,
}

/// At most `room` lines about the caller.
pub(super) fn page<'a>(seen: &Seen, model: &Model, look: Look<'a>, width: u16, room: usize) -> Page<'a> {
    let words = look.words;
    let mut page = Page::new(look, width);
    let mut say = |tone: Tone, text: &str| {
        if usize::from(page.height()) < room {
            // One line each: the list is read at a glance.
            page.say(tone, &columns::cut_marked(text, usize::from(width) - 2, look.glyphs.cut));
        }
    };
    let provider = match &seen.found {
        Found::Asking(_) => {
            say(Tone::Hint, words.get("keyin.caller.asking"));
            None
        }
        Found::Failed(_) => {
            say(Tone::Warning, words.get("keyin.caller.failed"));
            None
        }
        Found::Known(caller) => {
            if caller.at_provider.is_err() {
                say(Tone::Warning, words.get("keyin.caller.here-only"));
            }
            caller.at_provider.as_ref().ok()
        }
    };
    let payments = payments(seen.from_ledger(), provider, words);
    let known = provider.is_some();
    if known && payments.is_empty() && provider.is_some_and(|provider| provider.keys.is_empty()) {
        say(Tone::Hint, words.get("keyin.caller.nobody"));
    } else if known || !payments.is_empty() {
        say(Tone::Hint, words.get("keyin.caller.title"));
    }
    if known && model.fields.channel().generation == Generation::V1 {
        say(Tone::Hint, words.get("keyin.caller.v1"));
    }
    // A few of each, so that many payments don't hide a schedule.
    let few = (room / 3).max(1);
    for line in payments.iter().take(few.max(room.saturating_sub(6))) {
        say(Tone::Hint, &line.text);
    }
    let Some(provider) = provider else { return page };
    for schedule in provider.schedules.iter().take(few) {
        let amount = schedule.amount.map(|amount| won(amount, words)).unwrap_or_default();
        let day = day(schedule.at.as_second());
        let line = text!("keyin.caller.schedule", day = day, amount = amount, name = schedule.order_name);
        say(Tone::Warning, &words.text(&line));
    }
    for key in provider.keys.iter().take(few) {
        let card = key.card.as_ref().map(ToString::to_string).unwrap_or_default();
        let issuer = key.issuer.as_ref().map_or("", SafeText::as_str);
        let line = text!("keyin.caller.key", key = key.key.shortened(), card = card, issuer = issuer);
        say(Tone::Hint, words.text(&line).trim_end());
    }
    page
}

/// The payments of ledger and provider, each once, newest first. Of one that both know the provider's state
/// counts: it may have been cancelled since.
fn payments(here: &[Intent], provider: Option<&AtProvider>, words: &Catalogue) -> Vec<Line> {
    let listed = provider.map_or(&[][..], |provider| &provider.payments);
    let mut lines: Vec<Line> = listed.iter().map(|payment| of_provider(payment, words)).collect();
    let unlisted = here.iter().filter(|intent| {
        !intent.new.amount.is_zero()
            && !listed.iter().any(|listed| listed.id.as_str() == intent.new.id.as_str())
    });
    lines.extend(unlisted.map(|intent| of_ledger(intent, words)));
    lines.sort_by_key(|line| std::cmp::Reverse(line.at));
    lines
}

fn of_provider(listed: &PaymentRecord, words: &Catalogue) -> Line {
    let payment = &listed.payment;
    let at = payment.paid_at.or(listed.requested_at).unwrap_or(0);
    let state = match &payment.state {
        PaymentState::Paid => words.get("keyin.state.approved"),
        PaymentState::Failed => words.get("keyin.state.declined"),
        PaymentState::Cancelled => words.get("keyin.state.cancelled"),
        PaymentState::PartialCancelled => words.get("keyin.state.part-cancelled"),
        PaymentState::VirtualAccountIssued => words.get("keyin.state.waiting"),
        PaymentState::Ready | PaymentState::Pending => words.get("keyin.state.open"),
        PaymentState::Other(state) => state.as_str(),
    };
    let amount = payment.total.map_or_else(|| payment.currency.to_string(), |total| won(total, words));
    line(at, &amount, state, payment.order_name.as_str())
}

fn of_ledger(intent: &Intent, words: &Catalogue) -> Line {
    let state = match intent.state {
        IntentState::Approved => words.get("keyin.state.approved"),
        IntentState::Declined => words.get("keyin.state.declined"),
        IntentState::NotCharged => words.get("keyin.state.not-charged"),
        IntentState::Intended | IntentState::Sent | IntentState::Unknown => words.get("keyin.state.open"),
    };
    line(intent.new.created.as_second(), &won(intent.new.amount, words), state, &intent.new.order_name)
}

fn line(at: i64, amount: &str, state: &str, name: &str) -> Line {
    Line { at, text: format!("{} {amount} {state} {name}", day(at)) }
}

/// Month and day in Korea.
fn day(second: i64) -> String {
    Timestamp::from_second(second)
        .map(|at| due::in_korea(at).strftime("%m-%d").to_string())
        .unwrap_or_default()
}
