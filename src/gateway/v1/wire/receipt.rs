//! Cash receipts as V1 tells them (V1 §13.3). They are of Korea's tax office, so in won.

use serde_json::Value;

use super::{Envelope, amount, text, time};
use crate::domain::account::ReceiptKind;
use crate::domain::cash_receipt::ProviderReceipt;
use crate::domain::money::Currency;
use crate::domain::record::ReceiptState;

fn receipt(value: &Value) -> Option<ProviderReceipt> {
    let (number, tid) = (text(&value["apply_num"]), text(&value["receipt_tid"]));
    let (issued_at, cancelled_at) = (time(&value["applied_at"]), time(&value["cancelled_at"]));
    let state = if cancelled_at.is_some() {
        ReceiptState::Cancelled
    } else if issued_at.is_some() || number.is_some() || tid.is_some() {
        ReceiptState::Issued
    } else {
        return None;
    };
    Some(ProviderReceipt {
        state,
        number,
        kind: match value["type"].as_str() {
            Some("person") => Some(ReceiptKind::Personal),
            Some("company") => Some(ReceiptKind::Corporate),
            _ => None,
        },
        amount: amount(&value["amount"], Currency::Krw),
        tax_free: None,
        vat: amount(&value["vat"], Currency::Krw),
        url: text(&value["receipt_url"]),
        issued_at,
        cancelled_at,
    })
}

impl Envelope {
    /// The one receipt; `None` when nothing says that there is one.
    pub fn receipt(&self) -> Option<ProviderReceipt> {
        receipt(&self.response)
    }
}
