//! Billing keys: registered, searched, charged. Their deletion is [`delete_key`](super::delete_key)'s.

use super::Desk;
use super::conclude::Asked;
use super::intend::{WipeOnDrop, stop_here_if_asked};
use crate::domain::billing_key::{BillingKey, ProviderKey};
use crate::domain::channel::{Channel, Mode, Terms};
use crate::domain::intent::{Approval, Intent, IntentKind, NewIntent, Step, Target};
use crate::domain::order::{KeyChargeOrder, KeyOrder};
use crate::domain::outcome::{KeyEnd, Outcome, Stage};
use crate::domain::payment::{PaymentId, Refusal};
use crate::domain::pg::{Generation, PgCode};
use crate::domain::problem::Problem;
use crate::domain::schedule::ProviderSchedule;
use crate::gateway::Reply;
use crate::ledger::Guard;

impl Desk {
    /// Makes a billing key of the card in the vault, once; the vault is wiped when that request has ended.
    ///
    /// With [`Guard::Check`] a V1 name that is in use is refused ([`Problem::KeyTaken`]): the card behind it
    /// would be replaced while its old key lives on at the PG (V1 §8.1). A typed reason overrides that.
    pub async fn issue_key(&self, order: &KeyOrder, guard: &Guard, progress: impl Fn(Stage)) -> KeyEnd {
        let wipe = self.wipe_on_drop();
        progress(Stage::Journal);
        if let (Generation::V1, Some(name), Guard::Check(_)) = (order.channel.generation, &order.key, guard) {
            match self.key_of_name(name).await {
                Ok(None) => {}
                Ok(Some(taken)) => {
                    let card = taken.card.map_or_else(|| "-".to_owned(), |card| card.to_string());
                    return Outcome::NotCharged(Problem::KeyTaken { card }).into();
                }
                Err(problem) => return Outcome::NotCharged(problem).into(),
            }
        }
        let (mut outcome, refusals) = self.issue(order, None, guard, wipe, &progress).await;
        let mut key = None;
        if let Outcome::Approved(approval) = &mut outcome
            && let Some(issued) = &approval.key
        {
            // V2's answer shows no card (V2 §9.1).
            progress(Stage::Details);
            key = self.gateway.key(issued).await.ok().flatten().map(Box::new);
            if let Some(issuer) = key.as_ref().and_then(|key| key.issuer.clone()) {
                approval.issuer = Some(issuer);
                let _ = self.record(&order.id, &Step::Approved(approval.clone()));
            }
        }
        KeyEnd { outcome, key, refusals }
    }

    /// The issue itself, with the channels of a group that refused.
    pub(super) async fn issue(
        &self,
        order: &KeyOrder,
        parent: Option<&PaymentId>,
        guard: &Guard,
        wipe: WipeOnDrop,
        progress: &impl Fn(Stage),
    ) -> (Outcome, Vec<Refusal>) {
        let id = &order.id;
        let _stay = self.under_way.enter(id);
        let begun = match self.key_intent(order, parent) {
            Ok(new) => self.begin(&new, guard),
            Err(problem) => Err(Box::new(Outcome::NotCharged(problem))),
        };
        if let Err(end) = begun {
            return (*end, Vec::new());
        }
        progress(Stage::Key);
        let answer = self.with_card(id, wipe, self.gateway.issue_key(order, &self.vault)).await;
        stop_here_if_asked("key_answered");
        match answer {
            Reply::Done(issued) => {
                let approval =
                    Approval { key: Some(issued.key), issuer: issued.issuer, ..Approval::default() };
                let _ = self.record(id, &Step::Approved(approval.clone()));
                (Outcome::Approved(approval), issued.refusals)
            }
            other => {
                let asked = Asked::of(IntentKind::IssueKey, id, &order.channel);
                (self.conclude_other(&asked, other).await, Vec::new())
            }
        }
    }

    fn key_intent(&self, order: &KeyOrder, parent: Option<&PaymentId>) -> Result<NewIntent, Problem> {
        let new = self.about(IntentKind::IssueKey, &order.id, &order.channel, &order.customer);
        let target = (order.channel.generation == Generation::V1).then(|| Target::Key(order.name()));
        Ok(NewIntent { card: Some(self.card_ending()?), target, parent: parent.cloned(), ..new })
    }

