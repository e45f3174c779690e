//! Charging a keyed-in card: guard, journal, send once, wipe, look at what came of it.

use crate::domain::card::CardEnding;
use crate::domain::decline;
use crate::domain::intent::{Approval, Intent, IntentKind, IntentState, NewIntent, Step};
use crate::domain::order::KeyInOrder;
use crate::domain::outcome::{ChargeEnd, Look, Outcome, Stage};
use crate::domain::payment::{PaymentId, Refusal};
use crate::domain::problem::Problem;
use crate::domain::text::SafeText;
use crate::gateway::{Charged, LookUp, Reply};
use crate::ledger::{Guard, Intended};
use crate::vault::{Audit, Field};

use super::Desk;

impl Desk {
    /// A new payment id.
    pub fn mint(&self) -> PaymentId {
        PaymentId::mint(self.world.random())
    }

    /// Charges the card in the vault once. The vault is wiped when this returns, however it ends.
    ///
    /// Dropping the future in the middle stops the request, joins its thread and leaves the intent `sent` in
    /// the journal, where [`Desk::settle`] finds it.
    pub async fn charge(&self, order: &KeyInOrder, guard: &Guard, progress: impl Fn(Stage)) -> ChargeEnd {
        let wipe = WipeOnDrop(self);
        progress(Stage::Journal);
        match self.journal(order, guard) {
            Ok(None) => {}
            Ok(Some(earlier)) => return Outcome::Blocked(earlier).into(),
            Err(problem) => return Outcome::NotCharged(problem).into(),
        }
        progress(Stage::Sent);
        let audit = self.self_audit.then(|| Audit::arm(&self.vault));
        let answer = self.gateway.key_in(order, &self.vault).await;
        drop(wipe);
        if let Some(audit) = audit {
            let residue = match audit.run() {
                Ok(hits) => format!("residue={hits}"),
                Err(error) => format!("residue=unknown ({error})"),
            };
            // A failed note changes nothing about the money.
            let _ = self.record(&order.sale.payment_id, &Step::Noted(residue));
        }
        self.conclude(order, answer, progress).await.into()
    }

    /// The earlier charge that the guard would stop this one for, so that the confirmation can show it.
    pub fn earlier(&self, order: &KeyInOrder) -> Result<Option<Intent>, Problem> {
        let new = self.new_intent(order)?;
        Ok(self.ledger.borrow().earlier(&new, self.guard_window)?)
    }

    fn new_intent(&self, order: &KeyInOrder) -> Result<NewIntent, Problem> {
        let facts = self.vault.number_facts();
        let card = facts.last4().and_then(|last4| CardEnding::new(facts.prefix(), last4));
        if card.is_none() {
            return Err(Problem::Card { field: "number" });
        }
        if self.vault.len(Field::Expiry) != 4 {
            return Err(Problem::Card { field: "expiry" });
        }
        Ok(NewIntent {
            id: order.sale.payment_id.clone(),
            kind: IntentKind::KeyIn,
            profile: self.profile.clone(),
            generation: order.sale.channel.generation,
            channel: order.sale.channel.name.clone(),
            pg: order.sale.channel.pg.as_str().to_owned(),
            mode: order.sale.channel.mode,
            amount: order.sale.amount,
            tax_free: order.sale.tax_free,
            vat: order.sale.vat,
            installments: order.installments,
            order_name: order.sale.order_name.clone(),
            customer: order.sale.customer.clone(),
            card,
            target: None,
            parent: None,
            note: order.sale.note.clone(),
            operator: self.world.operator(),
            created: self.world.now(),
        })
    }

    /// Puts the intent on disk, then that it is being sent. `Some` when the guard stopped it.
    pub(super) fn journal(&self, order: &KeyInOrder, guard: &Guard) -> Result<Option<Box<Intent>>, Problem> {
        let new = self.new_intent(order)?;
        if let Intended::Guarded(earlier) = self.ledger.borrow().intend(&new, guard)? {
            return Ok(Some(earlier));
        }
        stop_here_if_asked("intended");
        self.record(&order.sale.payment_id, &Step::Sent)?;
        stop_here_if_asked("sent");
        Ok(None)
    }

