//! What there is to say about a field's content, and whether it stops the payment.

use super::{Field, Fields, IdentityKind};
use crate::domain::card::{ExpiryVerdict, IdentityVerdict, complete_at};
use crate::domain::channel::Mode;
use crate::domain::money::AmountError;
use crate::domain::pg::{self, Amounts, Means, MerchantTax, Need, Operation, Severity};
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
            Field::TaxFree => match (self.tax_free(), self.amount()) {
                (Err(problem), _) => Some(error(amount_error(problem))),
                (Ok(Some(free)), Ok(total)) if free.minor() > total.minor() => {
                    Some(error(text!("keyin.error.tax-free-above")))
                }
                _ => None,
            },
            Field::Installments => None,
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
            Field::Name | Field::Phone => self.customer_remark(field),
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
        let terms = &self.channel.terms;
        let amounts = Amounts {
            total: amount.minor_signed(),
            // Its own field says what is wrong with the tax-free part; 0 stands in until it is typed.
            tax_free: terms.mixed_tax.then_some(0),
            vat: None,
            currency: amount.currency().code(),
            test: self.channel.mode == Mode::Test,
            merchant_tax: if terms.mixed_tax { MerchantTax::Mixed } else { MerchantTax::NotSet },
        };
        of_findings(self.rules().check_amount(Operation::KeyInCard, Means::Card, &amounts))
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
            id: None,
            name: only(Field::Name),
            phone: only(Field::Phone),
            email: only(Field::Email),
        };
        let mut findings = self.rules().check_customer(Operation::KeyInCard, &customer);
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
