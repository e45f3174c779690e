//! One key: what is known of it, its latest charges, what is still to be charged to it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::model::Detail;
use super::{amount, customer, next};
use crate::domain::due::to_the_minute;
use crate::domain::intent::{Intent, IntentState};
use crate::domain::problem::Problem;
use crate::domain::schedule::ProviderSchedule;
use crate::domain::text::SafeText;
use crate::text;
use crate::tui::widgets::{Look, Tone, page::Page};

/// How many open schedules are listed; how many more there are is said.
const SCHEDULES: usize = 20;

pub(super) fn draw(detail: &Detail, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let words = look.words;
    let key = detail.known.as_ref().map_or(&detail.key, |known| &known.key);
    let mut page = Page::new(look, area.width);
    page.pair(words.get("billing.column.key"), &key.key.shortened(), 1);
    page.pair(words.get("billing.column.customer"), &customer(key), 2);
    let contact: Vec<&str> = [key.customer.phone(), key.customer.email()].into_iter().flatten().collect();
    if !contact.is_empty() {
        page.pair(words.get("billing.contact"), &contact.join("  "), 1);
    }
    let card = key.card.as_ref().map(ToString::to_string).unwrap_or_default();
    let issuer = key.issuer.as_ref().map_or("", SafeText::as_str);
    page.pair(words.get("billing.column.card"), format!("{card}  {issuer}").trim(), 1);
    let pg = key.pg.as_ref().map_or("", SafeText::as_str);
    let channel = detail.known.as_ref().map_or("", |known| known.channel.name.as_str());
    page.pair("PG", format!("{pg}  {channel}").trim(), 1);
    let mode = key.is_test.map_or("", |test| words.get(if test { "env.test" } else { "env.live" }));
    let is_alive = key.is_alive() && detail.problem != Some(Problem::KeyGone);
    let state = words.get(if is_alive { "billing.state.alive" } else { "billing.state.deleted" });
    page.pair(words.get("billing.column.state"), format!("{state}  {mode}").trim(), 1);
    if let Some(at) = key.since().and_then(|at| jiff::Timestamp::from_second(at).ok()) {
        page.pair(words.get("billing.column.issued"), &to_the_minute(at), 1);
    }
    page.gap();
    match (&detail.known, &detail.problem) {
        (_, Some(problem)) => {
            page.say(Tone::Error, &next(problem, look));
            page.say(Tone::Hint, &words.text(&crate::error::asking(problem).what));
        }
        (None, None) => page.say(Tone::Hint, words.get("billing.loading")),
        (Some(known), None) => {
            charges(&known.charges, &mut page, look);
            page.gap();
            match &known.schedules {
                Ok(open) => schedules(open, &mut page, look),
                Err(problem) => {
                    page.say(Tone::Warning, words.get("billing.schedules-unknown"));
                    page.say(Tone::Hint, &next(problem, look));
                }
            }
        }
    }
    page.draw_from(detail.scroll, buf, area);
}

fn charges(charges: &[Intent], page: &mut Page<'_>, look: Look<'_>) {
    let words = look.words;
    page.row(0, words.get("billing.charges"), look.theme.title);
    if charges.is_empty() {
        page.say(Tone::Hint, words.get("billing.no-charges"));
    }
    // Before anybody charges it again: the last one was refused.
    if let Some(refusal) = charges
        .first()
        .filter(|last| last.state == IntentState::Declined)
        .and_then(|last| last.refusal.as_ref())
    {
        page.say(Tone::Warning, &words.text(&text!("billing.last-declined", why = refusal.message)));
    }
    for intent in charges {
        let state = words.get(match intent.state {
            IntentState::Approved => "keyin.state.approved",
            IntentState::Declined => "keyin.state.declined",
            IntentState::NotCharged => "keyin.state.not-charged",
            IntentState::Intended | IntentState::Sent | IntentState::Unknown => "keyin.state.open",
        });
        let text = format!(
            "{}  {}  {state}  {}",
            to_the_minute(intent.new.created),
            amount(Some(intent.new.amount), look),
            intent.new.order_name
        );
        page.row(2, text, look.theme.text);
    }
}

pub(super) fn schedules(open: &[ProviderSchedule], page: &mut Page<'_>, look: Look<'_>) {
    let words = look.words;
    page.row(0, words.text(&text!("billing.schedules", count = open.len())), look.theme.title);
    for schedule in open.iter().take(SCHEDULES) {
        page.row(2, schedule_line(schedule, look), look.theme.text);
    }
    if open.len() > SCHEDULES {
        page.say(Tone::Hint, &words.text(&text!("billing.more-schedules", count = open.len() - SCHEDULES)));
    }
}

pub(super) fn schedule_line(schedule: &ProviderSchedule, look: Look<'_>) -> String {
    format!("{}  {}  {}", to_the_minute(schedule.at), amount(schedule.amount, look), schedule.order_name)
}
