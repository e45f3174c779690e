//! Settings that are one word out of a few.
//!
//! The word, the list of allowed words and the type come from one declaration, so a message can never list
//! words that the reader refuses. Uses nothing else of this crate.

/// Declares an enum whose variants are words of `config.toml`.
macro_rules! words {
    ($(#[$outer:meta])* $vis:vis enum $name:ident { $($(#[$inner:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        $vis enum $name { $($(#[$inner])* $variant,)+ }

        impl $name {
            /// Every word that `config.toml` takes here.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word in `config.toml`.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl $crate::config::words::Word for $name {
            fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
pub(super) use words;

/// A setting that is one word out of a few.
pub(super) trait Word: Sized {
    /// The setting that `word` stands for, exactly as it is written.
    fn from_word(word: &str) -> Option<Self>;
}

/// The entry of `allowed` that `found` was most likely meant to be, if any is near enough to be offered.
///
/// Case is ignored, so that a V1 PG code in a V2 profile (`nice_v2`) leads to `NICE_V2`.
pub fn nearest<'a>(found: &str, allowed: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let found = found.to_lowercase();
    let limit = (found.chars().count() / 3).max(1);
    allowed
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(&found, &word.to_lowercase()), word))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_finds_its_word_and_a_stranger_finds_none() {
        let allowed = ["api_secret", "store_id", "title"];
        assert_eq!(nearest("api_secert", allowed), Some("api_secret"));
        assert_eq!(nearest("STORE_ID", allowed), Some("store_id"));
        assert_eq!(nearest("colour", allowed), None);
        assert_eq!(nearest("", allowed), None);
    }

    #[test]
    fn the_nearest_wins_over_the_first() {
        assert_eq!(nearest("window", ["windows_x", "windo"]), Some("windo"));
    }
}
