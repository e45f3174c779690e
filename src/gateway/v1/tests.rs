mod payments;
mod refund;
mod schedules;

use serde_json::{Value, json};

use super::super::tests::{channel, said, sale, valid_v1, vault, won, written};
use super::*;
use crate::domain::account::AccountKind;
use crate::domain::channel::{Channel, PgApiKey, ProductType};
use crate::domain::customer::Customer;
use crate::domain::issuer::bank_of_v2;
use crate::domain::money::{Currency, Money};
use crate::domain::order::{Installments, Sale};
use crate::domain::payment::PaymentState;
use crate::domain::pg::{Generation, PgCode};
use crate::domain::text::SafeText;

fn card() -> Arc<Vault> {
    vault("424242424242424", "1129", "1234567891", "07")
}

fn order() -> KeyInOrder {
    let customer = Customer::new("박서연", "010-0000-0000", "").with_id("cust0042");
    KeyInOrder {
        sale: sale("CS20260803A0017", channel(Generation::V1, "nice_v2"), "8월 관리비", 55_000, customer),
        installments: Installments { months: 0, interest_free: false },
        save_card: false,
    }
}

#[test]
fn the_body_of_a_key_in_is_the_one_of_the_reference() {
    let value = written(&card(), |w| body::onetime(w, &order()));
    assert_eq!(
        value,
        json!({
            "merchant_uid": "CS20260803A0017", "amount": 55000, "currency": "KRW", "name": "8월 관리비",
            "pg": "nice_v2.MIDTEST01", "card_number": "4242-4242-4242-424", "expiry": "2029-11",
            "birth": "1234567891", "pwd_2digit": "07", "card_quota": 0,
            "buyer_name": "박서연", "buyer_tel": "01000000000"
        })
    );
    valid_v1("/subscribe/payments/onetime", "post", &value);
    let mut more = order();
    more.save_card = true;
    more.installments = Installments { months: 3, interest_free: true };
    more.sale.channel.product_type = Some(ProductType::Digital);
    (more.sale.tax_free, more.sale.vat) = (Some(won(0)), Some(won(5_000)));
    let value = written(&card(), |w| body::onetime(w, &more));
    assert_eq!(value["customer_uid"], "card-CS20260803A0017");
    assert_eq!((&value["card_quota"], &value["interest_free_by_merchant"]), (&json!(3), &json!(true)));
    assert_eq!((&value["tax_free"], &value["vat_amount"]), (&json!(0), &json!(5_000)));
    valid_v1("/subscribe/payments/onetime", "post", &value);
}

#[test]
fn an_amount_with_decimals_is_written_as_it_is_said() {
    for (minor, text) in [(1_234, "12.34"), (10, "0.1"), (1, "0.01"), (99_999_999_999, "999999999.99")] {
        let mut order = order();
        order.sale.amount = Money::new(minor, Currency::Usd).unwrap();
        let body = card().write_body(|w| body::onetime(w, &order)).unwrap();
        let body = std::str::from_utf8(body.as_ref()).unwrap();
        assert!(body.contains(&format!("\"amount\":{text},")), "{body}");
    }
}

fn key_order(key: Option<&str>) -> KeyOrder {
    KeyOrder {
        id: PaymentId::parse("d0000002").unwrap(),
        channel: channel(Generation::V1, "nice_v2"),
        customer: order().sale.customer,
        key: key.map(|key| BillingKey::parse(key).unwrap()),
    }
}

#[test]
fn the_body_of_a_key_s_issue_names_its_channel() {
    let value = written(&card(), |w| body::issue_key(w, &key_order(None)));
    assert_eq!(
        value,
        json!({
            "channel_key": "channel-key-1", "card_number": "4242-4242-4242-424", "expiry": "2029-11",
            "birth": "1234567891", "pwd_2digit": "07", "customer_id": "cust0042", "customer_name": "박서연",
            "customer_tel": "01000000000"
        })
    );
    valid_v1("/subscribe/customers/{customer_uid}", "post", &value);
    let mut keyless = key_order(None);
    keyless.channel.key = String::new();
    let value = written(&card(), |w| body::issue_key(w, &keyless));
    assert_eq!((&value["channel_key"], &value["pg"]), (&Value::Null, &json!("nice_v2.MIDTEST01")));
    assert_eq!(key_order(Some("m_2001")).name().expose(), "m_2001");
    assert_eq!(key_order(None).name().expose(), "card-d0000002");
}

