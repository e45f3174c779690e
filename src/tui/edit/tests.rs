use proptest::prelude::*;

use super::*;

fn typed(text: &str) -> Edit {
    let mut edit = Edit::new(100);
    for ch in text.chars() {
        edit.apply(Key::char(ch));
    }
    edit
}

fn press(edit: &mut Edit, code: Code) -> Changed {
    edit.apply(Key::plain(code))
}

#[test]
fn hangul_is_composed_and_taken_out_by_the_syllable() {
    let mut edit = typed("\u{1112}\u{1161}\u{11ab}글");
    assert_eq!(edit.text(), "한글");
    assert_eq!(press(&mut edit, Code::Backspace), Changed::Text);
    assert_eq!((edit.text(), edit.cursor()), ("한", 3));
    assert_eq!(press(&mut edit, Code::Home), Changed::Cursor);
    assert_eq!(press(&mut edit, Code::Home), Changed::Nothing);
    assert_eq!(press(&mut edit, Code::Backspace), Changed::Nothing);
    assert_eq!(press(&mut edit, Code::Delete), Changed::Text);
    assert!(edit.is_empty());
}

#[test]
fn words_go_as_a_whole() {
    let mut edit = typed("서울시 강남구  테헤란로");
    assert_eq!(edit.apply(Key::ctrl('w')), Changed::Text);
    assert_eq!(edit.text(), "서울시 강남구  ");
    edit.apply(Key::ctrl('w'));
    assert_eq!(edit.text(), "서울시 ");
    edit.apply(Key { code: Code::Left, mods: Mods { ctrl: true, ..Mods::NONE } });
    assert_eq!(edit.cursor(), 0);
    edit.apply(Key { code: Code::Right, mods: Mods { ctrl: true, ..Mods::NONE } });
    assert_eq!(edit.cursor(), "서울시".len());
    edit.apply(Key::ctrl('k'));
    assert_eq!(edit.text(), "서울시");
    edit.apply(Key::ctrl('u'));
    assert!(edit.is_empty());
}

#[test]
fn what_is_not_for_a_text_field_is_left_alone() {
    let mut edit = typed("가");
    for key in [Key::plain(Code::Enter), Key::plain(Code::F(9)), Key::ctrl('q'), Key::alt(Code::Char('x'))] {
        assert_eq!(edit.apply(key), Changed::Nothing);
    }
    assert_eq!(edit.apply(Key::char('\u{7}')), Changed::Refused(Refusal::Control));
    assert_eq!(edit.apply(Key::char('\u{202e}')), Changed::Refused(Refusal::Control));
    assert_eq!(edit.text(), "가");
}

#[test]
fn a_full_field_counts_composed_characters() {
    let mut edit = Edit::new(2);
    for ch in "\u{1112}\u{1161}\u{1100}\u{1173}".chars() {
        assert_eq!(edit.apply(Key::char(ch)), Changed::Text);
    }
    assert_eq!(edit.text(), "하그");
    assert_eq!(edit.apply(Key::char('x')), Changed::Refused(Refusal::TooLong));
    // A final consonant makes no new character.
    assert_eq!(edit.apply(Key::char('\u{11af}')), Changed::Text);
    assert_eq!(edit.text(), "하글");
}

#[test]
fn a_paste_is_one_line_and_stops_at_a_refusal() {
    let mut edit = Edit::new(9);
    assert_eq!(edit.set("\r\n홍길동\r\n\t귀하\n"), Changed::Text);
    assert_eq!(edit.text(), "홍길동 귀하");
    assert_eq!(edit.set("123456789와 나머지"), Changed::Refused(Refusal::TooLong));
    assert_eq!(edit.text(), "123456789");
    assert_eq!(edit.set("\u{1b}\u{7}"), Changed::Nothing);
}

/// A number with a fitting check digit, of any length; never a literal that a scanner would find.
fn with_check_digit(front: &str) -> String {
    let digit = (b'0'..=b'9').map(char::from).find(|digit| luhn_holds(&format!("{front}{digit}"))).unwrap();
    format!("{front}{digit}")
}

/// Luhn, written another way than the field's: doubled digits from the table.
fn luhn_holds(number: &str) -> bool {
    const DOUBLED: [u32; 10] = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
    let digits: Vec<usize> = number.bytes().rev().map(|byte| usize::from(byte - b'0')).collect();
    let plain: usize = digits.iter().step_by(2).sum();
    let doubled: u32 = digits.iter().skip(1).step_by(2).map(|digit| DOUBLED[*digit]).sum();
    (u32::try_from(plain).unwrap() + doubled).is_multiple_of(10)
}

