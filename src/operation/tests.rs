//! Operations against a scripted provider, a real ledger file and a world whose clock stands still.

mod accounts;
mod book;
mod by_hand;
mod close;
mod delete_key;
mod desk;
mod export;
mod key_in;
mod key_list;
mod keys;
mod payment_sync;
mod refunds;
mod save_card;
mod schedule_bulk;
mod schedule_kills;
mod schedule_sync;
mod schedules;
mod settle_keys;
mod sync;

use std::cell::Cell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::*;
use crate::domain::account::AccountKind;
use crate::domain::billing_key::{BillingKey, IssuedKey, KeyPage, KeySearch, ProviderKey};
use crate::domain::caller::AtProvider;
use crate::domain::card::CardEnding;
use crate::domain::cash_receipt::{ProviderReceipt, ReceiptCancel, ReceiptOrder};
use crate::domain::channel::{Channel, Mode, Terms};
use crate::domain::customer::Customer;
use crate::domain::intent::{Approval, IntentKind, Operator};
use crate::domain::issuer::bank_of_v2;
use crate::domain::money::{Currency, Money};
use crate::domain::order::{
    AccountClose, AccountOrder, Installments, KeyChargeOrder, KeyDelete, KeyInOrder, KeyOrder, Sale,
};
use crate::domain::outcome::{ChargeEnd, KeyFate, Look, Outcome};
use crate::domain::payment::{PaymentState, ProviderPayment, Refusal};
use crate::domain::pg::{Generation, PgCode};
use crate::domain::record::PaymentRecord;
use crate::domain::refund::{RefundOrder, Refunded};
use crate::domain::schedule::{
    ProviderSchedule, ScheduleMove, ScheduleOrder, ScheduleRevoke, ScheduleState, Span,
};
use crate::domain::text::SafeText;
use crate::gateway::{Batch, Charged, Early, LookUp, Probe, Reply};
use crate::ledger::Guard;
use crate::ledger::sqlite::SqliteLedger;
use crate::vault::Field;

/// What the provider will say, in order, and what the journal said when it was asked.
#[derive(Default)]
struct Script {
    charges: VecDeque<Charged>,
    issues: VecDeque<Reply<IssuedKey>>,
    plains: VecDeque<Reply<()>>,
    looks: VecDeque<Result<LookUp, Problem>>,
    keys: VecDeque<Result<Option<ProviderKey>, Problem>>,
    pages: VecDeque<Result<KeyPage, Problem>>,
    /// When these are over, no key has open schedules.
    opens: VecDeque<Result<Vec<ProviderSchedule>, Problem>>,
    schedules: VecDeque<Result<Option<ProviderSchedule>, Problem>>,
    /// Where the next page seems to begin, told before a page is read.
    early: VecDeque<Option<&'static str>>,
    payments: VecDeque<Result<Batch<PaymentRecord>, Problem>>,
    /// When these are over, the book is asked.
    attempts: VecDeque<Result<Vec<PaymentRecord>, Problem>>,
    refunds: VecDeque<Reply<Refunded>>,
    receipts_issued: VecDeque<Reply<ProviderReceipt>>,
    receipts: VecDeque<Result<Option<ProviderReceipt>, Problem>>,
}

struct Scripted {
    script: Mutex<Script>,
    /// What was sent, each with kind and state of every intent at that moment.
    sent: Mutex<Vec<String>>,
    asked: Mutex<Vec<KeySearch>>,
    ledger: PathBuf,
    lists: bool,
    /// The next request hangs for ever, as one whose operation is dropped.
    hangs: Mutex<bool>,
    /// The request with this number hangs for ever.
    hangs_at: Mutex<usize>,
    /// Pages come before anybody has had the time to write the one before them.
    hurries: Mutex<bool>,
    /// The schedules that there are, where a test keeps them instead of a script.
    book: Mutex<Option<book::Book>>,
}

impl Scripted {
    fn script(&self) -> std::sync::MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    /// Keeps what is sent with what the journal says at that moment, and hangs if it is to.
    async fn note(&self, what: &str) {
        self.sent.lock().unwrap().push(format!("{what}: {}", self.states().join(", ")));
        let hangs = *self.hangs.lock().unwrap() || self.sent().len() == *self.hangs_at.lock().unwrap();
        if hangs {
            std::future::pending::<()>().await;
        }
    }

