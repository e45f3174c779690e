//! Which bank was meant: its name on the wire, its code, or what people call it.

use crate::domain::issuer::{Bank, bank_of_v1, bank_of_v2, banks};
use crate::domain::pg::{BankCodeStyle, Generation, PgRules};

/// Why no bank was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) enum NoBank {
    /// No bank is called so.
    Unknown,
    /// Several are.
    Several(Vec<&'static Bank>),
}

/// How this PG writes the codes of banks (V1 §14: most write three digits).
fn style(rules: &PgRules) -> BankCodeStyle {
    rules.virtual_account.bank_codes.unwrap_or(BankCodeStyle::ThreeDigits)
}

/// Whether the channel can name a bank at all, and the PG's list, where one is stated, has it.
pub(super) fn is_offered(rules: &PgRules, bank: &Bank) -> bool {
    let name = match rules.generation {
        Generation::V1 => bank.v1_code(style(rules)),
        Generation::V2 => bank.v2.map(str::to_owned),
    };
    let listed = rules.virtual_account.banks.as_ref();
    name.is_some_and(|name| listed.is_none_or(|banks| banks.contains(&name)))
}

/// The banks that the channel takes, in the order of our table.
pub(super) fn offered(rules: &PgRules) -> impl Iterator<Item = &'static Bank> {
    banks().iter().filter(|bank| is_offered(rules, bank))
}

/// Finds a bank by what was typed: this PG's own code, the name on the wire, the three digits that everybody
/// knows (two of them will do), or its Korean or English name or the beginning of one.
pub(in crate::cli) fn named(rules: &PgRules, typed: &str) -> Result<&'static Bank, NoBank> {
    let typed = typed.trim();
    let upper = typed.to_ascii_uppercase();
    let own = style(rules);
    let is_number = !typed.is_empty() && typed.bytes().all(|byte| byte.is_ascii_digit());
    // Only where the PG's own two digits are not something else.
    let three = (is_number && (typed.len() == 3 || own != BankCodeStyle::OwnTwoDigits))
        .then(|| format!("{typed:0>3}"));
    let by_code = (rules.generation == Generation::V1).then(|| bank_of_v1(own, &upper)).flatten();
    let exact = by_code
        .or_else(|| bank_of_v2(&upper))
        .or_else(|| bank_of_v1(BankCodeStyle::ThreeDigits, three.as_deref()?))
        .or_else(|| banks().iter().find(|bank| bank.ko == typed || bank.en.eq_ignore_ascii_case(typed)));
    if let Some(bank) = exact {
        return Ok(bank);
    }
    // A number or a single letter is no beginning of a name.
    if is_number || typed.chars().count() < 2 {
        return Err(NoBank::Unknown);
    }
    let wanted = typed.to_lowercase();
    let begins = |bank: &Bank| {
        // 국민 for KB국민은행: what people say leaves the Latin letters out.
        let said = bank.ko.trim_start_matches(|ch: char| ch.is_ascii_alphabetic());
        [bank.ko, said, bank.en].iter().any(|name| name.to_lowercase().starts_with(&wanted))
    };
    let fitting: Vec<&'static Bank> = banks().iter().filter(|bank| begins(bank)).collect();
    let on_offer: Vec<&'static Bank> =
        fitting.iter().copied().filter(|bank| is_offered(rules, bank)).collect();
    match (&on_offer[..], &fitting[..]) {
        ([one], _) | ([], [one]) => Ok(one),
        ([], []) => Err(NoBank::Unknown),
        ([], several) | (several, _) => Err(NoBank::Several(several.to_vec())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::pg::{PgCode, rules};

    fn found(generation: Generation, pg: &str, typed: &str) -> Result<&'static str, NoBank> {
        named(rules(generation, &PgCode::new(pg)), typed).map(|bank| bank.en)
    }

    #[test]
    fn a_bank_is_found_by_everything_it_is_called() {
        for typed in ["SHINHAN", "shinhan", "088", "88", "신한은행", "신한", "Shinhan Bank", "Shinhan"]
        {
            assert_eq!(found(Generation::V2, "KCP_V2", typed), Ok("Shinhan Bank"), "{typed}");
        }
        for typed in ["국민", "KB국민은행", "kb국민", "KOOKMIN", "004", "4"] {
            assert_eq!(found(Generation::V2, "KCP_V2", typed), Ok("KB Kookmin Bank"), "{typed}");
        }
        for typed in ["", " ", "신", "없는은행", "999", "9999", "1"] {
            assert_eq!(found(Generation::V2, "KCP_V2", typed), Err(NoBank::Unknown), "{typed:?}");
        }
    }

    #[test]
    fn a_pg_s_own_code_outranks_the_common_one() {
        assert_eq!(found(Generation::V1, "kcp", "BK04"), Ok("KB Kookmin Bank"));
        assert_eq!(found(Generation::V1, "html5_inicis", "11"), Ok("NH NongHyup Bank"));
        assert_eq!(found(Generation::V1, "daou", "11"), Ok("SC First Bank"));
        assert_eq!(found(Generation::V1, "daou", "011"), Ok("NH NongHyup Bank"));
    }

    #[test]
    fn several_banks_of_a_name_are_told_and_the_list_decides_where_it_can() {
        let several = found(Generation::V2, "INICIS_V2", "한국");
        assert!(matches!(&several, Err(NoBank::Several(banks)) if banks.len() > 1), "{several:?}");
        // Of the two only one is on KCP's list.
        assert_eq!(found(Generation::V2, "KCP_V2", "수협"), Ok("Suhyup Bank"));
    }

    #[test]
    fn what_is_offered_is_the_pg_s_list_in_its_own_writing() {
        let of = |generation, pg: &str| offered(rules(generation, &PgCode::new(pg))).count();
        assert_eq!(of(Generation::V2, "KCP_V2"), 13);
        assert_eq!(of(Generation::V1, "nice_v2"), 12);
        assert_eq!(of(Generation::V1, "daou"), 10);
        // Where no list is stated, every bank that has a name there.
        assert_eq!(of(Generation::V2, "INICIS_V2"), banks().iter().filter(|b| b.v2.is_some()).count());
    }
}
