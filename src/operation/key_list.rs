//! The list of billing keys, page by page: V2's own list, or what this ledger knows of a V1 profile, with what a
//! look-up tells of each.

use crate::domain::billing_key::{KeyPage, KeySearch, ProviderKey};
use crate::domain::problem::Problem;

use super::Desk;

impl Desk {
    /// One page of the keys that fit a search, newest first.
    ///
    /// V1 lists nothing that nobody names (V1 §8.3): the ledger chooses and counts, and the provider is asked for
    /// the page's keys. One that it does not know any more counts as deleted, at the moment of that answer unless
    /// the ledger knows better.
    pub async fn key_page(&self, search: &KeySearch) -> Result<KeyPage, Problem> {
        if self.gateway.can_list() {
            return self.gateway.keys(search).await;
        }
        let (page, total) = self.ledger.borrow().known_keys(&self.profile, search)?;
        let first = (search.page as usize).saturating_mul(KeySearch::PAGE);
        // What was deleted through this ledger needs no look; nothing asked is nothing answered.
        let among: Vec<_> = page.iter().filter(|key| key.is_alive()).map(|key| key.key.clone()).collect();
        let told = if among.is_empty() {
            Vec::new()
        } else {
            self.gateway.keys(&KeySearch { among, ..KeySearch::default() }).await?.keys
        };
        let now = self.world.now().as_second();
        let keys = page
            .into_iter()
            .map(|ours| match told.iter().find(|its| its.key == ours.key) {
                Some(its) => ProviderKey { made_by: ours.made_by, ..its.clone() },
                None if ours.is_alive() => ProviderKey { deleted_at: Some(now), ..ours },
                None => ours,
            })
            .collect();
        let more = first + KeySearch::PAGE < total;
        Ok(KeyPage { keys, total: u64::try_from(total).ok(), more })
    }
}
