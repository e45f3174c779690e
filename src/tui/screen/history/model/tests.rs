//! What the history does with keys and answers, without a screen.

mod by_hand;

use super::super::testing::{Copy, cancellation, deposited, f, history, known, look, open, paid, tell};
use super::*;
use crate::domain::close::{Brief, KeptClose};
use crate::domain::outcome::Outcome;
use crate::domain::payment::PaymentState;
use crate::domain::problem::Problem;
use crate::domain::record::CancellationState;
use crate::domain::refund::REQUESTED;
use crate::tui::input::{Code, Key};
use crate::tui::keymap::Tab;
use crate::tui::msg::{Msg, Timer};
use crate::tui::testing::{Desk, ENTER, ESC, earlier, now, refusal, setup, won};

const HOME: Key = Key::plain(Code::Home);
const DOWN: Key = Key::plain(Code::Down);

fn at(desk: &Desk) -> (String, usize) {
    let rows = &history(desk).rows;
    (rows.marked().unwrap().id.to_string(), rows.at() - rows.top())
}

/// The history's questions among what was asked.
fn asked(desk: &mut Desk) -> Vec<Ask> {
    let asks = desk.asked().into_iter().filter_map(|effect| match effect {
        Effect::History(ask) => Some(*ask),
        _ => None,
    });
    asks.collect()
}

/// The form on the newest of three payments.
fn refunds() -> Desk {
    let mut desk = Desk::new();
    let copy = Copy::of(3);
    open(&mut desk, &copy);
    look(&mut desk, known(copy.0[0].clone()));
    desk.key(f(9));
    desk.asked();
    desk
}

fn form(desk: &Desk) -> &Refund {
    match &history(desk).place {
        Place::Refund(refund) => refund,
        other => panic!("no refund: {other:?}"),
    }
}

/// The order that was sent; the only one.
fn sent(desk: &mut Desk) -> (EffectId, RefundOrder, GuardChoice) {
    let mut orders: Vec<_> = asked(desk)
        .into_iter()
        .filter_map(|ask| match ask {
            Ask::Refund(effect, order, guard) => Some((effect, *order, guard)),
            _ => None,
        })
        .collect();
    assert_eq!(orders.len(), 1, "one request");
    orders.remove(0)
}

/// A refund of 10,000 won under way.
fn flying() -> (Desk, EffectId, RefundOrder) {
    let mut desk = refunds();
    desk.types("10000\r고객 변심");
    desk.key(f(9));
    desk.timer(Timer::ConfirmArmed);
    desk.key(ENTER);
    let (effect, order, guard) = sent(&mut desk);
    assert_eq!(guard, GuardChoice::Check);
    (desk, effect, order)
}

#[test]
fn what_is_new_stands_above_and_moves_nothing() {
    let mut desk = Desk::new();
    let mut copy = Copy::of(40);
    open(&mut desk, &copy);
    desk.key(DOWN);
    desk.key(DOWN);
    let before = at(&desk);
    for number in 0..3 {
        let mut new = paid(0);
        new.id = SafeText::new(&format!("new{number}"));
        copy.add(new);
    }
    desk.key(f(5));
    let fresh = history(&desk).fresh;
    tell(&mut desk, Answer::Synced(Ok(fresh)));
    copy.serve(&mut desk);
    assert_eq!(at(&desk), before, "neither the mark nor the row under it moved");
    assert_eq!(history(&desk).rows.above(), 3);
    desk.key(HOME);
    copy.serve(&mut desk);
    assert_eq!((at(&desk).0.as_str(), history(&desk).rows.above()), ("new2", 0));
}

