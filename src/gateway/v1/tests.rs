use super::*;
use crate::domain::channel::{Channel, Mode, Terms};
use crate::domain::customer::Customer;
use crate::domain::money::{Currency, Money};
use crate::domain::order::{Installments, Sale};
use crate::domain::pg::{Generation, PgCode};

#[test]
fn the_body_is_the_one_of_the_reference() {
    let vault = Vault::new().unwrap();
    for (field, digits) in [
        (Field::Number, "424242424242424"),
        (Field::Expiry, "1129"),
        (Field::Identity, "1234567891"),
        (Field::Pin, "07"),
    ] {
        for digit in digits.bytes() {
            vault.push(field, digit - b'0');
        }
    }
    let order = KeyInOrder {
        sale: Sale {
            payment_id: PaymentId::parse("CS20260803A0017").unwrap(),
            channel: Channel {
                name: "nice".to_owned(),
                generation: Generation::V1,
                key: "channel-key-1".to_owned(),
                pg: PgCode::new("nice_v2"),
                merchant_id: Some("MIDTEST01".to_owned()),
                mode: Mode::Test,
                product_type: None,
                terms: Terms::default(),
                pg_api_key: None,
            },
            order_name: "8월 관리비".to_owned(),
            amount: Money::new(55_000, Currency::Krw).unwrap(),
            tax_free: None,
            vat: None,
            customer: Customer::new("박서연", "010-0000-0000", ""),
            note: None,
        },
        installments: Installments { months: 0, interest_free: false },
        save_card: false,
    };
    let body = vault.write_body(|w| body::onetime(w, &order)).unwrap();
    let value: serde_json::Value = serde_json::from_slice(body.as_ref()).unwrap();
    assert_eq!(
        value,
        serde_json::json!({
            "merchant_uid": "CS20260803A0017", "amount": 55000, "currency": "KRW", "name": "8월 관리비",
            "pg": "nice_v2.MIDTEST01", "card_number": "4242-4242-4242-424", "expiry": "2029-11",
            "birth": "1234567891", "pwd_2digit": "07", "card_quota": 0,
            "buyer_name": "박서연", "buyer_tel": "01000000000"
        })
    );
}

#[test]
fn only_certain_answers_are_certain() {
    let read =
        |status: u16, body: &str| match read::charged(StatusCode::from_u16(status).unwrap(), body.as_bytes())
        {
            Reply::Done(payment) => format!("approved {}", payment.unwrap().approval_number.unwrap()),
            Reply::Declined(refusal) => format!(
                "declined {} {}",
                refusal.code.map(|code| code.to_string()).unwrap_or_default(),
                refusal.message
            ),
            Reply::NotDone(problem) => format!("not charged {}", problem.word()),
            Reply::Unseen(why) => format!("unseen {why}"),
        };
    for (status, body, expected) in [
        (
            200,
            r#"{"code":0,"message":null,"response":{"status":"paid","apply_num":"30021177"}}"#,
            "approved 30021177",
        ),
        (
            200,
            r#"{"code":0,"response":{"status":"failed","fail_reason":"[F113] 한도초과"}}"#,
            "declined F113 [F113] 한도초과",
        ),
        (
            200,
            r#"{"code":-1,"message":"카드정보 인증에 실패","response":null}"#,
            "declined  카드정보 인증에 실패",
        ),
        (200, r#"{"code":0,"response":{"status":"ready"}}"#, "unseen undecided"),
        (200, r#"{"code":0,"response":{"status":"weird"}}"#, "unseen undecided"),
        (200, r#"{"code":0,"response":null}"#, "unseen malformed"),
        (200, "not json", "unseen malformed"),
        (401, r#"{"code":-1,"message":"Unauthorized","response":null}"#, "not charged credentials"),
        (400, r#"{"code":-1,"message":"x","response":null}"#, "not charged refused"),
        (500, r#"{"code":-1,"message":"x","response":null}"#, "unseen unknown_error"),
        (502, "<html>", "unseen malformed"),
        (302, "", "unseen redirect"),
    ] {
        assert_eq!(read(status, body), expected, "{status} {body}");
    }
}

#[test]
fn the_paid_attempt_decides_whatever_came_later() {
    let body = br#"{"code":0,"message":null,"response":{"total":3,"list":[
        {"status":"failed","imp_uid":"imps_3"},{"status":"paid","imp_uid":"imps_2","amount":"55000","paid_at":5},
        {"status":"ready","imp_uid":"imps_1"}]}}"#;
    let payment = deciding(wire::envelope(body).unwrap().payments().unwrap()).unwrap();
    assert_eq!(payment.provider_payment_id, Some(SafeText::new("imps_2")));
    assert_eq!(payment.total, Money::new(55_000, Currency::Krw));
    assert_eq!(payment.paid_at, Some(5));
    assert_eq!(deciding(Vec::new()), None);
}

#[test]
fn a_partial_cancel_is_told_by_the_amounts() {
    let state = |cancelled: u32| {
        let body = format!(
            r#"{{"code":0,"response":{{"status":"cancelled","amount":100,"cancel_amount":{cancelled},"paid_at":0}}}}"#
        );
        wire::envelope(body.as_bytes()).unwrap().payment().unwrap().state
    };
    assert_eq!((state(40), state(100)), (PaymentState::PartialCancelled, PaymentState::Cancelled));
}

#[test]
fn the_life_of_a_token_is_what_the_server_says() {
    let body = br#"{"code":0,"response":{"access_token":"t","now":1780000000,"expired_at":1780000300}}"#;
    let (text, ttl) = wire::envelope(body).unwrap().token().unwrap();
    assert_eq!((text.as_str(), ttl), ("t", Duration::from_mins(5)));
}
