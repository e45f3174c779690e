//! The console as a whole: overlays, the way out, payments looked for behind the screen; and that no sequence of
//! keys charges without a question that was answered.

use proptest::prelude::*;

use super::*;
use crate::domain::outcome::Outcome;
use crate::tui::glyphs::Glyphs;
use crate::tui::keymap::BINDINGS;
use crate::tui::msg::EffectId;
use crate::tui::screen::keyin::model::fields::Field;
use crate::tui::screen::keyin::model::{Panel, Phase};
use crate::tui::testing::{Desk, ENTER, ESC, F1, NUMBER, REST, TAB, approval, earlier, now, refusal, setup};

const F2: Key = Key::plain(Code::F(2));
const F3: Key = Key::plain(Code::F(3));
const F8: Key = Key::plain(Code::F(8));
const F10: Key = Key::plain(Code::F(10));

fn unknown() -> Outcome {
    Outcome::Unknown("timeout".to_owned())
}

fn notice(desk: &Desk) -> Option<&'static str> {
    desk.model.notice.as_ref().map(|text| text.key)
}

fn palette(typed: &str) -> Desk {
    let mut desk = Desk::new();
    desk.key(F2);
    desk.types(typed);
    desk
}

fn found(desk: &Desk) -> Vec<Action> {
    desk.model.commands().into_iter().map(|(_, action, _)| action).collect()
}

#[test]
fn the_start_looks_for_what_is_unsettled_and_waits_for_the_next_minute() {
    let mut setup = setup();
    setup.now = "2026-11-21T05:05:59.250Z".parse().unwrap();
    let (_, effects) = Model::new(setup);
    assert_eq!(effects, [Effect::Settle, Effect::Set(Timer::Minute, Duration::from_millis(750))]);
}

#[test]
fn the_minute_moves_the_clock_and_sets_itself_again() {
    let mut desk = Desk::new();
    desk.asked();
    let later = now() + Duration::from_mins(1);
    desk.msg(Msg::Timer(Timer::Minute, later));
    assert_eq!(desk.model.now, later);
    assert_eq!(desk.asked(), [Effect::Set(Timer::Minute, Duration::from_mins(1))]);
}

#[test]
fn overlays_open_over_the_form_and_esc_closes_them() {
    for key in [F1, F2, F3] {
        let mut desk = Desk::new();
        desk.model.keyin.focus = Field::Number;
        desk.key(key);
        assert!(desk.model.overlay.is_some(), "{key:?}");
        assert_eq!(desk.model.card_target(), None, "digits do not fall through");
        desk.key(Key::char('4'));
        assert_eq!(desk.card[0], "");
        desk.key(ESC);
        assert_eq!(desk.model.overlay, None, "{key:?}");
    }
}

#[test]
fn the_choice_of_a_channel_is_offered_where_there_is_one() {
    let mut setup = setup();
    setup.keyin.channels.truncate(1);
    let mut desk = Desk::with(setup);
    desk.key(F3);
    assert_eq!(desk.model.overlay, None);
}

#[test]
fn f8_asks_before_it_clears() {
    let mut desk = Desk::new();
    desk.key(F8);
    assert_eq!(desk.model.overlay, None, "nothing was typed");
    desk.fills();
    desk.key(F8);
    assert_eq!(desk.model.overlay, Some(Overlay::Clear));
    desk.key(ESC);
    assert!(desk.keyin().fields.are_complete());
    desk.key(F8);
    desk.asked();
    desk.key(ENTER);
    assert!(desk.asked().contains(&Effect::WipeCard));
    assert!(desk.keyin().is_pristine() && desk.model.overlay.is_none());
}

#[test]
fn leaving_an_empty_form_needs_no_question() {
    let mut desk = Desk::new();
    desk.asked();
    desk.key(F10);
    assert_eq!(desk.asked(), [Effect::WipeCard, Effect::Quit]);
}

