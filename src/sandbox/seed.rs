//! `--seed N`: deterministic payments, keys and schedules over a year, in both generations.
//!
//! The same seed and the same clock give the same rows. Names, shops and amounts are made up.

use super::card::{Card, Why};
use super::catalog::{self, CHANNELS, ChannelNo};
use super::charge::vat;
use super::clock::{DAY, Time};
use super::ids::Rng;
use super::model::{
    Account, Attempt, Cancel, CancelStatus, Customer, Event, Failure, Key, Method, Row, Schedule,
    ScheduleStatus, Source, Status, Version,
};
use super::state::State;

const FAMILY: [&str; 12] = ["김", "이", "박", "최", "정", "강", "조", "윤", "장", "임", "한", "오"];
const GIVEN: [&str; 16] = [
    "서연", "도윤", "하늘", "지우", "민준", "서윤", "예준", "하은", "시우", "수아", "주원", "지호", "은우",
    "다은", "건우", "유진",
];
const GOODS: [&str; 12] = [
    "정수기 렌탈",
    "공기청정기 렌탈",
    "월 구독료",
    "강의 수강료",
    "관리비",
    "꽃배달",
    "도시락 정기배송",
    "필라테스 회원권",
    "원두 정기구독",
    "보험료",
    "후원금",
    "세탁 서비스",
];
/// BINs of made-up cards: four domestic-looking, one each of the big brands.
const BINS: [u32; 8] = [940_915, 945_022, 400_011, 512_345, 356_912, 433_090, 540_926, 949_097];
const REASONS: [&str; 4] = ["고객 요청", "단순 변심", "상품 품절", "중복 결제"];

/// One key for so many payments.
const PAYMENTS_A_KEY: u32 = 20;
/// One schedule for so many payments.
const PAYMENTS_A_SCHEDULE: u32 = 5;

struct Seeder {
    rng: Rng,
    now: Time,
    start: Time,
    v1: Vec<ChannelNo>,
    v2: Vec<ChannelNo>,
    first_key: Row,
    first_attempt: Row,
    first_schedule: Row,
    keys: Vec<Key>,
}

fn row(at: usize) -> Row {
    Row::try_from(at).unwrap_or(Row::MAX)
}

/// Plants `payments` payments with their keys and schedules; the same for the same `seed`.
pub fn plant(state: &mut State, payments: u32, seed: u64) {
    let now = state.now();
    let channels = |version: Version| -> Vec<ChannelNo> {
        let fits = |no: &ChannelNo| {
            let channel = catalog::channel(*no);
            channel.version == version
                && channel.store == 0
                && !matches!(
                    channel.pg,
                    "PAYPAL_V2"
                        | "TRIPLE_A"
                        | "NAVERPAY"
                        | "naverpay"
                        | "payco"
                        | "smartro_v2"
                        | "SMARTRO_V2"
                )
        };
        (0..u8::try_from(CHANNELS.len()).unwrap_or(u8::MAX)).filter(fits).collect()
    };
    let mut seeder = Seeder {
        rng: Rng::seeded(seed),
        now,
        start: now.saturating_sub(365 * DAY),
        v1: channels(Version::V1),
        v2: channels(Version::V2),
        first_key: row(state.keys.len()),
        first_attempt: row(state.attempts.len()),
        first_schedule: row(state.schedules.len()),
        keys: Vec::new(),
    };
    for number in 0..payments / PAYMENTS_A_KEY + u32::from(payments > 0) {
        let key = seeder.key(number, seed);
        seeder.keys.push(key);
    }
    let mut attempts = Vec::with_capacity(payments as usize);
    let mut schedules = Vec::new();
    for number in 0..payments {
        let at = seeder.start.saturating_add(step(number, payments));
        let place = seeder.first_attempt.saturating_add(row(attempts.len()));
        let due = number % PAYMENTS_A_SCHEDULE == 0;
        let attempt = seeder.attempt(number, seed, at, due.then_some(row(schedules.len())));
        if due {
            schedules.push(seeder.run_schedule(&attempt, place));
        }
        attempts.push(attempt);
    }
    // Bookings for the months to come, and some that were called off.
    for number in 0..payments / PAYMENTS_A_SCHEDULE / 2 + u32::from(payments > 0) {
        schedules.push(seeder.booking(number, seed));
    }
    let events = seeder.events(&attempts);
    state.plant(attempts, seeder.keys, schedules, events);
}

