//! Something that is done with schedules: what will come of it, how far it is, what came of it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::model::{Stage, Work};
use super::{action, amount, day_name, exact, name, short};
use crate::domain::bulk::{Action, ActionEnd, ActionKind, BulkEnd, Plan, PlanItem, WhyNot};
use crate::domain::channel::Mode;
use crate::domain::due::{self, to_the_minute};
use crate::domain::intent::IntentKind;
use crate::domain::outcome::Outcome;
use crate::domain::text::SafeText;
use crate::text;
use crate::tui::columns;
use crate::tui::widgets::{Look, Tone, cells, line, overlay, page::Page};

/// The box's columns, border and margins included.
const WIDTH: u16 = 74;
/// How many items are named one by one in the question.
const NAMED: usize = 5;

pub(super) fn draw(work: &Work, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let words = look.words;
    let mut page = Page::new(look, WIDTH - 4);
    match &work.stage {
        Stage::Planning => page.say(Tone::Hint, words.get("calendar.work.planning")),
        Stage::Refused(problem) => {
            let problem = crate::error::words(problem);
            page.say(Tone::Error, words.get("calendar.work.refused"));
            page.say(Tone::Warning, &words.text(&problem.next));
            page.say(Tone::Hint, &words.text(&problem.what));
        }
        Stage::Asking { plan, .. } => question(plan, &mut page, look),
        Stage::Running { done, of, stopping } => running(*done, *of, *stopping, &mut page, look),
        Stage::Ended(end) => report(work, end, &mut page, look),
        Stage::Lost => page.say(Tone::Warning, words.get("calendar.work.lost")),
    }
    let title = words.get(work.kind.map_or("hint.resume", action));
    let place = overlay::centred(area, WIDTH, (page.height() + 4).min(area.height));
    let inner = overlay::popup(buf, place, title, look.theme, look.glyphs);
    let body = Rect { height: inner.height.saturating_sub(2), ..inner };
    page.draw_from(work.scroll, buf, body);
    let (keys, style) = match &work.stage {
        Stage::Planning => ("calendar.work.cancel-key", look.theme.dim),
        Stage::Asking { plan, .. } if plan.count() == 0 => ("calendar.work.cancel-key", look.theme.focus),
        Stage::Asking { .. } if work.is_ready() => ("calendar.work.keys", look.theme.focus),
        Stage::Asking { .. } => ("keyin.confirm.wait", look.theme.dim),
        Stage::Running { stopping: false, .. } => ("calendar.work.stop-key", look.theme.focus),
        Stage::Running { .. } => ("calendar.work.stopping", look.theme.dim),
        Stage::Ended(_) | Stage::Refused(_) | Stage::Lost => ("calendar.work.close-key", look.theme.focus),
    };
    line(buf, inner, inner.x, inner.bottom().saturating_sub(1), words.get(keys), style);
}

/// What, how many, what it comes to, and what can't be done and why.
fn question(plan: &Plan, page: &mut Page<'_>, look: Look<'_>) {
    let words = look.words;
    let count = plan.count();
    let sums: Vec<String> = plan
        .totals()
        .into_iter()
        .map(|(currency, sum)| exact(sum, &SafeText::new(currency.code()), look))
        .collect();
    let sum = if sums.is_empty() { words.get("billing.amount-unknown").to_owned() } else { sums.join(", ") };
    match plan.items.first().map(|item| item.action.kind()) {
        _ if count == 0 => page.say(Tone::Error, words.get("calendar.work.nothing")),
        Some(kind) => {
            let count = short::grouped(u64::try_from(count).unwrap_or(u64::MAX), 0);
            let asked = match kind {
                ActionKind::Create => text!("calendar.ask.create", count = count, sum = sum),
                ActionKind::Move => text!("calendar.ask.move", count = count, sum = sum),
                ActionKind::Revoke => text!("calendar.ask.revoke", count = count, sum = sum),
                ActionKind::Retry => text!("calendar.ask.retry", count = count, sum = sum),
                ActionKind::Rebook => text!("calendar.ask.rebook", count = count, sum = sum),
                ActionKind::ChargeNow => text!("calendar.ask.charge-now", count = count, sum = sum),
            };
            page.say(Tone::Warning, &words.text(&asked));
            modes(plan, page, look);
        }
        None => {}
    }
    for item in plan.ready().take(NAMED) {
        page.row(2, cut(&told(item, look), look), look.theme.text);
    }
    if count > NAMED {
        let more = text!("billing.more-schedules", count = count - NAMED);
        page.row(2, words.text(&more), look.theme.hint);
    }
    if plan.already() > 0 {
        page.say(Tone::Hint, &words.text(&text!("calendar.work.already", count = plan.already())));
    }
    for why in WhyNot::ALL {
        let refused: Vec<&PlanItem> =
            plan.refused().filter(|(_, told)| *told == why).map(|(item, _)| item).collect();
        if let Some(first) = refused.first() {
            let why = words.get(reason(why));
            let text = text!("calendar.work.cannot", count = refused.len(), why = why);
            page.say(Tone::Error, &words.text(&text));
            page.row(4, cut(&told(first, look), look), look.theme.dim);
        }
    }
}

