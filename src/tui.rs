//! The console: key → `Msg` → pure `update` → `Effect` → operation → `Msg` → `Model` → view.
//!
//! | module | what it is | what it may not do |
//! |---|---|---|
//! | [`input`] | bytes of the keyboard → keys and pasted characters | keep what was typed; no IO |
//! | [`term`] | terminal modes and their way back, the one writer | ask the terminal a question |
//! | [`keymap`] | every key, once: footer, help, palette and README come from it | name ratatui |
//! | [`theme`], [`glyphs`] | colours by meaning, marks and borders | know a screen |
//! | [`choice`] | the next one of a few | keep anything |
//! | [`columns`] | widths in terminal columns | count characters |
//! | [`edit`] | the state of a plain text field | hold card data |
//! | [`window`] | a long list of which only some pages are held | know what a row is |
//! | [`widgets`] | pieces that views hand data to | hold state, name a model |
//!
//! Models name keymap and i18n keys, never ratatui. Card digits pass through [`input`] one at a time on
//! their way into the vault; nothing here stores them.

pub mod app;
#[cfg(test)]
mod budget;
pub mod choice;
pub mod columns;
pub mod edit;
pub mod effect;
pub mod glyphs;
pub mod input;
pub mod keymap;
pub mod model;
pub mod msg;
pub mod paint;
pub mod run;
pub mod screen;
pub mod term;
#[cfg(test)]
mod testing;
pub mod theme;
pub mod view;
pub mod widgets;
pub mod window;
