//! `danmal close`: a day's takings compared three ways and kept (마감). A thin twin over `operation::close`.

use std::process::ExitCode;

use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Value, json};

use super::Globals;
use super::ask::{Answer, Asking, ask};
use super::exit::Exit;
use super::once::runtime;
use super::payment::choose::BasisArg;
use super::say::{Say, amount};
use crate::domain::close::{
    Basis, Brief, Change, Close, ClosedDay, Difference, EarlierClose, Env, Group, KeptClose, StateGroup, Sum,
    Tally, What,
};
use crate::domain::due::{self, to_the_minute};
use crate::domain::money::{Currency, Money};
use crate::domain::problem::Problem;
use crate::domain::record::Method;
use crate::domain::text::SafeText;
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
    /// Show the close of this number in place of the day's last.
    #[arg(long, value_name = "N", requires = "show", conflicts_with = "day")]
    pub seq: Option<i64>,
    /// List what was kept, the latest day first; asks nobody and keeps nothing.
    #[arg(long, conflicts_with_all = ["show", "day", "basis"])]
    pub list: bool,
    /// How many closes are listed at most.
    #[arg(long, value_name = "N", default_value_t = 60, requires = "list")]
    pub limit: u32,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// What `--json` prints.
#[derive(Debug, Default, Serialize)]
struct Told {
    day: Option<String>,
    /// The number in the books.
    seq: Option<i64>,
    /// Who closed it.
    operator: Option<String>,
    /// Whether nothing is wrong: notices may remain. `null` when nothing was compared.
    agrees: Option<bool>,
    /// As it is kept: totals and differences.
    close: Option<Value>,
    /// The close of the same day before, and what is different since.
    earlier: Option<Earlier>,
}

#[derive(Debug, Serialize)]
struct Earlier {
    seq: i64,
    /// RFC 3339.
    made_at: String,
    operator: String,
    /// By which time it counted; `null` when it can't be read.
    basis: Option<&'static str>,
    /// `null` when it can't be read.
    changes: Option<Vec<ChangeReport>>,
}

#[derive(Debug, Serialize)]
struct ChangeReport {
    /// `money`, `uncounted`, `became`, `appeared` or `resolved`.
    change: &'static str,
    env: &'static str,
    /// Of a sum: `paid`, `method`, `state` or `operator`, and which of them.
    group: Option<&'static str>,
    name: Option<String>,
    currency: Option<&'static str>,
    /// Of a difference: the payment's id, and what it is called now; of one that is gone what it was called.
    id: Option<String>,
    what: Option<&'static str>,
    /// What it was and what it is: of a sum `count`, `amount`, `cancelled` and `net` (minor units), of a difference as
    /// it stands in a close; `null` where there was or is none.
    then: Value,
    now: Value,
}

impl From<&Change> for ChangeReport {
    fn from(change: &Change) -> Self {
        let nothing = Self {
            change: change.word(),
            env: change.env().word(),
            group: None,
            name: None,
            currency: None,
            id: None,
            what: None,
            then: Value::Null,
            now: Value::Null,
        };
        let named = |group: &Group| (Some(group.word()), group.name().map(str::to_owned));
        let sum = |sum: &Sum| json!({"count": sum.count, "amount": sum.amount, "cancelled": sum.cancelled, "net": sum.net()});
        let found = |found: &Difference| serde_json::from_str(&found.keep()).unwrap_or_default();
        let of = |id: &SafeText, what: &What| found(&Difference { id: id.clone(), what: what.clone() });
        match change {
            Change::Money { group, currency, then, now, .. } => {
                let (group, name) = named(group);
                let currency = Some(currency.code());
                Self { group, name, currency, then: sum(then), now: sum(now), ..nothing }
            }
            Change::Uncounted { group, then, now, .. } => {
                let (group, name) = named(group);
                Self { group, name, then: json!({"count": then}), now: json!({"count": now}), ..nothing }
            }
            Change::Became { id, then, now, .. } => Self {
                id: Some(id.to_string()),
                what: Some(now.word()),
                then: of(id, then),
                now: of(id, now),
                ..nothing
            },
            Change::Appeared { difference, .. } => Self {
                id: Some(difference.id.to_string()),
                what: Some(difference.what.word()),
                now: found(difference),
                ..nothing
            },
            Change::Resolved { difference, .. } => Self {
                id: Some(difference.id.to_string()),
                what: Some(difference.what.word()),
                then: found(difference),
                ..nothing
            },
        }
    }
}

/// What `--list --json` prints.
#[derive(Debug, Default, Serialize)]
struct Listed {
    closes: Vec<Line>,
}

