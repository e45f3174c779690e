//! Which payments are shown, and by which time they are ordered and cut into periods.

use jiff::Timestamp;

use super::list::How;
use super::{Model, Place};
use crate::domain::listing::{Basis, PaymentFilter, Period, StateKind};
use crate::domain::money::{Currency, Money};
use crate::domain::pg::Generation;
use crate::domain::record::Method;
use crate::domain::text::SafeText;
use crate::tui::choice::{neighbour, turned};
use crate::tui::edit::{Changed, Edit};
use crate::tui::input::{Code, Key};
use crate::tui::keymap::{Action, Context, resolve};
use crate::tui::msg::Effect;

/// The filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// When.
    pub period: Period,
    /// By which time. V1 keeps one only (V1 §11.5).
    pub basis: Basis,
    bases: &'static [Basis],
    /// One state.
    pub state: Option<StateKind>,
    /// One method.
    pub method: Option<Method>,
    /// One PG.
    pub pg: Option<SafeText>,
    /// A billing key was charged, or none was.
    pub recurring: Option<bool>,
    /// Test payments, or real ones.
    pub is_test: Option<bool>,
    /// At least this much, as typed.
    pub least: Edit,
    /// At most this much, as typed.
    pub most: Edit,
}

impl Filter {
    /// What is shown first.
    pub const fn of(generation: Generation) -> Self {
        let bases: &'static [Basis] = match generation {
            Generation::V1 => &[Basis::Changed],
            Generation::V2 => &Basis::ALL,
        };
        Self {
            period: Period::Month,
            basis: Basis::Changed,
            bases,
            state: None,
            method: None,
            pg: None,
            recurring: None,
            is_test: None,
            least: Edit::new(15),
            most: Edit::new(15),
        }
    }

    /// Whether nothing but the time is chosen.
    pub fn is_wide(&self) -> bool {
        self.state.is_none()
            && self.method.is_none()
            && self.pg.is_none()
            && self.recurring.is_none()
            && self.is_test.is_none()
            && self.least.is_empty()
            && self.most.is_empty()
    }

    /// The question that it is.
    pub fn question(&self, now: Timestamp) -> PaymentFilter {
        PaymentFilter {
            basis: self.basis,
            period: self.period.span(now),
            states: self.state.into_iter().collect(),
            methods: self.method.into_iter().collect(),
            pg: self.pg.clone(),
            recurring: self.recurring,
            is_test: self.is_test,
            least: amount(&self.least),
            most: amount(&self.most),
        }
    }
}

/// A typed limit; one that can't be read limits nothing.
fn amount(edit: &Edit) -> Option<Money> {
    Money::parse_typed(edit.text(), Currency::Krw).ok()
}

/// A row of the choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FilterRow {
    /// 기간
    Period,
    /// 기준 시각
    Basis,
    /// 상태
    State,
    /// 결제수단
    Method,
    /// PG
    Pg,
    /// 일반, 정기
    Recurring,
    /// 테스트, 실거래
    Mode,
    /// 최소 금액
    Least,
    /// 최대 금액
    Most,
}

impl FilterRow {
    /// All of them, top to bottom.
    pub const ALL: [Self; 9] = [
        Self::Period,
        Self::Basis,
        Self::State,
        Self::Method,
        Self::Pg,
        Self::Recurring,
        Self::Mode,
        Self::Least,
        Self::Most,
    ];
}

/// Nothing, then everything of a list.
fn any<T: Clone>(all: &[T]) -> Vec<Option<T>> {
    std::iter::once(None).chain(all.iter().cloned().map(Some)).collect()
}

impl Model {
    pub(super) fn filter_key(&mut self, key: Key) -> Vec<Effect> {
        let Place::Filter(row) = self.place else { return Vec::new() };
        let limit = match row {
            FilterRow::Least => Some(&mut self.filter.least),
            FilterRow::Most => Some(&mut self.filter.most),
            _ => None,
        };
        if let Some(limit) = limit
            && (key.digit().is_some() || matches!(key.code, Code::Backspace | Code::Delete))
        {
            let digit = key.digit().map(|digit| Key::char(char::from(b'0' + digit)));
            return match limit.apply(digit.unwrap_or(key)) {
                Changed::Text => self.ask_for_list(How::Anew),
                _ => Vec::new(),
            };
        }
        match resolve(&[Context::Menu], key) {
            Some(Action::Up) => self.place = Place::Filter(neighbour(&FilterRow::ALL, row, false)),
            Some(Action::Down) => self.place = Place::Filter(neighbour(&FilterRow::ALL, row, true)),
            Some(Action::First) => self.place = Place::Filter(FilterRow::Period),
            Some(Action::Last) => self.place = Place::Filter(FilterRow::Most),
            Some(Action::Left) => return self.turn_filter(row, false),
            Some(Action::Right) => return self.turn_filter(row, true),
            Some(Action::Select | Action::Cancel) => self.place = Place::List,
            _ => {}
        }
        Vec::new()
    }

    fn turn_filter(&mut self, row: FilterRow, forward: bool) -> Vec<Effect> {
        const EITHER: [Option<bool>; 3] = [None, Some(false), Some(true)];
        let filter = &mut self.filter;
        match row {
            FilterRow::Period => filter.period = turned(&Period::ALL, &filter.period, forward),
            FilterRow::Basis => filter.basis = turned(filter.bases, &filter.basis, forward),
            FilterRow::State => filter.state = turned(&any(&StateKind::ALL), &filter.state, forward),
            FilterRow::Method => filter.method = turned(&any(&Method::ALL), &filter.method, forward),
            FilterRow::Pg => filter.pg = turned(&any(&self.pgs), &filter.pg, forward),
            FilterRow::Recurring => filter.recurring = turned(&EITHER, &filter.recurring, forward),
            FilterRow::Mode => filter.is_test = turned(&EITHER, &filter.is_test, forward),
            FilterRow::Least | FilterRow::Most => return Vec::new(),
        }
        self.ask_for_list(How::Anew)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_begins_at_midnight_in_korea_and_is_open_to_what_comes() {
        let now: Timestamp = "2026-11-21T05:05:00Z".parse().unwrap();
        let span = Period::Today.span(now).unwrap();
        assert_eq!(span.from.to_string(), "2026-11-20T15:00:00Z");
        assert!(span.until > now);
        let week = Period::Week.span(now).unwrap();
        assert_eq!(week.from.to_string(), "2026-11-14T15:00:00Z");
        assert_eq!(Period::Ever.span(now), None);
    }

    #[test]
    fn v1_has_one_time() {
        assert_eq!(Filter::of(Generation::V1).bases, [Basis::Changed]);
        assert_eq!(Filter::of(Generation::V2).bases, Basis::ALL);
    }
}
