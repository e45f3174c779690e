//! Made-up customers and what they pay: the same in every run.

use danmal::domain::billing_key::BillingKey;
use danmal::domain::card::CardEnding;
use danmal::domain::customer::Customer;
use danmal::domain::money::{Currency, Money};
use danmal::domain::payment::{PaymentState, ProviderPayment};
use danmal::domain::record::{CardTraits, Method, PaymentRecord};
use danmal::domain::text::SafeText;

const FAMILY: [&str; 13] = ["김", "이", "박", "최", "정", "강", "조", "윤", "장", "임", "한", "오", "하"];
const GIVEN: [&str; 16] = [
    "서연", "도윤", "하늘", "지우", "민준", "서윤", "예준", "하은", "시우", "수아", "주원", "지호", "은우",
    "다은", "건우", "유진",
];
const GOODS: [&str; 5] = ["정수기 렌탈", "월 구독료", "강의 수강료", "도시락 정기배송", "보험료"];
const ISSUERS: [&str; 6] = ["신한카드", "국민카드", "현대카드", "삼성카드", "롯데카드", "하나카드"];

fn pick<'a>(from: &[&'a str], number: u32) -> &'a str {
    from[number as usize % from.len()]
}

pub fn customer(number: u32) -> Customer {
    // Thirteen and sixteen have no common divisor: every pair comes.
    let name = format!("{}{}", pick(&FAMILY, number), pick(&GIVEN, number));
    let phone = format!("010-{:04}-{:04}", number.wrapping_mul(7) % 10_000, number.wrapping_mul(13) % 10_000);
    Customer::new(&name, &phone, &format!("cust{number:06}@example.com")).with_id(&format!("cust{number:06}"))
}

pub fn goods(number: u32) -> SafeText {
    SafeText::new(&format!("{} {}월분", pick(&GOODS, number), 1 + number % 12))
}

pub fn won(number: u32) -> Option<Money> {
    Money::new(u64::from(1 + number % 200) * 1_100, Currency::Krw)
}

/// A payment of this second.
pub fn payment(number: u32, at: i64) -> PaymentRecord {
    let text = |text: &str| Some(SafeText::new(text));
    let state = match number % 20 {
        0..16 => PaymentState::Paid,
        16 => PaymentState::Failed,
        17 => PaymentState::PartialCancelled,
        _ => PaymentState::Cancelled,
    };
    let total = won(number);
    let was_paid = state.was_paid();
    let cancelled = match state {
        PaymentState::Cancelled => total,
        PaymentState::PartialCancelled => Money::new(1_000, Currency::Krw),
        _ => Some(Money::zero(Currency::Krw)),
    };
    let last4 = format!("{:04}", number.wrapping_mul(7_919) % 10_000);
    let key =
        number.is_multiple_of(4).then(|| BillingKey::parse(&format!("billing-key-{number:036}")).unwrap());
    PaymentRecord {
        id: SafeText::new(&format!("d{number:027}")),
        payment: ProviderPayment {
            state,
            provider_payment_id: text(&format!("01920000-0000-7000-8000-{number:012}")),
            total,
            currency: SafeText::new("KRW"),
            approval_number: text(&format!("{:08}", 30_000_000 + number)),
            card: CardEnding::new("941012", &last4),
            issuer: text(pick(&ISSUERS, number / 3)),
            installments: Some(0),
            receipt_url: text(&format!("https://example.com/receipts/{number}")),
            refusal: None,
            paid_at: was_paid.then_some(at),
            order_name: goods(number),
            is_test: Some(true),
            pg: text("KCP_V2"),
            account: None,
            key,
        },
        method: Method::Card,
        requested_at: Some(at),
        changed_at: Some(at),
        tax_free: Some(Money::zero(Currency::Krw)),
        vat: total.and_then(|total| Money::new(total.minor() / 11, Currency::Krw)),
        cancelled,
        cancelled_tax_free: Some(Money::zero(Currency::Krw)),
        cancellations: Vec::new(),
        customer: customer(number),
        channel: text("channel-key-1"),
        schedule: None,
        discounted: false,
        card: CardTraits::default(),
        points_used: None,
        escrow: false,
        receipt: None,
        webhooks: Vec::new(),
    }
}
