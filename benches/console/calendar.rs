//! The calendar in front of 10,000 schedules a month: three such months in the ledger's copy, and at the provider
//! one month, of which the copy knows nothing.

use std::time::{Duration, Instant};

use danmal::domain::billing_key::BillingKey;
use danmal::domain::due;
use danmal::domain::month::Month;
use danmal::domain::schedule::{ProviderSchedule, ScheduleState, Span};
use danmal::domain::text::SafeText;
use danmal::ledger::cache::Cache as _;
use danmal::ledger::sqlite::SqliteLedger;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use serde_json::json;

use crate::figures::{self, Spread, Table};
use crate::people;
use crate::shop::{Sandbox, Shop};
use crate::terminal::Program;
use crate::{
    DOWN, END, ENTER, ESC, F4, F5, FULL, HOME, LEFT, PACE, PAGE_DOWN, PAGE_UP, PATIENCE, QUIET, RIGHT,
    TO_CALENDAR, TO_PAYMENTS, UP, answered, at_rest, each_key, millis, steps, whole_answer,
};

/// How many schedules a month has.
const IN_MONTH: u32 = 10_000;
/// How many of them are still planned, as the month's head says it; at the provider all are.
const PLANNED: &str = "예약 8,000건";
const PLANNED_THERE: &str = "예약 10,000건";
/// The word for a month that is being asked for.
const REFRESHING: &str = "새로 불러오는 중";
const OPENINGS: usize = 10;

/// When the schedule with this number runs: the days evenly, from ten past midnight on.
fn moment(month: Month, number: u32) -> Timestamp {
    let days = i64::from(month.days());
    let date = month.first().saturating_add(jiff::Span::new().days(i64::from(number) % days));
    midnight(date) + Duration::from_secs(600 + u64::from(number) * 8)
}

fn midnight(date: Date) -> Timestamp {
    due::at(date, Time::midnight()).unwrap()
}

/// The days that a month's page shows, those of its neighbours included.
fn page(month: Month) -> Span {
    let weeks = month.weeks();
    let (first, last) = (weeks.first().unwrap()[0].date, weeks.last().unwrap()[6].date);
    Span { from: midnight(first), until: midnight(last.tomorrow().unwrap()) }
}

fn schedule(month: Month, number: u32) -> ProviderSchedule {
    let at = moment(month, number);
    let state = match number % 10 {
        0..8 => ScheduleState::Scheduled,
        8 => ScheduleState::Failed,
        _ => ScheduleState::Revoked,
    };
    let id = format!("{:04}{:02}{number:06}", month.year(), month.month());
    ProviderSchedule {
        id: SafeText::new(&format!("01920000-0000-7000-8000-{id}")),
        payment_id: SafeText::new(&format!("dsched{id}")),
        key: BillingKey::parse(&format!("billing-key-{number:036}")).unwrap(),
        at,
        ended_at: (!state.is_ahead()).then_some(at.as_second()),
        state,
        amount: people::won(number),
        currency: SafeText::new("KRW"),
        tax_free: None,
        vat: None,
        installments: Some(0),
        order_name: people::goods(number),
        customer: people::customer(number),
        created_at: Some(at.as_second() - 86_400),
        refusal: None,
        provider_payment_id: None,
    }
}

/// Three months, this one in the middle; returns how long writing them took.
fn fill(shop: &Shop, month: Month) -> Duration {
    let ledger = SqliteLedger::open(&shop.ledger).unwrap();
    let months = [month.plus(-1), month, month.plus(1)];
    let all: Vec<ProviderSchedule> =
        months.iter().flat_map(|month| (0..IN_MONTH).map(|number| schedule(*month, number))).collect();
    let span = Span { from: page(months[0]).from, until: page(months[2]).until };
    let begun = Instant::now();
    ledger.put_schedules("main", span, &all, Timestamp::now()).unwrap();
    begun.elapsed()
}

/// A provider whose clock stands at the beginning of the month, so that all of it is to come and nothing runs.
fn provider(month: Month) -> Sandbox {
    let begin = midnight(month.first()).to_string();
    let sandbox = Sandbox::start(&["--clock", "manual", "--now", &begin]);
    let mut wire = sandbox.wire();
    let key = wire.register(&sandbox.channel("v2", "KCP_V2"), 1);
    for number in 0..IN_MONTH {
        let body = json!({
            "payment": {"billingKey": key, "orderName": people::goods(number).as_str(), "currency": "KRW",
                "amount": {"total": 9_900}, "customer": {"name": {"full": people::customer(number).name()},
                    "phoneNumber": "01020003000", "email": "sky@example.com"}},
            "timeToPay": moment(month, number).to_string(),
        });
        wire.ask("POST", &format!("/payments/dthere{number:08}/schedule"), &body.to_string());
    }
    sandbox
}

pub fn measure(table: &mut Table) {
    table.part(&format!("calendar: {IN_MONTH} schedules a month, three months in the ledger's copy"));
    let month = Month::of(due::in_korea(Timestamp::now()).date());
    let shop = Shop::open("v2", provider(month));
    table.figure(
        &format!("writing {} schedules into the copy", 3 * IN_MONTH),
        millis(fill(&shop, month)),
        "ms",
    );
    opened(&shop, table);
    let mut console = shop.console();
    console.send(TO_CALENDAR);
    console.wait_for(PLANNED);
    console.read_until_quiet(PATIENCE, QUIET);
    grid(&mut console, table);
    lists(&mut console, table);
    table.at_most("resident afterwards, at rest", at_rest(&mut console), FULL, "MiB");
    drop(console);
    refreshed(&shop, table);
}

