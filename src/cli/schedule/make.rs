//! `danmal schedule add` and `import`: schedules made, one, a series of them, or those of a table file. Their ids
//! follow from what they are, so that the same order given twice makes nothing the second time.

use std::collections::HashMap;
use std::path::PathBuf;

use jiff::civil::{Date, Time};
use jiff::{Span as Days, Timestamp};
use serde::Serialize;

use super::Work;
use super::when::{TIME, moment};
use super::work::{How, Job};
use crate::cli::exit::Exit;
use crate::cli::key::charge::sale_of;
use crate::cli::key::living;
use crate::cli::key::reference::{KeyArgs, NoKey};
use crate::cli::pay::order::check_installments;
use crate::cli::sale::{self, CustomerArgs, Findings, Purpose, SaleArgs, Wrong, tidy};
use crate::domain::billing_key::BillingKey;
use crate::domain::bulk::{Action, schedule_id};
use crate::domain::customer::Customer;
use crate::domain::due;
use crate::domain::holiday::Holidays;
use crate::domain::import::{self, FileError, Import, ImportContext, ImportRow, RowError};
use crate::domain::money::{Currency, Money};
use crate::domain::order::{Installments, Sale};
use crate::domain::pg::{Means, Operation};
use crate::domain::problem::Problem;
use crate::domain::recurrence::{Every, OffDay, Recurrence, RecurrenceError, Warning};
use crate::domain::schedule::ScheduleOrder;
use crate::i18n::Text;
use crate::text;

const OPERATION: Operation = Operation::Schedule;

/// What `add` takes.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(group = clap::ArgGroup::new("dates").required(true))]
pub struct AddArgs {
    /// Which key.
    #[command(flatten)]
    pub key: KeyArgs,
    /// When, once, in Korea: 2026-12-25 10:00, 12/25 10:00; a day alone means 10:00.
    #[arg(long, value_name = "TIME", group = "dates")]
    pub at: Option<String>,
    /// How far apart the dates of a series are: monthly, weekly, "every 10 days", 매월, 2주마다.
    #[arg(long, value_name = "RULE", group = "dates")]
    pub every: Option<String>,
    /// How many dates.
    #[arg(long, value_name = "N", requires = "every", value_parser = clap::value_parser!(u32).range(1..=500))]
    pub count: Option<u32>,
    /// Day that the series counts from: a date, or a day of the month (31 is the last of shorter ones); today when absent.
    #[arg(long, value_name = "DAY", requires = "every")]
    pub anchor: Option<String>,
    /// Time of day of a series, in Korea.
    #[arg(long, value_name = "TIME", requires = "every", default_value = TIME)]
    pub time: String,
    /// What is done with weekends and public holidays: same-day, before, after.
    #[arg(long, value_name = "POLICY", requires = "every", default_value = "same-day")]
    pub off_day: String,
    /// The sale; channel and customer are the key's own when absent.
    #[command(flatten)]
    pub sale: SaleArgs,
    /// Instalment months; 0 is lump sum.
    #[arg(long, value_name = "MONTHS", default_value_t = 0)]
    pub installments: u8,
    /// The merchant bears the interest of the instalments.
    #[arg(long)]
    pub interest_free: bool,
    /// How.
    #[command(flatten)]
    pub how: How,
}

/// What `import` takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ImportArgs {
    /// Table file: CSV or "Unicode text" as Korean Excel saves it.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Time of day, in Korea, of rows that have a date alone.
    #[arg(long, value_name = "TIME", default_value = TIME)]
    pub time: String,
    /// Currency of rows that name none.
    #[arg(long, value_name = "CODE", default_value = "KRW")]
    pub currency: String,
    /// How.
    #[command(flatten)]
    pub how: How,
}

/// The dates of a command, each with the name of its period.
type Dates = Vec<(Timestamp, String)>;

