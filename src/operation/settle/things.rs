//! What became of accounts that were to be closed, of billing keys that were to be made or deleted, and of
//! schedules that were to be revoked.

use jiff::{SignedDuration, Timestamp};

use super::window;
use crate::domain::account::DepositState;
use crate::domain::billing_key::{BillingKey, KeySearch, ProviderKey};
use crate::domain::customer::Customer;
use crate::domain::intent::{Approval, Intent, Step, Target};
use crate::domain::outcome::Look;
use crate::domain::payment::PaymentId;
use crate::domain::problem::Problem;
use crate::domain::schedule::ScheduleState;
use crate::gateway::LookUp;
use crate::operation::Desk;
use crate::operation::account::deposit_of;

/// How far the provider's clock may be behind ours.
const SKEW: SignedDuration = SignedDuration::from_secs(60);
/// The most pages of keys that are searched for one.
const PAGES: u32 = 20;

impl Desk {
    /// An account that waits no more was closed, unless the deposit came first.
    pub(super) async fn ask_for_closing(&self, intent: &Intent) -> Look {
        let id = &intent.new.id;
        let Some(Target::Payment(account)) = &intent.new.target else {
            return self.still_open(id, "undecided");
        };
        match self.gateway.look_up(account).await {
            Ok(LookUp::Found(payment)) => {
                let deposit = deposit_of(&payment);
                match deposit {
                    DepositState::Waiting => {
                        self.not_done_after_window(intent, "still_waiting", "still_waiting")
                    }
                    DepositState::Paid => {
                        let _ = self.record(account, &Step::Deposit(deposit));
                        let why = "paid_meanwhile".to_owned();
                        self.step(id, &Step::NotCharged { why, message: None })
                    }
                    DepositState::Closed => {
                        let _ = self.record(account, &Step::Deposit(deposit));
                        self.step(id, &Step::Approved(Approval::default()))
                    }
                }
            }
            // It was there when it was issued; that it can't be found now settles nothing.
            Ok(LookUp::NotFound) => self.still_open(id, "not_found_yet"),
            Err(problem) => Look::Failed(problem),
        }
    }

    /// A key that is not there any more was deleted.
    pub(super) async fn ask_for_deletion(&self, intent: &Intent) -> Look {
        let id = &intent.new.id;
        let Some(Target::Key(key)) = &intent.new.target else { return self.still_open(id, "undecided") };
        match self.gateway.key(key).await {
            Ok(Some(key)) if key.is_alive() => {
                self.not_done_after_window(intent, "still_there", "still_there")
            }
            Ok(_) => self.step(id, &Step::Approved(Approval::default())),
            Err(problem) => Look::Failed(problem),
        }
    }

    /// Schedules that are open still were not revoked. Each of the others is asked for: V1 does not promise that all
    /// of them are revoked or none (V1 §10.5), so that one tells nothing of the next.
    pub(super) async fn ask_for_revoking(&self, intent: &Intent) -> Look {
        let id = &intent.new.id;
        let Some(Target::Key(key)) = &intent.new.target else { return self.still_open(id, "undecided") };
        let ids = &intent.new.schedules;
        let open = match self.open_schedules(std::slice::from_ref(key)).await {
            Ok(open) => open,
            Err(problem) => return Look::Failed(problem),
        };
        if open.iter().any(|open| ids.contains(&open.id)) {
            return self.not_done_after_window(intent, "still_scheduled", "still_scheduled");
        }
        let (mut revoked, mut ran) = (false, false);
        for schedule in ids {
            match self.gateway.schedule_of(schedule).await {
                Ok(Some(schedule)) if schedule.state == ScheduleState::Revoked => revoked = true,
                // Further away than those that the list tells of.
                Ok(Some(schedule)) if schedule.state.is_open() => {
                    return self.not_done_after_window(intent, "still_scheduled", "still_scheduled");
                }
                Ok(Some(_)) => ran = true,
                Ok(None) => {}
                Err(problem) => return Look::Failed(problem),
            }
        }
        match (revoked, ran) {
            // Whoever wanted none of them to run has to know of those that did.
            (_, true) => self.not_done_after_window(intent, "schedules_ran", "pending"),
            (true, false) => self.step(id, &Step::Approved(Approval::default())),
            (false, false) => self.still_open(id, "undecided"),
        }
    }

