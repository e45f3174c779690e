//! What the history asks for, done at the desk.

use std::path::PathBuf;
use std::rc::Rc;

use jiff::SignedDuration;
use tokio::sync::{Notify, mpsc};

use super::super::msg::{GuardChoice, Msg};
use super::super::screen::history::model::{
    Answer, Ask, Before, ExportEnd, ExportFormat, ExportOrder, Found, Known, Ours,
};
use crate::domain::close::day as day_of;
use crate::domain::export::{Format, Subject};
use crate::domain::outcome::{Look, Outcome};
use crate::domain::problem::Problem;
use crate::domain::record::Method;
use crate::domain::refund::hand::ByHand;
use crate::domain::schedule::Span;
use crate::domain::sync::Depth;
use crate::domain::table_file::Headings;
use crate::domain::text::SafeText;
use crate::ledger::Guard;
use crate::operation::Desk;
use crate::operation::export::{Destination, ExportOrder as FileOrder};

/// How far back owed cash receipts are looked for.
const OWED: SignedDuration = SignedDuration::from_hours(24 * 90);
/// How many closes that were kept are told of.
const CLOSES: u32 = 500;

/// How many exports are told of.
const EXPORTS: u32 = 500;

/// Tells the reading that is under way to stop where it waits, which may be long when the provider does not answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Stop(Rc<Notify>);

/// Does it; every question has an answer, except that to stop is answered by what was stopped.
pub(super) async fn answer(
    desk: &Desk,
    ask: Ask,
    guard: &impl Fn(GuardChoice) -> Guard,
    stop: &Stop,
    messages: &mpsc::Sender<Msg>,
) -> Option<Msg> {
    let answer = match ask {
        Ask::List(question, filter, query) => {
            let found = desk
                .find_payments(&filter, &query)
                .and_then(|rows| Ok(Box::new(Found { rows, fresh: desk.fresh()? })));
            Answer::List(question, found)
        }
        Ask::Rows(question, rows) => {
            let found = desk.kept_payments(&rows);
            Answer::Rows(question, rows, found)
        }
        Ask::Sync(depth) => Answer::Synced(sync(desk, depth, stop, messages).await),
        Ask::StopSync => {
            stop.0.notify_waiters();
            return None;
        }
        Ask::Detail(id) => {
            let known = known(desk, &id).await;
            Answer::Detail(id, known)
        }
        Ask::Raw(id) => {
            let raw = desk.raw_payment(&id).await;
            Answer::Raw(id, raw)
        }
        Ask::Refund(effect, order, choice) => {
            let end = desk.refund(&order, &guard(choice), |_| {}).await;
            Answer::Refunded(effect, Box::new(end))
        }
        Ask::LookByHand(effect, id) => {
            let missing = || Problem::Ledger { detail: format!("no intent {id}") };
            let found = desk.by_hand(&id).await.and_then(|found| found.ok_or_else(missing));
            tell_settled(&found, messages);
            Answer::ByHand(effect, found)
        }
        Ask::SettleByHand(effect, evidence, said) => {
            let found = desk.settle_by_hand(&evidence, &said).await;
            tell_settled(&found, messages);
            Answer::ByHand(effect, found)
        }
        Ask::Owed => Answer::Owed(owed(desk)),
        Ask::IssueReceipt(effect, order) => Answer::Receipt(effect, desk.issue_receipt(&order).await),
        Ask::CancelReceipt(effect, order, channel) => {
            Answer::Receipt(effect, desk.cancel_receipt(&order, &channel).await)
        }
        Ask::Close(question, day, basis) => {
            Answer::Closed(question, desk.close_day(day, basis).await.map(Box::new))
        }
        Ask::Reopen(question, seq) => {
            let unreadable = || Problem::Unreadable { why: "close".to_owned() };
            let found = desk.kept_close(seq).and_then(|found| found.ok_or_else(unreadable));
            Answer::Closed(question, found.map(Box::new))
        }
        Ask::Closes(day, is_test) => {
            let until = day_of(day).map_or_else(|| desk.world.now(), |span| span.until);
            let found = desk
                .kept_closes(CLOSES)
                .and_then(|lines| Ok(Before { lines, days: desk.latest_days(until, is_test)? }));
            Answer::Closes(found)
        }
        Ask::Export(effect, order) => Answer::Exported(effect, export(desk, *order)),
        Ask::Exports => Answer::Exports(desk.exports(EXPORTS)),
        Ask::Pgs => Answer::Pgs(desk.payment_pgs()),
    };
    Some(Msg::History(Box::new(answer)))
}

