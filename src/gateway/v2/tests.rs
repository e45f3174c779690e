mod payments;
mod refund;
mod schedules;

use serde_json::{Value, json};

use super::super::tests::{channel, said, sale, valid_v2, vault, won, written};
use super::*;
use crate::domain::account::{AccountKind, CashReceipt, ReceiptKind};
use crate::domain::channel::ProductType;
use crate::domain::customer::Customer;
use crate::domain::issuer::bank_of_v2;
use crate::domain::money::Money;
use crate::domain::order::{Installments, Sale};
use crate::domain::payment::PaymentState;
use crate::domain::pg::{Generation, PgCode};
use crate::vault::Field;

fn card() -> Arc<Vault> {
    vault("4000111122223333", "0529", "880214", "12")
}

fn order() -> KeyInOrder {
    let customer = Customer::new("김하늘", "010-2000-3000", "").with_id("cust0042");
    let mut sale = sale("d0000001", channel(Generation::V2, "KSNET"), "정수기 \"렌탈\"", 55_000, customer);
    sale.channel.product_type = Some(ProductType::Physical);
    sale.tax_free = Some(won(0));
    KeyInOrder { sale, installments: Installments { months: 3, interest_free: false }, save_card: false }
}

#[test]
fn the_body_of_a_key_in_is_the_one_of_the_reference() {
    let value = written(&card(), |w| body::instant(w, "store-1", &order()));
    assert_eq!(
        value,
        json!({
            "storeId": "store-1", "channelKey": "channel-key-1", "orderName": "정수기 \"렌탈\"",
            "amount": {"total": 55000, "taxFree": 0}, "currency": "KRW",
            "customer": {"id": "cust0042", "name": {"full": "김하늘"}, "phoneNumber": "01020003000"},
            "productType": "PHYSICAL",
            "method": {"card": {"credential": {
                "number": "4000111122223333", "expiryYear": "29", "expiryMonth": "05",
                "birthOrBusinessRegistrationNumber": "880214", "passwordTwoDigits": "12"},
                "installmentMonth": 3}}
        })
    );
    valid_v2("InstantPaymentInput", &value);
    let mut free = order();
    free.installments.interest_free = true;
    let value = written(&card(), |w| body::instant(w, "store-1", &free));
    assert_eq!(value["method"]["card"]["useFreeInterestFromMerchant"], true);
    valid_v2("InstantPaymentInput", &value);
}

#[test]
fn what_was_not_given_is_left_out() {
    let vault = card();
    vault.clear(Field::Identity);
    vault.clear(Field::Pin);
    let mut order = KeyInOrder { installments: Installments::default(), ..order() };
    order.sale = Sale { tax_free: None, customer: Customer::default(), ..order.sale };
    let text = written(&vault, |w| body::instant(w, "s", &order)).to_string();
    for absent in ["taxFree", "customer", "installmentMonth", "birth", "password", "never sent"] {
        assert!(!text.contains(absent), "{absent}");
    }
}

#[test]
fn the_body_of_a_key_s_issue_carries_our_id() {
    let key = KeyOrder {
        id: PaymentId::parse("d0000002").unwrap(),
        channel: channel(Generation::V2, "KCP_V2"),
        customer: order().sale.customer,
        key: None,
    };
    let value = written(&card(), |w| body::issue_key(w, "store-1", &key));
    assert_eq!(
        value,
        json!({
            "storeId": "store-1", "channelKey": "channel-key-1", "customData": "{\"danmal\":\"d0000002\"}",
            "customer": {"id": "cust0042", "name": {"full": "김하늘"}, "phoneNumber": "01020003000"},
            "method": {"card": {"credential": {
                "number": "4000111122223333", "expiryYear": "29", "expiryMonth": "05",
                "birthOrBusinessRegistrationNumber": "880214", "passwordTwoDigits": "12"}}}
        })
    );
    valid_v2("IssueBillingKeyBody", &value);
}

#[test]
fn the_body_of_a_key_s_charge_is_flat() {
    let charge = KeyChargeOrder {
        sale: order().sale,
        key: BillingKey::parse("billing-key-1").unwrap(),
        installments: Installments { months: 2, interest_free: true },
    };
    let value: Value = serde_json::from_str(&body::charge_key("store-1", &charge)).unwrap();
    assert_eq!(
        value,
        json!({
            "storeId": "store-1", "billingKey": "billing-key-1", "orderName": "정수기 \"렌탈\"",
            "amount": {"total": 55000, "taxFree": 0}, "currency": "KRW",
            "customer": {"id": "cust0042", "name": {"full": "김하늘"}, "phoneNumber": "01020003000"},
            "productType": "PHYSICAL", "installmentMonth": 2, "useFreeInterestFromMerchant": true
        })
    );
    valid_v2("BillingKeyPaymentInput", &value);
}

