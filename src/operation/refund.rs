//! Refunds (취소, 환불): looked at, sent once, followed until their end.
//!
//! The payment is read anew before anything is sent, so that of two people who refund the same one the second is
//! told; the balance goes along with the request for those who look at the same moment. The refund account is sent
//! and never kept.

use super::Desk;
use super::conclude::Asked;
use super::intend::stop_here_if_asked;
use crate::domain::channel::{Channel, Mode};
use crate::domain::intent::{Approval, Intent, IntentKind, NewIntent, PaymentRef, Step, Target};
use crate::domain::outcome::{Outcome, Stage};
use crate::domain::payment::PaymentId;
use crate::domain::pg::Generation;
use crate::domain::problem::Problem;
use crate::domain::record::{Cancellation, CancellationState, PaymentRecord};
use crate::domain::refund::feasible::Finding;
use crate::domain::refund::{REQUESTED, RefundEnd, RefundOrder, RefundWish, Refunded};
use crate::domain::text::SafeText;
use crate::gateway::Reply;
use crate::ledger::Guard;

/// What stands in front of the cancellations that were there before, in the history of a refund.
pub(super) const BEFORE: &str = "cancellations=";
/// What stands in front of the provider's id of a refund that it took on.
pub(super) const TAKEN_ON: &str = "cancellation=";

/// What tells one cancellation of a payment from another: its id; without one its amount and time.
pub(super) fn mark(cancellation: &Cancellation) -> String {
    let mark = match &cancellation.id {
        Some(id) => id.to_string(),
        None => format!("{}@{}", cancellation.amount.minor(), cancellation.cancelled_at.unwrap_or_default()),
    };
    mark.split_whitespace().collect::<Vec<_>>().join("_")
}

/// What an approved refund keeps of its cancellation.
pub(super) fn approval_of(cancellation: &Cancellation) -> Approval {
    Approval {
        provider_payment_id: cancellation.id.clone(),
        receipt_url: cancellation.receipt_url.clone(),
        paid_at: cancellation.cancelled_at,
        ..Approval::default()
    }
}

impl Desk {
    /// Every attempt under an id, read now and kept in the copy; the one that decides first.
    pub async fn payment_now(&self, id: &SafeText) -> Result<Vec<PaymentRecord>, Problem> {
        let asked = self.world.now();
        let attempts = self.gateway.attempts(id).await.map_err(Problem::of_a_question)?;
        let generation = self.generation();
        let kept = match generation {
            // The copy has one row for each payment: the attempt that decides.
            Generation::V2 => attempts.get(..attempts.len().min(1)).unwrap_or_default(),
            Generation::V1 => &attempts[..],
        };
        self.ledger.borrow().put_payments(&self.profile, generation, kept, asked)?;
        Ok(attempts)
    }

    /// One attempt of a payment, read now: the one with this provider's id, or the one that decides.
    pub async fn attempt_now(
        &self,
        id: &SafeText,
        attempt: Option<&SafeText>,
    ) -> Result<Option<PaymentRecord>, Problem> {
        let attempts = self.payment_now(id).await?;
        let meant = |record: &&PaymentRecord| {
            attempt.is_some() && record.payment.provider_payment_id.as_ref() == attempt
        };
        Ok(attempts.iter().find(meant).or_else(|| attempts.first()).cloned())
    }

    /// The configured channel that took a payment, or what the provider says of one that is not configured. A mode
    /// that nobody tells counts as live.
    pub fn channel_of_payment(&self, payment: &PaymentRecord) -> Channel {
        let its = payment.channel.as_ref().map(SafeText::as_str);
        let same = |channel: &&Channel| {
            its.is_some_and(|its| its == channel.key || Some(its) == channel.merchant_id.as_deref())
        };
        self.channels.iter().find(same).cloned().unwrap_or_else(|| {
            let pg = payment.payment.pg.as_ref().map_or("", SafeText::as_str);
            let mode = if payment.payment.is_test == Some(true) { Mode::Test } else { Mode::Live };
            self.unconfigured(its.unwrap_or_default(), pg, mode)
        })
    }

    /// An order out of a wish, under a new id: for the payment as the person sees it. The balance that the person
    /// sees is the one that is sent along.
    pub fn refund_order(&self, payment: &PaymentRecord, wish: RefundWish) -> Result<RefundOrder, Problem> {
        let balance = payment.balance().ok_or(Problem::NotRefundable { what: "not_paid" })?;
        let RefundWish { amount, tax_free, vat, reason, requester, account } = wish;
        Ok(RefundOrder {
            id: self.mint(),
            channel: self.channel_of_payment(payment),
            payment: payment.id.clone(),
            provider_payment_id: payment.payment.provider_payment_id.clone(),
            amount,
            tax_free,
            vat,
            balance,
            reason,
            requester,
            account,
        })
    }

    /// Everything that stands in the way of a refund of this payment, or should be known before it, now.
    pub fn refund_findings(&self, payment: &PaymentRecord, order: &RefundOrder) -> Vec<Finding> {
        order.findings(payment, self.world.now())
    }

    /// The earlier refund that the guard would stop this one for: the same payment and amount.
    pub fn earlier_refund(&self, order: &RefundOrder) -> Result<Option<Intent>, Problem> {
        let new = self.refund_intent(order, None);
        Ok(self.ledger.borrow().earlier(&new, self.guard_window)?)
    }