/// As much of an item as the box has room for.
fn cut(text: &str, look: Look<'_>) -> String {
    columns::cut_marked(text, usize::from(WIDTH) - 9, look.glyphs.cut)
}

/// Through test or live contracts.
fn modes(plan: &Plan, page: &mut Page<'_>, look: Look<'_>) {
    let words = look.words;
    let channels = || plan.ready().filter_map(|item| item.channel.as_ref());
    let live = channels().filter(|channel| channel.mode == Mode::Live).count();
    let test = channels().filter(|channel| channel.mode == Mode::Test).count();
    if live > 0 {
        page.row(2, format!("{} {live}", words.get("env.live")), look.theme.live);
    }
    if test > 0 {
        page.row(2, format!("{} {test}", words.get("env.test")), look.theme.test);
    }
}

/// One item: when, and to when; who and how much.
fn told(item: &PlanItem, look: Look<'_>) -> String {
    let when = |at: jiff::Timestamp| {
        let at = due::in_korea(at);
        format!("{} {}", day_name(at.date(), look), at.strftime("%H:%M"))
    };
    let who = match &item.action {
        Action::Create(order) => order.sale.customer.name().unwrap_or("-").to_owned(),
        action => action.schedule().map(name).unwrap_or_default(),
    };
    let from = item.action.schedule().map(|schedule| when(schedule.at));
    let to = item.action.at().map(when);
    let time = match (from, to) {
        (Some(from), Some(to)) => format!("{from} > {to}"),
        (from, to) => from.or(to).unwrap_or_default(),
    };
    // The name last: where there is no room for all of it, the amount is still seen.
    format!("{time}  {}  {who}", amount(item.action.amount(), look))
}

fn running(done: usize, of: usize, stopping: bool, page: &mut Page<'_>, look: Look<'_>) {
    let words = look.words;
    let room = usize::from(WIDTH) - 26;
    // Whole only when all of it is done.
    let filled = (room * done.min(of)).checked_div(of).unwrap_or(0);
    let bar = format!("[{}{}]", "#".repeat(filled), ".".repeat(room - filled));
    let count = if of == 0 { String::new() } else { format!(" {done}/{of}") };
    page.row(0, format!("{bar}{count}"), look.theme.value);
    page.gap();
    page.say(Tone::Hint, words.get("calendar.work.running"));
    if stopping {
        page.say(Tone::Warning, words.get("calendar.work.stop-what"));
    }
}

