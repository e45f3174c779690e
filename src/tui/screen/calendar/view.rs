//! Draws the calendar of schedules: the month, the list, the year, one schedule, the form, the questions. Decides
//! nothing.

mod detail;
mod form;
mod left;
mod list;
mod month;
mod short;
mod work;
mod year;

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::model::{Measure, Model, Over, Total, View};
use crate::domain::bulk::ActionKind;
use crate::domain::due::to_the_minute;
use crate::domain::money::Money;
use crate::domain::problem::Problem;
use crate::domain::schedule::{ProviderSchedule, ScheduleGroup, ScheduleState};
use crate::domain::text::SafeText;
use crate::text;
use crate::tui::columns;
use crate::tui::widgets::{Look, Tone, cells, line, overlay, page::Page};

/// Draws the screen; returns where the cursor belongs.
pub fn draw(model: &Model, buf: &mut Buffer, area: Rect, look: Look<'_>) -> Option<Position> {
    match &model.over {
        Some(Over::Form(form)) => return form::draw(model, form, buf, area, look),
        Some(Over::Detail(detail)) => {
            detail::draw(model, detail, buf, area, look);
            return None;
        }
        _ => {}
    }
    let below = match (&model.list, model.view) {
        (Some(listing), _) => list::draw(model, listing, buf, area, look),
        (None, View::Year) => {
            year::draw(model, buf, area, look);
            None
        }
        (None, _) => {
            month::draw(model, buf, area, look);
            None
        }
    };
    match &model.over {
        Some(Over::Search) => below,
        Some(Over::Jump(typed)) => {
            Some(date_line(model, "calendar.jump", typed.view(LINE), &["calendar.jump-how"], buf, area, look))
        }
        Some(Over::When(when)) => {
            let title = if when.kind == ActionKind::Rebook { "hint.rebook" } else { "hint.move" };
            let how = ["calendar.when-how", "calendar.when-days"];
            Some(date_line(model, title, when.typed.view(LINE), &how, buf, area, look))
        }
        Some(Over::Work(work)) => {
            work::draw(work, buf, area, look);
            None
        }
        Some(Over::Left(left)) => {
            left::draw(model, *left, buf, area, look);
            None
        }
        _ => None,
    }
}

/// How many columns of a date that is typed are seen.
const LINE: usize = 50;

/// A box with one line in which a date is typed.
fn date_line(
    model: &Model,
    title: &str,
    (shown, at): (&str, usize),
    how: &[&str],
    buf: &mut Buffer,
    area: Rect,
    look: Look<'_>,
) -> Position {
    let words = look.words;
    let mut page = Page::new(look, 58);
    for how in how {
        page.say(Tone::Hint, words.get(how));
    }
    if let Some(said) = &model.said {
        page.say(Tone::Warning, &words.text(said));
    }
    let place = overlay::centred(area, 62, page.height() + 5);
    let inner = overlay::popup(buf, place, words.get(title), look.theme, look.glyphs);
    let y = inner.y + 1;
    line(buf, inner, inner.x, y, look.glyphs.cursor, look.theme.focus);
    line(buf, inner, inner.x + 2, y, shown, look.theme.value);
    page.draw(buf, Rect { y: y + 2, height: inner.height.saturating_sub(3), ..inner });
    Position::new(inner.x + 2 + cells(at), y)
}

/// The first line: what is looked at and how, and how old it is.
fn title(model: &Model, what: &str, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let words = look.words;
    let mut x = line(buf, area, area.x, area.y, what, look.theme.title) + 2;
    for view in View::ALL {
        let name = words.get(view.label());
        // Without colour the one that is shown stands in brackets.
        let (text, style) = if view == model.view {
            (format!("[{name}]"), look.theme.selected)
        } else {
            (format!(" {name} "), look.theme.dim)
        };
        x = line(buf, area, x, area.y, &text, style);
    }
    let (age, tone) = age(model, look);
    let room = usize::from(area.right().saturating_sub(x + 2));
    let age = columns::cut_marked(&age, room, look.glyphs.cut);
    let right = area.right().saturating_sub(cells(columns::width(&age)));
    line(buf, area, right, area.y, &age, tone.style(look.theme));
}