fn opened(shop: &Shop, table: &mut Table) {
    let (mut spread, mut bytes) = (Spread::default(), Spread::default());
    for _ in 0..OPENINGS {
        let mut console = shop.console();
        let (took, size) = whole_answer(&mut console, TO_CALENDAR, QUIET * 4);
        assert!(console.shown().contains(PLANNED), "{}", console.shown());
        spread.time(took);
        bytes.add(figures::number(size));
    }
    table.at_most("opened: key → last byte of the whole frame, median", spread.median(), 100.0, "ms");
    table.at_most(&format!("  the same, worst of {OPENINGS}"), spread.worst(), 100.0, "ms");
    table.at_most("  bytes up to there, worst", bytes.worst(), 2.0 * 5_120.0, "B");
}

fn grid(console: &mut Program, table: &mut Table) {
    // To the 1st: none of these leaves the month.
    console.send(HOME);
    console.read_until_quiet(Duration::from_millis(200), QUIET);
    let moves = [RIGHT, DOWN, RIGHT, DOWN, LEFT, UP, LEFT, UP];
    let sixty: Vec<&str> = moves.into_iter().cycle().take(64).collect();
    let (bytes, calls) = each_key(console, &sixty);
    table.at_most("day to day, worst", bytes.worst(), 60.0, "B");
    table.figure("  the same, median", bytes.median(), "B");
    if let Some(calls) = calls {
        table.at_most("  write calls, worst", calls.worst(), 1.0, "");
    }
    answered(table, &steps(console, &moves, 504));
    let (mut whole, mut size) = (Spread::default(), Spread::default());
    for key in [PAGE_DOWN, PAGE_UP, PAGE_UP, PAGE_DOWN].into_iter().cycle().take(20) {
        let (took, bytes) = whole_answer(console, key, QUIET * 2);
        whole.time(took);
        size.add(figures::number(bytes));
    }
    assert!(console.shown().contains(PLANNED), "{}", console.shown());
    table.at_most("month turned: key → last byte, median", whole.median(), 100.0, "ms");
    table.at_most("  the same, worst", whole.worst(), 100.0, "ms");
    table.at_most("  bytes, worst", size.worst(), 5_120.0, "B");
    let tabs: Vec<&str> = [TO_PAYMENTS, TO_CALENDAR].into_iter().cycle().take(20).collect();
    let (bytes, _) = each_key(console, &tabs);
    table.at_most("switching tabs, worst", bytes.worst(), 5_120.0, "B");
}

fn lists(console: &mut Program, table: &mut Table) {
    let (took, size) = whole_answer(console, ENTER, QUIET * 2);
    table.at_most("list of a day: key → last byte", millis(took), 100.0, "ms");
    table.at_most("  bytes", figures::number(size), 2.0 * 5_120.0, "B");
    in_list(console, table);
    console.send(ESC);
    console.read_until_quiet(PATIENCE, QUIET);
    let (took, _) = whole_answer(console, F4, QUIET * 2);
    assert!(console.shown().contains(&format!("/{IN_MONTH}")), "{}", console.shown());
    table.at_most("list of the month: key → last byte", millis(took), 100.0, "ms");
    in_list(console, table);
    let (took, _) = whole_answer(console, END, QUIET * 2);
    table.at_most("  to its end: key → last byte", millis(took), 100.0, "ms");
    let (took, _) = whole_answer(console, F4, QUIET * 2);
    table.at_most("the year: key → last byte", millis(took), 100.0, "ms");
    console.send(F4);
    console.read_until_quiet(PATIENCE, QUIET);
}

fn in_list(console: &mut Program, table: &mut Table) {
    console.send(HOME);
    console.read_until_quiet(Duration::from_millis(200), QUIET);
    let moves: Vec<&str> = [DOWN, DOWN, DOWN, UP, UP, UP].into_iter().cycle().take(60).collect();
    let (bytes, _) = each_key(console, &moves);
    table.at_most("  moving, worst", bytes.worst(), 60.0, "B");
    answered(table, &steps(console, &[DOWN, UP], 200));
}

/// Two refreshes with somebody at the keys: one that changes everything, one that changes nothing.
fn refreshed(shop: &Shop, table: &mut Table) {
    let mut console = shop.console();
    console.send(TO_CALENDAR);
    console.wait_for(PLANNED);
    console.read_for(Duration::from_secs(1));
    // Where nothing is new it is over after a few keys: often enough for a hundredth of them to mean something.
    for (what, times) in [("everything new", 1), ("nothing new", 10)] {
        let (mut spread, mut took) = (Spread::default(), Spread::default());
        for _ in 0..times {
            let begun = Instant::now();
            console.send(F5);
            console.wait_for(REFRESHING);
            for key in [RIGHT, LEFT].into_iter().cycle() {
                spread.time(console.key_to_output(key));
                console.read_for(PACE / 8);
                let shown = console.shown();
                if !shown.contains(REFRESHING) && shown.contains(PLANNED_THERE) {
                    break;
                }
                assert!(begun.elapsed() < Duration::from_mins(2), "{shown}");
            }
            took.time(begun.elapsed());
            console.read_until_quiet(PATIENCE / 10, QUIET);
        }
        table.figure(&format!("refresh of {IN_MONTH} behind, {what}, worst of {times}"), took.worst(), "ms");
        answered(table, &spread);
        // A frame at 25 a second: what takes longer is seen as a stutter.
        table.at_most("  the same, worst", spread.worst(), 40.0, "ms");
    }
}
