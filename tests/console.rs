//! The whole program as its user has it: the real binary in a terminal, on a local PortOne, from an empty form to
//! an outcome.

#![expect(clippy::unwrap_used, reason = "a test that can't set itself up has failed")]

#[path = "support/local.rs"]
mod local;
#[path = "support/pty.rs"]
mod pty;

use local::{Local, number_ending};
use pty::{Console, Start};

struct Words {
    lang: &'static str,
    form: &'static str,
    ready: &'static str,
    confirm: &'static str,
    approved: &'static str,
    declined: &'static str,
    settled: &'static str,
    unknown: &'static str,
    reason: &'static str,
}

const KO: Words = Words {
    lang: "ko",
    form: "주문명",
    ready: "다 채웠습니다",
    confirm: "Enter 결제   Esc 취소",
    approved: "승인되었습니다",
    declined: "거절되었습니다",
    settled: "다시 결제하지 마세요",
    unknown: "결과를 아직 모릅니다",
    reason: "까닭을 적으세요",
};

const EN: Words = Words {
    lang: "en",
    form: "Order name",
    ready: "Everything is filled",
    confirm: "Enter charge   Esc cancel",
    approved: "Approved",
    declined: "Declined.",
    settled: "was approved. Do not charge again",
    unknown: "The outcome is not known yet",
    reason: "Say why you charge all the same",
};

/// Counts the keys that go in.
struct Agent {
    console: Console,
    keys: usize,
}

impl Agent {
    fn sits_down(local: &Local, api: &str, words: &Words, size: (u16, u16)) -> Self {
        let start = Start { size, ..Start::config(&local.config(api, words.lang)) };
        let console = Console::start(&start);
        console.wait_for(words.form);
        Self { console, keys: 0 }
    }

    /// One key each; Enter is `\r`.
    fn types(&mut self, keys: &str) {
        self.keys += keys.chars().count();
        self.console.type_keys(keys);
    }

    fn charges(&mut self, amount: &str, last4: &str, words: &Words) {
        self.types(&format!("{amount}\r{}", number_ending(last4)));
        self.types("122988021412");
        self.console.wait_for(words.ready);
        self.types("\r");
        self.console.wait_for(words.confirm);
        self.types("\r");
    }
}

/// The approval number stands behind its label.
fn approval_number(screen: &str) -> String {
    let line =
        screen.lines().find(|line| line.contains("승인번호") || line.contains("Approval no.")).unwrap();
    line.split_whitespace().last().unwrap().to_owned()
}

#[test]
fn a_personal_card_is_approved_in_36_keys_in_both_languages_and_sizes_on_both_generations() {
    let local = Local::start(&[]);
    let mut last4 = 5000;
    for api in ["v2", "v1"] {
        for words in [KO, EN] {
            for size in [(80, 24), (120, 40)] {
                last4 += 1;
                let mut agent = Agent::sits_down(&local, api, &words, size);
                agent.charges("45000", &last4.to_string(), &words);
                let screen = agent.console.wait_for(words.approved);
                assert!(agent.keys <= 36, "{} keys", agent.keys);
                let number = approval_number(&screen);
                assert!(number.len() == 8 && number.bytes().all(|byte| byte.is_ascii_digit()), "{screen}");
                assert!(screen.contains("45,000") && screen.contains(&last4.to_string()), "{screen}");
                assert!(screen.contains("TEST"), "test and live must not be mistaken: {screen}");
            }
        }
    }
}

#[test]
fn a_declined_card_leaves_everything_but_itself() {
    for api in ["v2", "v1"] {
        let local = Local::start(&[]);
        let mut agent = Agent::sits_down(&local, api, &KO, (80, 24));
        agent.charges("45000", "0001", &KO);
        let screen = agent.console.wait_for(KO.declined);
        assert!(screen.contains("45000") && screen.contains("정수기 렌탈"), "{screen}");
        assert!(!screen.contains("0001"), "the card must be gone: {screen}");
        // The cursor is in the card number: the next card can be typed at once.
        agent.types(&number_ending("5099"));
        agent.types("122988021412");
        agent.console.wait_for(KO.ready);
        agent.types("\r");
        agent.console.wait_for(KO.confirm);
        agent.types("\r");
        agent.console.wait_for(KO.approved);
    }
}

#[test]
fn a_lost_answer_is_unknown_and_looked_up_until_it_is_known() {
    for api in ["v2", "v1"] {
        let local = Local::start(&[]);
        let mut agent = Agent::sits_down(&local, api, &KO, (80, 24));
        agent.charges("45000", "0030", &KO);
        // It may be found so quickly that the unknown page is not seen; the end is the same.
        agent.console.wait_for(KO.settled);
        let screen = agent.console.wait_for(KO.approved);
        assert!(screen.contains("0030"), "{screen}");
    }
}

#[test]
fn enter_does_not_leave_an_unknown_payment() {
    let local = Local::start(&[]);
    let mut agent = Agent::sits_down(&local, "v2", &KO, (80, 24));
    // Nothing is done with this one, so no look-up finds it before the window of minutes is over.
    agent.charges("45000", "0031", &KO);
    agent.console.wait_for(KO.unknown);
    agent.types("\r\r");
    agent.console.send("\x1b[17~");
    agent.console.wait_for("번 조회했습니다");
    assert!(agent.console.screen().contains(KO.unknown));
    agent.console.send("\x1b");
    let screen = agent.console.wait_for(KO.form);
    assert!(screen.contains("확인 중인 결제 1건"), "{screen}");
}

#[test]
fn a_second_console_is_stopped_by_the_guard_and_asked_for_a_reason() {
    let local = Local::start(&[]);
    let mut first = Agent::sits_down(&local, "v2", &KO, (80, 24));
    first.charges("45000", "5200", &KO);
    first.console.wait_for(KO.approved);
    let mut second = Agent::sits_down(&local, "v2", &KO, (80, 24));
    // Another number with the same first six would be another card; the guard knows BIN and ending only.
    let screen = first.console.screen();
    let masked = screen.lines().find(|line| line.contains("카드번호")).unwrap();
    let bin: String = masked.chars().filter(char::is_ascii_digit).take(6).collect();
    second.types(&format!("45000\r{bin}0000005200122988021412"));
    second.console.wait_for(KO.ready);
    second.types("\r");
    second.console.wait_for(KO.reason);
    second.console.wait_for(KO.confirm);
    second.types("\r");
    assert!(second.console.wait_for(KO.reason).contains("승인되었습니다 ("));
    second.console.send("둘째 정수기\r");
    let screen = second.console.wait_for("승인번호");
    assert!(screen.contains("5200"), "{screen}");
}

#[test]
fn hostile_text_of_the_provider_is_shown_harmlessly() {
    let local = Local::start(&[]);
    let mut agent = Agent::sits_down(&local, "v2", &KO, (80, 24));
    agent.charges("45000", "0011", &KO);
    agent.console.wait_for(KO.declined);
    let screen = agent.console.screen();
    assert!(screen.contains("정수기 렌탈") && screen.contains("F1 도움말"), "the screen is whole: {screen}");
    let raw = String::from_utf8_lossy(&agent.console.raw()).into_owned();
    for harmful in ["\x1b]", "\x1bP", "\x1b[31m", "\u{202e}", "\x07", "\u{9b}"] {
        let title = raw.contains(harmful);
        assert!(!title, "{harmful:?} reached the terminal");
    }
}
