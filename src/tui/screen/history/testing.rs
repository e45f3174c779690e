//! The history's tab of a console without a terminal: payments to list, and the answers to what it asks.

use super::model::{Answer, Ask, Found, Known, Model, Ours};
use crate::domain::card::CardEnding;
use crate::domain::customer::Customer;
use crate::domain::intent::{IntentKind, IntentState};
use crate::domain::listing::{Kept, RowId};
use crate::domain::payment::{PaymentId, PaymentState, ProviderPayment};
use crate::domain::record::{
    Cancellation, CancellationState, CardTraits, Method, PaymentRecord, WebhookSeen,
};
use crate::domain::refund::hand::{Evidence, Seen};
use crate::domain::sync::Fresh;
use crate::domain::text::SafeText;
use crate::tui::input::{Code, Key};
use crate::tui::keymap::Tab;
use crate::tui::msg::{Effect, Msg};
use crate::tui::testing::{Desk, earlier, kcp, now, won};

/// The way to the tab.
pub(in crate::tui) const TO_HISTORY: Key = Key::alt(Code::Char('4'));

pub(in crate::tui) const fn f(number: u8) -> Key {
    Key::plain(Code::F(number))
}

fn safe(text: &str) -> SafeText {
    SafeText::new(text)
}

/// A payment, so many minutes old.
pub(in crate::tui) fn paid(number: i64) -> PaymentRecord {
    let at = now().as_second() - 60 * number;
    let names = ["홍길동", "Kim Haru", "남궁하늘", "이"];
    let name = names[usize::try_from(number).unwrap() % names.len()];
    PaymentRecord {
        id: safe(&format!("d2pay{number:023}")),
        payment: ProviderPayment {
            state: PaymentState::Paid,
            provider_payment_id: Some(safe(&format!("0195a1c2-{number}"))),
            total: Some(won(45_000)),
            currency: safe("KRW"),
            approval_number: Some(safe("30012345")),
            card: CardEnding::new("941012", &format!("{:04}", 1_000 + number % 9_000)),
            issuer: Some(safe("신한카드")),
            installments: Some(0),
            receipt_url: Some(safe("https://receipts.example.com/v2/slip?id=0195a1c2")),
            refusal: None,
            paid_at: Some(at),
            order_name: safe("정수기 렌탈"),
            is_test: Some(true),
            pg: Some(safe("KCP_V2")),
            account: None,
            key: None,
        },
        method: Method::Card,
        requested_at: Some(at - 5),
        changed_at: Some(at),
        tax_free: Some(won(0)),
        vat: Some(won(4_091)),
        cancelled: Some(won(0)),
        cancelled_tax_free: Some(won(0)),
        cancellations: Vec::new(),
        customer: Customer::new(name, "010-1234-5678", ""),
        channel: Some(safe("channel-key-1")),
        schedule: None,
        discounted: false,
        card: CardTraits::default(),
        points_used: Some(false),
        escrow: false,
        receipt: None,
        webhooks: Vec::new(),
    }
}

/// A cancellation of it.
pub(in crate::tui) fn cancellation(amount: u64, state: CancellationState) -> Cancellation {
    let at = now().as_second() - 30;
    Cancellation {
        id: Some(safe("cancel-1")),
        cancelled_at: (state == CancellationState::Succeeded).then_some(at),
        state,
        amount: won(amount),
        tax_free: None,
        reason: safe("고객 변심"),
        requested_at: Some(at),
        receipt_url: None,
    }
}

/// A virtual account that was paid into.
pub(in crate::tui) fn deposited(number: i64) -> PaymentRecord {
    let record = paid(number);
    PaymentRecord {
        method: Method::VirtualAccount,
        payment: ProviderPayment { card: None, issuer: None, installments: None, ..record.payment },
        ..record
    }
}

/// What is known of a payment: made here, with a webhook and a journal.
pub(in crate::tui) fn known(record: PaymentRecord) -> Known {
    let mut charge = earlier(IntentState::Approved);
    charge.new.kind = IntentKind::KeyIn;
    charge.new.note = Some("두 번째 통화, 다음 달부터 9,900원".to_owned());
    charge.new.created = jiff::Timestamp::from_second(record.requested_at.unwrap() - 1).unwrap();
    let lines = vec![
        (charge.new.created, "sent".to_owned(), String::new()),
        (charge.new.created, "approved".to_owned(), "30012345".to_owned()),
    ];
    let webhooks = vec![WebhookSeen { at: record.payment.paid_at, status: safe("SUCCEEDED") }];
    Known {
        attempts: vec![PaymentRecord { webhooks, ..record }],
        channel: kcp(),
        ours: vec![Ours { intent: charge, lines }],
        receipt: None,
        asked_at: now(),
        offline: None,
    }
}

