//! A console without a terminal, for the tests of models and views: a root model, a card in place of the
//! vault's, and what the loop does between them.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::glyphs::Glyphs;
use super::input::{Code, Key};
use super::model::{Model, Setup};
use super::msg::{Effect, EffectId, Msg, Timer};
use super::screen::keyin::model::fields::{Field, Way};
use super::screen::keyin::model::{self as keyin, Phase};
use super::theme::Name;
use super::{columns, view};
use crate::domain::account::DepositAccount;
use crate::domain::card::{CardEnding, CardFacts, CardSlot, ExpiryVerdict, IdentityVerdict};
use crate::domain::channel::{Channel, Mode, Terms};
use crate::domain::customer::Customer;
use crate::domain::intent::{Approval, Intent, IntentKind, IntentState, NewIntent, Operator};
use crate::domain::money::{Currency, Money};
use crate::domain::order::Installments;
use crate::domain::outcome::{Look, Outcome};
use crate::domain::payment::{PaymentId, Refusal};
use crate::domain::pg::{Generation, Need, PgCode};
use crate::domain::text::SafeText;
use crate::i18n::Lang;

/// A number that passes Luhn.
pub(super) const NUMBER: &str = "4242424242424242";
/// What is typed after the number: 12/29, a birth date, two digits.
pub(super) const REST: &str = "122988021412";

pub(super) const F1: Key = Key::plain(Code::F(1));
pub(super) const ENTER: Key = Key::plain(Code::Enter);
pub(super) const ESC: Key = Key::plain(Code::Esc);
pub(super) const TAB: Key = Key::plain(Code::Tab);

/// 2026-11-21 14:05 in Korea.
pub(super) fn now() -> Timestamp {
    "2026-11-21T05:05:00Z".parse().unwrap()
}

pub(super) fn won(amount: u64) -> Money {
    Money::new(amount, Currency::Krw).unwrap()
}

/// A channel that asks for everything a Korean card has.
pub(super) fn kcp() -> Channel {
    Channel {
        name: "케이씨피 수기".to_owned(),
        generation: Generation::V2,
        key: "channel-key-1".to_owned(),
        pg: PgCode::new("KCP_V2"),
        merchant_id: None,
        mode: Mode::Test,
        product_type: None,
        terms: Terms { installments: vec![2, 3, 6, 12], ..Terms::default() },
        pg_api_key: None,
    }
}

/// A live channel that asks for the number and the expiry only, in one payment.
pub(super) fn plain_live() -> Channel {
    Channel {
        name: "해외 카드".to_owned(),
        key: "channel-key-2".to_owned(),
        mode: Mode::Live,
        terms: Terms { identity: Some(Need::Ignored), pin: Some(Need::Ignored), ..Terms::default() },
        pg_api_key: None,
        ..kcp()
    }
}

pub(super) fn setup() -> Setup {
    Setup {
        store: "한빛정수기".to_owned(),
        operator: "kim".to_owned(),
        now: now(),
        lang: Lang::Ko,
        theme: Name::Mono,
        size: (80, 24),
        keyin: keyin::Setup {
            store: "한빛정수기".to_owned(),
            channels: vec![kcp(), plain_live()],
            first: 0,
            order_name: "정수기 렌탈".to_owned(),
            now: now(),
            idle_wipe: Duration::from_secs(90),
            overall: Duration::from_secs(70),
        },
    }
}

fn safe(text: &str) -> SafeText {
    SafeText::new(text)
}

pub(super) fn approval() -> Approval {
    Approval {
        provider_payment_id: Some(safe("019304")),
        approval_number: Some(safe("30012345")),
        issuer: Some(safe("신한카드")),
        receipt_url: Some(safe(
            "https://admin8.kcp.co.kr/assist/bill.BillActionNew.do?cmd=card_bill&tno=26112100001234&order_no=x",
        )),
        ..Approval::default()
    }
}

