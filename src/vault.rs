//! Card data: the only place in the process where a card number, expiry, birth date or business number, or
//! password digits ever stand.
//!
//! One region of whole pages, locked into memory, left out of core files and of forked children. It holds the
//! bytes read from the keyboard, the four card fields and the body of the one request that carries them. Only
//! pointers move: no card byte is ever in a `String`, a `Vec`, a channel message or a struct passed by value
//! (values that move leave copies on stacks). What leaves this module are *facts*: lengths, the first six and
//! last four digits, and whether a check passed.
//!
//! May use nothing else of this crate. `unsafe` stands in [`region`] and [`audit`] alone.

mod audit;
mod body;
mod card_line;
pub mod harden;
mod keys;
mod region;
pub mod scan;

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

pub use audit::{Audit, AuditError};
pub use body::{Body, BodyError, BodyWriter};
pub use card_line::{CardLineError, read_card_line};
pub use keys::KeyBytes;

use region::Region;

/// Where the keyboard's bytes are read to.
const INPUT: Range<usize> = 0..4096;
/// The four fields, each at a fixed place.
const FIELDS: Range<usize> = 4096..8192;
/// The body of the request that carries them.
const BODY: Range<usize> = 8192..24576;
const REGION_LEN: usize = 24576;

/// One of the four things a card payment asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// The card number.
    Number,
    /// Expiry, MMYY as printed.
    Expiry,
    /// Birth date (YYMMDD) or business number (10 digits).
    Identity,
    /// The first two digits of the card's password.
    Pin,
}

impl Field {
    /// All four, in the order people speak them.
    pub const ALL: [Self; 4] = [Self::Number, Self::Expiry, Self::Identity, Self::Pin];

    /// The most digits the field can hold (the longest number any PG takes is 20 digits: `pg-rules` §10).
    pub const fn capacity(self) -> usize {
        match self {
            Self::Number => 20,
            Self::Expiry => 4,
            Self::Identity => 10,
            Self::Pin => 2,
        }
    }

    const fn start(self) -> usize {
        FIELDS.start
            + match self {
                Self::Number => 0,
                Self::Expiry => 64,
                Self::Identity => 128,
                Self::Pin => 192,
            }
    }

    const fn index(self) -> usize {
        match self {
            Self::Number => 0,
            Self::Expiry => 1,
            Self::Identity => 2,
            Self::Pin => 3,
        }
    }
}

/// What may be told about a card number: never more than the first six and the last four digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NumberFacts {
    /// How many digits there are.
    pub len: usize,
    /// The first digits, six at most.
    prefix: [u8; 6],
    /// The last four, once there are at least twelve digits.
    last4: Option<[u8; 4]>,
    /// Whether the Luhn check digit fits, once there are at least twelve digits.
    pub luhn: Option<bool>,
}

impl NumberFacts {
    /// The first digits as ASCII text, six at most.
    pub fn prefix(&self) -> &str {
        std::str::from_utf8(&self.prefix[..self.len.min(6)]).unwrap_or_default()
    }

    /// The last four digits as ASCII text.
    pub fn last4(&self) -> Option<&str> {
        self.last4.as_ref().and_then(|digits| std::str::from_utf8(digits).ok())
    }
}

/// What may be told about an expiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpiryCheck {
    /// Fewer than four digits.
    Incomplete,
    /// No such month, whichever way round it is read.
    BadMonth,
    /// The first pair can only be the year: it was typed YY/MM.
    Reversed,
    /// The card's last month is over.
    Expired,
    /// More than ten years ahead.
    FarAhead,
    /// A month from now on.
    Good,
}

/// What may be told about a birth date or business number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityCheck {
    /// Not a length that either has.
    Incomplete,
    /// Six digits that are a date.
    Birth,
    /// Six digits that are no date.
    NoSuchDate,
    /// Ten digits; `true` when the check digit fits.
    Business(bool),
}

#[derive(Default)]
struct State {
    lens: [usize; 4],
    body_out: bool,
}

/// Why there is no vault.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The kernel gave no memory.
    #[error("no memory for card data: {0}")]
    Map(std::io::Error),
    /// The memory can't be locked, so it could be swapped to disk.
    #[error("memory for card data can't be locked (raise the memory-lock limit to 64 KiB): {0}")]
    Lock(std::io::Error),
}

/// The locked region and what is known about its content.
pub struct Vault {
    region: Region,
    state: Mutex<State>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

static GLOBAL: OnceLock<Arc<Vault>> = OnceLock::new();

impl Vault {
    /// Maps and locks a region of its own. A program uses [`Vault::global`]; tests make their own.
    pub fn new() -> Result<Arc<Self>, VaultError> {
        let region = Region::new(REGION_LEN)?;
        Ok(Arc::new(Self { region, state: Mutex::default() }))
    }

