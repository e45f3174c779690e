//! From the request to its end: the wait, the pages it leads to, the look-ups.

use super::*;

#[test]
fn a_charge_lets_go_once_and_counts_the_seconds() {
    let mut desk = Desk::new();
    let effect = desk.charges();
    assert!(desk.keyin().is_flying());
    let asked = desk.asked();
    let deadline = Duration::from_secs(70) + confirm::FLIGHT_SLACK;
    assert!(asked.contains(&Effect::Unset(Timer::IdleWipe)));
    assert!(asked.contains(&Effect::Set(Timer::FlightDeadline, deadline)));
    desk.msg(Msg::Progress(effect, Stage::Sent));
    desk.timer(Timer::FlightSecond);
    let Phase::Flight(flight) = &desk.keyin().phase else { panic!() };
    assert_eq!((flight.seconds, flight.stage), (1, Stage::Sent));
    assert_eq!(desk.asked(), [Effect::Set(Timer::FlightSecond, Duration::from_secs(1))]);
}

#[test]
fn no_key_stops_or_repeats_a_request_under_way() {
    let mut desk = Desk::new();
    desk.charges();
    desk.asked();
    for key in [ENTER, F9, TAB, F4, Key::char('4'), Key::plain(Code::F(6))] {
        desk.key(key);
    }
    let Phase::Flight(flight) = &desk.keyin().phase else { panic!() };
    assert!(!flight.esc_pressed);
    assert_eq!(desk.asked(), []);
    desk.key(ESC);
    let Phase::Flight(flight) = &desk.keyin().phase else { panic!() };
    assert!(flight.esc_pressed, "it is said that leaving cancels nothing");
}

#[test]
fn a_decline_keeps_everything_but_the_card_and_asks_for_the_number() {
    let mut desk = Desk::new();
    desk.charges();
    let effect = desk.effect();
    desk.asked();
    desk.msg(Msg::Ended(effect, Outcome::Declined(refusal()).into()));
    let asked = desk.asked();
    for wanted in [Effect::WipeCard, Effect::Unset(Timer::FlightSecond), Effect::Unset(Timer::FlightDeadline)]
    {
        assert!(asked.contains(&wanted), "{asked:?}");
    }
    let keyin = desk.keyin();
    assert!(
        matches!(&keyin.panel, Some(Panel::Declined(order, said)) if order.amount() == Some(won(45_000)) && *said == refusal())
    );
    assert_eq!((keyin.focus, keyin.fields.value(Field::Amount)), (Field::Number, "45000"));
    assert!(keyin.fields.card.is_empty());
}

#[test]
fn what_came_of_an_attempt_stays_while_the_next_card_is_typed_and_yields_when_it_is_complete() {
    let outcomes = [
        Outcome::Declined(refusal()),
        Outcome::NotCharged(ledger()),
        Outcome::Blocked(Box::new(earlier(IntentState::Approved))),
    ];
    for outcome in outcomes {
        let mut desk = Desk::new();
        desk.ends(outcome);
        let panel = desk.keyin().panel.clone();
        assert!(panel.is_some());
        for ch in format!("{NUMBER}x{}", &REST[..REST.len() - 1]).chars() {
            desk.key(Key::char(ch));
            assert_eq!(desk.keyin().panel, panel, "a stray key does not hide it either");
        }
        desk.types(&REST[REST.len() - 1..]);
        assert_eq!(desk.keyin().panel, None);
        assert!(desk.keyin().fields.are_complete(), "so the ready line is seen");
    }
}

#[test]
fn a_plain_field_that_completes_the_form_makes_the_panel_yield_too() {
    let mut desk = Desk::new();
    desk.ends(Outcome::Declined(refusal()));
    desk.model.keyin.focus = Field::Amount;
    desk.key(Key::ctrl('u'));
    desk.model.keyin.focus = Field::Number;
    desk.types(NUMBER);
    desk.types(REST);
    assert!(desk.keyin().panel.is_some());
    desk.model.keyin.focus = Field::Amount;
    desk.types("9");
    assert_eq!(desk.keyin().panel, None);
}

#[test]
fn an_approval_has_a_page_and_wipes_the_card() {
    let mut desk = Desk::new();
    desk.ends(Outcome::Approved(approval()));
    assert!(
        matches!(&desk.keyin().phase, Phase::Result(finished) if finished.end == End::Approved(approval()))
    );
    assert!(desk.asked().contains(&Effect::WipeCard) && desk.keyin().fields.card.is_empty());
    assert_eq!(desk.keyin().card_target(), None);
}

#[test]
fn enter_on_an_approval_opens_an_empty_form() {
    let mut desk = Desk::new();
    desk.ends(Outcome::Approved(approval()));
    desk.key(ENTER);
    assert_eq!(desk.keyin().phase, Phase::Form);
    assert!(desk.keyin().is_pristine());
}

