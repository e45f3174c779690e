//! 수기결제: a card keyed in while the caller dictates, from an empty form to an approval.

pub mod model;
#[cfg(test)]
pub(in crate::tui) mod testing;
pub mod view;
