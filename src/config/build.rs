//! From the walked file to a [`Config`]: what each setting means and what goes with what.
//!
//! Pure; reports through the reader and goes on, so that one run shows every mistake.

use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::keys::{CHANNEL_KEY_MAX, PG_V1, PG_V2, PG_WITH_ID_MAX};
use super::mistake::{Mistakes, Problem};
use super::names::{self, ChannelName, ProfileName, StoreId};
use super::profile::{Api, ApiName, Channel, Contract, Operation, Parts, Profile, Route};
use super::read::{Field, Reader, Section, not_one_of, path_from};
use super::secret::{Credential, Secret, is_private};
use super::settings::{Guard, Hooks, LedgerSettings, LogSettings, Network, Security, Ui};
use super::url::{BaseUrl, DEFAULT_V1, DEFAULT_V2, UrlProblem};
use super::words::Word as _;
use super::{Config, Origin};

const V1_KEYS: &[&str] = &["imp_key", "imp_secret"];
const V2_KEYS: &[&str] = &["store_id", "api_secret"];
const V1_CHANNEL_KEYS: &[&str] = &["pg_id", "pg_api_key"];

/// Reads the whole text.
pub(super) fn build(text: &str, origin: &Origin<'_>) -> Result<Config, Mistakes> {
    let mut reader = Reader::new(text, origin.file);
    let (tree, errors) = DeTable::parse_recoverable(text);
    // What a broken file means is guesswork: only its syntax is reported.
    for error in &errors {
        reader.syntax(error.message(), error.span());
    }
    if !reader.is_clean() {
        return Err(Mistakes(reader.finish()));
    }
    let root = Section::root(tree.get_ref());
    reader.unknown_keys(&root);
    let ledger = ledger(&mut reader, &root, origin);
    let ui = ui(&mut reader, &root);
    let log = log(&mut reader, &root, origin);
    let guard = guard(&mut reader, &root);
    let network = network(&mut reader, &root);
    let hooks = hooks(&mut reader, &root);
    let (profiles, default_profile) = profiles(&mut reader, &root, origin.mode);
    let security = security(&mut reader, &root, &profiles);
    let config = default_profile.filter(|_| reader.is_clean()).map(|default_profile| Config {
        file: origin.file.to_owned(),
        mode: origin.mode,
        profiles,
        default_profile,
        ledger,
        ui,
        security,
        log,
        guard,
        network,
        hooks,
    });
    config.ok_or_else(|| Mistakes(reader.finish()))
}

fn ledger<'a>(reader: &mut Reader<'a>, root: &Section<'a>, origin: &Origin<'_>) -> LedgerSettings {
    let section = reader.section(root, "ledger");
    let path = reader.path(&section.field("path"));
    LedgerSettings { path: path.unwrap_or_else(|| origin.data_dir.join("ledger.db")) }
}

fn ui<'a>(reader: &mut Reader<'a>, root: &Section<'a>) -> Ui {
    let section = reader.section(root, "ui");
    let default = Ui::default();
    Ui {
        language: reader.word(&section.field("language")).unwrap_or(default.language),
        theme: reader.word(&section.field("theme")).unwrap_or(default.theme),
        glyphs: reader.word(&section.field("glyphs")).unwrap_or(default.glyphs),
    }
}

fn log<'a>(reader: &mut Reader<'a>, root: &Section<'a>, origin: &Origin<'_>) -> LogSettings {
    let section = reader.section(root, "log");
    LogSettings {
        path: reader.path(&section.field("path")).unwrap_or_else(|| origin.state_dir.join("danmal.log")),
        level: reader.word(&section.field("level")).unwrap_or(super::LogLevel::Off),
    }
}

fn guard<'a>(reader: &mut Reader<'a>, root: &Section<'a>) -> Guard {
    let section = reader.section(root, "guard");
    let window = reader.whole(&section.field("window_minutes"));
    Guard { window_minutes: window.unwrap_or(Guard::default().window_minutes) }
}

fn hooks<'a>(reader: &mut Reader<'a>, root: &Section<'a>) -> Hooks {
    let section = reader.section(root, "hooks");
    Hooks {
        recording_pause: reader.argv(&section.field("recording_pause")).unwrap_or_default(),
        recording_resume: reader.argv(&section.field("recording_resume")).unwrap_or_default(),
        slip_dir: reader.path(&section.field("slip_dir")),
    }
}

