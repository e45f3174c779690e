//! `danmal key delete`: one billing key deleted, once. Schedules that wait for it are shown first and keep it from
//! being deleted, unless their revoking is ordered in the same breath.

use std::process::ExitCode;

use tokio::runtime::Runtime;

use super::reference::KeyArgs;
use super::told::schedule_line;
use super::{Doing, RequesterArg, configured, living, reason, sought};
use crate::cli::Globals;
use crate::cli::exit::Exit;
use crate::cli::once::{Asked, End, Run, find_out, until_told_to_end};
use crate::cli::report::{ScheduleReport, SchedulesReport};
use crate::cli::sale::Findings;
use crate::cli::state::{mode_key, outcome_word, state_key};
use crate::domain::billing_key::{BillingKey, ProviderKey};
use crate::domain::channel::Channel;
use crate::domain::intent::{IntentKind, IntentState};
use crate::domain::order::KeyDelete;
use crate::domain::pg::{About, Generation, rules};
use crate::domain::problem::Problem;
use crate::domain::schedule::ProviderSchedule;
use crate::domain::schedule::ScheduleRevoke;
use crate::error;
use crate::i18n::Lang;
use crate::operation::Desk;
use crate::text;

/// What `danmal key delete` takes.
#[derive(Debug, Clone, Default, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Args {
    /// Which key.
    #[command(flatten)]
    pub key: KeyArgs,
    /// Revoke the key's open schedules first; without it a key with schedules is not deleted.
    #[arg(long)]
    pub revoke_schedules: bool,
    /// Why; some PGs want to know.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Who asked for it; some PGs want to know.
    #[arg(long, value_name = "WHO")]
    pub requester: Option<RequesterArg>,
    /// Write the billing key whole; whoever has it can charge the card.
    #[arg(long)]
    pub show_key: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
    /// Check everything and send nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Delete without asking; there is nobody to ask.
    #[arg(long)]
    pub yes: bool,
}

const KIND: IntentKind = IntentKind::DeleteKey;

/// Deletes, says how it ended.
pub(super) fn run(globals: &Globals, args: &Args) -> ExitCode {
    let doing = Doing {
        kind: KIND,
        json: args.json,
        go: args.yes || args.dry_run,
        show_key: args.show_key,
        ask_yes: "cli.key.delete-yes",
    };
    doing.at_desk(globals, &[], |run, desk, runtime| delete(run, args, desk, runtime))
}

fn delete(run: &mut Run<'_>, args: &Args, desk: &Desk, runtime: &Runtime) -> Exit {
    let mut findings = Findings::default();
    let key = match sought(run, KIND, &args.key, desk, &mut findings) {
        Ok(key) => key,
        Err(exit) => return exit,
    };
    let found = runtime.block_on(async { Ok((living(desk, &key).await?, open_of(desk, &key).await?)) });
    let (held, open) = match found {
        Ok(found) => found,
        Err(problem) => {
            run.doubts(&findings);
            return run.not_begun(KIND, &problem);
        }
    };
    let channel = configured(run.session, desk, &held).unwrap_or_else(|| desk.channel_of(&held));
    describe(run, &held, &channel, &open);
    let order = build(args, desk, &held, &channel, &mut findings);
    warn(run, &channel);
    run.doubts(&findings);
    let Some(order) = order.filter(|_| findings.wrong.is_empty()) else {
        return run.refused(KIND, &findings.wrong);
    };
    // Shown whatever comes: before they are revoked, or because they are in the way.
    for schedule in &open {
        run.say.problem_text(&schedule_line(run.say, schedule));
    }
    if !open.is_empty() && !args.revoke_schedules {
        run.say.problem_text(&text!("cli.key.revoke-first", count = open.len()));
        return run.not_begun(KIND, &Problem::KeyHasSchedules);
    }
    if args.dry_run {
        return rehearsed(run, &channel, &open);
    }
    let revoke = (!open.is_empty()).then(|| ScheduleRevoke {
        id: desk.mint(),
        schedules: open.iter().map(|open| open.id.clone()).collect(),
        key: Some(key.clone()),
    });
    let id = &order.id;
    let end = runtime.block_on(until_told_to_end(desk, id, once(desk, &order, revoke.as_ref())));
    // A deletion that was not even begun has left nothing to refer to.
    let begun = desk.ledger.borrow().intent(id).ok().flatten();
    run.report.payment_id = begun.map(|begun| begun.new.id.to_string());
    let asked = Asked { kind: KIND, id, reference: id, channel: &channel, held_key: false };
    let exit = run.ended(&asked, &end.known, |run, _| {
        if !run.json {
            run.say.text(&text!(
                "cli.key.deleted",
                mode = mode_key(channel.mode),
                key = run.report.billing_key.as_deref().unwrap_or("-"),
                card = run.report.card_shown().unwrap_or_else(|| "-".to_owned()),
                id = id
            ));
        }
    });
    if let Some(revoke) = &revoke {
        revoked(run, desk, revoke, exit);
    }
    tracing::info!(payment_id = %id, outcome = run.report.outcome, "key deleted headless");
    run.finish(exit)
}

