//! The tab of the history whole.

use jiff::civil::date;

use super::*;
use crate::domain::account::ReceiptKind;
use crate::domain::cash_receipt::ProviderReceipt;
use crate::domain::close::{
    self, Basis, Brief, Change, ClosedDay, Difference, EarlierClose, Env, Group, KeptClose, Side, Sum, Tally,
    Totals, What,
};
use crate::domain::customer::Customer;
use crate::domain::export::Export as Taken;
use crate::domain::intent::Operator;
use crate::domain::listing::DayTotal;
use crate::domain::money::Currency;
use crate::domain::payment::PaymentState;
use crate::domain::record::{CancellationState, Method, PaymentRecord, ReceiptState};
use crate::domain::refund::{REQUESTED, RefundEnd};
use crate::domain::text::SafeText;
use crate::tui::screen::history::model as history;
use crate::tui::screen::history::model::{Answer, Ask, Before, ExportEnd};
use crate::tui::screen::history::testing::{Copy, cancellation, deposited, f, known, look, open, paid, tell};

/// One of each kind.
fn mixed() -> Copy {
    let mut copy = Copy::of(3);
    let mut partial = paid(4);
    partial.payment.state = PaymentState::PartialCancelled;
    partial.cancelled = Some(won(10_000));
    partial.payment.is_test = Some(false);
    let mut failed = paid(5);
    failed.payment.state = PaymentState::Failed;
    failed.payment.refusal = Some(refusal());
    let mut waiting = deposited(6);
    waiting.payment.state = PaymentState::VirtualAccountIssued;
    let mut cancelled = paid(7);
    cancelled.payment.state = PaymentState::Cancelled;
    copy.0.extend([partial, failed, waiting, cancelled]);
    copy
}

fn refunded_before() -> PaymentRecord {
    let mut record = paid(1);
    record.payment.state = PaymentState::PartialCancelled;
    record.cancelled = Some(won(10_000));
    record.cancellations = vec![cancellation(10_000, CancellationState::Succeeded)];
    record
}

fn first(desk: &mut Desk) -> PaymentRecord {
    let copy = Copy::of(3);
    open(desk, &copy);
    copy.0[0].clone()
}

/// The form on the newest payment.
fn refunds(desk: &mut Desk) {
    let record = first(desk);
    look(desk, known(record));
    desk.key(f(9));
}

fn asks(desk: &mut Desk) {
    refunds(desk);
    desk.types("10000\r고객 변심");
    desk.key(f(9));
    desk.timer(Timer::ConfirmArmed);
}

fn sends(desk: &mut Desk) -> EffectId {
    asks(desk);
    desk.key(ENTER);
    let asked = desk.asked();
    asked
        .iter()
        .find_map(|effect| match effect {
            Effect::History(ask) => match **ask {
                Ask::Refund(id, ..) => Some(id),
                _ => None,
            },
            _ => None,
        })
        .expect("a refund on its way")
}

fn ends(desk: &mut Desk, end: RefundEnd) {
    let effect = sends(desk);
    tell(desk, Answer::Refunded(effect, Box::new(end)));
}

#[test]
fn the_list_with_one_of_each() {
    shown("history_list", |desk| open(desk, &mixed()));
    shown_of("history_list_plain", &SHOWN[..1], &Glyphs::ASCII, setup, |desk| open(desk, &mixed()));
}

#[test]
fn an_empty_list_and_one_that_could_not_be_read() {
    shown("history_none", |desk| open(desk, &Copy::of(0)));
    shown("history_offline", |desk| {
        open(desk, &mixed());
        desk.key(f(5));
        tell(desk, Answer::Synced(Err(Problem::Unreachable { detail: "timeout".to_owned() })));
        mixed().serve(desk);
    });
}

#[test]
fn a_question_that_the_provider_does_not_take_now() {
    shown("history_later", |desk| {
        let copy = mixed();
        open(desk, &copy);
        desk.key(ENTER);
        let why = "http_429".to_owned();
        let problem = Problem::Later { why, seconds: Some(30) };
        tell(desk, Answer::Detail(copy.0[0].id.clone(), Err(problem)));
    });
}

