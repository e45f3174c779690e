//! One transition a test. The card is typed as the loop does it; what is asked of the loop is looked at.

mod keys;
mod outcome;

use super::fields::{IdentityKind, Weight};
use super::*;
use crate::domain::intent::{Approval, IntentState};
use crate::domain::order::Installments;
use crate::domain::outcome::{Look, Stage};
use crate::domain::payment::PaymentId;
use crate::domain::problem::Problem;
use crate::tui::input::Code;
use crate::tui::msg::GuardChoice;
use crate::tui::testing::{
    Desk, ENTER, ESC, NUMBER, REST, TAB, approval, earlier, plain_live, refusal, setup, won,
};

const F4: Key = Key::plain(Code::F(4));
const F9: Key = Key::plain(Code::F(9));

fn focus(desk: &Desk) -> Field {
    desk.keyin().focus
}

fn at(field: Field) -> Desk {
    let mut desk = Desk::new();
    desk.model.keyin.focus = field;
    desk
}

/// Whether a charge was asked for.
fn charged(asked: &[Effect]) -> bool {
    asked.iter().any(|effect| matches!(effect, Effect::Charge(..)))
}

fn ledger() -> Problem {
    Problem::Ledger { detail: "disk full".to_owned() }
}

#[test]
fn the_cursor_begins_where_something_is_missing() {
    assert_eq!(focus(&Desk::new()), Field::Amount);
    let mut setup = setup();
    setup.keyin.order_name = String::new();
    assert_eq!(focus(&Desk::with(setup)), Field::OrderName);
}

#[test]
fn enter_walks_to_the_next_field_that_is_not_filled() {
    let mut desk = Desk::new();
    desk.types("45000\r");
    assert_eq!(focus(&desk), Field::Number);
    desk.types(NUMBER);
    desk.model.keyin.focus = Field::OrderName;
    desk.key(ENTER);
    assert_eq!(focus(&desk), Field::Expiry, "amount and number are filled");
}

#[test]
fn enter_stays_at_a_field_that_is_wrong_and_shows_it() {
    let mut desk = Desk::new();
    desk.types("0\r");
    assert_eq!(focus(&desk), Field::Amount);
    assert!(desk.keyin().was_visited(Field::Amount));
}

#[test]
fn enter_in_an_empty_field_says_that_it_is_needed() {
    let mut desk = Desk::new();
    desk.key(ENTER);
    assert_eq!(desk.keyin().said.as_ref().map(|text| text.key), Some("keyin.error.required"));
    desk.types("4");
    assert_eq!(desk.keyin().said, None);
}

#[test]
fn full_fields_move_on_by_themselves() {
    let mut desk = Desk::new();
    desk.types("45000\r");
    for (typed, next) in
        [(NUMBER, Field::Expiry), ("1229", Field::Identity), ("880214", Field::Pin), ("12", Field::Name)]
    {
        desk.types(typed);
        assert_eq!(focus(&desk), next);
    }
}

#[test]
fn a_number_whose_length_is_not_fixed_waits_for_enter() {
    let mut desk = at(Field::Number);
    desk.types("6200000000000005");
    assert_eq!(focus(&desk), Field::Number);
    desk.types("001");
    assert_eq!((focus(&desk), desk.keyin().fields.card.number_len), (Field::Number, 19));
}

#[test]
fn a_digit_too_many_is_said_and_not_taken() {
    let mut desk = at(Field::Pin);
    desk.types("12");
    desk.model.keyin.focus = Field::Pin;
    desk.types("3");
    assert_eq!(desk.keyin().said.as_ref().map(|text| text.key), Some("keyin.said.full"));
    assert_eq!(desk.keyin().fields.card.pin_len, 2);
    desk.types("a");
    assert_eq!(desk.keyin().said.as_ref().map(|text| text.key), Some("keyin.said.digits-only"));
}

#[test]
fn the_fields_go_round_with_tab_and_back() {
    let mut desk = Desk::new();
    let fields: Vec<Field> = desk.keyin().fields.visible().collect();
    for field in fields.iter().cycle().skip(2).take(fields.len()) {
        desk.key(TAB);
        assert_eq!(focus(&desk), *field);
    }
    desk.key(Key::plain(Code::BackTab));
    assert_eq!(focus(&desk), Field::OrderName);
}