/// What an issue brings.
pub(super) fn issued() -> Approval {
    Approval {
        provider_payment_id: Some(safe("019304")),
        account: Some(Box::new(DepositAccount {
            bank: safe("KB국민은행"),
            number: safe("56201234567890"),
            holder: Some(safe("한빛정수기")),
            due: Some("2026-11-24T14:59:59Z".parse::<Timestamp>().unwrap().as_second()),
        })),
        ..Approval::default()
    }
}

pub(super) fn refusal() -> Refusal {
    Refusal {
        code: Some(safe("8111")),
        message: SafeText::message("카드사 거절 : 비밀번호 오류입니다. 확인 후 다시 이용하시기 바랍니다."),
    }
}

/// An earlier charge of the same amount to the same card by somebody else.
pub(super) fn earlier(state: IntentState) -> Intent {
    Intent {
        new: NewIntent {
            id: PaymentId::parse("dearlier00000000000000000000").unwrap(),
            kind: IntentKind::KeyIn,
            profile: "main".to_owned(),
            generation: Generation::V2,
            channel: "kcp".to_owned(),
            pg: "KCP_V2".to_owned(),
            mode: Mode::Test,
            amount: won(45_000),
            tax_free: None,
            vat: None,
            installments: Installments::default(),
            target: None,
            parent: None,
            schedules: Vec::new(),
            due: None,
            batch: None,
            note: None,
            order_name: "정수기 렌탈".to_owned(),
            customer: Customer::default(),
            card: CardEnding::new("424242", "4242"),
            operator: Operator {
                user: "park".to_owned(),
                remote: None,
                host: "desk".to_owned(),
                process: "1".to_owned(),
            },
            created: now(),
        },
        state,
        sent: None,
        settled: None,
        guard_reason: None,
        approval: (state == IntentState::Approved).then(approval),
        refusal: (state == IntentState::Declined).then(refusal),
        why: None,
        deposit: None,
    }
}

/// The id of an effect that has one.
pub(super) const fn id_of(effect: &Effect) -> Option<EffectId> {
    match effect {
        Effect::Earlier(id, _)
        | Effect::EarlierAccount(id, _)
        | Effect::Charge(id, ..)
        | Effect::Issue(id, ..)
        | Effect::KeyName(id, _)
        | Effect::IssueKey(id, ..)
        | Effect::EarlierKeyCharge(id, _)
        | Effect::ChargeKey(id, ..)
        | Effect::CloseAccount(id, ..)
        | Effect::Caller(id, _) => Some(*id),
        _ => None,
    }
}

/// A console and the card that is typed into it.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) model: Model,
    pub(super) card: [String; 4],
    /// What was asked for since this was last taken, apart from what the desk did itself.
    pub(super) asked: Vec<Effect>,
    /// What was asked for beside the payment: the draft, who issued the card.
    pub(super) beside: Vec<Effect>,
    /// Everything that was ever said to the model or by it, for the search for digits.
    pub(super) heard: String,
    minted: u8,
}

impl Desk {
    pub(super) fn new() -> Self {
        Self::with(setup())
    }

    pub(super) fn with(setup: Setup) -> Self {
        let (model, asked) = Model::new(setup);
        let card = [const { String::new() }; 4];
        Self { model, card, asked, beside: Vec::new(), heard: String::new(), minted: 0 }
    }

    pub(super) fn keyin(&self) -> &keyin::Model {
        &self.model.keyin
    }

    /// The order of what is under way or over.
    pub(super) fn payment(&self) -> PaymentId {
        match &self.keyin().phase {
            Phase::Confirm(confirm) => confirm.order.as_ref().unwrap().id().clone(),
            Phase::Flight(flight) => flight.order.id().clone(),
            Phase::Result(finished) => finished.order.id().clone(),
            Phase::Form => panic!("no order in the form"),
        }
    }

