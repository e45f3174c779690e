//! Both ways to pay, and what goes on beside a payment: one transition a test.

use super::caller::Found;
use super::*;
use crate::domain::account::{AccountKind, DepositState, ReceiptKind};
use crate::domain::billing_key::BillingKey;
use crate::domain::caller::{AtProvider, Caller};
use crate::domain::channel::Terms;
use crate::domain::due::in_korea;
use crate::domain::intent::IntentState;
use crate::domain::outcome::ChargeEnd;
use crate::domain::pg::{Generation, PgCode};
use crate::i18n::Lang;
use crate::tui::columns;
use crate::tui::edit::Changed;
use crate::tui::input::Code;
use crate::tui::testing::{Desk, ESC, NUMBER, REST, approval, earlier, issued, kcp, now, setup};

const fn f(number: u8) -> Key {
    Key::plain(Code::F(number))
}

fn value(desk: &Desk, field: Field) -> &str {
    desk.keyin().fields.value(field)
}

fn on(change: impl FnOnce(&mut Channel)) -> Desk {
    let mut setup = setup();
    change(&mut setup.keyin.channels[0]);
    Desk::with(setup)
}

fn finished(desk: &Desk) -> &Finished {
    let Phase::Result(finished) = &desk.keyin().phase else { panic!("no result") };
    finished
}

#[test]
fn the_other_way_keeps_what_both_share_and_wipes_the_card() {
    let mut desk = Desk::new();
    desk.types("45000\r42424242");
    desk.key(f(7));
    assert_eq!(desk.keyin().fields.way(), Way::Account);
    assert_eq!(value(&desk, Field::Amount), "45000");
    assert!(desk.card.iter().all(String::is_empty) && desk.keyin().fields.card.is_empty());
    assert_eq!(desk.keyin().focus, Field::Bank);
    desk.key(f(7));
    assert_eq!((desk.keyin().fields.way(), value(&desk, Field::Amount)), (Way::Card, "45000"));
}

#[test]
fn a_channel_of_one_way_has_no_other() {
    let mut desk = on(|channel| channel.pg = PgCode::new("SMARTRO_V2"));
    assert_eq!(desk.keyin().fields.way(), Way::Account);
    assert!(!desk.keyin().offers(Action::Way));
    desk.key(f(7));
    assert_eq!(desk.keyin().fields.way(), Way::Account);
}

#[test]
fn an_account_is_ordered_as_it_was_typed() {
    let mut desk = Desk::new();
    desk.fills_account();
    desk.confirms(None);
    desk.types("\r");
    let order = desk.asked().into_iter().find_map(|effect| match effect {
        Effect::Issue(_, order, _) => Some(order),
        _ => None,
    });
    let order = order.expect("an issue");
    assert_eq!(order.bank.v2, Some("KOOKMIN"));
    assert_eq!(order.kind, AccountKind::Rotating);
    let receipt = order.receipt.unwrap();
    assert_eq!((receipt.kind, receipt.identity.as_str()), (ReceiptKind::Personal, "01012345678"));
    // Three days, where neither channel nor PG says otherwise.
    assert_eq!(in_korea(order.due).to_string(), "2026-11-24T23:59:59+09:00[+09:00]");
}

#[test]
fn banks_are_found_by_letters_of_either_language_and_stepped_through() {
    let mut desk = Desk::new();
    desk.key(f(7));
    desk.model.keyin.focus = Field::Bank;
    for (typed, found) in [("국민", "KOOKMIN"), ("shin", "SHINHAN"), ("우체", "POST")] {
        desk.types(typed);
        assert_eq!(desk.keyin().fields.bank.and_then(|bank| bank.v2), Some(found), "{typed}");
        desk.model.keyin.fields.leave();
    }
    // KCP takes thirteen banks; this is none of them, and the choice stays.
    desk.types("카");
    assert_eq!(desk.keyin().fields.bank.and_then(|bank| bank.v2), Some("POST"));
    assert!(desk.keyin().said.is_some());
    let before = desk.keyin().fields.bank_at();
    desk.key(Key::plain(Code::Right));
    assert_ne!(desk.keyin().fields.bank_at(), before);
    desk.key(Key::plain(Code::Left));
    assert_eq!(desk.keyin().fields.bank_at(), before);
}

