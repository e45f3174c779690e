//! Faults that change a finished answer: unknown words, missing fields, hostile text, wrong bytes.
//!
//! Works on the JSON that would have been sent, so that everything else in the answer stays true.

use serde_json::{Map, Value, json};

use super::Kind;
use crate::sandbox::card::Why;

/// Text made to harm a terminal, a spreadsheet or a log.
const HOSTILE: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}=cmd|'/c'!A1\u{2066}\r\n\u{9b}31m\u{200b}\u{0}한";

/// Fields whose words are enumerations.
const ENUM_FIELDS: &[&str] = &[
    "status",
    "pgProvider",
    "currency",
    "brand",
    "ownerType",
    "platformType",
    "bank",
    "trigger",
    "version",
    "paymentStatus",
    "pg_provider",
    "pay_method",
    "schedule_status",
    "payment_status",
    "customer_uid_usage",
];

/// Fields that stay whatever is asked: without them no client could go on at all.
const KEPT_FIELDS: &[&str] = &[
    "code",
    "message",
    "response",
    "items",
    "page",
    "list",
    "total",
    "previous",
    "next",
    "status",
    "id",
    "type",
    "transactionId",
    "merchantId",
    "storeId",
    "version",
    "requestedAt",
    "updatedAt",
    "statusChangedAt",
    "orderName",
    "amount",
    "currency",
    "customer",
    "origin",
    "taxFree",
    "discount",
    "paid",
    "cancelled",
    "cancelledTaxFree",
    "platformType",
    "ipAddress",
    "channel",
    "pgProvider",
    "pgMerchantId",
    "paidAt",
    "failedAt",
    "failure",
    "cancelledAt",
    "disputes",
    "cancellations",
    "billingKey",
    "paymentId",
    "timeToPay",
    "createdAt",
    "totalAmount",
    "isCulturalExpense",
    "isEscrow",
    "customData",
    "startedAt",
    "completedAt",
    "revokedAt",
    "issuedAt",
    "deletedAt",
    "channels",
    "number",
    "totalCount",
    "size",
    "payment",
    "pgTxId",
    "schedule",
    "cancellation",
    "billingKeyInfo",
    "taxFreeAmount",
    "vatAmount",
    "reason",
    "accountNumber",
    "imp_uid",
    "merchant_uid",
    "sandbox",
    "cancel_amount",
    "customer_uid",
    "pg_provider",
    "pg_id",
    "card_name",
    "inserted",
    "updated",
    "access_token",
    "now",
    "expired_at",
    "accessToken",
    "refreshToken",
    "paymentEvent",
    "cursor",
    "pgCode",
    "pgMessage",
];

/// Applies `kinds` to an answer's text and returns the bytes to send and the content type.
pub fn apply(kinds: &[Kind], status: &mut u16, body: String) -> (Vec<u8>, &'static str) {
    let mut body = body;
    let mut content_type = "application/json; charset=utf-8";
    let mut broken = false;
    for kind in kinds {
        match kind {
            Kind::Html => {
                "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
                    .clone_into(&mut body);
                content_type = "text/html";
            }
            Kind::NotJson => "upstream said: {\"half\": tru".clone_into(&mut body),
            Kind::BadEncoding => broken = true,
            Kind::Huge { bytes } => change(&mut body, |value| {
                if let Value::Object(map) = value {
                    map.insert("padding".to_owned(), Value::String("x".repeat((*bytes).min(1 << 28))));
                }
            }),
            Kind::UnknownEnum => change(&mut body, |value| walk(value, &mut unknown_enum)),
            Kind::UnknownCase => change(&mut body, |value| walk(value, &mut unknown_case)),
            Kind::UnknownField => change(&mut body, |value| walk(value, &mut unknown_field)),
            Kind::MissingOptional => change(&mut body, |value| walk(value, &mut missing_optional)),
            Kind::HostileText => change(&mut body, |value| walk(value, &mut hostile_text)),
            Kind::ChannelFailures => change(&mut body, channel_failures),
            Kind::UnknownError => {
                if *status < 400 {
                    *status = 400;
                }
                r#"{"type":"SANDBOX_NEW_ERROR_TYPE","message":"a type that no schema lists"}"#
                    .clone_into(&mut body);
            }
            _ => (),
        }
    }
    let mut bytes = body.into_bytes();
    if broken {
        // Invalid UTF-8 inside the text, not merely around it.
        let middle = bytes.len() / 2;
        bytes.splice(middle..middle, [0xc7, 0xd1, 0xff]);
    }
    (bytes, content_type)
}

