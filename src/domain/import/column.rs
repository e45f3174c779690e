//! Columns, and the names that people give them. May not: read what stands below.

use super::FileError;
use crate::domain::text::SafeText;

/// What a column says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Column {
    /// 빌링키
    Key,
    /// 결제일
    Date,
    /// 시각
    Time,
    /// 금액
    Amount,
    /// 통화
    Currency,
    /// 비과세
    TaxFree,
    /// 주문명
    OrderName,
    /// 고객ID
    CustomerId,
    /// 이름
    Name,
    /// 전화
    Phone,
    /// 이메일
    Email,
    /// 채널
    Channel,
    /// 할부
    Installments,
    /// 주문번호
    PaymentId,
    /// 메모
    Note,
}

impl Column {
    /// All of them, in the order of a file that this program writes.
    pub const ALL: [Self; 15] = [
        Self::Key,
        Self::Date,
        Self::Time,
        Self::Amount,
        Self::Currency,
        Self::TaxFree,
        Self::OrderName,
        Self::CustomerId,
        Self::Name,
        Self::Phone,
        Self::Email,
        Self::Channel,
        Self::Installments,
        Self::PaymentId,
        Self::Note,
    ];

    /// Its English name in a header, also the word in `--json` and in the catalogue's keys.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Key => "billing_key",
            Self::Date => "date",
            Self::Time => "time",
            Self::Amount => "amount",
            Self::Currency => "currency",
            Self::TaxFree => "tax_free",
            Self::OrderName => "order_name",
            Self::CustomerId => "customer_id",
            Self::Name => "name",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Channel => "channel",
            Self::Installments => "installments",
            Self::PaymentId => "payment_id",
            Self::Note => "note",
        }
    }

    /// Its Korean name in a header.
    pub const fn ko(self) -> &'static str {
        self.names()[0]
    }

    /// Whether every row needs it.
    pub const fn is_required(self) -> bool {
        matches!(self, Self::Key | Self::Date | Self::Amount | Self::OrderName)
    }

    /// The names in a header besides [`Column::word`], as [`plain`] leaves them; the Korean one first. The API's
    /// own field names are among them, and those of V1.
    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Key => &["빌링키", "빌키", "customeruid", "key", "정기결제키"],
            Self::Date => &[
                "결제일",
                "결제예정일",
                "결제일자",
                "결제날짜",
                "결제일시",
                "예약일",
                "예약일자",
                "예약일시",
                "날짜",
                "일자",
                "일시",
                "timetopay",
                "scheduleat",
                "paydate",
                "paymentdate",
                "when",
                "at",
            ],
            Self::Time => &["시각", "시간", "결제시각", "결제시간", "예약시각", "예약시간"],
            Self::Amount => {
                &["금액", "결제금액", "청구금액", "합계", "총액", "가격", "total", "totalamount", "price"]
            }
            Self::Currency => &["통화", "화폐"],
            Self::TaxFree => &["비과세", "비과세금액", "면세", "면세금액", "taxfreeamount"],
            Self::OrderName => {
                &["주문명", "상품명", "품명", "결제명", "주문이름", "product", "productname", "title"]
            }
            Self::CustomerId => &["고객id", "고객아이디", "고객번호", "회원id", "회원번호", "고객코드"],
            Self::Name => &[
                "이름",
                "고객명",
                "고객이름",
                "구매자",
                "구매자명",
                "성명",
                "회원명",
                "customername",
                "buyername",
            ],
            Self::Phone => &[
                "전화",
                "전화번호",
                "휴대폰",
                "휴대폰번호",
                "휴대전화",
                "핸드폰",
                "연락처",
                "고객전화",
                "customerphone",
                "phonenumber",
                "buyertel",
                "tel",
                "mobile",
            ],
            Self::Email => {
                &["이메일", "이메일주소", "메일", "전자우편", "customeremail", "buyeremail", "mail"]
            }
            Self::Channel => &["채널", "채널명", "channelname"],
            Self::Installments => &[
                "할부",
                "할부개월",
                "할부개월수",
                "할부기간",
                "installment",
                "installmentmonth",
                "cardquota",
            ],
            Self::PaymentId => &["주문번호", "결제번호", "결제id", "merchantuid", "orderid", "orderno"],
            Self::Note => &["메모", "비고", "memo", "remark", "remarks"],
        }
    }

    /// The column that a header's cell names. Case, blanks, `_`, `-`, `*` and whatever stands in brackets do not
    /// count: `금액(원)`, `Billing Key *`.
    pub fn of_header(cell: &str) -> Option<Self> {
        let name = plain(cell);
        Self::ALL
            .into_iter()
            .find(|column| plain(column.word()) == name || column.names().contains(&name.as_str()))
    }
}