#[test]
fn leaving_something_typed_is_asked() {
    let mut desk = Desk::new();
    desk.types("4");
    desk.asked();
    desk.key(F10);
    assert_eq!(
        (desk.model.overlay.clone(), desk.model.quitting_leaves()),
        (Some(Overlay::Quit), Some("quit.typed"))
    );
    assert_eq!(desk.asked(), []);
    desk.key(ESC);
    assert_eq!(desk.model.overlay, None);
    desk.key(F10);
    desk.key(ENTER);
    assert_eq!(desk.asked(), [Effect::WipeCard, Effect::Quit]);
}

#[test]
fn leaving_a_request_or_an_unknown_payment_is_asked_in_other_words() {
    let mut desk = Desk::new();
    desk.charges();
    desk.key(F10);
    assert_eq!(
        (desk.model.overlay.clone(), desk.model.quitting_leaves()),
        (Some(Overlay::Quit), Some("quit.flying"))
    );
    let mut desk = Desk::new();
    desk.ends(unknown());
    desk.key(ESC);
    assert!(desk.keyin().is_pristine());
    assert_eq!(desk.model.quitting_leaves(), Some("quit.flying"));
}

#[test]
fn leaving_an_approved_payment_needs_no_question() {
    let mut desk = Desk::new();
    desk.ends(Outcome::Approved(approval()));
    desk.asked();
    desk.key(F10);
    assert_eq!(desk.asked(), [Effect::WipeCard, Effect::Quit]);
}

#[test]
fn a_terminal_that_is_too_small_takes_no_key() {
    for size in [(79, 24), (80, 23)] {
        let mut desk = Desk::new();
        desk.fills();
        desk.confirms(None);
        desk.msg(Msg::Resize(size.0, size.1));
        desk.asked();
        for key in [ENTER, ESC, F10, F1] {
            desk.key(key);
        }
        assert_eq!(desk.asked(), []);
        assert!(matches!(desk.keyin().phase, Phase::Confirm(_)) && desk.model.overlay.is_none());
        desk.msg(Msg::Resize(80, 24));
        desk.key(ENTER);
        assert!(desk.keyin().is_flying());
    }
}

#[test]
fn digits_do_not_reach_a_card_that_can_not_be_seen() {
    let mut desk = Desk::new();
    desk.model.keyin.focus = Field::Number;
    desk.msg(Msg::Resize(40, 10));
    desk.types("4242");
    desk.paste("4242");
    assert_eq!(desk.card[0], "");
    assert_eq!(desk.keyin().fields.card.number_len, 0);
}

#[test]
fn a_paste_that_ends_in_a_small_terminal_has_ended() {
    let mut desk = Desk::new();
    desk.model.keyin.focus = Field::Number;
    desk.msg(Msg::PasteStart);
    desk.msg(Msg::Resize(40, 10));
    desk.msg(Msg::PasteEnd);
    desk.msg(Msg::Resize(80, 24));
    desk.types(NUMBER);
    assert_eq!(desk.keyin().focus, Field::Expiry, "fields move on again");
}

#[test]
fn the_palette_finds_in_korean_and_english_whatever_the_language() {
    for (typed, action) in [
        ("채널", Action::Channel),
        ("channel", Action::Channel),
        ("끝냅", Action::Quit),
        ("LEAVES", Action::Quit),
    ] {
        let desk = palette(typed);
        assert!(found(&desk).contains(&action), "{typed}: {:?}", found(&desk));
    }
    assert_eq!(found(&palette("없는명령")), []);
}

#[test]
fn the_palette_offers_what_works_now_and_never_the_answer_to_a_question() {
    assert!(!found(&palette("")).contains(&Action::ClearForm), "nothing was typed");
    let mut desk = Desk::new();
    desk.fills();
    desk.confirms(None);
    desk.key(F2);
    assert!(!found(&desk).contains(&Action::Confirm), "{:?}", found(&desk));
}

