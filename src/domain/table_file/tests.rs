use proptest::prelude::*;

use super::*;
use crate::domain::money::Currency;

const COLUMNS: [Column; 5] = [
    Column { key: "id", ko: "주문번호", en: "Order id", kind: Kind::Text },
    Column { key: "phone", ko: "전화번호", en: "Phone", kind: Kind::Phone },
    Column { key: "amount", ko: "금액", en: "Amount", kind: Kind::Amount },
    Column { key: "months", ko: "할부", en: "Months", kind: Kind::Number },
    Column { key: "at", ko: "승인 시각", en: "Approved", kind: Kind::Time },
];

fn row(id: &str, phone: &str) -> Vec<Cell> {
    vec![
        Cell::text(Some(id)),
        Cell::text(Some(phone)),
        Cell::money(Money::new(45_000, Currency::Krw)),
        Cell::Number(0),
        Cell::seconds(Some(1_795_237_530)),
    ]
}

fn csv_of(rows: &[Vec<Cell>]) -> String {
    let mut file = CsvFile::new(Vec::new(), &COLUMNS, Headings::Ko).unwrap();
    for row in rows {
        file.row(row).unwrap();
    }
    String::from_utf8(file.finish().unwrap()).unwrap()
}

/// What a reader of the file gets, apostrophes off, without the headings.
fn read_back(file: &str) -> Vec<Vec<String>> {
    let text = file.strip_prefix('\u{feff}').expect("the byte order mark");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let row = |row: csv::Result<csv::StringRecord>| {
        row.unwrap().iter().map(|cell| plain(cell).to_owned()).collect()
    };
    reader.records().map(row).collect()
}

#[test]
fn a_file_as_it_is() {
    assert_eq!(
        csv_of(&[
            row("d7k\"q2, 한글", "01012345678"),
            vec![Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty]
        ]),
        "\u{feff}\"주문번호\",\"전화번호\",\"금액\",\"할부\",\"승인 시각\"\r\n\
         \"d7k\"\"q2, 한글\",\"010-1234-5678\",45000,0,\"2026-11-21 14:05:30\"\r\n\
         \"\",\"\",\"\",\"\",\"\"\r\n"
    );
}

#[test]
fn cents_are_written_with_their_point() {
    let mut cells = row("a", "");
    cells[2] = Cell::money(Money::new(1_205, Currency::Usd));
    assert_eq!(read_back(&csv_of(&[cells]))[0][2], "12.05");
}

#[test]
fn what_a_spreadsheet_would_run_or_rewrite_gets_an_apostrophe() {
    for text in [
        "=1+1",
        "+82-10",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        " =1",
        "＝1",
        "＋1",
        "－1",
        "＠a",
        "−1",
        "'a",
        "00123456",
        "0042",
        "007",
        "123456789012",
        "1234567890123456",
        "12e45",
        "1E5",
        "3-4",
        "12/05",
        "10:30",
        "2026-11-21",
        "1.50",
        "5월 3일",
        "2026년 11월 21일",
        "9시 30분",
        "mar 5",
        "5 March",
        "50%",
        "００１２",
        "12,345",
        "Dec 1",
    ] {
        assert!(safe(text).starts_with('\''), "{text}");
    }
    for text in [
        "",
        "45000",
        "4242",
        "0",
        "12345678901",
        "d7kq2m9",
        "김하늘",
        "8월 관리비",
        "정기구독 9월",
        "한화 이글스 3-4 좌석",
        "a=b",
        "신한카드",
        "010 아님",
        "9월분",
    ] {
        assert_eq!(safe(text), text);
    }
}

#[test]
fn phones_are_text_without_an_apostrophe() {
    for (typed, written) in [
        ("01012345678", "010-1234-5678"),
        ("010-1234-5678", "010-1234-5678"),
        ("0111234567", "011-123-4567"),
        ("0212345678", "02-1234-5678"),
        ("021234567", "02-123-4567"),
        ("0311234567", "031-123-4567"),
        // Not a Korean number: text like any other.
        ("15881234", "15881234"),
        ("+821012345678", "'+821012345678"),
        ("0101", "'0101"),
        ("", ""),
    ] {
        assert_eq!(csv_cell(&Cell::Text(typed.to_owned()), Kind::Phone), written, "{typed}");
    }
}

#[test]
fn json_lines_keep_text_and_order() {
    let mut file = JsonLines::new(Vec::new(), &COLUMNS);
    file.row(&row("=1\n00", "01012345678")).unwrap();
    file.row(&[Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty]).unwrap();
    assert_eq!(
        String::from_utf8(file.finish().unwrap()).unwrap(),
        "{\"id\":\"=1\\n00\",\"phone\":\"01012345678\",\"amount\":45000,\"months\":0,\"at\":\"2026-11-21T05:05:30Z\"}\n\
         {\"id\":null,\"phone\":null,\"amount\":null,\"months\":null,\"at\":null}\n"
    );
}

#[test]
fn a_row_of_another_length_is_refused() {
    let mut csv = CsvFile::new(Vec::new(), &COLUMNS, Headings::En).unwrap();
    assert_eq!(csv.row(&[Cell::Empty]).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    let mut json = JsonLines::new(Vec::new(), &COLUMNS);
    assert_eq!(json.row(&[Cell::Empty]).unwrap_err().kind(), io::ErrorKind::InvalidInput);
}

#[test]
fn columns_are_chosen_by_key() {
    let keys = |chosen: &str| {
        choose(&COLUMNS, chosen).map(|columns| columns.iter().map(|column| column.key).collect::<Vec<_>>())
    };
    assert_eq!(keys("amount, id"), Ok(vec!["amount", "id"]));
    assert_eq!(keys(" "), Ok(vec!["id", "phone", "amount", "months", "at"]));
    assert_eq!(keys("id,card"), Err(NoColumn("card".to_owned())));
}

proptest! {
    #[test]
    fn every_text_comes_back_and_no_cell_begins_like_a_formula(
        texts in prop::collection::vec("[=+@0-9'\"＝;,\\t -]{0,3}\\PC{0,12}|[0-9e.:/-]{0,18}", 1..4),
    ) {
        let rows: Vec<_> = texts.iter().map(|text| row(text, text)).collect();
        let file = csv_of(&rows);
        let read = read_back(&file);
        prop_assert_eq!(read.len(), texts.len());
        for (cells, text) in read.iter().zip(&texts) {
            let one_line: String = text.chars().map(|ch| if ch.is_control() { ' ' } else { ch }).collect();
            prop_assert_eq!(&cells[0], &one_line);
            let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
            prop_assert_eq!(digits(&cells[1]), digits(text));
        }
        let mut raw = csv::Reader::from_reader(file.trim_start_matches('\u{feff}').as_bytes());
        for cell in raw.records().flat_map(|record| record.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()) {
            prop_assert!(!cell.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r']), "{}", cell);
        }
    }

    #[test]
    fn json_comes_back_as_it_was(id in "\\PC{0,20}", phone in "\\PC{0,12}") {
        let mut file = JsonLines::new(Vec::new(), &COLUMNS);
        file.row(&row(&id, &phone)).unwrap();
        let line = String::from_utf8(file.finish().unwrap()).unwrap();
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        prop_assert_eq!(value["id"].as_str(), Some(id.as_str()));
        prop_assert_eq!(value["phone"].as_str(), Some(phone.as_str()));
        prop_assert_eq!(line.lines().count(), 1);
    }
}