/// A header's cell without what does not count.
fn plain(cell: &str) -> String {
    let mut depth = 0u32;
    let mut name = String::new();
    for ch in SafeText::new(cell).as_str().chars() {
        match ch {
            '(' | '[' | '（' => depth += 1,
            ')' | ']' | '）' => depth = depth.saturating_sub(1),
            '_' | '-' | '*' | '.' | '\'' | '"' => {}
            ch if depth > 0 || ch.is_whitespace() => {}
            ch => name.extend(ch.to_lowercase()),
        }
    }
    name
}

/// A file's first row.
pub(super) struct Header {
    /// By place; `None` for one that is not read.
    pub(super) columns: Vec<Option<Column>>,
    /// The names of those.
    pub(super) ignored: Vec<SafeText>,
}

impl Header {
    pub(super) fn read(cells: &csv::StringRecord) -> Result<Self, FileError> {
        let columns: Vec<Option<Column>> = cells.iter().map(Column::of_header).collect();
        if columns.iter().all(Option::is_none) {
            return Err(FileError::NoHeader);
        }
        for (place, column) in columns.iter().enumerate() {
            if let Some(column) = column
                && columns[..place].contains(&Some(*column))
            {
                return Err(FileError::RepeatedColumn(*column));
            }
        }
        let missing: Vec<Column> = Column::ALL
            .into_iter()
            .filter(|column| column.is_required() && !columns.contains(&Some(*column)))
            .collect();
        if !missing.is_empty() {
            return Err(FileError::MissingColumns(missing));
        }
        let ignored = cells
            .iter()
            .zip(&columns)
            .filter(|(_, column)| column.is_none())
            .filter_map(|(cell, _)| SafeText::new(cell).non_empty())
            .collect();
        Ok(Self { columns, ignored })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_people_write_them() {
        for (cell, column) in [
            ("빌링키", Some(Column::Key)),
            ("billing_key", Some(Column::Key)),
            ("billingKey", Some(Column::Key)),
            ("Billing Key *", Some(Column::Key)),
            ("customer_uid", Some(Column::Key)),
            ("금액(원)", Some(Column::Amount)),
            ("결제 금액", Some(Column::Amount)),
            ("결제 예정일\n[KST]", Some(Column::Date)),
            ("\u{1100}\u{1173}\u{11b7}\u{110b}\u{1162}\u{11a8}", Some(Column::Amount)),
            ("\u{feff}date", Some(Column::Date)),
            ("merchant_uid", Some(Column::PaymentId)),
            ("customer_id", Some(Column::CustomerId)),
            ("고객 ID", Some(Column::CustomerId)),
            ("", None),
            ("()", None),
            ("배송지", None),
        ] {
            assert_eq!(Column::of_header(cell), column, "{cell:?}");
        }
    }

    #[test]
    fn no_name_means_two_columns_and_each_is_as_it_is_compared() {
        let mut seen = std::collections::BTreeMap::new();
        for column in Column::ALL {
            assert_eq!(Column::of_header(column.word()), Some(column));
            assert_eq!(Column::of_header(column.ko()), Some(column));
            for name in column.names().iter().map(|name| (*name).to_owned()).chain([plain(column.word())]) {
                assert_eq!(plain(&name), name);
                assert_eq!(seen.insert(name.clone(), column), None, "{name}");
            }
        }
    }
}
