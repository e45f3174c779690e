//! What there is to say about a field's content, and whether it stops the payment.

use super::{Field, Fields, IdentityKind};
use crate::domain::account::ReceiptKind;
use crate::domain::billing_key::BillingKey;
use crate::domain::card::{ExpiryVerdict, IdentityVerdict, complete_at};
use crate::domain::channel::Mode;
use crate::domain::due::{self, DueError};
use crate::domain::money::{AmountError, Money};
use crate::domain::pg::{self, Amounts, MerchantTax, Need, Severity, business_number_check};
use crate::i18n::Text;
use crate::text;

/// How serious a remark on a field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// It stops the payment.
    Error,
    /// It is said and may go.
    Warning,
}

/// A remark on a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// How serious.
    pub weight: Weight,
    /// In words.
    pub text: Text,
}

const fn error(text: Text) -> Remark {
    Remark { weight: Weight::Error, text }
}

const fn warning(text: Text) -> Remark {
    Remark { weight: Weight::Warning, text }
}

impl Fields {
    /// What there is to say about a field's content. A blank one says something only when it is required.
    pub fn remark(&self, field: Field) -> Option<Remark> {
        if self.is_blank(field) {
            return (self.need(field) == Need::Required).then(|| error(text!("keyin.error.required")));
        }
        match field {
            Field::OrderName => self.order_name_remark(),
            Field::Amount => self.amount_remark(),
            Field::TaxFree => self.tax_free_remark(),
            Field::Installments => self.installments_remark(),
            Field::Bank => self.bank_remark(),
            Field::Due => self.due_remark(),
            Field::ReceiptNumber => self.receipt_remark(),
            Field::Holder => self.holder_remark(),
            Field::InterestFree | Field::Receipt | Field::FixedAccount | Field::SaveCard | Field::Note => {
                None
            }
            Field::Number => self.number_remark(),
            Field::Expiry => match self.card.expiry {
                ExpiryVerdict::Incomplete => Some(error(text!("keyin.error.expiry-incomplete"))),
                ExpiryVerdict::BadMonth | ExpiryVerdict::Reversed => {
                    Some(error(text!("keyin.error.expiry-month")))
                }
                ExpiryVerdict::Expired => Some(error(text!("keyin.error.expiry-over"))),
                ExpiryVerdict::FarAhead => Some(warning(text!("keyin.warning.expiry-far"))),
                ExpiryVerdict::Good if self.card.expiry_turned => {
                    Some(warning(text!("keyin.warning.expiry-turned")))
                }
                ExpiryVerdict::Good => None,
            },
            Field::Identity => match (self.identity_kind, self.card.identity) {
                (IdentityKind::Person, IdentityVerdict::Birth)
                | (IdentityKind::Business, IdentityVerdict::Business(true)) => None,
                (IdentityKind::Person, IdentityVerdict::NoSuchDate) => {
                    Some(error(text!("keyin.error.birth")))
                }
                (IdentityKind::Business, IdentityVerdict::Business(false)) => {
                    Some(warning(text!("keyin.warning.business-check")))
                }
                (IdentityKind::Person, _) => Some(error(text!("keyin.error.birth-incomplete"))),
                (IdentityKind::Business, _) => Some(error(text!("keyin.error.business-incomplete"))),
            },
            Field::Pin => (self.card.pin_len < 2).then(|| error(text!("keyin.error.pin"))),
            Field::CustomerId | Field::Name | Field::Phone => self.customer_remark(field),
            Field::KeyName => BillingKey::name(self.value(field).trim())
                .is_err()
                .then(|| error(text!("keyin.error.key-name", max = BillingKey::MAX))),
            Field::Email => {
                let (name, host) = self.value(field).trim().split_once('@').unwrap_or_default();
                let plausible = !name.is_empty() && host.contains('.') && !host.ends_with('.');
                if plausible { self.customer_remark(field) } else { Some(error(text!("keyin.error.email"))) }
            }
        }
    }

    fn order_name_remark(&self) -> Option<Remark> {
        let name = self.value(Field::OrderName);
        // A cut name is sent as it is, but the operator sees what the slip will say.
        if let Some(cut) = self.rules().cut_order_name(name) {
            return Some(warning(text!("keyin.warning.order-name-cut", cut = cut)));
        }
        of_findings(self.rules().check_order_name(name))
    }

    fn amount_remark(&self) -> Option<Remark> {
        let amount = match self.amount() {
            Ok(amount) if amount.is_zero() => return Some(error(text!("keyin.error.amount-zero"))),
            Ok(amount) => amount,
            Err(problem) => return Some(error(amount_error(problem))),
        };
        // Its own field says what is wrong with the tax-free part; 0 stands in until it is typed.
        let free = (self.need(Field::TaxFree) == Need::Required).then(Self::nothing);
        of_findings(self.findings(amount, free))
    }

    fn findings(&self, total: Money, free: Option<Money>) -> Vec<pg::Finding> {
        let mixed = self.channel.terms.mixed_tax;
        let amounts = Amounts {
            total: total.minor_signed(),
            tax_free: free.map(Money::minor_signed),
            vat: None,
            currency: total.currency().code(),
            test: self.channel.mode == Mode::Test,
            merchant_tax: if mixed { MerchantTax::Mixed } else { MerchantTax::NotSet },
        };
        self.rules().check_amount(self.way.operation(), self.way.means(), &amounts)
    }

