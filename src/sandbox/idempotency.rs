//! V2 `Idempotency-Key` (V2 §3.1): a stored answer is replayed for three hours, a running one is a 409.

use std::collections::HashMap;

use super::clock::Time;

/// How long an answer is kept.
pub const KEPT: Time = 3 * 3_600;

/// What a key stands for.
#[derive(Debug, Clone)]
struct Entry {
    request: u64,
    at: Time,
    answer: Option<(u16, String)>,
}

/// All keys of a sandbox.
#[derive(Debug, Default)]
pub struct Idempotency {
    entries: HashMap<String, Entry>,
    swept: Time,
}

/// What to do with a request that carries a key.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Carry it out, then [`Idempotency::finish`].
    Go,
    /// Send this again.
    Replay(u16, String),
    /// The first one is still running.
    Outstanding,
    /// The key was used for another request.
    Reused,
    /// The key breaks the rules for keys; the text says how.
    Malformed(&'static str),
}

/// The key inside the header: an RFC 8941 string, or bare as older editions of the page showed it.
fn unquote(header: &str) -> Option<&str> {
    let header = header.trim();
    match (header.strip_prefix('"'), header.strip_suffix('"')) {
        (Some(_), Some(_)) if header.len() >= 2 => header.get(1..header.len() - 1),
        (None, None) => Some(header),
        _ => None,
    }
}

impl Idempotency {
    /// Looks a key up and, when it is new, marks it as running. `request` is a keyed hash of the request, or 0
    /// when it is not known any more.
    pub fn begin(&mut self, header: &str, request: u64, now: Time) -> (String, Verdict) {
        let Some(key) = unquote(header) else {
            return (String::new(), Verdict::Malformed("must be a quoted string"));
        };
        if !(16..=256).contains(&key.len()) || !key.bytes().all(|c| (0x20..0x7f).contains(&c)) {
            return (String::new(), Verdict::Malformed("must be 16 to 256 ASCII characters"));
        }
        if now.saturating_sub(self.swept) > 600 {
            self.swept = now;
            self.entries.retain(|_, entry| entry.answer.is_none() || entry.at.saturating_add(KEPT) > now);
        }
        if let Some(entry) = self.entries.get(key) {
            let fresh = entry.at.saturating_add(KEPT) > now;
            match &entry.answer {
                None => return (key.to_owned(), Verdict::Outstanding),
                Some(_) if fresh && entry.request != 0 && entry.request != request => {
                    return (key.to_owned(), Verdict::Reused);
                }
                Some((status, body)) if fresh => {
                    return (key.to_owned(), Verdict::Replay(*status, body.clone()));
                }
                Some(_) => (),
            }
        }
        self.entries.insert(key.to_owned(), Entry { request, at: now, answer: None });
        (key.to_owned(), Verdict::Go)
    }

    /// Stores the answer of a request that has ended.
    pub fn finish(&mut self, key: &str, status: u16, body: &str, now: Time) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.answer = Some((status, body.to_owned()));
            entry.at = now;
        }
    }

    /// Forgets a key whose request was never carried out.
    pub fn abandon(&mut self, key: &str) {
        self.entries.remove(key);
    }

    /// Puts back an answer from the journal; the request it belongs to is not known any more.
    pub fn restore(&mut self, key: String, status: u16, body: String, at: Time) {
        self.entries.insert(key, Entry { request: 0, at, answer: Some((status, body)) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "\"0123456789abcdef\"";

    #[test]
    fn a_key_runs_once_is_replayed_for_three_hours_and_then_forgotten() {
        let mut keys = Idempotency::default();
        let (key, verdict) = keys.begin(KEY, 7, 100);
        assert_eq!(verdict, Verdict::Go);
        assert_eq!(keys.begin(KEY, 7, 101).1, Verdict::Outstanding);
        keys.finish(&key, 502, "{}", 110);
        assert_eq!(
            keys.begin("0123456789abcdef", 7, 111).1,
            Verdict::Replay(502, "{}".into()),
            "bare is the same key"
        );
        assert_eq!(keys.begin(KEY, 8, 111).1, Verdict::Reused);
        assert_eq!(keys.begin(KEY, 7, 110 + KEPT).1, Verdict::Go);
    }

    #[test]
    fn malformed_keys_are_told_apart() {
        let mut keys = Idempotency::default();
        for bad in ["\"short\"", "\"0123456789abcdef", "0123456789abcdéf한", "\""] {
            assert!(matches!(keys.begin(bad, 0, 1).1, Verdict::Malformed(_)), "{bad}");
        }
        assert!(matches!(keys.begin(&"k".repeat(257), 0, 1).1, Verdict::Malformed(_)));
    }
}
