//! Cards: what is kept of one (BIN, last four, a keyed fingerprint) and which numbers do something special.
//!
//! A number enters [`Card::read`] as borrowed text and never leaves it: nothing here stores, prints or
//! returns one. The full table of special numbers is in docs/sandbox.md.

use std::time::Duration;

use ring::hmac;
use serde::{Deserialize, Serialize};

use super::catalog::{self, DOMESTIC_ISSUERS, ISSUERS, Issuer};
use super::json::Obj;

/// What the sandbox remembers of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// First six digits.
    pub bin: u32,
    /// Last four digits.
    pub last4: u16,
    /// How many digits the number has.
    pub digits: u8,
    /// Position in [`ISSUERS`].
    pub issuer: u8,
    /// A debit (check) card.
    pub debit: bool,
    /// A corporate card (a business number came with it).
    pub corporate: bool,
    /// Keyed hash of the number; the key lives as long as the process and is never written.
    #[serde(skip)]
    pub fingerprint: u64,
}

impl Card {
    /// Reads a number (digits, blanks and dashes); `None` when it cannot be a card (pg-rules §10: 10–20 digits).
    pub fn read(number: &str, corporate: bool, key: &hmac::Key) -> Option<Self> {
        let mut hasher = hmac::Context::with_key(key);
        let (mut bin, mut last4, mut digits) = (0_u32, 0_u16, 0_u8);
        for byte in number.bytes() {
            match byte {
                b'0'..=b'9' => {
                    let digit = byte - b'0';
                    if digits < 6 {
                        bin = bin * 10 + u32::from(digit);
                    }
                    last4 = last4 % 1_000 * 10 + u16::from(digit);
                    digits = digits.saturating_add(1);
                    hasher.update(&[digit]);
                }
                b' ' | b'-' => (),
                _ => return None,
            }
        }
        if !(10..=20).contains(&digits) {
            return None;
        }
        let tag = hasher.sign();
        let fingerprint = tag.as_ref().iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        Some(Self::new(bin, last4, digits, corporate, fingerprint))
    }

    /// A card from its facts alone (seeds).
    pub fn new(bin: u32, last4: u16, digits: u8, corporate: bool, fingerprint: u64) -> Self {
        let issuer = match bin / 10_000 {
            62 | 81 => 20,
            30 | 36 | 38 | 39 => 21,
            34 | 37 => 22,
            35 => 25,
            _ => super::ids::mix(u64::from(bin)) % DOMESTIC_ISSUERS,
        };
        let issuer = u8::try_from(issuer).unwrap_or_default();
        Self { bin, last4, digits, issuer, debit: bin % 5 == 3, corporate, fingerprint }
    }

    /// V2 `CardBrand`.
    pub fn brand(&self) -> &'static str {
        match self.bin / 10_000 {
            34 | 37 => "AMEX",
            30 | 36 | 38 | 39 => "DINERS",
            35 => "JCB",
            62 | 81 => "UNIONPAY",
            40..=49 => "VISA",
            51..=55 | 22..=27 => "MASTER",
            _ => "LOCAL",
        }
    }

    /// V2 `CardType`.
    pub fn kind(&self) -> &'static str {
        if self.debit { "DEBIT" } else { "CREDIT" }
    }

    /// V2 `CardOwnerType`.
    pub fn owner(&self) -> &'static str {
        if self.corporate { "CORPORATE" } else { "PERSONAL" }
    }

    /// The card company.
    pub fn company(&self) -> &'static Issuer {
        let at = usize::from(self.issuer).min(ISSUERS.len().saturating_sub(1));
        &ISSUERS[at]
    }

    /// First six and last four digits, asterisks between (V1 §4.6, V2 §12.1).
    pub fn masked(&self) -> String {
        let stars = "*".repeat(usize::from(self.digits.saturating_sub(10)));
        format!("{:06}{stars}{:04}", self.bin, self.last4)
    }

    /// The V2 `card` object (V2 §5.4).
    pub fn write_v2(&self, o: &mut Obj<'_>) {
        let company = self.company();
        o.str("publisher", company.v2).str("issuer", company.v2).str("brand", self.brand());
        o.str("type", self.kind()).str("ownerType", self.owner()).str("bin", &format!("{:06}", self.bin));
        o.str("name", &format!("{}{}", company.name, if self.debit { "체크카드" } else { "카드" }));
        o.str("number", &self.masked());
    }

    /// What this number is for.
    pub fn trick(&self) -> Option<&'static Trick> {
        TRICKS.iter().find(|trick| trick.last4 == self.last4)
    }
}

/// Why a PG says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Over the limit.
    Limit,
    /// Not enough money on the account.
    Balance,
    /// Lost or stolen.
    Lost,
    /// Expired or wrong expiry.
    Expiry,
    /// Wrong birth date or business number.
    Birth,
    /// Wrong password digits.
    Password,
    /// No such number.
    Number,
    /// Instalments are not possible.
    Instalment,
    /// Suspended.
    Suspended,
    /// The card company does not answer.
    System,
    /// A text made to harm terminals and logs.
    Hostile,
    /// The PG will not take the refund.
    Refund,
}

