//! What the days in sight hold, and what they come to together.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::domain::listing::ScheduleSum;
use crate::domain::schedule::ScheduleGroup;
use crate::domain::text::SafeText;

/// How many, how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Total {
    /// How many.
    pub count: u64,
    /// Their sum, minor units.
    pub sum: u64,
    /// How many of them have an amount that can't be counted: the sum is without them.
    pub uncounted: u64,
}

impl Total {
    const fn and(self, sum: &ScheduleSum) -> Self {
        Self {
            count: self.count.saturating_add(sum.count),
            sum: self.sum.saturating_add(sum.sum),
            uncounted: self.uncounted.saturating_add(sum.uncounted),
        }
    }
}

/// The sums of days, by day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sums(BTreeMap<Date, Vec<ScheduleSum>>);

impl Sums {
    /// From what the copy tells, in any order.
    pub fn new(told: Vec<ScheduleSum>) -> Self {
        let mut days: BTreeMap<Date, Vec<ScheduleSum>> = BTreeMap::new();
        for sum in told {
            days.entry(sum.date).or_default().push(sum);
        }
        Self(days)
    }

    /// What the days from one to another, both included, come to in a group and currency.
    pub fn total(&self, days: (Date, Date), group: ScheduleGroup, currency: &SafeText) -> Total {
        let sums = self.0.range(days.0..=days.1).flat_map(|(_, sums)| sums);
        sums.filter(|sum| sum.group == group && sum.currency == *currency).fold(Total::default(), Total::and)
    }

    /// The groups of a day that have any, in the calendar's order.
    pub fn day(&self, date: Date, currency: &SafeText) -> Vec<(ScheduleGroup, Total)> {
        ScheduleGroup::ALL
            .into_iter()
            .map(|group| (group, self.total((date, date), group, currency)))
            .filter(|(_, total)| total.count > 0)
            .collect()
    }

    /// How many a day has, of every group and currency.
    pub fn count(&self, date: Date) -> u64 {
        self.0.get(&date).map_or(0, |sums| sums.iter().map(|sum| sum.count).sum())
    }

    /// How many each day has, of every group and currency.
    pub fn counts(&self) -> impl Iterator<Item = (Date, u64)> {
        self.0.keys().map(|date| (*date, self.count(*date)))
    }

    /// The currencies that occur from one day to another, won first.
    pub fn currencies(&self, days: (Date, Date)) -> Vec<SafeText> {
        let mut found: Vec<SafeText> = Vec::new();
        for sum in self.0.range(days.0..=days.1).flat_map(|(_, sums)| sums) {
            if !found.contains(&sum.currency) {
                found.push(sum.currency.clone());
            }
        }
        found.sort_by_key(|currency| (currency.as_str() != "KRW", currency.clone()));
        found
    }
}
