//! The lines of the help, so that the model knows where scrolling ends.

use super::Model;
use crate::i18n::Catalogue;
use crate::tui::columns;
use crate::tui::keymap::{Context, help_lines};

/// The columns of a key's names; longer ones take a line of their own.
const KEYS: usize = 20;

/// A line of the help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HelpRow {
    /// Where the keys below work.
    Title(String),
    /// A key and what it does, or the rest of what it does.
    Line(String),
}

impl Model {
    /// The lines of the help that are seen at once.
    pub fn help_height(&self) -> usize {
        // Header and footer, and the box's own two borders.
        usize::from(self.size.1.saturating_sub(4)).max(1)
    }

    /// The columns of the help's lines.
    pub fn help_width(&self) -> u16 {
        // Border and margin left and right.
        self.size.0.min(100).saturating_sub(4)
    }

    /// The help: this screen's keys first, then those that work everywhere, then the rest.
    pub fn help_rows(&self) -> Vec<HelpRow> {
        let words = Catalogue::of(self.lang);
        let mut contexts = self.screen().contexts();
        contexts.push(Context::Global);
        let others = Context::ALL.into_iter().filter(|other| !contexts.contains(other));
        let contexts: Vec<Context> = contexts.iter().copied().chain(others).collect();
        let room = usize::from(self.help_width()).saturating_sub(KEYS + 3);
        let mut rows = Vec::new();
        let mut last = None;
        for help in help_lines(&contexts, words) {
            if last.replace(help.context) != Some(help.context) {
                rows.push(HelpRow::Title(words.get(help.context.label()).to_owned()));
            }
            let mut keys = columns::pad_right(&help.keys, KEYS);
            if columns::width(&help.keys) > KEYS {
                rows.push(HelpRow::Line(format!("  {}", help.keys)));
                keys = columns::pad_right("", KEYS);
            }
            for part in columns::wrap(&help.text, room) {
                rows.push(HelpRow::Line(format!("  {keys} {part}")));
                keys = columns::pad_right("", KEYS);
            }
        }
        rows.push(HelpRow::Title(words.get("help.about").to_owned()));
        rows.push(HelpRow::Line(format!("  danmal {}", env!("CARGO_PKG_VERSION"))));
        rows
    }
}
