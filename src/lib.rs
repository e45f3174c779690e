//! danmal (단말): the console with which a merchant takes money through `PortOne` from a terminal.
//!
//! Data flows one way:
//!
//! ```text
//! key → Msg → pure update → Effect → operation → gateway and ledger → Msg → Model → view
//! ```
//!
//! | module | what it is | what it may name |
//! |---|---|---|
//! | [`vault`] | card data: locked memory, wiping, process hardening, self-audit | nothing of ours |
//! | [`domain`] | money, ids, customers, card *facts*, PG rules, declines | nothing of ours; no IO, no clock |
//! | [`ledger`] | the journal of intents, on disk before anything is sent | `domain` |
//! | [`gateway`] | `PortOne` V1 and V2 on the wire | `domain`, `vault` (to send, never to keep) |
//! | [`operation`] | what a person or a script can *do*: charge, settle, … | `domain`, `gateway`, `ledger`, `vault` |
//! | [`tui`] | the console: loop, keyboard reader, screens | models see `domain`, keymap and i18n keys, the plain parts of `tui`; views their model, `error` and what draws |
//! | [`sandbox`] | a local `PortOne` to try everything against | `domain`'s plain types at most |
//! | [`error`] | problems in words | `domain`, `i18n` |
//! | [`cli`] | the same operations, headless | everything above, `config`, `tui::run`; `vault` for the card line alone |
//!
//! Besides, whoever may name `i18n` may make texts with [`text!`].
//!
//! `tests/architecture.rs` reads the `use` lines of this crate and fails on a breach of the table.

pub mod cli;
pub mod config;
pub mod domain;
pub mod error;
pub mod gateway;
pub mod i18n;
pub mod ledger;
pub mod logging;
pub mod operation;
pub mod sandbox;
pub mod tui;
pub mod vault;
