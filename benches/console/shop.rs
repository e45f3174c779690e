//! What a console is measured with that has a provider: a sandbox beside it, and a configuration that points there.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::terminal::{Program, Start};
use crate::{FOOTER, SIZE, card, danmal};

/// A sandbox that ends with its owner.
pub struct Sandbox {
    child: Child,
    ready: Value,
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Sandbox {
    /// One that has what processor time is left: the provider is elsewhere, and what it does must not stand in line
    /// before what is measured.
    pub fn start(more: &[&str]) -> Self {
        Self::start_as(more, libc::SCHED_IDLE)
    }

    /// One that is scheduled as we are, where its own time is measured, too: on a machine of its own it would not wait
    /// for us.
    pub fn start_as_equal(more: &[&str]) -> Self {
        Self::start_as(more, libc::SCHED_OTHER)
    }

    fn start_as(more: &[&str], policy: libc::c_int) -> Self {
        let mut command = Command::new(danmal());
        command
            .args(["sandbox", "--listen", "127.0.0.1:0", "--parent-stdin"])
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        #[expect(unsafe_code, reason = "std has no call for how a child is scheduled")]
        // SAFETY: one system call; the structure lives until it returns.
        unsafe {
            command.pre_exec(move || {
                let parameter = libc::sched_param { sched_priority: 0 };
                libc::sched_setscheduler(0, policy, &raw const parameter);
                Ok(())
            });
        }
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, ready: serde_json::from_str(&line).unwrap() }
    }

    fn part(&self, api: &str, name: &str) -> String {
        self.ready[api][name].as_str().unwrap().to_owned()
    }

    /// The key of a test channel of this PG.
    pub fn channel(&self, api: &str, pg: &str) -> String {
        let channels = self.ready[api]["channels"].as_array().unwrap();
        let channel =
            channels.iter().find(|channel| channel["pg"] == pg && channel["mode"] == "test").unwrap();
        channel["key"].as_str().unwrap().to_owned()
    }

    /// A connection of V2's that is kept for one request after the other.
    pub fn wire(&self) -> Wire {
        let address = self.ready["url"].as_str().unwrap().trim_start_matches("http://").to_owned();
        let stream = BufReader::new(TcpStream::connect(&address).unwrap());
        Wire { address, secret: self.part("v2", "api_secret"), stream }
    }
}

/// Somebody else's client of the provider, as bare as one can be.
pub struct Wire {
    address: String,
    secret: String,
    stream: BufReader<TcpStream>,
}

impl Wire {
    /// Asks, and reads the answer whole; anything but a 200 ends the bench.
    pub fn ask(&mut self, method: &str, path: &str, body: &str) -> Vec<u8> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: PortOne {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            self.secret,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let (mut length, mut first) = (0, String::new());
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).unwrap();
            if first.is_empty() {
                first.clone_from(&line);
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut answer = vec![0; length];
        self.stream.read_exact(&mut answer).unwrap();
        assert!(first.contains(" 200 "), "{first}{}", String::from_utf8_lossy(&answer));
        answer
    }

    /// Registers a card, as the merchant's web shop would have; the key.
    pub fn register(&mut self, channel: &str, number: u32) -> String {
        // The sandbox's special cards end in 00 and two digits.
        let ordinary = |card: &String| !card[12..].starts_with("00");
        let number = (0..100).map(|step| card(number + step * 1_000_003)).find(ordinary).unwrap();
        let body = json!({
            "channelKey": channel,
            "customer": {"id": format!("cust{number:05}"), "name": {"full": "김하늘"},
                "phoneNumber": "01020003000", "email": "sky@example.com"},
            "method": {"card": {"credential": {"number": number, "expiryYear": "29", "expiryMonth": "05",
                "birthOrBusinessRegistrationNumber": "880214", "passwordTwoDigits": "12"}}},
        });
        let answer: Value =
            serde_json::from_slice(&self.ask("POST", "/billing-keys", &body.to_string())).unwrap();
        answer["billingKeyInfo"]["billingKey"].as_str().unwrap().to_owned()
    }
}

/// A desk of the shop: a ledger, and a configuration with one channel.
pub struct Shop {
    pub sandbox: Sandbox,
    pub ledger: PathBuf,
    config: PathBuf,
    _folder: tempfile::TempDir,
}

impl Shop {
    pub fn open(api: &str, sandbox: Sandbox) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (ledger, config) = (folder.path().join("ledger.db"), folder.path().join("config.toml"));
        let (pg, names) = if api == "v2" {
            ("KCP_V2", [("store_id", "store_id"), ("api_secret", "api_secret")])
        } else {
            ("nice_v2", [("imp_key", "imp_key"), ("imp_secret", "imp_secret")])
        };
        let credentials =
            names.map(|(own, theirs)| format!("{own} = \"{}\"\n", sandbox.part(api, theirs))).concat();
        let text = format!(
            "default_profile = \"main\"\n[ledger]\npath = \"{}\"\n[profiles.main]\napi = \"{api}\"\n\
             order_name = \"단말상회 상품\"\nbase_url = {}\n{credentials}default_channel = \"first\"\n\
             [profiles.main.channels.first]\nkey = \"{}\"\npg = \"{pg}\"\nmode = \"test\"\n",
            ledger.display(),
            sandbox.ready["url"],
            sandbox.channel(api, pg),
        );
        std::fs::write(&config, text).unwrap();
        std::fs::set_permissions(&config, std::fs::Permissions::from_mode(0o600)).unwrap();
        Self { sandbox, ledger, config, _folder: folder }
    }

    fn arguments(&self) -> Vec<String> {
        vec!["--config".to_owned(), self.config.display().to_string()]
    }

    /// Its console, started and at rest.
    pub fn console(&self) -> Program {
        let args = self.arguments();
        let env = vec![("LC_ALL", "ko_KR.UTF-8".to_owned())];
        let mut console = Program::start(&Start { program: danmal(), args, env, folder: None, size: SIZE });
        console.wait_for(FOOTER);
        console.read_for(Duration::from_millis(600));
        console
    }

    /// One command without a screen, to its end; what it printed as JSON.
    pub fn command(&self, line: &[&str]) -> Value {
        let ended = Command::new(danmal()).args(self.arguments()).args(line).output().unwrap();
        assert!(ended.status.success(), "{line:?}: {}", String::from_utf8_lossy(&ended.stderr));
        serde_json::from_slice(&ended.stdout).unwrap()
    }
}
