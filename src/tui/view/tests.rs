//! Every screen whole, as text: what an agent sees, in both languages, in the smallest terminal and a large one.

mod billing;
mod by_hand;
mod history;

use std::fmt::Write as _;

use super::*;
use crate::domain::billing_key::BillingKey;
use crate::domain::caller::{AtProvider, Caller};
use crate::domain::intent::IntentState;
use crate::domain::outcome::{ChargeEnd, KeyFate, Outcome, Stage};
use crate::domain::problem::Problem;
use crate::i18n::Lang;
use crate::tui::input::{Code, Key};
use crate::tui::model::Setup;
use crate::tui::msg::{Effect, EffectId, Msg, Timer};
use crate::tui::screen::keyin::model::fields::Field;
use crate::tui::testing::{
    Desk, ENTER, ESC, F1, NUMBER, REST, approval, earlier, kcp, plain_live, refusal, setup, text, won,
};

/// Both languages in both sizes; what is said of the cursor follows the screen.
const SHOWN: [(Lang, (u16, u16)); 4] =
    [(Lang::Ko, (80, 24)), (Lang::En, (80, 24)), (Lang::Ko, (120, 40)), (Lang::En, (120, 40))];

/// What an agent did before the screen is looked at.
type Scene = fn(&mut Desk);

/// Compares a scene with what it looked like when somebody last looked at it.
fn shown(name: &str, scene: impl Fn(&mut Desk)) {
    shown_of(name, &SHOWN, &Glyphs::UNICODE, setup, scene);
}

fn shown_of(
    name: &str,
    variants: &[(Lang, (u16, u16))],
    glyphs: &Glyphs,
    setup: impl Fn() -> Setup,
    scene: impl Fn(&mut Desk),
) {
    let mut out = String::new();
    for (lang, size) in variants {
        let mut desk = Desk::with(Setup { lang: *lang, size: *size, ..setup() });
        scene(&mut desk);
        let (rows, cursor) = desk.screen(glyphs);
        // Nothing that matters is cut, except where a scene is about just that.
        if !name.contains("long") && size.0 >= 80 {
            assert!(
                rows.iter().all(|row| !row.contains('~')),
                "{name}, {lang:?}, {size:?}:\n{}",
                rows.join("\n")
            );
        }
        let cursor =
            cursor.map_or("no cursor".to_owned(), |at| format!("cursor at column {} row {}", at.x, at.y));
        let _ = writeln!(out, "=== {} {}x{}, {cursor}", lang.tag(), size.0, size.1);
        // Empty rows in the middle count; those of a large screen would only fill the file.
        for row in &rows {
            let _ = writeln!(out, "{}", format!("|{row}").trim_end());
        }
    }
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, out));
}

fn live() -> Setup {
    let mut setup = setup();
    setup.keyin.first = 1;
    setup
}

#[test]
fn an_empty_form() {
    shown("form_empty", |_| {});
}

#[test]
fn a_form_half_filled_with_mistakes() {
    shown("form_mistakes", |desk| {
        desk.types("0\t");
        desk.types("4242424242424243");
        desk.types("1320");
        desk.types("880231");
        desk.types("1\t홍길동\t12\t");
    });
}

#[test]
fn a_form_with_remarks_too_long_for_their_line() {
    shown("form_long", |desk| {
        desk.model.keyin.focus = Field::OrderName;
        desk.types(" 특별 할인 기획전 하반기 정기 결제 상품 안내 및 추가 구성품 포함 10월분\t500\t");
    });
}

#[test]
fn a_card_being_typed() {
    shown("form_card", |desk| desk.types("12.5만\r42424242"));
}

#[test]
fn a_ready_form() {
    shown("form_ready", |desk| {
        desk.fills();
        desk.types("홍길동\t010-1234-5678");
    });
}

