//! The fields of the form: which there are for a channel, what stands in them, what is wrong with it.

mod remark;

use std::collections::BTreeMap;

use crate::domain::card::{CardEnding, CardFacts, CardSlot, ExpiryVerdict, IdentityVerdict, complete_at};
use crate::domain::channel::Channel;
use crate::domain::customer::Customer;
use crate::domain::money::{AmountError, Currency, Money};
use crate::domain::order::{Installments, KeyInOrder, Sale};
use crate::domain::payment::PaymentId;
use crate::domain::pg::{self, Need, Operation, PgRules};
use crate::tui::edit::Edit;

pub use remark::{Remark, Weight};

/// The fields in the order people speak them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// 주문명
    OrderName,
    /// 금액
    Amount,
    /// 면세 금액
    TaxFree,
    /// 할부
    Installments,
    /// 카드 번호
    Number,
    /// 유효기간
    Expiry,
    /// 생년월일 or 사업자번호
    Identity,
    /// 비밀번호 앞 두 자리
    Pin,
    /// 고객 이름
    Name,
    /// 전화번호
    Phone,
    /// 이메일
    Email,
}

impl Field {
    /// All of them, top to bottom.
    pub const ALL: [Self; 11] = [
        Self::OrderName,
        Self::Amount,
        Self::TaxFree,
        Self::Installments,
        Self::Number,
        Self::Expiry,
        Self::Identity,
        Self::Pin,
        Self::Name,
        Self::Phone,
        Self::Email,
    ];

    /// The vault's field behind it, for the four that have one.
    pub const fn slot(self) -> Option<CardSlot> {
        match self {
            Self::Number => Some(CardSlot::Number),
            Self::Expiry => Some(CardSlot::Expiry),
            Self::Identity => Some(CardSlot::Identity),
            Self::Pin => Some(CardSlot::Pin),
            _ => None,
        }
    }
}

/// Whose identity is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityKind {
    /// 개인: birth date, six digits.
    Person,
    /// 법인: business number, ten digits.
    Business,
}

impl IdentityKind {
    /// How many digits it has.
    pub const fn digits(self) -> usize {
        match self {
            Self::Person => 6,
            Self::Business => 10,
        }
    }
}

/// What is known of the card fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Digits of the number.
    pub number_len: usize,
    /// Its first digits, six at most.
    pub prefix: String,
    /// First six and last four.
    pub ending: Option<CardEnding>,
    /// Whether the check digit fits.
    pub luhn: Option<bool>,
    /// Digits of the expiry.
    pub expiry_len: usize,
    /// What they are.
    pub expiry: ExpiryVerdict,
    /// It was typed YY/MM and turned round.
    pub expiry_turned: bool,
    /// Digits of the identity.
    pub identity_len: usize,
    /// What they are.
    pub identity: IdentityVerdict,
    /// Digits of the password.
    pub pin_len: usize,
}

impl Card {
    const EMPTY: Self = Self {
        number_len: 0,
        prefix: String::new(),
        ending: None,
        luhn: None,
        expiry_len: 0,
        expiry: ExpiryVerdict::Incomplete,
        expiry_turned: false,
        identity_len: 0,
        identity: IdentityVerdict::Incomplete,
        pin_len: 0,
    };

    /// Whether nothing of a card was typed.
    pub const fn is_empty(&self) -> bool {
        self.number_len + self.expiry_len + self.identity_len + self.pin_len == 0
    }

    fn learn(&mut self, facts: CardFacts) {
        match facts {
            CardFacts::Number { len, prefix, ending, luhn } => {
                (self.number_len, self.prefix, self.ending, self.luhn) = (len, prefix, ending, luhn);
            }
            CardFacts::Expiry { len, verdict } => {
                self.expiry_turned &= len == 4;
                (self.expiry_len, self.expiry) = (len, verdict);
            }
            CardFacts::Identity { len, verdict } => (self.identity_len, self.identity) = (len, verdict),
            CardFacts::Pin { len } => self.pin_len = len,
        }
    }
}

/// The form's content.
#[derive(Debug, Clone)]
pub struct Fields {
    channel: Channel,
    /// Plain text fields.
    pub edits: BTreeMap<Field, Edit>,
    /// What is known of the card.
    pub card: Card,
    /// Whose identity.
    pub identity_kind: IdentityKind,
    /// The chosen months; 0 is lump sum.
    pub months: u8,
    /// The digits of a plan typed so far.
    typed_months: u8,
}

