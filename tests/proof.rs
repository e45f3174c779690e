//! The proof: once a request has ended, in whatever way, no copy of card data is left in the real process: heap,
//! stacks, registers, buffers of other people's crates, ledger, log, screen.
//!
//! The matrix is outcomes × ways of typing. The numbers are random, never a literal. The process stands still while
//! it is searched, from outside. A search while the request is under way must find some, and a build that leaks on
//! purpose must be caught: otherwise the search is blind.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't set itself up has failed")]

#[path = "support/process.rs"]
mod process;
#[path = "support/provider.rs"]
mod provider;
#[path = "support/pty.rs"]
mod pty;

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use process::{holds, search, search_bytes, ten_or_more};
use provider::{Authority, Charge, Provider};
use pty::{Console, Start};

/// A card nobody has: random digits with a good check digit, and a random business number with one.
struct Card {
    number: String,
    expiry: &'static str,
    business: String,
    pin: String,
}

impl Card {
    fn random() -> Self {
        let mut random = [0u8; 32];
        getrandom::fill(&mut random).unwrap();
        // Runs of one digit would be found in any memory.
        let digits = |from: usize, len: usize| -> Vec<u32> {
            let mut digits: Vec<u32> = Vec::new();
            for byte in random[from..].iter().take(len) {
                let mut digit = u32::from(byte % 10);
                if digits.last() == Some(&digit) {
                    digit = (digit + 3) % 10;
                }
                digits.push(digit);
            }
            digits
        };
        let mut number = digits(0, 15);
        number[0] = 9;
        let sum: u32 = number
            .iter()
            .enumerate()
            .map(|(at, digit)| if at % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { *digit })
            .sum();
        number.push((10 - sum % 10) % 10);
        let mut business = digits(16, 9);
        let weights = [1, 3, 7, 1, 3, 7, 1, 3, 5];
        let sum: u32 = business.iter().zip(weights).map(|(digit, weight)| digit * weight).sum::<u32>()
            + business[8] * 5 / 10;
        business.push((10 - sum % 10) % 10);
        // First six and last four are kept side by side: together they must not look like a part of the number.
        if number[6..8] == number[12..14] {
            return Self::random();
        }
        // Small values stand at regular distances in any memory (counters, flags, offsets), so eight digits in a
        // row that are mostly small or alike would be found by accident. No leak is easier to hide for it.
        let tellable = |run: &[u32]| {
            let distinct: std::collections::BTreeSet<u32> = run.iter().copied().collect();
            distinct.len() >= 5 && run.iter().filter(|digit| **digit >= 7).count() >= 2
        };
        if !number.windows(8).chain(business.windows(8)).all(tellable) {
            return Self::random();
        }
        let text = |digits: Vec<u32>| digits.into_iter().map(|digit| digit.to_string()).collect::<String>();
        Self { number: text(number), expiry: "1231", business: text(business), pin: text(digits(28, 2)) }
    }

    fn secrets(&self) -> Vec<String> {
        vec![self.number.clone(), self.business.clone()]
    }
}

#[derive(Debug, Clone, Copy)]
enum Typing {
    KeyByKey,
    OneBurst,
    Pasted,
}

const TYPINGS: [Typing; 3] = [Typing::KeyByKey, Typing::OneBurst, Typing::Pasted];
const F4: &str = "\x1bOS";

/// Everything a console needs to be tried, and is searched afterwards.
struct Desk {
    folder: tempfile::TempDir,
    authority: Authority,
    provider: Provider,
}