#[test]
fn what_could_not_be_made_ready() {
    let fresh = || crate::domain::sync::Fresh {
        up_to: Some(crate::tui::testing::now() - jiff::SignedDuration::from_mins(2)),
        whole: true,
        ..Default::default()
    };
    let dies = |desk: &mut Desk, copy: &Copy| {
        desk.key(Key::alt(Code::Char('4')));
        for _ in 0..4 {
            let asked = desk.asked();
            for effect in asked {
                let Effect::History(ask) = effect else { continue };
                match *ask {
                    Ask::Rows(question, rows) => {
                        tell(desk, Answer::Rows(question, rows, Err(Problem::Died)));
                    }
                    Ask::List(question, ..) if copy.0.is_empty() => {
                        tell(desk, Answer::List(question, Err(Problem::Died)));
                    }
                    Ask::List(question, ..) => {
                        let rows = (1..=3).rev().filter_map(crate::domain::listing::RowId::new).collect();
                        let found = history::Found { rows, fresh: fresh() };
                        tell(desk, Answer::List(question, Ok(Box::new(found))));
                    }
                    Ask::Sync(_) => {
                        tell(desk, Answer::Synced(Ok(fresh())));
                    }
                    _ => {}
                }
            }
        }
    };
    shown("history_died_list", |desk| dies(desk, &Copy::of(0)));
    shown("history_died_rows", |desk| dies(desk, &Copy::of(3)));
}

#[test]
fn new_payments_above_the_row_that_is_looked_at() {
    shown("history_new", |desk| {
        let mut copy = Copy::of(40);
        open(desk, &copy);
        desk.key(Key::plain(Code::Down));
        desk.key(Key::plain(Code::Down));
        for _ in 0..3 {
            copy.add(paid(0));
        }
        desk.key(f(5));
        let fresh = desk.model.history.fresh;
        tell(desk, Answer::Synced(Ok(fresh)));
        copy.serve(desk);
    });
}

#[test]
fn the_search_and_the_filter() {
    shown("history_search", |desk| {
        let copy = Copy::of(8);
        open(desk, &copy);
        desk.key(f(3));
        desk.types("홍길");
        copy.serve(desk);
    });
    shown("history_filter", |desk| {
        open(desk, &mixed());
        desk.key(f(4));
        for _ in 0..7 {
            desk.key(Key::plain(Code::Down));
        }
        desk.types("10000");
    });
}

#[test]
fn one_payment_with_its_timeline() {
    shown("history_detail_long", |desk| {
        let copy = Copy(vec![refunded_before()]);
        open(desk, &copy);
        look(desk, known(refunded_before()));
    });
}

#[test]
fn what_outsiders_wrote_is_harmless_long() {
    let odd = || {
        let mut record = paid(0);
        record.payment.order_name =
            SafeText::new(&format!("\u{1b}]0;x\u{7}정수기\u{202e}렌탈 👩\u{200d}👧 {}", "가".repeat(10_000)));
        record.customer =
            Customer::new("\u{1b}[31m홍\u{202e}길동\u{9b}2J", "010-1234-5678", &"x".repeat(300));
        record.payment.refusal = None;
        let mut one = cancellation(1_000, CancellationState::Succeeded);
        one.reason = SafeText::new("\u{1b}[2J고객\r\n변심\u{202d}");
        record.cancellations = vec![one];
        record
    };
    let check = |desk: &Desk| {
        let (rows, _) = desk.screen(&Glyphs::UNICODE);
        let bad = |ch: char| ch.is_control() || matches!(ch, '\u{202a}'..='\u{202e}');
        assert!(rows.iter().all(|row| !row.contains(bad)), "{}", rows.join("\n"));
    };
    shown("history_long_list", |desk| {
        open(desk, &Copy(vec![odd()]));
        check(desk);
    });
    shown("history_long_detail", |desk| {
        open(desk, &Copy(vec![odd()]));
        look(desk, known(odd()));
        check(desk);
    });
}

#[test]
fn the_providers_own_answer_and_the_slip_as_a_square() {
    shown("history_raw", |desk| {
        let record = first(desk);
        let id = record.id.clone();
        look(desk, known(record));
        desk.key(f(8));
        let lines = ["status: PAID", "method.card.number: 941012******1000", "amount.total: 45000"];
        tell(desk, Answer::Raw(id, Ok(Some(lines.map(SafeText::new).to_vec()))));
    });
    shown_of("history_qr", &SHOWN[..1], &Glyphs::UNICODE, setup, |desk| {
        let record = first(desk);
        look(desk, known(record));
        desk.key(f(4));
    });
}

