//! Rows of the journal carried out: each request is made from its row and sent once.

use super::{REVOKED_AT_ONCE, lost};
use crate::domain::bulk::ActionEnd;
use crate::domain::intent::{Approval, Intent, IntentKind, IntentState, NewIntent, Step, Target};
use crate::domain::outcome::{Look, Outcome};
use crate::domain::problem::Problem;
use crate::domain::schedule::{ScheduleMove, ScheduleRevoke};
use crate::domain::text::SafeText;
use crate::gateway::Reply;
use crate::ledger::LedgerError;
use crate::operation::Desk;
use crate::operation::account::channel_of;
use crate::operation::conclude::Asked;
use crate::operation::intend::{stop_here_if_asked, stops};

/// Why nothing was sent of something that waits for a revoking.
const WAITS: &str = "waits_for_revoke";

impl Desk {
    /// Carries an intent out, after the one that revokes the schedule whose place it takes.
    pub(in crate::operation) async fn carry(&self, new: &NewIntent, revoke: Option<&NewIntent>) -> ActionEnd {
        let _stay = self.under_way.enter(&new.id);
        let _first = revoke.map(|revoke| self.under_way.enter(&revoke.id));
        if let Some(revoke) = revoke {
            let outcome = match self.intent(&revoke.id) {
                Ok(Some(intent)) => self.revoked(&intent).await,
                Ok(None) => Outcome::NotCharged(LedgerError::NotFound(revoke.id.clone()).into()),
                Err(error) => Outcome::NotCharged(error.into()),
            };
            stop_here_if_asked("revoked");
            if let Some(outcome) = self.hindered(new, outcome) {
                return ended(new, outcome, None);
            }
        }
        let outcome = self.send(new).await;
        let gone = matches!(outcome, Outcome::Declined(_) | Outcome::NotCharged(_));
        let end = ended(new, outcome, revoke.filter(|_| gone));
        self.follow(new, &end);
        end
    }

    /// What keeps an intent from being sent after its revoking ended so; nothing when that is certain.
    fn hindered(&self, new: &NewIntent, revoking: Outcome) -> Option<Outcome> {
        let old_stands = |message| Step::NotCharged { why: "old_stands".to_owned(), message };
        match revoking {
            Outcome::Approved(_) => None,
            Outcome::Unknown(_) | Outcome::Blocked(_) => Some(Outcome::Unknown(WAITS.to_owned())),
            Outcome::Declined(refusal) => {
                let message = Some(refusal.message.clone()).and_then(SafeText::non_empty);
                let _ = self.record(&new.id, &old_stands(message));
                Some(Outcome::Declined(refusal))
            }
            Outcome::NotCharged(problem) => {
                let _ = self.record(&new.id, &old_stands(None));
                Some(Outcome::NotCharged(problem))
            }
        }
    }

    /// Makes sure that a revoking is done, or that it is not.
    async fn revoked(&self, revoke: &Intent) -> Outcome {
        match revoke.state {
            IntentState::Intended => {
                let outcome = self.revoke_alone(&revoke.new).await;
                self.follow(&revoke.new, &ended(&revoke.new, outcome.clone(), None));
                outcome
            }
            IntentState::Sent | IntentState::Unknown => outcome_of(&self.ask(revoke).await),
            IntentState::Approved | IntentState::Declined | IntentState::NotCharged => settled(revoke),
        }
    }

    /// Puts on disk that the request is let go now. An error is how it ended: another process may have been faster,
    /// and then it is that one's.
    fn claim(&self, new: &NewIntent) -> Result<(), Box<Outcome>> {
        match self.record(&new.id, &Step::Sent) {
            Ok(_) => {
                stop_here_if_asked(stops(new.kind).1);
                Ok(())
            }
            Err(LedgerError::Step { .. }) => match self.intent(&new.id) {
                Ok(Some(intent)) if intent.state.is_settled() => Err(Box::new(settled(&intent))),
                _ => Err(Box::new(Outcome::Unknown("held_by_another_console".to_owned()))),
            },
            Err(error) => Err(Box::new(Outcome::NotCharged(error.into()))),
        }
    }

