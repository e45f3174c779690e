//! The door of the console: what the command line needs to open it, and nothing else.

use std::io::Write as _;

use super::glyphs::Glyphs;
use super::{term, theme};
use crate::domain::channel::Channel;
use crate::i18n::{Catalogue, Lang};

pub use super::app::{Ended, Launch};
pub use super::effect::Hooks;
pub use super::model::Setup;
pub use super::screen::keyin::model::Setup as KeyInSetup;

/// The theme that was configured, or the one that fits the terminal.
pub fn theme(configured: &str, no_color: Option<&str>, term: Option<&str>) -> theme::Name {
    theme::Name::choose(theme::Name::parse(configured), no_color, term)
}

/// The marks that were configured, or those that fit the locale.
pub fn glyphs(configured: &str, locale: Option<&str>) -> Glyphs {
    Glyphs::parse(configured).unwrap_or_else(|| Glyphs::of_locale(locale))
}

/// Whether a channel offers a way to pay here.
pub fn is_usable(channel: &Channel) -> bool {
    !super::screen::keyin::model::fields::ways(channel).is_empty()
}

/// Whether cards can be registered as billing keys through a channel.
pub fn registers_cards(channel: &Channel) -> bool {
    super::screen::keyin::model::Model::can_register(channel)
}

/// Whether a channel would, but for something that no terminal can supply.
pub fn is_out_of_reach(channel: &Channel) -> bool {
    super::screen::keyin::model::Model::out_of_reach(channel).is_some()
}

/// The sentence for a profile none of whose channels takes a keyed-in card.
pub fn no_channel(lang: Lang) -> String {
    Catalogue::of(lang).get("keyin.no-channel").to_owned()
}

/// Runs the console. A panic on its thread restores the terminal, drains unread keys, wipes the card and
/// prints a fixed text; one on another thread becomes a message on the screen.
pub fn console(launch: Launch) -> std::io::Result<Ended> {
    let console = std::thread::current().id();
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        // Never the payload: it can quote what was being worked on.
        let place = info.location().map_or_else(String::new, ToString::to_string);
        tracing::error!("panic at {place}");
        if std::thread::current().id() != console {
            return;
        }
        term::restore_now();
        if let Some(vault) = crate::vault::Vault::existing() {
            vault.wipe_for_exit();
        }
        let _ = writeln!(
            std::io::stderr(),
            "danmal: stopped by a fault of its own at {place}. The card was wiped. Start it again: what was \
             under way is looked up."
        );
    }));
    let ended = super::app::run(launch);
    std::panic::set_hook(before);
    ended
}
