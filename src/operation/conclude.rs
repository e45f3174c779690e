//! The end of every operation: what was answered goes into the journal, and what was not is left unknown.

use super::Desk;
use super::intend::stop_here_if_asked;
use crate::domain::account::DepositState;
use crate::domain::channel::Channel;
use crate::domain::decline;
use crate::domain::intent::{Approval, IntentKind, IntentState, Step};
use crate::domain::money::Money;
use crate::domain::order::Sale;
use crate::domain::outcome::{Look, Outcome, Stage};
use crate::domain::payment::{PaymentId, PaymentState, ProviderPayment, Refusal};
use crate::domain::pg::{Generation, PgCode};
use crate::domain::problem::Problem;
use crate::domain::text::SafeText;
use crate::gateway::{Charged, LookUp, Reply};

/// What was asked for, as far as its end depends on it.
pub(super) struct Asked<'a> {
    pub id: &'a PaymentId,
    pub kind: IntentKind,
    pub generation: Generation,
    pub pg: &'a PgCode,
    pub amount: Money,
}

impl<'a> Asked<'a> {
    /// A sale.
    pub fn sale(kind: IntentKind, sale: &'a Sale) -> Self {
        Self { amount: sale.amount, ..Self::of(kind, &sale.payment_id, &sale.channel) }
    }

    /// Something without money.
    pub fn of(kind: IntentKind, id: &'a PaymentId, channel: &'a Channel) -> Self {
        let amount = Money::zero(crate::domain::money::Currency::Krw);
        Self { id, kind, generation: channel.generation, pg: &channel.pg, amount }
    }
}

/// Whether a payment in this state is what the intent was for.
pub(super) fn is_done(kind: IntentKind, state: &PaymentState) -> bool {
    state.was_paid() || (kind == IntentKind::IssueAccount && *state == PaymentState::VirtualAccountIssued)
}

impl Desk {
    /// The end of a charge, or of the issue of an account.
    pub(super) async fn conclude_charge(
        &self,
        asked: &Asked<'_>,
        answer: Charged,
        progress: &impl Fn(Stage),
    ) -> Outcome {
        stop_here_if_asked("answered");
        match answer {
            Reply::Done(payment) => {
                let mut approval =
                    payment.as_deref().map(|payment| Approval::of(payment, asked.amount)).unwrap_or_default();
                // A journal that fails now must not turn an approval into anything else; the intent stays
                // `sent` on disk and the next start looks it up.
                let _ = self.approved(asked.id, asked.kind, &approval, payment.as_deref());
                stop_here_if_asked("approved");
                let complete = match asked.kind {
                    IntentKind::IssueAccount => approval.account.is_some(),
                    _ => approval.approval_number.is_some(),
                };
                if !complete {
                    progress(Stage::Details);
                    if let Ok(LookUp::Found(payment)) = self.gateway.look_up(asked.id).await
                        && is_done(asked.kind, &payment.state)
                    {
                        approval = Approval::of(&payment, asked.amount);
                        let _ = self.approved(asked.id, asked.kind, &approval, Some(&payment));
                    }
                }
                Outcome::Approved(approval)
            }
            other => self.conclude_other(asked, other).await,
        }
    }

    /// The end of something that is done or not and tells nothing else.
    pub(super) async fn conclude_plain(&self, asked: &Asked<'_>, answer: Reply<()>) -> Outcome {
        stop_here_if_asked("answered");
        match answer {
            Reply::Done(()) => {
                let _ = self.record(asked.id, &Step::Approved(Approval::default()));
                stop_here_if_asked("approved");
                Outcome::Approved(Approval::default())
            }
            other => self.conclude_other(asked, other).await,
        }
    }

    /// Every end but the good one.
    pub(super) async fn conclude_other<T>(&self, asked: &Asked<'_>, answer: Reply<T>) -> Outcome {
        match answer {
            // What was done is concluded by whoever knows what it was.
            Reply::Done(_) => Outcome::Unknown("undecided".to_owned()),
            Reply::Declined(refusal) => self.conclude_refusal(asked, refusal).await,
            Reply::NotDone(problem) => {
                let _ = self.not_done(asked.id, &problem);
                Outcome::NotCharged(problem)
            }
            Reply::Unseen(why) => {
                let _ = self.record(asked.id, &Step::Unseen { why: why.to_owned() });
                stop_here_if_asked("unseen");
                Outcome::Unknown(why.to_owned())
            }
        }
    }

    /// A refusal is the end, unless its words say that a PG broke off or that something was paid already: then
    /// the provider is asked before anybody is told that no money was taken.
    async fn conclude_refusal(&self, asked: &Asked<'_>, refusal: Refusal) -> Outcome {
        let code = refusal.code.as_ref().map(SafeText::as_str);
        let verdict = decline::class_of(asked.pg, asked.generation, code, refusal.message.as_str());
        if !verdict.class.look_up_first() {
            let _ = self.record(asked.id, &Step::Declined(refusal.clone()));
            return Outcome::Declined(refusal);
        }
        let _ = self.record(asked.id, &Step::Unseen { why: "refused_oddly".to_owned() });
        let look = match self.intent(asked.id) {
            Ok(Some(intent)) => self.ask(&intent).await,
            _ => Look::Open("refused_oddly"),
        };
        match look {
            Look::Settled(intent) => match (intent.state, intent.approval) {
                (IntentState::Approved, Some(approval)) => Outcome::Approved(approval),
                (IntentState::Declined, _) => Outcome::Declined(refusal),
                _ => Outcome::Unknown("refused_oddly".to_owned()),
            },
            // The table is about charges, and knows words about cancellations as oddities only: where the payment
            // shows none, the refusal of a refund is one.
            Look::Open("not_found_yet")
                if asked.kind == IntentKind::Refund && verdict.class == decline::Class::NotADecline =>
            {
                let _ = self.record(asked.id, &Step::Declined(refusal.clone()));
                Outcome::Declined(refusal)
            }
            Look::Open(_) | Look::Failed(_) => Outcome::Unknown("refused_oddly".to_owned()),
        }
    }

    /// Records that it was done, and how far the deposit came where there is one.
    pub(super) fn approved(
        &self,
        id: &PaymentId,
        kind: IntentKind,
        approval: &Approval,
        payment: Option<&ProviderPayment>,
    ) -> Result<(), crate::ledger::LedgerError> {
        self.record(id, &Step::Approved(approval.clone()))?;
        if kind == IntentKind::IssueAccount && payment.is_some_and(|payment| payment.state.was_paid()) {
            self.record(id, &Step::Deposit(DepositState::Paid))?;
        }
        Ok(())
    }

    /// Records that it was not done, and why.
    pub(super) fn not_done(&self, id: &PaymentId, problem: &Problem) -> Result<(), Problem> {
        let message = match problem {
            Problem::Refused { message, .. } => Some(SafeText::message(message)),
            _ => None,
        };
        self.record(id, &Step::NotCharged { why: problem.word().to_owned(), message })?;
        Ok(())
    }
}
