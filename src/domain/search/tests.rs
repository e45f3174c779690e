use proptest::prelude::*;

use super::hangul::{FINALS, INITIALS, initial, parts, syllable};
use super::*;

fn found(query: &str, texts: &[&str]) -> bool {
    Needle::new(query).matches(&index_text(texts))
}

#[test]
fn a_row_is_found_by_what_agents_type() {
    let row = [
        "d7kq2m9",
        "정기구독 9월",
        "김하늘",
        "010-1234-5678",
        "00123456",
        "4242",
        "신한카드",
        "45000",
        "Rental",
    ];
    for query in [
        "",
        "김하늘",
        "하늘",
        "김",
        "ㄱㅎㄴ",
        "ㅎㄴ",
        "ㄱ",
        "김ㅎ",
        "김ㅎㄴ",
        "김하ㄴ",
        "김하",
        "김한",
        "김하느",
        "하느",
        "기",
        "010-1234-5678",
        "01012345678",
        "1234-56",
        "010 1234",
        "123456",
        "00123",
        "4242",
        "신한",
        "ㅅㅎㅋㄷ",
        "신한카",
        "45,000",
        "45,000원",
        "₩45000",
        "45000",
        "RENTAL",
        "rent",
        "ｒｅｎｔ",
        "４５０００",
        "정기 하늘",
        "하늘 정기",
        "ㅈㄱㄱㄷ 9",
        "구독 9월",
        "D7KQ",
        "ㄱㅎㄴ 4242",
        "정기 구독",
    ] {
        assert!(found(query, &row), "{query}");
    }
    for query in [
        "김하늘이",
        "늘하",
        "ㄱㄴㅎ",
        "ㄲㅎㄴ",
        "김ㄴ",
        "김하ㄷ",
        "김할느",
        "김핟",
        "010-1234-5679",
        "46,000",
        "정기 박",
        "하늘ㄱ",
        "ㅎ하",
        "5678 9",
        "\u{1f}",
    ] {
        // A query of separators alone is an empty one.
        assert_eq!(found(query, &row), query == "\u{1f}", "{query}");
    }
}

#[test]
fn every_state_of_the_input_method_on_the_way_finds_the_name() {
    // What a two-set input method shows while each name is typed, key by key.
    for (name, states) in [
        ("김하늘", &["ㄱ", "기", "김", "김ㅎ", "김하", "김한", "김하느", "김하늘"][..]),
        ("과일", &["ㄱ", "고", "과", "광", "과이", "과일"]),
        ("닭갈비", &["ㄷ", "다", "달", "닭", "닭ㄱ", "닭가", "닭갈", "닭갋", "닭갈비"]),
        ("값싼", &["ㄱ", "가", "갑", "값", "값ㅆ", "값싸", "값싼"]),
        ("의자", &["ㅇ", "으", "의", "읮", "의자"]),
        ("웨딩", &["ㅇ", "우", "웨", "웯", "웨디", "웨딩"]),
        ("까치", &["ㄲ", "까", "깣", "까치"]),
    ] {
        for state in states {
            assert!(found(state, &[name]), "{state} on the way to {name}");
            assert!(found(&format!("예약 {state}"), &["예약 확인", name]), "{state} behind another word");
        }
    }
    // Words before the last are finished.
    assert!(!found("김한 예약", &["김하늘 예약"]));
    assert!(!found("가", &["까치"]));
}

#[test]
fn decomposed_text_and_clusters_are_the_same_text() {
    assert!(found("\u{1112}\u{1161}\u{11ab}국", &["한국"]));
    assert!(found("한국", &["\u{1112}\u{1161}\u{11ab}\u{1100}\u{116e}\u{11a8}"]));
    assert!(found("ㄳ", &["감사"]), "an input method may join ㄱ and ㅅ");
    assert!(!found("ㄳ", &["가다"]));
    assert!(found("ㅋㅋ", &["ㅋㅋ 선물"]));
    assert!(found("ㅋㅋㅅㅁ", &["ㅋㅋ선물"]));
}

#[test]
fn phones_are_found_with_the_country_in_front() {
    assert!(found("010-1234-5678", &["+82 10-1234-5678"]));
    assert!(found("+82 10-1234", &["+82-10-1234-5678"]));
    assert!(!found("010-1234-5678", &["82 10-1234-5679"]));
}

