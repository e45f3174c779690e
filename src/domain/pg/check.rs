//! Checks of what is about to be sent, as pure functions over the rules. They say what they found; whether
//! and how it is shown is the caller's business.
//!
//! Blocking is for what the sources state. Where a page leaves a limit unclear (bytes of an encoding it does
//! not name, amounts that a contract changes) the finding warns.

use super::text::{cut, euc_kr_length, in_euc_kr, length};
use super::{
    AccountTax, Field, Generation, IdChars, Means, Need, Operation, PgRules, TaxUse, Unit, v1_limits,
};

/// Whether a finding stops the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Show it; the request may go.
    Warns,
    /// The request must not go.
    Blocks,
}

/// Something that a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether it stops the request.
    pub severity: Severity,
    /// What it is.
    pub what: What,
}

/// What a check found, with the figures its sentence needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The order name is empty or blank.
    OrderNameBlank,
    /// A text is longer than the limit.
    TooLong {
        /// Which text; `None` is the order name.
        field: Option<Field>,
        /// The limit.
        max: usize,
        /// How it is counted.
        unit: Unit,
        /// The length in that unit.
        length: usize,
    },
    /// The gateway will cut the order name to this.
    OrderNameCut {
        /// What the payer will read.
        to: String,
    },
    /// The order name has a character that the gateway refuses (or a control character).
    OrderNameForbidden {
        /// The character.
        ch: char,
    },
    /// The order name has a character that the gateway's page advises against.
    OrderNameDiscouraged {
        /// The character.
        ch: char,
    },
    /// A character that EUC-KR cannot write.
    NotEucKr {
        /// Which text; `None` is the order name.
        field: Option<Field>,
        /// The character.
        ch: char,
    },
    /// A field that this gateway requires is empty.
    Missing {
        /// Which.
        field: Field,
    },
    /// The customer id is shorter than the limit.
    CustomerIdTooShort {
        /// The limit in characters.
        min: usize,
    },
    /// The customer id has a character that the gateway refuses.
    CustomerIdChar {
        /// The character.
        ch: char,
    },
    /// The payment id is empty or too short.
    PaymentIdTooShort {
        /// The limit in characters.
        min: usize,
    },
    /// The payment id is too long (or would be cut in silence, so that two ids become one).
    PaymentIdTooLong {
        /// The limit in characters.
        max: usize,
    },
    /// The payment id has a character that the gateway refuses.
    PaymentIdChar {
        /// The character.
        ch: char,
    },
    /// The amount is zero or below.
    AmountNotPositive,
    /// The amount is below the gateway's usual minimum, in won.
    BelowMinimum {
        /// The minimum.
        min: i64,
    },
    /// The amount is above the gateway's usual maximum, in won.
    AboveMaximum {
        /// The maximum.
        max: i64,
    },
    /// The gateway does not take this currency.
    CurrencyNotTaken,
    /// The merchant id decides the currency; what is sent is ignored.
    CurrencyIgnored,
    /// A tax part is negative.
    TaxNegative,
    /// The tax-free part is above the total.
    TaxFreeAboveTotal,
    /// Tax-free and VAT together are above the total.
    TaxPartsAboveTotal,
    /// A mixed-tax merchant id needs the tax-free part typed, even 0.
    TaxFreeMissing,
    /// A taxable-only merchant id takes no tax-free part.
    TaxFreeOnTaxable,
    /// A tax-free-only merchant id needs a tax-free part equal to the total.
    TaxFreeNotTotal,
    /// The gateway takes a tax part only under contract or with a setting.
    TaxNeedsContract,
    /// The gateway throws VAT away.
    VatIgnored,
    /// This gateway, or this kind of payment, takes no such tax part.
    TaxUnsupported,
    /// VAT is above the gateway's share of the total.
    VatAbovePercent {
        /// The largest share.
        percent: u32,
    },
    /// One instalment is not a thing: leave the field out for lump sum.
    InstallmentOne,
    /// The gateway does not list so many months.
    InstallmentMonths {
        /// What was asked for.
        months: u32,
    },
    /// Instalments usually start at this amount in won.
    InstallmentBelow {
        /// The usual minimum.
        min: i64,
    },
    /// This issuer takes no instalments here.
    InstallmentIssuer,
    /// The bank is not on the gateway's list.
    BankNotListed,
    /// More hours than the gateway allows.
    HoursAbove {
        /// The most hours.
        max: u32,
    },
}

