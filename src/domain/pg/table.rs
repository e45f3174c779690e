//! Reads the embedded rules tables once. Nothing here decides anything: it turns the file into
//! [`PgRules`](super::PgRules) and refuses keys that nobody would read.

use super::{
    About, CancelRule, CustomerRule, Field, Generation, InstallmentRule, Means, Need, Offer, Operation,
    OrderNameRule, PaymentIdRule, PgCode, PgRules, Support, TaxRule, TestMoney, VirtualAccountRule, Warning,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

const RULES_V1: &str = include_str!("../../../assets/pg-rules-v1.toml");
const RULES_V2: &str = include_str!("../../../assets/pg-rules.toml");
const WARNINGS: &str = include_str!("../../../assets/pg-warnings.toml");

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the files are part of the binary, and a test parses them")]
    Table::parse(RULES_V1, RULES_V2, WARNINGS).expect("the embedded rules parse")
});

/// The rules of one gateway. A code that the table does not have gets tolerant defaults with
/// [`PgRules::known`] false.
pub fn rules(generation: Generation, pg: &PgCode) -> &'static PgRules {
    TABLE.rules(generation, pg.as_str())
}

/// The hard text limits of the V1 API.
pub fn v1_limits() -> &'static V1Limits {
    &TABLE.v1_limits
}

/// Hard text limits of the V1 API, in characters (V1 §4.1, §4.3; the unit is not stated there).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct V1Limits {
    /// `merchant_uid`.
    pub payment_id: usize,
    /// `name`.
    pub order_name: usize,
    /// `buyer_name`.
    pub buyer_name: usize,
    /// `buyer_tel`.
    pub buyer_phone: usize,
    /// `buyer_email`.
    pub buyer_email: usize,
    /// `customer_uid`.
    pub customer_key: usize,
    /// `customer_name`, of a key being issued.
    pub customer_name: usize,
    /// `customer_tel`, of a key being issued.
    pub customer_phone: usize,
    /// `customer_email`, of a key being issued.
    pub customer_email: usize,
    /// `vbank_holder`.
    pub account_holder: usize,
}

/// A fact that may differ per operation, with one for the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PerOperation {
    key_in_card: Option<Support>,
    charge_key: Option<Support>,
    schedule: Option<Support>,
    otherwise: Support,
}

impl PerOperation {
    /// The fact for one operation; without a card charge there is none.
    pub fn of(self, operation: Operation) -> Support {
        match operation {
            Operation::KeyInCard => self.key_in_card,
            Operation::ChargeKey => self.charge_key,
            Operation::Schedule => self.schedule,
            Operation::KeyInVirtualAccount | Operation::IssueKey => return Support::Unstated,
        }
        .unwrap_or(self.otherwise)
    }
}

pub(super) struct Table {
    v1: BTreeMap<String, PgRules>,
    v2: BTreeMap<String, PgRules>,
    unknown_v1: PgRules,
    unknown_v2: PgRules,
    v1_limits: V1Limits,
}

impl Table {
    pub(super) fn parse(v1: &str, v2: &str, warnings: &str) -> Result<Self, String> {
        let v1: RawV1 = toml::from_str(v1).map_err(|error| error.to_string())?;
        let v2: RawV2 = toml::from_str(v2).map_err(|error| error.to_string())?;
        let texts: Texts = toml::from_str(warnings).map_err(|error| error.to_string())?;
        let build = |generation, entries: &BTreeMap<String, RawPg>| {
            entries
                .iter()
                .map(|(code, entry)| Ok((code.clone(), entry.build(generation, &v2.defaults, &texts)?)))
                .collect::<Result<BTreeMap<_, _>, String>>()
        };
        Ok(Self {
            v1: build(Generation::V1, &v1.pg)?,
            v2: build(Generation::V2, &v2.pg)?,
            unknown_v1: RawPg::default().unknown(Generation::V1, &v2.defaults, &texts)?,
            unknown_v2: RawPg::default().unknown(Generation::V2, &v2.defaults, &texts)?,
            v1_limits: v1.limits,
        })
    }

    fn rules(&self, generation: Generation, code: &str) -> &PgRules {
        let (entries, unknown) = match generation {
            Generation::V1 => (&self.v1, &self.unknown_v1),
            Generation::V2 => (&self.v2, &self.unknown_v2),
        };
        entries.get(code).unwrap_or(unknown)
    }
}

/// Every code that the table has, of one generation.
pub fn known(generation: Generation) -> Vec<PgCode> {
    let entries = match generation {
        Generation::V1 => &TABLE.v1,
        Generation::V2 => &TABLE.v2,
    };
    entries.keys().map(PgCode::new).collect()
}

/// Ids of the sentences in the file, for tests that look for unused ones.
#[cfg(test)]
pub(super) fn text_ids() -> Vec<String> {
    toml::from_str::<Texts>(WARNINGS).unwrap().into_keys().collect()
}

