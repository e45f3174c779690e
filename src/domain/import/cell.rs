//! What stands in a cell: dates, times, amounts and the rest, as spreadsheets and people write them. Strict
//! where a guess would move money: a date needs its year, a comma in an amount its three digits.

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};

use super::RowProblem;
use crate::domain::billing_key::BillingKey;
use crate::domain::due;
use crate::domain::money::{AmountError, Currency, Money};
use crate::domain::text::SafeText;

/// The longest cell, in characters.
const MAX_CHARS: usize = 500;

/// How much of a cell an error shows, in characters.
const SHOWN: usize = 24;

/// A cell's text: one line, NFC, nothing invisible, without the marks that keep spreadsheets from reading it as
/// a number or a formula.
pub(super) fn clean(raw: &str) -> Result<String, RowProblem> {
    let raw = raw.trim();
    if raw.chars().any(|ch| ch.is_control() && ch != '\t') {
        return Err(RowProblem::Control);
    }
    if raw.chars().count() > MAX_CHARS {
        return Err(RowProblem::TooLong);
    }
    let text = SafeText::new(raw);
    let text = text.as_str();
    // `="0101234567"` keeps its zero; `'=…` is shown as it is, and is how this program's own exports are safe.
    let text = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    let text = text.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@'])).unwrap_or(text);
    Ok(text.trim().to_owned())
}

/// A cell in an error.
pub(super) fn shortened(raw: &str) -> SafeText {
    let safe = SafeText::message(raw);
    let mut shown: String = safe.as_str().chars().take(SHOWN).collect();
    if safe.as_str().chars().count() > SHOWN {
        shown.push('…');
    }
    SafeText::new(&shown)
}

/// The end of what stands where a billing key should.
pub(super) fn key_end(raw: &str) -> SafeText {
    let safe = SafeText::message(raw);
    let end = match BillingKey::parse(safe.as_str()) {
        Ok(key) => key.shortened(),
        Err(_) if safe.as_str().chars().count() <= 8 => safe.as_str().to_owned(),
        Err(_) => {
            let skip = safe.as_str().chars().count() - 6;
            format!("…{}", safe.as_str().chars().skip(skip).collect::<String>())
        }
    };
    SafeText::new(&end)
}

/// A date, with its time if one stands behind it: `2026-12-25`, `2026/12/25`, `2026. 12. 25.`, `20261225`,
/// `2026년 12월 25일 금요일`, `2026-12-25 10:00`, `2026-12-25 오후 3:30`, and whole moments with their offset
/// (`2026-12-25T01:00:00Z`), which become Korea's.
pub(super) fn date(text: &str) -> Result<(Date, Option<Time>), RowProblem> {
    if text.contains(['T', 't'])
        && let Ok(moment) = text.parse::<Timestamp>()
    {
        let moment = due::in_korea(moment);
        return Ok((moment.date(), Some(moment.time())));
    }
    let text = due::plain(text);
    let mut scan = Scan(&text);
    let first = scan.digits();
    let (year, month, day) = match first.len() {
        8 => (&first[..4], &first[4..6], &first[6..]),
        4 => {
            scan.mark(&["-", "/", ".", "년"]).ok_or(RowProblem::NotADate)?;
            let month = scan.digits();
            scan.mark(&["-", "/", ".", "월"]).ok_or(RowProblem::NotADate)?;
            let day = scan.digits();
            let _optional = scan.mark(&[".", "일"]);
            (first, month, day)
        }
        1 | 2 => return Err(if without_year(&text) { RowProblem::NoYear } else { RowProblem::NotADate }),
        _ => return Err(RowProblem::NotADate),
    };
    let part = |text: &str| due::number(text, 2).and_then(due::narrow).map_err(|_| RowProblem::NotADate);
    let year = due::number(year, 4).and_then(due::narrow).map_err(|_| RowProblem::NotADate)?;
    let date = Date::new(year, part(month)?, part(day)?).map_err(|_| RowProblem::NotADate)?;
    let rest = scan.0.trim_start();
    let rest = behind_weekday(rest, date.weekday()).ok_or(RowProblem::NotADate)?;
    match rest.strip_prefix('t').unwrap_or(rest).trim() {
        "" if rest.is_empty() => Ok((date, None)),
        rest => Ok((date, Some(time(rest)?))),
    }
}

/// `12/25`, `12월 25일`, with or without a time.
fn without_year(text: &str) -> bool {
    let mut scan = Scan(text);
    let month = scan.digits();
    let marked = scan.mark(&["-", "/", ".", "월"]).is_some();
    let day = scan.digits();
    let _optional = scan.mark(&["일", "."]);
    let ends = scan.0.is_empty() || scan.0.starts_with(' ');
    marked && (1..=2).contains(&month.len()) && (1..=2).contains(&day.len()) && ends
}

