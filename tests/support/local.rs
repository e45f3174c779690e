//! A local PortOne as a child process, and a configuration that points at it.
#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(clippy::allow_attributes, reason = "whether a helper is dead depends on the test binary")]

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A running sandbox; it ends with this value.
pub struct Local {
    child: Child,
    pub ready: Value,
    folder: tempfile::TempDir,
}

impl Local {
    pub fn start(extra: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_danmal"))
            .args(["sandbox", "--listen", "127.0.0.1:0", "--parent-stdin"])
            .args(extra)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line).unwrap();
        Self { child, ready, folder: tempfile::tempdir().unwrap() }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn ledger(&self) -> PathBuf {
        self.folder.path().join("ledger.db")
    }

    fn channel(&self, api: &str, pg: &str) -> String {
        let channels = self.ready[api]["channels"].as_array().unwrap();
        let found = channels.iter().find(|channel| channel["pg"] == pg && channel["mode"] == "test").unwrap();
        found["key"].as_str().unwrap().to_owned()
    }

    /// A configuration for one generation, with one test channel.
    pub fn config(&self, api: &str, lang: &str) -> PathBuf {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let url = text(&self.ready["url"]);
        let part = |name: &str| text(&self.ready[api][name]);
        let (credentials, pg) = if api == "v1" {
            let (key, secret) = (part("imp_key"), part("imp_secret"));
            (format!("imp_key = \"{key}\"\nimp_secret = \"{secret}\""), "nice_v2")
        } else {
            let (store, secret) = (part("store_id"), part("api_secret"));
            (format!("store_id = \"{store}\"\napi_secret = \"{secret}\""), "KCP_V2")
        };
        let path = self.folder.path().join(format!("{api}-{lang}.toml"));
        let config = format!(
            r#"default_profile = "main"
[ui]
language = "{lang}"
[ledger]
path = "{ledger}"
[profiles.main]
api = "{api}"
title = "한빛정수기"
order_name = "정수기 렌탈"
base_url = "{url}"
{credentials}
default_channel = "first"
[profiles.main.channels.first]
key = "{key}"
pg = "{pg}"
mode = "test"
installments = [2, 3, 6, 12]
"#,
            ledger = self.ledger().display(),
            key = self.channel(api, pg),
        );
        std::fs::write(&path, config).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Random digits with a good check digit that end in `last4`; only the middle is adjusted.
pub fn number_ending(last4: &str) -> String {
    let mut random = [0u8; 12];
    getrandom::fill(&mut random).unwrap();
    let mut number: Vec<u32> = random.iter().map(|byte| u32::from(byte % 10)).collect();
    number[0] = 9;
    number.extend(last4.bytes().map(|byte| u32::from(byte - b'0')));
    for try_digit in 0..10 {
        number[11] = try_digit;
        let sum: u32 = number
            .iter()
            .enumerate()
            .map(|(at, digit)| if at % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { *digit })
            .sum();
        if sum.is_multiple_of(10) {
            break;
        }
    }
    number.into_iter().map(|digit| digit.to_string()).collect()
}
