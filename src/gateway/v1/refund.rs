//! Refunds and cash receipts of a V1 store (V1 §12, §13.3). V1 has no idempotency key: the balance that is sent along
//! is the only guard, and what was not seen is looked for in the payment.

use reqwest::Method;

use super::{V1, body, read};
use crate::domain::cash_receipt::{ProviderReceipt, ReceiptCancel, ReceiptOrder};
use crate::domain::problem::Problem;
use crate::domain::record::{Cancellation, CancellationState, PaymentRecord, ReceiptState};
use crate::domain::refund::{RefundOrder, Refunded};
use crate::domain::text::SafeText;
use crate::gateway::http::encode;
use crate::gateway::sensitive::unquoted;
use crate::gateway::{MAX_ANSWER, MAX_CHARGE_ANSWER, Reply, malformed, refundable, secrets};

/// What the payment tells of the refund that was just made: it has no number of ours, so the newest cancellation of
/// its amount is it, if the balance moved at all. With `PayPal` the cancellation comes later (V1 §12).
fn told(order: &RefundOrder, record: &PaymentRecord) -> Reply<Refunded> {
    if record.id != order.payment {
        return Reply::Unseen("malformed");
    }
    let balance = record.balance();
    let stood_still = record.cancelled.is_some() && balance == Some(order.balance);
    if stood_still {
        let cancellation = Cancellation {
            id: None,
            state: CancellationState::Requested,
            amount: order.amount,
            tax_free: order.tax_free,
            reason: SafeText::message(&order.reason),
            requested_at: None,
            cancelled_at: None,
            receipt_url: None,
        };
        return Reply::Done(Refunded { cancellation, balance });
    }
    match record.cancellations.iter().rev().find(|cancellation| cancellation.amount == order.amount) {
        Some(ours) => Reply::Done(Refunded { cancellation: ours.clone(), balance }),
        None => Reply::Unseen("undecided"),
    }
}

/// The path of a payment's receipt: those of cash taken outside `PortOne` are kept apart (V1 §13.3).
fn receipt_path(payment: &SafeText, imp_uid: Option<&SafeText>) -> String {
    match imp_uid {
        Some(imp_uid) => format!("/receipts/{}", encode(imp_uid.as_str())),
        None => format!("/receipts/external/{}", encode(payment.as_str())),
    }
}

impl V1 {
    pub(super) async fn give_back(&self, order: &RefundOrder) -> Reply<Refunded> {
        let body = match refundable(order).and_then(|()| body::refund(order)) {
            Ok(body) => body,
            Err(problem) => return Reply::NotDone(problem),
        };
        // The whole payment comes back, with every cancellation it ever had.
        let path = "/payments/cancel";
        let reply = self.once(Method::POST, path, Some(body), MAX_ANSWER, read::refunded).await;
        match reply {
            Reply::Declined(_) | Reply::NotDone(Problem::Refused { .. }) => {
                if let Some(problem) = self.why_not_refunded(order).await {
                    return Reply::NotDone(problem);
                }
            }
            _ => {}
        }
        unquoted(reply.and_then(|record| told(order, &record)), &secrets(order))
    }

    /// Nothing was refunded, and only a sentence says why (V1 §3.2): the payment itself tells the usual causes.
    async fn why_not_refunded(&self, order: &RefundOrder) -> Option<Problem> {
        let attempts = self.attempts_of(&order.payment).await.ok()?;
        let meant = |attempt: &&PaymentRecord| {
            order.provider_payment_id.is_none()
                || attempt.payment.provider_payment_id == order.provider_payment_id
        };
        let payment = attempts.iter().find(meant)?;
        if !payment.state().was_paid() {
            return Some(Problem::NotRefundable { what: "not_paid" });
        }
        // With a promotion amounts count before the discount (V1 §12), so that nothing can be compared.
        let balance = payment.balance().filter(|_| !payment.discounted)?;
        if balance.is_zero() {
            return Some(Problem::NotRefundable { what: "cancelled" });
        }
        (balance != order.balance).then_some(Problem::BalanceChanged)
    }

    pub(super) async fn issue_a_receipt(&self, order: &ReceiptOrder) -> Reply<ProviderReceipt> {
        let body = match body::receipt(order) {
            Ok(body) => body,
            Err(problem) => return Reply::NotDone(problem),
        };
        let imp_uid = order.provider_payment_id.as_ref();
        let path = receipt_path(&order.payment, imp_uid);
        let reply = self.once(Method::POST, &path, Some(body), MAX_CHARGE_ANSWER, read::receipt).await;
        if matches!(reply, Reply::NotDone(Problem::Refused { .. }))
            && let Ok(Some(there)) = self.a_receipt(&order.payment, imp_uid).await
            && there.state == ReceiptState::Issued
        {
            // 400 says "missing, not paid, or already issued" (V1 §13.3).
            return Reply::NotDone(Problem::ReceiptExists);
        }
        let reply = reply.and_then(|receipt| match receipt.state {
            ReceiptState::Issued => Reply::Done(receipt),
            ReceiptState::Cancelled | ReceiptState::NotIssued => Reply::Unseen("undecided"),
        });
        unquoted(reply, &[&order.receipt.identity])
    }

    pub(super) async fn cancel_a_receipt(&self, order: &ReceiptCancel) -> Reply<()> {
        let path = receipt_path(&order.payment, order.provider_payment_id.as_ref());
        let reply = self.once(Method::DELETE, &path, None, MAX_CHARGE_ANSWER, read::receipt).await;
        match reply {
            // 400 "never issued", 404 of one outside (V1 §13.3).
            Reply::NotDone(Problem::Refused { kind, .. }) if matches!(&*kind, "http_400" | "http_404") => {
                Reply::NotDone(Problem::NoReceipt)
            }
            reply => reply.and_then(|receipt| match receipt.state {
                ReceiptState::Cancelled => Reply::Done(()),
                ReceiptState::Issued | ReceiptState::NotIssued => Reply::Unseen("undecided"),
            }),
        }
    }

    pub(super) async fn a_receipt(
        &self,
        payment: &SafeText,
        imp_uid: Option<&SafeText>,
    ) -> Result<Option<ProviderReceipt>, Problem> {
        match self.page(&receipt_path(payment, imp_uid), 1).await? {
            Some(envelope) => envelope.receipt().map(Some).ok_or_else(malformed),
            None => Ok(None),
        }
    }
}
