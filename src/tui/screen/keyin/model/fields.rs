//! The fields of the form: which there are for a channel and a way to pay, what stands in them, what is wrong
//! with it.

mod account;
mod field;
mod key;
mod order;
mod remark;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::account::ReceiptKind;
use crate::domain::billing_key::ProviderKey;
use crate::domain::card::{CardEnding, CardFacts, CardSlot, ExpiryVerdict, IdentityVerdict, complete_at};
use crate::domain::channel::Channel;
use crate::domain::fit::{keeps_card_with_key_in, unfit};
use crate::domain::issuer::Bank;
use crate::domain::money::{AmountError, Currency, Money};
use crate::domain::pg::{self, AccountTax, FixedAccount, Need, Operation, PgRules, Support, TaxUse};
use crate::tui::edit::Edit;

pub use field::{Field, Way};
pub use remark::{Remark, Weight};

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
    /// The ways that this form is for.
    offered: &'static [Way],
    way: Way,
    /// The key that is charged.
    key: Option<Box<ProviderKey>>,
    /// Whether the extras are shown that most payments don't need.
    pub more: bool,
    /// The field with the cursor: it does not vanish while it is being emptied.
    pub attended: Option<Field>,
    /// The wall clock, to the minute: an end of a wait is counted from it.
    pub now: Timestamp,
    /// Plain text fields.
    pub edits: BTreeMap<Field, Edit>,
    /// What is known of the card.
    pub card: Card,
    /// Whose identity.
    pub identity_kind: IdentityKind,
    /// The chosen months; 0 is lump sum.
    pub months: u8,
    months_typed: u8,
    /// The merchant bears the interest.
    pub interest_free: bool,
    /// Keep the card as a billing key.
    pub save_card: bool,
    /// The chosen bank.
    pub bank: Option<&'static Bank>,
    /// What was typed to find it.
    pub bank_query: Edit,
    /// The cash receipt; `None` is none.
    pub receipt: Option<ReceiptKind>,
}

impl Fields {
    /// An empty form of a payment on a channel.
    pub fn new(channel: Channel, order_name: &str, now: Timestamp) -> Self {
        Self::of(channel, &Way::ALL, None, order_name, now)
    }

    fn of(
        channel: Channel,
        offered: &'static [Way],
        key: Option<Box<ProviderKey>>,
        order_name: &str,
        now: Timestamp,
    ) -> Self {
        let mut fields = Self {
            way: fitting(offered, &channel).first().or(offered.first()).copied().unwrap_or(Way::Card),
            offered,
            channel,
            key,
            more: false,
            attended: None,
            now,
            edits: Field::TEXTS.into_iter().map(|(field, max)| (field, Edit::new(max))).collect(),
            card: Card::EMPTY,
            identity_kind: IdentityKind::Person,
            months: 0,
            months_typed: 0,
            interest_free: false,
            save_card: false,
            bank: None,
            bank_query: Edit::new(20),
            receipt: None,
        };
        fields.set(Field::OrderName, order_name);
        fields.take_over_from_the_key();
        fields.settle_choices();
        fields
    }

    /// An empty form that keeps what was set and not typed: the way to pay, the extras, whose identity.
    #[must_use]
    pub fn emptied(&self, order_name: &str) -> Self {
        let channel = self.channel.clone();
        let mut fields = Self::of(channel, self.offered, self.key.clone(), order_name, self.now);
        fields.way = self.way;
        fields.more = self.more;
        fields.identity_kind = self.identity_kind;
        fields.settle_choices();
        fields
    }

    /// Puts a text into a plain field, by the rules of a paste.
    pub fn set(&mut self, field: Field, value: &str) {
        if let Some(edit) = self.edits.get_mut(&field) {
            edit.set(value);
        }
    }

    /// What stands in a plain field.
    pub fn value(&self, field: Field) -> &str {
        self.edits.get(&field).map_or("", Edit::text)
    }

    /// What the form is for now.
    pub const fn way(&self) -> Way {
        self.way
    }

    /// The ways of this form that the channel offers.
    pub fn ways(&self) -> Vec<Way> {
        self.ways_of(&self.channel)
    }

    /// The ways of this form that a channel offers.
    pub fn ways_of(&self, channel: &Channel) -> Vec<Way> {
        fitting(self.offered, channel)
    }

    /// Chooses how the caller pays, if the channel offers it. What both ways share stays.
    pub fn choose_way(&mut self, way: Way) {
        if self.ways().contains(&way) {
            self.way = way;
            self.settle_choices();
        }
    }

