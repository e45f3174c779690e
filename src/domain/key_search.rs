//! What a person types to find a billing key, as a question. V2 takes one text at a time (V2 §9.3), so the kind of it
//! is guessed from how it looks, and can be chosen. Pure.

use super::billing_key::{KeySearch, KeyText};

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
    pub fn guess(text: &str) -> Self {
        let text = text.trim();
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

    /// The next one, in a ring.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Name => Self::Phone,
            Self::Phone => Self::CustomerId,
            Self::CustomerId => Self::Card,
            Self::Card => Self::Key,
            Self::Key => Self::Name,
        }
    }

    /// Puts a text into a question; one that is empty asks for nothing.
    pub fn apply(self, text: &str, search: &mut KeySearch) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        let digits = || text.chars().filter(char::is_ascii_digit).collect::<String>();
        match self {
            Self::Name => search.text = Some(KeyText::Name(text.to_owned())),
            Self::Phone => search.text = Some(KeyText::Phone(digits())),
            Self::CustomerId => search.customer_id = Some(text.to_owned()),
            // A whole number must not be sent anywhere: what is asked for is its beginning.
            Self::Card => search.text = Some(KeyText::Bin(digits().chars().take(6).collect())),
            Self::Key => search.text = Some(KeyText::Key(text.to_owned())),
        }
    }
}
