//! The daily close: totals with their basis named, differences with what to do, what was kept, and bars.

use jiff::ToSpan as _;
use jiff::civil::Date;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::model::{CloseFace, Closing};
use super::{basis_word, kept, method_key, money, since, trouble};
use crate::domain::close::{ClosedDay, Difference, Env, Side, Sum, Tally, What};
use crate::domain::due::to_the_minute;
use crate::domain::listing::DayTotal;
use crate::domain::money::{Currency, Money};
use crate::domain::text::SafeText;
use crate::error::asking;
use crate::i18n::Catalogue;
use crate::text;
use crate::tui::columns;
use crate::tui::widgets::{Look, Tone, page::Page};

/// How many days the bars show.
const DAYS: i64 = 30;
/// How many closes that were kept are listed.
const KEPT: usize = 10;

pub(super) fn draw(closing: &Closing, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let words = look.words;
    if closing.face == CloseFace::Kept {
        return kept::draw(closing, buf, area, look);
    }
    let mut page = Page::new(look, area.width);
    let basis = basis_word(closing.basis, words);
    let title = text!("history.close.title", day = closing.day, basis = basis);
    page.row(0, words.text(&title), look.theme.title);
    page.gap();
    if closing.face == CloseFace::Bars {
        bars(closing, &mut page, area.width, look);
        return page.draw_from(closing.scroll, buf, area);
    }
    match (&closing.found, closing.busy) {
        (_, true) => page.say(Tone::Hint, words.get("history.close.busy")),
        (Some(Err(problem)), false) => {
            page.say(Tone::Error, words.get("history.close.failed"));
            trouble(&asking(problem), &mut page, look);
        }
        (Some(Ok(found)), false) => closed(closing, found, &mut page, look),
        (None, false) => {
            page.say(Tone::Hint, words.get("history.close.how"));
            if let Some(kept) = closing.kept() {
                let text = text!(
                    "history.close.kept",
                    at = to_the_minute(kept.made_at),
                    who = SafeText::new(&kept.operator)
                );
                page.say(Tone::Ok, &words.text(&text));
            }
            page.gap();
            before(closing, &mut page, area.width, look);
        }
    }
    page.draw_from(closing.scroll, buf, area);
}

/// The latest of the closes that were kept.
fn before(closing: &Closing, page: &mut Page<'_>, width: u16, look: Look<'_>) {
    page.row(0, look.words.get("history.close.before"), look.theme.title);
    if closing.lines().is_empty() {
        kept::nothing(closing, page, look);
    }
    for line in closing.lines().iter().take(KEPT) {
        page.row(2, kept::row(line, usize::from(width).saturating_sub(3), look), look.theme.text);
    }
}

fn closed(closing: &Closing, found: &ClosedDay, page: &mut Page<'_>, look: Look<'_>) {
    let words = look.words;
    let now = to_the_minute(found.close.now);
    let text = if closing.reopened {
        let who = SafeText::new(&found.operator);
        text!("history.close.reopened", at = now, seq = found.seq, who = who)
    } else {
        text!("history.close.saved", at = now, seq = found.seq)
    };
    page.say(Tone::Hint, &words.text(&text));
    if found.close.agrees() {
        page.say(Tone::Ok, words.get("history.close.agrees"));
    } else {
        page.say(Tone::Warning, words.get("history.close.differs"));
    }
    if let Some(earlier) = &found.earlier {
        since::draw(found, earlier, page, look);
    }
    for (env, side) in &found.close.sides {
        page.gap();
        totals(*env, side, page, look);
        differences(side, page, look);
    }
    if found.close.sides.is_empty() {
        page.say(Tone::Hint, words.get("history.close.nothing"));
    }
}

pub(super) const fn env_key(env: Env) -> &'static str {
    match env {
        Env::Live => "env.live",
        Env::Test => "env.test",
        Env::Unstated => "history.mode-unstated",
    }
}

/// Count, and by currency what was paid, given back and left.
fn tally(tally: &Tally, words: &Catalogue) -> String {
    let mut parts = vec![words.text(&text!("history.close.count", count = tally.count))];
    parts.extend(tally.sums.iter().map(|(currency, sum)| money_of(sum, *currency, words)));
    if tally.uncounted > 0 {
        parts.push(words.text(&text!("history.close.uncounted", count = tally.uncounted)));
    }
    parts.join("  ")
}

/// The money of one currency: what was paid, given back and left.
fn money_of(sum: &Sum, currency: Currency, words: &Catalogue) -> String {
    let shown = |minor| minor_money(minor, currency, words);
    if sum.cancelled == 0 {
        return shown(sum.amount);
    }
    words.text(&text!(
        "history.close.sum",
        amount = shown(sum.amount),
        cancelled = shown(sum.cancelled),
        left = shown(sum.net())
    ))
}

/// The same with the count.
pub(super) fn sum(sum: &Sum, currency: Currency, words: &Catalogue) -> String {
    let amount = money_of(sum, currency, words);
    words.text(&text!("history.close.count-sum", count = sum.count, amount = amount))
}