#[test]
fn a_card_number_is_taken_out_again() {
    let number = with_check_digit("411122223333444");
    let mut edit = typed("메모 ");
    let last = number.chars().map(|ch| edit.apply(Key::char(ch))).last();
    assert_eq!(last, Some(Changed::Refused(Refusal::CardNumber)));
    assert_eq!(edit.text(), "메모 ");
    assert_eq!(edit.cursor(), edit.text().len());

    let groups = [&number[..4], &number[4..8], &number[8..12], &number[12..]].join("-");
    assert_eq!(edit.set(&format!("{groups} 홍길동")), Changed::Refused(Refusal::CardNumber));
    assert!(!edit.text().contains(|ch: char| ch.is_ascii_digit()), "{}", edit.text());

    // Two halves that meet when what stood between them goes.
    let mut edit = Edit::new(100);
    edit.set(&format!("{}x{}", &number[..8], &number[8..]));
    for _ in 0..8 {
        press(&mut edit, Code::Left);
    }
    assert_eq!(press(&mut edit, Code::Backspace), Changed::Refused(Refusal::CardNumber));
    assert!(edit.is_empty());
}

#[test]
fn telephone_numbers_and_dates_stay() {
    for text in ["010-1234-5678", "2026-11-21 14:05", "02-123-4567 / 010-1234-5678", "1,250,000원"] {
        assert_eq!(typed(text).text(), text);
    }
}

/// A field as a list of characters: what the real one must agree with, but for composition.
#[derive(Debug, Clone)]
enum Op {
    Type(char),
    Key(Code),
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    const CHARS: &[char] = &[
        '한', '글', 'a', ' ', '👩', '\u{200d}', '👧', '\u{301}', 'ㅎ', '\u{1112}', '\u{1161}', '\u{11ab}',
        '🇰', '🇷', '7',
    ];
    const CODES: &[Code] = &[Code::Left, Code::Right, Code::Home, Code::End, Code::Backspace, Code::Delete];
    let op = prop_oneof![
        3 => proptest::sample::select(CHARS).prop_map(Op::Type),
        2 => proptest::sample::select(CODES).prop_map(Op::Key),
    ];
    proptest::collection::vec(op, 0..40)
}

fn graphemes(text: &str) -> Vec<&str> {
    text.graphemes(true).collect()
}

proptest! {
    #[test]
    fn it_agrees_with_an_oracle(ops in ops()) {
        let mut edit = Edit::new(100);
        for op in ops {
            let (before, at) = (edit.text().to_owned(), edit.cursor());
            let place = graphemes(&before[..at]).len();
            let mut list = graphemes(&before);
            // What the text must be: the list changed at one place, then composed.
            let typed;
            match op {
                Op::Type(ch) => {
                    typed = ch.to_string();
                    list.insert(place, &typed);
                    edit.apply(Key::char(ch));
                }
                Op::Key(code) => {
                    match code {
                        Code::Backspace if place > 0 => { list.remove(place - 1); }
                        Code::Delete if place < list.len() => { list.remove(place); }
                        _ => {}
                    }
                    press(&mut edit, code);
                }
            }
            let wanted: String = list.concat().nfc().collect();
            prop_assert_eq!(edit.text(), &wanted);
            let boundaries: Vec<usize> =
                wanted.grapheme_indices(true).map(|(at, _)| at).chain([wanted.len()]).collect();
            prop_assert!(boundaries.contains(&edit.cursor()));
            // What stands right of the cursor never grows by typing or by taking out on the left.
            prop_assert!(wanted.len() - edit.cursor() <= before.len() - at || matches!(op, Op::Key(Code::Left | Code::Home)));
        }
    }

    #[test]
    fn plain_typing_in_the_middle_goes_where_the_cursor_is(left in "[가-힣a-z ]{0,8}", right in "[가-힣a-z ]{0,8}", ch in "[가-힣a-z]") {
        let mut edit = Edit::new(100);
        edit.set("x");
        edit.clear();
        for ch in left.chars().chain(right.chars()) {
            edit.apply(Key::char(ch));
        }
        for _ in right.chars() {
            press(&mut edit, Code::Left);
        }
        edit.apply(Key::char(ch.chars().next().unwrap()));
        prop_assert_eq!(edit.text(), format!("{left}{ch}{right}"));
        prop_assert_eq!(edit.cursor(), left.len() + ch.len());
        let (seen, column) = edit.view(6);
        prop_assert!(columns::width(seen) <= 6 && column < 6);
    }

    #[test]
    fn no_card_number_stays_whatever_its_length(front in "[0-9]{12,18}", around in "[가-힣]{0,3}") {
        let number = with_check_digit(&front);
        let mut edit = Edit::new(100);
        let changed = edit.set(&format!("{around}{number}"));
        prop_assert_eq!(changed, Changed::Refused(Refusal::CardNumber));
        prop_assert_eq!(edit.text(), around);
    }
}
