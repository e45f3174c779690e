//! The ledger's copy of the schedules: read anew, and kept true after what is done here.

use crate::domain::bulk::ActionEnd;
use crate::domain::customer::Customer;
use crate::domain::intent::{IntentKind, NewIntent, Target};
use crate::domain::listing::Freshness;
use crate::domain::outcome::Outcome;
use crate::domain::payment::Refusal;
use crate::domain::problem::Problem;
use crate::domain::schedule::{ProviderSchedule, ScheduleState, Span};
use crate::domain::text::SafeText;
use crate::ledger::LedgerError;
use crate::operation::Desk;

/// The most failed schedules whose reason is asked for in one reading; the next reading asks for the next ones.
const REASONS: usize = 50;

impl Desk {
    /// Reads the schedules of a span from the provider into the ledger's copy, all pages of it, and says how old the
    /// copy of the span is now. Nothing is written before the last page was read.
    ///
    /// Why a schedule failed V2 tells only of its payment (V2 §6.3): of those whose reason is not known yet it is
    /// asked for, fifty at a time, the latest first.
    pub async fn refresh_schedules(&self, span: Span) -> Result<Freshness, Problem> {
        let asked_at = self.world.now();
        let mut all = self.read_schedules(span).await?;
        let mut asked = 0;
        let mut failed: Vec<&mut ProviderSchedule> = all
            .iter_mut()
            .filter(|told| told.state == ScheduleState::Failed && told.refusal.is_none())
            .collect();
        failed.sort_by_key(|told| std::cmp::Reverse(told.at));
        for told in failed {
            told.refusal = self.known_reason(&told.id)?;
            if told.refusal.is_none() && asked < REASONS {
                asked += 1;
                told.refusal = self.reason_of(&told.payment_id).await;
            }
        }
        self.ledger.borrow().put_schedules(&self.profile, span, &all, asked_at)?;
        Ok(self.ledger.borrow().refreshed_at(&self.profile, span)?)
    }

    fn known_reason(&self, schedule: &SafeText) -> Result<Option<Refusal>, LedgerError> {
        let known = self.ledger.borrow().schedule(&self.profile, schedule)?;
        Ok(known
            .filter(|known| known.what.state == ScheduleState::Failed)
            .and_then(|known| known.what.refusal))
    }

    /// Why the charge of a schedule failed. That it can't be asked for now is no reason to show no schedules.
    pub(super) async fn reason_of(&self, payment: &SafeText) -> Option<Refusal> {
        self.gateway.attempts(payment).await.ok()?.into_iter().next()?.payment.refusal
    }

    /// Keeps the copy true to what was done, so that a list shows it before it is read anew. A copy that can't be
    /// written is read anew all the same.
    pub(super) fn follow(&self, new: &NewIntent, end: &ActionEnd) {
        let Outcome::Approved(approval) = &end.outcome else { return };
        let known = |id: &SafeText| {
            self.ledger.borrow().schedule(&self.profile, id).ok().flatten().map(|known| known.what)
        };
        let now = self.world.now();
        let old = new.schedules.first().and_then(known);
        let changed = match new.kind {
            IntentKind::CreateSchedule => {
                approval.schedule.as_ref().and_then(|id| made(new, id, now.as_second()))
            }
            IntentKind::MoveSchedule | IntentKind::RebookSchedule => old.zip(new.due).map(|(old, at)| {
                ProviderSchedule { at, state: ScheduleState::Scheduled, refusal: None, ended_at: None, ..old }
            }),
            IntentKind::RevokeSchedules => {
                let ended_at = Some(now.as_second());
                old.map(|old| ProviderSchedule { state: ScheduleState::Revoked, ended_at, ..old })
            }
            IntentKind::RetrySchedule => {
                let ended_at = Some(now.as_second());
                old.map(|old| ProviderSchedule {
                    state: ScheduleState::Succeeded,
                    refusal: None,
                    ended_at,
                    ..old
                })
            }
            _ => None,
        };
        if let Some(changed) = changed {
            let _ = self.ledger.borrow().put_schedule(&self.profile, &changed, now);
        }
    }

    /// Every page of a span, each schedule once.
    pub(in crate::operation) async fn read_schedules(
        &self,
        span: Span,
    ) -> Result<Vec<ProviderSchedule>, Problem> {
        let mut all: Vec<ProviderSchedule> = Vec::new();
        let mut next = None;
        loop {
            let page = self.gateway.schedules(span, next.as_deref()).await?;
            all.extend(page.items);
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        // One that moved while the pages were read can be on two of them.
        all.sort_by(|one, other| one.id.cmp(&other.id));
        all.dedup_by(|one, other| one.id == other.id);
        Ok(all)
    }
}

/// A schedule that was just made, as the provider will tell it.
fn made(new: &NewIntent, id: &SafeText, now: i64) -> Option<ProviderSchedule> {
    let Some(Target::Key(key)) = &new.target else { return None };
    let customer: Customer = new.customer.clone();
    Some(ProviderSchedule {
        id: id.clone(),
        payment_id: SafeText::new(new.id.as_str()),
        key: key.clone(),
        at: new.due?,
        state: ScheduleState::Scheduled,
        amount: Some(new.amount),
        currency: SafeText::new(new.amount.currency().code()),
        tax_free: new.tax_free,
        vat: new.vat,
        installments: Some(new.installments.months),
        order_name: SafeText::new(&new.order_name),
        customer,
        created_at: Some(now),
        ended_at: None,
        refusal: None,
        provider_payment_id: None,
    })
}
