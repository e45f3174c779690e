use super::*;
use crate::domain::channel::{Channel, Mode, Terms};
use crate::domain::customer::Customer;
use crate::domain::money::{Currency, Money};
use crate::domain::order::{Installments, Sale};
use crate::domain::payment::PaymentState;
use crate::domain::pg::{Generation, PgCode};

fn order() -> KeyInOrder {
    KeyInOrder {
        sale: Sale {
            payment_id: PaymentId::parse("d0000001").unwrap(),
            channel: Channel {
                name: "kcp".to_owned(),
                generation: Generation::V2,
                key: "channel-key-1".to_owned(),
                pg: PgCode::new("KSNET"),
                merchant_id: None,
                mode: Mode::Test,
                product_type: Some(ProductType::Physical),
                terms: Terms::default(),
                pg_api_key: None,
            },
            order_name: "정수기 \"렌탈\"".to_owned(),
            amount: Money::new(55_000, Currency::Krw).unwrap(),
            tax_free: Some(Money::zero(Currency::Krw)),
            vat: None,
            customer: Customer::new("김하늘", "010-2000-3000", ""),
            note: None,
        },
        installments: Installments { months: 3, interest_free: false },
        save_card: false,
    }
}

fn vault() -> Arc<Vault> {
    let vault = Vault::new().unwrap();
    for (field, digits) in [
        (Field::Number, "4000111122223333"),
        (Field::Expiry, "0529"),
        (Field::Identity, "880214"),
        (Field::Pin, "12"),
    ] {
        for digit in digits.bytes() {
            vault.push(field, digit - b'0');
        }
    }
    vault
}

#[test]
fn the_body_is_the_one_of_the_reference() {
    let body = vault().write_body(|w| body::instant(w, "store-1", &order())).unwrap();
    let value: serde_json::Value = serde_json::from_slice(body.as_ref()).unwrap();
    assert_eq!(
        value,
        serde_json::json!({
            "storeId": "store-1", "channelKey": "channel-key-1", "orderName": "정수기 \"렌탈\"",
            "amount": {"total": 55000, "taxFree": 0}, "currency": "KRW",
            "customer": {"name": {"full": "김하늘"}, "phoneNumber": "01020003000"},
            "productType": "PHYSICAL",
            "method": {"card": {"credential": {
                "number": "4000111122223333", "expiryYear": "29", "expiryMonth": "05",
                "birthOrBusinessRegistrationNumber": "880214", "passwordTwoDigits": "12"},
                "installmentMonth": 3}}
        })
    );
}

#[test]
fn what_was_not_given_is_left_out() {
    let vault = vault();
    vault.clear(Field::Identity);
    vault.clear(Field::Pin);
    let mut order = KeyInOrder { installments: Installments::default(), ..order() };
    order.sale = Sale { tax_free: None, customer: Customer::default(), ..order.sale };
    let body = vault.write_body(|w| body::instant(w, "s", &order)).unwrap();
    let text = std::str::from_utf8(body.as_ref()).unwrap();
    for absent in ["taxFree", "customer", "installmentMonth", "birth", "password"] {
        assert!(!text.contains(absent), "{absent}");
    }
    assert!(serde_json::from_str::<serde_json::Value>(text).is_ok());
}

#[test]
fn only_certain_answers_are_certain() {
    let read =
        |status: u16, body: &str| match read::charged(StatusCode::from_u16(status).unwrap(), body.as_bytes())
        {
            Reply::Done(_) => "approved".to_owned(),
            Reply::Declined(refusal) => format!("declined {}", refusal.message),
            Reply::NotDone(problem) => format!("not charged {}", problem.word()),
            Reply::Unseen(why) => format!("unseen {why}"),
        };
    for (status, body, expected) in [
        (200, r#"{"payment":{"pgTxId":"T","paidAt":"2026-03-01T02:11:09Z","new":1}}"#, "approved"),
        (200, r#"{"payment":{}}"#, "unseen malformed"),
        (200, "<html>", "unseen malformed"),
        (200, r#"{"payment":{"pgTxId":"T""#, "unseen malformed"),
        (
            502,
            r#"{"type":"PG_PROVIDER","message":"m","pgCode":"8035","pgMessage":"한도초과"}"#,
            "declined 한도초과",
        ),
        (502, r#"{"type":"PG_PROVIDER"}"#, "declined "),
        (502, "bad gateway", "unseen malformed"),
        (500, r#"{"type":"INTERNAL"}"#, "unseen unknown_error"),
        (429, r#"{"type":"RATE"}"#, "unseen unknown_error"),
        (400, r#"{"type":"INVALID_REQUEST","message":"x"}"#, "not charged refused"),
        (400, "echo", "unseen malformed"),
        (401, r#"{"type":"UNAUTHORIZED"}"#, "not charged credentials"),
        (403, r#"{"type":"FORBIDDEN"}"#, "not charged forbidden"),
        (404, r#"{"type":"CHANNEL_NOT_FOUND"}"#, "not charged channel_unknown"),
        (404, r#"{"type":"WHAT"}"#, "unseen unknown_error"),
        (409, r#"{"type":"ALREADY_PAID"}"#, "unseen already_paid"),
        (409, r#"{"type":"IDEMPOTENCY_OUTSTANDING_REQUEST"}"#, "unseen outstanding"),
        (409, r#"{"type":"SUM_OF_PARTS_EXCEEDS_TOTAL_AMOUNT"}"#, "not charged refused"),
        (307, "", "unseen redirect"),
    ] {
        assert_eq!(read(status, body), expected, "{status} {body}");
    }
}

#[test]
fn payments_are_read_leniently() {
    let payment = wire::payment(
        r#"{"status":"paid","transactionId":"tx","amount":{"total":33000},"currency":"KRW","orderName":"a\u001b[2J",
            "channel":{"type":"TEST","pgProvider":"KCP_V2"},"disputes":7,"paidAt":"2026-03-01T02:11:09.123456789Z",
            "method":{"type":"PaymentMethodCard","approvalNumber":"31557120","installment":{"month":3},
              "card":{"name":"신한카드","number":"40001111****3333"}}}"#
            .as_bytes(),
    )
    .unwrap();
    assert_eq!(payment.state, PaymentState::Paid);
    assert_eq!(payment.total, Money::new(33_000, Currency::Krw));
    assert_eq!(payment.order_name.as_str(), "a?[2J");
    assert_eq!(payment.card.unwrap().to_string(), "4000 11** **** 3333");
    assert_eq!((payment.installments, payment.is_test), (Some(3), Some(true)));
    let odd = wire::payment(br#"{"status":"HALF_PAID","amount":"x","method":[],"currency":5}"#).unwrap();
    assert_eq!(odd.state, PaymentState::Other(SafeText::new("HALF_PAID")));
    assert_eq!(odd.total, None);
    assert!(wire::payment(b"{\"status\":").is_none());
}
