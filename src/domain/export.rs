//! What an export of payments or schedules holds: the columns there are, and the cell in each. And what is recorded
//! of one.
//!
//! Pure. May not: open a file.

pub mod schedules;

use jiff::Timestamp;

use super::intent::Operator;
use super::listing::StateKind;
use super::money::Money;
use super::record::{Method, PaymentRecord, ReceiptState};
use super::table_file::{Cell, Column, Headings, Kind};
use super::text::SafeText;

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// For spreadsheets, with headings and names in a language.
    Csv(Headings),
    /// For programs: one JSON object a line, with this program's words.
    JsonLines,
}

/// One export, as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub operator: Operator,
    /// What: its subject and the keys of its columns, as [`Export::what`] writes them.
    pub what: String,
    /// How many rows.
    pub rows: u64,
    /// Why, in the operator's words.
    pub reason: String,
    /// Where to.
    pub path: String,
}

/// What an export is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// 결제
    Payments,
    /// 예약, billing keys shortened.
    Schedules,
    /// 예약 with whole billing keys: whoever has one can charge its card.
    SchedulesWithKeys,
}

impl Subject {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Payments, Self::Schedules, Self::SchedulesWithKeys];

    /// Its name in the ledger and for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Payments => "payments",
            Self::Schedules => "schedules",
            Self::SchedulesWithKeys => "schedules_with_keys",
        }
    }

    /// The subject of this name.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|subject| subject.word() == word)
    }

    /// Every column it has, in the order of a file in which none were chosen.
    pub const fn all_columns(self) -> &'static [Column] {
        match self {
            Self::Payments => PAYMENT_COLUMNS,
            Self::Schedules | Self::SchedulesWithKeys => schedules::SCHEDULE_COLUMNS,
        }
    }
}

/// The keys of the columns that tell of whom something is.
const PERSONAL: [&str; 7] =
    ["customer_name", "customer_phone", "customer_email", "customer_id", "name", "phone", "email"];

/// Whether a column tells of whom something is: such a one belongs in a file only on purpose.
pub fn is_personal(column: &Column) -> bool {
    PERSONAL.contains(&column.key)
}

impl Export {
    /// The [`path`](Self::path) of what was written to standard output.
    pub const OUTPUT: &'static str = "-";

    /// What an export of this in these columns is recorded as.
    pub fn what(subject: Subject, columns: &[Column]) -> String {
        let keys: Vec<&str> = columns.iter().map(|column| column.key).collect();
        format!("{}:{}", subject.word(), keys.join(","))
    }

    /// What it was of, in the ledger's word: another version's may be one that [`Subject`] does not know.
    pub fn word(&self) -> &str {
        self.what.split_once(':').map_or(self.what.as_str(), |(word, _)| word)
    }

    /// What it was of; `None` for what only another version knows.
    pub fn subject(&self) -> Option<Subject> {
        Subject::parse(self.word())
    }

    /// The catalogue's key of what it was of.
    pub fn name_key(&self) -> &'static str {
        match self.subject() {
            Some(Subject::Payments) => "history.exports.payments",
            Some(Subject::Schedules) => "history.exports.schedules",
            Some(Subject::SchedulesWithKeys) => "history.exports.schedules-with-keys",
            None => "history.exports.other",
        }
    }

    /// The file it is in; `None` for standard output.
    pub fn file(&self) -> Option<&str> {
        (self.path != Self::OUTPUT).then_some(&self.path)
    }

    /// The keys of its columns.
    pub fn columns(&self) -> Vec<&str> {
        let keys = self.what.split_once(':').map_or("", |(_, keys)| keys);
        keys.split(',').filter(|key| !key.is_empty()).collect()
    }

    /// Those of its columns that tell of whom something is.
    pub fn personal(&self) -> Vec<&'static Column> {
        let all = self.subject().map_or(&[][..], Subject::all_columns);
        let keys = self.columns();
        all.iter().filter(|column| is_personal(column) && keys.contains(&column.key)).collect()
    }
}

const fn column(key: &'static str, ko: &'static str, en: &'static str, kind: Kind) -> Column {
    Column { key, ko, en, kind }
}

