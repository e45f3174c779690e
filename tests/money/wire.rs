//! Schedules, the history, refunds and cash receipts against the sandbox: what is asked for happens, and what happened
//! is read back.

use danmal::domain::account::{AccountKind, CashReceipt, ReceiptKind};
use danmal::domain::cash_receipt::{ReceiptCancel, ReceiptOrder};
use danmal::domain::issuer::bank_of_v2;
use danmal::domain::order::AccountOrder;
use danmal::domain::payment::PaymentState;
use danmal::domain::problem::Problem;
use danmal::domain::record::{CancellationState, Method, PaymentRecord, ReceiptState};
use danmal::domain::refund::{RefundAccount, RefundOrder};
use danmal::domain::schedule::{
    ProviderSchedule, ScheduleMove, ScheduleOrder, ScheduleRevoke, ScheduleState, Span,
};
use danmal::domain::text::SafeText;
use danmal::gateway::{Early, Reply};

use super::*;

fn won(amount: u64) -> Money {
    Money::new(amount, Currency::Krw).unwrap()
}

fn text(id: &PaymentId) -> SafeText {
    SafeText::new(id.as_str())
}

#[track_caller]
fn done<T: std::fmt::Debug>(reply: Reply<T>) -> T {
    match reply {
        Reply::Done(told) => told,
        reply => panic!("{reply:?}"),
    }
}

impl Counter {
    fn gateway(&self) -> &dyn Gateway {
        &*self.desk.gateway
    }

    fn in_days(&self, days: i64) -> Timestamp {
        let at = self.world.now() + SignedDuration::from_hours(24 * days);
        Timestamp::from_second(at.as_second()).unwrap()
    }

    fn booking(&self, key: &BillingKey, days: i64) -> ScheduleOrder {
        ScheduleOrder {
            sale: self.sale(customer()),
            key: key.clone(),
            installments: Installments::default(),
            at: self.in_days(days),
        }
    }

    fn revocation(&self, key: &BillingKey, schedules: &[&SafeText]) -> ScheduleRevoke {
        let schedules = schedules.iter().map(|id| (*id).clone()).collect();
        ScheduleRevoke { id: self.desk.mint(), schedules, key: Some(key.clone()) }
    }

    async fn schedules(&self, span: Span) -> Vec<ProviderSchedule> {
        let (mut found, mut next) = (Vec::new(), None);
        loop {
            let batch = self.gateway().schedules(span, next.as_deref()).await.unwrap();
            found.extend(batch.items);
            next = batch.next;
            if next.is_none() {
                return found;
            }
        }
    }

    async fn schedule_state(&self, id: &SafeText) -> ScheduleState {
        self.gateway().schedule_of(id).await.unwrap().unwrap().state
    }

    async fn history(&self) -> Vec<PaymentRecord> {
        let span = Span { from: self.in_days(-200), until: self.in_days(1) };
        let (mut found, mut next) = (Vec::new(), None);
        loop {
            let batch = self.gateway().payments(span, next.as_deref(), &Early::default()).await.unwrap();
            found.extend(batch.items);
            next = batch.next;
            if next.is_none() {
                return found;
            }
        }
    }

    /// A payment of 33,000 won with a key.
    async fn paid(&self) -> SafeText {
        let key = self.key(&Card::approved(), customer()).await;
        let charge = KeyChargeOrder { sale: self.sale(customer()), ..self.charge_order(&key) };
        let outcome = self.desk.charge_key(&charge, &self.check(), |_| ()).await;
        assert!(matches!(outcome, Outcome::Approved(_)), "{outcome:?}");
        text(&charge.sale.payment_id)
    }

    async fn record(&self, payment: &SafeText) -> PaymentRecord {
        self.gateway().attempts(payment).await.unwrap().remove(0)
    }

    async fn refund_order(&self, payment: &SafeText, amount: u64, balance: u64) -> RefundOrder {
        RefundOrder {
            id: self.desk.mint(),
            channel: self.channel(),
            payment: payment.clone(),
            provider_payment_id: self.record(payment).await.payment.provider_payment_id,
            amount: won(amount),
            tax_free: None,
            vat: None,
            balance: won(balance),
            reason: "부분 반품".to_owned(),
            requester: None,
            account: None,
        }
    }
}

