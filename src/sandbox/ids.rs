//! Identifiers the way `PortOne` shapes them, from one small generator that a seed makes repeatable.

use std::fmt::Write as _;

use super::clock::{Time, korean_day};

/// `SplitMix64`'s finaliser: spreads any number over 64 bits.
pub fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A stream of numbers.
#[derive(Debug)]
pub struct Rng(u64);

impl Rng {
    /// A stream that is always the same for the same seed.
    pub fn seeded(seed: u64) -> Self {
        Self(mix(seed))
    }

    /// A stream nobody can foresee.
    pub fn random() -> Self {
        let mut bytes = [0; 8];
        // Without an entropy source the clock must do: these ids are for tests, no secret hangs on them.
        if getrandom::fill(&mut bytes).is_err() {
            return Self::seeded(u64::from(super::clock::machine_now()));
        }
        Self(u64::from_le_bytes(bytes))
    }

    /// The next number.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number below `bound` (0 when `bound` is 0).
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next_u64().checked_rem(bound).unwrap_or_default()
    }

    /// A number below `bound`, as 32 bits.
    pub fn below32(&mut self, bound: u32) -> u32 {
        u32::try_from(self.below(u64::from(bound))).unwrap_or_default()
    }

    /// A version 7 UUID (V2 §4 and the vendor's samples).
    pub fn uuid(&mut self, at: Time) -> Box<str> {
        let (high, low) = (self.next_u64(), self.next_u64());
        let millis = u64::from(at) * 1_000 + high % 1_000;
        let text = format!(
            "{:08x}-{:04x}-7{:03x}-{:04x}-{:012x}",
            millis >> 16,
            millis & 0xffff,
            high >> 20 & 0xfff,
            0x8000 | (low >> 48 & 0x3fff),
            low & 0xffff_ffff_ffff
        );
        text.into()
    }

    /// A V1 `imp_uid` of an API charge: `imps_` and twelve digits (V1 §4.1).
    pub fn imp_uid(&mut self) -> Box<str> {
        format!("imps_{:012}", self.below(1_000_000_000_000)).into()
    }

    /// A schedule id: opaque, 26 upper-case letters and digits (V2 §4).
    pub fn schedule_id(&mut self, at: Time) -> Box<str> {
        const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let mut out = String::with_capacity(26);
        let mut push = |mut value: u64, count: usize| {
            let mut group = [0; 13];
            for slot in group.iter_mut().take(count).rev() {
                *slot = DIGITS[(value & 31) as usize];
                value >>= 5;
            }
            out.extend(group.iter().take(count).map(|digit| char::from(*digit)));
        };
        push(u64::from(at) * 1_000, 10);
        push(self.next_u64(), 8);
        push(self.next_u64(), 8);
        out.into()
    }

    /// A PG's transaction number: prefix, Korean day, ten digits.
    pub fn pg_tx(&mut self, prefix: &str, at: Time) -> Box<str> {
        let mut out = format!("{prefix}{}", korean_day(at));
        let _ = write!(out, "{:010}", self.below(10_000_000_000));
        out.into()
    }

    /// Forty hexadecimal digits (V1 access tokens).
    pub fn hex40(&mut self) -> String {
        format!("{:016x}{:016x}{:08x}", self.next_u64(), self.next_u64(), self.next_u64() >> 32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_shapes_clients_know() {
        let mut rng = Rng::seeded(7);
        let uuid = rng.uuid(1_767_225_600);
        assert_eq!(uuid.len(), 36);
        assert_eq!(uuid.as_bytes()[14], b'7');
        let imp_uid = rng.imp_uid();
        assert!(imp_uid.len() == 17 && imp_uid[5..].bytes().all(|c| c.is_ascii_digit()));
        assert_eq!(rng.schedule_id(1_767_225_600).len(), 26);
        assert_eq!(rng.hex40().len(), 40);
        assert_eq!(Rng::seeded(7).next_u64(), Rng::seeded(7).next_u64());
        assert_ne!(Rng::random().next_u64(), Rng::random().next_u64());
    }
}
