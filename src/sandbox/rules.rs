//! Each PG's own input rules ([`crate::domain::pg`]), behind one function, so that the sandbox refuses what the
//! PG would refuse. Switched off by `--lenient`.
//!
//! What the sources do not state, or disagree about, is let through.

use super::catalog::Channel;
use super::model::{Customer, Version};
use crate::domain::pg::{self, Field, Finding, Generation, Need, Offer, Operation, PgCode, Severity};

/// The facts of a request that rules speak about; never card data, only whether it was given.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each says whether one field came with the request")]
pub struct Facts<'a> {
    /// What is asked for.
    pub operation: Operation,
    /// `paymentId` / `merchant_uid`; none for a key.
    pub payment: Option<&'a str>,
    /// Order name; none for a key.
    pub name: Option<&'a str>,
    /// Who pays.
    pub customer: Option<&'a Customer>,
    /// Whether birth date or business number was given.
    pub birth: bool,
    /// Whether the password digits were given.
    pub password: bool,
    /// Whether a product type was given.
    pub product_type: bool,
    /// The kind of cash receipt that was asked for, by its V2 name.
    pub cash_receipt: Option<&'a str>,
    /// Whether the holder of a virtual account was given.
    pub holder: bool,
    /// The length of life of a virtual account, where it is given in hours.
    pub hours: Option<u32>,
    /// Total in minor units, for instalments.
    pub total: i64,
    /// Instalment months, 0 for a lump sum.
    pub months: u32,
}

impl Facts<'_> {
    /// Facts of which nothing but the operation is known.
    pub fn of(operation: Operation) -> Self {
        Self {
            operation,
            payment: None,
            name: None,
            customer: None,
            birth: false,
            password: false,
            product_type: false,
            cash_receipt: None,
            holder: false,
            hours: None,
            total: 0,
            months: 0,
        }
    }
}

fn table(channel: &Channel) -> &'static pg::PgRules {
    let generation = match channel.version {
        Version::V1 => Generation::V1,
        Version::V2 => Generation::V2,
    };
    pg::rules(generation, &PgCode::new(channel.pg))
}

fn sentence(channel: &Channel, finding: &Finding) -> String {
    let figures: Vec<String> =
        finding.what.arguments().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let figures = if figures.is_empty() { String::new() } else { format!(" ({})", figures.join(", ")) };
    format!("{} refuses this: {}{figures}", channel.pg, finding.what.message_id())
}

/// Checks a request against the rules of its channel's PG; the error is a sentence for the merchant.
pub fn check(channel: &Channel, facts: &Facts<'_>) -> Result<(), String> {
    let rules = table(channel);
    let operation = facts.operation;
    if rules.offer(operation) == Offer::RuledOut {
        return Err(format!("{} does not offer this operation ({operation:?})", channel.pg));
    }
    let given = [
        (Field::Identity, facts.birth),
        (Field::Pin, facts.password),
        (Field::ProductType, facts.product_type),
        (Field::CashReceipt, facts.cash_receipt.is_some()),
        (Field::AccountHolder, facts.holder),
    ];
    for (field, given) in given {
        if rules.need(operation, field) == Need::Required && !given {
            return Err(format!("{} needs a field that is missing: {field:?}", channel.pg));
        }
    }
    let kinds = &rules.virtual_account.cash_receipt_types;
    if let Some(kind) = facts.cash_receipt
        && !kinds.is_empty()
        && !kinds.iter().any(|taken| taken == kind)
    {
        return Err(format!("{} takes no cash receipt of the kind {kind}", channel.pg));
    }
    let customer = facts.customer.map(|customer| pg::Customer {
        id: customer.id.as_deref(),
        name: customer.name.as_deref(),
        phone: customer.phone.as_deref(),
        email: customer.email.as_deref(),
    });
    let mut found = rules.check_customer(operation, &customer.unwrap_or_default());
    found.extend(facts.payment.map(|id| rules.check_payment_id(id)).into_iter().flatten());
    found.extend(facts.name.map(|name| rules.check_order_name(name)).into_iter().flatten());
    if operation == Operation::KeyInVirtualAccount {
        found.extend(rules.check_virtual_account("", facts.hours));
    }
    found.extend(rules.check_installments(facts.months, facts.total, None));
    match found.iter().find(|finding| finding.severity == Severity::Blocks) {
        Some(finding) => Err(sentence(channel, finding)),
        None => Ok(()),
    }
}

/// Whether money can be given back, or a key deleted, without saying why and who asked for it. `NaverPay`
/// demands both (V2 §9.4, V1 §8.4); how it refuses is not documented.
pub fn requester(channel: &Channel) -> Result<(), String> {
    if table(channel).cancel.requester {
        return Err(format!("{} needs a field that is missing: reason or requester", channel.pg));
    }
    Ok(())
}

/// The order name as the PG keeps it: some cut long ones without a word.
pub fn kept_name(channel: &Channel, name: &str) -> Option<String> {
    table(channel).cut_order_name(name)
}

#[cfg(test)]
mod tests {
    use super::super::catalog::CHANNELS;
    use super::*;

    fn channel(pg: &str) -> &'static Channel {
        CHANNELS.iter().find(|channel| channel.pg == pg).unwrap()
    }

    #[test]
    fn refuses_what_the_pg_refuses_and_lets_the_rest_through() {
        let customer = Customer {
            name: Some("김하늘".into()),
            phone: Some("01020003000".into()),
            email: Some("a@example.com".into()),
            ..Customer::default()
        };
        let good = Facts {
            payment: Some("ord20260301a0007"),
            name: Some("정수기 렌탈"),
            customer: Some(&customer),
            birth: true,
            password: true,
            total: 60_000,
            ..Facts::of(Operation::KeyInCard)
        };
        assert_eq!(check(channel("KCP_V2"), &good), Ok(()));
        assert!(check(channel("SMARTRO_V2"), &good).unwrap_err().contains("does not offer"));
        assert!(
            check(channel("KCP_V2"), &Facts { birth: false, ..good }).is_err(),
            "KCP wants the birth date"
        );
        assert!(
            check(channel("KCP_V2"), &Facts { payment: Some("a-b"), ..good }).is_err(),
            "letters and digits only"
        );
        assert!(
            check(channel("INICIS_V2"), &Facts { customer: None, ..good }).is_err(),
            "Inicis wants the customer"
        );
        assert!(check(channel("KSNET"), &good).is_err(), "KSNET wants the product type");
        assert_eq!(check(channel("KSNET"), &Facts { product_type: true, ..good }), Ok(()));
        assert!(check(channel("NICE_V2"), &Facts { months: 24, ..good }).is_err(), "2 to 12 months");
    }
}
