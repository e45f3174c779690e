//! Rows of the journal, read. A row that can't be read is an error, never a guess.

use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::types::Type;

use crate::domain::account::{DepositAccount, DepositState};
use crate::domain::billing_key::BillingKey;
use crate::domain::card::CardEnding;
use crate::domain::channel::Mode;
use crate::domain::customer::Customer;
use crate::domain::intent::{
    Approval, Intent, IntentKind, IntentState, NewIntent, Operator, PaymentRef, Target,
};
use crate::domain::money::{Currency, Money};
use crate::domain::order::Installments;
use crate::domain::payment::{PaymentId, Refusal};
use crate::domain::pg::Generation;
use crate::domain::text::SafeText;

/// The columns that [`read_intent`] reads, in its order.
pub(super) const COLUMNS: &str = "id, kind, state, profile, generation, channel, pg, mode, amount, currency, tax_free, \
     installments, order_name, customer_name, customer_phone, customer_email, bin6, last4, operator, remote, \
     host, process, created_at, sent_at, settled_at, guard_reason, provider_payment_id, approval_number, \
     issuer, receipt_url, paid_at, differing_total, refusal_code, refusal_message, why, vat, interest_free, \
     target_payment, target_key, parent, note, account_bank, account_number, account_holder, account_due, \
     billing_key, deposit, customer_id, due, batch, schedules, schedule_id, target_record, \
     target_attempt, target_balance";

fn unreadable(column: usize, what: &str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, what.into())
}

pub(super) fn timestamp(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    Timestamp::from_millisecond(row.get(column)?).map_err(|_| unreadable(column, "time out of range"))
}

pub(super) fn read_intent(row: &Row<'_>) -> rusqlite::Result<Intent> {
    let word = |column: usize| row.get::<_, String>(column);
    let safe = |column: usize| -> rusqlite::Result<Option<SafeText>> {
        Ok(row.get::<_, Option<String>>(column)?.map(|text| SafeText::new(&text)))
    };
    let currency = Currency::parse(&word(9)?).ok_or_else(|| unreadable(9, "currency"))?;
    let money = |column: usize| -> rusqlite::Result<Option<Money>> {
        match row.get::<_, Option<i64>>(column)? {
            None => Ok(None),
            Some(minor) => {
                Money::from_wire_minor(minor, currency).map(Some).ok_or_else(|| unreadable(column, "amount"))
            }
        }
    };
    let time = |column: usize| -> rusqlite::Result<Option<Timestamp>> {
        match row.get::<_, Option<i64>>(column)? {
            None => Ok(None),
            Some(_) => timestamp(row, column).map(Some),
        }
    };
    let state = IntentState::parse(&word(2)?).ok_or_else(|| unreadable(2, "state"))?;
    let text = |column: usize| -> rusqlite::Result<String> {
        Ok(row.get::<_, Option<String>>(column)?.unwrap_or_default())
    };
    let card = match (row.get::<_, Option<String>>(16)?, row.get::<_, Option<String>>(17)?) {
        (Some(bin6), Some(last4)) => CardEnding::new(&bin6, &last4),
        _ => None,
    };
    let id = |column: usize| -> rusqlite::Result<Option<PaymentId>> {
        let text: Option<String> = row.get(column)?;
        text.map(|text| PaymentId::parse(&text).map_err(|_| unreadable(column, "payment id"))).transpose()
    };
    let key = |column: usize| -> rusqlite::Result<Option<BillingKey>> {
        let text: Option<String> = row.get(column)?;
        text.map(|text| BillingKey::parse(&text).map_err(|_| unreadable(column, "billing key"))).transpose()
    };
    let deposit: Option<String> = row.get(46)?;
    let refusal = match (safe(32)?, safe(33)?) {
        (None, None) => None,
        (code, message) => Some(Refusal { code, message: message.unwrap_or_default() }),
    };
    let approval = (state == IntentState::Approved).then_some(()).map(|()| {
        Ok::<_, rusqlite::Error>(Approval {
            provider_payment_id: safe(26)?,
            approval_number: safe(27)?,
            issuer: safe(28)?,
            receipt_url: safe(29)?,
            paid_at: row.get(30)?,
            differing_total: money(31)?,
            account: safe(42)?
                .map(|number| {
                    Ok::<_, rusqlite::Error>(Box::new(DepositAccount {
                        bank: safe(41)?.unwrap_or_default(),
                        number,
                        holder: safe(43)?,
                        due: row.get(44)?,
                    }))
                })
                .transpose()?,
            key: key(45)?,
            schedule: safe(51)?,
        })
    });
    let record = match safe(52)? {
        Some(id) => Some(PaymentRef { id, attempt: safe(53)?, balance: money(54)? }),
        None => None,
    };
    Ok(Intent {
        new: NewIntent {
            id: PaymentId::parse(&word(0)?).map_err(|_| unreadable(0, "payment id"))?,
            kind: IntentKind::parse(&word(1)?).ok_or_else(|| unreadable(1, "kind"))?,
            profile: word(3)?,
            generation: match word(4)?.as_str() {
                "v1" => Generation::V1,
                "v2" => Generation::V2,
                _ => return Err(unreadable(4, "generation")),
            },
            channel: word(5)?,
            pg: word(6)?,
            mode: Mode::parse(&word(7)?).ok_or_else(|| unreadable(7, "mode"))?,
            amount: money(8)?.ok_or_else(|| unreadable(8, "amount"))?,
            tax_free: money(10)?,
            vat: money(35)?,
            installments: Installments { months: row.get(11)?, interest_free: row.get(36)? },
            order_name: word(12)?,
            customer: Customer::new(&text(13)?, &text(14)?, &text(15)?).with_id(&text(47)?),
            card,
            target: id(37)?.map(Target::Payment).or(key(38)?.map(Target::Key)).or(record.map(Target::Record)),
            parent: id(39)?,
            schedules: text(50)?.split_whitespace().map(SafeText::new).collect(),
            due: time(48)?,
            batch: id(49)?,
            note: row.get(40)?,
            operator: Operator { user: word(18)?, remote: row.get(19)?, host: word(20)?, process: word(21)? },
            created: timestamp(row, 22)?,
        },
        state,
        sent: time(23)?,
        settled: time(24)?,
        guard_reason: row.get(25)?,
        approval: approval.transpose()?,
        refusal,
        why: row.get(34)?,
        deposit: deposit.as_deref().and_then(DepositState::parse),
    })
}
