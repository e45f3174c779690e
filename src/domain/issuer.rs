//! Card companies and banks: V2 names, V1 codes, and what to call them on the screen. Also which card company
//! a BIN belongs to, learnt from earlier approvals: no source has a BIN table, so there is none here.
//!
//! Both wire lists are open: an unknown code is shown as it is. May not: do IO, see more of a card than its
//! BIN, use anything of this crate outside `domain`.

use super::pg::BankCodeStyle;
use std::sync::LazyLock;

const COMPANIES: &str = include_str!("../../assets/card-companies.tsv");
const BANKS: &str = include_str!("../../assets/banks.tsv");

static COMPANY_TABLE: LazyLock<Vec<CardCompany>> = LazyLock::new(|| rows(COMPANIES).map(company).collect());
static BANK_TABLE: LazyLock<Vec<Bank>> = LazyLock::new(|| rows(BANKS).map(bank).collect());

/// A card company (카드사).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardCompany {
    /// V2 name (`SHINHAN_CARD`; V2 §5.4).
    pub v2: &'static str,
    /// V1 code (`366`; V1 §14), if V1 has it.
    pub v1: Option<&'static str>,
    /// The letters that older V1 answers carry (`VIS`).
    pub v1_older: Option<&'static str>,
    /// Korean name.
    pub ko: &'static str,
    /// English name.
    pub en: &'static str,
}

impl CardCompany {
    /// Whether its cards are issued abroad: both published lists call those 해외 (V2 §5.4, V1 §14).
    pub fn is_foreign(&self) -> bool {
        self.ko.starts_with("해외")
    }
}

/// The card company of a V2 name.
pub fn card_company_of_v2(name: &str) -> Option<&'static CardCompany> {
    COMPANY_TABLE.iter().find(|company| company.v2 == name)
}

/// The card company of a V1 code, the older letters included.
pub fn card_company_of_v1(code: &str) -> Option<&'static CardCompany> {
    COMPANY_TABLE.iter().find(|company| company.v1 == Some(code) || company.v1_older == Some(code))
}

/// Every card company, the domestic ones first.
pub fn card_companies() -> &'static [CardCompany] {
    &COMPANY_TABLE
}

/// A bank, or another house that holds accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bank {
    /// V2 name (`KOOKMIN`; V2 §5.6); absent for a bank that only an old V1 list has.
    pub v2: Option<&'static str>,
    /// The three digits that most V1 gateways use and V1 answers carry (`004`; V1 §14), where stated.
    pub three_digits: Option<&'static str>,
    /// The code of daou (Kiwoom Pay), which has its own list.
    pub own_two_digits: Option<&'static str>,
    /// Korean name.
    pub ko: &'static str,
    /// English name.
    pub en: &'static str,
}

impl Bank {
    /// The code as a V1 gateway writes it; `None` where its list, as far as it is stated, has no such bank.
    pub fn v1_code(&self, style: BankCodeStyle) -> Option<String> {
        match style {
            BankCodeStyle::ThreeDigits => self.three_digits.map(str::to_owned),
            BankCodeStyle::TwoDigits => self.two_digits().map(str::to_owned),
            BankCodeStyle::BkTwoDigits => self.two_digits().map(|digits| format!("BK{digits}")),
            BankCodeStyle::OwnTwoDigits => self.own_two_digits.map(str::to_owned),
        }
    }

    /// KCP and Inicis write the last two of the three digits.
    fn two_digits(&self) -> Option<&'static str> {
        self.three_digits.and_then(|digits| digits.get(1..))
    }
}

/// The bank of a V2 name.
pub fn bank_of_v2(name: &str) -> Option<&'static Bank> {
    BANK_TABLE.iter().find(|bank| bank.v2 == Some(name))
}

/// The bank of a V1 code, as a gateway of that style writes it.
pub fn bank_of_v1(style: BankCodeStyle, code: &str) -> Option<&'static Bank> {
    BANK_TABLE.iter().find(|bank| bank.v1_code(style).as_deref() == Some(code))
}

/// Every bank, in the order in which people look for them.
pub fn banks() -> &'static [Bank] {
    &BANK_TABLE
}

