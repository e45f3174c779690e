//! Files as Excel, people and chance write them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

const HEADER: &str = "빌링키,결제일,시각,금액,주문명,이름,전화,이메일,주문번호\n";

/// Saturday 2026-11-21, noon in Korea.
fn context() -> ImportContext<'static> {
    ImportContext {
        now: "2026-11-21T03:00:00Z".parse().unwrap(),
        time: Time::constant(10, 0, 0, 0),
        currency: Currency::Krw,
        scope: "store",
    }
}

fn import(text: &str) -> Import {
    read(text.as_bytes(), &context()).unwrap()
}

/// Line, column and word of each error.
fn errors(found: &Import) -> Vec<(u32, &'static str, &'static str)> {
    let column = |error: &RowError| error.column.map_or("", Column::word);
    found.errors.iter().map(|error| (error.line, column(error), error.what.word())).collect()
}

fn errors_of(rows: &str) -> Vec<(u32, &'static str, &'static str)> {
    errors(&import(&format!("{HEADER}{rows}")))
}

#[test]
fn a_row_says_everything() {
    let found = import(
        "billing_key,date,time,amount,currency,tax_free,order_name,customer_id,name,phone,email,channel,installments,\
         payment_id,note,배송지\n\
         key-0001,2026-12-25,오후 3:30,\"₩12,000\",krw,\"2,000원\",정수기 12월,c42,김민수,1012345678,kim@example.com,main,\
         3개월,sub202612,월말,서울\n",
    );
    assert_eq!(errors(&found), []);
    let won = |minor| Money::new(minor, Currency::Krw).unwrap();
    assert_eq!(
        found.rows,
        [ImportRow {
            line: 2,
            key: BillingKey::parse("key-0001").unwrap(),
            at: "2026-12-25T06:30:00Z".parse().unwrap(),
            amount: won(12_000),
            tax_free: Some(won(2_000)),
            order_name: "정수기 12월".to_owned(),
            customer: Customer::new("김민수", "01012345678", "kim@example.com").with_id("c42"),
            channel: Some("main".to_owned()),
            installments: Some(3),
            note: Some("월말".to_owned()),
            payment_id: PaymentId::parse("sub202612").unwrap(),
            own_id: true,
        }]
    );
    assert_eq!(found.ignored, [SafeText::new("배송지")]);
    assert_eq!((found.total, found.encoding, found.delimiter), (1, Encoding::Utf8, ','));
}

/// The same table as every program writes it is the same rows, ids included.
#[test]
fn every_encoding_and_delimiter_says_the_same() {
    let table = |delimiter: char, end: &str| {
        let rows = [
            ["빌링키", "결제일", "금액(원)", "주문명", "이름"],
            ["key-0001", "2026-12-25", "12000", "정수기 렌탈", "김민수"],
            ["key-0002", "2026-12-26", "13000", "펲시 구독", "똠방각하"],
        ];
        rows.map(|row| row.join(&delimiter.to_string())).join(end) + end
    };
    let plain = table(',', "\n");
    let wanted = import(&plain);
    assert_eq!((wanted.rows.len(), wanted.errors.len()), (2, 0));
    let utf16 = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(bytes).collect()
    };
    let tabs = table('\t', "\r\n");
    for (bytes, encoding, delimiter) in [
        (table(',', "\r\n").into_bytes(), Encoding::Utf8, ','),
        (table(',', "\r").into_bytes(), Encoding::Utf8, ','),
        (format!("\u{feff}{plain}").into_bytes(), Encoding::Utf8, ','),
        (encoding_rs::EUC_KR.encode(&plain).0.into_owned(), Encoding::Cp949, ','),
        (encoding_rs::EUC_KR.encode(&table(';', "\r\n")).0.into_owned(), Encoding::Cp949, ';'),
        (utf16(&tabs, u16::to_le_bytes), Encoding::Utf16, '\t'),
        (utf16(&tabs, u16::to_be_bytes), Encoding::Utf16, '\t'),
        (plain.trim_end().to_owned().into_bytes(), Encoding::Utf8, ','),
    ] {
        let found = read(&bytes, &context()).unwrap();
        assert_eq!(found.rows, wanted.rows, "{encoding:?} {delimiter:?}");
        assert_eq!((found.encoding, found.delimiter), (encoding, delimiter));
    }
    // Excel's own hint is a line, too.
    let hinted = import(&format!("sep=;\r\n{}", table(';', "\r\n")));
    assert_eq!(hinted.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(hinted.rows[0].payment_id, wanted.rows[0].payment_id);
}