#[test]
fn amounts_are_read_as_people_write_them() {
    for (typed, amount) in
        [("45000", 45_000), ("45,000", 45_000), ("4.5만", 45_000), ("12만5천", 125_000), ("1만", 10_000)]
    {
        let mut desk = Desk::new();
        desk.types(typed);
        assert_eq!(desk.keyin().fields.amount(), Ok(won(amount)), "{typed}");
        assert!(!desk.keyin().fields.stops(Field::Amount), "{typed}");
    }
}

#[test]
fn what_is_no_amount_stops_the_payment() {
    for (typed, key) in [
        ("", "keyin.error.required"),
        ("0", "keyin.error.amount-zero"),
        ("사만", "keyin.error.amount"),
        ("100.5", "keyin.error.amount-fraction"),
        ("99999999999999999999", "keyin.error.amount-large"),
    ] {
        let mut desk = Desk::new();
        desk.types(typed);
        let remark = desk.keyin().fields.remark(Field::Amount).unwrap();
        assert_eq!((remark.weight, remark.text.key), (Weight::Error, key), "{typed}");
    }
}

#[test]
fn months_are_offered_from_the_minimum_on() {
    let mut desk = Desk::new();
    desk.types("49999");
    assert_eq!(desk.keyin().fields.need(Field::Installments), Need::Ignored);
    let mut desk = Desk::new();
    desk.types("50000");
    assert_eq!(desk.keyin().fields.need(Field::Installments), Need::Optional);
}

#[test]
fn only_the_plans_of_the_channel_can_be_chosen() {
    let mut desk = Desk::new();
    desk.types("600000");
    desk.model.keyin.focus = Field::Installments;
    let mut seen = Vec::new();
    for _ in 0..6 {
        seen.push(desk.keyin().fields.chosen_months());
        desk.key(Key::plain(Code::Right));
    }
    assert_eq!(seen, [0, 2, 3, 6, 12, 0]);
    desk.types("3");
    for (typed, months) in [("5", 3), ("1", 3), ("2", 12), ("6", 6), ("12", 12), ("0", 0)] {
        desk.types(typed);
        assert_eq!(desk.keyin().fields.chosen_months(), months, "after {typed}");
    }
    desk.types("1\t");
    desk.model.keyin.focus = Field::Installments;
    desk.types("2");
    assert_eq!(desk.keyin().fields.chosen_months(), 2, "a digit typed before the cursor left is over");
}

#[test]
fn months_are_not_sent_once_the_amount_is_below_the_minimum() {
    let mut desk = Desk::new();
    desk.types("60000");
    desk.model.keyin.focus = Field::Installments;
    desk.types("3");
    desk.model.keyin.focus = Field::Amount;
    desk.key(Key::plain(Code::Backspace));
    desk.key(Key::plain(Code::Backspace));
    assert_eq!(desk.keyin().fields.chosen_months(), 0);
}

#[test]
fn f4_switches_the_identity_and_clears_it() {
    let mut desk = at(Field::Identity);
    desk.types("8802");
    desk.key(F4);
    assert_eq!(desk.keyin().fields.identity_kind, IdentityKind::Business);
    assert_eq!((desk.keyin().fields.card.identity_len, desk.card[2].as_str()), (0, ""));
    desk.types("2208162517");
    assert_eq!(focus(&desk), Field::Pin);
    desk.key(F4);
    assert_eq!((desk.keyin().fields.identity_kind, desk.card[2].as_str()), (IdentityKind::Person, ""));
}

#[test]
fn an_expiry_typed_year_first_is_turned_round_and_said() {
    let mut desk = at(Field::Expiry);
    desk.types("2912");
    assert_eq!(desk.card[1], "1229");
    let remark = desk.keyin().fields.remark(Field::Expiry).unwrap();
    assert_eq!((remark.weight, remark.text.key), (Weight::Warning, "keyin.warning.expiry-turned"));
}

#[test]
fn esc_wipes_the_card_and_keeps_the_rest() {
    let mut desk = Desk::new();
    desk.fills();
    desk.types("홍길동");
    desk.asked();
    desk.key(ESC);
    assert!(desk.asked().contains(&Effect::WipeCard));
    let keyin = desk.keyin();
    assert!(keyin.fields.card.is_empty());
    assert_eq!((keyin.fields.value(Field::Amount), keyin.fields.value(Field::Name)), ("45000", "홍길동"));
    assert_eq!(keyin.said.as_ref().map(|text| text.key), Some("keyin.said.card-wiped"));
    assert!(!keyin.offers(Action::Cancel), "nothing is left to wipe");
}

