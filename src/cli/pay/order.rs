//! From options to an order: everything of a payment but the card, checked against the PG's rules.

use jiff::tz::{Offset, TimeZone};
use unicode_normalization::UnicodeNormalization as _;

use super::{Args, Findings, contract};
use crate::cli::session::{Session, takes_key_in};
use crate::config::{self, steers};
use crate::domain::channel::{Channel, Mode};
use crate::domain::customer::Customer;
use crate::domain::money::{AmountError, Currency, Money};
use crate::domain::order::{Installments, KeyInOrder, Sale};
use crate::domain::payment::PaymentId;
use crate::domain::pg::{
    self, Amounts, Field, Finding, Means, MerchantTax, Need, Operation, PgRules, Severity, What, rules,
};
use crate::error;
use crate::i18n::Text;
use crate::operation::world::{RealWorld, World as _};
use crate::text;

/// What a request may have to carry and this command has no way to give.
const UNGIVABLE: [Field; 5] =
    [Field::Cvc, Field::PgApiKey, Field::BrowserIp, Field::Locale, Field::BuyerDevice];

/// The order, as far as it could be built; `findings` says what is wrong with it.
pub(super) fn build(args: &Args, session: &Session, findings: &mut Findings) -> Option<KeyInOrder> {
    let channel = channel(args, session, findings);
    let order_name = args.order_name.as_deref().map_or_else(|| session.order_name.clone(), tidy);
    let customer = customer(args, findings);
    let payment_id = payment_id(args, findings);
    if let Some(reason) = &args.duplicate_reason
        && (tidy(reason).is_empty() || reason.chars().count() > 200 || reason.chars().any(steers))
    {
        findings.wrong("duplicate-reason", text!("cli.pay.reason"));
    }
    let channel = channel?;
    let rules = rules(channel.generation, &channel.pg);
    let contract = contract(session, &channel.name);
    check_names(rules, &channel, &order_name, &customer, findings);
    if let Some(id) = &payment_id {
        take("order-id", rules.check_payment_id(id.as_str()), findings);
    }
    let currency = currency(args, contract, findings)?;
    let amount = typed("amount", args.amount.as_deref().unwrap_or_default(), currency, findings);
    let tax_free = args.tax_free.as_deref().map(|text| typed("tax-free", text, currency, findings));
    let (amount, tax_free) = match (amount, tax_free) {
        (Some(amount), None) => (amount, None),
        (Some(amount), Some(Some(tax_free))) => (amount, Some(tax_free)),
        _ => return None,
    };
    check_money(rules, &channel, contract, amount, tax_free, findings);
    check_months(rules, &channel, args.installments, amount, findings);
    Some(KeyInOrder {
        sale: Sale {
            payment_id: payment_id?,
            channel,
            order_name,
            amount,
            tax_free,
            vat: None,
            customer,
            note: None,
        },
        installments: Installments { months: args.installments, interest_free: false },
        save_card: false,
    })
}

/// Text in NFC, without blanks at its ends.
pub(super) fn tidy(text: &str) -> String {
    text.nfc().collect::<String>().trim().to_owned()
}

/// Korea has kept one offset since 1988; no table of time zones is needed.
pub(super) fn korea() -> TimeZone {
    TimeZone::fixed(Offset::constant(9))
}

/// Year and month in Korea, for expiries.
pub(super) fn this_month(now: jiff::Timestamp) -> (u16, u8) {
    let date = now.to_zoned(korea());
    (date.year().unsigned_abs(), date.month().unsigned_abs())
}