/// A sum; one that is more than any payment is shown in its minor units rather than wrong.
pub(super) fn minor_money(minor: u64, currency: Currency, words: &Catalogue) -> String {
    Money::new(minor, currency)
        .map_or_else(|| format!("{minor} {}", currency.code()), |amount| money(amount, words))
}

fn totals(env: Env, side: &Side, page: &mut Page<'_>, look: Look<'_>) {
    let words = look.words;
    page.row(0, words.get(env_key(env)), look.theme.title);
    page.pair(words.get("history.close.paid"), &tally(&side.totals.paid, words), 2);
    for (method, sum) in &side.totals.methods {
        page.pair(words.get(method_key(*method)), &tally(sum, words), 2);
    }
    page.row(0, words.get("history.close.by-state"), look.theme.label);
    for (group, sum) in &side.totals.states {
        page.pair(words.get(group.name_key()), &tally(sum, words), 2);
    }
    page.row(0, words.get("history.close.by-operator"), look.theme.label);
    for (operator, sum) in &side.totals.operators {
        let name = operator.as_ref().map_or_else(
            || words.get("history.close.elsewhere").to_owned(),
            |name| SafeText::new(name).to_string(),
        );
        page.pair(&name, &tally(sum, words), 2);
    }
}

fn differences(side: &Side, page: &mut Page<'_>, look: Look<'_>) {
    let words = look.words;
    if side.differences.is_empty() {
        return;
    }
    let count = text!("history.close.differences", count = side.differences.len());
    page.row(0, words.text(&count), look.theme.label);
    for Difference { id, what } in &side.differences {
        let tone = if what.is_notice() { Tone::Hint } else { Tone::Warning };
        let mut text = format!("{}: {id}", words.get(what.name_key()));
        if let Some(figures) = figures(what, words) {
            text = format!("{text}  {figures}");
        }
        page.say(tone, &text);
        page.say(Tone::Hint, words.get(what.todo_key()));
    }
}

/// A difference by its name, with its figures.
pub(super) fn difference(what: &What, words: &Catalogue) -> String {
    let name = words.get(what.name_key());
    figures(what, words).map_or_else(|| name.to_owned(), |figures| format!("{name} ({figures})"))
}

fn figures(what: &What, words: &Catalogue) -> Option<String> {
    match what {
        What::AmountDiffers { ours, theirs } => Some(words.text(&text!(
            "history.close.amounts",
            ours = money(*ours, words),
            theirs = super::money_or(*theirs, words)
        ))),
        What::StateDiffers { theirs } => {
            let state = words.get(super::state_key(theirs, false));
            Some(words.text(&text!("history.close.theirs", theirs = state)))
        }
        What::ModeDiffers { theirs } => {
            Some(words.text(&text!("history.close.theirs", theirs = words.get(env_key(*theirs)))))
        }
        What::CancelledElsewhere { amount } | What::RefundNotSeen { amount } => Some(money(*amount, words)),
        _ => None,
    }
}

/// What is left of each of the last days, as long as the most of them is wide. Plain signs, one column each.
fn bars(closing: &Closing, page: &mut Page<'_>, width: u16, look: Look<'_>) {
    let words = look.words;
    let totals = match &closing.before {
        None => return page.say(Tone::Hint, words.get("history.loading")),
        Some(Err(problem)) => return trouble(&asking(problem), page, look),
        Some(Ok(before)) => &before.days,
    };
    let mode = words.get(if closing.is_test { "env.test" } else { "env.live" });
    page.say(Tone::Hint, &words.text(&text!("history.close.bars", mode = mode)));
    let net = |total: &DayTotal| total.paid.saturating_sub(total.cancelled);
    let won: Vec<&DayTotal> = totals.iter().filter(|total| total.currency == Currency::Krw).collect();
    let most = won.iter().map(|total| net(total)).max().unwrap_or(0);
    // Day, amount and count stand beside the bar.
    let room = u64::from(width).saturating_sub(40);
    let latest = closing.latest;
    for back in 0..DAYS {
        let Ok(day) = latest.checked_sub(back.days()) else { break };
        let total = won.iter().find(|total| total.date == day);
        page.row(0, bar(day, total.copied(), most, room, words), look.theme.text);
    }
    for total in totals.iter().filter(|total| total.currency != Currency::Krw) {
        let text = minor_money(net(total), total.currency, words);
        page.row(0, format!("{}  {text}", total.date), look.theme.text);
    }
}

fn bar(day: Date, total: Option<&DayTotal>, most: u64, room: u64, words: &Catalogue) -> String {
    let Some(total) = total else { return format!("{}  -", day.strftime("%m-%d")) };
    let net = total.paid.saturating_sub(total.cancelled);
    let exact = u128::from(net) * u128::from(room);
    let filled = usize::try_from(exact.checked_div(u128::from(most)).unwrap_or(0)).unwrap_or(0);
    let amount = columns::pad_left(&minor_money(net, total.currency, words), 16);
    let count = words.text(&text!("history.close.count", count = total.paid_count));
    // The least of something is still something.
    let filled = if net > 0 { filled.max(1) } else { 0 };
    format!("{}  {amount}  {} {}", day.strftime("%m-%d"), columns::pad_left(&count, 7), "=".repeat(filled))
}
