//! For every PG that the rules table offers key-in, virtual accounts or the issue of billing keys for, on V1 and V2:
//! what the form lets through the sandbox takes, with the PG's rules on, and what the form blocks the sandbox refuses too.
//!
//! The form is the screen's own model; the sandbox reads the requests that the gateway really sends.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't set itself up has failed")]

#[path = "support/mod.rs"]
mod support;

use std::sync::Arc;
use std::time::Duration;

use danmal::domain::account::{AccountKind, CashReceipt, ReceiptKind};
use danmal::domain::card::CardSlot;
use danmal::domain::channel::{Channel, Mode, PgApiKey, ProductType, Terms};
use danmal::domain::customer::Customer;
use danmal::domain::money::{Currency, Money};
use danmal::domain::order::{AccountOrder, Installments, KeyInOrder, KeyOrder, Sale};
use danmal::domain::payment::PaymentId;
use danmal::domain::pg::{self, Generation, Need, Offer, Operation, PgCode};
use danmal::gateway::http::{Endpoint, Transport};
use danmal::gateway::v1::V1;
use danmal::gateway::v2::V2;
use danmal::gateway::{ApiSecret, Gateway, Reply};
use danmal::tui::app::facts;
use danmal::tui::screen::keyin::model::fields::{Field, Fields, IdentityKind, Way, fitting};
use danmal::vault::{Field as CardField, Vault};
use support::{Card, Sandbox};

/// Remarks that are the console's own and no PG's: nothing is said about what the PG would do.
const OURS: [&str; 6] = [
    "keyin.error.phone",
    "keyin.error.email",
    "keyin.error.birth-incomplete",
    "keyin.error.business-incomplete",
    "keyin.error.receipt-phone",
    "keyin.error.amount-zero",
];

/// "Labelled required, yet accepted when absent" (V1 §4.1): the form holds to the label, because a PG that gets none
/// can't tell that two cards are one person's.
const LABELLED: (Way, &str, &str) = (Way::Register, "tosspayments", "no customer id");