    /// Whatever the book says, if there is one.
    fn booked<T>(&self, ask: impl FnOnce(&mut book::Book) -> T) -> Option<T> {
        self.book.lock().unwrap().as_mut().map(ask)
    }

    /// Makes the request with this number, from 0, hang for ever.
    fn hang_at(&self, request: usize) {
        *self.hangs_at.lock().unwrap() = request.saturating_add(1);
    }

    fn states(&self) -> Vec<String> {
        let connection = rusqlite::Connection::open(&self.ledger).unwrap();
        let mut statement =
            connection.prepare("SELECT kind || ' ' || state FROM intents ORDER BY created_at, id").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    fn sent(&self) -> Vec<String> {
        self.sent.lock().unwrap().clone()
    }

    /// How often money was asked for.
    fn charged(&self) -> usize {
        self.sent().iter().filter(|sent| sent.starts_with("key_in") || sent.starts_with("charge_key")).count()
    }
}

#[async_trait]
impl Gateway for Scripted {
    async fn key_in(&self, _: &KeyInOrder, card: &Arc<Vault>) -> Charged {
        assert!(card.len(Field::Number) > 0, "the card must be there while the request is sent");
        self.note("key_in").await;
        self.script().charges.pop_front().expect("a charge nobody expected")
    }

    async fn issue_account(&self, _: &AccountOrder) -> Charged {
        self.note("issue_account").await;
        self.script().charges.pop_front().expect("an account nobody expected")
    }

    async fn close_account(&self, order: &AccountClose) -> Reply<()> {
        let id = order.provider_payment_id.as_ref().map_or("-", SafeText::as_str);
        self.note(&format!("close_account {id}")).await;
        self.script().plains.pop_front().expect("a closing nobody expected")
    }

    async fn issue_key(&self, order: &KeyOrder, card: &Arc<Vault>) -> Reply<IssuedKey> {
        assert!(card.len(Field::Number) > 0, "the card must be there while the request is sent");
        assert!(order.customer == customer() || order.customer == Customer::default());
        self.note("issue_key").await;
        self.script().issues.pop_front().expect("a key nobody expected")
    }

    async fn charge_key(&self, order: &KeyChargeOrder) -> Charged {
        self.note(&format!("charge_key {}", order.key.expose())).await;
        self.script().charges.pop_front().expect("a charge nobody expected")
    }

    async fn delete_key(&self, order: &KeyDelete) -> Reply<()> {
        let channel = order.channel.as_ref().map_or("-", |channel| &channel.name);
        self.note(&format!("delete_key {} {channel}", order.key.expose())).await;
        self.script().plains.pop_front().expect("a deletion nobody expected")
    }

    async fn look_up(&self, _: &PaymentId) -> Result<LookUp, Problem> {
        self.script().looks.pop_front().expect("a look-up nobody expected")
    }

    async fn key(&self, _: &BillingKey) -> Result<Option<ProviderKey>, Problem> {
        self.script().keys.pop_front().expect("a question for a key nobody expected")
    }

    fn can_list(&self) -> bool {
        self.lists
    }

    async fn keys(&self, search: &KeySearch) -> Result<KeyPage, Problem> {
        self.asked.lock().unwrap().push(search.clone());
        self.script().pages.pop_front().expect("a search nobody expected")
    }

    async fn open_schedules(
        &self,
        keys: &[BillingKey],
        _: Timestamp,
    ) -> Result<Vec<ProviderSchedule>, Problem> {
        if let Some(open) = self.booked(|book| book.open(keys)) {
            return Ok(open);
        }
        self.script().opens.pop_front().unwrap_or(Ok(Vec::new()))
    }

    async fn revoke_schedules(&self, order: &ScheduleRevoke) -> Reply<()> {
        let ids: Vec<&str> = order.schedules.iter().map(SafeText::as_str).collect();
        self.note(&format!("revoke_schedules {}", ids.join(" "))).await;
        if let Some(reply) = self.booked(|book| book.revoke(order)) {
            return reply;
        }
        self.script().plains.pop_front().expect("a revoking nobody expected")
    }

