//! The state machine. One byte in, a few tokens out; what it holds is wiped when it is used.

use zeroize::Zeroize;

use super::sequence::{self, Params};
use super::{Code, Key, Mods, Token, Tokens};

/// What ends a bracketed paste.
const PASTE_END: &[u8] = b"\x1b[201~";
/// The longest string sequence that is swallowed; an answer of a terminal is shorter.
const LONGEST_STRING: u16 = 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ground,
    /// ESC, or two of them when `twice` (rxvt's Alt with an arrow).
    Esc {
        twice: bool,
    },
    /// `ESC O`, and whether a modifier digit followed.
    Ss3 {
        digit: bool,
    },
    /// `ESC [`: nothing, or numbers, after it.
    Csi {
        /// A marker such as `?` or an intermediate byte was seen: no key looks like this.
        foreign: bool,
        /// Nothing followed yet: it may be Alt and `[`.
        empty: bool,
    },
    /// `ESC [ [`, the Linux console's function keys.
    Linux,
    /// An operating system command or another string: swallowed to its end.
    Text {
        /// What Alt and a key this would be, were nothing to follow.
        opener: u8,
        taken: u16,
        esc: bool,
    },
}

/// Bytes → tokens. See the module's text for what it promises about what it holds.
pub struct Parser {
    state: State,
    /// ESC stood in front of what is being read.
    alt: bool,
    params: Params,
    /// The bytes of one incomplete character.
    utf8: [u8; 4],
    utf8_len: usize,
    /// Inside a bracketed paste.
    paste: bool,
    /// How many bytes of the paste's terminator have matched.
    matched: usize,
    /// The last byte was CR: a LF right behind it is the same Enter.
    after_cr: bool,
}

impl std::fmt::Debug for Parser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Parser")
    }
}

impl Default for Parser {
    fn default() -> Self {
        Self::new()
    }
}

impl Parser {
    /// A parser that holds nothing.
    pub const fn new() -> Self {
        Self {
            state: State::Ground,
            alt: false,
            params: Params::NONE,
            utf8: [0; 4],
            utf8_len: 0,
            paste: false,
            matched: 0,
            after_cr: false,
        }
    }

    /// Takes one byte and gives the tokens it set free.
    pub fn feed(&mut self, byte: u8) -> Tokens {
        let mut out = Tokens::none();
        if self.paste {
            self.pasted(byte, &mut out);
        } else {
            self.step(byte, &mut out);
        }
        out
    }

    /// Whether an Esc or the beginning of a sequence is held, of which nobody can say yet what it is. The caller
    /// starts a timer of about 30 ms and calls [`Self::flush`] when it is over. Half a character and half a
    /// paste terminator are not waited for: the next byte decides.
    pub fn waiting(&self) -> bool {
        !self.paste && self.state != State::Ground
    }

    /// The timer is over: what is held was all. A bare Esc is the Esc key; `ESC [`, `ESC O` and the openers of
    /// string sequences are Alt with that character; the beginning of a longer sequence is dropped.
    pub fn flush(&mut self) -> Tokens {
        let mut out = Tokens::none();
        if self.waiting() {
            self.give_up(&mut out);
        }
        out
    }

    /// Inside a bracketed paste. If its end never comes (a broken line), the caller ends it with
    /// [`Self::reset`].
    pub const fn in_paste(&self) -> bool {
        self.paste
    }

    /// Forgets and wipes whatever is held. Gives [`Token::PasteEnd`] when a paste was open.
    pub fn reset(&mut self) -> Tokens {
        let mut out = Tokens::none();
        if self.paste {
            out.push(Token::PasteEnd);
        }
        self.paste = false;
        self.matched = 0;
        self.after_cr = false;
        self.wipe();
        out
    }

    fn wipe(&mut self) {
        self.state = State::Ground;
        self.alt = false;
        self.params.wipe();
        self.utf8.zeroize();
        self.utf8_len = 0;
    }

    fn key(&mut self, key: Option<Key>, out: &mut Tokens) {
        if let Some(Key { code, mods }) = key {
            out.key(Key { code, mods: Mods { alt: mods.alt || self.alt, ..mods } });
        }
        self.wipe();
    }

