//! The dry run: what will come of everything that is wanted. Asks, writes nothing and sends nothing.

use std::collections::{HashMap, HashSet};

use jiff::SignedDuration;

use crate::domain::billing_key::BillingKey;
use crate::domain::bulk::{Action, ActionKind, Plan, PlanItem, Verdict, WhyNot};
use crate::domain::channel::Channel;
use crate::domain::intent::IntentState;
use crate::domain::problem::Problem;
use crate::domain::recurrence::derived_id;
use crate::domain::schedule::{ProviderSchedule, Span};
use crate::domain::text::SafeText;
use crate::operation::Desk;

/// Up to so many schedules are asked for one by one; more are read from the list.
const ONE_BY_ONE: usize = 20;

/// How many pages of the list are read before the rest is asked for one by one.
const PAGES: usize = 200;

/// How often a schedule that was certainly not made may be ordered again under an id that follows from the first.
const AGAIN: usize = 64;

impl Desk {
    /// What will come of these, with every schedule asked for anew.
    ///
    /// A new schedule whose id is in the ledger is there [already](Verdict::Already), unless it was certainly not
    /// made: then it is ordered under the next id that follows from the first.
    pub async fn plan(&self, actions: Vec<Action>) -> Result<Plan, Problem> {
        // Two orders about one schedule would not know of each other.
        let unsettled = self.ledger.borrow().unsettled(&self.profile)?;
        let pending: HashSet<SafeText> =
            unsettled.into_iter().flat_map(|intent| intent.new.schedules).collect();
        let mut known = self.current(&actions).await?;
        let mut channels = HashMap::new();
        let mut seen: HashSet<SafeText> = HashSet::new();
        let mut items = Vec::with_capacity(actions.len());
        for action in actions {
            let first = match &action {
                Action::Create(order) => SafeText::new(order.sale.payment_id.as_str()),
                action => action.schedule().map(|schedule| schedule.id.clone()).unwrap_or_default(),
            };
            let waits = pending.contains(&first);
            let twice = !seen.insert(first);
            let fresh = action.schedule().map(|old| known.remove(&old.id).flatten());
            let item = match fresh {
                _ if twice => self.item(action, Verdict::CanNot(WhyNot::Twice)),
                Some(None) => self.item(action, Verdict::CanNot(WhyNot::Gone)),
                Some(Some(_)) if waits => self.item(action, Verdict::CanNot(WhyNot::Pending)),
                Some(Some(fresh)) => self.item(action.with_schedule(fresh), Verdict::Ready),
                None => self.new_item(action)?,
            };
            items.push(self.judged(item, &mut channels).await?);
        }
        Ok(Plan { batch: self.mint(), items })
    }

    fn item(&self, action: Action, verdict: Verdict) -> PlanItem {
        let two = !self.gateway.can_move() && action.kind() == ActionKind::Move
            || action.kind() == ActionKind::ChargeNow;
        PlanItem { action, id: self.mint(), revoke: two.then(|| self.mint()), channel: None, verdict }
    }

    /// A schedule to be made, under the first id of its line that is not used.
    fn new_item(&self, action: Action) -> Result<PlanItem, Problem> {
        let Action::Create(order) = &action else { return Ok(self.item(action, Verdict::Ready)) };
        let mut id = order.sale.payment_id.clone();
        let channel = Some(order.sale.channel.clone());
        let mut verdict = Verdict::Ready;
        for _ in 0..AGAIN {
            verdict = match self.intent(&id)? {
                None => Verdict::Ready,
                Some(intent) if is_not_made(intent.state, intent.why.as_deref()) => {
                    id = derived_id(&[id.as_str()], "again");
                    continue;
                }
                Some(_) => Verdict::Already,
            };
            break;
        }
        Ok(PlanItem { action, id, revoke: None, channel, verdict })
    }

    /// The same, with everything that speaks against it.
    async fn judged(
        &self,
        mut item: PlanItem,
        channels: &mut HashMap<BillingKey, Result<Channel, WhyNot>>,
    ) -> Result<PlanItem, Problem> {
        if item.verdict != Verdict::Ready {
            return Ok(item);
        }
        if let Some(why) = item.action.obstacle(self.world.now()) {
            item.verdict = Verdict::CanNot(why);
            return Ok(item);
        }
        // V1 moves, books and tries again without being told a channel, and nobody needs one to revoke.
        let needs_channel = match item.action.kind() {
            ActionKind::Create | ActionKind::Revoke => false,
            ActionKind::Move | ActionKind::Rebook => !self.gateway.can_move(),
            ActionKind::Retry | ActionKind::ChargeNow => true,
        };
        let key = item.action.key().clone();
        if needs_channel {
            let found = match channels.get(&key) {
                Some(found) => found.clone(),
                None => match self.channel_through(&key).await {
                    // V1 charges a key through the channel it was made with, whether that is told or not.
                    Ok(channel) if channel.name.is_empty() && self.gateway.can_list() => {
                        Err(WhyNot::NoChannel)
                    }
                    Ok(channel) => Ok(channel),
                    Err(Problem::KeyGone) => Err(WhyNot::KeyGone),
                    Err(problem) => return Err(problem),
                },
            };
            channels.insert(key, found.clone());
            match found {
                Ok(channel) => item.channel = Some(channel),
                Err(why) => item.verdict = Verdict::CanNot(why),
            }
        } else if item.channel.is_none() {
            let made = self.ledger.borrow().by_key(&key)?;
            item.channel = made.and_then(|made| self.channel_named(&made.new.channel));
        }
        Ok(item)
    }

    /// The schedules of these actions as the provider tells them now; `None` of one that is gone.
    async fn current(
        &self,
        actions: &[Action],
    ) -> Result<HashMap<SafeText, Option<ProviderSchedule>>, Problem> {
        let wanted: Vec<&ProviderSchedule> = actions.iter().filter_map(Action::schedule).collect();
        let mut found: HashMap<SafeText, Option<ProviderSchedule>> = HashMap::new();
        if wanted.len() > ONE_BY_ONE {
            let times = || wanted.iter().map(|schedule| schedule.at);
            if let (Some(from), Some(last)) = (times().min(), times().max()) {
                let span = Span { from, until: last + SignedDuration::from_secs(1) };
                let ids: HashSet<&SafeText> = wanted.iter().map(|schedule| &schedule.id).collect();
                let mut next = None;
                for _ in 0..PAGES {
                    let page = self
                        .gateway
                        .schedules(span, next.as_deref())
                        .await
                        .map_err(Problem::of_a_question)?;
                    let ours = page.items.into_iter().filter(|told| ids.contains(&told.id));
                    found.extend(ours.map(|told| (told.id.clone(), Some(told))));
                    next = page.next;
                    if next.is_none() || found.len() == ids.len() {
                        break;
                    }
                }
            }
        }
        // Those that are at another time meanwhile, or gone.
        for schedule in wanted {
            if !found.contains_key(&schedule.id) {
                let told = self.gateway.schedule_of(&schedule.id).await.map_err(Problem::of_a_question)?;
                found.insert(schedule.id.clone(), told);
            }
        }
        Ok(found)
    }
}

/// Whether it was certainly not made, so that it may be ordered again.
fn is_not_made(state: IntentState, why: Option<&str>) -> bool {
    matches!(state, IntentState::Declined | IntentState::NotCharged) && why != Some("schedule_exists")
}
