//! What two closes of the same day differ in: sums that are others, differences that came, went or became others.

use std::collections::{BTreeMap, BTreeSet};

use super::{Close, Difference, Env, Side, StateGroup, Sum, Tally, What};
use crate::domain::money::Currency;
use crate::domain::record::Method;
use crate::domain::text::SafeText;

/// Which payments a sum is over.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// Everything that was paid.
    Paid,
    /// What was paid in one way.
    Method(Method),
    /// What stands in one state.
    State(StateGroup),
    /// What somebody asked for; `None` is what was made elsewhere or by a schedule.
    Operator(Option<String>),
}

impl Group {
    /// The word in `--json`: as in a saved close.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Method(_) => "method",
            Self::State(_) => "state",
            Self::Operator(_) => "operator",
        }
    }

    /// Which one of its kind.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Paid => None,
            Self::Method(method) => Some(method.word()),
            Self::State(state) => Some(state.word()),
            Self::Operator(operator) => operator.as_deref(),
        }
    }
}

/// What became different between two closes of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A sum.
    Money {
        /// Of which side.
        env: Env,
        /// Of which payments.
        group: Group,
        /// In which currency.
        currency: Currency,
        /// As it was closed before.
        then: Sum,
        /// As it is now.
        now: Sum,
    },
    /// How many payments there are in currencies that this program can't count.
    Uncounted {
        /// Of which side.
        env: Env,
        /// Of which payments.
        group: Group,
        /// As it was closed before.
        then: u64,
        /// As it is now.
        now: u64,
    },
    /// A difference of the same payment that is another one now.
    Became {
        /// Of which side.
        env: Env,
        /// Of what.
        id: SafeText,
        /// What it was.
        then: What,
        /// What it is.
        now: What,
    },
    /// A difference that was not there.
    Appeared {
        /// Of which side.
        env: Env,
        /// It.
        difference: Difference,
    },
    /// A difference that is there no more.
    Resolved {
        /// Of which side.
        env: Env,
        /// It.
        difference: Difference,
    },
}

impl Change {
    /// The word in `--json`.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Money { .. } => "money",
            Self::Uncounted { .. } => "uncounted",
            Self::Became { .. } => "became",
            Self::Appeared { .. } => "appeared",
            Self::Resolved { .. } => "resolved",
        }
    }

    /// Of which side.
    pub const fn env(&self) -> Env {
        match self {
            Self::Money { env, .. }
            | Self::Uncounted { env, .. }
            | Self::Became { env, .. }
            | Self::Appeared { env, .. }
            | Self::Resolved { env, .. } => *env,
        }
    }
}

impl Close {
    /// What is different from an earlier close of the same day: of each side its sums (all that was paid, by method,
    /// by state, by operator), then its differences. Closes by another basis count other payments, so that only
    /// differences are compared then.
    pub fn since(&self, earlier: &Self) -> Vec<Change> {
        let mut changes = Vec::new();
        let envs: BTreeSet<Env> = self.sides.keys().chain(earlier.sides.keys()).copied().collect();
        let nothing = Side::default();
        for env in envs {
            let now = self.sides.get(&env).unwrap_or(&nothing);
            let then = earlier.sides.get(&env).unwrap_or(&nothing);
            if self.basis == earlier.basis {
                sums(env, then, now, &mut changes);
            }
            differences(env, then, now, &mut changes);
        }
        changes
    }
}

/// Every tally of a side by the payments that it is over, in the order of the totals.
fn tallies(side: &Side) -> BTreeMap<Group, &Tally> {
    let totals = &side.totals;
    let methods = totals.methods.iter().map(|(method, tally)| (Group::Method(*method), tally));
    let states = totals.states.iter().map(|(state, tally)| (Group::State(*state), tally));
    let operators = totals.operators.iter().map(|(who, tally)| (Group::Operator(who.clone()), tally));
    std::iter::once((Group::Paid, &totals.paid)).chain(methods).chain(states).chain(operators).collect()
}

fn sums(env: Env, then: &Side, now: &Side, changes: &mut Vec<Change>) {
    let (then, now) = (tallies(then), tallies(now));
    let groups: BTreeSet<&Group> = then.keys().chain(now.keys()).collect();
    let nothing = Tally::default();
    for group in groups {
        let then = then.get(group).copied().unwrap_or(&nothing);
        let now = now.get(group).copied().unwrap_or(&nothing);
        let currencies: BTreeSet<Currency> = then.sums.keys().chain(now.sums.keys()).copied().collect();
        for currency in currencies {
            let of = |tally: &Tally| tally.sums.get(&currency).copied().unwrap_or_default();
            let (then, now) = (of(then), of(now));
            if then != now {
                changes.push(Change::Money { env, group: group.clone(), currency, then, now });
            }
        }
        if then.uncounted != now.uncounted {
            let (then, now) = (then.uncounted, now.uncounted);
            changes.push(Change::Uncounted { env, group: group.clone(), then, now });
        }
    }
}

