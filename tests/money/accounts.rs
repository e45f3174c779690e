//! Virtual accounts: issued, paid into, closed; with answers that got lost.

use danmal::domain::account::{AccountKind, CashReceipt, DepositState, ReceiptKind};
use danmal::domain::issuer::bank_of_v2;
use danmal::domain::order::AccountOrder;
use danmal::domain::problem::Problem;

use super::*;

impl Counter {
    fn account_order(&self) -> AccountOrder {
        AccountOrder {
            sale: self.sale(customer()),
            bank: bank_of_v2("SHINHAN").unwrap(),
            due: self.world.now() + SignedDuration::from_hours(72),
            kind: AccountKind::Rotating,
            receipt: (self.api == Api::V2)
                .then(|| CashReceipt { kind: ReceiptKind::Personal, identity: "01020003000".to_owned() }),
            holder: None,
        }
    }

    async fn issue(&self) -> (PaymentId, Outcome) {
        let order = self.account_order();
        let outcome = self.desk.issue_account(&order, &Guard::Overridden("test".to_owned()), |_| ()).await;
        (order.sale.payment_id, outcome)
    }

    async fn waiting(&self) -> PaymentId {
        let (id, outcome) = self.issue().await;
        assert!(matches!(outcome, Outcome::Approved(_)), "{outcome:?}");
        id
    }

    fn deposit(&self, id: &PaymentId) {
        let path = format!("/__sandbox/payments/{id}/deposit");
        let (status, answer) = self.sandbox.ask("POST", &path, "", &json!({"remitterName": "김하늘"}));
        assert_eq!(status, 200, "{answer}");
    }

    const fn issue_route(&self) -> &'static str {
        match self.api {
            Api::V1 => "/vbanks",
            Api::V2 => "/payments/{paymentId}/instant",
        }
    }

    const fn close_call(&self) -> (&'static str, &'static str) {
        match self.api {
            Api::V1 => ("DELETE", "/vbanks/{imp_uid}"),
            Api::V2 => ("POST", "/payments/{paymentId}/virtual-account/close"),
        }
    }
}

#[tokio::test]
async fn an_account_waits_is_paid_and_followed() {
    for api in Api::ALL {
        let counter = Counter::open(api);
        let order = counter.account_order();
        let outcome = counter.desk.issue_account(&order, &counter.check(), |_| ()).await;
        let Outcome::Approved(approval) = outcome else { panic!("{api:?}: {outcome:?}") };
        let account = approval.account.unwrap();
        assert_eq!(account.number.as_str().len(), 14, "{account:?}");
        assert_eq!(account.bank.as_str(), "신한은행");
        assert_eq!(account.due, Some(order.due.as_second()));
        let id = order.sale.payment_id;
        let follow = || counter.desk.follow_accounts();
        assert_eq!(follow().await, Ok(vec![(id.clone(), Ok(DepositState::Waiting))]));
        counter.deposit(&id);
        assert_eq!(follow().await, Ok(vec![(id.clone(), Ok(DepositState::Paid))]));
        assert_eq!(follow().await, Ok(Vec::new()), "nobody waits for it any more");
        let kept = counter.intent(&id);
        assert_eq!((kept.state, kept.deposit), (IntentState::Approved, Some(DepositState::Paid)));
        assert!(kept.approval.unwrap().paid_at.is_some());
    }
}

#[tokio::test]
async fn an_account_is_closed_and_a_paid_one_is_not() {
    for api in Api::ALL {
        let counter = Counter::open(api);
        let (closed, paid) = (counter.waiting().await, counter.waiting().await);
        let outcome = counter.desk.close_account(&counter.desk.mint(), &closed).await;
        assert!(matches!(outcome, Outcome::Approved(_)), "{api:?}: {outcome:?}");
        assert_eq!(counter.intent(&closed).deposit, Some(DepositState::Closed));
        assert_eq!(
            counter.desk.follow_account(&closed).await,
            Ok(DepositState::Closed),
            "the provider agrees"
        );
        counter.deposit(&paid);
        let outcome = counter.desk.close_account(&counter.desk.mint(), &paid).await;
        assert_eq!(outcome, Outcome::NotCharged(Problem::NotWaiting), "{api:?}");
        assert_eq!(counter.intent(&paid).deposit, Some(DepositState::Paid));
    }
}