/// What is known of the customer. Blank texts count as absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Customer<'a> {
    /// The merchant's id of the customer.
    pub id: Option<&'a str>,
    /// Name.
    pub name: Option<&'a str>,
    /// Phone number.
    pub phone: Option<&'a str>,
    /// E-mail address.
    pub email: Option<&'a str>,
}

/// How the merchant id is set at the gateway, from the channel's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum MerchantTax {
    /// The channel's settings do not say.
    #[default]
    NotSet,
    /// Everything is taxable (과세).
    Taxable,
    /// Everything is tax-free (면세).
    TaxFree,
    /// Mixed (복합과세).
    Mixed,
}

/// An amount with its tax parts, in the currency's minor unit (won, cents).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amounts<'a> {
    /// What is charged.
    pub total: i64,
    /// The tax-free part, if given.
    pub tax_free: Option<i64>,
    /// The VAT, if given.
    pub vat: Option<i64>,
    /// ISO 4217 letters.
    pub currency: &'a str,
    /// The tax kind of the merchant id.
    pub merchant_tax: MerchantTax,
    /// The channel is a test channel.
    pub test: bool,
}

impl PgRules {
    /// Checks an order name (주문명), which every operation needs.
    pub fn check_order_name(&self, name: &str) -> Vec<Finding> {
        if name.trim().is_empty() {
            return vec![blocks(What::OrderNameBlank)];
        }
        let mut found = Vec::new();
        if self.generation == Generation::V1 {
            found.extend(too_long(None, name, v1_limits().order_name, Unit::Chars));
        }
        if let Some(to) = self.cut_order_name(name) {
            found.push(warns(What::OrderNameCut { to }));
        } else if let Some(max) = self.order_name.max {
            found.extend(too_long(None, name, max, self.order_name.unit));
        }
        for ch in distinct(name) {
            if ch.is_control() || self.order_name.forbidden.contains(ch) {
                found.push(blocks(What::OrderNameForbidden { ch }));
            } else if self.order_name.discouraged.contains(ch) {
                found.push(warns(What::OrderNameDiscouraged { ch }));
            }
        }
        if self.euc_kr {
            found.extend(outside_euc_kr(None, name));
        }
        found
    }

    /// What a gateway that cuts long order names would make of this one; `None`: it stays whole, or this
    /// gateway refuses instead of cutting.
    pub fn cut_order_name(&self, name: &str) -> Option<String> {
        let bytes = self.order_name.cut_to?;
        (length(name, self.order_name.unit) > self.order_name.max?).then(|| cut(name, bytes))
    }