fn network<'a>(reader: &mut Reader<'a>, root: &Section<'a>) -> Network {
    let section = reader.section(root, "network");
    let default = Network::default();
    Network {
        connect_seconds: reader.whole(&section.field("connect_seconds")).unwrap_or(default.connect_seconds),
        overall_seconds: reader.whole(&section.field("overall_seconds")).unwrap_or(default.overall_seconds),
    }
}

fn security<'a>(reader: &mut Reader<'a>, root: &Section<'a>, profiles: &[Profile]) -> Security {
    let section = reader.section(root, "security");
    let default = Security::default();
    let ca_field = section.field("ca_file");
    let ca_file: Option<PathBuf> = reader.path(&ca_field);
    // A private authority could vouch for anyone, so it may only ever meet this machine.
    if ca_file.is_some()
        && let Some(profile) = profiles.iter().find(|profile| !profile.base_url().is_loopback())
    {
        reader.wrong(&ca_field, Problem::CaNotLocal { profile: profile.name().to_string() });
    }
    Security {
        idle_wipe_seconds: reader
            .whole(&section.field("idle_wipe_seconds"))
            .unwrap_or(default.idle_wipe_seconds),
        self_audit: reader.flag(&section.field("self_audit")).unwrap_or(default.self_audit),
        ca_file,
    }
}

/// The readable profiles, and the default one when it is clear which that is.
fn profiles<'a>(
    reader: &mut Reader<'a>,
    root: &Section<'a>,
    mode: Option<u32>,
) -> (Vec<Profile>, Option<ProfileName>) {
    let field = root.field("profiles");
    let section = reader.section(root, "profiles");
    let mut declared = Vec::new();
    let mut profiles = Vec::new();
    for name in section.names() {
        match ProfileName::new(name) {
            Some(checked) => {
                declared.push(checked.to_string());
                profiles.extend(profile(reader, &section, name, checked, mode));
            }
            None => reader.wrong(&section.field(name), Problem::NotAName),
        }
    }
    if section.is_empty(&field) {
        reader.wrong(&field, if field.is_there() { Problem::NoEntry } else { Problem::Missing });
    }
    let default = default_of(reader, &root.field("default_profile"), &declared);
    (profiles, default.and_then(|name| ProfileName::new(&name)))
}

/// Which of `declared` a key names; without it, the only one there is.
fn default_of<'a>(reader: &mut Reader<'a>, field: &Field<'a>, declared: &[String]) -> Option<String> {
    if field.is_there() {
        return reader.checked(field, |found| {
            let found = ProfileName::new(found).map_or_else(|| found.to_owned(), |name| name.to_string());
            declared.contains(&found).then(|| found.clone()).ok_or_else(|| not_one_of(&found, declared))
        });
    }
    match declared {
        [] => None,
        [only] => Some(only.clone()),
        _ => {
            reader.wrong(field, Problem::Missing);
            None
        }
    }
}

fn profile<'a>(
    reader: &mut Reader<'a>,
    parent: &Section<'a>,
    name: &str,
    checked: ProfileName,
    mode: Option<u32>,
) -> Option<Profile> {
    let section = reader.named_section(parent, name)?;
    let api_name: Option<ApiName> = reader.required(&section.field("api"), Reader::word);
    let title = reader.checked(&section.field("title"), text);
    let order_name = reader.checked(&section.field("order_name"), text);
    let base_url = base_url(reader, &section, api_name);
    let Channels { all: channels, pg_api_keys, default: default_channel } =
        channels(reader, &section, api_name, mode);
    let api = match api_name {
        Some(ApiName::V1) => {
            refuse(reader, &section, V2_KEYS, ApiName::V1);
            let imp_key = credential(reader, &section.field("imp_key"), mode);
            let imp_secret = credential(reader, &section.field("imp_secret"), mode);
            imp_key.zip(imp_secret).map(|(imp_key, imp_secret)| Api::V1 { imp_key, imp_secret, pg_api_keys })
        }
        Some(ApiName::V2) => {
            refuse(reader, &section, V1_KEYS, ApiName::V2);
            let store_id = reader.required(&section.field("store_id"), |reader, field| {
                reader.checked(field, |found| StoreId::new(found).ok_or(Problem::NotAnId { max: None }))
            });
            let api_secret = credential(reader, &section.field("api_secret"), mode);
            store_id.zip(api_secret).map(|(store_id, api_secret)| Api::V2 { store_id, api_secret })
        }
        None => None,
    };
    Profile::new(Parts {
        name: checked,
        title,
        order_name,
        base_url: base_url?,
        api: api?,
        channels,
        default_channel: default_channel?,
    })
}

