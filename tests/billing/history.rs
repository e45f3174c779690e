//! The history in the real program: a charge is read from the provider, found by initial consonants, refunded in
//! part after the question named the amount, and taken into the day's close, on both generations.

use super::{APIS, Agent, F3, F5, F6, F7, F8, F9, TO_KEYS};
use crate::local::Local;

const TO_HISTORY: &str = "\x1b4";
const HOME: &str = "\x1b[H";

#[test]
fn a_charge_is_found_refunded_in_part_and_closed() {
    for api in APIS {
        let local = Local::start(&[]);
        let mut agent = Agent::sits_down(&local, api);
        agent.has_registered("5801", "cust0042");
        agent.charges("9900");
        agent.sees("승인되었습니다");
        agent.types("\r");
        agent.sees("*5801");

        agent.presses(TO_HISTORY);
        agent.sees("9,900원");
        agent.sees("방금까지");
        agent.presses(F3);
        agent.types("없는이름");
        agent.sees("찾는 결제가 없습니다");
        agent.presses("\x15");
        agent.types("ㅈㅅㄱ");
        agent.sees("9,900원");
        agent.types("\r");
        agent.sees("F9 환불");
        agent.presses(F9);
        let form = agent.sees("> 환불금액");
        assert!(!form.contains("입력하세요"), "{form}");
        agent.presses(F9);
        agent.sees("환불할 금액을 입력하세요");
        agent.types("4000\r고객 변심");
        agent.sees("5,900원 남습니다");
        agent.presses(F9);
        agent.sees("이대로 환불할까요?");
        let question = agent.sees("Enter: 환불");
        assert!(question.contains("4,000원") && question.contains("5,900원"), "{question}");
        agent.types("\r");
        agent.sees("4,000원 환불되었습니다");
        agent.types("\r");
        let detail = agent.sees("4,000원 환불됨, 5,900원 남음");
        assert!(detail.contains("부분 취소"), "{detail}");

        agent.presses("\x1b");
        agent.sees("부분취소");
        agent.presses(F6);
        agent.sees("저장한 마감이 없습니다");
        agent.presses(F6);
        agent.sees("9,900원 - 취소 4,000원 = 5,900원");
        agent.sees("1번으로 저장했습니다");

        // Another payment, and the day is closed again: what changed is told, and both closes are there.
        agent.presses("\x1b");
        agent.sees("F9 환불");
        agent.presses(TO_KEYS);
        agent.sees("F6 카드 등록");
        agent.charges("12000");
        agent.sees("승인되었습니다");
        agent.types("\r");
        agent.sees("*5801");
        agent.presses(TO_HISTORY);
        agent.sees("새 결제 1건");
        agent.presses(HOME);
        agent.sees("12,000원");
        agent.presses(F6);
        agent.sees("맞음");
        agent.presses(F6);
        agent.sees("2번으로 저장했습니다");
        let changes = agent.sees("결제 합계: 이전 1건 9,900원");
        assert!(changes.contains("(+12,000원)"), "{changes}");
        agent.presses(F7);
        agent.sees("1/2");
        agent.presses("\x1b[B");
        agent.sees("2/2");
        agent.types("\r");
        agent.sees("1번 마감입니다");
        agent.presses("\x1b");
        agent.sees("2/2");
        agent.presses("\x1b");
        agent.sees("F6 대조하고 저장");
        agent.presses("\x1b");
        agent.sees("F9 환불");

        // What is taken out is recorded and read again.
        agent.presses(F8);
        agent.types("월말 정산");
        agent.sees("월말 정산");
        agent.presses("\t");
        agent.presses("\t");
        agent.presses("\x15");
        let file = local.folder().join("out.csv");
        agent.types(file.to_str().unwrap());
        agent.sees("out.csv");
        agent.presses(F9);
        agent.sees("2건을 파일로 내보냈습니다");
        agent.types("\r");
        agent.sees("F9 환불");
        agent.types("w");
        agent.sees("내보낸 기록, 최근 것부터");
        let exports = agent.sees("결제 2건, 항목");
        assert!(exports.contains("월말 정산") && exports.contains("out.csv"), "{exports}");
        let written = std::fs::read_to_string(file).unwrap();
        assert_eq!(written.lines().count(), 3, "a heading and two payments: {written}");
    }
}

#[test]
fn a_reading_that_has_no_answer_is_stopped_where_it_waits() {
    let folder = tempfile::tempdir().unwrap();
    let faults = folder.path().join("faults.json");
    // Longer than anything here waits.
    let rule =
        r#"[{"method":"GET","route":"/payments-by-cursor","count":9,"kind":"delay_before","millis":600000}]"#;
    std::fs::write(&faults, rule).unwrap();
    let local = Local::start(&["--faults", faults.to_str().unwrap()]);
    let mut agent = Agent::sits_down(&local, "v2");
    agent.presses(TO_HISTORY);
    agent.sees("포트원에서 읽는 중...");
    agent.sees("F5 읽기 멈춤");
    agent.presses(F5);
    agent.sees("F5 새로 읽기");
    let screen = agent.sees("아직 읽지 않았습니다");
    assert!(!screen.contains("읽는 중"), "{screen}");
}
