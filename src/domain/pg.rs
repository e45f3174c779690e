//! What each payment gateway (PG) asks of a payment made without the buyer's authentication: operations on
//! offer, fields needed, limits, and what the merchant should be told beforehand.
//!
//! The facts are in `assets/pg-rules.toml` (V2) and `assets/pg-rules-v1.toml`. A fact that is missing there is *not known*: it is turned neither
//! into a rule nor into a permission, so [`Offer::Unstated`] stays hidden and a limit that nobody states is
//! not checked. The merchant's own channel settings outrank this table; the caller applies them.
//!
//! May not: do IO, look at a clock, see card data (a BIN and a length at most), use anything of this crate.

mod check;
mod input;
mod table;
mod text;

#[cfg(test)]
mod drift;
#[cfg(test)]
mod tests;

use serde::Deserialize;
use std::collections::BTreeMap;

pub use check::{Amounts, Customer, Finding, MerchantTax, Severity, What};
#[cfg(test)]
pub(crate) use drift::spec;
pub use input::{
    ExpiryOrder, IdentityKind, NumberHint, business_number_check, expiry_order, identity_kind, number_hint,
};
pub use table::{known, rules, v1_limits};
pub use text::{euc_kr_length, first_outside_euc_kr, length};

/// The generation of the `PortOne` API that a profile speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Generation {
    /// REST API V1: `imp_key`, `imp_uid`, PG codes in lower case.
    V1,
    /// REST API V2: channel keys, `pgProvider` in upper case.
    V2,
}

/// A gateway's wire code: V2 `pgProvider` or V1 `pg` code without the merchant id. Compared case-sensitively:
/// V1 `kcp_v2` (identity check) is not V2 `KCP_V2`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PgCode(String);

impl PgCode {
    /// Takes the code as it is on the wire.
    pub fn new(code: impl Into<String>) -> Self {
        Self(code.into())
    }

    /// The code as it is on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for PgCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What can be done through a gateway without the buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// One charge from a typed card (수기결제).
    KeyInCard,
    /// A deposit account issued by API (가상계좌 발급).
    KeyInVirtualAccount,
    /// A billing key from a typed card (빌링키 발급).
    IssueKey,
    /// A charge of a billing key now (빌링키 결제).
    ChargeKey,
    /// A later charge of a billing key (예약).
    Schedule,
}

impl Operation {
    /// Every operation, in the order of the screens.
    pub const ALL: [Self; 5] =
        [Self::KeyInCard, Self::KeyInVirtualAccount, Self::IssueKey, Self::ChargeKey, Self::Schedule];

    /// True where a card is typed.
    pub const fn takes_card(self) -> bool {
        matches!(self, Self::KeyInCard | Self::IssueKey)
    }
}

/// Whether a gateway offers an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Offer {
    /// The sources agree that it does.
    Offered,
    /// Official sources disagree: hidden unless the merchant switches it on for the channel.
    Disputed,
    /// No source says either way: treated like [`Offer::Disputed`], with another reason.
    Unstated,
    /// A source rules it out: never offered, no switch.
    RuledOut,
}

/// Something that a request may have to carry besides amount and order name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The card number.
    CardNumber,
    /// Month and year.
    Expiry,
    /// Birth date (`YYMMDD`), or the business number of an unnamed corporate card.
    Identity,
    /// The first two digits of the card's four-digit PIN.
    Pin,
    /// The security code. V2 has no such field and this console none to type it in (Paymentwall V1 only).
    Cvc,
    /// The merchant's id of the customer.
    CustomerId,
    /// The customer's name.
    CustomerName,
    /// The customer's phone number.
    CustomerPhone,
    /// The customer's e-mail address.
    CustomerEmail,
    /// Physical or digital goods.
    ProductType,
    /// Type and identity number of the cash receipt of a virtual account.
    CashReceipt,
    /// Holder of the virtual account (V1 `vbank_holder`).
    AccountHolder,
    /// The gateway's own API key (V1 `pg_api_key`).
    PgApiKey,
    /// The buyer's IP address.
    BrowserIp,
    /// The buyer's language.
    Locale,
    /// The currency, given explicitly.
    Currency,
    /// Data that only the buyer's browser can collect: a terminal cannot supply it.
    BuyerDevice,
}

/// How much a gateway wants a [`Field`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Need {
    /// Sending without it is blocked.
    Required,
    /// Shown as optional.
    Optional,
    /// The gateway throws it away: not asked for.
    Ignored,
}

/// How a length is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Characters (Unicode scalar values of NFC text).
    #[default]
    Chars,
    /// Bytes of an encoding that the page does not name, counted as UTF-8, the stricter one for Korean.
    Bytes,
    /// Bytes in EUC-KR: two for a syllable.
    BytesEucKr,
}

