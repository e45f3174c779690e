//! The one object that `--json` prints about a payment, an account or a billing key (docs/headless.md has the
//! table). Members are added, never renamed or removed; a member without a value is `null`.

use std::io::Write as _;

use serde::Serialize;

use super::state::{done_word, has_amount, not_done_word, outcome_word};
use crate::domain::account::{DepositAccount, DepositState};
use crate::domain::billing_key::BillingKey;
use crate::domain::card::CardEnding;
use crate::domain::intent::{Approval, Intent, IntentKind, IntentState, NewIntent, Target};
use crate::domain::money::Money;
use crate::domain::order::{Installments, Sale};
use crate::domain::outcome::{KeyFate, Outcome};
use crate::domain::payment::Refusal;
use crate::domain::record::CancellationState;
use crate::domain::refund::hand::{Evidence, Seen};
use crate::domain::schedule::ProviderSchedule;
use crate::domain::text::SafeText;

/// First six and last four digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct CardReport {
    bin: String,
    last4: String,
}

impl CardReport {
    /// What may be shown of a card.
    pub(super) fn of(card: &CardEnding) -> Self {
        Self { bin: card.bin6().to_owned(), last4: card.last4().to_owned() }
    }
}

/// A charge of a billing key that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct ScheduleReport {
    pub id: String,
    /// Unix seconds.
    pub at: i64,
    /// In minor units.
    pub amount: Option<u64>,
    pub currency: Option<&'static str>,
    pub order_name: String,
}

impl From<&ProviderSchedule> for ScheduleReport {
    fn from(open: &ProviderSchedule) -> Self {
        Self {
            id: open.id.to_string(),
            at: open.at.as_second(),
            amount: open.amount.map(Money::minor),
            currency: open.amount.map(|amount| amount.currency().code()),
            order_name: open.order_name.to_string(),
        }
    }
}

/// The schedules that wait for a key that is to be deleted, and what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct SchedulesReport {
    /// Those that were found, next first.
    pub open: Vec<ScheduleReport>,
    /// How their revoking ended; `None` when nobody asked for it.
    pub outcome: Option<&'static str>,
    /// The intent that revokes them.
    pub payment_id: Option<String>,
}

/// A channel of a group that refused although the key was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct RefusalReport {
    pub code: Option<String>,
    pub message: String,
}

impl From<&Refusal> for RefusalReport {
    fn from(refusal: &Refusal) -> Self {
        Self { code: owned(refusal.code.as_ref()), message: refusal.message.to_string() }
    }
}

/// A rule that a refund meets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct FindingReport {
    /// Its name.
    pub rule: &'static str,
    /// Whether it stops the refund.
    pub blocks: bool,
    /// Its sentence.
    pub text: String,
}

/// What speaks for and against a refund that no look-up can settle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct EvidenceReport {
    /// What could be given back before the refund; minor units.
    pub before: Option<u64>,
    /// What can be given back now.
    pub now: Option<u64>,
    pub cancellations: Vec<CancellationReport>,
}

/// A cancellation that the provider shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct CancellationReport {
    pub id: Option<String>,
    /// In minor units.
    pub amount: u64,
    /// `requested`, `succeeded`, `failed` or `other`.
    pub state: &'static str,
    pub reason: String,
    /// Unix seconds.
    pub at: Option<i64>,
    /// Whether it was not there before the refund.
    pub new: bool,
    /// Whether it may be the refund.
    pub fits: bool,
}

impl From<&Evidence> for EvidenceReport {
    fn from(evidence: &Evidence) -> Self {
        let one = |seen: &Seen| CancellationReport {
            id: owned(seen.cancellation.id.as_ref()),
            amount: seen.cancellation.amount.minor(),
            state: match &seen.cancellation.state {
                CancellationState::Requested => "requested",
                CancellationState::Succeeded => "succeeded",
                CancellationState::Failed(_) => "failed",
                CancellationState::Other(_) => "other",
            },
            reason: seen.cancellation.reason.to_string(),
            at: seen.cancellation.cancelled_at.or(seen.cancellation.requested_at),
            new: seen.new,
            fits: seen.fits,
        };
        Self {
            before: evidence.before.map(Money::minor),
            now: evidence.now.map(Money::minor),
            cancellations: evidence.cancellations.iter().map(one).collect(),
        }
    }
}