    async fn conclude(&self, order: &KeyInOrder, answer: Charged, progress: impl Fn(Stage)) -> Outcome {
        stop_here_if_asked("answered");
        let id = &order.sale.payment_id;
        match answer {
            Reply::Done(payment) => {
                let mut approval = payment
                    .as_deref()
                    .map(|payment| Approval::of(payment, order.sale.amount))
                    .unwrap_or_default();
                // A journal that fails now must not turn an approval into anything else; the intent stays
                // `sent` on disk and the next start looks it up.
                let _ = self.record(id, &Step::Approved(approval.clone()));
                stop_here_if_asked("approved");
                if approval.approval_number.is_none() {
                    progress(Stage::Details);
                    if let Ok(LookUp::Found(payment)) = self.gateway.look_up(id).await
                        && payment.state.was_paid()
                    {
                        approval = Approval::of(&payment, order.sale.amount);
                        let _ = self.record(id, &Step::Approved(approval.clone()));
                    }
                }
                Outcome::Approved(approval)
            }
            Reply::Declined(refusal) => self.conclude_refusal(order, refusal).await,
            Reply::NotDone(problem) => {
                let message = match &problem {
                    Problem::Refused { message, .. } => Some(SafeText::message(message)),
                    _ => None,
                };
                let _ = self.record(id, &Step::NotCharged { why: problem.word().to_owned(), message });
                Outcome::NotCharged(problem)
            }
            Reply::Unseen(why) => {
                let _ = self.record(id, &Step::Unseen { why: why.to_owned() });
                stop_here_if_asked("unseen");
                Outcome::Unknown(why.to_owned())
            }
        }
    }
}

impl Desk {
    /// A refusal is the end, unless its words say that a PG broke off or that something was paid already: then
    /// the provider is asked before anybody is told that no money was taken.
    async fn conclude_refusal(&self, order: &KeyInOrder, refusal: Refusal) -> Outcome {
        let id = &order.sale.payment_id;
        let code = refusal.code.as_ref().map(SafeText::as_str);
        let channel = &order.sale.channel;
        let verdict = decline::class_of(&channel.pg, channel.generation, code, refusal.message.as_str());
        if !verdict.class.look_up_first() {
            let _ = self.record(id, &Step::Declined(refusal.clone()));
            return Outcome::Declined(refusal);
        }
        let _ = self.record(id, &Step::Unseen { why: "refused_oddly".to_owned() });
        match self.look_at(id).await {
            Look::Settled(intent) => match (intent.state, intent.approval) {
                (IntentState::Approved, Some(approval)) => Outcome::Approved(approval),
                (IntentState::Declined, _) => Outcome::Declined(refusal),
                _ => Outcome::Unknown("refused_oddly".to_owned()),
            },
            Look::Open(_) | Look::Failed(_) => Outcome::Unknown("refused_oddly".to_owned()),
        }
    }
}

/// Wipes the vault in whatever way the charge ends, also when its future is dropped.
struct WipeOnDrop<'a>(&'a Desk);

impl Drop for WipeOnDrop<'_> {
    fn drop(&mut self) {
        self.0.vault.wipe();
    }
}

/// Lets a test kill the real program at a named step of the journal: debug builds only. The process tells
/// that it is there and waits for its end.
fn stop_here_if_asked(step: &str) {
    if cfg!(debug_assertions) && std::env::var_os("DANMAL_DEBUG_STOP_AT").is_some_and(|at| at == step) {
        if let Some(mark) = std::env::var_os("DANMAL_DEBUG_STOP_MARK") {
            let _ = std::fs::write(mark, step);
        }
        loop {
            std::thread::park();
        }
    }
}
