//! The question before a key goes: whose it is, what would not be charged any more, who asked for it and why.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::super::model::{Deletion, DeletionEnd, Model};
use super::detail::schedule_line;
use super::{amount, card, customer, next};
use crate::domain::order::Requester;
use crate::domain::outcome::Outcome;
use crate::text;
use crate::tui::widgets::{Look, Tone, cells, line, overlay, page::Page};

/// The box's columns, border and margins included.
const WIDTH: u16 = 70;
/// Rows of the box besides its page: the border, the reason, a blank and the keys.
const AROUND: u16 = 5;
/// How many schedules are named one by one, where there is room.
const NAMED: usize = 5;

pub(super) fn draw(
    model: &Model,
    deletion: &Deletion,
    buf: &mut Buffer,
    area: Rect,
    look: Look<'_>,
) -> Option<Position> {
    let words = look.words;
    let most = area.height.saturating_sub(AROUND);
    // The line for the reason must be seen: rather fewer schedules are named.
    let mut page = question(model, deletion, NAMED, look);
    for named in (0..NAMED).rev().take_while(|_| deletion.schedules.is_some()) {
        if page.height() <= most {
            break;
        }
        page = question(model, deletion, named, look);
    }
    if page.height() > most {
        page.tighten();
    }
    let asks = deletion.is_asking();
    let place = overlay::centred(area, WIDTH, (page.height() + AROUND).min(area.height));
    let inner = overlay::popup(buf, place, words.get("billing.delete.title"), look.theme, look.glyphs);
    let body = Rect { height: inner.height.saturating_sub(2), ..inner };
    let mut end = page.end(inner);
    end.y = end.y.min(body.bottom());
    page.draw(buf, body);
    let mut cursor = None;
    if asks {
        let room = usize::from(inner.right().saturating_sub(end.x));
        let (shown, at) = deletion.reason.view(room);
        line(buf, inner, end.x, end.y, shown, look.theme.value);
        cursor = Some(Position::new(end.x + cells(at), end.y));
    }
    let (keys, style) = if deletion.is_flying() {
        ("billing.delete.sent", look.theme.dim)
    } else if deletion.is_ready() {
        ("billing.delete.ready", look.theme.focus)
    } else if deletion.end.is_some() || deletion.problem.is_some() {
        ("billing.delete.leave", look.theme.focus)
    } else {
        ("keyin.confirm.wait", look.theme.dim)
    };
    line(buf, inner, inner.x, inner.bottom().saturating_sub(1), words.get(keys), style);
    cursor
}

fn question<'a>(model: &Model, deletion: &Deletion, named: usize, look: Look<'a>) -> Page<'a> {
    let words = look.words;
    let mut page = Page::new(look, WIDTH - 4);
    page.pair(words.get("billing.column.key"), &deletion.key.key.shortened(), 1);
    page.pair(words.get("billing.column.customer"), &customer(&deletion.key), 1);
    page.pair(words.get("billing.column.card"), &card(&deletion.key), 1);
    if let Some(channel) = &deletion.channel {
        let mode = words.get(if channel.mode == crate::domain::channel::Mode::Live {
            "env.live"
        } else {
            "env.test"
        });
        page.pair("PG", &format!("{} ({})  {mode}", channel.name, channel.pg), 1);
    }
    let by = match deletion.requester {
        Requester::Customer => "billing.requester.customer",
        Requester::Admin => "billing.requester.admin",
    };
    page.pair(words.get("billing.delete.who"), &format!("< {} >", words.get(by)), 1);
    page.gap();
    hanging(deletion, named, &mut page, look);
    if deletion.end.is_none() {
        page.say(Tone::Warning, words.get("billing.delete.final"));
    }
    if deletion.is_asking() {
        page.say(Tone::Hint, words.get("billing.delete.reason"));
        if let Some(said) = &model.said {
            page.say(Tone::Warning, &words.text(said));
        }
    }
    page
}

/// What hangs on it, or what came of the answer.
fn hanging(deletion: &Deletion, named: usize, page: &mut Page<'_>, look: Look<'_>) {
    let words = look.words;
    match &deletion.end {
        Some(DeletionEnd::Unknown) => return page.say(Tone::Warning, words.get("billing.delete.unknown")),
        Some(DeletionEnd::Done) => return page.say(Tone::Ok, words.get("billing.delete.done")),
        Some(DeletionEnd::StillThere) => return page.say(Tone::Error, words.get("billing.delete.not-done")),
        Some(DeletionEnd::Not(outcome)) => {
            page.say(Tone::Error, words.get("billing.delete.not-done"));
            return match outcome {
                Outcome::NotCharged(problem) => {
                    page.say(Tone::Warning, &next(problem, look));
                    page.say(Tone::Hint, &words.text(&crate::error::words(problem).what));
                }
                Outcome::Declined(refusal) => page.say(Tone::Hint, refusal.message.as_str()),
                Outcome::Approved(_) | Outcome::Unknown(_) | Outcome::Blocked(_) => {}
            };
        }
        None => {}
    }
    if let Some(problem) = &deletion.problem {
        page.say(Tone::Error, words.get("billing.schedules-unknown"));
        return page.say(Tone::Warning, &next(problem, look));
    }
    match deletion.schedules.as_deref() {
        None => page.say(Tone::Hint, words.get("billing.loading")),
        Some([]) => page.say(Tone::Ok, words.get("billing.delete.nothing-hangs")),
        Some(open) => {
            let sum = amount(deletion.sum(), look);
            let text = text!("billing.delete.hangs", count = open.len(), sum = sum);
            page.say(Tone::Warning, &words.text(&text));
            for schedule in open.iter().take(named) {
                page.row(2, schedule_line(schedule, look), look.theme.text);
            }
            if named > 0 && open.len() > named {
                let more = text!("billing.more-schedules", count = open.len() - named);
                page.say(Tone::Hint, &words.text(&more));
            }
        }
    }
}