#[test]
fn every_error_of_a_row_is_told() {
    assert_eq!(
        errors_of(&format!("{},2026-02-30,25:00,무료,,이름,없음,kim,주문-1\n", "k".repeat(81))),
        [
            (2, "billing_key", "not_a_key"),
            (2, "date", "not_a_date"),
            (2, "time", "not_a_time"),
            (2, "order_name", "missing"),
            (2, "amount", "not_an_amount"),
            (2, "phone", "not_a_phone"),
            (2, "email", "not_an_email"),
            (2, "payment_id", "not_an_id"),
        ]
    );
    assert_eq!(
        errors_of(",,,,,이름,,,\n"),
        [
            (2, "billing_key", "missing"),
            (2, "date", "missing"),
            (2, "order_name", "missing"),
            (2, "amount", "missing"),
        ]
    );
    assert_eq!(
        errors_of("key-0001,2026-12-25 10:00,11:00,0,주문,\"두\n줄\",,,\n"),
        [(2, "name", "control"), (2, "time", "two_times"), (2, "amount", "zero")]
    );
    let parts = import(
        "key,date,amount,currency,tax_free,order_name\nk1,2026-12-25,100,KRW,200,a\nk2,2026-12-25,x,EUR,y,b\n",
    );
    assert_eq!(errors(&parts), [(2, "tax_free", "more_than_total"), (3, "currency", "not_a_currency")]);
}

#[test]
fn the_past_and_the_far_are_refused() {
    let row = |key: &str, date: &str| format!("{key},{date},,1000,주문,,,,\n");
    let rows = [
        row("k1", "2026-11-20"),
        row("k2", "2026-11-21"),
        row("k3", "2026-11-21 12:00"),
        row("k4", "2026-11-21 12:01"),
        row("k5", "2036-11-21"),
        row("k6", "2062-11-21"),
        row("k7", "12/25"),
    ];
    assert_eq!(
        errors_of(&rows.concat()),
        [
            (2, "date", "past"),
            (3, "date", "past"),
            (4, "date", "past"),
            (7, "date", "too_far"),
            (8, "date", "no_year")
        ],
        "the time of a date alone is 10:00, which is over today"
    );
}

#[test]
fn a_cut_amount_and_cells_that_slipped_are_told_alone() {
    assert_eq!(errors_of("k1,2026-12-25,,12,000,이름,,kim@example.com,\n"), [(2, "amount", "split_amount")]);
    assert_eq!(
        errors_of("k1,2026-12-25,,12,000,주문,이름,010-1234-5678,kim@example.com,abcdef\n"),
        [(2, "", "too_many_cells"), (2, "amount", "split_amount")]
    );
    assert_eq!(errors_of("k1,2026-12-25,,12000,주문,이름,,,,남음\n"), [(2, "", "too_many_cells")]);
    assert_eq!(errors_of("k1,2026-12-25,,12000,주문,이름,,,,,,\n"), [], "blank cells at the end are Excel's");
    assert_eq!(errors_of("k1,2026-12-25,,12000,주문\n"), [], "and short rows are people's");
}

#[test]
fn duplicates_name_the_other_row() {
    let found = import(&format!(
        "{HEADER}\
         k1,2026-12-25,,1000,주문,김,,,\n\
         k1,2026-12-25,11:00,\"1,000원\",주문,이,,,\n\
         k1,2026-12-26,,1000,주문,,,,\n\
         k2,2026-12-25,,1000,주문,,,,aaaaaa\n\
         k2,2026-12-25,,1000,주문,,,,bbbbbb\n\
         k3,2026-12-25,,1000,주문,,,,aaaaaa\n\
         k2,2026-12-25,,1000,주문,,,,\n\
         k1,2026-12-25,,1000,주문,,,,cccccc\n"
    ));
    let duplicates: Vec<_> =
        found.errors.iter().map(|error| (error.line, error.column, error.what)).collect();
    let of = |line| RowProblem::Duplicate { line };
    assert_eq!(
        duplicates,
        [(3, None, of(2)), (7, Some(Column::PaymentId), of(5)), (8, None, of(5)), (9, None, of(2))]
    );
    assert_eq!(found.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 4, 5, 6]);
    // An id that a row has of its own, and that another would get.
    let made = found.rows[0].payment_id.to_string();
    let again = import(&format!("{HEADER}k9,2026-12-25,,1,a,,,,{made}\nk1,2026-12-25,,1000,주문,,,,\n"));
    assert_eq!(again.errors[0].what, of(2));
}

