//! A close as it is kept, so that it can be opened again as it was.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Basis, Change, Close, Difference, Env, Side, StateGroup, Sum, Tally, Totals, What};
use crate::domain::listing::StateKind;
use crate::domain::money::{Currency, Money};
use crate::domain::payment::PaymentState;
use crate::domain::record::Method;
use crate::domain::schedule::Span;
use crate::domain::text::SafeText;

/// The form. Another one is not read.
const FORM: u32 = 1;

#[derive(Serialize, Deserialize)]
struct CloseText {
    form: u32,
    /// Milliseconds.
    from: i64,
    until: i64,
    now: i64,
    basis: String,
    sides: Vec<SideText>,
}

#[derive(Serialize, Deserialize)]
struct SideText {
    env: String,
    tallies: Vec<TallyText>,
    differences: Vec<DifferenceText>,
}

#[derive(Serialize, Deserialize)]
struct TallyText {
    /// `paid`, `method`, `operator`, `state`.
    group: String,
    /// Which one of the group; of operators nothing for those made elsewhere.
    name: Option<String>,
    count: u64,
    uncounted: u64,
    sums: Vec<SumText>,
}

#[derive(Serialize, Deserialize)]
struct SumText {
    currency: String,
    count: u64,
    amount: u64,
    cancelled: u64,
}

#[derive(Serialize, Deserialize)]
struct MoneyText {
    minor: u64,
    currency: String,
}

#[derive(Serialize, Deserialize)]
struct DifferenceText {
    id: String,
    what: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    ours: Option<MoneyText>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    theirs: Option<MoneyText>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    state: Option<String>,
    /// What an unknown state is called.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    state_text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    env: Option<String>,
}

impl From<Money> for MoneyText {
    fn from(money: Money) -> Self {
        Self { minor: money.minor(), currency: money.currency().code().to_owned() }
    }
}

impl MoneyText {
    fn read(&self) -> Option<Money> {
        Money::new(self.minor, Currency::parse(&self.currency)?)
    }
}

impl DifferenceText {
    fn of(difference: &Difference) -> Self {
        let mut text = Self {
            id: difference.id.to_string(),
            what: difference.what.word().to_owned(),
            ours: None,
            theirs: None,
            state: None,
            state_text: None,
            env: None,
        };
        match &difference.what {
            What::AmountDiffers { ours, theirs } => {
                text.ours = Some((*ours).into());
                text.theirs = theirs.map(Into::into);
            }
            What::StateDiffers { theirs } => {
                text.state = Some(StateKind::of(theirs).word().to_owned());
                if let PaymentState::Other(word) = theirs {
                    text.state_text = Some(word.to_string());
                }
            }
            What::ModeDiffers { theirs } => text.env = Some(theirs.word().to_owned()),
            What::CancelledElsewhere { amount } | What::RefundNotSeen { amount } => {
                text.theirs = Some((*amount).into());
            }
            What::NotAtProvider
            | What::MadeElsewhere
            | What::StillOpen
            | What::ScheduleNotRun
            | What::ScheduleOpen
            | What::ScheduleFailed
            | What::ScheduleWithoutPayment => {}
        }
        text
    }

    fn read(&self) -> Option<Difference> {
        let money = |text: &Option<MoneyText>| text.as_ref().and_then(MoneyText::read);
        let what = match self.what.as_str() {
            "not_at_provider" => What::NotAtProvider,
            "made_elsewhere" => What::MadeElsewhere,
            "amount_differs" => What::AmountDiffers { ours: money(&self.ours)?, theirs: money(&self.theirs) },
            "state_differs" => What::StateDiffers {
                theirs: StateKind::parse(self.state.as_deref()?)?
                    .state(self.state_text.as_deref().unwrap_or_default()),
            },
            "mode_differs" => What::ModeDiffers { theirs: Env::parse(self.env.as_deref()?)? },
            "still_open" => What::StillOpen,
            "cancelled_elsewhere" => What::CancelledElsewhere { amount: money(&self.theirs)? },
            "refund_not_seen" => What::RefundNotSeen { amount: money(&self.theirs)? },
            "schedule_not_run" => What::ScheduleNotRun,
            "schedule_open" => What::ScheduleOpen,
            "schedule_failed" => What::ScheduleFailed,
            "schedule_without_payment" => What::ScheduleWithoutPayment,
            _ => return None,
        };
        Some(Difference { id: SafeText::new(&self.id), what })
    }
}

