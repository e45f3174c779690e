//! Whether a refund can be asked for, before anything is sent: the rules of `assets/refund-rules.toml` held
//! against one payment and one wish.
//!
//! What a source states blocks; what it leaves open warns. What nobody tells (the kind of a card, its issuer, the
//! tax parts on V1) is never guessed. Pure: now is an argument. May not: send, fetch, decide for a person.

use jiff::civil::Date;
use jiff::{Span, Timestamp};

use super::RefundAccount;
use super::rule::{Age, Check, Rule, rules};
use crate::domain::due::in_korea;
use crate::domain::money::{Currency, Money};
use crate::domain::order::Requester;
use crate::domain::payment::PaymentState;
use crate::domain::pg::{Generation, PgCode, Severity, TestMoney, rules as pg_rules};
use crate::domain::problem::Problem;
use crate::domain::record::{Cancellation, CancellationState, PaymentRecord, ReceiptState};

/// The refund that somebody wants.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The API generation.
    pub generation: Generation,
    /// The PG that took the money.
    pub pg: &'a PgCode,
    /// How much. Zero while nothing is typed.
    pub amount: Money,
    /// The tax-free part of it, when it was typed.
    pub tax_free: Option<Money>,
    /// The VAT of it, when it was typed.
    pub vat: Option<Money>,
    /// Why.
    pub reason: &'a str,
    /// Who asked for it.
    pub requester: Option<Requester>,
    /// Where the money goes, when it was typed.
    pub account: Option<&'a RefundAccount>,
    /// When it would be sent.
    pub now: Timestamp,
}

/// A rule that this refund meets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// What its sentence needs: the values of its placeholders.
    pub figures: Vec<(&'static str, String)>,
}

impl Finding {
    /// Whether it stops the refund.
    pub const fn severity(&self) -> Severity {
        self.rule.severity
    }

    /// The catalogue's key of its sentence.
    pub fn key(&self) -> &'static str {
        self.rule.key()
    }

    /// Of what stops the refund: as a problem.
    pub fn problem(&self) -> Option<Problem> {
        (self.severity() == Severity::Blocks).then(|| Problem::RefundBlocked {
            rule: self.rule.id.as_str(),
            key: self.rule.key(),
            figures: self.figures.clone(),
        })
    }
}

/// Everything that stands in the way of a refund or should be known before it, what blocks first.
pub fn feasible(payment: &PaymentRecord, asked: &Asked<'_>) -> Vec<Finding> {
    let case = Case::new(payment, asked);
    let fits = |rule: &&'static Rule| {
        rule.is_about(asked.generation, asked.pg, payment.method)
            && (case.can_be_refunded() || rule.check.comes_first())
            && (!rule.part || case.is_part())
    };
    let mut found: Vec<Finding> = rules()
        .iter()
        .filter(fits)
        .filter_map(|rule| case.meets(rule).map(|figures| Finding { rule, figures }))
        .collect();
    found.sort_by_key(|finding| std::cmp::Reverse(finding.severity()));
    found
}

/// Whether none of them stops the refund.
pub fn may_go(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.severity() == Severity::Warns)
}

type Figures = Vec<(&'static str, String)>;

struct Case<'a> {
    payment: &'a PaymentRecord,
    asked: &'a Asked<'a>,
    balance: Option<Money>,
    today: Date,
    /// The day of the payment in Korea.
    paid: Option<Date>,
    /// What refunds that are still open may take.
    open: u64,
    /// Cancellations that were done or may still be.
    partials: usize,
}

impl<'a> Case<'a> {
    fn new(payment: &'a PaymentRecord, asked: &'a Asked<'a>) -> Self {
        let is_open = |one: &&Cancellation| {
            matches!(one.state, CancellationState::Requested | CancellationState::Other(_))
        };
        let counts = |one: &&Cancellation| !matches!(one.state, CancellationState::Failed(_));
        let paid = payment.payment.paid_at.or(payment.requested_at);
        Self {
            payment,
            asked,
            balance: payment.balance(),
            today: in_korea(asked.now).date(),
            paid: paid
                .and_then(|second| Timestamp::from_second(second).ok())
                .map(|paid| in_korea(paid).date()),
            open: payment.cancellations.iter().filter(is_open).map(|one| one.amount.minor()).sum(),
            partials: payment.cancellations.iter().filter(counts).count(),
        }
    }

