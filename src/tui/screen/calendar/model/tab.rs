//! The calendar as a tab of the console: who gets which message.

use jiff::Timestamp;

use super::{Answer, Ask, Model, Over};
use crate::tui::keymap::{Action, Context};
use crate::tui::msg::{Effect, Msg, Timer};
use crate::tui::screen::Screen;

impl Screen for Model {
    fn contexts(&self) -> Vec<Context> {
        match &self.over {
            Some(Over::Search) => vec![Context::Search],
            Some(Over::Jump(_) | Over::When(_)) => vec![Context::DateLine],
            Some(Over::Detail(_)) => vec![Context::ScheduleDetail],
            Some(Over::Form(form)) => form.contexts(),
            Some(Over::Work(work)) => work.contexts(),
            Some(Over::Left(left)) if left.giving_up => vec![Context::Confirm],
            Some(Over::Left(_)) => vec![Context::Unfinished],
            None if self.list.is_some() => vec![Context::Schedules, Context::List],
            None => vec![Context::Calendar],
        }
    }

    fn offers(&self, action: Action) -> bool {
        match (&self.over, action) {
            // These belong to other screens' forms.
            (_, Action::Channel | Action::ClearForm | Action::Slip | Action::Recording)
            | (Some(Over::Search), Action::SearchIn)
            | (Some(Over::Work(_)), Action::Left | Action::Right | Action::Select)
            | (Some(Over::Left(_)), Action::Left | Action::Right) => false,
            (Some(Over::Work(work)), Action::Confirm) => work.is_ready(),
            (Some(Over::Left(left)), _) => !left.is_busy(),
            (
                None | Some(Over::Detail(_)),
                Action::Move | Action::Revoke | Action::ChargeNow | Action::Retry | Action::Rebook,
            ) => self.can(action),
            (None, Action::New) => !self.setup.channels.is_empty(),
            (None, Action::Unfinished) => !self.left.is_empty(),
            (None, Action::Currency) => self.currencies().iter().any(|one| *one != self.currency),
            (None, Action::Refresh) => self.refreshing.is_none(),
            (None, Action::Select) => self.list.as_ref().is_none_or(|list| list.current().is_some()),
            (None, Action::Cancel) => self.list.is_some() || self.view == super::View::Year,
            (None, Action::Mark | Action::MarkAll) => self.list.as_ref().is_some_and(|list| !list.is_empty()),
            // In the list of one day the same key filters.
            (None, Action::View) => self.list.as_ref().is_none_or(|list| !list.is_day()),
            _ => true,
        }
    }

    fn update(&mut self, msg: Msg) -> Vec<Effect> {
        match msg {
            Msg::Calendar(answer) => self.answered(*answer),
            Msg::Timer(Timer::CalendarRest, _) => self.rested(),
            Msg::Timer(Timer::CalendarDay, _) => {
                self.tell_day();
                Vec::new()
            }
            Msg::Timer(Timer::ConfirmArmed, _) => {
                self.work_armed();
                Vec::new()
            }
            Msg::Died(Some(effect)) => self.work_died(effect),
            Msg::Key(key) => match &self.over {
                Some(Over::Search) => self.search_key(key),
                Some(Over::Jump(_)) => self.jump_key(key),
                Some(Over::When(_)) => self.when_key(key),
                Some(Over::Detail(_)) => self.detail_key(key),
                Some(Over::Form(_)) => self.form_key(key),
                Some(Over::Work(_)) => self.work_key(key),
                Some(Over::Left(_)) => self.left_key(key),
                None if self.list.is_some() => self.list_key(key),
                None => self.grid_key(key),
            },
            Msg::PasteChar(ch) => {
                self.pasted(Some(ch));
                Vec::new()
            }
            Msg::PasteEnd if matches!(self.over, Some(Over::Search)) => self.search_pasted(),
            Msg::PasteEnd => {
                self.pasted(None);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn tick(&mut self, now: Timestamp) {
        self.setup.now = now;
    }

    fn resize(&mut self, rows: u16) {
        // Header, tabs, the list's head, its column names, position, notice, footer and what stands between.
        self.height = usize::from(rows.saturating_sub(10)).max(1);
    }

    fn enter(&mut self) -> Vec<Effect> {
        let mut effects = vec![Self::ask(Ask::Left)];
        if std::mem::replace(&mut self.opened, true) {
            effects.extend(self.look_again());
            effects.extend(self.ask_for_list());
        } else {
            effects.extend(self.look());
        }
        effects
    }

    fn quitting_leaves(&self) -> Option<&'static str> {
        match &self.over {
            Some(Over::Work(work)) if work.is_running() => Some("quit.flying"),
            Some(Over::Form(_)) => Some("quit.typed"),
            _ => self.draft.as_ref().map(|_| "quit.typed"),
        }
    }

    fn holds(&self) -> bool {
        match &self.over {
            Some(Over::Work(_)) => true,
            Some(Over::Left(left)) => left.is_busy() || left.giving_up,
            _ => false,
        }
    }
}

impl Model {
    fn answered(&mut self, answer: Answer) -> Vec<Effect> {
        match answer {
            Answer::Days(question, found) => self.days_came(question, found),
            Answer::List(question, rows) => return self.list_came(question, rows),
            Answer::Page(question, number, found) => self.page_came(question, number, found),
            Answer::Next(question, found) => return self.next_came(question, found),
            Answer::Refreshed(span, found) => return self.refreshed(span, found),
            Answer::Detail(id, found) => self.detail_came(&id, found),
            Answer::Keys(question, found) => self.keys_came(question, found),
            Answer::Plan(effect, plan) => return self.plan_came(effect, plan),
            Answer::Step(effect, done, of) => self.step_came(effect, done, of),
            Answer::Ran(effect, end) => return self.ran(effect, end),
            Answer::Left(found) => self.left_came(found),
            Answer::Dropped(effect, found) => return self.dropped(effect, &found),
        }
        Vec::new()
    }

    /// What is pasted goes to the line that is being typed.
    fn pasted(&mut self, ch: Option<char>) {
        let line = match &mut self.over {
            Some(Over::Search) => self.list.as_mut().map(|list| &mut list.search),
            Some(Over::Jump(typed)) => Some(typed),
            Some(Over::When(when)) => Some(&mut when.typed),
            Some(Over::Form(_)) => return self.form_pasted(ch),
            _ => None,
        };
        if let Some(line) = line {
            line.pasted(ch);
        }
    }

    /// What became of an unknown end that is told of on this screen.
    pub fn looked(&mut self, intent: &crate::domain::intent::Intent) {
        self.work_looked(intent);
    }
}
