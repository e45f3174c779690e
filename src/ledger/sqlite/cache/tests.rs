use super::super::tests::of_version;
use super::*;
use crate::domain::account::DepositAccount;
use crate::domain::billing_key::BillingKey;
use crate::domain::card::CardEnding;
use crate::domain::listing::StateKind;
use crate::domain::payment::{PaymentState, ProviderPayment};
use crate::domain::record::{Cancellation, CancellationState, CardTraits, Method, ReceiptState, WebhookSeen};
use crate::domain::schedule::ScheduleState;

mod lists;
mod payments;
mod schedules;

fn ledger() -> (tempfile::TempDir, SqliteLedger) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = SqliteLedger::open(&folder.path().join("ledger.db")).unwrap();
    (folder, ledger)
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn span(from: i64, until: i64) -> Span {
    Span { from: at(from), until: at(until) }
}

fn won(minor: u64) -> Option<Money> {
    Money::new(minor, Currency::Krw)
}

/// A payment of which little is known.
fn record(id: &str, total: u64) -> PaymentRecord {
    let bare = PaymentRecord::bare(id, PaymentState::Paid, won(total));
    PaymentRecord {
        payment: ProviderPayment { order_name: SafeText::new("관리비"), ..bare.payment.clone() },
        requested_at: Some(1_000),
        changed_at: Some(1_000),
        ..bare
    }
}

/// A schedule of which little is known.
fn schedule(id: &str, second: i64, amount: u64) -> ProviderSchedule {
    ProviderSchedule {
        id: SafeText::new(id),
        payment_id: SafeText::new(&format!("pay-{id}")),
        key: BillingKey::parse("billing-key-1").unwrap(),
        at: at(second),
        state: ScheduleState::Scheduled,
        amount: won(amount),
        currency: SafeText::new("KRW"),
        tax_free: None,
        vat: None,
        installments: None,
        order_name: SafeText::new("월 구독료"),
        customer: Customer::new("김하늘", "010-2000-3000", ""),
        created_at: None,
        ended_at: None,
        refusal: None,
        provider_payment_id: None,
    }
}
