//! The rows of the list: their numbers, the few that are held, which one is marked and which one is on top.
//!
//! A new list keeps the marked row marked and in its place on the screen: what came above it is counted and stands
//! above the top, where it is seen by going there.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::listing::{Kept, RowId, RowList};
use crate::domain::record::PaymentRecord;

/// How many screens of rows are asked for on either side of the one that is seen.
const AHEAD: usize = 1;
/// How many screens of rows are held on either side before the rest goes.
const HELD: usize = 4;
/// How far below a vanished row the next one that is still there is looked for.
const NEAR: usize = 64;
/// How many rows above the old top are looked at one by one for being new.
const COUNTED: usize = 1_000;

/// The rows of the list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rows {
    list: RowList,
    /// Whether anybody has said what the list is.
    known: bool,
    held: BTreeMap<RowId, Kept<PaymentRecord>>,
    asked: BTreeSet<RowId>,
    at: usize,
    top: usize,
    above: usize,
}

impl Rows {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Their numbers.
    pub(super) const fn list(&self) -> &RowList {
        &self.list
    }

    /// Whether there is none, as far as anybody has said.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether nobody has said yet what the list is.
    pub const fn is_unknown(&self) -> bool {
        !self.known
    }

    /// The marked row.
    pub const fn at(&self) -> usize {
        self.at
    }

    /// The first row that is seen.
    pub const fn top(&self) -> usize {
        self.top
    }

    /// How many new ones stand above the first row that is seen and were not looked at.
    pub const fn above(&self) -> usize {
        self.above
    }

    /// A row's payment, when it is held.
    pub fn get(&self, row: usize) -> Option<&PaymentRecord> {
        let [id] = self.list.window(row..row + 1) else { return None };
        self.held.get(id).map(|kept| &kept.what)
    }

    /// Whether a row that is not held is on its way.
    pub fn waits_for(&self, row: usize) -> bool {
        self.list.window(row..row + 1).first().is_some_and(|id| self.asked.contains(id))
    }

    /// The marked payment, when it is held.
    pub fn marked(&self) -> Option<&PaymentRecord> {
        self.get(self.at)
    }

    /// Another question's rows: the first is marked.
    pub(super) fn anew(&mut self, list: RowList) {
        *self = Self { list, known: true, ..Self::default() };
    }

    /// The same question's rows later: the marked row stays marked and where it is on the screen.
    pub(super) fn renew(&mut self, list: RowList, height: usize) {
        if self.list.is_empty() {
            return self.anew(list);
        }
        let old = std::mem::replace(&mut self.list, list);
        self.asked.clear();
        // What a row says may have changed: it is read again and seen until then as it was.
        let place = self.at - self.top.min(self.at);
        let nearest = old.window(self.at..self.at + NEAR).iter().find_map(|row| self.list.position(*row));
        let first_seen = old.window(self.top..self.top + 1).first().copied();
        self.at = nearest.unwrap_or(self.at).min(self.list.len().saturating_sub(1));
        self.top = self.at.saturating_sub(place);
        if let Some(top) = first_seen.and_then(|row| self.list.position(row)) {
            let new = self.list.window(0..top.min(COUNTED));
            let arrived = new.iter().filter(|row| old.position(**row).is_none()).count();
            self.above = if self.top == 0 { 0 } else { self.above + arrived };
        }
        self.let_go(height);
    }

    /// Marks a row; one beyond the end marks the last.
    pub(super) fn mark(&mut self, row: usize, height: usize) {
        self.at = row.min(self.list.len().saturating_sub(1));
        if self.at < self.top {
            self.top = (self.at + 1).saturating_sub(height.max(1));
        } else if self.at >= self.top + height.max(1) {
            // The last page is a full one.
            self.top = self.at.min(self.list.len().saturating_sub(height.max(1)));
        }
        if self.top == 0 {
            self.above = 0;
        }
    }

    /// Moves the mark by so many rows.
    pub(super) fn step(&mut self, by: isize, height: usize) {
        self.mark(self.at.saturating_add_signed(by), height);
    }

    /// The screen has another height: the marked row stays in sight, and the last page is a full one.
    pub(super) fn fit(&mut self, height: usize) {
        if self.at >= self.top + height.max(1) {
            self.top = (self.at + 1).saturating_sub(height.max(1));
        }
        self.top = self.top.min(self.list.len().saturating_sub(height.max(1)));
    }

    fn near(&self, height: usize, screens: usize) -> std::ops::Range<usize> {
        self.top.saturating_sub(height * screens)..self.top + height * (screens + 1)
    }

