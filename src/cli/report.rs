//! The one object that `--json` prints about a payment (docs/headless.md has the table). Members are added,
//! never renamed or removed; a member without a value is `null`.

use std::io::Write as _;

use serde::Serialize;

use crate::domain::card::CardEnding;
use crate::domain::intent::{Approval, Intent, IntentState, NewIntent};
use crate::domain::money::Money;
use crate::domain::outcome::Outcome;
use crate::domain::payment::Refusal;
use crate::domain::text::SafeText;

/// First six and last four digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct CardReport {
    bin: String,
    last4: String,
}

/// One payment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Report {
    /// `approved`, `declined`, `unknown`, `not_charged` or `blocked`.
    pub outcome: &'static str,
    pub payment_id: Option<String>,
    /// In minor units.
    pub amount: Option<u64>,
    pub currency: Option<&'static str>,
    pub tax_free: Option<u64>,
    /// Months; 0 is lump sum.
    pub installments: u8,
    pub order_name: Option<String>,
    pub approval_number: Option<String>,
    pub card: Option<CardReport>,
    pub issuer: Option<String>,
    pub provider_payment_id: Option<String>,
    pub provider_code: Option<String>,
    pub provider_message: Option<String>,
    pub receipt_url: Option<String>,
    /// Unix seconds.
    pub paid_at: Option<i64>,
    /// What the provider says was charged, when it is not `amount`; minor units.
    pub differing_amount: Option<u64>,
    /// A word for what went wrong.
    pub problem: Option<String>,
    /// For a refusal of the PG's: which of six things to do next.
    pub advice: Option<&'static str>,
    /// Which options or members of the card line are wrong.
    pub fields: Vec<&'static str>,
    /// A word why the outcome is unknown.
    pub why: Option<String>,
    pub profile: Option<String>,
    pub channel: Option<String>,
    /// `TEST` or `LIVE`.
    pub mode: Option<&'static str>,
    /// The earlier payment that stopped this one.
    pub guard: Option<String>,
}

fn owned(text: Option<&SafeText>) -> Option<String> {
    text.map(ToString::to_string)
}

impl Report {
    /// Nothing was charged, because of a word.
    pub(super) fn not_charged(problem: &str) -> Self {
        Self { outcome: "not_charged", problem: Some(problem.to_owned()), ..Self::default() }
    }

    /// Keeps what is known of the card.
    pub(super) fn card(&mut self, card: Option<&CardEnding>) {
        self.card =
            card.map(|card| CardReport { bin: card.bin6().to_owned(), last4: card.last4().to_owned() });
    }

    /// The card as it may be shown.
    pub(super) fn card_shown(&self) -> Option<String> {
        let card = self.card.as_ref()?;
        CardEnding::new(&card.bin, &card.last4).map(|card| card.to_string())
    }

    /// A payment of the journal.
    pub(super) fn of_intent(intent: &Intent) -> Self {
        let mut report = Self::of_new(&intent.new);
        report.outcome = match intent.state {
            IntentState::Approved => "approved",
            IntentState::Declined => "declined",
            IntentState::NotCharged => "not_charged",
            IntentState::Intended | IntentState::Sent | IntentState::Unknown => "unknown",
        };
        if let Some(approval) = &intent.approval {
            report.approval(approval);
        }
        if let Some(refusal) = &intent.refusal {
            report.refusal(refusal);
        }
        if intent.state == IntentState::NotCharged {
            report.problem.clone_from(&intent.why);
        } else if report.outcome == "unknown" {
            report.why.clone_from(&intent.why);
        }
        report
    }

    fn of_new(new: &NewIntent) -> Self {
        let mut report = Self {
            payment_id: Some(new.id.to_string()),
            amount: Some(new.amount.minor()),
            currency: Some(new.amount.currency().code()),
            tax_free: new.tax_free.map(Money::minor),
            installments: new.installments.months,
            order_name: Some(new.order_name.clone()),
            profile: Some(new.profile.clone()),
            channel: Some(new.channel.clone()),
            mode: Some(new.mode.word()),
            ..Self::default()
        };
        report.card(new.card.as_ref());
        report
    }

    /// Adds how the charge ended.
    pub(super) fn outcome(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Approved(approval) => {
                self.outcome = "approved";
                self.approval(approval);
            }
            Outcome::Declined(refusal) => {
                self.outcome = "declined";
                self.refusal(refusal);
            }
            Outcome::Unknown(why) => {
                self.outcome = "unknown";
                self.why = Some(why.clone());
            }
            Outcome::NotCharged(problem) => {
                self.outcome = "not_charged";
                self.problem = Some(problem.word().to_owned());
                if let crate::domain::problem::Problem::Refused { kind, message } = problem {
                    self.provider_code = Some(kind.clone());
                    self.provider_message = Some(message.clone());
                }
            }
            Outcome::Blocked(earlier) => {
                self.outcome = "blocked";
                self.guard = Some(earlier.new.id.to_string());
            }
        }
    }

    fn approval(&mut self, approval: &Approval) {
        self.approval_number = owned(approval.approval_number.as_ref());
        self.issuer = owned(approval.issuer.as_ref());
        self.provider_payment_id = owned(approval.provider_payment_id.as_ref());
        self.receipt_url = owned(approval.receipt_url.as_ref());
        self.paid_at = approval.paid_at;
        self.differing_amount = approval.differing_total.map(Money::minor);
    }

    fn refusal(&mut self, refusal: &Refusal) {
        self.provider_code = owned(refusal.code.as_ref());
        self.provider_message = owned(Some(&refusal.message)).filter(|message| !message.is_empty());
    }
}

/// Prints one object on one line of standard output.
pub(super) fn print(object: &impl Serialize) {
    // A report holds texts and numbers only, which always serialise; an output nobody reads can't be helped.
    if let Ok(line) = serde_json::to_string(object) {
        let _ = writeln!(std::io::stdout().lock(), "{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_is_the_documented_one() {
        let manual = include_str!("../../docs/headless.md");
        let table = manual.split("<!-- pay-json -->").nth(1).unwrap();
        let documented: Vec<&str> =
            table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
        let report = serde_json::to_value(Report::not_charged("x")).unwrap();
        let mut members: Vec<&String> = report.as_object().unwrap().keys().collect();
        let mut documented_sorted = documented.clone();
        documented_sorted.sort_unstable();
        members.sort_unstable();
        assert_eq!(members, documented_sorted);
    }
}