/// Notes the keys of the other generation.
fn refuse<'a>(reader: &mut Reader<'a>, section: &Section<'a>, keys: &[&str], api: ApiName) {
    for key in keys.iter().filter(|key| section.has(key)) {
        reader.wrong(&section.field(key), Problem::OtherApi { api });
    }
}

fn base_url<'a>(reader: &mut Reader<'a>, section: &Section<'a>, api: Option<ApiName>) -> Option<BaseUrl> {
    let field = section.field("base_url");
    if !field.is_there() {
        let default = match api? {
            ApiName::V1 => DEFAULT_V1,
            ApiName::V2 => DEFAULT_V2,
        };
        return BaseUrl::new(default).ok();
    }
    reader.checked(&field, |found| {
        BaseUrl::new(found).map_err(|problem| match problem {
            UrlProblem::Form => Problem::NotAUrl,
            UrlProblem::UserInfo => Problem::UrlUser,
            UrlProblem::Query => Problem::UrlQuery,
            UrlProblem::PlainHttp => Problem::PlainHttp,
        })
    })
}

fn text(found: &str) -> Result<String, Problem> {
    names::text(found).ok_or(Problem::NotText)
}

fn credential<'a>(reader: &mut Reader<'a>, field: &Field<'a>, mode: Option<u32>) -> Option<Credential> {
    let file = reader.file();
    reader.required(field, |reader, field| reader.checked(field, |found| credential_from(found, file, mode)))
}

fn credential_from(found: &str, file: &Path, mode: Option<u32>) -> Result<Credential, Problem> {
    if let Some(name) = found.strip_prefix("env:") {
        let head_ok = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let rest_ok = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        return if head_ok && rest_ok {
            Ok(Credential::Env(name.to_owned()))
        } else {
            Err(Problem::NotAnEnvName)
        };
    }
    if let Some(path) = found.strip_prefix("file:") {
        return path_from(path, file).map(Credential::File).ok_or(Problem::NotAPath);
    }
    let head = found.split(':').next().unwrap_or_default().trim();
    let slip = found.starts_with('$')
        || (found.contains(':') && (head.eq_ignore_ascii_case("env") || head.eq_ignore_ascii_case("file")));
    if slip || found.is_empty() || !found.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Problem::NotACredential);
    }
    if mode.is_some_and(is_private) {
        Ok(Credential::Inline(Secret::new(found.to_owned())))
    } else {
        Err(Problem::InlineNotPrivate(mode))
    }
}

/// The readable channels of a profile.
struct Channels {
    all: Vec<Channel>,
    /// The PG's own keys of those that have one.
    pg_api_keys: Vec<(ChannelName, Credential)>,
    /// The default one, when it is clear which that is.
    default: Option<ChannelName>,
}

fn channels<'a>(
    reader: &mut Reader<'a>,
    profile: &Section<'a>,
    api: Option<ApiName>,
    mode: Option<u32>,
) -> Channels {
    let field = profile.field("channels");
    let section = reader.section(profile, "channels");
    let mut declared = Vec::new();
    let mut channels = Vec::new();
    let mut pg_api_keys = Vec::new();
    for name in section.names() {
        match ChannelName::new(name) {
            Some(checked) => {
                declared.push(checked.to_string());
                if let Some((channel, key)) = channel(reader, &section, name, checked, api, mode) {
                    pg_api_keys.extend(key.map(|key| (channel.name.clone(), key)));
                    channels.push(channel);
                }
            }
            None => reader.wrong(&section.field(name), Problem::NotAName),
        }
    }
    if section.is_empty(&field) {
        reader.wrong(&field, if field.is_there() { Problem::NoEntry } else { Problem::Missing });
    }
    let default = default_of(reader, &profile.field("default_channel"), &declared);
    Channels { all: channels, pg_api_keys, default: default.and_then(|name| ChannelName::new(&name)) }
}