    /// Sends what stands in a row, once.
    async fn send(&self, new: &NewIntent) -> Outcome {
        let ahead = matches!(
            new.kind,
            IntentKind::CreateSchedule | IntentKind::MoveSchedule | IntentKind::RebookSchedule
        );
        if ahead && new.due.is_none_or(|due| due <= self.world.now()) {
            // Whether the provider charges a schedule of the past at once is not stated (V2 §11.1).
            return self.turned_away(new, Problem::SchedulePast);
        }
        match new.kind {
            IntentKind::CreateSchedule => self.send_schedule(new).await,
            IntentKind::MoveSchedule | IntentKind::RebookSchedule => self.send_move(new).await,
            IntentKind::RetrySchedule => self.send_retry(new).await,
            IntentKind::ChargeKey => self.send_charge(new).await,
            IntentKind::RevokeSchedules => self.revoke_alone(new).await,
            IntentKind::KeyIn
            | IntentKind::IssueAccount
            | IntentKind::CloseAccount
            | IntentKind::IssueKey
            | IntentKind::DeleteKey
            | IntentKind::Refund
            | IntentKind::IssueReceipt
            | IntentKind::CancelReceipt => self.turned_away(new, Problem::Unsupported { what: "schedules" }),
        }
    }

    /// Records that it was not even sent.
    fn turned_away(&self, new: &NewIntent, problem: Problem) -> Outcome {
        let _ = self.not_done(&new.id, &problem);
        Outcome::NotCharged(problem)
    }

    async fn send_schedule(&self, new: &NewIntent) -> Outcome {
        let Some(order) = self.schedule_order(new) else {
            return self.turned_away(new, Problem::Unsupported { what: "schedules" });
        };
        if let Err(end) = self.claim(new) {
            return *end;
        }
        let answer = self.gateway.schedule(&order).await;
        stop_here_if_asked("answered");
        match answer {
            Reply::Done(id) => self.approve(new, Approval { schedule: Some(id), ..Approval::default() }),
            other => self.conclude_other(&Asked::sale(new.kind, &order.sale), other).await,
        }
    }

    async fn send_move(&self, new: &NewIntent) -> Outcome {
        let (Some(schedule), Some(at)) = (new.schedules.first().cloned(), new.due) else {
            return self.turned_away(new, Problem::Unsupported { what: "schedules" });
        };
        if let Err(end) = self.claim(new) {
            return *end;
        }
        let order = ScheduleMove { schedule, at };
        let answer = if new.kind == IntentKind::MoveSchedule {
            self.gateway.move_schedule(&order).await
        } else {
            self.gateway.rebook_schedule(&order).await
        };
        self.conclude_plain(&Asked::of(new.kind, &new.id, &channel_of(new)), answer).await
    }

    async fn send_retry(&self, new: &NewIntent) -> Outcome {
        let Some(schedule) = new.schedules.first() else {
            return self.turned_away(new, Problem::Unsupported { what: "schedules" });
        };
        if let Err(end) = self.claim(new) {
            return *end;
        }
        let answer = self.gateway.retry_schedule(schedule).await;
        stop_here_if_asked("answered");
        match answer {
            Reply::Done(payment) => {
                let approval = payment.map(|payment| Approval::of(&payment, new.amount)).unwrap_or_default();
                self.approve(new, approval)
            }
            other => {
                let channel = channel_of(new);
                let asked = Asked { amount: new.amount, ..Asked::of(new.kind, &new.id, &channel) };
                self.conclude_other(&asked, other).await
            }
        }
    }

    async fn send_charge(&self, new: &NewIntent) -> Outcome {
        let Some(order) = self.key_charge_order(new) else {
            return self.turned_away(new, Problem::KeyGone);
        };
        if let Err(end) = self.claim(new) {
            return *end;
        }
        let answer = self.gateway.charge_key(&order).await;
        self.conclude_charge(&Asked::sale(new.kind, &order.sale), answer, &|_| ()).await
    }

    fn approve(&self, new: &NewIntent, approval: Approval) -> Outcome {
        // A journal that fails now leaves it `sent`; the next start looks it up.
        let _ = self.record(&new.id, &Step::Approved(approval.clone()));
        stop_here_if_asked("approved");
        Outcome::Approved(approval)
    }

    /// Revokes what one intent names, and looks whether it is gone.
    async fn revoke_alone(&self, new: &NewIntent) -> Outcome {
        match self.claim(new) {
            Ok(()) => self.revoke_claimed(new).await,
            Err(end) => *end,
        }
    }

    async fn revoke_claimed(&self, new: &NewIntent) -> Outcome {
        let key = match &new.target {
            Some(Target::Key(key)) => Some(key.clone()),
            _ => None,
        };
        let order = ScheduleRevoke { id: new.id.clone(), schedules: new.schedules.clone(), key };
        let answer = self.gateway.revoke_schedules(&order).await;
        self.conclude_revoked(new, answer).await
    }

