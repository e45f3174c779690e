//! Refunds that no look-up can settle, settled by a person who looked at the provider's own console.
//!
//! Sends nothing but look-ups. A look-up that can decide goes before a person's word, and so does a provider that is
//! still at work.

use super::window;
use crate::domain::intent::{Approval, IntentKind, IntentState, Step};
use crate::domain::outcome::Look;
use crate::domain::payment::PaymentId;
use crate::domain::problem::Problem;
use crate::domain::refund::hand::{ByHand, Evidence, Said};
use crate::domain::text::SafeText;
use crate::operation::Desk;
use crate::operation::refund::approval_of;

impl Desk {
    /// Looks at a refund once more and tells where it stands: settled after all, to be left alone, or a person's to
    /// settle, with what there is to see. `None` when this profile's ledger has no such id;
    /// [`Problem::Unsupported`] of what is no refund.
    pub async fn by_hand(&self, id: &PaymentId) -> Result<Option<ByHand>, Problem> {
        let Some(intent) = self.intent(id)?.filter(|intent| intent.new.profile == self.profile) else {
            return Ok(None);
        };
        if intent.new.kind != IntentKind::Refund {
            return Err(Problem::Unsupported { what: BY_HAND });
        }
        let (look, evidence) = match self.without_asking(&intent) {
            Some(look) => (look, None),
            // Never sent: nobody has to be asked.
            None if intent.state == IntentState::Intended => (self.look_at_intended(&intent).await, None),
            None => self.weigh_refund(&intent).await,
        };
        Ok(Some(match (look, evidence) {
            (Look::Settled(intent), _) => ByHand::Settled(intent),
            (Look::Failed(problem), _) => return Err(problem),
            // The request may still be on its way: what a person sees now may be another's, or not there yet.
            (Look::Open(_), Some(_)) if self.age(&intent) < window() => ByHand::Waits("too_early"),
            (Look::Open(_), Some(evidence)) => ByHand::Undecided(Box::new(evidence)),
            (Look::Open(why), None) => ByHand::Waits(why),
        }))
    }

    /// Settles a refund as a person says, who saw this evidence, unless a look-up made now sees anything else: then
    /// nothing is written, and what there is now is told. [`Problem::NoReason`] when they don't say how they know.
    pub async fn settle_by_hand(&self, evidence: &Evidence, said: &Said) -> Result<ByHand, Problem> {
        let reason = SafeText::message(said.reason.trim());
        if reason.is_empty() {
            return Err(Problem::NoReason);
        }
        match self.by_hand(&evidence.id).await? {
            Some(ByHand::Undecided(now)) if *now == *evidence => {}
            Some(now) => return Ok(now),
            None => return Ok(ByHand::Waits("not_found")),
        }
        let step = Step::ByHand {
            done: said.done,
            approval: evidence.only_fit().map_or_else(Approval::default, approval_of),
            by: self.world.operator().seat(),
            reason: reason.to_string(),
        };
        match self.step(&evidence.id, &step) {
            Look::Settled(intent) => Ok(ByHand::Settled(intent)),
            Look::Open(why) => Ok(ByHand::Waits(why)),
            Look::Failed(problem) => Err(problem),
        }
    }
}

/// What [`Problem::Unsupported`] calls it.
const BY_HAND: &str = "by_hand";