    /// Keeps everything but the channel.
    pub fn change_channel(&mut self, channel: Channel) {
        self.channel = channel;
        if !self.ways().contains(&self.way) {
            self.way = self.ways().first().copied().unwrap_or(self.way);
        }
        self.settle_choices();
    }

    /// What the channel does not offer can't stay chosen.
    fn settle_choices(&mut self) {
        if !self.plans().contains(&self.months) {
            self.months = 0;
        }
        if self.save_card && !self.may_save_card() {
            self.save_card = false;
        }
        if self.bank.is_some_and(|bank| !self.banks().contains(&bank)) {
            self.bank = None;
        }
        if !self.receipts().contains(&self.receipt) {
            self.receipt = self.receipts().first().copied().flatten();
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
    #[must_use]
    pub fn next_for_same_customer(&self, order_name: &str) -> Self {
        let mut fields = self.emptied(order_name);
        for field in [Field::CustomerId, Field::Name, Field::Phone, Field::Email] {
            fields.set(field, self.value(field));
        }
        fields
    }

    /// Learns what the vault tells after a digit.
    pub fn learn(&mut self, facts: CardFacts) {
        self.card.learn(facts);
    }

    fn rules(&self) -> &'static PgRules {
        pg::rules(self.channel.generation, &self.channel.pg)
    }

    /// How much the PG's table wants a customer's field. A card that is kept on V2 is issued first, by that
    /// operation's own needs.
    fn table(&self, field: pg::Field) -> Need {
        let own = self.rules().need(self.way.operation(), field);
        if !self.issues_first() {
            return own;
        }
        match (own, self.rules().need(Operation::IssueKey, field)) {
            (Need::Required, _) | (_, Need::Required) => Need::Required,
            (Need::Optional, _) | (_, Need::Optional) => Need::Optional,
            (Need::Ignored, Need::Ignored) => Need::Ignored,
        }
    }

    /// Whether the card is issued as a key before it is charged.
    fn issues_first(&self) -> bool {
        self.way == Way::Card && self.save_card && self.channel.generation == pg::Generation::V2
    }

    /// How much the channel wants a field: the merchant's own terms first, then the PG's table.
    pub fn need(&self, field: Field) -> Need {
        if !field.is_of(self.way) {
            return Need::Ignored;
        }
        let terms = &self.channel.terms;
        match field {
            Field::OrderName | Field::Amount | Field::Number | Field::Expiry | Field::Bank => Need::Required,
            Field::TaxFree => self.need_of_tax_free(),
            Field::Installments => optional(self.may_pay_in_months()),
            Field::InterestFree => optional(self.may_be_interest_free()),
            Field::Identity => terms.identity.unwrap_or_else(|| self.table(pg::Field::Identity)),
            Field::Pin => terms.pin.unwrap_or_else(|| self.table(pg::Field::Pin)),
            Field::Due => Need::Optional,
            Field::Receipt => self.table(pg::Field::CashReceipt),
            Field::ReceiptNumber if self.need(Field::Receipt) == Need::Ignored => Need::Ignored,
            Field::ReceiptNumber => {
                if self.receipt.is_some() {
                    Need::Required
                } else {
                    Need::Ignored
                }
            }
            Field::FixedAccount => optional(self.takes_fixed_account() && self.is_extra_shown(field)),
            Field::Holder => match self.table(pg::Field::AccountHolder) {
                Need::Optional => optional(self.is_extra_shown(field)),
                need => need,
            },
            Field::CustomerId => self.need_of_customer_id(),
            Field::KeyName => optional(self.names_the_key()),
            Field::Name => shown(self.table(pg::Field::CustomerName)),
            Field::Phone => shown(self.table(pg::Field::CustomerPhone)),
            Field::Email => shown(self.table(pg::Field::CustomerEmail)),
            Field::SaveCard => optional(
                self.may_save_card() && (self.save_card || self.more || self.attended == Some(field)),
            ),
            Field::Note => optional(self.is_extra_shown(field)),
        }
    }

    /// Whether the PG throws a customer's field away: it is kept here all the same.
    pub fn is_for_us_alone(&self, field: Field) -> bool {
        let asked = match field {
            Field::Name => pg::Field::CustomerName,
            Field::Phone => pg::Field::CustomerPhone,
            Field::Email => pg::Field::CustomerEmail,
            Field::Note => return true,
            _ => return false,
        };
        self.table(asked) == Need::Ignored
    }

    /// An extra that holds something is shown whatever is set: nothing is sent unseen.
    fn is_extra_shown(&self, field: Field) -> bool {
        self.more || !self.is_blank(field) || self.attended == Some(field)
    }

    fn need_of_tax_free(&self) -> Need {
        let rules = self.rules();
        let mixed = self.channel.terms.mixed_tax;
        let account = self.way == Way::Account;
        match rules.virtual_account.tax_parts {
            AccountTax::Never if account => return Need::Ignored,
            AccountTax::MixedOnly if account && !mixed => return Need::Ignored,
            _ => {}
        }
        match rules.tax.tax_free {
            _ if mixed => Need::Required,
            TaxUse::Unsupported | TaxUse::Ignored => Need::Ignored,
            _ => optional(self.is_extra_shown(Field::TaxFree)),
        }
    }

    fn may_be_interest_free(&self) -> bool {
        self.channel.terms.interest_free
            && self.rules().interest_free(self.way.operation()) != Support::Ignored
            && self.chosen_months() >= 2
    }

    fn may_save_card(&self) -> bool {
        self.way == Way::Card
            && keeps_card_with_key_in(&self.channel)
            && unfit(&self.channel, Operation::IssueKey).is_none()
    }

    const fn takes_fixed(fixed: FixedAccount) -> bool {
        matches!(
            fixed,
            FixedAccount::PgAccountId
                | FixedAccount::AccountNumber
                | FixedAccount::VbankNum
                | FixedAccount::VbankKey
        )
    }

    fn takes_fixed_account(&self) -> bool {
        Self::takes_fixed(self.rules().virtual_account.fixed)
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

    /// Chooses whether the card is kept, where that can be chosen.
    pub fn keep_card(&mut self, keep: bool) {
        self.save_card = keep && self.may_save_card();
    }

    /// Takes a digit of a plan. Months of two digits are waited for: the 1 of 12 is no plan, and the 2 behind
    /// it is not the two months' plan.
    pub fn type_months(&mut self, digit: u8) {
        let plans = self.plans();
        let begins = |typed: u8| plans.iter().any(|plan| *plan == typed || *plan / 10 == typed && typed > 0);
        let longer = self.months_typed.saturating_mul(10).saturating_add(digit);
        self.months_typed = [longer, digit].into_iter().find(|typed| begins(*typed)).unwrap_or(0);
        if plans.contains(&self.months_typed) && (self.months_typed > 0 || digit == 0) {
            self.months = self.months_typed;
        }
    }

    /// A field was left: what was typed to choose in it is over.
    pub fn leave(&mut self) {
        self.months_typed = 0;
        self.bank_query.clear();
    }

    /// The amount typed.
    pub fn amount(&self) -> Result<Money, AmountError> {
        Money::parse_typed(self.value(Field::Amount), Currency::Krw)
    }

    /// The tax-free part typed; `None` where there is none to send.
    pub fn tax_free(&self) -> Result<Option<Money>, AmountError> {
        match self.need(Field::TaxFree) {
            Need::Ignored => Ok(None),
            Need::Optional if self.is_blank(Field::TaxFree) => Ok(None),
            _ => Money::parse_typed(self.value(Field::TaxFree), Currency::Krw).map(Some),
        }
    }

    /// The VAT in what was typed, as PGs round it.
    pub fn vat_part(&self) -> Option<Money> {
        let amount = self.amount().ok()?;
        let free = self.tax_free().ok()?.unwrap_or(Money::zero(Currency::Krw));
        (free.minor() <= amount.minor()).then(|| amount.vat_part(free))
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
            None if field == Field::Bank => self.bank.is_none(),
            None if field == Field::Receipt => self.receipt.is_none() && !self.receipts().contains(&None),
            // The choices have a first one, and without an end the usual one holds.
            None if field.is_choice() || field == Field::Due => false,
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
}

/// The ways to pay by phone that a channel offers.
pub fn ways(channel: &Channel) -> Vec<Way> {
    fitting(&Way::ALL, channel)
}

/// Those of some ways that a channel offers.
pub fn fitting(ways: &[Way], channel: &Channel) -> Vec<Way> {
    ways.iter().copied().filter(|way| unfit(channel, way.operation()).is_none()).collect()
}

const fn optional(offered: bool) -> Need {
    if offered { Need::Optional } else { Need::Ignored }
}

/// Customer fields are always offered: a name helps to find the payment even where the PG ignores it.
const fn shown(need: Need) -> Need {
    match need {
        Need::Ignored => Need::Optional,
        need => need,
    }
}