#[tokio::test]
async fn schedules_are_made_listed_moved_and_revoked() {
    for api in Api::ALL {
        let counter = Counter::open(api);
        let gateway = counter.gateway();
        let key = counter.key(&Card::approved(), customer()).await;
        let (near, far) = (counter.booking(&key, 3), counter.booking(&key, 40));
        let first = done(gateway.schedule(&near).await);
        let second = done(gateway.schedule(&far).await);
        let span = Span { from: counter.world.now(), until: far.at + SignedDuration::from_secs(1) };
        let found = counter.schedules(span).await;
        assert_eq!(found.iter().map(|found| &found.id).collect::<Vec<_>>(), [&first, &second], "{api:?}");
        let told = &found[0];
        assert_eq!((&told.payment_id, told.at), (&text(&near.sale.payment_id), near.at));
        assert_eq!(
            (&told.key, told.amount, &told.state),
            (&key, Some(won(33_000)), &ScheduleState::Scheduled)
        );
        assert_eq!((told.order_name.as_str(), told.customer.name()), ("정수기 렌탈", Some("김하늘")));
        // From is within, until is not.
        let span = Span { from: near.at, until: far.at };
        let found = counter.schedules(span).await;
        assert_eq!(found.iter().map(|found| &found.id).collect::<Vec<_>>(), [&first], "{api:?}");

        let later = ScheduleMove { schedule: first.clone(), at: counter.in_days(5) };
        if gateway.can_move() {
            done(gateway.move_schedule(&later).await);
            assert_eq!(gateway.schedule_of(&first).await.unwrap().unwrap().at, later.at);
            let again = gateway.rebook_schedule(&later).await;
            assert_eq!(again, Reply::NotDone(Problem::ScheduleNotOpen), "it waits still");
            let twice = ScheduleOrder { at: later.at, ..near.clone() };
            assert_eq!(gateway.schedule(&twice).await, Reply::NotDone(Problem::ScheduleExists));
        }
        done(gateway.revoke_schedules(&counter.revocation(&key, &[&first, &second])).await);
        for id in [&first, &second] {
            assert_eq!(counter.schedule_state(id).await, ScheduleState::Revoked, "{api:?}");
        }
        let again = gateway.revoke_schedules(&counter.revocation(&key, &[&first])).await;
        assert_eq!(again, Reply::NotDone(Problem::ScheduleNotOpen), "{api:?}");
        let nothing = SafeText::new("nosuchschedule");
        let again = gateway.revoke_schedules(&counter.revocation(&key, &[&nothing])).await;
        assert_eq!(again, Reply::NotDone(Problem::ScheduleGone), "{api:?}");
        assert_eq!(gateway.schedule_of(&nothing).await, Ok(None));
        if gateway.can_move() {
            assert_eq!(gateway.move_schedule(&later).await, Reply::NotDone(Problem::ScheduleNotOpen));
            done(gateway.rebook_schedule(&later).await);
            assert_eq!(counter.schedule_state(&first).await, ScheduleState::Scheduled);
            let early = gateway.retry_schedule(&first).await;
            assert_eq!(early, Reply::NotDone(Problem::ScheduleNotOpen), "it waits");
            done(gateway.revoke_schedules(&counter.revocation(&key, &[&first])).await);
            let payment = done(gateway.retry_schedule(&first).await).unwrap();
            assert_eq!((payment.state, payment.total), (PaymentState::Paid, Some(won(33_000))));
            assert_eq!(counter.schedule_state(&first).await, ScheduleState::Succeeded);
            let gone = ScheduleMove { schedule: nothing, ..later };
            assert_eq!(gateway.move_schedule(&gone).await, Reply::NotDone(Problem::ScheduleGone));
        }
        counter.desk.delete_key(&counter.deletion(&key)).await;
        let reply = gateway.schedule(&counter.booking(&key, 3)).await;
        assert_eq!(reply, Reply::NotDone(Problem::KeyGone), "{api:?}");
    }
}

