//! `danmal schedule list`, `show` and `calendar`: what there is, from the provider or, offline, from the ledger's copy.

use std::fmt::Write as _;

use jiff::civil::Date;
use serde::Serialize;

use super::Work;
use super::told::{ScheduleReport, group_key, line, sum, tell_lost, totals};
use super::when::{DaysArgs, whole_days};
use crate::cli::exit::Exit;
use crate::cli::report::{Report, print};
use crate::cli::sale::{Wrong, tidy};
use crate::cli::state::{kind_key, state_key};
use crate::domain::due::{self, to_the_minute};
use crate::domain::holiday::Holidays;
use crate::domain::listing::{Freshness, RowList, ScheduleFilter, ScheduleSum};
use crate::domain::money::Currency;
use crate::domain::month::Month;
use crate::domain::problem::Problem;
use crate::domain::schedule::{ProviderSchedule, ScheduleGroup, Span};
use crate::error;
use crate::text;

/// A group, as an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Group {
    /// 예약
    Planned,
    /// 성공
    Succeeded,
    /// 실패
    Failed,
    /// 해지
    Revoked,
}

impl Group {
    pub(super) const fn group(self) -> ScheduleGroup {
        match self {
            Self::Planned => ScheduleGroup::Planned,
            Self::Succeeded => ScheduleGroup::Succeeded,
            Self::Failed => ScheduleGroup::Failed,
            Self::Revoked => ScheduleGroup::Revoked,
        }
    }
}

/// What `list` takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ListArgs {
    /// Which days.
    #[command(flatten)]
    pub days: DaysArgs,
    /// Only these; all of them when absent.
    #[arg(long, value_name = "GROUP", value_delimiter = ',')]
    pub status: Vec<Group>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// What `show` takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ShowArgs {
    /// Schedule: the provider's id or its payment id.
    #[arg(value_name = "ID")]
    pub id: String,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// What `calendar` takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct CalendarArgs {
    /// Month: 2026-11; this one when absent.
    #[arg(long, value_name = "MONTH")]
    pub month: Option<String>,
    /// Only what this ledger knows; the provider is not asked.
    #[arg(long)]
    pub offline: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// What `list --json` prints.
#[derive(Debug, Default, Serialize)]
struct Listed {
    profile: String,
    /// Unix seconds; the first moment, and the first after the last.
    from: i64,
    until: i64,
    /// `provider`, or `ledger` with `--offline`.
    basis: &'static str,
    /// When the oldest part of it was asked for; unix seconds.
    asked_at: Option<i64>,
    /// Whether all of it was ever asked for.
    whole: bool,
    schedules: Vec<ScheduleReport>,
}

impl Work<'_> {
    /// Reads a span anew unless it is to be told offline, and says how old it is.
    pub(super) fn fresh(&self, span: Span, offline: bool) -> Result<Freshness, Problem> {
        if !offline {
            return self.runtime.block_on(self.desk.refresh_schedules(span));
        }
        let fresh = self.desk.ledger.borrow().refreshed_at(&self.desk.profile, span)?;
        self.say.problem_text(&match fresh.oldest {
            Some(oldest) if fresh.whole => text!("cli.schedule.as-of", time = to_the_minute(oldest)),
            _ => text!("cli.schedule.not-whole"),
        });
        Ok(fresh)
    }

    /// Which of the copy's schedules are of a span.
    pub(super) fn of_span(&self, span: Span, groups: &[Group]) -> Result<RowList, Problem> {
        let groups = groups.iter().map(|group| group.group()).collect();
        let filter = ScheduleFilter { span: Some(span), groups, key: None };
        Ok(self.desk.ledger.borrow().schedule_list(&self.desk.profile, &filter, None)?)
    }

    /// The copy's schedules of a span.
    pub(super) fn kept(&self, span: Span, groups: &[Group]) -> Result<Vec<ProviderSchedule>, Problem> {
        let list = self.of_span(span, groups)?;
        let rows = self.desk.ledger.borrow().schedule_rows(&list, 0..list.len())?;
        Ok(rows.into_iter().map(|kept| kept.what).collect())
    }
}

