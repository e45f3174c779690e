//! A refund that stays unknown, settled by hand: the look-up before it, what there is to see, the form, the question,
//! and how it ended. Decides nothing.

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::super::model::{Hand, HandEnd, HandPhase, HandRow};
use super::{QUESTION, ask, intent_key, mode_word, money, money_or, wait};
use crate::domain::due::to_the_minute;
use crate::domain::intent::IntentState;
use crate::domain::refund::hand::{BY_HAND, Evidence, Seen};
use crate::domain::text::SafeText;
use crate::error;
use crate::text;
use crate::tui::columns;
use crate::tui::widgets::form::{self, Columns, Row};
use crate::tui::widgets::{Look, Tone, cells, page::Page};
/// The columns of the form.
const FORM: Columns = Columns { label: 14, value: 34 };
/// The fewest cancellations that are shown, however little room there is.
const FEWEST: usize = 2;

pub(super) fn draw(hand: &Hand, buf: &mut Buffer, area: Rect, look: Look<'_>) -> Option<Position> {
    match &hand.phase {
        HandPhase::Look => {
            let mut page = Page::new(look, area.width);
            about(hand, &mut page, look);
            page.draw(buf, area);
            wait("history.hand.looking", "history.hand.looking-wait", buf, area, look);
            None
        }
        HandPhase::Form => sheet(hand, buf, area, look),
        HandPhase::Question { .. } => {
            sheet(hand, buf, area, look);
            question(hand, buf, area, look);
            None
        }
        HandPhase::Flight => {
            sheet(hand, buf, area, look);
            wait("history.hand.settling", "history.hand.looking-wait", buf, area, look);
            None
        }
        HandPhase::End(end) => {
            ended(hand, end, buf, area, look);
            None
        }
    }
}

/// Which refund of which payment: what whoever looks at the provider's console has to find there.
fn about(hand: &Hand, page: &mut Page<'_>, look: Look<'_>) {
    let words = look.words;
    let (new, record) = (&hand.intent().new, hand.record());
    let sent = text!(
        "history.hand.sent",
        amount = money(new.amount, words),
        at = to_the_minute(hand.intent().sent.unwrap_or(new.created)),
        who = SafeText::new(&new.operator.user)
    );
    page.pair(words.get("history.hand.refund"), &words.text(&sent), 2);
    if let Some(reason) = &new.note {
        page.pair(words.get("history.refund.reason"), SafeText::message(reason).as_str(), 1);
    }
    let name = record.customer.name().map(SafeText::new).unwrap_or_default();
    let card = record.payment.card.as_ref().map(|card| format!("  *{}", card.last4())).unwrap_or_default();
    let what = format!("{}  {}  {name}{card}", mode_word(record, words), record.payment.order_name);
    page.pair(words.get("history.payment"), &what, 1);
    page.pair(words.get("history.id"), record.id.as_str(), 1);
}

/// What the look-up could not decide, and by what a person may: at most so many cancellations.
fn shown(evidence: &Evidence, most: usize, page: &mut Page<'_>, look: Look<'_>) {
    let words = look.words;
    page.pair(words.get("history.hand.found"), &words.text(&error::why(evidence.why)), 3);
    let (before, now) = (money_or(evidence.before, words), money_or(evidence.now, words));
    page.say(Tone::Hint, &words.text(&text!("by-hand.balance", before = before, now = now)));
    if evidence.cancellations.is_empty() {
        page.say(Tone::Hint, words.get("by-hand.no-cancellation"));
    }
    // What may be the refund first: it is what has to be found there.
    let mut all: Vec<&Seen> = evidence.cancellations.iter().collect();
    all.sort_by_key(|seen| (!seen.fits, !seen.new));
    let left_out = all.len().saturating_sub(most);
    // The line that tells of them takes the place of one more.
    let kept = if left_out > 0 { most.saturating_sub(1) } else { all.len() };
    for seen in &all[..kept] {
        let one = &seen.cancellation;
        let at = one.cancelled_at.or(one.requested_at).and_then(|at| Timestamp::from_second(at).ok());
        let told = text!(
            "by-hand.cancellation",
            time = at.map_or_else(|| words.get("history.no-time").to_owned(), to_the_minute),
            amount = money(one.amount, words),
            state = one.state.name_key(),
            mark = seen.name_key(),
            reason = one.reason
        );
        let room = page.room();
        page.say(Tone::Hint, &columns::cut_marked(&words.text(&told), room, look.glyphs.cut));
    }
    if left_out > 0 {
        page.say(Tone::Hint, &words.text(&text!("history.hand.more", count = all.len() - kept)));
    }
}

const fn label(row: HandRow) -> &'static str {
    match row {
        HandRow::Result => "history.hand.result",
        HandRow::Amount => "history.hand.amount",
        HandRow::Reason => "history.hand.reason",
    }
}

const fn hint(row: HandRow) -> &'static str {
    match row {
        HandRow::Result => "history.hand.result-hint",
        HandRow::Amount => "history.hand.amount-hint",
        HandRow::Reason => "history.hand.reason-hint",
    }
}

/// What was seen there, in a word.
const fn result(done: Option<bool>) -> &'static str {
    match done {
        None => "history.hand.result-none",
        Some(true) => "history.hand.done",
        Some(false) => "history.hand.not-done",
    }
}

