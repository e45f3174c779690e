//! The demo's configuration, made from the sandbox's ready line. Pure.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use serde_json::Value;

use crate::cli::LangArg;

/// A channel of the demo: its name, the PG and mode that are looked for, and what was signed.
struct Wanted {
    name: &'static str,
    pg: &'static str,
    mode: &'static str,
    more: &'static str,
}

const V2: &[Wanted] = &[
    Wanted {
        name: "kcp",
        pg: "KCP_V2",
        mode: "test",
        more: "installments = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]\n",
    },
    // The tax-free part is asked for, and interest-free months are on offer.
    Wanted {
        name: "nice",
        pg: "NICE_V2",
        mode: "test",
        more: "tax = \"mixed\"\ninstallments = [2, 3, 6, 12]\ninterest_free = true\n",
    },
    Wanted { name: "inicis", pg: "INICIS_V2", mode: "test", more: "" },
    Wanted { name: "ksnet", pg: "KSNET", mode: "test", more: "product_type = \"physical\"\n" },
    // Virtual accounts alone.
    Wanted { name: "smartro", pg: "SMARTRO_V2", mode: "test", more: "" },
    Wanted { name: "kcp-live", pg: "KCP_V2", mode: "live", more: "" },
];

const V1: &[Wanted] = &[
    Wanted { name: "nice", pg: "nice_v2", mode: "test", more: "" },
    // Inicis takes virtual accounts only with its own key.
    Wanted { name: "inicis", pg: "html5_inicis", mode: "test", more: "pg_api_key = \"demo-key\"\n" },
    Wanted { name: "nice-live", pg: "nice_v2", mode: "live", more: "" },
];

/// The text of `config.toml`; an error when the sandbox said something else than expected.
pub(super) fn text(
    ready: &Value,
    folder: &Path,
    live_looking: bool,
    lang: Option<LangArg>,
) -> io::Result<String> {
    let missing = || io::Error::other("the sandbox said something unexpected");
    let string = |value: &Value| value.as_str().map(quoted).ok_or_else(missing);
    let url = string(&ready["url"])?;
    let ledger = quoted(folder.join("ledger.db").to_str().ok_or_else(missing)?);
    let mut out = format!("default_profile = \"demo\"\n\n[ledger]\npath = {ledger}\n");
    if let Some(lang) = lang {
        let word = if lang == LangArg::Ko { "ko" } else { "en" };
        let _ = write!(out, "\n[ui]\nlanguage = \"{word}\"\n");
    }
    let (v2, v1) = (&ready["v2"], &ready["v1"]);
    let store = string(&v2["store_id"])?;
    let default = if live_looking { "kcp-live" } else { "kcp" };
    let _ = write!(
        out,
        "\n[profiles.demo]\napi = \"v2\"\ntitle = \"단말상회 체험\"\norder_name = \"체험 주문\"\nbase_url = {url}\n\
         store_id = {store}\napi_secret = {}\ndefault_channel = \"{default}\"\n",
        string(&v2["api_secret"])?
    );
    for wanted in V2 {
        let channel = find(v2, wanted).ok_or_else(missing)?;
        let _ = write!(
            out,
            "\n[profiles.demo.channels.{}]\nkey = {}\npg = \"{}\"\nmode = \"{}\"\n{}",
            wanted.name,
            string(&channel["key"])?,
            wanted.pg,
            wanted.mode,
            wanted.more
        );
    }
    let default = if live_looking { "nice-live" } else { "nice" };
    let _ = write!(
        out,
        "\n[profiles.demo-v1]\napi = \"v1\"\ntitle = \"단말상회 체험 V1\"\norder_name = \"체험 주문\"\n\
         base_url = {url}\nimp_key = {}\nimp_secret = {}\ndefault_channel = \"{default}\"\n",
        string(&v1["imp_key"])?,
        string(&v1["imp_secret"])?
    );
    for wanted in V1 {
        let channel = find(v1, wanted).ok_or_else(missing)?;
        let _ = write!(
            out,
            "\n[profiles.demo-v1.channels.{}]\nkey = {}\npg = \"{}\"\nmode = \"{}\"\n{}",
            wanted.name,
            string(&channel["key"])?,
            wanted.pg,
            wanted.mode,
            wanted.more
        );
        if let Some(mid) = channel["mid"].as_str() {
            let _ = writeln!(out, "pg_id = {}", quoted(mid));
        }
    }
    Ok(out)
}

/// The first channel of the sandbox that fits: the representative store's come first.
fn find<'a>(generation: &'a Value, wanted: &Wanted) -> Option<&'a Value> {
    let channels = generation["channels"].as_array()?;
    channels.iter().find(|channel| channel["pg"] == wanted.pg && channel["mode"] == wanted.mode)
}

/// A TOML basic string; JSON's escapes are among its own.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Origin};

    fn ready() -> Value {
        let channel = |key: &str, pg: &str, mode: &str| serde_json::json!({"key": key, "pg": pg, "mode": mode, "mid": "MID01"});
        serde_json::json!({
            "url": "http://127.0.0.1:4000",
            "v2": {"api_secret": "s2", "store_id": "store-1", "channels": [
                channel("k1", "KCP_V2", "test"), channel("k2", "INICIS_V2", "test"),
                channel("k3", "KSNET", "test"), channel("k4", "KCP_V2", "live"),
                channel("k8", "NICE_V2", "test"), channel("k9", "SMARTRO_V2", "test"),
            ]},
            "v1": {"imp_key": "1", "imp_secret": "s1", "channels": [
                channel("k5", "nice_v2", "test"), channel("k6", "html5_inicis", "test"),
                channel("k7", "nice_v2", "live"),
            ]},
        })
    }

    fn load(live: bool) -> Config {
        let folder = Path::new("/tmp/danmal \"demo\"");
        let text = text(&ready(), folder, live, Some(LangArg::En)).unwrap();
        let origin = Origin {
            file: &folder.join("config.toml"),
            mode: Some(0o600),
            data_dir: folder,
            state_dir: folder,
        };
        Config::parse(&text, &origin).unwrap_or_else(|mistakes| panic!("{mistakes}\n{text}"))
    }

    #[test]
    fn the_configuration_loads_with_both_generations() {
        let config = load(false);
        assert_eq!(config.ledger.path, Path::new("/tmp/danmal \"demo\"/ledger.db"));
        let v2 = config.profile(None).unwrap();
        assert_eq!((v2.channels().len(), v2.default_channel().name.as_str()), (6, "kcp"));
        assert_eq!(v2.default_channel().contract.installments, (2..=12).collect::<Vec<u8>>());
        let v1 = config.profile(Some("demo-v1")).unwrap();
        assert_eq!(v1.default_channel().v1_pg().as_deref(), Some("nice_v2.MID01"));
    }

    #[test]
    fn live_looking_begins_with_the_live_channel_of_either() {
        let config = load(true);
        for profile in [None, Some("demo-v1")] {
            let channel = config.profile(profile).unwrap().default_channel();
            assert_eq!(channel.mode, crate::config::Mode::Live);
        }
    }

    #[test]
    fn a_sandbox_that_says_something_else_is_an_error() {
        for missing in ["url", "v2", "v1"] {
            let mut ready = ready();
            ready[missing] = Value::Null;
            assert!(text(&ready, Path::new("/tmp"), false, None).is_err(), "{missing}");
        }
    }
}