    /// Ends the sequence that is held as if nothing more would come.
    fn give_up(&mut self, out: &mut Tokens) {
        if self.alt && matches!(self.state, State::Ss3 { .. } | State::Csi { empty: true, .. }) {
            // Two of them stood in front: the first was a key of its own.
            out.key(Key::plain(Code::Esc));
        }
        let alone = match self.state {
            State::Esc { twice } => {
                if twice {
                    out.key(Key::plain(Code::Esc));
                }
                Some(Key::plain(Code::Esc))
            }
            State::Ss3 { digit: false } => Some(Key::alt(Code::Char('O'))),
            State::Ss3 { digit: true } => {
                // No sequence after all: the digit was typed and must not be lost.
                out.key(Key::alt(Code::Char('O')));
                char::from_digit(self.params.get(0), 10).map(Key::char)
            }
            State::Csi { empty: true, .. } => Some(Key::alt(Code::Char('['))),
            State::Text { opener, taken: 0, esc: false } => Some(Key::alt(Code::Char(char::from(opener)))),
            State::Ground | State::Csi { .. } | State::Linux | State::Text { .. } => None,
        };
        self.alt = false;
        self.key(alone, out);
    }

    fn step(&mut self, byte: u8, out: &mut Tokens) {
        match self.state {
            State::Ground => self.ground(byte, out),
            State::Esc { twice } => self.escape(byte, twice, out),
            State::Ss3 { digit } => match byte {
                b'1'..=b'9' if !digit => {
                    self.params.digit(byte - b'0');
                    self.state = State::Ss3 { digit: true };
                }
                b'A'..=b'Z' | b'a'..=b'z' => {
                    let key = sequence::ss3(self.params.get(0), byte);
                    self.key(key, out);
                }
                _ => self.again(byte, out),
            },
            State::Csi { foreign, empty } => self.control_sequence(byte, foreign, empty, out),
            State::Linux => match byte {
                0x20..=0x7e => self.key(sequence::linux(byte), out),
                _ => self.again(byte, out),
            },
            State::Text { opener, taken, esc } => self.string(byte, opener, taken, esc, out),
        }
    }

    /// The byte does not belong to what is held: end that, then take the byte afresh.
    fn again(&mut self, byte: u8, out: &mut Tokens) {
        self.give_up(out);
        self.ground(byte, out);
    }

    fn ground(&mut self, byte: u8, out: &mut Tokens) {
        let after_cr = std::mem::replace(&mut self.after_cr, byte == b'\r' && self.utf8_len == 0);
        if self.utf8_len > 0 || byte >= 0x80 {
            if let Some(byte) = self.character(byte, Token::from_char(self.alt), out) {
                self.alt = false;
                self.ground(byte, out);
            }
            return;
        }
        match byte {
            // The alt flag stays for the byte after: `ESC` was taken apart in `escape`.
            0x1b => self.state = State::Esc { twice: false },
            b'\n' if after_cr => {}
            0x20..=0x7e => self.key(Some(Key::char(char::from(byte))), out),
            _ => self.key(Some(sequence::control(byte)), out),
        }
    }

    fn escape(&mut self, byte: u8, twice: bool, out: &mut Tokens) {
        match byte {
            0x1b => {
                if twice {
                    out.key(Key::plain(Code::Esc));
                }
                self.state = State::Esc { twice: true };
                return;
            }
            b'[' => self.state = State::Csi { foreign: false, empty: true },
            b'O' => self.state = State::Ss3 { digit: false },
            b']' | b'P' | b'_' | b'^' | b'X' if !twice => {
                self.state = State::Text { opener: byte, taken: 0, esc: false };
            }
            _ => {
                if twice {
                    out.key(Key::plain(Code::Esc));
                }
                self.state = State::Ground;
                self.alt = true;
                self.ground(byte, out);
                return;
            }
        }
        self.alt = twice;
    }

    fn control_sequence(&mut self, byte: u8, foreign: bool, empty: bool, out: &mut Tokens) {
        match byte {
            b'0'..=b'9' => self.params.digit(byte - b'0'),
            b';' => self.params.next(),
            b':' => self.params.sub(),
            b'[' if empty => {
                self.state = State::Linux;
                return;
            }
            b'$' if !foreign && self.params.count() == 1 => {
                let key = sequence::csi(&self.params, byte);
                return self.key(key, out);
            }
            0x20..=0x2f | 0x3c..=0x3f => {
                self.state = State::Csi { foreign: true, empty: false };
                return;
            }
            0x40..=0x7e => {
                let bracket =
                    (!foreign && byte == b'~' && self.params.count() == 1).then(|| self.params.get(0));
                let key = if foreign { None } else { sequence::csi(&self.params, byte) };
                self.key(key, out);
                match bracket {
                    Some(200) => {
                        self.paste = true;
                        out.push(Token::PasteStart);
                    }
                    // An end without a beginning: whoever listens can take it.
                    Some(201) => out.push(Token::PasteEnd),
                    _ => {}
                }
                return;
            }
            // A control character or a byte of text: the sequence was cut.
            _ => return self.again(byte, out),
        }
        self.state = State::Csi { foreign, empty: false };
    }

