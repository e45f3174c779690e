//! Names that people give in `config.toml`, and the ids that go with them.
//!
//! A value of these types has been checked. No IO.

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;

/// Longest name of a profile or a channel, in characters: both stand in the header of an 80-column screen.
pub const NAME_MAX_CHARS: usize = 32;

/// Longest title and order name, in characters (V1 §4: `name` is refused above 40; V2 PGs have limits of
/// their own, which the PG rules check before sending).
pub const TEXT_MAX_CHARS: usize = 40;

fn name(found: &str) -> Option<String> {
    let name: String = found.nfc().collect();
    let fits = (1..=NAME_MAX_CHARS).contains(&name.chars().count());
    let plain = name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    (fits && plain).then_some(name)
}

macro_rules! name_type {
    ($(#[$outer:meta])* $name:ident) => {
        $(#[$outer])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Takes 1 to [`NAME_MAX_CHARS`] letters (Hangul too), digits, `-` and `_`; keeps them in NFC.
            pub fn new(found: &str) -> Option<Self> {
                name(found).map(Self)
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name_type! {
    /// What `config.toml` calls a profile (상점): `[profiles.NAME]`.
    ProfileName
}
name_type! {
    /// What `config.toml` calls a channel (채널) of a profile: `[profiles.….channels.NAME]`.
    ChannelName
}

/// A store id of V2 (V2 §4: `store-` and a UUID; the form is the vendor's custom, so it is not enforced).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreId(String);

impl StoreId {
    /// Takes any printable ASCII without blanks.
    pub fn new(found: &str) -> Option<Self> {
        token(found, usize::MAX).map(Self)
    }

    /// The id as it goes on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `found` when it is 1 to `max` printable ASCII characters without a blank.
pub(super) fn token(found: &str, max: usize) -> Option<String> {
    let fits = (1..=max).contains(&found.len());
    (fits && found.bytes().all(|b| b.is_ascii_graphic())).then(|| found.to_owned())
}

/// `found` in NFC when it is 1 to [`TEXT_MAX_CHARS`] characters, not blank, and holds nothing that steers a
/// terminal.
pub(super) fn text(found: &str) -> Option<String> {
    let text: String = found.nfc().collect();
    let fits = text.chars().count() <= TEXT_MAX_CHARS && !text.trim().is_empty();
    (fits && !text.chars().any(steers)).then_some(text)
}

/// Whether `c` can steer a terminal or turn the reading direction.
pub fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::{ChannelName, ProfileName, StoreId, text, token};

    #[test]
    fn names_are_kept_in_nfc() {
        let decomposed = "\u{1107}\u{1169}\u{11ab}\u{110c}\u{1165}\u{11b7}";
        assert_eq!(ProfileName::new(decomposed).unwrap().as_str(), "본점");
    }

    #[test]
    fn names_refuse_what_would_confuse() {
        for bad in ["", "a b", "a.b", "a/b", "\u{1b}[31m", &"a".repeat(33)] {
            assert!(ChannelName::new(bad).is_none(), "{bad:?}");
        }
        assert!(ChannelName::new(&"a".repeat(32)).is_some());
    }

    #[test]
    fn store_ids_and_tokens_are_printable_ascii() {
        assert!(StoreId::new("store-7b0c2f6e-3a51").is_some());
        assert!(StoreId::new("store 1").is_none());
        assert!(StoreId::new("상점").is_none());
        assert!(token("abcd", 3).is_none());
    }

    #[test]
    fn texts_cannot_steer_the_terminal() {
        assert_eq!(text("8월 관리비").as_deref(), Some("8월 관리비"));
        for bad in ["", "  ", "a\u{1b}[2J", "a\u{202e}b", &"가".repeat(41)] {
            assert!(text(bad).is_none(), "{bad:?}");
        }
    }
}
