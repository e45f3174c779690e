//! Something that is done with schedules, from the dry run to the report. The only place that lets it go.

use std::time::Duration;

use super::{Ask, Model, Over, Want};
use crate::domain::bulk::{ActionEnd, ActionKind, BulkEnd, Plan, PlanItem};
use crate::domain::intent::{Intent, IntentState};
use crate::domain::outcome::Outcome;
use crate::domain::payment::PaymentId;
use crate::domain::problem::Problem;
use crate::tui::choice::scrolled;
use crate::tui::input::Key;
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::{Effect, EffectId, Timer};

/// How long the question can't be answered after it opened: the key that opened it must not answer it.
const ARM_AFTER: Duration = Duration::from_millis(300);

/// How far it came.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// Looking what will come of it.
    Planning,
    /// It could not be looked at, or nothing can be done: why.
    Refused(Problem),
    /// Shall it?
    Asking {
        /// What will come of it.
        plan: Box<Plan>,
        /// The key that opened the question is over.
        armed: bool,
    },
    /// It is being carried out.
    Running {
        /// How many items have ended.
        done: usize,
        /// Of how many; nought while that is not known.
        of: usize,
        /// Whether it was told to stop.
        stopping: bool,
    },
    /// The report.
    Ended(Box<BulkEnd>),
    /// Nobody saw the end: the journal looks for it.
    Lost,
}

/// Something that is done.
#[derive(Debug, Clone, PartialEq)]
pub struct Work {
    /// Tells its answers apart.
    effect: EffectId,
    /// What is done; `None` of a batch that is gone on with.
    pub kind: Option<ActionKind>,
    /// How far it came.
    pub stage: Stage,
    /// The first line of the report that is seen.
    pub scroll: usize,
    /// What was let go.
    plan: Option<Box<Plan>>,
}

impl Work {
    /// Whether something is being carried out.
    pub const fn is_running(&self) -> bool {
        matches!(self.stage, Stage::Running { .. })
    }

    /// Whether an answer to the question counts now.
    pub fn is_ready(&self) -> bool {
        matches!(&self.stage, Stage::Asking { plan, armed: true } if plan.count() > 0)
    }

    /// The ends of the report.
    pub fn ends(&self) -> &[ActionEnd] {
        match &self.stage {
            Stage::Ended(end) => &end.ends,
            _ => &[],
        }
    }

    /// What was planned under an id.
    pub fn item(&self, id: &PaymentId) -> Option<&PlanItem> {
        self.plan.as_ref()?.items.iter().find(|item| item.id == *id)
    }

    /// What keys mean now.
    pub(super) fn contexts(&self) -> Vec<Context> {
        match self.stage {
            Stage::Planning | Stage::Asking { .. } => vec![Context::Confirm],
            Stage::Running { .. } => vec![Context::Batch],
            Stage::Refused(_) | Stage::Ended(_) | Stage::Lost => vec![Context::Notice, Context::Choice],
        }
    }
}

impl Model {
    /// Asks what would come of it.
    pub(super) fn plan(&mut self, want: Want) -> Vec<Effect> {
        let effect = self.effect();
        let kind = Some(want.kind());
        let work = Work { effect, kind, stage: Stage::Planning, scroll: 0, plan: None };
        self.over = Some(Over::Work(Box::new(work)));
        vec![Self::ask(Ask::Plan(effect, Box::new(want)))]
    }

    fn work(&mut self, effect: EffectId) -> Option<&mut Work> {
        match &mut self.over {
            Some(Over::Work(work)) if work.effect == effect => Some(work),
            _ => None,
        }
    }

    pub(super) fn plan_came(&mut self, effect: EffectId, plan: Result<Box<Plan>, Problem>) -> Vec<Effect> {
        let Some(work) = self.work(effect).filter(|work| work.stage == Stage::Planning) else {
            return Vec::new();
        };
        match plan {
            Ok(plan) => {
                work.stage = Stage::Asking { plan, armed: false };
                vec![Effect::Set(Timer::ConfirmArmed, ARM_AFTER)]
            }
            Err(problem) => {
                work.stage = Stage::Refused(problem);
                Vec::new()
            }
        }
    }

    pub(super) fn work_armed(&mut self) {
        if let Some(Over::Work(work)) = &mut self.over
            && let Stage::Asking { armed, .. } = &mut work.stage
        {
            *armed = true;
        }
    }

