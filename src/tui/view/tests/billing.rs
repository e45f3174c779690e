//! The tab of billing keys whole.

use super::*;
use crate::domain::billing_key::ProviderKey;
use crate::domain::channel::Channel;
use crate::domain::customer::Customer;
use crate::domain::intent::IntentKind;
use crate::domain::text::SafeText;
use crate::tui::screen::billing::model::{Answer, Known};
use crate::tui::screen::billing::testing::{TO_KEYS, known, listed, name_of};
use crate::tui::screen::keyin::testing::{made, v1};

const F3: Key = Key::plain(Code::F(3));
const F4: Key = Key::plain(Code::F(4));
const F9: Key = Key::plain(Code::F(9));

fn of_v1() -> Setup {
    let mut setup = setup();
    setup.keyin.channels = vec![v1()];
    setup
}

/// A key with a history.
fn used(schedules: i64) -> Known {
    let charge = |state, id: &str| {
        let mut intent = earlier(state);
        intent.new.kind = IntentKind::ChargeKey;
        intent.new.id = crate::domain::payment::PaymentId::parse(id).unwrap();
        intent
    };
    Known {
        charges: vec![
            charge(IntentState::Declined, "dearlier00000000000000000001"),
            charge(IntentState::Approved, "dearlier00000000000000000002"),
        ],
        ..known(listed(0), kcp(), schedules)
    }
}

/// What a provider, or whoever filled in a form once, may have put into it.
fn odd() -> Vec<ProviderKey> {
    let long = ProviderKey {
        customer: Customer::new(
            "남궁민수연합컨설팅주식회사서울강남지점대표님",
            "010-1234-5678",
            "very.long.address.of.somebody@subdomain.example.com",
        )
        .with_id("member-2026-000000000000000000042"),
        issuer: Some(SafeText::new("신한카드 기업 법인 개별 프리미엄")),
        pg: Some(SafeText::new("SOME_VERY_LONG_PG_NAME_V2")),
        ..listed(0)
    };
    let harmful = ProviderKey {
        customer: Customer::new("\u{1b}]0;x\u{7}홍\u{202e}길동", "", ""),
        issuer: Some(SafeText::new("\u{1b}[31mBC\u{9b}카드")),
        ..listed(1)
    };
    let bare = ProviderKey {
        customer: Customer::default(),
        card: None,
        issuer: None,
        pg: None,
        issued_at: None,
        is_test: None,
        ..listed(2)
    };
    let gone = ProviderKey { deleted_at: Some(1), ..listed(3) };
    vec![long, harmful, bare, gone]
}

#[test]
fn no_keys_at_all() {
    shown("billing_empty", |desk| desk.opens_list(0));
    shown_of("billing_empty_v1", &SHOWN, &Glyphs::UNICODE, of_v1, |desk| desk.opens_list(0));
}

#[test]
fn the_list_on_its_way() {
    shown("billing_loading", |desk| desk.key(TO_KEYS));
}

#[test]
fn the_list() {
    shown("billing_list", |desk| {
        desk.opens_list(1_234);
        desk.key(Key::plain(Code::Down));
    });
    shown_of("billing_list_v1", &SHOWN, &Glyphs::UNICODE, of_v1, |desk| desk.opens_list(5));
}

#[test]
fn odd_keys_in_the_list_long() {
    let scene: Scene = |desk| desk.opens_keys(&odd());
    shown("billing_odd_long", scene);
    shown_of("billing_odd_long_plain", &SHOWN[..1], &Glyphs::ASCII, setup, scene);
}

#[test]
fn a_list_that_did_not_come() {
    shown("billing_problem", |desk| {
        desk.asked();
        desk.key(TO_KEYS);
        let (question, _) = desk.page_asked();
        desk.answers(Answer::Page(question, 0, Err(Problem::Credentials { profile: "main".to_owned() })));
    });
}

#[test]
fn the_search() {
    shown("billing_search", |desk| {
        desk.opens_list(40);
        desk.key(F3);
        desk.types("홍길동");
    });
    shown("billing_search_none", |desk| {
        desk.opens_list(40);
        desk.key(F3);
        desk.types("010-1234-5678\r");
        desk.lists(&[]);
    });
    shown("billing_filter_none", |desk| {
        desk.opens_list(40);
        desk.key(F4);
        desk.key(Key::plain(Code::Right));
        desk.lists(&[]);
        desk.key(ENTER);
    });
    shown("billing_search_card_number", |desk| {
        desk.opens_list(40);
        desk.key(F3);
        desk.paste(NUMBER);
    });
}

#[test]
fn the_filter() {
    shown("billing_filter", |desk| {
        desk.opens_list(40);
        desk.key(F4);
        desk.key(Key::plain(Code::Down));
        desk.key(Key::plain(Code::Right));
        let keys: Vec<ProviderKey> = (0..40).map(listed).collect();
        desk.lists(&keys);
    });
}

#[test]
fn a_key_in_detail() {
    shown("billing_detail", |desk| {
        desk.opens_list(3);
        desk.key(ENTER);
        desk.looks(Ok(Some(used(3))));
    });
    shown("billing_detail_loading", |desk| {
        desk.opens_list(3);
        desk.key(ENTER);
    });
    shown("billing_detail_gone", |desk| {
        desk.opens_list(3);
        desk.key(ENTER);
        desk.looks(Ok(None));
    });
}