/// Seconds into the year of payment `number` of `count`: evenly spread.
fn step(number: u32, count: u32) -> Time {
    let year = u64::from(365 * DAY - 3_600);
    Time::try_from(year * u64::from(number) / u64::from(count.max(1))).unwrap_or_default()
}

impl Seeder {
    fn pick<T: Copy>(&mut self, from: &[T], default: T) -> T {
        let at = self.rng.below(from.len() as u64);
        usize::try_from(at).ok().and_then(|at| from.get(at)).copied().unwrap_or(default)
    }

    fn customer(&mut self) -> Box<Customer> {
        let name = format!("{}{}", self.pick(&FAMILY, "김"), self.pick(&GIVEN, "하늘"));
        let number = self.rng.below(100_000);
        Box::new(Customer {
            id: Some(format!("cust{number:05}").into()),
            name: Some(name.into()),
            phone: Some(format!("0100{:07}", self.rng.below(10_000_000)).into()),
            email: Some(format!("cust{number:05}@example.com").into()),
            ..Customer::default()
        })
    }

    fn card(&mut self) -> Card {
        let bin = self.pick(&BINS, 940_915);
        // Last four from 1000 up: none of the special cards.
        let last4 = u16::try_from(1_000 + self.rng.below(9_000)).unwrap_or(1_000);
        Card::new(bin, last4, 16, self.rng.below(12) == 0, 0)
    }

    fn version(&mut self) -> Version {
        if self.rng.below(10) < 3 { Version::V1 } else { Version::V2 }
    }

    fn channel(&mut self, version: Version) -> ChannelNo {
        let list = if version == Version::V1 { &self.v1 } else { &self.v2 };
        let at = self.rng.below(list.len() as u64);
        usize::try_from(at).ok().and_then(|at| list.get(at)).copied().unwrap_or_default()
    }

    fn key(&mut self, number: u32, seed: u64) -> Key {
        let version = self.version();
        let issued = self.start.saturating_add(self.rng.below32(30 * DAY));
        let name: Box<str> = match version {
            Version::V1 => format!("member_{seed}_{number:06}").into(),
            Version::V2 => format!("billing-key-{}", self.rng.uuid(issued)).into(),
        };
        let deleted = if self.rng.below(50) == 0 { self.now.saturating_sub(DAY) } else { 0 };
        Key {
            version,
            name,
            store: 0,
            channels: vec![self.channel(version)],
            group: None,
            failures: Vec::new(),
            card: self.card(),
            customer: Some(self.customer()),
            custom_data: None,
            requested: issued,
            issued,
            updated: issued,
            deleted,
            notice_urls: Vec::new(),
        }
    }

    /// A payment as it stands today. `schedule` is the place of the schedule that made it, if one did.
    fn attempt(&mut self, number: u32, seed: u64, at: Time, schedule: Option<Row>) -> Attempt {
        let key = u32::try_from(self.rng.below(self.keys.len() as u64)).unwrap_or_default();
        let by_key = schedule.is_some() || self.rng.below(4) == 0;
        let stored = self.keys.get(key as usize).filter(|_| by_key).cloned();
        let version = stored.as_ref().map_or_else(|| self.version(), |key| key.version);
        let channel = match &stored {
            Some(key) => key.channels.first().copied().unwrap_or_default(),
            None => self.channel(version),
        };
        let (card, customer) = match stored {
            Some(key) => (key.card, key.customer),
            None => (self.card(), Some(self.customer())),
        };
        let source = match (by_key, schedule) {
            (_, Some(schedule)) => Source::Schedule(
                self.first_key.saturating_add(key),
                self.first_schedule.saturating_add(schedule),
            ),
            (true, None) => Source::Key(self.first_key.saturating_add(key)),
            (false, None) => Source::KeyIn,
        };
        let total = i64::from(1 + self.rng.below32(200)) * 1_100;
        let months = if total >= 50_000 && self.rng.below(5) == 0 { 3 } else { 0 };
        let name = format!("{} {}월분", self.pick(&GOODS, "월 구독료"), 1 + number % 12);
        let tx = match version {
            Version::V1 => self.rng.imp_uid(),
            Version::V2 => self.rng.uuid(at),
        };
        let mut attempt = Attempt {
            version,
            status: Status::Paid,
            store: 0,
            channel,
            payment: format!("seed{seed}n{number:07}").into(),
            tx,
            pg_tx: self.rng.pg_tx("T", at),
            name: name.into(),
            total,
            tax_free: 0,
            vat: vat(total, 0),
            currency: *b"KRW",
            cancelled: 0,
            cancelled_tax_free: 0,
            requested: at,
            changed: at,
            paid: at,
            cancelled_at: 0,
            previous: None,
            superseded: false,
            source,
            method: Some(Method::Card { card, approval: 10_000_000 + self.rng.below32(89_999_999), months }),
            customer,
            extra: None,
            failure: None,
            cancels: Vec::new(),
            hooks: Vec::new(),
            dispute: None,
        };
        match self.rng.below(100) {
            0..6 => self.decline(&mut attempt, card),
            6..10 => self.refund(&mut attempt, total),
            10..12 => self.refund(&mut attempt, total / 2),
            12..14 if attempt.source == Source::KeyIn => self.account(&mut attempt),
            _ => (),
        }
        attempt
    }

