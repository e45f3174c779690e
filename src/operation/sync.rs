//! Reading the provider's payments into the copy beside the journal. Each page and where the next one begins are
//! one write, so that a kill loses nothing and doubles nothing; only questions are asked here, so that they may be
//! asked again. The next page is asked for before this one is read and written: one question at a time, but no waiting
//! for us in between.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::Desk;
use super::ahead::ReadAhead;
use crate::domain::listing::Basis;
use crate::domain::pg::Generation;
use crate::domain::problem::Problem;
use crate::domain::record::PaymentRecord;
use crate::domain::schedule::Span;
use crate::domain::sync::{Depth, FIRST, Fresh, HISTORY, Part, Progress, SyncEnd};
use crate::gateway::{Batch, Early};
use crate::ledger::cache::{SyncKind, SyncState};

/// The pauses before a question that was not answered is asked again.
const AGAIN: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(8)];
/// The longest wait that a provider may ask for behind which it is asked again: a person hears of a longer one.
const LONGEST: Duration = Duration::from_mins(2);
/// How far the provider's clock may be ahead of ours.
const AHEAD: SignedDuration = SignedDuration::from_mins(2);

/// What became of one reading.
struct Read {
    rows: u64,
    pages: u64,
    stopped: bool,
}

impl Read {
    /// Both, one behind the other.
    const fn and(self, next: &Self) -> Self {
        Self { rows: self.rows + next.rows, pages: self.pages + next.pages, stopped: next.stopped }
    }
}

impl Desk {
    /// Reads what is new, and goes on with what was before the first time. `stop` is asked before each page; what
    /// was read until then stays, and so it does when the future is dropped.
    pub async fn sync(
        &self,
        depth: Depth,
        progress: impl Fn(Progress),
        stop: impl Fn() -> bool,
    ) -> Result<SyncEnd, Problem> {
        let left = self.prepare(depth)?;
        let mut end = self.read_on(SyncKind::Recent, &progress, &stop).await?;
        // One that was left in the middle reached up to its own beginning: what came since is read now.
        if left && !end.stopped {
            self.prepare(depth)?;
            end = end.and(&self.read_on(SyncKind::Recent, &progress, &stop).await?);
        }
        if !end.stopped && depth != Depth::Glance {
            end = end.and(&self.read_on(SyncKind::Backfill, &progress, &stop).await?);
        }
        let Read { rows, pages, stopped } = end;
        Ok(SyncEnd { rows, pages, stopped, fresh: self.fresh()? })
    }

    /// How fresh the copy is.
    pub fn fresh(&self) -> Result<Fresh, Problem> {
        let ledger = self.ledger.borrow();
        let recent = ledger.sync_state(&self.profile, SyncKind::Recent)?;
        let backfill = ledger.sync_state(&self.profile, SyncKind::Backfill)?;
        let (_, rows) = ledger.newest_payment(&self.profile, Basis::Changed)?;
        let whole = backfill.as_ref().is_some_and(|state| state.done);
        let since = match (&recent, &backfill) {
            (_, Some(backfill)) if backfill.done => Some(backfill.span.from),
            (_, Some(backfill)) => Some(backfill.span.until),
            (recent, None) => recent.as_ref().map(|state| state.span.from),
        };
        let up_to = recent.and_then(|state| match (state.done, &backfill) {
            // What was asked for last reached up to when it was asked for.
            (true, _) => Some(state.started_at),
            // It begins before the end of the one before it, if there was one.
            (false, Some(backfill)) if state.span.from != backfill.span.until => Some(state.span.from),
            (false, _) => None,
        });
        Ok(Fresh { up_to, since: since.filter(|_| up_to.is_some()), whole, rows })
    }

    /// Writes what is to be read next; `true` when something was left in the middle and is read on instead.
    fn prepare(&self, depth: Depth) -> Result<bool, Problem> {
        let now = self.world.now();
        let ledger = self.ledger.borrow();
        let recent = ledger.sync_state(&self.profile, SyncKind::Recent)?;
        let backfill = ledger.sync_state(&self.profile, SyncKind::Backfill)?;
        let first = now - FIRST;
        if backfill.is_none() || (depth == Depth::Whole && recent.as_ref().is_some_and(|state| state.done)) {
            let span = Span { from: now - HISTORY, until: first };
            ledger.put_sync_state(&self.profile, SyncKind::Backfill, &beginning(span, now))?;
        }
        let from = match recent {
            // Goes on where it was left.
            Some(state) if !state.done => return Ok(true),
            Some(_) if depth == Depth::Whole => first,
            Some(state) => state.started_at - depth.overlap(),
            None => first,
        };
        let span = Span { from, until: now + AHEAD };
        ledger.put_sync_state(&self.profile, SyncKind::Recent, &beginning(span, now))?;
        Ok(false)
    }

