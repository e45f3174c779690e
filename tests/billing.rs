//! Billing keys in the real program: registered by typing a card, found, charged and deleted, on both generations,
//! with declines, with answers that got lost, with a name that is in use, with schedules that wait.

#![expect(clippy::unwrap_used, reason = "a test that can't set itself up has failed")]

#[path = "billing/calendar.rs"]
mod calendar;
#[path = "billing/history.rs"]
mod history;
#[path = "support/local.rs"]
mod local;
#[path = "support/pty.rs"]
mod pty;

use std::io::{Read as _, Write as _};

use local::{Local, number_ending};
use pty::{Console, Start};
use serde_json::Value;

const TO_KEYS: &str = "\x1b2";
const F3: &str = "\x1bOR";
const F5: &str = "\x1b[15~";
const F6: &str = "\x1b[17~";
const F7: &str = "\x1b[18~";
const F8: &str = "\x1b[19~";
const F9: &str = "\x1b[20~";

const APIS: [&str; 2] = ["v2", "v1"];
/// Said by the question of a deletion once it can be answered.
const READY_TO_DELETE: &str = "Enter: 삭제";

struct Agent {
    console: Console,
}

impl Agent {
    /// At the list of keys.
    fn sits_down(local: &Local, api: &str) -> Self {
        let mut console = Console::start(&Start::config(&local.config(api, "ko")));
        console.wait_for("주문명");
        console.send(TO_KEYS);
        console.wait_for("F6 카드 등록");
        Self { console }
    }

    fn types(&mut self, keys: &str) {
        self.console.type_keys(keys);
    }

    fn presses(&mut self, key: &str) {
        self.console.send(key);
    }

    fn sees(&self, text: &str) -> String {
        self.console.wait_for(text)
    }

    /// Fills the form of a registration up to the question.
    fn fills(&mut self, last4: &str, customer: &str) {
        self.presses(F6);
        self.sees("카드를 빌링키로 등록합니다");
        self.types(customer);
        self.types("\r");
        // Enter goes to the next field that is empty and needed: the card.
        self.sees("> 카드번호");
        self.types(&number_ending(last4));
        self.types("122988021412");
        self.sees("> 고객 이름");
        self.types("홍길동\t010-1234-5678\thong@example.com");
        self.sees("다 채웠습니다");
        self.presses(F9);
        self.sees("이 카드를 빌링키로 등록할까요?");
    }

    fn registers(&mut self, last4: &str, customer: &str) {
        self.fills(last4, customer);
        self.sees("Enter 등록   Esc 취소");
        self.types("\r");
    }

    /// A registered card, and back at the list, where it is the marked one.
    fn has_registered(&mut self, last4: &str, customer: &str) {
        self.registers(last4, customer);
        self.sees("빌링키가 등록되었습니다");
        self.types("\r");
        self.sees(&format!("*{last4}"));
    }

    /// Out of a form with Esc, however often that takes: what is typed is not thrown away unasked.
    fn leaves(&mut self) {
        let mut screen = self.console.screen();
        while !screen.contains("F6 카드 등록") {
            self.presses("\x1b");
            let before = screen;
            screen = self.console.wait_until("something else", |screen| screen != before);
        }
    }

    /// The form that charges the marked key, let go.
    fn charges(&mut self, amount: &str) {
        self.presses(F7);
        self.sees("> 금액");
        self.types(amount);
        self.presses(F9);
        self.sees("정기결제에 동의한 고객");
        self.sees("Enter 결제   Esc 취소");
        self.types("\r");
    }
}

/// Asks the sandbox, as another program would; the answer's body.
fn elsewhere(local: &Local, method: &str, path: &str, token: Option<&str>, body: &Value) -> Value {
    let address = local.ready["url"].as_str().unwrap().trim_start_matches("http://").to_owned();
    let mut stream = std::net::TcpStream::connect(&address).unwrap();
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let token = token.map(|token| format!("authorization: {token}\r\n")).unwrap_or_default();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\n{token}content-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{method} {path}: {answer}");
    serde_json::from_str(body).unwrap_or(Value::Null)
}

/// How many keys the provider holds.
fn keys_there(local: &Local) -> u64 {
    elsewhere(local, "GET", "/__sandbox", None, &Value::Null)["billingKeys"].as_u64().unwrap()
}

