//! Many at once: all of it on disk first, then one by one, stopped and gone on with between any two.

use std::collections::HashSet;

use super::REVOKED_AT_ONCE;
use super::carry::{ended, outcome_of};
use crate::domain::bulk::{ActionEnd, BatchLeft, BulkEnd, BulkStep, Plan};
use crate::domain::intent::{Intent, IntentKind, IntentState, NewIntent, Step};
use crate::domain::money::Currency;
use crate::domain::outcome::{Look, Outcome};
use crate::domain::payment::PaymentId;
use crate::domain::problem::Problem;
use crate::ledger::{Guard, Intended};
use crate::operation::Desk;
use crate::operation::intend::stop_here_if_asked;

/// Something to be carried out: an intent, and the revoking that goes before it.
struct Item {
    new: NewIntent,
    revoke: Option<NewIntent>,
}

impl Item {
    /// The items of intents: those that revoke for another one belong to that one.
    fn all(intents: Vec<NewIntent>) -> Vec<Self> {
        let parents: HashSet<PaymentId> = intents.iter().filter_map(|new| new.parent.clone()).collect();
        let (mut revokes, news): (Vec<NewIntent>, Vec<NewIntent>) =
            intents.into_iter().partition(|new| parents.contains(&new.id));
        news.into_iter()
            .map(|new| {
                let at = revokes.iter().position(|revoke| Some(&revoke.id) == new.parent.as_ref());
                let revoke = at.map(|at| revokes.swap_remove(at));
                Self { new, revoke }
            })
            .collect()
    }

    fn only_revokes(&self) -> bool {
        self.new.kind == IntentKind::RevokeSchedules
    }
}

impl Desk {
    /// Carries a plan out. Everything that will be done is on disk before the first request is sent; then the items
    /// are carried out one by one, and `progress` is told of each. `cancelled` is asked between items: what is left
    /// then stays a batch that can be [resumed](Desk::resume) or [dropped](Desk::drop_batch).
    ///
    /// A plan of one item makes no batch, and can't be cancelled. The `guard` is the duplicate guard of what
    /// charges now. Running the same plan twice does nothing the second time.
    pub async fn run_bulk(
        &self,
        plan: &Plan,
        guard: &Guard,
        progress: impl Fn(&BulkStep),
        cancelled: impl Fn() -> bool,
    ) -> Result<BulkEnd, Problem> {
        let of = plan.count();
        let batch = (of > 1).then_some(&plan.batch);
        let mut groups = Vec::with_capacity(of);
        for item in plan.ready() {
            groups.push(self.drafts(item, batch)?);
        }
        let slices: Vec<&[NewIntent]> = groups.iter().map(Vec::as_slice).collect();
        let _stay = self.under_way.enter(&plan.batch);
        let written = self.ledger.borrow().intend_all(&slices, guard)?;
        stop_here_if_asked("intended");
        let mut ends = Vec::with_capacity(of);
        let mut items = Vec::with_capacity(of);
        for (mut group, written) in groups.into_iter().zip(written) {
            let Some(new) = group.pop() else { continue };
            let end = match written {
                Intended::Written => {
                    items.push(Item { new, revoke: group.pop() });
                    continue;
                }
                Intended::Guarded(earlier) => Outcome::Blocked(earlier),
                Intended::Taken => Outcome::NotCharged(Problem::ScheduleExists),
            };
            let end = ended(&new, end, None);
            progress(&BulkStep { done: ends.len() + 1, of, end: end.clone() });
            ends.push(end);
        }
        let alone = batch.is_none();
        let left = self.carry_all(&items, &mut ends, of, progress, || !alone && cancelled()).await;
        Ok(BulkEnd { batch: plan.batch.clone(), ends, left })
    }

    /// Carries items out and says how many are left.
    async fn carry_all(
        &self,
        items: &[Item],
        ends: &mut Vec<ActionEnd>,
        of: usize,
        progress: impl Fn(&BulkStep),
        cancelled: impl Fn() -> bool,
    ) -> usize {
        let mut left = items;
        while let [first, ..] = left {
            if cancelled() {
                return left.len();
            }
            let together = left.iter().take(REVOKED_AT_ONCE).take_while(|item| item.only_revokes()).count();
            let now = left.get(..together.max(1)).unwrap_or_default();
            left = left.get(now.len()..).unwrap_or_default();
            let told = if together > 1 {
                let all: Vec<NewIntent> = now.iter().map(|item| item.new.clone()).collect();
                self.revoke_together(&all).await
            } else {
                vec![self.carry(&first.new, first.revoke.as_ref()).await]
            };
            for end in told {
                progress(&BulkStep { done: ends.len() + 1, of, end: end.clone() });
                ends.push(end);
            }
            stop_here_if_asked("item");
        }
        0
    }