#[tokio::test]
async fn a_lost_answer_about_a_schedule_is_not_an_answer() {
    for api in Api::ALL {
        let route = match api {
            Api::V1 => "/subscribe/payments/schedule",
            Api::V2 => "/payments/{paymentId}/schedule",
        };
        let counter = Counter::open(api);
        let key = counter.key(&Card::approved(), customer()).await;
        for rule in lost_after() {
            let order = counter.booking(&key, 3);
            counter.fault_once("POST", route, rule.clone());
            let reply = counter.gateway().schedule(&order).await;
            assert!(matches!(reply, Reply::Unseen(_)), "{api:?} {rule}: {reply:?}");
            let span = Span { from: order.at, until: order.at + SignedDuration::from_secs(1) };
            let there = counter.schedules(span).await;
            let ours = |found: &ProviderSchedule| found.payment_id == text(&order.sale.payment_id);
            assert!(there.iter().any(ours), "{api:?} {rule}: the work was done");
        }
    }
}

#[tokio::test]
async fn the_history_has_what_was_paid_and_what_was_given_back() {
    for api in Api::ALL {
        let counter = Counter::open(api);
        let payment = counter.paid().await;
        let [record] = &counter.history().await[..] else { panic!("{api:?}") };
        assert_eq!(
            (&record.id, record.state(), record.method),
            (&payment, &PaymentState::Paid, Method::Card)
        );
        assert_eq!((record.payment.total, record.balance()), (Some(won(33_000)), Some(won(33_000))));
        assert_eq!((record.payment.is_test, record.is_recurring()), (Some(true), true));
        assert_eq!(record.customer.name(), Some("김하늘"));
        assert!(record.requested_at.is_some() && record.changed_at.is_some());
        let raw = counter.gateway().raw_payment(&payment).await.unwrap().unwrap();
        assert!(raw.iter().any(|line| line.as_str().ends_with(payment.as_str())), "{raw:?}");
        let key = record.payment.key.as_ref().unwrap().expose();
        assert!(!raw.iter().any(|line| line.as_str().contains(key)), "a key is never shown whole");

        let gateway = counter.gateway();
        let part = done(gateway.refund(&counter.refund_order(&payment, 11_000, 33_000).await).await);
        assert_eq!(
            (part.cancellation.state, part.cancellation.amount),
            (CancellationState::Succeeded, won(11_000))
        );
        let record = counter.record(&payment).await;
        assert_eq!((record.state(), record.balance()), (&PaymentState::PartialCancelled, Some(won(22_000))));
        assert_eq!(record.cancellations.len(), 1);
        assert_eq!(record.cancellations[0].id, part.cancellation.id, "{api:?}");
        // The same again, with the balance of before: it is refused, not doubled.
        let again = gateway.refund(&counter.refund_order(&payment, 11_000, 33_000).await).await;
        assert_eq!(again, Reply::NotDone(Problem::BalanceChanged), "{api:?}");
        done(gateway.refund(&counter.refund_order(&payment, 22_000, 22_000).await).await);
        let record = counter.record(&payment).await;
        assert_eq!((record.state(), record.balance()), (&PaymentState::Cancelled, Some(won(0))));
        assert_eq!(record.cancellations.len(), 2);
        let over = gateway.refund(&counter.refund_order(&payment, 1, 1).await).await;
        assert_eq!(over, Reply::NotDone(Problem::NotRefundable { what: "cancelled" }), "{api:?}");
        let nothing = SafeText::new("nosuchpayment");
        assert_eq!(gateway.attempts(&nothing).await, Ok(Vec::new()));
        assert_eq!(gateway.raw_payment(&nothing).await, Ok(None));
    }
}

#[tokio::test]
async fn a_lost_answer_about_a_refund_is_not_an_answer() {
    for api in Api::ALL {
        let route = match api {
            Api::V1 => "/payments/cancel",
            Api::V2 => "/payments/{paymentId}/cancel",
        };
        let counter = Counter::open(api);
        let payment = counter.paid().await;
        let mut balance = 33_000;
        for rule in lost_after() {
            let order = counter.refund_order(&payment, 1_000, balance).await;
            // A huge answer is read on V1, where the whole payment comes back.
            let read = api == Api::V1 && rule["kind"] == "huge";
            counter.fault_once("POST", route, rule.clone());
            let reply = counter.gateway().refund(&order).await;
            assert_eq!(matches!(reply, Reply::Unseen(_)), !read, "{api:?} {rule}: {reply:?}");
            balance -= 1_000;
            assert_eq!(counter.record(&payment).await.balance(), Some(won(balance)), "{api:?} {rule}");
        }
    }
}

