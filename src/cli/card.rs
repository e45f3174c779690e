//! A card without a screen: read as one JSON line from standard input into the vault, and checked there before it
//! is sent. Facts only, no digit leaves.

use std::sync::Arc;

use super::sale::{Findings, Wrong};
use crate::domain::card::CardEnding;
use crate::domain::channel::Channel;
use crate::domain::due;
use crate::domain::pg::{Field as PgField, Need, NumberHint, Operation, What, number_hint, rules};
use crate::error;
use crate::i18n::Text;
use crate::text;
use crate::vault::{CardLineError, ExpiryCheck, Field, IdentityCheck, Vault, read_card_line};

/// Reads the card from standard input, which must not be a terminal: it would show the digits.
pub(super) fn read(vault: &Arc<Vault>) -> Result<(), Wrong> {
    let wrong = |why| Wrong { field: "card-stdin", why };
    if rustix::termios::isatty(rustix::stdio::stdin()) {
        return Err(wrong(text!("cli.pay.terminal")));
    }
    read_card_line(vault, rustix::stdio::stdin()).map_err(|error| wrong(line(error)))
}

fn line(error: CardLineError) -> Text {
    match error {
        CardLineError::Incomplete => text!("cli.card-line.incomplete"),
        CardLineError::NotAnObject => text!("cli.card-line.not-an-object"),
        CardLineError::UnknownMember => text!("cli.card-line.unknown-member"),
        CardLineError::Twice => text!("cli.card-line.twice"),
        CardLineError::NotDigits => text!("cli.card-line.not-digits"),
        CardLineError::TooLong => text!("cli.card-line.too-long"),
        CardLineError::Unreadable => text!("cli.card-line.unreadable"),
    }
}

/// What may be shown of the card in the vault.
pub(super) fn ending(vault: &Vault) -> Option<CardEnding> {
    let facts = vault.number_facts();
    facts.last4().and_then(|last4| CardEnding::new(facts.prefix(), last4))
}

/// Year and month in Korea, for expiries.
pub(super) fn this_month(now: jiff::Timestamp) -> (u16, u8) {
    let date = due::in_korea(now);
    (date.year().unsigned_abs(), date.month().unsigned_abs())
}

/// Finds what is wrong with the card for the operation that it is sent with, in the month `(year, month)`. Empties
/// what the contract does not ask for: what isn't needed is not sent.
pub(super) fn check(
    vault: &Vault,
    channel: &Channel,
    operation: Operation,
    month: (u16, u8),
    findings: &mut Findings,
) {
    let rules = rules(channel.generation, &channel.pg);
    let need = |field| rules.need(operation, field);
    number(vault, rules.card_digits, findings);
    expiry(vault, month, findings);
    // The contract outranks the PG's table.
    let terms = &channel.terms;
    if asked(vault, Field::Identity, terms.identity.unwrap_or(need(PgField::Identity)), findings) {
        identity(vault, rules.identity_six_only, findings);
    }
    if asked(vault, Field::Pin, terms.pin.unwrap_or(need(PgField::Pin)), findings)
        && vault.len(Field::Pin) != 2
    {
        findings.wrong("pin", text!("cli.card.pin"));
    }
}

const fn names(field: Field) -> (&'static str, PgField) {
    match field {
        Field::Number => ("number", PgField::CardNumber),
        Field::Expiry => ("expiry", PgField::Expiry),
        Field::Identity => ("identity", PgField::Identity),
        Field::Pin => ("pin", PgField::Pin),
    }
}

/// Whether a field holds something that has to be checked.
fn asked(vault: &Vault, field: Field, need: Need, findings: &mut Findings) -> bool {
    let given = vault.len(field) > 0;
    match need {
        Need::Required if !given => {
            let (name, pg) = names(field);
            findings.wrong(name, error::finding(&What::Missing { field: pg }));
            false
        }
        Need::Ignored => {
            vault.clear(field);
            false
        }
        _ => given,
    }
}

fn number(vault: &Vault, stated: Option<(usize, usize)>, findings: &mut Findings) {
    let facts = vault.number_facts();
    // Below twelve digits there is no last four to tell payments apart by.
    match number_hint(facts.prefix(), facts.len, stated) {
        _ if facts.len == 0 => findings.wrong("number", text!("cli.card.no-number")),
        NumberHint::Impossible => findings.wrong("number", text!("cli.card.number-length")),
        _ if facts.last4().is_none() => findings.wrong("number", text!("cli.card.number-length")),
        NumberHint::Unusual => findings.doubtful("number", text!("cli.card.number-unusual")),
        NumberHint::Fine => {}
    }
    // A hint only: domestic cards exist whose last digit is no check digit (PG rules §10).
    if facts.luhn == Some(false) {
        findings.doubtful("number", text!("cli.card.luhn"));
    }
}