/// Deletes once. An end that was not seen is looked for once, at the key.
async fn once(desk: &Desk, order: &KeyDelete, revoke: Option<&ScheduleRevoke>) -> End {
    let outcome = match revoke {
        Some(revoke) => desk.delete_key_and_schedules(order, revoke).await,
        None => desk.delete_key(order).await,
    };
    End { known: find_out(desk, &order.id, outcome).await, key: None }
}

async fn open_of(desk: &Desk, key: &BillingKey) -> Result<Vec<ProviderSchedule>, Problem> {
    desk.open_schedules(std::slice::from_ref(key)).await.map_err(Problem::of_a_question)
}

fn describe(run: &mut Run<'_>, held: &ProviderKey, channel: &Channel, open: &[ProviderSchedule]) {
    let report = &mut run.report;
    report.card(held.card.as_ref());
    report.issuer = held.issuer.as_ref().map(ToString::to_string);
    report.channel = Some(channel.name.clone());
    report.mode = Some(channel.mode.word());
    let open = open.iter().map(ScheduleReport::from).collect();
    report.schedules = Some(SchedulesReport { open, ..SchedulesReport::default() });
}

/// The order. `NaverPay` wants to know who asked and why (V2 §9.4, V1 §4.7, §8.4); of V1's keys of NICE only those
/// without a card, which easy pay leaves, want a reason (V1 §8.4).
fn build(
    args: &Args,
    desk: &Desk,
    held: &ProviderKey,
    channel: &Channel,
    findings: &mut Findings,
) -> Option<KeyDelete> {
    let demands = rules(channel.generation, &channel.pg).cancel.requester;
    let why = match reason("reason", args.reason.as_deref()) {
        Ok(why) => why,
        Err(wrong) => {
            findings.wrong.push(wrong);
            return None;
        }
    };
    if why.is_none() {
        let easy_pay =
            channel.generation == Generation::V1 && channel.pg.as_str() == "nice_v2" && held.card.is_none();
        if demands || easy_pay {
            findings.wrong("reason", text!("cli.key.reason-demanded", pg = channel.pg));
        }
    }
    if demands && args.requester.is_none() {
        findings.wrong("requester", text!("cli.key.requester-demanded", pg = channel.pg));
    }
    Some(KeyDelete {
        id: desk.mint(),
        key: held.key.clone(),
        channel: Some(channel.clone()),
        reason: why,
        requester: args.requester.map(RequesterArg::requester),
    })
}

/// What to know about deleting a key at this PG.
fn warn(run: &Run<'_>, channel: &Channel) {
    for warning in rules(channel.generation, &channel.pg).warnings(About::DeleteKey) {
        let sentence = if run.say.lang() == Lang::Ko { &warning.ko } else { &warning.en };
        run.say.problem_text(&text!("cli.key.warning", text = sentence));
    }
}

fn rehearsed(run: &mut Run<'_>, channel: &Channel, open: &[ProviderSchedule]) -> Exit {
    run.report.outcome = "dry_run";
    if !run.json {
        run.say.text(&text!(
            "cli.key.delete-dry",
            mode = mode_key(channel.mode),
            key = run.report.billing_key.as_deref().unwrap_or("-"),
            card = run.report.card_shown().unwrap_or_else(|| "-".to_owned()),
            count = open.len()
        ));
    }
    run.finish(Exit::Done)
}

/// What became of the schedules, which is not what became of the key.
fn revoked(run: &mut Run<'_>, desk: &Desk, revoke: &ScheduleRevoke, exit: Exit) {
    const REVOKE: IntentKind = IntentKind::RevokeSchedules;
    let Some(intent) = desk.ledger.borrow().intent(&revoke.id).ok().flatten() else { return };
    if let Some(schedules) = &mut run.report.schedules {
        schedules.outcome = Some(outcome_word(REVOKE, intent.state));
        schedules.payment_id = Some(revoke.id.to_string());
    }
    let state = state_key(REVOKE, intent.state);
    let told = text!("cli.key.schedules", count = revoke.schedules.len(), state = state, id = revoke.id);
    match exit {
        Exit::Done if run.json => {}
        Exit::Done => run.say.text(&told),
        // The key may still be there without the schedules it was for.
        _ => {
            run.say.problem_text(&told);
            if intent.state == IntentState::NotCharged
                && let Some(why) = &intent.why
            {
                run.say.problem_text(&error::why(why));
            }
        }
    }
}