#[test]
fn a_form_for_a_company_in_instalments_with_tax_free_goods() {
    let mixed = || {
        let mut setup = setup();
        setup.keyin.channels[0].terms.mixed_tax = true;
        setup
    };
    shown_of("form_business_long", &SHOWN, &Glyphs::UNICODE, mixed, |desk| {
        desk.types("600000\r200000\r");
        desk.model.keyin.focus = Field::Installments;
        desk.types("6\t");
        desk.types(NUMBER);
        desk.types("1229");
        desk.key(Key::plain(Code::F(4)));
        desk.types("2208162517");
    });
}

#[test]
fn the_question_of_a_test_payment() {
    shown("confirm_test", |desk| {
        desk.fills();
        desk.types("홍길동\t010-1234-5678");
        desk.confirms(None);
    });
}

#[test]
fn the_question_of_a_real_payment() {
    shown_of("confirm_live", &SHOWN, &Glyphs::UNICODE, live, |desk| {
        desk.types("1234567\r");
        desk.types(NUMBER);
        desk.types("1229");
        desk.confirms(None);
    });
}

#[test]
fn the_question_that_still_waits() {
    shown("confirm_wait", |desk| {
        desk.fills();
        desk.types("\r");
    });
}

#[test]
fn the_question_with_an_earlier_payment_and_a_reason() {
    shown("confirm_guard", |desk| {
        desk.fills();
        desk.confirms(Some(earlier(IntentState::Approved)));
        desk.types("\r");
        desk.types("둘째 정수기");
    });
}

#[test]
fn the_question_with_everything_long() {
    let long = || {
        let mut setup = setup();
        setup.keyin.store = "한빛정수기 서울 강남 제2직영점 온라인 사업부".to_owned();
        setup.keyin.channels[0].name = "케이씨피 수기결제 정기 상품 전용".to_owned();
        setup.keyin.channels[0].terms.mixed_tax = true;
        setup
    };
    shown_of("confirm_long", &SHOWN[..2], &Glyphs::UNICODE, long, |desk| {
        desk.model.keyin.focus = Field::OrderName;
        desk.types(" 하반기 정기 상품 추가 구성품 모음전\t");
        desk.types("123456789\r0\r");
        desk.types(NUMBER);
        desk.types(REST);
        desk.types("남궁민수\t010-1234-5678");
        desk.confirms(Some(earlier(IntentState::Unknown)));
        desk.types("4242424242424242");
    });
}

#[test]
fn a_request_under_way() {
    shown("flight", |desk| {
        let effect = desk.charges();
        desk.msg(Msg::Progress(effect, Stage::Sent));
        for _ in 0..7 {
            desk.timer(Timer::FlightSecond);
        }
    });
}

#[test]
fn a_request_under_way_after_esc() {
    shown("flight_esc", |desk| {
        desk.charges();
        desk.key(ESC);
    });
}

#[test]
fn a_decline() {
    shown("declined", |desk| desk.ends(Outcome::Declined(refusal())));
}

#[test]
fn the_second_card_after_a_decline() {
    shown("declined_then_ready", |desk| {
        desk.ends(Outcome::Declined(refusal()));
        desk.types(NUMBER);
        desk.types(REST);
    });
}

#[test]
fn a_problem() {
    shown("problem", |desk| {
        desk.ends(Outcome::NotCharged(Problem::Credentials { profile: "main".to_owned() }));
    });
}

#[test]
fn a_charge_that_the_guard_stopped_late() {
    shown("blocked", |desk| desk.ends(Outcome::Blocked(Box::new(earlier(IntentState::Approved)))));
}

#[test]
fn a_card_that_was_wiped() {
    shown("idle_wiped", |desk| {
        desk.types("45000\r4242");
        desk.timer(Timer::IdleWipe);
    });
}

#[test]
fn an_approval() {
    shown("approved", |desk| {
        desk.ends(Outcome::Approved(approval()));
        desk.key(Key::plain(Code::F(5)));
    });
}

#[test]
fn an_approval_without_a_number_and_of_another_amount() {
    shown("approved_odd", |desk| {
        let odd = crate::domain::intent::Approval {
            approval_number: None,
            receipt_url: None,
            differing_total: Some(won(44_000)),
            ..approval()
        };
        desk.ends(Outcome::Approved(odd));
    });
}

