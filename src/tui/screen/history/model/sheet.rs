//! What the forms of this screen have in common: what stands in their fields.

use crate::domain::money::{AmountError, Currency, Money};
use crate::tui::edit::Edit;

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