fn account(pg: &str) -> AccountOrder {
    AccountOrder {
        sale: sale(
            "d0000003",
            channel(Generation::V2, pg),
            "강의 수강료",
            120_000,
            Customer::new("박도윤", "01050006000", ""),
        ),
        bank: bank_of_v2("SHINHAN").unwrap(),
        due: "2026-03-05T14:59:59Z".parse().unwrap(),
        kind: AccountKind::Rotating,
        receipt: Some(CashReceipt { kind: ReceiptKind::Personal, identity: "01050006000".to_owned() }),
        holder: Some("단말상회".to_owned()),
    }
}

fn account_body(order: &AccountOrder) -> Result<Value, Problem> {
    let now = "2026-03-01T02:11:05Z".parse().unwrap();
    body::account("store-1", order, now).map(|body| serde_json::from_str(&body).unwrap())
}

#[test]
fn the_body_of_an_account_is_the_one_of_the_reference() {
    let value = account_body(&account("KCP_V2")).unwrap();
    assert_eq!(
        value,
        json!({
            "storeId": "store-1", "channelKey": "channel-key-1", "orderName": "강의 수강료",
            "amount": {"total": 120_000}, "currency": "KRW",
            "customer": {"name": {"full": "박도윤"}, "phoneNumber": "01050006000"},
            "method": {"virtualAccount": {
                "bank": "SHINHAN", "expiry": {"dueDate": "2026-03-05T23:59:59+09:00"},
                "option": {"type": "NORMAL"}, "remitteeName": "단말상회",
                "cashReceipt": {"type": "PERSONAL", "customerIdentityNumber": "01050006000"}}}
        })
    );
    valid_v2("InstantPaymentInput", &value);
}

#[test]
fn what_an_account_was_not_given_is_left_out() {
    let value = account_body(&AccountOrder { receipt: None, holder: None, ..account("KCP_V2") }).unwrap();
    let account = value["method"]["virtualAccount"].as_object().unwrap();
    assert_eq!(account.keys().collect::<Vec<_>>(), ["bank", "expiry", "option"]);
    valid_v2("InstantPaymentInput", &value);
}

#[test]
fn a_fixed_account_is_named_as_the_gateway_wants_it() {
    let fixed = |pg: &str| {
        let order = AccountOrder { kind: AccountKind::Fixed("1234567890".to_owned()), ..account(pg) };
        account_body(&order).map(|value| {
            valid_v2("InstantPaymentInput", &value);
            value["method"]["virtualAccount"]["option"].clone()
        })
    };
    assert_eq!(
        fixed("SMARTRO_V2").unwrap(),
        json!({"type": "FIXED", "fixed": {"pgAccountId": "1234567890"}})
    );
    assert_eq!(
        fixed("INICIS_V2").unwrap(),
        json!({"type": "FIXED", "fixed": {"accountNumber": "1234567890"}})
    );
    assert_eq!(fixed("KCP_V2"), Err(Problem::Unsupported { what: "fixed_account" }));
}

#[test]
fn an_end_in_hours_never_comes_before_the_time_that_was_said() {
    // No table of today has hours alone; the arithmetic stands ready and is shown here.
    let hours = |due: &str| body::hours_until(due.parse().unwrap(), "2026-03-01T00:00:00Z".parse().unwrap());
    assert_eq!(hours("2026-03-01T01:00:00Z"), 1);
    assert_eq!(hours("2026-03-01T01:00:01Z"), 2);
    assert_eq!(hours("2026-03-04T00:00:00Z"), 72);
    assert_eq!(hours("2026-02-01T00:00:00Z"), 1, "the past is for the provider to refuse");
}