    pub(super) fn work_key(&mut self, key: Key) -> Vec<Effect> {
        let page = self.height;
        let Some(Over::Work(work)) = &mut self.over else { return Vec::new() };
        let action = resolve(&work.contexts(), key);
        let is_ready = work.is_ready();
        match (&mut work.stage, action) {
            (Stage::Asking { plan, .. }, Some(Action::Confirm)) if is_ready => {
                let (of, effect) = (plan.count(), work.effect);
                let plan = plan.clone();
                work.plan = Some(plan.clone());
                work.stage = Stage::Running { done: 0, of, stopping: false };
                return vec![Self::ask(Ask::Run(effect, plan))];
            }
            (Stage::Planning | Stage::Asking { .. }, Some(Action::Cancel)) => {
                self.back_to_form();
                return vec![Effect::Unset(Timer::ConfirmArmed)];
            }
            (Stage::Running { stopping, .. }, Some(Action::Cancel)) if !*stopping => {
                *stopping = true;
                let effect = work.effect;
                return vec![Self::ask(Ask::Stop(effect))];
            }
            (Stage::Ended(_) | Stage::Refused(_) | Stage::Lost, Some(Action::Cancel)) => {
                self.back_to_form();
                let mut effects = self.look_again();
                effects.extend(self.ask_for_list());
                effects.push(Self::ask(Ask::Left));
                return effects;
            }
            (Stage::Ended(_), action) => {
                work.scroll = scrolled(work.scroll, action, page).unwrap_or(work.scroll);
            }
            _ => {}
        }
        Vec::new()
    }

    /// A form whose schedules were not made is still there, as it was.
    fn back_to_form(&mut self) {
        let made = match self.over.take() {
            Some(Over::Work(work)) if work.kind == Some(ActionKind::Create) => match work.stage {
                Stage::Ended(_) | Stage::Lost | Stage::Running { .. } => true,
                Stage::Planning | Stage::Asking { .. } | Stage::Refused(_) => false,
            },
            _ => return,
        };
        let draft = self.draft.take();
        self.over = draft.filter(|_| !made).map(Over::Form);
    }

    pub(super) fn step_came(&mut self, effect: EffectId, step: usize, steps: usize) {
        if let Some(work) = self.work(effect)
            && let Stage::Running { done, of, .. } = &mut work.stage
        {
            *done = step.max(*done);
            *of = steps;
        }
    }

    /// It ended: what nobody has seen the end of is looked for until somebody has.
    pub(super) fn ran(&mut self, effect: EffectId, end: Result<Box<BulkEnd>, Problem>) -> Vec<Effect> {
        let Some(work) = self.work(effect).filter(|work| work.is_running()) else { return Vec::new() };
        let effects = end.as_ref().map_or_else(
            |_| Vec::new(),
            |end| {
                let unknown = end.ends.iter().filter(|end| matches!(end.outcome, Outcome::Unknown(_)));
                unknown.map(|end| Effect::Look(end.id.clone())).collect()
            },
        );
        work.stage = end.map_or_else(Stage::Refused, Stage::Ended);
        effects
    }

    /// The task that carried it out died: the journal has what was sent, and the next look at it settles that.
    pub(super) fn work_died(&mut self, effect: EffectId) -> Vec<Effect> {
        let Some(work) = self.work(effect) else { return Vec::new() };
        if work.is_running() {
            work.stage = Stage::Lost;
            return vec![Effect::Settle];
        }
        work.stage = Stage::Refused(Problem::Unreadable { why: "panic".to_owned() });
        Vec::new()
    }

    /// A look found how something of the report ended.
    pub(super) fn work_looked(&mut self, intent: &Intent) {
        let Some(Over::Work(work)) = &mut self.over else { return };
        let Stage::Ended(end) = &mut work.stage else { return };
        let Some(end) = end.ends.iter_mut().find(|end| end.id == intent.new.id) else { return };
        match intent.state {
            IntentState::Approved => {
                end.outcome = Outcome::Approved(intent.approval.clone().unwrap_or_default());
            }
            IntentState::Declined => {
                if let Some(refusal) = &intent.refusal {
                    end.outcome = Outcome::Declined(refusal.clone());
                }
            }
            IntentState::NotCharged => {
                let kind = intent.why.clone().unwrap_or_default();
                end.outcome = Outcome::NotCharged(Problem::Refused { kind, message: String::new() });
            }
            IntentState::Intended | IntentState::Sent | IntentState::Unknown => {}
        }
    }

    /// Goes on with a batch that was begun.
    pub(super) fn resume(&mut self, batch: PaymentId) -> Vec<Effect> {
        let effect = self.effect();
        let stage = Stage::Running { done: 0, of: 0, stopping: false };
        self.over = Some(Over::Work(Box::new(Work { effect, kind: None, stage, scroll: 0, plan: None })));
        vec![Self::ask(Ask::Resume(effect, batch))]
    }
}
