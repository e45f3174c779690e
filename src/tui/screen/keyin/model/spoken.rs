//! The line that is read back to the caller: amount, months, card company, last four; never more of a number.

use super::fields::{Fields, Way};
use super::{Model, Ordered};
use crate::domain::due;
use crate::domain::issuer::Bank;
use crate::domain::money::Money;
use crate::domain::speech;
use crate::i18n::{Lang, Text};
use crate::text;

/// Of what is about to be sent. `issuer` is who is thought to have issued the card.
pub fn read_back(order: &Ordered, issuer: Option<&str>, lang: Lang) -> Text {
    let amount = order.sale().amount;
    match order {
        Ordered::Card(order, card) => of_card(amount, order.installments.months, issuer, card.last4(), lang),
        Ordered::Account(order) => of_account(amount, order.bank, order.due, lang),
    }
}

/// Of a form that is complete.
pub fn of_the_form(model: &Model, lang: Lang) -> Option<Text> {
    let fields: &Fields = &model.fields;
    let amount = fields.amount().ok()?;
    match fields.way() {
        Way::Card => {
            let last4 = fields.card.ending.as_ref()?.last4();
            Some(of_card(amount, fields.chosen_months(), model.issuer(), last4, lang))
        }
        Way::Account => Some(of_account(amount, fields.bank?, fields.due().ok()?, lang)),
    }
}

fn won(amount: Money, lang: Lang) -> String {
    match lang {
        Lang::Ko => speech::won_ko(amount.minor_signed()),
        Lang::En => speech::won_en(amount.minor_signed()),
    }
}

fn of_card(amount: Money, months: u8, issuer: Option<&str>, last4: &str, lang: Lang) -> Text {
    let months = match lang {
        Lang::Ko => speech::months_ko(u32::from(months)),
        Lang::En => speech::months_en(u32::from(months)),
    };
    let amount = won(amount, lang);
    match issuer {
        Some(issuer) => text!(
            "keyin.confirm.read-back-issuer",
            amount = amount,
            months = months,
            issuer = issuer,
            last4 = last4
        ),
        None => text!("keyin.confirm.read-back", amount = amount, months = months, last4 = last4),
    }
}

fn of_account(amount: Money, bank: &Bank, due: jiff::Timestamp, lang: Lang) -> Text {
    let amount = won(amount, lang);
    let (bank, due) = match lang {
        Lang::Ko => (bank.ko, due::full_ko(due)),
        Lang::En => (bank.en, due::full_en(due)),
    };
    text!("keyin.confirm.read-back-account", amount = amount, bank = bank, due = due)
}
