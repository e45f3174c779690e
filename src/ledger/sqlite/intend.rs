//! Intents written, and the question that the duplicate guard asks first.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Transaction, named_params};

use super::records::open_one;
use super::row::{COLUMNS, read_intent};
use super::{SqliteLedger, add_line, generation_word};
use crate::domain::card::CardEnding;
use crate::domain::intent::{Intent, IntentKind, IntentState, NewIntent, PaymentRef, Target};
use crate::domain::money::Money;
use crate::domain::payment::PaymentId;
use crate::domain::text::SafeText;
use crate::ledger::{Guard, Intended, LedgerError};

impl SqliteLedger {
    pub(super) fn intend_all(
        &self,
        groups: &[&[NewIntent]],
        guard: &Guard,
    ) -> Result<Vec<Intended>, LedgerError> {
        let transaction = self.write()?;
        let mut ends = Vec::with_capacity(groups.len());
        for group in groups {
            ends.push(write_group(&transaction, group, guard)?);
        }
        transaction.commit()?;
        Ok(ends)
    }
}

fn write_group(
    transaction: &Transaction<'_>,
    group: &[NewIntent],
    guard: &Guard,
) -> Result<Intended, LedgerError> {
    for new in group {
        let taken =
            transaction.prepare_cached("SELECT 1 FROM intents WHERE id = ?1")?.exists([new.id.as_str()])?;
        if taken {
            return Ok(Intended::Taken);
        }
        if let Some(open) = open_one(transaction, new)? {
            return Ok(Intended::Guarded(Box::new(open)));
        }
        if let Guard::Check(window) = guard
            && let Some(earlier) = earlier(transaction, new, *window)?
        {
            return Ok(Intended::Guarded(Box::new(earlier)));
        }
    }
    let reason = match guard {
        Guard::Check(_) => None,
        Guard::Overridden(reason) => Some(reason.as_str()),
    };
    for new in group {
        insert(transaction, new, reason)?;
    }
    Ok(Intended::Written)
}

fn insert(transaction: &Transaction<'_>, new: &NewIntent, reason: Option<&str>) -> Result<(), LedgerError> {
    let ids: Vec<&str> = new.schedules.iter().map(SafeText::as_str).collect();
    let schedules = (!ids.is_empty()).then(|| ids.join(" "));
    let of: Option<&PaymentRef> = match &new.target {
        Some(Target::Record(of)) => Some(of),
        _ => None,
    };
    let inserted = transaction.execute(
        "INSERT INTO intents (id, kind, state, profile, generation, channel, pg, mode, amount, currency,
            tax_free, installments, order_name, customer_name, customer_phone, customer_phone_digits,
            customer_email, bin6, last4, operator, remote, host, process, created_at, guard_reason,
            vat, interest_free, target_payment, target_key, parent, note, customer_id,
            due, batch, schedules, target_record, target_attempt, target_balance)
         VALUES (:id, :kind, :state, :profile, :generation, :channel, :pg, :mode, :amount, :currency,
            :tax_free, :installments, :order_name, :name, :phone, :phone_digits,
            :email, :bin6, :last4, :operator, :remote, :host, :process, :created, :reason,
            :vat, :interest_free, :target_payment, :target_key, :parent, :note, :customer_id,
            :due, :batch, :schedules, :target_record, :target_attempt, :target_balance)
         ON CONFLICT (id) DO NOTHING",
        named_params! {
            ":id": new.id.as_str(),
            ":kind": new.kind.word(),
            ":state": IntentState::Intended.word(),
            ":profile": new.profile,
            ":generation": generation_word(new.generation),
            ":channel": new.channel,
            ":pg": new.pg,
            ":mode": new.mode.word(),
            ":amount": new.amount.minor_signed(),
            ":currency": new.amount.currency().code(),
            ":tax_free": new.tax_free.map(Money::minor_signed),
            ":installments": new.installments.months,
            ":order_name": new.order_name,
            ":name": new.customer.name(),
            ":phone": new.customer.phone(),
            ":phone_digits": new.customer.phone_digits(),
            ":email": new.customer.email(),
            ":bin6": new.card.as_ref().map(CardEnding::bin6),
            ":last4": new.card.as_ref().map(CardEnding::last4),
            ":operator": new.operator.user,
            ":remote": new.operator.remote,
            ":host": new.operator.host,
            ":process": new.operator.process,
            ":created": new.created.as_millisecond(),
            ":reason": reason,
            ":vat": new.vat.map(Money::minor_signed),
            ":interest_free": new.installments.interest_free,
            ":target_payment": new.target.as_ref().and_then(|target| match target {
                Target::Payment(id) => Some(id.as_str()),
                Target::Key(_) | Target::Record(_) => None,
            }),
            ":target_key": new.target.as_ref().and_then(|target| match target {
                Target::Key(key) => Some(key.expose()),
                Target::Payment(_) | Target::Record(_) => None,
            }),
            ":parent": new.parent.as_ref().map(PaymentId::as_str),
            ":note": new.note,
            ":customer_id": new.customer.id(),
            ":due": new.due.map(Timestamp::as_millisecond),
            ":batch": new.batch.as_ref().map(PaymentId::as_str),
            ":schedules": schedules,
            ":target_record": of.map(|of| of.id.as_str()),
            ":target_attempt": of.and_then(|of| of.attempt.as_ref()).map(SafeText::as_str),
            ":target_balance": of.and_then(|of| of.balance).map(Money::minor_signed),
        },
    )?;
    if inserted == 0 {
        return Err(LedgerError::IdTaken(new.id.clone()));
    }
    let detail = reason.map_or_else(String::new, |reason| format!("guard overridden: {reason}"));
    add_line(transaction, &new.id, new.created, "intended", &detail, &new.operator.process)?;
    Ok(())
}