/// What follows a weekday, if one stands there; `None` when it is another than the date's.
fn behind_weekday(text: &str, weekday: Weekday) -> Option<&str> {
    const DAYS: [&str; 7] = ["월", "화", "수", "목", "금", "토", "일"];
    let at = usize::try_from(weekday.to_monday_zero_offset()).ok()?;
    let named = |text: &str| {
        let inner = text.strip_prefix('(').unwrap_or(text);
        let name = DAYS.iter().position(|day| inner.starts_with(day))?;
        let rest = &inner[DAYS[name].len()..];
        let rest = rest.strip_prefix("요일").map_or_else(|| text.starts_with('(').then_some(rest), Some)?;
        let rest = if text.starts_with('(') { rest.strip_prefix(')')? } else { rest };
        Some((name, rest.len()))
    };
    match named(text) {
        Some((name, left)) if name == at => Some(text[text.len() - left..].trim_start()),
        Some(_) => None,
        None => Some(text),
    }
}

/// A time of day: `10:00`, `10:00:00`, `오전 10:00`, `오후 3:30`, `3:30 pm`, `10시`, `10시 30분`.
pub(super) fn time(text: &str) -> Result<Time, RowProblem> {
    let text = due::plain(text);
    let (half, clock) = match text.as_str() {
        text if text.starts_with("오전") => (Some(false), text.trim_start_matches("오전")),
        text if text.starts_with("오후") => (Some(true), text.trim_start_matches("오후")),
        text if text.ends_with("am") => (Some(false), text.trim_end_matches("am")),
        text if text.ends_with("pm") => (Some(true), text.trim_end_matches("pm")),
        text => (None, text),
    };
    let mut scan = Scan(clock.trim());
    let hour = scan.digits();
    let (minute, second) = if scan.mark(&[":"]).is_some() {
        let minute = scan.digits();
        (minute, if scan.mark(&[":"]).is_some() { scan.digits() } else { "0" })
    } else if scan.mark(&["시"]).is_some() {
        let minute = scan.digits();
        if !minute.is_empty() {
            scan.mark(&["분"]).ok_or(RowProblem::NotATime)?;
        }
        (if minute.is_empty() { "0" } else { minute }, "0")
    } else {
        return Err(RowProblem::NotATime);
    };
    if !scan.0.is_empty() {
        return Err(RowProblem::NotATime);
    }
    let part =
        |text: &str| due::number(text, 2).and_then(due::narrow::<i8>).map_err(|_| RowProblem::NotATime);
    let hour = match (half, part(hour)?) {
        (None, hour) => hour,
        (Some(_), 0 | 13..) => return Err(RowProblem::NotATime),
        (Some(false), hour) => hour % 12,
        (Some(true), hour) => hour % 12 + 12,
    };
    Time::new(hour, part(minute)?, part(second)?, 0).map_err(|_| RowProblem::NotATime)
}

/// The rest of a text that is read from its beginning.
struct Scan<'a>(&'a str);

impl<'a> Scan<'a> {
    /// The digits that stand here, maybe none.
    fn digits(&mut self) -> &'a str {
        let end = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at(end);
        self.0 = rest;
        digits
    }

    /// One of these marks, with a blank behind it if there is one and a digit follows.
    fn mark(&mut self, marks: &[&str]) -> Option<()> {
        let rest = marks.iter().find_map(|mark| self.0.strip_prefix(mark))?;
        let tight = rest.trim_start();
        self.0 = if tight.starts_with(|ch: char| ch.is_ascii_digit()) { tight } else { rest };
        Some(())
    }
}

/// An amount: `12000`, `12,000`, `₩12,000`, `12,000원`, `\12,000` (how CP949 writes the won), `KRW 12,000`.
pub(super) fn amount(text: &str, currency: Currency) -> Result<Money, RowProblem> {
    let upper = text.to_ascii_uppercase();
    let bare = upper.strip_prefix(currency.code()).or_else(|| upper.strip_suffix(currency.code()));
    let bare = bare.unwrap_or(&upper).trim();
    let bare = bare.strip_prefix('\\').unwrap_or(bare);
    // "12,00" and "12.000" are slips, or another country's way to write; neither is to be guessed at.
    let whole = bare.split('.').next().unwrap_or_default();
    let groups: Vec<String> =
        whole.split(',').map(|group| group.chars().filter(char::is_ascii_digit).collect()).collect();
    let grouped = match groups.split_first() {
        Some((head, tail)) if !tail.is_empty() => {
            (1..=3).contains(&head.len()) && tail.iter().all(|group| group.len() == 3)
        }
        _ => true,
    };
    let fraction = bare
        .split_once('.')
        .map_or(0, |(_, fraction)| fraction.bytes().take_while(u8::is_ascii_digit).count());
    if !grouped || fraction > 2 {
        return Err(RowProblem::NotAnAmount);
    }
    Money::parse_typed(bare, currency).map_err(|error| match error {
        AmountError::Empty | AmountError::NotANumber => RowProblem::NotAnAmount,
        AmountError::Fraction => RowProblem::Fraction,
        AmountError::TooLarge => RowProblem::TooLarge,
    })
}

