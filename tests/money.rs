//! The money path, whole: the operations in this process against the real sandbox binary, lost answers and
//! hostile ones included. Virtual accounts, billing keys and kept cards, on V1 and V2.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

#[path = "money/accounts.rs"]
mod accounts;
#[path = "money/keep.rs"]
mod keep;
#[path = "money/keys.rs"]
mod keys;
#[path = "money/provider.rs"]
mod provider;
#[path = "support/mod.rs"]
mod support;
#[path = "money/wire.rs"]
mod wire;

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use danmal::domain::billing_key::BillingKey;
use danmal::domain::channel::{Channel, Mode, Terms};
use danmal::domain::customer::Customer;
use danmal::domain::intent::{Intent, IntentState, Operator};
use danmal::domain::money::{Currency, Money};
use danmal::domain::order::{Installments, KeyChargeOrder, KeyDelete, KeyInOrder, KeyOrder, Sale};
use danmal::domain::outcome::{KeyEnd, Look, Outcome};
use danmal::domain::payment::PaymentId;
use danmal::domain::pg::{Generation, PgCode};
use danmal::gateway::http::{Endpoint, Transport};
use danmal::gateway::v1::V1;
use danmal::gateway::v2::V2;
use danmal::gateway::{ApiSecret, Gateway};
use danmal::ledger::Guard;
use danmal::ledger::sqlite::SqliteLedger;
use danmal::operation::world::{RealWorld, World};
use danmal::operation::{Desk, SETTLE_WINDOW, UnderWay};
use danmal::vault::{Field, Vault};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use support::{Api, Card, Sandbox};

/// The world as it is, with a clock that can be put forward.
struct Ahead {
    real: RealWorld,
    by: Cell<SignedDuration>,
}

#[async_trait(?Send)]
impl World for Ahead {
    fn now(&self) -> Timestamp {
        self.real.now() + self.by.get()
    }
    async fn sleep(&self, duration: Duration) {
        self.by.set(self.by.get() + SignedDuration::try_from(duration).unwrap());
    }
    fn beside(&self, work: Pin<Box<dyn Future<Output = ()> + Send>>) {
        self.real.beside(work);
    }
    fn random(&self) -> [u8; PaymentId::RANDOM_BYTES] {
        self.real.random()
    }
    fn operator(&self) -> Operator {
        self.real.operator()
    }
    fn still_runs(&self, host: &str, process: &str) -> bool {
        self.real.still_runs(host, process)
    }
}

/// A desk with a provider of its own.
struct Counter {
    api: Api,
    sandbox: Sandbox,
    desk: Desk,
    world: Rc<Ahead>,
    _folder: tempfile::TempDir,
}

impl Counter {
    fn open(api: Api) -> Self {
        let sandbox = Sandbox::start(&[]);
        let folder = tempfile::tempdir().unwrap();
        let world = Rc::new(Ahead { real: RealWorld::new(), by: Cell::new(SignedDuration::ZERO) });
        let ledger = SqliteLedger::open(&folder.path().join("ledger.db")).unwrap();
        let desk = Desk {
            profile: "main".to_owned(),
            channels: vec![channel(api, &sandbox)],
            gateway: gateway(api, &sandbox),
            ledger: Rc::new(RefCell::new(ledger)),
            world: Rc::clone(&world) as Rc<dyn World>,
            vault: Vault::new().unwrap(),
            guard_window: SignedDuration::from_mins(10),
            self_audit: false,
            under_way: UnderWay::default(),
        };
        Self { api, sandbox, desk, world, _folder: folder }
    }

    fn type_card(&self, card: &Card) {
        let vault = &self.desk.vault;
        vault.wipe();
        let expiry: String = card.expiry.chars().filter(char::is_ascii_digit).collect();
        for (field, digits) in [
            (Field::Number, &card.number),
            (Field::Expiry, &expiry),
            (Field::Identity, &card.identity),
            (Field::Pin, &card.pin),
        ] {
            for digit in digits.bytes() {
                assert!(vault.push(field, digit - b'0'));
            }
        }
    }

    fn channel(&self) -> Channel {
        self.desk.channels[0].clone()
    }

    fn check(&self) -> Guard {
        Guard::Check(self.desk.guard_window)
    }

    fn sale(&self, customer: Customer) -> Sale {
        Sale {
            payment_id: self.desk.mint(),
            channel: self.channel(),
            order_name: "정수기 렌탈".to_owned(),
            amount: Money::new(33_000, Currency::Krw).unwrap(),
            tax_free: None,
            vat: None,
            customer,
            note: None,
        }
    }

    fn key_order(&self, customer: Customer) -> KeyOrder {
        KeyOrder { id: self.desk.mint(), channel: self.channel(), customer, key: None }
    }

    async fn register(&self, card: &Card, order: &KeyOrder) -> KeyEnd {
        self.type_card(card);
        let end = self.desk.issue_key(order, &self.check(), |_| ()).await;
        assert!(self.desk.vault.is_empty());
        end
    }

    /// A key that was registered without trouble.
    async fn key(&self, card: &Card, customer: Customer) -> BillingKey {
        let end = self.register(card, &self.key_order(customer)).await;
        let Outcome::Approved(approval) = end.outcome else { panic!("{:?}", end.outcome) };
        approval.key.unwrap()
    }