impl Desk {
    fn new(charge: Charge) -> Self {
        let authority = Authority::new();
        let provider = Provider::start(&authority, charge);
        let desk = Self { folder: tempfile::tempdir().unwrap(), authority, provider };
        desk.authority.write(&desk.path("ca.pem"));
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn config(&self, port: u16) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.path("config.toml");
        let text = format!(
            r#"default_profile = "main"
[ledger]
path = "{ledger}"
[log]
path = "{log}"
level = "trace"
[security]
ca_file = "{ca}"
[profiles.main]
api = "v2"
order_name = "proof"
base_url = "https://127.0.0.1:{port}"
store_id = "store-1"
api_secret = "secret-of-the-proof"
default_channel = "kcp"
[profiles.main.channels.kcp]
key = "channel-key-1"
pg = "KCP_V2"
mode = "test"
"#,
            ledger = self.path("ledger.db").display(),
            log = self.path("danmal.log").display(),
            ca = self.path("ca.pem").display(),
        );
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    fn start(&self, port: u16, env: &[(&'static str, &str)]) -> Console {
        let config = self.config(port);
        let mut start = Start::config(&config);
        start.env = env.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        start.env.push(("DANMAL_DEBUG_OVERALL_MS", "20000".to_owned()));
        start.env.extend(env.iter().map(|(name, value)| (*name, (*value).to_owned())));
        start.env.push(("TMPDIR", self.folder.path().display().to_string()));
        let console = Console::start(&start);
        console.wait_for("주문명");
        console
    }

    /// Memory, registers, ledger, log, temporary files, screen: nothing of these cards anywhere.
    fn assert_clean(&self, console: &Console, cards: &[&Card], what: &str) {
        let secrets: Vec<String> = cards.iter().flat_map(|card| card.secrets()).collect();
        let mut found = search(console.pid(), &secrets);
        for card in cards {
            let pin = format!("passwordTwoDigits\":\"{}", card.pin);
            assert!(!holds(console.pid(), pin.as_bytes()), "{what}: password digits in memory");
        }
        for file in std::fs::read_dir(self.folder.path()).unwrap().flatten() {
            if let Ok(bytes) = std::fs::read(file.path()) {
                found.extend(search_bytes(&file.path().display().to_string(), &bytes, &secrets));
            }
        }
        found.extend(search_bytes("screen", &console.raw(), &secrets));
        if cards.len() > 1 {
            found = ten_or_more(found);
        }
        assert!(found.is_empty(), "{what}: {} copies left, {found:#?}", found.len());
    }
}

/// Fills the form from the amount to the password, so that Enter would open the question.
fn fill(console: &mut Console, card: &Card, typing: Typing) {
    match typing {
        Typing::KeyByKey => {
            console.type_keys("45000\r");
            console.send(F4);
            console.type_keys(&format!("{}{}{}{}", card.number, card.expiry, card.business, card.pin));
        }
        Typing::OneBurst => {
            console.send(&format!("45000\r{F4}{}{}{}{}", card.number, card.expiry, card.business, card.pin));
        }
        Typing::Pasted => {
            console.paste("45,000");
            console.send("\r");
            console.send(F4);
            let number = format!("{} {}-{}", &card.number[..4], &card.number[4..8], &card.number[8..]);
            for field in [&number, card.expiry, &card.business, &card.pin] {
                console.paste(field);
            }
        }
    }
    console.wait_for("다 채웠습니다");
}

fn charge(console: &mut Console, card: &Card, typing: Typing) {
    fill(console, card, typing);
    console.send("\r");
    console.wait_for("Enter 결제   Esc 취소");
    console.send("\r");
}

/// One row of the matrix: an outcome, typed in every way.
fn row(charge_kind: Charge, port: Option<u16>, env: &[(&'static str, &str)], ends_with: &str) {
    for typing in TYPINGS {
        let desk = Desk::new(charge_kind);
        let mut console = desk.start(port.unwrap_or(desk.provider.port), env);
        let card = Card::random();
        charge(&mut console, &card, typing);
        console.wait_for(ends_with);
        desk.assert_clean(&console, &[&card], &format!("{charge_kind:?} {typing:?}"));
    }
}

#[test]
fn approved() {
    row(Charge::Approve, None, &[], "승인되었습니다");
}

#[test]
fn declined() {
    row(Charge::Decline, None, &[], "거절되었습니다");
}

#[test]
fn error_that_echoes_the_request() {
    row(Charge::Echo, None, &[], "결제되지 않았습니다");
}

#[test]
fn reset_in_the_middle_of_the_answer() {
    row(Charge::Reset, None, &[], "다시 결제하지 마세요");
}

#[test]
fn no_answer_in_time() {
    row(Charge::Hang, None, &[("DANMAL_DEBUG_OVERALL_MS", "1500")], "다시 결제하지 마세요");
}

#[test]
fn dropped_in_the_middle() {
    row(Charge::Hang, None, &[("DANMAL_DEBUG_CANCEL_MS", "700")], "다시 결제하지 마세요");
}

#[test]
fn connection_refused() {
    // A port that was just given back: nobody listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    row(Charge::Approve, Some(port), &[], "결제되지 않았습니다");
}

#[test]
fn certificate_of_somebody_else() {
    for typing in TYPINGS {
        let desk = Desk::new(Charge::Approve);
        let stranger = Provider::start(&Authority::new(), Charge::Approve);
        let mut console = desk.start(stranger.port, &[]);
        let card = Card::random();
        charge(&mut console, &card, typing);
        console.wait_for("결제되지 않았습니다");
        assert_eq!(stranger.charges.load(Ordering::SeqCst), 0);
        desk.assert_clean(&console, &[&card], &format!("bad certificate {typing:?}"));
    }
}

#[test]
fn redirect() {
    row(Charge::Redirect, None, &[], "다시 결제하지 마세요");
}

#[test]
fn panic_with_the_body_in_hand() {
    row(Charge::Approve, None, &[("DANMAL_DEBUG_PANIC_IN_FLIGHT", "1")], "다시 결제하지 마세요");
}

#[test]
fn form_left_half_filled() {
    for typing in TYPINGS {
        let desk = Desk::new(Charge::Approve);
        let mut console = desk.start(desk.provider.port, &[]);
        let card = Card::random();
        fill(&mut console, &card, typing);
        console.send("\x1b");
        console.wait_for("카드 정보를 지웠습니다");
        desk.assert_clean(&console, &[&card], &format!("left {typing:?}"));
    }
}

#[test]
fn nobody_types_for_a_while() {
    for typing in TYPINGS {
        let desk = Desk::new(Charge::Approve);
        let mut console = desk.start(desk.provider.port, &[("DANMAL_DEBUG_IDLE_MS", "1000")]);
        let card = Card::random();
        fill(&mut console, &card, typing);
        console.wait_for("한동안 입력이 없어");
        desk.assert_clean(&console, &[&card], &format!("idle {typing:?}"));
    }
}

const TO_KEYS: &str = "\x1b2";
const TO_PAYMENTS: &str = "\x1b1";
const F9: &str = "\x1b[20~";

/// Fills the form that registers a card, as far as the password digits, or half of them.
fn fill_registration(console: &mut Console, card: &Card, typing: Typing, pin: &str) {
    console.send(TO_KEYS);
    console.wait_for("F6 카드 등록");
    console.send(F6);
    console.wait_for("카드를 빌링키로 등록합니다");
    match typing {
        Typing::KeyByKey => {
            console.type_keys("cust0042\r");
            console.send(F4);
            console.type_keys(&format!("{}{}{}{pin}", card.number, card.expiry, card.business));
        }
        Typing::OneBurst => {
            console.send(&format!("cust0042\r{F4}{}{}{}{pin}", card.number, card.expiry, card.business));
        }
        Typing::Pasted => {
            console.paste("cust0042");
            console.send("\r");
            console.send(F4);
            let number = format!("{} {}-{}", &card.number[..4], &card.number[4..8], &card.number[8..]);
            for field in [&number, card.expiry, &card.business, pin] {
                console.paste(field);
            }
        }
    }
    let last4 = &card.number[12..];
    console.wait_for(last4);
}

/// A card that is registered as a billing key: the same outcomes as a payment's.
fn register(charge_kind: Charge, env: &[(&'static str, &str)], ends_with: &str) {
    for typing in TYPINGS {
        let desk = Desk::new(charge_kind);
        let mut console = desk.start(desk.provider.port, env);
        let card = Card::random();
        fill_registration(&mut console, &card, typing, &card.pin);
        console.wait_for("> 고객 이름");
        console.send("김하늘\t01020003000\ta@example.com");
        console.wait_for("다 채웠습니다");
        console.send(F9);
        console.wait_for("Enter 등록   Esc 취소");
        console.send("\r");
        console.wait_for(ends_with);
        desk.assert_clean(&console, &[&card], &format!("registered, {charge_kind:?} {typing:?}"));
    }
}

#[test]
fn a_registration_that_is_approved() {
    register(Charge::Approve, &[], "빌링키가 등록되었습니다");
}

#[test]
fn a_registration_that_is_declined() {
    register(Charge::Decline, &[], "카드가 등록되지 않았고");
}

#[test]
fn a_registration_whose_refusal_echoes_the_request() {
    register(Charge::Echo, &[], "등록되지 않았습니다");
}

#[test]
fn a_registration_nobody_saw_the_end_of() {
    register(Charge::Reset, &[], "다시 등록하지 마세요");
    register(Charge::Redirect, &[], "다시 등록하지 마세요");
}

#[test]
fn a_registration_without_an_answer_in_time() {
    register(Charge::Hang, &[("DANMAL_DEBUG_OVERALL_MS", "1500")], "다시 등록하지 마세요");
    register(Charge::Hang, &[("DANMAL_DEBUG_CANCEL_MS", "700")], "다시 등록하지 마세요");
}

#[test]
fn a_registration_by_a_thread_that_panics() {
    register(Charge::Approve, &[("DANMAL_DEBUG_PANIC_IN_FLIGHT", "1")], "다시 등록하지 마세요");
}

#[test]
fn a_registration_left_half_filled() {
    for typing in TYPINGS {
        for (how, key, then) in
            [("with Esc", "\x1b", "카드 정보를 지웠습니다"), ("for another tab", TO_PAYMENTS, "주문명")]
        {
            let desk = Desk::new(Charge::Approve);
            let mut console = desk.start(desk.provider.port, &[]);
            let card = Card::random();
            fill_registration(&mut console, &card, typing, &card.pin[..1]);
            console.send(key);
            console.wait_for(then);
            desk.assert_clean(&console, &[&card], &format!("a registration left {how}, {typing:?}"));
        }
    }
}

const F6: &str = "\x1b[17~";
const F7: &str = "\x1b[18~";

/// A card that is to be kept: the key is issued with the card, and charged without it.
fn keep(charge_kind: Charge, env: &[(&'static str, &str)], ends_with: &str) {
    for typing in TYPINGS {
        let desk = Desk::new(charge_kind);
        let mut console = desk.start(desk.provider.port, env);
        let card = Card::random();
        fill(&mut console, &card, typing);
        // The extras; then past name, phone and e-mail to the question whether to keep the card.
        console.send(F6);
        console.wait_for("카드 저장");
        console.send("\t\t\t1");
        console.send("\r");
        console.wait_for("고객 이름*");
        console.send("김하늘\r01020003000\ra@example.com");
        console.wait_for("다 채웠습니다");
        console.send("\r");
        console.wait_for("Enter 결제   Esc 취소");
        console.send("\r");
        console.wait_for(ends_with);
        desk.assert_clean(&console, &[&card], &format!("kept, {charge_kind:?} {typing:?}"));
    }
}

#[test]
fn a_card_that_is_kept() {
    keep(Charge::Approve, &[], "승인되었습니다");
}

#[test]
fn a_card_that_is_not_kept_because_it_is_declined() {
    keep(Charge::Decline, &[], "거절되었습니다");
}

#[test]
fn a_card_that_may_be_kept() {
    keep(Charge::Reset, &[], "결제되지 않았습니다");
    keep(Charge::Hang, &[("DANMAL_DEBUG_OVERALL_MS", "1500")], "결제되지 않았습니다");
    keep(Charge::Redirect, &[], "결제되지 않았습니다");
}

#[test]
fn a_key_whose_refusal_echoes_the_request() {
    keep(Charge::Echo, &[], "결제되지 않았습니다");
}

#[test]
fn a_key_issued_by_a_thread_that_panics() {
    keep(Charge::Approve, &[("DANMAL_DEBUG_PANIC_IN_FLIGHT", "1")], "결제되지 않았습니다");
}

#[test]
fn a_virtual_account_instead_of_a_card_half_typed() {
    for typing in TYPINGS {
        let desk = Desk::new(Charge::Approve);
        let mut console = desk.start(desk.provider.port, &[]);
        let card = Card::random();
        fill(&mut console, &card, typing);
        console.send(F7);
        console.wait_for("입금기한");
        desk.assert_clean(&console, &[&card], &format!("the way changed {typing:?}"));
        // The receipt's number is a phone number; it is not kept either, but it is no card.
        console.send("\r신한\r");
        console.wait_for("신한은행");
        console.send("01020003000");
        console.wait_for("다 채웠습니다");
        console.send("\r");
        console.wait_for("Enter 발급   Esc 취소");
        console.send("\r");
        console.wait_for("가상계좌");
        desk.assert_clean(&console, &[&card], &format!("an account {typing:?}"));
    }
}

#[test]
fn forty_payments_in_one_process() {
    let desk = Desk::new(Charge::Approve);
    let mut console = desk.start(desk.provider.port, &[]);
    let cards: Vec<Card> = (0..40).map(|_| Card::random()).collect();
    for (at, card) in cards.iter().enumerate() {
        // F4 stays as it is after the first one.
        if at == 0 {
            charge(&mut console, card, Typing::OneBurst);
        } else {
            console.send(&format!("45000\r{}{}{}{}", card.number, card.expiry, card.business, card.pin));
            console.wait_for("다 채웠습니다");
            console.send("\r");
            console.wait_for("Enter 결제   Esc 취소");
            console.send("\r");
        }
        console.wait_for("승인되었습니다");
        if at + 1 < cards.len() {
            console.send("\x1b[17~");
            console.wait_for("유효기간");
        }
    }
    assert_eq!(desk.provider.charges.load(Ordering::SeqCst), 40);
    desk.assert_clean(&console, &cards.iter().collect::<Vec<_>>(), "forty payments");
}

#[test]
fn the_search_sees_a_request_under_way() {
    let desk = Desk::new(Charge::Hang);
    let mut console = desk.start(desk.provider.port, &[]);
    let card = Card::random();
    charge(&mut console, &card, Typing::OneBurst);
    console.wait_for("PG사의 답을 기다리는 중");
    let pin = format!("passwordTwoDigits\":\"{}", card.pin);
    // The body may be built a moment after the words are on the screen.
    let seen = (0..200).any(|_| {
        let seen = !search(console.pid(), &card.secrets()).is_empty() && holds(console.pid(), pin.as_bytes());
        if !seen {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        seen
    });
    assert!(seen, "the search is blind: the card is in the vault now");
}

#[test]
fn the_search_catches_a_build_that_leaks() {
    let desk = Desk::new(Charge::Approve);
    let mut console = desk.start(desk.provider.port, &[("DANMAL_DEBUG_LEAK", "1")]);
    let card = Card::random();
    charge(&mut console, &card, Typing::OneBurst);
    console.wait_for("승인되었습니다");
    let found = search(console.pid(), &card.secrets());
    assert!(!found.is_empty(), "the search is blind: the card was leaked");
    assert!(!ten_or_more(found).is_empty(), "the search among many cards is blind: the card was leaked");
}
