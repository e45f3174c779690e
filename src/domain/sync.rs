//! Reading the provider's payments into the copy beside the journal: how much is wanted, how far it came, how fresh
//! it is.
//!
//! Pure. Who reads and who keeps is not known here.

use jiff::{SignedDuration, Timestamp};

use super::schedule::Span;

/// How far back the first reading goes: the longest time for which any PG gives money back (`NaverPay`, 1095 days,
/// V2 §13.1), and some days.
pub const HISTORY: SignedDuration = SignedDuration::from_hours(24 * 1_100);
/// What the first reading begins with, so that the days people ask about are there at once.
pub const FIRST: SignedDuration = SignedDuration::from_hours(24 * 31);

/// How much is read again of what was read before. V2's list knows the time of the request only (V2 §12.4): a
/// payment that was cancelled since is told again only when its request lies in what is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Depth {
    /// An hour: for a console that polls.
    Glance,
    /// Three days.
    #[default]
    Usual,
    /// A hundred days: most of what is cancelled at all is cancelled by then.
    Thorough,
    /// Everything, from the beginning.
    Whole,
}

impl Depth {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Glance, Self::Usual, Self::Thorough, Self::Whole];

    /// The word on the command line and in `--json`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Glance => "glance",
            Self::Usual => "usual",
            Self::Thorough => "thorough",
            Self::Whole => "whole",
        }
    }

    /// From that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|depth| depth.word() == word)
    }

    /// How much is read again.
    pub const fn overlap(self) -> SignedDuration {
        match self {
            Self::Glance => SignedDuration::from_hours(1),
            Self::Usual => SignedDuration::from_hours(24 * 3),
            Self::Thorough => SignedDuration::from_hours(24 * 100),
            Self::Whole => HISTORY,
        }
    }
}

/// Which of the two readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// What is new.
    Recent,
    /// What was before the first time.
    Backfill,
}

impl Part {
    /// The word in `--json`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Recent => "recent",
            Self::Backfill => "backfill",
        }
    }
}

/// After each page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Which reading.
    pub part: Part,
    /// Of which span.
    pub span: Span,
    /// How many payments this reading has brought, those before a kill too.
    pub rows: u64,
    /// Whether this reading has ended with it.
    pub done: bool,
}

/// How a synchronisation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncEnd {
    /// How many payments came, those told again included.
    pub rows: u64,
    /// How many pages were asked for.
    pub pages: u64,
    /// Whether it was told to stop: the next one goes on from there.
    pub stopped: bool,
    /// How fresh the copy is now.
    pub fresh: Fresh,
}

/// How fresh the copy of the payments is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fresh {
    /// Up to when payments are known; nothing before the first reading ended.
    pub up_to: Option<Timestamp>,
    /// From when on they are known without a gap.
    pub since: Option<Timestamp>,
    /// Whether the reading of what was before has ended.
    pub whole: bool,
    /// How many payments there are.
    pub rows: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back_and_each_depth_is_deeper() {
        for depth in Depth::ALL {
            assert_eq!(Depth::parse(depth.word()), Some(depth));
        }
        assert!(Depth::ALL.windows(2).all(|pair| pair[0].overlap() < pair[1].overlap()));
    }
}
