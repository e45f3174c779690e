//! `danmal key list` and `show`: which billing keys there are, and what is known of one.
//!
//! V2 lists its keys itself. V1 tells of a key only what it is asked for by name, so there the list is what this
//! ledger knows, each name looked up; that is said, on standard error and as `basis`.

use std::process::ExitCode;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::configured;
use super::reference::KeyArgs;
use super::told::{KeyReport, line, schedule_line};
use crate::cli::Globals;
use crate::cli::ask::{Answer, Asking, ask};
use crate::cli::exit::Exit;
use crate::cli::once::runtime;
use crate::cli::report::{Report, ScheduleReport};
use crate::cli::sale::{Findings, Wrong, tidy};
use crate::cli::say::amount;
use crate::cli::state::state_key;
use crate::domain::billing_key::{BillingKey, KeySearch, KeyStatus, KeyText, ProviderKey};
use crate::domain::due::{self, to_the_minute};
use crate::domain::pg::PgCode;
use crate::domain::problem::Problem;
use crate::error;
use crate::operation::Desk;
use crate::text;

/// What `danmal key list` takes.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(group = clap::ArgGroup::new("text").multiple(false))]
pub struct ListArgs {
    /// Your own id of the customer.
    #[arg(long, value_name = "ID")]
    pub customer_id: Option<String>,
    /// Customer's phone number, or its beginning.
    #[arg(long, value_name = "PHONE", group = "text")]
    pub customer_phone: Option<String>,
    /// Customer's name, or its beginning.
    #[arg(long, value_name = "TEXT", group = "text")]
    pub customer_name: Option<String>,
    /// Beginning of the key.
    #[arg(long, value_name = "TEXT", group = "text")]
    pub key_prefix: Option<String>,
    /// First six or eight digits of the card.
    #[arg(long, value_name = "DIGITS", group = "text")]
    pub bin: Option<String>,
    /// Keys of this PG.
    #[arg(long, value_name = "PG")]
    pub pg: Option<String>,
    /// Issued keys, deleted ones, or both.
    #[arg(long, value_name = "WHICH", default_value = "issued")]
    pub status: Status,
    /// Issued on this day or later: 2026-11-01 (Korea time).
    #[arg(long, value_name = "DAY")]
    pub from: Option<String>,
    /// Issued on this day or earlier.
    #[arg(long, value_name = "DAY")]
    pub until: Option<String>,
    /// Which page, from 1.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub page: u32,
    /// How many keys a page has.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub limit: u32,
    /// Every page.
    #[arg(long, conflicts_with_all = ["page", "limit"])]
    pub all: bool,
    /// Write the billing keys whole; whoever has one can charge its card.
    #[arg(long)]
    pub show_key: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// Which keys, as an argument.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Status {
    /// 발급
    #[default]
    Issued,
    /// 삭제
    Deleted,
    /// 모두
    All,
}

/// What `danmal key show` takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// Which key.
    #[command(flatten)]
    pub key: KeyArgs,
    /// Write the billing key whole; whoever has it can charge the card.
    #[arg(long)]
    pub show_key: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// What `list --json` prints.
#[derive(Debug, Default, Serialize)]
struct Listed {
    /// Who knows which keys there are: `provider`, or `ledger` on V1.
    basis: Option<&'static str>,
    /// Newest first.
    keys: Vec<KeyReport>,
    /// How many fit on all pages, where the provider says.
    total: Option<u64>,
    /// Whether there is another page.
    more: bool,
    /// Which options are wrong.
    fields: Vec<&'static str>,
}

/// What `show --json` prints.
#[derive(Debug, Default, Serialize)]
struct Shown {
    key: Option<KeyReport>,
    /// The latest charges that went through this ledger, newest first.
    charges: Vec<Report>,
    /// Next first; `null` when nobody could be asked.
    schedules: Option<Vec<ScheduleReport>>,
    fields: Vec<&'static str>,
}

/// The most pages that `--all` reads.
const PAGES: u32 = 1_000;

/// Lists.
pub(super) fn list(globals: &Globals, args: &ListArgs) -> ExitCode {
    ask(globals, args.json, error::asking, |at, listed| listing(at, args, listed))
}

fn listing(at: &Asking<'_>, args: &ListArgs, answer: &mut Answer<Listed>) -> Result<Exit, Problem> {
    let (say, desk, listed) = (at.say, at.desk, &mut answer.what);
    let search = match search(args) {
        Ok(search) => search,
        Err(wrong) => {
            say.wrong(std::slice::from_ref(&wrong));
            (answer.problem, listed.fields) = (Some("usage"), vec![wrong.field]);
            return Ok(Exit::Usage);
        }
    };
    let found = runtime()?.block_on(pages(desk, args, search))?;
    let by_provider = desk.gateway.can_list();
    listed.basis = Some(if by_provider { "provider" } else { "ledger" });
    (listed.total, listed.more) = (found.total, found.more);
    if !by_provider {
        say.problem_text(&text!("cli.key.basis-ledger"));
        if args.status == Status::Deleted {
            say.problem_text(&text!("cli.key.v1-forgets"));
        }
    }
    for key in &found.keys {
        let channel = configured(at.session, desk, key);
        if args.json {
            let made = made_by(desk, &key.key);
            listed.keys.push(KeyReport::of(key, channel.as_ref(), made, args.show_key));
        } else {
            line(say, key, channel.as_ref(), args.show_key);
        }
    }
    if !args.json {
        if found.keys.is_empty() {
            say.text(&text!("cli.key.none"));
        } else if found.more {
            say.problem_text(&text!("cli.key.more", page = args.page + 1));
        }
    }
    Ok(Exit::Done)
}

