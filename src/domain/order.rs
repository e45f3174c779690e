//! What is ordered: everything of a payment but the card, which stands in the vault.

use super::channel::Channel;
use super::customer::Customer;
use super::money::Money;
use super::payment::PaymentId;

/// Everything of a key-in payment but the card, which stands in the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyInOrder {
    /// Ours, minted for this attempt.
    pub payment_id: PaymentId,
    /// The PG contract.
    pub channel: Channel,
    /// 주문명
    pub order_name: String,
    /// The total.
    pub amount: Money,
    /// The tax-free part; sent when given, `Some(zero)` included.
    pub tax_free: Option<Money>,
    /// Months; 0 is lump sum, and then the field is left out.
    pub installments: u8,
    /// Who pays.
    pub customer: Customer,
}
