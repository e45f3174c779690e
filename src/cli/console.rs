//! The console itself: what it is told at its start, and what is said when it has ended.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use super::session::Session;
use crate::config;
use crate::i18n::Lang;
use crate::operation::world::{RealWorld, World as _};
use crate::tui::run::{self, Launch};

/// Opens the console on a session. Returns when it has ended and the terminal is as it was.
pub fn open(session: Session) -> ExitCode {
    let env = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let (lc_all, lc_ctype, lang) = (env("LC_ALL"), env("LC_CTYPE"), env("LANG"));
    let locale = [lc_all.as_deref(), lc_ctype.as_deref(), lang.as_deref()].into_iter().flatten().next();
    let lang = match session.config.ui.language.resolve(locale) {
        config::Lang::Ko => Lang::Ko,
        config::Lang::En => Lang::En,
    };
    let default = session.channels.get(session.default_channel).map(|channel| channel.name.clone());
    // One that only a browser could use is listed, so that nobody looks for it in vain.
    let channels: Vec<_> = session
        .channels
        .into_iter()
        .filter(|channel| {
            run::is_usable(channel) || run::is_out_of_reach(channel) || run::registers_cards(channel)
        })
        .collect();
    let usable = |name: Option<&String>| {
        channels
            .iter()
            .position(|channel| run::is_usable(channel) && name.is_none_or(|name| channel.name == *name))
    };
    let Some(first) = usable(default.as_ref()).or_else(|| usable(None)) else {
        return fail(&run::no_channel(lang));
    };
    let operator = RealWorld::new().operator();
    let transport = session.transport;
    let launch = Launch {
        setup: run::Setup {
            store: session.store.clone(),
            operator: operator.user,
            now: jiff::Timestamp::now(),
            lang,
            theme: run::theme(
                session.config.ui.theme.word(),
                env("NO_COLOR").as_deref(),
                env("TERM").as_deref(),
            ),
            size: (80, 24),
            keyin: run::KeyInSetup {
                store: session.store,
                channels,
                first,
                order_name: session.order_name,
                now: jiff::Timestamp::now(),
                idle_wipe: idle_wipe(session.config.security.idle_wipe_seconds),
                overall: Duration::from_secs(session.config.network.overall_seconds.into()),
            },
        },
        glyphs: run::glyphs(session.config.ui.glyphs.word(), locale),
        recipe: session.recipe,
        hooks: run::Hooks {
            recording_pause: session.config.hooks.recording_pause,
            recording_resume: session.config.hooks.recording_resume,
            slip_dir: session.config.hooks.slip_dir,
        },
        warm: Box::new(move || transport.warm()),
    };
    match run::console(launch) {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string()),
    }
}

/// Debug builds can be told to be impatient, so that the proof need not wait for a minute.
fn idle_wipe(seconds: u16) -> Duration {
    if cfg!(debug_assertions)
        && let Some(millis) = std::env::var("DANMAL_DEBUG_IDLE_MS").ok().and_then(|text| text.parse().ok())
    {
        return Duration::from_millis(millis);
    }
    Duration::from_secs(seconds.into())
}

fn fail(text: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{text}");
    ExitCode::from(2)
}