const F6: Key = Key::plain(Code::F(6));
const F7: Key = Key::plain(Code::F(7));

#[test]
fn a_form_for_an_account() {
    shown("account_form", |desk| {
        desk.key(F7);
        desk.types("45000\r국민");
    });
}

#[test]
fn the_list_of_banks() {
    shown("account_banks", |desk| {
        desk.key(F7);
        desk.types("45000\r\r");
    });
}

#[test]
fn the_question_before_an_account_is_issued() {
    shown("account_confirm", |desk| {
        desk.fills_account();
        desk.confirms(None);
    });
}

#[test]
fn an_issued_account() {
    shown("account_issued", Desk::issues);
}

#[test]
fn the_question_before_an_account_is_closed() {
    shown("account_close", |desk| {
        desk.issues();
        desk.key(Key::plain(Code::F(9)));
        desk.timer(Timer::ConfirmArmed);
    });
}

#[test]
fn the_extras_with_the_card_to_be_kept() {
    shown("form_more", |desk| {
        desk.key(F6);
        desk.fills();
        desk.model.keyin.focus = Field::SaveCard;
        desk.types("1");
    });
}

#[test]
fn a_card_that_was_kept_and_charged() {
    shown("approved_kept", |desk| {
        let effect = desk.charges();
        let key = BillingKey::parse("billing-key-0195a1c2-5b7d-7e10-9a44-2f6b8c0d1e23").unwrap();
        let end = ChargeEnd { outcome: Outcome::Approved(approval()), key: Some(KeyFate::Kept(key)) };
        desk.msg(Msg::Ended(effect, end));
    });
}

#[test]
fn a_decline_of_a_card_that_was_to_be_kept() {
    shown("declined_not_kept", |desk| {
        let effect = desk.charges();
        let end = ChargeEnd { outcome: Outcome::Declined(refusal()), key: Some(KeyFate::NotKept) };
        desk.msg(Msg::Ended(effect, end));
    });
}

#[test]
fn the_receipt_as_a_square() {
    let scene: Scene = |desk| {
        desk.ends(Outcome::Approved(approval()));
        desk.key(Key::plain(Code::F(4)));
    };
    shown("qr", scene);
    shown_of("qr_plain", &SHOWN[..1], &Glyphs::ASCII, setup, scene);
}

#[test]
fn what_is_known_of_the_caller() {
    shown("caller", |desk| {
        desk.model.keyin.focus = Field::Phone;
        desk.types("010-1234-5678");
        desk.timer(Timer::CallerDue);
        let effect = desk.effect();
        let caller = Caller {
            from_ledger: vec![earlier(IntentState::Approved), earlier(IntentState::Declined)],
            at_provider: Ok(AtProvider { searched: true, ..AtProvider::default() }),
        };
        desk.msg(Msg::Caller(effect, Ok(Box::new(caller))));
    });
}

#[test]
fn a_form_that_came_back_with_the_recording_paused() {
    shown("adopted", |desk| {
        let body = r#"{"channel":"케이씨피 수기","texts":{"amount":"45000","name":"홍길동"}}"#;
        desk.msg(Msg::Draft(body.to_owned()));
        desk.key(Key::plain(Code::F(5)));
    });
}

#[test]
fn what_should_be_known_of_a_channel_long() {
    shown("notes_long", |desk| desk.msg(Msg::WarningsAway(Vec::new())));
}

#[test]
fn an_unknown_outcome() {
    shown("unknown", |desk| desk.ends(Outcome::Unknown("timeout".to_owned())));
}

#[test]
fn an_unknown_outcome_that_turned_out_not_charged() {
    shown("unknown_not_charged", |desk| {
        desk.ends(Outcome::Unknown("timeout".to_owned()));
        desk.looked(IntentState::NotCharged);
    });
}

#[test]
fn an_unknown_payment_behind_a_new_form() {
    shown("unknown_behind", |desk| {
        desk.ends(Outcome::Unknown("timeout".to_owned()));
        desk.key(ESC);
    });
}

