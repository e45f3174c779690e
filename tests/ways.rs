//! Every way to take money by key-in, in the real program: virtual accounts, cards that are kept, forms that were
//! left and come back; and how many keys each takes, held against the README.

#![expect(clippy::unwrap_used, reason = "a test that can't set itself up has failed")]

#[path = "support/local.rs"]
mod local;
#[path = "support/pty.rs"]
mod pty;

use local::{Local, number_ending};
use pty::{Console, Start};

const F4: &str = "\x1bOS";
const F6: &str = "\x1b[17~";
const F7: &str = "\x1b[18~";
const F9: &str = "\x1b[20~";

struct Agent {
    console: Console,
    keys: usize,
}

impl Agent {
    fn sits_down(local: &Local, api: &str) -> Self {
        Self::before(local, api, (80, 24))
    }

    fn before(local: &Local, api: &str, size: (u16, u16)) -> Self {
        let start = Start { size, ..Start::config(&local.config(api, "ko")) };
        let console = Console::start(&start);
        console.wait_for("주문명");
        Self { console, keys: 0 }
    }

    fn types(&mut self, keys: &str) {
        self.keys += keys.chars().count();
        self.console.type_keys(keys);
    }

    /// One key that is several bytes.
    fn presses(&mut self, key: &str) {
        self.keys += 1;
        self.console.send(key);
    }

    fn answers(&mut self, question: &str) {
        self.console.wait_for(question);
        self.types("\r");
    }

    fn types_card(&mut self, last4: &str) {
        self.types(&number_ending(last4));
        self.types("122988021412");
    }

    fn sends(&mut self) {
        self.console.wait_for("다 채웠습니다");
        self.types("\r");
        self.answers("Enter 결제   Esc 취소");
    }
}

/// The figures of the README's table, in its order.
fn table() -> Vec<usize> {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let (_, rest) = readme.split_once("<!-- keys-per-payment -->").unwrap();
    let (table, _) = rest.split_once("<!-- /keys-per-payment -->").unwrap();
    table.lines().filter_map(|line| line.trim_end_matches(" |").rsplit(' ').next()?.parse().ok()).collect()
}

#[test]
fn keys_per_payment_are_as_the_readme_says() {
    let local = Local::start(&[]);
    let mut personal = Agent::sits_down(&local, "v2");
    personal.types("45000\r");
    personal.types_card("5301");
    personal.sends();
    personal.console.wait_for("승인되었습니다");

    let mut business = Agent::sits_down(&local, "v2");
    business.types("46000\r");
    business.presses(F4);
    business.console.wait_for("사업자번호");
    business.types(&number_ending("5302"));
    business.types("1229123456789112");
    business.sends();
    business.console.wait_for("승인되었습니다");

    let mut account = Agent::sits_down(&local, "v2");
    account.presses(F7);
    account.console.wait_for("입금기한");
    account.types("45000\r국민\r01012345678\r");
    account.answers("Enter 발급   Esc 취소");
    account.console.wait_for("입금 대기 중입니다");

    let mut repaired = Agent::sits_down(&local, "v2");
    repaired.types("45000\r");
    repaired.types_card("0001");
    repaired.sends();
    repaired.console.wait_for("거절되었습니다");
    repaired.types_card("5303");
    repaired.sends();
    repaired.console.wait_for("승인되었습니다");

    let counted = [personal.keys, business.keys, account.keys, repaired.keys];
    println!("keys per payment: personal, business, account, declined and repaired: {counted:?}");
    assert!(counted[0] <= 36, "{counted:?}");
    assert_eq!(counted.to_vec(), table());
}

#[test]
fn an_account_is_issued_on_both_generations_and_closed() {
    for (api, size) in [("v2", (80, 24)), ("v1", (120, 40))] {
        let local = Local::start(&[]);
        let mut agent = Agent::before(&local, api, size);
        agent.presses(F7);
        agent.console.wait_for("입금기한");
        agent.types("45000\r국민\r");
        // What this gateway asks for beyond the bank, then the names.
        let screen = agent.console.screen();
        if screen.contains("영수증 번호*") {
            agent.types("01012345678");
        }
        if screen.contains("예금주*") {
            agent.console.wait_for("> 예금주");
            agent.types("홍길동");
        }
        agent.types("\r");
        agent.answers("Enter 발급   Esc 취소");
        let screen = agent.console.wait_for("입금 대기 중입니다");
        assert!(screen.contains("45,000원") && screen.contains("국민"), "{screen}");
        agent.presses(F9);
        agent.answers("Enter 말소   Esc 취소");
        let screen = agent.console.wait_until("an answer", |screen| {
            screen.contains("말소된 계좌입니다")
                || screen.contains("말소하지 못했습니다")
                || screen.contains("계좌는 그대로입니다")
        });
        if api == "v2" {
            assert!(screen.contains("말소된 계좌입니다"), "{screen}");
        }
    }
}