#[test]
fn an_odd_key_in_detail_long() {
    shown("billing_detail_long", |desk| {
        desk.opens_keys(&odd());
        desk.key(ENTER);
        let key = odd().remove(0);
        let charges = used(0).charges;
        desk.looks(Ok(Some(Known { charges, ..known(key, kcp(), 30) })));
        for _ in 0..4 {
            desk.key(Key::plain(Code::Down));
        }
    });
}

#[test]
fn the_question_before_a_key_goes() {
    shown("billing_delete", |desk| {
        desk.opens_list(40);
        desk.asks_to_delete(0);
    });
    shown("billing_delete_schedules", |desk| {
        desk.opens_list(40);
        desk.asks_to_delete(7);
        desk.types("고객 해지 요청");
    });
    shown("billing_delete_live", |desk| {
        desk.opens_list(40);
        desk.key(F9);
        let live = Channel { mode: crate::domain::channel::Mode::Live, ..kcp() };
        desk.looks(Ok(Some(known(listed(0), live, 2))));
        desk.timer(Timer::ConfirmArmed);
    });
    shown("billing_delete_unreadable", |desk| {
        desk.opens_list(40);
        desk.key(F9);
        let problem = Problem::Unreachable { detail: String::new() };
        desk.looks(Ok(Some(Known { schedules: Err(problem), ..used(0) })));
        desk.timer(Timer::ConfirmArmed);
    });
}

#[test]
fn the_ends_of_a_deletion() {
    let ends: [(&str, Option<Outcome>); 5] = [
        ("billing_delete_flight", None),
        ("billing_delete_unknown", Some(Outcome::Unknown("timeout".to_owned()))),
        ("billing_delete_declined", Some(Outcome::Declined(refusal()))),
        ("billing_delete_not_sent", Some(Outcome::NotCharged(Problem::KeyHasSchedules))),
        ("billing_deleted", Some(Outcome::Approved(approval()))),
    ];
    for (name, end) in ends {
        shown(name, |desk| {
            desk.opens_list(40);
            desk.asks_to_delete(1);
            desk.key(ENTER);
            let asks = desk.asks();
            let effect = asks[0].effect().expect("a deletion");
            if let Some(end) = end.clone() {
                desk.answers(Answer::Deleted(effect, end));
                let keys: Vec<ProviderKey> = (1..40).map(listed).collect();
                desk.lists(&keys);
            }
        });
    }
}

#[test]
fn the_forms_in_their_tab() {
    shown("billing_register", |desk| {
        desk.opens_list(3);
        desk.key(F6);
    });
    shown_of("billing_register_v1", &SHOWN, &Glyphs::UNICODE, of_v1, |desk| {
        desk.opens_list(3);
        desk.key(F6);
        desk.types("cust0042\t\t");
        desk.types(NUMBER);
    });
    shown("billing_registered", |desk| {
        desk.opens_list(3);
        desk.key(F6);
        desk.types("cust0042\t");
        desk.types(NUMBER);
        desk.types(REST);
        desk.types("홍길동\t010-1234-5678\thong@example.com");
        desk.key(F9);
        desk.timer(Timer::ConfirmArmed);
        desk.types("\r");
        let effect = desk.effect();
        let end = Outcome::Approved(made(name_of(0).expose()));
        let key = Some(Box::new(listed(0)));
        desk.msg(Msg::KeyEnded(
            effect,
            crate::domain::outcome::KeyEnd { outcome: end, key, refusals: Vec::new() },
        ));
    });
    shown("billing_charge", |desk| {
        desk.opens_list(3);
        desk.key(F7);
        desk.looks(Ok(Some(used(0))));
        desk.types("45000");
    });
    shown("billing_charged", |desk| {
        desk.opens_list(3);
        desk.key(F7);
        desk.looks(Ok(Some(used(0))));
        desk.types("45000");
        desk.key(F9);
        let effect = desk.effect();
        desk.msg(Msg::Earlier(effect, Ok(None)));
        desk.timer(Timer::ConfirmArmed);
        desk.types("\r");
        let effect = desk.effect();
        desk.msg(Msg::Ended(effect, Outcome::Approved(approval()).into()));
    });
}

/// Drawn at every width: nothing is split, the cursor stays inside.
#[test]
fn every_width_draws_whole_syllables_of_keys() {
    for columns in 80..140 {
        let mut desk = Desk::with(Setup { size: (columns, 24), ..setup() });
        desk.opens_keys(&odd());
        let check = |desk: &Desk| {
            let mut buf = Buffer::empty(Rect::new(0, 0, columns, 24));
            let cursor = draw(&desk.model, &Glyphs::UNICODE, &mut buf);
            text(&buf);
            assert!(cursor.is_none_or(|at| buf.area.contains(at)), "{columns}");
        };
        check(&desk);
        desk.key(F3);
        desk.types("가나다라마바사아자차카타파하거너더러머버서");
        check(&desk);
        desk.key(ESC);
        desk.lists(&odd());
        desk.key(ENTER);
        desk.looks(Ok(Some(known(odd().remove(0), kcp(), 9))));
        check(&desk);
        desk.key(F9);
        desk.types("가나다라마바사아자차카타파하거너더러머버서가나다라마바사아자차카타파하거너더러머버서");
        check(&desk);
    }
}
