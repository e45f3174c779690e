//! Refunds and cash receipts of a V2 store (V2 §13.1, §15).

use reqwest::Method;

use super::{Once, V2, body, read, wire};
use crate::domain::cash_receipt::{ProviderReceipt, ReceiptCancel, ReceiptOrder};
use crate::domain::problem::Problem;
use crate::domain::refund::{RefundOrder, Refunded};
use crate::domain::text::SafeText;
use crate::gateway::http::encode;
use crate::gateway::sensitive::unquoted;
use crate::gateway::{Reply, refundable, secrets};

impl V2 {
    pub(super) async fn give_back(&self, order: &RefundOrder) -> Reply<Refunded> {
        let body = match refundable(order).and_then(|()| body::refund(&self.store_id, order)) {
            Ok(body) => Some(body),
            Err(problem) => return Reply::NotDone(problem),
        };
        let path = format!("/payments/{}/cancel", encode(order.payment.as_str()));
        let request = Once { method: Method::POST, path, id: &order.id, what: "refund", body };
        let reply = self.once(request, &order.channel.name, read::refunded).await.and_then(|told| {
            let currency = order.amount.currency().code();
            match wire::record::cancellation(&told, currency) {
                Some(cancellation) => Reply::Done(Refunded { cancellation, balance: None }),
                None => Reply::Unseen("malformed"),
            }
        });
        unquoted(reply, &secrets(order))
    }

    pub(super) async fn issue_a_receipt(&self, order: &ReceiptOrder) -> Reply<ProviderReceipt> {
        let body = Some(body::receipt(&self.store_id, order));
        let path = "/cash-receipts".to_owned();
        let request = Once { method: Method::POST, path, id: &order.id, what: "receipt", body };
        let reply = self.once(request, &order.channel.name, read::receipt_issued).await;
        unquoted(reply, &[&order.receipt.identity])
    }

    pub(super) async fn cancel_a_receipt(&self, order: &ReceiptCancel) -> Reply<()> {
        let payment = encode(order.payment.as_str());
        let path = format!("/payments/{payment}/cash-receipt/cancel?{}", self.store());
        let request = Once { method: Method::POST, path, id: &order.id, what: "unreceipt", body: None };
        self.once(request, "", read::receipt_cancelled).await
    }

    pub(super) async fn a_receipt(&self, payment: &SafeText) -> Result<Option<ProviderReceipt>, Problem> {
        let path = format!("/payments/{}/cash-receipt?{}", encode(payment.as_str()), self.store());
        self.one(&path, "CASH_RECEIPT_NOT_FOUND", wire::receipt::receipt).await
    }
}
