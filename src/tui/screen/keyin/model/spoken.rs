//! The line that is read back to the caller: amount, months, card company, last four; never more of a number.

use super::fields::{Fields, Way};
use super::{Model, Ordered};
use crate::domain::card::CardEnding;
use crate::domain::due;
use crate::domain::issuer::Bank;
use crate::domain::money::Money;
use crate::domain::speech;
use crate::i18n::{Lang, Text};
use crate::text;

/// Of what is about to be sent. `issuer` is who is thought to have issued the card.
pub fn read_back(order: &Ordered, issuer: Option<&str>, lang: Lang) -> Text {
    match order {
        Ordered::Card(order, card) => {
            of_card(order.sale.amount, order.installments.months, issuer, card.last4(), lang)
        }
        Ordered::Account(order) => of_account(order.sale.amount, order.bank, order.due, lang),
        Ordered::Register(_, card) => of_register(card.last4()),
        Ordered::KeyCharge(order, card) => {
            let last4 = card.as_ref().map(CardEnding::last4);
            of_key_charge(order.sale.amount, order.installments.months, last4, lang)
        }
    }
}

/// Of a form that is complete.
pub fn of_the_form(model: &Model, lang: Lang) -> Option<Text> {
    let fields: &Fields = &model.fields;
    let amount = || fields.amount().ok();
    let typed = || Some(fields.card.ending.as_ref()?.last4());
    match fields.way() {
        Way::Card => Some(of_card(amount()?, fields.chosen_months(), model.issuer(), typed()?, lang)),
        Way::Account => Some(of_account(amount()?, fields.bank?, fields.due().ok()?, lang)),
        Way::Register => Some(of_register(typed()?)),
        Way::Charge => {
            let last4 = fields.key().and_then(|key| key.card.as_ref()).map(CardEnding::last4);
            Some(of_key_charge(amount()?, fields.chosen_months(), last4, lang))
        }
    }
}

fn won(amount: Money, lang: Lang) -> String {
    match lang {
        Lang::Ko => speech::won_ko(amount.minor_signed()),
        Lang::En => speech::won_en(amount.minor_signed()),
    }
}

fn of_card(amount: Money, months: u8, issuer: Option<&str>, last4: &str, lang: Lang) -> Text {
    let months = spoken_months(months, lang);
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

fn of_register(last4: &str) -> Text {
    text!("keyin.confirm.read-back-register", last4 = last4)
}

/// Of a key whose card is not known there is no number to read out.
fn of_key_charge(amount: Money, months: u8, last4: Option<&str>, lang: Lang) -> Text {
    if let Some(last4) = last4 {
        return of_card(amount, months, None, last4, lang);
    }
    let (amount, months) = (won(amount, lang), spoken_months(months, lang));
    text!("keyin.confirm.read-back-key", amount = amount, months = months)
}

fn spoken_months(months: u8, lang: Lang) -> String {
    match lang {
        Lang::Ko => speech::months_ko(u32::from(months)),
        Lang::En => speech::months_en(u32::from(months)),
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