impl TallyText {
    fn of(group: &str, name: Option<String>, tally: &Tally) -> Self {
        let sums = tally.sums.iter().map(|(currency, sum)| SumText {
            currency: currency.code().to_owned(),
            count: sum.count,
            amount: sum.amount,
            cancelled: sum.cancelled,
        });
        Self {
            group: group.to_owned(),
            name,
            count: tally.count,
            uncounted: tally.uncounted,
            sums: sums.collect(),
        }
    }

    fn read(&self) -> Option<Tally> {
        let mut sums = BTreeMap::new();
        for sum in &self.sums {
            let (count, amount, cancelled) = (sum.count, sum.amount, sum.cancelled);
            sums.insert(Currency::parse(&sum.currency)?, Sum { count, amount, cancelled });
        }
        Some(Tally { count: self.count, sums, uncounted: self.uncounted })
    }
}

fn tallies(totals: &Totals) -> Vec<TallyText> {
    let mut all = vec![TallyText::of("paid", None, &totals.paid)];
    all.extend(
        totals
            .methods
            .iter()
            .map(|(method, tally)| TallyText::of("method", Some(method.word().to_owned()), tally)),
    );
    all.extend(totals.operators.iter().map(|(name, tally)| TallyText::of("operator", name.clone(), tally)));
    all.extend(
        totals
            .states
            .iter()
            .map(|(state, tally)| TallyText::of("state", Some(state.word().to_owned()), tally)),
    );
    all
}

fn totals(tallies: &[TallyText]) -> Option<Totals> {
    let mut totals = Totals::default();
    for text in tallies {
        let tally = text.read()?;
        match text.group.as_str() {
            "paid" => totals.paid = tally,
            "method" => drop(totals.methods.insert(Method::parse(text.name.as_deref()?)?, tally)),
            "operator" => drop(totals.operators.insert(text.name.clone(), tally)),
            "state" => drop(totals.states.insert(StateGroup::parse(text.name.as_deref()?)?, tally)),
            _ => return None,
        }
    }
    Some(totals)
}

impl Difference {
    /// As it stands in a close that is kept: JSON.
    pub fn keep(&self) -> String {
        // Texts and numbers only: that always serialises.
        serde_json::to_string(&DifferenceText::of(self)).unwrap_or_default()
    }
}

impl Close {
    /// As it is kept: JSON.
    pub fn keep(&self) -> String {
        let sides = self.sides.iter().map(|(env, side)| SideText {
            env: env.word().to_owned(),
            tallies: tallies(&side.totals),
            differences: side.differences.iter().map(DifferenceText::of).collect(),
        });
        let text = CloseText {
            form: FORM,
            from: self.span.from.as_millisecond(),
            until: self.span.until.as_millisecond(),
            now: self.now.as_millisecond(),
            basis: self.basis.word().to_owned(),
            sides: sides.collect(),
        };
        // Texts and numbers only: that always serialises.
        serde_json::to_string(&text).unwrap_or_default()
    }

    /// From what was kept; `None` when this program can't read it.
    pub fn read(kept: &str) -> Option<Self> {
        let text: CloseText = serde_json::from_str(kept).ok()?;
        if text.form != FORM {
            return None;
        }
        let moment = |millisecond| Timestamp::from_millisecond(millisecond).ok();
        let mut sides = BTreeMap::new();
        for side in &text.sides {
            let differences: Option<Vec<_>> = side.differences.iter().map(DifferenceText::read).collect();
            let side_read = Side { totals: totals(&side.tallies)?, differences: differences? };
            sides.insert(Env::parse(&side.env)?, side_read);
        }
        Some(Self {
            span: Span { from: moment(text.from)?, until: moment(text.until)? },
            basis: Basis::parse(&text.basis)?,
            now: moment(text.now)?,
            sides,
        })
    }
}

/// A day, closed and kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedDay {
    /// The day in Korea.
    pub day: jiff::civil::Date,
    /// Its number in the books.
    pub seq: i64,
    /// Who closed it.
    pub operator: String,
    /// What was found.
    pub close: Close,
    /// When and by whom the same day was closed before, and what is different since.
    pub earlier: Option<EarlierClose>,
}