/// Makes one schedule, or a series.
pub(super) fn add(work: &mut Work<'_>, args: &AddArgs) -> Exit {
    if let Err(exit) = work.said(&args.how) {
        return exit;
    }
    let mut findings = Findings::default();
    let dates = match dates(args, work.desk.world.now(), &mut findings) {
        Ok(dates) => dates,
        Err(wrong) => return work.wrong(&[wrong]),
    };
    let held = match args.key.find(&work.desk, &mut findings).map_err(NoKey::wrong) {
        Ok(key) => work.runtime.block_on(living(&work.desk, &key)),
        Err(Ok(wrong)) => return work.wrong(&[wrong]),
        Err(Err(problem)) => return work.unable(&problem),
    };
    let held = match held {
        Ok(held) => held,
        Err(problem) => return work.unable(&problem),
    };
    if args.sale.order_id.is_some() && dates.len() > 1 {
        findings.wrong("order-id", text!("cli.schedule.one-id"));
    }
    let sale = sale_of(&args.sale, work.session, &work.desk, &held, OPERATION, &mut findings);
    let installments = Installments { months: args.installments, interest_free: args.interest_free };
    if let Some(sale) = &sale {
        check_installments(&sale.channel, OPERATION, installments, sale.amount, &mut findings);
    }
    for doubt in &findings.doubtful {
        let why = work.say.words(&doubt.why);
        work.say.problem_text(&text!("cli.doubt", field = doubt.field, why = why));
    }
    let Some(sale) = sale.filter(|_| findings.wrong.is_empty()) else { return work.wrong(&findings.wrong) };
    let rule = args.every.as_deref().and_then(|rule| Every::parse(rule).ok());
    let actions = dates
        .into_iter()
        .map(|(at, period)| {
            let payment_id = if args.sale.order_id.is_some() {
                sale.payment_id.clone()
            } else {
                schedule_id(&work.session.profile, &held.key, sale.amount, &sale.order_name, rule, &period)
            };
            let sale = Sale { payment_id, ..sale.clone() };
            Action::Create(Box::new(ScheduleOrder { sale, key: held.key.clone(), installments, at }))
        })
        .collect();
    work.carry_out(&args.how, Job::of("create", actions))
}

fn dates(args: &AddArgs, now: Timestamp, findings: &mut Findings) -> Result<Dates, Wrong> {
    let wrong = |field, why| Wrong { field, why };
    if let Some(at) = &args.at {
        let at = moment(at, now).map_err(|why| wrong("at", why))?;
        return Ok(vec![(at, at.to_string())]);
    }
    let every = Every::parse(args.every.as_deref().unwrap_or_default())
        .map_err(|error| wrong("every", rule_text(error)))?;
    let time: Time =
        tidy(&args.time).parse().map_err(|_| wrong("time", text!("cli.schedule.not-a-time-of-day")))?;
    let off_day =
        OffDay::parse(&args.off_day).ok_or_else(|| wrong("off-day", text!("cli.schedule.not-a-policy")))?;
    let today = due::in_korea(now).date();
    let anchor = match args.anchor.as_deref().map(tidy) {
        None => Some(today),
        Some(text) => match text.parse::<i8>() {
            Ok(day) if matches!(every, Every::Months(_)) => latest(day, today),
            _ => text.parse().ok(),
        },
    };
    let anchor = anchor.ok_or_else(|| wrong("anchor", text!("cli.schedule.not-an-anchor")))?;
    let rule =
        Recurrence::new(every, anchor, time, off_day).map_err(|error| wrong("every", rule_text(error)))?;
    let holidays = Holidays::korea();
    let first = rule.first_after(now, holidays).map_err(|error| wrong("every", rule_text(error)))?;
    let count = args.count.unwrap_or(1);
    let preview =
        rule.preview(first, count, now, holidays).map_err(|error| wrong("every", rule_text(error)))?;
    for warning in &preview.warnings {
        findings.doubtful("every", warning_text(*warning, &preview.occurrences));
    }
    for one in &preview.occurrences {
        if one.month_end || one.moved.is_some() {
            let (date, nominal) = (one.date, one.nominal);
            findings.doubtful("every", text!("cli.schedule.shifted", date = date, nominal = nominal));
        }
    }
    Ok(preview.occurrences.iter().map(|one| (one.at, one.period())).collect())
}

/// The latest date with that day of the month that is not after today: a series counted from it has that day
/// wherever there is one.
fn latest(day: i8, today: Date) -> Option<Date> {
    (0..24).find_map(|back| {
        let month = today.first_of_month().checked_sub(Days::new().months(back)).ok()?;
        Date::new(month.year(), month.month(), day).ok().filter(|date| *date <= today)
    })
}

fn rule_text(error: RecurrenceError) -> Text {
    match error {
        RecurrenceError::NotARule => text!("cli.schedule.not-a-rule"),
        RecurrenceError::Count => text!("cli.schedule.rule-count"),
        RecurrenceError::Seconds => text!("cli.schedule.not-a-time-of-day"),
        RecurrenceError::OutOfRange => text!("cli.schedule.too-far"),
    }
}

