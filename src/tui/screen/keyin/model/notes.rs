//! What should be known of a channel before it hurts: shown once per channel, and whenever it is asked for.

use super::{Model, Panel, Phase};
use crate::domain::channel::Mode;
use crate::domain::pg::{self, About, Warning};
use crate::tui::msg::Effect;

impl Model {
    /// What is to be said about the channel and the way to pay.
    fn warnings(&self) -> Vec<&'static Warning> {
        let channel = self.fields.channel();
        let rules = pg::rules(channel.generation, &channel.pg);
        let mut about = vec![About::Operation(self.fields.way().operation())];
        if self.fields.save_card {
            about.push(About::Operation(pg::Operation::IssueKey));
        }
        if channel.mode == Mode::Test {
            about.push(About::TestMode);
        }
        let mut found: Vec<&'static Warning> = Vec::new();
        for warning in about.into_iter().flat_map(|about| rules.warnings(about)) {
            // This form charges typed cards and accounts in won: dollars and wallets are no matter here.
            let elsewhere = warning.id.starts_with("usd.") || warning.id.ends_with(".easy_pay");
            if !elsewhere && !found.iter().any(|known| known.id == warning.id) {
                found.push(warning);
            }
        }
        found
    }

    /// Which warnings were read before.
    pub(super) fn learn_read(&mut self, away: Vec<(String, String)>) {
        self.read = Some(away);
        // An answer that comes late must not stand over "ready": Shift+F1 still shows them.
        if !self.fields.are_complete() {
            self.show_new_notes();
        }
    }

    /// Shows what nobody has read yet of the channel, where nothing else is being said.
    pub(super) fn show_new_notes(&mut self) {
        let Some(read) = &self.read else { return };
        let channel = &self.fields.channel().name;
        let known = |warning: &Warning| read.iter().any(|(at, id)| at == channel && *id == warning.id);
        let new: Vec<_> = self.warnings().into_iter().filter(|warning| !known(warning)).collect();
        if !new.is_empty() && self.phase == Phase::Form && matches!(self.panel, None | Some(Panel::Notes(_)))
        {
            self.panel = Some(Panel::Notes(new));
        }
    }

    /// Shows everything about the channel.
    pub(super) fn show_all_notes(&mut self) {
        let all = self.warnings();
        self.panel = (!all.is_empty()).then_some(Panel::Notes(all));
    }

    /// The panel of notes goes: they were read.
    pub(super) fn put_notes_away(&mut self) {
        let Some(Panel::Notes(notes)) = self.panel.take_if(|panel| matches!(panel, Panel::Notes(_))) else {
            return;
        };
        let channel = self.fields.channel().name.clone();
        let read = self.read.get_or_insert_default();
        for note in notes {
            let away = (channel.clone(), note.id.clone());
            if !read.contains(&away) {
                self.wants.push(Effect::WarningAway(away.0.clone(), away.1.clone()));
                read.push(away);
            }
        }
    }
}