#[test]
fn the_same_customer_stays_and_nothing_else() {
    let mut desk = Desk::new();
    desk.types("45000\r");
    desk.types(NUMBER);
    desk.types(REST);
    desk.types("홍길동\t010-1234-5678");
    desk.confirms(None);
    desk.key(ENTER);
    let effect = desk.effect();
    desk.msg(Msg::Ended(effect, Outcome::Approved(approval()).into()));
    desk.key(Key::plain(Code::F(7)));
    let fields = &desk.keyin().fields;
    assert_eq!((fields.value(Field::Name), fields.value(Field::Phone)), ("홍길동", "010-1234-5678"));
    assert_eq!((fields.value(Field::Amount), focus(&desk)), ("", Field::Amount));
}

#[test]
fn the_approval_number_is_copied_when_there_is_one() {
    let copy = Key::plain(Code::F(5));
    let mut desk = Desk::new();
    desk.ends(Outcome::Approved(approval()));
    desk.asked();
    desk.key(copy);
    assert_eq!(desk.asked()[0], Effect::Copy("30012345".to_owned()));
    let mut desk = Desk::new();
    desk.ends(Outcome::Approved(Approval::default()));
    desk.asked();
    desk.key(copy);
    assert_eq!(desk.asked(), []);
    assert!(!desk.keyin().offers(Action::Copy));
}

#[test]
fn an_unknown_outcome_has_a_page_and_is_looked_at() {
    let mut desk = Desk::new();
    desk.ends(Outcome::Unknown("timeout".to_owned()));
    let id = desk.payment();
    assert!(desk.asked().contains(&Effect::Look(id)));
    assert!(matches!(&desk.keyin().phase, Phase::Result(finished) if finished.end == End::Unknown(0)));
}

#[test]
fn nothing_but_esc_leaves_an_unknown_payment() {
    let mut desk = Desk::new();
    desk.ends(Outcome::Unknown("timeout".to_owned()));
    let before = desk.keyin().phase.clone();
    desk.asked();
    for key in [ENTER, Key::plain(Code::F(6)), Key::plain(Code::F(7)), Key::char('n'), F9, TAB] {
        desk.key(key);
        assert_eq!(desk.keyin().phase, before, "{key:?}");
    }
    assert_eq!(desk.asked(), []);
    assert!(!desk.keyin().offers(Action::NewPayment) && !desk.keyin().offers(Action::SameCustomer));
    desk.key(ESC);
    assert_eq!(desk.keyin().phase, Phase::Form);
}

#[test]
fn looking_again_asks_for_this_payment() {
    let mut desk = Desk::new();
    desk.ends(Outcome::Unknown("timeout".to_owned()));
    let id = desk.payment();
    desk.asked();
    desk.key(Key::plain(Code::F(8)));
    assert_eq!(desk.asked(), [Effect::Look(id.clone())]);
    desk.msg(Msg::Looked(id, Look::Open("not_found_yet")));
    assert!(matches!(&desk.keyin().phase, Phase::Result(finished) if finished.end == End::Unknown(1)));
}

#[test]
fn a_look_turns_an_unknown_payment_into_what_it_is() {
    let look = |state| {
        let mut desk = Desk::new();
        desk.ends(Outcome::Unknown("timeout".to_owned()));
        desk.looked(state);
        desk
    };
    let approved = look(IntentState::Approved);
    assert!(
        matches!(&approved.keyin().phase, Phase::Result(finished) if finished.end == End::Approved(approval()))
    );
    let declined = look(IntentState::Declined);
    assert_eq!(declined.keyin().phase, Phase::Form);
    assert!(matches!(&declined.keyin().panel, Some(Panel::Declined(_, said)) if *said == refusal()));
    let not_charged = look(IntentState::NotCharged);
    assert_eq!(
        (&not_charged.keyin().phase, &not_charged.keyin().panel),
        (&Phase::Form, &Some(Panel::NotCharged))
    );
    assert_eq!(not_charged.keyin().fields.value(Field::Amount), "45000");
    assert!(matches!(look(IntentState::Unknown).keyin().phase, Phase::Result(_)));
}

#[test]
fn a_look_at_another_payment_changes_nothing_here() {
    let mut desk = Desk::new();
    desk.ends(Outcome::Unknown("timeout".to_owned()));
    let before = desk.keyin().phase.clone();
    let other = earlier(IntentState::Approved);
    desk.msg(Msg::Looked(other.new.id.clone(), Look::Settled(Box::new(other))));
    assert_eq!(desk.keyin().phase, before);
}

#[test]
fn the_deadline_makes_the_outcome_unknown_and_a_late_answer_is_dropped() {
    let mut desk = Desk::new();
    let effect = desk.charges();
    desk.timer(Timer::FlightDeadline);
    assert!(matches!(&desk.keyin().phase, Phase::Result(finished) if finished.end == End::Unknown(0)));
    assert!(desk.asked().contains(&Effect::WipeCard));
    desk.msg(Msg::Ended(effect, Outcome::Declined(refusal()).into()));
    assert!(matches!(&desk.keyin().phase, Phase::Result(finished) if finished.end == End::Unknown(0)));
}

#[test]
fn a_request_whose_task_died_is_unknown() {
    let mut desk = Desk::new();
    let effect = desk.charges();
    desk.msg(Msg::Died(Some(effect)));
    assert!(matches!(&desk.keyin().phase, Phase::Result(finished) if finished.end == End::Unknown(0)));
}