#[test]
fn texts_do_not_run_into_each_other() {
    assert!(!found("하늘박", &["김하늘", "박서연"]));
    assert!(!found("ㄴㅂ", &["김하늘", "박서연"]));
    assert!(!found("56784", &["010-1234-5678", "4242"]));
    assert_eq!(index_text(["", " ", "김 하늘"]), "김 하늘\u{1f}ㄱ ㅎㄴ");
    assert_eq!(index_text(["010-1234"]), "010-1234\u{1f}0101234");
    assert_eq!(index_text(["a\u{1f}b\u{0}c"]), "a b c");
}

/// The long way round: whether one text matches a query of one word, a character at a time.
fn slowly(word: &str, text: &str) -> bool {
    let (word, text): (Vec<char>, Vec<char>) = (word.chars().collect(), text.chars().collect());
    text.windows(word.len()).any(|window| {
        window
            .iter()
            .zip(&word)
            .all(|(ch, typed)| ch == typed || (INITIALS.contains(typed) && initial(*ch) == Some(*typed)))
    })
}

/// The keys of a syllable on a two-set keyboard; of anything else, itself.
fn keys(ch: char) -> Vec<char> {
    const VOWELS: [&str; 21] = [
        "ㅏ", "ㅐ", "ㅑ", "ㅒ", "ㅓ", "ㅔ", "ㅕ", "ㅖ", "ㅗ", "ㅗㅏ", "ㅗㅐ", "ㅗㅣ", "ㅛ", "ㅜ", "ㅜㅓ",
        "ㅜㅔ", "ㅜㅣ", "ㅠ", "ㅡ", "ㅡㅣ", "ㅣ",
    ];
    let Some((initial, vowel, last)) = parts(ch) else { return vec![ch] };
    let vowel = VOWELS[vowel as usize];
    INITIALS[initial..=initial].iter().copied().chain(vowel.chars()).chain(FINALS[last].chars()).collect()
}

/// The meaning of a query in the plainest words: what each of its words is found in, key by key.
fn meant(query: &str, texts: &[&str]) -> bool {
    let one_line = |text: &str| text.nfc().collect::<String>().to_lowercase();
    let texts: Vec<String> = texts.iter().map(|text| one_line(text)).collect();
    let words: Vec<String> = one_line(query).split_whitespace().map(str::to_owned).collect();
    let fits =
        |typed: char, ch: char| typed == ch || (INITIALS.contains(&typed) && initial(ch) == Some(typed));
    let stands = |text: &str, typed: &[char], open: bool| {
        let text: Vec<char> = text.chars().collect();
        let (last, before) = typed.split_last().unwrap();
        (0..text.len()).any(|from| {
            let Some(window) = text.get(from..from + typed.len()) else { return false };
            before.iter().zip(window).all(|(typed, ch)| fits(*typed, *ch)) && {
                let (ch, typed) = (window[typed.len() - 1], keys(*last));
                if !open || typed.len() == 1 {
                    return fits(*last, ch);
                }
                let moved = typed.split_last().and_then(|(moved, kept)| {
                    let next = text.get(from + before.len() + 1)?;
                    // A vowel is no consonant that could move.
                    (keys(ch) == kept && INITIALS.contains(moved)).then_some(fits(*moved, *next))
                });
                keys(ch).starts_with(&typed) || moved == Some(true)
            }
        })
    };
    words.iter().enumerate().all(|(at, word)| {
        let typed: Vec<char> = word.chars().collect();
        texts.iter().any(|text| stands(text, &typed, at + 1 == words.len()))
    })
}

/// Rows as they are kept together.
fn together(rows: &[Prepared], part: Part) -> Vec<u8> {
    rows.iter().flat_map(|row| row.part(part).bytes().chain([ROW_END])).collect()
}

#[test]
fn the_last_of_the_rows_that_are_looked_through_together_is_found() {
    let mut rows = vec![Prepared::default(); ROWS + 1];
    rows[0].set(["김"]);
    rows[ROWS - 1].set(["김하늘", "ord-1"]);
    // One more than there may be has no bit to be told by.
    rows[ROWS].set(["김하늘", "ord-1"]);
    let last = 1 << (ROWS - 1);
    for (query, part, expected) in [
        ("김", Part::Letters, 1 | last),
        ("김ㅎ", Part::Letters, last),
        ("ㄱㅎㄴ", Part::Initials, last),
        ("ORD", Part::Plain, last),
        ("ord", Part::Letters, 0),
        ("없음", Part::Letters, 0),
    ] {
        let needle = Needle::new(query);
        let [term] = needle.terms() else { panic!("{query}") };
        assert!(term.looks_in(part), "{query}");
        assert_eq!(term.rows(part, &together(&rows, part)), expected, "{query}");
    }
    assert!(!Needle::new("김").terms()[0].looks_in(Part::Plain));
    assert!(!Needle::new("ㄱ").terms()[0].looks_in(Part::Letters));
}