/// The card company that a BIN has always turned out to belong to. `seen` holds BIN (six or eight digits) and
/// card company of earlier approvals. Eight digits that agree outrank six; where approvals disagree nothing
/// is said.
pub fn issuer_hint<'a>(bin: &str, seen: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<&'a str> {
    let mut by_six = Agreement::None;
    let mut by_eight = Agreement::None;
    for (other, issuer) in seen {
        if shared(bin, other) >= 6 {
            by_six.add(issuer);
        }
        if shared(bin, other) >= 8 {
            by_eight.add(issuer);
        }
    }
    match by_eight {
        Agreement::None => by_six.one(),
        Agreement::One(_) | Agreement::Several => by_eight.one(),
    }
}

/// How many leading digits two BINs have in common.
fn shared(one: &str, other: &str) -> usize {
    one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other && one.is_ascii_digit()).count()
}

#[derive(Clone, Copy)]
enum Agreement<'a> {
    None,
    One(&'a str),
    Several,
}

impl<'a> Agreement<'a> {
    fn add(&mut self, issuer: &'a str) {
        *self = match *self {
            Self::None => Self::One(issuer),
            Self::One(first) if first == issuer => Self::One(first),
            Self::One(_) | Self::Several => Self::Several,
        };
    }

    const fn one(self) -> Option<&'a str> {
        match self {
            Self::One(issuer) => Some(issuer),
            Self::None | Self::Several => None,
        }
    }
}

/// The cells of each row; a row with other than five cells is skipped, and a test counts the rows.
fn rows(table: &'static str) -> impl Iterator<Item = [&'static str; 5]> {
    table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let cells: Vec<_> = line.split('\t').collect();
        cells.try_into().ok()
    })
}

