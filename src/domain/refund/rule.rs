//! The rules of refunds as they stand in `assets/refund-rules.toml`: read once, refused as a whole when a key is
//! one that nobody would read. Decides nothing.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::domain::pg::{
    CancelRule, CancelWindow, Generation, PartialCancel, PgCode, Severity, rules as pg_rules,
};
use crate::domain::record::Method;

const FILE: &str = include_str!("../../../assets/refund-rules.toml");

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the file is part of the binary, and a test parses it")]
    parse(FILE).expect("the embedded refund rules parse")
});

/// Every rule, in the order of the file.
pub fn rules() -> &'static [Rule] {
    &RULES
}

/// What a rule looks at. Explained where it is done, in [`mod@super::feasible`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is explained at the place that does it")]
pub enum Check {
    Always,
    AmountZero,
    AmountCurrency,
    ReasonEmpty,
    AccountUnpaid,
    Unpaid,
    Cancelled,
    BalanceUnknown,
    OverBalance,
    OpenExceeds,
    OpenWaits,
    TaxFreeOverAmount,
    TaxPartsOverAmount,
    TaxFreeOverLeft,
    TaxableOverLeft,
    TaxFreeOmitted,
    TaxFreeUntold,
    TaxFreeGiven,
    VatOmitted,
    Older,
    LaterMonth,
    LaterMonthWithoutAccount,
    LaterMonthWithAccount,
    PartialsUsedUp,
    PartialsUsedUpButRest,
    PartialsUntold,
    CardPrepaid,
    CardForeign,
    CardCorporate,
    PointsOfOthers,
    PointsOfUnknown,
    Escrow,
    TestWithoutPartials,
    Test,
    TestReversed,
    AccountMissing,
    AccountWithoutPhone,
    AccountGiven,
    WithinHours,
    RequesterMissing,
    Discounted,
    ReceiptIssued,
    InDollars,
}

impl Check {
    /// Whether it is about what was typed or where the payment stands: the others only make sense of money
    /// that can be given back.
    pub const fn comes_first(self) -> bool {
        matches!(
            self,
            Self::AmountZero
                | Self::AmountCurrency
                | Self::ReasonEmpty
                | Self::AccountUnpaid
                | Self::Unpaid
                | Self::Cancelled
                | Self::BalanceUnknown
        )
    }
}

/// A fact of a PG's table that a rule selects PGs by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Fact {
    PartialNeedsContract,
    PartialNeedsApplication,
    MaxPartials,
    SixMonths,
    Kakaopay,
    Naverpay,
    Paypal,
    TaxFreeNotDefaulted,
    TaxFreeInPartial,
    VatIfSet,
    Requester,
    RefundAccountAll,
    HolderPhone,
    AsynchronousRefund,
}

