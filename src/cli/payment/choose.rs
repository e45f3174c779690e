//! Which payments are meant: the options that `list` and `export` share, as a filter of the copy.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::cli::sale::{Findings, part, tidy};
use crate::domain::close::day as day_of;
use crate::domain::due;
use crate::domain::listing::{Basis, PaymentFilter, RowList, StateKind};
use crate::domain::money::Currency;
use crate::domain::problem::Problem;
use crate::domain::record::Method;
use crate::domain::schedule::Span;
use crate::domain::search::Needle;
use crate::domain::text::SafeText;
use crate::operation::Desk;
use crate::text;

/// The options.
#[derive(Debug, Clone, Default, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct ChooseArgs {
    /// Contains this: order number, order name, customer, phone, approval number, last four, issuer, initial
    /// consonants (초성).
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub search: String,
    /// Of this period.
    #[arg(long, value_name = "PERIOD")]
    pub period: Option<Period>,
    /// From this day on (Korea).
    #[arg(long, value_name = "DATE")]
    pub from: Option<Date>,
    /// Up to this day, that day included (Korea).
    #[arg(long, value_name = "DATE")]
    pub until: Option<Date>,
    /// By which time: when it was asked for, or when its state last changed.
    #[arg(long, value_name = "BASIS", default_value = "changed")]
    pub basis: BasisArg,
    /// In this state; may be given several times.
    #[arg(long, value_name = "STATE")]
    pub state: Vec<String>,
    /// Paid in this way; may be given several times.
    #[arg(long, value_name = "METHOD")]
    pub method: Vec<String>,
    /// Through this PG, as the provider writes it.
    #[arg(long, value_name = "PG")]
    pub pg: Option<String>,
    /// Only charges of billing keys.
    #[arg(long, conflicts_with = "once")]
    pub recurring: bool,
    /// No charges of billing keys.
    #[arg(long)]
    pub once: bool,
    /// Only test payments.
    #[arg(long, conflicts_with = "live")]
    pub test: bool,
    /// Only real payments.
    #[arg(long)]
    pub live: bool,
    /// At least this amount.
    #[arg(long, value_name = "N")]
    pub least: Option<String>,
    /// At most this amount.
    #[arg(long, value_name = "N")]
    pub most: Option<String>,
}

/// A period that ends now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Period {
    /// Today in Korea.
    Today,
    /// Today and the six days before.
    Week,
    /// Today and the 29 days before.
    Month,
    /// Today and the 364 days before.
    Year,
}

impl Period {
    const fn days(self) -> i32 {
        match self {
            Self::Today => 1,
            Self::Week => 7,
            Self::Month => 30,
            Self::Year => 365,
        }
    }
}

/// A time basis, as an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum BasisArg {
    /// 결제 요청 시각
    Requested,
    /// 상태 승인 시각
    #[default]
    Changed,
}

impl BasisArg {
    /// As lists know it.
    pub const fn basis(self) -> Basis {
        match self {
            Self::Requested => Basis::Requested,
            Self::Changed => Basis::Changed,
        }
    }
}

impl ChooseArgs {
    /// The filter, as far as it could be built; `findings` says what is wrong with it.
    pub(in crate::cli) fn filter(&self, now: Timestamp, findings: &mut Findings) -> PaymentFilter {
        let (least, most) = (
            part("least", self.least.as_deref(), Currency::Krw, findings),
            part("most", self.most.as_deref(), Currency::Krw, findings),
        );
        PaymentFilter {
            basis: self.basis.basis(),
            period: self.span(now, findings),
            states: words(
                "state",
                &self.state,
                &StateKind::ALL.map(StateKind::word),
                StateKind::parse,
                findings,
            ),
            methods: words("method", &self.method, &Method::ALL.map(Method::word), Method::parse, findings),
            pg: self.pg.as_deref().map(|pg| SafeText::new(&tidy(pg))),
            recurring: (self.recurring || self.once).then_some(self.recurring),
            is_test: (self.test || self.live).then_some(self.test),
            least: least.unwrap_or_default(),
            most: most.unwrap_or_default(),
        }
    }

    fn span(&self, now: Timestamp, findings: &mut Findings) -> Option<Span> {
        if self.period.is_some() && (self.from.is_some() || self.until.is_some()) {
            findings.wrong("period", text!("cli.history.period-twice"));
            return None;
        }
        let today = due::in_korea(now).date();
        let (from, until) = match (self.period, self.from, self.until) {
            (None, None, None) => return None,
            (Some(period), ..) => {
                let back = jiff::Span::new().days(period.days() - 1);
                (today.checked_sub(back).unwrap_or(Date::MIN), today)
            }
            (None, from, until) => {
                (from.unwrap_or(Date::new(2000, 1, 1).unwrap_or(Date::MIN)), until.unwrap_or(today))
            }
        };
        if from > until {
            findings.wrong("until", text!("cli.history.period-order"));
            return None;
        }
        let (first, last) = (day_of(from)?, day_of(until)?);
        Some(Span { from: first.from, until: last.until })
    }

    /// The rows of the copy that fit.
    pub fn rows(&self, desk: &Desk, filter: &PaymentFilter) -> Result<RowList, Problem> {
        let needle = (!self.search.trim().is_empty()).then(|| Needle::new(&self.search));
        Ok(desk.ledger.borrow().payment_list(&desk.profile, filter, needle.as_ref())?)
    }
}

fn words<T>(
    option: &'static str,
    given: &[String],
    all: &[&str],
    parse: impl Fn(&str) -> Option<T>,
    findings: &mut Findings,
) -> Vec<T> {
    let mut found = Vec::new();
    for word in given.iter().flat_map(|given| given.split(',')) {
        match parse(word.trim()) {
            Some(one) => found.push(one),
            None => findings.wrong(option, text!("cli.history.word", allowed = all.join(", "))),
        }
    }
    found
}
