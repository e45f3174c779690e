//! What happens behind the list: the provider is read on demand, and politely by itself while somebody is there.

use std::time::Duration;

use jiff::SignedDuration;

use super::list::How;
use super::{Ask, Model, Place};
use crate::domain::problem::Problem;
use crate::domain::sync::{Depth, Fresh, Progress};
use crate::tui::msg::{Effect, Timer};

/// How often the provider is asked for what is new while the tab is shown.
const POLL: Duration = Duration::from_mins(1);
/// How long after the last key that goes on.
const PRESENT: SignedDuration = SignedDuration::from_mins(10);

impl Model {
    /// Reads what is new, unless that is under way.
    pub(super) fn sync(&mut self, depth: Depth) -> Vec<Effect> {
        if self.sync.is_some() {
            return Vec::new();
        }
        self.sync = Some(None);
        self.sync_problem = None;
        vec![Self::ask(Ask::Sync(depth))]
    }

    pub(super) fn syncing(&mut self, progress: Progress) -> Vec<Effect> {
        if self.sync.is_none() {
            return Vec::new();
        }
        self.sync = Some(Some(progress));
        // The first rows of an empty copy are shown as they come.
        if self.rows.is_empty() { self.ask_for_list(How::Renew) } else { Vec::new() }
    }

    pub(super) fn synced(&mut self, end: Result<Fresh, Problem>) -> Vec<Effect> {
        self.sync = None;
        match end {
            Ok(fresh) => self.fresh = fresh,
            Err(problem) => self.sync_problem = Some(problem),
        }
        let mut effects = self.ask_for_list(How::Renew);
        effects.extend(self.poll_later());
        effects
    }

    /// Somebody is there: what is new is asked for again from now on.
    pub(super) fn present(&mut self) -> Vec<Effect> {
        self.last_key = self.now();
        self.poll_later()
    }

    fn is_present(&self) -> bool {
        self.shown && self.now().duration_since(self.last_key) < PRESENT
    }

    fn poll_later(&mut self) -> Vec<Effect> {
        if self.polling || self.sync.is_some() || !self.is_present() {
            return Vec::new();
        }
        self.polling = true;
        vec![Effect::Set(Timer::HistoryPoll, POLL)]
    }

    pub(super) fn poll(&mut self) -> Vec<Effect> {
        self.polling = false;
        if !self.is_present() {
            return Vec::new();
        }
        // A refund that the PG has only taken on is followed where it is seen.
        let mut effects = match &self.place {
            Place::Refund(refund) if refund.is_followed() => self.look_again(),
            _ => Vec::new(),
        };
        // What was before the first time is gone on with in the background until it is whole.
        effects.extend(self.sync(if self.fresh.whole { Depth::Glance } else { Depth::Usual }));
        effects
    }
}