#[test]
fn a_refund_from_the_empty_form_to_the_question() {
    shown("history_refund_empty", refunds);
    shown("history_refund_over", |desk| {
        refunds(desk);
        desk.types("99999");
    });
    shown("history_refund_form", |desk| {
        refunds(desk);
        desk.types("10000\r고객 변심");
    });
    shown("history_refund_question", asks);
    shown_of("history_refund_question_plain", &SHOWN[..1], &Glyphs::ASCII, setup, asks);
}

#[test]
fn a_refund_into_an_account() {
    shown("history_refund_account", |desk| {
        open(desk, &Copy(vec![deposited(0)]));
        look(desk, known(deposited(0)));
        desk.key(f(9));
        desk.key(f(6));
        desk.types("\r고객 변심\r\r국민\r56201234567890");
    });
}

#[test]
fn every_end_of_a_refund() {
    type End = fn() -> RefundEnd;
    let scenes: [(&str, End); 6] = [
        ("done", || RefundEnd {
            cancellation: Some(cancellation(10_000, CancellationState::Succeeded)),
            ..Outcome::Approved(approval()).into()
        }),
        ("requested", || Outcome::Unknown(REQUESTED.to_owned()).into()),
        ("failed", || Outcome::Declined(refusal()).into()),
        ("not_sent", || Outcome::NotCharged(Problem::BalanceChanged).into()),
        ("unknown", || Outcome::Unknown("timeout".to_owned()).into()),
        ("blocked", || Outcome::Blocked(Box::new(earlier(IntentState::Approved))).into()),
    ];
    for (name, end) in scenes {
        shown(&format!("history_refund_{name}"), |desk| {
            ends(desk, end());
        });
    }
}

#[test]
fn cash_receipts() {
    shown("history_owed", |desk| {
        first(desk);
        desk.key(f(7));
        tell(desk, Answer::Owed(Ok(vec![deposited(0), deposited(1)])));
    });
    shown("history_receipt_form", |desk| {
        open(desk, &Copy(vec![deposited(0)]));
        look(desk, known(deposited(0)));
        desk.key(f(7));
        desk.types("\r01012345678");
        desk.key(f(9));
        desk.timer(Timer::ConfirmArmed);
    });
    shown("history_receipt_issued", |desk| {
        open(desk, &Copy(vec![deposited(0)]));
        let mut known = known(deposited(0));
        known.receipt = Some(ProviderReceipt {
            state: ReceiptState::Issued,
            number: Some(SafeText::new("123456789")),
            kind: Some(ReceiptKind::Personal),
            amount: Some(won(45_000)),
            tax_free: None,
            vat: None,
            url: None,
            issued_at: Some(crate::tui::testing::now().as_second()),
            cancelled_at: None,
        });
        look(desk, known);
        desk.key(f(7));
    });
}

fn saved() -> Vec<KeptClose> {
    let kept = |seq, day, hours, operator: &str, brief| KeptClose {
        seq,
        day: date(2026, 11, day),
        made_at: crate::tui::testing::now() - jiff::SignedDuration::from_hours(hours),
        operator: operator.to_owned(),
        brief,
    };
    let brief = |basis, wrong, notices| Some(Brief { basis, wrong, notices });
    vec![
        kept(5, 20, 12, "park", brief(Basis::Changed, 0, 0)),
        kept(3, 20, 20, "park", brief(Basis::Requested, 2, 1)),
        kept(2, 19, 44, "남궁하늘", brief(Basis::Changed, 0, 3)),
        kept(1, 18, 68, "kim", None),
    ]
}

fn days() -> Vec<DayTotal> {
    let day = |day, paid, cancelled| DayTotal {
        date: date(2026, 11, day),
        currency: Currency::Krw,
        paid_count: paid / 45_000,
        paid,
        cancelled_count: u64::from(cancelled > 0),
        cancelled,
    };
    vec![day(21, 450_000, 10_000), day(20, 1_350_000, 0), day(18, 45_000, 45_000), day(2, 90_000, 0)]
}

