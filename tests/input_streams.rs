//! The keyboard parser against what terminals send: recorded streams under `tests/streams/`, read through the
//! same pieces as in the program (a descriptor, the vault's input bytes, the parser), whole and cut at every
//! byte.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot set itself up has failed")]

use std::io::Write as _;
use std::path::PathBuf;

use danmal::tui::input::{Code, Key, Mods, Parser, Token};
use danmal::vault::{KeyBytes, Vault};

/// One line of a stream: bytes, what they mean, and whether the last key waits for the timer.
struct Line {
    at: String,
    bytes: Vec<u8>,
    tokens: Vec<Token>,
    timer: bool,
}

fn unescape(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut chars = text.chars();
    while let Some(ch) = chars.next() {
        if ch != '\\' {
            out.extend(ch.to_string().bytes());
            continue;
        }
        match chars.next().expect("something after the backslash") {
            'e' => out.push(0x1b),
            'r' => out.push(b'\r'),
            'n' => out.push(b'\n'),
            't' => out.push(b'\t'),
            's' => out.push(b' '),
            'x' => {
                let hex: String = chars.by_ref().take(2).collect();
                out.push(u8::from_str_radix(&hex, 16).expect("two hexadecimal digits"));
            }
            other => panic!("no such escape: \\{other}"),
        }
    }
    out
}

fn key(name: &str) -> Key {
    let mut mods = Mods::NONE;
    let mut rest = name;
    while rest.len() > 2 {
        match &rest.get(..2) {
            Some("C-") => mods.ctrl = true,
            Some("A-") => mods.alt = true,
            Some("S-") => mods.shift = true,
            _ => break,
        }
        rest = &rest[2..];
    }
    let code = match rest {
        "Space" => Code::Char(' '),
        "Enter" => Code::Enter,
        "Esc" => Code::Esc,
        "Tab" => Code::Tab,
        "BackTab" => Code::BackTab,
        "Backspace" => Code::Backspace,
        "Delete" => Code::Delete,
        "Insert" => Code::Insert,
        "Up" => Code::Up,
        "Down" => Code::Down,
        "Left" => Code::Left,
        "Right" => Code::Right,
        "Home" => Code::Home,
        "End" => Code::End,
        "PageUp" => Code::PageUp,
        "PageDown" => Code::PageDown,
        _ => {
            let mut chars = rest.chars();
            match (chars.next(), chars.as_str()) {
                (Some(ch), "") => Code::Char(ch),
                (Some('F'), number) => Code::F(number.parse().expect("a function key")),
                _ => panic!("no such key: {name}"),
            }
        }
    };
    Key { code, mods }
}

fn pasted(name: &str) -> char {
    match name {
        "Space" => ' ',
        "CR" => '\r',
        "LF" => '\n',
        "ESC" => '\x1b',
        _ => name.parse().expect("one character"),
    }
}

fn stream(name: &str) -> Vec<Line> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/streams").join(name);
    let text = std::fs::read_to_string(&path).unwrap();
    let lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#'));
    let lines: Vec<Line> = lines
        .map(|(number, line)| {
            let at = format!("{name}:{}: {line}", number + 1);
            let (bytes, meaning) = line.split_once(" =>").unwrap_or_else(|| panic!("{at}"));
            let (mut tokens, mut timer, mut paste) = (Vec::new(), false, false);
            for word in meaning.split_whitespace() {
                match word {
                    "timer" => timer = true,
                    "paste(" => {
                        paste = true;
                        tokens.push(Token::PasteStart);
                    }
                    ")paste" => {
                        paste = false;
                        tokens.push(Token::PasteEnd);
                    }
                    _ if paste => tokens.push(Token::PasteChar(pasted(word))),
                    _ => tokens.push(Token::Key(key(word))),
                }
            }
            Line { at, bytes: unescape(bytes), tokens, timer }
        })
        .collect();
    assert!(lines.len() > 10, "{name} holds next to nothing");
    lines
}

const STREAMS: [&str; 5] = ["xterm.txt", "putty.txt", "tmux.txt", "windows-terminal.txt", "others.txt"];

/// The keyboard as the program has it: a descriptor, the vault's bytes, the parser.
struct Keyboard {
    reader: std::io::PipeReader,
    writer: std::io::PipeWriter,
    bytes: KeyBytes,
    parser: Parser,
}

impl Keyboard {
    fn new() -> Self {
        let (reader, writer) = std::io::pipe().unwrap();
        let bytes = KeyBytes::new(Vault::new().unwrap());
        Self { reader, writer, bytes, parser: Parser::new() }
    }

    /// One arrival of bytes.
    fn arrive(&mut self, bytes: &[u8], out: &mut Vec<Token>) {
        if bytes.is_empty() {
            return;
        }
        self.writer.write_all(bytes).unwrap();
        let mut left = bytes.len();
        while left > 0 {
            left -= self.bytes.fill(&self.reader).unwrap();
            for byte in self.bytes.by_ref() {
                out.extend(self.parser.feed(byte));
            }
        }
    }
}

#[test]
fn every_key_alone() {
    for line in STREAMS.into_iter().flat_map(stream) {
        let mut keyboard = Keyboard::new();
        let mut got = Vec::new();
        keyboard.arrive(&line.bytes, &mut got);
        assert_eq!(keyboard.parser.waiting(), line.timer, "{}", line.at);
        got.extend(keyboard.parser.flush());
        assert_eq!(got, line.tokens, "{}", line.at);
        assert!(!keyboard.parser.waiting() && !keyboard.parser.in_paste(), "{}", line.at);
    }
}

#[test]
fn every_key_cut_at_every_byte() {
    for line in STREAMS.into_iter().flat_map(stream) {
        for cut in 1..line.bytes.len() {
            let mut keyboard = Keyboard::new();
            let mut got = Vec::new();
            let (first, second) = line.bytes.split_at(cut);
            keyboard.arrive(first, &mut got);
            let early = got.len();
            assert_eq!(got, line.tokens[..early], "{} cut at {cut}: too early", line.at);
            keyboard.arrive(second, &mut got);
            got.extend(keyboard.parser.flush());
            assert_eq!(got, line.tokens, "{} cut at {cut}", line.at);
        }
    }
}

/// A whole session in a row: nothing of one key is left over for the next.
#[test]
fn whole_streams_cut_at_every_byte() {
    for name in STREAMS {
        // A key that needs the timer would run into the next.
        let lines: Vec<Line> = stream(name).into_iter().filter(|line| !line.timer).collect();
        let bytes: Vec<u8> = lines.iter().flat_map(|line| line.bytes.iter().copied()).collect();
        let wanted: Vec<Token> = lines.iter().flat_map(|line| line.tokens.iter().copied()).collect();
        let mut keyboard = Keyboard::new();
        for cut in 0..bytes.len() {
            let mut got = Vec::new();
            keyboard.arrive(&bytes[..cut], &mut got);
            keyboard.arrive(&bytes[cut..], &mut got);
            assert_eq!(got, wanted, "{name} cut at {cut}");
        }
    }
}

/// A line of one byte at a time with the timer running out between keys, never within one.
#[test]
fn the_timer_between_keys_changes_nothing() {
    for name in STREAMS {
        let mut keyboard = Keyboard::new();
        for line in stream(name) {
            let mut got = Vec::new();
            for byte in &line.bytes {
                keyboard.arrive(std::slice::from_ref(byte), &mut got);
            }
            got.extend(keyboard.parser.flush());
            assert_eq!(got, line.tokens, "{}", line.at);
        }
    }
}