/// A close that was kept, as lists tell of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptClose {
    /// Its number in the books.
    pub seq: i64,
    /// The day in Korea.
    pub day: jiff::civil::Date,
    /// When it was saved.
    pub made_at: Timestamp,
    /// Who saved it.
    pub operator: String,
    /// What it found; `None` when this program can't read it.
    pub brief: Option<Brief>,
}

/// What a close found, in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brief {
    /// By which time its payments were counted.
    pub basis: Basis,
    /// How many differences it has that are to be mended.
    pub wrong: usize,
    /// How many it has that are only to be known.
    pub notices: usize,
}

impl Brief {
    /// Of a close.
    pub fn of(close: &Close) -> Self {
        let notices = close.differences().filter(|(_, found)| found.what.is_notice()).count();
        Self { basis: close.basis, wrong: close.differences().count() - notices, notices }
    }

    /// Whether nothing is wrong: notices may remain.
    pub const fn agrees(&self) -> bool {
        self.wrong == 0
    }
}

/// The close before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierClose {
    /// Its number in the books.
    pub seq: i64,
    /// When it was saved.
    pub made_at: Timestamp,
    /// Who saved it.
    pub operator: String,
    /// By which time its payments were counted; `None` when this program can't read it.
    pub basis: Option<Basis>,
    /// What is different since; `None` when this program can't read it.
    pub changes: Option<Vec<Change>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn won(minor: u64) -> Money {
        Money::new(minor, Currency::Krw).unwrap()
    }

    fn every_difference() -> Vec<Difference> {
        let money = won(500);
        let other = PaymentState::Other(SafeText::new("NEW_STATE"));
        [
            What::NotAtProvider,
            What::MadeElsewhere,
            What::AmountDiffers { ours: money, theirs: None },
            What::AmountDiffers { ours: money, theirs: Some(won(7)) },
            What::StateDiffers { theirs: PaymentState::Failed },
            What::StateDiffers { theirs: other },
            What::ModeDiffers { theirs: Env::Live },
            What::StillOpen,
            What::CancelledElsewhere { amount: money },
            What::RefundNotSeen { amount: money },
            What::ScheduleNotRun,
            What::ScheduleOpen,
            What::ScheduleFailed,
            What::ScheduleWithoutPayment,
        ]
        .into_iter()
        .enumerate()
        .map(|(at, what)| Difference { id: SafeText::new(&format!("p{at}")), what })
        .collect()
    }

    fn tally(amount: u64) -> Tally {
        let sum = Sum { count: 2, amount, cancelled: 300 };
        Tally { count: 3, sums: [(Currency::Krw, sum), (Currency::Usd, sum)].into(), uncounted: 1 }
    }

    fn close() -> Close {
        let totals = Totals {
            paid: tally(1_000),
            methods: Method::ALL.into_iter().map(|method| (method, tally(1_000))).collect(),
            operators: [(None, tally(5)), (Some("minji".to_owned()), tally(6))].into(),
            states: [(StateGroup::Paid, tally(7)), (StateGroup::Other, tally(8))].into(),
        };
        let span = super::super::day(jiff::civil::Date::constant(2026, 11, 20)).unwrap();
        Close {
            span,
            basis: Basis::Changed,
            now: span.until,
            sides: [
                (Env::Live, Side { totals, differences: every_difference() }),
                (Env::Test, Side::default()),
            ]
            .into(),
        }
    }

    #[test]
    fn what_is_kept_is_read_as_it_was() {
        let close = close();
        assert_eq!(Close::read(&close.keep()), Some(close.clone()));
        assert_eq!(Close::read(&close.keep().replace("\"form\":1", "\"form\":2")), None);
        assert_eq!(Close::read("{}"), None);
    }

    #[test]
    fn a_line_counts_what_is_wrong_and_what_is_only_to_be_known() {
        let mut close = close();
        assert_eq!(Brief::of(&close), Brief { basis: Basis::Changed, wrong: 13, notices: 1 });
        assert!(!Brief::of(&close).agrees() && !close.agrees());
        let side = close.sides.get_mut(&Env::Live).unwrap();
        side.differences.retain(|found| found.what.is_notice());
        assert_eq!((Brief::of(&close).notices, Brief::of(&close).agrees(), close.agrees()), (1, true, true));
    }
}