#[test]
fn every_letter_asks_the_copy_but_one_question_is_under_way_at_a_time() {
    let mut desk = Desk::new();
    let copy = Copy::of(8);
    open(&mut desk, &copy);
    desk.key(f(3));
    desk.types("홍");
    desk.types("길");
    desk.types("동");
    let questions = asked(&mut desk);
    let [Ask::List(number, _, query)] = &questions[..] else { panic!("{questions:?}") };
    assert_eq!(query, "홍");
    // Its answer is already old; the latest text is asked for, and nothing between.
    let found = Found { rows: RowList::default(), fresh: Fresh::default() };
    tell(&mut desk, Answer::List(*number, Ok(Box::new(found))));
    let questions = asked(&mut desk);
    let [Ask::List(next, _, query)] = &questions[..] else { panic!("{questions:?}") };
    assert_eq!((query.as_str(), *next > *number), ("홍길동", true));
    // An answer nobody waits for changes nothing.
    tell(&mut desk, Answer::List(*number, Err(Problem::Busy)));
    assert_eq!(history(&desk).problem, None);
}

#[test]
fn the_provider_is_asked_politely_and_only_while_somebody_is_there() {
    let mut desk = Desk::new();
    let copy = Copy::of(3);
    desk.key(super::super::testing::TO_HISTORY);
    assert!(asked(&mut desk).iter().any(|ask| matches!(ask, Ask::Sync(Depth::Usual))), "at the start");
    let whole = Fresh { whole: true, ..Fresh::default() };
    tell(&mut desk, Answer::Synced(Ok(whole)));
    let polls = |desk: &mut Desk| {
        let asked = desk.asked();
        asked.iter().any(|effect| matches!(effect, Effect::Set(Timer::HistoryPoll, _)))
    };
    assert!(polls(&mut desk));
    desk.timer(Timer::HistoryPoll);
    assert!(asked(&mut desk).iter().any(|ask| matches!(ask, Ask::Sync(Depth::Glance))));
    tell(&mut desk, Answer::Synced(Ok(whole)));
    copy.serve(&mut desk);
    // Eleven minutes without a key: nobody is there.
    desk.msg(Msg::Timer(Timer::Minute, now() + jiff::SignedDuration::from_mins(11)));
    desk.asked();
    desk.timer(Timer::HistoryPoll);
    assert!(asked(&mut desk).is_empty());
    desk.key(DOWN);
    assert!(polls(&mut desk), "a key wakes it");
    // Another tab is shown: nothing is asked.
    desk.key(Key::alt(Code::Char('1')));
    desk.asked();
    desk.timer(Timer::HistoryPoll);
    assert!(asked(&mut desk).is_empty());
}

fn seen(desk: &Desk) -> String {
    desk.screen(&crate::tui::glyphs::Glyphs::UNICODE).0.join("\n")
}

#[test]
fn that_there_is_no_payment_is_said_once_the_copy_was_asked_behind_the_reading() {
    const NONE: &str = "결제가 없습니다";
    let mut desk = Desk::new();
    let copy = Copy::of(0);
    desk.key(super::super::testing::TO_HISTORY);
    copy.serve(&mut desk);
    assert!(seen(&desk).contains("불러오는 중"), "{}", seen(&desk));
    // What was read may be the first payments: nobody knows before the copy is asked once more.
    let fresh = Fresh { up_to: Some(now()), ..Fresh::default() };
    tell(&mut desk, Answer::Synced(Ok(fresh)));
    let screen = seen(&desk);
    assert!(screen.contains("불러오는 중") && !screen.contains(NONE), "{screen}");
    copy.serve(&mut desk);
    assert!(seen(&desk).contains(NONE), "{}", seen(&desk));
    // A search in it changes nothing until it is answered.
    desk.key(f(3));
    desk.types("홍");
    assert!(!seen(&desk).contains("불러오는 중"), "{}", seen(&desk));
}

