//! A provider's schedules: made, moved and revoked as a provider does it, with the faults that a test orders.

use std::collections::VecDeque;

use super::*;
use crate::domain::bulk::{Action, ActionEnd, BulkEnd, Plan};
use crate::domain::order::Installments;

/// What becomes of the next request that changes something.
pub(super) enum Fault {
    /// It is done, and the answer is lost.
    Done,
    /// It is not done, and the answer is lost.
    NotDone,
    /// It is turned away.
    Refused(Problem),
    /// The PG says no.
    Declined,
}

/// The schedules.
#[derive(Default)]
pub(super) struct Book {
    pub all: Vec<ProviderSchedule>,
    /// In the order of requests; `None` and what comes after the last goes well.
    pub faults: VecDeque<Option<Fault>>,
    /// V1 knows schedules by the payment id.
    v1: bool,
    /// How often the reason of a failed payment was asked for.
    pub reasons: usize,
}

/// How many schedules a page has.
const PAGE: usize = 7;

impl Book {
    pub fn of(generation: Generation, all: Vec<ProviderSchedule>) -> Self {
        Self { all, v1: generation == Generation::V1, ..Self::default() }
    }

    /// Whether to go on; otherwise the reply.
    fn fault<T>(&mut self, act: impl FnOnce(&mut Self) -> Reply<T>) -> Reply<T> {
        match self.faults.pop_front().flatten() {
            None => act(self),
            Some(Fault::Done) => {
                act(self);
                Reply::Unseen("reset")
            }
            Some(Fault::NotDone) => Reply::Unseen("reset"),
            Some(Fault::Refused(problem)) => Reply::NotDone(problem),
            Some(Fault::Declined) => Reply::Declined(refusal()),
        }
    }

    pub fn make(&mut self, order: &ScheduleOrder) -> Reply<SafeText> {
        self.fault(|book| {
            let payment_id = SafeText::new(order.sale.payment_id.as_str());
            if book.all.iter().any(|told| told.payment_id == payment_id) {
                return Reply::NotDone(Problem::ScheduleExists);
            }
            let id =
                if book.v1 { payment_id.clone() } else { SafeText::new(&format!("new{}", book.all.len())) };
            book.all.push(ProviderSchedule {
                id: id.clone(),
                payment_id,
                key: order.key.clone(),
                amount: Some(order.sale.amount),
                order_name: SafeText::new(&order.sale.order_name),
                customer: order.sale.customer.clone(),
                ..schedule(id.as_str(), order.at, ScheduleState::Scheduled)
            });
            Reply::Done(id)
        })
    }

    pub fn revoke(&mut self, order: &ScheduleRevoke) -> Reply<()> {
        self.fault(|book| {
            for id in &order.schedules {
                match book.one(id) {
                    None => return Reply::NotDone(Problem::ScheduleGone),
                    Some(told) if !told.state.is_open() => return Reply::NotDone(Problem::ScheduleNotOpen),
                    Some(told) if order.key.as_ref().is_some_and(|key| *key != told.key) => {
                        return Reply::NotDone(Problem::ScheduleGone);
                    }
                    Some(_) => {}
                }
            }
            for told in book.all.iter_mut().filter(|told| order.schedules.contains(&told.id)) {
                told.state = ScheduleState::Revoked;
            }
            Reply::Done(())
        })
    }

    pub fn put_off(&mut self, order: &ScheduleMove) -> Reply<()> {
        self.fault(|book| {
            for told in book.all.iter_mut().filter(|told| told.id == order.schedule) {
                (told.at, told.state) = (order.at, ScheduleState::Scheduled);
            }
            Reply::Done(())
        })
    }

    pub fn retry(&mut self, schedule: &SafeText) -> Charged {
        self.fault(|book| {
            for told in book.all.iter_mut().filter(|told| told.id == *schedule) {
                told.state = ScheduleState::Succeeded;
            }
            Reply::Done(Some(Box::new(payment(PaymentState::Paid))))
        })
    }

    pub fn one(&self, id: &SafeText) -> Option<ProviderSchedule> {
        self.all.iter().find(|told| told.id == *id).cloned()
    }

    pub fn open(&self, keys: &[BillingKey]) -> Vec<ProviderSchedule> {
        let ahead = |told: &&ProviderSchedule| told.state.is_ahead() && keys.contains(&told.key);
        self.all.iter().filter(ahead).cloned().collect()
    }