    /// Gives money back, once. While the end of an earlier refund of the payment is not known, none is sent
    /// ([`Problem::EarlierOpen`]), whatever the guard.
    pub async fn refund(&self, order: &RefundOrder, guard: &Guard, progress: impl Fn(Stage)) -> RefundEnd {
        let id = &order.id;
        let _stay = self.under_way.enter(id);
        progress(Stage::Details);
        let payment = match self.attempt_now(&order.payment, order.provider_payment_id.as_ref()).await {
            Ok(Some(payment)) => payment,
            Ok(None) => return Outcome::NotCharged(Problem::NotRefundable { what: "not_paid" }).into(),
            Err(problem) => return Outcome::NotCharged(problem).into(),
        };
        let findings = self.refund_findings(&payment, order);
        let stopped = |problem, findings, payment| RefundEnd {
            outcome: Outcome::NotCharged(problem),
            cancellation: None,
            findings,
            payment: Some(Box::new(payment)),
        };
        if payment.balance().is_some_and(|balance| balance != order.balance) {
            return stopped(Problem::BalanceChanged, findings, payment);
        }
        if let Some(problem) = findings.iter().find_map(Finding::problem) {
            return stopped(problem, findings, payment);
        }
        progress(Stage::Journal);
        if let Err(outcome) = self.begin_refund(order, &payment, guard) {
            return RefundEnd { findings, payment: Some(Box::new(payment)), ..(*outcome).into() };
        }
        progress(Stage::Sent);
        let answer = self.gateway.refund(order).await;
        stop_here_if_asked("answered");
        let told = match &answer {
            Reply::Done(Refunded { cancellation, .. }) => Some(cancellation.clone()),
            _ => None,
        };
        let outcome = self.conclude_refund(order, answer).await;
        progress(Stage::Details);
        // Whatever the end: the person, and the copy, see the payment as it is now.
        let now = self.attempt_now(&order.payment, order.provider_payment_id.as_ref()).await;
        let payment = now.ok().flatten().unwrap_or(payment);
        RefundEnd { outcome, cancellation: told, findings, payment: Some(Box::new(payment)) }
    }

    fn refund_intent(&self, order: &RefundOrder, payment: Option<&PaymentRecord>) -> NewIntent {
        let customer = payment.map(|payment| payment.customer.clone()).unwrap_or_default();
        NewIntent {
            amount: order.amount,
            tax_free: order.tax_free,
            vat: order.vat,
            order_name: payment.map(|payment| payment.payment.order_name.to_string()).unwrap_or_default(),
            card: payment.and_then(|payment| payment.payment.card.clone()),
            target: Some(Target::Record(PaymentRef {
                id: order.payment.clone(),
                attempt: order.provider_payment_id.clone(),
                balance: Some(order.balance),
            })),
            note: Some(order.reason.clone()),
            ..self.about(IntentKind::Refund, &order.id, &order.channel, &customer)
        }
    }

    /// The intent on disk, with the cancellations that are there before it: only what is new can be ours.
    fn begin_refund(
        &self,
        order: &RefundOrder,
        payment: &PaymentRecord,
        guard: &Guard,
    ) -> Result<(), Box<Outcome>> {
        let new = self.refund_intent(order, Some(payment));
        self.open_alone(&new, guard)?;
        let before: Vec<String> = payment.cancellations.iter().map(mark).collect();
        let noted = self.record(&order.id, &Step::Noted(format!("{BEFORE}{}", before.join(" "))));
        noted.map_err(|error| Box::new(Outcome::NotCharged(error.into())))?;
        self.let_go(&new)
    }

    /// Puts an intent on disk unless one about the same payment, of the same kind, has no end yet: that one can't
    /// be overridden.
    pub(super) fn open_alone(&self, new: &NewIntent, guard: &Guard) -> Result<(), Box<Outcome>> {
        self.open(new, guard).map_err(|outcome| match *outcome {
            Outcome::Blocked(earlier) if !earlier.state.is_settled() => {
                let reference = earlier.new.id.to_string();
                Box::new(Outcome::NotCharged(Problem::EarlierOpen { reference }))
            }
            outcome => Box::new(outcome),
        })
    }

    async fn conclude_refund(&self, order: &RefundOrder, answer: Reply<Refunded>) -> Outcome {
        let id = &order.id;
        match answer {
            Reply::Done(Refunded { cancellation, .. }) => match &cancellation.state {
                CancellationState::Succeeded => {
                    let approval = approval_of(&cancellation);
                    let _ = self.record(id, &Step::Approved(approval.clone()));
                    stop_here_if_asked("approved");
                    Outcome::Approved(approval)
                }
                CancellationState::Failed(refusal) => {
                    let _ = self.record(id, &Step::Declined(refusal.clone()));
                    Outcome::Declined(refusal.clone())
                }
                CancellationState::Requested => {
                    self.note_taken_on(id, &cancellation);
                    let _ = self.record(id, &Step::Unseen { why: REQUESTED.to_owned() });
                    Outcome::Unknown(REQUESTED.to_owned())
                }
                CancellationState::Other(_) => {
                    self.note_taken_on(id, &cancellation);
                    let _ = self.record(id, &Step::Unseen { why: "undecided".to_owned() });
                    Outcome::Unknown("undecided".to_owned())
                }
            },
            other => {
                let asked =
                    Asked { amount: order.amount, ..Asked::of(IntentKind::Refund, id, &order.channel) };
                self.conclude_other(&asked, other).await
            }
        }
    }

    /// Keeps which cancellation is ours, where the provider said.
    pub(super) fn note_taken_on(&self, id: &PaymentId, cancellation: &Cancellation) {
        if cancellation.id.is_some() {
            // Lost, it is found again as one that was lost on the way.
            let _ = self.record(id, &Step::Noted(format!("{TAKEN_ON}{}", mark(cancellation))));
        }
    }

    /// What this ledger knows was done with a payment, whoever made it: refunds and cash receipts, oldest first.
    pub fn done_with(&self, payment: &SafeText) -> Result<Vec<Intent>, Problem> {
        Ok(self.ledger.borrow().about_record(&self.profile, payment)?)
    }
}
