//! `danmal doctor`'s look at what other modules own: the ledger, read-only, and the provider.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use super::Globals;
use super::doctor::{self, Answer, Probe, Scope};
use super::say::Say;
use super::session;
use crate::config::{self, Network, Profile};
use crate::domain::problem::Problem;
use crate::error;
use crate::gateway::http::{Endpoint, Transport};
use crate::ledger::sqlite::SqliteLedger;

/// Runs the doctor.
pub(super) fn run(globals: &Globals, args: doctor::Args) -> ExitCode {
    let say = Say::before_config(globals);
    let scope = Scope {
        config: globals.config.as_deref(),
        profile: globals.profile.as_deref(),
        lang: globals.lang.map(|_| say.config_lang()),
    };
    // A configuration that does not load has no certificate authority; the doctor says why it does not.
    let ca_file = config::load(scope.config).ok().and_then(|config| config.security.ca_file);
    let extra_root = ca_file.and_then(|path| session::certificate(&path).ok());
    doctor::run(args, &scope, &Here { say, extra_root })
}

struct Here {
    say: Say,
    extra_root: Option<Vec<u8>>,
}

impl Probe for Here {
    fn open_ledger(&self, path: &Path) -> Result<(), String> {
        SqliteLedger::examine(path).map_err(|error| error.to_string())
    }

    fn reach(&self, profile: &Profile, network: &Network) -> Result<Answer, String> {
        let transport = Transport::new(Endpoint {
            base_url: profile.base_url().as_str().to_owned(),
            connect: Duration::from_secs(network.connect_seconds.into()),
            overall: Duration::from_secs(network.overall_seconds.into()),
            extra_root: self.extra_root.clone(),
        });
        let gateway =
            session::gateway(profile, transport).map_err(|unusable| unusable.text(self.say.config_lang()))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let probed = runtime.map_err(|error| error.to_string())?.block_on(gateway.probe());
        let received = jiff::Timestamp::now();
        let refused = |status| Ok(Answer { status, date: None, received });
        match probed {
            Ok(probe) => {
                let date = probe.server_time.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
                let date = date.and_then(|time| {
                    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&time).ok()
                });
                Ok(Answer { status: 200, date, received })
            }
            Err(Problem::Credentials { .. }) => refused(401),
            Err(Problem::Forbidden { .. }) => refused(403),
            Err(problem) => Err(self.say.words(&error::words(&problem).what)),
        }
    }
}
