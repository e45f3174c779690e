//! What is said about arguments that can't be read: which option, never its value.

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::exit::Exit;
use super::say::Say;
use crate::i18n::Text;
use crate::text;

/// Shows help or version where they were asked for, and says what is wrong otherwise.
pub(super) fn say(error: &clap::Error, say: Say) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let _ = error.print();
            Exit::Done.code()
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            Exit::Usage.code()
        }
        _ => {
            say.problem_text(&words(error));
            say.problem_text(&text!("cli.usage.help"));
            Exit::Usage.code()
        }
    }
}

fn words(error: &clap::Error) -> Text {
    let option = options(error).join(", ");
    match error.kind() {
        ErrorKind::UnknownArgument if option.is_empty() => text!("cli.usage.unexpected"),
        ErrorKind::UnknownArgument => text!("cli.usage.unknown", option = option),
        ErrorKind::MissingRequiredArgument => text!("cli.usage.missing", option = option),
        ErrorKind::InvalidSubcommand | ErrorKind::MissingSubcommand => text!("cli.usage.command"),
        ErrorKind::InvalidValue
        | ErrorKind::ValueValidation
        | ErrorKind::WrongNumberOfValues
        | ErrorKind::TooManyValues
        | ErrorKind::TooFewValues
            if !option.is_empty() =>
        {
            let allowed = allowed(error);
            if allowed.is_empty() {
                text!("cli.usage.value", option = option)
            } else {
                text!("cli.usage.value-of", option = option, allowed = allowed)
            }
        }
        ErrorKind::ArgumentConflict if !option.is_empty() => text!("cli.usage.twice", option = option),
        _ => text!("cli.usage.unreadable"),
    }
}

/// The options that the error is about. What was typed in the place of an option may be a value: only
/// `--letters-and-dashes` are options.
fn options(error: &clap::Error) -> Vec<String> {
    let named: Vec<&str> = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(name)) => vec![name],
        Some(ContextValue::Strings(names)) => names.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    let plain = |name: &&str| {
        name.strip_prefix("--").is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        })
    };
    // clap writes `--amount <N>` and `<ID>`; the latter is our own word too.
    let ours = |name: &&str| name.starts_with('<') && name.ends_with('>') && name.len() <= 12;
    named
        .into_iter()
        .filter_map(|name| name.split([' ', '=']).next())
        .filter(|name| plain(name) || ours(name))
        .map(str::to_owned)
        .collect()
}

/// The values that would have been taken: our own words.
fn allowed(error: &clap::Error) -> String {
    match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(values)) => values.join(", "),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::Cli;
    use crate::i18n::{Catalogue, Lang};

    #[test]
    fn no_value_is_repeated_and_the_option_is_named() {
        for (line, named) in [
            (vec!["pay", "HUSH"], ""),
            (vec!["pay", "--amuont=HUSH"], "--amuont"),
            (vec!["pay", "--HUSH"], ""),
            (vec!["pay", "--installments", "HUSH"], "--installments"),
            (vec!["pay", "--json=HUSH"], "--json"),
            (vec!["pay", "--amount", "1", "--amount", "HUSH"], "--amount"),
            (vec!["--lang", "HUSH", "settle"], "--lang"),
            (vec!["HUSH"], ""),
            (vec!["payment", "HUSH"], ""),
            (vec!["payment", "show"], "<ID>"),
        ] {
            let error = Cli::try_parse_from(["danmal"].iter().chain(&line)).unwrap_err();
            for lang in Lang::ALL {
                let said = Catalogue::of(lang).text(&words(&error));
                assert!(!said.contains("HUSH") && !said.contains("cli."), "{line:?}: {said}");
                assert!(said.contains(named), "{line:?}: {said}");
            }
        }
    }
}