    /// "Done" is believed of what is not there any more when it is asked for again; where nobody can be asked, of
    /// all of it.
    async fn conclude_revoked(&self, new: &NewIntent, answer: Reply<()>) -> Outcome {
        let answer = match answer {
            Reply::Done(()) => {
                let mut stands = false;
                for id in &new.schedules {
                    stands |= matches!(self.gateway.schedule_of(id).await, Ok(Some(found)) if found.state.is_ahead());
                }
                if stands { Reply::Unseen("still_scheduled") } else { Reply::Done(()) }
            }
            answer => answer,
        };
        self.conclude_revoking(new, answer).await
    }

    /// Revokes what several intents name, with one request. When that is refused nothing was revoked (V2 §11.4),
    /// and each is tried alone: the good ones are revoked, and each bad one gets its own reason.
    pub(super) async fn revoke_together(&self, all: &[NewIntent]) -> Vec<ActionEnd> {
        debug_assert!(all.len() <= REVOKED_AT_ONCE);
        let stays: Vec<_> = all.iter().map(|new| self.under_way.enter(&new.id)).collect();
        let mut ends: Vec<Option<Outcome>> =
            all.iter().map(|new| self.claim(new).err().map(|end| *end)).collect();
        let claimed = || all.iter().zip(&ends).filter(|(_, end)| end.is_none()).map(|(new, _)| new);
        let answer = if claimed().count() > 1 {
            let target = &all[0].target;
            let key = match target {
                // Sent along only when it is everybody's.
                Some(Target::Key(key)) if all.iter().all(|new| new.target == *target) => Some(key.clone()),
                _ => None,
            };
            let schedules = claimed().flat_map(|new| new.schedules.iter().cloned()).collect();
            self.gateway.revoke_schedules(&ScheduleRevoke { id: self.mint(), schedules, key }).await
        } else {
            Reply::NotDone(Problem::ScheduleNotOpen)
        };
        for (new, end) in all.iter().zip(&mut ends) {
            if end.is_some() {
                continue;
            }
            *end = Some(match &answer {
                Reply::NotDone(problem) if !is_about_one(problem) => self.turned_away(new, problem.clone()),
                Reply::NotDone(_) | Reply::Declined(_) => self.revoke_claimed(new).await,
                answer => self.conclude_revoked(new, answer.clone()).await,
            });
        }
        drop(stays);
        let unseen = || Outcome::Unknown("undecided".to_owned());
        let told: Vec<ActionEnd> =
            all.iter().zip(ends).map(|(new, end)| ended(new, end.unwrap_or_else(unseen), None)).collect();
        for (new, end) in all.iter().zip(&told) {
            self.follow(new, end);
        }
        told
    }
}

/// Whether a refusal is about one of the schedules, so that the others could be revoked without it.
const fn is_about_one(problem: &Problem) -> bool {
    matches!(
        problem,
        Problem::ScheduleGone
            | Problem::ScheduleNotOpen
            | Problem::KeyGone
            | Problem::Refused { .. }
            | Problem::TooLarge
    )
}

/// How an intent ended; `gone` is the revoking that was done for it in vain.
pub(super) fn ended(new: &NewIntent, outcome: Outcome, gone: Option<&NewIntent>) -> ActionEnd {
    ActionEnd {
        id: new.id.clone(),
        kind: new.kind,
        schedule: new.schedules.first().cloned(),
        outcome,
        lost: gone.and_then(lost),
    }
}

/// How something ended that has ended.
fn settled(intent: &Intent) -> Outcome {
    match intent.state {
        IntentState::Approved => Outcome::Approved(intent.approval.clone().unwrap_or_default()),
        IntentState::Declined => Outcome::Declined(intent.refusal.clone().unwrap_or_default()),
        IntentState::NotCharged => {
            let why = intent.why.as_deref();
            let message = intent.refusal.as_ref().map(|refusal| refusal.message.to_string());
            Outcome::NotCharged(match why {
                Some("schedule_exists") => Problem::ScheduleExists,
                Some("schedule_gone") => Problem::ScheduleGone,
                Some("schedule_past") => Problem::SchedulePast,
                Some("key_gone") => Problem::KeyGone,
                Some("refused") => {
                    Problem::Refused { kind: "refused".to_owned(), message: message.unwrap_or_default() }
                }
                Some("never_sent" | "given_up" | "old_stands" | "too_late") => Problem::Stopped,
                _ => Problem::ScheduleNotOpen,
            })
        }
        IntentState::Intended | IntentState::Sent | IntentState::Unknown => {
            Outcome::Unknown(intent.why.clone().unwrap_or_else(|| "pending".to_owned()))
        }
    }
}

/// What a look found, as an end.
pub(super) fn outcome_of(look: &Look) -> Outcome {
    match look {
        Look::Settled(intent) => settled(intent),
        Look::Open(why) => Outcome::Unknown((*why).to_owned()),
        Look::Failed(problem) => Outcome::Unknown(problem.word().to_owned()),
    }
}