/// What an agent fills in.
#[derive(Debug, Clone)]
struct Typed {
    order_name: String,
    amount: &'static str,
    months: u8,
    identity: Option<String>,
    pin: bool,
    name: String,
    phone: &'static str,
    email: String,
    customer_id: String,
    tax_free: Option<&'static str>,
    due: &'static str,
    receipt: Option<(ReceiptKind, &'static str)>,
    holder: String,
}

impl Typed {
    fn good() -> Self {
        Self {
            order_name: "정수기 렌탈".to_owned(),
            amount: "60000",
            months: 0,
            identity: Some("880214".to_owned()),
            pin: true,
            name: "김하늘".to_owned(),
            phone: "010-2000-3000",
            email: "a@example.com".to_owned(),
            customer_id: "cust0042".to_owned(),
            tax_free: None,
            due: "3",
            receipt: Some((ReceiptKind::Personal, "010-2000-3000")),
            holder: "단말상회".to_owned(),
        }
    }
}

/// One change to what is filled in.
type Change = (&'static str, fn(&mut Typed));

#[expect(clippy::assigning_clones, reason = "a table reads better with one form of assignment")]
const CHANGES: &[Change] = &[
    ("nothing", |_| ()),
    ("no name", |typed| typed.name.clear()),
    ("no phone", |typed| typed.phone = ""),
    ("no e-mail", |typed| typed.email.clear()),
    ("nobody", |typed| {
        typed.name.clear();
        typed.phone = "";
        typed.email.clear();
    }),
    ("no identity", |typed| typed.identity = None),
    ("no pin", |typed| typed.pin = false),
    ("neither", |typed| (typed.identity, typed.pin) = (None, false)),
    ("a company's card", |typed| typed.identity = Some("1234567891".to_owned())),
    ("a long order name", |typed| typed.order_name = "정수기렌탈".repeat(8)),
    ("a very long order name", |typed| typed.order_name = "가나다라마바사아자차".repeat(10)),
    ("a long Latin order name", |typed| typed.order_name = "water purifier ".repeat(6)),
    ("brackets", |typed| typed.order_name = "정수기 <렌탈>".to_owned()),
    ("quotes", |typed| typed.order_name = "정수기 \"렌탈\" 'A'".to_owned()),
    ("ampersand", |typed| typed.order_name = "A&B; 50% \\ $10 | x".to_owned()),
    ("emoji", |typed| typed.order_name = "정수기 💧".to_owned()),
    ("outside EUC-KR", |typed| typed.name = "김뷁똠꿹".to_owned()),
    ("a long name", |typed| typed.name = "김수한무거북이와두루미삼천갑자동방삭".to_owned()),
    ("a very long name", |typed| typed.name = "Kim ".repeat(14).trim().to_owned()),
    ("a long e-mail", |typed| typed.email = format!("{}@example.com", "a".repeat(60))),
    ("no customer id", |typed| typed.customer_id.clear()),
    ("a customer id of one letter", |typed| typed.customer_id = "c".to_owned()),
    ("a long customer id", |typed| typed.customer_id = "customer".repeat(7)),
    ("a customer id with signs", |typed| typed.customer_id = "cust.00-42".to_owned()),
    ("a Korean customer id", |typed| typed.customer_id = "고객42".to_owned()),
    ("two months", |typed| typed.months = 2),
    ("twelve months", |typed| typed.months = 12),
    ("twenty-four months", |typed| typed.months = 24),
    ("months below the usual minimum", |typed| (typed.amount, typed.months) = ("20000", 3)),
    ("a small amount", |typed| typed.amount = "100"),
    ("one won", |typed| typed.amount = "1"),
    ("a large amount", |typed| typed.amount = "90000000"),
    ("a tax-free part", |typed| typed.tax_free = Some("20000")),
    ("all tax-free", |typed| typed.tax_free = Some("60000")),
    ("no receipt", |typed| typed.receipt = None),
    ("a company's receipt", |typed| typed.receipt = Some((ReceiptKind::Corporate, "123-45-67891"))),
    ("no holder", |typed| typed.holder.clear()),
    ("a long holder", |typed| typed.holder = "단말상회서울강남본점영업부관리과장".to_owned()),
    ("hours", |typed| typed.due = "24시간"),
    ("a month", |typed| typed.due = "30"),
    ("a hundred days", |typed| typed.due = "100"),
];

struct Bench {
    sandbox: Sandbox,
    v1: V1,
    v2: V2,
    minted: u32,
}

impl Bench {
    fn start() -> Self {
        let sandbox = Sandbox::start(&[]);
        let transport = || {
            Transport::new(Endpoint {
                base_url: sandbox.url().to_owned(),
                connect: Duration::from_secs(10),
                overall: Duration::from_secs(65),
                extra_root: None,
            })
        };
        let text = |of: &str, what: &str| sandbox.ready[of][what].as_str().unwrap().to_owned();
        let secret = |of: &str, what: &str| ApiSecret::new(text(of, what));
        let v1 = V1::new(transport(), "v1".to_owned(), secret("v1", "imp_key"), secret("v1", "imp_secret"));
        let v2 = V2::new(transport(), "v2".to_owned(), text("v2", "store_id"), secret("v2", "api_secret"));
        Self { v1, v2, minted: 0, sandbox }
    }

    fn gateway(&self, generation: Generation) -> &dyn Gateway {
        match generation {
            Generation::V1 => &self.v1,
            Generation::V2 => &self.v2,
        }
    }

    /// The sandbox's test channel of a PG.
    fn channel(&self, generation: Generation, code: &str) -> Option<Channel> {
        let of = match generation {
            Generation::V1 => "v1",
            Generation::V2 => "v2",
        };
        let found = self.sandbox.ready[of]["channels"]
            .as_array()
            .unwrap()
            .iter()
            .find(|channel| channel["pg"] == code && channel["mode"] == "test")?;
        let text = |what: &str| found[what].as_str().unwrap().to_owned();
        Some(Channel {
            name: code.to_lowercase(),
            generation,
            key: text("key"),
            pg: PgCode::new(code),
            merchant_id: (generation == Generation::V1).then(|| text("mid")),
            mode: Mode::Test,
            product_type: Some(ProductType::Physical),
            pg_api_key: Some(PgApiKey::new("key-of-the-pg")),
            terms: Terms {
                installments: vec![2, 3, 6, 12, 24],
                granted: Operation::ALL.to_vec(),
                ..Terms::default()
            },
        })
    }

    fn id(&mut self) -> PaymentId {
        self.minted += 1;
        PaymentId::parse(&format!("dform{:023}", self.minted)).unwrap()
    }
}

fn fill(channel: &Channel, way: Way, typed: &Typed, vault: &Arc<Vault>) -> Fields {
    let card = Card::ending("5001");
    let now = jiff::Timestamp::now();
    let mut fields = match way {
        Way::Register => Fields::for_register(channel.clone(), &typed.order_name, now),
        _ => Fields::new(channel.clone(), &typed.order_name, now),
    };
    fields.choose_way(way);
    assert_eq!(fields.way(), way, "{} offers it", channel.pg);
    fields.more = true;
    for (field, value) in [
        (Field::Amount, typed.amount),
        (Field::Name, &typed.name),
        (Field::Phone, typed.phone),
        (Field::Email, &typed.email),
        (Field::CustomerId, &typed.customer_id),
        (Field::TaxFree, typed.tax_free.unwrap_or_default()),
        (Field::Due, typed.due),
        (Field::Holder, &typed.holder),
    ] {
        fields.set(field, value);
    }
    fields.months = typed.months;
    if way == Way::Account {
        let at = fields.banks().iter().position(|bank| bank.ko.starts_with("신한")).unwrap_or(0);
        fields.choose_bank(at);
        let wanted = typed.receipt.map(|(kind, _)| kind);
        // What can't be chosen stays at what the form proposes.
        if fields.receipts().contains(&wanted) {
            fields.receipt = wanted;
        }
        fields.set(Field::ReceiptNumber, typed.receipt.map_or("", |(_, number)| number));
    }
    let digits = |field: CardField, text: &str| {
        for digit in text.bytes().filter(u8::is_ascii_digit) {
            assert!(vault.push(field, digit - b'0'));
        }
    };
    vault.wipe();
    digits(CardField::Number, &card.number);
    digits(CardField::Expiry, &card.expiry);
    if let Some(identity) = &typed.identity {
        digits(CardField::Identity, identity);
        fields.identity_kind =
            if identity.len() == 10 { IdentityKind::Business } else { IdentityKind::Person };
    }
    if typed.pin {
        digits(CardField::Pin, &card.pin);
    }
    for slot in [CardSlot::Number, CardSlot::Expiry, CardSlot::Identity, CardSlot::Pin] {
        fields.learn(facts(vault, slot));
    }
    fields
}

/// The same order, made without asking the form.
fn sale(channel: &Channel, typed: &Typed, id: PaymentId) -> Sale {
    let money = |text: &str| Money::parse_typed(text, Currency::Krw).unwrap();
    Sale {
        payment_id: id,
        channel: channel.clone(),
        order_name: typed.order_name.clone(),
        amount: money(typed.amount),
        tax_free: typed.tax_free.map(money),
        vat: None,
        customer: Customer::new(&typed.name, typed.phone, &typed.email),
        note: None,
    }
}

/// Whether it was done, and what was said.
fn told<T: std::fmt::Debug>(reply: &Reply<T>) -> (bool, String) {
    (matches!(reply, Reply::Done(_)), format!("{reply:?}"))
}

async fn send_card(
    bench: &mut Bench,
    channel: &Channel,
    typed: &Typed,
    vault: &Arc<Vault>,
) -> (bool, (bool, String)) {
    let fields = fill(channel, Way::Card, typed, vault);
    let id = bench.id();
    let through = fields.order(id.clone());
    let order = through.clone().unwrap_or_else(|| KeyInOrder {
        sale: sale(channel, typed, id),
        installments: Installments { months: typed.months, interest_free: false },
        save_card: false,
    });
    (through.is_some(), told(&bench.gateway(channel.generation).key_in(&order, vault).await))
}

async fn send_account(
    bench: &mut Bench,
    channel: &Channel,
    typed: &Typed,
    vault: &Arc<Vault>,
) -> (bool, (bool, String)) {
    let fields = fill(channel, Way::Account, typed, vault);
    let id = bench.id();
    let through = fields.account_order(id.clone());
    let order = through.clone().unwrap_or_else(|| AccountOrder {
        sale: sale(channel, typed, id),
        bank: fields.bank.expect("a bank was chosen"),
        due: fields.due().expect("a due date was typed"),
        kind: AccountKind::Rotating,
        receipt: typed.receipt.map(|(kind, number)| CashReceipt {
            kind,
            identity: number.chars().filter(char::is_ascii_digit).collect(),
        }),
        holder: Some(typed.holder.clone()).filter(|holder| !holder.is_empty()),
    });
    (through.is_some(), told(&bench.gateway(channel.generation).issue_account(&order).await))
}

async fn send_key(
    bench: &mut Bench,
    channel: &Channel,
    typed: &Typed,
    vault: &Arc<Vault>,
) -> (bool, (bool, String)) {
    let fields = fill(channel, Way::Register, typed, vault);
    let id = bench.id();
    let through = fields.key_order(id.clone());
    let order = through.clone().unwrap_or_else(|| KeyOrder {
        id,
        channel: channel.clone(),
        customer: Customer::new(&typed.name, typed.phone, &typed.email).with_id(&typed.customer_id),
        key: None,
    });
    (through.is_some(), told(&bench.gateway(channel.generation).issue_key(&order, vault).await))
}

/// Why the form stops it, as the catalogue's keys.
fn reasons(channel: &Channel, way: Way, typed: &Typed, vault: &Arc<Vault>) -> Vec<&'static str> {
    let fields = fill(channel, way, typed, vault);
    fields
        .visible()
        .filter(|field| fields.stops(*field))
        .filter_map(|field| fields.remark(field))
        .map(|remark| remark.text.key)
        .collect()
}

#[tokio::test]
async fn the_form_and_the_sandbox_agree_for_every_channel_type() {
    let mut bench = Bench::start();
    let vault = Vault::new().unwrap();
    let (mut trials, mut blocked, mut types) = (0, 0, Vec::new());
    let mut wrong = Vec::new();
    for generation in [Generation::V2, Generation::V1] {
        for code in pg::known(generation) {
            let rules = pg::rules(generation, &code);
            for way in [Way::Card, Way::Account, Way::Register] {
                if matches!(rules.offer(way.operation()), Offer::RuledOut | Offer::Unstated) {
                    continue;
                }
                let Some(plain) = bench.channel(generation, code.as_str()) else {
                    // What nobody is sure to issue keys is no channel that can be kept for it.
                    if way == Way::Register && rules.offer(way.operation()) == Offer::Disputed {
                        continue;
                    }
                    wrong.push(format!("the sandbox has no channel for {generation:?} {code}"));
                    continue;
                };
                if fitting(&[way], &plain).is_empty() {
                    // What a terminal can't supply (a security code, the buyer's device) keeps the whole way shut.
                    let asked = [pg::Field::Cvc, pg::Field::BuyerDevice];
                    let shut =
                        asked.iter().any(|field| rules.need(way.operation(), *field) == Need::Required);
                    if !shut {
                        wrong.push(format!(
                            "{generation:?} {code}: {way:?} is not offered, and nothing says why"
                        ));
                    }
                    continue;
                }
                types.push(format!("{generation:?} {code} {way:?}"));
                for (what, change) in CHANGES {
                    let mut filled = Typed::good();
                    change(&mut filled);
                    let channel = bench.channel(generation, code.as_str()).unwrap();
                    let (through, (done, reply)) = match way {
                        Way::Card => send_card(&mut bench, &channel, &filled, &vault).await,
                        Way::Account => send_account(&mut bench, &channel, &filled, &vault).await,
                        Way::Register => send_key(&mut bench, &channel, &filled, &vault).await,
                        Way::Charge => unreachable!("nothing is typed for it that a card has"),
                    };
                    trials += 1;
                    blocked += usize::from(!through);
                    if through != done {
                        let why = reasons(&channel, way, &filled, &vault);
                        if !through && !why.is_empty() && why.iter().all(|key| OURS.contains(key)) {
                            continue;
                        }
                        if (way, code.as_str(), *what) == LABELLED {
                            continue;
                        }
                        wrong.push(format!(
                            "{generation:?} {code} {way:?}, {what}: the form {} ({why:?}), the sandbox says {reply}",
                            if through { "lets it through" } else { "blocks it" },
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {trials}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(blocked > 100 && trials - blocked > 300, "{blocked} of {trials} blocked: the trials say little");
    println!("{trials} trials, {blocked} blocked, {} channel types: {}", types.len(), types.join(", "));
}