impl Why {
    /// The PG's own code and text, as each PG words it (pg-error-codes.tsv; other PGs speak KCP's).
    pub fn words(self, pg: &str) -> (&'static str, &'static str) {
        let family = match pg {
            "INICIS_V2" | "html5_inicis" => 1,
            "TOSSPAYMENTS" | "tosspayments" => 2,
            _ => 0,
        };
        let table: [(&str, &str); 3] = match self {
            Self::Limit => [
                ("CC61", "거래금액 한도초과"),
                ("120049", "사용한도초과"),
                (
                    "A8",
                    "고객님의 신용카드 한도가 부족하거나, 체크카드인 경우 통장잔액 부족입니다(한도초과 또는 잔액부족)",
                ),
            ],
            Self::Balance => [
                ("CC10", "통장 잔액부족"),
                ("120054", "잔액부족"),
                (
                    "2",
                    "고객님의 신용카드 한도가 부족하거나, 체크카드인 경우 통장잔액 부족입니다(지급한도초과)",
                ),
            ],
            Self::Lost => [
                ("CC04", "분실 혹은 거래불가 카드"),
                ("120026", "도난, 분실카드"),
                ("26", "도난/분실,위,변조카드"),
            ],
            Self::Expiry => [
                ("CC54", "카드유효기간만료 또는 불일치"),
                ("120004", "유효기간 만료(기간오류)"),
                ("4", "카드유효기간만료"),
            ],
            Self::Birth => [
                ("CC66", "주민번호 오류"),
                ("120051", "주민(사업자)번호 상이"),
                ("51", "주민(사업자)번호상이"),
            ],
            Self::Password => {
                [("CC63", "비밀번호 오류"), ("120019", "비밀번호 상이"), ("19", "비밀번호상이")]
            }
            Self::Number => [
                ("CC14", "카드번호 오류"),
                ("120014", "카드번호 오류"),
                ("C001", "신용카드가 아니거나, 카드번호를 잘못 입력하셨습니다.(Invalid card number)"),
            ],
            Self::Instalment => {
                [("CC47", "할부불가카드"), ("500607", "할부개월오류"), ("C008", "해당 카드 할부 지원안됨")]
            }
            Self::Suspended => {
                [("CC45", "정지카드"), ("120001", "거래제한(정지)카드"), ("A9", "거래정지카드")]
            }
            Self::System => [
                ("CC98", "카드사 시스템 장애"),
                ("120035", "카드사 통신장애"),
                ("C045", "VAN사 통신 장애입니다(Tel.1544-7772)"),
            ],
            Self::Hostile => [HOSTILE_WORDS; 3],
            Self::Refund => [REFUND_WORDS; 3],
        };
        table[family]
    }

    /// V1: whether the refusal leaves no payment behind (§3.1 form 2) instead of a failed one (form 3).
    pub fn leaves_no_row_in_v1(self) -> bool {
        matches!(self, Self::Expiry | Self::Birth | Self::Password | Self::Number)
    }
}

const HOSTILE_WORDS: (&str, &str) = (
    "X\u{1b}[31m9",
    "거절\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}txet desrever\u{202c}\u{200b}\r\n=HYPERLINK(\"x\")\t\u{9b}31m|\u{0}끝",
);
const REFUND_WORDS: (&str, &str) = ("8178", "미정산금액 부족으로 취소 불가");

/// What a special card number does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Issue of a key and every charge are declined.
    Decline(Why),
    /// A key is issued, every charge is declined.
    ChargeDeclines(Why),
    /// The first try on each payment id is declined, the next approved.
    DeclineOnce(Why),
    /// Works after the configured slow time (`--slow-seconds`).
    Slow,
    /// Works after this many milliseconds.
    SlowMillis(u32),
    /// Done, then the connection is cut without an answer.
    DropAfter,
    /// Declined, then the connection is cut without an answer.
    DeclineDropAfter(Why),
    /// The connection is cut and nothing was done.
    DropBefore,
    /// The connection is cut at once, the work is done after the slow time.
    DropThenWork,
    /// Done, then an HTML error page with status 502.
    HtmlAfter,
    /// Approval stays pending until `/__sandbox/payments/…` decides (V2 `PAY_PENDING`).
    Pending,
    /// A billing key of a channel group is issued by all its channels but the last, which refuses.
    IssuePartly(Why),
    /// A billing key is issued, and none of its channels will delete it.
    DeleteRefused(Why),
    /// Of a billing key's channels only the first deletes it; the next time the first of those that are left.
    DeletePartly(Why),
    /// Charges work; a cancel ends as `FAILED` under HTTP 200.
    CancelFails,
    /// Charges work; a cancel is `REQUESTED` and succeeds a minute later by the sandbox's clock.
    CancelLater,
    /// Charges work; a cancel is `REQUESTED` and fails a minute later.
    CancelLaterFails,
    /// Charges work; a cancel is refused by the PG (502).
    CancelRefused,
}