    async fn schedule_of(&self, id: &SafeText) -> Result<Option<ProviderSchedule>, Problem> {
        if let Some(found) = self.booked(|book| book.one(id)) {
            return Ok(found);
        }
        self.script().schedules.pop_front().expect("a question for a schedule nobody expected")
    }

    async fn schedule(&self, order: &ScheduleOrder) -> Reply<SafeText> {
        self.note(&format!("schedule {}", order.at)).await;
        self.booked(|book| book.make(order)).expect("a book")
    }

    fn can_move(&self) -> bool {
        !self.lists
    }

    async fn move_schedule(&self, order: &ScheduleMove) -> Reply<()> {
        self.note(&format!("move_schedule {} {}", order.schedule, order.at)).await;
        self.booked(|book| book.put_off(order)).expect("a book")
    }

    async fn rebook_schedule(&self, order: &ScheduleMove) -> Reply<()> {
        self.note(&format!("rebook_schedule {} {}", order.schedule, order.at)).await;
        self.booked(|book| book.put_off(order)).expect("a book")
    }

    async fn retry_schedule(&self, schedule: &SafeText) -> Charged {
        self.note(&format!("retry_schedule {schedule}")).await;
        self.booked(|book| book.retry(schedule)).expect("a book")
    }

    async fn schedules(&self, span: Span, next: Option<&str>) -> Result<Batch<ProviderSchedule>, Problem> {
        Ok(self.booked(|book| book.page(span, next)).expect("a book"))
    }

    async fn payments(
        &self,
        span: Span,
        next: Option<&str>,
        early: &Early,
    ) -> Result<Batch<PaymentRecord>, Problem> {
        let place = next.unwrap_or("-");
        self.note(&format!("payments {}..{} {place}", span.from, span.until)).await;
        let page = self.script().payments.pop_front().expect("a question for payments nobody expected");
        let guess = self.script().early.pop_front().flatten();
        // It takes longer than a page is written, as a provider does.
        let turns = if *self.hurries.lock().unwrap() { 0 } else { 32 };
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        if let Some(guess) = guess {
            early.tell(guess.to_owned()).await;
            self.note(&format!("read {place}")).await;
        }
        page
    }

    async fn attempts(&self, id: &SafeText) -> Result<Vec<PaymentRecord>, Problem> {
        if let Some(attempts) = self.script().attempts.pop_front() {
            return attempts;
        }
        Ok(self.booked(|book| book.attempts(id)).expect("a question for attempts nobody expected"))
    }

    async fn raw_payment(&self, _: &SafeText) -> Result<Option<Vec<SafeText>>, Problem> {
        unreachable!("a question for an answer nobody expected")
    }

    async fn refund(&self, order: &RefundOrder) -> Reply<Refunded> {
        let (amount, balance) = (order.amount.minor(), order.balance.minor());
        self.note(&format!("refund {} {amount} of {balance}", order.payment)).await;
        self.script().refunds.pop_front().expect("a refund nobody expected")
    }

    async fn issue_receipt(&self, order: &ReceiptOrder) -> Reply<ProviderReceipt> {
        self.note(&format!("issue_receipt {}", order.payment)).await;
        self.script().receipts_issued.pop_front().expect("a cash receipt nobody expected")
    }

    async fn cancel_receipt(&self, order: &ReceiptCancel) -> Reply<()> {
        self.note(&format!("cancel_receipt {}", order.payment)).await;
        self.script().plains.pop_front().expect("a cash receipt's cancellation nobody expected")
    }

    async fn receipt(&self, _: &SafeText, _: Option<&SafeText>) -> Result<Option<ProviderReceipt>, Problem> {
        self.script().receipts.pop_front().expect("a question for a cash receipt nobody expected")
    }

    async fn caller(&self, phone: &str, keys: &[BillingKey], _: Timestamp) -> Result<AtProvider, Problem> {
        let keys: Vec<&str> = keys.iter().map(BillingKey::expose).collect();
        self.sent.lock().unwrap().push(format!("caller {phone} {}", keys.join(" ")));
        Ok(AtProvider { searched: self.lists, ..AtProvider::default() })
    }

