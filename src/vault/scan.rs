//! Finds card data in bytes: runs of a secret's digits, eight or more, in every form it is known to survive in.
//!
//! Used by the self-audit of a running process and, from outside, by the proof in the test suite. Knows
//! nothing of processes: it is handed bytes.
//!
//! Forms: one digit every N bytes for N up to 64, as text or as digit value (this covers plain text, UTF-16,
//! UTF-32, arrays of `char` and of key events); text grouped by blanks, dashes or dots; base64 text.

/// How many consecutive digits make a finding where a person looks at each. Six and four digits of a card number are
/// shown on purpose, so shorter runs would accuse the masked form.
pub const RUN: usize = 8;
/// The same where nobody does. Among the phone numbers, amounts and counters that a console has in memory, eight
/// digits of a card stand by accident somewhere for one card in a hundred; ten did for none of 11,200. Of what is
/// left behind of a number by a mistake, more stands there.
pub const LONG_RUN: usize = 10;
const MAX_STRIDE: usize = 64;
/// What a caller must repeat at the start of the next chunk to miss nothing at the seam.
pub const OVERLAP: usize = (LONG_RUN - 1) * MAX_STRIDE + LONG_RUN;

/// One finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Where in the bytes handed over.
    pub at: usize,
    /// In which form.
    pub form: Form,
}

/// The form a secret was found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One digit every so many bytes.
    Every(usize),
    /// Digits with separators between them.
    Grouped,
    /// Base64 of the digits.
    Base64,
}

/// Up to 64 windows of a run of digits, as bit sets by position and byte.
struct Windows {
    by_byte: Box<[[u64; 256]]>,
}

impl Windows {
    fn none(run: usize) -> Self {
        Self { by_byte: vec![[0; 256]; run].into() }
    }
}

/// A prepared search. Its tables do not contain the digits in any of the forms it looks for.
pub struct Scanner {
    run: usize,
    windows: Vec<Windows>,
    used: usize,
    base64: Vec<Vec<u8>>,
}

impl std::fmt::Debug for Scanner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scanner")
    }
}

impl Default for Scanner {
    fn default() -> Self {
        Self::new()
    }
}

impl Scanner {
    /// A search for nothing yet, that finds runs of [`RUN`].
    pub fn new() -> Self {
        Self { run: RUN, windows: Vec::new(), used: 64, base64: Vec::new() }
    }

    /// A search for nothing yet, that finds runs of [`LONG_RUN`].
    pub fn of_long_runs() -> Self {
        Self { run: LONG_RUN, ..Self::new() }
    }

    /// Adds a secret of `len` digits, `digit(k)` being its k-th (0–9). Secrets shorter than a run add
    /// nothing: they can't be told from other numbers.
    pub fn add(&mut self, len: usize, digit: impl Fn(usize) -> u8) {
        for start in 0..(len + 1).saturating_sub(self.run) {
            if self.used == 64 {
                self.windows.push(Windows::none(self.run));
                self.used = 0;
            }
            let bit = 1u64 << self.used;
            self.used += 1;
            let Some(group) = self.windows.last_mut() else { return };
            for (k, table) in group.by_byte.iter_mut().enumerate() {
                let value = digit(start + k);
                table[usize::from(value)] |= bit;
                table[usize::from(b'0' + value)] |= bit;
            }
        }
    }

    /// Adds base64 spellings of a secret, for a search from outside: the spellings stand in the scanner as
    /// they are, so a process that searches itself would find them.
    pub fn add_base64(&mut self, len: usize, digit: impl Fn(usize) -> u8) {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        // Nine digits fill three groups of three bytes exactly, whatever stood before them.
        for start in 0..(len + 1).saturating_sub(9) {
            let mut spelling = Vec::with_capacity(12);
            for group in 0..3 {
                let bits =
                    (0..3).fold(0u32, |bits, k| (bits << 8) | u32::from(b'0' + digit(start + group * 3 + k)));
                spelling.extend((0..4).map(|k| ALPHABET[(bits >> (18 - 6 * k)) as usize & 63]));
            }
            self.base64.push(spelling);
        }
    }

    /// Every finding in `bytes`.
    pub fn scan(&self, bytes: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        for group in &self.windows {
            Self::scan_strides(group, bytes, &mut hits);
        }
        if !self.windows.is_empty() {
            self.scan_grouped(bytes, &mut hits);
        }
        for spelling in &self.base64 {
            let found = bytes.windows(spelling.len()).enumerate().filter(|(_, window)| window == spelling);
            hits.extend(found.map(|(at, _)| Hit { at, form: Form::Base64 }));
        }
        hits
    }