    /// Checks the customer for an operation. Only what the table requires is missed; limits hold whatever
    /// the operation.
    pub fn check_customer(&self, operation: Operation, customer: &Customer<'_>) -> Vec<Finding> {
        let mut found = Vec::new();
        let given = |text: Option<&str>| text.is_some_and(|text| !text.trim().is_empty());
        for (field, text) in [
            (Field::CustomerId, customer.id),
            (Field::CustomerName, customer.name),
            (Field::CustomerPhone, customer.phone),
            (Field::CustomerEmail, customer.email),
        ] {
            if self.need(operation, field) == Need::Required && !given(text) {
                found.push(blocks(What::Missing { field }));
            }
        }
        if self.generation == Generation::V1 {
            let limits = v1_limits();
            // A key being issued takes customer_*, everything else buyer_*, with other limits (V1 §4.3).
            let (name, phone, email) = if operation == Operation::IssueKey {
                (limits.customer_name, limits.customer_phone, limits.customer_email)
            } else {
                (limits.buyer_name, limits.buyer_phone, limits.buyer_email)
            };
            for (field, text, max) in [
                (Field::CustomerName, customer.name, name),
                (Field::CustomerPhone, customer.phone, phone),
                (Field::CustomerEmail, customer.email, email),
            ] {
                found.extend(text.and_then(|text| too_long(Some(field), text, max, Unit::Chars)));
            }
        }
        let rule = &self.customer;
        if let (Some(name), Some(max)) = (customer.name, rule.name_max) {
            found.extend(too_long(Some(Field::CustomerName), name, max, rule.name_unit));
        }
        if let (Some(email), Some(max)) = (customer.email, rule.email_max) {
            found.extend(too_long(Some(Field::CustomerEmail), email, max, Unit::Chars));
        }
        if let Some(name) = customer.name.filter(|_| self.euc_kr) {
            found.extend(outside_euc_kr(Some(Field::CustomerName), name));
        }
        if let Some(id) = customer.id.filter(|id| !id.is_empty()) {
            if let Some(max) = rule.id_max {
                found.extend(too_long(Some(Field::CustomerId), id, max, Unit::Chars));
            }
            if let Some(min) = rule.id_min.filter(|min| id.chars().count() < *min) {
                found.push(blocks(What::CustomerIdTooShort { min }));
            }
            let refused = |ch: &char| !rule.id_chars.holds(*ch) && !rule.id_extra.contains(*ch);
            if let Some(ch) = id.chars().find(refused) {
                found.push(blocks(What::CustomerIdChar { ch }));
            }
        }
        found
    }

    /// Checks a payment id (주문번호).
    pub fn check_payment_id(&self, id: &str) -> Vec<Finding> {
        let mut found = Vec::new();
        let rule = &self.payment_id;
        let chars = id.chars().count();
        let min = rule.min.unwrap_or(1);
        if chars < min {
            found.push(blocks(What::PaymentIdTooShort { min }));
        }
        let api = (self.generation == Generation::V1).then(|| v1_limits().payment_id);
        if let Some(max) = [rule.max, rule.cut_at, api].into_iter().flatten().min().filter(|max| chars > *max)
        {
            found.push(blocks(What::PaymentIdTooLong { max }));
        }
        if let Some(ch) =
            id.chars().find(|ch| !rule.chars.holds(*ch) || (ch.is_control() && rule.chars == IdChars::Any))
        {
            found.push(blocks(What::PaymentIdChar { ch }));
        }
        found
    }

    /// Checks amount, currency and tax parts for an operation paid by `means`.
    pub fn check_amount(&self, operation: Operation, means: Means, amounts: &Amounts<'_>) -> Vec<Finding> {
        let mut found = Vec::new();
        let zero_is_meant = amounts.total == 0
            && operation == Operation::KeyInVirtualAccount
            && self.virtual_account.zero_amount;
        if amounts.total <= 0 && !zero_is_meant {
            found.push(blocks(What::AmountNotPositive));
        }
        self.check_currency(operation, amounts.currency, &mut found);
        if amounts.currency == "KRW" && amounts.total > 0 {
            let usual = if amounts.test && !self.test_min_krw.is_empty() {
                &self.test_min_krw
            } else {
                &self.min_krw
            };
            let of = |limits: &std::collections::BTreeMap<Means, i64>| {
                limits.get(&means).or_else(|| limits.get(&Means::Any)).copied()
            };
            if let Some(min) = of(usual).filter(|min| amounts.total < *min) {
                found.push(warns(What::BelowMinimum { min }));
            }
            if let Some(max) = of(&self.max_krw).filter(|max| amounts.total > *max) {
                found.push(warns(What::AboveMaximum { max }));
            }
        }
        self.check_tax(operation, amounts, &mut found);
        found
    }