#[test]
fn the_palette_runs_what_is_chosen() {
    let mut desk = palette("화면 색");
    desk.key(ENTER);
    assert_eq!((desk.model.theme, desk.model.overlay), (setup().theme.next(), None));
    let mut desk = palette("F4 생년월일");
    assert_eq!(found(&desk), [], "keys are not searched");
    desk.key(ESC);
    desk.key(F2);
    desk.types("사업자번호를");
    desk.key(ENTER);
    let kind = desk.keyin().fields.identity_kind;
    assert_eq!(kind, crate::tui::screen::keyin::model::fields::IdentityKind::Business);
}

#[test]
fn the_help_scrolls_and_stops_at_both_ends() {
    let mut desk = Desk::new();
    desk.key(F1);
    let rows = desk.model.help_rows().len();
    let last = rows - desk.model.help_height();
    for (key, at) in [
        (Key::plain(Code::Up), 0),
        (Key::plain(Code::Down), 1),
        (Key::plain(Code::End), last),
        (Key::plain(Code::Down), last),
        (Key::plain(Code::PageDown), last),
        (Key::plain(Code::Up), last - 1),
        (Key::plain(Code::Home), 0),
    ] {
        desk.key(key);
        assert_eq!(desk.model.overlay, Some(Overlay::Help(at)), "{key:?}");
    }
}

#[test]
fn every_key_stands_in_the_help() {
    let desk = Desk::new();
    let text = format!("{:?}", desk.model.help_rows());
    for binding in BINDINGS {
        let name = crate::tui::keymap::key_name(binding.keys[0], desk.model.lang);
        assert!(text.contains(&name), "{name}");
    }
}

#[test]
fn language_and_theme_change_at_once() {
    let mut desk = Desk::new();
    desk.key(Key::plain(Code::F(11)));
    assert_eq!(desk.model.lang, Lang::En);
    desk.key(Key::plain(Code::F(12)));
    assert_eq!(desk.model.theme, setup().theme.next());
    desk.asked();
    desk.key(Key::ctrl('l'));
    assert_eq!(desk.asked(), [Effect::Redraw]);
}

#[test]
fn a_copy_is_told_of() {
    let mut desk = Desk::new();
    desk.ends(Outcome::Approved(approval()));
    desk.key(Key::plain(Code::F(5)));
    assert_eq!(notice(&desk), Some("notice.copied"));
    desk.timer(Timer::NoticeGone);
    assert_eq!(notice(&desk), None);
}

#[test]
fn the_pauses_between_looks_grow_and_stay_at_the_longest() {
    let mut desk = Desk::new();
    desk.ends(unknown());
    let id = desk.payment();
    desk.asked();
    let mut pauses = Vec::new();
    for _ in 0..PAUSES.len() + 2 {
        desk.msg(Msg::Looked(id.clone(), Look::Open("not_found_yet")));
        let Some(Effect::Set(Timer::NextLook, pause)) = desk.asked().pop() else { panic!("no pause") };
        pauses.push(pause);
        desk.timer(Timer::NextLook);
        assert_eq!(desk.asked(), [Effect::Look(id.clone())]);
    }
    assert!(pauses.is_sorted() && pauses[0] < pauses[1]);
    assert_eq!(pauses[PAUSES.len()..], [PAUSES[PAUSES.len() - 1]; 2]);
    assert!(pauses.iter().take(PAUSES.len()).sum::<Duration>() >= Duration::from_mins(2));
}

#[test]
fn a_look_that_failed_is_repeated() {
    let mut desk = Desk::new();
    desk.ends(unknown());
    let id = desk.payment();
    desk.asked();
    let problem = Problem::Unreachable { detail: "refused".to_owned() };
    desk.msg(Msg::Looked(id, Look::Failed(problem)));
    assert_eq!(desk.asked(), [Effect::Set(Timer::NextLook, PAUSES[0])]);
}