/// The sums of it, then every item: those that need somebody first.
fn report(work: &Work, end: &BulkEnd, page: &mut Page<'_>, look: Look<'_>) {
    let words = look.words;
    let text = text!(
        "calendar.work.ended",
        done = end.done(),
        failed = end.failed(),
        unknown = end.unknown(),
        already = end.already()
    );
    let tone = if end.failed() + end.unknown() > 0 { Tone::Warning } else { Tone::Ok };
    page.say(tone, &words.text(&text));
    if end.left > 0 {
        page.say(Tone::Warning, &words.text(&text!("calendar.work.left", count = end.left)));
    }
    if end.unknown() > 0 {
        page.say(Tone::Warning, words.get("calendar.work.unknown"));
    }
    page.gap();
    let rank = |end: &ActionEnd| match &end.outcome {
        _ if end.lost.is_some() => 0,
        Outcome::Unknown(_) => 1,
        _ if end.is_already() => 3,
        Outcome::Approved(_) => 4,
        _ => 2,
    };
    let mut ends: Vec<&ActionEnd> = end.ends.iter().collect();
    ends.sort_by_key(|end| rank(end));
    for end in ends {
        item(work, end, page, look);
    }
}

/// One item of the report.
fn item(work: &Work, end: &ActionEnd, page: &mut Page<'_>, look: Look<'_>) {
    let words = look.words;
    let planned = work.item(&end.id).map(|item| told(item, look));
    let what = planned.unwrap_or_else(|| {
        let id = end.schedule.as_ref().map_or(end.id.as_str(), SafeText::as_str);
        format!("{} {id}", words.get(kind(end.kind)))
    });
    let (mark, style, why) = match &end.outcome {
        Outcome::Approved(_) => (look.glyphs.ok, look.theme.ok, None),
        Outcome::Unknown(_) => {
            (look.glyphs.unknown, look.theme.warning, Some(words.get("calendar.end.unknown").to_owned()))
        }
        Outcome::Declined(refusal) => {
            (look.glyphs.error, look.theme.error, Some(refusal.message.as_str().to_owned()))
        }
        Outcome::NotCharged(_) if end.is_already() => {
            (look.glyphs.ok, look.theme.dim, Some(words.get("calendar.end.already").to_owned()))
        }
        Outcome::NotCharged(problem) => {
            (look.glyphs.error, look.theme.error, Some(words.text(&crate::error::words(problem).what)))
        }
        Outcome::Blocked(_) => {
            (look.glyphs.error, look.theme.error, Some(words.get("calendar.end.guarded").to_owned()))
        }
    };
    page.row(0, mark, style);
    let room = usize::from(WIDTH) - 8;
    page.and(2, columns::cut_marked(&what, room, look.glyphs.cut), look.theme.text);
    if let Some(why) = why {
        for part in columns::wrap(&why, room - 2) {
            page.row(cells(4), part, style);
        }
    }
    if let Some(lost) = &end.lost {
        let when = lost.at.map(to_the_minute);
        let sum = amount(Some(lost.amount), look);
        let text = text!("calendar.work.lost-one", when = when.unwrap_or_default(), sum = sum);
        page.say(Tone::Error, &words.text(&text));
    }
}

/// The catalogue's key of what an intent is called.
pub(super) const fn kind(kind: IntentKind) -> &'static str {
    match kind {
        IntentKind::CreateSchedule => "hint.book",
        IntentKind::MoveSchedule => "hint.move",
        IntentKind::RevokeSchedules => "hint.revoke",
        IntentKind::RetrySchedule => "hint.retry",
        IntentKind::RebookSchedule => "hint.rebook",
        _ => "hint.charge-now",
    }
}

/// The catalogue's key of why something can't be done.
const fn reason(why: WhyNot) -> &'static str {
    match why {
        WhyNot::Gone => "calendar.why-not.gone",
        WhyNot::NotOpen => "calendar.why-not.not-open",
        WhyNot::NotEnded => "calendar.why-not.not-ended",
        WhyNot::Past => "calendar.why-not.past",
        WhyNot::SameTime => "calendar.why-not.same-time",
        WhyNot::NoChannel => "calendar.why-not.no-channel",
        WhyNot::KeyGone => "calendar.why-not.key-gone",
        WhyNot::Currency => "calendar.why-not.currency",
        WhyNot::Twice => "calendar.why-not.twice",
        WhyNot::Pending => "calendar.why-not.pending",
    }
}