    /// Reads from where it was left to the end.
    async fn read_on(
        &self,
        kind: SyncKind,
        progress: &impl Fn(Progress),
        stop: &impl Fn() -> bool,
    ) -> Result<Read, Problem> {
        let mut read = Read { rows: 0, pages: 0, stopped: false };
        let mut ahead: Option<ReadAhead> = None;
        let mut pauses = AGAIN.iter();
        let mut began_again = false;
        loop {
            let state = self.ledger.borrow().sync_state(&self.profile, kind)?;
            let Some(state) = state.filter(|state| !state.done) else { return Ok(read) };
            if stop() {
                return Ok(Read { stopped: true, ..read });
            }
            // Another program may have read on meanwhile.
            let goes_on = ahead.take().filter(|ahead| ahead.goes_on(state.span, state.next.as_deref()));
            let mut reading =
                goes_on.unwrap_or_else(|| ReadAhead::start(self, state.span, state.next.clone()));
            let pages = match reading.take(&*self.world).await {
                Ok(pages) => pages,
                // A place that the provider does not know any more: from the beginning, which doubles nothing. Once:
                // it may know no place at all.
                Err(Problem::Refused { .. }) if state.next.is_some() && !began_again => {
                    began_again = true;
                    let state = beginning(state.span, self.world.now());
                    self.ledger.borrow().put_sync_state(&self.profile, kind, &state)?;
                    continue;
                }
                Err(problem) => match pause_behind(&problem, &mut pauses) {
                    Some(pause) => {
                        self.world.sleep(pause).await;
                        continue;
                    }
                    None => return Err(problem),
                },
            };
            (ahead, pauses) = (Some(reading), AGAIN.iter());
            let came = pages.items.len() as u64;
            let state = SyncState {
                done: pages.next.is_none(),
                next: pages.next,
                rows: state.rows + came,
                updated_at: pages.asked,
                ..state
            };
            let generation = self.generation();
            self.ledger.borrow().put_payment_page(&self.profile, generation, &pages.items, kind, &state)?;
            super::intend::stop_here_if_asked("synced_page");
            read.rows += came;
            read.pages += pages.count as u64;
            let part = if kind == SyncKind::Recent { Part::Recent } else { Part::Backfill };
            progress(Progress { part, span: state.span, rows: state.rows, done: state.done });
        }
    }

    /// One page; asked for again when there was no answer.
    async fn page(&self, span: Span, next: Option<&str>) -> Result<Batch<PaymentRecord>, Problem> {
        let mut pauses = AGAIN.iter();
        loop {
            let problem = match self.gateway.payments(span, next, &Early::default()).await {
                Ok(batch) => return Ok(batch),
                Err(problem) => problem,
            };
            match pause_behind(&problem, &mut pauses) {
                Some(pause) => self.world.sleep(pause).await,
                None => return Err(problem),
            }
        }
    }

    /// All payments of a span, asked for now and kept: what a close compares.
    pub(super) async fn payments_of(&self, span: Span) -> Result<Vec<PaymentRecord>, Problem> {
        let (mut all, mut next) = (Vec::new(), None::<String>);
        loop {
            let asked = self.world.now();
            let batch = self.page(span, next.as_deref()).await?;
            let generation = self.generation();
            self.ledger.borrow().put_payments(&self.profile, generation, &batch.items, asked)?;
            all.extend(batch.items);
            next = batch.next;
            if next.is_none() {
                return Ok(all);
            }
        }
    }

    /// The generation of this profile's API.
    pub fn generation(&self) -> Generation {
        let made = self.channels.first().map(|channel| channel.generation);
        made.unwrap_or(if self.gateway.can_list() { Generation::V2 } else { Generation::V1 })
    }
}

/// How long to wait before the same question is asked again; `None` when it is better told to whoever waits. A provider
/// that says how long it wants to be left alone is believed (V2 §3.2).
fn pause_behind(problem: &Problem, pauses: &mut std::slice::Iter<'_, Duration>) -> Option<Duration> {
    let asked_for = match problem {
        Problem::Unreachable { .. } => Duration::ZERO,
        Problem::Unreadable { why } if !matches!(why.as_str(), "malformed" | "too_large") => Duration::ZERO,
        Problem::Later { seconds, .. } => Duration::from_secs(seconds.unwrap_or(0).into()),
        _ => return None,
    };
    pauses.next().map(|pause| asked_for.max(*pause)).filter(|pause| *pause <= LONGEST)
}

const fn beginning(span: Span, now: Timestamp) -> SyncState {
    SyncState { span, next: None, done: false, rows: 0, started_at: now, updated_at: now }
}