    pub fn page(&self, span: Span, next: Option<&str>) -> Batch<ProviderSchedule> {
        let from: usize = next.map_or(0, |next| next.parse().unwrap());
        let mut all: Vec<_> =
            self.all.iter().filter(|told| span.from <= told.at && told.at < span.until).cloned().collect();
        all.sort_by_key(|told| told.at);
        let more = all.len() > from + PAGE;
        let items = all.into_iter().skip(from).take(PAGE).collect();
        Batch { items, next: more.then(|| (from + PAGE).to_string()) }
    }

    pub fn attempts(&mut self, _: &SafeText) -> Vec<PaymentRecord> {
        self.reasons += 1;
        let bare = PaymentRecord::bare("p", PaymentState::Failed, None);
        vec![PaymentRecord { payment: payment(PaymentState::Failed), ..bare }]
    }

    /// What a person would see: time and state of each, in the order of their making.
    pub fn seen(&self) -> Vec<(String, &'static str)> {
        let word = |state: &ScheduleState| match state {
            ScheduleState::Scheduled => "scheduled",
            ScheduleState::Revoked => "revoked",
            ScheduleState::Succeeded => "succeeded",
            _ => "other",
        };
        self.all.iter().map(|told| (told.at.to_string(), word(&told.state))).collect()
    }
}

pub(super) fn schedule(id: &str, at: Timestamp, state: ScheduleState) -> ProviderSchedule {
    ProviderSchedule {
        id: SafeText::new(id),
        payment_id: SafeText::new(&format!("pay{id}")),
        key: bkey("k1"),
        at,
        state,
        amount: Money::new(9_900, Currency::Krw),
        currency: SafeText::new("KRW"),
        tax_free: None,
        vat: None,
        installments: None,
        order_name: SafeText::new("월 구독료"),
        customer: customer(),
        created_at: None,
        ended_at: None,
        refusal: None,
        provider_payment_id: None,
    }
}

/// 10:00 in Korea on a day of December.
pub(super) fn day(day: i8) -> Timestamp {
    jiff::civil::date(2026, 12, day).at(1, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp()
}

/// A rig with these schedules, whose keys' channel is known.
pub(super) fn with_book(generation: Generation, all: Vec<ProviderSchedule>) -> Rig {
    let rig = rig_of(generation, Script::default());
    *rig.gateway.book.lock().unwrap() = Some(Book::of(generation, all));
    for _ in 0..40 {
        rig.gateway.script().keys.push_back(Ok(Some(provider_key("k1"))));
        rig.gateway.script().looks.push_back(Ok(LookUp::NotFound));
    }
    rig
}

/// One open schedule on the 10th.
pub(super) fn one_open(generation: Generation) -> Rig {
    with_book(generation, vec![schedule("a", day(10), ScheduleState::Scheduled)])
}

impl Rig {
    pub(super) fn seen(&self) -> Vec<(String, &'static str)> {
        self.gateway.booked(|book| book.seen()).unwrap()
    }

    pub(super) fn fault(&self, faults: impl IntoIterator<Item = Option<Fault>>) {
        self.gateway.booked(|book| book.faults.extend(faults));
    }

    pub(super) fn told(&self, id: &str) -> ProviderSchedule {
        self.gateway.booked(|book| book.one(&SafeText::new(id))).unwrap().unwrap()
    }

    pub(super) fn moving(&self, id: &str, at: Timestamp) -> Action {
        Action::Move { schedule: Box::new(self.told(id)), at }
    }

    pub(super) async fn plan(&self, actions: Vec<Action>) -> Plan {
        self.desk.plan(actions).await.unwrap()
    }

    pub(super) async fn run(&self, actions: Vec<Action>) -> BulkEnd {
        let plan = self.plan(actions).await;
        self.desk.run_bulk(&plan, &self.check(), |_| (), || false).await.unwrap()
    }

    /// Does one thing.
    pub(super) async fn act(&self, action: Action) -> ActionEnd {
        let end = self.run(vec![action]).await;
        assert_eq!((end.ends.len(), end.left), (1, 0));
        end.ends.into_iter().next().unwrap()
    }

    /// What was sent, without what the journal said.
    pub(super) fn requests(&self) -> Vec<String> {
        self.gateway.sent().iter().map(|sent| sent.rsplit_once(": ").unwrap().0.to_owned()).collect()
    }

    pub(super) fn order_at(&self, id: &str, at: Timestamp) -> Action {
        let sale = Sale { payment_id: PaymentId::parse(id).unwrap(), ..self.sale() };
        Action::Create(Box::new(ScheduleOrder {
            sale,
            key: bkey("k1"),
            installments: Installments::default(),
            at,
        }))
    }
}
