//! The beginning of every operation: the intent on disk, then that it is being sent.

use std::future::Future;

use super::Desk;
use crate::domain::card::CardEnding;
use crate::domain::channel::Channel;
use crate::domain::customer::Customer;
use crate::domain::intent::{Intent, IntentKind, NewIntent, Step};
use crate::domain::money::{Currency, Money};
use crate::domain::order::{Installments, Sale};
use crate::domain::outcome::Outcome;
use crate::domain::payment::PaymentId;
use crate::domain::problem::Problem;
use crate::ledger::{Guard, Intended, LedgerError};
use crate::vault::{Audit, Field};

impl Desk {
    /// A new payment id.
    pub fn mint(&self) -> PaymentId {
        PaymentId::mint(self.world.random())
    }

    /// An intent about a sale; what else it is about is filled in by the caller.
    pub(super) fn of_sale(&self, kind: IntentKind, sale: &Sale) -> NewIntent {
        NewIntent {
            amount: sale.amount,
            tax_free: sale.tax_free,
            vat: sale.vat,
            order_name: sale.order_name.clone(),
            note: sale.note.clone(),
            ..self.about(kind, &sale.payment_id, &sale.channel, &sale.customer)
        }
    }

    /// An intent without money.
    pub(super) fn about(
        &self,
        kind: IntentKind,
        id: &PaymentId,
        channel: &Channel,
        customer: &Customer,
    ) -> NewIntent {
        NewIntent {
            id: id.clone(),
            kind,
            profile: self.profile.clone(),
            generation: channel.generation,
            channel: channel.name.clone(),
            pg: channel.pg.as_str().to_owned(),
            mode: channel.mode,
            amount: Money::zero(Currency::Krw),
            tax_free: None,
            vat: None,
            installments: Installments::default(),
            order_name: String::new(),
            customer: customer.clone(),
            card: None,
            target: None,
            parent: None,
            schedules: Vec::new(),
            due: None,
            batch: None,
            note: None,
            operator: self.world.operator(),
            created: self.world.now(),
        }
    }

    /// The ending of the card in the vault; a problem when there is no card that could be sent.
    pub(super) fn card_ending(&self) -> Result<CardEnding, Problem> {
        let facts = self.vault.number_facts();
        let card = facts.last4().and_then(|last4| CardEnding::new(facts.prefix(), last4));
        let card = card.ok_or(Problem::Card { field: "number" })?;
        if self.vault.len(Field::Expiry) != 4 {
            return Err(Problem::Card { field: "expiry" });
        }
        Ok(card)
    }

    /// Puts the intent on disk. `Some` when the guard stopped it.
    pub(super) fn intend(&self, new: &NewIntent, guard: &Guard) -> Result<Option<Box<Intent>>, Problem> {
        match self.ledger.borrow().intend(new, guard)? {
            Intended::Guarded(earlier) => Ok(Some(earlier)),
            Intended::Written => Ok(None),
            Intended::Taken => Err(LedgerError::IdTaken(new.id.clone()).into()),
        }
    }

    /// Puts on disk that the request is let go now. When this fails nothing may be sent.
    pub(super) fn sending(&self, id: &PaymentId) -> Result<(), Problem> {
        self.record(id, &Step::Sent)?;
        Ok(())
    }

    /// The beginning of everything that is sent once: the intent on disk, then that it is being sent. An error is
    /// how it ended before it was sent.
    pub(super) fn begin(&self, new: &NewIntent, guard: &Guard) -> Result<(), Box<Outcome>> {
        self.open(new, guard)?;
        self.let_go(new)
    }

    /// The first half of a beginning: the intent on disk.
    pub(super) fn open(&self, new: &NewIntent, guard: &Guard) -> Result<(), Box<Outcome>> {
        match self.intend(new, guard) {
            Ok(None) => {}
            Ok(Some(earlier)) => return Err(Box::new(Outcome::Blocked(earlier))),
            Err(problem) => return Err(Box::new(Outcome::NotCharged(problem))),
        }
        stop_here_if_asked(stops(new.kind).0);
        Ok(())
    }

    /// The second half: that it is being sent.
    pub(super) fn let_go(&self, new: &NewIntent) -> Result<(), Box<Outcome>> {
        self.sending(&new.id).map_err(|problem| Box::new(Outcome::NotCharged(problem)))?;
        stop_here_if_asked(stops(new.kind).1);
        Ok(())
    }

    /// Runs a request with card data: the vault is wiped when it ended, in whatever way, and then our own
    /// memory is searched if that is wanted.
    pub(super) async fn with_card<T>(
        &self,
        id: &PaymentId,
        wipe: WipeOnDrop,
        request: impl Future<Output = T>,
    ) -> T {
        let audit = self.self_audit.then(|| Audit::arm(&self.vault));
        let answer = request.await;
        drop(wipe);
        if let Some(audit) = audit {
            let residue = match audit.run() {
                Ok(hits) => format!("residue={hits}"),
                Err(error) => format!("residue=unknown ({error})"),
            };
            // A failed note changes nothing about the money.
            let _ = self.record(id, &Step::Noted(residue));
        }
        answer
    }

    /// Wipes the vault when it is dropped.
    pub(super) fn wipe_on_drop(&self) -> WipeOnDrop {
        WipeOnDrop(std::sync::Arc::clone(&self.vault))
    }
}

/// Wipes the vault in whatever way an operation ends, also when its future is dropped.
pub(super) struct WipeOnDrop(std::sync::Arc<crate::vault::Vault>);

impl Drop for WipeOnDrop {
    fn drop(&mut self) {
        self.0.wipe();
    }
}

/// What a test calls the two steps of a beginning: a key that is issued for a charge, and schedules that are
/// revoked for a deletion, begin inside another operation.
pub(super) const fn stops(kind: IntentKind) -> (&'static str, &'static str) {
    match kind {
        IntentKind::IssueKey => ("key_intended", "key_sent"),
        IntentKind::RevokeSchedules => ("revoke_intended", "revoke_sent"),
        _ => ("intended", "sent"),
    }
}

/// Lets a test kill the real program at a named step of the journal: debug builds only. The process tells
/// that it is there and waits for its end.
pub(super) fn stop_here_if_asked(step: &str) {
    if cfg!(debug_assertions) && std::env::var_os("DANMAL_DEBUG_STOP_AT").is_some_and(|at| at == step) {
        if let Some(mark) = std::env::var_os("DANMAL_DEBUG_STOP_MARK") {
            let _ = std::fs::write(mark, step);
        }
        loop {
            std::thread::park();
        }
    }
}