fn closed() -> ClosedDay {
    let day = date(2026, 11, 21);
    let sum = |count, amount, cancelled| Tally {
        count,
        sums: [(Currency::Krw, Sum { count, amount, cancelled })].into(),
        uncounted: 0,
    };
    let totals = Totals {
        paid: sum(12, 540_000, 10_000),
        methods: [(Method::Card, sum(10, 450_000, 10_000)), (Method::VirtualAccount, sum(2, 90_000, 0))]
            .into(),
        operators: [(None, sum(2, 90_000, 0)), (Some("kim".to_owned()), sum(10, 450_000, 10_000))].into(),
        states: [
            (close::StateGroup::Paid, sum(11, 495_000, 0)),
            (close::StateGroup::PartialCancelled, sum(1, 45_000, 10_000)),
        ]
        .into(),
    };
    let difference = |id: &str, what| Difference { id: SafeText::new(id), what };
    let differences = vec![
        difference("d2pay01", What::NotAtProvider),
        difference("d2pay02", What::AmountDiffers { ours: won(45_000), theirs: Some(won(54_000)) }),
        difference("pay-elsewhere", What::MadeElsewhere),
    ];
    ClosedDay {
        day,
        seq: 4,
        operator: "kim".to_owned(),
        close: close::Close {
            span: close::day(day).unwrap(),
            basis: Basis::Changed,
            now: crate::tui::testing::now(),
            sides: [(Env::Live, Side { totals, differences })].into(),
        },
        earlier: Some(EarlierClose {
            seq: 3,
            made_at: crate::tui::testing::now(),
            operator: "park".to_owned(),
            basis: Some(Basis::Changed),
            changes: Some(Vec::new()),
        }),
    }
}

fn closes(desk: &mut Desk) {
    first(desk);
    desk.key(f(6));
    tell(desk, Answer::Closes(Ok(Before { lines: saved(), days: days() })));
}

/// The question that was asked about a close.
fn closing(desk: &mut Desk) -> u64 {
    let question = desk.asked().iter().find_map(|effect| match effect {
        Effect::History(ask) => match **ask {
            Ask::Close(question, ..) | Ask::Reopen(question, _) => Some(question),
            _ => None,
        },
        _ => None,
    });
    question.expect("a question")
}

fn found(desk: &mut Desk, found: ClosedDay) {
    closes(desk);
    desk.key(f(6));
    let question = closing(desk);
    tell(desk, Answer::Closed(question, Ok(Box::new(found))));
}

/// Every kind of change since the close before.
fn changed(basis: Basis) -> ClosedDay {
    let sum = |count, amount, cancelled| Sum { count, amount, cancelled };
    let money =
        |group, then, now| Change::Money { env: Env::Live, group, currency: Currency::Krw, then, now };
    let id = SafeText::new;
    let (env, then, now) = (Env::Live, sum(11, 495_000, 0), sum(12, 540_000, 10_000));
    let differences = [
        Change::Became {
            env,
            id: id("d2pay02"),
            then: What::StillOpen,
            now: What::AmountDiffers { ours: won(45_000), theirs: Some(won(54_000)) },
        },
        Change::Appeared { env, difference: Difference { id: id("d2pay01"), what: What::NotAtProvider } },
        Change::Resolved { env, difference: Difference { id: id("d2pay07"), what: What::ScheduleNotRun } },
    ];
    let sums = [
        money(Group::Paid, then, now),
        money(Group::Method(Method::Card), then, now),
        money(Group::Method(Method::Transfer), sum(1, 10_000, 0), Sum::default()),
        money(Group::State(close::StateGroup::PartialCancelled), Sum::default(), sum(1, 45_000, 10_000)),
        money(Group::Operator(Some("kim".to_owned())), then, now),
        money(Group::Operator(None), then, now),
        Change::Uncounted { env, group: Group::Paid, then: 0, now: 1 },
    ];
    let sums = sums.into_iter().filter(|_| basis == Basis::Changed);
    let earlier = EarlierClose {
        seq: 3,
        made_at: crate::tui::testing::now() - jiff::SignedDuration::from_hours(1),
        operator: "park".to_owned(),
        basis: Some(basis),
        changes: Some(sums.chain(differences).collect()),
    };
    ClosedDay { earlier: Some(earlier), ..closed() }
}