/// How old what is shown is, and whether something newer is on its way.
fn age(model: &Model, look: Look<'_>) -> (String, Tone) {
    let words = look.words;
    let old = match model.fresh.oldest {
        Some(at) => words.text(&ago(at, model.now())),
        None => words.get("calendar.age.never").to_owned(),
    };
    if let Some(problem) = &model.problem {
        let text = words.text(&match problem {
            Problem::Unreachable { .. } => text!("calendar.age.offline", old = old),
            Problem::Died => text!("calendar.age.died", old = old),
            _ => text!("calendar.age.failed", old = old),
        });
        return (format!("{} {text}", look.glyphs.warning), Tone::Warning);
    }
    if model.refreshing.is_some() {
        return (words.text(&text!("calendar.age.refreshing", old = old)), Tone::Hint);
    }
    if !model.fresh.whole && model.fresh.oldest.is_some() {
        return (words.text(&text!("calendar.age.partly", old = old)), Tone::Warning);
    }
    (old, Tone::Hint)
}

fn ago(at: Timestamp, now: Timestamp) -> crate::i18n::Text {
    let minutes = now.duration_since(at).as_mins().max(0);
    match minutes {
        0 => text!("calendar.age.now"),
        1..=59 => text!("calendar.age.minutes", count = minutes),
        60..=1439 => text!("calendar.age.hours", count = minutes / 60),
        _ => text!("calendar.age.since", when = to_the_minute(at)),
    }
}

/// What the year and month are called.
fn month_name(date: Date, look: Look<'_>) -> String {
    look.words.text(&text!("calendar.month", year = date.year(), month = date.month()))
}

/// The catalogue's key of a weekday's short name.
const fn weekday(date: Weekday) -> &'static str {
    match date {
        Weekday::Sunday => "calendar.weekday.sun",
        Weekday::Monday => "calendar.weekday.mon",
        Weekday::Tuesday => "calendar.weekday.tue",
        Weekday::Wednesday => "calendar.weekday.wed",
        Weekday::Thursday => "calendar.weekday.thu",
        Weekday::Friday => "calendar.weekday.fri",
        Weekday::Saturday => "calendar.weekday.sat",
    }
}

/// `11-25(수)`
fn day_name(date: Date, look: Look<'_>) -> String {
    format!("{}({})", date.strftime("%m-%d"), look.words.get(weekday(date.weekday())))
}

/// The holiday's name, or nothing.
fn holiday(date: Date, look: Look<'_>) -> Option<&'static str> {
    let day = crate::domain::holiday::Holidays::korea().on(date)?;
    Some(match look.words.lang() {
        crate::i18n::Lang::Ko => &day.ko,
        crate::i18n::Lang::En => &day.en,
    })
}

/// The catalogue's key of a group's name.
const fn group(group: ScheduleGroup) -> &'static str {
    match group {
        ScheduleGroup::Planned => "calendar.group.planned",
        ScheduleGroup::Succeeded => "calendar.group.succeeded",
        ScheduleGroup::Failed => "calendar.group.failed",
        ScheduleGroup::Revoked => "calendar.group.revoked",
    }
}

/// The catalogue's key of its mark.
const fn group_mark(group: ScheduleGroup) -> &'static str {
    match group {
        ScheduleGroup::Planned => "calendar.mark.planned",
        ScheduleGroup::Succeeded => "calendar.mark.succeeded",
        ScheduleGroup::Failed => "calendar.mark.failed",
        ScheduleGroup::Revoked => "calendar.mark.revoked",
    }
}

const fn group_style(group: ScheduleGroup, look: Look<'_>) -> ratatui::style::Style {
    match group {
        ScheduleGroup::Planned => look.theme.text,
        ScheduleGroup::Succeeded => look.theme.ok,
        ScheduleGroup::Failed => look.theme.error,
        ScheduleGroup::Revoked => look.theme.dim,
    }
}

/// What a state is called.
fn state(state: &ScheduleState, look: Look<'_>) -> String {
    let key = match state {
        ScheduleState::Scheduled => "calendar.group.planned",
        ScheduleState::Started => "calendar.state.started",
        ScheduleState::Pending => "calendar.state.pending",
        ScheduleState::Succeeded => "calendar.group.succeeded",
        ScheduleState::Failed => "calendar.group.failed",
        ScheduleState::Revoked => "calendar.group.revoked",
        ScheduleState::Other(word) => return word.as_str().to_owned(),
    };
    look.words.get(key).to_owned()
}

/// The catalogue's key of what an action is called.
const fn action(kind: ActionKind) -> &'static str {
    match kind {
        ActionKind::Create => "hint.book",
        ActionKind::Move => "hint.move",
        ActionKind::Revoke => "hint.revoke",
        ActionKind::Retry => "hint.retry",
        ActionKind::Rebook => "hint.rebook",
        ActionKind::ChargeNow => "hint.charge-now",
    }
}