#[test]
fn a_question_whose_task_died_is_said_with_the_key_that_asks_again() {
    // The list itself.
    let mut desk = Desk::new();
    desk.key(super::super::testing::TO_HISTORY);
    let fresh = history(&desk).fresh;
    for ask in asked(&mut desk) {
        match ask {
            Ask::List(question, ..) => tell(&mut desk, Answer::List(question, Err(Problem::Died))),
            Ask::Sync(_) => tell(&mut desk, Answer::Synced(Ok(fresh))),
            other => panic!("{other:?}"),
        }
    }
    // The reading asked for it again, and that died as well.
    for ask in asked(&mut desk) {
        if let Ask::List(question, ..) = ask {
            tell(&mut desk, Answer::List(question, Err(Problem::Died)));
        }
    }
    let screen = seen(&desk);
    assert!(!screen.contains("불러오는 중") && screen.contains("다시 불러오세요(F5)"), "{screen}");
    desk.key(f(5));
    let copy = Copy::of(3);
    copy.serve(&mut desk);
    tell(&mut desk, Answer::Synced(Ok(fresh)));
    copy.serve(&mut desk);
    assert_eq!((history(&desk).problem.as_ref(), history(&desk).rows.len()), (None, 3));

    // What is in the rows.
    let mut desk = Desk::new();
    desk.key(super::super::testing::TO_HISTORY);
    for _ in 0..2 {
        for ask in asked(&mut desk) {
            match ask {
                Ask::List(question, ..) => {
                    let rows = (1..=3).rev().filter_map(crate::domain::listing::RowId::new).collect();
                    let found = Found { rows, fresh };
                    tell(&mut desk, Answer::List(question, Ok(Box::new(found))));
                }
                Ask::Rows(question, rows) => {
                    tell(&mut desk, Answer::Rows(question, rows, Err(Problem::Died)));
                }

                Ask::Sync(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }
    let screen = seen(&desk);
    assert!(!screen.contains("불러오는 중"), "{screen}");
    assert_eq!(screen.matches("읽지 못했습니다 (F5 다시)").count(), 3, "each row: {screen}");
    // There is a row, so that it is not said that there is none.
    desk.key(ENTER);
    assert_eq!(seen(&desk).matches("읽지 못했습니다 (F5 다시)").count(), 4, "{}", seen(&desk));
    assert!(screen.contains("새로 읽지 못한 목록입니다 (F5 다시)"), "{screen}");
}

#[test]
fn a_close_whose_task_died_is_over_and_may_be_made_again() {
    let mut desk = kept_closes();
    desk.key(f(6));
    let asks = asked(&mut desk);
    let [Ask::Close(question, ..)] = &asks[..] else { panic!("{asks:?}") };
    tell(&mut desk, Answer::Closed(*question, Err(Problem::Died)));
    assert!(!closing(&desk).busy && seen(&desk).contains("대조하지 못했습니다"), "{}", seen(&desk));
    desk.key(f(6));
    assert!(matches!(&asked(&mut desk)[..], [Ask::Close(..)]));
}

#[test]
fn reading_is_stopped_by_the_key_that_began_it() {
    let mut desk = Desk::new();
    open(&mut desk, &Copy::of(3));
    desk.key(f(5));
    assert_eq!(asked(&mut desk), [Ask::Sync(Depth::Usual)]);
    desk.key(f(5));
    assert_eq!(asked(&mut desk), [Ask::StopSync]);
}

#[test]
fn an_amount_is_typed_and_never_taken_for_everything() {
    let mut desk = refunds();
    assert!(form(&desk).amount.is_empty(), "nothing stands there");
    desk.types("\r고객 변심");
    desk.key(f(9));
    assert_eq!(form(&desk).phase, RefundPhase::Form, "nothing typed is not everything");
    // All of it, on purpose.
    desk.key(f(6));
    assert_eq!(form(&desk).typed(), won(45_000));
    assert_eq!(form(&desk).rest(), Some(won(0)));
}

#[test]
fn what_is_missing_is_told_once_a_refund_was_to_go_without_it() {
    let mut desk = refunds();
    let told = |desk: &Desk| -> Vec<&str> {
        form(desk).told_findings(history(desk).now()).iter().map(|finding| finding.rule.id.as_str()).collect()
    };
    assert_eq!(told(&desk), [""; 0], "there was no time to type anything");
    // Nothing can't be refunded, and that is told while it is typed.
    desk.types("0");
    assert_eq!(told(&desk), ["amount.zero"]);
    desk.key(f(9));
    assert_eq!(told(&desk), ["amount.zero", "reason.empty"]);
    assert_eq!(form(&desk).focus, RefundRow::Reason, "the first that has nothing in it");
    desk.types("고객 변심");
    assert_eq!(told(&desk), ["amount.zero"]);
    assert!(matches!(form(&desk).phase, RefundPhase::Form));
}

#[test]
fn what_was_typed_for_a_refund_is_not_thrown_away_unasked() {
    let mut desk = refunds();
    desk.key(ESC);
    assert!(matches!(history(&desk).place, Place::Detail), "nothing was typed");
    let mut desk = refunds();
    desk.types("10000");
    desk.key(ESC);
    assert_eq!(form(&desk).said.as_ref().map(|said| said.key), Some("history.said.leave-again"));
    // Another key takes it back.
    desk.types("0");
    desk.key(ESC);
    assert_eq!(form(&desk).typed(), won(100_000));
    desk.key(ESC);
    assert!(matches!(history(&desk).place, Place::Detail));
}

#[test]
fn what_blocks_is_said_before_the_question_and_stops_it() {
    let mut desk = refunds();
    desk.types("45001\r고객 변심");
    let findings = form(&desk).findings(now());
    assert_eq!(findings.first().map(|finding| finding.rule.id.as_str()), Some("amount.over_balance"));
    desk.key(f(9));
    assert_eq!(form(&desk).phase, RefundPhase::Form);
    assert!(asked(&mut desk).is_empty());
}

#[test]
fn what_the_provider_tells_of_the_card_stands_in_the_way_of_a_part() {
    let mut record = paid(0);
    record.card.prepaid = Some(true);
    let mut desk = Desk::new();
    open(&mut desk, &Copy(vec![record.clone()]));
    look(&mut desk, known(record));
    desk.key(f(9));
    desk.types("10000\r고객 변심");
    let ids = |desk: &Desk| -> Vec<String> {
        form(desk).findings(now()).iter().map(|finding| finding.rule.id.clone()).collect()
    };
    assert!(ids(&desk).contains(&"part.prepaid".to_owned()), "{:?}", ids(&desk));
    desk.key(f(9));
    assert_eq!(form(&desk).phase, RefundPhase::Form, "blocked");
    // The whole of it may go.
    desk.key(f(6));
    assert!(!ids(&desk).contains(&"part.prepaid".to_owned()));
    assert!(form(&desk).may_go(now()), "{:?}", ids(&desk));
}

#[test]
fn the_question_is_answered_once_and_sends_amount_and_balance() {
    let mut desk = refunds();
    desk.types("10000\r고객 변심");
    desk.key(f(9));
    // The key that opened it does not answer it.
    desk.key(ENTER);
    assert!(asked(&mut desk).is_empty());
    desk.timer(Timer::ConfirmArmed);
    desk.key(ENTER);
    desk.key(ENTER);
    let (_, order, _) = sent(&mut desk);
    assert_eq!((order.amount, order.balance), (won(10_000), won(45_000)));
    assert_eq!(order.reason, "고객 변심");
    assert_eq!(order.payment.as_str(), paid(0).id.as_str());
    assert!(form(&desk).is_flying());
    desk.key(ESC);
    assert!(form(&desk).is_flying(), "it is seen to its end");
    assert!(!desk.model.offers(crate::tui::keymap::Action::Go(Tab::KeyIn)));
}

#[test]
fn a_refund_that_was_only_taken_on_is_followed_to_its_end() {
    let (mut desk, effect, order) = flying();
    let asked_for = cancellation(10_000, CancellationState::Requested);
    let end = RefundEnd { cancellation: Some(asked_for), ..Outcome::Unknown(REQUESTED.to_owned()).into() };
    tell(&mut desk, Answer::Refunded(effect, Box::new(end)));
    assert!(form(&desk).is_followed());
    let effects = desk.asked();
    assert!(effects.contains(&Effect::Look(order.id)), "{effects:?}");
    let mut record = paid(0);
    record.payment.state = PaymentState::PartialCancelled;
    record.cancellations = vec![cancellation(10_000, CancellationState::Succeeded)];
    let id = record.id.clone();
    tell(&mut desk, Answer::Detail(id, Ok(Some(Box::new(known(record))))));
    assert!(matches!(form(&desk).phase, RefundPhase::End(_, RefundStand::Done(_))));
}

#[test]
fn an_end_that_nobody_saw_is_looked_for_and_not_sent_again() {
    let (mut desk, effect, order) = flying();
    tell(&mut desk, Answer::Refunded(effect, Box::new(Outcome::Unknown("timeout".to_owned()).into())));
    assert!(desk.asked().contains(&Effect::Look(order.id.clone())));
    let mut intent = earlier(crate::domain::intent::IntentState::Approved);
    intent.new.id = order.id.clone();
    desk.msg(Msg::Looked(order.id, crate::domain::outcome::Look::Settled(Box::new(intent))));
    assert!(matches!(form(&desk).phase, RefundPhase::End(_, RefundStand::Done(_))));
    desk.key(ENTER);
    assert!(matches!(history(&desk).place, Place::Detail), "back to the payment");
    assert!(!asked(&mut desk).iter().any(|ask| matches!(ask, Ask::Refund(..))));
}

#[test]
fn an_earlier_refund_like_it_asks_for_a_reason_and_another_id() {
    let (mut desk, effect, first) = flying();
    let before = earlier(crate::domain::intent::IntentState::Approved);
    tell(&mut desk, Answer::Refunded(effect, Box::new(Outcome::Blocked(Box::new(before)).into())));
    desk.timer(Timer::ConfirmArmed);
    desk.key(ENTER);
    assert!(asked(&mut desk).is_empty(), "no reason, no refund");
    desk.types("두 번째 반품");
    desk.key(ENTER);
    let (_, order, guard) = sent(&mut desk);
    assert_eq!(guard, GuardChoice::Override("두 번째 반품".to_owned()));
    assert_ne!(order.id, first.id);
}

#[test]
fn a_declined_refund_leaves_the_payment_as_it_was() {
    let (mut desk, effect, _) = flying();
    tell(&mut desk, Answer::Refunded(effect, Box::new(Outcome::Declined(refusal()).into())));
    assert!(matches!(form(&desk).phase, RefundPhase::End(_, RefundStand::Failed(_))));
    // A late second answer is nobody's.
    tell(
        &mut desk,
        Answer::Refunded(effect, Box::new(Outcome::Approved(crate::tui::testing::approval()).into())),
    );
    assert!(matches!(form(&desk).phase, RefundPhase::End(_, RefundStand::Failed(_))));
}

#[test]
fn a_task_that_died_leaves_the_refund_unknown() {
    let (mut desk, effect, order) = flying();
    desk.msg(Msg::Died(Some(effect)));
    assert_eq!(form(&desk).phase, RefundPhase::End(order.id, RefundStand::Unknown));
}

#[test]
fn the_account_is_sent_and_kept_nowhere() {
    let mut desk = Desk::new();
    open(&mut desk, &Copy(vec![deposited(0)]));
    look(&mut desk, known(deposited(0)));
    desk.key(f(9));
    assert!(form(&desk).rows(now()).contains(&RefundRow::Bank));
    desk.key(f(6));
    desk.types("\r고객 변심\r\r국민\r562-0123-4567\r홍길동");
    desk.asked();
    desk.key(f(9));
    desk.timer(Timer::ConfirmArmed);
    desk.key(ENTER);
    let (effect, order, _) = sent(&mut desk);
    let account = order.account.unwrap();
    assert_eq!((account.bank.ko, account.number.as_str()), ("KB국민은행", "56201234567"));
    assert_eq!(account.holder, "홍길동");
    tell(&mut desk, Answer::Refunded(effect, Box::new(Outcome::Declined(refusal()).into())));
    assert_eq!(form(&desk).sent.as_ref().unwrap().account, None);
    assert!(form(&desk).account.is_empty() && form(&desk).holder.is_empty());
}

#[test]
fn without_the_provider_nothing_is_given_back() {
    let mut desk = Desk::new();
    let copy = Copy::of(1);
    open(&mut desk, &copy);
    let offline = Some(Problem::Unreachable { detail: "timeout".to_owned() });
    look(&mut desk, Known { offline, ..known(copy.0[0].clone()) });
    desk.key(f(9));
    assert!(matches!(history(&desk).place, Place::Detail));
    assert!(history(&desk).said.is_some());
}

#[test]
fn a_payment_that_was_never_paid_has_nothing_to_refund() {
    let mut desk = Desk::new();
    let mut failed = paid(0);
    failed.payment.state = PaymentState::Failed;
    open(&mut desk, &Copy(vec![failed.clone()]));
    look(&mut desk, known(failed.clone()));
    assert!(!desk.model.offers(crate::tui::keymap::Action::Refund));
    desk.key(f(9));
    assert!(matches!(history(&desk).place, Place::Detail));
    // From the list the payment is looked at first, and says why not.
    desk.key(ESC);
    desk.asked();
    desk.key(f(9));
    let id = failed.id.clone();
    tell(&mut desk, Answer::Detail(id, Ok(Some(Box::new(known(failed))))));
    assert!(matches!(history(&desk).place, Place::Detail));
    assert_eq!(history(&desk).said.as_ref().map(|said| said.key), Some("history.said.not-refundable"));
}

#[test]
fn a_cash_receipt_is_issued_for_what_is_left_and_its_number_forgotten() {
    let mut desk = Desk::new();
    open(&mut desk, &Copy(vec![deposited(0)]));
    look(&mut desk, known(deposited(0)));
    desk.key(f(7));
    desk.types("\r0101");
    desk.key(f(9));
    assert!(asked(&mut desk).iter().all(|ask| !matches!(ask, Ask::IssueReceipt(..))), "too short");
    desk.types("2345678");
    desk.key(f(9));
    desk.timer(Timer::ConfirmArmed);
    desk.key(ENTER);
    let asks = asked(&mut desk);
    let [Ask::IssueReceipt(effect, order)] = &asks[..] else { panic!("{asks:?}") };
    assert_eq!((order.amount, order.receipt.identity.as_str()), (won(45_000), "01012345678"));
    tell(&mut desk, Answer::Receipt(*effect, Outcome::Approved(crate::tui::testing::approval()).into()));
    let Place::Receipt(form) = &history(&desk).place else { panic!("no receipt") };
    assert!(form.identity.is_empty());
    assert!(matches!(form.phase, ReceiptPhase::End(_, Outcome::Approved(_))));
}

#[test]
fn an_export_needs_a_reason_and_leaves_people_out_at_first() {
    let mut desk = Desk::new();
    open(&mut desk, &Copy::of(3));
    desk.key(f(8));
    desk.key(f(9));
    assert!(asked(&mut desk).is_empty(), "no reason, no file");
    desk.types("월말 정산");
    desk.key(f(9));
    let asks = asked(&mut desk);
    let [Ask::Export(_, order)] = &asks[..] else { panic!("{asks:?}") };
    assert_eq!((order.rows.len(), order.reason.as_str()), (3, "월말 정산"));
    assert_eq!(order.path, "danmal-20261121-1405.csv");
    assert!(order.columns.iter().all(|column| !column.key.starts_with("customer")));
}

#[test]
fn earlier_exports_are_read_and_left_without_a_trace() {
    let mut desk = Desk::new();
    open(&mut desk, &Copy::of(3));
    desk.key(Key::shift(Code::F(8)));
    assert_eq!(asked(&mut desk), [Ask::Exports]);
    tell(&mut desk, Answer::Exports(Err(Problem::Busy)));
    desk.key(f(5));
    assert_eq!(asked(&mut desk), [Ask::Exports], "once more");
    desk.key(ESC);
    assert!(matches!(history(&desk).place, Place::List));
    // An answer that nobody waits for any more.
    tell(&mut desk, Answer::Exports(Ok(Vec::new())));
    assert!(matches!(history(&desk).place, Place::List));
}

#[test]
fn a_close_is_of_one_day_and_never_of_tomorrow() {
    let mut desk = Desk::new();
    open(&mut desk, &Copy::of(3));
    desk.key(f(6));
    desk.asked();
    desk.key(Key::plain(Code::Right));
    desk.key(Key::plain(Code::Left));
    desk.key(f(6));
    let asks = asked(&mut desk);
    let [Ask::Close(question, day, _)] = &asks[..] else { panic!("{asks:?}") };
    assert_eq!(day.to_string(), "2026-11-20");
    desk.key(f(6));
    assert!(asked(&mut desk).is_empty(), "once");
    // An answer to another question is not this day's.
    tell(&mut desk, Answer::Closed(question + 1, Err(Problem::Busy)));
    let Place::Close(closing) = &history(&desk).place else { panic!("no close") };
    assert!(closing.busy && closing.found.is_none());
}

/// The page of the close with three closes that were kept; the last one can't be read.
fn kept_closes() -> Desk {
    let mut desk = Desk::new();
    open(&mut desk, &Copy::of(3));
    desk.key(f(6));
    let line = |seq, day: &str, basis| KeptClose {
        seq,
        day: day.parse().unwrap(),
        made_at: now(),
        operator: "kim".to_owned(),
        brief: basis,
    };
    let brief = |basis| Some(Brief { basis, wrong: 0, notices: 0 });
    let lines = vec![
        line(7, "2026-11-20", brief(CloseBasis::Changed)),
        line(4, "2026-11-20", brief(CloseBasis::Requested)),
        line(2, "2026-11-19", None),
    ];
    tell(&mut desk, Answer::Closes(Ok(Before { lines, days: Vec::new() })));
    desk.asked();
    desk
}

fn closing(desk: &Desk) -> &Closing {
    match &history(desk).place {
        Place::Close(closing) => closing,
        other => panic!("no close: {other:?}"),
    }
}

#[test]
fn every_close_that_was_kept_is_opened_again_and_left_one_level_at_a_time() {
    let mut desk = kept_closes();
    desk.key(Key::plain(Code::Left));
    desk.key(f(7));
    assert!(matches!(&asked(&mut desk)[..], [Ask::Closes(..)]), "somebody else may have closed one");
    assert_eq!((closing(&desk).face, closing(&desk).at), (CloseFace::Kept, 0), "the shown day's last");
    desk.key(DOWN);
    desk.key(ENTER);
    let asks = asked(&mut desk);
    let [Ask::Reopen(question, 4)] = &asks[..] else { panic!("{asks:?}") };
    assert_eq!((closing(&desk).basis, closing(&desk).busy), (CloseBasis::Requested, true));
    let day = closing(&desk).day;
    let span = crate::domain::close::day(day).unwrap();
    let close = crate::domain::close::Close {
        span,
        basis: CloseBasis::Requested,
        now: now(),
        sides: std::collections::BTreeMap::new(),
    };
    let found = ClosedDay { day, seq: 4, operator: "kim".to_owned(), close, earlier: None };
    tell(&mut desk, Answer::Closed(*question, Ok(Box::new(found))));
    assert!(asked(&mut desk).is_empty(), "nothing new was kept");
    assert!(closing(&desk).shows_kept() && !closing(&desk).busy);
    // Back to the list, to the page, to the payments.
    desk.key(ESC);
    assert_eq!((closing(&desk).face, closing(&desk).at), (CloseFace::Kept, 1));
    desk.key(ESC);
    assert_eq!((closing(&desk).face, closing(&desk).found.is_none()), (CloseFace::Day, true));
    desk.key(ESC);
    assert!(matches!(history(&desk).place, Place::List));
}

#[test]
fn the_close_that_is_shown_is_the_one_that_is_marked_when_the_list_comes_late() {
    let mut desk = kept_closes();
    let lines = closing(&desk).lines().to_vec();
    desk.key(f(6));
    let asks = asked(&mut desk);
    let [Ask::Close(question, day, basis)] = asks[..] else { panic!("{asks:?}") };
    let close = crate::domain::close::Close {
        span: crate::domain::close::day(day).unwrap(),
        basis,
        now: now(),
        sides: std::collections::BTreeMap::new(),
    };
    let found = ClosedDay { day, seq: 8, operator: "kim".to_owned(), close, earlier: None };
    tell(&mut desk, Answer::Closed(question, Ok(Box::new(found))));
    desk.key(f(7));
    assert_eq!(closing(&desk).marked().map(|line| line.seq), Some(7), "not there yet");
    let brief = lines[0].brief;
    let new = KeptClose { seq: 8, day, made_at: now(), operator: "kim".to_owned(), brief };
    let with = |new: KeptClose| std::iter::once(new).chain(lines.clone()).collect::<Vec<_>>();
    let come = |desk: &mut Desk, lines| {
        tell(desk, Answer::Closes(Ok(Before { lines, days: Vec::new() })));
        closing(desk).marked().unwrap().seq
    };
    assert_eq!(come(&mut desk, with(new.clone())), 8);
    // Once the mark was moved it stays where it is.
    desk.key(DOWN);
    assert_eq!(come(&mut desk, with(KeptClose { seq: 9, ..new })), 7);
}

#[test]
fn a_close_that_cannot_be_read_is_not_opened_and_says_so() {
    let mut desk = kept_closes();
    desk.key(f(7));
    desk.asked();
    desk.key(Key::plain(Code::End));
    desk.key(ENTER);
    assert!(asked(&mut desk).is_empty());
    assert_eq!(closing(&desk).said.as_ref().map(|said| said.key), Some("history.close.unreadable"));
    desk.key(HOME);
    assert_eq!((closing(&desk).said.as_ref(), closing(&desk).at), (None, 0));
}

#[test]
fn closes_that_could_not_be_had_are_asked_for_again() {
    let mut desk = Desk::new();
    open(&mut desk, &Copy::of(3));
    desk.key(f(6));
    tell(&mut desk, Answer::Closes(Err(Problem::Busy)));
    desk.asked();
    desk.key(f(7));
    assert!(matches!(&asked(&mut desk)[..], [Ask::Closes(..)]));
    assert!(closing(&desk).before.is_none());
}

#[test]
fn letters_reach_everything_through_the_hangul_layout() {
    let mut desk = Desk::new();
    open(&mut desk, &Copy::of(3));
    desk.types("ㅡ");
    assert!(matches!(history(&desk).place, Place::Close(_)), "m");
    desk.key(ESC);
    desk.types("ㄹ");
    assert!(matches!(history(&desk).place, Place::Filter(_)), "f");
}

#[test]
fn the_filter_names_its_basis_and_v1_has_one() {
    let mut one = setup();
    one.keyin.channels = vec![crate::tui::screen::keyin::testing::v1()];
    let mut desk = Desk::with(one);
    open(&mut desk, &Copy::of(3));
    desk.key(f(4));
    desk.key(DOWN);
    desk.key(Key::plain(Code::Right));
    assert_eq!(history(&desk).filter.basis, crate::domain::listing::Basis::Changed);
}

#[test]
fn a_timeline_is_in_order_and_what_has_no_time_comes_last() {
    let mut record = paid(2);
    record.cancellations = vec![
        cancellation(1_000, CancellationState::Succeeded),
        crate::domain::record::Cancellation {
            requested_at: None,
            ..cancellation(2_000, CancellationState::Requested)
        },
    ];
    let known = known(record);
    let events = timeline(&known);
    let times: Vec<_> = events.iter().map(|event| event.at).collect();
    let known_times: Vec<_> = times.iter().flatten().collect();
    assert!(known_times.is_sorted());
    assert_eq!(times.iter().rposition(Option::is_some), Some(known_times.len() - 1));
    assert!(matches!(events.last().unwrap().what, What::CancelAsked(one) if one.amount == won(2_000)));
    assert!(matches!(events.first().unwrap().what, What::Meant(_)));
}
