//! Lists that V1 gives for a window of limited length (V1 §10.2, §11.5): a span of any length is cut into windows,
//! and each window is read page by page.

use std::fmt;

use jiff::Timestamp;
use reqwest::StatusCode;

use super::V1;
use super::wire::{self, Envelope};
use crate::domain::problem::Problem;
use crate::domain::schedule::Span;
use crate::domain::text::SafeText;
use crate::gateway::{Batch, malformed};

/// The most rows of a page (V1 §10.2, §11.5).
const MOST: u64 = 1000;
/// How much smaller the pages get when one does not fit, and where that ends.
const SMALLER: u64 = 5;
const LEAST: u64 = 8;

/// How a list wants its windows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Windows {
    /// The longest one, seconds.
    pub longest: i64,
    /// Whether the list counts the second it is asked to end with: V1 does for payments, not for schedules.
    pub counts_end: bool,
}

/// One page of one window, as the query wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    /// Unix seconds.
    pub from: i64,
    pub to: i64,
    pub limit: u64,
    pub number: u64,
}

/// Where a list is read on. The text of it is ours; the provider never sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    from: i64,
    limit: u64,
    page: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.from, self.limit, self.page)
    }
}

impl Place {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let mut number = || parts.next()?.parse::<u64>().ok();
        let (from, limit, page) = (number()?, number()?, number()?);
        let place = Self { from: i64::try_from(from).ok()?, limit, page };
        (parts.next().is_none() && (LEAST..=MOST).contains(&limit) && page > 0).then_some(place)
    }

    /// The same first row, in smaller pages.
    fn smaller(self) -> Option<Self> {
        let limit = self.limit / SMALLER;
        (limit >= LEAST).then_some(Self { limit, page: (self.page - 1) * SMALLER + 1, ..self })
    }
}

/// The first whole second at or after a moment: V1 knows whole seconds only, so a row is at or after the moment
/// exactly when it is at or after this.
fn second(moment: Timestamp) -> i64 {
    moment.as_second() + i64::from(moment.subsec_nanosecond() > 0)
}

impl V1 {
    /// Reads one page of a list. Windows touch and never overlap, so no row is missed or told twice at a seam.
    pub(super) async fn windowed<T>(
        &self,
        windows: Windows,
        (span, next): (Span, Option<&str>),
        path: impl Fn(Page) -> String + Send + Sync,
        read: fn(&Envelope) -> Option<Vec<T>>,
    ) -> Result<Batch<T>, Problem> {
        let (first, end) = (second(span.from), second(span.until));
        let mut place = match next {
            None => Place { from: first, limit: MOST, page: 1 },
            Some(text) => Place::parse(text).filter(|place| place.from >= first).ok_or_else(malformed)?,
        };
        if place.from >= end {
            return Ok(Batch { items: Vec::new(), next: None });
        }
        let until = end.min(place.from.saturating_add(windows.longest));
        let envelope = loop {
            let page = Page {
                from: place.from,
                to: until - i64::from(windows.counts_end),
                limit: place.limit,
                number: place.page,
            };
            match self.page(&path(page), place.page).await {
                // Rows with long texts: a page that does not fit is asked for in parts.
                Err(Problem::Unreadable { why }) if why == "too_large" => match place.smaller() {
                    Some(smaller) => place = smaller,
                    None => return Err(Problem::Unreadable { why }),
                },
                other => break other?,
            }
        };
        let items = match &envelope {
            Some(envelope) => read(envelope).ok_or_else(malformed)?,
            None => Vec::new(),
        };
        let page = envelope.and_then(|envelope| envelope.page_after(place.page, place.limit));
        let next = match page {
            Some(page) => Some(Place { page, ..place }),
            None if until < end => Some(Place { from: until, limit: MOST, page: 1 }),
            None => None,
        };
        Ok(Batch { items, next: next.map(|place| place.to_string()) })
    }

    /// The answer to a list's question; `None` for "nothing there". Unlike with a single thing, a refusal is never
    /// taken for an empty list.
    pub(super) async fn page(&self, path: &str, page: u64) -> Result<Option<Envelope>, Problem> {
        let answer = self.get(path).await?;
        match (answer.status, wire::envelope(&answer.body)) {
            (StatusCode::OK, Some(envelope)) if envelope.code == 0 => Ok(Some(envelope)),
            (StatusCode::NOT_FOUND, Some(_)) => Ok(None),
            // "Past the end → 400" (V1 §11.5): the list grew shorter since the page before.
            (StatusCode::BAD_REQUEST, Some(_)) if page > 1 => Ok(None),
            (status @ (StatusCode::OK | StatusCode::BAD_REQUEST), Some(envelope)) => Err(Problem::Refused {
                kind: format!("http_{}", status.as_u16()),
                message: SafeText::message(envelope.message.as_deref().unwrap_or_default()).to_string(),
            }),
            (StatusCode::FORBIDDEN, _) => Err(Problem::Forbidden { profile: self.profile.clone() }),
            (StatusCode::OK, None) => Err(malformed()),
            (status, _) => Err(Problem::Unreadable { why: format!("http_{}", status.as_u16()) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let place = Place { from: 1_788_220_800, limit: 200, page: 7 };
        assert_eq!(Place::parse(&place.to_string()), Some(place));
        for bad in ["", "1.2", "1.1000.0", "1.2000.1", "-1.1000.1", "1.1000.1.1", "a.1000.1", "1.7.1"] {
            assert_eq!(Place::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_second_that_has_begun_is_over() {
        let at = |text: &str| second(text.parse().unwrap());
        assert_eq!(at("1970-01-01T00:00:05Z"), 5);
        assert_eq!(at("1970-01-01T00:00:05.000000001Z"), 6);
    }

    proptest! {
        #[test]
        fn smaller_pages_begin_with_the_same_row(page in 1u64..1000) {
            let mut place = Place { from: 0, limit: MOST, page };
            let first = (place.page - 1) * place.limit;
            while let Some(smaller) = place.smaller() {
                prop_assert!(smaller.limit < place.limit);
                prop_assert_eq!((smaller.page - 1) * smaller.limit, first);
                place = smaller;
            }
            prop_assert_eq!(place.limit, LEAST);
        }
    }
}