    fn check_currency(&self, operation: Operation, currency: &str, found: &mut Vec<Finding>) {
        let with_key = matches!(operation, Operation::IssueKey | Operation::ChargeKey | Operation::Schedule);
        let taken =
            if with_key && !self.key_currencies.is_empty() { &self.key_currencies } else { &self.currencies };
        let listed = taken.is_empty() || taken.iter().any(|code| code == currency);
        if !listed || self.currencies_excluded.iter().any(|code| code == currency) {
            found.push(blocks(What::CurrencyNotTaken));
        } else if self.currency_from_merchant_id && currency != "KRW" {
            found.push(warns(What::CurrencyIgnored));
        }
    }

    fn check_tax(&self, operation: Operation, amounts: &Amounts<'_>, found: &mut Vec<Finding>) {
        let Amounts { total, tax_free, vat, merchant_tax, .. } = *amounts;
        if tax_free.is_some_and(|part| part < 0) || vat.is_some_and(|part| part < 0) {
            found.push(blocks(What::TaxNegative));
            return;
        }
        let (free, tax) = (tax_free.unwrap_or(0), vat.unwrap_or(0));
        if free > total {
            found.push(blocks(What::TaxFreeAboveTotal));
        } else if free.saturating_add(tax) > total {
            found.push(blocks(What::TaxPartsAboveTotal));
        }
        let parts_taken = match (operation, self.virtual_account.tax_parts) {
            (Operation::KeyInVirtualAccount, AccountTax::Never) => false,
            (Operation::KeyInVirtualAccount, AccountTax::MixedOnly) => {
                matches!(merchant_tax, MerchantTax::Mixed | MerchantTax::NotSet)
            }
            _ => true,
        };
        if !parts_taken && (tax_free.is_some() || vat.is_some()) {
            found.push(blocks(What::TaxUnsupported));
        }
        match merchant_tax {
            MerchantTax::Mixed if tax_free.is_none() && parts_taken => {
                found.push(blocks(What::TaxFreeMissing));
            }
            MerchantTax::Taxable if free > 0 => found.push(blocks(What::TaxFreeOnTaxable)),
            MerchantTax::TaxFree if self.tax.equal_on_free_only && tax_free != Some(total) => {
                found.push(blocks(What::TaxFreeNotTotal));
            }
            _ => {}
        }
        // Zero changes nothing for a gateway that wants a contract for the rest.
        for (part, rule) in [(free, self.tax.tax_free), (tax, self.tax.vat)] {
            if part > 0 {
                match rule {
                    TaxUse::NeedsContract | TaxUse::PaidSetting => found.push(warns(What::TaxNeedsContract)),
                    TaxUse::Ignored => found.push(warns(What::VatIgnored)),
                    TaxUse::Unsupported => found.push(blocks(What::TaxUnsupported)),
                    TaxUse::Unstated | TaxUse::Supported | TaxUse::RequiredIfMixed => {}
                }
            }
        }
        if let Some(percent) = self.tax.vat_max_percent
            && i128::from(tax) * 100 > i128::from(total) * i128::from(percent)
        {
            found.push(blocks(What::VatAbovePercent { percent }));
        }
        found.dedup();
    }

    /// Checks instalments (할부) of `months` (0 = lump sum) over `total` won. `issuer` is the V2 card company
    /// name when the BIN has been seen before. Ask only for won.
    pub fn check_installments(&self, months: u32, total: i64, issuer: Option<&str>) -> Vec<Finding> {
        if months == 0 {
            return Vec::new();
        }
        if months == 1 {
            return vec![blocks(What::InstallmentOne)];
        }
        let mut found = Vec::new();
        if self.installments.months.as_ref().is_some_and(|listed| !listed.contains(&months)) {
            found.push(blocks(What::InstallmentMonths { months }));
        }
        let special = self
            .installments
            .exceptions
            .iter()
            .find(|exception| exception.issuer.as_deref().is_some_and(|name| Some(name) == issuer));
        if special.is_some_and(|exception| exception.lump_sum_only) {
            found.push(blocks(What::InstallmentIssuer));
        }
        let min = special.and_then(|exception| exception.min_krw).unwrap_or(self.installment_min_krw);
        if total < min {
            found.push(warns(What::InstallmentBelow { min }));
        }
        found
    }

