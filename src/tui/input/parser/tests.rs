use proptest::prelude::*;

use super::*;

fn tokens(bytes: &[u8]) -> Vec<Token> {
    let mut parser = Parser::new();
    bytes.iter().flat_map(|byte| parser.feed(*byte)).collect()
}

fn keys(bytes: &[u8]) -> Vec<Key> {
    let mut parser = Parser::new();
    let mut out: Vec<Token> = bytes.iter().flat_map(|byte| parser.feed(*byte)).collect();
    out.extend(parser.flush());
    out.into_iter()
        .map(|token| match token {
            Token::Key(key) => key,
            other => panic!("{other:?} is no key"),
        })
        .collect()
}

fn plain(code: Code) -> Key {
    Key::plain(code)
}

#[test]
fn a_bare_esc_waits_for_the_timer_and_a_split_arrow_is_an_arrow() {
    let mut parser = Parser::new();
    assert_eq!(parser.feed(0x1b).count(), 0);
    assert!(parser.waiting());
    assert_eq!(parser.flush().collect::<Vec<_>>(), [Token::Key(plain(Code::Esc))]);
    assert!(!parser.waiting());
    assert_eq!(parser.flush().count(), 0);
    for byte in *b"\x1b[" {
        assert_eq!(parser.feed(byte).count(), 0);
        assert!(parser.waiting());
    }
    assert_eq!(parser.feed(b'B').collect::<Vec<_>>(), [Token::Key(plain(Code::Down))]);
}

#[test]
fn what_a_timer_leaves_of_a_sequence() {
    assert_eq!(keys(b"\x1b["), [Key::alt(Code::Char('['))]);
    assert_eq!(keys(b"\x1bO"), [Key::alt(Code::Char('O'))]);
    assert_eq!(keys(b"\x1b]"), [Key::alt(Code::Char(']'))]);
    assert_eq!(keys(b"\x1b\x1b"), [plain(Code::Esc), plain(Code::Esc)]);
    assert_eq!(keys(b"\x1b\x1bO"), [plain(Code::Esc), Key::alt(Code::Char('O'))]);
    assert_eq!(keys(b"\x1b[1;"), []);
    // A digit behind Alt+O was typed.
    assert_eq!(keys(b"\x1bO4"), [Key::alt(Code::Char('O')), Key::char('4')]);
    assert_eq!(
        keys(b"\x1bO4242"),
        [Key::alt(Code::Char('O')), Key::char('4'), Key::char('2'), Key::char('4'), Key::char('2')]
    );
}

#[test]
fn a_sequence_that_was_cut_does_not_eat_the_next_key() {
    assert_eq!(keys(b"\x1b[1;\r"), [plain(Code::Enter)]);
    assert_eq!(keys(b"\x1b[1;\x1b[A"), [plain(Code::Up)]);
    assert_eq!(keys("\x1b[1한".as_bytes()), [Key::char('한')]);
    assert_eq!(keys(b"\x1b]0;title\x1b[A"), [plain(Code::Up)]);
    assert_eq!(keys(b"\x1b]0;title\r"), [plain(Code::Enter)]);
    assert_eq!(keys(b"\x1bOx\x1bO\x7f"), [Key::char('8'), Key::alt(Code::Char('O')), plain(Code::Backspace)]);
}

#[test]
fn answers_nobody_asked_for_are_swallowed_whole() {
    for answer in [
        &b"\x1b[?62;22c"[..],
        b"\x1b[>1;4000;0c",
        b"\x1b[24;80R",
        b"\x1b[?2026;1$y",
        b"\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\",
        b"\x1b]11;rgb:1e1e/1e1e/1e1e\x07",
        b"\x1bP>|tmux 3.4\x1b\\",
        b"\x1b_Gi=31;OK\x1b\\",
        b"\x1b[I\x1b[O",
        b"\x1b[<0;10;20M\x1b[<0;10;20m",
        b"\x1b[99~\x1b[?200~",
        b"\x1b[97;1:3u",
        b"\x1b[57441;2u",
    ] {
        let read = tokens(&[answer, b"7"].concat());
        assert_eq!(read, [Token::Key(Key::char('7'))], "{}", answer.escape_ascii());
    }
}

#[test]
fn carriage_return_and_line_feed_are_one_enter() {
    assert_eq!(keys(b"\r"), [plain(Code::Enter)]);
    assert_eq!(keys(b"\n"), [plain(Code::Enter)]);
    assert_eq!(keys(b"\r\n"), [plain(Code::Enter)]);
    assert_eq!(keys(b"\n\n"), [plain(Code::Enter); 2]);
    assert_eq!(keys(b"\r\r"), [plain(Code::Enter); 2]);
    assert_eq!(keys(b"\r1\n"), [plain(Code::Enter), Key::char('1'), plain(Code::Enter)]);
}

fn pasted(text: &str) -> Vec<Token> {
    let chars = text.chars().map(Token::PasteChar);
    [Token::PasteStart].into_iter().chain(chars).chain([Token::PasteEnd]).collect()
}

#[test]
fn only_the_exact_terminator_ends_a_paste() {
    for content in [
        "",
        "1234\r\n",
        "\u{1b}[A",
        "\u{1b}[200~",
        "\u{1b}[201",
        "\u{1b}\u{1b}[20\u{1b}",
        "한\u{1b}글",
        "\u{7f}\u{3}\u{0}",
    ] {
        let bytes = format!("\x1b[200~{content}\x1b[201~");
        assert_eq!(tokens(bytes.as_bytes()), pasted(content), "{content:?}");
    }
    let cut = tokens(b"\x1b[200~\xed\x95\x1b[201~x");
    assert_eq!(cut, [pasted("\u{fffd}"), vec![Token::Key(Key::char('x'))]].concat());
}