    /// The process's vault, made at the first call: the panic hook and every exit path must find it.
    pub fn global() -> Result<Arc<Self>, VaultError> {
        if let Some(vault) = GLOBAL.get() {
            return Ok(Arc::clone(vault));
        }
        let vault = Self::new()?;
        Ok(Arc::clone(GLOBAL.get_or_init(|| vault)))
    }

    /// The process's vault, if one was made. For the panic hook.
    pub fn existing() -> Option<Arc<Self>> {
        GLOBAL.get().map(Arc::clone)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere must not keep the wipe from happening.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends one decimal digit (0–9). `false` when the field is full or the digit is none.
    pub fn push(&self, field: Field, digit: u8) -> bool {
        let mut state = self.state();
        let len = state.lens[field.index()];
        if digit > 9 || len >= field.capacity() {
            return false;
        }
        self.region.write(field.start() + len, b'0' + digit);
        state.lens[field.index()] = len + 1;
        true
    }

    /// Takes the last digit away. `false` when there was none.
    pub fn pop(&self, field: Field) -> bool {
        let mut state = self.state();
        let len = state.lens[field.index()];
        if len == 0 {
            return false;
        }
        self.region.write(field.start() + len - 1, 0);
        state.lens[field.index()] = len - 1;
        true
    }

    /// Empties one field.
    pub fn clear(&self, field: Field) {
        let mut state = self.state();
        self.region.wipe(field.start()..field.start() + 64);
        state.lens[field.index()] = 0;
    }

    /// How many digits the field holds.
    pub fn len(&self, field: Field) -> usize {
        self.state().lens[field.index()]
    }

    /// Whether no field holds anything and no body is out.
    pub fn is_empty(&self) -> bool {
        let state = self.state();
        state.lens.iter().all(|len| *len == 0) && !state.body_out
    }

    /// Wipes all four fields and the body. A body that is being sent right now is left to its sender, which
    /// wipes it when it lets go: wiping under it would send zeros to the payment API.
    pub fn wipe(&self) {
        let mut state = self.state();
        state.lens = [0; 4];
        self.region.wipe(FIELDS);
        if !state.body_out {
            self.region.wipe(BODY);
        }
    }

    /// Wipes everything, unread keys too. For the panic hook and the way out, where nobody reads on.
    pub fn wipe_for_exit(&self) {
        self.wipe();
        self.region.wipe(INPUT);
    }

    fn digit(&self, field: Field, at: usize) -> u8 {
        self.region.read(field.start() + at).wrapping_sub(b'0')
    }

    fn pair(&self, field: Field, at: usize) -> u8 {
        self.digit(field, at).wrapping_mul(10).wrapping_add(self.digit(field, at + 1))
    }

    /// What may be told about the number.
    pub fn number_facts(&self) -> NumberFacts {
        let len = self.len(Field::Number);
        let mut facts = NumberFacts { len, ..NumberFacts::default() };
        for at in 0..len.min(6) {
            facts.prefix[at] = b'0' + self.digit(Field::Number, at);
        }
        if len >= 12 {
            let mut last4 = [0; 4];
            for (slot, at) in last4.iter_mut().zip(len - 4..len) {
                *slot = b'0' + self.digit(Field::Number, at);
            }
            facts.last4 = Some(last4);
            facts.luhn = Some(self.luhn(len));
        }
        facts
    }

    fn luhn(&self, len: usize) -> bool {
        let mut sum = 0u32;
        for from_right in 0..len {
            let digit = u32::from(self.digit(Field::Number, len - 1 - from_right));
            sum += match (from_right % 2, digit) {
                (1, 5..) => digit * 2 - 9,
                (1, _) => digit * 2,
                _ => digit,
            };
        }
        sum.is_multiple_of(10)
    }

    /// Checks the expiry against the current month, Korea time (`pg-rules` §10: valid until the last day of
    /// the month, warn beyond ten years).
    pub fn expiry_check(&self, this_year: u16, this_month: u8) -> ExpiryCheck {
        if self.len(Field::Expiry) < 4 {
            return ExpiryCheck::Incomplete;
        }
        let (first, second) = (self.pair(Field::Expiry, 0), self.pair(Field::Expiry, 2));
        if !(1..=12).contains(&first) {
            let reversed = first > 12 && (1..=12).contains(&second);
            return if reversed { ExpiryCheck::Reversed } else { ExpiryCheck::BadMonth };
        }
        let months = |year: u16, month: u8| u32::from(year) * 12 + u32::from(month);
        let last = months(2000 + u16::from(second), first);
        let now = months(this_year, this_month);
        if last < now {
            ExpiryCheck::Expired
        } else if last > now + 120 {
            ExpiryCheck::FarAhead
        } else {
            ExpiryCheck::Good
        }
    }

    /// Turns YYMM into MMYY, in place.
    pub fn swap_expiry(&self) {
        let state = self.state();
        if state.lens[Field::Expiry.index()] != 4 {
            return;
        }
        let at = Field::Expiry.start();
        for offset in 0..2 {
            let (left, right) = (self.region.read(at + offset), self.region.read(at + offset + 2));
            self.region.write(at + offset, right);
            self.region.write(at + offset + 2, left);
        }
    }

    /// Checks the birth date or business number (`pg-rules` §10: the century is unknown, so 29 February
    /// passes when either century had one).
    pub fn identity_check(&self) -> IdentityCheck {
        match self.len(Field::Identity) {
            6 => {
                let (year, month, day) = (
                    self.pair(Field::Identity, 0),
                    self.pair(Field::Identity, 2),
                    self.pair(Field::Identity, 4),
                );
                let days = match month {
                    1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
                    4 | 6 | 9 | 11 => 30,
                    // 1900 was no leap year but 2000 was, so every fourth year passes in one of them.
                    2 if year.is_multiple_of(4) => 29,
                    2 => 28,
                    _ => 0,
                };
                if (1..=days).contains(&day) { IdentityCheck::Birth } else { IdentityCheck::NoSuchDate }
            }
            10 => {
                const WEIGHTS: [u32; 9] = [1, 3, 7, 1, 3, 7, 1, 3, 5];
                let mut sum = 0;
                for (at, weight) in WEIGHTS.iter().enumerate() {
                    sum += u32::from(self.digit(Field::Identity, at)) * weight;
                }
                sum += u32::from(self.digit(Field::Identity, 8)) * 5 / 10;
                let expected = (10 - sum % 10) % 10;
                IdentityCheck::Business(u32::from(self.digit(Field::Identity, 9)) == expected)
            }
            _ => IdentityCheck::Incomplete,
        }
    }

    /// Blanks every stretch of `text` that repeats card data: seven or more consecutive digits of the number
    /// (a blank or dash between them ignored), the whole identity, and whatever digits stand behind one of
    /// `names` (the wire's words for the fields that are too short to be recognised by themselves). `true` when
    /// there was any. For an answer that may echo the request; call it before the wipe.
    pub fn redact(&self, text: &mut String, names: &[&str]) -> bool {
        let digits: Vec<usize> =
            text.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_digit()).map(|(at, _)| at).collect();
        let mut hide = vec![false; digits.len()];
        self.mark_repeats(text.as_bytes(), &digits, Field::Number, 7, &mut hide);
        let identity = self.len(Field::Identity).max(6);
        self.mark_repeats(text.as_bytes(), &digits, Field::Identity, identity, &mut hide);
        for name in names {
            for (at, _) in text.match_indices(name) {
                mark_value(text.as_bytes(), at + name.len(), &digits, &mut hide);
            }
        }
        if !hide.contains(&true) {
            return false;
        }
        let hidden: Vec<usize> =
            digits.iter().zip(&hide).filter(|(_, hide)| **hide).map(|(at, _)| *at).collect();
        *text = text
            .char_indices()
            .map(|(at, ch)| if hidden.binary_search(&at).is_ok() { '*' } else { ch })
            .collect();
        true
    }