#[tokio::test]
async fn a_deposit_has_its_receipt_and_goes_back_to_an_account() {
    for api in Api::ALL {
        let counter = Counter::open(api);
        let order = AccountOrder {
            sale: counter.sale(customer()),
            bank: bank_of_v2("SHINHAN").unwrap(),
            due: counter.in_days(3),
            kind: AccountKind::Rotating,
            // KCP wants to know it with the account, and issues it with the deposit.
            receipt: (api == Api::V2)
                .then(|| CashReceipt { kind: ReceiptKind::Personal, identity: "01020003000".to_owned() }),
            holder: None,
        };
        let outcome = counter.desk.issue_account(&order, &counter.check(), |_| ()).await;
        assert!(matches!(outcome, Outcome::Approved(_)), "{outcome:?}");
        let gateway = counter.gateway();
        let payment = text(&order.sale.payment_id);
        let early = gateway.refund(&counter.refund_order(&payment, 1, 1).await).await;
        assert_eq!(early, Reply::NotDone(Problem::NotRefundable { what: "not_paid" }), "{api:?}");
        counter.sandbox.deposit(payment.as_str());
        let imp_uid = counter.record(&payment).await.payment.provider_payment_id;
        let receipt = ReceiptOrder {
            id: counter.desk.mint(),
            channel: counter.channel(),
            payment: payment.clone(),
            provider_payment_id: imp_uid.clone(),
            receipt: CashReceipt { kind: ReceiptKind::Corporate, identity: "1234567890".to_owned() },
            order_name: "정수기 렌탈".to_owned(),
            amount: won(33_000),
            tax_free: None,
            vat: None,
            customer: customer(),
        };
        let cancel = || ReceiptCancel {
            id: counter.desk.mint(),
            payment: payment.clone(),
            provider_payment_id: imp_uid.clone(),
        };
        match gateway.receipt(&payment, imp_uid.as_ref()).await.unwrap() {
            Some(there) => {
                assert_eq!((there.state, there.kind), (ReceiptState::Issued, Some(ReceiptKind::Personal)));
                done(gateway.cancel_receipt(&cancel()).await);
            }
            None => assert_eq!(api, Api::V1),
        }
        let issued = done(gateway.issue_receipt(&receipt).await);
        assert!(issued.number.is_some() && issued.url.is_some());
        let read = gateway.receipt(&payment, imp_uid.as_ref()).await.unwrap().unwrap();
        assert_eq!((read.state, read.number), (ReceiptState::Issued, issued.number));
        assert_eq!((read.kind, read.amount), (Some(ReceiptKind::Corporate), Some(won(33_000))));
        let twice = ReceiptOrder { id: counter.desk.mint(), ..receipt };
        assert_eq!(gateway.issue_receipt(&twice).await, Reply::NotDone(Problem::ReceiptExists), "{api:?}");
        done(gateway.cancel_receipt(&cancel()).await);
        let read = gateway.receipt(&payment, imp_uid.as_ref()).await.unwrap().unwrap();
        assert_eq!(read.state, ReceiptState::Cancelled);
        assert_eq!(gateway.cancel_receipt(&cancel()).await, Reply::NotDone(Problem::NoReceipt), "{api:?}");

        let account = RefundAccount {
            bank: bank_of_v2("KOOKMIN").unwrap(),
            number: "12345678901234".to_owned(),
            holder: "김하늘".to_owned(),
            phone: None,
        };
        let back = counter.refund_order(&payment, 33_000, 33_000).await;
        done(gateway.refund(&RefundOrder { account: Some(account), ..back }).await);
        let record = counter.record(&payment).await;
        assert_eq!((record.state(), record.method), (&PaymentState::Cancelled, Method::VirtualAccount));
    }
}
