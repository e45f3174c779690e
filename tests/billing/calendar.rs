//! The calendar in the real program: a row of schedules made for a registered card, found on their days, moved
//! and revoked, on both generations.

use super::{APIS, Agent, F6, F7, F9, intents};
use crate::local::Local;

const TO_CALENDAR: &str = "\x1b3";
const READY: &str = "Enter: 실행";
const EMPTY_FIELD: &str = "\x15";
const RIGHT: &str = "\x1b[C";

impl Agent {
    /// The question stands, is answered, and its report says this.
    fn lets_go(&mut self, question: &str, report: &str) {
        self.sees(question);
        self.sees(READY);
        self.types("\r");
        self.sees(report);
        self.presses("\x1b");
        self.console.wait_gone(report);
    }
}

#[test]
fn a_row_of_schedules_is_made_moved_and_revoked() {
    for api in APIS {
        let local = Local::start(&[]);
        let mut agent = Agent::sits_down(&local, api);
        agent.has_registered("5801", "cust0042");
        agent.presses(TO_CALENDAR);
        agent.sees("예약이 없습니다");
        // What the provider tells is in the ledger's copy, empty as it is.
        agent.sees("방금");

        agent.presses(F6);
        agent.sees("> 고객");
        agent.types("cust0042\r");
        agent.sees("빌링키 고르기");
        agent.types("\r");
        agent.sees("> 금액");
        agent.types("4.5만\t\t");
        agent.sees("> 첫 결제일");
        agent.types(&format!("{EMPTY_FIELD}+40\t\t"));
        agent.sees("> 횟수");
        agent.types(&format!("{EMPTY_FIELD}3"));
        agent.sees("결제일 3건");
        agent.presses(F9);
        agent.lets_go("예약 3건, 합계 135,000원을 등록할까요?", "완료 3건");
        assert_eq!(intents(&local, "create_schedule", "approved"), 3, "{api}");

        agent.presses(F7);
        agent.sees("날짜로 이동");
        agent.types("+40\r");
        agent.sees("예약 1건 45,000원");
        agent.types("\r");
        let screen = agent.sees("F7 날짜 변경");
        assert!(screen.contains("홍길동") && screen.contains("45,000원"), "{screen}");
        agent.presses(F7);
        agent.sees("새 날짜");
        agent.types("+1\r");
        agent.lets_go("예약 1건, 합계 45,000원의 날짜를 바꿀까요?", "완료 1건");

        // Where it is now; V2 keeps the one whose place it took as a revoked one.
        let day = |screen: &str| screen.lines().nth(3).unwrap_or_default().to_owned();
        let before = day(&agent.console.screen());
        agent.presses(RIGHT);
        agent.console.wait_until("the day after", |screen| {
            day(screen) != before && screen.contains("홍길동") && screen.contains("F9 해지")
        });
        agent.presses(F9);
        agent.lets_go("예약 1건, 합계 45,000원을 해지할까요?", "완료 1건");
        let screen = agent.sees("Shift+F9 재예약");
        assert!(screen.contains("해지"), "{screen}");

        // Made again, the same is not doubled: two are there already, and the moved and revoked one as well.
        agent.presses(F6);
        agent.sees("> 고객");
        agent.types("cust0042\r");
        agent.sees("빌링키 고르기");
        agent.types("\r");
        agent.sees("> 금액");
        agent.types("45000\t\t");
        agent.types(&format!("{EMPTY_FIELD}+40\t\t"));
        agent.types(&format!("{EMPTY_FIELD}3"));
        agent.sees("결제일 3건");
        agent.presses(F9);
        agent.sees("3건은 이미 있어 건너뜁니다");
        assert!(!agent.console.screen().contains(READY));
    }
}