impl Fields {
    /// An empty form for a channel.
    pub fn new(channel: Channel, order_name: &str) -> Self {
        let mut fields = Self {
            channel,
            edits: BTreeMap::new(),
            card: Card::EMPTY,
            identity_kind: IdentityKind::Person,
            months: 0,
            typed_months: 0,
        };
        for (field, max) in [
            (Field::OrderName, 100),
            (Field::Amount, 20),
            (Field::TaxFree, 20),
            (Field::Name, 60),
            (Field::Phone, 20),
            (Field::Email, 100),
        ] {
            fields.edits.insert(field, Edit::new(max));
        }
        fields.set(Field::OrderName, order_name);
        fields
    }

    fn set(&mut self, field: Field, value: &str) {
        if let Some(edit) = self.edits.get_mut(&field) {
            edit.set(value);
        }
    }

    /// What stands in a plain field.
    pub fn value(&self, field: Field) -> &str {
        self.edits.get(&field).map_or("", Edit::text)
    }

    /// Keeps everything but the channel.
    pub fn change_channel(&mut self, channel: Channel) {
        self.channel = channel;
        if !self.plans().contains(&self.months) {
            self.months = 0;
        }
    }

    /// The channel.
    pub const fn channel(&self) -> &Channel {
        &self.channel
    }

    /// Forgets what was known of the card; the vault is wiped by whoever calls this.
    pub fn forget_card(&mut self) {
        self.card = Card::EMPTY;
    }

    /// Keeps the customer, empties the rest.
    pub fn next_for_same_customer(&mut self, order_name: &str) {
        self.forget_card();
        self.months = 0;
        for field in [Field::Amount, Field::TaxFree] {
            self.set(field, "");
        }
        self.set(Field::OrderName, order_name);
    }

    /// Learns what the vault tells after a digit.
    pub fn learn(&mut self, facts: CardFacts) {
        self.card.learn(facts);
    }