#[test]
fn only_certain_answers_are_certain() {
    type Read = fn(u16, &str) -> String;
    fn status(status: u16) -> StatusCode {
        StatusCode::from_u16(status).unwrap()
    }
    let charged: Read =
        |code, body| said(read::charged(status(code), body.as_bytes()), |_| "done".to_owned());
    let issued: Read = |code, body| {
        said(read::issued(status(code), body.as_bytes()), |issued| {
            format!("done {} {}", issued.key.expose(), issued.refusals.len())
        })
    };
    let deleted: Read =
        |code, body| said(read::deleted(status(code), body.as_bytes()), |()| "done".to_owned());
    let closed: Read = |code, body| said(read::closed(status(code), body.as_bytes()), |()| "done".to_owned());
    let all = [charged, issued, deleted, closed];
    // What holds for every request.
    for (code, body, expected) in [
        (200, "<html>", "unseen malformed"),
        (200, "{}", "unseen malformed"),
        (200, r#"{"payment":{}}"#, "unseen malformed"),
        (200, r#"{"payment":{"pgTxId":"T""#, "unseen malformed"),
        (
            502,
            r#"{"type":"PG_PROVIDER","message":"m","pgCode":"8035","pgMessage":"한도초과"}"#,
            "declined 8035 한도초과",
        ),
        (502, r#"{"type":"PG_PROVIDER"}"#, "declined  "),
        (502, "bad gateway", "unseen malformed"),
        (500, r#"{"type":"INTERNAL"}"#, "unseen unknown_error"),
        (503, r#"{"type":"PG_PROVIDER"}"#, "unseen unknown_error"),
        (429, r#"{"type":"RATE"}"#, "unseen unknown_error"),
        (400, r#"{"type":"INVALID_REQUEST","message":"x"}"#, "not done refused"),
        (400, "echo", "unseen malformed"),
        (401, r#"{"type":"UNAUTHORIZED"}"#, "not done credentials"),
        (403, r#"{"type":"FORBIDDEN"}"#, "not done forbidden"),
        (404, r#"{"type":"CHANNEL_NOT_FOUND"}"#, "not done channel_unknown"),
        (404, r#"{"type":"BILLING_KEY_NOT_FOUND"}"#, "not done key_gone"),
        (404, r#"{"type":"PAYMENT_NOT_FOUND"}"#, "not done refused"),
        (404, r#"{"type":"WHAT"}"#, "unseen unknown_error"),
        (409, r#"{"type":"BILLING_KEY_ALREADY_DELETED"}"#, "not done key_gone"),
        (409, r#"{"type":"PAYMENT_NOT_WAITING_FOR_DEPOSIT"}"#, "not done not_waiting"),
        (409, r#"{"type":"ALREADY_PAID"}"#, "unseen already_paid"),
        (409, r#"{"type":"IDEMPOTENCY_OUTSTANDING_REQUEST"}"#, "unseen outstanding"),
        (409, r#"{"type":"SUM_OF_PARTS_EXCEEDS_TOTAL_AMOUNT"}"#, "not done refused"),
        (422, r#"{"type":"SOMETHING_LOCAL"}"#, "unseen unknown_error"),
        (307, "", "unseen redirect"),
    ] {
        for read in all {
            assert_eq!(read(code, body).trim_end(), expected.trim_end(), "{code} {body}");
        }
    }
    // What each says its own way.
    let deleted_at = r#"{"deletedAt":"2026-03-01T02:20:00Z"}"#;
    let closed_at = r#"{"closedAt":"2026-03-01T02:20:00Z"}"#;
    let schedules = r#"{"type":"PAYMENT_SCHEDULE_ALREADY_EXISTS"}"#;
    let specific = r#"{"type":"CHANNEL_SPECIFIC","succeededChannels":[],"failures":[
        {"type":"PG_PROVIDER","channel":{},"pgCode":"1","pgMessage":"첫째"},{"type":"INVALID_REQUEST","message":"둘째"}]}"#;
    let some = r#"{"type":"CHANNEL_SPECIFIC","succeededChannels":[{}],"failures":[{"type":"PG_PROVIDER"}]}"#;
    let half =
        r#"{"billingKeyInfo":{"billingKey":"k1"},"channelSpecificFailures":[{"type":"NEW","message":"x"}]}"#;
    for (read, code, body, expected) in [
        (charged, 200, r#"{"payment":{"pgTxId":"T","paidAt":"2026-03-01T02:11:09Z","new":1}}"#, "done"),
        (charged, 409, schedules, "not done schedule_exists"),
        (charged, 502, specific, "unseen unknown_error"),
        (issued, 200, r#"{"billingKeyInfo":{"billingKey":"k1","new":[]}}"#, "done k1 0"),
        (issued, 200, half, "done k1 1"),
        (issued, 200, r#"{"billingKeyInfo":{"billingKey":""}}"#, "unseen malformed"),
        (issued, 200, r#"{"billingKeyInfo":{"billingKey":"billing-key-*******"}}"#, "unseen malformed"),
        (issued, 502, specific, "declined 1 첫째"),
        (issued, 502, r#"{"type":"CHANNEL_SPECIFIC"}"#, "declined  "),
        (issued, 502, some, "unseen some_channels"),
        (issued, 500, specific, "unseen unknown_error"),
        (deleted, 200, deleted_at, "done"),
        (deleted, 200, closed_at, "unseen malformed"),
        (deleted, 409, schedules, "not done key_has_schedules"),
        (deleted, 404, r#"{"type":"BILLING_KEY_NOT_ISSUED"}"#, "not done key_gone"),
        (deleted, 502, specific, "declined 1 첫째"),
        (deleted, 502, some, "unseen some_channels"),
        (closed, 200, closed_at, "done"),
        (closed, 200, deleted_at, "unseen malformed"),
    ] {
        assert_eq!(read(code, body), expected, "{code} {body}");
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
    assert_eq!(payment.total, Some(won(33_000)));
    assert_eq!(payment.order_name.as_str(), "a?[2J");
    assert_eq!(payment.card.unwrap().to_string(), "4000 11** **** 3333");
    assert_eq!((payment.installments, payment.is_test), (Some(3), Some(true)));
    let odd = wire::payment(br#"{"status":"HALF_PAID","amount":"x","method":[],"currency":5}"#).unwrap();
    assert_eq!(odd.state, PaymentState::Other(SafeText::new("HALF_PAID")));
    assert_eq!(odd.total, None::<Money>);
    assert!(wire::payment(b"{\"status\":").is_none());
    // A mask that hides the front: the BIN stands in for it (V2 §5.4).
    let masked = wire::payment(
        br#"{"status":"PAID","method":{"card":{"number":"************3333","bin":"40001122"}}}"#,
    );
    assert_eq!(masked.unwrap().card.unwrap().to_string(), "4000 11** **** 3333");
}

#[test]
fn an_account_is_read_from_its_payment() {
    let payment = wire::payment(
        r#"{"status":"VIRTUAL_ACCOUNT_ISSUED","method":{"type":"PaymentMethodVirtualAccount","bank":"SHINHAN",
            "accountNumber":"562012345","remitteeName":"단말\u0007상회","expiredAt":"2026-03-05T14:59:59Z"}}"#
            .as_bytes(),
    )
    .unwrap();
    let account = payment.account.unwrap();
    assert_eq!((account.bank.as_str(), account.number.as_str()), ("신한은행", "562012345"));
    assert_eq!((account.holder.unwrap().as_str(), account.due), ("단말?상회", Some(1_772_722_799)));
    // The payer's own account is not one to pay into.
    let transfer = br#"{"status":"PAID","method":{"type":"PaymentMethodTransfer","accountNumber":"1"}}"#;
    assert_eq!(wire::payment(transfer).unwrap().account, None);
}

#[test]
fn keys_are_read_leniently() {
    let key = wire::key::key(
        r#"{"status":"ISSUED","billingKey":"k1","merchantId":"m","storeId":"s","issuedAt":"2026-03-01T02:20:00Z",
            "channels":[{"type":"TEST","key":"channel-key-1","pgProvider":"KCP_V2","pgMerchantId":"A52Q7"},{"type":1}],
            "customer":{"id":"cust0042","name":"김\u202e하늘","phoneNumber":"01020003000","address":{"type":"NEW"}},
            "methods":[{"type":"New"},{"type":"BillingKeyPaymentMethodCard","card":{"number":"400011******3333","name":"신한카드"}}],
            "customData":"{\"danmal\":\"d0000002\"}"}"#
            .as_bytes(),
    )
    .unwrap();
    assert_eq!((key.issued_at, key.deleted_at, key.is_alive()), (Some(1_772_331_600), None, true));
    assert_eq!(key.card.unwrap().to_string(), "4000 11** **** 3333");
    assert_eq!(key.issuer.unwrap().as_str(), "신한카드");
    assert_eq!((key.customer.id(), key.customer.name()), (Some("cust0042"), Some("김하늘")));
    assert_eq!((key.pg.unwrap().as_str(), key.channel.unwrap().as_str()), ("KCP_V2", "channel-key-1"));
    assert_eq!((key.is_test, key.made_by.unwrap().as_str()), (Some(true), "d0000002"));
    let bare = wire::key::key(br#"{"billingKey":"k1","status":"DELETED","customData":"plain","methods":3}"#);
    let bare = bare.unwrap();
    assert_eq!((bare.is_alive(), bare.made_by, bare.card), (false, None, None));
    // An easy-pay key holds its card one deeper.
    let easy = wire::key::key(
        br#"{"billingKey":"k1","methods":[{"type":"BillingKeyPaymentMethodEasyPay","method":{"card":{"number":"400011******3333"}}}]}"#,
    );
    assert_eq!(easy.unwrap().card.unwrap().last4(), "3333");
    assert!(wire::key::key(br#"{"status":"ISSUED"}"#).is_none());
}

#[test]
fn a_page_of_keys_tells_whether_there_is_another() {
    let page = |count: usize, total: Option<u64>, page: u32| {
        let items: Vec<Value> = (0..count).map(|at| json!({"billingKey": format!("key-{at}")})).collect();
        let mut body = json!({"items": items});
        if let Some(total) = total {
            body["page"] = json!({"totalCount": total});
        }
        let page = wire::key::keys(body.to_string().as_bytes(), page).unwrap();
        (page.keys.len(), page.total, page.more)
    };
    assert_eq!(page(3, Some(3), 0), (3, Some(3), false));
    assert_eq!(page(100, Some(250), 0), (100, Some(250), true));
    assert_eq!(page(100, Some(200), 1), (100, Some(200), false));
    assert_eq!(page(50, Some(250), 2), (50, Some(250), false));
    assert_eq!(page(3, Some(900), 0), (3, Some(900), false), "a short page is the last one");
    assert_eq!(page(100, None, 0), (100, None, true));
    let odd = wire::key::keys(br#"{"items":[{"billingKey":"a\nb"},{"billingKey":"ok"},7]}"#, 0).unwrap();
    assert_eq!(odd.keys.len(), 1, "one that can't be read is left out");
    assert_eq!(wire::key::keys(br#"{"page":{}}"#, 0), None);
}

#[test]
fn lists_are_asked_for_as_the_reference_spells_them() {
    let search = KeySearch {
        customer_id: Some("cust0042".to_owned()),
        text: Some(KeyText::Phone("01020003000".to_owned())),
        status: Some(KeyStatus::Issued),
        pg: Some(PgCode::new("KCP_V2")),
        from: Some("2026-02-28T15:00:00Z".parse().unwrap()),
        until: Some("2026-03-01T15:00:00Z".parse().unwrap()),
        page: 2,
        among: Vec::new(),
    };
    let value: Value = serde_json::from_str(&body::keys("store-1", &search)).unwrap();
    assert_eq!(
        value,
        json!({
            "page": {"number": 2, "size": 100}, "sort": {"by": "ISSUED_AT", "order": "DESC"},
            "filter": {"storeId": "store-1", "timeRangeField": "ISSUED_AT", "from": "2026-02-28T15:00:00Z",
                "until": "2026-03-01T15:00:00Z", "status": ["ISSUED"], "customerId": "cust0042",
                "pgProviders": ["KCP_V2"], "textSearch": {"field": "CUSTOMER_PHONE_NUMBER", "value": "01020003000"}}
        })
    );
    valid_v2("GetBillingKeyInfosBody", &value);
    for text in
        [KeyText::Name("김".to_owned()), KeyText::Key("k".to_owned()), KeyText::Bin("400011".to_owned())]
    {
        let search = KeySearch { text: Some(text), status: Some(KeyStatus::Deleted), ..KeySearch::default() };
        let value: Value = serde_json::from_str(&body::keys("store-1", &search)).unwrap();
        assert_eq!(value["filter"]["from"], "2015-01-01T00:00:00Z", "not the last 90 days only");
        valid_v2("GetBillingKeyInfosBody", &value);
    }
    let at = |text: &str| text.parse().unwrap();
    let payments = body::payments_of("store-1", "010-2000-3000", at("2026-01-01T00:00:00Z"), 20);
    let payments: Value = serde_json::from_str(&payments).unwrap();
    assert!(payments["filter"]["textSearch"].is_array(), "an array here, an object for keys (V2 §1.2)");
    valid_v2("GetPaymentsBody", &payments);
}

#[test]
fn a_phone_number_is_looked_for_as_it_may_have_been_stored() {
    assert_eq!(spellings("01020003000"), ["01020003000", "010-2000-3000"]);
    // Seoul's two-digit prefix is not known to this rule, which only costs a question more.
    assert_eq!(spellings("0212345678"), ["0212345678", "021-234-5678"]);
    assert_eq!(spellings("1588"), ["1588"]);
}

#[test]
fn ids_and_keys_are_one_segment_each() {
    assert_eq!(encode("a b/ü?"), "a%20b%2F%C3%BC%3F");
    let id = PaymentId::parse("d0000001").unwrap();
    assert_eq!(quoted(&id, "keyin"), "\"danmal-keyin-d0000001\"");
    let kinds = [
        "keyin",
        "account",
        "close",
        "issue",
        "charge",
        "delete",
        "schedule",
        "revoke",
        "refund",
        "receipt",
        "unreceipt",
    ];
    let keys: std::collections::BTreeSet<String> = kinds.iter().map(|what| quoted(&id, what)).collect();
    assert_eq!(keys.len(), kinds.len());
}
