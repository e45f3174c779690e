//! The words of the trade as types: money, ids, customers, card facts, PG rules, declines.
//!
//! No IO, no async, no clock (time is an argument), and no card data: card *facts* at most (brand, BIN,
//! last four). Uses nothing else of this crate.

pub mod decline;
pub mod issuer;
pub mod pg;
pub mod speech;