#[test]
fn f9_goes_to_the_first_field_that_stops_the_payment() {
    let mut desk = Desk::new();
    desk.model.keyin.focus = Field::Email;
    desk.key(F9);
    assert_eq!((focus(&desk), &desk.keyin().phase), (Field::Amount, &Phase::Form));
    assert!(desk.keyin().was_visited(Field::Amount));
}

#[test]
fn a_complete_form_opens_the_question_and_looks_for_an_earlier_charge() {
    let mut desk = Desk::new();
    desk.fills();
    desk.asked();
    desk.key(ENTER);
    let asked = desk.asked();
    assert_eq!(asked[0], Effect::Set(Timer::IdleWipe, Duration::from_secs(90)));
    assert_eq!(asked[1], Effect::Set(Timer::ConfirmArmed, confirm::ARM_AFTER));
    let Some(Effect::Earlier(_, order)) = asked.get(2) else { panic!("{asked:?}") };
    assert_eq!(
        (order.sale.amount, order.sale.order_name.as_str(), order.installments),
        (won(45_000), "정수기 렌탈", Installments::default())
    );
    assert!(!charged(&asked));
}

#[test]
fn the_question_is_not_answered_before_it_is_armed() {
    let mut desk = Desk::new();
    desk.fills();
    desk.key(ENTER);
    let effect = desk.effect();
    desk.msg(Msg::Earlier(effect, Ok(None)));
    desk.key(ENTER);
    assert!(!charged(&desk.asked()) && !desk.keyin().offers(Action::Confirm));
    desk.timer(Timer::ConfirmArmed);
    desk.key(ENTER);
    assert!(charged(&desk.asked()));
}

#[test]
fn the_question_is_not_answered_before_the_guard_has_looked() {
    let mut desk = Desk::new();
    desk.fills();
    desk.key(ENTER);
    desk.timer(Timer::ConfirmArmed);
    desk.key(ENTER);
    assert!(!charged(&desk.asked) && !desk.keyin().offers(Action::Confirm));
    let effect = desk.effect();
    desk.msg(Msg::Earlier(effect, Ok(None)));
    desk.key(ENTER);
    assert!(charged(&desk.asked()));
}

#[test]
fn the_question_is_not_answered_before_the_id_is_minted() {
    let mut desk = Desk::new();
    desk.fills();
    // The model alone, so that nobody mints.
    let mut model = desk.keyin().clone();
    let asked = model.update(Msg::Key(ENTER));
    let Some(Effect::Mint(effect)) = asked.last() else { panic!("{asked:?}") };
    model.update(Msg::Timer(Timer::ConfirmArmed, crate::tui::testing::now()));
    model.update(Msg::Earlier(*effect, Ok(None)));
    assert!(!charged(&model.update(Msg::Key(ENTER))));
    model.update(Msg::Minted(*effect, PaymentId::parse("dmintedatlast").unwrap()));
    assert!(charged(&model.update(Msg::Key(ENTER))));
}

#[test]
fn esc_leaves_the_question_with_everything_in_the_form() {
    let mut desk = Desk::new();
    desk.fills();
    desk.confirms(None);
    desk.asked();
    desk.key(ESC);
    assert_eq!(desk.keyin().phase, Phase::Form);
    assert!(desk.keyin().fields.are_complete());
    let asked = desk.asked();
    assert!(asked.contains(&Effect::Unset(Timer::ConfirmArmed)) && !asked.contains(&Effect::WipeCard));
}

#[test]
fn the_guard_asks_for_a_reason_of_two_characters_and_sends_it() {
    let mut desk = Desk::new();
    desk.fills();
    desk.confirms(Some(earlier(IntentState::Approved)));
    for typed in ["\r", "둘\r"] {
        desk.types(typed);
        assert!(!charged(&desk.asked));
        let Phase::Confirm(confirm) = &desk.keyin().phase else { panic!() };
        assert!(confirm.reason_asked);
    }
    desk.types("째\r");
    let asked = desk.asked();
    let Some(Effect::Charge(_, order, guard)) = asked.last() else { panic!("{asked:?}") };
    assert_eq!((order.sale.amount, guard), (won(45_000), &GuardChoice::Override("둘째".to_owned())));
}

