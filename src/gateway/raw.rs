//! A provider's answer as lines for a person: a value each, with its path before it.

use serde_json::Value;

use crate::domain::billing_key::BillingKey;
use crate::domain::text::SafeText;

/// The most lines: a payment has a few dozen, one with many cancellations and webhooks some hundred.
const MOST: usize = 5_000;

/// What is never shown: the PG's raw answer may hold anything (V2 §12.1).
const LEFT_OUT: &str = "pgResponse";
/// Where billing keys stand: they are secrets of a kind (V2 §4).
const KEYS: [&str; 2] = ["billingKey", "customer_uid"];

/// The lines of an answer. Anything that is put in the place of a key is shortened like one.
pub(super) fn flat(value: &Value) -> Vec<SafeText> {
    let mut lines = Vec::new();
    walk("", "", value, &mut lines);
    lines
}

fn walk(path: &str, name: &str, value: &Value, lines: &mut Vec<SafeText>) {
    if lines.len() >= MOST || name == LEFT_OUT {
        return;
    }
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, value) in members {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                walk(&path, name, value, lines);
            }
        }
        Value::Array(entries) if !entries.is_empty() => {
            for (at, value) in entries.iter().enumerate() {
                walk(&format!("{path}[{at}]"), name, value, lines);
            }
        }
        Value::String(text) if KEYS.contains(&name) => {
            let short = BillingKey::parse(text).map_or_else(|_| "…".to_owned(), |key| key.shortened());
            lines.push(SafeText::message(&format!("{path}: {short}")));
        }
        Value::String(text) => lines.push(SafeText::message(&format!("{path}: {text}"))),
        value => lines.push(SafeText::message(&format!("{path}: {value}"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_value_has_a_line_and_secrets_have_none() {
        let value = json!({
            "status": "PAID", "amount": {"total": 33000, "vat": null}, "disputes": [], "customer": {},
            "billingKey": "billing-key-0195a1c2-5b7d", "customer_uid": "한글 키",
            "pgResponse": "{\"card\":\"4242424242424242\"}", "deep": [{"pgResponse": "x", "ok": true}],
            "orderName": "a\u{1b}[2J\nb 4242-4242-4242-4242",
        });
        let lines: Vec<String> = flat(&value).iter().map(ToString::to_string).collect();
        let mut sorted = lines.clone();
        sorted.sort();
        assert_eq!(
            sorted,
            [
                "amount.total: 33000",
                "amount.vat: null",
                "billingKey: …2-5b7d",
                "customer: {}",
                "customer_uid: …",
                "deep[0].ok: true",
                "disputes: []",
                "orderName: a?[2J b 4242-42**-****-4242",
                "status: PAID",
            ]
        );
    }

    #[test]
    fn an_answer_of_many_values_is_cut() {
        let value = Value::Array(vec![Value::Null; MOST + 5]);
        assert_eq!(flat(&value).len(), MOST);
    }
}