    /// Marks runs of `run` digits of the text that stand in a field in the same order.
    fn mark_repeats(&self, bytes: &[u8], digits: &[usize], field: Field, run: usize, hide: &mut [bool]) {
        let len = self.len(field);
        if len < run {
            return;
        }
        for (first, window) in digits.windows(run).enumerate() {
            let near = window.windows(2).all(|pair| pair[1] - pair[0] <= 2);
            let repeats =
                |from: usize| (0..run).all(|k| bytes[window[k]] == b'0' + self.digit(field, from + k));
            if near && (0..=len - run).any(repeats) {
                hide[first..first + run].fill(true);
            }
        }
    }
}

/// Marks the digits right behind a name, past the quotes, colons and backslashes of however JSON was quoted.
fn mark_value(bytes: &[u8], behind: usize, digits: &[usize], hide: &mut [bool]) {
    let punctuation = bytes[behind..].iter().take_while(|byte| !byte.is_ascii_alphanumeric()).count();
    if punctuation > 12 {
        return;
    }
    let mut at = behind + punctuation;
    while let Ok(index) = digits.binary_search(&at) {
        hide[index] = true;
        at += 1;
        // YYYY-MM of V1.
        if bytes.get(at) == Some(&b'-') {
            at += 1;
        }
    }
}

impl Drop for Vault {
    fn drop(&mut self) {
        self.wipe_for_exit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault_with(field: Field, digits: &str) -> Arc<Vault> {
        let vault = Vault::new().unwrap();
        fill(&vault, field, digits);
        vault
    }

    fn fill(vault: &Vault, field: Field, digits: &str) {
        for digit in digits.bytes() {
            assert!(vault.push(field, digit - b'0'));
        }
    }

    #[test]
    fn a_full_field_takes_no_more_and_a_popped_digit_is_gone() {
        let vault = vault_with(Field::Pin, "12");
        assert!(!vault.push(Field::Pin, 3));
        assert!(vault.pop(Field::Pin));
        assert_eq!(vault.len(Field::Pin), 1);
        assert_eq!(vault.region.read(Field::Pin.start() + 1), 0);
    }

    #[test]
    fn facts_never_hold_more_than_six_and_four() {
        let vault = vault_with(Field::Number, "4242424242424242");
        let facts = vault.number_facts();
        assert_eq!((facts.prefix(), facts.last4(), facts.luhn), ("424242", Some("4242"), Some(true)));
        vault.pop(Field::Number);
        fill(&vault, Field::Number, "3");
        assert_eq!(vault.number_facts().luhn, Some(false));
        let short = vault_with(Field::Number, "42424242");
        assert_eq!(short.number_facts().last4(), None);
    }

    #[test]
    fn expiry_is_read_as_printed_and_the_habit_of_yymm_is_seen() {
        let check = |digits| vault_with(Field::Expiry, digits).expiry_check(2026, 11);
        assert_eq!(check("112"), ExpiryCheck::Incomplete);
        assert_eq!(check("1126"), ExpiryCheck::Good);
        assert_eq!(check("1026"), ExpiryCheck::Expired);
        assert_eq!(check("2911"), ExpiryCheck::Reversed);
        assert_eq!(check("1300"), ExpiryCheck::BadMonth);
        assert_eq!(check("0029"), ExpiryCheck::BadMonth);
        assert_eq!(check("1237"), ExpiryCheck::FarAhead);
        let vault = vault_with(Field::Expiry, "2911");
        vault.swap_expiry();
        assert_eq!(vault.expiry_check(2026, 11), ExpiryCheck::Good);
    }

    #[test]
    fn identity_is_a_date_or_a_business_number() {
        let check = |digits| vault_with(Field::Identity, digits).identity_check();
        assert_eq!(check("880214"), IdentityCheck::Birth);
        assert_eq!(check("000229"), IdentityCheck::Birth);
        assert_eq!(check("010229"), IdentityCheck::NoSuchDate);
        assert_eq!(check("881301"), IdentityCheck::NoSuchDate);
        assert_eq!(check("1234567891"), IdentityCheck::Business(true));
        assert_eq!(check("1234567890"), IdentityCheck::Business(false));
        assert_eq!(check("12345"), IdentityCheck::Incomplete);
    }

    #[test]
    fn an_echo_of_the_card_is_blanked_and_other_numbers_stay() {
        let vault = vault_with(Field::Number, "9410123456781234");
        fill(&vault, Field::Identity, "880214");
        let mut text = "card 9410-1234 5678-1234 of 880214, tid 20260301000123".to_owned();
        assert!(vault.redact(&mut text, &[]));
        assert_eq!(text, "card ****-**** ****-**** of ******, tid 20260301000123");
        let mut short = "끝자리 1234".to_owned();
        assert!(!vault.redact(&mut short, &[]));
        assert_eq!(short, "끝자리 1234");
    }

    #[test]
    fn short_fields_are_known_by_their_names() {
        let vault = vault_with(Field::Pin, "12");
        let mut text =
            r#"{"m":"{\"pwd_2digit\":\"12\",\"expiry\" : \"2029-05\"}","pwd_2digit":"12","n":12}"#.to_owned();
        assert!(vault.redact(&mut text, &["pwd_2digit", "expiry"]));
        assert_eq!(
            text,
            r#"{"m":"{\"pwd_2digit\":\"**\",\"expiry\" : \"****-**\"}","pwd_2digit":"**","n":12}"#
        );
    }

    #[test]
    fn wiping_leaves_zeros_everywhere() {
        let vault = vault_with(Field::Number, "4242424242424242");
        let body = vault.write_body(|w| w.digits(Field::Number, 0..16)).unwrap();
        vault.wipe();
        assert_eq!(body.as_ref(), b"4242424242424242", "a body that is being sent must survive a wipe");
        drop(body);
        assert!((0..REGION_LEN).all(|at| vault.region.read(at) == 0));
        assert!(vault.is_empty());
    }

    #[test]
    fn debug_prints_the_name_only() {
        assert_eq!(format!("{:?}", vault_with(Field::Number, "4242424242424242")), "Vault");
    }
}
