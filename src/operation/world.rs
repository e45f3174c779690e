//! Time, chance and identity as arguments, so that tests are exact.

use std::pin::Pin;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::domain::intent::Operator;
use crate::domain::payment::PaymentId;

/// What an operation needs of the world besides provider and journal.
#[async_trait(?Send)]
pub trait World {
    /// The wall clock.
    fn now(&self) -> Timestamp;

    /// Waits.
    async fn sleep(&self, duration: Duration);

    /// Runs something beside what is done here, on a thread of its own where there is one; nobody waits for its end.
    /// For what only asks and reads: no request that moves money, nothing of a card.
    fn beside(&self, work: Pin<Box<dyn Future<Output = ()> + Send>>);

    /// Bytes nobody can guess.
    fn random(&self) -> [u8; PaymentId::RANDOM_BYTES];

    /// Who acts.
    fn operator(&self) -> Operator;

    /// Whether the process that wrote `process` still runs. `false` when it certainly does not; a process on
    /// another host counts as running.
    fn still_runs(&self, host: &str, process: &str) -> bool;
}

/// The world as it is.
#[derive(Debug, Clone)]
pub struct RealWorld {
    operator: Operator,
}

impl RealWorld {
    /// Reads who we are: system user, remote address of the SSH connection, host, process.
    pub fn new() -> Self {
        // sshd sets SSH_CONNECTION: "client-address client-port server-address server-port".
        let remote = std::env::var("SSH_CONNECTION")
            .ok()
            .and_then(|value| value.split(' ').next().map(str::to_owned))
            .filter(|address| address.parse::<std::net::IpAddr>().is_ok());
        let uname = rustix::system::uname();
        let pid = rustix::process::getpid().as_raw_nonzero().get().unsigned_abs();
        Self {
            operator: Operator {
                user: user_name(),
                remote,
                host: uname.nodename().to_string_lossy().into_owned(),
                process: format!("{pid}:{}", started(pid).unwrap_or(0)),
            },
        }
    }
}

impl Default for RealWorld {
    fn default() -> Self {
        Self::new()
    }
}

/// The system user by number, not by an environment variable that anybody can set.
fn user_name() -> String {
    let uid = rustix::process::getuid().as_raw();
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    });
    name.unwrap_or_else(|| format!("uid {uid}"))
}

/// When a process started, in the kernel's ticks since boot; `None` when there is none.
fn started(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name is in parentheses and may contain anything; the start time is the 20th field behind it.
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

#[async_trait(?Send)]
impl World for RealWorld {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn beside(&self, work: Pin<Box<dyn Future<Output = ()> + Send>>) {
        let thread = std::thread::Builder::new().name("beside".to_owned()).spawn(move || {
            match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime.block_on(work),
                Err(error) => tracing::error!(%error, "no runtime beside"),
            }
        });
        // What was to be done is dropped, which whoever waits for it sees.
        if let Err(error) = thread {
            tracing::error!(%error, "no thread beside");
        }
    }

    fn random(&self) -> [u8; PaymentId::RANDOM_BYTES] {
        let mut bytes = [0; PaymentId::RANDOM_BYTES];
        if getrandom::fill(&mut bytes).is_err() {
            // Without chance two ids could be one; the journal refuses the second, so nothing is charged.
            bytes[..16].copy_from_slice(&self.now().as_nanosecond().to_le_bytes());
        }
        bytes
    }

    fn operator(&self) -> Operator {
        self.operator.clone()
    }

    fn still_runs(&self, host: &str, process: &str) -> bool {
        if host != self.operator.host {
            return true;
        }
        let Some((pid, start)) = process.split_once(':') else { return false };
        match (pid.parse().ok().and_then(started), start.parse::<u64>()) {
            (Some(now), Ok(then)) => now == then,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_runs_and_a_recycled_number_does_not() {
        let world = RealWorld::new();
        let me = world.operator();
        assert!(world.still_runs(&me.host, &me.process));
        let pid = me.process.split(':').next().unwrap();
        assert!(!world.still_runs(&me.host, &format!("{pid}:1")));
        assert!(!world.still_runs(&me.host, "4194305:1"));
        assert!(world.still_runs("elsewhere", "4194305:1"));
    }
}