    /// Checks bank and length of life of a virtual account. `hours` is given only where hours are sent.
    pub fn check_virtual_account(&self, bank: &str, hours: Option<u32>) -> Vec<Finding> {
        let mut found = Vec::new();
        // The list may lag behind the gateway, so a bank outside it warns.
        if self.virtual_account.banks.as_ref().is_some_and(|banks| !banks.iter().any(|listed| listed == bank))
        {
            found.push(warns(What::BankNotListed));
        }
        if let (Some(max), Some(hours)) = (self.virtual_account.max_hours, hours)
            && hours > max
        {
            found.push(blocks(What::HoursAbove { max }));
        }
        found
    }
}

impl What {
    /// The catalogue's key of the sentence (`assets/locale/pg.*.toml`).
    pub const fn message_id(&self) -> &'static str {
        match self {
            Self::OrderNameBlank => "pg.order_name.blank",
            Self::TooLong { unit: Unit::Chars, .. } => "pg.too_long.chars",
            Self::TooLong { unit: Unit::Bytes | Unit::BytesEucKr, .. } => "pg.too_long.bytes",
            Self::OrderNameCut { .. } => "pg.order_name.cut",
            Self::OrderNameForbidden { .. } => "pg.order_name.forbidden",
            Self::OrderNameDiscouraged { .. } => "pg.order_name.discouraged",
            Self::NotEucKr { .. } => "pg.not_euc_kr",
            Self::Missing { .. } => "pg.missing",
            Self::CustomerIdTooShort { .. } => "pg.customer_id.too_short",
            Self::CustomerIdChar { .. } => "pg.customer_id.char",
            Self::PaymentIdTooShort { .. } => "pg.payment_id.too_short",
            Self::PaymentIdTooLong { .. } => "pg.payment_id.too_long",
            Self::PaymentIdChar { .. } => "pg.payment_id.char",
            Self::AmountNotPositive => "pg.amount.not_positive",
            Self::BelowMinimum { .. } => "pg.amount.below_minimum",
            Self::AboveMaximum { .. } => "pg.amount.above_maximum",
            Self::CurrencyNotTaken => "pg.currency.not_taken",
            Self::CurrencyIgnored => "pg.currency.ignored",
            Self::TaxNegative => "pg.tax.negative",
            Self::TaxFreeAboveTotal => "pg.tax.free_above_total",
            Self::TaxPartsAboveTotal => "pg.tax.parts_above_total",
            Self::TaxFreeMissing => "pg.tax.free_missing",
            Self::TaxFreeOnTaxable => "pg.tax.free_on_taxable",
            Self::TaxFreeNotTotal => "pg.tax.free_not_total",
            Self::TaxNeedsContract => "pg.tax.needs_contract",
            Self::VatIgnored => "pg.tax.vat_ignored",
            Self::TaxUnsupported => "pg.tax.unsupported",
            Self::VatAbovePercent { .. } => "pg.tax.vat_above_percent",
            Self::InstallmentOne => "pg.installment.one",
            Self::InstallmentMonths { .. } => "pg.installment.months",
            Self::InstallmentBelow { .. } => "pg.installment.below",
            Self::InstallmentIssuer => "pg.installment.issuer",
            Self::BankNotListed => "pg.bank.not_listed",
            Self::HoursAbove { .. } => "pg.hours_above",
        }
    }

    /// The values for the sentence's `{placeholders}`. Amounts are plain digits: grouping is the screen's.
    /// A `field` is itself a catalogue key.
    pub fn arguments(&self) -> Vec<(&'static str, String)> {
        let field_key = |field: &Option<Field>| {
            ("field", field.map_or("pg.field.order_name", Field::message_id).to_owned())
        };
        match self {
            Self::TooLong { field, max, length, .. } => {
                vec![field_key(field), ("max", max.to_string()), ("length", length.to_string())]
            }
            Self::OrderNameCut { to } => vec![("to", to.clone())],
            Self::OrderNameForbidden { ch }
            | Self::OrderNameDiscouraged { ch }
            | Self::CustomerIdChar { ch }
            | Self::PaymentIdChar { ch } => vec![("char", visible(*ch))],
            Self::NotEucKr { field, ch } => vec![field_key(field), ("char", visible(*ch))],
            Self::Missing { field } => vec![field_key(&Some(*field))],
            Self::CustomerIdTooShort { min } | Self::PaymentIdTooShort { min } => {
                vec![("min", min.to_string())]
            }
            Self::PaymentIdTooLong { max } => vec![("max", max.to_string())],
            Self::BelowMinimum { min } | Self::InstallmentBelow { min } => vec![("min", min.to_string())],
            Self::AboveMaximum { max } => vec![("max", max.to_string())],
            Self::VatAbovePercent { percent } => vec![("percent", percent.to_string())],
            Self::InstallmentMonths { months } => vec![("months", months.to_string())],
            Self::HoursAbove { max } => vec![("max", max.to_string())],
            _ => Vec::new(),
        }
    }
}