/// A virtual account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct AccountReport {
    pub bank: String,
    pub number: String,
    pub holder: Option<String>,
    /// Unix seconds.
    pub due: Option<i64>,
}

impl From<&DepositAccount> for AccountReport {
    fn from(account: &DepositAccount) -> Self {
        Self {
            bank: account.bank.to_string(),
            number: account.number.to_string(),
            holder: account.holder.as_ref().map(ToString::to_string),
            due: account.due,
        }
    }
}

/// One payment, account or billing key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Report {
    /// How it ended; the word of the good end depends on the kind.
    pub outcome: &'static str,
    /// The journal's word for what it is.
    pub kind: Option<&'static str>,
    pub payment_id: Option<String>,
    /// In minor units.
    pub amount: Option<u64>,
    pub currency: Option<&'static str>,
    pub tax_free: Option<u64>,
    pub vat: Option<u64>,
    /// Months; 0 is lump sum.
    pub installments: u8,
    /// Whether the merchant bears the interest.
    pub interest_free: bool,
    pub order_name: Option<String>,
    pub note: Option<String>,
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
    /// For a card that was to be kept: `kept`, `not_kept` or `unknown`.
    pub saved_card: Option<&'static str>,
    /// Shortened, unless the whole of it was asked for.
    pub billing_key: Option<String>,
    pub account: Option<AccountReport>,
    /// How far the deposit came: `waiting`, `paid` or `closed`.
    pub deposit: Option<&'static str>,
    /// The payment whose account this closes.
    pub closes: Option<String>,
    /// Of a refund: what can still be given back after it, as it was read last; minor units.
    pub balance: Option<u64>,
    /// Of a refund: what was found before it was sent.
    pub findings: Vec<FindingReport>,
    /// Of a refund that is settled by hand: what there was to see.
    pub evidence: Option<EvidenceReport>,
    /// The payment that this gives back, or whose cash receipt this is.
    pub refunds: Option<String>,
    /// The payment for which this key was made, or the deletion for which these schedules were revoked.
    pub part_of: Option<String>,
    /// For a key that was registered: the channels that refused it.
    pub refusals: Vec<RefusalReport>,
    /// For a key that is deleted.
    pub schedules: Option<SchedulesReport>,
    /// Whether billing keys are written whole.
    #[serde(skip)]
    pub show_key: bool,
}

fn owned(text: Option<&SafeText>) -> Option<String> {
    text.map(ToString::to_string)
}

impl Report {
    /// Nothing was done, because of a word.
    pub(super) fn not_done(kind: IntentKind, problem: &str) -> Self {
        Self {
            outcome: not_done_word(kind),
            kind: Some(kind.word()),
            problem: Some(problem.to_owned()),
            ..Self::default()
        }
    }

    /// Keeps what is known of the sale before anything is sent.
    pub(super) fn sale(&mut self, kind: IntentKind, sale: &Sale, installments: Installments) {
        self.kind = Some(kind.word());
        self.payment_id = Some(sale.payment_id.to_string());
        self.amount = Some(sale.amount.minor());
        self.currency = Some(sale.amount.currency().code());
        self.tax_free = sale.tax_free.map(Money::minor);
        self.vat = sale.vat.map(Money::minor);
        self.installments = installments.months;
        self.interest_free = installments.interest_free;
        self.order_name = Some(sale.order_name.clone());
        self.note.clone_from(&sale.note);
        self.channel = Some(sale.channel.name.clone());
        self.mode = Some(sale.channel.mode.word());
    }