#[test]
fn without_an_earlier_charge_the_guard_stays_on() {
    let mut desk = Desk::new();
    desk.charges();
    let asked = desk.asked();
    let Some(Effect::Charge(_, _, guard)) = asked.last() else { panic!("{asked:?}") };
    assert_eq!(guard, &GuardChoice::Check);
}

#[test]
fn a_journal_that_can_not_be_read_is_a_problem_and_keeps_the_card() {
    let mut desk = Desk::new();
    desk.fills();
    desk.key(ENTER);
    let effect = desk.effect();
    desk.msg(Msg::Earlier(effect, Err(ledger())));
    assert_eq!((&desk.keyin().phase, &desk.keyin().panel), (&Phase::Form, &Some(Panel::Problem(ledger()))));
    assert_eq!(desk.card[0], NUMBER);
    desk.key(TAB);
    assert!(desk.keyin().panel.is_some(), "a move of the cursor does not take it away");
    desk.key(ENTER);
    assert_eq!(desk.keyin().panel, None, "trying again does");
}

#[test]
fn an_answer_to_another_effect_changes_nothing() {
    let stale = EffectId(999);
    let stale = [
        Msg::Minted(stale, PaymentId::parse("dsomebodyelse").unwrap()),
        Msg::Earlier(stale, Ok(Some(Box::new(earlier(IntentState::Approved))))),
        Msg::Progress(stale, Stage::Details),
        Msg::Ended(stale, Outcome::Approved(approval()).into()),
        Msg::Died(Some(stale)),
        Msg::Died(None),
    ];
    let scenes: [fn(&mut Desk); 3] = [
        Desk::fills,
        |desk| {
            desk.fills();
            desk.types("\r");
        },
        |desk| {
            desk.charges();
        },
    ];
    for scene in scenes {
        let mut desk = Desk::new();
        scene(&mut desk);
        desk.asked();
        let before = desk.keyin().phase.clone();
        for msg in &stale {
            desk.msg(msg.clone());
            assert_eq!(desk.keyin().phase, before, "{msg:?}");
            assert_eq!(desk.asked(), [], "{msg:?}");
        }
    }
}

#[test]
fn a_half_typed_card_goes_when_nobody_types() {
    let mut desk = Desk::new();
    desk.types("45000\r4242");
    assert_eq!(desk.asked().last(), Some(&Effect::Set(Timer::IdleWipe, Duration::from_secs(90))));
    desk.timer(Timer::IdleWipe);
    assert_eq!(desk.asked(), [Effect::WipeCard]);
    assert!(desk.keyin().fields.card.is_empty());
    assert_eq!((focus(&desk), &desk.keyin().panel), (Field::Number, &Some(Panel::IdleWiped)));
    desk.types("4");
    assert_eq!(desk.keyin().panel, None);
}

#[test]
fn a_card_in_an_unanswered_question_goes_too() {
    let mut desk = Desk::new();
    desk.fills();
    desk.confirms(None);
    desk.asked();
    desk.timer(Timer::IdleWipe);
    assert_eq!((desk.asked(), &desk.keyin().phase), (vec![Effect::WipeCard], &Phase::Form));
}

#[test]
fn nothing_is_wiped_under_a_request() {
    let mut desk = Desk::new();
    desk.charges();
    desk.asked();
    desk.timer(Timer::IdleWipe);
    assert_eq!(desk.asked(), []);
    assert!(desk.keyin().is_flying());
}

#[test]
fn a_paste_into_a_card_field_never_submits_and_moves_on_at_its_end() {
    let mut desk = Desk::new();
    desk.fills();
    desk.model.keyin.focus = Field::Number;
    desk.key(Key::ctrl('u'));
    assert_eq!(desk.card[0], "");
    desk.asked();
    desk.msg(Msg::PasteStart);
    for ch in "4242-4242 4242 4242\r\n1229\r".chars() {
        assert_eq!(focus(&desk), Field::Number, "not in the middle of it");
        match desk.model.card_target() {
            Some((_, true)) if ch.is_ascii_digit() => desk.key(Key::char(ch)),
            _ => {}
        }
    }
    desk.msg(Msg::PasteEnd);
    assert_eq!((focus(&desk), desk.card[0].as_str()), (Field::Expiry, NUMBER));
    assert_eq!(desk.keyin().phase, Phase::Form);
}