    fn charge_order(&self, key: &BillingKey) -> KeyChargeOrder {
        KeyChargeOrder {
            sale: self.sale(Customer::default()),
            key: key.clone(),
            installments: Installments::default(),
        }
    }

    fn key_in_order(&self, customer: Customer) -> KeyInOrder {
        KeyInOrder { sale: self.sale(customer), installments: Installments::default(), save_card: true }
    }

    fn deletion(&self, key: &BillingKey) -> KeyDelete {
        KeyDelete { id: self.desk.mint(), key: key.clone(), channel: None, reason: None, requester: None }
    }

    fn intent(&self, id: &PaymentId) -> Intent {
        let intent = self.desk.ledger.borrow().intent(id).unwrap();
        intent.unwrap()
    }

    fn state(&self, id: &PaymentId) -> IntentState {
        self.intent(id).state
    }

    /// Lets so much time pass that nothing can be on its way any more.
    fn pass_the_window(&self) {
        self.world.by.set(self.world.by.get() + SETTLE_WINDOW);
    }

    /// Looks once; what it found and where the intent stands then.
    async fn look(&self, id: &PaymentId) -> (Look, IntentState) {
        let look = self.desk.look_at(id).await;
        (look, self.state(id))
    }

    /// Plants a fault that hits one request.
    fn fault_once(&self, method: &str, route: &str, mut rule: Value) {
        (rule["method"], rule["route"], rule["count"]) = (json!(method), json!(route), json!(1));
        self.sandbox.fault(&rule);
    }

    /// How many keys the provider holds, deleted ones included.
    fn keys_there(&self) -> u64 {
        self.sandbox.ask("GET", "/__sandbox", "", &Value::Null).1["billingKeys"].as_u64().unwrap()
    }

    /// A request of somebody else's with the store's credentials.
    fn elsewhere(&self, method: &str, path: &str, body: &Value) -> Value {
        let authorization = match self.api {
            Api::V2 => format!("PortOne {}", self.sandbox.ready["v2"]["api_secret"].as_str().unwrap()),
            Api::V1 => {
                let v1 = &self.sandbox.ready["v1"];
                let credentials = json!({"imp_key": v1["imp_key"], "imp_secret": v1["imp_secret"]});
                let (_, token) = self.sandbox.ask("POST", "/users/getToken", "", &credentials);
                format!("Bearer {}", token["response"]["access_token"].as_str().unwrap())
            }
        };
        let (status, answer) = self.sandbox.ask(method, path, &authorization, body);
        assert_eq!(status, 200, "{answer}");
        answer
    }
}

fn transport(sandbox: &Sandbox) -> Transport {
    Transport::new(Endpoint {
        base_url: sandbox.url().to_owned(),
        connect: Duration::from_secs(10),
        overall: Duration::from_secs(75),
        extra_root: None,
    })
}

fn gateway(api: Api, sandbox: &Sandbox) -> Arc<dyn Gateway> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (transport, name) = (transport(sandbox), "main".to_owned());
    match api {
        Api::V2 => {
            let v2 = &sandbox.ready["v2"];
            let secret = ApiSecret::new(text(&v2["api_secret"]));
            Arc::new(V2::new(transport, name, text(&v2["store_id"]), secret))
        }
        Api::V1 => {
            let v1 = &sandbox.ready["v1"];
            let secret = ApiSecret::new(text(&v1["imp_secret"]));
            Arc::new(V1::new(transport, name, ApiSecret::new(text(&v1["imp_key"])), secret))
        }
    }
}

/// The test channel of a PG.
fn channel(api: Api, sandbox: &Sandbox) -> Channel {
    let (name, pg, generation) = match api {
        Api::V1 => ("v1", "nice_v2", Generation::V1),
        Api::V2 => ("v2", "KCP_V2", Generation::V2),
    };
    let channels = sandbox.ready[name]["channels"].as_array().unwrap();
    let found = channels.iter().find(|found| found["pg"] == pg && found["mode"] == "test").unwrap();
    Channel {
        name: "counter".to_owned(),
        generation,
        key: found["key"].as_str().unwrap().to_owned(),
        pg: PgCode::new(pg),
        merchant_id: (api == Api::V1).then(|| found["mid"].as_str().unwrap().to_owned()),
        mode: Mode::Test,
        product_type: None,
        terms: Terms::default(),
        pg_api_key: None,
    }
}

fn customer() -> Customer {
    Customer::new("김하늘", "010-2000-3000", "sky@example.com").with_id("cust0042")
}

/// The ways to lose an answer although the work was done.
fn lost_after() -> Vec<Value> {
    vec![
        json!({"kind": "drop_after"}),
        json!({"kind": "truncate"}),
        json!({"kind": "html"}),
        json!({"kind": "not_json"}),
        json!({"kind": "status", "status": 500, "process": true}),
        json!({"kind": "status", "status": 502, "process": true, "body": "<html>bad gateway</html>"}),
        json!({"kind": "huge", "bytes": 200_000}),
    ]
}

fn lost_before() -> Value {
    json!({"kind": "drop_before"})
}