/// What makes a row's id is what it says of the charge, not where or how it says it.
#[test]
fn ids_follow_from_the_row() {
    let id = |scope: &str, text: &str| {
        let found = read(text.as_bytes(), &ImportContext { scope, ..context() }).unwrap();
        assert_eq!(errors(&found), []);
        found.rows[0].payment_id.to_string()
    };
    let first = id("store", "key,date,amount,order_name\nk1,2026-12-25,12000,주문\n");
    assert_eq!(
        first,
        derived_id(&["import", "store", "k1", "12000", "KRW", "주문"], "2026-12-25").to_string()
    );
    for same in [
        "주문명;금액;결제일;빌링키;이름\n\n주문;₩12,000;2026. 12. 25. 오후 3:00;k1;김\n",
        "key,date,amount,order_name,phone\n k1 ,20261225,1만2천, \u{110c}\u{116e}\u{1106}\u{116e}\u{11ab} ,010-1234-5678\n",
    ] {
        assert_eq!(id("store", same), first, "{same}");
    }
    let others: BTreeSet<String> = [
        ("test", "k1,2026-12-25,12000,주문"),
        ("store", "k2,2026-12-25,12000,주문"),
        ("store", "k1,2026-12-26,12000,주문"),
        ("store", "k1,2026-12-25,12001,주문"),
        ("store", "k1,2026-12-25,12000,주문2"),
    ]
    .into_iter()
    .map(|(scope, row)| id(scope, &format!("key,date,amount,order_name\n{row}\n")))
    .collect();
    assert_eq!((others.len(), others.contains(&first)), (5, false));
}

#[test]
fn files_that_cannot_be_read() {
    let wrong = |bytes: &[u8]| read(bytes, &context()).unwrap_err();
    assert_eq!(wrong(b""), FileError::Empty);
    assert_eq!(wrong("\u{feff} \r\n".as_bytes()), FileError::Empty);
    assert_eq!(wrong(b",,,\n,,\n"), FileError::Empty);
    assert_eq!(wrong(b"PK\x03\x04 and so on"), FileError::Workbook);
    assert_eq!(wrong(b"\xd0\xcf\x11\xe0\xa1\xb1"), FileError::Workbook);
    assert_eq!(wrong(b"\xff\xff\xff"), FileError::Encoding);
    assert_eq!(wrong("김민수,12000\n".as_bytes()), FileError::NoHeader);
    assert_eq!(
        wrong("금액,이름\n".as_bytes()),
        FileError::MissingColumns(vec![Column::Key, Column::Date, Column::OrderName])
    );
    assert_eq!(
        wrong("빌링키,금액,결제금액,결제일,주문명\n".as_bytes()),
        FileError::RepeatedColumn(Column::Amount)
    );
    let open = format!(
        "{HEADER}k1,2026-12-25,,1000,주문,,,,\n\nk2,2026-12-25,,1000,\"주문,,,,\nk3,2026-12-25,,1,a,,,,\n"
    );
    assert_eq!(wrong(open.as_bytes()), FileError::OpenQuote { line: 4 });
    assert_eq!(wrong(&vec![b'a'; MAX_BYTES + 1]), FileError::TooLarge);
    let rows = |count: usize| format!("{HEADER}{}", "k\n".repeat(count));
    assert_eq!(wrong(rows(MAX_ROWS + 1).as_bytes()), FileError::TooManyRows);
    assert_eq!(import(&rows(MAX_ROWS)).total, MAX_ROWS);
}

/// Two quotation marks that do not belong together swallow what stands between them; that is never silent.
#[test]
fn a_swallowed_row_is_told_in_columns_that_are_not_read_too() {
    let found = import(
        "key,date,amount,order_name,배송지\nk1,2026-12-25,1,a,\"서울\nk2,2026-12-25,1,b,부산\nk3,2026-12-25,1,c,대구\"\n",
    );
    assert_eq!((found.rows.len(), errors(&found)), (0, vec![(2, "", "control")]));
}

#[test]
fn lines_are_those_of_the_editor() {
    for end in ["\n", "\r\n", "\r"] {
        let text = [
            "",
            "key,date,amount,order_name",
            "",
            "k1,x,1,a",
            "k2,2026-12-25,\"x",
            "y\",b",
            ",,,",
            "k3,x,1,c",
            "",
        ];
        assert_eq!(
            errors(&import(&text.join(end))),
            [(4, "date", "not_a_date"), (5, "amount", "control"), (8, "date", "not_a_date")],
            "{end:?}"
        );
    }
}