    async fn probe(&self) -> Result<Probe, Problem> {
        Ok(Probe { server_time: None })
    }
}

struct Still {
    now: Cell<Timestamp>,
    process: String,
    others_run: bool,
    chance: Cell<u8>,
}

#[async_trait(?Send)]
impl World for Still {
    fn now(&self) -> Timestamp {
        self.now.get()
    }
    async fn sleep(&self, duration: Duration) {
        self.now.set(self.now.get() + duration);
    }
    fn beside(&self, work: Pin<Box<dyn Future<Output = ()> + Send>>) {
        // On the test's own thread: who is next is certain.
        tokio::spawn(work);
    }
    fn random(&self) -> [u8; PaymentId::RANDOM_BYTES] {
        self.chance.set(self.chance.get() + 1);
        [self.chance.get(); PaymentId::RANDOM_BYTES]
    }
    fn operator(&self) -> Operator {
        Operator {
            user: "minji".to_owned(),
            remote: None,
            host: "desk-1".to_owned(),
            process: self.process.clone(),
        }
    }
    fn still_runs(&self, _: &str, _: &str) -> bool {
        self.others_run
    }
}

struct Rig {
    desk: Desk,
    gateway: Arc<Scripted>,
    world: Rc<Still>,
    folder: tempfile::TempDir,
}

fn rig_of(generation: Generation, script: Script) -> Rig {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger.db");
    let gateway = Arc::new(Scripted {
        script: Mutex::new(script),
        sent: Mutex::default(),
        asked: Mutex::default(),
        ledger: ledger.clone(),
        lists: generation == Generation::V2,
        hangs: Mutex::new(false),
        hangs_at: Mutex::new(usize::MAX),
        hurries: Mutex::new(false),
        book: Mutex::new(None),
    });
    let world = Rc::new(Still {
        now: Cell::new("2026-11-21T02:00:00Z".parse().unwrap()),
        process: "1:1".to_owned(),
        others_run: false,
        chance: Cell::new(0),
    });
    let desk = Desk {
        profile: "main".to_owned(),
        channels: vec![channel(generation)],
        gateway: Arc::clone(&gateway) as Arc<dyn Gateway>,
        ledger: Rc::new(RefCell::new(SqliteLedger::open(&ledger).unwrap())),
        world: Rc::clone(&world) as Rc<dyn World>,
        vault: Vault::new().unwrap(),
        guard_window: SignedDuration::from_mins(10),
        self_audit: false,
        under_way: UnderWay::default(),
    };
    Rig { desk, gateway, world, folder }
}

/// A V2 shop whose charges and look-ups end so.
fn rig(charges: Vec<Charged>, looks: Vec<Result<LookUp, Problem>>) -> Rig {
    rig_of(Generation::V2, Script { charges: charges.into(), looks: looks.into(), ..Script::default() })
}

fn channel(generation: Generation) -> Channel {
    Channel {
        name: "kcp".to_owned(),
        generation,
        key: "channel-key-1".to_owned(),
        pg: PgCode::new(if generation == Generation::V2 { "KCP_V2" } else { "kcp" }),
        merchant_id: None,
        mode: Mode::Test,
        product_type: None,
        terms: Terms::default(),
        pg_api_key: None,
    }
}

fn customer() -> Customer {
    Customer::new("김하늘", "010-2000-3000", "").with_id("cust0042")
}

/// A payment of which little is known.
fn record(id: &str, payment: ProviderPayment) -> PaymentRecord {
    PaymentRecord { payment, ..PaymentRecord::bare(id, PaymentState::Failed, None) }
}

fn bkey(text: &str) -> BillingKey {
    BillingKey::parse(text).unwrap()
}

/// A key of the provider's, for the card that the rig types.
fn provider_key(text: &str) -> ProviderKey {
    ProviderKey {
        key: bkey(text),
        issued_at: Some("2026-11-21T02:00:01Z".parse::<Timestamp>().unwrap().as_second()),
        updated_at: None,
        deleted_at: None,
        card: CardEnding::new("941012", "1234"),
        issuer: Some(SafeText::new("신한카드")),
        customer: customer(),
        pg: Some(SafeText::new("KCP_V2")),
        channel: Some(SafeText::new("channel-key-1")),
        is_test: Some(true),
        made_by: None,
    }
}

fn issued(text: &str) -> Reply<IssuedKey> {
    Reply::Done(IssuedKey { key: bkey(text), refusals: Vec::new(), card: None, issuer: None })
}

/// A refusal that is one: over the limit.
fn refusal() -> Refusal {
    Refusal { code: Some(SafeText::new("CC61")), message: SafeText::new("한도초과") }
}

fn unreadable() -> Problem {
    Problem::Unreadable { why: "http_500".to_owned() }
}

impl Rig {
    fn type_card(&self) {
        for (field, digits) in [(Field::Number, "9410123412341234"), (Field::Expiry, "1229")] {
            for digit in digits.bytes() {
                self.desk.vault.push(field, digit - b'0');
            }
        }
    }