    fn decline(&mut self, attempt: &mut Attempt, card: Card) {
        let why = self.pick(&[Why::Limit, Why::Balance, Why::Suspended, Why::System], Why::Limit);
        let (code, text) = why.words(catalog::channel(attempt.channel).pg);
        attempt.status = Status::Failed;
        attempt.paid = 0;
        attempt.method = Some(Method::Card { card, approval: 0, months: 0 });
        attempt.failure = Some(Box::new(Failure { code: code.into(), text: text.into() }));
    }

    fn refund(&mut self, attempt: &mut Attempt, amount: i64) {
        let at = attempt.paid.saturating_add(self.rng.below32(10 * DAY)).min(self.now);
        attempt.cancels.push(Cancel {
            id: self.rng.uuid(at),
            pg_id: self.rng.pg_tx("C", at),
            status: CancelStatus::Succeeded,
            total: amount,
            tax_free: 0,
            vat: vat(amount, 0),
            reason: self.pick(&REASONS, "고객 요청").into(),
            requested: at,
            done: at,
            console: self.rng.below(3) == 0,
            quiet: false,
        });
        attempt.cancelled = amount;
        attempt.status = if amount == attempt.total { Status::Cancelled } else { Status::Partial };
        (attempt.changed, attempt.cancelled_at) = (at, at);
    }

    fn account(&mut self, attempt: &mut Attempt) {
        let waits = self.rng.below(2) == 0;
        let number = format!("{:014}", self.rng.below(100_000_000_000_000)).into();
        let bank = if attempt.version == Version::V1 { "088" } else { "SHINHAN" };
        let holder = attempt.customer.as_ref().and_then(|customer| customer.name.clone());
        attempt.source = Source::Account;
        attempt.status = if waits { Status::Issued } else { Status::Paid };
        attempt.paid = if waits { 0 } else { attempt.requested };
        attempt.method = Some(Method::Account(Box::new(Account {
            bank: bank.into(),
            number,
            fixed: false,
            holder: holder.clone(),
            remitter: holder.filter(|_| !waits),
            expires: attempt.requested.saturating_add(7 * DAY),
            issued: attempt.requested,
            deposited: attempt.paid,
            closed: 0,
        })));
    }

    /// The schedule that made a payment.
    fn run_schedule(&mut self, attempt: &Attempt, at: Row) -> Schedule {
        let failed = attempt.status == Status::Failed;
        let key = attempt.key().unwrap_or(self.first_key);
        let created = attempt.requested.saturating_sub(30 * DAY);
        Schedule {
            status: if failed { ScheduleStatus::Failed } else { ScheduleStatus::Succeeded },
            payment: attempt.payment.clone(),
            name: attempt.name.clone(),
            total: attempt.total,
            started: attempt.requested,
            completed: attempt.requested,
            attempt: Some(at),
            ..self.schedule(attempt.version, key, created, attempt.requested.saturating_sub(2))
        }
    }

    /// A schedule for the next three months, now and then called off.
    fn booking(&mut self, number: u32, seed: u64) -> Schedule {
        let alive: Vec<usize> = (0..16)
            .map(|_| self.rng.below(self.keys.len() as u64))
            .filter_map(|at| usize::try_from(at).ok())
            .collect();
        let at =
            alive.into_iter().find(|at| self.keys.get(*at).is_some_and(|key| key.deleted == 0)).unwrap_or(0);
        let version = self.keys.get(at).map_or(Version::V2, |key| key.version);
        let created = self.now.saturating_sub(self.rng.below32(30 * DAY));
        let due = self.now.saturating_add(3_600 + self.rng.below32(90 * DAY));
        let revoked = self.rng.below(10) == 0;
        let key = self.first_key.saturating_add(row(at));
        let schedule = self.schedule(version, key, created, due);
        Schedule {
            status: if revoked { ScheduleStatus::Revoked } else { ScheduleStatus::Scheduled },
            payment: format!("seed{seed}f{number:07}").into(),
            revoked: if revoked { self.now } else { 0 },
            ..schedule
        }
    }

