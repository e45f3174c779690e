//! Every key of `config.toml`: its place, what it takes, and what its absence means.
//!
//! The reader, the messages, the did-you-mean and the test of `config.example.toml` all use this one table.
//! A `*` in a path stands for a name that the person chose.

use super::profile::{ApiName, Entry, Mode, Operation, Product, Tax};
use super::settings::{Glyphs, Guard, Language, LogLevel, Network, Security, Theme};

/// One key of `config.toml`.
#[derive(Debug)]
pub struct Key {
    /// Dotted path from the root.
    pub path: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// What its absence means.
    pub absent: Absent,
}

/// What a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// A table.
    Table,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list of these words.
    Words(&'static [&'static str]),
    /// A whole number from the first to the second.
    Whole(u64, u64),
    /// `true` or `false`.
    Flag,
    /// `false`, or a list of months.
    Months,
    /// A name declared elsewhere in the file.
    Reference,
    /// A program and its arguments, as a list; empty for none.
    Argv,
    /// A path; empty for the default.
    Path,
    /// A base URL.
    Url,
    /// `env:NAME`, `file:PATH` or the value itself; never shown.
    Credential,
    /// The code of a PG; which ones depends on the API generation.
    Pg,
    /// An identifier that the vendor hands out.
    Id,
    /// A short text for people.
    Text,
}

/// What the absence of a key means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// A mistake.
    Mistake,
    /// A mistake when there is more than one to choose from.
    MistakeIfSeveral,
    /// The default.
    Default,
    /// That there is none, or that something else decides.
    Nothing,
}

impl Takes {
    /// Whether a value found here may be shown to a person.
    pub const fn is_secret(self) -> bool {
        matches!(self, Self::Credential)
    }
}

/// Shortest and longest instalment plan that can be allowed, in months (V2 §8: 2–12 where a limit is stated;
/// V1 §4: 2 or more).
pub const MONTHS: (u64, u64) = (2, 36);

/// Longest channel key, in bytes (V1 §4; V2 states none and uses the same form).
pub const CHANNEL_KEY_MAX: usize = 55;

/// Longest `pg` of V1, `provider.MID`, in bytes (V1 §4).
pub const PG_WITH_ID_MAX: usize = 80;

/// V2 PG codes that the PG rules know (`pg-rules.toml`, tables `v2.*`).
pub const PG_V2: &[&str] = &[
    "KCP_V2",
    "INICIS_V2",
    "NICE_V2",
    "TOSSPAYMENTS",
    "KSNET",
    "KPN",
    "SMARTRO_V2",
    "WELCOME",
    "GALAXIA",
    "KAKAOPAY",
    "NAVERPAY",
    "TOSSPAY_V2",
    "PAYPAL_V2",
    "EXIMBAY_V2",
    "PAYLETTER_GLOBAL",
];

/// V1 PG codes that the PG rules know (`pg-rules.toml`, tables `v1.*`). A code that V1 does not know would
/// silently charge through the default PG (V1 §5), so others are refused here.
pub const PG_V1: &[&str] = &[
    "html5_inicis",
    "inicis",
    "kcp",
    "kcp_billing",
    "kcp_quick",
    "nice",
    "nice_v2",
    "tosspayments",
    "daou",
    "ksnet",
    "welcome",
    "settle",
    "settle_acc",
    "smartro_v2",
    "danal_tpay",
    "danal",
    "mobilians",
    "mobilians_v2",
    "kicc",
    "kakaopay",
    "naverpay",
    "payco",
    "smilepay",
    "tosspay_v2",
    "paymentwall",
    "paypal_v2",
    "galaxia",
    "chai",
];

/// Currencies that the PG rules name.
pub const CURRENCIES: &[&str] = &["KRW", "USD", "JPY"];

const fn key(path: &'static str, takes: Takes, absent: Absent) -> Key {
    Key { path, takes, absent }
}

const fn whole(limits: (u64, u64)) -> Takes {
    Takes::Whole(limits.0, limits.1)
}

