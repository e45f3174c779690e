//! From what stands in the form to an order.

use super::{Field, Fields, Way};
use crate::domain::account::{AccountKind, CashReceipt};
use crate::domain::customer::Customer;
use crate::domain::money::{Currency, Money};
use crate::domain::order::{AccountOrder, Installments, KeyInOrder, Sale};
use crate::domain::payment::PaymentId;
use crate::domain::pg::{Need, TaxUse};

impl Fields {
    /// Who pays, as far as it was typed.
    pub fn customer(&self) -> Customer {
        Customer::new(self.value(Field::Name), self.value(Field::Phone), self.value(Field::Email))
            .with_id(if Field::CustomerId.is_of(self.way) { self.value(Field::CustomerId) } else { "" })
    }

    pub(super) fn sale(&self, payment_id: PaymentId) -> Option<Sale> {
        let note = self.value(Field::Note).trim();
        Some(Sale {
            payment_id,
            channel: self.channel.clone(),
            order_name: self.value(Field::OrderName).trim().to_owned(),
            amount: self.amount().ok()?,
            tax_free: self.tax_free().ok()?,
            vat: self.vat_to_send(),
            customer: self.customer(),
            note: (!note.is_empty()).then(|| note.to_owned()),
        })
    }

    /// The VAT is the PG's to compute, and is sent only where its table says that it must be.
    fn vat_to_send(&self) -> Option<Money> {
        let wanted =
            self.need(Field::TaxFree) == Need::Required && self.rules().tax.vat == TaxUse::RequiredIfMixed;
        if wanted { self.vat_part() } else { None }
    }

    /// The months, and who bears their interest.
    pub(super) fn installments(&self) -> Installments {
        Installments {
            months: self.chosen_months(),
            interest_free: self.interest_free && self.need(Field::InterestFree) != Need::Ignored,
        }
    }

    /// The order of a card payment, once nothing stops it.
    pub fn order(&self, payment_id: PaymentId) -> Option<KeyInOrder> {
        if self.way != Way::Card || !self.are_complete() {
            return None;
        }
        Some(KeyInOrder {
            sale: self.sale(payment_id)?,
            installments: self.installments(),
            save_card: self.save_card,
        })
    }

    /// The order of a virtual account, once nothing stops it.
    pub fn account_order(&self, payment_id: PaymentId) -> Option<AccountOrder> {
        if self.way != Way::Account || !self.are_complete() {
            return None;
        }
        let text = |field: Field| {
            let text = self.value(field).trim();
            (self.need(field) != Need::Ignored && !text.is_empty()).then(|| text.to_owned())
        };
        let receipt = match (self.need(Field::Receipt), self.receipt) {
            (Need::Ignored, _) | (_, None) => None,
            (_, Some(kind)) => Some(CashReceipt { kind, identity: self.receipt_digits() }),
        };
        Some(AccountOrder {
            sale: self.sale(payment_id)?,
            bank: self.bank?,
            due: self.due().ok()?,
            kind: text(Field::FixedAccount).map_or(AccountKind::Rotating, AccountKind::Fixed),
            receipt,
            holder: text(Field::Holder),
        })
    }

    /// Nothing, in the form's currency.
    pub(super) const fn nothing() -> Money {
        Money::zero(Currency::Krw)
    }
}
