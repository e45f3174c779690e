//! Who is on the phone, and what a console keeps beside the journal: drafts, marks, warnings that were read.

use super::Desk;
use crate::domain::billing_key::BillingKey;
use crate::domain::caller::Caller;
use crate::domain::draft::{Draft, Mark};
use crate::domain::intent::Intent;
use crate::domain::issuer::issuer_hint;
use crate::domain::problem::Problem;

impl Desk {
    /// What the ledger knows of the person with this phone number (digits), newest first: at once, without the
    /// provider.
    pub fn caller_here(&self, phone_digits: &str) -> Result<Vec<Intent>, Problem> {
        Ok(self.ledger.borrow().of_a_caller(phone_digits)?)
    }

    /// What ledger and provider know. A provider that can't be asked leaves the ledger's part standing.
    pub async fn caller(&self, phone_digits: &str) -> Result<Caller, Problem> {
        let from_ledger = self.caller_here(phone_digits)?;
        let mut keys: Vec<BillingKey> = Vec::new();
        for intent in from_ledger.iter().filter(|intent| intent.new.profile == self.profile) {
            let made = intent.approval.as_ref().and_then(|approval| approval.key.clone());
            keys.extend(made.filter(|made| !keys.contains(made)));
        }
        let at_provider = self.gateway.caller(phone_digits, &keys, self.world.now()).await;
        Ok(Caller { from_ledger, at_provider })
    }

    /// The card company that cards with these first digits (six or eight) have always turned out to be from.
    pub fn issuer_hint(&self, bin: &str) -> Result<Option<String>, Problem> {
        let Some(bin6) = bin.get(..6) else { return Ok(None) };
        let seen = self.ledger.borrow().issuers(bin6)?;
        let pairs = seen.iter().map(|issuer| (bin6, issuer.as_str()));
        Ok(issuer_hint(bin6, pairs).map(str::to_owned))
    }

    /// Notes that the voice recording was paused or goes on. `detail` is what a command that was run for it
    /// said; never anything about a card.
    pub fn mark(&self, mark: Mark, detail: &str) -> Result<(), Problem> {
        let operator = self.world.operator();
        self.ledger.borrow().put_mark(&self.profile, &operator, self.world.now(), mark, detail)?;
        Ok(())
    }

    /// Keeps the form, without card data, in place of what was kept before.
    pub fn put_draft(&self, body: String) -> Result<(), Problem> {
        let draft = Draft {
            profile: self.profile.clone(),
            operator: self.world.operator(),
            saved: self.world.now(),
            body,
        };
        self.ledger.borrow().put_draft(&draft)?;
        Ok(())
    }

    /// Takes over the newest form that this operator left in a console that does not run any more. It is this
    /// console's own from then on.
    pub fn adopt_draft(&self) -> Result<Option<Draft>, Problem> {
        let me = self.world.operator();
        let ledger = self.ledger.borrow();
        let left = ledger.drafts_of(&self.profile, &me)?.into_iter().find(|draft| {
            let owner = &draft.operator;
            owner.process != me.process && !self.world.still_runs(&owner.host, &owner.process)
        });
        let Some(left) = left else { return Ok(None) };
        let adopted = Draft { operator: me, ..left.clone() };
        // First the new one: a kill in between leaves two, never none.
        ledger.put_draft(&adopted)?;
        ledger.drop_draft(&left.operator)?;
        Ok(Some(adopted))
    }

    /// Forgets this console's form: it was sent, or put away.
    pub fn drop_draft(&self) -> Result<(), Problem> {
        self.ledger.borrow().drop_draft(&self.world.operator())?;
        Ok(())
    }

    /// Remembers that a channel's warning was read.
    pub fn put_warning_away(&self, channel: &str, warning: &str) -> Result<(), Problem> {
        let operator = self.world.operator();
        let ledger = self.ledger.borrow();
        ledger.put_warning_away(&self.profile, channel, warning, &operator, self.world.now())?;
        Ok(())
    }

    /// The warnings that were read: channel and id.
    pub fn warnings_away(&self) -> Result<Vec<(String, String)>, Problem> {
        Ok(self.ledger.borrow().warnings_away(&self.profile)?)
    }
}