/// What a payment id may look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PaymentIdRule {
    /// Fewest characters, where stated.
    pub min: Option<usize>,
    /// Most characters, where stated.
    pub max: Option<usize>,
    /// Which characters.
    pub chars: IdChars,
    /// Longer ids are cut here without a word, so that two of them can become one.
    pub cut_at: Option<usize>,
}

/// A set of characters for an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdChars {
    /// Nothing is stated.
    #[default]
    Any,
    /// ASCII letters and digits.
    Alnum,
    /// ASCII letters, digits, `-` and `_`.
    AlnumDashUnderscore,
    /// 0x20 to 0x7E.
    PrintableAscii,
}

impl IdChars {
    /// Whether the set holds a character.
    pub fn holds(self, ch: char) -> bool {
        match self {
            Self::Any => true,
            Self::Alnum => ch.is_ascii_alphanumeric(),
            Self::AlnumDashUnderscore => ch.is_ascii_alphanumeric() || matches!(ch, '-' | '_'),
            Self::PrintableAscii => matches!(ch, ' '..='~'),
        }
    }
}

/// What an order name may look like.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OrderNameRule {
    /// The gateway's limit, in [`OrderNameRule::unit`].
    pub max: Option<usize>,
    /// How [`OrderNameRule::max`] is counted.
    pub unit: Unit,
    /// A longer name is not refused but cut to so many bytes, and three dots are added.
    pub cut_to: Option<usize>,
    /// Refused characters.
    pub forbidden: String,
    /// Characters that the page advises against.
    pub discouraged: String,
}

/// Limits of the customer's texts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CustomerRule {
    /// Longest name, in [`CustomerRule::name_unit`].
    pub name_max: Option<usize>,
    /// How [`CustomerRule::name_max`] is counted.
    pub name_unit: Unit,
    /// Longest e-mail address, in characters.
    pub email_max: Option<usize>,
    /// Shortest customer id.
    pub id_min: Option<usize>,
    /// Longest customer id.
    pub id_max: Option<usize>,
    /// Characters of a customer id.
    pub id_chars: IdChars,
    /// More characters of a customer id, besides [`CustomerRule::id_chars`].
    pub id_extra: String,
}

/// Whether an extra of a card payment works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Support {
    /// Nothing is stated.
    #[default]
    Unstated,
    /// It works.
    Supported,
    /// It works once contracted.
    NeedsContract,
    /// The gateway throws it away.
    Ignored,
}

/// What a gateway does with a tax-free or a VAT amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxUse {
    /// Nothing is stated.
    #[default]
    Unstated,
    /// Taken.
    Supported,
    /// Taken once contracted; without, the amount charged can differ.
    NeedsContract,
    /// Must be sent on a mixed-tax merchant id, even 0.
    RequiredIfMixed,
    /// Only with a setting at the gateway.
    PaidSetting,
    /// Thrown away.
    Ignored,
    /// Cannot be set.
    Unsupported,
}

/// Tax facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TaxRule {
    /// The tax-free part (면세).
    pub tax_free: TaxUse,
    /// The VAT part (부가세).
    pub vat: TaxUse,
    /// Largest VAT in percent of the total.
    pub vat_max_percent: Option<u32>,
    /// A tax-free-only merchant id must send a tax-free amount equal to the total.
    pub equal_on_free_only: bool,
}

/// An instalment rule of one issuer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstallmentException {
    /// V2 card company name (`HYUNDAI_CARD`); absent: "some issuers", not named.
    pub issuer: Option<String>,
    /// Lowest amount in won for this issuer.
    pub min_krw: Option<i64>,
    /// This issuer takes no instalments here.
    #[serde(default)]
    pub lump_sum_only: bool,
}

/// Instalment facts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InstallmentRule {
    /// The months that may be asked for (0 = lump sum), where a list is stated.
    pub months: Option<Vec<u32>>,
    /// The gateway asks for a contract first.
    pub contract: bool,
    /// Issuers with a rule of their own.
    pub exceptions: Vec<InstallmentException>,
}

/// A means of payment with amount limits of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// Card.
    Card,
    /// Virtual account (가상계좌).
    VirtualAccount,
    /// Account transfer (계좌이체).
    Transfer,
    /// Mobile phone bill (휴대폰).
    Mobile,
    /// Prepaid money of an easy-pay service.
    Money,
    /// Whatever means.
    Any,
}

/// A way to say when a virtual account ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiryForm {
    /// V2 `validHours`.
    ValidHours,
    /// V2 `dueDate`, the portable one.
    DueDate,
    /// V1 `vbank_due`.
    VbankDue,
}