/// The form filled with a card that is to be kept.
/// Hangul in a name field, a pasted amount and number, the quit question in the middle and back: in both languages
/// and sizes.
#[test]
fn an_account_in_both_languages_and_sizes_left_and_resumed() {
    let local = Local::start(&[]);
    let ko = ("ko", "입금기한", "끝낼까요?", "Enter 발급   Esc 취소", "입금 대기 중입니다", "신한");
    let en = ("en", "Pay by", "Leave?", "Enter issue   Esc cancel", "nd waits for the deposit", "shinhan");
    for (lang, due, leave, ready, waiting, bank) in [ko, en] {
        for size in [(80, 24), (120, 40)] {
            let start = Start { size, ..Start::config(&local.config("v2", lang)) };
            let mut console = Console::start(&start);
            // With or without what there is to know about the channel: that comes a moment later.
            console.wait_for("F9 ");
            console.send(F7);
            console.wait_for(due);
            console.paste("45,000\n");
            console.type_keys("\r");
            console.type_keys(bank);
            console.type_keys("\r");
            console.send("\x1b[21~");
            console.wait_for(leave);
            console.send("\x1b");
            console.wait_gone(leave);
            console.paste("010-1234-5678");
            // The receipt's number is there; the customer's name is typed in Hangul, syllable by syllable.
            console.send("\t");
            console.type_keys("박서연");
            let screen = console.wait_for("박서연");
            assert!(screen.contains("45,000"), "{screen}");
            console.send(F9);
            let question = console.wait_for(ready);
            assert!(question.contains("TEST") && question.contains("45,000"), "{question}");
            console.type_keys("\r");
            let page = console.wait_for(waiting);
            assert!(page.contains("45,000") && page.contains("TEST"), "{page}");
        }
    }
}

fn keeps(agent: &mut Agent, last4: &str) {
    agent.presses(F6);
    agent.console.wait_for("카드 저장");
    agent.types("45000\r");
    agent.types_card(last4);
    agent.types("홍길동\t010-1234-5678\thong@example.com\t1");
    agent.console.wait_for("예");
    agent.sends();
}

#[test]
fn a_card_is_kept_and_the_key_is_shown_shortened_on_both_generations() {
    for api in ["v2", "v1"] {
        let local = Local::start(&[]);
        let mut agent = Agent::sits_down(&local, api);
        keeps(&mut agent, "5401");
        let screen = agent.console.wait_for("카드 저장됨 …");
        assert!(screen.contains("승인되었습니다"), "{screen}");
    }
}

#[test]
fn a_declined_card_is_not_kept() {
    for api in ["v2", "v1"] {
        let local = Local::start(&[]);
        let mut agent = Agent::sits_down(&local, api);
        keeps(&mut agent, "0001");
        let screen = agent.console.wait_for("거절되었습니다");
        assert!(screen.contains("카드는 저장되지 않음"), "{screen}");
    }
}

#[test]
fn a_form_comes_back_after_a_kill_without_its_card() {
    let local = Local::start(&[]);
    let mut first = Agent::sits_down(&local, "v2");
    first.types("45000\r");
    let number = number_ending("5501");
    first.types(&number);
    // Past the other card fields to the name.
    first.types("\t\t\t홍길동");
    // The draft is in the ledger once a second console may take it over: wait for the row, not for time.
    let body = loop {
        let database = rusqlite::Connection::open(local.ledger()).unwrap();
        let found: Option<String> = database.query_row("SELECT body FROM drafts", [], |row| row.get(0)).ok();
        if let Some(body) = found.filter(|body| body.contains("홍길동")) {
            break body;
        }
        std::thread::yield_now();
    };
    assert!(!body.contains(&number[..8]) && !body.contains(&number[8..]), "the card is in the draft");
    first.console.signal(9);
    first.console.wait_exit();
    let second = Agent::sits_down(&local, "v2");
    let screen = second.console.wait_for("이전에 쓰던 내용을 불러왔습니다");
    assert!(screen.contains("45000") && screen.contains("홍길동"), "{screen}");
    assert!(!screen.contains("5501"), "{screen}");
}

#[test]
fn a_paste_in_full_width_with_dashes_and_blanks_is_a_card_number() {
    let local = Local::start(&[]);
    let mut agent = Agent::sits_down(&local, "v2");
    agent.types("45000\r");
    let wide: String = number_ending("5601")
        .chars()
        .enumerate()
        .flat_map(|(at, digit)| {
            let wide = char::from_u32('０' as u32 + digit.to_digit(10).unwrap()).unwrap();
            let gap = match at {
                4 => Some('-'),
                8 => Some('\u{3000}'),
                12 => Some(' '),
                _ => None,
            };
            gap.into_iter().chain(std::iter::once(wide))
        })
        .collect();
    agent.console.paste(&wide);
    agent.console.wait_for("5601");
    agent.types("122988021412");
    agent.sends();
    agent.console.wait_for("승인되었습니다");
}

#[test]
fn a_caller_is_known_by_the_phone_number_of_an_earlier_payment() {
    let local = Local::start(&[]);
    let mut agent = Agent::sits_down(&local, "v2");
    agent.types("45000\r");
    agent.types_card("5701");
    agent.types("홍길동\t010-7777-1234");
    agent.sends();
    agent.console.wait_for("승인되었습니다");
    let mut next = Agent::sits_down(&local, "v2");
    next.types("\t\t\t\t\t\t010-7777-1234\r");
    let screen = next.console.wait_for("이 고객의 결제");
    assert!(screen.contains("45,000원 승인"), "{screen}");
    assert!(next.console.cursor().is_some(), "the cursor stays in the form");
}