/// Who pays, as far as that is known.
fn name(schedule: &ProviderSchedule) -> String {
    let customer = &schedule.customer;
    let known = [customer.name(), customer.id(), customer.phone()].into_iter().flatten().next();
    known.unwrap_or("-").to_owned()
}

/// An amount of a currency, exactly: `1,234,500원`.
fn exact(minor: u64, currency: &SafeText, look: Look<'_>) -> String {
    let known = crate::domain::money::Currency::parse(currency.as_str());
    let digits = short::grouped(minor, known.map_or(0, crate::domain::money::Currency::scale));
    if currency.as_str() == "KRW" {
        look.words.text(&text!("calendar.won", amount = digits))
    } else {
        format!("{digits} {currency}", currency = currency.as_str())
    }
}

/// The same of what may not be countable.
fn amount(money: Option<Money>, look: Look<'_>) -> String {
    money.map_or_else(
        || look.words.get("billing.amount-unknown").to_owned(),
        |money| exact(money.minor(), &SafeText::new(money.currency().code()), look),
    )
}

/// How many and how much, exactly: `12건 1,234,500원`.
fn total(total: Total, currency: &SafeText, look: Look<'_>) -> String {
    let words = look.words;
    let count = words.text(&text!("calendar.count", count = short::grouped(total.count, 0)));
    if total.uncounted == total.count && total.count > 0 {
        return format!("{count} {}", words.get("billing.amount-unknown"));
    }
    let sum = exact(total.sum, currency, look);
    let known = format!("{count} {sum}");
    if total.uncounted > 0 {
        let more = text!("calendar.uncounted", count = short::grouped(total.uncounted, 0));
        return format!("{known} {}", words.text(&more));
    }
    known
}

/// The sums of what is in sight, group by group, exactly; two lines. Gives the line below.
fn totals(model: &Model, buf: &mut Buffer, area: Rect, look: Look<'_>) -> u16 {
    let words = look.words;
    let currencies = model.currencies();
    let half = area.width / 2;
    for (at, one) in (0u16..).zip(ScheduleGroup::ALL) {
        let (x, y) = (area.x + (at % 2) * half, area.y + at / 2);
        let sum = model.sums.total(model.summed(), one, &model.currency);
        let end = area.x + (at % 2 + 1) * half;
        let x = line(buf, area, x, y, words.get(group(one)), look.theme.label) + 1;
        let text = total(sum, &model.currency, look);
        let text = columns::cut_marked(&text, usize::from(end.saturating_sub(x + 1)), look.glyphs.cut);
        line(buf, area, x, y, &text, group_style(one, look));
    }
    // Which currency that is, when there is more than one.
    if currencies.iter().any(|one| *one != model.currency) {
        let names: Vec<String> = currencies
            .iter()
            .map(|one| {
                let name = one.as_str();
                if *one == model.currency { format!("[{name}]") } else { name.to_owned() }
            })
            .collect();
        let names = names.join(" ");
        let x = area.right().saturating_sub(cells(columns::width(&names)));
        line(buf, area, x, area.y + 1, &names, look.theme.hint);
    }
    area.y + 2
}

/// The last line: what was said about the last key, else how to read the screen.
fn bottom(model: &Model, legend: &str, buf: &mut Buffer, area: Rect, look: Look<'_>) {
    let y = area.bottom().saturating_sub(1);
    let width = usize::from(area.width);
    // What is said while something lies over it is said there.
    match (model.said.as_ref().filter(|_| model.over.is_none()), &model.problem) {
        (Some(said), _) => {
            let said = columns::cut_marked(&look.words.text(said), width, look.glyphs.cut);
            line(buf, area, area.x, y, &said, look.theme.warning);
        }
        (None, Some(problem)) => {
            let problem = match problem {
                Problem::Unreachable { .. } => look.words.get("calendar.said.offline").to_owned(),
                problem => look.words.text(&crate::error::asking(problem).next),
            };
            let problem = columns::cut_marked(&problem, width, look.glyphs.cut);
            line(buf, area, area.x, y, &problem, look.theme.warning);
        }
        (None, None) => {
            line(buf, area, area.x, y, &columns::cut_marked(legend, width, look.glyphs.cut), look.theme.dim);
        }
    }
}

/// What days show, in a word.
const fn measure(model: &Model) -> &'static str {
    match model.measure {
        Measure::Amount => "calendar.measure.amount",
        Measure::Count => "calendar.measure.count",
    }
}

#[cfg(test)]
mod tests;