/// The latest intent with the same amount and card (and customer phone, when both have one) or the same billing
/// key that took money or may have; of accounts, one for the same customer phone. The profile does not count: the
/// same caller can be charged through two shops by mistake. The order name does not count: any changed field
/// would defeat the guard (`users` §1.5). What was ordered in one batch was seen side by side, and does not stop
/// each other.
pub(super) fn earlier(
    connection: &Connection,
    new: &NewIntent,
    window: jiff::SignedDuration,
) -> Result<Option<Intent>, LedgerError> {
    const CARD: &str =
        "bin6 = :bin6 AND last4 = :last4 AND kind IN ('key_in', 'charge_key', 'retry_schedule')
        AND (:phone IS NULL OR customer_phone_digits IS NULL OR customer_phone_digits = :phone)
        AND :key IS :key";
    const KEY: &str = "target_key = :key AND kind IN ('charge_key', 'retry_schedule') AND :bin6 IS :bin6 AND :last4 IS :last4
        AND :phone IS :phone";
    const PHONE: &str = "customer_phone_digits = :phone AND kind = 'issue_account'
        AND :bin6 IS :bin6 AND :last4 IS :last4 AND :key IS :key";
    const RECORD: &str = "target_record = :record AND kind = 'refund' AND :bin6 IS :bin6 AND :last4 IS :last4
        AND :key IS :key AND :phone IS :phone";
    let phone = new.customer.phone_digits();
    let key = match &new.target {
        Some(Target::Key(key)) => Some(key.expose()),
        _ => None,
    };
    let record = match &new.target {
        Some(Target::Record(of)) => Some(of.id.as_str()),
        _ => None,
    };
    // One question each, so that each finds its index. All of them name all parameters.
    let same = match new.kind {
        IntentKind::KeyIn | IntentKind::ChargeKey | IntentKind::RetrySchedule => {
            [new.card.is_some().then_some(CARD), key.map(|_| KEY)]
        }
        IntentKind::IssueAccount => [phone.as_ref().map(|_| PHONE), None],
        IntentKind::Refund => [record.map(|_| RECORD), None],
        IntentKind::CloseAccount
        | IntentKind::IssueKey
        | IntentKind::DeleteKey
        | IntentKind::RevokeSchedules
        | IntentKind::CreateSchedule
        | IntentKind::MoveSchedule
        | IntentKind::RebookSchedule
        | IntentKind::IssueReceipt
        | IntentKind::CancelReceipt => [None, None],
    };
    let since =
        new.created.as_millisecond().saturating_sub(i64::try_from(window.as_millis()).unwrap_or(i64::MAX));
    let mut latest: Option<Intent> = None;
    for same in same.into_iter().flatten() {
        let sql = format!(
            "SELECT {COLUMNS} FROM intents
             WHERE {same} AND amount = :amount AND currency = :currency
               AND (:batch IS NULL OR batch IS NOT :batch) AND :record IS :record
               AND state IN ('intended', 'sent', 'unknown', 'approved') AND created_at >= :since
             ORDER BY created_at DESC LIMIT 1"
        );
        let found = connection
            .query_row(
                &sql,
                named_params! {
                    ":bin6": new.card.as_ref().map(CardEnding::bin6),
                    ":last4": new.card.as_ref().map(CardEnding::last4),
                    ":amount": new.amount.minor_signed(),
                    ":currency": new.amount.currency().code(),
                    ":since": since,
                    ":phone": phone,
                    ":key": key,
                    ":batch": new.batch.as_ref().map(PaymentId::as_str),
                    ":record": record,
                },
                read_intent,
            )
            .optional()?;
        if let Some(found) = found
            && latest.as_ref().is_none_or(|latest| latest.new.created < found.new.created)
        {
            latest = Some(found);
        }
    }
    Ok(latest)
}
