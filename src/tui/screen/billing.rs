//! The billing keys (빌링키): found, looked at, charged, deleted; and cards registered as new ones.

pub mod model;
pub mod view;

#[cfg(test)]
pub(in crate::tui) mod testing;