fn sheet(hand: &Hand, buf: &mut Buffer, area: Rect, look: Look<'_>) -> Option<Position> {
    let words = look.words;
    // What stands below the form, and above it what must be read first: both are there at all times.
    let mut below = Page::new(look, area.width);
    if let Some(said) = &hand.said {
        below.say(Tone::Warning, &words.text(said));
    }
    if let Some(problem) = &hand.problem {
        let problem = error::asking(problem);
        below.say(Tone::Error, words.get("history.hand.not-asked"));
        below.say(Tone::Warning, &words.text(&problem.next));
        below.say(Tone::Hint, &words.text(&problem.what));
    }
    let mut first = Page::new(look, area.width);
    first.say(Tone::Warning, words.get("history.hand.look-first"));
    first.say(Tone::Hint, words.get("history.hand.nothing-sent"));
    let rows = cells(HandRow::ALL.len());
    let fixed = first.height() + rows + below.height();
    let head = |most| {
        let mut page = Page::new(look, area.width);
        about(hand, &mut page, look);
        if let Some(evidence) = &hand.evidence {
            shown(evidence, most, &mut page, look);
        }
        page
    };
    let room = area.height.saturating_sub(fixed);
    let all = hand.evidence.as_ref().map_or(0, |evidence| evidence.cancellations.len());
    let over = usize::from(head(all).height().saturating_sub(room));
    let mut page = head(all.saturating_sub(over).max(FEWEST));
    if page.height() < room {
        page.gap();
    }
    page.extend(first);
    if page.height() + rows + below.height() < area.height {
        page.gap();
    }
    let mut y = area.y + page.height();
    page.draw(buf, area);
    let mut cursor = None;
    for row in HandRow::ALL {
        let (value, at) = match hand.edit(row) {
            None => (format!("< {} >", words.get(result(hand.done))), 2),
            Some(edit) => {
                let (shown, at) = edit.view(usize::from(FORM.value));
                (shown.to_owned(), at)
            }
        };
        let wrong = hand.wrong(row).filter(|_| hand.tried).map(|key| (Tone::Error, words.get(key)));
        let hinted = hand.wrong(row).map(|_| (Tone::Hint, words.get(hint(row))));
        let one = Row {
            label: words.get(label(row)),
            required: true,
            value: &value,
            cursor: (row == hand.focus).then_some(at),
            message: wrong.or(hinted),
        };
        let place = Rect { y, height: 1, ..area };
        cursor = form::draw(buf, place, &one, FORM, look.theme, look.glyphs).or(cursor);
        y += 1;
    }
    below.draw(buf, Rect { y, height: area.bottom().saturating_sub(y), ..area });
    cursor
}

fn question(hand: &Hand, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let words = look.words;
    let mut page = Page::new(look, QUESTION - 4);
    page.pair(words.get("history.hand.result"), words.get(result(hand.done)), 1);
    page.pair(words.get("history.refund.amount"), &money(hand.intent().new.amount, words), 1);
    page.pair(words.get("history.hand.reason"), hand.reason.text().trim(), 2);
    about(hand, &mut page, look);
    page.gap();
    page.say(Tone::Warning, words.get("history.hand.final"));
    page.say(Tone::Hint, words.get("history.hand.nothing-sent"));
    ask(
        page,
        words.get("history.hand.title"),
        hand.is_ready().then_some("history.hand.ready"),
        buf,
        area,
        look,
    );
}

fn ended(hand: &Hand, end: &HandEnd, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let words = look.words;
    let mut page = Page::new(look, area.width);
    let amount = money(hand.intent().new.amount, words);
    match end {
        HandEnd::Told(done) => {
            let said = words.get(result(Some(*done)));
            page.say(Tone::Ok, &words.text(&text!("history.hand.told", amount = amount, result = said)));
            page.say(Tone::Hint, words.get(next(*done)));
        }
        HandEnd::Known(intent) => {
            let state = words.get(intent_key(intent.state));
            let told = if intent.why.as_deref() == Some(BY_HAND) {
                text!("history.hand.known-person", amount = amount, state = state)
            } else {
                text!("history.hand.known", amount = amount, state = state)
            };
            let done = intent.state == IntentState::Approved;
            page.say(if done { Tone::Ok } else { Tone::Warning }, &words.text(&told));
            page.say(Tone::Warning, words.get("history.hand.not-used"));
            page.say(Tone::Hint, words.get(next(done)));
        }
        HandEnd::Waits(why) => {
            page.say(Tone::Warning, words.get("by-hand.waits"));
            page.say(Tone::Hint, &words.text(&error::why(why)));
        }
        HandEnd::NotAsked(problem) => {
            let problem = error::asking(problem);
            page.say(Tone::Error, words.get("history.hand.not-asked"));
            page.say(Tone::Warning, &words.text(&problem.next));
            page.say(Tone::Hint, &words.text(&problem.what));
        }
        HandEnd::Unseen => {
            page.say(Tone::Warning, words.get("history.hand.unseen"));
            page.say(Tone::Hint, words.get("history.hand.unseen-next"));
        }
    }
    page.gap();
    about(hand, &mut page, look);
    page.pair(words.get("history.reference"), hand.intent().new.id.as_str(), 1);
    page.draw(buf, area);
}

/// What follows from its end.
const fn next(done: bool) -> &'static str {
    if done { "history.hand.done-next" } else { "history.hand.not-done-next" }
}