/// One special card number, told by its last four digits.
#[derive(Debug)]
pub struct Trick {
    /// The last four digits.
    pub last4: u16,
    /// What happens.
    pub effect: Effect,
}

macro_rules! tricks {
    ($($last4:literal $effect:expr;)*) => {
        /// Every special number; docs/sandbox.md has the same table with full numbers.
        pub static TRICKS: &[Trick] = &[$(Trick { last4: $last4, effect: $effect }),*];
    };
}

tricks! {
    1 Effect::Decline(Why::Limit);
    2 Effect::Decline(Why::Balance);
    3 Effect::Decline(Why::Lost);
    4 Effect::Decline(Why::Expiry);
    5 Effect::Decline(Why::Birth);
    6 Effect::Decline(Why::Password);
    7 Effect::Decline(Why::Number);
    8 Effect::Decline(Why::Instalment);
    9 Effect::Decline(Why::Suspended);
    10 Effect::Decline(Why::System);
    11 Effect::Decline(Why::Hostile);
    20 Effect::Slow;
    21 Effect::SlowMillis(1_000);
    22 Effect::SlowMillis(70_000);
    30 Effect::DropAfter;
    31 Effect::DropBefore;
    32 Effect::DeclineDropAfter(Why::Limit);
    33 Effect::DropThenWork;
    34 Effect::HtmlAfter;
    40 Effect::ChargeDeclines(Why::Limit);
    41 Effect::DeclineOnce(Why::System);
    42 Effect::Pending;
    43 Effect::IssuePartly(Why::System);
    44 Effect::DeleteRefused(Why::Suspended);
    45 Effect::DeletePartly(Why::Suspended);
    50 Effect::CancelFails;
    51 Effect::CancelLater;
    52 Effect::CancelLaterFails;
    53 Effect::CancelRefused;
}

impl Effect {
    /// The refusal of a charge; `tries` counts earlier attempts on the same payment id.
    pub fn charge(self, tries: usize) -> Option<Why> {
        match self {
            Self::Decline(why) | Self::ChargeDeclines(why) | Self::DeclineDropAfter(why) => Some(why),
            Self::DeclineOnce(why) if tries == 0 => Some(why),
            _ => None,
        }
    }

    /// The refusal of issuing a billing key.
    pub fn issue(self) -> Option<Why> {
        match self {
            Self::Decline(why) | Self::DeclineDropAfter(why) => Some(why),
            _ => None,
        }
    }

    /// The refusal of all channels of a group but those that issue a key, and the position of the first refusing one.
    pub fn issue_partly(self, channels: usize) -> Option<(Why, usize)> {
        match self {
            Self::IssuePartly(why) if channels > 1 => Some((why, channels - 1)),
            _ => None,
        }
    }

    /// The refusal of deleting a key, and how many of its channels delete it all the same.
    pub fn delete(self, channels: usize) -> Option<(Why, usize)> {
        match self {
            Self::DeleteRefused(why) => Some((why, 0)),
            Self::DeletePartly(why) if channels > 1 => Some((why, 1)),
            _ => None,
        }
    }

    /// How long the work waits.
    pub fn delay(self, slow: Duration) -> Option<Duration> {
        match self {
            Self::Slow | Self::DropThenWork => Some(slow),
            Self::SlowMillis(millis) => Some(Duration::from_millis(u64::from(millis))),
            _ => None,
        }
    }
}

/// A card that stands for nothing special on a given BIN, for V1 code look-ups.
pub fn issuer_name(code: &str) -> Option<&'static Issuer> {
    catalog::ISSUERS.iter().find(|issuer| issuer.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, b"test")
    }

    #[test]
    fn keeps_bin_and_last_four_only() {
        let card = Card::read("4000-1111 2222-3333", false, &key()).unwrap();
        assert_eq!((card.bin, card.last4, card.digits), (400_011, 3_333, 16));
        assert_eq!(card.masked(), "400011******3333");
        assert_eq!(Card::read("4000111122223333", false, &key()), Some(card));
        assert_ne!(Card::read("4000111132223333", false, &key()).unwrap().fingerprint, card.fingerprint);
        assert!(!format!("{card:?}").contains("11112222"));
        for bad in
            ["", "123456789", "4000x11122223333", "123456789012345678901", "４０００１１１１２２２２３３３３"]
        {
            assert_eq!(Card::read(bad, false, &key()), None);
        }
        assert_eq!(Card::read("371111111111114", false, &key()).unwrap().masked(), "371111*****1114");
    }

    #[test]
    fn no_two_tricks_share_a_number_and_the_document_names_each() {
        let manual = include_str!("../../docs/sandbox.md");
        for (at, trick) in TRICKS.iter().enumerate() {
            assert!(TRICKS.iter().skip(at + 1).all(|other| other.last4 != trick.last4));
            let last4 = format!("{:04}`", trick.last4);
            assert!(manual.contains(&last4), "docs/sandbox.md does not name …{last4}");
        }
    }
}
