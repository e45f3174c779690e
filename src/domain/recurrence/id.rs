//! Ids that follow from what they are for.

use ring::digest::{Context, SHA256};

use crate::domain::payment::PaymentId;

/// The id of one period's charge of something that has an identity: always the same for the same parts, so
/// that booking it a second time is refused, not doubled. Of [`PaymentId::mint`]'s form, and as unlikely to
/// meet another.
///
/// `identity` are the parts that make the thing what it is, in a fixed order; `period` is
/// [`Occurrence::period`](super::Occurrence::period) of a rule, or whatever tells one charge of it from the next.
pub fn derived_id(identity: &[&str], period: &str) -> PaymentId {
    let mut hash = Context::new(&SHA256);
    // The domain: the same text hashed elsewhere makes another number. It must never change, or every id does.
    let mut part = |text: &str| {
        // Each part behind its length: "a", "bc" is not "ab", "c".
        hash.update(&(text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    };
    part("danmal payment id 1");
    for text in identity {
        part(text);
    }
    // The number of parts before it is fixed by its own mark, or "x" of one part could be "x" as a period.
    part("period");
    part(period);
    let digest = hash.finish();
    let mut bytes = [0; PaymentId::RANDOM_BYTES];
    for (byte, from) in bytes.iter_mut().zip(digest.as_ref()) {
        *byte = *from;
    }
    PaymentId::mint(bytes)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// Ids are in ledgers and at the provider: a change here would book everything twice. The digests were made
    /// with another program (Python's `hashlib`).
    #[test]
    fn ids_never_change() {
        for (identity, period, id) in [
            (
                &["store", "monthly from 2026-12-31 at 10:00", "key"][..],
                "2027-02-28",
                "d7hx2unswq4drzadn86zyg5bgr5f",
            ),
            (&["가게", ""][..], "0", "deau74j4npd9g87amsaauhnqqe9s"),
            (&[][..], "", "dn5eib2xxnw9xhcg3uegd7f5q3it"),
        ] {
            assert_eq!(derived_id(identity, period).as_str(), id);
        }
    }

    #[test]
    fn every_part_and_every_border_between_parts_counts() {
        let texts = ["", "a", "b", "ab", "period", "2026-12-31"];
        let mut seen = HashSet::new();
        let mut made = 0;
        for period in texts {
            for first in texts {
                made += 1;
                seen.insert(derived_id(&[first], period));
                for second in texts {
                    made += 1;
                    seen.insert(derived_id(&[first, second], period));
                }
            }
        }
        assert_eq!(seen.len(), made);
        assert!(seen.iter().all(|id| id.as_str().len() == 28 && PaymentId::parse(id.as_str()).is_ok()));
    }
}
