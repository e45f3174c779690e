//! What the doctor says about the channels of the chosen profile: what to know about each PG before it hurts, and
//! what no terminal can supply. Pure.

use super::{Both, Line, Mark, bad};
use crate::domain::channel::{Channel, Mode};
use crate::domain::fit::{Unfit, unfit};
use crate::domain::pg::{About, Field, Operation, rules};
use crate::i18n::{Catalogue, Lang as Tongue};

/// One thing to know about a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelFact {
    /// The channel's name.
    pub channel: String,
    /// What there is to know.
    pub note: ChannelNote,
}

/// What there is to know about a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChannelNote {
    /// A sentence of the PG's table: its id, in Korean, in English.
    Hint(String, String, String),
    /// An operation is on offer and needs something that a terminal can't supply.
    OutOfReach(Operation, Field),
}

/// Everything there is to know about a channel, as far as it can be used.
pub(super) fn notes(channel: &Channel) -> Vec<ChannelFact> {
    let rules = rules(channel.generation, &channel.pg);
    let mut notes = Vec::new();
    let mut offered = Vec::new();
    for operation in Operation::ALL {
        match unfit(channel, operation) {
            Some(Unfit::NotOffered) => continue,
            Some(Unfit::Needs(field)) => notes.push(ChannelNote::OutOfReach(operation, field)),
            None => {}
        }
        offered.push(operation);
    }
    let test = (channel.mode == Mode::Test).then_some(About::TestMode);
    let about =
        [About::Setup].into_iter().chain(offered.iter().map(|one| About::Operation(*one))).chain(test);
    let mut told: Vec<&str> = Vec::new();
    for warning in about.flat_map(|about| rules.warnings(about)) {
        // One sentence may be about several operations.
        if !told.contains(&warning.id.as_str()) {
            told.push(&warning.id);
            notes.push(ChannelNote::Hint(warning.id.clone(), warning.ko.clone(), warning.en.clone()));
        }
    }
    notes.into_iter().map(|note| ChannelFact { channel: channel.name.clone(), note }).collect()
}

/// An operation, as people call it.
fn called(operation: Operation) -> (&'static str, &'static str) {
    match operation {
        Operation::KeyInCard => ("수기결제", "keyed-in cards"),
        Operation::KeyInVirtualAccount => ("가상계좌", "virtual accounts"),
        Operation::IssueKey => ("빌링키 발급", "issuing billing keys"),
        Operation::ChargeKey => ("빌링키 결제", "charging billing keys"),
        Operation::Schedule => ("예약 결제", "scheduled charges"),
    }
}

/// The line about one fact.
pub(super) fn line(fact: &ChannelFact) -> Line {
    let channel = &fact.channel;
    match &fact.note {
        ChannelNote::Hint(_, ko, en) => Line {
            check: "channel",
            mark: Mark::Hint,
            found: Both::new(format!("채널 {channel}: {ko}"), format!("channel {channel}: {en}")),
            cure: None,
        },
        ChannelNote::OutOfReach(operation, field) => {
            let (ko, en) = called(*operation);
            let name = |tongue| Catalogue::of(tongue).get(field.message_id()).to_owned();
            bad(
                "channel",
                Mark::Warn,
                Both::new(
                    format!(
                        "채널 {channel}: {ko}에 터미널이 줄 수 없는 값이 필요합니다: {}",
                        name(Tongue::Ko)
                    ),
                    format!("channel {channel}: {en} need what no terminal can supply: {}", name(Tongue::En)),
                ),
                Both::new(
                    "이 기능은 결제창이 있는 곳에서 쓰거나 다른 채널을 쓰세요",
                    "use a payment window for it, or another channel",
                ),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::channel::Terms;
    use crate::domain::pg::{Generation, PgCode};

    fn of(generation: Generation, pg: &str, granted: &[Operation], mode: Mode) -> Vec<ChannelFact> {
        let channel = Channel {
            name: "첫째".to_owned(),
            generation,
            key: "k".to_owned(),
            pg: PgCode::new(pg),
            merchant_id: None,
            mode,
            product_type: None,
            terms: Terms { granted: granted.to_vec(), ..Terms::default() },
            pg_api_key: None,
        };
        notes(&channel)
    }

    fn ids(facts: &[ChannelFact]) -> Vec<&str> {
        facts
            .iter()
            .filter_map(|fact| match &fact.note {
                ChannelNote::Hint(id, ..) => Some(id.as_str()),
                ChannelNote::OutOfReach(..) => None,
            })
            .collect()
    }

    #[test]
    fn what_a_terminal_can_not_supply_is_told_for_what_is_offered() {
        let wall = of(Generation::V1, "paymentwall", &[Operation::KeyInCard], Mode::Live);
        let cvc = ChannelNote::OutOfReach(Operation::KeyInCard, Field::Cvc);
        assert!(wall.iter().any(|fact| fact.note == cvc), "{wall:?}");
        let paypal = of(Generation::V2, "PAYPAL_V2", &[Operation::ChargeKey], Mode::Live);
        let device = ChannelNote::OutOfReach(Operation::ChargeKey, Field::BuyerDevice);
        assert!(paypal.iter().any(|fact| fact.note == device), "{paypal:?}");
        let said = line(paypal.iter().find(|fact| fact.note == device).unwrap());
        assert_eq!(said.mark, Mark::Warn);
        assert!(!said.found.en.contains("pg.field") && !said.found.ko.contains("pg.field"), "{said:?}");
        let kcp = of(Generation::V2, "KCP_V2", &[], Mode::Live);
        assert!(kcp.iter().all(|fact| matches!(fact.note, ChannelNote::Hint(..))), "{kcp:?}");
    }

    #[test]
    fn the_warnings_of_what_is_offered_are_hints_and_told_once() {
        let live = of(Generation::V2, "KSNET", &[], Mode::Live);
        let told = ids(&live);
        assert!(told.contains(&"ksnet.not_verified") && told.contains(&"setup.mid_per_use"), "{told:?}");
        let mut once = told.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), told.len());
        for fact in &live {
            let said = line(fact);
            assert_eq!((said.check, said.mark, &said.cure), ("channel", Mark::Hint, &None));
            assert!(said.found.ko.starts_with("채널 첫째: ") && said.found.en.starts_with("channel 첫째: "));
        }
        // A test channel has more to tell.
        assert!(of(Generation::V2, "KSNET", &[], Mode::Test).len() >= live.len());
    }
}