#[test]
fn a_paste_into_a_text_field_becomes_one_line_and_never_submits() {
    let mut desk = Desk::new();
    desk.fills();
    desk.paste("홍길동\r\n서울\r");
    assert_eq!(desk.keyin().fields.value(Field::Name), "홍길동 서울");
    assert_eq!((focus(&desk), &desk.keyin().phase), (Field::Name, &Phase::Form));
}

#[test]
fn a_card_number_in_a_text_field_is_taken_out_and_said() {
    let mut desk = at(Field::Name);
    desk.types(NUMBER);
    // What is typed after the refusal is no number any more.
    assert!(!desk.keyin().fields.value(Field::Name).contains("4242"));
    let mut desk = at(Field::Name);
    desk.paste(NUMBER);
    assert_eq!(desk.keyin().fields.value(Field::Name), "");
    assert_eq!(desk.keyin().said.as_ref().map(|text| text.key), Some("edit.card-number"));
}

#[test]
fn another_channel_drops_what_it_ignores_and_keeps_the_rest() {
    let mut desk = Desk::new();
    desk.types("600000");
    desk.model.keyin.focus = Field::Installments;
    desk.types("3\t");
    desk.types(NUMBER);
    desk.types(REST);
    desk.types("홍길동");
    desk.key(Key::plain(Code::F(3)));
    desk.key(Key::plain(Code::Down));
    desk.key(ENTER);
    let keyin = desk.keyin();
    assert_eq!(keyin.fields.channel(), &plain_live());
    assert_eq!(keyin.fields.chosen_months(), 0, "it has no plans");
    assert_eq!(desk.card, [NUMBER, "1229", "", ""]);
    assert_eq!((keyin.fields.value(Field::Name), keyin.fields.value(Field::Amount)), ("홍길동", "600000"));
    assert!(keyin.fields.visible().all(|field| ![Field::Identity, Field::Pin].contains(&field)));
}

#[test]
fn the_cursor_leaves_a_field_that_the_new_channel_has_not() {
    let mut desk = at(Field::Pin);
    desk.key(Key::plain(Code::F(3)));
    desk.key(Key::plain(Code::Down));
    desk.key(ENTER);
    assert!(desk.keyin().fields.visible().any(|field| field == focus(&desk)));
}

#[test]
fn an_amount_below_the_minimum_takes_the_months_away_from_under_no_cursor() {
    let mut desk = Desk::new();
    desk.types("600000");
    desk.model.keyin.focus = Field::Installments;
    desk.key(Key::plain(Code::BackTab));
    assert_eq!(focus(&desk), Field::Amount);
    desk.key(Key::ctrl('u'));
    desk.key(TAB);
    assert_eq!(focus(&desk), Field::Number);
}

#[test]
fn nothing_that_is_told_or_asked_holds_the_card() {
    let (number, identity) = ("5105105105105100", "880214");
    for outcome in [Outcome::Approved(approval()), Outcome::Declined(refusal())] {
        let mut desk = Desk::new();
        desk.types("45000\r");
        desk.types(number);
        desk.paste("1229");
        desk.types(identity);
        desk.types("97");
        desk.confirms(None);
        desk.key(ENTER);
        let effect = desk.effect();
        desk.msg(Msg::Ended(effect, outcome.into()));
        assert!(desk.heard.contains("510510"), "the first six may be told; else the search is blind");
        let heard = format!("{}{:?}", desk.heard, desk.model);
        for at in 0..=number.len() - 7 {
            assert!(!heard.contains(&number[at..at + 7]), "seven digits of the number were told");
        }
        for secret in [identity, "1229", "\"97\""] {
            assert!(!heard.contains(secret), "{secret} was told");
        }
    }
}

#[test]
fn notes_that_arrive_late_do_not_stand_over_a_ready_form() {
    let mut desk = Desk::new();
    desk.fills();
    desk.msg(Msg::WarningsAway(Vec::new()));
    assert_eq!(desk.keyin().panel, None);
    let mut desk = Desk::new();
    desk.msg(Msg::WarningsAway(Vec::new()));
    assert!(matches!(desk.keyin().panel, Some(Panel::Notes(_))), "an empty form shows them");
}