#[test]
fn a_receipt_that_the_pg_requires_has_no_none() {
    let mut desk = Desk::new();
    desk.key(f(7));
    desk.model.keyin.focus = Field::Receipt;
    desk.types("0");
    assert_eq!(desk.keyin().fields.receipt, Some(ReceiptKind::Personal));
    desk.types("2");
    assert_eq!(desk.keyin().fields.receipt, Some(ReceiptKind::Corporate));
    let mut free = on(|channel| channel.pg = PgCode::new("NICE_V2"));
    free.key(f(7));
    assert_eq!(free.keyin().fields.receipt, None);
    assert!(!free.keyin().fields.visible().any(|field| field == Field::ReceiptNumber));
}

#[test]
fn the_end_of_the_wait_is_held_against_the_pgs_limit() {
    let mut desk = on(|channel| channel.pg = PgCode::new("TOSSPAYMENTS"));
    desk.key(f(7));
    desk.model.keyin.focus = Field::Due;
    for (typed, stops) in [("89", false), ("90", true), ("내일", true), ("24h", false), ("2026-11-20", true)]
    {
        desk.key(Key::ctrl('u'));
        desk.types(typed);
        assert_eq!(desk.keyin().fields.stops(Field::Due), stops, "{typed}");
    }
}

#[test]
fn extras_are_hidden_until_asked_for_and_while_they_are_empty() {
    let mut desk = Desk::new();
    let shown = |desk: &Desk, field| desk.keyin().fields.visible().any(|other| other == field);
    assert!(!shown(&desk, Field::Note) && !shown(&desk, Field::SaveCard) && !shown(&desk, Field::TaxFree));
    desk.key(f(6));
    assert!(shown(&desk, Field::Note) && shown(&desk, Field::SaveCard) && shown(&desk, Field::TaxFree));
    desk.model.keyin.focus = Field::Note;
    desk.types("현관 앞");
    desk.key(f(6));
    assert!(shown(&desk, Field::Note), "what would be kept unseen stays in sight");
    assert!(!shown(&desk, Field::SaveCard));
}

#[test]
fn keeping_a_card_on_v2_asks_for_what_the_issue_needs() {
    let mut desk = Desk::new();
    desk.fills();
    assert!(desk.keyin().fields.are_complete());
    desk.key(f(6));
    desk.model.keyin.focus = Field::SaveCard;
    desk.types("1");
    let missing: Vec<Field> =
        desk.keyin().fields.visible().filter(|field| desk.keyin().fields.stops(*field)).collect();
    assert_eq!(missing, [Field::Name, Field::Phone, Field::Email]);
    desk.types("0");
    assert!(desk.keyin().fields.are_complete());
}

#[test]
fn interest_free_months_need_contract_pg_and_months() {
    let nice = |free| {
        on(|channel| {
            channel.pg = PgCode::new("NICE_V2");
            channel.terms.interest_free = free;
        })
    };
    let offered = |desk: &mut Desk, months: &str| {
        desk.types("60000\r");
        desk.model.keyin.focus = Field::Installments;
        desk.types(months);
        desk.keyin().fields.visible().any(|field| field == Field::InterestFree)
    };
    assert!(offered(&mut nice(true), "3"));
    assert!(!offered(&mut nice(true), "0"));
    assert!(!offered(&mut nice(false), "3"));
    let mut kcp = on(|channel| channel.terms.interest_free = true);
    assert!(!offered(&mut kcp, "3"), "KCP throws it away in key-in");
}

#[test]
fn tax_is_computed_and_sent_as_the_contract_wants_it() {
    let mut desk = on(|channel| channel.terms.mixed_tax = true);
    desk.types("33000\r");
    assert_eq!(desk.keyin().focus, Field::TaxFree, "on a mixed contract it must be said");
    desk.types("11000\r");
    assert_eq!(desk.keyin().fields.vat_part().unwrap().minor(), 2_000);
    desk.types(NUMBER);
    desk.types(REST);
    desk.confirms(None);
    let Phase::Confirm(confirm) = &desk.keyin().phase else { panic!("no question") };
    let sale = confirm.order.as_ref().and_then(Ordered::sale).unwrap();
    assert_eq!((sale.tax_free.unwrap().minor(), sale.vat), (11_000, None));
}