/// A phone number; the zero that a spreadsheet took from a mobile number is put back.
pub(super) fn phone(text: &str) -> Result<String, RowProblem> {
    let text: String = due::plain(text);
    let plausible =
        text.chars().all(|ch| ch.is_ascii_digit() || matches!(ch, '-' | '+' | ' ' | '(' | ')' | '.'));
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if !plausible || !(7..=15).contains(&digits) {
        return Err(RowProblem::NotAPhone);
    }
    // No Korean number begins with 10: it is 010 read as a number.
    let cut = digits == 10 && text.len() == 10 && text.starts_with("10");
    Ok(if cut { format!("0{text}") } else { text })
}

/// An e-mail address, as far as one can see.
pub(super) fn email(text: &str) -> Result<String, RowProblem> {
    let (name, host) = text.split_once('@').unwrap_or_default();
    let plausible = !name.is_empty()
        && host.contains('.')
        && !host.starts_with('.')
        && !host.ends_with('.')
        && !host.contains('@')
        && !text.contains(char::is_whitespace);
    if plausible { Ok(text.to_owned()) } else { Err(RowProblem::NotAnEmail) }
}

/// Months of an instalment plan: `3`, `3개월`, `일시불` and `0` for lump sum. What a PG offers is its own rule.
pub(super) fn months(text: &str) -> Result<u8, RowProblem> {
    let text = due::plain(text);
    if text == "일시불" {
        return Ok(0);
    }
    let count = text.strip_suffix("개월").unwrap_or(&text).trim_end();
    match due::number(count, 2) {
        Ok(1) | Err(_) => Err(RowProblem::NotMonths),
        Ok(months) => u8::try_from(months).map_err(|_| RowProblem::NotMonths),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn when(text: &str) -> String {
        match date(text) {
            Ok((date, None)) => date.to_string(),
            Ok((date, Some(time))) => format!("{date} {time}"),
            Err(what) => what.word().to_owned(),
        }
    }

    #[test]
    fn dates() {
        for (typed, meant) in [
            ("2026-12-25", "2026-12-25"),
            ("2026-1-5", "2026-01-05"),
            ("2026/12/25", "2026-12-25"),
            ("2026.12.25", "2026-12-25"),
            ("2026. 12. 25.", "2026-12-25"),
            ("20261225", "2026-12-25"),
            ("2026년 12월 25일", "2026-12-25"),
            ("2026년12월25일 금요일", "2026-12-25"),
            ("2026-12-25(금)", "2026-12-25"),
            ("2026-12-25 (금) 10:00", "2026-12-25 10:00:00"),
            ("2026-12-25(토)", "not_a_date"),
            ("2026-12-25 10:00", "2026-12-25 10:00:00"),
            ("2026-12-25 10:00:30", "2026-12-25 10:00:30"),
            ("2026. 12. 25. 오전 10:00:00", "2026-12-25 10:00:00"),
            ("2026-12-25 오후 3시 30분", "2026-12-25 15:30:00"),
            ("20261225 10:00", "2026-12-25 10:00:00"),
            ("2026-12-25T10:00:00", "2026-12-25 10:00:00"),
            ("2026-12-25T10:00:00+09:00", "2026-12-25 10:00:00"),
            ("2026-12-24T16:00:00Z", "2026-12-25 01:00:00"),
            ("12/25", "no_year"),
            ("12월 25일", "no_year"),
            ("12-25 10:00", "no_year"),
            ("12/25/2026", "not_a_date"),
            ("26-12-25", "not_a_date"),
            ("2026-02-30", "not_a_date"),
            ("2026-12", "not_a_date"),
            ("46381", "not_a_date"),
            ("25", "not_a_date"),
            ("내일", "not_a_date"),
            ("2026-12-25 25:00", "not_a_time"),
            ("2026-12-25T", "not_a_time"),
            ("2026-12-25 x", "not_a_time"),
        ] {
            assert_eq!(when(typed), meant, "{typed}");
        }
    }

    #[test]
    fn times() {
        for (typed, meant) in [
            ("10:00", Some((10, 0))),
            ("9:05", Some((9, 5))),
            ("10시", Some((10, 0))),
            ("10시 30분", Some((10, 30))),
            ("오전 12:10", Some((0, 10))),
            ("오후 12:10", Some((12, 10))),
            ("오후 3:30", Some((15, 30))),
            ("3:30 PM", Some((15, 30))),
            ("12am", None),
            ("12:00am", Some((0, 0))),
            ("오후 15:00", None),
            ("오전 0:00", None),
            ("24:00", None),
            ("1000", None),
            ("10:", None),
            ("10시 30", None),
            ("", None),
        ] {
            let meant = meant.and_then(|(hour, minute)| Time::new(hour, minute, 0, 0).ok());
            assert_eq!(time(typed).ok(), meant, "{typed}");
        }
    }

    #[test]
    fn amounts() {
        for (typed, meant) in [
            ("12000", Ok(12_000)),
            ("12,000", Ok(12_000)),
            ("1,234,567", Ok(1_234_567)),
            ("₩12,000", Ok(12_000)),
            ("￦12,000", Ok(12_000)),
            ("\\12,000", Ok(12_000)),
            ("12000원", Ok(12_000)),
            ("12,000 원", Ok(12_000)),
            ("KRW 12,000", Ok(12_000)),
            ("12,000krw", Ok(12_000)),
            ("12000.00", Ok(12_000)),
            ("1만2천", Ok(12_000)),
            ("0", Ok(0)),
            ("12,00", Err(RowProblem::NotAnAmount)),
            (",000", Err(RowProblem::NotAnAmount)),
            ("12.000", Err(RowProblem::NotAnAmount)),
            ("1.2E+04", Err(RowProblem::NotAnAmount)),
            ("-12000", Err(RowProblem::NotAnAmount)),
            ("(12,000)", Err(RowProblem::NotAnAmount)),
            ("무료", Err(RowProblem::NotAnAmount)),
            ("12000.5", Err(RowProblem::Fraction)),
            ("999999999999", Err(RowProblem::TooLarge)),
        ] {
            assert_eq!(amount(typed, Currency::Krw).map(Money::minor), meant, "{typed}");
        }
        assert_eq!(amount("$1,234.56", Currency::Usd).map(Money::minor), Ok(123_456));
        assert_eq!(amount("USD 12", Currency::Usd).map(Money::minor), Ok(1_200));
    }

    #[test]
    fn phones_mails_and_months() {
        assert_eq!(phone("1012345678").as_deref(), Ok("01012345678"), "a spreadsheet took the zero");
        assert_eq!(phone("010-1234-5678").as_deref(), Ok("010-1234-5678"));
        assert_eq!(phone("+82 10 1234 5678").as_deref(), Ok("+82 10 1234 5678"));
        assert_eq!(phone("1588-1234").as_deref(), Ok("1588-1234"));
        for bad in ["1.01235E+09", "없음", "123", "1234567890123456"] {
            assert_eq!(phone(bad), Err(RowProblem::NotAPhone), "{bad}");
        }
        assert!(email("kim@example.com").is_ok());
        for bad in
            ["kim", "kim@", "@example.com", "kim@example", "kim@a.b@c.d", "k im@example.com", "kim@example."]
        {
            assert_eq!(email(bad), Err(RowProblem::NotAnEmail), "{bad}");
        }
        for (typed, meant) in
            [("3", Some(3)), ("3개월", Some(3)), ("일시불", Some(0)), ("0", Some(0)), ("12 개월", Some(12))]
        {
            assert_eq!(months(typed).ok(), meant, "{typed}");
        }
        for bad in ["1", "-3", "세달", "300"] {
            assert_eq!(months(bad), Err(RowProblem::NotMonths), "{bad}");
        }
    }

    #[test]
    fn cells_lose_their_marks_and_nothing_else() {
        for (raw, meant) in [
            ("=\"01012345678\"", "01012345678"),
            ("'+82 10 1234 5678", "+82 10 1234 5678"),
            ("'tis", "'tis"),
            (" \u{feff}홍길동\u{a0}", "홍길동"),
            ("\u{3000}", ""),
            ("a\tb", "a b"),
        ] {
            assert_eq!(clean(raw).as_deref(), Ok(meant), "{raw:?}");
        }
        assert_eq!(clean("a\nb"), Err(RowProblem::Control));
        assert_eq!(clean("\u{1b}[2J"), Err(RowProblem::Control));
        assert_eq!(clean(&"가".repeat(501)), Err(RowProblem::TooLong));
    }

    #[test]
    fn errors_show_no_key_and_no_card_number() {
        assert_eq!(key_end("billing-key-0195a1c2-5b7d").as_str(), "…2-5b7d");
        assert_eq!(key_end("billing key 0195a1c2 5b7d").as_str(), "…2 5b7d");
        assert_eq!(key_end("4242 4242 4242 4242").as_str(), "…* 4242");
        assert_eq!(shortened("4242424242424242").as_str(), "424242******4242");
        assert_eq!(shortened(&"가".repeat(25)).as_str(), format!("{}…", "가".repeat(24)));
    }
}
