//! Which fields there are, in the order they stand in, and what a form can be for.

use crate::domain::billing_key::BillingKey;
use crate::domain::card::CardSlot;
use crate::domain::pg::{Means, Operation};

/// How the caller pays, or what else becomes of a card or a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// 카드
    Card,
    /// 가상계좌
    Account,
    /// 빌링키 발급
    Register,
    /// 빌링키 결제
    Charge,
}

impl Way {
    /// The two ways to pay by phone (수기결제).
    pub const ALL: [Self; 2] = [Self::Card, Self::Account];

    /// The operation behind it, in the words of the PG's table.
    pub const fn operation(self) -> Operation {
        match self {
            Self::Card => Operation::KeyInCard,
            Self::Account => Operation::KeyInVirtualAccount,
            Self::Register => Operation::IssueKey,
            Self::Charge => Operation::ChargeKey,
        }
    }

    /// Whether it is a payment by phone; the others are about a billing key.
    pub const fn is_key_in(self) -> bool {
        matches!(self, Self::Card | Self::Account)
    }

    /// Whether a card is typed.
    pub const fn takes_card(self) -> bool {
        matches!(self, Self::Card | Self::Register)
    }

    pub(super) const fn means(self) -> Means {
        match self {
            Self::Card | Self::Register | Self::Charge => Means::Card,
            Self::Account => Means::VirtualAccount,
        }
    }
}

/// The fields in the order people speak them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// 고객 ID
    CustomerId,
    /// 주문명
    OrderName,
    /// 금액
    Amount,
    /// 면세 금액
    TaxFree,
    /// 할부
    Installments,
    /// 상점부담 무이자
    InterestFree,
    /// 카드 번호
    Number,
    /// 유효기간
    Expiry,
    /// 생년월일 or 사업자번호
    Identity,
    /// 비밀번호 앞 두 자리
    Pin,
    /// 은행
    Bank,
    /// 입금기한
    Due,
    /// 현금영수증
    Receipt,
    /// 현금영수증 번호
    ReceiptNumber,
    /// 고정식 계좌번호
    FixedAccount,
    /// 예금주
    Holder,
    /// 고객 이름
    Name,
    /// 전화번호
    Phone,
    /// 이메일
    Email,
    /// 빌링키 이름
    KeyName,
    /// 카드 저장
    SaveCard,
    /// 메모
    Note,
}

impl Field {
    /// All of them, top to bottom.
    pub const ALL: [Self; 22] = [
        Self::CustomerId,
        Self::OrderName,
        Self::Amount,
        Self::TaxFree,
        Self::Installments,
        Self::InterestFree,
        Self::Number,
        Self::Expiry,
        Self::Identity,
        Self::Pin,
        Self::Bank,
        Self::Due,
        Self::Receipt,
        Self::ReceiptNumber,
        Self::FixedAccount,
        Self::Holder,
        Self::Name,
        Self::Phone,
        Self::Email,
        Self::KeyName,
        Self::SaveCard,
        Self::Note,
    ];

    /// The plain text fields and the most characters that each takes.
    pub(super) const TEXTS: [(Self, usize); 13] = [
        (Self::CustomerId, 100),
        (Self::OrderName, 100),
        (Self::Amount, 20),
        (Self::TaxFree, 20),
        (Self::Due, 24),
        (Self::ReceiptNumber, 20),
        (Self::FixedAccount, 30),
        (Self::Holder, 30),
        (Self::Name, 60),
        (Self::Phone, 20),
        (Self::Email, 100),
        (Self::KeyName, BillingKey::MAX),
        (Self::Note, 100),
    ];

    /// The vault's field behind it, for the four that have one.
    pub const fn slot(self) -> Option<CardSlot> {
        match self {
            Self::Number => Some(CardSlot::Number),
            Self::Expiry => Some(CardSlot::Expiry),
            Self::Identity => Some(CardSlot::Identity),
            Self::Pin => Some(CardSlot::Pin),
            _ => None,
        }
    }

    /// Whether one of a few is chosen instead of typed.
    pub const fn is_choice(self) -> bool {
        matches!(self, Self::Installments | Self::InterestFree | Self::Bank | Self::Receipt | Self::SaveCard)
    }

    /// Whether it belongs to a way.
    pub(super) const fn is_of(self, way: Way) -> bool {
        match self {
            Self::Number | Self::Expiry | Self::Identity | Self::Pin => way.takes_card(),
            Self::Installments | Self::InterestFree => matches!(way, Way::Card | Way::Charge),
            Self::SaveCard => matches!(way, Way::Card),
            Self::Bank
            | Self::Due
            | Self::Receipt
            | Self::ReceiptNumber
            | Self::FixedAccount
            | Self::Holder => matches!(way, Way::Account),
            Self::CustomerId => matches!(way, Way::Register | Way::Charge),
            Self::KeyName => matches!(way, Way::Register),
            // Nothing is sold when a card is registered.
            Self::OrderName | Self::Amount | Self::TaxFree | Self::Note => !matches!(way, Way::Register),
            Self::Name | Self::Phone | Self::Email => true,
        }
    }
}
