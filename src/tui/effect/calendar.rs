//! What the calendar asks for, done at the desk.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use tokio::sync::mpsc;

use super::super::msg::{EffectId, Msg};
use super::super::screen::calendar::model::{Answer, Ask, Known, Want};
use crate::domain::billing_key::{KeySearch, ProviderKey};
use crate::domain::bulk::{Action, BulkStep, Plan};
use crate::domain::channel::Channel;
use crate::domain::problem::Problem;
use crate::domain::text::SafeText;
use crate::ledger::Guard;
use crate::operation::Desk;

/// What was told to stop and has not ended.
#[derive(Debug, Clone, Default)]
pub(super) struct Stops(Rc<RefCell<BTreeSet<EffectId>>>);

impl Stops {
    fn holds(&self, effect: EffectId) -> bool {
        self.0.borrow().contains(&effect)
    }

    fn add(&self, effect: EffectId) {
        self.0.borrow_mut().insert(effect);
    }

    fn forget(&self, effect: EffectId) {
        self.0.borrow_mut().remove(&effect);
    }
}

/// Does it; every question has an answer, but being told to stop.
pub(super) async fn answer(
    desk: &Desk,
    stops: &Stops,
    messages: &mpsc::Sender<Msg>,
    ask: Ask,
) -> Option<Msg> {
    // A lost progress line loses nothing but a word on the screen.
    let progress = |effect| {
        let messages = messages.clone();
        move |step: &BulkStep| {
            let step = Answer::Step(effect, step.done, step.of);
            let _ = messages.try_send(Msg::Calendar(Box::new(step)));
        }
    };
    let answer = match ask {
        Ask::Days(question, span) => Answer::Days(question, desk.schedule_days(span)),
        Ask::List(question, filter, query) => Answer::List(question, desk.schedule_list(&filter, &query)),
        Ask::Page(question, number, rows) => Answer::Page(question, number, desk.schedule_rows(rows)),
        Ask::Next(question, after, group) => Answer::Next(question, desk.next_schedule(after, group)),
        Ask::Refresh(span) => Answer::Refreshed(span, desk.refresh_schedules(span).await.map(|_| ())),
        Ask::Detail(id, payment) => {
            let known = known(desk, &id, &payment).await;
            Answer::Detail(id, known)
        }
        Ask::Keys(question, search) => Answer::Keys(question, keys(desk, &search).await),
        Ask::Plan(effect, want) => Answer::Plan(effect, plan(desk, *want).await.map(Box::new)),
        Ask::Run(effect, plan) => {
            let guard = Guard::Check(desk.guard_window);
            let end = desk.run_bulk(&plan, &guard, progress(effect), || stops.holds(effect)).await;
            stops.forget(effect);
            Answer::Ran(effect, end.map(Box::new))
        }
        Ask::Left => Answer::Left(desk.batches_left()),
        Ask::Resume(effect, batch) => {
            let end = desk.resume(&batch, progress(effect), || stops.holds(effect)).await;
            stops.forget(effect);
            Answer::Ran(effect, end.map(Box::new))
        }
        Ask::Drop(effect, batch) => Answer::Dropped(effect, desk.drop_batch(&batch).await),
        Ask::Stop(effect) => {
            stops.add(effect);
            return None;
        }
    };
    Some(Msg::Calendar(Box::new(answer)))
}

async fn known(desk: &Desk, id: &SafeText, payment: &SafeText) -> Result<Box<Known>, Problem> {
    let told = desk.schedule_detail(id).await?;
    let payment = told.schedule.as_ref().map_or(payment, |schedule| &schedule.payment_id);
    let attempts = desk.schedule_attempts(payment).await;
    Ok(Box::new(Known { told, attempts }))
}

async fn keys(desk: &Desk, search: &KeySearch) -> Result<Vec<(ProviderKey, Channel)>, Problem> {
    let page = desk.key_page(search).await?;
    let alive = page.keys.into_iter().filter(ProviderKey::is_alive);
    Ok(alive
        .map(|key| {
            let channel = desk.channel_of(&key);
            (key, channel)
        })
        .collect())
}

async fn plan(desk: &Desk, want: Want) -> Result<Plan, Problem> {
    let actions: Vec<Action> = match want {
        Want::Create(series) => series
            .actions(&desk.profile, desk.world.now())
            .map_err(|_| Problem::Unsupported { what: "schedules" })?,
        Want::With(verb, rows) => {
            desk.schedule_rows(rows)?.into_iter().map(|kept| verb.with(kept.what)).collect()
        }
    };
    desk.plan(actions).await
}

/// The answer without a journal: nothing was asked and nothing sent.
pub(super) fn without_a_desk(ask: Ask, problem: Problem) -> Option<Msg> {
    let answer = match ask {
        Ask::Days(question, _) => Answer::Days(question, Err(problem)),
        Ask::List(question, ..) => Answer::List(question, Err(problem)),
        Ask::Page(question, number, _) => Answer::Page(question, number, Err(problem)),
        Ask::Next(question, ..) => Answer::Next(question, Err(problem)),
        Ask::Refresh(span) => Answer::Refreshed(span, Err(problem)),
        Ask::Detail(id, _) => Answer::Detail(id, Err(problem)),
        Ask::Keys(question, _) => Answer::Keys(question, Err(problem)),
        Ask::Plan(effect, _) => Answer::Plan(effect, Err(problem)),
        Ask::Run(effect, _) | Ask::Resume(effect, _) => Answer::Ran(effect, Err(problem)),
        Ask::Left => Answer::Left(Err(problem)),
        Ask::Drop(effect, _) => Answer::Dropped(effect, Err(problem)),
        Ask::Stop(_) => return None,
    };
    Some(Msg::Calendar(Box::new(answer)))
}
