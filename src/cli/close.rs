//! `danmal close`: a day's takings compared three ways and kept (마감). A thin twin over `operation::close`.

use std::process::ExitCode;

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;

use super::Globals;
use super::exit::Exit;
use super::once::runtime;
use super::payment::choose::BasisArg;
use super::report::print;
use super::sale::{korea, korea_time};
use super::say::{Say, amount, exit_of};
use crate::domain::close::{Basis, Change, Close, ClosedDay, Difference, Env, Tally};
use crate::domain::money::{Currency, Money};
use crate::domain::problem::Problem;
use crate::domain::record::Method;
use crate::error;
use crate::i18n::Text;
use crate::operation::Desk;
use crate::text;

/// What `danmal close` takes.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Args {
    /// The day in Korea; today when absent.
    #[arg(long, value_name = "DATE")]
    pub day: Option<Date>,
    /// By which time payments are counted: when their state last changed, or when they were asked for.
    #[arg(long, value_name = "BASIS", default_value = "changed")]
    pub basis: BasisArg,
    /// Show what was kept last for the day; asks nobody and keeps nothing.
    #[arg(long)]
    pub show: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// What `--json` prints.
#[derive(Debug, Default, Serialize)]
struct Told {
    profile: String,
    day: Option<String>,
    /// The number in the books.
    seq: Option<i64>,
    /// Whether nothing is wrong: notices may remain. `null` when nothing was compared.
    agrees: Option<bool>,
    /// As it is kept: totals and differences.
    close: Option<Value>,
    /// The close of the same day before, and what is different since.
    earlier: Option<Earlier>,
    problem: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Earlier {
    seq: i64,
    /// RFC 3339.
    made_at: String,
    operator: String,
    /// `null` when it can't be read.
    changes: Option<Vec<ChangeReport>>,
}

#[derive(Debug, Serialize)]
struct ChangeReport {
    /// `money`, `appeared` or `resolved`.
    change: &'static str,
    env: &'static str,
    currency: Option<&'static str>,
    /// What was paid then and now, less what was cancelled; minor units.
    then: Option<u64>,
    now: Option<u64>,
    id: Option<String>,
    what: Option<&'static str>,
}

impl From<&Change> for ChangeReport {
    fn from(change: &Change) -> Self {
        let nothing = |change, env: Env| Self {
            change,
            env: env.word(),
            currency: None,
            then: None,
            now: None,
            id: None,
            what: None,
        };
        let found = |change, env, difference: &Difference| Self {
            id: Some(difference.id.to_string()),
            what: Some(difference.what.word()),
            ..nothing(change, env)
        };
        match change {
            Change::Money { env, currency, then, now } => Self {
                currency: Some(currency.code()),
                then: Some(then.net()),
                now: Some(now.net()),
                ..nothing("money", *env)
            },
            Change::Appeared { env, difference } => found("appeared", *env, difference),
            Change::Resolved { env, difference } => found("resolved", *env, difference),
        }
    }
}

/// Closes, or shows what was closed.
pub(super) fn run(globals: &Globals, args: Args) -> ExitCode {
    let (session, _log) = match super::session(globals) {
        Ok(opened) => opened,
        Err(exit) => {
            if args.json {
                print(&Told { problem: Some("config"), ..Told::default() });
            }
            return exit;
        }
    };
    let say = Say::of(globals, &session);
    let mut told = Told { profile: session.profile.clone(), ..Told::default() };
    let closed = session.recipe.desk().and_then(|desk| closed(args, &desk, &mut told));
    let exit = match closed {
        Ok(Some(closed)) => {
            keep(&mut told, &closed);
            if !args.json {
                tell(say, &closed);
            }
            if closed.close.agrees() { Exit::Done } else { Exit::Failed }
        }
        Ok(None) => {
            say.problem_text(&text!("cli.close.never"));
            told.problem = Some("not_here");
            Exit::Failed
        }
        Err(problem) => {
            say.problem(&error::words(&problem), None);
            told.problem = Some(problem.word());
            exit_of(&problem)
        }
    };
    if args.json {
        print(&told);
    }
    exit.code()
}

fn closed(args: Args, desk: &Desk, told: &mut Told) -> Result<Option<ClosedDay>, Problem> {
    let day = args.day.unwrap_or_else(|| desk.world.now().to_zoned(korea()).date());
    told.day = Some(day.to_string());
    if args.show {
        return desk.closed_day(day);
    }
    let basis = match args.basis {
        BasisArg::Requested => Basis::Requested,
        BasisArg::Changed => Basis::Changed,
    };
    runtime()?.block_on(desk.close_day(day, basis)).map(Some)
}

fn keep(told: &mut Told, closed: &ClosedDay) {
    told.seq = Some(closed.seq);
    told.agrees = Some(closed.close.agrees());
    told.close = serde_json::from_str(&closed.close.keep()).ok();
    told.earlier = closed.earlier.as_ref().map(|earlier| Earlier {
        seq: earlier.seq,
        made_at: earlier.made_at.to_string(),
        operator: earlier.operator.clone(),
        changes: earlier.changes.as_ref().map(|changes| changes.iter().map(Into::into).collect()),
    });
}

fn tell(say: Say, closed: &ClosedDay) {
    let close = &closed.close;
    let basis = match close.basis {
        Basis::Requested => "cli.history.by-requested",
        Basis::Changed => "cli.history.by-changed",
    };
    say.text(&text!("cli.close.head", day = closed.day, basis = basis));
    for (env, side) in &close.sides {
        let name = env_key(*env);
        total(say, &text!("cli.close.paid", env = name), &side.totals.paid);
        for (method, tally) in &side.totals.methods {
            total(say, &Text::new(method_key(*method)), tally);
        }
        for (operator, tally) in &side.totals.operators {
            let who = match operator {
                Some(operator) => text!("cli.close.operator", operator = operator),
                None => text!("cli.close.elsewhere"),
            };
            total(say, &who, tally);
        }
    }
    differences(say, close);
    if let Some(earlier) = &closed.earlier {
        let count = earlier.changes.as_ref().map_or(0, Vec::len);
        let time = korea_time(earlier.made_at);
        say.text(&text!("cli.close.earlier", time = time, operator = earlier.operator, count = count));
    }
    say.text(&if close.agrees() { text!("cli.close.agrees") } else { text!("cli.close.differs") });
}

fn differences(say: Say, close: &Close) {
    for (env, difference) in close.differences() {
        let name = say.words(&Text::new(difference.what.name_key()));
        let todo = say.words(&Text::new(difference.what.todo_key()));
        let env = env_key(env);
        say.text(&text!("cli.close.difference", env = env, id = difference.id, name = name, todo = todo));
    }
}

fn total(say: Say, name: &Text, tally: &Tally) {
    let name = say.words(name);
    if tally.sums.is_empty() {
        say.text(&text!("cli.close.count", name = name, count = tally.count));
    }
    for (currency, sum) in &tally.sums {
        let shown = |minor| money(say, minor, *currency);
        say.text(&text!(
            "cli.close.total",
            name = name,
            count = sum.count,
            amount = shown(sum.amount),
            cancelled = shown(sum.cancelled),
            net = shown(sum.net())
        ));
    }
}

fn money(say: Say, minor: u64, currency: Currency) -> String {
    Money::new(minor, currency).map_or_else(|| minor.to_string(), |money| amount(say, money))
}

const fn env_key(env: Env) -> &'static str {
    match env {
        Env::Live => "env.live",
        Env::Test => "env.test",
        Env::Unstated => "cli.close.unstated",
    }
}

const fn method_key(method: Method) -> &'static str {
    match method {
        Method::Card => "cli.method.card",
        Method::EasyPay => "cli.method.easy-pay",
        Method::VirtualAccount => "cli.method.virtual-account",
        Method::Transfer => "cli.method.transfer",
        Method::Mobile => "cli.method.mobile",
        Method::GiftCertificate => "cli.method.gift-certificate",
        Method::Other => "cli.method.other",
    }
}