fn expiry(vault: &Vault, (year, month): (u16, u8), findings: &mut Findings) {
    match vault.expiry_check(year, month) {
        ExpiryCheck::Incomplete => findings.wrong("expiry", text!("cli.card.expiry")),
        ExpiryCheck::BadMonth => findings.wrong("expiry", text!("cli.card.expiry-month")),
        // A person sees it turned round and can object; a script can't.
        ExpiryCheck::Reversed => findings.wrong("expiry", text!("cli.card.expiry-reversed")),
        ExpiryCheck::Expired => findings.wrong("expiry", text!("cli.card.expired")),
        ExpiryCheck::FarAhead => findings.doubtful("expiry", text!("cli.card.expiry-far")),
        ExpiryCheck::Good => {}
    }
}

fn identity(vault: &Vault, six_only: bool, findings: &mut Findings) {
    match vault.identity_check() {
        IdentityCheck::Incomplete => findings.wrong("identity", text!("cli.card.identity")),
        IdentityCheck::NoSuchDate => findings.wrong("identity", text!("cli.card.identity-date")),
        IdentityCheck::Business(fits) => {
            if !fits {
                findings.doubtful("identity", text!("cli.card.identity-business"));
            }
            if six_only {
                findings.doubtful("identity", text!("cli.card.identity-six"));
            }
        }
        IdentityCheck::Birth => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::channel::{Mode, Terms};
    use crate::domain::pg::{Generation, PgCode};

    fn vault(values: [&str; 4]) -> Arc<Vault> {
        let vault = Vault::new().unwrap();
        for (field, value) in Field::ALL.into_iter().zip(values) {
            for digit in value.bytes() {
                assert!(vault.push(field, digit - b'0'));
            }
        }
        vault
    }

    fn channel(pg: &str, terms: Terms) -> Channel {
        Channel {
            name: "a".to_owned(),
            generation: Generation::V2,
            key: "k".to_owned(),
            pg: PgCode::new(pg),
            merchant_id: None,
            mode: Mode::Test,
            product_type: None,
            terms,
            pg_api_key: None,
        }
    }

    fn found(values: [&str; 4], channel: &Channel) -> (Vec<&'static str>, Vec<&'static str>) {
        let mut findings = Findings::default();
        check(&vault(values), channel, Operation::KeyInCard, (2026, 11), &mut findings);
        let keys = |list: Vec<Wrong>| list.into_iter().map(|wrong| wrong.why.key).collect();
        (keys(findings.wrong), keys(findings.doubtful))
    }

    #[test]
    fn the_month_is_korea_s() {
        assert_eq!(this_month("2026-11-30T15:00:00Z".parse().unwrap()), (2026, 12));
        assert_eq!(this_month("2026-11-30T14:59:59Z".parse().unwrap()), (2026, 11));
        assert_eq!(this_month("2026-12-31T15:00:00Z".parse().unwrap()), (2027, 1));
    }

    /// Sixteen digits that pass the check, one by one, so that no card number stands in this file.
    fn number() -> String {
        format!("94{}7", "0".repeat(13))
    }

    #[test]
    fn each_field_is_refused_for_its_own_reason() {
        let kcp = channel("KCP_V2", Terms::default());
        let number = number();
        let cases: [([&str; 4], &str); 11] = [
            (["", "1129", "880214", "12"], "cli.card.no-number"),
            (["941012345", "1129", "880214", "12"], "cli.card.number-length"),
            (["94101234567", "1129", "880214", "12"], "cli.card.number-length"),
            ([&number, "11", "880214", "12"], "cli.card.expiry"),
            ([&number, "1329", "880214", "12"], "cli.card.expiry-month"),
            ([&number, "2911", "880214", "12"], "cli.card.expiry-reversed"),
            ([&number, "1026", "880214", "12"], "cli.card.expired"),
            ([&number, "1129", "8802", "12"], "cli.card.identity"),
            ([&number, "1129", "881302", "12"], "cli.card.identity-date"),
            ([&number, "1129", "880214", "1"], "cli.card.pin"),
            ([&number, "1129", "880214", ""], "pg.missing"),
        ];
        for (values, key) in cases {
            assert_eq!(found(values, &kcp).0, [key], "{key}");
        }
        assert_eq!(found([&number, "1126", "880214", "12"], &kcp), (vec![], vec![]));
    }

    #[test]
    fn doubts_do_not_stop_a_payment() {
        let kcp = channel("KCP_V2", Terms::default());
        let number = number();
        let wrong_last = format!("{}8", &number[..15]);
        for (values, key) in [
            ([wrong_last.as_str(), "1129", "880214", "12"], "cli.card.luhn"),
            ([&number, "1239", "880214", "12"], "cli.card.expiry-far"),
            ([&number, "1129", "1234567890", "12"], "cli.card.identity-business"),
        ] {
            assert_eq!(found(values, &kcp), (vec![], vec![key]));
        }
    }

    #[test]
    fn the_contract_outranks_the_table_and_what_it_hides_is_not_sent() {
        let terms = Terms { identity: Some(Need::Ignored), pin: Some(Need::Optional), ..Terms::default() };
        let channel = channel("KCP_V2", terms);
        let vault = vault([&number(), "1129", "880214", ""]);
        let mut findings = Findings::default();
        check(&vault, &channel, Operation::KeyInCard, (2026, 11), &mut findings);
        assert!(findings.wrong.is_empty(), "{findings:?}");
        assert_eq!(vault.len(Field::Identity), 0);
    }
}