/// Lists.
pub(super) fn list(work: &mut Work<'_>, args: &ListArgs) -> Exit {
    let span = match args.days.span(work.desk.world.now()) {
        Ok(span) => span,
        Err(wrong) => return work.wrong(&[wrong]),
    };
    let read =
        work.fresh(span, args.days.offline).and_then(|fresh| Ok((fresh, work.kept(span, &args.status)?)));
    let (fresh, schedules) = match read {
        Ok(read) => read,
        Err(problem) => return work.unable(&problem),
    };
    if args.json {
        print(&Listed {
            profile: work.session.profile.clone(),
            from: span.from.as_second(),
            until: span.until.as_second(),
            basis: if args.days.offline { "ledger" } else { "provider" },
            asked_at: fresh.oldest.map(jiff::Timestamp::as_second),
            whole: fresh.whole,
            schedules: schedules.iter().map(ScheduleReport::from).collect(),
        });
        return Exit::Done;
    }
    for told in &schedules {
        line(work.say, told);
    }
    if schedules.is_empty() {
        work.say.text(&text!("cli.schedule.none"));
    }
    Exit::Done
}

/// What `show --json` prints.
#[derive(Debug, Default, Serialize)]
struct Shown {
    profile: String,
    schedule: Option<ScheduleReport>,
    /// What was done with it and with those whose place it took, oldest first.
    history: Vec<Report>,
}

/// Shows one.
pub(super) fn show(work: &mut Work<'_>, args: &ShowArgs) -> Exit {
    let found = work.runtime.block_on(async {
        let id = work.one(&args.id).await?.map(|told| told.id);
        match id {
            Some(id) => work.desk.schedule_detail(&id).await,
            None => Err(Problem::ScheduleGone),
        }
    });
    let detail = match found {
        Ok(detail) => detail,
        Err(problem) => return work.unable(&problem),
    };
    if args.json {
        print(&Shown {
            profile: work.session.profile.clone(),
            schedule: detail.schedule.as_deref().map(ScheduleReport::from),
            history: detail.history.iter().map(|intent| Report::of_intent(intent, false)).collect(),
        });
        return Exit::Done;
    }
    if let Some(told) = &detail.schedule {
        line(work.say, told);
        work.say.text(&text!(
            "cli.schedule.facts",
            payment = told.payment_id,
            key = told.key.shortened(),
            phone = told.customer.phone().unwrap_or("-")
        ));
    }
    for intent in &detail.history {
        let new = &intent.new;
        let why = match (&intent.refusal, &intent.why) {
            (Some(refusal), _) => refusal.message.to_string(),
            (None, Some(why)) => work.say.words(&error::why(why)),
            (None, None) => String::new(),
        };
        work.say.text(&text!(
            "cli.schedule.history",
            time = to_the_minute(new.created),
            kind = kind_key(new.kind),
            state = state_key(new.kind, intent.state),
            due = new.due.map_or_else(|| "-".to_owned(), to_the_minute),
            amount = sum(work.say, Some(new.amount)),
            operator = new.operator.user,
            id = new.id,
            why = why
        ));
        if let Some(lost) = work.desk.lost(intent) {
            tell_lost(work.say, &lost);
        }
    }
    Exit::Done
}

/// One day of `calendar --json`.
#[derive(Debug, Serialize)]
struct SumReport {
    date: String,
    group: &'static str,
    currency: String,
    count: u64,
    /// In minor units.
    sum: u64,
    /// Those that this program can't count.
    uncounted: u64,
}

/// What `calendar --json` prints.
#[derive(Debug, Default, Serialize)]
struct CalendarReport {
    profile: String,
    month: String,
    asked_at: Option<i64>,
    whole: bool,
    /// By day, group and currency; days without schedules are left out.
    days: Vec<SumReport>,
}

