//! Access tokens of both generations and how long they live (V1 §2, V2 §7).

use std::collections::HashMap;

use super::clock::Time;
use super::ids::Rng;

/// Life of an access token, in seconds, in both generations.
pub const LIFE: Time = 1_800;
/// V1: with this much left or less, asking again extends the token.
const LAST_MINUTE: Time = 60;
/// V1: by how much.
const EXTENSION: Time = 300;
/// V2: life of a refresh token.
const REFRESH_LIFE: Time = 86_400;

/// The tokens of one sandbox. V1 has one per key, V2 any number.
#[derive(Debug, Default)]
pub struct Tokens {
    v1: Option<(String, Time)>,
    v2: HashMap<String, Time>,
    refresh: Option<(String, Time)>,
}

impl Tokens {
    /// The V1 token and its end: the same one until it dies, five minutes more in its last minute.
    pub fn v1(&mut self, now: Time, rng: &mut Rng) -> (String, Time) {
        match &mut self.v1 {
            Some((token, end)) if *end > now => {
                if *end - now <= LAST_MINUTE {
                    *end = now + EXTENSION;
                }
                (token.clone(), *end)
            }
            slot => slot.insert((rng.hex40(), now + LIFE)).clone(),
        }
    }

    /// Whether a V1 token is alive.
    pub fn v1_ok(&self, token: &str, now: Time) -> bool {
        self.v1.as_ref().is_some_and(|(known, end)| known == token && *end > now)
    }

    /// A V2 access and refresh token; the earlier refresh token dies at once.
    pub fn v2(&mut self, now: Time, rng: &mut Rng) -> (String, String) {
        self.v2.retain(|_, end| *end > now);
        let access = format!("v2.{}.access", rng.hex40());
        let refresh = format!("v2.{}.refresh", rng.hex40());
        self.v2.insert(access.clone(), now + LIFE);
        self.refresh = Some((refresh.clone(), now + REFRESH_LIFE));
        (access, refresh)
    }

    /// Whether a V2 refresh token may be used.
    pub fn refresh_ok(&self, token: &str, now: Time) -> bool {
        self.refresh.as_ref().is_some_and(|(known, end)| known == token && *end > now)
    }

    /// Whether a V2 access token is alive.
    pub fn v2_ok(&self, token: &str, now: Time) -> bool {
        self.v2.get(token).is_some_and(|end| *end > now)
    }

    /// Ends every token (a fault: 401 in the middle of a session).
    pub fn revoke_all(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_v1_token_is_reissued_extended_in_its_last_minute_and_dies() {
        let (mut tokens, mut rng) = (Tokens::default(), Rng::seeded(1));
        let (first, end) = tokens.v1(1_000, &mut rng);
        assert_eq!(end, 2_800);
        assert_eq!(
            tokens.v1(1_739, &mut rng),
            (first.clone(), 2_800),
            "more than a minute left: nothing changes"
        );
        assert_eq!(tokens.v1(2_740, &mut rng), (first.clone(), 3_040), "the last minute adds five");
        assert!(tokens.v1_ok(&first, 3_039));
        assert!(!tokens.v1_ok(&first, 3_040));
        let (second, end) = tokens.v1(3_040, &mut rng);
        assert_ne!(second, first);
        assert_eq!(end, 4_840);
    }

    #[test]
    fn a_second_v2_login_ends_the_first_refresh_token_only() {
        let (mut tokens, mut rng) = (Tokens::default(), Rng::seeded(1));
        let (access, refresh) = tokens.v2(0, &mut rng);
        assert!(tokens.refresh_ok(&refresh, 86_399));
        let (_, newer) = tokens.v2(10, &mut rng);
        assert!(!tokens.refresh_ok(&refresh, 11));
        assert!(tokens.refresh_ok(&newer, 11));
        assert!(tokens.v2_ok(&access, 1_799));
        assert!(!tokens.v2_ok(&access, 1_800));
    }
}