    /// What was asked for since the last time.
    pub(super) fn asked(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.asked)
    }

    /// The id of the last effect of a kind.
    pub(super) fn effect(&self) -> EffectId {
        self.asked.iter().rev().find_map(id_of).expect("an effect with an id")
    }

    pub(super) fn msg(&mut self, msg: Msg) {
        let _ = writeln!(self.heard, "{msg:?}");
        let effects = self.model.update(msg);
        for effect in effects {
            let _ = writeln!(self.heard, "{effect:?}");
            match effect {
                Effect::Mint(id) => {
                    self.minted += 1;
                    let minted = PaymentId::mint([self.minted; PaymentId::RANDOM_BYTES]);
                    self.msg(Msg::Minted(id, minted));
                }
                Effect::WipeCard => {
                    self.card.iter_mut().for_each(String::clear);
                    self.asked.push(Effect::WipeCard);
                }
                Effect::ClearSlot(slot) => {
                    self.card[slot as usize].clear();
                    self.tell(slot);
                }
                Effect::SwapExpiry => {
                    let (first, second) = self.card[CardSlot::Expiry as usize].split_at(2);
                    self.card[CardSlot::Expiry as usize] = format!("{second}{first}");
                    self.tell(CardSlot::Expiry);
                }
                // What goes on beside the payment has tests of its own.
                Effect::Set(Timer::DraftDue, _)
                | Effect::Unset(Timer::DraftDue | Timer::CallerDue | Timer::NextDeposit)
                | Effect::PutDraft(_)
                | Effect::DropDraft
                | Effect::Issuer(_) => self.beside.push(effect),
                effect => self.asked.push(effect),
            }
        }
    }

    pub(super) fn timer(&mut self, timer: Timer) {
        self.msg(Msg::Timer(timer, now()));
    }

    /// A key, as the loop hands it on: digits for a card field go there.
    pub(super) fn key(&mut self, key: Key) {
        if let Some((slot, has_room)) = self.model.card_target() {
            if let (Some(digit), true) = (key.digit(), has_room) {
                self.card[slot as usize].push(char::from(b'0' + digit));
                return self.tell(slot);
            }
            if key == Key::plain(Code::Backspace) {
                self.card[slot as usize].pop();
                return self.tell(slot);
            }
        }
        self.msg(Msg::Key(key));
    }

    /// One key each; Enter is `\r`, Tab is `\t`.
    pub(super) fn types(&mut self, keys: &str) {
        for ch in keys.chars() {
            self.key(match ch {
                '\r' => ENTER,
                '\t' => TAB,
                ch => Key::char(ch),
            });
        }
    }

    pub(super) fn paste(&mut self, text: &str) {
        self.msg(Msg::PasteStart);
        for ch in text.chars() {
            match self.model.card_target() {
                Some((slot, has_room)) => {
                    if let (Some(digit), true) = (Key::char(ch).digit(), has_room) {
                        self.card[slot as usize].push(char::from(b'0' + digit));
                        self.tell(slot);
                    }
                }
                None => self.msg(Msg::PasteChar(ch)),
            }
        }
        self.msg(Msg::PasteEnd);
    }

    fn tell(&mut self, slot: CardSlot) {
        let facts = facts(slot, &self.card[slot as usize]);
        self.msg(Msg::Card(facts));
    }

    /// A form that can be charged.
    pub(super) fn fills(&mut self) {
        self.types("45000\r");
        self.types(NUMBER);
        self.types(REST);
    }

    /// A form for an account that can be issued, from whatever stands there.
    pub(super) fn fills_account(&mut self) {
        self.model.keyin.picking = None;
        self.model.keyin.fields.choose_way(Way::Account);
        self.msg(Msg::Resize(self.model.size.0, self.model.size.1));
        self.model.keyin.focus = Field::Amount;
        self.key(Key::ctrl('u'));
        self.types("45000\r국민\r");
        self.model.keyin.focus = Field::ReceiptNumber;
        self.key(Key::ctrl('u'));
        self.types("01012345678");
    }

    /// An account that was issued.
    pub(super) fn issues(&mut self) {
        self.fills_account();
        self.confirms(None);
        self.types("\r");
        let effect = self.effect();
        self.msg(Msg::Ended(effect, Outcome::Approved(issued()).into()));
    }

    /// The question is open and can be answered.
    pub(super) fn confirms(&mut self, earlier: Option<Intent>) {
        self.types("\r");
        let effect = self.effect();
        self.msg(Msg::Earlier(effect, Ok(earlier.map(Box::new))));
        self.timer(Timer::ConfirmArmed);
    }

    /// The request is under way; gives its effect.
    pub(super) fn charges(&mut self) -> EffectId {
        self.fills();
        self.confirms(None);
        self.types("\r");
        self.effect()
    }

    /// The request has ended.
    pub(super) fn ends(&mut self, outcome: Outcome) {
        let effect = self.charges();
        self.msg(Msg::Ended(effect, outcome.into()));
    }

    /// What a look at the payment of this screen found.
    pub(super) fn looked(&mut self, state: IntentState) {
        let id = self.payment();
        let mut intent = earlier(state);
        intent.new.id = id.clone();
        self.msg(Msg::Looked(id, Look::Settled(Box::new(intent))));
    }

    /// The screen as text, one line a row, and where the cursor is.
    pub(super) fn screen(&self, glyphs: &Glyphs) -> (Vec<String>, Option<Position>) {
        let (columns, rows) = self.model.size;
        let mut buf = Buffer::empty(Rect::new(0, 0, columns, rows));
        let cursor = view::draw(&self.model, glyphs, &mut buf);
        (text(&buf), cursor)
    }
}