#[test]
fn the_body_of_a_key_s_charge_has_no_channel() {
    let charge = KeyChargeOrder {
        sale: order().sale,
        key: BillingKey::parse("m_2001_c1").unwrap(),
        installments: Installments { months: 2, interest_free: false },
    };
    let value: Value = serde_json::from_str(&body::again(&charge)).unwrap();
    assert_eq!(
        value,
        json!({
            "customer_uid": "m_2001_c1", "merchant_uid": "CS20260803A0017", "amount": 55000, "currency": "KRW",
            "name": "8월 관리비", "card_quota": 2, "buyer_name": "박서연", "buyer_tel": "01000000000"
        })
    );
    valid_v1("/subscribe/payments/again", "post", &value);
}

fn account(pg: &str) -> AccountOrder {
    AccountOrder {
        sale: Sale { channel: channel(Generation::V1, pg), ..order().sale },
        bank: bank_of_v2("KOOKMIN").unwrap(),
        due: "2026-03-05T14:59:59Z".parse().unwrap(),
        kind: AccountKind::Rotating,
        receipt: None,
        holder: Some("단말상회".to_owned()),
    }
}

fn account_body(order: &AccountOrder) -> Result<Value, Problem> {
    body::account(order).map(|body| {
        let value = serde_json::from_str(&body).unwrap();
        valid_v1("/vbanks", "post", &value);
        value
    })
}

#[test]
fn the_body_of_an_account_is_the_one_of_the_reference() {
    let value = account_body(&account("nice_v2")).unwrap();
    assert_eq!(
        value,
        json!({
            "channel_key": "channel-key-1", "merchant_uid": "CS20260803A0017", "amount": 55000,
            "vbank_code": "004", "vbank_due": 1_772_722_799, "vbank_holder": "단말상회", "name": "8월 관리비",
            "buyer_name": "박서연", "buyer_tel": "01000000000"
        })
    );
    let bank = |pg: &str| account_body(&account(pg)).unwrap()["vbank_code"].clone();
    assert_eq!((bank("html5_inicis"), bank("ksnet")), (json!("04"), json!("004")));
    let jeju = AccountOrder { bank: bank_of_v2("JEJU").unwrap(), ..account("nice_v2") };
    assert_eq!(account_body(&jeju), Err(Problem::Unsupported { what: "bank" }));
    let mut dollars = account("nice_v2");
    dollars.sale.amount = Money::new(1_234, Currency::Usd).unwrap();
    assert_eq!(account_body(&dollars), Err(Problem::Unsupported { what: "currency" }));
}

#[test]
fn a_fixed_account_is_named_as_the_gateway_wants_it() {
    let fixed = |pg: &str| {
        let kind = AccountKind::Fixed("1234567890".to_owned());
        let value = account_body(&AccountOrder { kind, ..account(pg) }).unwrap();
        (value["vbank_num"].clone(), value["vbank_key"].clone())
    };
    assert_eq!(fixed("settle"), (json!("1234567890"), Value::Null));
    assert_eq!(fixed("smartro_v2"), (json!("1234567890"), Value::Null));
    assert_eq!(fixed("tosspayments"), (Value::Null, json!("1234567890")));
}

#[test]
fn the_gateway_s_own_key_goes_along_where_it_is_wanted() {
    let inicis = channel(Generation::V1, "html5_inicis");
    assert_eq!(body::pg_api_key(&inicis), Err(Problem::Unsupported { what: "pg_api_key" }));
    let with = Channel { pg_api_key: Some(PgApiKey::new("a+b/c")), ..inicis };
    assert_eq!(body::pg_api_key(&with).as_deref(), Ok("?pg_api_key=a%2Bb%2Fc"));
    assert_eq!(body::pg_api_key(&channel(Generation::V1, "nice_v2")).as_deref(), Ok(""));
    assert_eq!(format!("{:?}", with.pg_api_key.unwrap()), "PgApiKey");
}

