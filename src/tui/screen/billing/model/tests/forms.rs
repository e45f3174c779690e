//! The forms behind the list: a charge of a key, and a registration.

use super::*;
use crate::domain::pg::PgCode;
use crate::tui::model::{Overlay, Setup};
use crate::tui::screen::keyin::testing::v1;
use crate::tui::testing::REST;

fn of_v1() -> Setup {
    let mut setup = setup();
    setup.keyin.channels = vec![v1()];
    setup
}

#[test]
fn charging_looks_at_the_key_first() {
    let mut desk = desk(3);
    desk.key(F7);
    assert!(desk.billing().form().is_none());
    let live = Channel { name: "issued-there".to_owned(), ..plain_live() };
    desk.looks(Ok(Some(known(listed(0), live.clone(), 0))));
    let form = desk.billing().form().expect("the form");
    assert_eq!((form.fields.channel(), form.fields.key().map(|key| &key.key)), (&live, Some(&name_of(0))));
    assert!(desk.model.is_live(), "the header follows the key's channel");
    desk.key(ESC);
    assert!(desk.billing().form().is_none(), "an untouched form is left at once");
    desk.asks();
    // Deleted meanwhile: there is nothing to charge.
    for gone in [Ok(None), Ok(Some(known(ProviderKey { deleted_at: Some(1), ..listed(0) }, kcp(), 0)))] {
        desk.key(F7);
        desk.looks(gone);
        assert!(matches!(desk.billing().place, Place::Detail(_)));
        desk.key(ESC);
    }
}

#[test]
fn a_key_that_the_list_has_as_deleted_is_not_even_looked_at() {
    let mut desk = Desk::new();
    desk.opens_keys(&[ProviderKey { deleted_at: Some(1), ..listed(0) }]);
    for key in [F7, F9] {
        desk.key(key);
        assert_eq!((desk.asks(), said(&desk)), (Vec::new(), Some("billing.said.gone")));
    }
}

#[test]
fn a_form_is_left_to_a_list_that_is_read_again() {
    let mut desk = desk(3);
    desk.key(F6);
    assert!(desk.billing().form().is_some());
    desk.types("cust");
    desk.key(ESC);
    assert!(desk.billing().form().is_some(), "what was typed is not thrown away unasked");
    desk.key(ESC);
    assert!(desk.billing().form().is_none());
    desk.page_asked();
}

#[test]
fn answers_for_one_form_never_reach_the_next() {
    let mut desk = desk(3);
    let mut effects = Vec::new();
    for _ in 0..2 {
        desk.key(F6);
        let form = desk.billing().form().unwrap();
        effects.push(form.last_effect().0);
        desk.key(ESC);
        desk.asks();
    }
    assert!(effects[1] - effects[0] >= 1 << 16 && effects[0] > EFFECTS, "{effects:?}");
}

#[test]
fn a_half_typed_card_goes_when_the_tab_is_left() {
    let mut desk = desk(3);
    desk.key(F6);
    desk.types("cust0042\t");
    desk.types(&NUMBER[..9]);
    assert_eq!(desk.card[0], NUMBER[..9]);
    assert!(desk.model.quitting_leaves().is_some());
    desk.key(TO_PAYMENTS);
    assert_eq!(desk.model.tab, Tab::KeyIn);
    assert!(desk.card.iter().all(String::is_empty), "{:?}", desk.card);
    assert_eq!(desk.model.card_target(), None, "the payment's form begins with the amount");
    desk.key(TO_KEYS);
    let form = desk.billing().form().expect("the form stays");
    assert!(form.fields.card.is_empty());
    assert!(!desk.heard.contains(&NUMBER[..9]));
}

#[test]
fn a_registration_under_way_holds_the_tab() {
    let mut desk = desk(3);
    desk.key(F6);
    desk.types("cust0042\t");
    desk.types(NUMBER);
    desk.types(REST);
    desk.types("홍길동\t010-1234-5678\thong@example.com");
    desk.asked();
    desk.key(F9);
    desk.timer(Timer::ConfirmArmed);
    desk.key(TO_PAYMENTS);
    assert_eq!(desk.model.tab, Tab::Billing);
    desk.key(ENTER);
    let effect = desk.effect();
    assert!(desk.asked().iter().any(|effect| matches!(effect, Effect::IssueKey(..))));
    desk.key(TO_PAYMENTS);
    assert_eq!((desk.model.tab, desk.model.quitting_leaves()), (Tab::Billing, Some("quit.flying")));
    desk.key(Key::plain(Code::F(10)));
    assert_eq!(desk.model.overlay, Some(Overlay::Quit));
    desk.key(ESC);
    desk.model.paused = Some(desk.model.now);
    let made = crate::tui::screen::keyin::testing::made(name_of(9).expose());
    desk.msg(Msg::KeyEnded(effect, Outcome::Approved(made).into()));
    assert!(desk.billing().form().and_then(keyin::Model::finished).is_some());
    assert_eq!(desk.model.notice.as_ref().map(|text| text.key), Some("notice.resume-recording"));
    desk.key(ENTER);
    desk.page_asked();
}

#[test]
fn where_no_channel_registers_nothing_is_offered() {
    let unfit = Channel { pg: PgCode::new("kcp_billing"), ..v1() };
    let mut desk =
        Desk::with(Setup { keyin: keyin::Setup { channels: vec![unfit], ..setup().keyin }, ..setup() });
    desk.opens_list(0);
    assert!(!desk.model.offers(crate::tui::keymap::Action::New));
    let v1 = Desk::with(of_v1());
    assert!(!v1.billing().lists_all());
}