#[test]
fn a_deposit_is_followed_with_growing_pauses_until_it_is_there() {
    let mut desk = Desk::new();
    desk.issues();
    let payment = desk.payment();
    let mut pauses = Vec::new();
    for _ in 0..8 {
        desk.timer(Timer::NextDeposit);
        desk.asked();
        desk.msg(Msg::Deposit(payment.clone(), Some(DepositState::Waiting)));
        for effect in desk.asked() {
            if let Effect::Set(Timer::NextDeposit, pause) = effect {
                pauses.push(pause.as_secs());
            }
        }
    }
    assert!(pauses.len() == 8 && pauses.is_sorted() && pauses[0] < pauses[7], "{pauses:?}");
    desk.msg(Msg::Deposit(payment.clone(), Some(DepositState::Paid)));
    assert_eq!(finished(&desk).deposit, DepositState::Paid);
    assert!(!desk.keyin().offers(Action::CloseAccount));
    desk.key(f(9));
    assert!(finished(&desk).closing.is_none(), "what was paid is not closed");
}

#[test]
fn an_account_is_closed_only_after_a_question() {
    let mut desk = Desk::new();
    desk.issues();
    desk.asked();
    desk.key(f(9));
    desk.types("\r");
    assert!(!desk.asked.iter().any(|effect| matches!(effect, Effect::CloseAccount(..))), "not armed");
    desk.timer(Timer::ConfirmArmed);
    desk.types("\r");
    let account = desk.payment();
    let asked = desk.asked();
    let [.., Effect::CloseAccount(effect, id, of)] = &asked[..] else { panic!("{asked:?}") };
    assert!(*of == account && *id != account);
    desk.msg(Msg::Closed(*effect, Outcome::Approved(approval())));
    assert_eq!(finished(&desk).deposit, DepositState::Closed);
}

#[test]
fn a_closing_that_nobody_saw_is_looked_for_and_the_page_stays() {
    let mut desk = Desk::new();
    desk.issues();
    desk.key(f(9));
    desk.timer(Timer::ConfirmArmed);
    desk.asked();
    desk.types("\r");
    let effect = desk.effect();
    desk.msg(Msg::Closed(effect, Outcome::Unknown("timeout".to_owned())));
    assert!(desk.asked.iter().any(|effect| matches!(effect, Effect::Look(_))));
    assert!(desk.asked.iter().any(|effect| matches!(effect, Effect::Deposit(_))));
    assert_eq!(finished(&desk).deposit, DepositState::Waiting);
    assert!(finished(&desk).said.is_some() && finished(&desk).closing.is_none());
}

#[test]
fn an_account_is_copied_with_all_a_caller_needs() {
    let mut desk = Desk::new();
    desk.issues();
    assert_eq!(
        finished(&desk).to_copy().unwrap(),
        "KB국민은행 56201234567890 한빛정수기 45,000원 2026년 11월 24일(화) 23:59"
    );
}

#[test]
fn a_kept_card_shows_its_key_shortened_and_copies_it_whole_when_asked() {
    let whole = "billing-key-0195a1c2-5b7d-7e10-9a44-2f6b8c0d1e23";
    let mut desk = Desk::new();
    let effect = desk.charges();
    let key = Some(KeyFate::Kept(BillingKey::parse(whole).unwrap()));
    desk.msg(Msg::Ended(effect, ChargeEnd { outcome: Outcome::Approved(approval()), key }));
    let (rows, _) = desk.screen(&crate::tui::glyphs::Glyphs::UNICODE);
    let screen = rows.join("\n");
    assert!(screen.contains("0d1e23") && !screen.contains(whole), "{screen}");
    desk.asked();
    desk.key(Key::shift(Code::F(4)));
    assert!(desk.asked().contains(&Effect::Copy(whole.to_owned())));
}