#[derive(Debug, Serialize)]
struct Line {
    seq: i64,
    day: String,
    /// RFC 3339.
    made_at: String,
    operator: String,
    /// These are `null` when this program can't read the close.
    basis: Option<&'static str>,
    agrees: Option<bool>,
    /// How many are to be mended, and how many only to be known.
    differences: Option<usize>,
    notices: Option<usize>,
}

impl From<&KeptClose> for Line {
    fn from(kept: &KeptClose) -> Self {
        let brief = kept.brief.as_ref();
        Self {
            seq: kept.seq,
            day: kept.day.to_string(),
            made_at: kept.made_at.to_string(),
            operator: kept.operator.clone(),
            basis: brief.map(|brief| brief.basis.word()),
            agrees: brief.map(Brief::agrees),
            differences: brief.map(|brief| brief.wrong),
            notices: brief.map(|brief| brief.notices),
        }
    }
}

/// Closes, shows what was closed, or lists it.
pub(super) fn run(globals: &Globals, args: Args) -> ExitCode {
    if args.list {
        return ask(globals, args.json, error::words, |at, listed| list(at, args, listed));
    }
    ask(globals, args.json, error::words, |at, told: &mut Answer<Told>| {
        if let Some(closed) = closed(args, at.desk, &mut told.what)? {
            keep(&mut told.what, &closed);
            if !at.json {
                tell(at.say, &closed);
            }
            return Ok(if closed.close.agrees() { Exit::Done } else { Exit::Failed });
        }
        let (text, word) = if told.what.seq.is_some() {
            (text!("cli.close.unreadable"), "unreadable")
        } else {
            (text!("cli.close.never"), "not_here")
        };
        at.say.problem_text(&text);
        told.problem = Some(word);
        Ok(Exit::Failed)
    })
}

/// The close that is meant; `None` when none was kept, or, with its number told, when it can't be read.
fn closed(args: Args, desk: &Desk, told: &mut Told) -> Result<Option<ClosedDay>, Problem> {
    let day = args.day.unwrap_or_else(|| due::in_korea(desk.world.now()).date());
    if args.show {
        told.day = args.seq.is_none().then(|| day.to_string());
        let found = match args.seq {
            Some(seq) => desk.kept_close(seq)?,
            None => desk.closed_day(day)?,
        };
        if found.is_none() {
            let this = |kept: &KeptClose| args.seq.map_or(kept.day == day, |seq| kept.seq == seq);
            let kept = desk.kept_closes(u32::MAX)?.into_iter().find(this);
            told.seq = kept.map(|kept| kept.seq);
        }
        return Ok(found);
    }
    told.day = Some(day.to_string());
    let basis = match args.basis {
        BasisArg::Requested => Basis::Requested,
        BasisArg::Changed => Basis::Changed,
    };
    runtime()?.block_on(desk.close_day(day, basis)).map(Some)
}

/// Every close that was kept, in a line.
fn list(at: &Asking<'_>, args: Args, listed: &mut Answer<Listed>) -> Result<Exit, Problem> {
    let closes = at.desk.kept_closes(args.limit)?;
    listed.what.closes = closes.iter().map(Into::into).collect();
    if !at.json {
        for kept in &closes {
            at.say.text(&line(at.say, kept));
        }
        if closes.is_empty() {
            at.say.text(&text!("cli.close.none"));
        }
    }
    Ok(Exit::Done)
}

fn line(say: Say, kept: &KeptClose) -> Text {
    let (basis, found) = match kept.brief {
        None => ("cli.close.unstated-basis", text!("history.close.not-readable")),
        Some(Brief { basis, wrong, notices }) => (
            basis_key(basis),
            match (wrong, notices) {
                (0, 0) => text!("history.close.found.agrees"),
                (0, notices) => text!("history.close.found.notices", count = notices),
                (wrong, 0) => text!("history.close.found.wrong", count = wrong),
                (wrong, notices) => text!("history.close.found.both", count = wrong, notices = notices),
            },
        ),
    };
    text!(
        "cli.close.line",
        seq = kept.seq,
        day = kept.day,
        found = say.words(&found),
        basis = basis,
        time = to_the_minute(kept.made_at),
        operator = kept.operator
    )
}

fn keep(told: &mut Told, closed: &ClosedDay) {
    told.day = Some(closed.day.to_string());
    told.seq = Some(closed.seq);
    told.operator = Some(closed.operator.clone());
    told.agrees = Some(closed.close.agrees());
    told.close = serde_json::from_str(&closed.close.keep()).ok();
    told.earlier = closed.earlier.as_ref().map(|earlier| Earlier {
        seq: earlier.seq,
        made_at: earlier.made_at.to_string(),
        operator: earlier.operator.clone(),
        basis: earlier.basis.map(Basis::word),
        changes: earlier.changes.as_ref().map(|changes| changes.iter().map(Into::into).collect()),
    });
}