    fn schedule(&mut self, version: Version, key: Row, created: Time, due: Time) -> Schedule {
        let name = format!("{} {}월분", self.pick(&GOODS, "월 구독료"), 1 + self.rng.below(12));
        Schedule {
            version,
            id: self.rng.schedule_id(created),
            status: ScheduleStatus::Scheduled,
            store: 0,
            key,
            channel: None,
            payment: Box::from(""),
            name: name.into(),
            total: i64::from(1 + self.rng.below32(100)) * 1_100,
            tax_free: None,
            vat: None,
            currency: *b"KRW",
            months: None,
            customer: None,
            extra: None,
            created,
            due,
            started: 0,
            completed: 0,
            revoked: 0,
            attempt: None,
        }
    }

    /// The money ledger of the payments, in the order of time.
    fn events(&mut self, attempts: &[Attempt]) -> Vec<Event> {
        let mut events = Vec::with_capacity(attempts.len());
        for (at, attempt) in attempts.iter().enumerate() {
            let row = self.first_attempt.saturating_add(row(at));
            if attempt.paid != 0 {
                let id = self.rng.uuid(attempt.paid);
                events.push(Event { attempt: row, cancel: None, whole: false, at: attempt.paid, id });
            }
            for cancel in &attempt.cancels {
                let (id, whole) = (self.rng.uuid(cancel.done), attempt.status == Status::Cancelled);
                events.push(Event { attempt: row, cancel: Some(0), whole, at: cancel.done, id });
            }
        }
        events.sort_by_key(|event| event.at);
        events
    }
}

#[cfg(test)]
mod tests {
    use super::super::clock::{Clock, Mode};
    use super::super::state::Settings;
    use super::*;

    fn planted(count: u32) -> State {
        let clock = Clock::new(Mode::Manual, 1_780_000_000);
        let mut state = State::new(Settings::default(), clock, Rng::seeded(1));
        plant(&mut state, count, 7);
        state
    }

    #[test]
    fn the_same_seed_gives_the_same_rows_in_both_generations() {
        let (one, two) = (planted(500), planted(500));
        assert_eq!(one.attempts.len(), 500);
        let text = |state: &State| {
            (format!("{:?}", state.attempts), format!("{:?}", state.keys), format!("{:?}", state.schedules))
        };
        assert_eq!(text(&one), text(&two));
        for version in [Version::V1, Version::V2] {
            assert!(one.attempts.iter().any(|attempt| attempt.version == version));
            assert!(one.keys.iter().any(|key| key.version == version));
            assert!(one.schedules.iter().any(|schedule| schedule.version == version));
        }
        for status in [Status::Paid, Status::Failed, Status::Cancelled, Status::Partial, Status::Issued] {
            assert!(one.attempts.iter().any(|attempt| attempt.status == status), "{status:?}");
        }
    }

    #[test]
    fn what_hangs_together_agrees() {
        let state = planted(500);
        for (at, attempt) in state.attempts.iter().enumerate() {
            if let Source::Schedule(key, schedule) = attempt.source {
                let schedule = state.schedule(schedule);
                assert_eq!((schedule.key, schedule.attempt), (key, Some(row(at))));
                assert_eq!((&schedule.payment, schedule.total), (&attempt.payment, attempt.total));
            }
            assert!(attempt.changed <= state.now());
        }
        let money: i64 = state.attempts.iter().filter(|a| a.paid != 0).map(|a| a.total - a.cancelled).sum();
        let ledger: i64 = state
            .events
            .iter()
            .map(|event| {
                let attempt = state.attempt(event.attempt);
                event.cancel.map_or(attempt.total, |at| -attempt.cancels[usize::from(at)].total)
            })
            .sum();
        assert_eq!(money, ledger, "the ledger adds up to what is left");
    }

    #[test]
    fn nothing_planted_is_nothing() {
        assert!(planted(0).attempts.is_empty());
    }
}