#[test]
fn the_caller_is_asked_for_once_the_number_is_long_enough_and_stale_answers_are_dropped() {
    let mut desk = Desk::new();
    desk.model.keyin.focus = Field::Phone;
    desk.types("02123456");
    assert!(!desk.asked.iter().any(|effect| matches!(effect, Effect::Set(Timer::CallerDue, _))));
    desk.types("7");
    assert!(desk.asked.iter().any(|effect| matches!(effect, Effect::Set(Timer::CallerDue, _))));
    desk.timer(Timer::CallerDue);
    let first = desk.effect();
    desk.types("8");
    desk.timer(Timer::CallerDue);
    let second = desk.effect();
    assert_ne!(first, second);
    let known = || Caller {
        from_ledger: vec![earlier(IntentState::Approved)],
        at_provider: Ok(AtProvider::default()),
    };
    desk.msg(Msg::Caller(first, Ok(Box::new(known()))));
    assert!(matches!(desk.keyin().caller.as_ref().unwrap().found, Found::Asking(_)), "stale");
    let focus = desk.keyin().focus;
    desk.msg(Msg::Caller(second, Ok(Box::new(known()))));
    assert!(matches!(desk.keyin().caller.as_ref().unwrap().found, Found::Known(_)));
    assert_eq!(desk.keyin().focus, focus);
    desk.key(Key::plain(Code::Insert));
    assert_eq!(value(&desk, Field::Amount), "45,000");
}

#[test]
fn a_draft_holds_neither_card_nor_receipt_number_and_comes_back() {
    let mut desk = Desk::new();
    desk.fills_account();
    desk.types("\t홍길동\t010-9876-5432");
    desk.key(f(6));
    desk.timer(Timer::DraftDue);
    let body = desk.beside.iter().rev().find_map(|effect| match effect {
        Effect::PutDraft(body) => Some(body.clone()),
        _ => None,
    });
    let body = body.expect("a draft");
    assert!(!body.contains("01012345678"), "{body}");
    let mut next = Desk::new();
    next.msg(Msg::Draft(body));
    let fields = &next.keyin().fields;
    assert_eq!(
        (fields.way(), fields.more, fields.bank.and_then(|bank| bank.v2)),
        (Way::Account, true, Some("KOOKMIN"))
    );
    assert_eq!((fields.value(Field::Name), fields.value(Field::Amount)), ("홍길동", "45000"));
    assert_eq!(next.keyin().panel, Some(Panel::Adopted));
    assert_eq!(next.keyin().focus, Field::ReceiptNumber);
}