    fn rules(&self) -> &'static PgRules {
        pg::rules(self.channel.generation, &self.channel.pg)
    }

    /// How much the channel wants a field: the merchant's own terms first, then the PG's table.
    pub fn need(&self, field: Field) -> Need {
        let terms = &self.channel.terms;
        let table = |wanted| self.rules().need(Operation::KeyInCard, wanted);
        match field {
            Field::OrderName | Field::Amount | Field::Number | Field::Expiry => Need::Required,
            Field::TaxFree if terms.mixed_tax => Need::Required,
            Field::Installments if self.may_pay_in_months() => Need::Optional,
            Field::TaxFree | Field::Installments => Need::Ignored,
            Field::Identity => terms.identity.unwrap_or_else(|| table(pg::Field::Identity)),
            Field::Pin => terms.pin.unwrap_or_else(|| table(pg::Field::Pin)),
            Field::Name => shown(table(pg::Field::CustomerName)),
            Field::Phone => shown(table(pg::Field::CustomerPhone)),
            Field::Email => shown(table(pg::Field::CustomerEmail)),
        }
    }

    /// The fields that are shown, top to bottom.
    pub fn visible(&self) -> impl Iterator<Item = Field> + '_ {
        Field::ALL.into_iter().filter(|field| self.need(*field) != Need::Ignored)
    }

    /// The plans on offer besides lump sum: the contract's, as far as the PG takes them.
    pub fn plans(&self) -> Vec<u8> {
        let listed = self.rules().installments.months.as_deref();
        let taken = |months: &u8| listed.is_none_or(|listed| listed.contains(&u32::from(*months)));
        std::iter::once(0).chain(self.channel.terms.installments.iter().copied().filter(taken)).collect()
    }

    fn may_pay_in_months(&self) -> bool {
        let minimum = u64::try_from(self.rules().installment_min_krw).unwrap_or(0);
        self.plans().len() > 1 && self.amount().is_ok_and(|amount| amount.minor() >= minimum)
    }

    /// The months that will be sent.
    pub fn chosen_months(&self) -> u8 {
        if self.may_pay_in_months() { self.months } else { 0 }
    }

    /// Steps through the plans.
    pub fn step_months(&mut self, forward: bool) {
        let plans = self.plans();
        let at = plans.iter().position(|months| *months == self.months).unwrap_or(0);
        let next = if forward { at + 1 } else { at + plans.len() - 1 } % plans.len();
        self.months = plans.get(next).copied().unwrap_or(0);
    }

    /// Takes a plan typed in digits: each one is a plan, or the beginning of a longer one that counts once it
    /// is whole.
    pub fn type_months(&mut self, digit: u8) {
        let plans = self.plans();
        let begins = |typed: &u8| plans.iter().any(|plan| plan == typed || plan / 10 == *typed);
        let longer = self.typed_months.saturating_mul(10).saturating_add(digit);
        let typed = [longer, digit].into_iter().find(begins);
        self.typed_months = typed.unwrap_or(0);
        self.months = typed.filter(|typed| plans.contains(typed)).unwrap_or(self.months);
    }

    /// The digits of a plan typed so far no longer count.
    pub const fn forget_typed_months(&mut self) {
        self.typed_months = 0;
    }

    /// The amount typed.
    pub fn amount(&self) -> Result<Money, AmountError> {
        Money::parse_typed(self.value(Field::Amount), Currency::Krw)
    }

    /// The tax-free part typed; `None` where the contract has none.
    pub fn tax_free(&self) -> Result<Option<Money>, AmountError> {
        match self.need(Field::TaxFree) {
            Need::Ignored => Ok(None),
            _ => Money::parse_typed(self.value(Field::TaxFree), Currency::Krw).map(Some),
        }
    }

    fn customer(&self) -> Customer {
        Customer::new(self.value(Field::Name), self.value(Field::Phone), self.value(Field::Email))
    }

    /// Whether another digit may go into a card field.
    pub fn has_room(&self, slot: CardSlot) -> bool {
        self.len(slot) < self.capacity(slot)
    }

    /// How many digits a card field holds.
    pub const fn len(&self, slot: CardSlot) -> usize {
        match slot {
            CardSlot::Number => self.card.number_len,
            CardSlot::Expiry => self.card.expiry_len,
            CardSlot::Identity => self.card.identity_len,
            CardSlot::Pin => self.card.pin_len,
        }
    }

    fn capacity(&self, slot: CardSlot) -> usize {
        match slot {
            CardSlot::Number => complete_at(&self.card.prefix).unwrap_or(19),
            CardSlot::Expiry => 4,
            CardSlot::Identity => self.identity_kind.digits(),
            CardSlot::Pin => 2,
        }
    }

    /// Whether a card field of fixed length is full, so that the form may move on.
    pub fn is_full(&self, slot: CardSlot) -> bool {
        let fixed = slot != CardSlot::Number || complete_at(&self.card.prefix).is_some();
        fixed && !self.has_room(slot)
    }

    /// Whether nothing stands in a field.
    pub fn is_blank(&self, field: Field) -> bool {
        match field.slot() {
            Some(slot) => self.len(slot) == 0,
            None if field == Field::Installments => false,
            None => self.value(field).trim().is_empty(),
        }
    }

    /// Whether a field stops the payment.
    pub fn stops(&self, field: Field) -> bool {
        self.remark(field).is_some_and(|remark| remark.weight == Weight::Error)
    }

    /// The first visible field from `after` on (round the end) that stops the payment.
    pub fn next_to_fill(&self, after: Field) -> Option<Field> {
        let fields: Vec<Field> = self.visible().collect();
        let from = fields.iter().position(|field| *field == after).map_or(0, |at| at + 1);
        (0..fields.len()).map(|step| fields[(from + step) % fields.len()]).find(|field| self.stops(*field))
    }

    /// Whether nothing stops the payment.
    pub fn are_complete(&self) -> bool {
        !self.visible().any(|field| self.stops(field))
    }

    /// Whether all that is asked of the card stands there.
    pub fn has_whole_card(&self) -> bool {
        !self.visible().any(|field| field.slot().is_some() && self.stops(field))
    }

    /// The order, once nothing stops it.
    pub fn order(&self, payment_id: PaymentId) -> Option<KeyInOrder> {
        if !self.are_complete() {
            return None;
        }
        Some(KeyInOrder {
            sale: Sale {
                payment_id,
                channel: self.channel.clone(),
                order_name: self.value(Field::OrderName).trim().to_owned(),
                amount: self.amount().ok()?,
                tax_free: self.tax_free().ok()?,
                vat: None,
                customer: self.customer(),
                note: None,
            },
            installments: Installments { months: self.chosen_months(), interest_free: false },
            save_card: false,
        })
    }
}

/// Customer fields are always offered: a name helps to find the payment even where the PG ignores it.
const fn shown(need: Need) -> Need {
    match need {
        Need::Ignored => Need::Optional,
        need => need,
    }
}