/// The same with a refund of so much whose end nobody has seen.
pub(in crate::tui) fn with_unknown_refund(record: PaymentRecord, amount: u64) -> Known {
    let mut known = known(record);
    let mut refund = earlier(IntentState::Unknown);
    refund.new.id = PaymentId::parse(REFUND).unwrap();
    refund.new.kind = IntentKind::Refund;
    refund.new.amount = won(amount);
    refund.new.note = Some("고객 변심".to_owned());
    refund.new.created = now() - jiff::SignedDuration::from_mins(40);
    refund.sent = Some(refund.new.created);
    refund.why = Some("timeout".to_owned());
    let lines = vec![
        (refund.new.created, "sent".to_owned(), String::new()),
        (refund.new.created, "unseen".to_owned(), "timeout".to_owned()),
    ];
    known.ours.push(Ours { intent: refund, lines });
    known
}

/// The id of that refund.
pub(in crate::tui) const REFUND: &str = "d2refund000000000000000000";

/// What the provider shows of it: another cancellation of the same amount.
pub(in crate::tui) fn evidence(known: &Known) -> Evidence {
    let refund = &known.unknown_refund().unwrap().intent.new;
    let another = Cancellation {
        reason: safe("콘솔에서"),
        ..cancellation(refund.amount.minor(), CancellationState::Succeeded)
    };
    Evidence {
        id: refund.id.clone(),
        payment: known.attempts[0].id.clone(),
        amount: refund.amount,
        reason: refund.note.clone(),
        why: "another_refund",
        before: Some(won(45_000)),
        now: Some(won(35_000)),
        cancellations: vec![Seen { cancellation: another, new: true, fits: true }],
    }
}

/// The copy that answers the list's questions: the first payment is the newest and has the highest number.
#[derive(Debug)]
pub(in crate::tui) struct Copy(pub(in crate::tui) Vec<PaymentRecord>);

impl Copy {
    pub(in crate::tui) fn of(count: i64) -> Self {
        Self((0..count).map(paid).collect())
    }

    /// Something newer.
    pub(in crate::tui) fn add(&mut self, record: PaymentRecord) {
        self.0.insert(0, record);
    }

    fn number(&self, at: usize) -> i64 {
        i64::try_from(self.0.len() - at).unwrap()
    }

    /// Answers what is asked about the list; gives what else was asked.
    pub(in crate::tui) fn serve(&self, desk: &mut Desk) -> Vec<Ask> {
        let mut others = Vec::new();
        loop {
            let mut asks = Vec::new();
            desk.asked.retain(|effect| match effect {
                Effect::History(ask) => {
                    asks.push((**ask).clone());
                    false
                }
                _ => true,
            });
            if asks.is_empty() {
                return others;
            }
            for ask in asks {
                match ask {
                    Ask::List(question, _, query) => {
                        let fits = |record: &PaymentRecord| {
                            query.is_empty()
                                || record.customer.name().is_some_and(|name| name.contains(&query))
                        };
                        let rows = (0..self.0.len())
                            .filter(|at| fits(&self.0[*at]))
                            .filter_map(|at| RowId::new(self.number(at)))
                            .collect();
                        let fresh = Fresh {
                            up_to: Some(now() - jiff::SignedDuration::from_mins(2)),
                            since: None,
                            whole: true,
                            rows: 0,
                        };
                        let found = Found { rows, fresh };
                        tell(desk, Answer::List(question, Ok(Box::new(found))));
                    }
                    Ask::Rows(question, rows) => {
                        let kept = |row: &RowId| {
                            let at = self.0.len() - usize::try_from(row.number()).unwrap();
                            Kept { row: *row, what: self.0[at].clone(), synced_at: now() }
                        };
                        let found = rows.window(0..rows.len()).iter().map(kept).collect();
                        tell(desk, Answer::Rows(question, rows, Ok(found)));
                    }
                    Ask::Pgs => tell(desk, Answer::Pgs(Ok(vec![safe("KCP_V2"), safe("NICE_V2")]))),
                    other => others.push(other),
                }
            }
        }
    }
}

pub(in crate::tui) fn tell(desk: &mut Desk, answer: Answer) {
    desk.msg(Msg::History(Box::new(answer)));
}

/// The tab with so many payments, read just now.
pub(in crate::tui) fn open(desk: &mut Desk, copy: &Copy) {
    desk.key(TO_HISTORY);
    assert_eq!(desk.model.tab, Tab::History);
    copy.serve(desk);
    let fresh = desk.model.history.fresh;
    tell(desk, Answer::Synced(Ok(fresh)));
    copy.serve(desk);
}

/// The marked payment on the screen, with all that is known of it.
pub(in crate::tui) fn look(desk: &mut Desk, known: Known) {
    desk.key(crate::tui::testing::ENTER);
    let id = known.attempts[0].id.clone();
    tell(desk, Answer::Detail(id, Ok(Some(Box::new(known)))));
}

pub(in crate::tui) fn history(desk: &Desk) -> &Model {
    &desk.model.history
}
