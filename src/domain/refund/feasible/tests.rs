//! The cases of `tests/data/refund-cases.toml`, and what holds of every refund.

use std::collections::BTreeSet;

use jiff::civil::DateTime;
use jiff::tz::{TimeZone, offset};
use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::domain::issuer::bank_of_v2;
use crate::domain::payment::{ProviderPayment, Refusal};
use crate::domain::record::{CardTraits, Method};
use crate::domain::text::SafeText;

const CASES: &str = include_str!("../../../../tests/data/refund-cases.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    case: Vec<Example>,
}

/// One case: the payment, the refund that is asked for, and the rules that it meets.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Example {
    name: String,
    generation: Option<String>,
    pg: Option<String>,
    method: Option<String>,
    state: Option<String>,
    total: Option<u64>,
    currency: Option<String>,
    uncounted: bool,
    cancelled: Option<u64>,
    cancelled_tax_free: Option<u64>,
    /// So many cancellations of 100 that were done.
    partials: u64,
    /// So many that failed.
    failed: u64,
    /// One that is under way, of this amount.
    open: Option<u64>,
    /// One in a state that nobody knows, of this amount.
    unknown_open: Option<u64>,
    paid: Option<String>,
    now: Option<String>,
    tax_free: Option<u64>,
    vat: Option<u64>,
    discounted: bool,
    points: Option<bool>,
    issuer: Option<String>,
    escrow: bool,
    receipt: Option<String>,
    test: Option<bool>,
    amount: Option<u64>,
    asked_currency: Option<String>,
    ask_tax_free: Option<u64>,
    ask_vat: Option<u64>,
    reason: Option<String>,
    requester: Option<String>,
    /// `full` or `no_phone`.
    account: Option<String>,
    prepaid: Option<bool>,
    foreign: Option<bool>,
    corporate: Option<bool>,
    finds: BTreeSet<String>,
}

fn examples() -> Vec<Example> {
    toml::from_str::<File>(CASES).expect("the cases are readable").case
}

fn korea(text: &str) -> Timestamp {
    let moment: DateTime = text.parse().unwrap_or_else(|_| panic!("{text} is no moment"));
    moment.to_zoned(TimeZone::fixed(offset(9))).unwrap().timestamp()
}

impl Example {
    fn is_v1(&self) -> bool {
        match self.generation.as_deref() {
            Some("v1") => true,
            None | Some("v2") => false,
            Some(other) => panic!("{}: no generation {other}", self.name),
        }
    }

    fn money(&self, minor: u64) -> Money {
        Money::new(minor, currency(self.currency.as_ref())).unwrap()
    }

    fn cancellations(&self) -> Vec<Cancellation> {
        let one = |state: CancellationState, amount: u64| Cancellation {
            state,
            reason: SafeText::new("이전 취소"),
            ..Cancellation::bare(self.money(amount))
        };
        let done = (0..self.partials).map(|_| one(CancellationState::Succeeded, 100));
        let failed = (0..self.failed).map(|_| one(CancellationState::Failed(Refusal::default()), 100));
        let open = self.open.map(|amount| one(CancellationState::Requested, amount));
        let other = |amount| one(CancellationState::Other(SafeText::new("NEW")), amount);
        done.chain(failed).chain(open).chain(self.unknown_open.map(other)).collect()
    }

    fn payment(&self) -> PaymentRecord {
        let state = match self.state.as_deref().unwrap_or("paid") {
            "paid" => PaymentState::Paid,
            "partial" => PaymentState::PartialCancelled,
            "cancelled" => PaymentState::Cancelled,
            "issued" => PaymentState::VirtualAccountIssued,
            "ready" => PaymentState::Ready,
            "pending" => PaymentState::Pending,
            "failed" => PaymentState::Failed,
            other => PaymentState::Other(SafeText::new(other)),
        };
        let method = self.method.as_deref().unwrap_or("card");
        // V2 always tells the tax-free part, V1 never does.
        let told = |minor: Option<u64>| minor.or((!self.is_v1()).then_some(0)).map(|minor| self.money(minor));
        let cancelled = self.cancelled.or((self.partials > 0).then_some(self.partials * 100));
        let total = (!self.uncounted).then(|| self.money(self.total.unwrap_or(10_000)));
        let receipt =
            self.receipt.as_deref().map(|word| ReceiptState::parse(word).expect("a receipt's state"));
        let bare = PaymentRecord::bare("order-1", state, total);
        PaymentRecord {
            payment: ProviderPayment {
                currency: SafeText::new(currency(self.currency.as_ref()).code()),
                issuer: self.issuer.as_deref().map(SafeText::new),
                paid_at: Some(korea(self.paid.as_deref().unwrap_or("2026-11-10 10:00")).as_second()),
                is_test: self.test,
                ..bare.payment
            },
            method: Method::parse(method).unwrap_or_else(|| panic!("{}: no method {method}", self.name)),
            tax_free: told(self.tax_free),
            vat: self.vat.map(|vat| self.money(vat)),
            cancelled: cancelled.map(|cancelled| self.money(cancelled)),
            cancelled_tax_free: told(self.cancelled_tax_free),
            cancellations: self.cancellations(),
            discounted: self.discounted,
            card: CardTraits { prepaid: self.prepaid, foreign: self.foreign, corporate: self.corporate },
            points_used: self.points,
            escrow: self.escrow,
            receipt,
            ..bare
        }
    }