    fn can_be_refunded(&self) -> bool {
        self.balance.is_some_and(|balance| !balance.is_zero())
            && *self.payment.state() != PaymentState::Cancelled
    }

    /// Whether it is less than the whole payment, the rest of one that was refunded in part included.
    fn is_part(&self) -> bool {
        self.payment.payment.total.is_some_and(|total| self.asked.amount != total)
    }

    fn is_test(&self) -> bool {
        self.payment.payment.is_test == Some(true)
    }

    /// The last day of an age, that day included.
    fn last_day(&self, age: Age) -> Option<Date> {
        let span = Span::new().days(age.days).months(age.months).years(age.years);
        self.paid?.checked_add(span).ok()
    }

    fn is_older(&self, age: Age) -> bool {
        self.last_day(age).is_some_and(|last| self.today > last)
    }

    fn is_later_month(&self) -> bool {
        self.paid.is_some_and(|paid| (self.today.year(), self.today.month()) > (paid.year(), paid.month()))
    }

    /// What is left of the tax-free part; `None` where nobody tells the payment's.
    fn tax_free_left(&self) -> Option<u64> {
        let refunded = self.payment.cancelled_tax_free.map_or(0, Money::minor);
        Some(self.payment.tax_free?.minor().saturating_sub(refunded))
    }

    /// What is left of the taxable part.
    fn taxable_left(&self) -> Option<u64> {
        Some(self.balance?.minor().saturating_sub(self.tax_free_left()?))
    }

    fn same_currency(&self) -> bool {
        self.payment.payment.total.is_none_or(|total| total.currency() == self.asked.amount.currency())
    }

