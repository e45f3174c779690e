//! A profile (상점) and its channels (채널): what one store may charge with, and how.
//!
//! Everything here has been checked; a V2 profile can't lack its store id, nor a profile a default channel.
//! Credentials stay where they are until [`Profile::resolve`].

use std::env;
use std::ffi::OsString;

use super::names::{ChannelName, ProfileName, StoreId};
use super::secret::{Credential, CredentialProblem, Secret};
use super::url::BaseUrl;
use super::words::words;

words! {
    /// Which API generation a profile speaks.
    pub enum ApiName {
        /// V1 (`api.iamport.kr`).
        V1 = "v1",
        /// V2 (`api.portone.io`).
        V2 = "v2",
    }
}

words! {
    /// Whether a channel moves money.
    pub enum Mode {
        /// It does.
        Live = "live",
        /// A test contract; some PGs charge all the same and reverse it in the evening (PG rules §11).
        Test = "test",
    }
}

words! {
    /// How a channel's contract is taxed (PG rules §6).
    pub enum Tax {
        /// 과세: everything carries VAT.
        Taxable = "taxable",
        /// 면세: nothing does.
        Exempt = "exempt",
        /// 복합과세: each payment says which part is tax-free.
        Mixed = "mixed",
    }
}

words! {
    /// What is sold; KSNET asks for it with every payment (PG rules §3.12).
    pub enum Product {
        /// 실물.
        Physical = "physical",
        /// 컨텐츠.
        Digital = "digital",
    }
}

words! {
    /// Whether a field is asked for, where the contract differs from the PG's table.
    pub enum Entry {
        /// It must be filled.
        Required = "required",
        /// It may be.
        Optional = "optional",
        /// It isn't shown.
        Hidden = "hidden",
    }
}

words! {
    /// An operation whose support the sources dispute and a contract can grant (PG rules §1). Keys issued in a
    /// PG's window (`billing_sdk`) are missing: a terminal can't open one.
    pub enum Operation {
        /// 수기 카드결제.
        KeyinCard = "keyin_card",
        /// 가상계좌 발급.
        KeyinVirtualAccount = "keyin_virtual_account",
        /// 빌링키 발급 from typed card data.
        BillingApi = "billing_api",
        /// 빌링키 결제.
        BillingPay = "billing_pay",
        /// 결제 예약.
        Schedule = "schedule",
    }
}

/// How a request names a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// V2: always by its key (V2 §4).
    V2 {
        /// `channelKey`.
        key: String,
    },
    /// V1: by key or by `pg`, which of the two depends on the call (V1 §5). At least one of them is there.
    V1 {
        /// `channel_key`.
        key: Option<String>,
        /// The MID, for `pg = "provider.MID"`.
        pg_id: Option<String>,
    },
}

/// What the merchant has signed for a channel, where that isn't in the PG's table (PG rules §1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// Taxation.
    pub tax: Tax,
    /// What is sold; always there for KSNET.
    pub product_type: Option<Product>,
    /// Birth date or business number; nothing: as the PG's table says.
    pub identity: Option<Entry>,
    /// First two digits of the card's password; nothing: as the PG's table says.
    pub pin: Option<Entry>,
    /// Instalment plans on offer, in months, ascending; none: lump sum (일시불) only.
    pub installments: Vec<u8>,
    /// 상점부담 무이자.
    pub interest_free: bool,
    /// 카드 포인트.
    pub card_point: bool,
    /// Disputed operations that this contract grants.
    pub offer: Vec<Operation>,
    /// Currencies, ISO 4217; never empty.
    pub currencies: Vec<String>,
}

impl Default for Contract {
    fn default() -> Self {
        Self {
            tax: Tax::Taxable,
            product_type: None,
            identity: None,
            pin: None,
            installments: Vec::new(),
            interest_free: false,
            card_point: false,
            offer: Vec::new(),
            currencies: vec!["KRW".to_owned()],
        }
    }
}

/// One PG contract of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Its name in the configuration.
    pub name: ChannelName,
    /// What screens call it; nothing: the name.
    pub title: Option<String>,
    /// The PG's code, exactly as it is on the wire.
    pub pg: &'static str,
    /// Live or test.
    pub mode: Mode,
    /// How requests name it.
    pub route: Route,
    /// What was signed.
    pub contract: Contract,
}

impl Channel {
    /// V1's `pg`: `provider.MID`, or the provider alone when no MID is configured. Nothing for V2.
    ///
    /// V1 answers a wrong value by charging through the default PG (V1 §5): compare the answer.
    pub fn v1_pg(&self) -> Option<String> {
        match &self.route {
            Route::V1 { pg_id: Some(id), .. } => Some(format!("{}.{id}", self.pg)),
            Route::V1 { pg_id: None, .. } => Some(self.pg.to_owned()),
            Route::V2 { .. } => None,
        }
    }

    /// What screens call it.
    pub fn shown_name(&self) -> &str {
        self.title.as_deref().unwrap_or(self.name.as_str())
    }
}