/// How a fixed (고정식) virtual account is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FixedAccount {
    /// Nothing is stated.
    #[default]
    Unstated,
    /// Not possible.
    None,
    /// V2 `pgAccountId`.
    PgAccountId,
    /// V2 `accountNumber`, from a pool issued beforehand.
    AccountNumber,
    /// V1 `vbank_num`.
    VbankNum,
    /// V1 `vbank_key`.
    VbankKey,
    /// Possible; how is not stated.
    Supported,
}

/// When a virtual account takes tax parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountTax {
    /// Nothing is stated.
    #[default]
    Unstated,
    /// Only on a mixed-tax merchant id; elsewhere the issue fails.
    MixedOnly,
    /// Never.
    Never,
}

/// How precisely a gateway keeps the end of a virtual account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// Whole seconds.
    Seconds,
    /// Whole minutes.
    Minutes,
}

/// How a gateway writes bank codes (V1 `vbank_code`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BankCodeStyle {
    /// `04`
    TwoDigits,
    /// `004`
    ThreeDigits,
    /// `BK04`
    BkTwoDigits,
    /// Two digits of a list of its own.
    OwnTwoDigits,
}

/// Virtual-account facts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VirtualAccountRule {
    /// The banks on offer, where a list is stated: V2 `Bank` names, or V1 codes in [`Self::bank_codes`].
    pub banks: Option<Vec<String>>,
    /// How V1 bank codes are written.
    pub bank_codes: Option<BankCodeStyle>,
    /// Ways to give the end; empty: not stated.
    pub expiry: Vec<ExpiryForm>,
    /// Leaving the end out is an error.
    pub expiry_required: bool,
    /// Days until the end when it is left out.
    pub default_days: Option<u32>,
    /// Most hours.
    pub max_hours: Option<u32>,
    /// How precisely the end is kept.
    pub precision: Option<Precision>,
    /// Fixed accounts.
    pub fixed: FixedAccount,
    /// Kinds of cash receipt (V2 names); empty: not stated.
    pub cash_receipt_types: Vec<String>,
    /// The holder shown is always the merchant.
    pub holder_is_merchant: bool,
    /// Tax-free and VAT amounts.
    pub tax_parts: AccountTax,
    /// Amount 0 means a fixed account without a limit.
    pub zero_amount: bool,
    /// An open account can be closed (말소) by API.
    pub close: Option<bool>,
    /// Amount and deadline can be changed after issue.
    pub edit: Option<bool>,
    /// Banks that do not work in test mode.
    pub test_unusable_banks: Vec<String>,
}

/// Whether part of a payment can be cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartialCancel {
    /// Yes.
    Yes,
    /// Once contracted.
    NeedsContract,
    /// Once applied for, per means of payment.
    NeedsApplication,
}

/// For how long a payment can be cancelled, where a page says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelWindow {
    /// Six months.
    SixMonths,
    /// In the calendar month of the payment.
    SameMonth,
    /// Card one year, money five years.
    Kakaopay,
    /// 1,095 days.
    Naverpay,
    /// 180 days.
    Paypal,
}

/// Cancel and refund facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "independent yes-or-no facts, each named after its page")]
pub struct CancelRule {
    /// Partial cancels; absent: not stated.
    pub partial: Option<PartialCancel>,
    /// Most partial cancels of one payment.
    pub max_partials: Option<u32>,
    /// How long.
    pub window: Option<CancelWindow>,
    /// A missing tax-free amount is not taken as 0 (V1).
    pub tax_free_not_defaulted: bool,
    /// A partial cancel of a mixed payment must carry its tax-free part.
    pub tax_free_in_partial: bool,
    /// If VAT was set at payment, the cancel must state it too.
    pub vat_if_set: bool,
    /// Who asked for it must be stated (`NaverPay`), for key deletion too.
    pub requester: bool,
    /// Refunds to an account need all of holder, bank, account and phone.
    pub refund_account_all: bool,
    /// Refunds to an account need the holder's phone number.
    pub holder_phone: bool,
    /// Refunds finish later.
    pub asynchronous_refund: bool,
}

/// What a test payment does to the payer's money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestMoney {
    /// Not stated: say that it may be charged.
    #[default]
    Unstated,
    /// Nothing is charged.
    NotMoved,
    /// Really charged, and reversed by the gateway the same day.
    Reversed,
    /// Really charged, and never given back.
    ChargedForGood,
}

/// With what a [`Warning`] is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum About {
    /// An operation.
    Operation(Operation),
    /// A cancel or refund.
    Cancel,
    /// Deleting a billing key.
    DeleteKey,
    /// A test channel.
    TestMode,
    /// Setting the channel up.
    Setup,
}

/// Something the merchant should know before it hurts, in our own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Stable id, for settings and scripts (`ksnet.not_verified`).
    pub id: String,
    /// Korean sentence.
    pub ko: String,
    /// English sentence.
    pub en: String,
    /// With what it is shown.
    pub about: Vec<About>,
}