    /// The rows in and near sight that nobody has asked for; they count as asked for from now on.
    pub(super) fn wanted(&mut self, height: usize) -> Option<RowList> {
        self.let_go(height);
        let missing: Vec<RowId> = self
            .list
            .window(self.near(height, AHEAD))
            .iter()
            .copied()
            .filter(|row| !self.asked.contains(row))
            .collect();
        self.asked.extend(&missing);
        (!missing.is_empty()).then(|| missing.into_iter().collect())
    }

    /// Forgets what is far from sight.
    fn let_go(&mut self, height: usize) {
        if self.held.len().max(self.asked.len()) <= height * (2 * HELD + 1) {
            return;
        }
        let near: BTreeSet<RowId> = self.list.window(self.near(height, HELD)).iter().copied().collect();
        self.held.retain(|row, _| near.contains(row));
        self.asked.retain(|row| near.contains(row));
    }

    pub(super) fn put(&mut self, rows: Vec<Kept<PaymentRecord>>) {
        for row in rows {
            // An answer that comes late is about rows that were let go.
            if self.asked.contains(&row.row) {
                self.held.insert(row.row, row);
            }
        }
    }

    pub(super) fn failed(&mut self, rows: &RowList) {
        for row in rows.window(0..rows.len()) {
            self.asked.remove(row);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEIGHT: usize = 10;

    fn list(rows: impl IntoIterator<Item = u32>) -> RowList {
        rows.into_iter().filter_map(|row| RowId::new(i64::from(row))).collect()
    }

    fn marked(rows: &Rows) -> Option<i64> {
        rows.list.window(rows.at..rows.at + 1).first().map(|row| row.number())
    }

    #[test]
    fn new_rows_move_neither_the_mark_nor_the_row_under_it() {
        let mut rows = Rows::default();
        rows.anew(list((1..=50).rev()));
        rows.mark(3, HEIGHT);
        assert_eq!((marked(&rows), rows.at() - rows.top()), (Some(47), 3));
        rows.renew(list((1..=53).rev()), HEIGHT);
        assert_eq!((marked(&rows), rows.at() - rows.top(), rows.above()), (Some(47), 3, 3));
        rows.renew(list((1..=54).rev()), HEIGHT);
        assert_eq!((marked(&rows), rows.at() - rows.top(), rows.above()), (Some(47), 3, 4));
        rows.mark(0, HEIGHT);
        assert_eq!((marked(&rows), rows.top(), rows.above()), (Some(54), 0, 0), "they were gone to");
    }

    #[test]
    fn a_row_that_went_up_is_not_new() {
        let mut rows = Rows::default();
        rows.anew(list([9, 8, 7, 6, 5]));
        rows.mark(1, HEIGHT);
        // 6 was refunded: by the time of its state it is the newest.
        rows.renew(list([6, 9, 8, 7, 5]), HEIGHT);
        assert_eq!((marked(&rows), rows.at() - rows.top(), rows.above()), (Some(8), 1, 0));
    }

    #[test]
    fn a_marked_row_that_vanished_gives_way_to_the_next() {
        let mut rows = Rows::default();
        rows.anew(list([9, 8, 7, 6, 5]));
        rows.mark(2, HEIGHT);
        rows.renew(list([9, 8, 6, 5]), HEIGHT);
        assert_eq!(marked(&rows), Some(6));
        rows.renew(list([]), HEIGHT);
        assert_eq!((marked(&rows), rows.at(), rows.is_empty()), (None, 0, true));
    }

    #[test]
    fn rows_are_asked_for_once_and_again_when_they_may_be_old() {
        let mut rows = Rows::default();
        rows.anew(list((1..=50).rev()));
        let asked = rows.wanted(HEIGHT).unwrap();
        assert_eq!(asked.len(), 20, "what is seen, and a screen below");
        assert_eq!(rows.wanted(HEIGHT), None);
        rows.failed(&asked);
        assert_eq!(rows.wanted(HEIGHT), Some(asked.clone()));
        rows.renew(list((1..=50).rev()), HEIGHT);
        assert_eq!(rows.wanted(HEIGHT), Some(asked), "what they say may have changed");
    }

    proptest! {
        #[test]
        fn few_rows_are_held_and_the_mark_is_in_sight(
            moves in prop::collection::vec((0usize..2_000, 1usize..60), 1..60),
        ) {
            let mut rows = Rows::default();
            rows.anew(list((1..=1_500).rev()));
            for (to, height) in moves {
                rows.fit(height);
                rows.mark(to, height);
                prop_assert!(rows.at() < rows.len());
                prop_assert!((rows.top()..rows.top() + height).contains(&rows.at()));
                prop_assert!(to < rows.len() || rows.top() + height == rows.len(), "the last page is full");
                rows.wanted(height);
                prop_assert!(rows.asked.len() <= 60 * (2 * HELD + 4));
                prop_assert!(rows.held.len() <= rows.asked.len());
            }
        }
    }
}
