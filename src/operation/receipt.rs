//! Cash receipts (현금영수증): issued by hand, cancelled, looked at, and those that are still owed. The number of
//! the person or company is sent and never kept.

use super::Desk;
use super::conclude::Asked;
use super::intend::stop_here_if_asked;
use crate::domain::cash_receipt::{ProviderReceipt, ReceiptCancel, ReceiptEnd, ReceiptOrder};
use crate::domain::channel::Channel;
use crate::domain::intent::{Approval, IntentKind, IntentState, NewIntent, PaymentRef, Step, Target};
use crate::domain::listing::{Basis, Kept, PaymentFilter, StateKind};
use crate::domain::outcome::Outcome;
use crate::domain::pg::Generation;
use crate::domain::problem::Problem;
use crate::domain::record::{Method, PaymentRecord, ReceiptState};
use crate::domain::schedule::Span;
use crate::domain::text::SafeText;
use crate::gateway::Reply;
use crate::ledger::Guard;

/// How many rows of the copy are read at once.
const WINDOW: usize = 500;

impl Desk {
    /// Issues a cash receipt, once.
    pub async fn issue_receipt(&self, order: &ReceiptOrder) -> ReceiptEnd {
        let id = &order.id;
        let _stay = self.under_way.enter(id);
        let new = NewIntent {
            amount: order.amount,
            tax_free: order.tax_free,
            vat: order.vat,
            order_name: order.order_name.clone(),
            target: Some(Target::Record(PaymentRef {
                id: order.payment.clone(),
                attempt: order.provider_payment_id.clone(),
                balance: None,
            })),
            ..self.about(IntentKind::IssueReceipt, id, &order.channel, &order.customer)
        };
        let begun = self.open_alone(&new, &Guard::Check(self.guard_window)).and_then(|()| self.let_go(&new));
        if let Err(outcome) = begun {
            return (*outcome).into();
        }
        let answer = self.gateway.issue_receipt(order).await;
        stop_here_if_asked("answered");
        match answer {
            Reply::Done(receipt) => {
                let approval = Approval {
                    approval_number: receipt.number.clone(),
                    receipt_url: receipt.url.clone(),
                    paid_at: receipt.issued_at,
                    ..Approval::default()
                };
                let _ = self.record(id, &Step::Approved(approval.clone()));
                self.keep_anew(order.provider_payment_id.is_some(), &order.payment).await;
                ReceiptEnd { outcome: Outcome::Approved(approval), receipt: Some(Box::new(receipt)) }
            }
            other => {
                let asked =
                    Asked { amount: order.amount, ..Asked::of(IntentKind::IssueReceipt, id, &order.channel) };
                self.conclude_other(&asked, other).await.into()
            }
        }
    }

    /// Cancels a cash receipt, once: always the whole of it. `channel` is the payment's, as far as it is known.
    pub async fn cancel_receipt(&self, order: &ReceiptCancel, channel: &Channel) -> ReceiptEnd {
        let id = &order.id;
        let _stay = self.under_way.enter(id);
        let new = NewIntent {
            target: Some(Target::Record(PaymentRef {
                id: order.payment.clone(),
                attempt: order.provider_payment_id.clone(),
                balance: None,
            })),
            ..self.about(
                IntentKind::CancelReceipt,
                id,
                channel,
                &crate::domain::customer::Customer::default(),
            )
        };
        let begun = self.open_alone(&new, &Guard::Check(self.guard_window)).and_then(|()| self.let_go(&new));
        if let Err(outcome) = begun {
            return (*outcome).into();
        }
        let answer = self.gateway.cancel_receipt(order).await;
        let outcome = self.conclude_plain(&Asked::of(IntentKind::CancelReceipt, id, channel), answer).await;
        self.keep_anew(order.provider_payment_id.is_some(), &order.payment).await;
        ReceiptEnd { outcome, receipt: None }
    }

    /// The copy sees the payment as it is now; what can't be read now is read by the next synchronisation.
    async fn keep_anew(&self, at_provider: bool, payment: &SafeText) {
        if at_provider {
            let _ = self.payment_now(payment).await;
        }
    }

    /// The cash receipt of a payment; `None` when there is none.
    pub async fn receipt(
        &self,
        payment: &SafeText,
        provider_payment_id: Option<&SafeText>,
    ) -> Result<Option<ProviderReceipt>, Problem> {
        self.gateway.receipt(payment, provider_payment_id).await
    }

    /// The receipts that are owed, as far as the copy knows: payments by virtual account or transfer of this span,
    /// paid and not given back whole, without a receipt that stands. Newest first. A payment of V1 tells only of a
    /// receipt that came with it (V1 §6.1): of those by hand this ledger's own are known.
    pub fn receipts_owed(&self, span: Span) -> Result<Vec<Kept<PaymentRecord>>, Problem> {
        let filter = PaymentFilter {
            basis: Basis::Changed,
            period: Some(span),
            states: vec![StateKind::Paid, StateKind::PartialCancelled],
            methods: vec![Method::VirtualAccount, Method::Transfer],
            ..PaymentFilter::default()
        };
        let ledger = self.ledger.borrow();
        let list = ledger.payment_list(&self.profile, &filter, None)?;
        let mut owed = Vec::new();
        for from in (0..list.len()).step_by(WINDOW) {
            let rows = ledger.payment_rows(&list, from..from + WINDOW)?;
            owed.extend(rows.into_iter().filter(|row| row.what.receipt != Some(ReceiptState::Issued)));
        }
        drop(ledger);
        if self.generation() == Generation::V1 {
            let mut left = Vec::with_capacity(owed.len());
            for row in owed {
                if !self.receipt_stands(&row.what.id)? {
                    left.push(row);
                }
            }
            return Ok(left);
        }
        Ok(owed)
    }

    /// Whether the last that this ledger did with the receipt of a payment was to issue it.
    fn receipt_stands(&self, payment: &SafeText) -> Result<bool, Problem> {
        let done = self.ledger.borrow().about_record(&self.profile, payment)?;
        let done = done.iter().filter(|intent| intent.state == IntentState::Approved);
        let receipts = [IntentKind::IssueReceipt, IntentKind::CancelReceipt];
        let last = done.map(|intent| intent.new.kind).rfind(|kind| receipts.contains(kind));
        Ok(last == Some(IntentKind::IssueReceipt))
    }
}