fn tell(say: Say, closed: &ClosedDay) {
    let close = &closed.close;
    let basis = basis_key(close.basis);
    say.text(&text!("cli.close.head", day = closed.day, basis = basis, seq = closed.seq));
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
        since(say, close.basis, earlier);
    }
    say.text(&if close.agrees() { text!("cli.close.agrees") } else { text!("cli.close.differs") });
}

fn differences(say: Say, close: &Close) {
    for (env, difference) in close.differences() {
        let name = named(say, &difference.what);
        let todo = say.words(&Text::new(difference.what.todo_key()));
        let env = env_key(env);
        say.text(&text!("cli.close.difference", env = env, id = difference.id, name = name, todo = todo));
    }
}

/// What is different since the close before: what it was and what it is now, a line each.
fn since(say: Say, basis: Basis, earlier: &EarlierClose) {
    let (time, operator) = (to_the_minute(earlier.made_at), &earlier.operator);
    let Some(changes) = &earlier.changes else {
        return say.text(&text!("cli.close.not-compared", time = time, operator = operator));
    };
    say.text(&text!("cli.close.earlier", time = time, operator = operator, count = changes.len()));
    if let Some(other) = earlier.basis.filter(|other| *other != basis) {
        say.text(&text!("cli.close.other-basis", basis = basis_key(other)));
    }
    for change in changes {
        let text = say.words(&changed(say, change));
        say.text(&text!("cli.close.change", env = env_key(change.env()), text = text));
    }
}

fn changed(say: Say, change: &Change) -> Text {
    match change {
        Change::Money { group, currency, then, now, .. } => text!(
            "close.change.money",
            name = group_name(say, group),
            then = sum(say, then, *currency),
            now = sum(say, now, *currency),
            by = by(say, then, now, *currency)
        ),
        Change::Uncounted { group, then, now, .. } => {
            text!("close.change.uncounted", name = group_name(say, group), then = then, now = now)
        }
        Change::Became { id, then, now, .. } => {
            text!("close.change.became", id = id, then = named(say, then), now = named(say, now))
        }
        Change::Appeared { difference, .. } => {
            text!("close.change.appeared", id = difference.id, what = named(say, &difference.what))
        }
        Change::Resolved { difference, .. } => {
            text!("close.change.resolved", id = difference.id, what = named(say, &difference.what))
        }
    }
}

fn group_name(say: Say, group: &Group) -> String {
    say.words(&match group {
        Group::Paid => text!("history.close.paid"),
        Group::Method(method) => Text::new(method_key(*method)),
        Group::State(state) => Text::new(state.name_key()),
        Group::Operator(None) => text!("cli.close.elsewhere"),
        Group::Operator(Some(who)) => text!("close.change.operator", who = who),
    })
}

fn sum(say: Say, sum: &Sum, currency: Currency) -> String {
    let shown = |minor| money(say, minor, currency);
    let (count, amount) = (sum.count, shown(sum.amount));
    say.words(&if sum.cancelled == 0 {
        text!("cli.close.sum", count = count, amount = amount)
    } else {
        let (cancelled, net) = (shown(sum.cancelled), shown(sum.net()));
        text!("cli.close.sum-cancelled", count = count, amount = amount, cancelled = cancelled, net = net)
    })
}

/// How much more or less is left, with its sign.
fn by(say: Say, then: &Sum, now: &Sum, currency: Currency) -> String {
    match (then.net(), now.net()) {
        (then, now) if now < then => format!("-{}", money(say, then - now, currency)),
        (then, now) => format!("+{}", money(say, now - then, currency)),
    }
}

/// A difference by its name, with its figures.
fn named(say: Say, what: &What) -> String {
    let name = say.words(&Text::new(what.name_key()));
    let figures = match what {
        What::AmountDiffers { ours, theirs } => {
            let theirs = theirs
                .map_or_else(|| say.words(&text!("history.amount-unknown")), |theirs| amount(say, theirs));
            text!("history.close.amounts", ours = amount(say, *ours), theirs = theirs)
        }
        What::StateDiffers { theirs } => {
            let state = say.words(&Text::new(StateGroup::of(theirs).name_key()));
            text!("history.close.theirs", theirs = state)
        }
        What::ModeDiffers { theirs } => {
            text!("history.close.theirs", theirs = say.words(&Text::new(env_key(*theirs))))
        }
        What::CancelledElsewhere { amount: more } | What::RefundNotSeen { amount: more } => {
            return format!("{name} ({})", amount(say, *more));
        }
        _ => return name,
    };
    format!("{name} ({})", say.words(&figures))
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

const fn basis_key(basis: Basis) -> &'static str {
    match basis {
        Basis::Requested => "cli.history.by-requested",
        Basis::Changed => "cli.history.by-changed",
    }
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