type Texts = BTreeMap<String, RawText>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawV1 {
    limits: V1Limits,
    pg: BTreeMap<String, RawPg>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawV2 {
    defaults: RawDefaults,
    pg: BTreeMap<String, RawPg>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDefaults {
    credentials: Vec<Field>,
    installment_min_krw: i64,
    warn: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawText {
    on: Vec<RawAbout>,
    ko: String,
    en: String,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum RawAbout {
    KeyInCard,
    KeyInVirtualAccount,
    IssueKey,
    ChargeKey,
    Schedule,
    Cancel,
    DeleteKey,
    Test,
    Setup,
}

impl RawAbout {
    const fn about(self) -> About {
        match self {
            Self::KeyInCard => About::Operation(Operation::KeyInCard),
            Self::KeyInVirtualAccount => About::Operation(Operation::KeyInVirtualAccount),
            Self::IssueKey => About::Operation(Operation::IssueKey),
            Self::ChargeKey => About::Operation(Operation::ChargeKey),
            Self::Schedule => About::Operation(Operation::Schedule),
            Self::Cancel => About::Cancel,
            Self::DeleteKey => About::DeleteKey,
            Self::Test => About::TestMode,
            Self::Setup => About::Setup,
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawNeed {
    required: Vec<Field>,
    optional: Vec<Field>,
    ignored: Vec<Field>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(deny_unknown_fields)]
struct RawRange {
    min: usize,
    max: usize,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "the shape of the file")]
struct RawPg {
    ko: String,
    en: String,
    window_only: bool,
    offered: Vec<Operation>,
    disputed: Vec<Operation>,
    ruled_out: Vec<Operation>,
    contract: Vec<Operation>,
    currencies: Vec<String>,
    key_currencies: Vec<String>,
    currencies_excluded: Vec<String>,
    currency_from_merchant_id: bool,
    min_krw: BTreeMap<Means, i64>,
    test_min_krw: BTreeMap<Means, i64>,
    max_krw: BTreeMap<Means, i64>,
    payment_id: PaymentIdRule,
    order_name: OrderNameRule,
    customer: CustomerRule,
    euc_kr: bool,
    card_digits: Option<RawRange>,
    identity_six_only: bool,
    installments: InstallmentRule,
    interest_free: PerOperation,
    card_point: PerOperation,
    tax: TaxRule,
    virtual_account: VirtualAccountRule,
    cancel: CancelRule,
    schedule_with_card: Option<bool>,
    schedule_move: Option<bool>,
    test_money: TestMoney,
    test_reversal: Option<String>,
    test_partial_cancel: Option<bool>,
    need: BTreeMap<Operation, RawNeed>,
    warn: Vec<String>,
}

impl RawPg {
    fn build(
        &self,
        generation: Generation,
        defaults: &RawDefaults,
        texts: &Texts,
    ) -> Result<PgRules, String> {
        let mut offers = BTreeMap::new();
        for (list, offer) in [
            (&self.offered, Offer::Offered),
            (&self.disputed, Offer::Disputed),
            (&self.ruled_out, Offer::RuledOut),
        ] {
            for operation in list {
                if offers.insert(*operation, offer).is_some() {
                    return Err(format!("{}: {operation:?} is in two lists", self.en));
                }
            }
        }
        let mut needs = BTreeMap::new();
        for operation in Operation::ALL.into_iter().filter(|operation| operation.takes_card()) {
            for field in &defaults.credentials {
                needs.insert((operation, *field), Need::Required);
            }
        }
        for (operation, need) in &self.need {
            for (list, need) in [
                (&need.required, Need::Required),
                (&need.optional, Need::Optional),
                (&need.ignored, Need::Ignored),
            ] {
                needs.extend(list.iter().map(|field| ((*operation, *field), need)));
            }
        }
        let warnings = defaults
            .warn
            .iter()
            .chain(&self.warn)
            .map(|id| {
                let text = texts.get(id).ok_or_else(|| format!("{}: no sentence {id}", self.en))?;
                Ok(Warning {
                    id: id.clone(),
                    ko: text.ko.clone(),
                    en: text.en.clone(),
                    about: text.on.iter().map(|on| on.about()).collect(),
                })
            })
            .collect::<Result<_, String>>()?;
        Ok(PgRules {
            generation,
            known: true,
            name_ko: self.ko.clone(),
            name_en: self.en.clone(),
            window_only: self.window_only,
            currencies: self.currencies.clone(),
            key_currencies: self.key_currencies.clone(),
            currencies_excluded: self.currencies_excluded.clone(),
            currency_from_merchant_id: self.currency_from_merchant_id,
            min_krw: self.min_krw.clone(),
            test_min_krw: self.test_min_krw.clone(),
            max_krw: self.max_krw.clone(),
            payment_id: self.payment_id,
            order_name: self.order_name.clone(),
            customer: self.customer.clone(),
            euc_kr: self.euc_kr,
            card_digits: self.card_digits.map(|range| (range.min, range.max)),
            identity_six_only: self.identity_six_only,
            installments: self.installments.clone(),
            installment_min_krw: defaults.installment_min_krw,
            tax: self.tax,
            virtual_account: self.virtual_account.clone(),
            cancel: self.cancel,
            schedule_with_card: self.schedule_with_card.unwrap_or(generation == Generation::V1),
            schedule_move: self.schedule_move.unwrap_or(generation == Generation::V1),
            test_money: self.test_money,
            test_reversal: self.test_reversal.clone(),
            test_partial_cancel: self.test_partial_cancel.unwrap_or(true),
            offers,
            needs,
            contract: self.contract.clone(),
            interest_free: self.interest_free,
            card_point: self.card_point,
            warnings,
        })
    }

    /// What is assumed of a gateway that is not in the table: nothing beyond what the API itself requires.
    fn unknown(
        &self,
        generation: Generation,
        defaults: &RawDefaults,
        texts: &Texts,
    ) -> Result<PgRules, String> {
        let mut rules = self.build(generation, defaults, texts)?;
        rules.known = false;
        rules.needs.retain(|(_, field), _| matches!(field, Field::CardNumber | Field::Expiry));
        Ok(rules)
    }
}