#[test]
fn the_daily_close() {
    shown("history_close", closes);
    shown("history_closed_long", |desk| found(desk, closed()));
    shown("history_closed_end_long", |desk| {
        found(desk, closed());
        desk.key(Key::plain(Code::PageDown));
    });
    let bars: Scene = |desk| {
        closes(desk);
        desk.key(f(8));
    };
    shown("history_bars_long", bars);
    shown_of("history_bars_plain_long", &SHOWN[..1], &Glyphs::ASCII, setup, bars);
}

#[test]
fn what_changed_since_the_close_before() {
    shown("history_close_changes_long", |desk| found(desk, changed(Basis::Changed)));
    shown("history_close_other_basis_long", |desk| {
        found(desk, changed(Basis::Requested));
    });
    shown("history_close_not_compared_long", |desk| {
        let mut close = changed(Basis::Changed);
        close.earlier.as_mut().unwrap().changes = None;
        found(desk, close);
    });
}

#[test]
fn the_closes_that_were_kept() {
    shown("history_kept", |desk| {
        closes(desk);
        desk.key(f(7));
    });
    shown_of("history_kept_plain", &SHOWN[..1], &Glyphs::ASCII, setup, |desk| {
        closes(desk);
        desk.key(f(7));
    });
    shown("history_kept_unreadable", |desk| {
        closes(desk);
        desk.key(f(7));
        desk.key(Key::plain(Code::End));
        desk.key(ENTER);
    });
    shown("history_kept_none", |desk| {
        first(desk);
        desk.key(f(6));
        tell(desk, Answer::Closes(Ok(Before::default())));
        desk.key(f(7));
    });
    shown("history_reopened_long", |desk| {
        closes(desk);
        desk.key(f(7));
        desk.key(Key::plain(Code::Down));
        desk.key(ENTER);
        let question = closing(desk);
        let kept = ClosedDay { day: date(2026, 11, 20), seq: 3, operator: "park".to_owned(), ..closed() };
        tell(desk, Answer::Closed(question, Ok(Box::new(kept))));
    });
}

#[test]
fn an_export_and_where_it_went() {
    shown("history_export", |desk| {
        first(desk);
        desk.key(f(8));
        desk.types("월말 정산");
    });
    shown("history_exported", |desk| {
        first(desk);
        desk.key(f(8));
        desk.types("월말 정산");
        desk.key(f(9));
        let effect = desk.asked().iter().find_map(|effect| match effect {
            Effect::History(ask) => match **ask {
                Ask::Export(id, _) => Some(id),
                _ => None,
            },
            _ => None,
        });
        let path = "/home/kim/danmal-20261121-1405.csv".to_owned();
        tell(desk, Answer::Exported(effect.unwrap(), ExportEnd::Written(3, path)));
    });
}

#[test]
fn what_was_exported_before() {
    let one = |hours, remote: Option<&str>, rows, what: &str, reason: &str, path: &str| Taken {
        at: crate::tui::testing::now() - jiff::SignedDuration::from_hours(hours),
        operator: Operator {
            user: "kim".to_owned(),
            remote: remote.map(str::to_owned),
            host: "desk-1".to_owned(),
            process: "1".to_owned(),
        },
        what: what.to_owned(),
        rows,
        reason: reason.to_owned(),
        path: path.to_owned(),
    };
    let state = "payments:id,amount,state";
    let name = "payments:id,amount,customer_name,customer_phone";
    let keys = "schedules_with_keys:billing_key,date,amount,name";
    let path = format!("/home/kim/{}/danmal.csv", "정산자료/".repeat(20));
    let exports = vec![
        one(1, Some("10.0.0.7"), 3, state, "월말 정산", "/home/kim/danmal-20261121-1305.csv"),
        one(30, None, 100_000, name, "세무 신고\u{1b}[2J 자료", &path),
        one(50, None, 120, keys, "다른 프로그램으로 이관", "-"),
    ];
    shown("history_exports_long", |desk| {
        first(desk);
        desk.types("w");
        tell(desk, Answer::Exports(Ok(exports.clone())));
    });
    shown("history_exports_none", |desk| {
        first(desk);
        desk.key(Key::shift(Code::F(8)));
        tell(desk, Answer::Exports(Ok(Vec::new())));
    });
}