#[test]
fn a_paste_without_an_end_can_be_ended() {
    let mut parser = Parser::new();
    let fed: Vec<Token> = b"\x1b[200~12\x1b[2".iter().flat_map(|byte| parser.feed(*byte)).collect();
    assert_eq!(fed.len(), 3);
    assert!(parser.in_paste() && !parser.waiting());
    assert_eq!(parser.flush().count(), 0, "the timer does not end a paste");
    assert_eq!(parser.reset().collect::<Vec<_>>(), [Token::PasteEnd]);
    assert_eq!(parser.feed(b'3').collect::<Vec<_>>(), [Token::Key(Key::char('3'))]);
}

#[test]
fn what_was_held_is_overwritten() {
    let mut parser = Parser::new();
    for byte in "4242\u{1b}[4242;4242~한\u{1b}[49;1u".bytes() {
        let _ = parser.feed(byte);
        if parser.state == State::Ground && parser.utf8_len == 0 {
            assert_eq!(parser.utf8, [0; 4]);
            assert_eq!((parser.params.get(0), parser.params.get(1), parser.params.count()), (0, 0, 0));
        }
    }
    assert_eq!(format!("{parser:?}"), "Parser");
}

/// Bytes out of which sequences, halves of them, characters and paste marks come together often.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    const PARTS: &[&[u8]] = &[
        b"\x1b",
        b"[",
        b"O",
        b"]",
        b"P",
        b"1",
        b";",
        b":",
        b"~",
        b"A",
        b"M",
        b"?",
        b"$",
        b"\x07",
        b"\\",
        b"\r",
        b"\n",
        b"\x1b[200~",
        b"\x1b[201~",
        b"\x1b[20",
        b"\xed",
        b"\x95",
        b"\xf0\x9f",
        b"\xff",
        b"x",
        b"4242",
    ];
    let part = prop_oneof![
        4 => proptest::sample::select(PARTS).prop_map(<[u8]>::to_vec),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
    ];
    proptest::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

/// Tokens with the waits the reader makes wherever `pauses` says so.
fn with_pauses(bytes: &[u8], pauses: &[bool]) -> Vec<Token> {
    let mut parser = Parser::new();
    let mut out = Vec::new();
    for (byte, pause) in bytes.iter().zip(pauses.iter().chain(std::iter::repeat(&false))) {
        out.extend(parser.feed(*byte));
        if *pause {
            out.extend(parser.flush());
        }
    }
    out
}

proptest! {
    #[test]
    fn nothing_panics_and_pastes_are_in_order(bytes in bytes(), pauses in proptest::collection::vec(any::<bool>(), 0..80)) {
        let mut open = false;
        for token in with_pauses(&bytes, &pauses) {
            match token {
                Token::PasteStart => {
                    prop_assert!(!open);
                    open = true;
                }
                Token::PasteChar(_) => prop_assert!(open),
                Token::PasteEnd => open = false,
                Token::Key(_) => prop_assert!(!open),
            }
        }
    }

    #[test]
    fn digits_outside_sequences_all_come_through(
        bytes in proptest::collection::vec(any::<u8>().prop_filter("no escape", |byte| *byte != 0x1b), 0..60),
        digits in "[0-9]{1,20}",
    ) {
        // Whatever stands before, as long as no sequence was begun.
        let wanted: Vec<u8> = bytes.iter().copied().filter(u8::is_ascii_digit).chain(digits.bytes()).collect();
        let read: Vec<u8> = tokens(&[&bytes[..], digits.as_bytes()].concat())
            .into_iter()
            .filter_map(|token| match token {
                Token::Key(key) => key.digit().map(|digit| digit + b'0'),
                _ => None,
            })
            .collect();
        prop_assert_eq!(read, wanted);
    }

    #[test]
    fn after_a_pause_digits_always_come_through(bytes in bytes(), digits in "[0-9]{1,20}") {
        let mut parser = Parser::new();
        for byte in bytes {
            let _ = parser.feed(byte);
        }
        let _ = parser.flush();
        let _ = if parser.in_paste() { parser.reset() } else { Tokens::none() };
        let read: String = digits
            .bytes()
            .flat_map(|byte| parser.feed(byte))
            .filter_map(|token| match token {
                Token::Key(key) => key.digit().and_then(|digit| char::from_digit(u32::from(digit), 10)),
                _ => None,
            })
            .collect();
        prop_assert_eq!(read, digits);
    }

    #[test]
    fn text_is_what_was_typed_and_bad_bytes_are_marked(text in "\\PC{0,20}", bytes in proptest::collection::vec(0x80u8..=0xff, 0..12)) {
        let chars = |bytes: &[u8]| -> String {
            tokens(bytes)
                .into_iter()
                .filter_map(|token| match token {
                    Token::Key(Key { code: Code::Char(ch), mods: Mods::NONE }) => Some(ch),
                    _ => None,
                })
                .collect()
        };
        prop_assert_eq!(chars(text.as_bytes()), &text[..]);
        // The same marks as the standard library's, with an ASCII byte behind so that nothing is left open.
        let broken = [&bytes[..], b"."].concat();
        prop_assert_eq!(chars(&broken), String::from_utf8_lossy(&broken));
    }

    #[test]
    fn a_paste_gives_back_its_content(content in any::<String>()) {
        prop_assume!(!content.contains("\u{1b}[201~"));
        let bytes = format!("\x1b[200~{content}\x1b[201~");
        prop_assert_eq!(tokens(bytes.as_bytes()), pasted(&content));
    }
}