/// Everything the table knows about one gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent yes-or-no facts of a gateway")]
pub struct PgRules {
    /// The generation these rules belong to.
    pub generation: Generation,
    /// The table has this code. False: tolerant defaults, only number and expiry required.
    pub known: bool,
    /// Korean name; empty when not known (show the code).
    pub name_ko: String,
    /// English name; empty when not known (show the code).
    pub name_en: String,
    /// Only known from payment windows: nothing is stated about these operations.
    pub window_only: bool,
    /// Currencies taken; empty: not stated.
    pub currencies: Vec<String>,
    /// Currencies taken with billing keys, where they differ from [`Self::currencies`].
    pub key_currencies: Vec<String>,
    /// Currencies that are not possible.
    pub currencies_excluded: Vec<String>,
    /// The merchant id decides the currency; what is sent is ignored.
    pub currency_from_merchant_id: bool,
    /// Smallest amounts in won; contracts change them, so they warn.
    pub min_krw: BTreeMap<Means, i64>,
    /// Smallest amounts in won on test channels, where they differ.
    pub test_min_krw: BTreeMap<Means, i64>,
    /// Largest amounts in won; they warn.
    pub max_krw: BTreeMap<Means, i64>,
    /// Payment ids.
    pub payment_id: PaymentIdRule,
    /// Order names.
    pub order_name: OrderNameRule,
    /// The customer's texts.
    pub customer: CustomerRule,
    /// Order name and customer name must be writable in EUC-KR.
    pub euc_kr: bool,
    /// Fewest and most digits of a card number that the page states.
    pub card_digits: Option<(usize, usize)>,
    /// The page knows only the six-digit birth date as identity: warn on a business number.
    pub identity_six_only: bool,
    /// Instalments.
    pub installments: InstallmentRule,
    /// Lowest amount in won for two instalments and more.
    pub installment_min_krw: i64,
    /// Tax.
    pub tax: TaxRule,
    /// Virtual accounts.
    pub virtual_account: VirtualAccountRule,
    /// Cancels and refunds.
    pub cancel: CancelRule,
    /// V1: a schedule may carry card data instead of a key (V1 §10.1). V2 has no such thing.
    pub schedule_with_card: bool,
    /// V1: a schedule can be moved or retried by a call of its own (V1 §10.6–10.8). V2 has no such call.
    pub schedule_move: bool,
    /// What test payments do to money.
    pub test_money: TestMoney,
    /// When the gateway reverses them, Korea time (`23:00-23:50`), where stated.
    pub test_reversal: Option<String>,
    /// Partial cancels work on test channels.
    pub test_partial_cancel: bool,
    offers: BTreeMap<Operation, Offer>,
    needs: BTreeMap<(Operation, Field), Need>,
    contract: Vec<Operation>,
    interest_free: table::PerOperation,
    card_point: table::PerOperation,
    warnings: Vec<Warning>,
}

impl PgRules {
    /// Whether the gateway offers an operation.
    pub fn offer(&self, operation: Operation) -> Offer {
        self.offers.get(&operation).copied().unwrap_or(Offer::Unstated)
    }

    /// How much the gateway wants a field. Card fields of an operation without a card are
    /// [`Need::Ignored`]; what no page mentions is [`Need::Optional`] for the customer and
    /// [`Need::Ignored`] for the rest.
    pub fn need(&self, operation: Operation, field: Field) -> Need {
        if let Some(need) = self.needs.get(&(operation, field)) {
            return *need;
        }
        match field {
            Field::CardNumber | Field::Expiry | Field::Identity | Field::Pin if operation.takes_card() => {
                Need::Optional
            }
            Field::CustomerId | Field::CustomerName | Field::CustomerPhone | Field::CustomerEmail => {
                Need::Optional
            }
            Field::ProductType => Need::Optional,
            Field::CashReceipt | Field::AccountHolder if operation == Operation::KeyInVirtualAccount => {
                Need::Optional
            }
            _ => Need::Ignored,
        }
    }

    /// The gateway's own pages ask for a written agreement for this operation. (The general reminder for
    /// key-in and key issue is a [`Warning`] of every gateway.)
    pub fn contract(&self, operation: Operation) -> bool {
        self.contract.contains(&operation)
    }

    /// Instalments whose interest the merchant pays (상점부담 무이자).
    pub fn interest_free(&self, operation: Operation) -> Support {
        self.interest_free.of(operation)
    }

    /// Paying with the card's points.
    pub fn card_point(&self, operation: Operation) -> Support {
        self.card_point.of(operation)
    }

    /// What to tell the merchant, in the order of the table.
    pub fn warnings(&self, about: About) -> impl Iterator<Item = &Warning> {
        self.warnings.iter().filter(move |warning| warning.about.contains(&about))
    }
}
