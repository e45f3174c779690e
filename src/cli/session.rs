//! From the configuration to something that can work: credentials read, gateway made, terms translated.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;

use crate::config::{self, Config, Lang, Mistakes, Profile, Resolved, Unresolved};
use crate::domain::channel::{Channel, Mode, PgApiKey, ProductType, Terms};
use crate::domain::pg::{Generation, Need, Operation, PgCode};
use crate::gateway::http::{Endpoint, Transport};
use crate::gateway::v1::V1;
use crate::gateway::v2::V2;
use crate::gateway::{ApiSecret, Gateway};
use crate::operation::Recipe;
use crate::vault::{Vault, VaultError};

/// Why nothing can be done. All of these end the program with exit code 2.
#[derive(Debug)]
pub enum Unusable {
    /// Mistakes in the configuration.
    Config(Mistakes),
    /// Credentials that can't be read.
    Credentials(Vec<Unresolved>),
    /// The extra certificate authority can't be read.
    CaFile(PathBuf, String),
    /// No memory for card data.
    Vault(VaultError),
}

impl From<Mistakes> for Unusable {
    fn from(mistakes: Mistakes) -> Self {
        Self::Config(mistakes)
    }
}

impl Unusable {
    /// What to do and what was found.
    pub fn text(&self, lang: Lang) -> String {
        match self {
            Self::Config(mistakes) => mistakes.text(lang),
            Self::Credentials(missing) => missing
                .iter()
                .map(|missing| format!("{}: {}", missing.key, missing.problem.text(lang)))
                .collect::<Vec<_>>()
                .join("\n"),
            Self::CaFile(path, detail) => {
                format!("security.ca_file {}: {detail}", config::shown_path(path))
            }
            Self::Vault(error) => error.to_string(),
        }
    }
}

/// One profile, ready to work.
pub struct Session {
    /// The whole configuration.
    pub config: Config,
    /// Which profile.
    pub profile: String,
    /// What the store is called.
    pub store: String,
    /// The order name a new form begins with.
    pub order_name: String,
    /// The channels, in the order of the file.
    pub channels: Vec<Channel>,
    /// The one used when none is named.
    pub default_channel: usize,
    /// The prepared transport, to be warmed.
    pub transport: Transport,
    /// What a desk is made of.
    pub recipe: Recipe,
}

/// Reads the configuration and prepares everything but the ledger.
pub fn open(file: Option<&Path>, profile: Option<&str>) -> Result<Session, Unusable> {
    let config = config::load(file)?;
    let vault = Vault::global().map_err(Unusable::Vault)?;
    let profile = config.profile(profile)?;
    let extra_root = match &config.security.ca_file {
        Some(path) => Some(certificate(path).map_err(|detail| Unusable::CaFile(path.clone(), detail))?),
        None => None,
    };
    let transport = Transport::new(Endpoint {
        base_url: profile.base_url().as_str().to_owned(),
        connect: Duration::from_secs(config.network.connect_seconds.into()),
        overall: Duration::from_secs(config.network.overall_seconds.into()),
        extra_root,
    });
    let credentials = profile.resolve().map_err(Unusable::Credentials)?;
    let channels: Vec<Channel> =
        profile.channels().iter().map(|found| channel(found, &credentials)).collect();
    let gateway = gateway_with(profile, transport.clone(), &credentials);
    let default = profile.default_channel().name.as_str();
    let default_channel = channels.iter().position(|channel| channel.name == default).unwrap_or(0);
    let recipe = Recipe {
        profile: profile.name().as_str().to_owned(),
        channels: channels.clone(),
        gateway,
        ledger: config.ledger.path.clone(),
        vault,
        guard_window: SignedDuration::from_mins(config.guard.window_minutes.into()),
        self_audit: config.security.self_audit || cfg!(debug_assertions),
    };
    Ok(Session {
        profile: recipe.profile.clone(),
        store: profile.shown_name().to_owned(),
        order_name: profile.order_name().unwrap_or_default().to_owned(),
        channels,
        default_channel,
        transport,
        recipe,
        config,
    })
}

