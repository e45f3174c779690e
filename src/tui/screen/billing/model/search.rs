//! The search line: a text, and what it is looked for in, guessed or chosen.

use crate::domain::billing_key::KeySearch;
pub use crate::domain::key_search::SearchIn;
use crate::tui::edit::Edit;

/// The search line.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// What was typed.
    pub text: Edit,
    chosen: Option<SearchIn>,
}

impl Default for Search {
    fn default() -> Self {
        Self::new()
    }
}

impl Search {
    /// An empty line.
    pub const fn new() -> Self {
        Self { text: Edit::new(60), chosen: None }
    }

    /// What the text is looked for in: what was chosen, else what it looks like.
    pub fn within(&self) -> SearchIn {
        self.chosen.unwrap_or_else(|| SearchIn::guess(self.text.text()))
    }

    /// Looks in something else.
    pub fn turn(&mut self) {
        self.chosen = Some(self.within().next());
    }

    /// Empties it.
    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// Whether nothing is searched for.
    pub fn is_empty(&self) -> bool {
        self.text.text().trim().is_empty()
    }

    /// Puts it into a question.
    pub(super) fn apply(&self, search: &mut KeySearch) {
        self.within().apply(self.text.text(), search);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::billing_key::KeyText;
    use crate::tui::input::Key;

    fn typed(text: &str) -> Search {
        let mut search = Search::new();
        for ch in text.chars() {
            search.text.apply(Key::char(ch));
        }
        search
    }

    #[test]
    fn the_kind_is_guessed_and_can_be_chosen() {
        let table = [
            ("김하늘", SearchIn::Name),
            ("Kim Haneul", SearchIn::Name),
            ("010-1234", SearchIn::Phone),
            ("400011", SearchIn::Card),
            ("cust0042", SearchIn::CustomerId),
            ("kim@shop.kr", SearchIn::CustomerId),
            ("billing-key-0195", SearchIn::Key),
            ("card-dabc", SearchIn::Key),
            ("", SearchIn::Name),
        ];
        for (text, kind) in table {
            assert_eq!(typed(text).within(), kind, "{text}");
        }
        let mut search = typed("400011");
        search.turn();
        assert_eq!(search.within(), SearchIn::Key);
        search.turn();
        assert_eq!(search.within(), SearchIn::Name);
    }

    #[test]
    fn a_question_has_one_text() {
        let asked = |text: &str| {
            let mut search = KeySearch::default();
            typed(text).apply(&mut search);
            (search.text, search.customer_id)
        };
        assert_eq!(asked("  "), (None, None));
        assert_eq!(asked("010-1234-5678"), (Some(KeyText::Phone("01012345678".to_owned())), None));
        assert_eq!(asked("cust0042"), (None, Some("cust0042".to_owned())));
        assert_eq!(asked("김 하늘"), (Some(KeyText::Name("김 하늘".to_owned())), None));
        assert_eq!(asked("40001122"), (Some(KeyText::Bin("400011".to_owned())), None));
    }
}