    fn generation(&self) -> Generation {
        self.desk.channels[0].generation
    }

    fn sale(&self) -> Sale {
        Sale {
            payment_id: self.desk.mint(),
            channel: channel(self.generation()),
            order_name: "관리비".to_owned(),
            amount: Money::new(45_000, Currency::Krw).unwrap(),
            tax_free: None,
            vat: None,
            customer: Customer::default(),
            note: None,
        }
    }

    fn order(&self) -> KeyInOrder {
        KeyInOrder { sale: self.sale(), installments: Installments::default(), save_card: false }
    }

    async fn charge(&self, guard: &Guard) -> (PaymentId, Outcome) {
        self.type_card();
        let order = self.order();
        let outcome = self.desk.charge(&order, guard, |_| ()).await.outcome;
        assert!(self.desk.vault.is_empty(), "the vault must be wiped in whatever way it ended");
        (order.sale.payment_id, outcome)
    }

    fn check(&self) -> Guard {
        Guard::Check(self.desk.guard_window)
    }

    fn intent(&self, id: &PaymentId) -> Intent {
        self.desk.intent(id).unwrap().unwrap()
    }

    fn state(&self, id: &PaymentId) -> IntentState {
        self.intent(id).state
    }

    /// The steps of an intent, from its history.
    fn steps(&self, id: &PaymentId) -> Vec<String> {
        self.desk.ledger.borrow().history(id).unwrap().into_iter().map(|entry| entry.word).collect()
    }

    fn pass(&self, seconds: i64) {
        self.world.now.set(self.world.now.get() + SignedDuration::from_secs(seconds));
    }

    /// The one intent of a kind.
    fn only(&self, kind: IntentKind) -> Intent {
        let connection = rusqlite::Connection::open(self.folder.path().join("ledger.db")).unwrap();
        let ids: Vec<String> = connection
            .prepare("SELECT id FROM intents WHERE kind = ?1")
            .unwrap()
            .query_map([kind.word()], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(ids.len(), 1, "{ids:?}");
        self.intent(&PaymentId::parse(&ids[0]).unwrap())
    }

    /// Starts an operation, lets it run until its request hangs, and drops it there.
    async fn drop_in_flight(&self, operation: impl std::future::Future) {
        *self.gateway.hangs.lock().unwrap() = true;
        let before = self.gateway.sent().len();
        tokio::select! {
            biased;
            _ = operation => panic!("it must hang"),
            () = std::future::ready(()) => {}
        }
        assert_eq!(self.gateway.sent().len(), before + 1);
        *self.gateway.hangs.lock().unwrap() = false;
    }
}

fn payment(state: PaymentState) -> ProviderPayment {
    ProviderPayment {
        provider_payment_id: Some(SafeText::new("tx-1")),
        approval_number: Some(SafeText::new("31557120")),
        issuer: Some(SafeText::new("신한카드")),
        installments: Some(0),
        refusal: Some(refusal()),
        is_test: Some(true),
        ..ProviderPayment::bare(state, Money::new(45_000, Currency::Krw))
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it stands in lists of look-ups, some of which fail")]
fn found(state: PaymentState) -> Result<LookUp, Problem> {
    Ok(LookUp::Found(Box::new(payment(state))))
}