    fn tax_free_remark(&self) -> Option<Remark> {
        match (self.tax_free(), self.amount()) {
            (Err(problem), _) => Some(error(amount_error(problem))),
            (Ok(Some(free)), Ok(total)) if free.minor() > total.minor() => {
                Some(error(text!("keyin.error.tax-free-above")))
            }
            (Ok(Some(free)), Ok(total)) => {
                let mut findings = self.findings(total, Some(free));
                // What is wrong with the total is said there.
                let plain = self.findings(total, None);
                findings.retain(|finding| !plain.contains(finding));
                of_findings(findings)
            }
            _ => None,
        }
    }

    fn installments_remark(&self) -> Option<Remark> {
        let total = self.amount().ok()?.minor_signed();
        of_findings(self.rules().check_installments(u32::from(self.chosen_months()), total, None))
    }

    fn bank_remark(&self) -> Option<Remark> {
        let unusable = self.bank.is_some_and(|bank| self.is_unusable_in_test(bank));
        unusable.then(|| warning(text!("keyin.warning.bank-test")))
    }

    fn due_remark(&self) -> Option<Remark> {
        let due = match self.due() {
            Ok(due) => due,
            Err(DueError::Empty | DueError::NotADate) => return Some(error(text!("keyin.error.due"))),
            Err(DueError::Past) => return Some(error(text!("keyin.error.due-past"))),
            Err(DueError::TooFar) => return Some(error(text!("keyin.error.due-far"))),
        };
        let hours = due::hours_until(due, self.now);
        let mut findings = self.rules().check_virtual_account("", Some(hours));
        findings.retain(|finding| matches!(finding.what, pg::What::HoursAbove { .. }));
        of_findings(findings)
    }

    fn receipt_remark(&self) -> Option<Remark> {
        let digits = self.receipt_digits();
        let odd = self
            .value(Field::ReceiptNumber)
            .chars()
            .any(|ch| crate::tui::input::Key::char(ch).digit().is_none() && !matches!(ch, '-' | ' ' | '－'));
        match self.receipt? {
            ReceiptKind::Personal
                if odd || !(10..=11).contains(&digits.len()) || !digits.starts_with("01") =>
            {
                Some(error(text!("keyin.error.receipt-phone")))
            }
            ReceiptKind::Corporate if odd || digits.len() != 10 => {
                Some(error(text!("keyin.error.business-incomplete")))
            }
            ReceiptKind::Corporate if business_number_check(&digits) != Some(true) => {
                Some(warning(text!("keyin.warning.business-check")))
            }
            _ => None,
        }
    }

    fn holder_remark(&self) -> Option<Remark> {
        let holder = self.value(Field::Holder).trim();
        if self.rules().virtual_account.holder_is_merchant {
            return Some(warning(text!("keyin.warning.holder-merchant")));
        }
        let max = pg::v1_limits().account_holder;
        let long = self.channel.generation == pg::Generation::V1 && holder.chars().nth(max).is_some();
        long.then(|| error(text!("keyin.error.holder-long", max = max)))
    }

    fn number_remark(&self) -> Option<Remark> {
        let card = &self.card;
        let complete = complete_at(&card.prefix);
        if card.number_len < complete.unwrap_or(12) {
            return Some(match complete {
                // Fewer digits than the brand has are said, and stop only when nothing could be charged.
                Some(_) if card.number_len >= 12 => warning(text!("keyin.warning.number-length")),
                _ => error(text!("keyin.error.number-short")),
            });
        }
        (card.luhn == Some(false)).then(|| warning(text!("keyin.warning.luhn")))
    }

    fn customer_remark(&self, field: Field) -> Option<Remark> {
        if field == Field::Phone {
            let digits = self.customer().phone_digits().unwrap_or_default();
            let odd =
                self.value(field).chars().any(|ch| !(ch.is_ascii_digit() || matches!(ch, '-' | ' ' | '+')));
            if odd || !(8..=15).contains(&digits.len()) {
                return Some(error(text!("keyin.error.phone")));
            }
        }
        let only = |wanted: Field| (field == wanted).then(|| self.value(wanted).trim());
        let customer = pg::Customer {
            id: only(Field::CustomerId),
            name: only(Field::Name),
            phone: only(Field::Phone),
            email: only(Field::Email),
        };
        let mut findings = self.rules().check_customer(self.way.operation(), &customer);
        if self.issues_first() {
            findings.extend(self.rules().check_customer(pg::Operation::IssueKey, &customer));
        }
        // What is missing is said at the field that misses it.
        findings.retain(|finding| !matches!(finding.what, pg::What::Missing { .. }));
        of_findings(findings)
    }
}

fn amount_error(problem: AmountError) -> Text {
    match problem {
        AmountError::Empty => text!("keyin.error.required"),
        AmountError::NotANumber => text!("keyin.error.amount"),
        AmountError::Fraction => text!("keyin.error.amount-fraction"),
        AmountError::TooLarge => text!("keyin.error.amount-large"),
    }
}

/// The gravest finding, in words.
fn of_findings(findings: Vec<pg::Finding>) -> Option<Remark> {
    let finding = findings.into_iter().max_by_key(|finding| finding.severity)?;
    let text = Text { key: finding.what.message_id(), args: finding.what.arguments() };
    Some(match finding.severity {
        Severity::Blocks => error(text),
        Severity::Warns => warning(text),
    })
}