/// Whoever else waits for the end of this refund hears of it at once; were the message lost, the next look brings it.
fn tell_settled(found: &Result<ByHand, Problem>, messages: &mpsc::Sender<Msg>) {
    if let Ok(ByHand::Settled(intent)) = found {
        let _ = messages.try_send(Msg::Looked(intent.new.id.clone(), Look::Settled(intent.clone())));
    }
}

async fn sync(
    desk: &Desk,
    depth: Depth,
    stop: &Stop,
    messages: &mpsc::Sender<Msg>,
) -> Result<crate::domain::sync::Fresh, Problem> {
    // A lost progress line loses nothing but a number on the screen.
    let progress = |progress| {
        let _ = messages.try_send(Msg::History(Box::new(Answer::Syncing(progress))));
    };
    tokio::select! {
        end = desk.sync(depth, progress, || false) => Ok(end?.fresh),
        // What was read until now stays.
        () = stop.0.notified() => desk.fresh(),
    }
}

async fn known(desk: &Desk, id: &SafeText) -> Result<Option<Box<Known>>, Problem> {
    let Some(found) = desk.attempts_of(id).await? else { return Ok(None) };
    let Some(record) = found.records.first() else { return Ok(None) };
    let channel = desk.channel_of_payment(record);
    let may_have_one =
        record.receipt.is_some() || matches!(record.method, Method::VirtualAccount | Method::Transfer);
    let receipt = if may_have_one && found.offline.is_none() {
        // That it could not be asked for leaves what the payment itself tells.
        desk.receipt(id, record.payment.provider_payment_id.as_ref()).await.ok().flatten()
    } else {
        None
    };
    let ours = desk.journal_of_payment(id)?.into_iter().map(|(intent, lines)| Ours {
        intent,
        lines: lines.into_iter().map(|line| (line.at, line.word, line.detail)).collect(),
    });
    Ok(Some(Box::new(Known {
        channel,
        ours: ours.collect(),
        receipt,
        asked_at: found.asked_at,
        offline: found.offline,
        attempts: found.records,
    })))
}

fn owed(desk: &Desk) -> Result<Vec<crate::domain::record::PaymentRecord>, Problem> {
    let now = desk.world.now();
    let span = Span { from: now - OWED, until: now };
    Ok(desk.receipts_owed(span)?.into_iter().map(|kept| kept.what).collect())
}

fn export(desk: &Desk, order: ExportOrder) -> ExportEnd {
    let named = PathBuf::from(order.path);
    // The whole path is shown afterwards, so that the file is found.
    let path = std::env::current_dir().map(|here| here.join(&named)).unwrap_or(named);
    let shown = path.display().to_string();
    let order = FileOrder {
        subject: Subject::Payments,
        list: order.rows,
        columns: order.columns.into_iter().copied().collect(),
        format: match order.format {
            ExportFormat::CsvKo => Format::Csv(Headings::Ko),
            ExportFormat::CsvEn => Format::Csv(Headings::En),
            ExportFormat::JsonLines => Format::JsonLines,
        },
        reason: order.reason,
        into: Destination::File { path, replace: false },
    };
    match desk.export(&order) {
        Ok(rows) => ExportEnd::Written(rows, SafeText::new(&shown).to_string()),
        Err(problem) => ExportEnd::Not(problem),
    }
}

/// The answer without a journal: nothing was asked and nothing sent.
pub(super) fn without_a_desk(ask: Ask, problem: Problem) -> Option<Msg> {
    let not = || Outcome::NotCharged(problem.clone());
    Some(Msg::History(Box::new(match ask {
        Ask::List(question, ..) => Answer::List(question, Err(problem)),
        Ask::Rows(question, rows) => Answer::Rows(question, rows, Err(problem)),
        Ask::Sync(_) => Answer::Synced(Err(problem)),
        Ask::StopSync => return None,
        Ask::Detail(id) => Answer::Detail(id, Err(problem)),
        Ask::Raw(id) => Answer::Raw(id, Err(problem)),
        Ask::Refund(effect, ..) => Answer::Refunded(effect, Box::new(not().into())),
        Ask::LookByHand(effect, _) | Ask::SettleByHand(effect, ..) => Answer::ByHand(effect, Err(problem)),
        Ask::Owed => Answer::Owed(Err(problem)),
        Ask::IssueReceipt(effect, _) | Ask::CancelReceipt(effect, ..) => {
            Answer::Receipt(effect, not().into())
        }
        Ask::Close(question, ..) | Ask::Reopen(question, _) => Answer::Closed(question, Err(problem)),
        Ask::Closes(..) => Answer::Closes(Err(problem)),
        Ask::Export(effect, _) => Answer::Exported(effect, ExportEnd::Not(problem)),
        Ask::Exports => Answer::Exports(Err(problem)),
        Ask::Pgs => Answer::Pgs(Err(problem)),
    })))
}