fn warning_text(warning: Warning, all: &[crate::domain::recurrence::Occurrence]) -> Text {
    let date = all
        .iter()
        .find(|one| one.index == warning.index())
        .map_or_else(String::new, |one| one.date.to_string());
    match warning {
        Warning::Past { .. } => text!("cli.schedule.warn-past", date = date),
        Warning::CrossesNow { .. } => text!("cli.schedule.warn-crosses", date = date),
        Warning::SameDate { .. } => text!("cli.schedule.warn-same-date", date = date),
        Warning::OtherMonth { .. } => text!("cli.schedule.warn-other-month", date = date),
        Warning::HolidaysUnknown { year, .. } => text!("cli.schedule.warn-holidays", year = year),
    }
}

/// One thing that is wrong with a row.
#[derive(Debug, Clone, Serialize)]
pub(super) struct RowReport {
    /// Where the row begins in the file, from 1.
    line: u32,
    /// Which column or option; `null`: the row as a whole.
    column: Option<&'static str>,
    /// A word for it; `rule` when it is the PG's.
    what: &'static str,
    /// The PG's rule in a sentence.
    why: Option<String>,
    /// What stands there, shortened.
    value: Option<String>,
}

impl From<&RowError> for RowReport {
    fn from(error: &RowError) -> Self {
        Self {
            line: error.line,
            column: error.column.map(import::Column::word),
            what: error.what.word(),
            why: None,
            value: Some(error.value.to_string()).filter(|value| !value.is_empty()),
        }
    }
}

/// Makes the schedules of a file.
pub(super) fn import(work: &mut Work<'_>, args: &ImportArgs) -> Exit {
    if let Err(exit) = work.said(&args.how) {
        return exit;
    }
    let read = match read(work, args) {
        Ok(read) => read,
        Err(wrong) => return work.wrong(&[wrong]),
    };
    let mut errors: Vec<RowReport> = read.errors.iter().map(RowReport::from).collect();
    let mut keys = HashMap::new();
    let (mut actions, mut lines) = (Vec::new(), Vec::new());
    for row in &read.rows {
        let mut findings = Findings::default();
        let order = order_of(work, row, &mut keys, &mut findings);
        if let Some(order) = order.filter(|_| findings.wrong.is_empty()) {
            actions.push(Action::Create(Box::new(order)));
            lines.push(row.line);
        } else {
            errors.extend(findings.wrong.iter().map(|wrong| RowReport {
                line: row.line,
                column: Some(wrong.field),
                what: "rule",
                why: Some(work.say.words(&wrong.why)),
                value: None,
            }));
        }
    }
    errors.sort_by_key(|error| error.line);
    for error in &errors {
        work.say.problem_text(&text!(
            "cli.schedule.row",
            line = error.line,
            column = error.column.unwrap_or("-"),
            what = error.why.clone().unwrap_or_else(|| error.what.to_owned()),
            value = error.value.as_deref().unwrap_or_default()
        ));
    }
    let refused_before = read.total.saturating_sub(actions.len());
    work.carry_out(&args.how, Job { lines, refused_before, errors, ..Job::of("import", actions) })
}

