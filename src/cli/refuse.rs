//! Card data where it must not be: in arguments, which every user of the machine can read in `ps`, and in the
//! environment, which children inherit. Finds it; never shows it.

use std::ffi::{OsStr, OsString};

use crate::config::{Api, Config, Credential};

/// Where something was found that looks like card data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// Among the arguments.
    Arguments,
    /// In this variable of the environment.
    Environment(String),
}

/// Names of options and variables under which somebody may try to hand card data over.
const NAMES: &[&str] = &[
    "card",
    "card-number",
    "number",
    "pan",
    "expiry",
    "expire",
    "exp",
    "identity",
    "birth",
    "birthdate",
    "pin",
    "pwd",
    "password",
    "pwd-2digit",
    "cvc",
    "cvv",
];

/// Whether an option's name (no dashes in front) asks for card data.
pub(super) fn names_card_data(name: &str) -> bool {
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// The option whose value may look like a card number and is none: one in ten account numbers of 13 digits or
/// more passes for one.
const ACCOUNT: &str = "--fixed";

/// Looks through the arguments behind the program's name.
pub(super) fn card_in_arguments<'a>(arguments: impl Iterator<Item = &'a OsString>) -> Option<Place> {
    let mut account = false;
    for argument in arguments {
        let text = argument.to_string_lossy();
        let behind = std::mem::replace(&mut account, text == ACCOUNT);
        let joined = text.strip_prefix(ACCOUNT).is_some_and(|rest| rest.starts_with('='));
        if (behind && !text.starts_with('-')) || joined {
            continue;
        }
        let option = text.strip_prefix("--").map(|rest| rest.split('=').next().unwrap_or_default());
        if option.is_some_and(names_card_data) || holds_card_number(&text) {
            return Some(Place::Arguments);
        }
    }
    None
}

/// Looks through the variables named `DANMAL_…`. Those that the configuration names as the place of a
/// credential are left out: a V1 API key has 16 digits (V1 §2), and one in ten of them passes for a card.
pub(super) fn card_in_environment(config: &Config) -> Option<Place> {
    let credentials: Vec<&str> =
        config.profiles().iter().flat_map(|profile| environment_of(profile.api())).collect();
    std::env::vars_os().find_map(|(name, value)| in_variable(&name, &value, &credentials))
}

fn in_variable(name: &OsStr, value: &OsStr, credentials: &[&str]) -> Option<Place> {
    let name = name.to_string_lossy();
    let ours = name.strip_prefix("DANMAL_")?;
    if credentials.contains(&name.as_ref()) {
        return None;
    }
    let named = names_card_data(&ours.replace('_', "-"));
    (named || holds_card_number(&value.to_string_lossy())).then(|| Place::Environment(name.into_owned()))
}

fn environment_of(api: &Api) -> Vec<&str> {
    fn name(credential: &Credential) -> Option<&str> {
        match credential {
            Credential::Env(name) => Some(name),
            Credential::File(_) | Credential::Inline(_) => None,
        }
    }
    match api {
        Api::V1 { imp_key, imp_secret, pg_api_keys } => [imp_key, imp_secret]
            .into_iter()
            .chain(pg_api_keys.iter().map(|(_, credential)| credential))
            .filter_map(name)
            .collect(),
        Api::V2 { api_secret, .. } => name(api_secret).into_iter().collect(),
    }
}

/// Whether a text holds 13 to 19 digits that pass the Luhn check: in one piece, or in groups with a single
/// blank, dash or dot between them. Full-width digits count.
fn holds_card_number(text: &str) -> bool {
    // Runs of groups; anything but a digit or one separator ends a run.
    let mut run: Vec<Vec<u8>> = Vec::new();
    let mut group: Vec<u8> = Vec::new();
    let mut separated = true;
    for ch in text.chars().chain(['\n']) {
        if let Some(digit) = digit(ch) {
            group.push(digit);
            separated = false;
            continue;
        }
        if !group.is_empty() {
            run.push(std::mem::take(&mut group));
        }
        if !matches!(ch, ' ' | '-' | '.') || separated {
            if is_card_in(&run) {
                return true;
            }
            run.clear();
        }
        separated = true;
    }
    is_card_in(&run)
}

fn digit(ch: char) -> Option<u8> {
    let value = match ch {
        '０'..='９' => u32::from(ch) - u32::from('０'),
        ch => ch.to_digit(10)?,
    };
    u8::try_from(value).ok()
}

