//! What the forms of this screen have in common: rows to go through, texts to type, things to turn.

use crate::domain::money::{AmountError, Currency, Money};
use crate::i18n::Text;
use crate::tui::edit::{Changed, Edit};

/// What an edit made of a key, as something to say.
pub(super) fn said(changed: Changed) -> Option<Text> {
    match changed {
        Changed::Refused(refusal) => Some(refusal.text()),
        Changed::Nothing | Changed::Cursor | Changed::Text => None,
    }
}

/// An amount as typed; nothing typed is no amount, and never "everything".
pub(super) fn money(edit: &Edit, currency: Currency) -> Result<Option<Money>, AmountError> {
    match Money::parse_typed(edit.text(), currency) {
        Ok(money) => Ok(Some(money)),
        Err(AmountError::Empty) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The digits of a number as typed.
pub(super) fn digits(edit: &Edit) -> String {
    edit.text().chars().filter(char::is_ascii_digit).collect()
}
