//! The forms about billing keys: one transition a test.

use proptest::prelude::*;

use super::*;
use crate::domain::billing_key::{BillingKey, ProviderKey};
use crate::domain::intent::IntentKind;
use crate::domain::order::KeyOrder;
use crate::domain::outcome::{KeyEnd, KeyFate};
use crate::domain::pg::{Generation, PgCode};
use crate::i18n::Lang;
use crate::tui::screen::keyin::testing::{Form, WHOLE, bkey, made, provider_key, v1};
use crate::tui::testing::kcp;

/// The order that was let go, and the answer of the guard.
fn sent(asked: &[Effect]) -> Option<(&KeyOrder, &GuardChoice)> {
    asked.iter().find_map(|effect| match effect {
        Effect::IssueKey(_, order, guard) => Some((&**order, guard)),
        _ => None,
    })
}

/// The name that was asked about.
fn name_asked(asked: &[Effect]) -> Option<&BillingKey> {
    asked.iter().find_map(|effect| match effect {
        Effect::KeyName(_, name) => Some(name),
        _ => None,
    })
}

fn confirm(form: &Form) -> &Confirm {
    let Phase::Confirm(confirm) = &form.model.phase else { panic!("no question: {:?}", form.model.phase) };
    confirm
}

fn end(outcome: Outcome) -> KeyEnd {
    outcome.into()
}

fn ready(channel: Channel) -> Form {
    let mut form = Form::register(channel);
    form.fills();
    form
}

/// What a look at the intent of this form found.
fn looked(form: &mut Form, state: IntentState, approval: Option<Approval>) {
    let mut intent = earlier(state);
    intent.new.kind = IntentKind::IssueKey;
    intent.new.id = form.finished().order.id().clone();
    intent.approval = approval;
    form.model.looked(&intent);
}

#[test]
fn a_registration_asks_for_customer_and_card_and_sells_nothing() {
    let mut form = Form::register(kcp());
    assert_eq!((form.model.focus, form.model.fields.way()), (Field::CustomerId, Way::Register));
    for sold in [Field::OrderName, Field::Amount, Field::TaxFree, Field::Installments, Field::Note] {
        assert!(!form.shows(sold), "{sold:?}");
    }
    assert!(!form.shows(Field::KeyName), "V2 chooses its keys itself");
    form.fills();
    form.sends();
    let asked = form.asked();
    let (order, guard) = sent(&asked).expect("an issue");
    assert_eq!((&order.key, guard), (&None, &GuardChoice::Check));
    let customer = &order.customer;
    assert_eq!((customer.id(), customer.name()), (Some("cust0042"), Some("홍길동")));
    assert_eq!(name_asked(&asked), None, "nothing to ask on V2");
}

#[test]
fn the_pgs_rules_hold_for_the_customers_id() {
    // KCP wants name, phone and e-mail; what a customer id may hold is another PG's rule.
    let mut form = Form::register(Channel { pg: PgCode::new("TOSSPAYMENTS"), ..kcp() });
    for (typed, stops) in [("a", true), ("cust 0042", true), ("cust_0042", false)] {
        form.model.focus = Field::CustomerId;
        form.key(Key::ctrl('u'));
        form.types(typed);
        assert_eq!(form.model.fields.stops(Field::CustomerId), stops, "{typed}");
    }
    let required = Form::register(Channel { pg: PgCode::new("tosspayments"), ..v1() });
    assert_eq!(required.model.fields.need(Field::CustomerId), Need::Required);
}

#[test]
fn a_name_is_proposed_for_customer_and_card() {
    let mut form = Form::register(v1());
    assert!(form.shows(Field::KeyName));
    form.types("cust0042\t");
    assert_eq!(form.model.fields.proposed_name(), None, "no card yet");
    form.types(NUMBER);
    assert_eq!(form.model.fields.proposed_name(), Some(bkey("cust0042-4242")));
    // What can't be a key is not proposed.
    form.model.focus = Field::CustomerId;
    form.key(Key::ctrl('u'));
    form.types("고객 42");
    assert_eq!(form.model.fields.proposed_name(), None);
}

#[test]
fn the_proposed_name_is_asked_about_and_sent() {
    let mut form = ready(v1());
    form.asks();
    assert_eq!(name_asked(&form.asked), Some(&bkey("cust0042-4242")));
    form.types("\r");
    assert_eq!(sent(&form.asked), None, "nobody knows yet whose card the name holds");
    let effect = form.effect();
    form.msg(Msg::KeyName(effect, Ok(None)));
    form.types("\r");
    let (order, guard) = sent(&form.asked).expect("an issue");
    assert_eq!((order.key.as_ref(), guard), (Some(&bkey("cust0042-4242")), &GuardChoice::Check));
}