/// The keys that the ledger knows, oldest first.
fn known(local: &Local) -> Vec<String> {
    let ledger = rusqlite::Connection::open(local.ledger()).unwrap();
    let mut keys = ledger
        .prepare("SELECT billing_key FROM intents WHERE billing_key IS NOT NULL AND kind = 'issue_key' ORDER BY created_at")
        .unwrap();
    keys.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// How many intents of a kind are in a state.
fn intents(local: &Local, kind: &str, state: &str) -> i64 {
    let ledger = rusqlite::Connection::open(local.ledger()).unwrap();
    ledger
        .query_row("SELECT count(*) FROM intents WHERE kind = ?1 AND state = ?2", [kind, state], |row| {
            row.get(0)
        })
        .unwrap()
}

/// Books a charge of a key, as another program would.
fn books(local: &Local, api: &str, key: &str, id: &str) {
    let at = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * 31);
    let part = |name: &str| local.ready[api][name].as_str().unwrap().to_owned();
    if api == "v2" {
        let body = serde_json::json!({"payment": {"billingKey": key, "orderName": "월 구독료", "currency": "KRW",
            "amount": {"total": 9_900}, "customer": {"name": {"full": "홍길동"}, "phoneNumber": "01012345678",
            "email": "hong@example.com"}}, "timeToPay": at.to_string()});
        let token = format!("PortOne {}", part("api_secret"));
        elsewhere(local, "POST", &format!("/payments/{id}/schedule"), Some(&token), &body);
    } else {
        let secrets = serde_json::json!({"imp_key": part("imp_key"), "imp_secret": part("imp_secret")});
        let token = elsewhere(local, "POST", "/users/getToken", None, &secrets);
        let token = format!("Bearer {}", token["response"]["access_token"].as_str().unwrap());
        let body = serde_json::json!({"customer_uid": key, "schedules": [{"merchant_uid": id, "amount": 9_900,
            "schedule_at": at.as_second(), "name": "월 구독료"}]});
        elsewhere(local, "POST", "/subscribe/payments/schedule", Some(&token), &body);
    }
}

#[test]
fn a_card_is_registered_found_charged_and_deleted() {
    for api in APIS {
        let local = Local::start(&[]);
        let mut agent = Agent::sits_down(&local, api);
        agent.sees("등록된 빌링키가 없습니다");
        agent.has_registered("5801", "cust0042");
        agent.has_registered("5802", "cust0043");
        assert_eq!(keys_there(&local), 2, "{api}");

        // Found by the customer's id, guessed from how it looks.
        agent.presses(F3);
        agent.types("cust0042");
        let screen = agent
            .console
            .wait_until("one key", |screen| screen.contains("*5801") && !screen.contains("*5802"));
        assert!(screen.contains("[고객 ID]"), "{screen}");
        agent.types("\r");
        agent.sees("F7 결제");
        agent.charges("45000");
        let screen = agent.sees("승인되었습니다");
        assert!(screen.contains("45,000원") && screen.contains("5801"), "{screen}");
        agent.types("\r");
        // What was charged stands in the detail.
        agent.sees("*5801");
        agent.types("\r");
        let screen = agent.sees("45,000원");
        assert!(screen.contains("최근 결제") && screen.contains("승인"), "{screen}");

        agent.presses(F9);
        agent.sees("남은 예약이 없습니다");
        agent.sees(READY_TO_DELETE);
        agent.types("\r");
        agent.sees("삭제했습니다");
        assert_eq!(intents(&local, "delete_key", "approved"), 1, "{api}");
        // The search still stands: nobody is found any more.
        agent.sees("찾는 빌링키가 없습니다");
        agent.presses("\x1b");
        let screen = agent.sees("*5802");
        assert!(!screen.contains("*5801"), "{screen}");
        // V1's are names that stand in the question.
        for key in known(&local).iter().filter(|_| api == "v2") {
            let raw = String::from_utf8_lossy(&agent.console.raw()).into_owned();
            assert!(!raw.contains(key.as_str()), "a key is never shown whole");
        }
    }
}

#[test]
fn a_declined_card_makes_no_key_and_the_rest_of_the_form_stays() {
    for api in APIS {
        let local = Local::start(&[]);
        let mut agent = Agent::sits_down(&local, api);
        agent.registers("0001", "cust0042");
        let screen = agent.sees("카드가 등록되지 않았고");
        assert!(
            screen.contains("cust0042") && screen.contains("홍길동") && !screen.contains("0001"),
            "{screen}"
        );
        assert_eq!((keys_there(&local), intents(&local, "issue_key", "declined")), (0, 1), "{api}");
    }
}

#[test]
fn a_key_that_is_declined_stays_and_is_told_so_before_the_next_time() {
    for api in APIS {
        let local = Local::start(&[]);
        let mut agent = Agent::sits_down(&local, api);
        // 0040: issued, every charge declined.
        agent.has_registered("0040", "cust0042");
        agent.charges("45000");
        agent.sees("거절되었습니다");
        agent.leaves();
        agent.sees("*0040");
        agent.types("\r");
        let screen = agent.sees("마지막 결제가 거절됐습니다");
        assert!(screen.contains("0040"), "{screen}");
        assert_eq!((keys_there(&local), intents(&local, "charge_key", "declined")), (1, 1), "{api}");
    }
}