fn channel<'a>(
    reader: &mut Reader<'a>,
    parent: &Section<'a>,
    name: &str,
    checked: ChannelName,
    api: Option<ApiName>,
    mode_of_file: Option<u32>,
) -> Option<(Channel, Option<Credential>)> {
    let section = reader.named_section(parent, name)?;
    let pg = api.and_then(|api| {
        let allowed = match api {
            ApiName::V1 => PG_V1,
            ApiName::V2 => PG_V2,
        };
        reader.required(&section.field("pg").taking(allowed), Reader::one_of)
    });
    let mode = reader.required(&section.field("mode"), Reader::word);
    let title = reader.checked(&section.field("title"), text);
    let route = api.and_then(|api| route(reader, &section, api, pg));
    let contract = contract(reader, &section, pg);
    // That V2 has no such key is said with the route.
    let key_field = section.field("pg_api_key");
    let wanted = api == Some(ApiName::V1) && key_field.is_there();
    let key = if wanted { credential(reader, &key_field, mode_of_file) } else { None };
    Some((Channel { name: checked, title, pg: pg?, mode: mode?, route: route?, contract }, key))
}

fn route<'a>(
    reader: &mut Reader<'a>,
    section: &Section<'a>,
    api: ApiName,
    pg: Option<&str>,
) -> Option<Route> {
    let id = |max: usize| {
        move |reader: &mut Reader<'a>, field: &Field<'a>| {
            reader.checked(field, |found| names::token(found, max).ok_or(Problem::NotAnId { max: Some(max) }))
        }
    };
    let key_field = section.field("key");
    match api {
        ApiName::V2 => {
            refuse(reader, section, V1_CHANNEL_KEYS, api);
            let key = reader.required(&key_field, id(CHANNEL_KEY_MAX))?;
            Some(Route::V2 { key })
        }
        ApiName::V1 => {
            let id_field = section.field("pg_id");
            if !key_field.is_there() && !id_field.is_there() {
                reader.wrong(&key_field, Problem::NoRoute);
                return None;
            }
            let key = id(CHANNEL_KEY_MAX)(reader, &key_field);
            // What is sent is "provider.MID", so the provider and the dot take their part of the room.
            let taken = pg.map_or(0, |pg| pg.len() + 1);
            let pg_id = id(PG_WITH_ID_MAX - taken)(reader, &id_field);
            Some(Route::V1 { key, pg_id })
        }
    }
}

fn contract<'a>(reader: &mut Reader<'a>, section: &Section<'a>, pg: Option<&str>) -> Contract {
    let default = Contract::default();
    let product_field = section.field("product_type");
    let product_type = reader.word(&product_field);
    if let Some(pg) = pg.filter(|pg| pg.eq_ignore_ascii_case("ksnet"))
        && !product_field.is_there()
    {
        reader.wrong(&product_field, Problem::MissingForPg(pg.to_owned()));
    }
    let offer = reader.words(&section.field("offer"));
    let offer = offer.map(|words| words.into_iter().filter_map(Operation::from_word).collect());
    let currencies_field = section.field("currencies");
    let currencies: Option<Vec<String>> =
        reader.words(&currencies_field).map(|words| words.into_iter().map(str::to_owned).collect());
    if currencies.as_ref().is_some_and(Vec::is_empty) {
        reader.wrong(&currencies_field, Problem::EmptyList);
    }
    Contract {
        tax: reader.word(&section.field("tax")).unwrap_or(default.tax),
        product_type,
        identity: reader.word(&section.field("identity")),
        pin: reader.word(&section.field("pin")),
        installments: reader.months(&section.field("installments")).unwrap_or(default.installments),
        interest_free: reader.flag(&section.field("interest_free")).unwrap_or(default.interest_free),
        card_point: reader.flag(&section.field("card_point")).unwrap_or(default.card_point),
        offer: offer.unwrap_or(default.offer),
        currencies: currencies.unwrap_or(default.currencies),
    }
}
