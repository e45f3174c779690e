//! From options to a sale: what every payment says however it is paid, checked against the PG's rules.
//!
//! Shared by `pay`, `vbank issue` and `key`. Decides nothing about money; finds what is wrong before anything is sent.

use unicode_normalization::UnicodeNormalization as _;

use super::session::Session;
use crate::config::{self, steers};
use crate::domain::channel::{Channel, Mode};
use crate::domain::customer::Customer;
use crate::domain::fit::{Unfit, unfit};
use crate::domain::money::{AmountError, Currency, Money};
use crate::domain::order::Sale;
use crate::domain::payment::PaymentId;
use crate::domain::pg::{
    self, Amounts, Field, Finding, Means, MerchantTax, Need, Operation, Severity, What, rules,
};
use crate::error;
use crate::i18n::Text;
use crate::operation::world::{RealWorld, World as _};
use crate::text;

/// The longest note or reason, in characters.
const REMARK: usize = 200;

/// The options about a sale.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct SaleArgs {
    /// Amount: 45000, 45,000 or 4.5만.
    #[arg(long, value_name = "N")]
    pub amount: Option<String>,
    /// Currency; the channel's first one when absent.
    #[arg(long, value_name = "CODE")]
    pub currency: Option<String>,
    /// Order name; the profile's when absent.
    #[arg(long, value_name = "TEXT")]
    pub order_name: Option<String>,
    /// Channel (PG contract); the profile's default when absent.
    #[arg(long, value_name = "NAME")]
    pub channel: Option<String>,
    /// Tax-free part of the amount.
    #[arg(long, value_name = "N")]
    pub tax_free: Option<String>,
    /// VAT in the amount; left to the PG when absent.
    #[arg(long, value_name = "N")]
    pub vat: Option<String>,
    /// Who pays.
    #[command(flatten)]
    pub customer: CustomerArgs,
    /// Payment id of your own, 6 to 40 letters and digits; minted when absent.
    #[arg(long, value_name = "ID")]
    pub order_id: Option<String>,
    /// Sends it although the guard sees the same one a moment ago, and keeps this reason.
    #[arg(long, value_name = "TEXT")]
    pub duplicate_reason: Option<String>,
    /// A note for yourselves; kept in the ledger, never sent.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

/// The options about a customer.
#[derive(Debug, Clone, Default, clap::Args)]
#[expect(clippy::struct_field_names, reason = "the fields are the options' names")]
pub struct CustomerArgs {
    /// Your own id of the customer.
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    pub customer_id: String,
    /// Customer's name.
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub customer_name: String,
    /// Customer's phone number.
    #[arg(long, value_name = "PHONE", default_value = "", hide_default_value = true)]
    pub customer_phone: String,
    /// Customer's e-mail address.
    #[arg(long, value_name = "EMAIL", default_value = "", hide_default_value = true)]
    pub customer_email: String,
}

/// Something that keeps the request from being sent: which option or member of the card line, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    pub field: &'static str,
    pub why: Text,
}

/// What the checks found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub wrong: Vec<Wrong>,
    /// Worth saying; the request may go.
    pub doubtful: Vec<Wrong>,
}

impl Findings {
    pub fn wrong(&mut self, field: &'static str, why: Text) {
        self.wrong.push(Wrong { field, why });
    }

    pub fn doubtful(&mut self, field: &'static str, why: Text) {
        self.doubtful.push(Wrong { field, why });
    }
}

/// What the sale is for: whose rules hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Purpose<'a> {
    /// What the channel must offer, and the option that asks for it.
    pub offered: &'a [(Operation, &'static str)],
    /// What is sent: the fields that these want are wanted.
    pub sent: &'a [Operation],
    /// Whose amounts and currencies count.
    pub operation: Operation,
    /// The limits that count.
    pub means: Means,
}

