//! Cash receipts as V2 tells them (V2 §15).

use serde_json::Value;

use super::record::{text, time};
use crate::domain::account::ReceiptKind;
use crate::domain::cash_receipt::ProviderReceipt;
use crate::domain::payment::ProviderPayment;
use crate::domain::record::ReceiptState;

/// What the answer to an issue tells: number and address (V2 §15.1); `None` without a number.
pub(in crate::gateway::v2) fn issued(body: &[u8]) -> Option<ProviderReceipt> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let receipt = &value["cashReceipt"];
    Some(ProviderReceipt {
        state: ReceiptState::Issued,
        number: Some(text(&receipt["issueNumber"])?),
        kind: None,
        amount: None,
        tax_free: None,
        vat: None,
        url: text(&receipt["url"]),
        issued_at: None,
        cancelled_at: None,
    })
}

/// A receipt (V2 §15.2); `None` when the body is none, or in a state that this program does not know.
pub(in crate::gateway::v2) fn receipt(body: &[u8]) -> Option<ProviderReceipt> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let currency = value["currency"].as_str().unwrap_or_default();
    let money = |field: &Value| ProviderPayment::money(field.as_i64()?, currency);
    Some(ProviderReceipt {
        state: match value["status"].as_str()? {
            "ISSUED" => ReceiptState::Issued,
            "CANCELLED" => ReceiptState::Cancelled,
            "ISSUE_FAILED" => ReceiptState::NotIssued,
            _ => return None,
        },
        number: text(&value["issueNumber"]),
        kind: [ReceiptKind::Personal, ReceiptKind::Corporate]
            .into_iter()
            .find(|kind| value["type"].as_str() == Some(kind.wire())),
        amount: money(&value["amount"]),
        tax_free: money(&value["taxFreeAmount"]),
        vat: money(&value["vatAmount"]),
        url: text(&value["url"]),
        issued_at: time(&value["issuedAt"]),
        cancelled_at: time(&value["cancelledAt"]),
    })
}
