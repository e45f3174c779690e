//! What the console is measured with: a configuration whose provider is a port where nobody listens, and a
//! ledger with many payments.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use danmal::ledger::sqlite::SqliteLedger;
use rusqlite::{Connection, params};

/// How many payments the ledger has seen.
pub const PAYMENTS: u32 = 100_000;

pub struct Desk {
    folder: tempfile::TempDir,
    pub config: PathBuf,
}

impl Desk {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("ledger.db");
        seed(&ledger);
        let config = folder.path().join("config.toml");
        // A port that was just given back.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let text = format!(
            r#"default_profile = "main"
[ledger]
path = "{ledger}"
[profiles.main]
api = "v2"
order_name = "단말상회 상품"
base_url = "http://127.0.0.1:{port}"
store_id = "store-1"
api_secret = "secret-of-the-bench"
default_channel = "kcp"
[profiles.main.channels.kcp]
key = "channel-key-1"
pg = "KCP_V2"
mode = "test"
[profiles.main.channels.ksnet]
key = "channel-key-2"
pg = "KSNET"
mode = "test"
product_type = "physical"
"#,
            ledger = ledger.display(),
        );
        std::fs::write(&config, text).unwrap();
        std::fs::set_permissions(&config, std::fs::Permissions::from_mode(0o600)).unwrap();
        Self { folder, config }
    }

    /// A form that a measurement left half filled must not come back in the next one.
    pub fn forget_drafts(&self) {
        let ledger = Connection::open(self.folder.path().join("ledger.db")).unwrap();
        ledger.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
        ledger.execute("DELETE FROM drafts", []).unwrap();
    }

    pub fn arguments(&self) -> Vec<String> {
        vec!["--config".to_owned(), self.config.display().to_string()]
    }
}

/// The schema is the program's own; the rows go in as one transaction, a year of them, all settled.
fn seed(path: &Path) {
    drop(SqliteLedger::open(path).unwrap());
    let mut connection = Connection::open(path).unwrap();
    connection.pragma_update(None, "synchronous", "OFF").unwrap();
    let transaction = connection.transaction().unwrap();
    {
        let mut intent = transaction
            .prepare(
                "INSERT INTO intents (id, kind, state, profile, generation, channel, pg, mode, amount, currency,
                    installments, order_name, customer_name, customer_phone, customer_phone_digits, bin6, last4,
                    operator, remote, host, process, created_at, sent_at, settled_at, approval_number)
                 VALUES (?1, 'key_in', ?2, 'main', 'v2', 'kcp', 'KCP_V2', 'TEST', ?3, 'KRW', 0, '단말상회 상품',
                    '홍길동', '010-1234-5678', '01012345678', ?4, ?5, 'agent', '192.0.2.10', 'desk-1', '1:1',
                    ?6, ?6, ?7, ?8)",
            )
            .unwrap();
        let mut line = transaction
            .prepare("INSERT INTO history (intent, at, word, detail, process) VALUES (?1, ?2, ?3, '', '1:1')")
            .unwrap();
        let first = jiff::Timestamp::now().as_millisecond() - 365 * 86_400_000;
        for number in 0..PAYMENTS {
            let id = format!("seed{number:024}");
            let state = if number % 7 == 0 { "declined" } else { "approved" };
            let at = first + i64::from(number) * 315_000;
            let bin = format!("94{:04}", number % 9_973);
            let last4 = format!("{:04}", number % 9_949);
            let amount = 1_000 + number % 500 * 100;
            let approval = format!("{number:08}");
            intent.execute(params![id, state, amount, bin, last4, at, at + 2_000, approval]).unwrap();
            for word in ["intended", "sent", state] {
                line.execute(params![id, at, word]).unwrap();
            }
        }
    }
    transaction.commit().unwrap();
    // A ledger in daily use has been checkpointed; the start must not pay for the seeding.
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
}