impl Fact {
    fn is_of(self, table: &CancelRule) -> bool {
        match self {
            Self::PartialNeedsContract => table.partial == Some(PartialCancel::NeedsContract),
            Self::PartialNeedsApplication => table.partial == Some(PartialCancel::NeedsApplication),
            Self::MaxPartials => table.max_partials.is_some(),
            Self::SixMonths => table.window == Some(CancelWindow::SixMonths),
            Self::Kakaopay => table.window == Some(CancelWindow::Kakaopay),
            Self::Naverpay => table.window == Some(CancelWindow::Naverpay),
            Self::Paypal => table.window == Some(CancelWindow::Paypal),
            Self::TaxFreeNotDefaulted => table.tax_free_not_defaulted,
            Self::TaxFreeInPartial => table.tax_free_in_partial,
            Self::VatIfSet => table.vat_if_set,
            Self::Requester => table.requester,
            Self::RefundAccountAll => table.refund_account_all,
            Self::HolderPhone => table.holder_phone,
            Self::AsynchronousRefund => table.asynchronous_refund,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RawSeverity {
    Block,
    Warn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RawGeneration {
    V1,
    V2,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    rule: Vec<RawRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    id: String,
    severity: RawSeverity,
    source: String,
    check: Check,
    generation: Option<RawGeneration>,
    #[serde(default)]
    methods: Vec<String>,
    #[serde(default)]
    pg: Vec<String>,
    #[serde(default)]
    facts: Vec<Fact>,
    #[serde(default)]
    not_pg: Vec<String>,
    #[serde(default)]
    not_facts: Vec<Fact>,
    #[serde(default)]
    part: bool,
    days: Option<i32>,
    months: Option<i32>,
    years: Option<i32>,
    not_after_years: Option<i32>,
    hours: Option<[i8; 2]>,
    #[serde(default)]
    issuers: Vec<String>,
}

/// An age: so many days, months or years after the day of the payment, that day included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Age {
    /// Days.
    pub days: i32,
    /// Calendar months.
    pub months: i32,
    /// Years.
    pub years: i32,
}

/// One rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name.
    pub id: String,
    /// Whether it stops the refund.
    pub severity: Severity,
    /// Where its fact stands.
    pub source: String,
    /// What it looks at.
    pub check: Check,
    /// Only a refund of less than the whole payment.
    pub part: bool,
    /// The age that [`Check::Older`] compares.
    pub age: Age,
    /// Beyond this age another rule speaks.
    pub not_after: Option<Age>,
    /// The hours of [`Check::WithinHours`], Korea time, over midnight.
    pub hours: Option<[i8; 2]>,
    /// The card companies of [`Check::PointsOfOthers`], as words in their names.
    pub issuers: Vec<String>,
    key: String,
    generation: Option<Generation>,
    methods: Vec<Method>,
    pg: Vec<PgCode>,
    facts: Vec<Fact>,
    not_pg: Vec<PgCode>,
    not_facts: Vec<Fact>,
}

impl Rule {
    /// The catalogue's key of its sentence.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Whether it is about payments of this kind.
    pub fn is_about(&self, generation: Generation, pg: &PgCode, method: Method) -> bool {
        let table = &pg_rules(generation, pg).cancel;
        let has = |facts: &[Fact]| facts.iter().any(|fact| fact.is_of(table));
        let anywhere = self.pg.is_empty() && self.facts.is_empty();
        self.generation.is_none_or(|own| own == generation)
            && (self.methods.is_empty() || self.methods.contains(&method))
            && (anywhere || self.pg.contains(pg) || has(&self.facts))
            && !self.not_pg.contains(pg)
            && !has(&self.not_facts)
    }
}

fn parse(file: &str) -> Result<Vec<Rule>, String> {
    let file: RawFile = toml::from_str(file).map_err(|error| error.to_string())?;
    file.rule.into_iter().map(RawRule::build).collect()
}

impl RawRule {
    fn build(self) -> Result<Rule, String> {
        let method =
            |word: &String| Method::parse(word).ok_or_else(|| format!("{}: no method {word}", self.id));
        let methods = self.methods.iter().map(method).collect::<Result<_, _>>()?;
        let age = Age {
            days: self.days.unwrap_or(0),
            months: self.months.unwrap_or(0),
            years: self.years.unwrap_or(0),
        };
        if (self.check == Check::Older) != (age != Age::default()) {
            return Err(format!("{}: an age goes with \"older\" and \"older\" with an age", self.id));
        }
        if (self.check == Check::WithinHours) != self.hours.is_some() {
            return Err(format!("{}: hours go with \"within_hours\"", self.id));
        }
        let codes = |codes: Vec<String>| codes.into_iter().map(PgCode::new).collect();
        Ok(Rule {
            key: format!("refund.rule.{}", self.id),
            severity: match self.severity {
                RawSeverity::Block => Severity::Blocks,
                RawSeverity::Warn => Severity::Warns,
            },
            source: self.source,
            check: self.check,
            part: self.part,
            age,
            not_after: self.not_after_years.map(|years| Age { years, ..Age::default() }),
            hours: self.hours,
            issuers: self.issuers,
            generation: self.generation.map(|generation| match generation {
                RawGeneration::V1 => Generation::V1,
                RawGeneration::V2 => Generation::V2,
            }),
            methods,
            pg: codes(self.pg),
            facts: self.facts,
            not_pg: codes(self.not_pg),
            not_facts: self.not_facts,
            id: self.id,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_rule_is_named_once_and_says_its_source() {
        let ids: BTreeSet<&str> = rules().iter().map(|rule| rule.id.as_str()).collect();
        assert_eq!(ids.len(), rules().len());
        for rule in rules() {
            let named =
                ["V2 §", "V1 §", "PG §", "PG table"].iter().any(|start| rule.source.starts_with(start));
            assert!(named, "{}: {}", rule.id, rule.source);
        }
    }

    #[test]
    fn every_pg_that_a_rule_names_is_in_the_table() {
        for rule in rules() {
            for pg in rule.pg.iter().chain(&rule.not_pg) {
                let known = [Generation::V1, Generation::V2].map(|generation| pg_rules(generation, pg).known);
                assert!(known.contains(&true), "{}: {pg}", rule.id);
            }
        }
    }

    #[test]
    fn what_nobody_would_read_is_refused() {
        let rule = |more: &str| {
            parse(&format!("[[rule]]\nid = \"a\"\nseverity = \"warn\"\nsource = \"V2 §1\"\n{more}"))
        };
        assert!(rule("check = \"always\"").is_ok());
        for wrong in [
            "check = \"nothing\"",
            "check = \"always\"\ncolour = \"red\"",
            "check = \"older\"",
            "check = \"always\"\ndays = 3",
            "check = \"within_hours\"",
            "check = \"always\"\nmethods = [\"cash\"]",
            "check = \"always\"\nfacts = [\"unheard_of\"]",
        ] {
            assert!(rule(wrong).is_err(), "{wrong}");
        }
    }
}
