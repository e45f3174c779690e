//! The search line: a text, and what it is looked for in. V2 takes one text at a time (V2 §9.3), so the kind of it
//! is guessed from how it looks, and can be chosen.

use crate::domain::billing_key::{KeySearch, KeyText};
use crate::tui::edit::Edit;

/// What the text is looked for in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SearchIn {
    /// 이름
    Name,
    /// 전화번호
    Phone,
    /// 고객 ID
    CustomerId,
    /// 카드번호 앞자리
    Card,
    /// 빌링키
    Key,
}

impl SearchIn {
    /// All of them, in the order of the choice.
    pub const ALL: [Self; 5] = [Self::Name, Self::Phone, Self::CustomerId, Self::Card, Self::Key];

    /// The catalogue's key of its name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Name => "billing.in.name",
            Self::Phone => "billing.in.phone",
            Self::CustomerId => "billing.in.customer-id",
            Self::Card => "billing.in.card",
            Self::Key => "billing.in.key",
        }
    }

    /// What a text most likely is.
    fn guess(text: &str) -> Self {
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let is_number = text.chars().all(|ch| ch.is_ascii_digit() || matches!(ch, '-' | ' '));
        let is_ascii = text.is_ascii();
        match text {
            _ if text.starts_with("billing-key") || text.starts_with("card-") => Self::Key,
            _ if is_number && text.starts_with('0') => Self::Phone,
            _ if is_number && digits > 0 => Self::Card,
            // Ids have digits or joints; an English name has neither.
            _ if is_ascii && (digits > 0 || text.contains(['_', '-', '.', '@'])) => Self::CustomerId,
            _ => Self::Name,
        }
    }

    const fn next(self) -> Self {
        match self {
            Self::Name => Self::Phone,
            Self::Phone => Self::CustomerId,
            Self::CustomerId => Self::Card,
            Self::Card => Self::Key,
            Self::Key => Self::Name,
        }
    }
}

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
        self.chosen.unwrap_or_else(|| SearchIn::guess(self.text.text().trim()))
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
    pub(in crate::tui::screen) fn apply(&self, search: &mut KeySearch) {
        if self.is_empty() {
            return;
        }
        let text = self.text.text().trim();
        let digits = || text.chars().filter(char::is_ascii_digit).collect::<String>();
        match self.within() {
            SearchIn::Name => search.text = Some(KeyText::Name(text.to_owned())),
            SearchIn::Phone => search.text = Some(KeyText::Phone(digits())),
            SearchIn::CustomerId => search.customer_id = Some(text.to_owned()),
            // A whole number must not be sent anywhere: what is asked for is its beginning.
            SearchIn::Card => search.text = Some(KeyText::Bin(digits().chars().take(6).collect())),
            SearchIn::Key => search.text = Some(KeyText::Key(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