#[tokio::test]
async fn a_lost_issue_is_found_and_never_sent_again() {
    for api in Api::ALL {
        let counter = Counter::open(api);
        for (done, fault) in (1..).zip(lost_after()) {
            counter.fault_once("POST", counter.issue_route(), fault.clone());
            let (id, outcome) = counter.issue().await;
            assert!(matches!(outcome, Outcome::Unknown(_)), "{api:?} {fault}: {outcome:?}");
            assert_eq!(counter.state(&id), IntentState::Unknown);
            let (look, state) = counter.look(&id).await;
            assert_eq!(state, IntentState::Approved, "{api:?} {fault}: {look:?}");
            let kept = counter.intent(&id);
            assert_eq!(kept.deposit, Some(DepositState::Waiting));
            assert!(kept.approval.unwrap().account.is_some());
            assert_eq!(counter.sandbox.attempts(), done, "{api:?} {fault}");
        }
    }
}

#[tokio::test]
async fn a_lost_issue_that_never_happened_is_not_done_only_after_the_window() {
    for api in Api::ALL {
        let counter = Counter::open(api);
        counter.fault_once("POST", counter.issue_route(), lost_before());
        let (id, outcome) = counter.issue().await;
        assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
        assert_eq!(counter.look(&id).await, (Look::Open("not_found_yet"), IntentState::Unknown));
        counter.pass_the_window();
        assert_eq!(counter.look(&id).await.1, IntentState::NotCharged);
        assert_eq!(counter.sandbox.attempts(), 0);
    }
}

#[tokio::test]
async fn a_lost_closing_is_settled_by_the_account() {
    for api in Api::ALL {
        let counter = Counter::open(api);
        let (method, route) = counter.close_call();
        for fault in lost_after() {
            let account = counter.waiting().await;
            counter.fault_once(method, route, fault.clone());
            let id = counter.desk.mint();
            let outcome = counter.desk.close_account(&id, &account).await;
            assert!(matches!(outcome, Outcome::Unknown(_)), "{api:?} {fault}: {outcome:?}");
            assert_eq!(counter.look(&id).await.1, IntentState::Approved, "{api:?} {fault}");
            assert_eq!(counter.intent(&account).deposit, Some(DepositState::Closed));
        }
        let account = counter.waiting().await;
        counter.fault_once(method, route, lost_before());
        let id = counter.desk.mint();
        counter.desk.close_account(&id, &account).await;
        assert_eq!(counter.look(&id).await, (Look::Open("still_waiting"), IntentState::Unknown));
        counter.pass_the_window();
        assert_eq!(counter.look(&id).await.1, IntentState::NotCharged);
        assert_eq!(counter.intent(&account).deposit, Some(DepositState::Waiting));
        // It may be tried again, with a request of its own.
        let again = counter.desk.close_account(&counter.desk.mint(), &account).await;
        assert!(matches!(again, Outcome::Approved(_)), "{api:?}: {again:?}");
    }
}

#[tokio::test]
async fn a_deposit_while_a_closing_was_lost_is_a_deposit() {
    for api in Api::ALL {
        let counter = Counter::open(api);
        let account = counter.waiting().await;
        let (method, route) = counter.close_call();
        counter.fault_once(method, route, lost_before());
        let id = counter.desk.mint();
        counter.desk.close_account(&id, &account).await;
        counter.deposit(&account);
        assert_eq!(counter.look(&id).await.1, IntentState::NotCharged);
        assert_eq!(counter.intent(&id).why.as_deref(), Some("paid_meanwhile"));
        assert_eq!(counter.intent(&account).deposit, Some(DepositState::Paid));
    }
}
