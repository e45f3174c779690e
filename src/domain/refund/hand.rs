//! Refunds that no look-up can settle: what the provider shows of one, and what a person says who looked at the
//! provider's own console. A look-up that can decide always goes before a person's word.
//!
//! Pure: holds what was seen and said; decides nothing and knows no language.

use crate::domain::intent::Intent;
use crate::domain::money::Money;
use crate::domain::payment::PaymentId;
use crate::domain::record::{Cancellation, CancellationState};
use crate::domain::text::SafeText;

/// The journal's word for an end that a person told.
pub const BY_HAND: &str = "by_hand";

/// A cancellation that the provider shows, beside what the journal knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// As the provider tells it.
    pub cancellation: Cancellation,
    /// Whether it was not there before the refund was sent.
    pub new: bool,
    /// Whether it may be the refund: new, of its amount, and no other refund's of this ledger.
    pub fits: bool,
}

impl Seen {
    /// The catalogue's key of what it has to do with the refund.
    pub const fn name_key(&self) -> &'static str {
        match (self.new, self.fits) {
            (_, true) => "by-hand.fits",
            (true, false) => "by-hand.new",
            (false, false) => "by-hand.before",
        }
    }
}

/// What speaks for and against a refund whose end the look-up just made could not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The refund.
    pub id: PaymentId,
    /// The payment.
    pub payment: SafeText,
    /// How much was to be given back.
    pub amount: Money,
    /// Why, in the words of whoever ordered it.
    pub reason: Option<String>,
    /// The look-up's word why it can't decide.
    pub why: &'static str,
    /// What could be given back before it.
    pub before: Option<Money>,
    /// What can be given back now; `None` when the provider does not say.
    pub now: Option<Money>,
    /// Every cancellation of the payment, oldest first.
    pub cancellations: Vec<Seen>,
}

impl Evidence {
    /// The cancellation that the refund must be if it was done: the only one that fits, where there is only one.
    pub fn only_fit(&self) -> Option<&Cancellation> {
        let mut fitting = self
            .cancellations
            .iter()
            .filter(|seen| seen.fits && seen.cancellation.state == CancellationState::Succeeded);
        let first = fitting.next()?;
        fitting.next().is_none().then_some(&first.cancellation)
    }
}

/// What a person says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Whether the money was given back.
    pub done: bool,
    /// How they know; never empty.
    pub reason: String,
}

/// Where a refund stands for a person who wants to settle it by hand, or has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ByHand {
    /// The look-up could not tell: a person may.
    Undecided(Box<Evidence>),
    /// Its end is known, now or since earlier; [`Intent::why`] is [`BY_HAND`] where a person told it.
    Settled(Box<Intent>),
    /// Not yet a person's to say; a word why.
    Waits(&'static str),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Currency;

    fn seen(id: &str, fits: bool, state: CancellationState) -> Seen {
        let bare = Cancellation::bare(Money::new(400, Currency::Krw).unwrap());
        let cancellation = Cancellation { id: Some(SafeText::new(id)), state, ..bare };
        Seen { cancellation, new: true, fits }
    }

    fn fit_of(cancellations: Vec<Seen>) -> Option<String> {
        let evidence = Evidence {
            id: PaymentId::parse("refund0001").unwrap(),
            payment: SafeText::new("pay"),
            amount: Money::new(400, Currency::Krw).unwrap(),
            reason: None,
            why: "undecided",
            before: None,
            now: None,
            cancellations,
        };
        evidence.only_fit().and_then(|one| one.id.as_ref().map(ToString::to_string))
    }

    #[test]
    fn only_one_that_fits_and_succeeded_is_the_refund() {
        let done = || CancellationState::Succeeded;
        assert_eq!(fit_of(vec![]), None);
        assert_eq!(fit_of(vec![seen("a", false, done()), seen("b", true, done())]).as_deref(), Some("b"));
        assert_eq!(fit_of(vec![seen("a", true, done()), seen("b", true, done())]), None);
        assert_eq!(fit_of(vec![seen("a", true, CancellationState::Requested)]), None);
    }
}