#[test]
fn what_became_of_a_payment_behind_the_screen_is_told_and_no_more_looked_for() {
    for (state, key) in [
        (IntentState::Approved, "notice.settled-approved"),
        (IntentState::Declined, "notice.settled-declined"),
        (IntentState::NotCharged, "notice.settled-not-charged"),
    ] {
        let mut desk = Desk::new();
        desk.ends(unknown());
        let id = desk.payment();
        desk.key(ESC);
        assert_eq!(desk.model.unknown_count(), 1);
        let mut intent = earlier(state);
        intent.new.id = id.clone();
        desk.asked();
        desk.msg(Msg::Looked(id, Look::Settled(Box::new(intent))));
        assert_eq!((notice(&desk), desk.model.unknown_count()), (Some(key), 0));
        assert_eq!(desk.asked(), [Effect::Set(Timer::NoticeGone, NOTICE)]);
        assert_eq!(desk.keyin().phase, Phase::Form);
        desk.timer(Timer::NextLook);
        assert_eq!(desk.asked(), []);
    }
}

#[test]
fn a_look_at_a_payment_nobody_waits_for_is_not_told() {
    let mut desk = Desk::new();
    let other = earlier(IntentState::Approved);
    desk.msg(Msg::Looked(other.new.id.clone(), Look::Settled(Box::new(other))));
    assert_eq!(notice(&desk), None);
}

#[test]
fn what_the_start_finds_open_is_looked_for_but_not_what_another_console_waits_for() {
    let mut desk = Desk::new();
    desk.asked();
    let ids = ["dmine1234", "dtheirs12"].map(|id| PaymentId::parse(id).unwrap());
    desk.msg(Msg::Settled(Ok(vec![
        (ids[0].clone(), Look::Open("not_found_yet")),
        (ids[1].clone(), Look::Open("held_by_another_console")),
    ])));
    assert_eq!(desk.model.unknown_count(), 1);
    assert_eq!(desk.asked(), [Effect::Set(Timer::NextLook, PAUSES[0])]);
    desk.timer(Timer::NextLook);
    assert_eq!(desk.asked(), [Effect::Look(ids[0].clone())]);
}

#[test]
fn a_start_that_could_not_look_is_told() {
    let mut desk = Desk::new();
    desk.msg(Msg::Settled(Err(Problem::Busy)));
    assert_eq!(notice(&desk), Some("notice.settle-failed"));
}