#[test]
fn a_card_never_gets_into_a_draft_whichever_field_it_is_typed_into() {
    let mut desk = Desk::new();
    desk.fills();
    for field in Field::ALL {
        if let Some(edit) = desk.model.keyin.fields.edits.get_mut(&field) {
            assert!(matches!(edit.set(NUMBER), Changed::Refused(_)), "{field:?}");
        }
    }
    desk.model.keyin.focus = Field::Name;
    desk.types("홍길동");
    desk.timer(Timer::DraftDue);
    assert!(desk.beside.iter().any(|effect| matches!(effect, Effect::PutDraft(_))));
    let heard = format!("{:?}", desk.beside);
    assert!(!heard.contains(&NUMBER[..8]) && !heard.contains(&NUMBER[8..]), "{heard}");
    // And out of a draft that somebody has written into the ledger by hand.
    let mut next = Desk::new();
    next.msg(Msg::Draft(format!(r#"{{"texts":{{"note":"card {NUMBER}"}}}}"#)));
    assert_eq!(value(&next, Field::Note), "card ");
}

#[test]
fn a_draft_goes_when_it_was_paid_or_cleared() {
    let gone = |desk: &Desk| desk.beside.contains(&Effect::DropDraft);
    let mut paid = Desk::new();
    paid.fills();
    paid.timer(Timer::DraftDue);
    paid.confirms(None);
    paid.types("\r");
    assert!(!gone(&paid), "a crash in flight brings it back");
    let effect = paid.effect();
    paid.msg(Msg::Ended(effect, Outcome::Approved(approval()).into()));
    assert!(gone(&paid));
    let mut cleared = Desk::new();
    cleared.types("45000");
    cleared.timer(Timer::DraftDue);
    cleared.key(f(8));
    cleared.types("\r");
    assert!(gone(&cleared));
}

#[test]
fn what_was_read_of_a_channel_is_not_shown_again() {
    let mut desk = Desk::new();
    desk.msg(Msg::WarningsAway(Vec::new()));
    assert!(matches!(desk.keyin().panel, Some(Panel::Notes(_))));
    desk.types("45000\r4242");
    desk.asked();
    desk.key(ESC);
    assert!(desk.keyin().fields.card.is_empty(), "Esc wipes, whatever else it puts away");
    let read: Vec<(String, String)> = desk
        .asked()
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::WarningAway(channel, warning) => Some((channel, warning)),
            _ => None,
        })
        .collect();
    assert!(!read.is_empty() && desk.keyin().panel.is_none());
    let mut next = Desk::new();
    next.msg(Msg::WarningsAway(read));
    assert!(next.keyin().panel.is_none());
    next.key(Key::shift(Code::F(1)));
    assert!(matches!(next.keyin().panel, Some(Panel::Notes(_))));
}

#[test]
fn the_recording_is_marked_and_its_end_is_remembered() {
    let mut desk = Desk::new();
    desk.key(f(5));
    assert!(desk.asked().contains(&Effect::Mark(crate::domain::draft::Mark::RecordingPaused)));
    assert_eq!(desk.model.paused, Some(now()));
    desk.ends(Outcome::Approved(approval()));
    assert_eq!(desk.model.notice.as_ref().map(|text| text.key), Some("notice.resume-recording"));
    desk.key(f(3));
    assert!(desk.asked().contains(&Effect::Mark(crate::domain::draft::Mark::RecordingResumed)));
    assert_eq!(desk.model.paused, None);
}

#[test]
fn a_slip_is_forty_columns_and_shows_ten_digits_of_the_card() {
    let mut desk = Desk::new();
    desk.ends(Outcome::Approved(approval()));
    for lang in Lang::ALL {
        let (_, slip) =
            desk.keyin().slip("한빛정수기 서울 강남 제2직영점 온라인 사업부 특별 창구", lang).unwrap();
        assert!(slip.lines().all(|line| columns::width(line) <= 40), "{slip}");
        assert!(slip.contains("30012345") && slip.contains("TEST") && slip.contains("4,091"), "{slip}");
        assert!(
            !slip.contains(NUMBER) && !slip.contains(char::is_control as fn(char) -> bool)
                || slip.contains('\n')
        );
        let digits: String = slip
            .lines()
            .find(|line| line.contains("4242"))
            .unwrap()
            .chars()
            .filter(char::is_ascii_digit)
            .collect();
        assert_eq!(digits, "4242424242", "six and four");
    }
    let mut unknown = Desk::new();
    unknown.ends(Outcome::Unknown("timeout".to_owned()));
    assert!(unknown.keyin().slip("x", Lang::Ko).is_none());
    let mut account = Desk::new();
    account.issues();
    assert!(
        account.keyin().slip("x", Lang::Ko).unwrap().1.contains(issued().account.unwrap().number.as_str())
    );
}

#[test]
fn a_channel_that_needs_what_no_terminal_has_is_listed_and_refused() {
    let mut setup = setup();
    setup.keyin.channels.push(Channel {
        name: "wall".to_owned(),
        generation: Generation::V1,
        pg: PgCode::new("paymentwall"),
        terms: Terms { granted: vec![pg::Operation::KeyInCard], ..Terms::default() },
        ..kcp()
    });
    let mut desk = Desk::with(setup);
    assert_eq!(Model::out_of_reach(&desk.keyin().channels()[2]), Some(pg::Field::Cvc));
    desk.model.keyin.choose_channel(2);
    assert_eq!(desk.keyin().chosen_channel(), 0);
    assert!(desk.keyin().said.is_some());
}
