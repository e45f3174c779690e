//! The billing keys' tab of a console without a terminal: keys to list, and the answers to what it asks.

use jiff::SignedDuration;

use super::model::{Answer, Ask, Deletion, Known, Model, Place};
use crate::domain::billing_key::{BillingKey, KeyPage, KeySearch, ProviderKey};
use crate::domain::card::CardEnding;
use crate::domain::channel::Channel;
use crate::domain::customer::Customer;
use crate::domain::problem::Problem;
use crate::domain::schedule::{ProviderSchedule, ScheduleState};
use crate::domain::text::SafeText;
use crate::tui::input::{Code, Key};
use crate::tui::msg::{Effect, Msg, Timer};
use crate::tui::testing::{Desk, kcp, now, won};

/// The way to the tab.
pub(in crate::tui) const TO_KEYS: Key = Key::alt(Code::Char('2'));
/// The way back to payments.
pub(in crate::tui) const TO_PAYMENTS: Key = Key::alt(Code::Char('1'));

/// The name of the key with this number.
pub(in crate::tui) fn name_of(number: usize) -> BillingKey {
    BillingKey::parse(&format!("billing-key-0195a1c2-5b7d-7e10-9a44-{number:012}")).unwrap()
}

/// One of many keys, told apart by its number.
pub(in crate::tui) fn listed(number: usize) -> ProviderKey {
    let names = ["홍길동", "Kim Haneul", "남궁하늘", "이"];
    let issuers = ["신한카드", "KB국민카드", "현대카드", "BC카드"];
    ProviderKey {
        key: name_of(number),
        issued_at: Some(now().as_second() - 86_400 * i64::try_from(number).unwrap()),
        updated_at: None,
        deleted_at: None,
        card: CardEnding::new("941012", &format!("{:04}", 1_000 + number % 9_000)),
        issuer: Some(SafeText::new(issuers[number % 4])),
        customer: Customer::new(names[number % 4], "010-1234-5678", "hong@example.com")
            .with_id(&format!("cust{number:04}")),
        pg: Some(SafeText::new("KCP_V2")),
        channel: Some(SafeText::new("channel-key-1")),
        is_test: Some(true),
        made_by: None,
    }
}

/// A charge that is still to run, so many days ahead.
pub(in crate::tui) fn booked(key: &BillingKey, days: i64) -> ProviderSchedule {
    ProviderSchedule {
        id: SafeText::new(&format!("schedule-{days}")),
        payment_id: SafeText::new(&format!("sub-{days}")),
        key: key.clone(),
        at: now() + SignedDuration::from_hours(24 * days),
        state: ScheduleState::Scheduled,
        amount: Some(won(9_900)),
        currency: SafeText::new("KRW"),
        tax_free: None,
        vat: None,
        installments: None,
        order_name: SafeText::new("월 구독료"),
        customer: Customer::default(),
        created_at: None,
        ended_at: None,
        refusal: None,
        provider_payment_id: None,
    }
}

/// What is known of a key on which so many schedules hang.
pub(in crate::tui) fn known(key: ProviderKey, channel: Channel, schedules: i64) -> Known {
    let schedules = (1..=schedules).map(|number| booked(&key.key, 30 * number)).collect();
    Known { key, channel, charges: Vec::new(), schedules: Ok(schedules) }
}

impl Desk {
    pub(in crate::tui) fn billing(&self) -> &Model {
        &self.model.billing
    }

    pub(in crate::tui) fn deletion(&self) -> &Deletion {
        let Place::Delete(deletion) = &self.billing().place else { panic!("no question about a key") };
        deletion
    }

    /// What the keys' tab asked for since the last time; the rest stays.
    pub(in crate::tui) fn asks(&mut self) -> Vec<Ask> {
        let mut asks = Vec::new();
        for effect in self.asked() {
            match effect {
                Effect::Billing(ask) => asks.push(*ask),
                effect => self.asked.push(effect),
            }
        }
        asks
    }

    pub(in crate::tui) fn answers(&mut self, answer: Answer) {
        self.msg(Msg::Billing(Box::new(answer)));
    }

    /// The one question for a page that was asked since the last time: its number and what is looked for.
    pub(in crate::tui) fn page_asked(&mut self) -> (u64, KeySearch) {
        let asks = self.asks();
        let [Ask::Page(question, search)] = asks.as_slice() else { panic!("one page: {asks:?}") };
        (*question, (**search).clone())
    }

    /// Answers every page that is asked for, also those that come up on the way, from these keys.
    pub(in crate::tui) fn lists(&mut self, keys: &[ProviderKey]) {
        loop {
            let asks = self.asks();
            if asks.is_empty() {
                return;
            }
            for ask in asks {
                let Ask::Page(question, search) = ask else { panic!("not a page: {ask:?}") };
                let first = search.page as usize * KeySearch::PAGE;
                let page: Vec<ProviderKey> = keys.iter().skip(first).take(KeySearch::PAGE).cloned().collect();
                let more = first + page.len() < keys.len();
                let page = KeyPage { keys: page, total: Some(keys.len() as u64), more };
                self.answers(Answer::Page(question, search.page, Ok(page)));
            }
        }
    }

    /// The tab is open and shows these keys.
    pub(in crate::tui) fn opens_keys(&mut self, keys: &[ProviderKey]) {
        self.asked();
        self.key(TO_KEYS);
        self.lists(keys);
    }

    /// The tab is open and shows so many keys.
    pub(in crate::tui) fn opens_list(&mut self, count: usize) {
        let keys: Vec<ProviderKey> = (0..count).map(listed).collect();
        self.opens_keys(&keys);
    }

    /// Answers the one look at a key.
    pub(in crate::tui) fn looks(&mut self, found: Result<Option<Known>, Problem>) {
        let asks = self.asks();
        let [Ask::Detail(key)] = asks.as_slice() else { panic!("one look: {asks:?}") };
        self.answers(Answer::Detail(key.clone(), found.map(|known| known.map(Box::new))));
    }

    /// The question before the marked key goes is open and can be answered.
    pub(in crate::tui) fn asks_to_delete(&mut self, schedules: i64) {
        let key = self.billing().marked().cloned().expect("a marked key");
        self.key(Key::plain(Code::F(9)));
        self.looks(Ok(Some(known(key, kcp(), schedules))));
        self.timer(Timer::ConfirmArmed);
    }
}
