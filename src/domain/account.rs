//! Virtual accounts (가상계좌): an account number made for one sale, waiting for a deposit.

use super::text::SafeText;

/// An issued account, as the provider tells it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DepositAccount {
    /// The bank, named for people.
    pub bank: SafeText,
    /// The number to pay into.
    pub number: SafeText,
    /// 예금주
    pub holder: Option<SafeText>,
    /// The end of the wait, unix seconds.
    pub due: Option<i64>,
}

/// How long after the issue an account stands, and how far it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DepositState {
    /// 입금 대기
    Waiting,
    /// 입금 완료
    Paid,
    /// 말소: closed, or over without a deposit.
    Closed,
}

impl DepositState {
    const ALL: [Self; 3] = [Self::Waiting, Self::Paid, Self::Closed];

    /// The word in the journal and in `--json`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Paid => "paid",
            Self::Closed => "closed",
        }
    }

    /// From that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// Which account number is given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum AccountKind {
    /// 회전식: a number from the PG's pool.
    #[default]
    Rotating,
    /// 고정식: this number or id, in the form that the PG's table states.
    Fixed(String),
}

/// What the cash receipt (현금영수증) is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReceiptKind {
    /// 소득공제용, with a phone number.
    Personal,
    /// 지출증빙용, with a business number.
    Corporate,
}

impl ReceiptKind {
    /// The V2 name (V2 §8.3), which is also the word of the command line.
    pub const fn wire(self) -> &'static str {
        match self {
            Self::Personal => "PERSONAL",
            Self::Corporate => "CORPORATE",
        }
    }
}

/// A cash receipt to be issued with the deposit. None at all leaves the object out (V2 §8.3).
#[derive(Clone, PartialEq, Eq)]
pub struct CashReceipt {
    /// What for.
    pub kind: ReceiptKind,
    /// Digits of a phone number or business number. Sent, never kept.
    pub identity: String,
}

impl std::fmt::Debug for CashReceipt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CashReceipt({})", self.kind.wire())
    }
}
