//! Schedules in the daily close: what was due and did not run, has no end, was refused, or left no payment.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::close::{close, differences};
use super::schedules::key;
use super::support::{Api, Card, Shop};

/// Yesterday, with the provider's clock standing at nine in the morning in Korea: what is due then is over for us.
struct Yesterday {
    shop: Shop,
    day: jiff::civil::Date,
}

impl Yesterday {
    fn of(api: Api) -> Self {
        let korea = jiff::tz::TimeZone::fixed(jiff::tz::offset(9));
        let day = Timestamp::now().to_zoned(korea).date().yesterday().unwrap();
        let now = format!("{day}T09:00:00+09:00");
        Self { shop: Shop::with(api, &["--clock", "manual", "--now", &now]), day }
    }

    /// Books a charge of a card's key at this hour, as another program does.
    fn book(&self, id: &str, card: &Card, hour: i8) {
        let (_, key) = key(&self.shop, card);
        let at: Timestamp = format!("{}T{hour:02}:00:00+09:00", self.day).parse().unwrap();
        let (status, body) = match self.shop.api {
            Api::V2 => {
                let payment = json!({
                    "billingKey": key, "orderName": "월 구독료", "amount": {"total": 9900}, "currency": "KRW",
                    "customer": {"id": "cust0042", "name": {"full": "김하늘"}, "phoneNumber": "01020003000"}
                });
                let body = json!({"payment": payment, "timeToPay": at.to_string()});
                self.shop.sandbox.call(Api::V2, "POST", &format!("/payments/{id}/schedule"), &body)
            }
            Api::V1 => {
                let one = json!({
                    "merchant_uid": id, "schedule_at": at.as_second(), "amount": 9900, "name": "월 구독료"
                });
                let body = json!({"customer_uid": key, "schedules": [one]});
                self.shop.sandbox.call(Api::V1, "POST", "/subscribe/payments/schedule", &body)
            }
        };
        assert!(status == 200 && body["code"].as_i64().unwrap_or_default() == 0, "{status} {body}");
    }

    fn close(&self, code: i32) -> Value {
        close(&self.shop, code, &["--day", &self.day.to_string()])
    }
}

fn told(found: &[(&str, &str)]) -> Vec<(String, String)> {
    found.iter().map(|(id, what)| ((*id).to_owned(), (*what).to_owned())).collect()
}

#[test]
fn schedules_that_did_not_end_well_are_told() {
    for api in Api::ALL {
        let yesterday = Yesterday::of(api);
        yesterday.book("goeswell01", &Card::approved(), 10);
        yesterday.book("refused001", &Card::ending("0040"), 11);
        yesterday.book("hasnoend01", &Card::ending("0042"), 12);
        yesterday.book("neverran01", &Card::approved(), 22);
        yesterday.shop.sandbox.advance(6 * 3_600);
        let closed = yesterday.close(1);
        let expected = told(&[
            ("hasnoend01", "schedule_open"),
            ("neverran01", "schedule_not_run"),
            ("refused001", "schedule_failed"),
        ]);
        assert_eq!(differences(&closed), expected, "{api:?}: {closed}");
        // Once they have all run, only the refused one is left of them.
        yesterday.shop.sandbox.advance(12 * 3_600);
        let path = "/__sandbox/payments/hasnoend01/approve";
        let (status, body) = yesterday.shop.sandbox.ask("POST", path, "", &json!({}));
        assert_eq!(status, 200, "{body}");
        let again = yesterday.close(1);
        assert_eq!(differences(&again), told(&[("refused001", "schedule_failed")]), "{api:?}: {again}");
        let changes = again["earlier"]["changes"].as_array().unwrap();
        let mut resolved: Vec<&str> = changes
            .iter()
            .filter(|change| change["change"] == "resolved")
            .map(|change| change["id"].as_str().unwrap())
            .collect();
        resolved.sort_unstable();
        assert_eq!(resolved, ["hasnoend01", "neverran01"], "{api:?}: {again}");
    }
}

#[test]
fn a_charge_without_a_payment_is_told() {
    for api in Api::ALL {
        let yesterday = Yesterday::of(api);
        yesterday.book("vanished01", &Card::approved(), 10);
        yesterday.shop.sandbox.advance(6 * 3_600);
        // The provider says that the charge went well and shows no payment, in no list and by no id.
        let (list, one, nothing, none) = match api {
            Api::V2 => (
                "/payments-by-cursor",
                "/payments/{paymentId}",
                json!({"items": []}),
                json!({"type": "PAYMENT_NOT_FOUND"}),
            ),
            Api::V1 => (
                "/payments/status/{payment_status}",
                "/payments/findAll/{merchant_uid}",
                json!({"code": 0, "response": {"total": 0, "previous": 0, "next": 0, "list": []}}),
                json!({"code": -1, "message": "존재하지 않는 결제정보입니다.", "response": null}),
            ),
        };
        for (route, status, body) in [(list, 200, nothing), (one, 404, none)] {
            yesterday.shop.sandbox.fault(&json!({
                "kind": "status", "status": status, "process": false, "route": route, "method": "GET",
                "body": body.to_string()
            }));
        }
        let closed = yesterday.close(1);
        let expected = told(&[("vanished01", "schedule_without_payment")]);
        assert_eq!(differences(&closed), expected, "{api:?}: {closed}");
        yesterday.shop.sandbox.no_faults();
        assert_eq!(differences(&yesterday.close(0)), told(&[]), "{api:?}");
    }
}
