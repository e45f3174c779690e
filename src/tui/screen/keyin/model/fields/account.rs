//! The fields that only a virtual account has: bank, end of the wait, cash receipt.

use jiff::Timestamp;

use super::{Field, Fields};
use crate::domain::account::ReceiptKind;
use crate::domain::channel::Mode;
use crate::domain::due::{self, DueError};
use crate::domain::issuer::{Bank, bank_of_v1, bank_of_v2, banks};
use crate::domain::pg::{self, BankCodeStyle, Generation, Need, Precision};
use crate::tui::edit::{Changed, Edit};
use crate::tui::input::{Code, Key};

/// The wait when neither the channel nor the PG states one, in days.
const USUAL_DAYS: u32 = 3;

/// Whether two entries of the table are one bank.
fn same(one: &Bank, other: &Bank) -> bool {
    std::ptr::eq(one, other)
}

impl Fields {
    /// The banks on offer: the PG's list where there is one, else all that its codes can name.
    pub fn banks(&self) -> Vec<&'static Bank> {
        let rule = &self.rules().virtual_account;
        let style = rule.bank_codes.unwrap_or(BankCodeStyle::ThreeDigits);
        match (&rule.banks, self.channel.generation) {
            (Some(listed), Generation::V2) => listed.iter().filter_map(|name| bank_of_v2(name)).collect(),
            (Some(listed), Generation::V1) => {
                listed.iter().filter_map(|code| bank_of_v1(style, code)).collect()
            }
            (None, Generation::V2) => banks().iter().filter(|bank| bank.v2.is_some()).collect(),
            (None, Generation::V1) => banks().iter().filter(|bank| bank.v1_code(style).is_some()).collect(),
        }
    }

    /// Whether a bank does not work on this channel because it is a test channel.
    pub fn is_unusable_in_test(&self, bank: &Bank) -> bool {
        self.channel.mode == Mode::Test
            && bank.v2.is_some_and(|name| {
                self.rules().virtual_account.test_unusable_banks.iter().any(|listed| listed == name)
            })
    }

    /// The chosen bank's place in [`Fields::banks`].
    pub fn bank_at(&self) -> Option<usize> {
        let chosen = self.bank?;
        self.banks().iter().position(|bank| same(bank, chosen))
    }

    /// Chooses a bank by its place.
    pub fn choose_bank(&mut self, at: usize) {
        self.bank = self.banks().get(at).copied().or(self.bank);
        self.bank_query.clear();
    }

    pub(super) fn step_bank(&mut self, forward: bool) {
        let count = self.banks().len();
        if count == 0 {
            return;
        }
        let at = match (self.bank_at(), forward) {
            (None, true) => 0,
            (None, false) => count - 1,
            (Some(at), true) => (at + 1) % count,
            (Some(at), false) => (at + count - 1) % count,
        };
        self.choose_bank(at);
    }

    /// Takes a letter of a bank's name, in whichever language: the first bank that begins so, else that holds
    /// it. A letter that fits nothing begins a new search. `false` when there is no such bank.
    pub fn find_bank(&mut self, key: Key) -> bool {
        if key.code == Code::Backspace {
            self.bank_query.apply(key);
            if self.bank_query.is_empty() {
                self.bank = None;
                return true;
            }
        } else if !matches!(self.bank_query.apply(key), Changed::Text) {
            return true;
        }
        if let Some(found) = self.bank_like(self.bank_query.text()) {
            self.bank = Some(found);
            return true;
        }
        let mut again = Edit::new(20);
        again.apply(key);
        let found = self.bank_like(again.text());
        if found.is_some() {
            self.bank = found;
            self.bank_query = again;
        }
        found.is_some()
    }

    fn bank_like(&self, query: &str) -> Option<&'static Bank> {
        let query = query.trim().to_lowercase();
        let names = |bank: &Bank| {
            [bank.ko.to_lowercase(), bank.en.to_lowercase(), bank.v2.unwrap_or_default().to_lowercase()]
        };
        let offered = self.banks();
        let begins = |bank: &&&'static Bank| names(bank).iter().any(|name| name.starts_with(&query));
        let holds = |bank: &&&'static Bank| names(bank).iter().any(|name| name.contains(&query));
        offered.iter().find(begins).or_else(|| offered.iter().find(holds)).copied()
    }

    /// The end of the wait: what was typed, else the usual one.
    pub fn due(&self) -> Result<Timestamp, DueError> {
        let rule = &self.rules().virtual_account;
        let typed = self.value(Field::Due).trim();
        let due = if typed.is_empty() {
            due::in_days(rule.default_days.unwrap_or(USUAL_DAYS), self.now).ok_or(DueError::NotADate)?
        } else {
            due::parse(typed, self.now)?
        };
        Ok(if rule.precision == Some(Precision::Minutes) { due::whole_minutes(due) } else { due })
    }

    /// What can be chosen for the cash receipt; none of it where the PG's page requires one.
    pub fn receipts(&self) -> Vec<Option<ReceiptKind>> {
        let need = self.rules().need(pg::Operation::KeyInVirtualAccount, pg::Field::CashReceipt);
        let listed = &self.rules().virtual_account.cash_receipt_types;
        let taken = |kind: &ReceiptKind| listed.is_empty() || listed.iter().any(|name| name == kind.wire());
        let none = (need != Need::Required).then_some(None);
        let kinds = [ReceiptKind::Personal, ReceiptKind::Corporate].into_iter().filter(taken).map(Some);
        none.into_iter().chain(kinds).collect()
    }

    /// The digits of the cash receipt's number.
    pub fn receipt_digits(&self) -> String {
        self.value(Field::ReceiptNumber)
            .chars()
            .filter_map(|ch| Key::char(ch).digit())
            .map(|digit| char::from(b'0' + digit))
            .collect()
    }

    /// Steps through the choices of a field.
    pub fn step(&mut self, field: Field, forward: bool) {
        match field {
            Field::Installments => self.step_months(forward),
            Field::InterestFree => self.interest_free = !self.interest_free,
            Field::SaveCard => self.save_card = !self.save_card,
            Field::Bank => self.step_bank(forward),
            Field::Receipt => {
                let kinds = self.receipts();
                let at = kinds.iter().position(|kind| *kind == self.receipt).unwrap_or(0);
                let step = if forward { 1 } else { kinds.len().saturating_sub(1) };
                if let Some(kind) = kinds.get((at + step) % kinds.len().max(1)) {
                    self.receipt = *kind;
                }
            }
            _ => {}
        }
    }

    /// Takes a digit as a choice: months, 1 and 0 for yes and no, 0 to 2 for the cash receipt.
    pub fn choose_by_digit(&mut self, field: Field, digit: u8) {
        match field {
            Field::Installments => self.type_months(digit),
            Field::InterestFree => self.interest_free = digit == 1,
            Field::SaveCard => self.save_card = digit == 1,
            Field::Receipt => {
                let kind = match digit {
                    0 => None,
                    1 => Some(ReceiptKind::Personal),
                    2 => Some(ReceiptKind::Corporate),
                    _ => return,
                };
                if self.receipts().contains(&kind) {
                    self.receipt = kind;
                }
            }
            _ => {}
        }
    }
}
