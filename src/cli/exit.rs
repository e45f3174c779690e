//! The exit codes, documented in `docs/headless.md`.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// It was done.
    Done,
    /// It failed, and nothing was charged.
    Failed,
    /// Usage, configuration or credentials are wrong; nothing was charged.
    Usage,
    /// The PG said no.
    Declined,
    /// Nobody has seen the end: `danmal settle`.
    Unknown,
    /// A guard stopped it; nothing was charged.
    Guarded,
}

impl Exit {
    /// The number.
    pub(super) const fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Declined => 3,
            Self::Unknown => 4,
            Self::Guarded => 5,
        }
    }

    /// As the process's answer.
    pub(super) fn code(self) -> ExitCode {
        ExitCode::from(self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_the_documented_ones() {
        let manual = include_str!("../../docs/headless.md");
        let table = manual.split("<!-- exit-codes -->").nth(1).unwrap();
        let documented: Vec<String> = table
            .lines()
            .filter_map(|line| {
                let mut cells = line.strip_prefix("| ")?.split(" | ");
                let code: u8 = cells.next()?.parse().ok()?;
                Some(format!("{code} {}", cells.next()?))
            })
            .collect();
        let all = [Exit::Done, Exit::Failed, Exit::Usage, Exit::Declined, Exit::Unknown, Exit::Guarded];
        let ours: Vec<String> =
            all.iter().map(|exit| format!("{} {exit:?}", exit.number()).to_lowercase()).collect();
        assert_eq!(documented, ours);
    }
}