/// Whether neighbouring groups together are a card number: an expiry behind it must not hide one.
fn is_card_in(groups: &[Vec<u8>]) -> bool {
    (0..groups.len()).any(|from| {
        (from..groups.len()).any(|to| {
            let digits = groups[from..=to].concat();
            (13..=19).contains(&digits.len()) && passes_luhn(&digits)
        })
    })
}

fn passes_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| match (at % 2, u32::from(*digit)) {
            (1, digit @ 5..) => digit * 2 - 9,
            (1, digit) => digit * 2,
            (_, digit) => digit,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Fifteen digits and the sixteenth that fits.
    fn card(stem: &str) -> String {
        (0..10)
            .map(|last| format!("{stem}{last}"))
            .find(|number| passes_luhn(&number.bytes().map(|byte| byte - b'0').collect::<Vec<_>>()))
            .unwrap()
    }

    fn found(argument: &str) -> bool {
        card_in_arguments([OsString::from(argument)].iter()).is_some()
    }

    proptest! {
        #[test]
        fn a_number_is_found_however_it_is_written(stem in "[3-9][0-9]{14}", expiry in "[0-9]{4}") {
            let number = card(&stem);
            let groups = number.as_bytes().chunks(4).map(|four| std::str::from_utf8(four).unwrap());
            let grouped = groups.collect::<Vec<_>>();
            let wide: String = number.bytes().map(|b| char::from_u32(u32::from('０') + u32::from(b - b'0')).unwrap()).collect();
            for text in [
                number.clone(),
                grouped.join("-"),
                grouped.join(" "),
                format!("--order-name={number}"),
                format!("{{\"number\":\"{number}\",\"expiry\":\"12/29\"}}"),
                format!("{} {expiry}", grouped.join(" ")),
                format!("{number} {expiry}"),
                wide,
            ] {
                prop_assert!(found(&text), "{}", text);
            }
            // The same digits with another check digit are no card.
            let last = number.as_bytes()[15] - b'0';
            let other = format!("{stem}{}", (last + 1) % 10);
            prop_assert!(!found(&other), "{}", other);
        }

        #[test]
        fn no_argument_panics(text in "\\PC*") {
            let _ = found(&text);
        }
    }

    #[test]
    fn what_a_script_says_is_not_taken_for_a_card() {
        for fine in [
            "--amount",
            "45,000",
            "--customer-phone",
            "010-2000-3000",
            "--card-stdin",
            "--order-id",
            "d20261121a0001",
            "123456789012",
            "관리비 2026-11-21",
        ] {
            assert!(!found(fine), "{fine}");
        }
    }

    #[test]
    fn a_fixed_account_may_look_like_a_card_and_nothing_else_may() {
        let number = card("500000000000012");
        let found = |arguments: &[&str]| {
            let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
            card_in_arguments(arguments.iter()).is_some()
        };
        assert!(!found(&["--fixed", &number]));
        assert!(!found(&[&format!("--fixed={number}")]));
        assert!(found(&["--fixed", "1", &number]));
        assert!(found(&["--fixed", "--order-name", &number]));
        assert!(found(&[&format!("--fixedly={number}")]));
    }

    #[test]
    fn options_that_ask_for_card_data_are_found_without_a_number() {
        for bad in ["--card", "--pin=12", "--number", "--CVC", "--expiry=12/29", "--birth"] {
            assert!(found(bad), "{bad}");
        }
    }

    #[test]
    fn a_credential_in_the_environment_may_look_like_a_card() {
        let number = card("500000000000012");
        let look = |name: &str, credentials: &[&str]| {
            in_variable(OsStr::new(name), OsStr::new(&number), credentials)
        };
        assert_eq!(look("DANMAL_IMP_KEY", &["DANMAL_IMP_KEY"]), None);
        let place = Some(Place::Environment("DANMAL_IMP_KEY".to_owned()));
        assert_eq!(look("DANMAL_IMP_KEY", &[]), place);
        assert_eq!(look("OTHER", &[]), None);
        assert!(in_variable(OsStr::new("DANMAL_PIN"), OsStr::new("12"), &[]).is_some());
        assert!(in_variable(OsStr::new("DANMAL_LANG"), OsStr::new("ko"), &[]).is_none());
    }
}
