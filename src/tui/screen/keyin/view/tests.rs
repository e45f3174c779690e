//! The forms about billing keys as text, without the console's header and footer: in both languages, in the smallest
//! terminal and a large one.

use std::fmt::Write as _;

use crate::domain::billing_key::ProviderKey;
use crate::domain::intent::IntentState;
use crate::domain::outcome::{KeyEnd, Outcome, Stage};
use crate::domain::problem::Problem;
use crate::i18n::Lang;
use crate::tui::input::{Code, Key};
use crate::tui::msg::{Msg, Timer};
use crate::tui::screen::keyin::model::fields::Field;
use crate::tui::screen::keyin::testing::{Form, WHOLE, made, provider_key, v1};
use crate::tui::testing::{approval, earlier, kcp, refusal};

const SHOWN: [(Lang, (u16, u16)); 4] =
    [(Lang::Ko, (80, 24)), (Lang::En, (80, 24)), (Lang::Ko, (120, 40)), (Lang::En, (120, 40))];

/// Compares a scene with what it looked like when somebody last looked at it.
fn shown(name: &str, form: impl Fn() -> Form, scene: impl Fn(&mut Form)) {
    let mut form = form();
    scene(&mut form);
    let mut out = String::new();
    for (lang, size) in SHOWN {
        let (rows, cursor) = form.screen(lang, size);
        // Nothing that matters is cut.
        let screen = rows.join("\n");
        assert!(!screen.contains('~'), "{name}, {lang:?}, {size:?}:\n{screen}");
        assert!(!screen.contains(WHOLE), "a key is never shown whole:\n{screen}");
        let cursor =
            cursor.map_or("no cursor".to_owned(), |at| format!("cursor at column {} row {}", at.x, at.y));
        let _ = writeln!(out, "=== {} {}x{}, {cursor}", lang.tag(), size.0, size.1);
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

fn register_v2() -> Form {
    Form::register(kcp())
}

fn register_v1() -> Form {
    Form::register(v1())
}

fn charge() -> Form {
    Form::charge(kcp(), &provider_key(WHOLE))
}

/// The registration has ended so.
fn ends(form: &mut Form, end: KeyEnd) {
    form.fills();
    let effect = form.sends();
    form.msg(Msg::KeyEnded(effect, end));
}

#[test]
fn an_empty_registration() {
    shown("register_empty", register_v2, |_| {});
    shown("register_empty_v1", register_v1, |_| {});
}

#[test]
fn a_registration_with_a_proposed_name() {
    shown("register_ready_v1", register_v1, Form::fills);
}

#[test]
fn a_registration_with_mistakes() {
    shown("register_mistakes", register_v1, |form| {
        form.model.focus = Field::KeyName;
        form.types("m/2001\t\t4242424242424243");
        form.types("1320");
    });
}

#[test]
fn the_question_before_a_registration() {
    shown("register_confirm", register_v2, |form| {
        form.fills();
        form.asks();
    });
    shown("register_confirm_v1", register_v1, |form| {
        form.fills();
        form.asks();
        let effect = form.effect();
        form.msg(Msg::KeyName(effect, Ok(None)));
    });
}

#[test]
fn the_question_about_a_name_that_nobody_proposed() {
    shown("register_confirm_minted", register_v1, |form| {
        form.fills();
        form.model.focus = Field::CustomerId;
        form.key(Key::ctrl('u'));
        form.asks();
    });
}

#[test]
fn the_question_about_a_name_in_use() {
    shown("register_taken", register_v1, |form| {
        form.fills();
        form.asks();
        let effect = form.effect();
        form.msg(Msg::KeyName(effect, Ok(Some(Box::new(provider_key("cust0042-4242"))))));
        form.types("\r카드 재발급");
    });
    shown("register_taken_unknown", register_v1, |form| {
        form.fills();
        form.asks();
        let effect = form.effect();
        let key = ProviderKey { card: None, issuer: None, ..provider_key("cust0042-4242") };
        form.msg(Msg::KeyName(effect, Ok(Some(Box::new(key)))));
    });
}

#[test]
fn a_registration_under_way() {
    shown("register_flight", register_v2, |form| {
        form.fills();
        let effect = form.sends();
        form.msg(Msg::Progress(effect, Stage::Details));
        form.timer(Timer::FlightSecond);
        form.key(Key::plain(Code::Esc));
    });
}

#[test]
fn a_registered_key() {
    let end = |refusals| KeyEnd {
        outcome: Outcome::Approved(made(WHOLE)),
        key: Some(Box::new(provider_key(WHOLE))),
        refusals,
    };
    shown("registered", register_v2, |form| ends(form, end(Vec::new())));
    shown("registered_refusals", register_v2, |form| ends(form, end(vec![refusal(), refusal()])));
}

#[test]
fn other_ends_of_a_registration() {
    shown("register_declined", register_v1, |form| {
        ends(form, Outcome::Declined(refusal()).into());
    });
    shown("register_unknown", register_v2, |form| {
        ends(form, Outcome::Unknown("timeout".to_owned()).into());
    });
    shown("register_not_made", register_v2, |form| {
        ends(form, Outcome::Unknown("timeout".to_owned()).into());
        let mut intent = earlier(IntentState::NotCharged);
        intent.new.id = form.finished().order.id().clone();
        form.model.looked(&intent);
    });
    shown("register_not_sent", register_v1, |form| {
        let card = "9410 12** **** 1234".to_owned();
        ends(form, Outcome::NotCharged(Problem::KeyTaken { card }).into());
    });
}

#[test]
fn a_charge_of_a_key() {
    shown("key_charge_form", charge, |form| form.types("60000\t3\t"));
    shown("key_charge_confirm", charge, |form| {
        form.types("60000\t3\t");
        form.asks();
        let effect = form.effect();
        form.msg(Msg::Earlier(effect, Ok(None)));
    });
}

#[test]
fn the_question_before_a_key_is_charged_a_second_time() {
    shown("key_charge_guard", charge, |form| {
        form.types("45000");
        form.asks();
        let effect = form.effect();
        form.msg(Msg::Earlier(effect, Ok(Some(Box::new(earlier(IntentState::Approved))))));
        form.types("두 달치");
    });
}

#[test]
fn a_key_of_which_little_is_known() {
    let bare = || {
        let key = ProviderKey { card: None, issuer: None, ..provider_key(WHOLE) };
        Form::charge(kcp(), &key)
    };
    shown("key_charge_bare", bare, |form| {
        form.types("45000");
        form.asks();
        let effect = form.effect();
        form.msg(Msg::Earlier(effect, Ok(None)));
    });
}

#[test]
fn the_ends_of_a_keys_charge() {
    let ends = |form: &mut Form, outcome: Outcome| {
        form.types("45000");
        let effect = form.sends();
        form.msg(Msg::Ended(effect, outcome.into()));
    };
    shown("key_charged", charge, |form| ends(form, Outcome::Approved(approval())));
    shown("key_charge_declined", charge, |form| ends(form, Outcome::Declined(refusal())));
    shown("key_charge_unknown", charge, |form| ends(form, Outcome::Unknown("timeout".to_owned())));
    shown("key_charge_blocked", charge, |form| {
        ends(form, Outcome::Blocked(Box::new(earlier(IntentState::Approved))));
    });
}