fn made_by(desk: &Desk, key: &BillingKey) -> Option<String> {
    let made = desk.ledger.borrow().by_key(key).ok().flatten()?;
    (made.new.profile == desk.profile).then(|| made.new.id.to_string())
}

/// What is searched for.
fn search(args: &ListArgs) -> Result<KeySearch, Wrong> {
    let filled = |text: &Option<String>| text.as_deref().map(tidy).filter(|text| !text.is_empty());
    let digits = |text: String| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let text = filled(&args.customer_phone)
        .map(|phone| KeyText::Phone(digits(phone)))
        .or_else(|| filled(&args.customer_name).map(KeyText::Name))
        .or_else(|| filled(&args.key_prefix).map(KeyText::Key))
        .or_else(|| filled(&args.bin).map(KeyText::Bin));
    let (from, until) = (day("from", args.from.as_deref())?, day("until", args.until.as_deref())?);
    Ok(KeySearch {
        customer_id: filled(&args.customer_id),
        text,
        status: match args.status {
            Status::Issued => Some(KeyStatus::Issued),
            Status::Deleted => Some(KeyStatus::Deleted),
            Status::All => None,
        },
        pg: filled(&args.pg).map(PgCode::new),
        from: from.and_then(midnight),
        // The day itself is meant too.
        until: until.and_then(|day| day.tomorrow().ok()).and_then(midnight),
        page: 0,
        among: Vec::new(),
    })
}

fn day(option: &'static str, given: Option<&str>) -> Result<Option<Date>, Wrong> {
    let Some(given) = given else { return Ok(None) };
    match given.trim().parse() {
        Ok(day) => Ok(Some(day)),
        Err(_) => Err(Wrong { field: option, why: text!("cli.key.day") }),
    }
}

fn midnight(day: Date) -> Option<Timestamp> {
    due::at(day, jiff::civil::Time::midnight())
}

/// What the pages that were asked for hold.
struct Found {
    keys: Vec<ProviderKey>,
    total: Option<u64>,
    more: bool,
}

/// Reads pages until the one that was asked for is full. One that holds a key which turned out not to be of the
/// status that was asked for (V1: deleted elsewhere) is told with fewer keys; the total counts it.
async fn pages(desk: &Desk, args: &ListArgs, mut search: KeySearch) -> Result<Found, Problem> {
    let limit = if args.all { usize::MAX } else { args.limit as usize };
    let first = if args.all { 0 } else { (args.page as usize - 1).saturating_mul(limit) };
    search.page = u32::try_from(first / KeySearch::PAGE).unwrap_or(u32::MAX);
    let skip = first % KeySearch::PAGE;
    let mut found = Found { keys: Vec::new(), total: None, more: false };
    let wanted = skip.saturating_add(limit);
    for _ in 0..PAGES {
        let page = desk.key_page(&search).await?;
        found.total = page.total;
        found.keys.extend(page.keys);
        found.more = page.more;
        if !page.more || found.keys.len() > wanted {
            break;
        }
        search.page += 1;
    }
    found.more |= found.keys.len() > wanted;
    found.keys.truncate(wanted);
    found.keys.drain(..skip.min(found.keys.len()));
    found.keys.retain(|key| match search.status {
        Some(KeyStatus::Issued) => key.is_alive(),
        Some(KeyStatus::Deleted) => !key.is_alive(),
        None => true,
    });
    Ok(found)
}

/// Shows one key.
pub(super) fn run(globals: &Globals, args: &Args) -> ExitCode {
    ask(globals, args.json, error::asking, |at, shown| show(at, args, shown))
}

fn show(at: &Asking<'_>, args: &Args, answer: &mut Answer<Shown>) -> Result<Exit, Problem> {
    let (say, desk, shown) = (at.say, at.desk, &mut answer.what);
    let runtime = runtime()?;
    let mut findings = Findings::default();
    let key = match args.key.find(desk, &mut findings).map_err(super::reference::NoKey::wrong) {
        Ok(key) => key,
        Err(Ok(wrong)) => {
            say.wrong(std::slice::from_ref(&wrong));
            (answer.problem, shown.fields) = (Some("usage"), vec![wrong.field]);
            return Ok(Exit::Usage);
        }
        Err(Err(problem)) => return Err(problem),
    };
    super::reference::tell(say, &findings);
    // What the ledger knows stands whether the provider can be asked or not.
    let charges = desk.charges_of(&key)?;
    shown.charges = charges.iter().map(|charge| Report::of_intent(charge, args.show_key)).collect();
    let told = runtime.block_on(desk.key(&key));
    if let Ok(Some(held)) = &told {
        let channel = configured(at.session, desk, held);
        if args.json {
            let made = made_by(desk, &key);
            shown.key = Some(KeyReport::of(held, channel.as_ref(), made, args.show_key));
        } else {
            line(say, held, channel.as_ref(), args.show_key);
        }
    }
    if !args.json {
        for charge in &charges {
            let state = state_key(charge.new.kind, charge.state);
            say.text(&text!(
                "cli.key.charge-line",
                time = to_the_minute(charge.new.created),
                amount = amount(say, charge.new.amount),
                state = state,
                order = charge.new.order_name,
                id = charge.new.id
            ));
        }
    }
    let held = told?.ok_or(Problem::KeyGone)?;
    let open = runtime.block_on(desk.open_schedules(std::slice::from_ref(&held.key)))?;
    if !args.json {
        for schedule in &open {
            say.text(&schedule_line(say, schedule));
        }
    }
    shown.schedules = Some(open.iter().map(ScheduleReport::from).collect());
    Ok(Exit::Done)
}