impl Field {
    /// The catalogue's key of the field's name.
    pub const fn message_id(self) -> &'static str {
        match self {
            Self::CardNumber => "pg.field.card_number",
            Self::Expiry => "pg.field.expiry",
            Self::Identity => "pg.field.identity",
            Self::Pin => "pg.field.pin",
            Self::Cvc => "pg.field.cvc",
            Self::CustomerId => "pg.field.customer_id",
            Self::CustomerName => "pg.field.customer_name",
            Self::CustomerPhone => "pg.field.customer_phone",
            Self::CustomerEmail => "pg.field.customer_email",
            Self::ProductType => "pg.field.product_type",
            Self::CashReceipt => "pg.field.cash_receipt",
            Self::AccountHolder => "pg.field.account_holder",
            Self::PgApiKey => "pg.field.pg_api_key",
            Self::BrowserIp => "pg.field.browser_ip",
            Self::Locale => "pg.field.locale",
            Self::Currency => "pg.field.currency",
            Self::BuyerDevice => "pg.field.buyer_device",
        }
    }
}

/// A control character must not reach a screen as itself.
fn visible(ch: char) -> String {
    if ch.is_control() { format!("U+{:04X}", u32::from(ch)) } else { ch.to_string() }
}

fn blocks(what: What) -> Finding {
    Finding { severity: Severity::Blocks, what }
}

fn warns(what: What) -> Finding {
    Finding { severity: Severity::Warns, what }
}

/// A limit in bytes of an unnamed encoding blocks only when the text is over in EUC-KR too.
fn too_long(field: Option<Field>, text: &str, max: usize, unit: Unit) -> Option<Finding> {
    let length = length(text, unit);
    if length <= max {
        return None;
    }
    let certain = unit != Unit::Bytes || euc_kr_length(text) > max;
    let what = What::TooLong { field, max, unit, length };
    Some(if certain { blocks(what) } else { warns(what) })
}

fn distinct(text: &str) -> Vec<char> {
    let mut seen = Vec::new();
    for ch in text.chars() {
        if !seen.contains(&ch) {
            seen.push(ch);
        }
    }
    seen
}

fn outside_euc_kr(field: Option<Field>, text: &str) -> Vec<Finding> {
    distinct(text)
        .into_iter()
        .filter(|ch| !in_euc_kr(*ch))
        .map(|ch| blocks(What::NotEucKr { field, ch }))
        .collect()
}
