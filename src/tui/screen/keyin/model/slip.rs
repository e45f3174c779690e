//! A slip of a payment as plain text, forty columns wide, ready for a printer or a chat with the customer.
//! Of the card it has the first six and last four digits, of the customer the name.

use super::{End, Finished, Model, Ordered, Phase};
use crate::domain::account::DepositState;
use crate::domain::channel::Mode;
use crate::domain::due::{self, to_the_minute};
use crate::domain::money::{Currency, Money};
use crate::domain::payment::PaymentId;
use crate::domain::text::SafeText;
use crate::i18n::{Catalogue, Lang};
use crate::text;
use crate::tui::columns;

/// The width of the paper, in columns.
const WIDTH: usize = 40;
/// The columns of a label.
const LABEL: usize = 12;

struct Paper<'a> {
    words: &'a Catalogue,
    text: String,
}

impl Paper<'_> {
    fn line(&mut self, text: &str) {
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }

    fn rule(&mut self) {
        self.line(&"-".repeat(WIDTH));
    }

    fn centred(&mut self, text: &str) {
        for part in columns::wrap(text, WIDTH) {
            let indent = (WIDTH - columns::width(&part).min(WIDTH)) / 2;
            self.line(&format!("{}{part}", " ".repeat(indent)));
        }
    }

    fn pair(&mut self, label: &'static str, value: &str) {
        let value = SafeText::new(value);
        let label = columns::pad_right(self.words.get(label), LABEL);
        for (at, part) in columns::wrap(value.as_str(), WIDTH - LABEL).into_iter().enumerate() {
            let head = if at == 0 { label.clone() } else { " ".repeat(LABEL) };
            self.line(&format!("{head}{part}"));
        }
    }

    fn amount(&mut self, label: &'static str, amount: Money) {
        let value = self.words.text(&text!("keyin.hint.amount", amount = amount));
        let label = columns::pad_right(self.words.get(label), LABEL);
        self.line(&format!("{label}{}", columns::pad_left(&value, WIDTH - LABEL)));
    }
}

impl Model {
    /// The slip of the payment on the screen, and the payment's id.
    pub fn slip(&self, store: &str, lang: Lang) -> Option<(PaymentId, String)> {
        let Phase::Result(finished) = &self.phase else { return None };
        Some((finished.order.id().clone(), slip(finished, store, lang)?))
    }
}

/// The slip of a payment that was made, or an account that waits; `None` while nobody knows, and where nothing
/// was sold.
pub fn slip(finished: &Finished, store: &str, lang: Lang) -> Option<String> {
    let End::Approved(approval) = &finished.end else { return None };
    let words = Catalogue::of(lang);
    let sale = finished.order.sale()?;
    let mut paper = Paper { words, text: String::new() };
    paper.centred(store);
    if sale.channel.mode == Mode::Test {
        paper.centred(words.get("keyin.slip.test"));
    }
    paper.rule();
    paper.pair("keyin.field.order-name", &sale.order_name);
    let total = approval.differing_total.unwrap_or(sale.amount);
    paper.amount("keyin.field.amount", total);
    let free = sale.tax_free.unwrap_or(Money::zero(Currency::Krw));
    if !free.is_zero() {
        paper.amount("keyin.field.tax-free", free);
    }
    if free.minor() <= total.minor() {
        paper.amount("keyin.slip.vat", total.vat_part(free));
    }
    paper.rule();
    match &finished.order {
        Ordered::Card(..) | Ordered::KeyCharge(..) => {
            if let Some(card) = finished.order.ending() {
                paper.pair("keyin.field.number", &card.to_string());
            }
            if let Some(issuer) = &approval.issuer {
                paper.pair("keyin.slip.issuer", issuer.as_str());
            }
            let months = match finished.order.installments().unwrap_or_default().months {
                0 => words.get("keyin.lump-sum").to_owned(),
                months => words.text(&text!("keyin.months", months = months)),
            };
            paper.pair("keyin.field.installments", &months);
            if let Some(number) = &approval.approval_number {
                paper.pair("keyin.result.number", number.as_str());
            }
        }
        Ordered::Register(..) => return None,
        Ordered::Account(order) => {
            let account = approval.account.as_ref()?;
            paper.pair("keyin.field.bank", account.bank.as_str());
            paper.pair("keyin.account.number", account.number.as_str());
            if let Some(holder) = &account.holder {
                paper.pair("keyin.field.holder", holder.as_str());
            }
            let end = account.due.and_then(|second| jiff::Timestamp::from_second(second).ok());
            let end = end.unwrap_or(order.due);
            let end = if lang == Lang::Ko { due::full_ko(end) } else { due::full_en(end) };
            paper.pair("keyin.field.due", &end);
            if finished.deposit != DepositState::Waiting {
                let paid = finished.deposit == DepositState::Paid;
                paper.line(words.get(if paid { "keyin.account.paid" } else { "keyin.account.closed" }));
            }
        }
    }
    if let Some(at) = approval.paid_at.and_then(|second| jiff::Timestamp::from_second(second).ok()) {
        paper.pair("keyin.slip.at", &to_the_minute(at));
    }
    if let Some(name) = sale.customer.name() {
        paper.pair("keyin.field.name", name);
    }
    paper.pair("keyin.confirm.id", sale.payment_id.as_str());
    paper.rule();
    Some(paper.text)
}
