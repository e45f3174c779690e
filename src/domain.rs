//! The words of the trade as types: money, ids, customers, card facts, PG rules, declines.
//!
//! No IO, no async, no clock (time is an argument), and no card data: card *facts* at most (brand, BIN,
//! last four). Uses nothing else of this crate.

pub mod account;
pub mod billing_key;
pub mod bulk;
pub mod caller;
pub mod card;
pub mod cash_receipt;
pub mod channel;
pub mod close;
pub mod customer;
pub mod decline;
pub mod draft;
pub mod due;
pub mod export;
pub mod fit;
pub mod holiday;
pub mod import;
pub mod intent;
pub mod issuer;
pub mod key_search;
pub mod listing;
pub mod money;
pub mod month;
pub mod order;
pub mod outcome;
pub mod payment;
pub mod pg;
pub mod problem;
pub mod record;
pub mod recurrence;
pub mod refund;
pub mod schedule;
pub mod search;
pub mod speech;
pub mod sync;
pub mod table_file;
pub mod text;
