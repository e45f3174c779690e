//! Problems in words: what to do next, what happened, whether money moved.

use crate::domain::problem::Problem;
use crate::i18n::Text;
use crate::text;

/// A problem in words.
pub struct Words {
    /// What to do next.
    pub next: Text,
    /// What happened.
    pub what: Text,
    /// Whether money moved.
    pub money: Text,
}

/// Puts a problem into words.
pub fn words(problem: &Problem) -> Words {
    let _ = problem;
    Words { next: text!("keyin.panel.not-sent"), what: text!("keyin.panel.not-sent"), money: text!("keyin.panel.not-sent") }
}
