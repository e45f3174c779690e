//! One schedule in three parts: what it is, what can be done with it, what was done.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::model::{Detail, Known, Model};
use super::work::kind;
use super::{amount, day_name, name, state};
use crate::domain::due::{self, to_the_minute};
use crate::domain::intent::{Intent, IntentState};
use crate::domain::record::PaymentRecord;
use crate::tui::keymap::{BINDINGS, Context, key_name};
use crate::tui::widgets::{Look, Tone, page::Page};

pub(super) fn draw(model: &Model, detail: &Detail, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let words = look.words;
    let mut page = Page::new(look, area.width);
    page.row(0, words.get("calendar.detail.facts"), look.theme.title);
    facts(model, detail, &mut page, look);
    page.gap();
    page.row(0, words.get("calendar.detail.actions"), look.theme.title);
    actions(model, &mut page, look);
    page.gap();
    page.row(0, words.get("calendar.detail.history"), look.theme.title);
    match (&detail.known, &detail.problem) {
        (_, Some(problem)) => {
            let problem = crate::error::asking(problem);
            page.say(Tone::Warning, &words.text(&problem.next));
            page.say(Tone::Hint, &words.text(&problem.what));
        }
        (None, None) => page.say(Tone::Hint, words.get("billing.loading")),
        (Some(known), None) => history(known, &mut page, look),
    }
    page.draw_from(detail.scroll, buf, area);
}

fn facts(model: &Model, detail: &Detail, page: &mut Page<'_>, look: Look<'_>) {
    let words = look.words;
    let schedule = detail.schedule();
    let at = due::in_korea(schedule.at);
    if detail.is_gone() {
        page.say(Tone::Error, words.get("calendar.detail.gone"));
    }
    let when = format!("{}-{} {}", at.year(), day_name(at.date(), look), at.strftime("%H:%M"));
    page.pair(words.get("calendar.column.time"), &when, 1);
    page.pair(words.get("calendar.form.amount"), &amount(schedule.amount, look), 1);
    let overdue = schedule.state.is_open() && schedule.at <= model.now();
    let told = state(&schedule.state, look);
    let told = if overdue { format!("{told}  {}", words.get("calendar.detail.overdue")) } else { told };
    page.pair(words.get("calendar.column.state"), &told, 1);
    if let Some(refusal) = &schedule.refusal {
        let code = refusal.code.as_ref().map(|code| format!("[{}] ", code.as_str())).unwrap_or_default();
        page.pair(words.get("calendar.detail.reason"), &format!("{code}{}", refusal.message.as_str()), 2);
    }
    let customer = &schedule.customer;
    let contact: Vec<&str> =
        [customer.id(), customer.phone(), customer.email()].into_iter().flatten().collect();
    let who = format!("{}  {}", name(schedule), contact.join("  "));
    page.pair(words.get("calendar.column.name"), who.trim(), 2);
    page.pair(words.get("calendar.form.order-name"), schedule.order_name.as_str(), 2);
    page.pair(words.get("billing.column.key"), &schedule.key.shortened(), 1);
    page.pair(words.get("calendar.detail.payment"), schedule.payment_id.as_str(), 1);
    page.pair(words.get("calendar.detail.id"), schedule.id.as_str(), 1);
}

/// What can be done now, with its key; and if nothing can, that.
fn actions(model: &Model, page: &mut Page<'_>, look: Look<'_>) {
    let words = look.words;
    let offered = BINDINGS
        .iter()
        .filter(|binding| binding.context == Context::ScheduleDetail && binding.asks_first)
        .filter(|binding| model.can(binding.action));
    let mut any = false;
    for binding in offered {
        if let Some(key) = binding.keys.first() {
            any = true;
            page.pair(&key_name(*key, words.lang()), words.get(binding.help), 1);
        }
    }
    if !any {
        page.say(Tone::Hint, words.get("calendar.detail.no-actions"));
    }
}

fn history(known: &Known, page: &mut Page<'_>, look: Look<'_>) {
    let words = look.words;
    for intent in &known.told.history {
        step(intent, page, look);
    }
    match &known.attempts {
        Ok(attempts) => {
            for attempt in attempts {
                charge(attempt, page, look);
            }
            if attempts.is_empty() && known.told.history.is_empty() {
                page.say(Tone::Hint, words.get("calendar.detail.no-history"));
            }
        }
        Err(problem) => {
            page.say(Tone::Warning, words.get("calendar.detail.no-attempts"));
            page.say(Tone::Hint, &words.text(&crate::error::asking(problem).next));
        }
    }
}

/// Something that was done here: when, by whom, to when it was moved, how it ended.
fn step(intent: &Intent, page: &mut Page<'_>, look: Look<'_>) {
    let words = look.words;
    let what = words.get(kind(intent.new.kind));
    let end = words.get(match intent.state {
        IntentState::Approved => "calendar.end.done",
        IntentState::Declined => "calendar.end.declined",
        IntentState::NotCharged => "calendar.end.not-done",
        IntentState::Intended | IntentState::Sent | IntentState::Unknown => "calendar.end.unknown",
    });
    let to = intent.new.due.map(|at| format!(" > {}", to_the_minute(at))).unwrap_or_default();
    let text =
        format!("{}  {what}{to}  {end}  {}", to_the_minute(intent.new.created), intent.new.operator.user);
    page.row(2, text, look.theme.text);
    if let Some(refusal) = &intent.refusal {
        page.say(Tone::Warning, refusal.message.as_str());
    }
}

/// An attempt to charge it, as the provider tells it.
fn charge(attempt: &PaymentRecord, page: &mut Page<'_>, look: Look<'_>) {
    let words = look.words;
    let payment = &attempt.payment;
    let at = attempt.changed_at.or(attempt.requested_at);
    let when = at.and_then(|at| jiff::Timestamp::from_second(at).ok()).map(to_the_minute).unwrap_or_default();
    let end = if payment.state.was_paid() {
        "calendar.end.paid"
    } else if payment.refusal.is_some() {
        "calendar.end.declined"
    } else {
        "calendar.end.open"
    };
    let text = format!(
        "{when}  {}  {}  {}",
        words.get("calendar.attempt"),
        amount(payment.total, look),
        words.get(end)
    );
    page.row(2, text, look.theme.text);
    if let Some(refusal) = &payment.refusal {
        let code = refusal.code.as_ref().map(|code| format!("[{}] ", code.as_str())).unwrap_or_default();
        page.say(Tone::Error, &format!("{code}{}", refusal.message.as_str()));
    }
}