    fn string(&mut self, byte: u8, opener: u8, taken: u16, esc: bool, out: &mut Tokens) {
        match byte {
            // BEL, or the `\` of ESC \.
            0x07 => self.wipe(),
            b'\\' if esc => self.wipe(),
            0x1b if !esc => self.state = State::Text { opener, taken, esc: true },
            _ if esc => {
                // ESC and something else: the string was cut, a new sequence begins.
                self.wipe();
                self.state = State::Esc { twice: false };
                self.step(byte, out);
            }
            0x20..=0x7e | 0x80..=0xff if taken < LONGEST_STRING => {
                self.state = State::Text { opener, taken: taken + 1, esc: false };
            }
            // A key such as Enter, or far too long: this was no string.
            _ => self.again(byte, out),
        }
    }

    /// One byte of a multi-byte character, or the first byte after a broken one. Gives the byte back when it
    /// does not belong.
    fn character(&mut self, byte: u8, token: fn(char) -> Token, out: &mut Tokens) -> Option<u8> {
        if self.utf8_len == 0 {
            if utf8_length(byte) < 2 {
                out.push(token(char::REPLACEMENT_CHARACTER));
                self.wipe();
                return None;
            }
            self.utf8[0] = byte;
            self.utf8_len = 1;
            return None;
        }
        if !continues(&self.utf8[..self.utf8_len], byte) {
            out.push(token(char::REPLACEMENT_CHARACTER));
            self.wipe();
            return Some(byte);
        }
        self.utf8[self.utf8_len] = byte;
        self.utf8_len += 1;
        if self.utf8_len == utf8_length(self.utf8[0]) {
            let ch =
                std::str::from_utf8(&self.utf8[..self.utf8_len]).ok().and_then(|text| text.chars().next());
            out.push(token(ch.unwrap_or(char::REPLACEMENT_CHARACTER)));
            self.wipe();
        }
        None
    }

    fn pasted(&mut self, byte: u8, out: &mut Tokens) {
        // A character cut by anything is told before what follows it, so that the order stays.
        if self.utf8_len > 0 {
            match self.character(byte, Token::PasteChar, out) {
                None => return,
                Some(_) => debug_assert_eq!(self.matched, 0, "half a character and half a terminator"),
            }
        }
        if PASTE_END.get(self.matched) == Some(&byte) {
            self.matched += 1;
            if self.matched == PASTE_END.len() {
                self.paste = false;
                self.matched = 0;
                self.wipe();
                out.push(Token::PasteEnd);
            }
            return;
        }
        // Not the terminator: what looked like its beginning was content. ESC stands only at its first place,
        // so nothing of the held bytes but this one can begin another.
        for held in PASTE_END.iter().take(std::mem::take(&mut self.matched)) {
            out.push(Token::PasteChar(char::from(*held)));
        }
        match byte {
            0x1b => self.matched = 1,
            0x80.. => {
                self.character(byte, Token::PasteChar, out);
            }
            _ => out.push(Token::PasteChar(char::from(byte))),
        }
    }
}

impl Drop for Parser {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl Token {
    fn from_char(alt: bool) -> fn(char) -> Self {
        if alt { |ch| Self::Key(Key::alt(Code::Char(ch))) } else { |ch| Self::Key(Key::char(ch)) }
    }
}

/// How many bytes the character has that this byte begins; 0 when none does.
const fn utf8_length(lead: u8) -> usize {
    match lead {
        0..=0x7f => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => 0,
    }
}

/// Whether `byte` may follow what is there (Unicode's table of well-formed sequences: no surrogates, nothing
/// overlong, nothing above U+10FFFF).
fn continues(held: &[u8], byte: u8) -> bool {
    match held {
        [0xe0] => (0xa0..=0xbf).contains(&byte),
        [0xed] => (0x80..=0x9f).contains(&byte),
        [0xf0] => (0x90..=0xbf).contains(&byte),
        [0xf4] => (0x80..=0x8f).contains(&byte),
        _ => (0x80..=0xbf).contains(&byte),
    }
}

#[cfg(test)]
mod tests;