/// The rows of a buffer. A syllable of which half is missing is a defect of whoever drew it.
pub(super) fn text(buf: &Buffer) -> Vec<String> {
    let row = |y| {
        let (mut line, mut x) = (String::new(), 0);
        while x < buf.area.width {
            let symbol = buf[(x, y)].symbol();
            let width = columns::width(symbol).max(1);
            line.push_str(symbol);
            for half in 1..width {
                let at = x + u16::try_from(half).unwrap();
                assert!(at < buf.area.width, "half of {symbol} is beyond the edge in row {y}");
                assert_eq!(buf[(at, y)].symbol(), " ", "half of {symbol} is covered in row {y}");
            }
            x += u16::try_from(width).unwrap();
        }
        line.trim_end().to_owned()
    };
    (0..buf.area.height).map(row).collect()
}

/// What the loop would tell of a field with these digits.
pub(super) fn facts(slot: CardSlot, digits: &str) -> CardFacts {
    let len = digits.len();
    let pair = |at: usize| digits.get(at..at + 2).and_then(|pair| pair.parse::<u32>().ok()).unwrap_or(0);
    match slot {
        CardSlot::Number => {
            let prefix = digits.get(..6).unwrap_or(digits).to_owned();
            let enough = len >= 12;
            let ending = if enough { CardEnding::new(&prefix, &digits[len - 4..]) } else { None };
            CardFacts::Number { len, prefix, ending, luhn: enough.then(|| luhn(digits)) }
        }
        CardSlot::Expiry => {
            let (month, year) = (pair(0), pair(2));
            let verdict = match (len < 4, (1..=12).contains(&month), (1..=12).contains(&year)) {
                (true, ..) => ExpiryVerdict::Incomplete,
                (_, true, _) if (year, month) < (26, 11) => ExpiryVerdict::Expired,
                (_, true, _) if year > 36 => ExpiryVerdict::FarAhead,
                (_, true, _) => ExpiryVerdict::Good,
                (_, false, true) => ExpiryVerdict::Reversed,
                (_, false, false) => ExpiryVerdict::BadMonth,
            };
            CardFacts::Expiry { len, verdict }
        }
        CardSlot::Identity => {
            let verdict = match len {
                6 if (1..=12).contains(&pair(2)) && (1..=31).contains(&pair(4)) => IdentityVerdict::Birth,
                6 => IdentityVerdict::NoSuchDate,
                10 => IdentityVerdict::Business(true),
                _ => IdentityVerdict::Incomplete,
            };
            CardFacts::Identity { len, verdict }
        }
        CardSlot::Pin => CardFacts::Pin { len },
    }
}

fn luhn(digits: &str) -> bool {
    let doubled = |(at, digit): (usize, u8)| {
        let digit = u32::from(digit - b'0') * if at % 2 == 1 { 2 } else { 1 };
        digit / 10 + digit % 10
    };
    digits.bytes().rev().enumerate().map(doubled).sum::<u32>() % 10 == 0
}