/// The API generation of a profile, with what only that generation has.
#[derive(Debug)]
pub enum Api {
    /// V1.
    V1 {
        /// `imp_key`.
        imp_key: Credential,
        /// `imp_secret`.
        imp_secret: Credential,
        /// The PG's own API keys of the channels that have one (V1 §13.2).
        pg_api_keys: Vec<(ChannelName, Credential)>,
    },
    /// V2.
    V2 {
        /// The store.
        store_id: StoreId,
        /// The API secret.
        api_secret: Credential,
    },
}

/// Credentials with their values.
#[derive(Debug)]
pub enum Resolved {
    /// V1.
    V1 {
        /// `imp_key`.
        imp_key: Secret,
        /// `imp_secret`.
        imp_secret: Secret,
        /// The PG's own API keys of the channels that have one.
        pg_api_keys: Vec<(ChannelName, Secret)>,
    },
    /// V2.
    V2 {
        /// The API secret.
        api_secret: Secret,
    },
}

/// A credential that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unresolved {
    /// Dotted path of its key.
    pub key: String,
    /// Why.
    pub problem: CredentialProblem,
}

/// One store, one API generation, its credentials and channels.
#[derive(Debug)]
pub struct Profile {
    name: ProfileName,
    title: Option<String>,
    order_name: Option<String>,
    base_url: BaseUrl,
    api: Api,
    channels: Vec<Channel>,
    default_channel: usize,
}

/// What a profile is made of; `channels` and `default_channel` are checked by [`Profile::new`].
#[derive(Debug)]
pub(super) struct Parts {
    pub name: ProfileName,
    pub title: Option<String>,
    pub order_name: Option<String>,
    pub base_url: BaseUrl,
    pub api: Api,
    pub channels: Vec<Channel>,
    pub default_channel: ChannelName,
}

impl Profile {
    /// Puts a profile together; nothing when the default channel isn't among the channels.
    pub(super) fn new(parts: Parts) -> Option<Self> {
        let Parts { name, title, order_name, base_url, api, channels, default_channel } = parts;
        let default_channel = channels.iter().position(|channel| channel.name == default_channel)?;
        Some(Self { name, title, order_name, base_url, api, channels, default_channel })
    }

    /// Its name in the configuration.
    pub const fn name(&self) -> &ProfileName {
        &self.name
    }

    /// What screens call it: the title, or the name.
    pub fn shown_name(&self) -> &str {
        self.title.as_deref().unwrap_or(self.name.as_str())
    }

    /// The order name a new form begins with.
    pub fn order_name(&self) -> Option<&str> {
        self.order_name.as_deref()
    }

    /// Where the API is.
    pub const fn base_url(&self) -> &BaseUrl {
        &self.base_url
    }

    /// The API generation and what belongs to it.
    pub const fn api(&self) -> &Api {
        &self.api
    }

    /// The name of the API generation.
    pub const fn api_name(&self) -> ApiName {
        match self.api {
            Api::V1 { .. } => ApiName::V1,
            Api::V2 { .. } => ApiName::V2,
        }
    }

    /// The channels, in the order of the file; at least one.
    pub fn channels(&self) -> &[Channel] {
        &self.channels
    }

    /// The channel of that name.
    pub fn channel(&self, name: &str) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.name.as_str() == name)
    }

    /// The channel used when none is named.
    pub fn default_channel(&self) -> &Channel {
        &self.channels[self.default_channel]
    }

    /// Reads the credentials from where they are kept.
    ///
    /// # Errors
    /// Every credential that could not be read.
    pub fn resolve(&self) -> Result<Resolved, Vec<Unresolved>> {
        self.resolve_with(&|name| env::var_os(name))
    }

    /// Like [`Profile::resolve`], with `env` as the environment.
    ///
    /// # Errors
    /// Every credential that could not be read.
    pub fn resolve_with(&self, env: &dyn Fn(&str) -> Option<OsString>) -> Result<Resolved, Vec<Unresolved>> {
        let resolve = |key: &str, credential: &Credential| {
            credential
                .resolve(env)
                .map_err(|problem| Unresolved { key: format!("profiles.{}.{key}", self.name), problem })
        };
        match &self.api {
            Api::V2 { api_secret, .. } => match resolve("api_secret", api_secret) {
                Ok(api_secret) => Ok(Resolved::V2 { api_secret }),
                Err(problem) => Err(vec![problem]),
            },
            Api::V1 { imp_key, imp_secret, pg_api_keys } => {
                let mut keys = Vec::new();
                let mut problems = Vec::new();
                for (channel, credential) in pg_api_keys {
                    match resolve(&format!("channels.{channel}.pg_api_key"), credential) {
                        Ok(key) => keys.push((channel.clone(), key)),
                        Err(problem) => problems.push(problem),
                    }
                }
                match (resolve("imp_key", imp_key), resolve("imp_secret", imp_secret)) {
                    (Ok(imp_key), Ok(imp_secret)) if problems.is_empty() => {
                        Ok(Resolved::V1 { imp_key, imp_secret, pg_api_keys: keys })
                    }
                    (key, secret) => {
                        Err([key.err(), secret.err()].into_iter().flatten().chain(problems).collect())
                    }
                }
            }
        }
    }
}