    /// Keeps what became of a card that was to be kept.
    pub(super) fn fate(&mut self, fate: &KeyFate) {
        self.saved_card = Some(match fate {
            KeyFate::Kept(key) => {
                self.key(key);
                "kept"
            }
            KeyFate::NotKept => "not_kept",
            KeyFate::Unseen => "unknown",
        });
    }

    /// Keeps the key, as much of it as may be shown.
    pub(super) fn key(&mut self, key: &BillingKey) {
        self.billing_key = Some(if self.show_key { key.expose().to_owned() } else { key.shortened() });
    }

    /// Keeps what is known of the card.
    pub(super) fn card(&mut self, card: Option<&CardEnding>) {
        self.card = card.map(CardReport::of);
    }

    /// The card as it may be shown.
    pub(super) fn card_shown(&self) -> Option<String> {
        let card = self.card.as_ref()?;
        CardEnding::new(&card.bin, &card.last4).map(|card| card.to_string())
    }

    /// An intent of the journal, its billing key written whole or not.
    pub(super) fn of_intent(intent: &Intent, show_key: bool) -> Self {
        let mut report = Self { show_key, ..Self::default() };
        report.new_intent(&intent.new);
        let kind = intent.new.kind;
        report.outcome = outcome_word(kind, intent.state);
        if let Some(approval) = &intent.approval {
            report.approval(approval);
            // V1 keeps a card in the call that charges it (V1 §7); elsewhere a key has a row of its own.
            if let (IntentKind::KeyIn, Some(key)) = (kind, &approval.key) {
                report.fate(&KeyFate::Kept(key.clone()));
            }
        }
        if let Some(refusal) = &intent.refusal {
            report.refusal(refusal);
        }
        report.deposit = intent.deposit.map(DepositState::word);
        if intent.state == IntentState::NotCharged {
            report.problem.clone_from(&intent.why);
        } else if report.outcome == "unknown" {
            report.why.clone_from(&intent.why);
        }
        report
    }

    fn new_intent(&mut self, new: &NewIntent) {
        self.kind = Some(new.kind.word());
        self.payment_id = Some(new.id.to_string());
        self.amount = has_amount(new.kind).then_some(new.amount.minor());
        self.currency = has_amount(new.kind).then_some(new.amount.currency().code());
        self.tax_free = new.tax_free.map(Money::minor);
        self.vat = new.vat.map(Money::minor);
        self.installments = new.installments.months;
        self.interest_free = new.installments.interest_free;
        self.order_name = Some(new.order_name.clone()).filter(|name| !name.is_empty());
        self.note.clone_from(&new.note);
        self.profile = Some(new.profile.clone());
        self.channel = Some(new.channel.clone());
        self.mode = Some(new.mode.word());
        self.part_of = new.parent.as_ref().map(ToString::to_string);
        match &new.target {
            Some(Target::Payment(account)) => self.closes = Some(account.to_string()),
            Some(Target::Key(key)) => self.key(key),
            Some(Target::Record(of)) => self.refunds = Some(of.id.to_string()),
            None => {}
        }
        self.card(new.card.as_ref());
    }

    /// Adds how it ended.
    pub(super) fn outcome(&mut self, kind: IntentKind, outcome: &Outcome) {
        match outcome {
            Outcome::Approved(approval) => {
                self.outcome = done_word(kind);
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
                self.outcome = not_done_word(kind);
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
        self.account = approval.account.as_deref().map(AccountReport::from);
        if let Some(key) = &approval.key {
            self.key(key);
        }
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
        let report = serde_json::to_value(Report::not_done(IntentKind::KeyIn, "x")).unwrap();
        let mut members: Vec<&String> = report.as_object().unwrap().keys().collect();
        let mut documented_sorted = documented.clone();
        documented_sorted.sort_unstable();
        members.sort_unstable();
        assert_eq!(members, documented_sorted);
    }
}
