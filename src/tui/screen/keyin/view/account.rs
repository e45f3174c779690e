//! The page of an issued virtual account: where to pay how much until when, and whether somebody has.

use super::super::model::{Finished, Ordered};
use super::page::Page;
use super::{Look, due, won};
use crate::domain::account::DepositState;
use crate::domain::intent::Approval;
use crate::domain::text::SafeText;
use crate::text;
use crate::tui::columns;
use crate::tui::widgets::{Tone, digits};

/// The widest that the number is drawn large.
const LARGE: usize = 62;

/// Writes the page.
pub(super) fn issued(finished: &Finished, approval: &Approval, page: &mut Page<'_>, look: Look<'_>) {
    let words = look.words;
    let Ordered::Account(order) = &finished.order else { return };
    match finished.deposit {
        DepositState::Waiting => page.say(Tone::Ok, words.get("keyin.account.waiting")),
        DepositState::Paid => page.say(Tone::Ok, words.get("keyin.account.paid")),
        DepositState::Closed => page.say(Tone::Error, words.get("keyin.account.closed")),
    }
    page.gap();
    let Some(account) = &approval.account else {
        page.say(Tone::Warning, words.get("keyin.account.missing"));
        return;
    };
    page.pair(words.get("keyin.field.bank"), account.bank.as_str(), 1);
    page.pair(words.get("keyin.account.number"), account.number.as_str(), 1);
    let rows = digits::rows(account.number.as_str(), look.glyphs);
    if rows.iter().all(|row| columns::width(row) <= LARGE) {
        page.below(rows, look.theme.ok);
    }
    if let Some(holder) = &account.holder {
        page.pair(words.get("keyin.field.holder"), holder.as_str(), 1);
    }
    page.pair(words.get("keyin.field.amount"), &won(order.sale.amount, words), 1);
    if let Some(other) = approval.differing_total {
        let other = won(other, words);
        page.say(Tone::Error, &words.text(&text!("keyin.result.differs", amount = other)));
    }
    let end = account.due.and_then(|second| jiff::Timestamp::from_second(second).ok()).unwrap_or(order.due);
    page.pair(words.get("keyin.field.due"), &due(end, words), 1);
    page.gap();
    page.pair(words.get("keyin.field.order-name"), &order.sale.order_name, 1);
    if let Some(name) = order.sale.customer.name() {
        page.pair(words.get("keyin.field.name"), name, 1);
    }
    page.pair(words.get("keyin.confirm.id"), order.sale.payment_id.as_str(), 1);
    if let Some(url) = &approval.receipt_url {
        page.pair(words.get("keyin.result.receipt"), SafeText::as_str(url), 2);
    }
    if finished.deposit == DepositState::Waiting {
        let made = words.text(&text!("keyin.result.looks-made", looks = finished.deposit_looks));
        page.pair(words.get("keyin.result.looks"), &made, 1);
    }
}