#[test]
fn a_lost_answer_to_a_registration_is_found_and_no_second_key_is_made() {
    for api in APIS {
        let local = Local::start(&[]);
        let mut agent = Agent::sits_down(&local, api);
        // 0030: done, and the answer is lost. It may be found so quickly that the unknown page is not seen.
        agent.registers("0030", "cust0042");
        agent.sees("빌링키로 등록되었습니다. 다시 등록하지 마세요");
        agent.sees("빌링키가 등록되었습니다");
        assert_eq!((keys_there(&local), known(&local).len()), (1, 1), "{api}");
        assert_eq!(
            (intents(&local, "issue_key", "approved"), intents(&local, "issue_key", "unknown")),
            (1, 0)
        );
        agent.types("\r");
        agent.sees("*0030");
    }
}

#[test]
fn a_registration_nobody_knows_the_end_of_is_not_left_with_enter() {
    for api in APIS {
        let local = Local::start(&[]);
        let mut agent = Agent::sits_down(&local, api);
        // 0031: nothing is done, so no look finds it before the window of minutes is over.
        agent.registers("0031", "cust0042");
        agent.sees("다시 등록하지 마세요");
        agent.types("\r\r");
        assert!(agent.console.screen().contains("다시 등록하지 마세요"));
        agent.presses("\x1b");
        agent.sees("F6 카드 등록");
        assert_eq!((keys_there(&local), intents(&local, "issue_key", "unknown")), (0, 1), "{api}");
    }
}

#[test]
fn a_name_that_is_in_use_is_taken_for_a_typed_reason_only() {
    let local = Local::start(&[]);
    let mut agent = Agent::sits_down(&local, "v1");
    agent.has_registered("5803", "cust0042");
    let name = known(&local).remove(0);
    assert_eq!(name, "cust0042-5803", "proposed for customer and card");
    // The same customer's next card would get another name; this one is to replace it.
    agent.presses(F6);
    agent.sees("카드를 빌링키로 등록합니다");
    agent.types("cust0042\r");
    agent.sees("> 카드번호");
    agent.types(&number_ending("5804"));
    agent.types("122988021412");
    agent.sees("> 고객 이름");
    agent.types("홍길동\t010-1234-5678\thong@example.com\t");
    agent.sees("> 빌링키 이름");
    agent.types(&name);
    agent.presses(F9);
    let screen = agent.sees("그대로 등록하면 앞으로 이 이름으로");
    assert!(screen.contains("5803"), "it says which card the name holds: {screen}");
    agent.sees("Enter 등록   Esc 취소");
    agent.types("\r");
    agent.sees("까닭을 적으세요");
    assert_eq!(intents(&local, "issue_key", "approved"), 1, "not without a reason");
    agent.types("카드 재발급\r");
    agent.sees("빌링키가 등록되었습니다");
    agent.types("\r");
    // The name stands once, with the card that is behind it now.
    let screen = agent.sees("*5804");
    assert!(!screen.contains("*5803"), "{screen}");
    let ledger = rusqlite::Connection::open(local.ledger()).unwrap();
    let reason: String = ledger
        .query_row("SELECT guard_reason FROM intents WHERE guard_reason IS NOT NULL", [], |row| row.get(0))
        .unwrap();
    assert_eq!(reason, "카드 재발급");
}

#[test]
fn what_waits_for_a_key_is_listed_and_goes_with_it() {
    for api in APIS {
        let local = Local::start(&[]);
        let mut agent = Agent::sits_down(&local, api);
        agent.has_registered("5805", "cust0042");
        let key = known(&local).remove(0);
        books(&local, api, &key, "sub20270101a");
        books(&local, api, &key, "sub20270101b");
        agent.presses(F9);
        let screen = agent.sees("남은 예약 2건");
        assert!(screen.contains("19,800원") && screen.contains("월 구독료"), "{screen}");
        // One more is booked while the question stands: it was not agreed to, so nothing is sent.
        books(&local, api, &key, "sub20270101c");
        agent.sees(READY_TO_DELETE);
        agent.types("\r");
        agent.sees("삭제하지 못했습니다");
        assert_eq!(intents(&local, "revoke_schedules", "approved"), 0, "{api}");
        agent.presses("\x1b");
        agent.console.wait_gone("삭제하지 못했습니다");
        agent.sees("F9 삭제");
        agent.presses(F9);
        agent.sees("남은 예약 3건");
        agent.sees(READY_TO_DELETE);
        agent.types("해지 요청\r");
        agent.sees("삭제했습니다");
        assert_eq!(
            (intents(&local, "revoke_schedules", "approved"), intents(&local, "delete_key", "approved")),
            (1, 1)
        );
        agent.presses(F5);
        agent.sees("등록된 빌링키가 없습니다");
    }
}