fn channel(args: &Args, session: &Session, findings: &mut Findings) -> Option<Channel> {
    let found = match &args.channel {
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
    if !takes_key_in(channel) {
        findings.wrong("channel", text!("cli.pay.no-key-in", channel = channel.name, pg = channel.pg));
        return None;
    }
    Some(channel.clone())
}

fn customer(args: &Args, findings: &mut Findings) -> Customer {
    let [name, phone, email] =
        [&args.customer_name, &args.customer_phone, &args.customer_email].map(|text| tidy(text));
    if name.chars().any(steers) {
        findings.wrong("customer-name", text!("cli.pay.control"));
    }
    let is_phone = phone.chars().all(|ch| ch.is_ascii_digit() || matches!(ch, '-' | '+' | ' ' | '(' | ')'));
    if !is_phone {
        findings.wrong("customer-phone", text!("cli.pay.phone"));
    }
    let strange = email.chars().any(|ch| steers(ch) || ch.is_whitespace());
    if !email.is_empty() && (strange || !email.contains('@')) {
        findings.wrong("customer-email", text!("cli.pay.email"));
    }
    Customer::new(&name, &phone, &email)
}

fn payment_id(args: &Args, findings: &mut Findings) -> Option<PaymentId> {
    let Some(given) = &args.order_id else { return Some(PaymentId::mint(RealWorld::new().random())) };
    let id = PaymentId::parse(given).ok();
    if id.is_none() {
        findings.wrong("order-id", text!("cli.pay.order-id"));
    }
    id
}

fn currency(args: &Args, contract: Option<&config::Contract>, findings: &mut Findings) -> Option<Currency> {
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

fn typed(field: &'static str, text: &str, currency: Currency, findings: &mut Findings) -> Option<Money> {
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

fn check_names(
    rules: &PgRules,
    channel: &Channel,
    order_name: &str,
    customer: &Customer,
    findings: &mut Findings,
) {
    take("order-name", rules.check_order_name(order_name), findings);
    if order_name.chars().any(|ch| steers(ch) && !ch.is_control()) {
        findings.wrong("order-name", text!("cli.pay.control"));
    }
    let known =
        pg::Customer { id: None, name: customer.name(), phone: customer.phone(), email: customer.email() };
    take("customer-name", rules.check_customer(Operation::KeyInCard, &known), findings);
    let missing = |field| error::finding(&What::Missing { field });
    for field in UNGIVABLE {
        if rules.need(Operation::KeyInCard, field) == Need::Required {
            findings.wrong("channel", missing(field));
        }
    }
    if rules.need(Operation::KeyInCard, Field::ProductType) == Need::Required
        && channel.product_type.is_none()
    {
        findings.wrong("channel", missing(Field::ProductType));
    }
}

fn check_money(
    rules: &PgRules,
    channel: &Channel,
    contract: Option<&config::Contract>,
    amount: Money,
    tax_free: Option<Money>,
    findings: &mut Findings,
) {
    let merchant_tax = contract.map_or(MerchantTax::NotSet, |contract| match contract.tax {
        config::Tax::Taxable => MerchantTax::Taxable,
        config::Tax::Exempt => MerchantTax::TaxFree,
        config::Tax::Mixed => MerchantTax::Mixed,
    });
    let amounts = Amounts {
        total: amount.minor_signed(),
        tax_free: tax_free.map(Money::minor_signed),
        vat: None,
        currency: amount.currency().code(),
        merchant_tax,
        test: channel.mode == Mode::Test,
    };
    take("amount", rules.check_amount(Operation::KeyInCard, Means::Card, &amounts), findings);
}

fn check_months(rules: &PgRules, channel: &Channel, months: u8, amount: Money, findings: &mut Findings) {
    if months == 0 {
        return;
    }
    if amount.currency() != Currency::Krw {
        findings.wrong("installments", text!("cli.pay.installments-krw"));
        return;
    }
    let found = rules.check_installments(months.into(), amount.minor_signed(), None);
    let blocked = found.iter().any(|found| found.severity == Severity::Blocks);
    take("installments", found, findings);
    if !blocked && !channel.terms.installments.contains(&months) {
        let offered: Vec<String> = channel.terms.installments.iter().map(ToString::to_string).collect();
        findings.wrong(
            "installments",
            if offered.is_empty() {
                text!("cli.pay.no-installments", channel = channel.name)
            } else {
                text!("cli.pay.installments", channel = channel.name, months = offered.join(", "))
            },
        );
    }
}

/// Files what a check of the rules found under the option that it is about.
pub(super) fn take(option: &'static str, found: Vec<Finding>, findings: &mut Findings) {
    for finding in found {
        let field = option_of(&finding.what).unwrap_or(option);
        let why: Text = error::finding(&finding.what);
        match finding.severity {
            Severity::Blocks => findings.wrong(field, why),
            Severity::Warns => findings.doubtful(field, why),
        }
    }
}

/// The option that a finding is about, where that is not the one that was checked.
fn option_of(what: &What) -> Option<&'static str> {
    match what {
        What::Missing { field }
        | What::TooLong { field: Some(field), .. }
        | What::NotEucKr { field: Some(field), .. } => match field {
            Field::CustomerName => Some("customer-name"),
            Field::CustomerPhone => Some("customer-phone"),
            Field::CustomerEmail => Some("customer-email"),
            _ => Some("channel"),
        },
        What::CurrencyNotTaken | What::CurrencyIgnored => Some("currency"),
        What::TaxNegative
        | What::TaxFreeAboveTotal
        | What::TaxPartsAboveTotal
        | What::TaxFreeMissing
        | What::TaxFreeOnTaxable
        | What::TaxFreeNotTotal
        | What::TaxNeedsContract
        | What::VatIgnored
        | What::TaxUnsupported => Some("tax-free"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_month_is_korea_s() {
        assert_eq!(this_month("2026-11-30T15:00:00Z".parse().unwrap()), (2026, 12));
        assert_eq!(this_month("2026-11-30T14:59:59Z".parse().unwrap()), (2026, 11));
        assert_eq!(this_month("2026-12-31T15:00:00Z".parse().unwrap()), (2027, 1));
    }

    #[test]
    fn texts_are_nfc_without_blanks_around() {
        assert_eq!(tidy(" \u{1100}\u{1161} "), "가");
    }
}