/// Prints a month.
pub(super) fn calendar(work: &mut Work<'_>, args: &CalendarArgs) -> Exit {
    let today = due::in_korea(work.desk.world.now()).date();
    let month = match args.month.as_deref() {
        None => Some(Month::of(today)),
        Some(text) => format!("{}-01", tidy(text)).parse::<Date>().ok().map(Month::of),
    };
    let Some((month, span)) = month.and_then(|month| Some((month, whole_days(month.first(), month.last())?)))
    else {
        return work.wrong(&[Wrong { field: "month", why: text!("cli.schedule.not-a-month") }]);
    };
    let read = work
        .fresh(span, args.offline)
        .and_then(|fresh| Ok((fresh, work.desk.ledger.borrow().schedule_days(&work.desk.profile, span)?)));
    let (fresh, days) = match read {
        Ok(read) => read,
        Err(problem) => return work.unable(&problem),
    };
    if args.json {
        print(&CalendarReport {
            profile: work.session.profile.clone(),
            month: format!("{:04}-{:02}", month.year(), month.month()),
            asked_at: fresh.oldest.map(jiff::Timestamp::as_second),
            whole: fresh.whole,
            days: days
                .iter()
                .map(|day| SumReport {
                    date: day.date.to_string(),
                    group: day.group.word(),
                    currency: day.currency.to_string(),
                    count: day.count,
                    sum: day.sum,
                    uncounted: day.uncounted,
                })
                .collect(),
        });
        return Exit::Done;
    }
    grid(work, month, today, &days);
    Exit::Done
}

/// The month as weeks from Sunday, each day with its counts: planned/succeeded/failed/revoked.
fn grid(work: &Work<'_>, month: Month, today: Date, days: &[ScheduleSum]) {
    const WIDTH: usize = 14;
    work.say.text(&text!("cli.schedule.month", year = month.year(), month = month.month()));
    work.say.text(&text!("cli.schedule.legend"));
    let holidays = Holidays::korea();
    for week in month.weeks() {
        let mut line = String::new();
        for cell in week {
            let mark = match (cell.date == today, holidays.on(cell.date).is_some()) {
                (true, _) => '>',
                (false, true) => '*',
                (false, false) => ' ',
            };
            let text = if cell.inside { day_text(mark, cell.date, days) } else { String::new() };
            let _ = write!(line, "{text:<WIDTH$}");
        }
        work.say.text(&text!("cli.schedule.week", line = line.trim_end()));
    }
    for group in ScheduleGroup::ALL {
        let of_group = || days.iter().filter(move |day| day.group == group);
        let count: u64 = of_group().map(|day| day.count).sum();
        if count == 0 {
            continue;
        }
        let mut sums: Vec<(Currency, u64)> = Vec::new();
        for day in of_group() {
            let Some(currency) = Currency::parse(day.currency.as_str()) else { continue };
            match sums.iter_mut().find(|(known, _)| *known == currency) {
                Some((_, sum)) => *sum = sum.saturating_add(day.sum),
                None => sums.push((currency, day.sum)),
            }
        }
        let uncounted: u64 = of_group().map(|day| day.uncounted).sum();
        work.say.text(&text!(
            "cli.schedule.group-total",
            group = group_key(group),
            count = count,
            total = totals(work.say, &sums)
        ));
        if uncounted > 0 {
            work.say.problem_text(&text!("cli.schedule.uncounted", count = uncounted));
        }
    }
}

/// ` 7 2/1/0/0`; a day without schedules has its number alone.
fn day_text(mark: char, date: Date, days: &[ScheduleSum]) -> String {
    let counts = ScheduleGroup::ALL.map(|group| {
        days.iter().filter(|day| day.date == date && day.group == group).map(|day| day.count).sum::<u64>()
    });
    let mut text = format!("{mark}{:>2}", date.day());
    if counts.iter().any(|count| *count > 0) {
        let counts = counts.map(|count| count.to_string());
        let _ = write!(text, " {}", counts.join("/"));
    }
    text
}
