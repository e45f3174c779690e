//! A long list of which only some pages are held: the rest stays where it came from. Drawing and moving cost the
//! same for ten rows and for a hundred thousand. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// How many pages are held at most: those round the marked row.
const HELD: usize = 6;

/// A list with one row marked, held page by page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window<T> {
    page: usize,
    /// How many rows there are, as far as that is known.
    len: usize,
    /// Whether `len` is the whole truth.
    whole: bool,
    at: usize,
    pages: BTreeMap<usize, Vec<T>>,
    asked: BTreeSet<usize>,
}

impl<T> Window<T> {
    /// A list whose pages have so many rows. Nothing of it is known yet.
    pub const fn new(page: usize) -> Self {
        Self { page, len: 0, whole: false, at: 0, pages: BTreeMap::new(), asked: BTreeSet::new() }
    }

    /// A list of so many rows, of which nothing is held yet.
    pub fn sized(page: usize, len: usize) -> Self {
        Self { len, whole: true, ..Self::new(page) }
    }

    /// How many rows there are, as far as that is known.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether it is known that there is not one row.
    pub const fn is_empty(&self) -> bool {
        self.whole && self.len == 0
    }

    /// Whether nothing of it is known yet.
    pub const fn is_unread(&self) -> bool {
        !self.whole && self.len == 0
    }

    /// Whether more rows may follow than [`Window::len`] counts.
    pub const fn is_open(&self) -> bool {
        !self.whole
    }

    /// Whether a page was asked for and has not come.
    pub fn is_waiting(&self) -> bool {
        !self.asked.is_empty()
    }

    /// The marked row.
    pub const fn at(&self) -> usize {
        self.at
    }

    /// The marked row's content, when its page is held.
    pub fn marked(&self) -> Option<&T> {
        self.get(self.at)
    }

    /// A row, when its page is held.
    pub fn get(&self, row: usize) -> Option<&T> {
        self.pages.get(&(row / self.page))?.get(row % self.page)
    }

    /// Every row that is held, with its place.
    pub fn held(&self) -> impl Iterator<Item = (usize, &T)> {
        let page = self.page;
        self.pages.iter().flat_map(move |(number, rows)| {
            rows.iter().enumerate().map(move |(at, row)| (number * page + at, row))
        })
    }

    /// Marks a row; one beyond the end marks the last.
    pub fn mark(&mut self, row: usize) {
        self.at = row.min(self.len.saturating_sub(1));
    }

    /// Moves the mark by so many rows.
    pub fn step(&mut self, by: isize) {
        self.mark(self.at.saturating_add_signed(by));
    }

    /// Forgets what is held, because another question is asked; the mark goes to the top.
    pub fn start_over(&mut self) {
        *self = Self::new(self.page);
    }

    /// Forgets that pages were asked for and lets those in sight be asked for anew; what is held stays to be
    /// seen until it is replaced.
    pub fn stale(&mut self) {
        self.asked.clear();
        let near = self.at / self.page;
        self.pages.retain(|number, _| *number == near);
    }

    /// Takes a page over. `total` is how many rows there are, where somebody knows; `more` whether another page
    /// follows.
    pub fn put(&mut self, number: usize, rows: Vec<T>, total: Option<usize>, more: bool) {
        self.asked.remove(&number);
        let seen = number * self.page + rows.len();
        self.len = match total {
            Some(total) => total,
            None if more => self.len.max(seen + 1),
            None => seen,
        };
        self.whole = total.is_some() || !more;
        self.pages.insert(number, rows);
        self.mark(self.at);
        let near = self.at / self.page;
        while self.pages.len() > HELD {
            let far = self.pages.keys().copied().max_by_key(|number| number.abs_diff(near));
            if let Some(far) = far {
                self.pages.remove(&far);
            }
        }
    }

    /// A page that was asked for will not come; it may be asked for again.
    pub fn failed(&mut self, number: usize) {
        self.asked.remove(&number);
    }

    /// The pages that these rows need and nobody has asked for; they count as asked for from now on.
    pub fn ask(&mut self, rows: Range<usize>) -> Vec<usize> {
        let known = if self.whole { self.len } else { rows.end.max(1) };
        let (first, end) = (rows.start.min(known), rows.end.min(known));
        if first >= end {
            return Vec::new();
        }
        let wanted = first / self.page..=(end - 1) / self.page;
        let missing: Vec<usize> = wanted
            .filter(|number| !self.pages.contains_key(number) && !self.asked.contains(number))
            .collect();
        self.asked.extend(&missing);
        missing
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pages_come_in_any_order_and_only_those_in_sight_are_asked_for() {
        let mut list: Window<usize> = Window::new(10);
        assert!(!list.is_empty() && list.is_open() && list.is_unread());
        assert_eq!(list.ask(0..7), [0]);
        assert_eq!(list.ask(0..7), [] as [usize; 0], "once");
        list.put(0, (0..10).collect(), Some(95), true);
        assert_eq!((list.len(), list.is_open(), list.marked()), (95, false, Some(&0)));
        assert!(!list.is_unread());
        list.mark(500);
        assert_eq!((list.at(), list.marked()), (94, None));
        assert_eq!(list.ask(88..200), [8, 9]);
        list.put(9, (90..95).collect(), Some(95), false);
        assert_eq!(list.marked(), Some(&94));
        assert!(list.is_waiting());
    }

    #[test]
    fn a_list_without_a_total_grows_as_it_is_read() {
        let mut list: Window<usize> = Window::new(10);
        list.put(0, (0..10).collect(), None, true);
        assert_eq!((list.len(), list.is_open()), (11, true));
        list.put(1, (10..14).collect(), None, false);
        assert_eq!((list.len(), list.is_open()), (14, false));
    }

    #[test]
    fn what_fails_may_be_asked_for_again() {
        let mut list: Window<usize> = Window::new(10);
        assert_eq!(list.ask(0..5), [0]);
        list.failed(0);
        assert_eq!(list.ask(0..5), [0]);
    }

    proptest! {
        #[test]
        fn few_pages_are_held_and_the_mark_stays_inside(
            moves in prop::collection::vec((0usize..2_000, 0usize..40), 1..60),
        ) {
            let mut list: Window<usize> = Window::new(20);
            list.put(0, (0..20).collect(), Some(1_500), true);
            for (to, height) in moves {
                list.mark(to);
                prop_assert!(list.at() < list.len());
                for number in list.ask(list.at()..list.at() + height + 1) {
                    let rows = (number * 20..(number * 20 + 20).min(1_500)).collect();
                    list.put(number, rows, Some(1_500), true);
                }
                prop_assert_eq!(list.marked(), Some(&list.at()));
                prop_assert!(list.held().count() <= HELD * 20);
            }
        }
    }
}