#[test]
fn only_certain_answers_are_certain() {
    type Read = fn(u16, &str) -> String;
    fn status(status: u16) -> StatusCode {
        StatusCode::from_u16(status).unwrap()
    }
    fn told(payment: Option<Box<ProviderPayment>>) -> String {
        let payment = payment.unwrap();
        let account = payment.account.map(|account| account.number);
        format!("done {}", payment.approval_number.or(account).unwrap_or_default())
    }
    let charged: Read = |code, body| said(read::charged(status(code), body.as_bytes()), told);
    let account: Read = |code, body| said(read::account(status(code), body.as_bytes()), told);
    let issued: Read = |code, body| {
        said(read::issued(status(code), body.as_bytes()), |issued| {
            let card = issued.card.map(|card| card.last4().to_owned()).unwrap_or_default();
            format!("done {} {} {card}", issued.key.expose(), issued.refusals.len())
        })
    };
    let deleted: Read =
        |code, body| said(read::deleted(status(code), body.as_bytes()), |()| "done".to_owned());
    let closed: Read = |code, body| said(read::closed(status(code), body.as_bytes()), |()| "done".to_owned());
    for (code, body, expected) in [
        (
            200,
            r#"{"code":-1,"message":"카드정보 인증에 실패","response":null}"#,
            "declined  카드정보 인증에 실패",
        ),
        (200, r#"{"code":1,"message":"[F113] 한도","response":null}"#, "declined F113 [F113] 한도"),
        (200, r#"{"code":0,"response":null}"#, "unseen malformed"),
        (200, "not json", "unseen malformed"),
        (200, r#"{"code":0,"response":{"sta"#, "unseen malformed"),
        (401, r#"{"code":-1,"message":"Unauthorized","response":null}"#, "not done credentials"),
        (403, r#"{"code":-1,"message":"x","response":null}"#, "not done refused"),
        (500, r#"{"code":-1,"message":"x","response":null}"#, "unseen unknown_error"),
        (404, r#"{"code":0,"response":{}}"#, "unseen unknown_error"),
        (502, "<html>", "unseen malformed"),
        (302, "", "unseen redirect"),
    ] {
        for read in [charged, account, issued, deleted, closed] {
            assert_eq!(read(code, body), expected, "{code} {body}");
        }
    }
    let bad = r#"{"code":-1,"message":"x","response":null}"#;
    let paid = r#"{"code":0,"message":null,"response":{"status":"paid","apply_num":"30021177"}}"#;
    let failed = r#"{"code":0,"response":{"status":"failed","fail_reason":"[F113] 한도초과"}}"#;
    let waits = r#"{"code":0,"response":{"status":"ready","vbank_num":"5620","vbank_code":"088"}}"#;
    let ready = r#"{"code":0,"response":{"status":"ready"}}"#;
    let key = r#"{"code":0,"response":{"customer_uid":"m_1","card_number":"400011******3333","inserted":1}}"#;
    let super_key = r#"{"code":0,"response":{"customer_uid":"m_1","channelGroupId":"g",
        "succeededChannels":[{"card_number":"400011******3333"}],"failedChannels":[{"message":"[F1]x"}]}}"#;
    for (read, code, body, expected) in [
        (charged, 200, paid, "done 30021177"),
        (charged, 200, failed, "declined F113 [F113] 한도초과"),
        (charged, 200, ready, "unseen undecided"),
        (charged, 200, waits, "unseen undecided"),
        (charged, 200, r#"{"code":0,"response":{"status":"weird"}}"#, "unseen undecided"),
        (charged, 400, bad, "not done refused"),
        (account, 200, waits, "done 5620"),
        (account, 200, paid, "done 30021177"),
        (account, 200, ready, "unseen undecided"),
        (account, 200, failed, "declined F113 [F113] 한도초과"),
        (account, 400, bad, "not done refused"),
        (issued, 200, key, "done m_1 0 3333"),
        (issued, 200, super_key, "done m_1 1 3333"),
        (issued, 200, ready, "unseen malformed"),
        (issued, 400, bad, "not done refused"),
        (deleted, 200, key, "done"),
        (deleted, 200, r#"{"code":0,"response":[]}"#, "unseen malformed"),
        (deleted, 404, bad, "not done key_gone"),
        (deleted, 400, bad, "not done refused"),
        (closed, 200, failed, "done"),
        (closed, 400, bad, "not done not_waiting"),
        (closed, 404, bad, "not done refused"),
        (closed, 400, "<html>", "unseen malformed"),
    ] {
        assert_eq!(read(code, body), expected, "{code} {body}");
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

fn keys(body: &str) -> Vec<ProviderKey> {
    wire::envelope(body.as_bytes()).unwrap().keys().unwrap()
}

#[test]
fn keys_are_read_leniently() {
    let found = keys(
        r#"{"code":0,"response":[
            {"customer_uid":"m_1","pg_provider":"nice_v2","pg_id":"MID","sandbox":true,"card_name":"신한카드",
             "card_issuer_name":null,"card_number":"400011******3333","customer_name":"박\u001b서연",
             "customer_tel":"010-2000-3000","inserted":100,"updated":200,"new":{}},
            {"customer_uid":"m_2","channelGroupId":"g","succeededChannels":[{"pg_provider":"kcp","inserted":5}]},
            {"card_name":"nameless"},7]}"#,
    );
    let [plain, group] = &found[..] else { panic!("{found:?}") };
    assert_eq!((plain.issued_at, plain.updated_at, plain.since()), (Some(100), Some(200), Some(200)));
    assert_eq!(plain.card.as_ref().unwrap().to_string(), "4000 11** **** 3333");
    assert_eq!((plain.customer.name(), plain.is_test), (Some("박?서연"), Some(true)));
    assert_eq!(plain.issuer.as_ref().unwrap().as_str(), "신한카드");
    assert_eq!((group.pg.as_ref().unwrap().as_str(), group.since()), ("kcp", Some(5)));
}

#[test]
fn a_search_is_made_among_the_keys_that_were_found() {
    let found = keys(
        r#"{"code":0,"response":[{"customer_uid":"m_1","pg_provider":"nice_v2","customer_name":"박서연",
            "customer_id":"c1","customer_tel":"010-2000-3000","card_number":"400011******3333","inserted":100}]}"#,
    );
    let nothing = KeySearch::default;
    let text = |text| KeySearch { text: Some(text), ..nothing() };
    let at = |seconds| Some(Timestamp::from_second(seconds).unwrap());
    for (search, expected) in [
        (nothing(), true),
        (text(crate::domain::billing_key::KeyText::Phone("0102000".to_owned())), true),
        (text(crate::domain::billing_key::KeyText::Phone("010-2000-3000".to_owned())), true),
        (text(crate::domain::billing_key::KeyText::Phone("0103".to_owned())), false),
        (text(crate::domain::billing_key::KeyText::Name("박".to_owned())), true),
        (text(crate::domain::billing_key::KeyText::Name("서연".to_owned())), false),
        (text(crate::domain::billing_key::KeyText::Key("m_".to_owned())), true),
        (text(crate::domain::billing_key::KeyText::Key("x".to_owned())), false),
        (text(crate::domain::billing_key::KeyText::Bin("40001122".to_owned())), true),
        (text(crate::domain::billing_key::KeyText::Bin("400012".to_owned())), false),
        (KeySearch { customer_id: Some("c1".to_owned()), ..nothing() }, true),
        (KeySearch { customer_id: Some("c2".to_owned()), ..nothing() }, false),
        (KeySearch { pg: Some(PgCode::new("nice_v2")), ..nothing() }, true),
        (KeySearch { pg: Some(PgCode::new("kcp")), ..nothing() }, false),
        (KeySearch { from: at(100), until: at(101), ..nothing() }, true),
        (KeySearch { from: at(101), ..nothing() }, false),
        (KeySearch { until: at(100), ..nothing() }, false),
    ] {
        assert_eq!(search.fits(&found[0]), expected, "{search:?}");
    }
}