#[test]
fn a_typed_name_is_taken_and_one_of_our_own_making_needs_no_question() {
    let mut typed = ready(v1());
    typed.model.focus = Field::KeyName;
    typed.types("m/2001");
    assert!(typed.model.fields.stops(Field::KeyName));
    typed.key(Key::ctrl('u'));
    typed.types("m_2001");
    typed.asks();
    assert_eq!(name_asked(&typed.asked), Some(&bkey("m_2001")));
    let mut ours = ready(v1());
    ours.model.focus = Field::CustomerId;
    ours.key(Key::ctrl('u'));
    ours.sends();
    let asked = ours.asked();
    assert_eq!(name_asked(&asked), None);
    let (order, _) = sent(&asked).expect("an issue");
    assert_eq!((&order.key, order.name()), (&None, BillingKey::mint(&order.id)));
}

#[test]
fn a_name_in_use_is_taken_only_with_a_reason() {
    let mut form = ready(v1());
    form.asks();
    let effect = form.effect();
    form.msg(Msg::KeyName(effect, Ok(Some(Box::new(provider_key("cust0042-4242"))))));
    form.types("\r");
    assert!(confirm(&form).reason_asked && sent(&form.asked).is_none());
    form.types("재\r");
    assert!(sent(&form.asked).is_none(), "one character is no reason");
    form.types("발급\r");
    let (order, guard) = sent(&form.asked).expect("an issue");
    assert_eq!(guard, &GuardChoice::Override("재발급".to_owned()));
    assert_eq!(order.key, Some(bkey("cust0042-4242")));
}

#[test]
fn a_reason_can_be_pasted() {
    let mut form = ready(v1());
    form.asks();
    let effect = form.effect();
    form.msg(Msg::KeyName(effect, Ok(Some(Box::new(provider_key("cust0042-4242"))))));
    form.msg(Msg::PasteStart);
    for ch in "카드 재발급\n".chars() {
        form.msg(Msg::PasteChar(ch));
    }
    form.msg(Msg::PasteEnd);
    assert_eq!(confirm(&form).reason.text().trim(), "카드 재발급");
    assert!(sent(&form.asked).is_none(), "a paste never submits");
}

#[test]
fn esc_at_a_name_in_use_goes_back_to_the_name_and_keeps_the_card() {
    let mut form = ready(v1());
    form.asks();
    let effect = form.effect();
    form.msg(Msg::KeyName(effect, Ok(Some(Box::new(provider_key("cust0042-4242"))))));
    form.key(ESC);
    assert_eq!((form.model.focus, &form.model.phase), (Field::KeyName, &Phase::Form));
    assert_eq!(form.card[0], NUMBER);
    form.types("cust0042-second");
    form.asks();
    assert_eq!(name_asked(&form.asked[form.asked.len() - 4..]), Some(&bkey("cust0042-second")));
    assert_eq!(confirm(&form).taken, None);
}

#[test]
fn a_name_that_can_not_be_asked_about_is_not_used() {
    let mut form = ready(v1());
    form.asks();
    let effect = form.effect();
    let problem = Problem::Unreachable { detail: "timeout".to_owned() };
    form.msg(Msg::KeyName(EffectId(effect.0 - 1), Ok(None)));
    assert!(!confirm(&form).is_ready(), "an answer to another question says nothing");
    form.msg(Msg::KeyName(effect, Err(problem.clone())));
    assert_eq!((&form.model.phase, &form.model.panel), (&Phase::Form, &Some(Panel::Problem(problem))));
    assert!(sent(&form.asked).is_none());
    assert_eq!(form.card[0], NUMBER, "nothing was sent, so the card stays");
}