fn present(cell: &'static str) -> Option<&'static str> {
    (cell != "-").then_some(cell)
}

fn company([v2, v1, v1_older, ko, en]: [&'static str; 5]) -> CardCompany {
    CardCompany { v2, v1: present(v1), v1_older: present(v1_older), ko, en }
}

fn bank([v2, three_digits, own_two_digits, ko, en]: [&'static str; 5]) -> Bank {
    Bank {
        v2: present(v2),
        three_digits: present(three_digits),
        own_two_digits: present(own_two_digits),
        ko,
        en,
    }
}

#[cfg(test)]
mod tests {
    use super::super::pg::spec;
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn style_of(group: &str) -> BankCodeStyle {
        match group {
            "kcp" => BankCodeStyle::BkTwoDigits,
            "inicis" => BankCodeStyle::TwoDigits,
            "daou" => BankCodeStyle::OwnTwoDigits,
            _ => BankCodeStyle::ThreeDigits,
        }
    }

    #[test]
    fn no_row_is_lost_and_no_code_is_twice() {
        let written = |table: &str| table.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(card_companies().len(), written(COMPANIES));
        assert_eq!(banks().len(), written(BANKS));
        let distinct = |codes: Vec<&str>| codes.iter().collect::<BTreeSet<_>>().len() == codes.len();
        assert!(distinct(card_companies().iter().map(|company| company.v2).collect()));
        assert!(distinct(card_companies().iter().filter_map(|company| company.v1).collect()));
        assert!(distinct(banks().iter().filter_map(|bank| bank.v2).collect()));
        assert!(distinct(banks().iter().filter_map(|bank| bank.three_digits).collect()));
        assert!(distinct(banks().iter().filter_map(|bank| bank.own_two_digits).collect()));
    }

    #[test]
    fn both_generations_name_the_same_company() {
        let shinhan = card_company_of_v1("366").unwrap();
        assert_eq!((shinhan.v2, shinhan.ko, shinhan.en), ("SHINHAN_CARD", "신한카드", "Shinhan Card"));
        assert_eq!(card_company_of_v2("SHINHAN_CARD"), Some(shinhan));
        assert_eq!(card_company_of_v1("VIS"), card_company_of_v2("VISA_CARD"));
        assert_eq!(card_company_of_v1("41"), None);
        assert_eq!(card_company_of_v2("shinhan_card"), None);
    }

    #[test]
    fn banks_are_written_as_each_gateway_writes_them() {
        let kookmin = bank_of_v2("KOOKMIN").unwrap();
        assert_eq!(kookmin.v1_code(BankCodeStyle::ThreeDigits).as_deref(), Some("004"));
        assert_eq!(kookmin.v1_code(BankCodeStyle::TwoDigits).as_deref(), Some("04"));
        assert_eq!(kookmin.v1_code(BankCodeStyle::BkTwoDigits).as_deref(), Some("BK04"));
        // Daou's 11 is not NongHyup as everywhere else.
        assert_eq!(bank_of_v1(BankCodeStyle::OwnTwoDigits, "11"), bank_of_v2("STANDARD_CHARTERED"));
        assert_eq!(bank_of_v1(BankCodeStyle::TwoDigits, "11"), bank_of_v2("NONGHYUP"));
        assert_eq!(bank_of_v2("JEJU").unwrap().v1_code(BankCodeStyle::ThreeDigits), None);
    }

    #[test]
    fn the_published_lists_are_ours() {
        if let Some(cards) = spec("card-codes.tsv") {
            let theirs: BTreeSet<_> =
                cards.lines().skip(1).filter_map(|line| line.split('\t').next()).collect();
            let ours: BTreeSet<_> = card_companies().iter().filter_map(|company| company.v1).collect();
            assert_eq!(ours, theirs);
            for line in cards.lines().skip(1) {
                let cells: Vec<_> = line.split('\t').collect();
                let foreign = card_company_of_v1(cells[0]).unwrap().is_foreign();
                assert_eq!(foreign, cells[3] == "foreign", "{line}");
            }
        }
        if let Some(codes) = spec("bank-codes.tsv") {
            let mut seen = BTreeSet::new();
            let mut by_name = BTreeMap::new();
            for line in codes.lines().skip(1) {
                let cells: Vec<_> = line.split('\t').collect();
                let bank = bank_of_v1(style_of(cells[0]), cells[2]).unwrap_or_else(|| panic!("{line}"));
                // Whatever the list, one name must come out as one bank, and two names as two.
                assert_eq!(*by_name.entry(cells[4]).or_insert(bank.en), bank.en, "{line}");
                seen.insert((format!("{:?}", style_of(cells[0])), cells[2]));
            }
            assert!(seen.len() > 70, "the list was not read");
            assert_eq!(by_name.values().collect::<BTreeSet<_>>().len(), by_name.len());
            for bank in banks() {
                for style in
                    [BankCodeStyle::BkTwoDigits, BankCodeStyle::ThreeDigits, BankCodeStyle::OwnTwoDigits]
                {
                    if let Some(code) = bank.v1_code(style) {
                        assert!(
                            seen.contains(&(format!("{style:?}"), code.as_str())),
                            "{} is ours alone",
                            bank.en
                        );
                    }
                }
            }
        }
        if let Some(schema) = spec("openapi-v2-strict.json") {
            let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
            let theirs: BTreeSet<_> = schema["components"]["schemas"]["Bank"]["enum"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(serde_json::Value::as_str)
                .collect();
            let ours: BTreeSet<_> = banks().iter().filter_map(|bank| bank.v2).collect();
            assert_eq!(ours, theirs);
        }
        if let Some(reference) = spec("v2-api.md") {
            for company in card_companies() {
                assert!(reference.contains(&format!("`{}`", company.v2)), "{} is ours alone", company.v2);
            }
        }
    }

    #[test]
    fn a_hint_is_what_approvals_agree_on() {
        let seen = [("941111", "BC_CARD"), ("94111122", "BC_CARD"), ("400011", "SHINHAN_CARD")];
        assert_eq!(issuer_hint("941111", seen), Some("BC_CARD"));
        assert_eq!(issuer_hint("40001199", seen), Some("SHINHAN_CARD"));
        assert_eq!(issuer_hint("40001", seen), None);
        assert_eq!(issuer_hint("512345", seen), None);
        let split = [("40001111", "SHINHAN_CARD"), ("40001122", "BC_CARD")];
        assert_eq!(issuer_hint("400011", split), None, "six digits disagree");
        assert_eq!(issuer_hint("40001122", split), Some("BC_CARD"), "eight do not");
        let wrong = [("40001122", "A"), ("40001122", "B")];
        assert_eq!(issuer_hint("40001122", wrong), None);
    }

    proptest! {
        #[test]
        fn a_hint_is_always_something_seen_with_that_bin(
            bin in "[0-3]{6,8}",
            seen in proptest::collection::vec(("[0-3]{6,8}", "[AB]"), 0..20),
        ) {
            let pairs = || seen.iter().map(|(bin, issuer)| (bin.as_str(), issuer.as_str()));
            if let Some(issuer) = issuer_hint(&bin, pairs()) {
                prop_assert!(pairs().any(|(other, name)| name == issuer && other[..6] == bin[..6]));
            }
        }
    }
}