    fn scan_strides(group: &Windows, bytes: &[u8], hits: &mut Vec<Hit>) {
        const BLOCK: usize = 4096;
        for (index, block) in bytes.chunks(BLOCK).enumerate() {
            if block.iter().all(|byte| *byte == 0) {
                continue;
            }
            for (offset, byte) in block.iter().enumerate() {
                let first = group.by_byte[0][usize::from(*byte)];
                if first == 0 {
                    continue;
                }
                let at = index * BLOCK + offset;
                for stride in 1..=MAX_STRIDE {
                    let mut alive = first;
                    for (k, table) in group.by_byte.iter().enumerate().skip(1) {
                        let byte = bytes.get(at + k * stride).copied().map_or(255, usize::from);
                        alive &= table[byte];
                        if alive == 0 {
                            break;
                        }
                    }
                    if alive != 0 {
                        hits.push(Hit { at, form: Form::Every(stride) });
                    }
                }
            }
        }
    }

    /// Text in groups: separators between digits are skipped.
    fn scan_grouped(&self, bytes: &[u8], hits: &mut Vec<Hit>) {
        let mut at = 0;
        while at < bytes.len() {
            if !bytes[at].is_ascii_digit() {
                at += 1;
                continue;
            }
            let mut alive: Vec<u64> = vec![u64::MAX; self.windows.len()];
            let (mut next, mut digits, mut separators) = (at, 0, 0);
            while digits < self.run && next < bytes.len() {
                let byte = bytes[next];
                if byte.is_ascii_digit() {
                    for (alive, group) in alive.iter_mut().zip(&self.windows) {
                        *alive &= group.by_byte[digits][usize::from(byte)];
                    }
                    digits += 1;
                } else if matches!(byte, b' ' | b'-' | b'.') {
                    separators += 1;
                } else {
                    break;
                }
                next += 1;
                if alive.iter().all(|alive| *alive == 0) {
                    break;
                }
            }
            // Without separators it is the plain form, reported already.
            if digits == self.run && separators > 0 && alive.iter().any(|alive| *alive != 0) {
                hits.push(Hit { at, form: Form::Grouped });
            }
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "9174620385513962";

    fn scanner() -> Scanner {
        let mut scanner = Scanner::new();
        scanner.add(16, |k| SECRET.as_bytes()[k] - b'0');
        scanner.add_base64(16, |k| SECRET.as_bytes()[k] - b'0');
        scanner
    }

    fn spread(digits: &str, stride: usize, value: bool) -> Vec<u8> {
        let mut bytes = vec![b'x'; 100];
        for digit in digits.bytes() {
            bytes.push(if value { digit - b'0' } else { digit });
            bytes.extend(vec![0xee; stride - 1]);
        }
        bytes
    }

    #[test]
    fn every_stride_is_found_as_text_and_as_values() {
        for stride in 1..=MAX_STRIDE {
            for value in [false, true] {
                let hits = scanner().scan(&spread(&SECRET[3..11], stride, value));
                assert_eq!(hits, [Hit { at: 100, form: Form::Every(stride) }]);
            }
        }
    }

    #[test]
    fn seven_digits_are_no_finding_and_eight_others_neither() {
        assert_eq!(scanner().scan(&spread(&SECRET[..7], 1, false)), []);
        assert_eq!(scanner().scan(b"12345678 98765432"), []);
    }

    #[test]
    fn a_long_run_is_found_as_well_and_a_shorter_one_is_none() {
        let mut scanner = Scanner::of_long_runs();
        scanner.add(16, |k| SECRET.as_bytes()[k] - b'0');
        for stride in 1..=MAX_STRIDE {
            assert_eq!(scanner.scan(&spread(&SECRET[3..12], stride, false)), []);
            let hits = scanner.scan(&spread(&SECRET[3..13], stride, true));
            assert_eq!(hits, [Hit { at: 100, form: Form::Every(stride) }]);
        }
        assert_eq!(scanner.scan(b"9174-6203-8551-3962").len(), 7);
    }

    #[test]
    fn groups_and_base64_are_found() {
        assert_eq!(scanner().scan(b"n=9174-6203 x")[0].form, Form::Grouped);
        assert_eq!(scanner().scan(b"9174 6203 8551 3962").len(), 9);
        // base64 of {"n":"9174620385513962"}
        let hits = scanner().scan(b"eyJuIjoiOTE3NDYyMDM4NTUxMzk2MiJ9");
        assert!(!hits.is_empty() && hits.iter().all(|hit| hit.form == Form::Base64));
    }

    #[test]
    fn more_windows_than_one_group_holds() {
        let mut scanner = Scanner::new();
        let secrets: Vec<String> = (0..12u64)
            .map(|n| format!("{:016}", 1_234_567_890_123_457 * (n + 1) % 9_999_999_999_999_937))
            .collect();
        for secret in &secrets {
            scanner.add(16, |k| secret.as_bytes()[k] - b'0');
        }
        for secret in &secrets {
            assert!(!scanner.scan(secret.as_bytes()).is_empty());
        }
    }
}