    fn findings(&self) -> Vec<Finding> {
        let pg = self.pg.as_deref().unwrap_or(if self.is_v1() { "html5_inicis" } else { "KCP_V2" });
        let account = self.account.as_deref().map(|which| RefundAccount {
            bank: bank_of_v2("KOOKMIN").unwrap(),
            number: "12345678901234".to_owned(),
            holder: "박도윤".to_owned(),
            phone: (which == "full").then(|| "01000000000".to_owned()),
        });
        let asked = |minor: u64| Money::new(minor, currency(self.asked_currency.as_ref())).unwrap();
        let pg = PgCode::new(pg);
        let asked = Asked {
            generation: if self.is_v1() { Generation::V1 } else { Generation::V2 },
            pg: &pg,
            amount: asked(self.amount.unwrap_or(10_000)),
            tax_free: self.ask_tax_free.map(asked),
            vat: self.ask_vat.map(asked),
            reason: self.reason.as_deref().unwrap_or("고객 요청"),
            requester: self.requester.as_deref().map(|_| Requester::Customer),
            account: account.as_ref(),
            now: korea(self.now.as_deref().unwrap_or("2026-11-21 14:00")),
        };
        feasible(&self.payment(), &asked)
    }
}

fn currency(code: Option<&String>) -> Currency {
    code.map_or(Currency::Krw, |code| Currency::parse(code).expect("a currency"))
}

#[test]
fn every_case_finds_its_rules_and_no_other() {
    let cases = examples();
    assert!(cases.len() >= 100, "{} cases", cases.len());
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases.len(), "two cases have one name");
    let mut wrong = Vec::new();
    for case in &cases {
        let found: BTreeSet<String> = case.findings().iter().map(|finding| finding.rule.id.clone()).collect();
        if found != case.finds {
            wrong.push(format!("{}: found {found:?}, not {:?}", case.name, case.finds));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_is_met_by_a_case() {
    let cases = examples();
    let met: BTreeSet<&str> = cases.iter().flat_map(|case| &case.finds).map(String::as_str).collect();
    let all: BTreeSet<&str> = rules().iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(met, all);
}

#[test]
fn what_blocks_comes_first() {
    for case in examples() {
        let findings = case.findings();
        assert!(findings.is_sorted_by_key(|finding| std::cmp::Reverse(finding.severity())), "{}", case.name);
        let blocks = findings.iter().any(|finding| finding.severity() == Severity::Blocks);
        assert_eq!(may_go(&findings), !blocks, "{}", case.name);
    }
}

/// Every sentence has the figures that it asks for.
#[test]
fn every_finding_can_be_said_in_both_languages() {
    use crate::i18n::{Catalogue, Lang, Text};
    for finding in examples().iter().flat_map(Example::findings) {
        let text = Text { key: finding.key(), args: finding.figures.clone() };
        for lang in Lang::ALL {
            assert!(Catalogue::of(lang).has(finding.key()), "{}", finding.rule.id);
            let said = Catalogue::of(lang).text(&text);
            assert!(!said.contains(['{', '}']), "{}: {said}", finding.rule.id);
        }
        for (name, value) in &finding.figures {
            let pattern = Catalogue::of(Lang::Ko).get(finding.key());
            assert!(
                [format!("{{{name}}}"), format!("{{{name}:key}}")]
                    .iter()
                    .any(|place| pattern.contains(place)),
                "{}: {name} = {value} is not said",
                finding.rule.id
            );
        }
    }
}

#[test]
fn the_figures_are_the_payments() {
    let figures = |name: &str| {
        let case = examples().into_iter().find(|case| case.name == name).expect(name);
        case.findings().remove(0).figures
    };
    let is = |name: &'static str, value: &str| (name, value.to_owned());
    assert_eq!(
        figures("one won over the rest after a part"),
        [is("balance", "6,000"), is("unit", "refund.unit.krw")]
    );
    assert_eq!(figures("KSNET, the tenth partial cancellation"), [is("max", "9")]);
    assert_eq!(figures("KSNET virtual account, 23:00"), [is("from", "23:00"), is("until", "06:00")]);
    assert_eq!(
        figures("KSNET card, the day after six months"),
        [is("paid", "2026-05-20"), is("last", "2026-11-20")]
    );
}

proptest! {
    /// Whatever else: never zero, never over the balance, never what was not paid.
    #[test]
    fn what_may_go_is_within_the_balance(
        which in any::<prop::sample::Index>(),
        amount in 0u64..20_000,
        cancelled in prop::option::of(0u64..12_000),
        state in prop::sample::select(vec!["paid", "partial", "cancelled", "issued", "ready", "failed", "new"]),
    ) {
        let cases = examples();
        let case = Example {
            amount: Some(amount),
            cancelled,
            state: Some(state.to_owned()),
            discounted: false,
            ..which.get(&cases).clone()
        };
        if may_go(&case.findings()) {
            let balance = case.payment().balance().map(Money::minor);
            prop_assert!(amount > 0);
            prop_assert!(balance.is_some_and(|balance| amount <= balance), "{:?} of {:?}", amount, balance);
        }
    }

    /// The later it is asked for, the more stands in the way.
    #[test]
    fn age_only_takes_away(which in any::<prop::sample::Index>(), days in 0i64..3_000, more in 0i64..2_000) {
        let cases = examples();
        let case = which.get(&cases);
        let at = |days: i64| {
            let paid: DateTime = case.paid.as_deref().unwrap_or("2026-11-10 10:00").parse().unwrap();
            let now = paid.checked_add(Span::new().days(days)).unwrap().to_string();
            let findings = Example { now: Some(now), ..case.clone() }.findings();
            let old = |finding: &&Finding| finding.rule.id.starts_with("age.") && finding.severity() == Severity::Blocks;
            findings.iter().filter(old).count()
        };
        prop_assert!(at(days) <= at(days + more));
    }
}