/// The sale, as far as it could be built; `findings` says what is wrong with it.
pub(super) fn build(
    args: &SaleArgs,
    session: &Session,
    purpose: Purpose<'_>,
    findings: &mut Findings,
) -> Option<Sale> {
    let channel = channel(args.channel.as_deref(), session, purpose.offered, findings);
    let order_name = args.order_name.as_deref().map_or_else(|| session.order_name.clone(), tidy);
    let customer = customer(&args.customer, findings);
    let payment_id = payment_id(args, findings);
    if let Some(reason) = &args.duplicate_reason
        && (tidy(reason).is_empty() || !is_remark(reason))
    {
        findings.wrong("duplicate-reason", text!("cli.pay.reason"));
    }
    if args.note.as_deref().is_some_and(|note| !is_remark(note)) {
        findings.wrong("note", text!("cli.pay.note"));
    }
    let channel = channel?;
    check_names(purpose, &channel, &order_name, &customer, findings);
    if let Some(id) = &payment_id {
        take("order-id", rules(channel.generation, &channel.pg).check_payment_id(id.as_str()), findings);
    }
    let contract = contract(session, &channel.name);
    let currency = currency(args, contract, findings)?;
    let amount = typed("amount", args.amount.as_deref().unwrap_or_default(), currency, findings);
    let tax_free = part("tax-free", args.tax_free.as_deref(), currency, findings);
    let vat = part("vat", args.vat.as_deref(), currency, findings);
    let (Some(amount), Ok(tax_free), Ok(vat)) = (amount, tax_free, vat) else { return None };
    let sale = Sale {
        payment_id: payment_id?,
        channel,
        order_name,
        amount,
        tax_free,
        vat,
        customer,
        note: args.note.as_deref().map(tidy).filter(|note| !note.is_empty()),
    };
    check_money(purpose, &sale, contract, findings);
    Some(sale)
}

/// A part of the amount that may be left out. What can't be read is an error, not something that was left out.
pub(super) fn part(
    field: &'static str,
    text: Option<&str>,
    currency: Currency,
    findings: &mut Findings,
) -> Result<Option<Money>, ()> {
    text.map(|text| typed(field, text, currency, findings).ok_or(())).transpose()
}

/// Whether a note or a reason is short and plain.
pub(super) fn is_remark(text: &str) -> bool {
    text.chars().count() <= REMARK && !text.chars().any(steers)
}

/// Text in NFC, without blanks at its ends.
pub(super) fn tidy(text: &str) -> String {
    text.nfc().collect::<String>().trim().to_owned()
}

/// What a channel's configuration says beside the domain's words.
fn contract<'a>(session: &'a Session, channel: &str) -> Option<&'a config::Contract> {
    let profile = session.config.profile(Some(&session.profile)).ok()?;
    profile.channel(channel).map(|channel| &channel.contract)
}