/// Differences that are on one side only; one that went and one that came of the same payment are one that became
/// another.
fn differences(env: Env, then: &Side, now: &Side, changes: &mut Vec<Change>) {
    let missing = |of: &[Difference], from: &[Difference]| -> Vec<Difference> {
        of.iter().filter(|found| !from.contains(found)).cloned().collect()
    };
    let mut gone = missing(&then.differences, &now.differences);
    for fresh in missing(&now.differences, &then.differences) {
        let was = gone.iter().position(|gone| gone.id == fresh.id).map(|at| gone.remove(at));
        changes.push(match was {
            Some(was) => Change::Became { env, id: fresh.id, then: was.what, now: fresh.what },
            None => Change::Appeared { env, difference: fresh },
        });
    }
    changes.extend(gone.into_iter().map(|difference| Change::Resolved { env, difference }));
}

#[cfg(test)]
mod tests {
    use super::super::{Basis, Totals};
    use super::*;
    use crate::domain::money::Money;

    fn tally(count: u64, amount: u64) -> Tally {
        let sum = Sum { count, amount, cancelled: 300 };
        Tally { count, sums: [(Currency::Krw, sum)].into(), uncounted: 0 }
    }

    fn found(id: &str, what: What) -> Difference {
        Difference { id: SafeText::new(id), what }
    }

    fn close() -> Close {
        let totals = Totals {
            paid: tally(2, 1_000),
            methods: [(Method::Card, tally(2, 1_000))].into(),
            operators: [(Some("minji".to_owned()), tally(2, 1_000))].into(),
            states: [(StateGroup::Paid, tally(2, 1_000))].into(),
        };
        let span = super::super::day(jiff::civil::Date::constant(2026, 11, 20)).unwrap();
        let differences = vec![found("gone", What::StillOpen), found("same", What::NotAtProvider)];
        Close {
            span,
            basis: Basis::Changed,
            now: span.until,
            sides: [(Env::Live, Side { totals, differences })].into(),
        }
    }

    #[test]
    fn sums_are_compared_one_by_one_and_each_group_by_itself() {
        let (then, mut now) = (close(), close());
        assert!(now.since(&then).is_empty());
        let totals = &mut now.sides.get_mut(&Env::Live).unwrap().totals;
        // One more payment, by transfer, of nobody here; another one in yen.
        totals.paid = tally(3, 3_500);
        totals.paid.uncounted = 1;
        totals.methods.insert(Method::Transfer, tally(1, 2_500));
        totals.operators.insert(None, tally(1, 2_500));
        totals.states.insert(StateGroup::Paid, tally(3, 3_500));
        let nothing = Sum::default();
        let sum = |count, amount| Sum { count, amount, cancelled: 300 };
        let money =
            |group, then, now| Change::Money { env: Env::Live, group, currency: Currency::Krw, then, now };
        let (before, after, new) = (sum(2, 1_000), sum(3, 3_500), sum(1, 2_500));
        assert_eq!(
            now.since(&then),
            [
                money(Group::Paid, before, after),
                Change::Uncounted { env: Env::Live, group: Group::Paid, then: 0, now: 1 },
                money(Group::Method(Method::Transfer), nothing, new),
                money(Group::State(StateGroup::Paid), before, after),
                money(Group::Operator(None), nothing, new),
            ]
        );
        // And the other way round the same backwards.
        let back = then.since(&now);
        assert_eq!((back.len(), &back[0]), (5, &money(Group::Paid, after, before)));
        now.basis = Basis::Requested;
        assert!(now.since(&then).is_empty(), "another basis counts other payments");
    }

    #[test]
    fn every_change_of_a_difference_is_told_once() {
        let (then, mut now) = (close(), close());
        let won = |minor| Money::new(minor, Currency::Krw).unwrap();
        let differences = &mut now.sides.get_mut(&Env::Live).unwrap().differences;
        differences.clear();
        let other = What::CancelledElsewhere { amount: won(500) };
        differences.extend([found("same", other.clone()), found("new", What::StillOpen)]);
        let env = Env::Live;
        assert_eq!(
            now.since(&then),
            [
                Change::Became { env, id: SafeText::new("same"), then: What::NotAtProvider, now: other },
                Change::Appeared { env, difference: found("new", What::StillOpen) },
                Change::Resolved { env, difference: found("gone", What::StillOpen) },
            ]
        );
        now.basis = Basis::Requested;
        assert_eq!(now.since(&then).len(), 3, "differences are compared whatever the basis");
    }

    #[test]
    fn a_side_that_was_not_there_is_new_as_a_whole() {
        let (then, mut now) = (close(), close());
        let side = now.sides[&Env::Live].clone();
        now.sides.insert(Env::Test, side);
        let changes = now.since(&then);
        assert_eq!(changes.len(), 6, "four sums, two differences: {changes:?}");
        assert!(changes.iter().all(|change| change.env() == Env::Test));
        let words: BTreeSet<&str> = changes.iter().map(Change::word).collect();
        assert_eq!(words, ["appeared", "money"].into());
    }
}