#[test]
fn a_registered_key_is_shortened_on_the_page_and_copied_whole() {
    let mut form = ready(kcp());
    let effect = form.sends();
    form.msg(Msg::KeyEnded(
        effect,
        KeyEnd {
            outcome: Outcome::Approved(made(WHOLE)),
            key: Some(Box::new(ProviderKey { card: None, ..provider_key(WHOLE) })),
            refusals: vec![refusal()],
        },
    ));
    assert!(form.asked().contains(&Effect::WipeCard) && form.model.fields.card.is_empty());
    assert_eq!(form.finished().refusals, [refusal()]);
    for lang in Lang::ALL {
        let screen = form.screen(lang, (80, 24)).0.join("\n");
        assert!(screen.contains("…0d1e23") && !screen.contains(WHOLE), "{screen}");
        assert!(screen.contains("[8111]") && screen.contains("4242 42** **** 4242"), "{screen}");
    }
    for key in [Key::shift(Code::F(4)), Key::plain(Code::F(5))] {
        form.key(key);
        assert_eq!(form.asked(), [Effect::Copy(WHOLE.to_owned())]);
    }
    assert!(form.model.slip("x", Lang::Ko).is_none() && !form.model.offers(Action::Slip));
}

#[test]
fn a_decline_takes_the_card_and_keeps_the_rest() {
    let mut form = ready(v1());
    let effect = form.sends();
    form.msg(Msg::KeyEnded(effect, end(Outcome::Declined(refusal()))));
    assert!(form.asked().contains(&Effect::WipeCard) && form.card.iter().all(String::is_empty));
    assert!(matches!(&form.model.panel, Some(Panel::Declined(order, _)) if order.sale().is_none()));
    assert_eq!((form.model.focus, form.value(Field::CustomerId)), (Field::Number, "cust0042"));
}

#[test]
fn other_ends_of_a_registration() {
    let taken = Problem::KeyTaken { card: "9410 12** **** 1234".to_owned() };
    let mut form = ready(v1());
    let effect = form.sends();
    form.msg(Msg::KeyEnded(effect, end(Outcome::NotCharged(taken.clone()))));
    assert_eq!((&form.model.phase, &form.model.panel), (&Phase::Form, &Some(Panel::Problem(taken))));
    let mut late = ready(v1());
    let effect = late.sends();
    late.msg(Msg::KeyEnded(EffectId(effect.0 + 1), end(Outcome::Approved(made("x")))));
    assert!(late.model.is_flying(), "an answer to another form's request");
}

#[test]
fn a_lost_registration_is_looked_for_and_settled_on_its_page() {
    for (state, approval) in [
        (IntentState::Approved, Some(made(WHOLE))),
        (IntentState::NotCharged, None),
        (IntentState::Declined, None),
    ] {
        let mut form = ready(kcp());
        let effect = form.sends();
        form.asked();
        form.msg(Msg::KeyEnded(effect, end(Outcome::Unknown("timeout".to_owned()))));
        let id = form.finished().order.id().clone();
        assert!(form.asked().contains(&Effect::Look(id)));
        form.types("\r\r");
        assert!(!form.model.wants_out(), "an impatient Enter does not leave it");
        looked(&mut form, state, approval);
        match state {
            IntentState::Approved => {
                assert_eq!(form.finished().key, Some(KeyFate::Kept(bkey(WHOLE))));
                assert_eq!(form.finished().to_copy().as_deref(), Some(WHOLE));
            }
            _ => assert_eq!((&form.model.phase, form.model.focus), (&Phase::Form, Field::Number)),
        }
    }
}

#[test]
fn a_registration_whose_task_died_or_ran_out_of_time_is_unknown() {
    for died in [true, false] {
        let mut form = ready(kcp());
        let effect = form.sends();
        if died {
            form.msg(Msg::Died(Some(effect)));
        } else {
            form.timer(Timer::FlightDeadline);
        }
        assert_eq!(form.finished().end, End::Unknown(0));
    }
}

#[test]
fn a_form_about_a_key_is_left_with_esc_and_never_unasked() {
    let mut empty = Form::register(kcp());
    empty.key(ESC);
    assert!(empty.model.wants_out());
    let mut form = ready(kcp());
    form.key(ESC);
    assert!(form.card.iter().all(String::is_empty) && !form.model.wants_out(), "first the card goes");
    form.key(ESC);
    assert_eq!(form.model.said.as_ref().map(|text| text.key), Some("keyin.said.leave-typed"));
    form.types("x");
    form.key(ESC);
    assert!(!form.model.wants_out(), "the key before was another one");
    form.key(ESC);
    assert!(form.model.wants_out());
    // A payment by phone has nothing further out.
    let mut payment = Desk::new();
    payment.key(ESC);
    payment.key(ESC);
    assert!(!payment.keyin().wants_out());
}