fn change(body: &mut String, edit: impl FnOnce(&mut Value)) {
    if let Ok(mut value) = serde_json::from_str(body) {
        edit(&mut value);
        *body = value.to_string();
    }
}

fn channel_failures(value: &mut Value) {
    let channel = value["billingKeyInfo"]["channels"][0].clone();
    if let Some(Value::Array(failures)) = value.get_mut("channelSpecificFailures") {
        let (code, text) = Why::System.words(channel["pgProvider"].as_str().unwrap_or_default());
        failures.push(json!({"type": "PG_PROVIDER", "channel": channel, "pgCode": code, "pgMessage": text}));
    }
}

fn walk(value: &mut Value, edit: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(|value| walk(value, edit));
            edit(map);
        }
        Value::Array(list) => list.iter_mut().for_each(|value| walk(value, edit)),
        _ => (),
    }
}

fn unknown_enum(map: &mut Map<String, Value>) {
    for field in ENUM_FIELDS {
        if let Some(slot @ Value::String(_)) = map.get_mut(*field) {
            *slot = Value::String("SANDBOX_UNKNOWN".to_owned());
        }
    }
}

fn unknown_case(map: &mut Map<String, Value>) {
    if let Some(slot @ Value::String(_)) = map.get_mut("type") {
        *slot = Value::String("PaymentMethodTelepathy".to_owned());
    } else if map.contains_key("transactionId") || map.contains_key("timeToPay") {
        map.insert("status".to_owned(), Value::String("SANDBOX_NEW_STATUS".to_owned()));
    }
}

fn unknown_field(map: &mut Map<String, Value>) {
    map.insert(
        "sandboxNewField".to_owned(),
        Value::Array(vec![Value::Null, Value::String("새 필드".to_owned())]),
    );
}

fn missing_optional(map: &mut Map<String, Value>) {
    map.retain(|key, _| KEPT_FIELDS.contains(&key.as_str()));
}

fn hostile_text(map: &mut Map<String, Value>) {
    const TEXTS: &[&str] = &[
        "orderName",
        "name",
        "pgMessage",
        "reason",
        "customData",
        "email",
        "message",
        "fail_reason",
        "cancel_reason",
        "buyer_name",
        "buyer_addr",
        "custom_data",
        "card_name",
        "oneLine",
        "remitteeName",
        "vbank_holder",
    ];
    for field in TEXTS {
        if let Some(Value::String(text)) = map.get_mut(*field) {
            text.push_str(HOSTILE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(kind: Kind, body: &str) -> (u16, Value) {
        let mut status = 200;
        let (bytes, _) = apply(&[kind], &mut status, body.to_owned());
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    #[test]
    fn each_kind_changes_what_it_says_and_nothing_else() {
        let body = r#"{"status":"PAID","transactionId":"t","orderName":"이름","method":{"type":"PaymentMethodCard"},"pgResponse":"x"}"#;
        assert_eq!(run(Kind::UnknownEnum, body).1["status"], "SANDBOX_UNKNOWN");
        assert_eq!(run(Kind::UnknownCase, body).1["method"]["type"], "PaymentMethodTelepathy");
        assert!(run(Kind::UnknownField, body).1["method"]["sandboxNewField"].is_array());
        let (_, less) = run(Kind::MissingOptional, body);
        assert_eq!((less.get("pgResponse"), &less["orderName"]), (None, &Value::from("이름")));
        assert!(run(Kind::HostileText, body).1["orderName"].as_str().unwrap().contains('\u{1b}'));
        assert_eq!(run(Kind::UnknownError, body).0, 400);
        assert_eq!(run(Kind::Huge { bytes: 1_000 }, body).1["padding"].as_str().unwrap().len(), 1_000);
        let issued = r#"{"billingKeyInfo":{"billingKey":"k","channels":[{"pgProvider":"KCP_V2"}]},"channelSpecificFailures":[]}"#;
        let failures = run(Kind::ChannelFailures, issued).1["channelSpecificFailures"].clone();
        assert_eq!(
            (&failures[0]["channel"]["pgProvider"], &failures[0]["pgCode"]),
            (&Value::from("KCP_V2"), &Value::from("CC98"))
        );
        assert_eq!(run(Kind::ChannelFailures, body).1, serde_json::from_str::<Value>(body).unwrap());
        let mut status = 200;
        assert!(String::from_utf8(apply(&[Kind::BadEncoding], &mut status, body.to_owned()).0).is_err());
        assert!(
            serde_json::from_slice::<Value>(&apply(&[Kind::NotJson], &mut status, body.to_owned()).0)
                .is_err()
        );
        assert_eq!(apply(&[Kind::Html], &mut status, body.to_owned()).1, "text/html");
    }
}
