//! The history (내역): payments found, looked at, refunded; cash receipts; the daily close; exports.

pub mod model;
#[cfg(test)]
pub(in crate::tui) mod testing;
pub mod view;