#[test]
fn the_page_of_a_result_is_left_for_good_or_for_another_card_of_the_same_customer() {
    let done = || {
        let mut form = ready(kcp());
        let effect = form.sends();
        form.msg(Msg::KeyEnded(effect, end(Outcome::Approved(made(WHOLE)))));
        form
    };
    for key in [ESC, ENTER] {
        let mut form = done();
        form.key(key);
        assert!(form.model.wants_out());
    }
    let mut form = done();
    form.key(Key::plain(Code::F(7)));
    assert_eq!((&form.model.phase, form.model.focus), (&Phase::Form, Field::Number));
    assert_eq!((form.value(Field::CustomerId), form.value(Field::Name)), ("cust0042", "홍길동"));
    assert!(!form.model.wants_out());
}

#[test]
fn a_form_about_a_key_keeps_no_draft_takes_none_and_asks_for_no_caller() {
    let mut form = ready(kcp());
    form.timer(Timer::DraftDue);
    form.timer(Timer::CallerDue);
    form.msg(Msg::Draft(r#"{"texts":{"name":"김하늘"}}"#.to_owned()));
    assert_eq!(form.value(Field::Name), "홍길동");
    let beside = |effect: &Effect| {
        matches!(
            effect,
            Effect::PutDraft(_)
                | Effect::DropDraft
                | Effect::Caller(..)
                | Effect::Set(Timer::DraftDue | Timer::CallerDue, _)
                | Effect::Unset(Timer::DraftDue | Timer::CallerDue)
        )
    };
    let effect = form.sends();
    form.msg(Msg::KeyEnded(effect, end(Outcome::Approved(made(WHOLE)))));
    form.key(ENTER);
    assert!(!form.asked.iter().any(beside), "{:?}", form.asked);
}

#[test]
fn a_half_typed_card_of_a_registration_is_wiped_when_nobody_types() {
    let mut form = Form::register(kcp());
    form.types("cust0042\t4242");
    assert!(form.asked.iter().any(|effect| matches!(effect, Effect::Set(Timer::IdleWipe, _))));
    form.timer(Timer::IdleWipe);
    assert!(form.card.iter().all(String::is_empty) && form.model.fields.card.is_empty());
    assert_eq!(form.model.panel, Some(Panel::IdleWiped));
}

#[test]
fn a_registration_begins_on_the_first_channel_that_can() {
    let unfit = Channel { name: "no".to_owned(), pg: PgCode::new("kcp_billing"), ..v1() };
    assert!(!Model::can_register(&unfit) && Model::can_register(&v1()));
    let setup = Setup { channels: vec![kcp(), unfit.clone(), v1()], first: 1, ..setup().keyin };
    let mut model = Model::for_register(setup);
    assert_eq!((model.chosen_channel(), model.fields.channel().generation), (2, Generation::V1));
    model.choose_channel(1);
    assert_eq!(model.chosen_channel(), 2, "one that can't is not taken");
    assert!(model.said.is_some());
    // Where none can, nothing is sent.
    let mut none = ready(unfit);
    none.asks();
    assert_eq!(none.model.phase, Phase::Form);
    assert!(none.model.said.is_some());
}

#[test]
fn effects_of_forms_are_counted_apart() {
    let form = Form::register(kcp());
    assert!(form.model.last_effect().0 > 1 << 32, "far from those of the payment form");
    let mut next = Form::register(kcp());
    next.model = next.model.with_effects_from(form.model.last_effect().0 + 10);
    next.fills();
    assert!(next.sends().0 > form.model.last_effect().0 + 10);
}

#[test]
fn a_charge_takes_its_customer_from_the_key() {
    let mut form = Form::charge(kcp(), &provider_key(WHOLE));
    assert_eq!((form.model.focus, form.model.fields.way()), (Field::Amount, Way::Charge));
    assert_eq!((form.value(Field::Name), form.value(Field::Phone)), ("홍길동", "010-1234-5678"));
    assert!(form.model.is_pristine(), "nobody has typed anything");
    for card in [Field::Number, Field::Expiry, Field::Identity, Field::Pin, Field::SaveCard, Field::KeyName] {
        assert!(!form.shows(card), "{card:?}");
    }
    assert_eq!(form.model.card_target(), None);
    assert!(!form.model.offers(Action::Channel) && !form.model.offers(Action::Way));
    form.types("60000");
    form.model.focus = Field::Installments;
    form.types("3");
    form.sends();
    let asked = form.asked();
    let charge = asked.iter().find_map(|effect| match effect {
        Effect::ChargeKey(_, order, guard) => Some((order, guard)),
        _ => None,
    });
    let (order, guard) = charge.expect("a charge");
    assert_eq!((&order.key, guard), (&bkey(WHOLE), &GuardChoice::Check));
    assert_eq!((order.sale.amount, order.installments.months), (won(60_000), 3));
    assert_eq!(order.sale.customer, provider_key(WHOLE).customer);
}

#[test]
fn the_guard_holds_for_keys_too() {
    let mut form = Form::charge(kcp(), &provider_key(WHOLE));
    form.types("45000");
    form.asks();
    let effect = form.effect();
    form.msg(Msg::Earlier(effect, Ok(Some(Box::new(earlier(IntentState::Approved))))));
    form.types("\r");
    assert!(confirm(&form).reason_asked);
    form.types("두 달치\r");
    let guard = form.asked.iter().find_map(|effect| match effect {
        Effect::ChargeKey(_, _, guard) => Some(guard),
        _ => None,
    });
    assert_eq!(guard, Some(&GuardChoice::Override("두 달치".to_owned())));
}

#[test]
fn the_ends_of_a_keys_charge_are_those_of_a_payment() {
    let sent = || {
        let mut form = Form::charge(v1(), &provider_key("cust0042-1234"));
        form.types("45000");
        let effect = form.sends();
        (form, effect)
    };
    let (mut form, effect) = sent();
    form.msg(Msg::Ended(effect, Outcome::Approved(approval()).into()));
    assert_eq!(form.finished().to_copy().as_deref(), Some("30012345"));
    assert!(form.model.offers(Action::Slip) && form.model.offers(Action::Qr));
    let (_, slip) = form.model.slip("한빛정수기", Lang::Ko).expect("a slip");
    assert!(slip.contains("9410 12** **** 1234") && slip.contains("30012345"), "{slip}");
    form.key(Key::plain(Code::F(7)));
    assert!(form.model.finished().is_some(), "what was charged is not charged again from here");
    form.key(ENTER);
    assert!(form.model.wants_out());

    let (mut form, effect) = sent();
    form.msg(Msg::Ended(effect, Outcome::Declined(refusal()).into()));
    assert_eq!((form.model.focus, form.value(Field::Amount)), (Field::Amount, "45000"));
    assert!(form.model.fields.has_whole_card(), "no card is asked for again");

    let (mut form, effect) = sent();
    form.asked();
    form.msg(Msg::Ended(effect, Outcome::Unknown("timeout".to_owned()).into()));
    let id = form.finished().order.id().clone();
    assert!(form.asked().contains(&Effect::Look(id.clone())));
    form.model.count_look(&id);
    assert_eq!(form.finished().end, End::Unknown(1));
    form.key(ENTER);
    assert!(!form.model.wants_out());
    form.key(ESC);
    assert!(form.model.wants_out());
}

/// What can happen to a form about a key.
#[derive(Debug, Clone)]
enum Event {
    Key(Key),
    Fill,
    Timer(Timer),
    /// The name is free, in use, or can't be asked about.
    Name(u8),
    /// No earlier charge, one, or nobody can say.
    Earlier(u8),
    /// It ended one way or another.
    Ended(u8),
    Looked(IntentState),
    /// Answers for effects of another form.
    Stale,
}

fn events() -> impl Strategy<Value = Event> {
    let keys = prop::sample::select(vec![
        ENTER,
        ENTER,
        ESC,
        TAB,
        F4,
        F9,
        Key::plain(Code::F(6)),
        Key::plain(Code::F(7)),
        Key::plain(Code::Backspace),
        Key::ctrl('u'),
        Key::char('4'),
        Key::char('가'),
    ]);
    let timers = prop::sample::select(vec![
        Timer::ConfirmArmed,
        Timer::ConfirmArmed,
        Timer::IdleWipe,
        Timer::FlightSecond,
        Timer::FlightDeadline,
        Timer::DraftDue,
    ]);
    let states = [IntentState::Approved, IntentState::Declined, IntentState::NotCharged];
    prop_oneof![
        6 => keys.prop_map(Event::Key),
        2 => Just(Event::Fill),
        2 => timers.prop_map(Event::Timer),
        2 => (0..3_u8).prop_map(Event::Name),
        2 => (0..3_u8).prop_map(Event::Earlier),
        1 => (0..5_u8).prop_map(Event::Ended),
        1 => prop::sample::select(states.to_vec()).prop_map(Event::Looked),
        1 => Just(Event::Stale),
    ]
}

/// What the loop would do with it; an answer comes only where it was asked for.
fn happen(form: &mut Form, event: Event) {
    let asked = form.asked.iter().rev().find_map(crate::tui::testing::id_of);
    match (event, asked) {
        (Event::Key(key), _) => form.key(key),
        (Event::Timer(timer), _) => form.timer(timer),
        (Event::Fill, _) if form.model.phase == Phase::Form => {
            if form.model.fields.way() == Way::Register {
                form.fills();
            } else {
                form.model.focus = Field::Amount;
                form.types("45000");
            }
        }
        (Event::Name(how), Some(effect)) => form.msg(Msg::KeyName(
            effect,
            match how {
                0 => Ok(None),
                1 => Ok(Some(Box::new(provider_key("cust0042-4242")))),
                _ => Err(ledger()),
            },
        )),
        (Event::Earlier(how), Some(effect)) if form.model.fields.way() == Way::Charge => {
            form.msg(Msg::Earlier(
                effect,
                match how {
                    0 => Ok(None),
                    1 => Ok(Some(Box::new(earlier(IntentState::Approved)))),
                    _ => Err(ledger()),
                },
            ));
        }
        (Event::Ended(how), Some(effect)) => {
            let outcome = match how {
                0 => Outcome::Approved(made(WHOLE)),
                1 => Outcome::Declined(refusal()),
                2 => Outcome::Unknown("reset".to_owned()),
                3 => Outcome::NotCharged(ledger()),
                _ => Outcome::Blocked(Box::new(earlier(IntentState::Approved))),
            };
            form.msg(if form.model.fields.way() == Way::Register {
                Msg::KeyEnded(effect, end(outcome))
            } else {
                Msg::Ended(effect, outcome.into())
            });
        }
        (Event::Looked(state), _) if form.model.finished().is_some() => {
            looked(form, state, (state == IntentState::Approved).then(|| made(WHOLE)));
        }
        (Event::Stale, _) => {
            form.msg(Msg::KeyName(EffectId(7), Ok(None)));
            form.msg(Msg::Earlier(EffectId(7), Ok(None)));
            form.msg(Msg::KeyEnded(EffectId(7), end(Outcome::Approved(made(WHOLE)))));
        }
        _ => {}
    }
}

proptest! {
    /// Whatever happens in whatever order: a key is made or charged only for one Enter in a question that could be
    /// answered, in spite of what stands in the way only with a reason; the cursor stands in a field that is seen; no
    /// card outlives its request.
    #[test]
    fn no_sequence_of_events_makes_or_charges_a_key_without_an_answer(
        way in 0..3_u8,
        happening in prop::collection::vec(events(), 0..60),
    ) {
        let mut form = match way {
            0 => Form::register(kcp()),
            1 => Form::register(v1()),
            _ => Form::charge(kcp(), &provider_key(WHOLE)),
        };
        for event in happening {
            let sends = |effect: &&Effect| matches!(effect, Effect::IssueKey(..) | Effect::ChargeKey(..));
            let question = match &form.model.phase {
                Phase::Confirm(confirm) if confirm.is_ready() => Some(confirm.wants_reason()),
                _ => None,
            };
            let before = form.asked.iter().filter(sends).count();
            let answer = matches!(event, Event::Key(ENTER));
            happen(&mut form, event.clone());
            let sent = form.asked.iter().filter(sends).count() - before;
            prop_assert!(sent <= usize::from(question.is_some() && answer), "{:?}", event);
            if sent == 1 {
                let guard = form.asked.iter().rfind(sends).map(|effect| match effect {
                    Effect::IssueKey(_, _, guard) | Effect::ChargeKey(_, _, guard) => guard,
                    _ => unreachable!(),
                });
                match (question, guard) {
                    (Some(true), Some(GuardChoice::Override(reason))) => prop_assert!(reason.chars().count() >= 2),
                    (Some(false), Some(GuardChoice::Check)) => {}
                    other => prop_assert!(false, "{:?}", other),
                }
            }
            if matches!(form.model.phase, Phase::Result(_)) || form.model.wants_out() {
                prop_assert!(form.card.iter().all(String::is_empty));
            }
            if form.model.wants_out() {
                break;
            }
            let focus = form.model.focus;
            prop_assert!(form.shows(focus), "{:?}", focus);
            let (rows, cursor) = form.screen(Lang::Ko, (80, 24));
            prop_assert!(cursor.is_none_or(|at| at.x < 80 && usize::from(at.y) < rows.len()));
        }
    }
}