/// Every key.
pub const KEYS: &[Key] = &[
    key("default_profile", Takes::Reference, Absent::MistakeIfSeveral),
    key("ledger", Takes::Table, Absent::Default),
    key("ledger.path", Takes::Path, Absent::Default),
    key("ui", Takes::Table, Absent::Default),
    key("ui.language", Takes::Word(Language::WORDS), Absent::Default),
    key("ui.theme", Takes::Word(Theme::WORDS), Absent::Default),
    key("ui.glyphs", Takes::Word(Glyphs::WORDS), Absent::Default),
    key("security", Takes::Table, Absent::Default),
    key("security.idle_wipe_seconds", whole(Security::IDLE_WIPE), Absent::Default),
    key("security.self_audit", Takes::Flag, Absent::Default),
    key("security.ca_file", Takes::Path, Absent::Default),
    key("log", Takes::Table, Absent::Default),
    key("log.path", Takes::Path, Absent::Default),
    key("log.level", Takes::Word(LogLevel::WORDS), Absent::Default),
    key("guard", Takes::Table, Absent::Default),
    key("guard.window_minutes", whole(Guard::WINDOW), Absent::Default),
    key("network", Takes::Table, Absent::Default),
    key("network.connect_seconds", whole(Network::CONNECT), Absent::Default),
    key("network.overall_seconds", whole(Network::OVERALL), Absent::Default),
    key("hooks", Takes::Table, Absent::Default),
    key("hooks.recording_pause", Takes::Argv, Absent::Default),
    key("hooks.recording_resume", Takes::Argv, Absent::Default),
    key("hooks.slip_dir", Takes::Path, Absent::Default),
    key("profiles", Takes::Table, Absent::Mistake),
    key("profiles.*", Takes::Table, Absent::Mistake),
    key("profiles.*.api", Takes::Word(ApiName::WORDS), Absent::Mistake),
    key("profiles.*.base_url", Takes::Url, Absent::Default),
    key("profiles.*.title", Takes::Text, Absent::Nothing),
    key("profiles.*.order_name", Takes::Text, Absent::Nothing),
    key("profiles.*.store_id", Takes::Id, Absent::Mistake),
    key("profiles.*.api_secret", Takes::Credential, Absent::Mistake),
    key("profiles.*.imp_key", Takes::Credential, Absent::Mistake),
    key("profiles.*.imp_secret", Takes::Credential, Absent::Mistake),
    key("profiles.*.default_channel", Takes::Reference, Absent::MistakeIfSeveral),
    key("profiles.*.channels", Takes::Table, Absent::Mistake),
    key("profiles.*.channels.*", Takes::Table, Absent::Mistake),
    key("profiles.*.channels.*.key", Takes::Id, Absent::Mistake),
    key("profiles.*.channels.*.pg", Takes::Pg, Absent::Mistake),
    key("profiles.*.channels.*.pg_id", Takes::Id, Absent::Nothing),
    key("profiles.*.channels.*.pg_api_key", Takes::Credential, Absent::Nothing),
    key("profiles.*.channels.*.mode", Takes::Word(Mode::WORDS), Absent::Mistake),
    key("profiles.*.channels.*.title", Takes::Text, Absent::Nothing),
    key("profiles.*.channels.*.tax", Takes::Word(Tax::WORDS), Absent::Default),
    key("profiles.*.channels.*.product_type", Takes::Word(Product::WORDS), Absent::Nothing),
    key("profiles.*.channels.*.identity", Takes::Word(Entry::WORDS), Absent::Nothing),
    key("profiles.*.channels.*.pin", Takes::Word(Entry::WORDS), Absent::Nothing),
    key("profiles.*.channels.*.installments", Takes::Months, Absent::Default),
    key("profiles.*.channels.*.interest_free", Takes::Flag, Absent::Default),
    key("profiles.*.channels.*.card_point", Takes::Flag, Absent::Default),
    key("profiles.*.channels.*.offer", Takes::Words(Operation::WORDS), Absent::Default),
    key("profiles.*.channels.*.currencies", Takes::Words(CURRENCIES), Absent::Default),
];

/// Stands for a key that the table does not have; nothing takes it, and its value is never shown.
static UNLISTED: Key = key("", Takes::Credential, Absent::Mistake);

/// The key at `pattern` (a dotted path with `*` for chosen names).
pub fn find(pattern: &str) -> &'static Key {
    KEYS.iter().find(|key| key.path == pattern).unwrap_or(&UNLISTED)
}

/// The keys that stand directly in the table at `pattern` (empty for the root).
pub fn in_table(pattern: &str) -> impl Iterator<Item = &'static str> {
    KEYS.iter().filter_map(move |key| match key.path.rsplit_once('.') {
        Some((table, name)) => (table == pattern).then_some(name),
        None => pattern.is_empty().then_some(key.path),
    })
}

#[cfg(test)]
mod tests {
    use super::{KEYS, Takes, find, in_table};

    #[test]
    fn every_key_stands_in_a_table_of_the_list() {
        for key in KEYS {
            if let Some((table, _)) = key.path.rsplit_once('.') {
                assert_eq!(find(table).takes, Takes::Table, "{}", key.path);
            }
        }
    }

    #[test]
    fn tables_list_their_own_keys_only() {
        assert_eq!(in_table("ledger").collect::<Vec<_>>(), ["path"]);
        assert!(in_table("").any(|key| key == "default_profile"));
        assert!(!in_table("profiles.*").any(|key| key == "pg"));
    }

    #[test]
    fn credentials_are_secret_and_so_is_what_the_table_does_not_know() {
        for secret in ["profiles.*.api_secret", "profiles.*.imp_key", "profiles.*.imp_secret", "no.such"] {
            assert!(find(secret).takes.is_secret(), "{secret}");
        }
        assert!(!find("profiles.*.store_id").takes.is_secret());
    }
}