/// Every column of payments, in the order of a file in which none were chosen.
pub const PAYMENT_COLUMNS: &[Column] = &[
    column("id", "주문번호", "Order no.", Kind::Text),
    column("provider_payment_id", "포트원 거래번호", "PortOne transaction", Kind::Text),
    column("state", "상태", "Status", Kind::Text),
    column("method", "결제수단", "Method", Kind::Text),
    column("pg", "결제대행사", "PG", Kind::Text),
    column("mode", "모드", "Mode", Kind::Text),
    column("currency", "통화", "Currency", Kind::Text),
    column("amount", "결제금액", "Amount", Kind::Amount),
    column("tax_free", "면세금액", "Tax-free", Kind::Amount),
    column("vat", "부가세", "VAT", Kind::Amount),
    column("cancelled", "취소금액", "Cancelled", Kind::Amount),
    column("balance", "남은금액", "Balance", Kind::Amount),
    column("order_name", "주문명", "Order name", Kind::Text),
    column("customer_name", "고객명", "Customer", Kind::Text),
    column("customer_phone", "전화번호", "Phone", Kind::Phone),
    column("customer_email", "이메일", "E-mail", Kind::Text),
    column("customer_id", "고객번호", "Customer no.", Kind::Text),
    column("card", "카드번호", "Card", Kind::Text),
    column("issuer", "카드사", "Issuer", Kind::Text),
    column("installments", "할부", "Installments", Kind::Number),
    column("approval_number", "승인번호", "Approval no.", Kind::Text),
    column("requested_at", "결제 요청 시각", "Requested at", Kind::Time),
    column("paid_at", "결제 시각", "Paid at", Kind::Time),
    column("changed_at", "상태 승인 시각", "Status changed at", Kind::Time),
    column("recurring", "정기결제", "Recurring", Kind::Text),
    column("cash_receipt", "현금영수증", "Cash receipt", Kind::Text),
    column("receipt_url", "영수증", "Receipt", Kind::Text),
    column("failure", "실패 사유", "Failure", Kind::Text),
    column("cancel_reasons", "취소 사유", "Cancel reasons", Kind::Text),
];

/// What a state is called in a spreadsheet.
const fn state_name(state: StateKind, headings: Headings) -> &'static str {
    let (ko, en) = match state {
        StateKind::Ready => ("결제 준비", "Ready"),
        StateKind::Pending => ("승인 대기", "Pending"),
        StateKind::VirtualAccountIssued => ("입금 대기", "Awaiting deposit"),
        StateKind::Paid => ("결제 완료", "Paid"),
        StateKind::Failed => ("결제 실패", "Failed"),
        StateKind::PartialCancelled => ("부분 취소", "Partly cancelled"),
        StateKind::Cancelled => ("전체 취소", "Cancelled"),
        StateKind::Other => ("기타", "Other"),
    };
    in_language(headings, ko, en)
}

const fn method_name(method: Method, headings: Headings) -> &'static str {
    let (ko, en) = match method {
        Method::Card => ("카드", "Card"),
        Method::EasyPay => ("간편결제", "Easy pay"),
        Method::VirtualAccount => ("가상계좌", "Virtual account"),
        Method::Transfer => ("계좌이체", "Transfer"),
        Method::Mobile => ("휴대폰", "Mobile"),
        Method::GiftCertificate => ("상품권", "Gift certificate"),
        Method::Other => ("기타", "Other"),
    };
    in_language(headings, ko, en)
}

const fn receipt_name(receipt: ReceiptState, headings: Headings) -> &'static str {
    let (ko, en) = match receipt {
        ReceiptState::Issued => ("발급", "Issued"),
        ReceiptState::Cancelled => ("취소", "Cancelled"),
        ReceiptState::NotIssued => ("미발급", "Not issued"),
    };
    in_language(headings, ko, en)
}

const fn in_language(headings: Headings, ko: &'static str, en: &'static str) -> &'static str {
    match headings {
        Headings::Ko => ko,
        Headings::En => en,
    }
}

/// The row of a payment: a cell for each column, in their order.
pub fn payment_row(payment: &PaymentRecord, columns: &[Column], format: Format) -> Vec<Cell> {
    columns.iter().map(|column| cell(payment, column.key, format)).collect()
}

