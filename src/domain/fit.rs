//! Whether a channel can be used for an operation from here: what the PG's table offers, what the merchant
//! signed, and what a terminal can't supply whatever was signed.

use super::channel::Channel;
use super::pg::{Field, Generation, Need, Offer, Operation, rules};

/// Why a channel can't be used for an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// The table rules it out, or nobody has granted what the sources leave open.
    NotOffered,
    /// It requires something that this program has no way to ask for.
    Needs(Field),
}

/// What no terminal can supply: the security code is never asked for, and the rest comes from a buyer's browser.
const OUT_OF_REACH: [Field; 3] = [Field::Cvc, Field::BuyerDevice, Field::BrowserIp];

/// Why a channel can't be used for an operation; `None` when it can.
pub fn unfit(channel: &Channel, operation: Operation) -> Option<Unfit> {
    let rules = rules(channel.generation, &channel.pg);
    let offered = match rules.offer(operation) {
        Offer::Offered => true,
        Offer::Disputed | Offer::Unstated => channel.terms.granted.contains(&operation),
        Offer::RuledOut => false,
    };
    if !offered {
        return Some(Unfit::NotOffered);
    }
    let missing = OUT_OF_REACH.into_iter().find(|field| rules.need(operation, *field) == Need::Required);
    missing.map(Unfit::Needs)
}

/// Whether a key-in payment can keep its card as a billing key. V1 does both in one call, and its reference
/// rules that out for two PGs (V1 §7; one guide says otherwise of tosspayments, and the stricter holds).
pub fn keeps_card_with_key_in(channel: &Channel) -> bool {
    channel.generation == Generation::V2 || !matches!(channel.pg.as_str(), "ksnet" | "tosspayments")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::channel::{Mode, Terms};
    use crate::domain::pg::PgCode;

    fn channel(generation: Generation, pg: &str, granted: &[Operation]) -> Channel {
        Channel {
            name: "first".to_owned(),
            generation,
            key: "key".to_owned(),
            pg: PgCode::new(pg),
            merchant_id: None,
            mode: Mode::Test,
            product_type: None,
            terms: Terms { granted: granted.to_vec(), ..Terms::default() },
            pg_api_key: None,
        }
    }

    #[test]
    fn what_a_terminal_can_not_supply_closes_a_channel() {
        let wall = channel(Generation::V1, "paymentwall", &[Operation::KeyInCard]);
        assert_eq!(unfit(&wall, Operation::KeyInCard), Some(Unfit::Needs(Field::Cvc)));
        let paypal = channel(Generation::V2, "PAYPAL_V2", &[Operation::ChargeKey]);
        assert_eq!(unfit(&paypal, Operation::ChargeKey), Some(Unfit::Needs(Field::BuyerDevice)));
    }

    #[test]
    fn the_table_and_the_contract_decide() {
        let kcp = channel(Generation::V2, "KCP_V2", &[]);
        assert_eq!(unfit(&kcp, Operation::KeyInCard), None);
        assert_eq!(unfit(&kcp, Operation::KeyInVirtualAccount), None);
        let smartro = channel(Generation::V2, "SMARTRO_V2", &[]);
        assert_eq!(unfit(&smartro, Operation::KeyInCard), Some(Unfit::NotOffered));
        assert_eq!(unfit(&smartro, Operation::KeyInVirtualAccount), None);
    }

    #[test]
    fn two_of_v1_keep_no_card_with_a_payment() {
        for (generation, pg, keeps) in [
            (Generation::V1, "ksnet", false),
            (Generation::V1, "tosspayments", false),
            (Generation::V1, "nice_v2", true),
            (Generation::V2, "KSNET", true),
        ] {
            assert_eq!(keeps_card_with_key_in(&channel(generation, pg, &[])), keeps, "{pg}");
        }
    }
}