/// 5,000 rows with 50 bad ones: exactly those are told, the rest is there, and a second reading is the same.
#[test]
fn five_thousand_rows_with_fifty_bad_ones() {
    let bad = |row: usize| row % 100 == 37;
    let mut text = "\u{feff}빌링키,결제일,금액,주문명,이름,전화\r\n".to_owned();
    for row in 0..5_000 {
        let day = 1 + row % 28;
        let (date, amount, phone) = match (bad(row), row / 100 % 5) {
            (true, 0) => ("2026-02-30".to_owned(), "9,900".to_owned(), "010-1234-5678"),
            (true, 1) => (format!("2026-12-{day:02}"), "공짜".to_owned(), "010-1234-5678"),
            (true, 2) => (format!("2025-12-{day:02}"), "9,900".to_owned(), "010-1234-5678"),
            (true, 3) => (format!("2026-12-{day:02}"), "9,900".to_owned(), "모름"),
            (true, _) => (String::new(), "0".to_owned(), "010-1234-5678"),
            (false, _) => (format!("2026-12-{day:02}"), format!("{},900", 1 + row % 9), "010-1234-5678"),
        };
        writeln!(text, "key-{row:05},{date},\"{amount}\",구독 {row}번,고객{row},{phone}\r").unwrap();
    }
    let found = read(&encoding_rs::EUC_KR.encode(text.trim_start_matches('\u{feff}')).0, &context()).unwrap();
    let wanted: BTreeSet<u32> =
        (0..5_000).filter(|row| bad(*row)).map(|row| u32::try_from(row).unwrap() + 2).collect();
    let told: BTreeSet<u32> = found.errors.iter().map(|error| error.line).collect();
    assert_eq!((wanted.len(), &told), (50, &wanted));
    assert_eq!(found.errors.len(), 60, "every fifth bad row has two errors");
    assert_eq!((found.rows.len(), found.total), (4_950, 5_000));
    let ids: BTreeSet<&str> = found.rows.iter().map(|row| row.payment_id.as_str()).collect();
    assert_eq!(ids.len(), 4_950);
    assert_eq!(import(&text).rows, found.rows, "as UTF-8, and once more");
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes, &context());
        let _ = read(&[HEADER.as_bytes(), &bytes].concat(), &context());
        let _ = read(&[&b"\xff\xfe"[..], &bytes].concat(), &context());
    }

    #[test]
    fn no_row_is_lost(rows in prop::collection::vec("[a0-9,\"\\-:년월일 \\r\\n₩.오전후]{0,40}", 0..8)) {
        let text = format!("{HEADER}{}", rows.join("\n"));
        if let Ok(found) = read(text.as_bytes(), &context()) {
            let told: BTreeSet<u32> = found.errors.iter().map(|error| error.line).collect();
            prop_assert_eq!(found.rows.len() + told.len(), found.total);
            prop_assert!(found.rows.iter().all(|row| !told.contains(&row.line) && row.at > context().now));
        }
    }

    #[test]
    fn what_a_program_writes_is_read(
        rows in prop::collection::vec(("[a-z0-9-]{9,48}", 0u32..3_000, 1u64..9_999_999, "[가-힣a-z,;\"' ]{0,20}끝"), 1..20),
        delimiter in prop::sample::select(vec![b',', b'\t', b';']),
    ) {
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
        writer.write_record(["빌링키", "결제일", "금액", "주문명", "주문번호"]).unwrap();
        let first = jiff::civil::date(2026, 11, 22);
        for (place, (key, days, amount, name)) in rows.iter().enumerate() {
            let date = first.checked_add(jiff::Span::new().days(i64::from(*days))).unwrap().to_string();
            let amount = Money::new(*amount, Currency::Krw).unwrap().to_string();
            writer.write_record([key, &date, &amount, name, &format!("order{place:05}")]).unwrap();
        }
        let found = read(&writer.into_inner().unwrap(), &context()).unwrap();
        prop_assert_eq!(errors(&found), []);
        prop_assert_eq!(found.rows.len(), rows.len());
        for (row, (key, days, amount, name)) in found.rows.iter().zip(&rows) {
            prop_assert_eq!(row.key.expose(), key);
            prop_assert_eq!(row.amount.minor(), *amount);
            prop_assert_eq!(&row.order_name, name.trim());
            let date = first.checked_add(jiff::Span::new().days(i64::from(*days))).unwrap();
            prop_assert_eq!(due::in_korea(row.at).date(), date);
        }
    }
}