/// The channel that was named, or the profile's default, when it offers what it is wanted for.
pub(super) fn channel(
    name: Option<&str>,
    session: &Session,
    offered: &[(Operation, &'static str)],
    findings: &mut Findings,
) -> Option<Channel> {
    let found = match name {
        None => session.channels.get(session.default_channel),
        Some(name) => {
            let name = tidy(name);
            session.channels.iter().find(|channel| channel.name == name)
        }
    };
    let Some(channel) = found else {
        let names: Vec<&str> = session.channels.iter().map(|channel| channel.name.as_str()).collect();
        findings.wrong("channel", text!("cli.pay.channel", names = names.join(", ")));
        return None;
    };
    let mut fits = true;
    for (operation, option) in offered {
        match unfit(channel, *operation) {
            None => {}
            Some(Unfit::Needs(field)) => findings.wrong(option, missing(field)),
            Some(Unfit::NotOffered) => {
                findings.wrong(option, not_offered(channel, *operation));
                fits &= *option != "channel";
            }
        }
    }
    fits.then(|| channel.clone())
}

fn not_offered(channel: &Channel, operation: Operation) -> Text {
    let (name, pg) = (&channel.name, &channel.pg);
    match operation {
        Operation::KeyInCard => text!("cli.pay.no-key-in", channel = name, pg = pg),
        Operation::KeyInVirtualAccount => text!("cli.vbank.not-offered", channel = name, pg = pg),
        Operation::IssueKey | Operation::ChargeKey | Operation::Schedule => {
            text!("cli.pay.no-keys", channel = name, pg = pg)
        }
    }
}

/// Who it is, as far as that was given.
pub(super) fn customer(args: &CustomerArgs, findings: &mut Findings) -> Customer {
    let [id, name, phone, email] =
        [&args.customer_id, &args.customer_name, &args.customer_phone, &args.customer_email]
            .map(|text| tidy(text));
    for (field, text) in [("customer-id", &id), ("customer-name", &name)] {
        if text.chars().any(steers) {
            findings.wrong(field, text!("cli.pay.control"));
        }
    }
    let is_phone = phone.chars().all(|ch| ch.is_ascii_digit() || matches!(ch, '-' | '+' | ' ' | '(' | ')'));
    if !is_phone {
        findings.wrong("customer-phone", text!("cli.pay.phone"));
    }
    let strange = email.chars().any(|ch| steers(ch) || ch.is_whitespace());
    if !email.is_empty() && (strange || !email.contains('@')) {
        findings.wrong("customer-email", text!("cli.pay.email"));
    }
    Customer::new(&name, &phone, &email).with_id(&id)
}

fn payment_id(args: &SaleArgs, findings: &mut Findings) -> Option<PaymentId> {
    let Some(given) = &args.order_id else { return Some(PaymentId::mint(RealWorld::new().random())) };
    let id = PaymentId::parse(given).ok();
    if id.is_none() {
        findings.wrong("order-id", text!("cli.pay.order-id"));
    }
    id
}

fn currency(
    args: &SaleArgs,
    contract: Option<&config::Contract>,
    findings: &mut Findings,
) -> Option<Currency> {
    let taken = contract.map_or(&[][..], |contract| &contract.currencies[..]);
    let found = match &args.currency {
        // The contract's own first currency, as far as this console can count in it.
        None => taken.iter().find_map(|code| Currency::parse(code)),
        Some(code) => {
            Currency::parse(code).filter(|currency| taken.iter().any(|taken| taken == currency.code()))
        }
    };
    if found.is_none() {
        findings.wrong("currency", text!("cli.pay.currency", taken = taken.join(", ")));
    }
    found
}

pub(super) fn typed(
    field: &'static str,
    text: &str,
    currency: Currency,
    findings: &mut Findings,
) -> Option<Money> {
    let parsed = Money::parse_typed(text, currency);
    let why = match parsed {
        Ok(money) => return Some(money),
        Err(AmountError::Empty) => text!("cli.amount.empty"),
        Err(AmountError::NotANumber) => text!("cli.amount.not-a-number"),
        Err(AmountError::Fraction) => text!("cli.amount.fraction"),
        Err(AmountError::TooLarge) => text!("cli.amount.too-large"),
    };
    findings.wrong(field, why);
    None
}

/// The sentence about a field that the PG wants and nobody gave.
pub(super) fn missing(field: Field) -> Text {
    error::finding(&What::Missing { field })
}

fn check_names(
    purpose: Purpose<'_>,
    channel: &Channel,
    order_name: &str,
    customer: &Customer,
    findings: &mut Findings,
) {
    let rules = rules(channel.generation, &channel.pg);
    take("order-name", rules.check_order_name(order_name), findings);
    if order_name.chars().any(|ch| steers(ch) && !ch.is_control()) {
        findings.wrong("order-name", text!("cli.pay.control"));
    }
    check_customer(purpose.sent, channel, customer, findings);
}

/// Finds what the PG wants to know of a customer and of the channel for what is sent.
pub(super) fn check_customer(
    sent: &[Operation],
    channel: &Channel,
    customer: &Customer,
    findings: &mut Findings,
) {
    let rules = rules(channel.generation, &channel.pg);
    let known = pg::Customer {
        id: customer.id(),
        name: customer.name(),
        phone: customer.phone(),
        email: customer.email(),
    };
    let mut found: Vec<Finding> = Vec::new();
    for operation in sent {
        let more = rules.check_customer(*operation, &known);
        found.extend(more.into_iter().filter(|finding| !found.contains(finding)).collect::<Vec<_>>());
    }
    take("customer-name", found, findings);
    let required = |field| sent.iter().any(|operation| rules.need(*operation, field) == Need::Required);
    // No option says it.
    if required(Field::Locale) {
        findings.wrong("channel", missing(Field::Locale));
    }
    if required(Field::ProductType) && channel.product_type.is_none() {
        findings.wrong("channel", missing(Field::ProductType));
    }
    if required(Field::PgApiKey) && channel.pg_api_key.is_none() {
        findings.wrong("channel", missing(Field::PgApiKey));
    }
}

fn check_money(
    purpose: Purpose<'_>,
    sale: &Sale,
    contract: Option<&config::Contract>,
    findings: &mut Findings,
) {
    let merchant_tax = contract.map_or(MerchantTax::NotSet, |contract| match contract.tax {
        config::Tax::Taxable => MerchantTax::Taxable,
        config::Tax::Exempt => MerchantTax::TaxFree,
        config::Tax::Mixed => MerchantTax::Mixed,
    });
    let amounts = Amounts {
        total: sale.amount.minor_signed(),
        tax_free: sale.tax_free.map(Money::minor_signed),
        vat: sale.vat.map(Money::minor_signed),
        currency: sale.amount.currency().code(),
        merchant_tax,
        test: sale.channel.mode == Mode::Test,
    };
    let rules = rules(sale.channel.generation, &sale.channel.pg);
    let found = rules.check_amount(purpose.operation, purpose.means, &amounts);
    // Where only VAT was given, what is said about tax parts is about that.
    let vat_alone = sale.vat.is_some() && sale.tax_free.is_none();
    let (parts, rest): (Vec<Finding>, Vec<Finding>) = found.into_iter().partition(|finding| {
        vat_alone && matches!(finding.what, What::TaxUnsupported | What::TaxNeedsContract)
    });
    for finding in parts {
        file("vat", &finding, findings);
    }
    take("amount", rest, findings);
}

/// Files what a check of the rules found under the option that it is about.
pub(super) fn take(option: &'static str, found: Vec<Finding>, findings: &mut Findings) {
    for finding in found {
        file(option_of(&finding.what).unwrap_or(option), &finding, findings);
    }
}

fn file(option: &'static str, finding: &Finding, findings: &mut Findings) {
    let why = error::finding(&finding.what);
    match finding.severity {
        Severity::Blocks => findings.wrong(option, why),
        Severity::Warns => findings.doubtful(option, why),
    }
}

/// The option that a finding is about, where that is not the one that was checked.
const fn option_of(what: &What) -> Option<&'static str> {
    match what {
        What::Missing { field }
        | What::TooLong { field: Some(field), .. }
        | What::NotEucKr { field: Some(field), .. } => Some(match field {
            Field::CustomerId => "customer-id",
            Field::CustomerName => "customer-name",
            Field::CustomerPhone => "customer-phone",
            Field::CustomerEmail => "customer-email",
            _ => "channel",
        }),
        What::CustomerIdTooShort { .. } | What::CustomerIdChar { .. } => Some("customer-id"),
        What::CurrencyNotTaken | What::CurrencyIgnored => Some("currency"),
        What::VatIgnored | What::VatAbovePercent { .. } | What::TaxPartsAboveTotal => Some("vat"),
        What::TaxNegative
        | What::TaxFreeAboveTotal
        | What::TaxFreeMissing
        | What::TaxFreeOnTaxable
        | What::TaxFreeNotTotal
        | What::TaxNeedsContract
        | What::TaxUnsupported => Some("tax-free"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_nfc_without_blanks_around() {
        assert_eq!(tidy(" \u{1100}\u{1161} "), "가");
    }

    #[test]
    fn a_part_that_can_not_be_read_is_not_one_that_was_left_out() {
        let mut findings = Findings::default();
        let mut read = |text| part("vat", text, Currency::Krw, &mut findings);
        assert_eq!(read(None), Ok(None));
        assert_eq!(read(Some("0")), Ok(Some(Money::zero(Currency::Krw))));
        assert_eq!(read(Some("")), Err(()));
        assert_eq!(findings.wrong.iter().map(|wrong| wrong.field).collect::<Vec<_>>(), ["vat"]);
    }
}