    /// Amounts in the payment's currency, as sentences show them, and the catalogue's key of their unit.
    fn sums<const N: usize>(&self, sums: [(&'static str, u64); N]) -> Figures {
        let currency = self.asked.amount.currency();
        let shown =
            |minor| Money::new(minor, currency).map_or_else(|| minor.to_string(), |money| money.to_string());
        let unit = match currency {
            Currency::Krw => "refund.unit.krw",
            Currency::Usd => "refund.unit.usd",
        };
        let sums = sums.into_iter().map(|(name, minor)| (name, shown(minor)));
        sums.chain([("unit", unit.to_owned())]).collect()
    }

    fn has_points(&self) -> bool {
        self.payment.points_used == Some(true)
    }

    /// The figures of the rule's sentence when the refund meets it.
    fn meets(&self, rule: &Rule) -> Option<Figures> {
        let (payment, asked) = (self.payment, self.asked);
        let amount = asked.amount.minor();
        let balance = self.balance.map_or(0, Money::minor);
        let tax_free = asked.tax_free.map_or(0, Money::minor);
        let table = pg_rules(asked.generation, asked.pg);
        let most = table.cancel.max_partials.map_or(usize::MAX, |most| most as usize);
        let is = |met: bool| met.then(Vec::new);
        match rule.check {
            Check::Always => is(true),
            Check::AmountZero => is(asked.amount.is_zero()),
            Check::AmountCurrency => is(!self.same_currency()),
            Check::ReasonEmpty => is(asked.reason.trim().is_empty()),
            // Nothing was paid in yet: the account is closed instead.
            Check::AccountUnpaid => is(*payment.state() == PaymentState::VirtualAccountIssued),
            Check::Unpaid => is(matches!(
                payment.state(),
                PaymentState::Ready | PaymentState::Pending | PaymentState::Failed
            )),
            Check::Cancelled => {
                is(*payment.state() == PaymentState::Cancelled || self.balance.is_some_and(Money::is_zero))
            }
            // The balance is always sent along, so one that is not known can't be refunded from here.
            Check::BalanceUnknown => is(matches!(payment.state(), PaymentState::Other(_))
                || (payment.state().was_paid() && self.balance.is_none())),
            // With a discount V1 does not say which amount its records show (V1 §12): left to the provider.
            Check::OverBalance => {
                let counted = asked.generation == Generation::V2 || !payment.discounted;
                let over = counted && self.same_currency() && amount > balance;
                over.then(|| self.sums([("balance", balance)]))
            }
            Check::OpenExceeds => {
                let exceeds = self.open > 0 && amount.saturating_add(self.open) > balance;
                exceeds.then(|| self.sums([("open", self.open), ("balance", balance)]))
            }
            Check::OpenWaits => {
                let waits = self.open > 0 && amount.saturating_add(self.open) <= balance;
                waits.then(|| self.sums([("open", self.open)]))
            }
            Check::TaxFreeOverAmount => is(tax_free > amount),
            Check::TaxPartsOverAmount => {
                let parts = asked.vat.map_or(0, Money::minor).saturating_add(tax_free);
                is(tax_free <= amount && parts > amount)
            }
            Check::TaxFreeOverLeft => {
                let left = self.tax_free_left()?;
                (tax_free > left).then(|| self.sums([("left", left)]))
            }
            Check::TaxableOverLeft => {
                let left = self.taxable_left()?;
                let over =
                    asked.tax_free.is_some() && amount <= balance && amount.saturating_sub(tax_free) > left;
                over.then(|| self.sums([("left", left)]))
            }
            Check::TaxFreeOmitted => {
                let left = self.tax_free_left()?;
                (asked.tax_free.is_none() && left > 0).then(|| self.sums([("left", left)]))
            }
            Check::TaxFreeUntold => is(payment.tax_free.is_none() && asked.tax_free.is_none()),
            Check::TaxFreeGiven => is(tax_free > 0),
            Check::VatOmitted => is(payment.vat.is_some_and(|vat| !vat.is_zero()) && asked.vat.is_none()),
            Check::Older => {
                let older = self.is_older(rule.age) && !rule.not_after.is_some_and(|age| self.is_older(age));
                let last = self.last_day(rule.age)?;
                older.then(|| {
                    vec![("paid", self.paid.unwrap_or(last).to_string()), ("last", last.to_string())]
                })
            }
            Check::LaterMonth => is(self.is_later_month()),
            Check::LaterMonthWithoutAccount => is(self.is_later_month() && asked.account.is_none()),
            Check::LaterMonthWithAccount => is(self.is_later_month() && asked.account.is_some()),
            Check::PartialsUsedUp => {
                (self.partials >= most && amount < balance).then(|| vec![("max", most.to_string())])
            }
            Check::PartialsUsedUpButRest => {
                (self.partials >= most && amount == balance).then(|| vec![("max", most.to_string())])
            }
            // Lists may leave the cancellations out.
            Check::PartialsUntold => {
                let some = payment.cancelled.is_some_and(|cancelled| !cancelled.is_zero());
                (some && self.partials == 0).then(|| vec![("max", most.to_string())])
            }
            Check::CardPrepaid => is(payment.card.prepaid == Some(true)),
            Check::CardForeign => is(payment.card.foreign == Some(true)),
            Check::CardCorporate => is(payment.card.corporate == Some(true)),
            Check::PointsOfOthers => {
                let issuer = payment.payment.issuer.as_ref()?.as_str().to_uppercase();
                is(self.has_points() && !rule.issuers.iter().any(|word| issuer.contains(word)))
            }
            Check::PointsOfUnknown => is(self.has_points() && payment.payment.issuer.is_none()),
            Check::Escrow => is(payment.escrow),
            Check::TestWithoutPartials => is(self.is_test() && !table.test_partial_cancel),
            Check::Test => is(self.is_test()),
            // The PG gives test payments back by itself that night (PG §11).
            Check::TestReversed => is(self.is_test()
                && table.test_money == TestMoney::Reversed
                && self.paid.is_some_and(|paid| paid < self.today)),
            Check::AccountMissing => is(asked.account.is_none()),
            Check::AccountWithoutPhone => is(asked
                .account
                .is_some_and(|account| account.phone.as_ref().is_none_or(|phone| phone.trim().is_empty()))),
            Check::AccountGiven => is(asked.account.is_some()),
            Check::WithinHours => {
                let [from, until] = rule.hours?;
                let hour = in_korea(asked.now).hour();
                (hour >= from || hour < until)
                    .then(|| vec![("from", format!("{from:02}:00")), ("until", format!("{until:02}:00"))])
            }
            Check::RequesterMissing => is(asked.requester.is_none()),
            Check::Discounted => is(payment.discounted),
            Check::ReceiptIssued => is(payment.receipt == Some(ReceiptState::Issued)),
            Check::InDollars => is(asked.amount.currency() == Currency::Usd),
        }
    }
}

#[cfg(test)]
mod tests;