proptest! {
    #[test]
    fn what_is_found_is_what_was_meant(
        query in "[가나감과괔고광까꽈닭달다값가갑ㄱㄲㄴㅅㅏa ]{1,4}",
        texts in prop::collection::vec("[가나감과괔고괘광까꽈닭달닥다값갃가갑ㄱㄲㄴㅏaA]{1,6}", 1..4),
    ) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        prop_assert_eq!(found(&query, &texts), meant(&query, &texts), "{} in {:?}", query, texts);
    }

    #[test]
    fn rows_that_are_kept_together_are_found_each_for_itself(
        query in "[가각까나고과ㄱㄴㅏa01 ₩-]{1,4}",
        rows in prop::collection::vec(
            prop::collection::vec("[가각간까나고과광ㄱㄴㄳㅏaA01 ₩,원-]{0,5}|[\\PC]{0,3}", 0..4),
            0..8,
        ),
    ) {
        let texts = |row: &Vec<String>| index_text(row);
        let prepared: Vec<Prepared> = rows
            .iter()
            .map(|row| {
                let mut prepared = Prepared::default();
                prepared.set(row);
                prepared
            })
            .collect();
        let needle = Needle::new(&query);
        let of_term = |term: &Term| {
            let parts = Part::ALL.into_iter().filter(|part| term.looks_in(*part));
            parts.fold(0, |found, part| found | term.rows(part, &together(&prepared, part)))
        };
        let together = needle.terms().iter().map(of_term).fold(u128::MAX, |all, found| all & found);
        for (place, row) in rows.iter().enumerate() {
            prop_assert_eq!(needle.matches(&texts(row)), together >> place & 1 == 1, "{} in {:?}", query, row);
        }
    }

    #[test]
    fn any_part_of_any_text_is_found(
        texts in prop::collection::vec("[가-힣a-zA-Z0-9 .-]{1,12}", 1..5),
        which in any::<prop::sample::Index>(),
        from in any::<prop::sample::Index>(),
        len in 1usize..8,
    ) {
        let chars: Vec<char> = texts[which.index(texts.len())].chars().collect();
        let from = from.index(chars.len());
        let part: String = chars[from..].iter().take(len).collect();
        let row: Vec<&str> = texts.iter().map(String::as_str).collect();
        prop_assert!(found(&part, &row), "{} in {:?}", part, texts);
    }

    #[test]
    fn initials_of_any_part_are_found(text in "[가-힣]{1,10}", from in any::<prop::sample::Index>(), mask in any::<u16>()) {
        let chars: Vec<char> = text.chars().collect();
        let from = from.index(chars.len());
        let query: String = chars[from..]
            .iter()
            .enumerate()
            .map(|(at, ch)| if mask >> at & 1 == 1 { initial(*ch).unwrap() } else { *ch })
            .collect();
        prop_assert!(found(&query, &[&text]), "{} in {}", query, text);
    }

    #[test]
    fn nothing_is_found_that_the_long_way_does_not_find(
        word in "[가나다까ㄱㄴㄲ]{1,4}",
        text in "[가나다까간]{1,6}",
    ) {
        // A finished word: another one stands behind it.
        let both = found(&format!("{word} z"), &[&text, "z"]);
        prop_assert_eq!(both, slowly(&word, &text), "{} in {}", word, text);
    }

    #[test]
    fn an_unfinished_syllable_finds_what_begins_with_it(ch in prop::char::range('가', '힣'), text in "[가-힣]{0,3}") {
        let (initial, vowel, _) = parts(ch).unwrap();
        let open = syllable(initial, vowel, 0).unwrap();
        let row = format!("{text}{ch}");
        let query = format!("{text}{open}");
        prop_assert!(found(&query, &[&row]));
    }

    #[test]
    fn any_query_and_any_text_are_taken(query in "\\PC{0,20}", text in "\\PC{0,40}") {
        let _ = found(&query, &[&text]);
        prop_assert!(!index_text([text]).contains(|ch: char| ch.is_control() && ch != SEPARATOR));
    }

    #[test]
    fn digits_are_found_however_they_are_grouped(number in "[1-9][0-9]{3,9}", cut in 1usize..4) {
        let (head, tail) = number.split_at(cut);
        let grouped = format!("{head}-{tail}");
        prop_assert!(found(&number, &[&grouped]));
        prop_assert!(found(&grouped, &[&number]));
    }
}