/// The provider of a profile, with its credentials read.
pub fn gateway(profile: &Profile, transport: Transport) -> Result<Arc<dyn Gateway>, Unusable> {
    let credentials = profile.resolve().map_err(Unusable::Credentials)?;
    Ok(gateway_with(profile, transport, &credentials))
}

fn gateway_with(profile: &Profile, transport: Transport, credentials: &Resolved) -> Arc<dyn Gateway> {
    let name = profile.name().as_str().to_owned();
    match (credentials, profile.api()) {
        (Resolved::V2 { api_secret }, config::Api::V2 { store_id, .. }) => {
            let secret = ApiSecret::new(api_secret.expose());
            Arc::new(V2::new(transport, name, store_id.as_str().to_owned(), secret))
        }
        (Resolved::V1 { imp_key, imp_secret, .. }, _) => {
            let (key, secret) = (ApiSecret::new(imp_key.expose()), ApiSecret::new(imp_secret.expose()));
            Arc::new(V1::new(transport, name, key, secret))
        }
        // `resolve` answers with the generation of the profile itself.
        (Resolved::V2 { .. }, config::Api::V1 { .. }) => unreachable!("credentials of another generation"),
    }
}

/// The first certificate of a PEM file, as DER.
pub(super) fn certificate(path: &Path) -> Result<Vec<u8>, String> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;
    let der = CertificateDer::from_pem_file(path).map_err(|error| error.to_string())?;
    Ok(der.to_vec())
}

/// The channels of a profile in the words of the domain, without any credential.
pub(super) fn terms_of(profile: &Profile) -> Vec<Channel> {
    profile.channels().iter().map(|found| channel_with(found, None)).collect()
}

/// A configured channel in the words of the domain.
fn channel(found: &config::Channel, credentials: &Resolved) -> Channel {
    let pg_api_key = match credentials {
        Resolved::V1 { pg_api_keys, .. } => pg_api_keys
            .iter()
            .find(|(name, _)| *name == found.name)
            .map(|(_, key)| PgApiKey::new(key.expose())),
        Resolved::V2 { .. } => None,
    };
    channel_with(found, pg_api_key)
}

fn channel_with(found: &config::Channel, pg_api_key: Option<PgApiKey>) -> Channel {
    let (generation, key, merchant_id) = match &found.route {
        config::Route::V2 { key } => (Generation::V2, key.clone(), None),
        config::Route::V1 { key, pg_id } => (Generation::V1, key.clone().unwrap_or_default(), pg_id.clone()),
    };
    let contract = &found.contract;
    let need = |entry: Option<config::Entry>| {
        entry.map(|entry| match entry {
            config::Entry::Required => Need::Required,
            config::Entry::Optional => Need::Optional,
            config::Entry::Hidden => Need::Ignored,
        })
    };
    let granted = contract.offer.iter().map(|operation| match operation {
        config::Operation::KeyinCard => Operation::KeyInCard,
        config::Operation::KeyinVirtualAccount => Operation::KeyInVirtualAccount,
        config::Operation::BillingApi => Operation::IssueKey,
        config::Operation::BillingPay => Operation::ChargeKey,
        config::Operation::Schedule => Operation::Schedule,
    });
    Channel {
        name: found.name.as_str().to_owned(),
        generation,
        key,
        pg: PgCode::new(found.pg),
        merchant_id,
        mode: match found.mode {
            config::Mode::Test => Mode::Test,
            config::Mode::Live => Mode::Live,
        },
        product_type: contract.product_type.map(|product| match product {
            config::Product::Physical => ProductType::Physical,
            config::Product::Digital => ProductType::Digital,
        }),
        terms: Terms {
            identity: need(contract.identity),
            pin: need(contract.pin),
            installments: contract.installments.clone(),
            mixed_tax: contract.tax == config::Tax::Mixed,
            granted: granted.collect(),
            interest_free: contract.interest_free,
        },
        pg_api_key,
    }
}