/// Something that can happen to a console.
#[derive(Debug, Clone)]
enum Event {
    Key(Key),
    Types(&'static str),
    Paste(String),
    Timer(Timer),
    Resize(u16, u16),
    Earlier(bool),
    Ended(u8),
    Looked(IntentState),
    Stale,
    Fill,
}

fn events() -> impl Strategy<Value = Event> {
    let taught: Vec<Key> = BINDINGS.iter().flat_map(|binding| binding.keys.iter().copied()).collect();
    let timers = vec![
        Timer::IdleWipe,
        Timer::ConfirmArmed,
        Timer::ConfirmArmed,
        Timer::FlightSecond,
        Timer::FlightDeadline,
        Timer::NextLook,
        Timer::NoticeGone,
    ];
    prop_oneof![
        4 => prop::sample::select(taught).prop_map(Event::Key),
        3 => Just(Event::Key(ENTER)),
        1 => Just(Event::Key(TAB)),
        2 => prop::sample::select(vec!["45000", "600000", "0", "홍길동", "ㅊ", "둘째", " ", NUMBER, REST, "12"])
            .prop_map(Event::Types),
        1 => "[0-9가-힣 \r\n-]{0,24}".prop_map(Event::Paste),
        3 => prop::sample::select(timers).prop_map(Event::Timer),
        1 => (70u16..130, 20u16..45).prop_map(|(columns, rows)| Event::Resize(columns, rows)),
        1 => Just(Event::Resize(80, 24)),
        3 => any::<bool>().prop_map(Event::Earlier),
        2 => (0u8..5).prop_map(Event::Ended),
        1 => prop::sample::select(vec![IntentState::Approved, IntentState::Declined, IntentState::NotCharged])
            .prop_map(Event::Looked),
        1 => Just(Event::Stale),
        2 => Just(Event::Fill),
    ]
}

/// Lets it happen, as far as it can happen now.
fn happen(desk: &mut Desk, event: Event) {
    match event {
        Event::Key(key) => desk.key(key),
        Event::Types(keys) => desk.types(keys),
        Event::Paste(text) => desk.paste(&text),
        Event::Timer(timer) => desk.timer(timer),
        Event::Resize(columns, rows) => desk.msg(Msg::Resize(columns, rows)),
        Event::Earlier(there) => {
            if matches!(desk.keyin().phase, Phase::Confirm(_)) {
                let effect = desk.effect();
                let earlier = there.then(|| Box::new(earlier(IntentState::Approved)));
                desk.msg(Msg::Earlier(effect, Ok(earlier)));
            }
        }
        Event::Ended(how) => {
            if desk.keyin().is_flying() {
                let effect = desk.effect();
                let outcome = match how {
                    0 => Outcome::Approved(approval()),
                    1 => Outcome::Declined(refusal()),
                    2 => unknown(),
                    3 => Outcome::NotCharged(Problem::Busy),
                    _ => Outcome::Blocked(Box::new(earlier(IntentState::Approved))),
                };
                desk.msg(Msg::Ended(effect, outcome.into()));
            }
        }
        Event::Looked(state) => {
            if matches!(desk.keyin().phase, Phase::Result(_)) {
                desk.looked(state);
            }
        }
        Event::Stale => desk.msg(Msg::Ended(EffectId(u64::MAX), Outcome::Approved(approval()).into())),
        Event::Fill => {
            if desk.keyin().phase == Phase::Form && desk.model.overlay.is_none() && !desk.model.is_too_small()
            {
                desk.model.keyin.focus = Field::Amount;
                desk.key(Key::ctrl('u'));
                desk.fills();
            }
        }
    }
}

proptest! {
    /// Whatever happens in whatever order: no panic, the cursor stands in a field that is seen, the screen can be
    /// drawn, and money moves only for one Enter in a question that could be answered.
    #[test]
    fn no_sequence_of_events_charges_without_an_answer(happening in prop::collection::vec(events(), 0..60)) {
        let mut desk = Desk::new();
        for event in happening {
            let ready = matches!(&desk.keyin().phase, Phase::Confirm(confirm) if confirm.is_ready())
                && desk.model.overlay.is_none()
                && !desk.model.is_too_small();
            let sent = |desk: &Desk| desk.asked.iter().filter(|effect| matches!(effect, Effect::Charge(..))).count();
            let before = sent(&desk);
            let answer = matches!(event, Event::Key(ENTER));
            happen(&mut desk, event.clone());
            let charged = sent(&desk) - before;
            prop_assert!(charged <= usize::from(ready && answer), "{:?}", event);
            if charged == 1 {
                let Some(Effect::Charge(_, order, _)) = desk.asked.last() else { panic!("{event:?}") };
                prop_assert!(!order.sale.amount.is_zero());
            }
            let keyin = desk.keyin();
            prop_assert!(keyin.fields.visible().any(|field| field == keyin.focus), "{:?}", keyin.focus);
            prop_assert!(keyin.phase == Phase::Form || keyin.panel.as_ref().is_none_or(|panel| *panel == Panel::IdleWiped));
            let (rows, cursor) = desk.screen(&Glyphs::UNICODE);
            if let Some(at) = cursor {
                prop_assert!(at.x < desk.model.size.0 && usize::from(at.y) < rows.len());
            }
        }
    }
}
