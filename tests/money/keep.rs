//! A card that is kept and charged in one go: every half that can fail or get lost.

use danmal::domain::intent::IntentKind;
use danmal::domain::outcome::{ChargeEnd, KeyFate};
use danmal::domain::problem::Problem;

use super::*;

impl Counter {
    async fn keep(&self, card: &Card) -> (PaymentId, ChargeEnd) {
        self.type_card(card);
        let order = self.key_in_order(customer());
        let end = self.desk.charge(&order, &Guard::Overridden("test".to_owned()), |_| ()).await;
        assert!(self.desk.vault.is_empty());
        (order.sale.payment_id, end)
    }

    /// The intents that settling found open, with where they stand now.
    async fn settle(&self) -> Vec<(IntentKind, IntentState)> {
        let looks = self.desk.settle().await.unwrap();
        looks.into_iter().map(|(id, _)| (self.intent(&id).new.kind, self.state(&id))).collect()
    }
}

#[tokio::test]
async fn a_card_is_kept_and_charged_once() {
    for api in Api::ALL {
        let counter = Counter::open(api);
        let card = Card::approved();
        let (id, end) = counter.keep(&card).await;
        let Outcome::Approved(approval) = end.outcome else { panic!("{api:?}: {:?}", end.outcome) };
        let Some(KeyFate::Kept(key)) = end.key else { panic!("{api:?}: {:?}", end.key) };
        assert_eq!((approval.key.as_ref(), counter.keys_there()), (Some(&key), 1));
        assert!(approval.approval_number.is_some());
        assert_eq!((counter.sandbox.charges(api, id.as_str()), counter.sandbox.attempts()), (1, 1));
        let read = counter.desk.key(&key).await.unwrap().unwrap();
        assert_eq!(read.card.unwrap().last4(), &card.number[12..]);
        // The kept key can be charged.
        let charge = counter.charge_order(&key);
        let outcome = counter.desk.charge_key(&charge, &Guard::Overridden("x".to_owned()), |_| ()).await;
        assert!(matches!(outcome, Outcome::Approved(_)), "{api:?}: {outcome:?}");
        assert_eq!(counter.settle().await, []);
    }
}

#[tokio::test]
async fn a_card_that_is_declined_is_neither_kept_nor_charged() {
    for api in Api::ALL {
        let counter = Counter::open(api);
        let (id, end) = counter.keep(&Card::ending("0001")).await;
        assert!(matches!(end.outcome, Outcome::Declined(_)), "{api:?}: {:?}", end.outcome);
        assert_eq!((end.key, counter.keys_there()), (Some(KeyFate::NotKept), 0), "{api:?}");
        assert_eq!(counter.sandbox.charges(api, id.as_str()), 0);
        let state = if api == Api::V2 { IntentState::NotCharged } else { IntentState::Declined };
        assert_eq!(counter.state(&id), state);
    }
}

#[tokio::test]
async fn a_card_that_is_kept_and_then_declined_is_said_to_be_kept() {
    let counter = Counter::open(Api::V2);
    // 0040: issued, every charge declined.
    let (id, end) = counter.keep(&Card::ending("0040")).await;
    assert!(matches!(end.outcome, Outcome::Declined(_)), "{:?}", end.outcome);
    assert!(matches!(end.key, Some(KeyFate::Kept(_))), "{:?}", end.key);
    assert_eq!((counter.keys_there(), counter.state(&id)), (1, IntentState::Declined));
}

#[tokio::test]
async fn a_key_that_got_lost_is_settled_and_nothing_was_charged() {
    let counter = Counter::open(Api::V2);
    for fault in lost_after() {
        let before = counter.keys_there();
        counter.fault_once("POST", "/billing-keys", fault.clone());
        let (id, end) = counter.keep(&Card::approved()).await;
        assert!(
            matches!(end.outcome, Outcome::NotCharged(Problem::CardMayBeKept { .. })),
            "{:?}",
            end.outcome
        );
        assert_eq!(end.key, Some(KeyFate::Unseen));
        assert_eq!(counter.settle().await, [(IntentKind::IssueKey, IntentState::Approved)], "{fault}");
        assert_eq!(counter.keys_there(), before + 1);
        assert_eq!((counter.state(&id), counter.sandbox.attempts()), (IntentState::NotCharged, 0));
    }
    counter.fault_once("POST", "/billing-keys", lost_before());
    counter.keep(&Card::approved()).await;
    assert_eq!(counter.settle().await, [(IntentKind::IssueKey, IntentState::Unknown)]);
    counter.pass_the_window();
    assert_eq!(counter.settle().await, [(IntentKind::IssueKey, IntentState::NotCharged)]);
}

#[tokio::test]
async fn a_charge_that_got_lost_is_settled_and_the_key_is_kept() {
    for api in Api::ALL {
        let counter = Counter::open(api);
        let route = match api {
            Api::V1 => "/subscribe/payments/onetime",
            Api::V2 => "/payments/{paymentId}/billing-key",
        };
        for fault in lost_after() {
            counter.fault_once("POST", route, fault.clone());
            let (id, end) = counter.keep(&Card::approved()).await;
            assert!(matches!(end.outcome, Outcome::Unknown(_)), "{api:?} {fault}: {:?}", end.outcome);
            match api {
                Api::V2 => assert!(matches!(end.key, Some(KeyFate::Kept(_)))),
                // One answer for both, and nobody saw it.
                Api::V1 => assert_eq!(end.key, Some(KeyFate::Unseen)),
            }
            counter.settle().await;
            let settled = counter.intent(&id);
            assert_eq!(settled.state, IntentState::Approved, "{api:?} {fault}");
            let key = settled.approval.unwrap().key.unwrap();
            assert!(counter.desk.key(&key).await.unwrap().is_some(), "the look-up tells the key");
            assert_eq!(counter.sandbox.charges(api, id.as_str()), 1);
        }
    }
}