fn read(work: &Work<'_>, args: &ImportArgs) -> Result<Import, Wrong> {
    let wrong = |field, why| Wrong { field, why };
    let time: Time =
        tidy(&args.time).parse().map_err(|_| wrong("time", text!("cli.schedule.not-a-time-of-day")))?;
    let currency = Currency::parse(&args.currency)
        .ok_or_else(|| wrong("currency", text!("cli.pay.currency", taken = "KRW, USD")))?;
    let bytes = std::fs::File::open(&args.file)
        .and_then(|file| {
            use std::io::Read as _;
            // One byte more than is taken shows that it is too large.
            let most = u64::try_from(import::MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
            let mut bytes = Vec::new();
            file.take(most).read_to_end(&mut bytes).map(|_| bytes)
        })
        .map_err(|error| wrong("file", text!("cli.schedule.unreadable", why = error.kind())))?;
    let context = ImportContext { now: work.desk.world.now(), time, currency, scope: &work.session.profile };
    import::read(&bytes, &context).map_err(|error| wrong("file", file_text(&error)))
}

fn file_text(error: &FileError) -> Text {
    match error {
        FileError::TooLarge => text!("cli.schedule.file-too-large"),
        FileError::TooManyRows => text!("cli.schedule.file-too-many"),
        FileError::Empty => text!("cli.schedule.file-empty"),
        FileError::Workbook => text!("cli.schedule.file-workbook"),
        FileError::Encoding => text!("cli.schedule.file-encoding"),
        FileError::NoHeader => text!("cli.schedule.file-no-header"),
        FileError::MissingColumns(columns) => {
            let names: Vec<&str> = columns.iter().map(|column| column.ko()).collect();
            text!("cli.schedule.file-columns", columns = names.join(", "))
        }
        other => text!("cli.schedule.file-other", why = other),
    }
}

/// What is known of a key: the channel's name, where it is configured, and whose it is.
type Known = Result<(Option<String>, Customer), Problem>;

/// From the ledger or, of a key that was not made here, from the provider.
fn known_of(work: &Work<'_>, key: &BillingKey) -> Known {
    let made = work.desk.ledger.borrow().by_key(key)?;
    let (channel, customer) = if let Some(made) = made {
        (made.new.channel, made.new.customer)
    } else {
        let held = work.runtime.block_on(living(&work.desk, key))?;
        (work.desk.channel_of(&held).name, held.customer)
    };
    let configured = work.session.channels.iter().any(|known| known.name == channel);
    Ok((configured.then_some(channel), customer))
}

/// A row as an order, checked against the rules of its PG. What the row does not say of channel and customer is
/// the key's own; a channel that nobody knows is the profile's default.
fn order_of(
    work: &Work<'_>,
    row: &ImportRow,
    keys: &mut HashMap<BillingKey, Known>,
    findings: &mut Findings,
) -> Option<ScheduleOrder> {
    let (channel, own) = match keys.entry(row.key.clone()).or_insert_with(|| known_of(work, &row.key)) {
        Ok(known) => known.clone(),
        Err(problem) => {
            findings.wrong("billing_key", crate::error::words(problem).what);
            return None;
        }
    };
    let channel = row.channel.clone().or(channel);
    let known = |told: Option<&str>, own: Option<&str>| told.or(own).unwrap_or_default().to_owned();
    let customer = CustomerArgs {
        customer_id: known(row.customer.id(), own.id()),
        customer_name: known(row.customer.name(), own.name()),
        customer_phone: known(row.customer.phone(), own.phone()),
        customer_email: known(row.customer.email(), own.email()),
    };
    let asked = SaleArgs {
        amount: Some(row.amount.wire_major()),
        currency: Some(row.amount.currency().code().to_owned()),
        order_name: Some(row.order_name.clone()),
        channel,
        tax_free: row.tax_free.map(Money::wire_major),
        vat: None,
        customer,
        order_id: Some(row.payment_id.to_string()),
        duplicate_reason: None,
        note: row.note.clone(),
    };
    let purpose = Purpose {
        offered: &[(OPERATION, "channel")],
        sent: &[OPERATION],
        operation: OPERATION,
        means: Means::Card,
    };
    let sale = sale::build(&asked, work.session, purpose, findings)?;
    let installments = Installments { months: row.installments.unwrap_or_default(), interest_free: false };
    check_installments(&sale.channel, OPERATION, installments, sale.amount, findings);
    Some(ScheduleOrder { sale, key: row.key.clone(), installments, at: row.at })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Saturday 2026-11-21 14:05 in Korea.
    fn now() -> Timestamp {
        "2026-11-21T05:05:00Z".parse().unwrap()
    }

    fn series(every: &str, anchor: Option<&str>, off_day: &str) -> Vec<String> {
        let args = AddArgs {
            every: Some(every.to_owned()),
            count: Some(3),
            anchor: anchor.map(str::to_owned),
            time: TIME.to_owned(),
            off_day: off_day.to_owned(),
            ..AddArgs::default()
        };
        match dates(&args, now(), &mut Findings::default()) {
            Ok(dates) => {
                dates.into_iter().map(|(at, period)| format!("{} {period}", due::to_the_minute(at))).collect()
            }
            Err(wrong) => vec![wrong.field.to_owned()],
        }
    }

    #[test]
    fn a_day_of_the_month_is_kept_and_returns() {
        assert_eq!(
            series("monthly", Some("31"), "before"),
            ["2026-11-30 10:00 2026-11-30", "2026-12-31 10:00 2026-12-31", "2027-01-29 10:00 2027-01-31"]
        );
        assert_eq!(series("매월", Some("5"), "same-day")[0], "2026-12-05 10:00 2026-12-05");
        assert_eq!(series("weekly", Some("2026-12-04"), "same-day")[0], "2026-12-04 10:00 2026-12-04");
        assert_eq!(series("weekly", Some("31"), "same-day"), ["anchor"]);
        assert_eq!(series("monthly", Some("32"), "same-day"), ["anchor"]);
        assert_eq!(series("sometimes", None, "same-day"), ["every"]);
        assert_eq!(series("monthly", None, "never"), ["off-day"]);
    }
}