fn cell(record: &PaymentRecord, key: &str, format: Format) -> Cell {
    let payment = &record.payment;
    let safe = |text: &Option<SafeText>| Cell::text(text.as_ref().map(SafeText::as_str));
    let named = |word: &'static str, name: fn(Headings) -> &'static str| match format {
        Format::Csv(headings) => Cell::Text(name(headings).to_owned()),
        Format::JsonLines => Cell::Text(word.to_owned()),
    };
    let kind = StateKind::of(record.state());
    match key {
        "id" => Cell::Text(record.id.to_string()),
        "provider_payment_id" => safe(&payment.provider_payment_id),
        "state" => match (format, record.state()) {
            (_, super::payment::PaymentState::Other(word)) => Cell::Text(word.to_string()),
            (Format::Csv(headings), _) => Cell::Text(state_name(kind, headings).to_owned()),
            (Format::JsonLines, _) => Cell::Text(kind.word().to_owned()),
        },
        "method" => Cell::Text(
            match format {
                Format::Csv(headings) => method_name(record.method, headings),
                Format::JsonLines => record.method.word(),
            }
            .to_owned(),
        ),
        "pg" => safe(&payment.pg),
        "mode" => match payment.is_test {
            Some(true) => named("test", |headings| in_language(headings, "테스트", "TEST")),
            Some(false) => named("live", |headings| in_language(headings, "실결제", "LIVE")),
            None => Cell::Empty,
        },
        "currency" => Cell::Text(payment.currency.to_string()),
        "amount" => Cell::money(payment.total),
        "tax_free" => Cell::money(record.tax_free),
        "vat" => Cell::money(record.vat),
        "cancelled" => Cell::money(record.cancelled.filter(|cancelled: &Money| !cancelled.is_zero())),
        "balance" => Cell::money(record.balance()),
        "order_name" => Cell::Text(payment.order_name.to_string()),
        "customer_name" => Cell::text(record.customer.name()),
        "customer_phone" => Cell::text(record.customer.phone()),
        "customer_email" => Cell::text(record.customer.email()),
        "customer_id" => Cell::text(record.customer.id()),
        "card" => payment.card.as_ref().map_or(Cell::Empty, |card| Cell::Text(card.to_string())),
        "issuer" => safe(&payment.issuer),
        "installments" => payment.installments.map_or(Cell::Empty, |months| Cell::Number(months.into())),
        "approval_number" => safe(&payment.approval_number),
        "requested_at" => Cell::seconds(record.requested_at),
        "paid_at" => Cell::seconds(payment.paid_at),
        "changed_at" => Cell::seconds(record.changed_at),
        "recurring" if record.is_recurring() => {
            named("recurring", |headings| in_language(headings, "정기", "Recurring"))
        }
        "recurring" => named("once", |headings| in_language(headings, "일반", "Once")),
        "cash_receipt" => match (record.receipt, format) {
            (None, _) => Cell::Empty,
            (Some(receipt), Format::Csv(headings)) => Cell::Text(receipt_name(receipt, headings).to_owned()),
            (Some(receipt), Format::JsonLines) => Cell::Text(receipt.word().to_owned()),
        },
        "receipt_url" => safe(&payment.receipt_url),
        "failure" => payment.refusal.as_ref().map_or(Cell::Empty, |refusal| {
            Cell::Text(match &refusal.code {
                Some(code) => format!("{code} {}", refusal.message),
                None => refusal.message.to_string(),
            })
        }),
        "cancel_reasons" if record.cancellations.is_empty() => Cell::Empty,
        "cancel_reasons" => {
            let reasons: Vec<&str> =
                record.cancellations.iter().map(|cancellation| cancellation.reason.as_str()).collect();
            Cell::Text(reasons.join(" / "))
        }
        _ => Cell::Empty,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_out_names_its_columns() {
        let export = |what: String| Export {
            at: Timestamp::UNIX_EPOCH,
            operator: Operator {
                user: String::new(),
                remote: None,
                host: String::new(),
                process: String::new(),
            },
            what,
            rows: 0,
            reason: String::new(),
            path: String::new(),
        };
        assert_eq!(
            export(Export::what(Subject::Payments, &PAYMENT_COLUMNS[..2])).columns(),
            ["id", "provider_payment_id"]
        );
        for subject in Subject::ALL {
            let all = subject.all_columns();
            let whole = export(Export::what(subject, all));
            assert_eq!((whole.subject(), whole.columns().len()), (Some(subject), all.len()));
            assert_eq!(whole.personal().len(), 4, "name, phone, e-mail and number: {subject:?}");
            assert_eq!(export(Export::what(subject, &[])).columns(), [""; 0]);
            assert_eq!(export(Export::what(subject, &all[..1])).personal(), [] as [&Column; 0]);
        }
        let other = export("something:name".to_owned());
        assert_eq!((other.word(), other.subject(), other.columns()), ("something", None, vec!["name"]));
        assert_eq!(other.personal(), [] as [&Column; 0]);
        assert_eq!(export("something".to_owned()).columns(), [""; 0]);
    }
}