    /// The batches of this profile of which something was not begun, oldest first; those that are being carried out
    /// right now are left out.
    pub fn batches_left(&self) -> Result<Vec<BatchLeft>, Problem> {
        let batches = self.ledger.borrow().batches_left(&self.profile)?;
        let mut left = Vec::new();
        for batch in batches {
            let intents = self.ledger.borrow().batch(&batch)?;
            if !self.runs(&batch, &intents) {
                left.extend(told_of(batch, intents));
            }
        }
        Ok(left)
    }

    /// Whether this or another living process of this host is carrying a batch out.
    fn runs(&self, batch: &PaymentId, intents: &[Intent]) -> bool {
        let me = self.world.operator();
        let held = intents.first().is_some_and(|first| {
            let owner = &first.new.operator;
            owner.host == me.host
                && owner.process != me.process
                && self.world.still_runs(&owner.host, &owner.process)
        });
        held || self.under_way.holds(batch)
    }

    /// Goes on with a batch exactly where it stopped: what ended is left alone, what was sent and not answered is
    /// looked up, and the rest is sent.
    pub async fn resume(
        &self,
        batch: &PaymentId,
        progress: impl Fn(&BulkStep),
        cancelled: impl Fn() -> bool,
    ) -> Result<BulkEnd, Problem> {
        let intents = self.ledger.borrow().batch(batch)?;
        if self.runs(batch, &intents) {
            return Err(Problem::BatchRuns);
        }
        let _stay = self.under_way.enter(batch);
        let sent: HashSet<PaymentId> = intents
            .iter()
            .filter(|intent| matches!(intent.state, IntentState::Sent | IntentState::Unknown))
            .map(|intent| intent.new.id.clone())
            .collect();
        let ended_before: HashSet<PaymentId> = intents
            .iter()
            .filter(|intent| intent.state.is_settled())
            .map(|intent| intent.new.id.clone())
            .collect();
        let mut items = Item::all(intents.into_iter().map(|intent| intent.new).collect());
        items.retain(|item| !ended_before.contains(&item.new.id));
        let of = items.len();
        let mut ends = Vec::with_capacity(of);
        let (looked, to_send): (Vec<Item>, Vec<Item>) =
            items.into_iter().partition(|item| sent.contains(&item.new.id));
        for item in looked {
            let look = self.look_at(&item.new.id).await;
            let lost = match &look {
                Look::Settled(intent) => self.lost(intent),
                Look::Open(_) | Look::Failed(_) => None,
            };
            let end = ActionEnd { lost, ..ended(&item.new, outcome_of(&look), None) };
            progress(&BulkStep { done: ends.len() + 1, of, end: end.clone() });
            ends.push(end);
        }
        let left = self.carry_all(&to_send, &mut ends, of, progress, cancelled).await;
        Ok(BulkEnd { batch: batch.clone(), ends, left })
    }

    /// Gives up what was not begun of a batch, and says how many items that were. A schedule that was revoked to
    /// make place is not given up: what takes its place is sent, because neither would be left otherwise.
    pub async fn drop_batch(&self, batch: &PaymentId) -> Result<usize, Problem> {
        let intents = self.ledger.borrow().batch(batch)?;
        if self.runs(batch, &intents) {
            return Err(Problem::BatchRuns);
        }
        let _stay = self.under_way.enter(batch);
        let mut dropped = 0;
        for item in Item::all(intents.into_iter().map(|intent| intent.new).collect()) {
            let state = |id: &PaymentId| Ok::<_, Problem>(self.intent(id)?.map(|intent| intent.state));
            if state(&item.new.id)? != Some(IntentState::Intended) {
                continue;
            }
            let given_up = || Step::NotCharged { why: "given_up".to_owned(), message: None };
            match &item.revoke {
                Some(revoke) if state(&revoke.id)? != Some(IntentState::Intended) => {
                    self.look_at(&item.new.id).await;
                    continue;
                }
                Some(revoke) => drop(self.record(&revoke.id, &given_up())?),
                None => {}
            }
            self.record(&item.new.id, &given_up())?;
            dropped += 1;
        }
        Ok(dropped)
    }
}

fn told_of(batch: PaymentId, intents: Vec<Intent>) -> Option<BatchLeft> {
    let first = intents.first()?;
    let (created, operator) = (first.new.created, first.new.operator.clone());
    let begun: HashSet<PaymentId> = intents
        .iter()
        .filter(|intent| intent.state != IntentState::Intended)
        .map(|intent| intent.new.id.clone())
        .collect();
    let items = Item::all(intents.into_iter().map(|intent| intent.new).collect());
    let kind = items.first()?.new.kind;
    let of = items.len();
    let mut totals: Vec<(Currency, u64)> = Vec::new();
    let mut left = 0;
    for item in items.iter().filter(|item| !begun.contains(&item.new.id)) {
        left += 1;
        let amount = item.new.amount;
        match totals.iter_mut().find(|(currency, _)| *currency == amount.currency()) {
            Some((_, sum)) => *sum = sum.saturating_add(amount.minor()),
            None => totals.push((amount.currency(), amount.minor())),
        }
    }
    Some(BatchLeft { batch, kind, of, left, totals, created, operator })
}