#[test]
fn the_help() {
    shown("help", |desk| desk.key(F1));
}

#[test]
fn the_end_of_the_help() {
    shown_of("help_end", &SHOWN[..2], &Glyphs::UNICODE, setup, |desk| {
        desk.key(F1);
        desk.key(Key::plain(Code::End));
    });
}

#[test]
fn the_palette() {
    shown("palette", |desk| {
        desk.key(Key::plain(Code::F(2)));
        desk.types("화면");
    });
}

#[test]
fn the_choice_of_a_channel() {
    shown("channels", |desk| desk.key(Key::plain(Code::F(3))));
}

#[test]
fn the_question_before_leaving() {
    shown("quit", |desk| {
        desk.types("45000");
        desk.key(Key::plain(Code::F(10)));
    });
}

#[test]
fn the_question_before_everything_is_cleared() {
    shown("clear", |desk| {
        desk.types("45000");
        desk.key(Key::plain(Code::F(8)));
    });
}

#[test]
fn a_terminal_that_is_too_small() {
    let sizes = [(Lang::Ko, (79, 24)), (Lang::En, (40, 10)), (Lang::Ko, (12, 4))];
    shown_of("too_small", &sizes, &Glyphs::UNICODE, setup, |_| {});
}

#[test]
fn plain_glyphs_and_a_long_header() {
    let plain = || {
        let mut setup = setup();
        setup.store = "한빛정수기 서울 강남 제2직영점 온라인 사업부".to_owned();
        setup.operator = "callcenter-operator-17".to_owned();
        setup
    };
    let scenes: [(&str, Scene); 4] = [
        ("form", |desk| desk.types("0\t4242424242424243")),
        ("declined", |desk| desk.ends(Outcome::Declined(refusal()))),
        ("confirm", |desk| {
            desk.fills();
            desk.confirms(Some(earlier(IntentState::Approved)));
        }),
        ("approved", |desk| desk.ends(Outcome::Approved(approval()))),
    ];
    for (name, scene) in scenes {
        shown_of(&format!("long_plain_{name}"), &SHOWN[..2], &Glyphs::ASCII, plain, scene);
    }
}

#[test]
fn test_and_live_are_told_apart_in_words_and_in_every_theme() {
    for lang in Lang::ALL {
        for (first, word) in [(0, "TEST"), (1, "LIVE")] {
            let mut setup = Setup { lang, ..setup() };
            setup.keyin.first = first;
            let mut desk = Desk::with(setup);
            assert!(desk.screen(&Glyphs::ASCII).0[0].contains(word));
            desk.types("45000\r");
            desk.types(NUMBER);
            desk.types(if first == 0 { REST } else { "1229" });
            desk.confirms(None);
            let (rows, _) = desk.screen(&Glyphs::ASCII);
            let question = rows.iter().skip(1).filter(|row| row.contains(word)).count();
            assert_eq!(question, 1, "the question says it too: {rows:?}");
        }
    }
    assert_ne!(kcp().mode, plain_live().mode);
}

/// A wide screen of which the form is drawn at every width: nothing is split, the cursor stays inside.
#[test]
fn every_width_draws_whole_syllables() {
    for columns in 80..140 {
        let mut desk = Desk::with(Setup { size: (columns, 24), ..setup() });
        desk.ends(Outcome::Declined(refusal()));
        desk.types(NUMBER);
        desk.model.keyin.focus = Field::OrderName;
        desk.types("가나다라마바사아자차카타파하거너더러머버서");
        for overlay in [None, Some(F1), Some(Key::plain(Code::F(2))), Some(Key::plain(Code::F(10)))] {
            if let Some(key) = overlay {
                desk.key(key);
            }
            let mut buf = Buffer::empty(Rect::new(0, 0, columns, 24));
            let cursor = draw(&desk.model, &Glyphs::UNICODE, &mut buf);
            text(&buf);
            assert!(cursor.is_none_or(|at| buf.area.contains(at)), "{columns}");
            desk.key(ESC);
        }
        desk.key(ENTER);
    }
}
