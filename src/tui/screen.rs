//! The screens, one folder each: `model` is state and pure update, `view` draws it.

pub mod keyin;