    /// A key that was to be made: by its name on V1, by a search on V2, which chooses names itself.
    pub(super) async fn ask_for_key(&self, intent: &Intent) -> Look {
        let id = &intent.new.id;
        let found = match &intent.new.target {
            Some(Target::Key(name)) => match self.gateway.key(name).await {
                Ok(key) => v1_key(intent, name, key),
                Err(problem) => return Look::Failed(problem),
            },
            _ => match self.search(intent).await {
                Ok(found) => found,
                Err(problem) => return Look::Failed(problem),
            },
        };
        match found {
            Found::One(key) => self.key_found(id, *key),
            // Ours, which carries our id, may still appear beside it.
            Found::Alike(key) if self.age(intent) >= window() => self.key_found(id, *key),
            Found::Alike(_) => self.still_open(id, "not_found_yet"),
            Found::None => self.not_done_after_window(intent, "not_found", "not_found_yet"),
            Found::Undecided => self.still_open(id, "several_keys"),
        }
    }

    fn key_found(&self, id: &PaymentId, key: ProviderKey) -> Look {
        let approval = Approval { key: Some(key.key), issuer: key.issuer, ..Approval::default() };
        self.step(id, &Step::Approved(approval))
    }

    /// V2's keys of the time in question. Our id goes along with the request (V2 §9.1 `customData`), so the key
    /// that carries it is the one; among keys without any mark the card and the customer decide (V2 §3.3).
    async fn search(&self, intent: &Intent) -> Result<Found, Problem> {
        let sent = intent.sent.unwrap_or(intent.new.created);
        let mut search = KeySearch {
            customer_id: intent.new.customer.id().map(str::to_owned),
            from: Some(sent - SKEW),
            until: Some(sent + window() + SKEW),
            ..KeySearch::default()
        };
        let mut alike = Vec::new();
        for page in 0..PAGES {
            search.page = page;
            let found = self.gateway.keys(&search).await?;
            for key in found.keys {
                match &key.made_by {
                    Some(mark) if mark.as_str() == intent.new.id.as_str() => {
                        return Ok(Found::One(Box::new(key)));
                    }
                    None if could_be(&key, intent) => alike.push(key),
                    _ => {}
                }
            }
            if !found.more {
                break;
            }
        }
        let first = alike.pop();
        Ok(match (first, alike.is_empty()) {
            (None, _) => Found::None,
            // A masked number that hides too much decides nothing.
            (Some(key), true) if key.card.is_some() => Found::Alike(Box::new(key)),
            (Some(_), _) => Found::Undecided,
        })
    }
}

/// What a search for a key found.
enum Found {
    /// It is this one.
    One(Box<ProviderKey>),
    /// It is this one unless the right one is still to come.
    Alike(Box<ProviderKey>),
    None,
    Undecided,
}

/// A name that was made up for this request proves itself; one that a person chose must have changed since.
fn v1_key(intent: &Intent, name: &BillingKey, key: Option<ProviderKey>) -> Found {
    let Some(key) = key else { return Found::None };
    let sent = intent.sent.unwrap_or(intent.new.created);
    let minted = *name == BillingKey::mint(&intent.new.id);
    match key.since() {
        _ if minted => Found::One(Box::new(key)),
        Some(since) if since >= earliest(sent) => Found::One(Box::new(key)),
        Some(_) => Found::None,
        None => Found::Undecided,
    }
}

fn earliest(sent: Timestamp) -> i64 {
    (sent - SKEW).as_second()
}

/// Whether nothing speaks against it: the card, as far as it is shown, and the customer, as far as both know.
fn could_be(key: &ProviderKey, intent: &Intent) -> bool {
    let sent = intent.sent.unwrap_or(intent.new.created);
    let card = match (&key.card, &intent.new.card) {
        (Some(its), Some(ours)) => its == ours,
        _ => true,
    };
    card && same_person(&key.customer, &intent.new.customer)
        && key.issued_at.is_none_or(|issued| issued >= earliest(sent))
}

fn same_person(one: &Customer, other: &Customer) -> bool {
    fn agree(one: Option<&str>, other: Option<&str>) -> bool {
        one.is_none() || other.is_none() || one == other
    }
    agree(one.id(), other.id())
        && agree(one.phone_digits().as_deref(), other.phone_digits().as_deref())
        && agree(one.name(), other.name())
}