    /// Charges a billing key once.
    pub async fn charge_key(
        &self,
        order: &KeyChargeOrder,
        guard: &Guard,
        progress: impl Fn(Stage),
    ) -> Outcome {
        let id = &order.sale.payment_id;
        let _stay = self.under_way.enter(id);
        progress(Stage::Journal);
        let begun = match self.key_charge_intent(order) {
            Ok(new) => self.begin(&new, guard),
            Err(problem) => return Outcome::NotCharged(problem),
        };
        if let Err(end) = begun {
            return *end;
        }
        progress(Stage::Sent);
        let answer = self.gateway.charge_key(order).await;
        self.conclude_charge(&Asked::sale(IntentKind::ChargeKey, &order.sale), answer, &progress).await
    }

    /// The earlier charge that the guard would stop this one for.
    pub fn earlier_of_key(&self, order: &KeyChargeOrder) -> Result<Option<Intent>, Problem> {
        let new = self.key_charge_intent(order)?;
        Ok(self.ledger.borrow().earlier(&new, self.guard_window)?)
    }

    fn key_charge_intent(&self, order: &KeyChargeOrder) -> Result<NewIntent, Problem> {
        // The card behind the key, so that the guard sees the same card keyed in as well.
        let made = self.ledger.borrow().by_key(&order.key)?;
        Ok(NewIntent {
            installments: order.installments,
            card: made.and_then(|made| made.new.card),
            target: Some(Target::Key(order.key.clone())),
            ..self.of_sale(IntentKind::ChargeKey, &order.sale)
        })
    }

    /// The configured channel of a name.
    pub(super) fn channel_named(&self, name: &str) -> Option<Channel> {
        self.channels.iter().find(|channel| channel.name == name).cloned()
    }

    /// The configured channel that a key was issued through, or what the provider says of one that is not
    /// configured. A mode that nobody tells counts as live.
    pub fn channel_of(&self, key: &ProviderKey) -> Channel {
        let its = key.channel.as_ref().map(crate::domain::text::SafeText::as_str);
        let same = |channel: &&Channel| {
            its.is_some_and(|its| its == channel.key || Some(its) == channel.merchant_id.as_deref())
        };
        let configured = self.channels.iter().find(same).cloned();
        configured.unwrap_or_else(|| {
            let pg = key.pg.as_ref().map_or("", crate::domain::text::SafeText::as_str);
            let mode = if key.is_test == Some(true) { Mode::Test } else { Mode::Live };
            self.unconfigured(its.unwrap_or_default(), pg, mode)
        })
    }

    /// A channel that is not configured, as far as it is known.
    pub(super) fn unconfigured(&self, name: &str, pg: &str, mode: Mode) -> Channel {
        Channel {
            name: name.to_owned(),
            generation: if self.gateway.can_list() { Generation::V2 } else { Generation::V1 },
            key: String::new(),
            pg: PgCode::new(pg),
            merchant_id: None,
            mode,
            product_type: None,
            terms: Terms::default(),
            pg_api_key: None,
        }
    }

    /// The channel that a key is charged through: the one that the ledger remembers, or what the provider says of
    /// the key. [`Problem::KeyGone`] when there is none.
    pub(super) async fn channel_through(&self, key: &BillingKey) -> Result<Channel, Problem> {
        let made = self.ledger.borrow().by_key(key)?;
        if let Some(channel) = made.and_then(|made| self.channel_named(&made.new.channel)) {
            return Ok(channel);
        }
        self.key_of_name(key).await?.map_or(Err(Problem::KeyGone), |key| Ok(self.channel_of(&key)))
    }

    /// The billing key that has a name now, asked before something is sent that depends on it (V1 §8.1).
    pub async fn key_of_name(&self, name: &BillingKey) -> Result<Option<ProviderKey>, Problem> {
        self.gateway.key(name).await.map_err(Problem::of_a_question)
    }

    /// One billing key.
    pub async fn key(&self, key: &BillingKey) -> Result<Option<ProviderKey>, Problem> {
        self.gateway.key(key).await
    }

    /// The open schedules of keys, up to a year ahead.
    pub async fn open_schedules(&self, keys: &[BillingKey]) -> Result<Vec<ProviderSchedule>, Problem> {
        self.gateway.open_schedules(keys, self.world.now()).await
    }

    /// The latest charges of a key that went through this ledger.
    pub fn charges_of(&self, key: &BillingKey) -> Result<Vec<Intent>, Problem> {
        Ok(self.ledger.borrow().charges_of(key)?)
    }
}
