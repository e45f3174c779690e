//! A channel: one PG contract of a store, as far as operations need it.

use super::pg::{Generation, Need, Operation, PgCode};

/// Whether money really moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Test contract.
    Test,
    /// Real money.
    Live,
}

impl Mode {
    /// The word kept in the journal and shown on screen.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Test => "TEST",
            Self::Live => "LIVE",
        }
    }

    /// From that word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Test, Self::Live].into_iter().find(|mode| mode.word() == word)
    }
}

/// What is sold, where a PG wants to know (KSNET).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProductType {
    /// 실물
    Physical,
    /// 디지털
    Digital,
}

/// The PG's own API key, which Inicis wants with virtual accounts (V1 §13.2). A credential: never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct PgApiKey(String);

impl PgApiKey {
    /// Takes a key over.
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    /// The key itself, for a request and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PgApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PgApiKey")
    }
}

/// One PG contract inside a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// Its name in the config.
    pub name: String,
    /// Which API generation it is spoken to through.
    pub generation: Generation,
    /// `channelKey` (V2) or `channel_key` (V1).
    pub key: String,
    /// The PG.
    pub pg: PgCode,
    /// The merchant id at the PG; V1 key-in picks the contract by `{pg}.{id}`.
    pub merchant_id: Option<String>,
    /// Test or live.
    pub mode: Mode,
    /// What is sold, where the PG wants to know.
    pub product_type: Option<ProductType>,
    /// What was signed with the PG; it outranks the PG's table.
    pub terms: Terms,
    /// The PG's own API key, where it wants one.
    pub pg_api_key: Option<PgApiKey>,
}

/// What this merchant signed with the PG.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// Birth date or business number; `None`: as the PG's table says.
    pub identity: Option<Need>,
    /// The password's first two digits; `None`: as the PG's table says.
    pub pin: Option<Need>,
    /// Instalment plans on offer, in months, ascending; empty: lump sum only.
    pub installments: Vec<u8>,
    /// Taxable and tax-free goods through one contract (복합과세): the tax-free part must be said.
    pub mixed_tax: bool,
    /// Operations that the sources disagree on and this contract grants.
    pub granted: Vec<Operation>,
    /// 상점부담 무이자 was signed.
    pub interest_free: bool,
}
